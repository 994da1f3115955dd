/* What stands in a sealed form field. The seal keeps strangers out; the reader must not lean on
 * it. The file is taken in whole, for its parser is private.
 * Sources: kit/base/arena.c clock.c hash.c log.c rc.c str.c; -lsodium */
#include "kit/http/journey.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The parser needs no keys: they belong to the functions around it. */
enum rc keys_current(struct keys *k, const char *name, int *number, struct key *out,
                     struct fault *f)
{
	(void)k, (void)name, (void)number, (void)out;
	return fault_set(f, RC_NONE, "no keys here");
}

enum rc keys_find(struct keys *k, const char *name, int number, struct key *out, struct fault *f)
{
	(void)k, (void)name, (void)number, (void)out;
	return fault_set(f, RC_NONE, "no keys here");
}

int64_t keys_retired_at(struct keys *k, const char *name, int number)
{
	(void)k, (void)name, (void)number;
	return 0;
}

struct str request_form(const struct request *q, const char *name)
{
	(void)q, (void)name;
	return STR_EMPTY;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct request q = {.arena = &a};
	struct journey j;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (parse(&q, str_n((const char *)data, size), &j) == RC_OK) {
		size_t total = HEAD;
		for (size_t i = 0; i < j.count; i++)
			total += 8 + j.answers[i].name.n + j.answers[i].value.n;
		if (total != size)
			abort();
		(void)journey_get(&j, "kind");
#ifdef PLANT_BUG
		/* For CI alone: proof that the fuzzer finds what can be reached. */
		if (j.count == 3 && j.answers[0].name.n > 8)
			abort();
#endif
	}
	arena_release(&a);
	return 0;
}
