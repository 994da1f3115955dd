/* Out of the files: what the night erased is taken out of the database's files, too. */
#ifndef XOM_WARD_CLEAN_H
#define XOM_WARD_CLEAN_H

#include "ward/app.h"

extern const struct job_kind CLEAN_JOBS[];
/* Merges the search of all wards and cleans the store's files. A job rests between the slices, and RC_AGAIN:
 * its runner stops; NULL: nobody waits. */
enum rc files_clean(struct app *app, struct ward_id ward, struct job_runner *runner, struct fault *f);
/* When the night's erasing ends after the files' time: at once. */
enum rc clean_after(struct tx *tx, void *ctx, struct fault *f);

/* "table.column" of each column that holds what people wrote, or what they left, and that is erased one day,
 * and of the salts that go with them. test/flow/test_register.c holds it against rights/fields.yaml. */
extern const char *const STORED_WORDS[];

#endif
