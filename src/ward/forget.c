#include "ward/forget.h"

#include <time.h>

#include "kit/base/log.h"
#include "ward/clean.h"
#include "ward/flow/agency.h"
#include "ward/flow/erase.h"
#include "ward/flow/hold.h"
#include "ward/flow/look_words.h"
#include "ward/guess.h"

/* ---------------------------------------------------------------- by night */

/* Cases of a slice at most, how long one shall take, and how long the job goes on before it makes room:
 * what is left is a job of its own, at once. */
enum { SLICE = 20, SLICE_US = 5 * 1000, RUN_US = 5 * 1000 * 1000, REST_TIMES = 3, BREATHS = 20 };

static enum rc contact_forget(struct tx *tx, const struct flow *w, struct case_id c, int32_t today,
                              struct fault *f)
{
	(void)today;
	return contact_erase(tx, w, c, STR(CONTACT_RULE), f);
}

/* An address cannot outlive the receipt that its line in the list is named by. */
static enum rc case_forget(struct tx *tx, const struct flow *w, struct case_id c, int32_t today,
                           struct fault *f)
{
	bool whole = false;
	enum rc rc = erase_due_whole(tx, c, today, &whole, f);
	if (rc == RC_OK && whole)
		rc = contact_erase(tx, w, c, STR(CONTACT_RULE), f);
	return rc == RC_OK || rc == RC_NONE ? erase_due_of(tx, w, c, today, f) : rc;
}

/* What the night does, in this order: a hold whose day is over keeps nothing any more. Each: which cases
 * have something that is past its last day, and what is done with it, with its lines in the list. First of all
 * whoever was not to be told of an agency's request is, once nothing forbids it: before anything is erased. */
static const struct erasable {
	const char *name;
	enum rc (*due)(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
	               struct fault *f);
	enum rc (*forget)(struct tx *tx, const struct flow *w, struct case_id c, int32_t today,
	                  struct fault *f);
} KINDS[] = {
	{"agencies", agency_untold, agency_tell},
	{"holds", hold_over, hold_over_end},
	{"addresses", contact_due, contact_forget},
	{"parts", erase_due, case_forget},
};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

struct night {
	const struct flow *w;
	struct ward_id ward;
	const struct erasable *kind;
	size_t limit, done;
	int64_t links, began, held;   /* held: how long the last slice was the writer's */
	bool left;                    /* its time was over before its work was */
};

static enum rc forget_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct night *n = ctx;
	struct case_id due[SLICE];
	int64_t begun = clock_ticks();
	int32_t today = day_of(tx_now(tx));
	enum rc rc = n->kind->due(tx, today, n->limit, due, &n->done, f);
	for (size_t i = 0; rc == RC_OK && i < n->done; i++)
		rc = n->kind->forget(tx, n->w, due[i], today, f);
	n->held = clock_ticks() - begun;
	return rc;
}

static enum rc sweep_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct night *n = ctx;
	return mail_link_sweep(tx, SLICE, &n->links, f);
}

static enum rc looks_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct night *n = ctx;
	return look_words_sweep(tx, n->w, SLICE, &n->links, f);
}

/* The desk goes first: after a slice it has REST_TIMES as long as the slice took, its wait for the writer included,
 * and longer while others wait. */
static void breathe(const struct night *n, int64_t took)
{
	struct store_stats now;
	for (int i = 0; i < BREATHS; i++) {
		(void)nanosleep(&(struct timespec){.tv_sec = (time_t)(took / US_SECOND),
		                                   .tv_nsec = (long)(took % US_SECOND) * 1000},
		                NULL);
		store_stats(n->w->store, &now);
		if (now.waiting == 0)
			return;
	}
}

/* One slice; the next one is as large as holds the writer for SLICE_US. */
static enum rc timed(struct night *n, struct arena *a, tx_fn *fn, struct fault *f)
{
	int64_t began = clock_ticks();
	arena_reset(a);
	enum rc rc = store_write(n->w->store, n->ward, a, fn, n, f);
	int64_t took = clock_ticks() - began;
	if (n->held > SLICE_US && n->limit > 1)
		n->limit /= 2;
	else if (n->held < SLICE_US / 2 && n->limit < SLICE)
		n->limit++;
	if (rc == RC_OK)
		breathe(n, REST_TIMES * took);
	n->left = clock_ticks() - n->began > RUN_US;
	return rc;
}

static enum rc forget_kind(struct night *n, struct arena *a, struct fault *f)
{
	enum rc rc;
	do {
		rc = timed(n, a, forget_slice, f);
		/* Somebody who erased their own address took the list's next number: once more. */
		if (rc == RC_EXISTS)
			continue;
		if (rc == RC_OK && n->done > 0)
			flow_changed(n->ward);
	} while ((rc == RC_EXISTS || (rc == RC_OK && n->done > 0)) && !n->left);
	n->left = n->left && (rc == RC_EXISTS || n->done > 0);
	return rc == RC_EXISTS ? RC_OK : rc;
}

/* Slices of a sweep that says in n->links how many it took. */
static enum rc sweep(struct night *n, struct arena *a, tx_fn *fn, struct fault *f)
{
	enum rc rc;
	do
		rc = timed(n, a, fn, f);
	while (rc == RC_OK && n->links == SLICE && !n->left);
	n->left = n->left && n->links == SLICE;
	return rc;
}

enum rc forget_night(const struct flow *w, struct ward_id ward, bool *left, struct fault *f)
{
	struct night n = {.w = w, .ward = ward, .limit = SLICE / 4, .began = clock_ticks()};
	enum rc rc = RC_OK;
	struct arena slice;
	arena_init(&slice, ARENA_REQUEST_LIMIT);
	/* What fails is tried again with the job; the others do not wait for it. */
	for (size_t k = 0; !n.left && k < KIND_COUNT; k++) {
		struct fault g = {0};
		n.kind = &KINDS[k];
		enum rc one = forget_kind(&n, &slice, &g);
		if (one != RC_OK && rc == RC_OK && f != NULL)
			*f = g;
		rc = rc == RC_OK ? one : rc;
	}
	if (rc == RC_OK && !n.left)
		rc = sweep(&n, &slice, sweep_slice, f);
	if (rc == RC_OK && !n.left)
		rc = sweep(&n, &slice, looks_slice, f);
	arena_release(&slice);
	*left = n.left;
	return rc == RC_OK ? deletions_flush(w, ward, f) : rc;
}

static enum rc go_on(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	return outbox_put(tx, "keep.erase", 0, STR("more"), STR_EMPTY, f);
}

static enum rc forget(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	bool left = false;
	enum rc rc = forget_night(&app->flow, job->ward, &left, f);
	if (rc == RC_OK && !left)
		rc = guess_forget(app->store, job->ward, a, f);
	return rc == RC_OK ? store_write(app->store, job->ward, a, left ? go_on : clean_after, NULL, f) : rc;
}

const struct job_kind FORGET_JOBS[] = {
	{.name = "keep.erase",
	 .run = forget,
	 .attempts = 20,
	 .lease_us = US_HOUR,
	 .every_us = US_DAY,
	 .at_us = 2 * US_HOUR,
	 .help = "erases what is past its last day, and signs the list of it"},
	{0},
};

/* ---------------------------------------------------------------- again */

struct again {
	const struct flow *w;
	struct deletion line;
	int64_t last;
};

static enum rc last_line(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT COUNT(*), MAX(n) FROM deletion WHERE ward_id = ?1", "", "iI");
	struct again *k = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc == RC_OK) {
		k->last = row_int(&r, 1);
		rows_end(&r);
	}
	return rc;
}

/* As it was erased the first time, without a new line for it: the line is the one that is taken. A
 * case that the older copy does not have has nothing to erase. */
static enum rc erase_again(struct tx *tx, const struct again *k, struct fault *f)
{
	static const struct sql Q_CONTACT =
		SQL_WARD("DELETE FROM contact WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	static const struct sql Q_LINKS =
		SQL_WARD("DELETE FROM mail_link WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	struct case_id c;
	int64_t from, to;
	if (look_words_line(k->line.kind, &from, &to))
		return look_words_forget(tx, from, to, k->line.day, f);
	enum rc rc = receipt_case_ever(tx, k->line.code, &c, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	bool whole = str_is(k->line.kind, ERASE_WHOLE);
	if (whole || str_is(k->line.kind, CONTACT_KIND)) {
		rc = sql_run(tx, &Q_LINKS, BIND(v_int(c.v)), NULL, f);
		if (rc == RC_OK)
			rc = sql_run(tx, &Q_CONTACT, BIND(v_int(c.v)), NULL, f);
		if (rc != RC_OK || !whole)
			return rc;
	}
	rc = erase_line(tx, k->w, c, &k->line, f);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc take_line(struct tx *tx, void *ctx, struct fault *f)
{
	const struct again *k = ctx;
	enum rc rc = deletion_take(tx, k->w, &k->line, f);
	return rc == RC_OK ? erase_again(tx, k, f) : rc;
}

enum rc deletions_apply(const struct flow *w, struct ward_id ward, int64_t *applied,
                        struct fault *f)
{
	struct again k = {.w = w};
	struct deletion_file *file;
	struct arena a;
	*applied = 0;
	enum rc rc = deletion_file_open(&file, w->deletions, ward, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	rc = store_read(w->store, ward, &a, last_line, &k, f);
	while (rc == RC_OK) {
		arena_reset(&a);
		rc = deletion_file_next(file, &a, &k.line, f);
		if (rc != RC_OK || k.line.n <= k.last)
			continue;
		rc = store_write(w->store, ward, &a, take_line, &k, f);
		if (rc == RC_OK)
			(*applied)++;
	}
	arena_release(&a);
	deletion_file_close(file);
	if (*applied > 0)
		flow_changed(ward);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc deletions_reach(const struct flow *w, struct ward_id ward, int64_t *in_file, int64_t *in_database,
                        struct fault *f)
{
	struct again k = {.w = w};
	struct deletion_file *file;
	struct arena a;
	*in_file = 0;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = store_read(w->store, ward, &a, last_line, &k, f);
	*in_database = k.last;
	if (rc == RC_OK && (rc = deletion_file_open(&file, w->deletions, ward, f)) == RC_OK) {
		while ((rc = deletion_file_next(file, &a, &k.line, f)) == RC_OK) {
			*in_file = k.line.n;
			arena_reset(&a);
		}
		deletion_file_close(file);
	}
	arena_release(&a);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc deletions_catch_up(struct app *app, struct fault *f)
{
	enum { WARDS_MAX = 4096 };
	const struct ward **wards = calloc(WARDS_MAX, sizeof *wards);
	if (wards == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the wards");
	size_t n = ward_all(app->places, wards, WARDS_MAX);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		int64_t applied;
		rc = deletions_apply(&app->flow, wards[i]->id, &applied, f);
		if (rc == RC_OK && applied > 0)
			log_info("forget", "%.*s: the database was an older copy; %lld deletions are done again",
			         PSTR(wards[i]->slug), (long long)applied);
		if (rc == RC_OK)
			rc = deletions_flush(&app->flow, wards[i]->id, f);
	}
	free(wards);
	return rc;
}
