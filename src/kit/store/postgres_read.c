/* Readers: a bounded pool of connections, each read in its own snapshot (REPEATABLE READ). */
#include "kit/store/postgres_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "kit/base/log.h"

#define BEGIN_READ "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

static struct timespec ticks_to_spec(int64_t ticks)
{
	return (struct timespec){.tv_sec = (time_t)(ticks / US_SECOND),
	                         .tv_nsec = (long)(ticks % US_SECOND) * 1000};
}

enum rc pq_reader_take(struct store *s, struct pq_conn **out, struct fault *f)
{
	struct pq *p = pq_of(s);
	struct timespec until = ticks_to_spec(clock_ticks() + PQ_READER_WAIT_US);
	int late = 0;
	*out = NULL;
	(void)pthread_mutex_lock(&p->read_lock);
	while (p->free_count == 0 && p->open_count == s->config.readers && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&p->read_free, &p->read_lock, &until);
	bool may_open = false;
	if (p->free_count > 0) {
		*out = p->readers[--p->free_count];
	} else if (p->open_count < s->config.readers) {
		p->open_count++;
		may_open = true;
	}
	(void)pthread_mutex_unlock(&p->read_lock);
	if (*out != NULL)
		return RC_OK;
	if (!may_open)
		return fault_set(f, RC_AGAIN, "all %zu readers are busy", s->config.readers);
	struct pq_conn *c = calloc(1, sizeof *c);
	if (c == NULL)
		BUG("no memory for a reader");
	c->lost = true;
	*out = c;
	return RC_OK;
}

void pq_reader_give(struct store *s, struct pq_conn *c)
{
	struct pq *p = pq_of(s);
	(void)pthread_mutex_lock(&p->read_lock);
	p->readers[p->free_count++] = c;
	(void)pthread_cond_broadcast(&p->read_free);
	(void)pthread_mutex_unlock(&p->read_lock);
}

static enum rc begin(struct store *s, struct pq_conn *c, struct fault *f)
{
	enum rc rc = RC_OK;
	if (c->pg == NULL || c->lost) {
		pq_disconnect(c);
		rc = pq_connect(c, s->config.path, PQ_READER, s->config.read_limit_us, f);
	}
	if (rc == RC_OK)
		rc = pq_exec(c, &(struct pq_call){.text = BEGIN_READ}, NULL, f);
	return rc;
}

static void end(struct pq_conn *c)
{
	c->queued_n = 0;
	if (c->lost || c->pg == NULL)
		return;
	/* Nothing was written; it only ends the snapshot. */
	if (pq_exec(c, &(struct pq_call){.text = "ROLLBACK"}, NULL, NULL) != RC_OK)
		c->lost = true;
}

enum rc pq_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                struct fault *f)
{
	struct pq_conn *c;
	enum rc rc = pq_reader_take(s, &c, f);
	if (rc != RC_OK)
		return rc;
	int64_t began = clock_ticks();
	struct fault own = {0};
	bool used = c->pg != NULL;
	rc = begin(s, c, &own);
	if (rc != RC_OK && used && c->lost) /* the server was started anew while this one was idle */
		rc = begin(s, c, &own);
	if (rc == RC_OK) {
		struct tx tx = {.store = s, .conn = &c->conn, .ward = ward, .arena = a,
		                .now = clock_now(s->config.clock)};
		own = (struct fault){0};
		c->deadline = began + s->config.read_limit_us;
		rc = fn(&tx, ctx, &own);
		c->deadline = INT64_MAX;
		conn_close_rows(&c->conn, s->engine);
		if (tx.failed != RC_OK && rc >= 0)
			rc = fault_set(&own, tx.failed, "a statement failed and the function went on");
		int64_t took = clock_ticks() - began;
		if (took > PQ_SLOW_READ_US)
			log_warn("store", "a read took %lld ms, its last statement: %s",
			         (long long)(took / 1000), tx.last != NULL ? tx.last->text : "none");
	}
	if (rc < 0 && c->lost) {
		pq_health(s, &own);
		rc = own.rc = RC_AGAIN;
	} else {
		pq_health(s, NULL);
	}
	if (rc != RC_OK && f != NULL && own.rc != RC_OK)
		*f = own;
	end(c);
	pq_reader_give(s, c);
	return rc;
}

void pq_readers_stop(struct store *s)
{
	struct pq *p = pq_of(s);
	(void)pthread_mutex_lock(&p->read_lock);
	while (p->free_count < p->open_count)
		(void)pthread_cond_wait(&p->read_free, &p->read_lock);
	for (size_t i = 0; i < p->free_count; i++) {
		pq_disconnect(p->readers[i]);
		free(p->readers[i]);
	}
	p->free_count = p->open_count = 0;
	(void)pthread_mutex_unlock(&p->read_lock);
}
