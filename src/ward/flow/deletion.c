/* Rows of the deletion list: the chain, its signatures. */
#include "ward/flow/deletion_private.h"

const struct schema_step DELETION_SCHEMA[] = {
	{"deletion-0001",
	 "-- What was erased by rule or by who asked for it; append-only, chained by `hash` and signed\n"
	 "-- (deletion.h). It names a case's code, what kind of thing went, and why; never what it said.\n"
	 "CREATE TABLE deletion (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  n @int NOT NULL,\n"
	 "  code @text NOT NULL,\n"
	 "  kind @text NOT NULL,\n"
	 "  rule @text NOT NULL,\n"
	 "  day @day NOT NULL,\n"
	 "  key_no @int NOT NULL,\n"
	 "  hash @blob NOT NULL,\n"
	 "  signature @blob NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, n)\n"
	 ");\n"},
	{0},
};

struct hash deletion_hash(struct ward_id ward, const struct hash *prev, const struct deletion *d)
{
	struct hasher h;
	hasher_init(&h, NULL, "xom deletion 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, d->n);
	hasher_str(&h, hash_str(prev));
	hasher_str(&h, d->code);
	hasher_str(&h, d->kind);
	hasher_str(&h, d->rule);
	hasher_i64(&h, d->day);
	return hasher_end(&h);
}

bool deletion_signed(const struct flow *w, struct ward_id ward, const struct deletion *d)
{
	struct key seed;
	struct sign_key sign;
	char name[32];
	if (keys_find(w->keys, head_key_name(ward, name), d->key_no, &seed, NULL) != RC_OK)
		return false;
	sign_key_from_seed(&sign, &seed);
	return sign_verify(sign.public, &d->hash, d->signature);
}

static enum rc insert(struct tx *tx, const struct deletion *d, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO deletion (ward_id, n, code, kind, rule, day, key_no, hash, signature)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		"itttiibb", "");
	enum rc rc = sql_run(tx, &Q,
	                     BIND(v_int(d->n), v_text(d->code), v_text(d->kind), v_text(d->rule),
	                          v_int(d->day), v_int(d->key_no), v_blob(hash_str(&d->hash)),
	                          v_blob(str_n((const char *)d->signature, sizeof d->signature))),
	                     NULL, f);
	return rc == RC_OK ? store_erased(tx, f) : rc;
}

/* The last line: its number and hash; 0 and zeros when there is none. */
static enum rc last(struct tx *tx, int64_t *n, struct hash *hash, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT n, hash FROM deletion WHERE ward_id = ?1 ORDER BY n DESC LIMIT 1", "", "ib");
	struct rows r;
	*n = 0;
	*hash = (struct hash){{0}};
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*n = row_int(&r, 0);
	bool ok = hash_from(row_str(&r, 1), hash);
	rows_end(&r);
	return ok ? RC_OK : fault_set(f, RC_CORRUPT, "the last deletion's hash is not one");
}

enum rc deletion_add(struct tx *tx, const struct flow *w, struct case_id c, struct str kind,
                     struct str rule, struct fault *f)
{
	char code[16];
	enum rc rc = receipt_first_code(tx, c, code, f);
	return rc == RC_OK ? deletion_add_code(tx, w, str_of(code), kind, rule, f) : rc;
}

enum rc deletion_add_code(struct tx *tx, const struct flow *w, struct str code, struct str kind,
                          struct str rule, struct fault *f)
{
	struct deletion d = {.code = code, .kind = kind, .rule = rule, .day = day_of(tx_now(tx))};
	struct hash prev;
	struct key seed;
	struct sign_key sign;
	char name[32];
	enum rc rc = last(tx, &d.n, &prev, f);
	if (rc == RC_OK)
		rc = keys_current(w->keys, head_key_name(tx_ward(tx), name), &d.key_no, &seed, f);
	if (rc != RC_OK)
		return rc;
	d.n++;
	d.hash = deletion_hash(tx_ward(tx), &prev, &d);
	sign_key_from_seed(&sign, &seed);
	sign_hash(&sign, &d.hash, d.signature);
	return insert(tx, &d, f);
}

enum rc deletion_take(struct tx *tx, const struct flow *w, const struct deletion *d,
                      struct fault *f)
{
	int64_t n;
	struct hash prev;
	enum rc rc = last(tx, &n, &prev, f);
	if (rc != RC_OK)
		return rc;
	struct hash h = deletion_hash(tx_ward(tx), &prev, d);
	if (d->n != n + 1 || !hash_eq(&h, &d->hash))
		return fault_set(f, RC_CORRUPT, "deletion %lld does not follow number %lld",
		                 (long long)d->n, (long long)n);
	if (!deletion_signed(w, tx_ward(tx), d))
		return fault_set(f, RC_CORRUPT, "deletion %lld is not signed by the ward's key",
		                 (long long)d->n);
	return insert(tx, d, f);
}

enum rc deletion_list(struct tx *tx, int64_t after, size_t limit, struct deletion **out,
                      size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT n, code, kind, rule, day, key_no, hash, signature FROM deletion"
		" WHERE ward_id = ?1 AND n > ?2 ORDER BY n LIMIT ?3",
		"ii", "itttiibb");
	struct deletion *list = arena_array(tx_arena(tx), limit, sizeof *list);
	struct rows r;
	*count = 0;
	*out = list;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(after), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct deletion *d = &list[(*count)++];
		struct str signature = row_str(&r, 7);
		*d = (struct deletion){
			.n = row_int(&r, 0),
			.code = row_str(&r, 1),
			.kind = row_str(&r, 2),
			.rule = row_str(&r, 3),
			.day = (int32_t)row_int(&r, 4),
			.key_no = (int)row_int(&r, 5),
		};
		if (!hash_from(row_str(&r, 6), &d->hash) || signature.n != sizeof d->signature)
			rc = fault_set(f, RC_CORRUPT, "deletion %lld: its hash or signature is not one",
			               (long long)d->n);
		else
			memcpy(d->signature, signature.p, sizeof d->signature);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
