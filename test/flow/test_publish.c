/* Publishing: all or none, once, by day; what is read again is what was published. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/base/hash.h"
#include "ward/flow/procedure.h"
#include "ward/place/place.h"
#include "../harness/database.h"

enum { DAY = 20000 };

struct fixture {
	char dir[32];
	struct arena arena;
	struct clock clock;
	struct store *store;
	struct rules *rules;
	struct refused *refused;
	struct procedures *procedures;
};

static const char *path(struct fixture *x, const char *name)
{
	return arena_fmt(&x->arena, "%s/%s", x->dir, name).p;
}

static const char *src(struct fixture *x, const char *name)
{
	return arena_fmt(&x->arena, "%s/%s", getenv("XOM_SRC"), name).p;
}

static int setup(void **state)
{
	static const struct schema_step *const STEPS[] = {PLACE_SCHEMA, PROCEDURE_SCHEMA, NULL};
	struct fixture *x = calloc(1, sizeof *x);
	struct fault f = {0};
	(void)snprintf(x->dir, sizeof x->dir, "/tmp/xom-publish-XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	arena_init(&x->arena, (size_t)64 << 20);
	clock_init(&x->clock);
	assert_int_equal(crypto_start(&f), RC_OK);
	const struct store_config config = {
		.path = test_database(path(x, "xom.db")), .steps = STEPS, .clock = &x->clock, .readers = 2};
	if (store_open(&x->store, &config, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_int_equal(rules_load(&x->rules, src(x, "calendars/rules.yaml"), &f), RC_OK);
	assert_int_equal(refused_load(&x->refused, src(x, "rights/refused.yaml"), &f), RC_OK);
	assert_int_equal(procedures_open(&x->procedures, x->store, x->rules, x->refused, &f), RC_OK);
	assert_int_equal(mkdir(path(x, "p"), 0700), 0);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;
	procedures_close(x->procedures);
	refused_free(x->refused);
	rules_free(x->rules);
	store_close(x->store);
	test_database_drop(path(x, "xom.db"));
	static const char *const FILES[] = {"p/a.yaml", "p/b.yaml", "p", "xom.db", "xom.db-wal",
	                                    "xom.db-shm", ""};
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
		(void)remove(path(x, FILES[i]));
	arena_release(&x->arena);
	free(x);
	return 0;
}

/* A copy of a shipped file with one word exchanged. */
static void put_file(struct fixture *x, const char *as, const char *from, const char *was,
                     const char *is)
{
	struct str text;
	struct fault f = {0};
	assert_int_equal(file_read(&x->arena, src(x, from), 1 << 20, &text, &f), RC_OK);
	size_t at = str_find(text, str_of(was));
	assert_true(at != SIZE_MAX);
	FILE *out = fopen(path(x, as), "w");
	assert_non_null(out);
	(void)fprintf(out, "%.*s%s%.*s", (int)at, text.p, is,
	              PSTR(str_sub(text, at + strlen(was), SIZE_MAX)));
	assert_int_equal(fclose(out), 0);
}

static enum rc publish(struct fixture *x, int32_t day, size_t *n)
{
	struct fault f = {0};
	*n = 99;
	return procedures_publish(x->procedures, x->store, path(x, "p"), day, n, &f);
}

static void shipped_files_are_published_once(void **state)
{
	struct fixture *x = *state;
	struct fault f = {0};
	size_t n = 0;
	const struct procedure *all[16];
	assert_int_equal(procedures_all(x->procedures, DAY, all, 16), 0);
	assert_int_equal(procedures_publish(x->procedures, x->store, src(x, "procedures"), DAY, &n, &f),
	                 RC_OK);
	assert_int_equal(n, 12);
	assert_int_equal(procedures_publish(x->procedures, x->store, src(x, "procedures"), DAY, &n, &f),
	                 RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(procedures_all(x->procedures, DAY - 1, all, 16), 0);
	assert_int_equal(procedures_all(x->procedures, DAY, all, 16), 12);
	for (size_t i = 0; i < 12; i++) {
		assert_int_equal(all[i]->category, CATEGORY_unset + 1 + (int)i);
		assert_ptr_equal(procedure_of_version(x->procedures, all[i]->version), all[i]);
		assert_int_equal(all[i]->valid_from, DAY);
	}
	assert_int_equal(procedures_all(x->procedures, DAY, all, 2), 2);
	assert_null(procedure_of_kind(x->procedures, STR("gossip"), DAY));
	assert_null(procedure_of_version(x->procedures, (struct version_id){1}));
}

static void a_changed_file_is_a_new_version(void **state)
{
	struct fixture *x = *state;
	size_t n;
	put_file(x, "p/a.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 5");
	assert_int_equal(publish(x, DAY, &n), RC_OK);
	const struct procedure *first = procedure_of_kind(x->procedures, STR("road"), DAY);
	assert_non_null(first);
	struct hash before = procedures_hash(x->procedures, DAY);
	put_file(x, "p/a.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 3");
	assert_int_equal(publish(x, DAY + 10, &n), RC_OK);
	assert_int_equal(n, 1);
	const struct procedure *second = procedure_of_kind(x->procedures, STR("road"), DAY + 10);
	assert_int_equal(second->max_photos, 3);
	assert_ptr_not_equal(second, first);
	/* The old days and the cases of the old version keep it, and where it lies. */
	assert_ptr_equal(procedure_of_kind(x->procedures, STR("road"), DAY + 9), first);
	assert_ptr_equal(procedure_of_version(x->procedures, first->version), first);
	assert_int_equal(first->max_photos, 5);
	struct hash same = procedures_hash(x->procedures, DAY + 9);
	struct hash after = procedures_hash(x->procedures, DAY + 10);
	assert_true(hash_eq(&before, &same));
	assert_false(hash_eq(&before, &after));
	/* Nothing is slipped in before a version that is announced already. */
	put_file(x, "p/a.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 2");
	assert_int_equal(publish(x, DAY + 5, &n), RC_INVALID);
	assert_int_equal(n, 99);
	/* A second program reads the same. */
	struct procedures *again = NULL;
	struct fault f = {0};
	assert_int_equal(procedures_open(&again, x->store, x->rules, x->refused, &f), RC_OK);
	const struct procedure *read = procedure_of_kind(again, STR("road"), DAY + 10);
	assert_true(hash_eq(&read->checksum, &second->checksum));
	assert_int_equal(read->version.v, second->version.v);
	struct hash theirs = procedures_hash(again, DAY + 10);
	assert_true(hash_eq(&theirs, &after));
	procedures_close(again);
}

/* What was reported under it would turn into something else, or become public. */
static void a_kind_keeps_its_category(void **state)
{
	struct fixture *x = *state;
	size_t n;
	put_file(x, "p/a.yaml", "procedures/road.yaml", "name: road\ncategory: road",
	         "name: pavement\ncategory: road");
	assert_int_equal(publish(x, DAY, &n), RC_OK);
	put_file(x, "p/a.yaml", "procedures/road.yaml", "name: road\ncategory: road",
	         "name: pavement\ncategory: rubbish");
	assert_int_equal(publish(x, DAY + 1, &n), RC_REFUSED);
	assert_int_equal(procedure_of_kind(x->procedures, STR("pavement"), DAY + 1)->category, CATEGORY_road);
}

static void all_or_none(void **state)
{
	struct fixture *x = *state;
	size_t n;
	assert_int_equal(publish(x, DAY, &n), RC_NONE);
	put_file(x, "p/a.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 4");
	put_file(x, "p/b.yaml", "procedures/water.yaml", "listed: true", "listed: often");
	assert_int_equal(publish(x, DAY, &n), RC_SYNTAX);
	assert_int_equal(n, 99);
	assert_null(procedure_of_kind(x->procedures, STR("road"), DAY));
	put_file(x, "p/b.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 3");
	assert_int_equal(publish(x, DAY, &n), RC_SYNTAX); /* two files of one name */
	assert_null(procedure_of_kind(x->procedures, STR("road"), DAY));
	struct fault f = {0};
	assert_int_equal(procedures_publish(x->procedures, x->store, "/nowhere", DAY, &n, &f), RC_IO);
}

static void a_grown_list_of_refused_matter_withdraws_a_kind(void **state)
{
	struct fixture *x = *state;
	size_t n;
	put_file(x, "p/a.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 5");
	put_file(x, "p/b.yaml", "procedures/water.yaml", "max_photos: 5", "max_photos: 5");
	assert_int_equal(publish(x, DAY, &n), RC_OK);
	struct version_id road = procedure_of_kind(x->procedures, STR("road"), DAY)->version;
	struct refused *more = NULL;
	struct fault f = {0};
	assert_int_equal(refused_parse(&more, "refused.yaml",
	                               STR("lines:\n  - {name: holes, refused: 3, why: {vi: a, en: a}, "
	                                   "vi: [ổ gà], en: [pothole]}\n"), &f), RC_OK);
	struct procedures *p = NULL;
	assert_int_equal(procedures_open(&p, x->store, x->rules, more, &f), RC_OK);
	assert_null(procedure_of_kind(p, STR("road"), DAY));
	assert_non_null(procedure_of_kind(p, STR("water"), DAY));
	assert_non_null(procedure_of_version(p, road)); /* cases that began with it go on */
	const struct procedure *all[4];
	assert_int_equal(procedures_all(p, DAY, all, 4), 1);
	procedures_close(p);
	refused_free(more);
}

static enum rc tamper(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_GLOBAL(
		"UPDATE procedure_version SET bytes = ?1", "b", "");
	(void)ctx;
	static const char text[] = "name: road\n";
	return sql_run(tx, &Q, BIND(v_blob(str_of(text))), NULL, f);
}

static enum rc tamper_checksum(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_GLOBAL(
		"UPDATE procedure_version SET checksum = ?1", "b", "");
	struct hash h = hash_of(NULL, "other", STR("bytes"));
	(void)ctx;
	return sql_run(tx, &Q, BIND(v_blob(hash_str(&h))), NULL, f);
}

static void tampered_versions_do_not_load(void **state)
{
	struct fixture *x = *state;
	size_t n;
	struct fault f = {0};
	struct procedures *p = NULL;
	put_file(x, "p/a.yaml", "procedures/road.yaml", "max_photos: 5", "max_photos: 5");
	assert_int_equal(publish(x, DAY, &n), RC_OK);
	assert_int_equal(store_write(x->store, (struct ward_id){0}, &x->arena, tamper_checksum, NULL,
	                             &f), RC_OK);
	assert_int_equal(procedures_open(&p, x->store, x->rules, x->refused, &f), RC_CORRUPT);
	assert_int_equal(store_write(x->store, (struct ward_id){0}, &x->arena, tamper, NULL, &f), RC_OK);
	assert_int_equal(procedures_open(&p, x->store, x->rules, x->refused, &f), RC_SYNTAX);
	assert_null(p);
	/* What runs goes on with what it knows. */
	assert_non_null(procedure_of_kind(x->procedures, STR("road"), DAY));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(shipped_files_are_published_once),
		T(a_changed_file_is_a_new_version),
		T(a_kind_keeps_its_category),
		T(all_or_none),
		T(a_grown_list_of_refused_matter_withdraws_a_kind),
		T(tampered_versions_do_not_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
