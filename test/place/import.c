/* GeoJSON import: what is good is taken, each mistake is named, nothing of the others is lost. */
#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define A FEATURE(NAMED("10", "An Bình"), POLYGON(SQUARE_A))
#define B FEATURE(NAMED("20", "Bình An"), POLYGON(SQUARE_B))
#define DAY "2025-07-01"

static void good(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(A "," B ","
		FEATURE(NAMED("30", "Nhiều mảnh"), "{\"type\":\"MultiPolygon\",\"coordinates\":[["
		        "[[106,10],[106.1,10],[106.1,10.1],[106,10]]],["
		        "[[107,10],[107.1,10],[107.1,10.1],[107,10]]]]}")), "commune", DAY, 3, 0, 0);
	assert_int_equal(x->report.line_count, 0);
	fix_open(x);
	assert_string_equal(fix_at(x, "commune", 105.05, 10.05, DAY), "10");
	assert_string_equal(fix_at(x, "commune", 105.15, 10.05, DAY), "20");
	assert_string_equal(fix_at(x, "commune", 106.05, 10.01, DAY), "30");
	assert_string_equal(fix_at(x, "commune", 107.05, 10.01, DAY), "30");
	assert_string_equal(fix_at(x, "commune", 106.5, 10.01, DAY), "");
	assert_string_equal(fix_at(x, "commune", 105.05, 10.05, "2025-06-30"), "");
	assert_string_equal(fix_at(x, "province", 105.05, 10.05, DAY), "");
}

static void holes(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "Có lỗ"), POLYGON(SQUARE_A "," HOLE_A))),
	           "commune", DAY, 1, 0, 0);
	fix_open(x);
	assert_string_equal(fix_at(x, "commune", 105.05, 10.05, DAY), "");
	assert_string_equal(fix_at(x, "commune", 105.04, 10.05, DAY), "10");   /* its edge */
	assert_string_equal(fix_at(x, "commune", 105.03, 10.05, DAY), "10");
}

static void crossing_ring(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(A "," FEATURE(NAMED("40", "Tự cắt"), POLYGON(BOW_TIE)) "," B),
	           "commune", DAY, 3, 1, 0);
	fix_line(x, 2, false, "mended (Self-intersection");
	fix_open(x);
	/* Both wings are there, what lies between them is not. */
	assert_string_equal(fix_at(x, "commune", 105.31, 10.05, DAY), "40");
	assert_string_equal(fix_at(x, "commune", 105.39, 10.05, DAY), "40");
	assert_string_equal(fix_at(x, "commune", 105.35, 10.09, DAY), "");
	assert_string_equal(fix_at(x, "commune", 105.15, 10.05, DAY), "20");
}

/* A spike: mending leaves a line beside the surface. */
static void spike(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(FEATURE(NAMED("50", "Gai"), POLYGON(
		"[[105,10],[105.1,10],[105.1,10.1],[105.05,10.1],[105.05,10.2],[105.05,10.1],[105,10.1],"
		"[105,10]]"))), "commune", DAY, 1, 1, 0);
	fix_open(x);
	assert_string_equal(fix_at(x, "commune", 105.05, 10.05, DAY), "50");
	assert_string_equal(fix_at(x, "commune", 105.05, 10.15, DAY), "");
}

/* One bad feature between two good ones, each time in an empty database. */
static void refused_alone(void **state)
{
	static const struct {
		const char *feature, *text;
	} bad[] = {
		{FEATURE(NAMED("9", "Đảo trục"), POLYGON("[[10,105],[10.1,105],[10.1,105.1],[10,105]]")),
		 "axes are swapped"},
		{FEATURE(NAMED("9", "Ngoài nước"), POLYGON("[[2,48],[2.1,48],[2.1,48.1],[2,48]]")),
		 "outside of Vietnam"},
		{FEATURE(NAMED("9", "Ngoài địa cầu"), POLYGON("[[1052,100],[105,10],[105,11],[1052,100]]")),
		 "not on the globe (1052, 100)"},
		{FEATURE(NAMED("9", "Điểm"), "{\"type\":\"Point\",\"coordinates\":[105,10]}"),
		 "not a Polygon or MultiPolygon"},
		{FEATURE(NAMED("9", "Không hình"), "null"), "not a Polygon or MultiPolygon"},
		{FEATURE(NAMED("9", "Chữ"), POLYGON("[[\"105\",\"10\"],[105,10],[105,11],[105,10]]")),
		 "not two numbers"},
		{FEATURE(NAMED("9", "Ngắn"), POLYGON("[[105],[105,10],[105,11],[105]]")), "not two numbers"},
		{FEATURE(NAMED("9", "Hai điểm"), POLYGON("[[105,10],[105,11],[105,10]]")),
		 "fewer than four"},
		{FEATURE(NAMED("9", "Hở"), POLYGON("[[105,10],[105.1,10],[105.1,10.1],[105,10.1]]")),
		 "not closed"},
		{FEATURE(NAMED("9", "Rỗng"), POLYGON("")), "no rings"},
		{FEATURE(NAMED("9", "Vòng là số"), POLYGON("7")), "fewer than four"},
		{FEATURE(NAMED("9", "Toạ độ là chữ"), "{\"type\":\"Polygon\",\"coordinates\":\"x\"}"),
		 "not a Polygon or MultiPolygon"},
		{FEATURE(NAMED("9", "Đường thẳng"), POLYGON("[[105,10],[105.1,10],[105.2,10],[105,10]]")),
		 "encloses nothing"},
		{FEATURE("\"code\":9,\"name\":\"Số\"", POLYGON(SQUARE_A)), "no code, or one that is not"},
		{FEATURE("\"name\":\"Không mã\"", POLYGON(SQUARE_A)), "no code, or one that is not"},
		{FEATURE(NAMED("9 9", "Mã sai"), POLYGON(SQUARE_A)), "code is not 1 to 20"},
		{FEATURE(NAMED("123456789012345678901", "Mã dài"), POLYGON(SQUARE_A)), "code is not 1 to 20"},
		{FEATURE("\"code\":\"9\"", POLYGON(SQUARE_A)), "no name"},
		{FEATURE("\"code\":\"9\",\"name\":[1]", POLYGON(SQUARE_A)), "no name"},
		{FEATURE(NAMED("9", "  "), POLYGON(SQUARE_A)), "name is empty"},
		{FEATURE(NAMED("9", "B\xff\xfenh"), POLYGON(SQUARE_A)), "name is not UTF-8"},
		{FEATURE(NAMED("9", "\xc3"), POLYGON(SQUARE_A)), "name is not UTF-8"},
		{FEATURE(NAMED("\xff", "Mã hỏng"), POLYGON(SQUARE_A)), "code is not 1 to 20"},
		{FEATURE(NAMED("9", "Cấp lạ") ",\"level\":\"planet\"", POLYGON(SQUARE_A)),
		 "level is not province"},
		{FEATURE(NAMED("9", "Ngày") ",\"valid_from\":\"2025-02-30\"", POLYGON(SQUARE_A)),
		 "valid_from is not a day"},
		{FEATURE(NAMED("9", "Ngày") ",\"valid_to\":7", POLYGON(SQUARE_A)), "valid_to is not a day"},
		{FEATURE(NAMED("9", "Ngày") ",\"valid_to\":\"2025-06-30\"", POLYGON(SQUARE_A)),
		 "before its valid_from"},
		{FEATURE(NAMED("9", "Cha lạ") ",\"parent\":\"77\"", POLYGON(SQUARE_A)),
		 "parent is not known on that day (77)"},
		{FEATURE(NAMED("9", "Cha là số") ",\"parent\":7", POLYGON(SQUARE_A)), "parent is not a code"},
		{FEATURE(NAMED("9", "Cha ngang cấp") ",\"parent\":\"10\"", POLYGON(SQUARE_A)),
		 "no larger area"},
		{FEATURE(NAMED("9", "Mồ côi") ",\"level\":\"khu_vuc\"", POLYGON(SQUARE_A)),
		 "needs the code of its ward"},
		{FEATURE(NAMED("10", "Trùng mã"), POLYGON(SQUARE_B)), "in the file already (feature 1)"},
		{"{\"type\":\"Feature\",\"geometry\":" POLYGON(SQUARE_A) "}", "no properties"},
		{"{\"type\":\"Widget\"}", "not a Feature"},
		{"[]", "not a Feature"}, {"null", "not a Feature"}, {"7", "not a Feature"},
	};
	struct fix *unused = *state;
	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fix *x;
		void *own = NULL;
		assert_int_equal(fix_setup(&own), 0);
		x = own;
		struct buf b = {0};
		buf_addf(&b, "{\"type\":\"FeatureCollection\",\"features\":[%s,%s,%s]}", A, bad[i].feature, B);
		fix_expect(x, b.p, "commune", DAY, 2, 0, 1);
		fix_line(x, 2, true, bad[i].text);
		fix_open(x);
		assert_string_equal(fix_at(x, "commune", 105.05, 10.05, DAY), "10");
		assert_string_equal(fix_at(x, "commune", 105.15, 10.05, DAY), "20");
		buf_release(&b);
		assert_int_equal(fix_teardown(&own), 0);
	}
}

static void whole_file(void **state)
{
	static const struct {
		const char *text;
		enum rc rc;
		const char *says;
	} bad[] = {
		{"", RC_INVALID, "not JSON"},
		{"{\"type\":\"FeatureCollection\",\"features\":[", RC_INVALID, "not JSON"},
		{"<kml/>", RC_INVALID, "not JSON"},
		{"[]", RC_INVALID, "not a GeoJSON"},
		{"{\"type\":\"Feature\"}", RC_INVALID, "not a GeoJSON"},
		{"{\"type\":\"FeatureCollection\",\"features\":{}}", RC_INVALID, "not a GeoJSON"},
		{"{\"features\":[]}", RC_INVALID, "not a GeoJSON"},
	};
	struct fix *x = *state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(fix_import(x, bad[i].text, "commune", DAY), bad[i].rc);
		if (strstr(x->fault.text, bad[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", x->fault.text, bad[i].says);
	}
	/* Nested deeper than any GeoJSON. */
	struct buf deep = {0};
	for (int i = 0; i < 100000; i++)
		buf_addc(&deep, '[');
	assert_int_equal(fix_import(x, deep.p, "commune", DAY), RC_INVALID);
	buf_release(&deep);
	assert_int_equal(fix_import(x, COLLECTION(A), "planet", DAY), RC_INVALID);
	fix_expect(x, COLLECTION(""), "commune", DAY, 0, 0, 0);
	fix_expect(x, "\xef\xbb\xbf" COLLECTION(A), "commune", DAY, 1, 0, 0);   /* a byte order mark */
}

static void no_file(void **state)
{
	struct fix *x = *state;
	struct import_report r;
	assert_int_equal(place_import(x->store, &x->arena, "/nonexistent.geojson", STR("commune"), 0, &r,
	                              &x->fault), RC_IO);
	assert_int_equal(place_import(x->store, &x->arena, x->dir, STR("commune"), 0, &r, &x->fault),
	                 RC_IO);
	assert_int_equal(mkfifo(x->file, 0600), 0);
	assert_int_equal(place_import(x->store, &x->arena, x->file, STR("commune"), 0, &r, &x->fault),
	                 RC_IO);
	assert_int_equal(unlink(x->file), 0);
	/* 300 MB, refused by the size alone: the file has no byte that was written. */
	fix_write(x, STR("x"));
	assert_int_equal(truncate(x->file, (off_t)300 << 20), 0);
	assert_int_equal(place_import(x->store, &x->arena, x->file, STR("commune"), 0, &r, &x->fault),
	                 RC_TOO_BIG);
	assert_non_null(strstr(x->fault.text, "300 MiB; at most 64"));
}

/* The same again, the code used again, and what may not overlap. */
static void over_time(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(A "," B), "commune", DAY, 2, 0, 0);
	fix_expect(x, COLLECTION(A "," B), "commune", DAY, 2, 0, 0);
	fix_line(x, 1, false, "already, unchanged");
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "Tên khác"), POLYGON(SQUARE_A))), "commune", DAY,
	           0, 0, 1);
	fix_line(x, 1, true, "another area has this code from the same day");
	/* The code 10 for other territory from 2027 on. */
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "Mới"), POLYGON(SQUARE_MIDDLE))), "commune",
	           "2027-01-01", 1, 0, 0);
	fix_line(x, 1, false, "since 2025-07-01 now ends the day before");
	fix_open(x);
	assert_string_equal(fix_at(x, "commune", 105.02, 10.05, "2026-12-31"), "10");
	assert_string_equal(fix_at(x, "commune", 105.02, 10.05, "2027-01-01"), "");
	assert_string_equal(fix_at(x, "commune", 105.12, 10.05, "2026-12-31"), "20");
	assert_string_equal(fix_at(x, "commune", 105.12, 10.05, "2027-01-01"), "10");
	fix_expect(x, COLLECTION(A), "commune", "2026-01-01", 0, 0, 1);
	fix_line(x, 1, true, "overlaps");
	fix_expect(x, COLLECTION(FEATURE(NAMED("20", "Tạm") ",\"valid_to\":\"2027-12-31\"",
	                                 POLYGON(SQUARE_B))), "commune", "2027-01-01", 0, 0, 1);
	fix_line(x, 1, true, "overlaps");
	/* One with an end, which nobody may cut short, and its successor. */
	fix_expect(x, COLLECTION(FEATURE(NAMED("60", "Cũ") ",\"valid_to\":\"2025-12-31\"",
	                                 POLYGON(SQUARE_B))), "commune", DAY, 1, 0, 0);
	fix_expect(x, COLLECTION(FEATURE(NAMED("60", "Sớm"), POLYGON(SQUARE_A))), "commune",
	           "2025-10-01", 0, 0, 1);
	fix_line(x, 1, true, "overlaps");
	fix_expect(x, COLLECTION(FEATURE(NAMED("60", "Mới"), POLYGON(SQUARE_A))), "commune",
	           "2026-01-01", 1, 0, 0);
	fix_expect(x, COLLECTION(FEATURE(NAMED("60", "Cũ") ",\"valid_to\":\"2025-12-31\"",
	                                 POLYGON(SQUARE_B))), "commune", DAY, 1, 0, 0);
	fix_line(x, 1, false, "already, unchanged");
}

/* Children before their parent in the file, and more features than the report keeps lines. */
static void order_and_many(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(
		FEATURE(NAMED("10-1", "Khu vực 1") ",\"level\":\"khu_vuc\",\"parent\":\"10\"",
		        POLYGON(SQUARE_A)) ","
		FEATURE(NAMED("10", "Phường") ",\"parent\":\"1\"", POLYGON(SQUARE_A)) ","
		FEATURE(NAMED("1", "Tỉnh") ",\"level\":\"province\"", POLYGON(SQUARE_A))),
		"commune", DAY, 3, 0, 0);
	struct buf b = {0};
	buf_addz(&b, "{\"type\":\"FeatureCollection\",\"features\":[");
	for (int i = 0; i < IMPORT_LINES + 500; i++)
		buf_addz(&b, "7,");
	buf_addz(&b, B "]}");
	fix_expect(x, b.p, "commune", DAY, 1, 0, IMPORT_LINES + 500);
	assert_int_equal(x->report.line_count, IMPORT_LINES);
	buf_release(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fix_setup, fix_teardown)
	const struct CMUnitTest tests[] = {
		T(good), T(holes), T(crossing_ring), T(spike), T(refused_alone), T(whole_file), T(no_file),
		T(over_time), T(order_and_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
