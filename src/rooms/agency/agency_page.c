/* An agency's request, and its decision: as chair or as oversight, each with a reason. Until then who entered it may
 * take it back, with a reason, too. */
#include "rooms/agency/agency.h"

enum { EP_LABEL, EP_TEXT, EP_ERASED, EP_FIELDS };
static const struct field PART_F[] = {
	[EP_LABEL] = {"label", V_TEXT, SEE_OFFICE, "what was said", NULL, NULL},
	[EP_TEXT] = {"words", V_TEXT, SEE_OFFICE, "the words", NULL, NULL},
	[EP_ERASED] = {"erased", V_DAY, SEE_OFFICE, "erased by rule on", NULL, NULL},
};
static const struct shape PART = SHAPE("agency_part", PART_F);

enum { EE_WHAT, EE_AT, EE_WHO, EE_PARTS, EE_FIELDS };
static const struct field ENTRY_F[] = {
	[EE_WHAT] = {"what", V_KEY, SEE_OFFICE, "what was done", NULL, NULL},
	[EE_AT] = {"at", V_TIME, SEE_OFFICE, "when", NULL, NULL},
	[EE_WHO] = {"who", V_TEXT, SEE_OFFICE, "in which role", NULL, NULL},
	[EE_PARTS] = {"parts", V_LIST, SEE_OFFICE, "what was said", &PART, NULL},
};
static const struct shape ENTRY = SHAPE("agency_entry", ENTRY_F);

enum { ES_CODE, ES_TOLD, ES_GIVEN, ES_FIELDS };
static const struct field SCOPE_F[] = {
	[ES_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code; it opens nothing", NULL, NULL},
	[ES_TOLD] = {"told", V_DAY, SEE_OFFICE, "when its reporter was told", NULL, NULL},
	[ES_GIVEN] = {"given", V_INT, SEE_OFFICE, "how often it was given", NULL, "times"},
};
static const struct shape SCOPE = SHAPE("agency_case", SCOPE_F);

enum { AP_CODE, AP_WHO, AP_NUMBER, AP_DAY, AP_BASIS, AP_BASIS_ERASED, AP_STANDS, AP_OPEN, AP_GRANTED, AP_RECEIVED, AP_DUE, AP_LATE,
	AP_LAST, AP_OVER, AP_ORDER, AP_ORDER_DAY, AP_UNTIL, AP_SILENT, AP_ENDED, AP_SCOPE, AP_GONE, AP_TIMELINE, AP_POST, AP_OWN, AP_FIELDS_F,
	AP_ERRORS, AP_TOKEN, AP_DECIDE, AP_WITHDRAW, AP_WITHDRAW_F, AP_NOTICE, AP_CHANGED, AP_BACK, AP_FIELDS };
static const struct field PAGE_F[] = {
	[AP_CODE] = {"code", V_TEXT, SEE_OFFICE, "the request's number at the ward", NULL, NULL},
	[AP_WHO] = {"who", V_TEXT, SEE_OFFICE, "the agency", NULL, NULL},
	[AP_NUMBER] = {"number", V_TEXT, SEE_OFFICE, "number of its letter", NULL, NULL},
	[AP_DAY] = {"day", V_DAY, SEE_OFFICE, "date of its letter", NULL, NULL},
	[AP_BASIS] = {"basis", V_TEXT, SEE_OFFICE, "the legal basis, as entered", NULL, NULL},
	[AP_BASIS_ERASED] = {"basis_erased", V_DAY, SEE_OFFICE, "its words were erased by rule on", NULL, NULL},
	[AP_STANDS] = {"stands", V_TEXT, SEE_OFFICE, "how it was decided, or whose approval is awaited", NULL, NULL},
	[AP_OPEN] = {"open", V_BOOL, SEE_OFFICE, "it is not decided", NULL, NULL},
	[AP_GRANTED] = {"granted", V_BOOL, SEE_OFFICE, "both agreed", NULL, NULL},
	[AP_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was entered", NULL, NULL},
	[AP_DUE] = {"due", V_DAY, SEE_OFFICE, "by when it is decided", NULL, NULL},
	[AP_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[AP_LAST] = {"last_day", V_DAY, SEE_OFFICE, "of a granted one, the last day on which it may be used", NULL, NULL},
	[AP_OVER] = {"over", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[AP_ORDER] = {"order", V_TEXT, SEE_OFFICE, "number of the order that forbids telling", NULL, NULL},
	[AP_ORDER_DAY] = {"order_day", V_DAY, SEE_OFFICE, "its date", NULL, NULL},
	[AP_UNTIL] = {"until", V_DAY, SEE_OFFICE, "the last day on which it does", NULL, NULL},
	[AP_SILENT] = {"silent", V_BOOL, SEE_OFFICE, "it still does", NULL, NULL},
	[AP_ENDED] = {"ended", V_BOOL, SEE_OFFICE, "refused or taken back: nothing is told", NULL, NULL},
	[AP_SCOPE] = {"scope", V_LIST, SEE_OFFICE, "the reports that it is about", &SCOPE, NULL},
	[AP_GONE] = {"gone", V_INT, SEE_OFFICE, "how many of these were erased since", NULL, "reports"},
	[AP_TIMELINE] = {"timeline", V_LIST, SEE_OFFICE, "what was done, newest first", &ENTRY, NULL},
	[AP_POST] = {"post", V_TEXT, SEE_OFFICE, "as which of the two the reader decides it now", NULL, NULL},
	[AP_OWN] = {"own", V_BOOL, SEE_OFFICE, "the reader entered it, and does not decide it", NULL, NULL},
	[AP_FIELDS_F] = {"fields", V_LIST, SEE_OFFICE, "decision and reason", &FORM_FIELD, NULL},
	[AP_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[AP_TOKEN] = {"token", V_TEXT, SEE_OFFICE, "proves that the form is this session's", NULL, NULL},
	[AP_DECIDE] = {"decide", V_URL, SEE_OFFICE, "where the decision is sent", NULL, NULL},
	[AP_WITHDRAW] = {"withdraw", V_URL, SEE_OFFICE, "where who entered it takes it back", NULL, NULL},
	[AP_WITHDRAW_F] = {"withdraw_fields", V_LIST, SEE_OFFICE, "why it is taken back", &FORM_FIELD, NULL},
	[AP_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[AP_CHANGED] = {"changed", V_TEXT, SEE_OFFICE, "why the decision was not taken", NULL, NULL},
	[AP_BACK] = {"back", V_URL, SEE_OFFICE, "all requests", NULL, NULL},
};
const struct shape AGENCY_PAGE = SHAPE("agency_page", PAGE_F);

struct reading {
	struct request *q;
	struct str code;
	struct agency_request r;
	struct ward_case c;
	struct agency_case *scope;
	struct entry *entries;
	size_t scope_count, entry_count;
	/* of its form */
	struct str decision, reason, decision_error, reason_error, refused;
	bool approve, granted, back;  /* back: the reason is why it is taken back */
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *k = ctx;
	const struct flow *w = &k->q->app->flow;
	enum rc rc = agency_get(tx, w, k->code, &k->r, &k->c, f);
	if (rc == RC_OK && !agency_seen_by(&k->r, &k->q->actor))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = agency_scope(tx, k->r.of, &k->scope, &k->scope_count, f);
	return rc == RC_OK ? case_timeline(tx, w, &k->c, &k->entries, &k->entry_count, f) : rc;
}

static struct str part_words(struct request *q, const struct entry_part *p)
{
	if (str_is(p->name, "outcome") && p->body.n > 0)
		return request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(p->body)).p);
	if (str_is(p->name, "agency_form") && p->body.n > 0)
		return request_text(q, arena_fmt(q->arena, "agency.form.%.*s", PSTR(p->body)).p);
	return p->body;
}

/* What it began with stands above the timeline. */
static void add_entry(struct request *q, struct vobj *page, const struct entry *e)
{
	struct vobj *o = view_item(page, AP_TIMELINE);
	struct str verb = str_of(verb_name(e->verb));
	view_key(o, EE_WHAT, verb, request_text(q, arena_fmt(q->arena, e->verb == VERB_open ? "agency.did.%.*s" : "did.%.*s",
	                                                     PSTR(verb)).p));
	view_time(o, EE_AT, e->at);
	if (e->role.n > 0)
		view_text(o, EE_WHO, request_text(q, arena_fmt(q->arena, "role.%.*s", PSTR(e->role)).p));
	for (size_t i = 0; i < e->part_count && e->verb != VERB_open; i++) {
		struct vobj *part = view_item(o, EE_PARTS);
		view_text(part, EP_LABEL, request_text(q, arena_fmt(q->arena, "part.%.*s", PSTR(e->parts[i].name)).p));
		view_text(part, EP_TEXT, e->parts[i].erased_rule.n > 0 ? STR_EMPTY : part_words(q, &e->parts[i]));
		view_day(part, EP_ERASED, e->parts[i].erased_day);
	}
}

static void add_facts(struct reading *k, struct vobj *page)
{
	struct request *q = k->q;
	const struct agency_request *r = &k->r;
	int32_t today = day_of(q->now);
	view_text(page, AP_CODE, arena_copy(q->arena, str_of(r->code)));
	view_text(page, AP_WHO, r->who);
	view_text(page, AP_NUMBER, r->number);
	view_day(page, AP_DAY, r->day);
	for (size_t i = 0; k->entry_count > 0 && i < k->entries[0].part_count; i++) {
		const struct entry_part *p = &k->entries[0].parts[i];
		if (!str_is(p->name, "text"))
			continue;
		view_text(page, AP_BASIS, p->erased_rule.n > 0 ? STR_EMPTY : p->body);
		view_day(page, AP_BASIS_ERASED, p->erased_day);
	}
	view_text(page, AP_STANDS, agency_stands(q, r));
	view_bool(page, AP_OPEN, state_open(r->state));
	view_bool(page, AP_GRANTED, str_is(r->outcome, "granted"));
	view_time(page, AP_RECEIVED, r->received_at);
	if (state_open(r->state) && r->due_at > 0) {
		view_day(page, AP_DUE, day_of(r->due_at - 1));
		view_bool(page, AP_LATE, q->now >= r->due_at);
	}
	view_day(page, AP_LAST, r->last_day);
	view_bool(page, AP_OVER, r->last_day != 0 && today > r->last_day);
	view_text(page, AP_ORDER, r->order_number);
	view_day(page, AP_ORDER_DAY, r->order_day);
	view_day(page, AP_UNTIL, r->order_until);
	view_bool(page, AP_SILENT, r->order_until >= today);
	view_bool(page, AP_ENDED, str_is(r->outcome, "refused") || str_is(r->outcome, "withdrawn"));
	for (size_t i = 0; i < k->scope_count; i++) {
		struct vobj *o = view_item(page, AP_SCOPE);
		view_text(o, ES_CODE, arena_copy(q->arena, str_of(k->scope[i].code)));
		if (k->scope[i].told_at != 0)
			view_day(o, ES_TOLD, day_of(k->scope[i].told_at));
		view_int(o, ES_GIVEN, k->scope[i].given);
	}
	view_int(page, AP_GONE, r->scope - (int64_t)k->scope_count);
	for (size_t i = k->entry_count; i-- > 0;)
		add_entry(q, page, &k->entries[i]);
	view_url(page, AP_BACK, request_link(q, "/agency"));
}

static void add_form(struct reading *k, struct vobj *page, const struct view *v)
{
	struct request *q = k->q;
	enum role post = agency_post(&q->app->flow, &k->c, &k->r, &q->actor, q->now);
	view_text(page, AP_TOKEN, session_token(q));   /* the frame's forms have it, too */
	bool decides = actor_may(&q->actor, PERM_agency_decide);
	if (agency_may_withdraw(&k->r, &q->actor)) {
		form_field_add(page, AP_WITHDRAW_F, AP_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA, .name = "why", .label = request_text(q, "agency.withdraw.why"),
		                                    .hint = request_text(q, "agency.withdraw.why.hint"), .rows = 3,
		                                    .value = k->back ? k->reason : STR_EMPTY,
		                                    .error = k->back ? k->reason_error : STR_EMPTY, .max = AGENCY_REASON_MAX});
		view_url(page, AP_WITHDRAW, request_link(q, "/agency/request/%s/withdraw", k->r.code));
	}
	view_bool(page, AP_OWN, decides && state_open(k->r.state) && k->r.entered_by.v == q->actor.account.v);
	if (!decides || post == ROLE_unset)
		return;
	const struct form_option both[] = {
		{.value = STR("approve"), .label = request_text(q, "agency.approve"), .checked = str_is(k->decision, "approve")},
		{.value = STR("refuse"), .label = request_text(q, "agency.refuse"), .checked = str_is(k->decision, "refuse")},
	};
	view_text(page, AP_POST, request_text(q, arena_fmt(q->arena, "agency.post.%s", role_name(post)).p));
	form_field_add(page, AP_FIELDS_F, AP_ERRORS, v,
	               &(struct form_field){.kind = FORM_RADIOS, .name = "decision", .label = request_text(q, "agency.decision"),
	                                    .error = k->decision_error, .options = both, .option_count = 2});
	form_field_add(page, AP_FIELDS_F, AP_ERRORS, v,
	               &(struct form_field){.kind = FORM_AREA, .name = "reason", .label = request_text(q, "agency.reason"),
	                                    .hint = request_text(q, "agency.reason.hint"), .value = k->back ? STR_EMPTY : k->reason,
	                                    .error = k->back ? STR_EMPTY : k->reason_error, .rows = 4, .max = AGENCY_REASON_MAX});
	view_url(page, AP_DECIDE, request_link(q, "/agency/request/%s/decide", k->r.code));
}

static enum rc show(struct reading *k, struct reply *r, int status, struct fault *f)
{
	struct request *q = k->q;
	static const char *const DONE[] = {"entered", "approve", "refuse", "granted", "withdrawn"};
	/* Codes of reports stand on it: a look, before the answer. */
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, q->format == FORMAT_HTML ? "case" : "json", k->c.id,
	                        STR_EMPTY, 1, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &AGENCY_PAGE);
	add_facts(k, page);
	add_form(k, page, &v);
	for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
		if (status == 200 && str_is(request_query(q, "done"), DONE[i]))
			view_text(page, AP_NOTICE, request_text(q, arena_fmt(q->arena, "agency.done.%s", DONE[i]).p));
	view_text(page, AP_CHANGED, k->refused);
	reply_title(r, arena_fmt(q->arena, "%.*s %s", PSTR(request_text(q, "agency.request")), k->r.code));
	reply_page(q, r, "agency/request", &AGENCY_PAGE, page, status);
	return RC_OK;
}

enum rc agency_page(struct request *q, struct reply *r, struct fault *f)
{
	struct reading k = {.q = q, .code = request_param(q, "code")};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	return rc == RC_OK ? show(&k, r, 200, f) : rc;
}

/* ---------------------------------------------------------------- deciding */

static enum rc decide_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *k = ctx;
	return agency_decide(tx, &k->q->app->flow, k->q->ward, &k->q->actor, k->code, k->approve, k->reason, &k->granted, f);
}

static void take_reason(struct reading *k, const char *field, const char *missing)
{
	struct request *q = k->q;
	enum rc rc = text_clean(q->arena, request_form(q, field), TEXT_LINES, AGENCY_REASON_MAX, &k->reason);
	if (rc == RC_INVALID) {
		k->reason = STR_EMPTY;
		k->reason_error = request_text(q, "form.not_utf8");
	} else if (rc == RC_TOO_BIG)
		k->reason_error = arena_fmt(q->arena, "%.*s %zu/%d", PSTR(request_text(q, "form.too_long")),
		                            text_length(k->reason), AGENCY_REASON_MAX);
	else if (k->reason.n == 0)
		k->reason_error = request_text(q, missing);
}

static void take(struct reading *k)
{
	struct request *q = k->q;
	k->decision = request_form(q, "decision");
	k->approve = str_is(k->decision, "approve");
	if (!k->approve && !str_is(k->decision, "refuse"))
		k->decision_error = request_text(q, "agency.decision.missing");
	take_reason(k, "reason", "agency.reason.missing");
}

/* Why it was not taken; the reason that was typed stands below it again, where there still is a form. */
static const char *why_not(const struct fault *why)
{
	static const char *const KNOWN[] = {"own", "both", "post", "decided", "withdrawn", "other"};
	const char *field = why->field;
	for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
		if (strcmp(field, KNOWN[i]) == 0)
			return KNOWN[i];
	return "decided";                      /* somebody was quicker */
}

enum rc agency_decide_send(struct request *q, struct reply *r, struct fault *f)
{
	struct reading k = {.q = q, .code = request_param(q, "code")};
	struct fault why = {0};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	take(&k);
	if (k.decision_error.n == 0 && k.reason_error.n == 0) {
		rc = store_write(q->app->store, q->ward->id, q->arena, decide_tx, &k, &why);
		if (rc == RC_OK) {
			flow_changed(q->ward->id);
			reply_redirect(q, r, request_link(q, "/agency/request/%s?done=%.*s", k.r.code,
			                                  PSTR(k.granted ? STR("granted") : k.decision)));
			return RC_OK;
		}
		if (rc != RC_DENIED && rc != RC_CHANGED) {
			*f = why;
			return rc;
		}
		k.refused = request_text(q, arena_fmt(q->arena, "agency.not.%s", why_not(&why)).p);
		rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
		return rc == RC_OK ? show(&k, r, 409, f) : rc;
	}
	return show(&k, r, 422, f);
}

/* ---------------------------------------------------------------- taking it back */

static enum rc withdraw_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *k = ctx;
	return agency_withdraw(tx, &k->q->app->flow, k->q->ward, &k->q->actor, k->code, k->reason, f);
}

enum rc agency_withdraw_send(struct request *q, struct reply *r, struct fault *f)
{
	struct reading k = {.q = q, .code = request_param(q, "code"), .back = true};
	struct fault why = {0};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	take_reason(&k, "why", "agency.withdraw.missing");
	if (k.reason_error.n > 0)
		return show(&k, r, 422, f);
	rc = store_write(q->app->store, q->ward->id, q->arena, withdraw_tx, &k, &why);
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		reply_redirect(q, r, request_link(q, "/agency/request/%s?done=withdrawn", k.r.code));
		return RC_OK;
	}
	if (rc != RC_DENIED && rc != RC_CHANGED) {
		*f = why;
		return rc;
	}
	k.refused = request_text(q, arena_fmt(q->arena, "agency.not.%s", why_not(&why)).p);
	rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	return rc == RC_OK ? show(&k, r, 409, f) : rc;
}
