/* What the tests of the outbox and of its runner share: a store with two wards, kinds that note their runs. */
#ifndef XOM_TEST_JOB_FIXTURE_H
#define XOM_TEST_JOB_FIXTURE_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "kit/base/hash.h"
#include "kit/job/outbox.h"
#include "../harness/database.h"

extern const struct ward_id A, B;
extern const struct job_kind NET[], NIGHT[];
extern const struct job_kind *const KINDS[], *const ALL[];

extern struct fixture {
	char dir[64], path[96];
	struct clock clock;
	struct store *store;
	struct arena arena;
} x;

/* The kind "mail" notes its runs and fails while `failing`; "slow" and "net.post" begin, wait for slow_go and end. */
extern atomic_int runs, slow_runs, failing;
extern atomic_bool slow_go;
extern char last_payload[64];

void open_store(void);
int setup(void **state);
int teardown(void **state);
void move_clock(int64_t us);

struct put {
	const char *kind, *dedup, *payload;
	int64_t due_at;
};
tx_fn put_fn, cancel_fn;
enum rc write_as(struct ward_id ward, tx_fn *fn, void *ctx);
void put(struct ward_id ward, const char *kind, const char *dedup, int64_t due_at);

struct list {
	const char *state;
	struct job_row *rows;
	size_t n;
};
tx_fn list_fn;
size_t count(struct ward_id ward, const char *state);
struct job_row only(struct ward_id ward);
enum rc claim(struct claim *c);
enum rc finish(const struct claim *c, enum rc how, const char *error);

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
