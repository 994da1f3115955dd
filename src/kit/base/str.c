#include "kit/base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str str_of(const char *z) { return z != NULL ? (struct str){z, strlen(z)} : STR_EMPTY; }
struct str str_n(const char *p, size_t n) { return (struct str){p != NULL ? p : "", n}; }

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *z) { return str_eq(a, str_of(z)); }

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq((struct str){s.p + (s.n - suffix.n), suffix.n}, suffix);
}

static bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct str str_trim(struct str s)
{
	while (s.n > 0 && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_sub(struct str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	/* Not even nothing may be added to NULL. */
	return (struct str){from > 0 ? s.p + from : s.p, n};
}

size_t str_find(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	const void *at = s.n > 0 ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at != NULL ? (size_t)((const char *)at - s.p) : SIZE_MAX;
}

struct str str_cut(struct str *rest, char sep)
{
	struct str s = *rest;
	const char *at = s.n > 0 ? memchr(s.p, sep, s.n) : NULL;
	if (at == NULL) {
		*rest = (struct str){NULL, 0};
		return s;
	}
	size_t n = (size_t)(at - s.p);
	*rest = (struct str){at + 1, s.n - n - 1};
	return (struct str){s.p, n};
}

bool str_i64(struct str s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	size_t i = minus ? 1 : 0;
	if (i == s.n)
		return false;
	int64_t v = 0;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		int digit = s.p[i] - '0';
		if (__builtin_mul_overflow(v, 10, &v) ||
		    (minus ? __builtin_sub_overflow(v, digit, &v) : __builtin_add_overflow(v, digit, &v)))
			return false;
	}
	*out = v;
	return true;
}

bool str_f64(struct str s, double *out)
{
	char z[64];
	if (s.n == 0 || s.n >= sizeof z)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("0123456789.-+eE", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	char *end;
	double v = strtod(z, &end);
	if (end != z + s.n || !isfinite(v))
		return false;
	*out = v;
	return true;
}

static bool room(struct buf *b, size_t more)
{
	size_t max = b->max > 0 ? b->max : (size_t)64 << 20, need;
	if (b->failed || __builtin_add_overflow(b->n, more, &need) || need >= max) {
		b->failed = true;
		return false;
	}
	if (need + 1 <= b->cap)
		return true;
	size_t cap = b->cap > 0 ? b->cap : 256;
	while (cap < need + 1)
		cap *= 2;
	char *p = realloc(b->p, cap);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.n == 0 || !room(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void buf_addz(struct buf *b, const char *z) { buf_add(b, str_of(z)); }
void buf_addc(struct buf *b, char c) { buf_add(b, (struct str){&c, 1}); }

void buf_join(struct buf *b, const char *between, struct str s)
{
	if (s.n > 0 && b->n > 0)
		buf_addz(b, between);
	buf_add(b, s);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		b->failed = true;
	else if (room(b, (size_t)n)) {
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

struct str buf_str(const struct buf *b) { return str_n(b->p, b->n); }

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){.max = b->max};
}
