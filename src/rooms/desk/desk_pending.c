#include "rooms/desk/desk.h"

/* What waits to be done and can be taken back, and what was given back to its officer. */

static void add_facts(struct request *q, struct vobj *o, const struct pending *p)
{
	const char *verb = verb_name(p->verb);
	view_text(o, DW_ID, arena_fmt(q->arena, "%lld", (long long)p->id));
	view_key(o, DW_WHAT, str_of(verb), request_text(q, arena_fmt(q->arena, "desk.%s.title", verb).p));
	view_text(o, DW_CODE, arena_copy(q->arena, str_of(p->code)));
	view_text(o, DW_WHO, p->officer);
	view_time(o, DW_AT, p->due_at);
	struct moment at = moment_of(p->due_at);
	view_text(o, DW_CLOCK, arena_fmt(q->arena, "%02d:%02d:%02d", at.hour, at.minute, at.second));
	view_text(o, DW_WORDS, p->words);
	if (p->outcome.n > 0)
		view_text(o, DW_OUTCOME,
		          request_text(q, arena_fmt(q->arena, "%s.%.*s", p->verb == VERB_pass_up ? "sort" : "outcome",
		                                    PSTR(p->outcome)).p));
	view_int(o, DW_PHOTOS, (int64_t)(p->photo_count + p->release_count));
	view_bool(o, DW_MINE, p->account.v == q->actor.account.v);
	if (!p->waiting)
		view_text(o, DW_WHY, request_text(q, arena_fmt(q->arena, "desk.back.%.*s", PSTR(p->why)).p));
}

void desk_draft_row(struct request *q, struct vobj *o, const struct pending *p)
{
	add_facts(q, o, p);
	view_url(o, DW_URL, request_link(q, "/desk/case/%s#drafts", p->code));
}

static void add_wait(struct request *q, struct vobj *o, const struct desk_data *d,
                     const struct pending *p)
{
	add_facts(q, o, p);
	if (p->waiting) {
		int64_t left = (p->due_at - q->now + US_SECOND - 1) / US_SECOND;
		view_text(o, DW_LEFT, arena_fmt(q->arena, "%lld", (long long)(left > 0 ? left : 0)));
		view_url(o, DW_URL, request_link(q, "/desk/case/%s/take-back", d->c.code));
	} else {
		view_url(o, DW_URL, request_link(q, "/desk/case/%s/drop", d->c.code));
	}
}

void desk_pending(struct request *q, struct vobj *page, const struct desk_data *d)
{
	if (d->waits)
		add_wait(q, view_obj(page, DC_WAIT), d, &d->wait);
	for (size_t i = 0; i < d->draft_count; i++)
		add_wait(q, view_item(page, DC_DRAFTS), d, &d->drafts[i]);
}

struct desk_draft desk_given_back(struct request *q, const struct desk_data *d)
{
	struct desk_draft out = {0};
	if (d->draft_count == 0)
		return out;
	const struct pending *p = &d->drafts[0];
	out.verb = p->verb;
	out.text = p->words;
	out.outcome = p->outcome;
	out.id = p->id;
	out.kept = p->photo_count;
	for (size_t i = 0; i < p->release_count; i++)
		out.release[out.release_count++] = arena_fmt(q->arena, "%lld", (long long)p->release[i].v);
	return out;
}

/* ---------------------------------------------------------------- taking back, throwing away */

struct undoing {
	struct account_id who;
	int64_t id;
	bool drop;
};

static enum rc undo_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct undoing *u = ctx;
	return u->drop ? pending_drop(tx, u->id, u->who, f) : pending_take_back(tx, u->id, u->who, f);
}

static enum rc undo(struct request *q, struct reply *r, bool drop, struct fault *f)
{
	struct desk_data d;
	struct undoing u = {.who = q->actor.account, .drop = drop};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = desk_read(q, &d, f);
	if (rc == RC_OK && !case_handled_by(&d.c, &q->actor))
		rc = RC_NONE;
	if (rc != RC_OK)
		return rc;
	if (!str_i64(request_form(q, "pending"), &u.id))
		return RC_BAD_REQUEST;
	rc = store_write(q->app->store, q->ward->id, q->arena, undo_tx, &u, f);
	if (rc == RC_OK)
		reply_redirect(q, r, drop ? request_link(q, "/desk/case/%s", d.c.code)
		                          : request_link(q, "/desk/case/%s#drafts", d.c.code));
	else if (rc == RC_NONE)                /* done meanwhile: the page says what counts */
		reply_redirect(q, r, drop ? request_link(q, "/desk/case/%s", d.c.code)
		                          : request_link(q, "/desk/case/%s?done=late", d.c.code));
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc desk_take_back(struct request *q, struct reply *r, struct fault *f)
{
	return undo(q, r, false, f);
}

enum rc desk_drop(struct request *q, struct reply *r, struct fault *f)
{
	return undo(q, r, true, f);
}
