/* The catalogue, for the tools that judge the schema; the steps of a database; PostgreSQL's own
 * reading of every row. What it makes for itself (fts_word, store_writer, store_erased) is not listed. */
#include "kit/store/postgres_impl.h"

#include <string.h>

static enum rc ask(struct pq_conn *c, const char *sql, PGresult **out, struct fault *f)
{
	return pq_exec(c, &(struct pq_call){.text = sql}, out, f);
}

static struct str text(struct arena *a, const PGresult *r, int row, int column)
{
	return arena_copy(a, str_n(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)));
}

enum rc pq_steps(const char *path, struct arena *a, struct str **names, size_t *count,
                 struct fault *f)
{
	struct pq_conn c = {0};
	PGresult *r = NULL;
	*names = NULL;
	*count = 0;
	enum rc rc = pq_connect(&c, path, PQ_SETUP, 0, f);
	if (rc == RC_OK)
		rc = ask(&c, "SELECT (to_regclass('schema_step') IS NOT NULL)::int", &r, f);
	if (rc == RC_OK && pq_int(r, 0, 0) == 0)
		rc = RC_NONE;
	PQclear(r);
	r = NULL;
	if (rc == RC_OK)
		rc = ask(&c, "SELECT name FROM schema_step ORDER BY name", &r, f);
	if (rc == RC_OK) {
		*count = (size_t)PQntuples(r);
		*names = arena_array(a, *count + 1, sizeof **names);
		for (size_t i = 0; i < *count; i++)
			(*names)[i] = text(a, r, (int)i, 0);
	}
	PQclear(r);
	pq_disconnect(&c);
	return rc;
}

#define TABLES \
	"FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace " \
	"WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') " \
	"AND t.relname NOT IN ('fts_word', 'store_writer', 'store_erased', 'store_move') "
/* Each table, and each of its columns; each key and each of its columns, in order. */
static const char *const COLUMNS =
	"SELECT t.relname::text, a.attname::text, CASE a.atttypid WHEN 20 THEN 'i' WHEN 17 THEN 'b' ELSE 't' END "
	"FROM pg_attribute a JOIN (SELECT t.oid, t.relname " TABLES
	") AS t ON t.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped "
	"ORDER BY t.relname::text COLLATE \"C\", a.attnum";
static const char *const KEYS =
	"SELECT t.relname::text, k.kind, k.id, coalesce(a.attname::text, ''), k.target, "
	"coalesce(b.attname::text, '') FROM ("
	"SELECT i.indrelid AS rel, CASE WHEN i.indisprimary THEN 1 WHEN i.indisunique THEN 2 ELSE 4 END AS kind, "
	"i.indexrelid::bigint AS id, c.num::int8 AS num, c.at, '' AS target, "
	"0::oid AS target_rel, 0::int8 AS target_num FROM pg_index i, "
	"unnest(i.indkey::int2[]) WITH ORDINALITY AS c(num, at) "
	"UNION ALL SELECT f.conrelid, 3, f.oid::bigint, c.num::int8, c.at, f.confrelid::regclass::text, "
	"f.confrelid, f.confkey[1]::int8 FROM pg_constraint f, unnest(f.conkey) WITH ORDINALITY AS c(num, at) WHERE f.contype = 'f') AS k "
	"JOIN (SELECT t.oid, t.relname " TABLES ") AS t ON t.oid = k.rel "
	"LEFT JOIN pg_attribute a ON a.attrelid = k.rel AND a.attnum = k.num "
	"LEFT JOIN pg_attribute b ON b.attrelid = k.target_rel AND b.attnum = k.target_num "
	"ORDER BY t.relname::text COLLATE \"C\", k.kind, k.id, k.at";

static struct store_table *table_named(struct store_table *list, size_t n, struct str name)
{
	while (n > 0 && !str_eq(list[n - 1].name, name))
		n--;
	return n > 0 ? &list[n - 1] : NULL;
}

static void add_str(struct arena *a, struct str **list, size_t *n, struct str s)
{
	struct str *more = arena_array(a, *n + 1, sizeof *more);
	if (*n > 0)
		memcpy(more, *list, *n * sizeof *more);
	more[(*n)++] = s;
	*list = more;
}

static struct store_key *add_key(struct arena *a, struct store_table *t, int kind, struct str target)
{
	struct store_key *more = arena_array(a, t->key_count + 1, sizeof *more);
	if (t->key_count > 0)
		memcpy(more, t->keys, t->key_count * sizeof *more);
	t->keys = more;
	more[t->key_count] = (struct store_key){.kind = kind, .to_table = target};
	return &more[t->key_count++];
}

static void read_columns(struct arena *a, const PGresult *r, struct store_table **tables, size_t *count)
{
	*tables = arena_array(a, (size_t)PQntuples(r) + 1, sizeof **tables);
	for (int i = 0; i < PQntuples(r); i++) {
		struct str name = text(a, r, i, 0);
		if (*count == 0 || !str_eq((*tables)[*count - 1].name, name)) {
			(*tables)[*count] = (struct store_table){.name = name, .internal = str_is(name, "schema_step")};
			(*count)++;
		}
		struct store_table *t = &(*tables)[*count - 1];
		add_str(a, &t->columns, &t->column_count, text(a, r, i, 1));
		t->types = arena_fmt(a, "%s%.*s", t->types != NULL ? t->types : "", PSTR(text(a, r, i, 2))).p;
	}
}

static void read_keys(struct arena *a, const PGresult *r, struct store_table *tables, size_t count)
{
	int64_t id = -1;
	struct store_key *k = NULL;
	for (int i = 0; i < PQntuples(r); i++) {
		struct store_table *t = table_named(tables, count, text(a, r, i, 0));
		if (t == NULL)
			continue;
		if (k == NULL || pq_int(r, i, 2) != id) {
			k = add_key(a, t, (int)pq_int(r, i, 1), text(a, r, i, 4));
			k->to_first = text(a, r, i, 5);
		}
		id = pq_int(r, i, 2);
		add_str(a, &k->columns, &k->column_count, text(a, r, i, 3));
	}
}

/* A connection of its own: these may be long. */
enum rc pq_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count,
                  struct fault *f)
{
	struct pq_conn c = {0};
	PGresult *columns = NULL, *keys = NULL;
	*tables = NULL;
	*count = 0;
	enum rc rc = pq_connect(&c, s->config.path, PQ_SETUP, 0, f);
	if (rc == RC_OK)
		rc = ask(&c, COLUMNS, &columns, f);
	if (rc == RC_OK)
		rc = ask(&c, KEYS, &keys, f);
	if (rc == RC_OK) {
		read_columns(a, columns, tables, count);
		read_keys(a, keys, *tables, *count);
	}
	PQclear(columns);
	PQclear(keys);
	pq_disconnect(&c);
	return rc;
}

/* Every row is read, which finds what its checksums tell; keys that point at rows are its own work. */
enum rc pq_check(struct store *s, struct arena *a, struct fault *f)
{
	struct store_table *tables;
	struct pq_conn c = {0};
	size_t n;
	enum rc rc = pq_schema(s, a, &tables, &n, f);
	if (rc == RC_OK)
		rc = pq_connect(&c, s->config.path, PQ_SETUP, 0, f);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		struct buf sql = {0};
		struct str name = tables[i].name;
		buf_addz(&sql, "SELECT count(x::text) FROM \"");
		for (size_t k = 0; k < name.n; k++) {
			if (name.p[k] == '"')
				buf_addc(&sql, '"');
			buf_addc(&sql, name.p[k]);
		}
		buf_addz(&sql, "\" AS x");
		rc = ask(&c, arena_take(a, &sql).p, NULL, f);
	}
	if (c.pg != NULL)
		pq_disconnect(&c);
	return rc;
}
