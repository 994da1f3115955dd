#include "kit/base/text.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/ucol.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "kit/base/utf8.h"

bool text_utf8_ok(struct str s)
{
	for (size_t i = 0; i < s.n;)
		if (utf8_next(s, &i) <= 0)
			return false;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_percent(struct arena *a, struct str in, bool form, struct str *out)
{
	char *to = arena_alloc(a, in.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];
		if (form && c == '+') {
			c = ' ';
		} else if (c == '%') {
			bool whole = in.n - i > 2;
			int high = whole ? hex_digit(in.p[i + 1]) : -1;
			int low = whole ? hex_digit(in.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		to[n++] = c;
	}
	*out = str_n(to, n);
	return true;
}

size_t text_length(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

struct wide {
	UChar *p;
	int32_t n;
};

/* ICU counts in int32: what is longer never comes so far (forms end at 64 KiB), so it is a BUG. */
static struct wide wide_of(struct arena *a, struct str s)
{
	if (s.n > INT32_MAX / 8)
		BUG("text of %zu bytes", s.n);
	struct wide w = {arena_array(a, s.n + 1, sizeof(UChar)), 0};
	UErrorCode e = U_ZERO_ERROR;
	(void)u_strFromUTF8WithSub(w.p, (int32_t)s.n + 1, &w.n, s.p, (int32_t)s.n, 0xfffd, NULL, &e);
	if (U_FAILURE(e))
		BUG("u_strFromUTF8: %s", u_errorName(e));
	return w;
}

static struct str narrow(struct arena *a, struct wide w)
{
	char *p = arena_array(a, (size_t)w.n * 3 + 1, 1);
	int32_t n = 0;
	UErrorCode e = U_ZERO_ERROR;
	(void)u_strToUTF8WithSub(p, w.n * 3 + 1, &n, w.p, w.n, 0xfffd, NULL, &e);
	if (U_FAILURE(e))
		BUG("u_strToUTF8: %s", u_errorName(e));
	return str_n(p, (size_t)n);
}

struct str text_upper(struct arena *a, struct str s)
{
	struct wide w = wide_of(a, s);
	UErrorCode e = U_ZERO_ERROR;
	int32_t need = u_strToUpper(NULL, 0, w.p, w.n, "vi", &e);
	struct wide out = {arena_array(a, (size_t)need + 1, sizeof(UChar)), need};
	e = U_ZERO_ERROR;
	(void)u_strToUpper(out.p, need + 1, w.p, w.n, "vi", &e);
	if (U_FAILURE(e))
		BUG("u_strToUpper: %s", u_errorName(e));
	return narrow(a, out);
}

/* A letter keeps its first TEXT_MARKS marks (text.h): to put longer runs in order takes the square of their length. */
static struct wide few_marks(struct arena *a, struct wide w)
{
	enum { FIRST_MARK = 0x300 };
	struct wide out = {NULL, 0};
	for (int32_t i = 0, marks = 0; i < w.n;) {
		int32_t at = i;
		UChar32 c;
		U16_NEXT(w.p, i, w.n, c);
		marks = c >= FIRST_MARK && u_getCombiningClass(c) != 0 ? marks + 1 : 0;
		if (marks > TEXT_MARKS && out.p == NULL) { /* hardly ever: what stood before is as it was */
			out.p = arena_array(a, (size_t)w.n + 1, sizeof(UChar));
			memcpy(out.p, w.p, (size_t)at * sizeof(UChar));
			out.n = at;
		}
		while (out.p != NULL && marks <= TEXT_MARKS && at < i)
			out.p[out.n++] = w.p[at++];
	}
	return out.p != NULL ? out : w;
}

static struct wide normal(struct arena *a, const UNormalizer2 *n2, struct wide w)
{
	UErrorCode e = U_ZERO_ERROR;
	if (unorm2_spanQuickCheckYes(n2, w.p, w.n, &e) == w.n && U_SUCCESS(e))
		return w;
	if (w.n > TEXT_MARKS)
		w = few_marks(a, w);
	e = U_ZERO_ERROR;
	int32_t need = unorm2_normalize(n2, w.p, w.n, NULL, 0, &e);
	if (e != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(e))
		BUG("unorm2_normalize: %s", u_errorName(e));
	struct wide out = {arena_array(a, (size_t)need + 1, sizeof(UChar)), need};
	e = U_ZERO_ERROR;
	(void)unorm2_normalize(n2, w.p, w.n, out.p, need + 1, &e);
	if (U_FAILURE(e))
		BUG("unorm2_normalize: %s", u_errorName(e));
	return out;
}

static const UNormalizer2 *normalizer(bool decompose)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *n = decompose ? unorm2_getNFKDInstance(&e) : unorm2_getNFCInstance(&e);
	if (U_FAILURE(e))
		BUG("no Unicode data: %s", u_errorName(e));
	return n;
}

struct str text_compose(struct arena *a, struct str s)
{
	return ascii(s) ? s : narrow(a, normal(a, normalizer(false), wide_of(a, s)));
}

/* What nobody types on purpose, and what makes a text read otherwise than it is stored. */
static bool dropped(int32_t c)
{
	return (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f ||
	       c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xfeff || c == 0xffa0 ||
	       (c >= 0xfff0 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

static bool emoji(int32_t c)
{
	return c == 0xfe0f || (c >= 0x2600 && c <= 0x27bf) || (c >= 0x1f000 && c <= 0x1faff);
}

static int32_t plain(int32_t c, enum text_kind kind)
{
	if (c == 0x85 || c == 0x2028 || c == 0x2029 || c == '\v' || c == '\f')
		c = '\n';
	if (c == '\t' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
	    c == 0x205f || c == 0x3000)
		c = ' ';
	return c == '\n' && kind == TEXT_LINE ? ' ' : c;
}

enum rc text_clean(struct arena *a, struct str in, enum text_kind kind, size_t max, struct str *out)
{
	if (!text_utf8_ok(in))
		return RC_INVALID;
	char *p = arena_array(a, in.n + 1, 1);
	size_t n = 0;
	int32_t before = 0;
	for (size_t i = 0; i < in.n;) {
		int32_t c = utf8_next(in, &i);
		if (c == '\r') {
			if (i < in.n && in.p[i] == '\n')
				continue;
			c = '\n';
		}
		c = plain(c, kind);
		/* A joiner stays behind an emoji: it makes one picture of several (a family). */
		if (dropped(c) && !(c == 0x200d && emoji(before)))
			continue;
		/* What only makes another picture of a letter would hide a number's digits from each other. */
		if (c == 0x20e3 || (c >= 0xfe00 && c <= 0xfe0f && !emoji(before)))
			continue;
		before = c;
		n += utf8_put(p + n, c); /* never longer than what was read */
	}
	struct str s = str_n(p, n);
	*out = text_mask_ids(a, str_trim(text_compose(a, s)), NULL);
	return text_length(*out) > max ? RC_TOO_BIG : RC_OK;
}

struct str text_fold(struct arena *a, struct str s)
{
	char *p;
	size_t n = 0;
	if (ascii(s)) {
		p = arena_array(a, s.n + 1, 1);
		for (; n < s.n; n++)
			p[n] = s.p[n] >= 'A' && s.p[n] <= 'Z' ? (char)(s.p[n] + 32) : s.p[n];
		return str_n(p, n);
	}
	struct wide w = normal(a, normalizer(true), wide_of(a, s));
	p = arena_array(a, (size_t)w.n * 3 + 1, 1);
	for (int32_t i = 0; i < w.n;) {
		UChar32 c;
		U16_NEXT(w.p, i, w.n, c);
		if (c >= 0x300 && (c <= 0x36f || u_charType(c) == U_NON_SPACING_MARK))
			continue;
		if (c == 0x110 || c == 0x111 || c == 0xd0 || c == 0xf0) /* Đ, and what is mistaken for it */
			c = 'd';
		if (U_IS_SURROGATE(c))
			c = 0xfffd;
		n += utf8_put(p + n, u_foldCase(c, U_FOLD_CASE_DEFAULT));
	}
	return str_n(p, n);
}

enum { TOKENS_MAX = 2000, TOKEN_BYTES = 40 };

size_t text_tokens(struct arena *a, struct str s, struct str **tokens)
{
	struct str folded = text_fold(a, s);
	size_t most = folded.n / 2 + 1, count = 0;
	struct str *list = arena_array(a, most < TOKENS_MAX ? most : TOKENS_MAX, sizeof *list);
	*tokens = list;
	size_t start = 0, end = 0; /* of the token that is being read; end == start: none */
	for (size_t i = 0; i <= folded.n;) {
		size_t at = i;
		int32_t c = i < folded.n ? utf8_next(folded, &i) : -1;
		bool in = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 0x80 && u_isalnum(c));
		if (in) {
			if (end == start)
				start = end = at;
			if (end == at && i - start <= TOKEN_BYTES)
				end = i; /* of a longer word only the beginning counts */
			continue;
		}
		if (end > start) {
			list[count++] = str_sub(folded, start, end - start);
			if (count == TOKENS_MAX)
				break;
		}
		start = end = i;
		if (at == folded.n)
			break;
	}
	return count;
}

/* Opened once and read only from then on, which ICU allows from all threads. */
static UCollator *vietnamese;
static pthread_once_t vietnamese_once = PTHREAD_ONCE_INIT;

static void open_vietnamese(void)
{
	UErrorCode e = U_ZERO_ERROR;
	vietnamese = ucol_open("vi", &e);
	if (U_FAILURE(e) || e == U_USING_DEFAULT_WARNING)
		BUG("ICU has no Vietnamese order: %s", u_errorName(e));
}

struct str text_sort_key(struct arena *a, struct str s)
{
	(void)pthread_once(&vietnamese_once, open_vietnamese);
	struct wide w = wide_of(a, s);
	int32_t need = ucol_getSortKey(vietnamese, w.p, w.n, NULL, 0);
	uint8_t *key = arena_array(a, (size_t)need + 1, 1);
	int32_t n = ucol_getSortKey(vietnamese, w.p, w.n, key, need);
	return str_n((const char *)key, n > 0 ? (size_t)n - 1 : 0); /* without ICU's NUL */
}
