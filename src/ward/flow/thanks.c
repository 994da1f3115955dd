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
		JOIN_THE_WAY
		" WHERE t.ward_id = ?1 AND t.verb = 'solved' AND t.at >= ?2 AND t.at < ?3 AND " UNIT_AT_END " = ?4"
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
