/* The runner: threads that take what is due under a lease, run it, and write down how it ended. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/log.h"
#include "kit/job/outbox.h"

enum { WARDS_MAX = 4096 };
#define LOOK_US US_SECOND       /* longest sleep: the clock may be moved, others may write jobs */
#define ENSURE_US US_MINUTE

struct lane {
	struct job_runner *runner;
	int lane;
	pthread_t thread;
};
struct job_runner {
	struct app *app;
	struct store *store;
	const struct job_kind *const *kinds;
	size_t (*wards)(struct app *app, struct ward_id *out, size_t max);
	struct lane *threads;
	size_t thread_count;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	uint64_t wakes;         /* so that a wake between a look and a sleep isn't missed */
	int64_t ensured;        /* clock_ticks of the last round over the wards; 0: never */
};

/* Makes the rows of recurring kinds in every ward that lacks them. */
static void ensure_all(struct job_runner *r, struct arena *a)
{
	struct ward_id *wards = calloc(WARDS_MAX, sizeof *wards);
	size_t n = wards != NULL && r->wards != NULL ? r->wards(r->app, wards, WARDS_MAX) : 0;
	for (size_t i = 0; i < n; i++)
		for (const struct job_kind *const *list = r->kinds; *list != NULL; list++)
			for (const struct job_kind *k = *list; k->name != NULL; k++) {
				struct fault f = {0};
				if (job_kind_recurs(k) && store_write(r->store, wards[i], a, outbox_ensure,
				                                      (void *)k, &f) != RC_OK)
					log_fault("job", k->name, &f);
				arena_reset(a);
			}
	free(wards);
}

/* The text for the operator's list: short, and not cut inside a letter. */
static struct str short_error(const struct fault *f)
{
	struct str s = str_of(f->text[0] != '\0' ? f->text : rc_name(f->rc));
	if (s.n > 200)
		s.n = 200;
	size_t start = s.n;
	while (start > 0 && (s.p[start - 1] & 0xC0) == 0x80)
		start--;
	if (start > 0 && (s.p[start - 1] & 0x80) != 0) {
		unsigned char lead = (unsigned char)s.p[start - 1];
		size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
		if (s.n - (start - 1) < need)
			s.n = start - 1;
	}
	return s;
}

static void run_claim(struct job_runner *r, struct arena *a, const struct claim *c)
{
	struct fault f = {0};
	struct finish end = {.claim = c};
	struct job job = c->job;
	job.runner = r;
	end.rc = c->kind->run(r->app, a, &job, &f);
	if (end.rc != RC_OK) {
		f.rc = end.rc;
		end.error = short_error(&f);
		log_warn("job", "%s, attempt %d of %d: %.*s", c->kind->name, c->job.attempt,
		         c->kind->attempts, PSTR(end.error));
	}
	struct fault g = {0};
	/* Where this fails the lease runs out and the job is run again: at least once, never lost. */
	if (store_write(r->store, (struct ward_id){0}, a, outbox_finish, &end, &g) != RC_OK)
		log_fault("job", "the end of a job could not be written down", &g);
}

/* True: there may be more to do at once. */
static bool one_job(struct job_runner *r, int lane, struct arena *a)
{
	struct fault f = {0};
	struct claim c = {.kinds = r->kinds, .lane = lane};
	struct ward_id none = {0};
	enum rc rc = store_read(r->store, none, a, outbox_due, &c, &f);
	if (rc == RC_OK)
		rc = store_write(r->store, none, a, outbox_claim, &c, &f);
	if (rc == RC_OK && c.kind != NULL)
		run_claim(r, a, &c);
	else if (rc == RC_OK && !c.postponed)
		log_error("job", "a %.*s became a dead letter", PSTR(c.job.kind));
	else if (rc != RC_OK && rc != RC_NONE && rc != RC_AGAIN)
		log_fault("job", "looking for what is due", &f);
	arena_reset(a);
	return rc == RC_OK;
}

static struct timespec spec_of(int64_t ticks)
{
	return (struct timespec){.tv_sec = (time_t)(ticks / US_SECOND),
	                         .tv_nsec = (long)(ticks % US_SECOND) * 1000};
}

static void *run_thread(void *arg)
{
	const struct lane *own = arg;
	struct job_runner *r = own->runner;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	(void)pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		uint64_t wakes = r->wakes;
		/* The lane that waits for others leaves this to the one that does not. */
		bool ensure = own->lane == JOB_LANE_own &&
		              (r->ensured == 0 || clock_ticks() - r->ensured >= ENSURE_US);
		if (ensure)
			r->ensured = clock_ticks();
		(void)pthread_mutex_unlock(&r->lock);
		if (ensure)
			ensure_all(r, &a);
		bool more = one_job(r, own->lane, &a);
		(void)pthread_mutex_lock(&r->lock);
		struct timespec until = spec_of(clock_ticks() + LOOK_US);
		if (!more && !r->stop && wakes == r->wakes)
			(void)pthread_cond_timedwait(&r->wake, &r->lock, &until);
	}
	(void)pthread_mutex_unlock(&r->lock);
	arena_release(&a);
	return NULL;
}

static void check_kinds(const struct job_kind *const *kinds)
{
	for (const struct job_kind *const *list = kinds; *list != NULL; list++)
		for (const struct job_kind *k = *list; k->name != NULL; k++) {
			if (k->run == NULL || k->attempts < 1 || k->lease_us <= 0 || k->at_us < 0 ||
			    k->at_us >= US_DAY || k->every_us < 0 || k->from_us < 0 || k->until_us > US_DAY ||
			    (k->until_us > 0 && k->from_us >= k->until_us))
				BUG("job kind %s is not whole", k->name);
			if (job_kind_find(kinds, str_of(k->name)) != k)
				BUG("job kind %s is there twice", k->name);
		}
}

enum rc job_start(struct job_runner **out, struct app *app, struct store *store,
                  const struct job_kind *const *kinds,
                  size_t (*wards)(struct app *app, struct ward_id *out, size_t max),
                  size_t threads, struct fault *f)
{
	check_kinds(kinds);
	threads = (threads == 0 ? 2 : threads) + 1;   /* and the one that waits for other machines */
	struct job_runner *r = calloc(1, sizeof *r);
	if (r == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the job runner");
	*r = (struct job_runner){.app = app, .store = store, .kinds = kinds, .wards = wards};
	r->threads = calloc(threads, sizeof *r->threads);
	if (r->threads == NULL) {
		free(r);
		return fault_set(f, RC_NOMEM, "no memory for the job runner");
	}
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	for (; r->thread_count < threads; r->thread_count++) {
		struct lane *l = &r->threads[r->thread_count];
		*l = (struct lane){
			.runner = r,
			.lane = r->thread_count + 1 == threads ? JOB_LANE_net : JOB_LANE_own,
		};
		if (pthread_create(&l->thread, NULL, run_thread, l) != 0) {
			job_stop(r);
			return fault_set(f, RC_FAIL, "cannot start a job thread");
		}
	}
	*out = r;
	return RC_OK;
}

bool job_stopping(struct job_runner *r)
{
	if (r == NULL)
		return false;
	(void)pthread_mutex_lock(&r->lock);
	bool stop = r->stop;
	(void)pthread_mutex_unlock(&r->lock);
	return stop;
}

bool job_rest(struct job_runner *r, int64_t us)
{
	if (r == NULL)
		return true;
	int64_t end = clock_ticks() + us;
	struct timespec until = spec_of(end);
	(void)pthread_mutex_lock(&r->lock);
	while (!r->stop && clock_ticks() < end)
		(void)pthread_cond_timedwait(&r->wake, &r->lock, &until);
	bool stop = r->stop;
	(void)pthread_mutex_unlock(&r->lock);
	return !stop;
}

void job_wake(struct job_runner *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->wakes++;
	(void)pthread_cond_broadcast(&r->wake);
	(void)pthread_mutex_unlock(&r->lock);
}

void job_stop(struct job_runner *r)
{
	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->wake);
	(void)pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < r->thread_count; i++)
		(void)pthread_join(r->threads[i].thread, NULL);
	(void)pthread_cond_destroy(&r->wake);
	(void)pthread_mutex_destroy(&r->lock);
	free(r->threads);
	free(r);
}
