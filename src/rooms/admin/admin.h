/* The administrator's room: accounts, units, areas, procedures, the ward's settings, jobs, and who did
 * what of it when. No case text, no looks, no reporter (DOMAIN.md section 23).
 *
 * Files: admin.c routes; admin_page.c the page that all of them are built as; admin_home.c what needs
 * doing; people_pages.c, person_page.c accounts; unit_pages.c units; matrix_page.c who can see what;
 * area_pages.c areas and their picture; procedure_pages.c kinds, procedure_compare.c two
 * versions side by side; setting_pages.c; calendar_pages.c days
 * off, calendar_apply.c what a version moves; receiver_pages.c who receives what is handed over, nearby_pages.c who is where, and
 * dated_form.c what both tables' forms share; job_pages.c; log_page.c. */
#ifndef XOM_ADMIN_ADMIN_H
#define XOM_ADMIN_ADMIN_H

#include "kit/base/text.h"
#include "kit/view/frame.h"
#include "ward/page.h"
#include "ward/people/people_admin.h"
#include "ward/room.h"
#include "ward/ward_setting.h"

extern const struct room ADMIN_ROOM;

/* --- the page (admin_page.c): a heading and sections; a section holds facts, a table, a picture, a
 * comparison, forms. Texts are borrowed from the request's arena. --- */
struct admin_page {
	struct request *q;
	struct view v;
	struct vobj *page, *section, *row, *form;
	size_t column;
	struct str heads[12];
	size_t head_count;
	bool wrong;                   /* a field or the page says what is wrong: answered with 422 */
};
extern const struct shape ADMIN_PAGE;

/* Keys are messages; an empty lead key: none. */
void ap_begin(struct admin_page *p, struct request *q, const char *heading, const char *lead);
/* A heading of its own: a name. */
void ap_begin_named(struct admin_page *p, struct request *q, struct str heading, const char *lead);
void ap_back(struct admin_page *p, const char *key, const char *local);
/* After a change the page is shown by GET with ?done=NAME; its sentence is "admin.done.NAME". */
void ap_notice(struct admin_page *p);
void ap_wrong(struct admin_page *p, struct str text);
void ap_secret(struct admin_page *p, struct str link);   /* a one-time link, shown this once */
void ap_pages(struct admin_page *p, struct str first, struct str more);  /* empty: none */

void ap_section(struct admin_page *p, const char *id, const char *title, const char *text);
void ap_section_text(struct admin_page *p, const char *id, struct str title, struct str text);
void ap_warn(struct admin_page *p, struct str text);     /* stands out in the section */
void ap_alarm(struct admin_page *p, struct str text);    /* the same, loudly: going on takes something away */
void ap_fact(struct admin_page *p, struct str label, struct str value);
void ap_item(struct admin_page *p, struct str text, struct str url);   /* url empty: text alone */
/* Column headings by their messages, NULL-terminated; what stands there without a row. */
void ap_table(struct admin_page *p, const char *const *heads, const char *empty);
void ap_row(struct admin_page *p);
void ap_cell(struct admin_page *p, struct str text);
void ap_cell_short(struct admin_page *p, struct str text);   /* a day, a number: on one line */
void ap_cell_link(struct admin_page *p, struct str text, struct str url);
/* A word that stands out: "good", "warn", "bad", "quiet". */
void ap_cell_tag(struct admin_page *p, const char *kind, struct str text);
void ap_cell_day(struct admin_page *p, int32_t day, const char *otherwise);

/* A form; folded away unless `open` or one of its fields has an error. */
void ap_form(struct admin_page *p, const char *title, const char *lead, struct str action,
             const char *button);
void ap_form_open(struct admin_page *p);   /* shown at once, without folding */
void ap_form_warn(struct admin_page *p);   /* its button is red */
void ap_form_get(struct admin_page *p);
void ap_hidden(struct admin_page *p, const char *name, struct str value);
void ap_field(struct admin_page *p, const struct form_field *ff);
/* A line to type in; messages admin.field.NAME… are the label and, if there, the hint. */
void ap_line(struct admin_page *p, const char *name, const char *label, const char *hint,
             struct str value, struct str error);
/* The same for words that everybody reads; advised: they name somebody, and come back once. */
void ap_told(struct admin_page *p, const char *name, const char *label, const char *hint,
             struct str value, struct str error, bool advised);
/* The same for a day: as wide as one. */
void ap_day(struct admin_page *p, const char *name, const char *label, const char *hint,
            struct str value, struct str error);
void ap_file(struct admin_page *p, const char *name, const char *label, const char *hint,
             const char *accept);

/* A comparison's line; numbers from 1, 0: not on that side. */
enum ap_change { AP_SAME = 1, AP_ADDED, AP_REMOVED, AP_CHANGED, AP_GAP };
void ap_compare(struct admin_page *p, struct str left, struct str right);
void ap_line_pair(struct admin_page *p, enum ap_change change, int old_no, struct str old_line,
                  int new_no, struct str new_line);
/* A drawing: its box "0 0 W H", then shapes by class. */
void ap_picture(struct admin_page *p, struct str box, struct str label);
void ap_shape(struct admin_page *p, const char *kind, struct str d, struct str label);

enum rc ap_reply(struct admin_page *p, struct reply *r);

/* --- shared by the pages --- */
struct str admin_text(struct request *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As day_typed (ward/page.h). */
bool admin_day(struct str text, bool may_lack, int32_t *out);
struct str admin_date(struct request *q, int32_t day);      /* empty for 0 */
struct str admin_role(struct request *q, enum role role);
/* The form's number; false when it is none or not above 0. */
bool admin_id(struct request *q, const char *name, int64_t *out);
struct admin_by admin_by(const struct request *q);
/* One sentence for a change that was not made: by the fault's field and the rc. */
struct str admin_why(struct request *q, enum rc rc, const struct fault *f);
void admin_done(struct request *q, struct reply *r, const char *name, struct str local);
/* How many wards this server has. */
/* Kinds that the ward would offer but for the unit that they name, which it does not have; and what
 * to do about one. */
size_t admin_homeless(const struct request *q, const struct procedure *out[CATEGORY_COUNT]);
struct str admin_homeless_words(const struct request *q, const struct procedure *one);
bool admin_one_ward(const struct request *q);

handler_fn admin_home, admin_log_page;
handler_fn people_page, person_page, account_add_send, person_send, matrix_page;
handler_fn units_page, unit_page, unit_add_send, unit_send;
handler_fn settings_page, settings_send;
handler_fn receivers_page, receivers_send;
handler_fn nearby_page, nearby_send;
handler_fn jobs_page, jobs_send;
handler_fn procedures_page, procedure_page, procedure_compare, procedure_withdraw_send,
	procedure_check_send, procedure_publish_send;
handler_fn calendars_page, calendar_page, calendar_import_send, calendar_copy_send, calendar_send;
handler_fn areas_page, areas_preview, areas_confirm, names_send;
handler_fn rights_page;
extern const struct shape RIGHTS;

#endif
