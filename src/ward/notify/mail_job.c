/* net.mail: tells one reporter that something moved. */
#include "kit/base/log.h"
#include "ward/notify/notify_private.h"

struct mailing {
	const struct notify *n;
	const struct ward *ward;
	struct contact c;
	char link[MAIL_LINK_TEXT + 1], token[33];
	enum smtp_end end;
};

/* What there is to tell, and the link that will tell it. RC_NONE: nothing. */
static enum rc begin(struct tx *tx, void *ctx, struct fault *f)
{
	struct mailing *m = ctx;
	struct keys *keys = m->n->flow->keys;
	struct case_id of = m->c.of;
	enum rc rc = contact_get(tx, keys, of, &m->c, f);
	if (rc != RC_OK)
		return rc;
	if (m->c.failing || m->c.sent_seq >= m->c.moved_seq)
		return RC_NONE;
	rc = token_make(keys, m->ward->id, m->c.id, m->token, f);
	return rc == RC_OK ? mail_link_put(tx, keys, of, m->link, f) : rc;
}

static enum rc finish(struct tx *tx, void *ctx, struct fault *f)
{
	const struct mailing *m = ctx;
	struct keys *keys = m->n->flow->keys;
	enum rc rc = RC_OK;
	switch (m->end) {
	case SMTP_sent:
		rc = mail_link_sent(tx, keys, m->c.of, m->link, f);
		return rc == RC_OK ? contact_sent(tx, &m->c, f) : rc;
	case SMTP_no_such:
		rc = contact_fail(tx, m->c.id, f);
		if (rc == RC_NONE)
			rc = RC_OK;                    /* deleted meanwhile */
		return rc == RC_OK ? mail_link_drop(tx, keys, m->link, f) : rc;
	case SMTP_unsure:
		return RC_OK;                      /* it may be out: the link stays good for its days */
	case SMTP_refused:
	case SMTP_later:
		break;
	}
	return mail_link_drop(tx, keys, m->link, f);
}

enum rc mail_allowed(const struct notify *n, const struct ward *ward, struct fault *f)
{
	bool loopback;
	if (n->mail.url[0] == '\0')
		return fault_set(f, RC_REFUSED, "kept back: no mail server is set (mail_url)");
	if (!mail_url_read(str_of(n->mail.url), &loopback))
		return fault_set(f, RC_REFUSED, "kept back: mail_url is no address of a mail server");
	if (ward->demo && !loopback)
		return fault_set(f, RC_REFUSED, "kept back: a demo ward sends no mail to outside");
	return RC_OK;
}

/* "xom+TOKEN@example.vn" of "xom@example.vn". */
static struct str envelope_from(struct arena *a, const struct mailing *m)
{
	struct str from = str_of(m->n->mail.from), local = str_cut(&from, '@');
	return arena_fmt(a, "%.*s+%s@%.*s", PSTR(local), m->token, PSTR(from));
}

static enum rc send(struct mailing *m, struct arena *a, struct fault *f)
{
	struct buf message = {0};
	int64_t now = clock_now(m->n->flow->clock);
	enum rc rc = letter_compose(a, m->n, m->ward, &m->c, m->link, now, &message, f);
	if (rc == RC_OK)
		m->end = smtp_send(m->n, envelope_from(a, m), m->c.address, buf_str(&message), f);
	buf_release(&message);
	return rc;
}

enum rc mail_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct mailing m = {.n = app_notify(app), .end = SMTP_later};
	struct store *store = m.n->flow->store;
	struct fault later = {0};
	m.ward = ward_by_id(m.n->flow->places, job->ward);
	if (m.ward == NULL || !str_i64(job->payload, &m.c.of.v))
		return fault_set(f, RC_REFUSED, "not a job of a ward's case");
	mail_link_draw(m.link);
	enum rc rc = mail_allowed(m.n, m.ward, f);
	if (rc == RC_OK)
		rc = store_write(store, job->ward, a, begin, &m, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	enum rc sent = send(&m, a, &later);
	rc = store_write(store, job->ward, a, finish, &m, f);
	if (m.end == SMTP_no_such)
		log_info("mail", "an address is refused for good: nothing more is sent to it");
	if (rc != RC_OK || m.end == SMTP_sent || m.end == SMTP_no_such)
		return rc;
	if (f != NULL)
		*f = later;
	return sent != RC_OK ? sent : m.end == SMTP_refused ? RC_REFUSED : RC_IO;
}

const struct job_kind NOTIFY_JOBS[] = {
	{.name = "net.mail",
	 .run = mail_job,
	 .attempts = 48,
	 .lease_us = 5 * US_MINUTE,
	 .from_us = MAIL_FROM_US,
	 .until_us = MAIL_UNTIL_US,
	 .help = "tells a reporter who left an address that something moved"},
	{.name = "net.heads",
	 .run = heads_mail_job,
	 .attempts = 48,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_DAY,
	 .from_us = MAIL_FROM_US,
	 .until_us = MAIL_UNTIL_US,
	 .help = "mails the daily heads, once a week, to the address that the ward keeps for oversight"},
	{.name = "notify.bounces",
	 .run = bounces_job,
	 .attempts = 3,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_MINUTE,
	 .help = "reads what came back from the Maildir of mail_bounces"},
	{0},
};
