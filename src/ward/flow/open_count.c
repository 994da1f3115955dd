/* Open cases of a kind or unit, with those in a flood's group: answered from the queues' index, whatever was
 * closed before. */
#include "ward/flow/flow_private.h"

enum rc case_open_of_unit(struct tx *tx, struct unit_id unit, struct str kind, int64_t *n,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT count(*) FROM ward_case WHERE ward_id = ?1 AND unit_id = ?2 AND open IN (1, 4)"
		" AND closed_at IS NULL"
		" AND (?3 = '' OR kind = ?3)", "it", "i");
	struct rows r;
	*n = 0;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(unit.v), v_text(kind)), f);
	if (rc == RC_OK) {
		*n = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc case_open_of_kind(struct tx *tx, struct str kind, int64_t *n, struct fault *f)
{
	struct unit *units;
	size_t count;
	*n = 0;
	enum rc rc = unit_list_all(tx, &units, &count, f);
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		int64_t one;
		rc = case_open_of_unit(tx, units[i].id, kind, &one, f);
		*n += one;
	}
	return rc;
}
