/* What both engines do the same way round a function: it waits for a writer, or for a connection to read
 * on, and it is run and watched. */
#include "kit/store/store_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "kit/base/log.h"

#define SLOW_WRITE_US INT64_C(50000)
#define SLOW_READ_US INT64_C(1000000)
#define READER_WAIT_US (10 * US_SECOND)

enum rc tx_run(struct tx *tx, tx_fn *fn, void *ctx, int64_t began, struct fault *f)
{
	enum rc rc = fn(tx, ctx, f);
	conn_close_rows(tx->conn, tx->store->engine);
	if (tx->failed != RC_OK && rc >= 0)
		rc = fault_set(f, tx->failed, "a statement failed and the function went on");
	int64_t took = clock_ticks() - began;
	if (took > (tx->write ? SLOW_WRITE_US : SLOW_READ_US))
		log_warn("store", "a %s took %lld ms, its last statement: %s", tx->write ? "write" : "read",
		         (long long)(took / 1000), tx->last != NULL ? tx->last->text : "none");
	return rc;
}

/* --- the writers' queue --- */

void queue_init(struct queue *q)
{
	(void)pthread_mutex_init(&q->lock, NULL);
	(void)pthread_cond_init(&q->work, NULL);
	(void)pthread_cond_init(&q->idle, NULL);
}

void queue_release(struct queue *q)
{
	(void)pthread_cond_destroy(&q->work);
	(void)pthread_cond_destroy(&q->idle);
	(void)pthread_mutex_destroy(&q->lock);
}

enum rc queue_run(struct queue *q, size_t most, struct request *r, struct fault *f)
{
	(void)pthread_mutex_lock(&q->lock);
	if (q->stop || q->waiting >= most) {
		bool stop = q->stop;
		(void)pthread_mutex_unlock(&q->lock);
		return fault_set(f, RC_AGAIN, "%s", stop ? "the store is closing" : "the writer's queue is full");
	}
	(void)pthread_cond_init(&r->ready, NULL);
	if (q->last != NULL)
		q->last->next = r;
	else
		q->first = r;
	q->last = r;
	q->waiting++;
	(void)pthread_cond_broadcast(&q->work);
	while (!r->done)
		(void)pthread_cond_wait(&r->ready, &q->lock);
	(void)pthread_mutex_unlock(&q->lock);
	(void)pthread_cond_destroy(&r->ready);
	if (r->rc != RC_OK && f != NULL && r->fault.rc != RC_OK)
		*f = r->fault;
	return r->rc;
}

void queue_answered(struct request *batch, size_t n)
{
	for (; n > 0; n--) {
		struct request *next = batch->next; /* the waiter's stack goes with its answer */
		batch->done = true;
		(void)pthread_cond_signal(&batch->ready);
		batch = next;
	}
}

void queue_count(struct queue *q, size_t n)
{
	size_t step = 0;
	while (step < STORE_BATCH_STEPS - 1 && n > (size_t)1 << step)
		step++;
	q->stats.batch[step]++;
	q->stats.commits++;
	q->stats.writes += n;
}

/* --- the readers' connections --- */

enum rc pool_init(struct pool *p, size_t most, struct fault *f)
{
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->freed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	p->most = most;
	p->free = calloc(most, sizeof *p->free);
	return p->free != NULL ? RC_OK : fault_set(f, RC_NOMEM, "no memory for the readers");
}

enum rc pool_take(struct pool *p, void **out, struct fault *f)
{
	int64_t end = clock_ticks() + READER_WAIT_US;
	struct timespec until = {.tv_sec = (time_t)(end / US_SECOND), .tv_nsec = (long)(end % US_SECOND) * 1000};
	int late = 0;
	bool may_open = false;
	*out = NULL;
	(void)pthread_mutex_lock(&p->lock);
	while (p->free_count == 0 && p->open_count == p->most && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&p->freed, &p->lock, &until);
	if (p->free_count > 0) {
		*out = p->free[--p->free_count];
	} else if (p->open_count < p->most) {
		p->open_count++;
		may_open = true;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return *out != NULL || may_open ? RC_OK : fault_set(f, RC_AGAIN, "all %zu readers are busy", p->most);
}

void pool_give(struct pool *p, void *conn)
{
	(void)pthread_mutex_lock(&p->lock);
	if (conn != NULL)
		p->free[p->free_count++] = conn;
	else
		p->open_count--;
	(void)pthread_cond_broadcast(&p->freed);
	(void)pthread_mutex_unlock(&p->lock);
}

void pool_stop(struct pool *p, void (*close)(void *conn))
{
	(void)pthread_mutex_lock(&p->lock);
	while (p->free_count < p->open_count)
		(void)pthread_cond_wait(&p->freed, &p->lock);
	for (size_t i = 0; i < p->free_count; i++)
		close(p->free[i]);
	p->free_count = p->open_count = 0;
	(void)pthread_mutex_unlock(&p->lock);
}

void pool_release(struct pool *p)
{
	(void)pthread_cond_destroy(&p->freed);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->free);
}

void store_stats(struct store *s, struct store_stats *out)
{
	(void)pthread_mutex_lock(&s->queue.lock);
	*out = s->queue.stats;
	out->waiting = s->queue.waiting;
	(void)pthread_mutex_unlock(&s->queue.lock);
	(void)pthread_mutex_lock(&s->readers.lock);
	out->readers = s->readers.open_count;
	out->readers_free = s->readers.free_count;
	(void)pthread_mutex_unlock(&s->readers.lock);
}
