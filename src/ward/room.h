/* A room describes itself in one const struct; src/rooms.c lists them by hand. */
#ifndef XOM_WARD_ROOM_H
#define XOM_WARD_ROOM_H

#include "ward/app.h"

/* A verb of the program. `open`: how much of the app it needs. */
enum verb_needs { NEEDS_nothing = 1, NEEDS_settings, NEEDS_store };
struct command {
	const char *name;             /* "user" */
	const char *usage;            /* "user list|add|role|unit|link …" */
	const char *help;             /* several lines, for --help and the man page */
	enum verb_needs needs;
	int (*run)(struct app *app, int argc, char **argv);  /* exit status */
};

struct doctor_check;                  /* ward/doctor.h */
struct room {
	const char *name;
	const struct route *routes;         /* ended by an all-zero row; NULL: none */
	const struct schema_step *schema;   /* ended by a row without name; NULL: none */
	const struct job_kind *jobs;
	const struct command *commands;
	const struct doctor_check *checks;  /* for xom doctor; ended by a row without name; NULL: none */
	const struct template_page *pages;  /* shown besides the routes' own; ended by an empty row */
};

/* Opens as much of the app as a verb needs, in the order of the floors; app->settings are loaded
 * before. After a failure app_close takes what was opened. */
/* Root works as the data folder's owner, so that no file in it comes to belong to root and stops the
 * service; for good, or until root is taken up again (setup). Nothing for anybody else, or where root
 * owns it. */
enum rc app_as_owner(const struct app *app, bool for_good, struct fault *f);
enum rc app_open(struct app *app, enum verb_needs needs, struct fault *f);
void app_close(struct app *app);
/* All schema steps, as store_open takes them. */
const struct schema_step *const *app_schemas(struct arena *a);

extern const struct room *const ROOMS[];  /* NULL-terminated, in src/rooms.c */

#endif
