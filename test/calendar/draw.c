#include "draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "told.h"

enum { CASES_OF_A_CALENDAR = 500, FIRST = 18262 };   /* days from 1970 to 2020 */

struct draw {
	uint64_t seed;
	struct slow_calendar slow;
	struct calendar *fast;
	struct drawn *d;
};

static int below(struct draw *g, int n)
{
	g->seed = g->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((g->seed >> 33) % (uint64_t)n);
}

static bool one_in(struct draw *g, int n) { return below(g, n) == 0; }
static int64_t moment(long second) { return ((int64_t)FIRST * 86400 + second - 7 * 3600) * 1000000; }

/* --- calendars --- */

static const struct { int open[2], close[2]; } SHAPES[] = {
	{{27000, 46800}, {41400, 61200}}, {{27000, 0}, {41400, 0}}, {{0, 43200}, {43200, 86400}},
	{{28800, 50400}, {36000, 86400}}, {{0, 79200}, {21600, 86400}},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

/* The year as the array has it, given over as lines. */
static void hand_over(struct draw *g, int year)
{
	struct calendar_day lines[366];
	struct calendar_year y = {.year = year, .version = 1, .source = STR("random"), .office_count = 2,
		.office = {{27000 * US_SECOND, 41400 * US_SECOND}, {46800 * US_SECOND, 61200 * US_SECOND}},
		.listed = lines};
	for (int i = 0; i < SLOW_DAYS; i++) {
		const struct slow_day *s = &g->slow.day[i];
		bool weekend = s->weekday > 5, plain = s->open[0] == 27000 && s->close[1] == 61200;
		if (s->year != year || (s->works != weekend && (plain || !s->works)))
			continue;
		struct calendar_day *l = &lines[y.listed_count++];
		*l = (struct calendar_day){.day = FIRST + i, .kind = !s->works ? DAY_off : weekend ? DAY_worked : DAY_short};
		if (!s->works && i % 3 == 0)
			l->kind = DAY_to_confirm;
		for (int h = 0; s->works && !plain && h < 2; h++)
			if (s->close[h] > s->open[h])
				l->hours[l->hours_count++] = (struct hours){s->open[h] * US_SECOND, s->close[h] * US_SECOND};
	}
	struct fault f = {0};
	if (calendar_year_settle(&y, &f) != RC_OK) {
		(void)fprintf(stderr, "draw: %s\n", f.text);
		abort();
	}
	calendar_put(g->fast, &y);
}

static void change_day(struct draw *g, int i)
{
	struct slow_day *s = &g->slow.day[i];
	if (one_in(g, 5) && s->works) {
		int shape = below(g, SHAPE_COUNT);
		memcpy(s->open, SHAPES[shape].open, sizeof s->open);
		memcpy(s->close, SHAPES[shape].close, sizeof s->close);
	} else {
		s->works = !s->works;
	}
	if (!s->works || (s->open[0] == 27000 && s->close[1] == 61200))
		memcpy(s->open, SHAPES[0].open, sizeof s->open), memcpy(s->close, SHAPES[0].close, sizeof s->close);
}

static void new_calendar(struct draw *g)
{
	slow_plain(&g->slow);
	if (g->fast != NULL)
		calendar_free(g->fast);
	if (calendar_new(&g->fast, NULL) != RC_OK)
		abort();
	for (int n = below(g, 900); n > 0; n--)
		change_day(g, below(g, SLOW_DAYS));
	if (one_in(g, 3)) {             /* a long holiday */
		int from = below(g, SLOW_DAYS - 40);
		for (int i = from; i < from + 30; i++)
			if (g->slow.day[i].works && g->slow.day[i].open[0] == 27000)
				g->slow.day[i].works = false;
	}
	bool gaps = one_in(g, 2);
	for (int y = SLOW_YEAR; y < SLOW_YEAR + SLOW_YEARS; y++) {
		bool gone = gaps && one_in(g, 6);
		for (int i = 0; gone && i < SLOW_DAYS; i++)
			if (g->slow.day[i].year == y)
				g->slow.day[i].known = false;
		if (!gone)
			hand_over(g, y);
	}
}

/* A year's new version while cases are open. */
static void change_calendar(struct draw *g)
{
	int at = below(g, SLOW_DAYS - 400);
	for (int n = 1 + below(g, 3); n > 0; n--)
		change_day(g, at + below(g, 30));
	for (int y = g->slow.day[at].year; y <= g->slow.day[at + 30].year; y++) {
		for (int i = 0; i < SLOW_DAYS; i++)
			if (g->slow.day[i].year == y)
				g->slow.day[i].known = true;
		hand_over(g, y);
	}
	g->d->changed++;
}

/* --- cases --- */

static long some_moment(struct draw *g, const struct slow_case *k, long from, long within)
{
	long t = from + (long)below(g, (int)(within / k->tick)) * k->tick;
	if (one_in(g, 4)) {             /* where the edges are */
		static const int edges[] = {0, 27000, 41400, 46800, 61200, 86340};
		t = t / 86400 * 86400 + edges[below(g, 6)];
	}
	return t < from ? from : t;
}

static void draw_case(struct draw *g, struct slow_case *k)
{
	*k = (struct slow_case){.tick = one_in(g, 100) ? 1 : 60, .unit = (enum slow_unit)(1 + below(g, 5))};
	bool timed = k->unit >= SLOW_HOUR, seconds = k->tick == 1;
	k->amount = 1 + below(g, k->unit == SLOW_MONTH ? 14 : seconds ? 3 : timed ? 40 : one_in(g, 20) ? 400 : 40);
	k->fixed = (k->unit == SLOW_CALENDAR || k->unit == SLOW_MONTH) && one_in(g, 4);
	k->deemed = !timed && one_in(g, 4);
	k->goes_on = one_in(g, 2);
	k->cap[0] = one_in(g, 30) ? 0 : 1 + below(g, seconds ? 2 : 30);
	k->cap[1] = one_in(g, 30) ? 0 : 1 + below(g, seconds ? 2 : 60);
	k->extend_times = one_in(g, 3) ? 0 : 1 + below(g, 3);
	k->extend_unit = (enum slow_unit)(timed ? SLOW_HOUR + below(g, 2) : 1 + below(g, 3));
	k->extend_most = k->extend_unit == SLOW_MONTH ? 2 : seconds ? 2 : 1 + below(g, 30);
	k->extend_from_raw = one_in(g, 2);
	/* The last two years are for what reaches far. */
	k->event = some_moment(g, k, 0, (long)(SLOW_YEARS - 4) * 365 * 86400);
	long reach = (k->amount + 5) * (k->unit == SLOW_MONTH ? 31L : timed ? 1L : 2L) * 86400L / (timed ? 4 : 1);
	for (int n = one_in(g, 2) ? 0 : 1 + below(g, SLOW_NOTES); k->pauses < n; k->pauses++) {
		long from = some_moment(g, k, k->event, reach);
		long to = one_in(g, 12) ? -1 : some_moment(g, k, from, one_in(g, 3) ? 40000 : 20 * 86400L);
		k->pause[k->pauses].kind = one_in(g, 4) ? 2 : below(g, 2);
		if (seconds && to > from + 2 * 86400)
			to = from + 2 * 86400;
		if (one_in(g, 300))
			to = from - 60;
		if (one_in(g, 300))
			from = k->event - 60;
		k->pause[k->pauses].from = from;
		k->pause[k->pauses].to = to;
	}
	for (int n = one_in(g, 2) ? 0 : 1 + below(g, SLOW_NOTES); k->extensions < n; k->extensions++) {
		k->extension[k->extensions].amount = one_in(g, 60) ? k->extend_most + 1 : 1 + below(g, k->extend_most);
		k->extension[k->extensions].at = some_moment(g, k, k->event, reach);
		if (k->extensions + 1 >= k->extend_times && !one_in(g, 10))
			n = 0;
		if (k->extend_times == 0)
			break;
	}
}

struct both {
	struct rule rule;
	struct pause pauses[SLOW_NOTES];
	struct extension extensions[SLOW_NOTES];
	struct clock_span span;
};

static void translate(const struct slow_case *k, struct both *b)
{
	*b = (struct both){0};
	b->rule = (struct rule){.name = STR("t"), .amount = k->amount, .unit = (enum rule_unit)k->unit,
		.fixed = k->fixed, .deemed_next = k->deemed,
		.reopen = k->goes_on ? REOPEN_continue : REOPEN_anew,
		.pause_days = {[PAUSE_resident] = k->cap[0], [PAUSE_authority] = k->cap[1]},
		.extend = {k->extend_times, k->extend_most, (enum rule_unit)k->extend_unit, k->extend_from_raw}};
	for (int i = 0; i < k->pauses; i++)
		b->pauses[i] = (struct pause){(enum pause_kind)(k->pause[i].kind + 1), moment(k->pause[i].from),
			k->pause[i].to < 0 && k->pause[i].to != k->pause[i].from - 60 ? 0 : moment(k->pause[i].to)};
	for (int i = 0; i < k->extensions; i++)
		b->extensions[i] = (struct extension){k->extension[i].amount, moment(k->extension[i].at)};
	b->span = (struct clock_span){&b->rule, moment(k->event), b->pauses, (size_t)k->pauses, b->extensions,
	                              (size_t)k->extensions};
}

static enum rc rc_of(enum slow_answer a)
{
	static const enum rc all[] = {RC_OK, RC_NONE, RC_INVALID, RC_REFUSED, RC_WAITING};
	return all[a];
}

static void differ(struct draw *g, const struct slow_case *k, const char *what, long fast, long slow)
{
	if (g->d->disagreements++ > 0)
		return;
	int n = snprintf(g->d->first, sizeof g->d->first,
		"%s: fast %ld, slow %ld; unit %d amount %d fixed %d deemed %d goes_on %d caps %d %d extend %d*%d unit %d "
		"raw %d event %ld tick %d", what, fast, slow, (int)k->unit, k->amount, k->fixed, k->deemed, k->goes_on,
		k->cap[0], k->cap[1], k->extend_times, k->extend_most, (int)k->extend_unit, k->extend_from_raw, k->event,
		k->tick);
	for (int i = 0; i < k->pauses && n > 0 && n < (int)sizeof g->d->first - 80; i++)
		n += snprintf(g->d->first + n, sizeof g->d->first - (size_t)n, " pause %d %ld-%ld", k->pause[i].kind,
		              k->pause[i].from, k->pause[i].to);
	for (int i = 0; i < k->extensions && n > 0 && n < (int)sizeof g->d->first - 80; i++)
		n += snprintf(g->d->first + n, sizeof g->d->first - (size_t)n, " extension %d at %ld",
		              k->extension[i].amount, k->extension[i].at);
}

/* The days told lead where the date says, each once, and each is what the arrays say of it. */
static void compare_trace(struct draw *g, const struct slow_case *k, const struct both *b, const struct due *due)
{
	struct arena a;
	struct trace_day *days = NULL;
	size_t n = 0, at = 0;
	const char *wrong = NULL;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (clock_trace(g->fast, &b->span, &a, &days, &n, NULL) != RC_OK || n == 0)
		differ(g, k, "trace", 0, 1);
	else if (days[n - 1].day != due->last_day)
		differ(g, k, "last day told", days[n - 1].day, due->last_day);
	for (size_t i = 1; i < n; i++)
		if (days[i].day != days[i - 1].day + 1 &&
		    !(days[i].day == days[i - 1].day && days[i].extension > days[i - 1].extension))
			differ(g, k, "days told", days[i].day, days[i - 1].day);
	if (n > 0 && (wrong = told_wrong(&g->slow, k, FIRST, days, n, &at)) != NULL)
		differ(g, k, wrong, at < n ? (long)days[at].why * 1000 + days[at].n : -1, at < n ? days[at].day - FIRST : -1);
	g->d->traces++;
	arena_release(&a);
}

/* The last moment of office hours before `at`, since the event; 0: there is none. */
static int64_t office_before(const struct draw *g, const struct slow_case *k, int64_t at)
{
	for (long day = (long)(day_of(at) - FIRST); day >= k->event / 86400; day--) {
		const struct slow_day *s = &g->slow.day[day];
		for (int h = 1; h >= 0 && s->known && s->works; h--) {
			int64_t open = moment(day * 86400 + s->open[h]), close = moment(day * 86400 + s->close[h]);
			if (open < close && open < at)
				return (close < at ? close : at) - 1;
		}
	}
	return 0;
}

static void compare_share(struct draw *g, const struct slow_case *k, const struct both *b,
                          const struct slow_due *slow)
{
	long now = some_moment(g, k, k->event, slow->due - k->event + 86400), used = 0, all = 0;
	struct share share = {0};
	enum rc rc = clock_share(g->fast, &b->span, moment(now), &share, NULL);
	enum slow_answer a = slow_used(&g->slow, k, now, &used, &all);
	g->d->shares++;
	if (rc != rc_of(a)) {
		differ(g, k, "share's answer", rc, rc_of(a));
		return;
	}
	if (rc == RC_OK && (share.used_us != used * US_SECOND || share.total_us != all * US_SECOND))
		differ(g, k, "share", (long)(share.used_us / US_SECOND), used);
	/* The moment at which a share is reached: then it is, and in office hours. */
	int64_t at = 0, open = 0;
	int percent = 1 + below(g, 100);
	if (rc != RC_OK || clock_reached(g->fast, &b->span, percent, &at, NULL) != RC_OK)
		return;
	if (due_office(g->fast, at, 0, &open, NULL) != RC_OK || open != at)
		differ(g, k, "reached outside office hours", (long)(at / US_SECOND), (long)(open / US_SECOND));
	if (clock_share(g->fast, &b->span, at, &share, NULL) != RC_OK || share.used_us * 100 < share.total_us * percent)
		differ(g, k, "reached too early", percent, 0);
	int64_t before = office_before(g, k, at);
	if (before != 0 && clock_share(g->fast, &b->span, before, &share, NULL) == RC_OK &&
	    share.used_us * 100 >= share.total_us * percent)
		differ(g, k, "reached too late", percent, (long)(before / US_SECOND));
}

static void compare(struct draw *g, const struct slow_case *k)
{
	struct both b;
	struct due fast = {0};
	struct slow_due slow = {0};
	translate(k, &b);
	enum rc rc = clock_due(g->fast, &b.span, &fast, NULL);
	enum slow_answer a = slow_reckon(&g->slow, k, &slow);
	g->d->cases++;
	g->d->answers[a]++;
	g->d->paused += k->pauses > 0;
	g->d->extended += k->extensions > 0;
	for (int i = 0; i < k->pauses; i++)
		g->d->reopened += k->pause[i].kind == 2;
	if (rc != rc_of(a)) {
		differ(g, k, "answer", rc, rc_of(a));
		return;
	}
	if (rc != RC_OK)
		return;
	if (fast.due_at != moment(slow.due))
		differ(g, k, "due", (long)(fast.due_at / 1000000), (long)(moment(slow.due) / 1000000));
	if (fast.last_day != FIRST + slow.last || fast.raw_day != FIRST + slow.raw)
		differ(g, k, "day", fast.last_day, FIRST + slow.last);
	if (one_in(g, 10))
		compare_trace(g, k, &b, &fast);
	if (k->tick == 60 && one_in(g, 20) && slow.due - k->event < 200L * 86400)
		compare_share(g, k, &b, &slow);
	long at = some_moment(g, k, slow.due, 40L * 86400);
	struct lateness late;
	if (clock_late(g->fast, &fast, moment(at), &late, NULL) == RC_OK &&
	    (late.working_days != slow_late_days(&g->slow, &slow, at) ||
	     late.calendar_days != (int)(at / 86400) - slow.last))
		differ(g, k, "late", late.working_days, slow_late_days(&g->slow, &slow, at));
}

void draw_and_compare(uint64_t seed, long cases, struct drawn *out)
{
	static const char *const zones[] = {"UTC", "America/Sao_Paulo", "Pacific/Apia"};
	struct draw *g = calloc(1, sizeof *g);
	if (g == NULL)
		abort();
	*out = (struct drawn){0};
	g->seed = seed;
	g->d = out;
	for (long done = 0; done < cases;) {
		(void)setenv("TZ", zones[done / CASES_OF_A_CALENDAR % 3], 1);
		tzset();
		new_calendar(g);
		for (int i = 0; i < CASES_OF_A_CALENDAR && done < cases; i++, done++) {
			struct slow_case k;
			draw_case(g, &k);
			compare(g, &k);
			if (i % 50 == 49) {     /* the same case before and after the change */
				change_calendar(g);
				compare(g, &k);
			}
		}
	}
	calendar_free(g->fast);
	free(g);
	(void)unsetenv("TZ");
	tzset();
}
