/* Whole days for somebody's own calendar (RFC 5545). */
#ifndef XOM_WARD_ICS_H
#define XOM_WARD_ICS_H

#include "kit/base/clock.h"
#include "kit/base/arena.h"

struct ics {
	struct arena *a;
	int64_t now;
	struct buf out;
};
struct ics_event {
	struct str uid;               /* the same for the same thing, whenever it is asked for */
	int sequence;                 /* higher whenever the same thing's day has moved (RFC 5545, 3.8.7.4) */
	int32_t day;                  /* the ward's day, whole */
	struct str title, text;
	bool alarm;                   /* rings at 8 in the morning of that day */
};
/* `what`: name and version of the kind of file, "reminder 1". */
void ics_begin(struct ics *i, struct arena *a, int64_t now, const char *what);
void ics_event(struct ics *i, const struct ics_event *e);
struct str ics_end(struct ics *i);

#endif
