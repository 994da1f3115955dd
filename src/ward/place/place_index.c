/* Point → area: buckets, boxes, rasters, and the geometry only where a border is near. */
#include "ward/place/place_impl.h"

#include <math.h>
#include <stdlib.h>

static bool in_box(const struct box *b, double lon, double lat)
{
	return lon >= b->west && lon <= b->east && lat >= b->south && lat <= b->north;
}

static bool ask_geometry(const struct place *p, double lon, double lat)
{
	GEOSContextHandle_t ctx = geos_here();
	GEOSGeometry *point = GEOSGeom_createPointFromXY_r(ctx, lon, lat);
	if (point == NULL)
		BUG("no memory for a point");
	char answer = GEOSPreparedIntersects_r(ctx, p->prepared, point);
	GEOSGeom_destroy_r(ctx, point);
	return answer == 1;
}

/* The border belongs to the area. */
bool place_holds(const struct place *p, double lon, double lat)
{
	if (!in_box(&p->box, lon, lat))
		return false;
	switch (raster_at(p->raster, &p->box, lon, lat)) {
	case RASTER_IN: return true;
	case RASTER_OUT: return false;
	case RASTER_BORDER: break;
	}
	return ask_geometry(p, lon, lat);
}

static int bucket_of(double at, double from, double to)
{
	int i = to > from ? (int)((at - from) / (to - from) * BUCKETS) : 0;
	return i < 0 ? 0 : i >= BUCKETS ? BUCKETS - 1 : i;
}

enum rc place_locate(const struct places *p, const char *level, double lon, double lat,
                     int32_t day, struct area_id *out)
{
	int rank = level_rank(str_of(level));
	if (rank < 0)
		BUG("no level \"%s\"", level);
	const struct level_index *x = &snapshot_of(p)->levels[rank];
	/* Also for a point that is no number. */
	if (x->count == 0 || !in_box(&x->box, lon, lat))
		return RC_NONE;
	int b = bucket_of(lat, x->box.south, x->box.north) * BUCKETS +
	        bucket_of(lon, x->box.west, x->box.east);
	for (uint32_t i = x->start[b]; i < x->start[b + 1]; i++) {
		const struct place *c = x->places[x->list[i]];
		if (place_valid(c, day) && place_holds(c, lon, lat)) {
			*out = c->area.id;
			return RC_OK;
		}
	}
	return RC_NONE;
}

static int by_code(const void *a, const void *b)
{
	const struct area *x = &(*(struct place *const *)a)->area, *y = &(*(struct place *const *)b)->area;
	int c = str_cmp(x->code, y->code);
	return c != 0 ? c : (x->valid_from > y->valid_from) - (x->valid_from < y->valid_from);
}

/* One bucket wider on each side than the box says, so that rounding cannot lose a place. */
struct span {
	int x0, x1, y0, y1;
};
static struct span span_of(const struct box *all, const struct box *b)
{
	struct span s = {bucket_of(b->west, all->west, all->east) - 1,
	                 bucket_of(b->east, all->west, all->east) + 1,
	                 bucket_of(b->south, all->south, all->north) - 1,
	                 bucket_of(b->north, all->south, all->north) + 1};
	s.x0 = s.x0 < 0 ? 0 : s.x0;
	s.y0 = s.y0 < 0 ? 0 : s.y0;
	s.x1 = s.x1 >= BUCKETS ? BUCKETS - 1 : s.x1;
	s.y1 = s.y1 >= BUCKETS ? BUCKETS - 1 : s.y1;
	return s;
}

/* Counts into start[bucket + 1], then fills the runs: places come in the order of their codes. */
static void level_build(struct snapshot *s, struct level_index *x)
{
	qsort(x->places, x->count, sizeof(struct place *), by_code);
	x->box = x->places[0]->box;
	for (size_t i = 1; i < x->count; i++) {
		const struct box *b = &x->places[i]->box;
		x->box = (struct box){fmin(x->box.west, b->west), fmin(x->box.south, b->south),
		                      fmax(x->box.east, b->east), fmax(x->box.north, b->north)};
	}
	enum { ALL = BUCKETS * BUCKETS };
	x->start = arena_array(&s->arena, ALL + 1, sizeof *x->start);
	uint32_t *fill = arena_array(&s->arena, ALL, sizeof *fill);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < x->count; i++) {
			struct span at = span_of(&x->box, &x->places[i]->box);
			for (int row = at.y0; row <= at.y1; row++)
				for (int column = at.x0; column <= at.x1; column++) {
					int b = row * BUCKETS + column;
					if (pass == 0)
						x->start[b + 1]++;
					else
						x->list[fill[b]++] = (uint32_t)i;
				}
		}
		if (pass == 1)
			break;
		for (int b = 0; b < ALL; b++) {
			x->start[b + 1] += x->start[b];
			fill[b] = x->start[b];
		}
		x->list = arena_array(&s->arena, x->start[ALL] + 1, sizeof *x->list);
	}
}

enum rc index_build(struct snapshot *s, struct fault *f)
{
	for (size_t i = 0; i < s->place_count; i++) {
		struct place *p = &s->places[i];
		p->prepared = GEOSPrepare_r(geos_here(), p->geometry);
		if (p->prepared == NULL)
			return fault_set(f, RC_CORRUPT, "the boundary of area %.*s: %s", PSTR(p->area.code),
			                 geos_error());
		(void)ask_geometry(p, (p->box.west + p->box.east) / 2, (p->box.south + p->box.north) / 2);
		s->levels[p->rank].count++;
	}
	for (int k = 0; k < LEVEL_COUNT; k++) {
		struct level_index *x = &s->levels[k];
		x->places = arena_array(&s->arena, x->count + 1, sizeof *x->places);
		x->count = 0;
	}
	for (size_t i = 0; i < s->place_count; i++) {
		struct level_index *x = &s->levels[s->places[i].rank];
		x->places[x->count++] = &s->places[i];
	}
	for (int k = 0; k < LEVEL_COUNT; k++)
		if (s->levels[k].count > 0)
			level_build(s, &s->levels[k]);
	return RC_OK;
}
