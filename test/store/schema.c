/* Schema steps, what is refused at opening, the catalogue, and "ward first". */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "kit/store/store_impl.h"

static enum rc reopen(struct fixture *x, const struct schema_step *steps)
{
	const struct schema_step *const lists[] = {steps, NULL};
	struct store_config c = x->config;
	c.steps = lists;
	store_close(x->store);
	x->store = NULL;
	x->fault = (struct fault){0};
	return store_open(&x->store, &c, &x->fault);
}

static void steps_run_once(void **state)
{
	struct fixture *x = *state;
	struct schema_step steps[3] = {ITEM_STEPS[0], {"item-0002",
		"-- Why: a test.\nCREATE TABLE more(ward_id @id NOT NULL, PRIMARY KEY(ward_id));"}, {0}};
	fixture_again(x);
	assert_int_equal(reopen(x, steps), RC_OK);
	assert_int_equal(reopen(x, steps), RC_OK);
	/* An older program meets a newer database. */
	assert_int_equal(reopen(x, ITEM_STEPS), RC_REFUSED);
	assert_non_null(strstr(x->fault.text, "item-0002"));
	/* A published step was changed. */
	steps[1].sql = "-- Why: another test.\nCREATE TABLE more(ward_id @id, PRIMARY KEY(ward_id));";
	assert_int_equal(reopen(x, steps), RC_SYNTAX);
	assert_non_null(strstr(x->fault.text, "changed"));
	assert_null(x->store);
}

static void a_failing_step_leaves_nothing(void **state)
{
	struct fixture *x = *state;
	struct schema_step steps[4] = {ITEM_STEPS[0],
		{"item-0002", "CREATE TABLE good(ward_id @id NOT NULL PRIMARY KEY);"},
		{"item-0003", "CREATE TABLE bad(ward_id @id; nonsense"}, {0}};
	assert_int_equal(reopen(x, steps), RC_DB);
	assert_non_null(strstr(x->fault.text, "item-0003"));
	assert_int_equal(reopen(x, ITEM_STEPS), RC_OK); /* the good one was taken back with it */
	struct schema_step twice[3] = {ITEM_STEPS[0], ITEM_STEPS[0], {0}};
	assert_int_equal(reopen(x, twice), RC_SYNTAX);
	assert_non_null(strstr(x->fault.text, "twice"));
}

static void steps_of_one_engine_are_refused(void **state)
{
	static const char *const bad[] = {
		"CREATE TABLE a(id INTEGER)", "CREATE TABLE a(id BIGINT)", "CREATE TABLE a(t TEXT)",
		"CREATE TABLE a(id @integer)", "CREATE TABLE a(id @id DEFAULT ?1)",
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf out = {0};
		struct schema_step step = {"x-0001", bad[i]};
		assert_int_equal(step_translate(&ENGINE_SQLITE, &step, &out, NULL), RC_SYNTAX);
		buf_release(&out);
	}
}

static void steps_are_translated(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"CREATE TABLE a(id @id, b @blob)", "CREATE TABLE a(id INTEGER, b BLOB)\n STRICT"},
		{"create table if not exists a(id @time, CHECK(id IN (1, 2)));",
		 "create table if not exists a(id INTEGER, CHECK(id IN (1, 2)))\n STRICT;"},
		{"CREATE TABLE a(id @id) @no_rowid -- why; ?1 @x\n;", "CREATE TABLE a(id INTEGER) "
		 "WITHOUT ROWID -- why; ?1 @x\n\n,STRICT;"},
		{"CREATE TABLE a(t @text DEFAULT ';@id''?1') STRICT",
		 "CREATE TABLE a(t TEXT DEFAULT ';@id''?1') STRICT"},
		{"/* CREATE TABLE x( */ CREATE INDEX i ON a(id); INSERT INTO a VALUES ('TEXT')",
		 "/* CREATE TABLE x( */ CREATE INDEX i ON a(id); INSERT INTO a VALUES ('TEXT')"},
		{"CREATE TABLE a(text @text, \"INTEGER\" @int)",
		 "CREATE TABLE a(text TEXT, \"INTEGER\" INTEGER)\n STRICT"},
		{"-- open\n'never closed", "-- open\n'never closed"},
		{"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = {0};
		struct schema_step step = {"x-0001", cases[i].in};
		assert_int_equal(step_translate(&ENGINE_SQLITE, &step, &out, NULL), RC_OK);
		if (!str_is(buf_str(&out), cases[i].out))
			fail_msg("\"%s\" became \"%.*s\"", cases[i].in, PSTR(buf_str(&out)));
		buf_release(&out);
	}
}

static void what_is_no_database_is_refused(void **state)
{
	struct fixture *x = *state;
	if (on_server())
		skip();
	store_close(x->store);
	x->store = NULL;
	int fd = open(x->path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_true(write(fd, "This is a letter and no database, and it is long enough.", 56) == 56);
	(void)close(fd);
	assert_int_equal(store_open(&x->store, &x->config, &x->fault), RC_CORRUPT);
	struct store_config c = x->config;
	c.path = "/nowhere/at/all/xom.db";
	assert_int_equal(store_open(&x->store, &c, &x->fault), RC_IO);
	assert_null(x->store);
}

static void the_file_is_its_owners(void **state)
{
	struct fixture *x = *state;
	struct stat st;
	if (on_server())
		skip();
	assert_int_equal(stat(x->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static const struct store_table *table(const struct store_table *t, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(t[i].name, name))
			return &t[i];
	return NULL;
}

static void the_catalogue(void **state)
{
	struct fixture *x = *state;
	struct store_table *t;
	size_t n;
	assert_int_equal(store_schema(x->store, &x->arena, &t, &n, &x->fault), RC_OK);
	const struct store_table *item = table(t, n, "item"), *mark = table(t, n, "mark");
	assert_true(item != NULL && mark != NULL && table(t, n, "schema_step")->internal);
	assert_false(item->without_rowid || item->internal);
	assert_true(mark->without_rowid || on_server());
	assert_int_equal(item->column_count, 4);
	assert_true(str_is(item->columns[3], "note"));
	int primary = 0, unique = 0, foreign = 0;
	for (size_t i = 0; i < item->key_count; i++) {
		const struct store_key *k = &item->keys[i];
		primary += k->kind == KEY_PRIMARY && k->column_count == 2 && str_is(k->columns[1], "id");
		unique += k->kind == KEY_UNIQUE && k->column_count == 2 && str_is(k->columns[1], "name");
		foreign += k->kind == KEY_FOREIGN && k->column_count == 1 && str_is(k->to_table, "ward");
	}
	assert_true(primary == 1 && unique == 1 && foreign == 1 && item->key_count == 3);
}

static void ward_first(void **state)
{
	static const struct {
		const char *sql, *says;
	} bad[] = {
		{"CREATE TABLE t(id @id NOT NULL PRIMARY KEY)", "table t has no ward_id"},
		{"CREATE TABLE t(ward_id @id NOT NULL, id @id NOT NULL, PRIMARY KEY(id, ward_id))",
		 "primary key(id, ward_id)"},
		{"CREATE TABLE t(ward_id @id NOT NULL, id @id NOT NULL)", "no primary key"},
		{"CREATE TABLE t(ward_id @id NOT NULL, id @id UNIQUE, PRIMARY KEY(ward_id, id))",
		 "unique constraint(id)"},
		{"CREATE TABLE t(ward_id @id NOT NULL, id @id NOT NULL, PRIMARY KEY(ward_id, id));"
		 "CREATE INDEX t_id ON t(id)", "index(id)"},
		{"CREATE TABLE p(ward_id @id NOT NULL, id @id NOT NULL, PRIMARY KEY(ward_id, id), "
		 "UNIQUE(ward_id, id)); CREATE TABLE t(ward_id @id NOT NULL, id @id NOT NULL, "
		 "PRIMARY KEY(ward_id, id), FOREIGN KEY(id, ward_id) REFERENCES p(id, ward_id))",
		 "foreign key(id, ward_id)"},
		{"CREATE TABLE p(ward_id @id NOT NULL, id @id NOT NULL, PRIMARY KEY(ward_id, id)); "
		 "CREATE UNIQUE INDEX p_id ON p(ward_id, id); "
		 "CREATE TABLE t(ward_id @id NOT NULL, id @id NOT NULL, other @id NOT NULL, "
		 "PRIMARY KEY(ward_id, id), FOREIGN KEY(ward_id, other) REFERENCES p(id, ward_id))",
		 "leads to p(id, …)"},
		{"CREATE TABLE p(ward_id @id NOT NULL, id @id NOT NULL, PRIMARY KEY(ward_id, id)); "
		 "CREATE TABLE node(id @id NOT NULL PRIMARY KEY, w @id NOT NULL, p @id NOT NULL, "
		 "FOREIGN KEY(w, p) REFERENCES p(ward_id, id))", "leads into one"},
	};
	struct fixture *x = *state;
	struct str *faults;
	size_t n;
	assert_int_equal(store_schema_faults(x->store, &x->arena, &faults, &n, &x->fault), RC_OK);
	if (n > 0)
		fail_msg("%.*s", PSTR(faults[0]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct schema_step steps[3] = {ITEM_STEPS[0], {"bad-0001", bad[i].sql}, {0}};
		fixture_close(x);
		const struct schema_step *const lists[] = {steps, NULL};
		fixture_open_with(x, lists);
		assert_int_equal(store_schema_faults(x->store, &x->arena, &faults, &n, &x->fault), RC_OK);
		if (n != 1 || str_find(faults[0], str_of(bad[i].says)) == SIZE_MAX)
			fail_msg("%s: %zu faults, %.*s", bad[i].sql, n, n > 0 ? (int)faults[0].n : 0,
			         n > 0 ? faults[0].p : "");
	}
}

static void damage_is_found(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
	if (on_server())
		skip();
	store_close(x->store);
	x->store = NULL;
	int fd = open(x->path, O_WRONLY);
	assert_true(fd >= 0);
	char junk[2000];
	memset(junk, 0x5a, sizeof junk);
	assert_true(pwrite(fd, junk, sizeof junk, 4096 * 3) == sizeof junk);
	(void)close(fd);
	enum rc rc = store_open(&x->store, &x->config, &x->fault);
	if (rc == RC_OK)
		rc = store_check(x->store, &x->arena, &x->fault);
	assert_int_equal(rc, RC_CORRUPT);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(steps_run_once), T(a_failing_step_leaves_nothing), T(steps_of_one_engine_are_refused),
		T(steps_are_translated), T(what_is_no_database_is_refused), T(the_file_is_its_owners),
		T(the_catalogue), T(ward_first), T(damage_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
