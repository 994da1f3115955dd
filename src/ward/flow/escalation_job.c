/* flow.escalate: tells what counts by now, a slice a transaction; and the rebuild of what it follows. */
#include "ward/flow/escalation_private.h"

enum { SLICE = 50, REBUILD_SLICE = 200 };

struct slice {
	const struct flow *w;
	int64_t after;                /* of a rebuild: the last case looked at */
	size_t done;
};

enum rc escalation_office(const struct flow *w, int64_t now, int64_t *at, struct fault *f)
{
	return due_office(w->calendar, now, 0, at, f);
}

static enum rc note(struct tx *tx, const struct ward_case *c, int level, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO notice (ward_id, case_id, rule, due_at, level, told_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		" ON CONFLICT (ward_id, case_id, rule, due_at, level) DO NOTHING",
		"itiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(c->id.v), v_text(c->due_rule), v_int(c->due_at), v_int(level),
	                    v_int(tx_now(tx))),
	               NULL, f);
}

/* Every level that counts by now, in office hours; then when the next one does. */
static enum rc tell(struct tx *tx, const struct flow *w, struct case_id id, int level, int64_t told_at,
                    struct fault *f)
{
	struct ward_case c;
	int64_t now = tx_now(tx), from, at = 0;
	int next = 0;
	enum rc rc = case_get(tx, w, id, &c, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? escalation_drop(tx, id, f) : rc;
	if (!escalation_due(&c))
		return escalation_drop(tx, id, f);
	if (case_paused(&c, now))
		return escalation_plan(tx, w, &c, f);
	rc = escalation_office(w, now, &from, f);
	if (rc != RC_OK)
		return rc < RC_OK ? rc : escalation_put(tx, w, &c, level, told_at, now + US_DAY, f);
	if (from > now)
		return escalation_put(tx, w, &c, level, told_at, from, f);
	while ((rc = escalation_next(tx, w, &c, level, &next, &at, f)) == RC_OK && next != 0 && at <= now) {
		rc = note(tx, &c, next, f);
		if (rc != RC_OK)
			return rc;
		level = next;
		told_at = now;
	}
	if (rc < RC_OK)
		return rc;
	return escalation_put(tx, w, &c, level, told_at, rc != RC_OK ? now + US_DAY : next != 0 ? at : 0, f);
}

static enum rc tell_slice(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id, level, told_at FROM escalation WHERE ward_id = ?1 AND next_at <= ?2"
		" ORDER BY next_at, case_id LIMIT ?3",
		"ii", "iii");
	struct slice *k = ctx;
	struct {
		int64_t id, told_at;
		int level;
	} list[SLICE];
	struct rows r;
	k->done = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(tx_now(tx)), v_int(SLICE)), f);
	while (rc == RC_OK && k->done < SLICE && (rc = rows_next(&r, f)) == RC_OK) {
		list[k->done].id = row_int(&r, 0);
		list[k->done].level = (int)row_int(&r, 1);
		list[k->done++].told_at = row_int(&r, 2);
	}
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < k->done; i++)
		rc = tell(tx, k->w, (struct case_id){list[i].id}, list[i].level, list[i].told_at, f);
	return rc;
}

static enum rc anything(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM escalation WHERE ward_id = ?1 AND next_at <= ?2"
		" ORDER BY next_at, case_id LIMIT 1", "i", "i");
	struct rows r;
	(void)ctx;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(tx_now(tx))), f);
	if (rc == RC_OK)
		rows_end(&r);
	return rc;
}

enum rc escalation_run(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct slice k = {.w = w};
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = store_read(w->store, ward, &a, anything, NULL, f);   /* no commit where nothing is due */
	arena_release(&a);
	if (rc == RC_OK)
		rc = flow_slices(w, ward, tell_slice, &k, &k.done, SLICE, f);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- the rebuild */

static enum rc rebuild_slice(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_GONE = SQL_WARD(
		"DELETE FROM escalation WHERE ward_id = ?1 AND NOT EXISTS (SELECT 1 FROM ward_case c"
		" WHERE c.ward_id = ?1 AND c.id = escalation.case_id AND c.open = 1 AND c.due_at IS NOT NULL)",
		"", "");
	static const struct sql Q = SQL_WARD(
		"SELECT c.id FROM unit u JOIN ward_case c ON c.ward_id = u.ward_id AND c.unit_id = u.id"
		" WHERE u.ward_id = ?1 AND c.open = 1 AND c.due_at IS NOT NULL AND c.id > ?2"
		" ORDER BY c.id LIMIT ?3",
		"ii", "i");
	struct slice *k = ctx;
	struct case_id ids[REBUILD_SLICE];
	struct ward_case c;
	struct rows r;
	size_t n = 0;
	enum rc rc = k->after == 0 ? sql_run(tx, &Q_GONE, NO_BIND, NULL, f) : RC_OK;
	if (rc != RC_OK)
		return rc;
	rc = sql_rows(tx, &Q, &r, BIND(v_int(k->after), v_int(REBUILD_SLICE)), f);
	while (rc == RC_OK && n < REBUILD_SLICE && (rc = rows_next(&r, f)) == RC_OK)
		ids[n++].v = row_int(&r, 0);
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = case_get(tx, k->w, ids[i], &c, f);
		if (rc == RC_OK)
			rc = escalation_plan(tx, k->w, &c, f);
	}
	k->done = n;
	if (n > 0)
		k->after = ids[n - 1].v;
	return rc;
}

enum rc escalation_rebuild(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct slice k = {.w = w};
	return flow_slices(w, ward, rebuild_slice, &k, &k.done, REBUILD_SLICE, f);
}
