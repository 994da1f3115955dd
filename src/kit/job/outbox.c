#include "kit/job/outbox.h"

#include <string.h>

#include "kit/base/hash.h"

const struct schema_step JOB_SCHEMA[] = {
	{"job-0001",
	 "-- What must happen later, written with its cause. state: 1 waits until due_at, 2 runs under\n"
	 "-- the lease that ends at due_at, 3 dead letter.\n"
	 "CREATE TABLE outbox(ward_id @id NOT NULL, id @id NOT NULL, kind @text NOT NULL,\n"
	 "  dedup @text NOT NULL, payload @blob NOT NULL, state @int NOT NULL, due_at @time NOT NULL,\n"
	 "  attempts @int NOT NULL, lease @id NOT NULL, error @text NOT NULL,\n"
	 "  PRIMARY KEY(ward_id, id));\n"
	 "-- One waiting job for one thing.\n"
	 "CREATE UNIQUE INDEX outbox_dedup ON outbox(ward_id, kind, dedup)\n"
	 "  WHERE state = 1 AND dedup <> '';\n"
	 "-- The runner asks what is due first, over all wards.\n"
	 "CREATE INDEX outbox_due ON outbox(due_at, id) WHERE state < 3;\n"
	 "-- The operator's list of dead letters.\n"
	 "CREATE INDEX outbox_dead ON outbox(ward_id, id) WHERE state = 3;\n"},
	{"job-0002",
	 "-- lane: 0 what this machine does alone, 1 what waits for another machine (job.h, \"net.\").\n"
	 "ALTER TABLE outbox ADD COLUMN lane @int NOT NULL DEFAULT 0;\n"
	 "-- What is due first in a lane, however much waits in the other.\n"
	 "CREATE INDEX outbox_lane ON outbox(lane, due_at, id) WHERE state < 3;\n"
	 "-- Each lane's own takes its place.\n"
	 "DROP INDEX outbox_due;\n"},
	{0},
};

#define EVERY STR("every") /* dedup of a recurring kind's row */
#define BACKOFF_FIRST (5 * US_SECOND)
#define BACKOFF_MOST US_HOUR

const struct job_kind *job_kind_find(const struct job_kind *const *kinds, struct str name)
{
	for (; *kinds != NULL; kinds++)
		for (const struct job_kind *k = *kinds; k->name != NULL; k++)
			if (str_is(name, k->name))
				return k;
	return NULL;
}

bool job_kind_recurs(const struct job_kind *k) { return k->every_us > 0 || k->at_us > 0; }

int64_t job_kind_next(const struct job_kind *k, int64_t now)
{
	if (k->at_us == 0)
		return now + k->every_us;
	int64_t at = day_start(day_of(now)) + k->at_us;
	return at > now ? at : at + US_DAY;
}

int64_t job_kind_window(const struct job_kind *k, int64_t now)
{
	if (k->until_us == 0)
		return now;
	int64_t start = day_start(day_of(now));
	if (now < start + k->from_us)
		return start + k->from_us;
	return now < start + k->until_us ? now : start + US_DAY + k->from_us;
}

static int lane_of(struct str kind)
{
	return str_starts(kind, STR("net.")) ? JOB_LANE_net : JOB_LANE_own;
}

/* 5 s, 10 s, 20 s … an hour, a quarter more or less, so that what failed together does not come
 * back together. */
int64_t job_backoff(int attempt, uint32_t dice)
{
	int64_t wait = BACKOFF_FIRST;
	for (int i = 1; i < attempt && wait < BACKOFF_MOST; i++)
		wait *= 2;
	if (wait > BACKOFF_MOST)
		wait = BACKOFF_MOST;
	return wait - wait / 4 + (int64_t)((double)dice / 4294967296.0 * (double)(wait / 2));
}

/* An id of the usual make (base/ids): the milliseconds of the transaction and 22 random bits. A
 * clash is a clash of the primary key. */
static int64_t new_id(const struct tx *tx)
{
	uint32_t low;
	random_bytes(&low, sizeof low);
	return ((tx_now(tx) - id_at(0)) / 1000) << 22 | (low & ((1u << 22) - 1));
}

static enum rc insert(struct tx *tx, struct str kind, int64_t due_at, struct str dedup,
                      struct str payload, struct fault *f)
{
	static const struct sql put = SQL_WARD(
		"INSERT INTO outbox(ward_id, id, kind, dedup, payload, state, due_at, attempts, lease, error, "
		"lane) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, 0, 0, '', ?7) "
		"ON CONFLICT(ward_id, kind, dedup) WHERE state = 1 AND dedup <> '' DO NOTHING", "ittbii", "");
	enum rc rc = RC_EXISTS;
	for (int i = 0; i < 8 && rc == RC_EXISTS; i++)
		rc = sql_run(tx, &put, BIND(v_int(new_id(tx)), v_text(kind), v_text(dedup), v_blob(payload),
		                            v_int(due_at > 0 ? due_at : tx_now(tx)), v_int(lane_of(kind))),
		             NULL, f);
	return rc == RC_EXISTS ? fault_set(f, RC_DB, "no free id for a job") : rc;
}

enum rc outbox_put(struct tx *tx, const char *kind, int64_t due_at, struct str dedup,
                   struct str payload, struct fault *f)
{
	return insert(tx, str_of(kind), due_at, dedup, payload, f);
}

enum rc outbox_cancel(struct tx *tx, const char *kind, struct str dedup, struct fault *f)
{
	static const struct sql drop = SQL_WARD(
		"DELETE FROM outbox WHERE ward_id = ?1 AND kind = ?2 AND dedup = ?3 AND state = 1", "tt", "");
	return sql_run(tx, &drop, BIND(v_text(str_of(kind)), v_text(dedup)), NULL, f);
}

enum rc outbox_ensure(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql have = SQL_WARD(
		"SELECT count(*) FROM outbox WHERE ward_id = ?1 AND kind = ?2 AND dedup = ?3 AND state < 3",
		"tt", "i");
	const struct job_kind *k = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &have, &r, BIND(v_text(str_of(k->name)), v_text(EVERY)), f);
	if (rc != RC_OK)
		return rc;
	bool there = row_int(&r, 0) > 0;
	rows_end(&r);
	if (there)
		return RC_OK;
	int64_t due = k->at_us > 0 ? job_kind_next(k, tx_now(tx)) : tx_now(tx);
	return insert(tx, str_of(k->name), due, EVERY, STR_EMPTY, f);
}

enum rc outbox_due(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql due = SQL_GLOBAL(
		"SELECT id FROM outbox WHERE lane = ?1 AND state < 3 AND due_at <= ?2 LIMIT 1", "ii", "i");
	const struct claim *c = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &due, &r, BIND(v_int(c->lane), v_int(tx_now(tx))), f);
	rows_end(&r);
	return rc;
}

static enum rc set_state(struct tx *tx, const struct job *j, enum outbox_state state, int64_t due,
                         int64_t attempts, int64_t lease, struct str error, struct fault *f)
{
	static const struct sql set = SQL_GLOBAL(
		"UPDATE outbox SET state = ?3, due_at = ?4, attempts = ?5, lease = ?6, error = ?7 "
		"WHERE ward_id = ?1 AND id = ?2", "iiiiiit", "");
	return sql_run(tx, &set, BIND(v_int(j->ward.v), v_int(j->id), v_int(state), v_int(due),
	                              v_int(attempts), v_int(lease), v_text(error)), NULL, f);
}

/* Of a recurring kind one dead letter is kept, the newest: its row comes back every time. */
static enum rc bury(struct tx *tx, const struct job *j, const struct job_kind *k, struct str error,
                    struct fault *f)
{
	static const struct sql old = SQL_GLOBAL(
		"DELETE FROM outbox WHERE ward_id = ?1 AND kind = ?2 AND dedup = ?3 AND state = 3", "itt", "");
	enum rc rc = RC_OK;
	if (k != NULL && job_kind_recurs(k))
		rc = sql_run(tx, &old, BIND(v_int(j->ward.v), v_text(j->kind), v_text(EVERY)), NULL, f);
	if (rc == RC_OK)
		rc = set_state(tx, j, OUTBOX_DEAD, tx_now(tx), j->attempt, 0, error, f);
	return rc;
}

static enum rc drop(struct tx *tx, const struct job *j, struct fault *f)
{
	static const struct sql gone = SQL_GLOBAL("DELETE FROM outbox WHERE ward_id = ?1 AND id = ?2",
	                                          "ii", "");
	return sql_run(tx, &gone, BIND(v_int(j->ward.v), v_int(j->id)), NULL, f);
}

enum rc outbox_claim(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql first = SQL_GLOBAL(
		"SELECT ward_id, id, kind, payload, attempts FROM outbox "
		"WHERE lane = ?1 AND state < 3 AND due_at <= ?2 ORDER BY due_at, id LIMIT 1", "ii", "iitbi");
	struct claim *c = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &first, &r, BIND(v_int(c->lane), v_int(tx_now(tx))), f);
	if (rc != RC_OK)
		return rc;
	struct job *j = &c->job;
	c->postponed = false;
	*j = (struct job){.ward = {row_int(&r, 0)}, .id = row_int(&r, 1), .kind = row_str(&r, 2),
	                  .payload = row_str(&r, 3), .attempt = (int)row_int(&r, 4)};
	rows_end(&r);
	c->kind = job_kind_find(c->kinds, j->kind);
	/* What is due and was never ended (a crash, a lease outrun) counts as an attempt. */
	const char *why = c->kind == NULL ? "no part of this program knows the kind"
	                  : j->attempt >= c->kind->attempts ? "its last run did not end" : NULL;
	if (why != NULL) {
		c->kind = NULL;
		return bury(tx, j, job_kind_find(c->kinds, j->kind), str_of(why), f);
	}
	int64_t opens = job_kind_window(c->kind, tx_now(tx));
	if (opens > tx_now(tx)) {
		c->kind = NULL;
		c->postponed = true;
		rc = set_state(tx, j, OUTBOX_WAITING, opens, j->attempt, 0, STR_EMPTY, f);
		return rc == RC_EXISTS ? drop(tx, j, f) : rc;
	}
	j->attempt++;
	c->lease = new_id(tx);
	return set_state(tx, j, OUTBOX_RUNNING, tx_now(tx) + c->kind->lease_us, j->attempt, c->lease,
	                 STR_EMPTY, f);
}

enum rc outbox_finish(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql held = SQL_GLOBAL(
		"SELECT dedup FROM outbox WHERE ward_id = ?1 AND id = ?2 AND state = 2 AND lease = ?3", "iii",
		"t");
	const struct finish *end = ctx;
	const struct job *j = &end->claim->job;
	const struct job_kind *k = end->claim->kind;
	struct rows r;
	enum rc rc = sql_one(tx, &held, &r, BIND(v_int(j->ward.v), v_int(j->id),
	                                         v_int(end->claim->lease)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_CHANGED, "the lease of a %s ran out", k->name) : rc;
	bool every = str_eq(row_str(&r, 0), EVERY) && job_kind_recurs(k);
	rows_end(&r);
	if (end->rc == RC_OK && !every)
		return drop(tx, j, f);
	if (end->rc == RC_OK)
		rc = set_state(tx, j, OUTBOX_WAITING, job_kind_next(k, tx_now(tx)), 0, 0, STR_EMPTY, f);
	else if (j->attempt >= k->attempts || end->rc == RC_REFUSED)
		return bury(tx, j, k, end->error, f);
	else {
		uint32_t dice;
		random_bytes(&dice, sizeof dice);
		rc = set_state(tx, j, OUTBOX_WAITING, tx_now(tx) + job_backoff(j->attempt, dice), j->attempt,
		               0, end->error, f);
	}
	/* The same thing was asked for again meanwhile and waits: that one will do it. */
	return rc == RC_EXISTS ? drop(tx, j, f) : rc;
}

enum rc outbox_count(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql alive = SQL_GLOBAL(
		"SELECT count(*), coalesce(sum(CASE WHEN due_at < ?1 THEN 1 ELSE 0 END), 0) FROM outbox "
		"WHERE state < 3", "i", "ii");
	static const struct sql dead = SQL_GLOBAL("SELECT count(*) FROM outbox WHERE state = 3", "", "i");
	struct outbox_counts *n = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &alive, &r, BIND(v_int(tx_now(tx) - 10 * US_MINUTE)), f);
	if (rc != RC_OK)
		return rc;
	n->waiting = row_int(&r, 0);
	n->late = row_int(&r, 1);
	rows_end(&r);
	rc = sql_one(tx, &dead, &r, NO_BIND, f);
	if (rc == RC_OK)
		n->dead = row_int(&r, 0);
	rows_end(&r);
	return rc;
}

static const char *const STATES[] = {"", "waiting", "running", "dead"};

enum rc job_list(struct tx *tx, struct str state, size_t limit, struct job_row **rows,
                 size_t *count, struct fault *f)
{
	static const struct sql list = SQL_WARD(
		"SELECT id, due_at, attempts, kind, state, error FROM outbox WHERE ward_id = ?1 "
		"AND (?2 = 0 OR state = ?2) ORDER BY id DESC LIMIT ?3", "ii", "iiitit");
	int64_t wanted = 0;
	*rows = NULL;
	*count = 0;
	while (wanted < 4 && !str_is(state, STATES[wanted]))
		wanted++;
	if (wanted == 4)
		return fault_set(f, RC_INVALID, "no state of a job: %.*s", PSTR(state));
	if (limit > 1000)
		limit = 1000;
	struct job_row *out = arena_array(tx_arena(tx), limit, sizeof *out);
	struct rows r;
	enum rc rc = sql_rows(tx, &list, &r, BIND(v_int(wanted), v_int((int64_t)limit)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		out[(*count)++] = (struct job_row){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2),
		                                   row_str(&r, 3), str_of(STATES[row_int(&r, 4)]),
		                                   row_str(&r, 5)};
	rows_end(&r);
	*rows = out;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc job_retry(struct tx *tx, int64_t id, struct fault *f)
{
	static const struct sql again = SQL_WARD(
		"UPDATE outbox SET state = 1, due_at = ?3, attempts = 0, error = '' "
		"WHERE ward_id = ?1 AND id = ?2 AND state = 3", "ii", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &again, BIND(v_int(id), v_int(tx_now(tx))), &changed, f);
	return rc == RC_OK && changed == 0 ? fault_set(f, RC_NONE, "no dead letter has this id") : rc;
}
