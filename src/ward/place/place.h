/* Places: wards, areas with dates and lineage, boundaries, point → area, the 100 m grid.
 *
 * An area is a territory under a name and a code from one day to another: codes and names are
 * reused for other territory, so that the key is (code, valid_from). Lineage says which areas an
 * area came from and with what share of their territory (1,000,000 = whole).
 * Coordinates are WGS 84 degrees, longitude first. */
#ifndef XOM_PLACE_PLACE_H
#define XOM_PLACE_PLACE_H

#include "kit/http/http.h"
#include "kit/store/store.h"

extern const struct schema_step PLACE_SCHEMA[];

struct area {
	struct area_id id, parent;     /* a khu vực's parent is its ward's area */
	struct str level;              /* "province", "commune", "khu_vuc" */
	struct str code, name;         /* "31135", "Khu vực 3" */
	int32_t valid_from, valid_to;  /* days; valid_to 0: still */
};

/* Wards: made once, kept in memory by struct places. */
struct ward_new {
	struct str slug, prefix, name, hotline, area_code;
	bool demo;
};
/* Refuses a prefix that is not two letters of the code alphabet or is taken (RC_EXISTS). */
enum rc ward_add(struct store *s, struct arena *a, const struct ward_new *w, struct ward_id *out,
                 struct fault *f);

/* The index in memory: wards and boundaries (prepared GEOS geometries, boxes, and a grid of cells
 * that lie wholly in one area). Read by all threads; place_reload swaps it whole. */
struct places;
enum rc places_open(struct places **out, struct store *s, struct fault *f);
void places_close(struct places *p);
enum rc places_reload(struct places *p, struct store *s, struct fault *f);

const struct ward *ward_by_slug(const struct places *p, struct str slug);  /* NULL: none */
const struct ward *ward_by_id(const struct places *p, struct ward_id id);
size_t ward_all(const struct places *p, const struct ward **out, size_t max);

/* The area of `level` that holds the point on that day; a point in several (real boundaries
 * overlap) belongs to the one with the lowest code, always. RC_NONE: in none. */
enum rc place_locate(const struct places *p, const char *level, double lon, double lat,
                     int32_t day, struct area_id *out);
/* Is the point inside the ward's own area? */
bool place_in_ward(const struct places *p, struct ward_id w, double lon, double lat, int32_t day);
/* The ward's khu vực valid that day, in the order of their names (numbers by value); arena's. */
size_t place_khu_vuc(const struct places *p, struct arena *a, struct ward_id w, int32_t day,
                     struct area **out);
bool place_area(const struct places *p, struct arena *a, struct area_id id, struct area *out);
/* Folded street and landmark names of the ward's own list, for text_mask_people. */
const struct str *place_names(const struct places *p, struct ward_id w, size_t *count);

/* The public grid: 100 m cells, counted from the south-west corner of the ward's box in metres of
 * a local equirectangular projection. A cell's name is "C12-07" (column, row). */
struct cell {
	int32_t column, row;     /* from 1; 0: no cell */
};
struct cell place_cell(const struct places *p, struct ward_id w, double lon, double lat);
void place_cell_centre(const struct places *p, struct ward_id w, struct cell c, double *lon,
                       double *lat);

/* Import of GeoJSON: a FeatureCollection whose features have the properties code, name and, if
 * wished, parent (code), level, valid_from, valid_to. Rings that cross themselves are mended
 * (MakeValid) and named in the report; swapped axes, points beyond ±180/±90 or outside of Vietnam's
 * box, duplicate codes, other geometry than (Multi)Polygon are refused feature by feature, the
 * others are taken. Files over 64 MiB are refused. The grid is built here. */
struct import_line {
	int feature;             /* from 1 */
	bool refused;
	struct str code, text;   /* English, for the operator */
};
struct import_report {
	size_t taken, mended, refused, line_count;
	struct import_line *lines;
};
enum rc place_import(struct store *s, struct arena *a, const char *file, struct str level,
                     int32_t valid_from, struct import_report *out, struct fault *f);

#endif
