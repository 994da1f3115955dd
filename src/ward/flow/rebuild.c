/* What is derived, made again beside a desk at work, in this process or another: in slices short
 * enough for the writer, with a pause behind each, because SQLite gives a waiting process no turn. */
#include <time.h>

#include "ward/flow/escalation.h"
#include "ward/flow/flow_private.h"

enum { REBUILD_STEP = 50, COUNTS_STEP = 500, PAUSE_MS = 5 };

struct rebuild_work {
	const struct flow *w;
	struct count_change *changes;
	struct tally_row *tallies;
	struct map_change *map;
	size_t change_count, changed;
	int32_t from, to;             /* days of receipt that are looked at; what is counted by month */
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
	return tally_compare(tx, k->from, k->to, &k->tallies, &k->change_count, f);
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
	return map_compare(tx, k->from, k->to, &k->map, &k->change_count, f);
}

static enum rc compare_map_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct rebuild_work *k = ctx;
	return map_compare_all(tx, &k->map, &k->change_count, f);
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
	bool by_month;                /* a read a month: with a million cases one would take too long */
} COUNTED[] = {{compare_counts, mend_counts, false},
               {compare_tallies, mend_tallies, true},
               {compare_map, mend_map, true},
               {compare_map_all, mend_map, false}};

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

static enum rc first_month(struct tx *tx, void *ctx, struct fault *f)
{
	struct rebuild_work *k = ctx;
	return tally_first(tx, &k->to, f);
}

/* All that lies before the first case's month, each month up to now, and all that lies behind. */
static enum rc rebuild_months(struct rebuild_work *k, struct ward_id ward, const struct counted *what,
                              struct fault *f)
{
	enum { LONGEST_MONTH = 31 };
	int32_t today = day_of(clock_now(k->w->clock));
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	k->to = TALLY_END;                    /* no case: all at once */
	enum rc rc = store_read(k->w->store, ward, &a, first_month, k, f);
	arena_release(&a);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (k->from = 0; rc == RC_OK && k->from < TALLY_END; k->from = k->to) {
		if (k->from > today)
			k->to = TALLY_END;
		else if (k->from > 0)
			k->to = month_start(k->from + LONGEST_MONTH);
		rc = rebuild_counts(k, ward, what, f);
	}
	return rc;
}

enum rc flow_rebuild(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct rebuild_work k = {.w = w, .done = REBUILD_STEP};
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof COUNTED / sizeof *COUNTED; i++)
		rc = COUNTED[i].by_month ? rebuild_months(&k, ward, &COUNTED[i], f)
		                         : rebuild_counts(&k, ward, &COUNTED[i], f);
	if (rc == RC_OK)
		rc = escalation_rebuild(w, ward, f);
	while (rc == RC_OK && k.done == REBUILD_STEP) {
		arena_reset(&a);
		rc = store_write(w->store, ward, &a, rebuild_search, &k, f);
		k.after = k.last;
		pause_for_others();
	}
	arena_release(&a);
	return rc;
}
