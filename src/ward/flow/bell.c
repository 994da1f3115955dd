/* What rings at the duty desk: new cases of a kind that rings (procedure.h), and cases in which somebody
 * spoke of danger (ward/danger.h), at the unit that has them. */
#include "ward/flow/flow_private.h"

enum rc danger_words(struct tx *tx, const struct ward_case *c, int seq, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE part SET danger = 1 WHERE ward_id = ?1 AND case_id = ?2 AND seq = ?3"
		" AND name IN ('text', 'reason')", "ii", "");
	return sql_run(tx, &Q, BIND(v_int(c->id.v), v_int(seq)), NULL, f);
}

enum rc danger_last(struct tx *tx, struct case_id c, int64_t *at, struct fault *f)
{
	/* In this order: the case, what follows it, their parts. SQLite keeps to that of a CROSS JOIN. */
	static const struct sql Q = SQL_WARD(
		"WITH RECURSIVE told (id) AS (SELECT id FROM ward_case WHERE ward_id = ?1 AND id = ?2"
		" UNION SELECT c.id FROM told JOIN ward_case c ON c.ward_id = ?1 AND c.lead_id = told.id)"
		" SELECT MAX(t.at) FROM told CROSS JOIN part p CROSS JOIN timeline t WHERE p.ward_id = ?1"
		" AND p.case_id = told.id AND p.danger = 1 AND p.erased_day IS NULL AND t.ward_id = ?1"
		" AND t.case_id = p.case_id AND t.seq = p.seq",
		"i", "I");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	*at = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc danger_above(struct tx *tx, const struct flow *w, const struct ward_case *c, struct fault *f)
{
	enum rc rc = RC_OK;
	for (struct case_id at = c->lead; rc == RC_OK && at.v != 0;) {
		struct ward_case before, after;
		rc = case_hold(tx, w, at, &before, f);
		if (rc != RC_OK)
			return rc;
		after = before;
		rc = danger_last(tx, at, &after.danger_at, f);
		if (rc == RC_OK && after.danger_at != before.danger_at)
			rc = case_update(tx, w, &before, &after, f);
		at = before.lead;
	}
	return rc;
}

enum rc danger_top(struct tx *tx, const struct ward_case *c, struct fault *f)
{
	/* No version: it is no change of the case, and nobody's step shall be refused for it. */
	static const struct sql Q = SQL_WARD(
		"UPDATE ward_case SET danger_at = ?3 WHERE ward_id = ?1 AND id = ?2 AND danger_at < ?3", "ii", "");
	return c->top == NULL ? RC_OK
	                      : sql_run(tx, &Q, BIND(v_int(c->top->id.v), v_int(tx_now(tx))), NULL, f);
}

static enum rc new_ones(struct tx *tx, const struct flow *w, struct unit_id unit, int64_t since, int64_t *n,
                        int64_t *ringing, int64_t *last_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT kind, COUNT(*), SUM(CASE WHEN danger_at >= ?4 THEN 0 ELSE 1 END), MAX(id) FROM ward_case"
		" WHERE ward_id = ?1 AND id >= ?2 AND unit_id = ?3 AND open = 1 GROUP BY kind ORDER BY kind",
		"iii", "tiii");
	int32_t today = day_of(tx_now(tx));
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(id_floor(since)), v_int(unit.v), v_int(since)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		const struct procedure *p = procedure_of_kind(w->procedures, row_str(&r, 0), today);
		*n += row_int(&r, 1);
		if (p == NULL || !p->ring)
			continue;
		*ringing += row_int(&r, 2);        /* those of danger are counted apart */
		if (id_at(row_int(&r, 3)) > *last_at)
			*last_at = id_at(row_int(&r, 3));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc dangers(struct tx *tx, struct unit_id unit, int64_t since, int64_t *ringing,
                       int64_t *last_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*), MAX(danger_at) FROM ward_case WHERE ward_id = ?1 AND unit_id = ?2"
		" AND danger_at > 0 AND danger_at >= ?3 AND open = 1",
		"ii", "iI");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(unit.v), v_int(since)), f);
	if (rc != RC_OK)
		return rc;
	*ringing += row_int(&r, 0);
	if (row_int(&r, 1) > *last_at)
		*last_at = row_int(&r, 1);
	rows_end(&r);
	return RC_OK;
}

enum rc case_news(struct tx *tx, const struct flow *w, const struct actor *a, int64_t since, int64_t *n,
                  int64_t *ringing, int64_t *last_at, struct fault *f)
{
	enum rc rc = RC_OK;
	*n = *ringing = *last_at = 0;
	for (size_t i = 0; rc == RC_OK && i < actor_places(a); i++) {
		struct unit_id at = actor_place(a, i);
		if (!actor_works(a, at))
			continue;
		rc = new_ones(tx, w, at, since, n, ringing, last_at, f);
		if (rc == RC_OK)
			rc = dangers(tx, at, since, ringing, last_at, f);
	}
	return rc;
}
