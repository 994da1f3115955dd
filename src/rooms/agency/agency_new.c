/* Entering an agency's request: all that is wrong is told at once, and all that was typed stands there again. */
#include "rooms/agency/agency.h"

#define PURPOSE "agency"

enum { AF_FORM, AF_ORDER, AF_ERRORS, AF_TOKEN, AF_S, AF_ACTION, AF_BACK, AF_NOBODY, AF_LONGEST, AF_FIELDS };
static const struct field FORM_F[] = {
	[AF_FORM] = {"fields", V_LIST, SEE_OFFICE, "the letter and its scope", &FORM_FIELD, NULL},
	[AF_ORDER] = {"order", V_LIST, SEE_OFFICE, "the order that forbids telling, where there is one", &FORM_FIELD, NULL},
	[AF_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[AF_TOKEN] = {"token", V_TEXT, SEE_OFFICE, "proves that the form is this session's", NULL, NULL},
	[AF_S] = {"s", V_TEXT, SEE_OFFICE, "number of the form, sealed: sent twice it makes one request", NULL, NULL},
	[AF_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[AF_BACK] = {"back", V_URL, SEE_OFFICE, "all requests", NULL, NULL},
	[AF_NOBODY] = {"nobody", V_BOOL, SEE_OFFICE, "nobody holds oversight: none could be approved", NULL, NULL},
	[AF_LONGEST] = {"longest", V_TEXT, SEE_OFFICE, "how long an order may forbid telling at most", NULL, NULL},
};
const struct shape AGENCY_FORM = SHAPE("agency_form", FORM_F);

/* Each field with the faults that are told at it, by their numbers (agency.h). */
static const struct line {
	const char *name;
	enum form_kind kind;
	bool narrow, order;
	int rows, max;
	enum agency_wrong first, last;
} LINES[] = {
	{"who", FORM_TEXT, false, false, 0, AGENCY_WHO_MAX, AGENCY_WRONG_who, AGENCY_WRONG_who},
	{"number", FORM_TEXT, false, false, 0, AGENCY_NUMBER_MAX, AGENCY_WRONG_number, AGENCY_WRONG_number},
	{"day", FORM_TEXT, true, false, 0, 20, AGENCY_WRONG_day, AGENCY_WRONG_day_later},
	{"basis", FORM_AREA, false, false, 4, AGENCY_BASIS_MAX, AGENCY_WRONG_basis, AGENCY_WRONG_basis},
	{"scope", FORM_AREA, false, false, 6, 2000, AGENCY_WRONG_scope, AGENCY_WRONG_scope_many},
	{"order_number", FORM_TEXT, false, true, 0, AGENCY_NUMBER_MAX, AGENCY_WRONG_order_number, AGENCY_WRONG_order_number},
	{"order_day", FORM_TEXT, true, true, 0, 20, AGENCY_WRONG_order_day, AGENCY_WRONG_order_day_later},
	{"order_until", FORM_TEXT, true, true, 0, 20, AGENCY_WRONG_order_until, AGENCY_WRONG_order_until_far},
};
enum { L_WHO, L_NUMBER, L_DAY, L_BASIS, L_SCOPE, L_ORDER_NUMBER, L_ORDER_DAY, L_ORDER_UNTIL,
	LINE_COUNT = sizeof LINES / sizeof *LINES };
static const char *const WRONG[AGENCY_WRONG_COUNT] = {
#define X(name) #name,
	AGENCY_WRONG_TABLE(X)
#undef X
};

struct entering {
	struct request *q;
	struct journey j;
	struct agency_new n;
	struct str value[LINE_COUNT], error[LINE_COUNT], code;
	bool nobody, advised;
};

static struct str told(const struct entering *e, size_t i)
{
	struct request *q = e->q;
	struct buf b = {0};
	if (e->error[i].n > 0)
		return e->error[i];
	for (int k = (int)LINES[i].first; k <= (int)LINES[i].last; k++) {
		if ((e->n.wrong & 1U << k) == 0)
			continue;
		struct str text = request_text(q, arena_fmt(q->arena, "agency.wrong.%s", WRONG[k]).p);
		buf_addf(&b, "%s%.*s", b.n > 0 ? " " : "", PSTR(text));
		if (k == AGENCY_WRONG_scope_unknown)
			buf_addf(&b, " %.*s", PSTR(e->n.unknown));
	}
	return arena_take(q->arena, &b);
}

static enum rc nobody_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct entering *e = ctx;
	enum rc rc = agency_receiver(tx, f);
	e->nobody = rc == RC_NONE || agency_kind(&e->q->app->flow, e->q->ward->id, day_of(e->q->now)) == NULL;
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc show(struct entering *e, struct reply *r, int status, struct fault *f)
{
	struct request *q = e->q;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, nobody_tx, e, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &AGENCY_FORM);
	for (size_t i = 0; i < LINE_COUNT; i++) {
		const struct line *l = &LINES[i];
		form_field_add(page, l->order ? AF_ORDER : AF_FORM, AF_ERRORS, &v,
		               &(struct form_field){.kind = l->kind, .name = l->name,
		                                    .label = request_text(q, arena_fmt(q->arena, "agency.%s", l->name).p),
		                                    .hint = request_text(q, arena_fmt(q->arena, "agency.%s.hint", l->name).p),
		                                    .value = e->value[i], .error = told(e, i), .narrow = l->narrow,
		                                    .rows = l->rows, .max = i == L_BASIS ? l->max : 0, .autocomplete = "off",
		                                    .advice = i == L_BASIS ? advice_field(q, e->advised ? e->value[i] : STR_EMPTY)
		                                                           : NULL});
	}
	if (e->advised)
		form_error_add(page, AF_ERRORS, request_text(q, "advice.again"), STR("#basis"));
	const struct filling days[] = {{"n", text_count(q->arena, q->lang, q->app->settings.hold_days)}};
	view_text(page, AF_LONGEST, text_fill(q->arena, request_text(q, "agency.order.longest"), days, 1));
	view_text(page, AF_TOKEN, session_token(q));
	view_text(page, AF_S, journey_seal(q, PURPOSE, &e->j));
	view_url(page, AF_ACTION, request_link(q, "/agency/new"));
	view_url(page, AF_BACK, request_link(q, "/agency"));
	view_bool(page, AF_NOBODY, e->nobody);
	reply_title(r, request_text(q, "agency.new.title"));
	reply_page(q, r, "agency/new", &AGENCY_FORM, page, e->nobody && status != 200 ? 410 : status);
	return RC_OK;
}

enum rc agency_form(struct request *q, struct reply *r, struct fault *f)
{
	struct entering e = {.q = q};
	journey_begin(q, &e.j);
	return show(&e, r, 200, f);
}

static bool take(struct entering *e, size_t i)
{
	struct request *q = e->q;
	const struct line *l = &LINES[i];
	enum rc rc = text_clean(q->arena, request_form(q, l->name), l->kind == FORM_AREA ? TEXT_LINES : TEXT_LINE,
	                        (size_t)l->max, &e->value[i]);
	if (rc == RC_INVALID) {
		e->value[i] = STR_EMPTY;
		e->error[i] = request_text(q, "form.not_utf8");
	} else if (rc == RC_TOO_BIG)
		e->error[i] = arena_fmt(q->arena, "%.*s %zu/%d", PSTR(request_text(q, "form.too_long")),
		                        text_length(e->value[i]), l->max);
	return e->error[i].n == 0;
}

static int32_t day_in(struct str typed)
{
	int32_t day = 0;
	return day_typed(typed, false, &day) ? day : 0;
}

static enum rc open_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct entering *e = ctx;
	return agency_open(tx, &e->q->app->flow, e->q->ward, &e->n, &e->code, f);
}

enum rc agency_form_send(struct request *q, struct reply *r, struct fault *f)
{
	struct entering e = {.q = q};
	struct fault why = {0};
	bool fine = true;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : journey_open(q, PURPOSE, &e.j);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < LINE_COUNT; i++)
		fine = take(&e, i) && fine;
	e.n = (struct agency_new){.actor = &q->actor, .journey = journey_hash(&e.j), .who = e.value[L_WHO],
		.number = e.value[L_NUMBER], .day = day_in(e.value[L_DAY]), .basis = e.value[L_BASIS], .scope = e.value[L_SCOPE],
		.order = e.value[L_ORDER_NUMBER].n + e.value[L_ORDER_DAY].n + e.value[L_ORDER_UNTIL].n > 0,
		.order_number = e.value[L_ORDER_NUMBER], .order_day = day_in(e.value[L_ORDER_DAY]),
		.order_until = day_in(e.value[L_ORDER_UNTIL]), .most = q->app->settings.hold_days};
	e.advised = fine && advice_asks(q, "basis", e.value[L_BASIS]);
	if (!fine || e.advised)
		return show(&e, r, 422, f);
	rc = store_write(q->app->store, q->ward->id, q->arena, open_tx, &e, &why);
	if (rc == RC_OK || rc == RC_EXISTS) {
		reply_redirect(q, r, request_link(q, "/agency/request/%.*s?done=entered", PSTR(e.code)));
		return RC_OK;
	}
	if (rc == RC_INVALID || rc == RC_EXPIRED)
		return show(&e, r, 422, f);
	*f = why;
	return rc;
}
