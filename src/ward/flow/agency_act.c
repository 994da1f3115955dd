/* Agencies' requests: deciding, giving, telling who reported (agency.h). */
#include "ward/flow/agency_private.h"

/* ---------------------------------------------------------------- the one door */

enum role agency_role(const struct ward_case *c, const struct actor *a, enum verb verb)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	if (s == NULL || a == NULL || !c->procedure->agency)
		return ROLE_unset;
	if ((a->roles & ROLE_BIT(ROLE_chair)) != 0 && step_move(s, verb, MOVER_chair) != NULL)
		return ROLE_chair;
	return (a->roles & ROLE_BIT(ROLE_oversight)) != 0 && step_move(s, verb, MOVER_oversight) != NULL ? ROLE_oversight
	                                                                                                 : ROLE_unset;
}

enum rc agency_mark(const struct flow *w, const struct ward_case *before, const struct move *m,
                    struct actor_mark *who, struct fault *f)
{
	enum role role = agency_role(before, m->actor, m->verb);
	if (role == ROLE_unset)
		return RC_OK;
	who->role = role;
	who->unit = (struct unit_id){0};
	who->key_no = 0;
	return actor_pseudonym(w->keys, who->account, who->role, who->unit, &who->key_no, &who->pseudonym, f);
}

static enum rc may_decide(const struct agency_request *r, const struct actor *a, struct fault *f)
{
	if (r->entered_by.v == a->account.v)
		return fault_at(f, RC_DENIED, NULL, 0, "own", "who entered it does not decide it");
	if (r->chair_by.v == a->account.v || r->oversight_by.v == a->account.v)
		return fault_at(f, RC_DENIED, NULL, 0, "both", "two approvals are two people's");
	return RC_OK;
}

/* Taken back by who entered it alone, as long as it is not decided. */
static enum rc may_withdraw(const struct agency_request *r, const struct actor *a, struct fault *f)
{
	return r->entered_by.v == a->account.v
	               ? RC_OK
	               : fault_at(f, RC_DENIED, NULL, 0, "other", "only who entered it takes it back");
}

enum rc agency_works(struct tx *tx, struct ward_case *c, const struct move *m, struct draft *d, struct fault *f)
{
	struct agency_request r;
	bool reason = false;
	if (m->actor == NULL || (m->verb != VERB_withdraw && agency_role(c, m->actor, m->verb) == ROLE_unset))
		return fault_set(f, RC_DENIED, "an agency's request is decided by chair and oversight");
	for (size_t i = 0; i < m->part_count; i++)
		reason = reason || (str_is(m->parts[i].name, "reason") && m->parts[i].body.n > 0);
	if (!reason)
		return fault_at(f, RC_INVALID, NULL, 0, "reason", "each decision has its reason, and each withdrawal");
	enum rc rc = agency_row(tx, c->id, &r, f);
	if (rc == RC_OK)
		rc = m->verb == VERB_withdraw ? may_withdraw(&r, m->actor, f) : may_decide(&r, m->actor, f);
	if (rc != RC_OK)
		return rc;
	if (m->verb == VERB_withdraw)
		c->outcome = STR("withdrawn");
	else if (m->verb == VERB_refuse)
		c->outcome = STR("refused");
	else if (c->state == STATE_working)    /* the other one's approval led here */
		c->outcome = STR("granted");
	if (c->outcome.n > 0)
		draft_add(d, "outcome", c->outcome, STR("figures"));
	return RC_OK;
}

/* ---------------------------------------------------------------- deciding */

enum role agency_post(const struct flow *w, const struct ward_case *c, const struct agency_request *r,
                      const struct actor *a, int64_t now)
{
	uint64_t verbs = case_verbs(w, c, a, now);
	if ((verbs >> VERB_approve & 1) == 0 || may_decide(r, a, NULL) != RC_OK)
		return ROLE_unset;
	return agency_role(c, a, VERB_approve);
}

static enum rc note_end(struct tx *tx, const struct ward_case *c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE agency_request SET result = ?3, decided_at = ?4 WHERE ward_id = ?1 AND case_id = ?2", "iti", "");
	return sql_run(tx, &Q, BIND(v_int(c->id.v), v_text(c->outcome), v_int(tx_now(tx))), NULL, f);
}

static enum rc note_decision(struct tx *tx, const struct ward_case *c, enum role role, const struct actor *a,
                             bool approve, struct fault *f)
{
	static const struct sql Q_CHAIR = SQL_WARD(
		"UPDATE agency_request SET chair_by = ?3, chair_at = ?4 WHERE ward_id = ?1 AND case_id = ?2", "iii", "");
	static const struct sql Q_OVERSIGHT = SQL_WARD(
		"UPDATE agency_request SET oversight_by = ?3, oversight_at = ?4 WHERE ward_id = ?1 AND case_id = ?2", "iii", "");
	static const struct sql Q_REFUSED = SQL_WARD(
		"UPDATE agency_request SET refused_by = ?3 WHERE ward_id = ?1 AND case_id = ?2", "ii", "");
	enum rc rc = approve ? sql_run(tx, role == ROLE_chair ? &Q_CHAIR : &Q_OVERSIGHT,
	                               BIND(v_int(c->id.v), v_int(a->account.v), v_int(tx_now(tx))), NULL, f)
	                     : sql_run(tx, &Q_REFUSED, BIND(v_int(c->id.v), v_int(a->account.v)), NULL, f);
	return rc == RC_OK && !state_open(c->state) ? note_end(tx, c, f) : rc;
}

/* Nothing is decided about it any more: it is decided, or was taken back. */
static enum rc over(const struct agency_request *r, struct fault *f)
{
	return fault_at(f, RC_DENIED, NULL, 0, str_is(r->outcome, "withdrawn") ? "withdrawn" : "decided", "it is over");
}

enum rc agency_decide(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                      struct str code, bool approve, struct str reason, bool *granted, struct fault *f)
{
	struct agency_request r;
	struct ward_case c;
	struct part part = {STR("reason"), reason, STR("note")};
	const struct move m = {.verb = approve ? VERB_approve : VERB_refuse, .actor = who, .parts = &part, .part_count = 1};
	*granted = false;
	if (!actor_may(who, PERM_agency_decide))
		return fault_set(f, RC_DENIED, "an agency's request is decided by chair and oversight");
	enum rc rc = agency_get(tx, w, code, &r, &c, f);
	if (rc != RC_OK)
		return rc;
	if (!state_open(c.state))
		return over(&r, f);
	enum role role = agency_role(&c, who, m.verb);
	rc = may_decide(&r, who, f);
	if (rc == RC_OK && role == ROLE_unset)
		rc = fault_at(f, RC_DENIED, NULL, 0, "post", "theirs is given, the other one's is awaited");
	if (rc == RC_OK)
		rc = case_move(tx, w, ward, &c, &m, f);
	if (rc == RC_OK)
		rc = note_decision(tx, &c, role, who, approve, f);
	*granted = rc == RC_OK && str_is(c.outcome, "granted");
	return *granted ? agency_tell(tx, w, c.id, day_of(tx_now(tx)), f) : rc;
}

bool agency_may_withdraw(const struct agency_request *r, const struct actor *a)
{
	return state_open(r->state) && actor_may(a, PERM_agency_ask) && may_withdraw(r, a, NULL) == RC_OK;
}

enum rc agency_withdraw(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                        struct str code, struct str reason, struct fault *f)
{
	struct agency_request r;
	struct ward_case c;
	struct part part = {STR("reason"), reason, STR("note")};
	const struct move m = {.verb = VERB_withdraw, .actor = who, .parts = &part, .part_count = 1};
	if (!actor_may(who, PERM_agency_ask))
		return fault_set(f, RC_DENIED, "an agency's request is taken back by who entered it");
	enum rc rc = agency_get(tx, w, code, &r, &c, f);
	if (rc != RC_OK)
		return rc;
	if (!state_open(c.state))
		return over(&r, f);
	rc = may_withdraw(&r, who, f);
	if (rc == RC_OK)
		rc = case_move(tx, w, ward, &c, &m, f);
	return rc == RC_OK ? note_end(tx, &c, f) : rc;
}

/* ---------------------------------------------------------------- an entry that is no step */

static enum rc write_entry(struct tx *tx, const struct flow *w, const struct ward_case *before, enum verb verb,
                           struct draft *d, const struct actor_mark *who, struct ward_case *after, struct fault *f)
{
	*after = *before;
	after->moved_at = tx_now(tx);
	draft_chain(d, after, tx_ward(tx), verb, after->moved_at, who);
	enum rc rc = case_update(tx, w, before, after, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, d, after, verb, after->moved_at, who, f);
	return rc == RC_OK ? timeline_due(tx, w, after, f) : rc;
}

/* ---------------------------------------------------------------- telling */

enum rc agency_untold(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT DISTINCT s.case_id FROM agency_scope s JOIN agency_request r ON r.ward_id = s.ward_id"
		" AND r.case_id = s.case_id WHERE s.ward_id = ?1 AND s.told_at IS NULL AND s.about_id IS NOT NULL"
		" AND r.result = 'granted' AND (r.order_until IS NULL OR r.order_until < ?2) ORDER BY s.case_id LIMIT ?3",
		"ii", "i");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(today), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK)
		out[(*count)++] = (struct case_id){row_int(&r, 0)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc tell_one(struct tx *tx, const struct flow *w, const struct agency_request *r, const struct agency_case *s,
                        struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE agency_scope SET told_at = ?4 WHERE ward_id = ?1 AND case_id = ?2 AND n = ?3", "iii", "");
	enum { TOLD_PARTS = 5 };
	struct ward_case before, after;
	struct actor_mark nobody;
	struct draft d;
	struct arena *a = tx_arena(tx);
	enum rc rc = case_lock(tx, w, s->of, 0, &before, f);
	if (rc == RC_OK)
		rc = clock_mark(w, &nobody, f);
	if (rc != RC_OK)
		return rc;
	draft_init(&d, a, TOLD_PARTS);
	draft_add(&d, "agency_who", r->who, STR("figures"));
	draft_add(&d, "agency_number", r->number, STR("figures"));
	draft_add(&d, "agency_day", text_day_iso(a, r->day), STR("figures"));
	if (r->order_until != 0) {             /* why only now */
		draft_add(&d, "agency_order", r->order_number, STR("figures"));
		draft_add(&d, "agency_until", text_day_iso(a, r->order_until), STR("figures"));
	}
	rc = write_entry(tx, w, &before, VERB_agency, &d, &nobody, &after, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(r->of.v), v_int(s->n), v_int(tx_now(tx))), NULL, f) : rc;
}

enum rc agency_tell(struct tx *tx, const struct flow *w, struct case_id request, int32_t today, struct fault *f)
{
	struct agency_request r;
	struct agency_case *all;
	size_t n = 0;
	enum rc rc = agency_row(tx, request, &r, f);
	if (rc == RC_OK && (!str_is(r.outcome, "granted") || (r.order_until != 0 && r.order_until >= today)))
		return RC_OK;
	if (rc == RC_OK)
		rc = agency_scope(tx, request, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (all[i].told_at == 0)
			rc = tell_one(tx, w, &r, &all[i], f);
	return rc;
}

/* ---------------------------------------------------------------- giving */

static enum rc not_given(struct fault *f, const char *why, const char *text)
{
	return fault_at(f, RC_INVALID, NULL, 0, why, "%s", text);
}

/* Both approvals are looked at, whatever step the case stands at. */
static enum rc may_give(const struct agency_request *r, int32_t today, struct fault *f)
{
	if (str_is(r->outcome, "withdrawn"))
		return not_given(f, "withdrawn", "the request was taken back");
	if (str_is(r->outcome, "refused"))
		return not_given(f, "refused", "the request was refused");
	if (!str_is(r->outcome, "granted") || r->chair_by.v == 0 || r->oversight_by.v == 0)
		return not_given(f, "waiting", "the request is not approved by both");
	if (r->last_day == 0 || today > r->last_day)
		return not_given(f, "expired", "the time in which it may be used is over");
	return RC_OK;
}

static enum rc note_given(struct tx *tx, const struct flow *w, const struct actor *who, const struct ward_case *request,
                          const char *form, const struct agency_case *given, size_t n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO agency_given (ward_id, case_id, seq, n, given_at) VALUES (?1, ?2, ?3, ?4, ?5)", "iiii", "");
	struct ward_case before, after;
	struct actor_mark mark;
	struct draft d;
	struct buf codes = {0};
	enum rc rc = case_lock(tx, w, request->id, 0, &before, f);
	if (rc == RC_OK)
		rc = actor_mark(w, who, (struct unit_id){0}, &mark, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		buf_addf(&codes, "%s%s", i > 0 ? ", " : "", given[i].code);
	draft_init(&d, tx_arena(tx), 2);
	draft_add(&d, "agency_given", arena_take(tx_arena(tx), &codes), STR("text"));
	draft_add(&d, "agency_form", str_of(form), STR("figures"));
	rc = write_entry(tx, w, &before, VERB_give, &d, &mark, &after, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = sql_run(tx, &Q, BIND(v_int(request->id.v), v_int(after.seq), v_int(given[i].n), v_int(tx_now(tx))), NULL, f);
	return rc;
}

enum rc agency_give(struct tx *tx, const struct flow *w, const struct actor *who, struct str code, const char *form,
                    struct ward_case **out, size_t *count, struct fault *f)
{
	struct agency_request r;
	struct agency_case *all;
	struct ward_case request;
	size_t n = 0;
	*count = 0;
	if (!actor_may(who, PERM_case_work))
		return fault_set(f, RC_DENIED, "only who works cases gives what is known of them");
	enum rc rc = agency_get(tx, w, code, &r, &request, f);
	if (rc == RC_NONE)
		return not_given(f, "none", "there is no request of this number");
	if (rc == RC_OK)
		rc = may_give(&r, day_of(tx_now(tx)), f);
	if (rc == RC_OK)
		rc = agency_scope(tx, r.of, &all, &n, f);
	if (rc != RC_OK)
		return rc;
	struct agency_case *given = arena_array(tx_arena(tx), n + 1, sizeof *given);
	*out = arena_array(tx_arena(tx), n + 1, sizeof **out);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct ward_case *c = &(*out)[*count];
		rc = case_get(tx, w, all[i].of, c, f);
		if (rc == RC_OK && case_handled_by(c, who))
			given[(*count)++] = all[i];
	}
	if (rc == RC_OK && *count == 0)
		return not_given(f, "unit", "none of its cases is of the actor's units");
	if (rc == RC_OK)
		rc = note_given(tx, w, who, &request, form, given, *count, f);
	if (rc == RC_OK)
		rc = look_add(tx, w, who, "agency", (struct case_id){0},
		              arena_fmt(tx_arena(tx), "%s %s", request.code, form), (int64_t)*count, f);
	/* And one of each case: its reporter reads who gave it, once nothing forbids that (look_of_case). */
	for (size_t i = 0; rc == RC_OK && i < *count; i++)
		rc = look_add(tx, w, who, "given", given[i].of, arena_copy(tx_arena(tx), str_of(request.code)), 1, f);
	return rc;
}
