/* What the tests of the flow stand on: two wards with units and officers, the project's own
 * procedures, calendars and rules, and a clock that the test sets. */
#ifndef XOM_TEST_FLOW_ENV_H
#define XOM_TEST_FLOW_ENV_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ward/flow/flow_private.h"

enum { ENV_A, ENV_B, ENV_WARDS };               /* the two wards */
enum { UNIT_ha_tang, UNIT_moi_truong, UNIT_an_toan, ENV_UNITS };
enum { AREAS = 4 };

struct env {
	char dir[64];
	struct arena arena;
	struct clock clock;
	struct idgen ids;
	struct store *store;
	struct keys *keys;
	struct calendar *calendar;
	struct rules *rules;
	struct refused *refused;
	struct procedures *procedures;
	struct places *places;
	struct flow flow;
	const struct ward *ward[ENV_WARDS];
	struct unit_id unit[ENV_WARDS][ENV_UNITS];
	/* An (infrastructure) and Bình (environment) of ward A, Chi of ward B's infrastructure. */
	struct actor an, binh, chi, an2;            /* an2: An's colleague in the same unit */
	struct area_id area[AREAS];
	int journeys;
};
extern struct env E;
extern bool env_bulk;                           /* commits don't wait for the disk */

int env_setup(void **state);                    /* a fresh world for each test */
int env_teardown(void **state);

void env_at(const char *day, int hour);         /* sets the clock: "2026-03-02", 9 */
int64_t env_end_of(const char *day);            /* 24:00 of it */
/* The calendar with a further day off, by the decision 12/QĐ-TTg of a week before; calendar_free. */
struct calendar *env_with_off(const struct calendar *now, const char *day);
/* The rules with this row ("name: close.lighting, amount: …") in the place of all of its name. */
void env_rule(const char *row);
void env_ok(enum rc rc, const struct fault *f); /* fails with the fault's text */

/* Runs in a write or read of the ward; the codes are what store_write gives. */
enum rc env_write(int ward, tx_fn *fn, void *ctx, struct fault *f);
enum rc env_read(int ward, tx_fn *fn, void *ctx, struct fault *f);

/* Opens a case and fails the test when it can't. */
struct ward_case env_open(int ward, const char *kind, const char *text);
struct ward_case env_open_at(int ward, const char *kind, const char *text, struct area_id area,
                             const char *street);
struct ward_case env_get(int ward, struct case_id id);

/* A move with at most two texts; name NULL: none. */
struct said {
	const char *name, *body;
};
enum rc env_try(int ward, const struct actor *a, struct ward_case *c, struct move m,
                const struct said *said, size_t n, struct fault *f);
void env_move(const struct actor *a, struct ward_case *c, enum verb v, const char *name,
              const char *body);                /* in ward A; must succeed */
void env_close(const struct actor *a, struct ward_case *c);

struct photo env_photo(int n);

/* SQL behind the program's back, foreign keys off: what an attacker with the file could do. */
void env_tamper(const char *sql);
int64_t env_int(const char *sql);
struct str env_dump(const char *sql);           /* all rows as text */

#endif
