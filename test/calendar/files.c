/* The files: what is shipped loads and says what it should; what is wrong is refused with its line. */
#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
		{"keep.note", 365, RULE_calendar_day},
		{"keep.figures", 3652, RULE_calendar_day},  {"keep.place", 365, RULE_calendar_day},
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
		assert_int_equal(row->fixed, str_starts(row->name, STR("keep.")));
	}
	const struct rule *all = NULL;
	assert_int_equal(rules_all(r, &all), sizeof expected / sizeof *expected);
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
		"rules:\n  - {name: a, amount: 3, unit: hour, event: e, source: s, valid_from: 2026-01-01, "
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
		cmocka_unit_test(bad_calendars),     cmocka_unit_test(bad_folders),
		cmocka_unit_test(bad_rules),         cmocka_unit_test(rules_by_date),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
