/* Stepping through UTF-8, for text_*.c. */
#ifndef XOM_BASE_UTF8_H
#define XOM_BASE_UTF8_H

#include "kit/base/str.h"

/* The code point at *i, which moves past it; -1 when the bytes there are not well-formed UTF-8
 * (overlong, surrogate, past U+10FFFF, cut off), and *i then moves one byte. *i < s.n. */
static inline int32_t utf8_next(struct str s, size_t *i)
{
	const unsigned char *p = (const unsigned char *)s.p + *i;
	size_t left = s.n - *i, more;
	int32_t c = p[0], low;
	(*i)++;
	if (c < 0x80)
		return c;
	if (c >= 0xc2 && c < 0xe0) {
		more = 1, low = 0x80, c &= 0x1f;
	} else if (c >= 0xe0 && c < 0xf0) {
		more = 2, low = 0x800, c &= 0x0f;
	} else if (c >= 0xf0 && c < 0xf5) {
		more = 3, low = 0x10000, c &= 0x07;
	} else {
		return -1;
	}
	if (left <= more)
		return -1;
	for (size_t k = 1; k <= more; k++) {
		if ((p[k] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[k] & 0x3f);
	}
	if (c < low || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return -1;
	*i += more;
	return c;
}

/* Writes c, which is a valid code point; returns 1 to 4. */
static inline size_t utf8_put(char out[4], int32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

#endif
