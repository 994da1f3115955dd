/* The program's own clock. Times are int64_t microseconds UTC since 1970, named `_at`; days are
 * int32_t days since 1970-01-01 in Asia/Ho_Chi_Minh (UTC+7, no daylight saving), named `_day`.
 * time() and SQL's now() do not build (base/banned.h). */
#ifndef XOM_BASE_CLOCK_H
#define XOM_BASE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "kit/base/rc.h"
#include "kit/base/str.h"

#define US_SECOND INT64_C(1000000)
#define US_MINUTE (60 * US_SECOND)
#define US_HOUR (60 * US_MINUTE)
#define US_DAY (24 * US_HOUR)

/* `shift` points at microseconds that are added to the machine's time: at `own`, or, where a test
 * moves the clock (xom serve --test-clock FILE: 8 bytes, host order), into that mapped file. */
struct clock {
	_Atomic int64_t *shift;
	_Atomic int64_t own;
};

void clock_init(struct clock *c);
enum rc clock_open_shift(struct clock *c, const char *file, struct fault *f);
int64_t clock_now(const struct clock *c);        /* wall time, moved by the shift */
int64_t clock_ticks(void);                       /* monotonic microseconds, for deadlines only */

struct date {
	int year, month, day; /* month and day from 1 */
};
struct moment {
	struct date date;
	int hour, minute, second, micro, weekday; /* weekday 1 = Monday … 7 = Sunday */
};

int32_t day_of(int64_t at);                      /* the ward's day that holds `at` */
int64_t day_start(int32_t day);                  /* first microsecond of the ward's day, UTC */
int32_t day_from_date(struct date d);            /* proleptic Gregorian */
struct date date_from_day(int32_t day);
int day_weekday(int32_t day);                    /* 1 = Monday … 7 = Sunday */
bool date_valid(struct date d);
struct moment moment_of(int64_t at);             /* in the ward's zone */
/* "2026-11-23"; false when it is not a real date. */
bool day_parse(struct str s, int32_t *out);

#endif
