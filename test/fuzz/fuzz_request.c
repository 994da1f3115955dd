/* The head of a request: the target (path, percent, query) and the headers as they are read (Host,
 * Cookie, Origin, Referer, Sec-Fetch-Site, X-Forwarded-For, Accept-Encoding, If-None-Match,
 * User-Agent). The first line is "METHOD target", then a header a line, as libmicrohttpd hands them on,
 * which is played here; and the routes are some of each form.
 * Sources: kit/http/call.c route.c check.c device.c pack.c form.c multipart.c spool.c request.c;
 * -lsodium -lbrotlienc -lz */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "kit/http/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* ---------------------------------------------------------------- libmicrohttpd, as it is used here */

enum { HEADERS = 64 };
static struct pair headers[HEADERS];
static size_t header_count;
static unsigned queued;
static union MHD_ConnectionInfo info;

enum MHD_Result MHD_lookup_connection_value_n(struct MHD_Connection *c, enum MHD_ValueKind kind, const char *key, size_t n,
                                              const char **value, size_t *size)
{
	(void)c;
	(void)kind;
	for (size_t i = 0; i < header_count; i++)
		if (headers[i].name.n == n && strncasecmp(headers[i].name.p, key, n) == 0) {
			*value = headers[i].value.p;
			*size = headers[i].value.n;
			return MHD_YES;
		}
	return MHD_NO;
}

int MHD_get_connection_values_n(struct MHD_Connection *c, enum MHD_ValueKind kind, MHD_KeyValueIteratorN each, void *ctx)
{
	(void)c;
	for (size_t i = 0; i < header_count; i++)
		(void)each(ctx, kind, headers[i].name.p, headers[i].name.n, headers[i].value.p, headers[i].value.n);
	return (int)header_count;
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c, enum MHD_ConnectionInfoType type, ...)
{
	(void)c;
	(void)type;
	return &info;
}

struct MHD_Response *MHD_create_response_from_buffer(size_t n, void *p, enum MHD_ResponseMemoryMode mode)
{
	if (mode == MHD_RESPMEM_MUST_FREE) {
		char *all = malloc(n + sizeof(void *) * 2);
		must(all != NULL);
		memcpy(all, &p, sizeof p);
		return (struct MHD_Response *)(void *)all;
	}
	return calloc(1, sizeof(void *) * 2);
}

void MHD_destroy_response(struct MHD_Response *r)
{
	void *owned;
	memcpy(&owned, r, sizeof owned);
	free(owned);
	free(r);
}

int MHD_get_response_headers(struct MHD_Response *r, MHD_KeyValueIterator each, void *ctx)
{
	(void)r;
	(void)each;
	(void)ctx;
	return 0;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *c, unsigned status, struct MHD_Response *r)
{
	(void)c;
	must(r != NULL);
	queued = status;
	return MHD_YES;
}

/* ---------------------------------------------------------------- the rest of kit/http, which decides nothing here */

void answer_headers(const struct http *h, struct MHD_Response *m, struct str type, const char *cache_control)
{
	(void)h;
	(void)m;
	(void)type;
	(void)cache_control;
}
void answer_header(struct MHD_Response *m, const char *name, struct str value)
{
	(void)m;
	(void)name;
	(void)value;
}
bool rate_allows(struct http *h, const struct hash *peer, enum rate rate)
{
	(void)h;
	(void)peer;
	(void)rate;
	return true;
}
size_t metrics_slot(const struct http *h, const struct route *r) { return h->route_count > 0 && r != NULL ? COUNT_ROUTES : COUNT_OTHER; }
void conn_state(struct conn *c, enum conn_state state) { atomic_store(&c->state, (int)state); }
void page_drop(struct cached_page *page) { (void)page; }

/* ---------------------------------------------------------------- the world */

static const struct ward WARD = {.id = {1}, .slug = STR("song-may"), .prefix = STR("SM"), .name = STR("Sông Mây")};
static const struct ward *ward_hook(struct app *app, struct str slug, struct str host)
{
	(void)app;
	return str_eq(slug, WARD.slug) || str_is(host, "song-may.example.vn") ? &WARD : NULL;
}
static enum rc nothing(struct request *q, struct reply *r, struct fault *f)
{
	(void)q;
	(void)r;
	(void)f;
	return RC_OK;
}
static const struct shape SHAPE = {0};
static const struct route ROUTES[] = {
	{.method = METHOD_GET, .pattern = "/", .run = nothing, .may = PERM_open, .cache = CACHE_PUBLIC, .csrf = CSRF_NONE, .shape = &SHAPE},
	{.method = METHOD_GET, .pattern = "/cases", .run = nothing, .may = PERM_open, .csrf = CSRF_NONE, .shape = &SHAPE},
	{.method = METHOD_GET, .pattern = "/case/:code", .run = nothing, .may = PERM_open, .csrf = CSRF_NONE, .shape = &SHAPE},
	{.method = METHOD_GET, .pattern = "/desk/case/:code/photo/:name", .run = nothing, .may = PERM_case_read, .csrf = CSRF_NONE},
	{.method = METHOD_GET, .pattern = "/desk/case/new", .run = nothing, .may = PERM_case_read, .csrf = CSRF_NONE, .shape = &SHAPE},
	{.method = METHOD_POST, .pattern = "/desk/case/:code/:verb", .run = nothing, .may = PERM_case_work, .csrf = CSRF_SESSION},
	{.method = METHOD_POST, .pattern = "/report/kind", .run = nothing, .may = PERM_open, .csrf = CSRF_FORM},
	{0},
};
static struct http http;
static struct packed page;

static void begin(void)
{
	static struct clock clock;
	static const struct route *const LIST[] = {ROUTES, NULL};
	static const char *const HOSTS[] = {"song-may.example.vn", "[::1]", NULL}, *const PROXIES[] = {"127.0.0.1", "2001:db8::1", NULL};
	static char text[1000];
	struct fault f = {0};
	must(crypto_start(&f) == RC_OK);
	clock_init(&clock);
	http.c.clock = &clock;
	http.c.routes = LIST;
	http.c.hosts = HOSTS;
	http.c.proxies = PROXIES;
	http.c.hooks.ward = ward_hook;
	http.scheme = STR("https");
	http.authority = STR("phuong.example.vn:8443");
	http.https = true;
	must(routes_index(&http, &f) == RC_OK);
	memset(text, 'a', sizeof text);
	packed_init(&page, &http, STR("text/html"), str_n(text, sizeof text), "no-cache");
}

static bool plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || s.p[i] == '/' || s.p[i] == '\\')
			return false;
	return text_utf8_ok(s) && !str_is(s, "..") && !str_is(s, ".");
}

static void look_at(struct call *c, enum rc rc)
{
	const struct request *q = &c->q;
	must(rc == RC_OK || rc_status(rc) >= 400 || c->status >= 400);
	if (rc != RC_OK)
		return;
	must(q->route != NULL && (q->route->method == q->method || q->format != FORMAT_HTML));
	must(q->ward != NULL || strcmp(q->route->pattern, "/") == 0);
	for (size_t i = 0; i < q->param_count; i++) {
		must(q->params[i].value.n > 0 && plain(q->params[i].value));
		must(str_eq(request_param(q, arena_z(q->arena, q->params[i].name)), q->params[i].value));
	}
	for (size_t i = 0; i < q->cookie_count; i++)
		must(memchr(q->cookies[i].value.p, ';', q->cookies[i].value.n) == NULL);
	/* What is put into links of the page begins with the ward and a language, nothing that was sent. */
	must(q->base.n == 0 || q->base.p[0] == '/');
	must(memchr(request_link(q, "/x").p, '\n', request_link(q, "/x").n) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (http.routes == NULL)
		begin();
	struct str rest = str_n((const char *)data, size), line = str_cut(&rest, '\n');
	struct str target = line, method = str_cut(&target, ' ');
	struct conn conn = {.proxy = true};
	char m[16], *t = malloc(target.n + 1);
	must(t != NULL);
	(void)snprintf(m, sizeof m, "%.*s", (int)(method.n < 15 ? method.n : 15), method.p);
	if (target.n > 0)
		memcpy(t, target.p, target.n);
	t[target.n] = '\0';
	header_count = 0;
	while (rest.n > 0 && header_count < HEADERS) {
		struct str value = str_cut(&rest, '\n'), name = str_cut(&value, ':');
		headers[header_count++] = (struct pair){name, value.p != NULL ? str_trim(value) : STR_EMPTY};
	}
	info.header_size = size;
	struct call *c = call_new(&http, &conn, NULL, t);
	must(c != NULL);
	enum rc rc = call_begin(c, m);
	look_at(c, rc);
	struct str agent = STR_EMPTY;
	(void)call_header(c, "User-Agent", &agent);
	struct str device = device_of(&c->arena, agent);
	must(device.n < 64 && text_utf8_ok(device));
	queued = 0;
	must(packed_queue(&page, c) == MHD_YES && (queued == 200 || queued == 304));
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (rc == RC_OK && c->q.query_count == 3)
		abort();
#endif
	call_free(c);
	free(t);
	return 0;
}
