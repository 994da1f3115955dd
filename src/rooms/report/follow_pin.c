#include "rooms/report/report.h"

/* A counter receipt's first use: its code says the state and nothing else; with the word that was
 * chosen at the counter it gets PIN and link, shown here, once, to whoever has both. And a folded
 * receipt's: who has shown the PIN or link of the paper presses a button, so that nothing that only looks
 * at the link uses it up. */

enum { SPIN_ACTION, SPIN_S, SPIN_CODE, SPIN_STATE, SPIN_FORM_FIELDS, SPIN_ERRORS, SPIN_SPENT, SPIN_PAPER, SPIN_SHAPE_FIELDS };
static const struct field SET_F[] = {
	[SPIN_ACTION] = {"action", V_URL, SEE_PUBLIC, "where the word is sent", NULL, NULL},
	[SPIN_S] = {"s", V_TEXT, SEE_PUBLIC, "the sealed form", NULL, NULL},
	[SPIN_CODE] = {"code", V_TEXT, SEE_PUBLIC, "the receipt's code", NULL, NULL},
	[SPIN_STATE] = {"state", V_TEXT, SEE_PUBLIC, "where the case stands", NULL, NULL},
	[SPIN_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "the word", &FORM_FIELD, NULL},
	[SPIN_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[SPIN_SPENT] = {"spent", V_OBJ, SEE_PUBLIC, "which form it is, so that it gives way once it was sent", &SENT_FORM, NULL},
	[SPIN_PAPER] = {"paper", V_BOOL, SEE_PUBLIC, "a folded receipt's, which asks for no word", NULL, NULL},
};
const struct shape SET_PIN = SHAPE("set_pin", SET_F);

struct stating {
	const struct flow *w;
	struct str code;
	struct ward_case c;
};

static enum rc state_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct stating *s = ctx;
	return case_by_code(tx, s->w, s->code, &s->c, f);
}

/* Sealed into the form by the server once PIN or link had been right. */
static bool on_paper(const struct journey *j) { return str_is(journey_get(j, "paper"), "1"); }

void pin_page_show(struct request *q, struct reply *r, struct str code, struct str error, int status,
                   const struct journey *j)
{
	struct journey fresh;
	struct stating s = {.w = &q->app->flow, .code = code};
	if (j == NULL) {
		journey_begin(q, &fresh);
		journey_set(q, &fresh, "code", code);
		j = &fresh;
	}
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &SET_PIN);
	if (store_read(q->app->store, q->ward->id, q->arena, state_tx, &s, NULL) == RC_OK)
		view_text(page, SPIN_STATE, s.c.top != NULL ? label_state(q, s.c.top->state) : label_case_state(q, s.c.procedure, s.c.state));
	view_url(page, SPIN_ACTION, request_link(q, "/follow/pin"));
	view_text(page, SPIN_S, journey_seal(q, PIN_PURPOSE, j));
	sent_watch_pin(q, page, SPIN_SPENT, j);
	view_text(page, SPIN_CODE, code);
	bool paper = on_paper(j);
	view_bool(page, SPIN_PAPER, paper);
	if (paper && error.n > 0)
		form_error_add(page, SPIN_ERRORS, error, STR("#paper"));
	if (!paper)
		form_field_add(page, SPIN_FORM_FIELDS, SPIN_ERRORS, &v,
		               &(struct form_field){.kind = FORM_TEXT,
		                                    .name = "word",
		                                    .label = request_text(q, "pin.word.label"),
		                                    .hint = request_text(q, "pin.word.hint"),
		                                    .error = error,
		                                    .autocomplete = "off"});
	reply_title(r, request_text(q, paper ? "folded.first.title" : "pin.title"));
	reply_page(q, r, "report/set_pin", &SET_PIN, page, status);
}

void paper_page_show(struct request *q, struct reply *r, struct str code)
{
	struct journey j;
	journey_begin(q, &j);
	journey_set(q, &j, "code", code);
	journey_set(q, &j, "paper", STR("1"));
	pin_page_show(q, r, code, STR_EMPTY, 200, &j);
}

struct setting {
	const struct flow *w;
	struct str code, word;
	bool paper;
	struct receipt_word kept;
	struct hash journey;
	enum word_result result;
	struct receipt receipt;
	struct ward_case c;
	struct receipt_with with;
};

static enum rc set_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct setting *s = ctx;
	enum rc rc = case_set_pin(tx, s->w, s->code, s->paper ? NULL : &s->word, &s->journey, &s->c, &s->result,
	                          &s->receipt, f);
	if (rc == RC_OK && s->paper && s->result == WORD_used)
		return receipt_word_of(tx, s->receipt.case_id, &s->kept, f);
	return rc == RC_OK && (s->result == WORD_right || s->result == WORD_again) ? receipt_with(tx, &s->c, &s->with, f) : rc;
}

enum rc follow_pin(struct request *q, struct reply *r, struct fault *f)
{
	static const char *const WHY[] = {[WORD_wrong] = "pin.wrong", [WORD_used] = "pin.used",
	                                  [WORD_dead] = "pin.dead"};
	struct journey j;
	bool spent = false;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : pin_journey(q, r, &j, &spent, f);
	if (rc != RC_OK || spent)
		return rc;
	struct setting s = {.w = &q->app->flow, .code = journey_get(&j, "code"),
	                    .word = request_form(q, "word"), .paper = on_paper(&j), .journey = journey_hash(&j)};
	if (limit_wait(q, s.code) > 0) {
		pin_page_show(q, r, s.code, request_text(q, "follow.slow"), 429, &j);
		return RC_OK;
	}
	if (s.word.n == 0 && !s.paper) {
		pin_page_show(q, r, s.code, request_text(q, "pin.word.missing"), 422, &j);
		return RC_OK;
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, set_tx, &s, f);
	if (rc != RC_OK)
		return rc;
	if (s.result == WORD_right || s.result == WORD_again) {
		limit_passed(q, s.code);
		receipt_show(q, r, &s.c, &s.receipt, &s.with, false, &j);
		return RC_OK;
	}
	if (s.paper && s.result == WORD_used) {        /* somebody was quicker */
		paper_opened_show(q, r, s.code, s.kept.set_at);
		return RC_OK;
	}
	if (s.paper)                                  /* replaced meanwhile */
		return RC_STALE;
	limit_failed(q, s.code);
	pin_page_show(q, r, s.code, request_text(q, WHY[s.result]), 403, &j);
	return RC_OK;
}
