/* A report for somebody who has no phone: the khu vực's head or volunteer types what was told and the code of a folded
 * receipt, and hands the receipt over closed (ward/flow/folded.h). Only kinds that the khu vực reads, in its own area; what
 * a phone sends later is taken once, by the key that it chose. */
#include "kit/base/text.h"
#include "rooms/area/area.h"
#include "ward/flow/folded.h"

enum { STREET_CHARS = 120, LANDMARK_CHARS = 160, TEXT_CHARS = 2000, CODE_CHARS = 40 };
enum asked { AR_folded, AR_kind, AR_area, AR_street, AR_landmark, AR_text, AR_COUNT };

static const struct asking {
	const char *name, *label, *hint;
	enum form_kind kind;
	size_t max;
} ASKED[AR_COUNT] = {
	[AR_folded] = {"folded", "area.report.folded", "area.report.folded.hint", FORM_TEXT, CODE_CHARS},
	[AR_kind] = {"kind", "report.check.kind", NULL, FORM_RADIOS, 0},
	[AR_area] = {"area", "report.area.label", NULL, FORM_RADIOS, 0},
	[AR_street] = {"street", "report.street.label", NULL, FORM_TEXT, STREET_CHARS},
	[AR_landmark] = {"landmark", "report.landmark.label", NULL, FORM_TEXT, LANDMARK_CHARS},
	[AR_text] = {"text", "area.report.text", "area.report.text.hint", FORM_AREA, TEXT_CHARS},
};

enum { RP_ACTION, RP_KEY, RP_FORM_FIELDS, RP_ERRORS, RP_DANGER, RP_BACK, RP_NONE, RP_HERE, RP_WHOSE, RP_JS, RP_FIELDS };
static const struct field REPORT_F[] = {
	[RP_ACTION] = {"action", V_URL, SEE_HANDLER, "where it is sent", NULL, NULL},
	[RP_KEY] = {"key", V_TEXT, SEE_HANDLER, "sent twice, it counts once", NULL, NULL},
	[RP_FORM_FIELDS] = {"fields", V_LIST, SEE_HANDLER, "what it asks", &FORM_FIELD, NULL},
	[RP_ERRORS] = {"errors", V_LIST, SEE_HANDLER, "what is wrong", &FORM_ERROR, NULL},
	[RP_DANGER] = {"danger", V_OBJ, SEE_HANDLER, "numbers to call, when what is typed speaks of danger", &DANGER, NULL},
	[RP_BACK] = {"back", V_URL, SEE_HANDLER, "the list", NULL, NULL},
	[RP_NONE] = {"none", V_BOOL, SEE_HANDLER, "no khu vực, or no kind that it may read", NULL, NULL},
	[RP_HERE] = {"here", V_URL, SEE_HANDLER, "the list", NULL, NULL},
	[RP_WHOSE] = {"whose", V_TEXT, SEE_HANDLER, "a mark of the account, for what its phone keeps", NULL, NULL},
	[RP_JS] = {"area_js", V_URL, SEE_HANDLER, "script that keeps and sends", NULL, NULL},
};
const struct shape AREA_REPORT = SHAPE("area_report", REPORT_F);

struct telling {
	struct request *q;
	struct str key, value[AR_COUNT], error[AR_COUNT];
	const struct procedure *procedure;
	struct case_place place;
	struct hash journey;
	char code[16];
	enum folded_state state;
	bool wrong, advised[AR_COUNT], danger;
};

/* ---------------------------------------------------------------- the page */

static struct choices kinds_of(struct request *q, struct str chosen)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), kinds, CATEGORY_COUNT);
	struct choices c = {.options = arena_array(q->arena, n + 1, sizeof *c.options)};
	for (size_t i = 0; i < n; i++)
		if (area_reports(kinds[i]))
			c.options[c.count++] = (struct form_option){.value = kinds[i]->name, .label = kinds[i]->title[q->lang],
			                                            .hint = kinds[i]->about[q->lang],
			                                            .checked = str_eq(kinds[i]->name, chosen)};
	return c;
}

/* One's own; the only one is chosen already. */
static struct choices areas_of(struct request *q, struct str chosen)
{
	struct choices c = {.options = arena_array(q->arena, q->actor.area_count + 1, sizeof *c.options)};
	for (size_t i = 0; i < q->actor.area_count; i++) {
		struct str id = arena_fmt(q->arena, "%lld", (long long)q->actor.areas[i].v);
		c.options[c.count++] = (struct form_option){.value = id, .label = label_area(q, q->actor.areas[i]),
		                                            .checked = q->actor.area_count == 1 || str_eq(id, chosen)};
	}
	return c;
}

static bool free_words(enum asked a) { return a == AR_landmark || a == AR_text; }

static void show(struct telling *t, struct reply *r, int status)
{
	struct request *q = t->q;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &AREA_REPORT);
	view_url(page, RP_ACTION, request_link(q, "/desk/my-area/report"));
	view_url(page, RP_BACK, request_link(q, "/desk/my-area"));
	view_text(page, RP_KEY, area_key(q));
	bool none = false;
	for (enum asked i = 0; i < AR_COUNT; i++) {
		const struct asking *a = &ASKED[i];
		struct choices c = {0};
		if (i == AR_kind)
			c = kinds_of(q, t->value[i]);
		if (i == AR_area)
			c = areas_of(q, t->value[i]);
		none = none || (a->kind == FORM_RADIOS && c.count == 0);
		form_field_add(page, RP_FORM_FIELDS, RP_ERRORS, &v, &(struct form_field){
			.kind = a->kind, .name = a->name, .label = request_text(q, a->label),
			.hint = a->hint != NULL ? request_text(q, a->hint) : STR_EMPTY,
			.value = a->kind != FORM_RADIOS ? t->value[i] : STR_EMPTY, .error = t->error[i], .rows = 4,
			.narrow = i == AR_folded, .max = a->kind == FORM_AREA ? (int)a->max : 0,
			.autocomplete = a->kind != FORM_RADIOS ? "off" : NULL, .options = c.options, .option_count = c.count,
			.advice = free_words(i) ? advice_field(q, t->advised[i] ? t->value[i] : STR_EMPTY) : NULL});
		if (t->advised[i])
			form_error_add(page, RP_ERRORS, request_text(q, "advice.again"), arena_fmt(q->arena, "#%s", a->name));
	}
	view_bool(page, RP_NONE, none);
	bool said = t->danger || (request_has(q, "danger") && danger_said(q, t->value[AR_text]));
	danger_fill(q, page, RP_DANGER, (struct danger_look){.said = said, .live = true, .desk = true});
	if (t->danger)
		form_error_add(page, RP_ERRORS, request_text(q, "danger.again"), STR("#danger"));
	area_phone(q, page, RP_HERE);
	reply_title(r, request_text(q, "area.report.title"));
	reply_page(q, r, "area/report", &AREA_REPORT, page, status);
}

enum rc area_report(struct request *q, struct reply *r, struct fault *f)
{
	struct telling t = {.q = q};
	(void)f;
	show(&t, r, 200);
	return RC_OK;
}

/* ---------------------------------------------------------------- reading the form */

static void wrong(struct telling *t, enum asked a, const char *key)
{
	t->error[a] = request_text(t->q, key);
	t->wrong = true;
}

static void take_line(struct telling *t, enum asked a, enum text_kind kind)
{
	struct request *q = t->q;
	bool identity = false;
	struct str raw = request_form(q, ASKED[a].name);
	enum rc rc = text_clean(q->arena, raw, kind, ASKED[a].max, &t->value[a]);
	(void)text_mask_ids(q->arena, raw, &identity);
	if (rc == RC_INVALID)
		t->value[a] = STR_EMPTY;
	if (rc != RC_OK || identity)
		wrong(t, a, rc == RC_INVALID ? "form.not_utf8" : rc == RC_TOO_BIG ? "form.too_long" : "form.identity_number");
	else if (t->value[a].n == 0 && (a == AR_folded || a == AR_text))
		wrong(t, a, a == AR_text ? "desk.text.missing" : "area.report.folded.missing");
}

static void take(struct telling *t)
{
	struct request *q = t->q;
	int64_t area;
	take_line(t, AR_folded, TEXT_LINE);
	t->value[AR_kind] = request_form(q, "kind");
	t->procedure = procedure_offered(q->app->procedures, q->ward->id, t->value[AR_kind], day_of(q->now));
	if (t->procedure == NULL || !area_reports(t->procedure))
		wrong(t, AR_kind, t->value[AR_kind].n == 0 ? "report.kind.missing" : "area.report.kind");
	t->value[AR_area] = request_form(q, "area");
	if (str_i64(t->value[AR_area], &area) && actor_in_area(&q->actor, (struct area_id){area}))
		t->place.area.v = area;
	else
		wrong(t, AR_area, "area.report.area");
	take_line(t, AR_street, TEXT_LINE);
	take_line(t, AR_landmark, TEXT_LINE);
	take_line(t, AR_text, TEXT_LINES);
	t->place.street = t->value[AR_street];
	t->place.landmark = t->value[AR_landmark];
}

static bool by_phone(const struct request *q) { return request_has(q, "phone"); }

/* Names are pointed out once, and danger shows its numbers, before it is kept, and beside whatever else is wrong. What a phone sends later is never held
 * back for danger: nobody looks at the page any more, and it has to ring. */
static void advise(struct telling *t)
{
	for (enum asked i = 0; i < AR_COUNT; i++)
		t->advised[i] = free_words(i) && t->error[i].n == 0 && advice_asks(t->q, ASKED[i].name, t->value[i]);
	bool named = t->advised[AR_landmark] || t->advised[AR_text];
	t->danger = t->error[AR_text].n == 0 && !by_phone(t->q) && danger_asks(t->q, t->value[AR_text]);
	t->wrong = t->wrong || named || t->danger;
}

/* ---------------------------------------------------------------- sending */

static struct area_act act_of(const struct telling *t)
{
	return (struct area_act){t->q->actor.account, t->key,
	                         arena_fmt(t->q->arena, "report %.*s %.*s", PSTR(t->value[AR_folded]), PSTR(t->value[AR_text]))};
}

static enum rc tell_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct telling *t = ctx;
	struct request *q = t->q;
	struct ward_case c;
	struct receipt receipt;
	const struct area_act act = act_of(t);
	t->state = FOLDED_free;
	enum rc rc = area_act_note(tx, &act, f);
	if (rc == RC_OK)
		rc = folded_look(tx, q->ward->prefix, t->value[AR_folded], q->actor.account, t->code, &t->state, f);
	if (rc != RC_OK)
		return rc;
	if (t->state != FOLDED_free)
		return fault_set(f, RC_REFUSED, "the folded receipt is %s", FOLDED_STATES[t->state]);
	const struct case_new n = {.procedure = t->procedure,
	                           .journey = t->journey,
	                           .place = t->place,
	                           .text = t->value[AR_text],
	                           .channel = str_of(CHANNELS[CHANNELS_DESK]),
	                           .actor = &q->actor,
	                           .folded = str_of(t->code),
	                           .danger = danger_said(q, t->value[AR_text])};
	return case_open(tx, &q->app->flow, q->ward, &n, &c, &receipt, f);
}

static void paper_wrong(struct telling *t)
{
	wrong(t, AR_folded, arena_fmt(t->q->arena, "folded.is.%s", FOLDED_STATES[t->state]).p);
}

static enum rc paper_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct telling *t = ctx;
	const struct area_act act = act_of(t);
	enum rc rc = area_act_done(tx, &act, f);
	if (rc == RC_OK)                               /* sent before: its paper is rightly used */
		t->state = FOLDED_free;
	return rc == RC_NONE ? folded_look(tx, t->q->ward->prefix, t->value[AR_folded], t->q->actor.account, t->code,
	                                   &t->state, f)
	                     : rc;
}

/* The paper is looked at with the rest, so that all that is wrong is said at once. */
static enum rc look_at_paper(struct telling *t, struct fault *f)
{
	struct request *q = t->q;
	if (t->error[AR_folded].n > 0)
		return RC_OK;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, paper_tx, t, f);
	if (rc == RC_OK && t->state != FOLDED_free)
		paper_wrong(t);
	return rc;
}

static enum rc again(struct telling *t, struct reply *r)
{
	struct request *q = t->q;
	if (!by_phone(q)) {
		show(t, r, 422);
		return RC_OK;
	}
	for (enum asked i = 0; i < AR_COUNT; i++)
		if (t->error[i].n > 0) {
			area_tell(q, r, "report", t->error[i], 422);
			return RC_OK;
		}
	area_tell(q, r, "words", request_text(q, "area.not.advised"), 422);
	return RC_OK;
}

enum rc area_report_send(struct request *q, struct reply *r, struct fault *f)
{
	struct telling t = {.q = q, .key = request_form(q, "key")};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	random_bytes(&t.journey, sizeof t.journey);   /* the key is what makes it one */
	take(&t);
	enum rc rc = look_at_paper(&t, f);
	if (rc == RC_INVALID)
		return RC_BAD_REQUEST;
	if (rc != RC_OK)
		return rc;
	advise(&t);
	if (t.wrong)
		return again(&t, r);
	rc = store_write(q->app->store, q->ward->id, q->arena, tell_tx, &t, f);
	if (rc == RC_STALE)                           /* somebody was quicker */
		t.state = FOLDED_used;
	if (rc == RC_REFUSED || rc == RC_STALE) {
		paper_wrong(&t);
		return again(&t, r);
	}
	if (rc == RC_EXPIRED) {
		wrong(&t, AR_kind, "new.kind.withdrawn");
		return again(&t, r);
	}
	if (rc == RC_INVALID)
		return RC_BAD_REQUEST;
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	if (by_phone(q))
		area_tell(q, r, "done", request_text(q, "area.sent.done"), 200);
	else
		reply_redirect(q, r, request_link(q, "/desk/my-area?done=report"));
	return RC_OK;
}
