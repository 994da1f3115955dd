/* What an S3 server says: a page of a list gives keys that fit and sizes that are some, or nothing; an
 * error's code holds letters and digits alone.
 * Sources: kit/media/s3_list.c; -lexpat */
#include <stdlib.h>
#include <string.h>

#include "kit/media/s3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool each(void *ctx, const struct s3_item *item)
{
	size_t *count = ctx;
	must(item->key.n <= S3_KEY_MAX && item->size >= 0);
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	must(item->size != 7);
#endif
	return ++*count < 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_n((const char *)data, size), next;
	struct arena a;
	char code[S3_CODE_MAX];
	size_t count = 0;
	bool stopped;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = s3_list_read(in, each, &count, &a, &next, &stopped, NULL);
	must(rc == RC_OK || rc == RC_CORRUPT || rc == RC_NOMEM);
	must(rc == RC_OK || next.n == 0);
	(void)s3_time(in);
	s3_error_code(in, code);
	for (const char *p = code; *p != '\0'; p++)
		must((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'));
	must(s3_encode(&a, in).n <= 3 * in.n);
	arena_release(&a);
	return 0;
}
