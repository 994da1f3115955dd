/* The recurring jobs of the flow, run as the runner would run them. */
#include "flow_env.h"

#include "ward/app.h"

static struct app app;

const struct flow *app_flow(const struct app *a) { return &a->flow; }

static enum rc run(const char *name, struct fault *f)
{
	app = (struct app){.store = E.store, .keys = E.keys, .flow = E.flow};
	app.clock.shift = &app.clock.own;
	atomic_store(&app.clock.own, atomic_load(E.clock.shift));
	const struct job job = {.id = 1, .ward = E.ward[ENV_A]->id, .kind = str_of(name), .attempt = 1};
	for (const struct job_kind *k = FLOW_JOBS; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k->run(&app, &E.arena, &job, f);
	fail_msg("there is no job %s", name);
	return RC_FAIL;
}

static void heads_are_made_for_each_day_that_is_over(void **state)
{
	(void)state;
	struct fault f = {0};
	struct verify_report r;
	env_ok(run("flow.head", &f), &f);                /* nothing has happened: nothing to sign */
	assert_int_equal(env_int("SELECT COUNT(*) FROM head"), 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	env_ok(run("flow.head", &f), &f);                /* the day is not over */
	assert_int_equal(env_int("SELECT COUNT(*) FROM head"), 0);
	env_at("2026-03-06", 1);
	env_move(&E.an, &c, VERB_note, "text", "Muộn");
	env_ok(run("flow.head", &f), &f);
	env_ok(run("flow.head", &f), &f);                /* twice is once */
	assert_int_equal(env_int("SELECT COUNT(*) FROM head"), 4);
	/* Monday's end is what stood there on Monday, not the note of Friday. */
	assert_int_equal(env_int("SELECT seq FROM head_end"), 2);
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_int_equal(r.faults, 0);
	assert_int_equal(r.heads, 4);
}

static void count_collecting(void *ctx, const char *sql)
{
	*(int *)ctx += strncmp(sql, "INSERT INTO head_end", 20) == 0;
}

/* A commit for what happened, not one for each quarter of an hour of days without anything. */
static void quiet_days_cost_a_head_each(void **state)
{
	(void)state;
	struct fault f = {0};
	struct verify_report r;
	int collected = 0;
	env_at("2026-03-02", 9);
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	env_at("2026-03-02", 23);
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	env_at("2026-03-12", 1);
	store_trace(E.store, count_collecting, &collected);
	env_ok(run("flow.head", &f), &f);
	store_trace(E.store, NULL, NULL);
	assert_int_equal(env_int("SELECT COUNT(*) FROM head"), 10);
	assert_int_equal(env_int("SELECT seq FROM head_end"), 2);
	/* Each day's own, when it is signed, and two quarters of an hour. */
	assert_int_equal(collected, 10 + 2);
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_int_equal(r.faults, 0);
}

static void folding_empties_the_deltas(void **state)
{
	(void)state;
	struct fault f = {0};
	for (int i = 0; i < 3; i++)
		(void)env_open(ENV_A, "lighting", "Một");
	(void)env_open(ENV_B, "lighting", "Khác");
	env_ok(run("flow.fold", &f), &f);
	env_ok(run("flow.fold", &f), &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM case_delta"), 1);   /* the other ward's */
	assert_int_equal(env_int("SELECT SUM(n) FROM case_count"), 3);
	assert_int_equal(env_int("SELECT COUNT(*) FROM case_count"), 1);
}

static void merging_leaves_the_search(void **state)
{
	(void)state;
	struct fault f = {0};
	(void)env_open(ENV_A, "lighting", "Một");
	struct str before = env_dump("SELECT * FROM fts_desk");
	env_ok(run("flow.search", &f), &f);
	assert_string_equal(env_dump("SELECT * FROM fts_desk").p, before.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(heads_are_made_for_each_day_that_is_over), T(quiet_days_cost_a_head_each), T(folding_empties_the_deltas),
		T(merging_leaves_the_search),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
