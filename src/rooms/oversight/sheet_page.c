/* Oversight's sheet of a quarter, to print and sign: what the quarter's signed transparency page counted of its own
 * subjects, what looks were far from usual, which definitions were published, and the digest of the quarter's last
 * day, so that who signs on paper signs what can't be rewritten. */
#include "rooms/oversight/oversight.h"
#include "rooms/oversight/oversight_looks.h"
#include "ward/figure/transparency.h"
#include "ward/fill.h"
#include "ward/flow/looks.h"
#include "ward/people/second.h"

enum { OL_LABEL, OL_VALUE, OL_FIELDS };
static const struct field LINE_F[] = {
	[OL_LABEL] = {"label", V_TEXT, SEE_OFFICE, "of what", NULL, NULL},
	[OL_VALUE] = {"value", V_INT, SEE_OFFICE, "how many", NULL, NULL},
};
static const struct shape LINE = SHAPE("sheet_line", LINE_F);
enum { OG_HEADING, OG_LINES, OG_NONE, OG_FIELDS };
static const struct field GROUP_F[] = {
	[OG_HEADING] = {"heading", V_TEXT, SEE_OFFICE, "what was counted", NULL, NULL},
	[OG_LINES] = {"lines", V_LIST, SEE_OFFICE, "the counts", &LINE, NULL},
	[OG_NONE] = {"none", V_TEXT, SEE_OFFICE, "when there were none", NULL, NULL},
};
static const struct shape GROUP = SHAPE("sheet_group", GROUP_F);
enum { OD_KIND, OD_FROM, OD_BY, OD_MARK, OD_SECOND, OD_FIELDS };
static const struct field DEFINITION_F[] = {
	[OD_KIND] = {"kind", V_TEXT, SEE_OFFICE, "kind whose procedure was published", NULL, NULL},
	[OD_FROM] = {"valid_from", V_DAY, SEE_OFFICE, "valid from", NULL, NULL},
	[OD_BY] = {"by", V_TEXT, SEE_OFFICE, "by which role", NULL, NULL},
	[OD_MARK] = {"mark", V_TEXT, SEE_OFFICE, "beginning of its checksum", NULL, NULL},
	[OD_SECOND] = {"second", V_TEXT, SEE_OFFICE, "the second organisation, where it signed by today", NULL, NULL},
};
static const struct shape DEFINITION = SHAPE("sheet_definition", DEFINITION_F);
enum { OF_DAY, OF_ROLE, OF_WORDS, OF_FIELDS };
static const struct field FACT_F[] = {
	[OF_DAY] = {"day", V_DAY, SEE_OFFICE, "the day", NULL, NULL},
	[OF_ROLE] = {"role", V_TEXT, SEE_OFFICE, "in which role", NULL, NULL},
	[OF_WORDS] = {"words", V_TEXT, SEE_OFFICE, "the count, and what is usual", NULL, NULL},
};
static const struct shape FACT = SHAPE("sheet_fact", FACT_F);
enum { OQ_LABEL, OQ_URL, OQ_CURRENT, OQ_FIELDS };
static const struct field LINK_F[] = {
	[OQ_LABEL] = {"label", V_TEXT, SEE_OFFICE, "a quarter", NULL, NULL},
	[OQ_URL] = {"url", V_URL, SEE_OFFICE, "its sheet", NULL, NULL},
	[OQ_CURRENT] = {"current", V_BOOL, SEE_OFFICE, "this one", NULL, NULL},
};
static const struct shape LINK = SHAPE("sheet_quarter", LINK_F);

enum { OS_THERE, OS_QUARTER, OS_FROM, OS_TO, OS_NUMBER, OS_MADE, OS_PAGE, OS_GROUPS, OS_DEFINITIONS, OS_DEFINITIONS_MORE,
       OS_FACTS, OS_FACTS_MORE, OS_HEAD_DAY, OS_HEAD, OS_WARD, OS_QUARTERS, OS_CSS, OS_FIELDS };
static const struct field SHEET_F[] = {
	[OS_THERE] = {"there", V_BOOL, SEE_OFFICE, "a quarter is over and counted", NULL, NULL},
	[OS_QUARTER] = {"quarter", V_TEXT, SEE_OFFICE, "2026-Q3", NULL, NULL},
	[OS_FROM] = {"first_day", V_DAY, SEE_OFFICE, "its first day", NULL, NULL},
	[OS_TO] = {"last_day", V_DAY, SEE_OFFICE, "its last day", NULL, NULL},
	[OS_NUMBER] = {"number", V_INT, SEE_OFFICE, "number of the transparency page that it takes its counts from", NULL, NULL},
	[OS_MADE] = {"made", V_DAY, SEE_OFFICE, "when that was made", NULL, NULL},
	[OS_PAGE] = {"page", V_URL, SEE_OFFICE, "that page", NULL, NULL},
	[OS_GROUPS] = {"groups", V_LIST, SEE_OFFICE, "requests and appeals, holds, agencies' requests, erasures", &GROUP, NULL},
	[OS_DEFINITIONS] = {"definitions", V_LIST, SEE_OFFICE, "definitions that were published", &DEFINITION, NULL},
	[OS_DEFINITIONS_MORE] = {"definitions_more", V_INT, SEE_OFFICE, "those that are not on the sheet", NULL, NULL},
	[OS_FACTS] = {"facts", V_LIST, SEE_OFFICE, "looks that were far from usual", &FACT, NULL},
	[OS_FACTS_MORE] = {"facts_more", V_INT, SEE_OFFICE, "those that are not on the sheet", NULL, NULL},
	[OS_HEAD_DAY] = {"head_day", V_DAY, SEE_OFFICE, "day of the last digest of the quarter", NULL, NULL},
	[OS_HEAD] = {"head", V_TEXT, SEE_OFFICE, "that digest", NULL, NULL},
	[OS_WARD] = {"of_ward", V_TEXT, SEE_OFFICE, "the ward", NULL, NULL},
	[OS_QUARTERS] = {"quarters", V_LIST, SEE_OFFICE, "quarters that have a sheet", &LINK, NULL},
	[OS_CSS] = {"sheet_css", V_URL, SEE_OFFICE, "its styles", NULL, NULL},
};
const struct shape OVERSIGHT_SHEET = SHAPE("oversight_sheet", SHEET_F);

enum { QUARTERS = 12, ACTS = 1000, DEFINITIONS_SHOWN = 8, FACTS_SHOWN = 6 };   /* what one sheet of A4 holds */
struct sheet {
	struct period quarter;
	bool asked;                    /* for this quarter; else the latest */
	struct transparency t;
	struct transparency_entry list[QUARTERS];
	struct look_fact facts[LOOK_FACTS];
	struct second_act *acts;
	size_t count, fact_count, act_count;
};

static enum rc sheet_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct sheet *k = ctx;
	enum rc rc = transparency_list(tx, k->list, QUARTERS, &k->count, f);
	if (rc != RC_OK || (k->count == 0 && !k->asked))
		return rc;
	if (!k->asked)
		k->quarter = k->list[0].quarter;
	rc = transparency_get(tx, &k->quarter, 0, &k->t, f);
	if (rc == RC_OK)
		rc = look_facts(tx, k->quarter.from, k->quarter.to - 1, k->facts, &k->fact_count, f);
	return rc == RC_OK ? second_acts(tx, ACTS, &k->acts, &k->act_count, f) : rc;
}

static struct str label_of(struct request *q, enum transparency_section s, struct str of)
{
	const char *prefix = s == TS_redress ? (redress_result(of) ? "outcome" : "transparency.redress")
	                   : s == TS_holds   ? "transparency.hold"
	                   : s == TS_agency  ? "transparency.agency" : "transparency.rule";
	return request_text(q, arena_fmt(q->arena, "%s.%.*s", prefix, PSTR(of)).p);
}

static void add_groups(struct request *q, struct vobj *page, const struct transparency *t)
{
	static const enum transparency_section GROUPS[] = {TS_redress, TS_holds, TS_agency, TS_erased};
	for (size_t g = 0; g < sizeof GROUPS / sizeof *GROUPS; g++) {
		const char *name = transparency_section_name(GROUPS[g]);
		struct vobj *o = view_item(page, OS_GROUPS);
		view_text(o, OG_HEADING, request_text(q, arena_fmt(q->arena, "transparency.%s", name).p));
		view_text(o, OG_NONE, request_text(q, arena_fmt(q->arena, "transparency.%s.none", name).p));
		for (size_t i = 0; i < TRANSPARENCY_RANKS * t->figure_count; i++) {
			const struct transparency_figure *x = &t->figures[i % t->figure_count];
			if (x->section != GROUPS[g] || x->told != TOLD_number || transparency_rank(x->of) != i / t->figure_count)
				continue;
			struct vobj *line = view_item(o, OG_LINES);
			view_text(line, OL_LABEL, label_of(q, GROUPS[g], x->of));
			view_int(line, OL_VALUE, x->n);
		}
	}
}

static void add_definitions(struct request *q, struct vobj *page, const struct sheet *k)
{
	const struct transparency *t = &k->t;
	for (size_t i = 0; i < t->definition_count && i < DEFINITIONS_SHOWN; i++) {
		const struct transparency_definition *d = &t->definitions[i];
		struct vobj *o = view_item(page, OS_DEFINITIONS);
		view_text(o, OD_KIND, label_kind(q, d->kind));
		view_day(o, OD_FROM, d->from);
		view_text(o, OD_BY, request_text(q, str_is(d->by, "admin") ? "role.admin" : "admin.operator"));
		view_text(o, OD_MARK, str_sub(d->checksum, 0, 16));
		for (size_t n = 0; n < k->act_count; n++)
			for (size_t c = 0; k->acts[n].what == SECOND_definitions && c < k->acts[n].s.change_count; c++) {
				const struct second_change *x = &k->acts[n].s.changes[c];
				if (x->valid_from == d->from && str_eq(x->kind, d->kind) &&
				    str_eq(hex_of(q->arena, hash_str(&x->checksum)), d->checksum))
					view_text(o, OD_SECOND, k->acts[n].organisation);
			}
	}
	if (t->definition_count > DEFINITIONS_SHOWN)
		view_int(page, OS_DEFINITIONS_MORE, (int64_t)t->definition_count - DEFINITIONS_SHOWN);
}

static void add_facts(struct request *q, struct vobj *page, const struct sheet *k)
{
	for (size_t i = 0; i < k->fact_count && i < FACTS_SHOWN; i++) {
		const struct look_fact *x = &k->facts[i];
		struct vobj *o = view_item(page, OS_FACTS);
		view_day(o, OF_DAY, x->day);
		view_text(o, OF_ROLE, request_text(q, arena_fmt(q->arena, "role.%s", role_name(x->role)).p));
		const struct filling values[] = {
			{"n", text_count(q->arena, q->lang, x->n)}, {"usual", text_count(q->arena, q->lang, x->usual)}};
		const char *key = arena_fmt(q->arena, "looks.fact.%s", look_measure_name(x->measure)).p;
		view_text(o, OF_WORDS, text_fill(q->arena, request_text(q, key), values, 2));
	}
	if (k->fact_count > FACTS_SHOWN)
		view_int(page, OS_FACTS_MORE, (int64_t)k->fact_count - FACTS_SHOWN);
}

enum rc oversight_sheet(struct request *q, struct reply *r, struct fault *f)
{
	struct sheet k = {0};
	struct str asked = request_query(q, "quarter");
	k.asked = asked.n > 0;
	if (k.asked && (!period_parse(asked, &k.quarter) || k.quarter.kind != PERIOD_quarter))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, sheet_tx, &k, f);
	struct str name = k.count > 0 || k.asked ? period_name(q->arena, &k.quarter) : STR_EMPTY;
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, oversight_look_kind(q), (struct case_id){0},
		                arena_fmt(q->arena, "looks&quarter=%.*s", PSTR(name)), (int64_t)k.fact_count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &OVERSIGHT_SHEET);
	view_bool(page, OS_THERE, k.count > 0);
	view_text(page, OS_WARD, q->ward->name);
	view_url(page, OS_CSS, http_asset(q->app->http, q->arena, "figures.css"));
	if (k.count > 0) {
		const struct ward_head *last = k.t.head_count > 0 ? &k.t.heads[k.t.head_count - 1] : NULL;
		view_text(page, OS_QUARTER, name);
		view_day(page, OS_FROM, k.quarter.from);
		view_day(page, OS_TO, k.quarter.to - 1);
		view_int(page, OS_NUMBER, k.t.number);
		view_day(page, OS_MADE, k.t.made_day);
		view_url(page, OS_PAGE, request_link(q, "/transparency/%.*s", PSTR(name)));
		add_groups(q, page, &k.t);
		add_definitions(q, page, &k);
		add_facts(q, page, &k);
		if (last != NULL) {
			view_day(page, OS_HEAD_DAY, last->day);
			view_text(page, OS_HEAD, hex_of(q->arena, hash_str(&last->digest)));
		}
	}
	for (size_t i = 0; i < k.count; i++) {
		struct vobj *o = view_item(page, OS_QUARTERS);
		struct str one = period_name(q->arena, &k.list[i].quarter);
		view_text(o, OQ_LABEL, one);
		view_url(o, OQ_URL, request_link(q, "/oversight/sheet?quarter=%.*s", PSTR(one)));
		view_bool(o, OQ_CURRENT, k.list[i].quarter.from == k.quarter.from);
	}
	reply_title(r, request_text(q, "oversight.sheet.title"));
	reply_view(q, r, page);
	return RC_OK;
}
