#include "ward/fill.h"

static const struct filling *value_of(struct str name, const struct filling *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, values[i].name))
			return &values[i];
	return NULL;
}

struct str text_fill(struct arena *a, struct str text, const struct filling *values, size_t n)
{
	struct buf b = {0};
	for (size_t i = 0; i < text.n; i++) {
		size_t end = i + 1;
		while (text.p[i] == '{' && end < text.n && text.p[end] != '}')
			end++;
		const struct filling *v = text.p[i] == '{' && end < text.n
			? value_of(str_sub(text, i + 1, end - i - 1), values, n) : NULL;
		if (v != NULL) {
			buf_add(&b, v->value);
			i = end;
		} else {
			buf_addc(&b, text.p[i]);
		}
	}
	return arena_take(a, &b);
}
