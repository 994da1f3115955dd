/* The page "what is kept of your report": the list, and the forms that put words right and erase. */
#include "rooms/report/yours.h"

#include "kit/base/log.h"

enum {
	K_CODE, K_KIND, K_OPEN, K_ROWS, K_NOTICE, K_ERRORS, K_S, K_BACK, K_FILE, K_CAN_AMEND, K_AMEND, K_AMEND_FIELDS,
	K_DANGER, K_ASKED, K_CAN_WITHDRAW, K_WITHDRAW, K_WITHDRAW_KEPT, K_OTHERS, K_CAN_ERASE, K_ERASE, K_ERASE_FIELDS,
	K_WORDS_STAY, K_WORDS_KEPT, K_HOLDS, K_FIELDS
};
enum { KH_NUMBER, KH_DAY, KH_WHO, KH_UNTIL, KH_FIELDS };
static const struct field HOLD_F[] = {
	[KH_NUMBER] = {"number", V_TEXT, SEE_REPORTER, "number of the order", NULL, NULL},
	[KH_DAY] = {"day", V_DAY, SEE_REPORTER, "its date", NULL, NULL},
	[KH_WHO] = {"who", V_TEXT, SEE_REPORTER, "the office that ordered it", NULL, NULL},
	[KH_UNTIL] = {"until", V_DAY, SEE_REPORTER, "last day on which nothing is erased", NULL, NULL},
};
static const struct shape YOURS_HOLD = SHAPE("yours_hold", HOLD_F);

static const struct field YOURS_F[] = {
	[K_CODE] = {"code", V_TEXT, SEE_REPORTER, "the receipt's code", NULL, NULL},
	[K_KIND] = {"kind", V_KEY, SEE_REPORTER, "what was reported", NULL, NULL},
	[K_OPEN] = {"open", V_BOOL, SEE_REPORTER, "it is being worked on", NULL, NULL},
	[K_ROWS] = {"kept", V_LIST, SEE_REPORTER, "what is kept, for what and until when", &YOURS_ROW, NULL},
	[K_NOTICE] = {"notice", V_TEXT, SEE_REPORTER, "what has just been done", NULL, NULL},
	[K_ERRORS] = {"errors", V_LIST, SEE_REPORTER, "what is wrong", &FORM_ERROR, NULL},
	[K_S] = {"s", V_TEXT, SEE_REPORTER, "seal of the page's forms", NULL, NULL},
	[K_BACK] = {"back", V_URL, SEE_REPORTER, "the receipt", NULL, NULL},
	[K_FILE] = {"download", V_URL, SEE_REPORTER, "all of it as one file", NULL, NULL},
	[K_CAN_AMEND] = {"can_amend", V_BOOL, SEE_REPORTER, "words may be put right", NULL, NULL},
	[K_AMEND] = {"amend_url", V_URL, SEE_REPORTER, "where that is sent", NULL, NULL},
	[K_AMEND_FIELDS] = {"amend_fields", V_LIST, SEE_REPORTER, "its field", &FORM_FIELD, NULL},
	[K_DANGER] = {"danger", V_OBJ, SEE_REPORTER, "numbers to call, when what is typed speaks of danger", &DANGER, NULL},
	[K_ASKED] = {"asked", V_URL, SEE_REPORTER, "an answer is waited for, on the receipt", NULL, NULL},
	[K_CAN_WITHDRAW] = {"can_withdraw", V_BOOL, SEE_REPORTER, "may be withdrawn", NULL, NULL},
	[K_WITHDRAW] = {"withdraw_url", V_URL, SEE_REPORTER, "where it is withdrawn", NULL, NULL},
	[K_WITHDRAW_KEPT] = {"withdraw_kept", V_DAY, SEE_REPORTER, "how long the words are kept when it is withdrawn today", NULL, NULL},
	[K_OTHERS] = {"others", V_BOOL, SEE_REPORTER, "can't be withdrawn, because others reported it", NULL, NULL},
	[K_CAN_ERASE] = {"can_erase", V_BOOL, SEE_REPORTER, "something can be erased at once", NULL, NULL},
	[K_ERASE] = {"erase_url", V_URL, SEE_REPORTER, "where that is asked for", NULL, NULL},
	[K_ERASE_FIELDS] = {"erase_fields", V_LIST, SEE_REPORTER, "what can be erased", &FORM_FIELD, NULL},
	[K_WORDS_STAY] = {"words_stay", V_BOOL, SEE_REPORTER, "the words stay as long as somebody acts on them", NULL, NULL},
	[K_WORDS_KEPT] = {"words_kept", V_TEXT, SEE_REPORTER, "how long after the end they go by themselves", NULL, NULL},
	[K_HOLDS] = {"holds", V_LIST, SEE_REPORTER, "orders by which nothing of it is erased", &YOURS_HOLD, NULL},
};
const struct shape YOURS = SHAPE("yours", YOURS_F);

enum { KE_CODE, KE_S, KE_ACTION, KE_BACK, KE_CHOSEN, KE_WORDS, KE_FIELDS };
enum { KC_KEY, KC_LABEL, KC_FIELDS };
static const struct field CHOSEN_F[] = {
	[KC_KEY] = {"key", V_TEXT, SEE_REPORTER, "the form's value", NULL, NULL},
	[KC_LABEL] = {"label", V_TEXT, SEE_REPORTER, "what goes", NULL, NULL},
};
static const struct shape YOURS_CHOSEN = SHAPE("yours_chosen", CHOSEN_F);
static const struct field ERASE_F[] = {
	[KE_CODE] = {"code", V_TEXT, SEE_REPORTER, "the receipt's code", NULL, NULL},
	[KE_S] = {"s", V_TEXT, SEE_REPORTER, "seal of the form", NULL, NULL},
	[KE_ACTION] = {"action", V_URL, SEE_REPORTER, "where it is erased", NULL, NULL},
	[KE_BACK] = {"back", V_URL, SEE_REPORTER, "nothing is erased", NULL, NULL},
	[KE_CHOSEN] = {"chosen", V_LIST, SEE_REPORTER, "what is about to go", &YOURS_CHOSEN, NULL},
	[KE_WORDS] = {"words", V_BOOL, SEE_REPORTER, "the words are among it", NULL, NULL},
};
const struct shape YOURS_ERASE = SHAPE("yours_erase", ERASE_F);

/* A form of the page that comes back. */
struct yours_draft {
	struct str amend, amend_error, erase_error, notice;
	bool advised, danger;
};

static enum rc read_kept(struct request *q, struct yours_data *d, struct case_id id, struct fault *f)
{
	*d = (struct yours_data){.w = &q->app->flow, .id = id};
	return store_read(q->app->store, q->ward->id, q->arena, yours_read, d, f);
}

static void add_amend(struct request *q, struct vobj *page, const struct view *v, const struct yours_draft *draft)
{
	view_url(page, K_AMEND, request_link(q, "/receipt/kept/amend"));
	form_field_add(page, K_AMEND_FIELDS, K_ERRORS, v,
	               &(struct form_field){.kind = FORM_AREA,
	                                    .name = "amend",
	                                    .label = request_text(q, "yours.amend.label"),
	                                    .hint = request_text(q, "yours.amend.hint"),
	                                    .value = draft->amend,
	                                    .error = draft->amend_error,
	                                    .advice = advice_field(q, draft->advised ? draft->amend : STR_EMPTY),
	                                    .max = TEXT_MAX,
	                                    .rows = 3});
	danger_fill(q, page, K_DANGER, (struct danger_look){.said = draft->danger, .live = true});
}

static void add_erase(struct request *q, struct vobj *page, const struct view *v, const struct yours_data *d,
                      const struct yours_draft *draft)
{
	struct yours_choice *choices;
	size_t n = yours_choices(q, d, &choices);
	struct form_option *options = arena_array(q->arena, n + 1, sizeof *options);
	for (size_t i = 0; i < n; i++)
		options[i] = (struct form_option){
			.value = choices[i].key, .label = choices[i].label, .hint = choices[i].hint};
	view_bool(page, K_CAN_ERASE, n > 0);
	view_url(page, K_ERASE, request_link(q, "/receipt/kept/erase"));
	if (n > 0)
		form_field_add(page, K_ERASE_FIELDS, K_ERRORS, v,
		               &(struct form_field){.kind = FORM_CHECKBOXES,
		                                    .name = "erase",
		                                    .label = request_text(q, "yours.erase.label"),
		                                    .error = draft->erase_error,
		                                    .options = options,
		                                    .option_count = n});
}

/* What would go by itself, and when: after the end, or counted from today. */
static void add_terms(struct request *q, struct vobj *page, const struct yours_data *d)
{
	int32_t day;
	bool stay = false;
	for (size_t i = 0; i < d->part_count; i++)
		stay = stay || (d->parts[i].what == OWN_words && d->parts[i].erased_day == 0);
	view_bool(page, K_WORDS_STAY, stay && case_ended_at(&d->c) == 0);
	if (d->part_count == 0)
		return;
	struct str name = d->parts[0].rule;    /* of the words of the first entry */
	view_text(page, K_WORDS_KEPT, kept_long(q, name));
	if (retention_day(d->w, name, q->now, &day, NULL) == RC_OK)
		view_day(page, K_WITHDRAW_KEPT, day);
}

static void add_holds(struct vobj *page, const struct yours_data *d)
{
	for (size_t i = 0; i < d->hold_count; i++) {
		if (d->holds[i].ended_at != 0)
			continue;
		struct vobj *item = view_item(page, K_HOLDS);
		view_text(item, KH_NUMBER, d->holds[i].number);
		view_day(item, KH_DAY, d->holds[i].day);
		view_text(item, KH_WHO, d->holds[i].who);
		view_day(item, KH_UNTIL, d->holds[i].until);
	}
}

static enum rc show(struct request *q, struct reply *r, struct case_id id, const struct yours_draft *draft,
                    struct fault *f)
{
	struct yours_data d;
	enum rc rc = read_kept(q, &d, id, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_REPORTER);
	struct vobj *page = view_new(&v, &YOURS);
	uint64_t verbs = case_verbs(&q->app->flow, &d.c, NULL, q->now);
	view_text(page, K_CODE, arena_copy(q->arena, str_of(d.c.code)));
	view_key(page, K_KIND, d.c.kind, label_kind(q, d.c.kind));
	view_bool(page, K_OPEN, case_ended_at(&d.c) == 0);
	yours_rows(q, page, K_ROWS, &d, true);
	view_text(page, K_NOTICE, draft->notice);
	view_text(page, K_S, follow_seal(q, &d.c, NULL));
	view_url(page, K_BACK, request_link(q, "/receipt"));
	view_url(page, K_FILE, request_link(q, "/receipt/kept/file"));
	/* What was typed is shown again also when it can't be sent any more. */
	bool amend = (verbs >> VERB_amend & 1) != 0 || draft->amend.n > 0;
	view_bool(page, K_CAN_AMEND, amend);
	if ((verbs >> VERB_answer & 1) != 0)
		view_url(page, K_ASKED, request_link(q, "/receipt#question"));
	if (amend)
		add_amend(q, page, &v, draft);
	view_bool(page, K_CAN_WITHDRAW, (verbs >> VERB_withdraw & 1) != 0);
	view_url(page, K_WITHDRAW, request_link(q, "/receipt/withdraw"));
	view_bool(page, K_OTHERS, d.c.more > 0 && d.c.top == NULL && state_open(d.c.state));
	add_terms(q, page, &d);
	add_holds(page, &d);
	add_erase(q, page, &v, &d, draft);
	if (draft->danger)
		form_error_add(page, K_ERRORS, request_text(q, "danger.again"), STR("#danger"));
	if (draft->advised)
		form_error_add(page, K_ERRORS, request_text(q, "advice.again"), STR("#amend"));
	bool wrong = draft->advised || draft->danger || draft->amend_error.n + draft->erase_error.n > 0;
	reply_title(r, arena_fmt(q->arena, "%.*s %s", PSTR(request_text(q, "yours.title")), d.c.code));
	reply_page(q, r, "report/yours", &YOURS, page, wrong ? 422 : 200);
	return RC_OK;
}

static struct str notice_of(struct request *q)
{
	static const char *const DONE[] = {"amended", "erased", "gone"};
	struct str done = request_query(q, "done");
	for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
		if (str_is(done, DONE[i]))
			return request_text(q, arena_fmt(q->arena, "yours.done.%s", DONE[i]).p);
	return STR_EMPTY;
}

enum rc yours_page(struct request *q, struct reply *r, struct fault *f)
{
	struct case_id id;
	enum rc rc = follow_opened(q, r, &id, f);
	if (rc != RC_OK || id.v == 0)
		return rc;
	return show(q, r, id, &(struct yours_draft){.notice = notice_of(q)}, f);
}

/* ---------------------------------------------------------------- putting words right */

struct amending {
	struct request *q;
	struct case_id id;
	struct move move;
};

static enum rc amend_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct amending *k = ctx;
	struct ward_case c = {.id = k->id};
	return case_move(tx, &k->q->app->flow, k->q->ward, &c, &k->move, f);
}

enum rc yours_amend(struct request *q, struct reply *r, struct fault *f)
{
	struct yours_draft draft = {0};
	struct part part = {STR("text"), STR_EMPTY, STR("text")};
	struct amending k = {.q = q};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : follow_sealed(q, &k.id, f);
	if (rc != RC_OK)
		return rc;
	draft.amend = part.body = follow_text(q, "amend", &draft.amend_error);
	draft.advised = draft.amend_error.n == 0 && advice_asks(q, "amend", part.body);
	draft.danger = draft.amend_error.n == 0 && danger_asks(q, part.body);
	if (draft.amend_error.n > 0 || draft.advised || draft.danger)
		return show(q, r, k.id, &draft, f);
	k.move = (struct move){.verb = VERB_amend, .parts = &part, .part_count = 1,
	                       .danger = danger_said(q, part.body)};
	struct fault why = {0};
	rc = store_write(q->app->store, q->ward->id, q->arena, amend_tx, &k, &why);
	if (rc == RC_LIMIT || rc == RC_DENIED) {
		/* It ended meanwhile, or there are many: what was typed stays on the page, to be copied. */
		draft.amend_error = request_text(q, rc == RC_LIMIT ? "yours.amend.often" : "yours.amend.ended");
		return show(q, r, k.id, &draft, f);
	}
	if (rc != RC_OK) {
		*f = why;
		return rc;
	}
	flow_changed(q->ward->id);
	reply_redirect(q, r, request_link(q, "/receipt/kept?done=amended"));
	return RC_OK;
}

/* ---------------------------------------------------------------- erasing */

static bool asked_for(const struct request *q, struct str key)
{
	for (size_t i = 0; i < q->form_count; i++)
		if (str_is(q->form[i].name, "erase") && str_eq(q->form[i].value, key))
			return true;
	return false;
}

struct erasing {
	struct request *q;
	struct case_id id;
	struct own_wish wish;
	bool mail;
	size_t erased;
};

static enum rc erase_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct erasing *e = ctx;
	const struct flow *w = &e->q->app->flow;
	enum rc rc = own_erase(tx, w, e->id, &e->wish, &e->erased, f);
	if (rc != RC_OK || !e->mail)
		return rc;
	rc = contact_erase(tx, w, e->id, STR(CONTACT_BY_REPORTER), f);
	if (rc == RC_OK)
		e->erased++;
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc erase_now(struct request *q, struct reply *r, struct erasing *e, struct fault *f)
{
	struct fault late = {0};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, erase_tx, e, f);
	if (rc != RC_OK)
		return rc;
	flow_changed(q->ward->id);
	/* It is erased; the list outside the database is written again at night and at every start. */
	if (deletions_flush(&q->app->flow, q->ward->id, &late) != RC_OK)
		log_fault("report", "writing the deletion list", &late);
	reply_redirect(q, r, request_link(q, "/receipt/kept?done=%s", e->erased > 0 ? "erased" : "gone"));
	return RC_OK;
}

/* It can't be undone: what goes is named once more, on a page of its own. */
static void ask_again(struct request *q, struct reply *r, const struct yours_data *d,
                      const struct yours_choice *chosen, size_t n)
{
	struct view v = request_view(q, SEE_REPORTER);
	struct vobj *page = view_new(&v, &YOURS_ERASE);
	view_text(page, KE_CODE, arena_copy(q->arena, str_of(d->c.code)));
	view_text(page, KE_S, follow_seal(q, &d->c, NULL));
	view_url(page, KE_ACTION, request_link(q, "/receipt/kept/erase"));
	view_url(page, KE_BACK, request_link(q, "/receipt/kept"));
	for (size_t i = 0; i < n; i++) {
		struct vobj *item = view_item(page, KE_CHOSEN);
		view_text(item, KC_KEY, chosen[i].key);
		view_text(item, KC_LABEL, chosen[i].label);
		if (chosen[i].what == OWN_words)
			view_bool(page, KE_WORDS, true);
	}
	reply_title(r, request_text(q, "yours.sure.title"));
	reply_page(q, r, "report/yours_erase", &YOURS_ERASE, page, 200);
}

enum rc yours_erase(struct request *q, struct reply *r, struct fault *f)
{
	struct erasing e = {.q = q};
	struct yours_data d;
	struct yours_choice *choices;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : follow_sealed(q, &e.id, f);
	if (rc == RC_OK)
		rc = read_kept(q, &d, e.id, f);
	if (rc != RC_OK)
		return rc;
	size_t n = yours_choices(q, &d, &choices), chosen = 0;
	for (size_t i = 0; i < n; i++) {
		if (!asked_for(q, choices[i].key))
			continue;
		struct yours_choice c = choices[i];
		if (c.what == OWN_unset)
			e.mail = true;
		else if (c.what == OWN_photo)
			e.wish.photos[e.wish.photo_count++] = c.photo;
		else
			e.wish.what |= 1U << c.what;
		choices[chosen++] = c;
	}
	if (chosen == 0 && !request_has(q, "erase"))
		return show(q, r, e.id, &(struct yours_draft){.erase_error = request_text(q, "yours.erase.none")}, f);
	if (chosen == 0) {                     /* sent twice: it is gone already, or may not go any more */
		reply_redirect(q, r, request_link(q, "/receipt/kept?done=gone"));
		return RC_OK;
	}
	if (request_has(q, "sure"))
		return erase_now(q, r, &e, f);
	ask_again(q, r, &d, choices, chosen);
	return RC_OK;
}
