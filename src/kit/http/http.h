/* The HTTP server: libmicrohttpd's I/O threads parse and send, a pool of workers runs handlers in
 * plain blocking style, one arena a request. A route is a row of data; dispatch, the permission
 * test, the API description and the docs read the same rows.
 *
 * Addresses: /WARD/LANG/path.format: the ward's slug first (absent where the server has one ward),
 * then the language (absent for Vietnamese; one that isn't whole has open pages only: an
 * officer's page there is answered in Vietnamese), then the route; ".json", ".csv" and ".xlsx" choose
 * another representation of the same view (of a ward's own page: "/index.json").
 *
 * Who may is looked at before the handler: nobody signed in is sent to "BASE/sign-in?to=…" (401 for
 * JSON, CSV, XLSX and POST); who is signed in without the permission, or has no receipt open, gets the 404
 * of an unknown address, so that nothing is learnt. A POST from another origin is 403; a body over
 * the route's limit still reaches the handler, with body_rc, unless the client waits for
 * "100 Continue" or announces more than 256 MB over it: then 413.
 *
 * Besides the routes it answers, under any host name and without a ward: /healthz, 200 while it runs;
 * /readyz, 200 while requests may be sent here, otherwise 503. */
#ifndef XOM_HTTP_HTTP_H
#define XOM_HTTP_HTTP_H

#include "kit/base/hash.h"
#include "kit/base/keys.h"
#include "kit/view/view.h"

struct app;
struct request;
struct reply;

enum method { METHOD_GET = 1, METHOD_POST };   /* HEAD runs as GET */
enum csrf {
	CSRF_NONE = 1,   /* changes nothing (every GET) */
	CSRF_FORM,       /* anonymous forms: same origin, and the handler opens the sealed field */
	CSRF_SESSION,    /* same origin, and the field "token" is the session's */
};
enum rate {          /* per address (kept in memory only, as a keyed hash) and second */
	RATE_PAGE = 1,   /* generous */
	RATE_FORM,       /* sending something */
	RATE_GUESS,      /* codes, PINs, passwords: slow */
	RATE_UPLOAD,
};
enum cache {
	CACHE_PUBLIC = 1, /* the same for everybody: no actor, no cookie; kept precompressed */
	CACHE_FORM,       /* private, no-cache: the Back button keeps what was typed */
	CACHE_NONE,       /* no-store */
};

typedef enum rc handler_fn(struct request *q, struct reply *r, struct fault *f);

struct route {
	enum method method;
	const char *pattern;        /* "/desk/case/:code"; ":name" takes one segment */
	handler_fn *run;
	enum perm may;
	enum csrf csrf;
	size_t body_max;            /* bytes; 0: no body is read */
	enum rate rate;
	enum cache cache;
	const struct shape *shape;  /* of its view; NULL: it answers with bytes or a redirect */
	const char *page;           /* template "report/kind"; NULL likewise */
	const char *help;           /* one line */
};
/* Every column is given, or it does not compile: there is no default for who may. */
#define ROUTE(method, pattern, run, may, csrf, body_max, rate, cache, shape, page, help) \
	{METHOD_##method, pattern, run, PERM_##may, CSRF_##csrf, body_max, RATE_##rate, \
	 CACHE_##cache, shape, page, help}

/* A ward as a request knows it; filled from memory before any handler runs. */
struct ward {
	struct ward_id id;
	struct str slug, prefix, name; /* "song-may", "SM", "Phường Sông Mây" */
	struct str hotline;            /* office to call when late */
	bool demo;                     /* an invented one */
	bool practice;                 /* to learn in: invented, too */
};

enum format { FORMAT_HTML = 1, FORMAT_JSON, FORMAT_CSV, FORMAT_XLSX };

struct pair {
	struct str name, value;
};
struct upload {
	struct str field, file_name, type;   /* as sent; the type is not to be trusted */
	struct spool *spool;                 /* sealed temporary file, kit/http/spool.h */
	size_t size;
};

struct request {
	struct app *app;
	struct arena *arena;
	const struct route *route;
	const struct ward *ward;      /* never NULL in a handler, but for routes of no ward ("/") */
	struct actor actor;           /* all zero: nobody, and always on CACHE_PUBLIC */
	enum lang lang;
	enum method method;
	enum format format;
	struct str path;              /* the route's part, "/desk/case/SM-26-…" */
	struct str base;              /* what links begin with: "", "/song-may", "/song-may/en" */
	struct str home;              /* the same without the language: "", "/song-may" */
	int64_t now;                  /* microseconds UTC */
	struct pair params[4], *query, *form, *cookies;
	size_t param_count, query_count, form_count, cookie_count;
	struct upload *uploads;
	size_t upload_count;
	struct hash peer;             /* keyed hash of the client's address, for limits only; another one each day */
	enum rc body_rc;              /* RC_OK, or why the body could not be read (the parts that
	                                 came before are there): RC_TOO_BIG, RC_BAD_REQUEST, RC_FULL */
	struct str device;            /* "Chrome, Android", read off the User-Agent; empty: unknown */
	void *internal;
};

struct str request_param(const struct request *q, const char *name);  /* BUG when not in pattern */
struct str request_query(const struct request *q, const char *name);  /* first; empty if absent */
struct str request_form(const struct request *q, const char *name);   /* raw bytes, first */
bool request_has(const struct request *q, const char *name);          /* in the form */
struct str request_cookie(const struct request *q, const char *name);
/* A link inside the ward and language of the request: base + path. */
struct str request_link(const struct request *q, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A path of the ward in another language. */
struct str request_link_in(const struct request *q, enum lang l, struct str path);
/* Translated text of a key. */
struct str request_text(const struct request *q, const char *key);

/* A view with the request's arena, language and the actor's sights; `more` adds bits that this
 * matter gives (SEE_HANDLER on a case of the actor's unit, SEE_REPORTER on one's own receipt). */
struct view request_view(const struct request *q, unsigned more);

/* Answers; exactly one per handler that returns RC_OK. A handler that returns another rc is
 * answered with the error page (or JSON) of that rc. */
void reply_view(struct request *q, struct reply *r, struct vobj *o);  /* route's page, 200 */
void reply_page(struct request *q, struct reply *r, const char *page, const struct shape *shape,
                struct vobj *o, int status);  /* another template of the same room */
void reply_redirect(struct request *q, struct reply *r, struct str local_url);   /* 303 */
void reply_bytes(struct request *q, struct reply *r, struct str type, struct str bytes);
/* The same of bytes that are too many for the request's memory: the buffer is the reply's from here on. */
void reply_buf(struct request *q, struct reply *r, struct str type, struct buf *bytes);
void reply_status(struct reply *r, int status);                       /* changes the status */
void reply_refresh(struct reply *r, int seconds);     /* the browser asks again after so long */
void reply_title(struct reply *r, struct str title);                  /* of the page */
/* Cookies: HttpOnly, SameSite=Lax, Path=/; with an https base_url also Secure and the prefix
 * "__Host-" (added and stripped here). max_age 0: for the browser session; -1: remove. */
void reply_cookie(struct request *q, struct reply *r, const char *name, struct str value,
                  int max_age_s);
/* A service worker: which addresses it may govern, from this one on. */
void reply_worker(struct reply *r, struct str scope);
/* A download's file name (ASCII letters, digits, - and . only are kept). */
void reply_download(struct reply *r, struct str file_name);
/* Shown by the browser itself; the name is for whoever keeps it. */
void reply_inline(struct reply *r, struct str file_name);

/* Forms over several pages: the answers travel in the page, in one sealed field named "s". */
struct journey {
	uint8_t number[16];       /* random, made at the first page: the idempotency key */
	int64_t began_at;
	struct pair *answers;
	size_t count;
};
void journey_begin(struct request *q, struct journey *j);
/* Reads "s" from the form. RC_STALE: tampered with, of another purpose or ward, or older than 24 h. */
enum rc journey_open(struct request *q, const char *purpose, struct journey *j);
struct str journey_seal(struct request *q, const char *purpose, const struct journey *j);
struct str journey_get(const struct journey *j, const char *name);   /* empty if absent */
void journey_set(struct request *q, struct journey *j, const char *name, struct str value);
struct hash journey_hash(const struct journey *j);                   /* unkeyed, of the number */
/* Token of the actor's session, for the field "token"; empty when nobody is signed in. */
struct str session_token(const struct request *q);

/* Guessing is slowed: counts failures under a key (a code, an account) and the address; in memory, the
 * key's by the hooks in the database, too.
 * limit_wait: microseconds that this key or the client's address must still wait (0: go on). */
int64_t limit_wait(struct request *q, struct str key);
void limit_failed(struct request *q, struct str key);
void limit_passed(struct request *q, struct str key);

struct guess_count {
	uint32_t failures;
	int64_t last_at;
};
void guess_count_add(struct guess_count *g, int64_t now);   /* one more; what is over is forgotten */

/* Message of what went wrong, as rc_key; of a receipt that is not open any more its own. */
const char *error_key(const struct request *q, enum rc rc);

/* What the upper floors hang in. */
struct http_hooks {
	/* By slug or, with an empty slug, by host; from memory. NULL: no such ward. */
	const struct ward *(*ward)(struct app *app, struct str slug, struct str host);
	/* Fills q->actor from the cookies; reads the database. RC_OK also when nobody is signed in. */
	enum rc (*actor)(struct request *q, struct fault *f);
	/* The page's surroundings. */
	struct vobj *(*frame)(struct request *q, struct str title);
	/* Rises with what must be seen at once on public pages (releases, withdrawals, settings). */
	uint64_t (*changes)(struct app *app, struct ward_id ward);
	/* The shape and template of error pages: fills status, text, and what to do next. */
	struct vobj *(*error)(struct request *q, enum rc rc);
	const char *error_page;
	const struct shape *error_shape, *frame_shape;
	/* May requests be sent here? For /readyz; answers at once, on an I/O thread. NULL: always. */
	bool (*ready)(struct app *app);
	/* Appends what the upper floors count, in Prometheus' text form; may read the database. */
	void (*metrics)(struct app *app, struct buf *out);
	/* Sees what other servers wrote, and q->ward as it is now; on a worker, where `shared`. */
	enum rc (*fresh)(struct request *q, struct fault *f);
	/* Failures under a key, for all servers, in the request's ward; NULL: each counts alone. Written: one
	 * more has failed, or all are forgotten. */
	enum rc (*guess_read)(struct request *q, const struct hash *key, struct guess_count *out,
	                      struct fault *f);
	enum rc (*guess_write)(struct request *q, const struct hash *key, bool failed, struct fault *f);
};

struct http_config {
	struct app *app;
	const char *listen;           /* "127.0.0.1" or "::1" or "0.0.0.0" */
	int port;                     /* 0: any free one */
	int socket;                   /* > 0: this one, which listens already (socket activation); it
	                                 becomes the server's */
	int metrics_port;             /* /metrics on 127.0.0.1; 0: nowhere */
	const char *base_url;         /* "http://localhost:8080" */
	const char *const *hosts;     /* Host allow-list, NULL-terminated; base_url's is always in */
	const char *const *proxies;   /* addresses whose X-Forwarded-For is believed; NULL-terminated */
	size_t io_threads, workers;   /* 0: 2 and 16 */
	bool one_ward;                /* no slug in addresses */
	bool shared;                  /* other servers may write in the database: whoever changed something
	                                 that pages are kept of has a cookie for ten seconds, in which no
	                                 server answers them from what it keeps */
	const struct route *const *routes; /* NULL-terminated list of tables ended by an all-zero row */
	const char *images;           /* origin of pictures besides our own, "https://tiles.example.vn";
	                                 NULL or empty: none */
	const char *assets;           /* folder of built files, served at /assets/NAME */
	const char *spool_dir;
	struct keys *keys;
	const struct clock *clock;
	const struct po *po;
	const struct templates *templates;
	struct http_hooks hooks;
	double rate_scale;            /* 1; tests and bench raise it */
	int header_deadline_s, body_deadline_s; /* 0: 10 and 300 */
	size_t connections;           /* 0: 12,000 */
};

struct http;
enum rc http_start(struct http **out, const struct http_config *c, struct fault *f);
int http_port(const struct http *h);
/* Stops accepting and drains, at most 20 s: what was taken is answered, with "Connection: close"; a
 * connection without a request is closed when it has been quiet for a quarter of a second. Who holds
 * the listening socket too (socket activation) loses nobody: what comes meanwhile waits in it.
 * RC_TIMEOUT: a handler does not end; it goes on using the app, of which nothing may be freed. */
enum rc http_stop(struct http *h);
/* The server's sums in Prometheus' text form, and lines of the same kind for the hook. */
void http_metrics(struct http *h, struct buf *out);
void metric_head(struct buf *out, const char *name, const char *type, const char *help);
void metric_one(struct buf *out, const char *name, const char *type, const char *help, int64_t value);
/* Address of an asset with its content hash in the query: "/assets/site.css?v=1f3a". */
struct str http_asset(struct http *h, struct arena *a, const char *name);

#endif
