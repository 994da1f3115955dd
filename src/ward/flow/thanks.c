/* "Solved, thanks": where a unit's work was confirmed by who had reported it. Never counted by person,
 * never compared (RIGHTS.md refused 4 and 5). */
#include "ward/flow/flow_private.h"

static enum rc of_unit(struct tx *tx, struct unit_id unit, int64_t from, int64_t until, size_t limit,
                       struct thanks *out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT c.id, c.code, c.kind, c.street, t.at,"
		" (SELECT b.body FROM part p JOIN part_body b ON b.ward_id = p.ward_id AND"
		" b.case_id = p.case_id AND b.seq = p.seq AND b.part = p.part"
		" WHERE p.ward_id = ?1 AND p.case_id = t.case_id AND p.seq = t.seq AND p.name = 'thanks')"
		" FROM timeline t JOIN ward_case c ON c.ward_id = t.ward_id AND c.id = t.case_id"
		" WHERE t.ward_id = ?1 AND t.verb = 'solved' AND t.at >= ?2 AND t.at < ?3 AND c.unit_id = ?4"
		" ORDER BY t.at DESC, t.case_id LIMIT ?5",
		"iiii", "itttiT");
	struct rows r;
	size_t first = *n;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(from), v_int(until), v_int(unit.v), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *n - first < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct thanks *t = &out[(*n)++];
		*t = (struct thanks){.of = {row_int(&r, 0)}, .kind = row_str(&r, 2), .street = row_str(&r, 3),
		                     .at = row_int(&r, 4), .words = row_str(&r, 5)};
		(void)snprintf(t->code, sizeof t->code, "%.*s", PSTR(row_str(&r, 1)));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc thanks_list(struct tx *tx, const struct unit_id *units, size_t unit_count, int64_t from,
                    int64_t until, size_t limit, struct thanks **out, size_t *count, struct fault *f)
{
	enum rc rc = RC_OK;
	*count = 0;
	*out = arena_array(tx_arena(tx), limit * (unit_count + 1), sizeof **out);
	for (size_t i = 0; rc == RC_OK && i < unit_count; i++)
		rc = of_unit(tx, units[i], from, until, limit, *out, count, f);
	return rc;
}

/* ---------------------------------------------------------------- what has come */

enum rc case_news(struct tx *tx, const struct flow *w, const struct actor *a, int64_t since, int64_t *n,
                  int64_t *ringing, int64_t *last_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT kind, COUNT(*), MAX(id) FROM ward_case WHERE ward_id = ?1 AND id >= ?2 AND unit_id = ?3 AND"
		" open = 1 GROUP BY kind ORDER BY kind",
		"ii", "tii");
	int32_t today = day_of(tx_now(tx));
	enum rc rc = RC_OK;
	*n = *ringing = *last_at = 0;
	for (size_t i = 0; rc == RC_OK && i < a->unit_count; i++) {
		struct rows r;
		rc = sql_rows(tx, &Q, &r, BIND(v_int(id_floor(since)), v_int(a->units[i].v)), f);
		while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
			const struct procedure *p = procedure_of_kind(w->procedures, row_str(&r, 0), today);
			*n += row_int(&r, 1);
			if (p == NULL || !p->ring)
				continue;
			*ringing += row_int(&r, 1);
			if (id_at(row_int(&r, 2)) > *last_at)
				*last_at = id_at(row_int(&r, 2));
		}
		rows_end(&r);
		if (rc == RC_NONE)
			rc = RC_OK;
	}
	return rc;
}
