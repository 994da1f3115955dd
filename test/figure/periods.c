/* Months, quarters and years of the ward's calendar, and their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ward/figure/figure.h"

static int32_t day(int y, int m, int d) { return day_from_date((struct date){y, m, d}); }

static void names_and_windows_agree(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int from[3], to[3];
	} CASES[] = {
		{"2026-01", {2026, 1, 1}, {2026, 2, 1}},   {"2026-12", {2026, 12, 1}, {2027, 1, 1}},
		{"2028-02", {2028, 2, 1}, {2028, 3, 1}},   {"2026-Q1", {2026, 1, 1}, {2026, 4, 1}},
		{"2026-Q4", {2026, 10, 1}, {2027, 1, 1}},  {"2026", {2026, 1, 1}, {2027, 1, 1}},
	};
	struct arena a;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct period p;
		assert_true(period_parse(str_of(CASES[i].name), &p));
		assert_int_equal(p.from, day(CASES[i].from[0], CASES[i].from[1], CASES[i].from[2]));
		assert_int_equal(p.to, day(CASES[i].to[0], CASES[i].to[1], CASES[i].to[2]));
		assert_string_equal(period_name(&a, &p).p, CASES[i].name);
	}
	arena_release(&a);
}

static void what_is_no_period_is_refused(void **state)
{
	(void)state;
	static const char *const BAD[] = {"", "26", "2026-", "2026-0", "2026-00", "2026-13", "2026-Q0",
	                                  "2026-Q5", "2026-q1", "2026-Q", "2026-1", "2026-011",
	                                  "1999", "3000", "20a6", "2026 01", "2026/01", " 2026", "2026-Q11"};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct period p;
		if (period_parse(str_of(BAD[i]), &p))
			fail_msg("\"%s\" was taken", BAD[i]);
	}
}

/* Every day lies in exactly one period of each kind, and they follow each other without a gap. */
static void periods_follow_each_other(void **state)
{
	(void)state;
	for (enum period_kind k = PERIOD_month; k <= PERIOD_year; k++) {
		struct period p = period_of(k, day(2024, 1, 1));
		assert_int_equal(p.from, day(2024, 1, 1));
		for (int32_t d = p.from; d < day(2033, 1, 1); d++) {
			struct period of = period_of(k, d);
			if (d == p.to) {
				struct period next = period_after(&p), back = period_before(&next);
				assert_int_equal(back.from, p.from);
				assert_int_equal(back.to, p.to);
				p = next;
			}
			assert_int_equal(of.from, p.from);
			assert_int_equal(of.to, p.to);
			assert_true(of.from <= d && d < of.to);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_windows_agree),
		cmocka_unit_test(what_is_no_period_is_refused),
		cmocka_unit_test(periods_follow_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
