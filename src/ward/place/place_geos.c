/* GEOS: a context for each thread, and rasters. */
#include "ward/place/place_impl.h"

#include <stdlib.h>

struct geos_thread {
	GEOSContextHandle_t ctx;
	char error[200];
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void thread_ends(void *p)
{
	struct geos_thread *t = p;
	GEOS_finish_r(t->ctx);
	free(t);
}

/* The main thread ends by leaving main, without its key's destructor. */
static void process_ends(void)
{
	struct geos_thread *t = pthread_getspecific(key);
	if (t != NULL)
		thread_ends(t);
	(void)pthread_setspecific(key, NULL);
}

static void make_key(void)
{
	if (pthread_key_create(&key, thread_ends) != 0 || atexit(process_ends) != 0)
		BUG("no thread key for GEOS");
}

static void keep_error(const char *message, void *ctx)
{
	struct geos_thread *t = ctx;
	(void)snprintf(t->error, sizeof t->error, "%s", message);
}

static struct geos_thread *thread_here(void)
{
	(void)pthread_once(&once, make_key);
	struct geos_thread *t = pthread_getspecific(key);
	if (t != NULL)
		return t;
	t = calloc(1, sizeof *t);
	if (t == NULL || (t->ctx = GEOS_init_r()) == NULL || pthread_setspecific(key, t) != 0)
		BUG("no memory for a GEOS context");
	(void)GEOSContext_setErrorMessageHandler_r(t->ctx, keep_error, t);
	return t;
}

GEOSContextHandle_t geos_here(void) { return thread_here()->ctx; }
const char *geos_error(void) { return thread_here()->error; }

bool geos_box(GEOSContextHandle_t ctx, const GEOSGeometry *g, struct box *out)
{
	return GEOSGeom_getXMin_r(ctx, g, &out->west) == 1 && GEOSGeom_getYMin_r(ctx, g, &out->south) == 1 &&
	       GEOSGeom_getXMax_r(ctx, g, &out->east) == 1 && GEOSGeom_getYMax_r(ctx, g, &out->north) == 1;
}

/* A tenth of a millimetre on the ground, ten thousand times what doubles round off here. */
#define MARGIN 1e-9

struct raster_work {
	GEOSContextHandle_t ctx;
	const GEOSPreparedGeometry *prepared;
	double west, south, cell_x, cell_y;
	uint8_t *out;
};

static void put(uint8_t *out, int column, int row, enum raster_state state)
{
	int i = row * RASTER_SIDE + column;
	out[i / 4] = (uint8_t)(out[i / 4] | (state << i % 4 * 2));
}

/* Asks for a square of cells as a whole, and for its quarters where the border passes. */
static bool fill(const struct raster_work *w, int column, int row, int side)
{
	double x = w->west + column * w->cell_x, y = w->south + row * w->cell_y;
	GEOSGeometry *square = GEOSGeom_createRectangle_r(w->ctx, x - MARGIN, y - MARGIN,
		x + side * w->cell_x + MARGIN, y + side * w->cell_y + MARGIN);
	if (square == NULL)
		return false;
	char touches = GEOSPreparedIntersects_r(w->ctx, w->prepared, square);
	char inside = touches == 1 ? GEOSPreparedContains_r(w->ctx, w->prepared, square) : 0;
	GEOSGeom_destroy_r(w->ctx, square);
	if (touches == 2 || inside == 2)
		return false;
	if (touches == 1 && inside == 0) {
		int half = side / 2;
		return side == 1 || (fill(w, column, row, half) && fill(w, column + half, row, half) &&
		                     fill(w, column, row + half, half) &&
		                     fill(w, column + half, row + half, half));
	}
	for (int r = row; r < row + side; r++)
		for (int c = column; c < column + side; c++)
			put(w->out, c, r, inside == 1 ? RASTER_IN : RASTER_OUT);
	return true;
}

bool raster_make(GEOSContextHandle_t ctx, const GEOSGeometry *g, struct box box,
                 uint8_t out[RASTER_BYTES])
{
	memset(out, 0, RASTER_BYTES);
	const GEOSPreparedGeometry *prepared = GEOSPrepare_r(ctx, g);
	if (prepared == NULL)
		return false;
	struct raster_work w = {ctx, prepared, box.west, box.south,
	                        (box.east - box.west) / RASTER_SIDE,
	                        (box.north - box.south) / RASTER_SIDE, out};
	bool ok = fill(&w, 0, 0, RASTER_SIDE);
	GEOSPreparedGeom_destroy_r(ctx, prepared);
	return ok;
}

static int cell_of(double at, double from, double to)
{
	int i = (int)((at - from) / (to - from) * RASTER_SIDE);
	return i < 0 ? 0 : i >= RASTER_SIDE ? RASTER_SIDE - 1 : i;
}

enum raster_state raster_at(const uint8_t raster[RASTER_BYTES], const struct box *box, double lon,
                            double lat)
{
	int i = cell_of(lat, box->south, box->north) * RASTER_SIDE + cell_of(lon, box->west, box->east);
	return (enum raster_state)(raster[i / 4] >> i % 4 * 2 & 3);
}
