#include "kit/view/frame.h"

static const struct field NAV_F[] = {
	[NAV_LABEL] = {"label", V_TEXT, SEE_ALL, "words of the link", NULL, NULL},
	[NAV_URL] = {"url", V_URL, SEE_ALL, "where it leads", NULL, NULL},
	[NAV_CURRENT] = {"current", V_BOOL, SEE_ALL, "the page that is shown", NULL, NULL},
};
const struct shape NAV = SHAPE("nav", NAV_F);

static const struct field LANG_F[] = {
	[LANG_CODE] = {"code", V_TEXT, SEE_ALL, "code of the language", NULL, NULL},
	[LANG_OWN_NAME] = {"own_name", V_TEXT, SEE_ALL, "what its speakers call it", NULL, NULL},
	[LANG_URL] = {"url", V_URL, SEE_ALL, "this page in it", NULL, NULL},
};
const struct shape FRAME_LANGUAGE = SHAPE("language", LANG_F);

static const struct field FRAME_F[] = {
	[FRAME_TITLE] = {"page_title", V_TEXT, SEE_ALL, "title of the page", NULL, NULL},
	[FRAME_LANG] = {"page_lang", V_TEXT, SEE_ALL, "language of the page", NULL, NULL},
	[FRAME_WARD] = {"ward_name", V_TEXT, SEE_ALL, "name of the ward", NULL, NULL},
	[FRAME_HOME] = {"home", V_URL, SEE_ALL, "first page of the ward", NULL, NULL},
	[FRAME_LANGS] = {"langs", V_LIST, SEE_ALL, "this page in other languages", &FRAME_LANGUAGE, NULL},
	[FRAME_UNREAD] = {"unread", V_BOOL, SEE_ALL, "no native speaker has read this language", NULL, NULL},
	[FRAME_CSS] = {"css", V_URL, SEE_ALL, "style sheet", NULL, NULL},
	[FRAME_JS] = {"js", V_URL, SEE_ALL, "script", NULL, NULL},
	[FRAME_EARLY] = {"early_js", V_URL, SEE_ALL, "script that runs before the page is drawn", NULL, NULL},
	[FRAME_ICON] = {"icon", V_URL, SEE_ALL, "icon", NULL, NULL},
	[FRAME_PRACTICE] = {"practice", V_BOOL, SEE_ALL, "a ward to learn in", NULL, NULL},
	[FRAME_TASKS] = {"tasks_url", V_URL, SEE_ALL, "the learner's tasks", NULL, NULL},
	[FRAME_DEMO] = {"demo", V_BOOL, SEE_ALL, "an invented ward", NULL, NULL},
	[FRAME_NAV] = {"nav", V_LIST, SEE_ALL, "main links", &NAV, NULL},
	[FRAME_ACCOUNT] = {"account_name", V_TEXT, SEE_ALL, "who is signed in", NULL, NULL},
	[FRAME_SIGN_OUT] = {"sign_out", V_URL, SEE_ALL, "where signing out is posted", NULL, NULL},
	[FRAME_SIGN_IN] = {"sign_in", V_URL, SEE_ALL, "where officers sign in", NULL, NULL},
	[FRAME_TOKEN] = {"token", V_TEXT, SEE_ALL, "the session's form token", NULL, NULL},
	[FRAME_DESK] = {"at_desk", V_BOOL, SEE_ALL, "an officer's page", NULL, NULL},
	[FRAME_SESSIONS] = {"sessions", V_URL, SEE_ALL, "own sessions", NULL, NULL},
	[FRAME_HOTLINE] = {"hotline", V_TEXT, SEE_ALL, "office to call", NULL, NULL},
	[FRAME_HOTLINE_URL] = {"hotline_url", V_URL, SEE_ALL, "tel: of the office", NULL, NULL},
	[FRAME_DESK_JS] = {"desk_js", V_URL, SEE_ALL, "script of officers' pages", NULL, NULL},
	[FRAME_PAPER] = {"print_paper", V_URL, SEE_ALL, "the paper list that is to be printed now", NULL, NULL},
	[FRAME_SOURCE] = {"source", V_URL, SEE_ALL, "source code of what runs here", NULL, NULL},
	[FRAME_OFFICE] = {"office_address", V_TEXT, SEE_ALL, "where the ward's office is", NULL, NULL},
	[FRAME_HOURS] = {"office_hours", V_TEXT, SEE_ALL, "when it is open", NULL, NULL},
	[FRAME_RIGHTS] = {"rights", V_URL, SEE_ALL, "what is refused and promised", NULL, NULL},
	[FRAME_TRANSPARENCY] = {"transparency", V_URL, SEE_ALL, "the transparency page", NULL, NULL},
	[FRAME_REDRESS] = {"redress_form", V_URL, SEE_ALL, "\"I think something here is about me\"", NULL, NULL},
	[FRAME_ATOM] = {"atom_feed", V_URL, SEE_ALL, "news of the ward, as Atom", NULL, NULL},
	[FRAME_FEED] = {"json_feed", V_URL, SEE_ALL, "the same as JSON Feed", NULL, NULL},
};
const struct shape FRAME = SHAPE("frame", FRAME_F);

static const struct field OPTION_F[] = {
	[OPTION_VALUE] = {"value", V_TEXT, SEE_ALL, "what is sent", NULL, NULL},
	[OPTION_LABEL] = {"label", V_TEXT, SEE_ALL, "what is read", NULL, NULL},
	[OPTION_HINT] = {"hint", V_TEXT, SEE_ALL, "a line below", NULL, NULL},
	[OPTION_ID] = {"id", V_TEXT, SEE_ALL, "id of the input", NULL, NULL},
	[OPTION_CHECKED] = {"checked", V_BOOL, SEE_ALL, "chosen", NULL, NULL},
};
const struct shape FORM_OPTION = SHAPE("option", OPTION_F);

static const struct field ADVICE_F[] = {
	[ADVICE_TEXT] = {"part", V_TEXT, SEE_ALL, "a piece of what was written", NULL, NULL},
	[ADVICE_WHAT] = {"what", V_TEXT, SEE_ALL, "a name, a number: what it looks like", NULL, NULL},
};
const struct shape ADVICE_PART = SHAPE("advice_part", ADVICE_F);

void advice_parts_add(struct vobj *o, int list, const struct advice_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct vobj *part = view_item(o, list);
		view_text(part, ADVICE_TEXT, parts[i].text);
		view_text(part, ADVICE_WHAT, parts[i].what);
	}
}

static const struct field FIELD_F[] = {
	[FF_ID] = {"id", V_TEXT, SEE_ALL, "id of the input", NULL, NULL},
	[FF_NAME] = {"name", V_TEXT, SEE_ALL, "name of the input", NULL, NULL},
	[FF_LABEL] = {"label", V_TEXT, SEE_ALL, "what is asked", NULL, NULL},
	[FF_HINT] = {"hint", V_TEXT, SEE_ALL, "help below the label", NULL, NULL},
	[FF_VALUE] = {"value", V_TEXT, SEE_ALL, "what was typed", NULL, NULL},
	[FF_ERROR] = {"error", V_TEXT, SEE_ALL, "what is wrong", NULL, NULL},
	[FF_TEXT] = {"is_text", V_BOOL, SEE_ALL, "a line of text", NULL, NULL},
	[FF_AREA] = {"is_area", V_BOOL, SEE_ALL, "several lines", NULL, NULL},
	[FF_RADIOS] = {"is_radios", V_BOOL, SEE_ALL, "one of some", NULL, NULL},
	[FF_SELECT] = {"is_select", V_BOOL, SEE_ALL, "one of many", NULL, NULL},
	[FF_FILES] = {"is_files", V_BOOL, SEE_ALL, "photos", NULL, NULL},
	[FF_PASSWORD] = {"is_password", V_BOOL, SEE_ALL, "a password", NULL, NULL},
	[FF_CHECKBOXES] = {"is_checkboxes", V_BOOL, SEE_ALL, "any of some", NULL, NULL},
	[FF_OPTIONS] = {"options", V_LIST, SEE_ALL, "the choices", &FORM_OPTION, NULL},
	[FF_MAX] = {"max", V_INT, SEE_ALL, "characters at most", NULL, "characters"},
	[FF_AUTOCOMPLETE] = {"autocomplete", V_TEXT, SEE_ALL, "hint for the browser", NULL, NULL},
	[FF_INPUTMODE] = {"inputmode", V_TEXT, SEE_ALL, "keyboard of a phone", NULL, NULL},
	[FF_NARROW] = {"narrow", V_BOOL, SEE_ALL, "a short input", NULL, NULL},
	[FF_ROWS] = {"rows", V_INT, SEE_ALL, "height of an area", NULL, "lines"},
	[FF_HEADING] = {"heading", V_BOOL, SEE_ALL, "the label is the heading", NULL, NULL},
	[FF_ADVICE] = {"advice", V_LIST, SEE_ALL, "what was sent, cut where it names somebody", &ADVICE_PART, NULL},
	[FF_ADVICE_JS] = {"advice_js", V_URL, SEE_ALL, "script that looks while one types", NULL, NULL},
	[FF_PLACES] = {"places", V_TEXT, SEE_ALL, "streets and places of the ward, for the script", NULL, NULL},
};
const struct shape FORM_FIELD = SHAPE("field", FIELD_F);

static const struct field ERROR_F[] = {
	[ERROR_TEXT] = {"text", V_TEXT, SEE_ALL, "what is wrong and what to do", NULL, NULL},
	[ERROR_URL] = {"url", V_URL, SEE_ALL, "the field", NULL, NULL},
};
const struct shape FORM_ERROR = SHAPE("error", ERROR_F);

void form_error_add(struct vobj *page, int errors, struct str text, struct str url)
{
	struct vobj *e = view_item(page, errors);
	view_text(e, ERROR_TEXT, text);
	view_url(e, ERROR_URL, url);
}

static void add_options(struct vobj *o, const struct view *v, const struct form_field *ff)
{
	for (size_t i = 0; i < ff->option_count; i++) {
		const struct form_option *option = &ff->options[i];
		struct vobj *item = view_item(o, FF_OPTIONS);
		view_text(item, OPTION_VALUE, option->value);
		view_text(item, OPTION_LABEL, option->label);
		view_text(item, OPTION_HINT, option->hint);
		view_bool(item, OPTION_CHECKED, option->checked);
		/* The first has the field's own id, so that the error summary's link finds it. */
		view_text(item, OPTION_ID,
		          i == 0 ? str_of(ff->name) : arena_fmt(v->arena, "%s-%zu", ff->name, i + 1));
	}
}

void form_field_add(struct vobj *page, int fields, int errors, const struct view *v,
                    const struct form_field *ff)
{
	static const int FLAGS[] = {
		[FORM_TEXT] = FF_TEXT,         [FORM_AREA] = FF_AREA,   [FORM_RADIOS] = FF_RADIOS,
		[FORM_SELECT] = FF_SELECT,     [FORM_FILES] = FF_FILES, [FORM_PASSWORD] = FF_PASSWORD,
		[FORM_CHECKBOXES] = FF_CHECKBOXES,
	};
	struct vobj *o = view_item(page, fields);
	view_text(o, FF_ID, str_of(ff->name));
	view_text(o, FF_NAME, str_of(ff->name));
	view_text(o, FF_LABEL, ff->label);
	view_text(o, FF_HINT, ff->hint);
	view_text(o, FF_VALUE, ff->value);
	view_text(o, FF_ERROR, ff->error);
	view_bool(o, FLAGS[ff->kind], true);
	if (ff->max > 0)
		view_int(o, FF_MAX, ff->max);
	if (ff->rows > 0)
		view_int(o, FF_ROWS, ff->rows);
	view_text(o, FF_AUTOCOMPLETE, str_of(ff->autocomplete));
	view_text(o, FF_INPUTMODE, str_of(ff->inputmode));
	view_bool(o, FF_NARROW, ff->narrow);
	view_bool(o, FF_HEADING, ff->heading);
	if (ff->advice != NULL) {
		view_url(o, FF_ADVICE_JS, ff->advice->js);
		view_text(o, FF_PLACES, ff->advice->places);
		advice_parts_add(o, FF_ADVICE, ff->advice->parts, ff->advice->count);
	}
	add_options(o, v, ff);
	if (ff->error.n > 0 && errors >= 0)
		form_error_add(page, errors, ff->error, arena_fmt(v->arena, "#%s", ff->name));
}
