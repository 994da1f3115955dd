/* A second reckoning, slow and simple, from the definitions alone: it walks day by day and minute by
 * minute over plain arrays and shares no line with src/ward/calendar. Days are counted from 1 January
 * 2020, moments in seconds from its midnight in the ward's zone. */
#ifndef TEST_CALENDAR_SLOW_H
#define TEST_CALENDAR_SLOW_H

#include <stdbool.h>
#include <stddef.h>

enum { SLOW_YEAR = 2020, SLOW_YEARS = 22, SLOW_DAYS = SLOW_YEARS * 366, SLOW_NOTES = 4 };

struct slow_day {
	int year, month, date, weekday;        /* weekday 1 = Monday */
	bool known, works;
	int open[2], close[2];                 /* seconds of the day; open == close: none */
};
struct slow_calendar {
	struct slow_day day[SLOW_DAYS];
};
void slow_plain(struct slow_calendar *c);  /* Monday to Friday, all years known */

enum slow_unit { SLOW_WORKING = 1, SLOW_CALENDAR, SLOW_MONTH, SLOW_HOUR, SLOW_OFFICE };
struct slow_case {
	enum slow_unit unit, extend_unit;
	int amount, extend_times, extend_most;
	bool fixed, deemed, extend_from_raw, goes_on;
	int cap[2];                            /* days; of questions, of others' answers; 0: none */
	long event;
	struct { int kind; long from, to; } pause[SLOW_NOTES];     /* kind 0, 1; 2: closed. to -1: on */
	struct { int amount; long at; } extension[SLOW_NOTES];
	int pauses, extensions;
	int tick;                              /* all moments are whole ticks: 60 or 1 seconds */
};
enum slow_answer { SLOW_OK, SLOW_NO_CALENDAR, SLOW_BAD_PAUSE, SLOW_NOT_ALLOWED, SLOW_CLOSED };
struct slow_due {
	long due;                              /* the first second after */
	int last, raw;
};
enum slow_answer slow_reckon(const struct slow_calendar *c, const struct slow_case *k, struct slow_due *out);
/* Seconds used of its time until `now`, and all of it; of a case that slow_reckon took. */
enum slow_answer slow_used(const struct slow_calendar *c, const struct slow_case *k, long now, long *used,
                           long *all);
int slow_late_days(const struct slow_calendar *c, const struct slow_due *d, long at);   /* working ones */

#endif
