/* The same matter, told by several people: one case and the reports that follow it.
 *
 * A report that follows is a case row of its own, with receipt, timeline and clock, and one link to the
 * case that it follows. Nothing else of it changes: what its reporter and the desk see of its progress is
 * read over the link, so that it closes and reopens in the same moment as that case, and taking the link
 * away again leaves everything as it was. Of the case only the number of what follows it is kept, with
 * the counters. Both ends of a new link are cases of their own, so that no ring can come about; what
 * follows a merged case stays behind it, two links at most. */
#include <inttypes.h>

#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"
#include "ward/flow/sight.h"

#define JOB "flow.follow"
#define HANDED_OVER "unit"
#define BIT(v) (UINT64_C(1) << (v))
enum { JOB_SLICE = 50, NEAR_CELLS = 3 };

/* May reports follow it: of things, and shown to everybody (RIGHTS.md promise 6). */
static bool may_carry(const struct flow *w, const struct ward_case *c, int64_t now)
{
	const struct procedure *p = case_present(w, c, now);
	return c->listed && !c->withheld && c->flood.v == 0 && !c->procedure->conduct && p != NULL && !p->conduct;
}

/* ---------------------------------------------------------------- is it this one? */

/* Centres of squares of 100 m: the neighbours' are 100 and 141 m away, the next ones' 200. */
static bool near_cells(struct cell a, struct cell b)
{
	int32_t dx = a.column - b.column, dy = a.row - b.row;
	return a.column != 0 && b.column != 0 && dx >= -1 && dx <= 1 && dy >= -1 && dy <= 1;
}

enum rc case_near(struct tx *tx, const struct flow *w, struct str kind, struct cell cell, int64_t since,
                  struct case_row *out, size_t *count, struct fault *f)
{
	const struct procedure *p = procedure_of_kind(w->procedures, kind, day_of(tx_now(tx)));
	struct case_row *rows;
	size_t n;
	bool more;
	*count = 0;
	if (cell.column == 0 || p == NULL || !p->listed || p->conduct)
		return RC_OK;
	const struct case_filter q = {
		.listed = true,
		.kind = kind,
		.states = 1U << STATE_received | 1U << STATE_working | 1U << STATE_asked,
		.cell = {cell.column - 1, cell.row - 1},
		.square = NEAR_CELLS,
		.limit = NEAR_MOST,
	};
	enum rc rc = case_list(tx, w, &q, &rows, &n, &more, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (rows[i].received_at >= since)
			out[(*count)++] = rows[i];
	return rc;
}

/* ---------------------------------------------------------------- reading */

static enum rc follower_ids(struct tx *tx, struct case_id lead, int64_t after, int64_t *ids, size_t max,
                            size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND lead_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
		"iii", "i");
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(lead.v), v_int(after), v_int((int64_t)max)), f);
	while (rc == RC_OK && *n < max && (rc = rows_next(&r, f)) == RC_OK)
		ids[(*n)++] = row_int(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc case_followers(struct tx *tx, const struct flow *w, struct case_id lead, struct ward_case *out,
                       size_t *count, bool *more, struct fault *f)
{
	int64_t ids[FOLLOWERS_SHOWN + 1];
	size_t n;
	enum rc rc = follower_ids(tx, lead, INT64_MIN, ids, FOLLOWERS_SHOWN + 1, &n, f);
	*more = n > FOLLOWERS_SHOWN;
	*count = 0;
	for (size_t i = 0; rc == RC_OK && i < n && i < FOLLOWERS_SHOWN; i++)
		rc = case_get(tx, w, (struct case_id){ids[i]}, &out[(*count)++], f);
	return rc;
}

enum rc case_public_id(struct tx *tx, struct str code, struct case_id *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND public_code = ?2 AND listed = 1 AND withheld = 0"
		" AND open < 3", "t",
		"i");
	struct rows r;
	*out = (struct case_id){-1};
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f);
	if (rc == RC_OK) {
		out->v = row_int(&r, 0);
		rows_end(&r);
	}
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc case_public_lead(struct tx *tx, const struct flow *w, struct str code, struct str *out,
                         struct fault *f)
{
	struct ward_case c;
	struct case_id id;
	enum rc rc = case_public_id(tx, code, &id, f);
	if (rc == RC_OK)
		rc = case_get(tx, w, id, &c, f);
	if (rc == RC_OK && (c.top == NULL || !c.top->listed || c.top->withheld))
		return RC_NONE;
	if (rc == RC_OK)
		*out = arena_copy(tx_arena(tx), str_of(c.top->public_code));
	return rc;
}

/* ---------------------------------------------------------------- who may */

/* Has the time to say "not solved" of the case that it follows not passed, whether or not that one's own
 * reporter called it solved? */
static bool may_dispute(const struct flow *w, const struct ward_case *top, int64_t now)
{
	for (size_t i = 0; i < top->procedure->step_count; i++) {
		const struct step *s = &top->procedure->steps[i];
		const struct move_row *row =
			s->state == STATE_closed ? step_move(s, VERB_reopen, MOVER_reporter) : NULL;
		if (row != NULL)
			return row->within.n == 0 || within_rule(w, row->within, top->closed_at, now);
	}
	return false;
}

uint64_t follower_verbs(const struct flow *w, const struct ward_case *c, const struct actor *a,
                        int64_t now)
{
	const struct ward_case *top = c->top;
	const struct step *s = procedure_step(c->procedure, c->step);
	bool open = state_open(top->state), told = top->state == STATE_closed || top->state == STATE_solved;
	if (a != NULL) {
		if (!case_handled_by(c, a))
			return 0;
		return BIT(VERB_note) | (open ? BIT(c->merged ? VERB_unmerge : VERB_split) : 0);
	}
	uint64_t verbs = case_amendable(c) ? BIT(VERB_amend) : 0;
	if (open && s != NULL && step_move(s, VERB_withdraw, MOVER_reporter) != NULL)
		verbs |= BIT(VERB_withdraw);
	if (told && may_dispute(w, top, now))
		verbs |= BIT(VERB_reopen) | (c->solved_said ? 0 : BIT(VERB_solved));
	return verbs;
}

/* ---------------------------------------------------------------- the link */

static void follow(struct tx *tx, struct ward_case *c, const struct ward_case *lead, bool merged)
{
	struct ward_case *top = arena_array(tx_arena(tx), 1, sizeof *top);
	*top = *lead;
	c->lead = lead->id;
	c->merged = merged;
	c->lead_at = tx_now(tx);
	c->top = top;
}

/* Its clock goes on as it stands, by the calendar of now; where the case was closed and reopened meanwhile,
 * so was this. */
void lead_leave(const struct flow *w, struct arena *a, struct ward_case *c, int64_t now)
{
	int64_t began = c->top->began_at > c->lead_at ? c->top->began_at : c->began_at;
	c->lead = (struct case_id){0};
	c->merged = false;
	c->lead_at = 0;
	c->top = NULL;
	if (began != c->began_at) {
		clock_again(a, c, began, now);
		c->began_at = began;
		c->firsts = STR_EMPTY;
		c->why_late = STR_EMPTY;
	}
	case_due(w, a, c);
}

/* Does something follow it that is followed itself? Then its own link would be the third. */
static enum rc too_deep(struct tx *tx, struct case_id c, bool *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM ward_case WHERE ward_id = ?1 AND lead_id = ?2 AND more > 0", "i", "i");
	struct rows r;
	*out = false;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc == RC_OK) {
		*out = row_int(&r, 0) > 0;
		rows_end(&r);
	}
	return rc;
}

static enum rc refuse(struct fault *f, const char *why, const char *text)
{
	return fault_at(f, RC_REFUSED, NULL, 0, why, "%s", text);
}

/* What follows is nobody's to be late with, so that nothing may follow what is to be closed later: merging
 * buys no time. The first look is the same matter's: whoever looked at the other has looked at this. */
static bool goes_earlier(const struct flow *w, struct arena *a, const struct ward_case *c,
                         const struct ward_case *lead)
{
	int64_t own = case_close_due(w, a, c), other = case_close_due(w, a, lead);
	return own != 0 && (other == 0 || own < other);
}

static enum rc merge_into(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                          struct draft *d, struct fault *f)
{
	struct ward_case lead;
	bool deep = false;
	if (m->lead.v == c->id.v)
		return fault_at(f, RC_INVALID, NULL, 0, "itself", "a case can't follow itself");
	enum rc rc = m->lead.v == 0 ? RC_NONE : case_hold(tx, w, m->lead, &lead, f);
	if (rc == RC_NONE)
		return fault_at(f, RC_INVALID, NULL, 0, "unknown", "there is no such case to follow");
	if (rc != RC_OK)
		return rc;
	if (!case_read_by(&lead, m->actor))    /* that it is there is not told either */
		return fault_at(f, RC_INVALID, NULL, 0, "unknown", "there is no such case to follow");
	if (!case_handled_by(&lead, m->actor))
		return fault_at(f, RC_DENIED, NULL, 0, "other_unit", "the other case is another unit's");
	if (lead.lead.v != 0)
		return refuse(f, "follows", "the other case follows one itself");
	if (!state_open(lead.state))
		return refuse(f, "closed", "the other case is closed");
	if (!may_carry(w, &lead, tx_now(tx)))
		return refuse(f, "not_shown", "the other case may not carry reports");
	if (pending_waits(tx, lead.id, f))
		return fault_at(f, RC_WAITING, NULL, 0, "other", "a step of the other case waits");
	if (goes_earlier(w, tx_arena(tx), c, &lead))
		return refuse(f, "earlier", "the other case is to be closed later");
	if (case_late(c, tx_now(tx)) && !case_late(&lead, tx_now(tx)))
		return refuse(f, "late", "nobody looked at it in time");
	rc = too_deep(tx, c->id, &deep, f);
	if (rc != RC_OK)
		return rc;
	if (deep)
		return refuse(f, "deep", "merged cases follow it that are followed themselves");
	follow(tx, c, &lead, true);
	draft_add(d, "case", arena_copy(tx_arena(tx), str_of(lead.public_code)), STR("figures"));
	return RC_OK;
}

static enum rc code_of(struct tx *tx, const struct flow *w, struct case_id id, struct str *out,
                       struct fault *f)
{
	struct ward_case c;
	enum rc rc = case_get(tx, w, id, &c, f);
	if (rc == RC_OK)
		*out = arena_copy(tx_arena(tx), str_of(c.public_code));
	return rc;
}

enum rc lead_change(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                    struct draft *d, struct fault *f)
{
	struct str code;
	switch (m->verb) {
	case VERB_merge:
		return merge_into(tx, w, c, m, d, f);
	case VERB_solved:
		c->solved_said = true;
		return RC_OK;
	case VERB_reopen:
		if (c->top->state == STATE_closed)
			return RC_OK;                  /* the case itself is reopened, and this with it */
		lead_leave(w, tx_arena(tx), c, tx_now(tx));   /* whose own reporter is content: this one is not */
		clock_again(tx_arena(tx), c, tx_now(tx), tx_now(tx));
		c->began_at = tx_now(tx);
		c->solved_said = false;
		c->firsts = STR_EMPTY;
		c->why_late = STR_EMPTY;
		case_due(w, tx_arena(tx), c);
		return RC_OK;
	case VERB_withdraw:
		lead_leave(w, tx_arena(tx), c, tx_now(tx));
		return RC_OK;
	default:
		break;
	}
	enum rc rc = code_of(tx, w, c->lead, &code, f);
	if (rc != RC_OK)
		return rc;
	draft_add(d, "case", code, STR("figures"));
	lead_leave(w, tx_arena(tx), c, tx_now(tx));
	return RC_OK;
}

/* ---------------------------------------------------------------- the other end */

static struct str reason_of(const struct move *m)
{
	for (size_t i = 0; i < m->part_count; i++)
		if (str_is(m->parts[i].name, "reason"))
			return m->parts[i].body;
	return STR_EMPTY;
}

static enum rc write_line(struct tx *tx, const struct flow *w, const struct ward_case *before,
                          struct ward_case *c, enum verb verb, const struct actor *actor,
                          struct str reason, struct str code, struct fault *f)
{
	enum { PARTS = 2 };
	struct actor_mark who;
	struct draft d;
	enum rc rc = actor_mark(w, actor, c->unit, &who, f);
	if (rc != RC_OK)
		return rc;
	c->moved_at = tx_now(tx);
	draft_init(&d, tx_arena(tx), PARTS);
	if (reason.n > 0)
		draft_add(&d, "reason", reason, STR("note"));
	draft_add(&d, verb == VERB_join ? "case" : "follower", code, STR("figures"));
	draft_chain(&d, c, tx_ward(tx), verb, c->moved_at, &who);
	rc = case_update(tx, w, before, c, f);
	return rc == RC_OK ? draft_write(tx, w, &d, c, verb, c->moved_at, &who, f) : rc;
}

/* `reports` more, or fewer, behind a case and those that it follows. With m a line in its timeline, and a
 * version that says so; who joins, or goes, is no reason to refuse an officer's step. */
static enum rc weigh(struct tx *tx, const struct flow *w, struct case_id lead, int reports,
                     const struct move *m, const struct ward_case *c, struct fault *f)
{
	enum rc rc = RC_OK;
	for (struct case_id at = lead; rc == RC_OK && at.v != 0; m = NULL) {
		struct ward_case before, after;
		rc = m != NULL ? case_lock(tx, w, at, 0, &before, f) : case_hold(tx, w, at, &before, f);
		if (rc != RC_OK)
			return rc < RC_OK ? rc : fault_set(f, RC_CORRUPT, "case %" PRId64 " is not there", at.v);
		after = before;
		after.more += reports;
		if (reports > 0 && c->danger_at > after.danger_at)
			after.danger_at = c->danger_at;   /* what rings goes on ringing */
		if (reports < 0)
			rc = danger_last(tx, at, &after.danger_at, f);   /* what left took its own along */
		if (rc != RC_OK)
			return rc;
		rc = m == NULL ? case_update(tx, w, &before, &after, f)
		               : write_line(tx, w, &before, &after, m->verb, m->actor, reason_of(m),
		                            arena_copy(tx_arena(tx), str_of(c->public_code)), f);
		at = before.lead;
	}
	return rc;
}

enum rc lead_changed(struct tx *tx, const struct flow *w, const struct ward_case *before,
                     const struct ward_case *c, const struct move *m, struct fault *f)
{
	if (before->lead.v == c->lead.v)
		return RC_OK;
	const struct move *told = m->actor != NULL ? m : NULL;
	return c->lead.v != 0 ? weigh(tx, w, c->lead, 1 + c->more, told, c, f)
	                      : weigh(tx, w, before->lead, -(1 + before->more), told, c, f);
}

/* ---------------------------------------------------------------- joining */

static enum rc gone(struct fault *f)
{
	return fault_at(f, RC_STALE, NULL, 0, "join", "the case is not one to join any more");
}

enum rc join_begin(struct tx *tx, const struct flow *w, const struct case_new *n, struct ward_case *c,
                   struct fault *f)
{
	struct ward_case lead;
	enum rc rc = case_hold(tx, w, n->lead, &lead, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? gone(f) : rc;
	if (!str_eq(lead.kind, c->kind) || !near_cells(lead.place.cell, n->place.cell))
		return gone(f);
	if (lead.top != NULL)                  /* merged meanwhile: what comes later follows the link */
		rc = case_hold(tx, w, lead.top->id, &lead, f);
	if (rc != RC_OK)
		return rc;
	if (lead.lead.v != 0 || !state_open(lead.state) || !may_carry(w, &lead, tx_now(tx)) ||
	    !may_carry(w, c, tx_now(tx)))
		return gone(f);
	follow(tx, c, &lead, false);
	return RC_OK;
}

enum rc join_end(struct tx *tx, const struct flow *w, struct ward_case *c, struct fault *f)
{
	struct ward_case before = *c;
	enum rc rc = write_line(tx, w, &before, c, VERB_join, NULL, STR_EMPTY,
	                        arena_copy(tx_arena(tx), str_of(c->top->public_code)), f);
	return rc == RC_OK ? weigh(tx, w, c->lead, 1, NULL, c, f) : rc;
}

/* ---------------------------------------------------------------- flow.follow */

enum rc followers_put(struct tx *tx, const struct ward_case *c, struct fault *f)
{
	/* As often as it moves: what is waiting has not seen this move, what runs may have passed some. */
	struct str of = arena_fmt(tx_arena(tx), "%" PRId64 " %d", c->id.v, c->seq);
	return outbox_put(tx, JOB, 0, of, of, f);
}

enum rc followers_hand_over(struct tx *tx, const struct ward_case *c, struct fault *f)
{
	struct str of = arena_fmt(tx_arena(tx), "%" PRId64 " %d " HANDED_OVER, c->id.v, c->seq);
	return outbox_put(tx, JOB, 0, of, of, f);
}

struct telling {
	const struct flow *w;
	bool handed_over;             /* of another unit: nothing is told */
	struct lead_entry of;         /* what is told */
	struct case_id lead;          /* that, or one that follows it */
	int64_t after, followed[JOB_SLICE];
	size_t n, followed_n;
};

static enum rc tell_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct telling *t = ctx;
	int64_t ids[JOB_SLICE], last = t->after;
	t->followed_n = 0;
	enum rc rc = follower_ids(tx, t->lead, t->after, ids, JOB_SLICE, &t->n, f);
	for (size_t i = 0; rc == RC_OK && i < t->n; i++) {
		struct ward_case c;
		rc = case_hold(tx, t->w, (struct case_id){ids[i]}, &c, f);
		last = ids[i];
		if (rc != RC_OK || c.lead.v != t->lead.v)
			continue;                      /* it left meanwhile, and settled this itself */
		if (c.more > 0)
			t->followed[t->followed_n++] = c.id.v;
		rc = t->handed_over ? search_refresh(tx, t->w, &c, f) : timeline_due(tx, t->w, &c, f);
		if (rc == RC_OK && !t->handed_over && t->w->moved != NULL)
			rc = t->w->moved(tx, t->w, &c, case_ended_at(&c) != 0 ? VERB_close : VERB_take, false, &t->of, f);
	}
	t->after = rc == RC_OK ? last : t->after;
	return rc;
}

static enum rc tell(const struct flow *w, struct ward_id ward, struct lead_entry of, bool handed_over,
                    struct case_id lead, int depth, struct fault *f)
{
	struct telling t = {.w = w, .of = of, .handed_over = handed_over, .lead = lead, .after = INT64_MIN, .n = JOB_SLICE};
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	while (rc == RC_OK && t.n == JOB_SLICE) {
		rc = store_write(w->store, ward, &a, tell_slice, &t, f);
		arena_reset(&a);
		for (size_t i = 0; rc == RC_OK && depth > 0 && i < t.followed_n; i++)
			rc = tell(w, ward, of, handed_over, (struct case_id){t.followed[i]}, depth - 1, f);
	}
	arena_release(&a);
	return rc;
}

enum rc followers_tell(const struct flow *w, struct ward_id ward, struct str payload, struct fault *f)
{
	struct lead_entry of;
	int64_t seq;
	struct str id = str_cut(&payload, ' '), entry = str_cut(&payload, ' ');
	if (!str_i64(id, &of.lead.v) || !str_i64(entry, &seq))
		return fault_set(f, RC_INVALID, "a payload that names no case and entry");
	of.seq = (int)seq;
	return tell(w, ward, of, str_is(payload, HANDED_OVER), of.lead, 1, f);
}
