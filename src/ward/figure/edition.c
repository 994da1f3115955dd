#include <string.h>

#include "ward/figure/figure.h"

const struct schema_step FIGURE_SCHEMA[] = {
	{"figures-0002",
	 "-- Frozen figures of a quarter: their bytes as they were made, never changed again. A revised\n"
	 "-- edition is a new number.\n"
	 "CREATE TABLE edition (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  quarter @day NOT NULL,\n"
	 "  number @int NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  body @text NOT NULL,\n"
	 "  checksum @blob NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, quarter, number)\n"
	 ");\n"},
	{0},
};

#define EDITION_DOMAIN "xom edition 1"
enum { OVERDUE_KNOWN_DAYS = 31 };  /* made later, the lateness is not that of the quarter's end */

/* ---------------------------------------------------------------- making */

static bool shown_kind(const struct procedure *p) { return p->listed && !p->conduct; }

/* The kinds of the quarter that are not listed: as they were at its end, then those it began with. */
static void add_kinds(struct arena *a, const struct flow *w, int32_t day, struct edition *e)
{
	const struct procedure *all[CATEGORY_COUNT];
	size_t n = procedures_all(w->procedures, day, all, CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++) {
		const struct procedure *now = procedure_of_kind(w->procedures, all[i]->name,
		                                                e->quarter.to - 1);
		bool known = false;
		for (size_t k = 0; k < e->kind_count; k++)
			known = known || str_eq(e->kinds[k].kind, all[i]->name);
		/* Of a matter about somebody who works here, or that oversight has, nothing but the ward's one total is told. */
		if (known || procedure_by_rule(all[i]) || shown_kind(now != NULL ? now : all[i]))
			continue;
		if (e->kinds == NULL)
			e->kinds = arena_array(a, 2 * CATEGORY_COUNT, sizeof *e->kinds);
		e->kinds[e->kind_count++] = (struct edition_kind){.kind = all[i]->name};
	}
}

static enum rc count_kinds(struct tx *tx, struct edition *e, struct fault *f)
{
	struct tally_rows rows;
	struct tally_row row;
	enum rc rc = tally_begin(tx, TALLY_quiet, e->quarter.from, e->quarter.to, &rows, f);
	while (rc == RC_OK && (rc = tally_next(&rows, &row, f)) == RC_OK)
		for (size_t i = 0; i < e->kind_count; i++)
			if (str_eq(e->kinds[i].kind, row.k.kind))
				e->kinds[i].n += row.n;
	tally_end(&rows);
	for (size_t i = 0; i < e->kind_count; i++)
		e->kinds[i].shown = e->kinds[i].n >= EDITION_LEAST;
	return rc == RC_NONE ? RC_OK : rc;
}

static int64_t apart(int64_t a, int64_t b) { return a < b ? b - a : a - b; }

/* Two editions of a quarter must not tell fewer than EDITION_LEAST cases by their difference: what
 * would is told as the earlier one told it. Returns whether it was. */
static bool tell_as(const struct edition *before, struct edition_kind *k)
{
	for (size_t i = 0; i < before->kind_count; i++) {
		const struct edition_kind *told = &before->kinds[i];
		if (!str_eq(told->kind, k->kind))
			continue;
		/* Fewer than EDITION_LEAST: at most one less. */
		int64_t nearest = told->shown ? told->n : k->n < EDITION_LEAST ? k->n : EDITION_LEAST - 1;
		if (apart(k->n, nearest) >= EDITION_LEAST)
			return false;
		*k = *told;
		return true;
	}
	return false;
}

/* From the latest one back: what they told is EDITION_LEAST apart from each other already. */
static enum rc tell_as_before(struct tx *tx, struct edition *e, struct fault *f)
{
	bool told[2 * CATEGORY_COUNT] = {false};
	for (int number = e->number - 1; number > 0; number--) {
		struct edition before;
		enum rc rc = edition_get(tx, &e->quarter, number, &before, f);
		if (rc != RC_OK)
			return rc;
		for (size_t i = 0; i < e->kind_count; i++)
			told[i] = told[i] || tell_as(&before, &e->kinds[i]);
	}
	for (size_t i = 0; i < e->kind_count; i++)
		if (!e->kinds[i].shown)
			e->kinds[i].n = 0;    /* what is not said is not kept either */
	return RC_OK;
}

static enum rc count_overdue(struct tx *tx, enum tally what, struct edition *e, struct fault *f)
{
	struct tally_rows rows;
	struct tally_row row;
	enum rc rc = tally_begin(tx, what, 0, e->made_day + 1, &rows, f);
	while (rc == RC_OK && (rc = tally_next(&rows, &row, f)) == RC_OK)
		if (row.k.mark != 0 && row.k.mark < e->made_day)
			e->overdue += row.n;
	tally_end(&rows);
	return rc == RC_NONE ? RC_OK : rc;
}

static struct str write_body(struct arena *a, const struct ward *ward, const struct edition *e)
{
	struct buf b = {0};
	buf_addf(&b, EDITION_DOMAIN "\nward %.*s\nquarter %.*s\nnumber %d\nmade %.*s\n",
	         PSTR(ward->slug), PSTR(period_name(a, &e->quarter)), e->number,
	         PSTR(text_day_iso(a, e->made_day)));
	if (e->overdue_known)
		buf_addf(&b, "overdue %lld\n", (long long)e->overdue);
	else
		buf_addz(&b, "overdue -\n");
	for (size_t i = 0; i < e->kind_count; i++) {
		const struct edition_kind *k = &e->kinds[i];
		if (k->shown)
			buf_addf(&b, "kind %.*s %lld\n", PSTR(k->kind), (long long)k->n);
		else
			buf_addf(&b, "kind %.*s <%d\n", PSTR(k->kind), EDITION_LEAST);
	}
	return arena_take(a, &b);
}

static enum rc next_number(struct tx *tx, const struct period *q, int *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COALESCE(MAX(number), 0) FROM edition WHERE ward_id = ?1 AND quarter = ?2", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(q->from)), f);
	if (rc != RC_OK)
		return rc;
	*out = (int)row_int(&r, 0) + 1;
	rows_end(&r);
	return RC_OK;
}

enum rc edition_make(struct tx *tx, const struct flow *w, const struct ward *ward,
                     const struct period *quarter, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO edition (ward_id, quarter, number, made_at, body, checksum)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		"iiitb", "");
	struct arena *a = tx_arena(tx);
	struct edition e = {.quarter = *quarter, .made_day = day_of(tx_now(tx))};
	if (quarter->kind != PERIOD_quarter || e.made_day < quarter->to)
		return fault_set(f, RC_INVALID, "the quarter is not over");
	e.overdue_known = e.made_day - quarter->to < OVERDUE_KNOWN_DAYS;
	add_kinds(a, w, quarter->to - 1, &e);
	add_kinds(a, w, quarter->from, &e);
	enum rc rc = next_number(tx, quarter, &e.number, f);
	if (rc == RC_OK)
		rc = count_kinds(tx, &e, f);
	if (rc == RC_OK)
		rc = tell_as_before(tx, &e, f);
	if (rc == RC_OK && e.overdue_known)
		rc = count_overdue(tx, TALLY_open, &e, f);
	if (rc == RC_OK && e.overdue_known)
		rc = count_overdue(tx, TALLY_quiet_due, &e, f);
	if (rc != RC_OK)
		return rc;
	struct str body = write_body(a, ward, &e);
	struct hash sum = hash_of(NULL, EDITION_DOMAIN, body);
	rc = sql_run(tx, &Q,
	             BIND(v_int(quarter->from), v_int(e.number), v_int(tx_now(tx)), v_text(body),
	                  v_blob(hash_str(&sum))),
	             NULL, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

/* ---------------------------------------------------------------- reading */

/* One line of the body; false: not as write_body writes it. */
static bool read_line(struct arena *a, struct str line, struct edition *e)
{
	struct str rest = line, name = str_cut(&rest, ' ');
	int64_t n;
	if (str_is(name, "number") && str_i64(rest, &n)) {
		e->number = (int)n;
		return true;
	}
	if (str_is(name, "made"))
		return day_parse(rest, &e->made_day);
	if (str_is(name, "overdue")) {
		e->overdue_known = str_i64(rest, &e->overdue);
		return e->overdue_known || str_is(rest, "-");
	}
	if (str_is(name, "quarter"))
		return period_parse(rest, &e->quarter) && e->quarter.kind == PERIOD_quarter;
	if (!str_is(name, "kind"))
		return str_is(name, "xom") || str_is(name, "ward");
	if (e->kind_count == CATEGORY_COUNT)
		return false;
	if (e->kinds == NULL)
		e->kinds = arena_array(a, CATEGORY_COUNT, sizeof *e->kinds);
	struct edition_kind *k = &e->kinds[e->kind_count++];
	*k = (struct edition_kind){.kind = str_cut(&rest, ' ')};
	k->shown = str_i64(rest, &k->n);
	return k->shown || str_is(rest, "<5");
}

static enum rc read_edition(struct tx *tx, struct rows *r, struct edition *e, struct fault *f)
{
	*e = (struct edition){.body = row_str(r, 0)};
	struct hash sum = hash_of(NULL, EDITION_DOMAIN, e->body);
	if (!hash_from(row_str(r, 1), &e->checksum) || !hash_eq(&sum, &e->checksum))
		return fault_set(f, RC_CORRUPT, "an edition is not what was made");
	for (struct str rest = e->body; rest.n > 0;)
		if (!read_line(tx_arena(tx), str_cut(&rest, '\n'), e))
			return fault_set(f, RC_CORRUPT, "an edition can't be read");
	return RC_OK;
}

enum rc edition_get(struct tx *tx, const struct period *quarter, int number, struct edition *out,
                    struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT body, checksum FROM edition WHERE ward_id = ?1 AND quarter = ?2"
		" AND (?3 = 0 OR number = ?3) ORDER BY number DESC LIMIT 1",
		"ii", "tb");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(quarter->from), v_int(number)), f);
	if (rc != RC_OK)
		return rc;
	rc = read_edition(tx, &r, out, f);
	rows_end(&r);
	return rc;
}

enum rc edition_list(struct tx *tx, struct edition *out, size_t max, size_t *count,
                     struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT body, checksum FROM edition AS e WHERE ward_id = ?1 AND number ="
		" (SELECT MAX(number) FROM edition AS m WHERE m.ward_id = ?1 AND m.quarter = e.quarter)"
		" ORDER BY quarter DESC, number DESC LIMIT ?2",
		"i", "tb");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int((int64_t)max)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK) {
		rc = read_edition(tx, &r, &out[*count], f);
		if (rc == RC_OK)
			(*count)++;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
