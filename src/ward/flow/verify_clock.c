/* A case's clock by its timeline alone: the pauses, extensions and the link that its entries give are those of
 * its rows, and the date that these give is the stored one, of a case that ended the one that it ended with. */
#include <inttypes.h>

#include "ward/calendar/calendar_store.h"
#include "ward/flow/clock.h"
#include "ward/flow/flood.h"
#include "ward/flow/verify.h"

/* What its entries say, up to one of them. */
struct play {
	struct ward_case x;
	struct str lead;              /* public code of the case that it follows; empty: none */
	int64_t lead_at;
	bool unknown;                 /* an entry's words are gone that would be needed */
	bool odd;                     /* an extension that was not the rule's to give */
};

static void replay(const struct flow *w, struct arena *a, struct ward_case *x, const struct entry *e)
{
	x->seq = e->seq - 1;
	switch (e->verb) {
	case VERB_open:
		x->received_at = x->began_at = e->at;
		break;
	case VERB_ask:
		clock_stop(w, a, x, PAUSE_resident, e->at);
		break;
	case VERB_answer:
	case VERB_take:
		clock_go(a, x, PAUSE_resident, e->at);
		break;
	case VERB_pause:
		clock_stop(w, a, x, PAUSE_authority, e->at);
		break;
	case VERB_resume:
		clock_go(a, x, PAUSE_authority, e->at);
		break;
	case VERB_close:
	case VERB_clear:
	case VERB_withdraw:
	case VERB_unfounded:
	case VERB_agree:
	case VERB_disagree:
	case VERB_settle:
		clock_go(a, x, 0, e->at);
		x->closed_at = e->at;
		break;
	case VERB_unclose:
	case VERB_restore:
		clock_unclose(a, x);
		x->closed_at = 0;
		break;
	case VERB_ungather:
		if (x->closed_at != 0)
			clock_unclose(a, x);
		x->closed_at = 0;
		break;
	case VERB_reopen:
		clock_closed_time(a, x, e->at);
		x->began_at = e->at;
		break;
	default:
		break;
	}
}

static bool same_rows(const struct ward_case *x, const struct ward_case *c)
{
	if (x->clock.pause_count != c->clock.pause_count)
		return false;
	for (size_t i = 0; i < c->clock.pause_count; i++) {
		const struct case_pause *p = &x->clock.pauses[i], *q = &c->clock.pauses[i];
		if (p->seq != q->seq || p->kind != q->kind || p->from_at != q->from_at ||
		    p->ended_at != q->ended_at || p->ended_seq != q->ended_seq)
			return false;
	}
	return true;
}

static struct str word(const struct entry *e, const char *name)
{
	for (size_t i = 0; i < e->part_count; i++)
		if (str_is(e->parts[i].name, name))
			return e->parts[i].body;
	return STR_EMPTY;
}

/* As often and as long as the rule of its deadline allowed then. */
static bool allowed(const struct flow *w, const struct ward_case *x, const struct case_extension *e)
{
	for (size_t i = 0; i < x->procedure->deadline_count; i++) {
		int64_t event;
		const struct rule *rule = case_rule(w, x, i, &event);
		int before = 0;
		if (rule == NULL || !str_eq(rule->name, e->rule))
			continue;
		for (size_t k = 0; k < x->clock.extension_count; k++)
			before += str_eq(x->clock.extensions[k].rule, e->rule) && x->clock.extensions[k].at >= event;
		return e->amount == rule->extend.amount && before < rule->extend.times;
	}
	return false;
}

static void play_extension(const struct flow *w, const struct ward_case *c, const struct entry *e, struct play *p)
{
	struct case_clock *k = &p->x.clock;
	if (k->extension_count == c->clock.extension_count || c->clock.extensions[k->extension_count].seq != e->seq ||
	    c->clock.extensions[k->extension_count].at != e->at)
		return;                            /* told of by their number */
	k->extensions = c->clock.extensions;
	p->odd = p->odd || !allowed(w, &p->x, &k->extensions[k->extension_count]);
	k->extension_count++;
}

static enum rc play(struct tx *tx, const struct flow *w, const struct ward_case *c, const struct entry *e,
                    size_t n, int64_t until, int depth, struct play *p, struct fault *f);

/* The case at the end of the way as it stood at that moment. *reopened: in that moment. */
static enum rc play_lead(struct tx *tx, const struct flow *w, struct str code, int64_t at, int depth,
                         struct play *p, bool *reopened, struct fault *f)
{
	enum { WAY_MOST = 8 };
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND public_code = ?2", "t", "i");
	struct rows r;
	struct ward_case c;
	struct entry *e;
	size_t n;
	*p = (struct play){.unknown = true};
	enum rc rc = depth < WAY_MOST ? sql_one(tx, &Q, &r, BIND(v_text(code)), f) : RC_NONE;
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	struct case_id id = {row_int(&r, 0)};
	rows_end(&r);
	rc = case_get(tx, w, id, &c, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, w, &c, &e, &n, f);
	if (rc == RC_OK)
		rc = play(tx, w, &c, e, n, at, depth, p, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		*reopened = *reopened || (e[i].verb == VERB_reopen && e[i].at == at);
	if (rc == RC_OK && !p->unknown && p->lead.n > 0)
		return play_lead(tx, w, p->lead, at, depth + 1, p, reopened, f);
	return rc == RC_CORRUPT ? RC_OK : rc;
}

/* As lead_leave: closed and reopened with the other one, it begins when that one began. */
static void play_leave(struct arena *a, struct play *p, const struct play *top, int64_t at)
{
	if (!top->unknown && top->x.began_at > p->lead_at) {
		clock_again(a, &p->x, top->x.began_at, at);
		p->x.began_at = top->x.began_at;
	}
	p->unknown = p->unknown || top->unknown;
	p->lead = STR_EMPTY;
}

/* An entry of one that follows, or begins to; true: it has no other meaning for the clock. */
static enum rc play_link(struct tx *tx, const struct flow *w, const struct entry *e, int depth, struct play *p,
                         bool *done, struct fault *f)
{
	struct arena *a = tx_arena(tx);
	struct play top;
	bool reopened = false, begins = e->verb == VERB_merge || e->verb == VERB_join;
	*done = begins || e->verb == VERB_unmerge || e->verb == VERB_split;
	if (begins && word(e, "case").n > 0) {
		p->lead = word(e, "case");
		p->lead_at = e->at;
	}
	bool own = e->verb == VERB_withdraw || (e->verb == VERB_reopen && e->by_reporter);
	if (p->lead.n == 0 || begins || (*done ? word(e, "follower").n > 0 : !own)) {
		/* Of the other one's link; or which of the two it was can't be told any more. */
		p->unknown = p->unknown || (*done && word(e, "case").n + word(e, "follower").n == 0);
		return RC_OK;
	}
	enum rc rc = play_lead(tx, w, p->lead, e->at, depth + 1, &top, &reopened, f);
	if (rc != RC_OK)
		return rc;
	p->x.seq = e->seq - 1;
	if (e->verb != VERB_reopen) {
		play_leave(a, p, &top, e->at);
	} else {
		*done = true;
		if (!reopened) {                   /* that one's reporter was content: this one parts */
			play_leave(a, p, &top, e->at);
			clock_again(a, &p->x, e->at, e->at);
			p->x.began_at = e->at;
		}
	}
	return RC_OK;
}

static enum rc play(struct tx *tx, const struct flow *w, const struct ward_case *c, const struct entry *e,
                    size_t n, int64_t until, int depth, struct play *p, struct fault *f)
{
	*p = (struct play){.x = {.id = c->id, .procedure = c->procedure, .kind = c->kind, .due_rule = STR_EMPTY}};
	for (size_t i = 0; i < n && e[i].at <= until; i++) {
		bool done;
		enum rc rc = play_link(tx, w, &e[i], depth, p, &done, f);
		if (rc != RC_OK)
			return rc;
		/* Before there were rows nothing stopped it. */
		if (!done && (e[i].seq > c->clock_seq || e[i].verb == VERB_open))
			replay(w, tx_arena(tx), &p->x, &e[i]);
		else if (!done && e[i].verb == VERB_reopen)
			p->x.began_at = e[i].at;
		if (e[i].verb == VERB_extend)
			play_extension(w, c, &e[i], p);
	}
	return RC_OK;
}

static enum rc check_link(struct verify *v, struct tx *tx, const struct ward_case *c, const struct play *p,
                          struct fault *f)
{
	struct ward_case lead;
	enum rc rc = c->lead.v != 0 ? case_get(tx, v->w, c->lead, &lead, f) : RC_OK;
	if (rc == RC_OK && !str_eq(p->lead, c->lead.v != 0 ? str_of(lead.public_code) : STR_EMPTY))
		verify_fault(v, "case %" PRId64 ": its entries say that it follows another case than is kept", c->id.v);
	return rc;
}

static void check_rows(struct verify *v, const struct ward_case *c, const struct play *p)
{
	if (!same_rows(&p->x, c))
		verify_fault(v, "case %" PRId64 ": its entries give other pauses than are kept", c->id.v);
	if (p->x.clock.extension_count != c->clock.extension_count)
		verify_fault(v, "case %" PRId64 ": an extension that none of its entries tells of", c->id.v);
	if (p->odd)
		verify_fault(v, "case %" PRId64 ": an extension that its rule does not give", c->id.v);
	if (p->x.began_at != c->began_at)
		verify_fault(v, "case %" PRId64 ": its clock begins at another moment than its entries say", c->id.v);
}

static void check_due(struct verify *v, struct tx *tx, const struct ward_case *c, const struct ward_case *y,
                      int64_t kept, const char *what)
{
	if (y->due_at != kept)
		verify_fault(v, "case %" PRId64 ": %s %.*s, its entries and the calendar give %.*s", c->id.v, what,
		             PSTR(kept != 0 ? text_iso(tx_arena(tx), kept) : STR("never")),
		             PSTR(y->due_at != 0 ? text_iso(tx_arena(tx), y->due_at) : STR("no date")));
}

struct settling {
	bool open;                    /* the open cases are as the present calendar has them */
	int64_t applied_at;           /* when a calendar was applied last: what ended before keeps its date */
};

/* What follows keeps the date that it had when it began to. */
static void check_dates(struct verify *v, struct tx *tx, const struct ward_case *c, const struct entry *e,
                        size_t n, const struct settling *s)
{
	struct ward_case y = *c;
	int closed = 0;
	if (c->lead.v != 0)
		return;
	if (state_open(c->state)) {
		case_due(v->w, tx_arena(tx), &y);
		if (s->open)
			check_due(v, tx, c, &y, c->due_at, "due");
		return;
	}
	for (size_t i = 0; i < n; i++)
		closed = e[i].at == c->closed_at ? e[i].seq : closed;
	const struct step *from = procedure_step(c->procedure, c->closed_from);
	if (from == NULL || closed <= c->clock_seq || c->closed_at < s->applied_at)
		return;
	y.state = from->state;
	case_due(v->w, tx_arena(tx), &y);
	check_due(v, tx, c, &y, c->ended_due_at, "was due");
}

static enum rc check_clock(struct verify *v, struct tx *tx, struct case_id id, const struct settling *s,
                           struct fault *f)
{
	struct ward_case c;
	struct entry *e;
	struct play p;
	size_t n = 0;
	enum rc rc = case_get(tx, v->w, id, &c, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, v->w, &c, &e, &n, f);
	if (rc != RC_OK)
		return rc == RC_CORRUPT ? RC_OK : rc;  /* told of by the chain */
	rc = play(tx, v->w, &c, e, n, INT64_MAX, 0, &p, f);
	if (rc == RC_OK && !p.unknown) {
		check_rows(v, &c, &p);
		rc = check_link(v, tx, &c, &p, f);
	}
	if (rc == RC_OK && !flood_told(&c, e, n))
		verify_fault(v, "case %" PRId64 ": it stands in another group than its entries say", c.id.v);
	if (rc == RC_OK)
		check_dates(v, tx, &c, e, n, s);
	return rc;
}

/* Have the open cases been gone through since the calendars changed last? Until then they are as they
 * should be by the former one. */
static enum rc settled(struct tx *tx, struct settling *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT n FROM clock_calendar WHERE ward_id = ?1", "", "i");
	struct rows r;
	int64_t now = 0, last = 0;
	enum rc rc = definition_number(tx, DEFINITION_CALENDARS, &now, f);
	if (rc == RC_OK && (rc = sql_one(tx, &Q, &r, NO_BIND, f)) == RC_OK) {
		last = row_int(&r, 0);
		rows_end(&r);
	}
	*out = (struct settling){.open = now == last};
	return rc == RC_OK || rc == RC_NONE ? calendars_applied_at(tx, &out->applied_at, f) : rc;
}

enum rc verify_clocks(struct tx *tx, void *ctx, struct fault *f)
{
	enum { STEP = 200 };
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", "ii", "i");
	struct verify *v = ctx;
	int64_t ids[STEP];
	size_t n = 0;
	struct settling s = {0};
	struct rows r;
	enum rc rc = settled(tx, &s, f);
	if (rc == RC_OK)
		rc = sql_rows(tx, &Q, &r, BIND(v_int(v->after), v_int(STEP)), f);
	while (rc == RC_OK && n < STEP && (rc = rows_next(&r, f)) == RC_OK)
		ids[n++] = row_int(&r, 0);
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = check_clock(v, tx, (struct case_id){ids[i]}, &s, f);
	if (n > 0)
		v->after = ids[n - 1];
	v->more = n == STEP;
	return rc;
}
