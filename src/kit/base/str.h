/* Strings as pointer and length, and a buffer that grows.
 *
 * struct str never owns its bytes: whoever handed it out says until when they live (most often
 * the request's arena). It is not NUL-terminated unless a function says so; the arena's are. */
#ifndef XOM_BASE_STR_H
#define XOM_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/rc.h"

struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
#define STR_EMPTY ((struct str){"", 0})
/* For printf's "%.*s". */
#define PSTR(s) (int)(s).n, (s).p

struct str str_of(const char *z);                     /* of a C string; NULL gives empty */
struct str str_n(const char *p, size_t n);
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z);
int str_cmp(struct str a, struct str b);              /* bytewise, as memcmp */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s);                    /* ASCII white space off both ends */
struct str str_sub(struct str s, size_t from, size_t n); /* clamped */
size_t str_find(struct str s, struct str needle);     /* SIZE_MAX when absent */
/* Cuts *rest at the first `sep`: returns what stands before it, leaves what stands after.
 * When there is no separator the whole is returned and *rest becomes {NULL, 0}. */
struct str str_cut(struct str *rest, char sep);
/* The whole string as a decimal number without blanks or plus sign; false when it is not one
 * or does not fit. */
bool str_i64(struct str s, int64_t *out);
bool str_f64(struct str s, double *out);              /* finite decimals only; the point is '.' */

/* A growing buffer on the heap. Zero-initialise, then buf_release. Memory that runs out or a size
 * past `max` (0: 64 MiB) sets `failed`, and everything after is ignored: look once, at the end. */
struct buf {
	char *p;
	size_t n, cap, max;
	bool failed;
};

void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
/* `s`, after `between` where something stands already; nothing when it is empty. */
void buf_join(struct buf *b, const char *between, struct str s);
struct str buf_str(const struct buf *b);              /* borrowed until the next change */
void buf_release(struct buf *b);

#endif
