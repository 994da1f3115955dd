/* The daily head of a ward: a signed digest over the chain ends that changed that day, the end of
 * the look chain, the ends of what administrators did, of what was erased and of what the second organisation
 * signed (head_chain.c), the live definitions, and the head before. */
#include <inttypes.h>

#include "ward/flow/flow_private.h"

const char *head_key_name(struct ward_id ward, char out[32])
{
	(void)snprintf(out, 32, "head.%" PRId64, ward.v);
	return out;
}

void head_begin(struct hasher *h, struct ward_id ward, const struct head_row *r)
{
	hasher_init(h, NULL, r->version == 1 ? "xom head 1" : "xom head 2");
	hasher_i64(h, ward.v);
	hasher_i64(h, r->day);
	hasher_str(h, hash_str(&r->prev));
	hasher_str(h, hash_str(&r->definitions));
	hasher_i64(h, r->look_seq);
	hasher_str(h, hash_str(&r->look_hash));
	for (enum head_chain c = HEAD_log; r->version != 1 && c < HEAD_CHAIN_COUNT; c++) {
		hasher_i64(h, c);
		hasher_i64(h, r->chains[c].seq);
		hasher_str(h, hash_str(&r->chains[c].hash));
	}
	hasher_i64(h, r->ends);
}

void head_add(struct hasher *h, struct case_id c, int64_t seq, struct str hash)
{
	hasher_i64(h, c.v);
	hasher_i64(h, seq);
	hasher_str(h, hash);
}

enum rc head_collect(struct tx *tx, int32_t day, int64_t from, int64_t to, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO head_end (ward_id, day, case_id, seq, hash)"
		" SELECT t.ward_id, ?2, t.case_id, t.seq, t.hash FROM timeline t"
		" WHERE t.ward_id = ?1 AND t.at >= ?3 AND t.at < ?4 AND NOT EXISTS"
		" (SELECT 1 FROM timeline n WHERE n.ward_id = t.ward_id AND n.case_id = t.case_id"
		" AND n.seq = t.seq + 1 AND n.at < ?5)"
		" ON CONFLICT (ward_id, day, case_id) DO NOTHING",
		"iiii", "");
	return sql_run(tx, &Q, BIND(v_int(day), v_int(from), v_int(to), v_int(day_start(day + 1))),
	               NULL, f);
}

static enum rc head_before(struct tx *tx, int32_t day, struct hash *prev, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day, digest FROM head WHERE ward_id = ?1 ORDER BY day DESC LIMIT 1", "", "ib");
	struct rows r;
	*prev = (struct hash){{0}};
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	bool ok = hash_from(row_str(&r, 1), prev);
	int64_t last = row_int(&r, 0);
	rows_end(&r);
	if (!ok)
		return fault_set(f, RC_CORRUPT, "the last head's digest is not a hash");
	return last >= day ? fault_set(f, RC_EXISTS, "the day has its head") : RC_OK;
}

static enum rc count_ends(struct tx *tx, int32_t day, int64_t *n, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT COUNT(*) FROM head_end WHERE ward_id = ?1 AND day = ?2", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(day)), f);
	if (rc == RC_OK) {
		*n = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc head_digest(struct tx *tx, const struct head_row *row, struct hash *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id, seq, hash FROM head_end WHERE ward_id = ?1 AND day = ?2 ORDER BY case_id",
		"i", "iib");
	struct hasher h;
	struct rows r;
	head_begin(&h, tx_ward(tx), row);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(row->day)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		head_add(&h, (struct case_id){row_int(&r, 0)}, row_int(&r, 1), row_str(&r, 2));
	rows_end(&r);
	*out = hasher_end(&h);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc head_make(struct tx *tx, const struct flow *w, int32_t day, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO head (ward_id, day, ends, look_seq, look_hash, definitions, prev, digest,"
		" key_no, public_key, signature, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		"iiibbbbibbi", "");
	struct head_row row = {.version = HEAD_VERSION, .day = day, .definitions = procedures_hash(w->procedures, day)};
	struct hash digest;
	struct key seed;
	struct sign_key sign;
	uint8_t sig[64];
	int key_no = 0;
	char name[32];
	if (day >= day_of(tx_now(tx)))
		return fault_set(f, RC_INVALID, "the day is not over");
	enum rc rc = head_before(tx, day, &row.prev, f);
	if (rc == RC_OK)
		rc = head_collect(tx, day, day_start(day), day_start(day + 1), f);
	if (rc == RC_OK)
		rc = count_ends(tx, day, &row.ends, f);
	if (rc == RC_OK)
		rc = look_end(tx, day_start(day + 1), &row.look_seq, &row.look_hash, f);
	if (rc == RC_OK)
		rc = head_chain_ends(tx, day, row.chains, f);
	if (rc == RC_OK)
		rc = head_chain_write(tx, day, row.chains, f);
	if (rc == RC_OK)
		rc = head_digest(tx, &row, &digest, f);
	if (rc == RC_OK)
		rc = keys_current(w->keys, head_key_name(tx_ward(tx), name), &key_no, &seed, f);
	if (rc != RC_OK)
		return rc;
	sign_key_from_seed(&sign, &seed);
	sign_hash(&sign, &digest, sig);
	return sql_run(tx, &Q,
	               BIND(v_int(day), v_int(row.ends), v_int(row.look_seq),
	                    v_blob(hash_str(&row.look_hash)), v_blob(hash_str(&row.definitions)),
	                    v_blob(hash_str(&row.prev)), v_blob(hash_str(&digest)), v_int(key_no),
	                    v_blob(str_n((const char *)sign.public, sizeof sign.public)),
	                    v_blob(str_n((const char *)sig, sizeof sig)), v_int(row.version)),
	               NULL, f);
}

enum rc head_key_ready(const struct flow *w, struct ward_id ward, struct fault *f)
{
	char name[32];
	struct key seed;
	return keys_current(w->keys, head_key_name(ward, name), NULL, &seed, f);
}
