#include "rooms/desk/desk.h"

#define STEP_BODY ((size_t)64 << 10)
#define BULK_BODY ((size_t)1 << 20)
#define PHOTO_BODY ((size_t)60 << 20)

/* A step of a case: all alike but for the verb and what it takes. */
#define STEP_ROUTE(verb, run, body, rate, help) \
	ROUTE(POST, "/desk/case/:code/" verb, run, case_work, SESSION, body, rate, NONE, &DESK_CASE, \
	      "desk/case", help)

static const struct route ROUTES[] = {
	ROUTE(GET, "/sign-in", sign_in_form, open, NONE, 0, PAGE, NONE, &SIGN_IN, "desk/sign_in",
	      "where officers sign in"),
	ROUTE(POST, "/sign-in", sign_in_send, open, FORM, 4096, GUESS, NONE, &SIGN_IN, "desk/sign_in",
	      "signs in with a password"),
	ROUTE(POST, "/sign-out", sign_out, sign_in, SESSION, 4096, FORM, NONE, NULL, NULL,
	      "ends this session"),
	ROUTE(GET, "/invite/:token", invite_form, open, NONE, 0, GUESS, NONE, &INVITE, "desk/invite",
	      "sets the first password, by a one-time link"),
	ROUTE(POST, "/invite/:token", invite_send, open, FORM, 4096, GUESS, NONE, &INVITE,
	      "desk/invite", "takes the first password"),
	ROUTE(GET, "/desk/start", desk_start, sign_in, NONE, 0, PAGE, NONE, NULL, NULL,
	      "leads to the first page of one's role"),
	ROUTE(GET, "/desk", desk_list, case_list, NONE, 0, PAGE, NONE, &DESK_LIST, "desk/list",
	      "queues with counts, filters, search"),
	ROUTE(GET, "/desk/new", desk_new, case_work, NONE, 0, PAGE, FORM, &DESK_NEW, "desk/new",
	      "enters what came by phone, at the counter, by letter or chat"),
	ROUTE(POST, "/desk/new", desk_new_send, case_work, SESSION, STEP_BODY, FORM, NONE, &DESK_NEW,
	      "desk/new", "takes a counter entry; answers with the slip"),
	ROUTE(GET, "/desk/print", desk_print, case_work, NONE, 0, PAGE, NONE, &DESK_PRINT, "desk/print",
	      "blank forms and posters to print"),
	ROUTE(GET, "/desk/print/form", desk_print_form, case_work, NONE, 0, PAGE, NONE, &PRINT_FORM,
	      "desk/print_form", "the blank form of counter entry, of a kind or of all, on one A4 sheet"),
	ROUTE(GET, "/desk/print/poster", desk_print_poster, case_work, NONE, 0, PAGE, NONE, &PRINT_POSTER,
	      "desk/print_poster", "the poster that leads to the ward's form, on one A4 sheet"),
	ROUTE(GET, "/desk/lost", desk_lost, case_work, NONE, 0, FORM, NONE, &DESK_LOST, "desk/lost",
	      "finds the case of a lost receipt among one's own unit's"),
	ROUTE(GET, "/desk/case/:code/lost", desk_reissue, case_work, NONE, 0, FORM, NONE, &DESK_REISSUE,
	      "desk/reissue", "asks what only the reporter knows"),
	ROUTE(POST, "/desk/case/:code/lost", desk_reissue_send, case_work, SESSION, STEP_BODY, FORM, NONE,
	      &DESK_REISSUE, "desk/reissue", "gives a new code; the old one is dead"),
	ROUTE(GET, "/desk/case/:code", desk_case, case_read, NONE, 0, PAGE, NONE, &DESK_CASE,
	      "desk/case", "a case with its timeline and what can be done"),
	ROUTE(GET, "/desk/case/:code/photo/:name", desk_photo, case_read, NONE, 0, PAGE, NONE, NULL,
	      NULL, "a photo of a case"),
	STEP_ROUTE("take", desk_take, STEP_BODY, FORM, "takes a case"),
	STEP_ROUTE("ask", desk_ask, STEP_BODY, FORM, "asks the reporter"),
	STEP_ROUTE("note", desk_note, STEP_BODY, FORM, "writes a note that the desk alone sees"),
	STEP_ROUTE("assign", desk_assign, STEP_BODY, FORM, "hands the case to another unit"),
	STEP_ROUTE("correct", desk_correct, STEP_BODY, FORM, "corrects kind or place with a reason"),
	STEP_ROUTE("photo", desk_photos, PHOTO_BODY, UPLOAD, "adds photos"),
	STEP_ROUTE("release", desk_release, STEP_BODY, FORM, "releases words and photos to the public"),
	STEP_ROUTE("unrelease", desk_unrelease, STEP_BODY, FORM, "withdraws what was released"),
	STEP_ROUTE("withhold", desk_withhold, STEP_BODY, FORM, "takes the public page back whole"),
	STEP_ROUTE("unwithhold", desk_unwithhold, STEP_BODY, FORM, "shows the public page again"),
	STEP_ROUTE("explain", desk_explain, STEP_BODY, FORM, "tells why a case is late"),
	STEP_ROUTE("close", desk_close, PHOTO_BODY, UPLOAD, "closes with a result and photos"),
	ROUTE(GET, "/desk/news", desk_news, case_work, NONE, 0, PAGE, NONE, &DESK_NEWS, "desk/news",
	      "how many have come since the shift began; again every minute"),
	ROUTE(POST, "/desk/bulk/form", desk_bulk_form, case_work, SESSION, BULK_BODY, FORM, NONE, &DESK_BULK,
	      "desk/bulk", "what a step on several cases asks"),
	ROUTE(POST, "/desk/bulk", desk_bulk_send, case_work, SESSION, BULK_BODY, FORM, NONE, &DESK_BULK,
	      "desk/bulk", "takes a step on several cases, each in its own transaction"),
	ROUTE(GET, "/desk/bulk/:id", desk_bulk, case_work, NONE, 0, PAGE, NONE, &DESK_BULK, "desk/bulk",
	      "how far it is, what was done and what was not"),
	ROUTE(GET, "/desk/templates", desk_templates, case_work, NONE, 0, PAGE, NONE, &DESK_TEMPLATES,
	      "desk/templates", "the unit's reply templates"),
	ROUTE(GET, "/desk/templates/:id", desk_template, case_work, NONE, 0, PAGE, FORM, &DESK_TEMPLATE,
	      "desk/template", "writes a reply template, with its versions"),
	ROUTE(POST, "/desk/templates/:id", desk_template_save, case_work, SESSION, STEP_BODY, FORM, NONE,
	      &DESK_TEMPLATE, "desk/template", "keeps a reply template as its next version"),
	ROUTE(POST, "/desk/templates/:id/drop", desk_template_drop, case_work, SESSION, 4096, FORM, NONE,
	      NULL, NULL, "takes a reply template away"),
	STEP_ROUTE("unclose", desk_unclose, STEP_BODY, FORM, "undoes one's own closing, within a day"),
	STEP_ROUTE("take-back", desk_take_back, STEP_BODY, FORM, "takes a step back while it waits"),
	STEP_ROUTE("drop", desk_drop, STEP_BODY, FORM, "throws away a step that was given back"),
	ROUTE(GET, "/desk/sessions", sessions_page, sign_in, NONE, 0, PAGE, NONE, &SESSIONS,
	      "desk/sessions", "own sessions"),
	ROUTE(POST, "/desk/sessions/end", session_end_one, sign_in, SESSION, 4096, FORM, NONE, NULL,
	      NULL, "ends one of one's own sessions"),
	{0},
};

/* What a form answers with besides its own page. */
static const struct template_page PAGES[] = {
	{"desk/slip", &DESK_SLIP},
	{0},
};

const struct room DESK_ROOM = {.name = "desk", .routes = ROUTES, .schema = DESK_SCHEMA, .jobs = DESK_JOBS,
                              .pages = PAGES};
