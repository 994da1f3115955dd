/* Readers: a bounded pool of connections, each read in its own snapshot. */
#include "kit/store/sqlite_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "kit/base/log.h"

static struct timespec ticks_to_spec(int64_t ticks)
{
	return (struct timespec){.tv_sec = (time_t)(ticks / US_SECOND),
	                         .tv_nsec = (long)(ticks % US_SECOND) * 1000};
}

enum rc lite_reader_take(struct store *s, struct lite_conn **out, struct fault *f)
{
	struct lite *l = lite_of(s);
	struct timespec until = ticks_to_spec(clock_ticks() + READER_WAIT_US);
	int late = 0;
	*out = NULL;
	(void)pthread_mutex_lock(&l->read_lock);
	while (l->free_count == 0 && l->open_count == s->config.readers && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&l->read_free, &l->read_lock, &until);
	bool may_open = false;
	if (l->free_count > 0) {
		*out = l->readers[--l->free_count];
	} else if (l->open_count < s->config.readers) {
		l->open_count++;
		may_open = true;
	}
	(void)pthread_mutex_unlock(&l->read_lock);
	if (*out != NULL)
		return RC_OK;
	if (!may_open)
		return fault_set(f, RC_AGAIN, "all %zu readers are busy", s->config.readers);
	enum rc rc = lite_reader_new(s, out, f);
	if (rc != RC_OK) {
		(void)pthread_mutex_lock(&l->read_lock);
		l->open_count--;
		(void)pthread_cond_signal(&l->read_free);
		(void)pthread_mutex_unlock(&l->read_lock);
	}
	return rc;
}

void lite_reader_give(struct store *s, struct lite_conn *c)
{
	struct lite *l = lite_of(s);
	(void)pthread_mutex_lock(&l->read_lock);
	l->readers[l->free_count++] = c;
	(void)pthread_cond_broadcast(&l->read_free);
	(void)pthread_mutex_unlock(&l->read_lock);
}

enum rc lite_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                  struct fault *f)
{
	struct lite_conn *c;
	enum rc rc = lite_reader_take(s, &c, f);
	if (rc != RC_OK)
		return rc;
	int64_t began = clock_ticks();
	c->deadline = INT64_MAX;
	rc = lite_control(c, C_BEGIN, f);
	if (rc == RC_OK) {
		struct tx tx = {.store = s, .conn = &c->conn, .ward = ward, .arena = a,
		                .now = clock_now(s->config.clock)};
		struct fault own = {0};
		c->deadline = began + s->config.read_limit_us;
		rc = fn(&tx, ctx, &own);
		c->deadline = INT64_MAX;
		conn_close_rows(&c->conn, s->engine);
		if (tx.failed != RC_OK && rc >= 0)
			rc = fault_set(&own, tx.failed, "a statement failed and the function went on");
		if (rc != RC_OK && f != NULL && own.rc != RC_OK)
			*f = own;
		int64_t took = clock_ticks() - began;
		if (took > SLOW_READ_US)
			log_warn("store", "a read took %lld ms, its last statement: %s",
			         (long long)(took / 1000), tx.last != NULL ? tx.last->text : "none");
	}
	/* Nothing was written; COMMIT of a read only ends the snapshot. */
	if (lite_in_tx(c) && lite_control(c, C_COMMIT, NULL) != RC_OK && lite_in_tx(c))
		(void)lite_control(c, C_ROLLBACK, NULL);
	lite_reader_give(s, c);
	return rc;
}

void lite_readers_stop(struct store *s)
{
	struct lite *l = lite_of(s);
	(void)pthread_mutex_lock(&l->read_lock);
	while (l->free_count < l->open_count)
		(void)pthread_cond_wait(&l->read_free, &l->read_lock);
	for (size_t i = 0; i < l->free_count; i++) {
		lite_conn_close(l->readers[i]);
		free(l->readers[i]);
	}
	l->free_count = l->open_count = 0;
	(void)pthread_mutex_unlock(&l->read_lock);
}
