/* The plates room: officers make, print and retire QR plates. What a plate opens is the report room's
 * (report_plate.c); what it is, ward/flow/plate.h.
 *
 * Files: plates.c routes; plates_lines.c the lines of places as people type or paste them;
 * plates_pages.c the pages. */
#ifndef XOM_PLATES_PLATES_H
#define XOM_PLATES_PLATES_H

#include "kit/view/frame.h"
#include "ward/choices.h"
#include "ward/flow/plate.h"
#include "ward/page.h"
#include "ward/room.h"

extern const struct room PLATES_ROOM;
extern const struct shape PLATE_LIST, PLATE_SHEET;

/* One place a line: khu vực; street; landmark or number; latitude, longitude. Only the first three, the
 * separators being semicolons or tabs (a spreadsheet's columns pasted); the point may be left out. All
 * wrong lines are named, each with its number, at most LINES_TOLD. */
enum { LINES_TOLD = 12 };
struct line_error {
	size_t line;
	struct str text;              /* what is wrong with it */
};
struct plate_lines {
	struct plate *list;
	size_t count;
	struct line_error errors[LINES_TOLD];
	size_t error_count;
	struct str whole;             /* what is wrong with the whole: nothing typed, too many; empty: fine */
};
void lines_read(struct request *q, struct str text, struct str kind, struct plate_lines *out);

handler_fn plates_page, plates_make, plates_sheet, plates_retire;

#endif
