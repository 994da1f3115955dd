/* "You said, we did": a khu vực's month on one A4 sheet, for its notice board. */
#include "rooms/stats/stats.h"
#include "ward/qr.h"

enum { SC_CODE, SC_URL, SC_KIND, SC_TEXT, SC_OUTCOME, SC_CLOSED, SC_BEFORE, SC_AFTER, SC_DUE,
	SC_LATE_DAYS, SC_RULE, SC_REASON, SC_FIELDS };
static const struct field CASE_F[] = {
	[SC_CODE] = {"code", V_TEXT, SEE_PUBLIC, "public code", NULL, NULL},
	[SC_URL] = {"url", V_URL, SEE_PUBLIC, "its page", NULL, NULL},
	[SC_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind, by its procedure", NULL, NULL},
	[SC_TEXT] = {"words", V_TEXT, SEE_PUBLIC, "words as the desk released them, shortened", NULL,
	             NULL},
	[SC_OUTCOME] = {"outcome", V_KEY, SEE_PUBLIC, "how it ended", NULL, NULL},
	[SC_CLOSED] = {"closed", V_DAY, SEE_PUBLIC, "day of closing", NULL, NULL},
	[SC_BEFORE] = {"before", V_URL, SEE_PUBLIC, "photo as reported", NULL, "image"},
	[SC_AFTER] = {"after", V_URL, SEE_PUBLIC, "photo when done", NULL, "image"},
	[SC_DUE] = {"due", V_DAY, SEE_PUBLIC, "last day of the deadline", NULL, NULL},
	[SC_LATE_DAYS] = {"late_days", V_INT, SEE_PUBLIC, "days past it", NULL, "days"},
	[SC_RULE] = {"rule", V_TEXT, SEE_PUBLIC, "what the deadline follows", NULL, NULL},
	[SC_REASON] = {"reason", V_TEXT, SEE_PUBLIC, "why, as the office told; shortened", NULL, NULL},
};
static const struct shape CASE = SHAPE("sheet_case", CASE_F);

enum { SH_DONE, SH_LATE, SH_AREA, SH_AREA_CODE, SH_MONTH, SH_MONTH_LABEL, SH_TODAY, SH_WORDS,
	SH_NOTHING, SH_RECEIVED, SH_CLOSED, SH_OPEN, SH_OVERDUE, SH_REPORTS, SH_DONE_MORE, SH_LATE_MORE, SH_BEFORE,
	SH_QR, SH_QR_BOX, SH_ADDRESS, SH_UNIT, SH_HOTLINE, SH_BACK, SH_PREVIOUS, SH_NEXT, SH_CSS, SH_FIELDS };
static const struct field SHEET_F[] = {
	[SH_DONE] = {"done", V_LIST, SEE_PUBLIC, "some that were closed, most to show first", &CASE, NULL},
	[SH_LATE] = {"late", V_LIST, SEE_PUBLIC, "late ones, longest first", &CASE, NULL},
	[SH_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[SH_AREA_CODE] = {"area_code", V_TEXT, SEE_PUBLIC, "its code", NULL, NULL},
	[SH_MONTH] = {"month", V_TEXT, SEE_PUBLIC, "month of receipt", NULL, NULL},
	[SH_MONTH_LABEL] = {"month_label", V_TEXT, SEE_PUBLIC, "the same in words", NULL, NULL},
	[SH_TODAY] = {"as_of", V_DAY, SEE_PUBLIC, "day of the sheet", NULL, NULL},
	[SH_WORDS] = {"all_words", V_TEXT, SEE_PUBLIC, "the month as a sentence", NULL, NULL},
	[SH_NOTHING] = {"nothing", V_BOOL, SEE_PUBLIC, "nothing was received", NULL, NULL},
	[SH_RECEIVED] = {"received", V_INT, SEE_PUBLIC, "received in the month", NULL, "cases"},
	[SH_CLOSED] = {"closed", V_INT, SEE_PUBLIC, "of these, closed by now", NULL, "cases"},
	[SH_OPEN] = {"open", V_INT, SEE_PUBLIC, "of these, open now", NULL, "cases"},
	[SH_OVERDUE] = {"overdue", V_INT, SEE_PUBLIC, "of the open ones, past their day", NULL, "cases"},
	[SH_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of those received", NULL, "reports"},
	[SH_DONE_MORE] = {"done_more", V_INT, SEE_PUBLIC, "closed ones that are not on the sheet", NULL,
	                  "cases"},
	[SH_LATE_MORE] = {"late_more", V_INT, SEE_PUBLIC, "late ones that are not on the sheet", NULL,
	                  "cases"},
	[SH_BEFORE] = {"overdue_before", V_INT, SEE_PUBLIC, "late ones of earlier months", NULL, "cases"},
	[SH_QR] = {"qr", V_TEXT, SEE_PUBLIC, "QR code of the figures' page, as an SVG path", NULL, NULL},
	[SH_QR_BOX] = {"qr_box", V_TEXT, SEE_PUBLIC, "its viewBox", NULL, NULL},
	[SH_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "the same address, to type", NULL, NULL},
	[SH_UNIT] = {"office", V_TEXT, SEE_PUBLIC, "whom to ask", NULL, NULL},
	[SH_HOTLINE] = {"office_phone", V_TEXT, SEE_PUBLIC, "its telephone", NULL, NULL},
	[SH_BACK] = {"figures", V_URL, SEE_PUBLIC, "the figures of the month and khu vực", NULL, NULL},
	[SH_PREVIOUS] = {"previous", V_URL, SEE_PUBLIC, "the month before", NULL, NULL},
	[SH_NEXT] = {"next", V_URL, SEE_PUBLIC, "the month after", NULL, NULL},
	[SH_CSS] = {"sheet_css", V_URL, SEE_PUBLIC, "its styles", NULL, NULL},
};
const struct shape SHEET = SHAPE("sheet", SHEET_F);

struct asked {
	struct period month;
	struct area area;
	struct sheet sheet;
	int32_t first;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *k = ctx;
	enum rc rc = tally_first_listed(tx, &k->first, f);
	if (rc == RC_NONE) {
		k->first = k->month.from;
		rc = RC_OK;
	}
	return rc == RC_OK ? sheet_read(tx, &k->month, k->area.id, &k->sheet, f) : rc;
}

static bool read_address(struct request *q, struct asked *k)
{
	struct str code = request_param(q, "area");
	struct area *all;
	int32_t today = day_of(q->now);
	if (!period_parse(request_param(q, "month"), &k->month) || k->month.kind != PERIOD_month ||
	    k->month.from > today)
		return false;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id,
	                         k->month.to - 1 < today ? k->month.to - 1 : today, &all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].code, code)) {
			k->area = all[i];
			return true;
		}
	return false;
}

enum { WORDS_MAX = 190 };         /* bytes: about 150 letters, three lines */

struct str sheet_shortened(struct arena *a, struct str s, size_t bytes)
{
	if (s.n <= bytes)
		return s;
	size_t n = bytes;
	while (n > 0 && s.p[n] != ' ' && s.p[n] != '\n')
		n--;
	if (n == 0)                       /* one endless word: never through a letter */
		for (n = bytes; n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80; n--)
			;
	return arena_fmt(a, "%.*s…", PSTR(str_sub(s, 0, n)));
}

static struct str photo_link(struct request *q, const struct sheet_case *c, struct str name)
{
	return request_link(q, "/case/%.*s/photo/%.*s?thumb=1", PSTR(c->public_code), PSTR(name));
}

static void fill_case(struct request *q, struct vobj *o, const struct sheet_case *c)
{
	view_text(o, SC_CODE, c->public_code);
	view_url(o, SC_URL, request_link(q, "/case/%.*s", PSTR(c->public_code)));
	view_key(o, SC_KIND, c->kind, label_kind(q, c->kind));
	view_text(o, SC_TEXT, sheet_shortened(q->arena, c->text, WORDS_MAX));
	if (c->before.n > 0)
		view_url(o, SC_BEFORE, photo_link(q, c, c->before));
	if (c->after.n > 0)
		view_url(o, SC_AFTER, photo_link(q, c, c->after));
}

static void done_case(struct request *q, struct vobj *o, const struct sheet_case *c)
{
	fill_case(q, o, c);
	view_day(o, SC_CLOSED, day_of(c->closed_at));
	if (c->outcome.n > 0)
		view_key(o, SC_OUTCOME, c->outcome,
		         request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
}

/* "5 working days, a rule of the ward": what the deadline follows, so that its lateness is plain. */
static struct str rule_words(const struct request *q, const struct sheet_case *c)
{
	const struct rule *rule;
	if (rule_find(q->app->rules, c->due_rule, day_of(c->began_at), &rule) != RC_OK)
		return STR_EMPTY;
	struct str days = FILL(q, rule->unit == RULE_working_day ? "sheet.rule.working"
	                                                         : "sheet.rule.calendar",
	                       {"days", stats_count(q, rule->amount)});
	if (!rule->verified)
		return FILL(q, "sheet.rule.ward", {"days", days});
	return FILL(q, "sheet.rule.law", {"days", days}, {"source", rule->source});
}

static void late_case(struct request *q, struct vobj *o, const struct sheet_case *c)
{
	int32_t last = day_of(c->due_at - 1);
	fill_case(q, o, c);
	view_day(o, SC_DUE, last);
	view_int(o, SC_LATE_DAYS, day_of(q->now) - last);
	view_text(o, SC_RULE, rule_words(q, c));
	view_text(o, SC_REASON, sheet_shortened(q->arena, c->why_late, WORDS_MAX));
}

static void add_months(struct request *q, struct vobj *page, const struct asked *k)
{
	struct period before = period_before(&k->month), after = period_after(&k->month);
	if (before.to > k->first)
		view_url(page, SH_PREVIOUS,
		         request_link(q, "/figures/sheet/%.*s/%.*s", PSTR(k->area.code),
		                      PSTR(period_name(q->arena, &before))));
	if (after.from <= day_of(q->now))
		view_url(page, SH_NEXT,
		         request_link(q, "/figures/sheet/%.*s/%.*s", PSTR(k->area.code),
		                      PSTR(period_name(q->arena, &after))));
}

static void add_address(struct request *q, struct vobj *page, const struct asked *k)
{
	struct str path, box, here = request_link(q, "/figures/sheet/%.*s/%.*s", PSTR(k->area.code),
	                                          PSTR(period_name(q->arena, &k->month)));
	struct str address = arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url, PSTR(here));
	if (qr_draw(q->arena, address, &path, &box)) {
		view_text(page, SH_QR, path);
		view_text(page, SH_QR_BOX, box);
	}
	view_text(page, SH_ADDRESS, address);
	view_text(page, SH_UNIT, q->ward->name);
	view_url(page, SH_CSS, http_asset(q->app->http, q->arena, "figures.css"));
	view_text(page, SH_HOTLINE, q->ward->hotline);
	view_url(page, SH_BACK, request_link(q, "/figures?period=%.*s&area=%lld",
	                                     PSTR(period_name(q->arena, &k->month)),
	                                     (long long)k->area.id.v));
}

static void add_counts(struct request *q, struct vobj *page, const struct sheet *s)
{
	const struct figure *all = &s->figures.all.f;
	view_text(page, SH_WORDS, stats_sentence(q, all));
	view_bool(page, SH_NOTHING, all->received == 0);
	view_int(page, SH_RECEIVED, all->received);
	view_int(page, SH_REPORTS, all->reports.received);
	view_int(page, SH_CLOSED, all->closed);
	view_int(page, SH_OPEN, all->open);
	view_int(page, SH_OVERDUE, all->overdue);
	view_int(page, SH_DONE_MORE, all->closed - (int64_t)s->done_count);
	view_int(page, SH_LATE_MORE, all->overdue - (int64_t)s->late_count);
	view_int(page, SH_BEFORE, s->figures.overdue_before);
}

enum rc sheet_page(struct request *q, struct reply *r, struct fault *f)
{
	struct asked *k = arena_array(q->arena, 1, sizeof *k);
	if (!read_address(q, k))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &SHEET);
	struct str label = stats_period(q, &k->month);
	for (size_t i = 0; i < k->sheet.done_count; i++)
		done_case(q, view_item(page, SH_DONE), &k->sheet.done[i]);
	for (size_t i = 0; i < k->sheet.late_count; i++)
		late_case(q, view_item(page, SH_LATE), &k->sheet.late[i]);
	view_text(page, SH_AREA, k->area.name);
	view_text(page, SH_AREA_CODE, k->area.code);
	view_text(page, SH_MONTH, period_name(q->arena, &k->month));
	view_text(page, SH_MONTH_LABEL, label);
	view_day(page, SH_TODAY, day_of(q->now));
	add_counts(q, page, &k->sheet);
	add_months(q, page, k);
	add_address(q, page, k);
	reply_title(r, arena_fmt(q->arena, "%.*s, %.*s, %.*s", PSTR(request_text(q, "sheet.title")),
	                         PSTR(k->area.name), PSTR(label)));
	reply_view(q, r, page);
	return RC_OK;
}
