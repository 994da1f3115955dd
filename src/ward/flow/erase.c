/* Forgetting parts by rule (RIGHTS.md promise 7): body and salt go, and with them every copy of
 * the words; the commitment stays, says nothing without its salt, and the chain verifies. */
#include "ward/flow/erase_private.h"

static enum rc mark(struct tx *tx, const struct erasing *k, const struct part_at *p, struct str *name,
                    struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE part SET erased_rule = ?5, erased_day = ?6, danger = 0 WHERE ward_id = ?1 AND case_id = ?2"
		" AND seq = ?3 AND part = ?4 AND erased_day IS NULL RETURNING name",
		"iiiti", "t");
	static const struct sql Q_BODY = SQL_WARD(
		"DELETE FROM part_body WHERE ward_id = ?1 AND case_id = ?2 AND seq = ?3 AND part = ?4",
		"iii", "");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r,
	                     BIND(v_int(k->before.id.v), v_int(p->seq), v_int(p->part), v_text(k->rule),
	                          v_int(k->day)),
	                     f);
	if (rc != RC_OK)
		return rc;
	*name = row_str(&r, 0);
	rows_end(&r);
	return sql_run(tx, &Q_BODY, BIND(v_int(k->before.id.v), v_int(p->seq), v_int(p->part)), NULL, f);
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

void place_forget(struct ward_case *c, bool square)
{
	struct case_place p = {.area = c->place.area, .street = STR_EMPTY, .landmark = STR_EMPTY};
	if (!square) {
		p.cell = c->place.cell;
		p.unsure = c->place.unsure;
	}
	c->place = p;
}

/* What of the case's own row, and beside it, says the part's words again. */
static enum rc forget_copies(struct tx *tx, struct erasing *k, const struct part_at *p, struct str name,
                             struct fault *f)
{
	static const struct sql Q_EVENT =
		SQL_WARD("UPDATE ward_case SET event_at = NULL WHERE ward_id = ?1 AND id = ?2", "i", "");
	struct ward_case *c = &k->after;
	bool last = false;
	enum rc rc = is_last(tx, c->id, p->seq, name, &last, f);
	if (rc == RC_OK && str_is(name, "photo"))
		rc = erase_photo(tx, c->id, p->seq, p->part, f);
	/* Khu vực is a figure and stays; the square of what anyone can open is the public map's. */
	if (last && str_is(name, "place"))
		place_forget(c, !c->listed);
	if (str_is(name, "text") || str_is(name, "reason"))
		k->danger = true;
	if (last && str_is(name, "public_text"))
		c->released_text = STR_EMPTY;
	if (last && str_is(name, "why_late"))
		c->why_late = STR_EMPTY;
	if (str_is(name, "not_head"))
		c->for_head = false;
	return rc == RC_OK && str_is(name, "event") ? sql_run(tx, &Q_EVENT, BIND(v_int(c->id.v)), NULL, f) : rc;
}

enum rc erasing_begin(struct tx *tx, const struct flow *w, struct case_id c, struct str rule,
                      int32_t day, struct erasing *k, struct fault *f)
{
	*k = (struct erasing){.w = w, .rule = rule, .day = day};
	if (rule.n == 0)
		return fault_set(f, RC_INVALID, "a part is erased by a rule");
	enum rc rc = case_lock(tx, w, c, 0, &k->before, f);
	k->after = k->before;
	return rc;
}

enum rc erasing_part(struct tx *tx, struct erasing *k, const struct part_at *p, struct fault *f)
{
	struct str name;
	enum rc rc = mark(tx, k, p, &name, f);
	if (rc == RC_OK)
		rc = forget_copies(tx, k, p, name, f);
	k->count += rc == RC_OK;
	return rc;
}

enum rc erasing_end(struct tx *tx, struct erasing *k, struct fault *f)
{
	struct ward_case *c = &k->after;
	enum rc rc = RC_OK;
	if (k->danger)                /* the mark says something of the words, and goes with them */
		rc = danger_last(tx, c->id, &c->danger_at, f);
	if (rc == RC_OK)
		rc = case_update(tx, k->w, &k->before, c, f);
	if (rc == RC_OK && c->danger_at != k->before.danger_at)
		rc = danger_above(tx, k->w, c, f);
	return rc == RC_OK ? search_refresh(tx, k->w, c, f) : rc;
}

enum rc part_erase(struct tx *tx, const struct flow *w, struct case_id id, int seq, int part,
                   struct str rule, struct fault *f)
{
	struct erasing k;
	enum rc rc = erasing_begin(tx, w, id, rule, day_of(tx_now(tx)), &k, f);
	if (rc == RC_OK && k.before.held_until != 0)
		rc = fault_set(f, RC_REFUSED, "a legal hold stands on the case");
	if (rc == RC_OK)
		rc = erasing_part(tx, &k, &(struct part_at){seq, part}, f);
	return rc == RC_OK ? erasing_end(tx, &k, f) : rc;
}
