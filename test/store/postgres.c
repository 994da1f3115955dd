/* What only a server can do to a store: answers that get lost, several stores on one database, a server
 * that is gone. Needs XOM_PG_URL; without it there is nothing to test. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "relay.h"

struct add {
	int64_t id;
	atomic_int runs;
};

static enum rc add_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct add *a = ctx;
	char name[32];
	(void)snprintf(name, sizeof name, "n%lld", (long long)a->id);
	(void)atomic_fetch_add(&a->runs, 1);
	return item_add(tx, a->id, name, f);
}

static void cut_once(struct fixture *x, enum cut cut, int runs)
{
	struct store *s = beside(x);
	struct add first = {.id = 1}, second = {.id = 2};
	/* The statement is prepared by now, so that its text travels no more. */
	if (cut != CUT_FUNCTION)
		assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &first, NULL), RC_OK);
	relay_cut(cut);
	enum rc rc = store_write(s, WARD_A, &x->arena, add_fn, &second, &x->fault);
	if (rc != RC_OK)
		fail_msg("%s: %s", rc_name(rc), x->fault.text);
	assert_true(relay_was_cut());
	assert_int_equal(atomic_load(&second.runs), runs);
	store_close(s);
	assert_true(item_is(x, WARD_A, 2));
	assert_int_equal(item_count(x, WARD_A), cut != CUT_FUNCTION ? 2 : 1);
}

/* It was done: the row says so, and it is not done again. */
static void a_commit_whose_answer_is_lost(void **state)
{
	if (*state == NULL)
		skip();
	cut_once(*state, CUT_AFTER_COMMIT, 1);
}

static void a_commit_that_never_arrived(void **state)
{
	if (*state == NULL)
		skip();
	cut_once(*state, CUT_BEFORE_COMMIT, 2);
}

static void a_connection_lost_in_a_function(void **state)
{
	if (*state == NULL)
		skip();
	cut_once(*state, CUT_FUNCTION, 2);
}

static void a_server_that_is_gone_and_comes_back(void **state)
{
	struct fixture *x = *state;
	struct add a = {.id = 1};
	if (x == NULL)
		skip();
	struct store *s = beside(x);
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, NULL), RC_OK);
	relay_close(true);
	a.id = 2;
	x->fault = (struct fault){0};
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_AGAIN);
	assert_int_equal(x->fault.rc, RC_AGAIN);
	assert_int_equal(item_count(x, WARD_A), 1);
	relay_close(false);
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_OK);
	store_close(s);
	assert_int_equal(item_count(x, WARD_A), 2);
}

/* Numbers that are read and then written, as a chain's are: two servers, two wards, no gap. */
enum { WRITERS = 4, EACH = 20 };
struct writer {
	struct store *store;
	struct ward_id ward;
	int wrong;
	pthread_t thread;
};

static enum rc next_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql last = SQL_WARD("SELECT COALESCE(MAX(id), 0) FROM item WHERE ward_id = ?1",
	                                        "", "i");
	struct rows r;
	struct add a = {0};
	(void)ctx;
	enum rc rc = sql_one(tx, &last, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	a.id = row_int(&r, 0) + 1;
	rows_end(&r);
	return add_fn(tx, &a, f);
}

static void *write_numbers(void *arg)
{
	struct writer *w = arg;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (int i = 0; i < EACH; i++, arena_reset(&a))
		w->wrong += store_write(w->store, w->ward, &a, next_fn, NULL, NULL) != RC_OK;
	arena_release(&a);
	return NULL;
}

static void two_servers_write_one_after_the_other(void **state)
{
	struct fixture *x = *state;
	struct writer w[2 * WRITERS];
	if (x == NULL)
		skip();
	struct store *s = beside(x);
	for (int i = 0; i < 2 * WRITERS; i++) {
		w[i] = (struct writer){.store = i % 2 == 0 ? x->store : s, .ward = i < WRITERS ? WARD_A : WARD_B};
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_numbers, &w[i]), 0);
	}
	for (int i = 0; i < 2 * WRITERS; i++) {
		assert_int_equal(pthread_join(w[i].thread, NULL), 0);
		assert_int_equal(w[i].wrong, 0);
	}
	store_close(s);
	assert_int_equal(item_count(x, WARD_A), WRITERS * EACH);
	assert_true(item_is(x, WARD_A, WRITERS * EACH) && item_is(x, WARD_B, WRITERS * EACH));
}

static enum rc erase_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql gone = SQL_WARD("DELETE FROM item WHERE ward_id = ?1 AND id = ?2", "i", "");
	const struct add *a = ctx;
	enum rc rc = sql_run(tx, &gone, BIND(v_int(a->id)), NULL, f);
	return rc == RC_OK ? store_erased(tx, f) : rc;
}

static void ask(const struct fixture *x, const char *sql, const char *wanted)
{
	char out[200] = "";
	if (!test_database_sql(x->path, sql, out, sizeof out, NULL))
		fail_msg("%s: %s", sql, out);
	assert_string_equal(out, wanted);
}

static bool never(void *ctx, int64_t done, int64_t total)
{
	(void)ctx;
	(void)done;
	(void)total;
	return false;
}

/* In the table's file, its index's, and the samples of its columns. */
#define IN_FILE(name) "SELECT position('n777'::bytea IN pg_read_binary_file(pg_relation_filepath('" name "'))) > 0"
#define SAMPLED "SELECT count(*) FROM pg_stats WHERE tablename = 'item' AND attname = 'name'"
static void what_was_erased_leaves_the_files(void **state)
{
	static const char *const words[] = {"item.name", NULL};
	struct fixture *x = *state;
	struct store_cleaned out;
	struct store *s;
	if (x == NULL)
		skip();
	for (int64_t id = 770; id < 800; id++)
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &(struct add){.id = id}, NULL), RC_OK);
	ask(x, "ANALYZE item", "");
	ask(x, SAMPLED, "1\n");
	struct store_config c = x->config;
	c.words = words;
	assert_int_equal(store_open(&s, &c, &x->fault), RC_OK);
	ask(x, SAMPLED, "0\n");
	ask(x, "ANALYZE item", "");
	ask(x, SAMPLED, "0\n");
	assert_int_equal(store_clean(s, NULL, NULL, &out, &x->fault), RC_NONE);
	assert_int_equal(store_write(s, WARD_A, &x->arena, erase_fn, &(struct add){.id = 777}, NULL), RC_OK);
	ask(x, "CHECKPOINT", "");
	ask(x, IN_FILE("item"), "1\n");
	ask(x, IN_FILE("item_ward_id_name_key"), "1\n");
	/* Stopped, it is done by the next one. */
	assert_int_equal(store_clean(s, never, NULL, &out, &x->fault), RC_TIMEOUT);
	assert_int_equal(store_clean(s, NULL, NULL, &out, &x->fault), RC_OK);
	assert_int_equal(out.tables, 2);
	assert_true(out.wal && out.longest_us > 0 && out.longest[0] != '\0');
	ask(x, IN_FILE("item"), "0\n");
	ask(x, IN_FILE("item_ward_id_name_key"), "0\n");
	assert_int_equal(item_count(x, WARD_A), 29);
	assert_int_equal(store_clean(s, NULL, NULL, &out, &x->fault), RC_NONE);
	store_close(s);
}

static void an_address_that_leads_nowhere(void **state)
{
	struct fixture *x = *state;
	struct store *s = NULL;
	if (x == NULL)
		skip();
	struct store_config c = x->config;
	c.path = "postgresql://xom@127.0.0.1:1/nothing";
	assert_int_equal(store_open(&s, &c, &x->fault), RC_IO);
	assert_non_null(strstr(x->fault.text, "cannot be reached"));
	assert_null(s);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, relay_setup, relay_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_commit_whose_answer_is_lost), T(a_commit_that_never_arrived), T(a_connection_lost_in_a_function),
		T(a_server_that_is_gone_and_comes_back), T(two_servers_write_one_after_the_other),
		T(what_was_erased_leaves_the_files), T(an_address_that_leads_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
