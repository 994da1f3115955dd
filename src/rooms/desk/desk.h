/* The desk room: what a signed-in officer does. Queues, a case and its steps, sessions.
 *
 * Files: desk.c routes; desk_list.c queues, counts and search; desk_case.c the page of a case;
 * desk_view.c its shapes; desk_steps.c the steps; desk_pending.c what waits and what was given back;
 * desk_new.c counter entry, desk_slip.c its slip, desk_print.c its blank form and the poster,
 * desk_lost.c receipts that were lost;
 * desk_text.c fields of words; desk_templates.c and desk_template_store.c reply templates;
 * desk_bulk.c and desk_bulk_store.c several cases at once; desk_night.c what has come since the shift
 * began; desk_schema.c their tables; sign_in.c
 * signing in and out, the first password, own sessions. */
#ifndef XOM_DESK_DESK_H
#define XOM_DESK_DESK_H

#include "kit/view/frame.h"
#include "ward/choices.h"
#include "ward/flow/pending.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "ward/room.h"
#include "ward/ward_setting.h"

extern const struct room DESK_ROOM;

enum { DESK_TEXT_MAX = 2000, DESK_WHY_MAX = 300, DESK_PHOTOS_MAX = 5, DESK_EXPORT_MAX = 1000 };

/* --- one case (desk_view.c) --- */
enum {
	DC_CODE, DC_PUBLIC_CODE, DC_PUBLIC_URL, DC_KIND, DC_STATE, DC_OPEN, DC_RECEIVED, DC_DUE, DC_LATE,
	DC_RULE, DC_UNIT, DC_OFFICER, DC_MINE, DC_AREA, DC_STREET, DC_LANDMARK, DC_LAT, DC_LON, DC_CELL,
	DC_UNSURE, DC_TEXT, DC_RELEASED, DC_LISTED, DC_WITHHELD, DC_OUTCOME, DC_TIMELINE, DC_PHOTOS,
	DC_ACTIONS, DC_ERRORS, DC_CHANGED, DC_NOTICE, DC_BACK, DC_CONDUCT, DC_SOLVED,
	DC_TYPED, DC_WAIT, DC_DRAFTS, DC_CROSSED, DC_CHANNEL, DC_EVENT, DC_LOST_URL, DC_WHY_LATE,
	DC_UNTOLD, DC_FIELDS
};
enum { DP_URL, DP_THUMB, DP_LABEL, DP_RELEASED, DP_BY_REPORTER, DP_ID, DP_FIELDS };
enum { DE_AT, DE_WHAT, DE_WHO, DE_PARTS, DE_PHOTOS, DE_NEW, DE_BY_REPORTER, DE_FIELDS };
enum { DPA_LABEL, DPA_TEXT, DPA_ERASED, DPA_RULE, DPA_FIELDS };
/* What can be done now: a form with its fields, folded away until it is wanted. */
enum { DA_ID, DA_TITLE, DA_BUTTON, DA_URL, DA_FORM_FIELDS, DA_VERSION, DA_SEEN, DA_OPEN, DA_PLAIN,
	DA_FILES, DA_WARN, DA_RELEASE, DA_ORIGINAL, DA_DRAFT, DA_KEPT, DA_TEMPLATES, DA_MANAGE, DA_FIELDS };
/* A reply template that this form takes, filled in with the case's own words. */
enum { DT_ID, DT_TITLE, DT_TEXT, DT_FIELDS };
/* A step that waits, or one that was given back. */
enum { DW_ID, DW_CODE, DW_WHAT, DW_WHO, DW_AT, DW_CLOCK, DW_LEFT, DW_WORDS, DW_OUTCOME, DW_PHOTOS, DW_MINE,
	DW_URL, DW_WHY, DW_FIELDS };
extern const struct shape DESK_CASE, DESK_PHOTO, DESK_ENTRY, DESK_PART, DESK_ACTION, DESK_WAIT;

/* What an officer sent that could not be done: shown again with everything typed. */
struct desk_draft {
	enum verb verb;
	bool changed;                 /* somebody was quicker */
	bool filled;                  /* a template was put in; nothing was sent yet */
	bool waiting;                 /* a step of the case waits, and this one would cross it */
	int seen;                     /* last timeline entry that the officer had seen */
	struct str text, text_error, reason, reason_error, unit, unit_error, kind, kind_error, area,
		area_error, street, street_error, landmark, landmark_error, outcome, outcome_error,
		photos_error, notice;
	struct str release[64];       /* ids of the photos ticked */
	size_t release_count;
	int64_t id;                   /* the kept draft that it comes from; 0: none */
	size_t kept;                  /* its photos, which stay with it */
};

struct reply_template;            /* desk_templates.h */
struct desk_data {
	const struct flow *w;
	const struct actor *actor;
	struct str code;
	struct ward_case c;
	struct entry *entries;
	struct attachment *photos;
	struct unit *units;
	struct unit unit;
	struct account officer;
	struct reply_template *templates;
	size_t entry_count, photo_count, unit_count, template_count;
	bool waits;
	struct pending wait, *drafts; /* the step that waits; what was given back to the actor */
	size_t draft_count;
};
/* Reads a case with all that its page needs, for an actor who may: RC_NONE for everybody else. */
enum rc desk_read(struct request *q, struct desk_data *d, struct fault *f);
/* May this actor read it: whoever works it, and of hazards those whom DOMAIN.md section 23 names. */
bool desk_may_read(const struct ward_case *c, const struct actor *a);
/* May the answer hold the reporter's own words? Only a page. */
bool desk_with_originals(const struct request *q);
/* "csv", "json", "xlsx", or "case" on the page itself: what a look at it is called. */
const char *desk_look_kind(const struct request *q);
/* The reporter's words: the text of the first entry. */
struct str desk_original(const struct desk_data *d);
enum rc desk_show(struct request *q, struct reply *r, struct desk_data *d,
                  const struct desk_draft *draft, struct fault *f);
/* The banner of what waits, and the drafts that were given back. */
void desk_pending(struct request *q, struct vobj *page, const struct desk_data *d);
/* One draft in a list of several cases, with a link to its case. */
void desk_draft_row(struct request *q, struct vobj *o, const struct pending *p);
/* The newest draft of the case, as a form that was sent before. */
struct desk_draft desk_given_back(struct request *q, const struct desk_data *d);
/* A day as people write it: 25/11/2026, 25/11, 2026-11-25. */
bool desk_day(struct str typed, int64_t now, int32_t *out);
/* What counter entry asks, in its order: the screen (desk_new.c) and the blank paper form
 * (desk_print.c) are both made from this one table. */
enum desk_new_field { NF_channel, NF_kind, NF_area, NF_street, NF_landmark, NF_text, NF_day, NF_hour, NF_word,
	NF_COUNT };
struct desk_field {
	const char *name, *label;     /* the label's message */
	const char *hint, *paper;     /* messages on screen and on paper; NULL: none */
	enum form_kind kind;
	bool narrow;
};
extern const struct desk_field DESK_NEW_FIELDS[NF_COUNT];
/* What a field lets choose among; none where it is written. */
struct choices desk_new_options(struct request *q, enum desk_new_field field, struct str chosen);
/* Answers with the slip of a counter entry, or of a receipt that was replaced. */
void slip_show(struct request *q, struct reply *r, const struct ward_case *c, const struct unit *unit,
               bool replaced);
extern const struct shape DESK_NEW, DESK_SLIP, DESK_LOST, DESK_REISSUE;
extern const struct shape DESK_PRINT, PRINT_FORM, PRINT_POSTER;
void desk_actions(struct request *q, struct vobj *page, const struct view *v,
                  const struct desk_data *d, const struct desk_draft *draft);

/* A text of people, cleaned. False: *error says what is wrong, *out is still what was typed. */
bool desk_text(struct request *q, struct str raw, enum text_kind kind, size_t max, bool needed,
               struct str *out, struct str *error);

extern const struct schema_step DESK_SCHEMA[];
extern const struct job_kind DESK_JOBS[];
extern const struct shape DESK_TEMPLATES, DESK_TEMPLATE, DESK_BULK;
extern const struct shape DESK_LIST, SIGN_IN, INVITE, SESSIONS;

handler_fn desk_list, desk_case, desk_photo;
handler_fn desk_take, desk_ask, desk_note, desk_assign, desk_correct, desk_photos, desk_release,
	desk_unrelease, desk_withhold, desk_unwithhold, desk_explain, desk_close, desk_unclose, desk_take_back,
	desk_drop;
handler_fn desk_new, desk_new_send, desk_lost, desk_reissue, desk_reissue_send;
handler_fn desk_print, desk_print_form, desk_print_poster;
/* What has come since the shift began. */
struct desk_news {
	struct request *q;
	int64_t since, fresh, ringing, last_at;
};
enum rc desk_news_read(struct request *q, struct desk_news *n, struct fault *f);
extern const struct shape DESK_NEWS;

handler_fn desk_news;
handler_fn desk_bulk_form, desk_bulk_send, desk_bulk;
handler_fn desk_templates, desk_template, desk_template_save, desk_template_drop;
handler_fn sign_in_form, sign_in_send, desk_start, sign_out, invite_form, invite_send, sessions_page,
	session_end_one;

#endif
