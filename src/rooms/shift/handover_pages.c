/* The hand-over sheet: as it would be now, with room for notes, and as it was handed over. */
#include "rooms/shift/shift.h"

enum { HR_CODE, HR_URL, HR_KIND, HR_STATE, HR_DUE, HR_LATE, HR_AREA, HR_STREET, HR_WORDS, HR_FIELDS };
static const struct field ROW_F[] = {
	[HR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[HR_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[HR_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind", NULL, NULL},
	[HR_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stood", NULL, NULL},
	[HR_DUE] = {"due", V_DAY, SEE_OFFICE, "last day of its next deadline", NULL, NULL},
	[HR_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day was over", NULL, NULL},
	[HR_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[HR_STREET] = {"street", V_TEXT, SEE_OFFICE, "street", NULL, NULL},
	[HR_WORDS] = {"thanks", V_TEXT, SEE_HANDLER, "words of thanks", NULL, NULL},
};
static const struct shape ROW = SHAPE("handover_row", ROW_F);

enum { HS_TITLE, HS_NAME, HS_ROWS, HS_NONE, HS_FIELDS };
static const struct field SECTION_F[] = {
	[HS_TITLE] = {"title", V_TEXT, SEE_OFFICE, "what stands here", NULL, NULL},
	[HS_NAME] = {"name", V_TEXT, SEE_OFFICE, "its name", NULL, NULL},
	[HS_ROWS] = {"cases", V_LIST, SEE_OFFICE, "the cases", &ROW, NULL},
	[HS_NONE] = {"none", V_TEXT, SEE_OFFICE, "what is said when there is none", NULL, NULL},
};
static const struct shape SECTION = SHAPE("handover_section", SECTION_F);

enum { HE_URL, HE_UNTIL, HE_OUT, HE_IN, HE_TAKEN, HE_FIELDS };
static const struct field EARLIER_F[] = {
	[HE_URL] = {"url", V_URL, SEE_OFFICE, "the sheet", NULL, NULL},
	[HE_UNTIL] = {"until", V_TIME, SEE_OFFICE, "when it was handed over", NULL, NULL},
	[HE_OUT] = {"out", V_TEXT, SEE_OFFICE, "by whom", NULL, NULL},
	[HE_IN] = {"in", V_TEXT, SEE_OFFICE, "who took it", NULL, NULL},
	[HE_TAKEN] = {"taken", V_TIME, SEE_OFFICE, "when", NULL, NULL},
};
static const struct shape EARLIER = SHAPE("handover_earlier", EARLIER_F);

enum { HO_SECTIONS, HO_UNIT, HO_FROM, HO_UNTIL, HO_OPEN, HO_OVERDUE, HO_NOTES, HO_OUT, HO_IN, HO_TAKEN,
	HO_DRAFT, HO_FORM, HO_ERRORS, HO_ACTION, HO_SLUG, HO_ACCEPT, HO_OWN, HO_EARLIER, HO_MORE, HO_UNITS,
	HO_BACK, HO_NOTICE, HO_PAPER, HO_WAITS, HO_WAITS_OUT, HO_WAITS_AT, HO_FIELDS };
static const struct field SHEET_F[] = {
	[HO_SECTIONS] = {"sections", V_LIST, SEE_OFFICE, "what came, was done, is due", &SECTION, NULL},
	[HO_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "whose shift", NULL, NULL},
	[HO_FROM] = {"from", V_TIME, SEE_OFFICE, "from when", NULL, NULL},
	[HO_UNTIL] = {"until", V_TIME, SEE_OFFICE, "until when", NULL, NULL},
	[HO_OPEN] = {"open_n", V_INT, SEE_OFFICE, "open cases", NULL, "cases"},
	[HO_OVERDUE] = {"overdue_n", V_INT, SEE_OFFICE, "past their day", NULL, "cases"},
	[HO_NOTES] = {"notes", V_TEXT, SEE_OFFICE, "notes for the next shift", NULL, NULL},
	[HO_OUT] = {"out", V_TEXT, SEE_OFFICE, "who hands over", NULL, NULL},
	[HO_IN] = {"in", V_TEXT, SEE_OFFICE, "who took it", NULL, NULL},
	[HO_TAKEN] = {"taken", V_TIME, SEE_OFFICE, "when it was taken", NULL, NULL},
	[HO_DRAFT] = {"draft", V_BOOL, SEE_OFFICE, "not handed over yet", NULL, NULL},
	[HO_FORM] = {"fields", V_LIST, SEE_OFFICE, "notes", &FORM_FIELD, NULL},
	[HO_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[HO_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is handed over", NULL, NULL},
	[HO_SLUG] = {"unit_slug", V_TEXT, SEE_OFFICE, "the unit, as it is sent", NULL, NULL},
	[HO_ACCEPT] = {"accept", V_URL, SEE_OFFICE, "where it is taken", NULL, NULL},
	[HO_OWN] = {"own", V_BOOL, SEE_OFFICE, "the reader handed it over", NULL, NULL},
	[HO_EARLIER] = {"earlier", V_LIST, SEE_OFFICE, "earlier sheets", &EARLIER, NULL},
	[HO_MORE] = {"more", V_URL, SEE_OFFICE, "still earlier ones", NULL, NULL},
	[HO_UNITS] = {"units", V_LIST, SEE_OFFICE, "one's own units", &SHIFT_UNIT, NULL},
	[HO_BACK] = {"back", V_URL, SEE_OFFICE, "the page before", NULL, NULL},
	[HO_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[HO_PAPER] = {"paper", V_URL, SEE_OFFICE, "the paper lists", NULL, NULL},
	[HO_WAITS] = {"waits", V_URL, SEE_OFFICE, "the last sheet, when a colleague's that nobody took", NULL, NULL},
	[HO_WAITS_OUT] = {"waits_out", V_TEXT, SEE_OFFICE, "who handed it over", NULL, NULL},
	[HO_WAITS_AT] = {"waits_at", V_TIME, SEE_OFFICE, "when", NULL, NULL},
};
const struct shape HANDOVER = SHAPE("handover", SHEET_F);

enum { EARLIER_MAX = 20 };

struct asking {
	struct request *q;
	struct unit_id unit;
	int64_t id, before;
	struct str notes;
	struct handover sheet, *earlier;
	size_t earlier_count;
};

static void add_row(struct request *q, struct vobj *section, const struct handover *s,
                    const struct handover_row *row)
{
	struct vobj *o = view_item(section, HS_ROWS);
	view_key(o, HR_KIND, row->kind, label_kind(q, row->kind));
	view_key(o, HR_STATE, str_of(state_name(row->state)), label_state(q, row->state));
	if (row->due_at > 0) {
		view_day(o, HR_DUE, day_of(row->due_at - 1));
		view_bool(o, HR_LATE, row->due_at <= s->until);
	}
	if (row->c.id.v == 0)
		return;
	view_text(o, HR_CODE, arena_copy(q->arena, str_of(row->c.code)));
	view_url(o, HR_URL, request_link(q, "/desk/case/%s", row->c.code));
	view_text(o, HR_AREA, label_area(q, row->c.place.area));
	view_text(o, HR_STREET, row->c.place.street);
	view_text(o, HR_WORDS, row->words);
}

static void add_sections(struct request *q, struct vobj *page, const struct handover *s)
{
	static const char *const NAMES[SECTION_COUNT] = {
		[SECTION_came] = "came", [SECTION_done] = "done", [SECTION_overdue] = "overdue",
		[SECTION_next] = "next", [SECTION_solved] = "solved"};
	for (enum section k = SECTION_came; k < SECTION_COUNT; k++) {
		struct vobj *o = view_item(page, HO_SECTIONS);
		view_text(o, HS_NAME, str_of(NAMES[k]));
		view_text(o, HS_TITLE, request_text(q, arena_fmt(q->arena, "shift.%s", NAMES[k]).p));
		view_text(o, HS_NONE, request_text(q, arena_fmt(q->arena, "shift.%s.none", NAMES[k]).p));
		for (size_t i = 0; i < s->count; i++)
			if (s->rows[i].section == k)
				add_row(q, o, s, &s->rows[i]);
	}
}

static void add_earlier(struct request *q, struct vobj *page, const struct asking *x)
{
	for (size_t i = 0; i < x->earlier_count; i++) {
		const struct handover *s = &x->earlier[i];
		struct vobj *o = view_item(page, HO_EARLIER);
		view_url(o, HE_URL, request_link(q, "/desk/shift/%lld", (long long)s->id));
		view_time(o, HE_UNTIL, s->until);
		view_text(o, HE_OUT, s->out_name);
		view_text(o, HE_IN, s->in_name);
		view_time(o, HE_TAKEN, s->accepted_at);
	}
	if (x->earlier_count == EARLIER_MAX)
		view_url(page, HO_MORE,
		         request_link(q, "/desk/shift?unit=%.*s&before=%lld", PSTR(x->sheet.unit.slug),
		                      (long long)x->earlier[EARLIER_MAX - 1].id));
}

/* The next officer comes to take a shift first, not to hand one over. */
static void add_waiting(struct request *q, struct vobj *page, const struct asking *x)
{
	const struct handover *last = x->earlier;
	if (x->before > 0 || x->earlier_count == 0 || last->in.v != 0 || last->out.v == q->actor.account.v)
		return;
	view_url(page, HO_WAITS, request_link(q, "/desk/shift/%lld", (long long)last->id));
	view_text(page, HO_WAITS_OUT, last->out_name);
	view_time(page, HO_WAITS_AT, last->until);
}

static enum rc show(struct asking *x, struct reply *r, struct str error, int status, struct fault *f)
{
	struct request *q = x->q;
	const struct handover *s = &x->sheet;
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "shift", (struct case_id){0},
	                        s->id == 0 ? STR("now") : arena_fmt(q->arena, "%lld", (long long)s->id),
	                        (int64_t)s->count, f);
	if (rc != RC_OK)
		return rc;
	/* What somebody thanked for in their own words stands on the page alone. */
	struct view v = request_view(q, q->format == FORMAT_HTML ? SEE_OFFICE | SEE_HANDLER : SEE_OFFICE);
	struct vobj *page = view_new(&v, &HANDOVER);
	bool own = s->out.v == q->actor.account.v;
	add_sections(q, page, s);
	add_earlier(q, page, x);
	add_waiting(q, page, x);
	view_text(page, HO_UNIT, s->unit.name);
	view_text(page, HO_SLUG, s->unit.slug);
	view_time(page, HO_FROM, s->from);
	view_time(page, HO_UNTIL, s->until);
	view_int(page, HO_OPEN, s->open_n);
	view_int(page, HO_OVERDUE, s->overdue_n);
	view_text(page, HO_OUT, s->out_name);
	view_text(page, HO_IN, s->in_name);
	view_time(page, HO_TAKEN, s->accepted_at);
	view_bool(page, HO_DRAFT, s->id == 0);
	view_url(page, HO_BACK, request_link(q, s->id == 0 ? "/desk" : "/desk/shift"));
	view_url(page, HO_PAPER, request_link(q, "/desk/paper"));
	if (s->id == 0) {
		view_url(page, HO_ACTION, request_link(q, "/desk/shift"));
		form_field_add(page, HO_FORM, HO_ERRORS, &v,
		               &(struct form_field){.kind = FORM_AREA, .name = "notes",
		                                    .label = request_text(q, "shift.notes.label"),
		                                    .hint = request_text(q, "shift.notes.hint"),
		                                    .value = x->notes, .error = error,
		                                    .rows = 5, .max = SHEET_NOTES_MAX});
		shift_units(q, page, HO_UNITS, "/desk/shift", s->unit.id);
	} else {
		view_text(page, HO_NOTES, s->notes);
		if (s->in.v == 0 && !own)
			view_url(page, HO_ACCEPT, request_link(q, "/desk/shift/%lld/accept", (long long)s->id));
		view_bool(page, HO_OWN, own && s->in.v == 0);
	}
	if (str_is(request_query(q, "done"), "sent"))
		view_text(page, HO_NOTICE, request_text(q, "shift.sent"));
	else if (str_is(request_query(q, "done"), "taken"))
		view_text(page, HO_NOTICE, request_text(q, "shift.taken"));
	reply_title(r, request_text(q, "shift.title"));
	reply_page(q, r, "shift/handover", &HANDOVER, page, status);
	return RC_OK;
}

static enum rc now_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	enum rc rc = sheet_now(tx, x->q->app, &x->q->actor, x->unit, &x->sheet, f);
	return rc == RC_OK ? sheet_list(tx, x->unit, x->before, EARLIER_MAX, &x->earlier, &x->earlier_count, f)
	                   : rc;
}

enum rc handover_now(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x = {.q = q};
	struct str before = request_query(q, "before");
	enum rc rc = shift_unit(q, &x.unit, f);
	if (rc == RC_OK && before.n > 0 && !str_i64(before, &x.before))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, now_tx, &x, f);
	return rc == RC_OK ? show(&x, r, STR_EMPTY, 200, f) : rc;
}

static enum rc put_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	return sheet_put(tx, x->q->app, &x->q->actor, x->unit, x->notes, &x->id, f);
}

enum rc handover_send(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x = {.q = q};
	struct str error = STR_EMPTY;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = shift_unit(q, &x.unit, f);
	if (rc != RC_OK)
		return rc;
	if (!shift_words(q, "notes", SHEET_NOTES_MAX, &x.notes, &error)) {
		rc = store_read(q->app->store, q->ward->id, q->arena, now_tx, &x, f);
		return rc == RC_OK ? show(&x, r, error, 422, f) : rc;
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, put_tx, &x, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/desk/shift/%lld?done=sent", (long long)x.id));
	return rc;
}

static enum rc get_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	return sheet_get(tx, x->q->app, &x->q->actor, x->id, &x->sheet, f);
}

enum rc handover_page(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x = {.q = q};
	if (!str_i64(request_param(q, "id"), &x.id))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, get_tx, &x, f);
	return rc == RC_OK ? show(&x, r, STR_EMPTY, 200, f) : rc;
}

static enum rc accept_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	return sheet_accept(tx, &x->q->actor, x->id, f);
}

/* Taken by a colleague meanwhile: the sheet says by whom. */
enum rc handover_accept(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x = {.q = q};
	if (!str_i64(request_param(q, "id"), &x.id))
		return RC_NONE;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, accept_tx, &x, f);
	if (rc == RC_OK || rc == RC_EXISTS) {
		reply_redirect(q, r, request_link(q, "/desk/shift/%lld%s", (long long)x.id,
		                                  rc == RC_OK ? "?done=taken" : ""));
		return RC_OK;
	}
	return rc;
}
