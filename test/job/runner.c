/* The runner of the outbox: its threads, a restart, stopping, what waits for others. */
#include "fixture.h"

static size_t two_wards(struct app *app, struct ward_id *out, size_t max)
{
	(void)app;
	assert_true(max >= 2);
	out[0] = A;
	out[1] = B;
	return 2;
}

/* Waits for what other threads do, at most ten seconds. */
static void wait_until(bool (*done)(void))
{
	for (int64_t end = clock_ticks() + 10 * US_SECOND; !done(); (void)sched_yield())
		if (clock_ticks() > end)
			fail_msg("ten seconds are over");
}

static bool three_runs(void) { return atomic_load(&runs) >= 3; }
static bool nothing_left(void) { return count(A, "") + count(B, "") == 0; }
static bool slow_runs_now(void) { return atomic_load(&slow_runs) == 1; }
static bool one_dead(void) { return count(A, "dead") == 1; }
static bool both_folded(void) { return atomic_load(&runs) == 2; }

static void the_runner_runs(void **state)
{
	struct job_runner *r;
	(void)state;
	put(A, "mail", "", 0); /* written before it started: a restart */
	put(B, "mail", "", 0);
	assert_int_equal(job_start(&r, NULL, x.store, KINDS, NULL, 2, NULL), RC_OK);
	put(A, "mail", "", 0);
	job_wake(r);
	wait_until(three_runs);
	wait_until(nothing_left);
	job_stop(r);
	assert_int_equal(atomic_load(&runs), 3);
	assert_string_equal(last_payload, "payload");
}

static void *let_it_end(void *arg)
{
	(void)arg;
	while (atomic_load(&slow_runs) == 0)
		(void)sched_yield();
	atomic_store(&slow_go, true);
	return NULL;
}

static void stopping_waits_for_the_run(void **state)
{
	struct job_runner *r;
	pthread_t t;
	(void)state;
	put(A, "slow", "", 0);
	assert_int_equal(job_start(&r, NULL, x.store, KINDS, NULL, 1, NULL), RC_OK);
	wait_until(slow_runs_now);
	assert_int_equal(pthread_create(&t, NULL, let_it_end, NULL), 0);
	job_stop(r);
	assert_int_equal(atomic_load(&slow_runs), 2);
	assert_int_equal(count(A, ""), 0); /* and its end is written down */
	(void)pthread_join(t, NULL);
}

static bool one_run(void) { return atomic_load(&runs) == 1; }

/* The other machine does not answer: everything else goes on. */
static void who_waits_for_others_holds_up_nobody(void **state)
{
	struct job_runner *r;
	(void)state;
	put(A, "net.post", "", 0);
	assert_int_equal(job_start(&r, NULL, x.store, KINDS, NULL, 1, NULL), RC_OK);
	wait_until(slow_runs_now);
	put(A, "mail", "", 0);
	job_wake(r);
	wait_until(one_run);
	assert_int_equal(atomic_load(&slow_runs), 1);
	atomic_store(&slow_go, true);
	job_stop(r);
}

static void a_failing_job_of_the_runner(void **state)
{
	struct job_runner *r;
	(void)state;
	atomic_store(&failing, 1);
	put(A, "mail", "", 0);
	assert_int_equal(job_start(&r, NULL, x.store, KINDS, NULL, 1, NULL), RC_OK);
	for (int64_t end = clock_ticks() + 10 * US_SECOND; !one_dead() && clock_ticks() < end;) {
		move_clock(US_MINUTE / 2);
		job_wake(r);
	}
	job_stop(r);
	assert_int_equal(count(A, "dead"), 1);
	assert_int_equal(atomic_load(&runs), 3);
	assert_true(str_is(only(A).error, "the server does not answer"));
}

static void the_runner_keeps_recurring_kinds(void **state)
{
	static const struct job_kind *const night[] = {NIGHT, NULL};
	struct job_runner *r;
	(void)state;
	assert_int_equal(job_start(&r, NULL, x.store, night, two_wards, 2, NULL), RC_OK);
	wait_until(both_folded);
	job_stop(r);
	assert_int_equal(count(A, "waiting"), 2);
	assert_int_equal(count(B, "waiting"), 2);
	/* A new start finds the rows and runs nothing before its time. */
	store_close(x.store);
	open_store();
	assert_int_equal(job_start(&r, NULL, x.store, night, two_wards, 2, NULL), RC_OK);
	job_stop(r);
	assert_int_equal(count(A, "waiting"), 2);
	assert_int_equal(atomic_load(&runs), 2);
}

/* A job that rests is not waited for when the server stops. */
static atomic_int resting;
static enum rc rests(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)app;
	(void)a;
	atomic_store(&resting, 1);
	while (job_rest(job->runner, US_MINUTE))
		continue;
	atomic_store(&resting, job_stopping(job->runner) ? 2 : 3);
	return fault_set(f, RC_AGAIN, "the server stops");
}
static bool it_rests(void) { return atomic_load(&resting) == 1; }

static void a_rest_ends_with_the_runner(void **state)
{
	static const struct job_kind kinds[] = {{.name = "rest", .run = rests, .attempts = 2, .lease_us = US_MINUTE, .help = "."}, {0}};
	static const struct job_kind *const list[] = {kinds, NULL};
	struct job_runner *r;
	(void)state;
	put(A, "rest", "", 0);
	assert_int_equal(job_start(&r, NULL, x.store, list, NULL, 1, NULL), RC_OK);
	wait_until(it_rests);
	job_stop(r);
	assert_int_equal(atomic_load(&resting), 2);
	assert_int_equal(count(A, "waiting"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_runner_runs), T(who_waits_for_others_holds_up_nobody), T(stopping_waits_for_the_run),
		T(a_failing_job_of_the_runner), T(the_runner_keeps_recurring_kinds), T(a_rest_ends_with_the_runner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
