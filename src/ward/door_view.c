#include "ward/door_view.h"

enum { DN_NUMBER, DN_TEXT, DN_URL, DN_FIELDS };
static const struct field NUMBER_F[] = {
	[DN_NUMBER] = {"number", V_TEXT, SEE_PUBLIC, "to call", NULL, NULL},
	[DN_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "when", NULL, NULL},
	[DN_URL] = {"url", V_URL, SEE_PUBLIC, "calls it", NULL, NULL},
};
static const struct shape NUMBER = SHAPE("door_number", NUMBER_F);

static const struct field ANSWER_F[] = {
	[DOOR_ANSWER_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "an answer", NULL, NULL},
	[DOOR_ANSWER_HELP] = {"help", V_TEXT, SEE_PUBLIC, "what belongs to it", NULL, NULL},
	[DOOR_ANSWER_URL] = {"url", V_URL, SEE_PUBLIC, "the next question, or the door", NULL, NULL},
};
const struct shape DOOR_ANSWER = SHAPE("door_answer", ANSWER_F);

enum { DT_TEXT, DT_FIELDS };
static const struct field TEXT_F[] = {
	[DT_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "a line", NULL, NULL},
};
static const struct shape LINE = SHAPE("door_line", TEXT_F);

enum { DP_TEXT, DP_AMOUNT, DP_SOURCE, DP_FIELDS };
static const struct field PROMISE_F[] = {
	[DP_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "what happens", NULL, NULL},
	[DP_AMOUNT] = {"amount", V_TEXT, SEE_PUBLIC, "until when", NULL, NULL},
	[DP_SOURCE] = {"source", V_TEXT, SEE_PUBLIC, "by which law or setting", NULL, NULL},
};
static const struct shape PROMISE = SHAPE("door_promise", PROMISE_F);

enum { DR_NAME, DR_ADDRESS, DR_HOURS, DR_PHONE, DR_PHONE_URL, DR_NOTE, DR_FROM, DR_SOURCE, DR_VERIFIED, DR_FIELDS };
static const struct field RECEIVER_F[] = {
	[DR_NAME] = {"name", V_TEXT, SEE_PUBLIC, "who receives it", NULL, NULL},
	[DR_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "where", NULL, NULL},
	[DR_HOURS] = {"hours", V_TEXT, SEE_PUBLIC, "when it is open", NULL, NULL},
	[DR_PHONE] = {"phone", V_TEXT, SEE_PUBLIC, "its phone", NULL, NULL},
	[DR_PHONE_URL] = {"phone_url", V_URL, SEE_PUBLIC, "calls it", NULL, NULL},
	[DR_NOTE] = {"note", V_TEXT, SEE_PUBLIC, "what to know of it", NULL, NULL},
	[DR_FROM] = {"from", V_DAY, SEE_PUBLIC, "since when that holds", NULL, NULL},
	[DR_SOURCE] = {"source", V_TEXT, SEE_PUBLIC, "where that was read", NULL, NULL},
	[DR_VERIFIED] = {"verified", V_BOOL, SEE_PUBLIC, "somebody called or went there", NULL, NULL},
};
static const struct shape RECEIVER = SHAPE("door_receiver", RECEIVER_F);

static const struct field DOOR_F[] = {
	[DO_TITLE] = {"title", V_TEXT, SEE_PUBLIC, "what this door is", NULL, NULL},
	[DO_LEAD] = {"lead", V_TEXT, SEE_PUBLIC, "a line below", NULL, NULL},
	[DO_QUIET] = {"quiet", V_BOOL, SEE_PUBLIC, "of who is hurt", NULL, NULL},
	[DO_LEAVE] = {"leave", V_URL, SEE_PUBLIC, "where leaving leads", NULL, NULL},
	[DO_NUMBERS] = {"numbers", V_LIST, SEE_PUBLIC, "whom to call", &NUMBER, NULL},
	[DO_REPORT] = {"report", V_URL, SEE_PUBLIC, "begins a report", NULL, NULL},
	[DO_KINDS] = {"kinds", V_LIST, SEE_PUBLIC, "kinds that take it here", &DOOR_ANSWER, NULL},
	[DO_NEXT] = {"next", V_LIST, SEE_PUBLIC, "what to do now", &LINE, NULL},
	[DO_RECEIVERS] = {"receivers", V_LIST, SEE_PUBLIC, "who receives it", &RECEIVER, NULL},
	[DO_UNASKED] = {"unasked", V_TEXT, SEE_PUBLIC, "that the ward has not asked all of them itself", NULL, NULL},
	[DO_NOBODY] = {"nobody", V_BOOL, SEE_PUBLIC, "the ward has not entered who does", NULL, NULL},
	[DO_STAFF] = {"staff", V_BOOL, SEE_PUBLIC, "about somebody who works here, whom nobody here may receive", NULL, NULL},
	[DO_PROMISES] = {"promises", V_LIST, SEE_PUBLIC, "until when what happens", &PROMISE, NULL},
	[DO_UNREAD] = {"law_unread", V_BOOL, SEE_PUBLIC, "the ward has not read one of those in its law", NULL, NULL},
	[DO_BRING] = {"bring", V_LIST, SEE_PUBLIC, "what to bring", &LINE, NULL},
	[DO_RIGHTS] = {"rights_list", V_LIST, SEE_PUBLIC, "what one may ask for", &LINE, NULL},
	[DO_PAPER] = {"paper", V_URL, SEE_PUBLIC, "a letter to print", NULL, NULL},
	[DO_OFFICIAL] = {"official", V_TEXT, SEE_PUBLIC, "what offices call it", NULL, NULL},
	[DO_LAW] = {"law", V_TEXT, SEE_PUBLIC, "what it rests on", NULL, NULL},
	[DO_CHECKED] = {"checked", V_DAY, SEE_PUBLIC, "when", NULL, NULL},
	[DO_VERIFIED] = {"verified", V_BOOL, SEE_PUBLIC, "the law itself was opened", NULL, NULL},
	[DO_BACK] = {"back", V_URL, SEE_PUBLIC, "the question before, or the first", NULL, NULL},
	[DO_BEFORE] = {"before", V_URL, SEE_PUBLIC, "the question before, where it is not the first", NULL, NULL},
	[DO_START] = {"start", V_URL, SEE_PUBLIC, "the first question", NULL, NULL},
};
const struct shape DOOR = SHAPE("door", DOOR_F);

struct str door_link(const struct request *q, const struct router_door *d, const struct router_question *from)
{
	return d->quiet ? request_link(q, DOOR_QUIET)
	       : from == NULL || d->before != NULL ? request_link(q, "/door/%.*s", PSTR(d->id))
	                                           : request_link(q, "/door/%.*s?from=%.*s", PSTR(d->id), PSTR(from->id));
}

const struct router_question *door_from(const struct request *q, const struct router_door *d)
{
	const struct router_question *from = router_question(q->app->router, request_query(q, "from"));
	for (size_t i = 0; from != NULL && i < from->answer_count; i++)
		if (from->answers[i].door == d)
			return from;
	return d->before;
}

struct str door_question_link(const struct request *q, const struct router_question *one)
{
	return one == NULL || one == q->app->router->start ? request_link(q, "/door")
	                                                   : request_link(q, "/door/%.*s", PSTR(one->id));
}

struct str door_paper_link(const struct request *q, const struct router_door *d, const struct router_question *from)
{
	return from == NULL || d->before != NULL
	           ? request_link(q, "/door/%.*s/paper", PSTR(d->id))
	           : request_link(q, "/door/%.*s/paper?from=%.*s", PSTR(d->id), PSTR(from->id));
}

struct receivers_work {
	struct str door;
	int32_t day;
	struct receiver *rows;
	size_t count;
};

static enum rc read_receivers(struct tx *tx, void *ctx, struct fault *f)
{
	struct receivers_work *w = ctx;
	return receivers_of(tx, w->door, w->day, &w->rows, &w->count, f);
}

enum rc door_receivers(struct request *q, const struct router_door *d, struct receiver **out, size_t *count,
                       struct fault *f)
{
	struct receivers_work w = {.door = d->id, .day = day_of(q->now)};
	enum rc rc = d->receiver ? store_read(q->app->store, q->ward->id, q->arena, read_receivers, &w, f) : RC_OK;
	*out = w.rows;
	*count = w.count;
	return rc;
}

static void add_lines(struct request *q, struct vobj *page, int list, const struct router_list *from)
{
	for (size_t i = 0; i < from->count; i++)
		view_text(view_item(page, list), DT_TEXT, from->items[i].in[q->lang]);
}

static void add_promises(struct request *q, struct vobj *page, const struct router_door *d)
{
	bool unread = false;
	for (size_t i = 0; i < d->promise_count; i++) {
		const struct rule *rule = NULL;
		if (rule_find(q->app->rules, d->promises[i].rule, day_of(q->now), &rule) != RC_OK)
			continue;
		struct vobj *item = view_item(page, DO_PROMISES);
		view_text(item, DP_TEXT, d->promises[i].text.in[q->lang]);
		view_text(item, DP_AMOUNT, arena_fmt(q->arena, "%d %.*s", rule->amount,
		          PSTR(request_text(q, arena_fmt(q->arena, "door.unit.%s", rule_unit_name(rule->unit)).p))));
		view_text(item, DP_SOURCE, rule->source);
		unread = unread || !rule->verified;
	}
	view_bool(page, DO_UNREAD, unread);
}

static struct str in_words(struct str own, struct str vietnamese) { return own.n > 0 ? own : vietnamese; }

static void add_receivers(struct request *q, struct vobj *page, const struct receiver *rows, size_t n)
{
	size_t asked = 0;
	for (size_t i = 0; i < n; i++) {
		struct vobj *item = view_item(page, DO_RECEIVERS);
		view_text(item, DR_NAME, rows[i].name);
		view_text(item, DR_ADDRESS, rows[i].address);
		view_text(item, DR_HOURS, in_words(rows[i].hours_in[q->lang], rows[i].hours));
		view_text(item, DR_PHONE, rows[i].phone);
		if (rows[i].phone.n > 0)
			view_url(item, DR_PHONE_URL, tel_url(q->arena, rows[i].phone));
		view_text(item, DR_NOTE, in_words(rows[i].note_in[q->lang], rows[i].note));
		view_day(item, DR_FROM, rows[i].valid_from);
		view_text(item, DR_SOURCE, rows[i].source);
		view_bool(item, DR_VERIFIED, rows[i].verified);
		asked += rows[i].verified;
	}
	if (asked < n)
		view_text(page, DO_UNASKED, request_text(q, asked > 0 ? "door.unverified.rest" : n > 1 ? "door.unverified.all"
		                                                                                 : "door.unverified"));
}

/* A kind that a door of its own leads to is none of the ward's own matters. */
static bool of_a_door(const struct router *all, struct str kind)
{
	for (size_t i = 0; i < all->door_count; i++)
		for (size_t k = 0; k < all->doors[i].kind_count; k++)
			if (str_eq(all->doors[i].kinds[k], kind))
				return true;
	return false;
}

/* What the ward itself takes here, on this day. */
static void add_kinds(struct request *q, struct vobj *page, const struct router_door *d)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t all = d->report ? procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), kinds, CATEGORY_COUNT)
	                       : 0, n = 0;
	for (size_t i = 0; i < all; i++)
		if (!of_a_door(q->app->router, kinds[i]->name))
			kinds[n++] = kinds[i];
	for (size_t i = 0; i < d->kind_count && n < CATEGORY_COUNT; i++) {
		kinds[n] = procedure_offered(q->app->procedures, q->ward->id, d->kinds[i], day_of(q->now));
		n += kinds[n] != NULL;
	}
	for (size_t i = 0; i < n; i++) {
		struct vobj *item = view_item(page, DO_KINDS);
		view_text(item, DOOR_ANSWER_TEXT, kinds[i]->title[q->lang]);
		view_text(item, DOOR_ANSWER_HELP, kinds[i]->about[q->lang]);
		view_url(item, DOOR_ANSWER_URL, request_link(q, "/report?kind=%.*s", PSTR(kinds[i]->name)));
	}
	if (d->report)
		view_url(page, DO_REPORT, request_link(q, "/report"));
}

void door_fill(struct request *q, struct vobj *page, const struct router_door *d, const struct receiver *rows,
               size_t n)
{
	view_text(page, DO_TITLE, d->title.in[q->lang]);
	view_text(page, DO_LEAD, d->lead.in[q->lang]);
	view_bool(page, DO_QUIET, d->quiet);
	if (d->quiet)
		view_url(page, DO_LEAVE, q->app->router->leave);
	for (size_t i = 0; i < d->number_count; i++) {
		struct vobj *item = view_item(page, DO_NUMBERS);
		view_text(item, DN_NUMBER, d->numbers[i].number);
		view_text(item, DN_TEXT, d->numbers[i].text.in[q->lang]);
		view_url(item, DN_URL, tel_url(q->arena, d->numbers[i].number));
	}
	add_kinds(q, page, d);
	add_lines(q, page, DO_NEXT, &d->next);
	add_receivers(q, page, rows, n);
	view_bool(page, DO_NOBODY, d->receiver && n == 0);
	view_bool(page, DO_STAFF, d->staff);
	add_promises(q, page, d);
	add_lines(q, page, DO_BRING, &d->bring);
	add_lines(q, page, DO_RIGHTS, &d->rights);
	const struct router_question *from = door_from(q, d);
	if (d->paper.title.n > 0)
		view_url(page, DO_PAPER, door_paper_link(q, d, from));
	view_text(page, DO_OFFICIAL, d->official);
	view_text(page, DO_LAW, d->basis.law.in[q->lang]);
	view_day(page, DO_CHECKED, d->basis.checked);
	view_bool(page, DO_VERIFIED, d->basis.verified);
	view_url(page, DO_BACK, door_question_link(q, from));
	if (from != NULL && from != q->app->router->start)
		view_url(page, DO_BEFORE, door_question_link(q, from));
	view_url(page, DO_START, request_link(q, "/door"));
}
