#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/media/kept.h"
#include "kit/media/s3.h"

#define MARK "xom-owner"               /* the object */
#define OWN_MARK ".attachments-owner"  /* the file: no photo's name */
enum { MARK_SIZE = 32 };

struct in_s3 {
	struct kept as;
	struct s3 *s3;
	int dir;
	pthread_mutex_t lock;              /* of marking, and of: */
	bool ours;                         /* the marks were compared */
};

/* The key without the file's ending is a photo's name: "1/ab/NAME.jpg". */
static struct str key_of(struct arena *a, struct ward_id ward, struct str name)
{
	return media_file(a, ward, name);
}

/* --- whose it is --- */

static bool own_mark(const struct in_s3 *k, char out[MARK_SIZE])
{
	int fd = openat(k->dir, OWN_MARK, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool whole = fd >= 0 && read(fd, out, MARK_SIZE) == MARK_SIZE;
	if (fd >= 0)
		(void)close(fd);
	return whole;
}

static enum rc write_own_mark(const struct in_s3 *k, struct str mark, struct fault *f)
{
	int fd = openat(k->dir, OWN_MARK ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool fine = fd >= 0 && write(fd, mark.p, mark.n) == (ssize_t)mark.n && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		fine = false;
	if (!fine || renameat(k->dir, OWN_MARK ".new", k->dir, OWN_MARK) != 0 || fsync(k->dir) != 0)
		return disk_fault(f, "writing the mark of the storage of photos");
	return RC_OK;
}

static enum rc its_mark(struct in_s3 *k, struct arena *a, struct str *mark, struct fault *f)
{
	enum rc rc = s3_get(k->s3, a, STR(MARK), mark, f);
	if (rc == RC_OK && !name_valid(*mark))
		return fault_set(f, RC_CORRUPT, "the object " MARK " of the storage of photos is not ours");
	return rc;
}

/* Two that begin at once both write; what can be read afterwards is whose it is. */
static enum rc make_mark(struct in_s3 *k, struct arena *a, struct str *its, struct fault *f)
{
	char own[MARK_SIZE];
	uint8_t random[MARK_SIZE / 2];
	struct str mark = str_n(own, MARK_SIZE);
	if (!own_mark(k, own)) {
		random_bytes(random, sizeof random);
		mark = hex_of(a, str_n((const char *)random, sizeof random));
		enum rc rc = write_own_mark(k, mark, f);
		if (rc != RC_OK)
			return rc;
	}
	enum rc rc = s3_put(k->s3, STR(MARK), arena_copy(a, mark), f);
	return rc == RC_OK ? its_mark(k, a, its, f) : rc;
}

static enum rc check_ours(struct in_s3 *k, struct fault *f)
{
	char own[MARK_SIZE];
	struct arena a;
	struct str its;
	(void)pthread_mutex_lock(&k->lock);
	bool ours = k->ours;
	(void)pthread_mutex_unlock(&k->lock);
	if (ours)
		return RC_OK;
	/* Not held while it is asked: whoever hangs there must not hold up the others. */
	arena_init(&a, S3_OBJECT_MAX + (1 << 20));
	enum rc rc = its_mark(k, &a, &its, f);
	if (rc == RC_NONE)
		rc = make_mark(k, &a, &its, f);
	if (rc == RC_OK && (!own_mark(k, own) || memcmp(own, its.p, MARK_SIZE) != 0))
		rc = fault_set(f, RC_REFUSED, "the storage of photos belongs to another installation: nothing is "
		               "stored or removed there. If this one takes its place: xom attachments join");
	else if (rc == RC_NONE)
		rc = fault_set(f, RC_CORRUPT, "the storage of photos does not keep what it takes");
	arena_release(&a);
	if (rc == RC_OK) {
		(void)pthread_mutex_lock(&k->lock);
		k->ours = true;
		(void)pthread_mutex_unlock(&k->lock);
	}
	return rc;
}

enum rc kept_s3_join(struct kept *as, struct fault *f)
{
	struct in_s3 *k = (struct in_s3 *)as;
	struct arena a;
	struct str its;
	arena_init(&a, S3_OBJECT_MAX + (1 << 20));
	enum rc rc = its_mark(k, &a, &its, f);
	if (rc == RC_OK)
		rc = write_own_mark(k, its, f);
	arena_release(&a);
	return rc;
}

/* --- photos --- */

static enum rc far_get(struct kept *as, struct arena *a, struct ward_id ward, struct str name,
                       struct str *whole, struct fault *f)
{
	return s3_get(((struct in_s3 *)as)->s3, a, key_of(a, ward, name), whole, f);
}

static enum rc far_put(struct kept *as, struct ward_id ward, struct str name, struct str whole,
                       struct fault *f)
{
	struct in_s3 *k = (struct in_s3 *)as;
	struct arena a;
	struct str back;
	enum rc rc = check_ours(k, f);
	if (rc != RC_OK)
		return rc;
	arena_init(&a, S3_OBJECT_MAX + (1 << 20));
	rc = s3_put(k->s3, key_of(&a, ward, name), whole, f);
	if (rc == RC_OK)
		rc = s3_get(k->s3, &a, key_of(&a, ward, name), &back, f);
	if (rc == RC_NONE || (rc == RC_OK && !str_eq(back, whole)))
		rc = fault_set(f, RC_AWAY, "the storage of photos said that it took a photo, and gives %s",
		               rc == RC_NONE ? "none" : "another one");
	arena_release(&a);
	return rc;
}

static enum rc far_remove(struct kept *as, struct ward_id ward, struct str name, int64_t *size,
                          struct fault *f)
{
	struct in_s3 *k = (struct in_s3 *)as;
	struct arena a;
	enum rc rc = check_ours(k, f);
	if (rc != RC_OK)
		return rc;
	*size = 0;
	arena_init(&a, 64 << 10);
	rc = s3_delete(k->s3, key_of(&a, ward, name), f);
	arena_release(&a);
	return rc;
}

struct walk {
	kept_each_fn *fn;
	void *ctx;
	struct arena a;
	struct ward_id ward;
};

static bool walk_object(void *ctx, const struct s3_item *item)
{
	struct walk *w = ctx;
	size_t at = item->key.n;
	while (at > 0 && item->key.p[at - 1] != '/')
		at--;
	struct kept_item photo = {str_sub(item->key, at, PHOTO_NAME), item->size, item->changed_at};
	arena_reset(&w->a);
	if (!name_valid(photo.name) || !str_eq(key_of(&w->a, w->ward, photo.name), item->key))
		return true;
	return w->fn(w->ctx, &photo);
}

static enum rc far_each(struct kept *as, struct ward_id ward, kept_each_fn *fn, void *ctx,
                        struct fault *f)
{
	struct in_s3 *k = (struct in_s3 *)as;
	struct walk w = {.fn = fn, .ctx = ctx, .ward = ward};
	struct arena a;
	arena_init(&a, 4096);
	arena_init(&w.a, 4096);
	enum rc rc = s3_list(k->s3, arena_fmt(&a, "%s/", ward_folder(ward).z), walk_object, &w, f);
	arena_release(&w.a);
	arena_release(&a);
	return rc;
}

static void far_close(struct kept *as)
{
	struct in_s3 *k = (struct in_s3 *)as;
	s3_close(k->s3);
	(void)pthread_mutex_destroy(&k->lock);
	free(k);
}

void kept_s3_look(struct kept *as, struct attachments_look *out)
{
	struct in_s3 *k = (struct in_s3 *)as;
	struct fault f = {0};
	s3_look(k->s3, out);
	if (out->rc == RC_OK)
		out->foreign = check_ours(k, &f) == RC_REFUSED;
}

enum rc kept_s3_open(struct kept **out, int dir, const struct s3_config *c, struct fault *f)
{
	struct in_s3 *k = calloc(1, sizeof *k);
	if (k == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the storage of photos");
	enum rc rc = s3_open(&k->s3, c, f);
	if (rc != RC_OK) {
		free(k);
		return rc;
	}
	k->dir = dir;
	(void)pthread_mutex_init(&k->lock, NULL);
	k->as = (struct kept){far_put, far_get, far_remove, far_each, far_close};
	*out = &k->as;
	return RC_OK;
}
