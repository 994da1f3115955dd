#include "rooms/shift/shift.h"

/* ---------------------------------------------------------------- gathering */

/* Where the last sheet ended, when that was within a day: nothing falls between two shifts. */
static enum rc since_last(struct tx *tx, struct unit_id unit, int64_t *from, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT until_at FROM handover WHERE ward_id = ?1 AND unit_id = ?2 ORDER BY id DESC LIMIT 1",
		"i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(unit.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	if (row_int(&r, 0) > tx_now(tx) - US_DAY)
		*from = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

static void add(struct handover *s, enum section section, int64_t of)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->rows[i].section == section && s->rows[i].of.v == of)
			return;
	s->rows[s->count++] = (struct handover_row){.section = section, .of = {of}};
}

static enum rc add_events(struct tx *tx, struct handover *s, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT t.verb, t.case_id FROM timeline t JOIN ward_case c ON c.ward_id = t.ward_id AND"
		" c.id = t.case_id WHERE t.ward_id = ?1 AND t.at >= ?2 AND t.at < ?3 AND c.unit_id = ?4 AND"
		" t.verb IN ('open', 'assign', 'reopen', 'close', 'settle', 'solved') ORDER BY t.at, t.case_id, t.seq"
		" LIMIT ?5",
		"iiii", "ti");
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(s->from), v_int(s->until), v_int(s->unit.id.v),
	                           v_int(3 * SHEET_ROWS)),
	                      f);
	while (rc == RC_OK && n++ < 3 * SHEET_ROWS && (rc = rows_next(&r, f)) == RC_OK) {
		enum verb v = verb_parse(row_str(&r, 0));
		add(s, v == VERB_close || v == VERB_settle ? SECTION_done : v == VERB_solved ? SECTION_solved : SECTION_came,
		    row_int(&r, 1));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Open work in the order of its days: what is over, and what comes next. */
static enum rc add_open(struct tx *tx, struct handover *s, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, due_at FROM ward_case WHERE ward_id = ?1 AND unit_id = ?2 AND open = 1"
		" ORDER BY sort_at, id LIMIT ?3",
		"ii", "iI");
	static const struct sql Q_COUNT = SQL_WARD(
		"SELECT COUNT(*), COUNT(CASE WHEN due_at <= ?3 THEN 1 END) FROM ward_case"
		" WHERE ward_id = ?1 AND unit_id = ?2 AND open = 1",
		"ii", "ii");
	enum { NEXT_ROWS = 20 };
	struct rows r;
	size_t next = 0, n = 0;
	enum rc rc = sql_one(tx, &Q_COUNT, &r, BIND(v_int(s->unit.id.v), v_int(s->until)), f);
	if (rc != RC_OK)
		return rc;
	s->open_n = row_int(&r, 0);
	s->overdue_n = row_int(&r, 1);
	rows_end(&r);
	rc = sql_rows(tx, &Q, &r, BIND(v_int(s->unit.id.v), v_int(SHEET_ROWS)), f);
	while (rc == RC_OK && n++ < SHEET_ROWS && next < NEXT_ROWS && (rc = rows_next(&r, f)) == RC_OK) {
		bool late = !row_null(&r, 1) && row_int(&r, 1) <= s->until;
		add(s, late ? SECTION_overdue : SECTION_next, row_int(&r, 0));
		next += !late;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static void add_words(struct handover *s, const struct thanks *all, size_t n)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < n; k++)
			if (s->rows[i].section == SECTION_solved && s->rows[i].of.v == all[k].of.v)
				s->rows[i].words = all[k].words;
}

/* Code, street and words of thanks are the case's own: read, not kept. */
static enum rc look_up(struct tx *tx, const struct app *app, const struct actor *who, struct handover *s,
                       struct fault *f)
{
	struct thanks *all;
	size_t n;
	enum rc rc = thanks_list(tx, &s->unit.id, 1, s->from, s->until, SHEET_ROWS, &all, &n, f);
	if (rc == RC_OK)
		add_words(s, all, n);
	for (size_t i = 0; rc == RC_OK && i < s->count; i++) {
		struct handover_row *row = &s->rows[i];
		rc = case_get(tx, &app->flow, row->of, &row->c, f);
		if (rc == RC_OK && row->kind.n == 0) {
			row->kind = row->c.kind;
			row->state = row->c.state;
			row->due_at = state_open(row->c.state) ? row->c.due_at : 0;
		}
		if (rc == RC_NONE || (rc == RC_OK && !case_handled_by(&row->c, who))) {
			row->c.id = (struct case_id){0};
			row->words = STR_EMPTY;
			rc = RC_OK;
		}
	}
	return rc;
}

enum rc sheet_now(struct tx *tx, const struct app *app, const struct actor *who, struct unit_id unit,
                  struct handover *out, struct fault *f)
{
	*out = (struct handover){.until = tx_now(tx), .notes = STR_EMPTY, .out_name = who->name};
	out->rows = arena_array(tx_arena(tx), 4 * SHEET_ROWS, sizeof *out->rows);
	out->from = ward_shift_start(app, tx_ward(tx), out->until);
	enum rc rc = unit_get(tx, unit, &out->unit, f);
	if (rc == RC_OK)
		rc = since_last(tx, unit, &out->from, f);
	if (rc == RC_OK)
		rc = add_events(tx, out, f);
	if (rc == RC_OK)
		rc = add_open(tx, out, f);
	return rc == RC_OK ? look_up(tx, app, who, out, f) : rc;
}

/* ---------------------------------------------------------------- frozen */

enum rc sheet_put(struct tx *tx, const struct app *app, const struct actor *who, struct unit_id unit,
                  struct str notes, int64_t *id, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO handover (ward_id, id, unit_id, from_at, until_at, notes, open_n, overdue_n,"
		" out_account_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		"iiiitiii", "");
	static const struct sql Q_ROW = SQL_WARD(
		"INSERT INTO handover_row (ward_id, handover_id, no, section, case_id, kind, state, due_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		"iiiitiI", "");
	struct handover s;
	enum rc rc = sheet_now(tx, app, who, unit, &s, f);
	if (rc != RC_OK)
		return rc;
	*id = idgen_next(app->flow.ids);
	rc = sql_run(tx, &Q,
	             BIND(v_int(*id), v_int(unit.v), v_int(s.from), v_int(s.until), v_text(notes),
	                  v_int(s.open_n), v_int(s.overdue_n), v_int(who->account.v)),
	             NULL, f);
	for (size_t i = 0; rc == RC_OK && i < s.count; i++)
		rc = sql_run(tx, &Q_ROW,
		             BIND(v_int(*id), v_int((int64_t)i + 1), v_int(s.rows[i].section),
		                  v_int(s.rows[i].of.v), v_text(s.rows[i].kind), v_int(s.rows[i].state),
		                  v_int0(s.rows[i].due_at)),
		             NULL, f);
	return rc;
}

#define HEAD \
	"SELECT h.id, h.unit_id, h.from_at, h.until_at, h.notes, h.open_n, h.overdue_n, h.out_account_id," \
	" h.in_account_id, h.accepted_at, o.name, i.name FROM handover h" \
	" JOIN account o ON o.id = h.out_account_id LEFT JOIN account i ON i.id = h.in_account_id" \
	" WHERE h.ward_id = ?1"
#define HEAD_TYPES "iiiitiii" "IItT"

static struct handover read_head(struct rows *r)
{
	return (struct handover){
		.id = row_int(r, 0), .unit.id = {row_int(r, 1)}, .from = row_int(r, 2), .until = row_int(r, 3),
		.notes = row_str(r, 4), .open_n = row_int(r, 5), .overdue_n = row_int(r, 6),
		.out = {row_int(r, 7)}, .in = {row_int(r, 8)}, .accepted_at = row_int(r, 9),
		.out_name = row_str(r, 10), .in_name = row_str(r, 11)};
}

static enum rc read_rows(struct tx *tx, struct handover *s, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT section, case_id, kind, state, due_at FROM handover_row"
		" WHERE ward_id = ?1 AND handover_id = ?2 ORDER BY no",
		"i", "iitiI");
	struct rows r;
	s->rows = arena_array(tx_arena(tx), 4 * SHEET_ROWS, sizeof *s->rows);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(s->id)), f);
	while (rc == RC_OK && s->count < 4 * SHEET_ROWS && (rc = rows_next(&r, f)) == RC_OK)
		s->rows[s->count++] = (struct handover_row){
			.section = (enum section)row_int(&r, 0), .of = {row_int(&r, 1)}, .kind = row_str(&r, 2),
			.state = (enum state)row_int(&r, 3), .due_at = row_int(&r, 4)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc sheet_get(struct tx *tx, const struct app *app, const struct actor *who, int64_t id,
                  struct handover *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(HEAD " AND h.id = ?2", "i", HEAD_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(id)), f);
	if (rc != RC_OK)
		return rc;
	*out = read_head(&r);
	rows_end(&r);
	if (!actor_in_unit(who, out->unit.id))
		return RC_NONE;
	rc = unit_get(tx, out->unit.id, &out->unit, f);
	if (rc == RC_OK)
		rc = read_rows(tx, out, f);
	return rc == RC_OK ? look_up(tx, app, who, out, f) : rc;
}

enum rc sheet_accept(struct tx *tx, const struct actor *who, int64_t id, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT unit_id, out_account_id FROM handover WHERE ward_id = ?1 AND id = ?2", "i", "ii");
	static const struct sql Q_TAKE = SQL_WARD(
		"UPDATE handover SET in_account_id = ?3, accepted_at = ?4 WHERE ward_id = ?1 AND id = ?2 AND"
		" in_account_id IS NULL AND out_account_id <> ?3",
		"iii", "");
	struct rows r;
	int64_t changed = 0;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(id)), f);
	if (rc != RC_OK)
		return rc;
	struct unit_id unit = {row_int(&r, 0)};
	bool own = row_int(&r, 1) == who->account.v;
	rows_end(&r);
	if (!actor_in_unit(who, unit))
		return RC_NONE;
	if (own)
		return RC_DENIED;
	rc = sql_run(tx, &Q_TAKE, BIND(v_int(id), v_int(who->account.v), v_int(tx_now(tx))), &changed, f);
	return rc == RC_OK && changed == 0 ? RC_EXISTS : rc;
}

enum rc sheet_list(struct tx *tx, struct unit_id unit, int64_t before, size_t limit, struct handover **out,
                   size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		HEAD " AND h.unit_id = ?2 AND h.id < ?3 ORDER BY h.id DESC LIMIT ?4", "iii", HEAD_TYPES);
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(unit.v), v_int(before > 0 ? before : INT64_MAX), v_int((int64_t)limit)),
	                      f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = read_head(&r);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
