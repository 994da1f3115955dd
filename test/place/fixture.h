/* A database with the tables of places, GeoJSON written on the way, and one index over it. */
#ifndef TEST_PLACE_FIXTURE_H
#define TEST_PLACE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ward/place/place_impl.h"

struct fix {
	char dir[64], file[96], db[96];
	struct arena arena;
	struct clock clock;
	struct store *store;
	struct places *places;      /* of fix_open */
	struct import_report report; /* of the last import */
	struct fault fault;
};

int fix_setup(void **state);
int fix_teardown(void **state);
/* Writes bytes to x->file. */
void fix_write(struct fix *x, struct str bytes);
enum rc fix_import(struct fix *x, const char *geojson, const char *level, const char *from);
/* Imports and expects the numbers. */
void fix_expect(struct fix *x, const char *geojson, const char *level, const char *from,
                size_t taken, size_t mended, size_t refused);
struct ward_id fix_ward(struct fix *x, const char *slug, const char *prefix, const char *area);
/* Opens the index, or loads it anew. */
void fix_open(struct fix *x);
/* The code of the area at the point, "" when there is none. */
const char *fix_at(struct fix *x, const char *level, double lon, double lat, const char *day);
/* The line of the report on that feature has the text. */
void fix_line(const struct fix *x, int feature, bool refused, const char *text);
int32_t on(const char *day);
char *fix_src(const char *path);    /* inside the project; static */

/* Features: a square from (lon, lat) of that side, and any geometry. */
#define FEATURE(properties, geometry) \
	"{\"type\":\"Feature\",\"properties\":{" properties "},\"geometry\":" geometry "}"
#define POLYGON(rings) "{\"type\":\"Polygon\",\"coordinates\":[" rings "]}"
#define COLLECTION(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"
#define NAMED(code, name) "\"code\":\"" code "\",\"name\":\"" name "\""
/* 0.1° squares side by side, and one over both halves. */
#define SQUARE_A "[[105.0,10.0],[105.1,10.0],[105.1,10.1],[105.0,10.1],[105.0,10.0]]"
#define SQUARE_B "[[105.1,10.0],[105.2,10.0],[105.2,10.1],[105.1,10.1],[105.1,10.0]]"
#define SQUARE_MIDDLE "[[105.05,10.0],[105.15,10.0],[105.15,10.1],[105.05,10.1],[105.05,10.0]]"
#define HOLE_A "[[105.04,10.04],[105.06,10.04],[105.06,10.06],[105.04,10.06],[105.04,10.04]]"
#define BOW_TIE "[[105.3,10.0],[105.4,10.1],[105.4,10.0],[105.3,10.1],[105.3,10.0]]"

#endif
