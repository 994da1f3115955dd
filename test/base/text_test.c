#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/base/clock.h"
#include "kit/base/text.h"

static struct arena arena;

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

static void same(struct str got, const char *want)
{
	assert_string_equal(arena_z(&arena, got), want);
	assert_int_equal(got.n, strlen(want));
}

static void utf8(void **state)
{
	(void)state;
	static const struct { const char *p; size_t n; bool ok; } rows[] = {
		{"", 0, true}, {"abc", 3, true}, {"Đèn", 5, true}, {"\xf0\x9f\x9a\xa8", 4, true},
		{"a\0b", 3, false}, {"\xc0\x80", 2, false}, {"\xc1\xbf", 2, false},
		{"\xe0\x80\x80", 3, false}, {"\xed\xa0\x80", 3, false}, {"\xf4\x90\x80\x80", 4, false},
		{"\xf5\x80\x80\x80", 4, false}, {"\xe1\xbb", 2, false}, {"\x80", 1, false},
		{"\xf0\x80\x80\x80", 4, false}, {"\xff", 1, false}, {"\xc3(", 2, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(text_utf8_ok(str_n(rows[i].p, rows[i].n)), rows[i].ok);
	assert_int_equal(text_length(STR("Đèn đường")), 9);
}

static void percent(void **state)
{
	(void)state;
	struct str out;
	static const char *const broken[] = {"%", "%4", "a%4", "%4g", "%g4", "%%41", "%é1", "100%"};
	assert_true(text_percent(&arena, STR("%C4%90%c3%a8n+1%2B1"), false, &out));
	same(out, "Đèn+1+1");
	assert_true(text_percent(&arena, STR("%C4%90%c3%a8n+1%2B1"), true, &out));
	same(out, "Đèn 1+1");
	assert_true(text_percent(&arena, STR(""), true, &out));
	same(out, "");
	assert_true(text_percent(&arena, STR("%00"), true, &out));
	assert_int_equal(out.n, 1);
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_false(text_percent(&arena, str_of(broken[i]), true, &out));
}

static void joining(void **state)
{
	(void)state;
	struct buf b = {0};
	const char *const parts[] = {"", "Hẻm 7", "", "Khu vực 1"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_join(&b, ", ", str_of(parts[i]));
	same(arena_take(&arena, &b), "Hẻm 7, Khu vực 1");
}

static struct str clean(const char *in, enum text_kind kind)
{
	struct str out = {0};
	assert_int_equal(text_clean(&arena, str_of(in), kind, 1000, &out), RC_OK);
	return out;
}

static void cleaning(void **state)
{
	(void)state;
	struct str out = {0};
	same(clean("  đèn   hỏng\t", TEXT_LINE), "đèn   hỏng");
	same(clean("một\r\nhai\rba\n", TEXT_LINES), "một\nhai\nba");
	same(clean("một\r\nhai\xe2\x80\xa8" "ba", TEXT_LINE), "một hai ba");
	/* NFD becomes NFC */
	same(clean("D\xcc\x84" "e\xcc\x80n \xc4\x91u\xcc\x9bo\xcc\x9b\xcc\x80ng", TEXT_LINE), "D\xcc\x84\xc3\xa8n đường");
	/* control, bidi override, zero width, byte order mark */
	same(clean("a\x01\xe2\x80\xae" "b\xe2\x80\x8b" "c\xef\xbb\xbf\x7f", TEXT_LINE), "abc");
	same(clean("\xf0\x9f\x9a\xa8 cháy \xe2\x9d\xa4\xef\xb8\x8f", TEXT_LINE), "\xf0\x9f\x9a\xa8 cháy \xe2\x9d\xa4\xef\xb8\x8f");
	/* a joiner stays behind an emoji, and nowhere else */
	same(clean("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 a\xe2\x80\x8d" "b", TEXT_LINE),
	     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 ab");
	same(clean("\xc2\xa0 \xe3\x80\x80", TEXT_LINE), "");
	assert_int_equal(text_clean(&arena, STR("a\xff"), TEXT_LINE, 10, &out), RC_INVALID);
	assert_int_equal(text_clean(&arena, str_n("a\0b", 3), TEXT_LINE, 10, &out), RC_INVALID);
	/* counted in code points after composing; what is too long comes back whole */
	assert_int_equal(text_clean(&arena, STR("e\xcc\x80" "e\xcc\x80"), TEXT_LINE, 2, &out), RC_OK);
	assert_int_equal(text_clean(&arena, STR("èèè"), TEXT_LINE, 2, &out), RC_TOO_BIG);
	same(out, "èèè");
	/* a zero-width character in the middle doesn't hide an identity number */
	same(clean("số 079203\xe2\x80\x8b" "001234 đây", TEXT_LINE), "số ●●●●●●●●●●●● đây");
	/* nor does another picture of its digits: a variation, a keycap */
	same(clean("số 079\xef\xb8\x8f" "203\xef\xb8\x8f" "001\xef\xb8\x8f" "234", TEXT_LINE), "số ●●●●●●●●●●●●");
	same(clean("số 079\xe2\x83\xa3" "203\xef\xb8\x8f\xe2\x83\xa3" "001234", TEXT_LINE), "số ●●●●●●●●●●●●");
}

/* Marks of falling classes, which have to be put in order; a text of nothing else takes no longer than its letters. */
static void many_marks(void **state)
{
	(void)state;
	enum { MARKS = 200000 };
	struct buf b = {0};
	buf_addz(&b, "a");
	for (int i = 0; i < MARKS; i++)
		buf_addz(&b, i % 2 == 0 ? "\xcc\x95" : "\xcc\xa3"); /* U+0315, class 232; U+0323, class 220 */
	buf_addz(&b, "b");
	struct str in = arena_take(&arena, &b), out = {0};
	assert_int_equal(text_clean(&arena, in, TEXT_LINE, 100, &out), RC_OK);
	assert_int_equal(text_length(out), TEXT_MARKS + 1); /* the first of class 220 is one letter with the a */
	same(text_fold(&arena, in), "ab");
	same(text_compose(&arena, STR("e\xcc\x82\xcc\x80")), "ề");
}

static void folding(void **state)
{
	(void)state;
	same(text_fold(&arena, STR("Đèn Đường")), "den duong");
	same(text_fold(&arena, STR("NGUYỄN THỊ ÚT")), "nguyen thi ut");
	same(text_fold(&arena, STR("ＡＢＣ１２３")), "abc123");
	same(text_fold(&arena, STR("Abc-9")), "abc-9");
	same(text_fold(&arena, STR("đu\xcc\x9bo\xcc\x9b\xcc\x80ng")), "duong");
	same(text_fold(&arena, STR("")), "");
	struct str once = text_fold(&arena, STR("Ở Ngã Bảy, số ½ Ǆ ß İ"));
	assert_true(str_eq(text_fold(&arena, once), once));
}

static void tokens(void **state)
{
	(void)state;
	struct str *t;
	assert_int_equal(text_tokens(&arena, STR("Đèn đường, hẻm 12/3 (đèn!)"), &t), 6);
	same(t[0], "den");
	same(t[1], "duong");
	same(t[2], "hem");
	same(t[3], "12");
	same(t[4], "3");
	same(t[5], "den");
	assert_int_equal(text_tokens(&arena, STR(" .,; "), &t), 0);
	assert_int_equal(text_tokens(&arena, STR(""), &t), 0);
	char *word = arena_alloc(&arena, 10001);
	memset(word, 'x', 10000);
	assert_int_equal(text_tokens(&arena, str_n(word, 10000), &t), 1);
	assert_int_equal(t[0].n, 40);
	for (size_t i = 1; i < 10000; i += 2)
		word[i] = ' ';
	assert_int_equal(text_tokens(&arena, str_n(word, 10000), &t), 2000);
	/* never cut inside a character */
	struct str wide = arena_fmt(&arena, "%s", "abcdefghijabcdefghijabcdefghijabcdefghi字字");
	assert_int_equal(text_tokens(&arena, wide, &t), 1);
	assert_int_equal(t[0].n, 39);
}

static void sort_keys(void **state)
{
	(void)state;
	/* a < ă < â, d < đ, and tones only where all else is equal */
	static const char *const order[] = {"ba",  "bà", "bá", "bả", "bã" , "bạ"};
	static const char *const letters[] = {"an", "ăn", "ân", "dan", "đan", "en", "ên", "on", "ôn",
	                                      "ơn", "un", "ưn", "yn"};
	for (size_t i = 0; i + 1 < sizeof letters / sizeof *letters; i++)
		assert_true(str_cmp(text_sort_key(&arena, str_of(letters[i])),
		                    text_sort_key(&arena, str_of(letters[i + 1]))) < 0);
	struct str plain = text_sort_key(&arena, STR("bb"));
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		assert_true(str_cmp(text_sort_key(&arena, str_of(order[i])), plain) < 0);
	assert_true(str_cmp(text_sort_key(&arena, STR("Khu vực 1")),
	                    text_sort_key(&arena, STR("Khu vực 2"))) < 0);
}

static void formats(void **state)
{
	(void)state;
	int64_t at = INT64_C(1795417500) * US_SECOND; /* 2026-11-23T07:05:00Z */
	same(text_iso(&arena, at), "2026-11-23T07:05:00Z");
	same(text_time(&arena, at), "14:05");
	same(text_datetime(&arena, LANG_vi, at), "14:05, 23/11/2026");
	same(text_date(&arena, LANG_en, day_of(at)), "23/11/2026");
	same(text_day_iso(&arena, day_of(at)), "2026-11-23");
	/* the ward's midnight is 17:00 UTC */
	same(text_iso(&arena, day_start(day_of(at))), "2026-11-22T17:00:00Z");
	same(text_count(&arena, LANG_vi, 1234), "1.234");
	same(text_count(&arena, LANG_en, 1234567), "1,234,567");
	same(text_count(&arena, LANG_vi, 999), "999");
	same(text_count(&arena, LANG_vi, 0), "0");
	same(text_count(&arena, LANG_vi, -1000), "-1.000");
	same(text_count(&arena, LANG_en, INT64_MIN), "-9,223,372,036,854,775,808");
	assert_string_equal(lang_name(LANG_vi), "vi");
	assert_string_equal(lang_name(LANG_unset), "");
	assert_string_equal(lang_name(LANG_COUNT), "");
	same(lang_own_name(LANG_km), "ខ្មែរ");
	same(lang_prefix(LANG_vi), "");
	same(lang_prefix(LANG_km), "/km");
	same(text_count(&arena, LANG_km, 1234), "1.234");
	assert_true(lang_whole(LANG_vi) && lang_whole(LANG_en) && !lang_whole(LANG_km));
	enum lang found = LANG_unset;
	assert_true(lang_find(STR("km"), &found) && found == LANG_km);
	assert_false(lang_find(STR(""), &found) || lang_find(STR("fr"), &found));
}

static void escaped(void (*fn)(struct buf *, struct str), struct str in, const char *want)
{
	struct buf b = {0};
	fn(&b, in);
	assert_false(b.failed);
	same(buf_str(&b), want);
	buf_release(&b);
}

static void escaping(void **state)
{
	(void)state;
	escaped(text_html, STR("<b a=\"1\" c='2'>&Đ"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;Đ");
	escaped(text_html, STR("plain"), "plain");
	escaped(text_html, STR(""), "");
	escaped(text_url, STR("a b/đ?&~-._%"), "a%20b%2F%C4%91%3F%26~-._%25");
	escaped(text_json, STR("a\"\\\n\x01</script>&\xe2\x80\xa8Đ"),
	        "\"a\\\"\\\\\\n\\u0001\\u003c/script\\u003e\\u0026\\u2028Đ\"");
	escaped(text_json, STR(""), "\"\"");
	escaped(text_csv, STR("abc"), "abc");
	escaped(text_csv, STR("a,b\"c"), "\"a,b\"\"c\"");
	escaped(text_csv, STR("=1+1"), "'=1+1");
	escaped(text_csv, STR(" =1+1"), "' =1+1");
	escaped(text_csv, STR("＝1+1"), "'＝1+1");
	escaped(text_csv, STR("+84"), "'+84");
	escaped(text_csv, STR("@x"), "'@x");
	escaped(text_csv, STR("-2+3"), "'-2+3");
	escaped(text_csv, STR("-2"), "-2");
	escaped(text_csv, STR("\t=x"), "\"'\t=x\"");
	escaped(text_csv, STR("=HYPERLINK(\"a\";\"b\")"), "\"'=HYPERLINK(\"\"a\"\";\"\"b\"\")\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),      cmocka_unit_test(cleaning), cmocka_unit_test(many_marks), cmocka_unit_test(folding),
		cmocka_unit_test(tokens),    cmocka_unit_test(sort_keys), cmocka_unit_test(formats),
		cmocka_unit_test(escaping),  cmocka_unit_test(percent),   cmocka_unit_test(joining),
	};
	return cmocka_run_group_tests(tests, start, end);
}
