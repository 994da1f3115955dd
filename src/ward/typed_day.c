#include "ward/typed_day.h"

size_t typed_numbers(struct str s, int64_t out[4])
{
	size_t n = 0;
	bool in = false;
	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (digit && !in) {
			if (n == 4)
				return 5;
			out[n++] = 0;
		}
		if (digit && out[n - 1] < 100000)
			out[n - 1] = out[n - 1] * 10 + (s.p[i] - '0');
		in = digit;
	}
	return n;
}

bool typed_day(struct str typed, int64_t now, int32_t *out)
{
	int64_t d[4];
	size_t n = typed_numbers(typed, d);
	struct date date = {0};
	if (n == 3 && d[0] > 31)
		date = (struct date){(int)d[0], (int)d[1], (int)d[2]};
	else if (n == 3 || n == 2)
		date = (struct date){(int)(n == 2 ? moment_of(now).date.year : d[2] < 100 ? 2000 + d[2] : d[2]),
		                     (int)d[1], (int)d[0]};
	if (date.year < 1900 || date.year > 2100 || !date_valid(date))
		return false;
	*out = day_from_date(date);
	return true;
}
