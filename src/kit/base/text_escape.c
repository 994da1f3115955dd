#include "kit/base/text.h"

/* A byte's escape, or 0: most bytes have none, and are passed over with one look each. */
static const char *const HTML[] = {"", "&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
static const unsigned char HTML_OF[256] = {['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5};

void text_html(struct buf *out, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char as = HTML_OF[(unsigned char)s.p[i]];
		if (as == 0)
			continue;
		buf_add(out, str_sub(s, from, i - from));
		buf_addz(out, HTML[as]);
		from = i + 1;
	}
	buf_add(out, str_sub(s, from, s.n - from));
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

void text_url(struct buf *out, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (unreserved(s.p[i]))
			buf_addc(out, s.p[i]);
		else
			buf_add(out, str_n((const char[]){'%', hex[c >> 4], hex[c & 15]}, 3));
	}
}

void text_json(struct buf *out, struct str s)
{
	size_t from = 0;
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = 1;
		unsigned code = c;
		if (c == 0xe2 && s.n - i >= 3 && s.p[i + 1] == '\x80' &&
		    (s.p[i + 2] == '\xa8' || s.p[i + 2] == '\xa9')) {
			n = 3;
			code = 0x2000u | ((unsigned char)s.p[i + 2] & 0x3f);
		} else if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' &&
		           c != '&') {
			continue;
		}
		buf_add(out, str_sub(s, from, i - from));
		if (c == '"' || c == '\\')
			buf_add(out, str_n((const char[]){'\\', (char)c}, 2));
		else if (c == '\n')
			buf_addz(out, "\\n");
		else
			buf_addf(out, "\\u%04x", code);
		i += n - 1;
		from = i + 1;
	}
	buf_add(out, str_sub(s, from, s.n - from));
	buf_addc(out, '"');
}

/* What a spreadsheet reads as a formula's beginning, full-width signs included. Blanks in front
 * don't stop it. */
static bool formula(struct str s)
{
	if (s.n > 0 && (s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
		return true;
	s = str_trim(s);
	static const struct str signs[] = {STR("="), STR("+"), STR("-"), STR("@"), STR("＝"),
	                                   STR("＋"), STR("－"), STR("＠")};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (str_starts(s, signs[i]))
			return true;
	return false;
}

/* A number of ours stays one: a minus sign before plain digits is no formula. */
static bool number(struct str s)
{
	double v;
	return s.n > 1 && s.p[0] == '-' && s.p[1] >= '0' && s.p[1] <= '9' && str_f64(s, &v);
}

void text_csv(struct buf *out, struct str s)
{
	bool guard = formula(s) && !number(s), quote = false;
	for (size_t i = 0; i < s.n && !quote; i++)
		quote = s.p[i] == '"' || s.p[i] == ',' || s.p[i] == ';' || s.p[i] == '\n' ||
		        s.p[i] == '\r' || s.p[i] == '\t';
	if (quote)
		buf_addc(out, '"');
	if (guard)
		buf_addc(out, '\'');
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '"') {
			buf_add(out, str_sub(s, from, i + 1 - from));
			buf_addc(out, '"');
			from = i + 1;
		}
	buf_add(out, str_sub(s, from, s.n - from));
	if (quote)
		buf_addc(out, '"');
}
