#include "kit/http/internal.h"

#include <stdio.h>
#include <string.h>

static struct str pick(const struct pair *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(list[i].name, name))
			return list[i].value;
	return STR_EMPTY;
}

struct str request_param(const struct request *q, const char *name)
{
	for (size_t i = 0; i < q->param_count; i++)
		if (str_is(q->params[i].name, name))
			return q->params[i].value;
	BUG("no parameter %s in %s", name, q->route->pattern);
}

struct str request_query(const struct request *q, const char *name)
{
	return pick(q->query, q->query_count, name);
}

struct str request_form(const struct request *q, const char *name)
{
	return pick(q->form, q->form_count, name);
}

bool request_has(const struct request *q, const char *name)
{
	for (size_t i = 0; i < q->form_count; i++)
		if (str_is(q->form[i].name, name))
			return true;
	return false;
}

struct str request_cookie(const struct request *q, const char *name)
{
	return pick(q->cookies, q->cookie_count, name);
}

struct str request_link_in(const struct request *q, enum lang l, struct str path)
{
	return arena_fmt(q->arena, "%.*s%.*s%.*s", PSTR(q->home), PSTR(lang_prefix(l)), PSTR(path));
}

struct str request_link(const struct request *q, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("bad format %s", fmt);
	char *p = arena_alloc(q->arena, q->base.n + (size_t)n + 1);
	if (q->base.n > 0)
		memcpy(p, q->base.p, q->base.n);
	(void)vsnprintf(p + q->base.n, (size_t)n + 1, fmt, again);
	va_end(again);
	return str_n(p, q->base.n + (size_t)n);
}

struct str request_text(const struct request *q, const char *key)
{
	const struct call *c = q->internal;
	return po_text(c->http->c.po, q->lang, key);
}

struct view request_view(const struct request *q, unsigned more)
{
	const struct call *c = q->internal;
	return (struct view){.arena = q->arena, .sights = SEE_PUBLIC | q->actor.sights | more,
	                     .lang = q->lang, .po = c->http->c.po};
}

static struct str token_of(const struct request *q, const struct key *k)
{
	struct hash h = hash_of(k, "csrf token",
	                        str_n((const char *)q->actor.session.session,
	                              sizeof q->actor.session.session));
	return base64url_of(q->arena, hash_str(&h));
}

struct str session_token(const struct request *q)
{
	const struct call *c = q->internal;
	int number;
	struct key k;
	struct fault f = {0};
	if (q->actor.account.v == 0)
		return STR_EMPTY;
	if (keys_current(c->http->c.keys, "session", &number, &k, &f) != RC_OK) {
		log_fault("http", "making a session's token", &f);
		return STR_EMPTY;
	}
	return token_of(q, &k);
}

static bool same_token(const struct request *q, const struct key *k, struct str given)
{
	struct str want = token_of(q, k);
	struct hash a = hash_of(k, "compare", want), b = hash_of(k, "compare", given);
	return hash_eq(&a, &b);
}

enum rc check_token(const struct call *c)
{
	const struct request *q = &c->q;
	struct str given = request_form(q, "token");
	int number;
	struct key k;
	if (q->actor.account.v == 0 || given.n == 0)
		return RC_STALE;
	enum rc rc = keys_current(c->http->c.keys, "session", &number, &k, NULL);
	if (rc != RC_OK)
		return rc;
	if (same_token(q, &k, given))
		return RC_OK;
	/* A page that was open while the key was rotated. */
	int64_t retired = keys_retired_at(c->http->c.keys, "session", number - 1);
	if (retired == 0 || q->now - retired > US_DAY ||
	    keys_find(c->http->c.keys, "session", number - 1, &k, NULL) != RC_OK)
		return RC_STALE;
	return same_token(q, &k, given) ? RC_OK : RC_STALE;
}
