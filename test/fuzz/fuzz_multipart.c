/* Multipart bodies: whole and in pieces they must give the same, and files come out as they went
 * in. The first byte is the size of the pieces; the boundary is X.
 * Sources: kit/http/form.c multipart.c spool.c, kit/base/arena.c clock.c hash.c rc.c str.c; -lsodium */
#include <stdlib.h>
#include <string.h>

#include "kit/http/form.h"
#include "kit/http/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	struct form_parser *parser;
	enum rc rc;
	struct pair *fields;
	struct upload *uploads;
	size_t field_count, upload_count;
	int files;
};

/* Every third file is dropped, and the fifth finds no room. */
static struct spool *file(void *ctx, struct fault *f)
{
	struct result *r = ctx;
	struct spool *s = NULL;
	int n = ++r->files;
	if (n == 5)
		(void)fault_set(f, RC_FULL, "planned");
	if (n == 5 || n % 3 == 0)
		return NULL;
	return spool_new(&s, "/dev/shm", f) == RC_OK ? s : NULL;
}

static void parse(struct arena *a, struct str text, size_t step, struct result *r)
{
	struct form_sink sink = {file, r};
	*r = (struct result){0};
	if (form_begin(&r->parser, a, STR("multipart/form-data; boundary=X"), &sink, NULL) != RC_OK)
		abort();
	for (size_t i = 0; i < text.n; i += step)
		(void)form_feed(r->parser, str_sub(text, i, step), NULL);
	r->rc = form_end(r->parser, &r->fields, &r->field_count, &r->uploads, &r->upload_count, NULL);
	form_free(r->parser);
}

static void same_file(struct upload *a, struct upload *b)
{
	struct str x = STR_EMPTY, y = STR_EMPTY;
	if (a->size != b->size || a->size != spool_size(a->spool) ||
	    !str_eq(a->file_name, b->file_name) || spool_rewind(a->spool, NULL) != RC_OK ||
	    spool_rewind(b->spool, NULL) != RC_OK)
		abort();
	for (size_t left = a->size; left > 0; left -= x.n)
		if (spool_read(a->spool, &x, NULL) != RC_OK || spool_read(b->spool, &y, NULL) != RC_OK ||
		    !str_eq(x, y) || x.n > left)
			abort();
	if (spool_read(a->spool, &x, NULL) != RC_NONE)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct str text = str_n((const char *)data + 1, size - 1);
	struct arena a;
	struct result whole, pieces;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	parse(&a, text, text.n + 1, &whole);
	parse(&a, text, (size_t)data[0] + 1, &pieces);
	if (whole.rc != pieces.rc || whole.field_count != pieces.field_count ||
	    whole.upload_count != pieces.upload_count)
		abort();
	for (size_t i = 0; i < whole.field_count; i++)
		if (!str_eq(whole.fields[i].name, pieces.fields[i].name) ||
		    !str_eq(whole.fields[i].value, pieces.fields[i].value))
			abort();
	for (size_t i = 0; i < whole.upload_count; i++) {
		same_file(&whole.uploads[i], &pieces.uploads[i]);
		spool_free(whole.uploads[i].spool);
		spool_free(pieces.uploads[i].spool);
	}
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (whole.rc == RC_OK && whole.field_count > 0 && whole.fields[0].value.n % 16 == 13)
		abort();
#endif
	arena_release(&a);
	return 0;
}
