#include "rooms/area/area.h"

#define PHOTO_BODY ((size_t)40 << 20)

static const struct route ROUTES[] = {
	ROUTE(GET, "/desk/my-area", area_list, area_read, NONE, 0, PAGE, NONE, &AREA_LIST, "area/list",
	      "what is open in one's own khu vực, for its head and volunteers, with what one can do"),
	ROUTE(GET, "/desk/my-area/sw.js", area_worker, area_read, NONE, 0, PAGE, NONE, NULL, NULL,
	      "service worker of a phone of one's own: the list without a network"),
	ROUTE(GET, "/desk/my-area/report", area_report, area_read, NONE, 0, PAGE, NONE, &AREA_REPORT, "area/report",
	      "a report for somebody who has no phone"),
	ROUTE(POST, "/desk/my-area/report", area_report_send, area_read, SESSION, 65536, FORM, NONE, &AREA_REPORT,
	      "area/report", "takes it, with the code of a folded receipt"),
	ROUTE(GET, "/desk/my-area/:code", area_case, area_read, NONE, 0, PAGE, NONE, &AREA_CASE, "area/case",
	      "one of these"),
	ROUTE(POST, "/desk/my-area/:code/settle", area_settle, area_read, SESSION, PHOTO_BODY, UPLOAD, NONE, &AREA_CASE,
	      "area/case", "settled on the spot, with a photo; waits some minutes"),
	ROUTE(POST, "/desk/my-area/:code/pass-up", area_pass_up, area_read, SESSION, 16384, FORM, NONE, &AREA_CASE,
	      "area/case", "must go up to the ward, and why; waits some minutes"),
	ROUTE(POST, "/desk/my-area/undo", area_undo, area_read, SESSION, 4096, FORM, NONE, NULL, NULL,
	      "takes back what waits, or puts away what could not be done"),
	ROUTE(GET, "/who", who_page, open, NONE, 0, PAGE, PUBLIC, &WHO, "area/who",
	      "who is where for a khu vực: by street, by khu vực, or by where one stands"),
	ROUTE(GET, "/who/:area/card", who_card, open, NONE, 0, PAGE, PUBLIC, &WHO, "area/card_door",
	      "the same as a card for the door, A6, to print"),
	{0},
};

static const struct template_page PAGES[] = {
	{"area/list", &AREA_LIST},
	{0},
};

const struct room AREA_ROOM = {.name = "area", .routes = ROUTES, .pages = PAGES};
