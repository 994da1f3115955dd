#include "ward/clock_view.h"

#include "ward/fill.h"
#include "ward/page.h"

enum { CL_KEY, CL_FROM, CL_TO, CL_WHEN, CL_N, CL_NOTE, CL_WHO, CL_WHY, CL_FIELDS };
static const struct field LINE_F[] = {
	[CL_KEY] = {"what", V_KEY, SEE_PUBLIC, "what these days are to the clock", NULL, NULL},
	[CL_FROM] = {"from", V_DAY, SEE_PUBLIC, "first of them", NULL, NULL},
	[CL_TO] = {"to", V_DAY, SEE_PUBLIC, "last of them", NULL, NULL},
	[CL_WHEN] = {"when", V_TEXT, SEE_PUBLIC, "the same in words", NULL, NULL},
	[CL_N] = {"n", V_TEXT, SEE_PUBLIC, "which of how many", NULL, NULL},
	[CL_NOTE] = {"note", V_TEXT, SEE_PUBLIC, "the feast and the decision that made it", NULL, NULL},
	[CL_WHO] = {"who", V_TEXT, SEE_PUBLIC, "role and unit that stopped or extended it", NULL, NULL},
	[CL_WHY] = {"why", V_TEXT, SEE_REPORTER | SEE_HANDLER, "why, as the resident was told", NULL, NULL},
};
static const struct shape CLOCK_LINE = SHAPE("clock_line", LINE_F);

enum { CT_NAME, CT_AMOUNT, CT_SOURCE, CT_FIRST, CT_DUE, CT_TIME, CT_LATEST, CT_COUNTS, CT_MISSING, CT_LINES, CT_FIELDS };
static const struct field TRACE_F[] = {
	[CT_NAME] = {"name", V_TEXT, SEE_PUBLIC, "which deadline", NULL, NULL},
	[CT_AMOUNT] = {"amount", V_TEXT, SEE_PUBLIC, "how long it is", NULL, NULL},
	[CT_SOURCE] = {"source", V_TEXT, SEE_PUBLIC, "by which law, or the ward's own setting", NULL, NULL},
	[CT_FIRST] = {"first", V_DAY, SEE_PUBLIC, "last day as first promised, where it is another", NULL, NULL},
	[CT_DUE] = {"due", V_DAY, SEE_PUBLIC, "last day", NULL, NULL},
	[CT_TIME] = {"time", V_TIME, SEE_PUBLIC, "the moment, of a deadline in hours", NULL, NULL},
	[CT_LATEST] = {"latest", V_TEXT, SEE_PUBLIC, "at the latest: its clock stands", NULL, NULL},
	[CT_COUNTS] = {"counts", V_BOOL, SEE_PUBLIC, "of several the one that counts now", NULL, NULL},
	[CT_MISSING] = {"missing", V_TEXT, SEE_PUBLIC, "why there is no date", NULL, NULL},
	[CT_LINES] = {"lines", V_LIST, SEE_PUBLIC, "its days", &CLOCK_LINE, NULL},
};
const struct shape CLOCK_TRACE = SHAPE("clock_trace", TRACE_F);

enum { CK_FIRST, CK_ENDED, CK_PAUSED, CK_WAITS, CK_LATE, CK_LATE_DAYS, CK_LATE_WORKING, CK_TRACES, CK_FIELDS };
static const struct field CLOCK_F[] = {
	[CK_FIRST] = {"first", V_DAY, SEE_PUBLIC, "last day as first promised, where it is another", NULL, NULL},
	[CK_ENDED] = {"ended", V_DAY, SEE_PUBLIC, "of a closed one, last day that counted then", NULL, NULL},
	[CK_PAUSED] = {"paused", V_DAY, SEE_PUBLIC, "its clock stands, until then at the latest", NULL, NULL},
	[CK_WAITS] = {"waits", V_TEXT, SEE_PUBLIC, "for whom", NULL, NULL},
	[CK_LATE] = {"late", V_TEXT, SEE_PUBLIC, "how late it is, or was when it ended", NULL, NULL},
	[CK_LATE_DAYS] = {"late_days", V_INT, SEE_PUBLIC, "the same in calendar days", NULL, "days"},
	[CK_LATE_WORKING] = {"late_working", V_INT, SEE_PUBLIC, "and in working days", NULL, "days"},
	[CK_TRACES] = {"traces", V_LIST, SEE_PUBLIC, "why each date", &CLOCK_TRACE, NULL},
};
const struct shape CLOCK = SHAPE("clock", CLOCK_F);

static struct str number(const struct request *q, int64_t n)
{
	return arena_fmt(q->arena, "%lld", (long long)n);
}

static struct str fill(const struct request *q, struct str key, const char *name, struct str value)
{
	const struct filling values[] = {{name, value}};
	return text_fill(q->arena, request_text(q, key.p), values, 1);
}

static struct str keyed(const struct request *q, const char *prefix, const char *name)
{
	return arena_fmt(q->arena, "%s.%s", prefix, name);
}

struct str clock_amount_words(const struct request *q, int amount, enum rule_unit unit)
{
	struct str key = arena_fmt(q->arena, "clock.unit.%s%s", rule_unit_name(unit), amount == 1 ? ".one" : "");
	return fill(q, key, "n", number(q, amount));
}

struct str clock_late_words(const struct request *q, const struct ward_case *c)
{
	struct lateness late;
	if (case_lateness(&q->app->flow, c, q->now, &late) != RC_OK)
		return STR_EMPTY;
	const struct filling values[] = {
		{"days", clock_amount_words(q, late.calendar_days, RULE_calendar_day)},
		{"working", clock_amount_words(q, late.working_days, RULE_working_day)}};
	return text_fill(q->arena, request_text(q, state_open(c->state) ? "clock.late.now" : "clock.late.was"),
	                 values, 2);
}

struct str clock_moved_words(const struct request *q, struct str body)
{
	struct str rest = body, out = STR_EMPTY;
	while (rest.n > 0) {
		int32_t day;
		struct str word = str_cut(&rest, ' ');
		struct str said = day_parse(word, &day) ? text_date(q->arena, q->lang, day) : request_text(q, "clock.no_date");
		out = out.n == 0 ? said : arena_fmt(q->arena, "%.*s → %.*s", PSTR(out), PSTR(said));
	}
	return out;
}

/* ---------------------------------------------------------------- the days */

struct telling {
	struct request *q;
	struct vobj *trace;
	const struct ward_case *c;    /* NULL: no case's */
	const struct case_span *span;
	const struct entry *entries;
	size_t entry_count;
	bool timed, followed;         /* followed: whose report reads it is another's */
};

static const char *key_of(const struct telling *t, const struct trace_day *d)
{
	static const char *const PAUSED[PAUSE_KINDS] = {"paused", "paused_resident", "paused_authority", "paused_closed"};
	switch (d->why) {
	case WHY_event: return "event";
	case WHY_deemed: return "deemed";
	case WHY_counted: return d->sort == SORT_worked ? "worked" : "counted";
	case WHY_paused:
		if (t->followed && d->pause >= 0 && t->span->s.pauses[d->pause].kind == PAUSE_resident)
			return "paused_other";
		return PAUSED[d->pause >= 0 ? t->span->s.pauses[d->pause].kind : 0];
	case WHY_moved: return "moved";
	case WHY_last: return "last";
	case WHY_rest: break;
	}
	switch (d->sort) {
	case SORT_weekend: return "weekend";
	case SORT_holiday: return "holiday";
	case SORT_to_confirm: return "to_confirm";
	default: return "closed_hours";
	}
}

/* A request to look again waits for who asked: nobody reported it. */
static bool of_redress(const struct telling *t) { return t->c != NULL && t->c->procedure->oversight; }

static bool goes_on(const struct telling *t, const struct trace_day *a, const struct trace_day *b)
{
	const struct calendar_day *x = a->listed, *y = b->listed;
	bool same_line = x == y || (x != NULL && y != NULL && str_eq(x->name, y->name) && str_eq(x->decision, y->decision));
	bool counted = a->why == WHY_counted && !t->timed;
	return b->day == a->day + 1 && strcmp(key_of(t, a), key_of(t, b)) == 0 && a->pause == b->pause && a->also == b->also &&
	       a->extension == b->extension && (same_line || (counted && a->sort == b->sort)) && !(t->timed && a->counted_us > 0);
}

/* The year only where it is another than before. */
static struct str day_words(const struct request *q, int32_t day, int *year)
{
	struct date d = date_from_day(day);
	struct str weekday = request_text(q, arena_fmt(q->arena, "clock.weekday.%d", day_weekday(day)).p);
	struct str date = text_date(q->arena, q->lang, day);
	if (d.year == *year)
		date = arena_fmt(q->arena, "%02d/%02d", d.day, d.month);
	*year = d.year;
	return arena_fmt(q->arena, "%.*s %.*s", PSTR(weekday), PSTR(date));
}

/* "Quốc khánh (quyết định 123/QĐ)": of days that a line of the calendar made what they are. */
static struct str decision_words(const struct telling *t, const struct trace_day *d)
{
	struct request *q = t->q;
	bool made = d->sort == SORT_holiday || d->sort == SORT_to_confirm || d->sort == SORT_worked;
	if (!made)
		return STR_EMPTY;
	const struct calendar_year *year = calendar_year_of(q->app->calendar, date_from_day(d->day).year);
	struct str name = d->listed != NULL ? d->listed->name : STR_EMPTY;
	struct str decision = d->listed != NULL && d->listed->decision.n > 0 ? d->listed->decision
	                      : year != NULL                                ? year->decision
	                                                                    : STR_EMPTY;
	if (decision.n == 0)
		return name;
	struct str by = fill(q, STR("clock.decision"), "decision", decision);
	return name.n == 0 ? by : arena_fmt(q->arena, "%.*s, %.*s", PSTR(name), PSTR(by));
}

static const struct entry *entry_of(const struct telling *t, int seq)
{
	for (size_t i = 0; i < t->entry_count; i++)
		if (t->entries[i].seq == seq)
			return &t->entries[i];
	return NULL;
}

static struct str who_of(const struct telling *t, const struct entry *e)
{
	struct request *q = t->q;
	struct str role = request_text(q, keyed(q, "role", arena_fmt(q->arena, "%.*s", PSTR(e->role)).p).p);
	struct str unit = label_unit_of(e->role, e->unit);
	return unit.n == 0 ? role : arena_fmt(q->arena, "%.*s, %.*s", PSTR(role), PSTR(unit));
}

/* Who stopped or extended it, by role and unit, and the words for the resident. also: of both pauses of a day; 0: of
 * one alone. */
static void add_who(const struct telling *t, struct vobj *line, int seq, int also)
{
	const struct entry *told[] = {entry_of(t, seq), also != 0 ? entry_of(t, also) : NULL};
	struct str who = STR_EMPTY, why = STR_EMPTY;
	for (size_t k = 0; k < sizeof told / sizeof *told; k++) {
		if (told[k] == NULL)
			continue;
		struct str w = who_of(t, told[k]);
		who = who.n == 0 || str_eq(who, w) ? w : arena_fmt(t->q->arena, "%.*s; %.*s", PSTR(who), PSTR(w));
		for (size_t i = 0; why.n == 0 && i < told[k]->part_count; i++)
			if (str_is(told[k]->parts[i].name, "clock_why"))
				why = told[k]->parts[i].body;
	}
	view_text(line, CL_WHO, who);
	view_text(line, CL_WHY, why);
}

/* Until when one stands that is still on and not at its cap; 0: it is over. */
static int64_t stands_until(const struct telling *t, int pause)
{
	const struct pause *p = pause >= 0 ? &t->span->s.pauses[pause] : NULL;
	int64_t end;
	return p != NULL && p->to_at == 0 && clock_pause_end(t->span->s.rule, p, &end, NULL) == RC_OK &&
	                       t->q->now < end
	               ? end
	               : 0;
}

static int64_t span_stands_until(const struct telling *t)
{
	int64_t until = 0;
	for (size_t i = 0; i < t->span->s.pause_count; i++) {
		int64_t end = stands_until(t, (int)i);
		until = end > until ? end : until;
	}
	return until;
}

/* "stands: waits for another authority, and for the resident's answer, to this day at the latest" */
static struct str paused_words(const struct telling *t, const struct trace_day *d, struct str label)
{
	struct request *q = t->q;
	if (d->also >= 0) {
		bool resident = t->span->s.pauses[d->also].kind == PAUSE_resident;
		const char *key = !resident ? "clock.line.also.authority"
		                  : of_redress(t) ? "clock.line.also.redress"
		                  : t->followed ? "clock.line.also.other" : "clock.line.also.resident";
		label = arena_fmt(q->arena, "%.*s %.*s", PSTR(label), PSTR(request_text(q, key)));
	}
	if (stands_until(t, d->pause) != 0 || stands_until(t, d->also) != 0)
		label = arena_fmt(q->arena, "%.*s %.*s", PSTR(label), PSTR(request_text(q, "clock.line.latest")));
	return label;
}

static int extension_seq(const struct telling *t, int k)
{
	const struct case_clock *all = &t->c->clock;
	for (size_t i = 0; i < all->extension_count; i++)
		if (str_eq(all->extensions[i].rule, t->span->s.rule->name) &&
		    all->extensions[i].at >= t->span->s.event_at && --k == 0)
			return all->extensions[i].seq;
	return 0;
}

static struct str count_words(const struct telling *t, const struct trace_day *first, const struct trace_day *last)
{
	const struct request *q = t->q;
	if (t->timed) {
		int64_t minutes = first->counted_us / US_MINUTE;
		return first->counted_us > 0 ? arena_fmt(q->arena, "%lld:%02lld", (long long)(minutes / 60), (long long)(minutes % 60))
		                             : STR_EMPTY;
	}
	if (first->why != WHY_counted)
		return STR_EMPTY;
	return first->n == last->n ? arena_fmt(q->arena, "%d/%d", first->n, first->of)
	                           : arena_fmt(q->arena, "%d–%d/%d", first->n, last->n, first->of);
}

static void add_line(const struct telling *t, const struct trace_day *first, const struct trace_day *last, int *year)
{
	struct request *q = t->q;
	struct vobj *line = view_item(t->trace, CT_LINES);
	const char *key = key_of(t, first);
	bool asked = of_redress(t) && strcmp(key, "paused_resident") == 0;
	struct str label = request_text(q, asked ? "clock.line.paused_redress" : keyed(q, "clock.line", key).p);
	if (first->extension > 0 && first->why == WHY_counted)
		label = arena_fmt(q->arena, "%.*s (%.*s)", PSTR(label),
		                  PSTR(fill(q, STR("clock.line.extension"), "n", number(q, first->extension))));
	if (first->why == WHY_paused)
		label = paused_words(t, first, label);
	view_key(line, CL_KEY, str_of(key), label);
	view_day(line, CL_FROM, first->day);
	view_day(line, CL_TO, last->day);
	struct str when = day_words(q, first->day, year);
	if (first->day != last->day)
		when = arena_fmt(q->arena, "%.*s – %.*s", PSTR(when), PSTR(day_words(q, last->day, year)));
	view_text(line, CL_WHEN, when);
	view_text(line, CL_N, count_words(t, first, last));
	view_text(line, CL_NOTE, decision_words(t, first));
	if (t->c != NULL && first->why == WHY_paused && first->pause >= 0)
		add_who(t, line, t->c->clock.pauses[t->span->rows[first->pause]].seq,
		        first->also >= 0 ? t->c->clock.pauses[t->span->rows[first->also]].seq : 0);
	if (t->c != NULL && first->why == WHY_counted && first->extension > 0)
		add_who(t, line, extension_seq(t, first->extension), 0);
}

static void add_lines(const struct telling *t)
{
	struct trace_day *days;
	size_t n = 0;
	int year = 0;
	if (clock_trace(t->q->app->calendar, &t->span->s, t->q->arena, &days, &n, NULL) != RC_OK)
		return;
	for (size_t i = 0; i < n;) {
		size_t last = i;
		while (last + 1 < n && goes_on(t, &days[last], &days[last + 1]))
			last++;
		add_line(t, &days[i], &days[last], &year);
		i = last + 1;
	}
}

static void add_head(const struct telling *t, const struct deadline_row *d, int64_t first)
{
	struct request *q = t->q;
	const struct rule *rule = t->span->s.rule;
	struct due due;
	view_text(t->trace, CT_NAME, request_text(q, str_is(d->name, "first_look") ? "deadline.first_look" : "deadline.close"));
	view_text(t->trace, CT_AMOUNT, clock_amount_words(q, rule->amount, rule->unit));
	view_text(t->trace, CT_SOURCE, rule->verified ? rule->source : request_text(q, "clock.source.ward"));
	if (clock_due(q->app->calendar, &t->span->s, &due, NULL) != RC_OK) {
		int from = date_from_day(day_of(t->span->s.event_at)).year;
		view_text(t->trace, CT_MISSING,
		          fill(q, STR("clock.missing"), "year", number(q, calendar_reaches(q->app->calendar, from) + 1)));
		return;
	}
	if (t->timed)
		view_time(t->trace, CT_TIME, due.due_at);
	else
		view_day(t->trace, CT_DUE, due.last_day);
	if (t->c != NULL && state_open(t->c->state))
		view_text(t->trace, CT_LATEST, clock_latest_words(q, span_stands_until(t)));
	if (first != 0 && first != due.due_at)
		view_day(t->trace, CT_FIRST, day_of(first - 1));
}

static void add_trace(struct telling *t, struct vobj *to, int field, const struct deadline_row *d, int64_t first)
{
	t->trace = view_item(to, field);
	t->timed = rule_unit_timed(t->span->s.rule->unit);
	add_head(t, d, first);
	add_lines(t);
}

void clock_trace_fill(struct request *q, struct vobj *page, int field, const struct deadline_row *deadline,
                      const struct clock_span *span)
{
	const struct case_span whole = {.s = *span};
	struct telling t = {.q = q, .span = &whole};
	add_trace(&t, page, field, deadline, 0);
}

/* Those that its state has not met; of a case that ended the one that counted then. */
static bool told(const struct request *q, const struct ward_case *c, size_t i, const struct case_span *span)
{
	struct due due;
	if (state_open(c->state))
		return c->state < c->procedure->deadlines[i].until;
	return c->ended_due_at != 0 && clock_due(q->app->calendar, &span->s, &due, NULL) == RC_OK &&
	       due.due_at == c->ended_due_at;
}

struct str clock_latest_words(const struct request *q, int64_t paused_until)
{
	return q->now < paused_until ? request_text(q, "clock.latest") : STR_EMPTY;
}

struct str clock_extension_words(const struct request *q, const struct ward_case *c, const struct entry *e)
{
	const struct case_extension *x = NULL;
	for (size_t i = 0; i < c->clock.extension_count; i++)
		if (c->clock.extensions[i].seq == e->seq)
			x = &c->clock.extensions[i];
	for (size_t i = 0; x != NULL && i < c->procedure->deadline_count; i++) {
		int64_t event;
		const struct rule *rule = str_eq(c->procedure->deadlines[i].rule, x->rule)
		                                  ? case_rule(&q->app->flow, c, i, &event) : NULL;
		if (rule == NULL)
			continue;
		const struct filling values[] = {
			{"amount", clock_amount_words(q, x->amount, rule->extend.unit)},
			{"source", rule->verified ? rule->source : request_text(q, "clock.source.ward")}};
		return text_fill(q->arena, request_text(q, "clock.extended"), values, 2);
	}
	return STR_EMPTY;
}

/* For whom it waits: for both where both stand. */
static struct str waits_words(const struct telling *t)
{
	struct str out = STR_EMPTY;
	for (size_t i = 0; i < t->span->s.pause_count; i++) {
		if (stands_until(t, (int)i) == 0)
			continue;
		bool resident = t->span->s.pauses[i].kind == PAUSE_resident;
		struct str said = request_text(t->q, !resident       ? "clock.waits.authority"
		                                     : of_redress(t) ? "clock.waits.redress"
		                                     : t->followed   ? "clock.waits.other"
		                                                   : "clock.waits.resident");
		out = out.n == 0 ? said : arena_fmt(t->q->arena, "%.*s %.*s", PSTR(out), PSTR(said));
	}
	return out;
}

static void clock_fill_as(struct request *q, struct vobj *page, int field, const struct ward_case *c,
                          const struct entry *entries, size_t count, bool followed)
{
	struct vobj *o = view_obj(page, field);
	struct lateness late;
	int64_t due = state_open(c->state) ? c->due_at : c->ended_due_at;
	if (c->first_due_at != 0 && c->first_due_at != due)
		view_day(o, CK_FIRST, day_of(c->first_due_at - 1));
	if (!state_open(c->state) && c->ended_due_at != 0)
		view_day(o, CK_ENDED, day_of(c->ended_due_at - 1));
	if (case_paused(c, q->now))
		view_day(o, CK_PAUSED, day_of(c->paused_until));
	view_text(o, CK_LATE, clock_late_words(q, c));
	if (case_lateness(&q->app->flow, c, q->now, &late) == RC_OK) {
		view_int(o, CK_LATE_DAYS, late.calendar_days);
		view_int(o, CK_LATE_WORKING, late.working_days);
	}
	for (size_t i = 0; i < c->procedure->deadline_count; i++) {
		struct case_span span;
		if (case_span(&q->app->flow, q->arena, c, i, &span, NULL) != RC_OK || !told(q, c, i, &span))
			continue;
		struct telling t = {.q = q, .c = c, .span = &span, .entries = entries, .entry_count = count,
		                    .followed = followed};
		bool counts = !state_open(c->state) || str_eq(c->procedure->deadlines[i].rule, c->due_rule);
		if (counts && case_paused(c, q->now))
			view_text(o, CK_WAITS, waits_words(&t));
		add_trace(&t, o, CK_TRACES, &c->procedure->deadlines[i], case_first_due(c, i));
		view_bool(t.trace, CT_COUNTS, counts);
	}
}

void clock_fill(struct request *q, struct vobj *page, int field, const struct ward_case *c,
                const struct entry *entries, size_t count)
{
	clock_fill_as(q, page, field, c, entries, count, false);
}

void clock_fill_followed(struct request *q, struct vobj *page, int field, const struct ward_case *c,
                         const struct entry *entries, size_t count)
{
	clock_fill_as(q, page, field, c, entries, count, true);
}
