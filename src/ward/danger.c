#include "ward/danger.h"

enum { DG_SAID, DG_LIST, DG_JS, DG_DESK, DG_FIELDS };
static const struct field DANGER_F[] = {
	[DG_SAID] = {"said", V_BOOL, SEE_ALL, "the words speak of danger", NULL, NULL},
	[DG_LIST] = {"list", V_TEXT, SEE_ALL, "words of danger, for the script", NULL, NULL},
	[DG_JS] = {"js", V_URL, SEE_ALL, "script that looks while one types", NULL, NULL},
	[DG_DESK] = {"desk", V_BOOL, SEE_ALL, "an officer types", NULL, NULL},
};
const struct shape DANGER = SHAPE("danger", DANGER_F);

bool danger_said(const struct request *q, struct str text)
{
	struct str line;
	return text.n > 0 && alarm_match(q->app->alarm, q->arena, text, &line);
}

bool danger_asks(const struct request *q, struct str text)
{
	return !request_has(q, "danger") && danger_said(q, text);
}

void danger_fill(struct request *q, struct vobj *page, int field, struct danger_look look)
{
	struct vobj *o = look.said || look.live ? view_obj(page, field) : NULL;
	if (o == NULL)
		return;
	view_bool(o, DG_SAID, look.said);
	view_bool(o, DG_DESK, look.desk);
	if (look.live) {
		view_text(o, DG_LIST, alarm_list(q->app->alarm));
		view_url(o, DG_JS, http_asset(q->app->http, q->arena, "alarm.js"));
	}
}
