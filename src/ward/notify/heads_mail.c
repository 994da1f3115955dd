/* net.heads: the daily heads, once a week, to the address that the ward keeps for oversight. Held outside, they
 * show what anybody rewrites later, even with the server's key. */
#include "kit/base/text.h"
#include "ward/flow/heads.h"
#include "ward/notify/notify_private.h"

enum { WEEK = 7, DAYS_TOLD = 14, DAYS_MOST = 100 };

struct heads_mail {
	const struct notify *n;
	const struct ward *ward;
	int32_t today, mailed;        /* the day of the last mail; 0: there was none */
	struct ward_head *list;
	size_t count;
};

static enum rc begin(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT mailed_day FROM head_mail WHERE ward_id = ?1", "", "i");
	struct heads_mail *k = ctx;
	struct rows r;
	k->today = day_of(tx_now(tx));
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc == RC_OK) {
		k->mailed = (int32_t)row_int(&r, 0);
		rows_end(&r);
	}
	if (rc < RC_OK)
		return rc;
	if (k->mailed != 0 && k->today - k->mailed < WEEK)
		return RC_NONE;
	/* The week before once more: one mail may be lost. */
	int32_t from = k->mailed != 0 && k->mailed - WEEK < k->today - DAYS_TOLD ? k->mailed - WEEK
	                                                                         : k->today - DAYS_TOLD;
	if (k->today - from > DAYS_MOST)
		from = k->today - DAYS_MOST;
	rc = head_list(tx, from, k->today - 1, DAYS_MOST, &k->list, &k->count, f);
	return rc == RC_OK && k->count == 0 ? RC_NONE : rc;
}

static enum rc finish(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO head_mail (ward_id, mailed_day) VALUES (?1, ?2)"
		" ON CONFLICT (ward_id) DO UPDATE SET mailed_day = excluded.mailed_day",
		"i", "");
	const struct heads_mail *k = ctx;
	return sql_run(tx, &Q, BIND(v_int(k->today)), NULL, f);
}

static enum rc compose(const struct heads_mail *k, struct arena *a, struct str to, struct buf *out,
                       struct fault *f)
{
	const struct notify *n = k->n;
	struct buf lines = {0};
	char id[33];
	enum rc rc = message_id(n->flow->keys, k->ward->id, -1, k->today, id, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < k->count; i++)
		buf_addf(&lines, "%.*s %s %s\n", PSTR(k->ward->slug), text_day_iso(a, k->list[i].day).p,
		         hex_of(a, hash_str(&k->list[i].digest)).p);
	struct str told = arena_take(a, &lines), home = ward_url(a, n, k->ward, LANG_vi);
	struct str url = arena_fmt(a, "%.*s/transparency/check", PSTR(home));
	const struct letter l = {
		.from_name = po_text(n->po, LANG_vi, "mail.from"),
		.from = str_of(n->mail.from),
		.to = to,
		.subject = arena_fmt(a, "%.*s: %.*s", PSTR(po_text(n->po, LANG_vi, "mail.heads.subject")),
		                     PSTR(k->ward->name)),
		.text = arena_fmt(a, "%.*s\n\n%.*s\n%.*s\n%.*s\n\n%.*s\n%.*s/en/transparency/check\n",
		                  PSTR(po_text(n->po, LANG_vi, "mail.heads.text")), PSTR(told),
		                  PSTR(po_text(n->po, LANG_vi, "mail.heads.check")), PSTR(url),
		                  PSTR(po_text(n->po, LANG_en, "mail.heads.text")),
		                  PSTR(home)),
		.message_id = str_of(id),
		.at = clock_now(n->flow->clock),
	};
	return letter_write(out, &l, f);
}

enum rc heads_mail_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct heads_mail k = {.n = app_notify(app)};
	const struct flow *w = k.n->flow;
	struct buf message = {0};
	k.ward = ward_by_id(w->places, job->ward);
	if (k.ward == NULL)
		return RC_OK;
	struct str to = ward_value(w->places, job->ward, STR(HEADS_MAIL_SETTING));
	if (to.n == 0)
		return RC_OK;
	enum rc rc = store_read(w->store, job->ward, a, begin, &k, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	rc = mail_allowed(k.n, k.ward, f);
	if (rc == RC_OK)
		rc = compose(&k, a, to, &message, f);
	enum smtp_end end = rc == RC_OK ? smtp_send(k.n, str_of(k.n->mail.from), to, buf_str(&message), f) : SMTP_later;
	buf_release(&message);
	if (rc != RC_OK)
		return rc;
	switch (end) {
	case SMTP_sent: return store_write(w->store, job->ward, a, finish, &k, f);
	case SMTP_no_such:
	case SMTP_refused: return RC_REFUSED;
	case SMTP_later:
	case SMTP_unsure: break;
	}
	return RC_IO;
}
