#include "told.h"

#include <limits.h>

struct teller {
	const struct slow_calendar *c;
	const struct slow_case *k;
	long event;                   /* of the last reopening, where it begins anew */
	int first;
};

static enum day_sort sort_of(const struct slow_day *d, int i)
{
	if (!d->known)
		return SORT_unknown;
	if (d->works)
		return d->weekday > 5 ? SORT_worked : SORT_working;
	return d->weekday > 5 ? SORT_weekend : i % 3 == 0 ? SORT_to_confirm : SORT_holiday;
}

/* Days of a pause: after the one that it begins on, to the one that it ends on or its last allowed. */
static bool holds(const struct teller *t, int p, int day)
{
	long from = t->k->pause[p].from, to = t->k->pause[p].to;
	int kind = t->k->pause[p].kind;
	if (kind == 2 && !t->k->goes_on)
		return false;
	from = from > t->event ? from : t->event;
	long last = to < 0 ? LONG_MAX : to / 86400;
	if (kind < 2 && t->k->pause[p].from / 86400 + t->k->cap[kind] < last)
		last = t->k->pause[p].from / 86400 + t->k->cap[kind];
	return day > from / 86400 && day <= last;
}

static bool paused(const struct teller *t, int day)
{
	for (int p = 0; p < t->k->pauses; p++)
		if (holds(t, p, day))
			return true;
	return false;
}

/* Of the rule, or of its k-th extension that counts. */
static int amount_of(const struct teller *t, int extension)
{
	for (int e = 0; extension > 0 && e < t->k->extensions; e++)
		if (t->k->extension[e].at >= t->event && --extension == 0)
			return t->k->extension[e].amount;
	return t->k->amount;
}

/* One day in units of days. *n: counted so far of this stretch; *at_end: its period is over. */
static const char *of_days(const struct teller *t, const struct trace_day *d, int *n, int *extension, bool *at_end)
{
	int i = d->day - t->first;
	const struct slow_day *s = &t->c->day[i];
	enum slow_unit unit = d->extension > 0 ? t->k->extend_unit : t->k->unit;
	if (d->extension != *extension) {
		if (d->extension != *extension + 1 || !*at_end)
			return "extension begins too early";
		*extension = d->extension;
		*n = 0;
		*at_end = false;
	}
	bool stands = paused(t, i), counts = !stands && (unit != SLOW_WORKING || s->works);
	if (!*at_end) {
		*n += counts;
		*at_end = *n == d->of;
		if (d->why != (stands ? WHY_paused : counts ? WHY_counted : WHY_rest))
			return "why";
		if (d->n != *n || (unit != SLOW_MONTH && d->of != amount_of(t, d->extension)))
			return "number";
	} else if (d->why != (!stands && s->works ? WHY_last : WHY_moved)) {
		return "why it was moved";
	}
	if ((d->pause >= 0) != (stands && d->why != WHY_rest) || (d->pause >= 0 && !holds(t, d->pause, i)))
		return "pause";
	return NULL;
}

const char *told_wrong(const struct slow_calendar *c, const struct slow_case *k, int first, const struct trace_day *days,
                       size_t n, size_t *at)
{
	struct teller t = {c, k, k->event, first};
	bool timed = k->unit >= SLOW_HOUR, at_end = false, begun = false;
	int counted = 0, extension = 0;
	int64_t us = 0;
	for (int p = 0; p < k->pauses; p++)
		if (!k->goes_on && k->pause[p].kind == 2 && k->pause[p].to > t.event)
			t.event = k->pause[p].to;
	for (*at = 0; *at < n; (*at)++) {
		const struct trace_day *d = &days[*at];
		int i = d->day - first;
		const char *wrong = NULL;
		if (d->sort != sort_of(&c->day[i], i))
			return "sort";
		if (*at == 0 && (i != t.event / 86400 || (!timed && d->why != WHY_event)))
			return "first day";
		us += d->counted_us;
		if (timed && (d->why == WHY_counted) != (d->counted_us > 0))
			return "counted time";
		if (timed || *at == 0)
			continue;
		/* Deemed: as long as no working day has come since the event. */
		begun = begun || !k->deemed || c->day[t.event / 86400].works || c->day[i - 1].works;
		wrong = begun ? of_days(&t, d, &counted, &extension, &at_end) : d->why != WHY_deemed ? "deemed" : NULL;
		if (wrong != NULL)
			return wrong;
	}
	int64_t all = (int64_t)k->amount;
	for (int e = 0; e < k->extensions; e++)
		all += k->extension[e].at >= t.event ? k->extension[e].amount : 0;
	if (timed && us != all * US_HOUR)
		return "time in all";
	return timed || at_end ? NULL : "ends too early";
}
