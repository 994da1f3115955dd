/* Working days and office hours: years of days off and worked rest days, each with the decision that
 * made it, and the two plain ways of counting. A period with pauses and extensions is span.h's.
 * Civil Code 91/2015/QH13 articles 147 and 148: the day of receipt is day 0; a period ends at
 * 24:00 of its last day; one that ends on a rest day ends on the next working day.
 * All functions may run in any thread; none of them does I/O but calendar_load. */
#ifndef XOM_CALENDAR_CALENDAR_H
#define XOM_CALENDAR_CALENDAR_H

#include "ward/calendar/rules.h"

/* A year's rows are replaced whole (calendar_put), seen by everybody at once; what was handed out
 * stays until calendar_free. Each function reckons with the years as they were when it began. */
struct calendar;

enum { OFFICE_MAX = 4, CALENDAR_YEAR_MIN = 2000, CALENDAR_YEAR_MAX = 2100 };
/* Microseconds from the day's midnight, [from, to): 24:00 is US_DAY. */
struct hours {
	int64_t from, to;
};

/* What a listed day is. off: a rest day from Monday to Friday; to_confirm: the same, before the yearly
 * decision; worked: a working Saturday or Sunday; short: a weekday with office hours of its own. */
enum day_kind { DAY_off = 1, DAY_to_confirm, DAY_worked, DAY_short };
struct calendar_day {
	int32_t day;
	enum day_kind kind;
	struct str name;              /* "Quốc khánh"; may be empty */
	struct str decision;          /* number of the decision that made it; the year's when empty */
	int32_t decided_day;          /* its date, 0: not told */
	struct hours hours[OFFICE_MAX];
	size_t hours_count;           /* 0: the year's office hours */
};

struct calendar_year {
	int year, version;            /* version 0: read from a file */
	struct str source;
	struct str decision;          /* of all days that name none; may be empty */
	int32_t decided_day;
	struct hours office[OFFICE_MAX];
	size_t office_count;
	struct calendar_day *listed;  /* by day, each day once */
	size_t listed_count;
	uint8_t days[366];            /* enum day_sort, from 1 January; made by year_settle */
};

/* What a day is to whoever counts. */
enum day_sort {
	SORT_unknown, SORT_working, SORT_worked, SORT_weekend, SORT_holiday, SORT_to_confirm
};
static inline bool sort_works(enum day_sort s) { return s == SORT_working || s == SORT_worked; }

/* Every calendars/vn-YEAR.yaml of the folder: year, source, off, to_confirm, worked, hours, office …
 * (docs/calendar.md). Nothing is loaded when one file is wrong, or when there is none (RC_NONE). */
enum rc calendar_load(struct calendar **out, const char *dir, struct fault *f);
/* One year given as text, with the same checks: into a new calendar when *out is NULL, otherwise
 * added to *out, which stays as it was when the text is refused. `file` is named in faults. */
enum rc calendar_parse(struct calendar **out, const char *file, struct str yaml, struct fault *f);
enum rc calendar_new(struct calendar **out, struct fault *f);   /* without a year */
void calendar_free(struct calendar *c);
/* One without a year whose years lie in the arena and go with it: nobody gives it back. */
struct calendar *calendar_within(struct arena *a);
/* Which state of a database its years are (definition_number); -1: of none, but files, or a "what if". */
int64_t calendar_number(const struct calendar *c);
void calendar_numbered(struct calendar *c, int64_t number);

/* One year read into the arena; every fault is in `r`, the first in `f`. */
enum rc calendar_year_parse(struct yaml_reader *r, struct arena *a, const char *file, struct str yaml,
                            struct calendar_year **out, struct fault *f);
/* Sorts the listed days and makes `days` of them. RC_INVALID: a day that is not of this year, that its
 * line would not change, or that is listed twice; f->line is then its place in the list, from 1. */
enum rc calendar_year_settle(struct calendar_year *y, struct fault *f);
/* As YAML text that reads back the same. */
void calendar_year_write(const struct calendar_year *y, struct buf *out);
/* Copies the year in, in the place of another of that number. One thread at a time. */
void calendar_put(struct calendar *c, const struct calendar_year *y);
/* The calendar as it would be with that year: shares nothing, given back by calendar_free. */
enum rc calendar_with(const struct calendar *now, const struct calendar_year *y,
                      struct calendar **out, struct fault *f);
/* NULL when the year is missing. Borrowed until calendar_free. */
const struct calendar_year *calendar_year_of(const struct calendar *c, int year);

/* What differs between two of a year, by day: `was` or `is` is SORT_unknown never. */
struct calendar_change {
	int32_t day;
	enum day_sort was, is;
	bool hours;                   /* the office hours of that day differ */
	const struct calendar_day *before, *after;   /* NULL: not listed */
};
/* `before` may be NULL: a year that was missing, all of whose listed days are new. */
size_t calendar_diff(const struct calendar_year *before, const struct calendar_year *after,
                     struct arena *a, struct calendar_change **out);

bool calendar_has_year(const struct calendar *c, int year);
/* The last of the years that are there without a gap from `year` on; year - 1 when that is missing. */
int calendar_reaches(const struct calendar *c, int year);
bool calendar_works(const struct calendar *c, int32_t day);   /* BUG when the year is missing */
enum day_sort calendar_sort(const struct calendar *c, int32_t day);  /* SORT_unknown: missing */
/* The day is a rest day only until the yearly decision says so. */
bool calendar_to_confirm(const struct calendar *c, int32_t day);
/* The line that made the day what it is; NULL: none, or the year is missing. */
const struct calendar_day *calendar_listed(const struct calendar *c, int32_t day);
/* Office hours of a working day, none on a rest day. RC_NONE: the year is missing. */
enum rc calendar_hours(const struct calendar *c, int32_t day, const struct hours **out, size_t *n,
                       struct fault *f);

/* W(n): the n-th working day after day 0. RC_NONE with the fault "calendar 2027 missing" when a
 * year that is needed is not loaded. */
enum rc due_working(const struct calendar *c, int32_t day0, int n, int32_t *out, struct fault *f);
/* C(n): day 0 + n, moved to the next working day when it is a rest day; *raw (may be NULL) is the
 * day before moving. RC_NONE as above. */
enum rc due_calendar(const struct calendar *c, int32_t day0, int n, int32_t *out, int32_t *raw,
                     struct fault *f);
/* M(n): the same date n months on, else the last day of that month, then moved. */
enum rc due_month(const struct calendar *c, int32_t day0, int n, int32_t *out, int32_t *raw,
                  struct fault *f);
int32_t day_add_months(int32_t day, int n);    /* clamped to the month's end, not moved */
/* BH: the moment at which `us` microseconds inside office hours have passed since `from`; with 0 the
 * first moment inside office hours. */
enum rc due_office(const struct calendar *c, int64_t from, int64_t us, int64_t *out, struct fault *f);
/* Working days in (after, to]; 0 when `to` is not later. */
enum rc working_days_between(const struct calendar *c, int32_t after, int32_t to, int *out,
                             struct fault *f);
/* Due: the first microsecond after the last day (24:00), from the event's time: overdue is
 * now >= due_at. Without pauses and extensions; span.h has the whole. */
enum rc rule_due(const struct calendar *c, const struct rule *rule, int64_t event_at,
                 int64_t *due_at, int32_t *last_day, struct fault *f);

#endif
