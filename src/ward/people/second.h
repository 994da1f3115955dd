/* The second organisation (RIGHTS.md promise 13): oversight is granted and ended by its signature alone.
 *
 * A statement says in plain lines what is to be done: the ward's server makes it, the second organisation
 * reads and signs it (Ed25519) on a machine of its own, the server checks and does it. The form of a
 * statement is one: what is read and written again gives the same bytes, else it is none.
 *
 *   xom oversight statement 1          what: grant | end | signer | definitions
 *   what: grant                        grant, end:    account, account-id, name, from + until | last-day
 *   ward: …      ward-id: …            signer:        organisation, key
 *   …                                  definitions:   change: KIND DAY CHECKSUM (one a line)
 *   asked: DAY   nonce: HEX            then, once signed:  key: …  signature: …
 *
 * The first signer is entered by the operator, by a statement that the new key signs itself, which proves
 * that somebody holds it; /rights says so. Every later one is entered by the present signer's signature.
 * What was applied is kept as it was signed, so that `xom verify` proves each holder of oversight. */
#ifndef XOM_PEOPLE_SECOND_H
#define XOM_PEOPLE_SECOND_H

#include "ward/people/people.h"
#include "ward/place/place.h"

enum { SECOND_DAYS = 30, SECOND_CHANGES = 50 };   /* a statement is good for so long, over so many changes */

/* Stored: numbers are never reused. `link` is no statement: the operator made a link for setting the
 * password of somebody who holds oversight, with one signature; /rights tells it. */
enum second_what { SECOND_unset, SECOND_grant, SECOND_end, SECOND_signer, SECOND_definitions, SECOND_link,
	           SECOND_COUNT };
const char *second_what_name(enum second_what w);

struct second_change {               /* a definition that was published */
	struct str kind;
	int32_t valid_from;
	struct hash checksum;
};
struct second_statement {
	enum second_what what;
	struct str ward;               /* its slug, and its number in this program's database */
	int64_t ward_id;
	struct str login, name;        /* grant, end */
	struct account_id account;
	int32_t from, until;           /* grant: both included, until 0: open; end: until is the last day */
	struct str organisation;       /* signer */
	uint8_t key[32];
	struct second_change *changes; /* definitions */
	size_t change_count;
	int32_t asked;
	uint8_t nonce[16];
};
struct second_signed {
	struct second_statement s;
	struct str text;               /* what was signed, its last line feed included */
	bool has_signature;
	uint8_t key[32], signature[64];
};

/* --- paper: no store, works on any machine --- */
struct str second_write(struct arena *a, const struct second_statement *s);
/* RC_INVALID: not a statement of this form, signed or not. `out` points into the text. */
enum rc second_read(struct arena *a, struct str text, struct second_signed *out, struct fault *f);
/* The signed statement, to be carried back. */
struct str second_sign(struct arena *a, const struct second_signed *s, const struct sign_key *k);
bool second_fits(struct str statement, const uint8_t key[32], const uint8_t signature[64]);
/* A public key as people carry it: 72 hex digits, the last 8 of which show a slip of the pen. */
struct str second_key_text(struct arena *a, const uint8_t key[32]);
bool second_key_parse(struct str text, uint8_t key[32]);
/* Eight digits of a statement's hash, as two people compare them by word of mouth: "4f2a 91c0". */
struct str second_check(struct arena *a, struct str statement);
/* The file of a secret key. */
struct str second_secret_text(struct arena *a, const struct key *seed);
bool second_secret_parse(struct arena *a, struct str text, struct key *seed);

/* --- the ward's --- */
struct second_signer {
	int64_t n;                     /* 0: there is none */
	struct str organisation;
	uint8_t key[32];
	int32_t from_day;
};
enum rc second_present(struct tx *tx, struct second_signer *out, struct fault *f);

/* Checks a signed statement and does what it says. The fault says which: RC_DENIED not signed, by another
 * key, or not what was signed; RC_NONE another ward or account, nothing to end, no signer yet; RC_EXPIRED;
 * RC_EXISTS applied before, or held already. */
enum rc second_apply(struct tx *tx, const struct second_signed *s, struct fault *f);

/* An act, as /rights tells it: of no named person. */
struct second_act {
	int64_t n;
	enum second_what what;
	struct str organisation;       /* who signed; empty: link */
	struct second_statement s;
	bool first;                    /* the first signer, entered by its own signature */
	int32_t day;                   /* applied */
};
/* Newest first; of the links the newest alone, so that many of them hide nothing. */
enum rc second_acts(struct tx *tx, size_t limit, struct second_act **out, size_t *count, struct fault *f);
/* The act by which a definition got its second signature; NULL: none of them. */
const struct second_act *second_countersigned(const struct second_act *acts, size_t count,
                                              const struct second_change *c);
/* Does the account hold oversight, today or from a later day, in this ward, which is no demo? */
enum rc second_holds(struct tx *tx, struct account_id who, bool *out, struct fault *f);
/* May it end so? RC_REFUSED: the last day lies before the first of what has begun, or, where that day was `said`, of
 * what is still to begin; otherwise that never begins. */
enum rc second_end_fits(struct tx *tx, const struct second_statement *s, bool said, struct fault *f);
/* Tells of a link made for one who holds oversight. */
enum rc second_link_made(struct tx *tx, struct account_id who, struct fault *f);

/* Proves the acts' chain, every act against the signer of its time, and, but in demo wards, every day of oversight against
 * the acts. `say` gets a line for each fault. */
typedef void second_say_fn(void *ctx, const char *line);
enum rc second_verify(struct tx *tx, second_say_fn *say, void *ctx, int64_t *acts, int64_t *faults,
                      struct fault *f);

#endif
