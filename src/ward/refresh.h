/* Definitions that another process wrote (xom import, xom procedures, another server's page) are seen
 * here within seconds: the watch asks for their numbers, and what has risen is read again. So it is with
 * what others changed on public pages. Who has just written is not kept waiting: http.h, "shared". */
#ifndef XOM_WARD_REFRESH_H
#define XOM_WARD_REFRESH_H

#include "ward/app.h"

enum { DEFINITION_SORTS = 5 };
/* Asks the database; `seen` is what was seen the time before, zeros at first. */
enum rc definitions_look(struct app *app, int64_t seen[DEFINITION_SORTS], struct fault *f);
/* Reads again now what has changed, and makes the public pages of every ward new. */
enum rc definitions_seen(struct app *app, struct fault *f);

#endif
