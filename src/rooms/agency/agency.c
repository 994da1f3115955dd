#include "rooms/agency/agency.h"

enum { AL_OPEN, AL_DECIDED, AL_NEW, AL_MINE, AL_NONE, AL_FIELDS };
static const struct field LIST_F[] = {
	[AL_OPEN] = {"agencies", V_LIST, SEE_OFFICE, "requests that wait for a decision, newest first", &AGENCY_ROW, NULL},
	[AL_DECIDED] = {"decided", V_LIST, SEE_OFFICE, "the last ones that were decided", &AGENCY_ROW, NULL},
	[AL_NEW] = {"new_url", V_URL, SEE_OFFICE, "enters one", NULL, NULL},
	[AL_MINE] = {"mine", V_BOOL, SEE_OFFICE, "the reader sees those that they entered alone", NULL, NULL},
	[AL_NONE] = {"nothing", V_BOOL, SEE_OFFICE, "nothing waits", NULL, NULL},
};
static const struct shape LIST = SHAPE("agency_list", LIST_F);

struct reading {
	const struct request *q;
	struct agency_request *open, *decided;
	size_t open_count, decided_count;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *k = ctx;
	const struct flow *w = &k->q->app->flow;
	enum rc rc = agency_list(tx, w, &k->q->actor, true, AGENCY_LISTED, &k->open, &k->open_count, f);
	return rc == RC_OK ? agency_list(tx, w, &k->q->actor, false, AGENCY_LISTED, &k->decided, &k->decided_count, f) : rc;
}

static const char *look_kind(const struct request *q)
{
	switch (q->format) {
	case FORMAT_JSON: return "json";
	case FORMAT_CSV: return "csv";
	case FORMAT_XLSX: return "xlsx";
	case FORMAT_HTML: break;
	}
	return "list";
}

static enum rc list_page(struct request *q, struct reply *r, struct fault *f)
{
	struct reading k = {.q = q};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, look_kind(q), (struct case_id){0}, STR("agency"),
		                (int64_t)(k.open_count + k.decided_count), f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &LIST);
	agency_rows(q, page, AL_OPEN, k.open, k.open_count);
	agency_rows(q, page, AL_DECIDED, k.decided, k.decided_count);
	if (actor_may(&q->actor, PERM_agency_ask))
		view_url(page, AL_NEW, request_link(q, "/agency/new"));
	view_bool(page, AL_MINE, !actor_may(&q->actor, PERM_agency_decide));
	view_bool(page, AL_NONE, k.open_count == 0);
	reply_title(r, request_text(q, "agency.title"));
	reply_view(q, r, page);
	return RC_OK;
}

#define BODY ((size_t)64 << 10)

static const struct route ROUTES[] = {
	ROUTE(GET, "/agency", list_page, agency, NONE, 0, PAGE, NONE, &LIST, "agency/list",
	      "agencies' requests: of who asks their own, of who decides all"),
	ROUTE(GET, "/agency/new", agency_form, agency_ask, NONE, 0, PAGE, FORM, &AGENCY_FORM, "agency/new",
	      "enters an agency's request"),
	ROUTE(POST, "/agency/new", agency_form_send, agency_ask, SESSION, BODY, FORM, NONE, &AGENCY_FORM, "agency/new",
	      "takes it"),
	ROUTE(GET, "/agency/request/:code", agency_page, agency, NONE, 0, PAGE, NONE, &AGENCY_PAGE, "agency/request",
	      "a request: what it asks for, how it was decided, what was given and who was told"),
	ROUTE(POST, "/agency/request/:code/decide", agency_decide_send, agency_decide, SESSION, BODY, FORM, NONE,
	      &AGENCY_PAGE, "agency/request", "approves or refuses it, with a reason, as chair or as oversight"),
	ROUTE(POST, "/agency/request/:code/withdraw", agency_withdraw_send, agency_ask, SESSION, BODY, FORM, NONE,
	      &AGENCY_PAGE, "agency/request", "takes it back before it is decided, by who entered it, with a reason"),
	ROUTE(GET, "/agency/give", agency_give_form, case_work, NONE, 0, PAGE, NONE, &AGENCY_GIVE, "agency/give",
	      "the export for an agency: asks for the number of an approved request"),
	ROUTE(POST, "/agency/give", agency_give_send, case_work, SESSION, BODY, FORM, NONE, &AGENCY_GIVE, "agency/give",
	      "gives the file of the request's cases that the unit has, and writes down that it did"),
	{0},
};

const struct room AGENCY_ROOM = {.name = "agency", .routes = ROUTES};
