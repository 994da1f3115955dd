#include "relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
	int listener, port, to;
	atomic_int cut;         /* what is cut next, once */
	atomic_int left, mode;  /* so many bursts from now; how the last of them is cut */
	atomic_bool closed;     /* nobody gets through */
	atomic_bool silent;     /* nothing is carried, and nobody is told */
	atomic_int made;        /* connections so far */
	atomic_int deaf;        /* up to that one nothing is carried */
	atomic_int asked;       /* of those, how many have been sent something since */
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

/* The burst that was counted down to: CUT_NOTHING for every other. */
static enum cut counted(void)
{
	int left = atomic_load(&relay.left);
	while (left > 0 && !atomic_compare_exchange_strong(&relay.left, &left, left - 1))
		continue;
	if (left != 1)
		return CUT_NOTHING;
	if (atomic_load(&relay.mode) >= CUT_FOR_GOOD)
		atomic_store(&relay.closed, true);
	return (enum cut)atomic_load(&relay.mode);
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
	enum cut now = counted();
	if (now == CUT_BEFORE || now == CUT_BEFORE_FOR_GOOD)
		return false;
	if (has(b, n, "COMMIT") && take_cut(CUT_BEFORE_COMMIT))
		return false;
	if (has(b, n, "INSERT INTO item") && take_cut(CUT_FUNCTION))
		return false;
	bool last = now != CUT_NOTHING || (has(b, n, "COMMIT") && take_cut(CUT_AFTER_COMMIT));
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
	bool on = server >= 0, asked = false;
	int number = atomic_fetch_add(&relay.made, 1) + 1;
	while (on && poll(p, 2, 50) >= 0) {
		on = !atomic_load(&relay.closed);
		if (on && number <= atomic_load(&relay.deaf)) {
			char first = 'X'; /* a client that says goodbye asks nothing */
			if (!asked && p[0].revents != 0 && recv(client, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && first != 'X') {
				asked = true;
				(void)atomic_fetch_add(&relay.asked, 1);
			}
			(void)usleep(5000);
			continue;
		}
		if (atomic_load(&relay.silent)) {
			(void)usleep(5000);
			continue;
		}
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

static void start(void)
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

void relay_ready(void)
{
	if (relay.listener == 0)
		start();
	atomic_store(&relay.cut, CUT_NOTHING);
	atomic_store(&relay.left, 0);
	atomic_store(&relay.closed, false);
	atomic_store(&relay.silent, false);
	atomic_store(&relay.deaf, 0);
	atomic_store(&relay.asked, 0);
}

void relay_cut(enum cut what) { atomic_store(&relay.cut, what); }
bool relay_was_cut(void) { return atomic_load(&relay.cut) == CUT_NOTHING && atomic_load(&relay.left) == 0; }
void relay_close(bool closed) { atomic_store(&relay.closed, closed); }
void relay_silence(bool silent) { atomic_store(&relay.silent, silent); }

void relay_deafen(void) { atomic_store(&relay.deaf, atomic_load(&relay.made)); }
int relay_asked(void) { return atomic_load(&relay.asked); }

void relay_cut_at(int burst, enum cut mode)
{
	atomic_store(&relay.mode, (int)mode);
	atomic_store(&relay.left, burst);
}

/* The fixture's database, by way of the relay. */
struct store *beside(struct fixture *x)
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

int relay_setup(void **state)
{
	static struct fixture x;
	*state = NULL;
	if (!on_server())
		return 0;
	relay_ready();
	fixture_open(&x);
	*state = &x;
	return 0;
}

int relay_teardown(void **state)
{
	if (*state != NULL)
		fixture_close(*state);
	return 0;
}
