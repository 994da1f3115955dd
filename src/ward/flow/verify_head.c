/* The daily heads: each is signed, follows the one before, and every chain end that it names is
 * still there. This is what finds a tail that was cut off. */
#include <inttypes.h>

#include "kit/base/text.h"
#include "ward/flow/verify.h"

enum { HEADS_SLICE = 8 };

struct one_head {
	struct head_row row;
	struct hash digest;
	int key_no;
	struct str public_key, signature;
	bool ok;
};

static struct one_head head_read(struct rows *r)
{
	struct one_head h = {
		.row = {.version = (int)row_int(r, 10), .day = (int32_t)row_int(r, 0), .ends = row_int(r, 1),
		        .look_seq = row_int(r, 2)},
		.key_no = (int)row_int(r, 7),
		.public_key = row_str(r, 8),
		.signature = row_str(r, 9),
	};
	h.ok = hash_from(row_str(r, 3), &h.row.look_hash) &&
	       hash_from(row_str(r, 4), &h.row.definitions) && hash_from(row_str(r, 5), &h.row.prev) &&
	       hash_from(row_str(r, 6), &h.digest) && h.public_key.n == 32 && h.signature.n == 64;
	return h;
}

/* By the key in the folder, not only by the one in the row: who can write rows could sign with
 * another. */
static bool signed_well(struct verify *v, const struct one_head *h)
{
	struct key seed;
	struct sign_key sign;
	char name[32];
	if (keys_find(v->w->keys, head_key_name(v->ward, name), h->key_no, &seed, NULL) != RC_OK)
		return false;
	sign_key_from_seed(&sign, &seed);
	return str_eq(h->public_key, str_n((const char *)sign.public, sizeof sign.public)) &&
	       sign_verify(sign.public, &h->digest, (const uint8_t *)h->signature.p);
}

static enum rc check_ends(struct verify *v, struct tx *tx, int32_t day, const char *name,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT e.case_id, e.seq FROM head_end e LEFT JOIN timeline t ON t.ward_id = e.ward_id"
		" AND t.case_id = e.case_id AND t.seq = e.seq AND t.hash = e.hash"
		" WHERE e.ward_id = ?1 AND e.day = ?2 AND t.seq IS NULL ORDER BY e.case_id",
		"i", "ii");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(day)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		verify_fault(v, "case %" PRId64 ": entry %" PRId64 " is not what the head of %s signed",
		             row_int(&r, 0), row_int(&r, 1), name);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc check_look(struct verify *v, struct tx *tx, const struct one_head *h,
                          const char *name, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT hash FROM look WHERE ward_id = ?1 AND seq = ?2", "i", "b");
	struct rows r;
	struct hash there;
	if (h->row.look_seq == 0)
		return RC_OK;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(h->row.look_seq)), f);
	bool same = false;
	if (rc == RC_OK) {
		same = hash_from(row_str(&r, 0), &there) && hash_eq(&there, &h->row.look_hash);
		rows_end(&r);
	}
	if (rc >= RC_OK && !same)
		verify_fault(v, "look %" PRId64 " is not what the head of %s signed", h->row.look_seq,
		             name);
	return rc < RC_OK ? rc : RC_OK;
}

static enum rc check_chains(struct verify *v, struct tx *tx, const struct one_head *h, const char *name,
                            struct fault *f)
{
	enum rc rc = RC_OK;
	for (enum head_chain c = HEAD_log; rc == RC_OK && h->row.version != 1 && c < HEAD_CHAIN_COUNT; c++) {
		const struct chain_end *end = &h->row.chains[c];
		bool same = false;
		rc = head_chain_same(tx, c, end, &same, f);
		if (rc == RC_OK && !same)
			verify_fault(v, "%.*s is not what the head of %s signed", PSTR(head_chain_row(tx_arena(tx), c, end->seq)), name);
	}
	return rc;
}

static enum rc check_head(struct verify *v, struct tx *tx, struct one_head *h,
                          struct fault *f)
{
	const char *name = text_day_iso(tx_arena(tx), h->row.day).p;
	struct hash digest;
	v->out->heads++;
	if (!h->ok) {
		verify_fault(v, "head of %s: a hash is not one", name);
		return RC_OK;
	}
	if (h->row.version < 1 || h->row.version > HEAD_VERSION) {
		verify_fault(v, "head of %s: of a form that this program doesn't know", name);
		return RC_OK;
	}
	if (h->row.version < v->head_version)
		verify_fault(v, "head of %s: of an older form than the one before", name);
	v->head_version = h->row.version;
	if (v->after != 0 && h->row.day != v->after + 1)
		verify_fault(v, "head of %s: there is none of the day before", name);
	if (!hash_eq(&h->row.prev, &v->hash))
		verify_fault(v, "head of %s: does not follow the one before", name);
	enum rc rc = h->row.version != 1 ? head_chain_read(tx, h->row.day, h->row.chains, f) : RC_OK;
	if (rc == RC_OK)
		rc = head_digest(tx, &h->row, &digest, f);
	if (rc != RC_OK)
		return rc;
	if (!hash_eq(&digest, &h->digest))
		verify_fault(v, "head of %s: its digest is not that of what it names", name);
	if (!signed_well(v, h))
		verify_fault(v, "head of %s: not signed by the ward's key", name);
	if (!v->looks_only)
		rc = check_ends(v, tx, h->row.day, name, f);
	if (rc == RC_OK)
		rc = check_chains(v, tx, h, name, f);
	return rc == RC_OK ? check_look(v, tx, h, name, f) : rc;
}

enum rc verify_heads(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day, ends, look_seq, look_hash, definitions, prev, digest, key_no, public_key,"
		" signature, version FROM head WHERE ward_id = ?1 AND day > ?2 ORDER BY day LIMIT ?3",
		"ii", "iiibbbbibbi");
	struct verify *v = ctx;
	struct rows r;
	struct one_head heads[HEADS_SLICE];
	size_t n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(v->after), v_int(HEADS_SLICE)), f);
	while (rc == RC_OK && n < HEADS_SLICE && (rc = rows_next(&r, f)) == RC_OK)
		heads[n++] = head_read(&r);
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		rc = check_head(v, tx, &heads[i], f);
		v->after = heads[i].row.day;
		v->hash = heads[i].digest;
	}
	v->more = n == HEADS_SLICE;
	return rc;
}
