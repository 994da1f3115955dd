/* Loaded templates from the inside; for the files of this folder alone. */
#ifndef XOM_VIEW_TEMPLATE_SET_H
#define XOM_VIEW_TEMPLATE_SET_H

#include "kit/view/mustache_node.h"
#include "kit/view/view.h"

struct template {
	const struct templates *set;
	struct str name;             /* "report/kind" */
	enum lang lang;
	struct mustache *m;
};
struct templates {
	struct arena arena;
	struct template *all;        /* sorted by name; LANG_COUNT entries a name, the first empty */
	size_t names;
};

/* Reads the template as the browser will: refuses what view.h names, with file and line, and
 * marks the values that stand in addresses. */
enum rc template_lint(struct mustache *m, struct fault *f);

#endif
