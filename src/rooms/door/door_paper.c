/* A letter to print: the person's words, and dots where they write who they are. Made when it is asked for,
 * from the posted form into the answer, and nowhere else: no row, no file, no line of a log. */
#include "rooms/door/door.h"
#include "ward/document/document.h"

enum { WHAT_MAX = 10000, WISH_MAX = 1000 };

enum { DF_HEADING, DF_LEAD, DF_ACTION, DF_FORM, DF_ERRORS, DF_BACK, DF_FIELDS };
static const struct field PAPER_F[] = {
	[DF_HEADING] = {"heading", V_TEXT, SEE_PUBLIC, "which letter", NULL, NULL},
	[DF_LEAD] = {"lead", V_TEXT, SEE_PUBLIC, "whom it goes to", NULL, NULL},
	[DF_ACTION] = {"action", V_URL, SEE_PUBLIC, "makes it", NULL, NULL},
	[DF_FORM] = {"fields", V_LIST, SEE_PUBLIC, "what is asked", &FORM_FIELD, NULL},
	[DF_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[DF_BACK] = {"back", V_URL, SEE_PUBLIC, "the door", NULL, NULL},
};
const struct shape DOOR_PAPER = SHAPE("door_paper", PAPER_F);

struct words_of_letter {
	struct str what, wish, what_error, wish_error;
};

static void show_form(struct request *q, struct reply *r, const struct router_door *d,
                      const struct words_of_letter *w)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &DOOR_PAPER);
	view_text(page, DF_HEADING, request_text(q, "door.paper.title"));
	view_text(page, DF_LEAD, d->title.in[q->lang]);
	view_url(page, DF_ACTION, door_paper_link(q, d, door_from(q, d)));
	view_url(page, DF_BACK, door_link(q, d, door_from(q, d)));
	form_field_add(page, DF_FORM, DF_ERRORS, &v,
	               &(struct form_field){.kind = FORM_AREA, .name = "what", .label = request_text(q, "door.paper.what"),
	                                    .hint = request_text(q, "door.paper.what.hint"), .value = w->what,
	                                    .error = w->what_error, .rows = 8, .max = WHAT_MAX});
	form_field_add(page, DF_FORM, DF_ERRORS, &v,
	               &(struct form_field){.kind = FORM_AREA, .name = "wish", .label = request_text(q, "door.paper.wish"),
	                                    .value = w->wish, .error = w->wish_error, .rows = 3, .max = WISH_MAX});
	reply_title(r, request_text(q, "door.paper.title"));
	reply_page(q, r, "door/paper", &DOOR_PAPER, page, w->what_error.n + w->wish_error.n > 0 ? 422 : 200);
}

static const struct router_door *asked(const struct request *q)
{
	const struct router_door *d = router_door(q->app->router, request_param(q, "id"));
	return d != NULL && d->paper.title.n > 0 ? d : NULL;
}

enum rc door_paper_form(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	const struct words_of_letter none = {0};
	const struct router_door *d = asked(q);
	if (d == NULL)
		return RC_NONE;
	show_form(q, r, d, &none);
	return RC_OK;
}

/* Identity numbers are masked here as everywhere: the paper, too, may be left on a printer. */
static struct str take(struct request *q, const char *name, size_t max, struct str *error)
{
	struct str clean = STR_EMPTY;
	enum rc rc = text_clean(q->arena, request_form(q, name), TEXT_LINES, max, &clean);
	if (rc == RC_INVALID) {
		*error = request_text(q, "form.not_utf8");
		return STR_EMPTY;
	}
	if (rc == RC_TOO_BIG)
		*error = arena_fmt(q->arena, "%.*s %zu/%zu", PSTR(request_text(q, "form.too_long")),
		                   text_length(clean), max);
	return clean;
}

static struct str vi(const struct request *q, const char *key) { return po_text(q->app->po, LANG_vi, key); }

static void draw(struct request *q, struct document *d, const struct router_door *door, struct str to,
                 const struct words_of_letter *w)
{
	static const struct document_style PLAIN = {.size = 13, .first = 28, .after = 4},
		TITLE = {.size = 14, .bold = true, .align = ALIGN_centre, .after = 8}, LABEL = {.size = 13, .bold = true, .after = 3},
		TO = {.size = 13, .align = ALIGN_centre, .after = 8}, BLANK = {.size = 13};
	const struct router_paper *p = &door->paper;
	document_national(d, &(struct national_heading){.place_day = vi(q, "door.letter.day")});
	document_space(d, 6);
	document_text(d, p->title, &TITLE);
	if (to.n > 0)
		document_text(d, arena_fmt(q->arena, "%.*s %.*s", PSTR(vi(q, "door.letter.to")), PSTR(to)), &TO);
	else
		document_blank(d, vi(q, "door.letter.to"), 0, &BLANK);
	document_blank(d, vi(q, "door.letter.name"), 0, &BLANK);
	document_blanks(d, (const struct str[]){vi(q, "door.letter.born"), vi(q, "door.letter.phone")}, 2, &BLANK);
	document_blank(d, vi(q, "door.letter.home"), 0, &(struct document_style){.size = 13, .after = 8});
	document_text(d, p->opening, &PLAIN);
	for (size_t i = 0; i < p->blank_count; i++)
		document_blank(d, p->blanks[i], 1, &(struct document_style){.size = 13, .after = 6});
	document_text(d, p->what, &LABEL);
	document_text(d, w->what, &PLAIN);
	document_text(d, p->wish, &LABEL);
	if (w->wish.n > 0)
		document_text(d, w->wish, &PLAIN);
	else
		document_blank(d, STR_EMPTY, 1, &(struct document_style){.size = 13, .after = 6});
	document_text(d, p->closing, &PLAIN);
	document_space(d, 10);
	const struct document_line right[] = {{vi(q, "door.letter.signer"), {.size = 13, .bold = true}, 0},
	                                      {vi(q, "door.letter.sign"), {.size = 12, .italic = true, .after = 60}, 0}};
	document_beside(d, 0.5, NULL, 0, right, 2);
}

enum rc door_paper_send(struct request *q, struct reply *r, struct fault *f)
{
	struct words_of_letter w = {0};
	struct receiver *rows;
	struct document *d;
	struct buf pdf = {0};
	size_t n;
	const struct router_door *door = asked(q);
	if (door == NULL)
		return RC_NONE;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	w.what = take(q, "what", WHAT_MAX, &w.what_error);
	w.wish = take(q, "wish", WISH_MAX, &w.wish_error);
	if (w.what.n == 0 && w.what_error.n == 0)
		w.what_error = request_text(q, "door.paper.what.missing");
	if (w.what_error.n + w.wish_error.n > 0) {
		show_form(q, r, door, &w);
		return RC_OK;
	}
	enum rc rc = door_receivers(q, door, &rows, &n, f);
	if (rc == RC_OK)
		rc = document_begin(&d, q->arena, &(struct document_page){.title = door->paper.title, .serif = true,
		                    .margin = DOCUMENT_OFFICIAL, .numbers = true, .foot = vi(q, "door.letter.foot")}, f);
	if (rc != RC_OK)
		return rc;
	draw(q, d, door, n > 0 ? rows[0].name : STR_EMPTY, &w);
	rc = document_end(d, &pdf, f);
	if (rc == RC_OK)
		reply_bytes(q, r, STR("application/pdf"), arena_take(q->arena, &pdf));
	if (rc == RC_OK)              /* a name that tells nobody anything who looks through a phone's files */
		reply_inline(r, STR("don.pdf"));
	buf_release(&pdf);
	return rc;
}
