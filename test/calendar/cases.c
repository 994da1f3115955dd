/* The deadline cases D… for working days (W) and calendar days (C), over the fixture calendar. */
#include "fixture.h"

static struct calendar *cal;

static int setup(void **state)
{
	(void)state;
	cal = fixture();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	calendar_free(cal);
	return 0;
}

static void expect_w(const struct calendar *c, int n, const char *from, const char *to)
{
	int32_t out = 0;
	struct fault f = {0};
	assert_int_equal(due_working(c, on(from), n, &out, &f), RC_OK);
	if (out != on(to))
		fail_msg("W%d from %s: expected %s, is %d days off", n, from, to, (int)(out - on(to)));
}

static void expect_c(const struct calendar *c, int n, const char *from, const char *raw_to,
                     const char *to)
{
	int32_t out = 0, raw = 0;
	struct fault f = {0};
	assert_int_equal(due_calendar(c, on(from), n, &out, &raw, &f), RC_OK);
	assert_int_equal(raw, on(raw_to));
	assert_int_equal(out, on(to));
	assert_int_equal(due_calendar(c, on(from), n, &out, NULL, NULL), RC_OK);
	assert_int_equal(out, on(to));
}

static void working_days(void **state)
{
	(void)state;
	expect_w(cal, 5, "2026-03-02", "2026-03-09");    /* D1 */
	expect_w(cal, 1, "2026-02-13", "2026-02-23");    /* D2: the eve of Tết */
	expect_w(cal, 10, "2026-02-06", "2026-02-27");   /* D3 */
	expect_w(cal, 5, "2026-03-07", "2026-03-13");    /* D4: received on a Saturday */
	expect_w(cal, 3, "2026-08-19", "2026-08-22");    /* D9: a worked Saturday */
	expect_w(cal, 3, "2026-08-27", "2026-09-04");    /* D10 */
	expect_w(cal, 5, "2025-12-29", "2026-01-07");    /* D18: over the year's end */
	expect_w(cal, 3, "2026-02-13", "2026-02-25");    /* vector A of the domain */
	expect_w(cal, 2, "2026-02-13", "2026-02-24");    /* vector E */
	expect_w(cal, 0, "2026-02-17", "2026-02-17");    /* no day at all: day 0 itself */
}

static void without_the_exceptions(void **state)
{
	(void)state;
	struct calendar *c = NULL;
	add(&c, "year: 2026\nsource: plain\noff: []\n");
	expect_w(c, 10, "2026-02-06", "2026-02-20");     /* D3 without holidays */
	expect_w(c, 3, "2026-08-19", "2026-08-24");      /* D9 without the swap */
	calendar_free(c);
}

static void calendar_days(void **state)
{
	(void)state;
	expect_c(cal, 30, "2026-03-31", "2026-04-30", "2026-05-04");   /* D6 */
	expect_c(cal, 20, "2026-02-13", "2026-03-05", "2026-03-05");   /* vector B */
	expect_c(cal, 60, "2026-07-01", "2026-08-30", "2026-09-03");   /* vector D, extended */
	expect_c(cal, 0, "2026-03-08", "2026-03-08", "2026-03-09");
}

static void declared_later(void **state)
{
	(void)state;
	struct calendar *c = NULL;
	expect_w(cal, 5, "2026-11-19", "2026-11-26");                  /* D15 before */
	expect_c(cal, 5, "2026-11-19", "2026-11-24", "2026-11-24");    /* D16 before */
	add(&c, FIXTURE_2026("  - 2026-11-24\n"));
	expect_w(c, 5, "2026-11-19", "2026-11-27");
	expect_c(c, 5, "2026-11-19", "2026-11-24", "2026-11-25");
	calendar_free(c);
	c = NULL;
	add(&c, FIXTURE_2026("  - 2026-11-23\n"));                     /* D28: moved to the 23rd */
	expect_w(c, 5, "2026-11-19", "2026-11-27");
	calendar_free(c);
}

static void missing_year(void **state)
{
	(void)state;
	struct fault f = {0};
	int32_t out = 77, raw = 77;
	/* D26 */
	assert_int_equal(due_working(cal, on("2026-12-21"), 10, &out, &f), RC_NONE);
	assert_string_equal(f.text, "calendar 2027 missing");
	assert_int_equal(out, 77);
	f = (struct fault){0};
	assert_int_equal(due_calendar(cal, on("2026-12-21"), 20, &out, &raw, &f), RC_NONE);
	assert_string_equal(f.text, "calendar 2027 missing");
	assert_int_equal(out, 77);
	expect_w(cal, 8, "2026-12-21", "2026-12-31");
	assert_int_equal(due_working(cal, on("2026-12-31"), 1, &out, NULL), RC_NONE);
	assert_false(calendar_has_year(cal, 2027));
	assert_true(calendar_has_year(cal, 2028));
}

static struct rule rule_of(int amount, enum rule_unit unit)
{
	return (struct rule){.name = STR("t"), .amount = amount, .unit = unit};
}

static int64_t at(const char *day, int hour, int minute, int second)
{
	return day_start(on(day)) + hour * US_HOUR + minute * US_MINUTE + second * US_SECOND;
}

static void received_by_local_day(void **state)
{
	(void)state;
	/* D11: 2026-03-01T17:30Z is already Monday here. */
	int64_t event = INT64_C(1772386200) * US_SECOND, due = 0;
	int32_t last = 0;
	struct rule w3 = rule_of(3, RULE_working_day);
	assert_int_equal(day_of(event), on("2026-03-02"));
	assert_int_equal(rule_due(cal, &w3, event, &due, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-05"));
	assert_int_equal(due, INT64_C(1772730000) * US_SECOND);   /* 2026-03-05T17:00Z */
	assert_int_equal(rule_due(cal, &w3, event - 30 * US_MINUTE, NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-05"));
	assert_int_equal(rule_due(cal, &w3, event - 31 * US_MINUTE, NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-04"));
}

static void ends_at_midnight(void **state)
{
	(void)state;
	int64_t due = 0;
	struct rule w10 = rule_of(10, RULE_working_day);
	assert_int_equal(rule_due(cal, &w10, at("2026-02-06", 9, 0, 0), &due, NULL, NULL), RC_OK);
	/* D27 */
	assert_false(at("2026-02-27", 23, 59, 59) + US_SECOND - 1 >= due);
	assert_true(at("2026-02-28", 0, 0, 0) >= due);
}

static void deemed_received(void **state)
{
	(void)state;
	int32_t last = 0;
	struct rule w5 = rule_of(5, RULE_working_day);
	assert_int_equal(rule_due(cal, &w5, at("2026-03-07", 10, 0, 0), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-13"));
	w5.deemed_next = true;   /* D4, second half */
	assert_int_equal(rule_due(cal, &w5, at("2026-03-07", 10, 0, 0), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-16"));
	assert_int_equal(rule_due(cal, &w5, at("2026-03-09", 10, 0, 0), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-16"));
}

static void kept_without_moving(void **state)
{
	(void)state;
	int32_t last = 0;
	struct fault f = {0};
	struct rule keep = rule_of(3652, RULE_calendar_day);
	assert_int_equal(rule_due(cal, &keep, at("2026-03-02", 8, 0, 0), NULL, &last, &f), RC_NONE);
	assert_string_equal(f.text, "calendar 2036 missing");
	keep.fixed = true;
	assert_int_equal(rule_due(cal, &keep, at("2026-03-02", 8, 0, 0), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2036-03-01"));
	keep.amount = 5;        /* a Saturday stays one */
	assert_int_equal(rule_due(cal, &keep, at("2026-03-02", 8, 0, 0), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-03-07"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(working_days),       cmocka_unit_test(without_the_exceptions),
		cmocka_unit_test(calendar_days),      cmocka_unit_test(declared_later),
		cmocka_unit_test(missing_year),       cmocka_unit_test(received_by_local_day),
		cmocka_unit_test(ends_at_midnight),   cmocka_unit_test(deemed_received),
		cmocka_unit_test(kept_without_moving),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
