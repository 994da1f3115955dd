/* The figures' page: cases that anyone can open, of a month, quarter or year, by kind and by khu
 * vực; with the last twelve months, and how long it took. */
#include "rooms/stats/stats.h"
#include "ward/flow/apology.h"
#include "ward/flow/escalation.h"

enum { RW_BY, RW_IS_KIND, RW_IS_AREA, RW_KIND, RW_AREA, RW_AREA_CODE, RW_RECEIVED, RW_CLOSED,
	RW_OPEN, RW_OVERDUE, RW_WITHDRAWN, RW_MEDIAN, RW_REPORTS, RW_R_CLOSED, RW_R_OPEN, RW_R_OVERDUE, RW_R_WITHDRAWN, RW_SEVERAL, RW_HALF, RW_SHARE, RW_LOW, RW_HIGH, RW_WORDS, RW_SHEET,
	RW_FIELDS };
static const struct field ROW_F[] = {
	[RW_BY] = {"by", V_TEXT, SEE_PUBLIC, "all, kind or area: what the row is of", NULL, NULL},
	[RW_IS_KIND] = {"is_kind", V_BOOL, SEE_PUBLIC, "it is of a kind", NULL, NULL},
	[RW_IS_AREA] = {"is_area", V_BOOL, SEE_PUBLIC, "it is of a khu vực", NULL, NULL},
	[RW_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind, by its procedure", NULL, NULL},
	[RW_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[RW_AREA_CODE] = {"area_code", V_TEXT, SEE_PUBLIC, "its code", NULL, NULL},
	[RW_RECEIVED] = {"received", V_INT, SEE_PUBLIC, "received in the period", NULL, "cases"},
	[RW_CLOSED] = {"closed", V_INT, SEE_PUBLIC, "of these, closed by now", NULL, "cases"},
	[RW_OPEN] = {"open", V_INT, SEE_PUBLIC, "of these, open now", NULL, "cases"},
	[RW_OVERDUE] = {"overdue", V_INT, SEE_PUBLIC, "of the open ones, past their day", NULL, "cases"},
	[RW_WITHDRAWN] = {"withdrawn", V_INT, SEE_PUBLIC, "withdrawn by who reported them", NULL,
	                  "cases"},
	[RW_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of the cases received", NULL, "reports"},
	[RW_R_CLOSED] = {"reports_closed", V_INT, SEE_PUBLIC, "reports of the closed ones", NULL, "reports"},
	[RW_R_OPEN] = {"reports_open", V_INT, SEE_PUBLIC, "reports of the open ones", NULL, "reports"},
	[RW_R_OVERDUE] = {"reports_overdue", V_INT, SEE_PUBLIC, "reports of those past their day", NULL, "reports"},
	[RW_R_WITHDRAWN] = {"reports_withdrawn", V_INT, SEE_PUBLIC, "reports of the withdrawn ones", NULL, "reports"},
	[RW_SEVERAL] = {"several", V_BOOL, SEE_PUBLIC, "more reports than cases", NULL, NULL},
	[RW_MEDIAN] = {"median", V_INT, SEE_PUBLIC,
	               "days until half were closed, the open ones counted; absent: not yet half", NULL,
	               "days"},
	[RW_HALF] = {"half", V_TEXT, SEE_PUBLIC, "the same for people; a dash: not yet half", NULL, NULL},
	[RW_SHARE] = {"share", V_TEXT, SEE_PUBLIC, "closed of received; absent under 20", NULL, NULL},
	[RW_LOW] = {"share_low", V_INT, SEE_PUBLIC, "its 95 % interval, under 50", NULL, "percent"},
	[RW_HIGH] = {"share_high", V_INT, SEE_PUBLIC, "its 95 % interval, under 50", NULL, "percent"},
	[RW_WORDS] = {"words", V_TEXT, SEE_PUBLIC, "the same as a sentence", NULL, NULL},
	[RW_SHEET] = {"sheet", V_URL, SEE_PUBLIC, "the month's sheet of the khu vực", NULL, NULL},
};
static const struct shape ROW = SHAPE("figures_row", ROW_F);

enum { MO_MONTH, MO_LABEL, MO_RECEIVED, MO_CLOSED, MO_OPEN, MO_REPORTS, MO_FIELDS };
static const struct field MONTH_F[] = {
	[MO_MONTH] = {"month", V_TEXT, SEE_PUBLIC, "month of receipt", NULL, NULL},
	[MO_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "the same, short", NULL, NULL},
	[MO_RECEIVED] = {"received", V_INT, SEE_PUBLIC, "received in it", NULL, "cases"},
	[MO_CLOSED] = {"closed", V_INT, SEE_PUBLIC, "of these, closed or withdrawn by now", NULL, "cases"},
	[MO_OPEN] = {"open", V_INT, SEE_PUBLIC, "of these, open now", NULL, "cases"},
	[MO_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of those received in it", NULL, "reports"},
};
static const struct shape MONTH = SHAPE("figures_month", MONTH_F);

enum { CU_DAYS, CU_SHARE, CU_FIELDS };
static const struct field CURVE_F[] = {
	[CU_DAYS] = {"days", V_INT, SEE_PUBLIC, "days after receipt", NULL, "days"},
	[CU_SHARE] = {"closed_share", V_INT, SEE_PUBLIC, "closed within so many days", NULL, "percent"},
};
static const struct shape CURVE = SHAPE("figures_curve", CURVE_F);

enum { LT_KIND, LT_AREA, LT_N, LT_FIELDS };
static const struct field LATE_F[] = {
	[LT_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind, by its procedure", NULL, NULL},
	[LT_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[LT_N] = {"n", V_INT, SEE_PUBLIC, "late now", NULL, "cases"},
};
static const struct shape LATE = SHAPE("figures_late", LATE_F);

enum { EL_LABEL, EL_URL, EL_FIELDS };
static const struct field EDITION_LINK_F[] = {
	[EL_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "the quarter", NULL, NULL},
	[EL_URL] = {"url", V_URL, SEE_PUBLIC, "its edition", NULL, NULL},
};
static const struct shape EDITION_LINK = SHAPE("edition_link", EDITION_LINK_F);

enum { FG_ROWS, FG_MONTHS, FG_CURVE, FG_PERIOD, FG_PERIOD_LABEL, FG_TODAY, FG_OVER, FG_EMPTY,
	FG_WORDS, FG_SMALL, FG_BEFORE, FG_UNFOUNDED, FG_MONTHS_WORDS, FG_CURVE_WORDS, FG_FILTERS, FG_ACTION, FG_FILTERED,
	FG_CLEAR, FG_HEADING, FG_EDITIONS, FG_SHEET_MONTH, FG_CSV, FG_JSON, FG_JS, FG_CSS, FG_PUBLIC,
	FG_LATE_NOW, FG_LATE_ROWS, FG_APOLOGIES, FG_CLEARED, FG_FIELDS };
static const struct field FIGURES_F[] = {
	[FG_ROWS] = {"rows", V_LIST, SEE_PUBLIC, "all, then by kind, then by khu vực", &ROW, NULL},
	[FG_MONTHS] = {"months", V_LIST, SEE_PUBLIC, "twelve months, by month of receipt", &MONTH, NULL},
	[FG_CURVE] = {"curve", V_LIST, SEE_PUBLIC, "share closed after so many days, from 20 on", &CURVE,
	              NULL},
	[FG_PERIOD] = {"period", V_TEXT, SEE_PUBLIC, "2026-09, 2026-Q3 or 2026", NULL, NULL},
	[FG_PERIOD_LABEL] = {"period_label", V_TEXT, SEE_PUBLIC, "the same in words", NULL, NULL},
	[FG_TODAY] = {"as_of", V_DAY, SEE_PUBLIC, "day of the figures", NULL, NULL},
	[FG_OVER] = {"over", V_BOOL, SEE_PUBLIC, "the period is over", NULL, NULL},
	[FG_EMPTY] = {"nothing", V_BOOL, SEE_PUBLIC, "nothing was received in it", NULL, NULL},
	[FG_WORDS] = {"all_words", V_TEXT, SEE_PUBLIC, "the period as a sentence", NULL, NULL},
	[FG_SMALL] = {"small", V_BOOL, SEE_PUBLIC, "fewer than 20: no percentages", NULL, NULL},
	[FG_UNFOUNDED] = {"unfounded", V_INT, SEE_PUBLIC, "of the withdrawn ones, found by oversight to be unfounded", NULL, "cases"},
	[FG_BEFORE] = {"overdue_before", V_INT, SEE_PUBLIC, "received before, open and past their day",
	               NULL, "cases"},
	[FG_MONTHS_WORDS] = {"months_words", V_TEXT, SEE_PUBLIC, "the months' chart as a sentence", NULL,
	                     NULL},
	[FG_CURVE_WORDS] = {"curve_words", V_TEXT, SEE_PUBLIC, "the other chart as a sentence", NULL,
	                    NULL},
	[FG_FILTERS] = {"filters", V_LIST, SEE_PUBLIC, "period, kind and khu vực", &FORM_FIELD, NULL},
	[FG_ACTION] = {"action", V_URL, SEE_PUBLIC, "where they are sent", NULL, NULL},
	[FG_FILTERED] = {"filtered", V_BOOL, SEE_PUBLIC, "a kind or khu vực is chosen", NULL, NULL},
	[FG_CLEAR] = {"clear", V_URL, SEE_PUBLIC, "all kinds and khu vực again", NULL, NULL},
	[FG_HEADING] = {"heading", V_TEXT, SEE_PUBLIC, "what was chosen, in words", NULL, NULL},
	[FG_EDITIONS] = {"editions", V_LIST, SEE_PUBLIC, "quarterly editions, newest first",
	                 &EDITION_LINK, NULL},
	[FG_SHEET_MONTH] = {"sheet_month", V_TEXT, SEE_PUBLIC, "month of the sheets", NULL, NULL},
	[FG_CSV] = {"csv", V_URL, SEE_PUBLIC, "the rows as CSV", NULL, NULL},
	[FG_JSON] = {"json", V_URL, SEE_PUBLIC, "all of it as JSON", NULL, NULL},
	[FG_JS] = {"chart_js", V_URL, SEE_PUBLIC, "draws the charts", NULL, NULL},
	[FG_CSS] = {"chart_css", V_URL, SEE_PUBLIC, "their styles", NULL, NULL},
	[FG_PUBLIC] = {"cases", V_URL, SEE_PUBLIC, "the cases, one by one", NULL, NULL},
	[FG_LATE_NOW] = {"overdue_now", V_INT, SEE_PUBLIC, "late now, of the cases that anyone can open", NULL, "cases"},
	[FG_LATE_ROWS] = {"overdue_by", V_LIST, SEE_PUBLIC,
	                  "the same by kind and khu vực", &LATE, NULL},
	[FG_CLEARED] = {"flood_cleared", V_INT, SEE_PUBLIC,
	                "reports received in the period that came in a flood and were taken out, of all kinds with public pages; counted nowhere else", NULL, "reports"},
	[FG_APOLOGIES] = {"apologies", V_INT, SEE_PUBLIC,
	                  "letters of apology given in the period, for cases that anyone can open", NULL, "letters"},
};
const struct shape FIGURES = SHAPE("figures", FIGURES_F);

enum { EDITIONS_SHOWN = 12 };
struct asked {
	struct period period;
	struct str kind;
	struct area_id area;
	int32_t today, first;
	struct figures figures;
	struct edition editions[EDITIONS_SHOWN];
	size_t edition_count;
	int64_t late_now, apologies;
	struct overdue_row *late;
	size_t late_count;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *k = ctx;
	enum rc rc = tally_first_listed(tx, &k->first, f);
	if (rc == RC_NONE) {
		k->first = k->today;
		rc = RC_OK;
	}
	if (rc == RC_OK)
		rc = figures_read(tx, &k->period, k->kind, k->area, k->today, &k->figures, f);
	if (rc == RC_OK)
		rc = edition_list(tx, k->editions, EDITIONS_SHOWN, &k->edition_count, f);
	if (rc == RC_OK)
		rc = overdue_total(tx, &k->late_now, f);
	if (rc == RC_OK)
		rc = overdue_list(tx, &k->late, &k->late_count, f);
	if (rc == RC_OK)
		rc = apology_count(tx, day_start(k->period.from), day_start(k->period.to), &k->apologies, f);
	return rc;
}

/* Is it a kind whose cases have public pages? */
static bool listed_kind(const struct procedure *p)
{
	return p != NULL && p->listed && !p->conduct;
}

static bool read_query(struct request *q, struct asked *k)
{
	struct str period = request_query(q, "period"), area = request_query(q, "area");
	k->today = day_of(q->now);
	k->kind = request_query(q, "kind");
	if (period.n == 0)
		k->period = period_of(PERIOD_quarter, k->today);
	else if (!period_parse(period, &k->period) || k->period.from > k->today)
		return false;
	if (k->kind.n > 0 && !listed_kind(procedure_of_kind(q->app->procedures, k->kind, k->today)))
		return false;
	return area.n == 0 || choices_area(q, area, &k->area);
}

/* ---------------------------------------------------------------- rows */

static void fill_row(struct request *q, struct vobj *o, const struct figure *f)
{
	struct str share;
	int low, high;
	view_int(o, RW_RECEIVED, f->received);
	view_int(o, RW_CLOSED, f->closed);
	view_int(o, RW_OPEN, f->open);
	view_int(o, RW_OVERDUE, f->overdue);
	view_int(o, RW_WITHDRAWN, f->withdrawn);
	view_int(o, RW_REPORTS, f->reports.received);
	view_int(o, RW_R_CLOSED, f->reports.closed);
	view_int(o, RW_R_OPEN, f->reports.open);
	view_int(o, RW_R_OVERDUE, f->reports.overdue);
	view_int(o, RW_R_WITHDRAWN, f->reports.withdrawn);
	view_bool(o, RW_SEVERAL, f->reports.received > f->received);
	if (f->received > 0 && f->median >= 0)
		view_int(o, RW_MEDIAN, f->median);
	view_text(o, RW_HALF, f->median >= 0 ? stats_count(q, f->median) : STR("–"));
	bool interval = stats_share(q, f->closed, f->received, &share, &low, &high);
	view_text(o, RW_SHARE, share);
	if (interval) {
		view_int(o, RW_LOW, low);
		view_int(o, RW_HIGH, high);
	}
	view_text(o, RW_WORDS, stats_sentence(q, f));
}

static const struct figure NOTHING = {.median = -1};

static const struct figure *of_kind(const struct figures *o, struct str kind)
{
	for (size_t i = 0; i < o->kind_count; i++)
		if (str_eq(o->kinds[i].kind, kind))
			return &o->kinds[i].f;
	return &NOTHING;
}

static const struct figure *of_area(const struct figures *o, struct area_id area)
{
	for (size_t i = 0; i < o->area_count; i++)
		if (o->areas[i].area.v == area.v)
			return &o->areas[i].f;
	return &NOTHING;
}

static void kind_row(struct request *q, struct vobj *page, struct str kind, const struct figure *f)
{
	struct vobj *o = view_item(page, FG_ROWS);
	view_text(o, RW_BY, STR("kind"));
	view_bool(o, RW_IS_KIND, true);
	view_key(o, RW_KIND, kind, label_kind(q, kind));
	fill_row(q, o, f);
}

/* The kinds that are listed now, also those of which nothing was received; then those that were. */
static void add_kinds(struct request *q, struct vobj *page, const struct asked *k)
{
	const struct procedure *all[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, k->today, all, CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++)
		if (listed_kind(all[i]) && (k->kind.n == 0 || str_eq(k->kind, all[i]->name)))
			kind_row(q, page, all[i]->name, of_kind(&k->figures, all[i]->name));
	for (size_t i = 0; i < k->figures.kind_count; i++) {
		bool known = false;
		for (size_t j = 0; j < n; j++)
			known = known || (listed_kind(all[j]) && str_eq(all[j]->name, k->figures.kinds[i].kind));
		if (!known)
			kind_row(q, page, k->figures.kinds[i].kind, &k->figures.kinds[i].f);
	}
}

static void area_row(struct request *q, struct vobj *page, const struct area *a,
                     const struct period *month, const struct figure *f)
{
	struct vobj *o = view_item(page, FG_ROWS);
	view_text(o, RW_BY, STR("area"));
	view_bool(o, RW_IS_AREA, true);
	view_text(o, RW_AREA, a->name);
	view_text(o, RW_AREA_CODE, a->code);
	if (a->code.n > 0)
		view_url(o, RW_SHEET, request_link(q, "/figures/sheet/%.*s/%.*s", PSTR(a->code),
		                                   PSTR(period_name(q->arena, month))));
	fill_row(q, o, f);
}

/* In the order of their names; what is not known last, then areas that are no more. */
static void add_areas(struct request *q, struct vobj *page, const struct asked *k,
                      const struct period *month)
{
	struct area *all;
	int32_t day = k->period.to - 1 < k->today ? k->period.to - 1 : k->today;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id, day, &all);
	for (size_t i = 0; i < n; i++)
		if (k->area.v == 0 || k->area.v == all[i].id.v)
			area_row(q, page, &all[i], month, of_area(&k->figures, all[i].id));
	for (size_t i = 0; i < k->figures.area_count; i++) {
		const struct figure_group *g = &k->figures.areas[i];
		struct area a = {.name = request_text(q, "figures.area.unknown")};
		bool known = false;
		for (size_t j = 0; j < n; j++)
			known = known || all[j].id.v == g->area.v;
		if (!known && (g->area.v == 0 || place_area(q->app->places, q->arena, g->area, &a)))
			area_row(q, page, &a, month, &g->f);
	}
}

/* ---------------------------------------------------------------- charts */

static void add_months(struct request *q, struct vobj *page, const struct asked *k)
{
	int64_t received = 0, open = 0;
	for (size_t i = 0; i < FIGURE_MONTHS; i++) {
		const struct figure_month *m = &k->figures.months[i];
		struct period p = period_of(PERIOD_month, m->from);
		struct date d = date_from_day(m->from);
		if (p.to <= k->first && i + 1 < FIGURE_MONTHS)
			continue;             /* before the ward's first case: no empty months */
		struct vobj *o = view_item(page, FG_MONTHS);
		view_text(o, MO_MONTH, period_name(q->arena, &p));
		view_text(o, MO_LABEL, arena_fmt(q->arena, "%d/%d", d.month, d.year));
		view_int(o, MO_RECEIVED, m->f.received);
		view_int(o, MO_CLOSED, m->f.received - m->f.open);
		view_int(o, MO_OPEN, m->f.open);
		view_int(o, MO_REPORTS, m->f.reports.received);
		received += m->f.received;
		open += m->f.open;
	}
	view_text(page, FG_MONTHS_WORDS,
	          FILL(q, "figures.months.words", {"received", stats_count(q, received)},
	               {"open", stats_count(q, open)}));
}

static void add_curve(struct request *q, struct vobj *page, const struct figure_group *g)
{
	static const int32_t DAYS[] = {0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365};
	double *left = arena_array(q->arena, g->span_count + 1, sizeof *left);
	struct buf words = {0};
	size_t at = 0;
	double now = 1;
	if (share_form(g->f.received) == SHARE_counts)
		return;
	spans_left(g->spans, g->span_count, left);
	int32_t last = g->spans[g->span_count - 1].days;
	buf_add(&words, request_text(q, "figures.curve.words"));
	for (size_t i = 0; i < sizeof DAYS / sizeof *DAYS; i++) {
		for (; at < g->span_count && g->spans[at].days <= DAYS[i]; at++)
			now = left[at];
		int64_t share = (int64_t)((1 - now) * 100 + 0.5);
		struct vobj *o = view_item(page, FG_CURVE);
		view_int(o, CU_DAYS, DAYS[i]);
		view_int(o, CU_SHARE, share);
		if (DAYS[i] == 1 || DAYS[i] == 7 || DAYS[i] == 30) {
			buf_addc(&words, ' ');
			buf_add(&words, FILL(q, DAYS[i] == 1 ? "figures.curve.one" : "figures.curve.days",
			                     {"days", stats_count(q, DAYS[i])},
			                     {"share", stats_count(q, share)}));
		}
		if (DAYS[i] >= last)
			break;
	}
	view_text(page, FG_CURVE_WORDS, arena_take(q->arena, &words));
}

/* ---------------------------------------------------------------- the page */

static void add_filters(struct request *q, struct vobj *page, const struct view *v,
                        const struct asked *k)
{
	struct period periods[PERIODS_MAX];
	const struct procedure *all[CATEGORY_COUNT];
	size_t n = stats_periods(k->first, k->today, periods), kinds = 0;
	size_t known = procedures_all(q->app->procedures, k->today, all, CATEGORY_COUNT);
	struct form_option *p = arena_array(q->arena, n + 1, sizeof *p),
	                   *o = arena_array(q->arena, known + 1, sizeof *o);
	const struct form_option any = {.value = STR(""), .label = request_text(q, "figures.any")};
	bool there = false;
	for (size_t i = 0; i < n; i++) {
		p[i] = (struct form_option){
			.value = period_name(q->arena, &periods[i]),
			.label = stats_capital(q->arena, stats_period(q, &periods[i])),
			.checked = periods[i].kind == k->period.kind && periods[i].from == k->period.from};
		there = there || p[i].checked;
	}
	if (!there)
		p[n++] = (struct form_option){.value = period_name(q->arena, &k->period),
		                              .label = stats_capital(q->arena, stats_period(q, &k->period)),
		                              .checked = true};
	o[kinds++] = any;
	for (size_t i = 0; i < known; i++)
		if (listed_kind(all[i]))
			o[kinds++] = (struct form_option){.value = all[i]->name, .label = all[i]->title[q->lang],
			                                  .checked = str_eq(all[i]->name, k->kind)};
	struct choices areas = choices_areas(
		q, arena_fmt(q->arena, "%lld", (long long)k->area.v), &any, false);
	const struct form_field fields[] = {
		{.kind = FORM_SELECT, .name = "period", .label = request_text(q, "figures.filter.period"),
		 .options = p, .option_count = n},
		{.kind = FORM_SELECT, .name = "kind", .label = request_text(q, "report.check.kind"),
		 .options = o, .option_count = kinds},
		{.kind = FORM_SELECT, .name = "area", .label = request_text(q, "report.area.label"),
		 .options = areas.options, .option_count = areas.count},
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		form_field_add(page, FG_FILTERS, -1, v, &fields[i]);
	view_url(page, FG_ACTION, request_link(q, "/figures"));
	view_bool(page, FG_FILTERED, k->kind.n > 0 || k->area.v != 0);
	view_url(page, FG_CLEAR,
	         request_link(q, "/figures?period=%.*s", PSTR(period_name(q->arena, &k->period))));
}

static void add_heading(struct request *q, struct vobj *page, const struct asked *k)
{
	struct str kind = k->kind.n > 0 ? label_kind(q, k->kind) : STR_EMPTY,
	           area = label_area(q, k->area);
	view_text(page, FG_HEADING,
	          stats_capital(q->arena, arena_fmt(q->arena, "%.*s%s%.*s%s%.*s", PSTR(kind),
	                                            kind.n > 0 ? ", " : "", PSTR(area),
	                                            area.n > 0 ? ", " : "",
	                                            PSTR(stats_period(q, &k->period)))));
}

static void add_links(struct request *q, struct vobj *page, const struct asked *k)
{
	struct str query = arena_fmt(q->arena, "?period=%.*s", PSTR(period_name(q->arena, &k->period)));
	if (k->kind.n > 0)
		query = arena_fmt(q->arena, "%.*s&kind=%.*s", PSTR(query), PSTR(k->kind));
	if (k->area.v != 0)
		query = arena_fmt(q->arena, "%.*s&area=%lld", PSTR(query), (long long)k->area.v);
	view_url(page, FG_CSV, request_link(q, "/figures.csv%.*s", PSTR(query)));
	view_url(page, FG_JSON, request_link(q, "/figures.json%.*s", PSTR(query)));
	view_url(page, FG_JS, http_asset(q->app->http, q->arena, "figures.js"));
	view_url(page, FG_CSS, http_asset(q->app->http, q->arena, "figures.css"));
	view_url(page, FG_PUBLIC, request_link(q, "/cases"));
	for (size_t i = 0; i < k->edition_count; i++) {
		struct vobj *o = view_item(page, FG_EDITIONS);
		struct str name = period_name(q->arena, &k->editions[i].quarter);
		view_text(o, EL_LABEL, stats_capital(q->arena, stats_period(q, &k->editions[i].quarter)));
		view_url(o, EL_URL, request_link(q, "/figures/edition/%.*s", PSTR(name)));
	}
}

/* The authority's own acts: always exact (RIGHTS.md promise 5). */
static void add_acts(struct request *q, struct vobj *page, const struct asked *k)
{
	view_int(page, FG_LATE_NOW, k->late_now);
	view_int(page, FG_APOLOGIES, k->apologies);
	view_int(page, FG_CLEARED, k->figures.cleared);
	for (size_t i = 0; i < k->late_count; i++) {
		const struct overdue_row *r = &k->late[i];
		struct vobj *o = view_item(page, FG_LATE_ROWS);
		struct str area = label_area(q, r->area);
		view_key(o, LT_KIND, r->kind, label_kind(q, r->kind));
		view_text(o, LT_AREA, area.n > 0 ? area : request_text(q, "figures.area.unknown"));
		view_int(o, LT_N, r->n);
	}
}

enum rc figures_page(struct request *q, struct reply *r, struct fault *f)
{
	struct asked *k = arena_array(q->arena, 1, sizeof *k);
	if (!read_query(q, k))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &FIGURES);
	const struct figure *all = &k->figures.all.f;
	struct str label = stats_period(q, &k->period);
	struct period month = period_of(
		PERIOD_month, k->period.to - 1 < k->today ? k->period.to - 1 : k->today);
	struct vobj *o = view_item(page, FG_ROWS);
	view_text(o, RW_BY, STR("all"));
	fill_row(q, o, all);
	add_kinds(q, page, k);
	add_areas(q, page, k, &month);
	add_months(q, page, k);
	if (all->received > 0)
		add_curve(q, page, &k->figures.all);
	view_text(page, FG_PERIOD, period_name(q->arena, &k->period));
	view_text(page, FG_PERIOD_LABEL, label);
	view_day(page, FG_TODAY, k->today);
	view_bool(page, FG_OVER, k->period.to <= k->today);
	view_bool(page, FG_EMPTY, all->received == 0);
	view_text(page, FG_WORDS, stats_sentence(q, all));
	view_bool(page, FG_SMALL, share_form(all->received) == SHARE_counts);
	view_int(page, FG_BEFORE, k->figures.overdue_before);
	view_int(page, FG_UNFOUNDED, k->figures.unfounded);
	view_text(page, FG_SHEET_MONTH, stats_period(q, &month));
	add_filters(q, page, &v, k);
	add_heading(q, page, k);
	add_links(q, page, k);
	add_acts(q, page, k);
	reply_title(r, arena_fmt(q->arena, "%.*s, %.*s", PSTR(request_text(q, "figures.title")),
	                         PSTR(label)));
	reply_view(q, r, page);
	return RC_OK;
}
