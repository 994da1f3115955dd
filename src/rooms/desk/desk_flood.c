/* A flood at the desk: its groups as rows above the new queue, all of them on a page, and each on one of its
 * own, where an officer looks at it, lets single reports out, puts all back into the queue, or takes all out
 * in one step and brings them back. */
#include <inttypes.h>

#include "kit/base/log.h"
#include "rooms/desk/desk_flood.h"
#include "ward/fill.h"

enum { SHOWN_TOP = 3, SHOWN = 50 };

enum { FR_TITLE, FR_KIND, FR_URL, FR_N, FR_CLEARED, FR_SINCE, FR_DUE, FR_LATE, FR_UNTIL, FR_WORDS, FR_FIELDS };
static const struct field ROW_F[] = {
	[FR_TITLE] = {"why", V_TEXT, SEE_OFFICE, "why they stand together", NULL, NULL},
	[FR_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, where they are of one", NULL, NULL},
	[FR_URL] = {"url", V_URL, SEE_OFFICE, "the group's page", NULL, NULL},
	[FR_N] = {"n", V_INT, SEE_OFFICE, "reports that stand in it", NULL, "reports"},
	[FR_CLEARED] = {"cleared", V_INT, SEE_OFFICE, "reports of it that were taken out", NULL, "reports"},
	[FR_SINCE] = {"since", V_TIME, SEE_OFFICE, "since when", NULL, NULL},
	[FR_DUE] = {"due", V_DAY, SEE_OFFICE, "last day of the first deadline in it", NULL, NULL},
	[FR_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[FR_UNTIL] = {"until", V_TIME, SEE_OFFICE, "until when those taken out can be brought back", NULL, NULL},
	[FR_WORDS] = {"in_words", V_TEXT, SEE_OFFICE, "the group as a sentence", NULL, NULL},
};
const struct shape DESK_FLOOD_ROW = SHAPE("flood_row", ROW_F);

enum { FL_GROUPS, FL_CLEARED, FL_BACK, FL_FIELDS };
static const struct field LIST_F[] = {
	[FL_GROUPS] = {"groups", V_LIST, SEE_OFFICE, "groups with something in them, the largest first", &DESK_FLOOD_ROW, NULL},
	[FL_CLEARED] = {"cleared", V_LIST, SEE_OFFICE, "those that were taken out within seven days", &DESK_FLOOD_ROW, NULL},
	[FL_BACK] = {"back", V_URL, SEE_OFFICE, "the queues", NULL, NULL},
};
const struct shape DESK_FLOODS = SHAPE("floods", LIST_F);

enum { FC_CODE, FC_URL, FC_KIND, FC_STATE, FC_RECEIVED, FC_DUE, FC_AREA, FC_STREET, FC_TEXT, FC_FIELDS };
static const struct field CASE_F[] = {
	[FC_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[FC_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[FC_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[FC_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[FC_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[FC_DUE] = {"due", V_DAY, SEE_OFFICE, "last day of its next deadline", NULL, NULL},
	[FC_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[FC_STREET] = {"street", V_TEXT, SEE_OFFICE, "street", NULL, NULL},
	[FC_TEXT] = {"words", V_TEXT, SEE_HANDLER, "beginning of the reporter's words", NULL, NULL},
};
static const struct shape CASE_ROW = SHAPE("flood_case", CASE_F);

enum { FD_CASES, FD_GROUP, FD_ACTION, FD_ERRORS, FD_FORM, FD_RUNNING, FD_DOING, FD_TOTAL, FD_DONE, FD_ENDED, FD_NOTICE,
	FD_CAN_CLEAR, FD_CAN_RESTORE, FD_SHOWS_CLEARED, FD_OPEN_URL, FD_CLEARED_URL, FD_MORE, FD_FIRST, FD_BACK, FD_FIELDS };
static const struct field FLOOD_F[] = {
	[FD_CASES] = {"cases", V_LIST, SEE_OFFICE, "reports of the group, by due day", &CASE_ROW, NULL},
	[FD_GROUP] = {"group", V_OBJ, SEE_OFFICE, "the group", &DESK_FLOOD_ROW, NULL},
	[FD_ACTION] = {"action", V_URL, SEE_OFFICE, "where its steps are sent", NULL, NULL},
	[FD_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[FD_FORM] = {"fields", V_LIST, SEE_OFFICE, "the reason", &FORM_FIELD, NULL},
	[FD_RUNNING] = {"running", V_BOOL, SEE_OFFICE, "a step with all of it goes on", NULL, NULL},
	[FD_DOING] = {"doing", V_TEXT, SEE_OFFICE, "which one", NULL, NULL},
	[FD_TOTAL] = {"total", V_INT, SEE_OFFICE, "reports that it is for", NULL, "reports"},
	[FD_DONE] = {"done", V_INT, SEE_OFFICE, "done by now", NULL, "reports"},
	[FD_ENDED] = {"ended", V_TEXT, SEE_OFFICE, "how the last one went", NULL, NULL},
	[FD_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[FD_CAN_CLEAR] = {"can_clear", V_BOOL, SEE_OFFICE, "something stands in it", NULL, NULL},
	[FD_CAN_RESTORE] = {"can_restore", V_BOOL, SEE_OFFICE, "something can be brought back", NULL, NULL},
	[FD_SHOWS_CLEARED] = {"shows_cleared", V_BOOL, SEE_OFFICE, "those that were taken out are shown", NULL, NULL},
	[FD_OPEN_URL] = {"open_url", V_URL, SEE_OFFICE, "those that stand in it", NULL, NULL},
	[FD_CLEARED_URL] = {"cleared_url", V_URL, SEE_OFFICE, "those that were taken out", NULL, NULL},
	[FD_MORE] = {"more", V_URL, SEE_OFFICE, "the next ones", NULL, NULL},
	[FD_FIRST] = {"newest", V_URL, SEE_OFFICE, "back to the first", NULL, NULL},
	[FD_BACK] = {"back", V_URL, SEE_OFFICE, "all groups", NULL, NULL},
};
const struct shape DESK_FLOOD = SHAPE("flood", FLOOD_F);

enum { FS_HEADING, FS_TEXT, FS_ACTION, FS_DO, FS_REASON, FS_BUTTON, FS_BACK, FS_FIELDS };
static const struct field SURE_F[] = {
	[FS_HEADING] = {"heading", V_TEXT, SEE_OFFICE, "what is asked, with how many", NULL, NULL},
	[FS_TEXT] = {"text", V_TEXT, SEE_OFFICE, "what comes of it", NULL, NULL},
	[FS_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[FS_DO] = {"do", V_TEXT, SEE_OFFICE, "which step", NULL, NULL},
	[FS_REASON] = {"reason", V_TEXT, SEE_OFFICE, "the reason that was typed", NULL, NULL},
	[FS_BUTTON] = {"button", V_TEXT, SEE_OFFICE, "words of the button", NULL, NULL},
	[FS_BACK] = {"back", V_URL, SEE_OFFICE, "the group, nothing done", NULL, NULL},
};
const struct shape DESK_FLOOD_SURE = SHAPE("flood_sure", SURE_F);

/* ---------------------------------------------------------------- rows */

static struct str flood_path(struct request *q, const struct flood *o, const char *more)
{
	return request_link(q, "/desk/floods/%" PRId64 "-%" PRId64 "%s", o->id.v, o->unit.v, more);
}

static struct str number(struct request *q, int64_t n) { return text_count(q->arena, q->lang, n); }

static void fill_row(struct request *q, struct vobj *o, const struct flood *g)
{
	const char *why = g->why == FLOOD_same ? "same" : "quick";
	struct str since = text_datetime(q->arena, q->lang, g->made_at);
	const struct filling values[] = {{"n", number(q, g->open > 0 ? g->open : g->cleared)}, {"since", since}};
	view_text(o, FR_TITLE, request_text(q, arena_fmt(q->arena, "flood.why.%s", why).p));
	if (g->kind.n > 0)
		view_key(o, FR_KIND, g->kind, label_kind(q, g->kind));
	view_url(o, FR_URL, flood_path(q, g, g->open > 0 ? "" : "?cleared=1"));
	view_int(o, FR_N, g->open);
	view_int(o, FR_CLEARED, g->cleared);
	view_time(o, FR_SINCE, g->made_at);
	view_day(o, FR_DUE, g->due_day);
	view_bool(o, FR_LATE, g->due_day != 0 && g->due_day < day_of(q->now));
	view_text(o, FR_WORDS,
	          text_fill(q->arena, request_text(q, arena_fmt(q->arena, "flood.row.%s%s", why, g->open > 0 ? "" : ".cleared").p),
	                    values, sizeof values / sizeof *values));
}

enum rc desk_flood_read(struct tx *tx, const struct actor *a, struct flood_top *out, struct fault *f)
{
	return flood_list(tx, a, &out->all, &out->count, f);
}

void desk_flood_top(struct request *q, struct vobj *page, int list, int more, const struct flood_top *top)
{
	for (size_t i = 0; i < top->count && i < SHOWN_TOP; i++)
		fill_row(q, view_item(page, list), &top->all[i]);
	view_url(page, more, request_link(q, "/desk/floods"));
}

struct listing {
	const struct actor *actor;
	struct flood *open, *cleared;
	size_t open_count, cleared_count;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *l = ctx;
	enum rc rc = flood_list(tx, l->actor, &l->open, &l->open_count, f);
	return rc == RC_OK ? flood_cleared_list(tx, l->actor, &l->cleared, &l->cleared_count, f) : rc;
}

enum rc desk_floods(struct request *q, struct reply *r, struct fault *f)
{
	struct listing l = {.actor = &q->actor};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &l, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_FLOODS);
	for (size_t i = 0; i < l.open_count; i++)
		fill_row(q, view_item(page, FL_GROUPS), &l.open[i]);
	for (size_t i = 0; i < l.cleared_count; i++)
		fill_row(q, view_item(page, FL_CLEARED), &l.cleared[i]);
	view_url(page, FL_BACK, request_link(q, "/desk"));
	reply_title(r, request_text(q, "flood.title"));
	reply_view(q, r, page);
	return RC_OK;
}

/* ---------------------------------------------------------------- one group */

struct showing {
	struct request *q;
	const struct flow *w;
	struct flood_id id;
	struct unit_id unit;
	struct flood g;
	struct flood_step last;
	bool has_last, cleared, more;
	int64_t after_at, after_id;
	struct case_row *rows;
	size_t count;
	struct str reason, reason_error;
};

static enum rc show_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct showing *s = ctx;
	enum rc rc = flood_get(tx, &s->q->actor, s->id, s->unit, &s->g, f);
	if (rc == RC_OK)
		rc = flood_step_last(tx, &s->g, &s->last, f);
	s->has_last = rc == RC_OK;
	if (rc == RC_OK || rc == RC_NONE)
		rc = s->g.id.v == 0 || s->g.made_at == 0
		             ? RC_NONE
		             : flood_cases(tx, s->w, &s->g, s->cleared, s->after_at, s->after_id, SHOWN, &s->rows, &s->count,
		                           &s->more, f);
	return rc;
}

/* "FLOOD-UNIT". */
static bool read_ids(struct request *q, struct showing *s)
{
	struct str unit = request_param(q, "id"), flood = str_cut(&unit, '-');
	*s = (struct showing){.q = q, .w = &q->app->flow};
	return str_i64(flood, &s->id.v) && str_i64(unit, &s->unit.v);
}

static enum rc read_group(struct request *q, struct showing *s, struct fault *f)
{
	return store_read(q->app->store, q->ward->id, q->arena, show_tx, s, f);
}

static void add_case(struct request *q, struct vobj *page, const struct case_row *c)
{
	struct vobj *o = view_item(page, FD_CASES);
	view_text(o, FC_CODE, arena_copy(q->arena, str_of(c->code)));
	view_url(o, FC_URL, request_link(q, "/desk/case/%s", c->code));
	view_key(o, FC_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, FC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(o, FC_RECEIVED, c->received_at);
	if (c->due_at > 0 && state_open(c->state))
		view_day(o, FC_DUE, day_of(c->due_at - 1));
	view_text(o, FC_AREA, label_area(q, c->area));
	view_text(o, FC_STREET, c->street);
	view_text(o, FC_TEXT, desk_beginning(q->arena, c->text));
}

static void add_last(struct request *q, struct reply *r, struct vobj *page, const struct showing *s)
{
	const struct flood_step *l = &s->last;
	if (!s->has_last)
		return;
	const char *verb = verb_name(l->verb);
	const struct filling values[] = {{"n", number(q, l->done)}, {"total", number(q, l->total)}};
	view_int(page, FD_TOTAL, l->total);
	view_int(page, FD_DONE, l->done);
	view_bool(page, FD_RUNNING, l->ended_at == 0);
	if (l->ended_at == 0) {
		view_text(page, FD_DOING, text_fill(q->arena, request_text(q, arena_fmt(q->arena, "flood.%s.running", verb).p), values, 2));
		reply_refresh(r, 2);
	} else
		view_text(page, FD_ENDED, text_fill(q->arena, request_text(q, arena_fmt(q->arena, "flood.%s.ended", verb).p), values, 2));
}

static enum rc show(struct request *q, struct reply *r, const struct showing *s, int status, struct fault *f)
{
	const struct flood *g = &s->g;
	enum rc rc = look_write(s->w, q->arena, q->ward, &q->actor, q->format == FORMAT_HTML ? "list" : desk_look_kind(q),
	                        (struct case_id){0}, arena_fmt(q->arena, "flood=%" PRId64, g->id.v), (int64_t)s->count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, desk_with_originals(q) ? SEE_OFFICE | SEE_HANDLER : SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_FLOOD);
	struct vobj *group = view_obj(page, FD_GROUP);
	fill_row(q, group, g);
	for (size_t i = 0; i < s->count; i++)
		add_case(q, page, &s->rows[i]);
	add_last(q, r, page, s);
	bool running = s->has_last && s->last.ended_at == 0;
	view_bool(page, FD_CAN_CLEAR, !running && g->open > 0);
	bool fresh = g->cleared > 0 && g->cleared_at > q->now - RESTORE_US;
	view_bool(page, FD_CAN_RESTORE, !running && fresh);
	if (fresh)
		view_time(group, FR_UNTIL, g->cleared_at + RESTORE_US);
	form_field_add(page, FD_FORM, FD_ERRORS, &v,
	               &(struct form_field){.kind = FORM_AREA, .name = "reason", .label = request_text(q, "flood.clear.reason"),
	                                    .hint = request_text(q, "flood.clear.hint"), .value = s->reason,
	                                    .error = s->reason_error, .rows = 2, .max = DESK_WHY_MAX});
	view_bool(page, FD_SHOWS_CLEARED, s->cleared);
	view_url(page, FD_ACTION, flood_path(q, g, ""));
	if (s->cleared && g->open > 0)
		view_url(page, FD_OPEN_URL, flood_path(q, g, ""));
	if (!s->cleared && g->cleared > 0)
		view_url(page, FD_CLEARED_URL, flood_path(q, g, "?cleared=1"));
	const char *which = s->cleared ? "cleared=1&" : "";
	if (s->more)
		view_url(page, FD_MORE,
		         flood_path(q, g, arena_fmt(q->arena, "?%sat=%" PRId64 "&after=%" PRId64, which, s->rows[s->count - 1].cursor,
		                                    s->rows[s->count - 1].id.v).p));
	if (s->after_id != 0)
		view_url(page, FD_FIRST, flood_path(q, g, s->cleared ? "?cleared=1" : ""));
	view_url(page, FD_BACK, request_link(q, "/desk/floods"));
	if (str_is(request_query(q, "done"), "out"))
		view_text(page, FD_NOTICE, request_text(q, "flood.out.done"));
	reply_title(r, request_text(q, g->why == FLOOD_same ? "flood.why.same" : "flood.why.quick"));
	reply_page(q, r, "desk/flood", &DESK_FLOOD, page, status);
	return RC_OK;
}

enum rc desk_flood(struct request *q, struct reply *r, struct fault *f)
{
	struct showing s;
	struct str at = request_query(q, "at"), after = request_query(q, "after");
	if (!read_ids(q, &s))
		return RC_NONE;
	s.cleared = str_is(request_query(q, "cleared"), "1");
	if (after.n > 0 && (!str_i64(after, &s.after_id) || !str_i64(at, &s.after_at)))
		return RC_NONE;
	enum rc rc = read_group(q, &s, f);
	return rc == RC_OK ? show(q, r, &s, 200, f) : rc;
}

/* ---------------------------------------------------------------- what is sent */

struct starting {
	struct showing *s;
	enum verb verb;
	struct str code;              /* of a single one that is let out */
	int64_t id;
};

static enum rc start_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct starting *k = ctx;
	struct flood g;
	enum rc rc = flood_get(tx, &k->s->q->actor, k->s->id, k->s->unit, &g, f);
	return rc == RC_OK ? flood_step_put(tx, k->s->w, &k->s->q->actor, &g, k->verb, k->s->reason, &k->id, f) : rc;
}

static enum rc out_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct starting *k = ctx;
	struct ward_case c;
	struct move m = {.verb = VERB_ungather, .actor = &k->s->q->actor};
	enum rc rc = case_by_code(tx, k->s->w, k->code, &c, f);
	if (rc == RC_OK && (!case_handled_by(&c, m.actor) || c.flood.v != k->s->id.v))
		rc = RC_NONE;
	return rc == RC_OK ? case_move(tx, k->s->w, k->s->q->ward, &c, &m, f) : rc;
}

static enum rc let_out(struct request *q, struct reply *r, struct showing *s, struct str typed, struct fault *f)
{
	char code[16];
	if (code_read(typed, code) != RC_OK)
		return RC_BAD_REQUEST;
	struct starting k = {.s = s, .code = str_of(code)};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, out_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	flow_changed(q->ward->id);
	reply_redirect(q, r, flood_path(q, &s->g, request_has(q, "cleared") ? "?cleared=1&done=out" : "?done=out"));
	return RC_OK;
}

/* Says how many before anything is done. */
static enum rc ask(struct request *q, struct reply *r, const struct showing *s, enum verb verb)
{
	const char *name = verb_name(verb);
	const struct flood *g = &s->g;
	const struct filling n = {"n", number(q, verb == VERB_restore ? g->cleared : g->open)};
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_FLOOD_SURE);
	struct str heading = text_fill(q->arena, request_text(q, arena_fmt(q->arena, "flood.%s.sure", name).p), &n, 1);
	view_text(page, FS_HEADING, heading);
	view_text(page, FS_TEXT, request_text(q, arena_fmt(q->arena, "flood.%s.text", name).p));
	view_text(page, FS_BUTTON, text_fill(q->arena, request_text(q, arena_fmt(q->arena, "flood.%s.button", name).p), &n, 1));
	view_text(page, FS_DO, str_of(name));
	view_text(page, FS_REASON, s->reason);
	view_url(page, FS_ACTION, flood_path(q, g, ""));
	view_url(page, FS_BACK, flood_path(q, g, ""));
	reply_title(r, heading);
	reply_page(q, r, "desk/flood_sure", &DESK_FLOOD_SURE, page, 200);
	return RC_OK;
}

static bool whole_verb(enum verb v) { return v == VERB_clear || v == VERB_restore || v == VERB_ungather; }

enum rc desk_flood_send(struct request *q, struct reply *r, struct fault *f)
{
	struct showing s;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!read_ids(q, &s))
		return RC_NONE;
	enum rc rc = read_group(q, &s, f);
	if (rc != RC_OK)
		return rc;
	if (request_has(q, "out"))
		return let_out(q, r, &s, request_form(q, "out"), f);
	struct starting k = {.s = &s, .verb = verb_parse(request_form(q, "do"))};
	if (!whole_verb(k.verb))
		return RC_BAD_REQUEST;
	bool right = k.verb != VERB_clear ||
	             desk_text(q, request_form(q, "reason"), TEXT_LINES, DESK_WHY_MAX, true, &s.reason, &s.reason_error);
	if (!right)
		return show(q, r, &s, 422, f);
	if (!request_has(q, "sure"))
		return ask(q, r, &s, k.verb);
	rc = store_write(q->app->store, q->ward->id, q->arena, start_tx, &k, f);
	if (rc == RC_OK) {
		/* A handful is done before the page is there; a job does what is left, and tries again what fails. */
		struct fault later = {0};
		enum rc run = flood_step_run(s.w, q->ward->id, k.id, clock_ticks() + US_SECOND / 2, &later);
		if (run != RC_OK)
			log_fault("desk", "a step on a flood's group, left to its job", &later);
		if (q->app->jobs != NULL)
			job_wake(q->app->jobs);
	}
	if (rc == RC_OK || rc == RC_EXISTS)
		reply_redirect(q, r, flood_path(q, &s.g, k.verb == VERB_clear ? "?cleared=1" : ""));
	return rc == RC_EXISTS ? RC_OK : rc;
}
