/* The paper list as an A4 PDF, for a printer that no browser stands before: the same columns as the page,
 * black on white, room to write by hand. Drawn by Pango and Cairo; fonts are the machine's. */
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "kit/base/text.h"
#include "rooms/shift/shift.h"

enum { COLUMNS = 5 };
/* Points, of 595 × 842. */
static const double PAGE_W = 595.28, PAGE_H = 841.89, MARGIN = 36, PAD = 4, ROW_MIN = 48, FOOT = 16;
static const double WIDTH[COLUMNS] = {28, 190, 90, 155, 60};

struct sheet_pdf {
	const struct app *app;
	struct arena *a;
	const struct paper *p;
	cairo_t *cr;
	PangoContext *text;
	double y;
	int page;
};

static struct str word(const struct sheet_pdf *s, const char *key)
{
	return po_text(s->app->po, LANG_vi, key);
}

/* Lays the words out in the width and gives their height; draws them when there is a place. */
static double words_at(struct sheet_pdf *s, struct str words, double size, bool bold, double width,
                       const double *x, double y)
{
	PangoLayout *l = pango_layout_new(s->text);
	PangoFontDescription *font = pango_font_description_from_string("Liberation Sans, DejaVu Sans, sans-serif");
	int height = 0;
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_text(l, words.n > 0 ? words.p : "", (int)words.n);
	pango_layout_get_size(l, NULL, &height);
	if (x != NULL) {
		cairo_move_to(s->cr, *x, y);
		pango_cairo_show_layout(s->cr, l);
	}
	g_object_unref(l);
	return (double)height / PANGO_SCALE;
}

static void line(struct sheet_pdf *s, double x1, double y1, double x2, double y2)
{
	cairo_set_line_width(s->cr, 0.6);
	cairo_move_to(s->cr, x1, y1);
	cairo_line_to(s->cr, x2, y2);
	cairo_stroke(s->cr);
}

static void grid(struct sheet_pdf *s, double top, double height)
{
	double x = MARGIN, right = MARGIN;
	for (int i = 0; i < COLUMNS; i++)
		right += WIDTH[i];
	for (int i = 0; i <= COLUMNS; i++) {
		line(s, x, top, x, top + height);
		x += i < COLUMNS ? WIDTH[i] : 0;
	}
	line(s, MARGIN, top, right, top);
	line(s, MARGIN, top + height, right, top + height);
}

static void heads(struct sheet_pdf *s)
{
	static const char *const HEADS[COLUMNS] = {"paper.no", "paper.case", "paper.what", "paper.words", "paper.at"};
	double x = MARGIN + PAD, high = 0;
	for (int i = 0; i < COLUMNS; i++) {
		double h = words_at(s, word(s, HEADS[i]), 9, true, WIDTH[i] - 2 * PAD, &x, s->y + PAD);
		high = h > high ? h : high;
		x += WIDTH[i];
	}
	grid(s, s->y, high + 2 * PAD);
	s->y += high + 2 * PAD;
}

/* Each page says whose it is, of when, which page, and what becomes of it. */
static void page_begin(struct sheet_pdf *s)
{
	const double x = MARGIN, width = PAGE_W - 2 * MARGIN;
	if (s->page > 0)
		cairo_show_page(s->cr);
	s->page++;
	s->y = MARGIN;
	struct str title = arena_fmt(s->a, "%.*s – %.*s", PSTR(word(s, "paper.title")), PSTR(s->p->unit.name));
	s->y += words_at(s, title, 14, true, width, &x, s->y) + 2;
	struct str made = arena_fmt(s->a, "%.*s · %.*s %d", PSTR(text_datetime(s->a, LANG_vi, s->p->made_at)),
	                            PSTR(word(s, "paper.page")), s->page);
	s->y += words_at(s, made, 10, false, width, &x, s->y) + 6;
	(void)words_at(s, word(s, "paper.pdf.foot"), 8, false, width, &x, PAGE_H - MARGIN - FOOT + 6);
}

static struct str area_name(const struct sheet_pdf *s, struct area_id id)
{
	struct area area;
	return id.v != 0 && place_area(s->app->places, s->a, id, &area) ? area.name : STR_EMPTY;
}

/* As the page has it: kind, where, how it stands and until when; of another unit's the code alone. */
static struct str about(const struct sheet_pdf *s, const struct paper_row *row)
{
	const struct ward_case *c = &row->c;
	struct buf b = {0};
	if (row->gone)
		return word(s, "bulk.why.gone");
	const struct procedure *kind = procedure_of_kind(s->app->procedures, c->kind, s->p->day);
	buf_add(&b, kind != NULL ? kind->title[LANG_vi] : c->procedure->title[LANG_vi]);
	struct str area = area_name(s, c->place.area);
	if (c->place.street.n + area.n > 0)
		buf_addf(&b, "\n%.*s%s%.*s", PSTR(c->place.street), c->place.street.n > 0 && area.n > 0 ? ", " : "",
		         PSTR(area));
	if (c->place.landmark.n > 0)
		buf_addf(&b, "\n%.*s", PSTR(c->place.landmark));
	buf_addf(&b, "\n%.*s", PSTR(word(s, arena_fmt(s->a, "state.%s", state_name(row->state)).p)));
	if (row->due_at > 0)
		buf_addf(&b, ", %.*s %.*s", PSTR(word(s, "desk.due")),
		         PSTR(text_date(s->a, LANG_vi, day_of(row->due_at - 1))));
	if (row->due_at > 0 && row->due_at <= s->p->made_at)
		buf_addf(&b, " (%.*s)", PSTR(word(s, "case.late")));
	return arena_take(s->a, &b);
}

static void one_row(struct sheet_pdf *s, const struct paper_row *row)
{
	const double no_x = MARGIN + PAD, x = MARGIN + WIDTH[0] + PAD, width = WIDTH[1] - 2 * PAD;
	struct str code = arena_copy(s->a, str_of(row->c.code)), what = about(s, row);
	double code_h = words_at(s, code, 9, true, width, NULL, 0);
	double high = code_h + words_at(s, what, 9, false, width, NULL, 0) + 2 * PAD;
	high = high > ROW_MIN ? high : ROW_MIN;
	if (s->y + high > PAGE_H - MARGIN - FOOT) {
		page_begin(s);
		heads(s);
	}
	(void)words_at(s, arena_fmt(s->a, "%d", row->no), 9, false, WIDTH[0] - 2 * PAD, &no_x, s->y + PAD);
	(void)words_at(s, code, 9, true, width, &x, s->y + PAD);
	(void)words_at(s, what, 9, false, width, &x, s->y + PAD + code_h);
	grid(s, s->y, high);
	s->y += high;
}

static cairo_status_t take(void *ctx, const unsigned char *bytes, unsigned int n)
{
	struct buf *b = ctx;
	buf_add(b, str_n((const char *)bytes, n));
	return b->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void draw(struct sheet_pdf *s)
{
	const double x = MARGIN;
	page_begin(s);
	if (s->p->count == 0) {
		(void)words_at(s, word(s, "paper.empty"), 10, false, PAGE_W - 2 * MARGIN, &x, s->y);
		return;
	}
	heads(s);
	for (size_t i = 0; i < s->p->count; i++)
		one_row(s, &s->p->rows[i]);
}

enum rc paper_pdf(const struct app *app, struct arena *a, const struct paper *p, struct buf *out,
                  struct fault *f)
{
	/* Fonts of its own, let go afterwards: once a day is no reason to keep them. */
	PangoFontMap *fonts = pango_cairo_font_map_new();
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take, out, PAGE_W, PAGE_H);
	struct sheet_pdf s = {.app = app, .a = a, .p = p, .cr = cairo_create(surface),
	                      .text = pango_font_map_create_context(fonts)};
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
	                               arena_z(a, word(&s, "paper.title")));
	pango_cairo_update_context(s.cr, s.text);
	draw(&s);
	cairo_surface_finish(surface);
	cairo_status_t end = cairo_surface_status(surface), drawn = cairo_status(s.cr);
	g_object_unref(s.text);
	cairo_destroy(s.cr);
	cairo_surface_destroy(surface);
	g_object_unref(fonts);
	if (end != CAIRO_STATUS_SUCCESS || drawn != CAIRO_STATUS_SUCCESS)
		return fault_set(f, RC_FAIL, "the paper list could not be drawn: %s",
		                 cairo_status_to_string(end != CAIRO_STATUS_SUCCESS ? end : drawn));
	return RC_OK;
}
