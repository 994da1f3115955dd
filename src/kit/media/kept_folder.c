#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/media/kept.h"

struct in_folder {
	struct kept as;
	int dir;
};

int kept_folder_open(int dir, struct ward_id ward, struct str name, bool make)
{
	errno = ENOENT;
	if (!name_valid(name))
		return -1;
	int of_ward = folder_open(dir, ward_folder(ward).z, make);
	if (of_ward < 0)
		return -1;
	int out = folder_open(of_ward, (char[]){name.p[0], name.p[1], '\0'}, make);
	int was = errno;
	(void)close(of_ward);
	errno = was;
	return out;
}

static int open_of(struct kept *k, struct ward_id ward, struct str name, bool make)
{
	return kept_folder_open(((struct in_folder *)k)->dir, ward, name, make);
}

enum rc kept_folder_link(int dir, struct ward_id ward, struct str name, int from, int64_t now,
                         int64_t *size, struct fault *f)
{
	struct folder file = photo_file(name);
	struct stat st;
	enum rc rc = RC_OK;
	/* The sweep goes by this time: a photo that waited for a day must not look forgotten in the
	 * moment between its being kept and the commit that names it. */
	struct timespec t = {.tv_sec = now / US_SECOND, .tv_nsec = now % US_SECOND * 1000};
	int to = kept_folder_open(dir, ward, name, true);
	if (to < 0 || fstatat(from, file.z, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    utimensat(from, file.z, (struct timespec[]){t, t}, AT_SYMLINK_NOFOLLOW) != 0) {
		rc = disk_fault(f, "keeping a photo");
		goto out;
	}
	*size = st.st_size;
	bool new = linkat(from, file.z, to, file.z, 0) == 0;
	if ((!new && errno != EEXIST) || fsync(to) != 0)
		rc = disk_fault(f, "keeping a photo");
	else if (!new)
		rc = RC_EXISTS;
out:
	if (to >= 0)
		(void)close(to);
	return rc;
}

static enum rc folder_put(struct kept *k, struct ward_id ward, struct str name, struct str whole,
                          struct fault *f)
{
	int dir = open_of(k, ward, name, true);
	if (dir < 0)
		return disk_fault(f, "making a photo's folder");
	enum rc rc = photo_file_write(dir, name, whole, f);
	(void)close(dir);
	return rc;
}

static enum rc folder_get(struct kept *k, struct arena *a, struct ward_id ward, struct str name,
                          struct str *whole, struct fault *f)
{
	int dir = open_of(k, ward, name, false);
	if (dir < 0)
		return errno == ENOENT ? RC_NONE : disk_fault(f, "opening a photo's folder");
	enum rc rc = photo_file_read(dir, name, a, whole, f);
	(void)close(dir);
	return rc;
}

static enum rc folder_remove_photo(struct kept *k, struct ward_id ward, struct str name,
                                   int64_t *size, struct fault *f)
{
	int dir = open_of(k, ward, name, false);
	if (dir < 0)
		return errno == ENOENT ? RC_NONE : disk_fault(f, "opening a photo's folder");
	enum rc rc = photo_unlink(dir, name, size, f);
	(void)close(dir);
	return rc;
}

struct walk {
	kept_each_fn *fn;
	void *ctx;
	bool ended;
};

static bool walk_file(void *ctx, int dir, const char *file)
{
	struct walk *w = ctx;
	struct stat st;
	struct str name = str_sub(str_of(file), 0, PHOTO_NAME);
	if (!name_valid(name) || strcmp(photo_file(name).z, file) != 0 ||
	    fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return true;
	const struct kept_item item = {name, st.st_size,
		st.st_mtim.tv_sec * US_SECOND + st.st_mtim.tv_nsec / 1000};
	w->ended = !w->fn(w->ctx, &item);
	return !w->ended;
}

static bool walk_folder(void *ctx, int dir, const char *name)
{
	(void)folder_each(dir, name, walk_file, ctx);
	return !((struct walk *)ctx)->ended;
}

static enum rc folder_walk(struct kept *k, struct ward_id ward, kept_each_fn *fn, void *ctx,
                           struct fault *f)
{
	struct walk w = {fn, ctx, false};
	if (folder_each(((struct in_folder *)k)->dir, ward_folder(ward).z, walk_folder, &w) != 0 &&
	    errno != ENOENT)
		return disk_fault(f, "listing photos");
	return RC_OK;
}

static void folder_close(struct kept *k) { free(k); }

struct kept *kept_folder(int dir)
{
	struct in_folder *k = calloc(1, sizeof *k);
	if (k == NULL)
		return NULL;
	k->dir = dir;
	k->as = (struct kept){folder_put, folder_get, folder_remove_photo, folder_walk, folder_close};
	return &k->as;
}
