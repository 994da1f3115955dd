/* What each connection to a server insists on, whatever the address, the user or the database says; and what
 * a server does by night.
 * Needs XOM_PG_URL; without it there is nothing to test. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "kit/store/postgres_impl.h"

static bool shows(const char *options, const char *setting, const char *value)
{
	struct pq_conn c = {0};
	struct fault f = {0};
	char url[256], sql[128];
	PGresult *r = NULL;
	(void)snprintf(url, sizeof url, "%s/postgres?options=%s", getenv("XOM_PG_URL"), options);
	(void)snprintf(sql, sizeof sql, "SHOW %s", setting);
	if (pq_connect(&c, url, PQ_WRITER, PQ_WRITE_LIMIT_US, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_int_equal(pq_exec(&c, &(struct pq_call){.text = sql}, &r, &f), RC_OK);
	struct val v = pq_val(r, 0, 0, sql);
	bool same = str_is(v.s, value);
	if (!same)
		print_error("%s is %.*s\n", setting, PSTR(v.s));
	PQclear(r);
	pq_disconnect(&c);
	return same;
}

static void a_commit_waits_for_the_disk(void **state)
{
	(void)state;
	if (!on_server())
		skip();
	assert_true(shows("-csynchronous_commit%3Doff", "synchronous_commit", "on"));
	assert_true(shows("-csynchronous_commit%3Dlocal", "synchronous_commit", "on"));
	/* More than that is whoever keeps the server's to ask for. */
	assert_true(shows("-csynchronous_commit%3Dremote_apply", "synchronous_commit", "remote_apply"));
}

static void its_words_are_read_as_ours(void **state)
{
	(void)state;
	if (!on_server())
		skip();
	assert_true(shows("-cclient_encoding%3DLATIN1", "client_encoding", "UTF8"));
	assert_true(shows("-cstandard_conforming_strings%3Doff", "standard_conforming_strings", "on"));
	assert_true(shows("-cdefault_transaction_isolation%3Dserializable", "default_transaction_isolation",
	                  "read committed"));
	assert_true(shows("-cstatement_timeout%3D1", "statement_timeout", "10s"));
}

static enum rc merge_fn(struct tx *tx, void *ctx, struct fault *f)
{
	bool more;
	(void)ctx;
	return search_merge(tx, true, &more, f);
}

static enum rc put_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const int64_t *id = ctx;
	char name[16];
	(void)snprintf(name, sizeof name, "n%lld", (long long)*id);
	return item_add(tx, *id, name, f);
}

/* By night the search's table is tidied. Where that has to wait for somebody, no ward waits with it. */
static void tidying_holds_up_nobody(void **state)
{
	struct fixture x;
	struct pq_conn c = {0};
	struct fault f = {0};
	(void)state;
	if (!on_server())
		skip();
	fixture_open(&x);
	assert_int_equal(pq_connect(&c, x.config.path, PQ_SETUP, 0, &f), RC_OK);
	assert_int_equal(pq_script(&c, "BEGIN; LOCK TABLE fts_word IN SHARE UPDATE EXCLUSIVE MODE", &f), RC_OK);
	int64_t began = clock_ticks(), id = 1;
	for (int i = 0; i < 8; i++) /* more wards' nights than there are lanes */
		assert_int_equal(store_write(x.store, i % 2 == 0 ? WARD_A : WARD_B, &x.arena, merge_fn, NULL, &f), RC_OK);
	for (; id < 9; id++)
		assert_int_equal(store_write(x.store, id % 2 == 0 ? WARD_A : WARD_B, &x.arena, put_fn, &id, &f), RC_OK);
	assert_true(clock_ticks() - began < 30 * US_SECOND);
	/* It is ended, not waited for. */
	began = clock_ticks();
	store_close(x.store);
	assert_true(clock_ticks() - began < 20 * US_SECOND);
	pq_disconnect(&c);
	x.store = NULL;
	assert_int_equal(store_open(&x.store, &x.config, &f), RC_OK);
	fixture_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_waits_for_the_disk),
		cmocka_unit_test(its_words_are_read_as_ours),
		cmocka_unit_test(tidying_holds_up_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
