/* One GeoJSON feature: properties and geometry, each mistake named. */
#include "ward/place/place_impl.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "kit/base/text.h"

enum { CODE_MAX = 20, AREA_NAME_MAX = 100 };
/* Vietnam with its islands. */
static const struct box COUNTRY = {102.0, 6.0, 118.0, 23.6};

static bool refuse(struct feature *x, const char *why)
{
	if (x->refused == NULL)
		x->refused = why;
	return false;
}

static struct str json_str(const json_t *j)
{
	return json_is_string(j) ? str_n(json_string_value(j), json_string_length(j)) : STR_EMPTY;
}

/* Letters, digits and - . _ of ASCII. */
static bool code_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '-' || c == '.' || c == '_'))
			return false;
	}
	return s.n > 0 && s.n <= CODE_MAX;
}

/* Absent and null leave the default. */
static bool read_day(struct feature *x, const json_t *j, int32_t *out, const char *why)
{
	if (j == NULL || json_is_null(j))
		return true;
	return day_parse(json_str(j), out) || refuse(x, why);
}

static bool read_level(struct feature *x, const json_t *j)
{
	if (j == NULL || json_is_null(j))
		return true;
	x->rank = level_rank(json_str(j));
	return x->rank >= 0 || refuse(x, "its level is not province, commune or khu_vuc");
}

/* The import has put U+FFFD where bytes were no UTF-8. */
static bool read_name(struct feature *x, struct arena *a, const json_t *j)
{
	if (!json_is_string(j))
		return refuse(x, "it has no name, or one that is not text");
	struct str name = json_str(j);
	if (str_find(name, STR("\xef\xbf\xbd")) != SIZE_MAX)
		return refuse(x, "its name is not UTF-8");
	if (text_clean(a, name, TEXT_LINE, AREA_NAME_MAX, &x->name) != RC_OK)
		return refuse(x, "its name is longer than 100 characters or not UTF-8");
	return x->name.n > 0 || refuse(x, "its name is empty");
}

static bool read_properties(struct feature *x, struct arena *a, const json_t *p)
{
	if (!json_is_object(p))
		return refuse(x, "it has no properties");
	const json_t *code = json_object_get(p, "code"), *parent = json_object_get(p, "parent");
	if (!code_ok(json_str(code)))
		return refuse(x, json_is_string(code)
			? "its code is not 1 to 20 letters, digits, hyphens, dots"
			: "it has no code, or one that is not text");
	x->code = arena_copy(a, json_str(code));
	if (!read_name(x, a, json_object_get(p, "name")) ||
	    !read_level(x, json_object_get(p, "level")))
		return false;
	if (parent != NULL && !json_is_null(parent) && !code_ok(json_str(parent)))
		return refuse(x, "its parent is not a code");
	x->parent = arena_copy(a, json_str(parent));
	if (x->parent.n == 0 && x->rank == level_rank(STR("khu_vuc")))
		return refuse(x, "a khu vực needs the code of its ward as parent");
	if (!read_day(x, json_object_get(p, "valid_from"), &x->valid_from,
	              "its valid_from is not a day like 2025-07-01") ||
	    !read_day(x, json_object_get(p, "valid_to"), &x->valid_to,
	              "its valid_to is not a day like 2025-07-01"))
		return false;
	return x->valid_to == 0 || x->valid_to >= x->valid_from ||
	       refuse(x, "its valid_to is before its valid_from");
}

static bool inside(const struct box *b, double lon, double lat)
{
	return lon >= b->west && lon <= b->east && lat >= b->south && lat <= b->north;
}

/* A position, or the reason in the feature. */
static bool position(struct feature *x, struct arena *a, const json_t *j, double *lon, double *lat)
{
	const json_t *e = json_array_get(j, 0), *n = json_array_get(j, 1);
	if (!json_is_number(e) || !json_is_number(n))
		return refuse(x, "a position is not two numbers");
	*lon = json_number_value(e);
	*lat = json_number_value(n);
	if (inside(&COUNTRY, *lon, *lat))
		return true;
	x->why = arena_fmt(a, "%.6g, %.6g", *lon, *lat);
	if (inside(&COUNTRY, *lat, *lon))
		return refuse(x, "the axes are swapped: longitude comes first");
	return refuse(x, fabs(*lon) > 180 || fabs(*lat) > 90
		? "a position is not on the globe" : "a position is outside of Vietnam");
}

static GEOSGeometry *ring(struct feature *x, struct arena *a, const json_t *j)
{
	size_t n = json_array_size(j);
	if (n < 4 || n > UINT32_MAX) {
		(void)refuse(x, "a ring has fewer than four positions");
		return NULL;
	}
	GEOSContextHandle_t ctx = geos_here();
	GEOSCoordSequence *seq = GEOSCoordSeq_create_r(ctx, (unsigned)n, 2);
	if (seq == NULL)
		return NULL;
	double first[2] = {0, 0}, at[2] = {0, 0};
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++) {
		ok = position(x, a, json_array_get(j, i), &at[0], &at[1]) &&
		     GEOSCoordSeq_setXY_r(ctx, seq, (unsigned)i, at[0], at[1]) == 1;
		if (i == 0)
			memcpy(first, at, sizeof at);
	}
	if (ok && (first[0] < at[0] || first[0] > at[0] || first[1] < at[1] || first[1] > at[1]))
		ok = refuse(x, "a ring is not closed: its last position must be its first");
	if (!ok) {
		GEOSCoordSeq_destroy_r(ctx, seq);
		return NULL;
	}
	return GEOSGeom_createLinearRing_r(ctx, seq);
}

static GEOSGeometry *polygon(struct feature *x, struct arena *a, const json_t *j)
{
	GEOSContextHandle_t ctx = geos_here();
	size_t n = json_array_size(j), made = 0;
	if (n == 0) {
		(void)refuse(x, "a polygon has no rings");
		return NULL;
	}
	GEOSGeometry **rings = calloc(n, sizeof *rings), *out = NULL;
	for (; rings != NULL && made < n; made++) {
		rings[made] = ring(x, a, json_array_get(j, made));
		if (rings[made] == NULL)
			break;
	}
	if (rings != NULL && made == n)
		out = GEOSGeom_createPolygon_r(ctx, rings[0], rings + 1, (unsigned)(n - 1));
	else
		for (size_t i = 0; i < made; i++)
			GEOSGeom_destroy_r(ctx, rings[i]);
	free(rings);
	return out;
}

/* NULL: refused, or GEOS had no memory. */
static GEOSGeometry *surface(struct feature *x, struct arena *a, const json_t *g)
{
	const json_t *list = json_object_get(g, "coordinates");
	struct str type = json_str(json_object_get(g, "type"));
	bool many = str_is(type, "MultiPolygon");
	if (!json_is_object(g) || (!many && !str_is(type, "Polygon")) || !json_is_array(list)) {
		(void)refuse(x, "its geometry is not a Polygon or MultiPolygon");
		return NULL;
	}
	if (!many)
		return polygon(x, a, list);
	GEOSContextHandle_t ctx = geos_here();
	size_t n = json_array_size(list), made = 0;
	GEOSGeometry **parts = calloc(n + 1, sizeof *parts), *out = NULL;
	for (; parts != NULL && made < n; made++) {
		parts[made] = polygon(x, a, json_array_get(list, made));
		if (parts[made] == NULL)
			break;
	}
	if (parts != NULL && made == n)
		out = GEOSGeom_createCollection_r(ctx, GEOS_MULTIPOLYGON, parts, (unsigned)n);
	else
		for (size_t i = 0; i < made; i++)
			GEOSGeom_destroy_r(ctx, parts[i]);
	free(parts);
	return out;
}

/* Takes g. A collection that mending left behind keeps its surfaces and loses lines and points. */
static GEOSGeometry *only_surfaces(GEOSGeometry *g)
{
	GEOSContextHandle_t ctx = geos_here();
	int type = GEOSGeomTypeId_r(ctx, g), n = GEOSGetNumGeometries_r(ctx, g);
	if (type != GEOS_GEOMETRYCOLLECTION || n < 0)
		return g;
	GEOSGeometry *out = GEOSGeom_createEmptyCollection_r(ctx, GEOS_MULTIPOLYGON);
	for (int i = 0; out != NULL && i < n; i++) {
		const GEOSGeometry *part = GEOSGetGeometryN_r(ctx, g, i);
		int kind = GEOSGeomTypeId_r(ctx, part);
		if (kind != GEOS_POLYGON && kind != GEOS_MULTIPOLYGON)
			continue;
		GEOSGeometry *both = GEOSUnion_r(ctx, out, part);
		GEOSGeom_destroy_r(ctx, out);
		out = both;
	}
	GEOSGeom_destroy_r(ctx, g);
	return out;
}

/* Takes g; NULL with the reason in the feature, or without one when GEOS failed. */
static GEOSGeometry *mend(struct feature *x, struct arena *a, GEOSGeometry *g)
{
	GEOSContextHandle_t ctx = geos_here();
	if (x->ward_code.n > 0 && GEOSGetNumCoordinates_r(ctx, g) > IMPORT_PAGE_POINTS) {
		(void)refuse(x, "has more points than a page takes; the operator's command does");
		GEOSGeom_destroy_r(ctx, g);
		return NULL;
	}
	char valid = GEOSisValid_r(ctx, g);
	if (valid == 0) {
		char *reason = GEOSisValidReason_r(ctx, g);
		x->why = arena_copy(a, str_of(reason));
		GEOSFree_r(ctx, reason);
		GEOSGeometry *mended = x->ward_code.n == 0 ? GEOSMakeValid_r(ctx, g) : NULL;
		GEOSGeom_destroy_r(ctx, g);
		g = mended != NULL ? only_surfaces(mended) : NULL;
		x->mended = true;
	}
	double area = 0;
	if (g == NULL || valid == 2 || GEOSArea_r(ctx, g, &area) != 1) {
		(void)refuse(x, "its boundary cannot be mended");
	} else if (!(area > 0)) {
		(void)refuse(x, "its boundary encloses nothing");
	}
	if (x->refused != NULL && g != NULL) {
		GEOSGeom_destroy_r(ctx, g);
		g = NULL;
	}
	return g;
}

static enum rc keep(struct feature *x, struct arena *a, const GEOSGeometry *g, struct fault *f)
{
	GEOSContextHandle_t ctx = geos_here();
	struct box box;
	uint8_t *raster = arena_alloc(a, RASTER_BYTES);
	GEOSWKBWriter *writer = GEOSWKBWriter_create_r(ctx);
	if (writer == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a boundary");
	size_t n = 0;
	unsigned char *wkb = GEOSWKBWriter_write_r(ctx, writer, g, &n);
	GEOSWKBWriter_destroy_r(ctx, writer);
	if (wkb == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a boundary");
	x->wkb = arena_copy(a, str_n((const char *)wkb, n));
	GEOSFree_r(ctx, wkb);
	if (!geos_box(ctx, g, &box) || !raster_make(ctx, g, box, raster))
		return fault_set(f, RC_FAIL, "the raster of area %.*s: %s", PSTR(x->code), geos_error());
	x->raster = str_n((const char *)raster, RASTER_BYTES);
	return RC_OK;
}

enum rc feature_read(struct feature *x, struct arena *a, const struct json_t *json,
                     struct fault *f)
{
	if (!str_is(json_str(json_object_get(json, "type")), "Feature")) {
		(void)refuse(x, "it is not a Feature");
		return RC_OK;
	}
	if (!read_properties(x, a, json_object_get(json, "properties")))
		return RC_OK;
	GEOSGeometry *g = surface(x, a, json_object_get(json, "geometry"));
	if (g == NULL && x->refused == NULL)
		return fault_set(f, RC_FAIL, "the boundary of area %.*s: %s", PSTR(x->code), geos_error());
	if (g != NULL)
		g = mend(x, a, g);
	if (g == NULL)
		return RC_OK;
	enum rc rc = keep(x, a, g, f);
	GEOSGeom_destroy_r(geos_here(), g);
	return rc;
}
