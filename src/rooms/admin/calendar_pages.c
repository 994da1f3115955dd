/* Days off: versions of a year, a file that becomes a proposal, and an answer for each of its days. */
#include "rooms/admin/calendar_apply.h"
#include "ward/calendar_import.h"
#include "ward/fill.h"
#include "ward/refresh.h"

enum { YEARS_BACK = 1, YEARS_AHEAD = 2, DECISION_MAX = 120 };

struct calendar_work {
	struct request *q;
	int year, version;
	struct calendar_version *list, read, now;
	size_t count;
	struct str what, decision;
	int32_t decided_day;
	struct calendar_day day;
	struct calendar_import import;
	struct calendar_moves *moves; /* of a confirmed version, where this page applies it */
	struct calendar_progress progress;
	struct fault fault;
};

static enum rc read_list(struct tx *tx, void *ctx, struct fault *f)
{
	struct calendar_work *w = ctx;
	return calendar_versions(tx, 0, &w->list, &w->count, f);
}

static enum rc read_one(struct tx *tx, void *ctx, struct fault *f)
{
	struct calendar_work *w = ctx;
	enum rc rc = calendar_version_now(tx, w->year, &w->now, f);
	if (rc == RC_OK || rc == RC_NONE)
		rc = calendar_version_read(tx, w->year, w->version, &w->read, f);
	if (rc == RC_OK && w->read.state == CALENDAR_confirmed && admin_one_ward(w->q))
		rc = calendar_moves_of(tx, w->q, &w->read, &w->moves, f);
	if (rc == RC_OK && w->now.version == w->read.version)
		rc = calendar_progress_of(tx, w->q, &w->read, &w->progress, f);
	return rc;
}

static struct str place_of(const struct request *q, int year, int version)
{
	return arena_fmt(q->arena, "/admin/calendars/%d/%d", year, version);
}

static struct str who(struct request *q, struct str by)
{
	return str_is(by, "admin") ? request_text(q, "role.admin")
	       : str_is(by, "xom") ? request_text(q, "admin.calendar.shipped") : request_text(q, "admin.operator");
}

static void state_cell(struct admin_page *p, const struct calendar_version *v)
{
	struct request *q = p->q;
	const struct calendar_year *y = calendar_year_of(q->app->calendar, v->year);
	bool counts = y != NULL && y->version == v->version;
	ap_cell_tag(p, counts ? "good" : v->state == CALENDAR_proposed || v->state == CALENDAR_confirmed ? "warn" : "quiet",
	            counts ? request_text(q, "admin.calendar.counts")
	                   : admin_text(q, "admin.calendar.state.%s", calendar_state_name(v->state)));
}

static void versions_table(struct admin_page *p, const struct calendar_work *w)
{
	static const char *const HEADS[] = {"admin.calendar.version", "admin.calendar.state", "admin.calendar.open",
	                                    "admin.calendar.origin", "admin.calendar.made", "admin.log.who", NULL};
	struct request *q = p->q;
	ap_section(p, "versions", "admin.calendar.versions", "");
	ap_table(p, HEADS, "admin.calendar.none");
	for (size_t i = 0; i < w->count; i++) {
		const struct calendar_version *v = &w->list[i];
		ap_row(p);
		ap_cell_link(p, arena_fmt(q->arena, "%d/%d", v->year, v->version),
		             request_link(q, "%.*s", PSTR(place_of(q, v->year, v->version))));
		state_cell(p, v);
		ap_cell(p, v->open > 0 ? text_count(q->arena, q->lang, v->open) : STR("–"));
		ap_cell(p, str_is(v->origin, "copy") ? request_text(q, "admin.calendar.copied") : v->origin);
		ap_cell_day(p, day_of(v->made_at), "");
		ap_cell(p, who(q, v->made_by));
	}
}

static void year_field(struct admin_page *p, const char *label, const char *hint)
{
	struct request *q = p->q;
	int this_year = date_from_day(day_of(q->now)).year;
	int64_t chosen = this_year + (date_from_day(day_of(q->now)).month >= 7);
	(void)str_i64(request_form(q, "year"), &chosen);
	struct form_option *options = arena_array(q->arena, YEARS_BACK + YEARS_AHEAD + 1, sizeof *options);
	size_t n = 0;
	for (int y = this_year - YEARS_BACK; y <= this_year + YEARS_AHEAD; y++, n++)
		options[n] = (struct form_option){.value = arena_fmt(q->arena, "%d", y), .label = arena_fmt(q->arena, "%d", y),
		                                  .checked = y == chosen};
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "year", .label = request_text(q, label),
	                                 .hint = hint[0] != '\0' ? request_text(q, hint) : STR_EMPTY, .options = options,
	                                 .option_count = n});
}

static void import_forms(struct admin_page *p)
{
	struct request *q = p->q;
	ap_section(p, "new", "admin.calendar.new", "admin.calendar.new.text");
	if (!admin_one_ward(q)) {
		ap_warn(p, request_text(q, "admin.calendar.shared"));
		return;
	}
	ap_form(p, "admin.calendar.upload", "", request_link(q, "/admin/calendars"), "admin.calendar.upload.button");
	ap_form_open(p);
	ap_file(p, "calendar", "admin.calendar.file", "admin.calendar.file.hint", ".yaml,.yml,.ics");
	year_field(p, "admin.calendar.year", "admin.calendar.year.hint");
	ap_form(p, "admin.calendar.copy", "admin.calendar.copy.text", request_link(q, "/admin/calendars/copy"),
	        "admin.calendar.copy.button");
	year_field(p, "admin.calendar.year", "");
}

static void faults(struct admin_page *p, const struct yaml_reader *y)
{
	static const char *const HEADS[] = {"admin.fault.line", "admin.fault.field", "admin.fault.why", NULL};
	struct request *q = p->q;
	ap_section(p, "faults", "admin.fault.title", "admin.calendar.faults");
	ap_table(p, HEADS, "");
	for (size_t i = 0; i < y->fault_count && i < sizeof y->faults / sizeof *y->faults; i++) {
		struct str text = str_of(y->faults[i].text), field = str_of(y->faults[i].field);
		ap_row(p);
		ap_cell(p, arena_fmt(q->arena, "%d", y->faults[i].line));
		ap_cell(p, text_utf8_ok(field) ? arena_copy(q->arena, field) : STR("?"));
		ap_cell(p, text_utf8_ok(text) ? arena_copy(q->arena, text) : STR("?"));
	}
}

static enum rc show_list(struct request *q, struct reply *r, const char *wrong, const struct yaml_reader *y, struct fault *f)
{
	struct calendar_work w = {.q = q};
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_list, &w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.calendars", "admin.calendars.lead");
	if (y != NULL)
		faults(&p, y);
	versions_table(&p, &w);
	import_forms(&p);
	if (wrong != NULL)
		ap_wrong(&p, request_text(q, wrong));
	reply_title(r, request_text(q, "admin.calendars"));
	return ap_reply(&p, r);
}

enum rc calendars_page(struct request *q, struct reply *r, struct fault *f) { return show_list(q, r, NULL, NULL, f); }

/* --- a new proposal --- */

static enum rc propose_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct calendar_work *w = ctx;
	enum rc rc = calendar_import_write(tx, &w->import, f);
	if (rc != RC_OK)
		return rc;
	return admin_log_add(tx, w->q->actor.account, ACT_calendar_propose,
	                     arena_fmt(tx_arena(tx), "%d/%d", w->import.year, w->import.version), w->import.name, f);
}

static enum rc proposed(struct request *q, struct reply *r, struct calendar_work *w, struct fault *f)
{
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, propose_tx, w, f);
	if (rc == RC_EXISTS)
		return show_list(q, r, "admin.calendar.same", NULL, f);
	if (rc == RC_OK)
		admin_done(q, r, w->import.skipped > 0 ? "calendar_skipped" : "calendar_proposed",
		           place_of(q, w->import.year, w->import.version));
	return rc;
}

static bool year_of_form(struct request *q, int *out)
{
	int64_t year;
	int this_year = date_from_day(day_of(q->now)).year;
	if (!str_i64(request_form(q, "year"), &year) || year < this_year - YEARS_BACK || year > this_year + YEARS_AHEAD)
		return false;
	*out = (int)year;
	return true;
}

enum rc calendar_import_send(struct request *q, struct reply *r, struct fault *f)
{
	struct calendar_work w = {.q = q, .import = {.who = STR("admin")}};
	if (q->body_rc == RC_TOO_BIG)
		return show_list(q, r, "admin.calendar.big", NULL, f);
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!admin_one_ward(q))
		return RC_DENIED;
	if (q->upload_count == 0 || (q->uploads[0].size == 0 && q->uploads[0].file_name.n == 0))
		return show_list(q, r, "admin.kind.nofile", NULL, f);
	if (q->uploads[0].size == 0)
		return show_list(q, r, "admin.calendar.empty", NULL, f);
	if (!year_of_form(q, &w.import.year))
		return RC_BAD_REQUEST;
	if (text_clean(q->arena, q->uploads[0].file_name, TEXT_LINE, 100, &w.import.name) != RC_OK || w.import.name.n == 0)
		w.import.name = STR("?");
	enum rc rc = calendar_import_read(q->app, q->arena, q->uploads[0].spool, &w.import, &w.fault);
	switch (rc) {
	case RC_OK: return proposed(q, r, &w, f);
	case RC_SYNTAX: return show_list(q, r, "admin.calendar.refused", w.import.faults, f);
	case RC_INVALID:
		return show_list(q, r, str_is(str_of(w.fault.field), "event") ? "admin.calendar.noevent" : "admin.calendar.nofeed", NULL, f);
	case RC_TOO_BIG: return show_list(q, r, "admin.calendar.big", NULL, f);
	case RC_NONE: return show_list(q, r, "admin.calendar.noday", NULL, f);
	case RC_TIMEOUT: return show_list(q, r, "admin.calendar.busy", NULL, f);
	default:
		if (f != NULL)
			*f = w.fault;
		return rc;
	}
}

/* What holds, as a proposal: to correct a day of it, or to begin a year that is missing. */
enum rc calendar_copy_send(struct request *q, struct reply *r, struct fault *f)
{
	struct calendar_work w = {.q = q, .import = {.who = STR("admin"), .name = STR("copy")}};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!admin_one_ward(q))
		return RC_DENIED;
	if (!year_of_form(q, &w.import.year))
		return RC_BAD_REQUEST;
	const struct calendar_year *now = calendar_year_of(q->app->calendar, w.import.year);
	struct calendar_year *copy = ARENA_NEW(q->arena, struct calendar_year);
	if (now != NULL)
		*copy = *now;
	else
		*copy = (struct calendar_year){.year = w.import.year, .source = STR("–"), .office_count = 2,
			.office = {{450 * US_MINUTE, 690 * US_MINUTE}, {13 * US_HOUR, 17 * US_HOUR}}};
	w.import.proposal = copy;
	return proposed(q, r, &w, f);
}

/* --- one version --- */

static struct str weekday(struct request *q, int32_t day)
{
	return admin_text(q, "admin.calendar.weekday.%d", day_weekday(day));
}

static struct str day_words(struct request *q, const struct calendar_day *d)
{
	struct buf b = {0};
	buf_addf(&b, "%.*s %.*s", PSTR(weekday(q, d->day)), PSTR(admin_date(q, d->day)));
	if (d->name.n > 0)
		buf_addf(&b, " – %.*s", PSTR(d->name));
	return arena_take(q->arena, &b);
}

static struct str kind_words(struct request *q, enum day_kind k)
{
	static const char *const names[] = {"off", "to_confirm", "worked", "short"};
	return admin_text(q, "admin.calendar.kind.%s", names[k - 1]);
}

static struct str decision_words(struct request *q, const struct calendar_day *d)
{
	if (d->decision.n == 0)
		return STR("–");
	return d->decided_day == 0 ? d->decision
	                           : arena_fmt(q->arena, "%.*s, %.*s", PSTR(d->decision), PSTR(admin_date(q, d->decided_day)));
}

static void lines_table(struct admin_page *p, const struct calendar_version *v)
{
	static const char *const HEADS[] = {"admin.calendar.day", "admin.calendar.what", "admin.calendar.decision",
	                                    "admin.calendar.answer", NULL};
	struct request *q = p->q;
	ap_section(p, "days", "admin.calendar.days", "");
	ap_table(p, HEADS, "admin.calendar.days.none");
	for (size_t i = 0; i < v->line_count; i++) {
		enum day_answer a = v->answers[i];
		ap_row(p);
		ap_cell(p, day_words(q, &v->lines[i]));
		ap_cell(p, kind_words(q, v->lines[i].kind));
		ap_cell(p, decision_words(q, &v->lines[i]));
		ap_cell_tag(p, a == ANSWER_yes ? "good" : a == ANSWER_no ? "quiet" : "warn",
		            admin_text(q, "admin.calendar.answer.%s", day_answer_name(a)));
	}
}

static const char *sort_key(enum day_sort s)
{
	static const char *const keys[] = {"", "working", "worked", "weekend", "off", "to_confirm"};
	return keys[s];
}

/* The days off that holds now and this version has as working days: how many, and which. Whoever takes a year from a
 * source that lacks a feast would not see it among what is new. */
static struct str lost_words(struct request *q, const struct calendar_work *w)
{
	enum { TOLD = 20 };
	struct calendar_change *list;
	struct buf days = {0};
	size_t lost = 0;
	if (w->now.days == NULL || w->now.version == w->read.version || w->read.state == CALENDAR_dropped)
		return STR_EMPTY;
	size_t n = calendar_diff(w->now.days, w->read.days, q->arena, &list);
	for (size_t i = 0; i < n; i++) {
		if ((list[i].was != SORT_holiday && list[i].was != SORT_to_confirm) || !sort_works(list[i].is))
			continue;
		struct calendar_day d = list[i].before != NULL ? *list[i].before : (struct calendar_day){0};
		d.day = list[i].day;
		if (lost++ < TOLD)
			buf_join(&days, "; ", day_words(q, &d));
	}
	if (lost > TOLD)
		buf_join(&days, "; ", STR("…"));
	const struct filling values[] = {{"n", text_count(q->arena, q->lang, (int64_t)lost)}, {"days", arena_take(q->arena, &days)}};
	return lost == 0 ? STR_EMPTY : text_fill(q->arena, request_text(q, "admin.calendar.lost"), values, 2);
}

static void changes_table(struct admin_page *p, const struct calendar_work *w)
{
	static const char *const HEADS[] = {"admin.calendar.day", "admin.calendar.was", "admin.calendar.is", NULL};
	struct request *q = p->q;
	struct calendar_change *list;
	if (w->now.version == w->read.version || w->read.state == CALENDAR_dropped)
		return;
	size_t n = calendar_diff(w->now.days, w->read.days, q->arena, &list);
	ap_section(p, "changes", "admin.calendar.changes", w->now.days == NULL ? "admin.calendar.changes.new" : "admin.calendar.changes.text");
	ap_table(p, HEADS, "admin.calendar.changes.none");
	for (size_t i = 0; i < n; i++) {
		const struct calendar_day *named = list[i].after != NULL ? list[i].after : list[i].before;
		struct calendar_day d = named != NULL ? *named : (struct calendar_day){0};
		d.day = list[i].day;
		ap_row(p);
		ap_cell(p, day_words(q, &d));
		ap_cell(p, admin_text(q, "admin.calendar.kind.%s", sort_key(list[i].was)));
		ap_cell(p, list[i].hours ? request_text(q, "admin.calendar.hours")
		                         : admin_text(q, "admin.calendar.kind.%s", sort_key(list[i].is)));
	}
}

static struct str line_hint(struct request *q, const struct calendar_day *d)
{
	struct str kind = kind_words(q, d->kind);
	return d->decision.n == 0 ? kind
	                          : arena_fmt(q->arena, "%.*s – %.*s", PSTR(kind), PSTR(decision_words(q, d)));
}

/* Each line with its answer; what was chosen stays when the page says what is wrong. */
static void answer_form(struct admin_page *p, const struct calendar_work *w, struct str action)
{
	struct request *q = p->q;
	const struct calendar_version *v = &w->read;
	if (v->line_count == 0)
		return;
	ap_form(p, "admin.calendar.answers", "admin.calendar.answers.text", action, "admin.calendar.answers.button");
	if (v->open > 0)
		ap_form_open(p);
	ap_hidden(p, "do", STR("answer"));
	for (size_t i = 0; i < v->line_count; i++) {
		struct str name = arena_fmt(q->arena, "day-%.*s", PSTR(text_day_iso(q->arena, v->lines[i].day)));
		struct str chosen = request_form(q, name.p);
		struct form_option *options = arena_array(q->arena, 4, sizeof *options);
		size_t n = 0;
		for (int a = ANSWER_open; a <= ANSWER_later; a++) {
			struct str value = str_of(day_answer_name((enum day_answer)a));
			if (a == ANSWER_later && v->lines[i].kind != DAY_to_confirm)
				continue;
			options[n++] = (struct form_option){.value = value, .label = admin_text(q, "admin.calendar.answer.%.*s", PSTR(value)),
				.checked = chosen.n > 0 ? str_eq(chosen, value) : a == (int)v->answers[i]};
		}
		ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = name.p, .label = day_words(q, &v->lines[i]),
		                                 .hint = line_hint(q, &v->lines[i]), .options = options, .option_count = n});
	}
	ap_line(p, "decision", "admin.calendar.decision.number", "admin.calendar.decision.hint", w->decision, STR_EMPTY);
	ap_day(p, "decided", "admin.calendar.decision.day", "admin.day.hint", request_form(q, "decided"),
	       str_is(str_of(w->fault.field), "decided") ? request_text(q, "admin.day.wrong") : STR_EMPTY);
}

static void add_form(struct admin_page *p, const struct calendar_work *w, struct str action)
{
	static const char *const kinds[] = {"off", "worked"};
	struct request *q = p->q;
	bool here = str_is(w->what, "add");
	struct form_option *options = arena_array(q->arena, 2, sizeof *options);
	for (size_t i = 0; i < 2; i++)
		options[i] = (struct form_option){.value = str_of(kinds[i]), .label = admin_text(q, "admin.calendar.kind.%s", kinds[i]),
		                                  .checked = str_is(request_form(q, "kind"), kinds[i])};
	struct str error = !here || w->fault.rc == RC_OK ? STR_EMPTY
	                   : w->fault.rc == RC_EXISTS    ? request_text(q, "admin.calendar.add.there")
	                   : str_is(str_of(w->fault.field), "day") ? request_text(q, "admin.day.wrong")
	                                                           : request_text(q, "admin.calendar.add.useless");
	ap_form(p, "admin.calendar.add", "", action, "admin.calendar.add.button");
	ap_hidden(p, "do", STR("add"));
	ap_day(p, "day", "admin.calendar.day", "admin.day.hint", here ? request_form(q, "day") : STR_EMPTY, error);
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "kind", .label = request_text(q, "admin.calendar.what"),
	                                 .options = options, .option_count = 2});
	ap_line(p, "name", "admin.calendar.name", "", here ? w->day.name : STR_EMPTY, STR_EMPTY);
	ap_line(p, "decision", "admin.calendar.decision.number", "", here ? w->decision : STR_EMPTY, STR_EMPTY);
	ap_day(p, "decided", "admin.calendar.decision.day", "admin.day.hint", here ? request_form(q, "decided") : STR_EMPTY,
	       here && str_is(str_of(w->fault.field), "decided") ? request_text(q, "admin.day.wrong") : STR_EMPTY);
}

static void forms(struct admin_page *p, const struct calendar_work *w)
{
	struct request *q = p->q;
	const struct calendar_version *v = &w->read;
	struct str action = request_link(q, "%.*s", PSTR(place_of(q, v->year, v->version)));
	if (v->state != CALENDAR_proposed && v->state != CALENDAR_confirmed)
		return;
	ap_section(p, "do", "admin.person.do", v->state == CALENDAR_confirmed ? "admin.calendar.confirmed.text" : "");
	struct str lost = lost_words(q, w);
	if (lost.n > 0)
		ap_alarm(p, lost);
	if (!admin_one_ward(q)) {
		ap_warn(p, request_text(q, v->state == CALENDAR_confirmed ? "admin.calendar.shared.apply" : "admin.calendar.shared"));
		return;
	}
	if (w->moves != NULL)
		calendar_apply_form(p, w->moves, action);
	if (v->state == CALENDAR_proposed) {
		answer_form(p, w, action);
		add_form(p, w, action);
		if (v->open == 0) {
			ap_form(p, "admin.calendar.confirm", "admin.calendar.confirm.text", action, "admin.calendar.confirm");
			ap_form_open(p);
			ap_hidden(p, "do", STR("confirm"));
		}
	}
	ap_form(p, "admin.calendar.drop", "admin.calendar.drop.text", action, "admin.calendar.drop");
	ap_form_warn(p);
	ap_hidden(p, "do", STR("drop"));
}

static bool version_param(struct request *q, struct calendar_work *w)
{
	int64_t year, version;
	if (!str_i64(request_param(q, "year"), &year) || !str_i64(request_param(q, "version"), &version) ||
	    year < CALENDAR_YEAR_MIN || year > CALENDAR_YEAR_MAX || version < 1 || version > INT32_MAX)
		return false;
	w->year = (int)year;
	w->version = (int)version;
	return true;
}

static enum rc show_one(struct request *q, struct reply *r, struct calendar_work *w, struct fault *f)
{
	struct admin_page p;
	enum rc rc = calendars_refresh(q->app->store, q->app->calendar, q->app->rules, q->app->calendars_seen, f);
	if (rc == RC_OK)
		rc = store_read(q->app->store, q->ward->id, q->arena, read_one, w, f);
	if (rc != RC_OK)
		return rc;
	const struct calendar_version *v = &w->read;
	struct str title = arena_fmt(q->arena, "%.*s %d/%d", PSTR(request_text(q, "admin.calendar.title")), v->year, v->version);
	ap_begin_named(&p, q, title, "");
	ap_back(&p, "admin.calendars", "/admin/calendars");
	ap_section(&p, "version", "", "");
	struct str lost = lost_words(q, w);
	if (lost.n > 0 && (v->state == CALENDAR_proposed || v->state == CALENDAR_confirmed))
		ap_alarm(&p, lost);
	if (v->shipped)
		ap_warn(&p, request_text(q, "admin.calendar.unverified"));
	ap_fact(&p, request_text(q, "admin.calendar.state"),
	        v->version == w->now.version ? request_text(q, "admin.calendar.counts")
	                                     : admin_text(q, "admin.calendar.state.%s", calendar_state_name(v->state)));
	ap_fact(&p, request_text(q, "admin.calendar.source"), v->days->source);
	ap_fact(&p, request_text(q, "admin.calendar.made"), text_datetime(q->arena, q->lang, v->made_at));
	if (v->open > 0)
		ap_fact(&p, request_text(q, "admin.calendar.open"), text_count(q->arena, q->lang, v->open));
	calendar_progress_show(&p, r, &w->progress, place_of(q, v->year, v->version));
	changes_table(&p, w);
	if (w->moves != NULL)
		calendar_moves_show(&p, w->moves);
	if (v->state == CALENDAR_confirmed)
		forms(&p, w);             /* the button below what it does */
	if (v->state != CALENDAR_proposed || !admin_one_ward(q))
		lines_table(&p, v);       /* else they stand in the form */
	if (v->state != CALENDAR_confirmed)
		forms(&p, w);
	if (w->fault.rc == RC_CHANGED || w->fault.rc == RC_WAITING)
		ap_wrong(&p, request_text(q, str_is(str_of(w->fault.field), "mark") ? "admin.calendar.stale"
		                             : w->fault.rc == RC_CHANGED ? "admin.calendar.moved" : "admin.calendar.waiting"));
	reply_title(r, title);
	return ap_reply(&p, r);
}

enum rc calendar_page(struct request *q, struct reply *r, struct fault *f)
{
	struct calendar_work w = {.q = q};
	return version_param(q, &w) ? show_one(q, r, &w, f) : RC_NONE;
}

static enum rc answer_lines(struct tx *tx, struct calendar_work *w, struct fault *f)
{
	struct calendar_version v = {0};
	enum rc rc = calendar_proposal_hold(tx, w->year, w->version, &v, f);
	for (size_t i = 0; rc == RC_OK && i < v.line_count; i++) {
		struct str name = arena_fmt(tx_arena(tx), "day-%.*s", PSTR(text_day_iso(tx_arena(tx), v.lines[i].day)));
		enum day_answer a;
		if (!day_answer_of(request_form(w->q, name.p), &a) || a == v.answers[i])
			continue;
		rc = calendar_answer_line(tx, &v, i, a, a == ANSWER_yes ? w->decision : STR_EMPTY, w->decided_day, f);
	}
	return rc;
}

static enum rc change_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct calendar_work *w = ctx;
	struct str subject = arena_fmt(tx_arena(tx), "%d/%d", w->year, w->version);
	enum admin_act act = ACT_calendar_answer;
	enum rc rc;
	if (str_is(w->what, "answer")) {
		rc = answer_lines(tx, w, f);
	} else if (str_is(w->what, "add")) {
		rc = calendar_add_day(tx, w->year, w->version, &w->day, f);
	} else if (str_is(w->what, "confirm")) {
		act = ACT_calendar_confirm;
		rc = calendar_confirm(tx, w->year, w->version, STR("admin"), f);
	} else if (str_is(w->what, "apply")) {
		act = ACT_calendar_apply;
		rc = calendar_apply_seen(tx, w->q, w->year, w->version, f);
	} else {
		act = ACT_calendar_drop;
		rc = calendar_drop(tx, w->year, w->version, STR("admin"), f);
	}
	return rc == RC_OK ? admin_log_add(tx, w->q->actor.account, act, subject, w->what, f) : rc;
}

/* What the form says of a day and its decision. */
static enum rc read_form(struct request *q, struct calendar_work *w)
{
	if (text_clean(q->arena, request_form(q, "decision"), TEXT_LINE, DECISION_MAX, &w->decision) != RC_OK)
		w->decision = STR_EMPTY;
	if (!admin_day(request_form(q, "decided"), true, &w->decided_day))
		return fault_at(&w->fault, RC_INVALID, "", 0, "decided", "no day");
	if (!str_is(w->what, "add"))
		return RC_OK;
	w->day = (struct calendar_day){.kind = str_is(request_form(q, "kind"), "worked") ? DAY_worked : DAY_off,
	                               .decision = w->decision, .decided_day = w->decided_day};
	if (text_clean(q->arena, request_form(q, "name"), TEXT_LINE, DECISION_MAX, &w->day.name) != RC_OK)
		w->day.name = STR_EMPTY;
	return admin_day(request_form(q, "day"), false, &w->day.day) ? RC_OK
	                                                             : fault_at(&w->fault, RC_INVALID, "", 0, "day", "no day");
}

enum rc calendar_send(struct request *q, struct reply *r, struct fault *f)
{
	static const char *const WHAT[] = {"answer", "add", "confirm", "apply", "drop"};
	struct calendar_work w = {.q = q, .what = request_form(q, "do")};
	bool known = false;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!admin_one_ward(q))
		return RC_DENIED;
	for (size_t i = 0; i < sizeof WHAT / sizeof *WHAT; i++)
		known = known || str_is(w.what, WHAT[i]);
	if (!known)
		return RC_BAD_REQUEST;
	if (!version_param(q, &w))
		return RC_NONE;
	enum rc rc = read_form(q, &w);
	if (rc == RC_OK)
		rc = calendars_refresh(q->app->store, q->app->calendar, q->app->rules, q->app->calendars_seen, &w.fault);
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, change_tx, &w, &w.fault);
	if (rc == RC_OK) {
		rc = definitions_seen(q->app, f);
		bool applied = str_is(w.what, "apply");
		if (rc == RC_OK && applied) {
			job_wake(q->app->jobs);
			reply_redirect(q, r, request_link(q, "%.*s", PSTR(place_of(q, w.year, w.version))));
		} else if (rc == RC_OK)
			admin_done(q, r, str_is(w.what, "confirm") ? "calendar_confirmed" : str_is(w.what, "drop") ? "calendar_dropped" : "saved",
			           place_of(q, w.year, w.version));
		return rc;
	}
	if (rc == RC_NONE || rc < 0) {
		if (f != NULL)
			*f = w.fault;
		return rc;
	}
	return show_one(q, r, &w, f);
}
