#include "rooms/desk/desk_templates.h"
#include "ward/flow/own.h"
#include "ward/kept.h"
#include "ward/flow/redress.h"
#include "ward/flow/sight.h"

/* A folded receipt has its printer, whatever became of it since: who looks into a misuse finds them here. */
static enum rc read_paper(struct tx *tx, struct desk_data *d, struct fault *f)
{
	enum rc rc = str_is(d->c.channel, "area") ? receipt_word_of(tx, d->c.id, &d->paper, f) : RC_NONE;
	if (rc == RC_OK && d->paper.printer.v != 0)
		rc = account_get(tx, d->paper.printer, &d->printer, f);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct desk_data *d = ctx;
	enum rc rc = case_by_code(tx, d->w, d->code, &d->c, f);
	if (rc == RC_OK && !case_read_by(&d->c, d->actor))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = case_timeline(tx, d->w, &d->c, &d->entries, &d->entry_count, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, &d->c, &d->photos, &d->photo_count, f);
	if (rc == RC_OK)
		rc = unit_list(tx, &d->units, &d->unit_count, f);
	if (rc == RC_OK)
		rc = desk_followers_read(tx, d, f);
	const struct ward_case *worked = d->c.top != NULL ? d->c.top : &d->c;   /* who has it now */
	if (rc == RC_OK && worked->officer.v != 0)
		rc = account_get(tx, worked->officer, &d->officer, f);
	if (rc == RC_OK)
		rc = read_paper(tx, d, f);
	if (rc == RC_OK && case_handled_by(&d->c, d->actor)) {
		rc = template_list(tx, d->actor, &d->templates, &d->template_count, f);
		if (rc == RC_OK)
			rc = pending_of_case(tx, d->c.id, &d->wait, f);
		d->waits = rc == RC_OK;
		rc = rc == RC_NONE ? RC_OK : rc;
		if (rc == RC_OK)
			rc = case_quarrel(tx, &d->c, &d->quarrel, f);
		if (rc == RC_OK && procedure_mediated(d->c.procedure))
			rc = role_accounts(tx, ROLE_mediator, &d->mediators, &d->mediator_count, f);
		if (rc == RC_OK)
			rc = pending_drafts(tx, d->actor->account, d->c.id, &d->drafts, &d->draft_count, f);
	}
	for (size_t i = 0; rc == RC_OK && i < d->unit_count; i++)
		if (d->units[i].id.v == worked->unit.v)
			d->unit = d->units[i];
	if (rc == RC_OK && d->unit.id.v == 0 && unit_get(tx, worked->unit, &d->unit, NULL) != RC_OK)
		d->unit = (struct unit){0};
	return rc;
}

enum rc desk_read(struct request *q, struct desk_data *d, struct fault *f)
{
	char code[16];
	*d = (struct desk_data){.w = &q->app->flow, .actor = &q->actor};
	if (code_read(request_param(q, "code"), code) != RC_OK)
		return RC_NONE;
	d->code = arena_copy(q->arena, str_of(code));
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, d, f);
	if (rc != RC_OK || !d->waits || d->wait.due_at > q->now)
		return rc;
	/* Its time has come, and its job stands behind others: who looks first does it. */
	rc = pending_run(&q->app->flow, q->arena, q->ward, d->wait.id, f);
	if (rc < RC_OK)
		return rc;
	struct str again = d->code;
	*d = (struct desk_data){.w = &q->app->flow, .actor = &q->actor, .code = again};
	return store_read(q->app->store, q->ward->id, q->arena, read_tx, d, f);
}

static struct vobj *add_photo(struct request *q, struct vobj *list, int field, const struct desk_data *d,
                              const struct attachment *a, size_t number)
{
	struct vobj *o = view_item(list, field);
	struct str name = a->photo.name;
	view_url(o, DP_URL, request_link(q, "/desk/case/%s/photo/%.*s", d->c.code, PSTR(name)));
	view_url(o, DP_THUMB, request_link(q, "/desk/case/%s/photo/%.*s?thumb=1", d->c.code, PSTR(name)));
	view_text(o, DP_LABEL, arena_fmt(q->arena, "%.*s %zu", PSTR(request_text(q, "photo.label")),
	                                 number));
	view_bool(o, DP_RELEASED, a->released);
	view_bool(o, DP_BY_REPORTER, a->by_reporter);
	view_text(o, DP_ID, arena_fmt(q->arena, "%lld", (long long)a->id.v));
	return o;
}

/* The reporter's own words stand on the page alone: what is downloaded is passed on too easily. */
bool desk_with_originals(const struct request *q) { return q->format == FORMAT_HTML; }

/* Who reads without working the case gets no notes, no reasons and no exact position. */
static void add_parts(struct request *q, struct vobj *item, const struct entry *e, bool works)
{
	if (e->by_reporter && !desk_with_originals(q))
		return;
	for (size_t i = 0; i < e->part_count; i++) {
		const struct entry_part *p = &e->parts[i];
		if (!works && (str_is(p->name, "place") || (str_is(p->name, "reason") && !e->by_reporter)))
			continue;
		if (str_is(p->name, "flood") || ((str_is(p->name, "photo") || e->verb == VERB_open) && p->erased_rule.n == 0))
			continue; /* shown as pictures, and above with words and place */
		struct vobj *part = view_item(item, DE_PARTS);
		view_text(part, DPA_LABEL, request_text(q, arena_fmt(q->arena, "part.%.*s", PSTR(p->name)).p));
		if (p->erased_rule.n > 0)
			view_text(part, DPA_TEXT, STR_EMPTY);
		else if (str_is(p->name, "outcome") && p->body.n > 0)
			view_text(part, DPA_TEXT,
			          request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(p->body)).p));
		else if (str_is(p->name, "new_day") || str_is(p->name, "letter_day") || str_is(p->name, "hold_day") ||
		         str_is(p->name, "hold_until") || str_is(p->name, "agency_day") || str_is(p->name, "agency_until"))
			view_text(part, DPA_TEXT, label_day(q, p->body));
		else if (str_is(p->name, "kind"))
			view_text(part, DPA_TEXT, label_kind(q, p->body));
		else if (str_is(p->name, "recalendar"))
			view_text(part, DPA_TEXT, clock_moved_words(q, p->body));
		else if (str_is(p->name, "channel"))
			view_text(part, DPA_TEXT, label_keys(q, "channel", p->body));
		else if (str_is(p->name, "checked"))
			view_text(part, DPA_TEXT, label_keys(q, "reissue.check", p->body));
		else if (str_is(p->name, "gone"))
			view_text(part, DPA_TEXT, label_keys(q, "yours.what", p->body));
		else if (str_is(p->name, "sort") && p->body.n > 0)
			view_text(part, DPA_TEXT, label_keys(q, "sort", p->body));
		else if (str_is(p->name, "subject") && p->body.n > 0)
			view_text(part, DPA_TEXT, label_subject(q, p->body));
		else
			view_text(part, DPA_TEXT, p->body);
		view_day(part, DPA_ERASED, p->erased_day);
		view_text(part, DPA_RULE, p->erased_rule);
		view_bool(part, DPA_OWN, str_is(p->erased_rule, ERASED_BY_REPORTER));
		view_text(part, DPA_HOW, kept_erased(q, p->erased_rule, false));
	}
}

static void add_timeline(struct request *q, struct vobj *page, const struct desk_data *d,
                         const struct desk_draft *draft)
{
	bool works = case_handled_by(&d->c, d->actor);
	for (size_t i = d->entry_count; i-- > 0;) { /* newest first */
		const struct entry *e = &d->entries[i];
		if (!works && e->verb == VERB_note)
			continue;
		struct vobj *item = view_item(page, DC_TIMELINE);
		struct str verb = str_of(verb_name(e->verb));
		view_time(item, DE_AT, e->at);
		view_key(item, DE_WHAT, verb, request_text(q, arena_fmt(q->arena, "did.%.*s", PSTR(verb)).p));
		view_text(item, DE_WHO, e->by_reporter              ? request_text(q, "role.reporter")
		                        : e->verb == VERB_reopen ? request_text(q, "role.joined")
		                                                 : e->actor_name);
		view_bool(item, DE_BY_REPORTER, e->by_reporter);
		view_bool(item, DE_NEW, draft->changed && e->seq > draft->seen);
		add_parts(q, item, e, works);
		size_t number = 0;
		for (size_t k = 0; k < d->photo_count; k++)
			if (++number, d->photos[k].seq == e->seq && e->verb != VERB_open)
				(void)add_photo(q, item, DE_PHOTOS, d, &d->photos[k], number);
	}
}

static struct str told_at_first(const struct desk_data *d, const char *part)
{
	for (size_t i = 0; i < d->entry_count; i++)
		if (d->entries[i].verb == VERB_open)
			for (size_t k = 0; k < d->entries[i].part_count; k++)
				if (str_is(d->entries[i].parts[k].name, part))
					return d->entries[i].parts[k].body;
	return STR_EMPTY;
}

struct str desk_original(const struct desk_data *d) { return told_at_first(d, "text"); }

/* Beside the first words, how they were put right since; or that they were erased before their time, by whom and when. */
static void add_amended(const struct request *q, struct vobj *page, const struct desk_data *d)
{
	for (size_t i = 0; i < d->entry_count; i++)
		for (size_t k = 0; k < d->entries[i].part_count; k++) {
			const struct entry *e = &d->entries[i];
			const struct entry_part *p = &e->parts[k];
			if (!str_is(p->name, "text"))
				continue;
			struct str how = kept_erased(q, p->erased_rule, false);
			if (e->verb == VERB_open && (how.n > 0 || str_is(p->erased_rule, ERASED_BY_REPORTER))) {
				view_day(page, DC_WORDS_ERASED, p->erased_day);
				view_text(page, DC_WORDS_HOW, how);
			}
			if (e->verb != VERB_amend || p->body.n == 0)
				continue;
			struct vobj *item = view_item(page, DC_AMENDED);
			view_time(item, DAM_AT, e->at);
			view_text(item, DAM_TEXT, p->body);
		}
}

static void add_facts(struct request *q, struct vobj *page, const struct desk_data *d)
{
	const struct ward_case *c = &d->c;
	view_text(page, DC_CODE, arena_copy(q->arena, str_of(c->code)));
	view_text(page, DC_PUBLIC_CODE, c->listed ? arena_copy(q->arena, str_of(c->public_code)) : STR_EMPTY);
	if (c->listed && !c->withheld && c->flood.v == 0)
		view_url(page, DC_PUBLIC_URL, request_link(q, "/case/%s", c->public_code));
	view_key(page, DC_KIND, c->kind, label_kind(q, c->kind));
	view_key(page, DC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_bool(page, DC_OPEN, state_open(c->state));
	view_time(page, DC_RECEIVED, c->received_at);
	if (c->due_at > 0 && state_open(c->state) && c->top == NULL) {
		view_day(page, DC_DUE, day_of(c->due_at - 1));
		view_text(page, DC_LATEST, clock_latest_words(q, c->paused_until));
		view_bool(page, DC_LATE, case_late(c, q->now));
		view_text(page, DC_WHY_LATE, c->why_late);
		view_bool(page, DC_UNTOLD, case_late(c, q->now) && c->why_late.n == 0 &&
		                                   case_handled_by(c, d->actor) && !d->waits);
		if (case_handled_by(c, d->actor) && case_late(c, q->now))
			view_url(page, DC_APOLOGY, request_link(q, "/desk/case/%s/apology", c->code));
		view_text(page, DC_RULE, request_text(q, str_is(c->due_rule, "desk.first_look")
		                                                 ? "deadline.first_look"
		                                                 : "deadline.close"));
	}
	if (!str_is(c->channel, CHANNELS[0]))
		view_text(page, DC_CHANNEL, label_keys(q, "channel", c->channel));
	if (d->paper.printed_at != 0) {
		struct vobj *o = view_obj(page, DC_PAPER);
		view_time(o, DPP_OPENED, d->paper.paper ? d->paper.set_at : 0);
		view_day(o, DPP_PRINTED, day_of(d->paper.printed_at));
		view_text(o, DPP_PRINTER, d->printer.name);
	}
	view_time(page, DC_EVENT, c->event_at);
	if (case_handled_by(c, d->actor) && actor_may(d->actor, PERM_case_work)) /* at the counter alone */
		view_url(page, DC_LOST_URL, request_link(q, "/desk/case/%s/lost", c->code));
	if (case_handled_by(c, d->actor) && actor_may(d->actor, PERM_case_work) &&
	    redress_kind(&q->app->flow, q->ward->id, day_of(q->now)) != NULL && !procedure_by_rule(c->procedure))
		view_url(page, DC_CARD, request_link(q, "/desk/case/%s/card", c->code));
	struct buf named = {0};
	for (size_t i = 0; i < d->mediator_count; i++)
		if (d->mediators[i].id.v == c->mediators[0].v || d->mediators[i].id.v == c->mediators[1].v)
			buf_join(&named, ", ", d->mediators[i].name);
	if (named.n > 0)
		view_text(page, DC_MEDIATORS, arena_take(q->arena, &named));
	view_bool(page, DC_QUARREL, d->quarrel);
	if (c->danger_at != 0 && state_open(c->state) && case_handled_by(c, d->actor))
		view_time(page, DC_DANGER, c->danger_at);
	struct str subject = told_at_first(d, "subject");
	if (subject.n > 0)
		view_text(page, DC_SUBJECT, label_subject(q, subject));
	view_text(page, DC_UNIT, d->unit.name);
	view_text(page, DC_OFFICER, d->officer.name);
	view_bool(page, DC_MINE, d->officer.id.v != 0 && d->officer.id.v == q->actor.account.v);
	view_text(page, DC_AREA, label_area(q, c->place.area));
	view_text(page, DC_STREET, c->place.street);
	if (desk_with_originals(q)) {
		view_text(page, DC_LANDMARK, c->place.landmark);
		view_text(page, DC_TEXT, desk_original(d));
		add_amended(q, page, d);
	}
	view_bool(page, DC_UNSURE, c->place.unsure);
	if (c->place.has_point) {
		if (case_handled_by(c, d->actor)) {
			view_text(page, DC_LAT, arena_fmt(q->arena, "%.6f", c->place.lat));
			view_text(page, DC_LON, arena_fmt(q->arena, "%.6f", c->place.lon));
		}
		view_text(page, DC_CELL, arena_fmt(q->arena, "C%d-%d", c->place.cell.column, c->place.cell.row));
	}
	view_text(page, DC_RELEASED, c->released_text);
	view_bool(page, DC_LISTED, c->listed);
	view_bool(page, DC_WITHHELD, c->withheld);
	if (c->flood.v != 0 && case_handled_by(c, d->actor) && actor_may(d->actor, PERM_case_work))
		view_url(page, DC_FLOOD, request_link(q, "/desk/floods/%lld-%lld", (long long)c->flood.v, (long long)c->unit.v));
	view_bool(page, DC_CONDUCT, c->procedure->conduct);
	view_bool(page, DC_SOLVED, c->solved_said);
	if (c->outcome.n > 0)
		view_key(page, DC_OUTCOME, c->outcome,
		         request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
}

const char *desk_look_kind(const struct request *q)
{
	switch (q->format) {
	case FORMAT_JSON: return "json";
	case FORMAT_CSV: return "csv";
	case FORMAT_XLSX: return "xlsx";
	case FORMAT_HTML: break;
	}
	return "case";
}

enum rc desk_show(struct request *q, struct reply *r, struct desk_data *d,
                  const struct desk_draft *draft, struct fault *f)
{
	struct desk_draft kept;
	if (draft == NULL || draft->verb == VERB_unset) {
		kept = desk_given_back(q, d);
		kept.notice = draft != NULL ? draft->notice : STR_EMPTY;
		draft = &kept;
	}
	/* The look is on disk before anything of the case leaves. */
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, desk_look_kind(q), d->c.id,
	                        STR_EMPTY, 1, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER | SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_CASE);
	add_facts(q, page, d);
	if (d->c.top == NULL)
		clock_fill(q, page, DC_CLOCK, &d->c, d->entries, d->entry_count);
	desk_followers(q, page, d);
	add_timeline(q, page, d, draft);
	bool blurs = case_handled_by(&d->c, d->actor) && !d->waits &&
	             (case_verbs(&q->app->flow, &d->c, d->actor, q->now) >> VERB_blur & 1) != 0;
	for (size_t i = 0; i < d->photo_count; i++) {
		struct vobj *o = add_photo(q, page, DC_PHOTOS, d, &d->photos[i], i + 1);
		if (blurs && d->photos[i].released)
			view_url(o, DP_BLUR, request_link(q, "/desk/case/%s/blur/%.*s", d->c.code, PSTR(d->photos[i].photo.name)));
	}
	desk_pending(q, page, d);
	view_bool(page, DC_CHANGED, draft->changed);
	view_bool(page, DC_CROSSED, draft->waiting);
	if (draft->refused.n > 0)
		form_error_add(page, DC_ERRORS, draft->refused, STR("#actions"));
	view_text(page, DC_NOTICE, draft->notice);
	view_url(page, DC_BACK, request_link(q, "/desk"));
	desk_actions(q, page, &v, d, draft);
	reply_title(r, arena_fmt(q->arena, "%s %.*s", d->c.code, PSTR(label_kind(q, d->c.kind))));
	if (q->method == METHOD_GET)
		reply_view(q, r, page);
	else
		reply_page(q, r, "desk/case", &DESK_CASE, page,
		           draft->filled ? 200 : draft->changed || draft->waiting ? 409 : 422);
	return RC_OK;
}

static struct str notice_of(struct request *q)
{
	struct str done = request_query(q, "done");
	enum verb v = verb_parse(done);
	if (str_is(done, "late"))
		return request_text(q, "desk.done.late");
	return v != VERB_unset ? request_text(q, arena_fmt(q->arena, "desk.done.%s", verb_name(v)).p)
	                       : STR_EMPTY;
}

enum rc desk_case(struct request *q, struct reply *r, struct fault *f)
{
	struct desk_data d;
	enum rc rc = desk_read(q, &d, f);
	if (rc != RC_OK)
		return rc;
	if (d.c.procedure->oversight) {        /* it has a page of its own, with what belongs to it */
		reply_redirect(q, r, request_link(q, "/oversight/redress/%s", d.c.code));
		return RC_OK;
	}
	if (d.c.procedure->agency) {
		reply_redirect(q, r, request_link(q, "/agency/request/%s", d.c.code));
		return RC_OK;
	}
	struct desk_draft asked = desk_merge_asked(q);
	asked.notice = notice_of(q);
	return desk_show(q, r, &d, &asked, f);
}

enum rc desk_photo(struct request *q, struct reply *r, struct fault *f)
{
	struct desk_data d;
	struct str name = request_param(q, "name");
	const struct photo *p = NULL;
	enum rc rc = desk_read(q, &d, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < d.photo_count; i++)
		if (str_eq(d.photos[i].photo.name, name))
			p = &d.photos[i].photo;
	if (p == NULL)
		return RC_NONE;
	/* A thumbnail is part of the case page, whose look is written. One of a photo that is then found
	 * to be missing is written, too: it was asked for. */
	if (request_query(q, "thumb").n == 0)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "photo", d.c.id, STR_EMPTY, 1, f);
	return rc == RC_OK ? photo_answer(q, r, p, f) : rc;
}
