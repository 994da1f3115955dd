/* Working days and deadlines: pure functions over a calendar that was loaded before.
 * Civil Code 91/2015/QH13 articles 147 and 148: the day of receipt is day 0; a period ends at
 * 24:00 of its last day; one that ends on a rest day ends on the next working day.
 * Rules are dated rows of calendars/rules.yaml, each with its legal source. */
#ifndef XOM_CALENDAR_CALENDAR_H
#define XOM_CALENDAR_CALENDAR_H

#include "kit/base/clock.h"
#include "kit/base/yaml.h"

struct calendar;   /* years with days off and worked rest days; immutable, shared by threads */

/* Every calendars/vn-YEAR.yaml of the folder: year, source, off (days of rest from Monday to
 * Friday), to_confirm (the same, before the yearly decision), worked (weekend days that are worked).
 * Nothing is loaded when one file is wrong, or when there is none (RC_NONE). */
enum rc calendar_load(struct calendar **out, const char *dir, struct fault *f);
/* One year given as text, with the same checks: into a new calendar when *out is NULL, otherwise
 * added to *out, which stays as it was when the text is refused. `file` is named in faults. */
enum rc calendar_parse(struct calendar **out, const char *file, struct str yaml, struct fault *f);
void calendar_free(struct calendar *c);

bool calendar_has_year(const struct calendar *c, int year);
bool calendar_works(const struct calendar *c, int32_t day);   /* BUG when the year is missing */
/* The day is a rest day only until the yearly decision says so. */
bool calendar_to_confirm(const struct calendar *c, int32_t day);

/* W(n): the n-th working day after day 0. RC_NONE with the fault "calendar 2027 missing" when a
 * year that is needed is not loaded. */
enum rc due_working(const struct calendar *c, int32_t day0, int n, int32_t *out, struct fault *f);
/* C(n): day 0 + n, moved to the next working day when it is a rest day; *raw (may be NULL) is the
 * day before moving. RC_NONE as above. */
enum rc due_calendar(const struct calendar *c, int32_t day0, int n, int32_t *out, int32_t *raw,
                     struct fault *f);

enum rule_unit { RULE_working_day = 1, RULE_calendar_day };
struct rule {
	struct str name;              /* "close.lighting" */
	int amount;
	enum rule_unit unit;
	struct str event;             /* what day 0 is: "receipt", "closing", … */
	struct str source;            /* law or decision with number, or "setting of the ward" */
	int32_t valid_from, valid_to; /* by the day of the event, both included; valid_to 0: still */
	bool verified;                /* false: shown as a setting, never as a claim of law */
	bool deemed_next;             /* an event on a rest day counts as of the next working day */
	bool fixed;                   /* calendar days only: the last day is not moved off a rest day,
	                                 so that no calendar of that year is needed (retention) */
};
struct rules;
/* All or nothing; the fault is the first one of the file. */
enum rc rules_load(struct rules **out, const char *file, struct fault *f);
void rules_free(struct rules *r);
/* The row of that name valid on the day. RC_NONE. Borrowed until rules_free. */
enum rc rule_find(const struct rules *r, struct str name, int32_t day, const struct rule **out);
size_t rules_all(const struct rules *r, const struct rule **out);
/* Due: the first microsecond after the last day (24:00), from the event's time: overdue is
 * now >= due_at. */
enum rc rule_due(const struct calendar *c, const struct rule *rule, int64_t event_at,
                 int64_t *due_at, int32_t *last_day, struct fault *f);

#endif
