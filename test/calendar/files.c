/* The files: what is shipped loads and says what it should; what is wrong is refused with its line. */
#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/base/text.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/xom-calendar-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static const char *path_of(const char *name)
{
	static char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static const char *write_file(const char *name, const char *text)
{
	const char *path = path_of(name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
	return path;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static const char *shipped(const char *name)
{
	static char path[1024];
	const char *src = getenv("XOM_SRC");
	assert_non_null(src);
	(void)snprintf(path, sizeof path, "%s/calendars%s", src, name);
	return path;
}

static void shipped_calendars(void **state)
{
	(void)state;
	struct calendar *c = NULL;
	struct fault f = {0};
	if (calendar_load(&c, shipped(""), &f) != RC_OK)
		fail_msg("%s:%d: %s: %s", f.file, f.line, f.field, f.text);
	for (int year = 2025; year <= 2027; year++)
		assert_true(calendar_has_year(c, year));
	/* The fixture and the shipped 2026 agree on every day. */
	struct calendar *fix = fixture();
	for (int32_t d = on("2026-01-01"); d <= on("2026-12-31"); d++)
		assert_int_equal(calendar_works(c, d), calendar_works(fix, d));
	calendar_free(fix);
	int32_t out = 0;
	assert_int_equal(due_working(c, on("2026-12-21"), 10, &out, NULL), RC_OK);
	assert_int_equal(out, on("2027-01-05"));
	/* What the decision on 2027 has not said yet is marked as such, and rests. */
	assert_true(calendar_to_confirm(c, on("2027-02-08")));
	assert_false(calendar_works(c, on("2027-02-08")));
	assert_false(calendar_to_confirm(c, on("2027-01-01")));
	assert_false(calendar_works(c, on("2027-01-01")));
	assert_false(calendar_to_confirm(c, on("2040-01-01")));
	calendar_free(c);
}

static void shipped_rules(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int amount;
		enum rule_unit unit;
	} expected[] = {
		{"desk.first_look", 2, RULE_working_day},   {"close.lighting", 5, RULE_working_day},
		{"close.rubbish", 3, RULE_working_day},     {"close.road", 10, RULE_working_day},
		{"close.water", 5, RULE_working_day},       {"close.fire_safety", 2, RULE_working_day},
		{"close.noise", 5, RULE_working_day},       {"resident.reopen", 15, RULE_calendar_day},
		{"keep.text", 365, RULE_calendar_day},      {"keep.photo", 365, RULE_calendar_day},
		{"keep.contact", 30, RULE_calendar_day},    {"keep.paper", 7, RULE_calendar_day},
		{"keep.note", 365, RULE_calendar_day},      {"keep.look", 365, RULE_calendar_day},
		{"most.text", 365, RULE_calendar_day},      {"most.photo", 365, RULE_calendar_day},
		{"most.place", 365, RULE_calendar_day},     {"most.note", 365, RULE_calendar_day},
		{"most.look", 365, RULE_calendar_day},      {"most.contact", 30, RULE_calendar_day},
		{"most.paper", 7, RULE_calendar_day},       {"most.figures", 3652, RULE_calendar_day},
		{"keep.figures", 3652, RULE_calendar_day},  {"keep.place", 365, RULE_calendar_day},
		{"close.feedback", 15, RULE_working_day},   {"close.staff", 15, RULE_working_day},
		{"area.act", 1, RULE_working_day},          {"redress.answer", 2, RULE_working_day},
		{"redress.appeal", 15, RULE_calendar_day},
		{"agency.decide", 5, RULE_working_day},     {"agency.use", 30, RULE_calendar_day},
		{"close.mediation", 15, RULE_working_day},  {"close.unsure", 3, RULE_working_day},
		{"apology.new_date", 5, RULE_working_day},
		{"crime.forward", 24, RULE_hour},           {"crime.notice", 3, RULE_working_day},
		{"crime.decide", 20, RULE_calendar_day},    {"crime.complex", 2, RULE_month},
		{"crime.longest", 2, RULE_month},           {"denunciation.decide", 30, RULE_calendar_day},
		{"denunciation.complex", 30, RULE_calendar_day}, {"complaint.decide", 30, RULE_calendar_day},
	};
	struct rules *r = NULL;
	struct fault f = {0};
	if (rules_load(&r, shipped("/rules.yaml"), &f) != RC_OK)
		fail_msg("%s:%d: %s: %s", f.file, f.line, f.field, f.text);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const struct rule *row = NULL;
		if (rule_find(r, str_of(expected[i].name), on("2026-11-23"), &row) != RC_OK)
			fail_msg("no rule %s", expected[i].name);
		assert_int_equal(row->amount, expected[i].amount);
		assert_int_equal(row->unit, expected[i].unit);
		assert_true(row->source.n > 0);
		assert_false(row->verified);
		assert_int_equal(row->fixed, str_starts(row->name, STR("keep.")) || str_starts(row->name, STR("most.")));
	}
	const struct rule *all = NULL;
	size_t n = rules_all(r, &all);
	for (size_t i = 0; i < n; i++) {
		bool known = false;
		for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
			known = known || str_is(all[i].name, expected[k].name);
		if (!known)
			fail_msg("a rule that is not written down here: %.*s", PSTR(all[i].name));
	}
	assert_int_equal(n, sizeof expected / sizeof *expected);
	assert_int_equal(rule_find(r, STR("close.nothing"), on("2026-11-23"), &all), RC_NONE);
	assert_int_equal(rule_find(r, STR("close.water"), on("2024-12-31"), &all), RC_NONE);
	rules_free(r);
}

/* A calendar that must be refused with that text at that line, and leaves what was there. */
static void refused(const char *yaml, int line, const char *text)
{
	struct calendar *c = NULL;
	add(&c, PLAIN_2025);
	struct fault f = {0};
	enum rc rc = calendar_parse(&c, "bad.yaml", str_of(yaml), &f);
	if (rc != RC_SYNTAX)
		fail_msg("not refused: %s", yaml);
	if (strstr(f.text, text) == NULL || f.line != line)
		fail_msg("expected line %d \"%s\", is line %d \"%s\"", line, text, f.line, f.text);
	assert_int_equal(f.rc, RC_SYNTAX);
	assert_true(calendar_has_year(c, 2025));
	assert_false(calendar_has_year(c, 2026));
	calendar_free(c);
	c = NULL;
	assert_int_equal(calendar_parse(&c, "bad.yaml", str_of(yaml), NULL), RC_SYNTAX);
	assert_null(c);
}

#define T10 "tttttttttt"
#define T100 T10 T10 T10 T10 T10 T10 T10 T10 T10 T10
#define HEAD "year: 2026\nsource: s\n"

static void bad_calendars(void **state)
{
	(void)state;
	refused(HEAD "off:\n  - 2026-02-30\n", 4, "must be a day");
	refused(HEAD "off:\n  - soon\n", 4, "must be a day");
	refused(HEAD "off:\n  - [2026-02-17]\n", 4, "must be a day");
	refused(HEAD "off:\n  - 2027-01-01\n", 4, "is not in 2026");
	refused(HEAD "off:\n  - 2026-02-14\n", 4, "weekend day and needs no line");
	refused(HEAD "off: []\nworked:\n  - 2026-02-17\n", 5, "weekday and needs no line");
	refused(HEAD "off:\n  - 2026-02-17\n  - 2026-02-17\n", 5, "listed twice");
	refused(HEAD "off:\n  - 2026-02-17\nto_confirm:\n  - 2026-02-17\n", 6, "listed twice");
	refused(HEAD "off: []\nworked:\n  - 2026-02-14\n  - 2026-02-14\n", 6, "listed twice");
	refused(HEAD "off:\n  - {day: 2026-02-17, name: Tết, decided: soon}\n", 4, "must be a day");
	refused(HEAD "off:\n  - {day: 2026-02-17, hours: [\"08:00-09:00\"]}\n", 4, "day of rest");
	refused(HEAD "off:\n  - {day: 2026-02-17, by: me}\n", 4, "unknown key");
	refused(HEAD "off: []\nhours:\n  - 2026-02-13\n", 5, "no hours of its own");
	refused(HEAD "off: []\nhours:\n  - {day: 2026-02-14, hours: [\"08:00-09:00\"]}\n", 5, "listed as worked");
	refused(HEAD "off: [2026-02-13]\nhours:\n  - {day: 2026-02-13, hours: [\"08:00-09:00\"]}\n", 5, "twice");
	refused(HEAD "office: []\noff: []\n", 3, "one to 4 spans");
	refused(HEAD "office: [\"08:00-08:00\"]\noff: []\n", 3, "span of the day");
	refused(HEAD "office: [\"08:00-24:01\"]\noff: []\n", 3, "span of the day");
	refused(HEAD "office: [\"-8:00-24:00\"]\noff: []\n", 3, "span of the day");
	refused(HEAD "office: [\"08:00-12:00\", \"11:59-13:00\"]\noff: []\n", 3, "before the span before");
	refused("[2026]\n", 1, "must be a map");
	struct calendar *c = NULL;
	const char *const others[] = {
		"", "year: 2026\noff: []\n", "source: s\noff: []\n", HEAD, "year: 1999\nsource: s\noff: []\n",
		"year: soon\nsource: s\noff: []\n", HEAD "off: 2026-02-17\n", HEAD "off: []\nof: []\n",
		HEAD "off: [\n", HEAD "off: &a []\nworked: *a\n", "\xff\xfe\x00",
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct fault f = {0};
		if (calendar_parse(&c, "bad.yaml", str_of(others[i]), &f) != RC_SYNTAX)
			fail_msg("not refused: %s", others[i]);
		assert_true(f.text[0] != '\0');
		assert_null(c);
	}
	add(&c, PLAIN_2025);
	assert_int_equal(calendar_parse(&c, "again.yaml", str_of(PLAIN_2025), NULL), RC_SYNTAX);
	calendar_free(c);
}

/* Texts as people's everywhere; and what ships is left as it stands, so that no installed ward is told of a change. */
static void clean_texts(void **state)
{
	(void)state;
	static const char *const FILES[] = {"/vn-2025.yaml", "/vn-2026.yaml", "/vn-2027.yaml"};
	struct arena a;
	struct yaml_reader r = {0}, again = {0};
	struct calendar_year *y = NULL, *same = NULL;
	struct buf b = {0}, c = {0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	assert_int_equal(calendar_year_parse(&r, &a, "t", STR("year: 2026\nsource: \"s\\u202E 012345678901\"\n"
		"decision: \"q\\u200B\\x01 0123 4567 8902\"\noff:\n"
		"  - {day: 2026-02-17, name: \"N\\u2066 012345678903\", decision: \"d\\u202E\"}\n"), &y, NULL), RC_OK);
	assert_true(str_is(y->source, "s ●●●●●●●●●●●●"));
	assert_true(str_is(y->decision, "q ●●●●●●●●●●●●"));
	assert_true(str_is(y->listed[0].name, "N ●●●●●●●●●●●●"));
	assert_true(str_is(y->listed[0].decision, "d"));
	calendar_year_write(y, &b);
	assert_int_equal(calendar_year_parse(&again, &a, "t", buf_str(&b), &same, NULL), RC_OK);
	calendar_year_write(same, &c);
	assert_true(str_eq(buf_str(&b), buf_str(&c)));
	/* What was stored before texts were cleaned reads on, and says that there is nothing to be seen. */
	assert_int_equal(calendar_year_parse(&again, &a, "t", STR("year: 2026\nsource: \"\\u202E\"\noff: []\n"), &same, NULL), RC_OK);
	assert_true(str_is(same->source, "–"));
	refused(HEAD "decision: " T100 T100 T100 "x\noff: []\n", 3, "longer than 300");
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		struct str bytes, clean;
		assert_int_equal(file_read(&a, shipped(FILES[i]), 65536, &bytes, NULL), RC_OK);
		assert_int_equal(text_clean(&a, bytes, TEXT_LINES, 65536, &clean), RC_OK);
		assert_true(str_eq(str_trim(bytes), clean));
	}
	buf_release(&b);
	buf_release(&c);
	arena_release(&a);
}

static void bad_folders(void **state)
{
	(void)state;
	struct calendar *c = NULL;
	struct fault f = {0};
	assert_int_equal(calendar_load(&c, "/nonexistent/calendars", &f), RC_IO);
	assert_null(c);
	assert_int_equal(calendar_load(&c, dir, &f), RC_NONE);
	write_file("vn-2026.yaml", PLAIN_2025);
	assert_int_equal(calendar_load(&c, dir, &f), RC_SYNTAX);
	assert_string_equal(f.field, "year");
	assert_null(c);
	assert_int_equal(unlink(path_of("vn-2026.yaml")), 0);
	write_file("vn-new.yaml", PLAIN_2025);
	assert_int_equal(calendar_load(&c, dir, &f), RC_SYNTAX);
	assert_int_equal(unlink(path_of("vn-new.yaml")), 0);
	write_file("vn-.yaml", PLAIN_2025);
	assert_int_equal(calendar_load(&c, dir, &f), RC_SYNTAX);
	assert_int_equal(unlink(path_of("vn-.yaml")), 0);
	/* One good and one bad: nothing is loaded. */
	write_file("vn-2025.yaml", PLAIN_2025);
	write_file("vn-2026.yaml", "year: 2026\n");
	assert_int_equal(calendar_load(&c, dir, &f), RC_SYNTAX);
	assert_null(c);
	assert_int_equal(unlink(path_of("vn-2025.yaml")), 0);
	assert_int_equal(unlink(path_of("vn-2026.yaml")), 0);
}

#define ROW(name, from, more) \
	"  - {name: " name ", amount: 3, unit: working_day, event: receipt, source: law, " \
	"valid_from: " from ", verified: false" more "}\n"

static void bad_rules(void **state)
{
	(void)state;
	static const struct {
		const char *yaml;
		int line;
		const char *text;
	} bad[] = {
		{"rules:\n" ROW("a.b", "2026-01-01", "") ROW("a.b", "2026-06-01", ""), 3, "overlaps"},
		{"rules:\n" ROW("a.b", "2026-06-01", "") ROW("a.b", "2026-01-01", ", valid_to: 2026-06-01"),
		 3, "overlaps"},
		{"rules:\n" ROW("A b", "2026-01-01", ""), 2, "lower case"},
		{"rules:\n" ROW(".a", "2026-01-01", ""), 2, "lower case"},
		{"rules:\n" ROW("a", "2026-01-01", ", valid_to: 2025-12-31"), 2, "before valid_from"},
		{"rules:\n" ROW("a", "2026-01-01", ", fixed: true"), 2, "only for calendar_day"},
		{"rules:\n" ROW("a", "2026-01-01", ", before: [80, 50]"), 2, "more than the share before"},
		{"rules:\n" ROW("a", "2026-01-01", ", before: [101]"), 2, "1 to 100"},
		{"rules:\n" ROW("a", "2026-01-01", ", after: b"), 2, "names no rule"},
		{"rules:\n" ROW("a", "2026-01-01", ", pause: {neighbour: 3}"), 2, "unknown key"},
		{"rules:\n" ROW("a", "2026-01-01", ", extend: {times: 1, amount: 2, unit: month}"), 2, "is missing"},
		{"rules:\n" ROW("a", "2026-01-01", ", extend: {times: 1, amount: 2, unit: hour, from: raw}"), 2,
		 "of days or months"},
		{"rules:\n  - {name: a, amount: 3, unit: hour, event: e, source: s, valid_from: 2026-01-01, "
		 "verified: false, deemed_next: true}\n", 2, "hours run from the event"},
		{"rules:\n  - {name: a, amount: 1201, unit: month, event: e, source: s, valid_from: 2026-01-01, "
		 "verified: false}\n", 2, "months"},
		{"rules:\n  - {name: most.text, amount: 300, unit: calendar_day, event: e, source: s, valid_from: 2026-01-01, "
		 "verified: false}\n  - {name: keep.text, amount: 10, unit: month, event: e, source: s, valid_from: 2027-01-01, "
		 "verified: false}\n", 3, "keeps longer than the 300 calendar_days of most.text"},
		{"rules: []\n", 1, "must have a row"},
		{"rules:\n  - word\n", 2, "must be a map"},
		{"- 1\n", 1, "must be a map"},
		{"rules:\n  - {name: a, amount: 3, unit: working_day, event: receipt, source: setting of the "
		 "ward, valid_from: 2026-01-01, verified: true}\n", 2, "no law"},
	};
	struct rules *r = NULL;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fault f = {0};
		const char *path = write_file("rules.yaml", bad[i].yaml);
		if (rules_load(&r, path, &f) != RC_SYNTAX)
			fail_msg("not refused: %s", bad[i].yaml);
		assert_null(r);
		if (f.line != bad[i].line || strstr(f.text, bad[i].text) == NULL)
			fail_msg("expected line %d \"%s\", is line %d \"%s\"", bad[i].line, bad[i].text, f.line,
			         f.text);
	}
	const char *const others[] = {
		"rules:\n  - {name: a}\n", "rules:\n" ROW("a", "2026-01-01", ", days: 3"),
		"rules:\n  - {name: a, amount: 0, unit: working_day, event: e, source: s, valid_from: "
		"2026-01-01, verified: false}\n",
		"rules:\n  - {name: a, amount: 3, unit: fortnight, event: e, source: s, valid_from: 2026-01-01, "
		"verified: false}\n",
		"rules:\n" ROW("a", "2026-01-01", ", valid_to: never"), "rules:\n" ROW("a", "1", ""), "",
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (rules_load(&r, write_file("rules.yaml", others[i]), NULL) != RC_SYNTAX)
			fail_msg("not refused: %s", others[i]);
	assert_int_equal(unlink(path_of("rules.yaml")), 0);
	assert_int_not_equal(rules_load(&r, path_of("rules.yaml"), NULL), RC_OK);
}

static void rules_by_date(void **state)
{
	(void)state;
	struct rules *r = NULL;
	struct fault f = {0};
	const char *path = write_file("rules.yaml", "rules:\n"
		ROW("a", "2026-01-01", ", valid_to: 2026-06-30") ROW("a", "2026-07-01", ", deemed_next: true"));
	assert_int_equal(rules_load(&r, path, &f), RC_OK);
	assert_int_equal(unlink(path), 0);
	const struct rule *row = NULL;
	assert_int_equal(rule_find(r, STR("a"), on("2025-12-31"), &row), RC_NONE);
	assert_int_equal(rule_find(r, STR("a"), on("2026-01-01"), &row), RC_OK);
	assert_false(row->deemed_next);
	assert_int_equal(rule_find(r, STR("a"), on("2026-06-30"), &row), RC_OK);
	assert_false(row->deemed_next);
	assert_int_equal(rule_find(r, STR("a"), on("2026-07-01"), &row), RC_OK);
	assert_true(row->deemed_next);
	assert_int_equal(rule_find(r, STR("a"), on("2046-07-01"), &row), RC_OK);
	rules_free(r);
	rules_free(NULL);
	calendar_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_calendars), cmocka_unit_test(shipped_rules),
		cmocka_unit_test(bad_calendars),     cmocka_unit_test(clean_texts), cmocka_unit_test(bad_folders),
		cmocka_unit_test(bad_rules),         cmocka_unit_test(rules_by_date),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
