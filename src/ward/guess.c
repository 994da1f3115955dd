#include "ward/guess.h"

const struct schema_step GUESS_SCHEMA[] = {
	{"guess-0001",
	 "-- How often somebody failed at a code or a password within the last hour; key: a keyed hash of it.\n"
	 "CREATE TABLE guess (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  key @blob NOT NULL,\n"
	 "  failures @int NOT NULL,\n"
	 "  last_at @time NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, key)\n"
	 ");\n"
	 "-- What is over is taken out, oldest first.\n"
	 "CREATE INDEX guess_over ON guess (ward_id, last_at, key);\n"},
	{0},
};

struct guessing {
	struct hash key;
	bool failed;
	struct guess_count n;
	int64_t slice, gone;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT failures, last_at FROM guess WHERE ward_id = ?1 AND key = ?2", "b", "ii");
	struct guessing *g = ctx;
	struct rows r;
	g->n = (struct guess_count){0};
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_blob(hash_str(&g->key))), f);
	if (rc == RC_NONE)
		return RC_OK;
	if (rc == RC_OK) {
		g->n = (struct guess_count){.failures = (uint32_t)row_int(&r, 0), .last_at = row_int(&r, 1)};
		rows_end(&r);
	}
	return rc;
}

static enum rc over_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"DELETE FROM guess WHERE ward_id = ?1 AND key IN (SELECT key FROM guess WHERE ward_id = ?1"
		" AND last_at < ?2 ORDER BY last_at, key LIMIT ?3)", "ii", "");
	struct guessing *g = ctx;
	return sql_run(tx, &Q, BIND(v_int(tx_now(tx) - US_HOUR), v_int(g->slice)), &g->gone, f);
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql PUT = SQL_WARD(
		"INSERT INTO guess (ward_id, key, failures, last_at) VALUES (?1, ?2, ?3, ?4)"
		" ON CONFLICT (ward_id, key) DO UPDATE SET failures = excluded.failures,"
		" last_at = excluded.last_at", "bii", "");
	static const struct sql DROP = SQL_WARD("DELETE FROM guess WHERE ward_id = ?1 AND key = ?2", "b", "");
	struct guessing *g = ctx;
	struct val key = v_blob(hash_str(&g->key));
	if (!g->failed)
		return sql_run(tx, &DROP, BIND(key), NULL, f);
	enum rc rc = read_tx(tx, g, f);
	if (rc != RC_OK)
		return rc;
	guess_count_add(&g->n, tx_now(tx));
	rc = sql_run(tx, &PUT, BIND(key, v_int(g->n.failures), v_int(g->n.last_at)), NULL, f);
	return rc == RC_OK ? over_tx(tx, g, f) : rc;
}

enum rc guess_count_read(struct request *q, const struct hash *key, struct guess_count *out,
                         struct fault *f)
{
	struct guessing g = {.key = *key};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &g, f);
	*out = g.n;
	return rc;
}

enum rc guess_count_write(struct request *q, const struct hash *key, bool failed, struct fault *f)
{
	struct guessing g = {.key = *key, .failed = failed, .slice = 20};
	return store_write(q->app->store, q->ward->id, q->arena, write_tx, &g, f);
}

enum rc guess_forget(struct store *s, struct ward_id ward, struct arena *a, struct fault *f)
{
	struct guessing g = {.slice = 500, .gone = 1};
	enum rc rc = RC_OK;
	while (rc == RC_OK && g.gone > 0)
		rc = store_write(s, ward, a, over_tx, &g, f);
	return rc;
}
