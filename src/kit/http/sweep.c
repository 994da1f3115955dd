/* Deadlines of connections. libmicrohttpd's own time-out restarts with every byte, so a header
 * sent at one byte a second would live for ever; here a state has a beginning and an end. */
#include "kit/http/internal.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int64_t ticks_coarse(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * US_SECOND + t.tv_nsec / 1000;
}

struct conn *conn_new(struct http *h, int fd)
{
	struct conn *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->fd = fd;
	conn_state(c, CONN_NEW);
	pthread_mutex_lock(&h->sweep.lock);
	c->next = h->sweep.first;
	if (c->next != NULL)
		c->next->prev = c;
	h->sweep.first = c;
	pthread_mutex_unlock(&h->sweep.lock);
	return c;
}

void conn_free(struct http *h, struct conn *c)
{
	if (c == NULL)
		return;
	/* Under the lock, so that the sweeper never touches a descriptor that was closed. */
	pthread_mutex_lock(&h->sweep.lock);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		h->sweep.first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	if (h->sweep.at == c)
		h->sweep.at = c->next;
	pthread_mutex_unlock(&h->sweep.lock);
	free(c);
}

void conn_state(struct conn *c, enum conn_state state)
{
	atomic_store_explicit(&c->since, ticks_coarse(), memory_order_relaxed);
	atomic_store_explicit(&c->state, (int)state, memory_order_release);
}

static int64_t seconds_of(const struct http *h, enum conn_state state)
{
	switch (state) {
	case CONN_NEW:
	case CONN_HEADER: return h->c.header_deadline_s;
	case CONN_BODY:
	case CONN_SEND: return h->c.body_deadline_s;
	case CONN_IDLE: return KEEP_ALIVE_S;
	case CONN_WORK: break;
	}
	return INT32_MAX;
}

/* A server that stops keeps no connection for a request that may never come; one whose bytes are
 * here already is answered. */
static bool drained(const struct http *h, const struct conn *c, enum conn_state state, int64_t since,
                    int64_t now)
{
	int here = 0;
	if (!atomic_load(&h->stopping) || (state != CONN_NEW && state != CONN_IDLE))
		return false;
	int64_t began = atomic_load(&h->drain_at);
	return now - (since > began ? since : began) > DRAIN_QUIET_MS * 1000 &&
	       (ioctl(c->fd, FIONREAD, &here) != 0 || here == 0);
}

static bool over(const struct http *h, const struct conn *c, int64_t now)
{
	enum conn_state state = (enum conn_state)atomic_load_explicit(&c->state, memory_order_acquire);
	int64_t since = atomic_load_explicit(&c->since, memory_order_relaxed);
	return now - since > seconds_of(h, state) * US_SECOND || drained(h, c, state, since, now);
}

/* Ends what is over, with the lock, a slice at a time: whoever accepts or closes waits for no more. */
static int look_at_all(struct http *h)
{
	int64_t now = ticks_coarse();
	int ended = 0, looked = 0;
	for (h->sweep.at = h->sweep.first; h->sweep.at != NULL && ended < SWEEP_MOST && !h->sweep.stop;) {
		struct conn *c = h->sweep.at;
		h->sweep.at = c->next;
		if (!c->ended && over(h, c, now)) {
			(void)shutdown(c->fd, SHUT_RDWR); /* the I/O thread sees an end of file and closes */
			c->ended = true;
			ended++;
		}
		if (++looked % SWEEP_SLICE == 0) {
			pthread_mutex_unlock(&h->sweep.lock);
			(void)sched_yield();
			pthread_mutex_lock(&h->sweep.lock);
		}
	}
	h->sweep.at = NULL;
	return ended;
}

static void *sweep(void *arg)
{
	struct http *h = arg;
	pthread_mutex_lock(&h->sweep.lock);
	while (!h->sweep.stop) {
		int ended = look_at_all(h);
		struct timespec until;
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		int pause_ms = ended == SWEEP_MOST ? 10 : atomic_load(&h->stopping) ? 20 : 250;
		until.tv_nsec += pause_ms * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		if (!h->sweep.stop)
			(void)pthread_cond_timedwait(&h->sweep.wake, &h->sweep.lock, &until);
	}
	pthread_mutex_unlock(&h->sweep.lock);
	return NULL;
}

enum rc sweep_start(struct http *h, struct fault *f)
{
	pthread_condattr_t attr;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&h->sweep.lock, NULL);
	(void)pthread_cond_init(&h->sweep.wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&h->sweep.thread, NULL, sweep, h) != 0)
		return fault_set(f, RC_FAIL, "the deadline thread did not start");
	h->sweep.started = true;
	return RC_OK;
}

void sweep_stop(struct http *h)
{
	if (!h->sweep.started)
		return;
	pthread_mutex_lock(&h->sweep.lock);
	h->sweep.stop = true;
	(void)pthread_cond_signal(&h->sweep.wake);
	pthread_mutex_unlock(&h->sweep.lock);
	(void)pthread_join(h->sweep.thread, NULL);
	(void)pthread_cond_destroy(&h->sweep.wake);
	(void)pthread_mutex_destroy(&h->sweep.lock);
	h->sweep.started = false;
}
