/* Between the files of ward/notify; nobody else includes it. */
#ifndef XOM_NOTIFY_PRIVATE_H
#define XOM_NOTIFY_PRIVATE_H

#include "ward/notify/notify.h"

/* --- contact.c --- */
struct contact {                  /* for the moment of sending */
	struct case_id of;
	int64_t id;                   /* random; another address has another one */
	struct str address;
	enum lang lang;
	bool failing;
	int64_t moved_seq, sent_seq;  /* the entry to tell of, and the last that was told */
};
/* RC_NONE: there is none. */
enum rc contact_get(struct tx *tx, struct keys *k, struct case_id c, struct contact *out,
                    struct fault *f);
enum rc contact_sent(struct tx *tx, const struct contact *c, struct fault *f);
/* RC_NONE: no such address (any more). */
enum rc contact_fail(struct tx *tx, int64_t id, struct fault *f);

/* --- link.c --- */
enum { MAIL_LINK_BYTES = 16, MAIL_LINK_TEXT = 22 };
void mail_link_draw(char out[MAIL_LINK_TEXT + 1]);
/* Writes the link down; it is not the newest yet. */
enum rc mail_link_put(struct tx *tx, struct keys *k, struct case_id c, const char *link,
                      struct fault *f);
/* It was sent: the newest from now on, and the others get their end. */
enum rc mail_link_sent(struct tx *tx, struct keys *k, struct case_id c, const char *link,
                       struct fault *f);
/* It never left. */
enum rc mail_link_drop(struct tx *tx, struct keys *k, const char *link, struct fault *f);

/* --- token.c --- */
/* What a bounce is known by, and the Message-ID: both say nothing without the key "mail". */
enum rc token_make(struct keys *k, struct ward_id ward, int64_t contact, char out[33],
                   struct fault *f);
/* The contact that the token is of. RC_NONE: it was not made here. */
enum rc token_read(struct keys *k, struct ward_id ward, const char token[33], int64_t *contact,
                   struct fault *f);
enum rc message_id(struct keys *k, struct ward_id ward, int64_t contact, int64_t seq, char out[33],
                   struct fault *f);

/* --- compose.c --- */
struct letter {
	struct str from_name, from, to, subject, text, message_id, stop_url;
	int64_t at;
};
/* A whole message, CRLF, for SMTP's DATA. RC_INVALID: a line break in what stands in a header. */
enum rc letter_write(struct buf *out, const struct letter *l, struct fault *f);
/* The neutral one. */
enum rc letter_compose(struct arena *a, const struct notify *n, const struct ward *ward,
                       const struct contact *c, const char *link, int64_t now, struct buf *out,
                       struct fault *f);

/* A ward's first page: the ward's name where there are several, the language but for Vietnamese. */
struct str ward_url(struct arena *a, const struct notify *n, const struct ward *ward, enum lang lang);

/* --- smtp.c --- */
enum smtp_end {
	SMTP_sent = 1,
	SMTP_no_such,                 /* the address is refused for good */
	SMTP_refused,                 /* the message is */
	SMTP_later,                   /* not taken: another time */
	SMTP_unsure,                  /* perhaps taken: the line broke in the middle */
};
/* The fault says what went wrong without the address or anything the server said. */
enum smtp_end smtp_send(const struct notify *n, struct str envelope_from, struct str to,
                        struct str message, struct fault *f);

/* --- mail_job.c, heads_mail.c, bounce.c --- */
job_fn mail_job, heads_mail_job, bounces_job;
/* RC_REFUSED: no mail leaves from here, or not from this ward. */
enum rc mail_allowed(const struct notify *n, const struct ward *ward, struct fault *f);
#define HEADS_MAIL_SETTING "oversight_mail"   /* the ward's setting (ward/ward_setting.h) */

#endif
