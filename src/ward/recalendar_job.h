/* Every ward's open cases gone through again when the calendars have changed, by whichever server. */
#ifndef XOM_WARD_RECALENDAR_JOB_H
#define XOM_WARD_RECALENDAR_JOB_H

#include "kit/job/job.h"
#include "ward/app.h"

extern const struct job_kind RECALENDAR_JOBS[];
/* In the transaction that applies a version: the ward's cases are gone through at once, not within a minute. */
enum rc recalendar_soon(struct tx *tx, struct fault *f);

#endif
