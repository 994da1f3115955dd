/* The shapes that all pages share: the frame around a page, and the fields and errors of a form.
 * Templates: kit/top and kit/bottom stand around every page, kit/errors shows ERRORS, kit/field
 * shows one FORM_FIELD. */
#ifndef XOM_VIEW_FRAME_H
#define XOM_VIEW_FRAME_H

#include "kit/view/view.h"

enum {
	FRAME_TITLE, FRAME_LANG, FRAME_WARD, FRAME_HOME, FRAME_LANGS, FRAME_UNREAD, FRAME_CSS, FRAME_JS,
	FRAME_EARLY, FRAME_ICON,
	FRAME_DEMO, FRAME_PRACTICE, FRAME_TASKS, FRAME_NAV, FRAME_ACCOUNT, FRAME_SIGN_OUT, FRAME_SIGN_IN, FRAME_TOKEN, FRAME_DESK,
	FRAME_SESSIONS, FRAME_HOTLINE, FRAME_HOTLINE_URL, FRAME_SOURCE, FRAME_OFFICE,
	FRAME_HOURS, FRAME_RIGHTS, FRAME_REDRESS, FRAME_TRANSPARENCY, FRAME_ATOM, FRAME_FEED, FRAME_DESK_JS, FRAME_PAPER,
	FRAME_FIELDS
};
extern const struct shape FRAME;

enum { NAV_LABEL, NAV_URL, NAV_CURRENT, NAV_FIELDS };
extern const struct shape NAV;
/* Another language that the page is offered in. */
enum { LANG_CODE, LANG_OWN_NAME, LANG_URL, LANG_FIELDS };
extern const struct shape FRAME_LANGUAGE;

/* One field of a form, in one of the kinds. */
enum {
	FF_ID, FF_NAME, FF_LABEL, FF_HINT, FF_VALUE, FF_ERROR, FF_TEXT, FF_AREA, FF_RADIOS, FF_SELECT,
	FF_FILES, FF_PASSWORD, FF_CHECKBOXES, FF_OPTIONS, FF_MAX, FF_AUTOCOMPLETE, FF_INPUTMODE,
	FF_NARROW, FF_ROWS, FF_HEADING, FF_ADVICE, FF_ADVICE_JS, FF_PLACES, FF_FIELDS
};
extern const struct shape FORM_FIELD;
enum { OPTION_VALUE, OPTION_LABEL, OPTION_HINT, OPTION_ID, OPTION_CHECKED, OPTION_FIELDS };
extern const struct shape FORM_OPTION;

/* A text cut where it names somebody (ward/advice.h): a part with `what` is pointed out as that. */
enum { ADVICE_TEXT, ADVICE_WHAT, ADVICE_FIELDS };
extern const struct shape ADVICE_PART;
struct advice_part {
	struct str text, what;
};
struct form_advice {
	struct str js, places;            /* the script that looks while one types, and what it needs */
	const struct advice_part *parts;  /* of what was sent; none: nothing to point out */
	size_t count;
};
void advice_parts_add(struct vobj *o, int list, const struct advice_part *parts, size_t count);

/* One line of the error summary: what is wrong, and a link to the field. */
enum { ERROR_TEXT, ERROR_URL, ERROR_FIELDS };
extern const struct shape FORM_ERROR;

enum form_kind { FORM_TEXT = 1, FORM_AREA, FORM_RADIOS, FORM_SELECT, FORM_FILES, FORM_PASSWORD,
	FORM_CHECKBOXES };
struct form_option {
	struct str value, label, hint;
	bool checked;
};
/* What a page says of a field; empty texts are left out. The id is the name. */
struct form_field {
	enum form_kind kind;
	const char *name, *autocomplete, *inputmode;
	struct str label, hint, value, error;
	int max;              /* characters; 0: not shown */
	int rows;             /* of an area */
	bool narrow;          /* codes and numbers */
	bool heading;         /* the label is the page's one heading */
	const struct form_advice *advice; /* NULL: it names nobody anyway */
	const struct form_option *options;
	size_t option_count;
};
/* Appends the field to the page's list `fields`, and its error (if any) to the list `errors`
 * (-1: the page keeps its errors elsewhere). */
void form_field_add(struct vobj *page, int fields, int errors, const struct view *v,
                    const struct form_field *ff);
void form_error_add(struct vobj *page, int errors, struct str text, struct str url);

#endif
