/* Shares, intervals and how long it took, against numbers worked out elsewhere. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ward/figure/figure.h"

/* floor((2000 a + b) / (2 b)): 0.25 and 0.35 percent are 0.3 and 0.4, where printf says 0.2, 0.3. */
static void shares_are_rounded_half_up(void **state)
{
	(void)state;
	assert_int_equal(share_tenths(1, 400), 3);
	assert_int_equal(share_tenths(7, 2000), 4);
	assert_int_equal(share_tenths(37, 42), 881);
	assert_int_equal(share_tenths(14, 42), 333);
	assert_int_equal(share_tenths(54, 100), 540);
	assert_int_equal(share_tenths(0, 3), 0);
	assert_int_equal(share_tenths(3, 3), 1000);
	assert_int_equal(share_whole(37, 42), 88);
	assert_int_equal(share_whole(1, 8), 13);
	assert_int_equal(share_whole(1, 200), 1);
	/* Against every fraction of a small denominator, in whole numbers. */
	for (int64_t b = 1; b <= 200; b++)
		for (int64_t a = 0; a <= b; a++) {
			int64_t t = share_tenths(a, b);
			assert_true(2000 * a >= (2 * t - 1) * b && 2000 * a < (2 * t + 1) * b);
		}
}

static void small_bases_are_counts_alone(void **state)
{
	(void)state;
	assert_int_equal(share_form(0), SHARE_counts);
	assert_int_equal(share_form(19), SHARE_counts);
	assert_int_equal(share_form(20), SHARE_whole);
	assert_int_equal(share_form(49), SHARE_whole);
	assert_int_equal(share_form(50), SHARE_tenths);
	assert_int_equal(share_form(1000000), SHARE_tenths);
}

static void intervals_are_exact(void **state)
{
	(void)state;
	static const struct {
		int64_t a, b;
		double low, high;
	} CASES[] = {
		{37, 42, 0.7437, 0.9602},
		{0, 12, 0, 0.2646},
		{12, 12, 0.7354, 1},
		{3, 7, 0.0990, 0.8159},
		{0, 1, 0, 0.975},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		double low, high;
		share_interval(CASES[i].a, CASES[i].b, &low, &high);
		if (fabs(low - CASES[i].low) > 0.00005 || fabs(high - CASES[i].high) > 0.00005)
			fail_msg("%lld of %lld: %.5f to %.5f", (long long)CASES[i].a, (long long)CASES[i].b, low,
			         high);
	}
	/* Large numbers neither overflow nor take long; about a ± 1.96 standard errors. */
	double low, high;
	share_interval(500000, 1000000, &low, &high);
	assert_true(fabs(low - 0.49902) < 0.00001 && fabs(high - 0.50098) < 0.00001);
}

/* ---------------------------------------------------------------- how long */

static void the_open_ones_count_until_the_median(void **state)
{
	(void)state;
	struct span s[] = {{1, 1, 0}, {2, 1, 0}, {2, 1, 0}, {4, 1, 0}, {7, 1, 0}, {10, 1, 0},
	                   {5, 0, 1}, {12, 0, 1}, {15, 0, 1}};
	double left[9];
	size_t n = spans_sort(s, 9);
	assert_int_equal(n, 8);           /* two of them took two days */
	spans_left(s, n, left);
	static const struct {
		int days;
		double left;
	} WANTED[] = {{1, 0.8889}, {2, 0.6667}, {4, 0.5556}, {5, 0.5556}, {7, 0.4167}, {10, 0.2778},
	              {12, 0.2778}, {15, 0.2778}};
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(s[i].days, WANTED[i].days);
		assert_true(fabs(left[i] - WANTED[i].left) < 0.00005);
	}
	assert_int_equal(spans_median(s, n), 7);
}

static int32_t median(const struct span *given, size_t n)
{
	struct span *s = calloc(n > 0 ? n : 1, sizeof *s);
	assert_non_null(s);
	for (size_t i = 0; i < n; i++)
		s[i] = given[i];
	int32_t m = spans_median(s, spans_sort(s, n));
	free(s);
	return m;
}
#define MEDIAN(...) \
	median((const struct span[]){__VA_ARGS__}, \
	       sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

static void medians_at_the_edges(void **state)
{
	(void)state;
	assert_int_equal(median(NULL, 0), -1);
	assert_int_equal(MEDIAN({0, 1, 0}), 0);                     /* the same day */
	assert_int_equal(MEDIAN({3, 0, 5}), -1);                    /* none closed */
	assert_int_equal(MEDIAN({1, 1, 0}, {9, 1, 0}), 1);          /* exactly half after one day */
	assert_int_equal(MEDIAN({1, 1, 0}, {9, 0, 2}), -1);         /* a third is not half */
	assert_int_equal(MEDIAN({1, 1, 0}, {9, 0, 1}), 1);
	assert_int_equal(MEDIAN({4, 3, 3}), 4);                     /* at risk on their own day */
	/* Exactly half as a product: 16/20, eight unfinished, 5/8. */
	assert_int_equal(MEDIAN({1, 4, 0}, {3, 0, 8}, {4, 3, 0}, {9, 1, 4}), 4);
}

/* Without open ones it is the plain median; the largest counts keep their exactness. */
static void without_open_ones_it_is_the_middle(void **state)
{
	(void)state;
	struct span s[101];
	for (int n = 1; n <= 100; n++) {
		for (int i = 0; i < n; i++)
			s[i] = (struct span){i * 3, 1000000007, 0};
		assert_int_equal(spans_median(s, spans_sort(s, (size_t)n)), ((n + 1) / 2 - 1) * 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_rounded_half_up),
		cmocka_unit_test(small_bases_are_counts_alone),
		cmocka_unit_test(intervals_are_exact),
		cmocka_unit_test(the_open_ones_count_until_the_median),
		cmocka_unit_test(medians_at_the_edges),
		cmocka_unit_test(without_open_ones_it_is_the_middle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
