#include "rooms/plates/plates.h"

#define MAKE_BODY ((size_t)256 << 10)

static const struct route ROUTES[] = {
	ROUTE(GET, "/desk/plates", plates_page, plates, NONE, 0, PAGE, NONE, &PLATE_LIST, "plates/list",
	      "QR plates: making, printing, retiring"),
	ROUTE(POST, "/desk/plates", plates_make, plates, SESSION, MAKE_BODY, FORM, NONE, &PLATE_LIST,
	      "plates/list", "makes a sheet of plates"),
	ROUTE(GET, "/desk/plates/:sheet", plates_sheet, plates, NONE, 0, PAGE, NONE, &PLATE_SHEET,
	      "plates/sheet", "a sheet of plates, for printing"),
	ROUTE(POST, "/desk/plates/:code/retire", plates_retire, plates, SESSION, 4096, FORM, NONE, NULL,
	      NULL, "retires a plate"),
	{0},
};

const struct room PLATES_ROOM = {.name = "plates", .routes = ROUTES};
