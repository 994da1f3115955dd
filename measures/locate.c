/* bench locate: point → area, by the index of places, against the box test and prepared GEOS over
 * all boundaries. 100,000 points inside the areas: three quarters random, an eighth on vertices, an
 * eighth within 5 m of a border. Both must answer alike, or it ends with 1. The last line printed is
 * the speed-up alone.
 *
 * usage: bench-locate [--quick] [FILE]; FILE, $XOM_AREAS or the file beside the project. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ward/place/place_impl.h"

enum { POINTS = 100000, ROUNDS = 5 };
#define FILE_BESIDE "../shared/data/geo/can-tho-communes.geojson"
/* Metres of a degree, near enough for "within 5 m". */
#define DEGREE_M 111000.0

static const struct schema_step *const STEPS[] = {PLACE_SCHEMA, NULL};

/* The opponent: its own reading of the file, its own mending, one loop over all. */
struct rival {
	struct str code;
	struct box box;
	GEOSGeometry *geometry;
	const GEOSPreparedGeometry *prepared;
};
struct bench {
	struct arena arena;
	struct rival *rivals;      /* by code */
	size_t rival_count;
	json_t *json;
	double (*points)[2];
	int32_t *theirs;           /* index of the rival, -1 for none */
	struct area_id *ours;
	struct places *places;
	int32_t day;
};

static _Noreturn void die(const char *what, const struct fault *f)
{
	(void)fprintf(stderr, "bench-locate: %s%s%s\n", what, f != NULL ? ": " : "",
	              f != NULL ? f->text : "");
	exit(1);
}

static uint64_t seed = 20261123;
static double uniform(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(seed >> 11) / 9007199254740992.0;
}

static int by_code(const void *a, const void *b)
{
	return str_cmp(((const struct rival *)a)->code, ((const struct rival *)b)->code);
}

static void rivals_load(struct bench *b, const char *file)
{
	GEOSContextHandle_t ctx = geos_here();
	b->json = json_load_file(file, 0, NULL);
	const json_t *list = json_object_get(b->json, "features");
	b->rival_count = json_array_size(list);
	b->rivals = arena_array(&b->arena, b->rival_count + 1, sizeof *b->rivals);
	GEOSGeoJSONReader *reader = GEOSGeoJSONReader_create_r(ctx);
	for (size_t i = 0; i < b->rival_count; i++) {
		const json_t *feature = json_array_get(list, i);
		struct rival *r = &b->rivals[i];
		r->code = str_of(json_string_value(
			json_object_get(json_object_get(feature, "properties"), "code")));
		char *text = json_dumps(json_object_get(feature, "geometry"), JSON_REAL_PRECISION(17));
		GEOSGeometry *raw = text != NULL ? GEOSGeoJSONReader_readGeometry_r(ctx, reader, text) : NULL;
		free(text);
		r->geometry = raw != NULL ? GEOSMakeValid_r(ctx, raw) : NULL;
		r->prepared = r->geometry != NULL ? GEOSPrepare_r(ctx, r->geometry) : NULL;
		if (r->prepared == NULL || !geos_box(ctx, r->geometry, &r->box))
			die("the opponent cannot read a boundary", NULL);
		GEOSGeom_destroy_r(ctx, raw);
	}
	GEOSGeoJSONReader_destroy_r(ctx, reader);
	qsort(b->rivals, b->rival_count, sizeof *b->rivals, by_code);
}

static int32_t rival_at(const struct bench *b, GEOSContextHandle_t ctx, double lon, double lat)
{
	GEOSGeometry *point = NULL;
	int32_t found = -1;
	for (size_t i = 0; i < b->rival_count && found < 0; i++) {
		const struct rival *r = &b->rivals[i];
		if (lon < r->box.west || lon > r->box.east || lat < r->box.south || lat > r->box.north)
			continue;
		if (point == NULL)
			point = GEOSGeom_createPointFromXY_r(ctx, lon, lat);
		if (GEOSPreparedIntersects_r(ctx, r->prepared, point) == 1)
			found = (int32_t)i;
	}
	if (point != NULL)
		GEOSGeom_destroy_r(ctx, point);
	return found;
}

/* ---- points ---- */

static const GEOSGeometry *ring_of(GEOSContextHandle_t ctx, const GEOSGeometry *g)
{
	int n = GEOSGetNumGeometries_r(ctx, g);
	const GEOSGeometry *part = GEOSGetGeometryN_r(ctx, g, (int)(uniform() * n));
	return GEOSGeomTypeId_r(ctx, part) == GEOS_POLYGON ? GEOSGetExteriorRing_r(ctx, part) : NULL;
}

/* A vertex of a random boundary, or a place within 5 m of one of its edges. */
static void near_border(const struct bench *b, GEOSContextHandle_t ctx, bool vertex, double out[2])
{
	const GEOSGeometry *ring = NULL;
	while (ring == NULL)
		ring = ring_of(ctx, b->rivals[(size_t)(uniform() * (double)b->rival_count)].geometry);
	const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(ctx, ring);
	unsigned n = 0, i;
	double x1, y1, x2, y2;
	(void)GEOSCoordSeq_getSize_r(ctx, seq, &n);
	i = (unsigned)(uniform() * (n - 1));
	(void)GEOSCoordSeq_getXY_r(ctx, seq, i, &x1, &y1);
	(void)GEOSCoordSeq_getXY_r(ctx, seq, i + 1, &x2, &y2);
	double t = vertex ? 0 : uniform(), angle = uniform() * 6.283185307179586;
	double away = vertex ? 0 : uniform() * 5 / DEGREE_M;
	out[0] = x1 + t * (x2 - x1) + away * cos(angle);
	out[1] = y1 + t * (y2 - y1) + away * sin(angle);
}

static void draw_points(struct bench *b)
{
	GEOSContextHandle_t ctx = geos_here();
	struct box all = b->rivals[0].box;
	for (size_t i = 1; i < b->rival_count; i++) {
		const struct box *x = &b->rivals[i].box;
		all = (struct box){fmin(all.west, x->west), fmin(all.south, x->south),
		                   fmax(all.east, x->east), fmax(all.north, x->north)};
	}
	b->points = arena_array(&b->arena, POINTS, sizeof *b->points);
	for (size_t i = 0; i < POINTS; i++) {
		double *p = b->points[i];
		do {
			if (i % 8 < 6) {
				p[0] = all.west + uniform() * (all.east - all.west);
				p[1] = all.south + uniform() * (all.north - all.south);
			} else {
				near_border(b, ctx, i % 8 == 6, p);
			}
		} while (rival_at(b, ctx, p[0], p[1]) < 0);
	}
}

/* ---- measuring ---- */

static double cpu_ms(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static double theirs_ms(struct bench *b)
{
	GEOSContextHandle_t ctx = geos_here();
	int64_t from = clock_ticks();
	for (size_t i = 0; i < POINTS; i++)
		b->theirs[i] = rival_at(b, ctx, b->points[i][0], b->points[i][1]);
	return (double)(clock_ticks() - from) / 1e3;
}

static double ours_ms(struct bench *b)
{
	int64_t from = clock_ticks();
	for (size_t i = 0; i < POINTS; i++)
		if (place_locate(b->places, "commune", b->points[i][0], b->points[i][1], b->day,
		                 &b->ours[i]) != RC_OK)
			b->ours[i].v = 0;
	return (double)(clock_ticks() - from) / 1e3;
}

static size_t differences(struct bench *b)
{
	size_t different = 0;
	for (size_t i = 0; i < POINTS; i++) {
		struct area area = {0};
		struct str code = b->theirs[i] >= 0 ? b->rivals[b->theirs[i]].code : STR_EMPTY;
		(void)place_area(b->places, &b->arena, b->ours[i], &area);
		different += !str_eq(code, area.code);
	}
	return different;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void line(const char *what, double *ms, int rounds, double cpu)
{
	qsort(ms, (size_t)rounds, sizeof *ms, by_value);
	(void)printf("%-34s median %.1f ms, %.1f to %.1f, CPU %.1f ms a round\n", what, ms[rounds / 2],
	             ms[0], ms[rounds - 1], cpu / rounds);
}

static int measure(struct bench *b, int rounds)
{
	double theirs[ROUNDS], ours[ROUNDS], ratio[ROUNDS], cpu[2] = {0, 0};
	b->theirs = arena_array(&b->arena, POINTS, sizeof *b->theirs);
	b->ours = arena_array(&b->arena, POINTS, sizeof *b->ours);
	for (int i = 0; i < rounds; i++) {
		double at = cpu_ms();
		theirs[i] = theirs_ms(b);
		cpu[0] += cpu_ms() - at;
		at = cpu_ms();
		ours[i] = ours_ms(b);
		cpu[1] += cpu_ms() - at;
		ratio[i] = theirs[i] / ours[i];
		size_t different = differences(b);
		if (different > 0) {
			(void)fprintf(stderr, "bench-locate: %zu of %d answers differ\n", different, POINTS);
			return 1;
		}
	}
	line("boxes and prepared GEOS over all:", theirs, rounds, cpu[0]);
	line("the index of places:", ours, rounds, cpu[1]);
	qsort(ratio, (size_t)rounds, sizeof *ratio, by_value);
	(void)printf("same answers for %d points; %s; ratio %.2f to %.2f\n", POINTS,
	             rounds > 1 ? "5 alternations" : "quick: one alternation", ratio[0],
	             ratio[rounds - 1]);
	(void)printf("%.2f\n", ratio[rounds / 2]);
	return 0;
}

static void subject_load(struct bench *b, struct store *s, const char *file)
{
	struct fault f = {0};
	struct import_report report;
	int64_t at = clock_ticks();
	if (place_import(s, &b->arena, file, STR("commune"), b->day, &report, &f) != RC_OK)
		die("import", &f);
	int64_t imported = clock_ticks();
	if (places_open(&b->places, s, &f) != RC_OK)
		die("index", &f);
	(void)printf("%zu areas taken (%zu mended, %zu refused) in %.0f ms; index loaded in %.1f ms\n",
	             report.taken, report.mended, report.refused, (double)(imported - at) / 1e3,
	             (double)(clock_ticks() - imported) / 1e3);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && str_is(str_of(argv[1]), "--quick");
	const char *env = getenv("XOM_AREAS");
	const char *file = argc > 1 + quick ? argv[1 + quick] : env != NULL ? env : FILE_BESIDE;
	if (access(file, R_OK) != 0) {
		(void)fprintf(stderr, "bench-locate: the boundaries are missing: %s (set XOM_AREAS)\n", file);
		return 1;
	}
	struct bench b = {0};
	struct fault f = {0};
	struct clock clock;
	struct store *store = NULL;
	char dir[] = "/tmp/xom-bench-XXXXXX", db[64], extra[80];
	if (crypto_start(&f) != RC_OK || mkdtemp(dir) == NULL)
		die("start", &f);
	(void)snprintf(db, sizeof db, "%s/db", dir);
	clock_init(&clock);
	arena_init(&b.arena, (size_t)1 << 30);
	if (!day_parse(STR("2025-07-01"), &b.day))
		BUG("a day");
	struct store_config config = {.path = db, .steps = STEPS, .clock = &clock, .readers = 1};
	if (store_open(&store, &config, &f) != RC_OK)
		die("store", &f);
	subject_load(&b, store, file);
	rivals_load(&b, file);
	draw_points(&b);
	int status = measure(&b, quick ? 1 : ROUNDS);
	places_close(b.places);
	store_close(store);
	for (size_t i = 0; i < b.rival_count; i++) {
		GEOSPreparedGeom_destroy_r(geos_here(), b.rivals[i].prepared);
		GEOSGeom_destroy_r(geos_here(), b.rivals[i].geometry);
	}
	json_decref(b.json);
	arena_release(&b.arena);
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		(void)snprintf(extra, sizeof extra, "%s%s", db, suffixes[i]);
		(void)unlink(extra);
	}
	(void)rmdir(dir);
	return status;
}
