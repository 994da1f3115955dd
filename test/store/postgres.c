/* What only a server can do to a store: answers that get lost, several stores on one database, a server
 * that is gone. A small relay stands between, which cuts the connection where a test asks for it.
 * Needs XOM_PG_URL; without it there is nothing to test. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

enum cut { CUT_NOTHING, CUT_BEFORE_COMMIT, CUT_AFTER_COMMIT, CUT_FUNCTION };
static struct {
	int listener, port, to;
	atomic_int cut;         /* what is cut next, once */
	atomic_bool closed;     /* nobody gets through */
} relay;

static bool has(const char *p, ssize_t n, const char *word)
{
	return n > 0 && memmem(p, (size_t)n, word, strlen(word)) != NULL;
}

static int connect_to(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static bool send_all(int fd, const char *p, ssize_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, (size_t)n, MSG_NOSIGNAL);
		if (k <= 0)
			return false;
		p += k;
		n -= k;
	}
	return true;
}

static bool take_cut(enum cut which)
{
	int want = which;
	return atomic_compare_exchange_strong(&relay.cut, &want, CUT_NOTHING);
}

/* False: the connection ends here. */
static bool from_client(int client, int server)
{
	char b[16384];
	ssize_t n = recv(client, b, sizeof b, 0);
	if (n <= 0)
		return false;
	if (has(b, n, "COMMIT") && take_cut(CUT_BEFORE_COMMIT))
		return false;
	if (has(b, n, "INSERT INTO item") && take_cut(CUT_FUNCTION))
		return false;
	bool last = has(b, n, "COMMIT") && take_cut(CUT_AFTER_COMMIT);
	if (!send_all(server, b, n))
		return false;
	if (last)
		(void)recv(server, b, sizeof b, 0); /* it is done; nobody hears of it */
	return !last;
}

static void *carry(void *arg)
{
	int client = (int)(intptr_t)arg, server = connect_to(relay.to);
	char b[16384];
	struct pollfd p[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
	bool on = server >= 0;
	while (on && poll(p, 2, 50) >= 0) {
		on = !atomic_load(&relay.closed);
		if (on && p[0].revents != 0)
			on = from_client(client, server);
		if (on && p[1].revents != 0) {
			ssize_t n = recv(server, b, sizeof b, 0);
			on = n > 0 && send_all(client, b, n);
		}
	}
	(void)close(client);
	if (server >= 0)
		(void)close(server);
	return NULL;
}

static void *listen_for_ever(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_t t;
		int fd = accept(relay.listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		if (atomic_load(&relay.closed) ||
		    pthread_create(&t, NULL, carry, (void *)(intptr_t)fd) != 0)
			(void)close(fd);
		else
			(void)pthread_detach(t);
	}
}

static void relay_start(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	pthread_t t;
	const char *port = strrchr(getenv("XOM_PG_URL"), ':');
	relay.to = (int)strtol(port + 1, NULL, 10);
	relay.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(relay.listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(relay.listener, 64), 0);
	assert_int_equal(getsockname(relay.listener, (struct sockaddr *)&a, &n), 0);
	relay.port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&t, NULL, listen_for_ever, NULL), 0);
	(void)pthread_detach(t);
}

/* The fixture's database, by way of the relay. */
static struct store *beside(struct fixture *x)
{
	static char url[200];
	struct store_config c = x->config;
	struct store *s = NULL;
	(void)snprintf(url, sizeof url, "postgresql://xom@127.0.0.1:%d%s", relay.port,
	               strrchr(x->config.path, '/'));
	c.path = url;
	if (store_open(&s, &c, &x->fault) != RC_OK)
		fail_msg("store_open: %s", x->fault.text);
	return s;
}

static int setup(void **state)
{
	static struct fixture x;
	*state = NULL;
	if (!on_server())
		return 0;
	if (relay.listener == 0)
		relay_start();
	atomic_store(&relay.closed, false);
	fixture_open(&x);
	*state = &x;
	return 0;
}

static int teardown(void **state)
{
	if (*state != NULL)
		fixture_close(*state);
	return 0;
}

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
	atomic_store(&relay.cut, cut);
	enum rc rc = store_write(s, WARD_A, &x->arena, add_fn, &second, &x->fault);
	if (rc != RC_OK)
		fail_msg("%s: %s", rc_name(rc), x->fault.text);
	assert_int_equal(atomic_load(&relay.cut), CUT_NOTHING);
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
	atomic_store(&relay.closed, true);
	a.id = 2;
	x->fault = (struct fault){0};
	assert_int_equal(store_write(s, WARD_A, &x->arena, add_fn, &a, &x->fault), RC_AGAIN);
	assert_int_equal(x->fault.rc, RC_AGAIN);
	assert_int_equal(item_count(x, WARD_A), 1);
	atomic_store(&relay.closed, false);
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

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_commit_whose_answer_is_lost), T(a_commit_that_never_arrived), T(a_connection_lost_in_a_function),
		T(a_server_that_is_gone_and_comes_back), T(two_servers_write_one_after_the_other),
		T(an_address_that_leads_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
