/* Changes lines of the settings file and leaves everything else in it as it is: comments, order, lines
 * that this program does not know. */
#ifndef XOM_WARD_SETTINGS_WRITE_H
#define XOM_WARD_SETTINGS_WRITE_H

#include "ward/settings.h"

struct setting_line {
	const char *name;        /* "base_url" */
	struct str value;        /* as it stands in YAML; empty: the line goes */
};
/* Makes the file when there is none; what could not be read afterwards is not written (RC_SYNTAX, why). It
 * is replaced whole, with the rights that it had. Lines that say
 * so already are left: *changed counts the others. */
enum rc settings_write(struct arena *a, const char *file, const struct setting_line *lines, size_t n,
                       size_t *changed, struct fault *f);
/* A value as a scalar of YAML: in quotes where it needs them. */
struct str setting_scalar(struct arena *a, struct str value);

#endif
