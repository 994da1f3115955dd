/* A rule from an event on, with its pauses and extensions: one walk, which may tell each day. */
#include "ward/calendar/span_private.h"

/* --- pauses --- */

enum rc clock_pause_end(const struct rule *rule, const struct pause *p, int64_t *out, struct fault *f)
{
	if (p->kind != PAUSE_resident && p->kind != PAUSE_authority && p->kind != PAUSE_closed)
		return fault_set(f, RC_INVALID, "there is no pause of the kind %d", (int)p->kind);
	if (p->to_at != 0 && p->to_at < p->from_at)
		return fault_set(f, RC_INVALID, "a pause ends before it begins");
	if (p->kind == PAUSE_closed) {
		*out = p->to_at;
		return p->to_at != 0 ? RC_OK : fault_set(f, RC_WAITING, "the matter is closed: nothing is due");
	}
	if (rule->pause_days[p->kind] == 0)
		return fault_set(f, RC_REFUSED, "the rule %.*s has no cap for a pause %s", PSTR(rule->name),
		                 p->kind == PAUSE_resident ? "for the resident's answer" : "for another authority");
	/* By the day in days and months: to the end of the last one that it may take out. */
	int64_t cap = rule_unit_timed(rule->unit)
	                      ? p->from_at + rule->pause_days[p->kind] * US_DAY
	                      : day_start(day_of(p->from_at) + rule->pause_days[p->kind] + 1) - 1;
	*out = p->to_at == 0 || p->to_at > cap ? cap : p->to_at;
	return RC_OK;
}

bool walk_pause(const struct walk *w, size_t i, int64_t *from, int64_t *to)
{
	const struct pause *p = &w->s->pauses[i];
	bool anew = w->s->rule->reopen == REOPEN_anew;
	if (w->first_only || (anew && p->kind == PAUSE_closed) ||
	    clock_pause_end(w->s->rule, p, to, NULL) != RC_OK || *to <= w->event_at)
		return false;
	*from = p->from_at > w->event_at ? p->from_at : w->event_at;
	return *to > *from;
}

int walk_day_paused(const struct walk *w, int32_t day) { return walk_day_paused_also(w, day, -1); }

int walk_day_paused_also(const struct walk *w, int32_t day, int after)
{
	for (size_t i = (size_t)(after + 1); i < w->s->pause_count; i++) {
		int64_t from, to;
		if (walk_pause(w, i, &from, &to) && day > day_of(from) && day <= day_of(to))
			return (int)i;
	}
	return -1;
}

int walk_paused(const struct walk *w, int64_t at, int64_t *until)
{
	int found = -1;
	int64_t end = at;
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < w->s->pause_count; i++) {
			int64_t from, to;
			if (!walk_pause(w, i, &from, &to) || end < from || end >= to)
				continue;
			found = found < 0 ? (int)i : found;
			end = to;
			more = true;
		}
	}
	*until = end;
	return found;
}

int64_t walk_next_pause(const struct walk *w, int64_t after)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < w->s->pause_count; i++) {
		int64_t from, to;
		if (walk_pause(w, i, &from, &to) && from > after && from < next)
			next = from;
	}
	return next;
}

/* --- the span is one that can be reckoned --- */

enum rc walk_begin(struct walk *w, const struct calendar *c, const struct clock_span *s, struct fault *f)
{
	const struct rule *rule = s->rule;
	*w = (struct walk){.years = years_now(c), .s = s, .event_at = s->event_at};
	for (size_t i = 0; i < s->pause_count; i++) {
		int64_t end = 0;
		enum rc rc = s->pauses[i].from_at < s->event_at
		                     ? fault_set(f, RC_INVALID, "a pause begins before the event")
		                     : clock_pause_end(rule, &s->pauses[i], &end, f);
		if (rc != RC_OK)
			return rc;
		if (rule->reopen == REOPEN_anew && s->pauses[i].kind == PAUSE_closed && end > w->event_at)
			w->event_at = end;
	}
	size_t extensions = 0;
	for (size_t i = 0; i < s->extension_count; i++) {
		if (s->extensions[i].at < w->event_at)
			continue;
		if ((int)++extensions > rule->extend.times)
			return fault_set(f, RC_REFUSED, "the rule %.*s can be extended %d times", PSTR(rule->name),
			                 rule->extend.times);
		if (s->extensions[i].amount < 1 || s->extensions[i].amount > rule->extend.amount)
			return fault_set(f, RC_REFUSED, "the rule %.*s can be extended by 1 to %d", PSTR(rule->name),
			                 rule->extend.amount);
	}
	return RC_OK;
}

/* --- telling --- */

static void tell(struct walk *w, int32_t day, enum trace_why why, int64_t counted_us)
{
	if (w->tell == NULL)
		return;
	struct trace_day d = {.day = day, .why = why, .n = w->n, .of = w->of, .extension = w->extension,
	                      .pause = -1, .also = -1, .counted_us = counted_us, .listed = years_listed(w->years, day)};
	if (years_sort(w->years, day, &d.sort, NULL) != RC_OK)
		d.sort = SORT_unknown;
	if (why == WHY_paused || (why == WHY_moved && !rule_unit_timed(w->s->rule->unit)))
		d.pause = walk_day_paused(w, day);
	if (d.pause >= 0)
		d.also = walk_day_paused_also(w, day, d.pause);
	w->tell(w->ctx, &d);
}

/* --- days and months --- */

static enum rc count_working(struct walk *w, int32_t from, int amount, int32_t *out, struct fault *f)
{
	int32_t day = from;
	for (w->n = 0, w->of = amount; w->n < amount;) {
		enum day_sort sort = SORT_unknown;
		if (walk_day_paused(w, ++day) >= 0) {
			tell(w, day, WHY_paused, 0);
			continue;
		}
		enum rc rc = years_sort(w->years, day, &sort, f);
		if (rc != RC_OK)
			return rc;
		w->n += sort_works(sort);
		tell(w, day, sort_works(sort) ? WHY_counted : WHY_rest, 0);
	}
	*out = day;
	return RC_OK;
}

static void count_calendar(struct walk *w, int32_t from, int amount, int32_t *out)
{
	int32_t day = from;
	w->of = amount;
	w->n = 0;
	if (w->tell == NULL && (w->first_only || w->s->pause_count == 0)) {
		*out = from + amount;
		return;
	}
	while (w->n < amount) {
		bool paused = walk_day_paused(w, ++day) >= 0;
		w->n += !paused;
		tell(w, day, paused ? WHY_paused : WHY_counted, 0);
	}
	*out = day;
}

/* Off rest days and paused ones; a rule that is fixed stays. */
static enum rc move_on(struct walk *w, int32_t raw, int32_t *out, struct fault *f)
{
	int32_t day = raw;
	if (w->s->rule->fixed) {
		*out = raw;
		return RC_OK;
	}
	for (;; day++) {
		enum day_sort sort = SORT_unknown;
		bool paused = walk_day_paused(w, day) >= 0;
		enum rc rc = paused ? RC_OK : years_sort(w->years, day, &sort, f);
		if (rc != RC_OK)
			return rc;
		bool stays = !paused && sort_works(sort);
		if (day > raw)
			tell(w, day, stays ? WHY_last : WHY_moved, 0);
		if (stays) {
			*out = day;
			return RC_OK;
		}
	}
}

static enum rc count(struct walk *w, int32_t from, int amount, enum rule_unit unit, int32_t *raw,
                     struct fault *f)
{
	if (unit == RULE_working_day)
		return count_working(w, from, amount, raw, f);
	count_calendar(w, from, unit == RULE_month ? day_add_months(from, amount) - from : amount, raw);
	return RC_OK;
}

enum rc walk_start(struct walk *w, int32_t *day0, struct fault *f)
{
	*day0 = day_of(w->event_at);
	return w->s->rule->deemed_next ? years_move(w->years, *day0, day0, f) : RC_OK;
}

static enum rc run_days(struct walk *w, struct due *out, struct fault *f)
{
	const struct rule *rule = w->s->rule;
	int32_t day0 = 0, raw = 0, last = 0;
	enum rc rc = walk_start(w, &day0, f);
	if (rc != RC_OK)
		return rc;
	tell(w, day_of(w->event_at), WHY_event, 0);
	for (int32_t day = day_of(w->event_at) + 1; day <= day0; day++)
		tell(w, day, WHY_deemed, 0);
	rc = count(w, day0, rule->amount, rule->unit, &raw, f);
	for (size_t i = 0; rc == RC_OK && !w->first_only && i < w->s->extension_count; i++) {
		if (w->s->extensions[i].at < w->event_at)
			continue;
		last = raw;
		if (!rule->extend.from_raw)
			rc = move_on(w, raw, &last, f);
		w->extension++;
		if (rc == RC_OK)
			rc = count(w, last, w->s->extensions[i].amount, rule->extend.unit, &raw, f);
	}
	if (rc == RC_OK)
		rc = move_on(w, raw, &last, f);
	if (rc == RC_OK)
		*out = (struct due){day_start(last + 1), last, raw};
	return rc;
}

/* --- hours --- */

/* Told once a day: what was counted on it. */
struct counted {
	int32_t day;
	int64_t us;
	bool paused, rest;
};

static void tell_time(struct walk *w, const struct counted *d)
{
	enum trace_why why = d->us > 0                           ? WHY_counted
	                     : d->day == day_of(w->event_at)     ? WHY_event
	                     : d->paused                         ? WHY_paused
	                                                         : WHY_rest;
	tell(w, d->day, why, d->us);
}

/* Adds what lies in [from, to), a day at a time; `counts` false: it was paused. */
static void passed(struct walk *w, struct counted *d, int64_t from, int64_t to, bool counts)
{
	while (w->tell != NULL && from < to) {
		int32_t day = day_of(from);
		int64_t end = day_start(day + 1) < to ? day_start(day + 1) : to;
		while (d->day < day) {
			tell_time(w, d);
			*d = (struct counted){.day = d->day + 1};
		}
		if (counts)
			d->us += end - from;
		else
			d->paused = true;
		from = end;
	}
}

enum rc walk_clock(struct walk *w, int64_t from, int64_t us, int64_t *out)
{
	struct counted day = {.day = day_of(from)};
	int64_t at = from;
	for (;;) {
		int64_t until, next;
		if (walk_paused(w, at, &until) >= 0) {
			passed(w, &day, at, until, false);
			at = until;
		}
		next = walk_next_pause(w, at);
		int64_t step = next - at < us ? next - at : us;
		passed(w, &day, at, at + step, true);
		at += step;
		us -= step;
		if (us == 0)
			break;
	}
	if (w->tell != NULL)
		tell_time(w, &day);
	*out = at;
	return RC_OK;
}

/* Within one span of office hours. True: done at *at. */
static bool within(struct walk *w, struct counted *d, int64_t from, int64_t to, int64_t *us, int64_t *at)
{
	while (from < to) {
		int64_t until, next;
		if (walk_paused(w, from, &until) >= 0) {
			d->paused = true;
			from = until;
			continue;
		}
		if (*us == 0) {
			*at = from;
			return true;
		}
		next = walk_next_pause(w, from);
		int64_t stop = next < to ? next : to, step = stop - from < *us ? stop - from : *us;
		d->us += step;
		*us -= step;
		from += step;
		if (*us == 0) {
			*at = from;
			return true;
		}
	}
	return false;
}

enum rc walk_office(struct walk *w, int64_t from, int64_t us, int64_t *out, struct fault *f)
{
	int64_t at = from;
	for (int32_t day = day_of(from);; day++, at = day_start(day)) {
		struct counted told = {.day = day};
		const struct hours *h = NULL;
		size_t n = 0;
		int64_t until;
		bool done = false;
		/* A day that is paused whole is not asked for: its year may be missing. */
		if (walk_paused(w, at, &until) >= 0 && until >= day_start(day + 1)) {
			told.paused = true;
		} else {
			enum rc rc = years_hours(w->years, day, &h, &n, f);
			if (rc != RC_OK)
				return rc;
		}
		for (size_t i = 0; i < n && !done; i++) {
			int64_t open = day_start(day) + h[i].from, close = day_start(day) + h[i].to;
			done = within(w, &told, open > at ? open : at, close, &us, out);
		}
		if (w->tell != NULL)
			tell_time(w, &told);
		if (done)
			return RC_OK;
	}
}

static enum rc run_time(struct walk *w, struct due *out, struct fault *f)
{
	const struct rule *rule = w->s->rule;
	int64_t at = w->event_at;
	enum rc rc = rule->unit == RULE_hour ? walk_clock(w, at, rule->amount * US_HOUR, &at)
	                                     : walk_office(w, at, rule->amount * US_HOUR, &at, f);
	for (size_t i = 0; rc == RC_OK && !w->first_only && i < w->s->extension_count; i++) {
		const struct extension *e = &w->s->extensions[i];
		if (e->at < w->event_at)
			continue;
		w->extension++;
		rc = rule->extend.unit == RULE_hour ? walk_clock(w, at, e->amount * US_HOUR, &at)
		                                    : walk_office(w, at, e->amount * US_HOUR, &at, f);
	}
	/* What ends at midnight ends with the day before. */
	if (rc == RC_OK)
		*out = (struct due){at, day_of(at - 1), day_of(at - 1)};
	return rc;
}

enum rc walk_run(struct walk *w, struct due *out, struct fault *f)
{
	return rule_unit_timed(w->s->rule->unit) ? run_time(w, out, f) : run_days(w, out, f);
}

/* --- from outside --- */

enum rc clock_due(const struct calendar *c, const struct clock_span *s, struct due *out, struct fault *f)
{
	struct walk w;
	enum rc rc = walk_begin(&w, c, s, f);
	return rc == RC_OK ? walk_run(&w, out, f) : rc;
}

enum rc clock_first(const struct calendar *c, const struct clock_span *s, struct due *out,
                    struct fault *f)
{
	struct walk w;
	enum rc rc = walk_begin(&w, c, s, f);
	w.first_only = true;
	return rc == RC_OK ? walk_run(&w, out, f) : rc;
}

enum rc due_office(const struct calendar *c, int64_t from, int64_t us, int64_t *out, struct fault *f)
{
	static const struct rule none = {.unit = RULE_working_hour};
	struct clock_span s = {.rule = &none, .event_at = from};
	struct walk w = {.years = years_now(c), .s = &s, .event_at = from};
	if (us < 0)
		BUG("a period of %lld microseconds", (long long)us);
	return walk_office(&w, from, us, out, f);
}

enum rc rule_due(const struct calendar *c, const struct rule *rule, int64_t event_at,
                 int64_t *due_at, int32_t *last_day, struct fault *f)
{
	struct clock_span s = {.rule = rule, .event_at = event_at};
	struct due due;
	enum rc rc = clock_due(c, &s, &due, f);
	if (rc != RC_OK)
		return rc;
	if (last_day != NULL)
		*last_day = due.last_day;
	if (due_at != NULL)
		*due_at = due.due_at;
	return RC_OK;
}
