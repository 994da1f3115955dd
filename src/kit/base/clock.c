#include "kit/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZONE_US (7 * US_HOUR)

void clock_init(struct clock *c)
{
	atomic_init(&c->own, 0);
	c->shift = &c->own;
}

enum rc clock_open_shift(struct clock *c, const char *file, struct fault *f)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(f, RC_IO, "cannot open the clock file %s: %s", file, strerror(errno));
	void *map = MAP_FAILED;
	if (ftruncate(fd, sizeof(int64_t)) == 0)
		map = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int error = errno;
	(void)close(fd);
	if (map == MAP_FAILED)
		return fault_set(f, RC_IO, "cannot map the clock file %s: %s", file, strerror(error));
	c->shift = map;
	return RC_OK;
}

int64_t clock_now(const struct clock *c)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * US_SECOND + ts.tv_nsec / 1000 + atomic_load(c->shift);
}

int64_t clock_ticks(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * US_SECOND + ts.tv_nsec / 1000;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

int32_t day_of(int64_t at) { return (int32_t)floor_div(at + ZONE_US, US_DAY); }
int64_t day_start(int32_t day) { return (int64_t)day * US_DAY - ZONE_US; }

/* Days from civil and back: the year is counted from March, so that the leap day is its last. */
int32_t day_from_date(struct date d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = floor_div(y, 400), yoe = y - era * 400;
	int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return (int32_t)(era * 146097 + doe - 719468);
}

struct date date_from_day(int32_t day)
{
	int64_t z = (int64_t)day + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct date){(int)(yoe + era * 400 + (month <= 2)), month,
	                     (int)(doy - (153 * mp + 2) / 5 + 1)};
}

int day_weekday(int32_t day) { return (int)(((int64_t)day + 3) % 7 + 7) % 7 + 1; }

bool date_valid(struct date d)
{
	if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31)
		return false;
	struct date back = date_from_day(day_from_date(d));
	return back.year == d.year && back.month == d.month && back.day == d.day;
}

struct moment moment_of(int64_t at)
{
	int32_t day = day_of(at);
	int64_t us = at - day_start(day);
	return (struct moment){.date = date_from_day(day),
	                       .hour = (int)(us / US_HOUR),
	                       .minute = (int)(us / US_MINUTE % 60),
	                       .second = (int)(us / US_SECOND % 60),
	                       .micro = (int)(us % US_SECOND),
	                       .weekday = day_weekday(day)};
}

bool day_parse(struct str s, int32_t *out)
{
	int64_t y, m, d;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !str_i64(str_sub(s, 0, 4), &y) ||
	    !str_i64(str_sub(s, 5, 2), &m) || !str_i64(str_sub(s, 8, 2), &d))
		return false;
	struct date date = {(int)y, (int)m, (int)d};
	if (!date_valid(date))
		return false;
	*out = day_from_date(date);
	return true;
}
