/* People: accounts, units, roles from a day to a day, passwords, sessions, and the permission
 * matrix of DOMAIN.md section 23. Deny by default. */
#ifndef XOM_PEOPLE_PEOPLE_H
#define XOM_PEOPLE_PEOPLE_H

#include "kit/http/http.h"
#include "kit/store/store.h"

extern const struct schema_step PEOPLE_SCHEMA[];

struct unit {
	struct unit_id id;
	struct str slug, name, phone;  /* "ha-tang", "Tổ Hạ tầng đô thị", "0292 000 001" */
	int32_t until_day;             /* its last day; 0: still there */
};
struct account {
	struct account_id id;
	struct str login, name;        /* login: lower-case letters, digits, dot, hyphen; 2–40 */
	bool closed;
};

/* The matrix: which permissions and sights a role has. */
uint32_t people_perms(uint32_t roles);     /* 1 << enum perm */
uint32_t people_sights(uint32_t roles);    /* enum sight bits */

/* --- inside write transactions (units and grants are the ward's; accounts are nobody's) --- */
enum rc unit_add(struct tx *tx, const struct unit *u, struct unit_id *out, struct fault *f);
enum rc unit_list(struct tx *tx, struct unit **out, size_t *count, struct fault *f);      /* of today */
enum rc unit_list_all(struct tx *tx, struct unit **out, size_t *count, struct fault *f);  /* ended ones too */
enum rc unit_get(struct tx *tx, struct unit_id id, struct unit *out, struct fault *f);
enum rc unit_by_slug(struct tx *tx, struct str slug, struct unit *out, struct fault *f);
enum rc account_add(struct tx *tx, struct str login, struct str name, struct account_id *out,
                    struct fault *f);
enum rc account_by_login(struct tx *tx, struct str login, struct account *out, struct fault *f);
enum rc account_get(struct tx *tx, struct account_id id, struct account *out, struct fault *f);
/* In every ward: its sessions, links and password are gone too. */
enum rc account_close(struct tx *tx, struct account_id id, struct fault *f);
/* RC_REFUSED for oversight unless the ward's own row and the caller both say demo (RIGHTS.md promise
 * 13). Days are included; until_day 0: open. RC_EXISTS: held in some of these days already.
 * RC_DENIED: a closed account. RC_INVALID: anyone, reporter, or days that end before they begin. */
enum rc role_grant(struct tx *tx, struct account_id who, enum role role, int32_t from_day,
                   int32_t until_day, bool demo, struct fault *f);
/* `day` is the last one; what would begin after it is taken away. RC_NONE: nothing to end. */
enum rc role_end(struct tx *tx, struct account_id who, enum role role, int32_t day,
                 struct fault *f);
enum rc unit_join(struct tx *tx, struct account_id who, struct unit_id unit, int32_t from_day,
                  int32_t until_day, bool head, struct fault *f);
enum rc unit_leave(struct tx *tx, struct account_id who, struct unit_id unit, int32_t day,
                   struct fault *f);
/* Everybody who has or had a role, unit or open link in the ward, by login; roles and units of today. */
struct member {
	struct account account;
	uint32_t roles;
	size_t unit_count;
	struct str units[ACTOR_UNITS];
};
enum rc people_list(struct tx *tx, struct member **out, size_t *count, struct fault *f);

/* --- passwords: Argon2id, one at a time behind a queue (64 MiB each) --- */
struct people;                    /* the password queue and its state; one per process */
enum rc people_open(struct people **out, struct store *s, struct keys *k,
                    const struct clock *clock, struct fault *f);
void people_close(struct people *p);
/* A one-time link's token for setting a password (24 h); only its hash is stored. */
enum rc people_invite(struct people *p, struct arena *a, struct ward_id ward, struct str login,
                      struct str *token, struct fault *f);
/* RC_EXPIRED: used, old, unknown, or of another ward. RC_INVALID: the password is shorter than 10
 * characters, is the login, or is among the commonest (built-in list): the fault's field says
 * "short", "long", "login" or "common". Ends the account's sessions in every ward. */
enum rc people_invite_account(struct people *p, struct arena *a, struct ward_id ward,
                              struct str token, struct account *out, struct fault *f);
enum rc people_set_password(struct people *p, struct arena *a, struct ward_id ward,
                            struct str token, struct str password, struct fault *f);
/* RC_DENIED for an unknown login, a wrong password, a closed account, or an account without a
 * role in this ward alike, after the same work. RC_AGAIN: the queue is full. On RC_OK a new
 * session; the token goes into the cookie "session", only its hash is stored. Sessions live
 * 12 hours, 2 hours without use. */
enum rc people_sign_in(struct people *p, struct arena *a, struct ward_id ward, struct str login,
                       struct str password, struct str device, struct str *session_token,
                       struct fault *f);
enum rc people_sign_out(struct people *p, struct arena *a, struct ward_id ward,
                        struct str session_token, struct fault *f);
struct session_info {
	int64_t id, began_at, used_at;
	struct str device;            /* "Chrome, Android"; never an address */
	bool present;                 /* the one asking */
};
enum rc session_list(struct tx *tx, const struct actor *who, struct session_info **out,
                     size_t *count, struct fault *f);
enum rc session_end(struct tx *tx, const struct actor *who, int64_t id, struct fault *f);
/* The account as it acts in the transaction's ward today, without a session: for what an officer
 * asked for and the machine does later. RC_NONE: closed, or without a role here. */
enum rc actor_of(struct tx *tx, struct account_id who, struct actor *out, struct fault *f);
/* http's hook: fills q->actor from the cookie "session"; RC_OK also for nobody. */
enum rc people_actor(struct people *p, struct request *q, struct fault *f);

#endif
