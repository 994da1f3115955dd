/* Each day that is told of a span, against the plain arrays of slow.h: what it is, whether it was counted, its number
 * and the pause that holds it. */
#ifndef TEST_CALENDAR_TOLD_H
#define TEST_CALENDAR_TOLD_H

#include "slow.h"
#include "ward/calendar/span.h"

/* What is wrong at the day *at, or NULL. `first`: the day from 1970 that slow.h counts from. */
const char *told_wrong(const struct slow_calendar *c, const struct slow_case *k, int first, const struct trace_day *days,
                       size_t n, size_t *at);

#endif
