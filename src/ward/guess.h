/* Failed guesses at codes, PINs and passwords, counted in the database: whoever guesses gains nothing by
 * asking another server, or by a restart. Keys are keyed hashes; a count is forgotten an
 * hour after its last failure. */
#ifndef XOM_WARD_GUESS_H
#define XOM_WARD_GUESS_H

#include "ward/app.h"

/* http's hooks (kit/http/http.h). */
enum rc guess_count_read(struct request *q, const struct hash *key, struct guess_count *out,
                         struct fault *f);
enum rc guess_count_write(struct request *q, const struct hash *key, bool failed, struct fault *f);
/* Takes out what is over, in the ward, until nothing is; by night. */
enum rc guess_forget(struct store *s, struct ward_id ward, struct arena *a, struct fault *f);

extern const struct schema_step GUESS_SCHEMA[];

#endif
