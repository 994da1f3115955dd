/* A sheet of A4 for a printer, as PDF: blocks of text, dotted lines to write on by hand, tables, the
 * national heading of Decree 30/2020/NĐ-CP (appendix I), page numbers. Drawn by Pango and Cairo with the
 * Liberation fonts (as wide as Times New Roman and Arial, with all Vietnamese letters).
 *
 *   struct document *d;
 *   rc = document_begin(&d, a, &(struct document_page){.title = STR("Đơn"), .serif = true,
 *                                                      .margin = DOCUMENT_OFFICIAL}, f);
 *   document_national(d, &(struct national_heading){.issuer = …, .place_day = …});
 *   document_text(d, words, &(struct document_style){.size = 14, .align = ALIGN_justify});
 *   return document_end(d, &out, f);
 *
 * What is drawn goes down the sheet and on to the next one by itself. Words are text, never markup: what
 * a person wrote can't draw anything but letters. They are read while they are drawn and lie nowhere
 * afterwards but in the PDF's bytes: no file is written. Sizes are points (72 an inch).
 *
 * Each document has fonts of its own, so that two threads may draw at once. */
#ifndef XOM_DOCUMENT_DOCUMENT_H
#define XOM_DOCUMENT_DOCUMENT_H

#include "kit/base/arena.h"

struct document;

struct document_margin {
	double top, bottom, left, right;
};
#define DOCUMENT_MM (72 / 25.4)
/* What Decree 30 asks for: 20–25 mm at top and bottom, 30–35 left (for the binding), 15–20 right. */
#define DOCUMENT_OFFICIAL \
	(struct document_margin){20 * DOCUMENT_MM, 20 * DOCUMENT_MM, 30 * DOCUMENT_MM, 18 * DOCUMENT_MM}
#define DOCUMENT_NARROW (struct document_margin){36, 36, 36, 36}

struct document_page {
	struct str title;             /* of the file, not drawn */
	bool serif;                   /* Liberation Serif, else Liberation Sans */
	struct document_margin margin;
	bool numbers;                 /* the page's, in the middle of the top margin, from the second on */
	struct str foot;              /* at the bottom of each page, small; empty: none */
	/* At the top of each page, from the first on; NULL: nothing. It may call all but document_end. */
	void (*head)(struct document *d, int page, void *ctx);
	void *ctx;
};
/* Both the document and what it draws live in the arena; document_end has to be called whatever
 * happens, also by who gives up. RC_FAIL: no page could be made. */
enum rc document_begin(struct document **out, struct arena *a, const struct document_page *page,
                       struct fault *f);
/* Closes it and appends its bytes to *out. RC_FAIL, RC_NOMEM. */
enum rc document_end(struct document *d, struct buf *out, struct fault *f);

enum document_align { ALIGN_left, ALIGN_centre, ALIGN_right, ALIGN_justify };
struct document_style {
	double size;                  /* 0: 13 */
	bool bold, italic;
	enum document_align align;
	double first;                 /* the first line of each paragraph stands in by so much */
	double after;                 /* room below */
};
/* A block of text; a new line in it begins a paragraph. Nothing when it is empty. A block that does not
 * fit goes on upon the next page, line by line. */
void document_text(struct document *d, struct str words, const struct document_style *style);
/* The label, then dots to the right edge, and `more` lines of dots: to be filled in by hand. Several
 * labels share one line in equal parts. */
void document_blank(struct document *d, struct str label, int more, const struct document_style *style);
void document_blanks(struct document *d, const struct str *labels, size_t count,
                     const struct document_style *style);
void document_space(struct document *d, double points);
/* A new page unless so much room is left: what follows stays together. */
void document_keep(struct document *d, double points);

/* Two columns beside each other, from the same height on, never broken: heads, signatures. `share` is
 * the left one's part of the width, 0 … 1. */
struct document_line {
	struct str words;             /* empty: an empty line of that size */
	struct document_style style;  /* of `align` centre when not given */
	double rule;                  /* a line below it, as long as this part of the words' width; 0: none */
};
void document_beside(struct document *d, double share, const struct document_line *left, size_t left_count,
                     const struct document_line *right, size_t right_count);

/* The national heading. Without an issuer it stands in the middle, as over a person's own letter, and
 * the day below it to the right; with one it is the letterhead of an authority. */
struct national_heading {
	struct str above;             /* the body that the issuer belongs to; empty: none */
	struct str issuer;            /* "ỦY BAN NHÂN DÂN PHƯỜNG …" */
	struct str number;            /* "Số: …/UBND"; empty: none */
	struct str place_day;         /* "Sông Mây, ngày 05 tháng 8 năm 2026"; empty: none */
};
void document_national(struct document *d, const struct national_heading *h);

/* A table with lines around each cell. The heads are drawn at once and again on each page that its rows
 * reach, until document_table_end. A row is never broken; one that is higher than a page ends in "…". */
struct document_table {
	const double *widths;
	const struct str *heads;
	size_t columns;
	double size;                  /* of the letters */
	double row_min;               /* height of a row at least: room to write by hand */
};
struct document_cell {
	struct str bold, words;       /* one above the other; both may be empty */
};
void document_table_begin(struct document *d, const struct document_table *t);
void document_row(struct document *d, const struct document_cell *cells);
void document_table_end(struct document *d);

#endif
