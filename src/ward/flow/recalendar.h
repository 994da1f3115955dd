/* A changed calendar: which open cases it moves, from when to when, and moving them. A case's stored date
 * is that of the calendar by which it was last reckoned; whatever differs is told by one entry of its
 * timeline ("recalendar": both dates and the decision), which its reporter reads. Moving is idempotent:
 * ended in the middle it is begun again, by whichever server. What is touched by a person before its turn
 * comes is moved first, in the same transaction. */
#ifndef XOM_FLOW_RECALENDAR_H
#define XOM_FLOW_RECALENDAR_H

#include "ward/flow/clock.h"

struct moved_case {
	struct case_id id;
	struct str code, kind;        /* code: the receipt's */
	struct unit_id unit;
	const struct procedure *procedure;
	bool open_to_all;             /* it has a public page */
	int64_t was, is;              /* due_at; 0: no date */
};
/* Open cases whose date by `next` is not the stored one, by unit and date; from_day: the first day that
 * differs, 0: any. Costs one reckoning a group of cases with the same rules, day 0 and state; those with
 * pauses and extensions one each. `each` may end it with another rc than RC_OK, which is given back. */
typedef enum rc moved_fn(void *ctx, const struct moved_case *m, struct fault *f);
struct recalendar {
	const struct flow *w;
	const struct calendar *next;
	int32_t from_day;
	bool words;                   /* code and kind are wanted, too; they take memory of the transaction */
	moved_fn *each;
	void *ctx;
};
enum rc recalendar_list(struct tx *tx, const struct recalendar *r, struct fault *f);

/* Moves the ward's cases to the calendar of `w`, in slices; at most RECALENDAR_ROUND of them, so that a run has an
 * end. *moved counts them, *more: there may be others. */
enum { RECALENDAR_ROUND = 5000 };
enum rc recalendar_ward(const struct flow *w, struct ward_id ward, size_t *moved, bool *more, struct fault *f);
/* One, locked by this transaction: *c is it after the entry. RC_EXISTS: it stands as it should. */
enum rc recalendar_case(struct tx *tx, const struct flow *w, struct ward_case *c, struct fault *f);

/* How far the ward is, counted among the cases that anyone can open. */
struct recalendar_state {
	bool done;                    /* gone through since the calendars last changed */
	int64_t open, dateless;       /* open ones; those of them that have no date */
	int64_t moved;                /* open or not, since the moment asked for */
};
enum rc recalendar_look(struct tx *tx, int64_t since, struct recalendar_state *out, struct fault *f);
/* The ward was gone through by the calendars of this number of changes (DEFINITION_CALENDARS). */
enum rc recalendar_last(struct tx *tx, int64_t *n, struct fault *f);   /* -1: never */
enum rc recalendar_done(struct tx *tx, int64_t n, struct fault *f);

#endif
