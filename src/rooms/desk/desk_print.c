#include "rooms/desk/desk.h"
#include "ward/flow/sight.h"
#include "ward/qr.h"

/* What hangs on a wall and lies on the counter: a poster that leads to the ward's page, and the blank
 * form for those without a telephone and for the hours without power. Both are one A4 sheet, of a
 * kind that the ward offers or of all of them, made from the procedures; the form asks what counter
 * entry asks, in its order (DESK_NEW_FIELDS), so that it is typed in from top to bottom. */

/* So many khu vực have a box to tick; where there are more, one is written. */
enum { AREA_BOXES = 12 };

/* --- shapes --- */

enum { PK_NAME, PK_TITLE, PK_ABOUT, PK_FORM, PK_POSTER, PK_FIELDS };
static const struct field KIND_F[] = {
	[PK_NAME] = {"name", V_TEXT, SEE_OFFICE, "the kind's key", NULL, NULL},
	[PK_TITLE] = {"title", V_TEXT, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[PK_ABOUT] = {"about", V_TEXT, SEE_OFFICE, "what belongs to it", NULL, NULL},
	[PK_FORM] = {"form_url", V_URL, SEE_OFFICE, "its blank form", NULL, NULL},
	[PK_POSTER] = {"poster_url", V_URL, SEE_OFFICE, "its poster", NULL, NULL},
};
static const struct shape KIND = SHAPE("print_kind", KIND_F);

enum { PP_KINDS, PP_ALL_FORM, PP_ALL_POSTER, PP_NEW, PP_LISTS, PP_FOLDED, PP_FIELDS };
static const struct field PAPER_F[] = {
	[PP_KINDS] = {"kinds", V_LIST, SEE_OFFICE, "the kinds that the ward offers", &KIND, NULL},
	[PP_ALL_FORM] = {"all_form", V_URL, SEE_OFFICE, "the blank form for any kind", NULL, NULL},
	[PP_ALL_POSTER] = {"all_poster", V_URL, SEE_OFFICE, "the poster of all kinds", NULL, NULL},
	[PP_NEW] = {"new_url", V_URL, SEE_OFFICE, "counter entry", NULL, NULL},
	[PP_FOLDED] = {"folded_url", V_URL, SEE_OFFICE, "folded receipts for people without a phone", NULL, NULL},
	[PP_LISTS] = {"lists_url", V_URL, SEE_OFFICE, "the paper lists of open work", NULL, NULL},
};
const struct shape DESK_PRINT = SHAPE("desk_print", PAPER_F);

enum { PB_LABEL, PB_TICKED, PB_FIELDS };
static const struct field BOX_F[] = {
	[PB_LABEL] = {"label", V_TEXT, SEE_OFFICE, "what is ticked", NULL, NULL},
	[PB_TICKED] = {"ticked", V_BOOL, SEE_OFFICE, "printed with a cross", NULL, NULL},
};
static const struct shape BOX = SHAPE("print_box", BOX_F);

enum { PF_NAME, PF_LABEL, PF_HINT, PF_BOXES, PF_LINE, PF_LINES, PF_NARROW, PF_FIELDS };
static const struct field FIELD_F[] = {
	[PF_NAME] = {"name", V_TEXT, SEE_OFFICE, "the field's name on screen", NULL, NULL},
	[PF_LABEL] = {"label", V_TEXT, SEE_OFFICE, "what is asked", NULL, NULL},
	[PF_HINT] = {"hint", V_TEXT, SEE_OFFICE, "how it is answered", NULL, NULL},
	[PF_BOXES] = {"boxes", V_LIST, SEE_OFFICE, "what is ticked", &BOX, NULL},
	[PF_LINE] = {"line", V_BOOL, SEE_OFFICE, "one dotted line", NULL, NULL},
	[PF_LINES] = {"lines", V_BOOL, SEE_OFFICE, "as many as the sheet has room for", NULL, NULL},
	[PF_NARROW] = {"narrow", V_BOOL, SEE_OFFICE, "half a line is enough", NULL, NULL},
};
static const struct shape FIELD = SHAPE("print_field", FIELD_F);

enum { FO_ASKED, FO_KIND, FO_READER, FO_LISTED, FO_CONDUCT, FO_HEADS, FO_HEAD_KINDS, FO_WATCH,
	FO_NEVER, FO_ADDRESS, FO_CSS, FO_BACK, FO_FIELDS };
static const struct field FORM_F[] = {
	[FO_ASKED] = {"fields", V_LIST, SEE_OFFICE, "what is asked, in the screen's order", &FIELD, NULL},
	[FO_KIND] = {"kind", V_TEXT, SEE_OFFICE, "the one kind of this form; none: any", NULL, NULL},
	[FO_READER] = {"reader", V_TEXT, SEE_OFFICE, "the unit whose officers read it", NULL, NULL},
	[FO_LISTED] = {"listed", V_BOOL, SEE_OFFICE, "gets a public page", NULL, NULL},
	[FO_CONDUCT] = {"conduct", V_BOOL, SEE_OFFICE, "about neighbours' behaviour", NULL, NULL},
	[FO_HEADS] = {"heads", V_BOOL, SEE_OFFICE, "the khu vực's head reads it", NULL, NULL},
	[FO_HEAD_KINDS] = {"head_kinds", V_TEXT, SEE_OFFICE, "of a form for any: the kinds that the khu vực's head reads", NULL, NULL},
	[FO_WATCH] = {"watch", V_TEXT, SEE_OFFICE, "roles that read it wherever they belong", NULL, NULL},
	[FO_NEVER] = {"never", V_TEXT, SEE_OFFICE, "roles that don't, and aren't named of themselves", NULL, NULL},
	[FO_ADDRESS] = {"address", V_TEXT, SEE_OFFICE, "where it is followed, to type", NULL, NULL},
	[FO_CSS] = {"print_css", V_URL, SEE_OFFICE, "its styles", NULL, NULL},
	[FO_BACK] = {"back", V_URL, SEE_OFFICE, "all that can be printed", NULL, NULL},
};
const struct shape PRINT_FORM = SHAPE("print_form", FORM_F);

enum { PO_KINDS, PO_CONDUCT, PO_KIND, PO_ABOUT, PO_IS_CONDUCT, PO_QR, PO_BOX, PO_ADDRESS, PO_CSS, PO_BACK,
	PO_FIELDS };
static const struct field POSTER_F[] = {
	[PO_KINDS] = {"kinds", V_LIST, SEE_OFFICE, "kinds about things", &KIND, NULL},
	[PO_CONDUCT] = {"conduct_kinds", V_LIST, SEE_OFFICE, "kinds about neighbours' behaviour", &KIND, NULL},
	[PO_KIND] = {"kind", V_TEXT, SEE_OFFICE, "the one kind of this poster; none: all", NULL, NULL},
	[PO_ABOUT] = {"about", V_TEXT, SEE_OFFICE, "what belongs to it", NULL, NULL},
	[PO_IS_CONDUCT] = {"conduct", V_BOOL, SEE_OFFICE, "it is about neighbours' behaviour", NULL, NULL},
	[PO_QR] = {"qr", V_TEXT, SEE_OFFICE, "QR code of the report's form, as an SVG path", NULL, NULL},
	[PO_BOX] = {"qr_box", V_TEXT, SEE_OFFICE, "its viewBox", NULL, NULL},
	[PO_ADDRESS] = {"address", V_TEXT, SEE_OFFICE, "the ward's form, to type", NULL, NULL},
	[PO_CSS] = {"print_css", V_URL, SEE_OFFICE, "its styles", NULL, NULL},
	[PO_BACK] = {"back", V_URL, SEE_OFFICE, "all that can be printed", NULL, NULL},
};
const struct shape PRINT_POSTER = SHAPE("print_poster", POSTER_F);

/* --- shared --- */

/* The kind in the address: *p is NULL without one. False: the ward does not offer it (any more). */
/* What the counter takes (choices_counter): paper about somebody who works here would pass their hands. */
static bool printed(const struct procedure *p) { return p != NULL && !procedure_by_rule(p); }

static size_t printed_kinds(const struct request *q, const struct procedure **kinds)
{
	size_t kept = 0, n = procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), kinds,
	                                        CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++)
		if (printed(kinds[i]))
			kinds[kept++] = kinds[i];
	return kept;
}

static bool asked_kind(const struct request *q, const struct procedure **p)
{
	struct str kind = request_query(q, "kind");
	*p = NULL;
	if (kind.n == 0)
		return true;
	*p = procedure_offered(q->app->procedures, q->ward->id, kind, day_of(q->now));
	return printed(*p);
}

/* As one types it: browsers put the scheme before it. */
static struct str to_type(struct request *q, struct str link)
{
	struct str base = str_of(q->app->settings.base_url);
	size_t scheme = str_find(base, STR("://"));
	return arena_fmt(q->arena, "%.*s%.*s", PSTR(str_sub(base, scheme == SIZE_MAX ? 0 : scheme + 3, base.n)),
	                 PSTR(link));
}

static void add_kind(struct request *q, struct vobj *o, const struct procedure *p)
{
	view_text(o, PK_NAME, p->name);
	view_text(o, PK_TITLE, p->title[q->lang]);
	view_text(o, PK_ABOUT, p->about[q->lang]);
	view_url(o, PK_FORM, request_link(q, "/desk/print/form?kind=%.*s", PSTR(p->name)));
	view_url(o, PK_POSTER, request_link(q, "/desk/print/poster?kind=%.*s", PSTR(p->name)));
}

/* "The blank form: Street light". */
static void title(struct request *q, struct reply *r, const char *key, const struct procedure *p)
{
	struct str said = request_text(q, key);
	reply_title(r, p == NULL ? said
	                         : arena_fmt(q->arena, "%.*s: %.*s", PSTR(said), PSTR(p->title[q->lang])));
}

/* --- what can be printed --- */

enum rc desk_print(struct request *q, struct reply *r, struct fault *f)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = printed_kinds(q, kinds);
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_PRINT);
	(void)f;
	for (size_t i = 0; i < n; i++)
		add_kind(q, view_item(page, PP_KINDS), kinds[i]);
	view_url(page, PP_ALL_FORM, request_link(q, "/desk/print/form"));
	view_url(page, PP_ALL_POSTER, request_link(q, "/desk/print/poster"));
	view_url(page, PP_NEW, request_link(q, "/desk/new#kind"));
	view_url(page, PP_FOLDED, request_link(q, "/desk/folded"));
	if (q->actor.unit_count > 0)
		view_url(page, PP_LISTS, request_link(q, "/desk/paper"));
	title(q, r, "print.title", NULL);
	reply_view(q, r, page);
	return RC_OK;
}

/* --- the blank form --- */

static void add_field(struct request *q, struct vobj *page, enum desk_new_field field,
                      const struct procedure *p)
{
	const struct desk_field *d = &DESK_NEW_FIELDS[field];
	struct choices c = desk_new_options(q, field, p != NULL ? p->name : STR_EMPTY);
	struct vobj *o = view_item(page, FO_ASKED);
	bool ticked = field == NF_kind && p != NULL;
	bool written = c.count == 0 || (field == NF_area && c.count > AREA_BOXES);
	view_text(o, PF_NAME, str_of(d->name));
	view_text(o, PF_LABEL, request_text(q, d->label));
	if (field == NF_text && p != NULL)
		view_text(o, PF_HINT, p->hint[q->lang]);
	else if (d->paper != NULL && !ticked)
		view_text(o, PF_HINT, request_text(q, d->paper));
	for (size_t i = written ? c.count : 0; i < c.count; i++) {
		if (ticked && !c.options[i].checked)
			continue;
		struct vobj *box = view_item(o, PF_BOXES);
		view_text(box, PB_LABEL, c.options[i].label);
		view_bool(box, PB_TICKED, ticked);
	}
	view_bool(o, PF_LINE, written && d->kind != FORM_AREA);
	view_bool(o, PF_LINES, d->kind == FORM_AREA);
	view_bool(o, PF_NARROW, d->narrow);
}

struct reading {
	struct str slug;
	struct unit unit;
};

static enum rc unit_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *x = ctx;
	enum rc rc = unit_by_slug(tx, x->slug, &x->unit, f);
	return rc == RC_NONE ? RC_OK : rc;
}

/* A sheet for any kind names whoever reads one of them, and only who reads none as never reading it. */
static struct readers readers_of(struct request *q, const struct procedure *p)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, day_of(q->now), kinds, CATEGORY_COUNT);
	struct readers out = {.never = UINT32_MAX};
	if (p != NULL)
		return procedure_readers(p);
	for (size_t i = 0; i < n; i++) {
		struct readers one = procedure_readers(kinds[i]);
		out.ward |= one.ward;
		out.never &= one.never;
	}
	out.never = n > 0 ? out.never : 0;
	return out;
}

/* Of those that are printed: "Street light; Roads, alleys". */
static struct str head_kinds(struct request *q)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = printed_kinds(q, kinds);
	struct buf b = {0};
	for (size_t i = 0; i < n; i++)
		if (kinds[i]->area_head)
			buf_join(&b, "; ", kinds[i]->title[q->lang]);
	return arena_take(q->arena, &b);
}

enum rc desk_print_form(struct request *q, struct reply *r, struct fault *f)
{
	const struct procedure *p;
	struct reading x = {0};
	enum rc rc = RC_OK;
	if (!asked_kind(q, &p))
		return RC_NONE;
	if (p != NULL) {
		x.slug = p->unit;
		rc = store_read(q->app->store, q->ward->id, q->arena, unit_tx, &x, f);
	}
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &PRINT_FORM);
	for (enum desk_new_field i = 0; i < NF_COUNT; i++)
		if (i != NF_not_head || p == NULL || p->area_head)
			add_field(q, page, i, p);
	struct readers who = readers_of(q, p);
	view_text(page, FO_WATCH, label_roles(q, who.ward));
	view_text(page, FO_NEVER, label_roles(q, who.never & ~(ROLE_BIT(ROLE_area_head) | ROLE_BIT(ROLE_area_team))));
	view_text(page, FO_HEAD_KINDS, p == NULL ? head_kinds(q) : STR_EMPTY);
	if (p != NULL) {
		view_text(page, FO_KIND, p->title[q->lang]);
		view_bool(page, FO_HEADS, p->area_head);
		view_bool(page, FO_LISTED, p->listed);
		view_bool(page, FO_CONDUCT, p->conduct);
	}
	if (p != NULL)
		view_text(page, FO_READER, x.unit.name.n > 0 ? x.unit.name : request_text(q, "report.unit.any"));
	view_text(page, FO_ADDRESS, to_type(q, request_link(q, "/follow")));
	view_url(page, FO_CSS, http_asset(q->app->http, q->arena, "print.css"));
	view_url(page, FO_BACK, request_link(q, "/desk/print"));
	title(q, r, "print.form", p);
	reply_view(q, r, page);
	return RC_OK;
}

/* --- the poster --- */

static void add_poster_kinds(struct request *q, struct vobj *page)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = printed_kinds(q, kinds);
	for (size_t i = 0; i < n; i++)
		add_kind(q, view_item(page, kinds[i]->conduct ? PO_CONDUCT : PO_KINDS), kinds[i]);
}

enum rc desk_print_poster(struct request *q, struct reply *r, struct fault *f)
{
	const struct procedure *p;
	struct str path, box, form = request_link(q, "/report"), to = form;
	(void)f;
	if (!asked_kind(q, &p))
		return RC_NONE;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &PRINT_POSTER);
	if (p != NULL) {
		to = request_link(q, "/report?kind=%.*s", PSTR(p->name));
		view_text(page, PO_KIND, p->title[q->lang]);
		view_text(page, PO_ABOUT, p->about[q->lang]);
		view_bool(page, PO_IS_CONDUCT, p->conduct);
	} else {
		add_poster_kinds(q, page);
	}
	if (qr_draw(q->arena, arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url, PSTR(to)), &path, &box)) {
		view_text(page, PO_QR, path);
		view_text(page, PO_BOX, box);
	}
	view_text(page, PO_ADDRESS, to_type(q, form));
	view_url(page, PO_CSS, http_asset(q->app->http, q->arena, "print.css"));
	view_url(page, PO_BACK, request_link(q, "/desk/print"));
	title(q, r, "print.poster", p);
	reply_view(q, r, page);
	return RC_OK;
}
