/* What each connection to a server insists on, whatever the address, the user or the database says.
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_waits_for_the_disk),
		cmocka_unit_test(its_words_are_read_as_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
