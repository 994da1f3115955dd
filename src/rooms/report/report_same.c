/* "Is it this one?": after kind and place, open public cases near the square that was chosen. Who joins one
 * need not tell it again and gets a receipt of their own. */
#include <math.h>

#include "rooms/report/report.h"
#include "ward/ward_setting.h"

enum { SC_CODE, SC_STATE, SC_RECEIVED, SC_LATE, SC_KIND, SC_AREA, SC_AWAY, SC_PAGE, SC_TEXT, SC_THUMB, SC_LABEL, SC_REPORTS,
	SC_FIELDS };
static const struct field ONE_F[] = {
	[SC_CODE] = {"code", V_TEXT, SEE_PUBLIC, "public code", NULL, NULL},
	[SC_STATE] = {"state", V_KEY, SEE_PUBLIC, "where it stands", NULL, NULL},
	[SC_RECEIVED] = {"received", V_DAY, SEE_PUBLIC, "day of receipt", NULL, NULL},
	[SC_LATE] = {"late", V_BOOL, SEE_PUBLIC, "its day is over", NULL, NULL},
	[SC_KIND] = {"kind", V_TEXT, SEE_PUBLIC, "what was reported", NULL, NULL},
	[SC_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[SC_AWAY] = {"away", V_TEXT, SEE_PUBLIC, "how far from the square that was chosen", NULL, NULL},
	[SC_PAGE] = {"page", V_URL, SEE_PUBLIC, "its public page", NULL, NULL},
	[SC_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "words as the desk released them", NULL, NULL},
	[SC_THUMB] = {"thumb", V_URL, SEE_PUBLIC, "first released photo, small", NULL, "image"},
	[SC_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "words for who does not see it", NULL, NULL},
	[SC_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of it, when more than one", NULL, "reports"},
};
static const struct shape ONE = SHAPE("same_case", ONE_F);

enum { SM_ACTION, SM_S, SM_HEADING, SM_CASES, SM_ERRORS, SM_BACK, SM_FIRST, SM_PLATE, SM_KIND, SM_KEEP, SM_VERSION,
	SM_DRAFT_JS, SM_SPENT, SM_FIELDS };
static const struct field SAME_F[] = {
	[SM_ACTION] = {"action", V_URL, SEE_PUBLIC, "where the answer is sent", NULL, NULL},
	[SM_S] = {"s", V_TEXT, SEE_PUBLIC, "the answers so far, sealed", NULL, NULL},
	[SM_HEADING] = {"heading", V_TEXT, SEE_PUBLIC, "the question", NULL, NULL},
	[SM_CASES] = {"cases", V_LIST, SEE_PUBLIC, "open public ones near it, newest first", &ONE, NULL},
	[SM_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[SM_BACK] = {"back", V_BOOL, SEE_PUBLIC, "there is a step before", NULL, NULL},
	[SM_FIRST] = {"first", V_BOOL, SEE_PUBLIC, "the first page of a form", NULL, NULL},
	[SM_PLATE] = {"plate", V_TEXT, SEE_PUBLIC, "kind and place, as the plate says", NULL, NULL},
	[SM_KIND] = {"kind", V_TEXT, SEE_PUBLIC, "what is reported", NULL, NULL},
	[SM_KEEP] = {"keep", V_URL, SEE_PUBLIC, "address of the form, for the draft on the phone", NULL, NULL},
	[SM_VERSION] = {"version", V_TEXT, SEE_PUBLIC, "version of the kind's procedure", NULL, NULL},
	[SM_SPENT] = {"spent", V_OBJ, SEE_PUBLIC, "which form it is, so that it gives way once it was sent", &SENT_FORM, NULL},
	[SM_DRAFT_JS] = {"draft_js", V_URL, SEE_PUBLIC, "script of the draft", NULL, NULL},
};
const struct shape SAME = SHAPE("same", SAME_F);

struct near {
	struct request *q;
	const struct procedure *p;
	struct cell cell;
	struct case_row rows[NEAR_MOST];
	struct str photo[NEAR_MOST];  /* name of the first released one */
	size_t count;
};

static enum rc near_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct near *n = ctx;
	const struct request *q = n->q;
	int64_t since = q->now - ward_setting_number(q->app, q->ward->id, WS_same_days) * US_DAY;
	enum rc rc = case_near(tx, &q->app->flow, n->p->name, n->cell, since, n->rows, &n->count, f);
	for (size_t i = 0; rc == RC_OK && i < n->count; i++) {
		struct attachment *photos;
		size_t photo_count;
		rc = case_attachments(tx, &(struct ward_case){.id = n->rows[i].id}, &photos, &photo_count, f);
		for (size_t k = photo_count; rc == RC_OK && k-- > 0;)
			if (photos[k].released)
				n->photo[i] = photos[k].photo.name;
	}
	return rc;
}

/* A form is never stopped by what only helps: what can't be read offers nothing. */
static void read_near(struct request *q, const struct journey *j, struct near *n)
{
	struct case_place place = answers_place(q, j);
	*n = (struct near){.q = q, .p = answers_procedure(q, j), .cell = place.cell};
	if (n->p == NULL || !n->p->listed || n->p->conduct || !place.has_point ||
	    store_read(q->app->store, q->ward->id, q->arena, near_tx, n, NULL) != RC_OK)
		n->count = 0;
}

bool answers_joined(const struct journey *j) { return journey_get(j, "join").n > 0; }

bool same_asked(struct request *q, const struct journey *j)
{
	struct near n;
	if (journey_get(j, "same").n > 0)
		return false;
	read_near(q, j, &n);
	return n.count > 0;
}

void same_forget(struct request *q, struct journey *j)
{
	journey_set(q, j, "same", STR_EMPTY);
	journey_set(q, j, "join", STR_EMPTY);
}

/* From centre to centre of their squares: nobody learns more of a place than its square. */
static struct str away(struct request *q, struct cell a, struct cell b)
{
	double metres = 100 * hypot(a.column - b.column, a.row - b.row);
	return metres < 50 ? request_text(q, "report.same.here")
	                   : arena_fmt(q->arena, "%.*s %d m", PSTR(request_text(q, "report.same.away")),
	                               (int)(metres / 10 + 0.5) * 10);
}

struct open_ones {
	struct request *q;
	struct case_filter filter;
	size_t count;
};

static enum rc open_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct open_ones *o = ctx;
	struct case_row *rows;
	bool more;
	return case_list(tx, &o->q->app->flow, &o->filter, &rows, &o->count, &more, f);
}

struct str same_list(struct request *q, const struct journey *j)
{
	const struct procedure *p = answers_procedure(q, j);
	struct case_place place = answers_place(q, j);
	if (p == NULL || !p->listed || p->conduct || place.has_point || place.area.v == 0)
		return STR_EMPTY;
	struct open_ones o = {.q = q, .filter = {.listed = true, .kind = p->name, .area = place.area, .limit = 1,
	                                         .states = filter_states(STR("open"))}};
	if (store_read(q->app->store, q->ward->id, q->arena, open_tx, &o, NULL) != RC_OK || o.count == 0)
		return STR_EMPTY;
	return request_link(q, "/cases?kind=%.*s&area=%lld&state=open", PSTR(p->name), (long long)place.area.v);
}

static void add_one(struct request *q, struct vobj *page, const struct near *n, size_t i)
{
	const struct case_row *c = &n->rows[i];
	struct vobj *o = view_item(page, SM_CASES);
	view_text(o, SC_CODE, arena_copy(q->arena, str_of(c->public_code)));
	view_key(o, SC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_day(o, SC_RECEIVED, day_of(c->received_at));
	view_bool(o, SC_LATE, c->due_at > 0 && q->now >= c->due_at);
	view_text(o, SC_KIND, n->p->title[q->lang]);
	view_text(o, SC_AREA, label_area(q, c->area));
	view_text(o, SC_AWAY, away(q, n->cell, c->cell));
	view_url(o, SC_PAGE, request_link(q, "/case/%s", c->public_code));
	view_text(o, SC_TEXT, c->released_text);
	if (n->photo[i].n > 0)
		view_url(o, SC_THUMB, request_link(q, "/case/%s/photo/%.*s?thumb=1", c->public_code, PSTR(n->photo[i])));
	view_text(o, SC_LABEL, request_text(q, "photo.label"));
	if (c->reports > 1)
		view_int(o, SC_REPORTS, c->reports);
}

bool same_show(struct request *q, struct reply *r, const struct journey *j, struct str error)
{
	struct near n;
	read_near(q, j, &n);
	if (n.count == 0)
		return false;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &SAME);
	struct str heading = request_text(q, "report.same.title");
	bool plate = answers_plate(j);
	view_url(page, SM_ACTION, request_link(q, "/report/same"));
	view_text(page, SM_S, journey_seal(q, REPORT_PURPOSE, j));
	view_text(page, SM_HEADING, heading);
	view_text(page, SM_KIND, n.p->title[q->lang]);
	view_bool(page, SM_BACK, !plate);
	view_bool(page, SM_FIRST, plate);
	if (plate) {
		struct case_place place = answers_place(q, j);
		view_text(page, SM_PLATE, arena_fmt(q->arena, "%.*s – %.*s", PSTR(n.p->title[q->lang]),
		                                    PSTR(place_words(q, &place))));
	}
	for (size_t i = 0; i < n.count; i++)
		add_one(q, page, &n, i);
	if (error.n > 0)
		form_error_add(page, SM_ERRORS, error, STR("#same"));
	sent_watch(q, page, SM_SPENT, j);
	keep_show(q, page, SM_KEEP, n.p);
	reply_title(r, heading);
	reply_page(q, r, "report/same", &SAME, page, error.n > 0 ? 422 : 200);
	return true;
}

/* "join:CODE", "no" or "back". A code that is not offered is none. */
static bool take(struct request *q, struct journey *j)
{
	struct str go = request_form(q, "go");
	struct near n;
	if (!str_starts(go, STR("join:")))
		return true;
	read_near(q, j, &n);
	for (size_t i = 0; i < n.count; i++)
		if (str_is(str_sub(go, 5, go.n), n.rows[i].public_code)) {
			journey_set(q, j, "join", str_sub(go, 5, go.n));
			journey_set(q, j, "same", STR("yes"));
			return true;
		}
	same_forget(q, j);
	return false;
}

enum rc report_same(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	bool spent = false;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : report_journey(q, r, &j, &spent, f);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form could not be read");
	if (spent)
		return RC_OK;
	struct str go = request_form(q, "go"), error = STR_EMPTY;
	enum report_step missing = answers_missing(q, &j);
	if (missing == RS_KIND || missing == RS_WHERE) {
		step_show(q, r, &j, missing, NULL);
		return RC_OK;
	}
	if (str_is(go, "back")) {
		step_show(q, r, &j, RS_WHERE, NULL);
		return RC_OK;
	}
	if (!take(q, &j))
		error = request_text(q, "report.same.gone");
	if (error.n > 0 && same_show(q, r, &j, error))
		return RC_OK;
	if (!answers_joined(&j)) {
		same_forget(q, &j);
		journey_set(q, &j, "same", STR("no"));
	}
	step_show(q, r, &j, answers_joined(&j) ? answers_missing(q, &j) : RS_WHAT, NULL);
	return RC_OK;
}
