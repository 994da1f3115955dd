/* SQLite's half of moving a database: one connection that locks the file whole. */
#include "kit/store/sqlite_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/store/move_impl.h"

enum { WAIT_MS = 2000, WORDS_MEMORY = 8 << 20 };

struct lite_move {
	sqlite3 *db;
	sqlite3_stmt *read, *put;
	const struct move_table *reading, *putting;
	struct buf row;
	struct arena words;           /* of the search's row in hand */
};

static struct lite_move *own(const struct move_side *s) { return s->db; }

static enum rc run(struct move_side *s, const char *sql, struct fault *f)
{
	return sqlite3_exec(own(s)->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK
	                                                                  : lite_rc(own(s)->db, f, sql);
}

static enum rc make_file(const char *path, struct fault *f)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot create %s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return RC_OK;
}

/* In this locking mode the first look at the file takes it whole, and fails while any other connection is
 * open, one that only reads, too; the lock goes with the process. */
static enum rc take(struct move_side *s, struct fault *f)
{
	static const char *const alone[] = {
		"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
		"BEGIN EXCLUSIVE", "COMMIT", NULL,
	};
	/* A half copy is thrown away, so it needs no journal. */
	static const char *const fill[] = {"PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = OFF",
	                                   "PRAGMA synchronous = OFF", NULL};
	enum rc rc = run(s, "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -131072; "
	                 "PRAGMA wal_autocheckpoint = 4000", f);
	for (const char *const *p = s->use == USE_FILL ? fill : alone; *p != NULL && rc == RC_OK; p++)
		rc = run(s, *p, f);
	if (rc == RC_AGAIN)
		rc = fault_set(f, rc, "%s is in use: stop the server (systemctl stop xom.socket xom.service) and every "
		               "other xom that works with it. Nothing was changed", s->path);
	return rc;
}

static void lite_move_close(struct move_side *s)
{
	struct lite_move *m = own(s);
	if (m == NULL)
		return;
	(void)sqlite3_finalize(m->read);
	(void)sqlite3_finalize(m->put);
	if (m->db != NULL && sqlite3_close(m->db) != SQLITE_OK)
		BUG("a statement outlived its connection");
	buf_release(&m->row);
	arena_release(&m->words);
	free(m);
	s->db = NULL;
}

static enum rc lite_move_open(struct move_side *s, struct fault *f)
{
	lite_configure();
	struct lite_move *m = calloc(1, sizeof *m);
	if (m == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	s->db = m;
	arena_init(&m->words, WORDS_MEMORY);
	enum rc rc = s->use == USE_INTO ? make_file(s->path, f) : RC_OK;
	if (rc == RC_OK && sqlite3_open_v2(s->path, &m->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	                   SQLITE_OK)
		rc = m->db != NULL ? lite_rc(m->db, f, s->path) : fault_set(f, RC_NOMEM, "no memory");
	if (rc != RC_OK)
		return rc;
	(void)sqlite3_extended_result_codes(m->db, 1);
	(void)sqlite3_busy_timeout(m->db, WAIT_MS);
	return take(s, f);
}

/* --- the mark --- */

static enum rc has_table(sqlite3 *db, const char *name, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = lite_prepare(db, "SELECT 1 FROM sqlite_schema WHERE name = ?1", &st, f);
	if (rc != RC_OK)
		return rc;
	(void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	int code = sqlite3_step(st);
	rc = code == SQLITE_ROW ? RC_OK : code == SQLITE_DONE ? RC_NONE : lite_rc(db, f, "reading the schema");
	(void)sqlite3_finalize(st);
	return rc;
}

static struct str text(struct arena *a, sqlite3_stmt *st, int column)
{
	const void *p = sqlite3_column_blob(st, column);
	return arena_copy(a, str_n(p != NULL ? p : "", (size_t)sqlite3_column_bytes(st, column)));
}

static enum rc read_mark(sqlite3 *db, struct arena *a, struct move_mark *out, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = has_table(db, "store_move", f);
	if (rc == RC_OK)
		rc = lite_prepare(db, "SELECT target, done, id, other, began_at, copied, place, after_key "
		                  "FROM store_move", &st, f);
	if (rc != RC_OK)
		return rc;
	int code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*out = (struct move_mark){.target = sqlite3_column_int(st, 0) != 0, .done = sqlite3_column_int(st, 1) != 0,
		                          .id = text(a, st, 2), .other = text(a, st, 3),
		                          .began_at = sqlite3_column_int64(st, 4), .copied = sqlite3_column_int64(st, 5),
		                          .place = text(a, st, 6), .key = text(a, st, 7)};
	rc = code == SQLITE_ROW ? RC_OK : code == SQLITE_DONE ? RC_NONE : lite_rc(db, f, "the mark of a move");
	(void)sqlite3_finalize(st);
	return rc;
}

enum rc lite_marked(const char *path, struct arena *a, struct move_mark *out, struct fault *f)
{
	sqlite3 *db = NULL;
	enum rc rc = RC_NONE;
	lite_configure();
	if (access(path, F_OK) != 0)
		return RC_NONE;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		(void)sqlite3_busy_timeout(db, WAIT_MS);
		rc = read_mark(db, a, out, f);
	}
	(void)sqlite3_close(db);
	return rc;
}

static enum rc mark(struct move_side *s, struct arena *a, struct move_mark *out, struct fault *f)
{
	return read_mark(own(s)->db, a, out, f);
}

static void bind_str(sqlite3_stmt *st, int at, struct str s, bool blob)
{
	const char *p = s.n > 0 ? s.p : "";
	if (blob)
		(void)sqlite3_bind_blob64(st, at, p, s.n, SQLITE_TRANSIENT);
	else
		(void)sqlite3_bind_text64(st, at, p, s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static enum rc put_mark(struct move_side *s, const struct move_mark *mark, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = run(s, "DELETE FROM store_move", f);
	if (rc == RC_OK)
		rc = lite_prepare(own(s)->db, "INSERT INTO store_move VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &st, f);
	if (rc != RC_OK)
		return rc;
	(void)sqlite3_bind_int(st, 1, mark->target);
	(void)sqlite3_bind_int(st, 2, mark->done);
	bind_str(st, 3, mark->id, false);
	bind_str(st, 4, mark->other, false);
	(void)sqlite3_bind_int64(st, 5, mark->began_at);
	(void)sqlite3_bind_int64(st, 6, mark->copied);
	bind_str(st, 7, mark->place, false);
	bind_str(st, 8, mark->key, true);
	if (sqlite3_step(st) != SQLITE_DONE)
		rc = lite_rc(own(s)->db, f, "the mark of a move");
	(void)sqlite3_finalize(st);
	return rc;
}

/* FULL: marks are what says which of two databases counts. */
static enum rc set_mark(struct move_side *s, const struct move_mark *mark, struct fault *f)
{
	enum rc rc = run(s, "PRAGMA synchronous = FULL; BEGIN; CREATE TABLE IF NOT EXISTS store_move(target INTEGER, "
	                 "done INTEGER, id TEXT, other TEXT, began_at INTEGER, copied INTEGER, place TEXT, "
	                 "after_key BLOB)", f);
	if (rc == RC_OK)
		rc = put_mark(s, mark, f);
	if (rc == RC_OK)
		rc = run(s, "COMMIT; PRAGMA synchronous = NORMAL", f);
	return rc;
}

static enum rc drop_mark(struct move_side *s, struct fault *f)
{
	return run(s, "PRAGMA synchronous = FULL; DROP TABLE IF EXISTS store_move", f);
}

static enum rc empty(struct move_side *s, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = lite_prepare(own(s)->db, "SELECT name FROM sqlite_schema WHERE name <> 'store_move' LIMIT 1", &st, f);
	if (rc != RC_OK)
		return rc;
	int code = sqlite3_step(st);
	rc = code == SQLITE_DONE ? RC_OK
	     : code == SQLITE_ROW ? fault_set(f, RC_EXISTS, "it has a table %s", sqlite3_column_text(st, 0))
	                          : lite_rc(own(s)->db, f, s->path);
	(void)sqlite3_finalize(st);
	return rc;
}

static enum rc scopes(struct move_side *s, struct arena *a, const char ***out, size_t *count, struct fault *f)
{
	enum { MOST = 64 };
	sqlite3_stmt *st = NULL;
	int code = SQLITE_DONE;
	*out = arena_array(a, MOST, sizeof **out);
	*count = 0;
	enum rc rc = lite_prepare(own(s)->db, "SELECT substr(name, 5) FROM sqlite_schema WHERE type = 'table' AND "
	                          "name LIKE 'fts\\_%' ESCAPE '\\' AND sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name",
	                          &st, f);
	while (rc == RC_OK && *count < MOST && (code = sqlite3_step(st)) == SQLITE_ROW)
		(*out)[(*count)++] = text(a, st, 0).p;
	if (rc == RC_OK && code != SQLITE_DONE)
		rc = lite_rc(own(s)->db, f, "the search's tables");
	(void)sqlite3_finalize(st);
	return rc;
}

/* --- statements --- */

static enum rc prepare(struct move_side *s, struct buf *b, sqlite3_stmt **out, struct fault *f)
{
	buf_addc(b, '\0');
	enum rc rc = b->failed ? fault_set(f, RC_NOMEM, "no memory") : lite_prepare(own(s)->db, b->p, out, f);
	buf_release(b);
	return rc;
}

static enum rc count(struct move_side *s, const struct move_table *t, int64_t *out, struct fault *f)
{
	struct buf b = {0};
	sqlite3_stmt *st = NULL;
	buf_addz(&b, "SELECT count(*) FROM ");
	move_name(&b, t->name);
	if (t->scope != NULL) { /* a row a text, without reading the texts */
		b.n--;
		buf_addz(&b, "_docsize\"");
	}
	enum rc rc = prepare(s, &b, &st, f);
	if (rc == RC_OK && sqlite3_step(st) != SQLITE_ROW)
		rc = lite_rc(own(s)->db, f, "counting");
	*out = rc == RC_OK ? sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_finalize(st);
	return rc;
}

static void end(struct move_side *s)
{
	struct lite_move *m = own(s);
	if (m == NULL)
		return;
	(void)sqlite3_finalize(m->read);
	m->read = NULL;
}

static void bind_field(sqlite3_stmt *st, int at, char type, struct str value, bool null)
{
	const char *p = value.n > 0 ? value.p : "";
	if (null)
		(void)sqlite3_bind_null(st, at);
	else if (type == 'i')
		(void)sqlite3_bind_int64(st, at, move_number(value));
	else if (type == 't')
		(void)sqlite3_bind_text64(st, at, p, value.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		(void)sqlite3_bind_blob64(st, at, p, value.n, SQLITE_TRANSIENT);
}

/* The columns of a search's table, and its key, are named otherwise. */
static void read_sql(struct buf *b, const struct move_table *t, bool after)
{
	buf_addz(b, "SELECT ");
	if (t->scope != NULL)
		buf_addz(b, "ward, rowid, words");
	else
		move_names(b, t, false);
	buf_addz(b, " FROM ");
	move_name(b, t->name);
	if (after && t->scope != NULL) {
		buf_addz(b, " WHERE rowid > ?1");
	} else if (after) {
		buf_addz(b, " WHERE (");
		move_names(b, t, true);
		buf_addz(b, ") > (");
		for (size_t i = 0; i < t->key_count; i++)
			buf_addf(b, "%s?%zu", i > 0 ? ", " : "", i + 1);
		buf_addc(b, ')');
	}
	buf_addz(b, " ORDER BY ");
	if (t->scope != NULL)
		buf_addz(b, "rowid");
	else
		move_names(b, t, true);
}

static enum rc read_rows(struct move_side *s, const struct move_table *t, struct str after, struct fault *f)
{
	struct lite_move *m = own(s);
	struct buf b = {0};
	struct str rest = move_fields(after), value;
	bool null;
	m->reading = t;
	read_sql(&b, t, after.n > 0);
	enum rc rc = prepare(s, &b, &m->read, f);
	for (size_t i = 0; rc == RC_OK && i < t->key_count && move_field(&rest, &value, &null); i++)
		bind_field(m->read, (int)i + 1, t->types[t->key[i]], value, null);
	return rc;
}

static struct str bytes(sqlite3_stmt *st, int column)
{
	const char *p = sqlite3_column_blob(st, column);
	return str_n(p != NULL ? p : "", p != NULL ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

static enum rc next(struct move_side *s, struct str *row, struct fault *f)
{
	struct lite_move *m = own(s);
	enum rc rc = RC_OK;
	int code = sqlite3_step(m->read), n = sqlite3_column_count(m->read);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? RC_NONE : lite_rc(m->db, f, "reading");
	m->row.n = 0;
	move_put_count(&m->row, (size_t)n);
	for (int i = 0; i < n && rc == RC_OK; i++) {
		int type = sqlite3_column_type(m->read, i);
		struct str value = STR_EMPTY;
		if (type == SQLITE_NULL) {
			move_put_null(&m->row);
		} else if (type == SQLITE_INTEGER) {
			move_put_number(&m->row, sqlite3_column_int64(m->read, i));
		} else if (type == SQLITE_FLOAT) {
			rc = fault_set(f, RC_CORRUPT, "a fraction in column %d", i);
		} else if (m->reading->scope != NULL) {
			arena_reset(&m->words);
			rc = move_words(&m->words, m->reading->scope, bytes(m->read, i), &value, f);
			move_put_bytes(&m->row, value);
		} else {
			move_put_bytes(&m->row, bytes(m->read, i));
		}
	}
	*row = buf_str(&m->row);
	return rc == RC_OK && m->row.failed ? fault_set(f, RC_TOO_BIG, "a row of more than 64 MiB") : rc;
}

/* --- filling --- */

static enum rc put_sql(struct move_side *s, const struct move_table *t, struct fault *f)
{
	struct buf b = {0};
	buf_addz(&b, "INSERT INTO ");
	move_name(&b, t->name);
	buf_addz(&b, "(");
	if (t->scope != NULL)
		buf_addz(&b, "ward, rowid, words");
	else
		move_names(&b, t, false);
	buf_addz(&b, ") VALUES (");
	for (size_t i = 0; i < t->column_count; i++)
		buf_addf(&b, "%s?%zu", i > 0 ? ", " : "", i + 1);
	buf_addc(&b, ')');
	return prepare(s, &b, &own(s)->put, f);
}

/* A search's table is made in no transaction that may be taken back. */
static enum rc scope_make(struct move_side *s, const char *scope, struct fault *f)
{
	struct lite_conn c = {.db = own(s)->db};
	return lite_scope_make(&c, scope, f);
}

static enum rc slice(struct move_side *s, const struct move_table *t, struct fault *f)
{
	struct lite_move *m = own(s);
	enum rc rc = RC_OK;
	if (m->putting != t) {
		(void)sqlite3_finalize(m->put);
		m->put = NULL;
		if (t->scope != NULL)
			rc = scope_make(s, t->scope, f);
		if (rc == RC_OK)
			rc = put_sql(s, t, f);
		m->putting = rc == RC_OK ? t : NULL;
	}
	return rc == RC_OK ? run(s, "BEGIN", f) : rc;
}

/* "_1adesk den tat": the ward's word goes first, without the scope. */
static struct str words_of(struct arena *a, const char *scope, struct str words)
{
	struct buf rest = {0};
	struct str ward = STR_EMPTY;
	while (words.n > 0) {
		struct str w = str_cut(&words, ' ');
		if (w.n > 0 && w.p[0] == '_')
			ward = str_sub(w, 0, w.n - strlen(scope));
		else
			buf_join(&rest, " ", w);
	}
	struct str out = arena_fmt(a, "%.*s%s%.*s", PSTR(ward), rest.n > 0 ? " " : "", PSTR(buf_str(&rest)));
	buf_release(&rest);
	return out;
}

static enum rc put(struct move_side *s, const struct move_table *t, struct str row, struct fault *f)
{
	struct lite_move *m = own(s);
	struct str rest = move_fields(row), value;
	bool null;
	for (size_t i = 0; i < t->column_count && move_field(&rest, &value, &null); i++) {
		if (t->scope != NULL && t->types[i] == 't') {
			arena_reset(&m->words);
			value = words_of(&m->words, t->scope, value);
		}
		bind_field(m->put, (int)i + 1, t->types[i], value, null);
	}
	int code = sqlite3_step(m->put);
	enum rc rc = code == SQLITE_DONE ? RC_OK : lite_rc(m->db, f, "filling");
	(void)sqlite3_reset(m->put);
	return rc;
}

static enum rc commit(struct move_side *s, const struct move_mark *mark, struct fault *f)
{
	enum rc rc = mark != NULL ? put_mark(s, mark, f) : RC_OK;
	return rc == RC_OK ? run(s, "COMMIT", f) : rc;
}

static void abandon(struct move_side *s)
{
	if (sqlite3_get_autocommit(own(s)->db) == 0)
		(void)run(s, "ROLLBACK", NULL);
}

/* Of what points at rows SQLite looked at nothing while they came. */
static enum rc settle(struct move_side *s, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = lite_prepare(own(s)->db, "PRAGMA foreign_key_check", &st, f);
	int code = rc == RC_OK ? sqlite3_step(st) : SQLITE_DONE;
	if (code == SQLITE_ROW)
		rc = fault_set(f, RC_CORRUPT, "a row of %s has no %s", sqlite3_column_text(st, 0),
		               sqlite3_column_text(st, 2));
	else if (rc == RC_OK && code != SQLITE_DONE)
		rc = lite_rc(own(s)->db, f, "the foreign keys");
	(void)sqlite3_finalize(st);
	return rc;
}

const struct mover LITE_MOVER = {
	.open = lite_move_open, .close = lite_move_close, .mark = mark, .set_mark = set_mark,
	.drop_mark = drop_mark, .empty = empty, .scopes = scopes, .count = count, .read = read_rows,
	.next = next, .end = end, .slice = slice, .put = put, .commit = commit, .abandon = abandon,
	.settle = settle,
};
