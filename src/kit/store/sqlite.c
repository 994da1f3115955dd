/* The SQLite engine: connections, statements, errors. */
#include "kit/store/sqlite_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit/store/move_impl.h"

static enum rc map_error(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID: return RC_EXISTS;
	case SQLITE_IOERR_NOMEM: return RC_NOMEM;
	}
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT: return RC_INVALID;
	case SQLITE_FULL: return RC_FULL;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH: return RC_IO;
	case SQLITE_NOMEM: return RC_NOMEM;
	case SQLITE_TOOBIG: return RC_TOO_BIG;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return RC_AGAIN;
	case SQLITE_INTERRUPT: return RC_TIMEOUT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return RC_CORRUPT;
	default: return RC_DB;
	}
}

enum rc lite_rc(sqlite3 *db, struct fault *f, const char *doing)
{
	int code = sqlite3_extended_errcode(db);
	const char *who = (code & 0xff) == SQLITE_BUSY ? " by another program, perhaps one that moves it" : "";
	return fault_set(f, map_error(code), "%s%s (SQLite %d): %s", sqlite3_errmsg(db), who, code, doing);
}

bool lite_in_tx(const struct lite_conn *c) { return sqlite3_get_autocommit(c->db) == 0; }

enum rc lite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct fault *f)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) != SQLITE_OK)
		return lite_rc(db, f, sql);
	return RC_OK;
}

enum rc lite_control(struct lite_conn *c, enum control what, struct fault *f)
{
	static const char *const text[C_COUNT] = {
		"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT one", "ROLLBACK TO one",
		"RELEASE one",
	};
	enum rc rc = RC_OK;
	if (c->control[what] == NULL)
		rc = lite_prepare(c->db, text[what], &c->control[what], f);
	if (rc != RC_OK)
		return rc;
	if (sqlite3_step(c->control[what]) != SQLITE_DONE)
		rc = lite_rc(c->db, f, text[what]);
	(void)sqlite3_reset(c->control[what]);
	return rc;
}

/* Remembers which tables a statement of the program names, and whether their ward_id is looked
 * at. Other statements (schema steps, the search index's own) pass. */
static struct named *name_table(struct lite_conn *c, const char *table)
{
	for (size_t i = 0; i < c->named_count; i++)
		if (strcmp(c->named[i].table, table) == 0)
			return &c->named[i];
	if (c->named_count == sizeof c->named / sizeof *c->named ||
	    strlen(table) >= sizeof c->named->table) {
		c->named_bad = true;
		return NULL;
	}
	struct named *n = &c->named[c->named_count++];
	*n = (struct named){0};
	memcpy(n->table, table, strlen(table) + 1);
	return n;
}

static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema,
                     const char *trigger)
{
	(void)schema;
	(void)trigger;
	struct lite_conn *c = ctx;
	if (!c->checking)
		return SQLITE_OK;
	struct named *n;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE: return SQLITE_OK;
	case SQLITE_FUNCTION: return b != NULL && strcmp(b, "load_extension") == 0 ? SQLITE_DENY
		                                                                     : SQLITE_OK;
	case SQLITE_READ:
	case SQLITE_UPDATE:
		n = name_table(c, a);
		if (n != NULL && b != NULL && strcmp(b, "ward_id") == 0)
			n->ward = true;
		return SQLITE_OK;
	case SQLITE_INSERT:
		n = name_table(c, a);
		if (n != NULL)
			n->inserted = true;
		return SQLITE_OK;
	case SQLITE_DELETE: (void)name_table(c, a); return SQLITE_OK;
	default: return SQLITE_DENY; /* schema changes, pragmas, attaching, transactions */
	}
}

/* Every ward's table that is read, changed or joined must be held to a ward by its ward_id. */
static enum rc check_named(const struct lite_conn *c, const struct sql *q, struct fault *f)
{
	if (c->named_bad)
		return fault_set(f, RC_DB, "too many tables: %s", q->text);
	for (size_t i = 0; i < c->named_count; i++) {
		const struct named *n = &c->named[i];
		if (strncmp(n->table, "sqlite_", 7) == 0 || strncmp(n->table, "fts_", 4) == 0)
			return fault_set(f, RC_DB, "table %s is the engine's own: %s", n->table, q->text);
		if (table_global(str_of(n->table)))
			continue;
		if (!q->ward)
			return fault_set(f, RC_DB, "table %s belongs to wards: %s", n->table, q->text);
		if (!n->ward && !n->inserted)
			return fault_set(f, RC_DB, "table %s is named without its ward_id: %s", n->table,
			                 q->text);
	}
	return RC_OK;
}

static int on_progress(void *ctx)
{
	const struct lite_conn *c = ctx;
	return clock_ticks() > c->deadline;
}

/* SQLite's own handler asks only each tenth of a second after the first quarter: another program that takes the lock
 * again at once would keep it for good. Each millisecond one of its gaps is met. */
static int on_busy(void *ctx, int tries)
{
	int64_t *until = ctx;
	if (tries == 0)
		*until = clock_ticks() + BUSY_US;
	if (clock_ticks() >= *until)
		return 0;
	(void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return 1;
}

void lite_wait(struct lite_conn *c, bool wait)
{
	(void)sqlite3_busy_handler(c->db, wait ? on_busy : NULL, &c->busy_until);
}

static enum rc exec(sqlite3 *db, const char *sql, struct fault *f)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : lite_rc(db, f, sql);
}

enum rc lite_conn_open(struct lite_conn *c, const char *path, int cache_kb, struct fault *f)
{
	static const char *const pragmas[] = {
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
		"PRAGMA secure_delete = ON", "PRAGMA mmap_size = 0", "PRAGMA temp_store = MEMORY",
		"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
		"PRAGMA journal_size_limit = 67108864", NULL,
	};
	*c = (struct lite_conn){.deadline = INT64_MAX};
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(path, &c->db, flags, NULL) != SQLITE_OK)
		return c->db != NULL ? lite_rc(c->db, f, path) : fault_set(f, RC_NOMEM, "no memory");
	(void)sqlite3_extended_result_codes(c->db, 1);
	lite_wait(c, true);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	enum rc rc = RC_OK;
	for (const char *const *p = pragmas; *p != NULL && rc == RC_OK; p++)
		rc = exec(c->db, *p, f);
	char cache[64];
	(void)snprintf(cache, sizeof cache, "PRAGMA cache_size = -%d", cache_kb);
	if (rc == RC_OK)
		rc = exec(c->db, cache, f);
	if (rc == RC_OK)
		(void)sqlite3_set_authorizer(c->db, authorize, c);
	return rc;
}

void lite_conn_close(struct lite_conn *c)
{
	conn_release(&c->conn, &ENGINE_SQLITE);
	lite_scopes_release(c);
	for (int i = 0; i < C_COUNT; i++)
		(void)sqlite3_finalize(c->control[i]);
	if (sqlite3_close(c->db) != SQLITE_OK)
		BUG("a statement outlived its connection");
	*c = (struct lite_conn){0};
}

static const char *word(struct str name)
{
	static const struct { const char *name, *type; } words[] = {
		{"id", "INTEGER"}, {"time", "INTEGER"}, {"day", "INTEGER"}, {"int", "INTEGER"},
		{"text", "TEXT"}, {"blob", "BLOB"}, {"bool", "INTEGER"}, {"no_rowid", "WITHOUT ROWID"},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(name, words[i].name))
			return words[i].type;
	return NULL;
}

static void configure(void)
{
	/* Its counters cost a lock over all threads at every allocation. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	lite_gaps();
}

void lite_configure(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, configure);
}

/* A new database file is for its owner alone; the journal's files take over its rights. */
static enum rc create_file(const char *path, struct fault *f)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return fault_set(f, RC_IO, "cannot create the database %s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return RC_OK;
}

static enum rc engine_open(struct store *s, struct fault *f)
{
	lite_configure();
	struct lite *l = calloc(1, sizeof *l);
	if (l == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the store");
	s->db = l;
	enum rc rc = create_file(s->config.path, f);
	return rc == RC_OK ? lite_conn_open(&l->writer, s->config.path, WRITER_CACHE_KB, f) : rc;
}

static void engine_close(struct store *s)
{
	struct lite *l = s->db;
	if (l == NULL)
		return;
	lite_writer_stop(s);
	pool_stop(&s->readers, lite_reader_close);
	lite_conn_close(&l->writer); /* the last one: the journal goes into the file */
	free(l);
}

static enum rc script(struct tx *tx, const char *sql, struct fault *f)
{
	struct lite_conn *c = lite_conn_of(tx);
	return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK
	                                                               : lite_rc(c->db, f, "a script");
}

static enum rc prepare(struct tx *tx, struct stmt *st, struct fault *f)
{
	struct lite_conn *c = lite_conn_of(tx);
	sqlite3_stmt *handle = NULL;
	c->named_count = 0;
	c->named_bad = false;
	c->checking = true;
	enum rc rc = lite_prepare(c->db, st->sql->text, &handle, f);
	c->checking = false;
	if (rc == RC_OK)
		rc = check_named(c, st->sql, f);
	if (rc == RC_OK && !tx->write && sqlite3_stmt_readonly(handle) == 0)
		rc = fault_set(f, RC_DB, "a statement that writes, in a read: %s", st->sql->text);
	if (rc != RC_OK) {
		(void)sqlite3_finalize(handle);
		return rc;
	}
	st->handle = handle;
	st->in_count = (size_t)sqlite3_bind_parameter_count(handle);
	st->out_count = (size_t)sqlite3_column_count(handle);
	return RC_OK;
}

static void finalize(struct stmt *st) { (void)sqlite3_finalize(st->handle); }

static enum rc bind(struct tx *tx, struct stmt *st, int at, const struct val *v, bool keep,
                    struct fault *f)
{
	int rc = SQLITE_OK;
	/* A NULL pointer would bind NULL, not the empty text. */
	const char *p = v->s.n > 0 ? v->s.p : "";
	sqlite3_destructor_type life = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;
	switch (v->type) {
	case VAL_NULL: rc = sqlite3_bind_null(st->handle, at); break;
	case VAL_INT: rc = sqlite3_bind_int64(st->handle, at, v->i); break;
	case VAL_TEXT: rc = sqlite3_bind_text64(st->handle, at, p, v->s.n, life, SQLITE_UTF8); break;
	case VAL_BLOB: rc = sqlite3_bind_blob64(st->handle, at, p, v->s.n, life); break;
	}
	return rc == SQLITE_OK ? RC_OK : lite_rc(lite_conn_of(tx)->db, f, st->sql->text);
}

static enum rc step(struct tx *tx, struct stmt *st, struct fault *f)
{
	int rc = sqlite3_step(st->handle);
	if (rc == SQLITE_ROW)
		return RC_OK;
	return rc == SQLITE_DONE ? RC_NONE : lite_rc(lite_conn_of(tx)->db, f, st->sql->text);
}

static enum val_type type(const struct stmt *st, int column)
{
	switch (sqlite3_column_type(st->handle, column)) {
	case SQLITE_INTEGER: return VAL_INT;
	case SQLITE_TEXT: return VAL_TEXT;
	case SQLITE_BLOB: return VAL_BLOB;
	case SQLITE_NULL: return VAL_NULL;
	default: BUG("a fraction in column %d: %s", column, st->sql->text);
	}
}

static struct val column(const struct stmt *st, int at)
{
	struct val v = {.type = type(st, at)};
	if (v.type == VAL_INT) {
		v.i = sqlite3_column_int64(st->handle, at);
	} else if (v.type != VAL_NULL) {
		const void *p = v.type == VAL_TEXT ? (const void *)sqlite3_column_text(st->handle, at)
		                                   : sqlite3_column_blob(st->handle, at);
		v.s = str_n(p, p != NULL ? (size_t)sqlite3_column_bytes(st->handle, at) : 0);
	}
	return v;
}

static int64_t changed(struct tx *tx) { return sqlite3_changes64(lite_conn_of(tx)->db); }

static void reset(struct stmt *st)
{
	(void)sqlite3_reset(st->handle);
	(void)sqlite3_clear_bindings(st->handle); /* they may point at what the caller frees */
}

/* Readers are cut off by time. The writer is not: half a batch would have to be run again. */
static enum rc start(struct store *s, struct fault *f) { return lite_writer_start(s, f); }

static enum rc reader_open(struct store *s, struct lite_conn *c, struct fault *f)
{
	enum rc rc = lite_conn_open(c, s->config.path, READER_CACHE_KB, f);
	if (rc == RC_OK)
		rc = exec(c->db, "PRAGMA query_only = ON", f);
	if (rc == RC_OK)
		sqlite3_progress_handler(c->db, 5000, on_progress, c);
	return rc;
}

enum rc lite_reader_new(struct store *s, struct lite_conn **out, struct fault *f)
{
	struct lite_conn *c = calloc(1, sizeof *c);
	if (c == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a reader");
	enum rc rc = reader_open(s, c, f);
	if (rc != RC_OK) {
		lite_conn_close(c);
		free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

const struct engine ENGINE_SQLITE = {
	.word = word, .table_end = "STRICT",
	.open = engine_open, .alone = lite_alone, .start = start, .close = engine_close,
	.read = lite_read, .write = lite_write, .script = script,
	.prepare = prepare, .finalize = finalize, .bind = bind, .step = step, .type = type,
	.column = column, .changed = changed, .reset = reset,
	.search_put = lite_search_put, .search_find = lite_search_find,
	.search_merge = lite_search_merge, .trace = lite_trace, .bulk = lite_bulk,
	.copy = lite_copy, .size = lite_size, .mover = &LITE_MOVER, .marked = lite_marked,
	.steps = lite_steps, .aside = lite_aside, .check = lite_check, .schema = lite_schema,
};
