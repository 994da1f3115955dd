/* Who may what: roles, permissions, and the actor of a request. The kit knows only the words; the
 * matrix that grants permissions to roles is ward/people (DOMAIN.md section 23). */
#ifndef XOM_BASE_PERM_H
#define XOM_BASE_PERM_H

#include "kit/base/ids.h"
#include "kit/base/str.h"

/* Roles of DOMAIN.md section 23. One account may hold several, each in a ward, from a day to a
 * day. `anyone` and `reporter` are not granted: everyone has the first, whoever opened a receipt
 * with its code and PIN has the second, for that receipt alone. */
#define ROLE_TABLE(X) \
	X(anyone, 1) X(reporter, 2) X(area_head, 3) X(member_org, 4) X(handler, 5) X(police, 6) \
	X(secretary, 7) X(chair, 8) X(oversight, 9) X(admin, 10) X(mediator, 11) \
	X(area_team, 12)
enum role {
	ROLE_unset,
#define X(name, number) ROLE_##name = number,
	ROLE_TABLE(X)
#undef X
	ROLE_COUNT
};
const char *role_name(enum role r);       /* "handler"; ROLE_unset: "" */
enum role role_parse(struct str s);       /* ROLE_unset when unknown */
#define ROLE_BIT(r) (UINT32_C(1) << (r))

/* What a route needs. PERM_open is everybody, signed in or not. Numbers are never reused. */
#define PERM_TABLE(X) \
	X(open, 1)            /* public pages, and the report form */ \
	X(receipt, 2)         /* the receipt that was opened in this browser with code and PIN */ \
	X(sign_in, 3)         /* any account that signed in: own sessions, sign-out */ \
	X(case_list, 4)       /* queues and search of one's own unit's cases */ \
	X(case_read, 5)       /* a case, its texts and photos */ \
	X(case_work, 6)       /* what one's own units do: cases at the counter, the shift, templates */ \
	X(admin, 7)           /* accounts, units, areas, procedures, settings: no case text */ \
	X(plates, 8)          /* QR plates: making, printing, retiring */ \
	X(case_move, 9)       /* a step of a case that one works, whether as its unit or by rule */ \
	X(area_read, 10)      /* open hazards of one's own khu vực, of kinds marked so, and what one does to them there */ \
	X(mediate, 11)        /* the mediations that one is named on */ \
	X(unit_late, 12)      /* what of a unit falls due or is late, whoever works it: its heads */ \
	X(chair, 13)          /* the ward's totals, and of an escalated case code, kind, unit, days late */ \
	X(oversight, 14)      /* oversight's own room: requests of whom a report is about, holds, looks */ \
	X(agency, 15)         /* agencies' requests: one's own, or all where one decides */ \
	X(agency_ask, 16)     /* enters an agency's request */ \
	X(agency_decide, 17)  /* approves or refuses one, as chair or as oversight */
enum perm {
	PERM_unset,
#define X(name, number) PERM_##name = number,
	PERM_TABLE(X)
#undef X
	PERM_COUNT
};
const char *perm_name(enum perm p);

/* Who may see a field of a view, as a set of bits. The builder drops the field for everybody else
 * before any representation is made. */
enum sight {
	SEE_PUBLIC = 1,    /* everybody who reaches the page */
	SEE_REPORTER = 2,  /* the reporter on their own receipt */
	SEE_HANDLER = 4,   /* whoever works the case: its unit, or the unit it was handed to */
	SEE_OFFICE = 8,    /* any signed-in officer of the ward */
	SEE_ADMIN = 16,
	SEE_ALL = 31,
};

enum { ACTOR_UNITS = 16 };        /* nobody is entered in more at a time (people.h) */

/* The person of a request; all zero: nobody signed in. Routes of cache class public always get a
 * zero one. Filled by ward/people's hook, lives as long as the request. */
struct actor {
	struct account_id account;
	struct ward_id ward;          /* in which the roles hold */
	uint32_t roles;               /* ROLE_BIT set */
	uint32_t perms;               /* 1 << perm, worked out from the roles */
	uint32_t sights;              /* enum sight bits the roles give without looking at a case */
	size_t unit_count;
	struct unit_id units[ACTOR_UNITS];  /* own ones */
	size_t office_count;          /* apart: what a role receives by rule (people.h, "offices") */
	const struct unit_id *offices;
	uint32_t heads;               /* bit i: head of units[i] */
	size_t area_count;            /* khu vực that they are head or volunteer of (people.h) */
	const struct area_id *areas;
	struct str name;              /* as colleagues see it */
	struct session_ref {
		uint8_t session[32];      /* hash of the session's token; for the CSRF token */
	} session;
};

bool actor_may(const struct actor *a, enum perm p);  /* PERM_open: always */
/* What somebody has: their units, then their offices. Where offices are not meant: units alone. */
size_t actor_places(const struct actor *a);
struct unit_id actor_place(const struct actor *a, size_t i);
bool actor_in_unit(const struct actor *a, struct unit_id u);    /* an own one, or an office */
bool actor_in_office(const struct actor *a, struct unit_id u);
/* Does the actor work what this unit has: as a member whose role does, or as who receives it by rule? */
bool actor_works(const struct actor *a, struct unit_id u);
/* All that the actor's units have, and at least one: who works only some of it sees no count. */
bool actor_works_all(const struct actor *a);
bool actor_heads(const struct actor *a, struct unit_id u);
bool actor_in_area(const struct actor *a, struct area_id area);

#endif
