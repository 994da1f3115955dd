/* Templates of any bytes: refused with a line, or rendered without a crash, the same each time, and
 * with every value escaped (the values stand for what strangers wrote).
 * Sources: kit/view/mustache_parse.c mustache_render.c, kit/base/arena.c clock.c log.c rc.c str.c
 * text_escape.c; -lsodium */
#include <stdlib.h>
#include <string.h>

#include "kit/view/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOSTILE STR("<\001\"&")

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Tags are depths: a name that begins with l is a list of two, with f false, the rest are both an
 * object and a text. */
static bool get(void *ctx, struct mvalue of, struct str name, struct mvalue *out)
{
	(void)ctx;
	*out = (struct mvalue){name.p, of.tag + 1};
	return name.n > 0 && of.tag < 40 && name.p[0] != 'x';
}

static char first(struct mvalue v) { return v.p != NULL ? *(const char *)v.p : 'o'; }

static bool truthy(void *ctx, struct mvalue v)
{
	(void)ctx;
	return first(v) != 'f';
}

static bool is_list(void *ctx, struct mvalue v)
{
	(void)ctx;
	return first(v) == 'l';
}

static bool item(void *ctx, struct mvalue v, size_t i, struct mvalue *out)
{
	(void)ctx;
	*out = (struct mvalue){NULL, v.tag + 1};
	return i < 2 && v.tag < 10;   /* lists in lists double */
}

static void text(void *ctx, struct mvalue v, struct buf *out)
{
	(void)ctx, (void)v;
	buf_add(out, HOSTILE);
}

static bool visited_raw;
static enum rc visit(void *ctx, char kind, struct str name, int line, struct fault *f)
{
	(void)ctx, (void)name, (void)f;
	must(line >= 1 && strchr("v&#^/>", kind) != NULL);
	visited_raw |= kind == '&';
	return RC_OK;
}

/* Every partial is the template itself, as often as nesting goes. */
static int partials;
static const struct mustache *partial(void *ctx, struct str name)
{
	return name.n > 1 && partials++ < 40 ? ctx : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mustache *m = NULL;
	struct fault f = {0};
	const struct mustache_source source = {get, truthy, is_list, item, text, NULL, NULL, NULL};
	const struct mvalue root = {0};
	if (size > 2000)
		return 0;
	enum rc rc = mustache_parse(&m, "fuzz", str_n((const char *)data, size), &f);
	if (rc != RC_OK) {
		must(rc == RC_SYNTAX && f.line >= 1 && f.text[0] != '\0');
		return 0;
	}
	struct buf one = {.max = 1 << 20}, two = {.max = 1 << 20};
	visited_raw = false;
	must(mustache_walk(m, visit, NULL, &f) == RC_OK);
	partials = 0;
	rc = mustache_render(m, &source, &root, 1, partial, m, &one, &f);
	partials = 0;
	must(mustache_render(m, &source, &root, 1, partial, m, &two, &f) == rc);
	must(str_eq(buf_str(&one), buf_str(&two)));
	if (!visited_raw && memchr(data, 1, size) == NULL)
		must(str_find(buf_str(&one), STR("<\001")) == SIZE_MAX);
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (rc == RC_OK && buf_str(&one).n == 41)
		abort();
#endif
	buf_release(&one);
	buf_release(&two);
	mustache_free(m);
	return 0;
}
