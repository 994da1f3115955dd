/* What an import of a ward's areas would look like: overlaps and gaps, as numbers and as paths. */
#include "ward/place/place_impl.h"

#include <jansson.h>
#include <math.h>

#define BOX_SIDE 1000.0
#define METRES_A_DEGREE 111320.0
#define LEAST_SQUARE_M 1.0          /* less is rounding */

struct drawing {
	GEOSContextHandle_t ctx;
	struct arena *a;
	struct area_preview *out;
	GEOSGeometry **shapes;           /* of out->areas */
	struct box box;
	double scale, squeeze;           /* degrees of latitude to units; of longitude to latitude */
};

static void ring(const struct drawing *d, struct buf *b, const GEOSGeometry *g)
{
	const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(d->ctx, g);
	unsigned n = 0;
	if (s == NULL || GEOSCoordSeq_getSize_r(d->ctx, s, &n) != 1)
		return;
	for (unsigned i = 0; i < n; i++) {
		double x, y;
		if (GEOSCoordSeq_getXY_r(d->ctx, s, i, &x, &y) == 1)
			buf_addf(b, "%c%.1f %.1f", i == 0 ? 'M' : 'L', (x - d->box.west) * d->squeeze * d->scale,
			         (d->box.north - y) * d->scale);
	}
	buf_addc(b, 'Z');
}

static struct str path_of(const struct drawing *d, const GEOSGeometry *g)
{
	struct buf b = {.max = 1 << 20};
	int parts = GEOSGetNumGeometries_r(d->ctx, g);
	for (int i = 0; i < parts; i++) {
		const GEOSGeometry *part = GEOSGetGeometryN_r(d->ctx, g, i);
		if (part == NULL || GEOSGeomTypeId_r(d->ctx, part) != GEOS_POLYGON)
			continue;
		ring(d, &b, GEOSGetExteriorRing_r(d->ctx, part));
		int holes = GEOSGetNumInteriorRings_r(d->ctx, part);
		for (int k = 0; k < holes; k++)
			ring(d, &b, GEOSGetInteriorRingN_r(d->ctx, part, k));
	}
	return arena_take(d->a, &b);
}

static double square_metres(const struct drawing *d, const GEOSGeometry *g)
{
	double area = 0;
	return GEOSArea_r(d->ctx, g, &area) == 1
	           ? area * METRES_A_DEGREE * METRES_A_DEGREE * d->squeeze : 0;
}

static GEOSGeometry *of_wkb(GEOSContextHandle_t ctx, struct str wkb)
{
	GEOSWKBReader *r = GEOSWKBReader_create_r(ctx);
	GEOSGeometry *g = r != NULL ? GEOSWKBReader_read_r(ctx, r, (const unsigned char *)wkb.p, wkb.n)
	                            : NULL;
	if (r != NULL)
		GEOSWKBReader_destroy_r(ctx, r);
	return g;
}

static void add_area(struct drawing *d, struct str code, struct str name, bool fresh,
                     GEOSGeometry *g)
{
	struct box b;
	if (g == NULL || !geos_box(d->ctx, g, &b)) {
		if (g != NULL)
			GEOSGeom_destroy_r(d->ctx, g);
		return;
	}
	size_t n = d->out->area_count++;
	d->shapes[n] = g;
	d->out->areas[n] = (struct preview_area){.code = arena_copy(d->a, code),
	                                         .name = arena_copy(d->a, name), .fresh = fresh};
	if (n == 0)
		d->box = b;
	d->box = (struct box){fmin(d->box.west, b.west), fmin(d->box.south, b.south),
	                      fmax(d->box.east, b.east), fmax(d->box.north, b.north)};
}

static void overlaps(struct drawing *d)
{
	struct area_preview *o = d->out;
	for (size_t i = 0; i < o->area_count; i++)
		for (size_t k = i + 1; k < o->area_count && o->overlap_count < PREVIEW_PARTS; k++) {
			if (!o->areas[i].fresh && !o->areas[k].fresh)
				continue;
			GEOSGeometry *both = GEOSIntersects_r(d->ctx, d->shapes[i], d->shapes[k]) == 1
			                         ? GEOSIntersection_r(d->ctx, d->shapes[i], d->shapes[k]) : NULL;
			double m = both != NULL ? square_metres(d, both) : 0;
			if (m >= LEAST_SQUARE_M)
				o->overlaps[o->overlap_count++] = (struct preview_part){
					o->areas[i].name, o->areas[k].name, path_of(d, both), m};
			if (both != NULL)
				GEOSGeom_destroy_r(d->ctx, both);
		}
}

/* What of the ward's own area no khu vực covers, piece by piece. */
static void gaps(struct drawing *d, const GEOSGeometry *whole)
{
	GEOSGeometry *rest = GEOSGeom_clone_r(d->ctx, whole);
	for (size_t i = 0; rest != NULL && i < d->out->area_count; i++) {
		GEOSGeometry *less = GEOSDifference_r(d->ctx, rest, d->shapes[i]);
		GEOSGeom_destroy_r(d->ctx, rest);
		rest = less;
	}
	int parts = rest != NULL ? GEOSGetNumGeometries_r(d->ctx, rest) : 0;
	for (int i = 0; i < parts && d->out->gap_count < PREVIEW_PARTS; i++) {
		const GEOSGeometry *part = GEOSGetGeometryN_r(d->ctx, rest, i);
		double m = part != NULL ? square_metres(d, part) : 0;
		if (m >= LEAST_SQUARE_M)
			d->out->gaps[d->out->gap_count++] = (struct preview_part){
				.first = STR_EMPTY, .second = STR_EMPTY, .path = path_of(d, part), .square_m = m};
	}
	if (rest != NULL)
		GEOSGeom_destroy_r(d->ctx, rest);
}

static bool in_file(const struct feature *all, size_t n, struct str code)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].refused == NULL && str_eq(all[i].code, code))
			return true;
	return false;
}

static void scale(struct drawing *d)
{
	double middle = (d->box.south + d->box.north) / 2 * 3.14159265358979323846 / 180;
	d->squeeze = cos(middle);
	double wide = (d->box.east - d->box.west) * d->squeeze, high = d->box.north - d->box.south;
	double most = wide > high ? wide : high;
	d->scale = most > 0 ? BOX_SIDE / most : 1;
	d->out->width = (int)ceil(wide * d->scale);
	d->out->height = (int)ceil(high * d->scale);
}

static void draw(struct drawing *d, const struct snapshot *s, const struct ward_row *row,
                 const struct feature *all, size_t n, int rank, int32_t day)
{
	const struct level_index *x = &s->levels[rank], *communes = &s->levels[level_rank(STR("commune"))];
	size_t most = n + x->count;
	bool khu_vuc = rank == level_rank(STR("khu_vuc"));
	d->shapes = arena_array(d->a, most + 1, sizeof(GEOSGeometry *));
	d->out->areas = arena_array(d->a, most + 1, sizeof *d->out->areas);
	d->out->overlaps = arena_array(d->a, PREVIEW_PARTS, sizeof *d->out->overlaps);
	d->out->gaps = arena_array(d->a, PREVIEW_PARTS, sizeof *d->out->gaps);
	/* A file may hold the ward beside its khu vực: they lie in it, which is no overlap. */
	for (size_t i = 0; i < n; i++)
		if (all[i].refused == NULL && all[i].rank == rank)
			add_area(d, all[i].code, all[i].name, true, of_wkb(d->ctx, all[i].wkb));
	for (size_t i = 0; khu_vuc && i < x->count; i++) {
		const struct place *p = x->places[i];
		const struct place *parent = NULL;
		for (size_t k = 0; k < communes->count && parent == NULL; k++)
			if (communes->places[k]->area.id.v == p->area.parent.v)
				parent = communes->places[k];
		if (parent == NULL || !str_eq(parent->area.code, row->area_code) || !place_valid(p, day) ||
		    in_file(all, n, p->area.code))
			continue;
		add_area(d, p->area.code, p->area.name, false, GEOSGeom_clone_r(d->ctx, p->geometry));
	}
	if (d->out->area_count == 0)
		return;
	scale(d);
	for (size_t i = 0; i < d->out->area_count; i++)
		d->out->areas[i].path = path_of(d, d->shapes[i]);
	overlaps(d);
	for (size_t i = 0; khu_vuc && i < communes->count; i++)
		if (str_eq(communes->places[i]->area.code, row->area_code) &&
		    place_valid(communes->places[i], day)) {
			gaps(d, communes->places[i]->geometry);
			break;
		}
	for (size_t i = 0; i < d->out->area_count; i++)
		GEOSGeom_destroy_r(d->ctx, d->shapes[i]);
}

enum rc place_preview(const struct places *p, struct arena *a, const char *file, struct str level,
                      int32_t valid_from, struct ward_id w, struct area_preview *out,
                      struct fault *f)
{
	*out = (struct area_preview){0};
	const struct snapshot *s = snapshot_of(p);
	const struct ward_row *row = ward_row_of(s, w);
	int rank = level_rank(level);
	if (row == NULL || rank < level_rank(STR("commune")))
		return fault_set(f, RC_INVALID, "a ward has its own area and khu vực");
	struct arena work;
	json_t *json = NULL;
	struct feature *all = NULL;
	arena_init(&work, (size_t)512 << 20);
	enum rc rc = features_read(&work, file, rank, valid_from, row->area_code, &all, &json, f);
	if (rc == RC_OK) {
		size_t n = json_array_size(json_object_get(json, "features"));
		struct drawing d = {.ctx = geos_here(), .a = a, .out = out};
		draw(&d, s, row, all, n, rank, valid_from);
		features_report(&out->report, a, all, n);
	}
	arena_release(&work);
	json_decref(json);
	return rc;
}

size_t place_ward_areas(const struct places *p, struct arena *a, struct ward_id w, struct area **out)
{
	const struct snapshot *s = snapshot_of(p);
	const struct ward_row *row = ward_row_of(s, w);
	size_t n = 0;
	*out = arena_array(a, s->place_count + 1, sizeof **out);
	for (int own = 1; row != NULL && own >= 0; own--)
		for (size_t i = 0; i < s->place_count; i++) {
			const struct place *x = &s->places[i];
			bool is_own = str_eq(x->area.code, row->area_code);
			bool inside = false;
			for (size_t k = 0; !is_own && k < s->place_count && !inside; k++)
				inside = s->places[k].area.id.v == x->area.parent.v &&
				         str_eq(s->places[k].area.code, row->area_code);
			if (own == 1 ? is_own : inside)
				(*out)[n++] = x->area;
		}
	return n;
}
