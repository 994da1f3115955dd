/* What a daily head is over besides cases and looks: chains whose rows are only added to. Of each the end of
 * the day is signed; whatever was changed, taken out or put in before it leads to another end. */
#include "ward/flow/flow_private.h"

struct chain_sql {
	bool by_day;                  /* its rows have a day; the others a moment */
	struct sql end, at;
};

/* From a chain's end backwards: without the + an index by time would be taken, and all of it be sorted. */
static const struct chain_sql CHAINS[HEAD_CHAIN_COUNT] = {
	[HEAD_log] = {false,
		SQL_WARD("SELECT seq, hash FROM admin_log WHERE ward_id = ?1 AND +at < ?2 ORDER BY seq DESC LIMIT 1", "i", "ib"),
		SQL_WARD("SELECT hash FROM admin_log WHERE ward_id = ?1 AND seq = ?2", "i", "b")},
	[HEAD_deletions] = {true,
		SQL_WARD("SELECT n, hash FROM deletion WHERE ward_id = ?1 AND +day <= ?2 ORDER BY n DESC LIMIT 1", "i", "ib"),
		SQL_WARD("SELECT hash FROM deletion WHERE ward_id = ?1 AND n = ?2", "i", "b")},
	[HEAD_second] = {true,
		SQL_WARD("SELECT n, hash FROM second_act WHERE ward_id = ?1 AND +day <= ?2 ORDER BY n DESC LIMIT 1", "i", "ib"),
		SQL_WARD("SELECT hash FROM second_act WHERE ward_id = ?1 AND n = ?2", "i", "b")},
};

struct str head_chain_row(struct arena *a, enum head_chain c, int64_t n)
{
	switch (c) {
	case HEAD_log: return arena_fmt(a, "row %lld of the administrators' log", (long long)n);
	case HEAD_deletions: return arena_fmt(a, "deletion %lld", (long long)n);
	case HEAD_second: return arena_fmt(a, "act %lld of the second organisation", (long long)n);
	case HEAD_CHAIN_unset:
	case HEAD_CHAIN_COUNT: break;
	}
	BUG("there is no chain %d", (int)c);
}

enum rc head_chain_ends(struct tx *tx, int32_t day, struct chain_end out[HEAD_CHAIN_COUNT], struct fault *f)
{
	enum rc rc = RC_OK;
	for (enum head_chain c = HEAD_log; rc == RC_OK && c < HEAD_CHAIN_COUNT; c++) {
		struct rows r;
		out[c] = (struct chain_end){0};
		rc = sql_one(tx, &CHAINS[c].end, &r, BIND(v_int(CHAINS[c].by_day ? day : day_start(day + 1))), f);
		if (rc == RC_NONE)
			rc = RC_OK;
		else if (rc == RC_OK) {
			bool ok = hash_from(row_str(&r, 1), &out[c].hash);
			out[c].seq = row_int(&r, 0);
			rows_end(&r);
			rc = ok ? RC_OK : fault_set(f, RC_CORRUPT, "%.*s: its hash is not one",
			                            PSTR(head_chain_row(tx_arena(tx), c, out[c].seq)));
		}
	}
	return rc;
}

enum rc head_chain_write(struct tx *tx, int32_t day, const struct chain_end ends[HEAD_CHAIN_COUNT], struct fault *f)
{
	/* Rows of a day without its head are nobody's: the head's own row says whether the day has one. */
	static const struct sql Q = SQL_WARD(
		"INSERT INTO head_chain (ward_id, day, chain, seq, hash) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (ward_id, day, chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash", "iiib", "");
	enum rc rc = RC_OK;
	for (enum head_chain c = HEAD_log; rc == RC_OK && c < HEAD_CHAIN_COUNT; c++)
		rc = sql_run(tx, &Q, BIND(v_int(day), v_int(c), v_int(ends[c].seq), v_blob(hash_str(&ends[c].hash))), NULL, f);
	return rc;
}

enum rc head_chain_read(struct tx *tx, int32_t day, struct chain_end out[HEAD_CHAIN_COUNT], struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT chain, seq, hash FROM head_chain WHERE ward_id = ?1 AND day = ?2 ORDER BY chain", "i", "iib");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(day)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		int64_t c = row_int(&r, 0);
		if (c > HEAD_CHAIN_unset && c < HEAD_CHAIN_COUNT && hash_from(row_str(&r, 2), &out[c].hash))
			out[c].seq = row_int(&r, 1);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc head_chain_same(struct tx *tx, enum head_chain c, const struct chain_end *end, bool *same, struct fault *f)
{
	struct rows r;
	struct hash there;
	*same = end->seq == 0;
	if (*same)
		return RC_OK;
	enum rc rc = sql_one(tx, &CHAINS[c].at, &r, BIND(v_int(end->seq)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*same = hash_from(row_str(&r, 0), &there) && hash_eq(&there, &end->hash);
	rows_end(&r);
	return RC_OK;
}
