/* What the files of place share: the index in memory, GEOS and rasters. */
#ifndef XOM_PLACE_PLACE_IMPL_H
#define XOM_PLACE_PLACE_IMPL_H

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ward/place/place.h"

struct box {
	double west, south, east, north;
};

/* This thread's own context; made at its first use, given back when it ends. */
GEOSContextHandle_t geos_here(void);
/* The last error of this thread's context, for faults. */
const char *geos_error(void);

/* A boundary's raster: RASTER_SIDE² cells over its box, 2 bits each. A cell that is IN lies wholly
 * inside and one that is OUT wholly outside, each with a margin that is wider than what rounding can
 * move a point; for BORDER the geometry must be asked. */
enum { RASTER_SIDE = 128, RASTER_BYTES = RASTER_SIDE * RASTER_SIDE / 4 };
enum raster_state { RASTER_BORDER, RASTER_IN, RASTER_OUT };
/* false: GEOS failed. */
bool raster_make(GEOSContextHandle_t ctx, const GEOSGeometry *g, struct box box,
                 uint8_t out[RASTER_BYTES]);
enum raster_state raster_at(const uint8_t raster[RASTER_BYTES], const struct box *box, double lon,
                            double lat);
bool geos_box(GEOSContextHandle_t ctx, const GEOSGeometry *g, struct box *out);

enum { LEVEL_COUNT = 3 };
extern const char *const LEVELS[LEVEL_COUNT + 1];  /* larger first; NULL-terminated */
int level_rank(struct str level);                  /* -1: no such level */

struct place {
	struct area area;
	int rank;
	struct str order;                /* khu vực are sorted by it */
	struct box box;
	GEOSGeometry *geometry;
	const GEOSPreparedGeometry *prepared;
	const uint8_t *raster;
};

/* Which places of a level may hold a point: BUCKETS² cells over all their boxes, each with a run of
 * `list`, in the order of codes. */
enum { BUCKETS = 64 };
struct level_index {
	struct box box;
	struct place **places;           /* by code, then valid_from */
	size_t count;
	uint32_t *start;                 /* BUCKETS² + 1 */
	uint32_t *list;
};

struct ward_row {
	struct ward ward;
	struct str area_code;
	struct str *names;               /* folded */
	size_t name_count;
	struct ward_set {
		struct str name, value;
	} *values;
	size_t value_count;
};

struct snapshot {
	struct arena arena;
	struct ward_row *wards;          /* by slug */
	size_t ward_count;
	struct place *places;
	size_t place_count;
	struct level_index levels[LEVEL_COUNT];
	bool borrowed;                   /* the places are an older one's */
	int64_t areas_at, wards_at;      /* numbers of the definitions that it was read at */
	struct snapshot *older;
};

struct places {
	_Atomic(struct snapshot *) now;
	pthread_mutex_t reload;
};

static inline const struct snapshot *snapshot_of(const struct places *p)
{
	return atomic_load_explicit(&p->now, memory_order_acquire);
}

/* Makes the index of loaded places; every geometry is prepared and asked once, because GEOS makes
 * its own indexes at the first question and threads would meet there. */
enum rc index_build(struct snapshot *s, struct fault *f);
bool place_holds(const struct place *p, double lon, double lat);
static inline bool place_valid(const struct place *p, int32_t day)
{
	return day >= p->area.valid_from && (p->area.valid_to == 0 || day <= p->area.valid_to);
}
const struct ward_row *ward_row_of(const struct snapshot *s, struct ward_id w);
const struct place *place_of(const struct snapshot *s, struct area_id id);   /* NULL: none */

/* One feature on its way into the database. */
struct feature {
	int number;                      /* from 1 */
	struct str code, name, parent;
	int rank;
	int32_t valid_from, valid_to;
	struct str wkb, raster;
	bool mended;
	const char *refused;             /* why, once it is */
	struct str why;                  /* a detail behind `refused` or of the mending */
	struct str note;                 /* what else the operator should know */
	struct str ward_code;            /* of a page: only this area and what lies in it */
};
/* Reads a file's features, the refused ones marked; *json is the caller's to release. */
struct json_t;
enum rc features_read(struct arena *work, const char *file, int rank, int32_t valid_from,
                      struct str ward_code, struct feature **all, struct json_t **json,
                      struct fault *f);
void features_report(struct import_report *out, struct arena *a, const struct feature *all, size_t n);
/* Reads the properties and the geometry of one feature; refusals are in it. RC_NOMEM or RC_FAIL
 * only when the import cannot go on. */
struct json_t;
enum rc feature_read(struct feature *x, struct arena *a, const struct json_t *json,
                     struct fault *f);

#endif
