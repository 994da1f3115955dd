/* Counts of the queues: folded rows and deltas that wait; every reader adds both, so that a count
 * is exact at any moment and no write waits for a hot row. */
#include "ward/flow/flow_private.h"

/* What follows another case counts with that one; what is erased stands in no queue. What stands in a flood's
 * group counts there: in the place of the officer is the group. */
static bool key_of(const struct ward_case *c, struct count_cell *k)
{
	if (c == NULL || c->lead.v != 0 || c->gone_day != 0)
		return false;
	bool open = state_open(c->state);
	*k = (struct count_cell){
		.unit = c->unit.v,
		.queue = case_standing(c),
		.officer = c->flood.v != 0 ? c->flood.v : c->officer.v,
		/* due_at is the first moment after the last day. */
		.day = open && c->due_at != 0 ? day_of(c->due_at - 1) : 0,
	};
	return true;
}

static enum rc add(struct tx *tx, const struct flow *w, const struct count_cell *k, int n,
                   int more, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO case_delta (ward_id, id, unit_id, queue, officer_id, due_day, n, more)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		"iiiiiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(idgen_next(w->ids)), v_int(k->unit), v_int(k->queue),
	                    v_int(k->officer), v_int(k->day), v_int(n), v_int(more)),
	               NULL, f);
}

static enum rc queue_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                          const struct ward_case *after, struct fault *f)
{
	struct count_cell from, to;
	bool was = key_of(before, &from), is = key_of(after, &to);
	int had = was ? case_reports(before) - 1 : 0, has = is ? case_reports(after) - 1 : 0;
	if (was && is && memcmp(&from, &to, sizeof to) == 0)
		return had != has ? add(tx, w, &to, 0, has - had, f) : RC_OK;
	enum rc rc = was ? add(tx, w, &from, -1, -had, f) : RC_OK;
	return rc == RC_OK && is ? add(tx, w, &to, 1, has, f) : rc;
}

enum rc counter_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                     const struct ward_case *after, struct fault *f)
{
	enum rc rc = queue_move(tx, w, before, after, f);
	if (rc == RC_OK)
		rc = tally_move(tx, w, before, after, f);
	if (rc == RC_OK)
		rc = map_move(tx, w, before, after, f);
	return rc;
}

static enum rc count_unit(struct tx *tx, struct unit_id unit, struct account_id me, int32_t today,
                          struct queue_counts *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT queue, SUM(n), SUM(CASE WHEN officer_id = ?3 THEN n ELSE 0 END),"
		" SUM(CASE WHEN due_day <> 0 AND due_day < ?4 THEN n ELSE 0 END), SUM(more),"
		" SUM(CASE WHEN officer_id = ?3 THEN more ELSE 0 END) FROM ("
		"SELECT queue, officer_id, due_day, n, more FROM case_count WHERE ward_id = ?1 AND unit_id = ?2"
		" UNION ALL "
		"SELECT queue, officer_id, due_day, n, more FROM case_delta WHERE ward_id = ?1 AND unit_id = ?2"
		") AS both_tables GROUP BY queue ORDER BY queue",
		"iii", "iiiiii");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(unit.v), v_int(me.v), v_int(today)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		enum standing s = (enum standing)row_int(&r, 0);
		int64_t n = row_int(&r, 1), more = row_int(&r, 4);
		if (s == STANDING_closed) {
			out->n[QUEUE_closed] += n;
			out->more[QUEUE_closed] += more;
			continue;
		}
		if (s == STANDING_gathered || s == STANDING_cleared)
			continue;
		out->n[QUEUE_unit] += n;
		out->more[QUEUE_unit] += more;
		out->n[QUEUE_mine] += row_int(&r, 2);
		out->more[QUEUE_mine] += row_int(&r, 5);
		out->overdue += row_int(&r, 3);
		if (s == STANDING_new || s == STANDING_asked) {
			enum queue k = s == STANDING_new ? QUEUE_new : QUEUE_asked;
			out->n[k] += n;
			out->more[k] += more;
		}
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc case_counts(struct tx *tx, const struct flow *w, const struct actor *a,
                    struct queue_counts *out, struct fault *f)
{
	(void)w;
	*out = (struct queue_counts){0};
	enum rc rc = RC_OK;
	for (size_t i = 0; i < actor_places(a) && rc == RC_OK; i++)
		rc = count_unit(tx, actor_place(a, i), a->account, day_of(tx_now(tx)), out, f);
	return rc;
}

static enum rc add_count(struct tx *tx, const struct count_change *c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO case_count (ward_id, unit_id, queue, officer_id, due_day, n, more)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (ward_id, unit_id, queue, officer_id, due_day)"
		" DO UPDATE SET n = case_count.n + excluded.n, more = case_count.more + excluded.more",
		"iiiiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(c->k.unit), v_int(c->k.queue), v_int(c->k.officer), v_int(c->k.day),
	                    v_int(c->n), v_int(c->more)),
	               NULL, f);
}

static enum rc drop_empty(struct tx *tx, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("DELETE FROM case_count WHERE ward_id = ?1 AND n = 0 AND more = 0", "", "");
	return sql_run(tx, &Q, NO_BIND, NULL, f);
}

/* The deltas are taken out by the statement that reads them: what another writer adds meanwhile
 * cannot be deleted unread. */
enum rc counter_fold(struct tx *tx, size_t limit, size_t *folded, struct fault *f)
{
	static const struct sql Q_TAKE = SQL_WARD(
		"DELETE FROM case_delta WHERE ward_id = ?1 AND id IN"
		" (SELECT id FROM case_delta WHERE ward_id = ?1 ORDER BY id LIMIT ?2)"
		" RETURNING unit_id, queue, officer_id, due_day, n, more",
		"i", "iiiiii");
	struct count_change *d = arena_array(tx_arena(tx), limit, sizeof *d);
	size_t n = 0, read = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_TAKE, &r, BIND(v_int((int64_t)limit)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct count_cell k = {row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3)};
		size_t i = 0;
		while (i < n && memcmp(&d[i].k, &k, sizeof k) != 0)
			i++;
		if (i == n)
			d[n++].k = k;
		d[i].n += row_int(&r, 4);
		d[i].more += row_int(&r, 5);
		read++;
	}
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		if (d[i].n != 0 || d[i].more != 0)
			rc = add_count(tx, &d[i], f);
	if (rc == RC_OK && n > 0)
		rc = drop_empty(tx, f);
	*folded = read;
	return rc;
}

/* What the counts are short of (n > 0) or over, of the cases as they stand in one snapshot. Sums: what
 * is added later by others, or folded meanwhile, changes none of them. */
enum rc counter_compare(struct tx *tx, struct count_change **out, size_t *count, struct fault *f)
{
	/* 25200 s: the ward's day begins at UTC+7; the division is exact for times after 1970. */
	static const struct sql Q = SQL_WARD(
		"SELECT unit_id, queue, officer_id, due_day, SUM(n), SUM(more) FROM ("
		"SELECT unit_id, queue, CASE WHEN open = 4 THEN flood_id ELSE COALESCE(officer_id, 0) END AS officer_id,"
		" CASE WHEN (open = 1 OR (open = 4 AND closed_at IS NULL)) AND due_at IS NOT NULL"
		" THEN (due_at - 1 + 25200000000) / 86400000000 ELSE 0 END AS due_day, 1 AS n,"
		" more * listed AS more FROM ward_case WHERE ward_id = ?1 AND open IN (0, 1, 4)"
		" UNION ALL SELECT unit_id, queue, officer_id, due_day, -n, -more FROM case_count"
		" WHERE ward_id = ?1"
		" UNION ALL SELECT unit_id, queue, officer_id, due_day, -n, -more FROM case_delta"
		" WHERE ward_id = ?1) AS all_three GROUP BY unit_id, queue, officer_id, due_day"
		" HAVING SUM(n) <> 0 OR SUM(more) <> 0 ORDER BY unit_id, queue, officer_id, due_day",
		"", "iiiiii");
	struct arena *a = tx_arena(tx);
	size_t room = 0;
	struct rows r;
	*out = NULL;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*count == room) {
			struct count_change *old = *out;
			room = room == 0 ? 64 : room * 2;
			*out = arena_array(a, room, sizeof **out);
			if (*count > 0)
				memcpy(*out, old, *count * sizeof *old);
		}
		(*out)[(*count)++] = (struct count_change){
			{row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3)}, row_int(&r, 4),
			row_int(&r, 5)};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc counter_mend(struct tx *tx, const struct count_change *faults, size_t n, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = add_count(tx, &faults[i], f);
	return rc == RC_OK ? drop_empty(tx, f) : rc;
}
