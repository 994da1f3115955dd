/* What doctor sees of a PostgreSQL server: whether what it acknowledges stays, who follows it, and
 * whether there is room for this program. */
#include <string.h>

#include "ward/doctor.h"

#define BEHIND_BYTES (INT64_C(64) << 20)

static void check_keeping(struct doctor *d, const struct store_server *s)
{
	if (!s->fsync)
		found(d, LEVEL_wrong, "fsync");
	if (!s->full_page_writes)
		found(d, LEVEL_wrong, "pages");
	if (!s->checksums)
		found(d, LEVEL_soon, "checksums");
	/* Xóm asks for it itself; what a person writes there by hand does not. */
	if (str_is(s->commit, "off") || str_is(s->commit, "local"))
		found_text(d, LEVEL_soon, "commit", "value", s->commit);
	/* Nobody's words are in a log. */
	if (s->values_logged)
		found_text(d, LEVEL_soon, "logged", "user", s->user);
	/* What was erased leaves the journal only when its old files go. */
	if (s->journal_kept)
		found(d, LEVEL_soon, "recycled");
	if (!s->may_clean)
		found_text(d, LEVEL_soon, "journal", "user", s->user);
}

static void check_standbys(struct doctor *d, const struct store_server *s)
{
	if (s->standbys == 0)
		found(d, LEVEL_fine, "alone");
	else if (!s->synchronous)
		found_number(d, LEVEL_soon, "asynchronous", "n", s->standbys);
	else if (!s->lag_known)
		found_number(d, LEVEL_unknown, "unseen", "n", s->standbys);
	else if (s->lag_bytes > BEHIND_BYTES)
		found_text(d, LEVEL_soon, "behind", "name", s->last);
	else
		found_number(d, LEVEL_fine, "followed", "n", s->standbys);
	if (s->standbys > 0 && s->synchronous && !s->lag_known)
		found_more(d, "user", s->user);
	if (s->standbys > 0 && s->synchronous && s->lag_known)
		found_more(d, "kib", arena_fmt(d->arena, "%lld", (long long)(s->lag_bytes >> 10)));
}

void check_database(struct doctor *d)
{
	struct store_server s;
	struct fault f = {0};
	enum rc rc = store_server(d->app->store, d->arena, &s, &f);
	if (rc == RC_NONE)
		return;
	if (rc != RC_OK) {
		found_text(d, LEVEL_wrong, "away", "why", str_of(f.text));
		return;
	}
	found_text(d, LEVEL_fine, "fine", "version",
	           arena_fmt(d->arena, "%d.%d", s.version / 10000, s.version % 10000));
	check_keeping(d, &s);
	check_standbys(d, &s);
	bool tight = s.most - s.others < s.own || s.most - s.used < 4;
	found_number(d, tight ? LEVEL_wrong : LEVEL_fine, tight ? "tight" : "room", "own", s.own);
	found_more(d, "used", arena_fmt(d->arena, "%lld", (long long)s.used));
	found_more(d, "most", arena_fmt(d->arena, "%lld", (long long)s.most));
}
