/* What a step does to a case's clock, and the rows that keep it. */
#include "ward/flow/clock.h"
#include "ward/flow/flow_private.h"

/* ---------------------------------------------------------------- allowances */

int case_pause_cap(const struct flow *w, const struct ward_case *c, enum pause_kind kind)
{
	int cap = 0;
	for (size_t i = 0; i < c->procedure->deadline_count; i++) {
		int64_t event;
		const struct rule *rule = case_rule(w, c, i, &event);
		if (rule != NULL && rule->pause_days[kind] > cap)
			cap = rule->pause_days[kind];
	}
	return cap;
}

bool clock_stands(const struct ward_case *c, enum pause_kind kind)
{
	for (size_t i = 0; i < c->clock.pause_count; i++)
		if (c->clock.pauses[i].kind == kind && c->clock.pauses[i].ended_at == 0)
			return true;
	return false;
}

bool clock_may_stop(const struct flow *w, const struct ward_case *c, enum pause_kind kind, int64_t now)
{
	int cap = case_pause_cap(w, c, kind), used = 0;
	if (cap == 0 || clock_stands(c, kind))
		return false;
	for (size_t i = 0; i < c->clock.pause_count; i++) {
		const struct case_pause *p = &c->clock.pauses[i];
		if (p->kind != kind || p->from_at < c->began_at)
			continue;
		int days = day_of(p->ended_at) - day_of(p->from_at);
		used += days < cap ? days : cap;
	}
	return now >= c->began_at && used < cap;
}

const struct rule *case_extendable(const struct flow *w, const struct ward_case *c, int *left)
{
	size_t at = case_deadline(c);
	int64_t event;
	const struct rule *rule = at < c->procedure->deadline_count ? case_rule(w, c, at, &event) : NULL;
	*left = 0;
	if (rule == NULL || rule->extend.times == 0)
		return NULL;
	*left = rule->extend.times;
	for (size_t i = 0; i < c->clock.extension_count; i++)
		*left -= str_eq(c->clock.extensions[i].rule, c->due_rule) && c->clock.extensions[i].at >= event;
	return rule;
}

enum rc clock_refuse(const struct flow *w, const struct ward_case *c, enum verb verb, int64_t now,
                     struct fault *f)
{
	int left;
	const struct rule *rule = case_extendable(w, c, &left);
	if (!state_open(c->state))
		return fault_set(f, RC_DENIED, "the case is not open");
	if (c->due_at != 0 && now >= c->due_at)
		return fault_set(f, RC_EXPIRED, "the deadline is over");
	if (verb == VERB_extend && rule != NULL)
		return fault_set(f, RC_LIMIT, "the rule %.*s can be extended %d times", PSTR(rule->name),
		                 rule->extend.times);
	int64_t event;
	size_t at = case_deadline(c);
	const struct rule *now_counts = at < c->procedure->deadline_count ? case_rule(w, c, at, &event) : NULL;
	if (verb == VERB_pause && c->state != STATE_asked && now_counts != NULL &&
	    now_counts->pause_days[PAUSE_authority] > 0)
		return fault_set(f, RC_LIMIT, clock_stands(c, PAUSE_authority) ? "the clock stands already"
		                                                              : "the cap of pauses is used up");
	return fault_set(f, RC_DENIED, "no rule of the case allows it");
}

/* ---------------------------------------------------------------- what a step does */

/* The rows of the case before the step stay as they were. */
static struct case_pause *own_pauses(struct arena *a, struct ward_case *c)
{
	struct case_clock *k = &c->clock;
	struct case_pause *own = arena_array(a, k->pause_count + 1, sizeof *own);
	if (k->pause_count > 0)
		memcpy(own, k->pauses, k->pause_count * sizeof *own);
	return k->pauses = own;
}

void clock_stop(const struct flow *w, struct arena *a, struct ward_case *c, enum pause_kind kind,
                int64_t now)
{
	if (!clock_may_stop(w, c, kind, now))
		return;
	own_pauses(a, c)[c->clock.pause_count++] =
		(struct case_pause){.seq = c->seq + 1, .kind = kind, .from_at = now};
}

void clock_go(struct arena *a, struct ward_case *c, enum pause_kind kind, int64_t now)
{
	struct case_pause *p = own_pauses(a, c);
	for (size_t i = 0; i < c->clock.pause_count; i++)
		if (p[i].ended_at == 0 && (kind == 0 || p[i].kind == kind)) {
			p[i].ended_at = now > p[i].from_at ? now : p[i].from_at;
			p[i].ended_seq = c->seq + 1;
		}
}

void clock_unclose(struct arena *a, struct ward_case *c)
{
	struct case_pause *p = own_pauses(a, c);
	int last = 0;
	for (size_t i = 0; i < c->clock.pause_count; i++)
		if (p[i].ended_seq > last && p[i].ended_at == c->closed_at)
			last = p[i].ended_seq;
	for (size_t i = 0; i < c->clock.pause_count; i++)
		if (last > 0 && p[i].ended_seq == last) {
			p[i].ended_at = 0;
			p[i].ended_seq = 0;
		}
}

void clock_again(struct arena *a, struct ward_case *c, int64_t began, int64_t now)
{
	struct case_pause *p = own_pauses(a, c);
	for (size_t i = 0; i < c->clock.pause_count; i++)
		if (p[i].ended_at == 0 && p[i].from_at < began) {
			p[i].ended_at = now;
			p[i].ended_seq = c->seq + 1;
		}
}

void clock_closed_time(struct arena *a, struct ward_case *c, int64_t now)
{
	int64_t from = c->closed_at < now ? c->closed_at : now;
	own_pauses(a, c)[c->clock.pause_count++] =
		(struct case_pause){.seq = c->seq + 1, .ended_seq = c->seq + 1, .kind = PAUSE_closed,
		                    .from_at = from, .ended_at = now};
}

enum rc clock_extend(const struct flow *w, struct arena *a, struct ward_case *c, int64_t now,
                     struct fault *f)
{
	struct case_clock *k = &c->clock;
	int left;
	const struct rule *rule = case_extendable(w, c, &left);
	if (rule == NULL)
		return fault_set(f, RC_DENIED, "the rule %.*s knows no extension", PSTR(c->due_rule));
	if (left <= 0)
		return fault_set(f, RC_LIMIT, "the rule %.*s can be extended %d times", PSTR(rule->name),
		                 rule->extend.times);
	struct case_extension *own = arena_array(a, k->extension_count + 1, sizeof *own);
	if (k->extension_count > 0)
		memcpy(own, k->extensions, k->extension_count * sizeof *own);
	own[k->extension_count++] = (struct case_extension){
		.seq = c->seq + 1, .amount = rule->extend.amount, .rule = c->due_rule, .at = now};
	k->extensions = own;
	return RC_OK;
}

/* ---------------------------------------------------------------- rows */

static enum rc write_pauses(struct tx *tx, const struct ward_case *before, const struct ward_case *c,
                            struct fault *f)
{
	static const struct sql INSERT = SQL_WARD(
		"INSERT INTO case_pause (ward_id, case_id, seq, kind, from_at, ended_at, ended_seq)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "iiiiIi", "");
	static const struct sql END = SQL_WARD(
		"UPDATE case_pause SET ended_at = ?4, ended_seq = ?5"
		" WHERE ward_id = ?1 AND case_id = ?2 AND seq = ?3", "iiIi", "");
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < c->clock.pause_count; i++) {
		const struct case_pause *p = &c->clock.pauses[i];
		if (i >= before->clock.pause_count)
			rc = sql_run(tx, &INSERT,
			             BIND(v_int(c->id.v), v_int(p->seq), v_int(p->kind), v_int(p->from_at),
			                  v_int0(p->ended_at), v_int(p->ended_seq)),
			             NULL, f);
		else if (before->clock.pauses[i].ended_at != p->ended_at)
			rc = sql_run(tx, &END,
			             BIND(v_int(c->id.v), v_int(p->seq), v_int0(p->ended_at), v_int(p->ended_seq)),
			             NULL, f);
	}
	return rc;
}

enum rc clock_write(struct tx *tx, const struct ward_case *before, const struct ward_case *c,
                    struct fault *f)
{
	static const struct sql EXTENSION = SQL_WARD(
		"INSERT INTO case_extension (ward_id, case_id, seq, rule, amount, at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "iitii", "");
	enum rc rc = write_pauses(tx, before, c, f);
	for (size_t i = before->clock.extension_count; rc == RC_OK && i < c->clock.extension_count; i++) {
		const struct case_extension *e = &c->clock.extensions[i];
		rc = sql_run(tx, &EXTENSION,
		             BIND(v_int(c->id.v), v_int(e->seq), v_text(e->rule), v_int(e->amount), v_int(e->at)),
		             NULL, f);
	}
	return rc;
}

static enum rc read_pauses(struct tx *tx, struct ward_case *c, size_t max, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, kind, from_at, ended_at, ended_seq FROM case_pause"
		" WHERE ward_id = ?1 AND case_id = ?2 ORDER BY seq", "i", "iiiIi");
	struct rows r;
	c->clock.pauses = arena_array(tx_arena(tx), max, sizeof *c->clock.pauses);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && c->clock.pause_count < max && (rc = rows_next(&r, f)) == RC_OK)
		c->clock.pauses[c->clock.pause_count++] = (struct case_pause){
			.seq = (int)row_int(&r, 0),
			.kind = (enum pause_kind)row_int(&r, 1),
			.from_at = row_int(&r, 2),
			.ended_at = row_int(&r, 3),
			.ended_seq = (int)row_int(&r, 4),
		};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_extensions(struct tx *tx, struct ward_case *c, size_t max, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, rule, amount, at FROM case_extension WHERE ward_id = ?1 AND case_id = ?2"
		" ORDER BY seq", "i", "itii");
	struct rows r;
	c->clock.extensions = arena_array(tx_arena(tx), max, sizeof *c->clock.extensions);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && c->clock.extension_count < max && (rc = rows_next(&r, f)) == RC_OK)
		c->clock.extensions[c->clock.extension_count++] = (struct case_extension){
			.seq = (int)row_int(&r, 0),
			.rule = row_str(&r, 1),
			.amount = (int)row_int(&r, 2),
			.at = row_int(&r, 3),
		};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc clock_read(struct tx *tx, struct ward_case *c, struct fault *f)
{
	size_t rows = c->clock.pause_count;   /* as the case's row says: of both kinds together */
	c->clock = (struct case_clock){0};
	if (rows == 0)
		return RC_OK;
	enum rc rc = read_pauses(tx, c, rows, f);
	return rc == RC_OK ? read_extensions(tx, c, rows, f) : rc;
}
