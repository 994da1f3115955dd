/* What the khu vực sees: the list, whose every row can be acted on where it stands, and one case with the reporter's
 * words, which its head reads and its volunteers do not. Never who sent it, a note, or the exact position. */
#include "rooms/area/area.h"

/* What was done and can be taken back, or could not be done. */
enum { AW_ID, AW_CODE, AW_WHAT, AW_UNTIL, AW_MINE, AW_WHY, AW_WORDS, AW_FIELDS };
static const struct field WAIT_F[] = {
	[AW_ID] = {"id", V_TEXT, SEE_HANDLER, "its number", NULL, NULL},
	[AW_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[AW_WHAT] = {"what", V_TEXT, SEE_HANDLER, "what was done", NULL, NULL},
	[AW_UNTIL] = {"until", V_TIME, SEE_HANDLER, "until when it can be taken back", NULL, NULL},
	[AW_MINE] = {"mine", V_BOOL, SEE_HANDLER, "by oneself", NULL, NULL},
	[AW_WHY] = {"why", V_TEXT, SEE_HANDLER, "why it was not done", NULL, NULL},
	[AW_WORDS] = {"words", V_TEXT, SEE_HANDLER, "what was written with it", NULL, NULL},
};
static const struct shape WAIT = SHAPE("area_wait", WAIT_F);

enum { SR_NAME, SR_LABEL, SR_TOOLS, SR_DANGER, SR_EXPERT, SR_NOT_OURS, SR_OTHER, SR_FIELDS };
static const struct field SORT_F[] = {
	[SR_NAME] = {"name", V_TEXT, SEE_HANDLER, "a sort of reason", NULL, NULL},
	[SR_LABEL] = {"label", V_TEXT, SEE_HANDLER, "in words", NULL, NULL},
	[SR_TOOLS] = {"tools", V_BOOL, SEE_HANDLER, "its icon", NULL, NULL},
	[SR_DANGER] = {"danger", V_BOOL, SEE_HANDLER, "its icon", NULL, NULL},
	[SR_EXPERT] = {"expert", V_BOOL, SEE_HANDLER, "its icon", NULL, NULL},
	[SR_NOT_OURS] = {"not_ours", V_BOOL, SEE_HANDLER, "its icon", NULL, NULL},
	[SR_OTHER] = {"other", V_BOOL, SEE_HANDLER, "its icon", NULL, NULL},
};
static const struct shape SORT = SHAPE("area_sort", SORT_F);

/* One case: a row of the list, and the page of it. */
enum { AI_CODE, AI_URL, AI_KIND, AI_STATE, AI_RECEIVED, AI_DUE, AI_LATEST, AI_LATE, AI_AREA, AI_STREET, AI_LANDMARK,
	AI_UNTIL, AI_MINE, AI_SETTLE, AI_SETTLES, AI_PASS_UP, AI_SORTS, AI_KEY, AI_VERSION, AI_WAIT, AI_WORDS, AI_PHOTOS,
	AI_PHOTO_ERROR, AI_WORDS_ERROR, AI_ADVISED, AI_FIELDS };
static const struct field ITEM_F[] = {
	[AI_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[AI_URL] = {"url", V_URL, SEE_HANDLER, "its page", NULL, NULL},
	[AI_KIND] = {"kind", V_KEY, SEE_HANDLER, "kind, by its procedure", NULL, NULL},
	[AI_STATE] = {"state", V_KEY, SEE_HANDLER, "where it stands", NULL, NULL},
	[AI_RECEIVED] = {"received", V_TIME, SEE_HANDLER, "when it was received", NULL, NULL},
	[AI_DUE] = {"due", V_DAY, SEE_HANDLER, "last day of the next deadline", NULL, NULL},
	[AI_LATEST] = {"latest", V_TEXT, SEE_HANDLER, "at the latest: its clock stands", NULL, NULL},
	[AI_LATE] = {"late", V_BOOL, SEE_HANDLER, "that day is over", NULL, NULL},
	[AI_AREA] = {"area", V_TEXT, SEE_HANDLER, "khu vực", NULL, NULL},
	[AI_STREET] = {"street", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
	[AI_LANDMARK] = {"landmark", V_TEXT, SEE_HANDLER, "what stands near it", NULL, NULL},
	[AI_UNTIL] = {"turn", V_DAY, SEE_HANDLER, "last day of the khu vực's turn; none: the ward has it", NULL, NULL},
	[AI_MINE] = {"acts", V_BOOL, SEE_HANDLER, "something can be done", NULL, NULL},
	[AI_SETTLE] = {"settle_url", V_URL, SEE_HANDLER, "where \"settled on the spot\" is sent", NULL, NULL},
	[AI_SETTLES] = {"settles", V_BOOL, SEE_HANDLER, "it can be settled on the spot", NULL, NULL},
	[AI_PASS_UP] = {"pass_up_url", V_URL, SEE_HANDLER, "where \"must go up\" is sent", NULL, NULL},
	[AI_SORTS] = {"sorts", V_LIST, SEE_HANDLER, "sorts of reason to send it up; none: it is up already", &SORT, NULL},
	[AI_KEY] = {"key", V_TEXT, SEE_HANDLER, "sent twice, what is done counts once", NULL, NULL},
	[AI_VERSION] = {"version", V_TEXT, SEE_HANDLER, "the case's version", NULL, NULL},
	[AI_WAIT] = {"wait", V_OBJ, SEE_HANDLER, "what was done and can be taken back", &WAIT, NULL},
	[AI_WORDS] = {"typed", V_TEXT, SEE_HANDLER, "what was written and not taken", NULL, NULL},
	[AI_PHOTOS] = {"photos", V_BOOL, SEE_HANDLER, "it takes photos", NULL, NULL},
	[AI_PHOTO_ERROR] = {"photo_error", V_TEXT, SEE_HANDLER, "what is wrong with a photo", NULL, NULL},
	[AI_WORDS_ERROR] = {"words_error", V_TEXT, SEE_HANDLER, "what is wrong with the words", NULL, NULL},
	[AI_ADVISED] = {"advised", V_BOOL, SEE_HANDLER, "the words name somebody: sent again they are taken", NULL, NULL},
};
static const struct shape ITEM = SHAPE("area_item", ITEM_F);

enum { AL_TURN, AL_WARD, AL_NONE, AL_BACK, AL_NOTICE, AL_REFUSED, AL_TYPED, AL_MORE, AL_FIRST, AL_UNDO, AL_REPORT, AL_SHEETS, AL_HERE, AL_WHOSE,
	AL_JS, AL_NOWHERE, AL_FIELDS };
enum { AS_LABEL, AS_URL, AS_FIELDS };
static const struct field SHEET_F[] = {
	[AS_LABEL] = {"label", V_TEXT, SEE_HANDLER, "khu vực", NULL, NULL},
	[AS_URL] = {"url", V_URL, SEE_HANDLER, "its week, to print", NULL, NULL},
};
static const struct shape AREA_SHEET = SHAPE("area_sheet", SHEET_F);

static const struct field LIST_F[] = {
	[AL_TURN] = {"turns", V_LIST, SEE_HANDLER, "what the khu vực has first", &ITEM, NULL},
	[AL_WARD] = {"cases", V_LIST, SEE_HANDLER, "what the ward has, by due day", &ITEM, NULL},
	[AL_NONE] = {"none", V_BOOL, SEE_HANDLER, "nothing is open", NULL, NULL},
	[AL_NOWHERE] = {"nowhere", V_BOOL, SEE_HANDLER, "no khu vực is given to the reader", NULL, NULL},
	[AL_BACK] = {"backs", V_LIST, SEE_HANDLER, "what could not be done", &WAIT, NULL},
	[AL_NOTICE] = {"notice", V_TEXT, SEE_HANDLER, "what has just been done", NULL, NULL},
	[AL_REFUSED] = {"refused", V_TEXT, SEE_HANDLER, "why what was sent is not done", NULL, NULL},
	[AL_TYPED] = {"typed", V_TEXT, SEE_HANDLER, "what was written with it", NULL, NULL},
	[AL_MORE] = {"more", V_URL, SEE_HANDLER, "the next ones", NULL, NULL},
	[AL_FIRST] = {"first", V_URL, SEE_HANDLER, "back to the first", NULL, NULL},
	[AL_UNDO] = {"undo_url", V_URL, SEE_HANDLER, "where something is taken back", NULL, NULL},
	[AL_REPORT] = {"report_url", V_URL, SEE_HANDLER, "a report for somebody without a phone", NULL, NULL},
	[AL_HERE] = {"here", V_URL, SEE_HANDLER, "the list", NULL, NULL},
	[AL_WHOSE] = {"whose", V_TEXT, SEE_HANDLER, "a mark of the account, for what its phone keeps", NULL, NULL},
	[AL_JS] = {"area_js", V_URL, SEE_HANDLER, "script that keeps and sends", NULL, NULL},
	[AL_SHEETS] = {"sheets", V_LIST, SEE_HANDLER, "a sheet for the notice board of each of one's khu vực", &AREA_SHEET, NULL},
};
const struct shape AREA_LIST = SHAPE("area_list", LIST_F);

enum { AC_ONE, AC_TEXT, AC_UNIT, AC_BACK, AC_ERRORS, AC_REFUSED, AC_UNDO, AC_HERE, AC_WHOSE, AC_JS, AC_FIELDS };
static const struct field CASE_F[] = {
	[AC_ONE] = {"item", V_OBJ, SEE_HANDLER, "the case", &ITEM, NULL},
	[AC_TEXT] = {"text", V_TEXT, SEE_HANDLER, "the reporter's words, for the head alone", NULL, NULL},
	[AC_UNIT] = {"unit", V_TEXT, SEE_HANDLER, "unit that has it", NULL, NULL},
	[AC_BACK] = {"back", V_URL, SEE_HANDLER, "the list", NULL, NULL},
	[AC_ERRORS] = {"errors", V_LIST, SEE_HANDLER, "what is wrong", &FORM_ERROR, NULL},
	[AC_REFUSED] = {"refused", V_TEXT, SEE_HANDLER, "why what was sent is not done", NULL, NULL},
	[AC_HERE] = {"here", V_URL, SEE_HANDLER, "the list", NULL, NULL},
	[AC_WHOSE] = {"whose", V_TEXT, SEE_HANDLER, "a mark of the account, for what its phone keeps", NULL, NULL},
	[AC_JS] = {"area_js", V_URL, SEE_HANDLER, "script that keeps and sends", NULL, NULL},
	[AC_UNDO] = {"undo_url", V_URL, SEE_HANDLER, "where something is taken back", NULL, NULL},
};
const struct shape AREA_CASE = SHAPE("area_case", CASE_F);

/* ---------------------------------------------------------------- reading */

static enum rc fill_item(struct tx *tx, struct area_item *out, struct fault *f)
{
	enum rc rc = case_with_area(&out->c) ? area_until(tx, out->c.id, &out->until, f) : RC_OK;
	if (rc == RC_OK || rc == RC_NONE)
		rc = pending_of_case(tx, out->c.id, &out->wait, f);
	out->waits = rc == RC_OK;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc area_item_read(struct tx *tx, const struct flow *w, const struct actor *who, struct str code,
                       struct area_item *out, struct fault *f)
{
	*out = (struct area_item){0};
	enum rc rc = case_by_code(tx, w, code, &out->c, f);
	if (rc == RC_OK && !case_of_area(&out->c, who))
		rc = RC_NONE;
	return rc == RC_OK ? fill_item(tx, out, f) : rc;
}

struct list_data {
	const struct flow *w;
	const struct actor *who;
	int64_t after_due, after_id, last_due;
	struct area_item *items;
	struct pending *backs;
	bool *withdrawn;              /* of each of backs: its reporter took the case back */
	size_t count, back_count;
	bool more;
};

static enum rc read_backs(struct tx *tx, struct list_data *d, struct fault *f)
{
	enum rc rc = pending_drafts(tx, d->who->account, (struct case_id){0}, &d->backs, &d->back_count, f);
	d->withdrawn = arena_array(tx_arena(tx), d->back_count + 1, sizeof *d->withdrawn);
	for (size_t i = 0; rc == RC_OK && i < d->back_count; i++) {
		struct ward_case c;
		rc = case_get(tx, d->w, d->backs[i].of, &c, f);
		d->withdrawn[i] = rc == RC_OK && c.state == STATE_withdrawn;
		rc = rc == RC_NONE ? RC_OK : rc;
	}
	return rc;
}

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct list_data *d = ctx;
	struct case_row *rows;
	size_t n = 0;
	enum rc rc = case_list_head(tx, d->who, d->after_due, d->after_id, &rows, &n, &d->more, f);
	d->items = arena_array(tx_arena(tx), n + 1, sizeof *d->items);
	d->count = 0;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct area_item *one = &d->items[d->count++];
		*one = (struct area_item){0};
		rc = case_get(tx, d->w, rows[i].id, &one->c, f);
		if (rc == RC_OK)
			rc = fill_item(tx, one, f);
		d->last_due = rows[i].cursor;
	}
	return rc == RC_OK ? read_backs(tx, d, f) : rc;
}

/* What is due by now is done by whoever looks, as at the desk. *done: something was. */
static enum rc do_due(struct request *q, const struct area_item *items, size_t n, bool *done, struct fault *f)
{
	enum rc rc = RC_OK;
	*done = false;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (!items[i].waits || q->now < items[i].wait.due_at)
			continue;
		rc = pending_run(&q->app->flow, q->arena, q->ward, items[i].wait.id, f);
		*done = *done || rc == RC_OK;
		rc = rc == RC_NONE || rc == RC_AGAIN ? RC_OK : rc;
	}
	return rc;
}

/* ---------------------------------------------------------------- showing */

static void show_wait(struct request *q, struct vobj *o, const struct pending *p, bool withdrawn)
{
	const char *verb = verb_name(p->verb);
	struct str what = p->verb == VERB_settle || p->verb == VERB_pass_up
	                          ? request_text(q, arena_fmt(q->arena, "area.done.%s", verb).p)
	                          : request_text(q, "area.done.office");
	if (p->verb == VERB_pass_up && p->outcome.n > 0)
		what = arena_fmt(q->arena, "%.*s: %.*s", PSTR(what),
		                 PSTR(request_text(q, arena_fmt(q->arena, "sort.%.*s", PSTR(p->outcome)).p)));
	view_text(o, AW_ID, arena_fmt(q->arena, "%lld", (long long)p->id));
	view_text(o, AW_CODE, arena_copy(q->arena, str_of(p->code)));
	view_text(o, AW_WHAT, what);
	if (p->waiting)
		view_time(o, AW_UNTIL, p->due_at);
	view_bool(o, AW_MINE, p->account.v == q->actor.account.v);
	if (!p->waiting)
		view_text(o, AW_WHY, request_text(q, withdrawn ? "area.back.withdrawn" : "area.back.why"));
	if (p->account.v == q->actor.account.v)
		view_text(o, AW_WORDS, p->words);
}

static void show_sorts(struct request *q, struct vobj *o)
{
	for (size_t i = 0; i < SORT_COUNT; i++) {
		struct vobj *s = view_item(o, AI_SORTS);
		view_text(s, SR_NAME, str_of(SORTS[i]));
		view_text(s, SR_LABEL, request_text(q, arena_fmt(q->arena, "sort.%s", SORTS[i]).p));
		view_bool(s, SR_TOOLS + (int)i, true);
	}
}

struct str area_key(struct request *q)
{
	uint8_t bytes[16];
	random_bytes(bytes, sizeof bytes);
	return hex_of(q->arena, (struct str){(const char *)bytes, sizeof bytes});
}

static void show_item(struct request *q, struct vobj *o, const struct area_item *item)
{
	const struct ward_case *c = &item->c;
	uint64_t verbs = item->waits ? 0 : case_verbs(&q->app->flow, c, &q->actor, q->now);
	bool settles = (verbs >> VERB_settle & 1) != 0, passes = (verbs >> VERB_pass_up & 1) != 0;
	view_text(o, AI_CODE, arena_copy(q->arena, str_of(c->code)));
	view_url(o, AI_URL, request_link(q, "/desk/my-area/%s", c->code));
	view_key(o, AI_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, AI_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_time(o, AI_RECEIVED, c->received_at);
	if (c->due_at > 0) {
		view_day(o, AI_DUE, day_of(c->due_at - 1));
		view_text(o, AI_LATEST, clock_latest_words(q, c->paused_until));
		view_bool(o, AI_LATE, case_late(c, q->now));
	}
	view_text(o, AI_AREA, label_area(q, c->place.area));
	view_text(o, AI_STREET, c->place.street);
	if (q->format == FORMAT_HTML)
		view_text(o, AI_LANDMARK, c->place.landmark);
	if (item->until > 0)
		view_day(o, AI_UNTIL, day_of(item->until - 1));
	view_bool(o, AI_MINE, settles || passes);
	view_bool(o, AI_SETTLES, settles);
	view_url(o, AI_SETTLE, request_link(q, "/desk/my-area/%s/settle", c->code));
	view_url(o, AI_PASS_UP, request_link(q, "/desk/my-area/%s/pass-up", c->code));
	view_bool(o, AI_PHOTOS, c->procedure->photos);
	if (passes)
		show_sorts(q, o);
	if ((settles || passes) && q->format == FORMAT_HTML)
		view_text(o, AI_KEY, area_key(q));
	if (item->waits)
		show_wait(q, view_obj(o, AI_WAIT), &item->wait, false);
}

void area_phone(struct request *q, struct vobj *page, int first)
{
	struct str account = arena_fmt(q->arena, "%lld", (long long)q->actor.account.v);
	struct hash h = hash_of(NULL, "xom.area.phone", account);
	view_url(page, first, request_link(q, "/desk/my-area"));
	view_text(page, first + 1, hex_of(q->arena, (struct str){(const char *)h.b, 8}));
	view_url(page, first + 2, http_asset(q->app->http, q->arena, "area.js"));
}

static const char *list_look(const struct request *q)
{
	return q->format == FORMAT_JSON ? "json" : q->format == FORMAT_CSV ? "csv" : q->format == FORMAT_XLSX ? "xlsx" : "list";
}

static enum rc show_list(struct request *q, struct reply *r, struct list_data *d, const struct area_draft *sent,
                         int status, struct fault *f)
{
	bool done = false;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, d, f);
	if (rc == RC_OK)
		rc = do_due(q, d->items, d->count, &done, f);
	if (rc == RC_OK && done)
		rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, d, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, list_look(q), (struct case_id){0}, STR("area"),
		                (int64_t)d->count, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &AREA_LIST);
	for (size_t i = 0; i < d->count; i++)
		show_item(q, view_item(page, d->items[i].until > 0 ? AL_TURN : AL_WARD), &d->items[i]);
	view_bool(page, AL_NONE, d->count == 0);
	view_bool(page, AL_NOWHERE, q->actor.area_count == 0);
	for (size_t i = 0; i < d->back_count; i++)
		if (d->backs[i].verb == VERB_settle || d->backs[i].verb == VERB_pass_up)
			show_wait(q, view_item(page, AL_BACK), &d->backs[i], d->withdrawn[i]);
	view_url(page, AL_UNDO, request_link(q, "/desk/my-area/undo"));
	if (q->actor.area_count > 0)
		view_url(page, AL_REPORT, request_link(q, "/desk/my-area/report"));
	area_phone(q, page, AL_HERE);
	for (size_t i = 0; i < q->actor.area_count; i++) {
		struct area area;
		if (!place_area(q->app->places, q->arena, q->actor.areas[i], &area))
			continue;
		struct vobj *o = view_item(page, AL_SHEETS);
		view_text(o, AS_LABEL, area.name);
		view_url(o, AS_URL, request_link(q, "/figures/week/%.*s", PSTR(area.code)));
	}
	struct str told = request_query(q, "done");
	if (q->method == METHOD_GET && (str_is(told, "settle") || str_is(told, "pass_up") || str_is(told, "undo") || str_is(told, "report") ||
	                                str_is(told, "late")))
		view_text(page, AL_NOTICE, request_text(q, arena_fmt(q->arena, "area.notice.%.*s", PSTR(told)).p));
	if (sent != NULL) {
		view_text(page, AL_REFUSED, sent->refused);
		view_text(page, AL_TYPED, sent->words);
	}
	if (d->more)
		view_url(page, AL_MORE, request_link(q, "/desk/my-area?due=%lld&after=%lld", (long long)d->last_due,
		                                     (long long)d->items[d->count - 1].c.id.v));
	if (d->after_id != 0)
		view_url(page, AL_FIRST, request_link(q, "/desk/my-area"));
	reply_title(r, request_text(q, "area.title"));
	if (sent == NULL)
		reply_view(q, r, page);
	else
		reply_page(q, r, "area/list", &AREA_LIST, page, status);
	return RC_OK;
}

enum rc area_list(struct request *q, struct reply *r, struct fault *f)
{
	struct list_data d = {.w = &q->app->flow, .who = &q->actor};
	struct str due = request_query(q, "due"), id = request_query(q, "after");
	if (id.n > 0 && (!str_i64(id, &d.after_id) || !str_i64(due, &d.after_due)))
		return RC_BAD_REQUEST;
	return show_list(q, r, &d, NULL, 200, f);
}

/* ---------------------------------------------------------------- one case */

struct case_data {
	const struct flow *w;
	const struct actor *who;
	char code[16];
	struct area_item item;
	struct str text;
	struct unit unit;
};

/* A volunteer finds the place and does not read what was told (docs/permissions.md, row 52). */
static bool reads_words(const struct request *q)
{
	return (q->actor.roles & ROLE_BIT(ROLE_area_head)) != 0 && q->format == FORMAT_HTML;
}

static enum rc case_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct case_data *d = ctx;
	struct entry *entries;
	size_t n = 0;
	enum rc rc = area_item_read(tx, d->w, d->who, str_of(d->code), &d->item, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, d->w, &d->item.c, &entries, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		for (size_t k = 0; entries[i].verb == VERB_open && k < entries[i].part_count; k++)
			if (str_is(entries[i].parts[k].name, "text"))
				d->text = entries[i].parts[k].body;
	if (rc == RC_OK && unit_get(tx, case_unit(&d->item.c), &d->unit, NULL) != RC_OK)
		d->unit = (struct unit){0};
	return rc;
}

static const char *case_look(const struct request *q)
{
	const char *kind = list_look(q);
	return strcmp(kind, "list") == 0 ? "case" : kind;
}

static enum rc show_case(struct request *q, struct reply *r, struct case_data *d, const struct area_draft *sent,
                         int status, struct fault *f)
{
	const struct ward_case *c = &d->item.c;
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, case_look(q), c->id, STR_EMPTY, 1, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &AREA_CASE), *o = view_obj(page, AC_ONE);
	show_item(q, o, &d->item);
	if (reads_words(q))
		view_text(page, AC_TEXT, d->text);
	view_text(page, AC_UNIT, d->unit.name);
	view_url(page, AC_BACK, request_link(q, "/desk/my-area"));
	view_url(page, AC_UNDO, request_link(q, "/desk/my-area/undo"));
	area_phone(q, page, AC_HERE);
	if (sent != NULL) {
		struct str told = sent->advised ? request_text(q, "advice.again") : sent->words_error;
		view_text(o, AI_WORDS, sent->words);
		view_text(o, AI_WORDS_ERROR, told);
		view_text(o, AI_PHOTO_ERROR, sent->photo_error);
		view_bool(o, AI_ADVISED, sent->advised);
		view_text(page, AC_REFUSED, sent->refused);
		if (told.n > 0)
			form_error_add(page, AC_ERRORS, told, arena_fmt(q->arena, "#words-%s", c->code));
		if (sent->photo_error.n > 0)
			form_error_add(page, AC_ERRORS, sent->photo_error, arena_fmt(q->arena, "#photo-%s", c->code));
	}
	reply_title(r, arena_fmt(q->arena, "%s %.*s", c->code, PSTR(label_kind(q, c->kind))));
	if (sent == NULL)
		reply_view(q, r, page);
	else
		reply_page(q, r, "area/case", &AREA_CASE, page, status);
	return RC_OK;
}

static enum rc read_case(struct request *q, struct str code, struct case_data *d, struct fault *f)
{
	*d = (struct case_data){.w = &q->app->flow, .who = &q->actor};
	bool done = false;
	if (code_read(code, d->code) != RC_OK)
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, case_tx, d, f);
	if (rc == RC_OK)
		rc = do_due(q, &d->item, 1, &done, f);
	return rc == RC_OK && done ? store_read(q->app->store, q->ward->id, q->arena, case_tx, d, f) : rc;
}

enum rc area_case(struct request *q, struct reply *r, struct fault *f)
{
	struct case_data d;
	enum rc rc = read_case(q, request_param(q, "code"), &d, f);
	return rc == RC_OK ? show_case(q, r, &d, NULL, 200, f) : rc;
}

enum rc area_again(struct request *q, struct reply *r, const struct area_draft *sent, int status, struct fault *f)
{
	struct case_data d;
	struct list_data all = {.w = &q->app->flow, .who = &q->actor};
	enum rc rc = read_case(q, sent->code, &d, f);
	if (rc == RC_NONE)
		return show_list(q, r, &all, sent, status, f);
	return rc == RC_OK ? show_case(q, r, &d, sent, status, f) : rc;
}

/* It governs the list's addresses and no others. */
enum rc area_worker(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_worker(r, request_link(q, "/desk/my-area"));
	reply_bytes(q, r, STR("text/javascript; charset=utf-8"),
	            arena_fmt(q->arena, "importScripts(\"%.*s\");\n",
	                      PSTR(http_asset(q->app->http, q->arena, "area_worker.js"))));
	return RC_OK;
}
