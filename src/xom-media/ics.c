#include "xom-media/ics.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/media/frame.h"

/* A feed of holidays has some dozens; who sends more wants something else. */
enum { EVENTS_MAX = 5000, STEPS_MAX = 200000, SPAN_MAX = 366, DAYS_MAX = 366, NAME_MAX_BYTES = 160,
       LINE_MAX_BYTES = 16 << 10 };

struct reading {
	int year, events, steps;
	char *names[DAYS_MAX];
};

static int day_of_year(struct icaltimetype t) { return icaltime_day_of_year(t) - 1; }

/* The ward's day: a moment of UTC is turned to UTC+7; everything else says its own day. */
static struct icaltimetype local_day(struct icaltimetype t)
{
	if (!t.is_date && icaltime_is_utc(t))
		icaltime_adjust(&t, 0, 7, 0, 0);
	t.is_date = 1;
	t.hour = t.minute = t.second = 0;
	t.zone = NULL;
	return t;
}

/* libical takes months and days as they stand in the feed. */
static bool is_day(struct icaltimetype t)
{
	return !icaltime_is_null_time(t) && t.year >= 1900 && t.year <= 2200 && t.month >= 1 && t.month <= 12 &&
	       t.day >= 1 && t.day <= icaltime_days_in_month(t.month, t.year);
}

/* A day of no calendar (29/02 of a common year), or a moment of no day (24:00 is the next day's 00:00): somebody typed
 * it wrong, and which day was meant is not guessed. */
static bool is_typed_wrong(struct icaltimetype t)
{
	return !icaltime_is_null_time(t) && (!is_day(t) || (!t.is_date && (t.hour > 23 || t.minute > 59 || t.second > 60)));
}

static void put_name(struct reading *g, int at, const char *name)
{
	if (at < 0 || at >= DAYS_MAX)
		return;
	char *have = g->names[at];
	if (have != NULL && (strcmp(have, name) == 0 || strlen(have) + strlen(name) + 3 > NAME_MAX_BYTES))
		return;
	size_t size = (have != NULL ? strlen(have) + 2 : 0) + strlen(name) + 1;
	char *both = malloc(size);
	if (both == NULL)
		return;
	(void)snprintf(both, size, "%s%s%s", have != NULL ? have : "", have != NULL ? "; " : "", name);
	free(have);
	g->names[at] = both;
}

/* One line of printable bytes, cut where a character ends. */
static void clean_name(const char *text, char out[NAME_MAX_BYTES + 1])
{
	size_t n = 0;
	for (; text != NULL && *text != '\0' && n < NAME_MAX_BYTES - 4; text++)
		out[n++] = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;
	if (text != NULL && *text != '\0')
		while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
			n--;
	if (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0xc0)
		n--;
	out[n] = '\0';
}

/* Is that day taken out by an EXDATE? */
static bool excluded(icalcomponent *event, struct icaltimetype day)
{
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY)) {
		struct icaltimetype t = icalproperty_get_exdate(p);
		if (!is_day(t))
			continue;
		t = local_day(t);
		if (t.year == day.year && t.month == day.month && t.day == day.day)
			return true;
	}
	return false;
}

static void put_days(struct reading *g, icalcomponent *event, struct icaltimetype first, int days, const char *name)
{
	if (excluded(event, first))
		return;
	for (int i = 0; i < days; i++) {
		if (first.year == g->year)
			put_name(g, day_of_year(first), name);
		icaltime_adjust(&first, 1, 0, 0, 0);
	}
}

/* Days that it lasts: the end of a whole-day event is the day after; another's last moment counts. */
static int lasts(icalcomponent *event, struct icaltimetype start)
{
	icalproperty *end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
	icalproperty *length = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
	int days = 1;
	if (end != NULL) {
		struct icaltimetype to = icalproperty_get_dtend(end);
		if (!is_day(to))
			return 1;
		bool midnight = to.is_date || (to.hour == 0 && to.minute == 0 && to.second == 0);
		struct icaltimetype day = local_day(to), from = local_day(start);
		if (!to.is_date && icaltime_is_utc(to))
			midnight = to.hour == 17 && to.minute == 0 && to.second == 0;
		for (days = midnight ? 0 : 1; days <= SPAN_MAX && icaltime_compare(from, day) < 0; days++)
			icaltime_adjust(&from, 1, 0, 0, 0);
	} else if (length != NULL) {
		struct icaldurationtype d = icalproperty_get_duration(length);
		int seconds = icaldurationtype_as_int(d);
		days = seconds <= 0 ? 1 : seconds / 86400 + (seconds % 86400 > 0);
	}
	return days < 1 ? 1 : days > SPAN_MAX ? SPAN_MAX : days;
}

static bool repeat(struct reading *g, icalcomponent *event, struct icaltimetype start, int days, const char *name)
{
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(event, ICAL_RRULE_PROPERTY)) {
		struct icalrecurrencetype rule = icalproperty_get_rrule(p);
		/* Holidays come by the day at most; by the second, the library may look for a day that never comes. */
		if (rule.freq < ICAL_DAILY_RECURRENCE)
			return false;
		icalrecur_iterator *it = icalrecur_iterator_new(rule, start);
		if (it == NULL)
			continue;
		for (struct icaltimetype t = icalrecur_iterator_next(it); !icaltime_is_null_time(t);
		     t = icalrecur_iterator_next(it)) {
			struct icaltimetype day = local_day(t);
			if (day.year > g->year)
				break;
			if (++g->steps > STEPS_MAX) {
				icalrecur_iterator_free(it);
				return false;
			}
			/* One that begins in December may last into the year. */
			if (day.year >= g->year - 1)
				put_days(g, event, day, days, name);
		}
		icalrecur_iterator_free(it);
	}
	return true;
}

static enum photo_error take_event(struct reading *g, icalcomponent *event)
{
	char name[NAME_MAX_BYTES + 1];
	icalproperty *at = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
	icalproperty *summary = icalcomponent_get_first_property(event, ICAL_SUMMARY_PROPERTY);
	icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
	if (at == NULL || (status != NULL && icalproperty_get_status(status) == ICAL_STATUS_CANCELLED))
		return PHOTO_fine;
	struct icaltimetype start = icalproperty_get_dtstart(at);
	if (is_typed_wrong(start))
		return PHOTO_truncated;
	if (!is_day(start))
		return PHOTO_fine;
	clean_name(summary != NULL ? icalproperty_get_summary(summary) : NULL, name);
	int days = lasts(event, start);
	struct icaltimetype first = local_day(start);
	if (first.year == g->year || first.year == g->year - 1)
		put_days(g, event, first, days, name);
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
		struct icaltimetype t = icalproperty_get_rdate(p).time;
		if (++g->steps > STEPS_MAX)
			return PHOTO_too_large;
		if (is_day(t))
			put_days(g, event, local_day(t), days, name);
	}
	return repeat(g, event, start, days, name) ? PHOTO_fine : PHOTO_too_large;
}

static enum photo_error write_days(const struct reading *g, char **out, size_t *length)
{
	size_t size = 1;
	for (int i = 0; i < DAYS_MAX; i++)
		size += g->names[i] != NULL ? strlen(g->names[i]) + 12 : 0;
	char *text = malloc(size);
	if (text == NULL)
		return PHOTO_too_large;
	size_t n = 0;
	text[0] = '\0';
	for (int i = 0; i < DAYS_MAX; i++) {
		if (g->names[i] == NULL)
			continue;
		struct icaltimetype t = icaltime_from_day_of_year(i + 1, g->year);
		n += (size_t)snprintf(text + n, size - n, "%04d-%02d-%02d %s\n", t.year, t.month, t.day, g->names[i]);
	}
	*out = text;
	*length = n;
	return PHOTO_fine;
}

/* A line with all that it is folded into. The library takes quadratic time to read its parameters. */
static bool has_long_line(const char *bytes, size_t n)
{
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' && bytes[i + 1] != ' ' && bytes[i + 1] != '\t')
			from = i + 1;
		else if (i - from >= LINE_MAX_BYTES)
			return true;
	}
	return false;
}

enum photo_error ics_days(const char *bytes, size_t n, int year, char **out, size_t *length)
{
	struct reading g = {.year = year};
	if (n == 0)
		return PHOTO_empty;
	if (n > FRAME_MAX_CALENDAR)
		return PHOTO_too_large;
	if (memchr(bytes, '\0', n) != NULL || strstr(bytes, "BEGIN:VCALENDAR") == NULL)
		return PHOTO_not_image;
	if (has_long_line(bytes, n))
		return PHOTO_too_large;
	/* What is wrong is left out or refused here; the library does not abort of it. */
	icalerror_set_errors_are_fatal(0);
	icalcomponent *all = icalparser_parse_string(bytes);
	if (all == NULL)
		return PHOTO_not_image;
	enum photo_error e = PHOTO_fine;
	icalcomponent *calendar = icalcomponent_isa(all) == ICAL_VCALENDAR_COMPONENT
	                                  ? all : icalcomponent_get_first_component(all, ICAL_VCALENDAR_COMPONENT);
	if (calendar == NULL)
		e = PHOTO_not_image;
	for (icalcomponent *c = e == PHOTO_fine ? icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT) : NULL;
	     c != NULL && e == PHOTO_fine; c = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
		e = ++g.events > EVENTS_MAX ? PHOTO_too_large : take_event(&g, c);
	icalcomponent_free(all);
	if (e == PHOTO_fine)
		e = write_days(&g, out, length);
	for (int i = 0; i < DAYS_MAX; i++)
		free(g.names[i]);
	return e;
}
