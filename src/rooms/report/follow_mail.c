/* The address for mails on the opened receipt: left, and erased. */
#include "rooms/report/report.h"

#include "kit/base/log.h"
#include "ward/flow/erase.h"

struct mailing {
	struct request *q;
	struct case_id id;
	struct str address;           /* empty: erase what is there */
};

static enum rc mail_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct mailing *m = ctx;
	const struct flow *w = &m->q->app->flow;
	struct ward_case c;
	if (m->address.n == 0) {
		enum rc rc = contact_erase(tx, w, m->id, STR(CONTACT_BY_REPORTER), f);
		return rc == RC_NONE ? RC_OK : rc; /* a second tap */
	}
	enum rc rc = case_get(tx, w, m->id, &c, f);
	return rc == RC_OK ? contact_put(tx, w, &c, m->address, m->q->lang, f) : rc;
}

static enum rc mail_finish(struct request *q, struct reply *r, struct mailing *m, const char *done,
                           struct fault *f)
{
	struct fault late = {0};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, mail_tx, m, f);
	if (rc != RC_OK)
		return rc;
	/* It is erased; the list outside the database is written again at night and at every start. */
	if (deletions_flush(&q->app->flow, q->ward->id, &late) != RC_OK)
		log_fault("report", "writing the deletion list", &late);
	reply_redirect(q, r, request_link(q, "/receipt?done=%s#mail", done));
	return RC_OK;
}

enum rc follow_mail(struct request *q, struct reply *r, struct fault *f)
{
	struct follow_draft draft = {0};
	struct mailing m = {.q = q};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : follow_sealed(q, &m.id, f);
	if (rc != RC_OK)
		return rc;
	if (!mail_offered(q))
		return RC_NONE;
	rc = mail_read(q, &m.address, &draft.mail, &draft.mail_error);
	if (rc == RC_OK)
		return mail_finish(q, r, &m, "mail", f);
	if (rc == RC_NONE)
		draft.mail_error = request_text(q, "follow.mail.missing");
	return follow_show(q, r, m.id, &draft, f);
}

enum rc follow_mail_delete(struct request *q, struct reply *r, struct fault *f)
{
	struct mailing m = {.q = q};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : follow_sealed(q, &m.id, f);
	return rc == RC_OK ? mail_finish(q, r, &m, "unmail", f) : rc;
}
