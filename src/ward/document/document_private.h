/* Inside of the drawer: document.c pages and blocks, document_table.c what stands beside each other. */
#ifndef XOM_DOCUMENT_DOCUMENT_PRIVATE_H
#define XOM_DOCUMENT_DOCUMENT_PRIVATE_H

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "ward/document/document.h"

#define DOCUMENT_W 595.28
#define DOCUMENT_H 841.89
enum { DOCUMENT_FOOT = 16 };      /* room above the bottom margin for the foot's line */

struct document {
	struct document_page page;
	struct arena *a;
	struct buf bytes;
	PangoFontMap *fonts;
	PangoContext *text;
	cairo_surface_t *surface;
	cairo_t *cr;
	double y;
	int number;                   /* of the page; 0: none yet */
	unsigned char *lacking;       /* a bit for each character that no font has; NULL: none was met */
	bool in_head;                 /* the page's head is being drawn: no page ends now */
	const struct document_table *table;
};

/* A layout of the words in the width; whoever asked lets it go (g_object_unref). */
PangoLayout *document_layout(struct document *d, struct str words, const struct document_style *style,
                             double width);
double document_height(PangoLayout *l);
/* Begins the first page, or the next one. */
void document_next(struct document *d);
double document_bottom(const struct document *d);
double document_width(const struct document *d);
void document_stroke(struct document *d, double x1, double y1, double x2, double y2);
void document_show(struct document *d, PangoLayout *l, double x, double y);

#endif
