/* What falls due (desk_due.c): its pages, and the few rows on top of the queues. */
#ifndef XOM_DESK_DUE_H
#define XOM_DESK_DUE_H

#include "rooms/desk/desk.h"
#include "ward/flow/escalation.h"
#include "ward/ics.h"

extern const struct shape DESK_DUE, DESK_DUE_ROW;
/* The newest rows into the page's list, and how many there are into its field. */
enum rc desk_due_top(struct request *q, struct vobj *page, int list, int count, struct fault *f);

handler_fn desk_due, desk_unit, desk_week, desk_week_ics;

#endif
