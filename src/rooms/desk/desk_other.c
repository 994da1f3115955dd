/* What is moved without a unit: a mediator's list, and one mediation. The pages hold the reporter's words and the
 * place, and never who sent them, a note, a reason or the exact position. */
#include "rooms/desk/desk.h"

enum { OR_CODE, OR_URL, OR_KIND, OR_STATE, OR_RECEIVED, OR_DUE, OR_LATE, OR_AREA, OR_STREET, OR_LATEST, OR_FIELDS };
static const struct field ROW_F[] = {
	[OR_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[OR_URL] = {"url", V_URL, SEE_HANDLER, "its page", NULL, NULL},
	[OR_KIND] = {"kind", V_KEY, SEE_HANDLER, "kind, by its procedure", NULL, NULL},
	[OR_STATE] = {"state", V_KEY, SEE_HANDLER, "where it stands", NULL, NULL},
	[OR_RECEIVED] = {"received", V_TIME, SEE_HANDLER, "when it was received", NULL, NULL},
	[OR_DUE] = {"due", V_DAY, SEE_HANDLER, "last day of the next deadline", NULL, NULL},
	[OR_LATEST] = {"latest", V_TEXT, SEE_HANDLER, "at the latest: its clock stands", NULL, NULL},
	[OR_LATE] = {"late", V_BOOL, SEE_HANDLER, "that day is over", NULL, NULL},
	[OR_AREA] = {"area", V_TEXT, SEE_HANDLER, "khu vực", NULL, NULL},
	[OR_STREET] = {"street", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
};
static const struct shape ROW = SHAPE("other_row", ROW_F);

enum { OL_TITLE, OL_LEAD, OL_NONE, OL_CASES, OL_MORE, OL_FIRST, OL_FIELDS };
static const struct field LIST_F[] = {
	[OL_TITLE] = {"heading", V_TEXT, SEE_HANDLER, "name of the list", NULL, NULL},
	[OL_LEAD] = {"lead", V_TEXT, SEE_HANDLER, "what stands on it", NULL, NULL},
	[OL_NONE] = {"none", V_TEXT, SEE_HANDLER, "why it is empty", NULL, NULL},
	[OL_CASES] = {"cases", V_LIST, SEE_HANDLER, "by due day", &ROW, NULL},
	[OL_MORE] = {"more", V_URL, SEE_HANDLER, "the next ones", NULL, NULL},
	[OL_FIRST] = {"first", V_URL, SEE_HANDLER, "back to the first", NULL, NULL},
};
const struct shape OTHER_LIST = SHAPE("other_list", LIST_F);

enum { OC_CODE, OC_KIND, OC_STATE, OC_RECEIVED, OC_DUE, OC_LATEST, OC_LATE, OC_WHERE, OC_TEXT,
	OC_UNIT, OC_BACK, OC_BACK_WORDS, OC_ACTIONS, OC_ERRORS, OC_NOTICE, OC_CHANGED, OC_STEP, OC_FIELDS };
static const struct field CASE_F[] = {
	[OC_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[OC_KIND] = {"kind", V_KEY, SEE_HANDLER, "kind, by its procedure", NULL, NULL},
	[OC_STATE] = {"state", V_KEY, SEE_HANDLER, "where it stands", NULL, NULL},
	[OC_RECEIVED] = {"received", V_TIME, SEE_HANDLER, "when it was received", NULL, NULL},
	[OC_DUE] = {"due", V_DAY, SEE_HANDLER, "last day of the next deadline", NULL, NULL},
	[OC_LATEST] = {"latest", V_TEXT, SEE_HANDLER, "at the latest: its clock stands", NULL, NULL},
	[OC_LATE] = {"late", V_BOOL, SEE_HANDLER, "that day is over", NULL, NULL},
	[OC_WHERE] = {"where", V_TEXT, SEE_HANDLER, "landmark, street, khu vực", NULL, NULL},
	[OC_TEXT] = {"text", V_TEXT, SEE_HANDLER, "the reporter's words", NULL, NULL},
	[OC_UNIT] = {"unit", V_TEXT, SEE_HANDLER, "unit that has it", NULL, NULL},
	[OC_BACK] = {"back", V_URL, SEE_HANDLER, "the list", NULL, NULL},
	[OC_BACK_WORDS] = {"back_words", V_TEXT, SEE_HANDLER, "its name", NULL, NULL},
	[OC_ACTIONS] = {"actions", V_LIST, SEE_HANDLER, "what can be done now", &DESK_ACTION, NULL},
	[OC_ERRORS] = {"errors", V_LIST, SEE_HANDLER, "what is wrong", &FORM_ERROR, NULL},
	[OC_NOTICE] = {"notice", V_TEXT, SEE_HANDLER, "what has just been done", NULL, NULL},
	[OC_CHANGED] = {"changed", V_BOOL, SEE_HANDLER, "somebody was quicker", NULL, NULL},
	[OC_STEP] = {"step", V_TEXT, SEE_HANDLER, "what comes next", NULL, NULL},
};
const struct shape OTHER_CASE = SHAPE("other_case", CASE_F);

#define AT "/desk/mediations"

struct other_data {
	const struct flow *w;
	const struct actor *who;
	int64_t after_due, after_id;
	struct case_row *rows;
	size_t count;
	bool more;
	char code[16];
	struct ward_case c;
	struct str text;
	struct unit unit;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct other_data *d = ctx;
	return case_list_mediated(tx, d->who, d->after_due, d->after_id, &d->rows, &d->count, &d->more, f);
}

static void add_row(struct request *q, struct vobj *page, const struct case_row *c)
{
	struct vobj *row = view_item(page, OL_CASES);
	view_text(row, OR_CODE, arena_copy(q->arena, str_of(c->code)));
	view_url(row, OR_URL, request_link(q, AT "/%s", c->code));
	view_key(row, OR_KIND, c->kind, label_kind(q, c->kind));
	view_key(row, OR_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(row, OR_RECEIVED, c->received_at);
	if (c->due_at > 0) {
		view_day(row, OR_DUE, day_of(c->due_at - 1));
		view_text(row, OR_LATEST, clock_latest_words(q, c->paused_until));
		view_bool(row, OR_LATE, q->now >= c->due_at);
	}
	view_text(row, OR_AREA, label_area(q, c->area));
	view_text(row, OR_STREET, c->street);
}

enum rc desk_mediations(struct request *q, struct reply *r, struct fault *f)
{
	struct other_data d = {.w = &q->app->flow, .who = &q->actor};
	struct str due = request_query(q, "due"), id = request_query(q, "after");
	if (id.n > 0 && (!str_i64(id, &d.after_id) || !str_i64(due, &d.after_due)))
		return RC_BAD_REQUEST;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &d, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "list", (struct case_id){0},
		                STR("mediation"), (int64_t)d.count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &OTHER_LIST);
	struct str title = request_text(q, "other.mediation.title");
	view_text(page, OL_TITLE, title);
	view_text(page, OL_LEAD, request_text(q, "other.mediation.lead"));
	view_text(page, OL_NONE, request_text(q, "other.mediation.none"));
	for (size_t i = 0; i < d.count; i++)
		add_row(q, page, &d.rows[i]);
	if (d.more)
		view_url(page, OL_MORE, request_link(q, AT "?due=%lld&after=%lld",
		                                     (long long)d.rows[d.count - 1].cursor,
		                                     (long long)d.rows[d.count - 1].id.v));
	if (d.after_id != 0)
		view_url(page, OL_FIRST, request_link(q, AT));
	reply_title(r, title);
	reply_view(q, r, page);
	return RC_OK;
}

/* ---------------------------------------------------------------- one case */

static enum rc case_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct other_data *d = ctx;
	struct entry *entries;
	size_t n = 0;
	enum rc rc = case_by_code(tx, d->w, str_of(d->code), &d->c, f);
	if (rc == RC_OK && !case_mediated_by(&d->c, d->who))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = case_timeline(tx, d->w, &d->c, &entries, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		for (size_t k = 0; entries[i].verb == VERB_open && k < entries[i].part_count; k++)
			if (str_is(entries[i].parts[k].name, "text"))
				d->text = entries[i].parts[k].body;
	if (rc == RC_OK && unit_get(tx, (d->c.top != NULL ? d->c.top : &d->c)->unit, &d->unit, NULL) != RC_OK)
		d->unit = (struct unit){0};
	return rc;
}

static enum rc read_case(struct request *q, struct other_data *d, struct fault *f)
{
	*d = (struct other_data){.w = &q->app->flow, .who = &q->actor};
	if (code_read(request_param(q, "code"), d->code) != RC_OK)
		return RC_NONE;
	return store_read(q->app->store, q->ward->id, q->arena, case_tx, d, f);
}

/* What a mediator sent, and what is wrong with it. */
struct meeting {
	enum verb verb;
	struct str day, hour, place, day_error, hour_error, place_error;
	bool changed, advised;        /* advised: the place names somebody */
};

static struct vobj *add_action(struct request *q, struct vobj *page, const struct other_data *d,
                               enum verb verb, const char *what)
{
	struct vobj *a = view_item(page, OC_ACTIONS);
	view_text(a, DA_ID, str_of(verb_name(verb)));
	view_text(a, DA_TITLE, request_text(q, arena_fmt(q->arena, "mediate.%s", what).p));
	view_text(a, DA_BUTTON, request_text(q, arena_fmt(q->arena, "mediate.%s", what).p));
	view_url(a, DA_URL, request_link(q, AT "/%s/%s", d->c.code, verb_name(verb)));
	view_text(a, DA_VERSION, arena_fmt(q->arena, "%lld", (long long)d->c.version));
	return a;
}

static void add_field(struct vobj *page, struct vobj *action, const struct view *v, const char *name,
                      struct str label, struct str hint, struct str value, struct str error, bool narrow)
{
	const struct form_field ff = {.kind = FORM_TEXT, .name = name, .label = label, .hint = hint,
	                              .value = value, .error = error, .narrow = narrow};
	form_field_add(action, DA_FORM_FIELDS, -1, v, &ff);
	if (error.n > 0)
		form_error_add(page, OC_ERRORS, error, arena_fmt(v->arena, "#%s", name));
}

/* Both sides read it: who is named in it is pointed out before it goes. */
static void add_place(struct request *q, struct vobj *page, struct vobj *action, const struct view *v,
                      const struct meeting *m)
{
	const struct form_field ff = {.kind = FORM_TEXT, .name = "meet-place",
	                              .label = request_text(q, "mediate.meet.place"),
	                              .hint = request_text(q, "mediate.meet.place.hint"),
	                              .value = m->place, .error = m->place_error,
	                              .advice = advice_field(q, m->advised ? m->place : STR_EMPTY)};
	form_field_add(action, DA_FORM_FIELDS, -1, v, &ff);
	if (ff.error.n > 0 || m->advised)
		form_error_add(page, OC_ERRORS, m->advised ? request_text(q, "advice.again") : ff.error, STR("#meet-place"));
}

static void add_moves(struct request *q, struct vobj *page, const struct view *v,
                      const struct other_data *d, const struct meeting *m)
{
	uint64_t verbs = case_verbs(&q->app->flow, &d->c, &q->actor, q->now);
	const struct step *s = procedure_step(d->c.procedure, d->c.step);
	bool talking = s != NULL && step_move(s, VERB_meet, MOVER_mediator) != NULL;
	view_text(page, OC_STEP, request_text(q, talking ? "mediate.now.talk" : "mediate.now.ask"));
	if ((verbs >> VERB_meet & 1) != 0) {
		struct vobj *a = add_action(q, page, d, VERB_meet, "meet");
		add_field(page, a, v, "meet-day", request_text(q, "mediate.meet.day"),
		          request_text(q, "mediate.meet.day.hint"), m->day, m->day_error, true);
		add_field(page, a, v, "meet-hour", request_text(q, "mediate.meet.hour"), STR_EMPTY, m->hour,
		          m->hour_error, true);
		add_place(q, page, a, v, m);
		view_bool(a, DA_OPEN, m->verb == VERB_meet);
	}
	if ((verbs >> VERB_agree & 1) != 0)
		view_bool(add_action(q, page, d, VERB_agree, talking ? "agreed" : "willing"), DA_PLAIN, true);
	if ((verbs >> VERB_disagree & 1) != 0)
		view_bool(add_action(q, page, d, VERB_disagree, talking ? "not_agreed" : "unwilling"), DA_PLAIN,
		          true);
}

static enum rc show_case(struct request *q, struct reply *r, struct other_data *d,
                         const struct meeting *m, struct fault *f)
{
	const struct ward_case *c = &d->c;
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, desk_look_kind(q), c->id,
	                        STR_EMPTY, 1, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &OTHER_CASE);
	view_text(page, OC_CODE, arena_copy(q->arena, str_of(c->code)));
	view_key(page, OC_KIND, c->kind, label_kind(q, c->kind));
	view_key(page, OC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(page, OC_RECEIVED, c->received_at);
	if (c->due_at > 0) {
		view_day(page, OC_DUE, day_of(c->due_at - 1));
		view_text(page, OC_LATEST, clock_latest_words(q, c->paused_until));
		view_bool(page, OC_LATE, case_late(c, q->now));
	}
	struct buf where = {0};
	if (desk_with_originals(q)) {
		buf_join(&where, "\n", c->place.landmark);
		view_text(page, OC_TEXT, d->text);
	}
	buf_join(&where, "\n", c->place.street);
	buf_join(&where, "\n", label_area(q, c->place.area));
	view_text(page, OC_WHERE, arena_take(q->arena, &where));
	view_text(page, OC_UNIT, d->unit.name);
	view_url(page, OC_BACK, request_link(q, AT));
	view_text(page, OC_BACK_WORDS, request_text(q, "other.mediation.title"));
	view_bool(page, OC_CHANGED, m->changed);
	enum verb done = verb_parse(request_query(q, "done"));
	if (done != VERB_unset && q->method == METHOD_GET)
		view_text(page, OC_NOTICE, request_text(q, arena_fmt(q->arena, "desk.done.%s", verb_name(done)).p));
	add_moves(q, page, &v, d, m);
	reply_title(r, arena_fmt(q->arena, "%s %.*s", c->code, PSTR(label_kind(q, c->kind))));
	if (q->method == METHOD_GET)
		reply_view(q, r, page);
	else
		reply_page(q, r, "desk/other_case", &OTHER_CASE, page, m->changed ? 409 : 422);
	return RC_OK;
}

enum rc desk_mediation(struct request *q, struct reply *r, struct fault *f)
{
	static const struct meeting NOTHING = {0};
	struct other_data d;
	enum rc rc = read_case(q, &d, f);
	return rc == RC_OK ? show_case(q, r, &d, &NOTHING, f) : rc;
}

/* ---------------------------------------------------------------- a mediator's moves */

/* "26/11/2026 18:30, nhà văn hóa": day and hour checked, the place one line, nothing else. */
static bool take_meeting(struct request *q, struct meeting *m, struct str *out)
{
	int32_t day = 0;
	struct str clean;
	m->day = request_form(q, "meet-day");
	m->hour = request_form(q, "meet-hour");
	m->place = request_form(q, "meet-place");
	if (!typed_day(m->day, q->now, &day) || day < day_of(q->now) || day > day_of(q->now) + 366)
		m->day_error = request_text(q, "mediate.meet.day.wrong");
	int hour = -1, minute = -1;
	char tail = 0;
	if (m->hour.n == 0 || m->hour.n > 8 ||
	    sscanf(arena_z(q->arena, m->hour), "%2d%*1[:h]%2d%c", &hour, &minute, &tail) != 2 || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59)
		m->hour_error = request_text(q, "mediate.meet.hour.wrong");
	if (!desk_text(q, m->place, TEXT_LINE, 120, true, &clean, &m->place_error))
		m->place = clean;
	if (m->day_error.n + m->hour_error.n + m->place_error.n > 0)
		return false;
	m->advised = advice_asks(q, "meet-place", clean);
	if (m->advised)
		return false;
	struct date date = date_from_day(day);
	*out = arena_fmt(q->arena, "%02d:%02d %02d/%02d/%04d, %.*s", hour, minute, date.day, date.month,
	                 date.year, PSTR(clean));
	return true;
}

static enum rc mediate(struct request *q, struct reply *r, enum verb verb, struct fault *f)
{
	struct other_data d;
	struct meeting m = {.verb = verb};
	struct part part = {STR("appointment"), STR_EMPTY, STR("place")};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : read_case(q, &d, f);
	if (rc != RC_OK)
		return rc;
	struct desk_move x = {.w = &q->app->flow, .ward = q->ward, .code = str_of(d.code), .works = case_mediated_by,
	                      .move = {.verb = verb, .actor = &q->actor}};
	if (!str_i64(request_form(q, "version"), &x.move.expected_version) || x.move.expected_version < 1)
		return RC_BAD_REQUEST;
	if (verb == VERB_meet) {
		if (!take_meeting(q, &m, &part.body))
			return show_case(q, r, &d, &m, f);
		x.move.parts = &part;
		x.move.part_count = 1;
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, desk_move_tx, &x, f);
	if (rc == RC_CHANGED || rc == RC_DENIED) {   /* the other mediator was quicker */
		m.changed = true;
		rc = read_case(q, &d, f);
		return rc == RC_OK ? show_case(q, r, &d, &m, f) : rc;
	}
	if (rc != RC_OK)
		return rc;
	flow_changed(q->ward->id);
	reply_redirect(q, r, case_mediated_by(&x.c, &q->actor)
	                             ? request_link(q, "/desk/mediations/%s?done=%s", x.c.code, verb_name(verb))
	                             : request_link(q, "/desk/mediations"));
	return RC_OK;
}

enum rc desk_meet(struct request *q, struct reply *r, struct fault *f) { return mediate(q, r, VERB_meet, f); }
enum rc desk_agree(struct request *q, struct reply *r, struct fault *f) { return mediate(q, r, VERB_agree, f); }
enum rc desk_disagree(struct request *q, struct reply *r, struct fault *f)
{
	return mediate(q, r, VERB_disagree, f);
}
