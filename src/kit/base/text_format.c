#include <string.h>

#include "kit/base/clock.h"
#include "kit/base/text.h"

/* A language is a file po/NAME.po and a row here (and its name in enum lang). */
static const struct {
	const char *name;
	struct str own_name, prefix;
	bool whole;
} LANGS[LANG_COUNT] = {
	[LANG_unset] = {"", STR(""), STR(""), false},
	[LANG_vi] = {"vi", STR("Tiếng Việt"), STR(""), true},
	[LANG_en] = {"en", STR("English"), STR("/en"), true},
	[LANG_km] = {"km", STR("ខ្មែរ"), STR("/km"), false},
};

static enum lang known(enum lang l) { return l > LANG_unset && l < LANG_COUNT ? l : LANG_unset; }

const char *lang_name(enum lang l) { return LANGS[known(l)].name; }

struct str lang_own_name(enum lang l) { return LANGS[known(l)].own_name; }

bool lang_whole(enum lang l) { return LANGS[known(l)].whole; }

struct str lang_prefix(enum lang l) { return LANGS[known(l)].prefix; }

bool lang_find(struct str name, enum lang *out)
{
	for (enum lang l = LANG_vi; l < LANG_COUNT; l++)
		if (str_is(name, LANGS[l].name)) {
			*out = l;
			return true;
		}
	return false;
}

bool text_is_phone(struct str s)
{
	enum { LEAST = 3, MOST = 20, BYTES = 40 };
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits++;
		else if (memchr(" .-()", s.p[i], 5) == NULL && !(s.p[i] == '+' && i == 0))
			return false;
	}
	return digits >= LEAST && digits <= MOST && s.n <= BYTES;
}

/* Digits by hand: a list page writes a hundred dates, and printf was a third of its time. */
static char *put_digits(char *p, int n, int count)
{
	for (int i = count - 1; i >= 0; i--, n /= 10)
		p[i] = (char)('0' + n % 10);
	return p + count;
}

enum { DATE_SIZE = 10, TIME_SIZE = 5 };

static char *put_date(char *p, struct date d)
{
	p = put_digits(p, d.day, 2);
	*p++ = '/';
	p = put_digits(p, d.month, 2);
	*p++ = '/';
	return put_digits(p, d.year, 4);
}

static char *put_time(char *p, const struct moment *m)
{
	p = put_digits(p, m->hour, 2);
	*p++ = ':';
	return put_digits(p, m->minute, 2);
}

static bool four_digits(struct date d) { return d.year >= 1000 && d.year <= 9999; }

/* Day first in both languages: one place's papers all look alike. */
struct str text_date(struct arena *a, enum lang l, int32_t day)
{
	(void)l;
	struct date d = date_from_day(day);
	if (!four_digits(d))
		return arena_fmt(a, "%02d/%02d/%d", d.day, d.month, d.year);
	char *p = arena_alloc(a, DATE_SIZE + 1);
	(void)put_date(p, d);
	return str_n(p, DATE_SIZE);
}

struct str text_time(struct arena *a, int64_t at)
{
	struct moment m = moment_of(at);
	char *p = arena_alloc(a, TIME_SIZE + 1);
	(void)put_time(p, &m);
	return str_n(p, TIME_SIZE);
}

struct str text_datetime(struct arena *a, enum lang l, int64_t at)
{
	struct moment m = moment_of(at);
	if (!four_digits(m.date)) {
		struct str time = text_time(a, at), date = text_date(a, l, day_of(at));
		return arena_fmt(a, "%.*s, %.*s", PSTR(time), PSTR(date));
	}
	char *start = arena_alloc(a, TIME_SIZE + 2 + DATE_SIZE + 1), *p = put_time(start, &m);
	*p++ = ',';
	*p++ = ' ';
	(void)put_date(p, m.date);
	return str_n(start, TIME_SIZE + 2 + DATE_SIZE);
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
