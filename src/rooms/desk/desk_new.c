#include "rooms/desk/desk.h"
#include "ward/danger.h"

/* Counter entry: what came by phone, at the counter, by letter or chat, in one screen. The answer of
 * the form is the slip that is printed or read aloud; it holds no PIN, which the resident makes with
 * the word they chose (ward/flow/receipt.h). */

#define PURPOSE "counter"
enum { STREET_CHARS = 120, LANDMARK_CHARS = 160, NEAR_MAX = 5, NEAR_DAYS = 14, OLD_DAYS = 365 };

enum { DN_ACTION, DN_S, DN_FORM_FIELDS, DN_ERRORS, DN_NEAR, DN_ASK_OLD, DN_OLD_TEXT, DN_NOW, DN_PRINT,
	DN_DANGER, DN_FIELDS };
enum { NR_URL, NR_CODE, NR_KIND, NR_RECEIVED, NR_PLACE, NR_TEXT, NR_FIELDS };
static const struct field NEAR_F[] = {
	[NR_URL] = {"url", V_URL, SEE_HANDLER, "its page", NULL, NULL},
	[NR_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[NR_KIND] = {"kind", V_TEXT, SEE_HANDLER, "kind", NULL, NULL},
	[NR_RECEIVED] = {"received", V_TIME, SEE_HANDLER, "when it was received", NULL, NULL},
	[NR_PLACE] = {"place", V_TEXT, SEE_HANDLER, "street and landmark", NULL, NULL},
	[NR_TEXT] = {"text", V_TEXT, SEE_HANDLER, "beginning of the words", NULL, NULL},
};
static const struct shape NEAR = SHAPE("desk_near", NEAR_F);
static const struct field NEW_F[] = {
	[DN_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[DN_S] = {"s", V_TEXT, SEE_OFFICE, "the sealed form", NULL, NULL},
	[DN_FORM_FIELDS] = {"fields", V_LIST, SEE_OFFICE, "what it asks", &FORM_FIELD, NULL},
	[DN_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[DN_NEAR] = {"near", V_LIST, SEE_HANDLER, "open cases of the same kind and khu vực", &NEAR, NULL},
	[DN_ASK_OLD] = {"ask_old", V_BOOL, SEE_OFFICE, "more than a year ago: is it meant?", NULL, NULL},
	[DN_OLD_TEXT] = {"looked", V_BOOL, SEE_OFFICE, "similar ones were looked for", NULL, NULL},
	[DN_NOW] = {"now", V_TIME, SEE_OFFICE, "time of the entry", NULL, NULL},
	[DN_DANGER] = {"danger", V_OBJ, SEE_OFFICE, "numbers to call, when what is typed speaks of danger", &DANGER, NULL},
	[DN_PRINT] = {"print_url", V_URL, SEE_OFFICE, "blank forms and posters", NULL, NULL},
};
const struct shape DESK_NEW = SHAPE("desk_new", NEW_F);

const struct desk_field DESK_NEW_FIELDS[NF_COUNT] = {
	[NF_channel] = {"channel", "new.channel", NULL, "print.channel.hint", FORM_RADIOS, false},
	[NF_kind] = {"kind", "report.check.kind", NULL, "print.kind.hint", FORM_SELECT, false},
	[NF_area] = {"area", "report.area.label", NULL, NULL, FORM_SELECT, false},
	[NF_not_head] = {"not_head", "new.head", "new.head.hint", NULL, FORM_CHECKBOXES, false},
	[NF_street] = {"street", "report.street.label", NULL, NULL, FORM_TEXT, false},
	[NF_landmark] = {"landmark", "report.landmark.label", NULL, NULL, FORM_TEXT, false},
	[NF_text] = {"text", "new.text", "new.text.hint", "print.text.hint", FORM_AREA, false},
	[NF_day] = {"day", "new.day", "new.day.hint", NULL, FORM_TEXT, true},
	[NF_hour] = {"hour", "new.hour", NULL, NULL, FORM_TEXT, true},
	[NF_word] = {"word", "new.word", "new.word.hint", "print.word.hint", FORM_TEXT, false},
};

struct entering {
	struct request *q;
	struct journey j;
	struct str value[NF_COUNT], error[NF_COUNT];
	const struct procedure *procedure;
	struct case_place place;
	int64_t event_at;
	bool wrong, ask_old, looked, advised[NF_COUNT];
	bool danger;                  /* the words speak of danger, and the numbers were not shown yet */
	struct case_row *near;
	size_t near_count;
	struct ward_case c;
	struct receipt receipt;
	struct unit unit;
};

struct choices desk_new_options(struct request *q, enum desk_new_field field, struct str chosen)
{
	const struct form_option unsure = {.value = STR("unsure"),
	                                   .label = request_text(q, "desk.area.unknown"),
	                                   .checked = str_is(chosen, "unsure")};
	struct choices c = {0};
	if (field == NF_kind)
		return choices_counter(q, chosen);
	if (field == NF_area)
		return choices_areas(q, chosen, &unsure, true);
	if (field == NF_not_head) {
		c.options = arena_array(q->arena, 1, sizeof *c.options);
		c.options[c.count++] = (struct form_option){.value = STR("1"), .label = request_text(q, "report.not_head"),
		                                            .checked = str_is(chosen, "1")};
	}
	if (field != NF_channel)
		return c;
	c.options = arena_array(q->arena, CHANNELS_DESK, sizeof *c.options);
	for (size_t i = 1; i < CHANNELS_DESK; i++)     /* the first is the resident's own form */
		c.options[c.count++] = (struct form_option){
			.value = str_of(CHANNELS[i]),
			.label = request_text(q, arena_fmt(q->arena, "channel.%s", CHANNELS[i]).p),
			.checked = str_is(chosen, CHANNELS[i])};
	return c;
}

/* Choices of a list begin with their number: typed there it leads to them, whatever the keyboard is. */
static struct choices numbered(struct request *q, struct choices c)
{
	struct form_option *options = arena_array(q->arena, c.count + 1, sizeof *options);
	options[0] = (struct form_option){.value = STR(""), .label = request_text(q, "new.choose")};
	for (size_t i = 0; i < c.count; i++) {
		options[i + 1] = c.options[i];
		options[i + 1].label = arena_fmt(q->arena, "%zu. %.*s", i + 1, PSTR(c.options[i].label));
		options[i + 1].hint = STR_EMPTY;
	}
	return (struct choices){options, c.count + 1};
}

/* Where one writes freely, and may name somebody. */
static bool free_words(enum desk_new_field field) { return field == NF_landmark || field == NF_text; }

static void add_near(struct entering *e, struct vobj *page)
{
	struct request *q = e->q;
	for (size_t i = 0; i < e->near_count; i++) {
		const struct case_row *c = &e->near[i];
		struct vobj *o = view_item(page, DN_NEAR);
		view_url(o, NR_URL, request_link(q, "/desk/case/%s", c->code));
		view_text(o, NR_CODE, arena_copy(q->arena, str_of(c->code)));
		view_text(o, NR_KIND, label_kind(q, c->kind));
		view_time(o, NR_RECEIVED, c->received_at);
		view_text(o, NR_PLACE, c->street);
		view_text(o, NR_TEXT, c->text);
	}
}

static void show(struct entering *e, struct reply *r, int status)
{
	struct request *q = e->q;
	struct view v = request_view(q, SEE_OFFICE | SEE_HANDLER);
	struct vobj *page = view_new(&v, &DESK_NEW);
	view_url(page, DN_ACTION, request_link(q, "/desk/new"));
	view_text(page, DN_S, journey_seal(q, PURPOSE, &e->j));
	view_time(page, DN_NOW, q->now);
	view_url(page, DN_PRINT, request_link(q, "/desk/print"));
	view_bool(page, DN_ASK_OLD, e->ask_old);
	view_bool(page, DN_OLD_TEXT, e->looked);
	for (enum desk_new_field i = 0; i < NF_COUNT; i++) {
		const struct desk_field *d = &DESK_NEW_FIELDS[i];
		struct choices c = desk_new_options(q, i, e->value[i]);
		if (d->kind == FORM_SELECT)
			c = numbered(q, c);
		form_field_add(page, DN_FORM_FIELDS, DN_ERRORS, &v, &(struct form_field){
			.kind = d->kind, .name = d->name, .label = request_text(q, d->label),
			.hint = d->hint != NULL ? request_text(q, d->hint) : STR_EMPTY,
			.value = c.count == 0 ? e->value[i] : STR_EMPTY, .error = e->error[i],
			.rows = 4, .narrow = d->narrow, .max = d->kind == FORM_AREA ? DESK_TEXT_MAX : 0,
			.autocomplete = c.count == 0 ? "off" : NULL, .options = c.options,
			.option_count = c.count,
			.advice = free_words(i) ? advice_field(q, e->advised[i] ? e->value[i] : STR_EMPTY) : NULL});
		if (e->advised[i])
			form_error_add(page, DN_ERRORS, request_text(q, "advice.again"),
			               arena_fmt(q->arena, "#%s", d->name));
	}
	bool said = e->danger || (request_has(q, "danger") && danger_said(q, e->value[NF_text]));
	danger_fill(q, page, DN_DANGER, (struct danger_look){.said = said, .live = true, .desk = true});
	if (e->danger)
		form_error_add(page, DN_ERRORS, request_text(q, "danger.again"), STR("#danger"));
	add_near(e, page);
	reply_title(r, request_text(q, "new.title"));
	reply_page(q, r, "desk/new", &DESK_NEW, page, status);
}

enum rc desk_new(struct request *q, struct reply *r, struct fault *f)
{
	struct entering e = {.q = q, .value[NF_channel] = STR("phone")};
	struct moment now = moment_of(q->now);
	(void)f;
	journey_begin(q, &e.j);
	e.value[NF_day] = arena_fmt(q->arena, "%02d/%02d/%04d", now.date.day, now.date.month, now.date.year);
	e.value[NF_hour] = arena_fmt(q->arena, "%02d:%02d", now.hour, now.minute);
	show(&e, r, 200);
	return RC_OK;
}

/* ---------------------------------------------------------------- reading the form */

static void wrong(struct entering *e, enum desk_new_field field, const char *key)
{
	e->error[field] = request_text(e->q, key);
	e->wrong = true;
}

static void take_line(struct entering *e, enum desk_new_field field, enum text_kind kind, size_t max)
{
	if (!desk_text(e->q, request_form(e->q, DESK_NEW_FIELDS[field].name), kind, max,
	               kind == TEXT_LINES, &e->value[field], &e->error[field]))
		e->wrong = true;
}

static void take_event(struct entering *e)
{
	struct request *q = e->q;
	int64_t t[4] = {0};
	int32_t day;
	struct str error;
	(void)desk_text(q, request_form(q, "day"), TEXT_LINE, 40, false, &e->value[NF_day], &error);
	(void)desk_text(q, request_form(q, "hour"), TEXT_LINE, 40, false, &e->value[NF_hour], &error);
	size_t m = typed_numbers(e->value[NF_hour], t);
	if (!typed_day(e->value[NF_day], q->now, &day)) {
		wrong(e, NF_day, "new.day.unreadable");
		return;
	}
	if ((e->value[NF_hour].n > 0 && (m < 1 || m > 2)) || t[0] > 23 || (m == 2 && t[1] > 59)) {
		wrong(e, NF_hour, "new.hour.unreadable");
		return;
	}
	e->event_at = day_start(day) + t[0] * US_HOUR + (m == 2 ? t[1] : 0) * US_MINUTE;
	if (e->event_at > q->now)
		wrong(e, day > day_of(q->now) ? NF_day : NF_hour, "new.day.future");
	else if (day_of(q->now) - day > OLD_DAYS && !request_has(q, "old")) {
		wrong(e, NF_day, "new.day.old");
		e->ask_old = true;
	}
	e->ask_old = e->ask_old || request_has(q, "old");
}

static bool kind_known(const struct request *q, struct str kind)
{
	return procedure_of_kind(q->app->procedures, kind, day_of(q->now)) != NULL;
}

static void take(struct entering *e)
{
	struct request *q = e->q;
	struct str folded;
	e->value[NF_channel] = request_form(q, "channel");
	if (!channel_known(e->value[NF_channel]) || str_is(e->value[NF_channel], CHANNELS[0]) ||
	    str_is(e->value[NF_channel], CHANNELS[CHANNELS_DESK]))
		wrong(e, NF_channel, "new.channel.missing");
	e->value[NF_kind] = request_form(q, "kind");
	e->procedure = procedure_offered(q->app->procedures, q->ward->id, e->value[NF_kind], day_of(q->now));
	if (e->procedure == NULL)
		wrong(e, NF_kind, e->value[NF_kind].n == 0         ? "report.kind.missing"
		                  : kind_known(q, e->value[NF_kind]) ? "new.kind.withdrawn"
		                                                   : "report.kind.unknown");
	e->value[NF_area] = request_form(q, "area");
	e->place.unsure = str_is(e->value[NF_area], "unsure");
	if (!e->place.unsure && !choices_area(q, e->value[NF_area], &e->place.area))
		wrong(e, NF_area, e->value[NF_area].n == 0 ? "new.area.missing" : "report.area.unknown");
	e->value[NF_not_head] = str_is(request_form(q, "not_head"), "1") ? STR("1") : STR_EMPTY;
	take_line(e, NF_street, TEXT_LINE, STREET_CHARS);
	take_line(e, NF_landmark, TEXT_LINE, LANDMARK_CHARS);
	take_line(e, NF_text, TEXT_LINES, DESK_TEXT_MAX);
	e->place.street = e->value[NF_street];
	e->place.landmark = e->value[NF_landmark];
	take_event(e);
	take_line(e, NF_word, TEXT_LINE, 60);
	if (e->error[NF_word].n == 0 && word_read(q->arena, e->value[NF_word], &folded) != RC_OK)
		wrong(e, NF_word, e->value[NF_word].n == 0 ? "new.word.missing" : "new.word.weak");
}

/* Names and numbers of what is otherwise right are pointed out once, before it is kept; so is danger. */
static void advise(struct entering *e)
{
	for (enum desk_new_field i = 0; i < NF_COUNT && !e->wrong; i++)
		e->advised[i] = free_words(i) && advice_asks(e->q, DESK_NEW_FIELDS[i].name, e->value[i]);
	e->danger = !e->wrong && danger_asks(e->q, e->value[NF_text]);
	e->wrong = e->wrong || e->advised[NF_landmark] || e->advised[NF_text] || e->danger;
}

/* ---------------------------------------------------------------- similar ones */

/* Of one's own units, by due day; kinds about neighbours' conduct are never compared. */
static enum rc near_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct entering *e = ctx;
	struct case_filter filter = {.queue = QUEUE_unit, .actor = &e->q->actor, .kind = e->value[NF_kind],
	                             .area = e->place.area, .limit = 50};
	struct case_row *rows;
	size_t n;
	bool more;
	enum rc rc = case_list(tx, &e->q->app->flow, &filter, &rows, &n, &more, f);
	e->near = arena_array(e->q->arena, NEAR_MAX, sizeof *e->near);
	for (size_t i = n; rc == RC_OK && i-- > 0 && e->near_count < NEAR_MAX;)
		if (rows[i].received_at > e->q->now - NEAR_DAYS * US_DAY)
			e->near[e->near_count++] = rows[i];
	return rc;
}

static enum rc look_near(struct entering *e, struct fault *f)
{
	struct request *q = e->q;
	e->looked = true;
	if (e->procedure == NULL || e->procedure->conduct || e->place.area.v == 0)
		return RC_OK;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, near_tx, e, f);
	return rc == RC_OK ? look_write(&q->app->flow, q->arena, q->ward, &q->actor, "list",
	                                (struct case_id){0},
	                                arena_fmt(q->arena, "near kind=%.*s&area=%lld", PSTR(e->value[NF_kind]),
	                                          (long long)e->place.area.v),
	                                (int64_t)e->near_count, f)
	                   : rc;
}

/* ---------------------------------------------------------------- entering */

static enum rc enter_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct entering *e = ctx;
	const struct case_new n = {.procedure = e->procedure,
	                           .journey = journey_hash(&e->j),
	                           .place = e->place,
	                           .text = e->value[NF_text],
	                           .channel = e->value[NF_channel],
	                           .actor = &e->q->actor,
	                           .event_at = e->event_at,
	                           .word = e->value[NF_word],
	                           .not_head = e->value[NF_not_head].n > 0,
	                           .danger = danger_said(e->q, e->value[NF_text])};
	enum rc rc = case_open(tx, &e->q->app->flow, e->q->ward, &n, &e->c, &e->receipt, f);
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	enum rc found = unit_get(tx, e->c.unit, &e->unit, f);
	return found == RC_OK || found == RC_NONE ? RC_OK : found;
}

enum rc desk_new_send(struct request *q, struct reply *r, struct fault *f)
{
	struct entering e = {.q = q};
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : journey_open(q, PURPOSE, &e.j);
	if (rc != RC_OK)
		return rc;
	take(&e);
	bool look = str_is(request_form(q, "go"), "look");
	if (look) {
		/* One looks with kind and khu vực alone: the rest is not wrong yet. */
		for (enum desk_new_field i = 0; i < NF_COUNT; i++)
			if (i != NF_kind && i != NF_area)
				e.error[i] = STR_EMPTY;
		rc = look_near(&e, f);
		if (rc == RC_OK)
			show(&e, r, 200);
		return rc;
	}
	advise(&e);
	if (e.wrong) {
		show(&e, r, 422);
		return RC_OK;
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, enter_tx, &e, f);
	if (rc == RC_EXPIRED) {   /* the kind went meanwhile: everything typed stays */
		wrong(&e, NF_kind, "new.kind.withdrawn");
		show(&e, r, 422);
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	slip_show(q, r, &e.c, &e.unit, false);
	return RC_OK;
}
