/* A new program on an old database: what it would do, the copy that is taken first, and how long
 * such copies lie about. */
#ifndef XOM_WARD_UPGRADE_H
#define XOM_WARD_UPGRADE_H

#include "ward/app.h"

enum { UPGRADE_COPY_DAYS = 14 };

/* DATA/before-upgrade, made when it isn't there; in the settings' arena. */
enum rc upgrade_folder(struct app *app, const char **out, struct fault *f);
/* The steps of this database, a name a line, in DATA/schema: what a package that is about to be
 * installed compares with its own, before there is a program that could ask. */
enum rc upgrade_write_steps(struct app *app, const struct store_config *c, struct fault *f);
/* Removes copies older than UPGRADE_COPY_DAYS: they hold what was erased since (RIGHTS.md, 7). */
size_t upgrade_sweep(const struct app *app);
/* How the database stands to this program. */
enum rc upgrade_peek(struct app *app, struct arena *a, struct store_peek *out, struct fault *f);

#endif
