/* What must happen later: rows of the outbox, written in the same transaction as their cause, run
 * by one of this program's job threads under a lease, retried with back-off, and after the last
 * attempt kept as dead letters that a person can see and retry. They survive a restart. */
#ifndef XOM_JOB_JOB_H
#define XOM_JOB_JOB_H

#include "kit/store/store.h"

struct app;
struct job_runner;
struct job {
	int64_t id;
	struct ward_id ward;
	struct str kind, payload;     /* payload: what outbox_put was given */
	int attempt;                  /* from 1 */
	struct job_runner *runner;    /* who runs it, for job_rest; NULL in a test */
};
/* RC_OK: done. RC_REFUSED: no further attempt would help, a dead letter at once. Anything else:
 * tried again later (after 5 s, 10 s, … an hour, a quarter more or less). A job may run twice where its end could not be written down. The fault's text is kept in
 * the operator's list: nothing private in it. */
typedef enum rc job_fn(struct app *app, struct arena *a, const struct job *job, struct fault *f);

struct job_kind {
	const char *name;             /* "flow.deadline"; "net." in front: it talks to another machine,
	                                 which may be slow: it has a thread apart from all others */
	job_fn *run;
	int attempts;                 /* at most; then a dead letter */
	int64_t lease_us;             /* longest run: after it another run may begin */
	int64_t every_us;             /* > 0: recurring in every ward, kept alive by the runner */
	int64_t at_us;                /* > 0: recurring daily: microsecond of the ward's day it runs
	                                 at (every_us is not looked at then) */
	int64_t from_us, until_us;    /* until_us > 0: runs only between these microseconds of the
	                                 ward's day; what is due outside waits, which is no attempt */
	const char *help;
};

/* Appends a job in a write transaction of the ward; due_at 0: at once. `dedup` (may be empty):
 * while a job of the same kind and dedup is waiting, the call does nothing. "every" is the
 * recurring kinds' own. outbox_cancel removes what is waiting, not what runs. */
enum rc outbox_put(struct tx *tx, const char *kind, int64_t due_at, struct str dedup,
                   struct str payload, struct fault *f);
enum rc outbox_cancel(struct tx *tx, const char *kind, struct str dedup, struct fault *f);

/* kinds: NULL-terminated list of tables, each ended by a row without name. `wards` lists the wards
 * for recurring kinds (asked again every minute). */
enum rc job_start(struct job_runner **out, struct app *app, struct store *store,
                  const struct job_kind *const *kinds,
                  size_t (*wards)(struct app *app, struct ward_id *out, size_t max),
                  size_t threads, struct fault *f);
void job_wake(struct job_runner *r);   /* something due was written */
void job_stop(struct job_runner *r);

/* A job that cuts its work into slices rests between them, so that whoever asks for a page meanwhile hardly
 * notices. False: the runner stops; the work goes on after the next start. `r` may be NULL (no server:
 * nobody waits, and nothing rests). */
bool job_rest(struct job_runner *r, int64_t us);
bool job_stopping(struct job_runner *r);

/* How many rows there are, over all wards. late: should have run ten minutes ago. A tx_fn without a
 * ward; ctx: struct outbox_counts *. */
struct outbox_counts {
	int64_t waiting, late, dead;
};
enum rc outbox_count(struct tx *tx, void *ctx, struct fault *f);

struct job_row {                        /* for the operator's list */
	int64_t id, due_at, attempts;
	struct str kind, state, error;      /* state: waiting, running, dead */
};
/* Newest first, at most 1,000; `state` empty: all. RC_INVALID: no such state. */
enum rc job_list(struct tx *tx, struct str state, size_t limit, struct job_row **rows,
                 size_t *count, struct fault *f);
enum rc job_retry(struct tx *tx, int64_t id, struct fault *f);  /* a dead letter waits again;
                                        RC_NONE: there is none; RC_EXISTS: another one waits */

extern const struct schema_step JOB_SCHEMA[];

#endif
