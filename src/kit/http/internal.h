/* Inside of kit/http: the server, its connections and calls. Nobody else includes this.
 *
 * Threads: libmicrohttpd's I/O threads call begin/body/answer (server.c); a call belongs to one
 * I/O thread until it is suspended and handed to a worker, and to that worker until it is resumed.
 * The deadline thread (sweep.c) touches struct conn under its lock only. */
#ifndef XOM_HTTP_INTERNAL_H
#define XOM_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "kit/base/clock.h"
#include "kit/base/log.h"
#include "kit/http/form.h"
#include "kit/http/spool.h"

enum {
	URL_MAX = 4 << 10,           /* target with its query */
	HEADERS_MAX = 8 << 10,
	CONNECTION_MEMORY = 20 << 10,
	COOKIES_MAX = 64,
	REPLY_COOKIES = 4,
	FRESH_S = 10,                /* other servers look for changes every two seconds */
	QUEUE_MAX = 512,             /* calls waiting for a worker; more is 503 */
	WORKER_STACK = 512 << 10,
	SPOOLS_MAX = 512,            /* files of all running bodies: a descriptor and 64 KiB each */
	BODY_SMALL = 1 << 20,        /* a route that takes more counts towards HELD_MAX */
	HELD_MAX = 1 << 30,          /* bytes of all running bodies: what slow senders hold on the disk */
	DRAIN_MAX = 256 << 20,       /* bytes over a limit that are read so that 413 can be told */
	KEEP_ALIVE_S = 60,
	STOP_S = 20,
	SWEEP_MOST = 128,            /* connections ended at once: thousands would hold up everybody */
	SWEEP_SLICE = 256,           /* connections looked at with the lock, for which accepting waits */
	DRAIN_QUIET_MS = 250,        /* a connection that asks nothing for so long is closed */
	STATUS_SLOTS = 24, LATENCY_STEPS = 12,
};

/* What a connection is doing, for its deadline. */
enum conn_state { CONN_NEW = 1, CONN_HEADER, CONN_BODY, CONN_WORK, CONN_SEND, CONN_IDLE };
struct conn {
	struct conn *prev, *next;
	int fd;
	_Atomic int state;
	_Atomic int64_t since;       /* clock_ticks of the coarse clock */
	struct hash peer;            /* of the socket's address */
	bool proxy;                  /* believed about X-Forwarded-For */
	bool ended;                  /* its deadline is over: the I/O thread is about to close it */
};

struct cookie_out {
	const char *name;
	struct str value;
	int max_age_s;
};
struct reply {
	bool answered;
	int status, refresh_s;
	const char *page;
	const struct shape *shape;
	struct vobj *object;
	struct str bytes, type, location, title, file_name, worker_scope;
	struct buf whole;             /* of reply_buf, in the place of bytes */
	bool in_place;                /* file_name is of what the browser shows itself */
	struct cookie_out cookies[REPLY_COOKIES];
	size_t cookie_count;
};

enum encoding { ENC_PLAIN, ENC_GZIP, ENC_BR, ENC_COUNT };

/* The same bytes in three encodings, ready to be queued any number of times. */
struct packed {
	struct MHD_Response *full[ENC_COUNT], *same[ENC_COUNT];   /* same: 304 */
	char etag[ENC_COUNT][32];
	const char *body[ENC_COUNT]; /* of full, which owns it */
	size_t length[ENC_COUNT], size;
};

struct call {
	struct http *http;
	struct conn *conn;
	struct MHD_Connection *mhd;
	struct call *next;           /* in the workers' queue */
	char *target;                /* as sent, with the query */
	size_t target_size;
	bool first, begun, handed;   /* seen once; read whole; given to a worker */
	bool close;                  /* the connection ends with the answer */
	size_t slot;                 /* what it counts under: metrics.c */
	int64_t taken_at;            /* clock_ticks when it was handed to a worker */
	enum rc early;               /* refused before the handler: no body, no handler */
	size_t body_seen;
	long held, spools;           /* of the server's sums, given back when the call ends */
	struct form_parser *parser;
	struct arena arena;
	struct request q;
	struct str host, query_text, allow;
	struct MHD_Response *response;   /* made by the worker; or: */
	struct cached_page *page;
	int status;
};

struct worker_pool {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct call *head, **tail;
	size_t waiting;
	bool stop;
	pthread_t *threads;
	size_t count;
};

struct asset {
	char *name;
	char version[20];
	struct packed dated, plain;  /* with the right ?v=: kept for a year; without it: asked again */
};

/* What /metrics tells: sums since the start, about routes and never about who or what. */
enum { COUNT_OTHER = 0, COUNT_ASSETS, COUNT_HEALTH, COUNT_ROUTES };  /* from COUNT_ROUTES: routes */
struct metrics {
	_Atomic uint64_t (*answers)[STATUS_SLOTS];   /* a row each */
	_Atomic uint64_t cache_hits, cache_misses;
	_Atomic uint64_t latency[LATENCY_STEPS + 1]; /* of answers that a worker made */
	_Atomic uint64_t latency_us;
	struct MHD_Daemon *daemon;
};

struct http {
	struct http_config c;
	struct MHD_Daemon *daemon;
	int port;
	bool https;
	struct str scheme, authority;    /* of base_url */
	struct {                     /* what addresses are hashed with: another one each of the ward's days */
		pthread_mutex_t lock;
		int32_t day;
		struct key key;
	} peers;
	struct key guess_key;        /* of codes and accounts that are guessed at: as long as it runs */
	const struct route **routes;
	size_t route_count;
	struct worker_pool pool;
	_Atomic bool stopping;
	_Atomic int64_t drain_at;    /* ticks_coarse when it began to stop */
	_Atomic long active, suspended, open;   /* calls, calls at workers, connections */
	_Atomic long held, spools;   /* bytes and files of bodies that are being read or handled */
	struct {
		pthread_mutex_t lock;
		pthread_cond_t wake;
		struct conn *first, *at;     /* at: looked at next, while it looks */
		pthread_t thread;
		bool started, stop;
	} sweep;
	struct rates *rates;
	struct guesses *guesses;
	struct page_cache *cache;
	struct asset *assets;
	size_t asset_count;
	struct metrics metrics;
};

/* call.c */
struct call *call_new(struct http *h, struct conn *conn, struct MHD_Connection *m,
                      const char *target);
void call_free(struct call *c);
/* Reads headers and address; RC_OK, or why it is refused. */
enum rc call_begin(struct call *c, const char *method);
/* One Host, and one length at most: what two servers could read differently is refused. */
bool call_framed(const struct call *c);
bool call_header(const struct call *c, const char *name, struct str *value);
bool call_wrote(const struct call *c);   /* has this browser changed something just now */

/* route.c */
enum rc routes_index(struct http *h, struct fault *f);
/* Ward, language, route, format and params from the path; RC_NONE, RC_METHOD (c->allow set). */
enum rc route_find(struct call *c, struct str path);

/* check.c */
bool check_host(const struct http *h, struct str host);
enum rc check_origin(const struct call *c);
enum rc check_token(const struct call *c);
struct hash peer_hash(struct http *h, const void *sockaddr, bool *proxy);
struct hash peer_of(const struct call *c);

/* device.c */
struct str device_of(struct arena *a, struct str user_agent);

/* work.c */
enum rc workers_start(struct http *h, struct fault *f);
void workers_stop(struct http *h);
bool workers_take(struct http *h, struct call *c);   /* false: the queue is full */

/* answer.c */
void answer_call(struct call *c);    /* runs on a worker; leaves response and status */
struct MHD_Response *answer_plain(struct http *h, enum rc rc, enum lang l, struct str allow);
void answer_headers(const struct http *h, struct MHD_Response *m, struct str type,
                    const char *cache_control);
void answer_header(struct MHD_Response *m, const char *name, struct str value);

/* pack.c */
void packed_init(struct packed *p, const struct http *h, struct str type, struct str bytes,
                 const char *cache_control);
/* The same bytes under another rule of keeping: they stay `of`'s, which must outlive p. */
void packed_again(struct packed *p, const struct http *h, const struct packed *of, struct str type,
                  const char *cache_control);
void packed_release(struct packed *p);
enum encoding packed_encoding(const struct packed *p, struct str accept_encoding);
enum MHD_Result packed_queue(const struct packed *p, struct call *c);

/* cache.c */
struct page_cache *cache_new(void);
void cache_free(struct page_cache *pc);
/* Answers from the cache on the I/O thread; false when it has not. */
bool cache_answer(struct call *c, enum MHD_Result *result);
/* Keeps the page that was just made and leaves it in c->page for this call. */
void cache_keep(struct call *c, uint64_t changes, struct str type, struct str bytes);
enum MHD_Result page_queue(const struct cached_page *page, struct call *c);
void page_drop(struct cached_page *page);   /* takes NULL */

/* health.c */
bool health_answer(struct call *c, enum MHD_Result *result);

/* metrics.c */
enum rc metrics_init(struct http *h, struct fault *f);
enum rc metrics_start(struct http *h, struct fault *f);   /* the loopback port */
void metrics_stop(struct http *h);
void metrics_free(struct http *h);
size_t metrics_slot(const struct http *h, const struct route *r);
void metrics_count(struct call *c);                       /* the call has ended */
void metrics_took(struct http *h, int64_t us);

/* assets.c */
enum rc assets_load(struct http *h, struct fault *f);
void assets_free(struct http *h);
bool assets_answer(struct call *c, enum MHD_Result *result);

/* limit.c */
struct rates *rates_new(void);
void rates_free(struct rates *r);
bool rate_allows(struct http *h, const struct hash *peer, enum rate rate);
struct guesses *guesses_new(void);
void guesses_free(struct guesses *g);

/* sweep.c */
enum rc sweep_start(struct http *h, struct fault *f);
void sweep_stop(struct http *h);
struct conn *conn_new(struct http *h, int fd);
void conn_free(struct http *h, struct conn *c);
void conn_state(struct conn *c, enum conn_state state);
int64_t ticks_coarse(void);

#endif
