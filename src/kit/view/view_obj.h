/* Objects and display forms from the inside; for the files of this folder alone. */
#ifndef XOM_VIEW_OBJ_H
#define XOM_VIEW_OBJ_H

#include "kit/view/mustache.h"
#include "kit/view/view.h"

struct slot {
	bool set;
	union {
		struct str text;                 /* V_TEXT, V_URL */
		int64_t n;                       /* V_INT, V_BOOL, V_TIME, V_DAY */
		struct { struct str key, label; } key;
		struct vobj *obj;
		struct { struct vobj **items; size_t n, cap; } list;
	};
};
struct vobj {
	const struct view *view;             /* the root's own copy, in the arena */
	const struct shape *shape;
	struct slot slots[];
};

enum form {
	FORM_PLAIN, FORM_COUNT, FORM_ONE, FORM_MANY, FORM_DATE, FORM_TIME, FORM_DATETIME, FORM_ISO,
	FORM_KEY, FORM_LABEL, FORM_SOME,
};
/* What a template may write of a field: as {{value}}, as {{#section}}, or both. */
enum use { USE_VALUE = 1, USE_SECTION = 2 };

/* Index of the field, or -1. */
int shape_find(const struct shape *s, struct str name);
/* The form of that name for a type; false when it has none. An empty name is the plain form. */
bool form_find(enum vtype type, struct str name, enum form *form, unsigned *uses);
bool view_sees(const struct vobj *o, size_t field);
/* The list that a table is made of: `list`, or the shape's first when < 0; none is a BUG. */
size_t view_list(const struct vobj *o, int list, const char *what);
const char *vtype_name(enum vtype t);
/* The source of a tree of objects: values are {object, 0} or {owner, field and form}. */
extern const struct mustache_source VIEW_SOURCE;

#endif
