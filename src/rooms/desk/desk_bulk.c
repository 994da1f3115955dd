/* The pages of a step on several cases: what it asks, how far it is, what was done and what was not,
 * with everything typed, ready to be sent again. */
#include "kit/base/log.h"
#include "rooms/desk/desk_bulk.h"

enum { BR_CODE, BR_URL, BR_KIND, BR_STATE, BR_LATE, BR_AREA, BR_STREET, BR_VALUE, BR_ID, BR_TICKED,
	BR_OWN, BR_WORDS, BR_WHY, BR_FIELDS };
static const struct field ROW_F[] = {
	[BR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[BR_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[BR_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[BR_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[BR_LATE] = {"late", V_BOOL, SEE_OFFICE, "past its day", NULL, NULL},
	[BR_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[BR_STREET] = {"street", V_TEXT, SEE_OFFICE, "street", NULL, NULL},
	[BR_VALUE] = {"value", V_TEXT, SEE_OFFICE, "code and version, as it is sent", NULL, NULL},
	[BR_ID] = {"id", V_TEXT, SEE_OFFICE, "id of its inputs", NULL, NULL},
	[BR_TICKED] = {"ticked", V_BOOL, SEE_OFFICE, "chosen", NULL, NULL},
	[BR_OWN] = {"own", V_LIST, SEE_OFFICE, "the field for words of its own, where it takes them", &FORM_FIELD, NULL},
	[BR_WORDS] = {"words", V_TEXT, SEE_OFFICE, "its own words", NULL, NULL},
	[BR_WHY] = {"why", V_TEXT, SEE_OFFICE, "why it was not done", NULL, NULL},
};
static const struct shape ROW = SHAPE("bulk_case", ROW_F);

enum { DB_ROWS, DB_DONE, DB_HEADING, DB_DO, DB_FORM, DB_ERRORS, DB_ACTION, DB_TOTAL, DB_DONE_N,
	DB_FAILED_N, DB_BUTTON, DB_RUNNING, DB_ENDED, DB_BACK, DB_NOTICE, DB_FIELDS };
static const struct field BULK_F[] = {
	[DB_ROWS] = {"cases", V_LIST, SEE_OFFICE, "what is chosen, or was not done", &ROW, NULL},
	[DB_DONE] = {"done", V_LIST, SEE_OFFICE, "what was done", &ROW, NULL},
	[DB_HEADING] = {"heading", V_TEXT, SEE_OFFICE, "which step", NULL, NULL},
	[DB_DO] = {"do", V_TEXT, SEE_OFFICE, "its name", NULL, NULL},
	[DB_FORM] = {"fields", V_LIST, SEE_OFFICE, "what it asks", &FORM_FIELD, NULL},
	[DB_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[DB_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[DB_TOTAL] = {"total", V_INT, SEE_OFFICE, "cases asked for", NULL, "cases"},
	[DB_DONE_N] = {"done_n", V_INT, SEE_OFFICE, "done", NULL, "cases"},
	[DB_FAILED_N] = {"failed_n", V_INT, SEE_OFFICE, "not done", NULL, "cases"},
	[DB_BUTTON] = {"button", V_TEXT, SEE_OFFICE, "words of the button", NULL, NULL},
	[DB_RUNNING] = {"running", V_BOOL, SEE_OFFICE, "it goes on", NULL, NULL},
	[DB_ENDED] = {"ended", V_BOOL, SEE_OFFICE, "all were looked at", NULL, NULL},
	[DB_BACK] = {"back", V_URL, SEE_OFFICE, "the queues", NULL, NULL},
	[DB_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "how it went", NULL, NULL},
};
const struct shape DESK_BULK = SHAPE("bulk", BULK_F);

/* What is asked for, as it is typed. */
struct form {
	struct bulk b;
	struct str unit, unit_error, outcome_error, words_error, cases_error;
	struct unit *units;
	size_t unit_count;
	bool wrong, advised;           /* advised: its words name somebody */
	struct own {                   /* of each case's own words; NULL: nothing was sent */
		struct str error;
		bool advised;
	} *own;
};

/* One that is being dissolved takes nothing more. */
static enum rc units_to_choose(struct tx *tx, struct form *form, struct fault *f)
{
	size_t n = 0;
	enum rc rc = unit_list(tx, &form->units, &n, f);
	form->unit_count = 0;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (form->units[i].until_day == 0)
			form->units[form->unit_count++] = form->units[i];
	return rc;
}

static struct str step_text(struct request *q, enum verb v, const char *what)
{
	return request_text(q, arena_fmt(q->arena, "bulk.%s.%s", verb_name(v), what).p);
}

/* The same advice as a single case's form gives, but for the list of the ward's places, which stays with the server:
 * a hundred times on one page it would be most of it. */
static void add_own(struct request *q, const struct view *v, struct vobj *page, struct vobj *row, const struct form *form,
                    size_t at)
{
	const struct bulk_item *item = &form->b.items[at];
	const struct own *own = form->own != NULL ? &form->own[at] : &(struct own){0};
	struct form_advice advice = *advice_field(q, own->advised ? item->words : STR_EMPTY);
	struct str name = arena_fmt(q->arena, "own-%s", item->c.code);
	advice.places = STR("*");
	form_field_add(row, BR_OWN, -1, v,
	               &(struct form_field){.kind = FORM_TEXT, .name = name.p, .label = request_text(q, "bulk.own"),
	                                    .value = item->words, .error = own->error, .autocomplete = "off",
	                                    .advice = &advice});
	if (own->error.n > 0 || own->advised)
		form_error_add(page, DB_ERRORS,
		               arena_fmt(q->arena, "%s: %.*s", item->c.code,
		                         PSTR(own->advised ? request_text(q, "advice.again") : own->error)),
		               arena_fmt(q->arena, "#%.*s", PSTR(name)));
}

static void add_row(struct request *q, const struct view *v, struct vobj *page, int list, const struct form *form,
                    size_t at)
{
	const struct bulk_item *item = &form->b.items[at];
	const struct ward_case *c = &item->c;
	struct vobj *o = view_item(page, list);
	struct str code = arena_copy(q->arena, str_of(c->code));
	view_text(o, BR_CODE, code);
	if (item->state == ITEM_failed)
		view_text(o, BR_WHY, request_text(q, arena_fmt(q->arena, "bulk.why.%.*s", PSTR(item->why)).p));
	if (item->gone)
		return;
	view_url(o, BR_URL, request_link(q, "/desk/case/%s", c->code));
	view_key(o, BR_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, BR_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_bool(o, BR_LATE, state_open(c->state) && c->due_at > 0 && q->now >= c->due_at);
	view_text(o, BR_AREA, label_area(q, c->place.area));
	view_text(o, BR_STREET, c->place.street);
	view_text(o, BR_VALUE, arena_fmt(q->arena, "%s:%lld", c->code, (long long)c->version));
	view_text(o, BR_ID, code);
	view_bool(o, BR_TICKED, true);
	view_text(o, BR_WORDS, item->words);
	if (form->b.verb == VERB_close && form->b.count <= BULK_OWN_MAX)
		add_own(q, v, page, o, form, at);
}

static void add_fields(struct request *q, struct vobj *page, const struct view *v,
                       const struct form *form)
{
	const struct bulk *b = &form->b;
	if (b->verb == VERB_close) {
		struct form_option *options = arena_array(q->arena, OUTCOME_COUNT, sizeof *options);
		for (size_t i = 0; i < OUTCOME_COUNT; i++)
			options[i] = (struct form_option){
				.value = str_of(OUTCOMES[i]),
				.label = request_text(q, arena_fmt(q->arena, "outcome.%s", OUTCOMES[i]).p),
				.checked = str_is(b->outcome, OUTCOMES[i])};
		form_field_add(page, DB_FORM, DB_ERRORS, v,
		               &(struct form_field){.kind = FORM_RADIOS, .name = "outcome",
		                                    .label = request_text(q, "desk.close.outcome"),
		                                    .error = form->outcome_error,
		                                    .options = options, .option_count = OUTCOME_COUNT});
	}
	if (b->verb == VERB_assign) {
		struct form_option *options = arena_array(q->arena, form->unit_count, sizeof *options);
		for (size_t i = 0; i < form->unit_count; i++)
			options[i] = (struct form_option){.value = form->units[i].slug,
			                                  .label = form->units[i].name,
			                                  .checked = str_eq(form->units[i].slug, form->unit)};
		form_field_add(page, DB_FORM, DB_ERRORS, v,
		               &(struct form_field){.kind = FORM_SELECT, .name = "unit",
		                                    .label = request_text(q, "desk.assign.unit"),
		                                    .error = form->unit_error,
		                                    .options = options, .option_count = form->unit_count});
	}
	if (b->verb != VERB_take)
		form_field_add(page, DB_FORM, DB_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA, .name = "words",
		                                    .label = step_text(q, b->verb, "words"),
		                                    .value = b->words, .error = form->words_error,
		                                    .rows = 4, .max = DESK_TEXT_MAX,
		                                    .advice = b->verb == VERB_close
		                                                      ? advice_field(q, form->advised ? b->words : STR_EMPTY)
		                                                      : NULL});
	if (form->advised)
		form_error_add(page, DB_ERRORS, request_text(q, "advice.again"), STR("#words"));
}

/* Looks at cases are looks, on this page as on a list. */
static enum rc show(struct request *q, struct reply *r, const struct form *form, int status,
                    struct fault *f)
{
	const struct bulk *b = &form->b;
	size_t done = 0, failed = b->gone_count;
	bool asked = b->id != 0;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_BULK);
	for (size_t i = 0; i < b->count; i++) {
		done += b->items[i].state == ITEM_done;
		failed += b->items[i].state == ITEM_failed;
	}
	bool running = asked && b->ended_at == 0;
	if (!running)
		add_fields(q, page, &v, form);
	for (size_t i = 0; i < b->count && !running; i++)
		add_row(q, &v, page, b->items[i].state == ITEM_done ? DB_DONE : DB_ROWS, form, i);
	for (size_t i = 0; i < b->gone_count && !running; i++) {
		struct vobj *o = view_item(page, DB_ROWS);
		view_text(o, BR_CODE, b->gone[i]);
		view_text(o, BR_WHY, request_text(q, "bulk.why.gone"));
	}
	if (form->cases_error.n > 0)
		form_error_add(page, DB_ERRORS, form->cases_error, STR("#cases"));
	view_text(page, DB_HEADING, step_text(q, b->verb, "title"));
	view_text(page, DB_DO, str_of(verb_name(b->verb)));
	view_text(page, DB_BUTTON, step_text(q, b->verb, "button"));
	view_url(page, DB_ACTION, request_link(q, "/desk/bulk"));
	view_int(page, DB_TOTAL, (int64_t)(b->count + b->gone_count));
	view_int(page, DB_DONE_N, (int64_t)done);
	view_int(page, DB_FAILED_N, (int64_t)failed);
	view_bool(page, DB_RUNNING, running);
	view_bool(page, DB_ENDED, asked && !running);
	if (asked && !running && done > 0 && verb_waits(b->verb))
		view_text(page, DB_NOTICE, request_text(q, "bulk.waits"));
	view_url(page, DB_BACK, request_link(q, "/desk"));
	if (running)
		reply_refresh(r, 1);
	enum rc rc = running ? RC_OK
	                     : look_write(&q->app->flow, q->arena, q->ward, &q->actor,
	                                  q->format == FORMAT_HTML ? "list" : desk_look_kind(q),
	                                  (struct case_id){0}, STR("bulk"), (int64_t)b->count, f);
	if (rc != RC_OK)
		return rc;
	reply_title(r, step_text(q, b->verb, "title"));
	reply_page(q, r, "desk/bulk", &DESK_BULK, page, status);
	return RC_OK;
}

/* ---------------------------------------------------------------- what is sent */

struct reading {
	const struct flow *w;
	const struct actor *actor;
	struct form *form;
	struct str *codes;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *x = ctx;
	struct bulk *b = &x->form->b;
	size_t kept = 0;
	enum rc rc = units_to_choose(tx, x->form, f);
	for (size_t i = 0; rc == RC_OK && i < b->count; i++) {
		struct bulk_item item = b->items[i];
		rc = case_by_code(tx, x->w, x->codes[i], &item.c, f);
		/* What is another unit's by now is not this officer's to see; it is named when it was on
		 * the form that they sent. */
		if (rc == RC_NONE || (rc == RC_OK && !case_handled_by(&item.c, x->actor))) {
			rc = RC_OK;
			if (item.version > 0)
				b->gone[b->gone_count++] = x->codes[i];
			continue;
		}
		item.of = item.c.id;
		b->items[kept++] = item;
	}
	b->count = kept;
	return rc;
}

/* The ticks: "CODE" from the list, "CODE:VERSION" from the form. The same case twice is one. */
static void take_ticks(struct request *q, struct form *form, struct str *codes)
{
	struct bulk *b = &form->b;
	for (size_t i = 0; i < q->form_count && b->count < BULK_MAX; i++) {
		char code[16];
		struct str rest = q->form[i].value, typed = str_cut(&rest, ':');
		bool twice = false;
		if (!str_is(q->form[i].name, "case") || code_read(typed, code) != RC_OK)
			continue;
		for (size_t k = 0; k < b->count; k++)
			twice = twice || str_is(codes[k], code);
		if (twice)
			continue;
		struct bulk_item *item = &b->items[b->count];
		*item = (struct bulk_item){.words = STR_EMPTY, .why = STR_EMPTY};
		if (!str_i64(rest, &item->version))
			item->version = 0;
		codes[b->count++] = arena_copy(q->arena, str_of(code));
	}
}

static void take_own(struct request *q, struct form *form)
{
	for (size_t i = 0; i < form->b.count && form->b.verb == VERB_close; i++) {
		struct bulk_item *item = &form->b.items[i];
		struct str raw = request_form(q, arena_fmt(q->arena, "own-%s", item->c.code).p);
		if (!desk_text(q, raw, TEXT_LINES, DESK_TEXT_MAX, false, &item->words, &form->own[i].error))
			form->wrong = true;
	}
}

/* RC_BAD_REQUEST: not one of our forms. */
static enum rc begin(struct request *q, struct form *form, struct fault *f)
{
	*form = (struct form){.b = {.account = q->actor.account, .outcome = STR_EMPTY, .words = STR_EMPTY}};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	form->b.verb = verb_parse(request_form(q, "do"));
	if (!bulk_verb(form->b.verb))
		return RC_BAD_REQUEST;
	form->b.items = arena_array(q->arena, BULK_MAX, sizeof *form->b.items);
	form->b.gone = arena_array(q->arena, BULK_MAX, sizeof *form->b.gone);
	form->own = arena_array(q->arena, BULK_MAX, sizeof *form->own);
	struct reading x = {.w = &q->app->flow, .actor = &q->actor, .form = form,
	                    .codes = arena_array(q->arena, BULK_MAX, sizeof *x.codes)};
	take_ticks(q, form, x.codes);
	return store_read(q->app->store, q->ward->id, q->arena, read_tx, &x, f);
}

enum rc desk_bulk_form(struct request *q, struct reply *r, struct fault *f)
{
	struct form form;
	enum rc rc = begin(q, &form, f);
	if (rc != RC_OK)
		return rc;
	/* Nothing ticked: the list again, which says so. */
	if (form.b.count == 0) {
		reply_redirect(q, r, request_link(q, "/desk?done=none_ticked"));
		return RC_OK;
	}
	return show(q, r, &form, 200, f);
}

static void wrong(struct request *q, struct form *form, struct str *error, const char *key)
{
	*error = request_text(q, key);
	form->wrong = true;
}

/* The reporters read it: of all of them, or of one. */
static void advise(struct request *q, struct form *form)
{
	const struct bulk *b = &form->b;
	form->advised = advice_asks(q, "words", b->words);
	form->wrong = form->advised;
	for (size_t i = 0; i < b->count; i++) {
		form->own[i].advised = advice_asks(q, arena_fmt(q->arena, "own-%s", b->items[i].c.code).p, b->items[i].words);
		form->wrong = form->wrong || form->own[i].advised;
	}
}

static void take_fields(struct request *q, struct form *form)
{
	struct bulk *b = &form->b;
	bool all_own = b->verb == VERB_close && b->count > 0;
	take_own(q, form);
	for (size_t i = 0; i < b->count; i++)
		all_own = all_own && b->items[i].words.n > 0;
	if (b->verb != VERB_take) {
		struct str error;
		if (!desk_text(q, request_form(q, "words"), TEXT_LINES, DESK_TEXT_MAX, !all_own, &b->words, &error)) {
			form->words_error = error;
			form->wrong = true;
		}
	}
	if (b->verb == VERB_close) {
		b->outcome = request_form(q, "outcome");
		if (!outcome_known(b->outcome)) {
			b->outcome = STR_EMPTY;
			wrong(q, form, &form->outcome_error, "desk.close.missing");
		}
	}
	form->unit = request_form(q, "unit");
	for (size_t i = 0; b->verb == VERB_assign && i < form->unit_count; i++)
		if (str_eq(form->units[i].slug, form->unit))
			b->to = form->units[i].id;
	if (b->verb == VERB_assign && b->to.v == 0)
		wrong(q, form, &form->unit_error, "desk.assign.missing");
	if (b->count + b->gone_count == 0)
		wrong(q, form, &form->cases_error, "bulk.none");
	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].version < 1)
			wrong(q, form, &form->cases_error, "bulk.none");
	if (!form->wrong && b->verb == VERB_close)
		advise(q, form);
}

struct writing {
	struct request *q;
	struct bulk *b;
};

static enum rc put_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct writing *w = ctx;
	return bulk_put(tx, &w->q->app->ids, w->b, f);
}

enum rc desk_bulk_send(struct request *q, struct reply *r, struct fault *f)
{
	struct form form;
	bool left;
	enum rc rc = begin(q, &form, f);
	if (rc != RC_OK)
		return rc;
	take_fields(q, &form);
	if (form.wrong)
		return show(q, r, &form, 422, f);
	struct writing w = {q, &form.b};
	rc = store_write(q->app->store, q->ward->id, q->arena, put_tx, &w, f);
	if (rc != RC_OK)
		return rc;
	/* A handful is done before the page is there. What fails now is the job's to try again. */
	struct fault later = {0};
	rc = bulk_run(&q->app->flow, q->ward->id, form.b.id, clock_ticks() + US_SECOND, &left, &later);
	if (rc != RC_OK)
		log_fault("desk", "a step on several cases, left to its job", &later);
	if (q->app->jobs != NULL && left)
		job_wake(q->app->jobs);
	reply_redirect(q, r, request_link(q, "/desk/bulk/%lld", (long long)form.b.id));
	return RC_OK;
}

struct asking {
	struct request *q;
	int64_t id;
	struct form form;
};

static enum rc get_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	enum rc rc = bulk_get(tx, &x->q->app->flow, &x->q->actor, x->id, &x->form.b, f);
	if (rc == RC_OK)
		rc = units_to_choose(tx, &x->form, f);
	for (size_t i = 0; rc == RC_OK && i < x->form.unit_count; i++)
		if (x->form.units[i].id.v == x->form.b.to.v)
			x->form.unit = x->form.units[i].slug;
	return rc;
}

enum rc desk_bulk(struct request *q, struct reply *r, struct fault *f)
{
	struct asking x = {.q = q};
	if (!str_i64(request_param(q, "id"), &x.id))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, get_tx, &x, f);
	return rc == RC_OK ? show(q, r, &x.form, 200, f) : rc;
}
