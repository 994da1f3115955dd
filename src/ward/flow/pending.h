/* Steps that can be taken back: a question, a release, why a case is late, and a closing wait TAKE_BACK_US, what a
 * khu vực settles or sends up TAKE_BACK_AREA_US, as a row that colleagues see, with what will happen and when. Nothing is in the
 * timeline, on the receipt or in public before the row's job (flow.pending) runs it through
 * case_move.
 *
 * One waits a case. Meanwhile colleagues' steps are refused (RC_WAITING) but for what does not cross
 * it: notes, and whatever takes something away from the public, which is never delayed. The reporter
 * sees nothing and is never refused. What can't be done when its time has come, because the case was
 * moved or the officer may no longer, and what was taken back, becomes its officer's draft with
 * everything that was typed and its photos, until it is sent again, thrown away, or a week old. */
#ifndef XOM_FLOW_PENDING_H
#define XOM_FLOW_PENDING_H

#include "ward/flow/flow.h"

#define TAKE_BACK_US (30 * US_SECOND)
#define TAKE_BACK_AREA_US (5 * US_MINUTE)   /* what a khu vực did, on a phone in a lane */
#define DRAFT_KEPT_US (7 * US_DAY)

struct pending {
	int64_t id;
	struct case_id of;
	char code[16];                /* the case's */
	struct account_id account;
	struct str officer;           /* name, for colleagues */
	enum verb verb;
	int64_t version;              /* of the case when it was asked for */
	int seq;                      /* last timeline entry by then */
	int64_t made_at, due_at;
	bool waiting;                 /* false: given back, why: "taken_back", "changed", "denied" */
	struct str why;
	struct str words, outcome;    /* question, public words, result or reason; outcome: of pass_up its sort */
	struct attachment_id *release;
	size_t release_count;
	struct photo *photos;
	size_t photo_count;
};

bool verb_waits(enum verb v);     /* ask, release, explain, close, settle, pass_up */
bool verb_crosses(enum verb v);   /* may not be done while another step waits */
bool pending_waits(struct tx *tx, struct case_id c, struct fault *f);

/* In place of case_move for a verb that waits: checks as it does and puts the row and its job.
 * RC_WAITING: one waits already (*out is that one). draft: the officer's draft that is sent again
 * (0: none); it goes, and with keep_photos its photos come along. m->photos were media_keep'd. */
enum rc pending_put(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                    int64_t draft, bool keep_photos, struct pending *out, struct fault *f);
/* The one that waits; RC_NONE. */
enum rc pending_of_case(struct tx *tx, struct case_id c, struct pending *out, struct fault *f);
/* What was given back to the officer, newest first, of one case or (0) of all; at most 50. */
enum rc pending_drafts(struct tx *tx, struct account_id who, struct case_id c, struct pending **out,
                       size_t *count, struct fault *f);
/* RC_NONE: it is done already, or not this officer's. What was given back already stays so. */
enum rc pending_take_back(struct tx *tx, int64_t id, struct account_id who, struct fault *f);
/* Throws a draft away; its photos go with the sweep. RC_NONE. */
enum rc pending_drop(struct tx *tx, int64_t id, struct account_id who, struct fault *f);
/* Does the step, or gives it back to its officer (RC_OK too); then flow_changed. RC_NONE: it does
 * not wait any more. What fails for another reason than the case is tried again: it goes on
 * waiting. */
enum rc pending_run(const struct flow *w, struct arena *a, const struct ward *ward, int64_t id,
                    struct fault *f);
/* The reporter's words are erased: what a release that waits or was given back would show of them goes; one that
 * waits is given back. */
enum rc pending_words_erase(struct tx *tx, struct case_id c, struct fault *f);
/* Forgets drafts older than DRAFT_KEPT_US; a tx_fn without context. */
enum rc pending_forget(struct tx *tx, void *ctx, struct fault *f);
/* RC_NONE: no step that waits or was given back names the photo. */
enum rc pending_photo_known(struct tx *tx, struct str name, struct fault *f);

#endif
