/* What a khu vực does. A form's own answer is a page; a phone that sends what it kept (web/area.js) asks for a short
 * answer by the field "phone" and gets one for each act. */
#include "rooms/area/area.h"

#include "kit/base/text.h"

struct act {
	struct request *q;
	struct area_draft draft;
	char code[16];
	struct str key;
	struct area_item item;
	struct move move;
	struct part parts[2];
	struct pending wait;
	bool later;                    /* its photo could not be taken now; another time it can */
};

static bool by_phone(const struct request *q) { return request_has(q, "phone"); }

/* A page that is sent once more: RC_EXISTS where its act waits; else it was taken back, and is meant again. What a phone
 * kept is sent again by itself, and stays undone. */
static enum rc undone(struct tx *tx, const struct act *a, struct fault *f)
{
	struct pending p;
	enum rc rc = pending_of_case(tx, a->item.c.id, &p, f);
	if (rc == RC_OK && p.account.v == a->move.actor->account.v && p.verb == a->move.verb)
		return RC_EXISTS;
	return rc == RC_NONE ? RC_OK : rc;
}

/* In the order of what a person has to know: it was sent before; it is not theirs any more; the ward works on it;
 * somebody's act of a moment ago waits. */
static enum rc act_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct act *a = ctx;
	struct arena *m = tx_arena(tx);
	const struct area_act act = {a->move.actor->account, a->key,
	                             arena_fmt(m, "%s %s %.*s %.*s", verb_name(a->move.verb), a->code, PSTR(a->move.outcome),
	                                       PSTR(a->draft.words))};
	enum rc rc = area_act_note(tx, &act, f);
	bool again = rc == RC_EXISTS && !by_phone(a->q);
	if (rc == RC_OK || again)
		rc = area_item_read(tx, &a->q->app->flow, a->move.actor, str_of(a->code), &a->item, f);
	if (again)
		rc = rc == RC_NONE ? RC_EXISTS : rc == RC_OK ? undone(tx, a, f) : rc;
	return rc == RC_OK ? pending_put(tx, &a->q->app->flow, &a->item.c, &a->move, 0, false, &a->wait, f) : rc;
}

/* Texts of ours, without marks that JSON minds. */
void area_tell(struct request *q, struct reply *r, const char *answer, struct str text, int status)
{
	reply_bytes(q, r, STR("application/json; charset=utf-8"),
	            arena_fmt(q->arena, "{\"answer\":\"%s\",\"text\":\"%.*s\"}", answer, PSTR(text)));
	reply_status(r, status);
}

static enum rc refuse(struct act *a, struct reply *r, const char *answer, int status, struct fault *f)
{
	struct request *q = a->q;
	struct str text = request_text(q, arena_fmt(q->arena, "area.not.%s", answer).p);
	if (by_phone(q)) {
		area_tell(q, r, answer, text, status);
		return RC_OK;
	}
	a->draft.refused = text;
	return area_again(q, r, &a->draft, status, f);
}

static void take_words(struct act *a, const char *part, const char *retention)
{
	struct request *q = a->q;
	bool identity = false;
	struct str raw = request_form(q, "words");
	enum rc rc = text_clean(q->arena, raw, TEXT_LINE, AREA_WORDS, &a->draft.words);
	(void)text_mask_ids(q->arena, raw, &identity);
	if (rc == RC_INVALID)
		a->draft.words = STR_EMPTY;
	if (rc != RC_OK || identity)
		a->draft.words_error = request_text(q, rc == RC_INVALID  ? "form.not_utf8"
		                                       : rc == RC_TOO_BIG ? "form.too_long"
		                                                          : "form.identity_number");
	if (a->draft.words_error.n == 0 && a->draft.words.n > 0)
		a->parts[a->move.part_count++] = (struct part){str_of(part), a->draft.words, str_of(retention)};
}

static enum rc take_photos(struct act *a, struct fault *f)
{
	struct request *q = a->q;
	struct hash batch;
	random_bytes(&batch, sizeof batch);
	a->move.photos = arena_array(q->arena, AREA_PHOTOS, sizeof *a->move.photos);
	if (q->body_rc == RC_TOO_BIG || q->body_rc == RC_FULL)
		a->draft.photo_error = request_text(q, q->body_rc == RC_FULL ? "photo.full" : "photo.too_large");
	a->later = q->body_rc == RC_FULL;
	for (size_t i = 0; i < q->upload_count && a->draft.photo_error.n == 0; i++) {
		const struct upload *u = &q->uploads[i];
		enum photo_error why = PHOTO_fine;
		struct photo *p = &a->move.photos[a->move.photo_count];
		enum rc rc = RC_INVALID;
		if (!str_is(u->field, "photo") || (u->size == 0 && u->file_name.n == 0))
			continue;
		if (a->move.photo_count == AREA_PHOTOS)
			why = PHOTO_too_many;
		else
			rc = media_wait(q->app->media, q->arena, q->ward->id, &batch, u->spool, p, &why, f);
		if (rc == RC_OK)
			rc = photo_keep(q, &batch, p->name, "photo.later.choose", &a->draft.photo_error, f);
		a->later = a->later || why == PHOTO_busy || a->draft.photo_error.n > 0;
		if (rc == RC_OK)
			a->move.photo_count++;
		else if (why != PHOTO_fine)
			a->draft.photo_error = request_text(q, arena_fmt(q->arena, "photo.%s", photo_error_name(why)).p);
		else if (rc != RC_INVALID)
			return rc;
	}
	return RC_OK;
}

static enum rc wrong(struct act *a, struct reply *r, struct fault *f)
{
	struct request *q = a->q;
	if (!by_phone(q))
		return area_again(q, r, &a->draft, 422, f);
	/* Nothing is wrong with the act: the phone keeps it and comes again by itself. */
	if (a->later && a->draft.words_error.n == 0 && !a->draft.advised) {
		area_tell(q, r, "later", a->draft.photo_error, 503);
		return RC_OK;
	}
	area_tell(q, r, a->draft.photo_error.n > 0 ? "photo" : "words",
	     a->draft.photo_error.n > 0 ? a->draft.photo_error
	     : a->draft.advised        ? request_text(q, "area.not.advised")
	                               : a->draft.words_error, 422);
	return RC_OK;
}

static enum rc begin(struct request *q, enum verb verb, struct act *a)
{
	*a = (struct act){.q = q, .draft = {.verb = verb, .code = request_param(q, "code")},
	                  .move = {.verb = verb, .actor = &q->actor}};
	if (q->body_rc != RC_OK && q->body_rc != RC_TOO_BIG && q->body_rc != RC_FULL)
		return q->body_rc;
	a->move.parts = a->parts;
	a->key = request_form(q, "key");
	return code_read(request_param(q, "code"), a->code) == RC_OK ? RC_OK : RC_NONE;
}

static enum rc finish(struct act *a, struct reply *r, struct fault *f)
{
	struct request *q = a->q;
	if (a->draft.words_error.n + a->draft.photo_error.n > 0 || a->draft.advised)
		return wrong(a, r, f);
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, act_tx, a, f);
	switch (rc) {
	case RC_OK:
	case RC_EXISTS:                        /* the same act again */
		if (by_phone(q))
			area_tell(q, r, "done", request_text(q, "area.sent.done"), 200);
		else
			reply_redirect(q, r, request_link(q, "/desk/my-area?done=%s", verb_name(a->move.verb)));
		return RC_OK;
	case RC_NONE:
		return refuse(a, r, "gone", 409, f);
	case RC_WAITING:
		return refuse(a, r, "waiting", 409, f);
	case RC_DENIED:
	case RC_CHANGED:
		return refuse(a, r, "ward", 409, f);
	case RC_INVALID:
		return f != NULL && f->field[0] != '\0' && strcmp(f->field, "sort") == 0 ? refuse(a, r, "sort", 422, f) : RC_BAD_REQUEST;
	default:
		return rc;
	}
}

enum rc area_settle(struct request *q, struct reply *r, struct fault *f)
{
	struct act a;
	enum rc rc = begin(q, VERB_settle, &a);
	if (rc != RC_OK)
		return rc;
	take_words(&a, "result", "text");
	rc = take_photos(&a, f);
	if (rc != RC_OK)
		return rc;
	a.move.outcome = str_of(OUTCOMES[0]);
	if (a.draft.words_error.n + a.draft.photo_error.n == 0)
		a.draft.advised = advice_asks(q, "words", a.draft.words);   /* the reporter reads it */
	return finish(&a, r, f);
}

enum rc area_pass_up(struct request *q, struct reply *r, struct fault *f)
{
	struct act a;
	enum rc rc = begin(q, VERB_pass_up, &a);
	if (rc != RC_OK)
		return rc;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	take_words(&a, "reason", "note");
	a.move.outcome = arena_copy(q->arena, request_form(q, "sort"));
	a.parts[a.move.part_count++] = (struct part){STR("sort"), a.move.outcome, STR("figures")};
	return finish(&a, r, f);
}

/* ---------------------------------------------------------------- taking back */

struct undoing {
	struct account_id who;
	int64_t id;
};

static enum rc undo_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct undoing *u = ctx;
	enum rc rc = pending_take_back(tx, u->id, u->who, f);
	return rc == RC_OK ? pending_drop(tx, u->id, u->who, f) : rc;
}

enum rc area_undo(struct request *q, struct reply *r, struct fault *f)
{
	struct undoing u = {.who = q->actor.account};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!str_i64(request_form(q, "pending"), &u.id))
		return RC_BAD_REQUEST;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, undo_tx, &u, f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	reply_redirect(q, r, request_link(q, "/desk/my-area?done=%s", rc == RC_OK ? "undo" : "late"));
	return RC_OK;
}
