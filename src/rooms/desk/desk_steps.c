#include "rooms/desk/desk_templates.h"

/* The steps of a case, each sent by a form of its page. All go the same way: read the case, read
 * the fields, move, and back to the case; what can't be done comes back with all that was typed. */

struct step_tx {
	struct desk_move m;
	int64_t draft;                /* given back before, and sent again; 0: none */
	bool keep_photos;
	struct pending wait;
};

static bool same_photos(const struct pending *wait, const struct move *m)
{
	bool same = wait->release_count == m->release_count;
	for (size_t i = 0; same && i < m->release_count; i++)
		same = wait->release[i].v == m->release[i].v;
	return same;
}

/* The same form sent twice: what waits is what was asked for. A photo that was ticked off meanwhile is
 * another wish: who is told "it waits" would see it published. */
static bool same_again(const struct step_tx *s)
{
	const struct move *m = &s->m.move;
	return s->wait.account.v == m->actor->account.v && s->wait.verb == m->verb && same_photos(&s->wait, m) &&
	       s->wait.version == m->expected_version && str_eq(s->wait.outcome, m->outcome) &&
	       str_eq(s->wait.words, m->part_count > 0 ? m->parts[0].body : STR_EMPTY);
}

static enum rc later_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct step_tx *s = ctx;
	enum rc rc = desk_move_find(tx, &s->m, f);
	if (rc == RC_OK)
		rc = pending_put(tx, s->m.w, &s->m.c, &s->m.move, s->draft, s->keep_photos, &s->wait, f);
	return rc == RC_WAITING && same_again(s) ? RC_EXISTS : rc;
}

enum rc desk_move_find(struct tx *tx, struct desk_move *m, struct fault *f)
{
	enum rc rc = case_by_code(tx, m->w, m->code, &m->c, f);
	return rc == RC_OK && !m->works(&m->c, m->move.actor) ? RC_NONE : rc;
}

enum rc desk_move_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct desk_move *m = ctx;
	enum rc rc = desk_move_find(tx, m, f);
	return rc == RC_OK ? case_move(tx, m->w, m->ward, &m->c, &m->move, f) : rc;
}

struct sent {
	struct request *q;
	struct desk_data d;
	struct desk_draft draft;
	struct move move;
	struct part parts[4];
	bool wrong;
};

/* Sent again from a draft that was given back: which one, and whether its photos go along. */
static void take_draft(struct sent *s)
{
	int64_t id;
	if (!str_i64(request_form(s->q, "draft"), &id))
		return;
	for (size_t i = 0; i < s->d.draft_count; i++)
		if (s->d.drafts[i].id == id) {
			s->draft.id = id;
			s->draft.kept = request_has(s->q, "keep") ? s->d.drafts[i].photo_count : 0;
		}
}

static enum rc begin(struct request *q, enum verb verb, struct sent *s, struct fault *f)
{
	*s = (struct sent){.q = q, .draft = {.verb = verb}, .move = {.verb = verb, .actor = &q->actor}};
	if (q->body_rc != RC_OK && q->body_rc != RC_TOO_BIG && q->body_rc != RC_FULL)
		return q->body_rc;
	enum rc rc = desk_read(q, &s->d, f);
	if (rc == RC_OK && !case_handled_by(&s->d.c, &q->actor))
		rc = RC_NONE;
	if (rc != RC_OK)
		return rc;
	int64_t seen;
	if (!str_i64(request_form(q, "version"), &s->move.expected_version) ||
	    s->move.expected_version < 1 || !str_i64(request_form(q, "seen"), &seen) || seen < 0 ||
	    seen > INT32_MAX)
		return RC_BAD_REQUEST;
	s->draft.seen = (int)seen;
	take_draft(s);
	s->move.parts = s->parts;
	return RC_OK;
}

static void wrong(struct sent *s, struct str *error, const char *key)
{
	*error = request_text(s->q, key);
	s->wrong = true;
}

/* A text field, cleaned; required ones must not be empty. */
static void take_text(struct sent *s, const char *name, enum text_kind kind, bool needed,
                      struct str *out, struct str *error)
{
	size_t max = kind == TEXT_LINE ? 160 : s->draft.verb == VERB_explain || s->draft.verb == VERB_pause || s->draft.verb == VERB_extend ? DESK_WHY_MAX : DESK_TEXT_MAX;
	if (!desk_text(s->q, request_form(s->q, name), kind, max, needed, out, error))
		s->wrong = true;
}

static void add_part(struct sent *s, const char *name, struct str body, const char *retention)
{
	if (body.n > 0)
		s->parts[s->move.part_count++] = (struct part){str_of(name), body, str_of(retention)};
}

static enum rc take_photos(struct sent *s, const char *field, struct fault *f)
{
	struct request *q = s->q;
	struct hash batch;
	random_bytes(&batch, sizeof batch);
	s->move.photos = arena_array(q->arena, DESK_PHOTOS_MAX, sizeof *s->move.photos);
	if (q->body_rc == RC_TOO_BIG)
		wrong(s, &s->draft.photos_error, "photo.too_large");
	else if (q->body_rc == RC_FULL)
		wrong(s, &s->draft.photos_error, "photo.full");
	for (size_t i = 0; i < q->upload_count; i++) {
		struct upload *u = &q->uploads[i];
		if (!str_is(u->field, field) || (u->size == 0 && u->file_name.n == 0))
			continue;
		enum photo_error why = PHOTO_fine;
		enum rc rc = RC_INVALID;
		struct photo *p = &s->move.photos[s->move.photo_count];
		if (s->draft.kept + s->move.photo_count >= DESK_PHOTOS_MAX)
			why = PHOTO_too_many;
		else
			rc = media_wait(q->app->media, q->arena, q->ward->id, &batch, u->spool, p, &why, f);
		if (rc == RC_OK) {
			rc = photo_keep(q, &batch, p->name, "photo.later.choose", &s->draft.photos_error, f);
			s->wrong = s->wrong || rc == RC_INVALID;
			if (rc == RC_INVALID)
				continue;
		}
		if (rc == RC_OK)
			s->move.photo_count++;
		else if (why != PHOTO_fine)
			wrong(s, &s->draft.photos_error,
			      arena_fmt(q->arena, "photo.%s", photo_error_name(why)).p);
		else
			return rc;
	}
	return RC_OK;
}

static enum rc show_again(struct sent *s, struct reply *r, struct fault *f)
{
	/* Read once more: what the page shows must be what is there now. */
	enum rc rc = desk_read(s->q, &s->d, f);
	return rc == RC_OK ? desk_show(s->q, r, &s->d, &s->draft, f) : rc;
}

/* "Put in" was pressed, not "send": the template's words below what stands there, and the form again.
 * A template that is gone meanwhile puts nothing in. */
static enum rc fill(struct sent *s, struct reply *r, struct fault *f)
{
	struct request *q = s->q;
	struct desk_draft clean = {.verb = s->draft.verb, .filled = true, .seen = s->draft.seen,
	                           .text = s->draft.text, .outcome = s->draft.outcome,
	                           .release_count = s->draft.release_count};
	int64_t id;
	int use = s->draft.verb == VERB_ask      ? USE_ask
	          : s->draft.verb == VERB_close   ? USE_close
	          : s->draft.verb == VERB_release ? USE_release
	                                          : USE_note;
	for (size_t i = 0; i < clean.release_count; i++)
		clean.release[i] = s->draft.release[i];
	if (str_i64(request_form(q, "template"), &id))
		for (size_t i = 0; i < s->d.template_count; i++)
			if (s->d.templates[i].id == id) {
				struct str words = template_fill(q, &s->d, s->d.templates[i].body, use);
				clean.text = clean.text.n == 0 ? words
				                               : arena_fmt(q->arena, "%.*s\n%.*s", PSTR(clean.text), PSTR(words));
			}
	s->draft = clean;
	return show_again(s, r, f);
}

static enum rc finish(struct sent *s, struct reply *r, struct fault *f)
{
	struct request *q = s->q;
	if (request_has(q, "fill"))
		return fill(s, r, f);
	if (s->wrong)
		return show_again(s, r, f);
	struct step_tx t = {.m = {.w = &q->app->flow, .ward = q->ward, .code = s->d.code, .works = case_handled_by,
	                          .move = s->move},
	                    .draft = s->draft.id, .keep_photos = s->draft.kept > 0};
	bool waits = verb_waits(s->move.verb);
	enum rc rc = waits ? store_write(q->app->store, q->ward->id, q->arena, later_tx, &t, f)
	                   : store_write(q->app->store, q->ward->id, q->arena, desk_move_tx, &t.m, f);
	if (waits && (rc == RC_OK || rc == RC_EXISTS)) {
		reply_redirect(q, r, request_link(q, "/desk/case/%s#wait", t.m.c.code));
		return RC_OK;
	}
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		/* Handed to another unit: the case is no longer this officer's to see. */
		reply_redirect(q, r,
		               case_handled_by(&t.m.c, &q->actor)
		                       ? request_link(q, "/desk/case/%s?done=%s", t.m.c.code, verb_name(s->move.verb))
		                       : request_link(q, "/desk?done=%s", verb_name(s->move.verb)));
		return RC_OK;
	}
	struct str lead = s->move.verb == VERB_merge && rc > RC_OK ? desk_merge_error(q, rc, f) : STR_EMPTY;
	if (lead.n > 0) {
		s->draft.lead_error = lead;
		rc = desk_merge_other(q, s->move.lead, rc, f, &s->draft.around, f);
		return rc == RC_OK ? show_again(s, r, f) : rc;
	}
	/* Closed, merged or parted by now, or never to be. */
	bool joining = s->move.verb == VERB_merge || s->move.verb == VERB_unmerge || s->move.verb == VERB_split;
	if (joining && rc == RC_DENIED) {
		s->draft.refused = request_text(q, s->move.verb == VERB_merge ? "desk.merge.gone" : "desk.unmerge.gone");
		return show_again(s, r, f);
	}
	if (rc == RC_CHANGED || rc == RC_WAITING) {
		s->draft.changed = rc == RC_CHANGED;
		s->draft.waiting = rc == RC_WAITING;
		return show_again(s, r, f);
	}
	/* Somebody was quicker, or the day went by: the reason, and the words that were typed. */
	if ((rc == RC_LIMIT || rc == RC_EXPIRED) && (s->move.verb == VERB_pause || s->move.verb == VERB_extend)) {
		s->draft.refused = request_text(q, rc == RC_EXPIRED             ? "desk.clock.over"
		                                   : s->move.verb == VERB_pause ? "desk.pause.limit"
		                                                                : "desk.extend.limit");
		return show_again(s, r, f);
	}
	return rc;
}

static enum rc plain_step(struct request *q, struct reply *r, enum verb verb, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, verb, &s, f);
	return rc == RC_OK ? finish(&s, r, f) : rc;
}

/* Words that the reporter or everybody reads come back once when they name somebody. */
static void advise(struct sent *s, const char *field)
{
	if (!s->wrong && !request_has(s->q, "fill") && advice_asks(s->q, field, s->draft.text))
		s->wrong = s->draft.advised = true;
}

static enum rc text_step(struct request *q, struct reply *r, enum verb verb, const char *field,
                         const char *part, const char *retention, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, verb, &s, f);
	if (rc != RC_OK)
		return rc;
	take_text(&s, field, TEXT_LINES, true, &s.draft.text, &s.draft.text_error);
	if (verb_for_reporter(verb))
		advise(&s, field);
	add_part(&s, part, s.draft.text, retention);
	return finish(&s, r, f);
}

static enum rc reason_step(struct request *q, struct reply *r, enum verb verb, const char *field,
                           struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, verb, &s, f);
	if (rc != RC_OK)
		return rc;
	take_text(&s, field, TEXT_LINES, true, &s.draft.reason, &s.draft.reason_error);
	add_part(&s, "reason", s.draft.reason, "note");
	return finish(&s, r, f);
}

enum rc desk_take(struct request *q, struct reply *r, struct fault *f)
{
	return plain_step(q, r, VERB_take, f);
}

enum rc desk_ask(struct request *q, struct reply *r, struct fault *f)
{
	return text_step(q, r, VERB_ask, "ask-text", "text", "text", f);
}

enum rc desk_note(struct request *q, struct reply *r, struct fault *f)
{
	return text_step(q, r, VERB_note, "note-text", "text", "note", f);
}

enum rc desk_unclose(struct request *q, struct reply *r, struct fault *f)
{
	return text_step(q, r, VERB_unclose, "unclose-text", "text", "text", f);
}

enum rc desk_explain(struct request *q, struct reply *r, struct fault *f)
{
	return text_step(q, r, VERB_explain, "explain-text", "why_late", "text", f);
}

enum rc desk_pause(struct request *q, struct reply *r, struct fault *f)
{
	return text_step(q, r, VERB_pause, "pause-text", "clock_why", "text", f);
}

enum rc desk_resume(struct request *q, struct reply *r, struct fault *f)
{
	return plain_step(q, r, VERB_resume, f);
}

enum rc desk_ungather(struct request *q, struct reply *r, struct fault *f)
{
	return plain_step(q, r, VERB_ungather, f);
}

enum rc desk_extend(struct request *q, struct reply *r, struct fault *f)
{
	return text_step(q, r, VERB_extend, "extend-text", "clock_why", "text", f);
}

enum rc desk_unrelease(struct request *q, struct reply *r, struct fault *f)
{
	return reason_step(q, r, VERB_unrelease, "unrelease-reason", f);
}

enum rc desk_withhold(struct request *q, struct reply *r, struct fault *f)
{
	return reason_step(q, r, VERB_withhold, "withhold-reason", f);
}

enum rc desk_unwithhold(struct request *q, struct reply *r, struct fault *f)
{
	return reason_step(q, r, VERB_unwithhold, "unwithhold-reason", f);
}

enum rc desk_unmerge(struct request *q, struct reply *r, struct fault *f)
{
	return reason_step(q, r, VERB_unmerge, "unmerge-reason", f);
}

enum rc desk_split(struct request *q, struct reply *r, struct fault *f)
{
	return reason_step(q, r, VERB_split, "split-reason", f);
}

enum rc desk_merge(struct request *q, struct reply *r, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, VERB_merge, &s, f);
	if (rc != RC_OK)
		return rc;
	take_text(&s, "merge-code", TEXT_LINE, false, &s.draft.lead, &s.draft.lead_error);
	s.draft.near = request_form(q, "merge-near");
	struct str typed = s.draft.lead.n > 0 ? s.draft.lead : s.draft.near;
	if (s.draft.lead_error.n == 0 && typed.n == 0)
		wrong(&s, &s.draft.lead_error, "desk.merge.missing");
	else if (s.draft.lead_error.n == 0)
		rc = desk_merge_find(q, typed, &s.move.lead, f);
	if (rc != RC_OK)
		return rc;
	if (s.draft.lead_error.n == 0 && s.move.lead.v == 0)
		wrong(&s, &s.draft.lead_error, "desk.merge.unknown");
	take_text(&s, "merge-reason", TEXT_LINES, true, &s.draft.reason, &s.draft.reason_error);
	add_part(&s, "reason", s.draft.reason, "note");
	return finish(&s, r, f);
}

enum rc desk_photos(struct request *q, struct reply *r, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, VERB_photo, &s, f);
	if (rc == RC_OK)
		rc = take_photos(&s, "photo-photos", f);
	if (rc != RC_OK)
		return rc;
	if (s.move.photo_count == 0 && !s.wrong)
		wrong(&s, &s.draft.photos_error, "desk.photo.missing");
	return finish(&s, r, f);
}

enum rc desk_assign(struct request *q, struct reply *r, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, VERB_assign, &s, f);
	if (rc != RC_OK)
		return rc;
	s.draft.unit = request_form(q, "assign-unit");
	for (size_t i = 0; i < s.d.unit_count; i++)
		if (str_eq(s.d.units[i].slug, s.draft.unit) && s.d.units[i].id.v != s.d.c.unit.v &&
		    s.d.units[i].until_day == 0)
			s.move.unit = s.d.units[i].id;
	if (s.move.unit.v == 0)
		wrong(&s, &s.draft.unit_error, "desk.assign.missing");
	take_text(&s, "assign-reason", TEXT_LINES, true, &s.draft.reason, &s.draft.reason_error);
	add_part(&s, "reason", s.draft.reason, "note");
	return finish(&s, r, f);
}

enum rc desk_appoint(struct request *q, struct reply *r, struct fault *f)
{
	static const char *const NAMES[] = {"appoint-first", "appoint-second"};
	struct sent s;
	enum rc rc = begin(q, VERB_appoint, &s, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < 2; i++) {
		int64_t id = 0;
		s.draft.mediators[i] = request_form(q, NAMES[i]);
		for (size_t k = 0; str_i64(s.draft.mediators[i], &id) && k < s.d.mediator_count; k++)
			if (s.d.mediators[k].id.v == id)
				s.move.mediators[i] = s.d.mediators[k].id;
	}
	if (s.move.mediators[0].v == 0 || s.move.mediators[1].v == 0)
		wrong(&s, &s.draft.mediators_error, "desk.appoint.missing");
	else if (s.move.mediators[0].v == s.move.mediators[1].v)
		wrong(&s, &s.draft.mediators_error, "desk.appoint.same");
	return finish(&s, r, f);
}

static void take_correction(struct sent *s, struct case_place *place)
{
	struct request *q = s->q;
	const struct ward_case *c = &s->d.c;
	s->draft.kind = request_form(q, "correct-kind");
	const struct procedure *to = procedure_of_kind(q->app->procedures, s->draft.kind, day_of(q->now));
	if (to == NULL || (!str_eq(s->draft.kind, c->kind) && !procedure_corrects(c->procedure, to)))
		wrong(s, &s->draft.kind_error, "report.kind.unknown");
	else if (!str_eq(s->draft.kind, c->kind))
		s->move.kind = s->draft.kind;
	take_text(s, "correct-street", TEXT_LINE, false, &s->draft.street, &s->draft.street_error);
	take_text(s, "correct-landmark", TEXT_LINE, false, &s->draft.landmark, &s->draft.landmark_error);
	*place = c->place;
	place->street = s->draft.street;
	place->landmark = s->draft.landmark;
	s->draft.area = request_form(q, "correct-area");
	if (str_is(s->draft.area, "0"))
		place->area = (struct area_id){0};
	else if (!choices_area(q, s->draft.area, &place->area))
		wrong(s, &s->draft.area_error, "report.area.unknown");
	if (place->area.v != c->place.area.v || !str_eq(place->street, c->place.street) ||
	    !str_eq(place->landmark, c->place.landmark))
		s->move.place = place;
}

enum rc desk_correct(struct request *q, struct reply *r, struct fault *f)
{
	struct sent s;
	struct case_place place;
	enum rc rc = begin(q, VERB_correct, &s, f);
	if (rc != RC_OK)
		return rc;
	take_correction(&s, &place);
	take_text(&s, "correct-reason", TEXT_LINES, true, &s.draft.reason, &s.draft.reason_error);
	add_part(&s, "reason", s.draft.reason, "note");
	if (!s.wrong && s.move.kind.n == 0 && s.move.place == NULL)
		wrong(&s, &s.draft.reason_error, "desk.correct.nothing");
	return finish(&s, r, f);
}

/* What everybody may read names no telephone but the ward's own: the reporter's stood in the words that
 * were copied. */
static bool names_phone(const struct sent *s)
{
	struct str *own = arena_array(s->q->arena, s->d.unit_count + 1, sizeof *own);
	size_t n = 0;
	own[n++] = s->q->ward->hotline;
	for (size_t i = 0; i < s->d.unit_count; i++)
		own[n++] = s->d.units[i].phone;
	return text_has_phone(s->q->arena, s->draft.text, own, n);
}

enum rc desk_release(struct request *q, struct reply *r, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, VERB_release, &s, f);
	if (rc != RC_OK)
		return rc;
	take_text(&s, "release-text", TEXT_LINES, false, &s.draft.text, &s.draft.text_error);
	s.move.release = arena_array(q->arena, q->form_count + 1, sizeof *s.move.release);
	for (size_t i = 0; i < q->form_count && s.draft.release_count < 64; i++) {
		int64_t id;
		if (!str_is(q->form[i].name, "release") || !str_i64(q->form[i].value, &id))
			continue;
		s.draft.release[s.draft.release_count++] = q->form[i].value;
		s.move.release[s.move.release_count++] = (struct attachment_id){id};
	}
	if (s.draft.text.n == 0 && s.move.release_count == 0 && !s.wrong)
		wrong(&s, &s.draft.text_error, "desk.release.nothing");
	if (!s.wrong && names_phone(&s))
		wrong(&s, &s.draft.text_error, "desk.release.phone");
	advise(&s, "release-text");
	add_part(&s, "public_text", s.draft.text, "text");
	return finish(&s, r, f);
}

enum rc desk_close(struct request *q, struct reply *r, struct fault *f)
{
	struct sent s;
	enum rc rc = begin(q, VERB_close, &s, f);
	if (rc != RC_OK)
		return rc;
	s.draft.outcome = request_form(q, "close-outcome");
	if (!outcome_known(s.draft.outcome))
		wrong(&s, &s.draft.outcome_error, "desk.close.missing");
	s.move.outcome = s.draft.outcome;
	take_text(&s, "close-text", TEXT_LINES, true, &s.draft.text, &s.draft.text_error);
	add_part(&s, "result", s.draft.text, "text");
	if (!request_has(q, "fill"))
		rc = take_photos(&s, "close-photos", f);
	advise(&s, "close-text");
	if (s.draft.advised && s.move.photo_count > 0)   /* a file cannot be put back into a form */
		s.draft.photos_error = request_text(q, "photo.choose_again");
	return rc == RC_OK ? finish(&s, r, f) : rc;
}
