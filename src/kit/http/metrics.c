/* Sums for whoever watches the machine, in Prometheus' text form (version 0.0.4), on a port of the
 * loopback address alone: answers by route and status, times, queues. A route is counted under its
 * pattern, so that no code, name or address of a page is ever a label. */
#include "kit/http/internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Anything else counts as the last one, 0. */
static const int STATUS[] = {200, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 421,
                             422, 429, 431, 500, 503, 0};
enum { STATUS_COUNT = sizeof STATUS / sizeof *STATUS };
_Static_assert((int)STATUS_COUNT <= (int)STATUS_SLOTS, "a slot for each status");
static const int64_t LATENCY_US[LATENCY_STEPS] = {500,   1000,   2500,   5000,    10000,   25000,
                                                  50000, 100000, 250000, 1000000, 5000000, 20000000};

enum rc metrics_init(struct http *h, struct fault *f)
{
	h->metrics.answers = calloc(COUNT_ROUTES + h->route_count, sizeof *h->metrics.answers);
	return h->metrics.answers != NULL ? RC_OK : fault_set(f, RC_NOMEM, "no memory for counters");
}

void metrics_free(struct http *h) { free(h->metrics.answers); }

size_t metrics_slot(const struct http *h, const struct route *r)
{
	for (size_t i = 0; i < h->route_count; i++)
		if (h->routes[i] == r)
			return COUNT_ROUTES + i;
	return COUNT_OTHER;
}

static void add(_Atomic uint64_t *n, uint64_t more)
{
	atomic_fetch_add_explicit(n, more, memory_order_relaxed);
}

void metrics_count(struct call *c)
{
	if (c->status == 0)
		return;   /* it went away before there was an answer */
	size_t s = 0;
	while (s < STATUS_COUNT - 1 && STATUS[s] != c->status)
		s++;
	add(&c->http->metrics.answers[c->slot][s], 1);
}

void metrics_took(struct http *h, int64_t us)
{
	size_t i = 0;
	while (i < LATENCY_STEPS && us > LATENCY_US[i])
		i++;
	add(&h->metrics.latency[i], 1);
	add(&h->metrics.latency_us, us > 0 ? (uint64_t)us : 0);
}

static uint64_t get(const _Atomic uint64_t *n)
{
	return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)n, memory_order_relaxed);
}

void metric_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_one(struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
	metric_head(out, name, type, help);
	buf_addf(out, "%s %lld\n", name, (long long)value);
}

static void add_answers(const struct http *h, struct buf *out)
{
	static const char *const OTHERS[COUNT_ROUTES] = {"other", "/assets", "/healthz"};
	static const char *const METHODS[] = {"", "GET ", "POST "};
	metric_head(out, "xom_http_answers_total", "counter",
	            "Answers by route and status; \"other\": of no route.");
	for (size_t i = 0; i < COUNT_ROUTES + h->route_count; i++)
		for (size_t s = 0; s < STATUS_COUNT; s++) {
			uint64_t n = get(&h->metrics.answers[i][s]);
			if (n == 0)
				continue;
			const struct route *r = i < COUNT_ROUTES ? NULL : h->routes[i - COUNT_ROUTES];
			buf_addf(out, "xom_http_answers_total{route=\"%s%s\",status=\"%d\"} %llu\n",
			         r != NULL ? METHODS[r->method] : "", r != NULL ? r->pattern : OTHERS[i],
			         STATUS[s], (unsigned long long)n);
		}
}

static void add_latency(const struct http *h, struct buf *out)
{
	uint64_t sum = 0;
	metric_head(out, "xom_http_answer_seconds", "histogram",
	            "From the whole request to its answer, where a worker made it.");
	for (size_t i = 0; i < LATENCY_STEPS; i++) {
		sum += get(&h->metrics.latency[i]);
		buf_addf(out, "xom_http_answer_seconds_bucket{le=\"%g\"} %llu\n",
		         (double)LATENCY_US[i] / 1e6, (unsigned long long)sum);
	}
	sum += get(&h->metrics.latency[LATENCY_STEPS]);
	buf_addf(out, "xom_http_answer_seconds_bucket{le=\"+Inf\"} %llu\n"
	         "xom_http_answer_seconds_sum %.6f\nxom_http_answer_seconds_count %llu\n",
	         (unsigned long long)sum, (double)get(&h->metrics.latency_us) / 1e6,
	         (unsigned long long)sum);
}

void http_metrics(struct http *h, struct buf *out)
{
	struct worker_pool *p = &h->pool;
	pthread_mutex_lock(&p->lock);
	size_t waiting = p->waiting;
	pthread_mutex_unlock(&p->lock);
	add_answers(h, out);
	add_latency(h, out);
	metric_one(out, "xom_http_connections", "gauge", "Open connections.", atomic_load(&h->open));
	metric_one(out, "xom_http_requests", "gauge", "Requests that are read, worked on or answered.",
	           atomic_load(&h->active));
	metric_one(out, "xom_http_waiting", "gauge", "Requests that wait for a worker.", (int64_t)waiting);
	metric_one(out, "xom_http_body_bytes", "gauge", "Bytes of the large bodies that are held.",
	           atomic_load(&h->held));
	metric_one(out, "xom_http_cache_hits_total", "counter", "Public pages answered from memory.",
	           (int64_t)get(&h->metrics.cache_hits));
	metric_one(out, "xom_http_cache_misses_total", "counter", "Public pages that had to be made.",
	           (int64_t)get(&h->metrics.cache_misses));
	if (h->c.hooks.metrics != NULL)
		h->c.hooks.metrics(h->c.app, out);
}

/* Only under the names of the loopback address: a page of somebody else's that a browser on this
 * machine shows could otherwise read it under a name of its own. */
static bool local_name(struct MHD_Connection *m)
{
	static const char *const NAMES[] = {"127.0.0.1", "localhost"};
	const char *host = MHD_lookup_connection_value(m, MHD_HEADER_KIND, "Host");
	struct str name = host != NULL ? str_of(host) : STR_EMPTY;
	name = str_cut(&name, ':');
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
		if (str_is(name, NAMES[i]))
			return true;
	return false;
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *m, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **context)
{
	struct http *h = cls;
	static int first;
	(void)version;
	(void)upload;
	(void)upload_size;
	if (*context == NULL) {
		*context = &first;
		return MHD_YES;
	}
	bool here = strcmp(url, "/metrics") == 0 && strcmp(method, "GET") == 0 && local_name(m);
	struct buf out = {0};
	if (here)
		http_metrics(h, &out);
	else
		buf_addz(&out, "only GET /metrics\n");
	if (out.failed) {
		buf_release(&out);
		return MHD_NO;
	}
	struct MHD_Response *r = MHD_create_response_from_buffer(out.n, out.p, MHD_RESPMEM_MUST_FREE);
	if (r == NULL)
		return MHD_NO;
	answer_header(r, "Content-Type", here ? STR("text/plain; version=0.0.4; charset=utf-8")
	                                      : STR("text/plain"));
	enum MHD_Result result = MHD_queue_response(m, here ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND, r);
	MHD_destroy_response(r);
	return result;
}

enum rc metrics_start(struct http *h, struct fault *f)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)h->c.metrics_port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (h->c.metrics_port == 0)
		return RC_OK;
	h->metrics.daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, answer, h,
		MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_CONNECTION_LIMIT, 8U,
		MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
	if (h->metrics.daemon == NULL)
		return fault_set(f, RC_IO, "cannot listen on 127.0.0.1 port %d (metrics_port)",
		                 h->c.metrics_port);
	return RC_OK;
}

void metrics_stop(struct http *h)
{
	if (h->metrics.daemon != NULL)
		MHD_stop_daemon(h->metrics.daemon);
	h->metrics.daemon = NULL;
}
