/* A request of whom a report is about: its words, the matters for as long as they are opened, and the form. It is one
 * form with a button for each step: whichever is pressed, what stands half written in the others is kept. */
#include "rooms/oversight/oversight.h"

enum { RPH_URL, RPH_THUMB, RPH_LABEL, RPH_ID, RPH_SHOWN, RPH_KEPT, RPH_BLUR, RPH_FIELDS };
static const struct field PHOTO_F[] = {
	[RPH_URL] = {"url", V_URL, SEE_OFFICE, "the photo", NULL, NULL},
	[RPH_THUMB] = {"thumb", V_URL, SEE_OFFICE, "the small one", NULL, "image"},
	[RPH_LABEL] = {"label", V_TEXT, SEE_OFFICE, "words for who does not see it", NULL, NULL},
	[RPH_ID] = {"id", V_TEXT, SEE_OFFICE, "its number, for the form", NULL, NULL},
	[RPH_SHOWN] = {"shown", V_BOOL, SEE_OFFICE, "everybody can see it", NULL, NULL},
	[RPH_KEPT] = {"kept", V_BOOL, SEE_OFFICE, "it is to stay so", NULL, NULL},
	[RPH_BLUR] = {"blur", V_URL, SEE_OFFICE, "where parts of it can be covered", NULL, NULL},
};
static const struct shape PHOTO = SHAPE("redress_photo", PHOTO_F);

enum { RPA_LABEL, RPA_TEXT, RPA_ERASED, RPA_HOW, RPA_FIELDS };
static const struct field PART_F[] = {
	[RPA_LABEL] = {"label", V_TEXT, SEE_OFFICE, "what it is", NULL, NULL},
	[RPA_TEXT] = {"text", V_TEXT, SEE_OFFICE, "what was said", NULL, NULL},
	[RPA_ERASED] = {"erased", V_DAY, SEE_OFFICE, "day it was erased", NULL, NULL},
	[RPA_HOW] = {"how", V_TEXT, SEE_OFFICE, "by whom, where it was not its time", NULL, NULL},
};
static const struct shape PART = SHAPE("redress_part", PART_F);

enum { REN_WHAT, REN_AT, REN_WHO, REN_PARTS, REN_FIELDS };
static const struct field ENTRY_F[] = {
	[REN_WHAT] = {"what", V_KEY, SEE_OFFICE, "what was done", NULL, NULL},
	[REN_AT] = {"at", V_TIME, SEE_OFFICE, "when", NULL, NULL},
	[REN_WHO] = {"who", V_TEXT, SEE_OFFICE, "who", NULL, NULL},
	[REN_PARTS] = {"parts", V_LIST, SEE_OFFICE, "what was said", &PART, NULL},
};
static const struct shape ENTRY = SHAPE("redress_entry", ENTRY_F);

enum { RIT_OPEN, RIT_KIND, RIT_STATE, RIT_RECEIVED, RIT_PLACE, RIT_TEXT, RIT_SHOWN, RIT_LISTED, RIT_REPORTS, RIT_PHOTOS, RIT_TIMELINE,
	RIT_UNTIL, RIT_PUBLIC, RIT_GONE, RIT_FIELDS };
static const struct field IT_F[] = {
	[RIT_OPEN] = {"open", V_BOOL, SEE_OFFICE, "it may be read now; else only which one it was is told", NULL, NULL},
	[RIT_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[RIT_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[RIT_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[RIT_PLACE] = {"place", V_TEXT, SEE_OFFICE, "where", NULL, NULL},
	[RIT_TEXT] = {"text", V_TEXT, SEE_OFFICE, "the words as they came", NULL, NULL},
	[RIT_SHOWN] = {"shown", V_TEXT, SEE_OFFICE, "the words that everybody can read", NULL, NULL},
	[RIT_LISTED] = {"listed", V_BOOL, SEE_OFFICE, "it has a public page", NULL, NULL},
	[RIT_REPORTS] = {"reports", V_INT, SEE_OFFICE, "reports of the matter, when more than one", NULL, "reports"},
	[RIT_PHOTOS] = {"photos", V_LIST, SEE_OFFICE, "its photos", &PHOTO, NULL},
	[RIT_TIMELINE] = {"timeline", V_LIST, SEE_OFFICE, "what was done", &ENTRY, NULL},
	[RIT_UNTIL] = {"until", V_TIME, SEE_OFFICE, "until when it is open here", NULL, NULL},
	[RIT_PUBLIC] = {"public", V_URL, SEE_OFFICE, "its public page", NULL, NULL},
	[RIT_GONE] = {"gone", V_TEXT, SEE_OFFICE, "where there are no words: why", NULL, NULL},
};
static const struct shape IT = SHAPE("redress_matter", IT_F);

enum { RHI_ID, RHI_KIND, RHI_RECEIVED, RHI_CELL, RHI_STREET, RHI_STATE, RHI_FIELDS };
static const struct field HIT_F[] = {
	[RHI_ID] = {"id", V_TEXT, SEE_OFFICE, "its number, for the form", NULL, NULL},
	[RHI_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[RHI_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[RHI_CELL] = {"cell", V_TEXT, SEE_OFFICE, "square of the 100 m grid", NULL, NULL},
	[RHI_STREET] = {"street", V_TEXT, SEE_OFFICE, "its street, where no square is known", NULL, NULL},
	[RHI_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
};
static const struct shape HIT = SHAPE("redress_found", HIT_F);

enum { RS_KIND, RS_RECEIVED, RS_AREA, RS_SPOT, RS_PUBLIC, RS_RESULT, RS_WHAT, RS_CORRECTION, RS_WORDS, RS_KEPT, RS_FIELDS };
static const struct field SURE_F[] = {
	[RS_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[RS_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[RS_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[RS_SPOT] = {"spot", V_TEXT, SEE_OFFICE, "where, as a search tells it", NULL, NULL},
	[RS_PUBLIC] = {"public_code", V_TEXT, SEE_OFFICE, "its public code", NULL, NULL},
	[RS_RESULT] = {"result", V_TEXT, SEE_OFFICE, "the result", NULL, NULL},
	[RS_WHAT] = {"what", V_TEXT, SEE_OFFICE, "what will happen", NULL, NULL},
	[RS_CORRECTION] = {"correction", V_TEXT, SEE_OFFICE, "what will be shown instead", NULL, NULL},
	[RS_WORDS] = {"words", V_TEXT, SEE_OFFICE, "what who asked will read", NULL, NULL},
	[RS_KEPT] = {"kept", V_LIST, SEE_OFFICE, "the form as it was sent", &FORM_KEPT, NULL},
};
static const struct shape SURE = SHAPE("redress_sure", SURE_F);

enum { RP_CODE, RP_STATE, RP_LATE, RP_OPEN, RP_APPEAL, RP_RECEIVED, RP_DUE, RP_TEXT, RP_HOW, RP_PLACE, RP_DAY, RP_BACK, RP_TIMELINE,
	RP_IT, RP_CAN_LOOK, RP_CAN_FIND, RP_OVER, RP_ABOUT_FIELDS, RP_ABOUT, RP_LEFT, RP_SEARCHED, RP_FOUND, RP_FOUND_MORE, RP_FIND_FIELDS, RP_ASK_FIELDS,
	RP_CAN_ASK, RP_ANSWER_FIELDS, RP_WORD_FIELDS, RP_CAN_ANSWER, RP_ERRORS, RP_NOTICE, RP_CHANGED, RP_TOKEN, RP_VERSION,
	RP_LOOK, RP_FIND, RP_ASK, RP_ANSWER, RP_OUTCOME, RP_SURE, RP_GONE, RP_AGAIN, RP_FIELDS };
static const struct field PAGE_F[] = {
	[RP_CODE] = {"code", V_TEXT, SEE_OFFICE, "the request's number", NULL, NULL},
	[RP_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[RP_LATE] = {"late", V_BOOL, SEE_OFFICE, "its day is over", NULL, NULL},
	[RP_OPEN] = {"open", V_BOOL, SEE_OFFICE, "it waits for an answer", NULL, NULL},
	[RP_APPEAL] = {"appeal", V_BOOL, SEE_OFFICE, "it stands at its appeal", NULL, NULL},
	[RP_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[RP_DUE] = {"due", V_DAY, SEE_OFFICE, "by when it is answered", NULL, NULL},
	[RP_TEXT] = {"text", V_TEXT, SEE_OFFICE, "what was written", NULL, NULL},
	[RP_HOW] = {"how", V_KEY, SEE_OFFICE, "how it says which matter it is about", NULL, NULL},
	[RP_PLACE] = {"place", V_TEXT, SEE_OFFICE, "where, as told", NULL, NULL},
	[RP_DAY] = {"day", V_DAY, SEE_OFFICE, "on which day, as told", NULL, NULL},
	[RP_BACK] = {"back", V_URL, SEE_OFFICE, "oversight's first page", NULL, NULL},
	[RP_TIMELINE] = {"timeline", V_LIST, SEE_OFFICE, "what happened, newest first", &ENTRY, NULL},
	[RP_IT] = {"opened", V_LIST, SEE_OFFICE, "what was opened for it, in that order", &IT, NULL},
	[RP_CAN_LOOK] = {"can_look", V_BOOL, SEE_OFFICE, "it may be opened once", NULL, NULL},
	[RP_CAN_FIND] = {"can_find", V_BOOL, SEE_OFFICE, "it may be searched for", NULL, NULL},
	[RP_OVER] = {"over", V_BOOL, SEE_OFFICE, "it was looked at, and is closed again", NULL, NULL},
	[RP_ABOUT_FIELDS] = {"about_fields", V_LIST, SEE_OFFICE, "of several that were opened, the one that the answer is about", &FORM_FIELD, NULL},
	[RP_ABOUT] = {"about", V_TEXT, SEE_OFFICE, "the only one that was opened, for the form", NULL, NULL},
	[RP_LEFT] = {"left", V_INT, SEE_OFFICE, "searches that are left", NULL, "searches"},
	[RP_SEARCHED] = {"searched", V_BOOL, SEE_OFFICE, "a search was made just now", NULL, NULL},
	[RP_FOUND] = {"found", V_LIST, SEE_OFFICE, "what it found, without a word of it", &HIT, NULL},
	[RP_FOUND_MORE] = {"found_more", V_BOOL, SEE_OFFICE, "too many to be shown", NULL, NULL},
	[RP_FIND_FIELDS] = {"find_fields", V_LIST, SEE_OFFICE, "place and days", &FORM_FIELD, NULL},
	[RP_ASK_FIELDS] = {"ask_fields", V_LIST, SEE_OFFICE, "a question back", &FORM_FIELD, NULL},
	[RP_CAN_ASK] = {"can_ask", V_BOOL, SEE_OFFICE, "it may be asked", NULL, NULL},
	[RP_ANSWER_FIELDS] = {"answer_fields", V_LIST, SEE_OFFICE, "the result", &FORM_FIELD, NULL},
	[RP_WORD_FIELDS] = {"word_fields", V_LIST, SEE_OFFICE, "the answer's words", &FORM_FIELD, NULL},
	[RP_CAN_ANSWER] = {"can_answer", V_BOOL, SEE_OFFICE, "it waits for an answer", NULL, NULL},
	[RP_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[RP_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[RP_CHANGED] = {"changed", V_BOOL, SEE_OFFICE, "somebody was quicker", NULL, NULL},
	[RP_TOKEN] = {"form_token", V_TEXT, SEE_OFFICE, "the session's token", NULL, NULL},
	[RP_VERSION] = {"version", V_TEXT, SEE_OFFICE, "of the request, as it was read", NULL, NULL},
	[RP_LOOK] = {"look_url", V_URL, SEE_OFFICE, "where it is opened", NULL, NULL},
	[RP_FIND] = {"find_url", V_URL, SEE_OFFICE, "where it is searched for", NULL, NULL},
	[RP_ASK] = {"ask_url", V_URL, SEE_OFFICE, "where a question is sent", NULL, NULL},
	[RP_ANSWER] = {"answer_url", V_URL, SEE_OFFICE, "where the answer is sent", NULL, NULL},
	[RP_OUTCOME] = {"outcome", V_KEY, SEE_OFFICE, "how it ended", NULL, NULL},
	[RP_GONE] = {"gone", V_TEXT, SEE_OFFICE, "where there are no words: why", NULL, NULL},
	[RP_AGAIN] = {"again", V_BOOL, SEE_OFFICE, "its appeal waits, for another person", NULL, NULL},
	[RP_SURE] = {"sure", V_LIST, SEE_OFFICE, "one: the question before something is destroyed or hidden", &SURE, NULL},
};
const struct shape REDRESS_PAGE = SHAPE("redress_page", PAGE_F);

/* ---------------------------------------------------------------- reading */

static enum rc read_matters(struct tx *tx, struct redress_view *v, struct fault *f)
{
	const struct flow *w = &v->q->app->flow;
	struct redress_opening opened[REDRESS_LOOKS];
	enum rc rc = redress_openings(tx, &v->q->actor, &v->c, opened, &v->matter_count, f);
	for (size_t i = 0; rc == RC_OK && i < v->matter_count; i++) {
		struct redress_matter *m = &v->matters[i];
		m->o = opened[i];
		rc = case_get(tx, w, m->o.about, &m->c, f);
		if (rc == RC_OK && m->o.open)
			rc = case_timeline(tx, w, &m->c, &m->entries, &m->entry_count, f);
		if (rc == RC_OK && m->o.open)
			rc = case_attachments(tx, &m->c, &m->photos, &m->photo_count, f);
	}
	return rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct redress_view *v = ctx;
	const struct flow *w = &v->q->app->flow;
	enum rc rc = case_by_code(tx, w, v->code, &v->c, f);
	if (rc == RC_OK && !case_handled_by(&v->c, &v->q->actor))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = redress_get(tx, &v->c, &v->k, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, w, &v->c, &v->entries, &v->entry_count, f);
	return rc == RC_OK ? read_matters(tx, v, f) : rc;
}

enum rc redress_read(struct redress_view *v, struct request *q, struct fault *f)
{
	char code[16];
	*v = (struct redress_view){.q = q};
	if (code_read(request_param(q, "code"), code) != RC_OK)
		return RC_NONE;
	v->code = arena_copy(q->arena, str_of(code));
	return store_read(q->app->store, q->ward->id, q->arena, read_tx, v, f);
}

/* ---------------------------------------------------------------- showing */

static struct str first_text(const struct entry *e, size_t n)
{
	for (size_t i = 0; n > 0 && i < e[0].part_count; i++)
		if (str_is(e[0].parts[i].name, "text"))
			return e[0].parts[i].body;
	return STR_EMPTY;
}

static struct str place_of(struct request *q, const struct case_place *p)
{
	struct buf b = {0};
	if (p->landmark.n > 0)
		buf_join(&b, ", ", p->landmark);
	if (p->street.n > 0)
		buf_join(&b, ", ", p->street);
	struct str area = label_area(q, p->area);
	if (area.n > 0)
		buf_join(&b, ", ", area);
	return arena_take(q->arena, &b);
}

/* Unit, or what has none as its role. */
static struct str who_of(struct request *q, const struct procedure *p, const struct entry *e)
{
	if (e->by_reporter)
		return request_text(q, p->oversight ? "oversight.asker" : "role.reporter");
	if (e->unit.n > 0 || e->role.n == 0 || str_is(e->role, "anyone"))
		return e->unit;
	return request_text(q, arena_fmt(q->arena, "role.%.*s", PSTR(e->role)).p);
}

static struct str erased_how(struct request *q, const struct entry_part *p)
{
	struct str how = kept_erased(q, p->erased_rule, false);
	return how.n == 0 && str_is(p->erased_rule, ERASED_BY_REPORTER) ? request_text(q, "desk.erased.own") : how;
}

/* Of first words that are gone: by whom, and when. */
static struct str first_gone(struct request *q, const struct entry *e, size_t n)
{
	for (size_t i = 0; n > 0 && i < e[0].part_count; i++) {
		const struct entry_part *p = &e[0].parts[i];
		if (!str_is(p->name, "text") || p->erased_day == 0)
			continue;
		struct str how = erased_how(q, p);
		return arena_fmt(q->arena, "%.*s %.*s", PSTR(how.n > 0 ? how : request_text(q, "part.erased")),
		                 PSTR(text_date(q->arena, q->lang, p->erased_day)));
	}
	return request_text(q, "desk.words.none");
}

static void add_entries(struct request *q, struct vobj *page, int field, const struct procedure *p,
                        const struct entry *entries, size_t n)
{
	for (size_t i = n; i-- > 1;) {         /* newest first; the first one stands above */
		const struct entry *e = &entries[i];
		struct vobj *item = view_item(page, field);
		struct str verb = str_of(verb_name(e->verb));
		view_key(item, REN_WHAT, verb, label_did(q, p, e->verb));
		view_time(item, REN_AT, e->at);
		view_text(item, REN_WHO, who_of(q, p, e));
		for (size_t k = 0; k < e->part_count; k++) {
			const struct entry_part *w = &e->parts[k];
			bool words = str_is(w->name, "text") || str_is(w->name, "result") || str_is(w->name, "outcome") ||
			             str_is(w->name, "public_text") || (str_is(w->name, "reason") && e->by_reporter);
			if (!words)
				continue;
			struct vobj *part = view_item(item, REN_PARTS);
			view_text(part, RPA_LABEL, request_text(q, arena_fmt(q->arena, "part.%.*s", PSTR(w->name)).p));
			view_text(part, RPA_TEXT, str_is(w->name, "outcome") && w->body.n > 0
			                                  ? request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(w->body)).p)
			                                  : w->body);
			view_day(part, RPA_ERASED, w->erased_day);
			view_text(part, RPA_HOW, erased_how(q, w));
		}
	}
}

/* As it was ticked; a photo that did not stand on the form that was sent stays as it is. */
static bool is_kept(const struct redress_view *v, const struct redress_matter *m, const struct attachment *a)
{
	bool sent = false;
	for (size_t i = 0; i < v->on_form_count; i++)
		sent = sent || v->on_form[i].v == m->o.about.v;
	for (size_t i = 0; i < v->keep_count; i++)
		if (v->keep[i].v == a->id.v)
			return true;
	return !sent;
}

static void add_photos(const struct redress_view *v, const struct redress_matter *m, struct vobj *o)
{
	struct request *q = v->q;
	for (size_t i = 0; i < m->photo_count; i++) {
		struct vobj *photo = view_item(o, RIT_PHOTOS);
		const struct attachment *a = &m->photos[i];
		struct str url = request_link(q, "/oversight/redress/%.*s/photo/%.*s", PSTR(v->code), PSTR(a->photo.name));
		view_url(photo, RPH_URL, url);
		view_url(photo, RPH_THUMB, arena_fmt(q->arena, "%.*s?thumb=1", PSTR(url)));
		view_text(photo, RPH_LABEL, arena_fmt(q->arena, "%.*s %zu", PSTR(request_text(q, "photo.label")), i + 1));
		view_text(photo, RPH_ID, arena_fmt(q->arena, "%lld", (long long)a->id.v));
		view_bool(photo, RPH_SHOWN, a->released);
		view_bool(photo, RPH_KEPT, is_kept(v, m, a));
		if (a->released && m->c.listed)
			view_url(photo, RPH_BLUR, request_link(q, "/oversight/redress/%.*s/blur/%.*s", PSTR(v->code), PSTR(a->photo.name)));
	}
}

/* When its time is over, no more of it is told than a search tells. */
static void add_matter(const struct redress_view *v, const struct redress_matter *m, struct vobj *page)
{
	struct request *q = v->q;
	const struct ward_case *c = &m->c;
	struct vobj *o = view_item(page, RP_IT);
	view_bool(o, RIT_OPEN, m->o.open);
	view_key(o, RIT_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, RIT_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(o, RIT_RECEIVED, c->received_at);
	if (!m->o.open)
		return;
	view_text(o, RIT_PLACE, place_of(q, &c->place));
	view_text(o, RIT_TEXT, first_text(m->entries, m->entry_count));
	view_text(o, RIT_GONE, first_gone(q, m->entries, m->entry_count));
	view_text(o, RIT_SHOWN, c->released_text);
	view_bool(o, RIT_LISTED, c->listed);
	if (case_reports(c) > 1)
		view_int(o, RIT_REPORTS, case_reports(c));
	view_time(o, RIT_UNTIL, m->o.until);
	if (c->listed && !c->withheld)
		view_url(o, RIT_PUBLIC, request_link(q, "/case/%s", c->public_code));
	add_photos(v, m, o);
	add_entries(q, o, RIT_TIMELINE, c->procedure, m->entries, m->entry_count);
}

/* Where it was, as a search tells it: the square, or the street where none is known. */
static struct str spot_of(struct request *q, struct cell cell, struct str street)
{
	return cell.column > 0 ? arena_fmt(q->arena, "C%d-%d", cell.column, cell.row) : street;
}

static void add_found(struct redress_view *v, struct vobj *page)
{
	struct request *q = v->q;
	view_bool(page, RP_SEARCHED, v->found != NULL);
	view_bool(page, RP_FOUND_MORE, v->found_more);
	for (size_t i = 0; i < v->found_count; i++) {
		const struct case_row *c = &v->found[i];
		struct vobj *item = view_item(page, RP_FOUND);
		view_text(item, RHI_ID, arena_fmt(q->arena, "%lld", (long long)c->id.v));
		view_key(item, RHI_KIND, c->kind, label_kind(q, c->kind));
		view_time(item, RHI_RECEIVED, c->received_at);
		view_key(item, RHI_STATE, str_of(state_name(c->state)), label_state(q, c->state));
		if (c->cell.column > 0)
			view_text(item, RHI_CELL, spot_of(q, c->cell, STR_EMPTY));
		else
			view_text(item, RHI_STREET, c->street);
	}
}

static void field(struct vobj *page, int list, const struct view *view, struct form_field ff)
{
	form_field_add(page, list, RP_ERRORS, view, &ff);
}

/* Beforehand as the request names them. */
static void add_find(struct redress_view *v, struct vobj *page, const struct view *view)
{
	struct request *q = v->q;
	if (!request_has(q, "version") && v->c.place.area.v != 0)
		v->area = arena_fmt(q->arena, "%lld", (long long)v->c.place.area.v);
	if (!request_has(q, "version") && v->c.event_at != 0)
		v->from = text_date(q->arena, LANG_vi, day_of(v->c.event_at));
	const struct form_option unsure = {.value = STR("0"), .label = request_text(q, "desk.area.unsure"),
	                                   .checked = str_is(v->area, "0")};
	struct choices areas = choices_areas(q, v->area, &unsure, true);
	field(page, RP_FIND_FIELDS, view, (struct form_field){.kind = FORM_SELECT, .name = "area",
		.label = request_text(q, "report.area.label"), .options = areas.options, .option_count = areas.count});
	field(page, RP_FIND_FIELDS, view, (struct form_field){.kind = FORM_TEXT, .name = "from", .narrow = true,
		.label = request_text(q, "oversight.find.from"), .hint = request_text(q, "oversight.find.days"),
		.value = v->from, .error = v->find_error, .inputmode = "numeric", .autocomplete = "off"});
	field(page, RP_FIND_FIELDS, view, (struct form_field){.kind = FORM_TEXT, .name = "until", .narrow = true,
		.label = request_text(q, "oversight.find.until"), .value = v->to, .inputmode = "numeric", .autocomplete = "off"});
}

/* Of several that were opened: which one the answer is about. None is chosen beforehand: it would be a guess. */
static void add_about(const struct redress_view *v, struct vobj *page, const struct view *view)
{
	struct request *q = v->q;
	struct form_option options[REDRESS_LOOKS];
	if (v->matter_count == 1)              /* not one that is opened in another window meanwhile */
		view_text(page, RP_ABOUT, arena_fmt(q->arena, "%lld", (long long)v->matters[0].o.about.v));
	if (v->matter_count < 2)
		return;
	for (size_t i = 0; i < v->matter_count; i++) {
		const struct redress_matter *m = &v->matters[i];
		struct str spot = spot_of(q, m->c.place.cell, m->c.place.street);
		options[i] = (struct form_option){.value = arena_fmt(q->arena, "%lld", (long long)m->o.about.v),
			.label = arena_fmt(q->arena, "%zu. %.*s, %.*s%s%.*s", i + 1, PSTR(label_kind(q, m->c.kind)),
			                   PSTR(text_datetime(q->arena, q->lang, m->c.received_at)), spot.n > 0 ? ", " : "", PSTR(spot)),
			.checked = m->o.about.v == v->about.v};
	}
	field(page, RP_ABOUT_FIELDS, view, (struct form_field){.kind = FORM_RADIOS, .name = "about",
		.label = request_text(q, "oversight.about"), .error = v->about_error, .options = options, .option_count = v->matter_count});
}

static void add_answer(struct redress_view *v, struct vobj *page, const struct view *view)
{
	struct request *q = v->q;
	struct form_option options[REDRESS_RESULT_COUNT];
	for (size_t i = 0; i < REDRESS_RESULT_COUNT; i++)
		options[i] = (struct form_option){.value = str_of(REDRESS_RESULTS[i]),
			.label = request_text(q, arena_fmt(q->arena, "outcome.%s", REDRESS_RESULTS[i]).p),
			.hint = request_text(q, arena_fmt(q->arena, "oversight.result.%s", REDRESS_RESULTS[i]).p),
			.checked = str_is(v->result, REDRESS_RESULTS[i])};
	field(page, RP_ANSWER_FIELDS, view, (struct form_field){.kind = FORM_RADIOS, .name = "result",
		.label = request_text(q, "oversight.result"), .error = v->result_error, .options = options,
		.option_count = REDRESS_RESULT_COUNT});
	field(page, RP_WORD_FIELDS, view, (struct form_field){.kind = FORM_AREA, .name = "correction-text",
		.label = request_text(q, "oversight.correction"), .hint = request_text(q, "oversight.correction.hint"),
		.value = v->correction, .error = v->correction_error, .rows = 3, .max = REDRESS_TEXT_MAX});
	field(page, RP_WORD_FIELDS, view, (struct form_field){.kind = FORM_AREA, .name = "answer-text",
		.label = request_text(q, "oversight.words"), .hint = request_text(q, "oversight.words.hint"),
		.value = v->words, .error = v->words_error, .rows = 5, .max = REDRESS_TEXT_MAX,
		.advice = advice_field(q, v->advised ? v->words : STR_EMPTY)});
	if (v->advised)
		form_error_add(page, RP_ERRORS, request_text(q, "advice.again"), STR("#answer-text"));
}

/* Which matter, and what will happen to it. */
static void add_sure(const struct redress_view *v, struct vobj *page)
{
	struct request *q = v->q;
	struct form_kept *kept;
	struct vobj *o = view_item(page, RP_SURE);
	for (size_t i = 0; i < v->matter_count; i++) {
		const struct ward_case *c = &v->matters[i].c;
		if (v->matters[i].o.about.v != v->about.v)
			continue;
		view_key(o, RS_KIND, c->kind, label_kind(q, c->kind));
		view_time(o, RS_RECEIVED, c->received_at);
		view_text(o, RS_AREA, label_area(q, c->place.area));
		view_text(o, RS_SPOT, spot_of(q, c->place.cell, c->place.street));
		if (c->listed && !c->withheld)
			view_text(o, RS_PUBLIC, arena_copy(q->arena, str_of(c->public_code)));
	}
	view_text(o, RS_RESULT, request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(v->result)).p));
	view_text(o, RS_WHAT, request_text(q, arena_fmt(q->arena, "oversight.result.%.*s", PSTR(v->result)).p));
	if (str_is(v->result, "corrected"))
		view_text(o, RS_CORRECTION, v->correction);
	view_text(o, RS_WORDS, v->words);
	size_t n = redress_kept(v, &kept);
	form_kept_add(q, o, RS_KEPT, kept, n);
}

static void add_facts(struct redress_view *v, struct vobj *page)
{
	struct request *q = v->q;
	const struct ward_case *c = &v->c;
	static const char *const HOW[] = {"", "place", "page", "card"};
	view_text(page, RP_CODE, v->code);
	view_key(page, RP_STATE, str_of(state_name(c->state)), label_case_state(q, c->procedure, c->state));
	view_bool(page, RP_OPEN, state_open(c->state));
	view_bool(page, RP_LATE, case_late(c, q->now));
	view_bool(page, RP_APPEAL, v->k.appeal);
	view_time(page, RP_RECEIVED, c->received_at);
	if (c->due_at > 0 && state_open(c->state))
		view_day(page, RP_DUE, day_of(c->due_at - 1));
	view_text(page, RP_TEXT, first_text(v->entries, v->entry_count));
	view_text(page, RP_GONE, first_gone(q, v->entries, v->entry_count));
	view_key(page, RP_HOW, str_of(HOW[v->k.how]), request_text(q, arena_fmt(q->arena, "oversight.how.%s", HOW[v->k.how]).p));
	view_text(page, RP_PLACE, place_of(q, &c->place));
	if (c->event_at != 0)
		view_day(page, RP_DAY, day_of(c->event_at));
	if (c->outcome.n > 0)
		view_key(page, RP_OUTCOME, c->outcome, request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
	view_url(page, RP_BACK, request_link(q, "/oversight"));
}

static struct str notice_of(const struct redress_view *v)
{
	struct request *q = v->q;
	static const char *const DONE[] = {"look", "ask", "answer", "blur"};
	for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
		if (str_is(v->done != NULL ? str_of(v->done) : request_query(q, "done"), DONE[i]))
			return request_text(q, arena_fmt(q->arena, "oversight.done.%s", DONE[i]).p);
	return STR_EMPTY;
}

static void add_forms(struct redress_view *v, struct vobj *page, const struct view *view)
{
	struct request *q = v->q;
	uint64_t verbs = case_verbs(&q->app->flow, &v->c, &q->actor, q->now);
	bool open = state_open(v->c.state), by_place = v->k.how == REDRESS_by_place, seen = false;
	for (size_t i = 0; i < v->matter_count; i++)
		seen = seen || v->matters[i].o.open;
	const char *code = v->code.p;
	view_bool(page, RP_CAN_LOOK, open && v->matter_count == 0 && redress_named(&v->k));
	view_bool(page, RP_AGAIN, open && v->k.appeal);
	view_bool(page, RP_CAN_FIND, open && by_place && v->k.searches > 0);
	view_bool(page, RP_OVER, open && v->matter_count > 0 && !seen);
	view_int(page, RP_LEFT, v->k.searches);
	view_bool(page, RP_CAN_ASK, (verbs >> VERB_ask & 1) != 0);
	view_bool(page, RP_CAN_ANSWER, (verbs >> VERB_close & 1) != 0);
	view_text(page, RP_TOKEN, session_token(q));
	view_text(page, RP_VERSION, arena_fmt(q->arena, "%lld", (long long)v->c.version));
	view_url(page, RP_LOOK, request_link(q, "/oversight/redress/%s/look", code));
	view_url(page, RP_FIND, request_link(q, "/oversight/redress/%s/find", code));
	view_url(page, RP_ASK, request_link(q, "/oversight/redress/%s/ask", code));
	view_url(page, RP_ANSWER, request_link(q, "/oversight/redress/%s/answer", code));
	if (open && by_place && v->k.searches > 0)
		add_find(v, page, view);
	if ((verbs >> VERB_ask & 1) != 0) {
		field(page, RP_ASK_FIELDS, view, (struct form_field){.kind = FORM_AREA, .name = "ask-text",
			.label = request_text(q, "desk.ask.text"), .value = v->ask, .error = v->ask_error, .rows = 3,
			.max = REDRESS_TEXT_MAX, .advice = advice_field(q, v->ask_advised ? v->ask : STR_EMPTY)});
		if (v->ask_advised)
			form_error_add(page, RP_ERRORS, request_text(q, "advice.again"), STR("#ask-text"));
	}
	if ((verbs >> VERB_close & 1) != 0) {
		add_about(v, page, view);
		add_answer(v, page, view);
	}
}

enum rc redress_show(struct redress_view *v, struct reply *r, int status, struct fault *f)
{
	struct request *q = v->q;
	/* All looks are on disk before anything of the request or a matter leaves. */
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "case", v->c.id, STR_EMPTY, 1, f);
	for (size_t i = 0; rc == RC_OK && i < v->matter_count; i++)
		if (v->matters[i].o.open)
			rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "redress", v->matters[i].c.id, v->code, 1, f);
	if (rc != RC_OK)
		return rc;
	struct view view = request_view(q, SEE_HANDLER | SEE_OFFICE);
	struct vobj *page = view_new(&view, &REDRESS_PAGE);
	add_facts(v, page);
	add_entries(q, page, RP_TIMELINE, v->c.procedure, v->entries, v->entry_count);
	for (size_t i = 0; i < v->matter_count; i++)
		add_matter(v, &v->matters[i], page);
	add_found(v, page);
	add_forms(v, page, &view);
	if (v->sure)
		add_sure(v, page);
	if (v->look_error.n > 0)
		form_error_add(page, RP_ERRORS, v->look_error, STR("#matter"));
	if (v->keep_error.n > 0)
		form_error_add(page, RP_ERRORS, v->keep_error, STR("#answer"));
	view_bool(page, RP_CHANGED, v->changed);
	view_text(page, RP_NOTICE, status == 200 ? notice_of(v) : STR_EMPTY);
	reply_title(r, arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "oversight.redress.title")), PSTR(v->code)));
	reply_page(q, r, "oversight/redress", &REDRESS_PAGE, page, status);
	return RC_OK;
}

enum rc redress_page(struct request *q, struct reply *r, struct fault *f)
{
	struct redress_view v;
	enum rc rc = redress_read(&v, q, f);
	return rc == RC_OK ? redress_show(&v, r, 200, f) : rc;
}

/* A photo of a matter, while it is opened. A thumbnail belongs to the page, whose look is written. */
enum rc redress_photo(struct request *q, struct reply *r, struct fault *f)
{
	struct redress_view v;
	struct str name = request_param(q, "name");
	enum rc rc = redress_read(&v, q, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < v.matter_count; i++)
		for (size_t k = 0; k < v.matters[i].photo_count; k++) {
			const struct redress_matter *m = &v.matters[i];
			if (!str_eq(m->photos[k].photo.name, name))
				continue;
			if (request_query(q, "thumb").n == 0)
				rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "photo", m->c.id, v.code, 1, f);
			return rc == RC_OK ? photo_answer(q, r, &m->photos[k].photo, f) : rc;
		}
	return RC_NONE;
}
