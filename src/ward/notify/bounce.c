/* What comes back. Any machine can write to the address of a bounce: it is believed for its token,
 * which only our own envelopes carried, and for the delivery report in it (RFC 3464). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/base/log.h"
#include "ward/notify/notify_private.h"

/* ---------------------------------------------------------------- taking in */

struct taking {
	int64_t contact;
};

static enum rc fail_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct taking *t = ctx;
	return contact_fail(tx, t->contact, f);
}

enum rc bounce_take(const struct notify *n, struct str message, struct fault *f)
{
	enum { WARDS_MAX = 4096 };
	const struct ward **wards = calloc(WARDS_MAX, sizeof *wards);
	struct bounce b;
	struct arena a;
	struct taking t;
	bounce_read(message, &b);
	if (wards == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the wards");
	size_t count = b.token[0] != '\0' && b.hard ? ward_all(n->flow->places, wards, WARDS_MAX) : 0;
	enum rc rc = RC_NONE;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; rc == RC_NONE && i < count; i++) {
		rc = token_read(n->flow->keys, wards[i]->id, b.token, &t.contact, f);
		if (rc == RC_OK)
			rc = store_write(n->flow->store, wards[i]->id, &a, fail_tx, &t, f);
	}
	arena_release(&a);
	free(wards);
	if (rc == RC_OK)
		log_info("mail", "a mail came back: nothing more is sent to that address");
	return rc;
}

/* ---------------------------------------------------------------- the Maildir */

enum { FILES_A_RUN = 500 };

static enum rc take_file(const struct notify *n, const char *folder, const char *name,
                         struct fault *f)
{
	struct arena a;
	struct str message;
	arena_init(&a, 4 * (size_t)BOUNCE_MAX);
	const char *path = arena_fmt(&a, "%s/%s", folder, name).p;
	enum rc rc = file_read(&a, path, BOUNCE_MAX, &message, f);
	if (rc == RC_OK)
		rc = bounce_take(n, message, f);
	/* What is no bounce of ours, or too big to be one, goes too: it holds a link. */
	if ((rc == RC_OK || rc == RC_NONE || rc == RC_TOO_BIG) && unlink(path) != 0 && errno != ENOENT)
		rc = fault_set(f, RC_IO, "cannot remove a message of mail_bounces: %s", strerror(errno));
	arena_release(&a);
	return rc == RC_NONE || rc == RC_TOO_BIG ? RC_OK : rc;
}

enum rc bounces_job(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	const struct notify *n = app_notify(app);
	const struct ward *first[1];
	/* One Maildir for all wards: the first one's job reads it. */
	if (n->mail.bounces[0] == '\0' || ward_all(n->flow->places, first, 1) < 1 ||
	    first[0]->id.v != job->ward.v)
		return RC_OK;
	const char *folder = arena_fmt(a, "%s/new", n->mail.bounces).p;
	DIR *d = opendir(folder);
	if (d == NULL)
		return errno == ENOENT ? RC_OK
		                       : fault_set(f, RC_IO, "cannot read %s: %s", folder, strerror(errno));
	enum rc rc = RC_OK;
	int taken = 0;
	for (struct dirent *e; taken < FILES_A_RUN && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		/* One that can't be read must not hold up those behind it; the job tells of the first. */
		enum rc one = take_file(n, folder, e->d_name, rc == RC_OK ? f : NULL);
		rc = rc == RC_OK ? one : rc;
		taken++;
	}
	(void)closedir(d);
	return rc;
}
