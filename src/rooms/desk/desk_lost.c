#include "rooms/desk/desk.h"
#include "ward/notify/notify.h"

/* A receipt that was lost, at the counter: the case is found among one's own unit's, the person is
 * asked what only the reporter knows, and gets a new code with a word; the old code is dead. */

#define PURPOSE "lost"
enum { FOUND_MAX = 20, CHECKS_NEEDED = 3 };

/* What the person is asked, in their own words; texts under "reissue.check.<name>". */
static const char *const CHECKS[] = {"day", "kind", "place", "words", "answers"};
enum { CHECK_COUNT = sizeof CHECKS / sizeof *CHECKS };

/* ---------------------------------------------------------------- finding the case */

enum { LO_ACTION, LO_FORM_FIELDS, LO_ERRORS, LO_FOUND, LO_LOOKED, LO_FIELDS };
enum { LF_URL, LF_CODE, LF_KIND, LF_RECEIVED, LF_PLACE, LF_FIELDS };
static const struct field FOUND_F[] = {
	[LF_URL] = {"url", V_URL, SEE_HANDLER, "where the person is asked", NULL, NULL},
	[LF_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[LF_KIND] = {"kind", V_TEXT, SEE_HANDLER, "kind", NULL, NULL},
	[LF_RECEIVED] = {"received", V_TIME, SEE_HANDLER, "when it was received", NULL, NULL},
	[LF_PLACE] = {"place", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
};
static const struct shape FOUND = SHAPE("desk_found", FOUND_F);
static const struct field LOST_F[] = {
	[LO_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is looked for", NULL, NULL},
	[LO_FORM_FIELDS] = {"fields", V_LIST, SEE_OFFICE, "code, or place and day", &FORM_FIELD, NULL},
	[LO_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[LO_FOUND] = {"found", V_LIST, SEE_HANDLER, "cases of one's own unit", &FOUND, NULL},
	[LO_LOOKED] = {"looked", V_BOOL, SEE_OFFICE, "it was looked for", NULL, NULL},
};
const struct shape DESK_LOST = SHAPE("desk_lost", LOST_F);

struct finding {
	struct request *q;
	struct area_id area;
	int32_t day;
	struct case_row rows[FOUND_MAX];
	size_t count;
};

static enum rc find_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct finding *k = ctx;
	return case_received(tx, &k->q->actor, k->area, day_start(k->day - 1), day_start(k->day + 2),
	                     k->rows, FOUND_MAX, &k->count, f);
}

enum rc desk_lost(struct request *q, struct reply *r, struct fault *f)
{
	struct finding *k = arena_array(q->arena, 1, sizeof *k);
	struct str typed = request_query(q, "code"), area = request_query(q, "area"),
	           day = request_query(q, "day"), code_error = STR_EMPTY, day_error = STR_EMPTY, shown;
	char code[16];
	k->q = q;
	if (typed.n > 0 && code_read(typed, code) == RC_OK) {
		reply_redirect(q, r, request_link(q, "/desk/case/%s/lost", code));
		return RC_OK;
	}
	if (typed.n > 0)
		code_error = request_text(q, "follow.code.mistyped");
	if (text_clean(q->arena, typed, TEXT_LINE, 40, &shown) != RC_OK)
		shown = STR_EMPTY;
	bool looked = typed.n == 0 && day.n > 0;
	if (looked && !typed_day(day, q->now, &k->day)) {
		day_error = request_text(q, "new.day.unreadable");
		looked = false;
	}
	(void)choices_area(q, area, &k->area);
	enum rc rc = looked ? store_read(q->app->store, q->ward->id, q->arena, find_tx, k, f) : RC_OK;
	if (rc == RC_OK && looked)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "list", (struct case_id){0},
		                arena_fmt(q->arena, "lost day=%d&area=%lld", (int)k->day,
		                          (long long)k->area.v),
		                (int64_t)k->count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE | SEE_HANDLER);
	struct vobj *page = view_new(&v, &DESK_LOST);
	view_url(page, LO_ACTION, request_link(q, "/desk/lost"));
	view_bool(page, LO_LOOKED, looked);
	form_field_add(page, LO_FORM_FIELDS, LO_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT, .name = "code",
	                                    .label = request_text(q, "follow.code.label"),
	                                    .value = shown, .error = code_error, .narrow = true,
	                                    .autocomplete = "off"});
	form_field_add(page, LO_FORM_FIELDS, LO_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT, .name = "day",
	                                    .label = request_text(q, "reissue.day"),
	                                    .hint = request_text(q, "new.day.hint"),
	                                    .value = text_utf8_ok(day) ? day : STR_EMPTY,
	                                    .error = day_error, .narrow = true, .autocomplete = "off"});
	const struct form_option any = {.value = STR(""), .label = request_text(q, "desk.any")};
	struct choices areas = choices_areas(q, area, &any, false);
	form_field_add(page, LO_FORM_FIELDS, LO_ERRORS, &v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "area",
	                                    .label = request_text(q, "report.area.label"),
	                                    .options = areas.options, .option_count = areas.count});
	for (size_t i = 0; i < k->count; i++) {
		struct vobj *o = view_item(page, LO_FOUND);
		view_url(o, LF_URL, request_link(q, "/desk/case/%s/lost", k->rows[i].code));
		view_text(o, LF_CODE, str_of(k->rows[i].code));
		view_text(o, LF_KIND, label_kind(q, k->rows[i].kind));
		view_time(o, LF_RECEIVED, k->rows[i].received_at);
		view_text(o, LF_PLACE, k->rows[i].street);
	}
	reply_title(r, request_text(q, "reissue.title"));
	reply_page(q, r, "desk/lost", &DESK_LOST, page, code_error.n + day_error.n > 0 ? 422 : 200);
	return RC_OK;
}

/* ---------------------------------------------------------------- asking, and the new code */

enum { RE_ACTION, RE_S, RE_CODE, RE_CASE, RE_FORM_FIELDS, RE_ERRORS, RE_FIELDS };
static const struct field REISSUE_F[] = {
	[RE_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[RE_S] = {"s", V_TEXT, SEE_OFFICE, "the sealed form", NULL, NULL},
	[RE_CODE] = {"code", V_TEXT, SEE_OFFICE, "the code that dies", NULL, NULL},
	[RE_CASE] = {"case_url", V_URL, SEE_OFFICE, "the case, to compare with", NULL, NULL},
	[RE_FORM_FIELDS] = {"fields", V_LIST, SEE_OFFICE, "what the person knew, and the word", &FORM_FIELD, NULL},
	[RE_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
};
const struct shape DESK_REISSUE = SHAPE("desk_reissue", REISSUE_F);

struct reissuing {
	struct request *q;
	struct journey j;
	struct str word, word_error, checks_error, checked;
	bool ticked[CHECK_COUNT];
	struct ward_case c;
	struct receipt receipt;
	struct unit unit;
};

static void show(struct reissuing *k, struct reply *r, const char *code, int status)
{
	struct request *q = k->q;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_REISSUE);
	struct form_option options[CHECK_COUNT];
	for (size_t i = 0; i < CHECK_COUNT; i++)
		options[i] = (struct form_option){
			.value = str_of(CHECKS[i]),
			.label = request_text(q, arena_fmt(q->arena, "reissue.check.%s", CHECKS[i]).p),
			.checked = k->ticked[i]};
	view_url(page, RE_ACTION, request_link(q, "/desk/case/%s/lost", code));
	view_text(page, RE_S, journey_seal(q, PURPOSE, &k->j));
	view_text(page, RE_CODE, arena_copy(q->arena, str_of(code)));
	view_url(page, RE_CASE, request_link(q, "/desk/case/%s", code));
	form_field_add(page, RE_FORM_FIELDS, RE_ERRORS, &v,
	               &(struct form_field){.kind = FORM_CHECKBOXES, .name = "check",
	                                    .label = request_text(q, "reissue.checks"),
	                                    .hint = request_text(q, "reissue.checks.hint"),
	                                    .error = k->checks_error, .options = options,
	                                    .option_count = CHECK_COUNT});
	form_field_add(page, RE_FORM_FIELDS, RE_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT, .name = "word",
	                                    .label = request_text(q, "new.word"),
	                                    .hint = request_text(q, "new.word.hint"),
	                                    .value = k->word, .error = k->word_error,
	                                    .autocomplete = "off"});
	reply_title(r, request_text(q, "reissue.title"));
	reply_page(q, r, "desk/reissue", &DESK_REISSUE, page, status);
}

enum rc desk_reissue(struct request *q, struct reply *r, struct fault *f)
{
	struct desk_data d;
	struct reissuing k = {.q = q};
	enum rc rc = desk_read(q, &d, f);
	if (rc == RC_OK && !case_handled_by(&d.c, &q->actor))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "case", d.c.id, STR_EMPTY, 1, f);
	if (rc != RC_OK)
		return rc;
	journey_begin(q, &k.j);
	journey_set(q, &k.j, "case", arena_fmt(q->arena, "%lld", (long long)d.c.id.v));
	show(&k, r, d.c.code, 200);
	return RC_OK;
}

static void take_checks(struct reissuing *k)
{
	struct request *q = k->q;
	struct buf b = {0};
	size_t n = 0;
	for (size_t i = 0; i < q->form_count; i++)
		for (size_t c = 0; c < CHECK_COUNT; c++)
			if (str_is(q->form[i].name, "check") && str_is(q->form[i].value, CHECKS[c]) &&
			    !k->ticked[c]) {
				k->ticked[c] = true;
				buf_addf(&b, "%s%s", n++ > 0 ? "," : "", CHECKS[c]);
			}
	k->checked = arena_take(q->arena, &b);
	if (n < CHECKS_NEEDED)
		k->checks_error = request_text(q, "reissue.checks.few");
}

static enum rc reissue_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reissuing *k = ctx;
	struct hash journey = journey_hash(&k->j);
	enum rc rc = case_reissue(tx, &k->q->app->flow, &k->c, &k->q->actor, &journey, k->word, k->checked,
	                          &k->receipt, f);
	if (rc == RC_OK)
		rc = mail_link_erase(tx, k->c.id, f);  /* those of mails that were sent die, too */
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	enum rc found = unit_get(tx, k->c.unit, &k->unit, f);
	return found == RC_OK || found == RC_NONE ? RC_OK : found;
}

enum rc desk_reissue_send(struct request *q, struct reply *r, struct fault *f)
{
	struct reissuing k = {.q = q};
	struct str folded;
	char code[16];
	int64_t id;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : journey_open(q, PURPOSE, &k.j);
	if (rc != RC_OK)
		return rc;
	if (code_read(request_param(q, "code"), code) != RC_OK)
		return RC_NONE;
	if (!str_i64(journey_get(&k.j, "case"), &id))
		return RC_STALE;
	k.c.id = (struct case_id){id};
	take_checks(&k);
	(void)desk_text(q, request_form(q, "word"), TEXT_LINE, 60, false, &k.word, &k.word_error);
	if (k.word_error.n == 0 && word_read(q->arena, k.word, &folded) != RC_OK)
		k.word_error = request_text(q, k.word.n == 0 ? "new.word.missing" : "new.word.weak");
	if (k.word_error.n + k.checks_error.n > 0) {
		struct desk_data d;
		rc = desk_read(q, &d, f);
		if (rc == RC_OK && !case_handled_by(&d.c, &q->actor))
			rc = RC_NONE;
		if (rc == RC_OK)
			rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "case", d.c.id, STR_EMPTY, 1, f);
		if (rc == RC_OK)
			show(&k, r, d.c.code, 422);
		return rc;
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, reissue_tx, &k, f);
	if (rc == RC_LIMIT) {
		k.checks_error = request_text(q, "reissue.limit");
		show(&k, r, code, 429);
		return RC_OK;
	}
	if (rc == RC_DENIED)
		rc = RC_NONE;
	if (rc == RC_OK)
		slip_show(q, r, &k.c, &k.unit, true);
	return rc;
}
