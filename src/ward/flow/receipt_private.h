/* What receipt.c and receipt_store.c share. */
#ifndef XOM_FLOW_RECEIPT_PRIVATE_H
#define XOM_FLOW_RECEIPT_PRIVATE_H

#include "ward/flow/receipt.h"

enum { LINK_BYTES = 16 };

/* Code, PIN and link of a journey under that key; leaves case_id alone. */
void receipt_draw(const struct key *key, struct str prefix, int year, const struct hash *journey,
                  int retry, struct receipt *out);

int receipt_year(const char code[16]);
/* Keeps p's PIN and link as the receipt's; or, for lose, makes it one that nothing opens. */
enum rc receipt_secret_put(struct tx *tx, struct keys *k, const struct receipt *p, struct fault *f);
enum rc receipt_secret_lose(struct tx *tx, struct keys *k, struct receipt *p, struct fault *f);
/* PIN and link from the setting form's journey, so that a form sent twice shows the same; *number 0: with the current
 * key, whose number it becomes. And the same kept, with the mark of when. */
enum rc receipt_secret_draw(struct keys *k, const struct hash *journey, int *number, struct receipt *out,
                            struct fault *f);
enum rc receipt_secret_make(struct tx *tx, struct keys *k, const struct hash *journey, struct receipt *out,
                            struct fault *f);
/* What is kept of a PIN and a link, and the number of the key that it was made with. */
struct receipt_kept {
	int key_number;
	struct hash pin, link;
};
struct hash receipt_hash_link(const struct key *key, struct ward_id ward, struct str link);
/* The row that a link opens. The link says nothing of the key its hash was made with: each is tried, and always all of
 * them. `q` asks for the hash (?2) and the number of its key (?3); `found` reads the row, if there is one. */
typedef void receipt_link_fn(void *ctx, struct rows *r);
enum rc receipt_by_link(struct tx *tx, struct keys *k, struct str link, const struct sql *q, receipt_link_fn *found,
                        void *ctx, struct fault *f);
enum rc receipt_keep(struct tx *tx, struct keys *k, const struct receipt *p, struct receipt_kept *out, struct fault *f);
/* Is this the PIN of that code? After the same work whatever it is. */
enum rc receipt_pin_is(struct tx *tx, struct keys *k, struct str code, struct str pin, const struct receipt_kept *kept,
                       bool *same, struct fault *f);
/* The row itself. *changed 0: the code is another receipt's. */
enum rc receipt_row_put(struct tx *tx, const struct receipt *p, const struct hash *journey, int receipt_key,
                        const struct receipt_kept *kept, int64_t *changed, struct fault *f);
/* `kept` is what the paper opens with; the receipt itself opens with nothing yet. */
enum rc receipt_paper_put(struct tx *tx, struct keys *k, struct receipt *p, const struct receipt_kept *kept,
                          struct account_id printer, int64_t printed_at, struct fault *f);
/* RC_OK: nobody may be given this code: it was replaced, or stands on a folded receipt. RC_NONE: it is free of both. */
enum rc receipt_code_spent(struct tx *tx, struct str code, struct fault *f);

#endif
