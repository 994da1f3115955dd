/* A thread beside the server that looks every few seconds whether the database answers, and now and
 * then whether photos can be opened: what /readyz, the watchdog and /metrics say. */
#ifndef XOM_PULSE_H
#define XOM_PULSE_H

#include "ward/app.h"

struct pulse;
/* watchdog_us: somebody kills us when it is not told within this time that we are alive; 0: nobody. */
enum rc pulse_start(struct pulse **out, struct app *app, int64_t watchdog_us, struct fault *f);
void pulse_stop(struct pulse *w);            /* takes NULL */
bool pulse_ready(const struct pulse *w);     /* from memory */
/* Sees now what others wrote in the database (ward/refresh.h), as the thread does every few seconds. */
enum rc pulse_look(struct pulse *w, struct fault *f);
/* Lines about the database, the outbox and the disk, for /metrics. */
void pulse_metrics(struct app *app, struct buf *out);

#endif
