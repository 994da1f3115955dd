#include "rooms/report/report.h"

/* A step holds at most 2,000 characters of text and the sealed answers. */
#define STEP_BODY ((size_t)128 << 10)
/* Five photos of 12 megapixels and what a phone makes of them. */
#define PHOTO_BODY ((size_t)60 << 20)

static const struct route ROUTES[] = {
	ROUTE(GET, "/", home_page, open, NONE, 0, PAGE, PUBLIC, &HOME, "report/home",
	      "first page of the ward: emergency numbers, report, follow"),
	ROUTE(GET, "/report", report_begin, open, NONE, 0, PAGE, FORM, &STEP, "report/step",
	      "begins a report: what kind"),
	ROUTE(GET, "/report/:step", report_step_get, open, NONE, 0, PAGE, FORM, NULL, NULL,
	      "a step's address without its answers leads to the beginning"),
	ROUTE(POST, "/report/kind", report_kind, open, FORM, STEP_BODY, FORM, FORM, &STEP,
	      "report/step", "takes the kind"),
	ROUTE(POST, "/report/where", report_where, open, FORM, STEP_BODY, FORM, FORM, &STEP,
	      "report/step", "takes the place"),
	ROUTE(POST, "/report/what", report_what, open, FORM, STEP_BODY, FORM, FORM, &STEP,
	      "report/step", "takes the words"),
	ROUTE(POST, "/report/photos", report_photos, open, FORM, PHOTO_BODY, UPLOAD, FORM, &STEP,
	      "report/photos", "takes photos, one or several"),
	ROUTE(POST, "/report/check", report_check, open, FORM, STEP_BODY, FORM, NONE, &CHECK,
	      "report/check", "sends the report; answers with the receipt"),
	ROUTE(GET, "/follow", follow_form, open, NONE, 0, PAGE, PUBLIC, &FOLLOW_FORM,
	      "report/follow_form", "asks for code and PIN"),
	ROUTE(POST, "/follow", follow_open, open, FORM, 4096, GUESS, NONE, &FOLLOW_FORM,
	      "report/follow_form", "opens a receipt by code and PIN"),
	ROUTE(POST, "/follow/pin", follow_pin, open, FORM, 4096, GUESS, NONE, &SET_PIN, "report/set_pin",
	      "makes the PIN of a counter receipt, with the word chosen there"),
	ROUTE(GET, "/r/:link", follow_link, open, NONE, 0, GUESS, NONE, NULL, NULL,
	      "opens a receipt by the link of its QR code"),
	ROUTE(GET, "/receipt", follow_receipt, receipt, NONE, 0, PAGE, NONE, &FOLLOW,
	      "report/follow", "the opened receipt: timeline, question, looks"),
	ROUTE(GET, "/receipt/photo/:name", follow_photo, receipt, NONE, 0, PAGE, NONE, NULL, NULL,
	      "a photo of the opened receipt"),
	ROUTE(POST, "/receipt/answer", follow_answer, receipt, FORM, PHOTO_BODY, UPLOAD, NONE, &FOLLOW,
	      "report/follow", "answers the desk's question"),
	ROUTE(POST, "/receipt/withdraw", follow_withdraw, receipt, FORM, STEP_BODY, FORM, NONE, NULL,
	      NULL, "withdraws the report"),
	ROUTE(POST, "/receipt/solved", follow_solved, receipt, FORM, STEP_BODY, FORM, NONE, NULL, NULL,
	      "says that it was solved"),
	ROUTE(POST, "/receipt/reopen", follow_reopen, receipt, FORM, STEP_BODY, FORM, NONE, &FOLLOW,
	      "report/follow", "says that it was not solved, in time"),
	ROUTE(POST, "/receipt/mail", follow_mail, receipt, FORM, STEP_BODY, FORM, NONE, &FOLLOW,
	      "report/follow", "keeps an address for mails that say that something moved"),
	ROUTE(POST, "/receipt/mail/delete", follow_mail_delete, receipt, FORM, STEP_BODY, FORM, NONE,
	      NULL, NULL, "erases that address and the links of its mails"),
	ROUTE(POST, "/receipt/close", follow_close, receipt, FORM, 4096, FORM, NONE, NULL, NULL,
	      "forgets the receipt in this browser"),
	ROUTE(GET, "/lost", lost_page, open, NONE, 0, PAGE, PUBLIC, &LOST, "report/lost",
	      "what to do when the receipt is lost"),
	ROUTE(GET, "/reminder/:day", reminder, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "a day for one's own calendar (iCalendar), without a word of a case"),
	ROUTE(GET, "/cases", public_list, open, NONE, 0, PAGE, PUBLIC, &PUBLIC_LIST, "report/cases",
	      "public list of listed cases, newest first"),
	ROUTE(GET, "/map", public_map, open, NONE, 0, PAGE, PUBLIC, &PUBLIC_MAP, "report/map",
	      "public map: counts of listed cases by square"),
	ROUTE(GET, "/map/areas.geojson", public_areas, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "the ward's boundaries, for maps"),
	ROUTE(GET, "/feed.atom", public_atom, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "what happened to listed cases, as Atom"),
	ROUTE(GET, "/feed.json", public_json, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "the same as JSON Feed"),
	ROUTE(GET, "/case/:code", public_case, open, NONE, 0, PAGE, PUBLIC, &PUBLIC_CASE,
	      "report/case", "public page of a listed case"),
	ROUTE(GET, "/case/:code/photo/:name", public_photo, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "a photo that the desk released"),
	{0},
};

/* The last post of the form answers with another page than its own; "/" of several wards too. */
static const struct template_page PAGES[] = {
	{"report/receipt", &RECEIPT},
	{"report/wards", &WARDS},
	{0},
};

const struct room REPORT_ROOM = {.name = "report", .routes = ROUTES, .pages = PAGES};
