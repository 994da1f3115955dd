#include "rooms/chair/chair.h"

#include "ward/agency_view.h"
#include "ward/due_words.h"
#include "ward/flow/apology.h"
#include "ward/flow/escalation.h"

enum { CR_CODE, CR_KIND, CR_UNIT, CR_WORKING, CR_CALENDAR, CR_WORDS, CR_FIELDS };
static const struct field ROW_F[] = {
	[CR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code; it opens nothing", NULL, NULL},
	[CR_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[CR_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "who has it", NULL, NULL},
	[CR_WORKING] = {"late_working", V_INT, SEE_OFFICE, "working days late", NULL, "days"},
	[CR_CALENDAR] = {"late_calendar", V_INT, SEE_OFFICE, "calendar days late", NULL, "days"},
	[CR_WORDS] = {"in_words", V_TEXT, SEE_OFFICE, "the same in words", NULL, NULL},
};
static const struct shape ROW = SHAPE("chair_row", ROW_F);

enum { CH_CASES, CH_ESCALATED, CH_OVERDUE, CH_APOLOGIES, CH_TODAY, CH_MORE, CH_FIRST, CH_CSV, CH_JSON,
	CH_XLSX, CH_FIGURES, CH_NEXT, CH_SOON, CH_AGENCIES, CH_AGENCY_URL, CH_FIELDS };
static const struct field PAGE_F[] = {
	[CH_CASES] = {"cases", V_LIST, SEE_OFFICE, "escalated ones, newest notice first", &ROW, NULL},
	[CH_ESCALATED] = {"escalated", V_INT, SEE_OFFICE, "how many there are", NULL, "cases"},
	[CH_OVERDUE] = {"overdue", V_INT, SEE_OFFICE, "late now, of the cases that anyone can open", NULL, "cases"},
	[CH_APOLOGIES] = {"apologies", V_INT, SEE_OFFICE, "letters of apology given this month, for such cases", NULL, "letters"},
	[CH_TODAY] = {"today", V_DAY, SEE_OFFICE, "day of the figures", NULL, NULL},
	[CH_MORE] = {"more", V_URL, SEE_OFFICE, "the next ones", NULL, NULL},
	[CH_FIRST] = {"newest", V_URL, SEE_OFFICE, "back to the first", NULL, NULL},
	[CH_CSV] = {"csv", V_URL, SEE_OFFICE, "the list as CSV", NULL, NULL},
	[CH_JSON] = {"json", V_URL, SEE_OFFICE, "all of it as JSON", NULL, NULL},
	[CH_XLSX] = {"xlsx", V_URL, SEE_OFFICE, "the list as a spreadsheet", NULL, NULL},
	[CH_FIGURES] = {"figures", V_URL, SEE_OFFICE, "the public figures", NULL, NULL},
	[CH_NEXT] = {"notices_at", V_TIME, SEE_OFFICE, "when the office opens and the next notices are given", NULL, NULL},
	[CH_SOON] = {"notices_now", V_BOOL, SEE_OFFICE, "it is office hours: they are given as they fall due", NULL, NULL},
	[CH_AGENCIES] = {"agencies", V_LIST, SEE_OFFICE, "agencies' requests that wait for the chair", &AGENCY_ROW, NULL},
	[CH_AGENCY_URL] = {"agency_url", V_URL, SEE_OFFICE, "all of them", NULL, NULL},
};
static const struct shape CHAIR = SHAPE("chair", PAGE_F);

enum { SHOWN = 50, MOST = 1000 };

struct work {
	struct request *q;
	int64_t after_at, after_id;
	size_t limit, count, unit_count;
	struct escalated *rows;
	struct unit *units;
	bool more;
	int64_t escalated, overdue, apologies;
	struct agency_request *agencies;
	size_t agency_count;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	const struct actor *who = &k->q->actor;
	int32_t month = case_month(tx_now(tx));
	enum rc rc = escalation_list(tx, who, TOLD_chair, k->after_at, k->after_id, k->limit, &k->rows,
	                             &k->count, &k->more, f);
	if (rc == RC_OK)
		rc = escalation_count(tx, who, TOLD_chair, &k->escalated, f);
	if (rc == RC_OK)
		rc = overdue_total(tx, &k->overdue, f);
	if (rc == RC_OK)
		rc = apology_count(tx, case_month_start(month), case_month_start(month + 1), &k->apologies, f);
	if (rc == RC_OK)
		rc = agency_list(tx, &k->q->app->flow, who, true, AGENCY_LISTED, &k->agencies, &k->agency_count, f);
	return rc == RC_OK ? unit_list_all(tx, &k->units, &k->unit_count, f) : rc;
}

static struct str unit_name(const struct work *k, struct unit_id id)
{
	for (size_t i = 0; i < k->unit_count; i++)
		if (k->units[i].id.v == id.v)
			return k->units[i].name;
	return STR_EMPTY;
}

static void add_row(struct request *q, struct vobj *o, const struct work *k, const struct escalated *c)
{
	int working, calendar;
	due_days_late(q, c->due_at, &working, &calendar);
	view_text(o, CR_CODE, arena_copy(q->arena, str_of(c->code)));
	view_key(o, CR_KIND, c->kind, label_kind(q, c->kind));
	view_text(o, CR_UNIT, unit_name(k, c->unit));
	if (working >= 0)
		view_int(o, CR_WORKING, working);
	view_int(o, CR_CALENDAR, calendar);
	view_text(o, CR_WORDS, due_words(q, c->due_at));
}

static void add_links(struct request *q, struct vobj *page, const struct work *k)
{
	if (k->more)
		view_url(page, CH_MORE, request_link(q, "/chair?at=%lld&after=%lld",
		                                     (long long)k->rows[k->count - 1].told_at,
		                                     (long long)k->rows[k->count - 1].id.v));
	if (k->after_id != 0)
		view_url(page, CH_FIRST, request_link(q, "/chair"));
	view_url(page, CH_CSV, request_link(q, "/chair.csv"));
	view_url(page, CH_JSON, request_link(q, "/chair.json"));
	view_url(page, CH_XLSX, request_link(q, "/chair.xlsx"));
	view_url(page, CH_FIGURES, request_link(q, "/figures#overdue"));
}

/* What is late by the clock may not have been told yet: notices are given in office hours alone. */
static void add_next(struct request *q, struct vobj *page)
{
	struct fault why = {0};
	int64_t at;
	if (escalation_office(&q->app->flow, q->now, &at, &why) != RC_OK)
		return;                   /* no calendar says */
	if (at > q->now)
		view_time(page, CH_NEXT, at);
	view_bool(page, CH_SOON, at <= q->now);
}

/* A list of cases, so that it is a look. */
static const char *look_kind(const struct request *q)
{
	switch (q->format) {
	case FORMAT_JSON: return "json";
	case FORMAT_CSV: return "csv";
	case FORMAT_XLSX: return "xlsx";
	case FORMAT_HTML: break;
	}
	return "list";
}

static enum rc chair_page(struct request *q, struct reply *r, struct fault *f)
{
	struct str at = request_query(q, "at"), id = request_query(q, "after");
	struct work k = {.q = q, .limit = q->format == FORMAT_HTML || q->format == FORMAT_JSON ? SHOWN : MOST};
	if (id.n > 0 && !(str_i64(id, &k.after_id) && str_i64(at, &k.after_at)))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, look_kind(q), (struct case_id){0},
		                STR("escalated"), (int64_t)k.count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &CHAIR);
	for (size_t i = 0; i < k.count; i++)
		add_row(q, view_item(page, CH_CASES), &k, &k.rows[i]);
	for (size_t i = 0; i < k.agency_count; i++)   /* what the chair approved waits for oversight alone */
		if (k.agencies[i].chair_by.v == 0)
			agency_rows(q, page, CH_AGENCIES, &k.agencies[i], 1);
	view_url(page, CH_AGENCY_URL, request_link(q, "/agency"));
	view_int(page, CH_ESCALATED, k.escalated);
	view_int(page, CH_OVERDUE, k.overdue);
	view_int(page, CH_APOLOGIES, k.apologies);
	view_day(page, CH_TODAY, day_of(q->now));
	add_next(q, page);
	add_links(q, page, &k);
	reply_title(r, request_text(q, "chair.title"));
	reply_view(q, r, page);
	return RC_OK;
}

static const struct route ROUTES[] = {
	ROUTE(GET, "/chair", chair_page, chair, NONE, 0, PAGE, NONE, &CHAIR, "chair/chair",
	      "the ward's totals; of an escalated case code, kind, unit and how late it is; agencies' requests that wait"),
	{0},
};

const struct room CHAIR_ROOM = {.name = "chair", .routes = ROUTES};
