/* What must hold for every calendar: seeded random days of twenty years, starts, lengths and pauses, in three time
 * zones of the machine. */
#include "fixture.h"

#include <stdlib.h>
#include <time.h>

#include "ward/calendar/span.h"

enum { CALENDARS = 21, CASES = 400, YEAR_FROM = 2025, YEARS = 20, STARTS = (YEARS - 2) * 365 };

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
		for (uint32_t n = below(26); n > 0; n--)
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

static int32_t m_of(const struct calendar *c, int32_t day, int n)
{
	int32_t out = 0, raw = 0;
	assert_int_equal(due_month(c, day, n, &out, &raw, NULL), RC_OK);
	/* The same date, or the month's last day. */
	struct date d = date_from_day(day), e = date_from_day(raw), after = date_from_day(raw + 1);
	assert_int_equal(e.year * 12 + e.month, d.year * 12 + d.month + n);
	assert_true(e.day == d.day || (e.day < d.day && after.day == 1));
	assert_true(out >= raw && calendar_works(c, out));
	assert_int_equal(worked_between(c, raw - 1, out), 1);
	return out;
}

static int64_t office(const struct calendar *c, int64_t from, int64_t us)
{
	int64_t out = 0;
	assert_int_equal(due_office(c, from, us, &out, NULL), RC_OK);
	return out;
}

/* Minutes are of the office's hours, in two halves as in one; hours of the clock are just so long. */
static void in_hours(const struct calendar *c, int32_t day)
{
	int64_t from = day_start(day) + (int64_t)below(24 * 3600) * US_SECOND, end = 0;
	int64_t a = (int64_t)(1 + below(40 * 60)) * US_MINUTE, b = (int64_t)(1 + below(40 * 60)) * US_MINUTE;
	int64_t at = office(c, from, a);
	const struct hours *h;
	size_t n;
	assert_true(calendar_works(c, day_of(at)) && at >= from + a);
	assert_int_equal(calendar_hours(c, day_of(at), &h, &n, NULL), RC_OK);
	bool inside = false;
	for (size_t i = 0; i < n; i++)
		inside = inside || (at - day_start(day_of(at)) >= h[i].from && at - day_start(day_of(at)) <= h[i].to);
	assert_true(inside);
	assert_int_equal(office(c, at, b), office(c, from, a + b));
	assert_true(office(c, from, a + US_MINUTE) > at);
	assert_true(office(c, from + US_HOUR, a) >= at);
	struct rule hours = {.name = STR("t"), .amount = 1 + (int)below(200), .unit = RULE_hour};
	assert_int_equal(rule_due(c, &hours, from, &end, NULL, NULL), RC_OK);
	assert_int_equal(end, from + hours.amount * US_HOUR);
}

static int64_t due(const struct calendar *c, const struct rule *rule, int64_t event, const struct pause *p, size_t n)
{
	struct clock_span s = {.rule = rule, .event_at = event, .pauses = p, .pause_count = n};
	struct due out = {0};
	assert_int_equal(clock_due(c, &s, &out, NULL), RC_OK);
	return out.due_at;
}

/* In every unit: a pause that ends where it began changes nothing (in days: on its own day), the order of two that do
 * not touch does not matter, a longer one never makes it earlier; the same events give the same again. */
static void paused(const struct calendar *c, int32_t day)
{
	struct rule rule = {.name = STR("t"), .amount = 1 + (int)below(12), .unit = (enum rule_unit)(1 + below(5)),
	                    .deemed_next = false, .pause_days = {[PAUSE_resident] = 60, [PAUSE_authority] = 60}};
	int64_t event = day_start(day) + (int64_t)below(24 * 60) * US_MINUTE;
	int64_t from = event + (int64_t)below(6 * 24 * 60) * US_MINUTE, to = from + (int64_t)below(8 * 24 * 60) * US_MINUTE;
	int64_t plain = due(c, &rule, event, NULL, 0);
	bool timed = rule_unit_timed(rule.unit);
	struct pause none = {PAUSE_resident, from, timed ? from : day_start(day_of(from) + 1) - 1};
	assert_int_equal(due(c, &rule, event, &none, 1), plain);
	struct pause two[] = {{PAUSE_resident, from, to}, {PAUSE_authority, to + US_DAY, to + 3 * US_DAY}};
	struct pause turned[] = {two[1], two[0]};
	int64_t both = due(c, &rule, event, two, 2);
	assert_int_equal(due(c, &rule, event, turned, 2), both);
	assert_int_equal(due(c, &rule, event, two, 2), both);
	assert_true(due(c, &rule, event, two, 1) >= plain && both >= due(c, &rule, event, two, 1));
}

static void one_case(const struct calendar *c)
{
	int32_t s = first_of(YEAR_FROM) + (int32_t)below(STARTS);
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
	int months = 1 + (int)below(14);
	int32_t month = m_of(c, s, months);
	assert_true(m_of(c, s + 1, months) >= month && m_of(c, s, months + 1) > month);
	in_hours(c, s);
	paused(c, s);
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
		int32_t s = below(8) == 0 ? first_of(YEAR_FROM) + (int32_t)below(STARTS)
		                          : first_of(YEAR_FROM + y) + day - (int32_t)below(20);
		if (s < first_of(YEAR_FROM) || s > first_of(YEAR_FROM) + STARTS)
			continue;
		int n = 1 + (int)below(30);
		int32_t w1 = w(c, s, n), w2 = w(other, s, n), c1 = c_of(c, s, n), c2 = c_of(other, s, n);
		assert_true(weekend ? w2 <= w1 : w2 >= w1);
		assert_true(weekend ? c2 <= c1 : c2 >= c1);
		int32_t m1 = m_of(c, s, 1 + n % 3), m2 = m_of(other, s, 1 + n % 3);
		assert_true(weekend ? m2 <= m1 : m2 >= m1);
		int64_t h1 = office(c, day_start(s), n * US_HOUR), h2 = office(other, day_start(s), n * US_HOUR);
		assert_true(weekend ? h2 <= h1 : h2 >= h1);
	}
	calendar_free(other);
}

static const char *const ZONES[] = {"UTC", "America/Sao_Paulo", "Pacific/Apia"};
enum { ZONE_COUNT = sizeof ZONES / sizeof *ZONES };

static void zone(const char *name)
{
	assert_int_equal(name != NULL ? setenv("TZ", name, 1) : unsetenv("TZ"), 0);
	tzset();
}

static void run_all(uint64_t calendars)
{
	for (uint64_t k = 0; k < calendars; k++) {
		seed = 20261123 + k;
		zone(ZONES[k % ZONE_COUNT]);
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
	run_all(getenv("XOM_LONG") != NULL ? 5 * CALENDARS : CALENDARS);
	zone(NULL);
}

/* A fingerprint of many due times; the machine's zone must not show in it. */
static uint64_t fingerprint(void)
{
	struct calendar *c = fixture();
	uint64_t sum = 0;
	seed = 7;
	for (int i = 0; i < 3000; i++) {
		struct rule r = {.unit = (enum rule_unit)(1 + below(5)), .deemed_next = below(4) == 0};
		r.amount = r.unit == RULE_month ? 1 : 1 + (int)below(30);
		r.deemed_next = r.deemed_next && !rule_unit_timed(r.unit);
		int64_t event = day_start(first_of(2026)) + (int64_t)below(310 * 24 * 60) * US_MINUTE;
		int64_t due = 0;
		int32_t last = 0;
		assert_int_equal(rule_due(c, &r, event, &due, &last, NULL), RC_OK);
		assert_true(rule_unit_timed(r.unit) ? day_of(due - 1) == last : due == day_start(last + 1));
		sum = sum * 31 + (uint64_t)due;
	}
	calendar_free(c);
	return sum;
}

static void in_every_zone(void **state)
{
	(void)state;
	uint64_t first = 0;
	for (size_t i = 0; i <= ZONE_COUNT; i++) {
		zone(i < ZONE_COUNT ? ZONES[i] : "Asia/Ho_Chi_Minh");
		uint64_t now = fingerprint();
		if (i == 0)
			first = now;
		assert_true(now == first);
	}
	zone(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(always),
		cmocka_unit_test(in_every_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
