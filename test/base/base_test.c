#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/hash.h"
#include "kit/base/ids.h"
#include "kit/base/perm.h"

static struct arena arena;

static int start(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	return crypto_start(NULL);
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void strings(void **state)
{
	(void)state;
	struct str rest = STR("a,b,"), s = STR("  x y\n");
	assert_true(str_is(str_cut(&rest, ','), "a"));
	assert_true(str_is(str_cut(&rest, ','), "b"));
	assert_non_null(rest.p);
	assert_int_equal(str_cut(&rest, ',').n, 0);
	assert_null(rest.p);
	assert_true(str_is(str_trim(s), "x y"));
	assert_int_equal(str_trim(STR(" \t\n")).n, 0);
	assert_true(str_is(str_sub(STR("abc"), 1, 99), "bc"));
	assert_int_equal(str_sub(STR("abc"), 9, 1).n, 0);
	assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
	assert_int_equal(str_find(STR("abc"), STR("x")), SIZE_MAX);
	assert_int_equal(str_find(STR(""), STR("")), 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("b"), STR("ab")) > 0);
	assert_true(str_eq(str_of(NULL), STR("")));
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("x.key"), STR(".key")));
	assert_false(str_ends(STR("y"), STR("xy")));
}

static void numbers(void **state)
{
	(void)state;
	int64_t i;
	double d;
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808",
	                                  "-9223372036854775809", "1e3", "١"};
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
		assert_false(str_i64(str_of(bad[k]), &i));
	assert_true(str_i64(STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_true(str_i64(STR("9223372036854775807"), &i));
	assert_true(i == INT64_MAX);
	static const char *const odd[] = {"", "nan", "inf", "1e999", "1,5", "0x1p3", " 1", "1 ", "--1", "1e"};
	for (size_t k = 0; k < sizeof odd / sizeof *odd; k++)
		assert_false(str_f64(str_of(odd[k]), &d));
	assert_true(str_f64(STR("-105.25"), &d));
	assert_true(d == -105.25);
}

static void buffers(void **state)
{
	(void)state;
	struct buf b = {.max = 10};
	buf_addz(&b, "12345");
	buf_addf(&b, "%d", 678);
	assert_true(str_is(buf_str(&b), "12345678"));
	buf_addz(&b, "90");
	assert_true(b.failed);
	buf_addc(&b, 'x');
	assert_int_equal(b.n, 8);
	buf_release(&b);
	assert_false(b.failed);
	assert_int_equal(b.max, 10);
}

static void arenas(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1000);
	char *p = arena_alloc(&a, 3);
	assert_int_equal((uintptr_t)p % 16, 0);
	assert_int_equal(p[0] | p[1] | p[2], 0);
	assert_false(a.over);
	(void)arena_alloc(&a, 2000);
	assert_true(a.over);
	arena_reset(&a);
	assert_false(a.over);
	assert_int_equal(a.used, 0);
	assert_string_equal(arena_fmt(&a, "%s-%d", "x", 5).p, "x-5");
	assert_int_equal(arena_copy(&a, str_n("ab", 2)).p[2], 0);
	struct buf b = {0};
	buf_addz(&b, "kept");
	assert_true(str_is(arena_take(&a, &b), "kept"));
	assert_null(b.p);
	arena_release(&a);
	arena_release(&a);
}

/* What our own broken invariant does: says the place, and ends the process. */
static void bugs(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		struct arena a;
		(void)close(STDERR_FILENO);
		arena_init(&a, 100);
		(void)arena_array(&a, SIZE_MAX / 2, 4);
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void days(void **state)
{
	(void)state;
	for (int32_t d = -800000; d < 800000; d += 7)
		assert_int_equal(day_from_date(date_from_day(d)), d);
	assert_int_equal(day_from_date((struct date){1970, 1, 1}), 0);
	assert_int_equal(day_weekday(0), 4);
	assert_int_equal(day_weekday(day_from_date((struct date){2026, 11, 23})), 1);
	assert_int_equal(day_weekday(-1), 3);
	assert_true(date_valid((struct date){2028, 2, 29}));
	assert_false(date_valid((struct date){2026, 2, 29}));
	assert_false(date_valid((struct date){1900, 2, 29}));
	assert_false(date_valid((struct date){2026, 4, 31}));
	assert_false(date_valid((struct date){0, 1, 1}));
	/* 16:59:59.999999 UTC is still the day, a microsecond later the next one */
	int32_t day = day_from_date((struct date){2026, 11, 23});
	assert_int_equal(day_of(day_start(day)), day);
	assert_int_equal(day_of(day_start(day) - 1), day - 1);
	struct moment m = moment_of(day_start(day) + 14 * US_HOUR + 5 * US_MINUTE + 7);
	assert_int_equal(m.hour, 14);
	assert_int_equal(m.minute, 5);
	assert_int_equal(m.micro, 7);
	assert_int_equal(m.weekday, 1);
	int32_t out = 0;
	assert_true(day_parse(STR("2026-11-23"), &out));
	assert_int_equal(out, day);
	static const char *const bad[] = {"", "2026-2-3", "2026-02-30", "23/11/2026", "2026-11-231",
	                                  "2026-11--1", "-026-11-23", "2026/11/23"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(day_parse(str_of(bad[i]), &out));
}

static void clocks(void **state)
{
	(void)state;
	struct clock c, d;
	struct fault f;
	char file[] = "/tmp/xom-clock-XXXXXX";
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	(void)close(fd);
	clock_init(&c);
	clock_init(&d);
	assert_int_equal(clock_open_shift(&c, file, &f), RC_OK);
	assert_int_equal(clock_open_shift(&d, file, &f), RC_OK);
	int64_t before = clock_now(&d);
	atomic_store(c.shift, US_DAY);
	assert_true(clock_now(&d) >= before + US_DAY);
	assert_int_equal(clock_open_shift(&c, "/nowhere/clock", &f), RC_IO);
	(void)unlink(file);
}

static struct idgen gen;
enum { EACH = 20000, THREADS = 4 };
static int64_t made[THREADS][EACH];

static void *make(void *p)
{
	int64_t *list = p;
	for (int i = 0; i < EACH; i++)
		list[i] = idgen_next(&gen);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void ids(void **state)
{
	(void)state;
	struct clock c;
	clock_init(&c);
	idgen_init(&gen, &c);
	pthread_t t[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, make, made[i]), 0);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(t[i], NULL);
	for (int i = 0; i < THREADS; i++)
		for (int k = 1; k < EACH; k++)
			assert_true(made[i][k] > made[i][k - 1]);
	qsort(made, THREADS * EACH, sizeof **made, by_value);
	for (int k = 1; k < THREADS * EACH; k++)
		assert_true((&made[0][0])[k] != (&made[0][0])[k - 1]);
	assert_true(made[0][0] > 0);
	int64_t now = clock_now(&c), id = idgen_next(&gen);
	assert_true(id_at(id) <= now + US_SECOND && id_at(id) > now - US_MINUTE);
	atomic_store(c.shift, -US_DAY); /* a clock that steps back makes no old ids */
	assert_true(idgen_next(&gen) > id);
}

static void hashes(void **state)
{
	(void)state;
	struct key k1 = {{1}}, k2 = {{2}};
	struct hash a = hash_of(&k1, "pin", STR("x")), b;
	b = hash_of(&k1, "pin", STR("x"));
	assert_true(hash_eq(&a, &b));
	b = hash_of(&k2, "pin", STR("x"));
	assert_false(hash_eq(&a, &b));
	b = hash_of(&k1, "link", STR("x"));
	assert_false(hash_eq(&a, &b));
	b = hash_of(NULL, "pin", STR("x"));
	assert_false(hash_eq(&a, &b));
	/* lengths go in: "ab","c" is not "a","bc", nor does the domain run into the data */
	struct hasher h;
	hasher_init(&h, NULL, "d");
	hasher_str(&h, STR("ab"));
	hasher_str(&h, STR("c"));
	a = hasher_end(&h);
	hasher_init(&h, NULL, "d");
	hasher_str(&h, STR("a"));
	hasher_str(&h, STR("bc"));
	b = hasher_end(&h);
	assert_false(hash_eq(&a, &b));
	assert_true(hash_from(hash_str(&a), &b) && hash_eq(&a, &b));
	assert_false(hash_from(STR("short"), &b));
	assert_string_equal(hex_of(&arena, STR("\x01\xfe")).p, "01fe");
	struct str bytes;
	assert_string_equal(base64url_of(&arena, STR("\xff\xfe\xfd")).p, "__79");
	assert_true(base64url_parse(&arena, STR("__79"), &bytes) && str_is(bytes, "\xff\xfe\xfd"));
	assert_false(base64url_parse(&arena, STR("__7"), &bytes) && bytes.n == 3);
	assert_false(base64url_parse(&arena, STR("__79="), &bytes));
	assert_false(base64url_parse(&arena, STR("//79"), &bytes));
}

static void sealed(void **state)
{
	(void)state;
	struct key k = {{7}}, other = {{8}};
	struct str s = seal_field(&arena, &k, STR("about"), STR("plain")), out;
	assert_int_equal(open_field(&arena, &k, STR("about"), s, &out), RC_OK);
	assert_true(str_is(out, "plain"));
	assert_int_equal(open_field(&arena, &other, STR("about"), s, &out), RC_STALE);
	assert_int_equal(open_field(&arena, &k, STR("abouT"), s, &out), RC_STALE);
	for (size_t i = 0; i < s.n; i++) { /* any other character, any cut */
		char *t = arena_alloc(&arena, s.n + 1);
		memcpy(t, s.p, s.n);
		t[i] = t[i] == 'A' ? 'B' : 'A';
		assert_int_equal(open_field(&arena, &k, STR("about"), str_n(t, s.n), &out), RC_STALE);
		assert_int_equal(open_field(&arena, &k, STR("about"), str_sub(s, 0, i), &out), RC_STALE);
	}
	struct sign_key sk;
	uint8_t sig[64];
	sign_key_from_seed(&sk, &k);
	struct hash h = hash_of(NULL, "x", STR("y"));
	sign_hash(&sk, &h, sig);
	assert_true(sign_verify(sk.public, &h, sig));
	h.b[0] ^= 1;
	assert_false(sign_verify(sk.public, &h, sig));
}

static void codes(void **state)
{
	(void)state;
#define X(name, number, status, key) \
	assert_string_equal(rc_name(RC_##name), #name); \
	assert_int_equal(RC_##name, number); \
	assert_true(rc_status(RC_##name) >= 200 && rc_status(RC_##name) < 600); \
	assert_true(str_starts(str_of(rc_key(RC_##name)), STR("rc.")));
	RC_TABLE(X)
#undef X
	struct fault f;
	char text[64];
	assert_int_equal(fault_set(NULL, RC_DB, "x"), RC_DB);
	assert_int_equal(fault_set(&f, RC_IO, "no %s", "disk"), RC_IO);
	assert_string_equal(fault_describe(&f, text, sizeof text), "no disk");
	(void)fault_at(&f, RC_SYNTAX, "a.yaml", 3, "x[1]", "is %d", 5);
	assert_string_equal(fault_describe(&f, text, sizeof text), "a.yaml:3: x[1]: is 5");
	assert_string_equal(fault_describe(&f, text, 7), "a.yaml");
}

static void permissions(void **state)
{
	(void)state;
	struct actor nobody = {0}, a = {.perms = 1u << PERM_case_read, .unit_count = 1, .units = {{5}}};
	assert_true(actor_may(&nobody, PERM_open));
	assert_false(actor_may(&nobody, PERM_sign_in));
	assert_false(actor_may(&a, PERM_unset));
	assert_false(actor_may(&a, PERM_COUNT));
	assert_true(actor_may(&a, PERM_case_read));
	assert_false(actor_may(&a, PERM_case_work));
	assert_true(actor_in_unit(&a, (struct unit_id){5}));
	assert_false(actor_in_unit(&a, (struct unit_id){6}));
	assert_false(actor_in_unit(&nobody, (struct unit_id){0}));
	assert_int_equal(role_parse(STR("handler")), ROLE_handler);
	assert_int_equal(role_parse(STR("Handler")), ROLE_unset);
	assert_int_equal(role_parse(STR("")), ROLE_unset);
	assert_string_equal(perm_name(PERM_case_list), "case_list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings), cmocka_unit_test(numbers), cmocka_unit_test(buffers),
		cmocka_unit_test(arenas),  cmocka_unit_test(bugs),    cmocka_unit_test(days),
		cmocka_unit_test(clocks),  cmocka_unit_test(ids),     cmocka_unit_test(hashes),
		cmocka_unit_test(sealed),  cmocka_unit_test(codes),   cmocka_unit_test(permissions),
	};
	return cmocka_run_group_tests(tests, start, end);
}
