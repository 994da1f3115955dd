#include "ward/calendar/calendar_feed.h"

#include <string.h>

enum rc calendar_of_feed(struct arena *a, int year, const struct feed_day *days, size_t count,
                         const struct calendar_year *now, struct str source, struct calendar_year **out,
                         size_t *skipped, struct fault *f)
{
	static const struct hours office[] = {{450 * US_MINUTE, 690 * US_MINUTE}, {13 * US_HOUR, 17 * US_HOUR}};
	struct calendar_year *y = ARENA_NEW(a, struct calendar_year);
	size_t carried = now != NULL ? now->listed_count : 0;
	*y = (struct calendar_year){.year = year, .source = source, .office_count = 2, .office = {office[0], office[1]},
	                            .listed = arena_array(a, count + carried + 1, sizeof *y->listed)};
	if (now != NULL) {
		memcpy(y->office, now->office, sizeof y->office);
		y->office_count = now->office_count;
	}
	*skipped = 0;
	for (size_t i = 0; i < count; i++) {
		if (day_weekday(days[i].day) <= 5)
			y->listed[y->listed_count++] = (struct calendar_day){.day = days[i].day, .kind = DAY_off, .name = days[i].name};
		else
			(*skipped)++;
	}
	size_t from_feed = y->listed_count;
	for (size_t i = 0; i < carried; i++) {
		const struct calendar_day *d = &now->listed[i];
		bool there = d->kind != DAY_worked && d->kind != DAY_short;
		for (size_t k = 0; k < from_feed && !there; k++)
			there = y->listed[k].day == d->day;
		if (!there)
			y->listed[y->listed_count++] = *d;
	}
	*out = y;
	return calendar_year_settle(y, f);
}
