#include "kit/base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	alignas(max_align_t) char data[];
};

enum { FIRST_BLOCK = 16 << 10 };

void arena_init(struct arena *a, size_t limit) { *a = (struct arena){.limit = limit}; }

void arena_release(struct arena *a)
{
	for (struct arena_block *b = a->head, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
	a->used = 0;
	a->over = false;
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = NULL;
	for (struct arena_block *b = a->head, *next; b != NULL; b = next) {
		next = b->next;
		if (next == NULL && b->cap == FIRST_BLOCK)
			keep = b;
		else
			free(b);
	}
	if (keep != NULL)
		keep->used = 0;
	a->head = keep;
	a->used = 0;
	a->over = false;
}

_Noreturn static void ended(const struct arena *a)
{
	BUG("arena of %zu bytes outgrown: %zu in use", a->limit, a->used);
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t want;
	if (__builtin_add_overflow(size, alignof(max_align_t) - 1, &want))
		ended(a);
	want &= ~(alignof(max_align_t) - 1);
	if (want == 0)
		want = alignof(max_align_t);
	if (want > a->limit || a->used > a->limit - want) {
		a->over = true;
		if (want / 8 > a->limit || a->used / 8 > a->limit)
			ended(a);
	}
	struct arena_block *b = a->head;
	if (b == NULL || b->cap - b->used < want) {
		size_t cap = b == NULL ? FIRST_BLOCK : 64 << 10;
		if (cap < want)
			cap = want;
		b = malloc(sizeof *b + cap);
		if (b == NULL)
			ended(a);
		b->next = a->head;
		b->used = 0;
		b->cap = cap;
		a->head = b;
	}
	void *p = b->data + b->used;
	b->used += want;
	a->used += want;
	memset(p, 0, want);
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		ended(a);
	return arena_alloc(a, bytes);
}

struct str arena_copy(struct arena *a, struct str s)
{
	size_t n;
	if (__builtin_add_overflow(s.n, 1, &n))
		ended(a);
	char *p = arena_alloc(a, n);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct str){p, s.n};
}

const char *arena_z(struct arena *a, struct str s) { return arena_copy(a, s).p; }

struct str arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("bad format %s", fmt);
	char *p = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){p, (size_t)n};
}

struct str arena_take(struct arena *a, struct buf *b)
{
	if (b->failed)
		ended(a);
	struct str s = arena_copy(a, buf_str(b));
	buf_release(b);
	return s;
}
