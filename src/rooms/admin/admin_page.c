#include "rooms/admin/admin.h"
#include "ward/advice.h"
#include "ward/fill.h"

#include <stdio.h>

enum { CE_TEXT, CE_URL, CE_TAG, CE_HEAD, CE_SHORT, CE_FIELDS };
static const struct field CELL_F[] = {
	[CE_TEXT] = {"text", V_TEXT, SEE_ADMIN, "what stands there", NULL, NULL},
	[CE_URL] = {"url", V_URL, SEE_ADMIN, "where it leads", NULL, NULL},
	[CE_TAG] = {"tag", V_KEY, SEE_ADMIN, "a word that stands out", NULL, NULL},
	[CE_HEAD] = {"head", V_TEXT, SEE_ADMIN, "heading of the column", NULL, NULL},
	[CE_SHORT] = {"short", V_BOOL, SEE_ADMIN, "stays on one line", NULL, NULL},
};
static const struct shape CELL = SHAPE("admin_cell", CELL_F);
enum { RO_CELLS, RO_FIELDS };
static const struct field ROW_F[] = {
	[RO_CELLS] = {"cells", V_LIST, SEE_ADMIN, "its cells", &CELL, NULL},
};
static const struct shape ROW = SHAPE("admin_row", ROW_F);
enum { HE_LABEL, HE_FIELDS };
static const struct field HEAD_F[] = {
	[HE_LABEL] = {"label", V_TEXT, SEE_ADMIN, "heading of a column", NULL, NULL},
};
static const struct shape HEAD = SHAPE("admin_head", HEAD_F);
enum { WN_TEXT, WN_LOUD, WN_FIELDS };
static const struct field WARNING_F[] = {
	[WN_TEXT] = {"text", V_TEXT, SEE_ADMIN, "what to look at", NULL, NULL},
	[WN_LOUD] = {"loud", V_BOOL, SEE_ADMIN, "going on takes something away", NULL, NULL},
};
static const struct shape WARNING = SHAPE("admin_warning", WARNING_F);
enum { FA_LABEL, FA_VALUE, FA_FIELDS };
static const struct field FACT_F[] = {
	[FA_LABEL] = {"label", V_TEXT, SEE_ADMIN, "what", NULL, NULL},
	[FA_VALUE] = {"value", V_TEXT, SEE_ADMIN, "how it is", NULL, NULL},
};
static const struct shape FACT = SHAPE("admin_fact", FACT_F);
enum { IT_TEXT, IT_URL, IT_FIELDS };
static const struct field ITEM_F[] = {
	[IT_TEXT] = {"text", V_TEXT, SEE_ADMIN, "a sentence", NULL, NULL},
	[IT_URL] = {"url", V_URL, SEE_ADMIN, "where it leads", NULL, NULL},
};
static const struct shape ITEM = SHAPE("admin_item", ITEM_F);
enum { HI_NAME, HI_VALUE, HI_FIELDS };
static const struct field HIDDEN_F[] = {
	[HI_NAME] = {"name", V_TEXT, SEE_ADMIN, "name of a hidden field", NULL, NULL},
	[HI_VALUE] = {"value", V_TEXT, SEE_ADMIN, "its value", NULL, NULL},
};
static const struct shape HIDDEN = SHAPE("admin_hidden", HIDDEN_F);
enum { FO_TITLE, FO_LEAD, FO_ACTION, FO_BUTTON, FO_WARN, FO_OPEN, FO_WRONG, FO_GET, FO_HIDDEN,
	FO_FORM_FIELDS, FO_FILE, FO_FILE_LABEL, FO_FILE_HINT, FO_ACCEPT, FO_FIELDS };
static const struct field FORM_F[] = {
	[FO_TITLE] = {"title", V_TEXT, SEE_ADMIN, "what it does", NULL, NULL},
	[FO_LEAD] = {"lead", V_TEXT, SEE_ADMIN, "what to know before", NULL, NULL},
	[FO_ACTION] = {"action", V_URL, SEE_ADMIN, "where it is sent", NULL, NULL},
	[FO_BUTTON] = {"button", V_TEXT, SEE_ADMIN, "its button", NULL, NULL},
	[FO_WARN] = {"warn", V_BOOL, SEE_ADMIN, "takes something away", NULL, NULL},
	[FO_OPEN] = {"open", V_BOOL, SEE_ADMIN, "is not folded", NULL, NULL},
	[FO_WRONG] = {"unfolded", V_BOOL, SEE_ADMIN, "something in it is wrong", NULL, NULL},
	[FO_GET] = {"get", V_BOOL, SEE_ADMIN, "only asks", NULL, NULL},
	[FO_HIDDEN] = {"hidden", V_LIST, SEE_ADMIN, "hidden fields", &HIDDEN, NULL},
	[FO_FORM_FIELDS] = {"fields", V_LIST, SEE_ADMIN, "what is asked", &FORM_FIELD, NULL},
	[FO_FILE] = {"file", V_TEXT, SEE_ADMIN, "name of a file's field", NULL, NULL},
	[FO_FILE_LABEL] = {"file_label", V_TEXT, SEE_ADMIN, "which file", NULL, NULL},
	[FO_FILE_HINT] = {"file_hint", V_TEXT, SEE_ADMIN, "what it may be", NULL, NULL},
	[FO_ACCEPT] = {"accept", V_TEXT, SEE_ADMIN, "endings", NULL, NULL},
};
static const struct shape FORM = SHAPE("admin_form", FORM_F);
enum { LP_KIND, LP_OLD_NO, LP_OLD, LP_NEW_NO, LP_NEW, LP_GAP, LP_FIELDS };
static const struct field PAIR_F[] = {
	[LP_KIND] = {"change", V_KEY, SEE_ADMIN, "added, removed, changed", NULL, NULL},
	[LP_OLD_NO] = {"old_no", V_INT, SEE_ADMIN, "line of the older version", NULL, NULL},
	[LP_OLD] = {"old", V_TEXT, SEE_ADMIN, "as it was", NULL, NULL},
	[LP_NEW_NO] = {"new_no", V_INT, SEE_ADMIN, "line of the newer version", NULL, NULL},
	[LP_NEW] = {"new", V_TEXT, SEE_ADMIN, "as it is", NULL, NULL},
	[LP_GAP] = {"gap", V_BOOL, SEE_ADMIN, "lines that are the same are left out", NULL, NULL},
};
static const struct shape PAIR = SHAPE("admin_pair", PAIR_F);
enum { DR_KIND, DR_D, DR_LABEL, DR_FIELDS };
static const struct field DRAWN_F[] = {
	[DR_KIND] = {"kind", V_KEY, SEE_ADMIN, "what it is", NULL, NULL},
	[DR_D] = {"d", V_TEXT, SEE_ADMIN, "its path", NULL, NULL},
	[DR_LABEL] = {"label", V_TEXT, SEE_ADMIN, "its name", NULL, NULL},
};
static const struct shape DRAWN = SHAPE("admin_drawn", DRAWN_F);
enum { SC_ID, SC_TITLE, SC_TEXT, SC_WARN, SC_FACTS, SC_ITEMS, SC_TABLE, SC_HEADS, SC_ROWS, SC_EMPTY,
	SC_FORMS, SC_LEFT, SC_RIGHT, SC_PAIRS, SC_BOX, SC_BOX_LABEL, SC_DRAWN, SC_FIELDS };
static const struct field SECTION_F[] = {
	[SC_ID] = {"id", V_TEXT, SEE_ADMIN, "place on the page", NULL, NULL},
	[SC_TITLE] = {"title", V_TEXT, SEE_ADMIN, "heading", NULL, NULL},
	[SC_TEXT] = {"text", V_TEXT, SEE_ADMIN, "what it is about", NULL, NULL},
	[SC_WARN] = {"warnings", V_LIST, SEE_ADMIN, "what to look at", &WARNING, NULL},
	[SC_FACTS] = {"facts", V_LIST, SEE_ADMIN, "facts", &FACT, NULL},
	[SC_ITEMS] = {"items", V_LIST, SEE_ADMIN, "sentences", &ITEM, NULL},
	[SC_TABLE] = {"table", V_BOOL, SEE_ADMIN, "has a table", NULL, NULL},
	[SC_HEADS] = {"heads", V_LIST, SEE_ADMIN, "columns", &HEAD, NULL},
	[SC_ROWS] = {"rows", V_LIST, SEE_ADMIN, "rows", &ROW, NULL},
	[SC_EMPTY] = {"empty", V_TEXT, SEE_ADMIN, "said when there is no row", NULL, NULL},
	[SC_FORMS] = {"forms", V_LIST, SEE_ADMIN, "what can be done", &FORM, NULL},
	[SC_LEFT] = {"left", V_TEXT, SEE_ADMIN, "older version", NULL, NULL},
	[SC_RIGHT] = {"right", V_TEXT, SEE_ADMIN, "newer version", NULL, NULL},
	[SC_PAIRS] = {"pairs", V_LIST, SEE_ADMIN, "lines of both", &PAIR, NULL},
	[SC_BOX] = {"box", V_TEXT, SEE_ADMIN, "size of the picture", NULL, NULL},
	[SC_BOX_LABEL] = {"box_label", V_TEXT, SEE_ADMIN, "what the picture shows", NULL, NULL},
	[SC_DRAWN] = {"drawn", V_LIST, SEE_ADMIN, "what is drawn", &DRAWN, NULL},
};
static const struct shape SECTION = SHAPE("admin_section", SECTION_F);
enum { AP_SECTIONS, AP_HEADING, AP_LEAD, AP_NOTICE, AP_ERRORS, AP_SECRET, AP_BACK, AP_BACK_LABEL,
	AP_FIRST, AP_MORE, AP_FIELDS };
static const struct field PAGE_F[] = {
	[AP_SECTIONS] = {"sections", V_LIST, SEE_ADMIN, "parts of the page", &SECTION, NULL},
	[AP_HEADING] = {"heading", V_TEXT, SEE_ADMIN, "heading", NULL, NULL},
	[AP_LEAD] = {"lead", V_TEXT, SEE_ADMIN, "what the page is for", NULL, NULL},
	[AP_NOTICE] = {"notice", V_TEXT, SEE_ADMIN, "what was just done", NULL, NULL},
	[AP_ERRORS] = {"errors", V_LIST, SEE_ADMIN, "what is wrong", &FORM_ERROR, NULL},
	[AP_SECRET] = {"secret", V_TEXT, SEE_ADMIN, "one-time link, shown once", NULL, NULL},
	[AP_BACK] = {"up", V_URL, SEE_ADMIN, "page above", NULL, NULL},
	[AP_BACK_LABEL] = {"up_label", V_TEXT, SEE_ADMIN, "its name", NULL, NULL},
	[AP_FIRST] = {"first", V_URL, SEE_ADMIN, "first page of a list", NULL, NULL},
	[AP_MORE] = {"more", V_URL, SEE_ADMIN, "next page of a list", NULL, NULL},
};
const struct shape ADMIN_PAGE = SHAPE("admin_page", PAGE_F);

static struct str text_or_none(struct request *q, const char *key)
{
	return key[0] != '\0' ? request_text(q, key) : STR_EMPTY;
}

void ap_begin_named(struct admin_page *p, struct request *q, struct str heading, const char *lead)
{
	*p = (struct admin_page){.q = q, .v = request_view(q, SEE_ADMIN)};
	p->page = view_new(&p->v, &ADMIN_PAGE);
	view_text(p->page, AP_HEADING, heading);
	view_text(p->page, AP_LEAD, text_or_none(q, lead));
	ap_notice(p);
}

void ap_begin(struct admin_page *p, struct request *q, const char *heading, const char *lead)
{
	ap_begin_named(p, q, request_text(q, heading), lead);
}

void ap_back(struct admin_page *p, const char *key, const char *local)
{
	view_text(p->page, AP_BACK_LABEL, request_text(p->q, key));
	view_url(p->page, AP_BACK, request_link(p->q, "%s", local));
}

/* Only what this room says itself: the name comes from the address. */
static const char *const DONE[] = {
	"account", "name", "closed", "opened", "sessions", "role", "role_end", "unit", "unit_change",
	"unit_end", "join", "leave", "setting", "areas", "names", "withdrawn", "offered", "published",
	"retried", "calendar_proposed", "calendar_skipped", "calendar_confirmed", "calendar_dropped",
	"saved", "nothing", NULL,
};

void ap_notice(struct admin_page *p)
{
	struct str done = request_query(p->q, "done");
	for (size_t i = 0; done.n > 0 && DONE[i] != NULL; i++)
		if (str_is(done, DONE[i]))
			view_text(p->page, AP_NOTICE, admin_text(p->q, "admin.done.%s", DONE[i]));
}

void admin_done(struct request *q, struct reply *r, const char *name, struct str local)
{
	reply_redirect(q, r, request_link(q, "%.*s%sdone=%s", PSTR(local),
	                                  str_find(local, STR("?")) == SIZE_MAX ? "?" : "&", name));
}

void ap_wrong(struct admin_page *p, struct str text)
{
	form_error_add(p->page, AP_ERRORS, text, STR_EMPTY);
	p->wrong = true;
}

void ap_secret(struct admin_page *p, struct str link) { view_text(p->page, AP_SECRET, link); }

void ap_pages(struct admin_page *p, struct str first, struct str more)
{
	if (first.n > 0)
		view_url(p->page, AP_FIRST, first);
	if (more.n > 0)
		view_url(p->page, AP_MORE, more);
}

void ap_section_text(struct admin_page *p, const char *id, struct str title, struct str text)
{
	p->section = view_item(p->page, AP_SECTIONS);
	p->row = p->form = NULL;
	p->head_count = 0;
	view_text(p->section, SC_ID, str_of(id));
	view_text(p->section, SC_TITLE, title);
	view_text(p->section, SC_TEXT, text);
}

void ap_section(struct admin_page *p, const char *id, const char *title, const char *text)
{
	ap_section_text(p, id, text_or_none(p->q, title), text_or_none(p->q, text));
}

void ap_warn(struct admin_page *p, struct str text) { view_text(view_item(p->section, SC_WARN), WN_TEXT, text); }

void ap_alarm(struct admin_page *p, struct str text)
{
	struct vobj *o = view_item(p->section, SC_WARN);
	view_text(o, WN_TEXT, text);
	view_bool(o, WN_LOUD, true);
}

void ap_fact(struct admin_page *p, struct str label, struct str value)
{
	struct vobj *o = view_item(p->section, SC_FACTS);
	view_text(o, FA_LABEL, label);
	view_text(o, FA_VALUE, value);
}

void ap_item(struct admin_page *p, struct str text, struct str url)
{
	struct vobj *o = view_item(p->section, SC_ITEMS);
	view_text(o, IT_TEXT, text);
	if (url.n > 0)
		view_url(o, IT_URL, url);
}

void ap_table(struct admin_page *p, const char *const *heads, const char *empty)
{
	view_bool(p->section, SC_TABLE, true);
	view_text(p->section, SC_EMPTY, text_or_none(p->q, empty));
	p->head_count = 0;
	for (; *heads != NULL && p->head_count < sizeof p->heads / sizeof *p->heads; heads++) {
		struct str label = text_or_none(p->q, *heads);
		view_text(view_item(p->section, SC_HEADS), HE_LABEL, label);
		p->heads[p->head_count++] = label;
	}
}

void ap_row(struct admin_page *p)
{
	p->row = view_item(p->section, SC_ROWS);
	p->column = 0;
}

static struct vobj *cell(struct admin_page *p)
{
	struct vobj *o = view_item(p->row, RO_CELLS);
	if (p->column < p->head_count)
		view_text(o, CE_HEAD, p->heads[p->column]);
	p->column++;
	return o;
}

void ap_cell(struct admin_page *p, struct str text) { view_text(cell(p), CE_TEXT, text); }

void ap_cell_short(struct admin_page *p, struct str text)
{
	struct vobj *o = cell(p);
	view_text(o, CE_TEXT, text);
	view_bool(o, CE_SHORT, true);
}

void ap_cell_link(struct admin_page *p, struct str text, struct str url)
{
	struct vobj *o = cell(p);
	view_text(o, CE_TEXT, text);
	view_url(o, CE_URL, url);
}

void ap_cell_tag(struct admin_page *p, const char *kind, struct str text)
{
	view_key(cell(p), CE_TAG, str_of(kind), text);
}

void ap_cell_day(struct admin_page *p, int32_t day, const char *otherwise)
{
	if (day != 0)
		ap_cell_short(p, admin_date(p->q, day));
	else
		ap_cell(p, text_or_none(p->q, otherwise));
}

void ap_form(struct admin_page *p, const char *title, const char *lead, struct str action,
             const char *button)
{
	p->form = view_item(p->section, SC_FORMS);
	view_text(p->form, FO_TITLE, text_or_none(p->q, title));
	view_text(p->form, FO_LEAD, text_or_none(p->q, lead));
	view_url(p->form, FO_ACTION, action);
	view_text(p->form, FO_BUTTON, request_text(p->q, button));
}

void ap_form_open(struct admin_page *p) { view_bool(p->form, FO_OPEN, true); }
void ap_form_warn(struct admin_page *p) { view_bool(p->form, FO_WARN, true); }
void ap_form_get(struct admin_page *p) { view_bool(p->form, FO_GET, true); }

void ap_hidden(struct admin_page *p, const char *name, struct str value)
{
	struct vobj *o = view_item(p->form, FO_HIDDEN);
	view_text(o, HI_NAME, str_of(name));
	view_text(o, HI_VALUE, value);
}

void ap_field(struct admin_page *p, const struct form_field *ff)
{
	form_field_add(p->form, FO_FORM_FIELDS, -1, &p->v, ff);
	if (ff->error.n == 0)
		return;
	view_bool(p->form, FO_WRONG, true);
	form_error_add(p->page, AP_ERRORS, ff->error, arena_fmt(p->q->arena, "#%s", ff->name));
	p->wrong = true;
}

void ap_line(struct admin_page *p, const char *name, const char *label, const char *hint,
             struct str value, struct str error)
{
	ap_field(p, &(struct form_field){.kind = FORM_TEXT, .name = name, .autocomplete = "off",
	                                 .label = request_text(p->q, label),
	                                 .hint = text_or_none(p->q, hint), .value = value,
	                                 .error = error});
}

/* A line that everybody reads: who is named in it is pointed out once before it is kept. */
void ap_told(struct admin_page *p, const char *name, const char *label, const char *hint,
             struct str value, struct str error, bool advised)
{
	ap_field(p, &(struct form_field){.kind = FORM_TEXT, .name = name, .autocomplete = "off",
	                                 .label = request_text(p->q, label),
	                                 .hint = text_or_none(p->q, hint), .value = value, .error = error,
	                                 .advice = advice_field(p->q, advised ? value : STR_EMPTY)});
	if (!advised)
		return;
	view_bool(p->form, FO_WRONG, true);
	form_error_add(p->page, AP_ERRORS, request_text(p->q, "advice.again"), arena_fmt(p->q->arena, "#%s", name));
	p->wrong = true;
}

void ap_day(struct admin_page *p, const char *name, const char *label, const char *hint,
            struct str value, struct str error)
{
	ap_field(p, &(struct form_field){.kind = FORM_TEXT, .name = name, .autocomplete = "off",
	                                 .label = request_text(p->q, label), .narrow = true,
	                                 .hint = text_or_none(p->q, hint), .value = value,
	                                 .error = error});
}

void ap_file(struct admin_page *p, const char *name, const char *label, const char *hint,
             const char *accept)
{
	view_text(p->form, FO_FILE, str_of(name));
	view_text(p->form, FO_FILE_LABEL, request_text(p->q, label));
	view_text(p->form, FO_FILE_HINT, text_or_none(p->q, hint));
	view_text(p->form, FO_ACCEPT, str_of(accept));
}

void ap_compare(struct admin_page *p, struct str left, struct str right)
{
	view_text(p->section, SC_LEFT, left);
	view_text(p->section, SC_RIGHT, right);
}

void ap_line_pair(struct admin_page *p, enum ap_change change, int old_no, struct str old_line,
                  int new_no, struct str new_line)
{
	static const char *const KINDS[] = {"", "same", "added", "removed", "changed", "gap"};
	struct vobj *o = view_item(p->section, SC_PAIRS);
	view_bool(o, LP_GAP, change == AP_GAP);
	if (change == AP_GAP)
		return;
	view_key(o, LP_KIND, str_of(KINDS[change]),
	         change == AP_SAME ? STR(" ") : admin_text(p->q, "admin.compare.%s", KINDS[change]));
	view_int(o, LP_OLD_NO, old_no);
	view_text(o, LP_OLD, old_line);
	view_int(o, LP_NEW_NO, new_no);
	view_text(o, LP_NEW, new_line);
}

void ap_picture(struct admin_page *p, struct str box, struct str label)
{
	view_text(p->section, SC_BOX, box);
	view_text(p->section, SC_BOX_LABEL, label);
}

void ap_shape(struct admin_page *p, const char *kind, struct str d, struct str label)
{
	struct vobj *o = view_item(p->section, SC_DRAWN);
	view_key(o, DR_KIND, str_of(kind), str_of(kind));
	view_text(o, DR_D, d);
	view_text(o, DR_LABEL, label);
}

enum rc ap_reply(struct admin_page *p, struct reply *r)
{
	reply_page(p->q, r, "admin/page", &ADMIN_PAGE, p->page, p->wrong ? 422 : 200);
	return RC_OK;
}

/* --- shared --- */

struct str admin_text(struct request *q, const char *fmt, ...)
{
	char key[160];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(key, sizeof key, fmt, args);
	va_end(args);
	return request_text(q, key);
}

bool admin_day(struct str text, bool may_lack, int32_t *out) { return day_typed(text, may_lack, out); }

struct str admin_date(struct request *q, int32_t day)
{
	return day != 0 ? text_date(q->arena, q->lang, day) : STR_EMPTY;
}

struct str admin_role(struct request *q, enum role role) { return admin_text(q, "role.%s", role_name(role)); }

bool admin_id(struct request *q, const char *name, int64_t *out)
{
	return str_i64(request_form(q, name), out) && *out > 0;
}

struct admin_by admin_by(const struct request *q)
{
	return (struct admin_by){.account = q->actor.account, .demo = q->ward->demo};
}

struct str admin_why(struct request *q, enum rc rc, const struct fault *f)
{
	static const char *const FIELDS[] = {"self", "last", "oversight", "elsewhere", "login", "taken", "slug",
	                                     "name", "phone", "until", "role", "unit", "open", "receives",
	                                     NULL};
	for (size_t i = 0; FIELDS[i] != NULL && (rc == RC_REFUSED || rc == RC_INVALID); i++)
		if (str_is(str_of(f->field), FIELDS[i]))
			return admin_text(q, "admin.why.%s", FIELDS[i]);
	if (rc == RC_EXISTS)
		return request_text(q, "admin.why.exists");
	if (rc == RC_LIMIT)
		return request_text(q, "admin.why.limit");
	if (rc == RC_NONE)
		return request_text(q, "admin.why.none");
	if (rc == RC_DENIED)
		return request_text(q, "admin.why.closed");
	return request_text(q, "admin.why.invalid");
}

size_t admin_homeless(const struct request *q, const struct procedure *out[CATEGORY_COUNT])
{
	const struct procedures *all = q->app->procedures;
	int32_t today = day_of(q->now);
	size_t n = procedures_all(all, today, out, CATEGORY_COUNT), kept = 0;
	for (size_t i = 0; i < n; i++) {
		int32_t from = procedure_withdrawn_from(all, q->ward->id, out[i]->name);
		if ((from == 0 || today < from) && procedure_unit_missing(all, q->ward->id, out[i], today))
			out[kept++] = out[i];
	}
	return kept;
}

struct str admin_homeless_words(const struct request *q, const struct procedure *one)
{
	const struct filling values[] = {{"kind", one->title[q->lang]}, {"unit", one->unit}};
	return text_fill(q->arena, request_text(q, "admin.homeless"), values, 2);
}

bool admin_one_ward(const struct request *q)
{
	const struct ward *all[2];
	return ward_all(q->app->places, all, 2) == 1;
}
