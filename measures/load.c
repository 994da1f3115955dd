/* A load generator for the measures intake and intakecpu: 64 keep-alive connections on one epoll
 * loop, a state machine each.
 *
 *   bench-load PORT PREFIX KIND REPORTS CONNECTIONS
 *
 * First it walks the form for every report up to its last page (not timed), then says "ready" and
 * waits for a line on standard input; then it sends all last pages as fast as they are answered and
 * prints "seconds RECEIPTS"; then it reads every receipt back by code and PIN and prints how many
 * were found. Exit 0: all were acknowledged and found. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 18 };

struct report {
	char *sealed;              /* of its last page, percent-encoded */
	char code[16], pin[16];
	bool found;
};

enum phase { WALK, SEND, READ_BACK };

struct conn {
	int fd;
	size_t report;
	int step;
	char *out, *in;
	size_t out_n, out_sent, in_n;
};

static struct {
	int port, epoll;
	const char *prefix, *kind;
	struct report *reports;
	size_t count, next, done;
	enum phase phase;
} g;

static double now(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

_Noreturn static void die(const char *what, const char *detail)
{
	(void)fprintf(stderr, "bench-load: %s: %.600s\n", what, detail);
	exit(1);
}

static int connect_to(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		die("connect", strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static void send_request(struct conn *c, const char *method, const char *path, const char *body)
{
	int n = snprintf(c->out, BUFFER,
	                 "%s %s%s HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\n"
	                 "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
	                 method, g.prefix, path, g.port, g.port, strlen(body), body);
	if (n < 0 || n >= BUFFER)
		die("request too long", path);
	c->out_n = (size_t)n;
	c->out_sent = 0;
	c->in_n = 0;
}

/* The value between two marks of the answer, copied; NULL when absent. */
static char *between(const char *text, const char *from, const char *to)
{
	const char *a = strstr(text, from);
	if (a == NULL)
		return NULL;
	a += strlen(from);
	const char *b = strstr(a, to);
	return b != NULL ? strndup(a, (size_t)(b - a)) : NULL;
}

static void post(struct conn *c, const char *path, const char *sealed, const char *rest)
{
	static char body[BUFFER];
	if (snprintf(body, sizeof body, "s=%s&%s", sealed, rest) >= (int)sizeof body)
		die("body too long", path);
	send_request(c, "POST", path, body);
}

/* Gives the connection its next request; false: nothing is left to do. */
static bool begin(struct conn *c)
{
	if (g.next >= g.count)
		return false;
	c->report = g.next++;
	c->step = 0;
	struct report *r = &g.reports[c->report];
	if (g.phase == WALK) {
		send_request(c, "GET", "/report", "");
	} else if (g.phase == SEND) {
		post(c, "/report/check", r->sealed, "go=send");
	} else {
		char body[128];
		(void)snprintf(body, sizeof body, "code=%s&pin=%s", r->code, r->pin);
		send_request(c, "POST", "/follow", body);
	}
	return true;
}

static bool walk(struct conn *c)
{
	static const char WHERE[] = "area=unsure&street=h%E1%BA%BBm+12+%C4%91%C6%B0%E1%BB%9Dng+B%E1%BB%9D+K%C3%A8"
	                            "&landmark=tr%C6%B0%E1%BB%9Bc+c%E1%BB%95ng+ch%E1%BB%A3&lat=&lon=&go=next";
	static const char WHAT[] = "text=%C4%90%C3%A8n+%C4%91%C6%B0%E1%BB%9Dng+t%E1%BA%AFt+ba+%C4%91%C3%AAm+nay%2C+"
	                           "%C4%91o%E1%BA%A1n+n%C3%A0y+t%E1%BB%91i+om%2C+ng%C6%B0%E1%BB%9Di+%C4%91i+ch%E1%BB%A3+"
	                           "s%E1%BB%9Bm+d%E1%BB%85+v%E1%BA%A5p.&go=next";
	char kind[64];
	char *s = between(c->in, "name=\"s\" value=\"", "\"");
	if (s == NULL)
		die("a page without its sealed field", c->in);
	(void)snprintf(kind, sizeof kind, "kind=%s&go=next", g.kind);
	bool going = true;
	switch (c->step++) {
	case 0:
		post(c, "/report/kind", s, kind);
		break;
	case 1:
		post(c, "/report/where", s, WHERE);
		break;
	case 2:
		post(c, "/report/what", s, WHAT);
		break;
	default:
		if (strstr(c->in, "/report/photos\"") != NULL) {
			post(c, "/report/photos", s, "go=next");
		} else {
			g.reports[c->report].sealed = s;
			s = NULL;
			g.done++;
			going = begin(c);
		}
	}
	free(s);
	return going;
}

static bool answered(struct conn *c)
{
	struct report *r = &g.reports[c->report];
	if (g.phase == WALK)
		return walk(c);
	if (g.phase == SEND) {
		char *code = between(c->in, "data-x-code>", "<"), *pin = between(c->in, "data-x-pin>", "<");
		if (code == NULL || pin == NULL)
			die("no receipt", c->in);
		(void)snprintf(r->code, sizeof r->code, "%s", code);
		size_t n = 0;
		for (const char *p = pin; *p != '\0' && n + 1 < sizeof r->pin; p++)
			if (*p != ' ')
				r->pin[n++] = *p;
		free(code);
		free(pin);
	} else {
		r->found = strncmp(c->in, "HTTP/1.1 303", 12) == 0;
	}
	g.done++;
	return begin(c);
}

/* Length of the whole answer in c->in, once its header is there; 0: not yet. */
static size_t answer_length(const struct conn *c)
{
	const char *end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return 0;
	const char *length = strcasestr(c->in, "\r\nContent-Length:");
	if (length == NULL || length > end)
		die("an answer without a length", c->in);
	return (size_t)(end + 4 - c->in) + strtoul(length + 17, NULL, 10);
}

static bool work(struct conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_n, BUFFER - 1 - c->in_n, 0);
	if (n <= 0)
		die("the server closed", n < 0 ? strerror(errno) : "end");
	c->in_n += (size_t)n;
	c->in[c->in_n] = '\0';
	size_t whole = answer_length(c);
	if (whole == 0 || c->in_n < whole)
		return true;
	return answered(c);
}

static void flush_out(struct conn *c)
{
	while (c->out_sent < c->out_n) {
		ssize_t n = send(c->fd, c->out + c->out_sent, c->out_n - c->out_sent, MSG_NOSIGNAL);
		if (n < 0)
			die("send", strerror(errno));
		c->out_sent += (size_t)n;
	}
	c->out_n = 0;
}

static double run_phase(enum phase phase, struct conn *conns, size_t n)
{
	g.phase = phase;
	g.next = g.done = 0;
	double began = now();
	size_t live = 0;
	for (size_t i = 0; i < n; i++)
		if (begin(&conns[i])) {
			flush_out(&conns[i]);
			live++;
		}
	while (live > 0) {
		struct epoll_event events[64];
		int k = epoll_wait(g.epoll, events, 64, 30000);
		if (k <= 0)
			die("waiting", "no answer for 30 s");
		for (int i = 0; i < k; i++) {
			struct conn *c = events[i].data.ptr;
			if (work(c))
				flush_out(c);
			else
				live--;
		}
	}
	return now() - began;
}

int main(int argc, char **argv)
{
	if (argc != 6)
		die("usage", "bench-load PORT PREFIX KIND REPORTS CONNECTIONS");
	g.port = (int)strtol(argv[1], NULL, 10);
	g.prefix = argv[2];
	g.kind = argv[3];
	g.count = strtoul(argv[4], NULL, 10);
	size_t n = strtoul(argv[5], NULL, 10);
	g.reports = calloc(g.count, sizeof *g.reports);
	struct conn *conns = calloc(n, sizeof *conns);
	g.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < n; i++) {
		conns[i] = (struct conn){.fd = connect_to(g.port), .out = malloc(BUFFER), .in = malloc(BUFFER)};
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = &conns[i]};
		if (epoll_ctl(g.epoll, EPOLL_CTL_ADD, conns[i].fd, &e) != 0)
			die("epoll", strerror(errno));
	}
	(void)run_phase(WALK, conns, n);
	(void)puts("ready");
	(void)fflush(stdout);
	if (getchar() == EOF)
		return 1;
	(void)printf("%.6f %zu\n", run_phase(SEND, conns, n), g.count);
	(void)fflush(stdout);
	if (getchar() == EOF)
		return 1;
	(void)run_phase(READ_BACK, conns, n);
	size_t found = 0;
	for (size_t i = 0; i < g.count; i++)
		found += g.reports[i].found;
	(void)printf("found %zu of %zu\n", found, g.count);
	return found == g.count ? 0 : 1;
}
