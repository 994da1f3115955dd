/* The schema steps of every floor and room, together and in the order of the program: they can be
 * run, twice, and every table and key in them is ward first. */
#include <string.h>
#include <stdlib.h>

#include "fixture.h"
#include "kit/job/job.h"
#include "ward/figure/figure.h"
#include "ward/flow/flow.h"
#include "ward/flow/procedure.h"
#include "ward/flow/receipt.h"
#include "ward/people/people.h"
#include "ward/place/place.h"

static const struct schema_step *const LISTS[] = {
	PLACE_SCHEMA, PEOPLE_SCHEMA, JOB_SCHEMA, PROCEDURE_SCHEMA, FLOW_SCHEMA, RECEIPT_SCHEMA,
	FIGURE_SCHEMA,
	NULL,
};

static void every_step_is_ward_first(void **state)
{
	struct fixture x;
	struct str *faults;
	size_t n;
	(void)state;
	fixture_open_with(&x, LISTS);
	fixture_again(&x);
	assert_int_equal(store_schema_faults(x.store, &x.arena, &faults, &n, &x.fault), RC_OK);
	for (size_t i = 0; i < n; i++)
		print_error("%.*s\n", PSTR(faults[i]));
	assert_int_equal(n, 0);
	assert_int_equal(store_check(x.store, &x.arena, &x.fault), RC_OK);
	fixture_close(&x);
}

/* The program's own list must not know more than this test. */
static void the_program_has_no_other_steps(void **state)
{
	char path[400];
	static char text[1 << 16];
	(void)state;
	(void)snprintf(path, sizeof path, "%s/src/ward/app.c", getenv("XOM_SRC"));
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	(void)fclose(file);
	size_t here = sizeof LISTS / sizeof *LISTS - 1, there = 0;
	for (const char *p = text; (p = strstr(p, "_SCHEMA")) != NULL; p++)
		there++;
	assert_int_equal(there, here);
}

/* Every table and index says why it exists. */
static void every_step_says_why(void **state)
{
	(void)state;
	for (size_t l = 0; LISTS[l] != NULL; l++)
		for (const struct schema_step *s = LISTS[l]; s->name != NULL; s++) {
			size_t made = 0, said = 0;
			for (const char *p = s->sql; (p = strstr(p, "CREATE ")) != NULL; p++)
				made++;
			for (const char *p = s->sql; (p = strstr(p, "--")) != NULL; p = strchr(p, '\n')) {
				said++;
				if (strchr(p, '\n') == NULL)
					break;
			}
			if (said < made)
				fail_msg("%s makes %zu things and explains %zu", s->name, made, said);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_is_ward_first), cmocka_unit_test(the_program_has_no_other_steps),
		cmocka_unit_test(every_step_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
