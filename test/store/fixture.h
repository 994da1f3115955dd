/* A store in a new folder, with two tables of a ward and one of all wards. */
#ifndef XOM_TEST_STORE_FIXTURE_H
#define XOM_TEST_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kit/base/clock.h"
#include "kit/base/hash.h"
#include "kit/store/store.h"
#include "../harness/database.h"

struct fixture {
	char dir[64], path[96];  /* the file; on a server the database has an address instead */
	struct clock clock;
	struct store_config config;
	struct store *store;
	struct arena arena;
	struct fault fault;
};

extern const struct schema_step ITEM_STEPS[];
extern const struct schema_step *const ITEM_LISTS[];
extern const struct ward_id WARD_A, WARD_B;

void fixture_open(struct fixture *x);   /* a new folder, the steps above */
void fixture_open_with(struct fixture *x, const struct schema_step *const *lists);
void fixture_again(struct fixture *x);  /* closes and opens the same file */
void fixture_close(struct fixture *x);  /* and removes the folder */
int fixture_setup(void **state);         /* one for a test, and its end */
int fixture_teardown(void **state);

enum rc item_add(struct tx *tx, int64_t id, const char *name, struct fault *f);
int64_t item_count(struct fixture *x, struct ward_id ward);
bool item_is(struct fixture *x, struct ward_id ward, int64_t id);

/* True when fn ends in a BUG (abort), in a child of its own. */
bool ends_in_bug(void (*fn)(void *ctx), void *ctx);

#endif
