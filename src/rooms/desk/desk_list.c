#include "rooms/desk/desk_bulk.h"
#include "rooms/desk/desk_due.h"
#include "rooms/desk/desk_flood.h"

enum { DR_CODE, DR_URL, DR_KIND, DR_STATE, DR_RECEIVED, DR_DUE, DR_LATE, DR_AREA, DR_STREET,
	DR_TEXT, DR_MINE, DR_FIRST, DR_ENDED, DR_LATE_DAYS, DR_LATE_WORKING, DR_PAUSED, DR_REPORTS, DR_SEVERAL, DR_DANGER, DR_LATEST, DR_FIELDS };
static const struct field ROW_F[] = {
	[DR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[DR_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[DR_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[DR_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[DR_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[DR_DUE] = {"due", V_DAY, SEE_OFFICE, "last day of the next deadline", NULL, NULL},
	[DR_FIRST] = {"first_due", V_DAY, SEE_OFFICE, "that day as first promised", NULL, NULL},
	[DR_ENDED] = {"ended_due", V_DAY, SEE_OFFICE, "of a closed one, last day that counted then", NULL, NULL},
	[DR_LATE_DAYS] = {"late_days", V_INT, SEE_OFFICE, "how late it is, or was when it ended", NULL, "days"},
	[DR_LATE_WORKING] = {"late_working", V_INT, SEE_OFFICE, "the same in working days", NULL, "days"},
	[DR_PAUSED] = {"paused", V_DAY, SEE_OFFICE, "its clock stands, until then at the latest", NULL, NULL},
	[DR_LATEST] = {"latest", V_TEXT, SEE_OFFICE, "at the latest: its clock stands", NULL, NULL},
	[DR_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[DR_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[DR_STREET] = {"street", V_TEXT, SEE_OFFICE, "street", NULL, NULL},
	/* On the page only: what is downloaded has not even its column. */
	[DR_TEXT] = {"words", V_TEXT, SEE_HANDLER, "beginning of the reporter's words", NULL, NULL},
	[DR_MINE] = {"mine", V_BOOL, SEE_OFFICE, "taken by the reader", NULL, NULL},
	[DR_REPORTS] = {"reports", V_INT, SEE_OFFICE, "reports of the matter", NULL, "reports"},
	[DR_SEVERAL] = {"several", V_BOOL, SEE_OFFICE, "more than one", NULL, NULL},
	[DR_DANGER] = {"danger", V_BOOL, SEE_HANDLER, "open, and its words speak of danger", NULL, NULL},
};
static const struct shape ROW = SHAPE("desk_row", ROW_F);

enum { DQ_LABEL, DQ_URL, DQ_COUNT, DQ_CURRENT, DQ_REPORTS, DQ_SEVERAL, DQ_FIELDS };
static const struct field QUEUE_F[] = {
	[DQ_LABEL] = {"label", V_TEXT, SEE_OFFICE, "name of the queue", NULL, NULL},
	[DQ_URL] = {"url", V_URL, SEE_OFFICE, "the queue", NULL, NULL},
	[DQ_COUNT] = {"n", V_INT, SEE_OFFICE, "cases in it", NULL, "cases"},
	[DQ_CURRENT] = {"current", V_BOOL, SEE_OFFICE, "the one that is shown", NULL, NULL},
	[DQ_REPORTS] = {"reports", V_INT, SEE_OFFICE, "reports of these cases", NULL, "reports"},
	[DQ_SEVERAL] = {"several", V_BOOL, SEE_OFFICE, "more than the cases", NULL, NULL},
};
static const struct shape QUEUE_SHAPE = SHAPE("desk_queue", QUEUE_F);

enum { DK_CODE, DK_URL, DK_KIND, DK_STREET, DK_AT, DK_WORDS, DK_FIELDS };
static const struct field THANKS_F[] = {
	[DK_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[DK_URL] = {"url", V_URL, SEE_HANDLER, "its page", NULL, NULL},
	[DK_KIND] = {"kind", V_KEY, SEE_HANDLER, "kind", NULL, NULL},
	[DK_STREET] = {"street", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
	[DK_AT] = {"at", V_TIME, SEE_HANDLER, "when it was said", NULL, NULL},
	[DK_WORDS] = {"said", V_TEXT, SEE_HANDLER, "words of thanks", NULL, NULL},
};
static const struct shape THANKS = SHAPE("desk_thanks", THANKS_F);

enum { DL_CASES, DL_QUEUES, DL_OVERDUE, DL_TITLE, DL_MORE, DL_FIRST, DL_CSV, DL_JSON, DL_XLSX, DL_ACTION,
	DL_QUEUE, DL_FILTERS, DL_WORDS, DL_WORDS_ERROR, DL_FILTERED, DL_NOTICE, DL_CLEAR, DL_DRAFTS, DL_NEW, DL_LOST, DL_PRINT,
	DL_BULK, DL_TICKED, DL_TICK_ALL, DL_LONG, DL_NIGHT,
	DL_NIGHT_URL, DL_NIGHT_AT, DL_NIGHT_N, DL_SINCE, DL_WATCH, DL_NEWS, DL_LAST, DL_THANKS,
	DL_ELSEWHERE, DL_FALLS, DL_FALLS_N, DL_FALLS_URL, DL_UNIT_URL, DL_WEEK_URL, DL_FLOODS, DL_FLOODS_URL, DL_AGENCY, DL_FIELDS };
static const struct field LIST_F[] = {
	[DL_CASES] = {"cases", V_LIST, SEE_OFFICE, "by due day, then in order of receipt", &ROW, NULL},
	[DL_QUEUES] = {"queues", V_LIST, SEE_OFFICE, "all queues with their counts", &QUEUE_SHAPE, NULL},
	[DL_OVERDUE] = {"overdue", V_INT, SEE_OFFICE, "open cases of the unit past their day", NULL,
	                "cases"},
	[DL_TITLE] = {"heading", V_TEXT, SEE_OFFICE, "name of the queue", NULL, NULL},
	[DL_MORE] = {"more", V_URL, SEE_OFFICE, "the next ones", NULL, NULL},
	[DL_FIRST] = {"newest", V_URL, SEE_OFFICE, "back to the first", NULL, NULL},
	[DL_CSV] = {"csv", V_URL, SEE_OFFICE, "this list as CSV", NULL, NULL},
	[DL_JSON] = {"json", V_URL, SEE_OFFICE, "this list as JSON", NULL, NULL},
	[DL_XLSX] = {"xlsx", V_URL, SEE_OFFICE, "this list as a spreadsheet", NULL, NULL},
	[DL_ACTION] = {"action", V_URL, SEE_OFFICE, "where filters are sent", NULL, NULL},
	[DL_QUEUE] = {"queue", V_TEXT, SEE_OFFICE, "the queue that is shown", NULL, NULL},
	[DL_FILTERS] = {"filters", V_LIST, SEE_OFFICE, "kind and khu vực", &FORM_FIELD, NULL},
	[DL_WORDS] = {"words", V_TEXT, SEE_OFFICE, "what was searched for", NULL, NULL},
	[DL_WORDS_ERROR] = {"words_error", V_TEXT, SEE_OFFICE, "why it was not searched", NULL, NULL},
	[DL_FILTERED] = {"filtered", V_BOOL, SEE_OFFICE, "a filter or search is on", NULL, NULL},
	[DL_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[DL_DRAFTS] = {"drafts", V_LIST, SEE_HANDLER, "steps that were given back to the reader", &DESK_WAIT,
	               NULL},
	[DL_NEW] = {"new_url", V_URL, SEE_OFFICE, "counter entry", NULL, NULL},
	[DL_LOST] = {"lost_url", V_URL, SEE_OFFICE, "a receipt was lost", NULL, NULL},
	[DL_PRINT] = {"print_url", V_URL, SEE_OFFICE, "blank forms and posters", NULL, NULL},
	[DL_CLEAR] = {"clear", V_URL, SEE_OFFICE, "without filters", NULL, NULL},
	[DL_BULK] = {"bulk", V_URL, SEE_OFFICE, "where ticked cases are sent", NULL, NULL},
	[DL_TICKED] = {"ticked", V_BOOL, SEE_OFFICE, "all are ticked", NULL, NULL},
	[DL_TICK_ALL] = {"tick_all", V_URL, SEE_OFFICE, "the same page with all ticked", NULL, NULL},
	[DL_LONG] = {"long_page", V_URL, SEE_OFFICE, "up to 500 on one page", NULL, NULL},
	[DL_NIGHT] = {"night", V_BOOL, SEE_OFFICE, "only what is new since the shift began is shown", NULL, NULL},
	[DL_NIGHT_URL] = {"night_url", V_URL, SEE_OFFICE, "what is new since the shift began", NULL, NULL},
	[DL_NIGHT_AT] = {"night_at", V_TIME, SEE_OFFICE, "when the shift began", NULL, NULL},
	[DL_NIGHT_N] = {"night_n", V_INT, SEE_OFFICE, "how many of them there are", NULL, "cases"},
	[DL_SINCE] = {"since", V_TEXT, SEE_OFFICE, "the filter, as it is sent", NULL, NULL},
	[DL_WATCH] = {"watch", V_URL, SEE_OFFICE, "the same in numbers, again every minute", NULL, NULL},
	[DL_NEWS] = {"news", V_TEXT, SEE_OFFICE, "where the script asks for them", NULL, NULL},
	[DL_LAST] = {"last", V_TEXT, SEE_OFFICE, "millisecond in which the last that rings came", NULL, NULL},
	[DL_THANKS] = {"thanks", V_LIST, SEE_HANDLER, "what reporters called solved this week", &THANKS, NULL},
	[DL_ELSEWHERE] = {"elsewhere", V_LIST, SEE_OFFICE, "the same search in other queues", &QUEUE_SHAPE, NULL},
	[DL_FALLS] = {"falls", V_LIST, SEE_HANDLER, "what falls due, newest notice first", &DESK_DUE_ROW, NULL},
	[DL_FALLS_N] = {"falls_n", V_INT, SEE_OFFICE, "how many there are", NULL, "cases"},
	[DL_FALLS_URL] = {"falls_url", V_URL, SEE_OFFICE, "all of them", NULL, NULL},
	[DL_UNIT_URL] = {"unit_url", V_URL, SEE_OFFICE, "what of the unit falls due, for its head", NULL, NULL},
	[DL_FLOODS] = {"floods", V_LIST, SEE_OFFICE, "the largest groups of reports that came in a flood", &DESK_FLOOD_ROW, NULL},
	[DL_FLOODS_URL] = {"floods_url", V_URL, SEE_OFFICE, "all of them", NULL, NULL},
	[DL_AGENCY] = {"agency", V_URL, SEE_OFFICE, "the export for an agency", NULL, NULL},
	[DL_WEEK_URL] = {"week_url", V_URL, SEE_OFFICE, "the unit's coming week", NULL, NULL},
};
const struct shape DESK_LIST = SHAPE("desk_list", LIST_F);

struct listing {
	const struct flow *w;
	struct case_filter filter;
	struct case_row *rows;
	size_t count;
	bool more;
	struct pending *drafts;
	size_t draft_count;
	struct queue_counts counts;
	bool identity;                /* the words held a number of identity papers */
	struct thanks *thanks;
	size_t thanks_count;
	struct flood_top floods;
	enum rc search;               /* RC_REFUSED: the words look like a person */
};

enum { THANKS_SHOWN = 10 };

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *l = ctx;
	enum rc rc = case_counts(tx, l->w, l->filter.actor, &l->counts, f);
	if (rc != RC_OK)
		return rc;
	/* Such a number is masked already: looked for as dots it would find the masked ones of others. */
	rc = l->identity ? RC_REFUSED
	                 : case_list(tx, l->w, &l->filter, &l->rows, &l->count, &l->more, f);
	l->search = rc;
	rc = rc == RC_REFUSED ? RC_OK : rc;
	if (rc == RC_OK && l->filter.queue == QUEUE_mine)
		rc = pending_drafts(tx, l->filter.actor->account, (struct case_id){0}, &l->drafts,
		                    &l->draft_count, f);
	const struct actor *who = l->filter.actor;
	if (rc == RC_OK && (l->filter.queue == QUEUE_new || l->filter.queue == QUEUE_unit) && actor_may(who, PERM_case_work))
		rc = desk_flood_read(tx, who, &l->floods, f);
	if (rc == RC_OK && actor_may(who, PERM_case_work))
		rc = thanks_list(tx, who->units, who->unit_count, tx_now(tx) - 7 * US_DAY, INT64_MAX,
		                 THANKS_SHOWN, &l->thanks, &l->thanks_count, f);
	return rc;
}

static enum queue queue_of(struct str name)
{
	for (enum queue k = QUEUE_new; k < QUEUE_COUNT; k++)
		if (str_is(name, queue_name(k)))
			return k;
	return QUEUE_new;
}

static bool read_filter(struct request *q, struct listing *l)
{
	struct case_filter *filter = &l->filter;
	struct str due = request_query(q, "due"), id = request_query(q, "after"),
	           area = request_query(q, "area");
	filter->actor = &q->actor;
	filter->queue = queue_of(request_query(q, "queue"));
	filter->kind = request_query(q, "kind");
	/* It goes into the look, which nothing erases: no other words than a kind's name. */
	if (filter->kind.n > 0 &&
	    procedure_of_kind(q->app->procedures, filter->kind, day_of(q->now)) == NULL)
		return false;
	/* A table is taken whole; who reads a page, or JSON, goes from page to page. */
	filter->limit = q->format == FORMAT_CSV || q->format == FORMAT_XLSX ? DESK_EXPORT_MAX
	                : str_is(request_query(q, "n"), "500")                         ? BULK_MAX
	                                                                               : 50;
	if (str_is(request_query(q, "since"), "shift"))
		filter->since = ward_shift_start(q->app, q->ward->id, q->now);
	if (text_utf8_ok(request_query(q, "words")))
		(void)text_mask_ids(q->arena, request_query(q, "words"), &l->identity);
	if (text_clean(q->arena, request_query(q, "words"), TEXT_LINE, 100, &filter->words) != RC_OK)
		filter->words = STR_EMPTY;
	return (area.n == 0 || str_i64(area, &filter->area.v)) &&
	       (id.n == 0 || (str_i64(id, &filter->after_id) && str_i64(due, &filter->after_due)));
}

static void add_queues(struct request *q, struct vobj *page, const struct listing *l)
{
	for (enum queue k = QUEUE_new; k < QUEUE_COUNT; k++) {
		struct vobj *item = view_item(page, DL_QUEUES);
		view_text(item, DQ_LABEL, request_text(q, arena_fmt(q->arena, "queue.%s", queue_name(k)).p));
		view_url(item, DQ_URL, request_link(q, "/desk?queue=%s", queue_name(k)));
		/* Counts are over all kinds: for those who may read some kinds alone they would tell of
		 * the others. */
		if (actor_works_all(&q->actor)) {
			view_int(item, DQ_COUNT, l->counts.n[k]);
			view_int(item, DQ_REPORTS, l->counts.n[k] + l->counts.more[k]);
			view_bool(item, DQ_SEVERAL, l->counts.more[k] > 0);
		}
		view_bool(item, DQ_CURRENT, k == l->filter.queue);
	}
}

static void add_filters(struct request *q, struct vobj *page, const struct view *v,
                        const struct listing *l)
{
	const struct form_option any = {.value = STR(""), .label = request_text(q, "desk.any")};
	struct choices kinds = choices_kinds(q, l->filter.kind, &any);
	struct choices areas = choices_areas(
		q, arena_fmt(q->arena, "%lld", (long long)l->filter.area.v), &any, false);
	form_field_add(page, DL_FILTERS, -1, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "kind",
	                                    .label = request_text(q, "report.check.kind"),
	                                    .options = kinds.options,
	                                    .option_count = kinds.count});
	form_field_add(page, DL_FILTERS, -1, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "area",
	                                    .label = request_text(q, "report.area.label"),
	                                    .options = areas.options,
	                                    .option_count = areas.count});
}

static void add_row(struct request *q, struct vobj *page, const struct case_row *c)
{
	struct vobj *o = view_item(page, DL_CASES);
	view_text(o, DR_CODE, arena_copy(q->arena, str_of(c->code)));
	view_url(o, DR_URL, request_link(q, "/desk/case/%s", c->code));
	view_key(o, DR_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, DR_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(o, DR_RECEIVED, c->received_at);
	if (c->due_at > 0 && state_open(c->state)) {
		view_day(o, DR_DUE, day_of(c->due_at - 1));
		view_text(o, DR_LATEST, clock_latest_words(q, c->paused_until));
		view_bool(o, DR_LATE, q->now >= c->due_at);
	}
	struct lateness late;
	if (c->first_due_at > 0)
		view_day(o, DR_FIRST, day_of(c->first_due_at - 1));
	if (c->ended_due_at > 0 && !state_open(c->state))
		view_day(o, DR_ENDED, day_of(c->ended_due_at - 1));
	if (case_row_lateness(&q->app->flow, c, q->now, &late) == RC_OK) {
		view_int(o, DR_LATE_DAYS, late.calendar_days);
		view_int(o, DR_LATE_WORKING, late.working_days);
	}
	if (state_open(c->state) && q->now < c->paused_until)
		view_day(o, DR_PAUSED, day_of(c->paused_until));
	view_text(o, DR_AREA, label_area(q, c->area));
	view_text(o, DR_STREET, c->street);
	view_text(o, DR_TEXT, desk_beginning(q->arena, c->text));
	view_bool(o, DR_MINE, c->officer.v == q->actor.account.v);
	view_int(o, DR_REPORTS, c->reports);
	view_bool(o, DR_SEVERAL, c->reports > 1);
	view_bool(o, DR_DANGER, c->danger && state_open(c->state));
}

/* The filter as it goes into the look and into links: never the text of a case. */
static struct str filter_query(struct request *q, const struct listing *l)
{
	struct buf b = {0};
	buf_addf(&b, "queue=%s", queue_name(l->filter.queue));
	if (l->filter.kind.n > 0) {
		buf_addz(&b, "&kind=");
		text_url(&b, l->filter.kind);
	}
	if (l->filter.area.v != 0)
		buf_addf(&b, "&area=%lld", (long long)l->filter.area.v);
	if (l->filter.since > 0)
		buf_addz(&b, "&since=shift");
	if (l->filter.words.n > 0) {
		buf_addz(&b, "&words=");
		text_url(&b, l->filter.words);
	}
	return arena_take(q->arena, &b);
}

/* Words are looked for in the queue that is shown. Who finds nothing there hears where else to look. */
static void add_elsewhere(struct request *q, struct vobj *page, const struct listing *l)
{
	static const enum queue WIDE[] = {QUEUE_unit, QUEUE_closed};
	struct listing there = *l;
	there.filter.since = 0;
	for (size_t i = 0; i < sizeof WIDE / sizeof *WIDE; i++) {
		if (l->filter.queue == WIDE[i] && l->filter.since == 0)
			continue;
		there.filter.queue = WIDE[i];
		struct vobj *item = view_item(page, DL_ELSEWHERE);
		view_text(item, DQ_LABEL, request_text(q, arena_fmt(q->arena, "queue.%s", queue_name(WIDE[i])).p));
		view_url(item, DQ_URL, request_link(q, "/desk?%.*s", PSTR(filter_query(q, &there))));
	}
}

/* Ticks and what can be done with them. Without a script one link ticks the page's all. */
static void add_bulk(struct request *q, struct vobj *page, const struct listing *l, struct str query)
{
	struct str at = l->filter.after_id == 0
	                        ? STR_EMPTY
	                        : arena_fmt(q->arena, "&due=%.*s&after=%.*s", PSTR(request_query(q, "due")),
	                                    PSTR(request_query(q, "after")));
	const char *many = l->filter.limit == BULK_MAX ? "&n=500" : "";
	bool ticked = str_is(request_query(q, "tick"), "all");
	view_url(page, DL_BULK, request_link(q, "/desk/bulk/form"));
	view_bool(page, DL_TICKED, ticked);
	view_url(page, DL_TICK_ALL,
	         request_link(q, "/desk?%.*s%.*s%s%s", PSTR(query), PSTR(at), many, ticked ? "" : "&tick=all"));
	if (l->more && l->filter.limit < BULK_MAX)
		view_url(page, DL_LONG, request_link(q, "/desk?%.*s%.*s&n=500", PSTR(query), PSTR(at)));
}

static enum rc add_night(struct request *q, struct vobj *page, const struct listing *l, struct fault *f)
{
	struct desk_news n;
	enum rc rc = desk_news_read(q, &n, f);
	if (rc != RC_OK)
		return rc;
	view_bool(page, DL_NIGHT, l->filter.since > 0);
	view_url(page, DL_NIGHT_URL, request_link(q, "/desk?queue=unit&since=shift"));
	view_time(page, DL_NIGHT_AT, n.since);
	view_int(page, DL_NIGHT_N, n.fresh);
	if (l->filter.since > 0)
		view_text(page, DL_SINCE, STR("shift"));
	view_url(page, DL_WATCH, request_link(q, "/desk/news"));
	view_text(page, DL_NEWS, request_link(q, "/desk/news.json"));
	view_text(page, DL_LAST, arena_fmt(q->arena, "%lld", (long long)(n.last_at / 1000)));
	for (size_t i = 0; i < l->thanks_count; i++) {
		const struct thanks *t = &l->thanks[i];
		struct vobj *o = view_item(page, DL_THANKS);
		view_text(o, DK_CODE, arena_copy(q->arena, str_of(t->code)));
		view_url(o, DK_URL, request_link(q, "/desk/case/%s", t->code));
		view_key(o, DK_KIND, t->kind, label_kind(q, t->kind));
		view_text(o, DK_STREET, t->street);
		view_time(o, DK_AT, t->at);
		view_text(o, DK_WORDS, t->words);
	}
	return RC_OK;
}

static const char *look_kind(const struct request *q, const struct listing *l)
{
	if (q->format != FORMAT_HTML)
		return desk_look_kind(q);
	return l->filter.words.n > 0 ? "search" : "list";
}

/* A receipt's code typed into the search leads to its case. */
static bool leads_to_case(struct request *q, struct reply *r, struct str words)
{
	char code[16];
	if (words.n < 10 || code_read(words, code) != RC_OK)
		return false;
	reply_redirect(q, r, request_link(q, "/desk/case/%s", code));
	return true;
}

enum rc desk_list(struct request *q, struct reply *r, struct fault *f)
{
	struct listing l = {.w = &q->app->flow};
	if (!read_filter(q, &l))
		return RC_NONE;
	if (leads_to_case(q, r, l.filter.words))
		return RC_OK;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &l, f);
	/* What was refused is not kept either: it may be a name. */
	struct str query = filter_query(q, &l);
	struct str kept = l.search == RC_REFUSED ? STR("refused") : query;
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, look_kind(q, &l),
		                (struct case_id){0}, kept, (int64_t)l.count, f);
	if (rc != RC_OK)
		return rc;
	struct view v =
		request_view(q, desk_with_originals(q) ? SEE_OFFICE | SEE_HANDLER : SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_LIST);
	for (size_t i = 0; i < l.count; i++)
		add_row(q, page, &l.rows[i]);
	for (size_t i = 0; i < l.draft_count; i++)
		desk_draft_row(q, view_item(page, DL_DRAFTS), &l.drafts[i]);
	if (actor_may(&q->actor, PERM_case_work)) {
		view_url(page, DL_NEW, request_link(q, "/desk/new#kind"));
		view_url(page, DL_LOST, request_link(q, "/desk/lost"));
		view_url(page, DL_PRINT, request_link(q, "/desk/print"));
		view_url(page, DL_AGENCY, request_link(q, "/agency/give"));
	}
	add_queues(q, page, &l);
	if (l.filter.words.n == 0 && l.filter.after_id == 0)
		desk_flood_top(q, page, DL_FLOODS, DL_FLOODS_URL, &l.floods);
	if (l.filter.words.n > 0 && l.search != RC_REFUSED)
		add_elsewhere(q, page, &l);
	add_filters(q, page, &v, &l);
	if (actor_works_all(&q->actor))
		view_int(page, DL_OVERDUE, l.counts.overdue);
	struct str title = request_text(q, arena_fmt(q->arena, "queue.%s", queue_name(l.filter.queue)).p);
	view_text(page, DL_TITLE, title);
	view_url(page, DL_ACTION, request_link(q, "/desk"));
	view_text(page, DL_QUEUE, str_of(queue_name(l.filter.queue)));
	view_text(page, DL_WORDS, l.filter.words);
	if (l.search == RC_REFUSED)
		view_text(page, DL_WORDS_ERROR, request_text(q, "desk.search.refused"));
	view_bool(page, DL_FILTERED, l.filter.words.n + l.filter.kind.n > 0 || l.filter.area.v != 0 ||
	                                     l.filter.since > 0);
	if (actor_may(&q->actor, PERM_case_move))   /* who works cases, as their unit or by rule */
		rc = add_night(q, page, &l, f);
	if (rc == RC_OK && actor_works_all(&q->actor) && l.filter.words.n == 0)   /* who searches sees what was found */
		rc = desk_due_top(q, page, DL_FALLS, DL_FALLS_N, f);
	if (rc != RC_OK)
		return rc;
	if (actor_may(&q->actor, PERM_case_move))
		view_url(page, DL_FALLS_URL, request_link(q, "/desk/due"));
	if (actor_may(&q->actor, PERM_case_work))
		view_url(page, DL_WEEK_URL, request_link(q, "/desk/week"));
	if (actor_may(&q->actor, PERM_unit_late))
		view_url(page, DL_UNIT_URL, request_link(q, "/desk/unit"));
	view_url(page, DL_CLEAR, request_link(q, "/desk?queue=%s", queue_name(l.filter.queue)));
	if (l.more)
		view_url(page, DL_MORE,
		         request_link(q, "/desk?%.*s&due=%lld&after=%lld%s", PSTR(query),
		                      (long long)l.rows[l.count - 1].cursor,
		                      (long long)l.rows[l.count - 1].id.v,
		                      l.filter.limit == BULK_MAX ? "&n=500" : ""));
	if (l.filter.after_id != 0)
		view_url(page, DL_FIRST, request_link(q, "/desk?%.*s", PSTR(query)));
	view_url(page, DL_CSV, request_link(q, "/desk.csv?%.*s", PSTR(query)));
	view_url(page, DL_JSON, request_link(q, "/desk.json?%.*s", PSTR(query)));
	view_url(page, DL_XLSX, request_link(q, "/desk.xlsx?%.*s", PSTR(query)));
	if (actor_may(&q->actor, PERM_case_work) && l.count > 0)
		add_bulk(q, page, &l, query);
	if (str_is(request_query(q, "done"), "none_ticked"))
		view_text(page, DL_NOTICE, request_text(q, "bulk.none"));
	enum verb done = verb_parse(request_query(q, "done"));
	if (done != VERB_unset)
		view_text(page, DL_NOTICE, request_text(q, arena_fmt(q->arena, "desk.done.%s", verb_name(done)).p));
	reply_title(r, title);
	reply_view(q, r, page);
	return RC_OK;
}
