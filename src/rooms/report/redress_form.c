/* "I think something here is about me" (RIGHTS.md promise 8): one page for whoever is meant by a report, without an
 * account. About a public page by its link, about a visit by the code of the card that was left, else by place,
 * day and what happened. Nobody's name is asked, and which matter it is is told to nobody here. */
#include "rooms/report/report.h"
#include "ward/flow/redress.h"
#include "ward/typed_day.h"

#define PURPOSE "redress"

enum { RF_ACTION, RF_S, RF_FORM_FIELDS, RF_ERRORS, RF_PAGE, RF_PAGE_KIND, RF_CARD, RF_NOBODY, RF_DUE, RF_SPENT,
	RF_FIELDS };
static const struct field FORM_F[] = {
	[RF_ACTION] = {"action", V_URL, SEE_PUBLIC, "where it is sent", NULL, NULL},
	[RF_S] = {"s", V_TEXT, SEE_PUBLIC, "what it is about, sealed", NULL, NULL},
	[RF_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "what is asked", &FORM_FIELD, NULL},
	[RF_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[RF_PAGE] = {"page", V_TEXT, SEE_PUBLIC, "public code of the page it is about", NULL, NULL},
	[RF_PAGE_KIND] = {"page_kind", V_TEXT, SEE_PUBLIC, "its kind", NULL, NULL},
	[RF_CARD] = {"card", V_URL, SEE_PUBLIC, "the same with a card's code", NULL, NULL},
	[RF_NOBODY] = {"nobody", V_BOOL, SEE_PUBLIC, "nobody holds oversight in this ward", NULL, NULL},
	[RF_DUE] = {"due", V_DAY, SEE_PUBLIC, "by when one sent now is answered", NULL, NULL},
	[RF_SPENT] = {"spent", V_OBJ, SEE_PUBLIC, "it gives way once it was sent", &SENT_FORM, NULL},
};
const struct shape REDRESS = SHAPE("redress", FORM_F);

struct asking {
	struct request *q;
	struct journey j;
	const struct procedure *p;
	struct ward_case c;           /* the page's, while it is read; then the request */
	struct str page, kind;        /* public code; its kind */
	struct str card, area, where, day, text;
	struct str card_error, area_error, where_error, day_error, text_error;
	bool by_card, wrong, advised, nobody;
	struct case_place place;
	struct case_id about;
	int32_t event_day;
	enum redress_how how;
	struct receipt receipt;
	struct unit unit;
};

static enum rc page_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	enum rc rc = redress_receiver(tx, f);
	k->nobody = rc == RC_NONE;
	if (k->page.n > 0 && rc >= RC_OK) {
		rc = case_by_public_code(tx, &k->q->app->flow, k->page, &k->c, f);
		if (rc == RC_NONE)
			k->page = STR_EMPTY;           /* taken back meanwhile: by place and day it is asked all the same */
	}
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- showing */

static void add(struct vobj *page, const struct view *v, struct form_field field)
{
	form_field_add(page, RF_FORM_FIELDS, RF_ERRORS, v, &field);
}

static void add_where(const struct asking *k, struct vobj *page, const struct view *v)
{
	struct request *q = k->q;
	/* Not known until somebody says so: a khu vực that nobody chose would send oversight to the wrong place. */
	const struct form_option unsure = {.value = STR("unsure"), .label = request_text(q, "report.area.unsure"),
	                                   .checked = k->area.n == 0 || str_is(k->area, "unsure")};
	struct choices areas = choices_areas(q, k->area, &unsure, false);
	add(page, v, (struct form_field){.kind = FORM_SELECT, .name = "area", .label = request_text(q, "report.area.label"),
	                                 .error = k->area_error, .options = areas.options, .option_count = areas.count});
	add(page, v, (struct form_field){.kind = FORM_TEXT, .name = "landmark", .label = request_text(q, "redress.where"),
	                                 .hint = request_text(q, "redress.where.hint"), .value = k->where,
	                                 .error = k->where_error, .max = LANDMARK_MAX});
	add(page, v, (struct form_field){.kind = FORM_TEXT, .name = "day", .label = request_text(q, "redress.day"),
	                                 .hint = request_text(q, "redress.day.hint"), .value = k->day, .error = k->day_error,
	                                 .inputmode = "numeric", .narrow = true, .autocomplete = "off"});
}

static void show(struct asking *k, struct reply *r, int status)
{
	struct request *q = k->q;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &REDRESS);
	const struct rule *rule;
	int64_t due;
	int32_t last;
	view_bool(page, RF_NOBODY, k->nobody || k->p == NULL);
	view_url(page, RF_ACTION, request_link(q, "/redress"));
	view_text(page, RF_S, journey_seal(q, PURPOSE, &k->j));
	if (k->page.n > 0) {
		view_text(page, RF_PAGE, k->page);
		view_text(page, RF_PAGE_KIND, label_kind(q, k->kind));
	} else if (!k->by_card)
		view_url(page, RF_CARD, request_link(q, "/redress?card=1"));
	if (rule_find(q->app->rules, STR("redress.answer"), day_of(q->now), &rule) == RC_OK &&
	    rule_due(q->app->flow.calendar, rule, q->now, &due, &last, NULL) == RC_OK)
		view_day(page, RF_DUE, last);
	if (k->by_card)
		add(page, &v, (struct form_field){.kind = FORM_TEXT, .name = "card", .label = request_text(q, "redress.card"),
		                                  .hint = request_text(q, "redress.card.hint"), .value = k->card,
		                                  .error = k->card_error, .narrow = true, .autocomplete = "off"});
	else if (k->page.n == 0)
		add_where(k, page, &v);
	add(page, &v, (struct form_field){.kind = FORM_AREA, .name = "text", .label = request_text(q, "redress.text"),
	                                  .hint = k->p != NULL ? k->p->hint[q->lang] : STR_EMPTY, .value = k->text,
	                                  .error = k->text_error, .rows = 6, .max = TEXT_MAX,
	                                  .advice = advice_field(q, k->advised ? k->text : STR_EMPTY)});
	if (k->advised)
		form_error_add(page, RF_ERRORS, request_text(q, "advice.again"), STR("#text"));
	sent_watch(q, page, RF_SPENT, &k->j);
	reply_title(r, request_text(q, "redress.title"));
	reply_page(q, r, "report/redress", &REDRESS, page, status);
}

enum rc redress_form(struct request *q, struct reply *r, struct fault *f)
{
	struct asking k = {.q = q, .page = request_query(q, "case"), .by_card = request_query(q, "card").n > 0,
	                   .p = redress_kind(&q->app->flow, q->ward->id, day_of(q->now))};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, page_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	journey_begin(q, &k.j);
	if (k.page.n > 0) {
		k.kind = k.c.kind;
		k.page = arena_copy(q->arena, str_of(k.c.public_code));
		journey_set(q, &k.j, "page", k.page);
		journey_set(q, &k.j, "kind", k.kind);
		journey_set(q, &k.j, "about", arena_fmt(q->arena, "%lld", (long long)k.c.id.v));
	} else if (k.by_card) {
		char code[9];
		journey_set(q, &k.j, "card", STR("1"));
		if (pin_read(request_query(q, "card"), code) == RC_OK)   /* read off the card with a phone */
			k.card = arena_copy(q->arena, str_of(code));
	}
	show(&k, r, 200);
	return RC_OK;
}

/* ---------------------------------------------------------------- sending */

static void wrong(struct asking *k, struct str *error, const char *key)
{
	*error = request_text(k->q, key);
	k->wrong = true;
}

static void take(struct asking *k, const char *name, enum text_kind kind, size_t max, struct str *out, struct str *error)
{
	struct str raw = request_form(k->q, name);
	enum rc rc = text_clean(k->q->arena, raw, kind, max, out);
	if (rc == RC_INVALID) {
		*out = STR_EMPTY;
		wrong(k, error, "form.not_utf8");
	} else if (rc == RC_TOO_BIG) {
		*error = arena_fmt(k->q->arena, "%.*s %zu/%zu", PSTR(request_text(k->q, "form.too_long")), text_length(*out), max);
		k->wrong = true;
	}
}

static void take_where(struct asking *k)
{
	struct request *q = k->q;
	bool number = false;
	k->area = request_form(q, "area");
	k->place.unsure = str_is(k->area, "unsure");
	if (!k->place.unsure && !choices_area(q, k->area, &k->place.area))
		wrong(k, &k->area_error, k->area.n == 0 ? "report.area.missing" : "report.area.unknown");
	take(k, "landmark", TEXT_LINE, LANDMARK_MAX, &k->where, &k->where_error);
	if (text_utf8_ok(request_form(q, "landmark")))
		(void)text_mask_ids(q->arena, request_form(q, "landmark"), &number);
	if (number)
		wrong(k, &k->where_error, "form.identity_number");
	k->place.landmark = k->where;
	take(k, "day", TEXT_LINE, 40, &k->day, &k->day_error);
	if (k->day_error.n == 0 && !typed_day(k->day, q->now, &k->event_day))
		wrong(k, &k->day_error, "new.day.unreadable");
	else if (k->day_error.n == 0 && k->event_day > day_of(q->now))
		wrong(k, &k->day_error, "new.day.future");
}

static enum rc card_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	return redress_card_case(tx, k->card, &k->about, f);
}

/* Trying codes is slowed like trying PINs, for all cards of the address together. */
static enum rc take_card(struct asking *k, struct fault *f)
{
	struct request *q = k->q;
	take(k, "card", TEXT_LINE, 40, &k->card, &k->card_error);
	if (k->card_error.n > 0)
		return RC_OK;
	struct str key = arena_fmt(q->arena, "card %.*s", PSTR(k->card));
	if (limit_wait(q, key) > 0) {
		wrong(k, &k->card_error, "follow.slow");
		return RC_OK;
	}
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, card_tx, k, f);
	if (rc == RC_NONE) {
		limit_failed(q, key);
		wrong(k, &k->card_error, k->card.n == 0 ? "redress.card.missing" : "redress.card.none");
		return RC_OK;
	}
	if (rc == RC_OK)
		limit_passed(q, key);
	return rc;
}

static enum rc send_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	struct request *q = k->q;
	const struct case_new n = {.procedure = k->p, .journey = journey_hash(&k->j), .place = k->place,
	                           .text = k->text, .channel = STR("web"),
	                           .event_at = k->event_day != 0 ? day_start(k->event_day) : 0};
	enum rc rc = redress_open(tx, &q->app->flow, q->ward, &n, k->how, k->about, &k->c, &k->receipt, f);
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	enum rc found = unit_get(tx, k->c.unit, &k->unit, f);
	return found == RC_NONE ? RC_OK : found;
}

enum rc redress_send(struct request *q, struct reply *r, struct fault *f)
{
	struct asking k = {.q = q, .p = redress_kind(&q->app->flow, q->ward->id, day_of(q->now)),
	                   .how = REDRESS_by_place, .place = {.street = STR_EMPTY, .landmark = STR_EMPTY}};
	bool spent = false;
	int64_t about;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : sent_journey(q, r, PURPOSE, &k.j, &spent, f);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form could not be read");
	if (spent)
		return RC_OK;
	k.page = journey_get(&k.j, "page");
	k.kind = journey_get(&k.j, "kind");
	k.by_card = journey_get(&k.j, "card").n > 0;
	if (k.page.n > 0 && str_i64(journey_get(&k.j, "about"), &about)) {
		k.how = REDRESS_by_page;
		k.about.v = about;
	} else if (k.by_card) {
		k.how = REDRESS_by_card;
		rc = take_card(&k, f);
	} else
		take_where(&k);
	take(&k, "text", TEXT_LINES, TEXT_MAX, &k.text, &k.text_error);
	if (k.text_error.n == 0 && k.text.n == 0)
		wrong(&k, &k.text_error, "redress.text.missing");
	k.advised = !k.wrong && advice_asks(q, "text", k.text);
	if (rc == RC_OK && k.p != NULL && !k.wrong && !k.advised)
		rc = store_write(q->app->store, q->ward->id, q->arena, send_tx, &k, f);
	k.nobody = k.p == NULL || rc == RC_EXPIRED;
	if (rc != RC_OK && rc != RC_EXPIRED)
		return rc;
	if (k.nobody || k.wrong || k.advised)
		show(&k, r, k.nobody ? 410 : 422);
	else
		receipt_show(q, r, &k.c, &k.receipt, &(struct receipt_with){.unit = k.unit}, false, &k.j);
	return RC_OK;
}
