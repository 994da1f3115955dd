/* The units and the keys of a new ward. */
#ifndef XOM_WARD_WARD_UNITS_H
#define XOM_WARD_WARD_UNITS_H

#include "ward/app.h"

/* Makes those that the ward lacks of the package's three and of what the published procedures name,
 * with the telephone: without them nothing can be reported. They are renamed on the administrator's
 * page. */
enum rc ward_units_make(struct app *app, struct arena *a, struct ward_id ward, struct str phone,
                        struct fault *f);

/* Makes the keys that the installation and the ward lack, so that their folder can be copied to another
 * server before either is asked something: two that make a key each can't read one another. */
enum rc ward_keys_make(struct app *app, struct ward_id ward, struct fault *f);

#endif
