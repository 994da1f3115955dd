/* Whose turn it is: the khu vực's, until its rule's day is over; and the keys of what its phones have done. */
#include "ward/flow/area.h"

#include "kit/base/log.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

enum { SLICE = 50, KEY_DIGITS = 32 };

bool case_with_area(const struct ward_case *c)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	return s != NULL && c->lead.v == 0 && step_of_area(s);
}

bool area_reports(const struct procedure *p)
{
	return p->area_head && p->listed && !p->conduct && !procedure_by_rule(p);
}

/* A khu vực that acts first has it, unless nobody is entered there, or may read it, or it joins another. */
enum rc area_first_step(struct tx *tx, const struct case_new *n, bool for_head, const struct step **out,
                          struct fault *f)
{
	bool there = false;
	enum rc rc = RC_OK;
	if (for_head && step_of_area(&n->procedure->steps[0]) && n->lead.v == 0 && n->place.area.v != 0)
		rc = area_headed(tx, n->place.area, &there, f);
	*out = procedure_begin(n->procedure, there);
	return rc;
}

enum rc clock_mark(const struct flow *w, struct actor_mark *out, struct fault *f)
{
	*out = (struct actor_mark){.role = ROLE_anyone};
	return actor_pseudonym(w->keys, out->account, out->role, out->unit, &out->key_no, &out->pseudonym, f);
}

/* Where no calendar says, as many days: a khu vực does not keep a case because the office forgot one. */
static int64_t over_at(const struct flow *w, const struct ward_case *c)
{
	const struct rule *rule;
	int64_t due;
	int32_t last;
	if (rule_find(w->rules, c->procedure->area_first, day_of(c->began_at), &rule) != RC_OK)
		return c->began_at;
	return rule_due(w->calendar, rule, c->began_at, &due, &last, NULL) == RC_OK
	               ? due
	               : c->began_at + (int64_t)rule->amount * US_DAY;
}

enum rc area_follow(struct tx *tx, const struct flow *w, const struct ward_case *before,
                    const struct ward_case *after, struct fault *f)
{
	static const struct sql PUT = SQL_WARD(
		"INSERT INTO area_turn (ward_id, case_id, due_at) VALUES (?1, ?2, ?3)"
		" ON CONFLICT (ward_id, case_id) DO NOTHING", "ii", "");
	static const struct sql DROP = SQL_WARD("DELETE FROM area_turn WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	bool was = before != NULL && case_with_area(before), is = case_with_area(after);
	if (was == is)
		return RC_OK;
	return is ? sql_run(tx, &PUT, BIND(v_int(after->id.v), v_int(over_at(w, after))), NULL, f)
	          : sql_run(tx, &DROP, BIND(v_int(after->id.v)), NULL, f);
}

enum rc area_until(struct tx *tx, struct case_id c, int64_t *at, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT due_at FROM area_turn WHERE ward_id = ?1 AND case_id = ?2", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	*at = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

/* ---------------------------------------------------------------- the clock */

struct turn {
	int64_t due_at, id;
};
struct going_up {
	const struct flow *w;
	const struct ward *ward;
	struct turn after;            /* the last one looked at */
	struct turn list[SLICE];
	size_t count, at;
};

static enum rc over(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT due_at, case_id FROM area_turn WHERE ward_id = ?1 AND due_at <= ?2 AND (due_at, case_id) > (?3, ?4)"
		" ORDER BY due_at, case_id LIMIT ?5", "iiii", "ii");
	struct going_up *g = ctx;
	struct rows r;
	g->count = 0;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(tx_now(tx)), v_int(g->after.due_at), v_int(g->after.id), v_int(SLICE)), f);
	while (rc == RC_OK && g->count < SLICE && (rc = rows_next(&r, f)) == RC_OK)
		g->list[g->count++] = (struct turn){row_int(&r, 0), row_int(&r, 1)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* An act of the khu vực that can still be taken back is one: the clock waits for it. */
static enum rc up(struct tx *tx, void *ctx, struct fault *f)
{
	const struct move m = {.verb = VERB_pass_up, .by_clock = true};
	const struct going_up *g = ctx;
	struct ward_case c = {.id = {g->list[g->at].id}};
	return pending_waits(tx, c.id, f) ? RC_WAITING : case_move(tx, g->w, g->ward, &c, &m, f);
}

/* Each in its own transaction: one that cannot go keeps no other back, and is tried again a minute later. */
static enum rc up_all(struct going_up *g, struct arena *a, bool *moved, struct fault *f)
{
	for (g->at = 0; g->at < g->count; g->at++) {
		struct fault why = {0};
		enum rc rc = store_write(g->w->store, g->ward->id, a, up, g, &why);
		if (rc < RC_OK) {
			if (f != NULL)
				*f = why;
			return rc;
		}
		if (rc != RC_OK && rc != RC_WAITING && rc != RC_DENIED && rc != RC_NONE)
			log_warn("flow", "a case stays with its khu vực past its time: %s", rc_name(rc));
		*moved = *moved || rc == RC_OK;
	}
	return RC_OK;
}

enum rc area_run(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct going_up g = {.w = w, .ward = ward_by_id(w->places, ward), .after = {INT64_MIN, 0}, .count = SLICE};
	struct arena a;
	enum rc rc = g.ward != NULL ? RC_OK : RC_NONE;
	bool moved = false;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	while (rc == RC_OK && g.count == SLICE) {
		arena_reset(&a);
		rc = store_read(w->store, ward, &a, over, &g, f);   /* no commit where nothing is over */
		if (rc != RC_OK || g.count == 0)
			break;
		g.after = g.list[g.count - 1];
		rc = up_all(&g, &a, &moved, f);
	}
	arena_release(&a);
	if (moved)
		flow_changed(ward);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- acts of a phone */

static bool key_good(struct str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!((key.p[i] >= '0' && key.p[i] <= '9') || (key.p[i] >= 'a' && key.p[i] <= 'f')))
			return false;
	return key.n == KEY_DIGITS;
}

static struct val named(struct tx *tx, const struct area_act *a)
{
	struct hash h = hash_of(NULL, "area act", arena_fmt(tx_arena(tx), "%.*s %.*s", PSTR(a->key), PSTR(a->what)));
	return v_text(str_sub(hex_of(tx_arena(tx), hash_str(&h)), 0, KEY_DIGITS));
}

enum rc area_act_done(struct tx *tx, const struct area_act *a, struct fault *f)
{
	static const struct sql THERE = SQL_WARD(
		"SELECT at FROM area_act WHERE ward_id = ?1 AND account_id = ?2 AND act_key = ?3", "it", "i");
	struct rows r;
	if (!key_good(a->key))
		return fault_at(f, RC_INVALID, NULL, 0, "key", "an act needs its key");
	enum rc rc = sql_one(tx, &THERE, &r, BIND(v_int(a->who.v), named(tx, a)), f);
	if (rc == RC_OK)
		rows_end(&r);
	return rc;
}

enum rc area_act_note(struct tx *tx, const struct area_act *a, struct fault *f)
{
	static const struct sql PUT = SQL_WARD(
		"INSERT INTO area_act (ward_id, account_id, act_key, at) VALUES (?1, ?2, ?3, ?4)", "iti", "");
	enum rc rc = area_act_done(tx, a, f);
	if (rc == RC_OK)
		return RC_EXISTS;
	return rc == RC_NONE ? sql_run(tx, &PUT, BIND(v_int(a->who.v), named(tx, a), v_int(tx_now(tx))), NULL, f) : rc;
}

enum rc area_acts_forget(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql OLD = SQL_WARD(
		"DELETE FROM area_act WHERE ward_id = ?1 AND (account_id, act_key) IN (SELECT account_id, act_key FROM area_act"
		" WHERE ward_id = ?1 AND at < ?2 ORDER BY at, account_id, act_key LIMIT 500)", "i", "");
	(void)ctx;
	return sql_run(tx, &OLD, BIND(v_int(tx_now(tx) - ACT_KEPT_US)), NULL, f);
}
