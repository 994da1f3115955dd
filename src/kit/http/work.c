/* The pool of workers that run handlers, and its bounded queue. */
#include "kit/http/internal.h"

#include <stdlib.h>

static void *work(void *arg)
{
	struct http *h = arg;
	struct worker_pool *p = &h->pool;
	for (;;) {
		pthread_mutex_lock(&p->lock);
		while (p->head == NULL && !p->stop)
			(void)pthread_cond_wait(&p->some, &p->lock);
		struct call *c = p->head;
		if (c == NULL) {
			pthread_mutex_unlock(&p->lock);
			return NULL;
		}
		p->head = c->next;
		if (p->head == NULL)
			p->tail = &p->head;
		p->waiting--;
		pthread_mutex_unlock(&p->lock);
		answer_call(c);
		metrics_took(h, clock_ticks() - c->taken_at);
		/* The I/O thread may free the call as soon as it is resumed. */
		struct MHD_Connection *m = c->mhd;
		MHD_resume_connection(m);
		atomic_fetch_sub(&h->suspended, 1);
	}
}

enum rc workers_start(struct http *h, struct fault *f)
{
	struct worker_pool *p = &h->pool;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->some, NULL);
	p->tail = &p->head;
	p->threads = calloc(h->c.workers, sizeof *p->threads);
	if (p->threads == NULL)
		return fault_set(f, RC_NOMEM, "no memory for workers");
	pthread_attr_t attr;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, WORKER_STACK);
	for (p->count = 0; p->count < h->c.workers; p->count++)
		if (pthread_create(&p->threads[p->count], &attr, work, h) != 0)
			break;
	(void)pthread_attr_destroy(&attr);
	return p->count == h->c.workers ? RC_OK : fault_set(f, RC_FAIL, "a worker did not start");
}

void workers_stop(struct http *h)
{
	struct worker_pool *p = &h->pool;
	if (p->threads == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->some);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->count; i++)
		(void)pthread_join(p->threads[i], NULL);
	free(p->threads);
	p->threads = NULL;
	(void)pthread_cond_destroy(&p->some);
	(void)pthread_mutex_destroy(&p->lock);
}

bool workers_take(struct http *h, struct call *c)
{
	struct worker_pool *p = &h->pool;
	pthread_mutex_lock(&p->lock);
	bool room = p->waiting < QUEUE_MAX && !p->stop;
	if (room) {
		/* Suspended before a worker can see it, so that it can't be resumed first. */
		atomic_fetch_add(&h->suspended, 1);
		MHD_suspend_connection(c->mhd);
		c->next = NULL;
		*p->tail = c;
		p->tail = &c->next;
		p->waiting++;
		(void)pthread_cond_signal(&p->some);
	}
	pthread_mutex_unlock(&p->lock);
	return room;
}
