#include "kit/base/clock.h"
#include "kit/base/text.h"

const char *lang_name(enum lang l)
{
	switch (l) {
	case LANG_vi: return "vi";
	case LANG_en: return "en";
	case LANG_unset:
	case LANG_COUNT: break;
	}
	return "";
}

/* Day first in both languages: one place's papers all look alike. */
struct str text_date(struct arena *a, enum lang l, int32_t day)
{
	(void)l;
	struct date d = date_from_day(day);
	return arena_fmt(a, "%02d/%02d/%d", d.day, d.month, d.year);
}

struct str text_time(struct arena *a, int64_t at)
{
	struct moment m = moment_of(at);
	return arena_fmt(a, "%02d:%02d", m.hour, m.minute);
}

struct str text_datetime(struct arena *a, enum lang l, int64_t at)
{
	struct str time = text_time(a, at), date = text_date(a, l, day_of(at));
	return arena_fmt(a, "%.*s, %.*s", PSTR(time), PSTR(date));
}

struct str text_iso(struct arena *a, int64_t at)
{
	struct moment m = moment_of(at - 7 * US_HOUR); /* the ward's clock face, shown as UTC */
	return arena_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", m.date.year, m.date.month, m.date.day,
	                 m.hour, m.minute, m.second);
}

struct str text_day_iso(struct arena *a, int32_t day)
{
	struct date d = date_from_day(day);
	return arena_fmt(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

struct str text_count(struct arena *a, enum lang l, int64_t n)
{
	char digits[24], *p = arena_alloc(a, 32);
	uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
	size_t out = 0;
	if (n < 0)
		p[out++] = '-';
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			p[out++] = l == LANG_en ? ',' : '.';
		p[out++] = digits[i];
	}
	return str_n(p, out);
}
