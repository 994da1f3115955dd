/* The looks, for oversight: who looked at what, by role, unit and day; what was far from usual; the proof of
 * the chain. A reading of the looks is itself a look. */
#include "rooms/oversight/oversight_looks.h"

#include <string.h>

#include "kit/view/frame.h"
#include "ward/fill.h"
#include "ward/flow/looks.h"
#include "ward/flow/receipt.h"
#include "ward/page.h"

enum { LR_AT, LR_ROLE, LR_UNIT, LR_WHAT, LR_CODE, LR_CODE_URL, LR_REQUEST, LR_REQUEST_URL, LR_FILTER, LR_NUMBER, LR_MARK,
	LR_TIMES, LR_CLOCK, LR_FIELDS };
static const struct field ROW_F[] = {
	[LR_AT] = {"at", V_TIME, SEE_OFFICE, "when", NULL, NULL},
	[LR_ROLE] = {"role", V_KEY, SEE_OFFICE, "as what", NULL, NULL},
	[LR_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "of which unit", NULL, NULL},
	[LR_WHAT] = {"what", V_KEY, SEE_OFFICE, "kind of look", NULL, NULL},
	[LR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the case's receipt code; it opens nothing", NULL, NULL},
	[LR_CODE_URL] = {"code_url", V_URL, SEE_OFFICE, "all looks at that case", NULL, NULL},
	[LR_REQUEST] = {"request", V_TEXT, SEE_OFFICE, "the request under whose number it was", NULL, NULL},
	[LR_REQUEST_URL] = {"request_url", V_URL, SEE_OFFICE, "that request's page", NULL, NULL},
	[LR_FILTER] = {"filter", V_TEXT, SEE_OFFICE, "what was filtered or searched for", NULL, NULL},
	[LR_NUMBER] = {"number", V_INT, SEE_OFFICE, "rows that were seen", NULL, "rows"},
	[LR_MARK] = {"mark", V_TEXT, SEE_OFFICE, "the same for the same person, in whatever role and unit; no name", NULL,
	             NULL},
	[LR_TIMES] = {"times", V_INT, SEE_OFFICE, "on the page: how often the same one after the other; of one not told", NULL, "times"},
	[LR_CLOCK] = {"clock", V_TEXT, SEE_OFFICE, "on the page: the time of day, of several the first and the last", NULL, NULL},
};
static const struct shape ROW = SHAPE("look_row", ROW_F);

enum { LG_DAY, LG_OPEN, LG_COUNT, LG_LOOKS, LG_FIELDS };
static const struct field DAY_F[] = {
	[LG_DAY] = {"day", V_DAY, SEE_OFFICE, "the day", NULL, NULL},
	[LG_OPEN] = {"open", V_BOOL, SEE_OFFICE, "it is unfolded", NULL, NULL},
	[LG_COUNT] = {"n", V_INT, SEE_OFFICE, "looks of the day on this page", NULL, NULL},
	[LG_LOOKS] = {"rows", V_LIST, SEE_OFFICE, "its looks, the same one after the other once", &ROW, NULL},
};
static const struct shape DAY = SHAPE("look_day", DAY_F);

enum { LF_DAY, LF_ROLE, LF_UNIT, LF_MEASURE, LF_N, LF_USUAL, LF_MARK, LF_WORDS, LF_URL, LF_FIELDS };
static const struct field FACT_F[] = {
	[LF_DAY] = {"day", V_DAY, SEE_OFFICE, "the day", NULL, NULL},
	[LF_ROLE] = {"role", V_KEY, SEE_OFFICE, "as what", NULL, NULL},
	[LF_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "of which unit", NULL, NULL},
	[LF_MEASURE] = {"measure", V_TEXT, SEE_OFFICE, "what was counted", NULL, NULL},
	[LF_N] = {"n", V_INT, SEE_OFFICE, "how many that day", NULL, NULL},
	[LF_USUAL] = {"usual", V_INT, SEE_OFFICE, "median of that role's person-days", NULL, NULL},
	[LF_MARK] = {"mark", V_TEXT, SEE_OFFICE, "as in the list", NULL, NULL},
	[LF_WORDS] = {"words", V_TEXT, SEE_OFFICE, "the same as a sentence", NULL, NULL},
	[LF_URL] = {"url", V_URL, SEE_OFFICE, "the looks of that day, role and unit", NULL, NULL},
};
static const struct shape FACT = SHAPE("look_fact", FACT_F);

enum { LL_TEXT, LL_FIELDS };
static const struct field LINE_F[] = {
	[LL_TEXT] = {"text", V_TEXT, SEE_OFFICE, "a fault, as xom verify says it", NULL, NULL},
};
static const struct shape LINE = SHAPE("look_fault", LINE_F);

enum { LC_ASKED, LC_DONE, LC_RUNNING, LC_GOOD, LC_LOOKS, LC_HEADS, LC_FAULTS, LC_SAID, LC_FIELDS };
static const struct field CHECK_F[] = {
	[LC_ASKED] = {"asked_at", V_TIME, SEE_OFFICE, "when it was asked for", NULL, NULL},
	[LC_DONE] = {"done_at", V_TIME, SEE_OFFICE, "when it ended", NULL, NULL},
	[LC_RUNNING] = {"running", V_BOOL, SEE_OFFICE, "it is under way", NULL, NULL},
	[LC_GOOD] = {"good", V_BOOL, SEE_OFFICE, "no fault was found", NULL, NULL},
	[LC_LOOKS] = {"looks", V_INT, SEE_OFFICE, "looks that were walked", NULL, NULL},
	[LC_HEADS] = {"heads", V_INT, SEE_OFFICE, "daily heads that were walked", NULL, NULL},
	[LC_FAULTS] = {"faults", V_INT, SEE_OFFICE, "faults", NULL, NULL},
	[LC_SAID] = {"said", V_LIST, SEE_OFFICE, "the first of them", &LINE, NULL},
};
static const struct shape CHECK = SHAPE("look_check", CHECK_F);

enum { LP_LOOKS, LP_DAYS, LP_FACTS, LP_FACT_COUNT, LP_FEW, LP_CHECK, LP_FILTERS, LP_ERRORS, LP_FROM, LP_TO, LP_CASE, LP_CASE_ERROR, LP_DAY_ERROR,
	LP_FILTERED, LP_ACTION, LP_VERIFY, LP_CLEAR, LP_MORE, LP_FIRST, LP_CSV, LP_JSON, LP_XLSX, LP_BACK, LP_FIELDS };
static const struct field PAGE_F[] = {
	[LP_LOOKS] = {"looks", V_LIST, SEE_OFFICE, "looks, newest first", &ROW, NULL},
	[LP_DAYS] = {"days", V_LIST, SEE_OFFICE, "on the page: the same, by day", &DAY, NULL},
	[LP_FACTS] = {"facts", V_LIST, SEE_OFFICE, "what was far from usual in these days", &FACT, NULL},
	[LP_FACT_COUNT] = {"fact_count", V_INT, SEE_OFFICE, "how many", NULL, "facts"},
	[LP_FEW] = {"few", V_BOOL, SEE_OFFICE, "so few that they stand unfolded", NULL, NULL},
	[LP_CHECK] = {"check", V_OBJ, SEE_OFFICE, "the last proof of the chain", &CHECK, NULL},
	[LP_FILTERS] = {"filters", V_LIST, SEE_OFFICE, "role, unit, kind of look", &FORM_FIELD, NULL},
	[LP_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong in the filter", &FORM_ERROR, NULL},
	[LP_FROM] = {"from", V_DAY, SEE_OFFICE, "first day", NULL, NULL},
	[LP_TO] = {"to", V_DAY, SEE_OFFICE, "last day", NULL, NULL},
	[LP_CASE] = {"case", V_TEXT, SEE_OFFICE, "code of a case, as typed", NULL, NULL},
	[LP_CASE_ERROR] = {"case_error", V_TEXT, SEE_OFFICE, "what is wrong with it", NULL, NULL},
	[LP_DAY_ERROR] = {"day_error", V_TEXT, SEE_OFFICE, "what is wrong with the days", NULL, NULL},
	[LP_FILTERED] = {"filtered", V_BOOL, SEE_OFFICE, "something is filtered by", NULL, NULL},
	[LP_ACTION] = {"action", V_URL, SEE_OFFICE, "where the filter is sent", NULL, NULL},
	[LP_VERIFY] = {"verify", V_URL, SEE_OFFICE, "where the proof is asked for", NULL, NULL},
	[LP_CLEAR] = {"clear", V_URL, SEE_OFFICE, "without a filter", NULL, NULL},
	[LP_MORE] = {"more", V_URL, SEE_OFFICE, "the next ones", NULL, NULL},
	[LP_FIRST] = {"newest", V_URL, SEE_OFFICE, "back to the first", NULL, NULL},
	[LP_CSV] = {"csv", V_URL, SEE_OFFICE, "the list as CSV", NULL, NULL},
	[LP_JSON] = {"json", V_URL, SEE_OFFICE, "all of it as JSON", NULL, NULL},
	[LP_XLSX] = {"xlsx", V_URL, SEE_OFFICE, "the list as a spreadsheet", NULL, NULL},
	[LP_BACK] = {"back", V_URL, SEE_OFFICE, "oversight's desk", NULL, NULL},
};
const struct shape LOOKS = SHAPE("looks", PAGE_F);

enum { SHOWN = 50, ON_PAGE = 40, MOST = 1000, DAYS_SHOWN = 7, FACT_DAYS = 31, FACTS_OPEN = 5 };

struct work {
	struct request *q;
	struct look_filter filter;
	int32_t from, to;
	struct str code, unit_slug, code_error, day_error;
	struct look_page page;
	struct look_fact facts[LOOK_FACTS];
	size_t fact_count, unit_count;
	struct unit *units;
	struct look_check check;
	bool checked;
};

/* ---------------------------------------------------------------- what is asked */

/* Nothing typed: `otherwise`. Years as people mean them: 2000 to 2999. */
static bool read_day(struct str typed, int32_t otherwise, int32_t *out)
{
	if (!day_typed(typed, true, out))
		return false;
	if (*out == 0)
		*out = otherwise;
	int year = date_from_day(*out).year;
	return year >= 2000 && year <= 2999;
}

static void read_days(struct work *k)
{
	struct request *q = k->q;
	int32_t today = day_of(q->now);
	if (!read_day(request_query(q, "to"), today, &k->to) ||
	    !read_day(request_query(q, "from"), k->to - DAYS_SHOWN + 1, &k->from)) {
		k->day_error = request_text(q, "looks.error.day");
		k->to = today;
		k->from = today - DAYS_SHOWN + 1;
	} else if (k->from > k->to) {
		k->day_error = request_text(q, "looks.error.order");
	}
	k->filter.from = day_start(k->from);
	k->filter.until = day_start(k->to + 1);
}

/* False: no address of ours. */
static bool read_filter(struct work *k)
{
	struct request *q = k->q;
	struct look_filter *filter = &k->filter;
	struct str role = request_query(q, "role"), at = request_query(q, "at"), after = request_query(q, "after");
	filter->actor = &q->actor;
	filter->role = role_parse(role);
	filter->what = request_query(q, "what");
	filter->limit = q->format == FORMAT_HTML   ? ON_PAGE
	                : q->format == FORMAT_JSON ? SHOWN
	                                           : MOST;
	k->unit_slug = request_query(q, "unit");
	if (text_clean(q->arena, request_query(q, "case"), TEXT_LINE, 40, &k->code) != RC_OK)
		k->code = STR_EMPTY;
	read_days(k);
	return (role.n == 0 || filter->role != ROLE_unset) &&
	       (filter->what.n == 0 || look_kind_known(filter->what)) &&
	       (after.n == 0 || (str_i64(after, &filter->after_n) && str_i64(at, &filter->after_at) &&
	                         filter->after_at > 0 && filter->after_n > 0 && filter->after_n < LOOKS_SCANNED));
}

/* The filter as it goes into links and into the look: names of the program's own, days and a code. */
static struct str filter_query(const struct work *k)
{
	struct arena *a = k->q->arena;
	struct buf b = {0};
	buf_addf(&b, "from=%.*s&to=%.*s", PSTR(text_day_iso(a, k->from)), PSTR(text_day_iso(a, k->to)));
	if (k->filter.role != ROLE_unset)
		buf_addf(&b, "&role=%s", role_name(k->filter.role));
	if (k->filter.unit.v != 0)
		buf_addf(&b, "&unit=%.*s", PSTR(k->unit_slug));
	if (k->filter.what.n > 0)
		buf_addf(&b, "&what=%.*s", PSTR(k->filter.what));
	if (k->filter.of.v != 0)
		buf_addf(&b, "&case=%.*s", PSTR(k->code));
	return arena_take(a, &b);
}

static enum rc find_case(struct tx *tx, struct work *k, struct fault *f)
{
	char code[16];
	if (k->code.n == 0)
		return RC_OK;
	bool may = true;
	enum rc rc = code_read(k->code, code) == RC_OK ? receipt_case_ever(tx, str_of(code), &k->filter.of, f) : RC_NONE;
	if (rc == RC_OK)
		rc = look_told(tx, k->filter.actor, k->filter.of, &may, f);
	if (rc == RC_NONE || (rc == RC_OK && !may)) {
		k->filter.of = (struct case_id){0};
		k->code_error = request_text(k->q, "looks.error.case");
		return RC_OK;
	}
	k->code = arena_copy(k->q->arena, str_of(code));
	return rc;
}

/* Unit and case of the filter. RC_NONE: no unit of that name. */
static enum rc filter_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	enum rc rc = unit_list_all(tx, &k->units, &k->unit_count, f);
	for (size_t i = 0; i < k->unit_count; i++)
		if (k->unit_slug.n > 0 && str_eq(k->units[i].slug, k->unit_slug))
			k->filter.unit = k->units[i].id;
	if (rc == RC_OK && k->unit_slug.n > 0 && k->filter.unit.v == 0)
		return RC_NONE;
	return rc == RC_OK ? find_case(tx, k, f) : rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	int32_t facts_from = k->to - k->from >= FACT_DAYS ? k->to - FACT_DAYS + 1 : k->from;
	enum rc rc = filter_tx(tx, ctx, f);
	if (rc == RC_OK && k->day_error.n + k->code_error.n == 0)
		rc = look_list(tx, &k->filter, &k->page, f);
	if (rc == RC_OK && k->day_error.n == 0)
		rc = look_facts(tx, facts_from, k->to, k->facts, &k->fact_count, f);
	if (rc == RC_OK)
		rc = look_marks(tx, &k->q->app->flow, &k->page, k->facts, k->fact_count, f);
	if (rc != RC_OK)
		return rc;
	rc = look_check_last(tx, &k->check, f);
	k->checked = rc == RC_OK;
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- what is shown */

static const struct unit *unit_of(const struct work *k, struct unit_id id)
{
	for (size_t i = 0; i < k->unit_count; i++)
		if (k->units[i].id.v == id.v)
			return &k->units[i];
	return NULL;
}

static struct str role_label(const struct request *q, enum role role)
{
	return request_text(q, arena_fmt(q->arena, "role.%s", role_name(role)).p);
}

static struct str what_label(const struct request *q, struct str what)
{
	return request_text(q, arena_fmt(q->arena, "look.%.*s", PSTR(what)).p);
}

/* Words that lead to a request: what oversight looked at for one, and what was given for one. */
static void add_request(struct vobj *o, const struct work *k, const struct look_line *l)
{
	struct request *q = k->q;
	struct str code;
	view_text(o, LR_FILTER, look_filter_words(q, k->units, k->unit_count, l->filter, &code));
	if (code.n == 0)
		return;
	bool agency = str_is(l->what, "agency") || str_is(l->what, "given");
	view_text(o, LR_REQUEST, code);
	view_url(o, LR_REQUEST_URL,
	         request_link(q, agency ? "/agency/request/%.*s" : "/oversight/redress/%.*s", PSTR(code)));
}

static void add_look(struct vobj *o, const struct work *k, const struct look_line *l)
{
	struct request *q = k->q;
	const struct unit *u = unit_of(k, l->unit);
	struct str role = str_of(role_name(l->role));
	view_time(o, LR_AT, l->at);
	view_key(o, LR_ROLE, role, role_label(q, l->role));
	if (u != NULL)
		view_text(o, LR_UNIT, label_unit_of(role, u->name));
	view_key(o, LR_WHAT, l->what, what_label(q, l->what));
	if (l->code[0] != '\0') {
		view_text(o, LR_CODE, arena_copy(q->arena, str_of(l->code)));
		view_url(o, LR_CODE_URL, request_link(q, "/oversight/looks?from=2000-01-01&case=%s", l->code));
	}
	add_request(o, k, l);
	if (l->of.v == 0)
		view_int(o, LR_NUMBER, l->number);
	view_text(o, LR_MARK, arena_copy(q->arena, str_of(l->mark)));
}

static bool same_look(const struct look_line *a, const struct look_line *b)
{
	return day_of(a->at) == day_of(b->at) && strcmp(a->mark, b->mark) == 0 && a->role == b->role &&
	       a->unit.v == b->unit.v && str_eq(a->what, b->what) && a->of.v == b->of.v && str_eq(a->filter, b->filter) &&
	       (a->of.v != 0 || a->number == b->number);
}

static struct str clock_words(struct arena *a, int64_t at)
{
	int64_t minutes = (at - day_start(day_of(at))) / US_MINUTE;
	return arena_fmt(a, "%02d:%02d", (int)(minutes / 60), (int)(minutes % 60));
}

/* The page: by day, the newest one unfolded; what is the same one after the other is told once, with how often. */
static void add_days(struct vobj *page, const struct work *k)
{
	struct arena *a = k->q->arena;
	const struct look_line *lines = k->page.lines;
	size_t count = k->page.count;
	for (size_t i = 0; i < count;) {
		struct vobj *day = view_item(page, LP_DAYS);
		int32_t of = day_of(lines[i].at);
		size_t first = i;
		view_day(day, LG_DAY, of);
		view_bool(day, LG_OPEN, i == 0);
		while (i < count && day_of(lines[i].at) == of) {
			struct vobj *o = view_item(day, LG_LOOKS);
			size_t last = i;
			while (last + 1 < count && same_look(&lines[i], &lines[last + 1]))
				last++;
			add_look(o, k, &lines[i]);
			struct str from = clock_words(a, lines[last].at), to = clock_words(a, lines[i].at);
			view_text(o, LR_CLOCK, str_eq(from, to) ? to : arena_fmt(a, "%.*s – %.*s", PSTR(from), PSTR(to)));
			if (last > i)
				view_int(o, LR_TIMES, (int64_t)(last - i) + 1);
			i = last + 1;
		}
		view_int(day, LG_COUNT, (int64_t)(i - first));
	}
}

static void add_fact(struct vobj *o, const struct work *k, const struct look_fact *x)
{
	struct request *q = k->q;
	const struct unit *u = unit_of(k, x->unit);
	const char *day = text_day_iso(q->arena, x->day).p;
	const struct filling values[] = {
		{"n", text_count(q->arena, q->lang, x->n)}, {"usual", text_count(q->arena, q->lang, x->usual)}};
	struct str key = arena_fmt(q->arena, "looks.fact.%s", look_measure_name(x->measure));
	view_day(o, LF_DAY, x->day);
	view_key(o, LF_ROLE, str_of(role_name(x->role)), role_label(q, x->role));
	if (u != NULL)
		view_text(o, LF_UNIT, label_unit_of(str_of(role_name(x->role)), u->name));
	view_text(o, LF_MEASURE, str_of(look_measure_name(x->measure)));
	view_int(o, LF_N, x->n);
	view_int(o, LF_USUAL, x->usual);
	view_text(o, LF_MARK, arena_copy(q->arena, str_of(x->mark)));
	view_text(o, LF_WORDS, text_fill(q->arena, request_text(q, key.p), values, 2));
	view_url(o, LF_URL, request_link(q, "/oversight/looks?from=%s&to=%s&role=%s%s%.*s#list", day, day,
	                                 role_name(x->role), u != NULL ? "&unit=" : "",
	                                 u != NULL ? (int)u->slug.n : 0, u != NULL ? u->slug.p : ""));
}

static void add_check(struct vobj *page, const struct work *k)
{
	if (!k->checked)
		return;
	struct vobj *o = view_obj(page, LP_CHECK);
	struct str rest = k->check.said;
	view_time(o, LC_ASKED, k->check.asked_at);
	view_time(o, LC_DONE, k->check.done_at);
	view_bool(o, LC_RUNNING, k->check.done_at == 0);
	view_bool(o, LC_GOOD, k->check.done_at != 0 && k->check.faults == 0);
	view_int(o, LC_LOOKS, k->check.looks);
	view_int(o, LC_HEADS, k->check.heads);
	view_int(o, LC_FAULTS, k->check.faults);
	while (rest.n > 0)
		view_text(view_item(o, LC_SAID), LL_TEXT, str_cut(&rest, '\n'));
}

static void add_filters(struct vobj *page, const struct view *v, const struct work *k)
{
	enum { KINDS_MOST = 64 };
	struct request *q = k->q;
	struct str any = request_text(q, "desk.any");
	struct form_option roles[ROLE_COUNT + 1] = {{.label = any}}, kinds[KINDS_MOST] = {{.label = any}};
	struct form_option *units = arena_array(q->arena, k->unit_count + 1, sizeof *units);
	size_t role_count = 1, kind_count = 1, unit_count = 1;
	for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++)
		roles[role_count++] = (struct form_option){.value = str_of(role_name(r)), .label = role_label(q, r),
		                                           .checked = r == k->filter.role};
	for (size_t i = 0; LOOK_KINDS[i] != NULL && kind_count < KINDS_MOST; i++)
		kinds[kind_count++] = (struct form_option){.value = str_of(LOOK_KINDS[i]),
		                                           .label = what_label(q, str_of(LOOK_KINDS[i])),
		                                           .checked = str_is(k->filter.what, LOOK_KINDS[i])};
	units[0] = (struct form_option){.label = any};
	for (size_t i = 0; i < k->unit_count; i++)
		if (!k->units[i].office)
			units[unit_count++] = (struct form_option){.value = k->units[i].slug, .label = k->units[i].name,
			                                           .checked = k->units[i].id.v == k->filter.unit.v};
	form_field_add(page, LP_FILTERS, -1, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "role", .label = request_text(q, "looks.role"),
	                                    .options = roles, .option_count = role_count});
	form_field_add(page, LP_FILTERS, -1, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "unit", .label = request_text(q, "looks.unit"),
	                                    .options = units, .option_count = unit_count});
	form_field_add(page, LP_FILTERS, -1, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "what", .label = request_text(q, "looks.what"),
	                                    .options = kinds, .option_count = kind_count});
}

static void add_links(struct vobj *page, const struct work *k)
{
	struct request *q = k->q;
	struct str query = filter_query(k);
	if (k->page.next_at != 0)
		view_url(page, LP_MORE, request_link(q, "/oversight/looks?%.*s&at=%lld&after=%lld#list", PSTR(query),
		                                     (long long)k->page.next_at, (long long)k->page.next_n));
	if (k->filter.after_at != 0)
		view_url(page, LP_FIRST, request_link(q, "/oversight/looks?%.*s#list", PSTR(query)));
	view_url(page, LP_CSV, request_link(q, "/oversight/looks.csv?%.*s", PSTR(query)));
	view_url(page, LP_JSON, request_link(q, "/oversight/looks.json?%.*s", PSTR(query)));
	view_url(page, LP_XLSX, request_link(q, "/oversight/looks.xlsx?%.*s", PSTR(query)));
	view_url(page, LP_ACTION, request_link(q, "/oversight/looks"));
	view_url(page, LP_VERIFY, request_link(q, "/oversight/looks/verify?%.*s", PSTR(query)));
	view_url(page, LP_CLEAR, request_link(q, "/oversight/looks"));
	view_url(page, LP_BACK, request_link(q, "/oversight"));
}

const char *oversight_look_kind(const struct request *q)
{
	switch (q->format) {
	case FORMAT_JSON: return "json";
	case FORMAT_CSV: return "csv";
	case FORMAT_XLSX: return "xlsx";
	case FORMAT_HTML: break;
	}
	return "looks";
}

enum rc looks_page(struct request *q, struct reply *r, struct fault *f)
{
	enum { AGAIN_S = 2 };
	struct work k = {.q = q};
	if (!read_filter(&k))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, oversight_look_kind(q), (struct case_id){0},
		                arena_fmt(q->arena, "looks&%.*s", PSTR(filter_query(&k))), (int64_t)k.page.count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &LOOKS);
	for (size_t i = 0; i < k.page.count && q->format != FORMAT_HTML; i++)
		add_look(view_item(page, LP_LOOKS), &k, &k.page.lines[i]);
	if (q->format == FORMAT_HTML)
		add_days(page, &k);
	for (size_t i = 0; i < k.fact_count; i++)
		add_fact(view_item(page, LP_FACTS), &k, &k.facts[i]);
	view_int(page, LP_FACT_COUNT, (int64_t)k.fact_count);
	view_bool(page, LP_FEW, k.fact_count <= FACTS_OPEN);
	add_check(page, &k);
	add_filters(page, &v, &k);
	view_day(page, LP_FROM, k.from);
	view_day(page, LP_TO, k.to);
	view_text(page, LP_CASE, k.code);
	view_text(page, LP_CASE_ERROR, k.code_error);
	view_text(page, LP_DAY_ERROR, k.day_error);
	if (k.day_error.n > 0)
		form_error_add(page, LP_ERRORS, k.day_error, STR("#from"));
	if (k.code_error.n > 0)
		form_error_add(page, LP_ERRORS, k.code_error, STR("#case"));
	view_bool(page, LP_FILTERED, q->query_count > 0);
	add_links(page, &k);
	if (k.checked && k.check.done_at == 0 && q->format == FORMAT_HTML)
		reply_refresh(r, AGAIN_S);
	reply_title(r, request_text(q, "looks.title"));
	reply_view(q, r, page);
	return RC_OK;
}

static enum rc ask_tx(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	return look_check_ask(tx, f);
}

/* Back to what was filtered by, where the address holds a filter. */
enum rc looks_check_send(struct request *q, struct reply *r, struct fault *f)
{
	struct work k = {.q = q};
	struct fault none = {0};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	bool filtered = q->query_count > 0 && read_filter(&k) && k.day_error.n == 0 &&
	                store_read(q->app->store, q->ward->id, q->arena, filter_tx, &k, &none) == RC_OK;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, ask_tx, NULL, f);
	if (rc != RC_OK)
		return rc;
	job_wake(q->app->jobs);
	reply_redirect(q, r, filtered ? request_link(q, "/oversight/looks?%.*s#chain", PSTR(filter_query(&k)))
	                              : request_link(q, "/oversight/looks#chain"));
	return RC_OK;
}
