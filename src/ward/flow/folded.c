/* Folded receipts: rows. What they are for stands in folded.h. */
#include "ward/flow/folded.h"

#include <sodium.h>

#include "ward/flow/flow_private.h"
#include "ward/flow/receipt_private.h"

enum { DRAWS = 64, SWEEP = 100 };

const char *const FOLDED_STATES[FOLDED_STATE_COUNT] = {
	[FOLDED_free] = "free", [FOLDED_mistyped] = "mistyped", [FOLDED_elsewhere] = "elsewhere",
	[FOLDED_unknown] = "unknown", [FOLDED_used] = "used", [FOLDED_expired] = "expired", [FOLDED_void_] = "void",
	[FOLDED_own] = "own",
};

static enum rc made_since(struct tx *tx, int64_t since, int64_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COALESCE(SUM(made), 0) FROM folded_batch WHERE ward_id = ?1 AND made_at > ?2", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(since)), f);
	if (rc != RC_OK)
		return rc;
	*n = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

/* A journey that nobody keeps: neither code nor PIN can be drawn a second time. */
static enum rc draw_one(struct tx *tx, const struct flow *w, struct str prefix, const struct key *key, int64_t batch,
                        struct receipt *out, struct fault *f)
{
	static const struct sql PUT = SQL_WARD(
		"INSERT INTO folded_receipt (ward_id, code, batch_id, pin_key, pin_hash, link_hash)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "tiibb", "");
	for (int i = 0; i < DRAWS; i++) {
		struct hash journey;
		struct receipt_kept kept;
		struct case_id c;
		random_bytes(&journey, sizeof journey);
		*out = (struct receipt){0};
		receipt_draw(key, prefix, moment_of(tx_now(tx)).date.year, &journey, 0, out);
		sodium_memzero(&journey, sizeof journey);
		enum rc rc = receipt_code_spent(tx, str_of(out->code), f);
		if (rc == RC_NONE)
			rc = receipt_case(tx, str_of(out->code), &c, f);
		if (rc < RC_OK)
			return rc;
		if (rc != RC_NONE)
			continue;
		rc = receipt_keep(tx, w->keys, out, &kept, f);
		return rc == RC_OK ? sql_run(tx, &PUT,
		                             BIND(v_text(str_of(out->code)), v_int(batch), v_int(kept.key_number),
		                                  v_blob(hash_str(&kept.pin)), v_blob(hash_str(&kept.link))),
		                             NULL, f)
		                   : rc;
	}
	return fault_set(f, RC_FAIL, "no free receipt code in %d draws", DRAWS);
}

enum rc folded_make(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                    const struct hash *journey, size_t n, struct receipt *out, struct folded_batch *batch,
                    struct fault *f)
{
	static const struct sql THERE = SQL_WARD("SELECT id FROM folded_batch WHERE ward_id = ?1 AND form = ?2", "b", "i");
	static const struct sql PUT = SQL_WARD(
		"INSERT INTO folded_batch (ward_id, id, account_id, form, number, made, used, made_at, expires_at)"
		" VALUES (?1, ?2, ?3, ?4, (SELECT COALESCE(MAX(b.number), 0) + 1 FROM folded_batch b WHERE b.ward_id = ?1),"
		" ?5, 0, ?6, ?7) RETURNING number", "iibiii", "i");
	struct hash form = receipt_form(journey);
	struct rows r;
	struct key key;
	int number;
	int64_t today = 0;
	if (!actor_may(who, PERM_case_work))
		return fault_set(f, RC_DENIED, "only who works cases prints folded receipts");
	if (n == 0 || n > FOLDED_ON_SHEET * FOLDED_SHEETS)
		return fault_set(f, RC_INVALID, "%zu folded receipts at once", n);
	enum rc rc = sql_one(tx, &THERE, &r, BIND(v_blob(hash_str(&form))), f);
	if (rc == RC_OK) {
		rows_end(&r);
		return RC_EXISTS;
	}
	rc = rc == RC_NONE ? made_since(tx, tx_now(tx) - US_DAY, &today, f) : rc;
	if (rc == RC_OK && today + (int64_t)n > FOLDED_A_DAY)
		return fault_set(f, RC_LIMIT, "%lld folded receipts within a day", (long long)today);
	if (rc == RC_OK)
		rc = keys_current(w->keys, "receipt", &number, &key, f);
	if (rc != RC_OK)
		return rc;
	*batch = (struct folded_batch){.id = idgen_next(w->ids), .account = who->account, .made = (int)n,
	                               .made_at = tx_now(tx),
	                               .expires_at = day_start(day_of(tx_now(tx)) + FOLDED_DAYS + 1)};
	rc = sql_one(tx, &PUT, &r,
	             BIND(v_int(batch->id), v_int(who->account.v), v_blob(hash_str(&form)), v_int(batch->made),
	                  v_int(batch->made_at), v_int(batch->expires_at)),
	             f);
	if (rc == RC_OK) {
		batch->number = row_int(&r, 0);
		rows_end(&r);
	}
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = draw_one(tx, w, ward->prefix, &key, batch->id, &out[i], f);
	sodium_memzero(&key, sizeof key);
	return rc;
}

enum rc folded_list(struct tx *tx, struct folded_batch **out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, account_id, made, used, made_at, expires_at, void_at, number FROM folded_batch WHERE ward_id = ?1"
		" ORDER BY made_at DESC, id DESC LIMIT ?2", "i", "iiiiiiIi");
	struct rows r;
	*n = 0;
	*out = arena_array(tx_arena(tx), FOLDED_LIST, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(FOLDED_LIST)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*n)++] = (struct folded_batch){
			.id = row_int(&r, 0), .account = {row_int(&r, 1)}, .made = (int)row_int(&r, 2),
			.used = (int)row_int(&r, 3), .made_at = row_int(&r, 4), .expires_at = row_int(&r, 5),
			.void_at = row_int(&r, 6), .number = row_int(&r, 7)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc folded_void(struct tx *tx, int64_t batch, int64_t *made_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE folded_batch SET void_at = COALESCE(void_at, ?3) WHERE ward_id = ?1 AND id = ?2 RETURNING made_at",
		"ii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(batch), v_int(tx_now(tx))), f);
	if (rc == RC_OK) {
		*made_at = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc folded_look(struct tx *tx, struct str prefix, struct str typed, struct account_id who, char code[16],
                    enum folded_state *state, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT b.account_id, b.expires_at, b.void_at FROM folded_receipt r JOIN folded_batch b ON b.ward_id = ?1"
		" AND b.id = r.batch_id WHERE r.ward_id = ?1 AND r.code = ?2", "t", "iiI");
	static const struct sql USED = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND id = ?2 AND channel = ?3", "it", "i");
	struct rows r;
	struct case_id c;
	*state = FOLDED_mistyped;
	if (code_read(typed, code) != RC_OK)
		return RC_OK;
	*state = FOLDED_elsewhere;
	if (!str_starts(str_of(code), prefix))
		return RC_OK;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(str_of(code))), f);
	if (rc == RC_OK) {
		*state = row_int(&r, 0) == who.v           ? FOLDED_own
		         : row_int(&r, 2) != 0             ? FOLDED_void_
		         : row_int(&r, 1) <= tx_now(tx)    ? FOLDED_expired
		                                           : FOLDED_free;
		rows_end(&r);
		return RC_OK;
	}
	if (rc != RC_NONE)
		return rc;
	/* Of a receipt that was no folded one nothing is told: it may be of a matter that who asks never hears of. */
	*state = FOLDED_unknown;
	rc = receipt_case_ever(tx, str_of(code), &c, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &USED, &r, BIND(v_int(c.v), v_text(STR("area"))), f);
	if (rc == RC_OK) {
		*state = FOLDED_used;
		rows_end(&r);
	}
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc folded_use(struct tx *tx, struct keys *k, const struct hash *journey, struct case_id c, struct str code,
                   struct receipt *out, struct fault *f)
{
	static const struct sql TAKE = SQL_WARD(
		"DELETE FROM folded_receipt WHERE ward_id = ?1 AND code = ?2 RETURNING batch_id, pin_key, pin_hash, link_hash",
		"t", "iibb");
	static const struct sql COUNT = SQL_WARD(
		"UPDATE folded_batch SET used = used + 1 WHERE ward_id = ?1 AND id = ?2 RETURNING account_id, made_at", "i", "ii");
	struct receipt_kept kept;
	struct rows r;
	int number;
	struct key key;
	int64_t changed = 0;
	enum rc rc = sql_one(tx, &TAKE, &r, BIND(v_text(code)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_STALE, "no folded receipt with that code waits") : rc;
	int64_t batch = row_int(&r, 0);
	kept.key_number = (int)row_int(&r, 1);
	bool fine = hash_from(row_str(&r, 2), &kept.pin) && hash_from(row_str(&r, 3), &kept.link);
	rows_end(&r);
	if (!fine)
		return fault_set(f, RC_CORRUPT, "a folded receipt is broken");
	rc = sql_one(tx, &COUNT, &r, BIND(v_int(batch)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_CORRUPT, "a folded receipt has no batch") : rc;
	struct account_id printer = {row_int(&r, 0)};
	int64_t printed_at = row_int(&r, 1);
	rows_end(&r);
	rc = keys_current(k, "receipt", &number, &key, f);
	sodium_memzero(&key, sizeof key);
	*out = (struct receipt){.case_id = c};
	(void)snprintf(out->code, sizeof out->code, "%.*s", PSTR(code));
	if (rc == RC_OK)
		rc = receipt_row_put(tx, out, journey, number, &kept, &changed, f);
	if (rc == RC_OK && changed == 0)
		rc = fault_set(f, RC_STALE, "the code is a receipt's already");
	return rc == RC_OK ? receipt_paper_put(tx, k, out, &kept, printer, printed_at, f) : rc;
}

enum rc folded_waits(struct tx *tx, struct keys *k, struct str code, struct str pin, bool *waits, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT r.pin_key, r.pin_hash FROM folded_receipt r JOIN folded_batch b ON b.ward_id = ?1 AND b.id = r.batch_id"
		" WHERE r.ward_id = ?1 AND r.code = ?2 AND b.void_at IS NULL AND b.expires_at > ?3", "ti", "ib");
	struct receipt_kept kept = {0};
	struct rows r;
	*waits = false;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(code), v_int(tx_now(tx))), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	kept.key_number = (int)row_int(&r, 0);
	bool fine = hash_from(row_str(&r, 1), &kept.pin);
	rows_end(&r);
	return fine ? receipt_pin_is(tx, k, code, pin, &kept, waits, f)
	            : fault_set(f, RC_CORRUPT, "a folded receipt is broken");
}

struct waiting {
	int64_t now;
	bool waits;
};

static void found_waiting(void *ctx, struct rows *r)
{
	struct waiting *w = ctx;
	w->waits = row_int(r, 0) > w->now;
}

enum rc folded_link_waits(struct tx *tx, struct keys *k, struct str link, bool *waits, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT b.expires_at FROM folded_receipt r JOIN folded_batch b ON b.ward_id = ?1 AND b.id = r.batch_id"
		" WHERE r.ward_id = ?1 AND r.link_hash = ?2 AND r.pin_key = ?3 AND b.void_at IS NULL", "bi", "i");
	struct waiting w = {.now = tx_now(tx)};
	enum rc rc = receipt_by_link(tx, k, link, &Q, found_waiting, &w, f);
	*waits = w.waits;
	return rc;
}

enum rc folded_forget(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql ROWS = SQL_WARD(
		"DELETE FROM folded_receipt WHERE ward_id = ?1 AND batch_id IN (SELECT id FROM folded_batch"
		" WHERE ward_id = ?1 AND made_at < ?2 ORDER BY made_at, id LIMIT ?3)", "ii", "");
	static const struct sql BATCHES = SQL_WARD(
		"DELETE FROM folded_batch WHERE ward_id = ?1 AND id IN (SELECT id FROM folded_batch"
		" WHERE ward_id = ?1 AND made_at < ?2 ORDER BY made_at, id LIMIT ?3)", "ii", "");
	int64_t before = tx_now(tx) - (FOLDED_DAYS + 1 + FOLDED_KEPT_DAYS) * US_DAY;
	(void)ctx;
	enum rc rc = sql_run(tx, &ROWS, BIND(v_int(before), v_int(SWEEP)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &BATCHES, BIND(v_int(before), v_int(SWEEP)), NULL, f) : rc;
}
