#include "ward/ics.h"

#include <string.h>

/* Lines end in CRLF, and go on after 75 bytes on the next one, behind a blank; not cut inside a letter. */
static void line(struct buf *out, const char *name, struct str value)
{
	enum { WIDTH = 75 };
	struct buf b = {0};
	buf_addz(&b, name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n') {
			buf_addz(&b, "\\n");
			continue;
		}
		if (strchr("\\;,", value.p[i]) != NULL && value.p[i] != '\0')
			buf_addc(&b, '\\');
		buf_addc(&b, value.p[i]);
	}
	struct str rest = buf_str(&b);
	size_t room = WIDTH;
	while (rest.n > room) {
		size_t n = room;
		while (n > 1 && (rest.p[n] & 0xC0) == 0x80)
			n--;
		buf_add(out, str_sub(rest, 0, n));
		buf_addz(out, "\r\n ");
		rest = str_sub(rest, n, rest.n);
		room = WIDTH - 1;
	}
	buf_add(out, rest);
	buf_addz(out, "\r\n");
	buf_release(&b);
}

static struct str day_text(struct arena *a, int32_t day)
{
	struct date d = date_from_day(day);
	return arena_fmt(a, "%04d%02d%02d", d.year, d.month, d.day);
}

void ics_begin(struct ics *i, struct arena *a, int64_t now, const char *what)
{
	*i = (struct ics){.a = a, .now = now};
	line(&i->out, "BEGIN:", STR("VCALENDAR"));
	line(&i->out, "VERSION:", STR("2.0"));
	line(&i->out, "PRODID:", arena_fmt(a, "-//Xóm//%s//VI", what));
	line(&i->out, "CALSCALE:", STR("GREGORIAN"));
	line(&i->out, "METHOD:", STR("PUBLISH"));
}

void ics_event(struct ics *i, const struct ics_event *e)
{
	struct moment m = moment_of(i->now - 7 * US_HOUR);   /* in UTC */
	line(&i->out, "BEGIN:", STR("VEVENT"));
	line(&i->out, "UID:", e->uid);
	line(&i->out, "DTSTAMP:", arena_fmt(i->a, "%04d%02d%02dT%02d%02d%02dZ", m.date.year, m.date.month,
	                                    m.date.day, m.hour, m.minute, m.second));
	line(&i->out, "SEQUENCE:", arena_fmt(i->a, "%d", e->sequence));
	line(&i->out, "DTSTART;VALUE=DATE:", day_text(i->a, e->day));
	line(&i->out, "DTEND;VALUE=DATE:", day_text(i->a, e->day + 1));
	line(&i->out, "SUMMARY:", e->title);
	line(&i->out, "DESCRIPTION:", e->text);
	line(&i->out, "CLASS:", STR("PRIVATE"));
	line(&i->out, "TRANSP:", STR("TRANSPARENT"));
	if (e->alarm) {
		line(&i->out, "BEGIN:", STR("VALARM"));
		line(&i->out, "ACTION:", STR("DISPLAY"));
		line(&i->out, "DESCRIPTION:", e->title);
		line(&i->out, "TRIGGER:", STR("PT8H"));
		line(&i->out, "END:", STR("VALARM"));
	}
	line(&i->out, "END:", STR("VEVENT"));
}

struct str ics_end(struct ics *i)
{
	line(&i->out, "END:", STR("VCALENDAR"));
	return arena_take(i->a, &i->out);
}
