#include "ward/figure/figure.h"

static int32_t first_of(int year, int month)
{
	return day_from_date((struct date){year + (month - 1) / 12, (month - 1) % 12 + 1, 1});
}

static int months_of(enum period_kind k)
{
	return k == PERIOD_month ? 1 : k == PERIOD_quarter ? 3 : 12;
}

struct period period_of(enum period_kind k, int32_t day)
{
	struct date d = date_from_day(day);
	int months = months_of(k), first = (d.month - 1) / months * months + 1;
	return (struct period){k, first_of(d.year, first), first_of(d.year, first + months)};
}

struct period period_before(const struct period *p) { return period_of(p->kind, p->from - 1); }
struct period period_after(const struct period *p) { return period_of(p->kind, p->to); }

static bool digits(struct str s, size_t from, size_t n, int *out)
{
	*out = 0;
	if (s.n < from + n)
		return false;
	for (size_t i = from; i < from + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

bool period_parse(struct str s, struct period *out)
{
	enum { YEAR = 4, MONTH = 7 };
	int year, part = 1;
	enum period_kind k;
	if (!digits(s, 0, YEAR, &year) || year < 2000 || year > 2999)
		return false;
	if (s.n == YEAR)
		k = PERIOD_year;
	else if (s.n == MONTH && s.p[YEAR] == '-' && s.p[YEAR + 1] == 'Q' &&
	         digits(s, YEAR + 2, 1, &part))
		k = PERIOD_quarter;
	else if (s.n == MONTH && s.p[YEAR] == '-' && digits(s, YEAR + 1, 2, &part))
		k = PERIOD_month;
	else
		return false;
	if (part < 1 || part > 12 / months_of(k))
		return false;
	*out = period_of(k, first_of(year, (part - 1) * months_of(k) + 1));
	return true;
}

struct str period_name(struct arena *a, const struct period *p)
{
	struct date d = date_from_day(p->from);
	switch (p->kind) {
	case PERIOD_month:
		return arena_fmt(a, "%04d-%02d", d.year, d.month);
	case PERIOD_quarter:
		return arena_fmt(a, "%04d-Q%d", d.year, (d.month - 1) / 3 + 1);
	case PERIOD_year:
		break;
	}
	return arena_fmt(a, "%04d", d.year);
}
