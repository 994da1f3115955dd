#include "rooms/desk/desk_bulk.h"

#define KEPT_US US_DAY

bool bulk_verb(enum verb v)
{
	return v == VERB_close || v == VERB_take || v == VERB_assign || v == VERB_note;
}

enum rc bulk_put(struct tx *tx, struct idgen *ids, struct bulk *b, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO bulk (ward_id, id, account_id, verb, outcome, words, to_unit_id, made_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		"iitttIi", "");
	static const struct sql Q_ITEM = SQL_WARD(
		"INSERT INTO bulk_item (ward_id, bulk_id, no, case_id, version, words, state, why)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, '')",
		"iiiit", "");
	static const struct sql Q_GONE = SQL_WARD(
		"INSERT INTO bulk_gone (ward_id, bulk_id, code) VALUES (?1, ?2, ?3)", "it", "");
	b->id = idgen_next(ids);
	enum rc rc = sql_run(tx, &Q,
	                     BIND(v_int(b->id), v_int(b->account.v), v_text(str_of(verb_name(b->verb))),
	                          v_text(b->outcome), v_text(b->words), v_int0(b->to.v), v_int(tx_now(tx))),
	                     NULL, f);
	for (size_t i = 0; rc == RC_OK && i < b->count; i++)
		rc = sql_run(tx, &Q_ITEM,
		             BIND(v_int(b->id), v_int((int64_t)i + 1), v_int(b->items[i].of.v),
		                  v_int(b->items[i].version), v_text(b->items[i].words)),
		             NULL, f);
	for (size_t i = 0; rc == RC_OK && i < b->gone_count; i++)
		rc = sql_run(tx, &Q_GONE, BIND(v_int(b->id), v_text(b->gone[i])), NULL, f);
	/* The request itself begins; the job is for what takes longer, or for a server that was ended. */
	struct str id = arena_fmt(tx_arena(tx), "%lld", (long long)b->id);
	return rc == RC_OK ? outbox_put(tx, "desk.bulk", tx_now(tx) + 2 * US_SECOND, id, id, f) : rc;
}

static enum rc read_bulk(struct tx *tx, int64_t id, struct bulk *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT account_id, verb, outcome, words, to_unit_id, made_at, ended_at FROM bulk"
		" WHERE ward_id = ?1 AND id = ?2",
		"i", "itttIiI");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(id)), f);
	if (rc != RC_OK)
		return rc;
	*out = (struct bulk){.id = id, .account = {row_int(&r, 0)}, .verb = verb_parse(row_str(&r, 1)),
	                     .outcome = row_str(&r, 2), .words = row_str(&r, 3), .to = {row_int(&r, 4)},
	                     .made_at = row_int(&r, 5), .ended_at = row_int(&r, 6)};
	rows_end(&r);
	return RC_OK;
}

static enum rc read_items(struct tx *tx, struct bulk *b, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT no, case_id, version, words, state, why FROM bulk_item"
		" WHERE ward_id = ?1 AND bulk_id = ?2 ORDER BY no",
		"i", "iiitit");
	struct rows r;
	b->items = arena_array(tx_arena(tx), BULK_MAX, sizeof *b->items);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(b->id)), f);
	while (rc == RC_OK && b->count < BULK_MAX && (rc = rows_next(&r, f)) == RC_OK)
		b->items[b->count++] = (struct bulk_item){
			.no = (int)row_int(&r, 0), .of = {row_int(&r, 1)}, .version = row_int(&r, 2),
			.words = row_str(&r, 3), .state = (int)row_int(&r, 4), .why = row_str(&r, 5)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_gone(struct tx *tx, struct bulk *b, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT code FROM bulk_gone WHERE ward_id = ?1 AND bulk_id = ?2 ORDER BY code", "i", "t");
	struct rows r;
	b->gone = arena_array(tx_arena(tx), BULK_MAX, sizeof *b->gone);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(b->id)), f);
	while (rc == RC_OK && b->gone_count < BULK_MAX && (rc = rows_next(&r, f)) == RC_OK)
		b->gone[b->gone_count++] = row_str(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc bulk_get(struct tx *tx, const struct flow *w, const struct actor *who, int64_t id,
                 struct bulk *out, struct fault *f)
{
	enum rc rc = read_bulk(tx, id, out, f);
	if (rc == RC_OK && out->account.v != who->account.v)
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = read_items(tx, out, f);
	if (rc == RC_OK)
		rc = read_gone(tx, out, f);
	for (size_t i = 0; rc == RC_OK && i < out->count; i++) {
		struct bulk_item *item = &out->items[i];
		rc = case_get(tx, w, item->of, &item->c, f);
		item->gone = rc == RC_OK && !case_handled_by(&item->c, who);
	}
	return rc;
}

/* ---------------------------------------------------------------- one case */

struct working {
	const struct flow *w;
	const struct ward *ward;
	int64_t id;
	struct bulk b;
	struct bulk_item item;
	struct actor actor;
	const char *why;
};

static enum rc next_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT no, case_id, version, words FROM bulk_item"
		" WHERE ward_id = ?1 AND bulk_id = ?2 AND state = 0 ORDER BY no LIMIT 1",
		"i", "iiit");
	struct working *k = ctx;
	struct rows r;
	enum rc rc = read_bulk(tx, k->id, &k->b, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q, &r, BIND(v_int(k->id)), f);
	if (rc != RC_OK)
		return rc;
	k->item = (struct bulk_item){.no = (int)row_int(&r, 0), .of = {row_int(&r, 1)},
	                             .version = row_int(&r, 2), .words = row_str(&r, 3)};
	rows_end(&r);
	rc = actor_of(tx, k->b.account, &k->actor, f);
	if (rc == RC_NONE)            /* closed, or without a role: its cases are told one by one */
		k->actor = (struct actor){.account = k->b.account, .ward = tx_ward(tx)};
	return rc == RC_NONE ? RC_OK : rc;
}

/* RC_EXISTS: another worker took it meanwhile. */
static enum rc set_state(struct tx *tx, const struct working *k, int state, const char *why,
                         struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE bulk_item SET state = ?4, why = ?5 WHERE ward_id = ?1 AND bulk_id = ?2 AND no = ?3"
		" AND state = 0",
		"iiit", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &Q,
	                     BIND(v_int(k->id), v_int(k->item.no), v_int(state), v_text(str_of(why))),
	                     &changed, f);
	return rc == RC_OK && changed == 0 ? RC_EXISTS : rc;
}

static enum rc do_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct working *k = ctx;
	struct ward_case c;
	struct part part = {.body = k->item.words.n > 0 ? k->item.words : k->b.words};
	struct move m = {.verb = k->b.verb, .actor = &k->actor, .expected_version = k->item.version,
	                 .parts = &part, .part_count = part.body.n > 0 ? 1 : 0,
	                 .unit = k->b.to, .outcome = k->b.outcome};
	part.name = k->b.verb == VERB_close ? STR("result")
	            : k->b.verb == VERB_note ? STR("text")
	                                     : STR("reason");
	part.retention = k->b.verb == VERB_close ? STR("text") : STR("note");
	enum rc rc = case_get(tx, k->w, k->item.of, &c, f);
	if (rc == RC_OK && !case_handled_by(&c, &k->actor))
		rc = RC_NONE;
	/* What can be taken back waits as a single one does. */
	struct pending wait;
	if (rc == RC_OK && verb_waits(m.verb))
		rc = pending_put(tx, k->w, &c, &m, 0, false, &wait, f);
	else if (rc == RC_OK)
		rc = case_move(tx, k->w, k->ward, &c, &m, f);
	return rc == RC_OK ? set_state(tx, k, ITEM_done, "", f) : rc;
}

static enum rc fail_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct working *k = ctx;
	enum rc rc = set_state(tx, k, ITEM_failed, k->why, f);
	return rc == RC_EXISTS ? RC_OK : rc;
}

/* Why a case was not moved, in a word; NULL: that is no reason of the case's, it is tried again. */
static const char *reason(enum rc rc)
{
	switch (rc) {
	case RC_CHANGED: return "changed";
	case RC_WAITING: return "waiting";
	case RC_DENIED: return "denied";
	case RC_NONE: return "gone";
	case RC_EXPIRED: return "expired";
	case RC_REFUSED: return "refused";
	case RC_INVALID: return "invalid";
	default: return NULL;
	}
}

static enum rc end_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE bulk SET ended_at = ?3 WHERE ward_id = ?1 AND id = ?2 AND ended_at IS NULL", "ii", "");
	const struct working *k = ctx;
	return sql_run(tx, &Q, BIND(v_int(k->id), v_int(tx_now(tx))), NULL, f);
}

static enum rc one(struct working *k, struct arena *a, struct fault *f)
{
	struct store *s = k->w->store;
	enum rc rc = store_read(s, k->ward->id, a, next_tx, k, f);
	if (rc != RC_OK)
		return rc;
	rc = store_write(s, k->ward->id, a, do_tx, k, f);
	k->why = reason(rc);
	if (k->why != NULL)
		rc = store_write(s, k->ward->id, a, fail_tx, k, f);
	return rc == RC_EXISTS ? RC_OK : rc;
}

enum rc bulk_run(const struct flow *w, struct ward_id ward, int64_t id, int64_t until_ticks,
                 bool *left, struct fault *f)
{
	struct working k = {.w = w, .ward = ward_by_id(w->places, ward), .id = id};
	struct arena a;
	enum rc rc = RC_OK;
	*left = true;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	while (rc == RC_OK && (until_ticks == 0 || clock_ticks() < until_ticks)) {
		arena_reset(&a);
		rc = one(&k, &a, f);
	}
	if (rc == RC_NONE) {
		*left = false;
		rc = store_write(w->store, ward, &a, end_tx, &k, f);
	}
	flow_changed(ward);
	arena_release(&a);
	return rc;
}

/* ---------------------------------------------------------------- jobs */

static enum rc bulk_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	int64_t id;
	bool left;
	(void)a;
	if (!str_i64(job->payload, &id))
		return fault_set(f, RC_INVALID, "a payload that names nothing to do");
	return bulk_run(app_flow(app), job->ward, id, 0, &left, f);
}

static enum rc sweep_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_ITEMS = SQL_WARD(
		"DELETE FROM bulk_item WHERE ward_id = ?1 AND bulk_id IN"
		" (SELECT id FROM bulk WHERE ward_id = ?1 AND made_at < ?2)",
		"i", "");
	static const struct sql Q_GONE = SQL_WARD(
		"DELETE FROM bulk_gone WHERE ward_id = ?1 AND bulk_id IN"
		" (SELECT id FROM bulk WHERE ward_id = ?1 AND made_at < ?2)",
		"i", "");
	static const struct sql Q = SQL_WARD("DELETE FROM bulk WHERE ward_id = ?1 AND made_at < ?2", "i", "");
	(void)ctx;
	enum rc rc = sql_run(tx, &Q_ITEMS, BIND(v_int(tx_now(tx) - KEPT_US)), NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q_GONE, BIND(v_int(tx_now(tx) - KEPT_US)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(tx_now(tx) - KEPT_US)), NULL, f) : rc;
}

static enum rc sweep(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	return store_write(app_flow(app)->store, job->ward, a, sweep_tx, NULL, f);
}

const struct job_kind DESK_JOBS[] = {
	{.name = "desk.bulk",
	 .run = bulk_job,
	 .attempts = 10,
	 .lease_us = 10 * US_MINUTE,
	 .help = "goes on with a step that was asked for on several cases"},
	{.name = "desk.sweep",
	 .run = sweep,
	 .attempts = 5,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_HOUR,
	 .help = "forgets what was asked for on several cases a day ago"},
	{0},
};
