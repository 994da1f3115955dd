/* Two servers of one PostgreSQL database, a ward's two writes at once: the second waits until the first is committed
 * and finds what it has made. So no ring of units comes of two moves, and no second office of two first matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ward/people/people_impl.h"
#include "../harness/database.h"

static const struct schema_step WARDS[] = {
	{"test-ward", "CREATE TABLE ward (id @id PRIMARY KEY, slug @text NOT NULL, demo @bool NOT NULL);"
	              "CREATE TABLE definition (name @text NOT NULL PRIMARY KEY, number @int NOT NULL);"},
	{NULL, NULL},
};
static const char PATH[] = "/tmp/xom-people-at-once.db";
static const struct ward_id WARD = {1};
static struct clock clk;
static struct store *servers[2];
static struct arena arenas[2];
static struct unit_id units[2];

static enum rc seed(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("INSERT INTO ward (id, slug, demo) VALUES (1, 'x', 1)", "", "");
	struct account_id chair;
	(void)ctx;
	enum rc rc = sql_run(tx, &q, NO_BIND, NULL, f);
	for (int i = 0; rc == RC_OK && i < 2; i++)
		rc = unit_add(tx, &(struct unit){.slug = i == 0 ? STR("mot") : STR("hai"), .name = STR("Tổ")}, &units[i], f);
	if (rc == RC_OK)
		rc = account_add(tx, STR("chu-tich"), STR("Chủ Tịch"), &chair, f);
	return rc == RC_OK ? role_grant(tx, chair, ROLE_chair, day_of(tx_now(tx)), 0, false, f) : rc;
}

/* What either does; the first waits in the middle until the second waits for it. */
struct side {
	enum rc (*does)(struct tx *tx, struct side *k, struct fault *f);
	struct unit_id unit, parent;
	struct unit office;
	enum rc rc;
	struct fault fault;
	pthread_t second;
	struct side *other;
	bool begun;
};

static enum rc does(struct tx *tx, void *ctx, struct fault *f)
{
	struct side *k = ctx;
	return k->does(tx, k, f);
}

static void *second(void *arg)
{
	struct side *k = arg;
	k->rc = store_write(servers[1], WARD, &arenas[1], does, k, &k->fault);
	return NULL;
}

static enum rc first(struct tx *tx, void *ctx, struct fault *f)
{
	struct side *k = ctx;
	char waits[64] = "";
	long changed;
	struct unit read;
	enum rc rc = k->does(tx, k, f);
	if (rc == RC_OK)
		rc = unit_get(tx, units[0], &read, f);  /* whoever reads sends what it wrote, too */
	if (rc == RC_OK && !k->begun)
		assert_int_equal(pthread_create(&k->second, NULL, second, k->other), 0);
	k->begun = true;
	while (rc == RC_OK && strcmp(waits, "1\n") != 0) {
		assert_true(test_database_sql(PATH, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
		                              " AND wait_event = 'advisory'", waits, sizeof waits, &changed));
		(void)usleep(2000);
	}
	return rc;
}

static void at_once(struct side *a, struct side *b)
{
	a->other = b;
	assert_int_equal(store_write(servers[0], WARD, &arenas[0], first, a, &a->fault), RC_OK);
	(void)pthread_join(a->second, NULL);
}

static int start(void **state)
{
	static const struct schema_step *const steps[] = {WARDS, PEOPLE_SCHEMA, NULL};
	struct fault f = {0};
	*state = NULL;
	if (!on_server())
		return 0;
	clock_init(&clk);
	if (crypto_start(NULL) != RC_OK)
		return -1;
	const struct store_config c = {.path = test_database(PATH), .steps = steps, .clock = &clk};
	for (int i = 0; i < 2; i++) {
		arena_init(&arenas[i], ARENA_REQUEST_LIMIT);
		if (store_open(&servers[i], &c, &f) != RC_OK)
			return -1;
	}
	return store_write(servers[0], WARD, &arenas[0], seed, NULL, &f) == RC_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	for (int i = 0; i < 2 && on_server(); i++) {
		store_close(servers[i]);
		arena_release(&arenas[i]);
	}
	test_database_drop(PATH);
	return 0;
}

static enum rc place(struct tx *tx, struct side *k, struct fault *f) { return unit_place(tx, k->unit, k->parent, f); }

static void no_ring_of_units(void **state)
{
	(void)state;
	if (!on_server())
		skip();
	struct side a = {.does = place, .unit = units[0], .parent = units[1]}, b = {.does = place, .unit = units[1], .parent = units[0]};
	at_once(&a, &b);
	assert_int_equal(b.rc, RC_INVALID);
	assert_string_equal(b.fault.field, "parent");
}

static enum rc office(struct tx *tx, struct side *k, struct fault *f)
{
	return receiver_office(tx, &(struct subject){.what = SUBJECT_area_head}, &k->office, f);
}

static void one_office(void **state)
{
	(void)state;
	if (!on_server())
		skip();
	struct side a = {.does = office}, b = {.does = office};
	at_once(&a, &b);
	assert_int_equal(b.rc, RC_OK);
	assert_true(a.office.id.v != 0 && a.office.id.v == b.office.id.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_ring_of_units), cmocka_unit_test(one_office)};
	return cmocka_run_group_tests(tests, start, end);
}
