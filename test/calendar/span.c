/* The cases D… and A to F: months, hours, office hours, pauses, extensions, and what is refused. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "ward/calendar/span.h"

static struct calendar *cal;

static int setup(void **state)
{
	(void)state;
	cal = fixture();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	calendar_free(cal);
	return 0;
}

/* "2026-03-04 11:29:30" */
static int64_t at(const char *text)
{
	int h = 0, m = 0, s = 0;
	char day[11];
	(void)snprintf(day, sizeof day, "%.10s", text);
	if (strlen(text) > 10 && sscanf(text + 11, "%d:%d:%d", &h, &m, &s) < 2)
		fail_msg("not a moment: %s", text);
	return day_start(on(day)) + h * US_HOUR + m * US_MINUTE + s * US_SECOND;
}

static struct rule rule_of(int amount, enum rule_unit unit)
{
	return (struct rule){.name = STR("t"), .amount = amount, .unit = unit,
	                     .pause_days = {[PAUSE_resident] = 30, [PAUSE_authority] = 60}};
}

static void same_moment(int64_t is, int64_t expected, const char *what)
{
	struct moment m = moment_of(is);
	if (is != expected)
		fail_msg("%s: is %04d-%02d-%02d %02d:%02d:%02d", what, m.date.year, m.date.month, m.date.day,
		         m.hour, m.minute, m.second);
}

static struct due due_of(const struct clock_span *s)
{
	struct due due = {0};
	struct fault f = {0};
	if (clock_due(cal, s, &due, &f) != RC_OK)
		fail_msg("refused: %s", f.text);
	return due;
}

static void last_day_is(const struct clock_span *s, const char *last)
{
	struct due due = due_of(s);
	same_moment(day_start(due.last_day), at(last), last);
	same_moment(due.due_at, day_start(on(last) + 1), last);
}

static void months(void **state)
{
	(void)state;
	int32_t out = 0, raw = 0;
	assert_int_equal(due_month(cal, on("2026-01-31"), 1, &out, &raw, NULL), RC_OK);
	assert_int_equal(raw, on("2026-02-28"));                          /* D7 */
	assert_int_equal(out, on("2026-03-02"));
	assert_int_equal(due_month(cal, on("2028-01-31"), 1, &out, &raw, NULL), RC_OK);
	assert_int_equal(out, on("2028-02-29"));                          /* D7: the leap day */
	assert_int_equal(day_add_months(on("2025-12-31"), 2), on("2026-02-28"));   /* never 03/03 */
	assert_int_equal(day_add_months(on("2027-12-31"), 2), on("2028-02-29"));
	assert_int_equal(day_add_months(on("2028-02-29"), 12), on("2029-02-28"));
	assert_int_equal(day_add_months(on("2026-12-15"), 1), on("2027-01-15"));
	assert_int_equal(day_add_months(on("2026-03-31"), 0), on("2026-03-31"));
	struct rule m1 = rule_of(1, RULE_month);
	last_day_is(&(struct clock_span){.rule = &m1, .event_at = at("2026-01-31 09:00")}, "2026-03-02");
	m1.fixed = true;
	last_day_is(&(struct clock_span){.rule = &m1, .event_at = at("2026-01-31 09:00")}, "2026-02-28");
}

static void office_hours(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		int minutes;
		const char *to;
	} cases[] = {
		{"2026-02-13 15:30", 240, "2026-02-23 10:00"},     /* D20: over Tết */
		{"2026-03-04 11:30", 30, "2026-03-04 13:30"},      /* D21: the end is not inside */
		{"2026-03-04 11:45", 0, "2026-03-04 13:00"},       /* D21 */
		{"2026-03-04 11:29:30", 1, "2026-03-04 13:00:30"}, /* D23: seconds are kept */
		{"2026-03-04 10:30", 60, "2026-03-04 11:30"},      /* ends with the hours, not at their next */
		{"2026-03-04 11:30", 0, "2026-03-04 13:00"},
		{"2026-03-04 07:30", 0, "2026-03-04 07:30"},
		{"2026-03-06 17:00", 0, "2026-03-09 07:30"},       /* Friday's end */
		{"2026-01-10 09:00", 30, "2026-01-10 09:30"},      /* a worked Saturday has its hours */
		{"2026-03-04 00:00", 480, "2026-03-04 17:00"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t out = 0;
		assert_int_equal(due_office(cal, at(cases[i].from), cases[i].minutes * US_MINUTE, &out, NULL),
		                 RC_OK);
		same_moment(out, at(cases[i].to), cases[i].to);
	}
	struct fault f = {0};
	int64_t out = 0;
	assert_int_equal(due_office(cal, at("2026-12-31 16:59"), 2 * US_MINUTE, &out, &f), RC_NONE);
	assert_string_equal(f.text, "calendar 2027 missing");
}

/* A short day before a holiday, and hours that reach midnight (what others count as a closed minute). */
static void own_hours(void **state)
{
	(void)state;
	struct calendar *c = NULL;
	int64_t out = 0;
	add(&c, "year: 2026\nsource: t\noff: [2026-02-16]\nworked: [{day: 2026-02-14, hours: [\"08:00-12:00\"]}]\n"
	        "hours: [{day: 2026-02-13, hours: [\"07:30-11:00\"], decision: 12/QĐ}]\n");
	assert_int_equal(due_office(c, at("2026-02-13 10:00"), 90 * US_MINUTE, &out, NULL), RC_OK);
	same_moment(out, at("2026-02-14 08:30"), "the short Friday, then the worked Saturday");
	assert_true(calendar_works(c, on("2026-02-13")));
	calendar_free(c);
	c = NULL;
	add(&c, "year: 2026\nsource: t\noff: []\noffice: [\"00:00-24:00\"]\n");
	assert_int_equal(due_office(c, at("2026-03-04 23:59"), 2 * US_MINUTE, &out, NULL), RC_OK);
	same_moment(out, at("2026-03-05 00:01"), "through midnight");
	assert_int_equal(due_office(c, at("2026-03-06 23:59"), 1 * US_MINUTE, &out, NULL), RC_OK);
	same_moment(out, at("2026-03-07 00:00"), "Friday's 24:00");
	calendar_free(c);
}

static void clock_hours(void **state)
{
	(void)state;
	struct rule h24 = rule_of(24, RULE_hour);
	struct clock_span s = {.rule = &h24, .event_at = at("2026-02-13 16:45")};
	same_moment(due_of(&s).due_at, at("2026-02-14 16:45"), "D24");        /* never moved */
	s.event_at = at("2026-02-13 16:30");
	same_moment(due_of(&s).due_at, at("2026-02-14 16:30"), "C");
	/* No calendar is asked. */
	s.event_at = at("2026-12-31 16:30");
	struct due due = due_of(&s);
	same_moment(due.due_at, at("2027-01-01 16:30"), "into a missing year");
	s.event_at = at("2026-03-04 00:00");
	due = due_of(&s);
	assert_int_equal(due.last_day, on("2026-03-04"));                     /* 24:00 is that day's */
	struct pause p[] = {{PAUSE_resident, at("2026-03-04 10:00"), at("2026-03-04 12:30:15")},
	                    {PAUSE_authority, at("2026-03-04 11:00"), at("2026-03-04 13:00")}};
	s.pauses = p;
	s.pause_count = 2;
	same_moment(due_of(&s).due_at, at("2026-03-05 03:00"), "what overlaps counts once");
	struct rule bh = rule_of(4, RULE_working_hour);
	s.rule = &bh;
	s.event_at = at("2026-03-04 07:30");
	same_moment(due_of(&s).due_at, at("2026-03-04 14:30"), "office hours around a pause");
}

/* The vectors of the domain. */
static void vectors(void **state)
{
	(void)state;
	struct rule w3 = rule_of(3, RULE_working_day), c20 = rule_of(20, RULE_calendar_day);
	last_day_is(&(struct clock_span){.rule = &w3, .event_at = at("2026-02-13 16:30")}, "2026-02-25");   /* A */
	c20.extend = (struct rule_extend){.times = 2, .amount = 2, .unit = RULE_month, .from_raw = true};
	struct clock_span b = {.rule = &c20, .event_at = at("2026-02-13 16:30")};
	struct extension e[] = {{2, at("2026-03-01")}, {2, at("2026-05-01")}, {2, at("2026-06-30")}};
	b.extensions = e;
	last_day_is(&b, "2026-03-05");                                        /* B */
	b.extension_count = 1;
	last_day_is(&b, "2026-05-05");
	b.extension_count = 2;
	last_day_is(&b, "2026-07-06");
	assert_int_equal(due_of(&b).raw_day, on("2026-07-05"));
	struct due due;
	struct fault f = {0};
	b.extension_count = 3;
	assert_int_equal(clock_due(cal, &b, &due, &f), RC_REFUSED);
	assert_string_equal(f.text, "the rule t can be extended 2 times");
	struct rule c30 = rule_of(30, RULE_calendar_day);
	c30.extend = (struct rule_extend){.times = 1, .amount = 30, .unit = RULE_calendar_day, .from_raw = true};
	struct extension e30 = {30, at("2026-07-20")};
	struct clock_span d = {.rule = &c30, .event_at = at("2026-07-01 09:00"), .extensions = &e30};
	last_day_is(&d, "2026-07-31");                                        /* D */
	d.extension_count = 1;
	last_day_is(&d, "2026-09-03");
	struct rule w2 = rule_of(2, RULE_working_day);
	last_day_is(&(struct clock_span){.rule = &w2, .event_at = at("2026-02-13 08:00")}, "2026-02-24");   /* E */
	struct rule w10 = rule_of(10, RULE_working_day);
	struct pause five = {PAUSE_resident, at("2026-03-05 09:00"), at("2026-03-10 09:00")};
	struct clock_span s = {.rule = &w10, .event_at = at("2026-03-02 09:00"), .pauses = &five, .pause_count = 1};
	assert_int_equal(clock_first(cal, &s, &due, NULL), RC_OK);            /* F: both dates */
	assert_int_equal(due.last_day, on("2026-03-16"));
	last_day_is(&s, "2026-03-19");
}

static void extended(void **state)
{
	(void)state;
	struct rule c20 = rule_of(20, RULE_calendar_day);
	struct extension e = {2, at("2026-02-13")};
	struct clock_span s = {.rule = &c20, .event_at = at("2026-01-30 09:00"), .extensions = &e};
	struct due due = due_of(&s);                                          /* D19 */
	assert_int_equal(due.raw_day, on("2026-02-19"));
	assert_int_equal(due.last_day, on("2026-02-23"));
	c20.extend = (struct rule_extend){.times = 1, .amount = 2, .unit = RULE_month, .from_raw = true};
	s.extension_count = 1;
	last_day_is(&s, "2026-04-20");
	c20.extend.from_raw = false;
	last_day_is(&s, "2026-04-23");
	struct fault f = {0};
	e.amount = 3;
	assert_int_equal(clock_due(cal, &s, &due, &f), RC_REFUSED);
	assert_string_equal(f.text, "the rule t can be extended by 1 to 2");
	e.amount = 0;
	assert_int_equal(clock_due(cal, &s, &due, NULL), RC_REFUSED);
	c20.extend.times = 0;
	assert_int_equal(clock_due(cal, &s, &due, NULL), RC_REFUSED);
}

static void paused(void **state)
{
	(void)state;
	struct rule w10 = rule_of(10, RULE_working_day);
	struct pause p[] = {{PAUSE_resident, at("2026-03-06 10:00"), at("2026-03-16 14:00")},
	                    {PAUSE_authority, at("2026-03-19 10:00"), at("2026-03-20 14:00")}};
	struct clock_span s = {.rule = &w10, .event_at = at("2026-03-02 09:00"), .pauses = p};
	last_day_is(&s, "2026-03-16");
	s.pause_count = 1;
	last_day_is(&s, "2026-03-24");                                        /* D12 */
	s.pause_count = 2;
	last_day_is(&s, "2026-03-25");
	struct pause swapped[] = {p[1], p[0]};
	s.pauses = swapped;
	last_day_is(&s, "2026-03-25");
	struct pause day = {PAUSE_resident, at("2026-03-04 08:00"), at("2026-03-04 16:59")};
	s.pauses = &day;
	s.pause_count = 1;
	last_day_is(&s, "2026-03-16");                                        /* D13 */
	/* Still on: reckoned to its cap, thirty days, and not a day beyond when it lasts longer. */
	day.to_at = 0;
	struct due open = due_of(&s);
	day.to_at = at("2026-04-03 12:00");
	assert_int_equal(due_of(&s).last_day, open.last_day);
	day.to_at = at("2026-09-01 12:00");
	assert_int_equal(due_of(&s).last_day, open.last_day);
	day.to_at = at("2026-04-02 12:00");
	assert_true(due_of(&s).last_day < open.last_day);
	/* Over on a Saturday, while the clock stands until Tuesday: it goes on to Wednesday. */
	struct rule c5 = rule_of(5, RULE_calendar_day);
	struct pause over = {PAUSE_authority, at("2026-03-07 12:00"), at("2026-03-10 09:00")};
	s = (struct clock_span){.rule = &c5, .event_at = at("2026-03-02 09:00"), .pauses = &over};
	last_day_is(&s, "2026-03-09");
	s.pause_count = 1;
	last_day_is(&s, "2026-03-11");
}

static void refused(void **state)
{
	(void)state;
	struct rule w5 = rule_of(5, RULE_working_day);
	w5.pause_days[PAUSE_authority] = 0;
	struct pause p = {PAUSE_resident, at("2026-03-04 08:00"), at("2026-03-04 07:59")};
	struct clock_span s = {.rule = &w5, .event_at = at("2026-03-02 09:00"), .pauses = &p, .pause_count = 1};
	struct due due;
	struct fault f = {0};
	assert_int_equal(clock_due(cal, &s, &due, &f), RC_INVALID);
	assert_string_equal(f.text, "a pause ends before it begins");
	p = (struct pause){PAUSE_resident, at("2026-03-02 08:59"), at("2026-03-04 07:59")};
	assert_int_equal(clock_due(cal, &s, &due, &f), RC_INVALID);
	assert_string_equal(f.text, "a pause begins before the event");
	p = (struct pause){PAUSE_authority, at("2026-03-03 08:59"), at("2026-03-04 07:59")};
	assert_int_equal(clock_due(cal, &s, &due, &f), RC_REFUSED);
	assert_string_equal(f.text, "the rule t has no cap for a pause for another authority");
	p.kind = (enum pause_kind)9;
	assert_int_equal(clock_due(cal, &s, &due, &f), RC_INVALID);
}

static void reopened(void **state)
{
	(void)state;
	struct rule w5 = rule_of(5, RULE_working_day);
	struct pause p[] = {{PAUSE_resident, at("2026-03-03 08:00"), at("2026-03-04 08:00")},
	                    {PAUSE_closed, at("2026-03-05 10:00"), at("2026-03-11 09:00")}};
	struct clock_span s = {.rule = &w5, .event_at = at("2026-03-02 09:00"), .pauses = p, .pause_count = 2};
	last_day_is(&s, "2026-03-18");                 /* anew: five days from the 11th */
	w5.reopen = REOPEN_continue;
	last_day_is(&s, "2026-03-16");                 /* the 3rd and 5th were used; 12, 13, 16 */
	p[1].to_at = 0;
	struct due due;
	assert_int_equal(clock_due(cal, &s, &due, NULL), RC_WAITING);
}

static void traced(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct rule c20 = rule_of(20, RULE_calendar_day);
	struct clock_span s = {.rule = &c20, .event_at = at("2026-01-30 09:00")};
	struct trace_day *days;
	size_t n;
	assert_int_equal(clock_trace(cal, &s, &a, &days, &n, NULL), RC_OK);
	assert_int_equal(n, 25);                       /* 30/01 to 23/02 */
	assert_int_equal(days[0].why, WHY_event);
	for (size_t i = 1; i < n; i++)
		assert_int_equal(days[i].day, days[i - 1].day + 1);
	assert_int_equal(days[20].why, WHY_counted);
	assert_int_equal(days[20].n, 20);
	assert_int_equal(days[20].sort, SORT_holiday);
	assert_int_equal(days[21].why, WHY_moved);
	assert_int_equal(days[22].sort, SORT_weekend);
	assert_int_equal(days[24].why, WHY_last);
	struct rule w3 = rule_of(3, RULE_working_day);
	struct pause p = {PAUSE_resident, at("2026-08-20 09:00"), at("2026-08-21 09:00")};
	s = (struct clock_span){.rule = &w3, .event_at = at("2026-08-19 09:00"), .pauses = &p, .pause_count = 1};
	assert_int_equal(clock_trace(cal, &s, &a, &days, &n, NULL), RC_OK);
	assert_int_equal(n, 6);
	assert_int_equal(days[2].why, WHY_paused);
	assert_int_equal(days[2].pause, 0);
	assert_int_equal(days[3].sort, SORT_worked);
	assert_non_null(days[3].listed);
	assert_int_equal(days[3].n, 2);
	assert_int_equal(days[4].why, WHY_rest);
	assert_int_equal(days[5].n, 3);
	struct rule bh = rule_of(4, RULE_working_hour);
	s = (struct clock_span){.rule = &bh, .event_at = at("2026-02-13 15:30")};
	assert_int_equal(clock_trace(cal, &s, &a, &days, &n, NULL), RC_OK);
	assert_int_equal(n, 11);
	assert_true(days[0].counted_us == 90 * US_MINUTE && days[10].counted_us == 150 * US_MINUTE);
	arena_release(&a);
}

static void shares(void **state)
{
	(void)state;
	struct rule w1 = rule_of(1, RULE_working_day);
	struct clock_span s = {.rule = &w1, .event_at = at("2026-03-02 13:00")};   /* 4 h, then 8 h */
	struct share share;
	int64_t when;
	assert_int_equal(clock_share(cal, &s, at("2026-03-02 17:00"), &share, NULL), RC_OK);
	assert_true(share.total_us == 12 * US_HOUR && share.used_us == 4 * US_HOUR);
	assert_int_equal(clock_share(cal, &s, at("2026-03-02 12:00"), &share, NULL), RC_OK);
	assert_true(share.used_us == 0);
	assert_int_equal(clock_share(cal, &s, at("2026-05-02 12:00"), &share, NULL), RC_OK);
	assert_true(share.used_us == share.total_us);
	assert_int_equal(clock_reached(cal, &s, 50, &when, NULL), RC_OK);
	same_moment(when, at("2026-03-03 09:30"), "half");
	assert_int_equal(clock_reached(cal, &s, 100, &when, NULL), RC_OK);
	same_moment(when, at("2026-03-04 07:30"), "the whole: the next opening");
	struct rule h24 = rule_of(24, RULE_hour);
	s = (struct clock_span){.rule = &h24, .event_at = at("2026-02-13 16:45")};
	assert_int_equal(clock_share(cal, &s, at("2026-02-14 04:45"), &share, NULL), RC_OK);
	assert_true(share.used_us * 2 == share.total_us);
	assert_int_equal(clock_reached(cal, &s, 50, &when, NULL), RC_OK);
	same_moment(when, at("2026-02-23 07:30"), "told in office hours only");
}

static void late(void **state)
{
	(void)state;
	struct rule w5 = rule_of(5, RULE_working_day);
	struct clock_span s = {.rule = &w5, .event_at = at("2026-02-06 09:00")};
	struct due due = due_of(&s);
	struct lateness l;
	assert_int_equal(due.last_day, on("2026-02-13"));
	assert_int_equal(clock_late(cal, &due, at("2026-02-14") - 1, &l, NULL), RC_OK);
	assert_true(l.us == 0 && l.calendar_days == 0 && l.working_days == 0);
	assert_int_equal(clock_late(cal, &due, at("2026-02-14"), &l, NULL), RC_OK);
	assert_true(l.us == 0 && l.calendar_days == 1 && l.working_days == 0);
	assert_int_equal(clock_late(cal, &due, at("2026-02-24 10:00"), &l, NULL), RC_OK);
	assert_true(l.calendar_days == 11 && l.working_days == 2);
}

static void versions(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct yaml_reader r = {0};
	struct calendar_year *moved = NULL;
	assert_int_equal(calendar_year_parse(&r, &a, "t", STR(FIXTURE_2026("  - 2026-11-23\n")), &moved, NULL), RC_OK);
	struct calendar *stale = NULL, *next = NULL;
	add(&stale, FIXTURE_2026("  - 2026-11-24\n"));
	struct calendar_change *list;
	/* D28: the day that moved takes its old one with it, and both are named. */
	assert_int_equal(calendar_diff(calendar_year_of(stale, 2026), moved, &a, &list), 2);
	assert_int_equal(list[0].day, on("2026-11-23"));
	assert_int_equal(list[0].is, SORT_holiday);
	assert_int_equal(list[1].day, on("2026-11-24"));
	assert_int_equal(list[1].is, SORT_working);
	assert_int_equal(calendar_with(stale, moved, &next, NULL), RC_OK);
	struct rule w5 = rule_of(5, RULE_working_day);
	int32_t last = 0;
	assert_int_equal(rule_due(next, &w5, at("2026-11-19 09:00"), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-11-27"));
	assert_int_equal(rule_due(stale, &w5, at("2026-11-19 09:00"), NULL, &last, NULL), RC_OK);
	assert_int_equal(last, on("2026-11-27"));
	/* A new holiday is seen at once by whoever holds the calendar. */
	calendar_put(stale, moved);
	assert_true(calendar_works(stale, on("2026-11-24")));
	struct buf b = {0};
	calendar_year_write(moved, &b);
	struct calendar_year *again = NULL;
	assert_int_equal(calendar_year_parse(&r, &a, "t", buf_str(&b), &again, NULL), RC_OK);
	assert_int_equal(calendar_diff(moved, again, &a, &list), 0);
	buf_release(&b);
	calendar_free(stale);
	calendar_free(next);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months),   cmocka_unit_test(office_hours), cmocka_unit_test(own_hours),
		cmocka_unit_test(clock_hours), cmocka_unit_test(vectors),   cmocka_unit_test(extended),
		cmocka_unit_test(paused),   cmocka_unit_test(refused),      cmocka_unit_test(reopened),
		cmocka_unit_test(traced),   cmocka_unit_test(shares),       cmocka_unit_test(late),
		cmocka_unit_test(versions),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
