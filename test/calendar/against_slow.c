/* Some thousands of random cases against the second reckoning; a million are ./bench clockcheck's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "draw.h"

enum { CASES = 6000, LONG_CASES = 30000 };

static void agree(void **state)
{
	(void)state;
	struct drawn d;
	draw_and_compare(20261126, getenv("XOM_LONG") != NULL ? LONG_CASES : CASES, &d);
	if (d.disagreements > 0)
		fail_msg("%ld of %ld differ; the first: %s", d.disagreements, d.cases, d.first);
	/* And each sort of answer and of event was among them. */
	for (int i = 0; i < 5; i++)
		assert_true(d.answers[i] > 5);
	assert_true(d.paused > CASES / 4 && d.extended > CASES / 4 && d.reopened > CASES / 20);
	assert_true(d.changed >= CASES / 60 && d.shares > 50 && d.traces > CASES / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(agree)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
