/* Wards, their khu vực, cells and names; the demo's drawn boundaries; and the real ones. */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY "2025-07-01"
#define TODAY "2026-11-23"

static enum rc try_ward(struct fix *x, struct ward_new w)
{
	struct ward_id id = {0};
	return ward_add(x->store, &x->arena, &w, &id, &x->fault);
}

static void adding(void **state)
{
	struct fix *x = *state;
	const struct ward_new good = {.slug = STR("song-may"), .prefix = STR("SM"), .demo = true,
	                              .name = STR("Phường Sông Mây"), .hotline = STR("0292 000 000"),
	                              .area_code = STR("90001")};
	assert_int_equal(try_ward(x, good), RC_OK);
	struct ward_new w = good;
	w.slug = STR("other");
	assert_int_equal(try_ward(x, w), RC_EXISTS);
	w = good;
	w.prefix = STR("RT");
	assert_int_equal(try_ward(x, w), RC_EXISTS);
	static const char *const prefixes[] = {"", "S", "SMM", "sm", "S1", "SA", "ĐM", "S ", "S-"};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		w = good;
		w.slug = STR("other");
		w.prefix = str_of(prefixes[i]);
		assert_int_equal(try_ward(x, w), RC_INVALID);
	}
	static const char *const slugs[] = {"", "a", "Song", "1a", "-a", "a-", "a/b", "sông", "en", "vi",
	                                    "assets", "a b",
	                                    "abcdefghijabcdefghijabcdefghijabcdefghija"};
	for (size_t i = 0; i < sizeof slugs / sizeof *slugs; i++) {
		w = good;
		w.prefix = STR("RT");
		w.slug = str_of(slugs[i]);
		assert_int_equal(try_ward(x, w), RC_INVALID);
	}
	w = (struct ward_new){.slug = STR("other"), .prefix = STR("RT"), .area_code = STR("90002")};
	assert_int_equal(try_ward(x, w), RC_INVALID);
	w.name = STR("\xff");
	assert_int_equal(try_ward(x, w), RC_INVALID);
	w.name = STR("Phường");
	w.area_code = STR_EMPTY;
	assert_int_equal(try_ward(x, w), RC_INVALID);
	w.area_code = STR("90002");
	assert_int_equal(try_ward(x, w), RC_OK);
	fix_open(x);
	const struct ward *all[8];
	assert_int_equal(ward_all(x->places, all, 8), 2);
	assert_int_equal(ward_all(x->places, all, 1), 1);
	const struct ward *found = ward_by_slug(x->places, STR("song-may"));
	assert_non_null(found);
	assert_ptr_equal(ward_by_id(x->places, found->id), found);
	assert_true(str_is(found->prefix, "SM") && str_is(found->name, "Phường Sông Mây"));
	assert_true(str_is(found->hotline, "0292 000 000") && found->demo);
	assert_int_equal(ward_by_slug(x->places, STR("other"))->hotline.n, 0);
	assert_null(ward_by_slug(x->places, STR("song")));
	assert_null(ward_by_slug(x->places, STR_EMPTY));
}

static struct import_report import_file(struct fix *x, const char *file, const char *level)
{
	struct import_report r;
	struct fault f = {0};
	if (place_import(x->store, &x->arena, file, str_of(level), on(DAY), &r, &f) != RC_OK)
		fail_msg("%s: %s", file, f.text);
	return r;
}

static struct ward_id sm, rt;

static void demo(struct fix *x)
{
	struct import_report r = import_file(x, fix_src("demo/song-may.geojson"), "commune");
	assert_int_equal(r.taken, 9);
	assert_int_equal(r.mended + r.refused, 0);
	r = import_file(x, fix_src("demo/rach-truc.geojson"), "commune");
	assert_int_equal(r.taken, 7);
	assert_int_equal(r.mended + r.refused, 0);
	sm = fix_ward(x, "song-may", "SM", "90001");
	rt = fix_ward(x, "rach-truc", "RT", "90002");
	fix_open(x);
}

static double area_of(const GEOSGeometry *g)
{
	double area = 0;
	assert_int_equal(GEOSArea_r(geos_here(), g, &area), 1);
	return area;
}

/* The khu vực of a ward fill it and do not overlap. */
static void tiled(const struct snapshot *s, const char *code, size_t parts)
{
	const GEOSGeometry *ward = NULL;
	GEOSGeometry *all = GEOSGeom_createEmptyPolygon_r(geos_here());
	double sum = 0;
	size_t found = 0;
	for (size_t i = 0; i < s->place_count; i++) {
		const struct place *p = &s->places[i];
		if (str_is(p->area.code, code)) {
			ward = p->geometry;
		} else if (str_starts(p->area.code, str_of(code))) {
			GEOSGeometry *both = GEOSUnion_r(geos_here(), all, p->geometry);
			GEOSGeom_destroy_r(geos_here(), all);
			all = both;
			sum += area_of(p->geometry);
			found++;
		}
	}
	assert_int_equal(found, parts);
	assert_non_null(ward);
	assert_int_equal(GEOSEquals_r(geos_here(), ward, all), 1);
	assert_true(fabs(sum - area_of(ward)) < 1e-12);
	GEOSGeom_destroy_r(geos_here(), all);
}

static void demo_wards(void **state)
{
	struct fix *x = *state;
	demo(x);
	const struct snapshot *s = snapshot_of(x->places);
	tiled(s, "90001", 8);
	tiled(s, "90002", 6);
	const struct level_index *communes = &s->levels[1];
	assert_int_equal(communes->count, 2);
	/* They adjoin: they share a border and no ground. */
	GEOSGeometry *shared = GEOSIntersection_r(geos_here(), communes->places[0]->geometry,
	                                          communes->places[1]->geometry);
	double length = 0;
	assert_true(area_of(shared) <= 0);
	assert_int_equal(GEOSLength_r(geos_here(), shared, &length), 1);
	assert_true(length > 0.02);
	GEOSGeom_destroy_r(geos_here(), shared);
}

static void khu_vuc(void **state)
{
	struct fix *x = *state;
	demo(x);
	struct area *list = NULL;
	assert_int_equal(place_khu_vuc(x->places, &x->arena, sm, on(TODAY), &list), 8);
	for (int i = 0; i < 8; i++)
		assert_true(str_eq(list[i].name, arena_fmt(&x->arena, "Khu vực %d", i + 1)));
	assert_int_equal(place_khu_vuc(x->places, &x->arena, rt, on(TODAY), &list), 6);
	assert_int_equal(place_khu_vuc(x->places, &x->arena, sm, on("2025-06-30"), &list), 0);
	/* Two digits come after one; names after numbers by their letters. */
	fix_expect(x, COLLECTION(
		FEATURE(NAMED("90001-10", "Khu vực 10") ",\"parent\":\"90001\"", POLYGON(SQUARE_A)) ","
		FEATURE(NAMED("90001-e", "Khu vực Ếch") ",\"parent\":\"90001\"", POLYGON(SQUARE_A)) ","
		FEATURE(NAMED("90001-b", "Khu vực Bàng") ",\"parent\":\"90001\"", POLYGON(SQUARE_A))),
		"khu_vuc", DAY, 3, 0, 0);
	fix_open(x);
	assert_int_equal(place_khu_vuc(x->places, &x->arena, sm, on(TODAY), &list), 11);
	assert_true(str_is(list[8].name, "Khu vực 10"));
	assert_true(str_is(list[9].name, "Khu vực Bàng"));
	assert_true(str_is(list[10].name, "Khu vực Ếch"));
	/* A new boundary of the ward keeps its khu vực. */
	fix_expect(x, COLLECTION(FEATURE(NAMED("90001", "Phường Sông Mây"), POLYGON(SQUARE_A))), "commune",
	           "2026-06-01", 1, 0, 0);
	fix_open(x);
	assert_int_equal(place_khu_vuc(x->places, &x->arena, sm, on(TODAY), &list), 11);
	assert_true(place_in_ward(x->places, sm, 105.05, 10.05, on("2026-06-01")));
	assert_false(place_in_ward(x->places, sm, 105.05, 10.05, on("2026-05-31")));
}

static void inside_and_cells(void **state)
{
	struct fix *x = *state;
	demo(x);
	double lon = 105.70, lat = 10.0, back_lon = 0, back_lat = 0;
	assert_true(place_in_ward(x->places, sm, lon, lat, on(TODAY)));
	assert_false(place_in_ward(x->places, rt, lon, lat, on(TODAY)));
	assert_true(place_in_ward(x->places, rt, 105.718, lat, on(TODAY)));
	assert_false(place_in_ward(x->places, sm, 105.718, lat, on(TODAY)));
	assert_false(place_in_ward(x->places, sm, lat, lon, on(TODAY)));
	struct cell c = place_cell(x->places, sm, lon, lat);
	assert_true(c.column > 1 && c.column < 25 && c.row > 1 && c.row < 35);
	place_cell_centre(x->places, sm, c, &back_lon, &back_lat);
	/* At most half a cell away, and the centre is in its own cell. */
	assert_true(fabs(back_lon - lon) * 109600 <= 51 && fabs(back_lat - lat) * 110574 <= 51);
	struct cell again = place_cell(x->places, sm, back_lon, back_lat);
	assert_int_equal(again.column, c.column);
	assert_int_equal(again.row, c.row);
	/* 100 m to the east is the next column. */
	struct cell east = place_cell(x->places, sm, back_lon + 100.0 / (111320 * cos(10 * 0.0174533)),
	                              back_lat);
	assert_int_equal(east.column, c.column + 1);
	assert_int_equal(east.row, c.row);
	const struct box *box = &snapshot_of(x->places)->levels[1].places[0]->box;
	c = place_cell(x->places, sm, box->west, box->south);
	assert_true(c.column == 1 && c.row == 1);
	static const double out[][2] = {{-0.001, 0}, {0, -0.001}, {0.1, 0}, {0, 0.1}};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(place_cell(x->places, sm, box->west + out[i][0], box->south + out[i][1]).column,
		                 0);
	assert_int_equal(place_cell(x->places, sm, (double)NAN, 10).column, 0);
	/* A boundary that comes later does not move the cells. */
	fix_expect(x, COLLECTION(FEATURE(NAMED("90001", "Phường Sông Mây"), POLYGON(SQUARE_A))), "commune",
	           "2026-06-01", 1, 0, 0);
	fix_open(x);
	again = place_cell(x->places, sm, back_lon, back_lat);
	assert_int_equal(again.column, east.column - 1);
}

static enum rc import_names(struct fix *x, const char *slug, const char *yaml, size_t *count)
{
	fix_write(x, str_of(yaml));
	x->fault = (struct fault){0};
	return place_names_import(x->store, &x->arena, ward_by_slug(x->places, str_of(slug)), x->file,
	                          count, &x->fault);
}

static bool has_name(struct fix *x, struct ward_id w, const char *folded)
{
	size_t n = 0;
	const struct str *names = place_names(x->places, w, &n);
	for (size_t i = 0; i < n; i++)
		if (str_is(names[i], folded))
			return true;
	return false;
}

static void names(void **state)
{
	struct fix *x = *state;
	demo(x);
	size_t count = 0;
	const struct ward *w = ward_by_slug(x->places, STR("song-may"));
	enum rc rc = place_names_import(x->store, &x->arena, w, fix_src("demo/streets.yaml"), &count,
	                                &x->fault);
	if (rc != RC_OK)
		fail_msg("%d %s", x->fault.line, x->fault.text);
	assert_true(count > 25);
	fix_open(x);
	assert_true(has_name(x, sm, "duong tu hien"));
	assert_false(has_name(x, rt, "duong tu hien"));
	/* Anything wrong leaves the list as it was. */
	static const char *const bad[] = {
		"", "[]", "rach-truc: []\n", "song-may: x\n", "song-may:\n  - x\n", "song-may:\n  - {area: 1}\n",
		"song-may:\n  - names: [[a]]\n", "song-may:\n  - names: ['!!!']\n",
		"song-may:\n  - {names: [A], colour: red}\n", "song-may:\n  - names: [\"\\xff\n",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (import_names(x, "song-may", bad[i], &count) != RC_INVALID)
			fail_msg("taken: %s", bad[i]);
	fix_open(x);
	assert_true(has_name(x, sm, "duong tu hien"));
	assert_int_not_equal(place_names_import(x->store, &x->arena, w, "/nonexistent.yaml", &count,
	                                        &x->fault), RC_OK);
	/* A new list takes the place of the old one; a name that comes twice is one. */
	assert_int_equal(import_names(x, "song-may", "song-may:\n  - names: [Cầu Đá, cầu đá]\n", &count),
	                 RC_OK);
	fix_open(x);
	assert_true(has_name(x, sm, "cau da"));
	assert_false(has_name(x, sm, "duong tu hien"));
	(void)place_names(x->places, sm, &count);
	assert_int_equal(count, 1);
}

/* The 103 real communes, where the file is: $XOM_AREAS or beside the project. */
static void real(void **state)
{
	struct fix *x = *state;
	const char *env = getenv("XOM_AREAS");
	const char *file = env != NULL ? env : fix_src("../shared/data/geo/can-tho-communes.geojson");
	if (access(file, R_OK) != 0)
		skip();
	struct import_report r = import_file(x, file, "commune");
	assert_int_equal(r.taken, 103);
	assert_int_equal(r.mended, 3);
	assert_int_equal(r.refused, 0);
	struct ward_id ck = fix_ward(x, "cai-khe", "CK", "31120");
	fix_open(x);
	const struct level_index *all = &snapshot_of(x->places)->levels[1];
	/* A point on each surface: its area, or one with a lower code that holds it as well. */
	for (size_t i = 0; i < all->count; i++) {
		GEOSGeometry *p = GEOSPointOnSurface_r(geos_here(), all->places[i]->geometry);
		double lon = 0, lat = 0;
		assert_int_equal(GEOSGeomGetX_r(geos_here(), p, &lon), 1);
		assert_int_equal(GEOSGeomGetY_r(geos_here(), p, &lat), 1);
		GEOSGeom_destroy_r(geos_here(), p);
		const char *code = fix_at(x, "commune", lon, lat, TODAY);
		assert_true(code[0] != '\0');
		assert_true(str_cmp(str_of(code), all->places[i]->area.code) <= 0);
		assert_true(place_holds(all->places[i], lon, lat));
	}
	assert_true(place_in_ward(x->places, ck, 105.787, 10.047, on(TODAY)));
	assert_string_equal(fix_at(x, "commune", 105.787, 10.047, TODAY), "31120");
	assert_string_equal(fix_at(x, "commune", 106.7, 10.77, TODAY), "");    /* Sài Gòn */
	assert_string_equal(fix_at(x, "commune", 107.5, 9.0, TODAY), "");      /* the sea */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fix_setup, fix_teardown)
	const struct CMUnitTest tests[] = {
		T(adding), T(demo_wards), T(khu_vuc), T(inside_and_cells), T(names), T(real),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
