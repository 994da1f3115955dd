/* The desk room: what a signed-in officer does. Queues, a case and its steps, sessions.
 *
 * Files: desk.c routes; desk_list.c queues, counts and search; desk_case.c the page of a case;
 * desk_view.c its shapes; desk_steps.c the steps; desk_pending.c what waits and what was given back;
 * desk_new.c counter entry, desk_slip.c its slip, desk_print.c its blank form and the poster,
 * desk_lost.c receipts that were lost; desk_blur.c a published photo with parts of it covered;
 * desk_other.c what mediators have, who move it without a unit;
 * desk_merge.c reports of the same matter; desk_text.c fields of words, their beginning; desk_templates.c and desk_template_store.c reply templates;
 * desk_bulk.c and desk_bulk_store.c several cases at once; desk_night.c what has come since the shift
 * began; desk_flood.c what came in a flood; desk_due.c what falls due, desk_apology.c the letter for what is late; desk_schema.c their tables; sign_in.c
 * signing in and out, the first password, own sessions. */
#ifndef XOM_DESK_DESK_H
#define XOM_DESK_DESK_H

#include "kit/view/frame.h"
#include "ward/choices.h"
#include "ward/clock_view.h"
#include "ward/flow/pending.h"
#include "ward/advice.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "ward/room.h"
#include "ward/typed_day.h"
#include "ward/ward_setting.h"

extern const struct room DESK_ROOM;

enum { DESK_TEXT_MAX = 2000, DESK_WHY_MAX = 300, DESK_PHOTOS_MAX = 5, DESK_EXPORT_MAX = 1000 };

/* --- one case (desk_view.c) --- */
enum {
	DC_CODE, DC_PUBLIC_CODE, DC_PUBLIC_URL, DC_KIND, DC_STATE, DC_OPEN, DC_RECEIVED, DC_DUE, DC_LATEST, DC_LATE,
	DC_RULE, DC_UNIT, DC_OFFICER, DC_MINE, DC_AREA, DC_STREET, DC_LANDMARK, DC_LAT, DC_LON, DC_CELL,
	DC_UNSURE, DC_TEXT, DC_WORDS_ERASED, DC_WORDS_HOW, DC_AMENDED, DC_RELEASED, DC_LISTED, DC_WITHHELD, DC_OUTCOME, DC_TIMELINE, DC_PHOTOS,
	DC_ACTIONS, DC_ERRORS, DC_CHANGED, DC_NOTICE, DC_BACK, DC_CONDUCT, DC_SOLVED,
	DC_TYPED, DC_CLOCK, DC_WAIT, DC_DRAFTS, DC_CROSSED, DC_CHANNEL, DC_EVENT, DC_LOST_URL, DC_WHY_LATE,
	DC_UNTOLD, DC_SUBJECT, DC_MEDIATORS, DC_QUARREL, DC_CARD, DC_APOLOGY, DC_REPORTS, DC_SEVERAL, DC_DANGER, DC_LEAD_URL, DC_LEAD_CODE, DC_LEAD_STATE, DC_LEAD_BEHIND, DC_FOLLOWERS,
	DC_FOLLOWERS_MORE, DC_FLOOD, DC_PAPER, DC_FIELDS
};
enum { DPP_OPENED, DPP_PRINTED, DPP_PRINTER, DPP_FIELDS };
enum { DP_URL, DP_THUMB, DP_LABEL, DP_RELEASED, DP_BY_REPORTER, DP_ID, DP_BLUR, DP_FIELDS };
enum { DE_AT, DE_WHAT, DE_WHO, DE_PARTS, DE_PHOTOS, DE_NEW, DE_BY_REPORTER, DE_FIELDS };
enum { DPA_LABEL, DPA_TEXT, DPA_ERASED, DPA_RULE, DPA_OWN, DPA_HOW, DPA_FIELDS };
enum { DAM_AT, DAM_TEXT, DAM_FIELDS };
/* What can be done now: a form with its fields, folded away until it is wanted. */
enum { DA_ID, DA_TITLE, DA_BUTTON, DA_URL, DA_FORM_FIELDS, DA_VERSION, DA_SEEN, DA_OPEN, DA_PLAIN,
	DA_FILES, DA_WARN, DA_RELEASE, DA_ORIGINAL, DA_DRAFT, DA_KEPT, DA_TEMPLATES, DA_MANAGE, DA_NOTE, DA_AROUND_WHY, DA_AROUND, DA_FIELDS };
/* A case that is better merged into this one. */
enum { DAR_CODE, DAR_URL, DAR_FIELDS };
/* A reply template that this form takes, filled in with the case's own words. */
enum { DT_ID, DT_TITLE, DT_TEXT, DT_FIELDS };
/* A report that follows the case (desk_merge.c). */
enum { DFO_CODE, DFO_URL, DFO_RECEIVED, DFO_KIND, DFO_STREET, DFO_AREA, DFO_MERGED, DFO_REPORTS, DFO_FIELDS };
extern const struct shape DESK_FOLLOWER;
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
	bool advised;                 /* it names somebody: shown once more before it waits */
	int seen;                     /* last timeline entry that the officer had seen */
	struct str text, text_error, reason, reason_error, unit, unit_error, kind, kind_error, area,
		area_error, street, street_error, landmark, landmark_error, outcome, outcome_error,
		photos_error, notice, lead, near, lead_error, around, mediators[2], mediators_error;
	struct str release[64];       /* ids of the photos ticked */
	size_t release_count;
	struct str refused;           /* why the step is not done, though its form was right */
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
	struct account officer, printer;
	struct receipt_word paper;    /* of a report with a folded receipt: printed_at not 0 */
	struct reply_template *templates;
	size_t entry_count, photo_count, unit_count, template_count;
	bool waits;
	struct pending wait, *drafts; /* the step that waits; what was given back to the actor */
	size_t draft_count;
	struct account *mediators;    /* whom one can name, for a kind that mediators move */
	size_t mediator_count;
	bool quarrel;                 /* the place was told of again and again */
	struct ward_case *followers;  /* what follows it; not of conduct */
	size_t follower_count;
	bool follower_more;
	struct case_row *near;        /* open public ones near it that it could be merged into */
	size_t near_count;
};
enum rc desk_followers_read(struct tx *tx, struct desk_data *d, struct fault *f);
void desk_followers(struct request *q, struct vobj *page, const struct desk_data *d);
/* At most NEAR_MOST. */
size_t desk_near_options(struct request *q, const struct desk_data *d, struct str chosen,
                         struct form_option *out);
/* Those near it that are better merged into this one, which is worked on while they are not looked at; and
 * `refused`, the code of one into which this may not be merged. */
void desk_merge_around(struct request *q, struct vobj *action, const struct desk_data *d, struct str refused);
/* What a link of that sort asks for: the other's form with this one's code in it. */
struct desk_draft desk_merge_asked(struct request *q);
/* The code of the case with which a merge was refused that can be made the other way round; empty: it cannot. */
enum rc desk_merge_other(struct request *q, struct case_id other, enum rc refused, const struct fault *why,
                         struct str *out, struct fault *f);
/* By the receipt's or the public code; 0: there is none. */
enum rc desk_merge_find(struct request *q, struct str typed, struct case_id *out, struct fault *f);
/* Why a merge was refused, beside the field of the code; empty: for another reason. */
struct str desk_merge_error(const struct request *q, enum rc rc, const struct fault *f);
/* Reads a case with all that its page needs, for an actor who may: RC_NONE for everybody else. */
enum rc desk_read(struct request *q, struct desk_data *d, struct fault *f);
/* A case by its code, moved by one who works it, as `works` says. RC_NONE: not there, or not theirs. */
struct desk_move {
	const struct flow *w;
	const struct ward *ward;
	struct str code;
	bool (*works)(const struct ward_case *c, const struct actor *a);
	struct move move;
	struct ward_case c;           /* after it */
};
enum rc desk_move_find(struct tx *tx, struct desk_move *m, struct fault *f);
tx_fn desk_move_tx;
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
/* What counter entry asks, in its order: the screen (desk_new.c) and the blank paper form
 * (desk_print.c) are both made from this one table. */
enum desk_new_field { NF_channel, NF_kind, NF_area, NF_not_head, NF_street, NF_landmark, NF_text, NF_day, NF_hour,
	NF_word, NF_COUNT };
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
/* The first 160 bytes or so of words, whole characters: enough to know what it is about. */
struct str desk_beginning(struct arena *a, struct str text);

extern const struct schema_step DESK_SCHEMA[];
extern const struct job_kind DESK_JOBS[];
extern const struct shape DESK_TEMPLATES, DESK_TEMPLATE, DESK_BULK;
extern const struct shape DESK_LIST, SIGN_IN, INVITE, SESSIONS;

/* --- without a unit (desk_other.c) --- */
extern const struct shape OTHER_LIST, OTHER_CASE;
handler_fn desk_mediations, desk_mediation, desk_meet, desk_agree,
	desk_disagree, desk_appoint;
handler_fn desk_list, desk_case, desk_photo;
handler_fn desk_take, desk_ask, desk_note, desk_assign, desk_correct, desk_photos, desk_release,
	desk_unrelease, desk_withhold, desk_unwithhold, desk_explain, desk_ungather, desk_pause, desk_resume, desk_extend, desk_merge, desk_unmerge, desk_split, desk_close, desk_unclose, desk_take_back,
	desk_drop;
extern const struct shape DESK_FOLDED, FOLDED_SHEET;
handler_fn desk_folded, desk_folded_make, desk_folded_void;   /* desk_folded.c: receipts for whoever has no phone */
handler_fn desk_blur, desk_blur_send;   /* desk_blur.c: a published photo with parts of it covered */
extern const struct shape DESK_CARD;
handler_fn desk_card, desk_card_make;   /* desk_card.c: for whoever is visited because of a report */
handler_fn desk_new, desk_new_send, desk_lost, desk_reissue, desk_reissue_send;
handler_fn desk_print, desk_print_form, desk_print_poster;
/* What has come since the shift began. */
struct desk_news {
	struct request *q;
	int64_t since, fresh, ringing, last_at, due;
};
enum rc desk_news_read(struct request *q, struct desk_news *n, struct fault *f);
extern const struct shape DESK_NEWS;

handler_fn desk_news;
handler_fn desk_bulk_form, desk_bulk_send, desk_bulk;
handler_fn desk_templates, desk_template, desk_template_save, desk_template_drop;
handler_fn sign_in_form, sign_in_send, desk_start, sign_out, invite_form, invite_send, sessions_page,
	session_end_one;

#endif
