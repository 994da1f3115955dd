/* The transparency page of a quarter, as it was frozen; the daily heads that others may keep; how to check both
 * from outside. All of it public. */
#include "rooms/stats/stats.h"
#include "ward/figure/transparency.h"
#include "ward/flow/redress.h"

enum { TF_SECTION, TF_OF, TF_N, TF_FEW, TF_FIELDS };
static const struct field FIGURE_F[] = {
	[TF_SECTION] = {"section", V_TEXT, SEE_PUBLIC, "what was counted", NULL, NULL},
	[TF_OF] = {"of", V_TEXT, SEE_PUBLIC, "of which kind, channel, outcome, rule, act or role; all: over the ward and all kinds", NULL, NULL},
	[TF_N] = {"n", V_INT, SEE_PUBLIC, "how many; of half and ninety: days; absent: not told", NULL, NULL},
	[TF_FEW] = {"fewer_than", V_INT, SEE_PUBLIC, "fewer than this, or none", NULL, NULL},
};
static const struct shape FIGURE = SHAPE("transparency_figure", FIGURE_F);

enum { TK_LABEL, TK_RECEIVED, TK_HALF, TK_NINETY, TK_LATE, TK_EXTENDED, TK_PAUSED, TK_DECLINED, TK_FIELDS };
static const struct field KIND_F[] = {
	[TK_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "kind", NULL, NULL},
	[TK_RECEIVED] = {"received", V_TEXT, SEE_PUBLIC, "received in the quarter", NULL, NULL},
	[TK_HALF] = {"half", V_TEXT, SEE_PUBLIC, "days until half were closed", NULL, NULL},
	[TK_NINETY] = {"ninety", V_TEXT, SEE_PUBLIC, "days until nine of ten were closed", NULL, NULL},
	[TK_LATE] = {"late", V_TEXT, SEE_PUBLIC, "late when the page was made", NULL, NULL},
	[TK_EXTENDED] = {"extended", V_TEXT, SEE_PUBLIC, "extensions", NULL, NULL},
	[TK_PAUSED] = {"paused", V_TEXT, SEE_PUBLIC, "pauses", NULL, NULL},
	[TK_DECLINED] = {"declined", V_TEXT, SEE_PUBLIC, "closed without being done", NULL, NULL},
};
static const struct shape KIND = SHAPE("transparency_kind", KIND_F);

enum { TL_LABEL, TL_VALUE, TL_FIELDS };
static const struct field LINE_F[] = {
	[TL_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "of what", NULL, NULL},
	[TL_VALUE] = {"value", V_TEXT, SEE_PUBLIC, "how many", NULL, NULL},
};
static const struct shape LINE = SHAPE("transparency_line", LINE_F);
enum { TG_HEADING, TG_TEXT, TG_LINES, TG_NONE, TG_FIELDS };
static const struct field GROUP_F[] = {
	[TG_HEADING] = {"heading", V_TEXT, SEE_PUBLIC, "what was counted", NULL, NULL},
	[TG_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "how", NULL, NULL},
	[TG_LINES] = {"lines", V_LIST, SEE_PUBLIC, "the counts", &LINE, NULL},
	[TG_NONE] = {"none", V_TEXT, SEE_PUBLIC, "when there were none", NULL, NULL},
};
static const struct shape GROUP = SHAPE("transparency_group", GROUP_F);

enum { TD_KIND, TD_FROM, TD_AT, TD_BY, TD_MARK, TD_FIELDS };
static const struct field DEFINITION_F[] = {
	[TD_KIND] = {"kind", V_TEXT, SEE_PUBLIC, "kind whose procedure was published", NULL, NULL},
	[TD_FROM] = {"valid_from", V_DAY, SEE_PUBLIC, "valid from", NULL, NULL},
	[TD_AT] = {"published", V_TIME, SEE_PUBLIC, "when it was published", NULL, NULL},
	[TD_BY] = {"by", V_TEXT, SEE_PUBLIC, "by which role", NULL, NULL},
	[TD_MARK] = {"mark", V_TEXT, SEE_PUBLIC, "beginning of its checksum", NULL, NULL},
};
static const struct shape DEFINITION = SHAPE("transparency_definition", DEFINITION_F);
enum { TH_DAY, TH_DIGEST, TH_FIELDS };
static const struct field HEAD_F[] = {
	[TH_DAY] = {"day", V_DAY, SEE_PUBLIC, "the day", NULL, NULL},
	[TH_DIGEST] = {"digest", V_TEXT, SEE_PUBLIC, "its signed digest", NULL, NULL},
};
static const struct shape HEAD = SHAPE("transparency_head", HEAD_F);
enum { TQ_LABEL, TQ_URL, TQ_CURRENT, TQ_FIELDS };
static const struct field LINK_F[] = {
	[TQ_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "a quarter, or a number of this one", NULL, NULL},
	[TQ_URL] = {"url", V_URL, SEE_PUBLIC, "its page", NULL, NULL},
	[TQ_CURRENT] = {"current", V_BOOL, SEE_PUBLIC, "this one", NULL, NULL},
};
static const struct shape LINK = SHAPE("transparency_link", LINK_F);

enum { TP_FIGURES, TP_KINDS, TP_GROUPS, TP_DEFINITIONS, TP_LAST, TP_HEADS, TP_QUARTERS, TP_EARLIER, TP_THERE,
	TP_QUARTER, TP_LABEL, TP_NUMBER, TP_REVISED, TP_MADE, TP_NEXT, TP_JSON, TP_SIGNATURE, TP_CSV, TP_KEY, TP_CHECK,
	TP_FILE, TP_STATS, TP_FIELDS };
static const struct field PAGE_F[] = {
	[TP_FIGURES] = {"figures", V_LIST, SEE_PUBLIC, "every figure of the page", &FIGURE, NULL},
	[TP_KINDS] = {"kinds", V_LIST, SEE_PUBLIC, "kind by kind", &KIND, NULL},
	[TP_GROUPS] = {"groups", V_LIST, SEE_PUBLIC, "what else was counted", &GROUP, NULL},
	[TP_DEFINITIONS] = {"definitions", V_LIST, SEE_PUBLIC, "definitions that were published", &DEFINITION, NULL},
	[TP_LAST] = {"last_head", V_OBJ, SEE_PUBLIC, "the newest daily head", &HEAD, NULL},
	[TP_HEADS] = {"heads", V_LIST, SEE_PUBLIC, "daily heads of the quarter", &HEAD, NULL},
	[TP_QUARTERS] = {"quarters", V_LIST, SEE_PUBLIC, "quarters that have a page", &LINK, NULL},
	[TP_EARLIER] = {"earlier", V_LIST, SEE_PUBLIC, "earlier numbers of this quarter", &LINK, NULL},
	[TP_THERE] = {"there", V_BOOL, SEE_PUBLIC, "there is one", NULL, NULL},
	[TP_QUARTER] = {"quarter", V_TEXT, SEE_PUBLIC, "2026-Q3", NULL, NULL},
	[TP_LABEL] = {"quarter_label", V_TEXT, SEE_PUBLIC, "the same in words", NULL, NULL},
	[TP_NUMBER] = {"number", V_INT, SEE_PUBLIC, "number of this quarter's page, from 1", NULL, NULL},
	[TP_REVISED] = {"revised", V_BOOL, SEE_PUBLIC, "not the first", NULL, NULL},
	[TP_MADE] = {"made", V_DAY, SEE_PUBLIC, "day it was made", NULL, NULL},
	[TP_NEXT] = {"next", V_DAY, SEE_PUBLIC, "day the next one is made", NULL, NULL},
	[TP_JSON] = {"json", V_URL, SEE_PUBLIC, "its bytes, which are signed", NULL, NULL},
	[TP_SIGNATURE] = {"signature", V_URL, SEE_PUBLIC, "the signature", NULL, NULL},
	[TP_CSV] = {"csv", V_URL, SEE_PUBLIC, "the figures as CSV", NULL, NULL},
	[TP_KEY] = {"key", V_TEXT, SEE_PUBLIC, "public key that signed it", NULL, NULL},
	[TP_CHECK] = {"check", V_URL, SEE_PUBLIC, "how to check it from outside", NULL, NULL},
	[TP_FILE] = {"heads_file", V_URL, SEE_PUBLIC, "daily heads as a file to keep", NULL, NULL},
	[TP_STATS] = {"stats", V_URL, SEE_PUBLIC, "the figures as they stand now", NULL, NULL},
};
const struct shape TRANSPARENCY = SHAPE("transparency", PAGE_F);

enum { QUARTERS_SHOWN = 24, EARLIER_SHOWN = 20 };

struct asked {
	struct request *q;
	struct period quarter;
	int number;                   /* 0: the latest */
	bool any;                     /* the latest quarter, if there is one */
	struct transparency t;
	struct transparency_entry list[QUARTERS_SHOWN];
	size_t count;
	struct ward_head last;
	bool has_head;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *k = ctx;
	enum rc rc = transparency_list(tx, k->list, QUARTERS_SHOWN, &k->count, f);
	if (rc != RC_OK)
		return rc;
	rc = head_last(tx, &k->last, f);
	k->has_head = rc == RC_OK;
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	if (k->any && k->count == 0)
		return RC_OK;
	if (k->any)
		k->quarter = k->list[0].quarter;
	return transparency_get(tx, &k->quarter, k->number, &k->t, f);
}

static enum rc read_asked(struct request *q, struct asked *k, bool any, struct fault *f)
{
	enum { NUMBER_MAX = 100000 };
	struct str number = request_query(q, "number");
	int64_t n = 0;
	k->q = q;
	k->any = any;
	if (!any && (!period_parse(request_param(q, "quarter"), &k->quarter) || k->quarter.kind != PERIOD_quarter))
		return RC_NONE;
	if (!any && number.n > 0 && (!str_i64(number, &n) || n < 1 || n > NUMBER_MAX))
		return RC_NONE;
	k->number = (int)n;
	return store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
}

/* ---------------------------------------------------------------- in words */

static const struct transparency_figure *found(const struct transparency *t, enum transparency_section s,
                                               struct str of)
{
	for (size_t i = 0; i < t->figure_count; i++)
		if (t->figures[i].section == s && str_eq(t->figures[i].of, of))
			return &t->figures[i];
	return NULL;
}

/* `otherwise`: what is said of one that is not among the figures. */
static struct str told(const struct asked *k, enum transparency_section s, struct str of, const char *otherwise)
{
	const struct request *q = k->q;
	const struct transparency_figure *x = found(&k->t, s, of);
	if (x == NULL)
		return str_of(otherwise);
	switch (x->told) {
	case TOLD_few: return request_text(q, "transparency.few");
	case TOLD_unknown: return request_text(q, s == TS_late ? "transparency.unknown" : "transparency.unfinished");
	case TOLD_number: break;
	}
	return stats_count(q, x->n);
}

static bool is_kind_section(enum transparency_section s)
{
	return s == TS_received || s == TS_half || s == TS_ninety || s == TS_late || s == TS_extended ||
	       s == TS_paused || s == TS_declined;
}

static void add_kind(struct vobj *page, const struct asked *k, struct str of, struct str label, bool shown)
{
	struct vobj *o = view_item(page, TP_KINDS);
	const char *none = shown ? "0" : "";
	view_text(o, TK_LABEL, label);
	view_text(o, TK_RECEIVED, told(k, TS_received, of, none));
	view_text(o, TK_HALF, told(k, TS_half, of, ""));
	view_text(o, TK_NINETY, told(k, TS_ninety, of, ""));
	view_text(o, TK_LATE, told(k, TS_late, of, none));
	view_text(o, TK_EXTENDED, told(k, TS_extended, of, none));
	view_text(o, TK_PAUSED, told(k, TS_paused, of, none));
	view_text(o, TK_DECLINED, told(k, TS_declined, of, none));
}

static void add_kinds(struct vobj *page, const struct asked *k)
{
	const struct request *q = k->q;
	const struct transparency *t = &k->t;
	const struct str all = STR(TRANSPARENCY_ALL);
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct transparency_figure *x = &t->figures[i];
		bool known = !is_kind_section(x->section) || str_eq(x->of, all);
		for (size_t j = 0; j < i && !known; j++)
			known = is_kind_section(t->figures[j].section) && str_eq(t->figures[j].of, x->of);
		/* A kind that is not listed has nothing but what its edition tells. */
		bool quiet = found(t, TS_received, x->of) != NULL && found(t, TS_half, x->of) == NULL;
		if (!known)
			add_kind(page, k, x->of, label_kind(q, x->of), !quiet);
	}
	struct vobj *o = view_item(page, TP_KINDS);
	view_text(o, TK_LABEL, request_text(q, "transparency.all"));
	view_text(o, TK_HALF, told(k, TS_half, all, ""));
	view_text(o, TK_NINETY, told(k, TS_ninety, all, ""));
	view_text(o, TK_LATE, told(k, TS_late, all, "0"));
	view_text(o, TK_EXTENDED, told(k, TS_extended, all, "0"));
	view_text(o, TK_PAUSED, told(k, TS_paused, all, "0"));
	view_text(o, TK_DECLINED, told(k, TS_declined, all, "0"));
}

static struct str label_of(const struct request *q, enum transparency_section s, struct str of)
{
	static const char *const RULES[] = {"reporter", "redress", "blur", "keep.contact", "keep.text", "keep.photo", "keep.place",
	                                    "keep.note", "keep.look", "keep.figures", NULL};
	struct arena *a = q->arena;
	if (s == TS_channel)
		return request_text(q, arena_fmt(a, "channel.%.*s", PSTR(of)).p);
	if (s == TS_closed)
		return str_is(of, "unknown") ? request_text(q, "transparency.outcome.unknown")
		                             : request_text(q, arena_fmt(a, "outcome.%.*s", PSTR(of)).p);
	if (s == TS_holds)
		return request_text(q, arena_fmt(a, "transparency.hold.%.*s", PSTR(of)).p);
	if (s == TS_agency)
		return request_text(q, arena_fmt(a, "transparency.agency.%.*s", PSTR(of)).p);
	if (s == TS_redress)
		return request_text(q, arena_fmt(a, redress_result(of) ? "outcome.%.*s" : "transparency.redress.%.*s",
		                                 PSTR(of)).p);
	if (s == TS_changes)
		return request_text(q, arena_fmt(a, "admin.act.%.*s", PSTR(of)).p);
	if (s == TS_looks)
		return stats_capital(a, request_text(q, arena_fmt(a, "role.%.*s", PSTR(of)).p));
	for (size_t i = 0; RULES[i] != NULL; i++)
		if (str_is(of, RULES[i]))
			return request_text(q, arena_fmt(a, "transparency.rule.%s", RULES[i]).p);
	return of;
}

static struct str value_of(const struct asked *k, const struct transparency_figure *x)
{
	const struct request *q = k->q;
	if (x->section != TS_looks)
		return stats_count(q, x->n);
	return FILL(q, "transparency.looks.words", {"looks", stats_count(q, x->n)},
	            {"searches", told(k, TS_searches, x->of, "0")}, {"downloads", told(k, TS_downloads, x->of, "0")},
	            {"rows", told(k, TS_rows, x->of, "0")});
}

static void add_groups(struct vobj *page, const struct asked *k)
{
	static const enum transparency_section GROUPS[] = {TS_channel, TS_closed, TS_erased, TS_holds, TS_redress, TS_agency,
	                                                  TS_changes, TS_looks};
	const struct request *q = k->q;
	for (size_t g = 0; g < sizeof GROUPS / sizeof *GROUPS; g++) {
		const char *name = transparency_section_name(GROUPS[g]);
		struct vobj *o = view_item(page, TP_GROUPS);
		view_text(o, TG_HEADING, request_text(q, arena_fmt(q->arena, "transparency.%s", name).p));
		view_text(o, TG_TEXT, request_text(q, arena_fmt(q->arena, "transparency.%s.text", name).p));
		view_text(o, TG_NONE, request_text(q, arena_fmt(q->arena, "transparency.%s.none", name).p));
		for (size_t i = 0; i < TRANSPARENCY_RANKS * k->t.figure_count; i++) {
			const struct transparency_figure *x = &k->t.figures[i % k->t.figure_count];
			if (x->section != GROUPS[g] || transparency_rank(x->of) != i / k->t.figure_count)
				continue;
			struct vobj *line = view_item(o, TG_LINES);
			view_text(line, TL_LABEL, label_of(q, x->section, x->of));
			view_text(line, TL_VALUE, value_of(k, x));
		}
	}
}

static void add_flat(struct vobj *page, const struct transparency *t)
{
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct transparency_figure *x = &t->figures[i];
		struct vobj *o = view_item(page, TP_FIGURES);
		view_text(o, TF_SECTION, str_of(transparency_section_name(x->section)));
		view_text(o, TF_OF, x->of);
		if (x->told == TOLD_number)
			view_int(o, TF_N, x->n);
		else if (x->told == TOLD_few)
			view_int(o, TF_FEW, x->n);
	}
}

static void add_head(struct request *q, struct vobj *o, const struct ward_head *h)
{
	view_day(o, TH_DAY, h->day);
	view_text(o, TH_DIGEST, hex_of(q->arena, hash_str(&h->digest)));
}

static void add_lists(struct vobj *page, const struct asked *k)
{
	struct request *q = k->q;
	const struct transparency *t = &k->t;
	for (size_t i = 0; i < t->definition_count; i++) {
		const struct transparency_definition *d = &t->definitions[i];
		struct vobj *o = view_item(page, TP_DEFINITIONS);
		view_text(o, TD_KIND, label_kind(q, d->kind));
		view_day(o, TD_FROM, d->from);
		view_time(o, TD_AT, d->published_at);
		view_text(o, TD_BY, request_text(q, str_is(d->by, "admin") ? "role.admin" : "admin.operator"));
		view_text(o, TD_MARK, str_sub(d->checksum, 0, 16));
	}
	for (size_t i = 0; i < t->head_count; i++)
		add_head(q, view_item(page, TP_HEADS), &t->heads[i]);
	for (size_t i = 0; i < k->count; i++) {
		struct vobj *o = view_item(page, TP_QUARTERS);
		struct str name = period_name(q->arena, &k->list[i].quarter);
		view_text(o, TQ_LABEL, stats_capital(q->arena, stats_period(q, &k->list[i].quarter)));
		view_url(o, TQ_URL, request_link(q, "/transparency/%.*s", PSTR(name)));
		view_bool(o, TQ_CURRENT, k->list[i].quarter.from == t->quarter.from);
	}
	for (int n = t->number - 1; n > 0 && n >= t->number - EARLIER_SHOWN; n--) {
		struct vobj *o = view_item(page, TP_EARLIER);
		view_text(o, TQ_LABEL, arena_fmt(q->arena, "%d", n));
		view_url(o, TQ_URL, request_link(q, "/transparency/%.*s?number=%d",
		                                 PSTR(period_name(q->arena, &t->quarter)), n));
	}
}

static void add_made(struct request *q, struct vobj *page, const struct transparency *t)
{
	struct str name = period_name(q->arena, &t->quarter);
	struct str here = arena_fmt(q->arena, "/transparency/%.*s", PSTR(name));
	view_bool(page, TP_THERE, true);
	view_text(page, TP_QUARTER, name);
	view_text(page, TP_LABEL, stats_capital(q->arena, stats_period(q, &t->quarter)));
	view_int(page, TP_NUMBER, t->number);
	view_bool(page, TP_REVISED, t->number > 1);
	view_day(page, TP_MADE, t->made_day);
	view_text(page, TP_KEY, hex_of(q->arena, str_n((const char *)t->signature.public_key,
	                                              sizeof t->signature.public_key)));
	view_url(page, TP_JSON, request_link(q, "%.*s.json?number=%d", PSTR(here), t->number));
	view_url(page, TP_CSV, request_link(q, "%.*s.csv?number=%d", PSTR(here), t->number));
	view_url(page, TP_SIGNATURE, request_link(q, "%.*s/signature?number=%d", PSTR(here), t->number));
}

static enum rc show(struct request *q, struct reply *r, bool any, struct fault *f)
{
	struct asked k = {0};
	enum rc rc = read_asked(q, &k, any, f);
	if (rc != RC_OK)
		return rc;
	bool there = k.t.number > 0;
	if (there && q->format == FORMAT_JSON) {
		reply_bytes(q, r, STR("application/json; charset=utf-8"), k.t.body);
		reply_download(r, arena_fmt(q->arena, "%.*s-%.*s-%d.json", PSTR(q->ward->slug),
		                            PSTR(period_name(q->arena, &k.t.quarter)), k.t.number));
		return RC_OK;
	}
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &TRANSPARENCY);
	struct period now = period_of(PERIOD_quarter, day_of(q->now));
	if (there) {
		add_flat(page, &k.t);
		add_kinds(page, &k);
		add_groups(page, &k);
		add_lists(page, &k);
		add_made(q, page, &k.t);
	}
	if (k.has_head)
		add_head(q, view_obj(page, TP_LAST), &k.last);
	view_day(page, TP_NEXT, now.to);
	view_url(page, TP_CHECK, request_link(q, "/transparency/check"));
	view_url(page, TP_FILE, request_link(q, "/transparency/heads"));
	view_url(page, TP_STATS, request_link(q, "/figures"));
	reply_title(r, there ? arena_fmt(q->arena, "%.*s, %.*s", PSTR(request_text(q, "transparency.title")),
	                                 PSTR(stats_period(q, &k.t.quarter)))
	                     : request_text(q, "transparency.title"));
	reply_view(q, r, page);
	return RC_OK;
}

enum rc transparency_latest(struct request *q, struct reply *r, struct fault *f) { return show(q, r, true, f); }
enum rc transparency_page(struct request *q, struct reply *r, struct fault *f) { return show(q, r, false, f); }

enum rc transparency_signature(struct request *q, struct reply *r, struct fault *f)
{
	struct asked k = {0};
	enum rc rc = read_asked(q, &k, false, f);
	if (rc != RC_OK)
		return rc;
	reply_bytes(q, r, STR("text/plain; charset=utf-8"), transparency_signature_write(q->arena, &k.t));
	reply_download(r, arena_fmt(q->arena, "%.*s-%.*s-%d.json.sig", PSTR(q->ward->slug),
	                            PSTR(period_name(q->arena, &k.t.quarter)), k.t.number));
	return RC_OK;
}

/* ---------------------------------------------------------------- heads to keep */

enum { HEADS_MOST = 400 };

struct heads_work {
	int32_t to;
	struct ward_head *list;
	size_t count;
};

static enum rc heads_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct heads_work *k = ctx;
	return head_list(tx, k->to - HEADS_MOST + 1, k->to, HEADS_MOST, &k->list, &k->count, f);
}

enum rc transparency_heads(struct request *q, struct reply *r, struct fault *f)
{
	struct heads_work k = {.to = day_of(q->now)};
	struct str to = request_query(q, "to");
	struct buf b = {0};
	if (to.n > 0 && !day_parse(to, &k.to))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, heads_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	buf_addf(&b, "# xom heads 1\n# day, digest, key, signature of %.*s; %d days at most, up to ?to=%s\n",
	         PSTR(q->ward->slug), HEADS_MOST, text_day_iso(q->arena, k.to).p);
	for (size_t i = 0; i < k.count; i++)
		buf_addf(&b, "%.*s %.*s\n", PSTR(q->ward->slug), PSTR(head_line(q->arena, &k.list[i])));
	reply_bytes(q, r, STR("text/plain; charset=utf-8"), arena_take(q->arena, &b));
	return RC_OK;
}

/* ---------------------------------------------------------------- how to check */

enum { CK_LAST, CK_FILE, CK_BACK, CK_SLUG, CK_FIELDS };
static const struct field CHECK_F[] = {
	[CK_LAST] = {"last_head", V_OBJ, SEE_PUBLIC, "the newest daily head", &HEAD, NULL},
	[CK_FILE] = {"heads_file", V_URL, SEE_PUBLIC, "daily heads as a file to keep", NULL, NULL},
	[CK_BACK] = {"back", V_URL, SEE_PUBLIC, "the transparency page", NULL, NULL},
	[CK_SLUG] = {"slug", V_TEXT, SEE_PUBLIC, "the ward's name in addresses", NULL, NULL},
};
const struct shape TRANSPARENCY_CHECK = SHAPE("transparency_check", CHECK_F);

static enum rc last_tx(struct tx *tx, void *ctx, struct fault *f) { return head_last(tx, ctx, f); }

enum rc transparency_check(struct request *q, struct reply *r, struct fault *f)
{
	struct ward_head last;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, last_tx, &last, f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &TRANSPARENCY_CHECK);
	if (rc == RC_OK)
		add_head(q, view_obj(page, CK_LAST), &last);
	view_url(page, CK_FILE, request_link(q, "/transparency/heads"));
	view_url(page, CK_BACK, request_link(q, "/transparency"));
	view_text(page, CK_SLUG, q->ward->slug);
	reply_title(r, request_text(q, "transparency.check.title"));
	reply_view(q, r, page);
	return RC_OK;
}
