/* Urlencoded bodies: whole and in pieces they must give the same. The first byte is the size of
 * the pieces.
 * Sources: kit/http/form.c multipart.c spool.c, kit/base/arena.c clock.c hash.c rc.c str.c; -lsodium */
#include <stdlib.h>
#include <string.h>

#include "kit/http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct str text = str_n((const char *)data + 1, size - 1);
	size_t step = (size_t)data[0] + 1, whole_count, count, uploads_count;
	struct arena a;
	struct pair *whole, *fields;
	struct upload *uploads;
	struct form_parser *p;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = form_urlencoded(&a, text, &whole, &whole_count);
	if (form_begin(&p, &a, STR("application/x-www-form-urlencoded"), NULL, NULL) != RC_OK)
		abort();
	for (size_t i = 0; i < text.n; i += step)
		(void)form_feed(p, str_sub(text, i, step), NULL);
	if (form_end(p, &fields, &count, &uploads, &uploads_count, NULL) != rc ||
	    count != whole_count || uploads_count != 0 || a.over)
		abort();
	for (size_t i = 0; i < count; i++)
		if (!str_eq(fields[i].name, whole[i].name) || !str_eq(fields[i].value, whole[i].value))
			abort();
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (count == 5 && fields[2].value.n == 3 && fields[3].value.n == 1)
		abort();
#endif
	form_free(p);
	arena_release(&a);
	return 0;
}
