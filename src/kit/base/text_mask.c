#include <unicode/uchar.h>

#include "kit/base/clock.h"
#include "kit/base/text_flat.h"
#include "kit/base/utf8.h"

enum { ID_DIGITS = 12 };
#define MASK STR("●●●●●●●●●●●●")

static char flat_char(int32_t c)
{
	if (c >= 0xff01 && c <= 0xff5e) /* full width */
		c -= 0xfee0;
	if (c >= 'A' && c <= 'Z')
		return (char)(c + 32);
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return (char)c;
	switch (c) {
	case ' ': case '.': case '-': case '(': case ')': case '+': case '/': case '\n': return (char)c;
	case '\t': return ' ';
	case '\r': return '\n';
	case 0x110: case 0x111: return 'd';
	case 0xb7: case 0x2022: case 0x2024: case 0x3002: case 0xfe52: case 0xff61: return '.';
	case 0xad: case 0x2043: case 0x2212: case 0xfe63: return '-';
	default: break;
	}
	if (c < 0x80)
		return '\1';
	int digit = u_charDigitValue(c);
	if (digit >= 0)
		return (char)('0' + digit);
	int8_t type = u_charType(c);
	return type == U_SPACE_SEPARATOR ? ' ' : type == U_DASH_PUNCTUATION ? '-' : '\1';
}

struct flat flat_of(struct arena *a, struct str s)
{
	if (s.n >= UINT32_MAX)
		BUG("text of %zu bytes", s.n);
	struct flat f = {arena_array(a, s.n + 1, 1), arena_array(a, s.n + 1, sizeof(uint32_t)), 0};
	for (size_t i = 0; i < s.n; f.n++) {
		f.at[f.n] = (uint32_t)i;
		f.c[f.n] = flat_char(utf8_next(s, &i));
	}
	f.at[f.n] = (uint32_t)s.n;
	return f;
}

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool one_of(char c, const char *set) { return c != '\0' && strchr(set, c) != NULL; }

/* From the end of a group to the beginning of the next one of its run; SIZE_MAX: none. */
static size_t across(const struct flat *f, size_t i, const char *seps, size_t gap)
{
	size_t from = i;
	while (i < f->n && i - from < gap && one_of(f->c[i], seps))
		i++;
	return i > from && i < f->n && digit(f->c[i]) ? i : SIZE_MAX;
}

static size_t past_digits(const struct flat *f, size_t i)
{
	while (i < f->n && digit(f->c[i]))
		i++;
	return i;
}

static int small_value(const struct flat *f, size_t from, size_t to)
{
	int v = 0;
	if (to - from > 4)
		return -1;
	for (; from < to; from++)
		v = v * 10 + (f->c[from] - '0');
	return v;
}

bool run_next(struct arena *a, const struct flat *f, size_t *i, const char *seps, size_t gap,
              struct run *out)
{
	while (*i < f->n && !digit(f->c[*i]))
		(*i)++;
	if (*i == f->n)
		return false;
	size_t groups = 0;
	for (size_t at = *i; at != SIZE_MAX; at = across(f, past_digits(f, at), seps, gap))
		groups++;
	*out = (struct run){.g = arena_array(a, groups, sizeof(struct group))};
	for (size_t at = *i; at != SIZE_MAX;) {
		size_t to = past_digits(f, at), next = across(f, to, seps, gap);
		out->g[out->n++] = (struct group){at, to, small_value(f, at, to),
		                                  next != SIZE_MAX ? f->c[to] : '\0'};
		out->digits += to - at;
		*i = to;
		at = next;
	}
	return true;
}

static size_t width(const struct group *g) { return g->to - g->from; }

size_t run_date(const struct run *r, size_t g)
{
	if (g + 3 > r->n)
		return 0;
	const struct group *p = r->g + g;
	if (p[0].sep != p[1].sep || (p[0].sep != '.' && p[0].sep != '-') || width(&p[1]) > 2)
		return 0;
	const struct group *year = width(&p[0]) == 4 ? &p[0] : &p[2];
	const struct group *day = year == p ? &p[2] : &p[0];
	struct date d = {year->value, p[1].value, day->value};
	return width(year) == 4 && width(day) <= 2 && d.year >= 1900 && d.year < 2200 && date_valid(d)
	               ? 3
	               : 0;
}

/* 14.30 or 14.30.05: the groups that a time of day begins at g with. */
static size_t run_time(const struct run *r, size_t g)
{
	if (g + 2 > r->n)
		return 0;
	const struct group *p = r->g + g;
	if (width(&p[0]) > 2 || p[0].value > 23 || p[0].sep != '.' || width(&p[1]) != 2 ||
	    p[1].value > 59)
		return 0;
	bool seconds = g + 3 <= r->n && p[1].sep == '.' && width(&p[2]) == 2 && p[2].value < 60;
	return seconds ? 3 : 2;
}

/* Nothing but dates and times of day, a date among them. */
static bool all_dates(const struct run *r)
{
	bool date = false;
	for (size_t g = 0; g < r->n;) {
		size_t n = run_date(r, g);
		date |= n > 0;
		if (n == 0)
			n = run_time(r, g);
		if (n == 0)
			return false;
		g += n;
		if (g < r->n && r->g[g - 1].sep == '.')
			return false;
	}
	return date;
}

static void mark(char *masked, const struct group *from, const struct group *to)
{
	memset(masked + from->from, 1, to->to - from->from);
}

/* Twelve digits that begin and end with groups, and any group of twelve or more: a thirteenth
 * digit typed by mistake doesn't make an identity number publishable. In longer runs dates are
 * left out, so that two dates, or a date and a telephone number, don't give one together. */
static bool mask_run(const struct run *r, char *masked)
{
	bool found = false;
	if (r->digits < ID_DIGITS || all_dates(r))
		return false;
	if (r->digits == ID_DIGITS) {
		mark(masked, r->g, r->g + r->n - 1);
		return true;
	}
	for (size_t g = 0; g < r->n;) {
		size_t date = run_date(r, g), digits = 0;
		if (date > 0) {
			g += date;
			continue;
		}
		for (size_t to = g; to < r->n && digits < ID_DIGITS && run_date(r, to) == 0; to++) {
			digits += width(&r->g[to]);
			if (digits == ID_DIGITS || (to == g && digits > ID_DIGITS)) {
				mark(masked, r->g + g, r->g + to);
				found = true;
			}
		}
		g++;
	}
	return found;
}

struct str text_mask_ids(struct arena *a, struct str s, bool *found)
{
	size_t maybe = 0; /* bytes that a digit can begin with */
	for (size_t i = 0; i < s.n; i++)
		maybe += (s.p[i] >= '0' && s.p[i] <= '9') || (unsigned char)s.p[i] >= 0xc2;
	bool any = false;
	if (maybe >= ID_DIGITS) {
		struct flat f = flat_of(a, s);
		char *masked = NULL;
		struct run r;
		for (size_t i = 0; run_next(a, &f, &i, " .-", 1, &r);) {
			if (r.digits < ID_DIGITS)
				continue;
			if (masked == NULL)
				masked = arena_alloc(a, f.n + 1);
			any |= mask_run(&r, masked);
		}
		if (any) {
			struct buf out = {0};
			for (size_t i = 0; i < f.n; i++)
				if (!masked[i])
					buf_add(&out, str_sub(s, f.at[i], f.at[i + 1] - f.at[i]));
				else if (i == 0 || !masked[i - 1])
					buf_add(&out, MASK);
			s = arena_take(a, &out);
		}
	}
	if (found != NULL)
		*found = any;
	return s;
}
