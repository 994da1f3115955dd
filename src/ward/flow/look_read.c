/* The list of looks, page by page. */
#include "ward/flow/flow_private.h"
#include "ward/flow/looks.h"
#include "ward/flow/receipt.h"

struct scan {
	const struct look_filter *filter;
	struct look_page *out;
};

static bool wanted(const struct look_filter *k, const struct look_line *l)
{
	return (k->role == ROLE_unset || k->role == l->role) && (k->unit.v == 0 || k->unit.v == l->unit.v) &&
	       (k->what.n == 0 || str_eq(k->what, l->what));
}

static enum rc read_lines(struct tx *tx, struct scan *s, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT at, pseudonym, role, unit_id, what, case_id, filter, number FROM look"
		" WHERE ward_id = ?1 AND at >= ?2 AND at <= ?3 ORDER BY at DESC, seq DESC LIMIT ?4",
		"iii", "ibiItIti");
	/* +at: a case's own looks are few, and found by the case; they are put in order afterwards. */
	static const struct sql Q_CASE = SQL_WARD(
		"SELECT at, pseudonym, role, unit_id, what, case_id, filter, number FROM look"
		" WHERE ward_id = ?1 AND case_id = ?5 AND +at >= ?2 AND +at <= ?3 ORDER BY +at DESC, seq DESC LIMIT ?4",
		"iiii", "ibiItIti");
	const struct look_filter *k = s->filter;
	struct look_page *out = s->out;
	int64_t newest = k->after_at > 0 ? k->after_at : k->until - 1, skip = k->after_n;
	int64_t most = LOOKS_SCANNED + skip, read = 0;
	struct rows r;
	const struct val in[] = {v_int(k->from), v_int(newest), v_int(most), v_int(k->of.v)};
	enum rc rc = sql_rows(tx, k->of.v != 0 ? &Q_CASE : &Q, &r, in, k->of.v != 0 ? 4 : 3, f);
	while (rc == RC_OK && out->count < k->limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct look_line l = {
			.at = row_int(&r, 0),
			.role = (enum role)row_int(&r, 2),
			.unit = {row_int(&r, 3)},
			.what = row_str(&r, 4),
			.of = {row_int(&r, 5)},
			.filter = row_str(&r, 6),
			.number = row_int(&r, 7),
			.pseudonym = row_str(&r, 1),
		};
		look_mark(l.pseudonym, l.mark);
		read++;
		out->next_n = l.at == out->next_at ? out->next_n + 1 : 1;
		out->next_at = l.at;
		if (read > skip && wanted(k, &l))
			out->lines[out->count++] = l;
	}
	bool all = rc == RC_NONE && read < most;
	rows_end(&r);
	if (all)
		out->next_at = out->next_n = 0;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc look_told(struct tx *tx, const struct actor *who, struct case_id of, bool *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT c.unit_id, u.office_role FROM ward_case c JOIN unit u"
		" ON u.ward_id = c.ward_id AND u.id = c.unit_id WHERE c.ward_id = ?1 AND c.id = ?2",
		"i", "ii");
	struct rows r;
	*out = true;
	if (of.v == 0)
		return RC_OK;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(of.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*out = row_int(&r, 1) == 0 || actor_in_office(who, (struct unit_id){row_int(&r, 0)});
	rows_end(&r);
	return RC_OK;
}

enum rc look_list(struct tx *tx, const struct look_filter *filter, struct look_page *out, struct fault *f)
{
	struct scan s = {.filter = filter, .out = out};
	*out = (struct look_page){.lines = arena_array(tx_arena(tx), filter->limit, sizeof *out->lines)};
	enum rc rc = read_lines(tx, &s, f);
	size_t kept = 0;
	for (size_t i = 0; rc == RC_OK && i < out->count; i++) {
		struct look_line *l = &out->lines[i];
		bool may;
		rc = look_told(tx, filter->actor, l->of, &may, f);
		if (rc == RC_OK && may && l->of.v != 0)
			rc = receipt_code(tx, l->of, l->code, f);
		if (rc < RC_OK || !may)
			continue;
		rc = RC_OK;               /* a case without a code has none to show */
		out->lines[kept++] = *l;
	}
	out->count = kept;
	return rc;
}
