/* "Something of yours moved": a mail to an address that only the machine uses (RIGHTS.md promise 3).
 *
 * The address lies in a row of its own, sealed under the key "contact", padded, and is opened for the
 * moment of sending alone: no function gives it out. Each mail brings a fresh link to the receipt,
 * kept as a keyed hash; the newest stays good, an older one for MAIL_LINK_DAYS, and all die with
 * the address. What is said is neutral: no kind, no place, no word of the case.
 *
 * A mail is a job "net.mail" per case, put in the transaction of the entry that moved it; what moves
 * again before it is sent goes into the same mail. It leaves between 7:00 and 21:00. The envelope's
 * sender carries a keyed token, so that a bounce finds its address without naming it.
 *
 * Files: contact.c the address and its rows; link.c the links; address.c what an address is;
 * compose.c the message; smtp.c sending it; mail_job.c the job; bounce_read.c and
 * bounce.c what comes back. */
#ifndef XOM_NOTIFY_NOTIFY_H
#define XOM_NOTIFY_NOTIFY_H

#include "kit/base/po.h"
#include "ward/flow/deletion.h"

extern const struct schema_step NOTIFY_SCHEMA[];
extern const struct job_kind NOTIFY_JOBS[];

enum { ADDRESS_MAX = 254, ADDRESS_LOCAL_MAX = 64, MAIL_LINK_DAYS = 30 };
#define MAIL_SETTLE_US (2 * US_MINUTE)     /* what moves again within it is in the same mail */
#define MAIL_FROM_US (7 * US_HOUR)         /* of the ward's day */
#define MAIL_UNTIL_US (21 * US_HOUR)

struct mail_settings {
	const char *url;              /* "smtp://mail.example.vn:587"; empty: no mail, nothing is offered */
	const char *from;             /* "xom@example.vn"; bounces come back to "xom+TOKEN@example.vn" */
	const char *user, *password_file; /* empty: no signing in */
	const char *ca;               /* file of certificates; empty: the system's */
	const char *tls;              /* "required"; "none" only on loopback */
	const char *bounces;          /* a Maildir that is read each minute; empty: none */
};
struct notify {
	const struct flow *flow;
	const struct po *po;
	const char *base_url;
	struct mail_settings mail;
	_Atomic bool stopping;        /* the program ends: a mail under way is broken off */
};
/* The one in struct app, for jobs; given by the floor above (ward/app.c). */
const struct notify *app_notify(const struct app *app);

/* --- address.c --- */
/* An address as people type it: blanks around it are taken off, the domain becomes small letters.
 * RC_INVALID: it is none (ASCII alone, one @, no quoted part, a domain with a dot); RC_REFUSED: an
 * identity number stands in it (RIGHTS.md, refused 6). */
enum rc address_read(struct arena *a, struct str typed, struct str *out);
/* Is it smtp:// or smtps:// with a host and, if wished, a port? *loopback: this machine. */
bool mail_url_read(struct str url, bool *loopback);

/* --- contact.c --- */
enum contact_state { CONTACT_none = 1, CONTACT_kept, CONTACT_failing };
/* Keeps the address for the case, in the place of the one that is there (which is erased). */
enum rc contact_put(struct tx *tx, const struct flow *w, const struct ward_case *c,
                    struct str address, enum lang lang, struct fault *f);
enum rc contact_state(struct tx *tx, struct case_id c, enum contact_state *out, struct fault *f);
/* Erases address and links, with a line in the deletion list (deletions_flush after the commit).
 * rule: CONTACT_RULE by night, CONTACT_BY_REPORTER. RC_NONE: there is none. */
enum rc contact_erase(struct tx *tx, const struct flow *w, struct case_id c, struct str rule,
                      struct fault *f);
#define CONTACT_KIND "contact"
#define CONTACT_RULE "keep.contact"
#define CONTACT_BY_REPORTER "reporter"
/* Cases whose address is past its last day, at most `limit`. */
enum rc contact_due(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
                    struct fault *f);
/* struct flow's `moved`: after each entry of the timeline, in its transaction. Of an entry of the case that it
 * follows one mail goes out, however often this is called. */
enum rc contact_moved(struct tx *tx, const struct flow *w, const struct ward_case *c, enum verb verb,
                      bool by_reporter, const struct lead_entry *of, struct fault *f);

/* --- link.c --- */
/* Opens the receipt by the link of a mail. RC_DENIED: unknown, past its time, or its address is gone. */
enum rc mail_link_open(struct tx *tx, struct keys *k, struct str link, struct case_id *out,
                       struct fault *f);
/* All of a case's: its address is gone, or its receipt was replaced. */
enum rc mail_link_erase(struct tx *tx, struct case_id c, struct fault *f);
/* Removes links that are past their time; with the night's erasing. */
enum rc mail_link_sweep(struct tx *tx, size_t limit, int64_t *gone, struct fault *f);

/* --- bounce.c --- */
/* What a returned message says. Token empty: it is about no mail of ours; hard: the address is
 * refused for good (Action: failed with Status: 5). */
struct bounce {
	char token[33];
	bool hard;
};
void bounce_read(struct str message, struct bounce *out);
/* Takes a returned message in: after a hard bounce nothing more is sent to that address.
 * RC_NONE: it is none, or of no address that is kept. */
enum rc bounce_take(const struct notify *n, struct str message, struct fault *f);
enum { BOUNCE_MAX = 1 << 20 };

#endif
