/* What falls due: what the reader was told of (on top of the queues, and whole on a page), what of a
 * unit is nearly due or late, for its head, and a unit's coming week. Each page is a list of cases, so that it is a look. */
#include "rooms/desk/desk_due.h"

#include "ward/due_words.h"
#include "ward/fill.h"

enum { DU_CODE, DU_URL, DU_KIND, DU_STATE, DU_STREET, DU_UNIT, DU_OFFICER, DU_DUE, DU_LATEST, DU_LATE, DU_WORKING,
	DU_CALENDAR, DU_WORDS, DU_LEVEL, DU_TOLD, DU_MINE, DU_HOW, DU_AT, DU_FIELDS };
static const struct field ROW_F[] = {
	[DU_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[DU_URL] = {"url", V_URL, SEE_HANDLER, "its page", NULL, NULL},
	[DU_KIND] = {"kind", V_KEY, SEE_HANDLER, "kind, by its procedure", NULL, NULL},
	[DU_STATE] = {"state", V_KEY, SEE_HANDLER, "where it stands", NULL, NULL},
	[DU_STREET] = {"street", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
	[DU_UNIT] = {"unit", V_TEXT, SEE_HANDLER, "who has it", NULL, NULL},
	[DU_OFFICER] = {"officer", V_TEXT, SEE_HANDLER, "who took it; empty: nobody", NULL, NULL},
	[DU_DUE] = {"due", V_DAY, SEE_HANDLER, "last day of the present deadline", NULL, NULL},
	[DU_LATEST] = {"latest", V_TEXT, SEE_HANDLER, "at the latest: its clock stands", NULL, NULL},
	[DU_LATE] = {"late", V_BOOL, SEE_HANDLER, "that day is over", NULL, NULL},
	[DU_WORKING] = {"late_working", V_INT, SEE_HANDLER, "working days late", NULL, "days"},
	[DU_CALENDAR] = {"late_calendar", V_INT, SEE_HANDLER, "calendar days late", NULL, "days"},
	[DU_WORDS] = {"in_words", V_TEXT, SEE_HANDLER, "days left or late, in words", NULL, NULL},
	[DU_LEVEL] = {"level", V_INT, SEE_HANDLER, "share of its time that was used when it was told", NULL,
	              "percent"},
	[DU_TOLD] = {"told", V_TIME, SEE_HANDLER, "when it was told", NULL, NULL},
	[DU_MINE] = {"mine", V_BOOL, SEE_HANDLER, "taken by the reader", NULL, NULL},
	[DU_HOW] = {"notice", V_TEXT, SEE_HANDLER, "for a unit's head: who was told of it, or that it will be", NULL, NULL},
	[DU_AT] = {"notice_at", V_TIME, SEE_HANDLER, "when that was, or will be", NULL, NULL},
};
const struct shape DESK_DUE_ROW = SHAPE("due_row", ROW_F);

enum { DG_CASES, DG_HEADING, DG_LEAD, DG_NONE, DG_COUNT, DG_MORE, DG_FIRST, DG_CSV, DG_JSON, DG_XLSX,
	DG_BACK, DG_WEEK, DG_ICS, DG_UNIT_PAGE, DG_PAPER, DG_TODAY, DG_FIELDS };
static const struct field PAGE_F[] = {
	[DG_CASES] = {"cases", V_LIST, SEE_HANDLER, "one row a case: newest notice first, or by due day", &DESK_DUE_ROW, NULL},
	[DG_HEADING] = {"heading", V_TEXT, SEE_HANDLER, "which list it is", NULL, NULL},
	[DG_LEAD] = {"lead", V_TEXT, SEE_HANDLER, "what stands on it", NULL, NULL},
	[DG_NONE] = {"none", V_TEXT, SEE_HANDLER, "said when it is empty", NULL, NULL},
	[DG_COUNT] = {"n", V_INT, SEE_HANDLER, "cases on it, of all pages", NULL, "cases"},
	[DG_MORE] = {"more", V_URL, SEE_HANDLER, "the next ones", NULL, NULL},
	[DG_FIRST] = {"newest", V_URL, SEE_HANDLER, "back to the first", NULL, NULL},
	[DG_CSV] = {"csv", V_URL, SEE_HANDLER, "this list as CSV", NULL, NULL},
	[DG_JSON] = {"json", V_URL, SEE_HANDLER, "this list as JSON", NULL, NULL},
	[DG_XLSX] = {"xlsx", V_URL, SEE_HANDLER, "this list as a spreadsheet", NULL, NULL},
	[DG_BACK] = {"back", V_URL, SEE_HANDLER, "the queues", NULL, NULL},
	[DG_WEEK] = {"week", V_URL, SEE_HANDLER, "the unit's coming week", NULL, NULL},
	[DG_ICS] = {"ics", V_URL, SEE_HANDLER, "the week for one's own calendar", NULL, NULL},
	[DG_UNIT_PAGE] = {"unit_page", V_URL, SEE_HANDLER, "what of the unit falls due, for its head", NULL,
	                  NULL},
	[DG_PAPER] = {"paper", V_BOOL, SEE_HANDLER, "it is made to be printed", NULL, NULL},
	[DG_TODAY] = {"today", V_DAY, SEE_HANDLER, "day of the list", NULL, NULL},
};
const struct shape DESK_DUE = SHAPE("due", PAGE_F);

enum { SHOWN = 50, WEEK_MOST = 500, WEEK_DAYS = 7, OFFICERS = 64 };

/* ---------------------------------------------------------------- reading */

enum due_list { DUE_due = 1, DUE_unit, DUE_week };
static const char *const LIST_NAMES[] = {[DUE_due] = "due", [DUE_unit] = "unit", [DUE_week] = "week"};

struct due_work {
	struct request *q;
	enum due_list list;
	int64_t after_at, after_id;
	size_t limit;
	struct escalated *rows;
	size_t count;
	int64_t n;
	bool more;
	struct unit *units;
	size_t unit_count;
	struct account officers[OFFICERS];   /* each once */
	size_t officer_count;
};

static enum rc read_officers(struct tx *tx, struct due_work *k, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < k->count; i++) {
		bool known = k->rows[i].officer.v == 0 || k->officer_count == OFFICERS;
		for (size_t j = 0; j < k->officer_count; j++)
			known = known || k->officers[j].id.v == k->rows[i].officer.v;
		if (known)
			continue;
		rc = account_get(tx, k->rows[i].officer, &k->officers[k->officer_count], f);
		k->officer_count += rc == RC_OK;
		rc = rc == RC_NONE ? RC_OK : rc;
	}
	return rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct due_work *k = ctx;
	const struct actor *who = &k->q->actor;
	enum rc rc = RC_OK;
	switch (k->list) {
	case DUE_due:
		rc = escalation_list(tx, who, TOLD_officer, k->after_at, k->after_id, k->limit, &k->rows, &k->count,
		                     &k->more, f);
		rc = rc == RC_OK ? escalation_count(tx, who, TOLD_officer, &k->n, f) : rc;
		break;
	case DUE_unit:
		rc = escalation_unit(tx, who, k->after_at, k->after_id, k->limit, &k->rows, &k->count, &k->more,
		                     &k->n, f);
		break;
	case DUE_week:
		rc = escalation_week(tx, who, day_of(tx_now(tx)) + WEEK_DAYS, k->limit, &k->rows, &k->count,
		                     &k->more, f);
		k->n = (int64_t)k->count;
		break;
	}
	if (rc == RC_OK)
		rc = unit_list_all(tx, &k->units, &k->unit_count, f);
	return rc == RC_OK ? read_officers(tx, k, f) : rc;
}

/* ---------------------------------------------------------------- rows */

static struct str unit_name(const struct due_work *k, struct unit_id id)
{
	for (size_t i = 0; i < k->unit_count; i++)
		if (k->units[i].id.v == id.v)
			return k->units[i].name;
	return STR_EMPTY;
}

static struct str officer_name(const struct due_work *k, struct account_id id)
{
	for (size_t i = 0; i < k->officer_count; i++)
		if (k->officers[i].id.v == id.v)
			return k->officers[i].name;
	return STR_EMPTY;
}

static void add_row(struct request *q, struct vobj *o, const struct due_work *k, const struct escalated *c)
{
	int working, calendar;
	view_text(o, DU_CODE, arena_copy(q->arena, str_of(c->code)));
	view_url(o, DU_URL, request_link(q, "/desk/case/%s", c->code));
	view_key(o, DU_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, DU_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_text(o, DU_STREET, c->street);
	view_text(o, DU_UNIT, unit_name(k, c->unit));
	view_text(o, DU_OFFICER, officer_name(k, c->officer));
	view_day(o, DU_DUE, day_of(c->due_at - 1));
	view_text(o, DU_LATEST, clock_latest_words(q, c->paused_until));
	view_bool(o, DU_LATE, q->now >= c->due_at);
	due_days_late(q, c->due_at, &working, &calendar);
	if (q->now >= c->due_at) {
		if (working >= 0)
			view_int(o, DU_WORKING, working);
		view_int(o, DU_CALENDAR, calendar);
	}
	view_text(o, DU_WORDS, due_words(q, c->due_at));
	view_int(o, DU_LEVEL, c->level);
	if (c->level > 0)
		view_time(o, DU_TOLD, c->told_at);
	view_bool(o, DU_MINE, c->officer.v == q->actor.account.v);
}

/* Who was told of it, and when: what a unit's head asks. Of what nobody could be told of yet: when they will be. */
static void add_notice(struct request *q, struct vobj *o, const struct escalated *c)
{
	struct fault why = {0};
	int64_t at = c->told_at;
	const char *key = "due.notice.head";
	if (c->paused_until > q->now) {
		key = "due.notice.paused";
		at = c->paused_until;
	} else if (c->level >= LEVEL_chair && (c->reach & REACH_chair) != 0) {
		key = "due.notice.chair";
	} else if (c->level < LEVEL_head) {
		bool known = escalation_office(&q->app->flow, q->now, &at, &why) == RC_OK;
		key = !known ? "due.notice.unknown" : at > q->now ? "due.notice.next" : "due.notice.soon";
		at = known && at > q->now ? at : 0;
	}
	view_text(o, DU_HOW, request_text(q, key));
	if (at > 0)
		view_time(o, DU_AT, at);
}

enum rc desk_due_top(struct request *q, struct vobj *page, int list, int count, struct fault *f)
{
	enum { TOP = 5 };
	struct due_work k = {.q = q, .list = DUE_due, .limit = TOP};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < k.count; i++)
		add_row(q, view_item(page, list), &k, &k.rows[i]);
	view_int(page, count, k.n);
	return RC_OK;
}

/* ---------------------------------------------------------------- the pages */

/* A week is of the reader's units, by name: it hangs on their wall. */
static struct str week_heading(struct request *q, const struct due_work *k)
{
	struct buf units = {0};
	for (size_t i = 0; i < q->actor.unit_count; i++)
		if (actor_works(&q->actor, q->actor.units[i]))
			buf_join(&units, ", ", unit_name(k, q->actor.units[i]));
	if (units.n == 0)
		return request_text(q, "due.week.title");
	const struct filling fill[] = {{"units", arena_take(q->arena, &units)}};
	return text_fill(q->arena, request_text(q, "due.week.of"), fill, 1);
}

/* What a look at it is called, and which list it was. */
static enum rc look(struct request *q, const char *what, const struct due_work *k, const char *list,
                    struct fault *f)
{
	return look_write(&q->app->flow, q->arena, q->ward, &q->actor, what, (struct case_id){0},
	                  arena_fmt(q->arena, "due=%s", list), (int64_t)k->count, f);
}

static enum rc show(struct request *q, struct reply *r, struct due_work *k, struct fault *f)
{
	const char *name = LIST_NAMES[k->list];
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
	if (rc == RC_OK)
		rc = look(q, q->format == FORMAT_HTML ? "list" : desk_look_kind(q), k, name, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &DESK_DUE);
	for (size_t i = 0; i < k->count; i++) {
		struct vobj *o = view_item(page, DG_CASES);
		add_row(q, o, k, &k->rows[i]);
		if (k->list == DUE_unit)
			add_notice(q, o, &k->rows[i]);
	}
	struct str heading = k->list == DUE_week ? week_heading(q, k)
	                                         : request_text(q, arena_fmt(q->arena, "due.%s.title", name).p);
	view_text(page, DG_HEADING, heading);
	view_text(page, DG_LEAD, request_text(q, arena_fmt(q->arena, "due.%s.lead", name).p));
	view_text(page, DG_NONE, request_text(q, arena_fmt(q->arena, "due.%s.none", name).p));
	view_int(page, DG_COUNT, k->n);
	if (k->more && k->list != DUE_week) {
		const struct escalated *last = &k->rows[k->count - 1];
		view_url(page, DG_MORE, request_link(q, "/desk/%s?at=%lld&after=%lld", name,
		                                     (long long)(k->list == DUE_unit ? last->due_at : last->told_at),
		                                     (long long)last->id.v));
	}
	if (k->after_id != 0)
		view_url(page, DG_FIRST, request_link(q, "/desk/%s", name));
	view_url(page, DG_CSV, request_link(q, "/desk/%s.csv", name));
	view_url(page, DG_JSON, request_link(q, "/desk/%s.json", name));
	view_url(page, DG_XLSX, request_link(q, "/desk/%s.xlsx", name));
	view_url(page, DG_BACK, request_link(q, "/desk"));
	if (k->list == DUE_week)
		view_url(page, DG_ICS, request_link(q, "/desk/week.ics"));
	else if (actor_may(&q->actor, PERM_case_work))
		view_url(page, DG_WEEK, request_link(q, "/desk/week"));
	if (k->list != DUE_unit && actor_may(&q->actor, PERM_unit_late))
		view_url(page, DG_UNIT_PAGE, request_link(q, "/desk/unit"));
	view_bool(page, DG_PAPER, k->list == DUE_week);
	view_day(page, DG_TODAY, day_of(q->now));
	reply_title(r, heading);
	reply_view(q, r, page);
	return RC_OK;
}

/* Bad numbers in the address are an unknown page. */
static bool read_cursor(const struct request *q, struct due_work *k)
{
	struct str at = request_query(q, "at"), id = request_query(q, "after");
	k->limit = q->format == FORMAT_HTML || q->format == FORMAT_JSON ? SHOWN : DESK_EXPORT_MAX;
	return id.n == 0 || (str_i64(id, &k->after_id) && str_i64(at, &k->after_at));
}

enum rc desk_due(struct request *q, struct reply *r, struct fault *f)
{
	struct due_work k = {.q = q, .list = DUE_due};
	return read_cursor(q, &k) ? show(q, r, &k, f) : RC_NONE;
}

enum rc desk_unit(struct request *q, struct reply *r, struct fault *f)
{
	struct due_work k = {.q = q, .list = DUE_unit};
	return read_cursor(q, &k) ? show(q, r, &k, f) : RC_NONE;
}

enum rc desk_week(struct request *q, struct reply *r, struct fault *f)
{
	struct due_work k = {.q = q, .list = DUE_week, .limit = WEEK_MOST};
	return show(q, r, &k, f);
}

/* ---------------------------------------------------------------- the week for one's own calendar */

/* The same uid for the same case, and a number that rises with it: what was imported before is put in the place of,
 * not doubled, and goes along when the date moves. */
static void add_event(struct request *q, struct ics *out, const struct escalated *c)
{
	int32_t day = day_of(c->due_at - 1);
	struct arena *a = q->arena;
	struct buf text = {0};
	buf_join(&text, "\n", due_words(q, c->due_at));
	buf_join(&text, "\n", clock_latest_words(q, c->paused_until));
	ics_event(out, &(struct ics_event){
		.uid = arena_fmt(a, "%s@%.*s.xom", c->code, PSTR(q->ward->slug)),
		.sequence = c->seq,
		.day = day,
		.title = arena_fmt(a, "%.*s%.*s %s", PSTR(q->now >= c->due_at ? request_text(q, "due.ics.late")
		                                                              : STR_EMPTY),
		                   PSTR(label_kind(q, c->kind)), c->code),
		.text = arena_take(a, &text),
	});
}

enum rc desk_week_ics(struct request *q, struct reply *r, struct fault *f)
{
	struct due_work k = {.q = q, .list = DUE_week, .limit = WEEK_MOST};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc == RC_OK)
		rc = look(q, "ics", &k, "week", f);
	if (rc != RC_OK)
		return rc;
	struct ics out;
	ics_begin(&out, q->arena, q->now, "desk week 1");
	for (size_t i = 0; i < k.count; i++)
		add_event(q, &out, &k.rows[i]);
	reply_bytes(q, r, STR("text/calendar; charset=utf-8"), ics_end(&out));
	reply_download(r, STR("week.ics"));
	return RC_OK;
}
