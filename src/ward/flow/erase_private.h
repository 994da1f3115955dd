/* Between erase.c (parts) and erase_due.c (what is due, and the whole case). */
#ifndef XOM_FLOW_ERASE_PRIVATE_H
#define XOM_FLOW_ERASE_PRIVATE_H

#include "ward/flow/erase.h"
#include "ward/flow/flow_private.h"

struct part_at {
	int seq, part;
};
/* Parts of one case that go together: one new version of it, however many they are. */
struct erasing {
	const struct flow *w;
	struct ward_case before, after;
	struct str rule;
	int32_t day;
	size_t count;
	bool danger;                  /* words of danger may be among them */
};
enum rc erasing_begin(struct tx *tx, const struct flow *w, struct case_id c, struct str rule,
                      int32_t day, struct erasing *k, struct fault *f);
enum rc erasing_part(struct tx *tx, struct erasing *k, const struct part_at *p, struct fault *f);
enum rc erasing_end(struct tx *tx, struct erasing *k, struct fault *f);

/* Street, landmark and point; with the square where that is nobody's map. */
void place_forget(struct ward_case *c, bool square);

#endif
