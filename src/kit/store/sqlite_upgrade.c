/* What an upgrade asks of SQLite: the steps of a database that is not opened yet, a copy aside. */
#include "kit/store/sqlite_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { STEPS_MAX = 4096, SPARE = 16 << 20 };

static enum rc read_steps(sqlite3 *db, struct arena *a, struct str **names, size_t *count,
                          struct fault *f)
{
	sqlite3_stmt *stmt = NULL;
	struct str *list = arena_array(a, STEPS_MAX, sizeof *list);
	size_t n = 0;
	int code;
	if (sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE name = 'schema_step'", -1, &stmt,
	                       NULL) != SQLITE_OK)
		return lite_rc(db, f, "reading the schema");
	code = sqlite3_step(stmt);
	(void)sqlite3_finalize(stmt);
	*names = list;
	*count = 0;
	if (code == SQLITE_DONE)
		return RC_OK;   /* a database without a step yet */
	if (code != SQLITE_ROW ||
	    sqlite3_prepare_v2(db, "SELECT name FROM schema_step ORDER BY name", -1, &stmt, NULL) != SQLITE_OK)
		return lite_rc(db, f, "reading the schema's steps");
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW && n < STEPS_MAX)
		list[n++] = arena_copy(a, str_n((const char *)sqlite3_column_text(stmt, 0),
		                                (size_t)sqlite3_column_bytes(stmt, 0)));
	(void)sqlite3_finalize(stmt);
	*count = n;
	return code == SQLITE_DONE ? RC_OK : lite_rc(db, f, "reading the schema's steps");
}

enum rc lite_steps(const char *path, struct arena *a, struct str **names, size_t *count,
                   struct fault *f)
{
	struct stat st;
	sqlite3 *db = NULL;
	lite_configure();
	*names = NULL;
	*count = 0;
	if (stat(path, &st) != 0 || st.st_size == 0)
		return errno == ENOENT || st.st_size == 0 ? RC_NONE
		       : fault_set(f, RC_IO, "%s: %s", path, strerror(errno));
	enum rc rc = RC_NOMEM;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		(void)sqlite3_busy_timeout(db, 5000);
		rc = read_steps(db, a, names, count, f);
	} else if (db != NULL) {
		rc = lite_rc(db, f, path);
	}
	(void)sqlite3_close(db);
	return rc;
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

enum rc lite_aside(struct store *s, const char *to, struct fault *f)
{
	sqlite3 *db = lite_of(s)->writer.db;
	struct statvfs fs;
	sqlite3_stmt *stmt = NULL;
	int64_t need = number(db, "PRAGMA page_count") * number(db, "PRAGMA page_size") + SPARE;
	/* For its owner alone before there is anything in it. */
	int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(f, RC_IO, "no copy at %s: %s", to, strerror(errno));
	int64_t room = fstatvfs(fd, &fs) == 0 ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : 0;
	enum rc rc = RC_OK;
	if (room < need)
		rc = fault_set(f, RC_FULL, "before the database gets new steps a copy is made: %lld MiB are "
		               "needed at %s and %lld MiB are free. Make room and start again; nothing was "
		               "changed", (long long)(need >> 20) + 1, to, (long long)(room >> 20));
	if (rc == RC_OK && sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &stmt, NULL) != SQLITE_OK)
		rc = lite_rc(db, f, "the copy");
	if (rc == RC_OK && (sqlite3_bind_text(stmt, 1, to, -1, SQLITE_STATIC) != SQLITE_OK ||
	                    sqlite3_step(stmt) != SQLITE_DONE))
		rc = lite_rc(db, f, "the copy");
	(void)sqlite3_finalize(stmt);
	if (rc == RC_OK && fsync(fd) != 0)
		rc = fault_set(f, RC_IO, "the copy %s: %s", to, strerror(errno));
	(void)close(fd);
	if (rc != RC_OK)
		(void)unlink(to);
	return rc;
}
