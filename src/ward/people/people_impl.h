/* What the files of people share. */
#ifndef XOM_PEOPLE_PEOPLE_IMPL_H
#define XOM_PEOPLE_PEOPLE_IMPL_H

#include "ward/people/people.h"
#include "ward/place/place.h"

enum {
	LOGIN_MIN = 2, LOGIN_MAX = 40, NAME_CHARS = 100, PHONE_CHARS = 40, DEVICE_CHARS = 60,
	TOKEN_BYTES = 32, PASSWORD_MIN = 10, PASSWORD_BYTES = 400,
};
#define INVITE_LIFE US_DAY
#define SESSION_LIFE (12 * US_HOUR)
#define SESSION_IDLE (2 * US_HOUR)
#define SESSION_TOUCH US_MINUTE /* a page later than this notes the use: no write a page */

/* A line of a name or phone. RC_INVALID: too long, not UTF-8, or missing where it is needed. */
enum rc name_cleaned(struct tx *tx, struct str in, size_t max, bool needed, const char *what,
                     struct str *out, struct fault *f);
/* One telephone number (text_is_phone), or none. RC_INVALID "phone". */
enum rc phone_cleaned(struct tx *tx, struct str in, struct str *out, struct fault *f);
/* A ward's units, dissolved ones too: what is looked through at each request of a receiver, with an office
 * for each and each receiving role, is bounded by it. */
enum { WARD_UNITS = 250 };
enum rc within(struct tx *tx, const struct sql *count, const struct val *in, size_t n, int64_t most,
               struct fault *f);

/* A row of the second organisation's acts (second.h), which are a chain: hash = H("xom second act 1", ward, n, hash
 * before (zeros), what, signer, account, day, statement, signature, nonce). */
struct second_row {
	int64_t n, what, signer, account;   /* signer, account 0: none */
	int32_t day;
	struct str statement, signature, nonce;
};
struct hash second_row_hash(struct ward_id ward, const struct second_row *r, const struct hash *prev);

bool slug_ok(struct str s);  /* logins and units: a-z, 0-9, dot, hyphen; 2 to 40; a letter first */
int64_t new_id(void);

/* The queue of those who wait for Argon2id: it takes 64 MiB, so one at a time. */
struct password_queue;
struct password_queue *password_queue_new(void);
void password_queue_free(struct password_queue *q);
/* The storable form of a password. RC_AGAIN: too many wait. RC_NOMEM. */
enum rc password_hash(struct password_queue *q, struct arena *a, struct str password,
                      struct str *out, struct fault *f);
/* RC_DENIED when it is not the one; `stored` empty: nobody's, after the same work. */
enum rc password_check(struct password_queue *q, struct arena *a, struct str stored,
                       struct str password, struct fault *f);
/* RC_INVALID with the fault's field "short", "long", "login" or "common". */
enum rc password_good(struct arena *a, struct str password, struct str login, struct fault *f);

struct people {
	struct store *store;
	const struct clock *clock;
	struct password_queue *queue;
};

/* What somebody has from a day to a day, of which table whatever. RC_INVALID on "until": it ends before it begins. */
enum rc days_fit(int32_t from_day, int32_t until_day, struct fault *f);

/* The account's roles and units on the day, in the transaction's ward. RC_LIMIT: in more units than an
 * actor holds, which unit_join lets nobody be (an older program did); *out has the first of them. */
enum rc roles_on(struct tx *tx, struct account_id who, int32_t day, uint32_t *roles,
                 struct fault *f);
enum rc units_on(struct tx *tx, struct account_id who, int32_t day, struct actor *out,
                 struct fault *f);

/* A role without asking whose it is to grant: role_grant (people.h) and second.h do. */
/* Takes the account's password away, ends its sessions of all wards, and makes every link older than now worthless:
 * whoever goes on needs a new link. */
enum rc account_unlock(struct tx *tx, struct account_id id, struct fault *f);
enum rc role_row_add(struct tx *tx, struct account_id who, enum role role, int32_t from_day,
                     int32_t until_day, struct fault *f);
enum rc ward_is_demo(struct tx *tx, bool *demo, struct fault *f);

/* Fills in the khu vực of which the account is head or a volunteer on the day. */
enum rc areas_on(struct tx *tx, struct actor *a, int32_t day, struct fault *f);
/* Fills in the offices that the actor's roles hold and nothing bars. */
enum rc offices_on(struct tx *tx, struct actor *a, struct fault *f);

/* What a row that had begun said, kept when it is taken away: it goes on barring (people.h). Stored. */
enum held { HELD_unit = 1, HELD_role, HELD_area };
/* Ends what runs past the day, and takes away what would begin after it. RC_NONE: there is nothing.
 * who 0: everybody's. */
enum rc held_end(struct tx *tx, enum held kind, struct account_id who, int64_t of, int32_t day,
                 struct fault *f);

#endif
