/* The outbox: leases, back-off, dead letters, recurring kinds. */
#include "fixture.h"

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

static void lists_are_asked_by_state(void **state)
{
	struct list l = {.state = "undead"};
	(void)state;
	assert_int_equal(store_read(x.store, A, &x.arena, list_fn, &l, NULL), RC_INVALID);
	put(A, "mail", "", 0);
	assert_int_equal(count(A, "dead"), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(claimed_and_done), T(not_before_it_is_due), T(back_off_then_dead_then_again),
		T(refused_is_not_tried_again), T(a_window_of_the_day), T(a_lane_of_its_own),
		T(a_lost_holder), T(an_unknown_kind_is_a_dead_letter), T(one_waiting_job_a_thing),
		T(a_failed_run_gives_way), T(a_job_goes_with_its_cause), T(recurring_kinds),
		cmocka_unit_test(the_wards_night), cmocka_unit_test(back_off_grows_and_ends),
		T(lists_are_asked_by_state), T(ward_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
