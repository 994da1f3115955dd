/* Boundaries as pages draw them. */
#include "ward/place/place_impl.h"

#include <jansson.h>

enum { FINENESS = 2000, DIGITS = 9 };

static bool add_ring(GEOSContextHandle_t ctx, struct arena *a, const GEOSGeometry *line,
                     struct outline *out)
{
	unsigned n = 0;
	const GEOSCoordSequence *points = GEOSGeom_getCoordSeq_r(ctx, line);
	if (points == NULL || GEOSCoordSeq_getSize_r(ctx, points, &n) != 1 || n < 4)
		return false;
	struct ring *r = &out->rings[out->count];
	r->points = arena_array(a, (size_t)n * 2, sizeof *r->points);
	r->count = n;
	if (GEOSCoordSeq_copyToBuffer_r(ctx, points, r->points, 0, 0) != 1)
		return false;
	out->count++;
	return true;
}

static bool add_rings(GEOSContextHandle_t ctx, struct arena *a, const GEOSGeometry *g,
                      struct outline *out)
{
	int parts = GEOSGetNumGeometries_r(ctx, g);
	size_t n = 0;
	for (int i = 0; i < parts; i++)
		n += 1 + (size_t)GEOSGetNumInteriorRings_r(ctx, GEOSGetGeometryN_r(ctx, g, i));
	out->rings = arena_array(a, n, sizeof *out->rings);
	for (int i = 0; i < parts; i++) {
		const GEOSGeometry *part = GEOSGetGeometryN_r(ctx, g, i);
		int holes = GEOSGetNumInteriorRings_r(ctx, part);
		if (!add_ring(ctx, a, GEOSGetExteriorRing_r(ctx, part), out))
			return false;
		for (int k = 0; k < holes; k++)
			if (!add_ring(ctx, a, GEOSGetInteriorRingN_r(ctx, part, k), out))
				return false;
	}
	return true;
}

/* What cannot be made simpler is drawn as it is. */
static bool add_outline(struct arena *a, const struct place *p, double tolerance,
                        struct outline *out)
{
	GEOSContextHandle_t ctx = geos_here();
	GEOSGeometry *simple = GEOSTopologyPreserveSimplify_r(ctx, p->geometry, tolerance);
	*out = (struct outline){.area = p->area};
	bool drawn = add_rings(ctx, a, simple != NULL ? simple : p->geometry, out);
	GEOSGeom_destroy_r(ctx, simple);
	return drawn;
}

size_t place_outlines(const struct places *p, struct arena *a, struct ward_id w, int32_t day,
                      struct outline **out)
{
	const struct snapshot *s = snapshot_of(p);
	const struct ward_row *row = ward_row_of(s, w);
	const struct level_index *x = &s->levels[level_rank(STR("commune"))];
	const struct place *whole = NULL;
	struct area *parts;
	size_t part_count = place_khu_vuc(p, a, w, day, &parts), n = 0;
	*out = arena_array(a, part_count + 1, sizeof **out);
	for (size_t i = 0; row != NULL && whole == NULL && i < x->count; i++)
		if (str_eq(x->places[i]->area.code, row->area_code) && place_valid(x->places[i], day))
			whole = x->places[i];
	if (whole == NULL)
		return 0;
	double tolerance = (whole->box.east - whole->box.west) / FINENESS;
	if (!add_outline(a, whole, tolerance, &(*out)[n++]))
		return 0;
	for (size_t i = 0; i < part_count; i++) {
		const struct place *part = place_of(s, parts[i].id);
		if (part != NULL && add_outline(a, part, tolerance, &(*out)[n]))
			n++;
	}
	return n;
}

/* ---------------------------------------------------------------- GeoJSON */

static double area_of(const struct ring *r)
{
	double sum = 0;
	for (size_t i = 0; i + 1 < r->count; i++)
		sum += r->points[2 * i] * r->points[2 * i + 3] - r->points[2 * i + 2] * r->points[2 * i + 1];
	return sum;
}

static json_t *ring_json(const struct ring *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->count; i++)
		(void)json_array_append_new(
			list, json_pack("[f,f]", r->points[2 * i], r->points[2 * i + 1]));
	return list;
}

/* GEOS gives outer rings and holes in opposite directions: a ring that turns as the first one does
 * begins a polygon. */
static json_t *outline_json(const struct outline *o)
{
	json_t *polygons = json_array(), *open = NULL;
	for (size_t i = 0; i < o->count; i++) {
		if (open == NULL || (area_of(&o->rings[i]) > 0) == (area_of(&o->rings[0]) > 0)) {
			open = json_array();
			(void)json_array_append_new(polygons, open);
		}
		(void)json_array_append_new(open, ring_json(&o->rings[i]));
	}
	return json_pack("{s:s, s:{s:s%, s:s%, s:s%}, s:{s:s, s:o}}", "type", "Feature", "properties",
	                 "code", o->area.code.p, o->area.code.n, "name", o->area.name.p, o->area.name.n,
	                 "level", o->area.level.p, o->area.level.n, "geometry", "type", "MultiPolygon",
	                 "coordinates", polygons);
}

enum rc place_outlines_json(const struct places *p, struct arena *a, struct ward_id w, int32_t day,
                            struct str *out, struct fault *f)
{
	struct outline *all;
	size_t n = place_outlines(p, a, w, day, &all);
	json_t *features = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(features, outline_json(&all[i]));
	json_t *root = json_pack("{s:s, s:o}", "type", "FeatureCollection", "features", features);
	char *text = root != NULL ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) : NULL;
	json_decref(root);
	if (text == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the ward's boundaries");
	*out = arena_copy(a, str_of(text));
	free(text);
	return RC_OK;
}
