/* What is past its last day, found by its index; and the last of it, the whole case. */
#include "ward/flow/erase_private.h"

#include "kit/base/hash.h"

enum rc erase_due(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
                  struct fault *f)
{
	/* A case has a handful of parts of a day: so many rows name about so many cases. */
	enum { PARTS_A_CASE = 16 };
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM part WHERE ward_id = ?1 AND due_day < ?2 AND erased_day IS NULL"
		" ORDER BY due_day, case_id LIMIT ?3",
		"ii", "i");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(today), v_int((int64_t)limit * PARTS_A_CASE)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK) {
		int64_t id = row_int(&r, 0);
		size_t i = 0;
		while (i < *count && out[i].v != id)
			i++;
		if (i == *count)
			out[(*count)++] = (struct case_id){id};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

struct due_part {
	struct part_at at;
	struct str retention, rule;
};

/* By the case, and not by what is due: the + keeps the index of all due parts out, in which a night after a
 * long stop has millions. Here and below. */
static enum rc read_due(struct tx *tx, struct case_id c, int32_t today, struct due_part **out, size_t *count,
                        struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, part, retention, rule FROM part WHERE ward_id = ?1 AND case_id = ?2 AND +due_day < ?3"
		" AND erased_day IS NULL ORDER BY retention, rule, seq, part LIMIT ?4",
		"iii", "iitt");
	enum { AT_ONCE = 1000 };      /* of more the next slice finds the rest */
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), AT_ONCE, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c.v), v_int(today), v_int(AT_ONCE)), f);
	while (rc == RC_OK && *count < AT_ONCE && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = (struct due_part){
			{(int)row_int(&r, 0), (int)row_int(&r, 1)}, row_str(&r, 2), row_str(&r, 3)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static const struct due_part *whole_of(const struct due_part *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(list[i].retention, "figures"))
			return &list[i];
	return NULL;
}

enum rc erase_due_whole(struct tx *tx, struct case_id c, int32_t today, bool *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM part WHERE ward_id = ?1 AND case_id = ?2 AND +due_day < ?3"
		" AND erased_day IS NULL AND retention = 'figures'",
		"ii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v), v_int(today)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) > 0;
	rows_end(&r);
	return RC_OK;
}

/* ---------------------------------------------------------------- the whole case */

/* Rows of other tables that are of this case alone, and hold nothing that a figure needs. */
static enum rc forget_rows(struct tx *tx, struct case_id c, struct fault *f)
{
	static const struct sql Q[] = {
		SQL_WARD("DELETE FROM part_body WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM attachment WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM receipt WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM receipt_word WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM receipt_dead WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM notice WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM pending_photo WHERE ward_id = ?1 AND pending_id IN"
		         " (SELECT id FROM pending_move WHERE ward_id = ?1 AND case_id = ?2)", "i", ""),
		SQL_WARD("DELETE FROM pending_move WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("DELETE FROM redress_look WHERE ward_id = ?1 AND (case_id = ?2 OR about_id = ?2)", "i", ""),
		SQL_WARD("DELETE FROM redress_card WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("UPDATE redress SET about_id = NULL WHERE ward_id = ?1 AND about_id = ?2", "i", ""),
		SQL_WARD("UPDATE redress SET about_id = NULL, area_id = NULL, from_day = NULL, until_day = NULL,"
		         " decided_by = NULL, appeal_by = NULL WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("UPDATE agency_scope SET about_id = NULL WHERE ward_id = ?1 AND (case_id = ?2 OR about_id = ?2)", "i", ""),
		SQL_WARD("UPDATE agency_request SET who = '', number = '', order_number = '', entered_by = NULL,"
		         " chair_by = NULL, oversight_by = NULL, refused_by = NULL WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		/* Who of the office it was is a name; role, unit and the keyed pseudonym stay in the chain. */
		SQL_WARD("UPDATE timeline SET account_id = NULL WHERE ward_id = ?1 AND case_id = ?2", "i", ""),
		SQL_WARD("UPDATE ward_case SET code = '', event_at = NULL WHERE ward_id = ?1 AND id = ?2", "i", ""),
	};
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof Q / sizeof *Q; i++)
		rc = sql_run(tx, &Q[i], BIND(v_int(c.v)), NULL, f);
	return rc;
}

static enum rc forget_photos(struct tx *tx, struct case_id c, struct fault *f)
{
	struct attachment *all;
	struct ward_case of = {.id = c};
	size_t n = 0;
	enum rc rc = case_attachments(tx, &of, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = outbox_put(tx, "net.photo", 0, all[i].photo.name, all[i].photo.name, f);
	return rc;
}

static enum rc forget_whole(struct tx *tx, const struct flow *w, struct case_id id, struct str rule,
                            int32_t day, struct fault *f)
{
	static const struct sql Q_PARTS = SQL_WARD(
		"UPDATE part SET erased_rule = ?3, erased_day = ?4, danger = 0 WHERE ward_id = ?1 AND case_id = ?2"
		" AND erased_day IS NULL", "iti", "");
	struct erasing k;
	enum rc rc = erasing_begin(tx, w, id, rule, day, &k, f);
	if (rc != RC_OK)
		return rc;
	struct ward_case *c = &k.after;
	place_forget(c, true);
	c->released_text = c->why_late = STR_EMPTY;
	c->officer = c->closed_by = c->mediators[0] = c->mediators[1] = (struct account_id){0};
	c->for_head = false;
	c->danger_at = 0;
	c->held_until = 0;
	c->gone_day = day;
	rc = sql_run(tx, &Q_PARTS, BIND(v_int(id.v), v_text(rule), v_int(day)), NULL, f);
	if (rc == RC_OK)
		rc = forget_photos(tx, id, f);
	if (rc == RC_OK)
		rc = case_update(tx, w, &k.before, c, f);
	if (rc == RC_OK && k.before.danger_at != 0)
		rc = danger_above(tx, w, c, f);
	if (rc == RC_OK)
		rc = forget_rows(tx, id, f);
	if (rc == RC_OK)
		rc = search_put(tx, SCOPE_DESK, id.v, NULL, 0, f);
	return rc == RC_OK ? search_put(tx, SCOPE_PUBLIC, id.v, NULL, 0, f) : rc;
}

/* ---------------------------------------------------------------- by night */

/* Those of one sort and rule from list[*at] on, at most what a line names, with their line. */
static enum rc erase_group(struct tx *tx, struct erasing *k, const struct due_part *list, size_t n, size_t *at,
                           struct fault *f)
{
	struct buf kind = {0};
	const struct due_part *first = &list[*at];
	enum rc rc = RC_OK;
	k->rule = first->rule;
	buf_add(&kind, first->retention);
	for (size_t i = 0; rc == RC_OK && i < ERASE_LINE_PARTS && *at < n; i++, (*at)++) {
		const struct due_part *p = &list[*at];
		if (!str_eq(p->retention, first->retention) || !str_eq(p->rule, first->rule))
			break;
		buf_addf(&kind, " %d.%d", p->at.seq, p->at.part);
		rc = erasing_part(tx, k, &p->at, f);
	}
	struct str line = arena_take(tx_arena(tx), &kind);
	return rc == RC_OK ? deletion_add(tx, k->w, k->before.id, line, first->rule, f) : rc;
}

enum rc erase_due_of(struct tx *tx, const struct flow *w, struct case_id c, int32_t today, struct fault *f)
{
	struct due_part *list;
	struct erasing k;
	size_t n = 0;
	enum rc rc = read_due(tx, c, today, &list, &n, f);
	if (rc != RC_OK || n == 0)
		return rc;
	const struct due_part *whole = whole_of(list, n);
	if (whole != NULL) {
		rc = deletion_add(tx, w, c, STR(ERASE_WHOLE), whole->rule, f);
		return rc == RC_OK ? forget_whole(tx, w, c, whole->rule, today, f) : rc;
	}
	rc = erasing_begin(tx, w, c, list[0].rule, today, &k, f);
	if (rc == RC_OK && k.before.held_until != 0)
		return timeline_due(tx, w, &k.before, f);   /* they have no due day while it stands */
	for (size_t at = 0; rc == RC_OK && at < n;)
		rc = erase_group(tx, &k, list, n, &at, f);
	return rc == RC_OK ? erasing_end(tx, &k, f) : rc;
}

/* "1.2": entry and part. */
static bool read_place(struct str s, struct part_at *out)
{
	int64_t seq, part;
	struct str first = str_cut(&s, '.');
	if (s.p == NULL || !str_i64(first, &seq) || !str_i64(s, &part) || seq < 1 || seq > INT32_MAX ||
	    part < 1 || part > INT32_MAX)
		return false;
	*out = (struct part_at){(int)seq, (int)part};
	return true;
}

static enum rc unknown_line(const struct deletion *d, struct fault *f)
{
	return fault_set(f, RC_CORRUPT, "deletion %lld: this program knows no %.*s", (long long)d->n,
	                 PSTR(d->kind));
}

enum rc erase_line(struct tx *tx, const struct flow *w, struct case_id c, const struct deletion *line,
                   struct fault *f)
{
	struct erasing k;
	struct part_at p;
	struct str rest = line->kind;
	if (str_is(line->kind, ERASE_WHOLE))
		return forget_whole(tx, w, c, line->rule, line->day, f);
	(void)str_cut(&rest, ' ');
	if (rest.p == NULL || rest.n == 0)
		return unknown_line(line, f);
	enum rc rc = erasing_begin(tx, w, c, line->rule, line->day, &k, f);
	while (rc == RC_OK && rest.p != NULL) {
		if (!read_place(str_cut(&rest, ' '), &p))
			return unknown_line(line, f);
		rc = erasing_part(tx, &k, &p, f);
		rc = rc == RC_NONE ? RC_OK : rc;   /* the older copy has it not, or it is gone already */
	}
	return rc == RC_OK ? erasing_end(tx, &k, f) : rc;
}

/* ---------------------------------------------------------------- what was erased */

enum rc erased_code(struct tx *tx, struct str code, int32_t *day, struct str *rule, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day, rule FROM deletion WHERE ward_id = ?1 AND code = ?2 AND kind = 'case' ORDER BY n LIMIT 1",
		"t", "it");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f);
	if (rc != RC_OK)
		return rc;
	*day = (int32_t)row_int(&r, 0);
	*rule = row_str(&r, 1);
	rows_end(&r);
	return RC_OK;
}

enum rc erased_by_rule(struct tx *tx, struct erased_rule **out, size_t *count, struct fault *f)
{
	enum { RULES_MAX = 256 };
	static const struct sql Q = SQL_WARD(
		"SELECT erased_rule, COUNT(*), COUNT(DISTINCT case_id), MIN(erased_day), MAX(erased_day) FROM part"
		" WHERE ward_id = ?1 AND erased_day IS NOT NULL GROUP BY erased_rule ORDER BY erased_rule LIMIT ?2",
		"i", "tiiii");
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), RULES_MAX, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(RULES_MAX)), f);
	while (rc == RC_OK && *count < RULES_MAX && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = (struct erased_rule){row_str(&r, 0), row_int(&r, 1), row_int(&r, 2),
		                                          (int32_t)row_int(&r, 3), (int32_t)row_int(&r, 4)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
