/* Counts of the public map: how many listed, not withheld cases stand in each square of the grid, by
 * kind, khu vực, state and month of receipt. As the queues' counts: folded rows, and changes that
 * wait; every reader adds both. Month 0 is all months, so that a map without that filter reads no
 * more rows after ten years than after one. */
#include "ward/flow/flow_private.h"

enum { STATES = STATE_COUNT - 1 };

int32_t case_month(int64_t at)
{
	struct date d = moment_of(at).date;
	return d.year * 12 + d.month - 1;
}

int64_t case_month_start(int32_t month)
{
	return day_start(day_from_date((struct date){month / 12, month % 12 + 1, 1}));
}

static bool key_of(const struct ward_case *c, struct map_key *k)
{
	if (c == NULL || !c->listed || c->withheld || case_apart(c) || c->gone_day != 0)
		return false;
	*k = (struct map_key){.month = case_month(c->received_at), .state = c->state, .kind = c->kind,
	                      .area = c->place.area.v, .cell = c->place.cell};
	return true;
}

static bool same_key(const struct map_key *a, const struct map_key *b)
{
	return a->month == b->month && a->state == b->state && a->area == b->area &&
	       a->cell.column == b->cell.column && a->cell.row == b->cell.row &&
	       str_eq(a->kind, b->kind);
}

static enum rc add(struct tx *tx, const struct flow *w, const struct map_key *k, int n,
                   int more, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO map_delta (ward_id, id, month, state, kind, area_id, cell_column, cell_row, n,"
		" more) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
		"iiitiiiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(idgen_next(w->ids)), v_int(k->month), v_int(k->state),
	                    v_text(k->kind), v_int(k->area), v_int(k->cell.column),
	                    v_int(k->cell.row), v_int(n), v_int(more)),
	               NULL, f);
}

enum rc map_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                 const struct ward_case *after, struct fault *f)
{
	struct map_key from, to;
	bool was = key_of(before, &from), is = key_of(after, &to);
	int had = was ? before->more : 0, has = is ? after->more : 0;
	if (was && is && same_key(&from, &to))
		return had != has ? add(tx, w, &to, 0, has - had, f) : RC_OK;
	enum rc rc = was ? add(tx, w, &from, -1, -had, f) : RC_OK;
	return rc == RC_OK && is ? add(tx, w, &to, 1, has, f) : rc;
}

/* ---------------------------------------------------------------- reading */

enum rc map_counts(struct tx *tx, const struct case_filter *q, struct map_count **out, size_t *count,
                   struct fault *f)
{
	/* The states one by one: each is a stretch of the key. The changes of all months count for
	 * month 0. */
	static const struct sql Q = SQL_WARD(
		"SELECT cell_column, cell_row, area_id, SUM(n), SUM(more) FROM ("
		"SELECT cell_column, cell_row, area_id, n, more FROM map_count WHERE ward_id = ?1 AND month = ?2"
		" AND state IN (?3, ?4, ?5, ?6, ?7, ?8) AND (?9 = '' OR kind = ?9)"
		" AND (?10 = 0 OR area_id = ?10) UNION ALL "
		"SELECT cell_column, cell_row, area_id, n, more FROM map_delta WHERE ward_id = ?1"
		" AND (?2 = 0 OR month = ?2) AND state IN (?3, ?4, ?5, ?6, ?7, ?8)"
		" AND (?9 = '' OR kind = ?9) AND (?10 = 0 OR area_id = ?10)"
		") AS both_tables GROUP BY cell_column, cell_row, area_id HAVING SUM(n) <> 0"
		" ORDER BY cell_column, cell_row, area_id",
		"iiiiiiiti", "iiiii");
	_Static_assert(STATES == 6, "a parameter for each state");
	struct val s[STATES];
	for (int i = 0; i < STATES; i++)
		s[i] = v_int(q->states == 0 || (q->states >> (i + 1) & 1) != 0 ? i + 1 : 0);
	struct arena *a = tx_arena(tx);
	size_t room = 0;
	struct rows r;
	*out = NULL;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(q->month), s[0], s[1], s[2], s[3], s[4], s[5],
	                           v_text(q->kind.p != NULL ? q->kind : STR_EMPTY), v_int(q->area.v)),
	                      f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*count == room) {
			struct map_count *old = *out;
			room = room == 0 ? 128 : room * 2;
			*out = arena_array(a, room, sizeof **out);
			if (*count > 0)
				memcpy(*out, old, *count * sizeof *old);
		}
		(*out)[(*count)++] = (struct map_count){
			{(int32_t)row_int(&r, 0), (int32_t)row_int(&r, 1)}, {row_int(&r, 2)}, row_int(&r, 3),
			row_int(&r, 4)};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- folding */

static enum rc add_one(struct tx *tx, const struct map_change *c, int32_t month, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO map_count (ward_id, month, state, kind, area_id, cell_column, cell_row, n, more)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
		" ON CONFLICT (ward_id, month, state, kind, area_id, cell_column, cell_row)"
		" DO UPDATE SET n = map_count.n + excluded.n, more = map_count.more + excluded.more",
		"iitiiiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(month), v_int(c->k.state), v_text(c->k.kind), v_int(c->k.area),
	                    v_int(c->k.cell.column), v_int(c->k.cell.row), v_int(c->n), v_int(c->more)),
	               NULL, f);
}

static enum rc drop_empty(struct tx *tx, const struct map_change *c, int32_t month, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"DELETE FROM map_count WHERE ward_id = ?1 AND month = ?2 AND state = ?3 AND kind = ?4"
		" AND area_id = ?5 AND cell_column = ?6 AND cell_row = ?7 AND n = 0 AND more = 0",
		"iitiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(month), v_int(c->k.state), v_text(c->k.kind), v_int(c->k.area),
	                    v_int(c->k.cell.column), v_int(c->k.cell.row)),
	               NULL, f);
}

enum rc map_mend(struct tx *tx, const struct map_change *changes, size_t n, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		if (changes[i].n == 0 && changes[i].more == 0)
			continue;
		rc = add_one(tx, &changes[i], changes[i].k.month, f);
		if (rc == RC_OK)
			rc = drop_empty(tx, &changes[i], changes[i].k.month, f);
	}
	return rc;
}

/* The deltas are taken out by the statement that reads them, as in counter_fold. */
enum rc map_fold(struct tx *tx, size_t limit, size_t *folded, struct fault *f)
{
	static const struct sql Q_TAKE = SQL_WARD(
		"DELETE FROM map_delta WHERE ward_id = ?1 AND id IN"
		" (SELECT id FROM map_delta WHERE ward_id = ?1 ORDER BY id LIMIT ?2)"
		" RETURNING month, state, kind, area_id, cell_column, cell_row, n, more",
		"i", "iitiiiii");
	/* Each counts twice: in its month, and in all months. */
	struct map_change *d = arena_array(tx_arena(tx), 2 * limit, sizeof *d);
	size_t n = 0, read = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_TAKE, &r, BIND(v_int((int64_t)limit)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct map_key k = {(int32_t)row_int(&r, 0), (enum state)row_int(&r, 1), row_str(&r, 2),
		                    row_int(&r, 3), {(int32_t)row_int(&r, 4), (int32_t)row_int(&r, 5)}};
		for (int all = 0; all < 2; all++) {
			size_t i = 0;
			if (all == 1)
				k.month = 0;
			while (i < n && !same_key(&d[i].k, &k))
				i++;
			if (i == n)
				d[n++] = (struct map_change){.k = k};
			d[i].n += row_int(&r, 6);
			d[i].more += row_int(&r, 7);
		}
		read++;
	}
	rows_end(&r);
	rc = rc == RC_NONE ? map_mend(tx, d, n, f) : rc;
	*folded = read;
	return rc;
}

/* Changes that a query of the eight columns of a count finds. */
static enum rc find_changes(struct tx *tx, const struct sql *q, const struct val *in, size_t n,
                            struct map_change **out, size_t *count, struct fault *f)
{
	struct arena *a = tx_arena(tx);
	size_t room = 0;
	struct rows r;
	*out = NULL;
	*count = 0;
	enum rc rc = sql_rows(tx, q, &r, in, n, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*count == room) {
			struct map_change *old = *out;
			room = room == 0 ? 64 : room * 2;
			*out = arena_array(a, room, sizeof **out);
			if (*count > 0)
				memcpy(*out, old, *count * sizeof *old);
		}
		(*out)[(*count)++] = (struct map_change){
			{(int32_t)row_int(&r, 0), (enum state)row_int(&r, 1), row_str(&r, 2), row_int(&r, 3),
		     {(int32_t)row_int(&r, 4), (int32_t)row_int(&r, 5)}},
			row_int(&r, 6), row_int(&r, 7)};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc map_compare(struct tx *tx, int32_t from, int32_t to, struct map_change **out,
                    size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT month, state, kind, area_id, cell_column, cell_row, SUM(n), SUM(more) FROM ("
		"SELECT month, state, kind, area_id, cell_column, cell_row, 1 AS n, more FROM ("
		PUBLIC_MONTHS_MORE " AND open < 2 AND ward_id = ?1 AND received_at >= ?4 AND received_at < ?5"
		PUBLIC_MONTHS_END ") AS cases"
		" UNION ALL SELECT month, state, kind, area_id, cell_column, cell_row, -n, -more FROM map_count"
		" WHERE ward_id = ?1 AND month >= ?2 AND month < ?3"
		" UNION ALL SELECT month, state, kind, area_id, cell_column, cell_row, -n, -more FROM map_delta"
		" WHERE ward_id = ?1 AND month >= ?2 AND month < ?3"
		") AS all_three GROUP BY month, state, kind, area_id, cell_column, cell_row"
		" HAVING SUM(n) <> 0 OR SUM(more) <> 0"
		" ORDER BY month, state, kind, area_id, cell_column, cell_row",
		"iiii", "iitiiiii");
	/* Month 0 is all months, and never compared with cases. */
	int32_t first = from == 0 ? 1 : case_month(day_start(from));
	return find_changes(tx, &Q,
	                    BIND(v_int(first), v_int(case_month(day_start(to))), v_int(day_start(from)),
	                         v_int(day_start(to))),
	                    out, count, f);
}

enum rc map_compare_all(struct tx *tx, struct map_change **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT 0, state, kind, area_id, cell_column, cell_row,"
		" SUM(CASE WHEN month = 0 THEN -n ELSE n END), SUM(CASE WHEN month = 0 THEN -more ELSE more END)"
		" FROM map_count WHERE ward_id = ?1 GROUP BY state, kind, area_id, cell_column, cell_row"
		" HAVING SUM(CASE WHEN month = 0 THEN -n ELSE n END) <> 0"
		" OR SUM(CASE WHEN month = 0 THEN -more ELSE more END) <> 0"
		" ORDER BY state, kind, area_id, cell_column, cell_row",
		"", "iitiiiii");
	return find_changes(tx, &Q, NO_BIND, out, count, f);
}
