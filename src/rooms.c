/* The rooms, by hand: adding one is adding a folder and a line. */
#include "rooms/admin/admin.h"
#include "rooms/agency/agency.h"
#include "rooms/area/area.h"
#include "rooms/chair/chair.h"
#include "rooms/desk/desk.h"
#include "rooms/door/door.h"
#include "rooms/health/health.h"
#include "rooms/oversight/oversight.h"
#include "rooms/practice/practice.h"
#include "rooms/plates/plates.h"
#include "rooms/report/report.h"
#include "rooms/stats/stats.h"
#include "rooms/shift/shift.h"

const struct room *const ROOMS[] = {
	&REPORT_ROOM,
	&DOOR_ROOM,
	&DESK_ROOM,
	&AREA_ROOM,
	&PLATES_ROOM,
	&SHIFT_ROOM,
	&ADMIN_ROOM,
	&HEALTH_ROOM,
	&CHAIR_ROOM,
	&OVERSIGHT_ROOM,
	&AGENCY_ROOM,
	&STATS_ROOM,
	&PRACTICE_ROOM,
	NULL,
};
