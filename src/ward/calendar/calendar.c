/* Years of working and rest days, and the two ways of counting. */
#include "ward/calendar/calendar.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CALENDAR_FILE_MAX = 64 << 10 };
enum kind_of_day { DAY_REST, DAY_WORK, DAY_REST_TO_CONFIRM };

struct year {
	int year;
	uint8_t days[366];   /* enum kind_of_day, from 1 January */
};

struct calendar {
	struct year *years;
	size_t count;
};

static struct year *year_of(const struct calendar *c, int year)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->years[i].year == year)
			return &c->years[i];
	return NULL;
}

static int32_t first_day(int year) { return day_from_date((struct date){year, 1, 1}); }

bool calendar_has_year(const struct calendar *c, int year) { return year_of(c, year) != NULL; }

/* RC_NONE when the day's year is not loaded. */
static enum rc kind_of(const struct calendar *c, int32_t day, enum kind_of_day *out, struct fault *f)
{
	int year = date_from_day(day).year;
	const struct year *y = year_of(c, year);
	if (y == NULL)
		return fault_set(f, RC_NONE, "calendar %d missing", year);
	*out = y->days[day - first_day(year)];
	return RC_OK;
}

bool calendar_works(const struct calendar *c, int32_t day)
{
	enum kind_of_day kind = DAY_REST;
	if (kind_of(c, day, &kind, NULL) != RC_OK)
		BUG("calendar of day %d missing", (int)day);
	return kind == DAY_WORK;
}

bool calendar_to_confirm(const struct calendar *c, int32_t day)
{
	enum kind_of_day kind = DAY_REST;
	return kind_of(c, day, &kind, NULL) == RC_OK && kind == DAY_REST_TO_CONFIRM;
}

enum rc due_working(const struct calendar *c, int32_t day0, int n, int32_t *out, struct fault *f)
{
	if (n < 0)
		BUG("a period of %d working days", n);
	int32_t day = day0;
	for (int left = n; left > 0;) {
		enum kind_of_day kind = DAY_REST;
		enum rc rc = kind_of(c, ++day, &kind, f);
		if (rc != RC_OK)
			return rc;
		left -= kind == DAY_WORK;
	}
	*out = day;
	return RC_OK;
}

/* The day itself, or the first working day after it. */
static enum rc move(const struct calendar *c, int32_t day, int32_t *out, struct fault *f)
{
	for (;; day++) {
		enum kind_of_day kind = DAY_REST;
		enum rc rc = kind_of(c, day, &kind, f);
		if (rc != RC_OK)
			return rc;
		if (kind == DAY_WORK) {
			*out = day;
			return RC_OK;
		}
	}
}

enum rc due_calendar(const struct calendar *c, int32_t day0, int n, int32_t *out, int32_t *raw,
                     struct fault *f)
{
	if (n < 0)
		BUG("a period of %d days", n);
	if (raw != NULL)
		*raw = day0 + n;
	return move(c, day0 + n, out, f);
}

enum rc rule_due(const struct calendar *c, const struct rule *rule, int64_t event_at,
                 int64_t *due_at, int32_t *last_day, struct fault *f)
{
	int32_t day0 = day_of(event_at), last = 0;
	enum rc rc = RC_OK;
	if (rule->deemed_next)
		rc = move(c, day0, &day0, f);
	if (rc != RC_OK)
		return rc;
	if (rule->unit == RULE_working_day)
		rc = due_working(c, day0, rule->amount, &last, f);
	else if (rule->fixed)
		last = day0 + rule->amount;
	else
		rc = due_calendar(c, day0, rule->amount, &last, NULL, f);
	if (rc != RC_OK)
		return rc;
	if (last_day != NULL)
		*last_day = last;
	if (due_at != NULL)
		*due_at = day_start(last + 1);
	return RC_OK;
}

/* Marks the listed days. What the line would not change is a mistake of whoever wrote the file (a
 * weekend as a day off, a weekday as worked, a day twice), most often a wrong date. */
static void mark(struct yaml_reader *r, const struct ynode *list, struct year *y,
                 enum kind_of_day kind)
{
	size_t n = list != NULL ? y_count(list) : 0;
	for (size_t i = 0; i < n; i++) {
		const struct ynode *item = y_item(list, i);
		struct str s = y_type(item) == Y_SCALAR ? y_text(r, item) : STR_EMPTY;
		int32_t day;
		if (!day_parse(s, &day)) {
			y_fault(r, item, "must be a day like 2026-09-02");
			continue;
		}
		if (date_from_day(day).year != y->year) {
			y_fault(r, item, "%.*s is not in %d", PSTR(s), y->year);
			continue;
		}
		uint8_t *at = &y->days[day - first_day(y->year)];
		bool weekend = day_weekday(day) >= 6;
		if (weekend != (kind == DAY_WORK))
			y_fault(r, item, "%.*s is a %s and needs no line here", PSTR(s),
			        weekend ? "weekend day" : "weekday");
		else if ((*at == DAY_WORK) != !weekend)
			y_fault(r, item, "%.*s is listed twice", PSTR(s));
		else
			*at = (uint8_t)kind;
	}
}

static void read_year(struct yaml_reader *r, const struct ynode *root, struct year *y)
{
	static const char *const keys[] = {"year", "source", "off", "to_confirm", "worked", NULL};
	y_only(r, root, keys);
	y->year = (int)y_need_int(r, root, "year", 2000, 2100);
	(void)y_need_str(r, root, "source");
	if (r->fault_count > 0)
		return;
	int32_t first = first_day(y->year);
	for (int32_t i = 0; i < 366; i++)
		y->days[i] = day_weekday(first + i) <= 5 ? DAY_WORK : DAY_REST;
	mark(r, y_need_list(r, root, "off"), y, DAY_REST);
	mark(r, y_opt_list(r, root, "to_confirm"), y, DAY_REST_TO_CONFIRM);
	mark(r, y_opt_list(r, root, "worked"), y, DAY_WORK);
}

static enum rc add_year(struct calendar **out, const struct year *y, const char *file,
                        struct fault *f)
{
	if (*out != NULL && calendar_has_year(*out, y->year))
		return fault_at(f, RC_SYNTAX, file, 0, "year", "the year %d is given twice", y->year);
	struct calendar *c = *out != NULL ? *out : calloc(1, sizeof *c);
	if (c == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a calendar");
	struct year *years = reallocarray(c->years, c->count + 1, sizeof *years);
	if (years == NULL) {
		if (*out == NULL)
			free(c);
		return fault_set(f, RC_NOMEM, "no memory for a calendar");
	}
	c->years = years;
	c->years[c->count++] = *y;
	*out = c;
	return RC_OK;
}

enum rc calendar_parse(struct calendar **out, const char *file, struct str yaml, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct yaml_reader r = {0};
	struct year y = {0};
	const struct ynode *root = yaml_parse(&r, &a, file, yaml);
	if (root != NULL && y_type(root) != Y_MAP)
		y_fault(&r, root, "must be a map with year, source, off");
	else if (root != NULL)
		read_year(&r, root, &y);
	enum rc rc = RC_OK;
	if (root == NULL || r.fault_count > 0) {
		rc = RC_SYNTAX;
		if (f != NULL) {
			*f = r.faults[0];
			f->rc = rc;
		}
	} else {
		rc = add_year(out, &y, file, f);
	}
	arena_release(&a);
	return rc;
}

static int is_calendar(const struct dirent *e)
{
	struct str name = str_of(e->d_name);
	return str_starts(name, STR("vn-")) && str_ends(name, STR(".yaml"));
}

/* The name says the year, so that a copied file with the old year inside is found. */
static enum rc load_file(struct calendar **c, struct arena *a, const char *dir, const char *name,
                         struct fault *f)
{
	int64_t year;
	struct str digits = str_sub(str_of(name), 3, strlen(name) - 8);
	if (digits.n != 4 || !str_i64(digits, &year))
		return fault_at(f, RC_SYNTAX, name, 0, "", "must be named like vn-2026.yaml");
	struct str bytes;
	struct str path = arena_fmt(a, "%s/%s", dir, name);
	enum rc rc = file_read(a, path.p, CALENDAR_FILE_MAX, &bytes, f);
	if (rc == RC_OK)
		rc = calendar_parse(c, name, bytes, f);
	if (rc == RC_OK && !calendar_has_year(*c, (int)year))
		rc = fault_at(f, RC_SYNTAX, name, 0, "year", "is not the year of the file's name");
	return rc;
}

enum rc calendar_load(struct calendar **out, const char *dir, struct fault *f)
{
	*out = NULL;
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_calendar, alphasort);
	if (n < 0)
		return fault_set(f, RC_IO, "cannot read the folder %s: %s", dir, strerror(errno));
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct calendar *c = NULL;
	enum rc rc = n > 0 ? RC_OK : fault_set(f, RC_NONE, "no calendar vn-YEAR.yaml in %s", dir);
	for (int i = 0; i < n; i++) {
		if (rc == RC_OK)
			rc = load_file(&c, &a, dir, names[i]->d_name, f);
		free(names[i]);
	}
	free(names);
	arena_release(&a);
	if (rc != RC_OK)
		calendar_free(c);
	else
		*out = c;
	return rc;
}

void calendar_free(struct calendar *c)
{
	if (c != NULL)
		free(c->years);
	free(c);
}
