/* What a version of the calendar would do to the open cases of every ward, before it is applied. */
#ifndef XOM_WARD_CALENDAR_MOVES_H
#define XOM_WARD_CALENDAR_MOVES_H

#include "ward/app.h"
#include "ward/calendar/calendar_store.h"

/* The calendar as the version would make it, for recalendar_list; given back by calendar_free. RC_NONE: its days are
 * those that are reckoned with. */
enum rc calendar_moves_next(const struct calendar *now, const struct calendar_version *v, struct arena *a,
                            struct calendar **next, int32_t *from_day, struct fault *f);

/* xom calendar moves: each case with both dates, and how many by kind and unit. Nothing is changed. The
 * program's status. */
int calendar_moves(struct app *app, int year, int version);

#endif
