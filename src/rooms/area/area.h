/* The area room: what a khu vực's head and volunteers do, on a phone, for people of few words; and who is where.
 *
 * Files: area.c routes; area_view.c the shapes, the list and a case; area_acts.c what is done: settled on the spot,
 * sent up, taken back (rules: ward/flow/area.h); area_report.c a report for whoever has no phone. who.c for everybody: who is where for a khu vực, and a card for the
 * door. */
#ifndef XOM_AREA_ROOM_H
#define XOM_AREA_ROOM_H

#include "kit/view/frame.h"
#include "ward/advice.h"
#include "ward/choices.h"
#include "ward/clock_view.h"
#include "ward/danger.h"
#include "ward/flow/area.h"
#include "ward/flow/pending.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "ward/room.h"

extern const struct room AREA_ROOM;

enum { AREA_WORDS = 200, AREA_PHOTOS = 3 };

/* A case as its khu vực has it. */
struct area_item {
	struct ward_case c;
	int64_t until;                /* its turn ends; 0: the ward has it */
	bool waits;                   /* an act that can be taken back, or an officer's step */
	struct pending wait;
};
/* RC_NONE: not theirs to read. */
enum rc area_item_read(struct tx *tx, const struct flow *w, const struct actor *who, struct str code,
                       struct area_item *out, struct fault *f);

/* What was sent and not done: shown again with all that was typed. */
struct area_draft {
	enum verb verb;
	struct str code, words, words_error, photo_error, refused;
	bool advised;                 /* the words name somebody: shown once more */
};
/* The page of that case, where it is still theirs, else the list, with what was typed. */
enum rc area_again(struct request *q, struct reply *r, const struct area_draft *d, int status, struct fault *f);

/* For a phone that sends what it kept: {"answer": "done", "text": "…"}, texts of ours, nothing that was typed. */
void area_tell(struct request *q, struct reply *r, const char *answer, struct str text, int status);
/* A key for a form, 32 hexadecimal digits. */
struct str area_key(struct request *q);
/* What a phone keeps is under a mark of its account: another account that signs in there neither sees nor sends it.
 * Three fields from `first` on: the list, the mark, the script. */
void area_phone(struct request *q, struct vobj *page, int first);

extern const struct shape AREA_LIST, AREA_CASE, AREA_REPORT;
extern const struct shape WHO;
handler_fn who_page, who_card;
handler_fn area_list, area_case, area_worker, area_settle, area_pass_up, area_undo;
handler_fn area_report, area_report_send;

#endif
