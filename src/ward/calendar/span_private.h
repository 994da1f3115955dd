/* One reckoning of a span: the years and the pauses as they count, and who listens. */
#ifndef XOM_CALENDAR_SPAN_PRIVATE_H
#define XOM_CALENDAR_SPAN_PRIVATE_H

#include "ward/calendar/calendar_private.h"
#include "ward/calendar/span.h"

struct walk {
	const struct years *years;
	const struct clock_span *s;
	int64_t event_at;             /* the last reopening, where the rule begins anew */
	bool first_only;              /* neither pauses nor extensions */
	void (*tell)(void *ctx, const struct trace_day *d);   /* NULL: nobody listens */
	void *ctx;
	int n, of, extension;         /* of what is told */
};

/* Checks the span. */
enum rc walk_begin(struct walk *w, const struct calendar *c, const struct clock_span *s, struct fault *f);
enum rc walk_run(struct walk *w, struct due *out, struct fault *f);
/* The i-th pause as it counts; false: not at all. */
bool walk_pause(const struct walk *w, size_t i, int64_t *from, int64_t *to);
/* The place of a pause that holds the day, or the moment and then the moment it ends (the latest of
 * those that overlap); -1: none. */
int walk_day_paused(const struct walk *w, int32_t day);
/* The next one of them, after the place `i`; -1: none. */
int walk_day_paused_also(const struct walk *w, int32_t day, int i);
int walk_paused(const struct walk *w, int64_t at, int64_t *until);
int64_t walk_next_pause(const struct walk *w, int64_t after);   /* INT64_MAX: none */
/* Where the counting begins: the event, or the day on which it counts as happening. */
enum rc walk_start(struct walk *w, int32_t *day0, struct fault *f);
/* The moment at which `us` of unpaused clock time, or office time, have passed since `from`. */
enum rc walk_clock(struct walk *w, int64_t from, int64_t us, int64_t *out);
enum rc walk_office(struct walk *w, int64_t from, int64_t us, int64_t *out, struct fault *f);

#endif
