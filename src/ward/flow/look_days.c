/* What each person looked at on a day, counted in the night after it, and what of it was far from the usual
 * of that role. */
#include <stdlib.h>
#include <string.h>

#include "ward/flow/flow_private.h"
#include "ward/flow/looks.h"

const struct schema_step LOOK_SCHEMA[] = {
	{"look-0001",
	 "-- The looks of a time, in its order.\n"
	 "CREATE INDEX look_at ON look (ward_id, at, seq);\n"
	 "-- Derived: what one pseudonym looked at on a day (looks.h). away: cases of other units in which it\n"
	 "-- did nothing; night: looks from 22:00 to 5:00; taken: rows of files. Dropped after 400 days.\n"
	 "CREATE TABLE look_day (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  day @day NOT NULL,\n"
	 "  pseudonym @blob NOT NULL,\n"
	 "  role @int NOT NULL,\n"
	 "  unit_id @id,\n"
	 "  looks @int NOT NULL,\n"
	 "  cases @int NOT NULL,\n"
	 "  away @int NOT NULL,\n"
	 "  night @int NOT NULL,\n"
	 "  searches @int NOT NULL,\n"
	 "  taken @int NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, day, pseudonym)\n"
	 ") @no_rowid;\n"
	 "-- Proofs of the chain of looks that were asked for on the page, and how they ended.\n"
	 "CREATE TABLE look_check (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  n @int NOT NULL,\n"
	 "  asked_at @time NOT NULL,\n"
	 "  done_at @time,\n"
	 "  looks @int NOT NULL,\n"
	 "  heads @int NOT NULL,\n"
	 "  faults @int NOT NULL,\n"
	 "  said @text NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, n)\n"
	 ");\n"},
	{0},
};

enum { KEPT_DAYS = 400 };

static const struct {
	const char *name;
	int64_t least;
} MEASURES[LOOK_MEASURES] = {
	[LOOK_cases] = {"cases", 20}, [LOOK_away] = {"away", 5},     [LOOK_night] = {"night", 5},
	[LOOK_searches] = {"searches", 10}, [LOOK_taken] = {"taken", 100},
};

const char *look_measure_name(enum look_measure m) { return MEASURES[m].name; }
int64_t look_measure_least(enum look_measure m) { return MEASURES[m].least; }

/* ---------------------------------------------------------------- the night's counting */

struct person_day {
	int32_t day;
	struct str pseudonym;
	enum role role;
	struct unit_id unit;
	int64_t looks, n[LOOK_MEASURES];
};
struct day_work {
	int32_t day;
	struct person_day *list;
	size_t count;
};

/* The day after the last one that was counted; without one the first look's, at most LOOK_USUAL_DAYS ago. */
static enum rc next_day(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT (SELECT MAX(day) FROM look_day WHERE ward_id = ?1),"
		" (SELECT MIN(at) FROM look WHERE ward_id = ?1)",
		"", "II");
	struct day_work *k = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	bool none = row_null(&r, 1);
	k->day = row_null(&r, 0) ? day_of(row_int(&r, 1)) : (int32_t)row_int(&r, 0) + 1;
	rows_end(&r);
	int32_t least = day_of(tx_now(tx)) - LOOK_USUAL_DAYS;
	if (k->day < least)
		k->day = least;
	return none ? RC_NONE : RC_OK;
}

/* Days as day_of has them: 25,200 s is the ward's zone. */
static enum rc count_day(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT l.pseudonym, l.role, l.unit_id, COUNT(*), COUNT(DISTINCT CASE WHEN l.what <> 'given' THEN l.case_id END),"
		" COUNT(DISTINCT CASE WHEN c.unit_id <> COALESCE(l.unit_id, 0) AND NOT EXISTS (SELECT 1 FROM timeline t"
		" WHERE t.ward_id = l.ward_id AND t.case_id = l.case_id AND t.pseudonym = l.pseudonym AND t.at < ?3)"
		" THEN l.case_id END),"
		" SUM(CASE WHEN (l.at + 25200000000) % 86400000000 >= 79200000000"
		" OR (l.at + 25200000000) % 86400000000 < 18000000000 THEN 1 ELSE 0 END),"
		" SUM(CASE WHEN l.what = 'search' THEN 1 ELSE 0 END),"
		" SUM(CASE WHEN l.what IN ('csv', 'json', 'xlsx', 'ics', 'agency') THEN l.number ELSE 0 END)"
		" FROM look l LEFT JOIN ward_case c ON c.ward_id = l.ward_id AND c.id = l.case_id"
		" LEFT JOIN unit u ON u.ward_id = c.ward_id AND u.id = c.unit_id"
		" WHERE l.ward_id = ?1 AND l.at >= ?2 AND l.at < ?3 AND COALESCE(u.office_role, 0) = 0"
		" GROUP BY l.pseudonym, l.role, l.unit_id ORDER BY l.pseudonym LIMIT ?4",
		"iii", "biIiiiiii");
	enum { PEOPLE_MOST = 2000 };
	struct day_work *k = ctx;
	struct rows r;
	k->count = 0;
	k->list = arena_array(tx_arena(tx), PEOPLE_MOST, sizeof *k->list);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(day_start(k->day)), v_int(day_start(k->day + 1)),
	                                       v_int(PEOPLE_MOST)), f);
	while (rc == RC_OK && k->count < PEOPLE_MOST && (rc = rows_next(&r, f)) == RC_OK) {
		struct person_day *p = &k->list[k->count++];
		*p = (struct person_day){.pseudonym = row_str(&r, 0), .role = (enum role)row_int(&r, 1),
		                         .unit = {row_int(&r, 2)}, .looks = row_int(&r, 3)};
		for (int m = LOOK_cases; m < LOOK_MEASURES; m++)
			p->n[m] = row_int(&r, 3 + m);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc keep_day(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO look_day (ward_id, day, pseudonym, role, unit_id, looks, cases, away, night, searches,"
		" taken) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
		" ON CONFLICT (ward_id, day, pseudonym) DO NOTHING",
		"ibiIiiiiii", "");
	static const struct sql Q_OLD = SQL_WARD("DELETE FROM look_day WHERE ward_id = ?1 AND day < ?2", "i", "");
	const struct day_work *k = ctx;
	enum rc rc = sql_run(tx, &Q_OLD, BIND(v_int(k->day - KEPT_DAYS)), NULL, f);
	for (size_t i = 0; rc == RC_OK && i < k->count; i++) {
		const struct person_day *p = &k->list[i];
		rc = sql_run(tx, &Q,
		             BIND(v_int(k->day), v_blob(p->pseudonym), v_int(p->role), v_int0(p->unit.v),
		                  v_int(p->looks), v_int(p->n[LOOK_cases]), v_int(p->n[LOOK_away]),
		                  v_int(p->n[LOOK_night]), v_int(p->n[LOOK_searches]), v_int(p->n[LOOK_taken])),
		             NULL, f);
	}
	return rc;
}

static enum rc look_days(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	const struct flow *w = app_flow(app);
	struct day_work k = {0};
	int32_t today = day_of(clock_now(w->clock));
	struct arena day;
	enum rc rc = store_read(w->store, job->ward, a, next_day, &k, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	arena_init(&day, ARENA_REQUEST_LIMIT);
	for (; rc == RC_OK && k.day < today; k.day++) {
		arena_reset(&day);
		rc = store_read(w->store, job->ward, &day, count_day, &k, f);
		if (rc == RC_OK && k.count > 0)
			rc = store_write(w->store, job->ward, &day, keep_day, &k, f);
	}
	arena_release(&day);
	return rc;
}

/* ---------------------------------------------------------------- what was far from the usual */

struct people_days {
	struct person_day *list;
	size_t count;
};

static enum rc read_days(struct tx *tx, int32_t from, int32_t to, struct people_days *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day, pseudonym, role, unit_id, cases, away, night, searches, taken FROM look_day"
		" WHERE ward_id = ?1 AND day >= ?2 AND day <= ?3 ORDER BY day DESC, pseudonym LIMIT ?4",
		"iii", "ibiIiiiii");
	enum { MOST = 100000 };
	struct arena *a = tx_arena(tx);
	struct rows r;
	size_t room = 0;
	*out = (struct people_days){0};
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to), v_int(MOST)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (out->count == room) {
			room = room == 0 ? 256 : room * 2;
			struct person_day *more = arena_array(a, room, sizeof *more);
			if (out->count > 0)
				memcpy(more, out->list, out->count * sizeof *more);
			out->list = more;
		}
		struct person_day *p = &out->list[out->count++];
		*p = (struct person_day){.day = (int32_t)row_int(&r, 0), .pseudonym = row_str(&r, 1),
		                         .role = (enum role)row_int(&r, 2), .unit = {row_int(&r, 3)}};
		for (int m = LOOK_cases; m < LOOK_MEASURES; m++)
			p->n[m] = row_int(&r, 3 + m);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static int rising(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* All of a role's numbers of a measure, sorted. */
struct numbers {
	int64_t *n;
	size_t count;
};

static struct numbers numbers_of(struct arena *a, const struct people_days *all, enum role role,
                                 enum look_measure m)
{
	struct numbers out = {arena_array(a, all->count + 1, sizeof *out.n), 0};
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].role == role)
			out.n[out.count++] = all->list[i].n[m];
	if (out.count > 0)
		qsort(out.n, out.count, sizeof *out.n, rising);
	return out;
}

/* The lower median of all but one that is `own`: what one did is no part of what is usual. */
static int64_t usual(const struct numbers *all, int64_t own)
{
	if (all->count < 2)
		return 0;
	size_t middle = (all->count - 2) / 2;
	return all->n[own <= all->n[middle] ? middle + 1 : middle];
}

enum rc look_facts(struct tx *tx, int32_t from, int32_t to, struct look_fact *out, size_t *count,
                   struct fault *f)
{
	struct people_days all;
	struct numbers of[ROLE_COUNT][LOOK_MEASURES];
	*count = 0;
	int32_t begin = to - LOOK_USUAL_DAYS < from ? to - LOOK_USUAL_DAYS : from;
	enum rc rc = read_days(tx, begin, to, &all, f);
	if (rc != RC_OK)
		return rc;
	for (int role = 0; role < ROLE_COUNT; role++)
		for (int m = LOOK_cases; m < LOOK_MEASURES; m++)
			of[role][m] = numbers_of(tx_arena(tx), &all, (enum role)role, (enum look_measure)m);
	for (size_t i = 0; i < all.count && *count < LOOK_FACTS; i++) {
		const struct person_day *p = &all.list[i];
		if (p->day < from || p->role >= ROLE_COUNT)
			continue;
		for (int m = LOOK_cases; m < LOOK_MEASURES && *count < LOOK_FACTS; m++) {
			int64_t common = usual(&of[p->role][m], p->n[m]);
			if (p->n[m] < MEASURES[m].least || p->n[m] < LOOK_FAR * common)
				continue;
			struct look_fact *x = &out[(*count)++];
			*x = (struct look_fact){p->day, p->role, p->unit, (enum look_measure)m, p->n[m], common, p->pseudonym, ""};
			look_mark(p->pseudonym, x->mark);
		}
	}
	return RC_OK;
}

const struct job_kind LOOK_JOBS[] = {
	{.name = "flow.look_days",
	 .run = look_days,
	 .attempts = 20,
	 .lease_us = US_HOUR,
	 .every_us = US_DAY,
	 .at_us = 20 * US_MINUTE,
	 .help = "counts what was looked at on each day that is over, for oversight"},
	{.name = "flow.looks",
	 .run = look_check_job,
	 .attempts = 3,
	 .lease_us = 6 * US_HOUR,
	 .help = "walks the chain of looks, as oversight asked"},
	{0},
};
