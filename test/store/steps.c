/* The schema steps of every floor and room, together and in the order of the program: they can be
 * run, twice, and every table and key in them is ward first. */
#include <string.h>

#include "fixture.h"
#include "ward/room.h"

static const struct schema_step *const *lists;

static int setup(void **state)
{
	static struct arena arena;
	(void)state;
	arena_init(&arena, (size_t)1 << 20);
	lists = app_schemas(&arena); /* the program's own */
	return 0;
}

static void every_step_is_ward_first(void **state)
{
	struct fixture x;
	struct str *faults;
	size_t n;
	(void)state;
	fixture_open_with(&x, lists);
	fixture_again(&x);
	assert_int_equal(store_schema_faults(x.store, &x.arena, &faults, &n, &x.fault), RC_OK);
	for (size_t i = 0; i < n; i++)
		print_error("%.*s\n", PSTR(faults[i]));
	assert_int_equal(n, 0);
	assert_int_equal(store_check(x.store, &x.arena, &x.fault), RC_OK);
	fixture_close(&x);
}

/* Every table and index says why it exists. */
static void every_step_says_why(void **state)
{
	(void)state;
	for (size_t l = 0; lists[l] != NULL; l++)
		for (const struct schema_step *s = lists[l]; s->name != NULL; s++) {
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
		cmocka_unit_test(every_step_is_ward_first),
		cmocka_unit_test(every_step_says_why),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
