/* Rows of all sizes come in any order, half of them go again; no byte of those is left in the file. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

enum { ROWS = 2500, SLICE = 50 };

static uint32_t dice(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Each row has a word of its own, now and then so long that it goes on in other pages. */
struct rows_at {
	const int64_t *ids;
	int64_t from;
};

static enum rc add_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO item(ward_id, id, name, note) VALUES (?1, ?2, ?3, ?4)", "itb", "");
	const struct rows_at *r = ctx;
	enum rc rc = RC_OK;
	for (int64_t i = r->from; rc == RC_OK && i < r->from + SLICE; i++) {
		uint32_t seed = (uint32_t)r->ids[i];
		struct buf note = {0};
		char name[40];
		(void)snprintf(name, sizeof name, "name-%05lld-end", (long long)r->ids[i]);
		for (uint32_t k = dice(&seed) % (i % 50 == 0 ? 900 : 40) + 1; k > 0; k--)
			buf_addf(&note, "note-%05lld-end", (long long)r->ids[i]);
		rc = sql_run(tx, &Q, BIND(v_int(r->ids[i]), v_text(str_of(name)), v_blob(arena_take(tx_arena(tx), &note))),
		             NULL, f);
	}
	return rc;
}

static enum rc drop_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD("DELETE FROM item WHERE ward_id = ?1 AND id = ?2", "i", "");
	const struct rows_at *r = ctx;
	enum rc rc = RC_OK;
	for (int64_t i = r->from; rc == RC_OK && i < r->from + SLICE; i++)
		rc = sql_run(tx, &Q, BIND(v_int(r->ids[i])), NULL, f);
	return rc;
}

static void shuffle(int64_t *ids, uint32_t seed)
{
	for (uint32_t i = ROWS - 1; i > 0; i--) {
		uint32_t k = dice(&seed) % (i + 1);
		int64_t was = ids[i];
		ids[i] = ids[k];
		ids[k] = was;
	}
}

static void run(struct fixture *x, tx_fn *fn, const int64_t *ids, int64_t n)
{
	for (int64_t i = 0; i < n; i += SLICE) {
		struct rows_at r = {ids, i};
		arena_reset(&x->arena);
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, fn, &r, &x->fault), RC_OK);
	}
}

/* Marks each row of which a name or note stands in the file; how many. */
static int seen(const char *path, bool there[ROWS])
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size_t size = (size_t)ftell(file);
	char *bytes = malloc(size);
	assert_non_null(bytes);
	rewind(file);
	assert_int_equal(fread(bytes, 1, size, file), size);
	(void)fclose(file);
	int n = 0;
	memset(there, 0, ROWS * sizeof *there);
	for (char *p = bytes; (p = memchr(p, 'n', (size_t)(bytes + size - p))) != NULL; p++) {
		bool word = (size_t)(bytes + size - p) > 14 && (memcmp(p, "name-", 5) == 0 || memcmp(p, "note-", 5) == 0) &&
		            memcmp(p + 10, "-end", 4) == 0;
		int id = word ? (int)strtol(p + 5, NULL, 10) : -1;
		if (id >= 0 && id < ROWS && !there[id]) {
			there[id] = true;
			n++;
		}
	}
	free(bytes);
	return n;
}

static void rows_that_moved_leave_nothing_behind(void **state)
{
	static int64_t ids[ROWS];
	static bool there[ROWS];
	struct fixture *x = *state;
	if (on_server())
		skip();
	for (int64_t i = 0; i < ROWS; i++)
		ids[i] = i;
	shuffle(ids, 7);
	run(x, add_fn, ids, ROWS);
	shuffle(ids, 11);
	run(x, drop_fn, ids, ROWS / 2);
	fixture_again(x);               /* closing puts the journal into the file */
	assert_int_equal(item_count(x, WARD_A), ROWS / 2);
	assert_int_equal(seen(x->path, there), ROWS / 2);
	for (int64_t i = 0; i < ROWS; i++)
		assert_int_equal(there[ids[i]], i >= ROWS / 2);
	arena_reset(&x->arena);
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_that_moved_leave_nothing_behind, fixture_setup, fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
