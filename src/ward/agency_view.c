#include "ward/agency_view.h"

enum { AR_CODE, AR_URL, AR_WHO, AR_NUMBER, AR_DAY, AR_STANDS, AR_OUTCOME, AR_RECEIVED, AR_DUE, AR_LATE, AR_SCOPE, AR_LAST,
	AR_SILENT, AR_FIELDS };
static const struct field ROW_F[] = {
	[AR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the request's number at the ward", NULL, NULL},
	[AR_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[AR_WHO] = {"who", V_TEXT, SEE_OFFICE, "the agency", NULL, NULL},
	[AR_NUMBER] = {"number", V_TEXT, SEE_OFFICE, "number of its letter", NULL, NULL},
	[AR_DAY] = {"day", V_DAY, SEE_OFFICE, "date of its letter", NULL, NULL},
	[AR_STANDS] = {"stands", V_TEXT, SEE_OFFICE, "how it was decided, or whose approval is awaited", NULL, NULL},
	[AR_OUTCOME] = {"outcome", V_TEXT, SEE_OFFICE, "granted, refused, or nothing yet", NULL, NULL},
	[AR_RECEIVED] = {"received", V_DAY, SEE_OFFICE, "day on which it was entered", NULL, NULL},
	[AR_DUE] = {"due", V_DAY, SEE_OFFICE, "by when it is decided", NULL, NULL},
	[AR_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[AR_SCOPE] = {"reports", V_INT, SEE_OFFICE, "how many reports it is about", NULL, "reports"},
	[AR_LAST] = {"last_day", V_DAY, SEE_OFFICE, "of a granted one, the last day on which it may be used", NULL, NULL},
	[AR_SILENT] = {"silent", V_DAY, SEE_OFFICE, "until when an order forbids telling the reporters", NULL, NULL},
};
const struct shape AGENCY_ROW = SHAPE("agency_row", ROW_F);

struct str agency_stands(const struct request *q, const struct agency_request *r)
{
	if (r->outcome.n > 0)
		return request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(r->outcome)).p);
	return request_text(q, r->chair_by.v != 0 ? "agency.awaits.oversight"
	                       : r->oversight_by.v != 0 ? "agency.awaits.chair"
	                                                : "agency.awaits.both");
}

void agency_rows(struct request *q, struct vobj *page, int field, const struct agency_request *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct agency_request *r = &list[i];
		struct vobj *o = view_item(page, field);
		view_text(o, AR_CODE, arena_copy(q->arena, str_of(r->code)));
		view_url(o, AR_URL, request_link(q, "/agency/request/%s", r->code));
		view_text(o, AR_WHO, r->who);
		view_text(o, AR_NUMBER, r->number);
		view_day(o, AR_DAY, r->day);
		view_text(o, AR_STANDS, agency_stands(q, r));
		view_text(o, AR_OUTCOME, r->outcome);
		view_day(o, AR_RECEIVED, day_of(r->received_at));
		if (state_open(r->state) && r->due_at > 0) {
			view_day(o, AR_DUE, day_of(r->due_at - 1));
			view_bool(o, AR_LATE, q->now >= r->due_at);
		}
		view_int(o, AR_SCOPE, r->scope);
		view_day(o, AR_LAST, r->last_day);
		if (r->order_until >= day_of(q->now))
			view_day(o, AR_SILENT, r->order_until);
	}
}
