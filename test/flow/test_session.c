/* The opened receipt: for the case that code and PIN opened, in that ward, for half an hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/http/internal.h"
#include "ward/flow/flow.h"
#include "ward/flow/receipt_session.h"

/* These requests have no app: what was replaced is asked in test/desk/counter.test.mjs. */
const struct flow *app_flow(const struct app *a) { return (const struct flow *)a; }

static const struct ward ONE = {.id = {1}}, OTHER = {.id = {2}};
static const struct route ROUTE = {.pattern = "/receipt", .cache = CACHE_NONE};
static const struct case_id CASE = {4711};

static struct clock machine;
static struct keys *keys;
static struct arena arena;
static char dir[] = "/tmp/xom-session-XXXXXX";

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	clock_init(&machine);
	if (crypto_start(NULL) != RC_OK || mkdtemp(dir) == NULL)
		return -1;
	return keys_open(&keys, dir, &machine, NULL) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	keys_free(keys);
	char *const argv[] = {"rm", "-rf", dir, NULL};
	pid_t pid = fork();
	if (pid == 0) {
		(void)execv("/bin/rm", argv);
		_exit(127);
	}
	arena_release(&arena);
	return 0;
}

static struct request asking(const struct ward *w, int64_t now)
{
	return (struct request){.arena = &arena, .ward = w, .route = &ROUTE, .now = now};
}

/* The cookie that a browser holds after the receipt was opened. */
static struct str opened(int64_t now)
{
	struct request q = asking(&ONE, now);
	struct reply r = {0};
	assert_int_equal(receipt_session_begin(&q, &r, keys, CASE, NULL), RC_OK);
	assert_int_equal(r.cookie_count, 1);
	assert_string_equal(r.cookies[0].name, "receipt");
	assert_int_equal(r.cookies[0].max_age_s, 0);   /* gone with the browser */
	assert_null(memmem(r.cookies[0].value.p, r.cookies[0].value.n, "4711", 4));
	return r.cookies[0].value;
}

static enum rc case_of(const struct ward *w, int64_t now, struct str value, struct case_id *id)
{
	struct pair cookie = {STR("receipt"), value};
	struct request q = asking(w, now);
	q.cookies = &cookie;
	q.cookie_count = 1;
	*id = (struct case_id){0};
	return receipt_session_case(&q, keys, id, NULL);
}

static void it_names_its_case(void **state)
{
	(void)state;
	struct case_id id;
	int64_t now = clock_now(&machine);
	assert_int_equal(case_of(&ONE, now, opened(now), &id), RC_OK);
	assert_int_equal(id.v, CASE.v);
	struct request q = asking(&ONE, now);
	assert_int_equal(receipt_session_case(&q, keys, &id, NULL), RC_NONE);
}

static void another_ward_has_none(void **state)
{
	(void)state;
	struct case_id id;
	int64_t now = clock_now(&machine);
	assert_int_equal(case_of(&OTHER, now, opened(now), &id), RC_NONE);
	assert_int_equal(id.v, 0);
}

static void it_ends_after_half_an_hour(void **state)
{
	(void)state;
	struct case_id id;
	int64_t now = clock_now(&machine);
	struct str value = opened(now);
	assert_int_equal(case_of(&ONE, now + 30 * 60 * US_SECOND, value, &id), RC_OK);
	assert_int_equal(case_of(&ONE, now + 30 * 60 * US_SECOND + 1, value, &id), RC_NONE);
	assert_int_equal(case_of(&ONE, now - 1, value, &id), RC_NONE);   /* from the future */
}

static void a_rotated_key_keeps_it(void **state)
{
	(void)state;
	struct case_id id;
	int64_t now = clock_now(&machine);
	struct str value = opened(now);
	assert_int_equal(keys_rotate(keys, "form", NULL, NULL), RC_OK);
	assert_int_equal(case_of(&ONE, now, value, &id), RC_OK);
}

static void what_was_touched_is_none(void **state)
{
	(void)state;
	struct case_id id;
	int64_t now = clock_now(&machine);
	struct str value = opened(now);
	char z[200];
	assert_true(value.n < sizeof z);
	for (size_t i = 0; i < value.n; i++) {
		memcpy(z, value.p, value.n);
		z[i] = z[i] == 'A' ? 'B' : 'A';
		assert_int_equal(case_of(&ONE, now, str_n(z, value.n), &id), RC_NONE);
		assert_int_equal(case_of(&ONE, now, str_n(value.p, i), &id), RC_NONE);
	}
	static const char *const BAD[] = {"", ".", "1", "1.", "0.AAAA", "-1.AAAA", "2147483648.AAAA",
	                                  "99999999999999999999.AAAA", "99.AAAA", "1.!!!!"};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		assert_int_equal(case_of(&ONE, now, str_of(BAD[i]), &id), RC_NONE);
}

static void ending_takes_the_cookie(void **state)
{
	(void)state;
	struct request q = asking(&ONE, clock_now(&machine));
	struct reply r = {0};
	receipt_session_end(&q, &r);
	assert_int_equal(r.cookie_count, 1);
	assert_string_equal(r.cookies[0].name, "receipt");
	assert_true(r.cookies[0].max_age_s < 0 && r.cookies[0].value.n == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_names_its_case),
		cmocka_unit_test(another_ward_has_none),
		cmocka_unit_test(it_ends_after_half_an_hour),
		cmocka_unit_test(a_rotated_key_keeps_it),
		cmocka_unit_test(what_was_touched_is_none),
		cmocka_unit_test(ending_takes_the_cookie),
	};
	return cmocka_run_group_tests_name("session", tests, setup, teardown);
}
