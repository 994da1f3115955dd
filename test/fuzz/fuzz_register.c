/* The register of purposes: any bytes are taken or refused with a sentence.
 * Sources: ward/flow/register.c refused.c, ward/calendar/rules.c calendar.c calendar_year.c span.c span_share.c; -lyaml */
#include <stdio.h>
#include <stdlib.h>

#include "ward/flow/register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rules *rules;
static struct refused *refused;

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Of register.c alone the comparison with a database asks it. */
enum rc store_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count, struct fault *f)
{
	(void)s;
	(void)a;
	(void)tables;
	*count = 0;
	return fault_set(f, RC_DB, "there is no database here");
}

static void load(void)
{
	const char *root = getenv("XOM_SRC");
	char path[400];
	struct fault f = {0};
	(void)snprintf(path, sizeof path, "%s/calendars/rules.yaml", root != NULL ? root : ".");
	must(rules_load(&rules, path, &f) == RC_OK);
	(void)snprintf(path, sizeof path, "%s/rights/refused.yaml", root != NULL ? root : ".");
	must(refused_load(&refused, path, &f) == RC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct purposes *p = NULL;
	const struct purpose *all;
	struct fault f = {0};
	if (refused == NULL)
		load();
	enum rc rc = purposes_parse(&p, "fuzz.yaml", str_n((const char *)data, size), rules, refused, &f);
	must(rc == RC_OK || f.text[0] != '\0');
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (rc == RC_SYNTAX && f.line == 3)
		abort();
#endif
	if (rc != RC_OK)
		return 0;
	size_t n = purposes_all(p, &all);
	for (size_t i = 0; i < n; i++) {
		must(all[i].name.n > 0 && all[i].keep.n > 0 && all[i].about != ABOUT_unset && all[i].seen_by != 0);
		must(purpose_find(p, all[i].kind, all[i].place, all[i].name) != NULL);
	}
	purposes_free(p);
	return 0;
}
