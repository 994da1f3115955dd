/* What the tests of people stand on: a store with the tables of people and, of the wards, only what these point at. */
#ifndef XOM_TEST_PEOPLE_FIXTURE_H
#define XOM_TEST_PEOPLE_FIXTURE_H

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ward/people/people_impl.h"
#include "../harness/database.h"

/* Of the wards only what people's tables point at, and the number that a new unit raises. */
static const struct schema_step WARDS[] = {
	{"test-ward", "CREATE TABLE ward (id @id PRIMARY KEY, slug @text NOT NULL, demo @bool NOT NULL);"
	              "CREATE TABLE definition (name @text NOT NULL PRIMARY KEY, number @int NOT NULL);"},
	{NULL, NULL},
};
static const struct ward_id REAL = {1}, DEMO = {2};

static struct arena arena;
static struct clock clk;
static struct store *store;
static struct people *people;
static char dir[64];
static char path[100];
static struct fault fault;

typedef enum rc step_fn(struct tx *tx, struct fault *f);
static enum rc call(struct tx *tx, void *ctx, struct fault *f)
{
	step_fn *const *fn = ctx;
	return (*fn)(tx, f);
}

static enum rc in(struct ward_id w, step_fn *fn)
{
	return store_write(store, w, &arena, call, &fn, &fault);
}

static enum rc wards(struct tx *tx, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("INSERT INTO ward (id, slug, demo) VALUES (?1, 'x', ?2)",
	                                       "ii", "");
	enum rc rc = sql_run(tx, &q, BIND(v_int(REAL.v), v_int(0)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &q, BIND(v_int(DEMO.v), v_int(1)), NULL, f) : rc;
}

static int start(void **state)
{
	(void)state;
	static const struct schema_step *const steps[] = {WARDS, PEOPLE_SCHEMA, NULL};
	arena_init(&arena, (size_t)64 << 20);
	clock_init(&clk);
	(void)snprintf(dir, sizeof dir, "/tmp/xom-people-XXXXXX");
	if (crypto_start(NULL) != RC_OK || mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/xom.db", dir);
	struct store_config c = {.path = test_database(path), .steps = steps, .clock = &clk};
	if (store_open(&store, &c, &fault) != RC_OK || in((struct ward_id){0}, wards) != RC_OK ||
	    people_open(&people, store, NULL, &clk, &fault) != RC_OK) {
		(void)fprintf(stderr, "%s\n", fault.text);
		return -1;
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	people_close(people);
	store_close(store);
	test_database_drop(path);
	arena_release(&arena);
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	return rmdir(dir);
}

static int32_t today(void) { return day_of(clock_now(&clk)); }

#endif
