#include "kit/store/store_impl.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool word_char(char c) { return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0; }

static size_t quoted(struct str s, char q)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] != q)
			continue;
		if (i + 1 < s.n && s.p[i + 1] == q)
			i++;
		else
			return i + 1;
	}
	return s.n;
}

static size_t until(struct str s, const char *end)
{
	size_t at = str_find(str_sub(s, 2, SIZE_MAX), str_of(end));
	return at == SIZE_MAX ? s.n : at + 2 + strlen(end);
}

static size_t word_end(struct str s, size_t i)
{
	while (i < s.n && word_char(s.p[i]))
		i++;
	return i;
}

enum sql_token sql_next(struct str *rest, struct str *tok)
{
	struct str s = *rest;
	size_t n = 1;
	enum sql_token t = T_OTHER;
	if (s.n == 0)
		return T_END;
	char c = s.p[0];
	if (isspace((unsigned char)c)) {
		t = T_BLANK;
	} else if (word_char(c)) {
		t = T_WORD;
		n = word_end(s, 1);
	} else if (c == '\'' || c == '"' || c == '`') {
		t = T_QUOTED;
		n = quoted(s, c);
	} else if (str_starts(s, STR("--"))) {
		t = T_COMMENT;
		n = until(s, "\n");
	} else if (str_starts(s, STR("/*"))) {
		t = T_COMMENT;
		n = until(s, "*/");
	} else if (c == '@') {
		t = T_AT;
		n = word_end(s, 1);
	} else if (c == '?') {
		t = T_PARAM;
		n = word_end(s, 1);
	}
	*tok = str_sub(s, 0, n);
	*rest = str_sub(s, n, SIZE_MAX);
	return t;
}

bool sql_word_is(struct str s, const char *z)
{
	return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

/* Type names that mean different things to two engines, or nothing to one of them. In capitals
 * only: a column may well be called text. */
static bool engine_type(struct str s)
{
	static const char *const names[] = {"INTEGER", "INT", "BIGINT", "SMALLINT", "TEXT", "BLOB",
	                                    "BYTEA", "REAL", "BOOLEAN", "VARCHAR", "AUTOINCREMENT",
	                                    "SERIAL", "TIMESTAMP", NULL};
	for (const char *const *n = names; *n != NULL; n++)
		if (str_is(s, *n))
			return true;
	return false;
}

/* What is known of the statement being copied. */
struct statement {
	unsigned words;   /* the first two: CREATE TABLE? */
	bool create, table, options, ended;
	int depth;
};

static void end_statement(const struct engine *e, struct statement *st, struct buf *out)
{
	/* On a line of its own: the text may end in a -- comment. */
	if (st->create && st->table && !st->ended && e->table_end[0] != '\0')
		buf_addf(out, "\n%s%s", st->options ? "," : " ", e->table_end);
	*st = (struct statement){0};
}

static void see_word(const struct engine *e, struct statement *st, struct str tok)
{
	st->words++;
	if (st->words == 1)
		st->create = sql_word_is(tok, "CREATE");
	else if (st->words == 2)
		st->table = sql_word_is(tok, "TABLE");
	else if (st->depth == 0 && st->options && sql_word_is(tok, e->table_end))
		st->ended = true;
}

enum rc step_translate(const struct engine *e, const struct schema_step *step, struct buf *out,
                       struct fault *f)
{
	struct str rest = str_of(step->sql), tok;
	struct statement st = {0};
	bool table_closed = false;
	for (;;) {
		enum sql_token t = sql_next(&rest, &tok);
		if (t == T_END)
			break;
		if (t == T_AT) {
			const char *word = e->word(str_sub(tok, 1, SIZE_MAX));
			if (word == NULL)
				return fault_set(f, RC_SYNTAX, "schema step %s: unknown word %.*s", step->name,
				                 PSTR(tok));
			buf_addz(out, word);
			st.options |= table_closed && word[0] != '\0';
			continue;
		}
		if (t == T_PARAM)
			return fault_set(f, RC_SYNTAX, "schema step %s has a parameter", step->name);
		if (t == T_WORD) {
			if (st.create && st.table && engine_type(tok))
				return fault_set(f, RC_SYNTAX, "schema step %s: %.*s is one engine's own type, "
				                 "write @int, @text …", step->name, PSTR(tok));
			st.options |= table_closed;
			see_word(e, &st, tok);
		}
		if (t == T_OTHER && tok.p[0] == '(')
			st.depth++;
		if (t == T_OTHER && tok.p[0] == ')')
			table_closed = --st.depth == 0 && st.create && st.table;
		if (t == T_OTHER && tok.p[0] == ';') {
			end_statement(e, &st, out);
			table_closed = false;
		}
		buf_add(out, tok);
	}
	end_statement(e, &st, out);
	if (out->failed)
		return fault_set(f, RC_NOMEM, "no memory for schema step %s", step->name);
	return RC_OK;
}

static bool letters_ok(const char *letters)
{
	return letters != NULL && strspn(letters, "itbITB") == strlen(letters);
}

/* Clocks and dice of the database: the program's own are used (clock.h, hash.h). */
static bool refused_word(struct str s)
{
	static const char *const names[] = {"now", "current_timestamp", "current_date", "current_time",
	                                    "datetime", "julianday", "strftime", "unixepoch", "random",
	                                    "randomblob", NULL};
	for (const char *const *n = names; *n != NULL; n++)
		if (sql_word_is(s, *n))
			return true;
	return false;
}

enum rc sql_check(const struct sql *q, struct fault *f)
{
	struct str rest = str_of(q->text), tok;
	bool ward_column = false, ward_param = false;
	if (!letters_ok(q->in) || !letters_ok(q->out))
		return fault_set(f, RC_DB, "types must be letters of itbITB: %s", q->text);
	size_t params = strlen(q->in) + q->ward;
	for (enum sql_token t; (t = sql_next(&rest, &tok)) != T_END;) {
		int64_t number;
		if (t == T_PARAM) {
			if (!str_i64(str_sub(tok, 1, SIZE_MAX), &number) || number < 1 ||
			    (size_t)number > params)
				return fault_set(f, RC_DB, "parameter %.*s is not declared: %s", PSTR(tok),
				                 q->text);
			ward_param |= number == 1;
		} else if (t == T_AT || (t == T_OTHER && (tok.p[0] == '$' || tok.p[0] == ';'))) {
			return fault_set(f, RC_DB, "%.*s does not belong into a statement: %s", PSTR(tok),
			                 q->text);
		} else if (t == T_WORD) {
			ward_column |= str_is(tok, "ward_id");
			if (refused_word(tok))
				return fault_set(f, RC_DB, "%.*s is the database's own, use tx_now or base/hash: %s",
				                 PSTR(tok), q->text);
		}
	}
	if (q->ward && !(ward_column && ward_param))
		return fault_set(f, RC_DB, "a statement of a ward needs ward_id and ?1: %s", q->text);
	return RC_OK;
}

const char *const STORE_GLOBAL_TABLES[] = {
	"ward", "area", "account", "calendar", "calendar_day", "rule", "procedure_version", "node", "definition",
	"schema_step", NULL,
};

/* These are keyed by ward as everything is, but the runner of jobs serves all wards at once, and a server
 * asks once for the change numbers of all. */
bool table_global(struct str name)
{
	for (const char *const *t = STORE_GLOBAL_TABLES; *t != NULL; t++)
		if (str_is(name, *t))
			return true;
	return str_is(name, "outbox") || str_is(name, "ward_change");
}

bool search_scope_ok(const char *scope)
{
	size_t n = strlen(scope);
	return n > 0 && n <= 20 && strspn(scope, "abcdefghijklmnopqrstuvwxyz") == n;
}

bool search_token_ok(struct str token)
{
	if (token.n == 0 || token.n > 40)
		return false;
	for (size_t i = 0; i < token.n; i++)
		if (!isalnum((unsigned char)token.p[i]) && (token.p[i] & 0x80) == 0)
			return false;
	return true;
}
