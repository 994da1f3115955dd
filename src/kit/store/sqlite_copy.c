/* The copy of a database in use: SQLite's own online backup, from inside one snapshot. */
#include "kit/store/sqlite_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"

enum { SLICE_PAGES = 64, SLICES_A_FLUSH = 4 };

/* The source stays in one read transaction, so that no write of others makes it begin again. */
static enum rc copy_pages(struct lite_conn *from, sqlite3 *to, int fd, store_pause_fn *pause,
                          void *ctx, struct fault *f)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from->db, "main");
	if (b == NULL)
		return lite_rc(to, f, "the copy");
	int code = SQLITE_OK;
	bool stopped = false;
	for (int n = 1; code == SQLITE_OK && !stopped; n++) {
		code = sqlite3_backup_step(b, SLICE_PAGES);
		if (n % SLICES_A_FLUSH == 0)
			file_flush(fd);
		int total = sqlite3_backup_pagecount(b);
		stopped = code == SQLITE_OK && pause != NULL &&
		          !pause(ctx, total - sqlite3_backup_remaining(b), total);
	}
	int end = sqlite3_backup_finish(b);
	if (stopped)
		return fault_set(f, RC_TIMEOUT, "the copy was stopped");
	return code == SQLITE_DONE && end == SQLITE_OK ? RC_OK : lite_rc(to, f, "the copy");
}

enum rc lite_size(struct store *s, int64_t *bytes, struct fault *f)
{
	struct stat st;
	if (stat(s->config.path, &st) != 0)
		return fault_set(f, RC_IO, "%s: %s", s->config.path, strerror(errno));
	*bytes = st.st_size;
	return RC_OK;
}

enum rc lite_copy(struct store *s, const char *to, store_pause_fn *pause, void *ctx,
                  struct fault *f)
{
	struct lite_conn from = {0};
	sqlite3 *copy = NULL;
	int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot create %s: %s", to,
		                 strerror(errno));
	enum rc rc = lite_conn_open(&from, s->config.path, READER_CACHE_KB, f);
	if (rc == RC_OK)
		rc = lite_control(&from, C_BEGIN, f);
	/* The first read takes the snapshot. */
	if (rc == RC_OK &&
	    sqlite3_exec(from.db, "SELECT count(*) FROM schema_step", NULL, NULL, NULL) != SQLITE_OK)
		rc = lite_rc(from.db, f, "the snapshot");
	if (rc == RC_OK && sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                                   NULL) != SQLITE_OK)
		rc = copy != NULL ? lite_rc(copy, f, to) : fault_set(f, RC_NOMEM, "no memory");
	if (rc == RC_OK) /* a half copy is thrown away, so it needs no journal */
		(void)sqlite3_exec(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL,
		                   NULL);
	if (rc == RC_OK)
		rc = copy_pages(&from, copy, fd, pause, ctx, f);
	(void)sqlite3_close(copy);
	if (from.db != NULL) {
		if (lite_in_tx(&from))
			(void)lite_control(&from, C_ROLLBACK, NULL);
		lite_conn_close(&from);
	}
	/* On disk before anybody relies on it. Closed after SQLite's own: that would end its locks. */
	if (rc == RC_OK && fsync(fd) != 0)
		rc = fault_set(f, RC_IO, "cannot store %s: %s", to, strerror(errno));
	(void)close(fd);
	if (rc != RC_OK)
		(void)unlink(to);
	return rc;
}
