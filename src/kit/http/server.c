#include "kit/http/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct conn *conn_of(struct MHD_Connection *m)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(m, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info != NULL ? info->socket_context : NULL;
}

static void connection_event(void *cls, struct MHD_Connection *m, void **context,
                             enum MHD_ConnectionNotificationCode what)
{
	struct http *h = cls;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context != NULL)
			atomic_fetch_sub(&h->open, 1);
		conn_free(h, *context);
		*context = NULL;
		return;
	}
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(m, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *address =
		MHD_get_connection_info(m, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct conn *c = fd != NULL ? conn_new(h, (int)fd->connect_fd) : NULL;
	if (c != NULL)
		atomic_fetch_add(&h->open, 1);
	if (c != NULL)
		c->peer = peer_hash(h, address != NULL ? address->client_addr : NULL, &c->proxy);
	*context = c;
}

/* The request line has come: the call begins. */
static void *target_read(void *cls, const char *target, struct MHD_Connection *m)
{
	struct conn *conn = conn_of(m);
	if (conn == NULL)
		return NULL;
	int state = atomic_load_explicit(&conn->state, memory_order_relaxed);
	if (state == CONN_IDLE || state == CONN_NEW)
		conn_state(conn, CONN_HEADER);
	return call_new(cls, conn, m, target);
}

static void completed(void *cls, struct MHD_Connection *m, void **context,
                      enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)m;
	(void)why;
	struct call *c = *context;
	*context = NULL;
	if (c == NULL)
		return;
	metrics_count(c);
	conn_state(c->conn, CONN_IDLE);
	call_free(c);
}

static enum MHD_Result queue_plain(struct call *c, enum rc rc)
{
	struct MHD_Response *m = answer_plain(c->http, rc, c->q.lang, STR_EMPTY);
	int status = c->status != 0 ? c->status : rc_status(rc);
	c->status = status;
	if (c->close || atomic_load(&c->http->stopping))
		answer_header(m, "Connection", STR("close"));
	conn_state(c->conn, CONN_SEND);
	enum MHD_Result result = MHD_queue_response(c->mhd, (unsigned)status, m);
	MHD_destroy_response(m);
	return result;
}

static struct spool *file_part(void *ctx, struct fault *f)
{
	struct call *c = ctx;
	struct spool *s = NULL;
	if (c->http->c.spool_dir == NULL)
		return NULL;
	if (atomic_fetch_add(&c->http->spools, 1) >= SPOOLS_MAX) {
		atomic_fetch_sub(&c->http->spools, 1);
		(void)fault_set(f, RC_FULL, "%d files are on their way in already", (int)SPOOLS_MAX);
		return NULL;
	}
	c->spools++;
	return spool_new(&s, c->http->c.spool_dir, f) == RC_OK ? s : NULL;
}

/* The first call of a POST: everything that the headers can decide, before a body is read. */
static enum MHD_Result headers_read(struct call *c, const char *method)
{
	struct str length_text, type, expect;
	int64_t length = 0;
	bool known = call_header(c, "Content-Length", &length_text) && str_i64(length_text, &length);
	c->early = call_begin(c, method);
	size_t max = c->early == RC_OK ? c->q.route->body_max : 0;
	bool chunked = call_header(c, "Transfer-Encoding", &type);
	if (length > 0 || chunked)
		conn_state(c->conn, CONN_BODY);
	/* A client that asks first, or a body that nobody will read to its end: told at once. */
	if (known && (uint64_t)length > max &&
	    (call_header(c, "Expect", &expect) || (uint64_t)length > max + DRAIN_MAX))
		return queue_plain(c, c->early != RC_OK ? c->early : RC_TOO_BIG);
	if (c->early != RC_OK || (length == 0 && !chunked))
		return MHD_YES;
	const struct form_sink sink = {file_part, c};
	if (!call_header(c, "Content-Type", &type))
		type = STR_EMPTY;
	enum rc rc = form_begin(&c->parser, &c->arena, type, &sink, NULL);
	if (rc == RC_UNSUPPORTED)
		c->early = rc;
	else
		c->q.body_rc = rc;
	return MHD_YES;
}

static enum MHD_Result body_read(struct call *c, struct str bytes)
{
	size_t max = c->begun && c->early == RC_OK ? c->q.route->body_max : 0;
	size_t room = c->body_seen < max ? max - c->body_seen : 0;
	c->body_seen += bytes.n;
	if (c->body_seen > max + DRAIN_MAX)
		return MHD_NO;
	if (bytes.n > room && c->q.body_rc == RC_OK)
		c->q.body_rc = RC_TOO_BIG;
	if (c->parser != NULL && room > 0 && max > BODY_SMALL && c->q.body_rc == RC_OK) {
		/* Many slow senders of large files would else fill the disk that cases are written to. */
		long more = (long)(bytes.n < room ? bytes.n : room);
		c->held += more;
		if (atomic_fetch_add(&c->http->held, more) + more > HELD_MAX)
			c->q.body_rc = RC_FULL;
	}
	if (c->parser != NULL && room > 0 && c->q.body_rc != RC_FULL) {
		enum rc rc = form_feed(c->parser, str_sub(bytes, 0, room), NULL);
		if (rc != RC_OK && c->q.body_rc == RC_OK)
			c->q.body_rc = rc;
	}
	return MHD_YES;
}

static void body_end(struct call *c)
{
	struct request *q = &c->q;
	if (c->parser == NULL)
		return;
	enum rc rc = form_end(c->parser, &q->form, &q->form_count, &q->uploads, &q->upload_count,
	                      NULL);
	if (rc != RC_OK && q->body_rc == RC_OK)
		q->body_rc = rc;
}

static enum MHD_Result queue_made(struct call *c)
{
	if (c->page != NULL)
		return page_queue(c->page, c);
	conn_state(c->conn, CONN_SEND);
	return MHD_queue_response(c->mhd, (unsigned)c->status, c->response);
}

/* The whole request is here: answered from memory, or handed to a worker. */
static enum MHD_Result request_read(struct call *c, const char *method)
{
	struct http *h = c->http;
	enum MHD_Result result;
	if (!c->begun) {
		if (call_framed(c) && health_answer(c, &result))
			return result;
		if (call_framed(c) && (c->conn->proxy || rate_allows(h, &c->conn->peer, RATE_PAGE)) &&
		    (assets_answer(c, &result) || cache_answer(c, &result)))
			return result;
		c->early = call_begin(c, method);
	}
	body_end(c);
	/* What a flood would bring is answered without a worker; and a page needs a known host. */
	if (c->early == RC_LIMIT || (c->early != RC_OK && c->status != 0))
		return queue_plain(c, c->early);
	c->handed = true;
	c->taken_at = clock_ticks();
	conn_state(c->conn, CONN_WORK);
	if (workers_take(h, c))
		return MHD_YES;
	c->handed = false;
	return queue_plain(c, RC_AGAIN);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *m, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **context)
{
	(void)cls;
	(void)m;
	(void)url;
	(void)version;
	struct call *c = *context;
	if (c == NULL)
		return MHD_NO;
	if (!c->first) {
		/* An answer queued here would close the connection: only where it should. */
		c->first = true;
		bool reads = strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
		             strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
		return reads ? MHD_YES : headers_read(c, method);
	}
	if (*upload_size > 0) {
		struct str bytes = str_n(upload, *upload_size);
		*upload_size = 0;
		return body_read(c, bytes);
	}
	if (c->handed)
		return queue_made(c);
	return request_read(c, method);
}

/* The socket that somebody else listens on for us. */
static enum rc socket_take(int fd, int *out, int *port, struct fault *f)
{
	struct sockaddr_in6 bound = {0};
	socklen_t n = sizeof bound;
	int listens = 0, flags = fcntl(fd, F_GETFL);
	socklen_t size = sizeof listens;
	if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens ||
	    getsockname(fd, (struct sockaddr *)&bound, &n) != 0 ||
	    (bound.sin6_family != AF_INET && bound.sin6_family != AF_INET6))
		return fault_set(f, RC_INVALID, "descriptor %d is no TCP socket that listens", fd);
	/* Several threads take from it: who comes second must not wait. */
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return fault_set(f, RC_IO, "descriptor %d: %s", fd, strerror(errno));
	*port = ntohs(bound.sin6_port);
	*out = fd;
	return RC_OK;
}

static enum rc listen_on(const struct http *h, int *out, int *port, struct fault *f)
{
	if (h->c.socket > 0)
		return socket_take(h->c.socket, out, port, f);
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)h->c.port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)h->c.port)};
	const char *listen_text = h->c.listen != NULL ? h->c.listen : "127.0.0.1";
	bool six = inet_pton(AF_INET6, listen_text, &v6.sin6_addr) == 1;
	if (!six && inet_pton(AF_INET, listen_text, &v4.sin_addr) != 1)
		return fault_set(f, RC_INVALID, "%s is no address to listen on", listen_text);
	const struct sockaddr *sa = six ? (const void *)&v6 : (const void *)&v4;
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	if (fd < 0)
		return fault_set(f, RC_IO, "no socket: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, sa, six ? sizeof v6 : sizeof v4) != 0 || listen(fd, 1024) != 0) {
		int why = errno;
		(void)close(fd);
		return fault_set(f, RC_IO, "cannot listen on %s port %d: %s", listen_text, h->c.port,
		                 strerror(why));
	}
	struct sockaddr_in6 bound;
	socklen_t n = sizeof bound;
	(void)getsockname(fd, (struct sockaddr *)&bound, &n);
	*port = ntohs(bound.sin6_port); /* stands at the same place in both */
	*out = fd;
	return RC_OK;
}

/* "https://desk.example:8443" → scheme and authority. */
static enum rc base_url_read(struct http *h, struct fault *f)
{
	struct str url = str_of(h->c.base_url);
	h->https = str_starts(url, STR("https://"));
	if (!h->https && !str_starts(url, STR("http://")))
		return fault_set(f, RC_INVALID, "base_url begins neither with http:// nor https://");
	h->scheme = str_n(url.p, h->https ? 5 : 4);
	struct str rest = str_sub(url, h->scheme.n + 3, url.n);
	h->authority = str_cut(&rest, '/');
	if (h->authority.n == 0 || rest.n > 0)
		return fault_set(f, RC_INVALID, "base_url is a scheme and a host, without a path");
	return RC_OK;
}

/* A descriptor a connection, and some for everything else. */
static void descriptors_raise(struct http *h)
{
	struct rlimit r;
	const size_t spare = SPOOLS_MAX + 256;
	size_t want = h->c.connections + spare;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	if (r.rlim_cur < want) {
		r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur < want)
		h->c.connections = r.rlim_cur > 2 * spare ? r.rlim_cur - spare : r.rlim_cur / 2;
}

static enum rc daemon_start(struct http *h, struct fault *f)
{
	int fd = -1;
	enum rc rc = listen_on(h, &fd, &h->port, f);
	if (rc != RC_OK)
		return rc;
	struct MHD_OptionItem pool[] = {
		{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)h->c.io_threads, NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	/* One address may not hold every connection; behind a proxy all come from the proxy's. */
	bool direct = h->c.proxies == NULL || h->c.proxies[0] == NULL;
	unsigned per_address = direct ? (unsigned)(h->c.connections / 2) : 0;
	/* A pool of one is refused: one thread is what there is without the option. */
	if (h->c.io_threads < 2)
		pool[0] = pool[1];
	h->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL,
		handle, h, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->c.connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)WORKER_STACK,
		MHD_OPTION_NOTIFY_CONNECTION, connection_event, h,
		MHD_OPTION_NOTIFY_COMPLETED, completed, h,
		MHD_OPTION_URI_LOG_CALLBACK, target_read, h, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
	if (h->daemon == NULL) {
		(void)close(fd);
		return fault_set(f, RC_FAIL, "libmicrohttpd did not start");
	}
	return RC_OK;
}

static void release(struct http *h)
{
	metrics_stop(h);
	workers_stop(h);
	sweep_stop(h);
	metrics_free(h);
	assets_free(h);
	cache_free(h->cache);
	rates_free(h->rates);
	guesses_free(h->guesses);
	(void)pthread_mutex_destroy(&h->peers.lock);
	free(h->routes);
	free(h);
}

enum rc http_start(struct http **out, const struct http_config *c, struct fault *f)
{
	struct http *h = calloc(1, sizeof *h);
	if (h == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the server");
	h->c = *c;
	if (h->c.io_threads == 0)
		h->c.io_threads = 2;
	if (h->c.workers == 0)
		h->c.workers = 16;
	if (h->c.header_deadline_s == 0)
		h->c.header_deadline_s = 10;
	if (h->c.body_deadline_s == 0)
		h->c.body_deadline_s = 300;
	if (h->c.connections == 0)
		h->c.connections = 12000;
	if (!(h->c.rate_scale > 0))
		h->c.rate_scale = 1;
	(void)pthread_mutex_init(&h->peers.lock, NULL);
	random_bytes(h->peers.key.b, sizeof h->peers.key.b);
	h->peers.day = day_of(clock_now(h->c.clock));
	random_bytes(h->guess_key.b, sizeof h->guess_key.b);
	descriptors_raise(h);
	h->cache = cache_new();
	h->rates = rates_new();
	h->guesses = guesses_new();
	enum rc rc = RC_OK;
	if (h->cache == NULL || h->rates == NULL || h->guesses == NULL)
		rc = fault_set(f, RC_NOMEM, "no memory for the server");
	if (rc == RC_OK)
		rc = base_url_read(h, f);
	if (rc == RC_OK)
		rc = routes_index(h, f);
	if (rc == RC_OK)
		rc = metrics_init(h, f);
	if (rc == RC_OK)
		rc = assets_load(h, f);
	if (rc == RC_OK)
		rc = sweep_start(h, f);
	if (rc == RC_OK)
		rc = workers_start(h, f);
	if (rc == RC_OK) {
		*out = h;   /* before the first request, whose handler may look for it there */
		rc = metrics_start(h, f);
		if (rc == RC_OK)
			rc = daemon_start(h, f);
	}
	if (rc != RC_OK) {
		*out = NULL;
		release(h);
	}
	return rc;
}

int http_port(const struct http *h) { return h->port; }

static void wait_until_none(const _Atomic long *count, int64_t until)
{
	const struct timespec step = {.tv_nsec = 2 * 1000 * 1000};
	while (atomic_load(count) > 0 && clock_ticks() < until)
		(void)nanosleep(&step, NULL);
}

enum rc http_stop(struct http *h)
{
	if (h == NULL)
		return RC_OK;
	int64_t until = clock_ticks() + STOP_S * US_SECOND;
	int fd = MHD_quiesce_daemon(h->daemon);
	if (fd >= 0)
		(void)close(fd);
	atomic_store(&h->drain_at, ticks_coarse());
	atomic_store(&h->stopping, true);
	wait_until_none(&h->open, until);
	wait_until_none(&h->active, until);
	/* libmicrohttpd aborts the process when it is stopped while a connection is suspended. */
	wait_until_none(&h->suspended, until + STOP_S * US_SECOND);
	if (atomic_load(&h->suspended) > 0) {
		log_error("http", "a handler does not end: the server is left as it is");
		return RC_TIMEOUT;
	}
	MHD_stop_daemon(h->daemon);
	release(h);
	return RC_OK;
}
