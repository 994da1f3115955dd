/* Looks: durable, chained, seen by the reporter as role, unit and day, and by nobody as a name. */
#include "flow_env.h"
#include "../harness/database.h"

static enum rc look(const struct actor *a, const char *what, struct case_id of, int64_t n)
{
	struct fault f = {0};
	return look_write(&E.flow, &E.arena, E.ward[ENV_A], a, what, of, STR("new"), n, &f);
}

struct look_work {
	struct case_id of;
	struct look_day *days;
	size_t n;
};

static enum rc do_looks(struct tx *tx, void *ctx, struct fault *f)
{
	struct look_work *k = ctx;
	return look_of_case(tx, k->of, &k->days, &k->n, f);
}

static struct look_work looks_of(int ward, struct case_id of)
{
	struct fault f = {0};
	struct look_work k = {.of = of};
	env_ok(env_read(ward, do_looks, &k, &f), &f);
	return k;
}

static void the_reporter_sees_role_unit_and_day(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Một"), d = env_open(ENV_A, "road", "Hai");
	struct actor police = E.binh;
	police.roles = ROLE_BIT(ROLE_police) | ROLE_BIT(ROLE_handler);
	assert_int_equal(look(&E.an, "case", c.id, 0), RC_OK);
	assert_int_equal(look(&E.an2, "photo", c.id, 1), RC_OK);   /* the same role, unit and day */
	assert_int_equal(look(&E.an, "list", (struct case_id){0}, 50), RC_OK);
	assert_int_equal(look(&E.an, "case", d.id, 0), RC_OK);
	env_at("2026-03-03", 9);
	assert_int_equal(look(&police, "case", c.id, 0), RC_OK);
	struct look_work k = looks_of(ENV_A, c.id);
	assert_int_equal(k.n, 2);
	assert_true(str_is(k.days[0].role, "police"));
	assert_true(str_is(k.days[0].unit, "Tổ Môi trường"));
	assert_true(str_is(k.days[1].role, "handler"));
	assert_true(str_is(k.days[1].unit, "Tổ Hạ tầng"));
	assert_int_equal(k.days[0].day, k.days[1].day + 1);
	assert_int_equal(k.days[0].day, day_of(clock_now(&E.clock)));
	assert_int_equal(looks_of(ENV_B, c.id).n, 0);
}

static void a_look_holds_no_account(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	assert_int_equal(look(&E.an, "case", c.id, 0), RC_OK);
	assert_int_equal(look(&E.an2, "case", c.id, 0), RC_OK);
	assert_int_equal(env_int("SELECT COUNT(DISTINCT pseudonym) FROM look"), 2);
	struct str columns = env_dump("SELECT name FROM pragma_table_info('look')");
	assert_int_equal(str_find(columns, STR("account")), SIZE_MAX);
	assert_int_equal(env_int("SELECT MAX(seq) FROM look"), 2);
}

static void a_look_needs_somebody_of_the_ward(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	struct actor nobody = {0};
	struct case_id missing = {c.id.v + 1};
	assert_int_equal(look(&nobody, "case", c.id, 0), RC_DENIED);
	assert_int_equal(look(NULL, "case", c.id, 0), RC_DENIED);
	assert_int_equal(look(&E.chi, "case", c.id, 0), RC_DENIED);
	assert_int_equal(look(&E.an, "case", missing, 0), RC_NONE);
	assert_int_equal(env_int("SELECT COUNT(*) FROM look"), 0);
}

/* Each ward's chain is its own. */
static void wards_do_not_share_a_chain(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	assert_int_equal(look(&E.an, "case", c.id, 0), RC_OK);
	env_ok(look_write(&E.flow, &E.arena, E.ward[ENV_B], &E.chi, "list", (struct case_id){0},
	                  STR_EMPTY, 0, &f),
	       &f);
	assert_int_equal(env_int("SELECT MAX(seq) FROM look"), 1);
	for (int i = 0; i < ENV_WARDS; i++) {
		struct verify_report r;
		env_ok(flow_verify(&E.flow, E.ward[i]->id, NULL, NULL, &r, &f), &f);
		assert_int_equal(r.looks, 1);
		assert_int_equal(r.faults, 0);
	}
}

struct statements {
	struct str list[16];
	size_t n;
};

static void keep_statement(void *ctx, const char *sql)
{
	struct statements *seen = ctx;
	if (seen->n < sizeof seen->list / sizeof *seen->list)
		seen->list[seen->n++] = arena_copy(&E.arena, str_of(sql));
}

/* What a look costs does not grow with those before it: none of its statements sorts, or walks a table. */
static void a_look_is_written_at_the_chains_end(void **state)
{
	(void)state;
	struct statements seen = {0};
	struct ward_case c = env_open(ENV_A, "lighting", "Một");
	assert_int_equal(look(&E.an, "case", c.id, 0), RC_OK);
	if (on_server())
		return;
	(void)env_dump("CREATE INDEX look_at ON look (ward_id, at, seq)");   /* as look_days.c makes it, a floor above */
	store_trace(E.flow.store, keep_statement, &seen);
	assert_int_equal(look(&E.an, "case", c.id, 0), RC_OK);
	store_trace(E.flow.store, NULL, NULL);
	size_t reads = 0;
	for (size_t i = 0; i < seen.n; i++) {
		if (!str_starts(seen.list[i], STR("SELECT")))
			continue;
		struct str plan = env_dump(arena_fmt(&E.arena, "EXPLAIN QUERY PLAN %.*s", PSTR(seen.list[i])).p);
		if (str_find(plan, STR("B-TREE")) != SIZE_MAX || str_find(plan, STR("SCAN")) != SIZE_MAX)
			fail_msg("%.*s: %.*s", PSTR(seen.list[i]), PSTR(plan));
		reads++;
	}
	assert_true(reads >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(the_reporter_sees_role_unit_and_day), T(a_look_holds_no_account),
		T(a_look_needs_somebody_of_the_ward), T(wards_do_not_share_a_chain),
		T(a_look_is_written_at_the_chains_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
