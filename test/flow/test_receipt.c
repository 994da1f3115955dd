/* Receipts: the check symbol catches what it promises, a journey gives one receipt whatever key is
 * current, a code that exists is drawn again, and guessing learns nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/base/yaml.h"
#include "ward/flow/receipt.h"
#include "../harness/database.h"

enum { WARD = 7, OTHER_WARD = 8 };
#define BASE (sizeof CODE_ALPHABET - 1)

static struct clock machine;
static char dir[] = "/tmp/xom-receipt-XXXXXX";
static struct store *store;
static struct keys *keys;
static struct arena arena;

static const char *in_dir(const char *name) { return arena_fmt(&arena, "%s/%s", dir, name).p; }

static int setup(void **state)
{
	(void)state;
	static const struct schema_step *const STEPS[] = {RECEIPT_SCHEMA, NULL};
	struct fault f = {0};
	arena_init(&arena, (size_t)64 << 20);
	clock_init(&machine);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(crypto_start(&f), RC_OK);
	const struct store_config config = {
		.path = test_database(in_dir("xom.db")), .steps = STEPS, .clock = &machine, .readers = 2};
	if (store_open(&store, &config, &f) != RC_OK)
		fail_msg("%s", f.text);
	if (keys_open(&keys, in_dir("keys"), &machine, &f) != RC_OK)
		fail_msg("%s", f.text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_close(store);
	test_database_drop(in_dir("xom.db"));
	keys_free(keys);
	char *const argv[] = {"rm", "-rf", dir, NULL};
	pid_t pid = fork();
	if (pid == 0) {
		(void)execv("/bin/rm", argv);
		_exit(127);
	}
	arena_release(&arena);
	return 0;
}

static struct hash journey(int n)
{
	char name[16];
	(void)snprintf(name, sizeof name, "journey %d", n);
	return hash_of(NULL, "test", str_of(name));
}

/* --- codes --- */
static void one_wrong_symbol_is_caught(void **state)
{
	(void)state;
	char s[] = "SM267KQ4M";
	size_t n = sizeof s - 1;
	for (size_t at = 0; at < n; at++)
		for (size_t was = 0; was < BASE; was++)
			for (size_t is = 0; is < BASE; is++) {
				s[at] = CODE_ALPHABET[was];
				char right = code_check(str_n(s, n));
				s[at] = CODE_ALPHABET[is];
				assert_int_equal(code_check(str_n(s, n)) == right, was == is);
			}
}

static void swapped_neighbours_are_caught(void **state)
{
	(void)state;
	char s[] = "SM267KQ4M";
	size_t n = sizeof s - 1;
	for (size_t at = 0; at + 1 < n; at++)
		for (size_t x = 0; x < BASE; x++)
			for (size_t y = 0; y < BASE; y++) {
				s[at] = CODE_ALPHABET[x];
				s[at + 1] = CODE_ALPHABET[y];
				char right = code_check(str_n(s, n));
				s[at] = CODE_ALPHABET[y];
				s[at + 1] = CODE_ALPHABET[x];
				assert_int_equal(code_check(str_n(s, n)) == right, x == y);
			}
	/* The last symbol and the check symbol, over every sum of those before. */
	for (size_t before = 0; before < BASE; before++)
		for (size_t x = 0; x < BASE; x++) {
			s[0] = CODE_ALPHABET[before];
			s[n - 1] = CODE_ALPHABET[x];
			char check = code_check(str_n(s, n));
			s[n - 1] = check;
			assert_int_equal(code_check(str_n(s, n)) == CODE_ALPHABET[x],
			                 check == CODE_ALPHABET[x]);
		}
}

static void codes_are_read_as_typed(void **state)
{
	(void)state;
	char code[16], out[16];
	code_make(STR("SM"), 2026, "7K01M", code);
	assert_int_equal(strlen(code), 13);
	assert_int_equal(strncmp(code, "SM-26-7K01M-", 12), 0);
	char c = code[12];
	const char *ways[] = {"sm-26-7k01m-%c", "SM267K01M%c", " sm 26 7koim %c ", "Sm.26.7kOlM.%c",
	                      ("SM\xe2\x80\x91" "26\xe2\x80\x93" "7K01M\xe2\x80\x94%c"),
	                      ("SM\xc2\xa0" "26 7K01M\xe2\x80\x8b %c\r\n"), "sm/26/7k0Lm/%c"};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct buf b = {0};
		struct str way = str_of(ways[i]), head = str_cut(&way, '%');
		buf_add(&b, head);
		buf_addc(&b, (char)(c >= 'A' && i == 0 ? c - 'A' + 'a' : c));
		buf_add(&b, str_sub(way, 1, SIZE_MAX));
		assert_int_equal(code_read(buf_str(&b), out), RC_OK);
		assert_string_equal(out, code);
		buf_release(&b);
	}
}

static void broken_codes_are_refused(void **state)
{
	(void)state;
	char code[16], out[16], bad[32];
	code_make(STR("SM"), 2026, "7K01M", code);
	const char *const wrong[] = {"", "-", "SM", "SM-26-7K01M", "S1-26-7K01M-0", "SM-B6-7K01M-0",
	                             "SM-26-7K01M-00", "SM-26-7E01M-0", "SM-26-7KĐ1M-0", "\xff\xfe",
	                             "'; DROP TABLE receipt;--", "ＳＭ２６７Ｋ０１ＭＸ"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(code_read(str_of(wrong[i]), out), RC_INVALID);
		assert_string_equal(out, "");
	}
	for (size_t i = 0; i < BASE; i++) {
		memcpy(bad, code, 14);
		bad[12] = CODE_ALPHABET[i];
		assert_int_equal(code_read(str_of(bad), out), bad[12] == code[12] ? RC_OK : RC_INVALID);
	}
	assert_int_equal(code_read(str_n(code, 12), out), RC_INVALID);
	assert_int_equal(code_read(str_n("SM\0267K01M0", 10), out), RC_INVALID);
	char pin[9];
	assert_int_equal(pin_read(STR("bcfg hj0o"), pin), RC_OK);
	assert_string_equal(pin, "BCFGHJ00");
	assert_int_equal(pin_read(STR("bcfghj0"), pin), RC_INVALID);
	assert_int_equal(pin_read(STR("bcfghj011"), pin), RC_INVALID);
	assert_int_equal(pin_read(STR("bcfghja1"), pin), RC_INVALID);
	assert_string_equal(pin, "");
}

/* --- derivation --- */
static void same_journey_same_receipt(void **state)
{
	(void)state;
	struct fault f = {0};
	struct receipt a = {0}, b = {0};
	struct hash j = journey(1), k = journey(2);
	assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &j, 0, &a, &f), RC_OK);
	assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &j, 0, &b, &f), RC_OK);
	assert_memory_equal(&a, &b, sizeof a);
	char again[16];
	assert_int_equal(code_read(str_of(a.code), again), RC_OK);
	assert_int_equal(strlen(a.pin), 8);
	assert_int_equal(strlen(a.link), 22);
	assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &k, 0, &b, &f), RC_OK);
	assert_string_not_equal(a.code, b.code);
	assert_string_not_equal(a.pin, b.pin);
	assert_string_not_equal(a.link, b.link);
	assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &j, 1, &b, &f), RC_OK);
	assert_string_not_equal(a.code, b.code);
	assert_string_not_equal(a.pin, b.pin);
	assert_int_equal(receipt_derive(keys, STR("NK"), 2026, &j, 0, &b, &f), RC_OK);
	assert_string_not_equal(a.pin, b.pin);
}

/* --- rows --- */
struct ask {
	struct hash journey;
	struct case_id c;
	struct receipt receipt;
	struct str code, pin;
	int year;
};

static enum rc put(struct tx *tx, void *ctx, struct fault *f)
{
	struct ask *q = ctx;
	return receipt_put(tx, keys, STR("SM"), q->year, &q->journey, q->c, &q->receipt, f);
}

static enum rc open_pin(struct tx *tx, void *ctx, struct fault *f)
{
	struct ask *q = ctx;
	return receipt_open(tx, keys, q->code, q->pin, &q->c, f);
}

static enum rc open_link(struct tx *tx, void *ctx, struct fault *f)
{
	struct ask *q = ctx;
	return receipt_open_link(tx, keys, q->code, &q->c, f);
}

static enum rc write_in(int ward, tx_fn *fn, struct ask *q)
{
	struct fault f = {0};
	enum rc rc = store_write(store, (struct ward_id){ward}, &arena, fn, q, &f);
	if (rc < 0)
		print_error("%s\n", f.text);
	return rc;
}

static enum rc read_in(int ward, tx_fn *fn, struct ask *q)
{
	struct fault f = {0};
	return store_read(store, (struct ward_id){ward}, &arena, fn, q, &f);
}

static struct receipt put_new(int n, int64_t case_id)
{
	struct ask q = {.journey = journey(n), .c = {case_id}, .year = 2026};
	assert_int_equal(write_in(WARD, put, &q), RC_OK);
	assert_int_equal(q.receipt.case_id.v, case_id);
	return q.receipt;
}

static enum rc try_pin(int ward, const char *code, const char *pin, int64_t *out)
{
	struct ask q = {.code = str_of(code), .pin = str_of(pin)};
	enum rc rc = read_in(ward, open_pin, &q);
	*out = q.c.v;
	return rc;
}

static void code_and_pin_open_the_case(void **state)
{
	(void)state;
	struct receipt r = put_new(10, 100), other = put_new(11, 101);
	int64_t c;
	assert_int_equal(try_pin(WARD, r.code, r.pin, &c), RC_OK);
	assert_int_equal(c, 100);
	/* Wrong PIN, another's PIN, unknown code, mistyped code, another ward: all alike. */
	assert_int_equal(try_pin(WARD, r.code, "00000000", &c), RC_DENIED);
	assert_int_equal(c, 0);
	assert_int_equal(try_pin(WARD, r.code, other.pin, &c), RC_DENIED);
	struct receipt never;
	struct hash j = journey(999);
	struct fault f = {0};
	assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &j, 0, &never, &f), RC_OK);
	assert_int_equal(try_pin(WARD, never.code, never.pin, &c), RC_DENIED);
	assert_int_equal(try_pin(WARD, "SM-26-AAAAA-A", r.pin, &c), RC_DENIED);
	assert_int_equal(try_pin(WARD, "", "", &c), RC_DENIED);
	assert_int_equal(try_pin(OTHER_WARD, r.code, r.pin, &c), RC_DENIED);
	assert_int_equal(c, 0);

	struct ask q = {.code = str_of(r.link)};
	assert_int_equal(read_in(WARD, open_link, &q), RC_OK);
	assert_int_equal(q.c.v, 100);
	q = (struct ask){.code = str_of(r.link)};
	assert_int_equal(read_in(OTHER_WARD, open_link, &q), RC_DENIED);
	q = (struct ask){.code = STR("AAAAAAAAAAAAAAAAAAAAAA")};
	assert_int_equal(read_in(WARD, open_link, &q), RC_DENIED);
	q = (struct ask){.code = STR("")};
	assert_int_equal(read_in(WARD, open_link, &q), RC_DENIED);
	assert_int_equal(q.c.v, 0);
}

static void sent_twice_is_one_receipt(void **state)
{
	(void)state;
	struct receipt r = put_new(20, 200);
	for (int i = 0; i < 3; i++) {
		/* A year later and for a case that would have been new: still the first one. */
		struct ask q = {.journey = journey(20), .c = {201 + i}, .year = 2027};
		assert_int_equal(write_in(WARD, put, &q), RC_EXISTS);
		assert_memory_equal(&q.receipt, &r, sizeof r);
	}
	/* The same journey in another ward is another form. */
	struct ask q = {.journey = journey(20), .c = {200}, .year = 2026};
	assert_int_equal(write_in(OTHER_WARD, put, &q), RC_OK);
}

static void same_after_rotation(void **state)
{
	(void)state;
	struct fault f = {0};
	struct receipt r = put_new(30, 300);
	int number;
	assert_int_equal(keys_rotate(keys, "receipt", &number, &f), RC_OK);
	assert_int_equal(keys_rotate(keys, "pin", &number, &f), RC_OK);
	assert_true(number >= 2);
	struct ask q = {.journey = journey(30), .c = {301}, .year = 2026};
	assert_int_equal(write_in(WARD, put, &q), RC_EXISTS);
	assert_memory_equal(&q.receipt, &r, sizeof r);
	int64_t c;
	assert_int_equal(try_pin(WARD, r.code, r.pin, &c), RC_OK);
	assert_int_equal(c, 300);
	q = (struct ask){.code = str_of(r.link)};
	assert_int_equal(read_in(WARD, open_link, &q), RC_OK);
	assert_int_equal(q.c.v, 300);
	/* And what is made now is made with the new keys. */
	struct receipt fresh = put_new(31, 302);
	assert_int_equal(try_pin(WARD, fresh.code, fresh.pin, &c), RC_OK);
	q = (struct ask){.code = str_of(fresh.link)};
	assert_int_equal(read_in(WARD, open_link, &q), RC_OK);
	assert_int_equal(q.c.v, 302);
}

struct squat {
	const char *code;
	int64_t case_id;
};
/* Takes a code by hand, so that the draw that would give it finds it taken. */
static enum rc squat(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql PUT = SQL_WARD(
		"INSERT INTO receipt(ward_id, case_id, code, journey_hash, retry, receipt_key, pin_key, "
		"pin_hash, link_hash) VALUES (?1, ?2, ?3, ?4, 0, 1, 1, ?5, ?6)", "itbbb", "");
	struct squat *s = ctx;
	uint8_t b[3][HASH_SIZE];
	random_bytes(b, sizeof b);
	return sql_run(tx, &PUT,
	               BIND(v_int(s->case_id), v_text(str_of(s->code)),
	                    v_blob(str_n((char *)b[0], HASH_SIZE)),
	                    v_blob(str_n((char *)b[1], HASH_SIZE)),
	                    v_blob(str_n((char *)b[2], HASH_SIZE))),
	               NULL, f);
}

static void take_draws(int n, int draws, int64_t first_case)
{
	struct hash j = journey(n);
	struct fault f = {0};
	for (int i = 0; i < draws; i++) {
		struct receipt r;
		assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &j, i, &r, &f), RC_OK);
		struct squat s = {r.code, first_case + i};
		assert_int_equal(store_write(store, (struct ward_id){WARD}, &arena, squat, &s, &f), RC_OK);
	}
}

static void taken_codes_are_drawn_again(void **state)
{
	(void)state;
	take_draws(40, 3, 4000);
	struct receipt r = put_new(40, 400), expected;
	struct hash j = journey(40);
	struct fault f = {0};
	assert_int_equal(r.retry, 3);
	assert_int_equal(receipt_derive(keys, STR("SM"), 2026, &j, 3, &expected, &f), RC_OK);
	assert_string_equal(r.code, expected.code);
	assert_string_equal(r.pin, expected.pin);
	struct ask q = {.journey = j, .c = {401}, .year = 2026};
	assert_int_equal(write_in(WARD, put, &q), RC_EXISTS);
	assert_memory_equal(&q.receipt, &r, sizeof r);
	int64_t c;
	assert_int_equal(try_pin(WARD, r.code, r.pin, &c), RC_OK);
	assert_int_equal(c, 400);
}

static void no_code_left_is_a_failure(void **state)
{
	(void)state;
	take_draws(50, 64, 5000);
	struct ask q = {.journey = journey(50), .c = {500}, .year = 2026};
	struct fault f = {0};
	assert_int_equal(store_write(store, (struct ward_id){WARD}, &arena, put, &q, &f), RC_FAIL);
	assert_string_equal(q.receipt.pin, "");
	/* A case has one receipt. */
	(void)put_new(51, 510);
	q = (struct ask){.journey = journey(52), .c = {510}, .year = 2026};
	assert_int_equal(store_write(store, (struct ward_id){WARD}, &arena, put, &q, &f), RC_FAIL);
}

static enum rc swap_code(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE receipt SET code = ?3 WHERE ward_id = ?1 AND case_id = ?2", "it", "");
	struct squat *s = ctx;
	return sql_run(tx, &Q, BIND(v_int(s->case_id), v_text(str_of(s->code))), NULL, f);
}

static void exchanged_rows_and_lost_keys_are_loud(void **state)
{
	(void)state;
	(void)put_new(60, 600);
	char code[16];
	struct fault f = {0};
	code_make(STR("SM"), 2026, "00000", code);
	struct squat s = {code, 600};
	assert_int_equal(store_write(store, (struct ward_id){WARD}, &arena, swap_code, &s, &f), RC_OK);
	struct ask q = {.journey = journey(60), .c = {601}, .year = 2026};
	assert_int_equal(store_write(store, (struct ward_id){WARD}, &arena, put, &q, &f), RC_CORRUPT);
	assert_string_equal(q.receipt.pin, "");

	struct receipt r = put_new(61, 610);
	int number;
	assert_int_equal(keys_rotate(keys, "pin", &number, &f), RC_OK);
	assert_int_equal(unlink(in_dir(arena_fmt(&arena, "keys/pin.%d.key", number - 1).p)), 0);
	struct keys *again = NULL, *before = keys;
	assert_int_equal(keys_open(&again, in_dir("keys"), &machine, &f), RC_OK);
	keys = again;
	q = (struct ask){.code = str_of(r.code), .pin = str_of(r.pin)};
	assert_int_equal(store_read(store, (struct ward_id){WARD}, &arena, open_pin, &q, &f), RC_FAIL);
	keys_free(before);
}

static enum rc move_pin(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE receipt SET pin_hash = (SELECT pin_hash FROM receipt WHERE ward_id = ?1"
		" AND case_id = ?2) WHERE ward_id = ?1 AND case_id = ?3", "ii", "");
	const int64_t *from_to = ctx;
	return sql_run(tx, &Q, BIND(v_int(from_to[0]), v_int(from_to[1])), NULL, f);
}

/* Whoever may write the database can't open another's receipt with the PIN of their own. */
static void a_moved_pin_opens_nothing(void **state)
{
	(void)state;
	struct receipt own = put_new(90, 900), other = put_new(91, 910);
	int64_t from_to[] = {900, 910}, c;
	struct fault f = {0};
	assert_int_equal(
		store_write(store, (struct ward_id){WARD}, &arena, move_pin, from_to, &f), RC_OK);
	assert_int_equal(try_pin(WARD, other.code, own.pin, &c), RC_DENIED);
	assert_int_equal(try_pin(WARD, other.code, other.pin, &c), RC_DENIED);
	assert_int_equal(try_pin(WARD, own.code, own.pin, &c), RC_OK);
	/* And the form sent again says so instead of showing a PIN that opens nothing. */
	struct ask q = {.journey = journey(91), .c = {911}, .year = 2026};
	assert_int_equal(
		store_write(store, (struct ward_id){WARD}, &arena, put, &q, &f), RC_CORRUPT);
	assert_string_equal(q.receipt.pin, "");
}

static enum rc find_both(struct tx *tx, void *ctx, struct fault *f)
{
	struct ask *q = ctx;
	char code[16];
	enum rc rc = receipt_case(tx, q->code, &q->c, f);
	if (rc != RC_OK)
		return rc;
	assert_int_equal(receipt_code(tx, q->c, code, f), RC_OK);
	assert_true(str_is(q->pin, code));
	assert_int_equal(receipt_code(tx, (struct case_id){987654}, code, f), RC_NONE);
	return RC_OK;
}

static void the_desk_finds_by_code(void **state)
{
	(void)state;
	struct receipt r = put_new(70, 700);
	struct ask q = {.code = str_of(r.code), .pin = str_of(r.code)};
	assert_int_equal(read_in(WARD, find_both, &q), RC_OK);
	assert_int_equal(q.c.v, 700);
	assert_int_equal(read_in(OTHER_WARD, find_both, &q), RC_NONE);
	q.code = STR("SM-26-AAAAA-A");
	assert_int_equal(read_in(WARD, find_both, &q), RC_NONE);
}

/* PIN, link and journey are nowhere in the database's files. */
static void nothing_secret_is_stored(void **state)
{
	(void)state;
	if (on_server()) /* the file of SQLite is looked at */
		skip();
	struct receipt r = put_new(80, 800);
	struct hash j = journey(80);
	static const char *const FILES[] = {"xom.db", "xom.db-wal"};
	bool found_code = false;
	for (size_t i = 0; i < 2; i++) {
		struct str bytes;
		struct fault f = {0};
		if (file_read(&arena, in_dir(FILES[i]), (size_t)32 << 20, &bytes, &f) != RC_OK)
			continue;
		found_code |= str_find(bytes, str_of(r.code)) != SIZE_MAX;
		assert_true(str_find(bytes, str_of(r.pin)) == SIZE_MAX);
		assert_true(str_find(bytes, str_of(r.link)) == SIZE_MAX);
		assert_true(str_find(bytes, hash_str(&j)) == SIZE_MAX);
	}
	assert_true(found_code); /* the search can find what is there */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_wrong_symbol_is_caught),
		cmocka_unit_test(swapped_neighbours_are_caught),
		cmocka_unit_test(codes_are_read_as_typed),
		cmocka_unit_test(broken_codes_are_refused),
		cmocka_unit_test(same_journey_same_receipt),
		cmocka_unit_test(code_and_pin_open_the_case),
		cmocka_unit_test(sent_twice_is_one_receipt),
		cmocka_unit_test(same_after_rotation),
		cmocka_unit_test(taken_codes_are_drawn_again),
		cmocka_unit_test(no_code_left_is_a_failure),
		cmocka_unit_test(the_desk_finds_by_code),
		cmocka_unit_test(nothing_secret_is_stored),
		cmocka_unit_test(a_moved_pin_opens_nothing),
		cmocka_unit_test(exchanged_rows_and_lost_keys_are_loud),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
