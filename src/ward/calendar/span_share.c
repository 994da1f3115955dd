/* How much of a span is used, when a share of it is, how late it is, and the days told. */
#include "ward/calendar/span_private.h"

/* The time that counts, in order, until `limit` or until `target` of it has passed. */
struct use {
	struct walk *w;
	bool clock;                   /* hours of the clock, not of the office */
	int64_t limit, target;
	int64_t used, at;             /* at: where `target` was reached */
};

static bool by_the_clock(const struct rule *rule) { return rule->unit == RULE_hour || rule->fixed; }

/* True: the target is reached. */
static bool use_span(struct use *u, int64_t from, int64_t to)
{
	bool timed = rule_unit_timed(u->w->s->rule->unit);
	while (from < to) {
		int64_t until, next = INT64_MAX;
		if (timed && walk_paused(u->w, from, &until) >= 0) {
			from = until;
			continue;
		}
		if (timed)
			next = walk_next_pause(u->w, from);
		int64_t stop = next < to ? next : to;
		if (stop - from >= u->target - u->used) {
			u->at = from + (u->target - u->used);
			u->used = u->target;
			return true;
		}
		u->used += stop - from;
		from = stop;
	}
	return false;
}

static enum rc use_time(struct use *u, int64_t start, struct fault *f)
{
	static const struct hours whole = {0, US_DAY};
	bool timed = rule_unit_timed(u->w->s->rule->unit);
	for (int32_t day = day_of(start); day_start(day) < u->limit; day++) {
		const struct hours *h = &whole;
		size_t n = 1;
		int64_t until, begin = day_start(day) > start ? day_start(day) : start;
		if (timed ? walk_paused(u->w, begin, &until) >= 0 && until >= day_start(day + 1)
		          : walk_day_paused(u->w, day) >= 0)
			continue;
		if (!u->clock) {
			enum rc rc = years_hours(u->w->years, day, &h, &n, f);
			if (rc != RC_OK)
				return rc;
		}
		for (size_t i = 0; i < n; i++) {
			int64_t from = day_start(day) + h[i].from, to = day_start(day) + h[i].to;
			if (use_span(u, from > begin ? from : begin, to < u->limit ? to : u->limit))
				return RC_OK;
		}
	}
	return RC_OK;
}

struct spanned {
	struct walk w;
	struct due due;
	int64_t start, total;
};

static enum rc look(struct spanned *g, const struct calendar *c, const struct clock_span *s, struct fault *f)
{
	int32_t day0 = 0;
	enum rc rc = walk_begin(&g->w, c, s, f);
	if (rc == RC_OK)
		rc = walk_run(&g->w, &g->due, f);
	if (rc == RC_OK)
		rc = walk_start(&g->w, &day0, f);
	if (rc != RC_OK)
		return rc;
	g->start = day_start(day0) > g->w.event_at ? day_start(day0) : g->w.event_at;
	struct use u = {&g->w, by_the_clock(s->rule), g->due.due_at, INT64_MAX, 0, 0};
	rc = use_time(&u, g->start, f);
	g->total = u.used;
	return rc;
}

enum rc clock_share(const struct calendar *c, const struct clock_span *s, int64_t now,
                    struct share *out, struct fault *f)
{
	struct spanned g;
	enum rc rc = look(&g, c, s, f);
	if (rc != RC_OK)
		return rc;
	struct use u = {&g.w, by_the_clock(s->rule), now < g.due.due_at ? now : g.due.due_at, INT64_MAX, 0, 0};
	rc = now > g.start ? use_time(&u, g.start, f) : RC_OK;
	*out = (struct share){u.used, g.total};
	return rc;
}

enum rc clock_reached(const struct calendar *c, const struct clock_span *s, int percent, int64_t *at,
                      struct fault *f)
{
	struct spanned g;
	if (percent < 1 || percent > 100)
		BUG("a share of %d per cent", percent);
	enum rc rc = look(&g, c, s, f);
	if (rc != RC_OK)
		return rc;
	struct use u = {&g.w, by_the_clock(s->rule), g.due.due_at, (g.total * percent + 99) / 100, 0, 0};
	rc = use_time(&u, g.start, f);
	return rc == RC_OK ? due_office(c, u.at, 0, at, f) : rc;
}

enum rc clock_late(const struct calendar *c, const struct due *due, int64_t at, struct lateness *out,
                   struct fault *f)
{
	struct lateness late = {0};
	if (at >= due->due_at) {
		late.us = at - due->due_at;
		late.calendar_days = day_of(at) - due->last_day;
		enum rc rc = working_days_between(c, due->last_day, day_of(at), &late.working_days, f);
		if (rc != RC_OK)
			return rc;
	}
	*out = late;
	return RC_OK;
}

/* --- the days told --- */

struct told {
	struct trace_day *days;       /* NULL: only counted */
	size_t n;
};

static void note(void *ctx, const struct trace_day *d)
{
	struct told *t = ctx;
	if (t->days != NULL)
		t->days[t->n] = *d;
	t->n++;
}

enum rc clock_trace(const struct calendar *c, const struct clock_span *s, struct arena *a,
                    struct trace_day **out, size_t *n, struct fault *f)
{
	struct walk w;
	struct due due;
	struct told t = {0};
	enum rc rc = walk_begin(&w, c, s, f);
	w.tell = note;
	w.ctx = &t;
	const struct walk begun = w;
	if (rc == RC_OK)
		rc = walk_run(&w, &due, f);
	if (rc != RC_OK)
		return rc;
	t.days = arena_array(a, t.n + 1, sizeof *t.days);
	t.n = 0;
	w = begun;   /* with the same years, whatever is put in meanwhile */
	rc = walk_run(&w, &due, f);
	*out = t.days;
	*n = t.n;
	return rc;
}
