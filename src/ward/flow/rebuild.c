/* What is derived, made again beside a desk at work, in this process or another: in slices short
 * enough for the writer, with a pause behind each, because SQLite gives a waiting process no turn. */
#include <time.h>

#include "ward/flow/flow_private.h"

enum { REBUILD_STEP = 50, COUNTS_STEP = 500, PAUSE_MS = 5 };

struct rebuild_work {
	const struct flow *w;
	struct count_change *changes;
	struct tally_row *tallies;
	struct map_change *map;
	size_t change_count, changed;
	int64_t after, last;          /* last: set by the slice, read after it is durable */
	size_t done;
};

static enum rc compare_counts(struct tx *tx, void *ctx, struct fault *f)
{
	struct rebuild_work *k = ctx;
	return counter_compare(tx, &k->changes, &k->change_count, f);
}

static enum rc mend_counts(struct tx *tx, void *ctx, struct fault *f)
{
	const struct rebuild_work *k = ctx;
	size_t left = k->change_count - k->changed;
	return counter_mend(tx, k->changes + k->changed, left < COUNTS_STEP ? left : COUNTS_STEP, f);
}

static enum rc compare_tallies(struct tx *tx, void *ctx, struct fault *f)
{
	struct rebuild_work *k = ctx;
	return tally_compare(tx, 0, TALLY_END, &k->tallies, &k->change_count, f);
}

static enum rc mend_tallies(struct tx *tx, void *ctx, struct fault *f)
{
	const struct rebuild_work *k = ctx;
	size_t left = k->change_count - k->changed;
	return tally_mend(tx, k->tallies + k->changed, left < COUNTS_STEP ? left : COUNTS_STEP, f);
}

static enum rc compare_map(struct tx *tx, void *ctx, struct fault *f)
{
	struct rebuild_work *k = ctx;
	return map_compare(tx, &k->map, &k->change_count, f);
}

static enum rc mend_map(struct tx *tx, void *ctx, struct fault *f)
{
	const struct rebuild_work *k = ctx;
	size_t left = k->change_count - k->changed;
	return map_mend(tx, k->map + k->changed, left < COUNTS_STEP ? left : COUNTS_STEP, f);
}

static void pause_for_others(void)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000 * 1000}, NULL);
}

static enum rc next_ids(struct tx *tx, int64_t after, int64_t *ids, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", "ii", "i");
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(after), v_int(REBUILD_STEP)), f);
	while (rc == RC_OK && *n < REBUILD_STEP && (rc = rows_next(&r, f)) == RC_OK)
		ids[(*n)++] = row_int(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc rebuild_search(struct tx *tx, void *ctx, struct fault *f)
{
	struct rebuild_work *k = ctx;
	int64_t ids[REBUILD_STEP];
	size_t n;
	enum rc rc = next_ids(tx, k->after, ids, &n, f);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		struct ward_case c;
		rc = case_get(tx, k->w, (struct case_id){ids[i]}, &c, f);
		if (rc == RC_OK)
			rc = search_refresh(tx, k->w, &c, f);
	}
	k->done = n;
	k->last = n > 0 ? ids[n - 1] : k->after;
	return rc;
}

/* What is counted: how to find what is amiss, and how to put it right. */
static const struct counted {
	tx_fn *compare, *mend;
} COUNTED[] = {
	{compare_counts, mend_counts}, {compare_tallies, mend_tallies}, {compare_map, mend_map}};

static enum rc rebuild_counts(struct rebuild_work *k, struct ward_id ward, const struct counted *what,
                              struct fault *f)
{
	struct arena changes, slice;
	arena_init(&changes, ARENA_REQUEST_LIMIT * 8);
	arena_init(&slice, ARENA_REQUEST_LIMIT);
	k->changed = 0;
	enum rc rc = store_read(k->w->store, ward, &changes, what->compare, k, f);
	while (rc == RC_OK && k->changed < k->change_count) {
		rc = store_write(k->w->store, ward, &slice, what->mend, k, f);
		k->changed += COUNTS_STEP;
		arena_reset(&slice);
		pause_for_others();
	}
	arena_release(&slice);
	arena_release(&changes);
	return rc;
}

enum rc flow_rebuild(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct rebuild_work k = {.w = w, .done = REBUILD_STEP};
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof COUNTED / sizeof *COUNTED; i++)
		rc = rebuild_counts(&k, ward, &COUNTED[i], f);
	while (rc == RC_OK && k.done == REBUILD_STEP) {
		arena_reset(&a);
		rc = store_write(w->store, ward, &a, rebuild_search, &k, f);
		k.after = k.last;
		pause_for_others();
	}
	arena_release(&a);
	return rc;
}
