/* The report room: what a resident without an account does. First page, the report's form (one
 * question a page), the receipt, following it, and the public pages of listed cases.
 *
 * Files: report.c routes; report_steps.c the form's pages; report_send.c sending it; report_sent.c what becomes of a form that was sent; report_answers.c their answers, from
 * the browser and into a case; report_photos.c the photo step; report_same.c open cases near it; report_mail.c the address for
 * mails, the date for a calendar, the lost receipt; clock_page.c when it would be due; report_subject.c about somebody who works here; report_plate.c the form begun at a plate; report_draft.c the page
 * and the service worker of a draft on one's own phone; receipt_page.c the receipt and its
 * QR; follow_pages.c following; follow_mail.c the address for mails; follow_view.c what a reporter sees of a case; yours_*.c what is kept of it (yours.h); public_pages.c what
 * everybody sees; public_list.c, public_map.c, public_feed.c the public cases as list, map and feeds,
 * by the one filter of public_filter.c; redress_form.c "I think something here is about me". */
#ifndef XOM_REPORT_REPORT_H
#define XOM_REPORT_REPORT_H

#include "kit/view/frame.h"
#include "ward/advice.h"
#include "ward/choices.h"
#include "ward/clock_view.h"
#include "ward/danger.h"
#include "ward/kept.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "ward/room.h"

extern const struct room REPORT_ROOM;

/* --- shapes --- */
enum { HOME_REPORT, HOME_FOLLOW, HOME_CASES, HOME_MAP, HOME_FIGURES, HOME_WHO, HOME_KINDS, HOME_CLOCK, HOME_FIELDS };
extern const struct shape HOME;
enum { HK_TITLE, HK_ABOUT, HK_URL, HK_CLOCK, HK_FIELDS };
extern const struct shape HOME_KIND;

enum {
	STEP_ACTION, STEP_S, STEP_HEADING, STEP_LEAD, STEP_FORM_FIELDS, STEP_ERRORS, STEP_BACK,
	STEP_PHOTOS, STEP_UPLOAD, STEP_POSITION, STEP_LAT, STEP_LON, STEP_FIRST, STEP_PLATE, STEP_MOST,
	STEP_PHOTOS_JS,
	STEP_KEEP, STEP_VERSION, STEP_DRAFT_JS, STEP_TOLD, STEP_DANGER, STEP_SPENT, STEP_FIELDS
};
extern const struct shape STEP;
enum { SP_NAME, SP_LABEL, SP_THUMB, SP_SIZE, SP_FIELDS };
extern const struct shape STEP_PHOTO;

enum {
	CHECK_ACTION, CHECK_S, CHECK_ROWS, CHECK_PHOTOS, CHECK_READER, CHECK_LISTED, CHECK_CONDUCT,
	CHECK_ERRORS, CHECK_MASKED, CHECK_MAIL, CHECK_MAIL_KEPT, CHECK_MAIL_FIELDS, CHECK_KEEP,
	CHECK_VERSION, CHECK_DRAFT_JS, CHECK_ADVISED, CHECK_ADVISED_WORDS, CHECK_ADVISED_WHERE, CHECK_WATCH, CHECK_NEVER, CHECK_STAFF, CHECK_SUBJECT,
	CHECK_HEADS, CHECK_NOT_HEAD, CHECK_DANGER, CHECK_SPENT, CHECK_KEPT, CHECK_FIELDS
};
extern const struct shape CHECK;
enum { CR_LABEL, CR_VALUE, CR_CHANGE, CR_ADVICE, CR_FIELDS };
extern const struct shape CHECK_ROW;

enum {
	RC_CODE, RC_PIN, RC_RECEIVED, RC_UNIT, RC_NEXT, RC_DUE, RC_QR, RC_QR_BOX, RC_FOLLOW, RC_KIND,
	RC_ADDRESS, RC_MAIL, RC_LEAD, RC_LEAD_URL, RC_REMINDER, RC_PAPER, RC_CLOSE, RC_FORM, RC_JS, RC_SENT, RC_SHOWN, RC_AREA, RC_THEN, RC_SHAPE_FIELDS
};
extern const struct shape RECEIPT;

/* --- answers (report_answers.c) --- */
enum report_step { RS_KIND = 1, RS_WHERE, RS_SAME, RS_WHAT, RS_SUBJECT, RS_PHOTOS, RS_CHECK };
enum { STREET_MAX = 120, LANDMARK_MAX = 160, TEXT_MAX = 2000, THANKS_MAX = 300, PHOTOS_MAX = 5 };

/* What is wrong with a step's answers, by field; empty texts: fine. */
struct step_errors {
	struct str kind, area, street, landmark, text, fault, photos, position, mail, same, staff, subject;
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
/* Where the button of the form that was pressed leads: "back", "to:STEP" or on. */
enum report_step step_wanted(const struct request *q, const struct journey *j, enum report_step from);
/* The first step whose answers are still missing; RS_CHECK: all are there. */
enum report_step answers_missing(const struct request *q, const struct journey *j);
/* What happened, in words: the fault that was ticked, and what was written. */
struct str answers_text(const struct request *q, const struct journey *j);
/* Was it begun at a plate, so that kind, place and the usual faults are there? */
bool answers_plate(const struct journey *j);
/* Names of the waiting photos in the journey. */
size_t answers_photos(const struct request *q, const struct journey *j, struct str out[PHOTOS_MAX]);
void answers_set_photos(struct request *q, struct journey *j, const struct str *names, size_t n);

/* --- about somebody who works here (report_subject.c) --- */
/* The question on the step "what"; nothing where the kind is such a one anyway, or none is offered. */
bool staff_asked(const struct request *q, const struct journey *j);
void staff_field(struct request *q, struct vobj *page, const struct view *v, const struct journey *j,
                 const struct step_errors *e);
void staff_ask(struct request *q, struct vobj *page, const struct view *v, int list, int errors, bool yes,
               struct str error);
void staff_take(struct request *q, struct journey *j, struct step_errors *e);
void subject_take(struct request *q, struct journey *j, struct step_errors *e);
void subject_show(struct request *q, struct reply *r, const struct journey *j,
                  const struct step_errors *e);
/* Who it is about, as it was chosen, and by role who receives it. RC_NONE: nobody in this ward, it is handed
 * over; RC_INVALID: there is no such subject any more. */
enum rc subject_reader(struct request *q, const struct journey *j, struct str *subject,
                       struct str *reader, struct fault *f);
/* For the draft on a phone, on one page: the question, what it can be about, and who receives each; into these
 * fields of the page, `readers` of SUBJECT_READER. Nothing where no such kind is offered. */
struct subject_lists {
	int kind, staff, subject, readers, errors;
};
extern const struct shape SUBJECT_READER;
enum rc subject_draft(struct request *q, struct vobj *page, const struct view *v, const struct subject_lists *to,
                      struct fault *f);
/* Where to go with it, and the words to take along. own: as the reporter wishes, though somebody here may
 * receive it. */
void nobody_show(struct request *q, struct reply *r, const struct journey *j, bool own);
extern const struct shape NOBODY;

/* --- "is it this one?" (report_same.c) --- */
#define REPORT_PURPOSE "report"
#define PIN_PURPOSE "set pin"
extern const struct shape SAME;
/* Is there something to ask, and was it not answered? Changing kind or place asks anew. */
bool same_asked(struct request *q, const struct journey *j);
/* Where no point is known, nothing near it is: the public list of that kind and khu vực, where it has open ones;
 * else empty. */
struct str same_list(struct request *q, const struct journey *j);
void same_forget(struct request *q, struct journey *j);
/* The report joins a case: words are asked for, not needed. */
bool answers_joined(const struct journey *j);
/* False: there is nothing to offer. */
bool same_show(struct request *q, struct reply *r, const struct journey *j, struct str error);
struct str place_words(const struct request *q, const struct case_place *p);
handler_fn report_same;

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
/* Who has it when the receipt is shown: the unit, and until when its khu vực has it first (0: it hasn't). */
struct receipt_with {
	struct unit unit;
	int64_t area_until;
};
enum rc receipt_with(struct tx *tx, const struct ward_case *c, struct receipt_with *out, struct fault *f);
void receipt_show(struct request *q, struct reply *r, const struct ward_case *c, const struct receipt *receipt,
                  const struct receipt_with *with, bool mail, const struct journey *j);

/* --- a form that was sent (report_sent.c) --- */
extern const struct shape SENT, SENT_FORM;
/* As journey_open; *spent: it was sent and its receipt seen a while ago, and the reply says so. */
enum rc report_journey(struct request *q, struct reply *r, struct journey *j, bool *spent, struct fault *f);
/* The same of the form that makes a counter receipt's PIN. */
enum rc pin_journey(struct request *q, struct reply *r, struct journey *j, bool *spent, struct fault *f);
/* The same of a form with another purpose. */
enum rc sent_journey(struct request *q, struct reply *r, const char *purpose, struct journey *j, bool *spent,
                     struct fault *f);
/* Into the page's field (of SENT_FORM): it gives way in a tab that has shown the form's receipt. */
void sent_watch(struct request *q, struct vobj *page, int field, const struct journey *j);
void sent_watch_pin(struct request *q, struct vobj *page, int field, const struct journey *j);
struct str sent_form(struct request *q, const struct journey *j);       /* its name for the script */
struct str sent_picture(struct request *q, const struct journey *j);    /* address of the receipt's last picture */
handler_fn report_sent, report_shown;

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
/* Who reads a kind and who never does, by role, as the matrix has it; khu vực heads have a line of their own. */
void readers_show(struct request *q, struct vobj *o, int watch, int never, const struct procedure *p);
/* Name of the unit that receives the kind, as it is entered in the ward. */
struct str unit_name(struct request *q, const struct procedure *p);
handler_fn report_draft, report_worker;

handler_fn report_plate, report_begin, report_step_get, report_kind, report_where, report_what, report_subject, report_photos,
	report_check;
handler_fn follow_pin;
handler_fn follow_form, follow_open, follow_link, follow_receipt, follow_close, follow_photo,
	follow_apology, follow_answer, follow_withdraw, follow_solved, follow_reopen, follow_mail, follow_mail_delete;
handler_fn yours_page, yours_amend, yours_erase, yours_file;
handler_fn reminder, lost_page, clock_page;

/* --- "I think something here is about me" (redress_form.c) --- */
extern const struct shape REDRESS;
handler_fn redress_form, redress_send;
handler_fn home_page, public_list, public_case, public_photo, public_map, public_areas, public_atom,
	public_json;

/* --- what a reporter and the public see (follow_view.c, public_pages.c) --- */
extern const struct shape FOLLOW_FORM, FOLLOW, YOURS, YOURS_ERASE, YOURS_FILE, LOST, PUBLIC_LIST, PUBLIC_CASE, PUBLIC_MAP, WARDS, PLATE_GONE, CLOCK_PAGE;

/* --- the public cases (public_pages.c) --- */
enum { PC_CODE, PC_URL, PC_KIND, PC_STATE, PC_OPEN, PC_RECEIVED, PC_DUE, PC_LATE, PC_CLOSED,
	PC_AREA, PC_CELL, PC_REPORTS, PC_SEVERAL, PC_TEXT, PC_OUTCOME, PC_UNIT, PC_WHY_LATE, PC_BEFORE,
	PC_AFTER, PC_FIRST, PC_ENDED, PC_LATE_DAYS, PC_LATE_WORKING, PC_CLOCK, PC_LATEST, PC_REDRESS, PC_GONE, PC_FIELDS };
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
/* The states that "open", "done" … stand for; 0: any. */
uint32_t filter_states(struct str standing);
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
/* The first use of a folded receipt whose PIN or link was right; and that it was used before, with what to do. */
void paper_page_show(struct request *q, struct reply *r, struct str code);
void paper_opened_show(struct request *q, struct reply *r, struct str code, int64_t opened_at);

/* A form that the reporter sent from the receipt's page and that was wrong: shown again as typed. */
struct follow_draft {
	struct str answer, answer_error, reopen, reopen_error, thanks, thanks_error, photos_error, mail, mail_error;
	const char *advised;        /* the field that is shown again with advice, or NULL */
	bool danger;                /* and the numbers to call: what was typed speaks of danger */
	const struct journey *kept; /* photos that came with it and wait; NULL: none */
	struct str notice;          /* what has just been done */
};
enum rc follow_show(struct request *q, struct reply *r, struct case_id id,
                    const struct follow_draft *draft, struct fault *f);
/* The receipt that this browser has open, for half an hour more; id 0: it is sent to where one is opened. */
enum rc follow_opened(struct request *q, struct reply *r, struct case_id *id, struct fault *f);
/* The seal of a page's forms, and the receipt that a form's seal is of. `kept`: answers that it holds, or NULL. */
struct str follow_seal(struct request *q, const struct ward_case *c, const struct journey *kept);
enum rc follow_sealed(struct request *q, struct case_id *id, struct fault *f);
/* A field's text that must be there; *error says what is wrong. */
struct str follow_text(struct request *q, const char *name, struct str *error);
/* Takes codes of cases that are shown to nobody, or no more, out of what is told. */
enum rc follow_codes(struct tx *tx, struct entry *entries, size_t count, struct fault *f);
/* Is a part shown among the words of its entry, and how? */
bool follow_part_shown(const struct entry *e, const struct entry_part *p);
/* You, the unit, or the role of who has none, as a khu vực's people; empty: the machine. */
struct str follow_who(struct request *q, const struct entry *e);
struct str follow_part_words(struct request *q, const struct entry_part *p);

#endif
