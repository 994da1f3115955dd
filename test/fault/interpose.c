/* A disk that fails where a test asks for it: loaded before the C library (LD_PRELOAD), by tests alone.
 * $XOM_FAULT_FILE is mapped: which operations fail, on files whose path holds a text, from which one on,
 * how often, and with what error; or that writes take only a part of what they are given. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ON_WRITE = 1, ON_SYNC = 2, ON_RENAME = 4, ON_MAKE = 8, ON_SIZE = 16 };
enum { SHORT = -1 };            /* as the error: no error, but a part is written */

struct orders {
	_Atomic int32_t armed, operations, error, skip, times, hits;
	char path[232];
};
static struct orders *orders;

__attribute__((constructor)) static void open_orders(void)
{
	const char *file = getenv("XOM_FAULT_FILE");
	int fd = file != NULL ? open(file, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	void *p = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (p != MAP_FAILED)
		orders = p;
}

/* What is to happen to this operation: 0, an error, or SHORT. */
static int due(int operation, const char *path)
{
	if (strstr(path, orders->path) == NULL || (orders->operations & operation) == 0)
		return 0;
	if (atomic_fetch_sub(&orders->skip, 1) > 0)
		return 0;
	if (atomic_fetch_sub(&orders->times, 1) <= 0)
		return 0;
	(void)atomic_fetch_add(&orders->hits, 1);
	return orders->error;
}

static int due_fd(int operation, int fd)
{
	char link[40], path[500];
	if (orders == NULL || orders->armed == 0)
		return 0;
	int before = errno;
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	errno = before;
	if (n <= 0)
		return 0;
	path[n] = '\0';
	return due(operation, path);
}

static int due_at(int operation, int dir, const char *path)
{
	if (orders == NULL || orders->armed == 0)
		return 0;
	return path[0] == '/' || dir == AT_FDCWD ? due(operation, path) : due_fd(operation, dir);
}

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define FAILS(e) do { int e_ = (e); if (e_ > 0) { errno = e_; return -1; } } while (0)

static size_t part(int e, size_t n) { return e == SHORT && n > 1 ? n / 2 : n; }

ssize_t write(int fd, const void *p, size_t n)
{
	int e = due_fd(ON_WRITE, fd);
	FAILS(e);
	return REAL(ssize_t, "write", int, const void *, size_t)(fd, p, part(e, n));
}
ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	int e = due_fd(ON_WRITE, fd);
	FAILS(e);
	return REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(fd, p, part(e, n), at);
}
ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	int e = due_fd(ON_WRITE, fd);
	FAILS(e);
	return REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)(fd, p, part(e, n), at);
}
int fsync(int fd)
{
	FAILS(due_fd(ON_SYNC, fd));
	return REAL(int, "fsync", int)(fd);
}
int fdatasync(int fd)
{
	FAILS(due_fd(ON_SYNC, fd));
	return REAL(int, "fdatasync", int)(fd);
}
int ftruncate64(int fd, off64_t n)
{
	FAILS(due_fd(ON_SIZE, fd));
	return REAL(int, "ftruncate64", int, off64_t)(fd, n);
}
int ftruncate(int fd, off_t n)
{
	FAILS(due_fd(ON_SIZE, fd));
	return REAL(int, "ftruncate", int, off_t)(fd, n);
}
int rename(const char *from, const char *to)
{
	FAILS(due_at(ON_RENAME, AT_FDCWD, to));
	return REAL(int, "rename", const char *, const char *)(from, to);
}
int renameat(int a, const char *from, int b, const char *to)
{
	FAILS(due_at(ON_RENAME, b, to));
	return REAL(int, "renameat", int, const char *, int, const char *)(a, from, b, to);
}
int linkat(int a, const char *from, int b, const char *to, int flags)
{
	FAILS(due_at(ON_RENAME, b, to));
	return REAL(int, "linkat", int, const char *, int, const char *, int)(a, from, b, to, flags);
}
int mkdirat(int dir, const char *path, mode_t mode)
{
	FAILS(due_at(ON_MAKE, dir, path));
	return REAL(int, "mkdirat", int, const char *, mode_t)(dir, path, mode);
}
int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
		__builtin_va_list more;
		__builtin_va_start(more, flags);
		mode = (mode_t)__builtin_va_arg(more, unsigned);
		__builtin_va_end(more);
		FAILS(due_at(ON_MAKE, dir, path));
	}
	return REAL(int, "openat", int, const char *, int, mode_t)(dir, path, flags, mode);
}
