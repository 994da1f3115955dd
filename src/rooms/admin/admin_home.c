/* The administrator's first page: what needs doing now, in words; then where everything is. */
#include "rooms/admin/admin.h"

enum { END_SOON_DAYS = 30, YEAR_SOON_MONTH = 10 };

struct home_work {
	struct people_counts people;
	int32_t idle_since;
	size_t dead;
};

static enum rc read_home(struct tx *tx, void *ctx, struct fault *f)
{
	struct home_work *w = ctx;
	struct job_row *rows;
	enum rc rc = people_count(tx, w->idle_since, &w->people, f);
	return rc == RC_OK ? job_list(tx, STR("dead"), 1000, &rows, &w->dead, f) : rc;
}

static void counted(struct admin_page *p, size_t *said, const char *key, int64_t n, const char *local)
{
	if (n <= 0)
		return;
	struct request *q = p->q;
	ap_item(p, arena_fmt(q->arena, "%.*s: %.*s", PSTR(request_text(q, key)),
	                     PSTR(text_count(q->arena, q->lang, n))), request_link(q, "%s", local));
	(*said)++;
}

static void years(struct admin_page *p, size_t *said)
{
	struct request *q = p->q;
	struct date today = date_from_day(day_of(q->now));
	for (int y = today.year; y <= today.year + (today.month >= YEAR_SOON_MONTH); y++)
		if (!calendar_has_year(q->app->calendar, y)) {
			ap_item(p, arena_fmt(q->arena, "%.*s %d", PSTR(request_text(q, "admin.todo.calendar")), y),
			        request_link(q, "/admin/calendars"));
			(*said)++;
		}
}

/* Kinds that nobody can report, since the ward has no unit that receives them. */
static void homeless(struct admin_page *p, size_t *said)
{
	struct request *q = p->q;
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = admin_homeless(q, kinds);
	for (size_t i = 0; i < n; i++, (*said)++)
		ap_item(p, admin_homeless_words(q, kinds[i]), request_link(q, "/admin/units"));
}

/* Kinds that end soon. */
static void ending(struct admin_page *p, size_t *said)
{
	struct request *q = p->q;
	const struct procedure *kinds[CATEGORY_COUNT];
	int32_t today = day_of(q->now);
	size_t n = procedures_all(q->app->procedures, today, kinds, CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++) {
		int32_t from = procedure_withdrawn_from(q->app->procedures, q->ward->id, kinds[i]->name);
		if (from <= today || from > today + END_SOON_DAYS)
			continue;
		ap_item(p, arena_fmt(q->arena, "%.*s: %.*s %.*s", PSTR(kinds[i]->title[q->lang]),
		                     PSTR(request_text(q, "admin.todo.ends")), PSTR(admin_date(q, from))),
		        request_link(q, "/admin/procedures/%.*s", PSTR(kinds[i]->name)));
		(*said)++;
	}
}

enum rc admin_home(struct request *q, struct reply *r, struct fault *f)
{
	static const char *const PLACES[][3] = {
		{"admin.people", "/admin/people", "admin.people.lead"},
		{"admin.units", "/admin/units", "admin.units.lead"},
		{"admin.matrix", "/admin/who-sees", "admin.matrix.lead"},
		{"admin.areas", "/admin/areas", "admin.areas.lead"},
		{"admin.procedures", "/admin/procedures", "admin.procedures.lead"},
		{"admin.calendars", "/admin/calendars", "admin.calendars.lead"},
		{"admin.receivers", "/admin/receivers", "admin.receivers.lead"},
		{"admin.nearby", "/admin/nearby", "admin.nearby.lead"},
		{"admin.settings", "/admin/settings", "admin.settings.lead"},
		{"admin.jobs", "/admin/jobs", "admin.jobs.lead"},
		{"health.title", "/admin/health", "health.lead"},
		{"admin.log", "/admin/log", "admin.log.lead"},
	};
	static const char *const HEADS[] = {"admin.home.where", "admin.home.for", NULL};
	struct home_work w = {.idle_since = day_of(q->now) -
		                                (int32_t)ward_setting_number(q->app, q->ward->id, WS_idle_days)};
	struct admin_page p;
	size_t said = 0;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_home, &w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.home", "admin.home.lead");
	ap_section(&p, "todo", "admin.todo", "");
	counted(&p, &said, "admin.todo.dead", (int64_t)w.dead, "/admin/jobs");
	counted(&p, &said, "admin.todo.links", w.people.unused_links, "/admin/people");
	counted(&p, &said, "admin.todo.idle", w.people.idle, "/admin/people");
	if (w.people.admins < 2) {
		ap_item(&p, request_text(q, "admin.todo.alone"), request_link(q, "/admin/people"));
		said++;
	}
	if (ward_setting_text(q->app, q->ward->id, WS_hotline).n == 0) {
		ap_item(&p, request_text(q, "admin.todo.hotline"), request_link(q, "/admin/settings"));
		said++;
	}
	years(&p, &said);
	homeless(&p, &said);
	ending(&p, &said);
	if (said == 0)
		ap_item(&p, request_text(q, "admin.todo.none"), STR_EMPTY);
	ap_section(&p, "places", "admin.home.places", "");
	ap_table(&p, HEADS, "");
	for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
		ap_row(&p);
		ap_cell_link(&p, request_text(q, PLACES[i][0]), request_link(q, "%s", PLACES[i][1]));
		ap_cell(&p, request_text(q, PLACES[i][2]));
	}
	reply_title(r, request_text(q, "admin.home"));
	return ap_reply(&p, r);
}
