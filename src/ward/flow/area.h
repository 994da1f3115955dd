/* What a khu vực does to a case: its head and its volunteers settle it on the spot or send it up to the ward.
 *
 * A kind that a khu vực has first (area_first of its procedure) begins there, where somebody is entered for
 * that khu vực and the reporter did not tick them away. The unit that receives the kind has it all the while,
 * its deadlines run from the receipt, and it may act at any time. When the rule's day is over and nobody in the khu
 * vực has acted, the job flow.area sends it up: the step is made by nobody.
 *
 * A phone may be without a network for a week: each of its acts has a key, and counts once. */
#ifndef XOM_FLOW_AREA_H
#define XOM_FLOW_AREA_H

#include "ward/flow/flow.h"

/* Does it stand at the khu vực's own step? */
bool case_with_area(const struct ward_case *c);
/* Is it a kind that a khu vực's head and volunteers read, and may write down for somebody else? */
bool area_reports(const struct procedure *p);
/* Until when, as it was reckoned when it came there: the first moment at which the clock may take it. RC_NONE. */
enum rc area_until(struct tx *tx, struct case_id c, int64_t *at, struct fault *f);
/* The job's work: what is over goes up to the ward. */
enum rc area_run(const struct flow *w, struct ward_id ward, struct fault *f);

/* An act by the key that its page or its phone chose, 32 hexadecimal digits, and by what it does: a page that is sent
 * again with something else is another act. */
struct area_act {
	struct account_id who;
	struct str key, what;
};
/* RC_EXISTS: it is noted already, by the same account; RC_INVALID: that is no key. */
enum rc area_act_note(struct tx *tx, const struct area_act *a, struct fault *f);
/* RC_OK: it is noted; RC_NONE: not yet. */
enum rc area_act_done(struct tx *tx, const struct area_act *a, struct fault *f);
/* Forgets keys after ACT_KEPT_US; a tx_fn without context. */
#define ACT_KEPT_US (60 * US_DAY)
enum rc area_acts_forget(struct tx *tx, void *ctx, struct fault *f);

#endif
