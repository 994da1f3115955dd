/* From what a handler said to a response: permission first, then the handler, then the page. */
#include "kit/http/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CSP_BEGIN "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
#define CSP_END "; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " \
	"frame-ancestors 'none'"

static void csp_header(const struct http *h, struct MHD_Response *m)
{
	if (h->c.images == NULL || h->c.images[0] == '\0') {
		answer_header(m, "Content-Security-Policy", STR(CSP_BEGIN CSP_END));
		return;
	}
	struct buf b = {0};
	buf_addf(&b, "%s %s%s", CSP_BEGIN, h->c.images, CSP_END);
	answer_header(m, "Content-Security-Policy", buf_str(&b));
	buf_release(&b);
}

/* A value that could begin another header is dropped whole. */
void answer_header(struct MHD_Response *m, const char *name, struct str value)
{
	char z[4096];
	bool fine = value.n < sizeof z;
	for (size_t i = 0; fine && i < value.n; i++)
		fine = (unsigned char)value.p[i] >= ' ' && value.p[i] != 0x7f;
	if (fine) {
		memcpy(z, value.p, value.n);
		z[value.n] = '\0';
		fine = MHD_add_response_header(m, name, z) == MHD_YES;
	}
	if (!fine)
		log_error("http", "the header %s was dropped: too long, or a control byte", name);
}

void answer_headers(const struct http *h, struct MHD_Response *m, struct str type,
                    const char *cache_control)
{
	csp_header(h, m);
	answer_header(m, "X-Content-Type-Options", STR("nosniff"));
	/* Not no-referrer: with it a browser sends "Origin: null" with our own forms. */
	answer_header(m, "Referrer-Policy", STR("same-origin"));
	answer_header(m, "Permissions-Policy", STR("geolocation=(self)"));
	answer_header(m, "Cross-Origin-Opener-Policy", STR("same-origin"));
	answer_header(m, "Cross-Origin-Resource-Policy", STR("same-origin"));
	if (h->https)
		answer_header(m, "Strict-Transport-Security", STR("max-age=31536000"));
	answer_header(m, "Cache-Control", str_of(cache_control));
	if (type.n > 0)
		answer_header(m, "Content-Type", type);
}

static const char *cache_control(const struct call *c)
{
	if (c->q.route == NULL)
		return "no-store";
	switch (c->q.route->cache) {
	case CACHE_PUBLIC: return "public, no-cache";
	case CACHE_FORM: return "private, no-cache";
	case CACHE_NONE: break;
	}
	return "no-store";
}

static void retry_header(struct MHD_Response *m, enum rc rc)
{
	if (rc == RC_LIMIT)
		answer_header(m, "Retry-After", STR("30"));
	else if (rc != RC_OK && rc_status(rc) == 503)
		answer_header(m, "Retry-After", STR("5"));
}

struct MHD_Response *answer_plain(struct http *h, enum rc rc, enum lang l, struct str allow)
{
	struct buf b = {0};
	if (l == LANG_unset)
		l = LANG_vi;
	struct str text = h->c.po != NULL ? po_find(h->c.po, l, str_of(rc_key(rc))) : STR_EMPTY;
	if (text.n == 0)
		text = str_of(rc_name(rc));
	buf_addf(&b, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
	         "<meta name=\"viewport\" content=\"width=device-width\"><title>%d</title></head>"
	         "<body><p>", lang_name(l), rc_status(rc));
	text_html(&b, text);
	buf_addz(&b, "</p></body></html>\n");
	if (b.failed)
		BUG("no memory for an answer");
	struct MHD_Response *m = MHD_create_response_from_buffer(b.n, b.p, MHD_RESPMEM_MUST_FREE);
	if (m == NULL)
		BUG("no memory for a response");
	answer_headers(h, m, STR("text/html; charset=utf-8"), "no-store");
	retry_header(m, rc);
	if (allow.n > 0)
		answer_header(m, "Allow", allow);
	return m;
}

/* Nobody signed in: asked to sign in (without a receipt: for its code and PIN). Signed in without the right: as if it did not exist, so
 * that nothing is learnt. */
static enum rc permitted(struct call *c)
{
	const struct request *q = &c->q;
	if (actor_may(&q->actor, q->route->may))
		return RC_OK;
	return q->actor.account.v == 0 || q->route->may == PERM_receipt ? RC_SIGN_IN : RC_NONE;
}

static uint64_t changes_of(const struct request *q, const struct http_hooks *hooks)
{
	struct ward_id none = {0};
	return hooks->changes != NULL ? hooks->changes(q->app, q->ward != NULL ? q->ward->id : none) : 0;
}

static enum rc run(struct call *c, struct reply *r, uint64_t *changes, struct fault *f)
{
	struct request *q = &c->q;
	const struct http_hooks *hooks = &c->http->c.hooks;
	bool public = q->route->cache == CACHE_PUBLIC;
	enum rc rc = call_wrote(c) && hooks->fresh != NULL ? hooks->fresh(q, f) : RC_OK;
	if (rc != RC_OK)
		return rc;
	/* Read before the page is made: what changes meanwhile makes it stale, not fresh. */
	*changes = changes_of(q, hooks);
	if (!public && hooks->actor != NULL) {
		rc = hooks->actor(q, f);
		if (rc != RC_OK)
			return rc;
	}
	rc = permitted(c);
	if (rc != RC_OK)
		return rc;
	if (q->route->csrf == CSRF_SESSION) {
		rc = check_token(c);
		if (rc != RC_OK)
			return q->body_rc != RC_OK ? q->body_rc : rc;
	}
	rc = q->route->run(q, r, f);
	if (rc == RC_OK && !r->answered)
		BUG("%s does not answer", q->route->pattern);
	if (rc == RC_OK && c->arena.over)
		return fault_set(f, RC_NOMEM, "the request outgrew its memory");
	if (rc == RC_OK && c->http->c.shared && !public && changes_of(q, hooks) != *changes)
		reply_cookie(q, r, "fresh", STR("1"), FRESH_S);
	return rc;
}

static enum rc page_render(struct call *c, struct reply *r, struct buf *out, struct fault *f)
{
	struct http *h = c->http;
	const struct template *t = templates_find(h->c.templates, str_of(r->page), c->q.lang);
	if (t == NULL)
		return fault_set(f, RC_FAIL, "no template %s", r->page);
	struct vobj *frame =
		h->c.hooks.frame != NULL ? h->c.hooks.frame(&c->q, r->title) : NULL;
	return template_render(t, out, r->object, frame, f);
}

/* Fills out and *type from the reply. */
static enum rc render(struct call *c, struct reply *r, struct buf *out, struct str *type,
                      struct fault *f)
{
	enum rc rc = RC_OK;
	bool table = c->q.format == FORMAT_CSV || c->q.format == FORMAT_XLSX;
	*type = r->type;
	if (r->page == NULL && r->whole.n > 0) {
		*out = r->whole;
		r->whole = (struct buf){0};
	} else if (r->page == NULL) {
		buf_add(out, r->bytes);
	} else if (table && !view_has_list(r->object)) {
		rc = RC_NONE; /* anybody can ask for a table of a page that has none */
	} else if (c->q.format == FORMAT_JSON) {
		*type = STR("application/json; charset=utf-8");
		view_json(out, r->object);
	} else if (c->q.format == FORMAT_CSV) {
		*type = STR("text/csv; charset=utf-8");
		view_csv(out, r->object, -1);
	} else if (c->q.format == FORMAT_XLSX) {
		*type = STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
		rc = view_xlsx(out, r->object, -1, f);
	} else {
		*type = STR("text/html; charset=utf-8");
		rc = page_render(c, r, out, f);
	}
	if (rc == RC_OK && (out->failed || c->arena.over))
		rc = fault_set(f, RC_NOMEM, "no memory for the page");
	return rc;
}

static void cookie_header(const struct http *h, struct MHD_Response *m, const struct cookie_out *k)
{
	struct buf b = {0};
	buf_addf(&b, "%s%s=%.*s; Path=/; HttpOnly; SameSite=Lax", h->https ? "__Host-" : "", k->name,
	         PSTR(k->max_age_s < 0 ? STR_EMPTY : k->value));
	if (h->https)
		buf_addz(&b, "; Secure");
	if (k->max_age_s != 0)
		buf_addf(&b, "; Max-Age=%d", k->max_age_s < 0 ? 0 : k->max_age_s);
	if (b.failed)
		BUG("no memory for a cookie");
	answer_header(m, "Set-Cookie", buf_str(&b));
	buf_release(&b);
}

static void file_header(struct MHD_Response *m, struct str name, bool in_place)
{
	char z[100];
	size_t n = 0;
	for (size_t i = 0; i < name.n && n < sizeof z; i++) {
		char c = name.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || (c == '.' && n > 0))
			z[n++] = c;
	}
	struct buf b = {0};
	buf_addf(&b, "%s; filename=\"%.*s\"", in_place ? "inline" : "attachment", (int)n, z);
	answer_header(m, "Content-Disposition", buf_str(&b));
	buf_release(&b);
}

/* What a header may not carry is written in percents, so that the way still leads somewhere. */
static void location_header(struct MHD_Response *m, struct str url)
{
	struct buf b = {0};
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\')
			buf_addf(&b, "%%%02X", c);
		else
			buf_addc(&b, (char)c);
	}
	answer_header(m, "Location", buf_str(&b));
	buf_release(&b);
}

static struct str sign_in_address(const struct request *q)
{
	const struct call *c = q->internal;
	struct buf b = {0};
	buf_add(&b, q->base);
	if (q->route->may == PERM_receipt) { /* a receipt is opened, not signed in to */
		buf_addz(&b, "/follow");
		return arena_take(q->arena, &b);
	}
	buf_addz(&b, "/sign-in?to=");
	/* The target as it was sent: it begins with one slash, or it is left out. */
	struct str to = str_n(c->target, c->target_size);
	if (to.n > 1 && (to.p[1] == '/' || to.p[1] == '\\'))
		to = STR("/");
	if (to.n <= 512)
		text_url(&b, to);
	return arena_take(q->arena, &b);
}

const char *error_key(const struct request *q, enum rc rc)
{
	bool receipt = rc == RC_SIGN_IN && q->route != NULL && q->route->may == PERM_receipt;
	return receipt ? "rc.receipt" : rc_key(rc);
}

/* The reply of an rc that is not OK: the error page, its JSON, or the way to the sign-in page. */
static void error_reply(struct call *c, enum rc rc, struct reply *r)
{
	struct request *q = &c->q;
	struct http *h = c->http;
	buf_release(&r->whole);
	*r = (struct reply){.answered = true, .status = c->status != 0 ? c->status : rc_status(rc)};
	if (rc == RC_SIGN_IN && q->method == METHOD_GET && q->format == FORMAT_HTML) {
		r->status = 303;
		r->location = sign_in_address(q);
		return;
	}
	if (h->c.hooks.error == NULL)
		return;
	r->object = h->c.hooks.error(q, rc);
	r->page = h->c.hooks.error_page;
	r->shape = h->c.hooks.error_shape;
	r->title = h->c.po != NULL ? po_find(h->c.po, q->lang, str_of(error_key(q, rc))) : STR_EMPTY;
	if (q->format != FORMAT_HTML)
		q->format = FORMAT_JSON;
}

static void respond(struct call *c, const struct reply *r, struct buf *b, struct str type,
                    const char *control, enum rc rc)
{
	struct http *h = c->http;
	struct MHD_Response *m = MHD_create_response_from_buffer(b->n, b->p, MHD_RESPMEM_MUST_FREE);
	if (m == NULL)
		BUG("no memory for a response");
	*b = (struct buf){0};
	answer_headers(h, m, type, control);
	retry_header(m, rc);
	if (c->close || atomic_load(&h->stopping))
		answer_header(m, "Connection", STR("close"));
	if (c->allow.n > 0 && rc == RC_METHOD)
		answer_header(m, "Allow", c->allow);
	if (r->location.n > 0)
		location_header(m, r->location);
	if (r->worker_scope.n > 0)
		answer_header(m, "Service-Worker-Allowed", r->worker_scope);
	if (r->file_name.n > 0)
		file_header(m, r->file_name, r->in_place);
	if (r->refresh_s > 0) {
		char seconds[16];
		(void)snprintf(seconds, sizeof seconds, "%d", r->refresh_s);
		answer_header(m, "Refresh", str_of(seconds));
	}
	for (size_t i = 0; i < r->cookie_count; i++)
		cookie_header(h, m, &r->cookies[i]);
	c->response = m;
	c->status = r->status;
}

void answer_call(struct call *c)
{
	struct reply r = {0};
	struct buf out = {0};
	struct str type = STR_EMPTY;
	struct fault f = {0};
	uint64_t changes = 0;
	enum rc rc = c->early;
	struct str agent;
	if (call_header(c, "User-Agent", &agent))
		c->q.device = device_of(&c->arena, agent);
	if (rc == RC_OK)
		rc = run(c, &r, &changes, &f);
	if (rc == RC_OK)
		rc = render(c, &r, &out, &type, &f);
	if (rc != RC_OK) {
		if ((int)rc < 0)
			log_fault("http", c->q.route != NULL ? c->q.route->pattern : "a request", &f);
		buf_release(&out);
		/* The error page needs some room even after a request that took too much. */
		c->arena.limit = c->arena.used + (1 << 20);
		c->arena.over = false;
		error_reply(c, rc, &r);
		struct fault again = {0};
		if ((r.page == NULL && r.location.n == 0) ||
		    render(c, &r, &out, &type, &again) != RC_OK) {
			if (again.rc != RC_OK)
				log_fault("http", "the error page", &again);
			buf_release(&out);
			c->response = answer_plain(c->http, rc, c->q.lang, c->allow);
			if (c->close || atomic_load(&c->http->stopping))
				answer_header(c->response, "Connection", STR("close"));
			c->status = r.status;
			return;
		}
		respond(c, &r, &out, type, "no-store", rc);
		return;
	}
	bool keep = c->q.route->cache == CACHE_PUBLIC && r.status == 200 && r.location.n == 0 &&
	            r.file_name.n == 0;
	if (keep) {
		cache_keep(c, changes, type, buf_str(&out));
		buf_release(&out);
		return;
	}
	respond(c, &r, &out, type, cache_control(c), rc);
}
