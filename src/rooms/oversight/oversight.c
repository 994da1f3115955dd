#include "rooms/oversight/oversight.h"
#include "rooms/oversight/oversight_looks.h"
#include "ward/blur_view.h"

enum { OL_LABEL, OL_TEXT, OL_URL, OL_FIELDS };
static const struct field LINK_F[] = {
	[OL_LABEL] = {"label", V_TEXT, SEE_OFFICE, "the page", NULL, NULL},
	[OL_TEXT] = {"text", V_TEXT, SEE_OFFICE, "what it is for", NULL, NULL},
	[OL_URL] = {"url", V_URL, SEE_OFFICE, "its address", NULL, NULL},
};
static const struct shape LINK = SHAPE("oversight_link", LINK_F);

enum { OR_CODE, OR_URL, OR_STATE, OR_RECEIVED, OR_DUE, OR_LATE, OR_APPEAL, OR_OUTCOME, OR_CLOSED, OR_FIELDS };
static const struct field ROW_F[] = {
	[OR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the request's number", NULL, NULL},
	[OR_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[OR_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[OR_RECEIVED] = {"received", V_DAY, SEE_OFFICE, "day of receipt", NULL, NULL},
	[OR_DUE] = {"due", V_DAY, SEE_OFFICE, "by when it is answered", NULL, NULL},
	[OR_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[OR_APPEAL] = {"appeal", V_BOOL, SEE_OFFICE, "who asked did not agree with the first answer", NULL, NULL},
	[OR_OUTCOME] = {"outcome", V_KEY, SEE_OFFICE, "how it ended", NULL, NULL},
	[OR_CLOSED] = {"closed", V_DAY, SEE_OFFICE, "day of the answer", NULL, NULL},
};
static const struct shape ROW = SHAPE("oversight_request", ROW_F);

enum { OH_LINKS, OH_DESK, OH_MATTERS, OH_REQUESTS, OH_DECIDED, OH_AGENCIES, OH_NOTHING, OH_FIELDS };
static const struct field HOME_F[] = {
	[OH_LINKS] = {"pages", V_LIST, SEE_OFFICE, "what oversight has", &LINK, NULL},
	[OH_DESK] = {"matters", V_URL, SEE_OFFICE, "matters that oversight has by rule", NULL, NULL},
	[OH_MATTERS] = {"waiting", V_INT, SEE_OFFICE, "how many of these are open", NULL, "cases"},
	[OH_REQUESTS] = {"requests", V_LIST, SEE_OFFICE, "requests that wait for an answer, by due day", &ROW, NULL},
	[OH_DECIDED] = {"decided", V_LIST, SEE_OFFICE, "the last ones that were answered", &ROW, NULL},
	[OH_AGENCIES] = {"agencies", V_LIST, SEE_OFFICE, "agencies' requests that are not decided, newest first", &AGENCY_ROW, NULL},
	[OH_NOTHING] = {"nothing", V_BOOL, SEE_OFFICE, "nothing waits", NULL, NULL},
};
static const struct shape HOME = SHAPE("oversight_home", HOME_F);

/* The other pages of the room, in the order in which they are told: its address, and the message that
 * names it ("KEY") and says what it is for ("KEY.text"). */
static const struct {
	const char *path, *key;
} PAGES[] = {
	{"/desk?queue=unit", "oversight.page.desk"},
	{"/oversight/looks", "oversight.page.looks"},
	{"/oversight/holds", "oversight.page.holds"},
	{"/agency", "oversight.page.agency"},
	{"/desk/due", "oversight.page.due"},
	{"/oversight/sheet", "oversight.page.sheet"},
};

enum { OPEN_SHOWN = 50, DECIDED_SHOWN = 10 };
struct reading {
	const struct request *q;
	struct queue_counts counts;
	struct case_row *open, *decided;
	struct agency_request *agencies;
	size_t open_count, decided_count, agency_count;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *k = ctx;
	struct actor by_rule = k->q->actor;
	struct unit_id requests = {0}, asked = {0};
	enum rc rc = office_find(tx, ROLE_oversight, &(struct subject){.what = SUBJECT_redress}, &requests, f);
	if (rc >= RC_OK)
		rc = office_find(tx, ROLE_oversight, &(struct subject){.what = SUBJECT_agency}, &asked, f);
	if (rc < RC_OK)
		return rc;
	/* A unit's count is over all kinds (permissions, row 10); requests have a list of their own. */
	struct unit_id *offices = arena_array(tx_arena(tx), by_rule.office_count + 1, sizeof *offices);
	by_rule.unit_count = by_rule.office_count = 0;
	by_rule.offices = offices;
	for (size_t i = 0; i < k->q->actor.office_count; i++)
		if (k->q->actor.offices[i].v != requests.v && k->q->actor.offices[i].v != asked.v)
			offices[by_rule.office_count++] = k->q->actor.offices[i];
	rc = case_counts(tx, &k->q->app->flow, &by_rule, &k->counts, f);
	if (rc == RC_OK)
		rc = redress_list(tx, true, OPEN_SHOWN, &k->open, &k->open_count, f);
	if (rc == RC_OK)
		rc = agency_list(tx, &k->q->app->flow, &k->q->actor, true, AGENCY_LISTED, &k->agencies, &k->agency_count, f);
	return rc == RC_OK ? redress_list(tx, false, DECIDED_SHOWN, &k->decided, &k->decided_count, f) : rc;
}

static void add_rows(struct request *q, struct vobj *page, int list, const struct case_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vobj *o = view_item(page, list);
		const struct case_row *c = &rows[i];
		view_text(o, OR_CODE, arena_copy(q->arena, str_of(c->code)));
		view_url(o, OR_URL, request_link(q, "/oversight/redress/%s", c->code));
		view_key(o, OR_STATE, str_of(state_name(c->state)),
		         c->state == STATE_asked ? request_text(q, "state.asked.redress") : label_state(q, c->state));
		view_day(o, OR_RECEIVED, day_of(c->received_at));
		if (c->due_at > 0 && state_open(c->state)) {
			view_day(o, OR_DUE, day_of(c->due_at - 1));
			view_bool(o, OR_LATE, q->now >= c->due_at);
		}
		view_bool(o, OR_APPEAL, str_is(c->step, "appealed"));
		if (c->outcome.n > 0)
			view_key(o, OR_OUTCOME, c->outcome, request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
		if (c->closed_at > 0)
			view_day(o, OR_CLOSED, day_of(c->closed_at));
	}
}

static enum rc home(struct request *q, struct reply *r, struct fault *f)
{
	struct reading k = {.q = q};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "list", (struct case_id){0},
		                STR("redress"), (int64_t)(k.open_count + k.decided_count + k.agency_count), f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &HOME);
	for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++) {
		struct vobj *item = view_item(page, OH_LINKS);
		view_text(item, OL_LABEL, request_text(q, PAGES[i].key));
		view_text(item, OL_TEXT, request_text(q, arena_fmt(q->arena, "%s.text", PAGES[i].key).p));
		view_url(item, OL_URL, request_link(q, "%s", PAGES[i].path));
	}
	add_rows(q, page, OH_REQUESTS, k.open, k.open_count);
	add_rows(q, page, OH_DECIDED, k.decided, k.decided_count);
	agency_rows(q, page, OH_AGENCIES, k.agencies, k.agency_count);
	view_url(page, OH_DESK, request_link(q, "/desk?queue=unit"));
	view_int(page, OH_MATTERS, k.counts.n[QUEUE_unit]);
	view_bool(page, OH_NOTHING, k.counts.n[QUEUE_unit] == 0 && k.open_count == 0 && k.agency_count == 0);
	reply_title(r, request_text(q, "oversight.title"));
	reply_view(q, r, page);
	return RC_OK;
}

#define STEP_BODY ((size_t)64 << 10)
#define REDRESS_STEP(step, run, help) \
	ROUTE(POST, "/oversight/redress/:code/" step, run, oversight, SESSION, STEP_BODY, FORM, NONE, &REDRESS_PAGE, \
	      "oversight/redress", help)

static const struct route ROUTES[] = {
	ROUTE(GET, "/oversight", home, oversight, NONE, 0, PAGE, NONE, &HOME, "oversight/home",
	      "what waits for oversight"),
	ROUTE(GET, "/oversight/looks", looks_page, oversight, NONE, 0, PAGE, NONE, &LOOKS, "oversight/looks",
	      "who looked at what, by role, unit and day; what was far from usual; the proof of the chain"),
	ROUTE(POST, "/oversight/looks/verify", looks_check_send, oversight, SESSION, 4096, FORM, NONE, NULL, NULL,
	      "asks for a proof of the chain of looks, which a job makes"),
	ROUTE(GET, "/oversight/holds", holds_page, oversight, NONE, 0, PAGE, NONE, &HOLDS, "oversight/holds",
	      "legal holds: what is not erased, by which order and until when"),
	ROUTE(POST, "/oversight/holds", holds_send, oversight, SESSION, 4096, FORM, NONE, &HOLDS, "oversight/holds",
	      "enters a legal hold, or ends one before its day"),
	ROUTE(GET, "/oversight/sheet", oversight_sheet, oversight, NONE, 0, PAGE, NONE, &OVERSIGHT_SHEET, "oversight/sheet",
	      "the sheet of a quarter, to print and sign"),
	ROUTE(GET, "/oversight/redress/:code", redress_page, oversight, NONE, 0, PAGE, NONE, &REDRESS_PAGE,
	      "oversight/redress", "a request of whom a report is about"),
	ROUTE(GET, "/oversight/redress/:code/photo/:name", redress_photo, oversight, NONE, 0, PAGE, NONE, NULL, NULL,
	      "a photo of the matter, while it is opened for the request"),
	ROUTE(GET, "/oversight/redress/:code/blur/:name", redress_photo_blur, oversight, NONE, 0, PAGE, NONE, &BLUR_PAGE,
	      "ward/blur_page", "parts of a published photo of the matter, to be covered for good"),
	ROUTE(POST, "/oversight/redress/:code/blur/:name", redress_do_blur, oversight, SESSION, STEP_BODY, FORM, NONE,
	      &BLUR_PAGE, "ward/blur_page", "covers them, and destroys the photo as it was; asks before it does"),
	REDRESS_STEP("find", redress_do_find, "finds the matter by khu vực and days, logged under the request's number"),
	REDRESS_STEP("look", redress_do_look, "opens the matter once for the request"),
	REDRESS_STEP("ask", redress_do_ask, "asks who sent the request"),
	REDRESS_STEP("answer", redress_do_answer, "decides: corrects, removes, withdraws as unfounded, or not"),
	{0},
};

const struct room OVERSIGHT_ROOM = {.name = "oversight", .routes = ROUTES};
