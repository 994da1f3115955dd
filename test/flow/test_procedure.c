/* Procedure files: the six of procedures/ are fine, those of must-fail/ are refused with exactly
 * the sentences beside them. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/hash.h"
#include "ward/flow/procedure_file.h"

static struct rules *rules;
static struct refused *refused;
static struct arena arena;

static const char *src(const char *path)
{
	const char *root = getenv("XOM_SRC");
	assert_non_null(root);
	return arena_fmt(&arena, "%s/%s", root, path).p;
}

static int setup(void **state)
{
	(void)state;
	struct fault f = {0};
	arena_init(&arena, (size_t)64 << 20);
	assert_int_equal(crypto_start(&f), RC_OK);
	assert_int_equal(rules_load(&rules, src("calendars/rules.yaml"), &f), RC_OK);
	assert_int_equal(refused_load(&refused, src("rights/refused.yaml"), &f), RC_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	refused_free(refused);
	rules_free(rules);
	arena_release(&arena);
	return 0;
}

static enum rc parse(const char *file, struct yaml_reader *y, struct procedure *p)
{
	*y = (struct yaml_reader){0};
	return procedure_file(&arena, y, file, rules, refused, p);
}

static struct str sentences(const struct yaml_reader *y)
{
	struct buf out = {0};
	for (size_t i = 0; i < y->fault_count && i < sizeof y->faults / sizeof *y->faults; i++)
		buf_addf(&out, "%d: %s: %s\n", y->faults[i].line, y->faults[i].field, y->faults[i].text);
	return arena_take(&arena, &out);
}

static void shipped_procedures_are_fine(void **state)
{
	(void)state;
	const char **files;
	size_t n = 0;
	struct fault f = {0};
	assert_int_equal(procedure_files(&arena, src("procedures"), &files, &n, &f), RC_OK);
	assert_int_equal(n, 12);
	bool seen[CATEGORY_COUNT] = {false};
	for (size_t i = 0; i < n; i++) {
		struct yaml_reader y;
		struct procedure p;
		enum rc rc = parse(files[i], &y, &p);
		assert_string_equal(sentences(&y).p, "");
		assert_int_equal(rc, RC_OK);
		assert_true(str_is(p.name, category_name(p.category)));
		seen[p.category] = true;
		bool thing = p.category < CATEGORY_noise;   /* what is broken or dirty; the others are about people */
		assert_int_equal(p.listed, thing);
		assert_int_equal(p.photos, thing);
		assert_int_equal(p.max_photos, thing ? 5 : 0);
		assert_int_equal(p.conduct, p.category == CATEGORY_noise || p.category == CATEGORY_mediation);
		assert_int_equal(p.about_staff, p.category == CATEGORY_staff);
		assert_int_equal(p.oversight, p.category == CATEGORY_redress);
		assert_int_equal(p.unit.n == 0, p.about_staff || p.oversight || p.agency);
		assert_int_equal(p.agency, p.category == CATEGORY_agency_request);
		assert_int_equal(procedure_by_rule(&p), p.unit.n == 0);
		assert_non_null(procedure_withdrawn(&p));
		/* By its reporter, or where there is none by who entered it: from the first step on. */
		assert_int_equal(step_move(&p.steps[0], VERB_withdraw, MOVER_asker) != NULL, p.agency);
		assert_int_equal(step_move(&p.steps[0], VERB_withdraw, MOVER_reporter) != NULL, !p.agency);
		assert_int_equal(p.area_head, thing && p.category != CATEGORY_fire_safety);
		assert_int_equal(procedure_mediated(&p), p.category == CATEGORY_mediation);
		assert_int_equal(p.deadline_count, 2);
		assert_int_equal(p.retention_count, 5);
		for (int l = LANG_unset + 1; l < LANG_COUNT; l++)
			assert_true(p.title[l].n > 0 && p.about[l].n > 0 && p.hint[l].n > 0 &&
			            p.next[l].n > 0);
	}
	for (int c = CATEGORY_unset + 1; c < CATEGORY_COUNT; c++)
		assert_true(seen[c]);
}

static void steps_are_found(void **state)
{
	(void)state;
	struct yaml_reader y;
	struct procedure p;
	assert_int_equal(parse(src("procedures/lighting.yaml"), &y, &p), RC_OK);
	assert_true(str_is(p.unit, "ha-tang"));
	assert_ptr_equal(procedure_step(&p, STR("received")), &p.steps[0]);
	assert_null(procedure_step(&p, STR("archive")));
	const struct step *closed = procedure_step(&p, STR("closed"));
	const struct move_row *again = step_move(closed, VERB_reopen, MOVER_reporter);
	assert_non_null(again);
	assert_true(str_is(again->to, "working"));
	assert_true(str_is(again->within, "resident.reopen"));
	assert_null(step_move(closed, VERB_reopen, MOVER_unit));
	assert_null(step_move(closed, VERB_take, MOVER_unit));
	assert_true(state_open(STATE_asked));
	assert_false(state_open(STATE_closed));
	assert_int_equal(verb_parse(STR("reopen")), VERB_reopen);
	assert_int_equal(verb_parse(STR("unset")), VERB_unset);
	assert_int_equal(verb_parse(STR("")), VERB_unset);
	assert_string_equal(verb_name(VERB_open), "open");
	assert_string_equal(state_name(STATE_withdrawn), "withdrawn");
	assert_string_equal(state_name(STATE_COUNT), "");
}

/* NAME.yaml is refused with exactly the lines of NAME.expected. */
static void refused_files_say_why(void **state)
{
	(void)state;
	const char **files;
	size_t n = 0, wrong = 0;
	struct fault f = {0};
	assert_int_equal(procedure_files(&arena, src("test/flow/must-fail"), &files, &n, &f), RC_OK);
	assert_true(n >= 25);
	for (size_t i = 0; i < n; i++) {
		struct yaml_reader y;
		struct procedure p;
		struct str said, expected, name = str_of(files[i]);
		const char *beside = arena_fmt(&arena, "%.*s.expected", (int)(name.n - 5), name.p).p;
		enum rc rc = parse(files[i], &y, &p);
		assert_int_equal(file_read(&arena, beside, 1 << 16, &expected, &f), RC_OK);
		said = sentences(&y);
		if (rc != RC_SYNTAX || expected.n == 0 || !str_eq(said, expected)) {
			print_error("%s (rc %d)\n--- expected\n%.*s--- said\n%.*s", files[i], (int)rc,
			            PSTR(expected), PSTR(said));
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void every_refused_line_has_its_file(void **state)
{
	(void)state;
	assert_true(refused_count(refused) >= 20);
	for (size_t i = 0; i < refused_count(refused); i++) {
		struct str name = refused_name(refused, i), text;
		char dashed[64];
		assert_true(name.n < sizeof dashed);
		for (size_t k = 0; k < name.n; k++)
			dashed[k] = name.p[k] == '_' ? '-' : name.p[k];
		dashed[name.n] = '\0';
		const char *file = src(arena_fmt(&arena, "test/flow/must-fail/refused-%s.expected",
		                                 dashed).p);
		struct fault f = {0};
		if (file_read(&arena, file, 1 << 16, &text, &f) != RC_OK)
			fail_msg("%s is missing", file);
		/* Three times, each naming this very line: with marks, without, English. */
		struct str what = arena_fmt(&arena, "refused matter \"%.*s\"", PSTR(name));
		for (int times = 0; times < 3; times++) {
			size_t at = str_find(text, what);
			if (at == SIZE_MAX)
				fail_msg("%s names %.*s only %d times", file, PSTR(name), times);
			text = str_sub(text, at + what.n, SIZE_MAX);
		}
	}
}

static bool falls_under(const char *text, const char *line)
{
	struct str got = STR_EMPTY;
	bool match = refused_match(refused, &arena, str_of(text), &got);
	return line == NULL ? !match : match && str_is(got, line);
}

static void refused_words_in_every_dress(void **state)
{
	(void)state;
	assert_true(falls_under("Báo biểu tình", "protest"));
	assert_true(falls_under("BIỂU-TÌNH!", "protest"));
	assert_true(falls_under("bieu tinh", "protest"));
	assert_true(falls_under("bieutinh", "protest"));
	assert_true(falls_under("bi\u1ec3u\u200b t\u00ecnh", "protest"));      /* a zero-width space */
	assert_true(falls_under("bie\u0302\u0309u ti\u0300nh", "protest"));    /* decomposed */
	assert_true(falls_under("ｂｉｅｕ ｔｉｎｈ", "protest"));               /* full width */
	assert_true(falls_under("suspect_name", "suspect_name"));
	assert_true(falls_under("A PROTEST here", "protest"));
	assert_true(falls_under("so CCCD cua ban", "identity_documents"));
	assert_true(falls_under("\xff\xfe", "not UTF-8"));
	assert_true(falls_under("", NULL));
	assert_true(falls_under("Đèn đường tắt trước nhà văn hóa", NULL));
	assert_true(falls_under("a protestant church bell", NULL)); /* whole words only */
	struct buf b = {0};
	for (int i = 0; i < 2500; i++)
		buf_addz(&b, "den ");
	buf_addz(&b, "bieu tinh");
	assert_true(falls_under(arena_z(&arena, buf_str(&b)), "too long"));
	buf_release(&b);
}

static void refused_list_is_checked(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"", "lines: []\n", "lines: 3\n", "- a\n",
		"lines:\n  - {name: a, refused: 7, why: {vi: a, en: a}, vi: [abc], en: [abc]}\n",
		"lines:\n  - {name: a, refused: 1, why: {vi: a, en: a}, vi: [], en: [abc]}\n",
		"lines:\n  - {name: a, refused: 1, why: {vi: a}, vi: [abc], en: [abc]}\n",
		"lines:\n  - {name: a, refused: 1, why: {vi: a, en: a}, vi: [b], en: [abc]}\n",
		"lines:\n  - {name: a, refused: 1, why: {vi: a, en: a}, vi: ['!!!'], en: [abc]}\n",
		"lines:\n  - {name: a, refused: 1, why: {vi: a, en: a}, vi: [abc], en: [abc], x: 1}\n",
		("lines:\n  - {name: a, refused: 1, why: {vi: a, en: a}, vi: [abc], en: [abc]}\n"
		 "  - {name: a, refused: 1, why: {vi: a, en: a}, vi: [abc], en: [abc]}\n"),
	};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct refused *r = NULL;
		struct fault f = {0};
		assert_int_equal(refused_parse(&r, "refused.yaml", str_of(BAD[i]), &f), RC_SYNTAX);
		assert_true(f.text[0] != '\0');
	}
	struct refused *r = NULL;
	struct fault f = {0};
	assert_int_equal(refused_load(&r, "/nowhere/refused.yaml", &f), RC_IO);
}

struct heard {
	size_t count;
	char last[512];
};
static void hear(void *ctx, const struct fault *fault)
{
	struct heard *h = ctx;
	h->count++;
	(void)fault_describe(fault, h->last, sizeof h->last);
}

static void check_takes_files_and_folders(void **state)
{
	(void)state;
	struct heard h = {0};
	const char *good[] = {src("procedures")};
	assert_int_equal(procedures_check(good, 1, rules, refused, hear, &h), 0);
	assert_int_equal(h.count, 0);
	const char *twice[] = {src("procedures"), src("procedures/road.yaml")};
	assert_int_equal(procedures_check(twice, 2, rules, refused, hear, &h), 1);
	assert_non_null(strstr(h.last, "another file is named \"road\" too"));
	const char *missing[] = {"/nowhere/x.yaml", "/nowhere"};
	assert_int_equal(procedures_check(missing, 2, rules, refused, hear, &h), 2);
	const char *several[] = {src("test/flow/must-fail/several-faults.yaml")};
	h.count = 0;
	assert_true(procedures_check(several, 1, rules, refused, hear, &h) >= 5);
	assert_true(h.count >= 5);
}

static void categories_have_one_hash(void **state)
{
	(void)state;
	struct hash a = category_hash();
	/* Changing the closed list is a decision that shows: change this line with it. */
	assert_string_equal(hex_of(&arena, str_sub(hash_str(&a), 0, 8)).p, "4b7401640a98b914");
	assert_string_equal(category_name(CATEGORY_fire_safety), "fire_safety");
	assert_string_equal(category_name(CATEGORY_COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_procedures_are_fine),
		cmocka_unit_test(steps_are_found),
		cmocka_unit_test(refused_files_say_why),
		cmocka_unit_test(every_refused_line_has_its_file),
		cmocka_unit_test(refused_words_in_every_dress),
		cmocka_unit_test(refused_list_is_checked),
		cmocka_unit_test(check_takes_files_and_folders),
		cmocka_unit_test(categories_have_one_hash),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
