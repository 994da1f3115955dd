#include "rooms/desk/desk.h"

/* Counter entry: what came by phone, at the counter, by letter or chat, in one screen. The answer of
 * the form is the slip that is printed or read aloud; it holds no PIN, which the resident makes with
 * the word they chose (ward/flow/receipt.h). */

#define PURPOSE "counter"
enum { STREET_CHARS = 120, LANDMARK_CHARS = 160, NEAR_MAX = 5, NEAR_DAYS = 14, OLD_DAYS = 365 };

enum { DN_ACTION, DN_S, DN_FORM_FIELDS, DN_ERRORS, DN_NEAR, DN_ASK_OLD, DN_OLD_TEXT, DN_NOW, DN_FIELDS };
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
};
const struct shape DESK_NEW = SHAPE("desk_new", NEW_F);

struct entering {
	struct request *q;
	struct journey j;
	struct str channel, kind, area, street, landmark, text, day, hour, word;
	struct str channel_error, kind_error, area_error, street_error, landmark_error, text_error,
		day_error, hour_error, word_error;
	const struct procedure *procedure;
	struct case_place place;
	int64_t event_at;
	bool wrong, ask_old, looked;
	struct case_row *near;
	size_t near_count;
	struct ward_case c;
	struct receipt receipt;
	struct unit unit;
};

/* Choices begin with their number: typed in a list it leads to them, whatever the keyboard is. */
static void number_choices(struct request *q, struct choices *c)
{
	for (size_t i = 0; i < c->count; i++) {
		c->options[i].label = arena_fmt(q->arena, "%zu. %.*s", i + 1, PSTR(c->options[i].label));
		c->options[i].hint = STR_EMPTY;
	}
}

static void put(struct entering *e, struct vobj *page, const struct view *v, struct form_field ff)
{
	(void)e;
	form_field_add(page, DN_FORM_FIELDS, DN_ERRORS, v, &ff);
}

static void add_choices(struct entering *e, struct vobj *page, const struct view *v)
{
	struct request *q = e->q;
	struct form_option channels[CHANNEL_COUNT - 1];
	for (size_t i = 1; i < CHANNEL_COUNT; i++)
		channels[i - 1] = (struct form_option){
			.value = str_of(CHANNELS[i]),
			.label = request_text(q, arena_fmt(q->arena, "channel.%s", CHANNELS[i]).p),
			.checked = str_is(e->channel, CHANNELS[i])};
	put(e, page, v, (struct form_field){.kind = FORM_RADIOS, .name = "channel",
		.label = request_text(q, "new.channel"), .error = e->channel_error, .options = channels,
		.option_count = CHANNEL_COUNT - 1});
	struct choices kinds = choices_offered(q, e->kind);
	number_choices(q, &kinds);
	struct form_option *options = arena_array(q->arena, kinds.count + 1, sizeof *options);
	options[0] = (struct form_option){.value = STR(""), .label = request_text(q, "new.choose")};
	memcpy(options + 1, kinds.options, kinds.count * sizeof *options);
	put(e, page, v, (struct form_field){.kind = FORM_SELECT, .name = "kind",
		.label = request_text(q, "report.check.kind"), .error = e->kind_error, .options = options,
		.option_count = kinds.count + 1});
	const struct form_option unsure = {.value = STR("unsure"),
	                                   .label = request_text(q, "desk.area.unknown"),
	                                   .checked = str_is(e->area, "unsure")};
	struct choices areas = choices_areas(q, e->area, &unsure, true);
	number_choices(q, &areas);
	options = arena_array(q->arena, areas.count + 1, sizeof *options);
	options[0] = (struct form_option){.value = STR(""), .label = request_text(q, "new.choose")};
	memcpy(options + 1, areas.options, areas.count * sizeof *options);
	put(e, page, v, (struct form_field){.kind = FORM_SELECT, .name = "area",
		.label = request_text(q, "report.area.label"), .error = e->area_error, .options = options,
		.option_count = areas.count + 1});
}

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
	view_bool(page, DN_ASK_OLD, e->ask_old);
	view_bool(page, DN_OLD_TEXT, e->looked);
	add_choices(e, page, &v);
	const struct {
		const char *name, *label, *hint;
		struct str value, error;
		enum form_kind kind;
		bool narrow;
	} F[] = {
		{"street", "report.street.label", NULL, e->street, e->street_error, FORM_TEXT, false},
		{"landmark", "report.landmark.label", NULL, e->landmark, e->landmark_error, FORM_TEXT, false},
		{"text", "new.text", "new.text.hint", e->text, e->text_error, FORM_AREA, false},
		{"day", "new.day", "new.day.hint", e->day, e->day_error, FORM_TEXT, true},
		{"hour", "new.hour", NULL, e->hour, e->hour_error, FORM_TEXT, true},
		{"word", "new.word", "new.word.hint", e->word, e->word_error, FORM_TEXT, false},
	};
	for (size_t i = 0; i < sizeof F / sizeof *F; i++)
		put(e, page, &v, (struct form_field){.kind = F[i].kind, .name = F[i].name,
			.label = request_text(q, F[i].label),
			.hint = F[i].hint != NULL ? request_text(q, F[i].hint) : STR_EMPTY,
			.value = F[i].value, .error = F[i].error, .rows = 4, .narrow = F[i].narrow,
			.max = F[i].kind == FORM_AREA ? DESK_TEXT_MAX : 0, .autocomplete = "off"});
	add_near(e, page);
	reply_title(r, request_text(q, "new.title"));
	reply_page(q, r, "desk/new", &DESK_NEW, page, status);
}

enum rc desk_new(struct request *q, struct reply *r, struct fault *f)
{
	struct entering e = {.q = q, .channel = STR("phone")};
	struct moment now = moment_of(q->now);
	(void)f;
	journey_begin(q, &e.j);
	e.day = arena_fmt(q->arena, "%02d/%02d/%04d", now.date.day, now.date.month, now.date.year);
	e.hour = arena_fmt(q->arena, "%02d:%02d", now.hour, now.minute);
	show(&e, r, 200);
	return RC_OK;
}

/* ---------------------------------------------------------------- reading the form */

static void wrong(struct entering *e, struct str *error, const char *key)
{
	*error = request_text(e->q, key);
	e->wrong = true;
}

static void take_line(struct entering *e, const char *name, enum text_kind kind, size_t max,
                      struct str *out, struct str *error)
{
	if (!desk_text(e->q, request_form(e->q, name), kind, max, kind == TEXT_LINES, out, error))
		e->wrong = true;
}

/* Numbers that stand apart: "25/11/2026", "2026-11-25", "14:05", "14h5". */
static size_t numbers(struct str s, int64_t out[4])
{
	size_t n = 0;
	bool in = false;
	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (digit && !in) {
			if (n == 4)
				return 5;
			out[n++] = 0;
		}
		if (digit && out[n - 1] < 100000)
			out[n - 1] = out[n - 1] * 10 + (s.p[i] - '0');
		in = digit;
	}
	return n;
}

bool desk_day(struct str typed, int64_t now, int32_t *out)
{
	int64_t d[4];
	size_t n = numbers(typed, d);
	struct date date = {0};
	if (n == 3 && d[0] > 31)
		date = (struct date){(int)d[0], (int)d[1], (int)d[2]};
	else if (n == 3 || n == 2)
		date = (struct date){(int)(n == 2 ? moment_of(now).date.year : d[2] < 100 ? 2000 + d[2] : d[2]),
		                     (int)d[1], (int)d[0]};
	if (date.year < 1900 || date.year > 2100 || !date_valid(date))
		return false;
	*out = day_from_date(date);
	return true;
}

static void take_event(struct entering *e)
{
	struct request *q = e->q;
	int64_t t[4] = {0};
	int32_t day;
	struct str error;
	(void)desk_text(q, request_form(q, "day"), TEXT_LINE, 40, false, &e->day, &error);
	(void)desk_text(q, request_form(q, "hour"), TEXT_LINE, 40, false, &e->hour, &error);
	size_t m = numbers(e->hour, t);
	if (!desk_day(e->day, q->now, &day)) {
		wrong(e, &e->day_error, "new.day.unreadable");
		return;
	}
	if ((e->hour.n > 0 && (m < 1 || m > 2)) || t[0] > 23 || (m == 2 && t[1] > 59)) {
		wrong(e, &e->hour_error, "new.hour.unreadable");
		return;
	}
	e->event_at = day_start(day) + t[0] * US_HOUR + (m == 2 ? t[1] : 0) * US_MINUTE;
	if (e->event_at > q->now)
		wrong(e, day > day_of(q->now) ? &e->day_error : &e->hour_error,
		      "new.day.future");
	else if (day_of(q->now) - day > OLD_DAYS && !request_has(q, "old")) {
		wrong(e, &e->day_error, "new.day.old");
		e->ask_old = true;
	}
	e->ask_old = e->ask_old || request_has(q, "old");
}

static void take(struct entering *e)
{
	struct request *q = e->q;
	struct str folded;
	e->channel = request_form(q, "channel");
	if (!channel_known(e->channel) || str_is(e->channel, CHANNELS[0]))
		wrong(e, &e->channel_error, "new.channel.missing");
	e->kind = request_form(q, "kind");
	e->procedure = procedure_of_kind(q->app->procedures, e->kind, day_of(q->now));
	if (e->procedure == NULL)
		wrong(e, &e->kind_error, e->kind.n == 0 ? "report.kind.missing" : "report.kind.unknown");
	e->area = request_form(q, "area");
	e->place.unsure = str_is(e->area, "unsure");
	if (!e->place.unsure && !choices_area(q, e->area, &e->place.area))
		wrong(e, &e->area_error, e->area.n == 0 ? "report.area.missing" : "report.area.unknown");
	take_line(e, "street", TEXT_LINE, STREET_CHARS, &e->street, &e->street_error);
	take_line(e, "landmark", TEXT_LINE, LANDMARK_CHARS, &e->landmark, &e->landmark_error);
	take_line(e, "text", TEXT_LINES, DESK_TEXT_MAX, &e->text, &e->text_error);
	e->place.street = e->street;
	e->place.landmark = e->landmark;
	take_event(e);
	take_line(e, "word", TEXT_LINE, 60, &e->word, &e->word_error);
	if (e->word_error.n == 0 && word_read(q->arena, e->word, &folded) != RC_OK)
		wrong(e, &e->word_error, e->word.n == 0 ? "new.word.missing" : "new.word.weak");
}

/* ---------------------------------------------------------------- similar ones */

/* Of one's own units, by due day; kinds about neighbours' conduct are never compared. */
static enum rc near_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct entering *e = ctx;
	struct case_filter filter = {.queue = QUEUE_unit, .actor = &e->q->actor, .kind = e->kind,
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
	                                arena_fmt(q->arena, "near kind=%.*s&area=%lld", PSTR(e->kind),
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
	                           .text = e->text,
	                           .channel = e->channel,
	                           .actor = &e->q->actor,
	                           .event_at = e->event_at,
	                           .word = e->word};
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
		e.channel_error = e.street_error = e.landmark_error = e.text_error = e.day_error =
			e.hour_error = e.word_error = STR_EMPTY;
		rc = look_near(&e, f);
		if (rc == RC_OK)
			show(&e, r, 200);
		return rc;
	}
	if (e.wrong) {
		show(&e, r, 422);
		return RC_OK;
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, enter_tx, &e, f);
	if (rc != RC_OK)
		return rc;
	slip_show(q, r, &e.c, &e.unit, false);
	return RC_OK;
}
