/* Kept photos: in the folder or in the bucket, read, removed, swept, moved. */
#include "kit/media/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/base/log.h"
#include "kit/media/media_private.h"

/* A photo's file is at most some 4.5 MiB, and it is read back. */
#define WORK_ARENA ((size_t)32 << 20)

/* --- the bucket's photos that were read lately --- */

static bool cache_get(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                      struct str *whole)
{
	bool found = false;
	(void)pthread_mutex_lock(&m->lock);
	for (struct remembered **at = &m->cache; *at != NULL && !found; at = &(*at)->next) {
		struct remembered *r = *at;
		if (r->ward.v != ward.v || !str_eq(str_n(r->name, PHOTO_NAME), name))
			continue;
		*at = r->next;
		r->next = m->cache;
		m->cache = r;
		*whole = arena_copy(a, str_n(r->bytes, r->n));
		found = true;
		break;
	}
	(void)pthread_mutex_unlock(&m->lock);
	return found;
}

/* Locked. */
static void cut_cache(struct media *m, size_t max)
{
	size_t sum = 0;
	struct remembered **at = &m->cache;
	while (*at != NULL) {
		struct remembered *r = *at;
		if (sum + r->n <= max) {
			sum += r->n;
			at = &r->next;
			continue;
		}
		*at = r->next;
		free(r);
	}
	m->cached = sum;
}

static void cache_put(struct media *m, struct ward_id ward, struct str name, struct str whole)
{
	struct remembered *r = malloc(sizeof *r + whole.n);
	if (r == NULL)
		return;
	r->ward = ward;
	r->n = whole.n;
	memcpy(r->name, name.p, PHOTO_NAME);
	memcpy(r->bytes, whole.p, whole.n);
	(void)pthread_mutex_lock(&m->lock);
	r->next = m->cache;
	m->cache = r;
	m->cached += r->n;
	if (m->cached > m->cache_max)
		cut_cache(m, m->cache_max);
	(void)pthread_mutex_unlock(&m->lock);
}

static void cache_drop(struct media *m, struct ward_id ward, struct str name)
{
	(void)pthread_mutex_lock(&m->lock);
	for (struct remembered **at = &m->cache; *at != NULL;) {
		struct remembered *r = *at;
		if (r->ward.v != ward.v || !str_eq(str_n(r->name, PHOTO_NAME), name)) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		m->cached -= r->n;
		free(r);
	}
	(void)pthread_mutex_unlock(&m->lock);
}

void media_forget_all(struct media *m)
{
	(void)pthread_mutex_lock(&m->lock);
	cut_cache(m, 0);
	(void)pthread_mutex_unlock(&m->lock);
}

/* --- keeping and reading --- */

static enum rc keep_far(struct media *m, struct ward_id ward, struct str name, int from,
                        struct fault *f)
{
	struct arena a;
	struct str whole;
	arena_init(&a, WORK_ARENA);
	enum rc rc = photo_file_read(from, name, &a, &whole, f);
	if (rc == RC_OK)
		rc = m->far->put(m->far, ward, name, whole, f);
	if (rc == RC_OK)
		media_usage_add(m, ward, (int64_t)whole.n, true);
	arena_release(&a);
	return rc;
}

enum rc media_keep(struct media *m, struct ward_id ward, const struct hash *journey,
                   struct str name, struct fault *f)
{
	int from = media_waiting_dir(m, ward, journey, name);
	int64_t size = 0;
	enum rc rc;
	if (from < 0)
		return RC_NONE;
	if (m->far != NULL) {
		rc = keep_far(m, ward, name, from, f);
	} else {
		rc = kept_folder_link(m->dir, ward, name, from, clock_now(m->c.clock), &size, f);
		if (rc == RC_OK)
			media_usage_add(m, ward, size, false);
		else if (rc == RC_EXISTS)
			rc = RC_OK;
	}
	(void)close(from);
	return rc;
}

enum rc media_whole(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                    struct str *whole, struct fault *f)
{
	if (!name_valid(name))
		return RC_NONE;
	enum rc rc = m->folder->get(m->folder, a, ward, name, whole, f);
	if (rc != RC_NONE || m->far == NULL)
		return rc;
	rc = m->far->get(m->far, a, ward, name, whole, f);
	/* It may just have been moved out of there. */
	return rc == RC_NONE ? m->folder->get(m->folder, a, ward, name, whole, f) : rc;
}

static enum rc read_folder(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                           const struct hash *want, bool thumb, struct str *bytes, struct fault *f)
{
	int dir = kept_folder_open(m->dir, ward, name, false);
	if (dir < 0)
		return errno == ENOENT ? RC_NONE : disk_fault(f, "opening a photo's folder");
	enum rc rc = photo_load(dir, name, a, want, thumb, NULL, bytes, f);
	(void)close(dir);
	return rc;
}

enum rc media_read(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                   const struct hash *want, bool thumb, struct str *bytes, struct fault *f)
{
	struct str whole;
	enum rc rc = read_folder(m, a, ward, name, want, thumb, bytes, f);
	if (rc != RC_NONE || m->far == NULL || !name_valid(name))
		return rc;
	if (cache_get(m, a, ward, name, &whole))
		return photo_parse(whole, name, want, thumb, bytes, f);
	rc = m->far->get(m->far, a, ward, name, &whole, f);
	if (rc == RC_NONE) /* it may just have been moved out of there */
		return read_folder(m, a, ward, name, want, thumb, bytes, f);
	/* A thumbnail is vouched for by the file's end alone, and that end by the photo's hash. */
	if (rc == RC_OK)
		rc = photo_parse(whole, name, want, !thumb, bytes, f);
	if (rc == RC_OK)
		rc = photo_parse(whole, name, want, thumb, bytes, f);
	if (rc == RC_OK)
		cache_put(m, ward, name, whole);
	return rc;
}

enum rc media_check(struct media *m, struct ward_id ward, struct str name, const struct hash *want,
                    struct fault *f)
{
	struct arena a;
	struct str whole, part;
	arena_init(&a, WORK_ARENA);
	enum rc rc = media_whole(m, &a, ward, name, &whole, f);
	if (rc == RC_OK)
		rc = photo_parse(whole, name, want, false, &part, f);
	if (rc == RC_OK)
		rc = photo_parse(whole, name, want, true, &part, f);
	arena_release(&a);
	return rc;
}

struct str media_file(struct arena *a, struct ward_id ward, struct str name)
{
	if (!name_valid(name))
		return STR_EMPTY;
	return arena_fmt(a, "%s/%.2s/%s", ward_folder(ward).z, name.p, photo_file(name).z);
}

enum rc media_remove(struct media *m, struct ward_id ward, struct str name, struct fault *f)
{
	int64_t size = 0;
	if (!name_valid(name))
		return RC_NONE;
	enum rc rc = m->folder->remove(m->folder, ward, name, &size, f);
	if (rc == RC_OK)
		media_usage_add(m, ward, -size, false);
	if ((rc != RC_OK && rc != RC_NONE) || m->far == NULL)
		return rc;
	cache_drop(m, ward, name);
	return m->far->remove(m->far, ward, name, &size, f);
}

/* --- the sweep --- */

struct sweep {
	struct media *m;
	struct kept *kept;
	struct ward_id ward;
	int64_t now, left;        /* left: bytes that stay */
	media_known_fn *known;
	void *ctx;
	size_t removed;
	enum rc rc;
	struct fault *f;
};

static bool sweep_hour(void *ctx, int dir, const char *name)
{
	struct sweep *s = ctx;
	if (hour_over(name, s->now)) {
		folder_remove(dir, name);
		s->removed++;
	}
	return true;
}

static bool sweep_photo(void *ctx, const struct kept_item *item)
{
	struct sweep *s = ctx;
	int64_t size;
	/* One whose age is not told stays. */
	if (item->changed_at == 0 || s->now - item->changed_at <= WAIT_HOURS * US_HOUR ||
	    s->known(s->ctx, item->name)) {
		s->left += item->size;
		return true;
	}
	enum rc rc = s->kept->remove(s->kept, s->ward, item->name, &size, s->f);
	cache_drop(s->m, s->ward, item->name);
	s->removed += rc == RC_OK;
	if (rc != RC_OK && rc != RC_NONE)
		s->rc = rc;
	return s->rc == RC_OK;
}

static enum rc sweep_kept(struct sweep *s, struct fault *f)
{
	s->f = f;
	enum rc rc = s->kept->each(s->kept, s->ward, sweep_photo, s, f);
	if (s->removed > 0)
		log_info("media", "the sweep removed %zu files or hours", s->removed);
	return rc == RC_OK ? s->rc : rc;
}

enum rc media_sweep(struct media *m, struct ward_id ward, media_known_fn *known, void *ctx,
                    struct fault *f)
{
	struct sweep s = {.m = m, .kept = m->folder, .ward = ward, .now = clock_now(m->c.clock),
	                  .known = known, .ctx = ctx};
	if (folder_each(m->dir, "waiting", sweep_hour, &s) != 0)
		return disk_fault(f, "sweeping waiting photos");
	enum rc rc = sweep_kept(&s, f);
	if (s.removed > 0)
		media_recount(m);
	return rc;
}

enum rc media_sweep_far(struct media *m, struct ward_id ward, media_known_fn *known, void *ctx,
                        struct fault *f)
{
	struct sweep s = {.m = m, .kept = m->far, .ward = ward, .now = clock_now(m->c.clock),
	                  .known = known, .ctx = ctx};
	if (m->far == NULL)
		return RC_OK;
	enum rc rc = sweep_kept(&s, f);
	if (rc == RC_OK)
		media_usage_far(m, ward, s.left);
	return rc;
}

/* --- moving --- */

struct moving {
	struct media *m;
	struct kept *from, *to;
	struct ward_id ward;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	struct media_moved *out;
	enum rc rc;
	struct fault *f;
};

static enum rc move_one(struct moving *v, struct arena *a, const struct kept_item *item)
{
	struct str whole, part;
	int64_t size;
	char line[120];
	enum rc rc = v->from->get(v->from, a, v->ward, item->name, &whole, v->f);
	if (rc == RC_NONE)
		return RC_OK;             /* swept meanwhile */
	if (rc == RC_OK)
		rc = photo_parse(whole, item->name, NULL, false, &part, v->f);
	if (rc == RC_OK)
		rc = photo_parse(whole, item->name, NULL, true, &part, v->f);
	if (rc == RC_CORRUPT) {
		v->out->damaged++;
		(void)snprintf(line, sizeof line, "photo %.*s is not as it was written: it stays where it is",
		               PSTR(item->name));
		v->say(v->ctx, line);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = v->to->put(v->to, v->ward, item->name, whole, v->f);
	if (rc == RC_OK)
		rc = v->from->remove(v->from, v->ward, item->name, &size, v->f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	v->out->photos++;
	v->out->bytes += (int64_t)whole.n;
	if (v->out->photos % 1000 == 0) {
		(void)snprintf(line, sizeof line, "%lld photos are moved", (long long)v->out->photos);
		v->say(v->ctx, line);
	}
	return RC_OK;
}

static bool move_photo(void *ctx, const struct kept_item *item)
{
	struct moving *v = ctx;
	struct arena a;
	arena_init(&a, WORK_ARENA);
	v->rc = move_one(v, &a, item);
	arena_release(&a);
	return v->rc == RC_OK;
}

enum rc media_move(struct media *m, struct ward_id ward, bool into_bucket,
                   void (*say)(void *ctx, const char *line), void *ctx, struct media_moved *out,
                   struct fault *f)
{
	if (m->far == NULL)
		return fault_set(f, RC_INVALID, "no bucket is set: attachments in the settings names it");
	struct moving v = {.m = m, .from = into_bucket ? m->folder : m->far,
	                   .to = into_bucket ? m->far : m->folder, .ward = ward, .say = say, .ctx = ctx,
	                   .out = out, .f = f};
	enum rc rc = v.from->each(v.from, ward, move_photo, &v, f);
	return rc == RC_OK ? v.rc : rc;
}

void media_look(struct media *m, struct attachments_look *out)
{
	*out = (struct attachments_look){.far = m->far != NULL};
	if (m->far != NULL)
		kept_s3_look(m->far, out);
}

enum rc media_join(struct media *m, struct fault *f)
{
	if (m->far == NULL)
		return fault_set(f, RC_INVALID, "no bucket is set: attachments in the settings names it");
	return kept_s3_join(m->far, f);
}
