/* A case's clock: what stops and lengthens it, and that both dates stay. By hand from CLOCK's cases, with the
 * road's ten working days, which are paused for 10 days for the resident and 20 for an authority. */
#include "flow_env.h"

#include "ward/calendar/calendar_store.h"
#include "ward/flow/clock.h"

#define DUE(c, day) assert_int_equal((c)->due_at, env_end_of(day))

static struct ward_case road(void)
{
	env_at("2026-03-02", 9);
	struct ward_case c = env_open(ENV_A, "road", "Ổ gà");
	env_at("2026-03-03", 9);
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	DUE(&c, "2026-03-16");
	assert_int_equal(c.first_due_at, c.due_at);
	return c;
}

static enum rc try(const struct actor *a, struct ward_case *c, enum verb v, const char *part)
{
	struct fault f = {0};
	struct said said = {part, "Chờ điện lực trả lời"};
	return env_try(ENV_A, a, c, (struct move){.verb = v}, &said, part != NULL, &f);
}

static bool may(const struct ward_case *c, enum verb v)
{
	return (case_verbs(&E.flow, c, &E.an, clock_now(&E.clock)) >> v & 1) != 0;
}

/* D12: the question's day counts, the answer's is a new day 0; while it waits the date is that of the cap. */
static void a_question_stops_the_clock(void **state)
{
	(void)state;
	struct ward_case c = road();
	env_at("2026-03-06", 15);
	env_move(&E.an, &c, VERB_ask, "text", "Ở đoạn nào?");
	DUE(&c, "2026-03-24");
	assert_true(case_paused(&c, clock_now(&E.clock)));
	assert_int_equal(c.first_due_at, env_end_of("2026-03-16"));
	env_at("2026-03-10", 8);
	struct ward_case sooner = c;
	env_move(NULL, &sooner, VERB_answer, "text", "Trước số 12");
	DUE(&sooner, "2026-03-18");           /* 4 used, then 11, 12, 13, 16, 17, 18 */
	assert_false(case_paused(&sooner, clock_now(&E.clock)));
	assert_int_equal(sooner.first_due_at, env_end_of("2026-03-16"));
	assert_int_equal(env_get(ENV_A, c.id).due_at, sooner.due_at);
}

static void the_cap_ends_it_by_itself(void **state)
{
	(void)state;
	struct ward_case c = road();
	env_at("2026-03-06", 15);
	env_move(&E.an, &c, VERB_ask, "text", "Ở đoạn nào?");
	env_at("2026-03-20", 9);              /* past the cap, without an answer */
	assert_false(case_paused(&c, clock_now(&E.clock)));
	env_move(NULL, &c, VERB_answer, "text", "Trước số 12");
	DUE(&c, "2026-03-24");
	/* The cap is used up: another question is asked, and the clock goes on. */
	env_move(&E.an, &c, VERB_ask, "text", "Sâu bao nhiêu?");
	DUE(&c, "2026-03-24");
	assert_false(case_paused(&c, clock_now(&E.clock)));
}

/* D13 */
static void a_pause_on_one_day_changes_nothing(void **state)
{
	(void)state;
	struct ward_case c = road();
	env_at("2026-03-04", 9);
	env_move(&E.an, &c, VERB_ask, "text", "Ở đoạn nào?");
	env_at("2026-03-04", 17);
	env_move(NULL, &c, VERB_answer, "text", "Trước số 12");
	DUE(&c, "2026-03-16");
}

static void taking_over_ends_the_question(void **state)
{
	(void)state;
	struct ward_case c = road();
	env_at("2026-03-06", 15);
	env_move(&E.an, &c, VERB_ask, "text", "Ở đoạn nào?");
	env_at("2026-03-09", 9);
	env_move(&E.an2, &c, VERB_take, NULL, NULL);
	DUE(&c, "2026-03-17");
	assert_int_equal(c.clock.pauses[0].ended_at, c.moved_at);
}

static void another_authority_is_waited_for(void **state)
{
	(void)state;
	struct ward_case c = road();
	assert_true(may(&c, VERB_pause));
	assert_false(may(&c, VERB_resume));
	assert_int_equal(try(&E.an, &c, VERB_pause, NULL), RC_INVALID);   /* without a reason */
	assert_int_equal(try(NULL, &c, VERB_pause, "clock_why"), RC_DENIED);
	assert_int_equal(try(&E.binh, &c, VERB_pause, "clock_why"), RC_DENIED);
	env_at("2026-03-06", 10);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	DUE(&c, "2026-04-03");                /* the cap: 26 March, then 27, 30, 31, 1, 2, 3 */
	assert_true(str_eq(c.step, STR("working")));
	assert_false(may(&c, VERB_pause));
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_LIMIT);
	env_at("2026-03-12", 10);
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_OK);
	DUE(&c, "2026-03-20");                /* 13, 16, 17, 18, 19, 20 */
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_DENIED);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	env_at("2026-04-20", 10);             /* this one ran into its cap: nothing is left */
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_OK);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_EXPIRED);
	assert_int_equal(env_int("SELECT COUNT(*) FROM case_pause"), 2);
}

/* Each may last as long as the cap, until those that are over have used it up: never twice the cap together. */
static void pauses_together(void **state)
{
	(void)state;
	struct ward_case c = road();
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	env_at("2026-03-22", 10);
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_OK);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	env_at("2026-04-10", 10);
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_OK);
	DUE(&c, "2026-04-23");                /* 38 days out: 3 March, then 13 to 17 and 20 to 23 April */
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_LIMIT);
	assert_false(may(&c, VERB_pause));
}

static void pauses_survive_a_correction(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = road();
	env_at("2026-03-06", 10);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	int64_t due = c.due_at;
	struct said said = {"reason", "Nhầm loại"};
	env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_correct, .kind = STR("lighting")}, &said, 1, &f), &f);
	assert_int_equal(c.clock.pause_count, 1);
	assert_int_equal(c.due_at, due);
}

static void undoing_a_closing_undoes_its_end(void **state)
{
	(void)state;
	struct ward_case c = road();
	env_at("2026-03-06", 10);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	int64_t due = c.due_at;
	env_at("2026-03-09", 10);
	env_close(&E.an, &c);
	assert_int_equal(c.due_at, 0);
	assert_int_equal(c.ended_due_at, env_end_of("2026-03-17"));   /* the pause ended with it */
	env_at("2026-03-09", 20);
	env_move(&E.an, &c, VERB_unclose, "text", "Nhầm");
	assert_int_equal(c.due_at, due);
	assert_int_equal(c.ended_due_at, 0);
	assert_true(case_paused(&c, clock_now(&E.clock)));
}

static void it_is_extended_as_the_rule_allows(void **state)
{
	(void)state;
	struct ward_case c = road();
	assert_int_equal(try(&E.an, &c, VERB_extend, NULL), RC_INVALID);
	env_at("2026-03-16", 23);
	assert_int_equal(try(&E.an, &c, VERB_extend, "clock_why"), RC_OK);
	DUE(&c, "2026-03-23");
	assert_int_equal(c.first_due_at, env_end_of("2026-03-16"));
	assert_int_equal(try(&E.an, &c, VERB_extend, "clock_why"), RC_OK);
	DUE(&c, "2026-03-30");
	assert_int_equal(try(&E.an, &c, VERB_extend, "clock_why"), RC_LIMIT);
	assert_false(may(&c, VERB_extend));
	assert_int_equal(env_get(ENV_A, c.id).clock.extension_count, 2);
	/* What is over is over. */
	struct ward_case late = env_open(ENV_A, "road", "Ổ gà khác");
	env_move(&E.an, &late, VERB_take, NULL, NULL);
	env_at("2026-05-04", 9);
	assert_int_equal(try(&E.an, &late, VERB_extend, "clock_why"), RC_EXPIRED);
	/* Fire safety has no allowance, and offers none. */
	struct actor own = E.an;
	own.units[0] = E.unit[ENV_A][UNIT_an_toan];
	struct ward_case fire = env_open(ENV_A, "fire_safety", "Lối thoát bị chặn");
	assert_int_equal(try(&own, &fire, VERB_extend, "clock_why"), RC_DENIED);
}

static void lateness_stays_after_closing(void **state)
{
	(void)state;
	struct lateness late;
	struct ward_case c = road();
	env_at("2026-03-16", 23);
	assert_int_equal(case_lateness(&E.flow, &c, clock_now(&E.clock), &late), RC_NONE);
	env_at("2026-03-17", 0);              /* D27: 24:00 of the last day is over */
	assert_int_equal(case_lateness(&E.flow, &c, clock_now(&E.clock), &late), RC_OK);
	env_at("2026-03-23", 9);
	env_close(&E.an, &c);
	env_at("2026-05-01", 9);
	assert_int_equal(case_lateness(&E.flow, &c, clock_now(&E.clock), &late), RC_OK);
	assert_int_equal(late.calendar_days, 7);
	assert_int_equal(late.working_days, 5);
}

static void reopened_it_is_promised_anew(void **state)
{
	(void)state;
	struct ward_case c = road();
	env_at("2026-03-10", 9);
	env_close(&E.an, &c);
	env_at("2026-03-20", 9);
	env_move(NULL, &c, VERB_reopen, "text", "Vẫn còn");
	DUE(&c, "2026-04-03");
	assert_int_equal(c.first_due_at, c.due_at);
	assert_int_equal(c.ended_due_at, 0);
	assert_true(may(&c, VERB_extend));
}

/* Nothing that the calendar does not reach has a date, and gets one from nobody. */
static void over_the_years_end(void **state)
{
	(void)state;
	env_at("2026-12-21", 9);
	struct ward_case c = env_open(ENV_A, "road", "Ổ gà");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	DUE(&c, "2027-01-05");
	env_at("2027-12-27", 9);
	c = env_open(ENV_A, "road", "Ổ gà");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	assert_int_equal(c.due_at, 0);
	assert_false(may(&c, VERB_extend));
	assert_false(may(&c, VERB_pause));
}

/* ---------------------------------------------------------------- every unit and word of a rule, through the steps */

#define LIGHTING "name: close.lighting, event: receipt, source: s, valid_from: 2025-01-01, verified: false, "

/* Received at the minute and taken at once, by the rule. */
static struct ward_case begun(const char *rule, const char *day, int hour, int minute)
{
	env_rule(rule);
	env_at(day, hour);
	atomic_fetch_add(E.clock.shift, minute * US_MINUTE);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	return c;
}

/* D7, D6, D4, D3's calendar: by hand from CLOCK's table. */
static void in_days_and_months(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *day, *due;
	} rows[] = {
		{LIGHTING "amount: 1, unit: month", "2026-01-31", "2026-03-02"},
		{LIGHTING "amount: 30, unit: calendar_day", "2026-03-31", "2026-05-04"},
		{LIGHTING "amount: 5, unit: working_day", "2026-03-07", "2026-03-13"},
		{LIGHTING "amount: 5, unit: working_day, deemed_next: true", "2026-03-07", "2026-03-16"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ward_case c = begun(rows[i].rule, rows[i].day, 9, 0);
		DUE(&c, rows[i].due);
		c = env_get(ENV_A, c.id);
		DUE(&c, rows[i].due);
		assert_int_equal(c.first_due_at, c.due_at);
	}
}

/* D24, D20: to the minute, a pause of hours takes out its hours. Late from that minute on. */
static void in_hours(void **state)
{
	(void)state;
	struct ward_case c = begun(LIGHTING "amount: 24, unit: hour, pause: {authority: 5}", "2026-02-13", 16, 45);
	int64_t end = c.received_at + 24 * US_HOUR;
	assert_int_equal(c.due_at, end);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	env_at("2026-02-13", 20);
	int64_t paused = clock_now(&E.clock) - c.moved_at;
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_OK);
	assert_true(c.due_at >= end + paused && c.due_at < end + paused + US_MINUTE);
	c = begun(LIGHTING "amount: 4, unit: working_hour", "2026-02-13", 15, 30);
	assert_int_equal(c.due_at / US_MINUTE, (env_end_of("2026-02-22") + 10 * US_HOUR) / US_MINUTE);
	env_at("2026-02-23", 9);
	assert_false(case_late(&c, clock_now(&E.clock)));
	env_at("2026-02-23", 11);
	assert_true(case_late(&c, clock_now(&E.clock)));
}

/* D19: the extension counts from where the first period ended, or from where it was moved to. */
static void extended_from_either_end(void **state)
{
	(void)state;
	struct ward_case c = begun(LIGHTING "amount: 20, unit: calendar_day, extend: {times: 1, amount: 2, unit: month, from: raw}", "2026-01-30", 9, 0);
	DUE(&c, "2026-02-23");
	assert_int_equal(try(&E.an, &c, VERB_extend, "clock_why"), RC_OK);
	DUE(&c, "2026-04-20");
	c = begun(LIGHTING "amount: 20, unit: calendar_day, extend: {times: 1, amount: 2, unit: month, from: due}", "2026-01-30", 9, 0);
	assert_int_equal(try(&E.an, &c, VERB_extend, "clock_why"), RC_OK);
	DUE(&c, "2026-04-23");
	assert_int_equal(c.first_due_at, env_end_of("2026-02-23"));
}

/* Two of five days were used; what is left goes on from the reopening, and no day that it was closed counts. */
static void reopened_it_goes_on(void **state)
{
	(void)state;
	struct ward_case c = begun(LIGHTING "amount: 5, unit: working_day, reopen: continue", "2026-03-02", 9, 0);
	env_at("2026-03-04", 9);
	env_close(&E.an, &c);
	env_at("2026-03-16", 9);
	env_move(NULL, &c, VERB_reopen, "text", "Vẫn tắt");
	DUE(&c, "2026-03-19");
	assert_int_equal(c.first_due_at, env_end_of("2026-03-09"));
}

struct publishing {
	const char *yaml;
	int32_t today;
};

static enum rc publish_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct publishing *k = ctx;
	struct rules_change change;
	return rules_publish(tx, "rules.yaml", str_of(k->yaml), k->today, STR("op"), false, &change, f);
}

/* A new row is published while cases are open: theirs stay as they are, pauses and all, that day's too; whoever
 * comes after it gets the new one. */
static void a_new_row_of_the_rule(void **state)
{
	(void)state;
	struct fault f = {0};
	struct calendar *own;
	int64_t seen[2];
	const char *root = getenv("XOM_SRC"), *dir = arena_fmt(&E.arena, "%s/calendars", root != NULL ? root : ".").p;
	assert_int_equal(calendar_new(&own, NULL), RC_OK);
	env_ok(calendars_open(E.store, dir, own, E.rules, seen, &f), &f);
	struct ward_case c = road();
	env_at("2026-03-06", 10);
	assert_int_equal(try(&E.an, &c, VERB_pause, "clock_why"), RC_OK);
	struct ward_case today = env_open(ENV_A, "road", "Ổ gà khác");
	env_move(&E.an, &today, VERB_take, NULL, NULL);
	DUE(&today, "2026-03-20");
	struct str text, line;
	struct buf b = {0};
	env_ok(file_read(&E.arena, arena_fmt(&E.arena, "%s/rules.yaml", dir).p, RULES_FILE_MAX, &text, &f), &f);
	for (struct str all = text; all.n > 0;) {
		line = str_cut(&all, '\n');
		if (str_find(line, STR("{name: close.road,")) != SIZE_MAX)
			buf_addf(&b, "%.*s, valid_to: 2026-03-06}\n  - {name: close.road, amount: 3, unit: working_day, event: receipt,"
			         " source: setting of the ward, valid_from: 2026-03-07, verified: false}\n", (int)(line.n - 1), line.p);
		else
			buf_addf(&b, "%.*s\n", PSTR(line));
	}
	struct publishing k = {arena_take(&E.arena, &b).p, day_of(clock_now(&E.clock))};
	env_ok(store_write(E.store, (struct ward_id){0}, &E.arena, publish_tx, &k, &f), &f);
	env_ok(calendars_refresh(E.store, own, E.rules, seen, &f), &f);
	env_at("2026-03-09", 9);
	env_move(&E.an, &today, VERB_note, "text", "Đã gọi thợ");
	DUE(&today, "2026-03-20");
	env_at("2026-03-12", 10);
	assert_int_equal(try(&E.an, &c, VERB_resume, NULL), RC_OK);
	DUE(&c, "2026-03-20");                /* as another_authority_is_waited_for has it */
	assert_int_equal(c.clock.pause_count, 1);
	struct ward_case next = env_open(ENV_A, "road", "Ổ gà mới");
	env_move(&E.an, &next, VERB_take, NULL, NULL);
	DUE(&next, "2026-03-17");
	assert_false(may(&next, VERB_pause));
	calendar_free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(a_question_stops_the_clock), T(the_cap_ends_it_by_itself), T(a_pause_on_one_day_changes_nothing),
		T(taking_over_ends_the_question), T(another_authority_is_waited_for), T(pauses_survive_a_correction),
		T(taking_over_ends_the_question), T(pauses_together), T(pauses_survive_a_correction),
		T(undoing_a_closing_undoes_its_end), T(it_is_extended_as_the_rule_allows),
		T(lateness_stays_after_closing), T(reopened_it_is_promised_anew), T(over_the_years_end),
		T(in_days_and_months), T(in_hours), T(extended_from_either_end), T(reopened_it_goes_on),
		T(a_new_row_of_the_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
