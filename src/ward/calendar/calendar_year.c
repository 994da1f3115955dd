/* One year: from and to YAML, its days settled, and what differs between two of it. */
#include "ward/calendar/calendar_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"

enum { CALENDAR_FILE_MAX = 64 << 10, CALENDAR_TEXT_MAX = 300 };

static int32_t first_day(int year) { return day_from_date((struct date){year, 1, 1}); }

static int by_day(const void *x, const void *y)
{
	const struct calendar_day *a = x, *b = y;
	return (a->day > b->day) - (a->day < b->day);
}

/* What the line would not change is a mistake of whoever wrote it (a weekend as a day off, a weekday
 * as worked, a day twice), most often a wrong date. */
static enum rc settle_day(struct calendar_year *y, const struct calendar_day *d, struct fault *f)
{
	struct date date = date_from_day(d->day);
	int place = (int)(d - y->listed) + 1;
	const char *text = NULL;
	bool weekend = day_weekday(d->day) >= 6;
	if (date.year != y->year)
		return fault_at(f, RC_INVALID, "", place, "", "%04d-%02d-%02d is not in %d", date.year, date.month,
		                date.day, y->year);
	uint8_t *at = &y->days[d->day - first_day(y->year)];
	if (weekend != (d->kind == DAY_worked))
		text = d->kind == DAY_short ? "is a weekend day: say its hours where it is listed as worked"
		       : weekend            ? "is a weekend day and needs no line here"
		                            : "is a weekday and needs no line here";
	for (const struct calendar_day *e = y->listed; text == NULL && e < d; e++)
		if (e->day == d->day)
			text = "is listed twice";
	if (text == NULL && d->kind == DAY_short && d->hours_count == 0)
		text = "has no hours of its own";
	if (text == NULL && (d->kind == DAY_off || d->kind == DAY_to_confirm) && d->hours_count > 0)
		text = "is a day of rest and has no office hours";
	if (text != NULL)
		return fault_at(f, RC_INVALID, "", place, "", "%04d-%02d-%02d %s", date.year, date.month,
		                date.day, text);
	*at = (uint8_t)(d->kind == DAY_off ? SORT_holiday : d->kind == DAY_to_confirm ? SORT_to_confirm
	                : d->kind == DAY_worked                                       ? SORT_worked
	                                                                              : SORT_working);
	return RC_OK;
}

enum rc calendar_year_settle(struct calendar_year *y, struct fault *f)
{
	int32_t first = first_day(y->year);
	for (int32_t i = 0; i < 366; i++)
		y->days[i] = day_weekday(first + i) <= 5 ? SORT_working : SORT_weekend;
	for (size_t i = 0; i < y->listed_count; i++) {
		enum rc rc = settle_day(y, &y->listed[i], f);
		if (rc != RC_OK)
			return rc;
	}
	if (y->listed_count > 1)
		qsort(y->listed, y->listed_count, sizeof *y->listed, by_day);
	return RC_OK;
}

/* --- from YAML --- */

static bool two_digits(struct str s, size_t from, int64_t *out)
{
	return str_sub(s, from, 2).n == 2 && s.p[from] >= '0' && s.p[from] <= '9' &&
	       str_i64(str_sub(s, from, 2), out);
}

/* "07:30-11:30"; 24:00 is the day's end. */
static bool hours_parse(struct str s, struct hours *out)
{
	int64_t h1, m1, h2, m2;
	if (s.n != 11 || s.p[2] != ':' || s.p[5] != '-' || s.p[8] != ':' || !two_digits(s, 0, &h1) ||
	    !two_digits(s, 3, &m1) || !two_digits(s, 6, &h2) || !two_digits(s, 9, &m2) || m1 > 59 || m2 > 59)
		return false;
	*out = (struct hours){h1 * US_HOUR + m1 * US_MINUTE, h2 * US_HOUR + m2 * US_MINUTE};
	return out->from < out->to && out->to <= US_DAY;
}

static size_t read_hours(struct yaml_reader *r, const struct ynode *list, struct hours out[OFFICE_MAX])
{
	size_t n = list != NULL ? y_count(list) : 0;
	if (list != NULL && (n == 0 || n > OFFICE_MAX))
		y_fault(r, list, "must have one to %d spans like 07:30-11:30", OFFICE_MAX);
	for (size_t i = 0; i < n && i < OFFICE_MAX; i++) {
		const struct ynode *item = y_item(list, i);
		if (y_type(item) != Y_SCALAR || !hours_parse(y_text(r, item), &out[i]))
			y_fault(r, item, "must be a span of the day like 07:30-11:30");
		else if (i > 0 && out[i].from < out[i - 1].to)
			y_fault(r, item, "begins before the span before it has ended");
	}
	return n < OFFICE_MAX ? n : OFFICE_MAX;
}

/* As every text of people: in one line, nothing unseen in it, identity numbers masked. What was stored that way reads
 * back the same. */
static struct str clean_text(struct yaml_reader *r, const struct ynode *map, const char *key, struct str s, size_t max)
{
	struct str out = STR_EMPTY;
	enum rc rc = text_clean(r->arena, s, TEXT_LINE, max, &out);
	if (rc == RC_TOO_BIG)
		y_fault_at(r, map, key, "is longer than %zu characters", max);
	else if (rc != RC_OK)
		y_fault_at(r, map, key, "is not text in UTF-8");
	return out;
}

static struct str short_text(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return clean_text(r, map, key, y_opt_str(r, map, key), CALENDAR_TEXT_MAX);
}

/* A day alone, or a map that also says what it is and by which decision. */
static void read_day(struct yaml_reader *r, const struct ynode *item, struct calendar_day *out)
{
	static const char *const keys[] = {"day", "name", "decision", "decided", "hours", NULL};
	if (y_type(item) == Y_MAP) {
		y_only(r, item, keys);
		out->day = y_need_day(r, item, "day");
		out->name = short_text(r, item, "name");
		out->decision = short_text(r, item, "decision");
		out->decided_day = y_get(item, "decided") != NULL ? y_need_day(r, item, "decided") : 0;
		out->hours_count = read_hours(r, y_opt_list(r, item, "hours"), out->hours);
		return;
	}
	if (!day_parse(y_type(item) == Y_SCALAR ? y_text(r, item) : STR_EMPTY, &out->day))
		y_fault(r, item, "must be a day like 2026-09-02");
}

static void read_days(struct yaml_reader *r, const struct ynode *list, struct calendar_year *y,
                      enum day_kind kind, const struct ynode **nodes)
{
	size_t n = list != NULL ? y_count(list) : 0;
	for (size_t i = 0; i < n; i++) {
		struct calendar_day *d = &y->listed[y->listed_count];
		size_t before = r->fault_count;
		*d = (struct calendar_day){.kind = kind};
		read_day(r, y_item(list, i), d);
		if (r->fault_count == before)
			nodes[y->listed_count++] = y_item(list, i);
	}
}

static void read_year(struct yaml_reader *r, const struct ynode *root, struct calendar_year *y)
{
	static const char *const keys[] = {"year", "source", "decision", "decided", "office",
	                                   "off", "to_confirm", "worked", "hours", NULL};
	static const struct hours office[] = {{450 * US_MINUTE, 690 * US_MINUTE}, {13 * US_HOUR, 17 * US_HOUR}};
	y_only(r, root, keys);
	y->year = (int)y_need_int(r, root, "year", CALENDAR_YEAR_MIN, CALENDAR_YEAR_MAX);
	y->source = clean_text(r, root, "source", y_need_str(r, root, "source"), CALENDAR_FILE_MAX);
	if (y->source.n == 0)
		y->source = STR("–");         /* nothing that can be seen: as of a copy */
	y->decision = short_text(r, root, "decision");
	y->decided_day = y_get(root, "decided") != NULL ? y_need_day(r, root, "decided") : 0;
	y->office_count = read_hours(r, y_opt_list(r, root, "office"), y->office);
	if (y_get(root, "office") == NULL) {
		y->office[0] = office[0];
		y->office[1] = office[1];
		y->office_count = 2;
	}
	const struct ynode *lists[] = {y_need_list(r, root, "off"), y_opt_list(r, root, "to_confirm"),
	                               y_opt_list(r, root, "worked"), y_opt_list(r, root, "hours")};
	if (r->fault_count > 0)
		return;
	size_t n = 0;
	for (size_t i = 0; i < 4; i++)
		n += lists[i] != NULL ? y_count(lists[i]) : 0;
	y->listed = arena_array(r->arena, n + 1, sizeof *y->listed);
	const struct ynode **nodes = arena_array(r->arena, n + 1, sizeof *nodes);
	for (size_t i = 0; i < 4; i++)
		read_days(r, lists[i], y, (enum day_kind)(i + 1), nodes);
	/* Each wrong day is named; without it the others can be looked at. */
	struct fault one = {0};
	size_t left = y->listed_count;
	struct calendar_day *all = y->listed;
	while (calendar_year_settle(y, &one) != RC_OK) {
		size_t at = (size_t)one.line - 1;
		y_fault(r, nodes[at], "%s", one.text);
		for (size_t i = at; i + 1 < left; i++) {
			all[i] = all[i + 1];
			nodes[i] = nodes[i + 1];
		}
		y->listed_count = --left;
	}
}

enum rc calendar_year_parse(struct yaml_reader *r, struct arena *a, const char *file, struct str yaml,
                            struct calendar_year **out, struct fault *f)
{
	struct calendar_year *y = ARENA_NEW(a, struct calendar_year);
	const struct ynode *root = yaml_parse(r, a, file, yaml);
	if (root != NULL && y_type(root) != Y_MAP)
		y_fault(r, root, "must be a map with year, source, off");
	else if (root != NULL)
		read_year(r, root, y);
	if (root == NULL || r->fault_count > 0) {
		if (f != NULL) {
			*f = r->faults[0];
			f->rc = RC_SYNTAX;
		}
		return RC_SYNTAX;
	}
	*out = y;
	return RC_OK;
}

enum rc calendar_parse(struct calendar **out, const char *file, struct str yaml, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct yaml_reader r = {0};
	struct calendar_year *y = NULL;
	enum rc rc = calendar_year_parse(&r, &a, file, yaml, &y, f);
	if (rc == RC_OK && *out != NULL && calendar_has_year(*out, y->year))
		rc = fault_at(f, RC_SYNTAX, file, 0, "year", "the year %d is given twice", y->year);
	if (rc == RC_OK && *out == NULL)
		rc = calendar_new(out, f);
	if (rc == RC_OK)
		calendar_put(*out, y);
	arena_release(&a);
	return rc;
}

/* --- to YAML --- */

static void write_day(struct buf *b, const char *key, int32_t day)
{
	struct date d = date_from_day(day);
	buf_addf(b, "%s%04d-%02d-%02d", key, d.year, d.month, d.day);
}

void quoted_write(struct buf *b, const char *key, struct str s)
{
	buf_addf(b, "%s'", key);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_addz(b, "'");
		buf_add(b, str_n(s.p[i] == '\n' ? " " : s.p + i, 1));
	}
	buf_addz(b, "'");
}

static void write_hours(struct buf *b, const char *key, const struct hours *h, size_t n)
{
	buf_addf(b, "%s[", key);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s\"%02d:%02d-%02d:%02d\"", i > 0 ? ", " : "", (int)(h[i].from / US_HOUR),
		         (int)(h[i].from / US_MINUTE % 60), (int)(h[i].to / US_HOUR),
		         (int)(h[i].to / US_MINUTE % 60));
	buf_addz(b, "]");
}

void calendar_year_write(const struct calendar_year *y, struct buf *out)
{
	static const char *const names[] = {"off", "to_confirm", "worked", "hours"};
	buf_addf(out, "year: %d\n", y->year);
	quoted_write(out, "source: ", y->source);
	if (y->decision.n > 0)
		quoted_write(out, "\ndecision: ", y->decision);
	if (y->decided_day != 0)
		write_day(out, "\ndecided: ", y->decided_day);
	write_hours(out, "\noffice: ", y->office, y->office_count);
	for (int k = DAY_off; k <= DAY_short; k++) {
		bool any = false;
		buf_addf(out, "\n%s:", names[k - 1]);
		for (size_t i = 0; i < y->listed_count; i++) {
			const struct calendar_day *d = &y->listed[i];
			if (d->kind != (enum day_kind)k)
				continue;
			any = true;
			write_day(out, "\n  - {day: ", d->day);
			if (d->name.n > 0)
				quoted_write(out, ", name: ", d->name);
			if (d->decision.n > 0)
				quoted_write(out, ", decision: ", d->decision);
			if (d->decided_day != 0)
				write_day(out, ", decided: ", d->decided_day);
			if (d->hours_count > 0)
				write_hours(out, ", hours: ", d->hours, d->hours_count);
			buf_addz(out, "}");
		}
		if (!any)
			buf_addz(out, " []");
	}
	buf_addz(out, "\n");
}

/* --- the shipped files --- */

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

/* --- what differs --- */

static bool same_hours(const struct calendar_year *x, const struct calendar_day *a,
                       const struct calendar_year *y, const struct calendar_day *b)
{
	bool own_a = a != NULL && a->hours_count > 0, own_b = b != NULL && b->hours_count > 0;
	const struct hours *p = own_a ? a->hours : x->office, *q = own_b ? b->hours : y->office;
	size_t n = own_a ? a->hours_count : x->office_count;
	if (n != (own_b ? b->hours_count : y->office_count))
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i].from != q[i].from || p[i].to != q[i].to)
			return false;
	return true;
}

static const struct calendar_day *line_of(const struct calendar_year *y, int32_t day)
{
	for (size_t i = 0; i < y->listed_count; i++)
		if (y->listed[i].day == day)
			return &y->listed[i];
	return NULL;
}

size_t calendar_diff(const struct calendar_year *before, const struct calendar_year *after,
                     struct arena *a, struct calendar_change **out)
{
	struct calendar_year plain = {.year = after->year, .office_count = after->office_count};
	memcpy(plain.office, after->office, sizeof plain.office);
	if (before == NULL && calendar_year_settle(&plain, NULL) == RC_OK)
		before = &plain;
	struct calendar_change *list = arena_array(a, 366, sizeof *list);
	size_t n = 0;
	int32_t first = first_day(after->year), end = first_day(after->year + 1);
	for (int32_t day = first; day < end; day++) {
		const struct calendar_day *was = line_of(before, day), *is = line_of(after, day);
		enum day_sort s = (enum day_sort)before->days[day - first];
		enum day_sort t = (enum day_sort)after->days[day - first];
		bool hours = sort_works(s) && sort_works(t) && !same_hours(before, was, after, is);
		if (s != t || hours)
			list[n++] = (struct calendar_change){day, s, t, hours, was, is};
	}
	*out = list;
	return n;
}
