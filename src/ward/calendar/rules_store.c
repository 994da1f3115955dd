/* Publishing rules: rows are added and ended, never changed. */
#include <string.h>

#include "ward/calendar/calendar_store.h"
#include "ward/place/place.h"

enum { ROWS_MAX = 4000 };

struct published {
	struct str name, body;
	int32_t from, to;             /* to 0: still */
	bool seen;
};
struct publishing {
	const char *file;
	struct str who;
	int32_t today;
	bool first;
	struct published *rows;
	size_t count;
	struct rules_change change;
};

static enum rc read_rows(struct tx *tx, struct publishing *g, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT name, valid_from, valid_to, body FROM rule ORDER BY name, valid_from", "", "tiIt");
	struct rows r;
	g->rows = arena_array(tx_arena(tx), ROWS_MAX, sizeof *g->rows);
	enum rc rc = sql_rows(tx, &q, &r, NO_BIND, f);
	while (rc == RC_OK && g->count < ROWS_MAX && (rc = rows_next(&r, f)) == RC_OK)
		g->rows[g->count++] = (struct published){row_str(&r, 0), row_str(&r, 3), (int32_t)row_int(&r, 1),
		                                         (int32_t)row_int(&r, 2), false};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The first field of two bodies that differs: both are written in the same order. */
static struct str differing(struct str a, struct str b)
{
	size_t i = 0, key = 0;
	int depth = 0;
	bool quoted = false;
	for (; i < a.n && i < b.n && a.p[i] == b.p[i]; i++) {
		quoted = quoted != (a.p[i] == '\'');
		if (quoted)
			continue;
		depth += (a.p[i] == '{' || a.p[i] == '[') - (a.p[i] == '}' || a.p[i] == ']');
		if (depth == 0 && a.p[i] == ',')
			key = i + 2;
	}
	/* Where one has a field more, it is that one's. */
	struct str s = i < a.n && i + 1 >= b.n ? a : key < b.n ? b : a;
	if (i < s.n && s.p[i] == ',')
		key = i + 2;
	struct str rest = str_sub(s, key, s.n), name = str_cut(&rest, ':');
	return name;
}

static enum rc refuse(const struct publishing *g, const struct rule *rule, const char *field, struct fault *f,
                      const char *why)
{
	struct date d = date_from_day(rule->valid_from);
	return fault_at(f, RC_REFUSED, g->file, rule->line, field, "the row of %.*s from %04d-%02d-%02d %s", PSTR(rule->name),
	                d.year, d.month, d.day, why);
}

/* A row that is there: the same to the letter, but that it may be ended from today on. */
static enum rc keep(struct tx *tx, struct publishing *g, const struct rule *rule, struct published *p, struct fault *f)
{
	static const struct sql end = SQL_GLOBAL("UPDATE rule SET valid_to = ?3 WHERE name = ?1 AND valid_from = ?2", "tiI", "");
	struct buf b = {0};
	rule_write(rule, &b);
	bool same = str_eq(buf_str(&b), p->body);
	char field[64];
	struct str name = differing(p->body, buf_str(&b));
	(void)snprintf(field, sizeof field, "%.*s", PSTR(name));
	buf_release(&b);
	p->seen = true;
	if (g->first)
		return RC_OK;         /* what ships says nothing about what was published here */
	if (!same)
		return refuse(g, rule, field, f, "was published and is never changed: end it with valid_to, and write a new row");
	if (rule->valid_to == p->to)
		return RC_OK;
	if (p->to != 0 && p->to < g->today)
		return refuse(g, rule, "valid_to", f, "has ended");
	if (rule->valid_to != 0 && rule->valid_to < g->today)
		return refuse(g, rule, "valid_to", f, "cannot end before today: cases of this day have begun under it");
	g->change.ended++;
	return sql_run(tx, &end, BIND(v_text(rule->name), v_int(rule->valid_from), v_int0(rule->valid_to)), NULL, f);
}

static enum rc put(struct tx *tx, struct publishing *g, const struct rule *rule, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"INSERT INTO rule (name, valid_from, valid_to, body, published_at, published_by) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "tiItit", "");
	struct buf b = {0};
	rule_write(rule, &b);
	struct str body = arena_take(tx_arena(tx), &b);
	g->change.added++;
	return sql_run(tx, &q, BIND(v_text(rule->name), v_int(rule->valid_from), v_int0(rule->valid_to), v_text(body),
	                            v_int(tx_now(tx)), v_text(g->who)), NULL, f);
}

static enum rc take(struct tx *tx, struct publishing *g, const struct rule *rule, struct fault *f)
{
	bool known = false;
	for (size_t i = 0; i < g->count; i++) {
		struct published *p = &g->rows[i];
		if (!str_eq(p->name, rule->name))
			continue;
		known = true;
		if (p->from == rule->valid_from)
			return keep(tx, g, rule, p, f);
	}
	if (known && g->first)
		return RC_OK;
	if (known && rule->valid_from <= g->today)
		return refuse(g, rule, "valid_from", f, "cannot begin before tomorrow: cases of this day have begun under another");
	return put(tx, g, rule, f);
}

/* Named at the file's first row: what is not there has no line. */
static enum rc taken_out(struct publishing *g, struct fault *f)
{
	for (size_t i = 0; i < g->count; i++) {
		struct date d = date_from_day(g->rows[i].from);
		if (!g->rows[i].seen)
			return fault_at(f, RC_REFUSED, g->file, 1, "rules",
			                "the row of %.*s from %04d-%02d-%02d was published and cannot be taken out: end it with valid_to",
			                PSTR(g->rows[i].name), d.year, d.month, d.day);
	}
	return RC_OK;
}

enum rc rules_publish(struct tx *tx, const char *file, struct str yaml, int32_t today, struct str who,
                      bool first, struct rules_change *out, struct fault *f)
{
	struct publishing g = {.file = file, .who = who, .today = today, .first = first};
	struct rules *rules = NULL;
	const struct rule *all = NULL;
	enum rc rc = rules_parse(&rules, NULL, file, yaml, f);
	if (rc != RC_OK)
		return rc;
	size_t n = rules_all(rules, &all);
	rc = read_rows(tx, &g, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = take(tx, &g, &all[i], f);
	rules_free(rules);
	if (rc == RC_OK && !first)
		rc = taken_out(&g, f);
	if (rc == RC_OK && g.change.added + g.change.ended > 0)
		rc = definition_changed(tx, DEFINITION_RULES, f);
	*out = g.change;
	return rc;
}
