#include "rooms/admin/admin.h"

#define FORM_BODY ((size_t)64 << 10)
#define AREA_BODY ((size_t)IMPORT_PAGE_BYTES + (64 << 10))
#define NAMES_BODY ((size_t)1200 << 10)
#define FILE_BODY ((size_t)96 << 10)
#define CALENDAR_BODY ((size_t)1088 << 10)   /* a feed of 1 MiB, and the form around it */

#define PAGE_ROUTE(pattern, run, help) \
	ROUTE(GET, pattern, run, admin, NONE, 0, PAGE, NONE, &ADMIN_PAGE, "admin/page", help)
#define SEND_ROUTE(pattern, run, help) \
	ROUTE(POST, pattern, run, admin, SESSION, FORM_BODY, FORM, NONE, &ADMIN_PAGE, "admin/page", help)

static const struct route ROUTES[] = {
	ROUTE(GET, "/rights", rights_page, open, NONE, 0, PAGE, PUBLIC, &RIGHTS, "admin/rights",
	      "what is refused and promised, what proves it, definitions and who changed them"),
	PAGE_ROUTE("/admin", admin_home, "what an administrator has to do now"),
	PAGE_ROUTE("/admin/people", people_page, "accounts of the ward"),
	SEND_ROUTE("/admin/people", account_add_send, "adds an account, with a one-time link"),
	PAGE_ROUTE("/admin/people/:id", person_page, "an account: what it sees and why, roles, units"),
	SEND_ROUTE("/admin/people/:id", person_send, "changes roles, units, sessions or the account"),
	PAGE_ROUTE("/admin/who-sees", matrix_page, "the permission matrix in words"),
	PAGE_ROUTE("/admin/units", units_page, "units of the ward"),
	SEND_ROUTE("/admin/units", unit_add_send, "adds a unit"),
	PAGE_ROUTE("/admin/units/:slug", unit_page, "a unit and its members"),
	SEND_ROUTE("/admin/units/:slug", unit_send, "renames or dissolves a unit"),
	PAGE_ROUTE("/admin/procedures", procedures_page, "kinds, their versions, what is withdrawn"),
	ROUTE(POST, "/admin/procedures", procedure_check_send, admin, SESSION, FILE_BODY, UPLOAD, NONE,
	      &ADMIN_PAGE, "admin/page", "checks a procedure file and compares it"),
	ROUTE(POST, "/admin/procedures/publish", procedure_publish_send, admin, SESSION, 4 * FILE_BODY,
	      FORM, NONE, &ADMIN_PAGE, "admin/page", "publishes a procedure, where there is one ward"),
	PAGE_ROUTE("/admin/procedures/:kind", procedure_page, "a kind: versions, withdrawing it"),
	SEND_ROUTE("/admin/procedures/:kind", procedure_withdraw_send, "withdraws a kind, or offers it"),
	PAGE_ROUTE("/admin/procedures/:kind/compare", procedure_compare, "two versions side by side"),
	PAGE_ROUTE("/admin/calendars", calendars_page, "days off: versions of each year"),
	ROUTE(POST, "/admin/calendars", calendar_import_send, admin, SESSION, CALENDAR_BODY, UPLOAD, NONE, &ADMIN_PAGE,
	      "admin/page", "makes a proposal of a file of days off, where there is one ward"),
	SEND_ROUTE("/admin/calendars/copy", calendar_copy_send, "makes a proposal of a year's days as they are"),
	PAGE_ROUTE("/admin/calendars/:year/:version", calendar_page, "a version: its days, what it changes"),
	SEND_ROUTE("/admin/calendars/:year/:version", calendar_send, "answers for days, confirms, applies or drops a version"),
	PAGE_ROUTE("/admin/areas", areas_page, "areas of the ward with their days"),
	ROUTE(POST, "/admin/areas", areas_preview, admin, SESSION, AREA_BODY, UPLOAD, NONE, &ADMIN_PAGE,
	      "admin/page", "draws a file of boundaries: overlaps and gaps; changes nothing"),
	SEND_ROUTE("/admin/areas/take", areas_confirm, "imports the boundaries that were looked at"),
	ROUTE(POST, "/admin/areas/names", names_send, admin, SESSION, NAMES_BODY, UPLOAD, NONE,
	      &ADMIN_PAGE, "admin/page", "replaces the list of street names"),
	PAGE_ROUTE("/admin/receivers", receivers_page, "who receives what is handed over, by door"),
	SEND_ROUTE("/admin/receivers", receivers_send, "adds a receiver, or ends one"),
	PAGE_ROUTE("/admin/nearby", nearby_page, "who is where for a khu vực"),
	SEND_ROUTE("/admin/nearby", nearby_send, "adds one of these, or ends one"),
	PAGE_ROUTE("/admin/settings", settings_page, "the ward's settings, and the program's to read"),
	SEND_ROUTE("/admin/settings", settings_send, "changes the ward's settings"),
	PAGE_ROUTE("/admin/jobs", jobs_page, "jobs: waiting, running, dead letters"),
	SEND_ROUTE("/admin/jobs", jobs_send, "tries dead letters again"),
	PAGE_ROUTE("/admin/log", admin_log_page, "who changed what, when"),
	{0},
};

const struct room ADMIN_ROOM = {.name = "admin", .routes = ROUTES};
