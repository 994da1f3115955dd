/* The groups of a flood at the desk (ward/flow/flood.h): rows at the top of the new queue, a page for each. */
#ifndef XOM_DESK_FLOOD_H
#define XOM_DESK_FLOOD_H

#include "rooms/desk/desk.h"
#include "ward/flow/flood.h"

extern const struct shape DESK_FLOOD_ROW, DESK_FLOODS, DESK_FLOOD, DESK_FLOOD_SURE;
handler_fn desk_floods, desk_flood, desk_flood_send;

/* The largest groups above a queue, and how many there are beside them. */
struct flood_top {
	struct flood *all;
	size_t count;
};
enum rc desk_flood_read(struct tx *tx, const struct actor *a, struct flood_top *out, struct fault *f);
void desk_flood_top(struct request *q, struct vobj *page, int list, int more, const struct flood_top *top);

#endif
