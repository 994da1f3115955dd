#include "rooms/desk/desk.h"

/* The slip of a counter entry, printed or read aloud: the code, and how the resident makes the PIN
 * with the word. Nothing on it opens anything. */

enum { SL_CODE, SL_KIND, SL_RECEIVED, SL_EVENT, SL_UNIT, SL_NEXT, SL_DUE, SL_ADDRESS, SL_REPLACED, SL_CASE,
	SL_AGAIN, SL_FIELDS };
static const struct field SLIP_F[] = {
	[SL_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[SL_KIND] = {"kind", V_TEXT, SEE_OFFICE, "what was reported", NULL, NULL},
	[SL_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was entered", NULL, NULL},
	[SL_EVENT] = {"event", V_TIME, SEE_OFFICE, "when it happened, as told", NULL, NULL},
	[SL_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "the receiving unit", NULL, NULL},
	[SL_NEXT] = {"next", V_TEXT, SEE_OFFICE, "what happens next", NULL, NULL},
	[SL_DUE] = {"due", V_DAY, SEE_OFFICE, "by when", NULL, NULL},
	[SL_ADDRESS] = {"address", V_TEXT, SEE_OFFICE, "where it is followed, to type", NULL, NULL},
	[SL_REPLACED] = {"replaced", V_BOOL, SEE_OFFICE, "in place of a lost one", NULL, NULL},
	[SL_CASE] = {"case_url", V_URL, SEE_OFFICE, "the case, where one's own unit has it", NULL, NULL},
	[SL_AGAIN] = {"again", V_URL, SEE_OFFICE, "the next entry", NULL, NULL},
};
const struct shape DESK_SLIP = SHAPE("desk_slip", SLIP_F);

void slip_show(struct request *q, struct reply *r, const struct ward_case *c, const struct unit *unit,
               bool replaced)
{
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_SLIP);
	view_text(page, SL_CODE, arena_copy(q->arena, str_of(c->code)));
	view_text(page, SL_KIND, c->procedure->title[q->lang]);
	view_time(page, SL_RECEIVED, c->received_at);
	view_time(page, SL_EVENT, c->event_at);
	view_text(page, SL_UNIT, unit->name.n > 0 ? unit->name : request_text(q, "report.unit.any"));
	view_text(page, SL_NEXT, c->procedure->next[q->lang]);
	if (c->due_at > 0)
		view_day(page, SL_DUE, day_of(c->due_at - 1));
	view_text(page, SL_ADDRESS, arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url,
	                                      PSTR(request_link(q, "/follow"))));
	view_bool(page, SL_REPLACED, replaced);
	if (case_handled_by(c, &q->actor))
		view_url(page, SL_CASE, request_link(q, "/desk/case/%s", c->code));
	view_url(page, SL_AGAIN, request_link(q, "/desk/new#kind"));
	reply_title(r, request_text(q, "slip.title"));
	reply_page(q, r, "desk/slip", &DESK_SLIP, page, 200);
}
