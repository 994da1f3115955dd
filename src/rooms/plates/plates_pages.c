#include "rooms/plates/plates.h"
#include "ward/qr.h"

enum { ROWS = 50, BYTES_MAX = 64 << 10 };
#define PURPOSE "plates"

enum { PT_CODE, PT_KIND, PT_PLACE, PT_MADE, PT_RETIRED, PT_SHEET, PT_RETIRE, PT_FIELDS };
static const struct field ROW_F[] = {
	[PT_CODE] = {"code", V_TEXT, SEE_PUBLIC, "the plate's code", NULL, NULL},
	[PT_KIND] = {"kind", V_KEY, SEE_PUBLIC, "what it reports", NULL, NULL},
	[PT_PLACE] = {"place", V_TEXT, SEE_PUBLIC, "where it hangs", NULL, NULL},
	[PT_MADE] = {"made", V_DAY, SEE_PUBLIC, "when it was made", NULL, NULL},
	[PT_RETIRED] = {"retired", V_DAY, SEE_PUBLIC, "when it was retired", NULL, NULL},
	[PT_SHEET] = {"sheet", V_URL, SEE_PUBLIC, "its sheet, for printing", NULL, NULL},
	[PT_RETIRE] = {"retire", V_URL, SEE_PUBLIC, "where retiring is sent", NULL, NULL},
};
static const struct shape ROW = SHAPE("plate_row", ROW_F);

enum { PG_PLATES, PG_ACTION, PG_S, PG_FORM_FIELDS, PG_ERRORS, PG_NOTICE, PG_MORE, PG_FIRST, PG_FIELDS };
static const struct field LIST_F[] = {
	[PG_PLATES] = {"plates", V_LIST, SEE_PUBLIC, "newest first", &ROW, NULL},
	[PG_ACTION] = {"action", V_URL, SEE_PUBLIC, "where new ones are sent", NULL, NULL},
	[PG_S] = {"s", V_TEXT, SEE_PUBLIC, "number of the form, sealed", NULL, NULL},
	[PG_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "kind and places", &FORM_FIELD, NULL},
	[PG_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[PG_NOTICE] = {"notice", V_TEXT, SEE_PUBLIC, "what has just been done", NULL, NULL},
	[PG_MORE] = {"more", V_URL, SEE_PUBLIC, "older ones", NULL, NULL},
	[PG_FIRST] = {"newest", V_URL, SEE_PUBLIC, "back to the newest", NULL, NULL},
};
const struct shape PLATE_LIST = SHAPE("plate_list", LIST_F);

enum { PS_CODE, PS_KIND, PS_PLACE, PS_BIG, PS_QR, PS_BOX, PS_ADDRESS, PS_FIELDS };
static const struct field PLATE_F[] = {
	[PS_CODE] = {"code", V_TEXT, SEE_PUBLIC, "the plate's code", NULL, NULL},
	[PS_KIND] = {"kind", V_TEXT, SEE_PUBLIC, "what it reports", NULL, NULL},
	[PS_PLACE] = {"place", V_TEXT, SEE_PUBLIC, "street and khu vực", NULL, NULL},
	[PS_BIG] = {"big", V_TEXT, SEE_PUBLIC, "landmark or number, in big letters", NULL, NULL},
	[PS_QR] = {"qr", V_TEXT, SEE_PUBLIC, "the QR code's squares, as an SVG path", NULL, NULL},
	[PS_BOX] = {"box", V_TEXT, SEE_PUBLIC, "its viewBox", NULL, NULL},
	[PS_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "the same address, to type", NULL, NULL},
};
static const struct shape PLATE = SHAPE("plate", PLATE_F);

enum { SH_PLATES, SH_BACK, SH_NUMBER, SH_FIELDS };
static const struct field SHEET_F[] = {
	[SH_PLATES] = {"plates", V_LIST, SEE_PUBLIC, "in the order they were asked for", &PLATE, NULL},
	[SH_BACK] = {"back", V_URL, SEE_PUBLIC, "all plates", NULL, NULL},
	[SH_NUMBER] = {"number", V_INT, SEE_PUBLIC, "how many there are", NULL, "plates"},
};
const struct shape PLATE_SHEET = SHAPE("plate_sheet", SHEET_F);

/* What an officer typed, and what is wrong with it. */
struct typed {
	struct str kind, lines, kind_error, lines_error;
	struct plate_lines read;
};

struct listing {
	int64_t before;
	struct str after;             /* code of the last plate of the page before */
	struct plate *list;
	size_t count;
	bool more;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *l = ctx;
	struct plate last;
	if (l->after.n > 0) {
		enum rc rc = plate_by_code(tx, l->after, &last, f);
		if (rc != RC_OK)
			return rc;
		l->before = last.id;
	}
	return plate_list(tx, l->before, ROWS, &l->list, &l->count, &l->more, f);
}

/* "Hẻm 7 Bến Sông Mây, Khu vực 1" */
static struct str place_words(struct request *q, const struct case_place *p, bool landmark)
{
	const struct str parts[] = {landmark ? p->landmark : STR_EMPTY, p->street, label_area(q, p->area)};
	struct buf b = {0};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_join(&b, ", ", parts[i]);
	return arena_take(q->arena, &b);
}

/* Kinds about things; a plate about neighbours would point at one. */
static const struct procedure *plate_kind(const struct request *q, struct str kind)
{
	const struct procedure *p = procedure_of_kind(q->app->procedures, kind, day_of(q->now));
	return p != NULL && p->listed && !p->conduct ? p : NULL;
}

static void add_form(struct request *q, struct vobj *page, const struct view *v,
                     const struct typed *t)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, day_of(q->now), kinds, CATEGORY_COUNT), k = 0;
	struct form_option *options = arena_array(q->arena, n + 1, sizeof *options);
	for (size_t i = 0; i < n; i++)
		if (plate_kind(q, kinds[i]->name) != NULL)
			options[k++] = (struct form_option){.value = kinds[i]->name,
			                                    .label = kinds[i]->title[q->lang],
			                                    .checked = str_eq(kinds[i]->name, t->kind)};
	form_field_add(page, PG_FORM_FIELDS, PG_ERRORS, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "kind",
	                                    .label = request_text(q, "plates.kind"),
	                                    .error = t->kind_error, .options = options,
	                                    .option_count = k});
	struct buf error = {0};
	buf_add(&error, t->lines_error.n > 0 ? t->lines_error : t->read.whole);
	for (size_t i = 0; i < t->read.error_count; i++)
		buf_addf(&error, "%s%.*s %zu: %.*s", error.n > 0 ? " " : "",
		         PSTR(request_text(q, "plates.line")), t->read.errors[i].line,
		         PSTR(t->read.errors[i].text));
	struct str wrong = arena_take(q->arena, &error);
	form_field_add(page, PG_FORM_FIELDS, PG_ERRORS, v,
	               &(struct form_field){.kind = FORM_AREA, .name = "lines",
	                                    .label = request_text(q, "plates.lines"),
	                                    .hint = request_text(q, "plates.lines.hint"),
	                                    .value = t->lines, .rows = 8, .error = wrong});
}

static enum rc show(struct request *q, struct reply *r, const struct typed *t, struct fault *f)
{
	static const struct typed NOTHING = {0};
	char code[PLATE_CODE + 1];
	struct listing l = {0};
	struct str after = request_query(q, "after");
	if (after.n > 0 && plate_code_read(after, code) != RC_OK)
		return RC_NONE;
	if (after.n > 0)
		l.after = arena_copy(q->arena, str_of(code));
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &l, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &PLATE_LIST);
	struct journey j;
	journey_begin(q, &j);
	view_text(page, PG_S, journey_seal(q, PURPOSE, &j));
	view_url(page, PG_ACTION, request_link(q, "/desk/plates"));
	add_form(q, page, &v, t != NULL ? t : &NOTHING);
	for (size_t i = 0; i < l.count; i++) {
		struct vobj *row = view_item(page, PG_PLATES);
		const struct plate *p = &l.list[i];
		view_text(row, PT_CODE, arena_copy(q->arena, str_of(p->code)));
		view_key(row, PT_KIND, p->kind, label_kind(q, p->kind));
		view_text(row, PT_PLACE, place_words(q, &p->place, true));
		view_day(row, PT_MADE, day_of(p->made_at));
		if (p->retired_at > 0) {
			view_day(row, PT_RETIRED, day_of(p->retired_at));
			continue;
		}
		view_url(row, PT_SHEET, request_link(q, "/desk/plates/%.*s", PSTR(p->sheet)));
		view_url(row, PT_RETIRE, request_link(q, "/desk/plates/%s/retire", p->code));
	}
	if (l.more)
		view_url(page, PG_MORE, request_link(q, "/desk/plates?after=%s", l.list[l.count - 1].code));
	if (after.n > 0)
		view_url(page, PG_FIRST, request_link(q, "/desk/plates"));
	if (str_is(request_query(q, "done"), "retire"))
		view_text(page, PG_NOTICE, request_text(q, "plates.retired"));
	reply_title(r, request_text(q, "plates.title"));
	reply_page(q, r, "plates/list", &PLATE_LIST, page, t != NULL ? 422 : 200);
	return RC_OK;
}

enum rc plates_page(struct request *q, struct reply *r, struct fault *f)
{
	return show(q, r, NULL, f);
}

struct making {
	struct request *q;
	struct plate_lines *lines;
	struct str sheet;
};

static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct making *m = ctx;
	return plate_add(tx, &m->q->app->flow, m->q->actor.account, m->sheet, m->lines->list,
	                 m->lines->count, f);
}

/* The file's lines go where typed ones would stand, so that they can be seen and mended. */
static enum rc uploaded(struct request *q, struct str *lines, struct fault *f)
{
	struct buf b = {.max = BYTES_MAX};
	struct str bytes;
	enum rc rc = RC_OK;
	for (size_t i = 0; i < q->upload_count && rc == RC_OK; i++) {
		if (!str_is(q->uploads[i].field, "file") || q->uploads[i].size == 0)
			continue;
		rc = spool_rewind(q->uploads[i].spool, f);
		while (rc == RC_OK && (rc = spool_read(q->uploads[i].spool, &bytes, f)) == RC_OK)
			buf_add(&b, bytes);
		rc = rc == RC_NONE ? RC_OK : rc;
	}
	bool over = b.failed;
	if (rc == RC_OK && !over && b.n > 0)
		*lines = arena_take(q->arena, &b);
	else
		buf_release(&b);
	return rc == RC_OK && over ? RC_TOO_BIG : rc;
}

enum rc plates_make(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : journey_open(q, PURPOSE, &j);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form of plates could not be read");
	struct typed t = {.kind = request_form(q, "kind"), .lines = request_form(q, "lines")};
	rc = uploaded(q, &t.lines, f);
	if (rc == RC_TOO_BIG)
		t.lines_error = request_text(q, "plates.lines.many");
	else if (rc != RC_OK)
		return rc;
	const struct procedure *p = plate_kind(q, t.kind);
	if (p == NULL)
		t.kind_error = request_text(q, "report.kind.unknown");
	lines_read(q, t.lines, p != NULL ? p->name : STR_EMPTY, &t.read);
	if (p == NULL || t.lines_error.n + t.read.whole.n + t.read.error_count > 0) {
		if (!text_utf8_ok(t.lines))
			t.lines = STR_EMPTY;
		return show(q, r, &t, f);
	}
	struct hash journey = journey_hash(&j);
	struct making m = {.q = q, .lines = &t.read, .sheet = sheet_name(q->arena, &journey)};
	rc = store_write(q->app->store, q->ward->id, q->arena, make_tx, &m, f);
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	reply_redirect(q, r, request_link(q, "/desk/plates/%.*s", PSTR(m.sheet)));
	return RC_OK;
}

struct sheet {
	struct str name;
	struct plate *list;
	size_t count;
};

static enum rc sheet_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct sheet *s = ctx;
	return plate_sheet(tx, s->name, &s->list, &s->count, f);
}

enum rc plates_sheet(struct request *q, struct reply *r, struct fault *f)
{
	struct sheet s = {.name = request_param(q, "sheet")};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, sheet_tx, &s, f);
	if (rc != RC_OK || s.count == 0)
		return rc != RC_OK ? rc : RC_NONE;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &PLATE_SHEET);
	view_url(page, SH_BACK, request_link(q, "/desk/plates"));
	view_int(page, SH_NUMBER, (int64_t)s.count);
	for (size_t i = 0; i < s.count; i++) {
		const struct plate *p = &s.list[i];
		struct vobj *o = view_item(page, SH_PLATES);
		/* Whoever stands before it reads Vietnamese, or changes the language there. */
		struct str address = arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url,
		                               PSTR(request_link_in(q, LANG_vi, arena_fmt(q->arena, "/p/%s",
		                                                                          p->code))));
		struct str qr, box;
		view_text(o, PS_CODE, arena_copy(q->arena, str_of(p->code)));
		view_text(o, PS_KIND, label_kind(q, p->kind));
		view_text(o, PS_PLACE, place_words(q, &p->place, false));
		view_text(o, PS_BIG, p->place.landmark);
		view_text(o, PS_ADDRESS, address);
		if (qr_draw(q->arena, address, &qr, &box)) {
			view_text(o, PS_QR, qr);
			view_text(o, PS_BOX, box);
		}
	}
	reply_title(r, request_text(q, "plates.sheet"));
	reply_view(q, r, page);
	return RC_OK;
}

static enum rc retire_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct request *q = ctx;
	char code[PLATE_CODE + 1];
	if (plate_code_read(request_param(q, "code"), code) != RC_OK)
		return RC_NONE;
	return plate_retire(tx, q->actor.account, str_of(code), f);
}

enum rc plates_retire(struct request *q, struct reply *r, struct fault *f)
{
	enum rc rc = q->body_rc;
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, retire_tx, q, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/desk/plates?done=retire"));
	return rc;
}
