/* The draft that a person keeps on a phone of their own: nothing of it lies here. The server gives the
 * page that fills the form in one piece, which works without a network, and the worker that sends
 * it once when the network is back, over the form's own pages. */
#include "rooms/report/report.h"

enum { DK_NAME, DK_VERSION, DK_PHOTOS, DK_READER, DK_LISTED, DK_CONDUCT, DK_HINT, DK_MAIL, DK_HEADS, DK_WATCH, DK_NEVER, DK_FIELDS };
static const struct field KIND_F[] = {
	[DK_NAME] = {"name", V_TEXT, SEE_PUBLIC, "the kind's key", NULL, NULL},
	[DK_VERSION] = {"version", V_TEXT, SEE_PUBLIC, "version of its procedure", NULL, NULL},
	[DK_PHOTOS] = {"photos", V_BOOL, SEE_PUBLIC, "takes photos", NULL, NULL},
	[DK_READER] = {"reader", V_TEXT, SEE_PUBLIC, "the unit whose officers read it", NULL, NULL},
	[DK_LISTED] = {"listed", V_BOOL, SEE_PUBLIC, "gets a public page", NULL, NULL},
	[DK_CONDUCT] = {"conduct", V_BOOL, SEE_PUBLIC, "about neighbours' behaviour", NULL, NULL},
	[DK_MAIL] = {"mail", V_BOOL, SEE_PUBLIC, "never: a draft asks for no address", NULL, NULL},
	[DK_HEADS] = {"heads", V_BOOL, SEE_PUBLIC, "the khu vực's head reads it", NULL, NULL},
	[DK_WATCH] = {"watch", V_TEXT, SEE_PUBLIC, "roles that read it wherever they belong", NULL, NULL},
	[DK_NEVER] = {"never", V_TEXT, SEE_PUBLIC, "roles that don't, and aren't named of themselves", NULL, NULL},
	[DK_HINT] = {"hint", V_TEXT, SEE_PUBLIC, "what to write about it", NULL, NULL},
};
static const struct shape DRAFT_KIND = SHAPE("draft_kind", KIND_F);

enum { DR_FORM, DR_JS, DR_PHOTOS_JS, DR_MOST, DR_ERRORS, DR_FIRST, DR_PLACE, DR_TEXT, DR_FILES, DR_KINDS,
	DR_STAFF_KIND, DR_STAFF, DR_ABOUT, DR_READERS, DR_DANGER, DR_FIELDS };
static const struct field DRAFT_F[] = {
	[DR_DANGER] = {"danger", V_OBJ, SEE_PUBLIC, "numbers to call, when what is typed speaks of danger", &DANGER, NULL},
	[DR_FORM] = {"form", V_URL, SEE_PUBLIC, "address of the form", NULL, NULL},
	[DR_JS] = {"draft_js", V_URL, SEE_PUBLIC, "script of the draft", NULL, NULL},
	[DR_PHOTOS_JS] = {"photos_js", V_URL, SEE_PUBLIC, "script of the photos", NULL, NULL},
	[DR_MOST] = {"most", V_INT, SEE_PUBLIC, "photos at most", NULL, "photos"},
	[DR_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "none: the page is the same for all", &FORM_ERROR, NULL},
	[DR_FIRST] = {"first", V_LIST, SEE_PUBLIC, "the kinds", &FORM_FIELD, NULL},
	[DR_PLACE] = {"place", V_LIST, SEE_PUBLIC, "where", &FORM_FIELD, NULL},
	[DR_TEXT] = {"words", V_LIST, SEE_PUBLIC, "what happened", &FORM_FIELD, NULL},
	[DR_FILES] = {"files", V_LIST, SEE_PUBLIC, "photos", &FORM_FIELD, NULL},
	[DR_KINDS] = {"kinds", V_LIST, SEE_PUBLIC, "what each kind asks for, and who reads it", &DRAFT_KIND,
	              NULL},
	[DR_STAFF_KIND] = {"staff_kind", V_TEXT, SEE_PUBLIC, "the kind of what is about somebody who works here", NULL, NULL},
	[DR_STAFF] = {"staff", V_LIST, SEE_PUBLIC, "whether it is about somebody who works here", &FORM_FIELD, NULL},
	[DR_ABOUT] = {"about_whom", V_LIST, SEE_PUBLIC, "which part of the ward or post it is about", &FORM_FIELD, NULL},
	[DR_READERS] = {"receivers", V_LIST, SEE_PUBLIC, "who receives it then, for each of them", &SUBJECT_READER, NULL},
};
const struct shape DRAFT = SHAPE("draft", DRAFT_F);

static struct str version_text(struct request *q, const struct procedure *p)
{
	return p != NULL ? arena_fmt(q->arena, "%lld", (long long)p->version.v) : STR_EMPTY;
}

void keep_show(struct request *q, struct vobj *page, int first, const struct procedure *p)
{
	view_url(page, first, request_link(q, "/report"));
	view_text(page, first + 1, version_text(q, p));
	view_url(page, first + 2, http_asset(q->app->http, q->arena, "draft.js"));
}

static void add_kinds(struct request *q, struct vobj *page)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, day_of(q->now), kinds, CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++) {
		if (kinds[i]->about_staff) /* a question of its own */
			continue;
		struct vobj *item = view_item(page, DR_KINDS);
		view_text(item, DK_NAME, kinds[i]->name);
		view_text(item, DK_VERSION, version_text(q, kinds[i]));
		view_bool(item, DK_PHOTOS, kinds[i]->photos);
		view_text(item, DK_READER, unit_name(q, kinds[i]));
		readers_show(q, item, DK_WATCH, DK_NEVER, kinds[i]);
		view_bool(item, DK_LISTED, kinds[i]->listed);
		view_bool(item, DK_CONDUCT, kinds[i]->conduct);
		view_bool(item, DK_HEADS, kinds[i]->area_head);
		view_text(item, DK_HINT, kinds[i]->hint[q->lang]);
	}
}

static void add_field(struct request *q, struct vobj *page, const struct view *v, int list,
                      enum form_kind kind, const char *name, const char *label, const char *hint)
{
	form_field_add(page, list, DR_ERRORS, v,
	               &(struct form_field){.kind = kind,
	                                    .name = name,
	                                    .label = request_text(q, label),
	                                    .hint = hint != NULL ? request_text(q, hint) : STR_EMPTY,
	                                    .rows = kind == FORM_AREA ? 6 : 0,
	                                    .max = kind == FORM_AREA ? TEXT_MAX : 0});
}

static void add_choices(struct request *q, struct vobj *page, const struct view *v, int list,
                        const char *name, const char *label, const struct choices *c)
{
	form_field_add(page, list, DR_ERRORS, v,
	               &(struct form_field){.kind = FORM_RADIOS,
	                                    .name = name,
	                                    .label = request_text(q, label),
	                                    .options = c->options,
	                                    .option_count = c->count});
}

/* The same for everybody, so that a phone may keep it: the answers are put in by the phone. */
enum rc report_draft(struct request *q, struct reply *r, struct fault *f)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &DRAFT);
	const struct form_option unsure = {.value = STR("unsure"),
	                                   .label = request_text(q, "report.area.unsure")};
	struct choices kinds = choices_counter(q, STR_EMPTY);
	struct choices areas = choices_areas(q, STR_EMPTY, &unsure, true);
	view_url(page, DR_FORM, request_link(q, "/report"));
	view_url(page, DR_JS, http_asset(q->app->http, q->arena, "draft.js"));
	view_url(page, DR_PHOTOS_JS, http_asset(q->app->http, q->arena, "photos.js"));
	view_int(page, DR_MOST, PHOTOS_MAX);
	add_choices(q, page, &v, DR_FIRST, "kind", "report.kind.title", &kinds);
	add_choices(q, page, &v, DR_PLACE, "area", "report.area.label", &areas);
	add_field(q, page, &v, DR_PLACE, FORM_TEXT, "street", "report.street.label", "report.street.hint");
	add_field(q, page, &v, DR_PLACE, FORM_TEXT, "landmark", "report.landmark.label",
	          "report.landmark.hint");
	add_field(q, page, &v, DR_TEXT, FORM_AREA, "text", "report.what.title", NULL);
	enum rc rc = subject_draft(q, page, &v, &(struct subject_lists){DR_STAFF_KIND, DR_STAFF, DR_ABOUT, DR_READERS, DR_ERRORS}, f);
	if (rc != RC_OK)
		return rc;
	add_field(q, page, &v, DR_FILES, FORM_FILES, "photos", "report.photos.label", "report.photos.hint");
	danger_fill(q, page, DR_DANGER, (struct danger_look){.live = true});
	add_kinds(q, page);
	reply_title(r, request_text(q, "report.draft.title"));
	reply_view(q, r, page);
	return RC_OK;
}

/* The worker governs the form's addresses and no others: what it is asked for by a page elsewhere it never
 * sees. */
enum rc report_worker(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_worker(r, request_link(q, "/report"));
	reply_bytes(q, r, STR("text/javascript; charset=utf-8"),
	            arena_fmt(q->arena, "importScripts(\"%.*s\");\n",
	                      PSTR(http_asset(q->app->http, q->arena, "worker.js"))));
	return RC_OK;
}
