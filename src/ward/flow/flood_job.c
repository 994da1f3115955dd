/* A step with all of a group: row, job, and the cases in slices, each by the one door through which a single
 * one moves. What came after the button was pressed is left alone: the officer did not see it. */
#include <inttypes.h>
#include <time.h>

#include "ward/flow/flood.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

#define JOB "flow.flood"
enum { SLICE = 25, PAUSE_MS = 5 };

/* ---------------------------------------------------------------- the row */

#define STEP_COLUMNS "id, flood_id, unit_id, account_id, verb, reason, total, done, made_at, ended_at"
#define STEP_TYPES "iiiittiiiI"

static void read_step(struct rows *r, struct flood_step *s)
{
	*s = (struct flood_step){
		.id = row_int(r, 0), .flood = {row_int(r, 1)}, .unit = {row_int(r, 2)}, .account = {row_int(r, 3)},
		.verb = verb_parse(row_str(r, 4)), .reason = row_str(r, 5), .total = row_int(r, 6),
		.done = row_int(r, 7), .made_at = row_int(r, 8), .ended_at = row_int(r, 9)};
}

enum rc flood_step_last(struct tx *tx, const struct flood *of, struct flood_step *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " STEP_COLUMNS " FROM flood_step WHERE ward_id = ?1 AND flood_id = ?2 AND unit_id = ?3"
		" ORDER BY id DESC LIMIT 1", "ii", STEP_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(of->id.v), v_int(of->unit.v)), f);
	if (rc != RC_OK)
		return rc;
	read_step(&r, out);
	rows_end(&r);
	return RC_OK;
}

enum rc flood_step_put(struct tx *tx, const struct flow *w, const struct actor *a, const struct flood *of,
                       enum verb verb, struct str reason, int64_t *id, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO flood_step (ward_id, id, flood_id, unit_id, account_id, verb, reason, total, done, made_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)", "iiiittii", "");
	static const struct sql Q_HOLD = SQL_WARD("UPDATE flood SET why = why WHERE ward_id = ?1 AND id = ?2", "i", "");
	struct flood_step last;
	if (verb == VERB_clear && reason.n == 0)
		return fault_at(f, RC_INVALID, NULL, 0, "reason", "clearing a group needs a reason");
	if (!actor_works(a, of->unit))
		return RC_NONE;
	enum rc rc = sql_run(tx, &Q_HOLD, BIND(v_int(of->id.v)), NULL, f);   /* two at once: one after the other */
	if (rc == RC_OK)
		rc = flood_step_last(tx, of, &last, f);
	if (rc == RC_OK && last.ended_at == 0) {
		*id = last.id;
		return RC_EXISTS;
	}
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	*id = idgen_next(w->ids);
	rc = sql_run(tx, &Q,
	             BIND(v_int(*id), v_int(of->id.v), v_int(of->unit.v), v_int(a->account.v),
	                  v_text(str_of(verb_name(verb))), v_text(reason),
	                  v_int(verb == VERB_restore ? of->cleared : of->open), v_int(tx_now(tx))),
	             NULL, f);
	struct str name = arena_fmt(tx_arena(tx), "%" PRId64, *id);
	return rc == RC_OK ? outbox_put(tx, JOB, tx_now(tx) + US_SECOND, name, name, f) : rc;
}

/* ---------------------------------------------------------------- its cases */

struct working {
	const struct flow *w;
	const struct ward *ward;
	struct flood_step s;
	struct actor actor;
	int64_t after_at, after_id;   /* behind what was looked at */
	int64_t ids[SLICE], at[SLICE];
	size_t n, moved;
};

static enum rc next_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_STEP = SQL_WARD(
		"SELECT " STEP_COLUMNS " FROM flood_step WHERE ward_id = ?1 AND id = ?2", "i", STEP_TYPES);
	static const struct sql Q = SQL_WARD(
		"SELECT id, sort_at FROM ward_case WHERE ward_id = ?1 AND flood_id = ?2 AND unit_id = ?3 AND open = 4"
		" AND (sort_at, id) > (?4, ?5) AND sort_at <= ?6 AND received_at <= ?7 ORDER BY sort_at, id LIMIT ?8",
		"iiiiiii", "ii");
	struct working *k = ctx;
	struct rows r;
	int64_t id = k->s.id;
	k->n = 0;
	enum rc rc = sql_one(tx, &Q_STEP, &r, BIND(v_int(id)), f);
	if (rc != RC_OK)
		return rc;
	read_step(&r, &k->s);
	rows_end(&r);
	if (k->s.ended_at != 0)
		return RC_NONE;
	bool back = k->s.verb == VERB_restore;
	if (k->after_id == 0)
		k->after_at = back ? INT64_MIN : 0;
	rc = sql_rows(tx, &Q, &r,
	              BIND(v_int(k->s.flood.v), v_int(k->s.unit.v), v_int(k->after_at), v_int(k->after_id),
	                   v_int(back ? -1 : INT64_MAX), v_int(k->s.made_at), v_int(SLICE)), f);
	while (rc == RC_OK && k->n < SLICE && (rc = rows_next(&r, f)) == RC_OK) {
		k->ids[k->n] = row_int(&r, 0);
		k->at[k->n++] = row_int(&r, 1);
	}
	rows_end(&r);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	rc = actor_of(tx, k->s.account, &k->actor, f);
	if (rc == RC_NONE)            /* the account was closed meanwhile: nothing more is done in its name */
		k->actor = (struct actor){.account = k->s.account, .ward = tx_ward(tx)};
	return rc == RC_OK || rc == RC_NONE ? (k->n > 0 ? RC_OK : RC_NONE) : rc;
}

static enum rc move_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE flood_step SET done = done + ?3 WHERE ward_id = ?1 AND id = ?2", "ii", "");
	struct working *k = ctx;
	struct part reason = {.name = STR("reason"), .body = k->s.reason, .retention = STR("note")};
	enum rc rc = RC_OK;
	k->moved = 0;
	for (size_t i = 0; rc == RC_OK && i < k->n; i++) {
		struct ward_case c;
		struct move m = {.verb = k->s.verb, .actor = &k->actor, .parts = &reason,
		                 .part_count = reason.body.n > 0 ? 1 : 0};
		rc = case_get(tx, k->w, (struct case_id){k->ids[i]}, &c, f);
		bool there = rc == RC_OK && c.flood.v == k->s.flood.v && c.unit.v == k->s.unit.v &&
		             (case_verbs(k->w, &c, &k->actor, tx_now(tx)) >> k->s.verb & 1) != 0 &&
		             !pending_waits(tx, c.id, f);
		if (there)
			rc = case_move(tx, k->w, k->ward, &c, &m, f);
		k->moved += there && rc == RC_OK;
		rc = rc == RC_NONE ? RC_OK : rc;
	}
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(k->s.id), v_int((int64_t)k->moved)), NULL, f) : rc;
}

static enum rc end_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE flood_step SET ended_at = ?3 WHERE ward_id = ?1 AND id = ?2 AND ended_at IS NULL", "ii", "");
	const struct working *k = ctx;
	return sql_run(tx, &Q, BIND(v_int(k->s.id), v_int(tx_now(tx))), NULL, f);
}

/* SQLite gives a waiting process no turn, and the desk's and residents' writes come first. */
static void pause_for_others(void)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000 * 1000}, NULL);
}

static enum rc again_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct working *k = ctx;
	struct str name = arena_fmt(tx_arena(tx), "%" PRId64, k->s.id);
	return outbox_put(tx, JOB, 0, name, name, f);
}

enum rc flood_step_run(const struct flow *w, struct ward_id ward, int64_t id, int64_t until_ticks,
                       struct fault *f)
{
	struct working k = {.w = w, .ward = ward_by_id(w->places, ward), .s = {.id = id}};
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT * 4);
	while (rc == RC_OK && clock_ticks() < until_ticks) {
		arena_reset(&a);
		rc = store_read(w->store, ward, &a, next_tx, &k, f);
		if (rc != RC_OK)
			break;
		rc = store_write(w->store, ward, &a, move_tx, &k, f);
		if (rc != RC_OK)
			break;
		k.after_at = k.at[k.n - 1];
		k.after_id = k.ids[k.n - 1];
		pause_for_others();
	}
	if (rc == RC_NONE)
		rc = store_write(w->store, ward, &a, end_tx, &k, f);
	else if (rc == RC_OK)                  /* other jobs have their turn */
		rc = store_write(w->store, ward, &a, again_tx, &k, f);
	flow_changed(ward);
	arena_release(&a);
	return rc;
}
