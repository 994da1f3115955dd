/* A feed's days as a proposal for a year: feasts that are no days off come with them, so each is asked. */
#ifndef XOM_CALENDAR_FEED_H
#define XOM_CALENDAR_FEED_H

#include "ward/calendar/calendar.h"

struct feed_day {
	int32_t day;
	struct str name;
};
/* Its weekdays as days off. What a feed cannot say is carried over from `now` (may be NULL): worked rest days,
 * office hours, short days; a day off that is in `now` alone is not: a day that moved takes its old one with it.
 * `*skipped`: days of the feed that fall on a weekend, or on a day that is worked by `now`'s lines. */
enum rc calendar_of_feed(struct arena *a, int year, const struct feed_day *days, size_t count,
                         const struct calendar_year *now, struct str source, struct calendar_year **out,
                         size_t *skipped, struct fault *f);

#endif
