#include <inttypes.h>

#include "ward/flow/agency_private.h"
#include "ward/flow/blur.h"
#include "ward/flow/case_works.h"
#include "ward/flow/flood.h"
#include "ward/flow/redress.h"

const char *const OUTCOMES[OUTCOME_COUNT] = {"mended", "answered", "not_ours", "not_found",
	"duplicate"};

bool outcome_known(struct str name)
{
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		if (str_is(name, OUTCOMES[i]))
			return true;
	return false;
}

static bool outcome_of(const struct procedure *p, struct str name)
{
	return p->oversight ? redress_result(name) : outcome_known(name);
}

const char *const SORTS[SORT_COUNT] = {"tools", "danger", "expert", "not_ours", "other"};

bool sort_known(struct str name)
{
	for (size_t i = 0; i < SORT_COUNT; i++)
		if (str_is(name, SORTS[i]))
			return true;
	return false;
}

struct str case_place_text(struct arena *a, const struct case_place *p)
{
	struct buf b = {0};
	if (p->area.v != 0)
		buf_addf(&b, "area %" PRId64 "\n", p->area.v);
	if (p->street.n > 0)
		buf_addf(&b, "street %.*s\n", PSTR(p->street));
	if (p->landmark.n > 0)
		buf_addf(&b, "landmark %.*s\n", PSTR(p->landmark));
	if (p->has_point)
		buf_addf(&b, "point %.7f %.7f\n", p->lon, p->lat);
	if (p->cell.column != 0)
		buf_addf(&b, "cell C%d-%02d\n", (int)p->cell.column, (int)p->cell.row);
	if (p->unsure)
		buf_addz(&b, "unsure\n");
	return arena_take(a, &b);
}

/* Which parts a caller may hand in; the others are written here. */
static const char *const SAID[] = {"text", "sort", "public_text", "why_late", "reason", "result", "thanks",
	"happened", "appointment", "clock_why"};

static enum rc add_said(struct draft *d, const struct move *m, struct fault *f)
{
	for (size_t i = 0; i < m->part_count; i++) {
		const char *name = NULL;
		for (size_t k = 0; k < sizeof SAID / sizeof *SAID; k++)
			if (str_is(m->parts[i].name, SAID[k]))
				name = SAID[k];
		if (name == NULL)
			return fault_at(f, RC_INVALID, NULL, 0, "part", "there is no part %.*s",
			                PSTR(m->parts[i].name));
		if (m->parts[i].body.n > 0)
			draft_add(d, name, m->parts[i].body, m->parts[i].retention);
	}
	return RC_OK;
}

static struct str said(const struct move *m, const char *name)
{
	for (size_t i = 0; i < m->part_count; i++)
		if (str_is(m->parts[i].name, name))
			return m->parts[i].body;
	return STR_EMPTY;
}

static enum rc need(const struct move *m, const char *name, struct fault *f)
{
	if (said(m, name).n > 0)
		return RC_OK;
	return fault_at(f, RC_INVALID, NULL, 0, name, "%s needs its %s", verb_name(m->verb), name);
}

static enum rc photos_allowed(struct tx *tx, const struct flow *w, const struct ward_case *c,
                              const struct move *m, struct fault *f)
{
	if (m->photo_count == 0 || m->verb == VERB_blur)   /* which adds none */
		return RC_OK;
	const struct procedure *p = case_present(w, c, tx_now(tx));
	if (p == NULL || !p->photos || p->conduct || !c->procedure->photos)
		return fault_at(f, RC_REFUSED, NULL, 0, "photo", "%.*s takes no photos", PSTR(c->kind));
	if (m->actor == NULL && m->photo_count > (size_t)p->max_photos)
		return fault_at(f, RC_LIMIT, NULL, 0, "photo", "more than %d photos", p->max_photos);
	return RC_OK;
}

/* Nothing of the case is shown any more, nor can be found by what was. */
static enum rc hide_all(struct tx *tx, struct ward_case *c, struct fault *f)
{
	c->released_text = STR_EMPTY;
	c->why_late = STR_EMPTY;
	return attachment_release(tx, c, NULL, 0, f);
}

static enum rc do_correct(struct tx *tx, const struct flow *w, struct ward_case *c,
                          const struct move *m, struct draft *d, struct fault *f)
{
	enum rc rc = need(m, "reason", f);
	if (rc != RC_OK)
		return rc;
	if (m->kind.n == 0 && m->place == NULL)
		return fault_at(f, RC_INVALID, NULL, 0, "kind", "nothing to correct");
	if (m->place != NULL) {
		c->place = *m->place;
		draft_add(d, "place", case_place_text(tx_arena(tx), m->place), STR("place"));
	}
	if (m->kind.n == 0)
		return RC_OK;
	const struct procedure *p = procedure_of_kind(w->procedures, m->kind, day_of(tx_now(tx)));
	if (p == NULL)
		return fault_at(f, RC_INVALID, NULL, 0, "kind", "there is no kind %.*s", PSTR(m->kind));
	if (!procedure_corrects(c->procedure, p))
		return fault_at(f, RC_INVALID, NULL, 0, "kind", "%.*s does not become %.*s",
		                PSTR(c->procedure->name), PSTR(p->name));
	c->kind = p->name;
	draft_add(d, "kind", p->name, STR("figures"));
	if (!p->area_head)
		c->for_head = false;   /* as with listing: it may only be lost */
	/* Listing may only be lost: what was reported as conduct never becomes public by a click. */
	if (!p->listed || p->conduct)
		c->listed = false;
	return c->listed ? RC_OK : hide_all(tx, c, f);
}

static enum rc do_assign(struct tx *tx, struct ward_case *c, const struct move *m, struct draft *d,
                         struct fault *f)
{
	struct unit unit;
	if (m->unit.v == 0 || m->unit.v == c->unit.v)
		return fault_at(f, RC_INVALID, NULL, 0, "unit", "assign to another unit");
	enum rc rc = unit_get(tx, m->unit, &unit, f);
	if (rc != RC_OK)
		return rc < RC_OK ? rc : fault_at(f, RC_INVALID, NULL, 0, "unit", "there is no such unit");
	if (unit.until_day != 0)
		return fault_at(f, RC_INVALID, NULL, 0, "unit", "the unit is being dissolved");
	c->unit = unit.id;
	c->officer = (struct account_id){0};
	draft_add(d, "unit", unit.slug, STR("figures"));
	return RC_OK;
}

static enum rc do_close(struct tx *tx, struct ward_case *c, const struct move *m, struct draft *d,
                        struct fault *f)
{
	enum rc rc = need(m, "result", f);
	if (rc != RC_OK)
		return rc;
	if (!outcome_of(c->procedure, m->outcome))
		return fault_at(f, RC_INVALID, NULL, 0, "outcome", "there is no outcome %.*s",
		                PSTR(m->outcome));
	c->outcome = arena_copy(tx_arena(tx), m->outcome);
	draft_add(d, "outcome", c->outcome, STR("figures"));
	return RC_OK;
}

/* What was shown is part of the entry: the words, and the hash of each photo. */
static enum rc do_release(struct tx *tx, struct ward_case *c, const struct move *m, struct draft *d,
                          struct fault *f)
{
	struct str text = said(m, "public_text");
	if (text.n == 0 && m->release_count == 0)
		return fault_at(f, RC_INVALID, NULL, 0, "public_text", "nothing to release");
	if (m->photo_count > 0)
		return fault_at(f, RC_INVALID, NULL, 0, "photo", "a release takes no new photos");
	if (text.n > 0)
		c->released_text = arena_copy(tx_arena(tx), text);
	struct attachment *all;
	size_t n;
	enum rc rc = attachment_release(tx, c, m->release, m->release_count, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, c, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (all[i].released)
			draft_add(d, "photo", hex_of(tx_arena(tx), hash_str(&all[i].photo.hash)),
			          STR("photo"));
	return rc;
}

/* It is mended as far as the khu vực saw; whoever reported it says whether that is so. */
static enum rc do_settle(struct ward_case *c, struct draft *d)
{
	c->outcome = str_of(OUTCOMES[0]);
	draft_add(d, "outcome", c->outcome, STR("figures"));
	return RC_OK;
}

/* By the clock the reason is the time: nobody acted. */
static enum rc do_pass_up(const struct move *m, struct draft *d, struct fault *f)
{
	if (m->by_clock)
		draft_add(d, "sort", STR("time"), STR("figures"));
	if (m->by_clock || sort_known(said(m, "sort")))
		return RC_OK;
	return fault_at(f, RC_INVALID, NULL, 0, "sort", "pass_up needs its sort of reason");
}

/* Two different people who hold the role today. No name goes into the timeline. */
static enum rc do_appoint(struct tx *tx, struct ward_case *c, const struct move *m, struct fault *f)
{
	if (m->mediators[0].v == m->mediators[1].v)
		return fault_at(f, RC_INVALID, NULL, 0, "mediators", "two different mediators are needed");
	for (size_t i = 0; i < 2; i++) {
		struct actor a;
		enum rc rc = m->mediators[i].v != 0 ? actor_of(tx, m->mediators[i], &a, f) : RC_NONE;
		if (rc < RC_OK)
			return rc;
		if (rc != RC_OK || !actor_may(&a, PERM_mediate))
			return fault_at(f, RC_INVALID, NULL, 0, "mediators", "is no mediator in this ward");
		c->mediators[i] = m->mediators[i];
	}
	return RC_OK;
}

static enum rc do_explain(struct tx *tx, struct ward_case *c, const struct move *m, struct fault *f)
{
	enum rc rc = need(m, "why_late", f);
	if (rc == RC_OK)
		c->why_late = arena_copy(tx_arena(tx), said(m, "why_late"));
	return rc;
}

static enum rc do_clock(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                        struct fault *f)
{
	enum rc rc = m->verb == VERB_resume ? RC_OK : need(m, "clock_why", f);
	if (rc != RC_OK)
		return rc;
	if (m->verb == VERB_extend)
		return clock_extend(w, tx_arena(tx), c, tx_now(tx), f);
	if (m->verb == VERB_pause)
		clock_stop(w, tx_arena(tx), c, PAUSE_authority, tx_now(tx));
	else
		clock_go(tx_arena(tx), c, PAUSE_authority, tx_now(tx));
	return RC_OK;
}

/* What the reporter puts right beside the former words, which stay: so often a case, that it is no way to
 * fill a page. */
static enum rc do_amend(struct tx *tx, const struct ward_case *c, const struct move *m, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM timeline WHERE ward_id = ?1 AND case_id = ?2 AND verb = 'amend'", "i", "i");
	struct rows r;
	enum rc rc = need(m, "text", f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	if (rc != RC_OK)
		return rc;
	int64_t n = row_int(&r, 0);
	rows_end(&r);
	return n < AMEND_MAX ? RC_OK : fault_at(f, RC_LIMIT, NULL, 0, "text", "it was put right often enough");
}

static enum rc do_verb(struct tx *tx, const struct flow *w, struct ward_case *c,
                       const struct move *m, const struct actor_mark *who, struct draft *d,
                       struct fault *f)
{
	switch (m->verb) {
	case VERB_take:
		c->officer = who->account;
		return RC_OK;
	case VERB_ask:
	case VERB_note:
	case VERB_unclose:
		return need(m, "text", f);
	case VERB_amend:
		return do_amend(tx, c, m, f);
	case VERB_answer:
		return m->photo_count > 0 ? RC_OK : need(m, "text", f);
	case VERB_photo:
		return m->photo_count > 0
		               ? RC_OK
		               : fault_at(f, RC_INVALID, NULL, 0, "photo", "no photo was given");
	case VERB_assign:
		return do_assign(tx, c, m, d, f);
	case VERB_correct:
		return do_correct(tx, w, c, m, d, f);
	case VERB_close:
		return do_close(tx, c, m, d, f);
	case VERB_release:
		return do_release(tx, c, m, d, f);
	case VERB_blur:
		return blur_check(tx, c, m, f);
	case VERB_explain:
		return do_explain(tx, c, m, f);
	case VERB_apologise:
		return apology_give(tx, c, d, f);
	case VERB_unrelease:
		return hide_all(tx, c, f);
	case VERB_withhold:
	case VERB_unwithhold:
		c->withheld = m->verb == VERB_withhold;
		return need(m, "reason", f);
	case VERB_pause:
	case VERB_resume:
	case VERB_extend:
		return do_clock(tx, w, c, m, f);
	case VERB_appoint:
		return do_appoint(tx, c, m, f);
	case VERB_meet:
		return need(m, "appointment", f);
	case VERB_agree:
	case VERB_disagree:
		/* Of the talk no more is kept than how it ended. */
		return m->part_count == 0 ? RC_OK : fault_at(f, RC_INVALID, NULL, 0, "part", "takes no words");
	case VERB_merge:
	case VERB_unmerge:
	case VERB_split: {
		enum rc rc = need(m, "reason", f);
		return rc == RC_OK ? lead_change(tx, w, c, m, d, f) : rc;
	}
	case VERB_withdraw:
		if (c->procedure->agency)
			return agency_works(tx, c, m, d, f);
		return c->lead.v != 0 ? lead_change(tx, w, c, m, d, f) : RC_OK;
	case VERB_solved:
	case VERB_reopen:
		return c->lead.v != 0 ? lead_change(tx, w, c, m, d, f) : RC_OK;
	case VERB_clear:
		c->outcome = STR(FLOOD_OUTCOME);
		draft_add(d, "outcome", c->outcome, STR("figures"));
		return need(m, "reason", f);
	case VERB_settle:
		return do_settle(c, d);
	case VERB_pass_up:
		return do_pass_up(m, d, f);
	case VERB_restore:
	case VERB_ungather:
		return RC_OK;
	case VERB_approve:
	case VERB_refuse:
		return agency_works(tx, c, m, d, f);
	case VERB_give:
	case VERB_agency:
	case VERB_gather:
	case VERB_join:
	case VERB_recalendar:
	case VERB_erase:
	case VERB_pass_on:
	case VERB_hold:
	case VERB_unhold:
	case VERB_redress:
	case VERB_unfounded:
	case VERB_open:
	case VERB_set_pin:
	case VERB_reissue:
	case VERB_unset:
	case VERB_COUNT:
		break;
	}
	return fault_set(f, RC_DENIED, "a case is opened by case_open");
}

static enum rc release_check(struct tx *tx, const struct ward_case *c, const struct move *m,
                             struct fault *f)
{
	struct attachment *all;
	size_t n;
	if (said(m, "public_text").n == 0 && m->release_count == 0)
		return fault_at(f, RC_INVALID, NULL, 0, "public_text", "nothing to release");
	enum rc rc = case_attachments(tx, c, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < m->release_count; i++) {
		bool own = false;
		for (size_t k = 0; k < n; k++)
			own = own || all[k].id.v == m->release[i].v;
		if (!own)
			rc = fault_set(f, RC_INVALID, "a photo to release is not of this case");
	}
	return rc;
}

enum rc works_check(struct tx *tx, const struct flow *w, const struct ward_case *c,
                    const struct move *m, struct fault *f)
{
	enum rc rc = photos_allowed(tx, w, c, m, f);
	if (rc != RC_OK)
		return rc;
	switch (m->verb) {
	case VERB_ask:
		return need(m, "text", f);
	case VERB_explain:
		return need(m, "why_late", f);
	case VERB_close:
		rc = need(m, "result", f);
		return rc != RC_OK || outcome_of(c->procedure, m->outcome)
		               ? rc
		               : fault_at(f, RC_INVALID, NULL, 0, "outcome", "there is no outcome %.*s",
		                          PSTR(m->outcome));
	case VERB_release:
		return release_check(tx, c, m, f);
	case VERB_settle:
		return RC_OK;
	case VERB_pass_up:
		return do_pass_up(m, NULL, f);
	default:
		return fault_set(f, RC_DENIED, "%s does not wait", verb_name(m->verb));
	}
}

enum rc works_do(struct tx *tx, const struct flow *w, const struct ward *ward, struct ward_case *c,
                 const struct move *m, const struct actor_mark *who, struct draft *d,
                 struct fault *f)
{
	enum { OWN_PARTS = 4 };
	(void)ward;
	enum rc rc = photos_allowed(tx, w, c, m, f);
	if (rc != RC_OK)
		return rc;
	struct attachment *all = NULL;
	size_t n = 0;
	if (m->verb == VERB_release)
		rc = case_attachments(tx, c, &all, &n, f);
	draft_init(d, tx_arena(tx), m->part_count + m->photo_count + n + OWN_PARTS);
	if (rc == RC_OK)
		rc = add_said(d, m, f);
	if (rc == RC_OK)
		rc = do_verb(tx, w, c, m, who, d, f);
	for (size_t i = 0; i < m->photo_count && rc == RC_OK; i++)
		draft_add(d, "photo", hex_of(tx_arena(tx), hash_str(&m->photos[i].hash)), STR("photo"));
	return rc;
}
