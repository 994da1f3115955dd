#include "rooms/report/report.h"

#include "ward/apology_letter.h"
#include "ward/fill.h"
#include "ward/flow/erase.h"
#include "ward/flow/folded.h"
#include "ward/flow/receipt_session.h"

enum { FF_FORM_ACTION, FF_FORM_FIELDS_, FF_FORM_ERRORS, FF_FORM_LOST, FF_FORM_PAPER, FF_FORM_COUNT };
static const struct field FORM_F[] = {
	[FF_FORM_ACTION] = {"action", V_URL, SEE_PUBLIC, "where code and PIN are sent", NULL, NULL},
	[FF_FORM_FIELDS_] = {"fields", V_LIST, SEE_PUBLIC, "code and PIN", &FORM_FIELD, NULL},
	[FF_FORM_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[FF_FORM_LOST] = {"lost", V_URL, SEE_PUBLIC, "what to do without them", NULL, NULL},
	[FF_FORM_PAPER] = {"paper", V_TEXT, SEE_PUBLIC, "what to do when a folded paper was opened before", NULL, NULL},
};
const struct shape FOLLOW_FORM = SHAPE("follow_form", FORM_F);

static void show_form_with(struct request *q, struct reply *r, struct str code, struct str code_error,
                           struct str pin_error, struct str paper, int status)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &FOLLOW_FORM);
	view_text(page, FF_FORM_PAPER, paper);
	view_url(page, FF_FORM_ACTION, request_link(q, "/follow"));
	view_url(page, FF_FORM_LOST, request_link(q, "/lost"));
	form_field_add(page, FF_FORM_FIELDS_, FF_FORM_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT,
	                                    .name = "code",
	                                    .label = request_text(q, "follow.code.label"),
	                                    .hint = request_text(q, "follow.code.hint"),
	                                    .value = code,
	                                    .error = code_error,
	                                    .autocomplete = "off",
	                                    .narrow = true});
	form_field_add(page, FF_FORM_FIELDS_, FF_FORM_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT,
	                                    .name = "pin",
	                                    .label = request_text(q, "follow.pin.label"),
	                                    .hint = request_text(q, "follow.pin.hint"),
	                                    .error = pin_error,
	                                    .autocomplete = "off",
	                                    .narrow = true});
	reply_title(r, request_text(q, "follow.form.title"));
	reply_page(q, r, "report/follow_form", &FOLLOW_FORM, page, status);
}

static void show_form(struct request *q, struct reply *r, struct str code, struct str code_error,
                      struct str pin_error, int status)
{
	show_form_with(q, r, code, code_error, pin_error, STR_EMPTY, status);
}

enum rc follow_form(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	show_form(q, r, STR_EMPTY, STR_EMPTY, STR_EMPTY, 200);
	return RC_OK;
}

struct opening {
	struct keys *keys;
	struct str code, pin, link;
	struct case_id out;
	bool waits;                   /* right, of a folded receipt whose report has not come yet */
	struct receipt_paper paper;   /* right, of one whose report has come */
};

static enum rc open_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct opening *o = ctx;
	if (o->link.n == 0) {
		enum rc rc = receipt_open(tx, o->keys, o->code, o->pin, &o->out, f), waits = RC_OK;
		if (rc == RC_DENIED)
			waits = folded_waits(tx, o->keys, o->code, o->pin, &o->waits, f);
		if (rc == RC_DENIED && waits == RC_OK)
			waits = receipt_paper_look(tx, o->keys, o->code, o->pin, &o->paper, f);
		return waits == RC_OK ? rc : waits;
	}
	/* The receipt's own, or one that a mail brought. */
	enum rc rc = receipt_open_link(tx, o->keys, o->link, &o->out, f);
	if (rc == RC_DENIED)
		rc = mail_link_open(tx, o->keys, o->link, &o->out, f);
	if (rc != RC_DENIED && rc != RC_INVALID)
		return rc;
	enum rc waits = folded_link_waits(tx, o->keys, o->link, &o->waits, f);
	if (waits == RC_OK)
		waits = receipt_paper_look_link(tx, o->keys, o->link, &o->paper, f);
	return waits == RC_OK ? rc : waits;
}

/* What was typed as a code, shown again; never more than a code's length of it. */
static struct str typed_again(struct request *q, struct str typed)
{
	struct str clean;
	return text_clean(q->arena, typed, TEXT_LINE, 40, &clean) == RC_OK ? clean : STR_EMPTY;
}

struct looking {
	struct str code;
	int64_t died_at;
	int32_t erased_day;
	struct receipt_word word;
};

/* RC_OK: replaced, erased, or its PIN is still to be made. */
static enum rc look_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct looking *l = ctx;
	struct case_id c;
	enum rc rc = receipt_dead(tx, l->code, &l->died_at, f);
	if (rc != RC_NONE)
		return rc;
	rc = receipt_case(tx, l->code, &c, f);
	if (rc == RC_NONE) {
		struct str rule;
		return erased_code(tx, l->code, &l->erased_day, &rule, f);
	}
	if (rc == RC_OK)
		rc = receipt_word_of(tx, c, &l->word, f);
	return rc == RC_OK && (l->word.set_at != 0 || l->word.paper) ? RC_NONE : rc;
}

void paper_opened_show(struct request *q, struct reply *r, struct str code, int64_t opened_at)
{
	struct moment at = moment_of(opened_at);
	const struct filling fill[] = {{"day", text_date(q->arena, q->lang, day_of(opened_at))},
	                               {"time", arena_fmt(q->arena, "%02d:%02d", at.hour, at.minute)},
	                               {"hotline", q->ward->hotline}};
	struct str opened = text_fill(q->arena, request_text(q, "folded.first.opened"), fill, 3),
	           not_you = text_fill(q->arena, request_text(q, "folded.first.not_you"), fill, 3);
	show_form_with(q, r, code, STR_EMPTY, request_text(q, "folded.first.dead"),
	               arena_fmt(q->arena, "%.*s %.*s", PSTR(opened), PSTR(not_you)), 409);
}

/* What a paper's PIN or link leads to; false: it was none. */
static bool paper_show(struct request *q, struct reply *r, const struct receipt_paper *p)
{
	struct str code = arena_copy(q->arena, str_of(p->code));
	if (p->state == PAPER_opened)
		paper_opened_show(q, r, code, p->opened_at);
	if (p->state == PAPER_first)
		paper_page_show(q, r, code);
	return p->state != PAPER_none;
}

enum rc follow_open(struct request *q, struct reply *r, struct fault *f)
{
	if (q->body_rc != RC_OK)
		return q->body_rc;
	struct str typed = request_form(q, "code"), pin_typed = request_form(q, "pin");
	char code[16], pin[9];
	bool code_fine = code_read(typed, code) == RC_OK, pin_fine = pin_read(pin_typed, pin) == RC_OK;
	if (code_fine) {
		struct looking l = {.code = arena_copy(q->arena, str_of(code))};
		/* The wait is the same for codes that exist and for those that don't. */
		if (limit_wait(q, l.code) > 0) {
			show_form(q, r, l.code, STR_EMPTY, request_text(q, "follow.slow"), 429);
			return RC_OK;
		}
		enum rc looked = store_read(q->app->store, q->ward->id, q->arena, look_tx, &l, f);
		if (looked < RC_OK)
			return looked;
		if (looked == RC_OK && l.died_at != 0) {
			limit_failed(q, l.code);
			show_form(q, r, l.code,
			          arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "follow.replaced")),
			                    PSTR(q->ward->hotline)),
			          STR_EMPTY, 410);
			return RC_OK;
		}
		if (looked == RC_OK && l.erased_day != 0) {
			const struct filling day[] = {{"day", text_date(q->arena, q->lang, l.erased_day)}};
			limit_failed(q, l.code);
			show_form(q, r, l.code, text_fill(q->arena, request_text(q, "follow.erased"), day, 1), STR_EMPTY,
			          410);
			return RC_OK;
		}
		if (looked == RC_OK && l.word.set_at == 0) {
			pin_page_show(q, r, l.code, STR_EMPTY, 200, NULL);
			return RC_OK;
		}
	}
	if (!code_fine || !pin_fine) {
		show_form(q, r, typed_again(q, typed),
		          code_fine ? STR_EMPTY
		                    : request_text(q, typed.n == 0 ? "follow.code.missing" : "follow.code.mistyped"),
		          pin_fine ? STR_EMPTY
		                   : request_text(q, pin_typed.n == 0 ? "follow.pin.missing" : "follow.pin.mistyped"),
		          422);
		return RC_OK;
	}
	/* The page is written after this function has returned. */
	struct str again = arena_copy(q->arena, str_of(code));
	struct opening o = {.keys = q->app->keys, .code = str_of(code), .pin = str_of(pin)};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, open_tx, &o, f);
	if (rc == RC_DENIED && o.waits) {
		limit_passed(q, str_of(code));
		show_form(q, r, again, request_text(q, "follow.not_yet"), STR_EMPTY, 409);
		return RC_OK;
	}
	if (rc == RC_DENIED && paper_show(q, r, &o.paper)) {
		/* A paper that was opened opens nothing more: whoever has it guesses at the new PIN like everybody. */
		if (o.paper.state == PAPER_first)
			limit_passed(q, str_of(code));
		return RC_OK;
	}
	if (rc == RC_DENIED) {
		limit_failed(q, str_of(code));
		show_form(q, r, again, STR_EMPTY, request_text(q, "follow.wrong"), 403);
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	limit_passed(q, str_of(code));
	rc = receipt_session_begin(q, r, q->app->keys, o.out, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/receipt"));
	return rc;
}

enum rc follow_link(struct request *q, struct reply *r, struct fault *f)
{
	struct opening o = {.keys = q->app->keys, .link = request_param(q, "link")};
	/* Under the link itself: one key for all would let a guesser lock everybody's out. */
	struct str key = arena_fmt(q->arena, "link %.*s", PSTR(o.link));
	if (limit_wait(q, key) > 0)
		return RC_LIMIT;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, open_tx, &o, f);
	if ((rc == RC_DENIED || rc == RC_INVALID) && o.waits) {
		show_form(q, r, STR_EMPTY, request_text(q, "follow.not_yet"), STR_EMPTY, 409);
		return RC_OK;
	}
	if ((rc == RC_DENIED || rc == RC_INVALID) && paper_show(q, r, &o.paper))
		return RC_OK;
	if (rc == RC_DENIED || rc == RC_INVALID) {
		limit_failed(q, key);
		return RC_NONE;
	}
	if (rc == RC_OK)
		rc = receipt_session_begin(q, r, q->app->keys, o.out, f);
	if (rc == RC_OK) /* "?stop": from a mail program's "unsubscribe" */
		reply_redirect(q, r, request_link(q, request_query(q, "stop").n > 0 ? "/receipt#mail"
		                                                                    : "/receipt"));
	return rc;
}

enum rc follow_close(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	receipt_session_end(q, r);
	reply_redirect(q, r, request_link(q, "/"));
	return RC_OK;
}

/* --- the opened receipt --- */

static enum rc opened(struct request *q, struct case_id *id, struct fault *f)
{
	return receipt_session_case(q, q->app->keys, id, f);
}

static struct str notice_of(struct request *q)
{
	static const char *const DONE[] = {"answered", "withdrawn", "solved", "reopened",
	                                   "mail",     "unmail"};
	struct str done = request_query(q, "done");
	for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
		if (str_is(done, DONE[i]))
			return request_text(q, arena_fmt(q->arena, "follow.done.%s", DONE[i]).p);
	return STR_EMPTY;
}

enum rc follow_opened(struct request *q, struct reply *r, struct case_id *id, struct fault *f)
{
	enum rc rc = opened(q, id, f);
	if (rc == RC_NONE) {
		*id = (struct case_id){0};
		reply_redirect(q, r, request_link(q, "/follow"));
		return RC_OK;
	}
	return rc == RC_OK ? receipt_session_begin(q, r, q->app->keys, *id, f) : rc;
}

enum rc follow_receipt(struct request *q, struct reply *r, struct fault *f)
{
	struct case_id id;
	enum rc rc = follow_opened(q, r, &id, f);
	if (rc != RC_OK || id.v == 0)
		return rc;
	return follow_show(q, r, id, &(struct follow_draft){.notice = notice_of(q)}, f);
}

struct photo_of {
	struct str name;
	struct case_id of;
	struct attachment photo;
};

static enum rc photo_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct photo_of *p = ctx;
	return case_attachment(tx, p->name, &p->photo, &p->of, f);
}

enum rc follow_photo(struct request *q, struct reply *r, struct fault *f)
{
	struct case_id id;
	struct photo_of p = {.name = request_param(q, "name")};
	enum rc rc = opened(q, &id, f);
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, photo_tx, &p, f);
	if (rc == RC_OK && p.of.v != id.v)
		rc = RC_NONE;
	return rc == RC_OK ? photo_answer(q, r, &p.photo.photo, f) : rc;
}

struct letter_of {
	struct request *q;
	struct case_id id;
	struct ward_case c;
	struct apology letter;
};

static enum rc letter_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct letter_of *l = ctx;
	enum rc rc = case_get(tx, &l->q->app->flow, l->id, &l->c, f);
	if (rc == RC_OK)
		rc = apology_told(tx, &l->q->app->flow, &l->c, &l->letter, f);
	return rc == RC_OK && l->letter.given_at == 0 ? RC_NONE : rc;
}

enum rc follow_apology(struct request *q, struct reply *r, struct fault *f)
{
	struct letter_of l = {.q = q};
	struct buf out = {0};
	enum rc rc = opened(q, &l.id, f);
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, letter_tx, &l, f);
	if (rc == RC_OK)
		rc = apology_letter(q->app, q->arena, q->ward, &l.c, &l.letter, l.letter.why, &out, f);
	if (rc == RC_OK) {
		reply_bytes(q, r, STR("application/pdf"), arena_take(q->arena, &out));
		reply_download(r, arena_fmt(q->arena, "%s-apology.pdf", l.c.code));
	}
	return rc;
}

/* --- what a reporter does --- */

struct doing {
	struct request *q;
	struct case_id id;
	struct move move;
	struct ward_case c;
	int64_t seen;                 /* last entry of the timeline when the page was made */
};

/* Has the desk asked something else, or was it answered, since the page was made? */
static enum rc still_asked(struct tx *tx, struct doing *d, struct fault *f)
{
	struct entry *entries;
	size_t n;
	enum rc rc = case_timeline(tx, &d->q->app->flow, &d->c, &entries, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (entries[i].seq > d->seen &&
		    (entries[i].verb == VERB_ask || entries[i].verb == VERB_answer))
			rc = RC_CHANGED;
	return rc;
}

/* What the desk did meanwhile (a note, another unit) is no reason to lose what the reporter says,
 * as long as it still fits: a second tap finds its step gone. */
static enum rc meanwhile(struct tx *tx, struct doing *d, struct fault *f)
{
	if (d->c.version == d->move.expected_version)
		return RC_OK;
	if ((case_verbs(&d->q->app->flow, &d->c, NULL, d->q->now) >> d->move.verb & 1) == 0)
		return RC_CHANGED;
	enum rc rc = d->move.verb == VERB_answer ? still_asked(tx, d, f) : RC_OK;
	if (rc == RC_OK)
		d->move.expected_version = d->c.version;
	return rc;
}

static enum rc do_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	const struct flow *w = &d->q->app->flow;
	enum rc rc = case_get(tx, w, d->id, &d->c, f);
	if (rc == RC_OK)
		rc = meanwhile(tx, d, f);
	return rc == RC_OK ? case_move(tx, w, d->q->ward, &d->c, &d->move, f) : rc;
}

/* The seal must be of the receipt that this browser has open. */
static enum rc open_seal(struct request *q, struct journey *j, struct doing *d, struct fault *f)
{
	int64_t id;
	enum rc rc = journey_open(q, "receipt", j);
	if (rc != RC_OK)
		return rc;
	rc = opened(q, &d->id, f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	if (rc == RC_NONE || !str_i64(journey_get(j, "case"), &id) || id != d->id.v ||
	    !str_i64(journey_get(j, "version"), &d->move.expected_version) ||
	    !str_i64(journey_get(j, "seen"), &d->seen))
		return RC_STALE;
	return RC_OK;
}

enum rc follow_sealed(struct request *q, struct case_id *id, struct fault *f)
{
	struct journey j;
	struct doing d = {.q = q};
	enum rc rc = open_seal(q, &j, &d, f);
	*id = d.id;
	return rc;
}

static enum rc finish(struct request *q, struct reply *r, struct doing *d, const char *done,
                      struct fault *f)
{
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, do_tx, d, f);
	if (rc == RC_OK)
		flow_changed(q->ward->id);
	if (rc == RC_CHANGED && d->move.verb == VERB_answer && d->c.state == STATE_asked)
		return rc;
	/* Sent twice, or the desk was quicker: the page as it is now says what counts. */
	if (rc == RC_OK || rc == RC_CHANGED) {
		reply_redirect(q, r, rc == RC_OK ? request_link(q, "/receipt?done=%s", done)
		                                 : request_link(q, "/receipt"));
		return RC_OK;
	}
	return rc;
}

static enum rc simple(struct request *q, struct reply *r, enum verb verb, const char *done,
                      struct fault *f)
{
	struct journey j;
	struct doing d = {.q = q, .move = {.verb = verb}};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : open_seal(q, &j, &d, f);
	return rc == RC_OK ? finish(q, r, &d, done, f) : rc;
}

enum rc follow_withdraw(struct request *q, struct reply *r, struct fault *f)
{
	return simple(q, r, VERB_withdraw, "withdrawn", f);
}

/* A few words of thanks go to the unit that mended it, and nowhere else. What can't be taken of them
 * must not keep anybody from saying "solved". */
enum rc follow_solved(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	struct part part = {STR("thanks"), STR_EMPTY, STR("text")};
	struct doing d = {.q = q, .move = {.verb = VERB_solved, .parts = &part}};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : open_seal(q, &j, &d, f);
	if (rc != RC_OK)
		return rc;
	enum rc words = text_clean(q->arena, request_form(q, "thanks"), TEXT_LINES, THANKS_MAX, &part.body);
	if (words == RC_TOO_BIG)
		return follow_show(q, r, d.id,
		                   &(struct follow_draft){.thanks = part.body,
		                                          .thanks_error = arena_fmt(q->arena, "%.*s %zu/%d",
		                                                                    PSTR(request_text(q, "form.too_long")),
		                                                                    text_length(part.body), THANKS_MAX)},
		                   f);
	d.move.part_count = words == RC_OK && part.body.n > 0 ? 1 : 0;
	if (d.move.part_count > 0 && advice_asks(q, "thanks", part.body))
		return follow_show(q, r, d.id,
		                   &(struct follow_draft){.thanks = part.body, .advised = "thanks"}, f);
	return finish(q, r, &d, "solved", f);
}

struct str follow_text(struct request *q, const char *name, struct str *error)
{
	struct str clean = STR_EMPTY;
	enum rc rc = text_clean(q->arena, request_form(q, name), TEXT_LINES, TEXT_MAX, &clean);
	if (rc == RC_INVALID) {
		clean = STR_EMPTY;
		*error = request_text(q, "form.not_utf8");
	} else if (rc == RC_TOO_BIG) {
		*error = arena_fmt(q->arena, "%.*s %zu/%d", PSTR(request_text(q, "form.too_long")),
		                   text_length(clean), TEXT_MAX);
	} else if (clean.n == 0) {
		*error = request_text(q, "follow.text.missing");
	}
	return clean;
}

enum rc follow_reopen(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	struct doing d = {.q = q};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : open_seal(q, &j, &d, f);
	if (rc != RC_OK)
		return rc;
	struct follow_draft draft = {0};
	draft.reopen = follow_text(q, "reason", &draft.reopen_error);
	if (draft.reopen_error.n == 0 && advice_asks(q, "reason", draft.reopen))
		draft.advised = "reason";
	draft.danger = draft.reopen_error.n == 0 && danger_asks(q, draft.reopen);
	if (draft.reopen_error.n > 0 || draft.advised != NULL || draft.danger)
		return follow_show(q, r, d.id, &draft, f);
	struct part part = {STR("reason"), draft.reopen, STR("text")};
	d.move.verb = VERB_reopen;
	d.move.danger = danger_said(q, draft.reopen);
	d.move.parts = &part;
	d.move.part_count = 1;
	return finish(q, r, &d, "reopened", f);
}

/* The answer's photos go the way of the report's: re-encoded, waiting, kept before the commit. */
static enum rc answer_photos(struct request *q, struct journey *j, struct doing *d,
                             struct follow_draft *draft, struct fault *f)
{
	struct hash journey = journey_hash(j);
	struct step_errors e = {0};
	struct str names[PHOTOS_MAX];
	enum rc rc = photos_take_all(q, j, PHOTOS_MAX, &e, f);
	draft->photos_error = e.photos;
	size_t n = answers_photos(q, j, names);
	d->move.photos = arena_array(q->arena, PHOTOS_MAX, sizeof *d->move.photos);
	for (size_t i = 0; rc == RC_OK && !e.any && i < n; i++) {
		rc = media_wait_info(q->app->media, q->arena, q->ward->id, &journey, names[i],
		                     &d->move.photos[i], f);
		if (rc == RC_OK)
			rc = photo_keep(q, &journey, names[i], "photo.later.choose", &draft->photos_error, f);
		else if (rc == RC_NONE) { /* kept with a page that stood open for a day */
			draft->photos_error = request_text(q, "photo.gone");
			rc = RC_INVALID;
		}
		d->move.photo_count = i + 1;
	}
	if (rc == RC_OK && n > 0)
		draft->kept = j;
	if (rc != RC_INVALID)
		return rc;
	/* They have to be chosen again: these must not count among the five that a form may have. */
	for (size_t i = 0; i < n; i++)
		(void)media_wait_drop(q->app->media, q->ward->id, &journey, names[i], NULL);
	answers_set_photos(q, j, NULL, 0);
	return RC_OK;
}

enum rc follow_answer(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	struct doing d = {.q = q};
	struct follow_draft draft = {0};
	enum rc rc = open_seal(q, &j, &d, f);
	if (rc != RC_OK)
		return q->body_rc != RC_OK ? q->body_rc : rc;
	draft.answer = follow_text(q, "answer", &draft.answer_error);
	rc = answer_photos(q, &j, &d, &draft, f);
	if (rc != RC_OK)
		return rc;
	if (draft.answer_error.n == 0 && draft.photos_error.n == 0 && advice_asks(q, "answer", draft.answer))
		draft.advised = "answer";
	draft.danger = draft.answer_error.n == 0 && draft.photos_error.n == 0 && danger_asks(q, draft.answer);
	if (draft.answer_error.n > 0 || draft.photos_error.n > 0 || draft.advised != NULL || draft.danger)
		return follow_show(q, r, d.id, &draft, f);
	struct part part = {STR("text"), draft.answer, STR("text")};
	d.move.verb = VERB_answer;
	d.move.danger = danger_said(q, draft.answer);
	d.move.parts = &part;
	d.move.part_count = 1;
	rc = finish(q, r, &d, "answered", f);
	if (rc != RC_CHANGED)
		return rc;
	/* Another question by now: what was typed stays, and the reporter decides. */
	draft.answer_error = request_text(q, "follow.answer.changed");
	return follow_show(q, r, d.id, &draft, f);
}
