/* Search with FTS5: a table a scope, whose rowid is the id, so that matches come newest first
 * without sorting. The ward is a word of the text ("_1a"; no token has a low line), because an FTS
 * table knows nothing but rowids and words. */
#include "kit/store/sqlite_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* RC_OK: done; RC_EXISTS: a row. */
static enum rc step_done(struct lite_conn *c, sqlite3_stmt *st, struct fault *f)
{
	int rc = sqlite3_step(st);
	if (rc == SQLITE_DONE)
		return RC_OK;
	return rc == SQLITE_ROW ? RC_EXISTS : lite_rc(c->db, f, "search");
}

/* Asked of the database each time: a reader's picture of the schema may be an old one. RC_EXISTS or RC_OK. */
static enum rc table_exists(struct lite_conn *c, const char *table, struct fault *f)
{
	enum rc rc = RC_OK;
	if (c->exists == NULL)
		rc = lite_prepare(c->db, "SELECT 1 FROM sqlite_schema WHERE name = ?1", &c->exists, f);
	if (rc != RC_OK)
		return rc;
	(void)sqlite3_bind_text(c->exists, 1, table, -1, SQLITE_STATIC);
	rc = step_done(c, c->exists, f);
	(void)sqlite3_reset(c->exists);
	(void)sqlite3_clear_bindings(c->exists);
	return rc;
}

/* The scope's name passed search_scope_ok: small letters only. */
static enum rc scope_prepare(struct lite_conn *c, const char *form, const char *scope,
                             sqlite3_stmt **out, struct fault *f)
{
	char sql[400];
	if (*out != NULL)
		return RC_OK;
	(void)sqlite3_snprintf(sizeof sql, sql, form, scope, scope);
	return lite_prepare(c->db, sql, out, f);
}

enum rc lite_scope_make(struct lite_conn *c, const char *scope, struct fault *f)
{
	char sql[400];
	(void)sqlite3_snprintf(sizeof sql, sql, "CREATE VIRTUAL TABLE IF NOT EXISTS \"fts_%w\" USING "
	                       "fts5(words, ward UNINDEXED, prefix='2 3', detail=none, "
	                       "tokenize=\"ascii tokenchars '_'\")", scope);
	if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return lite_rc(c->db, f, "a search table");
	return RC_OK;
}

/* *out is NULL where nothing was ever put into the scope. */
static enum rc scope_get(struct lite_conn *c, const char *name, struct scope **out, struct fault *f)
{
	char table[32];
	*out = NULL;
	(void)sqlite3_snprintf(sizeof table, table, "fts_%s", name);
	enum rc rc = table_exists(c, table, f);
	if (rc != RC_EXISTS)
		return rc;
	for (struct scope *s = c->scopes; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0) {
			*out = s;
			return RC_OK;
		}
	struct scope *s = calloc(1, sizeof *s);
	if (s == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a search scope");
	memcpy(s->name, name, strlen(name) + 1);
	s->next = c->scopes;
	c->scopes = s;
	*out = s;
	return RC_OK;
}

void lite_scopes_release(struct lite_conn *c)
{
	for (struct scope *s = c->scopes, *next; s != NULL; s = next) {
		next = s->next;
		(void)sqlite3_finalize(s->ward);
		(void)sqlite3_finalize(s->put);
		(void)sqlite3_finalize(s->drop);
		(void)sqlite3_finalize(s->find);
		free(s);
	}
	c->scopes = NULL;
	(void)sqlite3_finalize(c->exists);
	c->exists = NULL;
}

/* RC_EXISTS: the row is there and this ward's; RC_NONE; RC_DENIED: it is another ward's. */
static enum rc owner(struct tx *tx, struct scope *s, int64_t id, struct fault *f)
{
	struct lite_conn *c = lite_conn_of(tx);
	enum rc rc = scope_prepare(c, "SELECT ward FROM \"fts_%w\" WHERE rowid = ?1", s->name, &s->ward,
	                           f);
	if (rc != RC_OK)
		return rc;
	(void)sqlite3_bind_int64(s->ward, 1, id);
	rc = step_done(c, s->ward, f);
	if (rc == RC_OK)
		rc = RC_NONE;
	else if (rc == RC_EXISTS && sqlite3_column_int64(s->ward, 0) != tx->ward.v)
		rc = fault_set(f, RC_DENIED, "the search row is of another ward");
	(void)sqlite3_reset(s->ward);
	return rc;
}

static struct str join(struct tx *tx, const struct str *tokens, size_t n)
{
	struct buf b = {0};
	buf_addf(&b, "_%" PRIx64, (uint64_t)tx->ward.v);
	for (size_t i = 0; i < n; i++) {
		buf_addc(&b, ' ');
		buf_add(&b, tokens[i]);
	}
	return arena_take(tx->arena, &b);
}

enum rc lite_search_put(struct tx *tx, const char *scope, int64_t id, const struct str *tokens,
                        size_t n, struct fault *f)
{
	struct lite_conn *c = lite_conn_of(tx);
	struct scope *s;
	if (!tx->write)
		return fault_set(f, RC_DB, "search_put in a read");
	enum rc rc = scope_get(c, scope, &s, f);
	if (rc == RC_OK && s == NULL && n > 0) {
		memcpy(lite_of(tx->store)->wanted, scope, strlen(scope) + 1);
		return fault_set(f, RC_DB, "the search scope is made first"); /* and this run again */
	}
	if (rc != RC_OK || s == NULL)
		return rc;
	rc = owner(tx, s, id, f);
	if (rc == RC_EXISTS) {
		rc = scope_prepare(c, "DELETE FROM \"fts_%w\" WHERE rowid = ?1", s->name, &s->drop, f);
		if (rc == RC_OK) {
			(void)sqlite3_bind_int64(s->drop, 1, id);
			rc = step_done(c, s->drop, f);
			(void)sqlite3_reset(s->drop);
		}
	} else if (rc == RC_NONE) {
		rc = RC_OK;
	}
	if (rc != RC_OK || n == 0)
		return rc;
	rc = scope_prepare(c, "INSERT INTO \"fts_%w\"(rowid, words, ward) VALUES (?1, ?2, ?3)", s->name,
	                   &s->put, f);
	if (rc != RC_OK)
		return rc;
	struct str words = join(tx, tokens, n);
	(void)sqlite3_bind_int64(s->put, 1, id);
	(void)sqlite3_bind_text64(s->put, 2, words.p, words.n, SQLITE_STATIC, SQLITE_UTF8);
	(void)sqlite3_bind_int64(s->put, 3, tx->ward.v);
	rc = step_done(c, s->put, f);
	(void)sqlite3_reset(s->put);
	(void)sqlite3_clear_bindings(s->put);
	return rc;
}

static bool one_letter(struct str token)
{
	size_t letters = 0;
	for (size_t i = 0; i < token.n; i++)
		letters += ((unsigned char)token.p[i] & 0xC0) != 0x80;
	return letters < 2;
}

/* Every word stands in quotes and none holds one (search_token_ok): nothing can be said to FTS5
 * but words. A prefix of one letter would read a tenth of the index: it is a whole word. */
static struct str query_of(struct tx *tx, const struct str *tokens, size_t n)
{
	struct buf b = {0};
	buf_addf(&b, "\"_%" PRIx64 "\"", (uint64_t)tx->ward.v);
	for (size_t i = 0; i < n; i++) {
		buf_addz(&b, " AND \"");
		buf_add(&b, tokens[i]);
		buf_addc(&b, '"');
		if (i + 1 == n && !one_letter(tokens[i]))
			buf_addz(&b, " *");
	}
	return arena_take(tx->arena, &b);
}

enum rc lite_search_find(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                         int64_t before, size_t limit, int64_t **ids, size_t *count,
                         struct fault *f)
{
	struct lite_conn *c = lite_conn_of(tx);
	struct scope *s;
	enum rc rc = scope_get(c, scope, &s, f);
	if (rc != RC_OK || s == NULL)
		return rc;
	rc = scope_prepare(c, "SELECT rowid FROM \"fts_%w\" WHERE \"fts_%w\" MATCH ?1 AND rowid < ?2 "
	                   "ORDER BY rowid DESC LIMIT ?3", s->name, &s->find, f);
	if (rc != RC_OK)
		return rc;
	struct str query = query_of(tx, tokens, n);
	(void)sqlite3_bind_text64(s->find, 1, query.p, query.n, SQLITE_STATIC, SQLITE_UTF8);
	(void)sqlite3_bind_int64(s->find, 2, before > 0 ? before : INT64_MAX);
	(void)sqlite3_bind_int64(s->find, 3, limit < INT32_MAX ? (int64_t)limit : INT32_MAX);
	size_t cap = 0;
	while (rc == RC_OK && (rc = step_done(c, s->find, f)) == RC_EXISTS) {
		if (*count == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			int64_t *more = arena_array(tx->arena, cap, sizeof *more);
			if (*count > 0)
				memcpy(more, *ids, *count * sizeof *more);
			*ids = more;
		}
		(*ids)[(*count)++] = sqlite3_column_int64(s->find, 0);
		rc = tx->arena->over ? fault_set(f, RC_NOMEM, "the matches outgrow the request's memory")
		                     : RC_OK;
	}
	(void)sqlite3_reset(s->find);
	(void)sqlite3_clear_bindings(s->find);
	return rc;
}

/* A negative number begins a merge of everything there is, a positive one goes on with it; fewer than
 * two changes: there was nothing left to do. */
enum rc lite_search_merge(struct tx *tx, bool first, bool *more, struct fault *f)
{
	enum { PAGES = 32 };
	struct lite_conn *c = lite_conn_of(tx);
	sqlite3_stmt *names = NULL;
	if (!tx->write)
		return fault_set(f, RC_DB, "search_merge in a read");
	enum rc rc = lite_prepare(c->db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
	                          "sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name", &names, f);
	while (rc == RC_OK && (rc = step_done(c, names, f)) == RC_EXISTS) {
		char sql[200];
		const char *name = (const char *)sqlite3_column_text(names, 0);
		sqlite3_int64 before = sqlite3_total_changes64(c->db);
		(void)sqlite3_snprintf(sizeof sql, sql, "INSERT INTO \"%w\"(\"%w\", rank) VALUES ('merge', %d)",
		                       name, name, first ? -PAGES : PAGES);
		rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK
		                                                            : lite_rc(c->db, f, sql);
		*more |= sqlite3_total_changes64(c->db) - before >= 2;
	}
	(void)sqlite3_finalize(names);
	lite_of(tx->store)->merged |= rc == RC_OK && !*more;
	return rc;
}
