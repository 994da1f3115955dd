/* Dispatch, permission, headers, representations, errors: over a real socket. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>


static void status_of(const char *path, const char *headers, int want)
{
	struct answer a = get(&S, path, headers);
	if (a.status != want)
		fail_msg("GET %s: %d, not %d", path, a.status, want);
	answer_free(&a);
}

static void test_pages(void **state)
{
	(void)state;
	struct answer a = get(&S, "/song-may", NULL);
	assert_int_equal(a.status, 200);
	assert_true(has(&a, "Xin chào"));
	assert_true(has(&a, "ward 1 base /song-may x="));
	assert_string_equal(header(&a, "Content-Type"), "text/html; charset=utf-8");
	answer_free(&a);
	a = get(&S, "/tan-dao/en?x=1%3C2", NULL);
	assert_true(has(&a, "Hello"));
	assert_true(has(&a, "ward 2 base /tan-dao/en x=1&lt;2"));
	answer_free(&a);
	a = askf(&S, "GET /en HTTP/1.1\r\nHost: one.test\r\n\r\n");
	assert_true(has(&a, "ward 1 base /en x="));
	answer_free(&a);
	a = get(&S, "/", NULL);
	assert_true(has(&a, "ward 0 base  x="));
	answer_free(&a);
}

static void test_addresses(void **state)
{
	(void)state;
	status_of("/page", NULL, 404);                /* of no ward there is only "/" */
	status_of("/song-may/page", NULL, 200);
	status_of("/song-may/", NULL, 200);
	status_of("/song-may/nothing", NULL, 404);
	status_of("/song-may/page/more", NULL, 404);
	status_of("/song-may/p", NULL, 404);
	status_of("/song-may/p/", NULL, 404);
	status_of("/song-may/p/..", NULL, 404);
	status_of("/song-may/p/%2e%2e", NULL, 404);
	status_of("/song-may/p/a%2fb", NULL, 404);
	status_of("/song-may/p/a%00b", NULL, 404);
	status_of("/song-may/p/%ff", NULL, 404);
	status_of("/song-may/p/%zz", NULL, 404);
	status_of("/song-may/page?x=%", NULL, 400);
	status_of("//song-may/page", NULL, 404);
	status_of("http://localhost/song-may/page", NULL, 400);
	struct answer a = get(&S, "/song-may/p/%C4%91%20x", NULL);
	assert_true(has(&a, "code đ x"));
	answer_free(&a);
	a = get(&S, "/song-may/p/new", NULL);
	assert_true(has(&a, "the word"));
	answer_free(&a);
}

static void test_representations(void **state)
{
	(void)state;
	struct answer a = get(&S, "/song-may/page.json", NULL);
	assert_string_equal(header(&a, "Content-Type"), "application/json; charset=utf-8");
	assert_true(a.body.n > 0 && a.body.p[0] == '{' && has(&a, "\"items\""));
	answer_free(&a);
	a = get(&S, "/song-may/page.csv", NULL);
	assert_string_equal(header(&a, "Content-Type"), "text/csv; charset=utf-8");
	assert_true(has(&a, "'=item 0"));
	answer_free(&a);
	a = get(&S, "/song-may/index.json", NULL);
	assert_int_equal(a.status, 200);
	answer_free(&a);
	status_of("/song-may/slow.json", NULL, 404);  /* no view, no other representation */
	a = get(&S, "/song-may/admin.json", NULL);
	assert_int_equal(a.status, 401);
	assert_true(has(&a, "\"status\""));
	answer_free(&a);
}

static void test_permission(void **state)
{
	(void)state;
	struct answer a = get(&S, "/song-may/en/officer?x=1", NULL);
	assert_int_equal(a.status, 303);
	assert_string_equal(header(&a, "Location"),
	                    "/song-may/en/sign-in?to=%2Fsong-may%2Fen%2Fofficer%3Fx%3D1");
	answer_free(&a);
	status_of("/song-may/officer", "Cookie: a=b; session=an\r\n", 200);
	status_of("/song-may/officer", "Cookie: session=stranger\r\n", 303);
	status_of("/song-may/admin", "Cookie: session=an\r\n", 404);
	status_of("/song-may/admin", "Cookie: session=quan\r\n", 200);
	status_of("/song-may/admin", "Cookie: session=broken\r\n", 500);
	/* A public page has nobody, whoever asks. */
	a = get(&S, "/song-may?x=who", "Cookie: session=quan\r\n");
	assert_true(has(&a, "who 0"));
	answer_free(&a);
	a = get(&S, "/song-may/page", "Cookie: session=quan\r\n");
	assert_true(has(&a, "who 2"));
	answer_free(&a);
}

static void test_methods(void **state)
{
	(void)state;
	struct answer a = post(&S, "/song-may/page", NULL, "a=b");
	assert_int_equal(a.status, 405);
	assert_string_equal(header(&a, "Allow"), "GET, HEAD");
	answer_free(&a);
	a = askf(&S, "DELETE /song-may/form HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(a.status, 405);
	assert_string_equal(header(&a, "Allow"), "GET, HEAD, POST");
	answer_free(&a);
	a = askf(&S, "OPTIONS /song-may/change HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(a.status, 405);
	assert_string_equal(header(&a, "Allow"), "POST");
	answer_free(&a);
	a = askf(&S, "BREW /song-may/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(a.status, 404);
	answer_free(&a);
	a = askf(&S, "HEAD /song-may/page HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(a.status, 200);
	assert_true(atoll(header(&a, "Content-Length")) > 100);
	assert_true(a.body.n == 0);
	answer_free(&a);
}

static void strict(struct answer a, const char *what)
{
	static const char *const WANT[][2] = {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "same-origin"},
		{"Permissions-Policy", "geolocation=(self)"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
	};
	if (strstr(header(&a, "Content-Security-Policy"),
	           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	           "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
	           "frame-ancestors 'none'") == NULL)
		fail_msg("%s (%d): no policy", what, a.status);
	for (size_t i = 0; i < sizeof WANT / sizeof *WANT; i++)
		assert_string_equal(header(&a, WANT[i][0]), WANT[i][1]);
	if (header(&a, "Cache-Control")[0] == '\0')
		fail_msg("%s (%d): no Cache-Control", what, a.status);
	answer_free(&a);
}

static void test_headers_on_every_answer(void **state)
{
	(void)state;
	strict(get(&S, "/song-may", NULL), "public");
	strict(get(&S, "/song-may", "Accept-Encoding: br\r\n"), "br");
	strict(get(&S, "/song-may/page", NULL), "private");
	strict(get(&S, "/song-may/page.json", NULL), "json");
	strict(get(&S, "/nothing", NULL), "404");
	strict(get(&S, "/song-may/officer", NULL), "303");
	strict(post(&S, "/song-may/page", NULL, ""), "405");
	strict(post(&S, "/song-may/form", "Sec-Fetch-Site: cross-site\r\n", ""), "403");
	strict(get(&S, "/song-may/refuse?rc=FAIL", NULL), "500");
	strict(askf(&S, "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"), "421");
	struct answer a = get(&S, "/song-may", NULL);
	char tag[64];
	(void)snprintf(tag, sizeof tag, "If-None-Match: %s\r\n", header(&a, "ETag"));
	answer_free(&a);
	strict(get(&S, "/song-may", tag), "304");
}

static void test_cache_classes(void **state)
{
	(void)state;
	struct answer a = get(&S, "/song-may", NULL);
	assert_string_equal(header(&a, "Cache-Control"), "public, no-cache");
	answer_free(&a);
	a = get(&S, "/song-may/form", NULL);
	assert_string_equal(header(&a, "Cache-Control"), "private, no-cache");
	answer_free(&a);
	a = get(&S, "/song-may/page", NULL);
	assert_string_equal(header(&a, "Cache-Control"), "no-store");
	answer_free(&a);
}

static void test_hosts(void **state)
{
	(void)state;
	static const struct {
		const char *head;
		int status;
	} CASES[] = {
		{"Host: localhost\r\n", 200},
		{"Host: LOCALHOST:8080\r\n", 200},
		{"Host: 127.0.0.1:9\r\n", 200},
		{"Host: evil.test\r\n", 421},
		{"Host: localhost.evil.test\r\n", 421},
		{"Host: localhost@evil.test\r\n", 421},
		{"Host: \r\n", 421},
		{"", 400},
		{"Host: localhost\r\nHost: evil.test\r\n", 400},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct answer a = askf(&S, "GET /song-may HTTP/1.1\r\n%s\r\n", CASES[i].head);
		if (a.status != CASES[i].status)
			fail_msg("%s: %d", CASES[i].head, a.status);
		answer_free(&a);
	}
}

static void test_origins(void **state)
{
	(void)state;
	static const struct {
		const char *head;
		int form, session;
	} CASES[] = {
		{"Origin: http://localhost\r\n", 200, 200},
		{"Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n", 200, 200},
		{"Sec-Fetch-Site: same-origin\r\n", 200, 200},
		{"Referer: http://localhost/song-may/form\r\n", 200, 200},
		{"", 200, 403},
		{"Origin: https://localhost\r\n", 403, 403},
		{"Origin: http://localhost:9999\r\n", 403, 403},
		{"Origin: http://evil.test\r\n", 403, 403},
		{"Origin: null\r\n", 403, 403},
		{"Origin: http://localhost\r\nSec-Fetch-Site: same-site\r\n", 403, 403},
		{"Origin: http://localhost\r\nSec-Fetch-Site: cross-site\r\n", 403, 403},
		{"Referer: http://evil.test/localhost\r\n", 403, 403},
	};
	struct answer t = get(&S, "/song-may/token", "Cookie: session=an\r\n");
	assert_int_equal(t.body.n, 43);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct answer a = askf(&S, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\n%s"
		                       "Content-Length: 0\r\n\r\n", CASES[i].head);
		if (a.status != CASES[i].form)
			fail_msg("form, %s: %d", CASES[i].head, a.status);
		answer_free(&a);
		a = askf(&S, "POST /song-may/change HTTP/1.1\r\nHost: localhost\r\nCookie: session=an\r\n"
		         "Content-Type: application/x-www-form-urlencoded\r\n%sContent-Length: %zu\r\n\r\n"
		         "token=%.*s", CASES[i].head, t.body.n + 6, PSTR(t.body));
		if (a.status != CASES[i].session)
			fail_msg("session, %s: %d", CASES[i].head, a.status);
		answer_free(&a);
	}
	answer_free(&t);
}

static int change(const char *cookie, const char *body)
{
	struct answer a = post(&S, "/song-may/change", cookie, body);
	int status = a.status;
	answer_free(&a);
	return status;
}

static void test_tokens(void **state)
{
	(void)state;
	char body[256];
	struct answer t = get(&S, "/song-may/token", "Cookie: session=an\r\n");
	(void)snprintf(body, sizeof body, "token=%.*s", PSTR(t.body));
	answer_free(&t);
	assert_int_equal(change("Cookie: session=an\r\n", body), 200);
	assert_int_equal(change("Cookie: session=quan\r\n", body), 403);   /* another's token */
	assert_int_equal(change("Cookie: session=an\r\n", "token="), 403);
	assert_int_equal(change("Cookie: session=an\r\n", "a=b"), 403);
	assert_int_equal(change(NULL, body), 401);
	body[8] ^= 1;
	assert_int_equal(change("Cookie: session=an\r\n", body), 403);
	body[8] ^= 1;
	int number;
	assert_int_equal(keys_rotate(S.keys, "session", &number, NULL), RC_OK);
	assert_int_equal(change("Cookie: session=an\r\n", body), 200);     /* its day of grace */
	atomic_fetch_add(&S.app.clock.own, 25 * US_HOUR);
	assert_int_equal(change("Cookie: session=an\r\n", body), 403);
	atomic_store(&S.app.clock.own, 0);
}

static void test_injection(void **state)
{
	(void)state;
	struct answer a = get(&S, "/song-may/redirect?x=a%0D%0ASet-Cookie:%20b=c", NULL);
	assert_int_equal(a.status, 303);
	assert_string_equal(header(&a, "Location"), "/to?a%0D%0ASet-Cookie:%20b=c");
	assert_string_equal(header(&a, "Set-Cookie"), "");
	answer_free(&a);
	a = get(&S, "/song-may/cookie", "Cookie: session=x\r\n");
	assert_string_equal(header(&a, "Content-Disposition"),
	                    "attachment; filename=\"bXynh-1.csv\"");
	assert_string_equal(header(&a, "Set-Cookie"),
	                    "session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
	assert_true(str_find(a.head, STR("gone=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")) !=
	            SIZE_MAX);
	assert_true(has(&a, "[x]"));
	answer_free(&a);
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *rc;
		int status;
		const char *retry;
	} CASES[] = {
		{"NONE", 404, ""}, {"EXISTS", 409, ""}, {"DENIED", 403, ""}, {"AGAIN", 503, "5"},
		{"CHANGED", 409, ""}, {"INVALID", 422, ""}, {"LIMIT", 429, "30"}, {"EXPIRED", 410, ""},
		{"FAIL", 500, ""}, {"FULL", 503, "5"}, {"DB", 500, ""}, {"TIMEOUT", 503, "5"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		char path[64];
		(void)snprintf(path, sizeof path, "/song-may/refuse?rc=%s", CASES[i].rc);
		struct answer a = get(&S, path, NULL);
		assert_int_equal(a.status, CASES[i].status);
		assert_string_equal(header(&a, "Retry-After"), CASES[i].retry);
		assert_true(has(&a, "class=\"error\""));
		assert_false(has(&a, "secret"));
		answer_free(&a);
	}
	status_of("/song-may/hungry", NULL, 503);
}

static void test_https(void **state)
{
	(void)state;
	struct server t;
	server_init(&t);
	t.config.base_url = "https://desk.test";
	server_start(&t);
	struct answer a = askf(&t, "GET /song-may/cookie HTTP/1.1\r\nHost: desk.test\r\n"
	                       "Cookie: session=forged; __Host-session=true\r\n\r\n");
	assert_string_equal(header(&a, "Set-Cookie"),
	                    "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600");
	assert_string_equal(header(&a, "Strict-Transport-Security"), "max-age=31536000");
	assert_true(has(&a, "[true]"));
	answer_free(&a);
	server_stop(&t);
	server_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_representations),
		cmocka_unit_test(test_permission),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_headers_on_every_answer),
		cmocka_unit_test(test_cache_classes),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_https),
	};
	return cmocka_run_group_tests(tests, server_begin, server_end);
}
