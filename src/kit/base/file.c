#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"

enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out, struct fault *f)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_at(f, errno == ENOENT || errno == ENOTDIR ? RC_NONE : RC_IO, path, 0, "",
		                "cannot open: %s", strerror(errno));
	enum rc rc = RC_OK;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		rc = fault_at(f, RC_IO, path, 0, "", "not a file");
		goto out;
	}
	if ((uint64_t)st.st_size > max) {
		rc = fault_at(f, RC_TOO_BIG, path, 0, "", "%lld bytes, at most %zu are read",
		              (long long)st.st_size, max);
		goto out;
	}
	size_t size = (size_t)st.st_size, n = 0;
	char *p = arena_array(a, size + 1, 1);
	while (n < size) {
		ssize_t got = read(fd, p + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			rc = fault_at(f, RC_IO, path, 0, "", "cannot read: %s", strerror(errno));
			goto out;
		}
		if (got == 0) /* it shrank meanwhile */
			break;
		n += (size_t)got;
	}
	*out = str_n(p, n);
out:
	(void)close(fd);
	return rc;
}

static enum rc cannot(struct fault *f, const char *path)
{
	enum rc rc = errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO;
	return fault_set(f, rc, "cannot make the folder %s: %s", path, strerror(errno));
}

enum rc folder_make(const char *path, struct fault *f)
{
	if (mkdir(path, 0700) != 0)
		return errno == EEXIST ? RC_OK : cannot(f, path);
	/* Its entry stands in the folder above, which is found from inside whatever the path says. */
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int above = fd >= 0 ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	enum rc rc = above >= 0 && fsync(above) == 0 ? RC_OK : cannot(f, path);
	if (above >= 0)
		(void)close(above);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

void file_flush(int fd)
{
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
	                                SYNC_FILE_RANGE_WAIT_AFTER);
}
