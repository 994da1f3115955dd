/* Making a quarter's transparency page once, keeping it, signing it. */
#include <string.h>

#include "ward/figure/transparency.h"

const struct schema_step TRANSPARENCY_SCHEMA[] = {
	{"transparency-0001",
	 "-- The transparency page of a quarter: its bytes (JSON) as they were made, and their signature with the\n"
	 "-- key of the daily heads. Never changed; what was corrected is a new number.\n"
	 "CREATE TABLE transparency (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  quarter @day NOT NULL,\n"
	 "  number @int NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  body @text NOT NULL,\n"
	 "  key_no @int NOT NULL,\n"
	 "  public_key @blob NOT NULL,\n"
	 "  signature @blob NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, quarter, number)\n"
	 ");\n"
	 "-- What was erased in a quarter, by rule.\n"
	 "CREATE INDEX deletion_day ON deletion (ward_id, day, rule);\n"},
	{0},
};

struct making {
	const struct flow *w;
	const struct ward *ward;
	struct transparency *t;
	struct arena *a;
	int32_t day;
	bool first;
};

static enum rc day_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct making *k = ctx;
	return transparency_day(tx, k->day, k->t, k->a, f);
}

static enum rc quarter_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct making *k = ctx;
	k->t->made_day = day_of(tx_now(tx));
	if (k->t->made_day < k->t->quarter.to)
		return fault_set(f, RC_INVALID, "the quarter is not over");
	return transparency_quarter(tx, k->t, k->a, f);
}

static enum rc last_number(struct tx *tx, const struct period *q, int *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COALESCE(MAX(number), 0) FROM transparency WHERE ward_id = ?1 AND quarter = ?2", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(q->from)), f);
	if (rc != RC_OK)
		return rc;
	*out = (int)row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

static enum rc keep_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO transparency (ward_id, quarter, number, made_at, body, key_no, public_key, signature)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		"iiitibb", "");
	struct making *k = ctx;
	struct transparency *t = k->t;
	int last;
	enum rc rc = last_number(tx, &t->quarter, &last, f);
	if (rc == RC_OK && k->first && last > 0)
		return RC_EXISTS;         /* another server's night was quicker */
	if (rc != RC_OK)
		return rc;
	t->number = last + 1;
	t->body = transparency_write(k->a, t);
	struct hash h = transparency_hash(t->body);
	rc = ward_sign(k->w, tx_ward(tx), &h, &t->signature, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q,
		             BIND(v_int(t->quarter.from), v_int(t->number), v_int(tx_now(tx)), v_text(t->body),
		                  v_int(t->signature.key_no),
		                  v_blob(str_n((const char *)t->signature.public_key, sizeof t->signature.public_key)),
		                  v_blob(str_n((const char *)t->signature.signature, sizeof t->signature.signature))),
		             NULL, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

enum rc transparency_make(const struct flow *w, const struct ward *ward, const struct period *quarter,
                          bool first, struct transparency *out, struct arena *a, struct fault *f)
{
	struct making k = {.w = w, .ward = ward, .t = out, .a = a, .first = first};
	struct arena slice;
	*out = (struct transparency){.ward = ward->slug, .quarter = *quarter};
	if (quarter->kind != PERIOD_quarter || day_of(clock_now(w->clock)) < quarter->to)
		return fault_set(f, RC_INVALID, "the quarter is not over");
	arena_init(&slice, ARENA_REQUEST_LIMIT);
	enum rc rc = RC_OK;
	for (k.day = quarter->from; rc == RC_OK && k.day < quarter->to; k.day++) {
		arena_reset(&slice);
		rc = store_read(w->store, ward->id, &slice, day_tx, &k, f);
	}
	if (rc == RC_OK)
		rc = store_read(w->store, ward->id, &slice, quarter_tx, &k, f);
	if (rc == RC_OK)
		rc = store_write(w->store, ward->id, &slice, keep_tx, &k, f);
	arena_release(&slice);
	if (rc == RC_OK)
		flow_changed(ward->id);
	return rc;
}

/* ---------------------------------------------------------------- reading */

enum rc transparency_get(struct tx *tx, const struct period *quarter, int number, struct transparency *out,
                         struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT body, key_no, public_key, signature FROM transparency WHERE ward_id = ?1 AND quarter = ?2"
		" AND (?3 = 0 OR number = ?3) ORDER BY number DESC LIMIT 1",
		"ii", "tibb");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(quarter->from), v_int(number)), f);
	if (rc != RC_OK)
		return rc;
	struct str body = row_str(&r, 0), key = row_str(&r, 2), signature = row_str(&r, 3);
	struct ward_signature s = {.key_no = (int)row_int(&r, 1)};
	rows_end(&r);
	struct hash h = transparency_hash(body);
	if (key.n == sizeof s.public_key && signature.n == sizeof s.signature) {
		memcpy(s.public_key, key.p, key.n);
		memcpy(s.signature, signature.p, signature.n);
	}
	if (!sign_verify(s.public_key, &h, s.signature))
		return fault_set(f, RC_CORRUPT, "a transparency page is not what was signed");
	rc = transparency_read(tx_arena(tx), body, out, f);
	out->signature = s;
	return rc == RC_OK ? rc : fault_set(f, RC_CORRUPT, "a transparency page can't be read");
}

enum rc transparency_list(struct tx *tx, struct transparency_entry *out, size_t max, size_t *count,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT quarter, MAX(number), MAX(made_at) FROM transparency WHERE ward_id = ?1 GROUP BY quarter"
		" ORDER BY quarter DESC LIMIT ?2",
		"i", "iii");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int((int64_t)max)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK)
		out[(*count)++] = (struct transparency_entry){period_of(PERIOD_quarter, (int32_t)row_int(&r, 0)),
		                                              (int)row_int(&r, 1), day_of(row_int(&r, 2))};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- figure.transparency */

struct asked {
	struct period quarter;
	int32_t first;
	int number;
};

static enum rc first_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *k = ctx;
	return tally_first(tx, &k->first, f);
}

static enum rc number_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *k = ctx;
	return last_number(tx, &k->quarter, &k->number, f);
}

/* From the quarter of the ward's first case on, so that none is left out after a night that failed; each after
 * its edition, of which it takes the kinds that are not listed. */
static enum rc transparencies(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	const struct flow *w = app_flow(app);
	const struct ward *ward = ward_by_id(w->places, job->ward);
	struct asked k = {0};
	struct transparency made;
	int32_t today = day_of(clock_now(w->clock));
	if (ward == NULL)
		return RC_OK;
	enum rc rc = store_read(w->store, job->ward, a, first_tx, &k, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	k.quarter = period_of(PERIOD_quarter, k.first);
	for (; rc == RC_OK && k.quarter.to <= today; k.quarter = period_after(&k.quarter)) {
		rc = store_read(w->store, job->ward, a, number_tx, &k, f);
		if (rc != RC_OK || k.number > 0)
			continue;
		rc = transparency_make(w, ward, &k.quarter, true, &made, a, f);
		rc = rc == RC_EXISTS ? RC_OK : rc;
	}
	return rc;
}

const struct job_kind TRANSPARENCY_JOBS[] = {
	{.name = "figure.transparency",
	 .run = transparencies,
	 .attempts = 20,
	 .lease_us = US_HOUR,
	 .every_us = US_DAY,
	 .at_us = US_HOUR,
	 .help = "makes and signs the transparency page of each quarter that is over and has none"},
	{0},
};
