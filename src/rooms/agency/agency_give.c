/* The export "for an agency": the number of an approved request is asked for, and no more leaves than its scope, of
 * the cases that the officer's own units have. What leaves is what the desk's lists hold as a file: no word of a
 * reporter, no photo, no contact. */
#include "rooms/agency/agency.h"

enum { AC_CODE, AC_KIND, AC_STATE, AC_RECEIVED, AC_CLOSED, AC_OUTCOME, AC_AREA, AC_STREET, AC_FIELDS };
static const struct field CASE_F[] = {
	[AC_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[AC_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[AC_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[AC_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[AC_CLOSED] = {"closed", V_TIME, SEE_OFFICE, "when it was closed", NULL, NULL},
	[AC_OUTCOME] = {"outcome", V_KEY, SEE_OFFICE, "how it ended", NULL, NULL},
	[AC_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[AC_STREET] = {"street", V_TEXT, SEE_OFFICE, "street", NULL, NULL},
};
static const struct shape CASE = SHAPE("agency_given_case", CASE_F);

enum { AX_CASES, AX_CODE, AX_AT, AX_FIELDS };
static const struct field FILE_F[] = {
	[AX_CASES] = {"cases", V_LIST, SEE_OFFICE, "what is given", &CASE, NULL},
	[AX_CODE] = {"request", V_TEXT, SEE_OFFICE, "by which request", NULL, NULL},
	[AX_AT] = {"given_at", V_TIME, SEE_OFFICE, "when", NULL, NULL},
};
const struct shape AGENCY_FILE = SHAPE("agency_file", FILE_F);

enum { AV_FORM, AV_ERRORS, AV_TOKEN, AV_ACTION, AV_BACK, AV_FIELDS };
static const struct field GIVE_F[] = {
	[AV_FORM] = {"fields", V_LIST, SEE_OFFICE, "number of the request, and the sort of file", &FORM_FIELD, NULL},
	[AV_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[AV_TOKEN] = {"token", V_TEXT, SEE_OFFICE, "proves that the form is this session's", NULL, NULL},
	[AV_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[AV_BACK] = {"back", V_URL, SEE_OFFICE, "the desk", NULL, NULL},
};
const struct shape AGENCY_GIVE = SHAPE("agency_give", GIVE_F);

static const struct {
	const char *name;
	enum format format;
} FORMS[] = {{"csv", FORMAT_CSV}, {"xlsx", FORMAT_XLSX}, {"json", FORMAT_JSON}};
enum { FORM_COUNT = sizeof FORMS / sizeof *FORMS };

struct giving {
	struct request *q;
	struct str number, number_error, form;
	size_t at;                    /* of FORMS */
	struct ward_case *cases;
	size_t count;
};

static void show(struct giving *g, struct reply *r, int status)
{
	struct request *q = g->q;
	struct form_option sorts[FORM_COUNT];
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &AGENCY_GIVE);
	for (size_t i = 0; i < FORM_COUNT; i++)
		sorts[i] = (struct form_option){.value = str_of(FORMS[i].name),
		                                .label = request_text(q, arena_fmt(q->arena, "agency.form.%s", FORMS[i].name).p),
		                                .checked = i == g->at};
	form_field_add(page, AV_FORM, AV_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT, .name = "number", .label = request_text(q, "agency.give.number"),
	                                    .hint = request_text(q, "agency.give.number.hint"), .value = g->number,
	                                    .error = g->number_error, .narrow = true, .autocomplete = "off"});
	form_field_add(page, AV_FORM, AV_ERRORS, &v,
	               &(struct form_field){.kind = FORM_RADIOS, .name = "sort", .label = request_text(q, "agency.give.sort"),
	                                    .options = sorts, .option_count = FORM_COUNT});
	view_text(page, AV_TOKEN, session_token(q));
	view_url(page, AV_ACTION, request_link(q, "/agency/give"));
	view_url(page, AV_BACK, request_link(q, "/desk"));
	reply_title(r, request_text(q, "agency.give.title"));
	reply_page(q, r, "agency/give", &AGENCY_GIVE, page, status);
}

enum rc agency_give_form(struct request *q, struct reply *r, struct fault *f)
{
	struct giving g = {.q = q};
	(void)f;
	show(&g, r, 200);
	return RC_OK;
}

static enum rc give_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct giving *g = ctx;
	return agency_give(tx, &g->q->app->flow, &g->q->actor, g->number, FORMS[g->at].name, &g->cases, &g->count, f);
}

static void add_case(struct request *q, struct vobj *page, const struct ward_case *c)
{
	struct vobj *o = view_item(page, AX_CASES);
	view_text(o, AC_CODE, arena_copy(q->arena, str_of(c->code)));
	view_key(o, AC_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, AC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(o, AC_RECEIVED, c->received_at);
	if (c->closed_at != 0)
		view_time(o, AC_CLOSED, c->closed_at);
	if (c->outcome.n > 0)
		view_key(o, AC_OUTCOME, c->outcome, request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
	view_text(o, AC_AREA, label_area(q, c->place.area));
	view_text(o, AC_STREET, c->place.street);
}

enum rc agency_give_send(struct request *q, struct reply *r, struct fault *f)
{
	struct giving g = {.q = q};
	struct fault why = {0};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	(void)text_clean(q->arena, request_form(q, "number"), TEXT_LINE, 40, &g.number);
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (str_is(request_form(q, "sort"), FORMS[i].name))
			g.at = i;
	enum rc rc = g.number.n == 0 ? fault_at(&why, RC_INVALID, NULL, 0, "missing", "no number")
	                             : store_write(q->app->store, q->ward->id, q->arena, give_tx, &g, &why);
	if (rc == RC_INVALID) {
		g.number_error = request_text(q, arena_fmt(q->arena, "agency.give.not.%s", why.field).p);
		show(&g, r, 422);
		return RC_OK;
	}
	if (rc != RC_OK) {
		*f = why;
		return rc;
	}
	flow_changed(q->ward->id);
	char code[16];
	if (code_read(g.number, code) == RC_OK)   /* as it is written, however it was typed */
		g.number = arena_copy(q->arena, str_of(code));
	struct view v = request_view(q, SEE_OFFICE);
	v.told = true;                         /* people read it elsewhere; JSON is for machines */
	struct vobj *file = view_new(&v, &AGENCY_FILE);
	for (size_t i = 0; i < g.count; i++)
		add_case(q, file, &g.cases[i]);
	view_text(file, AX_CODE, g.number);
	view_time(file, AX_AT, q->now);
	q->format = FORMS[g.at].format;
	reply_page(q, r, "agency/give", &AGENCY_FILE, file, 200);
	reply_download(r, arena_fmt(q->arena, "%.*s.%s", PSTR(g.number), FORMS[g.at].name));
	return RC_OK;
}
