/* The outbox's rows as the runner sees them; private to kit/job. */
#ifndef XOM_JOB_OUTBOX_H
#define XOM_JOB_OUTBOX_H

#include "kit/job/job.h"

enum outbox_state { OUTBOX_WAITING = 1, OUTBOX_RUNNING = 2, OUTBOX_DEAD = 3 };

struct claim {
	const struct job_kind *const *kinds; /* in */
	int lane;                            /* in: JOB_LANE_own or JOB_LANE_net */
	struct job job;                      /* out, in the transaction's arena */
	const struct job_kind *kind;
	int64_t lease;                       /* whose holder may end the job */
	bool postponed;                      /* out: it waits for its window */
};
enum { JOB_LANE_own, JOB_LANE_net };     /* stored; by the kind's name */

const struct job_kind *job_kind_find(const struct job_kind *const *kinds, struct str name);
bool job_kind_recurs(const struct job_kind *k);
int64_t job_kind_next(const struct job_kind *k, int64_t now);
int64_t job_backoff(int attempt, uint32_t dice); /* microseconds; dice of all 32 bits */

/* When a job of the kind may run at `now`: at once (now), or when its window opens. */
int64_t job_kind_window(const struct job_kind *k, int64_t now);

/* All are tx_fn without a ward. outbox_due: RC_OK when something is due in the claim's lane.
 * outbox_claim takes the first thing due; RC_NONE: nothing is, or what was due became a dead
 * letter. */
enum rc outbox_due(struct tx *tx, void *claim, struct fault *f);
enum rc outbox_claim(struct tx *tx, void *claim, struct fault *f);

struct finish {
	const struct claim *claim;
	enum rc rc;                          /* how the run ended */
	struct str error;
};
/* Done, tried again or dead. RC_CHANGED: the lease ran out meanwhile and another run has it. */
enum rc outbox_finish(struct tx *tx, void *finish, struct fault *f);

/* A recurring kind's row, unless the ward has it; ctx: const struct job_kind *; with a ward. */
enum rc outbox_ensure(struct tx *tx, void *kind, struct fault *f);

#endif
