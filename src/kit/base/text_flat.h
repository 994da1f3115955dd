/* A text as one plain character a code point, for the masks: decimal digits of every script become
 * '0' to '9', Latin letters (full width too) 'a' to 'z', đ 'd', every space ' ', every dot '.',
 * every hyphen or dash '-'; ( ) + / stay; line ends are '\n'; the rest is '\1'. */
#ifndef XOM_BASE_TEXT_FLAT_H
#define XOM_BASE_TEXT_FLAT_H

#include "kit/base/text.h"

struct flat {
	char *c;      /* n characters and a NUL */
	uint32_t *at; /* where each begins in the text; at[n] is its end */
	size_t n;
};
struct flat flat_of(struct arena *a, struct str s);

/* Digits that belong together: groups of digits with separators between them. */
struct group {
	size_t from, to; /* in flat */
	int value;       /* of up to four digits; otherwise -1 */
	char sep;        /* that follows; '\0' behind the last */
};
struct run {
	struct group *g;
	size_t n, digits;
};
/* The next run at or after *i, which moves past it; between two groups stand 1 to `gap`
 * characters of `seps`. False: no more digits. */
bool run_next(struct arena *a, const struct flat *f, size_t *i, const char *seps, size_t gap,
              struct run *out);
/* The groups that a date begins at g with (3, or 0): 10.11.2026, 10-11-2026, 2026-11-10. */
size_t run_date(const struct run *r, size_t g);

#endif
