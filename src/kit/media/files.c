#include "kit/media/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/clock.h"

enum rc disk_fault(struct fault *f, const char *doing)
{
	enum rc rc = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? RC_FULL : RC_IO;
	return fault_set(f, rc, "%s: %s", doing, strerror(errno));
}

bool name_valid(struct str name)
{
	if (name.n != PHOTO_NAME)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!(name.p[i] >= '0' && name.p[i] <= '9') && !(name.p[i] >= 'a' && name.p[i] <= 'f'))
			return false;
	return true;
}

struct folder hour_folder(int64_t at)
{
	struct folder out;
	struct moment m = moment_of(at);
	(void)snprintf(out.z, sizeof out.z, "%04d%02d%02d%02d", m.date.year, m.date.month, m.date.day,
	               m.hour);
	return out;
}

bool hour_over(const char *folder, int64_t now)
{
	struct str s = str_of(folder);
	int64_t n;
	if (s.n != 10 || !str_i64(s, &n) || n < 0)
		return false;
	struct date d = {(int)(n / 1000000), (int)(n / 10000 % 100), (int)(n / 100 % 100)};
	if (!date_valid(d) || n % 100 > 23)
		return false;
	return day_start(day_from_date(d)) + (n % 100 + WAIT_HOURS) * US_HOUR <= now;
}

struct folder ward_folder(struct ward_id ward)
{
	struct folder out;
	(void)snprintf(out.z, sizeof out.z, "%lld", (long long)ward.v);
	return out;
}

struct folder journey_folder(struct ward_id ward, const struct hash *journey)
{
	struct folder out = ward_folder(ward);
	size_t n = strlen(out.z);
	struct hash h = hash_of(NULL, "waiting", hash_str(journey));
	out.z[n++] = '-';
	for (int i = 0; i < HASH_SIZE; i++)
		n += (size_t)snprintf(out.z + n, sizeof out.z - n, "%02x", h.b[i]);
	return out;
}

int folder_open(int at, const char *name, bool make)
{
	if (make && mkdirat(at, name, 0700) == 0) {
		if (fsync(at) != 0)
			return -1;
	} else if (make && errno != EEXIST) {
		return -1;
	}
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int folder_each(int at, const char *name, bool (*each)(void *ctx, int dir, const char *name),
                void *ctx)
{
	int fd = folder_open(at, name, false);
	if (fd < 0)
		return -1;
	DIR *d = fdopendir(fd);
	if (d == NULL) {
		(void)close(fd);
		return -1;
	}
	struct dirent *e;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && !each(ctx, fd, e->d_name))
			break;
	(void)closedir(d);
	return 0;
}

void folder_remove(int at, const char *name)
{
	int fd = folder_open(at, name, false);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	struct dirent *e;
	/* Half-written files have a dot in front and go as well. */
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, e->d_name, 0) != 0 && (errno == EISDIR || errno == EPERM))
			folder_remove(fd, e->d_name);
	}
	(void)closedir(d);
	(void)unlinkat(at, name, AT_REMOVEDIR);
}

struct folder photo_file(struct str name)
{
	struct folder out;
	(void)snprintf(out.z, sizeof out.z, "%.*s.jpg", PSTR(name));
	return out;
}

/* The trailer: magic, four numbers, two hashes. */
enum { TRAILER = 8 + 16 + 2 * HASH_SIZE, PHOTO_FILE_MAX = FRAME_MAX_PHOTO + FRAME_MAX_THUMB + TRAILER };
static const char magic[8] = "XomPhoto";

static void trailer_write(const struct frame *fr, const struct hash *photo, const struct hash *thumb,
                          uint8_t out[TRAILER])
{
	memcpy(out, magic, sizeof magic);
	frame_put32(out + 8, fr->width);
	frame_put32(out + 12, fr->height);
	frame_put32(out + 16, fr->photo);
	frame_put32(out + 20, fr->thumb);
	memcpy(out + 24, photo->b, HASH_SIZE);
	memcpy(out + 24 + HASH_SIZE, thumb->b, HASH_SIZE);
}

int64_t photo_file_size(const struct frame *fr)
{
	return (int64_t)fr->photo + fr->thumb + TRAILER;
}

static bool put(int fd, const void *p, size_t n)
{
	const char *at = p;
	while (n > 0) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static struct hash photo_hash(const void *p, size_t n)
{
	return hash_of(NULL, "photo", str_n(p, n));
}

static enum rc file_write(int dir, struct str name, struct str first, struct str last,
                          struct fault *f)
{
	struct folder file = photo_file(name), temp;
	(void)snprintf(temp.z, sizeof temp.z, ".%.*s", PSTR(name));
	int fd = openat(dir, temp.z, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return disk_fault(f, "making a photo's file");
	bool fine = put(fd, first.p, first.n) && put(fd, last.p, last.n) && fsync(fd) == 0;
	int was = errno;
	if (close(fd) != 0 && fine) {
		fine = false;
		was = errno;
	}
	if (fine && (renameat(dir, temp.z, dir, file.z) != 0 || fsync(dir) != 0)) {
		fine = false;
		was = errno;
	}
	if (!fine) {
		(void)unlinkat(dir, temp.z, 0);
		(void)unlinkat(dir, file.z, 0);
		errno = was;
		return disk_fault(f, "writing a photo");
	}
	return RC_OK;
}

enum rc photo_file_write(int dir, struct str name, struct str whole, struct fault *f)
{
	struct folder temp;
	(void)snprintf(temp.z, sizeof temp.z, ".%.*s", PSTR(name));
	(void)unlinkat(dir, temp.z, 0);    /* of a run that was killed */
	return file_write(dir, name, whole, STR_EMPTY, f);
}

enum rc photo_write(int dir, struct str name, const struct decoded *d, struct photo *out,
                    struct fault *f)
{
	struct hash photo = photo_hash(d->bytes, d->frame.photo);
	struct hash thumb = photo_hash(d->bytes + d->frame.photo, d->frame.thumb);
	uint8_t end[TRAILER];
	trailer_write(&d->frame, &photo, &thumb, end);
	enum rc rc = file_write(dir, name,
	                        str_n((const char *)d->bytes, (size_t)d->frame.photo + d->frame.thumb),
	                        str_n((const char *)end, sizeof end), f);
	if (rc == RC_OK)
		*out = (struct photo){name, photo, (int)d->frame.width, (int)d->frame.height, d->frame.photo};
	return rc;
}

static bool get(int fd, void *p, size_t n, off_t at)
{
	char *to = p;
	while (n > 0) {
		ssize_t got = pread(fd, to, n, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

static enum rc torn(struct fault *f, struct str name)
{
	return fault_set(f, RC_CORRUPT, "photo %.*s is not as it was written", PSTR(name));
}

struct trailer {
	struct frame frame;
	struct hash photo, thumb;
};

/* False: no file of that size ends so. */
static bool trailer_read(const uint8_t end[TRAILER], int64_t size, struct trailer *t)
{
	t->frame = (struct frame){frame_get32(end + 8), frame_get32(end + 12), frame_get32(end + 16),
		frame_get32(end + 20)};
	memcpy(t->photo.b, end + 24, HASH_SIZE);
	memcpy(t->thumb.b, end + 24 + HASH_SIZE, HASH_SIZE);
	return memcmp(end, magic, sizeof magic) == 0 && t->frame.photo <= FRAME_MAX_PHOTO &&
	       t->frame.thumb <= FRAME_MAX_THUMB && photo_file_size(&t->frame) == size;
}

static bool as_wanted(const struct trailer *t, const struct hash *want)
{
	return want == NULL || hash_eq(&t->photo, want);
}

static bool whole_part(const struct trailer *t, bool thumb, struct str part)
{
	struct hash is = photo_hash(part.p, part.n);
	return hash_eq(&is, thumb ? &t->thumb : &t->photo);
}

enum rc photo_load(int dir, struct str name, struct arena *a, const struct hash *want, bool thumb,
                   struct photo *info, struct str *bytes, struct fault *f)
{
	struct folder file = photo_file(name);
	uint8_t end[TRAILER];
	struct stat st;
	struct trailer t;
	int fd = openat(dir, file.z, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? RC_NONE : disk_fault(f, "opening a photo");
	enum rc rc = RC_CORRUPT;
	if (fstat(fd, &st) != 0 || st.st_size < TRAILER ||
	    !get(fd, end, TRAILER, st.st_size - TRAILER) || !trailer_read(end, st.st_size, &t) ||
	    !as_wanted(&t, want))
		goto out;
	if (bytes != NULL) {
		size_t n = thumb ? t.frame.thumb : t.frame.photo;
		char *p = arena_alloc(a, n + 1);
		if (!get(fd, p, n, thumb ? (off_t)t.frame.photo : 0) || !whole_part(&t, thumb, str_n(p, n)))
			goto out;
		*bytes = str_n(p, n);
	}
	if (info != NULL)
		*info = (struct photo){arena_copy(a, name), thumb ? t.thumb : t.photo, (int)t.frame.width,
			(int)t.frame.height, t.frame.photo};
	rc = RC_OK;
out:
	(void)close(fd);
	return rc == RC_OK ? RC_OK : torn(f, name);
}

enum rc photo_parse(struct str whole, struct str name, const struct hash *want, bool thumb,
                    struct str *bytes, struct fault *f)
{
	struct trailer t;
	if (whole.n < TRAILER ||
	    !trailer_read((const uint8_t *)whole.p + whole.n - TRAILER, (int64_t)whole.n, &t) ||
	    !as_wanted(&t, want))
		return torn(f, name);
	*bytes = str_sub(whole, thumb ? t.frame.photo : 0, thumb ? t.frame.thumb : t.frame.photo);
	return whole_part(&t, thumb, *bytes) ? RC_OK : torn(f, name);
}

enum rc photo_file_read(int dir, struct str name, struct arena *a, struct str *whole,
                        struct fault *f)
{
	struct stat st;
	int fd = openat(dir, photo_file(name).z, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? RC_NONE : disk_fault(f, "opening a photo");
	enum rc rc = RC_OK;
	if (fstat(fd, &st) != 0 || st.st_size > PHOTO_FILE_MAX) {
		rc = torn(f, name);
		goto out;
	}
	size_t n = (size_t)st.st_size;
	char *p = arena_alloc(a, n + 1);
	if (get(fd, p, n, 0))
		*whole = str_n(p, n);
	else
		rc = disk_fault(f, "reading a photo");
out:
	(void)close(fd);
	return rc;
}

enum rc photo_unlink(int dir, struct str name, int64_t *size, struct fault *f)
{
	struct folder file = photo_file(name);
	struct stat st;
	*size = fstatat(dir, file.z, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_size : 0;
	if (unlinkat(dir, file.z, 0) != 0)
		return errno == ENOENT ? RC_NONE : disk_fault(f, "removing a photo");
	return fsync(dir) == 0 ? RC_OK : disk_fault(f, "removing a photo");
}
