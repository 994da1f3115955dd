#include "ward/people/admin_log.h"

#include "kit/base/text.h"

enum { SUBJECT_CHARS = 200, DETAIL_CHARS = 1000 };

static const char *const NAMES[ACT_COUNT] = {
	[ACT_unset] = "",
#define X(name, number) [ACT_##name] = #name,
	ADMIN_ACT_TABLE(X)
#undef X
};

const char *admin_act_name(enum admin_act a) { return a > ACT_unset && a < ACT_COUNT ? NAMES[a] : ""; }

static struct hash entry_hash(struct ward_id ward, const struct admin_entry *e, const struct hash *prev)
{
	struct hasher h;
	hasher_init(&h, NULL, "xom admin log 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, e->seq);
	hasher_str(&h, hash_str(prev));
	hasher_i64(&h, e->at);
	hasher_i64(&h, e->account.v);
	hasher_i64(&h, e->act);
	hasher_str(&h, e->subject);
	hasher_str(&h, e->detail);
	return hasher_end(&h);
}

static enum rc chain_end(struct tx *tx, int64_t *seq, struct hash *end, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT seq, hash FROM admin_log WHERE ward_id = ?1 ORDER BY seq DESC LIMIT 1", "", "ib");
	struct rows r;
	*seq = 0;
	*end = (struct hash){{0}};
	enum rc rc = sql_one(tx, &q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*seq = row_int(&r, 0);
	bool ok = hash_from(row_str(&r, 1), end);
	rows_end(&r);
	return ok ? RC_OK : fault_set(f, RC_CORRUPT, "the end of the administrators' log is no hash");
}

enum rc admin_log_add(struct tx *tx, struct account_id who, enum admin_act act, struct str subject,
                      struct str detail, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"INSERT INTO admin_log (ward_id, seq, at, account_id, act, subject, detail, hash) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", "iiIittb", "");
	struct hash prev;
	struct admin_entry e = {.at = tx_now(tx), .account = who, .act = act};
	enum rc rc = text_clean(tx_arena(tx), subject, TEXT_LINE, SUBJECT_CHARS, &e.subject);
	if (rc == RC_OK || rc == RC_TOO_BIG)
		rc = text_clean(tx_arena(tx), detail, TEXT_LINE, DETAIL_CHARS, &e.detail);
	if (rc == RC_TOO_BIG) {
		e.detail = str_sub(e.detail, 0, DETAIL_CHARS);
		while (e.detail.n > 0 && !text_utf8_ok(e.detail))
			e.detail.n--;
		rc = RC_OK;
	}
	if (rc != RC_OK)
		return fault_set(f, RC_INVALID, "the log takes UTF-8 alone");
	rc = chain_end(tx, &e.seq, &prev, f);
	if (rc != RC_OK)
		return rc;
	e.seq++;
	struct hash h = entry_hash(tx_ward(tx), &e, &prev);
	return sql_run(tx, &q, BIND(v_int(e.seq), v_int(e.at), v_int0(who.v), v_int(act),
	                            v_text(e.subject), v_text(e.detail), v_blob(hash_str(&h))), NULL, f);
}

enum rc admin_log_list(struct tx *tx, int64_t before, enum admin_act act, struct str subject,
                       size_t limit, struct admin_entry **out, size_t *count, bool *more,
                       struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT l.seq, l.at, l.account_id, a.name, l.act, l.subject, l.detail FROM admin_log l "
		"LEFT JOIN account a ON a.id = l.account_id WHERE l.ward_id = ?1 AND l.seq < ?2 "
		"AND (?3 = 0 OR l.act = ?3) AND (?4 = '' OR l.subject = ?4) "
		"ORDER BY l.seq DESC LIMIT ?5", "iiti", "iiITitt");
	struct rows r;
	struct admin_entry *list = arena_array(tx_arena(tx), limit + 1, sizeof *list);
	size_t n = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(before > 0 ? before : INT64_MAX), v_int(act),
	                                       v_text(subject), v_int((int64_t)limit + 1)), f);
	while (rc == RC_OK && n <= limit && (rc = rows_next(&r, f)) == RC_OK) {
		int64_t number = row_int(&r, 4);
		list[n++] = (struct admin_entry){
			.seq = row_int(&r, 0), .at = row_int(&r, 1), .account = {row_int(&r, 2)},
			.name = row_str(&r, 3),
			.act = number > 0 && number < ACT_COUNT ? (enum admin_act)number : ACT_unset,
			.subject = row_str(&r, 5), .detail = row_str(&r, 6)};
	}
	rows_end(&r);
	*more = n > limit;
	*count = n > limit ? limit : n;
	*out = list;
	return rc == RC_NONE ? RC_OK : rc;
}

static void not_written(struct tx *tx, struct admin_log_walk *w, const struct admin_entry *e)
{
	w->faults++;
	if (w->say == NULL)
		return;
	w->say(w->ctx, (e->seq != w->after + 1
	                ? arena_fmt(tx_arena(tx), "row %lld of the administrators' log follows row %lld",
	                            (long long)e->seq, (long long)w->after)
	                : arena_fmt(tx_arena(tx), "row %lld of the administrators' log: the chain is broken",
	                            (long long)e->seq)).p);
}

enum rc admin_log_verify(struct tx *tx, struct admin_log_walk *w, struct fault *f)
{
	enum { SLICE = 500 };
	static const struct sql q = SQL_WARD(
		"SELECT seq, at, account_id, act, subject, detail, hash FROM admin_log WHERE ward_id = ?1 AND seq > ?2 "
		"ORDER BY seq LIMIT ?3", "ii", "iiIittb");
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(w->after), v_int(SLICE)), f);
	while (rc == RC_OK && n < SLICE && (rc = rows_next(&r, f)) == RC_OK) {
		const struct admin_entry e = {.seq = row_int(&r, 0), .at = row_int(&r, 1),
		                              .account = {row_int(&r, 2)},
		                              .act = (enum admin_act)row_int(&r, 3),
		                              .subject = row_str(&r, 4), .detail = row_str(&r, 5)};
		struct hash h = entry_hash(tx_ward(tx), &e, &w->hash), stored = {{0}};
		if (!hash_from(row_str(&r, 6), &stored) || !hash_eq(&h, &stored) || e.seq != w->after + 1)
			not_written(tx, w, &e);
		w->after = e.seq;         /* go on from what stands there: one fault, not a hundred */
		w->hash = stored;
		n++;
	}
	rows_end(&r);
	w->rows += (int64_t)n;
	w->more = n == SLICE;
	return rc == RC_NONE ? RC_OK : rc;
}
