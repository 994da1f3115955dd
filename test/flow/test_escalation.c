/* Who is told of a deadline, and when: day by day over Tết 2026, over a weekend and a night; once per due
 * value, after a restart, with a job that runs twice, with a moved date. */
#include "flow_env.h"
#include "ward/flow/apology.h"
#include "ward/flow/case_works.h"
#include "ward/flow/escalation.h"
#include "ward/flow/recalendar.h"

static struct actor with(struct actor a, uint32_t perms, bool head)
{
	a.perms |= perms;
	a.heads = head ? 1 : 0;
	return a;
}

static void run(int ward)
{
	struct fault f = {0};
	env_ok(escalation_run(&E.flow, E.ward[ward]->id, &f), &f);
}

/* At the minute of the day. */
static void at(const char *day, int hour, int minute)
{
	env_at(day, hour);
	atomic_fetch_add(E.clock.shift, minute * US_MINUTE);
}

struct asking {
	struct actor who;
	enum told_to to;
	struct escalated *rows;
	size_t count;
	int64_t n;
	bool more;
};

static enum rc ask_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	enum rc rc = escalation_list(tx, &k->who, k->to, 0, 0, 50, &k->rows, &k->count, &k->more, f);
	return rc == RC_OK ? escalation_count(tx, &k->who, k->to, &k->n, f) : rc;
}

/* The level that the list shows of the only case; 0: the list is empty. */
static int shown(const struct actor *who, enum told_to to)
{
	struct fault f = {0};
	struct asking k = {.who = *who, .to = to};
	env_ok(env_read(ENV_A, ask_tx, &k, &f), &f);
	assert_int_equal(k.count, k.n);
	assert_true(k.count <= 1);
	return k.count == 0 ? 0 : k.rows[0].level;
}

static enum rc head_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	return escalation_unit(tx, &k->who, 0, 0, 50, &k->rows, &k->count, &k->more, &k->n, f);
}

/* The level of the only case on the list of its unit's head; 0: the list is empty, -1: it is late and nobody was told. */
static int for_head(const struct actor *who)
{
	struct fault f = {0};
	struct asking k = {.who = *who};
	env_ok(env_read(ENV_A, head_tx, &k, &f), &f);
	assert_int_equal(k.count, k.n);
	assert_true(k.count <= 1);
	return k.count == 0 ? 0 : k.rows[0].level > 0 ? k.rows[0].level : -1;
}

static enum rc count_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT COUNT(*) FROM notice WHERE ward_id = ?1", "", "i");
	struct rows r;
	int64_t *n = ctx;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	*n = row_int(&r, 0);
	rows_end(&r);
	return rc;
}

static int64_t notices(void)
{
	int64_t n = -1;
	struct fault f = {0};
	env_ok(env_read(ENV_A, count_tx, &n, &f), &f);
	return n;
}

/* W(5) of lighting from Friday 13 February 2026 15:30 ends on Friday 27 February: Tết is from the 14th to
 * the 22nd. desk.first_look, W(2), ends on Tuesday 24 February; once the case is taken the other counts. */
static void over_tet(void **state)
{
	(void)state;
	struct actor an = E.an, an2 = E.an2;
	struct actor head = with(E.an2, 1u << PERM_unit_late, true);
	struct actor chair = {.account = {77}, .ward = E.ward[ENV_A]->id, .perms = 1u << PERM_chair};
	at("2026-02-13", 15, 30);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	assert_int_equal(day_of(c.due_at - 1), day_from_date((struct date){2026, 2, 27}));
	/* From 15:30 to 17:00 and five days of eight hours: 41.5 hours. Half of it, 20:45, is used on Wednesday
	 * 25 February at 10:45, counted by hand below; four fifths, 33:12, on Thursday at 16:42. */
	static const struct {
		const char *day;
		int hour, minute, level;
	} STEPS[] = {
		{"2026-02-13", 17, 0, 0}, {"2026-02-14", 9, 0, 0}, {"2026-02-17", 9, 0, 0},
		{"2026-02-20", 23, 59, 0}, {"2026-02-22", 12, 0, 0}, {"2026-02-23", 8, 0, 0},
		{"2026-02-24", 17, 0, 0},
		/* 1:30 + 8 + 8 = 17:30 used; 3:15 of Wednesday's hours from 07:30 on. */
		{"2026-02-25", 10, 44, 0}, {"2026-02-25", 10, 46, 50}, {"2026-02-25", 23, 0, 50},
		/* 80 %: 33:12 used; 25:30 at Wednesday's end, 7:42 of Thursday: 16:42. */
		{"2026-02-26", 16, 41, 50}, {"2026-02-26", 16, 43, 80}, {"2026-02-27", 17, 30, 80},
		/* over at midnight; Saturday and Sunday nobody is told */
		{"2026-02-28", 0, 1, 80}, {"2026-02-28", 10, 0, 80}, {"2026-03-01", 10, 0, 80},
		{"2026-03-02", 7, 29, 80}, {"2026-03-02", 7, 31, 100}, {"2026-03-03", 9, 0, 100},
	};
	for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
		at(STEPS[i].day, STEPS[i].hour, STEPS[i].minute);
		run(ENV_A);
		run(ENV_A);                      /* a job that runs twice, or on another server */
		int level = STEPS[i].level;
		if (shown(&an, TOLD_officer) != level)
			fail_msg("%s %02d:%02d: %d, not %d", STEPS[i].day, STEPS[i].hour, STEPS[i].minute,
			         shown(&an, TOLD_officer), level);
		assert_int_equal(shown(&an2, TOLD_officer), 0);      /* somebody else took it */
		assert_int_equal(for_head(&head), level >= 80 ? level : 0);
		assert_int_equal(for_head(&an2), 0);         /* head of nothing */
		assert_int_equal(shown(&chair, TOLD_chair), level >= 100 ? level : 0);
		assert_int_equal(notices(), level == 0 ? 0 : level == 50 ? 1 : level == 80 ? 2 : 3);
	}
}

/* Asked for at night, or after the server was away for a week: told when the office opens, each level. */
static void away(void **state)
{
	(void)state;
	struct actor an = E.an;
	at("2026-03-02", 9, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	assert_int_equal(c.officer.v, 0);
	struct actor head = an;
	head.heads = 1;
	head.perms |= 1u << PERM_unit_late;
	assert_int_equal(for_head(&head), 0);
	at("2026-03-20", 22, 0);
	run(ENV_A);
	assert_int_equal(notices(), 0);
	assert_int_equal(for_head(&head), -1);                   /* late by the clock, whoever was told */
	assert_int_equal(for_head(&an), 0);
	at("2026-03-23", 7, 31);
	run(ENV_A);
	assert_int_equal(notices(), 3);
	assert_int_equal(shown(&an, TOLD_officer), 100);           /* nobody took it: the whole unit */
	assert_int_equal(shown(&E.an2, TOLD_officer), 100);
	/* Handed on: the other unit sees it, this one no more. */
	const struct said why = {"reason", "Cây che."};
	struct fault f = {0};
	env_ok(env_try(ENV_A, &E.an, &c,
	               (struct move){.verb = VERB_assign, .unit = E.unit[ENV_A][UNIT_moi_truong]}, &why, 1, &f), &f);
	assert_int_equal(shown(&an, TOLD_officer), 0);
	assert_int_equal(shown(&E.binh, TOLD_officer), 100);
	assert_int_equal(notices(), 3);
}

/* A case that is taken follows another deadline: notices of that one, the old ones are told no more. */
static void moved(void **state)
{
	(void)state;
	struct actor an = E.an;
	at("2026-03-02", 9, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	at("2026-03-04", 16, 0);                                   /* W(2) ends today */
	run(ENV_A);
	assert_int_equal(shown(&an, TOLD_officer), 80);
	assert_int_equal(notices(), 2);
	env_move(&E.an, &c, VERB_take, NULL, NULL);                /* now W(5), until Monday the 9th */
	run(ENV_A);
	assert_int_equal(shown(&an, TOLD_officer), 0);
	at("2026-03-05", 16, 0);
	run(ENV_A);
	assert_int_equal(shown(&an, TOLD_officer), 50);
	assert_int_equal(notices(), 3);
	/* Closed it is on no list; undone, what was told is shown again, and not told again. */
	at("2026-03-05", 16, 5);
	env_close(&E.an, &c);
	assert_int_equal(shown(&an, TOLD_officer), 0);
	at("2026-03-05", 16, 10);
	env_move(&E.an, &c, VERB_unclose, "text", "Nhầm.");
	assert_int_equal(shown(&an, TOLD_officer), 50);
	run(ENV_A);
	assert_int_equal(notices(), 3);
	/* The rebuild makes the same again. */
	struct fault f = {0};
	env_ok(escalation_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	assert_int_equal(shown(&an, TOLD_officer), 50);
}

/* A changed calendar makes the due value new: each level comes once for it, and what was told of the former stays
 * as it was told. */
static void told_once_per_due_value(void **state)
{
	(void)state;
	struct fault f = {0};
	size_t n;
	bool more;
	at("2026-03-02", 9, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	env_move(&E.an, &c, VERB_take, NULL, NULL);                /* W(5), until Monday the 9th */
	at("2026-03-05", 16, 0);
	run(ENV_A);
	assert_int_equal(notices(), 1);
	/* The 6th is declared a day off: until Tuesday the 10th; more than half of that is used, too. */
	struct calendar *next = env_with_off(E.calendar, "2026-03-06");
	E.flow.calendar = next;
	env_ok(recalendar_ward(&E.flow, E.ward[ENV_A]->id, &n, &more, &f), &f);
	assert_int_equal(n, 1);
	assert_int_equal(shown(&E.an, TOLD_officer), 0);
	run(ENV_A);
	run(ENV_A);
	assert_int_equal(shown(&E.an, TOLD_officer), 50);
	assert_int_equal(notices(), 2);
	/* Not a day off after all: the former date again, whose notice was given. */
	E.flow.calendar = E.calendar;
	env_ok(recalendar_ward(&E.flow, E.ward[ENV_A]->id, &n, &more, &f), &f);
	assert_int_equal(shown(&E.an, TOLD_officer), 50);
	run(ENV_A);
	assert_int_equal(notices(), 2);
	at("2026-03-12", 9, 0);
	run(ENV_A);
	run(ENV_A);
	assert_int_equal(notices(), 4);
	calendar_free(next);
}

/* Its last level is told on a day of a year that is not loaded: nothing is told by guess, the job looks again, and
 * tells it when the calendar is there. */
static void beyond_the_calendars(void **state)
{
	(void)state;
	struct fault f = {0};
	struct calendar *next;
	at("2027-12-24", 9, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	assert_int_equal(c.due_at, env_end_of("2027-12-31"));
	at("2027-12-31", 16, 59);
	run(ENV_A);
	assert_int_equal(shown(&E.an, TOLD_officer), 80);
	assert_int_equal(notices(), 2);
	at("2028-01-03", 9, 0);
	run(ENV_A);
	assert_int_equal(notices(), 2);
	struct calendar_year plain = {.year = 2028, .source = STR("decision"), .office_count = 1, .office = {{27000 * US_SECOND, 61200 * US_SECOND}}};
	env_ok(calendar_year_settle(&plain, &f), &f);
	env_ok(calendar_with(E.calendar, &plain, &next, &f), &f);
	E.flow.calendar = next;
	at("2028-01-04", 9, 1);
	run(ENV_A);
	assert_int_equal(shown(&E.an, TOLD_officer), 100);
	assert_int_equal(notices(), 3);
	E.flow.calendar = E.calendar;
	calendar_free(next);
}

/* The rule's own shares. */
static void at_the_rules_own_shares(void **state)
{
	(void)state;
	env_rule("name: close.lighting, amount: 4, unit: working_hour, event: receipt, source: s, valid_from: 2025-01-01, verified: false, before: [25, 60]");
	at("2026-03-02", 8, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	env_move(&E.an, &c, VERB_take, NULL, NULL);                /* until 13:30 */
	static const struct {
		int hour, minute, level;
	} STEPS[] = {{8, 59, 0}, {9, 1, 25}, {10, 23, 25}, {10, 25, 60}, {13, 31, 60}};
	for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
		at("2026-03-02", STEPS[i].hour, STEPS[i].minute);
		run(ENV_A);
		assert_int_equal(shown(&E.an, TOLD_officer), STEPS[i].level);
	}
	assert_int_equal(notices(), 2);
}

/* Noise is listed nowhere: the chair is not told of it, its unit is; nobody of another ward. */
static void reach(void **state)
{
	(void)state;
	struct actor chair = {.account = {77}, .ward = E.ward[ENV_A]->id, .perms = 1u << PERM_chair};
	struct actor safety = E.an;
	safety.units[0] = E.unit[ENV_A][UNIT_an_toan];
	at("2026-03-02", 9, 0);
	struct ward_case c = env_open(ENV_A, "noise", "Ồn.");
	assert_int_equal(case_reach(&E.flow, &c), REACH_officer | REACH_head);
	at("2026-03-20", 9, 0);
	run(ENV_A);
	run(ENV_B);
	assert_int_equal(shown(&safety, TOLD_officer), 100);
	assert_int_equal(shown(&chair, TOLD_chair), 0);
	/* Without the permission every list is empty. */
	safety.perms = 0;
	assert_int_equal(shown(&safety, TOLD_officer), 0);
	assert_int_equal(for_head(&safety), 0);
	chair.perms = 0;
	assert_int_equal(shown(&chair, TOLD_chair), 0);
}

/* ---------------------------------------------------------------- letters */

struct lettering {
	struct case_id id;
	const struct actor *actor;
	struct apology letter;
	bool give;
};

static enum rc letter_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct lettering *k = ctx;
	struct ward_case c;
	enum rc rc = case_get(tx, &E.flow, k->id, &c, f);
	if (rc == RC_OK && k->give)
		rc = case_move(tx, &E.flow, E.ward[ENV_A], &c,
		               &(struct move){.verb = VERB_apologise, .actor = k->actor}, f);
	else if (rc == RC_OK)
		return apology_make(tx, &E.flow, &c, k->actor, &k->letter, f);
	return rc == RC_OK ? apology_last(tx, &c, &k->letter, f) : rc;
}

static enum rc letter(struct ward_case *c, const struct actor *who, bool give, struct apology *out)
{
	struct fault f = {0};
	struct lettering k = {.id = c->id, .actor = who, .give = give};
	enum rc rc = env_write(ENV_A, letter_tx, &k, &f);
	*out = k.letter;
	return rc;
}

static void apology(void **state)
{
	(void)state;
	struct apology l;
	at("2026-03-02", 9, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	env_move(&E.an, &c, VERB_take, NULL, NULL);                /* until Monday the 9th */
	int64_t due = c.due_at;
	assert_int_equal(letter(&c, &E.an, false, &l), RC_DENIED); /* not late */
	assert_int_equal(letter(&c, &E.an, true, &l), RC_DENIED);
	at("2026-03-11", 9, 0);
	assert_int_equal(letter(&c, &E.binh, false, &l), RC_DENIED);  /* another unit's */
	assert_int_equal(letter(&c, &E.an, true, &l), RC_INVALID);    /* none waits */
	assert_int_equal(letter(&c, &E.an, false, &l), RC_OK);
	assert_int_equal(l.number, 1);
	assert_int_equal(l.first_day, day_from_date((struct date){2026, 3, 9}));
	assert_int_equal(l.new_day, day_from_date((struct date){2026, 3, 18}));   /* W(5) of the 11th */
	at("2026-03-12", 9, 0);
	assert_int_equal(letter(&c, &E.an, false, &l), RC_OK);     /* in the place of the former */
	assert_int_equal(l.number, 1);
	assert_int_equal(l.new_day, day_from_date((struct date){2026, 3, 19}));
	at("2026-03-13", 9, 0);
	assert_int_equal(letter(&c, &E.an, true, &l), RC_OK);
	assert_true(l.given_at > 0);
	assert_int_equal(l.new_day, day_from_date((struct date){2026, 3, 19}));   /* as it was signed */
	c = env_get(ENV_A, c.id);
	assert_int_equal(c.due_at, due);                           /* it moves no deadline */
	assert_true(case_late(&c, clock_now(&E.clock)));
	assert_int_equal(letter(&c, &E.an, true, &l), RC_INVALID); /* given already */
	assert_int_equal(letter(&c, &E.an, false, &l), RC_EXISTS);
	at("2026-03-20", 9, 0);                                    /* that day is over, too */
	assert_int_equal(letter(&c, &E.an, false, &l), RC_OK);
	assert_int_equal(l.number, 2);
	at("2026-04-20", 9, 0);
	assert_int_equal(letter(&c, &E.an, true, &l), RC_EXPIRED); /* made long ago, never given */
}

/* The missed rule names the one by which it will be done. */
static void the_rule_after_it(void **state)
{
	(void)state;
	struct apology l;
	env_rule("name: close.lighting, amount: 5, unit: working_day, event: receipt, source: s, valid_from: 2025-01-01, verified: false, after: desk.first_look");
	at("2026-03-02", 9, 0);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt.");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	at("2026-03-11", 9, 0);
	assert_int_equal(letter(&c, &E.an, false, &l), RC_OK);
	assert_int_equal(l.new_day, day_from_date((struct date){2026, 3, 13}));   /* W(2), not the letters' W(5) */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(over_tet, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(away, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(moved, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(reach, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(told_once_per_due_value, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(beyond_the_calendars, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(at_the_rules_own_shares, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(the_rule_after_it, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(apology, env_setup, env_teardown),
	};
	return cmocka_run_group_tests_name("escalation", tests, NULL, NULL);
}
