/* A believable year of a ward, made of demo/year.yaml: the same each day it is made, from one seed. */
#ifndef XOM_DEMO_YEAR_H
#define XOM_DEMO_YEAR_H

#include "demo/demo_cases.h"

struct year {
	const char *file;                    /* demo/year.yaml */
	const char *names_file, *slug;       /* demo/streets.yaml, and the ward's key in it */
	int32_t today;
	double box[4];                       /* west, south, east, north of the ward */
	int days;                            /* over how many days they are spread */
	bool untouched;                      /* nothing was done about them yet */
	size_t count;
};
/* Cases in the order in which they were reported, ended by a row without kind; in the arena. What
 * would lie in the future did not happen yet. RC_SYNTAX with file and line. */
enum rc year_cases(struct arena *a, const struct year *y, const struct places *places,
                   struct ward_id ward, struct demo_case **out, struct fault *f);

#endif
