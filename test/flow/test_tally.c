/* The roll-up of figures against a recount of the cases: after any moves, in two wards, folded or
 * not, and made again by rebuild. */
#include "flow_env.h"
#include "ward/flow/tally_sql.h"

struct compare_work {
	struct tally_row *wrong;
	size_t count, folded;
	int32_t from, to;
};

static enum rc do_compare(struct tx *tx, void *ctx, struct fault *f)
{
	struct compare_work *k = ctx;
	return tally_compare(tx, k->from, k->to, &k->wrong, &k->count, f);
}

static enum rc do_fold(struct tx *tx, void *ctx, struct fault *f)
{
	struct compare_work *k = ctx;
	return tally_fold(tx, 7, &k->folded, f);
}

static size_t wrong_rows(int ward)
{
	struct fault f = {0};
	struct compare_work k = {.to = TALLY_END};
	env_ok(env_read(ward, do_compare, &k, &f), &f);
	for (size_t i = 0; i < k.count; i++)
		print_message("ward %d: what %d, period %d, %.*s, area %lld, mark %d: %lld short\n", ward,
		              (int)k.wrong[i].k.what, (int)k.wrong[i].k.period, PSTR(k.wrong[i].k.kind),
		              (long long)k.wrong[i].k.area.v, (int)k.wrong[i].k.mark,
		              (long long)k.wrong[i].n);
	return k.count;
}

static void fold_all(int ward)
{
	struct fault f = {0};
	struct compare_work k = {.folded = 7};
	while (k.folded == 7)
		env_ok(env_write(ward, do_fold, &k, &f), &f);
}

static const char *all_counts(void)
{
	return arena_z(&E.arena, env_dump("SELECT ward_id, what, period, kind, area_id, mark, n, more FROM "
	                                  "tally_count ORDER BY 1, 2, 3, 4, 5, 6"));
}

/* ---------------------------------------------------------------- random moves */

static uint64_t seed;

static int below(int n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((seed >> 33) % (uint64_t)n);
}

static const char *const KINDS[] = {"lighting", "road", "water", "rubbish", "fire_safety", "noise"};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS, CASES = 60, MOVES = 260 };

/* Whatever comes of it: a move that is refused changes nothing. */
static void any_move(int ward, struct ward_case *c, const struct actor *officer)
{
	static const enum verb VERBS[] = {VERB_take, VERB_close, VERB_close, VERB_close, VERB_withdraw,
	                                  VERB_reopen, VERB_withhold, VERB_unwithhold, VERB_correct,
	                                  VERB_correct, VERB_ask, VERB_note, VERB_solved};
	enum verb v = VERBS[below(sizeof VERBS / sizeof *VERBS)];
	bool reporter = v == VERB_withdraw || v == VERB_reopen || v == VERB_solved;
	struct actor a = *officer;
	struct case_place place = c->place;
	struct said said[] = {{"text", "Chữ"}, {"reason", "Vì vậy"}, {"result", "Xong"}};
	struct move m = {.verb = v, .outcome = STR("mended")};
	place.area = E.area[below(AREAS)];
	if (v == VERB_correct && below(2) == 0)
		m.place = &place;
	else if (v == VERB_correct)
		m.kind = str_of(KINDS[below(KIND_COUNT)]);
	a.units[0] = c->unit;
	enum rc rc = env_try(ward, reporter ? NULL : &a, c, m, said, 3, NULL);
	if (rc < RC_OK)
		fail_msg("%s failed: %s", verb_name(v), rc_name(rc));
	*c = env_get(ward, c->id);
}

static void the_roll_up_is_a_recount_after_any_moves(void **state)
{
	(void)state;
	struct ward_case c[ENV_WARDS][CASES];
	int n[ENV_WARDS] = {0};
	seed = 20261125;
	for (int i = 0; i < MOVES; i++) {
		int ward = below(4) == 0 ? ENV_B : ENV_A;
		/* Half a year, a few days at a time, near midnight too. */
		int32_t day = day_from_date((struct date){2026, 3, 2}) + i * 2 / 3;
		env_at(text_day_iso(&E.arena, day).p, below(24));
		if (n[ward] < CASES && (n[ward] < 5 || below(3) == 0)) {
			struct area_id area = {below(5) == 0 ? 0 : E.area[below(AREAS)].v};
			c[ward][n[ward]++] = env_open_at(ward, KINDS[below(KIND_COUNT)], "Việc", area, "");
		} else {
			any_move(ward, &c[ward][below(n[ward])], ward == ENV_A ? &E.an : &E.chi);
		}
		if (i % 40 == 17)
			fold_all(ward);
		if (i % 20 == 0)
			assert_int_equal(wrong_rows(ENV_A) + wrong_rows(ENV_B), 0);
	}
	assert_int_equal(wrong_rows(ENV_A) + wrong_rows(ENV_B), 0);
	/* Every sort of row has occurred, or the test has shown little. */
	fold_all(ENV_A);
	fold_all(ENV_B);
	assert_int_equal(env_int("SELECT COUNT(DISTINCT what) FROM tally_count"), TALLY_quiet_due);
	assert_int_equal(env_int("SELECT COUNT(*) FROM tally_count WHERE n <= 0"), 0);
	assert_int_equal(env_int("SELECT COUNT(*) FROM tally_delta"), 0);
	assert_int_equal(wrong_rows(ENV_A) + wrong_rows(ENV_B), 0);

	/* Dropped and made again: the same rows. */
	struct fault f = {0};
	const char *was = all_counts();
	env_tamper("DELETE FROM tally_count");
	assert_true(wrong_rows(ENV_A) > 0 && wrong_rows(ENV_B) > 0);
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_B]->id, &f), &f);
	assert_string_equal(all_counts(), was);
	/* A row that is wrong, and one that should not be there. */
	env_tamper("UPDATE tally_count SET n = n + 2 WHERE what = 2");
	env_tamper("INSERT INTO tally_count SELECT ward_id, 1, 99, 'road', 5, 6, 7, 0 FROM tally_count "
	           "LIMIT 1");
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_B]->id, &f), &f);
	assert_string_equal(all_counts(), was);
}

/* ---------------------------------------------------------------- one case's way */

static const char *rows(void)
{
	fold_all(ENV_A);
	struct str all = env_dump("SELECT what, n, kind, mark FROM tally_count ORDER BY what, mark");
	return arena_z(&E.arena, all);
}

static void a_case_counts_where_it_stands(void **state)
{
	(void)state;
	struct fault f = {0};
	struct said said[] = {{"reason", "Vì vậy"}};
	env_at("2026-03-02", 23);
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	int32_t due = day_of(c.due_at - 1);
	assert_string_equal(rows(), arena_fmt(&E.arena, "1|1|lighting|%d\n", due).p);
	/* An hour later it is another day of the ward: one day. */
	env_at("2026-03-03", 0);
	env_close(&E.an, &c);
	assert_string_equal(rows(), "2|1|lighting|1\n");
	env_at("2026-03-05", 9);
	env_ok(env_try(ENV_A, NULL, &c, (struct move){.verb = VERB_reopen}, NULL, 0, &f), &f);
	assert_int_equal(
		env_int("SELECT period FROM tally_delta ORDER BY id DESC LIMIT 1"),
		day_from_date((struct date){2026, 3, 2}));   /* open again, from its first day on */
	env_at("2026-04-01", 9);
	env_close(&E.an, &c);
	assert_string_equal(rows(), "2|1|lighting|30\n");
	env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_withhold}, said, 1, &f), &f);
	assert_string_equal(rows(), "4|1|lighting|0\n");
	env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_unwithhold}, said, 1, &f), &f);
	assert_string_equal(rows(), "2|1|lighting|30\n");

	/* What is no kind with public pages counts by month alone, and its deadline without kind. */
	struct ward_case d = env_open(ENV_A, "noise", "Hai");
	assert_string_equal(rows(), arena_fmt(&E.arena, "2|1|lighting|30\n4|1|noise|0\n5|1||%d\n",
	                                      day_of(d.due_at - 1)).p);
	assert_int_equal(env_int("SELECT COUNT(*) FROM tally_count WHERE what > 3 AND area_id <> 0"), 0);
	/* Corrected to a kind that is not listed, it is not shown any more. */
	struct ward_case e = env_open(ENV_A, "lighting", "Ba");
	env_ok(env_try(ENV_A, &E.an, &e, (struct move){.verb = VERB_correct, .kind = STR("noise")}, said,
	               1, &f),
	       &f);
	assert_string_equal(env_dump("SELECT n FROM tally_count WHERE what = 4").p, "1\n");
	fold_all(ENV_A);
	assert_string_equal(env_dump("SELECT n FROM tally_count WHERE what = 4").p, "2\n");
}

/* A clock that was set back: never less than no days. */
static void no_span_is_negative(void **state)
{
	(void)state;
	env_at("2026-03-10", 9);
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	env_at("2026-03-08", 9);
	env_close(&E.an, &c);
	assert_string_equal(rows(), "2|1|lighting|0\n");
	assert_int_equal(wrong_rows(ENV_A), 0);
}

/* ---------------------------------------------------------------- the two reckonings */

/* The month in SQL is the month in C, on each day of a hundred years. */
static void months_begin_where_the_calendar_says(void **state)
{
	(void)state;
	enum { DAYS = 36525 };
	env_tamper("CREATE TABLE probe (ward_id BIGINT, id BIGINT, kind TEXT, area_id BIGINT, listed "
	           "BIGINT, withheld BIGINT, open BIGINT, state BIGINT, due_at BIGINT, closed_at "
	           "BIGINT, received_at BIGINT); INSERT INTO probe (id) VALUES (1)");
	env_tamper("INSERT INTO probe WITH RECURSIVE d(n) AS (SELECT CAST(9000 AS BIGINT) UNION ALL SELECT n + 1 FROM d "
	           "WHERE n < 45524) SELECT 1, n, '', 0, 1, 0, 0, 4, NULL, NULL, n * 86400000000 - "
	           "25200000000 FROM d");
	/* The text of the roll-up's step, over the probe. */
	const char *text = TALLY_OF_CASES("ward_id = 1");
	struct buf b = {0};
	for (struct str rest = str_of(text); rest.n > 0;) {
		size_t at = str_find(rest, STR("ward_case"));
		size_t n = at == SIZE_MAX ? rest.n : at;
		buf_add(&b, str_sub(rest, 0, n));
		if (at != SIZE_MAX)
			buf_addz(&b, "probe");
		rest = at == SIZE_MAX ? STR_EMPTY : str_sub(rest, at + 9, rest.n);
	}
	struct str all = env_dump(arena_z(&E.arena, arena_take(&E.arena, &b)));
	int32_t day = 9000;
	size_t days = 0;
	for (struct str rest = all; rest.n > 0; day++, days++) {
		struct str line = str_cut(&rest, '\n');
		int64_t month;
		(void)str_cut(&line, '|');
		(void)str_cut(&line, '|');
		assert_true(str_i64(str_cut(&line, '|'), &month));
		if (month != month_start(day))
			fail_msg("day %d: month %lld, not %d", day, (long long)month, month_start(day));
	}
	assert_int_equal(days, DAYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_roll_up_is_a_recount_after_any_moves, env_setup,
		                                env_teardown),
		cmocka_unit_test_setup_teardown(a_case_counts_where_it_stands, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(no_span_is_negative, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(months_begin_where_the_calendar_says, env_setup,
		                                env_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
