/* "Something of yours moved": the address in the form, the date for the reporter's own calendar, and
 * what to do when the receipt is lost. The address travels in the sealed field alone and is never
 * written into a page again (RIGHTS.md promise 3); what is no address is shown again to be mended. */
#include "rooms/report/report.h"
#include "ward/ics.h"

bool mail_offered(const struct request *q) { return q->app->settings.mail.url[0] != '\0'; }

void mail_field_add(struct request *q, struct vobj *page, int fields, int errors,
                    const struct view *v, struct str typed, struct str error)
{
	form_field_add(page, fields, errors, v,
	               &(struct form_field){.kind = FORM_TEXT,
	                                    .name = "email",
	                                    .label = request_text(q, "report.mail.label"),
	                                    .hint = request_text(q, "report.mail.hint"),
	                                    .value = typed,
	                                    .error = error,
	                                    .autocomplete = "email",
	                                    .inputmode = "email"});
}

/* What was typed and is no address, to be shown again; never more of it than an address has. */
static struct str typed_again(struct request *q)
{
	struct str clean;
	return text_clean(q->arena, request_form(q, "email"), TEXT_LINE, ADDRESS_MAX, &clean) == RC_OK
	           ? clean
	           : STR_EMPTY;
}

enum rc mail_read(struct request *q, struct str *address, struct str *typed, struct str *error)
{
	enum rc rc = address_read(q->arena, request_form(q, "email"), address);
	*typed = *error = STR_EMPTY;
	if (rc == RC_OK)
		return rc;
	if (str_trim(request_form(q, "email")).n == 0)
		return RC_NONE;
	*typed = typed_again(q);
	*error = request_text(q, rc == RC_REFUSED ? "report.mail.number" : "report.mail.invalid");
	return rc;
}

void mail_take(struct request *q, struct journey *j, struct step_errors *e)
{
	struct str address, typed, error;
	if (!mail_offered(q) || !request_has(q, "email"))
		return;
	enum rc rc = mail_read(q, &address, &typed, &error);
	journey_set(q, j, "mail_typed", typed);
	if (rc == RC_OK)
		journey_set(q, j, "mail", address);
	if (error.n > 0) {
		e->mail = error;
		e->any = true;
	}
}

void mail_forget(struct request *q, struct journey *j)
{
	journey_set(q, j, "mail", STR_EMPTY);
	journey_set(q, j, "mail_typed", STR_EMPTY);
}

/* ---------------------------------------------------------------- a date for one's own calendar */

/* The same for everybody who was given this day: no case, kind, place or code is in it. */
enum rc reminder(struct request *q, struct reply *r, struct fault *f)
{
	enum { DAYS_AHEAD = 1000 };
	struct str name = request_param(q, "day");
	int32_t day, today = day_of(q->now);
	(void)f;
	if (!str_ends(name, STR(".ics")) || !day_parse(str_sub(name, 0, name.n - 4), &day) ||
	    day < today - DAYS_AHEAD || day > today + DAYS_AHEAD)
		return RC_NONE;
	struct date d = date_from_day(day);
	struct ics out;
	ics_begin(&out, q->arena, q->now, "reminder 1");
	ics_event(&out, &(struct ics_event){.uid = arena_fmt(q->arena, "reminder-%04d%02d%02d@xom", d.year,
	                                                     d.month, d.day),
	                                    .day = day, .title = request_text(q, "reminder.title"),
	                                    .text = request_text(q, "reminder.text"), .alarm = true});
	reply_bytes(q, r, STR("text/calendar; charset=utf-8"), ics_end(&out));
	reply_download(r, STR("reminder.ics"));
	return RC_OK;
}

struct str reminder_link(const struct request *q, int32_t day)
{
	return request_link(q, "/reminder/%.*s.ics", PSTR(text_day_iso(q->arena, day)));
}

/* ---------------------------------------------------------------- the lost receipt */

enum { LOST_MAIL, LOST_FOLLOW, LOST_FIELDS };
static const struct field LOST_F[] = {
	[LOST_MAIL] = {"mail", V_BOOL, SEE_PUBLIC, "mails bring a link", NULL, NULL},
	[LOST_FOLLOW] = {"follow", V_URL, SEE_PUBLIC, "where code and PIN are typed", NULL, NULL},
};
const struct shape LOST = SHAPE("lost", LOST_F);

/* No field for an address: an answer, or how long it takes, would tell whether somebody reported. */
enum rc lost_page(struct request *q, struct reply *r, struct fault *f)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &LOST);
	(void)f;
	view_bool(page, LOST_MAIL, mail_offered(q));
	view_url(page, LOST_FOLLOW, request_link(q, "/follow"));
	reply_title(r, request_text(q, "lost.title"));
	reply_view(q, r, page);
	return RC_OK;
}
