/* Search: words, prefixes, order, wards, and words that would be commands. */
#include <sqlite3.h>
#include <string.h>

#include "fixture.h"

struct job {
	const char *scope, *words; /* words with blanks between */
	int64_t id, before;
	size_t limit;
	char found[256];           /* ids as "3 2 1" */
};

static size_t cut(struct arena *a, const char *words, struct str **out)
{
	struct str rest = str_of(words);
	*out = arena_array(a, rest.n + 1, sizeof **out);
	size_t n = 0;
	while (rest.n > 0)
		(*out)[n++] = str_cut(&rest, ' ');
	return n;
}

static enum rc put_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct job *j = ctx;
	struct str *words;
	size_t n = cut(tx_arena(tx), j->words, &words);
	return search_put(tx, j->scope, j->id, words, n, f);
}

static enum rc find_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct job *j = ctx;
	struct str *words;
	int64_t *ids;
	size_t count, n = cut(tx_arena(tx), j->words, &words), at = 0;
	j->found[0] = '\0';
	enum rc rc = search_find(tx, j->scope, words, n, j->before, j->limit, &ids, &count, f);
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		at += (size_t)snprintf(j->found + at, sizeof j->found - at, "%s%lld", i > 0 ? " " : "",
		                       (long long)ids[i]);
	return rc;
}

static enum rc put(struct fixture *x, struct ward_id ward, const char *scope, int64_t id,
                   const char *words)
{
	struct job j = {.scope = scope, .words = words, .id = id};
	enum rc rc = store_write(x->store, ward, &x->arena, put_fn, &j, &x->fault);
	if (rc < 0)
		print_error("%s\n", x->fault.text);
	return rc;
}

static const char *find(struct fixture *x, struct ward_id ward, const char *scope, const char *words,
                        int64_t before, size_t limit)
{
	static struct job j;
	j = (struct job){.scope = scope, .words = words, .before = before, .limit = limit};
	enum rc rc = store_read(x->store, ward, &x->arena, find_fn, &j, &x->fault);
	return rc == RC_OK ? j.found : rc_name(rc);
}

static void words_and_order(void **state)
{
	struct fixture *x = *state;
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), ""); /* nothing was ever put */
	assert_int_equal(put(x, WARD_A, "desk", 1, "den duong hong"), RC_OK);
	assert_int_equal(put(x, WARD_A, "desk", 3, "den giao thong d"), RC_OK);
	assert_int_equal(put(x, WARD_A, "desk", 2, "rac duong den"), RC_OK);
	assert_int_equal(put(x, WARD_B, "desk", 4, "den duong"), RC_OK);
	assert_int_equal(put(x, WARD_A, "public", 2, "rac"), RC_OK);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), "3 2 1");
	assert_string_equal(find(x, WARD_A, "desk", "den", 3, 9), "2 1");
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 2), "3 2");
	assert_string_equal(find(x, WARD_A, "desk", "den", 1, 9), "");
	assert_string_equal(find(x, WARD_A, "desk", "duong den", 0, 9), "2 1");
	assert_string_equal(find(x, WARD_A, "desk", "den du", 0, 9), "2 1");
	assert_string_equal(find(x, WARD_A, "desk", "du den", 0, 9), "");   /* only the last is one */
	assert_string_equal(find(x, WARD_A, "desk", "duon", 0, 9), "2 1");
	assert_string_equal(find(x, WARD_A, "desk", "d", 0, 9), "3");       /* one letter: the word */
	assert_string_equal(find(x, WARD_A, "desk", "", 0, 9), "");
	assert_string_equal(find(x, WARD_B, "desk", "den", 0, 9), "4");
	assert_string_equal(find(x, WARD_A, "public", "den", 0, 9), "");
	assert_string_equal(find(x, WARD_A, "public", "rac", 0, 9), "2");
}

enum { SLICE = 125, SLICES = 20 };
static enum rc fill_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct str words[] = {{"den", 3}};
	const int64_t *slice = ctx;
	enum rc rc = RC_OK;
	for (int64_t i = 1; i <= SLICE && rc == RC_OK; i++)
		rc = search_put(tx, "desk", 10 + *slice * SLICE + i, words, 1, f);
	return rc;
}

/* What is common is found among the newest, what is rare anywhere: on a server these are two ways. */
static void rare_and_common_among_many(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(put(x, WARD_A, "desk", 1, "den cu"), RC_OK);
	assert_int_equal(put(x, WARD_A, "desk", 2, "den cu"), RC_OK);
	for (int64_t slice = 0; slice < SLICES; slice++)
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, fill_fn, &slice, &x->fault), RC_OK);
	assert_int_equal(put(x, WARD_A, "desk", 2511, "cu"), RC_OK);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 3), "2510 2509 2508");
	assert_string_equal(find(x, WARD_A, "desk", "cu", 0, 9), "2511 2 1");
	assert_string_equal(find(x, WARD_A, "desk", "cu", 2511, 9), "2 1");
	assert_string_equal(find(x, WARD_A, "desk", "cu", 0, 2), "2511 2");
	assert_string_equal(find(x, WARD_A, "desk", "cu de", 0, 9), "2 1");
	assert_string_equal(find(x, WARD_A, "desk", "den", 13, 9), "12 11 2 1");
}

static void replaced_and_removed(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(put(x, WARD_A, "desk", 1, "den"), RC_OK);
	assert_int_equal(put(x, WARD_A, "desk", 1, "rac"), RC_OK);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), "");
	assert_string_equal(find(x, WARD_A, "desk", "rac", 0, 9), "1");
	assert_int_equal(put(x, WARD_A, "desk", 1, ""), RC_OK);
	assert_string_equal(find(x, WARD_A, "desk", "rac", 0, 9), "");
	assert_int_equal(put(x, WARD_A, "desk", 1, ""), RC_OK);    /* again: nothing to do */
	assert_int_equal(put(x, WARD_A, "never", 1, ""), RC_OK);
}

static void another_wards_row_is_out_of_reach(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(put(x, WARD_A, "desk", 1, "den"), RC_OK);
	/* SQLite has one row for an id, PostgreSQL one for a ward and an id. */
	assert_int_equal(put(x, WARD_B, "desk", 1, "rac"), on_server() ? RC_OK : RC_DENIED);
	assert_int_equal(put(x, WARD_B, "desk", 1, ""), on_server() ? RC_OK : RC_DENIED);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), "1");
}

/* Nothing but words reaches FTS5: its operators are words or are refused. */
static void hostile_words(void **state)
{
	static const char *const refused[] = {"\"", "a\"b", "a*", "-a", "words:a", "(a", "a^", "_65",
	                                      "a\tb", "';--", "a+b", "{a}"};
	static const char *const words[] = {"OR", "AND", "NOT", "NEAR", "or", "ward", "words", "rowid"};
	struct fixture *x = *state;
	assert_int_equal(put(x, WARD_A, "desk", 1, "den or and not near ward words rowid"), RC_OK);
	assert_int_equal(put(x, WARD_B, "desk", 2, "den"), RC_OK);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_string_equal(find(x, WARD_A, "desk", refused[i], 0, 9), "INVALID");
		assert_int_equal(put(x, WARD_A, "desk", 5, refused[i]), RC_INVALID);
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_string_equal(find(x, WARD_A, "desk", words[i], 0, 9), "1");
	assert_string_equal(find(x, WARD_A, "desk", "zzz OR den", 0, 9), "");
	char many[2 * 33 + 1];
	for (size_t i = 0; i < 33; i++)
		memcpy(many + 2 * i, "a ", 3);
	many[2 * 33 - 1] = '\0';
	assert_string_equal(find(x, WARD_A, "desk", many, 0, 9), "INVALID");
	assert_string_equal(find(x, WARD_A, "desk", "\xe6\xb0\xb4", 0, 9), "");
	assert_string_equal(find(x, WARD_A, "desk", "\xff\xfe", 0, 9), "");
}

/* A scope is made for a function that fails: nothing of it is found, and the next ones work. */
static enum rc put_then_fail(struct tx *tx, void *ctx, struct fault *f)
{
	enum rc rc = put_fn(tx, ctx, f);
	return rc == RC_OK ? RC_CHANGED : rc;
}

static void a_scope_taken_back(void **state)
{
	struct fixture *x = *state;
	struct job j = {.scope = "desk", .words = "den", .id = 1};
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, put_then_fail, &j, NULL), RC_CHANGED);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), "");
	assert_int_equal(put(x, WARD_A, "desk", 2, "den"), RC_OK);
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, put_then_fail, &j, NULL), RC_CHANGED);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), "2");
	fixture_again(x);
	assert_string_equal(find(x, WARD_A, "desk", "den", 0, 9), "2");
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

struct merging {
	bool first, more;
};

static enum rc merge_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct merging *m = ctx;
	return search_merge(tx, m->first, &m->more, f);
}

static size_t merge_all(struct fixture *x)
{
	struct merging m = {.first = true, .more = true};
	size_t slices = 0;
	for (; m.more; m.first = false, slices++)
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, merge_fn, &m, &x->fault), RC_OK);
	return slices;
}

static int64_t segments(struct fixture *x)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_open(x->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT COUNT(DISTINCT segid) FROM fts_desk_idx", -1, &st,
	                                    NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return n;
}

struct many {
	int64_t from;
};

/* Words that differ, so that the index grows by pages. */
static enum rc put_many(struct tx *tx, void *ctx, struct fault *f)
{
	const struct many *m = ctx;
	enum rc rc = RC_OK;
	for (int64_t id = m->from; id < m->from + 40 && rc == RC_OK; id++) {
		struct str words[20];
		for (int i = 0; i < 20; i++)
			words[i] = arena_fmt(tx_arena(tx), "tu%lldx%d", (long long)(id * 7919 % 100003), i);
		rc = search_put(tx, "desk", id, words, 20, f);
	}
	return rc;
}

static void a_merge_is_cut_into_slices(void **state)
{
	struct fixture *x = *state;
	if (on_server())
		skip();
	for (int64_t from = 1; from < 4000; from += 40) {
		struct many m = {.from = from};
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, put_many, &m, &x->fault), RC_OK);
		arena_reset(&x->arena);
	}
	assert_true(segments(x) > 1);
	assert_true(merge_all(x) > 3);
	assert_int_equal(segments(x), 1);
	assert_int_equal(merge_all(x), 1);   /* nothing left to do */
}

static bool file_has(const char *path, const char *word)
{
	static char bytes[1 << 20];
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return false;
	size_t n = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	return memmem(bytes, n, word, strlen(word)) != NULL;
}

static void an_erased_word_leaves_the_file(void **state)
{
	struct fixture *x = *state;
	if (on_server())
		skip();
	char wal[128];
	(void)snprintf(wal, sizeof wal, "%s-wal", x->path);
	for (int64_t id = 1; id < 50; id++)
		assert_int_equal(put(x, WARD_A, "desk", id, id == 7 ? "den quyetmatxyz" : "den duong"), RC_OK);
	assert_true(file_has(wal, "quyetmatxyz") || file_has(x->path, "quyetmatxyz"));
	assert_int_equal(put(x, WARD_A, "desk", 7, ""), RC_OK);
	(void)merge_all(x);
	/* The journal is cut off after the answer; the next write comes after that. */
	assert_int_equal(put(x, WARD_A, "desk", 51, "den"), RC_OK);
	assert_false(file_has(wal, "quyetmatxyz"));
	assert_false(file_has(x->path, "quyetmatxyz"));
	struct merging m = {.first = true};
	assert_int_equal(store_read(x->store, WARD_A, &x->arena, merge_fn, &m, NULL), RC_DB);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(words_and_order), T(rare_and_common_among_many), T(replaced_and_removed), T(another_wards_row_is_out_of_reach),
		T(hostile_words), T(a_scope_taken_back), T(a_merge_is_cut_into_slices), T(an_erased_word_leaves_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
