/* From an address to a route: ward, language, format and parameters. */
#include "kit/http/internal.h"

#include <stdlib.h>
#include <string.h>

static size_t param_count(const struct route *r)
{
	size_t n = 0;
	for (const char *p = r->pattern; *p != '\0'; p++)
		n += *p == ':';
	return n;
}

enum rc routes_index(struct http *h, struct fault *f)
{
	size_t n = 0;
	for (const struct route *const *t = h->c.routes; t != NULL && *t != NULL; t++)
		for (const struct route *r = *t; r->pattern != NULL; r++)
			n++;
	h->routes = calloc(n + 1, sizeof *h->routes);
	if (h->routes == NULL)
		return fault_set(f, RC_NOMEM, "no memory for routes");
	for (const struct route *const *t = h->c.routes; t != NULL && *t != NULL; t++)
		for (const struct route *r = *t; r->pattern != NULL; r++) {
			size_t params = param_count(r), at = h->route_count++;
			if (params > 4 || r->pattern[0] != '/' || r->run == NULL || r->may == PERM_unset)
				BUG("route %s is not whole", r->pattern);
			if ((r->method == METHOD_GET) != (r->csrf == CSRF_NONE))
				BUG("route %s: a POST needs a CSRF class, a GET has none", r->pattern);
			if (r->cache == CACHE_PUBLIC && (r->may != PERM_open || r->method != METHOD_GET))
				BUG("route %s: public pages are for everybody", r->pattern);
			/* Words before parameters: "/p/new" is found before "/p/:code". */
			for (; at > 0 && param_count(h->routes[at - 1]) > params; at--)
				h->routes[at] = h->routes[at - 1];
			h->routes[at] = r;
		}
	return RC_OK;
}

/* One segment, decoded. No slash, control byte or broken UTF-8 may hide in it. */
static bool segment_decode(struct arena *a, struct str raw, struct str *out)
{
	if (!text_percent(a, raw, false, out))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		unsigned char c = (unsigned char)out->p[i];
		if (c < ' ' || c == 0x7f || c == '/' || c == '\\')
			return false;
	}
	return text_utf8_ok(*out) && !str_is(*out, ".") && !str_is(*out, "..");
}

static bool matches(struct call *c, const struct route *r, struct str path)
{
	struct str pattern = str_of(r->pattern);
	size_t n = 0;
	struct pair found[4];
	if (str_is(pattern, "/"))
		return path.n == 0;
	while (pattern.n > 0 && path.n > 0) {
		pattern = str_sub(pattern, 1, pattern.n);
		path = str_sub(path, 1, path.n);
		const char *pe = memchr(pattern.p, '/', pattern.n), *e = memchr(path.p, '/', path.n);
		struct str want = str_n(pattern.p, pe != NULL ? (size_t)(pe - pattern.p) : pattern.n);
		struct str have = str_n(path.p, e != NULL ? (size_t)(e - path.p) : path.n);
		pattern = str_sub(pattern, want.n, pattern.n);
		path = str_sub(path, have.n, path.n);
		if (want.n > 0 && want.p[0] == ':') {
			struct str value;
			if (have.n == 0 || !segment_decode(c->q.arena, have, &value))
				return false;
			found[n++] = (struct pair){str_sub(want, 1, want.n), value};
		} else if (!str_eq(want, have)) {
			return false;
		}
	}
	if (pattern.n > 0 || path.n > 0)
		return false;
	memcpy(c->q.params, found, n * sizeof *found);
	c->q.param_count = n;
	return true;
}

static struct str first_segment(struct str path)
{
	if (path.n == 0)
		return STR_EMPTY;
	struct str rest = str_sub(path, 1, path.n);
	return str_cut(&rest, '/');
}

/* Finds the route among those of the method; others' methods are gathered for Allow. */
static const struct route *find(struct call *c, struct str path, bool *get, bool *post)
{
	const struct route *ours = NULL;
	for (size_t i = 0; i < c->http->route_count; i++) {
		const struct route *r = c->http->routes[i];
		if (c->q.ward == NULL && strcmp(r->pattern, "/") != 0)
			continue;
		if (ours != NULL || !matches(c, r, path))
			continue;
		*get |= r->method == METHOD_GET;
		*post |= r->method == METHOD_POST;
		if (r->method == c->q.method)
			ours = r;
	}
	return ours;
}

static bool ends_in_param(const struct route *r)
{
	return strrchr(r->pattern, '/')[1] == ':';
}

static enum format format_of(struct str path, struct str *ending)
{
	static const struct {
		struct str ending;
		enum format format;
	} FORMATS[] = {{{".json", 5}, FORMAT_JSON}, {{".csv", 4}, FORMAT_CSV}, {{".xlsx", 5}, FORMAT_XLSX}};
	for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
		*ending = FORMATS[i].ending;
		if (str_ends(path, *ending))
			return FORMATS[i].format;
	}
	return FORMAT_HTML;
}

enum rc route_find(struct call *c, struct str path)
{
	struct http *h = c->http;
	struct request *q = &c->q;
	struct arena *a = q->arena;
	struct str ward_part = STR_EMPTY, slug = first_segment(path);
	q->ward = NULL;
	if (!h->c.one_ward && slug.n > 0 && slug.n < 64 && h->c.hooks.ward != NULL) {
		q->ward = h->c.hooks.ward(q->app, slug, STR_EMPTY);
		if (q->ward != NULL) {
			ward_part = str_n(path.p, slug.n + 1);
			path = str_sub(path, slug.n + 1, path.n);
		}
	}
	if (q->ward == NULL && h->c.hooks.ward != NULL)
		q->ward = h->c.hooks.ward(q->app, STR_EMPTY, c->host);
	q->home = arena_copy(a, ward_part);
	q->lang = LANG_vi;
	/* Vietnamese has no part of its own: "/vi" is no address. */
	if (lang_find(first_segment(path), &q->lang))
		path = str_sub(path, lang_prefix(q->lang).n, path.n);
	q->base = arena_fmt(a, "%.*s%.*s", PSTR(q->home), PSTR(lang_prefix(q->lang)));
	q->path = path.n > 0 ? path : STR("/");
	if (str_is(path, "/"))
		path.n = 0;
	q->format = FORMAT_HTML;
	bool get = false, post = false;
	q->route = find(c, path, &get, &post);
	/* Another representation of the same view: also of "/case/:code", which takes the ending for
	 * a part of the code. */
	struct str ending;
	enum format format = format_of(path, &ending);
	if (format != FORMAT_HTML && (q->route == NULL || ends_in_param(q->route))) {
		bool data_get = false, data_post = false;
		struct str bare = str_n(path.p, path.n - ending.n);
		/* The ward's own page is "/index": an empty name can't carry an ending. */
		if (str_is(bare, "/index"))
			bare.n = 0;
		const struct route *r = find(c, bare, &data_get, &data_post);
		if (r != NULL && r->shape != NULL && r->method == METHOD_GET) {
			q->route = r;
			q->format = format;
		} else {
			q->route = find(c, path, &get, &post); /* its parameters again */
		}
	}
	if (q->route != NULL) {
		bool offered = q->route->may == PERM_open || q->route->may == PERM_receipt;
		if (!offered && !lang_whole(q->lang)) {
			q->lang = LANG_vi;
			q->base = q->home;
		}
		return RC_OK;
	}
	if (!get && !post)
		return RC_NONE;
	c->allow = get && post ? STR("GET, HEAD, POST") : get ? STR("GET, HEAD") : STR("POST");
	return RC_METHOD;
}
