/* A load generator for the measures intake, intakecpu and flood: keep-alive connections on one epoll
 * loop, a state machine each.
 *
 *   bench-load PORT PREFIX KIND REPORTS CONNECTIONS [FIRST]
 *
 * Each report has words of its own and comes from an address of its own (X-Forwarded-For), or it would be a
 * flood. With FIRST it is one: junk numbered from there on, of KIND and three others; most of a few texts with
 * other digits, signs and words around them, the rest of random words from twenty addresses.
 *
 * First it walks the form for every report up to its last page (not timed), then says "ready" and
 * waits for a line on standard input; then it sends all last pages as fast as they are answered and
 * prints "seconds RECEIPTS"; then it reads every receipt back by code and PIN and prints how many
 * were found; with FIRST it ends before. Exit 0: all were acknowledged and found. */
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
	size_t count, next, done, first;
	bool flood;
	enum phase phase;
} g;

enum { TEXT = 900, JUNK_PEERS = 20 };

/* Letters that no other number has. */
static const char *own_word(size_t n, char out[12])
{
	size_t i = 0;
	out[i++] = 'q';
	for (; i < 7; n /= 26)
		out[i++] = (char)('a' + n % 26);
	out[i] = '\0';
	return out;
}

static uint64_t mixed(uint64_t n)
{
	n = (n ^ n >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	n = (n ^ n >> 27) * UINT64_C(0x94D049BB133111EB);
	return n ^ n >> 31;
}

static bool random_junk(size_t n) { return n % 4 == 3; }

/* What is written in the n-th report, percent-encoded. */
static void text_of(size_t n, char out[TEXT])
{
	static const char *const JUNK[] = {
		"%C4%90%C3%A8n+%C4%91%C6%B0%E1%BB%9Dng+tr%C6%B0%E1%BB%9Bc+nh%C3%A0+t%C3%B4i+t%E1%BA%AFt+su%E1%BB%91t+c%E1%BA%A3+"
		"tu%E1%BA%A7n+nay+m%C3%A0+kh%C3%B4ng+ai+xu%E1%BB%91ng+s%E1%BB%ADa+cho+b%C3%A0+con",
		"R%C3%A1c+ch%E1%BA%A5t+%C4%91%E1%BB%91ng+%C4%91%E1%BA%A7u+h%E1%BA%BBm+b%E1%BB%91c+m%C3%B9i+h%C3%B4i+th%E1%BB%91i+"
		"kh%C3%B4ng+ch%E1%BB%8Bu+n%E1%BB%95i+%C4%91%E1%BB%81+ngh%E1%BB%8B+d%E1%BB%8Dn+ngay+l%E1%BA%ADp+t%E1%BB%A9c",
		"Mua+s%E1%BA%AFm+gi%C3%A1+r%E1%BA%BB+nh%E1%BA%A5t+th%C3%A0nh+ph%E1%BB%91+v%C3%A0o+trang+c%E1%BB%A7a+ch%C3%BAng+"
		"t%C3%B4i+ngay+h%C3%B4m+nay+%C4%91%E1%BB%83+nh%E1%BA%ADn+qu%C3%A0+t%E1%BA%B7ng"};
	static const char *const MARKS[] = {"", "%21%21%21", "+...", "+%3F%3F"};
	char a[12], b[12], c[12];
	uint64_t r = mixed(n + 1);
	if (!g.flood)
		(void)snprintf(out, TEXT,
		               "%s+%s+%%C4%%90%%C3%%A8n+%%C4%%91%%C6%%B0%%E1%%BB%%9Dng+t%%E1%%BA%%AFt+ba+%%C4%%91%%C3%%AAm+nay+%s%%2C+"
		               "%%C4%%91o%%E1%%BA%%A1n+n%%C3%%A0y+t%%E1%%BB%%91i+om%%2C+ng%%C6%%B0%%E1%%BB%%9Di+%%C4%%91i+ch%%E1%%BB%%A3+"
		               "s%%E1%%BB%%9Bm+d%%E1%%BB%%85+v%%E1%%BA%%A5p+%s.",
		               own_word(n, a), own_word(n + 7, b), a, b);
	else if (random_junk(n))
		(void)snprintf(out, TEXT, "%s+%s+%s", own_word(r % 11881376, a), own_word(mixed(r) % 11881376, b),
		               own_word(mixed(r + 9) % 11881376, c));
	else
		(void)snprintf(out, TEXT, "%u+%s%s%s%s+%u", (unsigned)(r % 1000), r >> 40 & 1 ? own_word(r >> 20, a) : "",
		               r >> 40 & 1 ? "+" : "", JUNK[n % 3], MARKS[r >> 8 & 3], (unsigned)(r >> 12 & 0xFFFF));
}

static void peer_of(size_t n, char out[24])
{
	if (g.flood)
		n = random_junk(n) ? n / 4 % JUNK_PEERS : JUNK_PEERS + mixed(n) % 60000;
	(void)snprintf(out, 24, "10.%d.%d.%d", (int)(n >> 16 & 255) + (g.flood ? 128 : 0), (int)(n >> 8 & 255), (int)(n & 255));
}

static const char *kind_of(size_t n)
{
	static const char *const OTHERS[] = {"road", "rubbish", "water"};
	size_t which = mixed(n * 3 + 1) % 4;
	return g.flood && which > 0 ? OTHERS[which - 1] : g.kind;
}

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
	char peer[24];
	peer_of(g.first + c->report, peer);
	int n = snprintf(c->out, BUFFER,
	                 "%s %s%s HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\nX-Forwarded-For: %s\r\n"
	                 "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
	                 method, g.prefix, path, g.port, g.port, peer, strlen(body), body);
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
	char text[TEXT], what[TEXT + 16];
	char kind[64];
	char *s = between(c->in, "name=\"s\" value=\"", "\"");
	if (s == NULL)
		die("a page without its sealed field", c->in);
	(void)snprintf(kind, sizeof kind, "kind=%s&go=next", kind_of(g.first + c->report));
	bool going = true;
	switch (c->step++) {
	case 0:
		post(c, "/report/kind", s, kind);
		break;
	case 1:
		post(c, "/report/where", s, WHERE);
		break;
	case 2:
		text_of(g.first + c->report, text);
		(void)snprintf(what, sizeof what, "text=%s&go=next", text);
		post(c, "/report/what", s, what);
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
	if (argc != 6 && argc != 7)
		die("usage", "bench-load PORT PREFIX KIND REPORTS CONNECTIONS [FIRST]");
	g.flood = argc == 7;
	g.first = g.flood ? strtoul(argv[6], NULL, 10) : 0;
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
	if (g.flood)
		return 0;
	if (getchar() == EOF)
		return 1;
	(void)run_phase(READ_BACK, conns, n);
	size_t found = 0;
	for (size_t i = 0; i < g.count; i++)
		found += g.reports[i].found;
	(void)printf("found %zu of %zu\n", found, g.count);
	return found == g.count ? 0 : 1;
}
