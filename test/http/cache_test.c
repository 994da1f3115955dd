/* The page cache, assets, rate and guess limits, and the sealed field of long forms. */
#include "fixture.h"

#include <brotli/decode.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>


static struct str unpacked(const struct answer *a)
{
	static char out[1 << 20];
	size_t n = sizeof out;
	const char *encoding = header(a, "Content-Encoding");
	if (strcmp(encoding, "br") == 0) {
		assert_int_equal(BrotliDecoderDecompress(a->body.n, (const uint8_t *)a->body.p, &n,
		                                         (uint8_t *)out), BROTLI_DECODER_RESULT_SUCCESS);
		return str_n(out, n);
	}
	if (strcmp(encoding, "gzip") == 0) {
		z_stream z = {.next_in = (Bytef *)(uintptr_t)a->body.p, .avail_in = (uInt)a->body.n,
		              .next_out = (Bytef *)out, .avail_out = sizeof out};
		assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
		assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
		n = z.total_out;
		(void)inflateEnd(&z);
		return str_n(out, n);
	}
	assert_string_equal(encoding, "");
	return a->body;
}

static const char *const ACCEPT[] = {
	NULL, "Accept-Encoding: gzip, deflate\r\n", "Accept-Encoding: gzip, deflate, br\r\n",
};
static const char *const GOT[] = {"", "gzip", "br"};

static void test_hits_equal_misses(void **state)
{
	(void)state;
	for (int e = 0; e < 3; e++) {
		char path[64];
		(void)snprintf(path, sizeof path, "/song-may/en?x=%d", e);
		int before = atomic_load(&S.app.ran);
		struct answer miss = get(&S, path, ACCEPT[e]);
		assert_int_equal(miss.status, 200);
		assert_string_equal(header(&miss, "Content-Encoding"), GOT[e]);
		assert_string_equal(header(&miss, "Vary"), "Accept-Encoding");
		struct str plain = unpacked(&miss);
		assert_true(str_find(plain, STR("=item 2")) != SIZE_MAX);
		for (int again = 0; again < 3; again++) {
			struct answer hit = get(&S, path, ACCEPT[e]);
			assert_true(str_eq(hit.body, miss.body));
			assert_string_equal(header(&hit, "ETag"), header(&miss, "ETag"));
			answer_free(&hit);
		}
		/* The other encodings are of the same page. */
		struct answer other = get(&S, path, NULL);
		assert_true(str_eq(other.body, unpacked(&miss)));
		answer_free(&other);
		assert_int_equal(atomic_load(&S.app.ran), before + 1);
		answer_free(&miss);
	}
	struct answer a = get(&S, "/song-may/en?x=1", "Accept-Encoding: br;q=0, gzip;q=0.5\r\n");
	assert_string_equal(header(&a, "Content-Encoding"), "gzip");
	answer_free(&a);
	a = get(&S, "/song-may/en?x=1", "Accept-Encoding: br; q=0.0, *\r\n");
	assert_string_equal(header(&a, "Content-Encoding"), "");
	answer_free(&a);
}

static void test_etags(void **state)
{
	(void)state;
	char tags[3][64], head[256];
	for (int e = 0; e < 3; e++) {
		struct answer a = get(&S, "/song-may?x=etag", ACCEPT[e]);
		(void)snprintf(tags[e], sizeof tags[e], "%s", header(&a, "ETag"));
		answer_free(&a);
	}
	assert_string_not_equal(tags[0], tags[1]);
	assert_string_not_equal(tags[1], tags[2]);
	for (int e = 0; e < 3; e++) {
		(void)snprintf(head, sizeof head, "%sIf-None-Match: \"x\", W/%s\r\n",
		               ACCEPT[e] != NULL ? ACCEPT[e] : "", tags[e]);
		struct answer a = get(&S, "/song-may?x=etag", head);
		assert_int_equal(a.status, 304);
		assert_int_equal(a.body.n, 0);
		assert_string_equal(header(&a, "ETag"), tags[e]);
		answer_free(&a);
		/* The tag of another encoding is another representation. */
		(void)snprintf(head, sizeof head, "%sIf-None-Match: %s\r\n",
		               ACCEPT[e] != NULL ? ACCEPT[e] : "", tags[(e + 1) % 3]);
		a = get(&S, "/song-may?x=etag", head);
		assert_int_equal(a.status, 200);
		answer_free(&a);
	}
}

static void test_changes(void **state)
{
	(void)state;
	char first[512], second[512];
	struct answer a = get(&S, "/song-may?x=change", NULL);
	(void)snprintf(first, sizeof first, "%.*s", PSTR(str_sub(a.body, 0, 400)));
	answer_free(&a);
	atomic_fetch_add(&S.app.changes, 1);
	a = get(&S, "/song-may?x=change", NULL);
	(void)snprintf(second, sizeof second, "%.*s", PSTR(str_sub(a.body, 0, 400)));
	answer_free(&a);
	assert_string_not_equal(first, second);
	/* Deadlines pass by time alone: a minute is the oldest that a page may be. */
	int before = atomic_load(&S.app.ran);
	atomic_fetch_add(&S.app.clock.own, 59 * US_SECOND);
	a = get(&S, "/song-may?x=change", NULL);
	answer_free(&a);
	assert_int_equal(atomic_load(&S.app.ran), before);
	atomic_fetch_add(&S.app.clock.own, 2 * US_SECOND);
	a = get(&S, "/song-may?x=change", NULL);
	answer_free(&a);
	assert_int_equal(atomic_load(&S.app.ran), before + 1);
	atomic_store(&S.app.clock.own, 0);
	a = get(&S, "/song-may?x=change", NULL);
	answer_free(&a);
	assert_int_equal(atomic_load(&S.app.ran), before + 2);
}

/* By host or by slug, the address is another page; and the cache never outgrows its room. */
static void test_cache_keys(void **state)
{
	(void)state;
	struct answer a = askf(&S, "GET / HTTP/1.1\r\nHost: one.test\r\n\r\n");
	assert_true(has(&a, "ward 1"));
	answer_free(&a);
	a = get(&S, "/", NULL);
	assert_true(has(&a, "ward 0"));
	answer_free(&a);
	for (int i = 0; i < 3000; i++) {
		char path[64];
		(void)snprintf(path, sizeof path, "/tan-dao?x=%d", i);
		a = get(&S, path, NULL);
		(void)snprintf(path, sizeof path, "x=%d đèn", i);
		assert_true(has(&a, path));
		answer_free(&a);
	}
}

static void put(const char *name, const char *text)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", S.dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void test_assets(void **state)
{
	(void)state;
	struct server t;
	struct arena arena;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	char css[2001], path[128];
	memset(css, 'a', 2000);
	css[2000] = '\0';
	(void)snprintf(path, sizeof path, "%s/assets", S.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/assets/fonts", S.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("assets/site.css", css);
	put("assets/fonts/x.woff2", "font");
	put("assets/secret.key", "never served");
	put("secret.css", "never served");
	server_init(&t);
	(void)snprintf(path, sizeof path, "%s/assets", S.dir);
	t.config.assets = path;
	server_start(&t);
	struct str url = http_asset(t.http, &arena, "site.css");
	assert_true(str_starts(url, STR("/assets/site.css?v=")));
	struct answer a = get(&t, url.p, "Accept-Encoding: br\r\n");
	assert_int_equal(a.status, 200);
	assert_string_equal(header(&a, "Content-Type"), "text/css; charset=utf-8");
	assert_string_equal(header(&a, "Cache-Control"), "public, max-age=31536000, immutable");
	assert_string_equal(header(&a, "Content-Encoding"), "br");
	assert_true(str_is(unpacked(&a), css));
	answer_free(&a);
	a = get(&t, "/assets/site.css?v=other", NULL);
	assert_string_equal(header(&a, "Cache-Control"), "public, no-cache");
	answer_free(&a);
	a = get(&t, "/assets/fonts/x.woff2", "Accept-Encoding: br\r\n");
	assert_true(str_is(a.body, "font"));
	answer_free(&a);
	static const char *const NONE[] = {
		"/assets/", "/assets/none.css", "/assets/secret.key", "/assets/../secret.css",
		"/assets/%2e%2e/secret.css", "/assets//site.css", "/assets/fonts",
	};
	for (size_t i = 0; i < sizeof NONE / sizeof *NONE; i++) {
		a = get(&t, NONE[i], NULL);
		assert_int_equal(a.status, 404);
		answer_free(&a);
	}
	a = askf(&t, "GET /assets/site.css HTTP/1.1\r\nHost: evil.test\r\n\r\n");
	assert_int_equal(a.status, 421);
	answer_free(&a);
	server_stop(&t);
	server_release(&t);
	arena_release(&arena);
}

static void test_rates(void **state)
{
	(void)state;
	static const char *const PROXIES[] = {"127.0.0.1", "10.0.0.1", NULL};
	struct server t;
	server_init(&t);
	t.config.rate_scale = 0.1;
	t.config.proxies = PROXIES;
	server_start(&t);
	int fine = 0;
	struct answer a = {0};
	for (int i = 0; i < 10; i++) {
		a = get(&t, "/song-may/code", "X-Forwarded-For: 9.9.9.9, 192.0.2.7, 10.0.0.1\r\n");
		fine += a.status == 200;
		if (i == 9) {
			assert_int_equal(a.status, 429);
			assert_string_equal(header(&a, "Retry-After"), "30");
			assert_true(has(&a, "lỗi rc.limit"));
		}
		answer_free(&a);
	}
	assert_true(fine >= 2 && fine <= 4);
	/* What the client invents on the left changes nothing; the next one before our proxy does. */
	a = get(&t, "/song-may/code", "X-Forwarded-For: 8.8.8.8, 192.0.2.7\r\n");
	assert_int_equal(a.status, 429);
	answer_free(&a);
	a = get(&t, "/song-may/code", "X-Forwarded-For: 192.0.2.7, 192.0.2.8\r\n");
	assert_int_equal(a.status, 200);
	answer_free(&a);
	/* Nor does a line of the client's own above the one that the proxy adds. */
	a = get(&t, "/song-may/code", "X-Forwarded-For: 8.8.4.4\r\nX-Forwarded-For: 192.0.2.7\r\n");
	assert_int_equal(a.status, 429);
	answer_free(&a);
	/* A household's addresses are one. */
	for (int i = 0; i < 10; i++) {
		char head[96];
		(void)snprintf(head, sizeof head, "X-Forwarded-For: 2001:db8::%d\r\n", i + 1);
		a = get(&t, "/song-may/code", head);
		if (i == 9)
			assert_int_equal(a.status, 429);
		answer_free(&a);
	}
	a = get(&t, "/song-may/code", "X-Forwarded-For: 2001:db8:0:1::1\r\n");
	assert_int_equal(a.status, 200);
	answer_free(&a);
	server_stop(&t);
	server_release(&t);
	/* From anybody else X-Forwarded-For is only words. */
	server_init(&t);
	t.config.rate_scale = 0.1;
	server_start(&t);
	for (int i = 0; i < 10; i++) {
		char head[64];
		(void)snprintf(head, sizeof head, "X-Forwarded-For: 192.0.2.%d\r\n", i);
		a = get(&t, "/song-may/code", head);
		if (i == 9)
			assert_int_equal(a.status, 429);
		answer_free(&a);
	}
	server_stop(&t);
	server_release(&t);
}

static int64_t guess(const struct server *t, const char *key, const char *pin);

/* Midnight in the ward: addresses have another key, so that none is who it was yesterday; what was guessed at
 * stays guessed at. */
static void test_midnight(void **state)
{
	(void)state;
	struct server t;
	server_init(&t);
	t.config.rate_scale = 0.1;
	server_start(&t);
	int64_t now = clock_now(&t.app.clock);
	atomic_fetch_add(&t.app.clock.own, day_start(day_of(now) + 1) - now - 20 * US_SECOND);
	int last = 200;
	for (int i = 0; i < 10; i++) {
		struct answer a = get(&t, "/song-may/code", NULL);
		last = a.status;
		answer_free(&a);
	}
	assert_int_equal(last, 429);
	for (int i = 0; i < 4; i++)
		assert_int_equal(guess(&t, "one", "wrong"), 0);
	for (int i = 0; i < 4; i++) {          /* each wait is twice the one before: 1, 2, 4, 8 s */
		atomic_fetch_add(&t.app.clock.own, (INT64_C(1) << i) * US_SECOND);
		assert_int_equal(guess(&t, "one", "wrong"), 0);
	}
	assert_true(guess(&t, "one", "right") > 10 * US_SECOND);
	atomic_fetch_add(&t.app.clock.own, 6 * US_SECOND);
	assert_true(day_of(clock_now(&t.app.clock)) > day_of(now));
	struct answer a = get(&t, "/song-may/code", NULL);
	assert_int_equal(a.status, 200);
	answer_free(&a);
	assert_true(guess(&t, "one", "right") > 0);
	server_stop(&t);
	server_release(&t);
}

static int64_t guess(const struct server *t, const char *key, const char *pin)
{
	char path[128];
	int64_t wait = -1;
	(void)snprintf(path, sizeof path, "/song-may/guess?key=%s&pin=%s", key, pin);
	struct answer a = get(t, path, NULL);
	assert_true(str_i64(str_sub(a.body, 5, a.body.n), &wait));
	answer_free(&a);
	return wait;
}

static void test_guesses(void **state)
{
	(void)state;
	struct server t;
	server_init(&t);
	server_start(&t);
	for (int i = 0; i < 4; i++)
		assert_int_equal(guess(&t, "one", "wrong"), 0);
	int64_t wait = guess(&t, "one", "right");
	assert_true(wait > 0 && wait <= US_SECOND);   /* not even the right one is tried */
	assert_int_equal(guess(&t, "two", "wrong"), 0);
	atomic_fetch_add(&t.app.clock.own, 2 * US_SECOND);
	assert_int_equal(guess(&t, "one", "wrong"), 0);
	wait = guess(&t, "one", "wrong");
	assert_true(wait > US_SECOND && wait <= 2 * US_SECOND);
	atomic_fetch_add(&t.app.clock.own, 3 * US_SECOND);
	assert_int_equal(guess(&t, "one", "right"), 0);
	assert_int_equal(guess(&t, "one", "wrong"), 0); /* forgotten for the key … */
	for (int i = 0; i < 20; i++)
		(void)guess(&t, i % 2 == 0 ? "three" : "four", "wrong");
	assert_true(guess(&t, "five", "right") > 0 || guess(&t, "three", "right") > 0);
	for (int i = 0; i < 20; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "k%d", i);
		(void)guess(&t, key, "wrong");
	}
	assert_true(guess(&t, "unseen", "right") > 0);  /* … but not for the address */
	atomic_fetch_add(&t.app.clock.own, 2 * US_HOUR);
	assert_int_equal(guess(&t, "unseen", "wrong"), 0);
	/* Slips that are far apart never add up: a hundred people behind one address. */
	for (int i = 0; i < 100; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "person%d", i);
		assert_int_equal(guess(&t, key, "wrong"), 0);
		atomic_fetch_add(&t.app.clock.own, 6 * US_MINUTE);
	}
	atomic_store(&t.app.clock.own, -US_DAY);
	assert_true(guess(&t, "unseen", "wrong") <= US_MINUTE);
	server_stop(&t);
	server_release(&t);
}

static struct answer send_journey(const char *path, struct str sealed, const char *set)
{
	char body[4096];
	(void)snprintf(body, sizeof body, "s=%.*s&set=%s", PSTR(sealed), set);
	return post(&S, path, NULL, body);
}

static int journey_status(const char *path, struct str sealed)
{
	struct answer a = send_journey(path, sealed, "");
	int status = a.status;
	answer_free(&a);
	return status;
}

static void test_journey(void **state)
{
	(void)state;
	struct answer a = post(&S, "/song-may/journey", NULL, "set=%C4%91%C3%A8n");
	assert_int_equal(a.status, 200);
	char sealed[1024], hash[80];
	struct str rest = a.body, s = str_cut(&rest, ' '), h = str_cut(&rest, ' ');
	assert_true(str_is(rest, "đèn"));
	(void)snprintf(sealed, sizeof sealed, "%.*s", PSTR(s));
	(void)snprintf(hash, sizeof hash, "%.*s", PSTR(h));
	assert_null(strstr(sealed, "đèn"));
	answer_free(&a);
	a = send_journey("/song-may/journey", str_of(sealed), "");
	rest = a.body;
	(void)str_cut(&rest, ' ');
	assert_true(str_is(str_cut(&rest, ' '), hash)); /* the number stays */
	assert_true(str_is(rest, "đèn"));
	answer_free(&a);
	/* Another purpose, another ward, any changed byte, any cut. */
	assert_int_equal(journey_status("/song-may/other", str_of(sealed)), 403);
	assert_int_equal(journey_status("/tan-dao/journey", str_of(sealed)), 403);
	assert_int_equal(journey_status("/song-may/en/journey", str_of(sealed)), 200);
	size_t n = strlen(sealed);
	for (size_t i = 0; i < n; i += 3) {
		char before = sealed[i];
		sealed[i] = before == 'A' ? 'B' : 'A';
		assert_int_equal(journey_status("/song-may/journey", str_of(sealed)), 403);
		sealed[i] = before;
		assert_int_equal(journey_status("/song-may/journey", str_n(sealed, i)), 403);
	}
	static const char *const BAD[] = {"", ".", "1.", "0.AAAA", "-1.AAAA", "99.AAAA", "1.!!!!",
		"99999999999999999999.AAAA"};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		assert_int_equal(journey_status("/song-may/journey", str_of(BAD[i])), 403);
	/* A journey is good for a day, and comes from no other clock's future. */
	atomic_fetch_add(&S.app.clock.own, 25 * US_HOUR);
	assert_int_equal(journey_status("/song-may/journey", str_of(sealed)), 403);
	atomic_fetch_add(&S.app.clock.own, -27 * US_HOUR);
	assert_int_equal(journey_status("/song-may/journey", str_of(sealed)), 403);
	atomic_store(&S.app.clock.own, 0);
	assert_int_equal(journey_status("/song-may/journey", str_of(sealed)), 200);
	/* A rotated key is good for a day, and so is the journey. */
	assert_int_equal(keys_rotate(S.keys, "form", NULL, NULL), RC_OK);
	atomic_fetch_add(&S.app.clock.own, 23 * US_HOUR);
	assert_int_equal(journey_status("/song-may/journey", str_of(sealed)), 200);
	atomic_fetch_add(&S.app.clock.own, 2 * US_HOUR);
	assert_int_equal(journey_status("/song-may/journey", str_of(sealed)), 403);
	atomic_store(&S.app.clock.own, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hits_equal_misses),
		cmocka_unit_test(test_etags),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_cache_keys),
		cmocka_unit_test(test_assets),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_guesses),
		cmocka_unit_test(test_midnight),
		cmocka_unit_test(test_journey),
	};
	return cmocka_run_group_tests(tests, server_begin, server_end);
}
