/* Hostile clients and honest ones, for the measure hostile and for test/attack.
 *
 *   bench-hostile attack PORT PREFIX IDLE     until standard input ends; prints "ready" once
 *                                             IDLE connections are open, and at the end what it did
 *   bench-hostile honest PORT PREFIX SECONDS  prints "COUNT FAILED P50 P99 WORST" (microseconds)
 *
 * The attackers: idle connections, headers and bodies a byte at a time, uploads that announce and
 * send 1 GB, multipart bodies that are none, connections opened and dropped, huge cookies, junk behind
 * pipelined requests, wrong PINs; each kind from addresses of its own (127.1.…), all as fast as they are
 * let. The honest: readers and reporters with pauses, an address each (127.0.0.…). */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int port;
static const char *prefix;

static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

_Noreturn static void die(const char *what, const char *detail)
{
	(void)fprintf(stderr, "bench-hostile: %s: %.400s\n", what, detail);
	exit(1);
}

static int open_from(uint32_t address, bool wait)
{
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = {htonl(address)}};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	                         .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
	    (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* --- attackers --- */

enum kind { IDLE, HEADER, BODY, HUGE, MULTIPART, CHURN, COOKIE, JUNK, PIN, KINDS };
static const struct { const char *name; int count; } ROWS[KINDS] = {
	[IDLE] = {"idle", 0}, [HEADER] = {"dripped headers", 200}, [BODY] = {"dripped bodies", 200},
	[HUGE] = {"uploads of 1 GB", 8}, [MULTIPART] = {"no multipart", 16}, [CHURN] = {"opened and dropped", 32},
	[COOKIE] = {"huge cookies", 16}, [JUNK] = {"junk behind requests", 16}, [PIN] = {"wrong PINs", 16},
};

struct attacker {
	enum kind kind;
	int fd;                 /* -1: to be opened again */
	uint32_t address;
	bool connected;
	const char *out;
	size_t n, sent, more;   /* more: bytes that follow out, from `filler` */
	char own[400];         /* of a PIN */
};

static int epoll;
static long opened[KINDS], asked[KINDS], answered[KINDS];
static char filler[1 << 16], cookie[40000], junk[12000], multipart[6000], form_head[1024], huge_head[1024],
	drip_head[1024];

static void text(char *out, size_t cap, const char *method, const char *path, const char *rest)
{
	int n = snprintf(out, cap, "%s %s%s HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\n%s",
	                 method, prefix, path, port, port, rest);
	if (n < 0 || (size_t)n >= cap)
		die("too long", path);
}

static void prepare(void)
{
	memset(filler, 'a', sizeof filler);
	text(cookie, sizeof cookie, "GET", "/cases", "Cookie: ");
	size_t n = strlen(cookie);
	while (n < 30000)
		n += (size_t)sprintf(cookie + n, "c%zu=%.*s; ", n, 90, filler);
	(void)strcpy(cookie + n, "z=1\r\n\r\n");
	text(junk, sizeof junk, "GET", "/", "\r\n");
	for (int i = 0; i < 20; i++)
		text(junk + strlen(junk), sizeof junk - strlen(junk), "GET", i % 2 == 0 ? "/follow" : "/cases?n=%zz", "\r\n");
	(void)strcat(junk, "\x01\x02 NONSENSE \xff\xfe HTTP/9.9\r\n\r\n\r\n");
	char body[3000] = "";
	for (int i = 0; i < 40; i++)
		(void)sprintf(body + strlen(body), "--B\r\nContent-Disposition: form-data; name=\"%d\r\n\r\n--Bx\r\n-", i);
	char rest[400];
	(void)snprintf(rest, sizeof rest, "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n", strlen(body));
	text(multipart, sizeof multipart, "POST", "/report/photos", rest);
	(void)strcat(multipart, body);
	text(huge_head, sizeof huge_head, "POST", "/report/photos", "Content-Type: multipart/form-data; boundary=B\r\n"
	     "Content-Length: 1073741824\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\n");
	text(form_head, sizeof form_head, "POST", "/report/what", "Content-Type: application/x-www-form-urlencoded\r\n"
	     "Content-Length: 8000\r\n\r\ntext=");
	text(drip_head, sizeof drip_head, "GET", "/", "X-Slow: ");
}

static void script(struct attacker *a)
{
	a->sent = a->more = 0;
	switch (a->kind) {
	case IDLE: a->out = ""; break;
	case HEADER: a->out = drip_head; a->more = 1 << 30; break;
	case BODY: a->out = form_head; a->more = 1 << 30; break;
	case HUGE: a->out = huge_head; a->more = 1 << 30; break;
	case MULTIPART: a->out = multipart; break;
	case COOKIE: a->out = cookie; break;
	case JUNK: a->out = junk; break;
	case PIN: {
		char form[64], rest[200];
		(void)snprintf(form, sizeof form, "code=SM-26-%05ld-1&pin=%08ld", random() % 100000, random() % 100000000);
		(void)snprintf(rest, sizeof rest, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
		               strlen(form), form);
		text(a->own, sizeof a->own, "POST", "/follow", rest);
		a->out = a->own;
		break;
	}
	default: a->out = junk; break;
	}
	a->n = a->kind == CHURN ? strcspn(junk, "\r") + 2 : strlen(a->out);
	if (a->kind == CHURN && random() % 2 == 0)
		a->n = 0;
	asked[a->kind]++;
}

static void begin(struct attacker *a)
{
	a->fd = open_from(a->address, false);
	a->connected = false;
	if (a->fd < 0)
		return;
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = a};
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, a->fd, &e) != 0)
		die("epoll", strerror(errno));
	script(a);
}

static void end(struct attacker *a)
{
	const struct linger drop = {1, 0};
	if (a->kind == CHURN && random() % 2 == 0)
		(void)setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
	(void)close(a->fd);
	a->fd = -1;
}

/* Sends up to `most` bytes; false: the connection is gone. */
static bool push(struct attacker *a, size_t most)
{
	while (most > 0 && a->sent < a->n + a->more) {
		bool head = a->sent < a->n;
		size_t left = head ? a->n - a->sent : a->n + a->more - a->sent;
		size_t want = left < most ? left : most;
		if (!head && want > sizeof filler)
			want = sizeof filler;
		ssize_t n = send(a->fd, head ? a->out + a->sent : filler, want, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN;
		a->sent += (size_t)n;
		most -= (size_t)n;
	}
	return true;
}

static void on_event(struct attacker *a, uint32_t events)
{
	static char in[1 << 16];
	bool on = true, got = false;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
		end(a);
		return;
	}
	if (!a->connected && (events & EPOLLOUT) != 0) {
		a->connected = true;
		opened[a->kind]++;
	}
	for (ssize_t n; on && (events & EPOLLIN) != 0 && (n = recv(a->fd, in, sizeof in, 0)) != -1;) {
		on = n > 0;
		got |= on;
	}
	answered[a->kind] += got;
	if (on && a->kind == CHURN) {
		(void)push(a, 1 << 16);
		on = false;
	} else if (on && got && a->sent >= a->n && a->kind >= MULTIPART) {
		script(a);
	}
	if (on && a->kind >= HUGE)
		on = push(a, 1 << 18);
	if (!on || (events & EPOLLRDHUP) != 0)
		end(a);
}

static int attack(int idle)
{
	size_t count = (size_t)idle, at = 0;
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
	for (int k = 1; k < KINDS; k++)
		count += (size_t)ROWS[k].count;
	struct attacker *all = calloc(count, sizeof *all);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int k = 0; k < KINDS; k++)
		for (int i = 0; i < (k == IDLE ? idle : ROWS[k].count); i++, at++)
			all[at] = (struct attacker){.kind = (enum kind)k, .fd = -1,
				.address = 0x7f010000u + (uint32_t)k * 256 + (uint32_t)(i % 50) + 1};
	bool ready = false;
	double tick = now(), began = tick;
	size_t scan = 0;
	for (struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN}; poll(&in, 1, 0) == 0;) {
		struct epoll_event e[256];
		int n = epoll_wait(epoll, e, 256, 2);
		for (int i = 0; i < n; i++)
			if (((struct attacker *)e[i].data.ptr)->fd >= 0)
				on_event(e[i].data.ptr, e[i].events);
		/* Some of those that are gone come back at each turn. */
		for (size_t i = 0, made = 0; i < count && made < 64; i++, scan = (scan + 1) % count)
			if (all[scan].fd < 0) {
				begin(&all[scan]);
				made++;
			}
		if (now() - tick < 0.1)
			continue;
		tick = now();
		for (size_t i = (size_t)idle; i < count && all[i].kind <= BODY; i++)
			if (all[i].fd >= 0 && all[i].connected && !push(&all[i], all[i].kind == BODY && all[i].sent < all[i].n ? all[i].n : 1))
				end(&all[i]);
		if (!ready && (opened[IDLE] >= idle || tick - began > 30)) {
			ready = true;
			(void)printf("ready %ld\n", opened[IDLE]);
			(void)fflush(stdout);
		}
	}
	for (int k = 0; k < KINDS; k++)
		(void)printf("%s: %ld connections, %ld sent, %ld answered\n", ROWS[k].name, opened[k], asked[k], answered[k]);
	free(all);
	return 0;
}

/* --- honest ones --- */

enum { HONEST = 8, SAMPLES = 200000 };
static struct honest {
	int number, fd;
	double until;
	char *in;
	uint32_t *took;
	size_t count, failed;
	pthread_t thread;
} honest[HONEST];
enum { IN_MAX = 1 << 19 };

/* One request and its whole answer; false: it is none that was hoped for. */
static bool ask(struct honest *h, const char *method, const char *path, const char *body)
{
	char out[16384];
	double began = now();
	for (int tries = 0;; tries++) {
		bool fresh = h->fd < 0;
		if (fresh)
			h->fd = open_from(0x7f000010u + (uint32_t)h->number, true);
		int n = snprintf(out, sizeof out, "%s %s%s HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\n"
		                 "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
		                 method, prefix, path, port, port, strlen(body), body);
		if (n < 0 || n >= (int)sizeof out)
			die("too long", path);
		size_t got = 0, whole = 0;
		bool on = h->fd >= 0 && send(h->fd, out, (size_t)n, MSG_NOSIGNAL) == n;
		while (on && (whole == 0 || got < whole)) {
			ssize_t k = recv(h->fd, h->in + got, IN_MAX - 1 - got, 0);
			on = k > 0;
			got += on ? (size_t)k : 0;
			h->in[got] = '\0';
			const char *end = strstr(h->in, "\r\n\r\n"), *length = strcasestr(h->in, "\r\nContent-Length:");
			if (whole == 0 && end != NULL && length != NULL)
				whole = (size_t)(end + 4 - h->in) + strtoul(length + 17, NULL, 10);
		}
		if (on)
			break;
		if (h->fd >= 0)
			(void)close(h->fd);
		h->fd = -1;
		/* One that was kept open may have been closed meanwhile, as every client knows. */
		if (fresh || tries > 0) {
			h->failed++;
			return false;
		}
	}
	bool good = strncmp(h->in, "HTTP/1.1 2", 10) == 0 || strncmp(h->in, "HTTP/1.1 3", 10) == 0;
	if (!good) {
		h->failed++;
		if (h->failed < 3)
			(void)fprintf(stderr, "%s %s: %.40s\n", method, path, h->in);
	}
	if (h->count < SAMPLES)
		h->took[h->count++] = (uint32_t)((now() - began) * 1e6);
	return good;
}

static bool post(struct honest *h, const char *path, const char *rest)
{
	char body[12000];
	const char *from = strstr(h->in, "name=\"s\" value=\""), *to = from != NULL ? strchr(from + 16, '"') : NULL;
	if (to == NULL || snprintf(body, sizeof body, "s=%.*s&%s", (int)(to - from - 16), from + 16, rest) >= (int)sizeof body)
		return false;
	return ask(h, "POST", path, body);
}

static void *live(void *arg)
{
	static const char *const READS[] = {"/", "/cases", "/follow", "/report", "/figures", "/rights"};
	struct honest *h = arg;
	unsigned seed = (unsigned)h->number;
	while (now() < h->until) {
		if (h->number % 4 != 0) {
			(void)ask(h, "GET", READS[rand_r(&seed) % 6], "");
		} else if (ask(h, "GET", "/report", "") && post(h, "/report/kind", "kind=noise&go=next") &&
		           post(h, "/report/where", "area=unsure&street=&landmark=&lat=&lon=&go=next") &&
		           post(h, "/report/what", "text=Loa+qu%C3%A1+to.&go=next")) {
			if (strstr(h->in, "/report/photos\"") != NULL)
				(void)post(h, "/report/photos", "go=next");
			(void)post(h, "/report/check", "go=send");
			(void)usleep(500000); /* no more forms than an address may send */
		}
		(void)usleep(10000 + (useconds_t)(rand_r(&seed) % 20000));
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static int be_honest(double seconds)
{
	static uint32_t all[HONEST * SAMPLES];
	size_t n = 0, failed = 0;
	for (int i = 0; i < HONEST; i++) {
		honest[i] = (struct honest){.number = i, .fd = -1, .until = now() + seconds, .in = malloc(IN_MAX),
		                            .took = calloc(SAMPLES, sizeof(uint32_t))};
		if (pthread_create(&honest[i].thread, NULL, live, &honest[i]) != 0)
			die("thread", strerror(errno));
	}
	for (int i = 0; i < HONEST; i++) {
		(void)pthread_join(honest[i].thread, NULL);
		memcpy(all + n, honest[i].took, honest[i].count * sizeof *all);
		n += honest[i].count;
		failed += honest[i].failed;
	}
	qsort(all, n, sizeof *all, by_size);
	if (n == 0)
		die("honest", "nothing was answered");
	(void)printf("%zu %zu %u %u %u\n", n, failed, all[n / 2], all[n * 99 / 100], all[n - 1]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		die("usage", "bench-hostile attack PORT PREFIX IDLE | honest PORT PREFIX SECONDS");
	port = (int)strtol(argv[2], NULL, 10);
	prefix = argv[3];
	prepare();
	if (strcmp(argv[1], "attack") == 0)
		return attack((int)strtol(argv[4], NULL, 10));
	return be_honest(strtod(argv[4], NULL));
}
