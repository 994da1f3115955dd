/* The rules of a case: who may do what, and the one door through which it moves. Opening: case_open.c. */
#include <sodium.h>

#include "ward/flow/agency_private.h"
#include "ward/flow/blur.h"
#include "ward/flow/case_works.h"
#include "ward/flow/clock.h"
#include "ward/flow/flood.h"
#include "ward/flow/recalendar.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

bool case_handled_by(const struct ward_case *c, const struct actor *a)
{
	return actor_works(a, case_unit(c));
}

bool case_mediated_by(const struct ward_case *c, const struct actor *a)
{
	return actor_may(a, PERM_mediate) && a->account.v != 0 && state_open(c->state) &&
	       (c->mediators[0].v == a->account.v || c->mediators[1].v == a->account.v);
}

const char *const CHANNELS[CHANNEL_COUNT] = {"web", "phone", "counter", "letter", "chat", "area"};

bool channel_known(struct str name)
{
	for (size_t i = 0; i < CHANNEL_COUNT; i++)
		if (str_is(name, CHANNELS[i]))
			return true;
	return false;
}

/* ---------------------------------------------------------------- who may */

#define BIT(v) (UINT64_C(1) << (v))

/* Of a deadline that is not over: what is late stays late. */
static uint64_t clock_works(const struct flow *w, const struct ward_case *c, int64_t now)
{
	int left;
	int64_t event;
	uint64_t verbs = 0;
	const struct rule *rule = case_rule(w, c, case_deadline(c), &event);
	if (c->state != STATE_asked && rule != NULL && rule->pause_days[PAUSE_authority] > 0 &&
	    clock_may_stop(w, c, PAUSE_authority, now))
		verbs |= BIT(VERB_pause);
	if (case_extendable(w, c, &left) != NULL && left > 0)
		verbs |= BIT(VERB_extend);
	return verbs;
}

static uint64_t works_of(const struct flow *w, const struct ward_case *c, int64_t now)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	uint64_t verbs = s != NULL && step_mediated(s) ? 0 : BIT(VERB_note) | BIT(VERB_correct);
	if (state_open(c->state))
		verbs |= BIT(VERB_assign) | BIT(VERB_photo);
	if (state_open(c->state) && c->due_at != 0 && now >= c->due_at - EXPLAIN_US)
		verbs |= BIT(VERB_explain);
	if (state_open(c->state) && c->due_at != 0 && now < c->due_at)
		verbs |= clock_works(w, c, now);
	if (state_open(c->state) && clock_stands(c, PAUSE_authority))
		verbs |= BIT(VERB_resume);
	if (case_late(c, now))
		verbs |= BIT(VERB_apologise);
	const struct procedure *p = case_present(w, c, now);
	if (state_open(c->state) && c->listed && p != NULL && !p->conduct)
		verbs |= BIT(VERB_merge);
	bool photos = p != NULL && p->photos && !p->conduct;
	if (!photos)
		verbs &= ~BIT(VERB_photo);
	/* It stays with whom the rule names; a talk stays with its mediators. */
	if (procedure_by_rule(c->procedure) || (s != NULL && step_mediated(s)))
		verbs &= ~(BIT(VERB_assign) | BIT(VERB_correct) | BIT(VERB_photo));
	if (c->listed) {
		verbs |= c->withheld ? BIT(VERB_unwithhold) : BIT(VERB_withhold);
		if (p != NULL && p->listed && !p->conduct)
			verbs |= BIT(VERB_release);
		verbs |= BIT(VERB_unrelease) | BIT(VERB_blur);
	}
	return verbs;
}

/* How a talk ended is not taken back: two people said it, and its mediators have no more part in it. */
static bool ended_by_talk(struct str outcome)
{
	for (size_t i = 0; i < MEDIATED_COUNT; i++)
		if (str_is(outcome, MEDIATED[i]))
			return true;
	return false;
}

static bool may_unclose(const struct ward_case *c, const struct actor *a, int64_t now)
{
	return c->state == STATE_closed && !ended_by_talk(c->outcome) && c->closed_by.v != 0 && c->closed_by.v == a->account.v &&
	       now - c->closed_at < UNCLOSE_US && procedure_step(c->procedure, c->closed_from) != NULL;
}

/* As whom the actor (NULL: the reporter) moves the case: bits 1 << enum mover. */
static unsigned movers_of(const struct ward_case *c, const struct actor *a)
{
	if (a == NULL)
		return 1U << MOVER_reporter;
	if (c->procedure->agency)              /* not even its office: each has an approval of their own */
		return (actor_may(a, PERM_agency_ask) ? 1U << MOVER_asker : 0) |   /* whose it is: agency_works */
		       ((a->roles & ROLE_BIT(ROLE_chair)) != 0 ? 1U << MOVER_chair : 0) |
		       ((a->roles & ROLE_BIT(ROLE_oversight)) != 0 ? 1U << MOVER_oversight : 0);
	return (case_handled_by(c, a) ? 1U << MOVER_unit : 0) |
	       (case_mediated_by(c, a) ? 1U << MOVER_mediator : 0) | (case_of_area(c, a) ? 1U << MOVER_area_head : 0);
}

static const struct move_row *move_of(const struct ward_case *c, const struct step *s,
                                      const struct move *m)
{
	unsigned movers = m->by_clock ? 1U << MOVER_area_head : movers_of(c, m->actor);
	enum verb verb = m->verb == VERB_clear ? VERB_close : m->verb;
	for (enum mover who = MOVER_unit; s != NULL && who <= MOVER_LAST; who++) {
		const struct move_row *row = (movers & 1U << who) != 0 ? step_move(s, verb, who) : NULL;
		if (row != NULL)
			return row;
	}
	return NULL;
}

bool case_amendable(const struct ward_case *c)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	return case_ended_at(c) == 0 && s != NULL && !step_mediated(s);
}

static uint64_t own_verbs(const struct flow *w, const struct ward_case *c, const struct actor *a,
                          int64_t now)
{
	if (c->gone_day != 0)
		return 0;
	if (c->lead.v != 0)
		return follower_verbs(w, c, a, now);
	const struct step *s = procedure_step(c->procedure, c->step);
	uint64_t verbs = 0;
	unsigned movers = movers_of(c, a);
	if (s == NULL || movers == 0)
		return 0;
	for (size_t i = 0; i < s->move_count; i++) {
		const struct move_row *m = &s->moves[i];
		if ((movers & 1U << m->who) == 0)
			continue;
		if (m->verb == VERB_withdraw && c->more > 0)
			continue;                      /* others reported it, too */
		if (m->within.n > 0 && !within_rule(w, m->within, c->closed_at, now))
			continue;
		verbs |= BIT(m->verb);
	}
	if (a == NULL && case_amendable(c))
		verbs |= BIT(VERB_amend);
	if ((movers & 1U << MOVER_unit) == 0)
		return verbs;
	/* Taking over: a case that came from another unit, or whose officer is away. */
	if (c->officer.v == a->account.v)
		verbs &= ~BIT(VERB_take);
	else if (state_open(c->state))
		verbs |= BIT(VERB_take);
	if (may_unclose(c, a, now))
		verbs |= BIT(VERB_unclose);
	return verbs | works_of(w, c, now);
}

uint64_t case_verbs(const struct flow *w, const struct ward_case *c, const struct actor *a,
                    int64_t now)
{
	uint64_t verbs = own_verbs(w, c, a, now);
	return c->flood.v != 0 ? flood_verbs(c, a, verbs, now) : verbs;
}

/* Why a verb is not among case_verbs. */
enum rc case_refuse(const struct flow *w, const struct ward_case *c, const struct move *m,
                    int64_t now, struct fault *f)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	if (movers_of(c, m->actor) == 0)
		return fault_set(f, RC_DENIED, "the case is another unit's");
	const struct move_row *row = move_of(c, s, m);
	if (row != NULL && row->within.n > 0 && !within_rule(w, row->within, c->closed_at, now))
		return fault_set(f, RC_EXPIRED, "%s is past its time", verb_name(m->verb));
	if (m->actor != NULL && (m->verb == VERB_pause || m->verb == VERB_extend))
		return clock_refuse(w, c, m->verb, now, f);
	if (m->actor != NULL &&
	    (m->verb == VERB_release || m->verb == VERB_withhold || m->verb == VERB_photo))
		return fault_set(f, RC_REFUSED, "%s is not for a case of this kind or state",
		                 verb_name(m->verb));
	return fault_set(f, RC_DENIED, "%s is not a move of the step %.*s", verb_name(m->verb),
	                 PSTR(c->step));
}

/* ---------------------------------------------------------------- moving */

/* As if it had never been closed: the deadlines count on from where they began. */
static enum rc step_back(struct tx *tx, const struct flow *w, struct ward_case *c, struct fault *f)
{
	const struct step *to = procedure_step(c->procedure, c->closed_from);
	if (to == NULL)
		return fault_set(f, RC_CORRUPT, "the step %.*s does not exist", PSTR(c->closed_from));
	clock_unclose(tx_arena(tx), c);
	c->step = to->name;
	c->state = to->state;
	c->closed_at = 0;
	c->closed_by = (struct account_id){0};
	c->closed_from = STR_EMPTY;
	c->outcome = STR_EMPTY;
	c->ended_due_at = 0;
	case_due(w, tx_arena(tx), c);
	return RC_OK;
}

/* What was told of one deadline does not excuse the next. */
static void other_deadline(struct ward_case *c, int64_t due_before)
{
	if (state_open(c->state) && c->due_at != due_before)
		c->why_late = STR_EMPTY;
}

/* What the step does to the clock, before it is made. */
static void step_clock(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                       const struct step *to, int64_t now)
{
	bool was_open = state_open(c->state), is_open = state_open(to->state);
	if (was_open && !is_open)
		clock_go(tx_arena(tx), c, 0, now);
	else if (c->state == STATE_asked && to->state != STATE_asked)
		clock_go(tx_arena(tx), c, PAUSE_resident, now);
	if (!was_open && is_open)
		clock_closed_time(tx_arena(tx), c, now);
	if (m->verb == VERB_ask)
		clock_stop(w, tx_arena(tx), c, PAUSE_resident, now);
}

static enum rc step_to(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                       const struct actor_mark *who, int64_t now, struct fault *f)
{
	if (m->verb == VERB_unclose || m->verb == VERB_restore || (m->verb == VERB_ungather && !state_open(c->state)))
		return step_back(tx, w, c, f);
	const struct step *s = procedure_step(c->procedure, c->step);
	const struct move_row *row = move_of(c, s, m);
	int64_t due_before = c->due_at;
	if (row == NULL && (m->verb == VERB_pause || m->verb == VERB_resume || m->verb == VERB_extend)) {
		case_due(w, tx_arena(tx), c);
		other_deadline(c, due_before);
	}
	if (row == NULL)
		return RC_OK;                      /* one of the works: the step stays */
	const struct step *to = procedure_step(c->procedure, row->to);
	if (to == NULL)
		return fault_set(f, RC_CORRUPT, "the step %.*s does not exist", PSTR(row->to));
	bool was_open = state_open(c->state), is_open = state_open(to->state);
	step_clock(tx, w, c, m, to, now);
	if (was_open && !is_open)
		case_due(w, tx_arena(tx), c);      /* what waited waits no more: the date it ends with */
	int64_t due_end = c->due_at;
	c->step = to->name;
	c->state = to->state;
	if (was_open && !is_open) {
		c->closed_at = now;
		c->closed_by = who->account;
		c->closed_from = s->name;
		c->ended_due_at = due_end;
		if (to->outcome.n > 0)
			c->outcome = to->outcome;
	}
	if (!was_open && is_open) {            /* the clock starts again; the promise is a new one */
		c->closed_at = 0;
		c->closed_by = (struct account_id){0};
		c->closed_from = STR_EMPTY;
		c->began_at = now;
		c->ended_due_at = 0;
		c->firsts = STR_EMPTY;
		c->outcome = STR_EMPTY;
		c->solved_said = false;
		c->mediators[0] = c->mediators[1] = (struct account_id){0};
	}
	if (c->state == STATE_solved)
		c->solved_said = true;
	if (row->who == MOVER_unit && c->officer.v == 0 && m->verb != VERB_clear)
		c->officer = who->account;         /* whoever moves a case that is nobody's holds it */
	case_due(w, tx_arena(tx), c);
	other_deadline(c, due_before);
	return RC_OK;
}

/* What becomes open again in a unit that was dissolved, or will be, would be nobody's: it goes where
 * new reports of its kind go, or where they cannot go either to the first unit that stays. */
static enum rc to_a_unit_that_stays(struct tx *tx, const struct flow *w, struct ward_case *c,
                                    struct draft *d, struct fault *f)
{
	struct unit unit, *all;
	size_t n = 0;
	const struct procedure *p = case_present(w, c, tx_now(tx));
	enum rc rc = unit_get(tx, c->unit, &unit, f);
	if (rc != RC_OK || unit.until_day == 0 || unit.office)
		return rc;
	rc = unit_by_slug(tx, p != NULL ? p->unit : c->procedure->unit, &unit, f);
	if (rc == RC_NONE || (rc == RC_OK && unit.until_day != 0)) {
		rc = unit_list(tx, &all, &n, f);
		for (size_t i = n; rc == RC_OK && i-- > 0;)
			if (all[i].until_day == 0)
				unit = all[i];
	}
	if (rc != RC_OK || unit.until_day != 0)
		return rc;
	c->unit = unit.id;
	c->officer = (struct account_id){0};
	draft_add(d, "unit", unit.slug, STR("figures"));
	return RC_OK;
}

static enum rc write_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                          struct ward_case *c, const struct move *m, struct draft *d,
                          const struct actor_mark *who, struct fault *f)
{
	draft_chain(d, c, tx_ward(tx), m->verb, c->moved_at, who);
	enum rc rc = case_update(tx, w, before, c, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, d, c, m->verb, c->moved_at, who, f);
	if (rc == RC_OK)
		rc = clock_write(tx, before, c, f);
	if (rc == RC_OK && m->verb != VERB_release && m->verb != VERB_blur)
		rc = case_photos(tx, w, c, d, m->photos, m->photo_count, who->by_reporter, f);
	if (rc == RC_OK && (before->closed_at != c->closed_at || before->lead.v != c->lead.v))
		rc = timeline_due(tx, w, c, f);
	bool news = state_open(before->state) != state_open(c->state) || before->state == STATE_received;
	if (rc == RC_OK && news && before->state != c->state && c->more > 0)
		rc = followers_put(tx, c, f);
	if (rc == RC_OK && c->more > 0 && case_unit(before).v != case_unit(c).v)
		rc = followers_hand_over(tx, c, f);
	if (rc == RC_OK)
		rc = search_case(tx, w, before, c, NULL, f);
	return rc == RC_OK && m->verb == VERB_blur ? blur_write(tx, w, c, (int)d->count, m, f) : rc;
}

static enum rc move_one(struct tx *tx, const struct flow *w, const struct ward *ward,
                        const struct ward_case *before, struct ward_case *c, const struct move *m,
                        const struct actor_mark *who, struct fault *f)
{
	struct draft d;
	*c = *before;
	c->moved_at = tx_now(tx);
	if (m->danger && m->actor == NULL)
		c->danger_at = c->moved_at;
	enum rc rc = works_do(tx, w, ward, c, m, who, &d, f);
	if (rc == RC_OK)
		rc = step_to(tx, w, c, m, who, c->moved_at, f);
	if (!flood_stays(m->verb))
		c->flood = (struct flood_id){0};
	bool opens = !state_open(before->state) || (case_apart(before) && !case_apart(c));
	if (rc == RC_OK && opens && state_open(c->state))
		rc = to_a_unit_that_stays(tx, w, c, &d, f);
	if (rc == RC_OK)
		rc = write_move(tx, w, before, c, m, &d, who, f);
	if (rc == RC_OK && m->danger && m->actor == NULL)
		rc = danger_words(tx, c, c->seq, f);
	if (rc == RC_OK && m->danger && m->actor == NULL)
		rc = danger_top(tx, c, f);
	return rc == RC_OK ? lead_changed(tx, w, before, c, m, f) : rc;
}

/* "It is not solved", said by who reported what follows a case: that case is reopened. */
static enum rc reopen_top(struct tx *tx, const struct flow *w, const struct ward *ward,
                          const struct ward_case *c, const struct move *m,
                          const struct actor_mark *who, struct fault *f)
{
	struct ward_case before, top;
	struct actor_mark other = *who;
	other.by_reporter = false;             /* its own reporter did not say it */
	enum rc rc = case_lock(tx, w, c->top->id, 0, &before, f);
	if (rc == RC_OK && (case_verbs(w, &before, NULL, tx_now(tx)) & BIT(VERB_reopen)) == 0)
		return case_refuse(w, &before, m, tx_now(tx), f);
	return rc == RC_OK ? move_one(tx, w, ward, &before, &top, m, &other, f) : rc;
}

enum rc case_move(struct tx *tx, const struct flow *w, const struct ward *ward,
                  struct ward_case *c, const struct move *m, struct fault *f)
{
	struct ward_case before, now_c;
	struct actor_mark who;
	if (m->actor != NULL && m->actor->ward.v != tx_ward(tx).v)
		return RC_NONE;                    /* another ward's officer learns nothing */
	enum rc rc = case_lock(tx, w, c->id, m->expected_version, &before, f);
	if (rc == RC_OK)
		rc = flow_current(tx, &w, f);
	if (rc != RC_OK)
		return rc;
	int64_t now = tx_now(tx);
	rc = recalendar_case(tx, w, &before, f);   /* a person was quicker than its turn */
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	if (m->by_clock && (m->verb != VERB_pass_up || !case_with_area(&before)))
		return fault_set(f, RC_DENIED, "the khu vực does not have it");
	if (!m->by_clock && (m->verb <= VERB_unset || m->verb >= VERB_COUNT ||
	                     (case_verbs(w, &before, m->actor, now) & BIT(m->verb)) == 0))
		return case_refuse(w, &before, m, now, f);
	if (m->actor != NULL && verb_crosses(m->verb) && pending_waits(tx, c->id, f))
		return fault_set(f, RC_WAITING, "a step of the case waits");
	rc = m->by_clock ? clock_mark(w, &who, f) : actor_mark(w, m->actor, before.unit, &who, f);
	if (rc == RC_OK && before.procedure->agency)
		rc = agency_mark(w, &before, m, &who, f);
	if (rc == RC_OK)
		rc = move_one(tx, w, ward, &before, &now_c, m, &who, f);
	if (rc == RC_OK && m->verb == VERB_reopen && now_c.lead.v != 0)
		rc = reopen_top(tx, w, ward, &now_c, m, &who, f);
	if (rc == RC_OK && (now_c.lead.v != 0 || m->verb == VERB_blur))
		return case_get(tx, w, now_c.id, c, f);  /* with the case that it follows, as that stands now */
	if (rc == RC_OK)
		*c = now_c;
	return rc;
}
