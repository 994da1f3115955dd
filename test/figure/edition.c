/* Editions: made once, after the quarter, and not changed by what is corrected later; and the job
 * that counts a month again. */
#include "flow_env.h"
#include "ward/app.h"
#include "ward/figure/figure.h"

static struct app app;
const struct flow *app_flow(const struct app *a) { return &a->flow; }

static enum rc run(const char *name, struct fault *f)
{
	app = (struct app){.store = E.store, .keys = E.keys, .flow = E.flow};
	const struct job job = {.id = 1, .ward = E.ward[ENV_A]->id, .kind = str_of(name), .attempt = 1};
	for (const struct job_kind *k = FIGURE_JOBS; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k->run(&app, &E.arena, &job, f);
	fail_msg("there is no job %s", name);
	return RC_FAIL;
}

struct get_work {
	struct period p;
	int number;
	struct edition e;
};

static enum rc do_get(struct tx *tx, void *ctx, struct fault *f)
{
	struct get_work *k = ctx;
	return edition_get(tx, &k->p, k->number, &k->e, f);
}

static enum rc do_make(struct tx *tx, void *ctx, struct fault *f)
{
	struct get_work *k = ctx;
	return edition_make(tx, &E.flow, E.ward[ENV_A], &k->p, f);
}

static enum rc get(const char *quarter, int number, struct edition *out)
{
	struct get_work k = {.number = number};
	assert_true(period_parse(str_of(quarter), &k.p));
	enum rc rc = env_read(ENV_A, do_get, &k, NULL);
	*out = k.e;
	return rc;
}

static void open_many(const char *kind, int n)
{
	for (int i = 0; i < n; i++)
		(void)env_open(ENV_A, kind, "Việc");
}

static void correct(struct ward_case *c, const char *kind)
{
	struct fault f = {0};
	struct said reason[] = {{"reason", "Là tiếng ồn"}};
	struct move m = {.verb = VERB_correct, .kind = str_of(kind)};
	env_ok(env_try(ENV_A, &E.an, c, m, reason, 1, &f), &f);
}

static void an_edition_is_made_once_and_stays(void **state)
{
	(void)state;
	struct fault f = {0};
	struct edition e, again;
	env_at("2026-03-10", 9);
	env_ok(run("figure.edition", &f), &f);          /* no case: nothing to say */
	open_many("noise", 4);
	open_many("lighting", 3);
	struct ward_case moved[5];
	for (size_t i = 0; i < 5; i++)
		moved[i] = env_open(ENV_A, "lighting", "Ồn");
	env_at("2026-03-31", 23);
	env_ok(run("figure.edition", &f), &f);
	assert_int_equal(get("2026-Q1", 0, &e), RC_NONE);   /* not over */
	env_at("2026-04-01", 1);
	env_ok(run("figure.edition", &f), &f);
	assert_int_equal(get("2026-Q1", 0, &e), RC_OK);
	assert_string_equal(arena_z(&E.arena, e.body),
	                    "xom edition 1\nward song-may\nquarter 2026-Q1\nnumber 1\nmade 2026-04-01\n"
	                    "overdue 12\nkind noise <5\nkind feedback <5\nkind mediation <5\nkind unsure <5\n");
	assert_int_equal(e.kind_count, 4);
	assert_false(e.kinds[0].shown);
	assert_int_equal(e.kinds[0].n, 0);
	assert_int_equal(e.overdue, 12);                /* over all kinds */

	/* A fifth comes by a correction: the edition stays, and a revised one says the same, for from fewer
	 * than five to five would tell of a single case. */
	struct get_work k = {.p = e.quarter};
	correct(&moved[0], "noise");
	env_ok(run("figure.edition", &f), &f);
	assert_int_equal(get("2026-Q1", 0, &again), RC_OK);
	assert_true(str_eq(again.body, e.body));
	env_ok(env_write(ENV_A, do_make, &k, &f), &f);
	assert_int_equal(get("2026-Q1", 0, &again), RC_OK);
	assert_int_equal(again.number, 2);
	assert_false(again.kinds[0].shown);
	/* Nine are five more than four, and nine they stay when one turns out to be none. */
	for (size_t i = 1; i < 5; i++)
		correct(&moved[i], "noise");
	env_ok(env_write(ENV_A, do_make, &k, &f), &f);
	assert_int_equal(get("2026-Q1", 3, &again), RC_OK);
	assert_true(again.kinds[0].shown && again.kinds[0].n == 9);
	correct(&moved[0], "lighting");
	env_ok(env_write(ENV_A, do_make, &k, &f), &f);
	assert_int_equal(get("2026-Q1", 4, &again), RC_OK);
	assert_true(again.kinds[0].shown && again.kinds[0].n == 9);
	assert_int_equal(get("2026-Q1", 1, &again), RC_OK);
	assert_true(str_eq(again.body, e.body));
	assert_int_equal(get("2026-Q1", 5, &again), RC_NONE);
	/* The other ward has none. */
	assert_int_equal(env_read(ENV_B, do_get, &k, NULL), RC_NONE);
	k.p = period_of(PERIOD_quarter, day_of(clock_now(&E.clock)));
	assert_int_equal(env_write(ENV_A, do_make, &k, NULL), RC_INVALID);

	/* A byte changed behind the program's back is seen. */
	env_tamper("UPDATE edition SET body = replace(body, 'overdue 12', 'overdue 0')");
	assert_int_equal(get("2026-Q1", 1, &again), RC_CORRUPT);
}

/* A ward that is upgraded after a year: each quarter gets its edition; how much was late at the end
 * of the older ones is not known any more. */
static void quarters_that_were_missed_are_made(void **state)
{
	(void)state;
	struct fault f = {0};
	struct edition e;
	env_at("2026-03-10", 9);
	open_many("noise", 5);
	env_at("2026-10-03", 9);
	env_ok(run("figure.edition", &f), &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM edition"), 3);
	assert_int_equal(get("2026-Q1", 0, &e), RC_OK);
	assert_false(e.overdue_known);
	assert_int_equal(e.kinds[0].n, 5);
	assert_int_equal(get("2026-Q3", 0, &e), RC_OK);
	assert_true(e.overdue_known);
	assert_int_equal(e.overdue, 5);
	assert_false(e.kinds[0].shown);
}

static void a_wrong_month_is_noticed(void **state)
{
	(void)state;
	struct fault f = {0};
	env_ok(run("figure.recount", &f), &f);          /* no case yet */
	open_many("lighting", 3);
	env_ok(run("figure.recount", &f), &f);
	env_tamper("UPDATE tally_delta SET n = 2 WHERE id = (SELECT MIN(id) FROM tally_delta)");
	assert_int_equal(run("figure.recount", &f), RC_FAIL);
	assert_non_null(strstr(f.text, "2026-03"));
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	env_ok(run("figure.recount", &f), &f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_edition_is_made_once_and_stays, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(quarters_that_were_missed_are_made, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(a_wrong_month_is_noticed, env_setup, env_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
