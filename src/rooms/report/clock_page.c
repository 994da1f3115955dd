/* "If I hand it in on that day": the deadlines of a kind, by the same reckoning as a case's, and why. */
#include "rooms/report/report.h"

enum { CP_ACTION, CP_FORM_FIELDS, CP_ERRORS, CP_KIND, CP_DAY, CP_TODAY, CP_TRACES, CP_REPORT, CP_FIELDS };
static const struct field PAGE_F[] = {
	[CP_ACTION] = {"action", V_URL, SEE_PUBLIC, "where the question is sent", NULL, NULL},
	[CP_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "what it asks", &FORM_FIELD, NULL},
	[CP_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[CP_KIND] = {"kind", V_KEY, SEE_PUBLIC, "the kind", NULL, NULL},
	[CP_DAY] = {"day", V_DAY, SEE_PUBLIC, "day of receipt that is reckoned from", NULL, NULL},
	[CP_TODAY] = {"today", V_BOOL, SEE_PUBLIC, "that is today", NULL, NULL},
	[CP_TRACES] = {"traces", V_LIST, SEE_PUBLIC, "its deadlines", &CLOCK_TRACE, NULL},
	[CP_REPORT] = {"report", V_URL, SEE_PUBLIC, "begins a report of that kind", NULL, NULL},
};
const struct shape CLOCK_PAGE = SHAPE("clock_page", PAGE_F);

/* Written as a day of those years, but there is none: 29/02/2026, 2026-13-01. */
static bool never_comes(struct str typed)
{
	struct str rest = str_trim(typed);
	bool iso = rest.n == 10 && rest.p[4] == '-';
	char by = iso ? '-' : '/';
	struct str first = str_cut(&rest, by), month = str_cut(&rest, by);
	int64_t d, m, y;
	return str_i64(iso ? rest : first, &d) && str_i64(month, &m) && str_i64(iso ? first : rest, &y) &&
	       y >= CALENDAR_YEAR_MIN && y <= CALENDAR_YEAR_MAX;
}

/* 26/11/2026 or 2026-11-26, within the years that a calendar can have. */
static bool read_day(struct str typed, int32_t *out)
{
	struct str rest = str_trim(typed);
	int64_t d, m, y;
	if (!day_parse(rest, out)) {
		if (!str_i64(str_cut(&rest, '/'), &d) || !str_i64(str_cut(&rest, '/'), &m) || !str_i64(rest, &y) ||
		    y < CALENDAR_YEAR_MIN || y > CALENDAR_YEAR_MAX || m < 1 || m > 12 || d < 1 || d > 31)
			return false;
		*out = day_from_date((struct date){(int)y, (int)m, (int)d});
		struct date back = date_from_day(*out);
		return back.day == d && back.month == m;
	}
	int year = date_from_day(*out).year;
	return year >= CALENDAR_YEAR_MIN && year <= CALENDAR_YEAR_MAX;
}

static void add_traces(struct request *q, struct vobj *page, const struct procedure *p, int32_t day)
{
	/* In hours it matters when: now, or as the office opens in the morning. */
	int64_t at = day == day_of(q->now) ? q->now : day_start(day) + 8 * US_HOUR;
	for (size_t i = 0; i < p->deadline_count; i++) {
		const struct rule *rule;
		if (rule_find(q->app->rules, p->deadlines[i].rule, day, &rule) != RC_OK)
			continue;
		clock_trace_fill(q, page, CP_TRACES, &p->deadlines[i],
		                 &(struct clock_span){.rule = rule, .event_at = at});
	}
}

enum rc clock_page(struct request *q, struct reply *r, struct fault *f)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &CLOCK_PAGE);
	struct str kind = request_query(q, "kind"), typed = request_query(q, "day");
	const struct procedure *p = procedure_of_kind(q->app->procedures, kind, day_of(q->now));
	int32_t day = day_of(q->now);
	bool day_ok = typed.n == 0 || read_day(typed, &day), asked = kind.n > 0 || typed.n > 0;
	struct choices kinds = choices_offered(q, kind);
	(void)f;
	form_field_add(page, CP_FORM_FIELDS, CP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_SELECT,
	                                    .name = "kind",
	                                    .label = request_text(q, "report.check.kind"),
	                                    .error = asked && p == NULL ? request_text(q, "clock.kind.missing") : STR_EMPTY,
	                                    .options = kinds.options,
	                                    .option_count = kinds.count});
	form_field_add(page, CP_FORM_FIELDS, CP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT,
	                                    .name = "day",
	                                    .inputmode = "numeric",
	                                    .narrow = true,
	                                    .label = request_text(q, "clock.day"),
	                                    .hint = request_text(q, "clock.day.hint"),
	                                    .value = typed,
	                                    .error = day_ok ? STR_EMPTY
	                                             : request_text(q, never_comes(typed) ? "clock.day.none" : "clock.day.bad")});
	view_url(page, CP_ACTION, request_link(q, "/clock"));
	if (p != NULL && day_ok) {
		view_key(page, CP_KIND, p->name, p->title[q->lang]);
		view_day(page, CP_DAY, day);
		view_bool(page, CP_TODAY, day == day_of(q->now));
		view_url(page, CP_REPORT, request_link(q, "/report?kind=%.*s", PSTR(p->name)));
		add_traces(q, page, p, day);
	}
	reply_title(r, request_text(q, "clock.title"));
	if (asked && (p == NULL || !day_ok))
		reply_page(q, r, "report/clock", &CLOCK_PAGE, page, 422);
	else
		reply_view(q, r, page);
	return RC_OK;
}
