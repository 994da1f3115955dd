/* A file of days off becomes a proposal: a year as YAML, or an iCalendar feed. Used by `xom calendar import` and the
 * administrator's page. */
#ifndef XOM_WARD_CALENDAR_IMPORT_H
#define XOM_WARD_CALENDAR_IMPORT_H

#include "kit/http/spool.h"
#include "ward/app.h"
#include "ward/calendar/calendar_store.h"

struct calendar_import {
	struct str name;              /* of the file, as it was sent */
	int year;                     /* that a feed is read for; YAML says its own */
	struct str who;
	/* out */
	int version;
	size_t lines, skipped;        /* skipped: a feed's days that are weekend days anyway */
	bool feed;
	struct yaml_reader *faults;   /* of YAML; NULL: it was none */
	struct calendar_year *proposal;
};
/* Reads and checks; nothing is written yet. RC_SYNTAX: YAML, every fault is in `faults`; RC_INVALID: a feed that is
 * no calendar; RC_TOO_BIG; RC_NONE: it has no day of that year; RC_UNCONFINED, RC_TIMEOUT as media_calendar's. */
enum rc calendar_import_read(struct app *app, struct arena *a, struct spool *spool, struct calendar_import *g,
                             struct fault *f);
/* In a transaction of no ward, or of the administrator's. RC_EXISTS as calendar_propose's. */
enum rc calendar_import_write(struct tx *tx, struct calendar_import *g, struct fault *f);

#endif
