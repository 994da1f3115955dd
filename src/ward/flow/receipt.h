/* Receipts: code, PIN and link, derived by keyed BLAKE2b from the form's journey number, so that
 * the same form gives the same receipt though the PIN is kept only as a keyed hash.
 *
 * Code: PREFIX-YY-XXXXX-C: the ward's two letters, year, 5 symbols, a check symbol (weights
 * 1,2,1,2,… mod 27 over all symbols before it). The alphabet is what no Vietnamese keyboard
 * rewrites: digits and BCFGHJKMNPQRSTVXZ. PIN: 8 symbols of it. Link: 128 bits, treated as the PIN.
 * Public code: PREFIX-P-XXXXXXX, random. */
#ifndef XOM_FLOW_RECEIPT_H
#define XOM_FLOW_RECEIPT_H

#include "kit/base/keys.h"
#include "kit/store/store.h"

#define CODE_ALPHABET "0123456789BCFGHJKMNPQRSTVXZ"

extern const struct schema_step RECEIPT_SCHEMA[];

struct receipt {
	struct case_id case_id;
	char code[16];           /* "SM-26-7KQ4M-R", NUL-terminated */
	char pin[9];             /* only right after deriving; empty otherwise */
	char link[23];           /* base64url of 128 bits; likewise */
	int retry;               /* how often a code that existed already was drawn again */
};

/* Reads a code as people type it (lower case, blanks, no hyphens, O for 0, I or L for 1) and
 * checks its check symbol. RC_INVALID: mistyped. */
enum rc code_read(struct str typed, char out[16]);
enum rc pin_read(struct str typed, char out[9]);
void code_make(struct str prefix, int year, const char symbols[5], char out[16]);
char code_check(struct str symbols);

/* Derives for a journey; the same inputs give the same receipt. */
enum rc receipt_derive(struct keys *k, struct str ward_prefix, int year, const struct hash *journey,
                       int retry, struct receipt *out, struct fault *f);
/* In the transaction that opens the case: RC_EXISTS when the journey has its receipt already (then
 * *out is that one, derived again with its row's key and retry number); otherwise draws a free code. */
enum rc receipt_put(struct tx *tx, struct keys *k, struct str ward_prefix, int year,
                    const struct hash *journey, struct case_id c, struct receipt *out,
                    struct fault *f);
enum rc receipt_of_journey(struct tx *tx, struct keys *k, struct str ward_prefix,
                           const struct hash *journey, struct receipt *out, struct fault *f);
/* RC_DENIED for an unknown code and for a wrong PIN alike, after the same work. */
enum rc receipt_open(struct tx *tx, struct keys *k, struct str code, struct str pin,
                     struct case_id *out, struct fault *f);
enum rc receipt_open_link(struct tx *tx, struct keys *k, struct str link, struct case_id *out,
                          struct fault *f);
enum rc receipt_code(struct tx *tx, struct case_id c, char out[16], struct fault *f);
enum rc receipt_case(struct tx *tx, struct str code, struct case_id *out, struct fault *f);

#endif
