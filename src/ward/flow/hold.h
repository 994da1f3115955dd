/* Legal holds: by a dated order with a number nothing of a case is erased until a day. Put by oversight
 * alone (DOMAIN.md section 23, "Redress requests, appeals, holds"), on any case of the ward by its code, past whom
 * it goes by rule or whose list it stands in: the order names it, nothing of it is shown. It stands in the
 * case's timeline, whose reporter sees that there is one and until when; the night after its last day ends
 * it, and erases what fell due meanwhile. A hold keeps what the authority wrote and was told; the address
 * for mails goes as promised all the same (RIGHTS.md promise 3: nobody could read it).
 *
 * While one stands the case's parts have no due day (timeline_due), so that the night never meets them. */
#ifndef XOM_FLOW_HOLD_H
#define XOM_FLOW_HOLD_H

#include "ward/flow/flow.h"

extern const struct schema_step HOLD_SCHEMA[];

enum { HOLD_NUMBER_MAX = 60, HOLD_WHO_MAX = 120, HOLDS_A_CASE = 20 };

struct hold {
	int64_t id;
	struct case_id of;
	char code[16];                /* the receipt's, as it is now; empty: the case was erased since */
	struct str number;            /* of the order: "12/LĐ-VKS" */
	int32_t day, until;           /* its date, and the last day on which nothing is erased */
	struct str who;               /* who ordered it: an office */
	int64_t made_at, ended_at;    /* ended_at 0: it stands */
};

/* Puts it, as a look at the case, and fills *out. `most`: of days from today that it may last at most. The code may be
 * one that was replaced since. RC_INVALID with f->field "code", "number", "day", "who" or "until": missing, not a day, a
 * date of the order that is still to come, an end that is past or too far; "code.erased": what had it is erased, since
 * n->erased_day. Whether there is a case is asked last, when all else is right. RC_EXISTS: the same order stands on the
 * case already. RC_LIMIT: HOLDS_A_CASE do. RC_DENIED: not theirs to put. */
struct hold_new {
	const struct actor *actor;
	struct str code, number, who; /* cleaned */
	int32_t day, until;           /* 0: not given */
	int32_t most;
	int32_t erased_day;           /* an answer */
};
enum rc hold_put(struct tx *tx, const struct flow *w, struct hold_new *n, struct hold *out,
                 struct fault *f);
/* Before its day, because the order was taken back. RC_NONE: none of that id stands. */
enum rc hold_end(struct tx *tx, const struct flow *w, const struct actor *actor, int64_t id,
                 struct fault *f);
/* Cases with a hold whose last day is over. Ending them: with a line in the timeline, and due days again. */
enum rc hold_over(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
                  struct fault *f);
enum rc hold_over_end(struct tx *tx, const struct flow *w, struct case_id c, int32_t today,
                      struct fault *f);

/* Those that stand, or with `ended` the others, newest first, before the id (0: from the newest), at most
 * `limit`. */
enum rc hold_list(struct tx *tx, bool ended, int64_t before, size_t limit, struct hold **out,
                  size_t *count, struct fault *f);
/* What stands on a case, what lasts longest first. */
enum rc hold_of_case(struct tx *tx, struct case_id c, struct hold **out, size_t *count, struct fault *f);

/* For the transparency page: acts of the authority, exact, one total over the ward and all kinds (RIGHTS.md
 * promise 5). Put and ended in [from, until), and those that stood at its end. */
struct hold_counts {
	int64_t put, ended, standing;
};
enum rc hold_counts(struct tx *tx, int64_t from, int64_t until, struct hold_counts *out, struct fault *f);

#endif
