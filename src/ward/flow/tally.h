/* The roll-up that figures are read from, derived from the cases and kept in the transaction that
 * changes one: counts by kind, khu vực and time, so that no figure's cost grows with all cases.
 *
 * A case is *shown* when anyone can open it on its public page: listed, and not withheld whole.
 *   open       a shown open case: under its day of receipt; mark: last day of its next deadline, or 0
 *   closed     a shown closed case: under the month of receipt; mark: whole days from the day of
 *              receipt to the day of closing, both the ward's. Received on Monday at 23:50 and
 *              closed on Tuesday at 0:10: 1; the same day: 0. Never negative: a clock that was set
 *              back gives 0.
 *   withdrawn  the same of one that its reporter withdrew: it ended, but nobody closed it
 *   quiet      a case that is not shown: kind and month of receipt alone, no khu vực
 *   quiet_due  one of these that is open and has a deadline: month of receipt and last day of the
 *              deadline, over all kinds
 *   cleared    what was taken out with a flood's group (flood.h): month of receipt, over all kinds; mark 0: it
 *              would be shown, 1: it would not. Counted nowhere else, and while it stands in the group nowhere
 * What follows another case (merge.c) counts with that one, as a report of it: never as a case, and only
 * where it is shown.
 * A month stands as its first day. Reopened, a case is open again under its first day of receipt. */
#ifndef XOM_FLOW_TALLY_H
#define XOM_FLOW_TALLY_H

#include "kit/base/ids.h"
#include "kit/store/store.h"

/* Stored: numbers are never reused. */
enum tally {
	TALLY_open = 1,
	TALLY_closed,
	TALLY_withdrawn,
	TALLY_quiet,
	TALLY_quiet_due,
	TALLY_cleared,
};
struct tally_key {
	enum tally what;
	int32_t period;               /* day, or first day of the month */
	struct str kind;              /* empty for quiet_due */
	struct area_id area;          /* 0: not known, or not counted by */
	int32_t mark;
};
struct tally_row {
	struct tally_key k;
	int64_t n, more;              /* cases; reports beyond one each */
};

int32_t month_start(int32_t day);             /* first day of its month */
enum { TALLY_END = 1000000 };  /* a day after all others (the year 4707) */

/* Rows with from <= period < to, in the order of period, kind, area, mark; none of nothing. */
struct tally_rows {
	struct rows rows;
};
enum rc tally_begin(struct tx *tx, enum tally what, int32_t from, int32_t to, struct tally_rows *r,
                    struct fault *f);
enum rc tally_next(struct tally_rows *r, struct tally_row *out, struct fault *f);  /* RC_NONE: all */
void tally_end(struct tally_rows *r);         /* always */

/* First day of the first month in which a case was received. RC_NONE: there is none. */
enum rc tally_first(struct tx *tx, int32_t *out, struct fault *f);
/* The same of those that anyone can open, for pages: the month of another one would tell that it is there. */
enum rc tally_first_listed(struct tx *tx, int32_t *out, struct fault *f);

/* What must be added so that the roll-up is that of the cases received on the days from <= day < to,
 * in one read; none: *count is 0. Whole months. */
enum rc tally_compare(struct tx *tx, int32_t from, int32_t to, struct tally_row **out,
                      size_t *count, struct fault *f);

#endif
