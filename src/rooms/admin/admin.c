#include "rooms/admin/admin.h"

#define FORM_BODY ((size_t)64 << 10)

#define PAGE_ROUTE(pattern, run, help) \
	ROUTE(GET, pattern, run, admin, NONE, 0, PAGE, NONE, &ADMIN_PAGE, "admin/page", help)
#define SEND_ROUTE(pattern, run, help) \
	ROUTE(POST, pattern, run, admin, SESSION, FORM_BODY, FORM, NONE, &ADMIN_PAGE, "admin/page", help)

static const struct route ROUTES[] = {
	PAGE_ROUTE("/admin", admin_home, "what an administrator has to do now"),
	PAGE_ROUTE("/admin/settings", settings_page, "the ward's settings, and the program's to read"),
	SEND_ROUTE("/admin/settings", settings_send, "changes the ward's settings"),
	PAGE_ROUTE("/admin/jobs", jobs_page, "jobs: waiting, running, dead letters"),
	SEND_ROUTE("/admin/jobs", jobs_send, "tries dead letters again"),
	PAGE_ROUTE("/admin/log", admin_log_page, "who changed what, when"),
	{0},
};

const struct room ADMIN_ROOM = {.name = "admin", .routes = ROUTES};
