/* Several writes that the writer finds waiting at once: one batch, in a known order. */
#ifndef XOM_TEST_STORE_BATCH_H
#define XOM_TEST_STORE_BATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "fixture.h"

enum { BATCH_MAX = 8 };
struct part {
	tx_fn *fn;
	void *ctx;
	struct ward_id ward;
	enum rc rc;             /* the answer */
	struct fault fault;
	struct batch *batch;
	pthread_t thread;
	struct arena arena;
};
struct batch {
	struct fixture *x;
	struct part part[BATCH_MAX];
	size_t n;
	void (*when_waiting)(struct batch *b); /* while the writer is held and all n wait */
	atomic_bool held, go;
};
void batch_run(struct batch *b);
/* Adds the item of that id, and answers as asked. */
struct adding {
	int64_t id;
	enum rc answer;
	int runs;
};
enum rc adding_fn(struct tx *tx, void *ctx, struct fault *f);
/* How many writes are waiting; and blocks until there are n. */
size_t waiting_writes(struct store *s);
void wait_for_writes(struct store *s, size_t n);

#endif
