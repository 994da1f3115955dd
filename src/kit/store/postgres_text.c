/* A statement in PostgreSQL's words, and which tables it names.
 *
 * SQLite tells its authorizer what a statement reads; PostgreSQL tells nobody. So the text is read:
 * each table after FROM, JOIN, INTO and UPDATE must be held to a ward in its own SELECT, by its
 * alias or, where it stands alone, by a bare ward_id. As all SQL is one text for both engines,
 * SQLite's own judgement of it, made by the tests, is the stricter of the two. */
#include "kit/store/postgres_impl.h"

#include <string.h>

enum { SCOPES = 32, TABLES = 24, NAMES = 8 };

struct table {
	struct str name, alias;
	int scope;
	bool ward, inserted;
};
struct reading {
	struct table tables[TABLES];
	size_t table_n;
	struct str made[NAMES];         /* WITH x AS (…) */
	size_t made_n;
	int scope[SCOPES];              /* of each bracket that is open */
	bool in_from[SCOPES];           /* a comma there comes before a table */
	size_t depth;
	int scopes;
	bool expect, inserting;         /* a table's name is next; into it is inserted */
	struct str before, dotted;      /* the word before, and the one before a dot */
	bool bad;
};

static bool keyword(struct str s)
{
	static const char *const words[] = {"WHERE", "ON", "JOIN", "LEFT", "INNER", "CROSS", "GROUP", "ORDER",
		"SET", "VALUES", "SELECT", "USING", "LIMIT", "HAVING", "UNION", "RETURNING", "AS", "DO", "NOT",
		"WITH", NULL};
	for (const char *const *w = words; *w != NULL; w++)
		if (sql_word_is(s, *w))
			return true;
	return false;
}

static bool made(const struct reading *r, struct str name)
{
	for (size_t i = 0; i < r->made_n; i++)
		if (str_eq(r->made[i], name))
			return true;
	return false;
}

static void see_table(struct reading *r, struct str name)
{
	if (r->table_n == TABLES) {
		r->bad = true;
		return;
	}
	r->tables[r->table_n++] = (struct table){.name = name, .alias = name, .inserted = r->inserting,
	                                         .scope = r->scope[r->depth]};
}

static void see_ward(struct reading *r)
{
	for (size_t i = 0; i < r->table_n; i++) {
		struct table *t = &r->tables[i];
		t->ward |= r->dotted.n > 0 ? str_eq(t->alias, r->dotted) || str_eq(t->name, r->dotted)
		                           : t->scope == r->scope[r->depth];
	}
}

static void see_word(struct reading *r, struct str w)
{
	bool from = sql_word_is(w, "FROM"), update = sql_word_is(w, "UPDATE");
	bool into = sql_word_is(w, "INTO");
	if (r->expect && !keyword(w)) {
		see_table(r, w);
		r->expect = r->inserting = false;
	} else if (from || into || sql_word_is(w, "JOIN") || (update && !sql_word_is(r->before, "DO"))) {
		r->expect = true;
		r->inserting = into;
		r->in_from[r->depth] = from || r->in_from[r->depth];
	} else if (sql_word_is(w, "SELECT")) {
		r->scope[r->depth] = ++r->scopes;
		r->in_from[r->depth] = false;
	} else if (sql_word_is(w, "WHERE") || sql_word_is(w, "GROUP") || sql_word_is(w, "ORDER") ||
	           sql_word_is(w, "SET") || sql_word_is(w, "LIMIT") || sql_word_is(w, "HAVING")) {
		r->in_from[r->depth] = false;
	} else if (r->table_n > 0 && !keyword(w) &&
	           (str_eq(r->before, r->tables[r->table_n - 1].name) || sql_word_is(r->before, "AS")) &&
	           str_eq(r->tables[r->table_n - 1].alias, r->tables[r->table_n - 1].name) &&
	           r->in_from[r->depth]) {
		r->tables[r->table_n - 1].alias = w;
	}
}

/* The names that WITH makes: a word before AS ( … ). */
static void read_made(struct reading *r, struct str text)
{
	struct str tok, word = STR_EMPTY;
	bool as = false;
	int depth = 0;
	for (enum sql_token t; (t = sql_next(&text, &tok)) != T_END;) {
		if (t == T_WORD && sql_word_is(tok, "AS"))
			as = true;
		else if (t == T_WORD && depth == 0)
			word = tok, as = false;
		else if (t == T_OTHER && tok.p[0] == '(') {
			if (as && depth == 0 && r->made_n < NAMES)
				r->made[r->made_n++] = word;
			depth++;
			as = false;
		} else if (t == T_OTHER && tok.p[0] == ')') {
			depth--;
		}
	}
}

static enum rc judge(const struct reading *r, const struct sql *q, struct fault *f)
{
	if (r->bad)
		return fault_set(f, RC_DB, "too many tables: %s", q->text);
	for (size_t i = 0; i < r->table_n; i++) {
		const struct table *t = &r->tables[i];
		if (str_starts(t->name, STR("pg_")) || str_starts(t->name, STR("fts_")) ||
		    str_starts(t->name, STR("sqlite_")) || str_is(t->name, "store_writer") || str_is(t->name, "store_erased") ||
		    str_is(t->name, "information_schema"))
			return fault_set(f, RC_DB, "table %.*s is the engine's own: %s", PSTR(t->name), q->text);
		if (table_global(t->name) || made(r, t->name))
			continue;
		if (!q->ward)
			return fault_set(f, RC_DB, "table %.*s belongs to wards: %s", PSTR(t->name), q->text);
		if (!t->ward && !t->inserted)
			return fault_set(f, RC_DB, "table %.*s is named without its ward_id: %s", PSTR(t->name),
			                 q->text);
	}
	return RC_OK;
}

static enum rc check_named(const struct sql *q, struct fault *f)
{
	struct reading r = {0};
	struct str rest = str_of(q->text), tok;
	read_made(&r, rest);
	for (enum sql_token t; (t = sql_next(&rest, &tok)) != T_END && !r.bad;) {
		if (t == T_COMMENT || t == T_BLANK)
			continue;
		if (t == T_WORD) {
			see_word(&r, tok);
			if (str_is(tok, "ward_id"))
				see_ward(&r);
			r.before = tok;
		} else if (t == T_OTHER && tok.p[0] == '(') {
			r.bad |= r.depth + 1 == SCOPES;
			if (!r.bad) {
				r.scope[r.depth + 1] = r.scope[r.depth];
				r.in_from[++r.depth] = false;
			}
			r.expect = false;
			r.before = STR_EMPTY;
		} else if (t == T_OTHER && tok.p[0] == ')' && r.depth > 0) {
			r.depth--;
		} else if (t == T_OTHER && tok.p[0] == ',' && r.in_from[r.depth]) {
			r.expect = true;
		}
		r.dotted = t == T_OTHER && tok.p[0] == '.' ? r.before : STR_EMPTY;
	}
	return judge(&r, q, f);
}

static bool first_of(struct str word, const char *const *list)
{
	while (*list != NULL && !sql_word_is(word, *list))
		list++;
	return *list != NULL;
}

enum rc pq_translate(const struct sql *q, struct buf *out, bool *writes, bool *exists, struct fault *f)
{
	static const char *const reading[] = {"SELECT", "VALUES", NULL};
	static const char *const changing[] = {"INSERT", "UPDATE", "DELETE", NULL};
	struct str rest = str_of(q->text), tok, first = STR_EMPTY;
	bool values = false, conflict = false, returning = false, change = false;
	for (enum sql_token t; (t = sql_next(&rest, &tok)) != T_END;) {
		if (t == T_PARAM) {
			buf_addc(out, '$');
			buf_add(out, str_sub(tok, 1, SIZE_MAX));
			continue;
		}
		if (t == T_WORD) {
			if (first.n == 0)
				first = tok;
			values |= sql_word_is(tok, "VALUES");
			conflict |= sql_word_is(tok, "CONFLICT");
			returning |= sql_word_is(tok, "RETURNING");
			change |= first_of(tok, changing);
		}
		if (t != T_COMMENT)
			buf_add(out, tok);
		else
			buf_addc(out, ' ');
	}
	bool with = sql_word_is(first, "WITH");
	*writes = first_of(first, changing) || (with && change);
	if (!first_of(first, reading) && !with && !*writes)
		return fault_set(f, RC_DB, "not authorized: %s", q->text);
	/* A row that is there already then ends neither the statement nor the transaction. */
	*exists = sql_word_is(first, "INSERT") && values && !conflict && !returning;
	if (*exists)
		buf_addz(out, " ON CONFLICT DO NOTHING");
	buf_addc(out, '\0');
	if (out->failed)
		return fault_set(f, RC_NOMEM, "no memory for a statement");
	return check_named(q, f);
}
