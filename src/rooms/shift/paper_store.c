#include "rooms/shift/shift.h"

/* ---------------------------------------------------------------- reading */

enum rc paper_days(struct tx *tx, struct unit_id unit, int32_t *days, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day FROM paper_list WHERE ward_id = ?1 AND unit_id = ?2 ORDER BY day DESC LIMIT ?3", "ii",
		"i");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(unit.v), v_int(PAPER_DAYS + 1)), f);
	while (rc == RC_OK && *count < PAPER_DAYS + 1 && (rc = rows_next(&r, f)) == RC_OK)
		days[(*count)++] = (int32_t)row_int(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_rows(struct tx *tx, struct paper *p, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT no, case_id, state, due_at FROM paper_row"
		" WHERE ward_id = ?1 AND unit_id = ?2 AND day = ?3 ORDER BY no",
		"ii", "iiiI");
	struct rows r;
	p->rows = arena_array(tx_arena(tx), PAPER_ROWS, sizeof *p->rows);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(p->unit.id.v), v_int(p->day)), f);
	while (rc == RC_OK && p->count < PAPER_ROWS && (rc = rows_next(&r, f)) == RC_OK)
		p->rows[p->count++] = (struct paper_row){.no = (int)row_int(&r, 0), .of = {row_int(&r, 1)},
		                                         .state = (enum state)row_int(&r, 2),
		                                         .due_at = row_int(&r, 3)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc paper_get(struct tx *tx, const struct flow *w, const struct actor *who, struct unit_id unit,
                  int32_t day, struct paper *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT made_at FROM paper_list WHERE ward_id = ?1 AND unit_id = ?2 AND day = ?3", "ii", "i");
	struct rows r;
	*out = (struct paper){.day = day};
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(unit.v), v_int(day)), f);
	if (rc != RC_OK)
		return rc;
	out->made_at = row_int(&r, 0);
	rows_end(&r);
	rc = unit_get(tx, unit, &out->unit, f);
	if (rc == RC_OK)
		rc = read_rows(tx, out, f);
	for (size_t i = 0; rc == RC_OK && i < out->count; i++) {
		rc = case_get(tx, w, out->rows[i].of, &out->rows[i].c, f);
		out->rows[i].gone = rc == RC_OK && (who != NULL ? !case_handled_by(&out->rows[i].c, who)
		                                                : out->rows[i].c.unit.v != unit.v);
	}
	return rc;
}

bool paper_latest(const struct paper *p, const struct paper_row *row)
{
	return row->due_at > 0 && row->c.due_at == row->due_at && row->c.paused_until > p->made_at;
}

/* ---------------------------------------------------------------- the job */

struct making {
	struct app *app;
	int32_t day;
	struct unit *units;
	size_t count;
	struct unit_id unit;
};

/* The units that have no list of the day yet. */
static enum rc wanting_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT 1 FROM paper_list WHERE ward_id = ?1 AND unit_id = ?2 AND day = ?3", "ii", "i");
	struct making *m = ctx;
	size_t kept = 0;
	enum rc rc = unit_list(tx, &m->units, &m->count, f);
	for (size_t i = 0; rc == RC_OK && i < m->count; i++) {
		struct rows r;
		rc = sql_one(tx, &Q, &r, BIND(v_int(m->units[i].id.v), v_int(m->day)), f);
		if (rc == RC_OK)
			rows_end(&r);
		if (rc == RC_NONE) {
			m->units[kept++] = m->units[i];
			rc = RC_OK;
		}
	}
	m->count = kept;
	return rc;
}

static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO paper_list (ward_id, unit_id, day, made_at) VALUES (?1, ?2, ?3, ?4)", "iii", "");
	static const struct sql Q_ROWS = SQL_WARD(
		"INSERT INTO paper_row (ward_id, unit_id, day, no, case_id, state, due_at)"
		" SELECT ward_id, unit_id, ?3, ROW_NUMBER() OVER (ORDER BY sort_at, id), id, state, due_at"
		" FROM (SELECT ward_id, unit_id, id, state, due_at, sort_at FROM ward_case"
		" WHERE ward_id = ?1 AND unit_id = ?2 AND open = 1 ORDER BY sort_at, id LIMIT ?4) AS work",
		"iii", "");
	const struct making *m = ctx;
	enum rc rc = sql_run(tx, &Q, BIND(v_int(m->unit.v), v_int(m->day), v_int(tx_now(tx))), NULL, f);
	if (rc == RC_EXISTS)
		return RC_OK;              /* another server was quicker */
	return rc == RC_OK ? sql_run(tx, &Q_ROWS, BIND(v_int(m->unit.v), v_int(m->day), v_int(PAPER_ROWS)),
	                             NULL, f)
	                   : rc;
}

static enum rc sweep_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_ROWS =
		SQL_WARD("DELETE FROM paper_row WHERE ward_id = ?1 AND day < ?2", "i", "");
	static const struct sql Q = SQL_WARD("DELETE FROM paper_list WHERE ward_id = ?1 AND day < ?2", "i", "");
	int64_t first = day_of(tx_now(tx)) - PAPER_DAYS;
	(void)ctx;
	enum rc rc = sql_run(tx, &Q_ROWS, BIND(v_int(first)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(first)), NULL, f) : rc;
}

/* Asked often, since the hour is the ward's own; made once a day, and late rather than not at all. */
static enum rc paper_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	const struct flow *w = app_flow(app);
	int64_t now = clock_now(w->clock);
	struct making m = {.app = app, .day = day_of(now)};
	enum rc rc = store_write(w->store, job->ward, a, sweep_tx, NULL, f);
	if (rc != RC_OK || now < ward_paper_at(app, job->ward, m.day))
		return rc;
	rc = store_read(w->store, job->ward, a, wanting_tx, &m, f);
	for (size_t i = 0; rc == RC_OK && i < m.count; i++) {
		m.unit = m.units[i].id;
		rc = store_write(w->store, job->ward, a, make_tx, &m, f);
	}
	if (rc == RC_OK)
		paper_files(app, a, job->ward, m.day);
	return rc;
}

static enum rc forget_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_ROWS = SQL_WARD(
		"DELETE FROM handover_row WHERE ward_id = ?1 AND handover_id IN"
		" (SELECT id FROM handover WHERE ward_id = ?1 AND until_at < ?2)",
		"i", "");
	static const struct sql Q =
		SQL_WARD("DELETE FROM handover WHERE ward_id = ?1 AND until_at < ?2", "i", "");
	int32_t day = day_of(tx_now(tx)) - 365;
	(void)ctx;
	enum rc rc = sql_run(tx, &Q_ROWS, BIND(v_int(day_start(day))), NULL, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(day_start(day))), NULL, f) : rc;
}

static enum rc forget(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	return store_write(app_flow(app)->store, job->ward, a, forget_tx, NULL, f);
}

const struct job_kind SHIFT_JOBS[] = {
	{.name = "shift.paper",
	 .run = paper_job,
	 .attempts = 10,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = 5 * US_MINUTE,
	 .help = "makes the paper list of open work at the ward's time, also as a file, and removes those of a week ago"},
	{.name = "shift.forget",
	 .run = forget,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_DAY,
	 .at_us = 2 * US_HOUR,
	 .help = "removes hand-over sheets that are a year old"},
	{0},
};
