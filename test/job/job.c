/* The outbox and its runner: leases, back-off, dead letters, recurring kinds, restarts. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "kit/base/hash.h"
#include "kit/job/outbox.h"
#include "../harness/database.h"

static const struct ward_id A = {101}, B = {102};
static const struct schema_step *const LISTS[] = {JOB_SCHEMA, NULL};

static enum rc never(struct app *app, struct arena *a, const struct job *j, struct fault *f);
static enum rc noted(struct app *app, struct arena *a, const struct job *j, struct fault *f);

static const struct job_kind MAIL[] = {
	{"mail", noted, 3, US_MINUTE, 0, 0, 0, 0, "sends"},
	{"slow", never, 1, US_MINUTE, 0, 0, 0, 0, "ends when told"},
	{0},
};
static const struct job_kind NET[] = {
	{.name = "net.post", .run = never, .attempts = 2, .lease_us = US_MINUTE, .help = "another machine"},
	{.name = "day", .run = noted, .attempts = 1, .lease_us = US_MINUTE, .from_us = 7 * US_HOUR,
	 .until_us = 21 * US_HOUR, .help = "by day alone"},
	{0},
};
static const struct job_kind NIGHT[] = {
	{"fold", noted, 2, US_MINUTE, 10 * US_MINUTE, 0, 0, 0, "folds"},
	{"night", noted, 2, US_MINUTE, 0, 2 * US_HOUR, 0, 0, "erases"},
	{0},
};
static const struct job_kind *const KINDS[] = {MAIL, NET, NULL};
static const struct job_kind *const ALL[] = {MAIL, NET, NIGHT, NULL};

static struct fixture {
	char dir[64], path[96];
	struct clock clock;
	struct store *store;
	struct arena arena;
} x;

static atomic_int runs, slow_runs, failing;
static atomic_bool slow_go;
static char last_payload[64];
static pthread_mutex_t payload_lock = PTHREAD_MUTEX_INITIALIZER;

static enum rc noted(struct app *app, struct arena *a, const struct job *j, struct fault *f)
{
	(void)app;
	(void)a;
	(void)pthread_mutex_lock(&payload_lock); /* both lanes' jobs come here */
	(void)snprintf(last_payload, sizeof last_payload, "%.*s", PSTR(j->payload));
	(void)pthread_mutex_unlock(&payload_lock);
	(void)atomic_fetch_add(&runs, 1);
	return atomic_load(&failing) > 0 ? fault_set(f, RC_IO, "the server does not answer") : RC_OK;
}

static enum rc never(struct app *app, struct arena *a, const struct job *j, struct fault *f)
{
	(void)app;
	(void)a;
	(void)j;
	(void)f;
	(void)atomic_fetch_add(&slow_runs, 1);
	while (!atomic_load(&slow_go))
		(void)sched_yield();
	(void)atomic_fetch_add(&slow_runs, 1);
	return RC_OK;
}

static void open_store(void)
{
	struct store_config c = {.path = test_database(x.path), .steps = LISTS, .clock = &x.clock};
	struct fault f;
	if (store_open(&x.store, &c, &f) != RC_OK)
		fail_msg("%s", f.text);
}

static int setup(void **state)
{
	(void)state;
	x = (struct fixture){.dir = "/tmp/xom-job-XXXXXX"};
	atomic_store(&runs, 0);
	atomic_store(&slow_runs, 0);
	atomic_store(&failing, 0);
	atomic_store(&slow_go, false);
	assert_int_equal(crypto_start(NULL), RC_OK);
	assert_non_null(mkdtemp(x.dir));
	(void)snprintf(x.path, sizeof x.path, "%s/xom.db", x.dir);
	clock_init(&x.clock);
	arena_init(&x.arena, ARENA_REQUEST_LIMIT);
	open_store();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_close(x.store);
	test_database_drop(x.path);
	arena_release(&x.arena);
	(void)unlink(x.path);
	return rmdir(x.dir);
}

static void move_clock(int64_t us) { (void)atomic_fetch_add(x.clock.shift, us); }

struct put {
	const char *kind, *dedup, *payload;
	int64_t due_at;
};

static enum rc put_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct put *p = ctx;
	return outbox_put(tx, p->kind, p->due_at, str_of(p->dedup), str_of(p->payload), f);
}

static enum rc cancel_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct put *p = ctx;
	return outbox_cancel(tx, p->kind, str_of(p->dedup), f);
}

static enum rc write_as(struct ward_id ward, tx_fn *fn, void *ctx)
{
	return store_write(x.store, ward, &x.arena, fn, ctx, NULL);
}

static void put(struct ward_id ward, const char *kind, const char *dedup, int64_t due_at)
{
	struct put p = {kind, dedup, "payload", due_at};
	assert_int_equal(write_as(ward, put_fn, &p), RC_OK);
}

struct list {
	const char *state;
	struct job_row *rows;
	size_t n;
};

static enum rc list_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct list *l = ctx;
	return job_list(tx, str_of(l->state), 100, &l->rows, &l->n, f);
}

static size_t count(struct ward_id ward, const char *state)
{
	struct list l = {.state = state};
	struct arena own;
	arena_init(&own, ARENA_REQUEST_LIMIT);
	assert_int_equal(store_read(x.store, ward, &own, list_fn, &l, NULL), RC_OK);
	arena_release(&own);
	return l.n;
}

static struct job_row only(struct ward_id ward)
{
	struct list l = {.state = ""};
	assert_int_equal(store_read(x.store, ward, &x.arena, list_fn, &l, NULL), RC_OK);
	assert_int_equal(l.n, 1);
	return l.rows[0];
}

static enum rc claim(struct claim *c)
{
	*c = (struct claim){.kinds = ALL};
	return write_as((struct ward_id){0}, outbox_claim, c);
}

static enum rc finish(const struct claim *c, enum rc how, const char *error)
{
	struct finish end = {c, how, str_of(error)};
	return write_as((struct ward_id){0}, outbox_finish, &end);
}

static void claimed_and_done(void **state)
{
	struct claim c, d;
	(void)state;
	put(A, "mail", "", 0);
	assert_int_equal(count(A, "waiting"), 1);
	assert_int_equal(count(B, ""), 0);
	assert_int_equal(claim(&c), RC_OK);
	assert_true(str_is(c.job.kind, "mail") && str_is(c.job.payload, "payload"));
	assert_true(c.job.ward.v == A.v && c.job.attempt == 1);
	assert_int_equal(count(A, "running"), 1);
	assert_int_equal(claim(&d), RC_NONE); /* it is held */
	assert_int_equal(finish(&c, RC_OK, ""), RC_OK);
	assert_int_equal(count(A, ""), 0);
	assert_int_equal(finish(&c, RC_OK, ""), RC_CHANGED);
}

static void not_before_it_is_due(void **state)
{
	struct claim c;
	(void)state;
	put(A, "mail", "", clock_now(&x.clock) + US_HOUR);
	put(B, "mail", "", clock_now(&x.clock) + 2 * US_HOUR);
	assert_int_equal(claim(&c), RC_NONE);
	move_clock(3 * US_HOUR);
	assert_int_equal(claim(&c), RC_OK);
	assert_true(c.job.ward.v == A.v); /* the earlier one first */
	assert_int_equal(claim(&c), RC_OK);
	assert_true(c.job.ward.v == B.v);
}

static enum rc retry(struct tx *tx, void *ctx, struct fault *f)
{
	return job_retry(tx, *(int64_t *)ctx, f);
}

static void back_off_then_dead_then_again(void **state)
{
	struct claim c;
	(void)state;
	put(A, "mail", "", 0);
	for (int attempt = 1; attempt <= 3; attempt++) {
		assert_int_equal(claim(&c), RC_OK);
		assert_int_equal(c.job.attempt, attempt);
		int64_t now = clock_now(&x.clock);
		assert_int_equal(finish(&c, RC_IO, "no answer"), RC_OK);
		struct job_row row = only(A);
		assert_true(str_is(row.error, "no answer"));
		assert_int_equal(row.attempts, attempt);
		if (attempt < 3) {
			assert_true(str_is(row.state, "waiting"));
			assert_true(row.due_at >= now + 3 * US_SECOND && row.due_at <= now + 14 * US_SECOND);
			assert_int_equal(claim(&c), RC_NONE);
			move_clock(US_MINUTE);
		} else {
			assert_true(str_is(row.state, "dead"));
		}
	}
	move_clock(US_DAY);
	assert_int_equal(claim(&c), RC_NONE);
	int64_t id = only(A).id;
	assert_int_equal(write_as(B, retry, &id), RC_NONE); /* another ward's */
	assert_int_equal(write_as(A, retry, &id), RC_OK);
	assert_int_equal(write_as(A, retry, &id), RC_NONE); /* it isn't dead any more */
	assert_int_equal(claim(&c), RC_OK);
	assert_int_equal(c.job.attempt, 1);
}

static void refused_is_not_tried_again(void **state)
{
	struct claim c;
	(void)state;
	put(A, "mail", "", 0);
	assert_int_equal(claim(&c), RC_OK);
	assert_int_equal(finish(&c, RC_REFUSED, "kept back"), RC_OK);
	assert_true(str_is(only(A).state, "dead"));
	assert_true(str_is(only(A).error, "kept back"));
}

/* At night it waits for seven o'clock, however often it is looked for, and has tried nothing. */
static void a_window_of_the_day(void **state)
{
	struct claim c;
	int64_t seven = day_start(day_of(clock_now(&x.clock)) + 1) + 7 * US_HOUR;
	(void)state;
	assert_int_equal(job_kind_window(&NET[1], seven - 1), seven);
	assert_int_equal(job_kind_window(&NET[1], seven), seven);
	assert_int_equal(job_kind_window(&NET[1], seven + 14 * US_HOUR - 1), seven + 14 * US_HOUR - 1);
	assert_int_equal(job_kind_window(&NET[1], seven + 14 * US_HOUR), seven + US_DAY);
	move_clock(seven - 8 * US_HOUR - clock_now(&x.clock));
	put(A, "day", "case 7", 0);
	assert_int_equal(claim(&c), RC_OK);
	assert_null(c.kind);
	assert_true(c.postponed);
	assert_int_equal(claim(&c), RC_NONE);
	assert_true(only(A).due_at == seven && only(A).attempts == 0);
	move_clock(8 * US_HOUR);
	assert_int_equal(claim(&c), RC_OK);
	assert_int_equal(c.job.attempt, 1);
}

static void a_lane_of_its_own(void **state)
{
	struct claim c, n = {.kinds = ALL, .lane = JOB_LANE_net};
	(void)state;
	put(A, "net.post", "", 0);
	assert_int_equal(claim(&c), RC_NONE);
	put(A, "mail", "", 0);
	assert_int_equal(write_as((struct ward_id){0}, outbox_claim, &n), RC_OK);
	assert_true(str_is(n.job.kind, "net.post"));
	assert_int_equal(claim(&c), RC_OK);
	assert_true(str_is(c.job.kind, "mail"));
}

static void a_lost_holder(void **state)
{
	struct claim c, d;
	(void)state;
	put(A, "mail", "", 0);
	assert_int_equal(claim(&c), RC_OK);
	move_clock(US_MINUTE + 1); /* it crashed, or is slow */
	assert_int_equal(claim(&d), RC_OK);
	assert_int_equal(d.job.attempt, 2);
	assert_int_equal(finish(&c, RC_OK, ""), RC_CHANGED); /* the first one has no say any more */
	assert_int_equal(count(A, "running"), 1);
	move_clock(US_MINUTE + 1);
	assert_int_equal(claim(&d), RC_OK);
	move_clock(US_MINUTE + 1);
	assert_int_equal(claim(&d), RC_OK); /* whose attempts are used up: buried, nothing to run */
	assert_null(d.kind);
	assert_true(str_is(only(A).state, "dead"));
	assert_true(str_is(only(A).error, "its last run did not end"));
}

static void an_unknown_kind_is_a_dead_letter(void **state)
{
	struct claim c;
	(void)state;
	put(A, "from.the.future", "", 0);
	assert_int_equal(claim(&c), RC_OK);
	assert_null(c.kind);
	assert_true(str_is(only(A).state, "dead"));
	assert_int_equal(claim(&c), RC_NONE);
}

static void one_waiting_job_a_thing(void **state)
{
	struct claim c;
	(void)state;
	put(A, "mail", "case 7", 0);
	put(A, "mail", "case 7", 0);
	put(A, "mail", "case 8", 0);
	put(A, "slow", "case 7", 0);
	put(B, "mail", "case 7", 0);
	put(A, "mail", "", 0);
	put(A, "mail", "", 0);
	assert_int_equal(count(A, ""), 5);
	assert_int_equal(count(B, ""), 1);
	struct put p = {.kind = "mail", .dedup = "case 7"};
	assert_int_equal(write_as(A, cancel_fn, &p), RC_OK);
	assert_int_equal(write_as(A, cancel_fn, &p), RC_OK);
	assert_int_equal(count(A, ""), 4);
	assert_int_equal(count(B, ""), 1);
	while (claim(&c) == RC_OK)
		;
	assert_int_equal(count(A, "running"), 4);
	put(A, "mail", "case 8", 0); /* what runs may have missed it */
	assert_int_equal(count(A, "waiting"), 1);
}

/* A run fails while the same thing was asked for again: one of them is enough. */
static void a_failed_run_gives_way(void **state)
{
	struct claim c;
	(void)state;
	put(A, "mail", "case 7", 0);
	assert_int_equal(claim(&c), RC_OK);
	put(A, "mail", "case 7", 0);
	assert_int_equal(finish(&c, RC_IO, "no answer"), RC_OK);
	assert_true(str_is(only(A).state, "waiting"));
	assert_int_equal(only(A).attempts, 0);
}

static enum rc put_and_fail(struct tx *tx, void *ctx, struct fault *f)
{
	enum rc rc = put_fn(tx, ctx, f);
	return rc == RC_OK ? RC_DENIED : rc;
}

static void a_job_goes_with_its_cause(void **state)
{
	struct put p = {"mail", "", "x", 0};
	(void)state;
	assert_int_equal(write_as(A, put_and_fail, &p), RC_DENIED);
	assert_int_equal(count(A, ""), 0);
}

static void recurring_kinds(void **state)
{
	struct claim c;
	(void)state;
	assert_int_equal(write_as(A, outbox_ensure, (void *)&NIGHT[0]), RC_OK);
	assert_int_equal(write_as(A, outbox_ensure, (void *)&NIGHT[0]), RC_OK);
	assert_int_equal(count(A, ""), 1);
	assert_int_equal(claim(&c), RC_OK); /* at once, then every ten minutes */
	assert_int_equal(write_as(A, outbox_ensure, (void *)&NIGHT[0]), RC_OK);
	assert_int_equal(count(A, ""), 1);  /* it runs: no second one */
	assert_int_equal(finish(&c, RC_OK, ""), RC_OK);
	assert_int_equal(claim(&c), RC_NONE);
	move_clock(10 * US_MINUTE + 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(claim(&c), RC_OK);
		assert_int_equal(finish(&c, RC_IO, "no"), RC_OK);
		move_clock(US_HOUR);
	}
	assert_int_equal(count(A, "dead"), 1);
	assert_int_equal(write_as(A, outbox_ensure, (void *)&NIGHT[0]), RC_OK);
	assert_int_equal(count(A, "waiting"), 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(claim(&c), RC_OK);
		assert_int_equal(finish(&c, RC_IO, "no"), RC_OK);
		move_clock(US_HOUR);
	}
	assert_int_equal(count(A, "dead"), 1); /* the newest alone */
}

static void the_wards_night(void **state)
{
	(void)state;
	int32_t day;
	assert_true(day_parse(STR("2026-11-23"), &day));
	const struct job_kind *k = &NIGHT[1];
	assert_true(job_kind_next(k, day_start(day)) == day_start(day) + 2 * US_HOUR);
	assert_true(job_kind_next(k, day_start(day) + 2 * US_HOUR) == day_start(day + 1) + 2 * US_HOUR);
	assert_true(job_kind_next(k, day_start(day) - 1) == day_start(day) + 2 * US_HOUR);
	assert_true(job_kind_next(&NIGHT[0], 5) == 5 + 10 * US_MINUTE);
}

static void back_off_grows_and_ends(void **state)
{
	(void)state;
	assert_true(job_backoff(1, 0) == 5 * US_SECOND - 5 * US_SECOND / 4);
	assert_true(job_backoff(1, UINT32_MAX) <= 5 * US_SECOND + 5 * US_SECOND / 4);
	assert_true(job_backoff(2, 0) == 2 * job_backoff(1, 0));
	assert_true(job_backoff(20, UINT32_MAX) <= US_HOUR + US_HOUR / 4);
	assert_true(job_backoff(INT32_MAX, 0) == US_HOUR - US_HOUR / 4);
}

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

static void lists_are_asked_by_state(void **state)
{
	struct list l = {.state = "undead"};
	(void)state;
	assert_int_equal(store_read(x.store, A, &x.arena, list_fn, &l, NULL), RC_INVALID);
	put(A, "mail", "", 0);
	assert_int_equal(count(A, "dead"), 0);
	assert_int_equal(count(A, "waiting"), 1);
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

static void ward_first(void **state)
{
	struct str *faults;
	size_t n;
	(void)state;
	assert_int_equal(store_schema_faults(x.store, &x.arena, &faults, &n, NULL), RC_OK);
	if (n > 0)
		fail_msg("%.*s", PSTR(faults[0]));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(claimed_and_done), T(not_before_it_is_due), T(back_off_then_dead_then_again),
		T(refused_is_not_tried_again), T(a_window_of_the_day), T(a_lane_of_its_own),
		T(who_waits_for_others_holds_up_nobody),
		T(a_lost_holder), T(an_unknown_kind_is_a_dead_letter), T(one_waiting_job_a_thing),
		T(a_failed_run_gives_way), T(a_job_goes_with_its_cause), T(recurring_kinds),
		cmocka_unit_test(the_wards_night), cmocka_unit_test(back_off_grows_and_ends),
		T(the_runner_runs), T(stopping_waits_for_the_run), T(a_failing_job_of_the_runner),
		T(the_runner_keeps_recurring_kinds), T(lists_are_asked_by_state), T(ward_first),
		T(a_rest_ends_with_the_runner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
