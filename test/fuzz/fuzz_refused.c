/* The list of refused matter: any bytes are taken or refused; and its matching over any text. Before
 * the first zero byte stands the list, behind it the text.
 * Sources: ward/flow/refused.c; -lyaml */
#include <stdlib.h>
#include <string.h>

#include "ward/flow/procedure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refused *r = NULL;
	struct fault f = {0};
	struct arena a;
	struct str rest = str_n((const char *)data, size), yaml = str_cut(&rest, '\0'), line = STR_EMPTY;
	enum rc rc = refused_parse(&r, "fuzz.yaml", yaml, &f);
	must(rc == RC_OK || f.text[0] != '\0');
	if (rc != RC_OK)
		return 0;
	arena_init(&a, (size_t)32 << 20);
	must(refused_count(r) > 0);
	bool hit = rest.p != NULL && refused_match(r, &a, rest, &line);
	must(!hit || line.n > 0);
	for (size_t i = 0; i < refused_count(r); i++)
		must(refused_name(r, i).n > 0);
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (hit && refused_count(r) == 1)
		abort();
#endif
	arena_release(&a);
	refused_free(r);
	return 0;
}
