#include "kit/media/media.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/base/file.h"
#include "kit/base/log.h"
#include "kit/base/text.h"
#include "kit/media/media_private.h"

enum { QUEUED_MAX = 6, FEED_PATIENCE = 2 * US_SECOND, FEED_DEADLINE = 10 * US_SECOND };

static const char *const NAMES[] = {
	[PHOTO_fine] = "fine",
#define X(name) [PHOTO_##name] = #name,
	PHOTO_ERROR_TABLE(X)
#undef X
};

const char *photo_error_name(enum photo_error e)
{
	return (size_t)e < sizeof NAMES / sizeof *NAMES ? NAMES[e] : "";
}

enum rc media_open(struct media **out, const struct media_config *c, struct fault *f)
{
	pthread_condattr_t mono;
	enum rc rc = folder_make(c->dir, f);
	if (rc != RC_OK)
		return rc;
	int waiting, dir = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return disk_fault(f, "opening the folder of attachments");
	waiting = folder_open(dir, "waiting", true);
	struct media *m = waiting >= 0 ? calloc(1, sizeof *m) : NULL;
	if (m == NULL || (m->program = strdup(c->program)) == NULL) {
		if (waiting >= 0)
			(void)close(waiting);
		(void)close(dir);
		free(m);
		return disk_fault(f, "opening the folder of waiting photos");
	}
	m->c = *c;
	m->c.dir = NULL;
	m->c.program = m->program;
	m->c.children = c->children > 0 ? c->children : 2;
	m->c.ward_quota = c->ward_quota > 0 ? c->ward_quota : INT64_C(20) << 30;
	m->c.reserve = c->reserve > 0 ? c->reserve : INT64_C(256) << 20;
	m->c.deadline = c->deadline > 0 ? c->deadline : 20 * US_SECOND;
	m->c.patience = c->patience > 0 ? c->patience : 10 * US_SECOND;
	m->dir = dir;
	m->waiting = waiting;
	m->cache_max = c->cache > 0 ? c->cache : (size_t)32 << 20;
	(void)pthread_mutex_init(&m->lock, NULL);
	(void)pthread_condattr_init(&mono);
	(void)pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&m->freed, &mono);
	(void)pthread_condattr_destroy(&mono);
	m->c.s3 = NULL;
	m->folder = kept_folder(dir);
	rc = m->folder == NULL ? fault_set(f, RC_NOMEM, "no memory for the folder of photos")
	     : c->s3 != NULL   ? kept_s3_open(&m->far, dir, c->s3, f)
	                       : RC_OK;
	if (rc != RC_OK) {
		media_close(m);
		return rc;
	}
	*out = m;
	return RC_OK;
}

void media_recount(struct media *m)
{
	(void)pthread_mutex_lock(&m->lock);
	for (struct usage *u = m->usages; u != NULL; u = u->next)
		u->counted = false;
	(void)pthread_mutex_unlock(&m->lock);
}

void media_close(struct media *m)
{
	if (m == NULL)
		return;
	while (m->usages != NULL) {
		struct usage *u = m->usages;
		m->usages = u->next;
		free(u);
	}
	media_forget_all(m);
	if (m->far != NULL)
		m->far->close(m->far);
	if (m->folder != NULL)
		m->folder->close(m->folder);
	(void)pthread_cond_destroy(&m->freed);
	(void)pthread_mutex_destroy(&m->lock);
	(void)close(m->waiting);
	(void)close(m->dir);
	free(m->program);
	free(m);
}

/* --- how much a ward has --- */

struct sum {
	int64_t bytes;
	char prefix[32];          /* "WARD-", of the ward's journeys in an hour's folder */
};

static bool add_file(void *ctx, int dir, const char *name)
{
	struct sum *s = ctx;
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		s->bytes += st.st_size;
	return true;
}

static bool add_folder(void *ctx, int dir, const char *name)
{
	(void)folder_each(dir, name, add_file, ctx);
	return true;
}

static bool add_journey(void *ctx, int dir, const char *name)
{
	struct sum *s = ctx;
	if (str_starts(str_of(name), str_of(s->prefix)))
		(void)folder_each(dir, name, add_file, ctx);
	return true;
}

static bool add_hour(void *ctx, int dir, const char *name)
{
	(void)folder_each(dir, name, add_journey, ctx);
	return true;
}

/* Locked. NULL: no memory. */
static struct usage *usage_of(struct media *m, struct ward_id ward)
{
	struct usage *u = m->usages;
	while (u != NULL && u->ward.v != ward.v)
		u = u->next;
	if (u != NULL && u->counted)
		return u;
	if (u == NULL && (u = calloc(1, sizeof *u)) == NULL)
		return NULL;
	if (u->ward.v == 0) {
		u->ward = ward;
		u->next = m->usages;
		m->usages = u;
	}
	struct sum s = {0};
	(void)snprintf(s.prefix, sizeof s.prefix, "%lld-", (long long)ward.v);
	(void)folder_each(m->dir, ward_folder(ward).z, add_folder, &s);
	(void)folder_each(m->dir, "waiting", add_hour, &s);
	u->bytes = s.bytes;
	u->counted = true;
	return u;
}

void media_usage_add(struct media *m, struct ward_id ward, int64_t bytes, bool far)
{
	(void)pthread_mutex_lock(&m->lock);
	struct usage *u = far ? usage_of(m, ward) : m->usages;
	while (u != NULL && u->ward.v != ward.v)
		u = u->next;
	if (u != NULL)
		*(far ? &u->far : &u->bytes) += bytes;
	(void)pthread_mutex_unlock(&m->lock);
}

void media_usage_far(struct media *m, struct ward_id ward, int64_t bytes)
{
	(void)pthread_mutex_lock(&m->lock);
	struct usage *u = usage_of(m, ward);
	if (u != NULL)
		u->far = bytes;
	(void)pthread_mutex_unlock(&m->lock);
}

/* Locked: may the ward have `more` bytes, and the disk? */
static enum rc room_for(struct media *m, struct ward_id ward, int64_t more, struct fault *f)
{
	struct statvfs fs;
	const struct usage *u = usage_of(m, ward);
	if (u == NULL)
		return fault_set(f, RC_NOMEM, "no memory to count a ward's photos");
	if (u->bytes + u->far + more > m->c.ward_quota)
		return fault_set(f, RC_FULL, "ward %lld has used up its room for photos",
		                 (long long)ward.v);
	if (fstatvfs(m->dir, &fs) != 0)
		return disk_fault(f, "asking how much disk is left");
	if ((double)fs.f_bavail * (double)fs.f_frsize < (double)(m->c.reserve + more))
		return fault_set(f, RC_FULL, "the disk's reserve is reached");
	return RC_OK;
}

/* --- waiting photos --- */

struct finding {
	const struct media *m;
	int64_t now;
	struct folder journey;
	struct folder file;       /* empty: count all */
	size_t count;
	int dir;                  /* of the journey that holds the file, or -1 */
};

static bool count_photo(void *ctx, int dir, const char *name)
{
	(void)dir;
	(void)name;
	((struct finding *)ctx)->count++;
	return true;
}

static bool in_hour(void *ctx, int dir, const char *name)
{
	struct finding *w = ctx;
	struct stat st;
	if (hour_over(name, w->now))
		return true;
	int hour = folder_open(dir, name, false);
	if (hour < 0)
		return true;
	if (w->file.z[0] == '\0') {
		(void)folder_each(hour, w->journey.z, count_photo, w);
	} else {
		w->dir = folder_open(hour, w->journey.z, false);
		if (w->dir >= 0 && fstatat(w->dir, w->file.z, &st, AT_SYMLINK_NOFOLLOW) != 0) {
			(void)close(w->dir);
			w->dir = -1;
		}
	}
	(void)close(hour);
	return w->dir < 0;
}

/* The folder that holds a waiting photo, or -1. */
int media_waiting_dir(const struct media *m, struct ward_id ward, const struct hash *journey,
                      struct str name)
{
	struct finding w = {m, clock_now(m->c.clock), journey_folder(ward, journey), {""}, 0, -1};
	if (!name_valid(name))
		return -1;
	w.file = photo_file(name);
	(void)folder_each(m->dir, "waiting", in_hour, &w);
	return w.dir;
}

static size_t waiting_count(const struct media *m, struct ward_id ward, const struct hash *journey)
{
	struct finding w = {m, clock_now(m->c.clock), journey_folder(ward, journey), {""}, 0, -1};
	(void)folder_each(m->dir, "waiting", in_hour, &w);
	return w.count;
}

static struct timespec wait_end(int64_t patience)
{
	int64_t at = clock_ticks() + patience;
	return (struct timespec){.tv_sec = at / US_SECOND, .tv_nsec = at % US_SECOND * 1000};
}

static bool all_busy(const struct media *m, bool feed)
{
	return m->running >= m->c.children || (feed && m->feed_runs);
}

/* Locked: waits for a free child, which whoever got it gives back by child_done. */
static enum rc free_child(struct media *m, bool feed, enum photo_error *why, struct fault *f)
{
	struct timespec end = wait_end(feed && m->c.patience > FEED_PATIENCE ? FEED_PATIENCE : m->c.patience);
	/* Each who waits holds a worker, and pages need some, too. */
	bool patient = m->queued < QUEUED_MAX && !(feed && m->feed_waits);
	m->queued += patient;
	if (patient && feed)
		m->feed_waits = true;
	bool waits = patient;
	while (waits && all_busy(m, feed))
		waits = pthread_cond_timedwait(&m->freed, &m->lock, &end) != ETIMEDOUT;
	m->queued -= patient;
	if (patient && feed)
		m->feed_waits = false;
	if (all_busy(m, feed)) {
		*why = PHOTO_busy;
		return fault_set(f, RC_TIMEOUT, "no decoder became free");
	}
	m->running++;
	m->feed_runs = m->feed_runs || feed;
	return RC_OK;
}

/* Locked. All are told: who waits with a calendar may have to go on waiting where a photo need not. */
static void child_done(struct media *m, bool feed)
{
	m->running--;
	m->feed_runs = m->feed_runs && !feed;
	(void)pthread_cond_broadcast(&m->freed);
}

/* Locked: refuses early what the end would refuse, and waits for a free child. */
static enum rc admit(struct media *m, struct ward_id ward, const struct hash *journey,
                     enum photo_error *why, struct fault *f)
{
	enum rc rc = room_for(m, ward, 0, f);
	*why = PHOTO_full;
	if (rc != RC_OK)
		return rc;
	if (waiting_count(m, ward, journey) >= WAIT_MAX) {
		*why = PHOTO_too_many;
		return fault_set(f, RC_INVALID, "a journey has %d photos already", WAIT_MAX);
	}
	return free_child(m, false, why, f);
}

/* Locked: a journey that sends six at once must not get six. */
static enum rc store(struct media *m, struct ward_id ward, const struct hash *journey,
                     const struct decoded *d, struct photo *out, enum photo_error *why,
                     struct fault *f)
{
	int64_t size = photo_file_size(&d->frame);
	enum rc rc = room_for(m, ward, size, f);
	*why = PHOTO_full;
	if (rc != RC_OK)
		return rc;
	if (waiting_count(m, ward, journey) >= WAIT_MAX) {
		*why = PHOTO_too_many;
		return fault_set(f, RC_INVALID, "a journey has %d photos already", WAIT_MAX);
	}
	int hour = folder_open(m->waiting, hour_folder(clock_now(m->c.clock)).z, true);
	int dir = hour >= 0 ? folder_open(hour, journey_folder(ward, journey).z, true) : -1;
	rc = dir >= 0 ? photo_write(dir, out->name, d, out, f) : disk_fault(f, "making a folder");
	if (dir >= 0)
		(void)close(dir);
	if (hour >= 0)
		(void)close(hour);
	struct usage *u = rc == RC_OK ? usage_of(m, ward) : NULL;
	if (u != NULL)
		u->bytes += size;
	*why = rc == RC_OK ? PHOTO_fine : rc == RC_FULL ? PHOTO_full : PHOTO_busy;
	return rc;
}

enum rc media_make(struct media *m, struct arena *a, struct ward_id ward, const struct hash *journey, media_make_fn *make,
                   void *ctx, struct photo *out, enum photo_error *why, struct fault *f)
{
	struct decoded d = {0};
	uint8_t random[PHOTO_NAME / 2];
	(void)pthread_mutex_lock(&m->lock);
	enum rc rc = admit(m, ward, journey, why, f);
	(void)pthread_mutex_unlock(&m->lock);
	if (rc != RC_OK)
		return rc;
	rc = make(m->program, ctx, clock_ticks() + m->c.deadline, &d, why, f);
	random_bytes(random, sizeof random);
	out->name = hex_of(a, str_n((const char *)random, sizeof random));
	(void)pthread_mutex_lock(&m->lock);
	child_done(m, false);
	if (rc == RC_OK)
		rc = store(m, ward, journey, &d, out, why, f);
	(void)pthread_mutex_unlock(&m->lock);
	free(d.bytes);
	return rc;
}

static enum rc decode(const char *program, void *ctx, int64_t until, struct decoded *out, enum photo_error *why,
                      struct fault *f)
{
	return child_decode(program, ctx, until, out, why, f);
}

enum rc media_wait(struct media *m, struct arena *a, struct ward_id ward,
                   const struct hash *journey, struct spool *spool, struct photo *out,
                   enum photo_error *why, struct fault *f)
{
	if (spool_size(spool) == 0 || spool_size(spool) > FRAME_MAX_INPUT) {
		*why = spool_size(spool) == 0 ? PHOTO_empty : PHOTO_too_large;
		return fault_set(f, RC_INVALID, "an upload of %zu bytes is no photo", spool_size(spool));
	}
	return media_make(m, a, ward, journey, decode, spool, out, why, f);
}

/* A line "2027-02-08 Name". */
static bool day_line(struct arena *a, struct str line, int year, struct media_day *out)
{
	struct str name = str_sub(line, 11, line.n);
	if (line.n < 11 || line.p[10] != ' ' || !day_parse(str_sub(line, 0, 10), &out->day) ||
	    date_from_day(out->day).year != year)
		return false;
	if (text_clean(a, name, TEXT_LINE, MEDIA_DAY_NAME_MAX, &out->name) != RC_OK)
		out->name = STR_EMPTY;
	return true;
}

enum rc media_calendar(struct media *m, struct arena *a, struct spool *spool, int year, struct media_day **out,
                       size_t *count, enum photo_error *why, struct fault *f)
{
	uint8_t *answer = NULL;
	size_t n = 0;
	if (spool_size(spool) > FRAME_MAX_CALENDAR) {
		*why = PHOTO_too_large;
		return fault_set(f, RC_TOO_BIG, "a calendar of %zu bytes: at most %d", spool_size(spool), FRAME_MAX_CALENDAR);
	}
	(void)pthread_mutex_lock(&m->lock);
	enum rc rc = free_child(m, true, why, f);
	(void)pthread_mutex_unlock(&m->lock);
	if (rc != RC_OK)
		return rc;
	int64_t deadline = m->c.deadline < FEED_DEADLINE ? m->c.deadline : FEED_DEADLINE;
	rc = child_calendar(m->program, year, spool, clock_ticks() + deadline, &answer, &n, why, f);
	(void)pthread_mutex_lock(&m->lock);
	child_done(m, true);
	(void)pthread_mutex_unlock(&m->lock);
	if (rc == RC_INVALID)
		return fault_set(f, rc, *why == PHOTO_too_large ? "more events or repetitions than a calendar of holidays has"
		                        : *why == PHOTO_truncated ? "an event begins on a day, or at an hour, that there is not"
		                                                  : "the file is no iCalendar file");
	if (rc != RC_OK)
		return rc;
	/* Nothing that it says is trusted: a file may have taken it over. */
	struct str text = str_n((const char *)answer, n);
	*out = arena_array(a, MEDIA_DAYS_MAX, sizeof **out);
	for (*count = 0; rc == RC_OK && text.n > 0;) {
		struct media_day *d = &(*out)[*count];
		bool fine = *count < MEDIA_DAYS_MAX && day_line(a, str_cut(&text, '\n'), year, d);
		if (!fine || (*count > 0 && d->day <= d[-1].day)) {
			*why = PHOTO_not_image;
			rc = fault_set(f, RC_INVALID, "xom-media wrote something that is no day");
		}
		(*count)++;
	}
	free(answer);
	return rc;
}

enum rc media_probe(struct media *m, struct fault *f)
{
	struct spool *nothing = NULL;
	struct decoded d = {0};
	enum photo_error why;
	struct fault said = {0};
	char dir[64];
	(void)snprintf(dir, sizeof dir, "/proc/self/fd/%d", m->dir);
	enum rc rc = spool_new(&nothing, dir, f);
	if (rc != RC_OK)
		return rc;
	rc = child_decode(m->program, nothing, clock_ticks() + m->c.deadline, &d, &why, &said);
	spool_free(nothing);
	free(d.bytes);
	/* It locks itself in before it reads: an empty photo is refused from inside. */
	if (rc == RC_INVALID && why == PHOTO_empty)
		return RC_OK;
	return fault_set(f, rc == RC_OK || rc == RC_INVALID ? RC_FAIL : rc, "%s", said.text);
}

static enum rc wait_load(struct media *m, struct arena *a, struct ward_id ward,
                         const struct hash *journey, struct str name, bool thumb,
                         struct photo *info, struct str *bytes, struct fault *f)
{
	int dir = media_waiting_dir(m, ward, journey, name);
	if (dir < 0)
		return RC_NONE;
	enum rc rc = photo_load(dir, name, a, NULL, thumb, info, bytes, f);
	(void)close(dir);
	return rc;
}

enum rc media_wait_read(struct media *m, struct arena *a, struct ward_id ward,
                        const struct hash *journey, struct str name, bool thumb, struct str *bytes,
                        struct fault *f)
{
	return wait_load(m, a, ward, journey, name, thumb, NULL, bytes, f);
}

enum rc media_wait_info(struct media *m, struct arena *a, struct ward_id ward,
                        const struct hash *journey, struct str name, struct photo *out,
                        struct fault *f)
{
	return wait_load(m, a, ward, journey, name, false, out, NULL, f);
}

enum rc media_wait_drop(struct media *m, struct ward_id ward, const struct hash *journey,
                        struct str name, struct fault *f)
{
	int64_t size;
	int dir = media_waiting_dir(m, ward, journey, name);
	if (dir < 0)
		return RC_NONE;
	enum rc rc = photo_unlink(dir, name, &size, f);
	(void)close(dir);
	if (rc == RC_OK)
		media_usage_add(m, ward, -size, false);
	return rc;
}
