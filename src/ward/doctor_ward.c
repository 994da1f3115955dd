/* What doctor sees of the wards: are there any, days off, jobs, backups. */
#include <string.h>
#include <sys/stat.h>

#include "ward/backup.h"
#include "ward/calendar/span.h"
#include "ward/doctor.h"

/* Kinds that nobody can report, since nobody would receive them. */
static void missing_units(struct doctor *d, const struct ward *w)
{
	const struct procedures *all = d->app->procedures;
	const struct procedure *kinds[CATEGORY_COUNT];
	int32_t today = day_of(d->now);
	size_t n = procedures_all(all, today, kinds, CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++) {
		int32_t from = procedure_withdrawn_from(all, w->id, kinds[i]->name);
		if ((from != 0 && today >= from) || !procedure_unit_missing(all, w->id, kinds[i], today))
			continue;
		found_text(d, LEVEL_wrong, "unit", "ward", w->name);
		found_more(d, "kind", kinds[i]->title[LANG_vi]);
		found_more(d, "unit", kinds[i]->unit);
	}
}

void check_wards(struct doctor *d)
{
	enum { MOST = 64 };
	const struct ward *wards[MOST];
	size_t n = ward_all(d->app->places, wards, MOST), before = d->count;
	for (size_t i = 0; i < n; i++) {
		struct area *areas;
		if (place_khu_vuc(d->app->places, d->arena, wards[i]->id, day_of(d->now), &areas) == 0)
			found_text(d, LEVEL_soon, "areas", "ward", wards[i]->name);
		missing_units(d, wards[i]);
		if (wards[i]->hotline.n == 0)
			found_text(d, LEVEL_soon, "hotline", "ward", wards[i]->name);
	}
	if (n == 0)
		found(d, LEVEL_wrong, "none");
	else if (d->count == before)
		found_number(d, LEVEL_fine, "fine", "count", (int64_t)n);
}

/* A report of today that could get no day by a rule, or none once it was extended as often as it may be. */
static const struct rule *reaching(const struct doctor *d, struct fault *f)
{
	const struct rule *all;
	int32_t today = day_of(d->now);
	size_t n = rules_all(d->app->rules, &all);
	for (size_t i = 0; i < n; i++) {
		struct extension more[RULE_EXTEND_MAX];
		struct clock_span s = {.rule = &all[i], .event_at = d->now, .extensions = more,
		                       .extension_count = (size_t)all[i].extend.times};
		struct due due;
		if (today < all[i].valid_from || (all[i].valid_to != 0 && today > all[i].valid_to))
			continue;
		for (int k = 0; k < all[i].extend.times; k++)
			more[k] = (struct extension){all[i].extend.amount, d->now};
		if (clock_due(d->app->calendar, &s, &due, f) == RC_NONE)
			return &all[i];
	}
	return NULL;
}

static int undecided(const struct calendar_year *y)
{
	int n = 0;
	for (size_t i = 0; y != NULL && i < y->listed_count; i++)
		n += y->listed[i].kind == DAY_to_confirm;
	return n;
}

/* Deadlines of the last months reach into the next year. */
void check_holidays(struct doctor *d)
{
	const struct calendar *c = d->app->calendar;
	struct date today = date_from_day(day_of(d->now));
	struct fault f = {0};
	bool near = today.month > 12 - (int)d->app->settings.calendar_months;
	const struct rule *rule = reaching(d, &f);
	int open = undecided(calendar_year_of(c, today.year + 1));
	if (!calendar_has_year(c, today.year)) {
		found_number(d, LEVEL_wrong, "missing", "year", today.year);
	} else if (!calendar_has_year(c, today.year + 1)) {
		found_number(d, near || rule != NULL ? LEVEL_wrong : LEVEL_soon, "missing", "year", today.year + 1);
	} else if (near && open > 0) {
		found_number(d, LEVEL_soon, "undecided", "year", today.year + 1);
		found_more(d, "count", arena_fmt(d->arena, "%d", open));
	} else if (rule == NULL) {
		found_number(d, LEVEL_fine, "fine", "year", calendar_reaches(c, today.year));
	}
	if (rule != NULL && calendar_has_year(c, today.year)) {
		found_text(d, LEVEL_wrong, "reaches", "rule", rule->name);
		found_more(d, "why", arena_copy(d->arena, str_of(f.text)));
	}
}

void check_jobs(struct doctor *d)
{
	struct outbox_counts n = {0};
	if (store_read(d->app->store, (struct ward_id){0}, d->arena, outbox_count, &n, NULL) != RC_OK) {
		found(d, LEVEL_wrong, "unknown");
		return;
	}
	if (n.dead > 0)
		found_number(d, LEVEL_soon, "dead", "count", n.dead);
	if (n.late > 0)
		found_number(d, LEVEL_wrong, "late", "count", n.late);
	if (n.dead == 0 && n.late == 0)
		found_number(d, LEVEL_fine, "fine", "count", n.waiting);
}

static bool same_disk(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev;
}

static void last_backup(struct doctor *d)
{
	struct backup_state s;
	enum rc rc = backup_state_read(&d->app->settings, d->arena, &s, NULL);
	if (rc == RC_NONE || (rc == RC_OK && s.good_at == 0 && !s.failed)) {
		found(d, LEVEL_wrong, "never");
		return;
	}
	if (rc != RC_OK) {
		found(d, LEVEL_wrong, "unknown");
		return;
	}
	if (s.failed)
		found_text(d, LEVEL_wrong, "failed", "why", s.error);
	int64_t days = s.good_at > 0 ? (d->now - s.good_at) / US_DAY : 0;
	if (s.good_at == 0)
		found(d, LEVEL_wrong, "never");
	else if (days >= 2)
		found_number(d, days >= 7 ? LEVEL_wrong : LEVEL_soon, "old", "days", days);
	if (s.same_place)
		found(d, LEVEL_wrong, "keys_beside");
	if (s.missing > 0)
		found_number(d, LEVEL_wrong, "missing", "count", s.missing);
}

void check_backup(struct doctor *d)
{
	const struct settings *s = &d->app->settings;
	size_t before = d->count;
	if (s->backup_dir[0] == '\0' || s->backup_keys_dir[0] == '\0' || s->backup_key[0] == '\0' ||
	    s->backup_keys_key[0] == '\0') {
		found(d, LEVEL_wrong, "unset");
		return;
	}
	if (strcmp(s->backup_dir, s->backup_keys_dir) == 0 || strcmp(s->backup_key, s->backup_keys_key) == 0)
		found(d, LEVEL_wrong, "keys_beside");
	if (same_disk(s->data, s->backup_dir))
		found_text(d, LEVEL_soon, "same_disk", "folder", str_of(s->backup_dir));
	last_backup(d);
	if (d->count == before)
		found(d, LEVEL_fine, "fine");
}
