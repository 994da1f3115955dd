/* Procedure files of any bytes: never a crash, a refusal always has its sentence, and what is taken
 * keeps what its readers rely on. The lists of rules and refused matter are read from $XOM_SRC, or
 * from the folder it runs in.
 * Sources: ward/flow/procedure.c procedure_read.c refused.c, ward/calendar/rules.c calendar.c calendar_year.c span.c span_share.c,
 * kit/base/arena.c clock.c file.c hash.c rc.c str.c text.c text_format.c text_mask.c yaml.c
 * yaml_read.c; -lsodium -lyaml -licui18n -licuuc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/hash.h"
#include "ward/flow/procedure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rules *rules;
static struct refused *refused;

static void load(void)
{
	const char *root = getenv("XOM_SRC");
	char rules_file[512], refused_file[512];
	struct fault f = {0};
	(void)snprintf(rules_file, sizeof rules_file, "%s/calendars/rules.yaml",
	               root != NULL ? root : ".");
	(void)snprintf(refused_file, sizeof refused_file, "%s/rights/refused.yaml",
	               root != NULL ? root : ".");
	if (crypto_start(&f) != RC_OK || rules_load(&rules, rules_file, &f) != RC_OK ||
	    refused_load(&refused, refused_file, &f) != RC_OK) {
		(void)fprintf(stderr, "%s\n", f.text);
		abort();
	}
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What flow takes for granted of a procedure that was not refused. */
static void check_taken(const struct procedure *p)
{
	must(p->name.n > 0 && p->unit.n > 0 && p->category > CATEGORY_unset);
	must(!(p->conduct && (p->listed || p->photos)));
	must(p->photos ? p->max_photos >= 1 && p->max_photos <= 5 : p->max_photos == 0);
	must(p->step_count > 0 && p->steps[0].state == STATE_received);
	must(p->deadline_count == 2 && p->retention_count == 5);
	for (int l = LANG_unset + 1; l < LANG_COUNT; l++)
		must(p->title[l].n > 0 && p->about[l].n > 0 && p->hint[l].n > 0 && p->next[l].n > 0);
	for (size_t i = 0; i < p->step_count; i++)
		for (size_t k = 0; k < p->steps[i].move_count; k++)
			must(procedure_step(p, p->steps[i].moves[k].to) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (refused == NULL)
		load();
	struct str bytes = str_n((const char *)data, size);
	struct arena a;
	struct procedure p, again;
	struct yaml_reader y = {0}, z = {0};
	arena_init(&a, (size_t)32 << 20);
	enum rc rc = procedure_parse(&y, &a, "fuzz.yaml", bytes, rules, refused, &p);
	must(rc == RC_OK || rc == RC_SYNTAX || rc == RC_NOMEM);
	must(rc != RC_SYNTAX || (y.fault_count > 0 && y.faults[0].text[0] != '\0'));
	if (rc == RC_OK) {
		check_taken(&p);
		/* A version that was followed by another is read without the lists. */
		must(procedure_parse(&z, &a, "fuzz.yaml", bytes, NULL, NULL, &again) == RC_OK);
		must(hash_eq(&p.checksum, &again.checksum));
	}
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (p.photos && p.max_photos != 5 && p.step_count > 2)
		abort();
#endif
	arena_release(&a);
	return 0;
}
