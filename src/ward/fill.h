/* Messages whose values are put in by the program, not by a template: "{days} days are left". */
#ifndef XOM_WARD_FILL_H
#define XOM_WARD_FILL_H

#include "kit/base/arena.h"

struct filling {
	const char *name;          /* "days" */
	struct str value;
};
/* In the arena. A name that has no value stays as it is. */
struct str text_fill(struct arena *a, struct str text, const struct filling *values, size_t n);

#endif
