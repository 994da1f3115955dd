/* The daily heads as others hold them (head.c makes them, verify_head.c proves them), and what else is signed
 * with their key.
 *
 * A held head is a line "DAY DIGEST" or "DAY DIGEST KEY SIGNATURE" (hex), the ward's name in front of it if
 * there are several. Whoever kept one notices when the day, or any day before it, was written anew: even
 * with the server's key, the same digest can't be made of other rows. */
#ifndef XOM_FLOW_HEADS_H
#define XOM_FLOW_HEADS_H

#include "ward/flow/flow.h"

struct ward_head {
	int32_t day;
	struct hash digest;
	uint8_t public_key[32], signature[64];
};
/* Of the days from..to (both included), in their order. RC_CORRUPT: a row's hash, key or signature is none. */
enum rc head_list(struct tx *tx, int32_t from, int32_t to, size_t max, struct ward_head **out, size_t *count,
                  struct fault *f);
enum rc head_last(struct tx *tx, struct ward_head *out, struct fault *f);   /* RC_NONE: there is none yet */

/* With the key of the ward's daily heads. */
struct ward_signature {
	int key_no;
	uint8_t public_key[32], signature[64];
};
enum rc ward_sign(const struct flow *w, struct ward_id ward, const struct hash *h, struct ward_signature *out,
                  struct fault *f);
bool hex_read(struct str hex, uint8_t *out, size_t n);   /* exactly n bytes */

/* "DAY DIGEST KEY SIGNATURE", the line of the file that anybody may keep. */
struct str head_line(struct arena *a, const struct ward_head *h);

/* A file of held heads, a saved mail for one. Lines in which nothing is like a digest are left out; so are those
 * of another ward than `ward` (the slug). RC_SYNTAX with the line: not a head, though it looks like one. RC_DENIED with the line: its
 * signature is not one of its digest by its key. */
struct held_head {
	struct ward_head head;
	bool is_signed;
	int line;
};
enum { HELD_MOST = 20000 };
enum rc heads_held_read(struct arena *a, struct str file, struct str ward, struct held_head **out,
                        size_t *count, struct fault *f);
/* What the database has instead, a line each to `say`; *faults counts them. A key that the ward never signed
 * with is a fault, too. */
enum rc heads_held_verify(const struct flow *w, struct ward_id ward, const struct held_head *held, size_t count,
                          void (*say)(void *ctx, const char *line), void *ctx, int64_t *faults,
                          struct fault *f);

#endif
