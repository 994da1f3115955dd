/* The purpose register against the database that this program makes: no column without a row, no
 * row without its column. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ward/figure/figure.h"
#include "ward/clean.h"
#include "ward/flow/flow.h"
#include "ward/flow/register.h"
#include "ward/room.h"
#include "../harness/database.h"

static char dir[] = "/tmp/xom-register-XXXXXX";
static struct arena arena;
static struct clock machine;
static struct store *store;
static struct rules *rules;
static struct refused *refused;

static const char *src(const char *path)
{
	return arena_fmt(&arena, "%s/%s", getenv("XOM_SRC"), path).p;
}

static int setup(void **state)
{
	(void)state;
	struct fault f = {0};
	arena_init(&arena, (size_t)64 << 20);
	clock_init(&machine);
	assert_int_equal(crypto_start(&f), RC_OK);
	assert_non_null(mkdtemp(dir));
	const struct store_config config = {.path = test_database(arena_fmt(&arena, "%s/xom.db", dir).p),
	                                    .steps = app_schemas(&arena), .clock = &machine, .readers = 2};
	if (store_open(&store, &config, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_int_equal(rules_load(&rules, src("calendars/rules.yaml"), &f), RC_OK);
	assert_int_equal(refused_load(&refused, src("rights/refused.yaml"), &f), RC_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_close(store);
	test_database_drop(arena_fmt(&arena, "%s/xom.db", dir).p);
	static const char *const FILES[] = {"/xom.db", "/xom.db-wal", "/xom.db-shm", ""};
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
		(void)remove(arena_fmt(&arena, "%s%s", dir, FILES[i]).p);
	refused_free(refused);
	rules_free(rules);
	arena_release(&arena);
	return 0;
}

static struct purposes *load(void)
{
	struct purposes *p = NULL;
	struct fault f = {0};
	char line[900];
	if (purposes_load(&p, src("rights/fields.yaml"), rules, refused, &f) != RC_OK)
		fail_msg("%s", fault_describe(&f, line, sizeof line));
	return p;
}

static size_t differences(const struct purposes *p, struct str **said)
{
	struct store_table *tables;
	size_t count;
	struct fault f = {0};
	assert_int_equal(store_schema(store, &arena, &tables, &count, &f), RC_OK);
	return purposes_compare(p, &arena, tables, count, said);
}

static void every_column_has_its_row(void **state)
{
	(void)state;
	struct purposes *p = load();
	struct str *said;
	size_t n = differences(p, &said);
	for (size_t i = 0; i < n; i++)
		print_error("%.*s\n", PSTR(said[i]));
	assert_int_equal(n, 0);
	struct fault f = {0};
	assert_int_equal(purposes_check(p, store, &f), RC_OK);
	purposes_free(p);
}

static enum rc index_words(struct tx *tx, void *ctx, struct fault *f)
{
	struct str words[] = {STR("den"), STR("duong")};
	return search_put(tx, ctx, 1, words, 2, f);
}

static void search_indexes_count_too(void **state)
{
	(void)state;
	if (on_server()) /* the file of SQLite is looked at */
		skip();
	struct purposes *p = load();
	struct str *said;
	struct fault f = {0};
	static char desk[] = "desk", public[] = "public", secret[] = "secret";
	assert_int_equal(store_write(store, (struct ward_id){1}, &arena, index_words, desk, &f), RC_OK);
	assert_int_equal(store_write(store, (struct ward_id){1}, &arena, index_words, public, &f),
	                 RC_OK);
	assert_int_equal(differences(p, &said), 0);
	assert_int_equal(store_write(store, (struct ward_id){1}, &arena, index_words, secret, &f),
	                 RC_OK);
	assert_true(differences(p, &said) > 0);
	assert_true(str_starts(said[0], STR("the search index fts_secret")));
	assert_int_equal(purposes_check(p, store, &f), RC_SYNTAX);
	purposes_free(p);
}

static struct purposes *parse(const char *yaml, struct fault *f)
{
	struct purposes *p = NULL;
	*f = (struct fault){0};
	return purposes_parse(&p, "fields.yaml", str_of(yaml), rules, refused, f) == RC_OK ? p : NULL;
}

#define REST "indexes: []\nforms: []\nlogs: []\nimports: []\n"
#define ROW(name, about, seen, keep) \
	"tables:\n  - name: receipt\n    fields:\n      - {name: " name ", about: " about \
	", seen_by: " seen ", keep: " keep ", why: {vi: a, en: a}}\n" REST

static void both_directions_are_compared(void **state)
{
	(void)state;
	struct fault f;
	struct str *said;
	struct purposes *p = parse(ROW("colour", "nobody", "[public]", "always"), &f);
	assert_non_null(p);
	size_t n = differences(p, &said), missing = 0, extra = 0;
	for (size_t i = 0; i < n; i++) {
		missing += str_eq(said[i], STR("the column receipt.pin_hash has no row"));
		extra += str_eq(said[i], STR("line 4: there is no column receipt.colour"));
	}
	assert_int_equal(missing, 1);
	assert_int_equal(extra, 1);
	assert_int_equal(purposes_check(p, store, &f), RC_SYNTAX);
	purposes_free(p);
}

static void bad_registers_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *text;
	} BAD[] = {
		{"", "the file is empty"},
		{"tables: []\n", "is missing"},
		{ROW("a", "neighbour", "[public]", "always"), "must be one of"},
		{ROW("a", "nobody", "[]", "always"), "is empty; what nobody sees"},
		{ROW("a", "nobody", "[everybody]", "always"), "nobody is named \"everybody\""},
		{ROW("a", "nobody", "[public]", "a while"), "is no rule"},
		{ROW("suspect", "nobody", "[public]", "always"), "refused matter \"suspects\""},
		{ROW("doi_tuong", "nobody", "[public]", "always"), "refused matter \"suspects\""},
		{ROW("religion", "nobody", "[public]", "always"), "refused matter \"religion\""},
		{ROW("a", "nobody", "[public]", "always, colour: red"), "unknown key"},
		{"tables:\n  - {name: a, fields: []}\n  - {name: a, fields: []}\n" REST,
		 "\"a\" is there twice"},
		{"tables: [1]\n" REST, "must be a map"},
		{"tables:\n  - {name: a, fields: [1]}\n" REST, "must be a map"},
		{"tables:\n  - name: a\n    fields:\n"
		 "      - {name: b, about: nobody, seen_by: [public], keep: always, why: {vi: a}}\n" REST,
		 "is missing"},
		{"tables:\n  - name: a\n    fields:\n"
		 "      - {name: b, about: nobody, seen_by: [public], keep: always, why: {vi: a, en: a}}\n"
		 "      - {name: b, about: nobody, seen_by: [public], keep: always, why: {vi: a, en: a}}\n"
		 REST, "there are two rows for a.b"},
	};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct fault f;
		assert_null(parse(BAD[i].yaml, &f));
		if (strstr(f.text, BAD[i].text) == NULL)
			fail_msg("%zu: \"%s\" instead of \"%s\"", i, f.text, BAD[i].text);
	}
	struct purposes *p = NULL;
	struct fault f = {0};
	assert_int_equal(purposes_load(&p, "/nowhere/fields.yaml", rules, refused, &f), RC_IO);
}

static bool form_knows(const struct purposes *p, struct str name)
{
	const struct purpose *all;
	size_t n = purposes_all(p, &all);
	for (size_t i = 0; i < n; i++)
		if (all[i].kind == PURPOSE_form && str_eq(all[i].name, name))
			return true;
	return false;
}

/* Every name between `opener` and the next quote has its row. */
static size_t scan(const struct purposes *p, const char *file, struct str text, const char *opener,
                   size_t *found)
{
	size_t missing = 0, at;
	while ((at = str_find(text, str_of(opener))) != SIZE_MAX) {
		bool sent = at < 5 || !str_is(str_sub(text, at - 5, 5), "<meta");
		text = str_sub(text, at + strlen(opener), SIZE_MAX);
		struct str rest = text, name = str_cut(&rest, '"');
		/* {{name}}: a field whose name the C code gives; <meta name="…">: not sent. */
		if (!sent || str_find(name, STR("{{")) != SIZE_MAX)
			continue;
		++*found;
		if (!form_knows(p, name)) {
			print_error("%s: the field \"%.*s\" has no row\n", file, PSTR(name));
			missing++;
		}
	}
	return missing;
}

static void every_field_of_a_form_has_its_row(void **state)
{
	(void)state;
	static const char *const OPENERS[] = {
		"request_form(q, \"", "request_query(q, \"", "text_field(m, \"", "text_field(&m, \"",
		"photo_field(m, \"", "photo_field(&m, \"", "take_text(&s, \"", "take_photos(&s, \"",
		"reason_form(&m, \"", "dated_line(d, \"", " name=\""};
	struct purposes *p = load();
	size_t missing = 0, found = 0;
	glob_t g = {0};
	assert_int_equal(glob(src("src/rooms/*/*.c"), 0, NULL, &g), 0);
	assert_int_equal(glob(src("templates/*/*.mustache"), GLOB_APPEND, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct str text;
		struct fault f = {0};
		assert_int_equal(file_read(&arena, g.gl_pathv[i], 1 << 20, &text, &f), RC_OK);
		for (size_t k = 0; k < sizeof OPENERS / sizeof *OPENERS; k++)
			missing += scan(p, g.gl_pathv[i], text, OPENERS[k], &found);
	}
	globfree(&g);
	assert_true(found > 30); /* the scan still finds what it looks for */
	assert_int_equal(missing, 0);
	purposes_free(p);
}

/* Erased texts and bytes that say nothing of what was written or left, decided one by one: keys and hashes
 * that open nothing, names of the program's own steps and rules, codes, which the deletion list keeps, too. */
static const char *const NO_WORDS[] = {
	"area_act.act_key", "attachment.hash", "bulk.outcome", "bulk.verb", "bulk_gone.code", "bulk_item.why",
	"folded_batch.form", "folded_receipt.code", "folded_receipt.link_hash", "folded_receipt.pin_hash", "guess.key",
	"handover_row.kind", "invite.token_hash", "notice.rule", "outbox.dedup", "outbox.kind", "pending_move.outcome",
	"pending_move.shown", "pending_move.verb", "pending_photo.hash", "receipt.code", "receipt.journey_hash",
	"receipt.link_hash", "receipt.pin_hash", "receipt_dead.code", "receipt_dead.journey_hash", "receipt_word.paper_link", "receipt_word.set_form",
	"receipt_word.set_journey", "receipt_word.word_hash", "redress_card.code", "ward_case.code", NULL,
};

static bool listed(const char *const *list, struct str name)
{
	for (; *list != NULL; list++)
		if (str_is(name, *list))
			return true;
	return false;
}

/* Is erased one day, with its case, its work or by its rule. */
static bool erasable(const struct purpose *row)
{
	static const char *const STAY[] = {"always", "figure", "derived", "with_account", "with_session", NULL};
	return row != NULL && row->kind == PURPOSE_table && !listed(STAY, row->keep);
}

/* What the night takes out of the files (clean.h) is exactly what the register says is written and erased:
 * a new column of words that nobody put there fails here, and so does an entry of what is no more. */
static void words_that_are_erased_leave_the_files(void **state)
{
	(void)state;
	struct purposes *p = load();
	struct store_table *tables;
	size_t count, wrong = 0, known = 0, entries = 0;
	struct fault f = {0};
	assert_int_equal(store_schema(store, &arena, &tables, &count, &f), RC_OK);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < tables[i].column_count; k++) {
			struct str column = arena_fmt(&arena, "%.*s.%.*s", PSTR(tables[i].name), PSTR(tables[i].columns[k]));
			const struct purpose *row = purpose_find(p, PURPOSE_table, tables[i].name, tables[i].columns[k]);
			bool text = tables[i].types[k] == 't' || tables[i].types[k] == 'b', there = listed(STORED_WORDS, column),
			     none = listed(NO_WORDS, column), needed = text && erasable(row);
			known += there || none;
			if (needed ? there == none : there || none) {
				print_error("%.*s %s\n", PSTR(column), needed ? there ? "is in both lists" : "is in neither list"
				                                               : "is not erased, or no text");
				wrong++;
			}
		}
	for (const char *const *w = STORED_WORDS; *w != NULL; w++)
		entries++;
	for (const char *const *w = NO_WORDS; *w != NULL; w++)
		entries++;
	assert_int_equal(wrong, 0);
	assert_int_equal(known, entries);   /* no entry twice, none of a column that is no more */
	purposes_free(p);
}

/* RIGHTS.md, refused 1: what is about a person is about the reporter or an officer, and what is
 * about the reporter in free words is never seen by everybody. */
static void rows_say_what_rights_promise(void **state)
{
	(void)state;
	struct purposes *p = load();
	const struct purpose *body =
		purpose_find(p, PURPOSE_table, STR("part_body"), STR("body"));
	assert_non_null(body);
	assert_int_equal(body->about, ABOUT_reporter);
	/* DOMAIN.md section 23, hazard text */
	assert_int_equal(body->seen_by, (1 << SEER_reporter) | (1 << SEER_unit) | (1 << SEER_secretary) |
	                                        (1 << SEER_oversight));
	assert_true(str_is(body->keep, "keep.text"));
	const struct purpose *pin = purpose_find(p, PURPOSE_table, STR("receipt"), STR("pin_hash"));
	assert_int_equal(pin->seen_by, 1 << SEER_program);
	const struct purpose *all;
	size_t n = purposes_all(p, &all);
	assert_true(n > 100);
	for (size_t i = 0; i < n; i++)
		if ((all[i].seen_by & (1 << SEER_public)) != 0)
			assert_true(all[i].about == ABOUT_nobody || all[i].about == ABOUT_ward);
	assert_null(purpose_find(p, PURPOSE_form, STR("receipt"), STR("pin_hash")));
	purposes_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_has_its_row),
		cmocka_unit_test(both_directions_are_compared),
		cmocka_unit_test(bad_registers_are_refused),
		cmocka_unit_test(words_that_are_erased_leave_the_files),
		cmocka_unit_test(rows_say_what_rights_promise),
		cmocka_unit_test(every_field_of_a_form_has_its_row),
		cmocka_unit_test(search_indexes_count_too),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
