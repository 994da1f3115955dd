/* The catalogue, for the tools that judge the schema, and SQLite's own checks. */
#include "kit/store/sqlite_impl.h"

#include <string.h>

struct catalog {
	struct lite_conn *conn;
	struct arena *arena;
};

static enum rc query(const struct catalog *c, const char *sql, struct str arg, sqlite3_stmt **out,
                     struct fault *f)
{
	enum rc rc = lite_prepare(c->conn->db, sql, out, f);
	if (rc == RC_OK && arg.n > 0)
		(void)sqlite3_bind_text64(*out, 1, arg.p, arg.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	return rc;
}

static struct str text(const struct catalog *c, sqlite3_stmt *st, int column)
{
	const char *z = (const char *)sqlite3_column_text(st, column);
	return arena_copy(c->arena, str_of(z));
}

static void add_str(const struct catalog *c, struct str **list, size_t *n, struct str s)
{
	struct str *more = arena_array(c->arena, *n + 1, sizeof *more);
	if (*n > 0)
		memcpy(more, *list, *n * sizeof *more);
	more[(*n)++] = s;
	*list = more;
}

static struct store_key *add_key(const struct catalog *c, struct store_table *t, int kind)
{
	struct store_key *more = arena_array(c->arena, t->key_count + 1, sizeof *more);
	if (t->key_count > 0)
		memcpy(more, t->keys, t->key_count * sizeof *more);
	t->keys = more;
	struct store_key *k = &more[t->key_count++];
	k->kind = kind;
	return k;
}

static enum rc finish(const struct catalog *c, sqlite3_stmt *st, int last, struct fault *f)
{
	enum rc rc = last == SQLITE_DONE ? RC_OK : lite_rc(c->conn->db, f, "the catalogue");
	(void)sqlite3_finalize(st);
	return rc;
}

/* Columns in their order, and the primary key in its own. */
static enum rc read_columns(const struct catalog *c, struct store_table *t, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	int step = SQLITE_DONE;
	enum rc rc = query(c, "SELECT name, lower(substr(type, 1, 1)) FROM pragma_table_xinfo(?1) ORDER BY cid", t->name,
	                   &st, f);
	struct buf types = {0};
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
		add_str(c, &t->columns, &t->column_count, text(c, st, 0));
		buf_add(&types, text(c, st, 1));
	}
	t->types = arena_take(c->arena, &types).p;
	if (rc == RC_OK)
		rc = finish(c, st, step, f);
	if (rc == RC_OK)
		rc = query(c, "SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk", t->name,
		           &st, f);
	struct store_key *k = NULL;
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
		if (k == NULL)
			k = add_key(c, t, KEY_PRIMARY);
		add_str(c, &k->columns, &k->column_count, text(c, st, 0));
	}
	return rc == RC_OK ? finish(c, st, step, f) : rc;
}

/* Unique constraints and indexes; an expression's column has the name "". */
static enum rc read_indexes(const struct catalog *c, struct store_table *t, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	int step = SQLITE_DONE, index = -1;
	struct store_key *k = NULL;
	enum rc rc = query(c, "SELECT l.seq, l.\"unique\", i.name FROM pragma_index_list(?1) AS l, "
	                   "pragma_index_info(l.name) AS i WHERE l.origin <> 'pk' "
	                   "ORDER BY l.seq, i.seqno", t->name, &st, f);
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
		if (k == NULL || index != sqlite3_column_int(st, 0))
			k = add_key(c, t, sqlite3_column_int(st, 1) != 0 ? KEY_UNIQUE : KEY_INDEX);
		index = sqlite3_column_int(st, 0);
		add_str(c, &k->columns, &k->column_count, text(c, st, 2));
	}
	return rc == RC_OK ? finish(c, st, step, f) : rc;
}

static enum rc read_foreign(const struct catalog *c, struct store_table *t, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	int step = SQLITE_DONE, id = -1;
	struct store_key *k = NULL;
	enum rc rc = query(c, "SELECT id, \"from\", \"table\", coalesce(\"to\", '') FROM pragma_foreign_key_list(?1) "
	                   "ORDER BY id, seq", t->name, &st, f);
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
		if (k == NULL || id != sqlite3_column_int(st, 0)) {
			k = add_key(c, t, KEY_FOREIGN);
			k->to_table = text(c, st, 2);
			k->to_first = text(c, st, 3);
		}
		id = sqlite3_column_int(st, 0);
		add_str(c, &k->columns, &k->column_count, text(c, st, 1));
	}
	return rc == RC_OK ? finish(c, st, step, f) : rc;
}

static enum rc read_tables(const struct catalog *c, struct store_table **tables, size_t *count,
                           struct fault *f)
{
	sqlite3_stmt *st = NULL;
	int step = SQLITE_DONE;
	size_t cap = 0;
	enum rc rc = query(c, "SELECT name, wr, type IN ('virtual', 'shadow') FROM pragma_table_list "
	                   "WHERE schema = 'main' AND type <> 'view' ORDER BY name", STR_EMPTY, &st, f);
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
		if (*count == cap) {
			cap = cap == 0 ? 32 : cap * 2;
			struct store_table *more = arena_array(c->arena, cap, sizeof *more);
			if (*count > 0)
				memcpy(more, *tables, *count * sizeof *more);
			*tables = more;
		}
		struct store_table *t = &(*tables)[(*count)++];
		t->name = text(c, st, 0);
		t->without_rowid = sqlite3_column_int(st, 1) != 0;
		t->internal = sqlite3_column_int(st, 2) != 0 || str_starts(t->name, STR("sqlite_")) ||
		              str_is(t->name, "schema_step") || str_is(t->name, "store_move");
	}
	return rc == RC_OK ? finish(c, st, step, f) : rc;
}

enum rc lite_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count,
                    struct fault *f)
{
	struct catalog c = {.arena = a};
	*tables = NULL;
	*count = 0;
	enum rc rc = lite_reader_take(s, &c.conn, f);
	if (rc != RC_OK)
		return rc;
	rc = read_tables(&c, tables, count, f);
	for (size_t i = 0; i < *count && rc == RC_OK; i++) {
		rc = read_columns(&c, &(*tables)[i], f);
		if (rc == RC_OK)
			rc = read_indexes(&c, &(*tables)[i], f);
		if (rc == RC_OK)
			rc = read_foreign(&c, &(*tables)[i], f);
	}
	pool_give(&s->readers, c.conn);
	return rc;
}

enum rc lite_check(struct store *s, struct arena *a, struct fault *f)
{
	struct catalog c = {.arena = a};
	sqlite3_stmt *st = NULL;
	int step = SQLITE_DONE;
	enum rc rc = lite_reader_take(s, &c.conn, f);
	if (rc != RC_OK)
		return rc;
	rc = query(&c, "PRAGMA integrity_check(1)", STR_EMPTY, &st, f);
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW)
		if (!str_is(text(&c, st, 0), "ok"))
			rc = fault_set(f, RC_CORRUPT, "integrity_check: %s", sqlite3_column_text(st, 0));
	if (rc == RC_OK)
		rc = finish(&c, st, step, f);
	else
		(void)sqlite3_finalize(st);
	st = NULL;
	if (rc == RC_OK)
		rc = query(&c, "PRAGMA foreign_key_check", STR_EMPTY, &st, f);
	while (rc == RC_OK && (step = sqlite3_step(st)) == SQLITE_ROW)
		rc = fault_set(f, RC_CORRUPT, "foreign_key_check: a row of %s has no %s",
		               sqlite3_column_text(st, 0), sqlite3_column_text(st, 2));
	if (rc == RC_OK)
		rc = finish(&c, st, step, f);
	else
		(void)sqlite3_finalize(st);
	pool_give(&s->readers, c.conn);
	return rc;
}
