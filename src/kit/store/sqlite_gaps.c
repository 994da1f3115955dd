/* What lies between a page's cells is nothing. When SQLite moves rows from a full page to another, it leaves their
 * bytes in the room that they had, and `secure_delete` overwrites only what is deleted: such a copy would outlive
 * its row for as long as nothing is written over it. So each page of a database is written to its file with that
 * room empty: a layer over SQLite's own way to the disk, which changes no byte that a page's readers look at. */
#include "kit/store/sqlite_impl.h"

#include <string.h>

enum { PAGE = 4096, FIRST_PAGE_HEAD = 100, HEAD_LEAF = 8, HEAD_INNER = 12 };
/* From here on (128 GiB) the first byte of a page that goes on with a long row could be one of a tree's. */
#define PAGES_MOST ((sqlite3_int64)1 << 25)

static const sqlite3_vfs *real;
static sqlite3_vfs over;
static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods methods;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t two(const uint8_t *p) { return (size_t)p[0] << 8 | p[1]; }

/* The room between the cells' pointers and the cells of a tree's page. False: it is another page, or one that
 * is not as it should be, and stays as it is. */
static bool gap_of(const uint8_t *page, bool first, size_t *from, size_t *to)
{
	size_t head = first ? FIRST_PAGE_HEAD : 0;
	const uint8_t *h = page + head;
	bool inner = h[0] == 0x02 || h[0] == 0x05, leaf = h[0] == 0x0a || h[0] == 0x0d;
	size_t cells = two(h + 3);
	*from = head + (inner ? HEAD_INNER : HEAD_LEAF) + 2 * cells;
	*to = two(h + 5);
	if ((!inner && !leaf) || *from > *to || *to > PAGE)
		return false;
	for (size_t i = 0; i < cells; i++) {
		size_t at = two(page + *from - 2 * (i + 1));
		if (at < *to || at >= PAGE)
			return false;
	}
	return true;
}

static int gaps_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	size_t from, to;
	uint8_t page[PAGE];
	if (n != PAGE || at % PAGE != 0 || at / PAGE >= PAGES_MOST || !gap_of(p, at == 0, &from, &to))
		return real_methods->xWrite(file, p, n, at);
	memcpy(page, p, PAGE);
	memset(page + from, 0, to - from);
	return real_methods->xWrite(file, page, n, at);
}

static int gaps_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	(void)vfs;
	int rc = real->xOpen((sqlite3_vfs *)(uintptr_t)real, name, file, flags, out);
	if (rc != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0 || file->pMethods == NULL)
		return rc;
	(void)pthread_mutex_lock(&lock);
	if (real_methods == NULL) {
		real_methods = file->pMethods;
		methods = *real_methods;
		methods.xWrite = gaps_write;
	}
	if (file->pMethods == real_methods)
		file->pMethods = &methods;
	(void)pthread_mutex_unlock(&lock);
	return rc;
}

void lite_gaps(void)
{
	real = sqlite3_vfs_find(NULL);
	if (real == NULL)
		BUG("SQLite has no way to the disk");
	over = *real;
	over.zName = "xom";
	over.pNext = NULL;
	over.xOpen = gaps_open;
	if (sqlite3_vfs_register(&over, 1) != SQLITE_OK)
		BUG("SQLite takes no layer");
}
