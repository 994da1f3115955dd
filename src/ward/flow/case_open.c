/* Opening a case: its unit, its first entry, its receipt. */
#include <sodium.h>
#include "ward/flow/case_works.h"
#include "ward/flow/clock.h"
#include "ward/flow/area.h"
#include "ward/flow/flood.h"
#include "ward/flow/folded.h"
#include "ward/flow/recalendar.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

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
	if (p->agency)
		return n->actor != NULL && actor_may(n->actor, PERM_agency_ask)
		               ? RC_OK
		               : fault_set(f, RC_DENIED, "an agency's request is entered by who may ask");
	if (n->actor != NULL && n->folded.n == 0 && !actor_may(n->actor, PERM_case_work))
		return fault_set(f, RC_DENIED, "only who works cases enters one");
	/* For somebody without a phone: what a khu vực may read, of its own area (docs/permissions.md, row 116). */
	if (n->folded.n > 0 && (n->actor == NULL || !area_reports(p) || !actor_may(n->actor, PERM_area_read) ||
	                        !actor_in_area(n->actor, n->place.area)))
		return fault_set(f, RC_DENIED, "a khu vực enters what is its own to read");
	/* Who wrote it down would know of it (RIGHTS.md promise 4). */
	if (n->actor != NULL && procedure_by_rule(p))
		return fault_set(f, RC_REFUSED, "%.*s is entered by its reporter alone", PSTR(p->name));
	return RC_OK;
}

/* Which unit has it first. RC_EXPIRED: the ward has none; field "subject": nobody in it receives it. */
static enum rc first_unit(struct tx *tx, const struct case_new *n, struct unit *out,
                          struct str *about_words, struct fault *f)
{
	const struct procedure *p = n->procedure;
	struct subject about;
	if (p->about_staff) {
		enum rc rc = subject_parse(tx, n->subject, &about, f);
		if (rc == RC_OK)
			rc = receiver_office(tx, &about, out, f);
		*about_words = rc == RC_OK ? subject_words(tx_arena(tx), &about) : STR_EMPTY;
		return rc != RC_NONE ? rc : fault_at(f, RC_EXPIRED, "", 0, "subject",
		                                     "nobody who may receive it is entered in the ward");
	}
	if (p->oversight || p->agency) {
		enum rc rc = receiver_office(tx, &(struct subject){.what = p->agency ? SUBJECT_agency : SUBJECT_redress},
		                             out, f);
		return rc != RC_NONE ? rc : fault_at(f, RC_EXPIRED, "", 0, "subject",
		                                     "nobody holds oversight in the ward");
	}
	enum rc rc = unit_by_slug(tx, p->unit, out, f);
	return rc <= RC_OK ? rc
	                   : fault_at(f, RC_EXPIRED, "", 0, "kind", "the ward has no unit %.*s, which %.*s "
	                              "names", PSTR(p->unit), PSTR(p->name));
}

/* *until: last day of the unit that receives it; 0: none is set. */
static enum rc new_case(struct tx *tx, const struct flow *w, const struct case_new *n,
                        struct ward_case *c, int32_t *until, struct str *about, struct fault *f)
{
	const struct procedure *p = n->procedure;
	struct unit unit;
	enum rc rc = first_unit(tx, n, &unit, about, f);
	if (rc != RC_OK)
		return rc;
	*until = unit.until_day;
	int64_t now = tx_now(tx);
	bool for_head = p->area_head && p->listed && !p->conduct && !n->not_head;
	const struct step *first;
	rc = area_first_step(tx, n, for_head, &first, f);
	if (rc != RC_OK)
		return rc;
	*c = (struct ward_case){
		.id = {idgen_next(w->ids)},
		.version = 1,
		.procedure = p,
		.kind = p->name,
		.step = first->name,
		.state = first->state,
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
		.firsts = STR_EMPTY,
		.for_head = for_head,
		.danger_at = n->danger ? now : 0,
	};
	case_due(w, tx_arena(tx), c);
	return RC_OK;
}

/* The words are always part 1 of entry 1, also when there are none: lists and the search read
 * them there. */
static void open_draft(struct draft *d, struct arena *a, const struct case_new *n, struct str about, bool with_area)
{
	draft_init(d, a, OPEN_PARTS + n->part_count + n->photo_count);
	draft_add(d, "text", n->text, STR("text"));
	draft_add(d, "kind", n->procedure->name, STR("figures"));
	draft_add(d, "place", case_place_text(a, &n->place), STR("place"));
	if (about.n > 0)
		draft_add(d, "subject", about, STR("text"));
	if (n->not_head)
		draft_add(d, "not_head", STR("1"), STR("place"));
	if (with_area)
		draft_add(d, "with_area", STR("1"), STR("figures"));
	if (n->actor != NULL) {
		draft_add(d, "channel", n->channel, STR("figures"));
		if (n->event_at != 0)
			draft_add(d, "event", text_iso(a, n->event_at), STR("place"));
	}
	for (size_t i = 0; i < n->part_count; i++)
		draft_add(d, n->parts[i].name.p, n->parts[i].body, n->parts[i].retention);
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

enum rc case_photos(struct tx *tx, const struct flow *w, const struct ward_case *c,
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
	struct str about = STR_EMPTY;
	int32_t until = 0, today = day_of(tx_now(tx));
	enum rc rc = check_new(n, f);
	if (rc == RC_OK)
		rc = flow_current(tx, &w, f);
	if (rc == RC_OK)
		rc = new_case(tx, w, n, &c, &until, &about, f);
	if (rc == RC_OK)
		rc = actor_mark(w, n->actor, n->actor != NULL ? c.unit : (struct unit_id){0}, &who, f);
	if (rc != RC_OK)
		return rc;
	int year = moment_of(c.received_at).date.year;
	rc = n->actor == NULL || n->procedure->agency   /* its code is its number; it has no PIN that anybody knows */
	             ? receipt_put(tx, w->keys, ward->prefix, year, &n->journey, c.id, receipt, f)
	     : n->folded.n > 0
	             ? folded_use(tx, w->keys, &n->journey, c.id, n->folded, receipt, f)
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
	if (n->lead.v != 0)
		rc = join_begin(tx, w, n, &c, f);
	if (rc != RC_OK)
		return rc;
	memcpy(c.code, receipt->code, sizeof c.code);
	open_draft(&d, tx_arena(tx), n, about, case_with_area(&c));
	draft_chain(&d, &c, tx_ward(tx), VERB_open, c.received_at, &who);
	struct ward_case opened = c;           /* before the line of its group */
	struct flood_line line;
	rc = n->flooding != NULL ? flood_begin(tx, w, n, &c, &line, f) : RC_OK;
	if (rc == RC_OK)
		rc = insert_case(tx, ward, &c, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, &d, &opened, VERB_open, c.received_at, &who, f);
	if (rc == RC_OK)
		rc = case_photos(tx, w, &opened, &d, n->photos, n->photo_count, true, f);
	if (rc == RC_OK && c.flood.v != 0)
		rc = flood_line_write(tx, w, &c, &line, f);
	if (rc == RC_OK)
		rc = counter_move(tx, w, NULL, &c, f);
	if (rc == RC_OK)
		rc = escalation_follow(tx, w, NULL, &c, f);
	if (rc == RC_OK)
		rc = area_follow(tx, w, NULL, &c, f);
	if (rc == RC_OK)
		rc = search_case(tx, w, NULL, &c, &n->text, f);
	if (rc == RC_OK && n->danger)
		rc = danger_words(tx, &c, c.seq, f);
	if (rc == RC_OK && c.lead.v != 0)
		rc = join_end(tx, w, &c, f);
	if (rc == RC_OK && n->danger)
		rc = danger_top(tx, &c, f);
	*out = c;
	return rc;
}
