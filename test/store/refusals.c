/* Functions whose rows are refused, late or at once, alone and in batches: the one at fault is told, it
 * alone, and nobody else runs twice for it. Both engines; a random share is compared with a model. What a
 * server alone can do needs XOM_PG_URL; what takes long is left out without XOM_LONG. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"

static void raw(const struct fixture *x, const char *sql)
{
	PGconn *pg = PQconnectdb(x->config.path);
	PGresult *r = PQexec(pg, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	PQclear(r);
	PQfinish(pg);
}

static void the_last_row_is_there_already(void **state)
{
	struct fixture *x = *state;
	struct adding seven = {.id = 7}, a[3] = {{.id = 1}, {.id = 7}, {.id = 3}};
	struct batch b = {.x = x, .n = 3};
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, adding_fn, &seven, &x->fault), RC_OK);
	for (size_t i = 0; i < 3; i++)
		b.part[i] = (struct part){.fn = adding_fn, .ctx = &a[i]};
	batch_run(&b);
	assert_int_equal(b.part[1].rc, RC_EXISTS);
	for (size_t i = 0; i < 3; i += 2)
		assert_true(b.part[i].rc == RC_OK && a[i].runs == 1);
}

static enum rc words_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct adding *a = ctx;
	struct str words[] = {STR("den"), STR("duong")};
	enum rc rc = adding_fn(tx, ctx, f);
	return rc == RC_OK ? search_put(tx, "desk", a->id, words, 2, f) : rc;
}

/* What is prepared behind a refused row is prepared. */
static void a_statement_behind_a_refused_row(void **state)
{
	struct fixture *x = *state;
	struct adding seven = {.id = 7};
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, adding_fn, &seven, &x->fault), RC_OK);
	fixture_again(x);
	for (int i = 0; i < 8; i++)
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, words_fn, &seven, &x->fault), RC_EXISTS);
	for (int i = 0; i < 40; i++) {
		struct adding fresh = {.id = 100 + i};
		if (store_write(x->store, WARD_A, &x->arena, words_fn, &fresh, &x->fault) != RC_OK)
			fail_msg("%s", x->fault.text);
	}
}

/* ---------------------------------------------------------------- errors of a server, told late */

static enum rc made_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct adding *a = ctx;
	a->runs++;
	enum rc rc = item_add(tx, a->id, "made", f);
	if (rc == RC_OK)
		rc = item_add(tx, a->id + 500, "behind", f);
	return rc != RC_OK || a->answer == RC_OK ? rc : fault_set(f, a->answer, "as asked");
}

/* Whatever the function answers, its own failure is told, and its neighbours are well. */
static void errors_told_late(void **state)
{
	static const struct { const char *state; enum rc rc; } classes[] = {
		{"53100", RC_FULL}, {"53200", RC_NOMEM}, {"57014", RC_TIMEOUT}, {"23514", RC_INVALID},
		{"42P01", RC_DB}, {"54000", RC_TOO_BIG},
	};
	static const enum rc answers[] = {RC_OK, RC_CHANGED};
	struct fixture *x = *state;
	if (!on_server())
		skip();
	int64_t id = 1000;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		for (size_t k = 0; k < 2; k++, id += 1000) {
			char sql[600];
			(void)snprintf(sql, sizeof sql, "DROP TRIGGER IF EXISTS made ON item; "
			               "CREATE OR REPLACE FUNCTION made() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
			               "IF NEW.name = 'made' THEN RAISE EXCEPTION 'made' USING ERRCODE = '%s'; END IF; "
			               "RETURN NEW; END $$; CREATE TRIGGER made AFTER INSERT ON item FOR EACH ROW "
			               "EXECUTE FUNCTION made()", classes[i].state);
			raw(x, sql);
			struct adding a[3] = {{.id = id}, {.id = id + 1, .answer = answers[k]}, {.id = id + 2}}, alone = a[1];
			struct batch b = {.x = x, .n = 3};
			for (size_t n = 0; n < 3; n++)
				b.part[n] = (struct part){.fn = n == 1 ? made_fn : adding_fn, .ctx = &a[n]};
			batch_run(&b);
			for (size_t n = 0; n < 3; n++)
				if (b.part[n].rc != (n == 1 ? classes[i].rc : RC_OK) || item_is(x, WARD_A, a[n].id) != (n != 1))
					fail_msg("%s, part %zu: %s: %s", classes[i].state, n, rc_name(b.part[n].rc), b.part[n].fault.text);
			assert_int_equal(store_write(x->store, WARD_A, &x->arena, made_fn, &alone, &x->fault), classes[i].rc);
		}
}

/* ---------------------------------------------------------------- a server's limits */

/* A program that stands still (a stopped machine) with its ward's lock loses it, so that others can go on. */
struct standing {
	struct fixture *x;
	struct arena arena;
	pthread_t thread;
	int runs;
	enum rc rc;
};
static enum rc stand_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct standing *s = ctx;
	char name[600];
	enum rc rc = RC_OK;
	memset(name, 'x', sizeof name);
	for (int i = 0; i < 30 && rc == RC_OK; i++) {
		(void)snprintf(name, 16, "%d", i);
		name[strlen(name)] = 'x';
		name[sizeof name - 1] = '\0';
		rc = item_add(tx, 3000 + i, name, f);
	}
	if (s->runs++ == 0)
		(void)sleep(26);
	return rc;
}
static void *stand(void *arg)
{
	struct standing *s = arg;
	s->rc = store_write(s->x->store, WARD_A, &s->arena, stand_fn, s, NULL);
	return NULL;
}

static void who_stands_still_loses_the_ward(void **state)
{
	struct fixture *x = *state;
	struct standing s = {.x = x};
	if (!on_server() || getenv("XOM_LONG") == NULL)
		skip();
	arena_init(&s.arena, ARENA_REQUEST_LIMIT);
	assert_int_equal(pthread_create(&s.thread, NULL, stand, &s), 0);
	(void)sleep(23);
	PGconn *pg = PQconnectdb(x->config.path);
	PGresult *r = PQexec(pg, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 101 AND granted");
	assert_int_equal(PQntuples(r), 0);
	PQclear(r);
	PQfinish(pg);
	(void)pthread_join(s.thread, NULL);
	arena_release(&s.arena);
	assert_true(s.rc == RC_OK && s.runs == 2);
	assert_int_equal(item_count(x, WARD_A), 30);
}

/* ---------------------------------------------------------------- beside a model */

enum { IDS = 24, NAMES = 30, OPS = 60, NONE = -1 };
struct model {
	int name[IDS];
	bool mark[IDS];
};
enum op_kind { ADD, ASK, RENAME, REFUSE, MARK, READ, PUT, DROP, OP_KINDS };
struct op {
	enum op_kind kind;
	int id, name;
};
struct plan {
	struct op op[OPS];
	int n;
	bool swallow;           /* goes on after a refusal */
	enum rc answer, want;
};

static const char *name_of(int n, char out[32])
{
	(void)snprintf(out, 32, "m%d", n);
	return out;
}

static int owner_of(const struct model *m, int name)
{
	for (int i = 0; i < IDS; i++)
		if (m->name[i] == name)
			return i;
	return NONE;
}

static enum rc model_op(struct model *m, const struct op *o)
{
	bool there = m->name[o->id] != NONE;
	int owner = owner_of(m, o->name);
	switch (o->kind) {
	case ADD:
	case ASK:
		if (there || owner != NONE)
			return RC_EXISTS;
		m->name[o->id] = o->name;
		return RC_OK;
	case RENAME:
		if (there && owner != NONE && owner != o->id)
			return RC_EXISTS;
		if (there)
			m->name[o->id] = o->name;
		return RC_OK;
	case REFUSE: return there ? RC_INVALID : RC_OK;
	case MARK:
		if (m->mark[o->id])
			return RC_EXISTS;
		m->mark[o->id] = there;
		return there ? RC_OK : RC_INVALID;
	default: return RC_OK;
	}
}

static void model_run(struct model *m, struct plan *p)
{
	struct model before = *m;
	p->want = RC_OK;
	for (int i = 0; i < p->n && p->want == RC_OK; i++) {
		enum rc rc = model_op(m, &p->op[i]);
		p->want = p->swallow ? RC_OK : rc;
	}
	if (p->want == RC_OK)
		p->want = p->answer;
	if (p->want != RC_OK)
		*m = before;
}

static enum rc do_op(struct tx *tx, const struct op *o, struct fault *f)
{
	static const struct sql rename = SQL_WARD("UPDATE item SET name = ?3 WHERE ward_id = ?1 AND id = ?2", "it", "");
	static const struct sql mark = SQL_WARD("INSERT INTO mark(ward_id, item_id, n) VALUES (?1, ?2, 1)", "i", "");
	static const struct sql add = SQL_WARD("INSERT INTO item(ward_id, id, name) VALUES (?1, ?2, ?3)", "it", "");
	static const struct sql count = SQL_WARD("SELECT count(*) FROM item WHERE ward_id = ?1", "", "i");
	struct str words[] = {STR("den"), STR("duong")};
	char name[32];
	int64_t changed;
	struct rows r;
	enum rc rc;
	(void)name_of(o->name, name);
	switch (o->kind) {
	case ADD: return item_add(tx, o->id, name, f);
	case ASK: return sql_run(tx, &add, BIND(v_int(o->id), v_text(str_of(name))), &changed, f);
	case RENAME: return sql_run(tx, &rename, BIND(v_int(o->id), v_text(str_of(name))), NULL, f);
	case REFUSE: return sql_run(tx, &rename, BIND(v_int(o->id), v_text(STR("refused"))), NULL, f);
	case MARK: return sql_run(tx, &mark, BIND(v_int(o->id)), NULL, f);
	case PUT: return search_put(tx, "desk", o->id + 1, words, 2, f);
	case DROP: return search_put(tx, "desk", o->id + 1, NULL, 0, f);
	default:
		rc = sql_one(tx, &count, &r, NO_BIND, f);
		rows_end(&r);
		return rc;
	}
}

static enum rc plan_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct plan *p = ctx;
	for (int i = 0; i < p->n; i++) {
		enum rc rc = do_op(tx, &p->op[i], f);
		if (rc < 0 || (rc != RC_OK && !p->swallow))
			return rc;
	}
	return p->answer == RC_OK ? RC_OK : fault_set(f, p->answer, "as asked");
}

static int pick(unsigned *seed, int n) { return rand_r(seed) % n; }

static void make_plan(struct plan *p, unsigned *seed)
{
	*p = (struct plan){.n = pick(seed, 4) == 0 ? pick(seed, OPS) : pick(seed, 6), .swallow = pick(seed, 2) == 0,
	                   .answer = pick(seed, 5) == 0 ? RC_CHANGED : RC_OK};
	for (int i = 0; i < p->n; i++)
		p->op[i] = (struct op){pick(seed, 3) > 0 ? ADD : (enum op_kind)pick(seed, OP_KINDS), pick(seed, IDS),
		                       pick(seed, NAMES)};
}

static void nothing(struct model *m)
{
	memset(m, 0, sizeof *m);
	for (int i = 0; i < IDS; i++)
		m->name[i] = NONE;
}

static enum rc empty_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql marks = SQL_WARD("DELETE FROM mark WHERE ward_id = ?1", "", "");
	static const struct sql items = SQL_WARD("DELETE FROM item WHERE ward_id = ?1", "", "");
	(void)ctx;
	enum rc rc = sql_run(tx, &marks, NO_BIND, NULL, f);
	return rc == RC_OK ? sql_run(tx, &items, NO_BIND, NULL, f) : rc;
}

static void batches_beside_a_model(void **state)
{
	struct fixture *x = *state;
	static struct plan p[BATCH_MAX];
	struct model m;
	unsigned seed = (unsigned)getpid();
	int rounds = getenv("XOM_LONG") != NULL ? 300 : 60;
	print_message("seed %u\n", seed);
	nothing(&m);
	for (int round = 0; round < rounds; round++) {
		struct batch b = {.x = x, .n = (size_t)(1 + pick(&seed, 6))};
		for (size_t k = 0; k < b.n; k++) {
			make_plan(&p[k], &seed);
			b.part[k] = (struct part){.fn = plan_fn, .ctx = &p[k]};
		}
		batch_run(&b);
		for (size_t k = 0; k < b.n; k++) {
			model_run(&m, &p[k]);
			if (b.part[k].rc != p[k].want)
				fail_msg("round %d, part %zu of %zu: %s, not %s: %s", round, k, b.n, rc_name(b.part[k].rc),
				         rc_name(p[k].want), b.part[k].fault.text);
		}
		for (int i = 0; i < IDS; i++)
			if (item_is(x, WARD_A, i) != (m.name[i] != NONE))
				fail_msg("round %d: item %d", round, i);
		if (pick(&seed, 4) > 0)
			continue;
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, empty_fn, NULL, &x->fault), RC_OK);
		nothing(&m);
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_last_row_is_there_already), T(a_statement_behind_a_refused_row), T(errors_told_late),
		T(who_stands_still_loses_the_ward), T(batches_beside_a_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
