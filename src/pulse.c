#include "pulse.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "kit/base/log.h"
#include "ward/refresh.h"
#include "service.h"
#include "ward/upgrade.h"

#define LOOK_US (2 * US_SECOND)
#define PHOTOS_US (10 * US_MINUTE)   /* confinement does not come and go by itself */
#define PHOTOS_AGAIN_US (10 * US_SECOND)

enum seen { SEEN_NOTHING, SEEN_FINE, SEEN_BAD };
struct pulse {
	struct app *app;
	int64_t every_us;
	bool watchdog;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	_Atomic int database, photos;   /* enum seen */
	int64_t definitions[DEFINITION_SORTS];   /* numbers seen */
};

static enum rc ask_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql one = SQL_GLOBAL("SELECT count(*) FROM ward", "", "i");
	struct rows r;
	(void)ctx;
	enum rc rc = sql_one(tx, &one, &r, NO_BIND, f);
	rows_end(&r);
	return rc;
}

/* Told in the log once, not every time. */
static void tell(_Atomic int *was, enum rc rc, const char *what, const struct fault *f)
{
	int now = rc == RC_OK ? SEEN_FINE : SEEN_BAD;
	if (atomic_exchange(was, now) != now && now == SEEN_BAD)
		log_fault("pulse", what, f);
}

static void look_database(struct pulse *w)
{
	struct arena a;
	struct fault f = {0};
	arena_init(&a, 64 << 10);
	enum rc rc = store_read(w->app->store, (struct ward_id){0}, &a, ask_tx, NULL, &f);
	arena_release(&a);
	tell(&w->database, rc, "the database does not answer", &f);
	if (rc == RC_OK && w->watchdog)
		service_notify("WATCHDOG=1");
}

enum rc pulse_look(struct pulse *w, struct fault *f)
{
	int64_t seen[DEFINITION_SORTS];
	(void)pthread_mutex_lock(&w->lock);
	memcpy(seen, w->definitions, sizeof seen);
	(void)pthread_mutex_unlock(&w->lock);
	enum rc rc = definitions_look(w->app, seen, f);
	(void)pthread_mutex_lock(&w->lock);
	for (int i = 0; rc == RC_OK && i < DEFINITION_SORTS; i++)
		if (seen[i] > w->definitions[i])    /* two may look at once */
			w->definitions[i] = seen[i];
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

/* Told every time: asked for again in a moment, and it ends with the next publication. */
static void look_definitions(struct pulse *w)
{
	struct fault f = {0};
	if (pulse_look(w, &f) != RC_OK)
		log_fault("pulse", "reading definitions again", &f);
}

static void *pulse(void *arg)
{
	struct pulse *w = arg;
	int64_t photos_at = 0, sweep_at = 0;
	for (;;) {
		look_database(w);
		look_definitions(w);
		if (clock_ticks() >= photos_at) {
			struct fault f = {0};
			enum rc rc = media_probe(w->app->media, &f);
			tell(&w->photos, rc, "photos can't be opened", &f);
			photos_at = clock_ticks() + (rc == RC_OK ? PHOTOS_US : PHOTOS_AGAIN_US);
		}
		if (clock_ticks() >= sweep_at) {
			(void)upgrade_sweep(w->app);
			sweep_at = clock_ticks() + US_HOUR;
		}
		struct timespec until;
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		int64_t at = (int64_t)until.tv_sec * US_SECOND + until.tv_nsec / 1000 + w->every_us;
		until = (struct timespec){.tv_sec = at / US_SECOND, .tv_nsec = at % US_SECOND * 1000};
		(void)pthread_mutex_lock(&w->lock);
		if (!w->stop)
			(void)pthread_cond_timedwait(&w->wake, &w->lock, &until);
		bool stop = w->stop;
		(void)pthread_mutex_unlock(&w->lock);
		if (stop)
			return NULL;
	}
}

enum rc pulse_start(struct pulse **out, struct app *app, int64_t watchdog_us, struct fault *f)
{
	struct pulse *w = calloc(1, sizeof *w);
	if (w == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the pulse");
	*w = (struct pulse){.app = app, .every_us = LOOK_US, .watchdog = watchdog_us > 0};
	if (watchdog_us > 0 && watchdog_us / 3 < w->every_us)
		w->every_us = watchdog_us / 3;
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	if (pthread_create(&w->thread, NULL, pulse, w) != 0) {
		free(w);
		return fault_set(f, RC_FAIL, "cannot start the pulse");
	}
	*out = w;
	return RC_OK;
}

void pulse_stop(struct pulse *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

bool pulse_ready(const struct pulse *w)
{
	struct pulse *x = (struct pulse *)(uintptr_t)w;
	return atomic_load(&x->database) == SEEN_FINE && atomic_load(&x->photos) == SEEN_FINE;
}

/* --- /metrics --- */

static void add_store(struct app *app, struct buf *out)
{
	struct store_stats s;
	store_stats(app->store, &s);
	metric_head(out, "xom_writer_batch", "histogram", "Writes that shared a durable commit.");
	uint64_t sum = 0;
	for (size_t i = 0; i < STORE_BATCH_STEPS; i++) {
		sum += s.batch[i];
		buf_addf(out, "xom_writer_batch_bucket{le=\"%d\"} %llu\n", 1 << i, (unsigned long long)sum);
	}
	buf_addf(out, "xom_writer_batch_bucket{le=\"+Inf\"} %llu\nxom_writer_batch_sum %llu\n"
	         "xom_writer_batch_count %llu\n", (unsigned long long)s.commits,
	         (unsigned long long)s.writes, (unsigned long long)s.commits);
	metric_one(out, "xom_writer_waiting", "gauge", "Writes that wait for the writer.",
	           (int64_t)s.waiting);
	metric_one(out, "xom_readers", "gauge", "Database connections that read.", (int64_t)s.readers);
	metric_one(out, "xom_readers_free", "gauge", "Those of them that are idle.",
	           (int64_t)s.readers_free);
}

static void add_outbox(struct app *app, struct buf *out)
{
	struct arena a;
	struct outbox_counts n = {0};
	arena_init(&a, 64 << 10);
	enum rc rc = store_read(app->store, (struct ward_id){0}, &a, outbox_count, &n, NULL);
	arena_release(&a);
	if (rc != RC_OK)
		return;
	metric_head(out, "xom_outbox", "gauge", "Rows of the outbox: what waits, what is late, dead letters.");
	buf_addf(out, "xom_outbox{state=\"waiting\"} %lld\nxom_outbox{state=\"late\"} %lld\n"
	         "xom_outbox{state=\"dead\"} %lld\n", (long long)n.waiting, (long long)n.late,
	         (long long)n.dead);
}

void pulse_metrics(struct app *app, struct buf *out)
{
	struct statvfs fs;
	add_store(app, out);
	add_outbox(app, out);
	if (statvfs(app->settings.data, &fs) == 0)
		metric_one(out, "xom_disk_free_bytes", "gauge", "Room where the data folder lies.",
		           (int64_t)fs.f_bavail * (int64_t)fs.f_frsize);
	if (app->pulse != NULL) {
		metric_one(out, "xom_ready", "gauge", "1 while requests may be sent here.",
		           pulse_ready(app->pulse));
		metric_one(out, "xom_photos_confined", "gauge", "1 while photos can be opened safely.",
		           atomic_load(&app->pulse->photos) == SEEN_FINE);
	}
	metric_head(out, "xom_build_info", "gauge", "The program's version.");
	buf_addz(out, "xom_build_info{version=\"" XOM_VERSION "\"} 1\n");
}
