#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const struct ward_id WARD_A = {101}, WARD_B = {102};

const struct schema_step ITEM_STEPS[] = {
	{"item-0001",
	 "-- Wards, for the foreign keys of the tests.\n"
	 "CREATE TABLE ward(id @id NOT NULL PRIMARY KEY, name @text NOT NULL);\n"
	 "INSERT INTO ward(id, name) VALUES (101, 'A; -- (not a comment)'), (102, 'B');\n"
	 "-- Things with a name that is unique in their ward.\n"
	 "CREATE TABLE item(ward_id @id NOT NULL REFERENCES ward(id), id @id NOT NULL,\n"
	 "  name @text NOT NULL, note @blob, PRIMARY KEY(ward_id, id),\n"
	 "  UNIQUE(ward_id, name), CHECK(name <> 'refused'));\n"
	 "-- Marks of things, for foreign keys checked at once and at COMMIT.\n"
	 "CREATE TABLE mark(ward_id @id NOT NULL, item_id @id NOT NULL, n @int NOT NULL,\n"
	 "  later @id,\n"
	 "  PRIMARY KEY(ward_id, item_id, n),\n"
	 "  FOREIGN KEY(ward_id, item_id) REFERENCES item(ward_id, id),\n"
	 "  FOREIGN KEY(ward_id, later) REFERENCES item(ward_id, id)\n"
	 "    DEFERRABLE INITIALLY DEFERRED) @no_rowid -- found by its key alone"},
	{0},
};
const struct schema_step *const ITEM_LISTS[] = {ITEM_STEPS, NULL};

static void open_store(struct fixture *x)
{
	enum rc rc = store_open(&x->store, &x->config, &x->fault);
	if (rc != RC_OK)
		fail_msg("store_open: %s", x->fault.text);
}

void fixture_open(struct fixture *x) { fixture_open_with(x, ITEM_LISTS); }

void fixture_open_with(struct fixture *x, const struct schema_step *const *lists)
{
	*x = (struct fixture){.dir = "/tmp/xom-store-XXXXXX"};
	assert_int_equal(crypto_start(NULL), RC_OK);
	assert_non_null(mkdtemp(x->dir));
	(void)snprintf(x->path, sizeof x->path, "%s/xom.db", x->dir);
	clock_init(&x->clock);
	arena_init(&x->arena, ARENA_REQUEST_LIMIT);
	x->config = (struct store_config){.path = test_database(x->path), .steps = lists, .clock = &x->clock};
	open_store(x);
}

void fixture_again(struct fixture *x)
{
	store_close(x->store);
	x->store = NULL;
	open_store(x);
}

void fixture_close(struct fixture *x)
{
	char file[128];
	static const char *const ends[] = {"", "-wal", "-shm"};
	store_close(x->store);
	test_database_drop(x->path);
	arena_release(&x->arena);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(file, sizeof file, "%s%s", x->path, ends[i]);
		(void)unlink(file);
	}
	assert_int_equal(rmdir(x->dir), 0);
}

int fixture_setup(void **state)
{
	static struct fixture x;
	fixture_open(&x);
	*state = &x;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

enum rc item_add(struct tx *tx, int64_t id, const char *name, struct fault *f)
{
	static const struct sql add = SQL_WARD(
		"INSERT INTO item(ward_id, id, name) VALUES (?1, ?2, ?3)", "it", "");
	return sql_run(tx, &add, BIND(v_int(id), v_text(str_of(name))), NULL, f);
}

static enum rc count_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql count = SQL_WARD("SELECT count(*) FROM item WHERE ward_id = ?1", "", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &count, &r, NO_BIND, f);
	if (rc == RC_OK)
		*(int64_t *)ctx = row_int(&r, 0);
	rows_end(&r);
	return rc;
}

int64_t item_count(struct fixture *x, struct ward_id ward)
{
	int64_t n = -1;
	if (store_read(x->store, ward, &x->arena, count_fn, &n, &x->fault) != RC_OK)
		fail_msg("count: %s", x->fault.text);
	return n;
}

static enum rc is_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql one = SQL_WARD("SELECT id FROM item WHERE ward_id = ?1 AND id = ?2",
	                                       "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &one, &r, BIND(v_int(*(int64_t *)ctx)), f);
	rows_end(&r);
	return rc;
}

bool item_is(struct fixture *x, struct ward_id ward, int64_t id)
{
	enum rc rc = store_read(x->store, ward, &x->arena, is_fn, &id, &x->fault);
	assert_true(rc == RC_OK || rc == RC_NONE);
	return rc == RC_OK;
}

bool ends_in_bug(void (*fn)(void *ctx), void *ctx)
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);
		(void)dup2(null, STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		fn(ctx);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
