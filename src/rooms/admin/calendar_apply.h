/* Between calendar_pages.c and calendar_apply.c: what a version would move, and how far moving is. */
#ifndef XOM_ADMIN_CALENDAR_APPLY_H
#define XOM_ADMIN_CALENDAR_APPLY_H

#include "rooms/admin/admin.h"
#include "ward/calendar/calendar_store.h"

struct calendar_moves;
enum rc calendar_moves_of(struct tx *tx, struct request *q, const struct calendar_version *v,
                          struct calendar_moves **out, struct fault *f);
void calendar_moves_show(struct admin_page *p, const struct calendar_moves *m);
void calendar_apply_form(struct admin_page *p, const struct calendar_moves *m, struct str action);

struct calendar_progress {
	bool told, done;
	int64_t moved, left;
};
/* Of the version that is reckoned with, for a week after it was applied. */
enum rc calendar_progress_of(struct tx *tx, struct request *q, const struct calendar_version *v,
                             struct calendar_progress *out, struct fault *f);
void calendar_progress_show(struct admin_page *p, struct reply *r, const struct calendar_progress *g, struct str place);

/* RC_CHANGED, field "mark": the page that was pressed on told of other cases, or of another calendar. */
enum rc calendar_apply_seen(struct tx *tx, struct request *q, int year, int version, struct fault *f);

#endif
