/* Versions and rules as rows: what ships is taken in once, a day is answered for, what is applied is seen by
 * every server, and what was published stays. */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/hash.h"
#include "ward/calendar/calendar_store.h"
#include "ward/place/place.h"
#include "../harness/database.h"

struct server {
	struct calendar *calendar;
	struct rules *rules;
	int64_t seen[2];
};
static struct {
	char dir[40];
	struct arena arena;
	struct clock clock;
	struct store *store;
	struct server here, there;    /* two servers of one database */
} E;

static const char *path(const char *name) { return arena_fmt(&E.arena, "%s/%s", E.dir, name).p; }

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

#define RULE(name, amount, from, more) \
	"  - {name: " name ", amount: " amount ", unit: working_day, event: receipt, source: law, valid_from: " from \
	", verified: false" more "}\n"

static void begin(struct server *s)
{
	struct fault f = {0};
	assert_int_equal(calendar_new(&s->calendar, NULL), RC_OK);
	assert_int_equal(rules_load(&s->rules, path("c/rules.yaml"), NULL), RC_OK);
	if (calendars_open(E.store, path("c"), s->calendar, s->rules, s->seen, &f) != RC_OK)
		fail_msg("%s", f.text);
}

static void end(struct server *s)
{
	calendar_free(s->calendar);
	rules_free(s->rules);
}

static int setup(void **state)
{
	static const struct schema_step *const STEPS[] = {PLACE_SCHEMA, CALENDAR_SCHEMA, NULL};
	(void)state;
	(void)snprintf(E.dir, sizeof E.dir, "/tmp/xom-calendars-XXXXXX");
	assert_non_null(mkdtemp(E.dir));
	arena_init(&E.arena, (size_t)64 << 20);
	clock_init(&E.clock);
	assert_int_equal(crypto_start(NULL), RC_OK);
	assert_int_equal(mkdir(path("c"), 0700), 0);
	write_file("c/vn-2025.yaml", PLAIN_2025);
	write_file("c/vn-2026.yaml", FIXTURE_2026(""));
	write_file("c/rules.yaml", "rules:\n" RULE("a", "5", "2025-01-01", "") RULE("b", "3", "2025-01-01", ", after: a"));
	const struct store_config config = {
		.path = test_database(path("xom.db")), .steps = STEPS, .clock = &E.clock, .readers = 2};
	struct fault f = {0};
	if (store_open(&E.store, &config, &f) != RC_OK)
		fail_msg("%s", f.text);
	begin(&E.here);
	begin(&E.there);
	return 0;
}

static int teardown(void **state)
{
	static const char *const FILES[] = {"c/vn-2025.yaml", "c/vn-2026.yaml", "c/rules.yaml", "c", "xom.db", "xom.db-wal",
	                                    "xom.db-shm", ""};
	(void)state;
	end(&E.here);
	end(&E.there);
	store_close(E.store);
	test_database_drop(path("xom.db"));
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
		(void)remove(path(FILES[i]));
	arena_release(&E.arena);
	return 0;
}

/* One step in a transaction of its own. */
struct doing {
	enum { PROPOSE, ANSWER, ALL, ADD, CONFIRM, APPLY, DROP, READ, NOW, LIST, RULES } what;
	int year, version;
	const char *yaml;
	struct calendar_day day;
	enum day_answer answer;
	bool first;
	struct calendar_version out, *list;
	size_t count;
	struct rules_change change;
	struct fault fault;
};

static enum rc answer(struct tx *tx, const struct doing *d, struct fault *f)
{
	struct calendar_version v = {0};
	enum rc rc = calendar_proposal_hold(tx, d->year, d->version, &v, f);
	for (size_t i = 0; rc == RC_OK && i < v.line_count; i++)
		if (v.lines[i].day == d->day.day)
			return calendar_answer_line(tx, &v, i, d->answer, STR("12/TB"), 20000, f);
	return rc == RC_OK ? calendar_answer(tx, &v, d->day.day, d->answer, f) : rc;
}

static enum rc step(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	struct yaml_reader r = {0};
	struct calendar_year *y = NULL;
	switch (d->what) {
	case PROPOSE:
		assert_int_equal(calendar_year_parse(&r, tx_arena(tx), "t", str_of(d->yaml), &y, f), RC_OK);
		d->year = y->year;
		return calendar_propose(tx, y, STR("t.yaml"), STR("op"), &d->version, f);
	case ANSWER: return answer(tx, d, f);
	case ALL: return calendar_answer_all(tx, d->year, d->version, d->answer, f);
	case ADD: return calendar_add_day(tx, d->year, d->version, &d->day, f);
	case CONFIRM: return calendar_confirm(tx, d->year, d->version, STR("op"), f);
	case APPLY: return calendar_apply(tx, d->year, d->version, STR("op"), f);
	case DROP: return calendar_drop(tx, d->year, d->version, STR("op"), f);
	case READ: return calendar_version_read(tx, d->year, d->version, &d->out, f);
	case NOW: return calendar_version_now(tx, d->year, &d->out, f);
	case LIST: return calendar_versions(tx, d->year, &d->list, &d->count, f);
	case RULES: return rules_publish(tx, "rules.yaml", str_of(d->yaml), on("2026-11-26"), STR("op"), d->first, &d->change, f);
	}
	return RC_FAIL;
}

static enum rc run(struct doing *d)
{
	d->fault = (struct fault){0};
	return d->what >= READ && d->what <= LIST
	               ? store_read(E.store, (struct ward_id){0}, &E.arena, step, d, &d->fault)
	               : store_write(E.store, (struct ward_id){0}, &E.arena, step, d, &d->fault);
}

static void must(struct doing *d, int what)
{
	d->what = what;
	enum rc rc = run(d);
	if (rc != RC_OK)
		fail_msg("step %d: %s: %s", what, rc_name(rc), d->fault.text);
}

static void refuses(struct doing *d, int what, enum rc rc)
{
	d->what = what;
	assert_int_equal(run(d), rc);
}

static void look(struct server *s)
{
	struct fault f = {0};
	if (calendars_refresh(E.store, s->calendar, s->rules, s->seen, &f) != RC_OK)
		fail_msg("%s", f.text);
}

static void shipped_once(void **state)
{
	(void)state;
	struct doing d = {0};
	must(&d, LIST);
	assert_int_equal(d.count, 2);              /* two servers began, and took it in once */
	assert_int_equal(d.list[0].year, 2026);
	assert_int_equal(d.list[0].state, CALENDAR_applied);
	assert_true(d.list[0].shipped);
	assert_false(calendar_works(E.here.calendar, on("2026-09-02")));
	assert_int_equal(calendar_year_of(E.there.calendar, 2026)->version, 1);
	const struct rule *row;
	assert_int_equal(rule_find(E.here.rules, STR("b"), on("2026-01-01"), &row), RC_OK);
	assert_true(str_is(row->after, "a"));
	/* A file that came changed with a newer program is a proposal, not the truth. */
	write_file("c/vn-2026.yaml", FIXTURE_2026("  - 2026-11-24\n"));
	struct server third = {0};
	begin(&third);
	assert_true(calendar_works(third.calendar, on("2026-11-24")));
	end(&third);
	begin(&third);
	end(&third);
	must(&d, LIST);
	assert_int_equal(d.count, 3);
	assert_int_equal(d.list[0].state, CALENDAR_proposed);
	assert_int_equal(d.list[0].open, 16);
	d.version = 2;
	d.year = 2026;
	must(&d, DROP);
	refuses(&d, DROP, RC_CHANGED);
	write_file("c/vn-2026.yaml", FIXTURE_2026(""));
}

/* D28 through the rows: the day off moved, its old day goes with it, the other server sees it. */
static void moved(void **state)
{
	(void)state;
	struct doing d = {.yaml = FIXTURE_2026("  - 2026-11-24\n")};
	must(&d, PROPOSE);
	refuses(&d, PROPOSE, RC_EXISTS);
	refuses(&d, CONFIRM, RC_WAITING);
	d.answer = ANSWER_yes;
	must(&d, ALL);
	refuses(&d, APPLY, RC_CHANGED);            /* proposed is not confirmed */
	must(&d, CONFIRM);
	refuses(&d, ALL, RC_CHANGED);              /* nor changed any more */
	look(&E.there);
	assert_true(calendar_works(E.there.calendar, on("2026-11-24")));
	must(&d, APPLY);
	refuses(&d, APPLY, RC_CHANGED);
	const struct calendar_year *before = calendar_year_of(E.here.calendar, 2026);
	look(&E.there);
	assert_false(calendar_works(E.there.calendar, on("2026-11-24")));
	assert_true(before->days[0] == SORT_holiday);      /* what was handed out stays */
	struct doing e = {.yaml = FIXTURE_2026("  - {day: 2026-11-23, name: Ngày Văn hóa, decision: 9/QĐ, decided: 2026-11-01}\n"),
	                  .answer = ANSWER_yes};
	must(&e, PROPOSE);
	must(&e, ALL);
	must(&e, CONFIRM);
	must(&e, READ);
	struct calendar_change *list;
	assert_int_equal(calendar_diff(calendar_year_of(E.there.calendar, 2026), e.out.days, &E.arena, &list), 2);
	must(&e, APPLY);
	look(&E.there);
	look(&E.here);
	for (int i = 0; i < 2; i++) {
		struct server *s = i == 0 ? &E.here : &E.there;
		assert_true(calendar_works(s->calendar, on("2026-11-24")));
		assert_false(calendar_works(s->calendar, on("2026-11-23")));
		assert_true(str_is(calendar_listed(s->calendar, on("2026-11-23"))->decision, "9/QĐ"));
	}
	must(&e, NOW);
	assert_int_equal(e.out.version, e.version);
	/* What was confirmed before a later one was applied is not put back by mistake. */
	refuses(&d, APPLY, RC_CHANGED);
}

static void answered(void **state)
{
	(void)state;
	struct doing d = {.yaml = "year: 2027\nsource: s\noff: [2027-01-01, 2027-04-30]\nto_confirm: [2027-02-08, 2027-02-09]\n"
	                          "worked: [{day: 2027-01-09, hours: [\"07:30-11:30\"]}]\n"};
	must(&d, PROPOSE);
	static const struct { const char *day; enum day_answer a; } all[] = {
		{"2027-01-01", ANSWER_yes}, {"2027-04-30", ANSWER_no}, {"2027-02-08", ANSWER_yes}, {"2027-02-09", ANSWER_later},
		{"2027-01-09", ANSWER_yes}};
	d.day.day = on("2027-01-01");
	d.answer = ANSWER_later;
	refuses(&d, ANSWER, RC_INVALID);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		d.day.day = on(all[i].day);
		d.answer = all[i].a;
		must(&d, ANSWER);
	}
	d.day.day = on("2027-03-03");
	refuses(&d, ANSWER, RC_NONE);
	d.day = (struct calendar_day){.day = on("2027-03-06"), .kind = DAY_off};
	refuses(&d, ADD, RC_INVALID);              /* a Saturday */
	d.day = (struct calendar_day){.day = on("2027-01-01"), .kind = DAY_off};
	refuses(&d, ADD, RC_EXISTS);
	d.day = (struct calendar_day){.day = on("2027-03-05"), .kind = DAY_off, .name = STR("x")};
	must(&d, ADD);
	must(&d, CONFIRM);
	must(&d, APPLY);
	look(&E.here);
	const struct calendar *c = E.here.calendar;
	assert_int_equal(calendar_sort(c, on("2027-01-01")), SORT_holiday);
	assert_int_equal(calendar_sort(c, on("2027-04-30")), SORT_working);
	assert_int_equal(calendar_sort(c, on("2027-02-08")), SORT_holiday);
	assert_int_equal(calendar_sort(c, on("2027-02-09")), SORT_to_confirm);
	assert_int_equal(calendar_sort(c, on("2027-01-09")), SORT_worked);
	assert_int_equal(calendar_sort(c, on("2027-03-05")), SORT_holiday);
	assert_true(str_is(calendar_listed(c, on("2027-02-08"))->decision, "12/TB"));
	const struct hours *h;
	size_t n;
	assert_int_equal(calendar_hours(c, on("2027-01-09"), &h, &n, NULL), RC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(calendar_reaches(c, 2025), 2027);
	struct doing none = {.year = 2027, .version = 99};
	refuses(&none, CONFIRM, RC_NONE);
	refuses(&none, READ, RC_NONE);
}

/* An administrator's step belongs to a ward, the operator's to none: on PostgreSQL they run side by side, and whoever
 * comes second meets what the first has made of the version, not what it was. */
struct race {
	struct doing first, second;
	struct arena arena;
	pthread_t thread;
	bool begun;
	enum rc rc;
};

static void *come_second(void *arg)
{
	struct race *r = arg;
	r->rc = store_write(E.store, (struct ward_id){0}, &r->arena, step, &r->second, &r->second.fault);
	return NULL;
}

static enum rc come_first(struct tx *tx, void *ctx, struct fault *f)
{
	struct race *r = ctx;
	char waits[64] = "";
	long changed;
	struct doing all = {.what = LIST};
	enum rc rc = step(tx, &r->first, f);
	if (rc == RC_OK)
		rc = step(tx, &all, f);        /* whoever reads sends what it wrote, too */
	if (rc == RC_OK && !r->begun)
		assert_int_equal(pthread_create(&r->thread, NULL, come_second, r), 0);
	r->begun = true;
	while (rc == RC_OK && strcmp(waits, "1\n") != 0) {
		assert_true(test_database_sql(path("xom.db"), "SELECT count(*) FROM pg_stat_activity WHERE datname ="
		                              " current_database() AND wait_event_type = 'Lock'", waits, sizeof waits, &changed));
		(void)usleep(2000);
	}
	return rc;
}

static void at_the_same_time(void **state)
{
	(void)state;
	static const struct {
		int first, second;
		enum calendar_state state;
	} rows[] = {{DROP, CONFIRM, CALENDAR_dropped}, {CONFIRM, ANSWER, CALENDAR_confirmed}, {CONFIRM, ALL, CALENDAR_confirmed},
	            {CONFIRM, ADD, CALENDAR_confirmed}};
	if (!on_server())
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct doing d = {.yaml = arena_fmt(&E.arena, "year: 2031\nsource: s%zu\noff: [2031-01-01]\n", i).p, .answer = ANSWER_yes};
		must(&d, PROPOSE);
		must(&d, ALL);
		struct race r = {.first = d, .second = d};
		r.first.what = rows[i].first;
		r.second.what = rows[i].second;
		r.second.answer = ANSWER_no;
		r.second.day.day = on("2031-01-01");
		if (rows[i].second == ADD)
			r.second.day = (struct calendar_day){.day = on("2031-01-02"), .kind = DAY_off};
		arena_init(&r.arena, ARENA_REQUEST_LIMIT);
		assert_int_equal(store_write(E.store, (struct ward_id){1}, &E.arena, come_first, &r, &r.first.fault), RC_OK);
		(void)pthread_join(r.thread, NULL);
		if (r.rc != RC_CHANGED)
			fail_msg("row %zu: %s", i, rc_name(r.rc));
		must(&d, READ);
		assert_int_equal(d.out.state, rows[i].state);
		assert_int_equal(d.out.line_count, 1);
		assert_int_equal(d.out.answers[0], ANSWER_yes);
		arena_release(&r.arena);
	}
}

/* Two new versions of a year take two numbers. */
static void two_at_once(void **state)
{
	(void)state;
	if (!on_server())
		skip();
	struct race r = {.first = {.what = PROPOSE, .yaml = "year: 2032\nsource: s\noff: [2032-01-01]\n"},
	                 .second = {.what = PROPOSE, .yaml = "year: 2032\nsource: s\noff: [2032-01-02]\n"}};
	arena_init(&r.arena, ARENA_REQUEST_LIMIT);
	assert_int_equal(store_write(E.store, (struct ward_id){1}, &E.arena, come_first, &r, &r.first.fault), RC_OK);
	(void)pthread_join(r.thread, NULL);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.first.version, 1);
	assert_int_equal(r.second.version, 2);
	arena_release(&r.arena);
}

static void published(void **state)
{
	(void)state;
	static const struct {
		const char *yaml;
		int line;
		const char *field, *text;
	} bad[] = {
		{"rules:\n" RULE("a", "6", "2025-01-01", "") RULE("b", "3", "2025-01-01", ", after: a"), 2, "amount", "never changed"},
		{"rules:\n" RULE("a", "5", "2025-01-01", ", reopen: continue") RULE("b", "3", "2025-01-01", ", after: a"), 2,
		 "reopen", "never changed"},
		{"rules:\n" RULE("a", "5", "2025-01-01", "") RULE("b", "3", "2025-01-01", ""), 3, "after", "never changed"},
		{"rules:\n" RULE("a", "5", "2025-01-01", ""), 1, "rules", "cannot be taken out"},
		{"rules:\n" RULE("a", "5", "2025-01-01", ", valid_to: 2026-11-24") RULE("b", "3", "2025-01-01", ", after: a"), 2,
		 "valid_to", "end before today"},
		{"rules:\n" RULE("a", "5", "2025-01-01", ", valid_to: 2026-11-25") RULE("b", "3", "2025-01-01", ", after: a"), 2,
		 "valid_to", "end before today"},
		{"rules:\n" RULE("a", "5", "2025-01-01", ", valid_to: 2025-06-30") RULE("a", "7", "2026-11-26", "")
		 RULE("b", "3", "2025-01-01", ", after: a"), 2, "valid_to", "end before today"},
		{"rules:\n" RULE("a", "5", "2025-01-01", ", valid_to: 2026-11-30") RULE("a", "7", "2026-11-30", "")
		 RULE("b", "3", "2025-01-01", ", after: a"), 3, "", "overlaps"},
		{"rules:\n" RULE("a", "5", "2025-01-01", "") RULE("a", "7", "2024-01-01", ", valid_to: 2024-12-31")
		 RULE("b", "3", "2025-01-01", ", after: a"), 3, "valid_from", "begin before tomorrow"},
		{"rules:\n  - {name: c, amount: 5, unit: month, event: receipt, valid_from: 2026-01-01, verified: false}\n", 2, "source",
		 "missing"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct doing d = {.yaml = bad[i].yaml, .what = RULES};
		enum rc rc = run(&d);
		if ((rc != RC_REFUSED && rc != RC_SYNTAX) || d.fault.line != bad[i].line || strstr(d.fault.text, bad[i].text) == NULL ||
		    strstr(d.fault.field, bad[i].field) == NULL)
			fail_msg("row %zu: %s %d %s %s", i, rc_name(rc), d.fault.line, d.fault.field, d.fault.text);
	}
	struct doing same = {.yaml = "rules:\n" RULE("a", "5", "2025-01-01", "") RULE("b", "3", "2025-01-01", ", after: a")};
	must(&same, RULES);
	assert_int_equal(same.change.added + same.change.ended, 0);
	const struct rule *before = NULL, *after = NULL;
	assert_int_equal(rule_find(E.there.rules, STR("a"), on("2026-11-30"), &before), RC_OK);
	struct doing d = {.yaml = "rules:\n" RULE("a", "5", "2025-01-01", ", valid_to: 2026-11-29")
	                          RULE("a", "7", "2026-11-30", ", before: [50, 80], pause: {resident: 30}")
	                          RULE("b", "3", "2025-01-01", ", after: a") RULE("c", "2", "2024-01-01", "")};
	must(&d, RULES);
	assert_int_equal(d.change.added, 2);
	assert_int_equal(d.change.ended, 1);
	look(&E.there);
	assert_int_equal(before->amount, 5);       /* who holds a row keeps it */
	assert_int_equal(rule_find(E.there.rules, STR("a"), on("2026-11-29"), &after), RC_OK);
	assert_int_equal(after->amount, 5);
	assert_int_equal(rule_find(E.there.rules, STR("a"), on("2026-11-30"), &after), RC_OK);
	assert_int_equal(after->amount, 7);
	assert_int_equal(after->pause_days[PAUSE_resident], 30);
	assert_int_equal(after->shares[1], 80);
	/* A newer program's file adds names alone. */
	struct doing ship = {.first = true, .yaml = "rules:\n" RULE("a", "9", "2025-01-01", "") RULE("z", "1", "2025-01-01", "")};
	must(&ship, RULES);
	assert_int_equal(ship.change.added, 1);
	look(&E.there);
	assert_int_equal(rule_find(E.there.rules, STR("a"), on("2026-01-01"), &after), RC_OK);
	assert_int_equal(after->amount, 5);
	assert_int_equal(rule_find(E.there.rules, STR("z"), on("2026-01-01"), &after), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_once), cmocka_unit_test(moved), cmocka_unit_test(answered), cmocka_unit_test(published),
		cmocka_unit_test(at_the_same_time), cmocka_unit_test(two_at_once),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
