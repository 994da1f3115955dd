#include "ward/document/document_private.h"

#include <math.h>

static double size_of(const struct document_style *style)
{
	return style->size > 0 ? style->size : 13;
}

double document_width(const struct document *d)
{
	return DOCUMENT_W - d->page.margin.left - d->page.margin.right;
}

double document_bottom(const struct document *d)
{
	return DOCUMENT_H - d->page.margin.bottom - (d->page.foot.n > 0 ? DOCUMENT_FOOT : 0);
}

enum { CHARACTERS = 0x110000 };

/* Marks what no font here has; false: all is there. */
static bool find_lacking(struct document *d, PangoLayout *l)
{
	if (pango_layout_get_unknown_glyphs_count(l) == 0)
		return false;
	if (d->lacking == NULL)
		d->lacking = arena_array(d->a, CHARACTERS / 8, 1);
	PangoLayoutIter *at = pango_layout_get_iter(l);
	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(at);
		for (int i = 0; run != NULL && i < run->glyphs->num_glyphs; i++) {
			PangoGlyph g = run->glyphs->glyphs[i].glyph;
			if (g != PANGO_GLYPH_EMPTY && (g & PANGO_GLYPH_UNKNOWN_FLAG) != 0 && (g & ~PANGO_GLYPH_UNKNOWN_FLAG) < CHARACTERS)
				d->lacking[(g & ~PANGO_GLYPH_UNKNOWN_FLAG) / 8] |= (unsigned char)(1U << (g % 8));
		}
	} while (pango_layout_iter_next_run(at));
	pango_layout_iter_free(at);
	return true;
}

/* A character that no font has is a plain box: Pango draws its number in one, which nobody can read. */
static void set_words(struct document *d, PangoLayout *l, struct str words)
{
	struct buf b = {0};
	pango_layout_set_text(l, words.n > 0 ? words.p : "", (int)words.n);
	if (!find_lacking(d, l))
		return;
	for (const char *p = words.p; p < words.p + words.n; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c < CHARACTERS && (d->lacking[c / 8] & (1U << (c % 8))) != 0)
			buf_addz(&b, "\u25a1");
		else
			buf_add(&b, str_n(p, (size_t)(g_utf8_next_char(p) - p)));
	}
	struct str shown = arena_take(d->a, &b);
	buf_release(&b);
	pango_layout_set_text(l, shown.n > 0 ? shown.p : "", (int)shown.n);
}

PangoLayout *document_layout(struct document *d, struct str words, const struct document_style *style,
                             double width)
{
	static const PangoAlignment ALIGN[] = {[ALIGN_left] = PANGO_ALIGN_LEFT, [ALIGN_centre] = PANGO_ALIGN_CENTER,
	                                       [ALIGN_right] = PANGO_ALIGN_RIGHT, [ALIGN_justify] = PANGO_ALIGN_LEFT};
	PangoLayout *l = pango_layout_new(d->text);
	PangoFontDescription *font = pango_font_description_from_string(
		d->page.serif ? "Liberation Serif, DejaVu Serif, serif" : "Liberation Sans, DejaVu Sans, sans-serif");
	pango_font_description_set_absolute_size(font, size_of(style) * PANGO_SCALE);
	pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_font_description_set_style(font, style->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	/* The way of the letters is the document's: a word of another script turns no line around. */
	pango_layout_set_auto_dir(l, FALSE);
	pango_layout_set_alignment(l, ALIGN[style->align]);
	pango_layout_set_justify(l, style->align == ALIGN_justify);
	pango_layout_set_indent(l, (int)(style->first * PANGO_SCALE));
	set_words(d, l, words);
	return l;
}

double document_height(PangoLayout *l)
{
	int height = 0;
	pango_layout_get_size(l, NULL, &height);
	return (double)height / PANGO_SCALE;
}

void document_show(struct document *d, PangoLayout *l, double x, double y)
{
	cairo_move_to(d->cr, x, y);
	pango_cairo_show_layout(d->cr, l);
}

void document_stroke(struct document *d, double x1, double y1, double x2, double y2)
{
	cairo_set_line_width(d->cr, 0.6);
	cairo_move_to(d->cr, x1, y1);
	cairo_line_to(d->cr, x2, y2);
	cairo_stroke(d->cr);
}

static void one_line(struct document *d, struct str words, const struct document_style *style, double y)
{
	PangoLayout *l = document_layout(d, words, style, document_width(d));
	document_show(d, l, d->page.margin.left, y);
	g_object_unref(l);
}

void document_next(struct document *d)
{
	static const struct document_style NUMBER = {.size = 13, .align = ALIGN_centre}, FOOT = {.size = 8};
	if (d->in_head)
		return;
	if (d->number > 0)
		cairo_show_page(d->cr);
	d->number++;
	if (d->page.numbers && d->number > 1)
		one_line(d, arena_fmt(d->a, "%d", d->number), &NUMBER, d->page.margin.top / 2 - 6);
	if (d->page.foot.n > 0)
		one_line(d, d->page.foot, &FOOT, document_bottom(d) + 6);
	d->y = d->page.margin.top;
	if (d->page.head != NULL) {
		d->in_head = true;
		d->page.head(d, d->number, d->page.ctx);
		d->in_head = false;
	}
}

static cairo_status_t take(void *ctx, const unsigned char *bytes, unsigned int n)
{
	struct buf *b = ctx;
	buf_add(b, str_n((const char *)bytes, n));
	return b->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static cairo_status_t status_of(const struct document *d)
{
	cairo_status_t s = cairo_surface_status(d->surface);
	return s != CAIRO_STATUS_SUCCESS ? s : cairo_status(d->cr);
}

static void let_go(struct document *d)
{
	g_object_unref(d->text);
	cairo_destroy(d->cr);
	cairo_surface_destroy(d->surface);
	g_object_unref(d->fonts);
	buf_release(&d->bytes);
}

enum rc document_begin(struct document **out, struct arena *a, const struct document_page *page,
                       struct fault *f)
{
	struct document *d = ARENA_NEW(a, struct document);
	*d = (struct document){.page = *page, .a = a};
	/* Fonts of its own, let go afterwards: a sheet now and then is no reason to keep them. */
	d->fonts = pango_cairo_font_map_new();
	d->surface = cairo_pdf_surface_create_for_stream(take, &d->bytes, DOCUMENT_W, DOCUMENT_H);
	d->cr = cairo_create(d->surface);
	d->text = pango_font_map_create_context(d->fonts);
	cairo_pdf_surface_set_metadata(d->surface, CAIRO_PDF_METADATA_TITLE, arena_z(a, page->title));
	pango_cairo_update_context(d->cr, d->text);
	pango_context_set_language(d->text, pango_language_from_string("vi"));
	if (status_of(d) != CAIRO_STATUS_SUCCESS) {
		enum rc rc = fault_set(f, RC_FAIL, "a sheet could not be begun: %s",
		                       cairo_status_to_string(status_of(d)));
		let_go(d);
		return rc;
	}
	document_next(d);
	*out = d;
	return RC_OK;
}

enum rc document_end(struct document *d, struct buf *out, struct fault *f)
{
	cairo_status_t drawn = cairo_status(d->cr);
	cairo_surface_finish(d->surface);
	cairo_status_t end = status_of(d);
	enum rc rc = RC_OK;
	if (drawn != CAIRO_STATUS_SUCCESS || end != CAIRO_STATUS_SUCCESS)
		rc = fault_set(f, RC_FAIL, "a sheet could not be drawn: %s",
		               cairo_status_to_string(drawn != CAIRO_STATUS_SUCCESS ? drawn : end));
	else
		buf_add(out, buf_str(&d->bytes));
	let_go(d);
	return rc == RC_OK && out->failed ? fault_set(f, RC_NOMEM, "no memory for a sheet") : rc;
}

void document_space(struct document *d, double points)
{
	d->y += points;
}

void document_keep(struct document *d, double points)
{
	if (d->y + points > document_bottom(d) && d->y > d->page.margin.top)
		document_next(d);
}

/* Where the line begins, seen from the left margin, and how far it reaches down from the block's top. */
static void draw_line(struct document *d, PangoLayoutIter *at, double *top)
{
	PangoRectangle box;
	int from, to;
	pango_layout_iter_get_line_extents(at, NULL, &box);
	pango_layout_iter_get_line_yrange(at, &from, &to);
	double end = (double)to / PANGO_SCALE, begin = (double)from / PANGO_SCALE;
	if (d->y + end - *top > document_bottom(d) && begin > *top - 1e-6 && !d->in_head) {
		/* What stood above stays; this line opens the next page. One that is higher than a page is drawn
		 * all the same. */
		if (begin > *top || d->y > d->page.margin.top) {
			document_next(d);
			*top = begin;
		}
	}
	cairo_move_to(d->cr, d->page.margin.left + (double)box.x / PANGO_SCALE,
	              d->y - *top + (double)pango_layout_iter_get_baseline(at) / PANGO_SCALE);
	pango_cairo_show_layout_line(d->cr, pango_layout_iter_get_line_readonly(at));
}

void document_text(struct document *d, struct str words, const struct document_style *style)
{
	if (words.n == 0)
		return;
	PangoLayout *l = document_layout(d, words, style, document_width(d));
	PangoLayoutIter *at = pango_layout_get_iter(l);
	double top = 0, height = document_height(l);
	do
		draw_line(d, at, &top);
	while (pango_layout_iter_next_line(at));
	pango_layout_iter_free(at);
	g_object_unref(l);
	d->y += height - top + style->after;
}

/* Dots from x to the right end, on the line whose letters stand on `base`. */
static void dots(struct document *d, double x, double right, double base)
{
	static const double GAP[] = {0, 3};
	if (right - x < 6)
		return;
	cairo_save(d->cr);
	cairo_set_line_width(d->cr, 0.9);
	cairo_set_line_cap(d->cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_dash(d->cr, GAP, 2, 0);
	cairo_move_to(d->cr, x, base);
	cairo_line_to(d->cr, right, base);
	cairo_stroke(d->cr);
	cairo_restore(d->cr);
}

void document_blanks(struct document *d, const struct str *labels, size_t count,
                     const struct document_style *style)
{
	const double width = document_width(d) / (double)(count > 0 ? count : 1), line = size_of(style) * 1.75;
	double x = d->page.margin.left, high = line;
	PangoLayout *l[8];
	if (count > sizeof l / sizeof *l)
		count = sizeof l / sizeof *l;
	for (size_t i = 0; i < count; i++) {
		l[i] = document_layout(d, labels[i], style, width - 6);
		high = fmax(high, document_height(l[i]) + size_of(style) * 0.5);
	}
	document_keep(d, high);
	for (size_t i = 0; i < count; i++, x += width) {
		PangoRectangle last;
		double above = high - document_height(l[i]) - 2;
		pango_layout_index_to_pos(l[i], (int)labels[i].n, &last);
		document_show(d, l[i], x, d->y + above);
		dots(d, x + (double)last.x / PANGO_SCALE + (labels[i].n > 0 ? 5 : 0),
		     x + width - (i + 1 < count ? 8 : 0), d->y + high - 5);
		g_object_unref(l[i]);
	}
	d->y += high + style->after;
}

void document_blank(struct document *d, struct str label, int more, const struct document_style *style)
{
	static const struct str NONE = {"", 0};
	struct document_style tight = *style;
	tight.after = more > 0 ? 0 : style->after;
	document_blanks(d, &label, 1, &tight);
	for (int i = 1; i <= more; i++) {
		tight.after = i < more ? 0 : style->after;
		document_blanks(d, &NONE, 1, &tight);
	}
}
