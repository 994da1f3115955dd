/* Legal holds: what stands, what ended, and entering one (ward/flow/hold.h). */
#include "rooms/oversight/oversight.h"
#include "ward/fill.h"
#include "ward/flow/hold.h"

enum { HR_CODE, HR_NUMBER, HR_DAY, HR_WHO, HR_UNTIL, HR_MADE, HR_ENDED, HR_ID, HR_GONE, HR_FIELDS };
static const struct field ROW_F[] = {
	[HR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code; it opens nothing", NULL, NULL},
	[HR_NUMBER] = {"number", V_TEXT, SEE_OFFICE, "number of the order", NULL, NULL},
	[HR_DAY] = {"day", V_DAY, SEE_OFFICE, "date of the order", NULL, NULL},
	[HR_WHO] = {"who", V_TEXT, SEE_OFFICE, "the office that ordered it", NULL, NULL},
	[HR_UNTIL] = {"until", V_DAY, SEE_OFFICE, "last day on which nothing is erased", NULL, NULL},
	[HR_MADE] = {"made", V_TIME, SEE_OFFICE, "when it was entered", NULL, NULL},
	[HR_ENDED] = {"ended", V_TIME, SEE_OFFICE, "when it ended", NULL, NULL},
	[HR_ID] = {"id", V_TEXT, SEE_OFFICE, "number inside the program, for ending it", NULL, NULL},
	[HR_GONE] = {"gone", V_BOOL, SEE_OFFICE, "the case was erased since", NULL, NULL},
};
static const struct shape ROW = SHAPE("hold", ROW_F);

enum { HP_HOLDS, HP_ENDED, HP_MORE, HP_FIRST, HP_ERRORS, HP_FORM, HP_TOKEN, HP_ACTION, HP_NOTICE, HP_LONGEST,
	HP_OLDER, HP_FIELDS };
static const struct field PAGE_F[] = {
	[HP_HOLDS] = {"holds", V_LIST, SEE_OFFICE, "those that stand, newest first", &ROW, NULL},
	[HP_ENDED] = {"past", V_LIST, SEE_OFFICE, "those that ended, newest first", &ROW, NULL},
	[HP_MORE] = {"more", V_URL, SEE_OFFICE, "older ones that stand", NULL, NULL},
	[HP_FIRST] = {"newest", V_URL, SEE_OFFICE, "back to the first", NULL, NULL},
	[HP_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[HP_FORM] = {"fields", V_LIST, SEE_OFFICE, "fields of a new one", &FORM_FIELD, NULL},
	[HP_TOKEN] = {"token", V_TEXT, SEE_OFFICE, "proves that the form is this session's", NULL, NULL},
	[HP_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[HP_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[HP_LONGEST] = {"longest", V_TEXT, SEE_OFFICE, "how long one may last at most", NULL, NULL},
	[HP_OLDER] = {"older", V_URL, SEE_OFFICE, "older ones that ended", NULL, NULL},
};
const struct shape HOLDS = SHAPE("holds", PAGE_F);

enum { SHOWN = 50 };

struct work {
	struct request *q;
	struct hold *stand, *ended, out;
	size_t stand_count, ended_count;
	int64_t before, past, end;
	struct hold_new n;
	struct str code, number, day, who, until;   /* as typed */
	struct fault fault;
	bool put;                     /* the form of a new one was sent */
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	enum rc rc = hold_list(tx, false, k->before, SHOWN, &k->stand, &k->stand_count, f);
	return rc == RC_OK ? hold_list(tx, true, k->past, SHOWN, &k->ended, &k->ended_count, f) : rc;
}

static void add_row(struct request *q, struct vobj *o, const struct hold *h)
{
	view_text(o, HR_CODE, arena_copy(q->arena, str_of(h->code)));
	view_bool(o, HR_GONE, h->code[0] == '\0');
	view_text(o, HR_NUMBER, h->number);
	view_day(o, HR_DAY, h->day);
	view_text(o, HR_WHO, h->who);
	view_day(o, HR_UNTIL, h->until);
	view_time(o, HR_MADE, h->made_at);
	if (h->ended_at != 0)
		view_time(o, HR_ENDED, h->ended_at);
	else
		view_text(o, HR_ID, arena_fmt(q->arena, "%lld", (long long)h->id));
}

/* All that is missing is told at once, whichever was met first. */
static bool lacks(const struct work *k, const char *field)
{
	return (strcmp(field, "number") == 0 && k->n.number.n == 0) || (strcmp(field, "day") == 0 && k->n.day == 0) ||
	       (strcmp(field, "who") == 0 && k->n.who.n == 0) || (strcmp(field, "until") == 0 && k->n.until == 0);
}

/* What is wrong with a field: the fault's names are "day", "day.later", … */
static struct str wrong(const struct work *k, const char *field)
{
	struct str at = str_of(k->fault.field), first = str_cut(&at, '.');
	if (k->fault.rc == RC_EXISTS || k->fault.rc == RC_LIMIT)
		return strcmp(field, "number") == 0
		           ? request_text(k->q, k->fault.rc == RC_EXISTS ? "holds.wrong.exists" : "holds.wrong.limit")
		           : STR_EMPTY;
	if (k->fault.rc == RC_INVALID && lacks(k, field))
		return request_text(k->q, arena_fmt(k->q->arena, "holds.wrong.%s", field).p);
	if (k->fault.rc != RC_INVALID || !str_is(first, field))
		return STR_EMPTY;
	if (k->n.erased_day != 0) {
		const struct filling day[] = {{"day", text_date(k->q->arena, k->q->lang, k->n.erased_day)}};
		return text_fill(k->q->arena, request_text(k->q, "holds.wrong.code.erased"), day, 1);
	}
	return request_text(k->q, arena_fmt(k->q->arena, "holds.wrong.%s", k->fault.field).p);
}

static void line(struct vobj *page, const struct view *v, const struct work *k, const char *name, struct str value,
                 bool narrow)
{
	struct request *q = k->q;
	form_field_add(page, HP_FORM, HP_ERRORS, v,
	               &(struct form_field){.kind = FORM_TEXT, .name = name,
	                                    .label = request_text(q, arena_fmt(q->arena, "holds.%s", name).p),
	                                    .hint = request_text(q, arena_fmt(q->arena, "holds.%s.hint", name).p),
	                                    .value = value, .error = wrong(k, name), .narrow = narrow,
	                                    .autocomplete = "off"});
}

static enum rc show(struct work *k, struct reply *r, struct fault *f)
{
	struct request *q = k->q;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
	/* A list of cases, so that it is a look. */
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "list", (struct case_id){0}, STR("holds"),
		                (int64_t)(k->stand_count + k->ended_count), f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &HOLDS);
	for (size_t i = 0; i < k->stand_count; i++)
		add_row(q, view_item(page, HP_HOLDS), &k->stand[i]);
	for (size_t i = 0; i < k->ended_count; i++)
		add_row(q, view_item(page, HP_ENDED), &k->ended[i]);
	if (k->stand_count == SHOWN)
		view_url(page, HP_MORE, request_link(q, "/oversight/holds?before=%lld", (long long)k->stand[SHOWN - 1].id));
	if (k->ended_count == SHOWN)
		view_url(page, HP_OLDER, request_link(q, "/oversight/holds?past=%lld", (long long)k->ended[SHOWN - 1].id));
	if (k->before != 0 || k->past != 0)
		view_url(page, HP_FIRST, request_link(q, "/oversight/holds"));
	line(page, &v, k, "code", k->code, true);
	line(page, &v, k, "number", k->number, false);
	line(page, &v, k, "day", k->day, true);
	line(page, &v, k, "who", k->who, false);
	line(page, &v, k, "until", k->until, true);
	const struct filling days[] = {{"n", text_count(q->arena, q->lang, q->app->settings.hold_days)}};
	view_text(page, HP_LONGEST, text_fill(q->arena, request_text(q, "holds.longest"), days, 1));
	view_text(page, HP_TOKEN, session_token(q));
	view_url(page, HP_ACTION, request_link(q, "/oversight/holds"));
	struct str done = request_query(q, "done");
	if (str_is(done, "put") || str_is(done, "end"))
		view_text(page, HP_NOTICE, request_text(q, arena_fmt(q->arena, "holds.done.%.*s", PSTR(done)).p));
	else if (k->fault.rc == RC_NONE)
		view_text(page, HP_NOTICE, request_text(q, "holds.ended.before"));
	reply_title(r, request_text(q, "holds.title"));
	reply_page(q, r, "oversight/holds", &HOLDS, page, k->put && k->fault.rc != RC_OK ? 422 : 200);
	return RC_OK;
}

enum rc holds_page(struct request *q, struct reply *r, struct fault *f)
{
	struct work k = {.q = q};
	struct str before = request_query(q, "before"), past = request_query(q, "past");
	if ((before.n > 0 && !str_i64(before, &k.before)) || (past.n > 0 && !str_i64(past, &k.past)))
		return RC_NONE;
	return show(&k, r, f);
}

static struct str typed(struct request *q, const char *name, size_t max)
{
	struct str s;
	enum rc rc = text_clean(q->arena, request_form(q, name), TEXT_LINE, max, &s);
	return rc == RC_OK || rc == RC_TOO_BIG ? s : STR_EMPTY;
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	const struct flow *w = &k->q->app->flow;
	return k->put ? hold_put(tx, w, &k->n, &k->out, f) : hold_end(tx, w, &k->q->actor, k->end, f);
}

/* A day that cannot be read is one that is not there: what was typed stands in the field again. */
static void read_form(struct work *k)
{
	struct request *q = k->q;
	k->code = typed(q, "code", 40);
	k->number = typed(q, "number", HOLD_NUMBER_MAX);
	k->who = typed(q, "who", HOLD_WHO_MAX);
	k->day = typed(q, "day", 20);
	k->until = typed(q, "until", 20);
	k->n = (struct hold_new){.actor = &q->actor, .code = k->code, .number = k->number, .who = k->who,
	                         .most = q->app->settings.hold_days};
	if (!day_typed(k->day, false, &k->n.day))
		k->n.day = 0;
	if (!day_typed(k->until, false, &k->n.until))
		k->n.until = 0;
}

enum rc holds_send(struct request *q, struct reply *r, struct fault *f)
{
	struct work k = {.q = q, .put = !str_is(request_form(q, "do"), "end")};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (k.put)
		read_form(&k);
	else if (!str_i64(request_form(q, "hold"), &k.end))
		return RC_BAD_REQUEST;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, write_tx, &k, &k.fault);
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		reply_redirect(q, r, request_link(q, "/oversight/holds?done=%s", k.put ? "put" : "end"));
		return RC_OK;
	}
	if (rc < RC_OK) {
		*f = k.fault;
		return rc;
	}
	k.fault.rc = rc;
	return rc == RC_DENIED ? rc : show(&k, r, f);
}
