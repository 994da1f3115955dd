/* What must hold for every calendar: seeded random years, starts and lengths, in several time zones
 * of the machine. */
#include "fixture.h"

#include <stdlib.h>
#include <time.h>

enum { CALENDARS = 150, CASES = 60, YEAR_FROM = 2025, YEARS = 3 };

static uint64_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % n;
}

/* Days off (weekdays) and worked days (weekend) of one year, as flags by day of the year. */
struct plan {
	uint8_t changed[366];
};

static int32_t first_of(int year) { return day_from_date((struct date){year, 1, 1}); }
static int days_in(int year) { return first_of(year + 1) - first_of(year); }

static void list(struct buf *b, int year, const struct plan *p, const char *name, bool weekend)
{
	buf_addf(b, "%s:", name);
	bool any = false;
	for (int i = 0; i < days_in(year); i++) {
		struct date d = date_from_day(first_of(year) + i);
		if (p->changed[i] == 0 || (day_weekday(first_of(year) + i) >= 6) != weekend)
			continue;
		buf_addf(b, "\n  - %04d-%02d-%02d", d.year, d.month, d.day);
		any = true;
	}
	buf_addz(b, any ? "\n" : " []\n");
}

static struct calendar *build(const struct plan plans[YEARS])
{
	struct calendar *c = NULL;
	for (int i = 0; i < YEARS; i++) {
		struct buf b = {0};
		buf_addf(&b, "year: %d\nsource: random\n", YEAR_FROM + i);
		list(&b, YEAR_FROM + i, &plans[i], "off", false);
		list(&b, YEAR_FROM + i, &plans[i], "worked", true);
		add(&c, b.p);
		buf_release(&b);
	}
	return c;
}

static void random_plans(struct plan plans[YEARS])
{
	for (int y = 0; y < YEARS; y++) {
		plans[y] = (struct plan){0};
		for (uint32_t n = below(25); n > 0; n--)
			plans[y].changed[below((uint32_t)days_in(YEAR_FROM + y))] = 1;
	}
}

static int32_t w(const struct calendar *c, int32_t day, int n)
{
	int32_t out = 0;
	assert_int_equal(due_working(c, day, n, &out, NULL), RC_OK);
	return out;
}

static int32_t c_of(const struct calendar *c, int32_t day, int n)
{
	int32_t out = 0;
	assert_int_equal(due_calendar(c, day, n, &out, NULL, NULL), RC_OK);
	return out;
}

static int worked_between(const struct calendar *c, int32_t after, int32_t to)
{
	int n = 0;
	for (int32_t d = after + 1; d <= to; d++)
		n += calendar_works(c, d);
	return n;
}

static void one_case(const struct calendar *c)
{
	int32_t s = first_of(YEAR_FROM) + (int32_t)below(700);
	int a = 1 + (int)below(40), b = 1 + (int)below(40);
	int32_t due = w(c, s, a);
	assert_true(calendar_works(c, due));
	assert_int_equal(worked_between(c, s, due), a);
	assert_int_equal(w(c, due, b), w(c, s, a + b));
	assert_true(w(c, s, a + 1) > due);
	assert_true(w(c, s + 1, a) >= due);
	int32_t moved = c_of(c, s, a);
	assert_true(moved >= s + a);
	assert_true(calendar_works(c, moved));
	assert_int_equal(worked_between(c, s + a - 1, moved), 1);
	assert_true(c_of(c, s + 1, a) >= moved);
}

/* One more day off or worked day: dates move one way only. */
static void one_change(const struct calendar *c, const struct plan plans[YEARS])
{
	struct plan changed[YEARS];
	for (int i = 0; i < YEARS; i++)
		changed[i] = plans[i];
	int y = (int)below(YEARS), day = (int)below((uint32_t)days_in(YEAR_FROM + y));
	bool weekend = day_weekday(first_of(YEAR_FROM + y) + day) >= 6;
	changed[y].changed[day] = 1;
	struct calendar *other = build(changed);
	for (int i = 0; i < CASES; i++) {
		/* Half of the starts lie before the changed day, within reach of it. */
		int32_t s = below(2) == 0 ? first_of(YEAR_FROM) + (int32_t)below(700)
		                          : first_of(YEAR_FROM + y) + day - (int32_t)below(20);
		if (s < first_of(YEAR_FROM) || s > first_of(YEAR_FROM) + 900)
			continue;
		int n = 1 + (int)below(30);
		int32_t w1 = w(c, s, n), w2 = w(other, s, n), c1 = c_of(c, s, n), c2 = c_of(other, s, n);
		assert_true(weekend ? w2 <= w1 : w2 >= w1);
		assert_true(weekend ? c2 <= c1 : c2 >= c1);
	}
	calendar_free(other);
}

static void run_all(void)
{
	for (uint64_t k = 0; k < CALENDARS; k++) {
		seed = 20261123 + k;
		struct plan plans[YEARS];
		random_plans(plans);
		struct calendar *c = build(plans);
		for (int i = 0; i < CASES; i++)
			one_case(c);
		one_change(c, plans);
		calendar_free(c);
	}
}

static void always(void **state)
{
	(void)state;
	run_all();
}

/* A fingerprint of many due times; the machine's zone must not show in it. */
static uint64_t fingerprint(void)
{
	struct calendar *c = fixture();
	uint64_t sum = 0;
	seed = 7;
	for (int i = 0; i < 3000; i++) {
		struct rule r = {.amount = 1 + (int)below(30),
		                 .unit = below(2) == 0 ? RULE_working_day : RULE_calendar_day,
		                 .deemed_next = below(4) == 0};
		int64_t event = day_start(first_of(2026)) + (int64_t)below(310 * 24 * 60) * US_MINUTE;
		int64_t due = 0;
		int32_t last = 0;
		assert_int_equal(rule_due(c, &r, event, &due, &last, NULL), RC_OK);
		assert_int_equal(due, day_start(last + 1));
		sum = sum * 31 + (uint64_t)due;
	}
	calendar_free(c);
	return sum;
}

static void in_every_zone(void **state)
{
	(void)state;
	static const char *const zones[] = {"UTC", "America/Sao_Paulo", "Pacific/Apia",
	                                    "Asia/Ho_Chi_Minh"};
	uint64_t first = 0;
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		uint64_t now = fingerprint();
		if (i == 0)
			first = now;
		assert_true(now == first);
	}
	(void)unsetenv("TZ");
	tzset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(always),
		cmocka_unit_test(in_every_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
