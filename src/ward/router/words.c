#include "ward/router/words.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "kit/base/utf8.h"

enum { PARTS = 8 };

struct spelling {
	struct arena *a;
	struct buf key, bare;
	int32_t tone;
	struct word *words;
	size_t n;
	bool marked;
};

static bool is_tone(int32_t c)
{
	return c == 0x300 || c == 0x301 || c == 0x303 || c == 0x309 || c == 0x323;
}

static void add(struct buf *b, int32_t c)
{
	char z[4];
	buf_add(b, str_n(z, utf8_put(z, c)));
}

static void end_word(struct spelling *s)
{
	if (s->key.n > 0 && s->n < WORDS_MOST) {
		if (s->tone != 0)
			add(&s->key, s->tone);
		s->words[s->n].key = arena_take(s->a, &s->key);
		s->words[s->n++].bare = arena_take(s->a, &s->bare);
	} else {
		buf_release(&s->key);
		buf_release(&s->bare);
	}
	s->key = s->bare = (struct buf){0};
	s->tone = 0;
}

static void one(struct spelling *s, int32_t c)
{
	if (is_tone(c) && s->key.n > 0) {
		s->tone = c;
		s->marked = true;
	} else if (c >= 0x300 && c < 0x370 && s->key.n > 0) {
		add(&s->key, c);
		s->marked = true;
	} else if (c == 0x111) {
		add(&s->key, c);
		buf_addc(&s->bare, 'd');
		s->marked = true;
	} else if (u_isalnum(c)) {
		add(&s->key, c);
		add(&s->bare, c);
	} else {
		end_word(s);
	}
}

size_t words_of(struct arena *a, struct str text, struct word **out, bool *marked)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&e);
	struct spelling s = {.a = a, .words = arena_array(a, text.n / 2 + 2 < WORDS_MOST ? text.n / 2 + 2 : WORDS_MOST,
	                                                  sizeof *s.words)};
	for (size_t i = 0; i < text.n && s.n < WORDS_MOST;) {
		int32_t c = utf8_next(text, &i);
		UChar parts[PARTS];
		c = c < 0 ? ' ' : u_tolower(c);
		UErrorCode fine = U_ZERO_ERROR;
		int32_t n = U_SUCCESS(e) ? unorm2_getDecomposition(nfd, c, parts, PARTS, &fine) : -1;
		if (n <= 0 || U_FAILURE(fine))
			one(&s, c);
		for (int32_t k = 0; k < n && U_SUCCESS(fine); k++)
			one(&s, parts[k]);
	}
	end_word(&s);
	*out = s.words;
	if (marked != NULL)
		*marked = s.marked;
	return s.n;
}

bool words_begin(const struct words *phrase, const struct word *words, size_t left, bool marked)
{
	if (phrase->n == 0 || left < phrase->n)
		return false;
	for (size_t i = 0; i < phrase->n; i++)
		if (!str_eq(marked ? phrase->w[i].key : phrase->w[i].bare, marked ? words[i].key : words[i].bare))
			return false;
	return true;
}
