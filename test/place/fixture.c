#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../harness/database.h"

static const struct schema_step *const STEPS[] = {PLACE_SCHEMA, NULL};

int fix_setup(void **state)
{
	struct fix *x = calloc(1, sizeof *x);
	if (x == NULL || crypto_start(NULL) != RC_OK)
		return -1;
	*state = x;
	(void)snprintf(x->dir, sizeof x->dir, "/tmp/xom-place-XXXXXX");
	if (mkdtemp(x->dir) == NULL)
		return -1;
	(void)snprintf(x->file, sizeof x->file, "%s/in.geojson", x->dir);
	arena_init(&x->arena, ARENA_REQUEST_LIMIT);
	clock_init(&x->clock);
	(void)snprintf(x->db, sizeof x->db, "%s/db", x->dir);
	struct store_config c = {.path = test_database(x->db), .steps = STEPS, .clock = &x->clock, .readers = 4};
	enum rc rc = store_open(&x->store, &c, &x->fault);
	if (rc != RC_OK)
		print_error("%s\n", x->fault.text);
	return rc == RC_OK ? 0 : -1;
}

int fix_teardown(void **state)
{
	struct fix *x = *state;
	places_close(x->places);
	store_close(x->store);
	test_database_drop(x->db);
	arena_release(&x->arena);
	static const char *const names[] = {"in.geojson", "db", "db-wal", "db-shm", "in.yaml"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[96];
		(void)snprintf(path, sizeof path, "%s/%s", x->dir, names[i]);
		(void)unlink(path);
	}
	int left = rmdir(x->dir);
	free(x);
	return left;
}

void fix_write(struct fix *x, struct str bytes)
{
	FILE *f = fopen(x->file, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

enum rc fix_import(struct fix *x, const char *geojson, const char *level, const char *from)
{
	fix_write(x, str_of(geojson));
	x->fault = (struct fault){0};
	return place_import(x->store, &x->arena, x->file, str_of(level), on(from), &x->report,
	                    &x->fault);
}

void fix_expect(struct fix *x, const char *geojson, const char *level, const char *from,
                size_t taken, size_t mended, size_t refused)
{
	enum rc rc = fix_import(x, geojson, level, from);
	if (rc != RC_OK)
		fail_msg("import: %s: %s", rc_name(rc), x->fault.text);
	if (x->report.taken != taken || x->report.mended != mended || x->report.refused != refused) {
		for (size_t i = 0; i < x->report.line_count; i++)
			print_error("%d: %.*s\n", x->report.lines[i].feature, PSTR(x->report.lines[i].text));
		fail_msg("taken %zu mended %zu refused %zu", x->report.taken, x->report.mended,
		         x->report.refused);
	}
}

struct ward_id fix_ward(struct fix *x, const char *slug, const char *prefix, const char *area)
{
	struct ward_new w = {.slug = str_of(slug), .prefix = str_of(prefix), .name = STR("Phường"),
	                     .area_code = str_of(area)};
	struct ward_id id = {0};
	if (ward_add(x->store, &x->arena, &w, &id, &x->fault) != RC_OK)
		fail_msg("%s", x->fault.text);
	return id;
}

void fix_open(struct fix *x)
{
	enum rc rc = x->places == NULL ? places_open(&x->places, x->store, &x->fault)
	                               : places_reload(x->places, x->store, &x->fault);
	if (rc != RC_OK)
		fail_msg("%s", x->fault.text);
}

const char *fix_at(struct fix *x, const char *level, double lon, double lat, const char *day)
{
	struct area_id id = {0};
	struct area area;
	enum rc rc = place_locate(x->places, level, lon, lat, on(day), &id);
	if (rc == RC_NONE)
		return "";
	assert_int_equal(rc, RC_OK);
	assert_true(place_area(x->places, &x->arena, id, &area));
	assert_true(str_is(area.level, level));
	return arena_z(&x->arena, area.code);
}

void fix_line(const struct fix *x, int feature, bool refused, const char *text)
{
	for (size_t i = 0; i < x->report.line_count; i++) {
		const struct import_line *l = &x->report.lines[i];
		if (l->feature == feature && l->refused == refused &&
		    str_find(l->text, str_of(text)) != SIZE_MAX)
			return;
	}
	for (size_t i = 0; i < x->report.line_count; i++)
		print_error("%d %d: %.*s\n", x->report.lines[i].feature, x->report.lines[i].refused,
		            PSTR(x->report.lines[i].text));
	fail_msg("no line %d \"%s\"", feature, text);
}

int32_t on(const char *day)
{
	int32_t d;
	if (!day_parse(str_of(day), &d))
		fail_msg("not a day: %s", day);
	return d;
}

char *fix_src(const char *path)
{
	static char out[1024];
	const char *src = getenv("XOM_SRC");
	assert_non_null(src);
	(void)snprintf(out, sizeof out, "%s/%s", src, path);
	return out;
}
