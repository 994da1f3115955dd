/* The public grid of a ward. */
#include "ward/place/place_impl.h"

#include <math.h>

#define CELL_M 100.0
/* Metres of a degree of latitude, and of longitude at the equator (WGS 84, near enough over a ward;
 * the numbers are part of what a cell's name means and never change). */
#define LAT_M 110574.0
#define LON_M 111320.0
#define RADIAN (3.14159265358979323846 / 180)

/* The ward's first area, whichever day it is: a cell's name must not move with the boundary. */
bool place_grid(const struct places *p, struct ward_id w, struct grid *out)
{
	const struct snapshot *s = snapshot_of(p);
	const struct ward_row *row = ward_row_of(s, w);
	if (row == NULL)
		return false;
	const struct level_index *x = &s->levels[level_rank(STR("commune"))];
	for (size_t i = 0; i < x->count; i++) {
		const struct place *c = x->places[i];
		if (!str_eq(c->area.code, row->area_code))
			continue;
		double middle = (c->box.south + c->box.north) / 2;
		double lon_m = LON_M * cos(middle * RADIAN);
		*out = (struct grid){c->box.west, c->box.south, CELL_M / lon_m, CELL_M / LAT_M,
		                     (int32_t)((c->box.east - c->box.west) * lon_m / CELL_M) + 1,
		                     (int32_t)((c->box.north - c->box.south) * LAT_M / CELL_M) + 1};
		return true;
	}
	return false;
}

struct cell place_cell(const struct places *p, struct ward_id w, double lon, double lat)
{
	struct grid g;
	if (!place_grid(p, w, &g))
		return (struct cell){0, 0};
	double column = floor((lon - g.west) / g.cell_lon);
	double row = floor((lat - g.south) / g.cell_lat);
	/* Written so that what is no number is no cell. */
	if (!(column >= 0 && column < g.columns && row >= 0 && row < g.rows))
		return (struct cell){0, 0};
	return (struct cell){(int32_t)column + 1, (int32_t)row + 1};
}

void place_cell_centre(const struct places *p, struct ward_id w, struct cell c, double *lon,
                       double *lat)
{
	struct grid g;
	if (!place_grid(p, w, &g))
		BUG("the ward %lld has no area to count cells in", (long long)w.v);
	*lon = g.west + (c.column - 0.5) * g.cell_lon;
	*lat = g.south + (c.row - 0.5) * g.cell_lat;
}
