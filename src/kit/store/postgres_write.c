/* The lanes: threads that each take the waiting functions of one ward and run them in one transaction.
 *
 * A transaction begins with the ward's lock and the batch's number. Where its COMMIT gets no answer,
 * another connection asks for the number: it is there, and the batch stands, or it is not, and the
 * batch is run again. Where it fails whole (a full disk, a deadlock, a foreign key judged at COMMIT),
 * each function is run in a transaction of its own, so that the one at fault fails alone. */
#include "kit/store/postgres_impl.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/base/hash.h"
#include "kit/base/log.h"

enum { TRIES = 4 };
static const struct ward_id NO_WARD = {-1};

static void pause_us(int64_t us)
{
	struct timespec t = {.tv_sec = (time_t)(us / US_SECOND), .tv_nsec = (long)(us % US_SECOND) * 1000};
	(void)nanosleep(&t, NULL);
}

/* What the server is to blame for may work later. */
static enum rc again_later(struct fault *f)
{
	if (f != NULL)
		f->rc = RC_AGAIN;
	return RC_AGAIN;
}

static enum rc lane_connect(struct pq_lane *lane, struct fault *f)
{
	struct pq_conn *c = &lane->c;
	enum rc rc = RC_OK;
	bool open = pq_usable(lane->store, c);
	if (!open)
		pq_disconnect(c);
	if (!open)
		rc = pq_connect(c, lane->store->config.path, PQ_WRITER, PQ_WRITE_LIMIT_US, f);
	/* Its row is there before anything is committed, so that who asks always finds one to wait for. */
	if (!open && rc == RC_OK)
		rc = pq_presence(c, lane->store->config.moving, f);
	if (!open && rc == RC_OK)
		rc = pq_own(c, OWN_JOIN, BIND(v_int(lane->writer)), NULL, f);
	c->tracing = lane->tracing;
	c->tracing_ctx = lane->tracing_ctx;
	if (!open && rc == RC_OK && lane->bulk)
		rc = pq_script(c, "SET synchronous_commit = off", f);
	return rc != RC_OK ? again_later(f) : RC_OK;
}

static void roll_back(struct pq_conn *c)
{
	c->queued_n = 0;
	if (c->lost || c->pg == NULL || PQtransactionStatus(c->pg) == PQTRANS_IDLE)
		return;
	(void)pq_exec(c, NULL, NULL, NULL); /* with a failure in front of it nothing is run */
	pq_queue(c, "ROLLBACK");
	if (pq_exec(c, NULL, NULL, NULL) != RC_OK)
		c->lost = true;
}

static enum rc begin(struct pq_lane *lane, struct ward_id ward, struct fault *f)
{
	struct pq_conn *c = &lane->c;
	c->again = false;
	pq_queue(c, "BEGIN");
	enum rc rc = pq_own(c, OWN_LOCK, BIND(v_int(ward.v)), NULL, f);
	if (rc == RC_OK)
		rc = pq_own(c, OWN_BATCH, BIND(v_int(lane->writer), v_int(++lane->batch)), NULL, f);
	return rc;
}

/* Runs the function once. False: the whole transaction is to be given up. */
static bool run_once(struct pq_lane *lane, struct request *r, bool savepoint)
{
	struct store *s = lane->store;
	struct pq_conn *c = &lane->c;
	struct tx tx = {.store = s, .conn = &c->conn, .ward = r->ward, .arena = r->arena,
	                .now = clock_now(s->config.clock), .write = true};
	int64_t began = clock_ticks();
	r->fault = (struct fault){0};
	c->guard_wanted = false;
	if (savepoint)
		pq_queue(c, "SAVEPOINT one");
	c->in_function = true;
	r->rc = tx_run(&tx, r->fn, r->ctx, began, &r->fault);
	c->in_function = false;
	/* What it did not wait for: before anybody else's, so that each has its own failures. */
	struct fault late = {0};
	enum rc rc = c->unread_n > 0 && !c->lost ? pq_exec(c, NULL, NULL, &late) : RC_OK;
	if (rc != RC_OK && r->rc >= 0) {
		r->rc = rc;
		r->fault = late;
	}
	if (c->lost || c->again || r->rc == RC_FULL || r->rc == RC_NOMEM)
		return false;
	if (r->rc == RC_OK && !c->guard_wanted) {
		if (savepoint)
			pq_queue(c, "RELEASE SAVEPOINT one");
		return true;
	}
	if (!savepoint)
		return false;
	pq_queue(c, "ROLLBACK TO SAVEPOINT one");
	pq_queue(c, "RELEASE SAVEPOINT one");
	return pq_exec(c, NULL, NULL, &r->fault) == RC_OK;
}

static bool run_function(struct pq_lane *lane, struct request *r, bool savepoint)
{
	struct pq_conn *c = &lane->c;
	bool fine = run_once(lane, r, savepoint);
	if (!fine || !c->guard_wanted)
		return fine;
	c->guard = true;
	fine = run_once(lane, r, savepoint);
	c->guard = false;
	return fine;
}

/* Asks on a new connection whether the lane's batch was committed. RC_OK: it was; RC_NONE: it was not;
 * anything else: nobody could be asked. The question locks the row, which is a write: with a synchronous
 * standby its own end says that what it has read is there, too, and a primary that was cut off and
 * followed can give no answer. */
static enum rc ask(struct pq_lane *lane, struct fault *f)
{
	int64_t until = clock_ticks() + lane->store->config.doubt_us;
	enum rc rc;
	do {
		PGresult *r = NULL;
		rc = lane_connect(lane, f);
		lane->c.warned = false;
		if (rc == RC_OK)
			rc = pq_own(&lane->c, OWN_ASK, BIND(v_int(lane->writer)), &r, f);
		if (rc == RC_OK && lane->c.warned)
			rc = fault_set(f, RC_IO, "the standby does not answer");
		if (rc == RC_OK)
			rc = PQntuples(r) == 1 && pq_int(r, 0, 0) == lane->batch ? RC_OK : RC_NONE;
		PQclear(r);
		if (rc == RC_OK || rc == RC_NONE)
			return rc;
		lane->c.lost = true;
		pause_us(100000);
	} while (clock_ticks() < until);
	return fault_set(f, RC_AGAIN, "the database was lost while it stored this, and could not be asked "
	                 "whether it did");
}

/* RC_OK: durable. RC_IO with lost: nothing of it stands. RC_AGAIN: nobody knows. */
static enum rc commit(struct pq_lane *lane, struct fault *f)
{
	struct pq_conn *c = &lane->c;
	PGresult *r = NULL;
	/* A failure before COMMIT is none of COMMIT's. */
	enum rc rc = pq_exec(c, NULL, NULL, f);
	if (rc != RC_OK)
		return rc;
	c->warned = false;
	rc = pq_exec(c, &(struct pq_call){.text = "COMMIT"}, &r, f);
	/* Its wait for the standby was ended (by its time limit, or by a person). */
	if (rc == RC_OK && c->warned) {
		c->lost = true;
		rc = fault_set(f, RC_IO, "the commit is not on the standby");
	}
	/* The COMMIT of what had failed already answers ROLLBACK. */
	if (rc == RC_OK && strcmp(PQcmdStatus(r), "COMMIT") != 0)
		rc = fault_set(f, RC_DB, "the transaction had ended before its commit");
	PQclear(r);
	if (rc == RC_OK || !c->lost)
		return rc;
	pq_suspect(lane->store, c);
	struct fault g = {0};
	enum rc landed = ask(lane, &g);
	log_warn("store", "the answer of a commit was lost; %s", landed == RC_OK ? "it was done"
	         : landed == RC_NONE ? "it was not done, and is tried again" : g.text);
	if (landed == RC_OK)
		return RC_OK;
	c->again = landed == RC_NONE;
	if (landed == RC_NONE)
		return fault_set(f, RC_IO, "the connection was lost before the commit");
	if (f != NULL)
		*f = g;
	return RC_AGAIN;
}

/* How a try of a transaction ended. */
enum end { END_DONE = 1, END_SINGLY, END_RETRY, END_FAILED };

/* Runs n functions of one ward in one transaction; END_DONE: every r->rc is its answer. */
static enum end try_transaction(struct pq_lane *lane, struct request *first, size_t n, bool guard,
                                struct fault *f)
{
	struct pq_conn *c = &lane->c;
	enum rc rc = lane_connect(lane, f);
	if (rc != RC_OK)
		return END_FAILED;
	c->guard = guard;
	rc = begin(lane, first->ward, f);
	bool fine = true, lone = n == 1;
	if (rc != RC_OK) { /* another server keeps the ward, or this one is gone */
		bool retry = c->lost || c->again;
		roll_back(c);
		return retry ? END_RETRY : END_FAILED;
	}
	struct request *r = first;
	for (size_t i = 0; i < n && fine; i++, r = r->next) {
		fine = lone ? run_once(lane, r, false) : run_function(lane, r, true);
		if (!fine && lone && !c->lost && !c->again) {
			/* Nothing but its own is taken back. */
			roll_back(c);
			c->guard = false;
			return c->guard_wanted && !guard ? END_RETRY : END_DONE;
		}
		if (!fine && f != NULL)
			*f = r->fault;
	}
	c->guard = false;
	if (fine) {
		rc = commit(lane, f);
		if (rc == RC_OK)
			return END_DONE;
		if (rc == RC_AGAIN)
			return END_FAILED;
	}
	bool lost = c->lost, again = c->again;
	roll_back(c);
	return lost || again ? END_RETRY : END_SINGLY;
}

static void answer(struct request *r, size_t n, enum rc rc, const struct fault *f)
{
	for (size_t i = 0; i < n; i++, r = r->next) {
		r->rc = rc;
		r->fault = *f;
		r->fault.rc = rc;
	}
}

/* Runs what belongs together until it is done or can't be. */
static enum end run_transaction(struct pq_lane *lane, struct request *first, size_t n,
                                struct fault *f)
{
	bool guard = false;
	enum end end = END_RETRY;
	for (int i = 0; i < TRIES && end == END_RETRY; i++) {
		if (i > 0 && (lane->c.again || lane->c.lost))
			pause_us((int64_t)10000 << i);
		end = try_transaction(lane, first, n, guard, f);
		pq_suspect(lane->store, &lane->c);
		guard = guard || lane->c.guard_wanted;
	}
	return end;
}

static void run_batch(struct pq_lane *lane, struct request *first, size_t n)
{
	struct fault f = {0};
	enum end end = run_transaction(lane, first, n, &f);
	if (end != END_DONE && lane->c.lost)
		pq_health(lane->store, &f);
	else
		pq_health(lane->store, NULL);
	if (end == END_DONE)
		return;
	bool singly = n > 1 && end == END_SINGLY;
	if (singly)
		log_warn("store", "a batch of %zu was taken back and is run one by one: %s", n, f.text);
	if (!singly) {
		/* What the server is to blame for may work later; what it refused is told. */
		answer(first, n, end == END_SINGLY ? f.rc : RC_AGAIN, &f);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct request *next = first->next;
		end = run_transaction(lane, first, 1, &f);
		if (end != END_DONE)
			answer(first, 1, end == END_SINGLY ? f.rc : RC_AGAIN, &f);
		first = next;
	}
}

/* --- the queue --- */

static bool ward_busy(const struct pq *p, struct ward_id ward)
{
	for (size_t i = 0; i < PQ_LANES; i++)
		if (p->lane[i].busy && p->lane[i].ward.v == ward.v)
			return true;
	return false;
}

/* The oldest function whose ward no lane works for, and those of its ward behind it. */
static struct request *take(struct store *s, size_t most, size_t *n)
{
	const struct pq *p = pq_of(s);
	struct request **at = &s->queue.first, *batch = NULL, **end = &batch, *before = NULL;
	*n = 0;
	while (*at != NULL && ward_busy(p, (*at)->ward)) {
		before = *at;
		at = &(*at)->next;
	}
	if (*at == NULL)
		return NULL;
	struct ward_id ward = (*at)->ward;
	while (*at != NULL && *n < most) {
		struct request *r = *at;
		if (r->ward.v != ward.v) {
			before = r;
			at = &r->next;
			continue;
		}
		*at = r->next;
		if (s->queue.last == r)
			s->queue.last = before;
		r->next = NULL;
		*end = r;
		end = &r->next;
		(*n)++;
	}
	s->queue.waiting -= *n;
	return batch;
}

static void take_settings(struct pq *p, struct pq_lane *lane)
{
	lane->tracing = p->trace;
	lane->tracing_ctx = p->trace_ctx;
	if (p->bulk && !lane->bulk) {
		lane->bulk = true;
		lane->c.lost = true; /* the next connection has it */
	}
}

static enum rc vacuum(struct pq_lane *lane, struct fault *f)
{
	struct store *s = lane->store;
	enum rc rc = lane_connect(lane, f);
	if (rc == RC_OK)
		rc = pq_script(&lane->c, "SET statement_timeout = '20min'; SET lock_timeout = '1min'", f);
	PGcancel *cancel = rc == RC_OK ? PQgetCancel(lane->c.pg) : NULL;
	(void)pthread_mutex_lock(&s->queue.lock);
	bool stop = s->queue.stop;
	lane->cancel = cancel;
	(void)pthread_mutex_unlock(&s->queue.lock);
	if (rc == RC_OK && !stop)
		rc = pq_script(&lane->c, "VACUUM fts_word", f);
	lane->c.lost = true; /* the next connection has its limits again */
	(void)pthread_mutex_lock(&s->queue.lock);
	lane->cancel = NULL;
	(void)pthread_mutex_unlock(&s->queue.lock);
	PQfreeCancel(cancel);
	return rc;
}

/* Rows that were taken out stay in the file until a VACUUM, which may take minutes and wait for others.
 * It is of all wards: one lane does it, no ward waits with it, and a store that closes ends it. Called
 * with the lock, which is let go meanwhile. */
static void tidy(struct pq_lane *lane)
{
	struct store *s = lane->store;
	struct pq *p = pq_of(s);
	lane->merged = false;
	p->untidy = true;
	if (p->tidying)
		return;
	p->tidying = true;
	lane->ward = NO_WARD;
	(void)pthread_cond_broadcast(&s->queue.work);
	while (p->untidy && !s->queue.stop) {
		struct fault f = {0};
		p->untidy = false;
		(void)pthread_mutex_unlock(&s->queue.lock);
		enum rc rc = vacuum(lane, &f);
		(void)pthread_mutex_lock(&s->queue.lock);
		if (rc != RC_OK && !s->queue.stop)
			log_fault("store", "tidying the search; the next night does it again", &f);
	}
	p->tidying = false;
}

static bool any_busy(const struct pq *p)
{
	bool busy = false;
	for (size_t i = 0; i < PQ_LANES; i++)
		busy |= p->lane[i].busy;
	return busy;
}

static void *lane_main(void *arg)
{
	struct pq_lane *lane = arg;
	struct store *s = lane->store;
	struct pq *p = pq_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	for (;;) {
		size_t n = 0;
		struct request *batch = take(s, s->config.batch, &n);
		if (batch == NULL) {
			if (s->queue.stop && s->queue.first == NULL)
				break;
			(void)pthread_cond_wait(&s->queue.work, &s->queue.lock);
			continue;
		}
		queue_count(&s->queue, n);
		lane->busy = true;
		lane->ward = batch->ward;
		take_settings(p, lane);
		(void)pthread_mutex_unlock(&s->queue.lock);
		run_batch(lane, batch, n);
		(void)pthread_mutex_lock(&s->queue.lock);
		queue_answered(batch, n);
		if (lane->merged)
			tidy(lane);
		lane->busy = false;
		(void)pthread_cond_broadcast(&s->queue.work); /* others may have waited for this ward */
		(void)pthread_cond_broadcast(&s->queue.idle);
	}
	(void)pthread_mutex_unlock(&s->queue.lock);
	return NULL;
}

/* Tables in use may make it fail: the night does it again. */
static void unsample(struct store *s)
{
	struct fault f = {0};
	struct pq_conn *c = &pq_of(s)->lane[0].c;
	enum rc rc = pq_script(c, "SET lock_timeout = '2s'", &f);
	if (rc == RC_OK)
		rc = pq_unsample(c, s->config.words, &f);
	if (rc != RC_OK)
		log_fault("store", "samples of what people wrote may be kept until the night", &f);
}

enum rc pq_lanes_start(struct store *s, struct fault *f)
{
	struct pq *p = pq_of(s);
	sigset_t all, before;
	int e = 0;
	/* Signals are for whoever opened the store. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < PQ_LANES; i++)
		random_bytes(&p->lane[i].writer, sizeof p->lane[i].writer);
	/* One lane is there before the connection that set up goes: whoever would move the database finds
	 * this store working with it, from its first moment on. */
	enum rc rc = lane_connect(&p->lane[1], f);
	if (rc == RC_OK)
		unsample(s);
	pq_disconnect(&p->lane[0].c);
	for (size_t i = 0; i < PQ_LANES && e == 0 && rc == RC_OK; i++) {
		struct pq_lane *lane = &p->lane[i];
		e = pthread_create(&lane->thread, NULL, lane_main, lane);
		lane->started = e == 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e != 0 ? fault_set(f, RC_FAIL, "cannot start the writers") : rc;
}

void pq_lanes_stop(struct store *s)
{
	struct pq *p = pq_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	s->queue.stop = true;
	for (size_t i = 0; i < PQ_LANES; i++) {
		char why[256];
		if (p->lane[i].cancel != NULL)
			(void)PQcancel(p->lane[i].cancel, why, sizeof why);
	}
	(void)pthread_cond_broadcast(&s->queue.work);
	(void)pthread_mutex_unlock(&s->queue.lock);
	for (size_t i = 0; i < PQ_LANES; i++)
		if (p->lane[i].started)
			(void)pthread_join(p->lane[i].thread, NULL);
}

void pq_trace(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx)
{
	struct pq *p = pq_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	while (any_busy(p)) /* so that nobody is called after it was ended */
		(void)pthread_cond_wait(&s->queue.idle, &s->queue.lock);
	p->trace = fn;
	p->trace_ctx = ctx;
	(void)pthread_mutex_unlock(&s->queue.lock);
}

void pq_bulk(struct store *s)
{
	struct pq *p = pq_of(s);
	(void)pthread_mutex_lock(&s->queue.lock);
	while (any_busy(p) || s->queue.first != NULL)
		(void)pthread_cond_wait(&s->queue.idle, &s->queue.lock);
	p->bulk = true;
	(void)pthread_mutex_unlock(&s->queue.lock);
}

enum rc pq_write(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                 struct fault *f)
{
	struct pq *p = pq_of(s);
	struct request r = {.ward = ward, .arena = a, .fn = fn, .ctx = ctx, .rc = RC_FAIL};
	for (size_t i = 0; i < PQ_LANES; i++)
		if (pthread_equal(pthread_self(), p->lane[i].thread))
			BUG("store_write inside a write function");
	return queue_run(&s->queue, s->config.queue, &r, f);
}

/* Before the lanes: the schema's steps. Its lock holds servers apart that start at the same time. */
enum rc pq_alone(struct store *s, struct arena *a, tx_fn *fn, void *ctx, struct fault *f)
{
	struct pq_conn *c = &pq_of(s)->lane[0].c;
	struct tx tx = {.store = s, .conn = &c->conn, .arena = a, .now = clock_now(s->config.clock),
	                .write = true};
	pq_queue(c, "BEGIN");
	enum rc rc = pq_own(c, OWN_LOCK, BIND(v_int(-1)), NULL, f);
	if (rc == RC_OK)
		rc = pq_setup(c, f);
	c->guard = true;
	if (rc == RC_OK)
		rc = fn(&tx, ctx, f);
	c->guard = false;
	conn_close_rows(&c->conn, s->engine);
	if (rc == RC_OK)
		rc = pq_exec(c, NULL, NULL, f);
	c->warned = false;
	if (rc == RC_OK)
		rc = pq_exec(c, &(struct pq_call){.text = "COMMIT"}, NULL, f);
	if (rc == RC_OK && c->warned)
		rc = fault_set(f, RC_IO, "the schema is not on the standby: start again when it is back");
	if (rc != RC_OK)
		roll_back(c);
	return rc;
}
