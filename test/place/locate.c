/* Point → area: order, dates, borders, and that the raster never says other than the geometry. */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>

#define DAY "2025-07-01"

static void lowest_code(void **state)
{
	struct fix *x = *state;
	/* The highest code first, so that neither order of file nor of ids decides. */
	fix_expect(x, COLLECTION(FEATURE(NAMED("30", "C"), POLYGON(SQUARE_A)) ","
	                         FEATURE(NAMED("20", "B"), POLYGON(SQUARE_MIDDLE)) ","
	                         FEATURE(NAMED("10", "A"), POLYGON(SQUARE_B))), "commune", DAY, 3, 0, 0);
	fix_open(x);
	assert_string_equal(fix_at(x, "commune", 105.02, 10.05, DAY), "30");
	assert_string_equal(fix_at(x, "commune", 105.07, 10.05, DAY), "20");   /* 20 and 30 */
	assert_string_equal(fix_at(x, "commune", 105.12, 10.05, DAY), "10");   /* 10 and 20 */
	assert_string_equal(fix_at(x, "commune", 105.1, 10.05, DAY), "10");    /* all three */
}

static void borders(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "A"), POLYGON(SQUARE_A))), "commune", DAY, 1, 0, 0);
	fix_open(x);
	static const double in[][2] = {{105.0, 10.0}, {105.1, 10.1}, {105.0, 10.1}, {105.05, 10.0},
	                               {105.1, 10.05}, {105.0000001, 10.05}, {105.05, 10.0999999}};
	static const double out[][2] = {{104.9999999, 10.05}, {105.1000001, 10.05}, {105.05, 9.9999999},
	                                {105.05, 10.1000001}, {0, 0}, {-105.05, -10.05}, {500, 500}};
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		assert_string_equal(fix_at(x, "commune", in[i][0], in[i][1], DAY), "10");
	for (size_t i = 0; i < sizeof out / sizeof *out; i++)
		assert_string_equal(fix_at(x, "commune", out[i][0], out[i][1], DAY), "");
	assert_string_equal(fix_at(x, "commune", (double)NAN, 10.05, DAY), "");
	assert_string_equal(fix_at(x, "commune", 105.05, (double)NAN, DAY), "");
	assert_string_equal(fix_at(x, "commune", (double)INFINITY, -(double)INFINITY, DAY), "");
}

static void empty(void **state)
{
	struct fix *x = *state;
	struct ward_id w = fix_ward(x, "song-may", "SM", "90001");
	struct area *list;
	size_t count = 9;
	fix_open(x);
	assert_string_equal(fix_at(x, "commune", 105.05, 10.05, DAY), "");
	assert_false(place_in_ward(x->places, w, 105.05, 10.05, on(DAY)));
	assert_int_equal(place_khu_vuc(x->places, &x->arena, w, on(DAY), &list), 0);
	assert_int_equal(place_cell(x->places, w, 105.05, 10.05).column, 0);
	(void)place_names(x->places, w, &count);
	assert_int_equal(count, 0);
	/* A ward that there is not. */
	struct ward_id none = {w.v + 1};
	assert_null(ward_by_id(x->places, none));
	assert_false(place_in_ward(x->places, none, 105.05, 10.05, on(DAY)));
	assert_int_equal(place_khu_vuc(x->places, &x->arena, none, on(DAY), &list), 0);
	assert_int_equal(place_cell(x->places, none, 105.05, 10.05).row, 0);
	assert_null(place_names(x->places, none, &count));
	struct area area;
	assert_false(place_area(x->places, &x->arena, (struct area_id){77}, &area));
}

/* A star with many points: rasters meet every kind of cell. */
static void star(struct buf *b, double lon, double lat, int points, uint64_t *seed)
{
	double first[2] = {0, 0};
	for (int i = 0; i < points; i++) {
		*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		double r = 0.01 + 0.04 * (double)(*seed >> 40) / 16777216.0;
		double angle = 6.283185307179586 * i / points;
		double x = lon + r * cos(angle), y = lat + r * sin(angle);
		if (i == 0) {
			first[0] = x;
			first[1] = y;
		}
		buf_addf(b, "%s[%.6f,%.6f]", i > 0 ? "," : "", x, y);
	}
	buf_addf(b, ",[%.6f,%.6f]", first[0], first[1]);
}

/* What place_locate must say, by the geometry alone. */
static int64_t brute(const struct snapshot *s, double lon, double lat)
{
	GEOSContextHandle_t ctx = geos_here();
	const struct level_index *x = &s->levels[1];
	GEOSGeometry *point = GEOSGeom_createPointFromXY_r(ctx, lon, lat);
	int64_t found = 0;
	for (size_t i = 0; i < x->count && found == 0; i++)
		if (GEOSIntersects_r(ctx, x->places[i]->geometry, point) == 1)
			found = x->places[i]->area.id.v;
	GEOSGeom_destroy_r(ctx, point);
	return found;
}

static size_t compare(const struct fix *x, double lon, double lat)
{
	struct area_id id = {0};
	(void)place_locate(x->places, "commune", lon, lat, on(DAY), &id);
	if (id.v != brute(snapshot_of(x->places), lon, lat))
		fail_msg("%.17g %.17g", lon, lat);
	return id.v != 0;
}

static void like_the_geometry(void **state)
{
	struct fix *x = *state;
	struct buf b = {0};
	uint64_t seed = 5;
	buf_addz(&b, "{\"type\":\"FeatureCollection\",\"features\":[");
	for (int i = 0; i < 12; i++) {
		buf_addf(&b, "%s{\"type\":\"Feature\",\"properties\":{\"code\":\"%d\",\"name\":\"S\"},"
		         "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[", i > 0 ? "," : "", 100 - i);
		star(&b, 105 + 0.03 * (i % 4), 10 + 0.03 * i / 4, 60, &seed);
		buf_addz(&b, "]]}}");
	}
	buf_addz(&b, "]}");
	fix_expect(x, b.p, "commune", DAY, 12, 0, 0);
	buf_release(&b);
	fix_open(x);
	size_t hits = 0;
	for (int i = 0; i < 4000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		hits += compare(x, 104.94 + 0.22 * (double)(seed >> 40) / 16777216.0,
		                9.94 + 0.22 * (double)(seed >> 16 & 0xffffff) / 16777216.0);
	}
	assert_true(hits > 1000 && hits < 4000);
	/* The corners of every cell of one raster, and the vertices. */
	const struct place *p = snapshot_of(x->places)->levels[1].places[3];
	for (int row = 0; row <= RASTER_SIDE; row += 3)
		for (int column = 0; column <= RASTER_SIDE; column++)
			(void)compare(x, p->box.west + (p->box.east - p->box.west) / RASTER_SIDE * column,
			              p->box.south + (p->box.north - p->box.south) / RASTER_SIDE * row);
	const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(geos_here(),
		GEOSGetExteriorRing_r(geos_here(), p->geometry));
	for (unsigned i = 0; i < 60; i++) {
		double lon, lat;
		assert_int_equal(GEOSCoordSeq_getXY_r(geos_here(), seq, i, &lon, &lat), 1);
		assert_int_equal(compare(x, lon, lat), 1);
	}
}

/* The raster is of use: most cells of a plain square answer by themselves. */
static void raster_answers(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "A"), POLYGON(SQUARE_A "," HOLE_A))), "commune", DAY,
	           1, 0, 0);
	fix_open(x);
	const struct place *p = &snapshot_of(x->places)->places[0];
	size_t count[3] = {0, 0, 0};
	for (int i = 0; i < RASTER_SIDE * RASTER_SIDE; i++)
		count[p->raster[i / 4] >> i % 4 * 2 & 3]++;
	assert_true(count[RASTER_BORDER] < RASTER_SIDE * 8);
	assert_true(count[RASTER_OUT] > RASTER_SIDE && count[RASTER_IN] > RASTER_SIDE * 100);
}

/* Damage in the database is said at the start, not met by a resident. */
static const struct sql Q_DAMAGE = SQL_GLOBAL("UPDATE area SET boundary=?1", "b", "");
static const struct sql Q_CUT = SQL_GLOBAL("UPDATE area SET raster=?1", "b", "");
static const struct sql *damaging;

static enum rc damage(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	return sql_run(tx, damaging, BIND(v_blob(STR("\x01\x06\x00"))), NULL, f);
}

static void damaged(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "A"), POLYGON(SQUARE_A))), "commune", DAY, 1, 0, 0);
	fix_open(x);
	const struct sql *const ways[] = {&Q_CUT, &Q_DAMAGE};
	for (size_t i = 0; i < 2; i++) {
		damaging = ways[i];
		assert_int_equal(store_write(x->store, (struct ward_id){0}, &x->arena, damage, NULL, NULL),
		                 RC_OK);
		struct places *p = NULL;
		assert_int_equal(places_open(&p, x->store, &x->fault), RC_CORRUPT);
		assert_null(p);
		/* A reload that fails leaves what was there. */
		assert_int_equal(places_reload(x->places, x->store, &x->fault), RC_CORRUPT);
		assert_string_equal(fix_at(x, "commune", 105.05, 10.05, DAY), "10");
	}
}

/* ---- threads ---- */

enum { THREADS = 4, ASKS = 20000 };
struct asking {
	const struct fix *x;
	pthread_t thread;
	uint64_t sum;
};

static void *ask(void *arg)
{
	struct asking *a = arg;
	for (int i = 0; i < ASKS; i++) {
		struct area_id id = {0};
		/* Along a border, so that the geometry is asked. */
		(void)place_locate(a->x->places, "commune", 105.1 + 1e-8 * (i % 3 - 1), 10 + 1e-5 * (i % 9999),
		                   20000, &id);
		a->sum = a->sum * 31 + (uint64_t)id.v;
	}
	return NULL;
}

static void many_threads(void **state)
{
	struct fix *x = *state;
	fix_expect(x, COLLECTION(FEATURE(NAMED("10", "A"), POLYGON(SQUARE_A)) ","
	                         FEATURE(NAMED("20", "B"), POLYGON(SQUARE_B))), "commune", "2020-01-01",
	           2, 0, 0);
	fix_open(x);
	struct asking a[THREADS] = {{0}};
	for (int i = 0; i < THREADS; i++) {
		a[i].x = x;
		assert_int_equal(pthread_create(&a[i].thread, NULL, ask, &a[i]), 0);
	}
	for (int i = 0; i < 3; i++)
		fix_open(x);   /* reloads meanwhile */
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(a[i].thread, NULL);
	for (int i = 1; i < THREADS; i++)
		assert_true(a[i].sum == a[0].sum);
	assert_true(a[0].sum != 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fix_setup, fix_teardown)
	const struct CMUnitTest tests[] = {
		T(lowest_code), T(borders), T(empty), T(like_the_geometry), T(raster_answers), T(damaged),
		T(many_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
