#include "ward/flow/tally.h"

#include "ward/flow/flow_private.h"
#include "ward/flow/tally_sql.h"

int32_t month_start(int32_t day) { return day - date_from_day(day).day + 1; }

enum { KEYS_MAX = 2 };

/* The rows that a case counts in. */
static size_t keys_of(const struct ward_case *c, struct tally_key out[KEYS_MAX])
{
	if (c == NULL || c->lead.v != 0 || (c->flood.v != 0 && state_open(c->state)))
		return 0;
	int32_t day = day_of(c->received_at), month = month_start(day);
	if (c->flood.v != 0) {
		out[0] = (struct tally_key){.what = TALLY_cleared, .period = month, .kind = STR_EMPTY,
		                            .mark = c->listed && !c->withheld ? 0 : 1};
		return 1;
	}
	bool open = state_open(c->state), shown = c->listed && !c->withheld;
	/* due_at is the first moment after the last day. */
	int32_t due = open && c->due_at != 0 ? day_of(c->due_at - 1) : 0;
	int32_t closed = c->closed_at != 0 ? day_of(c->closed_at) : 0;
	if (!shown) {
		out[0] = (struct tally_key){.what = TALLY_quiet, .period = month, .kind = c->kind};
		out[1] = (struct tally_key){
			.what = TALLY_quiet_due, .period = month, .kind = STR_EMPTY, .mark = due};
		return due != 0 ? 2 : 1;
	}
	if (open)
		out[0] = (struct tally_key){TALLY_open, day, c->kind, c->place.area, due};
	else
		out[0] = (struct tally_key){
			c->state == STATE_withdrawn ? TALLY_withdrawn : TALLY_closed, month, c->kind,
			c->place.area, closed > day ? closed - day : 0};
	return 1;
}

/* What is not shown tells of no weight. */
static int more_of(const struct ward_case *c, const struct tally_key *k)
{
	return k->what == TALLY_quiet || k->what == TALLY_quiet_due || k->what == TALLY_cleared ? 0 : c->more;
}

static bool same_key(const struct tally_key *a, const struct tally_key *b)
{
	return a->what == b->what && a->period == b->period && a->area.v == b->area.v &&
	       a->mark == b->mark && str_eq(a->kind, b->kind);
}

static enum rc add(struct tx *tx, const struct flow *w, const struct tally_key *k, int n,
                   int more, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO tally_delta (ward_id, id, what, period, kind, area_id, mark, n, more)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		"iiitiiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(idgen_next(w->ids)), v_int(k->what), v_int(k->period), v_text(k->kind),
	                    v_int(k->area.v), v_int(k->mark), v_int(n), v_int(more)),
	               NULL, f);
}

enum rc tally_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                   const struct ward_case *after, struct fault *f)
{
	struct tally_key from[KEYS_MAX], to[KEYS_MAX];
	size_t was = keys_of(before, from), is = keys_of(after, to);
	enum rc rc = RC_OK;
	for (size_t i = 0; i < KEYS_MAX && rc == RC_OK; i++) {
		int had = i < was ? more_of(before, &from[i]) : 0, has = i < is ? more_of(after, &to[i]) : 0;
		if (i < was && i < is && same_key(&from[i], &to[i])) {
			if (had != has)
				rc = add(tx, w, &to[i], 0, has - had, f);
			continue;
		}
		if (i < was)
			rc = add(tx, w, &from[i], -1, -had, f);
		if (i < is && rc == RC_OK)
			rc = add(tx, w, &to[i], 1, has, f);
	}
	return rc;
}

/* ---------------------------------------------------------------- folding, mending */

static enum rc add_count(struct tx *tx, const struct tally_row *r, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO tally_count (ward_id, what, period, kind, area_id, mark, n, more)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
		" ON CONFLICT (ward_id, what, period, kind, area_id, mark)"
		" DO UPDATE SET n = tally_count.n + excluded.n, more = tally_count.more + excluded.more",
		"iitiiii", "");
	static const struct sql Q_EMPTY = SQL_WARD(
		"DELETE FROM tally_count WHERE ward_id = ?1 AND what = ?2 AND period = ?3 AND kind = ?4"
		" AND area_id = ?5 AND mark = ?6 AND n = 0 AND more = 0",
		"iitii", "");
	const struct tally_key *k = &r->k;
	enum rc rc = sql_run(tx, &Q,
	                     BIND(v_int(k->what), v_int(k->period), v_text(k->kind), v_int(k->area.v),
	                          v_int(k->mark), v_int(r->n), v_int(r->more)),
	                     NULL, f);
	if (rc == RC_OK && (r->n < 0 || r->more < 0))
		rc = sql_run(tx, &Q_EMPTY,
		             BIND(v_int(k->what), v_int(k->period), v_text(k->kind), v_int(k->area.v),
		                  v_int(k->mark)),
		             NULL, f);
	return rc;
}

static void read_row(struct rows *r, struct tally_row *out)
{
	*out = (struct tally_row){
		.k = {(enum tally)row_int(r, 0), (int32_t)row_int(r, 1), row_str(r, 2), {row_int(r, 3)},
	          (int32_t)row_int(r, 4)},
		.n = row_int(r, 5),
		.more = row_int(r, 6),
	};
}

/* As counter_fold: what another writer adds meanwhile cannot be deleted unread. */
enum rc tally_fold(struct tx *tx, size_t limit, size_t *folded, struct fault *f)
{
	static const struct sql Q_TAKE = SQL_WARD(
		"DELETE FROM tally_delta WHERE ward_id = ?1 AND id IN"
		" (SELECT id FROM tally_delta WHERE ward_id = ?1 ORDER BY id LIMIT ?2)"
		" RETURNING what, period, kind, area_id, mark, n, more",
		"i", "iitiiii");
	struct tally_row *d = arena_array(tx_arena(tx), limit, sizeof *d);
	size_t n = 0;
	struct rows r;
	*folded = 0;
	enum rc rc = sql_rows(tx, &Q_TAKE, &r, BIND(v_int((int64_t)limit)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct tally_row row;
		size_t i = 0;
		read_row(&r, &row);
		while (i < n && !same_key(&d[i].k, &row.k))
			i++;
		if (i == n)
			d[n++] = (struct tally_row){.k = row.k};
		d[i].n += row.n;
		d[i].more += row.more;
		(*folded)++;
	}
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		if (d[i].n != 0 || d[i].more != 0)
			rc = add_count(tx, &d[i], f);
	return rc;
}

enum rc tally_mend(struct tx *tx, const struct tally_row *changes, size_t n, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = add_count(tx, &changes[i], f);
	return rc;
}

#define TALLY_THESE "ward_id = ?1 AND received_at >= ?4 AND received_at < ?5"
#define TALLY_RECOUNTED TALLY_OF_REPORTS(TALLY_THESE) " UNION ALL " TALLY_OF_CLEARED(TALLY_THESE)
#define TALLY_MINUS(table) \
	" UNION ALL SELECT ward_id, what, period, kind, area_id, mark, -n, -more FROM " table \
	" WHERE ward_id = ?1 AND period >= ?2 AND period < ?3"
#define TALLY_COUNTED TALLY_MINUS("tally_count") TALLY_MINUS("tally_delta")

/* Sums, as counter_compare's: what is added later, or folded meanwhile, changes none of them. */
enum rc tally_compare(struct tx *tx, int32_t from, int32_t to, struct tally_row **out,
                      size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT what, period, kind, area_id, mark, SUM(n), SUM(more) FROM"
		" (" TALLY_RECOUNTED TALLY_COUNTED ") AS all_three"
		" GROUP BY what, period, kind, area_id, mark HAVING SUM(n) <> 0 OR SUM(more) <> 0"
		" ORDER BY what, period, kind, area_id, mark",
		"iiii", "iitiiii");
	size_t room = 0;
	struct rows r;
	*out = NULL;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(from), v_int(to), v_int(day_start(from)), v_int(day_start(to))),
	                      f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*count == room) {
			struct tally_row *old = *out;
			room = room == 0 ? 64 : room * 2;
			*out = arena_array(tx_arena(tx), room, sizeof **out);
			if (*count > 0)
				memcpy(*out, old, *count * sizeof *old);
		}
		read_row(&r, &(*out)[(*count)++]);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- reading */

enum rc tally_begin(struct tx *tx, enum tally what, int32_t from, int32_t to, struct tally_rows *r,
                    struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT what, period, kind, area_id, mark, SUM(n), SUM(more) FROM"
		" (SELECT what, period, kind, area_id, mark, n, more FROM tally_count"
		" WHERE ward_id = ?1 AND what = ?2 AND period >= ?3 AND period < ?4"
		" UNION ALL SELECT what, period, kind, area_id, mark, n, more FROM tally_delta"
		" WHERE ward_id = ?1 AND what = ?2 AND period >= ?3 AND period < ?4) AS both_tables"
		" GROUP BY what, period, kind, area_id, mark HAVING SUM(n) <> 0 OR SUM(more) <> 0"
		" ORDER BY period, kind, area_id, mark",
		"iii", "iitiiii");
	return sql_rows(tx, &Q, &r->rows, BIND(v_int(what), v_int(from), v_int(to)), f);
}

enum rc tally_next(struct tally_rows *r, struct tally_row *out, struct fault *f)
{
	enum rc rc = rows_next(&r->rows, f);
	if (rc == RC_OK)
		read_row(&r->rows, out);
	return rc;
}

void tally_end(struct tally_rows *r) { rows_end(&r->rows); }

static enum rc first_month(struct tx *tx, const struct sql *q, int32_t *out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	*out = month_start(day_of(row_int(&r, 0)));
	rows_end(&r);
	return RC_OK;
}

enum rc tally_first(struct tx *tx, int32_t *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT received_at FROM ward_case WHERE ward_id = ?1 ORDER BY received_at, id LIMIT 1", "",
		"i");
	return first_month(tx, &Q, out, f);
}

enum rc tally_first_listed(struct tx *tx, int32_t *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT received_at FROM ward_case WHERE ward_id = ?1 AND listed = 1 AND withheld = 0"
		" ORDER BY received_at, id LIMIT 1", "", "i");
	return first_month(tx, &Q, out, f);
}
