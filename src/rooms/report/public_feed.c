/* What happened to the public cases, for programs that ask again. An entry is named by the case's
 * public code and the event, never by a number of the database, and by the day alone. */
#include "kit/view/feed.h"

#include "rooms/report/report.h"

struct news {
	struct case_filter filter;
	struct public_event *events;
	size_t count;
};

static enum rc news_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct news *n = ctx;
	return public_events(tx, &n->filter, &n->events, &n->count, f);
}

static struct str absolute(struct request *q, struct str local)
{
	return arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url, PSTR(local));
}

/* The host of base_url, for tag: (RFC 4151). */
static struct str authority(const struct request *q)
{
	struct str url = str_of(q->app->settings.base_url);
	size_t at = str_find(url, STR("://"));
	struct str rest = str_sub(url, at == SIZE_MAX ? 0 : at + 3, url.n);
	struct str host = str_cut(&rest, '/');
	return str_cut(&host, ':');
}

static void add_line(struct buf *b, struct str text)
{
	if (text.n == 0)
		return;
	if (b->n > 0)
		buf_addc(b, '\n');
	buf_add(b, text);
}

static struct feed_entry entry_of(struct request *q, const struct public_event *e)
{
	const struct case_row *c = &e->row;
	struct arena *a = q->arena;
	struct str what = request_text(q, arena_fmt(a, "feed.%s", verb_name(e->verb)).p);
	struct str area = label_area(q, c->area);
	struct buf text = {0};
	struct feed_entry x = {
		.id = arena_fmt(a, "tag:%.*s,%.*s:%s/%s/%d", PSTR(authority(q)),
		                PSTR(text_day_iso(a, day_of(c->received_at))), c->public_code,
		                verb_name(e->verb), e->number),
		.title = arena_fmt(a, "%.*s: %.*s%s%.*s (%s)", PSTR(what), PSTR(label_kind(q, c->kind)),
		                   area.n > 0 ? ", " : "", PSTR(area), c->public_code),
		.kind = label_kind(q, c->kind),
		.url = absolute(q, request_link(q, "/case/%s", c->public_code)),
		.published_day = day_of(e->at),
		.updated_day = day_of(e->at),
	};
	add_line(&text, c->released_text);
	if (c->outcome.n > 0)
		add_line(&text, request_text(q, arena_fmt(a, "outcome.%.*s", PSTR(c->outcome)).p));
	x.text = arena_take(a, &text);
	/* The newest picture is what it looks like now. */
	if (e->photo_count > 0)
		x.image = absolute(q, request_link(q, "/case/%s/photo/%.*s", c->public_code,
		                                   PSTR(e->photos[e->photo_count - 1].photo.name)));
	return x;
}

static enum rc feed(struct request *q, struct reply *r, const char *path, const char *type,
                    void (*write)(struct buf *, struct arena *, const struct feed *),
                    struct fault *f)
{
	struct public_filter p;
	filter_read(q, "all", &p);
	if (p.wrong)
		return fault_set(f, RC_INVALID, "a filter of the feed could not be read");
	struct news n = {.filter = p.f};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, news_tx, &n, f);
	if (rc != RC_OK)
		return rc;
	struct feed_entry *entries = arena_array(q->arena, n.count + 1, sizeof *entries);
	for (size_t i = 0; i < n.count; i++)
		entries[i] = entry_of(q, &n.events[i]);
	struct str self = absolute(q, filter_link(q, path, &p, false));
	struct feed x = {
		.id = absolute(q, filter_link(q, "/feed", &p, false)),
		.title = arena_fmt(q->arena, "%.*s – %.*s", PSTR(request_text(q, "cases.title")),
		                   PSTR(q->ward->name)),
		.author = q->ward->name,
		.self = self,
		.home = absolute(q, filter_link(q, "/cases", &p, false)),
		.lang = q->lang,
		.updated_day = n.count > 0 ? entries[0].updated_day : day_of(q->now),
		.entries = entries,
		.count = n.count,
	};
	struct buf out = {0};
	write(&out, q->arena, &x);
	reply_bytes(q, r, str_of(type), arena_take(q->arena, &out));
	return RC_OK;
}

enum rc public_atom(struct request *q, struct reply *r, struct fault *f)
{
	return feed(q, r, "/feed.atom", "application/atom+xml; charset=utf-8", feed_atom, f);
}

enum rc public_json(struct request *q, struct reply *r, struct fault *f)
{
	return feed(q, r, "/feed.json", "application/feed+json; charset=utf-8", feed_json, f);
}
