#include "kit/http/internal.h"

static void answered(struct request *q, struct reply *r)
{
	if (r->answered)
		BUG("%s answers twice", q->route->pattern);
	r->answered = true;
	if (r->status == 0)
		r->status = 200;
}

void reply_view(struct request *q, struct reply *r, struct vobj *o)
{
	if (q->route->page == NULL || q->route->shape == NULL)
		BUG("%s has no page", q->route->pattern);
	reply_page(q, r, q->route->page, q->route->shape, o, 0);
}

void reply_page(struct request *q, struct reply *r, const char *page, const struct shape *shape,
                struct vobj *o, int status)
{
	answered(q, r);
	r->page = page;
	r->shape = shape;
	r->object = o;
	if (status != 0)
		r->status = status;
}

void reply_redirect(struct request *q, struct reply *r, struct str local_url)
{
	if (local_url.n == 0 || local_url.p[0] != '/' ||
	    (local_url.n > 1 && (local_url.p[1] == '/' || local_url.p[1] == '\\')))
		BUG("%s redirects to another server", q->route->pattern);
	answered(q, r);
	r->status = 303;
	r->location = local_url;
}

void reply_bytes(struct request *q, struct reply *r, struct str type, struct str bytes)
{
	answered(q, r);
	r->type = type;
	r->bytes = bytes;
}

void reply_buf(struct request *q, struct reply *r, struct str type, struct buf *bytes)
{
	answered(q, r);
	r->type = type;
	r->whole = *bytes;
	*bytes = (struct buf){0};
}

void reply_status(struct reply *r, int status) { r->status = status; }

void reply_refresh(struct reply *r, int seconds) { r->refresh_s = seconds; }

void reply_title(struct reply *r, struct str title) { r->title = title; }

void reply_cookie(struct request *q, struct reply *r, const char *name, struct str value,
                  int max_age_s)
{
	if (q->route->cache == CACHE_PUBLIC)
		BUG("%s: a public page sets a cookie", q->route->pattern);
	if (r->cookie_count == REPLY_COOKIES)
		BUG("%s sets too many cookies", q->route->pattern);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
			BUG("a cookie's value needs base64url");
	}
	r->cookies[r->cookie_count++] = (struct cookie_out){name, value, max_age_s};
}

void reply_worker(struct reply *r, struct str scope) { r->worker_scope = scope; }

void reply_download(struct reply *r, struct str file_name) { r->file_name = file_name; }

void reply_inline(struct reply *r, struct str file_name)
{
	r->file_name = file_name;
	r->in_place = true;
}
