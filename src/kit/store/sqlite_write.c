/* The writer: one thread, group commit.
 *
 * Whatever waits when the writer becomes free is one batch: BEGIN, each function in its own
 * SAVEPOINT, one COMMIT, and only then the answers. Where SQLite took back the whole transaction
 * (disk full, I/O error, no memory) or COMMIT failed, nothing of the batch stands, so each function
 * is run again in a transaction of its own: the one at fault fails alone. */
#include "kit/store/sqlite_impl.h"

#include <signal.h>
#include <stdlib.h>

#include "kit/base/log.h"

/* Runs the function in its SAVEPOINT. False: the whole transaction is gone. */
static bool run_function(struct store *s, struct request *r)
{
	struct lite *l = lite_of(s);
	struct lite_conn *c = &l->writer;
	struct tx tx = {.store = s, .conn = &c->conn, .ward = r->ward, .arena = r->arena,
	                .now = clock_now(s->config.clock), .write = true};
	int64_t began = clock_ticks();
	r->fault = (struct fault){0};
	r->rc = lite_control(c, C_SAVEPOINT, &r->fault);
	if (r->rc != RC_OK)
		return false;
	l->in_function = true;
	r->rc = tx_run(&tx, r->fn, r->ctx, began, &r->fault);
	l->in_function = false;
	if (l->wanted[0] != '\0')
		return false;
	if (!lite_in_tx(c)) {
		if (r->rc >= 0)
			r->rc = fault_set(&r->fault, RC_DB, "the transaction ended inside a function");
		return false;
	}
	if (r->rc != RC_OK && lite_control(c, C_BACK, &r->fault) != RC_OK)
		return false;
	return lite_control(c, C_RELEASE, &r->fault) == RC_OK;
}

static void roll_back(struct lite_conn *c)
{
	if (lite_in_tx(c) && lite_control(c, C_ROLLBACK, NULL) != RC_OK && lite_in_tx(c))
		BUG("a transaction can neither be committed nor taken back: %s", sqlite3_errmsg(c->db));
}

/* Runs n requests in one transaction. RC_OK: it is durable and every r->rc is its answer. RC_AGAIN:
 * another process kept the database; nothing was run. */
static enum rc try_transaction(struct store *s, struct request *first, size_t n, struct fault *f)
{
	struct lite_conn *c = &lite_of(s)->writer;
	enum rc rc = lite_control(c, C_BEGIN_WRITE, f);
	if (rc == RC_AGAIN)
		return rc;
	for (size_t i = 0; i < n && rc == RC_OK; i++, first = first->next)
		if (!run_function(s, first)) {
			rc = first->rc < 0 ? first->rc : RC_DB;
			if (f != NULL)
				*f = first->fault;
		}
	if (rc == RC_OK)
		rc = lite_control(c, C_COMMIT, f);
	if (rc != RC_OK)
		roll_back(c);
	return rc;
}

/* FTS5 does not survive that the making of its table is taken back by a SAVEPOINT (COMMIT fails):
 * a new search scope's table is made in a transaction of its own, and then all is run again. */
static enum rc run_transaction(struct store *s, struct request *first, size_t n, struct fault *f)
{
	struct lite *l = lite_of(s);
	enum rc rc = try_transaction(s, first, n, f);
	while (rc != RC_OK && l->wanted[0] != '\0') {
		rc = lite_scope_make(&l->writer, l->wanted, f);
		l->wanted[0] = '\0';
		if (rc == RC_OK)
			rc = try_transaction(s, first, n, f);
	}
	return rc;
}

static void run_batch(struct store *s, struct request *first, size_t n)
{
	struct fault f = {0};
	enum rc rc = run_transaction(s, first, n, &f);
	if (rc == RC_OK)
		return;
	/* One by one they would wait for the other process once each. */
	bool alone = n > 1 && rc != RC_AGAIN;
	if (alone)
		log_warn("store", "a batch of %zu was taken back and is run one by one: %s", n, f.text);
	for (size_t i = 0; i < n; i++, first = first->next) {
		if (alone) {
			rc = run_transaction(s, first, 1, &f);
			alone = rc != RC_AGAIN;
		}
		if (rc != RC_OK) {
			first->rc = rc;
			first->fault = f;
		}
	}
}

/* After a merge of the search index the journal still holds the removed words: cut it off. With
 * readers at work that fails; it is tried again after the next batch. */
static void cut_journal(struct lite *l)
{
	lite_wait(&l->writer, false);
	if (sqlite3_wal_checkpoint_v2(l->writer.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
	    SQLITE_OK)
		l->merged = false;
	lite_wait(&l->writer, true);
}

static int on_statement(unsigned kind, void *ctx, void *stmt, void *text)
{
	const struct lite *l = ctx;
	(void)kind;
	/* "--" starts what SQLite runs inside a statement, the search index's tables for example. */
	if (!l->in_function || str_starts(str_of(text), STR("--")))
		return 0;
	char *sql = sqlite3_expanded_sql(stmt);
	if (sql != NULL && !str_starts(str_of(sql), STR("--")))
		l->tracing(l->tracing_ctx, sql);
	sqlite3_free(sql);
	return 0;
}

static void take_trace(struct lite *l)
{
	if (l->tracing == l->trace && l->tracing_ctx == l->trace_ctx)
		return;
	l->tracing = l->trace;
	l->tracing_ctx = l->trace_ctx;
	(void)sqlite3_trace_v2(l->writer.db, l->tracing != NULL ? SQLITE_TRACE_STMT : 0,
	                       l->tracing != NULL ? on_statement : NULL, l);
}

static void *writer_main(void *arg)
{
	struct store *s = arg;
	struct lite *l = lite_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	for (;;) {
		l->busy = false;
		(void)pthread_cond_broadcast(&s->queue.idle);
		while (s->queue.first == NULL && !s->queue.stop)
			(void)pthread_cond_wait(&s->queue.work, &s->queue.lock);
		if (s->queue.first == NULL)
			break;
		struct request *batch = s->queue.first, *end = s->queue.first;
		size_t n = 0;
		for (; end != NULL && n < s->config.batch; n++)
			end = end->next;
		s->queue.first = end;
		if (end == NULL)
			s->queue.last = NULL;
		s->queue.waiting -= n;
		queue_count(&s->queue, n);
		l->busy = true;
		take_trace(l);
		(void)pthread_mutex_unlock(&s->queue.lock);
		run_batch(s, batch, n);
		if (l->merged)
			cut_journal(l);
		(void)pthread_mutex_lock(&s->queue.lock);
		queue_answered(batch, n);
	}
	(void)pthread_mutex_unlock(&s->queue.lock);
	return NULL;
}

enum rc lite_writer_start(struct store *s, struct fault *f)
{
	struct lite *l = lite_of(s);
	/* Signals are for whoever opened the store: one that this thread took would end the process in
	 * the middle of a batch. */
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(&l->thread, NULL, writer_main, s);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e != 0)
		return fault_set(f, RC_FAIL, "cannot start the writer");
	l->started = true;
	return RC_OK;
}

void lite_writer_stop(struct store *s)
{
	struct lite *l = lite_of(s);
	if (!l->started)
		return;
	(void)pthread_mutex_lock(&s->queue.lock);
	s->queue.stop = true;
	(void)pthread_cond_signal(&s->queue.work);
	(void)pthread_mutex_unlock(&s->queue.lock);
	(void)pthread_join(l->thread, NULL);
	l->started = false;
}

void lite_trace(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx)
{
	struct lite *l = lite_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	while (l->busy) /* so that nobody is called after it was ended */
		(void)pthread_cond_wait(&s->queue.idle, &s->queue.lock);
	l->trace = fn;
	l->trace_ctx = ctx;
	(void)pthread_mutex_unlock(&s->queue.lock);
}

void lite_bulk(struct store *s)
{
	struct lite *l = lite_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	while (l->busy || s->queue.first != NULL)
		(void)pthread_cond_wait(&s->queue.idle, &s->queue.lock);
	if (sqlite3_exec(l->writer.db, "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; "
	                 "PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = 50000",
	                 NULL, NULL, NULL) != SQLITE_OK)
		BUG("no bulk writing: %s", sqlite3_errmsg(l->writer.db));
	(void)pthread_mutex_unlock(&s->queue.lock);
}

enum rc lite_write(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                   struct fault *f)
{
	struct lite *l = lite_of(s);
	struct request r = {.ward = ward, .arena = a, .fn = fn, .ctx = ctx, .rc = RC_FAIL};
	if (pthread_equal(pthread_self(), l->thread))
		BUG("store_write inside a write function");
	return queue_run(&s->queue, s->config.queue, &r, f);
}

enum rc lite_alone(struct store *s, struct arena *a, tx_fn *fn, void *ctx, struct fault *f)
{
	struct request r = {.arena = a, .fn = fn, .ctx = ctx};
	run_batch(s, &r, 1);
	if (r.rc != RC_OK && f != NULL)
		*f = r.fault;
	return r.rc;
}
