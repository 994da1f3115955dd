/* Places: wards, areas with dates, boundaries, point → area, the 100 m grid.
 *
 * An area is a territory under a name and a code from one day to another: codes and names are
 * reused for other territory, so that the key is (code, valid_from).
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
	int32_t valid_from, valid_to;  /* days, both included; valid_to 0: still */
};

/* Wards: made once, kept in memory by struct places. */
struct ward_new {
	struct str slug, prefix, name, hotline, area_code;
	bool demo, practice;
};
/* RC_INVALID: a prefix that is not two letters of the code alphabet, a slug that is not 2 to 40 of
 * a-z, 0-9 and hyphens or is reserved, no name. RC_EXISTS: slug or prefix are taken. The area needs
 * not be there yet. */
enum rc ward_add(struct store *s, struct arena *a, const struct ward_new *w, struct ward_id *out,
                 struct fault *f);

/* Another name or telephone; the rest of a ward never changes. RC_INVALID, RC_NONE. Seen after
 * places_reload. */
enum rc ward_rename(struct store *s, struct arena *a, struct ward_id ward, struct str name,
                    struct str hotline, struct fault *f);

/* The index in memory: wards and boundaries (prepared GEOS geometries, boxes, and each area's raster,
 * whose cells lie wholly inside, wholly outside or on its border). Read by all threads;
 * places_reload swaps it whole. Whatever was handed out stays good until places_close: a snapshot
 * that was replaced is kept (an import is rare). */
struct places;
enum rc places_open(struct places **out, struct store *s, struct fault *f);
void places_close(struct places *p);
enum rc places_reload(struct places *p, struct store *s, struct fault *f);
/* The same, only of what has changed in the database since it was read, by this process or another
 * one: wards, their settings and names alone cost no boundary. */
enum rc places_refresh(struct places *p, struct store *s, struct fault *f);

/* Numbers that rise with definitions, in the transaction that changes them; 0: never changed. */
#define DEFINITION_AREAS "areas"
#define DEFINITION_WARDS "wards"
#define DEFINITION_PROCEDURES "procedures"
enum rc definition_changed(struct tx *tx, const char *name, struct fault *f);
enum rc definition_number(struct tx *tx, const char *name, int64_t *out, struct fault *f);

/* What a ward has set for itself, by name (ward/ward_setting.h has the rows and their bounds); a text
 * without bytes (p NULL): not set. The hotline set so is also struct ward's. */
struct str ward_value(const struct places *p, struct ward_id w, struct str name);
enum rc ward_value_put(struct tx *tx, struct str name, struct str value, struct fault *f);

/* Code of its territory in the file of boundaries; empty: no such ward. */
struct str ward_area_code(const struct places *p, struct ward_id w);

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
/* Puts that list in place of the ward's present one, from a YAML file as demo/streets.yaml: under
 * the ward's slug a list of {area: code or absent, names: […]}. All or nothing; *count names. */
enum rc place_names_import(struct store *s, struct arena *a, const struct ward *w, const char *file,
                           size_t *count, struct fault *f);

/* The public grid: 100 m cells, counted from the south-west corner of the box of the ward's first
 * area (so that cells keep their names when the boundary moves) in metres of a local
 * equirectangular projection. A cell's name is "C12-07" (column, row). */
struct cell {
	int32_t column, row;     /* from 1; 0: no cell */
};
struct cell place_cell(const struct places *p, struct ward_id w, double lon, double lat);
void place_cell_centre(const struct places *p, struct ward_id w, struct cell c, double *lon,
                       double *lat);

/* The grid as a whole: its corner, and the degrees of a cell. false: the ward has no area yet. */
struct grid {
	double west, south, cell_lon, cell_lat;
	int32_t columns, rows;
};
bool place_grid(const struct places *p, struct ward_id w, struct grid *out);

/* Boundaries for drawing, with fewer points: none lies further from the true line than a two-thousandth
 * of the ward's width. The ward itself comes first, then its khu vực in the order of their names. */
struct ring {
	double *points;          /* longitude, latitude, longitude … ; closed */
	size_t count;            /* of points */
};
struct outline {
	struct area area;
	struct ring *rings;      /* outer ones and holes alike: filled by the even-odd rule */
	size_t count;
};
size_t place_outlines(const struct places *p, struct arena *a, struct ward_id w, int32_t day,
                      struct outline **out);
/* The same as GeoJSON: a FeatureCollection with the properties code, name, level. */
enum rc place_outlines_json(const struct places *p, struct arena *a, struct ward_id w, int32_t day,
                            struct str *out, struct fault *f);

/* Import of GeoJSON: a FeatureCollection whose features have the properties code, name and, if
 * wished, parent (code; a khu vực must have one), level, valid_from, valid_to. Rings that cross
 * themselves are mended (MakeValid) and named in the report; swapped axes, points outside of
 * Vietnam's box, codes that come twice, other geometry than (Multi)Polygon, broken UTF-8 in a code
 * or name are refused feature by feature, the others are taken. A code that is in use gets its end
 * the day before the new area begins; the very same area again is taken as it is. Files over 64 MiB
 * are refused before they are read (RC_TOO_BIG), what is no FeatureCollection as a whole
 * (RC_INVALID). Each area's raster is made here. */
struct import_line {
	int feature;             /* from 1 */
	bool refused;
	struct str code, text;   /* English, for the operator */
};
enum { IMPORT_LINES = 1000 };
struct import_report {
	size_t taken, mended, refused;
	size_t line_count;       /* at most IMPORT_LINES are kept; the counts go on */
	struct import_line *lines; /* in the order of the features */
};
enum rc place_import(struct store *s, struct arena *a, const char *file, struct str level,
                     int32_t valid_from, struct import_report *out, struct fault *f);

/* The same from an administrator's page: only the ward's own area and what lies in it, nothing of
 * another ward's codes; a file of IMPORT_PAGE_BYTES (as much as the areas with all their points can
 * be) with at most IMPORT_PAGE_AREAS areas of IMPORT_PAGE_POINTS points each, and boundaries that cross themselves are refused, not mended: what
 * works on a boundary then cannot take the server's memory. */
enum { IMPORT_PAGE_BYTES = 4 << 20, IMPORT_PAGE_AREAS = 60, IMPORT_PAGE_POINTS = 1500 };
enum rc place_import_ward(struct store *s, struct arena *a, const char *file, struct str level,
                          int32_t valid_from, const struct places *p, struct ward_id w,
                          struct import_report *out, struct fault *f);

/* What an import would change, drawn: nothing is written. Areas of the same level that are valid on
 * that day and have another code stand beside the file's. */
struct preview_area {
	struct str code, name, path;     /* path: SVG, inside the preview's box */
	bool fresh;                      /* of the file */
};
struct preview_part {                /* two areas that overlap, or a gap that no area covers */
	struct str first, second, path;  /* names; second empty: a gap */
	double square_m;
};
enum { PREVIEW_PARTS = 50 };
struct area_preview {
	struct import_report report;     /* of the file alone: times and parents are looked at when it is
	                                    written */
	struct preview_area *areas;
	size_t area_count;
	struct preview_part *overlaps, *gaps;
	size_t overlap_count, gap_count; /* at most PREVIEW_PARTS each */
	int width, height;               /* of the box */
};
enum rc place_preview(const struct places *p, struct arena *a, const char *file, struct str level,
                      int32_t valid_from, struct ward_id w, struct area_preview *out,
                      struct fault *f);
/* Every area of the ward, its own first, with what is over and what comes; arena's. */
size_t place_ward_areas(const struct places *p, struct arena *a, struct ward_id w, struct area **out);

#endif
