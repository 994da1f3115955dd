#include "rooms/report/report.h"
#include "ward/fill.h"
#include "ward/flow/area.h"
#include "ward/qr.h"

static const struct field RECEIPT_F[] = {
	[RC_CODE] = {"code", V_TEXT, SEE_PUBLIC, "the receipt's code", NULL, NULL},
	[RC_PIN] = {"pin", V_TEXT, SEE_PUBLIC, "its PIN, shown once", NULL, NULL},
	[RC_RECEIVED] = {"received", V_TIME, SEE_PUBLIC, "when it was received", NULL, NULL},
	[RC_UNIT] = {"unit", V_TEXT, SEE_PUBLIC, "the receiving unit", NULL, NULL},
	[RC_AREA] = {"with_area", V_TEXT, SEE_PUBLIC, "the khu vực that has it first", NULL, NULL},
	[RC_THEN] = {"then", V_TEXT, SEE_PUBLIC, "until when, and where it goes then", NULL, NULL},
	[RC_NEXT] = {"next", V_TEXT, SEE_PUBLIC, "what happens next", NULL, NULL},
	[RC_DUE] = {"due", V_DAY, SEE_PUBLIC, "by when", NULL, NULL},
	[RC_QR] = {"qr", V_TEXT, SEE_PUBLIC, "the QR code's squares, as an SVG path", NULL, NULL},
	[RC_QR_BOX] = {"qr_box", V_TEXT, SEE_PUBLIC, "its viewBox", NULL, NULL},
	[RC_FOLLOW] = {"follow", V_URL, SEE_PUBLIC, "where it is followed", NULL, NULL},
	[RC_KIND] = {"kind", V_TEXT, SEE_PUBLIC, "what was reported", NULL, NULL},
	[RC_FORM] = {"form", V_URL, SEE_PUBLIC, "address of the form, whose draft is over", NULL, NULL},
	[RC_SENT] = {"sent", V_TEXT, SEE_PUBLIC, "which form it came from: its pages give way from now on", NULL, NULL},
	[RC_SHOWN] = {"shown", V_URL, SEE_PUBLIC, "asked for once all of the page is there", NULL, NULL},
	[RC_JS] = {"receipt_js", V_URL, SEE_PUBLIC, "script that draws pictures of it", NULL, NULL},
	[RC_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "the same address, to type", NULL, NULL},
	[RC_MAIL] = {"mail", V_BOOL, SEE_PUBLIC, "mails will say when something moves", NULL, NULL},
	[RC_LEAD] = {"lead", V_TEXT, SEE_PUBLIC, "public code of the case that it joins", NULL, NULL},
	[RC_LEAD_URL] = {"lead_url", V_URL, SEE_PUBLIC, "its public page", NULL, NULL},
	[RC_PAPER] = {"paper", V_BOOL, SEE_PUBLIC, "of a folded paper: this is the PIN that takes the place of the printed one", NULL, NULL},
	[RC_CLOSE] = {"close_url", V_URL, SEE_PUBLIC, "away from it: nothing of it is kept open here", NULL, NULL},
	[RC_REMINDER] = {"reminder", V_URL, SEE_PUBLIC, "that day for one's own calendar", NULL, NULL},
};
const struct shape RECEIPT = SHAPE("receipt", RECEIPT_F);

/* The receipt is good without it. */
static void add_qr(struct request *q, struct vobj *page, struct str address)
{
	struct str path, box;
	if (!qr_draw(q->arena, address, &path, &box))
		return;
	view_text(page, RC_QR, path);
	view_text(page, RC_QR_BOX, box);
}

enum rc receipt_with(struct tx *tx, const struct ward_case *c, struct receipt_with *out, struct fault *f)
{
	*out = (struct receipt_with){0};
	enum rc rc = unit_get(tx, c->top != NULL ? c->top->unit : c->unit, &out->unit, f);
	if ((rc == RC_OK || rc == RC_NONE) && case_with_area(c))
		rc = area_until(tx, c->id, &out->area_until, f);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The unit; or the khu vực that has it first, until when, and the unit that it goes up to. */
static void add_who(struct request *q, struct vobj *page, const struct ward_case *c, const struct receipt_with *with)
{
	struct str unit = with->unit.name.n > 0 ? with->unit.name : request_text(q, "report.unit.any");
	view_text(page, RC_UNIT, unit);
	if (with->area_until == 0)
		return;
	const struct filling fill[] = {
		{"area", label_area(q, c->place.area)},
		{"day", text_date(q->arena, q->lang, day_of(with->area_until - 1))},
		{"unit", unit},
	};
	view_text(page, RC_AREA, text_fill(q->arena, request_text(q, "receipt.area.who"), fill, 3));
	view_text(page, RC_THEN, text_fill(q->arena, request_text(q, "receipt.area.then"), fill, 3));
}

void receipt_show(struct request *q, struct reply *r, const struct ward_case *c,
                  const struct receipt *receipt, const struct receipt_with *with, bool mail,
                  const struct journey *j)
{
	struct view v = request_view(q, SEE_PUBLIC | SEE_REPORTER);
	struct vobj *page = view_new(&v, &RECEIPT);
	const char *base_url = q->app->settings.base_url;
	view_text(page, RC_CODE, arena_copy(q->arena, str_of(receipt->code)));
	/* In two halves of four, as it is read aloud and typed. */
	view_text(page, RC_PIN, arena_fmt(q->arena, "%.4s %.4s", receipt->pin, receipt->pin + 4));
	view_time(page, RC_RECEIVED, c->received_at);
	add_who(q, page, c, with);
	view_text(page, RC_NEXT, c->procedure->next[q->lang]);
	const struct ward_case *told = c->top != NULL ? c->top : c;
	if (c->top != NULL && told->listed && !told->withheld) {
		view_text(page, RC_LEAD, arena_copy(q->arena, str_of(told->public_code)));
		view_url(page, RC_LEAD_URL, request_link(q, "/case/%s", told->public_code));
	}
	if (told->due_at > 0 && state_open(told->state)) { /* due_at is the first microsecond after the last day */
		view_day(page, RC_DUE, day_of(told->due_at - 1));
		if (q->now < told->due_at)
			view_url(page, RC_REMINDER, reminder_link(q, day_of(told->due_at - 1)));
	}
	view_bool(page, RC_MAIL, mail);
	view_bool(page, RC_PAPER, str_is(journey_get(j, "paper"), "1"));
	view_url(page, RC_CLOSE, request_link(q, "/"));
	view_text(page, RC_KIND, c->procedure->title[q->lang]);
	view_url(page, RC_FOLLOW, request_link(q, "/follow"));
	view_url(page, RC_FORM, request_link(q, c->procedure->oversight ? "/redress" : "/report"));
	view_text(page, RC_SENT, sent_form(q, j));
	view_url(page, RC_SHOWN, sent_picture(q, j));
	view_url(page, RC_JS, http_asset(q->app->http, q->arena, "receipt.js"));
	view_text(page, RC_ADDRESS, arena_fmt(q->arena, "%s%.*s", base_url,
	                                      PSTR(request_link(q, "/follow"))));
	add_qr(q, page, arena_fmt(q->arena, "%s%.*s", base_url,
	                           PSTR(request_link(q, "/r/%s", receipt->link))));
	reply_title(r, request_text(q, "receipt.title"));
	reply_page(q, r, "report/receipt", &RECEIPT, page, 200);
}
