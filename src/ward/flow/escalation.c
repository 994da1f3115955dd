/* Following a case's deadline: which notice of it comes next, and when. */
#include "kit/base/log.h"
#include "ward/flow/escalation_private.h"

unsigned case_reach(const struct flow *w, const struct ward_case *c)
{
	const struct procedure *now = case_present(w, c, clock_now(w->clock));
	unsigned to = REACH_officer | REACH_head;
	if (c->listed && !c->withheld && now != NULL && now->listed && !now->conduct)
		to |= REACH_chair;
	return to;
}

/* One that follows another is told of with that one; a flood's group stands at the top of the queue with its
 * first due day. */
bool escalation_due(const struct ward_case *c)
{
	return state_open(c->state) && c->due_at != 0 && !case_apart(c);
}

/* The level that was told last of this due value; 0: none. */
static enum rc told_level(struct tx *tx, const struct ward_case *c, int *level, int64_t *at,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT level, told_at FROM notice WHERE ward_id = ?1 AND case_id = ?2 AND rule = ?3"
		" AND due_at = ?4 ORDER BY level DESC LIMIT 1",
		"iti", "ii");
	struct rows r;
	*level = 0;
	*at = 0;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c->id.v), v_text(c->due_rule), v_int(c->due_at)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*level = (int)row_int(&r, 0);
	*at = row_int(&r, 1);
	rows_end(&r);
	return RC_OK;
}

/* The first share of the rule after `level` and the moment in office hours at which it is reached;
 * *next 0: there is none. */
enum rc escalation_next(struct tx *tx, const struct flow *w, const struct ward_case *c, int level,
                        int *next, int64_t *at, struct fault *f)
{
	struct case_span span;
	size_t counts = case_deadline(c);
	*next = 0;
	*at = 0;
	if (counts >= c->procedure->deadline_count)
		return fault_set(f, RC_NONE, "no deadline of the case counts");
	enum rc rc = case_span(w, tx_arena(tx), c, counts, &span, f);
	if (rc != RC_OK)
		return rc;
	static const int usual[] = {50, 80, 100};
	bool own = span.s.rule->share_count > 0;
	size_t n = own ? span.s.rule->share_count : sizeof usual / sizeof *usual;
	const int *shares = own ? span.s.rule->shares : usual;
	for (size_t i = 0; i < n && *next == 0; i++)
		if (shares[i] > level)
			*next = shares[i];
	return *next == 0 ? RC_OK : clock_reached(w->calendar, &span.s, *next, at, f);
}

enum rc escalation_put(struct tx *tx, const struct flow *w, const struct ward_case *c, int level,
                       int64_t told_at, int64_t next_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO escalation"
		" (ward_id, case_id, unit_id, officer_id, reach, due_at, level, told_at, next_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (ward_id, case_id) DO UPDATE SET"
		" unit_id = excluded.unit_id, officer_id = excluded.officer_id, reach = excluded.reach,"
		" due_at = excluded.due_at, level = excluded.level, told_at = excluded.told_at,"
		" next_at = excluded.next_at",
		"iiiiiiiI", "");
	return sql_run(tx, &Q,
	               BIND(v_int(c->id.v), v_int(c->unit.v), v_int(c->officer.v), v_int(case_reach(w, c)),
	                    v_int(c->due_at), v_int(level), v_int(told_at), v_int0(next_at)),
	               NULL, f);
}

enum rc escalation_drop(struct tx *tx, struct case_id id, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("DELETE FROM escalation WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	return sql_run(tx, &Q, BIND(v_int(id.v)), NULL, f);
}

/* Its deadline stands, but somebody else has it, or may be told of it. */
static enum rc hand_on(struct tx *tx, const struct flow *w, const struct ward_case *c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE escalation SET unit_id = ?3, officer_id = ?4, reach = ?5"
		" WHERE ward_id = ?1 AND case_id = ?2",
		"iiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(c->id.v), v_int(c->unit.v), v_int(c->officer.v),
	                    v_int(case_reach(w, c))),
	               NULL, f);
}

enum rc escalation_plan(struct tx *tx, const struct flow *w, const struct ward_case *c, struct fault *f)
{
	int level = 0, next = 0;
	int64_t told_at = 0, at = 0;
	struct fault why = {0};
	if (case_paused(c, tx_now(tx)))      /* looked at again when it goes on by itself */
		return escalation_put(tx, w, c, 0, 0, c->paused_until, f);
	enum rc rc = told_level(tx, c, &level, &told_at, f);
	if (rc != RC_OK)
		return rc;
	rc = escalation_next(tx, w, c, level, &next, &at, &why);
	if (rc < RC_OK) {
		if (f != NULL)
			*f = why;
		return rc;
	}
	if (rc != RC_OK) {
		/* No case is refused because the office forgot a calendar: nothing is told then, and the job
		 * asks again tomorrow. */
		log_warn("flow", "when a deadline by %.*s is nearly over cannot be said: %s", PSTR(c->due_rule),
		         why.text);
		at = tx_now(tx) + US_DAY;
	}
	return escalation_put(tx, w, c, level, told_at, at, f);
}

enum rc escalation_follow(struct tx *tx, const struct flow *w, const struct ward_case *before,
                          const struct ward_case *after, struct fault *f)
{
	bool was = before != NULL && escalation_due(before);
	if (!escalation_due(after))
		return was ? escalation_drop(tx, after->id, f) : RC_OK;
	if (!was || before->due_at != after->due_at || !str_eq(before->due_rule, after->due_rule) ||
	    before->paused_until != after->paused_until)
		return escalation_plan(tx, w, after, f);
	if (before->unit.v != after->unit.v || before->officer.v != after->officer.v ||
	    case_reach(w, before) != case_reach(w, after))
		return hand_on(tx, w, after, f);
	return RC_OK;
}
