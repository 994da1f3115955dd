/* A thread beside the server that looks every few seconds whether the database answers, and now and
 * then whether photos can be opened: what /readyz, the watchdog and /metrics say. */
#ifndef XOM_WATCH_H
#define XOM_WATCH_H

#include "ward/app.h"

struct watch;
/* watchdog_us: somebody kills us when it is not told within this time that we are alive; 0: nobody. */
enum rc watch_start(struct watch **out, struct app *app, int64_t watchdog_us, struct fault *f);
void watch_stop(struct watch *w);            /* takes NULL */
bool watch_ready(const struct watch *w);     /* from memory */
/* Lines about the database, the outbox and the disk, for /metrics. */
void watch_metrics(struct app *app, struct buf *out);

#endif
