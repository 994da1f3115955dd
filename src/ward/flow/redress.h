/* Redress (RIGHTS.md promise 8): "I think something here is about me". A request is a case of the kind
 * "redress" with a receipt like every other; oversight alone has it. It names a matter by the link of its
 * public page, by the code of a card that a visitor left, or by place and day for what isn't public. Nobody's
 * name is a field of it.
 *
 * Oversight looks once at the matter, under the request's number: an opening of REDRESS_LOOK_US that ends with
 * the request, each page of it a look whose filter begins with the request's code. What isn't public is found
 * by khu vực and days alone, at most REDRESS_SEARCHES times, each a look, and shown without a word of it. A
 * matter about somebody who works here is found by nobody (promise 4). An appeal is decided by another holder
 * of oversight, where there is one, with looks and searches of its own.
 *
 * Results: corrected (what was released is replaced, or where nothing is public a note stands on it), removed
 * (words and photos are erased at once, the matter goes on), unfounded (all but the figures is erased and the
 * report counts as withdrawn), not_upheld (with the reason). What is erased has its line in the deletion list,
 * rule "redress". */
#ifndef XOM_FLOW_REDRESS_H
#define XOM_FLOW_REDRESS_H

#include "ward/flow/flow.h"

extern const struct schema_step REDRESS_SCHEMA[];

#define REDRESS_KIND "redress"
#define REDRESS_RULE "redress"        /* in the deletion list and on erased parts */
enum { REDRESS_RESULT_COUNT = 4, REDRESS_SEARCHES = 5, REDRESS_LOOKS = 3, REDRESS_DAYS = 7, REDRESS_FOUND = 20,
	REDRESS_FOLLOWERS = 20 };
#define REDRESS_LOOK_US (60 * US_MINUTE)
extern const char *const REDRESS_RESULTS[REDRESS_RESULT_COUNT];  /* texts under "outcome.<name>" */
bool redress_result(struct str name);

/* The kind, where the ward offers it; NULL: not. Whether somebody receives it is another question. */
const struct procedure *redress_kind(const struct flow *w, struct ward_id ward, int32_t day);
/* RC_NONE: nobody holds oversight in the ward today. */
enum rc redress_receiver(struct tx *tx, struct fault *f);

enum redress_how { REDRESS_by_place = 1, REDRESS_by_page, REDRESS_by_card };
struct redress {
	struct case_id of, about;     /* the request; the matter, 0: not known (yet) */
	enum redress_how how;
	bool appeal;                  /* it stands at its appeal, or was decided there */
	int searches;                 /* left at this stage */
	struct area_id area;          /* of the last search; 0: khu vực not known */
	int32_t from, until;          /* its days; 0: none was made */
	struct str result;            /* of the first decision; empty: not decided */
	struct account_id by;
};
/* case_open with its row; about.v 0: by place. The same form again: RC_EXISTS as case_open. */
enum rc redress_open(struct tx *tx, const struct flow *w, const struct ward *ward,
                     const struct case_new *n, enum redress_how how, struct case_id about,
                     struct ward_case *c, struct receipt *receipt, struct fault *f);
/* It names its matter: by page or card, or on appeal the one that the first decision was about. */
bool redress_named(const struct redress *r);
/* RC_NONE: it is no request. */
enum rc redress_get(struct tx *tx, const struct ward_case *c, struct redress *out, struct fault *f);
/* Requests: the open ones by due day, or the last decided ones; at most `limit`. */
enum rc redress_list(struct tx *tx, bool open, size_t limit, struct case_row **out, size_t *count,
                     struct fault *f);

/* What was received in the khu vực on the days from … until, at most REDRESS_FOUND; *more: there are others,
 * and none is handed out. Kept as the request's last search. RC_LIMIT: no search is left; RC_INVALID, field
 * "days": not one to REDRESS_DAYS days that are over or today; RC_DENIED: closed, or not this actor's. */
enum rc redress_find(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                     struct area_id area, int32_t from, int32_t until, struct case_row **out,
                     size_t *count, bool *more, struct fault *f);
/* Opens the matter for this request: the one that it names (about 0), or one that its last search found.
 * RC_LIMIT: looked at before at this stage, or at REDRESS_LOOKS others. RC_NONE: it names none, or was not found. */
enum rc redress_look(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                     struct case_id about, struct fault *f);
/* What the actor opened at this stage of the request, in that order; `open`: they may still have it before them,
 * until its time is over or the request is answered. Room for REDRESS_LOOKS. */
struct redress_opening {
	struct case_id about;
	int64_t until;
	bool open;
};
enum rc redress_openings(struct tx *tx, const struct actor *who, const struct ward_case *request,
                         struct redress_opening *out, size_t *count, struct fault *f);

struct redress_answer {
	struct case_id about;         /* which of the matters that were opened; 0: the last one */
	struct str result;            /* one of REDRESS_RESULTS */
	struct str words;             /* what who asked reads; needed */
	struct str correction;        /* corrected: the words that are shown instead, or the note */
	struct attachment_id *keep;   /* corrected: released photos that stay so */
	size_t keep_count;
	int64_t version;              /* of the request, as it was read */
};
/* Does it, and closes the request. RC_INVALID with the field "result", "words", "correction"; field "look": the
 * matter was not looked at. RC_DENIED, field "appeal": decided first by the same person. RC_LIMIT: more than
 * REDRESS_FOLLOWERS reports follow the matter. RC_REFUSED: a legal hold stands on it. RC_CHANGED. After the commit deletions_flush and flow_changed. */
enum rc redress_decide(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                       struct ward_case *request, const struct redress_answer *answer, struct fault *f);

/* Of a matter that is opened for the request one published photo is covered in part (blur.h), of which the entry
 * tells role and unit as of each. RC_NONE: it is not opened. Others as blur_check. Afterwards a correction
 * needs no words: what is shown may have been right but for the photo. */
enum rc redress_blur(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                     struct case_id about, const struct move *m, struct fault *f);

/* Were words or photos of the matter erased by an answer? */
enum rc redress_removed(struct tx *tx, struct case_id c, bool *out, struct fault *f);

/* --- cards (for whoever is visited because of a report) --- */
/* A new card's code, or the one that was made for the case before. Of one that follows, for the case at the end. */
enum rc redress_card(struct tx *tx, const struct flow *w, const struct ward_case *c, const struct actor *who,
                     struct str *code, struct fault *f);
/* The one that there is. RC_NONE. */
enum rc redress_card_of(struct tx *tx, const struct ward_case *c, struct str *code, struct fault *f);
/* Reads it as people type it. RC_NONE: there is none such. */
enum rc redress_card_case(struct tx *tx, struct str typed, struct case_id *out, struct fault *f);

/* --- for the transparency page: exact, received and decided on the days from <= day < to --- */
struct redress_figures {
	int64_t received, appeals;    /* requests; decisions on appeals */
	int64_t results[REDRESS_RESULT_COUNT];  /* first decisions and appeals, in the order of REDRESS_RESULTS */
};
enum rc redress_figures(struct tx *tx, int32_t from, int32_t to, struct redress_figures *out, struct fault *f);

#endif
