/* A case's clock: one rule from one event on, with what paused and extended it. Pure functions: the
 * same events give the same day always, whatever is the time, the server's zone or the order of pauses.
 *
 * Pauses. In units of days a pause from day p to day r takes the days (p, r] out: the day of the
 * question counts, the day of the answer is a new day 0, and a pause that ends on its own day changes
 * nothing. In hours it takes out its time. Pauses that overlap count once. A pause that is still on is
 * reckoned to its cap, the latest at which the clock runs again, so that the day told can only become
 * earlier. The last day never falls on a paused one.
 * Closed time is taken out the same way where the rule continues after reopening; where it begins
 * anew the last reopening is the event, and what was before it is gone. */
#ifndef XOM_CALENDAR_SPAN_H
#define XOM_CALENDAR_SPAN_H

#include "ward/calendar/calendar.h"

struct pause {
	enum pause_kind kind;
	int64_t from_at, to_at;       /* to_at 0: still on */
};
struct extension {
	int amount;                   /* in the unit of the rule's extension */
	int64_t at;                   /* when it was granted */
};
struct clock_span {
	const struct rule *rule;
	int64_t event_at;
	const struct pause *pauses;
	size_t pause_count;
	const struct extension *extensions;   /* in the order in which they were granted */
	size_t extension_count;
};
struct due {
	int64_t due_at;               /* the first microsecond after: overdue is now >= due_at */
	int32_t last_day, raw_day;    /* raw: before it was moved off a rest day */
};
/* RC_NONE: "calendar 2027 missing". RC_INVALID: a pause that ends before it begins, or that begins
 * before the event. RC_REFUSED: a pause that the rule has no cap for, an extension too many or too
 * long. RC_WAITING: the matter is closed, nothing is due. */
enum rc clock_due(const struct calendar *c, const struct clock_span *s, struct due *out,
                  struct fault *f);
/* As it was promised at first: without pauses and extensions ("ngày gốc"). */
enum rc clock_first(const struct calendar *c, const struct clock_span *s, struct due *out,
                    struct fault *f);
/* When the clock runs again, at the latest: the pause's end, or its cap. RC_REFUSED: the rule has no
 * cap for it. */
enum rc clock_pause_end(const struct rule *rule, const struct pause *p, int64_t *out, struct fault *f);

/* Why a date is what it is, day by day, without a gap, from the event's day to the last one. */
enum trace_why {
	WHY_event = 1,    /* day 0; for hours counted_us may have begun on it */
	WHY_deemed,       /* between the event and the working day on which it counts as happening */
	WHY_counted,      /* n of `of` */
	WHY_rest,         /* a day of rest, not counted */
	WHY_paused,
	WHY_moved,        /* the period had ended, but on a day of rest: it goes on to a working day */
	WHY_last          /* the working day to which it was moved */
};
struct trace_day {
	int32_t day;
	enum trace_why why;
	enum day_sort sort;           /* SORT_unknown where no calendar is needed and none is there */
	const struct calendar_day *listed;   /* the line, with its decision, that made the day so; NULL */
	int n, of;                    /* of this stretch; months are counted in their days */
	int extension;                /* 0: the rule's own time; k: the k-th extension */
	int pause, also;              /* places in span's pauses: the first that takes it out, and another; -1: none */
	int64_t counted_us;           /* hours: what was counted on this day */
};
enum rc clock_trace(const struct calendar *c, const struct clock_span *s, struct arena *a,
                    struct trace_day **out, size_t *n, struct fault *f);

/* How much of its time is used, in office hours (an hour rule and a `fixed` one: in hours of the
 * clock), pauses left out. used <= total; total > 0. */
struct share {
	int64_t used_us, total_us;
};
enum rc clock_share(const struct calendar *c, const struct clock_span *s, int64_t now,
                    struct share *out, struct fault *f);
/* The first moment inside office hours at which `percent` (1 to 100) of it is used. With 100 that is
 * after the last office hours of the last day: the next opening, when it is late already. */
enum rc clock_reached(const struct calendar *c, const struct clock_span *s, int percent, int64_t *at,
                      struct fault *f);

struct lateness {
	int64_t us;                   /* 0: not late */
	int calendar_days, working_days;   /* after the last day, the day of `at` included */
};
enum rc clock_late(const struct calendar *c, const struct due *due, int64_t at, struct lateness *out,
                   struct fault *f);

#endif
