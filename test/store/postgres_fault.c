/* Each way in which a batch can fail on a server: the connection cut at every point of it, errors of
 * every class in a function and at COMMIT, a deadlock, a cancelled statement, an ended connection, a
 * server that says nothing. Answers and rows agree, and nobody else suffers. Needs XOM_PG_URL; what takes
 * long is left out without XOM_LONG. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "relay.h"

/* Behind the store's back. */
static PGconn *raw_open(struct fixture *x)
{
	PGconn *pg = PQconnectdb(x->config.path);
	if (PQstatus(pg) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(pg));
	return pg;
}

static void raw(PGconn *pg, const char *sql)
{
	PGresult *r = PQexec(pg, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	PQclear(r);
}

static int64_t number(PGconn *pg, const char *sql)
{
	PGresult *r = PQexec(pg, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	int64_t n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

static void raw_once(struct fixture *x, const char *sql)
{
	PGconn *pg = raw_open(x);
	raw(pg, sql);
	PQfinish(pg);
}

struct add {
	int64_t id;
	const char *name;       /* NULL: its number */
	atomic_int runs;
	struct fixture *x;
};

static enum rc add_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct add *a = ctx;
	char name[32];
	(void)snprintf(name, sizeof name, "n%lld", (long long)a->id);
	(void)atomic_fetch_add(&a->runs, 1);
	return item_add(tx, a->id, a->name != NULL ? a->name : name, f);
}

static void make(struct batch *b, struct fixture *x, struct add *a, size_t n, int64_t from)
{
	*b = (struct batch){.x = x, .n = n};
	for (size_t i = 0; i < n; i++) {
		a[i] = (struct add){.id = from + (int64_t)i, .x = x};
		b->part[i] = (struct part){.fn = add_fn, .ctx = &a[i]};
	}
}

/* --- the connection, cut at every point --- */

static struct { int burst; enum cut mode; bool refused; } armed;
static void arm_when_waiting(struct batch *b)
{
	(void)b;
	relay_cut_at(armed.burst, armed.mode);
}

/* Cuts at the first, second … burst of a batch until it has fewer; gives how many there were. */
static int sweep(struct fixture *x, struct store *s, enum cut mode)
{
	static int64_t id;
	struct fixture y = *x;
	y.store = s;
	armed.mode = mode;
	for (armed.burst = 1; armed.burst < 100; armed.burst++) {
		struct add a[3];
		struct batch b;
		make(&b, &y, a, 3, id + 1);
		id += 3;
		char name[32];
		(void)snprintf(name, sizeof name, "made %lld", (long long)id);
		a[1].name = armed.refused ? name : NULL;
		b.when_waiting = arm_when_waiting;
		batch_run(&b);
		bool cut = relay_was_cut();
		relay_ready();
		for (size_t i = 0; i < 3; i++) {
			bool there = item_is(x, WARD_A, a[i].id);
			enum rc well = armed.refused && i == 1 ? RC_FULL : RC_OK;
			if (mode < CUT_FOR_GOOD && b.part[i].rc != well)
				fail_msg("burst %d: %s: %s", armed.burst, rc_name(b.part[i].rc), b.part[i].fault.text);
			if (b.part[i].rc != well && b.part[i].rc != RC_AGAIN)
				fail_msg("burst %d: %s: %s", armed.burst, rc_name(b.part[i].rc), b.part[i].fault.text);
			/* Who was told "later" may be there only where nobody could be asked. */
			if (b.part[i].rc == RC_OK ? !there : there && mode == CUT_BEFORE_FOR_GOOD)
				fail_msg("burst %d: answered %s", armed.burst, rc_name(b.part[i].rc));
		}
		if (!cut)
			return armed.burst - 1;
	}
	return 0;
}

static void cut_at_every_point(struct fixture *x, enum cut mode)
{
	x->config.doubt_us = 100000;
	struct store *s = beside(x);
	/* The holder's COMMIT; BEGIN with the ward's lock, the number, three functions, COMMIT. */
	assert_true(sweep(x, s, mode) >= 6);
	store_close(s);
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

static void a_burst_that_never_arrives(void **state)
{
	if (*state == NULL)
		skip();
	cut_at_every_point(*state, CUT_BEFORE);
}
static void a_burst_whose_answer_never_arrives(void **state)
{
	if (*state == NULL)
		skip();
	cut_at_every_point(*state, CUT_AFTER);
}
static void a_server_gone_from_any_burst_on(void **state)
{
	if (*state == NULL || getenv("XOM_LONG") == NULL)
		skip();
	cut_at_every_point(*state, CUT_BEFORE_FOR_GOOD);
}
static void a_server_gone_after_any_burst(void **state)
{
	if (*state == NULL)
		skip();
	cut_at_every_point(*state, CUT_AFTER_FOR_GOOD);
}

/* --- errors of every class --- */

/* Rows named "made…" raise `state`, the first `times` times; `late`: at COMMIT. */
static void raising(struct fixture *x, const char *state, int times, bool late)
{
	char sql[900];
	(void)snprintf(sql, sizeof sql,
		"DROP TRIGGER IF EXISTS made ON item; DROP SEQUENCE IF EXISTS tries; CREATE SEQUENCE tries; "
		"CREATE OR REPLACE FUNCTION made() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
		"IF NEW.name LIKE 'made%%' AND nextval('tries') <= %d THEN RAISE EXCEPTION 'made' USING ERRCODE = '%s'; "
		"END IF; RETURN NEW; END $$; CREATE %s TRIGGER made AFTER INSERT ON item %s FOR EACH ROW "
		"EXECUTE FUNCTION made()", times, state, late ? "CONSTRAINT" : "",
		late ? "DEFERRABLE INITIALLY DEFERRED" : "");
	raw_once(x, sql);
}

static void errors_of_every_class(void **state)
{
	enum { EVER = 1000 };
	static const struct { const char *state; int times; bool late; enum rc rc; int least; } cases[] = {
		{"40001", 2, false, RC_OK, 3}, {"40001", EVER, false, RC_AGAIN, 4}, {"40P01", 1, false, RC_OK, 2},
		{"55P03", 1, false, RC_OK, 2}, {"53100", 1, false, RC_OK, 2}, {"53100", EVER, false, RC_FULL, 2},
		{"53200", EVER, false, RC_NOMEM, 2}, {"53300", EVER, false, RC_IO, 1},
		{"57014", EVER, false, RC_TIMEOUT, 1}, {"57P01", 1, false, RC_OK, 2}, {"25006", 1, false, RC_OK, 2},
		{"23514", EVER, false, RC_INVALID, 1}, {"54000", EVER, false, RC_TOO_BIG, 1},
		{"58030", EVER, false, RC_IO, 1}, {"XX001", EVER, false, RC_CORRUPT, 1}, {"42P01", EVER, false, RC_DB, 1},
		{"40001", 1, true, RC_OK, 2}, {"53100", EVER, true, RC_FULL, 2}, {"23503", EVER, true, RC_INVALID, 2},
		{"57P01", 1, true, RC_OK, 2},
	};
	struct fixture *x = *state;
	if (x == NULL)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct add a[3];
		struct batch b;
		char name[32];
		raising(x, cases[i].state, cases[i].times, cases[i].late);
		make(&b, x, a, 3, 1000 * ((int64_t)i + 1));
		(void)snprintf(name, sizeof name, "made %zu", i);
		a[1].name = name;
		batch_run(&b);
		if (b.part[1].rc != cases[i].rc || atomic_load(&a[1].runs) < cases[i].least)
			fail_msg("%s%s: %s after %d runs: %s", cases[i].state, cases[i].late ? " at COMMIT" : "",
			         rc_name(b.part[1].rc), atomic_load(&a[1].runs), b.part[1].fault.text);
		assert_int_equal(item_is(x, WARD_A, a[1].id), cases[i].rc == RC_OK);
		/* What the server asks to try again for ever is asked of the whole batch. */
		for (size_t k = 0; k < 3; k += 2) {
			enum rc want = cases[i].rc == RC_AGAIN ? RC_AGAIN : RC_OK;
			if (b.part[k].rc != want)
				fail_msg("%s: the other was answered %s", cases[i].state, rc_name(b.part[k].rc));
			assert_int_equal(item_is(x, WARD_A, a[k].id), want == RC_OK);
		}
	}
}

/* The whole batch is given up, taken back and run one by one, and the connection is cut on the way. */
static void cut_while_taking_back(void **state)
{
	struct fixture *x = *state;
	if (x == NULL)
		skip();
	raising(x, "53100", 1 << 30, false);
	armed.refused = true;
	cut_at_every_point(x, CUT_BEFORE);
	if (getenv("XOM_LONG") != NULL)
		cut_at_every_point(x, CUT_AFTER);
	armed.refused = false;
}

/* The search is tidied after the answer, on the same lane: whatever happens to that, writing goes on. */
static enum rc merge_fn(struct tx *tx, void *ctx, struct fault *f)
{
	bool more = false;
	(void)ctx;
	return search_merge(tx, true, &more, f);
}

static void cut_while_tidying_the_search(void **state)
{
	struct fixture *x = *state;
	if (x == NULL)
		skip();
	struct store *s = beside(x);
	int64_t stored = 0;
	for (int burst = 1; burst < 14; burst += getenv("XOM_LONG") != NULL ? 1 : 3) {
		struct add a = {.id = burst}, after = {.id = 100 + burst};
		relay_cut_at(burst, CUT_BEFORE);
		/* The connection that is cut while it is made is told: "later". */
		enum rc merged = store_write(s, WARD_A, &x->arena, merge_fn, NULL, &x->fault);
		enum rc rc = store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault);
		assert_true(merged == RC_OK || merged == RC_AGAIN);
		assert_true(rc == RC_OK || rc == RC_AGAIN);
		relay_ready();
		assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &after, &x->fault), RC_OK);
		stored += 1 + (rc == RC_OK);
	}
	store_close(s);
	assert_int_equal(item_count(x, WARD_A), stored);
}

/* A row that is there already, and the function goes on: it is run again with a SAVEPOINT a statement. */
static enum rc twice_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct add *a = ctx;
	enum rc rc = item_add(tx, 7, "n7", f);
	return rc == RC_EXISTS ? add_fn(tx, a, f) : RC_FAIL;
}

static void a_refused_row_in_a_batch(void **state)
{
	struct fixture *x = *state;
	struct add a[3], seven = {.id = 7};
	struct batch b;
	if (x == NULL)
		skip();
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &seven, &x->fault), RC_OK);
	make(&b, x, a, 3, 100);
	b.part[1].fn = twice_fn;
	batch_run(&b);
	for (size_t i = 0; i < 3; i++)
		assert_true(b.part[i].rc == RC_OK && item_is(x, WARD_A, a[i].id));
}

/* --- what others do to a lane --- */

#define LANES "FROM pg_stat_activity WHERE application_name = 'xom writes' AND datname = current_database() "

static enum rc ended_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct add *a = ctx;
	enum rc rc = item_add(tx, a->id + 500, "before", f);
	if (rc == RC_OK && atomic_load(&a->runs) == 0)
		raw_once(a->x, "SELECT pg_terminate_backend(pid) " LANES "AND state LIKE 'idle in trans%'");
	return rc == RC_OK ? add_fn(tx, a, f) : rc;
}

static void a_connection_that_the_server_ends(void **state)
{
	struct fixture *x = *state;
	struct add a[3];
	struct batch b;
	if (x == NULL)
		skip();
	make(&b, x, a, 3, 1);
	b.part[1].fn = ended_fn;
	batch_run(&b);
	for (size_t i = 0; i < 3; i++)
		assert_true(b.part[i].rc == RC_OK && item_is(x, WARD_A, a[i].id));
	assert_true(atomic_load(&a[1].runs) == 2 && item_is(x, WARD_A, a[1].id + 500));
}

/* Another server keeps the ward: whoever waits is told "later" when the statement's time is over, which
 * is brought about here. */
static void *cancel_who_waits(void *arg)
{
	PGconn *pg = arg;
	while (number(pg, "SELECT count(*) " LANES "AND wait_event = 'advisory'") == 0)
		(void)usleep(2000);
	raw(pg, "SELECT pg_cancel_backend(pid) " LANES "AND wait_event = 'advisory'");
	return NULL;
}

static void a_ward_that_is_kept(void **state)
{
	struct fixture *x = *state;
	struct add a = {.id = 1};
	pthread_t t;
	if (x == NULL)
		skip();
	PGconn *keeper = raw_open(x);
	raw(keeper, "SELECT pg_advisory_lock(101)");
	assert_int_equal(pthread_create(&t, NULL, cancel_who_waits, keeper), 0);
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_AGAIN);
	(void)pthread_join(t, NULL);
	assert_int_equal(atomic_load(&a.runs), 0);
	raw(keeper, "SELECT pg_advisory_unlock(101)");
	PQfinish(keeper);
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_OK);
}

/* Somebody else locks the same two rows the other way round. */
static enum rc rename_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql set = SQL_WARD("UPDATE item SET name = ?3 WHERE ward_id = ?1 AND id = ?2", "it", "");
	struct add *a = ctx;
	int64_t one; /* who asks waits for the row */
	enum rc rc = sql_run(tx, &set, BIND(v_int(2), v_text(STR("second"))), &one, f);
	if (atomic_fetch_add(&a->runs, 1) == 0) {
		PGconn *pg = raw_open(a->x);
		/* The server's other databases may be under the same test. */
		while (number(pg, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'other' "
		                  "AND datname = current_database() AND wait_event_type = 'Lock'") == 0)
			(void)usleep(2000);
		PQfinish(pg);
	}
	if (rc == RC_OK)
		rc = sql_run(tx, &set, BIND(v_int(1), v_text(STR("first"))), NULL, f);
	return rc;
}

struct crossing { PGconn *pg; struct add *a; };

static void *other_way_round(void *arg)
{
	struct crossing *c = arg;
	/* The server's own view would say so too early: a statement that is prepared alone looks the same. */
	while (atomic_load(&c->a->runs) == 0)
		(void)usleep(2000);
	raw(c->pg, "UPDATE item SET note = '1' WHERE ward_id = 101 AND id = 2; COMMIT");
	return NULL;
}

static void a_deadlock_is_run_again(void **state)
{
	struct fixture *x = *state;
	struct add one = {.id = 1}, two = {.id = 2}, a = {.x = x};
	pthread_t t;
	if (x == NULL)
		skip();
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &one, &x->fault), RC_OK);
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &two, &x->fault), RC_OK);
	PGconn *other = raw_open(x);
	raw(other, "SET application_name = 'other'; SET deadlock_timeout = '20s'");
	raw(other, "BEGIN; UPDATE item SET note = '1' WHERE ward_id = 101 AND id = 1");
	struct crossing crossing = {other, &a};
	assert_int_equal(pthread_create(&t, NULL, other_way_round, &crossing), 0);
	enum rc rc = store_write(x->store, WARD_A, &x->arena, rename_fn, &a, &x->fault);
	(void)pthread_join(t, NULL);
	PQfinish(other);
	if (rc != RC_OK)
		fail_msg("%s: %s", rc_name(rc), x->fault.text);
	assert_int_equal(atomic_load(&a.runs), 2);
}

/* The server says nothing any more, and the connection stays: it is given up after the statement's own
 * limit, and what was not stored is told. Takes as long as the limit; with XOM_LONG alone. */
static void a_server_that_says_nothing(void **state)
{
	struct fixture *x = *state;
	struct add a = {.id = 1};
	if (x == NULL || getenv("XOM_LONG") == NULL)
		skip();
	struct store *s = beside(x);
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_OK);
	relay_silence(true);
	a.id = 2;
	int64_t began = clock_ticks();
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_AGAIN);
	assert_true(clock_ticks() - began < 90 * US_SECOND);
	relay_silence(false);
	a.id = 3;
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_OK);
	store_close(s);
	assert_true(!item_is(x, WARD_A, 2) && item_is(x, WARD_A, 3));
}

static enum rc nothing_fn(struct tx *tx, void *ctx, struct fault *f)
{
	(void)tx, (void)ctx, (void)f;
	return RC_OK;
}

/* A server that hangs keeps all its connections open: one of them is waited for, and those of the same time are
 * opened anew instead of being waited for in their turn, the pool's as the lanes'. */
static void a_server_that_hangs_is_waited_for_once(void **state)
{
	struct fixture *x = *state;
	struct add a = {.id = 1};
	if (x == NULL)
		skip();
	x->config.read_limit_us = US_SECOND / 10;
	struct store *s = beside(x);
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_OK);
	assert_int_equal(store_read(s, WARD_A, &x->arena, nothing_fn, NULL, &x->fault), RC_OK);
	relay_deafen();
	assert_int_equal(store_read(s, WARD_A, &x->arena, nothing_fn, NULL, &x->fault), RC_OK);
	assert_int_equal(relay_asked(), 1);
	for (a.id = 2; a.id < 20; a.id++)
		assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_OK);
	assert_int_equal(relay_asked(), 1);
	store_close(s);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, relay_setup, relay_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_burst_that_never_arrives), T(a_burst_whose_answer_never_arrives),
		T(a_server_gone_from_any_burst_on), T(a_server_gone_after_any_burst), T(errors_of_every_class),
		T(cut_while_taking_back), T(cut_while_tidying_the_search),
		T(a_refused_row_in_a_batch), T(a_connection_that_the_server_ends), T(a_ward_that_is_kept),
		T(a_deadlock_is_run_again), T(a_server_that_hangs_is_waited_for_once), T(a_server_that_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
