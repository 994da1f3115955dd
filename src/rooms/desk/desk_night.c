/* The night: what has come since the shift began, as numbers alone. The page comes again every minute
 * by itself; its JSON is what the list's script asks for, to ring. No case is told, so that nothing is
 * a look. */
#include "rooms/desk/desk_due.h"

enum { NC_NAME, NC_LABEL, NC_N, NC_FIELDS };
static const struct field COUNT_F[] = {
	[NC_NAME] = {"name", V_TEXT, SEE_OFFICE, "new, ring or due", NULL, NULL},
	[NC_LABEL] = {"label", V_TEXT, SEE_OFFICE, "in words", NULL, NULL},
	[NC_N] = {"n", V_INT, SEE_OFFICE, "how many", NULL, "cases"},
};
static const struct shape COUNT = SHAPE("news_count", COUNT_F);

enum { NW_COUNTS, NW_SINCE, NW_AT, NW_LAST, NW_LIST, NW_BACK, NW_FIELDS };
static const struct field NEWS_F[] = {
	[NW_COUNTS] = {"counts", V_LIST, SEE_OFFICE, "new ones, those of a kind that rings, and what falls due", &COUNT, NULL},
	[NW_SINCE] = {"since", V_TIME, SEE_OFFICE, "when the shift began", NULL, NULL},
	[NW_AT] = {"at", V_TIME, SEE_OFFICE, "when it was counted", NULL, NULL},
	[NW_LAST] = {"last", V_TEXT, SEE_OFFICE, "millisecond in which the last that rings came", NULL, NULL},
	[NW_LIST] = {"list", V_URL, SEE_OFFICE, "the list of them", NULL, NULL},
	[NW_BACK] = {"back", V_URL, SEE_OFFICE, "the queues", NULL, NULL},
};
const struct shape DESK_NEWS = SHAPE("news", NEWS_F);

static enum rc news_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct desk_news *n = ctx;
	enum rc rc = case_news(tx, &n->q->app->flow, &n->q->actor, n->since, &n->fresh, &n->ringing,
	                       &n->last_at, f);
	return rc == RC_OK ? escalation_count(tx, &n->q->actor, TOLD_officer, &n->due, f) : rc;
}

enum rc desk_news_read(struct request *q, struct desk_news *n, struct fault *f)
{
	*n = (struct desk_news){.q = q, .since = ward_shift_start(q->app, q->ward->id, q->now)};
	return store_read(q->app->store, q->ward->id, q->arena, news_tx, n, f);
}

static void add(struct request *q, struct vobj *page, const char *name, int64_t n)
{
	struct vobj *o = view_item(page, NW_COUNTS);
	view_text(o, NC_NAME, str_of(name));
	view_text(o, NC_LABEL, request_text(q, arena_fmt(q->arena, "night.%s", name).p));
	view_int(o, NC_N, n);
}

enum rc desk_news(struct request *q, struct reply *r, struct fault *f)
{
	enum { AGAIN_S = 60 };
	struct desk_news n;
	enum rc rc = desk_news_read(q, &n, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_NEWS);
	add(q, page, "new", n.fresh);
	add(q, page, "ring", n.ringing);
	add(q, page, "due", n.due);
	view_time(page, NW_SINCE, n.since);
	view_time(page, NW_AT, q->now);
	view_text(page, NW_LAST, arena_fmt(q->arena, "%lld", (long long)(n.last_at / 1000)));
	view_url(page, NW_LIST, request_link(q, "/desk?queue=unit&since=shift"));
	view_url(page, NW_BACK, request_link(q, "/desk"));
	if (q->format == FORMAT_HTML)
		reply_refresh(r, AGAIN_S);
	reply_title(r, n.fresh > 0 ? arena_fmt(q->arena, "(%lld) %.*s", (long long)n.fresh,
	                                       PSTR(request_text(q, "night.title")))
	                           : request_text(q, "night.title"));
	reply_view(q, r, page);
	return RC_OK;
}
