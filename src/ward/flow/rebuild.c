#include "ward/flow/flow_private.h"

enum { REBUILD_STEP = 200 };

struct rebuild_work {
	const struct flow *w;
	int64_t after, last;          /* last: set by the slice, read after it is durable */
	size_t done;
};

static enum rc rebuild_counters(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	return counter_rebuild(tx, f);
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

enum rc flow_rebuild(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = store_write(w->store, ward, &a, rebuild_counters, NULL, f);
	struct rebuild_work k = {.w = w, .done = REBUILD_STEP};
	while (rc == RC_OK && k.done == REBUILD_STEP) {
		arena_reset(&a);
		rc = store_write(w->store, ward, &a, rebuild_search, &k, f);
		k.after = k.last;
	}
	arena_release(&a);
	return rc;
}
