/* Views: one handler, every representation.
 *
 * A shape is a table of fields, known at compile time: name, type, unit, who may see it, a line of
 * help. A handler fills objects of a shape with raw values, by the field's enum; a value whose
 * field this person may not see is dropped when it is set, before any representation is made. The
 * same object then becomes HTML (through a template), JSON, CSV or XLSX, and the shapes make the API
 * description and the check of templates: a template that names a field its shape does not have
 * does not build.
 *
 *   enum { CASE_CODE, CASE_KIND, CASE_FIELDS };
 *   static const struct field CASE_F[] = {
 *       [CASE_CODE] = {"code", V_TEXT, SEE_ALL, "the public code", NULL},
 *       [CASE_KIND] = {"kind", V_KEY, SEE_ALL, "the kind, by its procedure", NULL},
 *   };
 *   const struct shape CASE = SHAPE("case", CASE_F);
 */
#ifndef XOM_VIEW_VIEW_H
#define XOM_VIEW_VIEW_H

#include "kit/base/perm.h"
#include "kit/base/po.h"

enum vtype {
	V_TEXT = 1,  /* {{x}} */
	V_INT,       /* {{x}} raw; {{x.count}} grouped for people; {{#x}} when set and not 0;
	                {{#x.one}} when 1; {{#x.many}} when >1 */
	V_BOOL,      /* section only */
	V_TIME,      /* {{x.date}} {{x.time}} {{x.datetime}} {{x.iso}}; JSON: ISO 8601 UTC */
	V_DAY,       /* {{x.date}} {{x.iso}} */
	V_KEY,       /* {{x.key}} {{x.label}}; JSON: the key; CSV: the key */
	V_URL,       /* {{x}}: the only type allowed in href, src, action, and only alone there */
	V_OBJ,       /* {{#x}}…{{/x}} or {{x.field}} */
	V_LIST,      /* {{#x}}…{{/x}} each item; {{^x}} when empty; {{#x.some}} once when not empty;
	                {{x.count}} number of items, grouped */
};

struct shape;
struct field {
	const char *name;
	enum vtype type;
	unsigned see;             /* enum sight bits: who may */
	const char *help;         /* one line, for the API description and the register */
	const struct shape *sub;  /* of V_OBJ and V_LIST */
	const char *unit;         /* "days", "m", "bytes"; of a V_URL "image": only for src, where
	                             data:image/jpeg is good too; NULL: none */
};
struct shape {
	const char *name;
	const struct field *fields;
	size_t count;
};
#define SHAPE(name, fields) {name, fields, sizeof(fields) / sizeof *(fields)}

/* An object being filled. Lives in the view's arena. */
struct view {
	struct arena *arena;
	unsigned sights;          /* of the person, for this object's matter */
	enum lang lang;
	const struct po *po;
	bool told;                /* CSV for people: column names and keys in their words, times in the ward's zone */
};
struct vobj;

struct vobj *view_new(const struct view *v, const struct shape *s);  /* copies *v */
/* Setters. A field of another type, or out of range, is a BUG. Texts are borrowed: they must live
 * as long as the arena. An empty text, a zero time or day, and an empty key count as not set. */
void view_text(struct vobj *o, int field, struct str s);
void view_int(struct vobj *o, int field, int64_t n);
void view_bool(struct vobj *o, int field, bool b);
void view_time(struct vobj *o, int field, int64_t at);
void view_day(struct vobj *o, int field, int32_t day);
void view_key(struct vobj *o, int field, struct str key, struct str label);
/* A local address that begins with '/' (not "//"), a place on the page ("#id"), or one with scheme
 * https, tel or mailto; of unit "image" also data:image/jpeg;base64, or a file beside the page, "photo-1.jpg". Anything else, and any blank
 * or control character in it, is a BUG. */
void view_url(struct vobj *o, int field, struct str url);
struct vobj *view_obj(struct vobj *o, int field);    /* makes and sets; NULL when not to be seen */
struct vobj *view_item(struct vobj *o, int field);   /* appends an item to a list; NULL likewise */
/* Setters take a NULL object and do nothing, so that nobody asks twice. */

/* A representation for machines. JSON: one object. CSV: the items of the object's first list (or
 * of `list` when >= 0), one line each, header with the field names, UTF-8 with BOM, CRLF; for people where the view says so. */
void view_json(struct buf *out, const struct vobj *o);
void view_csv(struct buf *out, const struct vobj *o, int list);
/* Is there a list, for a table to be made of? */
bool view_has_list(const struct vobj *o);
/* XLSX: the same table for a spreadsheet, keys and column names in the reader's words ("column.NAME"
 * where the messages have it). RC_NOMEM, RC_FAIL. */
enum rc view_xlsx(struct buf *out, const struct vobj *o, int list, struct fault *f);
/* JSON description of a shape (name, type, unit, help, who) for the API description. */
void shape_describe(struct buf *out, const struct shape *s);

/* Templates: Mustache files in templates/ROOM/NAME.mustache, partials included ({{>kit/top}}),
 * specialised per language when they are loaded: {{t report.title}} becomes the message of that
 * key, escaped, with the {{name}} tags inside it kept. Blanks at the beginning of lines are left
 * out. Refused at load, with file and line: raw output ({{{x}}}, {{&x}}), set delimiters, values
 * not in double quotes, on…=, style= and srcdoc= attributes, javascript:, <style>, <script>
 * without src or with anything inside, tags in the names of elements and attributes or in HTML
 * comments, sections that begin and end in different places of the HTML. {{x}} inside href, src,
 * action must be a V_URL alone; a fixed address begins with / # https:// tel: or mailto:.
 * Boolean attributes are sections: <input {{#checked}}checked{{/checked}}>.
 * A name that the innermost shape has is that shape's, set or not: what was dropped for lack of
 * sight never falls through to an outer object's field of the same name. */
struct templates;
enum rc templates_load(struct templates **out, const char *dir, const struct po *po,
                       struct fault *f);
void templates_free(struct templates *t);
struct template;
const struct template *templates_find(const struct templates *t, struct str name, enum lang l);

/* Writes the page: names are looked up in `o`, then in `frame` (the page's surroundings: title,
 * language, navigation; may be NULL). */
enum rc template_render(const struct template *t, struct buf *out, const struct vobj *o,
                        const struct vobj *frame, struct fault *f);

/* The build's check: every name that the template uses, in its sections and partials, is a field
 * (or a display form) of the shape or of the frame. Faults name file, line and field. */
enum rc template_check(const struct templates *t, struct str name, const struct shape *s,
                       const struct shape *frame, struct fault *f);

/* The same for every page, and no template may be left that none of them uses. A page that is
 * shown with several shapes has a row for each. */
struct template_page {
	const char *name;
	const struct shape *shape;
};
enum rc templates_check_all(const struct templates *t, const struct template_page *pages,
                            size_t count, const struct shape *frame, struct fault *f);

#endif
