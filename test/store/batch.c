#include "batch.h"

#include <sched.h>

size_t waiting_writes(struct store *s)
{
	struct store_stats stats;
	store_stats(s, &stats);
	return stats.waiting;
}

void wait_for_writes(struct store *s, size_t n)
{
	while (waiting_writes(s) < n)
		(void)sched_yield();
}

static enum rc hold(struct tx *tx, void *ctx, struct fault *f)
{
	struct batch *b = ctx;
	(void)tx;
	(void)f;
	atomic_store(&b->held, true);
	while (!atomic_load(&b->go))
		(void)sched_yield();
	return RC_OK;
}

static void *run_part(void *arg)
{
	struct part *p = arg;
	p->rc = store_write(p->batch->x->store, p->ward, &p->arena, p->fn, p->ctx, &p->fault);
	return NULL;
}

void batch_run(struct batch *b)
{
	struct part first = {.fn = hold, .ctx = b, .ward = WARD_A, .batch = b};
	atomic_store(&b->held, false);
	atomic_store(&b->go, false);
	arena_init(&first.arena, ARENA_REQUEST_LIMIT);
	assert_int_equal(pthread_create(&first.thread, NULL, run_part, &first), 0);
	while (!atomic_load(&b->held))
		(void)sched_yield();
	for (size_t i = 0; i < b->n; i++) {
		struct part *p = &b->part[i];
		p->batch = b;
		if (p->ward.v == 0)
			p->ward = WARD_A;
		arena_init(&p->arena, ARENA_REQUEST_LIMIT);
		assert_int_equal(pthread_create(&p->thread, NULL, run_part, p), 0);
		wait_for_writes(b->x->store, i + 1);
	}
	if (b->when_waiting != NULL)
		b->when_waiting(b);
	atomic_store(&b->go, true);
	for (size_t i = 0; i < b->n; i++) {
		(void)pthread_join(b->part[i].thread, NULL);
		arena_release(&b->part[i].arena);
	}
	(void)pthread_join(first.thread, NULL);
	arena_release(&first.arena);
}

enum rc adding_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct adding *a = ctx;
	char name[32];
	(void)snprintf(name, sizeof name, "n%lld", (long long)a->id);
	a->runs++;
	enum rc rc = item_add(tx, a->id, name, f);
	return rc != RC_OK || a->answer == RC_OK ? rc : fault_set(f, a->answer, "as asked");
}
