/* What an administrator does with accounts, units, roles and memberships: the same rules and the same
 * log for the pages and for `xom user`. `by` 0 is the operator, who has the machine.
 *
 * An account belongs to every ward in which it has something: what concerns it whole (link, lock,
 * name) is an administrator's only when it has nothing in another ward. Nobody changes their own
 * roles, units or account; the last administrator stays; whoever holds oversight is left alone
 * (RIGHTS.md promise 13): its password, too, opens what oversight sees. */
#ifndef XOM_PEOPLE_PEOPLE_ADMIN_H
#define XOM_PEOPLE_PEOPLE_ADMIN_H

#include "ward/people/admin_log.h"

struct admin_by {
	struct account_id account;    /* 0: the operator */
	bool demo;                    /* the ward's, for oversight in demo and tests */
	bool elsewhere;               /* the account it is about has something in another ward */
	bool watches;                 /* it holds oversight in one that is no demo (people_watches) */
};
/* Does the account hold oversight in a ward that is no demo, this one or another? Whoever closes it would end
 * oversight, which takes the second organisation's signature (second.h). Asked before the transaction. */
enum rc people_watches(struct people *p, struct arena *a, const struct ward_id *wards, size_t count,
                       struct account_id who, bool *out, struct fault *f);
/* Has the account a role, unit or link in another ward than this one? Asked before the transaction. */
enum rc people_elsewhere(struct people *p, struct arena *a, const struct ward_id *wards, size_t count,
                         struct ward_id but, struct account_id who, bool *out, struct fault *f);
/* Has it anything in the transaction's ward? An administrator's pages know no others. */
enum rc people_here(struct tx *tx, struct account_id who, bool *out, struct fault *f);

/* RC_REFUSED with the fault's field: "self", "last", "oversight", "elsewhere". */
enum rc admin_account_add(struct tx *tx, const struct admin_by *by, struct str login, struct str name,
                          struct account_id *out, struct fault *f);
enum rc admin_account_name(struct tx *tx, const struct admin_by *by, struct account_id who,
                           struct str name, struct fault *f);
enum rc admin_account_close(struct tx *tx, const struct admin_by *by, struct account_id who,
                            struct fault *f);
/* Opens a closed one again; it gets a new link, its password is gone. */
enum rc admin_account_open(struct tx *tx, const struct admin_by *by, struct account_id who,
                           struct fault *f);
/* May a link be made for it? Logs that one is; people_invite makes it. */
enum rc admin_account_link(struct tx *tx, const struct admin_by *by, struct account_id who,
                           struct fault *f);
enum rc admin_sessions_end(struct tx *tx, const struct admin_by *by, struct account_id who,
                           int64_t *ended, struct fault *f);
enum rc admin_role_grant(struct tx *tx, const struct admin_by *by, struct account_id who,
                         enum role role, int32_t from_day, int32_t until_day, struct fault *f);
enum rc admin_role_end(struct tx *tx, const struct admin_by *by, struct account_id who,
                       enum role role, int32_t day, struct fault *f);
/* end: `from_day` is its last day as head of the khu vực. `area`: the code, for the log. */
enum rc admin_area_head(struct tx *tx, const struct admin_by *by, struct account_id who,
                        struct area_id area, struct str code, int32_t from_day, int32_t until_day,
                        bool end, struct fault *f);
enum rc admin_unit_place(struct tx *tx, const struct admin_by *by, struct unit_id id, struct str parent,
                         struct fault *f);
enum rc admin_unit_add(struct tx *tx, const struct admin_by *by, const struct unit *u,
                       struct unit_id *out, struct fault *f);
enum rc admin_unit_change(struct tx *tx, const struct admin_by *by, struct unit_id id, struct str name,
                          struct str phone, struct fault *f);
/* `day` is its last one; memberships end with it. */
enum rc admin_unit_end(struct tx *tx, const struct admin_by *by, struct unit_id id, int32_t day,
                       struct fault *f);
enum rc admin_unit_join(struct tx *tx, const struct admin_by *by, struct account_id who,
                        struct unit_id unit, int32_t from_day, int32_t until_day, bool head,
                        struct fault *f);
enum rc admin_unit_leave(struct tx *tx, const struct admin_by *by, struct account_id who,
                         struct unit_id unit, int32_t day, struct fault *f);

/* --- reading --- */

struct person_row {
	struct account account;
	uint32_t roles;               /* of today */
	size_t unit_count;
	struct str units[ACTOR_UNITS];   /* slugs */
	bool more_units;              /* than an actor holds: signed in they see nothing (doctor tells) */
	int32_t used_day;             /* last sign-in; 0: never */
	bool has_password;
	int64_t sessions;             /* open now, in this ward */
};
/* Accounts of the ward by login, after the login `after`; `words`: in login or name, folded letters. */
enum rc person_list(struct tx *tx, struct str after, struct str words, size_t limit,
                    struct person_row **out, size_t *count, bool *more, struct fault *f);
enum rc person_get(struct tx *tx, struct account_id who, struct person_row *out, struct fault *f);

struct held_row {                 /* a role or a membership, from a day to a day */
	enum role role;               /* ROLE_unset: a membership */
	struct unit unit;
	bool head;
	int32_t from_day, until_day;  /* 0: open */
};
/* Newest first; of one account (0: of all, memberships of `unit` alone). */
enum rc held_list(struct tx *tx, struct account_id who, struct held_row **out, size_t *count,
                  struct fault *f);
struct member_row {
	struct account account;
	bool head;
	int32_t from_day, until_day;
};
enum rc unit_members(struct tx *tx, struct unit_id unit, struct member_row **out, size_t *count,
                     struct fault *f);
struct people_counts {
	int64_t unused_links;         /* links that were made and not used, still good or gone by */
	int64_t idle;                 /* open accounts with a role today, not signed in since `day` */
	int64_t admins;               /* today */
};
enum rc people_count(struct tx *tx, int32_t idle_since, struct people_counts *out, struct fault *f);

#endif
