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
	struct unit_id parent;         /* the unit above it; 0: none */
	bool office;                   /* not of the organisation: what a role receives by rule, see below */
};
struct account {
	struct account_id id;
	struct str login, name;        /* login: lower-case letters, digits, dot, hyphen; 2–40 */
	bool closed;
};

/* The matrix: which permissions and sights a role has. */
uint32_t people_perms(uint32_t roles);     /* 1 << enum perm */
uint32_t people_sights(uint32_t roles);    /* enum sight bits */
bool people_see_units(uint32_t roles);     /* does membership in a unit show its cases? */
uint32_t people_head_perms(uint32_t perms); /* what being head of a unit adds to them */

/* --- inside write transactions (units and grants are the ward's; accounts are nobody's) --- */
enum rc unit_add(struct tx *tx, const struct unit *u, struct unit_id *out, struct fault *f);
enum rc unit_list(struct tx *tx, struct unit **out, size_t *count, struct fault *f);      /* of today */
enum rc unit_list_all(struct tx *tx, struct unit **out, size_t *count, struct fault *f);  /* ended ones too */
enum rc unit_get(struct tx *tx, struct unit_id id, struct unit *out, struct fault *f);
enum rc unit_by_slug(struct tx *tx, struct str slug, struct unit *out, struct fault *f);
/* Which khu vực somebody is head of (role area_head) or helps its head in (role area_team), from a day to a day
 * (both included); the caller knows that the area is one of the ward's. RC_EXISTS, RC_INVALID, RC_NONE as for roles. day 0: all there ever were. */
enum { AREAS_HELD = 16 };
struct area_held {
	struct area_id area;
	int32_t from_day, until_day;   /* until 0: still */
};
enum rc area_head_add(struct tx *tx, struct account_id who, struct area_id area, int32_t from_day,
                      int32_t until_day, struct fault *f);
enum rc area_head_end(struct tx *tx, struct account_id who, struct area_id area, int32_t day,
                      struct fault *f);
enum rc area_heads(struct tx *tx, struct account_id who, int32_t day, struct area_held *out, size_t max,
                   size_t *count, struct fault *f);
/* Has the khu vực a head or a volunteer today, who could act there? */
enum rc area_headed(struct tx *tx, struct area_id area, bool *out, struct fault *f);
/* The heads (not the volunteers) of a khu vực today, by name. */
enum rc area_head_accounts(struct tx *tx, struct area_id area, struct account **out, size_t *count,
                           struct fault *f);
/* Who holds a role today, by name. */
enum rc role_accounts(struct tx *tx, enum role role, struct account **out, size_t *count,
                      struct fault *f);
/* Puts a unit below another (0: below none). RC_INVALID, field "parent": unknown, dissolved, itself, or
 * one that stands below it. */
enum rc unit_place(struct tx *tx, struct unit_id unit, struct unit_id parent, struct fault *f);

/* --- offices: a matter about somebody who works here (RIGHTS.md promise 4) ---
 * What such a matter is about is a part of the ward or a post, never a person. It is had by an office:
 * a row of `unit` that no list of units holds, one for each receiving role and subject. Everything that
 * goes by a case's unit (lists, counts, search, bell) is so for its receiver alone, and an
 * account whom the subject bars is not in the office, whenever it joined the unit or took the post.
 * Barred: the members of the subject's unit and of the units below it; of a chair or deputy whoever
 * holds that role or is in any unit (all stand below the chair); of a khu vực head and of "I don't know
 * which" the khu vực heads, of the latter also whoever is in any unit.
 * Once barred is barred for good: what counts is what somebody ever was, whatever day it began or ended and
 * whether it was taken back (held_before), and below which units theirs ever stood (unit_above). So there
 * is no day that one could enter to read a matter about oneself: entries only ever bar. */
struct subject {
	enum subject_what {
		SUBJECT_none, SUBJECT_unit, SUBJECT_unit_head, SUBJECT_chair, SUBJECT_area_head, SUBJECT_unknown,
		SUBJECT_redress,       /* nobody of the ward: a request that oversight alone receives (flow/redress.h) */
		SUBJECT_agency         /* nobody of the ward: an agency's request (flow/agency.h) */
	} what;
	struct unit unit;              /* of the first two */
};
/* "unit:ha-tang", "head:ha-tang", "chair", "area_head", "unknown". RC_INVALID, field "subject": none of
 * these, or a unit that the ward does not have today. */
enum rc subject_parse(struct tx *tx, struct str text, struct subject *out, struct fault *f);
struct str subject_text(struct arena *a, const struct subject *s);
/* Is it the name of this role's own office, which says no more than the role? */
bool office_named(enum role role, struct str unit);
/* The office of a role and such a subject. RC_NONE: there never was such a matter. */
enum rc office_find(struct tx *tx, enum role role, const struct subject *s, struct unit_id *out, struct fault *f);
/* The same with the unit's name as it is now, for the timeline: "unit:Tổ Hạ tầng đô thị". */
struct str subject_words(struct arena *a, const struct subject *s);
/* Who receives it by rule: the first of chair and oversight that somebody holds in this ward today whom
 * the subject does not bar. The city's inspectorate, which stands between, is entered in no ward. RC_NONE:
 * nobody, it is handed over. */
enum rc receiver_role(struct tx *tx, const struct subject *s, enum role *out, struct fault *f);
/* The same with its office, which is made when it is the first such matter. */
enum rc receiver_office(struct tx *tx, const struct subject *s, struct unit *out, struct fault *f);
/* The offices that nobody may enter today: the role is held by nobody, or by those whom the subject bars
 * alone. received: somebody else receives such matters by rule; what is open there goes to them
 * (ward/flow/pass_on.c). Says nothing of whether there is any. */
struct office_left {
	struct unit_id office;
	struct subject about;          /* of its unit the id alone */
	bool received;
};
enum rc offices_left(struct tx *tx, struct office_left **out, size_t *count, struct fault *f);
/* Is the unit an office that nobody may enter, with nobody else to receive what is there? */
enum rc office_waits(struct tx *tx, struct unit_id unit, bool *out, struct fault *f);
/* About whom nobody receives a matter today, though somebody receives, or once received, in this ward: of all
 * that could be chosen, whether or not one was ever sent. About the chair only where oversight is not
 * outside of the rule altogether, since in a ward without a second organisation nobody holds it. */
enum rc receivers_missing(struct tx *tx, struct subject *out, size_t max, size_t *count, struct fault *f);
/* How many accounts are, by an older program's entries, in more units or head of more khu vực today than an
 * actor holds: they see nothing until some end. */
enum rc people_over(struct tx *tx, int64_t *n, struct fault *f);
enum rc account_add(struct tx *tx, struct str login, struct str name, struct account_id *out,
                    struct fault *f);
enum rc account_by_login(struct tx *tx, struct str login, struct account *out, struct fault *f);
enum rc account_get(struct tx *tx, struct account_id id, struct account *out, struct fault *f);
/* In every ward: its sessions, links and password are gone too. */
enum rc account_close(struct tx *tx, struct account_id id, struct fault *f);
/* RC_REFUSED for oversight, which second.h grants and ends, unless the ward's own row and the caller both
 * say demo (RIGHTS.md promise 13). Days are included; until_day 0: open. RC_EXISTS: held in some of these days already.
 * RC_DENIED: a closed account. RC_INVALID: anyone, reporter, or days that end before they begin. */
enum rc role_grant(struct tx *tx, struct account_id who, enum role role, int32_t from_day,
                   int32_t until_day, bool demo, struct fault *f);
/* `day` is the last one; what would begin after it is taken away. RC_NONE: nothing to end. RC_REFUSED for
 * oversight outside of demo wards. */
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
	bool more_units;               /* in more than that */
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
