/* The report room: what a resident without an account does. First page, the report's form (one
 * question a page), the receipt, following it, and the public pages of listed cases.
 *
 * Files: report.c routes; report_steps.c the form's pages; report_answers.c their answers, from
 * the browser and into a case; report_photos.c the photo step; report_mail.c the address for
 * mails, the date for a calendar, the lost receipt; report_plate.c the form begun at a plate; report_draft.c the page
 * and the service worker of a draft on one's own phone; receipt_page.c the receipt and its
 * QR; follow_pages.c following; follow_view.c what a reporter sees of a case; public_pages.c what
 * everybody sees; public_list.c, public_map.c, public_feed.c the public cases as list, map and feeds,
 * by the one filter of public_filter.c. */
#ifndef XOM_REPORT_REPORT_H
#define XOM_REPORT_REPORT_H

#include "kit/view/frame.h"
#include "ward/choices.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "ward/room.h"

extern const struct room REPORT_ROOM;

/* --- shapes --- */
enum { HOME_REPORT, HOME_FOLLOW, HOME_CASES, HOME_MAP, HOME_FIGURES, HOME_KINDS, HOME_FIELDS };
extern const struct shape HOME;
enum { HK_TITLE, HK_ABOUT, HK_URL, HK_FIELDS };
extern const struct shape HOME_KIND;

enum {
	STEP_ACTION, STEP_S, STEP_HEADING, STEP_LEAD, STEP_FORM_FIELDS, STEP_ERRORS, STEP_BACK,
	STEP_PHOTOS, STEP_UPLOAD, STEP_POSITION, STEP_LAT, STEP_LON, STEP_FIRST, STEP_PLATE, STEP_MOST,
	STEP_PHOTOS_JS,
	STEP_KEEP, STEP_VERSION, STEP_DRAFT_JS, STEP_FIELDS
};
extern const struct shape STEP;
enum { SP_NAME, SP_LABEL, SP_THUMB, SP_SIZE, SP_FIELDS };
extern const struct shape STEP_PHOTO;

enum {
	CHECK_ACTION, CHECK_S, CHECK_ROWS, CHECK_PHOTOS, CHECK_READER, CHECK_LISTED, CHECK_CONDUCT,
	CHECK_ERRORS, CHECK_MASKED, CHECK_MAIL, CHECK_MAIL_KEPT, CHECK_MAIL_FIELDS, CHECK_KEEP,
	CHECK_VERSION, CHECK_DRAFT_JS, CHECK_FIELDS
};
extern const struct shape CHECK;
enum { CR_LABEL, CR_VALUE, CR_CHANGE, CR_FIELDS };
extern const struct shape CHECK_ROW;

enum {
	RC_CODE, RC_PIN, RC_RECEIVED, RC_UNIT, RC_NEXT, RC_DUE, RC_QR, RC_QR_BOX, RC_FOLLOW, RC_KIND,
	RC_ADDRESS, RC_MAIL, RC_REMINDER, RC_FORM, RC_JS, RC_SHAPE_FIELDS
};
extern const struct shape RECEIPT;

/* --- answers (report_answers.c) --- */
enum report_step { RS_KIND = 1, RS_WHERE, RS_WHAT, RS_PHOTOS, RS_CHECK };
enum { STREET_MAX = 120, LANDMARK_MAX = 160, TEXT_MAX = 2000, THANKS_MAX = 300, PHOTOS_MAX = 5 };

/* What is wrong with a step's answers, by field; empty texts: fine. */
struct step_errors {
	struct str kind, area, street, landmark, text, fault, photos, position, mail;
	bool any;
};
/* Takes the answers of one step out of the posted form into the journey, as typed when they are
 * wrong (so that the page can show them again), cleaned when they are right. */
void answers_take(struct request *q, struct journey *j, enum report_step step,
                  struct step_errors *e);
/* The procedure of the chosen kind; NULL: none chosen yet, or no longer published. */
const struct procedure *answers_procedure(const struct request *q, const struct journey *j);
/* A kind that is known and that the ward takes no new reports of. */
bool answers_withdrawn(const struct request *q, struct str kind);
struct case_place answers_place(const struct request *q, const struct journey *j);
/* The step after or before one, by what the kind asks for. */
enum report_step step_next(const struct procedure *p, enum report_step s);
enum report_step step_before(const struct procedure *p, enum report_step s);
/* The first step whose answers are still missing; RS_CHECK: all are there. */
enum report_step answers_missing(const struct request *q, const struct journey *j);
/* What happened, in words: the fault that was ticked, and what was written. */
struct str answers_text(const struct request *q, const struct journey *j);
/* Was it begun at a plate, so that kind, place and the usual faults are there? */
bool answers_plate(const struct journey *j);
/* Names of the waiting photos in the journey. */
size_t answers_photos(const struct request *q, const struct journey *j, struct str out[PHOTOS_MAX]);
void answers_set_photos(struct request *q, struct journey *j, const struct str *names, size_t n);

/* --- pages --- */
void step_show(struct request *q, struct reply *r, const struct journey *j, enum report_step step,
               const struct step_errors *e);
void photos_show(struct request *q, struct reply *r, const struct journey *j,
                 const struct step_errors *e);
enum rc photos_take(struct request *q, struct journey *j, struct step_errors *e, struct fault *f);
/* Takes the request's uploads named "photos" into the journey, at most `most` altogether. What can't
 * be taken is named in e->photos; the others are kept. */
enum rc photos_take_all(struct request *q, struct journey *j, size_t most, struct step_errors *e,
                        struct fault *f);
/* Data address of a waiting photo's thumbnail; empty when it is gone. */
struct str photo_thumb(struct request *q, const struct journey *j, struct str name);
void receipt_show(struct request *q, struct reply *r, const struct ward_case *c,
                  const struct receipt *receipt, const struct unit *unit, bool mail);

/* --- the address for mails (report_mail.c) --- */
bool mail_offered(const struct request *q);     /* a mail server is set */
void mail_field_add(struct request *q, struct vobj *page, int fields, int errors,
                    const struct view *v, struct str typed, struct str error);
/* The form's field "email". RC_NONE: left empty; otherwise what was typed, to be shown again, and what
 * is wrong with it. */
enum rc mail_read(struct request *q, struct str *address, struct str *typed, struct str *error);
/* Takes it into the journey: "mail" an address, "mail_typed" what is none. */
void mail_take(struct request *q, struct journey *j, struct step_errors *e);
void mail_forget(struct request *q, struct journey *j);
struct str reminder_link(const struct request *q, int32_t day);

/* --- the draft on one's own phone (report_draft.c) --- */
extern const struct shape DRAFT;
/* What draft.js needs to know of a page of the form: three fields from `first` on, the form's address, the
 * version of the chosen kind's procedure (empty: none chosen), the script. */
void keep_show(struct request *q, struct vobj *page, int first, const struct procedure *p);
/* Name of the unit that receives the kind, as it is entered in the ward. */
struct str unit_name(struct request *q, const struct procedure *p);
handler_fn report_draft, report_worker;

handler_fn report_plate, report_begin, report_step_get, report_kind, report_where, report_what, report_photos,
	report_check;
handler_fn follow_pin;
handler_fn follow_form, follow_open, follow_link, follow_receipt, follow_close, follow_photo,
	follow_answer, follow_withdraw, follow_solved, follow_reopen, follow_mail, follow_mail_delete;
handler_fn reminder, lost_page;
handler_fn home_page, public_list, public_case, public_photo, public_map, public_areas, public_atom,
	public_json;

/* --- what a reporter and the public see (follow_view.c, public_pages.c) --- */
extern const struct shape FOLLOW_FORM, FOLLOW, LOST, PUBLIC_LIST, PUBLIC_CASE, PUBLIC_MAP, WARDS, PLATE_GONE;

/* --- the public cases (public_pages.c) --- */
enum { PC_CODE, PC_URL, PC_KIND, PC_STATE, PC_OPEN, PC_RECEIVED, PC_DUE, PC_LATE, PC_CLOSED,
	PC_AREA, PC_CELL, PC_TEXT, PC_OUTCOME, PC_UNIT, PC_WHY_LATE, PC_BEFORE,
	PC_AFTER, PC_FIELDS };
enum { PP_URL, PP_THUMB, PP_LABEL, PP_FIELDS };
void public_row_fill(struct request *q, struct vobj *o, const struct case_row *c);
/* The released photos, at most `most` of before and as many of after. */
void public_photos_fill(struct request *q, struct vobj *o, const char *code,
                        const struct attachment *photos, size_t count, size_t most);

/* What is asked of them, in an address that can be kept: kind, khu vực, state, month, square. What
 * can't be read is named, and left out. */
struct public_filter {
	struct case_filter f;
	struct str kind, area, state, month, cell, side;        /* as in the address */
	struct str kind_error, area_error, state_error, month_error, cell_error;
	bool any, wrong;              /* any: something is asked for */
};
/* `state`: what is shown when none is asked for: "all", "open". */
void filter_read(struct request *q, const char *state, struct public_filter *out);
/* The fields of its form, and their errors. */
void filter_fields(struct request *q, const struct view *v, const struct public_filter *p,
                   struct vobj *page, int fields, int errors);
/* PATH with the filter behind it; `square`: with the square, too. */
struct str filter_link(struct request *q, const char *path, const struct public_filter *p,
                       bool square);
extern const struct shape SET_PIN;
/* Code of a receipt whose PIN is not made yet: the page that says its state and asks for the word. */
void pin_page_show(struct request *q, struct reply *r, struct str code, struct str error, int status,
                   const struct journey *j);

/* A form that the reporter sent from the receipt's page and that was wrong: shown again as typed. */
struct follow_draft {
	struct str answer, answer_error, reopen, reopen_error, thanks, thanks_error, photos_error, mail, mail_error;
	struct str notice;          /* what has just been done */
};
enum rc follow_show(struct request *q, struct reply *r, struct case_id id,
                    const struct follow_draft *draft, struct fault *f);

#endif
