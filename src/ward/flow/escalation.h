/* Escalation: at the shares of an open deadline that its rule names ("before"; else 50, 80 and 100 % of
 * its time in office hours) somebody is told: who works on it (nobody took it: its unit), from 80 % on the
 * unit's head, at 100 % the chair, and the public figure is one higher. Told is what the pages show:
 * nothing is sent. Nobody is told outside office hours; what counts at night, or while no server ran, is
 * told when the office opens next.
 *
 * Each level is told once per due value: the key is (case, rule, due value, level), so that a moved date
 * gives new ones, and a restart, a second server or a job that runs twice none. A case that waits is not
 * told of, and what was told of it is shown again when it goes on with the same date; a closed one is on
 * no list. The job looks at the cases whose next level counts by now, and at no others. */
#ifndef XOM_FLOW_ESCALATION_H
#define XOM_FLOW_ESCALATION_H

#include "ward/flow/flow.h"

enum { LEVEL_head = 80, LEVEL_chair = 100 };   /* per cent from which they are told */

/* Who may be told of a case, as bits, and nobody else: the one place that decides it. The chair only of
 * matters that anyone can open one by one (docs/permissions.md, row 49). */
enum reach { REACH_officer = 1, REACH_head = 2, REACH_chair = 4 };
unsigned case_reach(const struct flow *w, const struct ward_case *c);

/* A case that somebody was told of. */
struct escalated {
	struct case_id id;
	char code[16];
	struct str kind, street, due_rule;
	enum state state;
	struct unit_id unit;
	struct account_id officer;    /* 0: nobody took it */
	int level;                    /* per cent, of the last notice; 0: nobody was told yet */
	unsigned reach;               /* enum reach */
	int64_t paused_until;         /* its clock stands until then; 0: it runs */
	int64_t told_at, due_at, received_at;
	int seq;                      /* of its last entry: higher whenever something of it changed */
};
/* Which list of what was told: of who works on it, of the chair (100 %, and what REACH_chair allows). */
enum told_to { TOLD_officer = 1, TOLD_chair };
/* Newest notice first, one row a case, at most `limit` after the row told at after_at with the id
 * after_id (0, 0: from the newest). */
enum rc escalation_list(struct tx *tx, const struct actor *who, enum told_to to, int64_t after_at,
                        int64_t after_id, size_t limit, struct escalated **out, size_t *count,
                        bool *more, struct fault *f);
enum rc escalation_count(struct tx *tx, const struct actor *who, enum told_to to, int64_t *n,
                         struct fault *f);
/* For the head of a unit: what is late now by the clock, told of or not, and what is not late and was told of from
 * 80 % on; the latest first, after the row due at after_due with the id after_id. *n: of all pages. */
enum rc escalation_unit(struct tx *tx, const struct actor *who, int64_t after_due, int64_t after_id,
                        size_t limit, struct escalated **out, size_t *count, bool *more, int64_t *n,
                        struct fault *f);
/* When somebody may be told next: `now` in office hours, else when the office opens. RC_NONE: no calendar says. */
enum rc escalation_office(const struct flow *w, int64_t now, int64_t *at, struct fault *f);
/* What of the actor's units falls due from now to the end of the day `until`, and what is late: by due
 * day. Of every kind that the actor works. */
enum rc escalation_week(struct tx *tx, const struct actor *who, int32_t until, size_t limit,
                        struct escalated **out, size_t *count, bool *more, struct fault *f);

/* How many of those that anyone can open are late now. Of all kinds together only a quarter's edition tells. */
enum rc overdue_total(struct tx *tx, int64_t *n, struct fault *f);
/* The same by kind and khu vực (0: not known), in the order of both. The cost is
 * that of what is late. */
struct overdue_row {
	struct str kind;
	struct area_id area;
	int64_t n;
};
enum rc overdue_list(struct tx *tx, struct overdue_row **out, size_t *count, struct fault *f);

/* The job's work: tells everything in the ward that counts by now. */
enum rc escalation_run(const struct flow *w, struct ward_id ward, struct fault *f);
/* For xom rebuild: each open case with a due day is followed, others are not. */
enum rc escalation_rebuild(const struct flow *w, struct ward_id ward, struct fault *f);

#endif
