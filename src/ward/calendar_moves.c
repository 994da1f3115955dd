#include "ward/calendar_moves.h"

#include <stdio.h>

#include "ward/flow/recalendar.h"

enum { WARDS_MAX = 4096, COUNTS_MAX = 1024 };

struct count {
	struct str kind;
	struct unit_id unit;
	int64_t n;
};
struct moves {
	struct app *app;
	int year, version;
	struct calendar_version read;
	struct calendar *next;
	int32_t from_day;
	struct arena arena;           /* what outlives a ward */
	struct unit *units;
	struct count counts[COUNTS_MAX];
	size_t unit_count, count_n;
	int64_t total;
};

static int failed(const struct fault *f)
{
	char line[900];
	(void)fprintf(stderr, "xom calendar: moves: %s\n", fault_describe(f, line, sizeof line));
	return 1;
}

static enum rc read_version(struct tx *tx, void *ctx, struct fault *f)
{
	struct moves *m = ctx;
	return calendar_version_read(tx, m->year, m->version, &m->read, f);
}

static struct str unit_slug(const struct moves *m, struct unit_id id)
{
	for (size_t i = 0; i < m->unit_count; i++)
		if (m->units[i].id.v == id.v)
			return m->units[i].slug;
	return STR("?");
}

static struct str date(struct arena *a, int64_t due)
{
	return due != 0 ? text_day_iso(a, day_of(due - 1)) : STR("no date");
}

static void count_in(struct moves *m, const struct moved_case *c)
{
	for (size_t i = 0; i < m->count_n; i++)
		if (m->counts[i].unit.v == c->unit.v && str_eq(m->counts[i].kind, c->kind)) {
			m->counts[i].n++;
			return;
		}
	if (m->count_n < COUNTS_MAX)
		m->counts[m->count_n++] = (struct count){arena_copy(&m->arena, c->kind), c->unit, 1};
}

static enum rc say_case(void *ctx, const struct moved_case *c, struct fault *f)
{
	struct moves *m = ctx;
	struct arena a;
	(void)f;
	arena_init(&a, 4096 * 4);
	(void)printf("  %.*s  %.*s → %.*s  %.*s, %.*s\n", PSTR(c->code), PSTR(date(&a, c->was)), PSTR(date(&a, c->is)),
	             PSTR(c->kind), PSTR(unit_slug(m, c->unit)));
	arena_release(&a);
	count_in(m, c);
	m->total++;
	return RC_OK;
}

static enum rc list(struct tx *tx, void *ctx, struct fault *f)
{
	struct moves *m = ctx;
	const struct recalendar r = {.w = &m->app->flow, .next = m->next, .from_day = m->from_day, .words = true,
	                             .each = say_case, .ctx = m};
	enum rc rc = unit_list(tx, &m->units, &m->unit_count, f);
	return rc == RC_OK ? recalendar_list(tx, &r, f) : rc;
}

static enum rc of_ward(struct moves *m, const struct ward *w, struct fault *f)
{
	struct arena a;
	arena_init(&a, (size_t)512 << 20);
	m->count_n = 0;
	m->total = 0;
	(void)printf("%.*s\n", PSTR(w->slug));
	enum rc rc = store_read(m->app->store, w->id, &a, list, m, f);
	for (size_t i = 0; rc == RC_OK && i < m->count_n; i++)
		(void)printf("  %lld × %.*s, %.*s\n", (long long)m->counts[i].n, PSTR(m->counts[i].kind),
		             PSTR(unit_slug(m, m->counts[i].unit)));
	if (rc == RC_OK)
		(void)printf("  %lld open case%s would move\n", (long long)m->total, m->total == 1 ? "" : "s");
	arena_release(&a);
	return rc;
}

enum rc calendar_moves_next(const struct calendar *now, const struct calendar_version *v, struct arena *a,
                            struct calendar **next, int32_t *from_day, struct fault *f)
{
	struct calendar_change *changes;
	*next = NULL;
	if (calendar_diff(calendar_year_of(now, v->year), v->days, a, &changes) == 0)
		return RC_NONE;
	/* A year that was missing gives dates to what had none, wherever those stand. */
	*from_day = calendar_has_year(now, v->year) ? changes[0].day : 0;
	return calendar_with(now, v->days, next, f);
}

static enum rc run(struct moves *m, struct fault *f)
{
	enum rc rc = store_read(m->app->store, (struct ward_id){0}, &m->arena, read_version, m, f);
	if (rc == RC_NONE)
		return fault_set(f, rc, "there is no version %d of %d", m->version, m->year);
	if (rc != RC_OK)
		return rc;
	rc = calendar_moves_next(m->app->calendar, &m->read, &m->arena, &m->next, &m->from_day, f);
	if (rc == RC_NONE) {
		(void)printf("its days are those that are reckoned with: nothing moves\n");
		return RC_OK;
	}
	const struct ward **all = arena_array(&m->arena, WARDS_MAX, sizeof *all);
	size_t wards = ward_all(m->app->places, all, WARDS_MAX);
	for (size_t i = 0; rc == RC_OK && i < wards; i++)
		rc = of_ward(m, all[i], f);
	calendar_free(m->next);
	return rc;
}

int calendar_moves(struct app *app, int year, int version)
{
	static struct moves m;
	struct fault f = {0};
	m = (struct moves){.app = app, .year = year, .version = version};
	arena_init(&m.arena, (size_t)16 << 20);
	enum rc rc = run(&m, &f);
	arena_release(&m.arena);
	return rc == RC_OK ? 0 : failed(&f);
}
