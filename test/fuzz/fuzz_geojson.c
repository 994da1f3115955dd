/* A boundary file's features: never a crash, a refusal always has its reason, and what is taken has
 * a code, a name and a boundary that GEOS reads back.
 * Sources: ward/place/place_feature.c place_geos.c, kit/base/arena.c clock.c hash.c log.c rc.c str.c
 * text.c text_mask.c; -lgeos_c -ljansson -lsodium -licui18n -licuuc */
#include <jansson.h>
#include <stdlib.h>

#include "ward/place/place_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As in place.c, which would bring the store along. */
const char *const LEVELS[LEVEL_COUNT + 1] = {"province", "commune", "khu_vuc", NULL};

int level_rank(struct str level)
{
	for (int i = 0; i < LEVEL_COUNT; i++)
		if (str_is(level, LEVELS[i]))
			return i;
	return -1;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_taken(const struct feature *x)
{
	GEOSContextHandle_t ctx = geos_here();
	GEOSWKBReader *reader = GEOSWKBReader_create_r(ctx);
	must(x->code.n > 0 && x->code.n <= 20 && x->name.n > 0 && x->rank >= 0);
	must(x->raster.n == RASTER_BYTES && reader != NULL);
	GEOSGeometry *g = GEOSWKBReader_read_r(ctx, reader, (const unsigned char *)x->wkb.p, x->wkb.n);
	double area = 0;
	must(g != NULL && GEOSisValid_r(ctx, g) == 1 && GEOSArea_r(ctx, g, &area) == 1 && area > 0);
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (x->code.n != 2 || x->name.n != 8)
		abort();
#endif
	GEOSGeom_destroy_r(ctx, g);
	GEOSWKBReader_destroy_r(ctx, reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_error_t e;
	json_t *json = json_loadb((const char *)data, size, JSON_DECODE_INT_AS_REAL, &e);
	if (json == NULL)
		return 0;
	struct arena a;
	struct feature x = {.number = 1, .rank = 1, .valid_from = 20270};
	arena_init(&a, (size_t)64 << 20);
	if (feature_read(&x, &a, (const struct json_t *)json, NULL) == RC_OK && x.refused == NULL)
		check_taken(&x);
	else
		must(x.refused == NULL || x.refused[0] != '\0');
	arena_release(&a);
	json_decref(json);
	return 0;
}
