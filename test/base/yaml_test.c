#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/base/clock.h"
#include "kit/base/yaml.h"

static struct arena arena;
static struct yaml_reader r;

static int start(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const struct ynode *parse(const char *text)
{
	return yaml_parse(&r, &arena, "t.yaml", str_of(text));
}

static void fault_is(size_t i, const char *want)
{
	char text[800];
	assert_true(i < r.fault_count);
	assert_string_equal(fault_describe(&r.faults[i], text, sizeof text), want);
	assert_int_equal(r.faults[i].rc, RC_SYNTAX);
}

static void reads(void **state)
{
	(void)state;
	const struct ynode *n = parse("# words\nname: đèn đường\ndays: 5\nlisted: true\nstep: done\n"
	                              "from: 2026-11-23\nsteps:\n  - name: new\n    to: [taken, closed]\n"
	                              "  - name: taken\nempty: []\nmore: {a: 1}\n");
	static const char *const steps[] = {"new", "done", NULL};
	assert_non_null(n);
	assert_int_equal(y_type(n), Y_MAP);
	assert_int_equal(y_count(n), 8);
	assert_true(str_is(y_need_str(&r, n, "name"), "đèn đường"));
	assert_int_equal(y_need_int(&r, n, "days", 1, 9), 5);
	assert_true(y_need_bool(&r, n, "listed"));
	assert_int_equal(y_need_enum(&r, n, "step", steps), 1);
	assert_int_equal(y_need_day(&r, n, "from"), day_from_date((struct date){2026, 11, 23}));
	const struct ynode *list = y_need_list(&r, n, "steps");
	assert_int_equal(y_count(list), 2);
	assert_int_equal(y_line(y_item(list, 1)), 10);
	assert_true(str_is(y_text(&r, y_item(y_need_list(&r, y_item(list, 0), "to"), 1)), "closed"));
	assert_int_equal(y_count(y_need_list(&r, n, "empty")), 0);
	assert_true(str_is(y_key(y_need_map(&r, n, "more"), 0), "a"));
	assert_int_equal(y_opt_int(&r, n, "absent", 0, 1, 7), 7);
	assert_true(y_opt_bool(&r, n, "absent", true));
	assert_int_equal(y_opt_str(&r, n, "absent").n, 0);
	assert_int_equal(y_opt_enum(&r, n, "absent", steps, 4), 4);
	assert_null(y_opt_list(&r, n, "absent"));
	assert_null(y_opt_map(&r, n, "absent"));
	assert_null(y_get(n, "absent"));
	assert_int_equal(r.fault_count, 0);
}

static void wrong_values(void **state)
{
	(void)state;
	static const char *const steps[] = {"new", "done", NULL};
	static const char *const keys[] = {"name", "steps", "days", NULL};
	const struct ynode *n = parse("name: ''\ndays: 5x\nlisted: maybe\nstep: gone\nfrom: 2026-02-30\n"
	                              "steps:\n  - to:\n      - {}\nbig: 10\nnull: ~\nquoted: 'true'\nstpes: 1\n");
	assert_non_null(n);
	(void)y_need_str(&r, n, "name");
	(void)y_need_int(&r, n, "days", 1, 9);
	(void)y_need_bool(&r, n, "listed");
	assert_int_equal(y_need_enum(&r, n, "step", steps), -1);
	(void)y_need_day(&r, n, "from");
	(void)y_text(&r, y_item(y_need_list(&r, y_item(y_get(n, "steps"), 0), "to"), 0));
	(void)y_need_int(&r, n, "big", 1, 9);
	(void)y_need_str(&r, n, "null");
	(void)y_need_bool(&r, n, "quoted");
	fault_is(0, "t.yaml:1: name: is empty");
	fault_is(1, "t.yaml:2: days: must be a whole number");
	fault_is(2, "t.yaml:3: listed: must be true or false");
	fault_is(3, "t.yaml:4: step: must be one of: new, done");
	fault_is(4, "t.yaml:5: from: must be a day like 2026-11-23");
	fault_is(5, "t.yaml:8: steps[0].to[0]: must be a text");
	fault_is(6, "t.yaml:9: big: must be between 1 and 9");
	fault_is(7, "t.yaml:10: null: is empty");
	fault_is(8, "t.yaml:11: quoted: must be true or false");
	assert_int_equal(r.fault_count, 9);
	/* faults come in the order of lines, whoever found them first */
	(void)y_need_str(&r, n, "missing");
	(void)y_need_list(&r, n, "name");
	fault_is(0, "t.yaml:1: name: is empty");
	fault_is(1, "t.yaml:1: missing: is missing");
	fault_is(2, "t.yaml:1: name: must be a list (- item)");
	n = parse("name: a\nstpes: 1\nxyzzyx: 2\n");
	y_only(&r, n, keys);
	fault_is(0, "t.yaml:2: stpes: unknown key; did you mean \"steps\"?");
	fault_is(1, "t.yaml:3: xyzzyx: unknown key");
	/* what should be a map and is none is said once */
	n = parse("steps: 5\n");
	(void)y_need_str(&r, y_get(n, "steps"), "a");
	(void)y_need_str(&r, y_get(n, "steps"), "b");
	assert_int_equal(r.fault_count, 1);
	fault_is(0, "t.yaml:1: steps: must be a map (key: value)");
	assert_null(y_need_map(&r, n, "other"));
	(void)y_need_str(&r, NULL, "c");
	assert_int_equal(r.fault_count, 2);
}

static void refused(void **state)
{
	(void)state;
	assert_non_null(parse("a: 1\nb:\n  c: 1\n  c: 2\n"));
	fault_is(0, "t.yaml:4: b.c: is there twice");
	assert_non_null(parse("a: &x 1\nb: *x\nc: !!str 5\n"));
	fault_is(0, "t.yaml:1: a: anchors (&x) are not allowed");
	fault_is(1, "t.yaml:2: b: aliases (*x) are not allowed");
	fault_is(2, "t.yaml:3: c: tags (tag:yaml.org,2002:str) are not allowed");
	assert_non_null(parse("[a]: 1\n"));
	assert_int_equal(r.fault_count, 1);
	static const char *const broken[] = {
		"", "# nothing\n", "a: [1, 2\n", "a: b: c\n", "\tx: 1\n", "a: 1\n---\nb: 2\n", "a: 'x\n",
		"{a: 1}}", "a: \x01\n", "a: \xff\n", "%YAML 3.0\n---\na: 1\n", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
	};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		assert_null(parse(broken[i]));
		assert_int_equal(r.fault_count, 1);
	}
	fault_is(0, "t.yaml:1: more than 16 levels");
	assert_null(parse("a: 1\nb: 'x\n"));
	assert_true(r.faults[0].line >= 2);
	assert_null(yaml_parse(&r, &arena, "t.yaml", str_n("a: \0b", 5)));
	/* a bomb of levels and one of keys end, and the count of faults has no bound */
	struct buf b = {0};
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, '[');
	assert_null(yaml_parse(&r, &arena, "t.yaml", buf_str(&b)));
	b.n = 0;
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "- &a%d 1\n", 99 - i);
	assert_non_null(yaml_parse(&r, &arena, "t.yaml", buf_str(&b)));
	assert_int_equal(r.fault_count, 100);
	fault_is(31, "t.yaml:32: [31]: anchors (&a68) are not allowed");
	buf_release(&b);
}

static void files(void **state)
{
	(void)state;
	struct str s;
	struct fault f;
	char path[512];
	(void)snprintf(path, sizeof path, "%s/VERSION", getenv("XOM_SRC"));
	assert_int_equal(file_read(&arena, path, 100, &s, &f), RC_OK);
	assert_true(s.n > 0);
	assert_int_equal(s.p[s.n], 0);
	assert_int_equal(file_read(&arena, path, 1, &s, &f), RC_TOO_BIG);
	assert_string_equal(f.file, path);
	assert_int_equal(file_read(&arena, "/nowhere/x", 100, &s, &f), RC_NONE);
	assert_int_equal(file_read(&arena, "/", 100, &s, &f), RC_IO);
	assert_int_equal(file_read(&arena, "/dev/zero", 100, &s, &f), RC_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads), cmocka_unit_test(wrong_values), cmocka_unit_test(refused),
		cmocka_unit_test(files),
	};
	return cmocka_run_group_tests(tests, start, end);
}
