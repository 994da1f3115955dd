/* A khu vực's week on one A4 sheet, for its notice board: what was settled in the last seven days, what is open and
 * since how many days, what is late. Of cases that anyone can open, as they stand today. */
#include "rooms/stats/stats.h"
#include "ward/qr.h"

enum { WEEK_DAYS = 7, WEEK_DONE = 12, WEEK_OPEN = 20, WORDS_MAX = 90 };

enum { WC_CODE, WC_URL, WC_KIND, WC_TEXT, WC_DAY, WC_DAYS, WC_AREA, WC_LATE, WC_STATE, WC_FIELDS };
static const struct field CASE_F[] = {
	[WC_CODE] = {"code", V_TEXT, SEE_PUBLIC, "public code", NULL, NULL},
	[WC_URL] = {"url", V_URL, SEE_PUBLIC, "its page", NULL, NULL},
	[WC_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind, by its procedure", NULL, NULL},
	[WC_TEXT] = {"words", V_TEXT, SEE_PUBLIC, "words as the desk released them, shortened", NULL, NULL},
	[WC_DAY] = {"day", V_DAY, SEE_PUBLIC, "of a closed one: when; of an open one: by when", NULL, NULL},
	[WC_DAYS] = {"days", V_INT, SEE_PUBLIC, "days since it was received, or until it was closed", NULL, "days"},
	[WC_AREA] = {"by_area", V_BOOL, SEE_PUBLIC, "settled on the spot by the khu vực", NULL, NULL},
	[WC_LATE] = {"late", V_BOOL, SEE_PUBLIC, "that day is over", NULL, NULL},
	[WC_STATE] = {"state", V_KEY, SEE_PUBLIC, "where it stands", NULL, NULL},
};
static const struct shape CASE = SHAPE("week_case", CASE_F);

enum { WK_DONE, WK_OPEN, WK_AREA, WK_FROM, WK_TODAY, WK_DONE_N, WK_OPEN_N, WK_LATE_N, WK_DONE_MORE, WK_OPEN_MORE, WK_QR,
	WK_QR_BOX, WK_ADDRESS, WK_OFFICE, WK_PHONE, WK_MONTH, WK_CSS, WK_FIELDS };
static const struct field WEEK_F[] = {
	[WK_DONE] = {"done", V_LIST, SEE_PUBLIC, "closed in the week, newest first", &CASE, NULL},
	[WK_OPEN] = {"cases", V_LIST, SEE_PUBLIC, "open, what is late longest first", &CASE, NULL},
	[WK_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[WK_FROM] = {"from", V_DAY, SEE_PUBLIC, "first day of the week", NULL, NULL},
	[WK_TODAY] = {"as_of", V_DAY, SEE_PUBLIC, "its last one: day of the sheet", NULL, NULL},
	[WK_DONE_N] = {"closed", V_INT, SEE_PUBLIC, "closed in the week", NULL, "cases"},
	[WK_OPEN_N] = {"open", V_INT, SEE_PUBLIC, "open today", NULL, "cases"},
	[WK_LATE_N] = {"overdue", V_INT, SEE_PUBLIC, "of these past their day", NULL, "cases"},
	[WK_DONE_MORE] = {"done_more", V_INT, SEE_PUBLIC, "closed ones that are not on the sheet", NULL, "cases"},
	[WK_OPEN_MORE] = {"open_more", V_INT, SEE_PUBLIC, "open ones that are not on the sheet", NULL, "cases"},
	[WK_QR] = {"qr", V_TEXT, SEE_PUBLIC, "QR code of this page, as an SVG path", NULL, NULL},
	[WK_QR_BOX] = {"qr_box", V_TEXT, SEE_PUBLIC, "its viewBox", NULL, NULL},
	[WK_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "the same address, to type", NULL, NULL},
	[WK_OFFICE] = {"office", V_TEXT, SEE_PUBLIC, "whom to ask", NULL, NULL},
	[WK_PHONE] = {"office_phone", V_TEXT, SEE_PUBLIC, "its telephone", NULL, NULL},
	[WK_MONTH] = {"month", V_URL, SEE_PUBLIC, "the month's sheet", NULL, NULL},
	[WK_CSS] = {"sheet_css", V_URL, SEE_PUBLIC, "its styles", NULL, NULL},
};
const struct shape WEEK = SHAPE("week", WEEK_F);

struct week_row {
	struct str public_code, kind, text, outcome;
	enum state state;
	int64_t received_at, due_at, closed_at;
	bool by_area;
};
struct week {
	struct area area;
	int32_t from, today;
	struct week_row done[WEEK_DONE], open[WEEK_OPEN];
	size_t done_count, open_count;
	int64_t closed, opened, late;
};

/* closed_by is nobody's unit's where the khu vực settled it: its last entry that closed it says which. */
#define COLUMNS \
	"SELECT c.public_code, c.kind, c.released_text, c.state, c.received_at, c.due_at, c.closed_at," \
	" (SELECT t.verb FROM timeline t WHERE t.ward_id = c.ward_id AND t.case_id = c.id AND t.at = c.closed_at" \
	" ORDER BY t.seq DESC LIMIT 1) AS ended FROM ward_case c" \
	" WHERE c.ward_id = ?1 AND c.area_id = ?2 AND c.listed = 1 AND c.withheld = 0"
#define TYPES "tttiiIIT"

static enum rc read_rows(struct tx *tx, const struct sql *q, const struct val *in, size_t n, struct week_row *out,
                         size_t max, size_t *count, struct fault *f)
{
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, q, &r, in, n, f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK)
		out[(*count)++] = (struct week_row){
			.public_code = row_str(&r, 0), .kind = row_str(&r, 1), .text = row_str(&r, 2),
			.state = (enum state)row_int(&r, 3), .received_at = row_int(&r, 4), .due_at = row_int(&r, 5),
			.closed_at = row_int(&r, 6), .by_area = verb_parse(row_str(&r, 7)) == VERB_settle};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc count(struct tx *tx, struct week *k, int64_t from, int64_t today, struct fault *f)
{
	static const struct sql DONE = SQL_WARD(
		"SELECT COUNT(*) FROM ward_case WHERE ward_id = ?1 AND area_id = ?2 AND listed = 1 AND withheld = 0"
		" AND open = 0 AND sort_at <= ?3 AND state <> ?4", "iii", "i");
	static const struct sql OPEN = SQL_WARD(
		"SELECT COUNT(*), COUNT(CASE WHEN due_at <= ?3 THEN 1 END) FROM ward_case WHERE ward_id = ?1 AND area_id = ?2"
		" AND listed = 1 AND withheld = 0 AND open = 1", "ii", "ii");
	struct rows r;
	enum rc rc = sql_one(tx, &DONE, &r, BIND(v_int(k->area.id.v), v_int(-from), v_int(STATE_withdrawn)), f);
	if (rc != RC_OK)
		return rc;
	k->closed = row_int(&r, 0);
	rows_end(&r);
	rc = sql_one(tx, &OPEN, &r, BIND(v_int(k->area.id.v), v_int(today)), f);
	if (rc != RC_OK)
		return rc;
	k->opened = row_int(&r, 0);
	k->late = row_int(&r, 1);
	rows_end(&r);
	return RC_OK;
}

/* Of closed ones sort_at is the moment of closing, turned round; of open ones the day that is due. */
static enum rc week_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql DONE = SQL_WARD(
		COLUMNS " AND c.open = 0 AND c.sort_at <= ?3 AND c.state <> ?4 ORDER BY c.sort_at, c.id LIMIT ?5", "iiii", TYPES);
	static const struct sql OPEN = SQL_WARD(
		COLUMNS " AND c.open = 1 ORDER BY c.sort_at, c.id LIMIT ?3", "ii", TYPES);
	struct week *k = ctx;
	int64_t from = day_start(k->from);
	enum rc rc = read_rows(tx, &DONE, BIND(v_int(k->area.id.v), v_int(-from), v_int(STATE_withdrawn), v_int(WEEK_DONE)),
	                       k->done, WEEK_DONE, &k->done_count, f);
	if (rc == RC_OK)
		rc = read_rows(tx, &OPEN, BIND(v_int(k->area.id.v), v_int(WEEK_OPEN)), k->open, WEEK_OPEN, &k->open_count, f);
	return rc == RC_OK ? count(tx, k, from, day_start(k->today), f) : rc;
}

static void fill(struct request *q, struct vobj *o, const struct week_row *c)
{
	view_text(o, WC_CODE, c->public_code);
	view_url(o, WC_URL, request_link(q, "/case/%.*s", PSTR(c->public_code)));
	view_key(o, WC_KIND, c->kind, label_kind(q, c->kind));
	view_text(o, WC_TEXT, sheet_shortened(q->arena, c->text, WORDS_MAX));
	view_key(o, WC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
}

static void show_rows(struct request *q, struct vobj *page, const struct week *k)
{
	for (size_t i = 0; i < k->done_count; i++) {
		struct vobj *o = view_item(page, WK_DONE);
		fill(q, o, &k->done[i]);
		view_day(o, WC_DAY, day_of(k->done[i].closed_at));
		view_int(o, WC_DAYS, day_of(k->done[i].closed_at) - day_of(k->done[i].received_at));
		view_bool(o, WC_AREA, k->done[i].by_area);
	}
	for (size_t i = 0; i < k->open_count; i++) {
		const struct week_row *c = &k->open[i];
		struct vobj *o = view_item(page, WK_OPEN);
		fill(q, o, c);
		if (c->due_at > 0)
			view_day(o, WC_DAY, day_of(c->due_at - 1));
		view_int(o, WC_DAYS, k->today - day_of(c->received_at));
		view_bool(o, WC_LATE, c->due_at > 0 && c->due_at <= day_start(k->today));
	}
}

static bool read_area(struct request *q, struct week *k)
{
	struct area *all;
	k->today = day_of(q->now);
	k->from = k->today - WEEK_DAYS + 1;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id, k->today, &all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].code, request_param(q, "area"))) {
			k->area = all[i];
			return true;
		}
	return false;
}

enum rc week_page(struct request *q, struct reply *r, struct fault *f)
{
	struct week *k = arena_array(q->arena, 1, sizeof *k);
	struct str path, box;
	*k = (struct week){0};
	if (!read_area(q, k))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, week_tx, k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &WEEK);
	struct date today = date_from_day(k->today);
	struct str address = arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url,
	                               PSTR(request_link(q, "/figures/week/%.*s", PSTR(k->area.code))));
	show_rows(q, page, k);
	view_text(page, WK_AREA, k->area.name);
	view_day(page, WK_FROM, k->from);
	view_day(page, WK_TODAY, k->today);
	view_int(page, WK_DONE_N, k->closed);
	view_int(page, WK_OPEN_N, k->opened);
	view_int(page, WK_LATE_N, k->late);
	view_int(page, WK_DONE_MORE, k->closed - (int64_t)k->done_count);
	view_int(page, WK_OPEN_MORE, k->opened - (int64_t)k->open_count);
	if (qr_draw(q->arena, address, &path, &box)) {
		view_text(page, WK_QR, path);
		view_text(page, WK_QR_BOX, box);
	}
	view_text(page, WK_ADDRESS, address);
	view_text(page, WK_OFFICE, q->ward->name);
	view_text(page, WK_PHONE, q->ward->hotline);
	view_url(page, WK_CSS, http_asset(q->app->http, q->arena, "figures.css"));
	view_url(page, WK_MONTH, request_link(q, "/figures/sheet/%.*s/%04d-%02d", PSTR(k->area.code), today.year, today.month));
	reply_title(r, arena_fmt(q->arena, "%.*s, %.*s", PSTR(request_text(q, "week.title")), PSTR(k->area.name)));
	reply_view(q, r, page);
	return RC_OK;
}
