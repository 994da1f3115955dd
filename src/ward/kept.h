/* How long the parts of a case are kept and why, in words: before a report is sent, on the receipt beside what
 * was erased, and for `xom privacy`. */
#ifndef XOM_WARD_KEPT_H
#define XOM_WARD_KEPT_H

#include "kit/view/view.h"
#include "ward/app.h"

extern const struct shape KEPT;

/* A procedure's parts into a V_LIST of the shape KEPT, in the order of its file. */
void kept_fill(struct request *q, struct vobj *page, int field, const struct procedure *p);
/* "1 year", by the rule as it is today; empty: there is no such rule. */
struct str kept_long(const struct request *q, struct str rule);
/* "kept for 1 year after it was closed, and not longer": beside what was erased by the rule. */
struct str kept_words(const struct request *q, struct str rule);
/* Before the day on which something was erased for another reason than its time: "erased by oversight on"; `start`:
 * as a sentence begins. Empty: by its rule, or by its reporter. */
struct str kept_erased(const struct request *q, struct str rule, bool start);

#endif
