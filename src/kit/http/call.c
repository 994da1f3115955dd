/* One request on its way from the socket to a worker: what the I/O thread knows of it. */
#include "kit/http/internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct call *call_new(struct http *h, struct conn *conn, struct MHD_Connection *m,
                      const char *target)
{
	struct call *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->target_size = strlen(target);
	size_t keep = c->target_size <= URL_MAX ? c->target_size : 0;
	c->target = malloc(keep + 1);
	if (c->target == NULL) {
		free(c);
		return NULL;
	}
	memcpy(c->target, target, keep);
	c->target[keep] = '\0';
	c->http = h;
	c->conn = conn;
	c->slot = COUNT_OTHER;
	c->mhd = m;
	atomic_fetch_add(&h->active, 1);
	return c;
}

void call_free(struct call *c)
{
	if (c == NULL)
		return;
	atomic_fetch_sub(&c->http->active, 1);
	atomic_fetch_sub(&c->http->held, c->held);
	atomic_fetch_sub(&c->http->spools, c->spools);
	form_free(c->parser);
	for (size_t i = 0; i < c->q.upload_count; i++)
		spool_free(c->q.uploads[i].spool);
	if (c->response != NULL)
		MHD_destroy_response(c->response);
	page_drop(c->page);
	arena_release(&c->arena);
	free(c->target);
	free(c);
}

bool call_header(const struct call *c, const char *name, struct str *value)
{
	const char *p;
	size_t n;
	if (MHD_lookup_connection_value_n(c->mhd, MHD_HEADER_KIND, name, strlen(name), &p, &n) !=
	        MHD_YES || p == NULL)
		return false;
	*value = str_n(p, n);
	return true;
}

struct header_count {
	int hosts, lengths, encodings, nameless;
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t value_size)
{
	(void)kind;
	(void)value;
	(void)value_size;
	struct header_count *n = ctx;
	/* "Content-Length : 3" is a header to some servers, and none to others. */
	n->nameless += name_size == 0 || name[name_size - 1] == ' ' || name[name_size - 1] == '\t';
	n->hosts += name_size == 4 && strncasecmp(name, "Host", 4) == 0;
	n->lengths += name_size == 14 && strncasecmp(name, "Content-Length", 14) == 0;
	n->encodings += name_size == 17 && strncasecmp(name, "Transfer-Encoding", 17) == 0;
	return MHD_YES;
}

bool call_framed(const struct call *c)
{
	struct header_count n = {0};
	(void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, count_header, &n);
	return n.hosts == 1 && n.lengths + n.encodings <= 1 && n.nameless == 0;
}

bool call_wrote(const struct call *c)
{
	struct str rest;
	if (!c->http->c.shared || !call_header(c, "Cookie", &rest))
		return false;
	struct str name = c->http->https ? STR("__Host-fresh=1") : STR("fresh=1");
	while (rest.n > 0)
		if (str_eq(str_trim(str_cut(&rest, ';')), name))
			return true;
	return false;
}

static void cookies_read(struct call *c)
{
	struct request *q = &c->q;
	struct str rest;
	if (!call_header(c, "Cookie", &rest))
		return;
	struct str prefix = c->http->https ? STR("__Host-") : STR_EMPTY;
	q->cookies = arena_array(q->arena, COOKIES_MAX, sizeof *q->cookies);
	while (rest.n > 0 && q->cookie_count < COOKIES_MAX) {
		struct str value = str_trim(str_cut(&rest, ';'));
		struct str name = str_cut(&value, '=');
		if (value.p == NULL || !str_starts(name, prefix))
			continue;
		q->cookies[q->cookie_count++] = (struct pair){
			arena_copy(q->arena, str_sub(name, prefix.n, name.n)), arena_copy(q->arena, value)};
	}
}

enum rc call_begin(struct call *c, const char *method)
{
	struct http *h = c->http;
	struct request *q = &c->q;
	c->begun = true;
	arena_init(&c->arena, ARENA_REQUEST_LIMIT);
	*q = (struct request){.app = h->c.app, .arena = &c->arena, .lang = LANG_vi,
	                      .format = FORMAT_HTML, .internal = c,
	                      .base = STR_EMPTY, .home = STR_EMPTY};
	q->now = clock_now(h->c.clock);
	q->peer = peer_of(c);
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		q->method = METHOD_GET;
	else if (strcmp(method, "POST") == 0)
		q->method = METHOD_POST;
	if (!call_framed(c)) {
		c->close = true; /* nobody knows where the next request begins */
		return RC_BAD_REQUEST;
	}
	(void)call_header(c, "Host", &c->host);
	c->host = arena_copy(q->arena, c->host);
	if (!check_host(h, c->host)) {
		c->status = 421;
		return RC_BAD_REQUEST;
	}
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	if (c->target_size > URL_MAX) {
		c->status = 414;
		return RC_BAD_REQUEST;
	}
	if (size != NULL && size->header_size > HEADERS_MAX) {
		c->status = 431;
		return RC_BAD_REQUEST;
	}
	struct str query = str_n(c->target, c->target_size), path = str_cut(&query, '?');
	if (path.n == 0 || path.p[0] != '/')
		return RC_BAD_REQUEST;
	for (size_t i = 0; i < c->target_size; i++)
		if ((unsigned char)c->target[i] <= ' ' || c->target[i] == 0x7f)
			return RC_BAD_REQUEST;
	c->query_text = query;
	enum rc rc = route_find(c, path);
	if (rc == RC_OK)
		c->slot = metrics_slot(h, q->route);
	if (rc != RC_OK) {
		if (!rate_allows(h, &q->peer, RATE_PAGE))
			rc = RC_LIMIT;
		return rc;
	}
	if (!rate_allows(h, &q->peer, q->route->rate))
		return RC_LIMIT;
	if (form_urlencoded(q->arena, query, &q->query, &q->query_count) != RC_OK)
		return RC_BAD_REQUEST;
	if (q->method == METHOD_POST) {
		rc = check_origin(c);
		if (rc != RC_OK)
			return rc;
	}
	if (q->route->cache != CACHE_PUBLIC)
		cookies_read(c);
	return RC_OK;
}
