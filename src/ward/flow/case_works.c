#include <inttypes.h>

#include "ward/flow/case_works.h"

const char *const OUTCOMES[OUTCOME_COUNT] = {"mended", "not_ours", "not_found", "duplicate"};

bool outcome_known(struct str name)
{
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		if (str_is(name, OUTCOMES[i]))
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
static const char *const SAID[] = {"text", "public_text", "why_late", "reason", "result", "thanks",
	"happened"};

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
	if (m->photo_count == 0)
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
	c->kind = p->name;
	draft_add(d, "kind", p->name, STR("figures"));
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
	if (!outcome_known(m->outcome))
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

static enum rc do_explain(struct tx *tx, struct ward_case *c, const struct move *m, struct fault *f)
{
	enum rc rc = need(m, "why_late", f);
	if (rc == RC_OK)
		c->why_late = arena_copy(tx_arena(tx), said(m, "why_late"));
	return rc;
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
	case VERB_explain:
		return do_explain(tx, c, m, f);
	case VERB_unrelease:
		return hide_all(tx, c, f);
	case VERB_withhold:
	case VERB_unwithhold:
		c->withheld = m->verb == VERB_withhold;
		return need(m, "reason", f);
	case VERB_withdraw:
	case VERB_solved:
	case VERB_reopen:
		return RC_OK;
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
		return rc != RC_OK || outcome_known(m->outcome)
		               ? rc
		               : fault_at(f, RC_INVALID, NULL, 0, "outcome", "there is no outcome %.*s",
		                          PSTR(m->outcome));
	case VERB_release:
		return release_check(tx, c, m, f);
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
