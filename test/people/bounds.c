#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* More than an actor, or a look through the ward, holds is refused on entry; what is there all the same is
 * an error, and never a part of somebody's sight. */
static struct account_id busy;
static enum rc fill_up(struct tx *tx, struct fault *f)
{
	enum rc rc = account_add(tx, STR("busy"), STR("Bận"), &busy, f);
	if (rc == RC_OK)
		rc = role_grant(tx, busy, ROLE_handler, today(), 0, false, f);
	for (int i = 0; rc == RC_OK && i <= ACTOR_UNITS; i++) {
		struct unit u = {.slug = arena_fmt(tx_arena(tx), "tour-%d", i), .name = STR("Tổ")};
		struct unit_id id;
		rc = unit_add(tx, &u, &id, f);
		if (rc == RC_OK)
			rc = unit_join(tx, busy, id, today() + (i % 2), 0, false, f);
		if (i == ACTOR_UNITS)
			return rc == RC_LIMIT && str_is(str_of(f->field), "unit") ? RC_OK : RC_FAIL;
	}
	return RC_FAIL;
}
static enum rc fill_areas(struct tx *tx, struct fault *f)
{
	enum rc rc = RC_OK;
	for (int i = 1; rc == RC_OK && i <= AREAS_HELD; i++)
		rc = area_head_add(tx, busy, (struct area_id){i}, today(), 0, f);
	return rc == RC_OK && area_head_add(tx, busy, (struct area_id){99}, today(), 0, f) == RC_LIMIT ? RC_OK : RC_FAIL;
}
static enum rc over_as_before(struct tx *tx, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"INSERT INTO unit_member (ward_id, account_id, unit_id, from_day, until_day, head)"
		" SELECT u.ward_id, ?2, u.id, ?3, NULL, 0 FROM unit u WHERE u.ward_id = ?1", "ii", "");
	struct actor a;
	struct member *m;
	size_t n;
	int64_t over = 0;
	bool marked = false;
	if (actor_of(tx, busy, &a, f) != RC_OK || people_over(tx, &over, f) != RC_OK || over != 0 ||
	    sql_run(tx, &q, BIND(v_int(busy.v), v_int(today() - 1)), NULL, f) != RC_OK)
		return RC_FAIL;
	if (actor_of(tx, busy, &a, f) != RC_FAIL || people_over(tx, &over, f) != RC_OK || over != 1 ||
	    people_list(tx, &m, &n, f) != RC_OK)
		return RC_FAIL;
	for (size_t i = 0; i < n; i++)
		marked = marked || (m[i].account.id.v == busy.v && m[i].more_units && m[i].unit_count == ACTOR_UNITS);
	return marked ? RC_OK : RC_FAIL;
}
static enum rc all_units(struct tx *tx, struct fault *f)
{
	struct unit *list;
	size_t n;
	enum rc rc = RC_OK;
	for (int i = 0; rc == RC_OK && i <= WARD_UNITS; i++) {
		struct unit u = {.slug = arena_fmt(tx_arena(tx), "full-%d", i), .name = STR("Tổ")};
		struct unit_id id;
		rc = unit_add(tx, &u, &id, f);
	}
	return rc == RC_LIMIT && unit_list_all(tx, &list, &n, f) == RC_OK && n == WARD_UNITS ? RC_OK : RC_FAIL;
}

static void more_than_fits(void **state)
{
	(void)state;
	assert_int_equal(in(DEMO, fill_up), RC_OK);
	assert_int_equal(in(DEMO, fill_areas), RC_OK);
	assert_int_equal(in(DEMO, over_as_before), RC_OK);
	assert_int_equal(in(DEMO, all_units), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(more_than_fits)};
	return cmocka_run_group_tests(tests, start, end);
}
