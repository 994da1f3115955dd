/* A changed calendar and the open cases: D15, D28, those that a person touches first, and what its entries
 * do not give. */
#include "flow_env.h"

#include <pthread.h>
#include <unistd.h>

#include "ward/calendar/calendar_store.h"
#include "ward/flow/recalendar.h"
#include "../harness/database.h"

static struct moved_case seen[16];
static size_t seen_n;

static enum rc see(void *ctx, const struct moved_case *m, struct fault *f)
{
	(void)ctx;
	(void)f;
	seen[seen_n++] = *m;
	return RC_OK;
}

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f) { return recalendar_list(tx, ctx, f); }

static size_t listed(const struct calendar *next, const char *from)
{
	struct fault f = {0};
	int32_t day = 0;
	assert_true(from == NULL || day_parse(str_of(from), &day));
	struct recalendar r = {.w = &E.flow, .next = next, .from_day = day, .words = true, .each = see};
	seen_n = 0;
	env_ok(env_read(ENV_A, list_tx, &r, &f), &f);
	return seen_n;
}

static struct ward_case taken(const char *day, const char *kind)
{
	env_at(day, 9);
	struct ward_case c = env_open(ENV_A, kind, "Đèn tắt");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	return c;
}

static size_t move_all(void)
{
	struct fault f = {0};
	size_t moved;
	bool more;
	env_ok(recalendar_ward(&E.flow, E.ward[ENV_A]->id, &moved, &more, &f), &f);
	assert_false(more);
	return moved;
}

static int64_t faults(void)
{
	struct fault f = {0};
	struct verify_report r;
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	return r.faults;
}

static void a_new_day_off_moves_them(void **state)
{
	(void)state;
	struct ward_case before = taken("2026-11-02", "lighting"), c = taken("2026-11-19", "lighting"), stands = taken("2026-11-20", "road");
	struct fault f = {0};
	struct said said = {"clock_why", "Chờ điện lực"};
	env_ok(env_try(ENV_A, &E.an, &stands, (struct move){.verb = VERB_pause}, &said, 1, &f), &f);
	assert_int_equal(c.due_at, env_end_of("2026-11-26"));
	struct calendar *next = env_with_off(E.calendar, "2026-11-24");
	assert_int_equal(listed(next, "2026-11-24"), 1);
	assert_int_equal(listed(next, NULL), 1);
	assert_int_equal(seen[0].id.v, c.id.v);
	assert_int_equal(seen[0].was, env_end_of("2026-11-26"));
	assert_int_equal(seen[0].is, env_end_of("2026-11-27"));
	assert_true(str_is(seen[0].code, c.code) && str_is(seen[0].kind, "lighting"));
	assert_int_equal(env_get(ENV_A, c.id).due_at, c.due_at);   /* a list moves nothing */
	assert_int_equal(faults(), 0);
	E.flow.calendar = next;
	assert_int_equal(faults(), 1);                             /* not gone through yet */
	assert_int_equal(move_all(), 1);
	assert_int_equal(move_all(), 0);
	c = env_get(ENV_A, c.id);
	assert_int_equal(c.due_at, env_end_of("2026-11-27"));
	assert_int_equal(c.first_due_at, env_end_of("2026-11-26"));
	assert_string_equal(env_dump("SELECT verb, by_reporter FROM timeline ORDER BY at DESC, seq DESC LIMIT 1").p, "recalendar|0\n");
	assert_string_equal(env_dump("SELECT name, body FROM part p JOIN part_body b USING (ward_id, case_id, seq, part) WHERE name IN ('recalendar', 'decision') ORDER BY part").p,
	                    "recalendar|2026-11-26 2026-11-27\ndecision|12/QĐ-TTg\n");
	assert_int_equal(env_get(ENV_A, before.id).seq, before.seq);
	assert_int_equal(faults(), 0);
	E.flow.calendar = E.calendar;
	calendar_free(next);
}

/* D28: the day off was moved from the 24th to the 23rd; the old one goes with it. */
static void a_moved_day_takes_its_old_one(void **state)
{
	(void)state;
	struct ward_case c = taken("2026-11-19", "lighting");
	struct calendar *first = env_with_off(E.calendar, "2026-11-24"), *then = env_with_off(E.calendar, "2026-11-23");
	E.flow.calendar = first;
	assert_int_equal(move_all(), 1);
	assert_int_equal(listed(then, "2026-11-23"), 0);
	E.flow.calendar = then;
	assert_int_equal(move_all(), 0);
	assert_int_equal(env_get(ENV_A, c.id).due_at, env_end_of("2026-11-27"));
	E.flow.calendar = E.calendar;              /* and when it is withdrawn altogether */
	assert_int_equal(move_all(), 1);
	assert_int_equal(env_get(ENV_A, c.id).due_at, env_end_of("2026-11-26"));
	calendar_free(first);
	calendar_free(then);
}

/* Touched before its turn: its entry comes first, and its turn finds nothing to do. */
static void a_person_may_be_quicker(void **state)
{
	(void)state;
	struct ward_case c = taken("2026-11-19", "lighting");
	struct calendar *next = env_with_off(E.calendar, "2026-11-24");
	E.flow.calendar = next;
	env_at("2026-11-20", 9);
	env_move(&E.an, &c, VERB_note, "text", "Đã gọi thợ");
	assert_int_equal(c.due_at, env_end_of("2026-11-27"));
	assert_string_equal(env_dump("SELECT verb FROM timeline ORDER BY seq").p, "open\ntake\nrecalendar\nnote\n");
	assert_int_equal(move_all(), 0);
	assert_int_equal(faults(), 0);
	E.flow.calendar = E.calendar;
	calendar_free(next);
}

/* Those with pauses and extensions one by one; a case that had no date gets one when its year comes. */
static void pauses_and_missing_years(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = taken("2026-11-12", "road");
	struct said said = {"clock_why", "Chờ điện lực"};
	env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_pause}, &said, 1, &f), &f);
	env_at("2026-11-16", 9);
	env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_resume}, NULL, 0, &f), &f);
	assert_int_equal(c.due_at, env_end_of("2026-11-30"));
	struct calendar *next = env_with_off(E.calendar, "2026-11-24");
	assert_int_equal(listed(next, "2026-11-24"), 1);
	assert_int_equal(seen[0].is, env_end_of("2026-12-01"));
	calendar_free(next);
	struct ward_case dateless = taken("2027-12-27", "road");
	assert_int_equal(dateless.due_at, 0);
	struct calendar_year plain = {.year = 2028, .source = STR("decision")};
	plain.office[0] = (struct hours){27000LL * US_SECOND, 61200LL * US_SECOND};
	plain.office_count = 1;
	env_ok(calendar_year_settle(&plain, &f), &f);
	env_ok(calendar_with(E.calendar, &plain, &next, &f), &f);
	E.flow.calendar = next;
	assert_int_equal(move_all(), 1);
	assert_int_equal(env_get(ENV_A, dateless.id).due_at, env_end_of("2028-01-10"));
	E.flow.calendar = E.calendar;
	calendar_free(next);
}

/* An office that has matters about somebody who works here, and a unit that ended, are in no list of units. */
static void those_of_offices_and_ended_units(void **state)
{
	(void)state;
	struct ward_case c = taken("2026-11-19", "lighting");
	struct calendar *next = env_with_off(E.calendar, "2026-11-24");
	env_tamper("UPDATE unit SET office_role = 5");
	assert_int_equal(listed(next, "2026-11-24"), 1);
	env_tamper("UPDATE unit SET office_role = 0, until_day = 20000");
	assert_int_equal(listed(next, "2026-11-24"), 1);
	assert_int_equal(seen[0].id.v, c.id.v);
	assert_true(seen[0].open_to_all);
	env_tamper("UPDATE ward_case SET withheld = 1");
	assert_int_equal(listed(next, "2026-11-24"), 1);
	assert_false(seen[0].open_to_all);
	calendar_free(next);
}

/* One that is proposed, answered for, confirmed and applied. */
static enum rc apply_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct calendar_year *y = ctx;
	int version = 0;
	enum rc rc = calendar_propose(tx, y, STR("t"), STR("op"), &version, f);
	if (rc == RC_OK)
		rc = calendar_answer_all(tx, y->year, version, ANSWER_yes, f);
	if (rc == RC_OK)
		rc = calendar_confirm(tx, y->year, version, STR("op"), f);
	return rc == RC_OK ? calendar_apply(tx, y->year, version, STR("op"), f) : rc;
}

/* Two servers of one database: what one has applied and gone through holds also for the other that has not looked
 * yet. Nothing is moved back, and what it opens or asks has the new date. */
static void a_server_that_has_not_looked(void **state)
{
	(void)state;
	struct fault f = {0};
	struct calendar *here, *there;
	int64_t seen_here[2], seen_there[2];
	const char *root = getenv("XOM_SRC"), *dir = arena_fmt(&E.arena, "%s/calendars", root != NULL ? root : ".").p;
	assert_int_equal(calendar_new(&here, NULL), RC_OK);
	assert_int_equal(calendar_new(&there, NULL), RC_OK);
	env_ok(calendars_open(E.store, dir, here, E.rules, seen_here, &f), &f);
	env_ok(calendars_open(E.store, dir, there, E.rules, seen_there, &f), &f);
	assert_int_equal(calendar_number(here), calendar_number(there));
	E.flow.calendar = there;
	struct ward_case c = taken("2026-11-19", "lighting");
	assert_int_equal(c.due_at, env_end_of("2026-11-26"));
	struct calendar *next = env_with_off(here, "2026-11-24");
	env_ok(store_write(E.store, (struct ward_id){0}, &E.arena, apply_tx, (void *)(uintptr_t)calendar_year_of(next, 2026), &f), &f);
	calendar_free(next);
	env_ok(calendars_refresh(E.store, here, E.rules, seen_here, &f), &f);
	assert_true(calendar_number(here) > calendar_number(there));
	E.flow.calendar = here;
	assert_int_equal(move_all(), 1);
	E.flow.calendar = there;               /* which still thinks that one works on the 24th */
	assert_true(calendar_works(there, day_of(env_end_of("2026-11-24") - 1)));
	assert_int_equal(move_all(), 0);
	env_at("2026-11-20", 9);
	env_move(&E.an, &c, VERB_note, "text", "Đã gọi thợ");
	assert_int_equal(c.due_at, env_end_of("2026-11-27"));
	assert_string_equal(env_dump("SELECT verb FROM timeline ORDER BY seq").p, "open\ntake\nrecalendar\nnote\n");
	assert_int_equal(taken("2026-11-20", "lighting").due_at, env_end_of("2026-11-30"));
	E.flow.calendar = here;
	assert_int_equal(move_all(), 0);
	E.flow.calendar = E.calendar;
	calendar_free(here);
	calendar_free(there);
}

/* On PostgreSQL: a report that was being written by the former calendar while the new one was applied. Going through the
 * ward waits for it. */
struct meanwhile {
	struct calendar *here, *next;
	int64_t seen[2];
	struct arena arena;
	pthread_t thread;
	atomic_bool applied, over;
	size_t moved;
	struct ward_case c;
};

static void *go_through(void *arg)
{
	struct meanwhile *k = arg;
	struct flow w = E.flow;
	bool more;
	w.calendar = k->here;
	enum rc rc = store_write(E.store, (struct ward_id){0}, &k->arena, apply_tx, (void *)(uintptr_t)calendar_year_of(k->next, 2026), NULL);
	if (rc == RC_OK)
		rc = calendars_refresh(E.store, k->here, E.rules, k->seen, NULL);
	atomic_store(&k->applied, true);
	if (rc != RC_OK || recalendar_ward(&w, E.ward[ENV_A]->id, &k->moved, &more, NULL) != RC_OK)
		k->moved = SIZE_MAX;
	atomic_store(&k->over, true);
	return NULL;
}

static enum rc open_late(struct tx *tx, void *ctx, struct fault *f)
{
	struct meanwhile *k = ctx;
	struct receipt receipt;
	const struct case_new n = {.procedure = procedure_of_kind(E.procedures, STR("lighting"), day_of(tx_now(tx))),
	                           .journey = hash_of(NULL, "journey", STR("late")), .place = {.area = E.area[0]}, .text = STR("Đèn tắt")};
	enum rc rc = case_open(tx, &E.flow, E.ward[ENV_A], &n, &k->c, &receipt, f);
	if (rc == RC_OK)
		rc = case_get(tx, &E.flow, k->c.id, &k->c, f);
	if (rc == RC_OK)
		assert_int_equal(pthread_create(&k->thread, NULL, go_through, k), 0);
	/* Until the other one has applied it and waits for the ward, or has gone through it without waiting. */
	for (struct store_stats now = {0}; rc == RC_OK && !atomic_load(&k->over) && (!atomic_load(&k->applied) || now.waiting == 0);) {
		(void)usleep(2000);
		store_stats(E.store, &now);
	}
	return rc;
}

static void what_is_being_written_meanwhile(void **state)
{
	(void)state;
	struct fault f = {0};
	struct meanwhile k = {0};
	const char *root = getenv("XOM_SRC"), *dir = arena_fmt(&E.arena, "%s/calendars", root != NULL ? root : ".").p;
	if (!on_server())
		skip();
	struct calendar *there;
	int64_t seen_there[2];
	arena_init(&k.arena, ARENA_REQUEST_LIMIT);
	assert_int_equal(calendar_new(&k.here, NULL), RC_OK);
	assert_int_equal(calendar_new(&there, NULL), RC_OK);
	env_ok(calendars_open(E.store, dir, k.here, E.rules, k.seen, &f), &f);
	env_ok(calendars_open(E.store, dir, there, E.rules, seen_there, &f), &f);
	k.next = env_with_off(k.here, "2026-11-20");
	E.flow.calendar = there;
	env_at("2026-11-19", 9);
	env_ok(env_write(ENV_A, open_late, &k, &f), &f);
	assert_int_equal(k.c.due_at, env_end_of("2026-11-23"));
	(void)pthread_join(k.thread, NULL);
	assert_int_equal(k.moved, 1);
	assert_int_equal(env_get(ENV_A, k.c.id).due_at, env_end_of("2026-11-24"));
	E.flow.calendar = E.calendar;
	calendar_free(k.next);
	calendar_free(k.here);
	calendar_free(there);
	arena_release(&k.arena);
}

/* What is read of cases with pauses is given back case by case: the list's memory is the same for one as for many. */
static void a_list_of_many_takes_no_more(void **state)
{
	(void)state;
	size_t taken_by[2], n[2] = {1, 6};
	for (size_t i = 0, have = 0; i < 2; i++) {
		struct fault f = {0};
		struct recalendar r = {.w = &E.flow, .next = E.calendar, .each = see};
		for (; have < n[i]; have++)
			(void)taken("2026-11-12", "road");
		env_tamper("UPDATE ward_case SET clock_rows = 3");
		size_t before = E.arena.used;
		env_ok(env_read(ENV_A, list_tx, &r, &f), &f);
		taken_by[i] = E.arena.used - before;
	}
	assert_int_equal(taken_by[0], taken_by[1]);
}

/* Two of one day by a rule in hours are due at two moments: nothing of theirs moves. */
static void hours_are_no_group(void **state)
{
	(void)state;
	env_rule("name: close.lighting, amount: 30, unit: hour, event: receipt, source: s, valid_from: 2025-01-01, verified: false");
	(void)taken("2026-11-19", "lighting");
	env_at("2026-11-19", 15);
	struct ward_case later = env_open(ENV_A, "lighting", "Đèn tắt");
	env_move(&E.an, &later, VERB_take, NULL, NULL);
	assert_int_equal(later.due_at, later.received_at + 30 * US_HOUR);
	assert_int_equal(listed(E.calendar, NULL), 0);
}

/* What nobody's step gave is found. */
static void a_date_that_nobody_gave_is_found(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = taken("2026-11-02", "road");
	env_move(&E.an, &c, VERB_ask, "text", "Ở đâu?");
	assert_int_equal(faults(), 0);
	env_tamper("UPDATE ward_case SET due_at = due_at + 86400000000");
	assert_int_equal(faults(), 1);
	env_tamper("UPDATE ward_case SET due_at = due_at - 86400000000");
	env_tamper("UPDATE case_pause SET from_at = from_at + 86400000000");
	assert_true(faults() >= 1);
	env_tamper("UPDATE case_pause SET from_at = from_at - 86400000000");
	assert_int_equal(faults(), 0);
	(void)f;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(a_new_day_off_moves_them), T(a_moved_day_takes_its_old_one), T(a_person_may_be_quicker),
		T(pauses_and_missing_years), T(those_of_offices_and_ended_units),
		T(a_date_that_nobody_gave_is_found), T(a_server_that_has_not_looked), T(a_list_of_many_takes_no_more),
		T(hours_are_no_group), T(what_is_being_written_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
