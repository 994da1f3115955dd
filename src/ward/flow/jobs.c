/* What the flow does by itself: folding counters, the daily head, the search merge, the sweep of
 * attachments that no row names. Nothing is erased by itself in this version. */
#include "ward/flow/flood.h"
#include "ward/flow/folded.h"
#include "ward/flow/escalation.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

/* ---------------------------------------------------------------- flow.fold */

enum { FOLD_STEP = 500 };

/* *ctx: how many the fullest of them folded. */
static enum rc fold_slice(struct tx *tx, void *ctx, struct fault *f)
{
	size_t counts = 0, tallies = 0, squares = 0, *most = ctx;
	enum rc rc = counter_fold(tx, FOLD_STEP, &counts, f);
	if (rc == RC_OK)
		rc = tally_fold(tx, FOLD_STEP, &tallies, f);
	if (rc == RC_OK)
		rc = map_fold(tx, FOLD_STEP, &squares, f);
	*most = counts > tallies ? counts : tallies;
	*most = squares > *most ? squares : *most;
	return rc;
}

static enum rc fold(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	size_t folded = 0;
	(void)a;
	return flow_slices(app_flow(app), job->ward, fold_slice, &folded, &folded, FOLD_STEP, f);
}

/* ---------------------------------------------------------------- flow.head */

struct head_work {
	const struct flow *w;
	int32_t day;
	int64_t from, to;
};

/* The day after the last head; without one the day of the first entry or look. RC_NONE: nothing
 * has happened yet. */
static enum rc next_day(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT (SELECT MAX(day) FROM head WHERE ward_id = ?1),"
		" (SELECT MIN(at) FROM timeline WHERE ward_id = ?1),"
		" (SELECT at FROM look WHERE ward_id = ?1 AND seq = 1)",
		"", "III");
	struct head_work *k = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	bool none = row_null(&r, 1) && row_null(&r, 2);
	if (!row_null(&r, 0)) {
		k->day = (int32_t)row_int(&r, 0) + 1;
	} else if (!none) {
		int64_t entry = row_null(&r, 1) ? INT64_MAX : row_int(&r, 1);
		int64_t look = row_null(&r, 2) ? INT64_MAX : row_int(&r, 2);
		k->day = day_of(entry < look ? entry : look);
	}
	rows_end(&r);
	return k->day == 0 ? RC_NONE : RC_OK;
}

/* The first entry from `from` on and before `to`: its time becomes `from`. */
static enum rc next_entry(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT at FROM timeline WHERE ward_id = ?1 AND at >= ?2 AND at < ?3"
		" ORDER BY at, case_id, seq LIMIT 1",
		"ii", "i");
	struct head_work *k = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(k->from), v_int(k->to)), f);
	if (rc != RC_OK)
		return rc;
	k->from = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

static enum rc collect_slice(struct tx *tx, void *ctx, struct fault *f)
{
	const struct head_work *k = ctx;
	return head_collect(tx, k->day, k->from, k->to, f);
}

static enum rc sign_day(struct tx *tx, void *ctx, struct fault *f)
{
	const struct head_work *k = ctx;
	return head_make(tx, k->w, k->day, f);
}

/* A quarter of an hour at a time, and only those in which something happened: a commit each. */
static enum rc collect_day(struct store *s, struct ward_id ward, struct arena *slice,
                           struct head_work *k, struct fault *f)
{
	const int64_t end = day_start(k->day + 1);
	enum rc rc = RC_OK;
	for (k->from = day_start(k->day); rc == RC_OK && k->from < end; k->from = k->to) {
		arena_reset(slice);
		k->to = end;
		rc = store_read(s, ward, slice, next_entry, k, f);
		k->to = k->from + 15 * US_MINUTE < end ? k->from + 15 * US_MINUTE : end;
		if (rc == RC_OK)
			rc = store_write(s, ward, slice, collect_slice, k, f);
	}
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc heads(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct head_work k = {.w = app_flow(app)};
	struct store *store = k.w->store;
	int32_t today = day_of(clock_now(app_flow(app)->clock));
	struct arena slice;
	enum rc rc = store_read(store, job->ward, a, next_day, &k, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	arena_init(&slice, ARENA_REQUEST_LIMIT);
	for (; rc == RC_OK && k.day < today; k.day++) {
		rc = collect_day(store, job->ward, &slice, &k, f);
		if (rc == RC_OK)
			rc = store_write(store, job->ward, &slice, sign_day, &k, f);
		if (rc == RC_EXISTS)
			rc = RC_OK;           /* another server's job was quicker */
	}
	arena_release(&slice);
	return rc;
}

/* ---------------------------------------------------------------- flow.search, flow.media */

struct merging {
	bool first, more;
};

static enum rc merge_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct merging *m = ctx;
	return search_merge(tx, m->first, &m->more, f);
}

static enum rc merge(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct merging m = {.first = true, .more = true};
	enum rc rc = RC_OK;
	for (; rc == RC_OK && m.more; m.first = false)
		rc = store_write(app_flow(app)->store, job->ward, a, merge_slice, &m, f);
	return rc;
}

struct known_work {
	struct store *store;
	struct ward_id ward;
	struct str name;
};

static enum rc find_name(struct tx *tx, void *ctx, struct fault *f)
{
	const struct known_work *k = ctx;
	struct attachment at;
	struct case_id of;
	enum rc rc = case_attachment(tx, k->name, &at, &of, f);
	return rc == RC_NONE ? pending_photo_known(tx, k->name, f) : rc;
}

/* A file whose row cannot be asked for is kept. */
static bool known(void *ctx, struct str name)
{
	struct known_work *k = ctx;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	k->name = name;
	enum rc rc = store_read(k->store, k->ward, &a, find_name, k, NULL);
	arena_release(&a);
	return rc != RC_NONE;
}

static enum rc sweep(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct known_work k = {.store = app_flow(app)->store, .ward = job->ward};
	(void)a;
	return media_sweep(app_flow(app)->media, job->ward, known, &k, f);
}

/* Another installation's bucket may become ours (xom attachments join): no dead letter at once. */
static enum rc until_joined(enum rc rc) { return rc == RC_REFUSED ? RC_AGAIN : rc; }

static enum rc sweep_far(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct known_work k = {.store = app_flow(app)->store, .ward = job->ward};
	(void)a;
	return until_joined(media_sweep_far(app_flow(app)->media, job->ward, known, &k, f));
}

/* Payload: the name of a photo whose row was erased. */
static enum rc photo_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct known_work k = {.store = app_flow(app)->store, .ward = job->ward};
	(void)a;
	if (known(&k, job->payload))
		return fault_set(f, RC_AGAIN, "a row names the photo, or can't be asked for");
	enum rc rc = media_remove(app_flow(app)->media, job->ward, job->payload, f);
	return rc == RC_NONE ? RC_OK : until_joined(rc);
}

/* ---------------------------------------------------------------- flow.pending, flow.drafts */

/* Payload: the id of the step that waits. Taken back, or done by who looked first: nothing to do. */
static enum rc pending_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	int64_t id;
	if (!str_i64(job->payload, &id))
		return fault_set(f, RC_INVALID, "a payload that names no step");
	enum rc rc = pending_run(app_flow(app), a, ward_by_id(app_flow(app)->places, job->ward), id, f);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc drafts(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	enum rc rc = store_write(app_flow(app)->store, job->ward, a, pending_forget, NULL, f);
	if (rc == RC_OK)
		rc = store_write(app_flow(app)->store, job->ward, a, folded_forget, NULL, f);
	return rc == RC_OK ? store_write(app_flow(app)->store, job->ward, a, area_acts_forget, NULL, f) : rc;
}

/* Payload: a case that others follow, and its entry. */
static enum rc follow_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)a;
	return followers_tell(app_flow(app), job->ward, job->payload, f);
}

/* ---------------------------------------------------------------- floods */

static enum rc gather_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)a;
	return flood_gather(app_flow(app), job->ward, job->payload, f);
}

static enum rc flood_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	int64_t id;
	(void)a;
	if (!str_i64(job->payload, &id))
		return fault_set(f, RC_INVALID, "a payload that names nothing to do");
	return flood_step_run(app_flow(app), job->ward, id, clock_ticks() + 5 * US_SECOND, f);
}

/* ---------------------------------------------------------------- flow.escalate */

static enum rc escalate(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)a;
	return escalation_run(app_flow(app), job->ward, f);
}

static enum rc areas(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)a;
	return area_run(app_flow(app), job->ward, f);
}

static enum rc receivers(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)a;
	return receivers_run(app_flow(app), job->ward, f);
}

const struct job_kind FLOW_JOBS[] = {
	{.name = "flow.pending",
	 .run = pending_job,
	 .attempts = 10,
	 .lease_us = 5 * US_MINUTE,
	 .help = "does a step that could be taken back until now, or gives it back to its officer"},
	{.name = "flow.drafts",
	 .run = drafts,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_DAY,
	 .at_us = 2 * US_HOUR,
	 .help = "forgets steps that were given back a week ago and not sent again, keys of acts that phones sent, and folded receipts whose time is over"},
	{.name = "flow.follow",
	 .run = follow_job,
	 .attempts = 20,
	 .lease_us = 5 * US_MINUTE,
	 .help = "tells who reported what follows a case that it moved, and counts how long their words are kept"},
	{.name = "flow.gather",
	 .run = gather_job,
	 .attempts = 10,
	 .lease_us = 5 * US_MINUTE,
	 .help = "puts reports that came before a flood was seen into its group"},
	{.name = "flow.flood",
	 .run = flood_job,
	 .attempts = 20,
	 .lease_us = 5 * US_MINUTE,
	 .help = "goes on with a step that was asked for on all of a flood's group"},
	{.name = "flow.fold",
	 .run = fold,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_MINUTE,
	 .help = "adds the waiting changes of the queues', the map's and the figures' counts to the counts"},
	{.name = "flow.escalate",
	 .run = escalate,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_MINUTE,
	 .help = "tells in office hours of deadlines that are nearly over, and of missed ones"},
	{.name = "flow.area",
	 .run = areas,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_MINUTE,
	 .help = "takes a case up to the ward when the khu vực that had it first did not act in time"},
	{.name = "flow.receivers",
	 .run = receivers,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = 5 * US_MINUTE,
	 .help = "gives a matter about somebody who works here that nobody may read any more to whom the rule names now"},
	{.name = "flow.head",
	 .run = heads,
	 .attempts = 20,
	 .lease_us = US_HOUR,
	 .every_us = US_DAY,
	 .at_us = 10 * US_MINUTE,
	 .help = "signs the head of each day that is over and has none"},
	{.name = "flow.search",
	 .run = merge,
	 .attempts = 3,
	 .lease_us = US_HOUR,
	 .every_us = US_DAY,
	 .at_us = 3 * US_HOUR,
	 .help = "merges the search index, so that removed words leave the file"},
	{.name = "flow.media",
	 .run = sweep,
	 .attempts = 3,
	 .lease_us = US_HOUR,
	 .every_us = US_HOUR,
	 .help = "removes waiting photos past 24 hours and files that no row names"},
	{.name = "net.photo",
	 .run = photo_job,
	 .attempts = 30,
	 .lease_us = 5 * US_MINUTE,
	 .help = "removes a photo whose row was erased"},
	{.name = "net.media",
	 .run = sweep_far,
	 .attempts = 5,
	 .lease_us = 6 * US_HOUR,
	 .every_us = US_DAY,
	 .at_us = 4 * US_HOUR,
	 .help = "removes photos that no row names from the bucket of attachments"},
	{0},
};
