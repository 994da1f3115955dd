/* holiday: seconds to list which of the open cases move for one new day off ÷ one SELECT that reads id,
 * rule, receipt day and due day of them. Cases of 60 days, three kinds and two steps, of which one in
 * twenty has a pause. ./bench holiday; with --quick fewer. */
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

#include "../test/flow/flow_env.h"
#include "ward/flow/recalendar.h"

enum { DAYS = 60, KINDS = 3 };

static double seconds(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t moved;
static enum rc count(void *ctx, const struct moved_case *m, struct fault *f)
{
	(void)ctx;
	(void)m;
	(void)f;
	moved++;
	return RC_OK;
}

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f) { return recalendar_list(tx, ctx, f); }

/* The limit that the list is named against. */
static enum rc plain_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, due_rule, began_at, due_at FROM ward_case WHERE ward_id = ?1 AND open = 1 ORDER BY id", "", "itiI");
	struct rows r;
	int64_t *sum = ctx;
	enum rc rc = sql_rows(tx, &Q, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		sum[0]++;
		sum[1] ^= row_int(&r, 0) ^ (int64_t)row_str(&r, 1).n ^ row_int(&r, 2) ^ row_int(&r, 3);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static void run(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static void fill(int64_t n)
{
	static const char *const KIND[KINDS] = {"lighting", "road", "water"};
	struct said said = {"clock_why", "Chờ điện lực"};
	struct fault f = {0};
	int32_t day;
	(void)day_parse(STR("2026-10-01"), &day);
	for (int d = 0; d < DAYS; d++)
		for (int k = 0; k < KINDS; k++) {
			env_at(text_day_iso(&E.arena, day + d).p, 9);
			struct ward_case c = env_open(ENV_A, KIND[k], "Hỏng");
			if (d % 2 == 0)
				env_move(&E.an, &c, VERB_take, NULL, NULL);
			if (d % 20 == 0)
				env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_pause}, &said, 1, &f), &f);
		}
	/* Each of them so many times more: the list reads rows of cases and of pauses alone. */
	sqlite3 *db;
	assert_int_equal(sqlite3_open(arena_fmt(&E.arena, "%s/xom.db", E.dir).p, &db), SQLITE_OK);
	run(db, "BEGIN; CREATE TEMP TABLE names AS SELECT id AS was, ROW_NUMBER() OVER (ORDER BY id) * 100000000 AS made"
	        " FROM ward_case; CREATE TEMP TABLE cases AS SELECT * FROM ward_case; CREATE TEMP TABLE pauses AS"
	        " SELECT * FROM case_pause; UPDATE cases SET id = (SELECT made FROM names WHERE was = id);"
	        " UPDATE pauses SET case_id = (SELECT made FROM names WHERE was = case_id)");
	for (int64_t i = 1; i < n / (DAYS * KINDS); i++)
		run(db, "UPDATE cases SET id = id + 1, public_code = id + 1; UPDATE pauses SET case_id = case_id + 1;"
		        " INSERT INTO ward_case SELECT * FROM cases; INSERT INTO case_pause SELECT * FROM pauses");
	run(db, "COMMIT; ANALYZE");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct calendar *with_day_off(const char *day)
{
	struct fault f = {0};
	struct calendar *next;
	int32_t d;
	(void)day_parse(str_of(day), &d);
	struct calendar_year y = *calendar_year_of(E.calendar, date_from_day(d).year);
	struct calendar_day *listed = arena_array(&E.arena, y.listed_count + 1, sizeof *listed);
	memcpy(listed, y.listed, y.listed_count * sizeof *listed);
	listed[y.listed_count++] = (struct calendar_day){.day = d, .kind = DAY_off};
	y.listed = listed;
	env_ok(calendar_year_settle(&y, &f), &f);
	env_ok(calendar_with(E.calendar, &y, &next, &f), &f);
	return next;
}

static double timed(tx_fn *fn, void *ctx)
{
	struct fault f = {0};
	struct arena a;
	arena_init(&a, (size_t)2 << 30);
	double from = seconds();
	enum rc rc = store_read(E.store, E.ward[ENV_A]->id, &a, fn, ctx, &f);
	double took = seconds() - from;
	env_ok(rc, &f);
	arena_release(&a);
	return took;
}

/* holiday CASES ROUNDS: a line a round. */
int main(int argc, char **argv)
{
	int64_t n = 1000000, rounds = 5;
	void *none = NULL;
	if (argc > 2 && (!str_i64(str_of(argv[1]), &n) || !str_i64(str_of(argv[2]), &rounds)))
		return 2;
	env_bulk = true;
	(void)env_setup(&none);
	fill(n);
	struct calendar *next = with_day_off("2026-11-24");
	int32_t day;
	(void)day_parse(STR("2026-11-24"), &day);
	for (int64_t i = 0; i < rounds; i++) {
		int64_t sum[2] = {0};
		struct recalendar r = {.w = &E.flow, .next = next, .from_day = day, .each = count};
		moved = 0;
		double plain = timed(plain_tx, sum), list = timed(list_tx, &r);
		(void)printf("{\"cases\": %lld, \"moved\": %zu, \"select\": %.4f, \"list\": %.4f}\n", (long long)sum[0], moved, plain, list);
		(void)fflush(stdout);
	}
	calendar_free(next);
	(void)env_teardown(&none);
	return 0;
}
