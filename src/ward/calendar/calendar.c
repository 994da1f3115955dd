/* Years of working and rest days, and the plain ways of counting. */
#include "ward/calendar/calendar_private.h"

#include <stdlib.h>
#include <string.h>

/* Old sets are never given back before the end: a calendar changes a few times a year. */
enum { CALENDAR_ARENA_MAX = 256 << 20 };

struct calendar {
	_Atomic(const struct years *) now;
	struct arena *arena, own;     /* where the years lie: its own, or somebody else's */
};

const struct years *years_now(const struct calendar *c)
{
	return atomic_load_explicit(&c->now, memory_order_acquire);
}

const struct calendar_year *years_year(const struct years *all, int year)
{
	return year >= CALENDAR_YEAR_MIN && year <= CALENDAR_YEAR_MAX ? all->of[year - CALENDAR_YEAR_MIN]
	                                                              : NULL;
}

static int32_t first_day(int year) { return day_from_date((struct date){year, 1, 1}); }

enum rc years_sort(const struct years *all, int32_t day, enum day_sort *out, struct fault *f)
{
	int year = date_from_day(day).year;
	const struct calendar_year *y = years_year(all, year);
	if (y == NULL)
		return fault_set(f, RC_NONE, "calendar %d missing", year);
	*out = (enum day_sort)y->days[day - first_day(year)];
	return RC_OK;
}

const struct calendar_day *years_listed(const struct years *all, int32_t day)
{
	const struct calendar_year *y = years_year(all, date_from_day(day).year);
	size_t low = 0, high = y != NULL ? y->listed_count : 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (y->listed[mid].day == day)
			return &y->listed[mid];
		if (y->listed[mid].day < day)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

enum rc years_hours(const struct years *all, int32_t day, const struct hours **out, size_t *n,
                    struct fault *f)
{
	enum day_sort sort = SORT_unknown;
	enum rc rc = years_sort(all, day, &sort, f);
	if (rc != RC_OK)
		return rc;
	const struct calendar_year *y = years_year(all, date_from_day(day).year);
	const struct calendar_day *own = years_listed(all, day);
	bool has_own = own != NULL && own->hours_count > 0;
	*out = has_own ? own->hours : y->office;
	*n = !sort_works(sort) ? 0 : has_own ? own->hours_count : y->office_count;
	return RC_OK;
}

enum rc years_move(const struct years *all, int32_t day, int32_t *out, struct fault *f)
{
	for (;; day++) {
		enum day_sort sort = SORT_unknown;
		enum rc rc = years_sort(all, day, &sort, f);
		if (rc != RC_OK)
			return rc;
		if (sort_works(sort)) {
			*out = day;
			return RC_OK;
		}
	}
}

/* --- asked of one day --- */

const struct calendar_year *calendar_year_of(const struct calendar *c, int year)
{
	return years_year(years_now(c), year);
}

bool calendar_has_year(const struct calendar *c, int year) { return calendar_year_of(c, year) != NULL; }

int calendar_reaches(const struct calendar *c, int year)
{
	const struct years *all = years_now(c);
	while (years_year(all, year) != NULL)
		year++;
	return year - 1;
}

enum day_sort calendar_sort(const struct calendar *c, int32_t day)
{
	enum day_sort sort = SORT_unknown;
	return years_sort(years_now(c), day, &sort, NULL) == RC_OK ? sort : SORT_unknown;
}

bool calendar_works(const struct calendar *c, int32_t day)
{
	enum day_sort sort = calendar_sort(c, day);
	if (sort == SORT_unknown)
		BUG("calendar of day %d missing", (int)day);
	return sort_works(sort);
}

bool calendar_to_confirm(const struct calendar *c, int32_t day)
{
	return calendar_sort(c, day) == SORT_to_confirm;
}

const struct calendar_day *calendar_listed(const struct calendar *c, int32_t day)
{
	return years_listed(years_now(c), day);
}

enum rc calendar_hours(const struct calendar *c, int32_t day, const struct hours **out, size_t *n,
                       struct fault *f)
{
	return years_hours(years_now(c), day, out, n, f);
}

/* --- counting --- */

enum rc due_working(const struct calendar *c, int32_t day0, int n, int32_t *out, struct fault *f)
{
	if (n < 0)
		BUG("a period of %d working days", n);
	const struct years *all = years_now(c);
	int32_t day = day0;
	for (int left = n; left > 0;) {
		enum day_sort sort = SORT_unknown;
		enum rc rc = years_sort(all, ++day, &sort, f);
		if (rc != RC_OK)
			return rc;
		left -= sort_works(sort);
	}
	*out = day;
	return RC_OK;
}

enum rc due_calendar(const struct calendar *c, int32_t day0, int n, int32_t *out, int32_t *raw,
                     struct fault *f)
{
	if (n < 0)
		BUG("a period of %d days", n);
	if (raw != NULL)
		*raw = day0 + n;
	return years_move(years_now(c), day0 + n, out, f);
}

int32_t day_add_months(int32_t day, int n)
{
	struct date d = date_from_day(day);
	int months = d.month - 1 + n;
	d.year += months / 12;
	d.month = months % 12 + 1;
	while (!date_valid(d))
		d.day--;
	return day_from_date(d);
}

enum rc due_month(const struct calendar *c, int32_t day0, int n, int32_t *out, int32_t *raw,
                  struct fault *f)
{
	if (n < 0)
		BUG("a period of %d months", n);
	int32_t end = day_add_months(day0, n);
	if (raw != NULL)
		*raw = end;
	return years_move(years_now(c), end, out, f);
}

enum rc working_days_between(const struct calendar *c, int32_t after, int32_t to, int *out,
                             struct fault *f)
{
	const struct years *all = years_now(c);
	int n = 0;
	for (int32_t day = after + 1; day <= to; day++) {
		enum day_sort sort = SORT_unknown;
		enum rc rc = years_sort(all, day, &sort, f);
		if (rc != RC_OK)
			return rc;
		n += sort_works(sort);
	}
	*out = n;
	return RC_OK;
}

/* --- the years that it holds --- */

static void begin(struct calendar *c, struct arena *a)
{
	struct years *none = ARENA_NEW(a, struct years);
	none->number = -1;
	c->arena = a;
	atomic_store_explicit(&c->now, none, memory_order_release);
}

enum rc calendar_new(struct calendar **out, struct fault *f)
{
	struct calendar *c = calloc(1, sizeof *c);
	if (c == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a calendar");
	arena_init(&c->own, CALENDAR_ARENA_MAX);
	begin(c, &c->own);
	*out = c;
	return RC_OK;
}

struct calendar *calendar_within(struct arena *a)
{
	struct calendar *c = ARENA_NEW(a, struct calendar);
	begin(c, a);
	return c;
}

void calendar_free(struct calendar *c)
{
	if (c != NULL)
		arena_release(&c->own);
	free(c);
}

int64_t calendar_number(const struct calendar *c) { return years_now(c)->number; }

void calendar_numbered(struct calendar *c, int64_t number)
{
	struct years *next = ARENA_NEW(c->arena, struct years);
	*next = *years_now(c);
	next->number = number;
	atomic_store_explicit(&c->now, next, memory_order_release);
}

void calendar_put(struct calendar *c, const struct calendar_year *y)
{
	if (y->year < CALENDAR_YEAR_MIN || y->year > CALENDAR_YEAR_MAX)
		BUG("a calendar of the year %d", y->year);
	struct calendar_year *own = ARENA_NEW(c->arena, struct calendar_year);
	*own = *y;
	own->source = arena_copy(c->arena, y->source);
	own->decision = arena_copy(c->arena, y->decision);
	own->listed = arena_array(c->arena, y->listed_count + 1, sizeof *own->listed);
	for (size_t i = 0; i < y->listed_count; i++) {
		own->listed[i] = y->listed[i];
		own->listed[i].name = arena_copy(c->arena, y->listed[i].name);
		own->listed[i].decision = arena_copy(c->arena, y->listed[i].decision);
	}
	struct years *next = ARENA_NEW(c->arena, struct years);
	*next = *years_now(c);
	next->of[y->year - CALENDAR_YEAR_MIN] = own;
	atomic_store_explicit(&c->now, next, memory_order_release);
}

enum rc calendar_with(const struct calendar *now, const struct calendar_year *y,
                      struct calendar **out, struct fault *f)
{
	struct calendar *c = NULL;
	enum rc rc = calendar_new(&c, f);
	if (rc != RC_OK)
		return rc;
	const struct years *all = years_now(now);
	for (int year = CALENDAR_YEAR_MIN; year <= CALENDAR_YEAR_MAX; year++)
		if (years_year(all, year) != NULL && year != y->year)
			calendar_put(c, years_year(all, year));
	calendar_put(c, y);
	*out = c;
	return RC_OK;
}
