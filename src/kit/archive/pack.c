#include "kit/archive/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLICE = 256 << 10, NAME_MAX_BYTES = 200 };

struct pack {
	char *path, *part;
	int fd;
	struct box_out *box;
	struct archive *tar;
	struct fault fault;           /* of the box below libarchive, which only knows "failed" */
	bool dropped;                 /* given up: what libarchive still writes goes nowhere */
	bool ended;
	char slice[SLICE];
};
struct unpack {
	int fd;
	struct box_in *box;
	struct archive *tar;
	struct archive_entry *entry;
	struct fault fault;
};

bool pack_name_ok(struct str name)
{
	bool start = true;
	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		             c == '_' || c == '-';
		if (start ? !plain : !plain && c != '.' && c != '/')
			return false;
		start = c == '/';
	}
	return !start;
}

/* What went wrong: the box's own fault when there is one. */
static enum rc tar_fault(struct archive *tar, const struct fault *below, struct fault *f)
{
	if (below->rc != RC_OK) {
		if (f != NULL)
			*f = *below;
		return below->rc;
	}
	const char *text = archive_error_string(tar);
	return fault_set(f, RC_CORRUPT, "%s", text != NULL ? text : "the archive is damaged");
}

/* A fault is kept and asked for after each step, not told to libarchive: once its writer has failed it
 * does not free what it wrote with. */
static la_ssize_t below_write(struct archive *tar, void *ctx, const void *p, size_t n)
{
	struct pack *k = ctx;
	(void)tar;
	if (!k->dropped && k->fault.rc == RC_OK)
		(void)box_write(k->box, p, n, &k->fault);
	return (la_ssize_t)n;
}

static enum rc written(struct pack *p, bool taken, struct fault *f)
{
	return taken && p->fault.rc == RC_OK ? RC_OK : tar_fault(p->tar, &p->fault, f);
}

/* The folder above PATH, so that the name outlives a power cut. */
static enum rc sync_above(const char *path, struct fault *f)
{
	char *copy = strdup(path);
	char *slash = copy != NULL ? strrchr(copy, '/') : NULL;
	if (slash != NULL)
		*(slash == copy ? slash + 1 : slash) = '\0';
	int fd = copy == NULL ? -1 : open(slash != NULL ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rc rc = fd >= 0 && fsync(fd) == 0
	                 ? RC_OK
	                 : fault_set(f, RC_IO, "cannot store %s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	free(copy);
	return rc;
}

enum rc pack_new(struct pack **out, const char *path, const struct box_public *to, struct fault *f)
{
	struct pack *p = calloc(1, sizeof *p);
	if (p == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	enum rc rc = RC_OK;
	p->fd = -1;
	p->path = strdup(path);
	p->tar = archive_write_new();
	if (p->path == NULL || p->tar == NULL || asprintf(&p->part, "%s.part", path) < 0) {
		p->part = NULL;
		rc = fault_set(f, RC_NOMEM, "no memory");
		goto out;
	}
	(void)unlink(p->part); /* of a run that was cut off */
	p->fd = open(p->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (p->fd < 0) {
		rc = fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot create %s: %s", p->part,
		               strerror(errno));
		goto out;
	}
	rc = box_out_new(&p->box, p->fd, to, f);
	if (rc != RC_OK)
		goto out;
	if (archive_write_set_format_pax_restricted(p->tar) != ARCHIVE_OK ||
	    archive_write_add_filter_zstd(p->tar) != ARCHIVE_OK ||
	    archive_write_set_options(p->tar, "zstd:compression-level=1") != ARCHIVE_OK ||
	    /* No zeros behind the last frame, which its reader would take for one more. */
	    archive_write_set_bytes_in_last_block(p->tar, 1) != ARCHIVE_OK ||
	    archive_write_open(p->tar, p, NULL, below_write, NULL) != ARCHIVE_OK)
		rc = tar_fault(p->tar, &p->fault, f);
out:
	if (rc != RC_OK) {
		pack_free(p);
		return rc;
	}
	*out = p;
	return RC_OK;
}

static enum rc begin_entry(struct pack *p, const char *name, int64_t size, struct fault *f)
{
	if (!pack_name_ok(str_of(name)))
		BUG("entry name %s", name);
	struct archive_entry *e = archive_entry_new();
	if (e == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0600);
	archive_entry_set_size(e, size);
	int code = archive_write_header(p->tar, e);
	archive_entry_free(e);
	return written(p, code == ARCHIVE_OK, f);
}

static enum rc put(struct pack *p, const void *bytes, size_t n, struct fault *f)
{
	return written(p, archive_write_data(p->tar, bytes, n) == (la_ssize_t)n, f);
}

enum rc pack_bytes(struct pack *p, const char *name, struct str bytes, struct fault *f)
{
	enum rc rc = begin_entry(p, name, (int64_t)bytes.n, f);
	return rc == RC_OK && bytes.n > 0 ? put(p, bytes.p, bytes.n, f) : rc;
}

enum rc pack_file(struct pack *p, const char *name, const char *path, pack_pause_fn *pause,
                  void *ctx, struct fault *f)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fault_set(f, errno == ENOENT ? RC_NONE : RC_IO, "cannot open %s: %s", path,
		                 strerror(errno));
	enum rc rc = RC_OK;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = fault_set(f, RC_IO, "%s is not a file", path);
	if (rc == RC_OK)
		rc = begin_entry(p, name, st.st_size, f);
	for (int64_t left = st.st_size; rc == RC_OK && left > 0;) {
		ssize_t n = read(fd, p->slice, left < SLICE ? (size_t)left : SLICE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			rc = fault_set(f, RC_IO, "cannot read %s: %s", path,
			               n < 0 ? strerror(errno) : "it became shorter");
		else
			rc = put(p, p->slice, (size_t)n, f);
		left -= n > 0 ? n : 0;
		if (rc == RC_OK && pause != NULL && !pause(ctx))
			rc = fault_set(f, RC_TIMEOUT, "it was stopped");
	}
	(void)close(fd);
	return rc;
}

enum rc pack_end(struct pack *p, struct fault *f)
{
	enum rc rc = written(p, archive_write_close(p->tar) == ARCHIVE_OK, f);
	if (rc == RC_OK)
		rc = box_end(p->box, f);
	if (rc == RC_OK && fsync(p->fd) != 0)
		rc = fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot store %s: %s", p->part,
		               strerror(errno));
	if (rc == RC_OK && link(p->part, p->path) != 0)
		rc = fault_set(f, errno == EEXIST ? RC_EXISTS : RC_IO, "cannot name %s: %s", p->path,
		               strerror(errno));
	if (rc == RC_OK) {
		(void)unlink(p->part);
		rc = sync_above(p->path, f);
	}
	p->ended = rc == RC_OK;
	return rc;
}

void pack_free(struct pack *p)
{
	if (p == NULL)
		return;
	p->dropped = true;
	if (p->tar != NULL)
		(void)archive_write_free(p->tar);
	box_out_free(p->box);
	if (p->fd >= 0) {
		(void)close(p->fd);
		if (!p->ended)
			(void)unlink(p->part);
	}
	free(p->path);
	free(p->part);
	free(p);
}

static la_ssize_t below_read(struct archive *tar, void *ctx, const void **p)
{
	struct unpack *u = ctx;
	struct str bytes;
	if (box_read(u->box, &bytes, &u->fault) != RC_OK) {
		archive_set_error(tar, EIO, "the box");
		return -1;
	}
	*p = bytes.p;
	return (la_ssize_t)bytes.n;
}

enum rc unpack_new(struct unpack **out, const char *path, const struct box_secret *key,
                   struct fault *f)
{
	struct unpack *u = calloc(1, sizeof *u);
	if (u == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	enum rc rc = RC_OK;
	u->fd = open(path, O_RDONLY | O_CLOEXEC);
	u->tar = archive_read_new();
	if (u->fd < 0)
		rc = fault_set(f, errno == ENOENT ? RC_NONE : RC_IO, "cannot open %s: %s", path,
		               strerror(errno));
	else if (u->tar == NULL)
		rc = fault_set(f, RC_NOMEM, "no memory");
	if (rc == RC_OK)
		rc = box_in_new(&u->box, u->fd, key, f);
	if (rc == RC_OK &&
	    (archive_read_support_format_tar(u->tar) != ARCHIVE_OK ||
	     archive_read_support_filter_zstd(u->tar) != ARCHIVE_OK ||
	     archive_read_open(u->tar, u, NULL, below_read, NULL) != ARCHIVE_OK))
		rc = tar_fault(u->tar, &u->fault, f);
	if (rc != RC_OK) {
		unpack_free(u);
		return rc;
	}
	*out = u;
	return RC_OK;
}

/* What follows the tar's end in the box is read too: only then its last chunk was checked. */
static enum rc drain(struct unpack *u, struct fault *f)
{
	struct str bytes;
	enum rc rc;
	do {
		rc = box_read(u->box, &bytes, f);
	} while (rc == RC_OK && bytes.n > 0);
	return rc == RC_OK ? RC_NONE : rc;
}

enum rc unpack_next(struct unpack *u, struct str *name, int64_t *size, struct fault *f)
{
	int code = archive_read_next_header(u->tar, &u->entry);
	if (code == ARCHIVE_EOF)
		return drain(u, f);
	if (code != ARCHIVE_OK)
		return tar_fault(u->tar, &u->fault, f);
	const char *path = archive_entry_pathname(u->entry); /* NULL: of no letters that can be read */
	*name = path != NULL ? str_of(path) : STR_EMPTY;
	*size = archive_entry_size(u->entry);
	if (!pack_name_ok(*name) || archive_entry_filetype(u->entry) != AE_IFREG || *size < 0 ||
	    archive_entry_hardlink(u->entry) != NULL)
		return fault_set(f, RC_CORRUPT, "an entry is no plain file of a backup");
	return RC_OK;
}

static enum rc wrong_size(struct fault *f)
{
	return fault_set(f, RC_CORRUPT, "an entry is not as long as it says");
}

enum rc unpack_bytes(struct unpack *u, struct arena *a, size_t max, struct str *out,
                     struct fault *f)
{
	int64_t size = archive_entry_size(u->entry);
	if (size < 0 || (uint64_t)size > max)
		return fault_set(f, RC_TOO_BIG, "an entry is larger than it can be");
	char *p = arena_array(a, (size_t)size + 1, 1);
	size_t n = 0;
	while (n < (size_t)size) {
		la_ssize_t got = archive_read_data(u->tar, p + n, (size_t)size - n);
		if (got <= 0)
			return got < 0 ? tar_fault(u->tar, &u->fault, f) : wrong_size(f);
		n += (size_t)got;
	}
	*out = str_n(p, n);
	return RC_OK;
}

static enum rc write_slice(int fd, const char *p, size_t n, const char *path, struct fault *f)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fault_set(f, errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO,
			                 "cannot write %s: %s", path, strerror(errno));
		p += done;
		n -= (size_t)done;
	}
	return RC_OK;
}

enum rc unpack_file(struct unpack *u, const char *path, struct fault *f)
{
	char slice[16 << 10];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fault_set(f, errno == EEXIST ? RC_EXISTS : errno == ENOSPC ? RC_FULL : RC_IO,
		                 "cannot create %s: %s", path, strerror(errno));
	enum rc rc = RC_OK;
	int64_t left = archive_entry_size(u->entry);
	while (rc == RC_OK) {
		la_ssize_t n = archive_read_data(u->tar, slice, sizeof slice);
		if (n == 0)
			break;
		left -= n > 0 ? n : 0;
		rc = n < 0      ? tar_fault(u->tar, &u->fault, f)
		     : left < 0 ? wrong_size(f)
		                : write_slice(fd, slice, (size_t)n, path, f);
	}
	if (rc == RC_OK && left != 0)
		rc = wrong_size(f);
	if (rc == RC_OK && fsync(fd) != 0)
		rc = fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot store %s: %s", path,
		               strerror(errno));
	(void)close(fd);
	return rc;
}

void unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	if (u->tar != NULL)
		(void)archive_read_free(u->tar);
	box_in_free(u->box);
	if (u->fd >= 0)
		(void)close(u->fd);
	free(u);
}
