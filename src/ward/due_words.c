#include "ward/due_words.h"

#include "kit/base/text.h"
#include "ward/calendar/span.h"
#include "ward/fill.h"

void due_days_late(const struct request *q, int64_t due_at, int *working, int *calendar)
{
	struct lateness late;
	const struct due due = {.due_at = due_at, .last_day = day_of(due_at - 1)};
	*working = *calendar = 0;
	if (q->now < due_at)
		return;
	if (clock_late(q->app->calendar, &due, q->now, &late, NULL) == RC_OK) {
		*working = late.working_days;
		*calendar = late.calendar_days;
		return;
	}
	*working = -1;
	*calendar = day_of(q->now) - due.last_day;
}

static struct str days(const struct request *q, const char *key, int n)
{
	return text_fill(q->arena, request_text(q, arena_fmt(q->arena, n == 1 ? "%s.one" : "%s", key).p),
	                 &(struct filling){"n", text_count(q->arena, q->lang, n)}, 1);
}

struct str due_words(const struct request *q, int64_t due_at)
{
	int working, calendar;
	int32_t today = day_of(q->now), last = day_of(due_at - 1);
	if (q->now < due_at) {
		if (last == today)
			return request_text(q, "due.today");
		if (working_days_between(q->app->calendar, today, last, &working, NULL) == RC_OK)
			return days(q, "due.left", working);
		return days(q, "due.left.calendar", last - today);
	}
	due_days_late(q, due_at, &working, &calendar);
	if (working < 0)
		return days(q, "due.late.calendar", calendar);
	return text_fill(q->arena, request_text(q, "due.late"),
	                 (const struct filling[]){{"working", days(q, "due.working", working)},
	                                          {"calendar", days(q, "due.calendar", calendar)}}, 2);
}
