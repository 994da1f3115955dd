#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/base/file.h"
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

#define M "●●●●●●●●●●●●"

static void masked(const char *in, const char *want)
{
	bool found = false;
	struct str got = text_mask_ids(&arena, str_of(in), &found);
	assert_string_equal(arena_z(&arena, got), want);
	assert_true(found);
}

static void kept(const char *in)
{
	bool found = true;
	struct str got = text_mask_ids(&arena, str_of(in), &found);
	assert_string_equal(arena_z(&arena, got), in);
	assert_false(found);
}

static void ids(void **state)
{
	(void)state;
	masked("079203001234", M);
	masked("CCCD:079203001234.", "CCCD:" M ".");
	masked("a079203001234b", "a" M "b");
	masked("số 079 203 001 234 nhé", "số " M " nhé");
	masked("0792.0300.1234", M);
	masked("079-203-001-234", M);
	masked("0 7 9 2 0 3 0 0 1 2 3 4", M);
	masked("0.7-9 2.0-3 0.0-1 2.3-4", M);
	masked("０７９２０３００１２３４", M);
	masked("０７９ ２０３．００１－２３４", M);
	masked("٠٧٩٢٠٣٠٠١٢٣٤", M);                      /* digits of another script */
	masked("079\xc2\xa0" "203\xe2\x80\x93" "001\xe2\x80\x91" "234", M); /* no-break space, dashes */
	masked("scan_079203001234.jpg", "scan_" M ".jpg");
	masked("0792030012345", M);                        /* one typed too many */
	masked("079203001234, 079203005678", M ", " M);
	masked("gọi 0912345678 079203001234", "gọi 0912345678 " M);
	masked("079 203 001 234 10.11.2026 14.30", M " 10.11.2026 14.30");
	masked("10.11.2026 14.30 079203001234", "10.11.2026 14.30 " M);
	masked("202611101430", M);                         /* without separators it is one run */
	masked("01.11.2026 1430", M);                      /* no time of day */
	masked("32.11.2026 14.30", M);                     /* no date */
	masked("10.13.2026 14.30", M);
	masked("10.11.2026 24.30", M);                     /* no time */
	masked("10.11.2026 14.60", M);
	masked("10.11.2026.14.30", M);
	masked("29.02.2026 14.30", M);
}

static void not_ids(void **state)
{
	(void)state;
	kept("");
	kept("07920300123");
	kept("0912345678");
	kept("10/11/2026 14:30");
	kept("10.11.2026 14.30");
	kept("10-11-2026 14.30");
	kept("2026-11-10 14.30");
	kept("14.30 10.11.2026");
	kept("lúc 10.11.2026 14.30, trước nhà");
	kept("１０．１１．２０２６ １４．３０");
	kept("10.11.2026 14.30.05");
	kept("1.1.2026 14.30.05");
	kept("10.11.2026 14.30-16.00");
	kept("01.11.2026-30.11.2026");
	kept("1.2.2026-9.12.2026");
	kept("29.02.2028 14.30");
	kept("079203  001234");   /* two blanks: two numbers */
	kept("079203, 001234");
	kept("0912345678 0987654321");
	kept("08.11.2026 0912 345 678");
	kept("\xff\xfe 12 \x80");
}

static const struct str PLACES[] = {
	STR("nguyen trai"), STR("cho ba trieu"), STR("co giang"), STR("duong le loi"), STR("tran van kheo"),
};

static const char *people(const char *in, bool *found)
{
	struct str got = text_mask_people(&arena, str_of(in), PLACES, sizeof PLACES / sizeof *PLACES, found);
	return arena_z(&arena, got);
}

static void hidden(const char *in, const char *want)
{
	bool found = false;
	assert_string_equal(people(in, &found), want);
	assert_true(found);
}

static void shown(const char *in)
{
	bool found = true;
	assert_string_equal(people(in, &found), in);
	assert_false(found);
}

static void names(void **state)
{
	(void)state;
	hidden("ông Nguyễn Văn Ba mở nhạc", "ông   mở nhạc");
	hidden("anh ba mở nhạc", "anh   mở nhạc");
	hidden("anh nguyễn văn ba ở hẻm 3", "anh   ở hẻm 3");
	hidden("chi Lan ban hang", "chi   ban hang");
	hidden("ba lan vut rac", "ba   vut rac");
	hidden("ten la hung", "ten la  ");
	hidden("tên: Trần Thị Lan.", "tên:  .");
	hidden("Tên tôi là Lan", "Tên tôi là  ");
	hidden("cô giáo Hạnh", "cô giáo  ");
	hidden("em gái tên Mai", "em gái tên  ");
	hidden("chú Tư, cô Năm", "chú  , cô  ");
	hidden("a. Tèo mở nhạc, c.Lan la hét", "a.   mở nhạc, c.  la hét");
	hidden("nhà Mr. Smith", "nhà Mr.  ");
	shown("nhà của chị. Đèn tắt");
	hidden("anh 3 hay đậu xe", "anh   hay đậu xe");
	hidden("ANH TUẤN ĐỔ RÁC", "ANH   ĐỔ RÁC");
	hidden("bác sáu xe ôm", "bác   xe ôm");
	hidden("Nguyễn Văn Ba ở số 12", "  ở số 12");
	hidden("nguyen thi lan", " ");
	hidden("gặp Trần Lan", "gặp  ");
	hidden("hộ Lê Văn Tám", "hộ  ");
	hidden("ông Nguyễn Trãi Hùng", "ông  ");   /* more than the street's name */
	hidden("anh H'Mông Y Bhim", "anh  ");
	/* NFD is for text_clean; here only that nothing breaks */
	bool found;
	(void)people("anh \xff\xfe Ba", &found);
}

static void places(void **state)
{
	(void)state;
	shown("đèn đường hỏng trước nhà");
	shown("đường Nguyễn Trãi");
	shown("Nguyễn Trãi");
	shown("gần chợ Bà Triệu bị ngập");
	shown("đường Cô Giang ngập nước");
	shown("đường Trần Văn Khéo");
	shown("tên đường là gì");
	shown("các anh chị ơi");
	shown("chú ý");
	shown("em thấy đèn hỏng");
	shown("ong nuoc be");
	hidden("chợ Bà Triệu Lan", "chợ Bà  ");
}

static void numbers(void **state)
{
	(void)state;
	hidden("xe 65B1-123.45 đậu", "xe   đậu");
	hidden("65-B1 12345", " ");
	hidden("51F-97022", " ");
	hidden("65AB-123.45", " ");
	hidden("65h1234", " ");
	hidden("gọi 0912345678", "gọi  ");
	hidden("gọi 0912.345.678 nhé", "gọi   nhé");
	hidden("+84 912 345 678", "+ ");
	hidden("(0292) 3820 113", "( ");
	hidden("0292-3.820.113", " ");
	hidden("3820113", " ");
	hidden("CMND 362123456", "CMND  ");
	hidden("079203001234", " ");
	hidden("０９１２３４５６７８", " ");
	shown("ngày 10/11/2026 14:30");
	shown("ngày 10.11.2026 14.30");
	shown("nhà 132/45 hẻm 7");
	shown("khu vực 3, tổ 12");
	shown("gọi 113 hoặc 114");
	shown("lúc 12h30");
}

/* A line of people.txt as text_people sees it, with its marks put in anew. */
static struct str marked(struct str text, const struct str *places, size_t place_count)
{
	static const char *const KINDS[SPAN_COUNT] = {"", "name", "plate", "phone", "identity"};
	struct text_span *spans;
	size_t n = text_people(&arena, text, places, place_count, &spans), at = 0;
	struct buf b = {0};
	for (size_t i = 0; i < n; i++) {
		assert_true(spans[i].from >= at && spans[i].n > 0 && spans[i].from + spans[i].n <= text.n);
		buf_add(&b, str_sub(text, at, spans[i].from - at));
		buf_addf(&b, "⟦%s ", KINDS[spans[i].kind]);
		buf_add(&b, str_sub(text, spans[i].from, spans[i].n));
		buf_add(&b, STR("⟧"));
		at = spans[i].from + spans[i].n;
	}
	buf_add(&b, str_sub(text, at, text.n - at));
	return arena_take(&arena, &b);
}

static struct str unmarked(struct str line)
{
	const struct str open = STR("⟦"), close = STR("⟧");
	struct buf b = {0};
	for (size_t i = 0; i < line.n;) {
		if (str_starts(str_sub(line, i, line.n - i), open)) {
			while (line.p[i] != ' ')
				i++;
			i++;
		} else if (str_starts(str_sub(line, i, line.n - i), close)) {
			i += close.n;
		} else {
			buf_addc(&b, line.p[i++]);
		}
	}
	return arena_take(&arena, &b);
}

static void shared(void **state)
{
	struct str file, places[20];
	size_t place_count = 0, lines = 0;
	struct fault f;
	(void)state;
	const char *path = arena_fmt(&arena, "%s/test/base/people.txt", getenv("XOM_SRC")).p;
	assert_int_equal(file_read(&arena, path, 1 << 16, &file, &f), RC_OK);
	while (file.n > 0) {
		struct str line = str_cut(&file, '\n');
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (str_starts(line, STR("place: "))) {
			assert_true(place_count < 20);
			places[place_count++] = str_sub(line, 7, line.n - 7);
			continue;
		}
		struct str got = marked(unmarked(line), places, place_count);
		assert_string_equal(arena_z(&arena, got), arena_z(&arena, line));
		/* What is indexed has none of it left. */
		bool found;
		struct str left = text_mask_people(&arena, unmarked(line), places, place_count, &found);
		assert_true(found == !str_eq(unmarked(line), line));
		assert_true(found || str_eq(left, line));
		lines++;
	}
	assert_true(lines > 80);
}

static void phones(void **state)
{
	static const struct str OWN[] = {STR("0292 000 0100"), STR(""), STR("+84 292 000 0101")};
	static const char *const SOMEBODY[] = {
		"Liên hệ 0912345678.", "gọi 0912 345 678", "gọi 0912.345.678 nhé", "số +84 912 345 678",
		"(0292) 3812 345", "từ 05.11.2026 0912 345 678", "0292 000 0100 hay 0912 345 678", "０９１２ ３４５ ６７８"};
	static const char *const NOBODY[] = {
		"", "Đèn tắt", "gọi 114", "gọi 1900 1234", "gọi 0292 000 0100", "gọi (0292) 000-0101 hay 02920000100",
		"05.11.2026 14 giờ", "từ 05-11-2026 08.30", "hẻm 22/14/3", "trụ 0014", "9.993300, 105.697253"};
	(void)state;
	for (size_t i = 0; i < sizeof SOMEBODY / sizeof *SOMEBODY; i++)
		if (!text_has_phone(&arena, str_of(SOMEBODY[i]), OWN, 3))
			fail_msg("not seen: %s", SOMEBODY[i]);
	for (size_t i = 0; i < sizeof NOBODY / sizeof *NOBODY; i++)
		if (text_has_phone(&arena, str_of(NOBODY[i]), OWN, 3))
			fail_msg("seen: %s", NOBODY[i]);
}

static void big(void **state)
{
	(void)state;
	char *text = arena_alloc(&arena, 60001);
	for (size_t i = 0; i < 60000; i++)
		text[i] = "anh z "[i % 6];
	bool found = false;
	(void)text_mask_people(&arena, str_n(text, 60000), PLACES, 2, &found);
	assert_true(found);
	memset(text, '7', 60000);
	struct str got = text_mask_ids(&arena, str_n(text, 60000), &found);
	assert_string_equal(arena_z(&arena, got), M);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),    cmocka_unit_test(not_ids), cmocka_unit_test(names),
		cmocka_unit_test(places), cmocka_unit_test(numbers), cmocka_unit_test(big),
		cmocka_unit_test(phones), cmocka_unit_test(shared),
	};
	return cmocka_run_group_tests(tests, start, end);
}
