/* The paper list: printed with blank columns; on the screen the same rows take what was written there
 * by hand, with the time at which it happened. */
#include "rooms/shift/shift.h"

enum { PR_NO, PR_CODE, PR_URL, PR_KIND, PR_STATE, PR_DUE, PR_LATEST, PR_LATE, PR_AREA, PR_STREET, PR_LANDMARK,
	PR_VERSION, PR_CHOICES, PR_WORDS, PR_AT, PR_ERROR, PR_DONE, PR_FIELDS };
static const struct field ROW_F[] = {
	[PR_NO] = {"no", V_INT, SEE_OFFICE, "number on the paper", NULL, NULL},
	[PR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[PR_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[PR_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind", NULL, NULL},
	[PR_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stood when the list was made", NULL, NULL},
	[PR_DUE] = {"due", V_DAY, SEE_OFFICE, "last day of its deadline", NULL, NULL},
	[PR_LATEST] = {"latest", V_TEXT, SEE_OFFICE, "at the latest: its clock stood", NULL, NULL},
	[PR_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day was over", NULL, NULL},
	[PR_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[PR_STREET] = {"street", V_TEXT, SEE_OFFICE, "street", NULL, NULL},
	[PR_LANDMARK] = {"landmark", V_TEXT, SEE_HANDLER, "landmark, to find it by night", NULL, NULL},
	[PR_VERSION] = {"version", V_TEXT, SEE_HANDLER, "version that was seen", NULL, NULL},
	[PR_CHOICES] = {"choices", V_LIST, SEE_HANDLER, "what was done", &FORM_OPTION, NULL},
	[PR_WORDS] = {"words", V_TEXT, SEE_HANDLER, "what was written by hand", NULL, NULL},
	[PR_AT] = {"at", V_TEXT, SEE_HANDLER, "when it happened, as typed", NULL, NULL},
	[PR_ERROR] = {"error", V_TEXT, SEE_HANDLER, "why it was not taken", NULL, NULL},
	[PR_DONE] = {"done", V_BOOL, SEE_OFFICE, "just entered", NULL, NULL},
};
static const struct shape ROW = SHAPE("paper_row", ROW_F);

enum { PP_ROWS, PP_UNIT, PP_SLUG, PP_DAY, PP_MADE, PP_ACTION, PP_BACK, PP_ERRORS, PP_DONE_N, PP_FAILED_N,
	PP_HINT, PP_FIELDS };
static const struct field PAPER_F[] = {
	[PP_ROWS] = {"cases", V_LIST, SEE_OFFICE, "in the order of their days", &ROW, NULL},
	[PP_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "whose work", NULL, NULL},
	[PP_SLUG] = {"unit_slug", V_TEXT, SEE_OFFICE, "the unit, as it is sent", NULL, NULL},
	[PP_DAY] = {"day", V_DAY, SEE_OFFICE, "of which day", NULL, NULL},
	[PP_MADE] = {"made", V_TIME, SEE_OFFICE, "when it was made", NULL, NULL},
	[PP_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[PP_BACK] = {"back", V_URL, SEE_OFFICE, "the lists", NULL, NULL},
	[PP_ERRORS] = {"errors", V_LIST, SEE_HANDLER, "what was not taken", &FORM_ERROR, NULL},
	[PP_DONE_N] = {"done_n", V_INT, SEE_OFFICE, "cases just entered", NULL, "cases"},
	[PP_FAILED_N] = {"failed_n", V_INT, SEE_OFFICE, "cases that were not taken", NULL, "cases"},
	[PP_HINT] = {"hint", V_TEXT, SEE_OFFICE, "how times are read", NULL, NULL},
};
const struct shape PAPER = SHAPE("paper", PAPER_F);

enum { PL_DAY, PL_URL, PL_LIST_FIELDS };
static const struct field DAY_F[] = {
	[PL_DAY] = {"day", V_DAY, SEE_OFFICE, "of which day", NULL, NULL},
	[PL_URL] = {"url", V_URL, SEE_OFFICE, "the list", NULL, NULL},
};
static const struct shape DAY = SHAPE("paper_day", DAY_F);
enum { PS_DAYS, PS_UNITS, PS_BACK, PS_TIME, PS_PRINT, PS_FIELDS };
static const struct field PAPERS_F[] = {
	[PS_DAYS] = {"days", V_LIST, SEE_OFFICE, "newest first", &DAY, NULL},
	[PS_UNITS] = {"units", V_LIST, SEE_OFFICE, "one's own units", &SHIFT_UNIT, NULL},
	[PS_BACK] = {"back", V_URL, SEE_OFFICE, "the shift", NULL, NULL},
	[PS_PRINT] = {"print_url", V_URL, SEE_OFFICE, "blank forms and posters", NULL, NULL},
	[PS_TIME] = {"time", V_TEXT, SEE_OFFICE, "at what time they are made", NULL, NULL},
};
const struct shape PAPERS = SHAPE("papers", PAPERS_F);

enum { WORDS_MAX = 2000 };

struct asking {
	struct request *q;
	struct unit_id unit;
	int32_t day, days[PAPER_DAYS + 1];
	size_t day_count;
	struct paper paper;
};

static enum rc days_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	return paper_days(tx, x->unit, x->days, &x->day_count, f);
}

static struct str paper_time(const struct request *q, int32_t day)
{
	return text_time(q->arena, ward_paper_at(q->app, q->ward->id, day));
}

static struct str unit_query(struct request *q)
{
	struct str slug = q->method == METHOD_POST ? request_form(q, "unit") : request_query(q, "unit");
	return q->actor.unit_count > 1 && slug.n > 0 ? arena_fmt(q->arena, "?unit=%.*s", PSTR(slug)) : STR_EMPTY;
}

enum rc paper_list(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x = {.q = q};
	enum rc rc = shift_unit(q, &x.unit, f);
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, days_tx, &x, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &PAPERS);
	struct str unit = unit_query(q);
	for (size_t i = 0; i < x.day_count; i++) {
		struct vobj *o = view_item(page, PS_DAYS);
		view_day(o, PL_DAY, x.days[i]);
		view_url(o, PL_URL, request_link(q, "/desk/paper/%.*s%.*s",
		                                 PSTR(text_day_iso(q->arena, x.days[i])), PSTR(unit)));
	}
	shift_units(q, page, PS_UNITS, "/desk/paper", x.unit);
	view_url(page, PS_BACK, request_link(q, "/desk/shift"));
	view_url(page, PS_PRINT, request_link(q, "/desk/print"));
	view_text(page, PS_TIME, paper_time(q, day_of(q->now)));
	reply_title(r, request_text(q, "paper.title"));
	reply_view(q, r, page);
	return RC_OK;
}

static enum rc get_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	return paper_get(tx, &x->q->app->flow, &x->q->actor, x->unit, x->day, &x->paper, f);
}

static enum rc begin(struct request *q, struct asking *x, struct fault *f)
{
	*x = (struct asking){.q = q};
	if (!day_parse(request_param(q, "day"), &x->day))
		return RC_NONE;
	enum rc rc = shift_unit(q, &x->unit, f);
	return rc == RC_OK ? store_read(q->app->store, q->ward->id, q->arena, get_tx, x, f) : rc;
}

/* What was typed for a row. */
struct typed {
	struct str what, words, at, error;
	int64_t happened;
	bool done;
};

/* A choice is "note", or "close:OUTCOME". */
static void add_choices(struct request *q, struct vobj *row, struct str chosen)
{
	struct vobj *o = view_item(row, PR_CHOICES);
	view_text(o, OPTION_LABEL, request_text(q, "paper.nothing"));
	o = view_item(row, PR_CHOICES);
	view_text(o, OPTION_VALUE, STR("note"));
	view_text(o, OPTION_LABEL, request_text(q, "paper.note"));
	view_bool(o, OPTION_CHECKED, str_is(chosen, "note"));
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		struct str value = arena_fmt(q->arena, "close:%s", OUTCOMES[i]);
		o = view_item(row, PR_CHOICES);
		view_text(o, OPTION_VALUE, value);
		view_text(o, OPTION_LABEL,
		          arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "paper.close")),
		                    PSTR(request_text(q, arena_fmt(q->arena, "outcome.%s", OUTCOMES[i]).p))));
		view_bool(o, OPTION_CHECKED, str_eq(chosen, value));
	}
}

static void add_row(struct request *q, struct vobj *page, const struct paper *p,
                    const struct paper_row *row, const struct typed *t)
{
	struct vobj *o = view_item(page, PP_ROWS);
	const struct ward_case *c = &row->c;
	view_int(o, PR_NO, row->no);
	view_text(o, PR_CODE, arena_copy(q->arena, str_of(c->code)));
	if (t != NULL) {
		view_text(o, PR_ERROR, t->error);
		view_bool(o, PR_DONE, t->done);
	}
	if (row->gone)
		return;
	view_url(o, PR_URL, request_link(q, "/desk/case/%s", c->code));
	view_key(o, PR_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, PR_STATE, str_of(state_name(row->state)), label_state(q, row->state));
	if (row->due_at > 0) {
		view_day(o, PR_DUE, day_of(row->due_at - 1));
		view_text(o, PR_LATEST, paper_latest(p, row) ? request_text(q, "clock.latest") : STR_EMPTY);
		view_bool(o, PR_LATE, row->due_at <= p->made_at);
	}
	view_text(o, PR_AREA, label_area(q, c->place.area));
	view_text(o, PR_STREET, c->place.street);
	view_text(o, PR_LANDMARK, c->place.landmark);
	bool open = t != NULL && !t->done;
	view_text(o, PR_VERSION, arena_fmt(q->arena, "%lld", (long long)c->version));
	add_choices(q, o, open ? t->what : STR_EMPTY);
	if (open) {
		view_text(o, PR_WORDS, t->words);
		view_text(o, PR_AT, t->at);
	}
}

static enum rc show(struct asking *x, struct reply *r, const struct typed *typed, int status,
                    struct fault *f)
{
	struct request *q = x->q;
	const struct paper *p = &x->paper;
	size_t done = 0, failed = 0;
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "paper", (struct case_id){0},
	                        text_day_iso(q->arena, x->day), (int64_t)p->count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, q->format == FORMAT_HTML ? SEE_OFFICE | SEE_HANDLER : SEE_OFFICE);
	struct vobj *page = view_new(&v, &PAPER);
	for (size_t i = 0; i < p->count; i++) {
		const struct typed *t = typed != NULL ? &typed[i] : NULL;
		add_row(q, page, p, &p->rows[i], t);
		if (t == NULL)
			continue;
		done += t->done;
		failed += t->error.n > 0;
		if (t->error.n > 0)
			form_error_add(page, PP_ERRORS,
			               arena_fmt(q->arena, "%d. %s: %.*s", p->rows[i].no, p->rows[i].c.code, PSTR(t->error)),
			               arena_fmt(q->arena, "#words-%d", p->rows[i].no));
	}
	view_text(page, PP_UNIT, p->unit.name);
	view_text(page, PP_SLUG, p->unit.slug);
	view_day(page, PP_DAY, p->day);
	view_time(page, PP_MADE, p->made_at);
	view_url(page, PP_ACTION, request_link(q, "/desk/paper/%.*s", PSTR(text_day_iso(q->arena, x->day))));
	view_url(page, PP_BACK, request_link(q, "/desk/paper%.*s", PSTR(unit_query(q))));
	view_int(page, PP_DONE_N, (int64_t)done);
	view_int(page, PP_FAILED_N, (int64_t)failed);
	view_text(page, PP_HINT,
	          arena_fmt(q->arena, "%.*s %.*s.", PSTR(request_text(q, "paper.at.hint")),
	                    PSTR(text_time(q->arena, p->made_at))));
	reply_title(r, arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "paper.title")),
	                         PSTR(text_date(q->arena, q->lang, x->day))));
	reply_page(q, r, "shift/paper", &PAPER, page, status);
	return RC_OK;
}

enum rc paper_page(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x;
	enum rc rc = begin(q, &x, f);
	return rc == RC_OK ? show(&x, r, NULL, 200, f) : rc;
}

/* ---------------------------------------------------------------- what was written by hand */

/* "18:30" of the list's day; earlier than the list is the day after. */
static bool read_time(const struct paper *p, struct str typed, int64_t *out)
{
	int minutes;
	if (!time_of_day(typed, &minutes))
		return false;
	*out = day_start(p->day) + minutes * US_MINUTE;
	if (*out + US_MINUTE <= p->made_at)
		*out += US_DAY;
	return true;
}

static void take(struct request *q, const struct paper *p, const struct paper_row *row, struct typed *t)
{
	struct str error;
	*t = (struct typed){.what = request_form(q, arena_fmt(q->arena, "what-%d", row->no).p),
	                    .words = STR_EMPTY, .at = STR_EMPTY, .error = STR_EMPTY};
	bool fine = shift_words(q, arena_fmt(q->arena, "words-%d", row->no).p, WORDS_MAX, &t->words, &error);
	if (text_clean(q->arena, request_form(q, arena_fmt(q->arena, "at-%d", row->no).p), TEXT_LINE, 20,
	               &t->at) != RC_OK)
		t->at = STR_EMPTY;
	if (t->what.n == 0 && t->words.n == 0 && t->at.n == 0 && fine)
		return;
	if (!fine)
		t->error = error;
	else if (t->what.n == 0)
		t->error = request_text(q, "paper.what.missing");
	else if (t->words.n == 0)
		t->error = request_text(q, "desk.text.missing");
	else if (!read_time(p, t->at, &t->happened))
		t->error = request_text(q, "paper.at.missing");
	else if (t->happened > q->now)
		t->error = request_text(q, "paper.at.future");
	else if (t->happened < row->c.received_at - US_MINUTE)
		t->error = request_text(q, "paper.at.early");
}

struct entering {
	struct request *q;
	const struct paper_row *row;
	const struct typed *t;
	int64_t version;
};

static enum rc enter_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct entering *e = ctx;
	struct request *q = e->q;
	struct ward_case c;
	struct str rest = e->t->what, verb = str_cut(&rest, ':');
	struct moment m = moment_of(e->t->happened);
	bool closing = str_is(verb, "close");
	struct part parts[2] = {
		{closing ? STR("result") : STR("text"), e->t->words, closing ? STR("text") : STR("note")},
		{STR("happened"),
	     arena_fmt(tx_arena(tx), "%04d-%02d-%02d %02d:%02d", m.date.year, m.date.month, m.date.day, m.hour,
	               m.minute),
	     closing ? STR("figures") : STR("note")}};
	struct move move = {.verb = closing ? VERB_close : VERB_note, .actor = &q->actor,
	                    .expected_version = e->version, .parts = parts, .part_count = 2,
	                    .outcome = closing ? rest : STR_EMPTY};
	if (!closing && !str_is(verb, "note"))
		return RC_INVALID;
	enum rc rc = case_get(tx, &q->app->flow, e->row->of, &c, f);
	if (rc == RC_OK && !case_handled_by(&c, &q->actor))
		rc = RC_NONE;
	return rc == RC_OK ? case_move(tx, &q->app->flow, q->ward, &c, &move, f) : rc;
}

static const char *reason(enum rc rc)
{
	switch (rc) {
	case RC_CHANGED: return "bulk.why.changed";
	case RC_WAITING: return "bulk.why.waiting";
	case RC_NONE: return "bulk.why.gone";
	case RC_EXPIRED: return "bulk.why.expired";
	case RC_REFUSED: return "bulk.why.refused";
	case RC_INVALID: return "bulk.why.invalid";
	case RC_DENIED: return "bulk.why.denied";
	default: return NULL;
	}
}

static enum rc enter(struct request *q, const struct paper_row *row, struct typed *t, struct fault *f)
{
	struct entering e = {.q = q, .row = row, .t = t};
	if (!str_i64(request_form(q, arena_fmt(q->arena, "v-%d", row->no).p), &e.version) || e.version < 1)
		return RC_BAD_REQUEST;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, enter_tx, &e, f);
	t->done = rc == RC_OK;
	if (reason(rc) == NULL)
		return rc;
	t->error = request_text(q, reason(rc));
	return RC_OK;
}

enum rc paper_send(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = begin(q, &x, f);
	if (rc != RC_OK)
		return rc;
	struct typed *typed = arena_array(q->arena, x.paper.count + 1, sizeof *typed);
	bool failed = false, any = false;
	for (size_t i = 0; rc == RC_OK && i < x.paper.count; i++) {
		take(q, &x.paper, &x.paper.rows[i], &typed[i]);
		if (typed[i].what.n > 0 && typed[i].error.n == 0)
			rc = enter(q, &x.paper.rows[i], &typed[i], f);
		failed = failed || typed[i].error.n > 0;
		any = any || typed[i].done;
	}
	if (any)
		flow_changed(q->ward->id);
	/* Read once more: versions and states as they are now. */
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, get_tx, &x, f);
	return rc == RC_OK ? show(&x, r, typed, failed ? 422 : 200, f) : rc;
}
