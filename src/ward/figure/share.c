#include <math.h>

#include "ward/figure/figure.h"

int64_t share_tenths(int64_t a, int64_t b) { return (2000 * a + b) / (2 * b); }
int64_t share_whole(int64_t a, int64_t b) { return (200 * a + b) / (2 * b); }

enum share_form share_form(int64_t base)
{
	enum { LEAST_WHOLE = 20, LEAST_TENTHS = 50 };
	if (base < LEAST_WHOLE)
		return SHARE_counts;
	return base < LEAST_TENTHS ? SHARE_whole : SHARE_tenths;
}

/* lgamma would write the sign into a variable of the whole process. */
static double log_factorial(double n)
{
	int sign;
	return lgamma_r(n + 1, &sign);
}

/* P(X >= a) for X ~ Bin(b, p), summed from its largest term, each found from the one before. */
static double tail_from(int64_t a, int64_t b, double p)
{
	if (a <= 0)
		return 1;
	if (p <= 0)
		return 0;
	if (p >= 1)
		return 1;
	double n = (double)b, odds = p / (1 - p), sum = 0;
	int64_t mode = (int64_t)floor((n + 1) * p);
	int64_t top = mode > a ? mode : a;
	if (top > b)
		top = b;
	double k = (double)top;
	double largest = exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) + k * log(p) +
	                     (n - k) * log1p(-p));
	double term = largest;
	for (int64_t i = top; i <= b; i++) {
		sum += term;
		if (term < largest * 1e-18)
			break;
		term *= (n - (double)i) / (double)(i + 1) * odds;
	}
	term = largest;
	for (int64_t i = top; i > a; i--) {
		term *= (double)i / ((n - (double)i + 1) * odds);
		sum += term;
		if (term < largest * 1e-18)
			break;
	}
	return sum > 1 ? 1 : sum;
}

/* The p at which P(X >= a) is `wanted`; it rises with p. */
static double solve(int64_t a, int64_t b, double wanted)
{
	double low = 0, high = 1;
	for (int i = 0; i < 60; i++) {
		double p = (low + high) / 2;
		if (tail_from(a, b, p) < wanted)
			low = p;
		else
			high = p;
	}
	return (low + high) / 2;
}

void share_interval(int64_t a, int64_t b, double *low, double *high)
{
	const double outside = 0.025;
	*low = a == 0 ? 0 : solve(a, b, outside);
	*high = a == b ? 1 : solve(a + 1, b, 1 - outside);
}
