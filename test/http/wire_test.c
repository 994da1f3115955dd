/* Bytes on the wire: broken HTTP, keep-alive, pipelining, large and slow bodies, many connections,
 * and the end of the server. */
#include "fixture.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>


#define OK_GET "GET /song-may/p/x HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void alive(const struct server *s)
{
	struct answer a = get(s, "/song-may/p/x", NULL);
	assert_int_equal(a.status, 200);
	assert_true(has(&a, "code x"));
	answer_free(&a);
}

static void test_broken_http(void **state)
{
	(void)state;
	static const char *const CASES[] = {
		"\r\n\r\n\r\n\r\n", "x", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
		"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\nHost: localhost\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n",
		"POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
		"POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5x\r\n\r\nabcde",
		"POST /song-may/form HTTP/1.1\r\nHost: localhost\r\n"
		"Content-Length: 99999999999999999999999\r\n\r\n",
		"POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
		"ffffffffffffffffff\r\n",
		"GET /%00%ff%c0%ae/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		int fd = client_open(&S);
		client_send(fd, str_of(CASES[i]));
		(void)shutdown(fd, SHUT_WR);
		struct answer a = client_read(fd, false);
		if (a.status != 0 && (a.status < 400 || (a.status >= 500 && a.status != 505)))
			fail_msg("case %zu: %d", i, a.status);
		answer_free(&a);
		(void)close(fd);
	}
	struct answer a = askf(&S, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\n"
	                       "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	assert_true(a.status == 400 || a.status == 0);
	answer_free(&a);
	alive(&S);
}

static void test_too_long(void **state)
{
	(void)state;
	static char path[70000];
	static const struct {
		size_t n;
		int status;
	} CASES[] = {{4000, 404}, {5000, 414}, {60000, 414}};
	for (size_t i = 0; i < 3; i++) {
		memset(path, 'a', CASES[i].n);
		path[0] = '/';
		path[CASES[i].n] = '\0';
		struct answer a = get(&S, path, NULL);
		assert_int_equal(a.status, CASES[i].status);
		answer_free(&a);
	}
	memcpy(path, "X: ", 3);
	for (size_t n = 9000; n < 70000; n += 50000) {
		memset(path + 3, 'a', n);
		memcpy(path + n, "\r\n", 3);
		struct answer a = get(&S, "/song-may/page", path);
		assert_int_equal(a.status, 431);
		answer_free(&a);
	}
}

static void test_keep_alive(void **state)
{
	(void)state;
	int fd = client_open(&S);
	for (int i = 0; i < 20; i++) {
		client_send(fd, i % 3 == 0 ? STR("GET /song-may HTTP/1.1\r\nHost: localhost\r\n\r\n")
		                           : STR(OK_GET));
		struct answer a = client_read(fd, false);
		assert_int_equal(a.status, 200);
		assert_false(a.closed);
		answer_free(&a);
	}
	/* A refusal does not end the connection either; a POST neither. */
	client_send(fd, STR("POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
	                    "application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"));
	struct answer a = client_read(fd, false);
	assert_int_equal(a.status, 200);
	assert_true(has(&a, "a=b"));
	answer_free(&a);
	client_send(fd, STR(OK_GET));
	a = client_read(fd, false);
	assert_int_equal(a.status, 200);
	answer_free(&a);
	(void)close(fd);
}

static void test_pipelining(void **state)
{
	(void)state;
	int fd = client_open(&S);
	struct buf b = {0};
	for (int i = 0; i < 30; i++) {
		buf_addf(&b, "GET /song-may/p/n%d HTTP/1.1\r\nHost: localhost\r\n\r\n", i);
		buf_addz(&b, "HEAD /song-may HTTP/1.1\r\nHost: localhost\r\n\r\n");
		buf_addz(&b, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
		         "application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\nq=1");
	}
	client_send(fd, buf_str(&b));
	for (int i = 0; i < 30; i++) {
		char want[32];
		(void)snprintf(want, sizeof want, "code n%d", i);
		struct answer a = client_read(fd, false);
		assert_true(a.status == 200 && has(&a, want));
		answer_free(&a);
		a = client_read(fd, true);
		assert_int_equal(a.status, 200);
		answer_free(&a);
		a = client_read(fd, false);
		assert_true(a.status == 200 && has(&a, "q=1"));
		answer_free(&a);
	}
	buf_release(&b);
	(void)close(fd);
}

static void test_forms(void **state)
{
	(void)state;
	struct answer a = post(&S, "/song-may/form", NULL, "a=1&b=%C4%91");
	assert_true(has(&a, "rc OK\nfields 2 uploads 0\na=1\nb=đ\n"));
	answer_free(&a);
	a = post(&S, "/song-may/form", NULL, "a=1&b=%");
	assert_true(has(&a, "rc BAD_REQUEST\nfields 1"));
	answer_free(&a);
	a = askf(&S, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
	         "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
	         "4\r\na=1&\r\n3\r\nb=2\r\n0\r\n\r\n");
	assert_true(has(&a, "rc OK\nfields 2"));
	answer_free(&a);
	a = askf(&S, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
	         "Content-Length: 3\r\n\r\na=b");
	assert_int_equal(a.status, 415);
	answer_free(&a);
	a = askf(&S, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
	assert_true(a.status == 200 && has(&a, "fields 0"));
	answer_free(&a);
	a = askf(&S, "POST /song-may/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
	         "Content-Type: multipart/form-data\r\n\r\nhello");
	assert_true(a.status == 200 && has(&a, "rc BAD_REQUEST"));
	answer_free(&a);
	a = askf(&S, "GET /song-may/p/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
	assert_int_equal(a.status, 200);
	answer_free(&a);
}

static struct answer upload(size_t n, bool chunked)
{
	struct buf b = {.max = 300 << 20};
	struct buf body = {.max = 300 << 20};
	static char block[65536];
	buf_addz(&body, "--X\r\nContent-Disposition: form-data; name=\"before\"\r\n\r\nkept\r\n"
	         "--X\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n"
	         "Content-Type: image/jpeg\r\n\r\n");
	for (size_t at = 0; at < n; at += sizeof block)
		buf_add(&body, str_n(block, n - at < sizeof block ? n - at : sizeof block));
	buf_addz(&body, "\r\n--X\r\nContent-Disposition: form-data; name=\"after\"\r\n\r\nlate\r\n--X--\r\n");
	buf_addz(&b, "POST /song-may/upload HTTP/1.1\r\nHost: localhost\r\n"
	         "Content-Type: multipart/form-data; boundary=X\r\n");
	if (chunked)
		buf_addf(&b, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", body.n);
	else
		buf_addf(&b, "Content-Length: %zu\r\n\r\n", body.n);
	buf_add(&b, buf_str(&body));
	if (chunked)
		buf_addz(&b, "\r\n0\r\n\r\n");
	struct answer a = ask(&S, buf_str(&b));
	buf_release(&b);
	buf_release(&body);
	return a;
}

static void test_uploads(void **state)
{
	(void)state;
	for (int chunked = 0; chunked < 2; chunked++) {
		struct answer a = upload(3 << 20, chunked);
		assert_int_equal(a.status, 200);
		assert_true(has(&a, "rc OK\nfields 2 uploads 1\nbefore=kept\nafter=late\n"
		                    "file photo name a.jpg type image/jpeg size 3145728 read 3145728"));
		answer_free(&a);
		/* Over the route's limit: the handler is told, and what came before is there. */
		a = upload(5 << 20, chunked);
		assert_int_equal(a.status, 200);
		assert_true(has(&a, "rc TOO_BIG\nfields 1 uploads 0\nbefore=kept\n"));
		answer_free(&a);
	}
}

static size_t zeros(char *to, size_t size, size_t n, void *left)
{
	size_t *rest = left, give = size * n < *rest ? size * n : *rest;
	memset(to, 'x', give);
	*rest -= give;
	return give;
}

static size_t swallow(char *p, size_t size, size_t n, void *to)
{
	buf_add(to, str_n(p, size * n));
	return size * n;
}

/* 200 MB by a client that reads only after it has sent. */
static long curl_post(size_t bytes, bool expect, struct buf *out)
{
	char url[128];
	long status = 0;
	size_t left = bytes;
	CURL *c = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Host: localhost");
	headers = curl_slist_append(headers, expect ? "Expect: 100-continue" : "Expect:");
	headers = curl_slist_append(headers, "Content-Type: application/x-www-form-urlencoded");
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%d/song-may/form", S.port);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_POST, 1L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, zeros);
	curl_easy_setopt(c, CURLOPT_READDATA, &left);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	assert_int_equal(curl_easy_perform(c), CURLE_OK);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return status;
}

static void test_200_megabytes(void **state)
{
	(void)state;
	struct buf out = {0};
	assert_int_equal(curl_post(200 << 20, false, &out), 200);
	assert_true(str_starts(buf_str(&out), STR("rc TOO_BIG\n")));
	out.n = 0;
	/* Who asks first is told before it has sent anything. */
	assert_int_equal(curl_post(200 << 20, true, &out), 413);
	buf_release(&out);
	/* A gigabyte is not even read. */
	struct answer a = askf(&S, "POST /song-may/form HTTP/1.1\r\nHost: localhost\r\n"
	                       "Content-Length: 1073741824\r\n\r\n");
	assert_int_equal(a.status, 413);
	answer_free(&a);
	alive(&S);
}

static int64_t until_closed(const struct server *s, struct str first, struct str drip)
{
	int fd = client_open(s);
	int64_t began = clock_ticks();
	const struct timespec step = {.tv_nsec = 20 * 1000 * 1000};
	client_send(fd, first);
	for (;;) {
		char c;
		if (send(fd, drip.p, drip.n, MSG_NOSIGNAL) < 0 && drip.n > 0)
			break;
		ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
			break;
		if (clock_ticks() - began > 30 * US_SECOND)
			fail_msg("a slow client was never closed");
		(void)nanosleep(&step, NULL);
	}
	(void)close(fd);
	return clock_ticks() - began;
}

static void test_slow(void **state)
{
	(void)state;
	struct server t;
	server_init(&t);
	t.config.header_deadline_s = 1;
	t.config.body_deadline_s = 1;
	server_start(&t);
	/* A byte every 20 ms, for ever: in the header, in the body; or nothing at all. */
	(void)until_closed(&t, STR("GET /song-may HTTP/1.1\r\nHost: localhost\r\nX: "), STR("a"));
	(void)until_closed(&t, STR("GET /"), STR("a"));
	(void)until_closed(&t, STR("POST /song-may/form HTTP/1.1\r\nHost: localhost\r\n"
	                           "Content-Type: application/x-www-form-urlencoded\r\n"
	                           "Content-Length: 60000\r\n\r\n"), STR("a"));
	(void)until_closed(&t, STR_EMPTY, STR_EMPTY);
	alive(&t);
	server_stop(&t);
	server_release(&t);
}

static void test_idle_connections(void **state)
{
	(void)state;
	enum { MANY = 1000 };
	static int fds[MANY];
	for (int i = 0; i < MANY; i++)
		fds[i] = client_open(&S);
	alive(&S);
	for (int i = 0; i < MANY; i += 50) {
		client_send(fds[i], STR(OK_GET));
		struct answer a = client_read(fds[i], false);
		assert_int_equal(a.status, 200);
		answer_free(&a);
	}
	for (int i = 0; i < MANY; i++)
		(void)close(fds[i]);
	alive(&S);
}

static void wait_for(const _Atomic int *count, int want)
{
	const struct timespec step = {.tv_nsec = 1000 * 1000};
	while (atomic_load(count) < want)
		(void)nanosleep(&step, NULL);
}

/* Until so many of them have an answer to read: a slow machine hasn't looked at all of them yet. */
static void wait_answered(const int *fds, int n, int want)
{
	struct pollfd list[1024];
	const struct timespec step = {.tv_nsec = 1000 * 1000};
	assert_true(n <= 1024);
	for (int answered = 0; answered < want; (void)nanosleep(&step, NULL)) {
		answered = 0;
		for (int i = 0; i < n; i++)
			list[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
		assert_true(poll(list, (nfds_t)n, 0) >= 0);
		for (int i = 0; i < n; i++)
			answered += (list[i].revents & POLLIN) != 0;
	}
}

static void test_full_queue(void **state)
{
	(void)state;
	enum { MANY = 4 + 512 + 40 };
	static int fds[MANY];
	atomic_store(&S.app.ran, 0);
	atomic_store(&S.app.gate, false);
	for (int i = 0; i < MANY; i++) {
		fds[i] = client_open(&S);
		client_send(fds[i], STR("GET /song-may/slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	}
	wait_for(&S.app.ran, 4);
	/* The last to come are told at once, while the others wait. */
	struct answer a = client_read(fds[MANY - 1], false);
	assert_int_equal(a.status, 503);
	assert_string_equal(header(&a, "Retry-After"), "5");
	answer_free(&a);
	/* Cached pages need no worker. */
	a = get(&S, "/song-may", NULL);
	assert_int_equal(a.status, 200);
	answer_free(&a);
	wait_answered(fds, MANY - 1, 39);
	atomic_store(&S.app.gate, true);
	int done = 0, refused = 1;
	for (int i = 0; i < MANY - 1; i++) {
		a = client_read(fds[i], false);
		done += a.status == 200;
		refused += a.status == 503;
		answer_free(&a);
	}
	assert_int_equal(done + refused, MANY);
	assert_true(done >= 512 && refused >= 30);
	for (int i = 0; i < MANY; i++)
		(void)close(fds[i]);
}

/* Clients that go away while a worker has their request. */
static void test_gone_clients(void **state)
{
	(void)state;
	atomic_store(&S.app.ran, 0);
	atomic_store(&S.app.gate, false);
	for (int i = 0; i < 20; i++) {
		int fd = client_open(&S);
		client_send(fd, STR("GET /song-may/slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
		if (i < 4)
			wait_for(&S.app.ran, i + 1);
		const struct linger now = {1, 0};
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		(void)close(fd);
	}
	int fd = client_open(&S);
	client_send(fd, STR("POST /song-may/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n"
	                    "Content-Type: multipart/form-data; boundary=X\r\n\r\n--X\r\n"
	                    "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nhalf"));
	(void)close(fd);
	atomic_store(&S.app.gate, true);
	alive(&S);
}

static void *open_gate(void *arg)
{
	struct server *t = arg;
	const struct timespec step = {.tv_nsec = 5 * 1000 * 1000};
	(void)nanosleep(&step, NULL);
	atomic_store(&t->app.gate, true);
	return NULL;
}

/* Requests that run when the server is stopped are answered; idle and half-sent ones are closed. */
static void test_stop(void **state)
{
	(void)state;
	for (int turn = 0; turn < 3; turn++) {
		struct server t;
		int fds[12];
		pthread_t thread;
		server_init(&t);
		t.config.io_threads = turn == 0 ? 1 : 2;
		server_start(&t);
		int idle = client_open(&t);
		for (int i = 0; i < 12; i++) {
			fds[i] = client_open(&t);
			client_send(fds[i], STR("GET /song-may/slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
		}
		wait_for(&t.app.ran, 4);
		assert_int_equal(pthread_create(&thread, NULL, open_gate, &t), 0);
		server_stop(&t);
		(void)pthread_join(thread, NULL);
		int answered = 0;
		for (int i = 0; i < 12; i++) {
			struct answer a = client_read(fds[i], false);
			answered += a.status == 200;
			/* One that the server had not yet begun to read may be told 503 or be closed. */
			assert_true(a.status == 200 || a.status == 503 || a.status == 0);
			answer_free(&a);
			(void)close(fds[i]);
		}
		assert_true(answered >= 4);
		struct answer a = client_read(idle, false);
		assert_true(a.closed && a.status == 0);
		answer_free(&a);
		(void)close(idle);
		server_release(&t);
	}
}

static void test_start_refused(void **state)
{
	(void)state;
	struct server t;
	struct fault f = {0};
	server_init(&t);
	t.config.port = S.port;
	assert_int_equal(http_start(&t.http, &t.config, &f), RC_IO);
	assert_non_null(strstr(f.text, "in use"));
	t.config.port = 0;
	t.config.listen = "localhost";
	assert_int_equal(http_start(&t.http, &t.config, &f), RC_INVALID);
	t.config.listen = "127.0.0.1";
	t.config.base_url = "desk.test";
	assert_int_equal(http_start(&t.http, &t.config, &f), RC_INVALID);
	t.config.base_url = "https://desk.test/desk";
	assert_int_equal(http_start(&t.http, &t.config, &f), RC_INVALID);
	t.config.base_url = "https://desk.test";
	t.config.assets = "/no/such/folder";
	assert_int_equal(http_start(&t.http, &t.config, &f), RC_IO);
	server_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_broken_http),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_uploads),
		cmocka_unit_test(test_200_megabytes),
		cmocka_unit_test(test_idle_connections),
		cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_gone_clients),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_start_refused),
	};
	return cmocka_run_group_tests(tests, server_begin, server_end);
}
