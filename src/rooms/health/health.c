#include "rooms/health/health.h"

#include "ward/doctor.h"

enum { FI_LEVEL, FI_WRONG, FI_SOON, FI_UNKNOWN, FI_NAME, FI_TEXT, FI_DOING, FI_FIELDS };
static const struct field FINDING_F[] = {
	[FI_LEVEL] = {"level", V_KEY, SEE_ADMIN, "fine, unknown, soon, wrong", NULL, NULL},
	[FI_WRONG] = {"wrong", V_BOOL, SEE_ADMIN, "wrong now", NULL, NULL},
	[FI_SOON] = {"soon", V_BOOL, SEE_ADMIN, "to be done soon", NULL, NULL},
	[FI_UNKNOWN] = {"unknown", V_BOOL, SEE_ADMIN, "could not be looked at", NULL, NULL},
	[FI_NAME] = {"name", V_TEXT, SEE_ADMIN, "what was looked at", NULL, NULL},
	[FI_TEXT] = {"text", V_TEXT, SEE_ADMIN, "what was found", NULL, NULL},
	[FI_DOING] = {"doing", V_TEXT, SEE_ADMIN, "what to do about it", NULL, NULL},
};
static const struct shape FINDING = SHAPE("finding", FINDING_F);

enum { HE_FINDINGS, HE_ALL, HE_LOOKED, HE_VERSION, HE_AGAIN, HE_FIELDS };
static const struct field HEALTH_F[] = {
	[HE_FINDINGS] = {"findings", V_LIST, SEE_ADMIN, "what was found, the worst first", &FINDING, NULL},
	[HE_ALL] = {"all", V_TEXT, SEE_ADMIN, "all of it in a sentence", NULL, NULL},
	[HE_LOOKED] = {"looked", V_TIME, SEE_ADMIN, "when it was looked at", NULL, NULL},
	[HE_VERSION] = {"version", V_TEXT, SEE_ADMIN, "the program's version", NULL, NULL},
	[HE_AGAIN] = {"again", V_URL, SEE_ADMIN, "this page again", NULL, NULL},
};
static const struct shape HEALTH = SHAPE("health", HEALTH_F);

static void add_finding(struct request *q, struct vobj *page, const struct doctor *d,
                        const struct finding *x)
{
	struct str name, text, doing;
	struct vobj *item = view_item(page, HE_FINDINGS);
	finding_words(d, x, q->lang, &name, &text, &doing);
	view_key(item, FI_LEVEL, str_of(level_name(x->level)),
	         request_text(q, arena_fmt(q->arena, "doctor.level.%s", level_name(x->level)).p));
	view_bool(item, FI_WRONG, x->level == LEVEL_wrong);
	view_bool(item, FI_SOON, x->level == LEVEL_soon);
	view_bool(item, FI_UNKNOWN, x->level == LEVEL_unknown);
	view_text(item, FI_NAME, name);
	view_text(item, FI_TEXT, text);
	view_text(item, FI_DOING, doing);
}

static enum rc health_page(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	struct view v = request_view(q, 0);
	struct vobj *page = view_new(&v, &HEALTH);
	struct doctor *d = ARENA_NEW(q->arena, struct doctor);
	doctor_look(d, q->app, q->arena);
	for (enum level l = LEVEL_wrong; l >= LEVEL_fine; l--)
		for (size_t i = 0; i < d->count; i++)
			if (d->findings[i].level == l)
				add_finding(q, page, d, &d->findings[i]);
	view_text(page, HE_ALL, request_text(q, arena_fmt(q->arena, "doctor.all.%s",
	                                                  level_name(doctor_worst(d))).p));
	view_time(page, HE_LOOKED, q->now);
	view_text(page, HE_VERSION, STR(XOM_VERSION));
	view_url(page, HE_AGAIN, request_link(q, "/admin/health"));
	reply_title(r, request_text(q, "health.title"));
	reply_view(q, r, page);
	return RC_OK;
}

static const struct route ROUTES[] = {
	ROUTE(GET, "/admin/health", health_page, admin, NONE, 0, FORM, NONE, &HEALTH, "health/health",
	      "what xom doctor says of this installation"),
	{0},
};

const struct room HEALTH_ROOM = {.name = "health", .routes = ROUTES};
