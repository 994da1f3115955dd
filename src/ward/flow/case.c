/* The rules of a case: opening, and the one door through which it moves. */
#include <sodium.h>

#include "ward/flow/case_works.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

bool case_handled_by(const struct ward_case *c, const struct actor *a)
{
	return actor_may(a, PERM_case_work) && actor_in_unit(a, c->unit);
}

const char *const CHANNELS[CHANNEL_COUNT] = {"web", "phone", "counter", "letter", "chat"};

bool channel_known(struct str name)
{
	for (size_t i = 0; i < CHANNEL_COUNT; i++)
		if (str_is(name, CHANNELS[i]))
			return true;
	return false;
}

/* ---------------------------------------------------------------- opening */

enum { PUBLIC_SYMBOLS = 7, OPEN_TRIES = 5, OPEN_PARTS = 8 };

static void public_code(struct str prefix, char out[16])
{
	char s[PUBLIC_SYMBOLS + 1] = {0};
	for (int i = 0; i < PUBLIC_SYMBOLS; i++)
		s[i] = CODE_ALPHABET[randombytes_uniform(sizeof CODE_ALPHABET - 1)];
	(void)snprintf(out, 16, "%.*s-P-%s", PSTR(prefix), s);
}

static enum rc check_new(const struct case_new *n, struct fault *f)
{
	const struct procedure *p = n->procedure;
	if (p == NULL || p->step_count == 0)
		return fault_set(f, RC_INVALID, "a case needs a procedure with a step");
	if (n->photo_count > 0 && (!p->photos || p->conduct))
		return fault_set(f, RC_REFUSED, "%.*s takes no photos", PSTR(p->name));
	if (p->max_photos >= 0 && n->photo_count > (size_t)p->max_photos)
		return fault_set(f, RC_LIMIT, "more than %d photos", p->max_photos);
	if (n->actor != NULL && !actor_may(n->actor, PERM_case_work))
		return fault_set(f, RC_DENIED, "only who works cases enters one");
	return RC_OK;
}

/* *until: last day of the unit that receives it; 0: none is set. */
static enum rc new_case(struct tx *tx, const struct flow *w, const struct case_new *n,
                        struct ward_case *c, int32_t *until, struct fault *f)
{
	const struct procedure *p = n->procedure;
	struct unit unit;
	enum rc rc = unit_by_slug(tx, p->unit, &unit, f);
	if (rc != RC_OK)
		return rc < RC_OK ? rc
		                  : fault_at(f, RC_EXPIRED, "", 0, "kind",
		                             "the ward has no unit %.*s, which %.*s names", PSTR(p->unit),
		                             PSTR(p->name));
	*until = unit.until_day;
	int64_t now = tx_now(tx);
	*c = (struct ward_case){
		.id = {idgen_next(w->ids)},
		.version = 1,
		.procedure = p,
		.kind = p->name,
		.step = p->steps[0].name,
		.state = p->steps[0].state,
		.unit = unit.id,
		.place = n->place,
		.listed = p->listed && !p->conduct,
		.received_at = now,
		.began_at = now,
		.moved_at = now,
		.due_rule = STR_EMPTY,
		.outcome = STR_EMPTY,
		.released_text = STR_EMPTY,
		.why_late = STR_EMPTY,
		.closed_from = STR_EMPTY,
		.channel = channel_known(n->channel) ? n->channel : str_of(CHANNELS[0]),
		.event_at = n->event_at,
	};
	case_due(w, c);
	return RC_OK;
}

/* The words are always part 1 of entry 1, also when there are none: lists and the search read
 * them there. */
static void open_draft(struct draft *d, struct arena *a, const struct case_new *n)
{
	draft_init(d, a, OPEN_PARTS + n->photo_count);
	draft_add(d, "text", n->text, STR("text"));
	draft_add(d, "kind", n->procedure->name, STR("figures"));
	draft_add(d, "place", case_place_text(a, &n->place), STR("place"));
	if (n->actor != NULL) {
		draft_add(d, "channel", n->channel, STR("figures"));
		draft_add(d, "event", text_iso(a, n->event_at), STR("place"));
	}
	for (size_t i = 0; i < n->photo_count; i++)
		draft_add(d, "photo", hex_of(a, hash_str(&n->photos[i].hash)), STR("photo"));
}

static enum rc insert_case(struct tx *tx, const struct ward *ward, struct ward_case *c,
                           struct fault *f)
{
	enum rc rc = RC_EXISTS;
	for (int i = 0; i < OPEN_TRIES && rc == RC_EXISTS; i++) {
		public_code(ward->prefix, c->public_code);
		rc = case_insert(tx, c, f);
	}
	return rc == RC_EXISTS ? fault_set(f, RC_FAIL, "no free public code was found") : rc;
}

static enum rc case_photos(struct tx *tx, const struct flow *w, const struct ward_case *c,
                           const struct draft *d, const struct photo *photos, size_t n,
                           bool by_reporter, struct fault *f)
{
	enum rc rc = RC_OK;
	int first = (int)(d->count - n) + 1;   /* the photos' parts are the draft's last ones */
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = attachment_put(tx, w, c, c->seq, first + (int)i, &photos[i], by_reporter, f);
	return rc;
}

enum rc case_open(struct tx *tx, const struct flow *w, const struct ward *ward,
                  const struct case_new *n, struct ward_case *out, struct receipt *receipt,
                  struct fault *f)
{
	struct ward_case c;
	struct actor_mark who;
	struct draft d;
	int32_t until = 0, today = day_of(tx_now(tx));
	enum rc rc = check_new(n, f);
	if (rc == RC_OK)
		rc = new_case(tx, w, n, &c, &until, f);
	if (rc == RC_OK)
		rc = actor_mark(w, n->actor, n->actor != NULL ? c.unit : (struct unit_id){0}, &who, f);
	if (rc != RC_OK)
		return rc;
	int year = moment_of(c.received_at).date.year;
	rc = n->actor == NULL
	             ? receipt_put(tx, w->keys, ward->prefix, year, &n->journey, c.id, receipt, f)
	             : receipt_put_word(tx, w->keys, ward->prefix, year, &n->journey, c.id, n->word,
	                                receipt, f);
	if (rc == RC_EXISTS) {                 /* the same form again */
		enum rc there = case_get(tx, w, receipt->case_id, out, f);
		return there == RC_OK ? RC_EXISTS : there;
	}
	if (rc != RC_OK)
		return rc;
	int32_t withdrawn = procedure_withdrawn_from(w->procedures, tx_ward(tx), n->procedure->name);
	if ((withdrawn != 0 && today >= withdrawn) || (until != 0 && today > until))
		return fault_at(f, RC_EXPIRED, "", 0, "kind", "%.*s takes no new cases in this ward",
		                PSTR(n->procedure->name));
	memcpy(c.code, receipt->code, sizeof c.code);
	open_draft(&d, tx_arena(tx), n);
	draft_chain(&d, &c, tx_ward(tx), VERB_open, c.received_at, &who);
	rc = insert_case(tx, ward, &c, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, &d, &c, VERB_open, c.received_at, &who, f);
	if (rc == RC_OK)
		rc = case_photos(tx, w, &c, &d, n->photos, n->photo_count, true, f);
	if (rc == RC_OK)
		rc = counter_move(tx, w, NULL, &c, f);
	if (rc == RC_OK)
		rc = search_case(tx, w, NULL, &c, &n->text, f);
	*out = c;
	return rc;
}

/* ---------------------------------------------------------------- who may */

#define BIT(v) (UINT32_C(1) << (v))

static uint32_t works_of(const struct flow *w, const struct ward_case *c, int64_t now)
{
	uint32_t verbs = BIT(VERB_note) | BIT(VERB_correct);
	if (state_open(c->state))
		verbs |= BIT(VERB_assign) | BIT(VERB_photo);
	if (state_open(c->state) && c->due_at != 0 && now >= c->due_at - EXPLAIN_US)
		verbs |= BIT(VERB_explain);
	const struct procedure *p = case_present(w, c, now);
	bool photos = p != NULL && p->photos && !p->conduct;
	if (!photos)
		verbs &= ~BIT(VERB_photo);
	if (c->listed) {
		verbs |= c->withheld ? BIT(VERB_unwithhold) : BIT(VERB_withhold);
		if (p != NULL && p->listed && !p->conduct)
			verbs |= BIT(VERB_release);
		verbs |= BIT(VERB_unrelease);
	}
	return verbs;
}

static bool may_unclose(const struct ward_case *c, const struct actor *a, int64_t now)
{
	return c->state == STATE_closed && c->closed_by.v != 0 && c->closed_by.v == a->account.v &&
	       now - c->closed_at < UNCLOSE_US && procedure_step(c->procedure, c->closed_from) != NULL;
}

uint32_t case_verbs(const struct flow *w, const struct ward_case *c, const struct actor *a,
                    int64_t now)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	uint32_t verbs = 0;
	if (s == NULL || (a != NULL && !case_handled_by(c, a)))
		return 0;
	enum mover who = a == NULL ? MOVER_reporter : MOVER_unit;
	for (size_t i = 0; i < s->move_count; i++) {
		const struct move_row *m = &s->moves[i];
		if (m->who != who)
			continue;
		if (m->within.n > 0 && !within_rule(w, m->within, c->closed_at, now))
			continue;
		verbs |= BIT(m->verb);
	}
	if (a == NULL)
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

/* Why a verb is not among case_verbs. */
enum rc case_refuse(const struct flow *w, const struct ward_case *c, const struct move *m,
                    int64_t now, struct fault *f)
{
	const struct step *s = procedure_step(c->procedure, c->step);
	if (m->actor != NULL && !case_handled_by(c, m->actor))
		return fault_set(f, RC_DENIED, "the case is another unit's");
	const struct move_row *row =
		s != NULL ? step_move(s, m->verb, m->actor == NULL ? MOVER_reporter : MOVER_unit) : NULL;
	if (row != NULL && row->within.n > 0 && !within_rule(w, row->within, c->closed_at, now))
		return fault_set(f, RC_EXPIRED, "%s is past its time", verb_name(m->verb));
	if (m->actor != NULL &&
	    (m->verb == VERB_release || m->verb == VERB_withhold || m->verb == VERB_photo))
		return fault_set(f, RC_REFUSED, "%s is not for a case of this kind or state",
		                 verb_name(m->verb));
	return fault_set(f, RC_DENIED, "%s is not a move of the step %.*s", verb_name(m->verb),
	                 PSTR(c->step));
}

/* ---------------------------------------------------------------- moving */

/* As if it had never been closed: the deadlines count on from where they began. */
static enum rc step_back(const struct flow *w, struct ward_case *c, struct fault *f)
{
	const struct step *to = procedure_step(c->procedure, c->closed_from);
	if (to == NULL)
		return fault_set(f, RC_CORRUPT, "the step %.*s does not exist", PSTR(c->closed_from));
	c->step = to->name;
	c->state = to->state;
	c->closed_at = 0;
	c->closed_by = (struct account_id){0};
	c->closed_from = STR_EMPTY;
	c->outcome = STR_EMPTY;
	case_due(w, c);
	return RC_OK;
}

/* What was told of one deadline does not excuse the next. */
static void other_deadline(struct ward_case *c, int64_t due_before)
{
	if (state_open(c->state) && c->due_at != due_before)
		c->why_late = STR_EMPTY;
}

static enum rc step_to(const struct flow *w, struct ward_case *c, const struct move *m,
                       const struct actor_mark *who, int64_t now, struct fault *f)
{
	if (m->verb == VERB_unclose)
		return step_back(w, c, f);
	const struct step *s = procedure_step(c->procedure, c->step);
	const struct move_row *row =
		step_move(s, m->verb, m->actor == NULL ? MOVER_reporter : MOVER_unit);
	if (row == NULL)
		return RC_OK;                      /* one of the works: the step stays */
	const struct step *to = procedure_step(c->procedure, row->to);
	if (to == NULL)
		return fault_set(f, RC_CORRUPT, "the step %.*s does not exist", PSTR(row->to));
	bool was_open = state_open(c->state), is_open = state_open(to->state);
	int64_t due_before = c->due_at;
	c->step = to->name;
	c->state = to->state;
	if (was_open && !is_open) {
		c->closed_at = now;
		c->closed_by = who->account;
		c->closed_from = s->name;
	}
	if (!was_open && is_open) {            /* the clock starts again; the promise is a new one */
		c->closed_at = 0;
		c->closed_by = (struct account_id){0};
		c->closed_from = STR_EMPTY;
		c->began_at = now;
		c->outcome = STR_EMPTY;
		c->solved_said = false;
	}
	if (c->state == STATE_solved)
		c->solved_said = true;
	if (m->actor != NULL && c->officer.v == 0)
		c->officer = who->account;         /* whoever moves a case that is nobody's holds it */
	case_due(w, c);
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
	if (rc != RC_OK || unit.until_day == 0)
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
	if (rc == RC_OK && m->verb != VERB_release)
		rc = case_photos(tx, w, c, d, m->photos, m->photo_count, m->actor == NULL, f);
	if (rc == RC_OK && before->closed_at != c->closed_at)
		rc = timeline_due(tx, w, c, f);
	return rc == RC_OK ? search_case(tx, w, before, c, NULL, f) : rc;
}

enum rc case_move(struct tx *tx, const struct flow *w, const struct ward *ward,
                  struct ward_case *c, const struct move *m, struct fault *f)
{
	struct ward_case before, now_c;
	struct actor_mark who;
	struct draft d;
	if (m->actor != NULL && m->actor->ward.v != tx_ward(tx).v)
		return RC_NONE;                    /* another ward's officer learns nothing */
	enum rc rc = case_lock(tx, w, c->id, m->expected_version, &before, f);
	if (rc != RC_OK)
		return rc;
	int64_t now = tx_now(tx);
	if (m->verb <= VERB_unset || m->verb >= VERB_COUNT ||
	    (case_verbs(w, &before, m->actor, now) & BIT(m->verb)) == 0)
		return case_refuse(w, &before, m, now, f);
	if (m->actor != NULL && verb_crosses(m->verb) && pending_waits(tx, c->id, f))
		return fault_set(f, RC_WAITING, "a step of the case waits");
	now_c = before;
	now_c.moved_at = now;
	rc = actor_mark(w, m->actor, before.unit, &who, f);
	if (rc == RC_OK)
		rc = works_do(tx, w, ward, &now_c, m, &who, &d, f);
	if (rc == RC_OK)
		rc = step_to(w, &now_c, m, &who, now, f);
	if (rc == RC_OK && !state_open(before.state) && state_open(now_c.state))
		rc = to_a_unit_that_stays(tx, w, &now_c, &d, f);
	if (rc == RC_OK)
		rc = write_move(tx, w, &before, &now_c, m, &d, &who, f);
	if (rc == RC_OK)
		*c = now_c;
	return rc;
}
