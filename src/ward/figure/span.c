#include <stdlib.h>

#include "ward/figure/figure.h"

static int by_days(const void *a, const void *b)
{
	int32_t x = ((const struct span *)a)->days, y = ((const struct span *)b)->days;
	return (x > y) - (x < y);
}

size_t spans_sort(struct span *s, size_t n)
{
	size_t to = 0;
	if (n == 0)
		return 0;
	qsort(s, n, sizeof *s, by_days);
	for (size_t i = 1; i < n; i++) {
		if (s[i].days != s[to].days) {
			s[++to] = s[i];
			continue;
		}
		s[to].ended += s[i].ended;
		s[to].unfinished += s[i].unfinished;
	}
	return to + 1;
}

/* Between two unfinished ones the factors cancel to (left now) / (left at the run's start), so that
 * rounding can't grow over many days. */
void spans_left(const struct span *s, size_t n, double *left)
{
	int64_t at_risk = 0, start;
	double before = 1;
	for (size_t i = 0; i < n; i++)
		at_risk += s[i].ended + s[i].unfinished;
	start = at_risk;
	for (size_t i = 0; i < n; i++) {
		at_risk -= s[i].ended;
		left[i] = start > 0 ? before * ((double)at_risk / (double)start) : before;
		if (s[i].unfinished > 0) {
			at_risk -= s[i].unfinished;
			start = at_risk;
			before = left[i];
		}
	}
}

int32_t spans_until(const struct span *s, size_t n, double wanted)
{
	const double most = wanted + 1e-12;  /* a product of fractions may come out a hair above */
	int64_t at_risk = 0, start;
	double before = 1;
	for (size_t i = 0; i < n; i++)
		at_risk += s[i].ended + s[i].unfinished;
	start = at_risk;
	for (size_t i = 0; i < n; i++) {
		at_risk -= s[i].ended;
		double left = before * ((double)at_risk / (double)start);
		if (s[i].ended > 0 && left <= most)
			return s[i].days;
		if (s[i].unfinished > 0) {
			at_risk -= s[i].unfinished;
			start = at_risk;
			before = left;
		}
	}
	return -1;
}

int32_t spans_median(const struct span *s, size_t n) { return spans_until(s, n, 0.5); }
