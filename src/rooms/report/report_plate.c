/* A plate's address: the report form with kind and place answered, at "what happened". A plate that is
 * not known here, retired, or whose kind is no longer taken says so and leads to the ordinary form. */
#include "rooms/report/report.h"

#include "ward/flow/plate.h"

enum { GONE_HEADING, GONE_TEXT, GONE_REPORT, GONE_FIELDS };
static const struct field GONE_F[] = {
	[GONE_HEADING] = {"heading", V_TEXT, SEE_PUBLIC, "what is the matter with the plate", NULL, NULL},
	[GONE_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "what to do", NULL, NULL},
	[GONE_REPORT] = {"report", V_URL, SEE_PUBLIC, "the ordinary form", NULL, NULL},
};
const struct shape PLATE_GONE = SHAPE("plate_gone", GONE_F);

static enum rc gone(struct request *q, struct reply *r, const char *why, struct str kind, int status)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &PLATE_GONE);
	struct str heading = request_text(q, arena_fmt(q->arena, "plate.%s", why).p);
	view_text(page, GONE_HEADING, heading);
	view_text(page, GONE_TEXT, request_text(q, arena_fmt(q->arena, "plate.%s.text", why).p));
	view_url(page, GONE_REPORT, kind.n > 0 ? request_link(q, "/report?kind=%.*s", PSTR(kind))
	                                       : request_link(q, "/report"));
	reply_title(r, heading);
	reply_page(q, r, "report/plate", &PLATE_GONE, page, status);
	return RC_OK;
}

struct looking {
	char code[PLATE_CODE + 1];
	struct plate plate;
};

static enum rc find_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct looking *l = ctx;
	return plate_by_code(tx, str_of(l->code), &l->plate, f);
}

static void answer_place(struct request *q, struct journey *j, const struct case_place *p)
{
	struct str area = arena_fmt(q->arena, "%lld", (long long)p->area.v);
	struct area_id still;
	if (p->area.v != 0 && choices_area(q, area, &still)) /* a khu vực may have ended meanwhile */
		journey_set(q, j, "area", area);
	journey_set(q, j, "street", p->street);
	journey_set(q, j, "landmark", p->landmark);
	if (!p->has_point)
		return;
	journey_set(q, j, "lat", arena_fmt(q->arena, "%.7f", p->lat));
	journey_set(q, j, "lon", arena_fmt(q->arena, "%.7f", p->lon));
}

enum rc report_plate(struct request *q, struct reply *r, struct fault *f)
{
	struct looking l;
	enum rc rc = plate_code_read(request_param(q, "code"), l.code);
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, find_tx, &l, f);
	if (rc == RC_NONE || rc == RC_INVALID)
		return gone(q, r, "unknown", STR_EMPTY, 404);
	if (rc != RC_OK)
		return rc;
	const struct procedure *p = procedure_of_kind(q->app->procedures, l.plate.kind, day_of(q->now));
	if (p == NULL || p->conduct)
		return gone(q, r, "kind_gone", STR_EMPTY, 410);
	if (l.plate.retired_at > 0)
		return gone(q, r, "retired", p->name, 410);
	struct journey j;
	journey_begin(q, &j);
	journey_set(q, &j, "plate", arena_copy(q->arena, str_of(l.code)));
	journey_set(q, &j, "kind", p->name);
	answer_place(q, &j, &l.plate.place);
	step_show(q, r, &j, RS_SAME, NULL);   /* where nothing is near it: what is the matter */
	return RC_OK;
}
