#include "slow.h"

#include <string.h>

enum { DAY = 86400 };

static int length_of(int month, int year)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return lengths[month - 1] + (month == 2 && leap);
}

void slow_plain(struct slow_calendar *c)
{
	struct slow_day d = {.year = SLOW_YEAR, .month = 1, .date = 1, .weekday = 3, .known = true,
	                     .open = {27000, 46800}, .close = {41400, 61200}};
	memset(c, 0, sizeof *c);
	for (int i = 0; i < SLOW_DAYS; i++) {
		c->day[i] = d;
		c->day[i].works = d.weekday < 6;
		c->day[i].known = d.year < SLOW_YEAR + SLOW_YEARS;
		d.weekday = d.weekday == 7 ? 1 : d.weekday + 1;
		if (++d.date > length_of(d.month, d.year)) {
			d.date = 1;
			if (++d.month > 12) {
				d.month = 1;
				d.year++;
			}
		}
	}
}

static int whole_day(long second) { return (int)(second / DAY); }
static bool hours(enum slow_unit u) { return u == SLOW_HOUR || u == SLOW_OFFICE; }

/* What is in force: where the counting begins, and what still counts of pauses and extensions. */
struct force {
	const struct slow_calendar *c;
	const struct slow_case *k;
	long event;
};

/* Until when the pause lasts. */
static long lasts(const struct slow_case *k, int i)
{
	long from = k->pause[i].from, to = k->pause[i].to;
	if (k->pause[i].kind == 2)
		return to;
	long most = hours(k->unit) ? from + (long)k->cap[k->pause[i].kind] * DAY
	                           : (long)(whole_day(from) + k->cap[k->pause[i].kind]) * DAY + DAY - 1;
	return to < 0 || to > most ? most : to;
}

static bool day_stands(const struct force *w, int day)
{
	for (int i = 0; i < w->k->pauses; i++) {
		if (w->k->pause[i].kind == 2 && !w->k->goes_on)
			continue;
		long from = w->k->pause[i].from < w->event ? w->event : w->k->pause[i].from;
		if (day > whole_day(from) && day <= whole_day(lasts(w->k, i)))
			return true;
	}
	return false;
}

static bool moment_stands(const struct force *w, long t)
{
	for (int i = 0; i < w->k->pauses; i++)
		if ((w->k->pause[i].kind != 2 || w->k->goes_on) && t >= w->k->pause[i].from && t < lasts(w->k, i))
			return true;
	return false;
}

static bool in_office(const struct slow_day *d, long second)
{
	return d->works && ((second >= d->open[0] && second < d->close[0]) ||
	                    (second >= d->open[1] && second < d->close[1]));
}

/* --- the parts --- */

static enum slow_answer take_days(const struct force *w, int from, enum slow_unit unit, int amount, int *out)
{
	int left = amount, day = from;
	if (unit == SLOW_MONTH) {
		int month = w->c->day[from].month, year = w->c->day[from].year, date = w->c->day[from].date;
		for (int i = 0; i < amount; i++) {
			month++;
			if (month == 13) {
				month = 1;
				year++;
			}
		}
		if (date > length_of(month, year))
			date = length_of(month, year);
		left = 0;
		for (int i = from; i < SLOW_DAYS; i++, left++)
			if (w->c->day[i].year == year && w->c->day[i].month == month && w->c->day[i].date == date)
				break;
	}
	while (left > 0) {
		day++;
		if (day >= SLOW_DAYS)
			return SLOW_NO_CALENDAR;
		if (day_stands(w, day))
			continue;
		if (unit == SLOW_WORKING && !w->c->day[day].known)
			return SLOW_NO_CALENDAR;
		if (unit != SLOW_WORKING || w->c->day[day].works)
			left--;
	}
	*out = day;
	return SLOW_OK;
}

static enum slow_answer push(const struct force *w, int raw, int *out)
{
	int day = raw;
	if (!w->k->fixed)
		for (;; day++) {
			if (day >= SLOW_DAYS)
				return SLOW_NO_CALENDAR;
			if (day_stands(w, day))
				continue;
			if (!w->c->day[day].known)
				return SLOW_NO_CALENDAR;
			if (w->c->day[day].works)
				break;
		}
	*out = day;
	return SLOW_OK;
}

static enum slow_answer take_hours(const struct force *w, long from, enum slow_unit unit, int amount, long *out)
{
	long left = (long)amount * 3600, t = from;
	int asked = -1;
	while (left > 0) {
		int day = whole_day(t);
		if (day >= SLOW_DAYS)
			return SLOW_NO_CALENDAR;
		bool runs = !moment_stands(w, t);
		if (unit == SLOW_OFFICE && runs && day != asked) {
			if (!w->c->day[day].known)
				return SLOW_NO_CALENDAR;
			asked = day;
		}
		if (runs && (unit == SLOW_HOUR || in_office(&w->c->day[day], t - (long)day * DAY)))
			left -= w->k->tick;
		t += w->k->tick;
	}
	*out = t;
	return SLOW_OK;
}

static enum slow_answer in_force(const struct slow_calendar *c, const struct slow_case *k, struct force *w)
{
	int granted = 0;
	*w = (struct force){c, k, k->event};
	for (int i = 0; i < k->pauses; i++) {
		if (k->pause[i].to >= 0 && k->pause[i].to < k->pause[i].from)
			return SLOW_BAD_PAUSE;
		if (k->pause[i].from < k->event)
			return SLOW_BAD_PAUSE;
		if (k->pause[i].kind == 2 && k->pause[i].to < 0)
			return SLOW_CLOSED;
		if (k->pause[i].kind < 2 && k->cap[k->pause[i].kind] == 0)
			return SLOW_NOT_ALLOWED;
		if (k->pause[i].kind == 2 && !k->goes_on && k->pause[i].to > w->event)
			w->event = k->pause[i].to;
	}
	for (int i = 0; i < k->extensions; i++)
		if (k->extension[i].at >= w->event &&
		    (++granted > k->extend_times || k->extension[i].amount < 1 ||
		     k->extension[i].amount > k->extend_most))
			return SLOW_NOT_ALLOWED;
	return SLOW_OK;
}

static enum slow_answer begins(const struct force *w, int *day0)
{
	for (*day0 = whole_day(w->event); w->k->deemed; (*day0)++) {
		if (*day0 >= SLOW_DAYS || !w->c->day[*day0].known)
			return SLOW_NO_CALENDAR;
		if (w->c->day[*day0].works)
			break;
	}
	return SLOW_OK;
}

enum slow_answer slow_reckon(const struct slow_calendar *c, const struct slow_case *k, struct slow_due *out)
{
	struct force w;
	enum slow_answer a = in_force(c, k, &w);
	if (a != SLOW_OK)
		return a;
	if (hours(k->unit)) {
		long t = 0;
		a = take_hours(&w, w.event, k->unit, k->amount, &t);
		for (int i = 0; a == SLOW_OK && i < k->extensions; i++)
			if (k->extension[i].at >= w.event)
				a = take_hours(&w, t, k->extend_unit, k->extension[i].amount, &t);
		*out = (struct slow_due){t, whole_day(t - 1), whole_day(t - 1)};
		return a;
	}
	int day = 0, raw = 0, last = 0;
	a = begins(&w, &day);
	if (a == SLOW_OK)
		a = take_days(&w, day, k->unit, k->amount, &raw);
	for (int i = 0; a == SLOW_OK && i < k->extensions; i++) {
		if (k->extension[i].at < w.event)
			continue;
		last = raw;
		if (!k->extend_from_raw)
			a = push(&w, raw, &last);
		if (a == SLOW_OK)
			a = take_days(&w, last, k->extend_unit, k->extension[i].amount, &raw);
	}
	if (a == SLOW_OK)
		a = push(&w, raw, &last);
	*out = (struct slow_due){((long)last + 1) * DAY, last, raw};
	return a;
}

enum slow_answer slow_used(const struct slow_calendar *c, const struct slow_case *k, long now, long *used,
                           long *all)
{
	struct force w;
	struct slow_due d;
	int day0 = 0;
	enum slow_answer a = in_force(c, k, &w);
	if (a == SLOW_OK)
		a = slow_reckon(c, k, &d);
	if (a == SLOW_OK)
		a = begins(&w, &day0);
	if (a != SLOW_OK)
		return a;
	*used = *all = 0;
	long t = w.event > (long)day0 * DAY ? w.event : (long)day0 * DAY;
	for (; t < d.due; t += k->tick) {
		int day = whole_day(t);
		if (hours(k->unit) ? moment_stands(&w, t) : day_stands(&w, day))
			continue;
		bool by_clock = k->unit == SLOW_HOUR || k->fixed;
		if (!by_clock && !c->day[day].known)
			return SLOW_NO_CALENDAR;
		if (!by_clock && !in_office(&c->day[day], t - (long)day * DAY))
			continue;
		*all += k->tick;
		if (t < now)
			*used += k->tick;
	}
	return SLOW_OK;
}

int slow_late_days(const struct slow_calendar *c, const struct slow_due *d, long at)
{
	int n = 0;
	if (at >= d->due)
		for (int day = d->last + 1; day <= whole_day(at); day++)
			n += c->day[day].works;
	return n;
}
