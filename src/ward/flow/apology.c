#include "ward/flow/apology.h"
#include "ward/flow/case_works.h"

bool apology_may(const struct ward_case *c, int64_t now) { return case_late(c, now); }

int32_t apology_first_day(const struct ward_case *c)
{
	int64_t first = c->first_due_at != 0 ? c->first_due_at : c->due_at;
	return first != 0 ? day_of(first - 1) : 0;
}

enum rc apology_day(const struct flow *w, const struct ward_case *c, int64_t now, int32_t *out,
                    struct fault *f)
{
	const struct rule *missed, *rule;
	int64_t due;
	struct str name = STR(APOLOGY_RULE);
	if (rule_find(w->rules, c->due_rule, day_of(c->began_at), &missed) == RC_OK && missed->after.n > 0)
		name = missed->after;
	if (rule_find(w->rules, name, day_of(now), &rule) != RC_OK)
		return fault_set(f, RC_NONE, "no rule says by when it is done after %.*s was missed",
		                 PSTR(c->due_rule));
	return rule_due(w->calendar, rule, now, &due, out, f);
}

enum rc apology_last(struct tx *tx, const struct ward_case *c, struct apology *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT a.number, a.due_at, a.first_day, a.day, a.new_day, a.given_at, a.seq,"
		" (SELECT b.body FROM part p JOIN part_body b ON b.ward_id = p.ward_id"
		" AND b.case_id = p.case_id AND b.seq = p.seq AND b.part = p.part"
		" WHERE p.ward_id = ?1 AND p.case_id = ?2 AND p.seq = a.seq AND p.name = 'why_late')"
		" FROM apology a WHERE a.ward_id = ?1 AND a.case_id = ?2 ORDER BY a.number DESC LIMIT 1",
		"i", "iiiiiIIT");
	struct rows r;
	*out = (struct apology){.why = STR_EMPTY};
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*out = (struct apology){
		.number = (int)row_int(&r, 0),
		.due_at = row_int(&r, 1),
		.first_day = (int32_t)row_int(&r, 2),
		.day = (int32_t)row_int(&r, 3),
		.new_day = (int32_t)row_int(&r, 4),
		.given_at = row_int(&r, 5),
		.seq = (int)row_int(&r, 6),
		.why = row_str(&r, 7),
	};
	rows_end(&r);
	return RC_OK;
}

enum rc apology_told(struct tx *tx, const struct flow *w, const struct ward_case *c, struct apology *out,
                     struct fault *f)
{
	struct apology shared;
	int64_t since;
	enum rc rc = apology_last(tx, c, out, f);
	if (rc != RC_OK || !case_lead_shown(c))
		return rc;
	rc = case_lead_since(tx, w, c, &since, f);
	if (rc == RC_OK)
		rc = apology_last(tx, c->top, &shared, f);
	if (rc == RC_OK && shared.given_at > since)
		*out = shared;
	return rc;
}

static enum rc put(struct tx *tx, const struct ward_case *c, const struct apology *a, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO apology (ward_id, case_id, number, due_at, first_day, made_at, day, new_day)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (ward_id, case_id, number) DO UPDATE SET"
		" due_at = excluded.due_at, first_day = excluded.first_day, made_at = excluded.made_at,"
		" day = excluded.day, new_day = excluded.new_day WHERE apology.given_at IS NULL",
		"iiiiiii", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &Q,
	                     BIND(v_int(c->id.v), v_int(a->number), v_int(a->due_at), v_int(a->first_day),
	                          v_int(tx_now(tx)), v_int(a->day), v_int(a->new_day)),
	                     &changed, f);
	return rc == RC_OK && changed == 0 ? fault_set(f, RC_CHANGED, "the letter was given meanwhile") : rc;
}

enum rc apology_make(struct tx *tx, const struct flow *w, const struct ward_case *c,
                     const struct actor *actor, struct apology *out, struct fault *f)
{
	struct apology last;
	int64_t now = tx_now(tx);
	int32_t today = day_of(now);
	if (!case_handled_by(c, actor))
		return fault_set(f, RC_DENIED, "the case is another unit's");
	if (!apology_may(c, now))
		return fault_set(f, RC_DENIED, "the case is not late");
	enum rc rc = apology_last(tx, c, &last, f);
	if (rc != RC_OK)
		return rc;
	*out = last;
	bool same = last.number > 0 && last.due_at == c->due_at;
	if (same && last.given_at != 0 && last.new_day >= today)
		return RC_EXISTS;
	if (same && last.given_at == 0 && last.day == today)
		return RC_OK;
	*out = (struct apology){
		.number = last.number > 0 && last.given_at == 0 ? last.number : last.number + 1,
		.due_at = c->due_at,
		.day = today,
		.why = STR_EMPTY,
	};
	out->first_day = apology_first_day(c);
	rc = apology_day(w, c, now, &out->new_day, f);
	return rc == RC_OK ? put(tx, c, out, f) : rc;
}

enum rc apology_give(struct tx *tx, struct ward_case *c, struct draft *d, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE apology SET given_at = ?4, seq = ?5 WHERE ward_id = ?1 AND case_id = ?2 AND number = ?3",
		"iiii", "");
	struct apology last;
	int32_t today = day_of(tx_now(tx));
	enum rc rc = apology_last(tx, c, &last, f);
	if (rc != RC_OK)
		return rc;
	if (last.number == 0 || last.given_at != 0 || last.due_at != c->due_at)
		return fault_at(f, RC_INVALID, NULL, 0, "letter", "no letter waits to be given");
	if (last.new_day < today)
		return fault_at(f, RC_EXPIRED, NULL, 0, "letter", "the letter's new day is over");
	draft_add(d, "letter_day", text_day_iso(tx_arena(tx), last.day), STR("figures"));
	draft_add(d, "new_day", text_day_iso(tx_arena(tx), last.new_day), STR("figures"));
	if (c->why_late.n > 0)
		draft_add(d, "why_late", c->why_late, STR_EMPTY);
	return sql_run(tx, &Q,
	               BIND(v_int(c->id.v), v_int(last.number), v_int(tx_now(tx)), v_int(c->seq + 1)),
	               NULL, f);
}

enum rc apology_count(struct tx *tx, int64_t from, int64_t to, int64_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM apology a JOIN ward_case c ON c.ward_id = a.ward_id AND c.id = a.case_id"
		" WHERE a.ward_id = ?1 AND a.given_at >= ?2 AND a.given_at < ?3 AND c.listed = 1 AND c.withheld = 0",
		"ii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(from), v_int(to)), f);
	if (rc != RC_OK)
		return rc;
	*n = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}
