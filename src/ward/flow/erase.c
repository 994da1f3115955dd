/* Forgetting one part by rule (RIGHTS.md promise 7): body and salt go, and with them every copy of
 * the words; the commitment stays, says nothing without its salt, and the chain verifies. */
#include "ward/flow/flow_private.h"

static enum rc mark(struct tx *tx, struct case_id c, int seq, int part, struct str rule,
                    struct str *name, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE part SET erased_rule = ?5, erased_day = ?6 WHERE ward_id = ?1 AND case_id = ?2"
		" AND seq = ?3 AND part = ?4 AND erased_day IS NULL RETURNING name",
		"iiiti", "t");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r,
	                     BIND(v_int(c.v), v_int(seq), v_int(part), v_text(rule),
	                          v_int(day_of(tx_now(tx)))),
	                     f);
	if (rc != RC_OK)
		return rc;
	*name = row_str(&r, 0);
	rows_end(&r);
	return RC_OK;
}

/* Is it the last part of its name, the one that the case's row shows? */
static enum rc is_last(struct tx *tx, struct case_id c, int seq, struct str name, bool *out,
                       struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM part WHERE ward_id = ?1 AND case_id = ?2 AND seq > ?3 AND name = ?4",
		"iit", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v), v_int(seq), v_text(name)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) == 0;
	rows_end(&r);
	return RC_OK;
}

/* The row goes now, the photo itself right after the commit: never a photo before its row. */
static enum rc erase_photo(struct tx *tx, struct case_id c, int seq, int part, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"DELETE FROM attachment WHERE ward_id = ?1 AND case_id = ?2 AND seq = ?3 AND part = ?4"
		" RETURNING name",
		"iii", "t");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v), v_int(seq), v_int(part)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	struct str name = row_str(&r, 0);
	rows_end(&r);
	return outbox_put(tx, "net.photo", 0, name, name, f);
}

static enum rc erase_copies(struct tx *tx, const struct flow *w, const struct ward_case *before,
                            int seq, int part, struct str name, struct fault *f)
{
	struct ward_case c = *before;
	bool last = false;
	enum rc rc = is_last(tx, c.id, seq, name, &last, f);
	if (rc == RC_OK && str_is(name, "photo"))
		rc = erase_photo(tx, c.id, seq, part, f);
	if (rc != RC_OK)
		return rc;
	if (last && str_is(name, "place"))    /* khu vực and cell are figures and stay */
		c.place = (struct case_place){.area = c.place.area,
		                              .cell = c.place.cell,
		                              .unsure = c.place.unsure,
		                              .street = STR_EMPTY,
		                              .landmark = STR_EMPTY};
	if (last && str_is(name, "public_text"))
		c.released_text = STR_EMPTY;
	if (last && str_is(name, "why_late"))
		c.why_late = STR_EMPTY;
	rc = case_update(tx, w, before, &c, f);
	return rc == RC_OK ? search_refresh(tx, w, &c, f) : rc;
}

enum rc part_erase(struct tx *tx, const struct flow *w, struct case_id id, int seq, int part,
                   struct str rule, struct fault *f)
{
	static const struct sql Q_BODY = SQL_WARD(
		"DELETE FROM part_body WHERE ward_id = ?1 AND case_id = ?2 AND seq = ?3 AND part = ?4",
		"iii", "");
	struct ward_case c;
	struct str name;
	if (rule.n == 0)
		return fault_set(f, RC_INVALID, "a part is erased by a rule");
	enum rc rc = case_lock(tx, w, id, 0, &c, f);
	if (rc == RC_OK)
		rc = mark(tx, id, seq, part, rule, &name, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q_BODY, BIND(v_int(id.v), v_int(seq), v_int(part)), NULL, f);
	return rc == RC_OK ? erase_copies(tx, w, &c, seq, part, name, f) : rc;
}
