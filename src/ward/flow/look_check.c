/* The proof of the looks, and with them of what those who are watched did, asked for on a page: walked by a job, since
 * a ward has millions of them. */
#include "ward/flow/deletion.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/looks.h"

#define JOB "flow.looks"
enum { SAID_MOST = 20 };

enum rc look_check_last(struct tx *tx, struct look_check *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT asked_at, done_at, looks, heads, faults, said FROM look_check WHERE ward_id = ?1"
		" ORDER BY n DESC LIMIT 1",
		"", "iIiiit");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	*out = (struct look_check){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3),
	                           row_int(&r, 4), row_str(&r, 5)};
	rows_end(&r);
	return RC_OK;
}

enum rc look_check_ask(struct tx *tx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO look_check (ward_id, n, asked_at, done_at, looks, heads, faults, said)"
		" SELECT ?1, COALESCE(MAX(n), 0) + 1, ?2, NULL, 0, 0, 0, '' FROM look_check WHERE ward_id = ?1",
		"i", "");
	struct look_check last;
	enum rc rc = look_check_last(tx, &last, f);
	if (rc == RC_OK && last.done_at == 0 && tx_now(tx) - last.asked_at < US_HOUR)
		return RC_OK;
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	rc = sql_run(tx, &Q, BIND(v_int(tx_now(tx))), NULL, f);
	return rc == RC_OK ? outbox_put(tx, JOB, 0, STR("asked"), STR_EMPTY, f) : rc;
}

struct check_work {
	struct verify_report report;
	struct buf said;
	int lines;
};

static void keep_line(void *ctx, const char *line)
{
	struct check_work *k = ctx;
	if (k->lines++ < SAID_MOST)
		buf_addf(&k->said, "%s\n", line);
}

/* Every one that waits is answered: an older one whose server was ended, too. */
static enum rc check_done(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE look_check SET done_at = ?2, looks = ?3, heads = ?4, faults = ?5, said = ?6"
		" WHERE ward_id = ?1 AND done_at IS NULL",
		"iiiit", "");
	const struct check_work *k = ctx;
	return sql_run(tx, &Q,
	               BIND(v_int(tx_now(tx)), v_int(k->report.looks), v_int(k->report.heads),
	                    v_int(k->report.faults), v_text(k->said.n > 0 ? buf_str(&k->said) : STR_EMPTY)),
	               NULL, f);
}

enum rc look_check_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	const struct flow *w = app_flow(app);
	struct check_work k = {0};
	struct acts_report acts = {0};
	struct deletion_report deleted = {0};
	enum rc rc = looks_verify(w, job->ward, keep_line, &k, &k.report, f);
	if (rc == RC_OK)
		rc = acts_verify(w, job->ward, keep_line, &k, &acts, f);
	if (rc == RC_OK)
		rc = deletions_verify(w, job->ward, false, keep_line, &k, &deleted, f);
	k.report.faults += acts.log_faults + acts.second_faults + deleted.faults;
	if (rc == RC_OK)
		rc = store_write(w->store, job->ward, a, check_done, &k, f);
	buf_release(&k.said);
	return rc;
}
