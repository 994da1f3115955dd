#include "ward/document/document_private.h"

#include <math.h>

/* --- two columns --- */

/* One column's lines from `y` on; gives where it ends. Not drawn with `draw` false. */
static double column(struct document *d, const struct document_line *lines, size_t count, double x, double width,
                     double y, bool draw)
{
	for (size_t i = 0; i < count; i++) {
		struct document_style style = lines[i].style;
		if (style.align == ALIGN_left)
			style.align = ALIGN_centre;
		PangoLayout *l = document_layout(d, lines[i].words, &style, width);
		double high = document_height(l);
		if (draw)
			document_show(d, l, x, y);
		y += high;
		if (lines[i].rule > 0) {
			PangoRectangle ink;
			pango_layout_get_extents(l, &ink, NULL);
			double middle = x + ((double)ink.x + (double)ink.width / 2) / PANGO_SCALE;
			double half = (double)ink.width / PANGO_SCALE * lines[i].rule / 2;
			if (draw)
				document_stroke(d, middle - half, y + 2.5, middle + half, y + 2.5);
			y += 5;
		}
		y += style.after;
		g_object_unref(l);
	}
	return y;
}

void document_beside(struct document *d, double share, const struct document_line *left, size_t left_count,
                     const struct document_line *right, size_t right_count)
{
	const double gap = 10, x = d->page.margin.left, whole = document_width(d) - gap;
	const double first = whole * share, second = whole - first;
	double high = fmax(column(d, left, left_count, x, first, 0, false),
	                   column(d, right, right_count, x, second, 0, false));
	document_keep(d, high);
	(void)column(d, left, left_count, x, first, d->y, true);
	(void)column(d, right, right_count, x + first + gap, second, d->y, true);
	d->y += high;
}

/* --- the national heading --- */

void document_national(struct document *d, const struct national_heading *h)
{
	static const struct document_style BOLD = {.size = 13, .bold = true, .align = ALIGN_centre};
	const struct document_line name = {STR("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
	                                   {.size = 12, .bold = true, .align = ALIGN_centre}, 0};
	const struct document_line motto = {STR("Độc lập - Tự do - Hạnh phúc"), BOLD, 1};
	struct document_line left[4], right[3] = {name, motto};
	size_t n = 0, m = 2;
	if (h->issuer.n == 0) {
		const struct document_style day = {.size = 13, .italic = true, .align = ALIGN_right, .after = 6};
		/* In the middle: one column over the whole width. */
		double end = column(d, right, 2, d->page.margin.left, document_width(d), d->y, true);
		d->y = end + 8;
		document_text(d, h->place_day, &day);
		return;
	}
	if (h->above.n > 0)
		left[n++] = (struct document_line){h->above, {.size = 12, .align = ALIGN_centre}, 0};
	left[n++] = (struct document_line){h->issuer, {.size = 12, .bold = true, .align = ALIGN_centre}, 0.4};
	if (h->number.n > 0)
		left[n++] = (struct document_line){h->number, {.size = 13, .align = ALIGN_centre}, 0};
	right[1].style.after = 4;
	if (h->place_day.n > 0)
		right[m++] = (struct document_line){h->place_day, {.size = 13, .italic = true, .align = ALIGN_centre}, 0};
	document_beside(d, 0.41, left, n, right, m);
	d->y += 10;
}

/* --- tables --- */

static const double PAD = 4;

static double cell(struct document *d, const struct document_cell *c, double size, double width, double most,
                   double x, double y, bool draw)
{
	const struct document_style bold = {.size = size, .bold = true}, plain = {.size = size};
	const struct str parts[2] = {c->bold, c->words};
	double high = 0;
	for (int i = 0; i < 2; i++) {
		if (parts[i].n == 0)
			continue;
		PangoLayout *l = document_layout(d, parts[i], i == 0 ? &bold : &plain, width);
		if (most - high > size) {
			pango_layout_set_height(l, (int)((most - high) * PANGO_SCALE));
			pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
		}
		if (draw && most - high > size)
			document_show(d, l, x, y + high);
		high += document_height(l);
		g_object_unref(l);
	}
	return fmin(high, most);
}

static void frame(struct document *d, const struct document_table *t, double high)
{
	double x = d->page.margin.left, right = x;
	for (size_t i = 0; i < t->columns; i++)
		right += t->widths[i];
	for (size_t i = 0; i <= t->columns; i++) {
		document_stroke(d, x, d->y, x, d->y + high);
		x += i < t->columns ? t->widths[i] : 0;
	}
	document_stroke(d, d->page.margin.left, d->y, right, d->y);
	document_stroke(d, d->page.margin.left, d->y + high, right, d->y + high);
}

static double row_height(struct document *d, const struct document_cell *cells, double at_least, double most)
{
	double high = at_least;
	for (size_t i = 0; i < d->table->columns; i++)
		high = fmax(high, 2 * PAD + cell(d, &cells[i], d->table->size, d->table->widths[i] - 2 * PAD,
		                                 most - 2 * PAD, 0, 0, false));
	return high;
}

static void row_draw(struct document *d, const struct document_cell *cells, double high)
{
	double x = d->page.margin.left;
	for (size_t i = 0; i < d->table->columns; i++) {
		(void)cell(d, &cells[i], d->table->size, d->table->widths[i] - 2 * PAD, high - 2 * PAD, x + PAD,
		           d->y + PAD, true);
		x += d->table->widths[i];
	}
	frame(d, d->table, high);
	d->y += high;
}

static void heads(struct document *d)
{
	struct document_cell *cells = arena_array(d->a, d->table->columns, sizeof *cells);
	for (size_t i = 0; i < d->table->columns; i++)
		cells[i].bold = d->table->heads[i];
	row_draw(d, cells, row_height(d, cells, 0, document_bottom(d) - d->y));
}

void document_table_begin(struct document *d, const struct document_table *t)
{
	struct document_table *own = ARENA_NEW(d->a, struct document_table);
	*own = *t;
	d->table = own;
	document_keep(d, t->row_min + 4 * t->size);
	heads(d);
}

void document_row(struct document *d, const struct document_cell *cells)
{
	const double page = document_bottom(d) - d->page.margin.top - 6 * d->table->size;
	double high = row_height(d, cells, d->table->row_min, page);
	if (d->y + high > document_bottom(d)) {
		document_next(d);
		heads(d);
		if (high > document_bottom(d) - d->y)
			high = document_bottom(d) - d->y;
	}
	row_draw(d, cells, high);
}

void document_table_end(struct document *d)
{
	d->table = NULL;
}
