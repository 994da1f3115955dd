/* A quarterly edition, as it was made: kinds that have no public pages, and how much was late. */
#include "rooms/stats/stats.h"

enum { EK_KIND, EK_N, EK_FEW, EK_WORDS, EK_FIELDS };
static const struct field KIND_F[] = {
	[EK_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind, by its procedure", NULL, NULL},
	[EK_N] = {"received", V_INT, SEE_PUBLIC, "received in the quarter; absent: fewer than 5", NULL,
	          "cases"},
	[EK_FEW] = {"few", V_BOOL, SEE_PUBLIC, "fewer than 5, or none", NULL, NULL},
	[EK_WORDS] = {"words", V_TEXT, SEE_PUBLIC, "the same as a sentence", NULL, NULL},
};
static const struct shape KIND = SHAPE("edition_kind", KIND_F);

enum { EN_LABEL, EN_URL, EN_FIELDS };
static const struct field NUMBER_F[] = {
	[EN_LABEL] = {"number", V_INT, SEE_PUBLIC, "an earlier edition of the quarter", NULL, NULL},
	[EN_URL] = {"url", V_URL, SEE_PUBLIC, "its page", NULL, NULL},
};
static const struct shape NUMBER = SHAPE("edition_number", NUMBER_F);

enum { ED_KINDS, ED_QUARTER, ED_LABEL, ED_NUMBER, ED_REVISED, ED_MADE, ED_KNOWN, ED_OVERDUE,
	ED_CHECKSUM, ED_BYTES, ED_EARLIER, ED_FIGURES, ED_CSV, ED_JSON, ED_FIELDS };
static const struct field EDITION_F[] = {
	[ED_KINDS] = {"kinds", V_LIST, SEE_PUBLIC, "kinds that are not listed one by one", &KIND, NULL},
	[ED_QUARTER] = {"quarter", V_TEXT, SEE_PUBLIC, "2026-Q3", NULL, NULL},
	[ED_LABEL] = {"quarter_label", V_TEXT, SEE_PUBLIC, "the same in words", NULL, NULL},
	[ED_NUMBER] = {"number", V_INT, SEE_PUBLIC, "edition of this quarter, from 1", NULL, NULL},
	[ED_REVISED] = {"revised", V_BOOL, SEE_PUBLIC, "not the first of its quarter", NULL, NULL},
	[ED_MADE] = {"made", V_DAY, SEE_PUBLIC, "day it was made", NULL, NULL},
	[ED_KNOWN] = {"overdue_known", V_BOOL, SEE_PUBLIC, "it was made in time to know", NULL, NULL},
	[ED_OVERDUE] = {"overdue", V_INT, SEE_PUBLIC,
	                "past their day when it was made, over the ward and all kinds", NULL, "cases"},
	[ED_CHECKSUM] = {"checksum", V_TEXT, SEE_PUBLIC, "of its bytes (BLAKE2b)", NULL, NULL},
	[ED_BYTES] = {"bytes", V_URL, SEE_PUBLIC, "its bytes as they were made", NULL, NULL},
	[ED_EARLIER] = {"earlier", V_LIST, SEE_PUBLIC, "earlier editions of the quarter", &NUMBER, NULL},
	[ED_FIGURES] = {"figures", V_URL, SEE_PUBLIC, "the figures of kinds that are listed", NULL, NULL},
	[ED_CSV] = {"csv", V_URL, SEE_PUBLIC, "the kinds as CSV", NULL, NULL},
	[ED_JSON] = {"json", V_URL, SEE_PUBLIC, "all of it as JSON", NULL, NULL},
};
const struct shape EDITION = SHAPE("edition", EDITION_F);

struct asked {
	struct period quarter;
	int number;                   /* 0: the latest */
	struct edition e;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *k = ctx;
	return edition_get(tx, &k->quarter, k->number, &k->e, f);
}

static enum rc read_edition(struct request *q, struct asked *k, struct fault *f)
{
	enum { NUMBER_MAX = 100000 };
	struct str number = request_query(q, "number");
	int64_t n = 0;
	if (!period_parse(request_param(q, "quarter"), &k->quarter) ||
	    k->quarter.kind != PERIOD_quarter ||
	    (number.n > 0 && (!str_i64(number, &n) || n < 1 || n > NUMBER_MAX)))
		return RC_NONE;
	k->number = (int)n;
	return store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
}

enum rc edition_bytes(struct request *q, struct reply *r, struct fault *f)
{
	struct asked k = {0};
	enum rc rc = read_edition(q, &k, f);
	if (rc == RC_OK)
		reply_bytes(q, r, STR("text/plain; charset=utf-8"), k.e.body);
	return rc;
}

static void add_kinds(struct request *q, struct vobj *page, const struct edition *e)
{
	for (size_t i = 0; i < e->kind_count; i++) {
		const struct edition_kind *k = &e->kinds[i];
		struct vobj *o = view_item(page, ED_KINDS);
		view_key(o, EK_KIND, k->kind, label_kind(q, k->kind));
		view_bool(o, EK_FEW, !k->shown);
		if (k->shown)
			view_int(o, EK_N, k->n);
		view_text(o, EK_WORDS,
		          k->shown ? FILL(q, "edition.kind.words", {"n", stats_count(q, k->n)})
		                   : request_text(q, "edition.kind.few"));
	}
}

enum rc edition_page(struct request *q, struct reply *r, struct fault *f)
{
	enum { EARLIER_SHOWN = 20 };
	struct asked k = {0};
	enum rc rc = read_edition(q, &k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &EDITION);
	const struct edition *e = &k.e;
	struct str name = period_name(q->arena, &e->quarter), label = stats_period(q, &e->quarter);
	struct str here = arena_fmt(q->arena, "/figures/edition/%.*s", PSTR(name));
	struct str number = arena_fmt(q->arena, "?number=%d", e->number);
	add_kinds(q, page, e);
	view_text(page, ED_QUARTER, name);
	view_text(page, ED_LABEL, label);
	view_int(page, ED_NUMBER, e->number);
	view_bool(page, ED_REVISED, e->number > 1);
	view_day(page, ED_MADE, e->made_day);
	view_bool(page, ED_KNOWN, e->overdue_known);
	if (e->overdue_known)
		view_int(page, ED_OVERDUE, e->overdue);
	view_text(page, ED_CHECKSUM, hex_of(q->arena, hash_str(&e->checksum)));
	view_url(page, ED_BYTES, request_link(q, "%.*s/bytes%.*s", PSTR(here), PSTR(number)));
	for (int i = e->number - 1; i > 0 && i >= e->number - EARLIER_SHOWN; i--) {
		struct vobj *o = view_item(page, ED_EARLIER);
		view_int(o, EN_LABEL, i);
		view_url(o, EN_URL, request_link(q, "%.*s?number=%d", PSTR(here), i));
	}
	view_url(page, ED_FIGURES, request_link(q, "/figures?period=%.*s", PSTR(name)));
	view_url(page, ED_CSV, request_link(q, "%.*s.csv%.*s", PSTR(here), PSTR(number)));
	view_url(page, ED_JSON, request_link(q, "%.*s.json%.*s", PSTR(here), PSTR(number)));
	reply_title(r, arena_fmt(q->arena, "%.*s, %.*s", PSTR(request_text(q, "edition.title")),
	                         PSTR(label)));
	reply_view(q, r, page);
	return RC_OK;
}
