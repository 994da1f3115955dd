#include "rooms/admin/dated_form.h"

enum { DAY_CHARS = 20 };

static struct str line(struct dated_form *d, const char *name, size_t max, bool *over)
{
	struct str s;
	enum rc rc = text_clean(d->q->arena, request_form(d->q, name), TEXT_LINE, max, &s);
	*over = rc == RC_TOO_BIG;
	return rc == RC_INVALID ? STR_EMPTY : s;
}

struct str dated_line(struct dated_form *d, const char *name, size_t max)
{
	bool over;
	struct str s = line(d, name, max, &over);
	if (over && d->too_long.n == 0) {
		d->too_long = str_of(name);
		(void)fault_at(&d->fault, RC_INVALID, "", 0, name, "too long");
	}
	return s;
}

enum rc dated_days(struct dated_form *d, int32_t *from, int32_t *to)
{
	bool over;   /* a day that is too long is none, and says so below */
	d->from = line(d, "from", DAY_CHARS, &over);
	d->until = line(d, "until", DAY_CHARS, &over);
	if (d->fault.rc != RC_OK)
		return d->fault.rc;
	if (!admin_day(d->from, false, from))
		return fault_at(&d->fault, RC_INVALID, "", 0, "from", "no day");
	if (!admin_day(d->until, true, to))
		return fault_at(&d->fault, RC_INVALID, "", 0, "until", "no day");
	return RC_OK;
}

enum rc dated_end(struct dated_form *d)
{
	bool over;
	d->last_typed = line(d, "last", DAY_CHARS, &over);
	if (!admin_id(d->q, "row", &d->end))
		return RC_BAD_REQUEST;
	if (!admin_day(d->last_typed, false, &d->last))
		return fault_at(&d->fault, RC_INVALID, "", 0, "last", "no day");
	return RC_OK;
}

struct str dated_error(const struct dated_form *d, const char *field)
{
	if (d->end != 0 || d->fault.rc != RC_INVALID || !str_is(str_of(d->fault.field), field))
		return STR_EMPTY;
	return str_is(d->too_long, field) ? request_text(d->q, "admin.receiver.wrong.long")
	                                  : admin_text(d->q, "%s.%s", d->wrong, field);
}

void dated_day_fields(struct admin_page *p, const struct dated_form *d)
{
	ap_day(p, "from", "admin.person.from", "admin.day.hint", d->from, dated_error(d, "from"));
	ap_day(p, "until", "admin.person.until", "admin.receiver.until.hint", d->until, dated_error(d, "until"));
}

void dated_end_form(struct admin_page *p, const struct dated_form *d, const char *lead, struct str url,
                    const struct form_option *rows, size_t count)
{
	struct request *q = d->q;
	if (count == 0)
		return;
	ap_form(p, "admin.receiver.end", lead, url, "admin.receiver.end");
	ap_form_warn(p);
	ap_hidden(p, "do", STR("end"));
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "row", .label = request_text(q, "admin.receiver.row"),
	                                 .options = rows, .option_count = count});
	ap_day(p, "last", "admin.person.last", "admin.day.hint", d->last_typed,
	       d->end != 0 && d->fault.rc == RC_INVALID ? request_text(q, "admin.day.wrong") : STR_EMPTY);
}
