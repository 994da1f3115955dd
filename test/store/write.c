/* The writer: batches, what is taken back, snapshots, the bounded queue, the trace. */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "kit/store/sqlite_impl.h"

static void a_failure_takes_back_its_own(void **state)
{
	struct fixture *x = *state;
	struct adding a[5] = {{1, RC_OK, 0}, {2, RC_CHANGED, 0}, {3, RC_OK, 0}, {4, RC_IO, 0}, {5, RC_OK, 0}};
	struct batch b = {.x = x, .n = 5};
	for (int i = 0; i < 5; i++)
		b.part[i] = (struct part){.fn = adding_fn, .ctx = &a[i]};
	batch_run(&b);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(b.part[i].rc, a[i].answer);
		assert_int_equal(b.part[i].fault.rc, a[i].answer);
		assert_int_equal(a[i].runs, 1);
		assert_int_equal(item_is(x, WARD_A, a[i].id), a[i].answer == RC_OK);
	}
	fixture_again(x);
	assert_int_equal(item_count(x, WARD_A), 3);
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

static void a_batch_sees_what_came_before(void **state)
{
	struct fixture *x = *state;
	struct adding a[2] = {{7, RC_OK, 0}, {7, RC_OK, 0}};
	struct batch b = {.x = x, .n = 2, .part = {{.fn = adding_fn, .ctx = &a[0]},
	                                           {.fn = adding_fn, .ctx = &a[1]}}};
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_OK);
	assert_int_equal(b.part[1].rc, RC_EXISTS);
}

static enum rc nothing_fn(struct tx *tx, void *ctx, struct fault *f)
{
	(void)tx;
	return *(enum rc *)ctx == RC_OK ? RC_OK : fault_set(f, *(enum rc *)ctx, "as asked");
}

static void functions_that_ask_nothing(void **state)
{
	struct fixture *x = *state;
	enum rc answers[] = {RC_OK, RC_OK, RC_OK, RC_CHANGED, RC_OK, RC_DENIED, RC_OK};
	struct adding a = {.id = 9};
	struct batch b = {.x = x, .n = BATCH_MAX};
	for (size_t i = 0; i + 1 < b.n; i++)
		b.part[i] = (struct part){.fn = nothing_fn, .ctx = &answers[i]};
	b.part[b.n - 1] = (struct part){.fn = adding_fn, .ctx = &a};
	batch_run(&b);
	for (size_t i = 0; i + 1 < b.n; i++)
		assert_int_equal(b.part[i].rc, answers[i]);
	assert_int_equal(b.part[b.n - 1].rc, RC_OK);
	assert_true(item_is(x, WARD_A, 9));
}

/* Many rows, of which nobody asks how many there are; one may be there already. PostgreSQL is not waited
 * for at each of them: what was refused is told all the same, to the right one. */
struct rows_of {
	int64_t from, n;
	bool swallow;           /* a row that is there already is fine with it */
};
static enum rc many_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct rows_of *m = ctx;
	enum rc rc = RC_OK;
	for (int64_t i = m->from; rc == RC_OK && i < m->from + m->n; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "of many %lld", (long long)i);
		rc = item_add(tx, i, name, f);
		if (rc == RC_EXISTS && m->swallow)
			rc = RC_OK;
	}
	return rc;
}

static void rows_that_nobody_waits_for(void **state)
{
	struct fixture *x = *state;
	enum { MANY = 300 };
	static const int64_t taken[] = {1001, 1150, 1000 + MANY - 1};
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		int64_t base = (int64_t)i * 10000;
		struct rows_of there = {base + taken[i], 1, false}, many = {base + 1000, MANY, false}, after = {base + 5000, 3, false};
		struct batch b = {.x = x, .n = 3, .part = {{.fn = many_fn, .ctx = &there},
		                                           {.fn = many_fn, .ctx = &many}, {.fn = many_fn, .ctx = &after}}};
		int64_t before = item_count(x, WARD_A);
		batch_run(&b);
		assert_int_equal(b.part[0].rc, RC_OK);
		assert_int_equal(b.part[1].rc, RC_EXISTS);
		assert_int_equal(b.part[2].rc, RC_OK);
		assert_int_equal(item_count(x, WARD_A), before + 1 + 3);
		/* Alone, and by who has nothing against it. */
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, many_fn, &many, &x->fault), RC_EXISTS);
		assert_int_equal(item_count(x, WARD_A), before + 1 + 3);
		many.swallow = true;
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, many_fn, &many, &x->fault), RC_OK);
		assert_int_equal(item_count(x, WARD_A), before + 3 + MANY);
	}
}

/* A deferred foreign key is judged by COMMIT: only the one at fault is refused. */
static enum rc later_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql mark = SQL_WARD(
		"INSERT INTO mark(ward_id, item_id, n, later) VALUES (?1, ?2, 1, ?3)", "ii", "");
	struct adding a = {.id = 20};
	(void)ctx;
	enum rc rc = adding_fn(tx, &a, f);
	return rc == RC_OK ? sql_run(tx, &mark, BIND(v_int(20), v_int(99)), NULL, f) : rc;
}

static void a_failing_commit_is_run_one_by_one(void **state)
{
	struct fixture *x = *state;
	struct adding a[2] = {{1, RC_OK, 0}, {3, RC_OK, 0}};
	struct batch b = {.x = x, .n = 3, .part = {{.fn = adding_fn, .ctx = &a[0]}, {.fn = later_fn},
	                                           {.fn = adding_fn, .ctx = &a[1]}}};
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_OK);
	assert_int_equal(b.part[0].fault.rc, RC_OK); /* untouched by the first run */
	assert_int_equal(b.part[1].rc, RC_INVALID);
	assert_int_equal(b.part[2].rc, RC_OK);
	assert_int_equal(a[0].runs, 2);
	assert_true(item_is(x, WARD_A, 1) && item_is(x, WARD_A, 3) && !item_is(x, WARD_A, 20));
}

static enum rc swallow_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql bad = SQL_GLOBAL("SELECT missing FROM ward", "", "i");
	struct rows r;
	struct adding a = {.id = 30};
	(void)ctx;
	if (adding_fn(tx, &a, f) != RC_OK || sql_one(tx, &bad, &r, NO_BIND, f) != RC_DB)
		return RC_FAIL;
	a.id = 31;
	return adding_fn(tx, &a, NULL) == RC_DB ? RC_OK : RC_FAIL;
}

static void a_swallowed_failure_stays_one(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, swallow_fn, NULL, NULL), RC_DB);
	assert_int_equal(item_count(x, WARD_A), 0);
}

static enum rc leave_open_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql all = SQL_WARD("SELECT id FROM item WHERE ward_id = ?1", "", "i");
	struct rows r;
	enum rc rc = sql_rows(tx, &all, &r, NO_BIND, f);
	(void)ctx;
	return rc == RC_OK ? rows_next(&r, f) : rc;
}

static void forgotten_rows_are_ended(void **state)
{
	struct fixture *x = *state;
	struct adding a = {.id = 1};
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, adding_fn, &a, NULL), RC_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, leave_open_fn, NULL, NULL), RC_OK);
		assert_int_equal(store_read(x->store, WARD_A, &x->arena, leave_open_fn, NULL, NULL), RC_OK);
	}
	a.id = 2;
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, adding_fn, &a, NULL), RC_OK);
}

static void one_more(struct batch *b)
{
	struct adding a = {.id = 3};
	struct fault f = {0};
	assert_int_equal(store_write(b->x->store, WARD_A, &b->x->arena, adding_fn, &a, &f), RC_AGAIN);
	assert_int_equal(f.rc, RC_AGAIN);
	assert_int_equal(a.runs, 0);
}

static void a_full_queue_says_so(void **state)
{
	struct fixture *x = *state;
	x->config.queue = 2;
	fixture_again(x);
	struct adding a[2] = {{1, RC_OK, 0}, {2, RC_OK, 0}};
	struct batch b = {.x = x, .n = 2, .when_waiting = one_more,
	                  .part = {{.fn = adding_fn, .ctx = &a[0]}, {.fn = adding_fn, .ctx = &a[1]}}};
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_OK);
	assert_int_equal(b.part[1].rc, RC_OK);
	assert_int_equal(item_count(x, WARD_A), 2);
}

static enum rc snapshot_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct fixture *x = ctx;
	static const struct sql count = SQL_WARD("SELECT count(*) FROM item WHERE ward_id = ?1", "", "i");
	struct rows r;
	struct adding a = {.id = 50};
	int64_t seen[2];
	for (int i = 0; i < 2; i++) {
		enum rc rc = sql_one(tx, &count, &r, NO_BIND, f);
		if (rc != RC_OK)
			return rc;
		seen[i] = row_int(&r, 0);
		rows_end(&r);
		if (i == 0 && store_write(x->store, WARD_A, &x->arena, adding_fn, &a, f) != RC_OK)
			return RC_FAIL;
	}
	return seen[0] == 0 && seen[1] == 0 ? RC_OK : RC_CHANGED;
}

static void a_read_is_one_snapshot(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(store_read(x->store, WARD_A, &x->arena, snapshot_fn, x, &x->fault), RC_OK);
	assert_int_equal(item_count(x, WARD_A), 1);
}

/* Many threads at once; built with -Db_sanitize=thread it also proves the locks. */
enum { THREADS = 16, EACH = 25 };
struct worker {
	struct fixture *x;
	int number, wrong;
	pthread_t thread;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct arena arena;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	for (int i = 0; i < EACH; i++) {
		struct ward_id ward = i % 2 == 0 ? WARD_A : WARD_B;
		struct adding a = {.id = w->number * 1000 + i, .answer = i % 5 == 4 ? RC_DENIED : RC_OK};
		enum rc rc = store_write(w->x->store, ward, &arena, adding_fn, &a, NULL);
		w->wrong += rc != a.answer;
		enum rc leave = store_read(w->x->store, ward, &arena, leave_open_fn, NULL, NULL);
		w->wrong += leave != RC_OK;
		arena_reset(&arena);
	}
	arena_release(&arena);
	return NULL;
}

static void many_threads(void **state)
{
	struct fixture *x = *state;
	struct worker w[THREADS];
	x->config.readers = 3;
	fixture_again(x);
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.x = x, .number = i + 1};
		assert_int_equal(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].wrong, 0);
	}
	fixture_again(x);
	/* Of 25 each: 13 even, of which 2 (4, 14, 24: three) are refused; 12 odd, two refused. */
	assert_int_equal(item_count(x, WARD_A), THREADS * 10);
	assert_int_equal(item_count(x, WARD_B), THREADS * 10);
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

/* --- beside another process --- */

struct keeper {
	struct fixture *x;
	atomic_int begins;        /* how often the writer began to wait for the other's lock */
};

/* SQLite's busy handler: gives up at once, at the first wait as soon as three more are queued. */
static int give_up(void *ctx, int tries)
{
	struct keeper *k = ctx;
	(void)tries;
	if (atomic_fetch_add(&k->begins, 1) == 0)
		wait_for_writes(k->x->store, 3);
	return 0;
}

static void *write_beside(void *arg)
{
	struct part *p = arg;
	p->rc = store_write(p->batch->x->store, WARD_A, &p->arena, p->fn, p->ctx, &p->fault);
	return NULL;
}

/* Each waited for alone would take the time of all the waits. */
static void a_kept_database_refuses_a_batch_at_once(void **state)
{
	struct fixture *x = *state;
	struct keeper k = {.x = x};
	if (on_server())
		skip();
	struct adding a[4] = {{.id = 1}, {.id = 2}, {.id = 3}, {.id = 4}};
	struct batch b = {.x = x, .n = 4};
	sqlite3 *other;
	assert_int_equal(sqlite3_open(x->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_busy_handler(lite_of(x->store)->writer.db, give_up, &k), SQLITE_OK);
	for (size_t i = 0; i < b.n; i++) {
		struct part *p = &b.part[i];
		*p = (struct part){.fn = adding_fn, .ctx = &a[i], .batch = &b};
		arena_init(&p->arena, ARENA_REQUEST_LIMIT);
		assert_int_equal(pthread_create(&p->thread, NULL, write_beside, p), 0);
		while (i == 0 && atomic_load(&k.begins) == 0)
			(void)sched_yield();
	}
	for (size_t i = 0; i < b.n; i++) {
		assert_int_equal(pthread_join(b.part[i].thread, NULL), 0);
		assert_int_equal(b.part[i].rc, RC_AGAIN);
		assert_int_equal(b.part[i].fault.rc, RC_AGAIN);
		arena_release(&b.part[i].arena);
	}
	assert_int_equal(atomic_load(&k.begins), 2);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, adding_fn, &a[0], NULL), RC_OK);
}

/* Another program that takes the lock as soon as it has given it back, as a server in its night's work does. */
struct rival {
	sqlite3 *db;
	atomic_bool stop;
	atomic_int wrote;
};

static void *write_all_the_time(void *arg)
{
	struct rival *v = arg;
	while (!atomic_load(&v->stop)) {
		int code = sqlite3_exec(v->db, "BEGIN IMMEDIATE; INSERT INTO item (ward_id, id, name) "
		                        "SELECT 102, coalesce(max(id), 0) + 1, 'n' || (coalesce(max(id), 0) + 1) FROM item WHERE ward_id = 102; COMMIT",
		                        NULL, NULL, NULL);
		atomic_fetch_add(&v->wrote, code == SQLITE_OK);
		if (code != SQLITE_OK)
			(void)sqlite3_exec(v->db, "ROLLBACK", NULL, NULL, NULL);
	}
	return NULL;
}

static void beside_one_who_writes_all_the_time(void **state)
{
	struct fixture *x = *state;
	struct rival v = {.stop = false};
	pthread_t thread;
	if (on_server())
		skip();
	assert_int_equal(sqlite3_open(x->path, &v.db), SQLITE_OK);
	(void)sqlite3_busy_timeout(v.db, 5000);
	assert_int_equal(pthread_create(&thread, NULL, write_all_the_time, &v), 0);
	while (atomic_load(&v.wrote) < 10)
		(void)sched_yield();
	int refused = 0;
	for (int i = 1; i <= 40; i++) {
		struct adding a = {.id = i};
		int before = atomic_load(&v.wrote);
		refused += store_write(x->store, WARD_A, &x->arena, adding_fn, &a, NULL) != RC_OK;
		while (atomic_load(&v.wrote) == before) /* who has the lock has it again */
			(void)sched_yield();
	}
	atomic_store(&v.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sqlite3_close(v.db), SQLITE_OK);
	assert_int_equal(refused, 0);
	assert_int_equal(item_count(x, WARD_A), 40);
	assert_int_equal(item_count(x, WARD_B), atomic_load(&v.wrote));
}

/* The program stops by a signal that its main thread waits for. */
static void signals_are_for_the_opener(void **state)
{
	sigset_t set;
	int which = 0;
	(void)state;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(sigwait(&set, &which), 0);
	assert_int_equal(which, SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
}

static enum rc inner_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct fixture *x = ctx;
	struct adding a = {.id = 1};
	return store_write(x->store, tx_ward(tx), tx_arena(tx), adding_fn, &a, f);
}

static void write_in_write(void *ctx)
{
	struct fixture x;
	(void)ctx;
	fixture_open(&x);
	(void)store_write(x.store, WARD_A, &x.arena, inner_fn, &x, NULL);
	fixture_close(&x);
}

static void a_write_inside_a_write_is_a_bug(void **state)
{
	(void)state;
	assert_true(ends_in_bug(write_in_write, NULL));
}

struct lines {
	char text[4096];
	int count;
};

static void collect(void *ctx, const char *sql)
{
	struct lines *l = ctx;
	size_t n = strlen(l->text);
	(void)snprintf(l->text + n, sizeof l->text - n, "%s\n", sql);
	l->count++;
}

static enum rc traced_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct str words[] = {STR("den"), STR("duong")};
	enum rc rc = adding_fn(tx, ctx, f);
	return rc == RC_OK ? search_put(tx, "desk", 60, words, 2, f) : rc;
}

static void the_trace_has_the_values(void **state)
{
	struct fixture *x = *state;
	struct lines l = {0};
	struct adding a = {.id = 60};
	store_trace(x->store, collect, &l);
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, traced_fn, &a, NULL), RC_OK);
	store_trace(x->store, NULL, NULL);
	a.id = 61;
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, adding_fn, &a, NULL), RC_OK);
	assert_non_null(strstr(l.text, "INSERT INTO item(ward_id, id, name) VALUES (101, 60, 'n60')"));
	assert_non_null(strstr(l.text, on_server() ? "''_65desk'' ''den'' ''duong''" : "'_65 den duong'"));
	assert_null(strstr(l.text, "SAVEPOINT"));
	assert_null(strstr(l.text, "61"));
	assert_null(strstr(l.text, "--"));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_failure_takes_back_its_own), T(a_batch_sees_what_came_before), T(functions_that_ask_nothing),
		T(rows_that_nobody_waits_for),
		T(a_failing_commit_is_run_one_by_one), T(a_swallowed_failure_stays_one),
		T(forgotten_rows_are_ended), T(a_full_queue_says_so), T(a_read_is_one_snapshot),
		T(a_kept_database_refuses_a_batch_at_once), T(beside_one_who_writes_all_the_time),
		T(signals_are_for_the_opener),
		T(many_threads), cmocka_unit_test(a_write_inside_a_write_is_a_bug),
		T(the_trace_has_the_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
