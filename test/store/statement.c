/* Statements: what may be written, what goes in and out, what is refused. */
#include <string.h>

#include "fixture.h"

static enum rc write_as(struct fixture *x, struct ward_id ward, tx_fn *fn, void *ctx)
{
	x->fault = (struct fault){0};
	return store_write(x->store, ward, &x->arena, fn, ctx, &x->fault);
}

static enum rc read_as(struct fixture *x, struct ward_id ward, tx_fn *fn, void *ctx)
{
	x->fault = (struct fault){0};
	return store_read(x->store, ward, &x->arena, fn, ctx, &x->fault);
}

static enum rc add_three(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	enum rc rc = item_add(tx, 1, "một", f);
	if (rc == RC_OK)
		rc = item_add(tx, 2, "", f);
	return rc == RC_OK ? item_add(tx, 3, "ba", f) : rc;
}

static enum rc read_three(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql all = SQL_WARD(
		"SELECT id, name, note FROM item WHERE ward_id = ?1 ORDER BY id", "", "itB");
	struct rows r;
	int n = 0;
	enum rc rc = sql_rows(tx, &all, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		n++;
		assert_int_equal(row_int(&r, 0), n);
		assert_true(str_is(row_str(&r, 1), n == 1 ? "một" : n == 2 ? "" : "ba"));
		assert_true(row_null(&r, 2));
		assert_int_equal(row_str(&r, 2).n, 0);
	}
	assert_int_equal(rows_next(&r, f), RC_NONE); /* not from the start again */
	rows_end(&r);
	rows_end(&r);
	*(int *)ctx = n;
	return rc == RC_NONE ? RC_OK : rc;
}

static void rows_of_a_ward(void **state)
{
	struct fixture *x = *state;
	int n = 0;
	assert_int_equal(write_as(x, WARD_A, add_three, NULL), RC_OK);
	assert_int_equal(read_as(x, WARD_A, read_three, &n), RC_OK);
	assert_int_equal(n, 3);
	assert_int_equal(read_as(x, WARD_B, read_three, &n), RC_OK);
	assert_int_equal(n, 0);
}

static enum rc values_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql put = SQL_WARD(
		"INSERT INTO item(ward_id, id, name, note) VALUES (?1, ?2, ?3, ?4) RETURNING note", "itB", "B");
	static const struct sql get = SQL_WARD(
		"SELECT id, name, note FROM item WHERE ward_id = ?1 AND id = ?2", "i", "itB");
	struct rows r;
	(void)ctx;
	char bytes[] = {0, 1, '\'', 0, (char)0xff};
	enum rc rc = sql_one(tx, &put, &r, BIND(v_int(INT64_MIN), v_text(STR("x'); --")),
	                                        v_blob(str_n(bytes, sizeof bytes))), f);
	assert_int_equal(rc, RC_OK);
	rows_end(&r);
	rc = sql_one(tx, &put, &r, BIND(v_int(7), v_text(STR("leer")), v_blob(STR_EMPTY)), f);
	assert_int_equal(rc, RC_OK);
	assert_false(row_null(&r, 0)); /* an empty blob is no NULL */
	rows_end(&r);
	rc = sql_one(tx, &get, &r, BIND(v_int(INT64_MIN)), f);
	assert_int_equal(rc, RC_OK);
	assert_true(row_int(&r, 0) == INT64_MIN);
	assert_true(str_is(row_str(&r, 1), "x'); --"));
	assert_true(str_eq(row_str(&r, 2), str_n(bytes, sizeof bytes)));
	rows_end(&r);
	assert_int_equal(sql_one(tx, &get, &r, BIND(v_int(8)), f), RC_NONE);
	return RC_OK;
}

static void values_survive(void **state)
{
	assert_int_equal(write_as(*state, WARD_A, values_fn, NULL), RC_OK);
}

/* The same query inside itself: each has its own place. */
static enum rc nested_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql all = SQL_WARD("SELECT id FROM item WHERE ward_id = ?1 ORDER BY id", "",
	                                       "i");
	struct rows outer, inner;
	int n = 0;
	enum rc rc = sql_rows(tx, &all, &outer, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&outer, f)) == RC_OK) {
		enum rc in = sql_rows(tx, &all, &inner, NO_BIND, f);
		while (in == RC_OK && (in = rows_next(&inner, f)) == RC_OK)
			n++;
		rows_end(&inner);
	}
	rows_end(&outer);
	*(int *)ctx = n;
	return rc == RC_NONE ? RC_OK : rc;
}

static void queries_nest(void **state)
{
	int n = 0;
	assert_int_equal(write_as(*state, WARD_A, add_three, NULL), RC_OK);
	assert_int_equal(read_as(*state, WARD_A, nested_fn, &n), RC_OK);
	assert_int_equal(n, 9);
}

/* A function may run twice: what it looks at comes back in its answer. */
static enum rc exists_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql mark = SQL_WARD(
		"INSERT INTO mark(ward_id, item_id, n) VALUES (?1, ?2, 1)", "i", "");
	static const struct sql raw = SQL_WARD(
		"INSERT INTO item(ward_id, id, name) VALUES (?1, ?2, ?3)", "it", "");
	static const struct sql rename = SQL_WARD(
		"UPDATE item SET name = ?3 WHERE ward_id = ?1 AND id = ?2", "it", "");
	struct fault g = {0};
	enum rc *rc = ctx;
	rc[0] = item_add(tx, 10, "mười", f);
	rc[1] = item_add(tx, 10, "khác", &g);
	rc[2] = item_add(tx, 11, "mười", &g);
	rc[3] = item_add(tx, 12, "refused", &g);
	rc[4] = item_add(tx, 13, "a\0b", f); /* a C string ends there */
	rc[5] = sql_run(tx, &mark, BIND(v_int(99)), NULL, &g);
	rc[6] = sql_run(tx, &mark, BIND(v_int(10)), NULL, f);
	rc[7] = sql_run(tx, &raw, BIND(v_int(14), v_text(str_n("a\0b", 3))), NULL, &g);
	rc[8] = sql_run(tx, &rename, BIND(v_int(13), v_text(STR("mười"))), NULL, &g);
	return item_add(tx, 15, "mười lăm", f);
}

static void refused_rows_leave_the_transaction_alive(void **state)
{
	static const enum rc expected[] = {RC_OK, RC_EXISTS, RC_EXISTS, RC_INVALID, RC_OK, RC_INVALID, RC_OK,
		RC_INVALID, RC_EXISTS};
	enum rc rc[sizeof expected / sizeof *expected];
	assert_int_equal(write_as(*state, WARD_A, exists_fn, rc), RC_OK);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_int_equal(rc[i], expected[i]);
	assert_int_equal(item_count(*state, WARD_A), 3);
}

static enum rc changed_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql up = SQL_WARD(
		"UPDATE item SET note = ?3 WHERE ward_id = ?1 AND id >= ?2", "iB", "");
	return sql_run(tx, &up, BIND(v_int(2), v_null()), ctx, f);
}

static void changed_rows_are_counted(void **state)
{
	int64_t n = -1;
	assert_int_equal(write_as(*state, WARD_A, add_three, NULL), RC_OK);
	assert_int_equal(write_as(*state, WARD_A, changed_fn, &n), RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(write_as(*state, WARD_B, changed_fn, &n), RC_OK);
	assert_int_equal(n, 0);
}

/* Statements that break the rules of store.h are refused, whoever's. */
static enum rc run_ctx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct sql *q = ctx;
	struct rows r = {0};
	struct val in[] = {v_int(1), v_int(2)};
	size_t n = strlen(q->in);
	enum rc rc = strlen(q->out) > 0 ? sql_one(tx, q, &r, in, n, f) : sql_run(tx, q, in, n, NULL, f);
	rows_end(&r);
	return rc;
}

static void refused_statements(void **state)
{
	static const struct {
		struct sql q;
		const char *says;
	} cases[] = {
		{SQL_GLOBAL("SELECT id FROM item", "", "i"), "belongs to wards"},
		{SQL_GLOBAL("SELECT w.id FROM ward w JOIN item i ON i.id = w.id", "", "i"), "belongs to wards"},
		{SQL_GLOBAL("SELECT id FROM ward WHERE id IN (SELECT id FROM item)", "", "i"),
		 "belongs to wards"},
		{SQL_GLOBAL("DELETE FROM item", "", ""), "belongs to wards"},
		{SQL_WARD("SELECT id FROM item WHERE id = ?2", "i", "i"), "needs ward_id"},
		{SQL_WARD("SELECT id FROM item WHERE ward_id = ?2", "i", "i"), "needs ward_id and ?1"},
		{SQL_WARD("SELECT id FROM item WHERE ward_id = 5", "", "i"), "needs ward_id and ?1"},
		{SQL_WARD("SELECT id FROM item WHERE id = ?1 AND name <> 'ward_id'", "", "i"),
		 "needs ward_id"},
		{SQL_WARD("SELECT i.id FROM item i JOIN mark m ON m.item_id = i.id WHERE i.ward_id = ?1", "",
		          "i"), "mark is named without its ward_id"},
		{SQL_WARD("DELETE FROM mark WHERE n = 1 AND EXISTS "
		          "(SELECT 1 FROM item WHERE ward_id = ?1)", "", ""), "mark is named without"},
		{SQL_GLOBAL("SELECT name FROM sqlite_schema", "", "t"), "engine's own"},
		{SQL_GLOBAL("SELECT ?3", "i", "i"), "not declared"},
		{SQL_GLOBAL("SELECT ?", "i", "i"), "not declared"},
		{SQL_GLOBAL("SELECT $1", "i", "i"), "does not belong"},
		{SQL_GLOBAL("SELECT 1; DELETE FROM item", "", "i"), "does not belong"},
		{SQL_GLOBAL("SELECT 1", "", "x"), "letters"},
		{SQL_GLOBAL("SELECT datetime('now')", "", "t"), "database's own"},
		{SQL_GLOBAL("SELECT CURRENT_TIMESTAMP", "", "t"), "database's own"},
		{SQL_GLOBAL("SELECT random()", "", "i"), "database's own"},
		{SQL_GLOBAL("PRAGMA user_version", "", "i"), "not authorized"},
		{SQL_GLOBAL("DROP TABLE ward", "", ""), "not authorized"},
		{SQL_GLOBAL("ATTACH 'x.db' AS x", "", ""), "not authorized"},
		{SQL_GLOBAL("COMMIT", "", ""), "not authorized"},
		{SQL_GLOBAL("SELECT missing FROM ward", "", "i"), "column"},
	};
	struct fixture *x = *state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum rc rc = write_as(x, WARD_A, run_ctx, (void *)&cases[i].q);
		if (rc >= 0 || strstr(x->fault.text, cases[i].says) == NULL)
			fail_msg("%s: %s, \"%s\"", cases[i].q.text, rc_name(rc), x->fault.text);
	}
}

static void allowed_statements(void **state)
{
	static const struct sql cases[] = {
		SQL_GLOBAL("SELECT id FROM ward WHERE name <> 'item; ?9 @x now()' -- item ?9", "", "i"),
		SQL_GLOBAL("SELECT x.n FROM (SELECT count(*) AS n FROM ward) AS x", "", "i"),
		SQL_WARD("WITH c AS (SELECT id AS n FROM item WHERE ward_id = ?1) "
		         "SELECT count(n) FROM c", "", "i"),
		SQL_WARD("SELECT count(*) FROM item i JOIN mark m ON m.ward_id = i.ward_id AND "
		         "m.item_id = i.id WHERE i.ward_id = ?1", "", "i"),
		SQL_WARD("INSERT INTO mark(ward_id, item_id, n) SELECT ward_id, id, 1 FROM item "
		         "WHERE ward_id = ?1", "", ""),
		SQL_WARD("DELETE FROM item WHERE ward_id = ?1 AND id = 77", "", ""),
	};
	struct fixture *x = *state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (write_as(x, WARD_A, run_ctx, (void *)&cases[i]) != RC_OK)
			fail_msg("%s: %s", cases[i].text, x->fault.text);
}

static void reads_do_not_write(void **state)
{
	static const struct sql q = SQL_WARD("DELETE FROM item WHERE ward_id = ?1", "", "");
	static const struct sql r = SQL_WARD(
		"INSERT INTO item(ward_id, id, name) VALUES (?1, 1, 'x') RETURNING id", "", "i");
	assert_int_equal(read_as(*state, WARD_A, run_ctx, (void *)&q), RC_DB);
	assert_int_equal(read_as(*state, WARD_A, run_ctx, (void *)&r), RC_DB);
	assert_int_equal(item_count(*state, WARD_A), 0);
}

/* Programming errors end the program: in a child. */
struct bug {
	const struct sql *q;
	struct val in[2];
	size_t n;
	int column; /* read as text after the first row; -1: not */
	struct ward_id ward;
};

static enum rc bug_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct bug *b = ctx;
	struct rows r = {0};
	enum rc rc = strlen(b->q->out) > 0 ? sql_one(tx, b->q, &r, b->in, b->n, f)
	                                   : sql_run(tx, b->q, b->in, b->n, NULL, f);
	if (rc == RC_OK && b->column >= 0)
		(void)row_str(&r, b->column);
	rows_end(&r);
	return rc;
}

static void run_bug(void *ctx)
{
	struct fixture x;
	fixture_open(&x);
	(void)store_read(x.store, ((struct bug *)ctx)->ward, &x.arena, bug_fn, ctx, NULL);
	fixture_close(&x);
}

static void bugs_are_loud(void **state)
{
	static const struct sql one = SQL_GLOBAL("SELECT id FROM ward WHERE id = ?1", "i", "i");
	static const struct sql two = SQL_GLOBAL("SELECT id FROM ward WHERE id = ?1", "i", "it");
	static const struct sql wrong = SQL_GLOBAL("SELECT name FROM ward WHERE id = ?1", "i", "i");
	static const struct sql null = SQL_GLOBAL("SELECT max(id) FROM ward WHERE id = ?1", "i", "i");
	static const struct sql nullok = SQL_GLOBAL("SELECT max(id) FROM ward WHERE id = ?1", "i", "I");
	static const struct sql ward = SQL_WARD("SELECT count(*) FROM item WHERE ward_id = ?1", "", "i");
	struct bug cases[] = {
		{&one, {v_text(STR("1"))}, 1, -1, WARD_A}, /* a text for an integer */
		{&one, {v_null()}, 1, -1, WARD_A},
		{&one, {v_int(1), v_int(2)}, 2, -1, WARD_A},
		{&one, {v_int(1)}, 0, -1, WARD_A},
		{&two, {v_int(101)}, 1, -1, WARD_A},   /* columns declared, columns there */
		{&wrong, {v_int(101)}, 1, -1, WARD_A}, /* a text comes out */
		{&null, {v_int(5)}, 1, -1, WARD_A},    /* a NULL comes out */
		{&one, {v_int(101)}, 1, 0, WARD_A},    /* read as a text */
		{&one, {v_int(101)}, 1, 1, WARD_A},    /* no such column */
		{&ward, {v_null()}, 0, -1, {0}},       /* no ward */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!ends_in_bug(run_bug, &cases[i]))
			fail_msg("case %zu is no BUG", i);
	struct bug fine = {&nullok, {v_int(5)}, 1, -1, WARD_A};
	assert_false(ends_in_bug(run_bug, &fine));
}

static enum rc over_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql many = SQL_GLOBAL(
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000) "
		"SELECT n, 'a text of some length' FROM c", "", "it");
	struct rows r;
	int64_t n = 0;
	enum rc rc = sql_rows(tx, &many, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		(void)row_str(&r, 1);
		n++;
	}
	rows_end(&r);
	*(int64_t *)ctx = n;
	/* A function that looks away from it does not get away with it. */
	return RC_OK;
}

static void a_full_arena_ends_the_rows(void **state)
{
	struct fixture *x = *state;
	struct arena small;
	int64_t n = 0;
	arena_init(&small, 100000);
	assert_int_equal(store_read(x->store, WARD_A, &small, over_fn, &n, NULL), RC_NOMEM);
	assert_true(n > 10 && n < 100000);
	arena_release(&small);
}

static enum rc slow_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql endless = SQL_GLOBAL(
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c", "",
		"i");
	struct rows r;
	(void)ctx;
	enum rc rc = sql_one(tx, &endless, &r, NO_BIND, f);
	rows_end(&r);
	return rc;
}

static void an_endless_read_is_cut_off(void **state)
{
	struct fixture *x = *state;
	x->config.read_limit_us = 20000;
	fixture_again(x);
	assert_int_equal(read_as(x, WARD_A, slow_fn, NULL), RC_TIMEOUT);
	assert_int_equal(item_count(x, WARD_A), 0); /* the connection goes on */
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_of_a_ward), T(values_survive), T(queries_nest),
		T(refused_rows_leave_the_transaction_alive), T(changed_rows_are_counted),
		T(refused_statements), T(allowed_statements), T(reads_do_not_write),
		cmocka_unit_test(bugs_are_loud), T(a_full_arena_ends_the_rows),
		T(an_endless_read_is_cut_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
