/* What happens to the receipt of a case later: its PIN is set, or it is replaced. Both are lines of
 * the timeline, seen by the reporter, and leave the step as it is. */
#include "ward/flow/flow_private.h"

static enum rc write_line(struct tx *tx, const struct flow *w, const struct ward_case *before,
                          struct ward_case *c, enum verb verb, const struct actor *actor,
                          struct str checked, struct fault *f)
{
	struct actor_mark who;
	struct draft d;
	enum rc rc = actor_mark(w, actor, before->unit, &who, f);
	if (rc != RC_OK)
		return rc;
	draft_init(&d, tx_arena(tx), 1);
	if (checked.n > 0)
		draft_add(&d, "checked", checked, STR("figures"));
	draft_chain(&d, c, tx_ward(tx), verb, c->moved_at, &who);
	rc = case_update(tx, w, before, c, f);
	return rc == RC_OK ? draft_write(tx, w, &d, c, verb, c->moved_at, &who, f) : rc;
}

enum rc case_set_pin(struct tx *tx, const struct flow *w, struct str code, const struct str *word,
                     const struct hash *journey, struct ward_case *c, enum word_result *result,
                     struct receipt *receipt, struct fault *f)
{
	struct ward_case before;
	enum rc rc = word != NULL ? receipt_word_use(tx, w->keys, code, *word, journey, result, receipt, f)
	                          : receipt_paper_use(tx, w->keys, code, journey, result, receipt, f);
	if (rc != RC_OK || (*result != WORD_right && *result != WORD_again))
		return rc;
	if (*result == WORD_again)
		return case_get(tx, w, receipt->case_id, c, f);
	rc = case_lock(tx, w, receipt->case_id, 0, &before, f);
	if (rc != RC_OK)
		return rc;
	*c = before;
	c->moved_at = tx_now(tx);
	return write_line(tx, w, &before, c, VERB_set_pin, NULL, STR_EMPTY, f);
}

enum rc case_reissue(struct tx *tx, const struct flow *w, struct ward_case *c,
                     const struct actor *actor, const struct hash *journey, struct str word,
                     struct str checked, struct receipt *receipt, struct fault *f)
{
	static const struct sql CODE = SQL_WARD(
		"UPDATE ward_case SET code = ?3 WHERE ward_id = ?1 AND id = ?2", "it", "");
	struct ward_case before;
	enum rc rc = case_lock(tx, w, c->id, 0, &before, f);
	if (rc != RC_OK)
		return rc;
	if (!case_handled_by(&before, actor))
		return fault_set(f, RC_DENIED, "the case is another unit's");
	rc = receipt_replace(tx, w->keys, journey, c->id, actor->account, word, receipt, f);
	if (rc == RC_EXISTS) {
		*c = before;
		return rc;
	}
	if (rc != RC_OK)
		return rc;
	*c = before;
	c->moved_at = tx_now(tx);
	memcpy(c->code, receipt->code, sizeof c->code);
	rc = sql_run(tx, &CODE, BIND(v_int(c->id.v), v_text(str_of(c->code))), NULL, f);
	if (rc == RC_OK)
		rc = write_line(tx, w, &before, c, VERB_reissue, actor, checked, f);
	return rc == RC_OK ? search_refresh(tx, w, c, f) : rc;
}

enum rc case_received(struct tx *tx, const struct actor *actor, struct area_id area, int64_t from,
                      int64_t to, struct case_row *out, size_t max, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT c.id, c.code, c.kind, c.street, " UNIT_AT_END ", c.received_at FROM ward_case c" JOIN_THE_WAY
		" WHERE c.ward_id = ?1 AND c.received_at >= ?2 AND c.received_at < ?3 AND (?4 = 0 OR c.area_id = ?4)"
		" ORDER BY c.received_at DESC, c.id DESC", "iii", "itttii");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to), v_int(area.v)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK) {
		struct case_row row = {.id = {row_int(&r, 0)}, .kind = row_str(&r, 2),
		                       .street = row_str(&r, 3), .unit = {row_int(&r, 4)},
		                       .received_at = row_int(&r, 5)};
		(void)snprintf(row.code, sizeof row.code, "%.*s", PSTR(row_str(&r, 1)));
		if (actor_in_unit(actor, row.unit))
			out[(*count)++] = row;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
