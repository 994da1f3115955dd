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
 * *out is that one, derived again with its row's key and retry number; without PIN and link where a
 * word stands for them; RC_STALE where it was replaced since); otherwise draws a free code. */
enum rc receipt_put(struct tx *tx, struct keys *k, struct str ward_prefix, int year,
                    const struct hash *journey, struct case_id c, struct receipt *out,
                    struct fault *f);
enum rc receipt_of_journey(struct tx *tx, struct keys *k, struct str ward_prefix,
                           const struct hash *journey, struct receipt *out, struct fault *f);
/* A form's name, which opens nothing: what the receipt's row has of its journey, and a counter receipt's word of that
 * of the form which made its PIN. */
struct hash receipt_form(const struct hash *journey);
/* When the receipt that the form made, or gave its PIN, was drawn in full by a browser; 0: not yet. RC_NONE: no such
 * form. */
enum rc receipt_shown(struct tx *tx, const struct hash *form, int64_t *at, struct fault *f);
enum rc receipt_mark_shown(struct tx *tx, const struct hash *form, struct fault *f);
/* The same for the counter: the PIN and link that were drawn are known to nobody. */
enum rc receipt_put_word(struct tx *tx, struct keys *k, struct str ward_prefix, int year,
                         const struct hash *journey, struct case_id c, struct str word,
                         struct receipt *out, struct fault *f);
/* RC_DENIED for an unknown code and for a wrong PIN alike, after the same work. */
enum rc receipt_open(struct tx *tx, struct keys *k, struct str code, struct str pin,
                     struct case_id *out, struct fault *f);
enum rc receipt_open_link(struct tx *tx, struct keys *k, struct str link, struct case_id *out,
                          struct fault *f);
enum rc receipt_code(struct tx *tx, struct case_id c, char out[16], struct fault *f);
enum rc receipt_case(struct tx *tx, struct str code, struct case_id *out, struct fault *f);

/* --- receipts whose PIN the resident sets --- */

/* At the counter nobody is shown a PIN. The caller chooses a word, kept as a keyed hash; code and
 * word together, once, make PIN and link, shown to the resident alone. Until then the code says the
 * state and nothing else. */
enum { WORD_TRIES = 20, REPLACED_A_DAY = 10 };
struct receipt_word {
	int tries;                    /* wrong ones so far; dead at WORD_TRIES */
	int64_t made_at, set_at;      /* set_at: when the PIN was made; 0: not yet */
	bool paper;                   /* no word: the PIN on a paper that was printed before */
	int64_t printed_at;           /* 0: there never was a paper */
	struct account_id printer;
};
/* The word as it is compared: without marks and case, one blank between syllables. RC_INVALID: fewer
 * than four letters, or a long number. */
enum rc word_read(struct arena *a, struct str typed, struct str *out);
enum rc receipt_word_put(struct tx *tx, struct keys *k, struct case_id c, struct str code,
                         struct str word, struct fault *f);
/* RC_NONE: a receipt with a PIN of its own from the beginning. */
enum rc receipt_word_of(struct tx *tx, struct case_id c, struct receipt_word *out, struct fault *f);
enum word_result { WORD_wrong = 1, WORD_right, WORD_again, WORD_used, WORD_dead };
/* Uses the word: WORD_right makes PIN and link (WORD_again: the same form, the same ones); a wrong
 * one is counted, so the transaction must be committed: RC_OK whatever the result. */
enum rc receipt_word_use(struct tx *tx, struct keys *k, struct str code, struct str word,
                         const struct hash *journey, enum word_result *result, struct receipt *out,
                         struct fault *f);
/* A folded receipt (folded.h) that was used. Code and PIN of the paper, or its link, are good once: whoever comes first
 * makes PIN and link anew, and from then on the paper opens nothing. It still says when that was to who has its PIN, so
 * that somebody who copied it is either late or found out. */
enum paper_state { PAPER_none, PAPER_first, PAPER_opened };
struct receipt_paper {
	enum paper_state state;
	int64_t opened_at;
	char code[16];
};
/* RC_OK with PAPER_none for what is wrong, unknown, or no paper. */
enum rc receipt_paper_look(struct tx *tx, struct keys *k, struct str code, struct str pin, struct receipt_paper *out,
                           struct fault *f);
enum rc receipt_paper_look_link(struct tx *tx, struct keys *k, struct str link, struct receipt_paper *out,
                                struct fault *f);
/* For who has shown code and PIN, or the link: WORD_right makes PIN and link, WORD_again, WORD_used; WORD_dead: it is
 * no paper's any more. */
enum rc receipt_paper_use(struct tx *tx, struct keys *k, struct str code, const struct hash *journey,
                          enum word_result *result, struct receipt *out, struct fault *f);

/* Lost, and asked for at the counter: a new code with a word; the old code, its PIN, its link and
 * every browser that has the receipt open are dead at once. RC_EXISTS: the same form again, the same
 * code. RC_LIMIT: this case's within a day, or REPLACED_A_DAY by this officer. */
enum rc receipt_replace(struct tx *tx, struct keys *k, const struct hash *journey, struct case_id c,
                        struct account_id who, struct str word, struct receipt *out,
                        struct fault *f);
enum rc receipt_dead(struct tx *tx, struct str code, int64_t *died_at, struct fault *f);
/* The code that the case got first, whatever it has now: an older copy of the database knows that one.
 * And the case that has, or ever had, a code. */
enum rc receipt_first_code(struct tx *tx, struct case_id c, char out[16], struct fault *f);
enum rc receipt_case_ever(struct tx *tx, struct str code, struct case_id *out, struct fault *f);
/* *at 0: never. Whoever opened it before has it open no more. */
enum rc receipt_replaced_at(struct tx *tx, struct case_id c, int64_t *at, struct fault *f);

#endif
