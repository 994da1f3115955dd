/* Wards and areas in memory: what the index was loaded from, and how it is asked. */
#include "ward/place/place_impl.h"

#include <stdlib.h>

#include "kit/base/text.h"

const char *const LEVELS[LEVEL_COUNT + 1] = {"province", "commune", "khu_vuc", NULL};

int level_rank(struct str level)
{
	for (int i = 0; i < LEVEL_COUNT; i++)
		if (str_is(level, LEVELS[i]))
			return i;
	return -1;
}

static void snapshot_free(struct snapshot *s)
{
	if (s == NULL)
		return;
	GEOSContextHandle_t ctx = geos_here();
	for (size_t i = 0; !s->borrowed && i < s->place_count; i++) {
		if (s->places[i].prepared != NULL)
			GEOSPreparedGeom_destroy_r(ctx, s->places[i].prepared);
		if (s->places[i].geometry != NULL)
			GEOSGeom_destroy_r(ctx, s->places[i].geometry);
	}
	arena_release(&s->arena);
	free(s);
}

/* ---- loading ---- */

static const struct sql Q_WARDS = SQL_GLOBAL(
	"SELECT id, slug, prefix, name, hotline, area_code, demo, practice FROM ward ORDER BY slug, id", "",
	"itttTtii");
static const struct sql Q_AREAS = SQL_GLOBAL(
	"SELECT id, parent_id, level, code, name, valid_from, valid_to, boundary, raster FROM area "
	"ORDER BY id", "", "iItttiIbb");
static const struct sql Q_COUNT = SQL_GLOBAL(
	"SELECT (SELECT count(*) FROM ward), (SELECT count(*) FROM area)", "", "ii");
static const struct sql Q_NAMES = SQL_WARD(
	"SELECT folded FROM place_name WHERE ward_id=?1 ORDER BY folded", "", "t");
static const struct sql Q_VALUES = SQL_WARD(
	"SELECT name, value FROM ward_setting WHERE ward_id=?1 ORDER BY name LIMIT 200", "", "tt");

static enum rc load_wards(struct tx *tx, struct snapshot *s, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_WARDS, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct arena *a = &s->arena;
		s->wards[s->ward_count++] = (struct ward_row){
			.ward = {.id = {row_int(&r, 0)}, .slug = arena_copy(a, row_str(&r, 1)),
			         .prefix = arena_copy(a, row_str(&r, 2)), .name = arena_copy(a, row_str(&r, 3)),
			         .hotline = arena_copy(a, row_str(&r, 4)), .demo = row_int(&r, 6) != 0,
			         .practice = row_int(&r, 7) != 0},
			.area_code = arena_copy(a, row_str(&r, 5))};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc load_geometry(struct place *p, struct arena *a, struct str wkb, struct str raster,
                             struct fault *f)
{
	GEOSContextHandle_t ctx = geos_here();
	GEOSWKBReader *reader = GEOSWKBReader_create_r(ctx);
	if (reader == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a boundary");
	p->geometry = GEOSWKBReader_read_r(ctx, reader, (const unsigned char *)wkb.p, wkb.n);
	GEOSWKBReader_destroy_r(ctx, reader);
	if (p->geometry == NULL || raster.n != RASTER_BYTES || p->rank < 0 ||
	    !geos_box(ctx, p->geometry, &p->box))
		return fault_set(f, RC_CORRUPT, "the boundary of area %.*s in the database is damaged",
		                 PSTR(p->area.code));
	p->raster = (const uint8_t *)arena_copy(a, raster).p;
	return RC_OK;
}

static enum rc load_areas(struct tx *tx, struct snapshot *s, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_AREAS, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct place *p = &s->places[s->place_count++];
		struct arena *a = &s->arena;
		p->rank = level_rank(row_str(&r, 2));
		p->area = (struct area){.id = {row_int(&r, 0)}, .parent = {row_int(&r, 1)},
		                        .level = str_of(p->rank >= 0 ? LEVELS[p->rank] : ""),
		                        .code = arena_copy(a, row_str(&r, 3)),
		                        .name = arena_copy(a, row_str(&r, 4)),
		                        .valid_from = (int32_t)row_int(&r, 5),
		                        .valid_to = (int32_t)row_int(&r, 6)};
		rc = load_geometry(p, a, row_str(&r, 7), row_str(&r, 8), f);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc load(struct tx *tx, void *ctx, struct fault *f)
{
	struct snapshot *s = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q_COUNT, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	s->wards = arena_array(&s->arena, (size_t)row_int(&r, 0) + 1, sizeof *s->wards);
	if (!s->borrowed)
		s->places = arena_array(&s->arena, (size_t)row_int(&r, 1) + 1, sizeof *s->places);
	rows_end(&r);
	rc = definition_number(tx, DEFINITION_AREAS, &s->areas_at, f);
	if (rc == RC_OK)
		rc = definition_number(tx, DEFINITION_WARDS, &s->wards_at, f);
	if (rc == RC_OK)
		rc = load_wards(tx, s, f);
	return rc == RC_OK && !s->borrowed ? load_areas(tx, s, f) : rc;
}

struct names_load {
	struct arena *to;
	struct ward_row *row;
	struct str *list;
	size_t cap;
};

static enum rc load_names(struct tx *tx, void *ctx, struct fault *f)
{
	struct names_load *n = ctx;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_NAMES, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (n->row->name_count == n->cap) {
			size_t cap = n->cap > 0 ? n->cap * 2 : 64;
			struct str *grown = arena_array(n->to, cap, sizeof *grown);
			for (size_t i = 0; i < n->cap; i++)
				grown[i] = n->row->names[i];
			n->row->names = grown;
			n->cap = cap;
		}
		n->row->names[n->row->name_count++] = arena_copy(n->to, row_str(&r, 0));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc load_values(struct tx *tx, void *ctx, struct fault *f)
{
	enum { MOST = 200 };
	struct names_load *n = ctx;
	struct ward_row *row = n->row;
	struct rows r;
	row->values = arena_array(n->to, MOST, sizeof *row->values);
	enum rc rc = sql_rows(tx, &Q_VALUES, &r, NO_BIND, f);
	while (rc == RC_OK && row->value_count < MOST && (rc = rows_next(&r, f)) == RC_OK) {
		struct ward_set *v = &row->values[row->value_count++];
		*v = (struct ward_set){arena_copy(n->to, row_str(&r, 0)), arena_copy(n->to, row_str(&r, 1))};
		if (str_is(v->name, "hotline"))
			row->ward.hotline = v->value;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Numbers by value: their digits go in with a fixed width, what is between by its dictionary key. */
static struct str order_key(struct arena *a, struct str name)
{
	enum { WIDTH = 20 };
	struct buf key = {0};
	for (size_t i = 0; i < name.n;) {
		size_t from = i;
		bool digits = name.p[i] >= '0' && name.p[i] <= '9';
		while (i < name.n && (name.p[i] >= '0' && name.p[i] <= '9') == digits)
			i++;
		struct str run = str_sub(name, from, i - from);
		buf_addc(&key, digits ? '\1' : '\2');
		if (!digits)
			buf_add(&key, text_sort_key(a, run));
		for (size_t k = run.n; digits && k < WIDTH; k++)
			buf_addc(&key, '0');
		if (digits)
			buf_add(&key, run);
	}
	return arena_take(a, &key);
}

/* `from` (NULL: none) lends its places. */
static enum rc snapshot_load(struct snapshot **out, const struct snapshot *from, struct store *store,
                             struct fault *f)
{
	struct snapshot *s = calloc(1, sizeof *s);
	if (s == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the places");
	if (from != NULL) {
		*s = *from;
		s->arena = (struct arena){0};
		s->older = NULL;
		s->ward_count = 0;
		s->borrowed = true;
	}
	struct arena rows;   /* the boundaries' bytes, until they are geometries */
	arena_init(&s->arena, (size_t)1 << 30);
	arena_init(&rows, (size_t)2 << 30);
	enum rc rc = store_read(store, (struct ward_id){0}, &rows, load, s, f);
	for (size_t i = 0; rc == RC_OK && i < s->ward_count; i++) {
		struct names_load n = {&s->arena, &s->wards[i], NULL, 0};
		rc = store_read(store, s->wards[i].ward.id, &rows, load_names, &n, f);
		if (rc == RC_OK)
			rc = store_read(store, s->wards[i].ward.id, &rows, load_values, &n, f);
	}
	if (rc == RC_OK && !s->borrowed)
		rc = index_build(s, f);
	for (size_t i = 0; rc == RC_OK && !s->borrowed && i < s->place_count; i++)
		s->places[i].order = order_key(&s->arena, s->places[i].area.name);
	arena_release(&rows);
	if (rc != RC_OK)
		snapshot_free(s);
	else
		*out = s;
	return rc;
}

enum rc places_open(struct places **out, struct store *s, struct fault *f)
{
	*out = NULL;
	struct snapshot *first = NULL;
	enum rc rc = snapshot_load(&first, NULL, s, f);
	if (rc != RC_OK)
		return rc;
	struct places *p = calloc(1, sizeof *p);
	if (p == NULL) {
		snapshot_free(first);
		return fault_set(f, RC_NOMEM, "no memory for the places");
	}
	(void)pthread_mutex_init(&p->reload, NULL);
	atomic_init(&p->now, first);
	*out = p;
	return RC_OK;
}

/* With the lock held. */
static enum rc swap(struct places *p, const struct snapshot *from, struct store *s, struct fault *f)
{
	struct snapshot *next = NULL;
	enum rc rc = snapshot_load(&next, from, s, f);
	if (rc == RC_OK) {
		next->older = atomic_load(&p->now);
		atomic_store_explicit(&p->now, next, memory_order_release);
	}
	return rc;
}

enum rc places_reload(struct places *p, struct store *s, struct fault *f)
{
	(void)pthread_mutex_lock(&p->reload);
	enum rc rc = swap(p, NULL, s, f);
	(void)pthread_mutex_unlock(&p->reload);
	return rc;
}

static enum rc numbers_read(struct tx *tx, void *ctx, struct fault *f)
{
	struct snapshot *s = ctx;
	enum rc rc = definition_number(tx, DEFINITION_AREAS, &s->areas_at, f);
	return rc == RC_OK ? definition_number(tx, DEFINITION_WARDS, &s->wards_at, f) : rc;
}

enum rc places_refresh(struct places *p, struct store *s, struct fault *f)
{
	struct arena a;
	struct snapshot there = {0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	(void)pthread_mutex_lock(&p->reload);
	enum rc rc = store_read(s, (struct ward_id){0}, &a, numbers_read, &there, f);
	const struct snapshot *now = snapshot_of(p);
	if (rc == RC_OK && there.areas_at != now->areas_at)
		rc = swap(p, NULL, s, f);
	else if (rc == RC_OK && there.wards_at != now->wards_at)
		rc = swap(p, now, s, f);
	(void)pthread_mutex_unlock(&p->reload);
	arena_release(&a);
	return rc;
}

void places_close(struct places *p)
{
	if (p == NULL)
		return;
	for (struct snapshot *s = atomic_load(&p->now), *older; s != NULL; s = older) {
		older = s->older;
		snapshot_free(s);
	}
	(void)pthread_mutex_destroy(&p->reload);
	free(p);
}

/* ---- asking ---- */

const struct ward_row *ward_row_of(const struct snapshot *s, struct ward_id w)
{
	for (size_t i = 0; i < s->ward_count; i++)
		if (s->wards[i].ward.id.v == w.v)
			return &s->wards[i];
	return NULL;
}

const struct ward *ward_by_slug(const struct places *p, struct str slug)
{
	const struct snapshot *s = snapshot_of(p);
	for (size_t i = 0; i < s->ward_count; i++)
		if (str_eq(s->wards[i].ward.slug, slug))
			return &s->wards[i].ward;
	return NULL;
}

const struct ward *ward_by_id(const struct places *p, struct ward_id id)
{
	const struct ward_row *row = ward_row_of(snapshot_of(p), id);
	return row != NULL ? &row->ward : NULL;
}

size_t ward_all(const struct places *p, const struct ward **out, size_t max)
{
	const struct snapshot *s = snapshot_of(p);
	size_t n = s->ward_count < max ? s->ward_count : max;
	for (size_t i = 0; i < n; i++)
		out[i] = &s->wards[i].ward;
	return n;
}

bool place_in_ward(const struct places *p, struct ward_id w, double lon, double lat, int32_t day)
{
	const struct snapshot *s = snapshot_of(p);
	const struct ward_row *row = ward_row_of(s, w);
	const struct level_index *x = &s->levels[level_rank(STR("commune"))];
	for (size_t i = 0; row != NULL && i < x->count; i++)
		if (str_eq(x->places[i]->area.code, row->area_code) && place_valid(x->places[i], day))
			return place_holds(x->places[i], lon, lat);
	return false;
}

static int by_id(const void *key, const void *element)
{
	int64_t a = *(const int64_t *)key, b = ((const struct place *)element)->area.id.v;
	return (a > b) - (a < b);
}

/* They were loaded in the order of their ids. */
const struct place *place_of(const struct snapshot *s, struct area_id id)
{
	return bsearch(&id.v, s->places, s->place_count, sizeof *s->places, by_id);
}

bool place_area(const struct places *p, struct arena *a, struct area_id id, struct area *out)
{
	(void)a;
	const struct place *found = place_of(snapshot_of(p), id);
	if (found != NULL)
		*out = found->area;
	return found != NULL;
}

static int by_order(const void *a, const void *b)
{
	const struct place *x = *(const struct place *const *)a, *y = *(const struct place *const *)b;
	int c = str_cmp(x->order, y->order);
	return c != 0 ? c : str_cmp(x->area.code, y->area.code);
}

size_t place_khu_vuc(const struct places *p, struct arena *a, struct ward_id w, int32_t day,
                     struct area **out)
{
	const struct snapshot *s = snapshot_of(p);
	const struct ward_row *row = ward_row_of(s, w);
	const struct level_index *x = &s->levels[level_rank(STR("khu_vuc"))];
	const struct place **found = arena_array(a, x->count + 1, sizeof *found);
	size_t n = 0;
	for (size_t i = 0; row != NULL && i < x->count; i++) {
		/* By the parent's code: a ward whose boundary was imported anew keeps its khu vực. */
		const struct place *parent = place_of(s, x->places[i]->area.parent);
		if (parent != NULL && str_eq(parent->area.code, row->area_code) &&
		    place_valid(x->places[i], day))
			found[n++] = x->places[i];
	}
	qsort(found, n, sizeof *found, by_order);
	*out = arena_array(a, n + 1, sizeof **out);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = found[i]->area;
	return n;
}

struct str ward_value(const struct places *p, struct ward_id w, struct str name)
{
	const struct ward_row *row = ward_row_of(snapshot_of(p), w);
	for (size_t i = 0; row != NULL && i < row->value_count; i++)
		if (str_eq(row->values[i].name, name))
			return row->values[i].value;
	return (struct str){NULL, 0};
}

struct str ward_area_code(const struct places *p, struct ward_id w)
{
	const struct ward_row *row = ward_row_of(snapshot_of(p), w);
	return row != NULL ? row->area_code : STR_EMPTY;
}

const struct str *place_names(const struct places *p, struct ward_id w, size_t *count)
{
	const struct ward_row *row = ward_row_of(snapshot_of(p), w);
	*count = row != NULL ? row->name_count : 0;
	return row != NULL ? row->names : NULL;
}
