/* What stands in the database, as residents, officers and the public would be told. */
#include "drive.h"

#include "ward/figure/figure.h"
#include "ward/flow/apology.h"
#include "ward/flow/clock.h"

static const char *name_of(int i, const char *const *names, int n) { return i >= 0 && i < n ? names[i] : "?"; }
static json_t *text(struct str s) { return json_stringn(s.p != NULL ? s.p : "", s.n); }

/* News are asked for a little less than a day back: the clock moves by whole five minutes, and a
 * case of exactly a day ago is neither. */
#define NEWS_US (150 * US_SECOND)

static int index_of(const struct world *w, struct case_id id)
{
	for (int i = 0; i < w->count; i++)
		if (w->at[i].id.v == id.v)
			return i;
	return -1;
}

static const char *unit_name(const struct world *w, struct unit_id u)
{
	static const char *const NAMES[] = {"ha-tang", "moi-truong", "an-toan"};
	int i = 0;
	while (i < ENV_UNITS && w->unit[i].v != u.v)
		i++;
	return name_of(i, NAMES, ENV_UNITS);
}

static int officer_of(const struct world *w, struct account_id id)
{
	for (int i = 0; i < ACTORS; i++)
		if (i != STRANGER && w->actor[i].account.v == id.v)
			return i;
	return -1;
}

static int area_of(struct area_id id)
{
	for (int i = 0; i < AREAS; i++)
		if (E.area[i].v == id.v)
			return i;
	return -1;
}

/* ---------------------------------------------------------------- a case */

static enum rc timeline(struct tx *tx, const struct ward_case *c, json_t *o, struct fault *f)
{
	struct entry *e;
	size_t n;
	json_t *list = json_array();
	enum rc rc = case_timeline(tx, &E.flow, c, &e, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		(void)json_array_append_new(list, json_string(verb_name(e[i].verb)));
	(void)json_object_set_new(o, "timeline", list);
	return rc;
}

static enum rc photos(struct tx *tx, const struct ward_case *c, json_t *o, struct fault *f)
{
	struct attachment *a;
	size_t n, released = 0;
	enum rc rc = case_attachments(tx, c, &a, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		released += a[i].released;
	if (rc == RC_OK) {
		(void)json_object_set_new(o, "photos", json_integer((json_int_t)n));
		(void)json_object_set_new(o, "shown", json_integer((json_int_t)released));
	}
	return rc;
}

static enum rc waits(struct tx *tx, struct world *w, int i, json_t *o, struct fault *f)
{
	struct pending p, *list;
	size_t n;
	json_t *drafts = json_array();
	enum rc rc = pending_of_case(tx, w->at[i].id, &p, f);
	if (rc == RC_OK)
		(void)json_object_set_new(o, "waits", json_pack("{s:s,s:i}", "verb", verb_name(p.verb), "by", officer_of(w, p.account)));
	if (rc == RC_NONE)
		rc = RC_OK;
	for (int k = 0; rc == RC_OK && k < ACTORS; k++) {
		if (k == STRANGER || w->actor[k].account.v == 0)
			continue;
		rc = pending_drafts(tx, w->actor[k].account, w->at[i].id, &list, &n, f);
		for (size_t j = 0; rc == RC_OK && j < n; j++)
			(void)json_array_append_new(drafts, json_sprintf("%d %s %.*s", k, verb_name(list[j].verb), (int)list[j].why.n, list[j].why.p));
	}
	(void)json_object_set_new(o, "drafts", drafts);
	return rc;
}

static enum rc looks(struct tx *tx, struct world *w, int i, json_t *o, struct fault *f)
{
	struct look_day *l;
	size_t n;
	json_t *list = json_array();
	enum rc rc = look_of_case(tx, w->at[i].id, &l, &n, f);
	for (size_t k = 0; rc == RC_OK && k < n; k++)
		(void)json_array_append_new(list, json_sprintf("%d %.*s %.*s", (int)l[k].day, (int)l[k].role.n, l[k].role.p, (int)l[k].unit.n, l[k].unit.p));
	(void)json_object_set_new(o, "looks", list);
	return rc;
}

/* The last letter of apology, as it would be printed; null: there is none. */
static enum rc letter(struct tx *tx, const struct ward_case *c, json_t *o, struct fault *f)
{
	struct apology l;
	enum rc rc = apology_last(tx, c, &l, f);
	if (rc == RC_OK && l.number > 0)
		(void)json_object_set_new(o, "letter", json_sprintf("%d %s %s %s %s", l.number, text_day_iso(tx_arena(tx), l.day).p,
			text_day_iso(tx_arena(tx), l.first_day).p, text_day_iso(tx_arena(tx), l.new_day).p, l.given_at != 0 ? "true" : "false"));
	else
		(void)json_object_set_new(o, "letter", json_null());
	return rc;
}

static json_t *verbs_of(uint64_t bits)
{
	json_t *list = json_array();
	for (enum verb v = VERB_unset + 1; v < VERB_COUNT; v++)
		if ((bits >> v & 1) != 0)
			(void)json_array_append_new(list, json_string(verb_name(v)));
	return list;
}

static enum rc one_case(struct tx *tx, struct world *w, int i, json_t *out, struct fault *f)
{
	struct ward_case c;
	enum rc rc = case_get(tx, &E.flow, w->at[i].id, &c, f);
	if (rc != RC_OK)
		return rc;
	w->at[i].version = c.version;
	int64_t now = tx_now(tx);
	json_t *may = json_array();
	(void)json_array_append_new(may, verbs_of(case_verbs(&E.flow, &c, NULL, now)));
	for (int k = 0; k < (w->people ? ACTORS : OFFICERS); k++)
		if (k != STRANGER)
			(void)json_array_append_new(may, verbs_of(case_verbs(&E.flow, &c, &w->actor[k], now)));
	json_t *o = json_pack(
		"{s:o,s:o,s:s,s:s,s:i,s:b,s:b,s:b,s:o,s:o,s:o,s:I,s:b,s:b,s:I,s:i,s:o}", "kind", text(c.kind), "step",
		text(c.step), "state", state_name(c.state), "unit", unit_name(w, c.unit), "officer",
		c.officer.v == 0 ? -1 : officer_of(w, c.officer), "listed", (int)c.listed, "withheld", (int)c.withheld,
		"solved", (int)c.solved_said, "outcome", text(c.outcome), "released", text(c.released_text), "why_late",
		text(c.why_late), "due", (json_int_t)(c.due_at / US_SECOND), "late", (int)case_late(&c, now), "closed",
		(int)(c.closed_at != 0), "version", (json_int_t)c.version, "area", area_of(c.place.area), "may", may);
	(void)json_object_set_new(o, "lead", json_integer(c.lead.v != 0 ? index_of(w, c.lead) : -1));
	(void)json_object_set_new(o, "merged", json_boolean(c.merged));
	(void)json_object_set_new(o, "more", json_integer(c.more));
	(void)json_object_set_new(o, "first", json_integer(c.first_due_at / US_SECOND));
	(void)json_object_set_new(o, "ended", json_integer(c.ended_due_at / US_SECOND));
	(void)json_object_set_new(o, "paused", json_boolean(case_paused(&c, now)));
	(void)json_array_append_new(out, o);
	rc = timeline(tx, &c, o, f);
	if (rc == RC_OK)
		rc = photos(tx, &c, o, f);
	if (rc == RC_OK)
		rc = waits(tx, w, i, o, f);
	if (rc == RC_OK)
		rc = looks(tx, w, i, o, f);
	if (rc == RC_OK)
		rc = letter(tx, &c, o, f);
	struct ward_case seen;
	enum rc open = rc == RC_OK ? case_by_public_code(tx, &E.flow, str_of(c.public_code), &seen, f) : rc;
	(void)json_object_set_new(o, "page", json_boolean(open == RC_OK));
	return rc == RC_OK && open != RC_NONE ? open : rc;
}

/* ---------------------------------------------------------------- the desk */

static enum rc counts(struct tx *tx, const struct world *w, json_t *out, struct fault *f)
{
	enum rc rc = RC_OK;
	for (int k = 0; k < OFFICERS - 1 && rc == RC_OK; k++) {
		struct queue_counts q;
		int64_t news, ringing, last;
		rc = case_counts(tx, &E.flow, &w->actor[k], &q, f);
		if (rc == RC_OK)
			rc = case_news(tx, &E.flow, &w->actor[k], tx_now(tx) - US_DAY + NEWS_US, &news, &ringing, &last, f);
		if (rc == RC_OK)
			(void)json_array_append_new(out, json_pack("[I,I,I,I,I,I,I,I,I,I]", (json_int_t)q.n[QUEUE_new], (json_int_t)q.n[QUEUE_mine],
				(json_int_t)q.n[QUEUE_unit], (json_int_t)q.n[QUEUE_asked], (json_int_t)q.n[QUEUE_closed], (json_int_t)q.overdue,
				(json_int_t)news, (json_int_t)ringing, (json_int_t)q.more[QUEUE_unit], (json_int_t)q.more[QUEUE_closed]));
	}
	return rc;
}

static enum rc list(struct tx *tx, const struct world *w, const struct case_filter *filter, json_t *out, struct fault *f)
{
	struct case_row *rows;
	size_t n;
	bool more;
	json_t *all = json_array();
	enum rc rc = case_list(tx, &E.flow, filter, &rows, &n, &more, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		(void)json_array_append_new(all, json_integer(index_of(w, rows[i].id)));
	(void)json_array_append_new(out, all);
	return rc;
}

static enum rc desk(struct tx *tx, const struct world *w, json_t *out, struct fault *f)
{
	enum rc rc = RC_OK;
	for (int k = 0; k < OFFICERS && rc == RC_OK; k++) {
		json_t *queues = json_array();
		(void)json_array_append_new(out, queues);
		for (enum queue q = QUEUE_new; q < QUEUE_COUNT && rc == RC_OK; q++)
			rc = list(tx, w, &(struct case_filter){.queue = q, .actor = &w->actor[k], .limit = CASES}, queues, f);
	}
	return rc;
}

/* ---------------------------------------------------------------- the public */

static enum rc map(struct tx *tx, json_t *out, struct fault *f)
{
	struct map_count *m;
	size_t n;
	enum rc rc = map_counts(tx, &(struct case_filter){.listed = true}, &m, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		(void)json_array_append_new(out, json_pack("[i,I,I]", area_of(m[i].area), (json_int_t)m[i].n, (json_int_t)m[i].more));
	return rc;
}

static enum rc events(struct tx *tx, const struct world *w, json_t *out, struct fault *f)
{
	struct public_event *e;
	size_t n;
	enum rc rc = public_events(tx, &(struct case_filter){.listed = true, .limit = 100}, &e, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		(void)json_array_append_new(out, json_pack("[s,i,i,i]", verb_name(e[i].verb), index_of(w, e[i].row.id), e[i].number, (int)e[i].photo_count));
	return rc;
}

static json_t *figure(const char *name, const struct figure *x)
{
	const struct figure_reports *r = &x->reports;
	return json_pack("[s,I,I,I,I,I,i,I,I,I,I,I]", name, (json_int_t)x->received, (json_int_t)x->closed, (json_int_t)x->open,
	                 (json_int_t)x->overdue, (json_int_t)x->withdrawn, (int)x->median, (json_int_t)r->received,
	                 (json_int_t)r->closed, (json_int_t)r->open, (json_int_t)r->overdue, (json_int_t)r->withdrawn);
}

static enum rc figures(struct tx *tx, json_t *out, struct fault *f)
{
	struct figures x;
	int32_t today = day_of(tx_now(tx));
	struct period year = period_of(PERIOD_year, today);
	enum rc rc = figures_read(tx, &year, STR_EMPTY, (struct area_id){0}, today, &x, f);
	if (rc != RC_OK)
		return rc;
	(void)json_array_append_new(out, figure("", &x.all.f));
	for (size_t i = 0; i < x.kind_count; i++)
		(void)json_array_append_new(out, figure(arena_fmt(tx_arena(tx), "%.*s", PSTR(x.kinds[i].kind)).p, &x.kinds[i].f));
	for (size_t i = 0; i < x.area_count; i++)
		(void)json_array_append_new(out, figure(arena_fmt(tx_arena(tx), "area %d", area_of(x.areas[i].area)).p, &x.areas[i].f));
	return RC_OK;
}

static enum rc quiet(struct tx *tx, enum tally what, json_t *out, struct fault *f)
{
	struct tally_rows rows;
	struct tally_row r;
	enum rc rc = tally_begin(tx, what, 0, TALLY_END, &rows, f);
	while (rc == RC_OK && (rc = tally_next(&rows, &r, f)) == RC_OK)
		(void)json_array_append_new(out, json_pack("[s,i,I,I]", arena_fmt(tx_arena(tx), "%.*s", PSTR(r.k.kind)).p, (int)r.k.mark, (json_int_t)r.n, (json_int_t)r.more));
	tally_end(&rows);
	return rc == RC_NONE ? RC_OK : rc;
}

struct seeing {
	struct world *w;
	bool whole;
	int only;
	json_t *out;
};

static enum rc see_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const char *const PARTS[] = {"cases", "counts", "desk", "list", "map", "events", "figures", "quiet", "quiet_due"};
	enum { CASE_PART, COUNT_PART, SHORT, DESK_PART = SHORT, LIST_PART, MAP_PART, EVENT_PART, FIGURE_PART, QUIET_PART, DUE_PART, PARTS_N };
	struct seeing *s = ctx;
	json_t *part[PARTS_N];
	for (int i = 0; i < (s->whole ? PARTS_N : SHORT); i++) {
		part[i] = json_array();
		(void)json_object_set_new(s->out, PARTS[i], part[i]);
	}
	enum rc rc = RC_OK;
	for (int i = 0; i < s->w->count && rc == RC_OK; i++)
		if (s->whole || s->only < 0 || s->only == i)
			rc = one_case(tx, s->w, i, part[CASE_PART], f);
		else {
			struct ward_case other;           /* a step of one case may be a line of another's */
			rc = case_get(tx, &E.flow, s->w->at[i].id, &other, f);
			s->w->at[i].version = rc == RC_OK ? other.version : s->w->at[i].version;
			(void)json_array_append_new(part[CASE_PART], json_null());
		}
	if (rc == RC_OK)
		rc = counts(tx, s->w, part[COUNT_PART], f);
	if (rc != RC_OK || !s->whole)
		return rc;
	rc = desk(tx, s->w, part[DESK_PART], f);
	if (rc == RC_OK)
		rc = list(tx, s->w, &(struct case_filter){.listed = true, .limit = CASES}, part[LIST_PART], f);
	if (rc == RC_OK)
		rc = map(tx, part[MAP_PART], f);
	if (rc == RC_OK)
		rc = events(tx, s->w, part[EVENT_PART], f);
	if (rc == RC_OK)
		rc = figures(tx, part[FIGURE_PART], f);
	if (rc == RC_OK)
		rc = quiet(tx, TALLY_quiet, part[QUIET_PART], f);
	return rc == RC_OK ? quiet(tx, TALLY_quiet_due, part[DUE_PART], f) : rc;
}

enum rc see(struct world *w, bool whole, int only, json_t *out, struct fault *f)
{
	struct seeing s = {w, whole, only, out};
	return store_read(E.store, w->ward.id, &w->arena, see_tx, &s, f);
}
