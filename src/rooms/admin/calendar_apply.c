/* A confirmed version, before it is applied: which dates of open cases it would move, from when to when, and how far
 * moving them is afterwards. Counted are the cases that anyone can open (docs/permissions.md, row 63): what has no
 * public page, and each matter about somebody who works here, is in no number of this page. */
#include <inttypes.h>

#include "kit/base/hash.h"
#include "rooms/admin/calendar_apply.h"
#include "ward/calendar_moves.h"
#include "ward/fill.h"
#include "ward/flow/recalendar.h"
#include "ward/recalendar_job.h"

enum { DAYS_MAX = 200, KINDS_MAX = 400, REFRESH_S = 3, TOLD_DAYS = 7, WORDS_MAX = 17 };

/* From a day to a day; 0: no date. */
struct from_to {
	int32_t was, is;
	int64_t n;
};
struct of_unit {
	const struct procedure *procedure;
	struct unit_id unit;
	int64_t n;
};
struct calendar_moves {
	bool any;                     /* its days differ from those that are reckoned with */
	struct from_to days[DAYS_MAX];
	struct of_unit units[KINDS_MAX];
	size_t day_count, unit_count;
	int64_t total, more, lost, given; /* more: from_to beyond the table; lost, given: a date */
	struct recalendar_state state;
	struct unit *names;
	size_t name_count;
	char mark[WORDS_MAX];
};

static int32_t last_day(int64_t due) { return due != 0 ? day_of(due - 1) : 0; }

static enum rc count_in(void *ctx, const struct moved_case *c, struct fault *f)
{
	struct calendar_moves *m = ctx;
	size_t i = 0;
	(void)f;
	if (!c->open_to_all)
		return RC_OK;
	m->total++;
	m->lost += c->is == 0;
	m->given += c->was == 0;
	const int32_t was = last_day(c->was), is = last_day(c->is);
	while (i < m->day_count && (m->days[i].was != was || m->days[i].is != is))
		i++;
	if (i == DAYS_MAX) {
		m->more++;
	} else {
		m->day_count += i == m->day_count;
		m->days[i] = (struct from_to){was, is, m->days[i].n + 1};
	}
	for (i = 0; i < m->unit_count; i++)
		if (m->units[i].unit.v == c->unit.v && str_eq(m->units[i].procedure->name, c->procedure->name))
			break;
	if (i < KINDS_MAX) {
		m->unit_count += i == m->unit_count;
		m->units[i] = (struct of_unit){c->procedure, c->unit, m->units[i].n + 1};
	}
	return RC_OK;
}

static int by_day(const void *x, const void *y)
{
	const struct from_to *a = x, *b = y;
	return a->was != b->was ? (a->was > b->was) - (a->was < b->was) : (a->is > b->is) - (a->is < b->is);
}

static int by_kind(const void *x, const void *y)
{
	const struct of_unit *a = x, *b = y;
	int c = str_cmp(a->procedure->name, b->procedure->name);
	return c != 0 ? c : (a->unit.v > b->unit.v) - (a->unit.v < b->unit.v);
}

/* Of all that the page tells: whoever presses has seen it so. */
static enum rc mark(struct tx *tx, struct calendar_moves *m, struct fault *f)
{
	struct hasher h;
	int64_t changes = 0;
	enum rc rc = definition_number(tx, DEFINITION_CALENDARS, &changes, f);
	hasher_init(&h, NULL, "calendar moves");
	hasher_i64(&h, changes);
	hasher_i64(&h, m->total);
	for (size_t i = 0; i < m->day_count; i++) {
		hasher_i64(&h, m->days[i].was);
		hasher_i64(&h, m->days[i].is);
		hasher_i64(&h, m->days[i].n);
	}
	for (size_t i = 0; i < m->unit_count; i++) {
		hasher_str(&h, m->units[i].procedure->name);
		hasher_i64(&h, m->units[i].unit.v);
		hasher_i64(&h, m->units[i].n);
	}
	const struct hash end = hasher_end(&h);
	for (size_t i = 0; i < (WORDS_MAX - 1) / 2; i++)
		(void)snprintf(m->mark + 2 * i, 3, "%02x", (unsigned char)hash_str(&end).p[i]);
	return rc;
}

enum rc calendar_moves_of(struct tx *tx, struct request *q, const struct calendar_version *v,
                          struct calendar_moves **out, struct fault *f)
{
	struct calendar_moves *m = ARENA_NEW(q->arena, struct calendar_moves);
	struct recalendar r = {.w = &q->app->flow, .each = count_in, .ctx = m};
	struct calendar *next = NULL;
	*out = m;
	enum rc rc = recalendar_look(tx, INT64_MAX, &m->state, f);
	if (rc == RC_OK)
		rc = unit_list_all(tx, &m->names, &m->name_count, f);
	if (rc == RC_OK)
		rc = calendar_moves_next(q->app->calendar, v, q->arena, &next, &r.from_day, f);
	m->any = rc == RC_OK;
	r.next = next;
	if (rc == RC_OK)
		rc = recalendar_list(tx, &r, f);
	calendar_free(next);
	qsort(m->days, m->day_count, sizeof *m->days, by_day);
	qsort(m->units, m->unit_count, sizeof *m->units, by_kind);
	return rc == RC_OK || rc == RC_NONE ? mark(tx, m, f) : rc;
}

enum rc calendar_progress_of(struct tx *tx, struct request *q, const struct calendar_version *v,
                             struct calendar_progress *out, struct fault *f)
{
	struct calendar_moves *m = ARENA_NEW(q->arena, struct calendar_moves);
	const struct recalendar r = {.w = &q->app->flow, .next = q->app->calendar, .each = count_in, .ctx = m};
	/* What ships with the program moved nothing; what was long ago stands on the timelines. */
	if (v->state != CALENDAR_applied || v->shipped || v->applied_at < q->now - TOLD_DAYS * US_DAY)
		return RC_OK;
	out->told = true;
	enum rc rc = recalendar_look(tx, v->applied_at, &m->state, f);
	if (rc == RC_OK && !m->state.done)
		rc = recalendar_list(tx, &r, f);
	out->done = m->state.done;
	out->moved = m->state.moved;
	out->left = m->total;
	return rc;
}

/* ---------------------------------------------------------------- the page */

static struct str day_or_none(struct request *q, int32_t day)
{
	return day != 0 ? admin_date(q, day) : request_text(q, "admin.calendar.nodate");
}

static struct str unit_name(const struct calendar_moves *m, struct unit_id id)
{
	for (size_t i = 0; i < m->name_count; i++)
		if (m->names[i].id.v == id.v)
			return m->names[i].name;
	return STR("–");
}

static struct str count(struct request *q, int64_t n) { return text_count(q->arena, q->lang, n); }

void calendar_moves_show(struct admin_page *p, const struct calendar_moves *m)
{
	static const char *const DAYS[] = {"admin.calendar.due.was", "admin.calendar.due.is", "admin.calendar.cases", NULL};
	static const char *const KINDS[] = {"admin.calendar.kind", "admin.calendar.unit", "admin.calendar.cases", NULL};
	struct request *q = p->q;
	ap_section(p, "moves", "admin.calendar.moves", m->any ? "admin.calendar.moves.text" : "admin.calendar.moves.same");
	if (!m->any)
		return;
	ap_fact(p, request_text(q, "admin.calendar.moves.total"), count(q, m->total));
	ap_fact(p, request_text(q, "admin.calendar.moves.stay"), count(q, m->state.open - m->total));
	int64_t dateless = m->state.dateless - m->given + m->lost;
	if (dateless > 0) {
		ap_fact(p, request_text(q, "admin.calendar.moves.dateless"), count(q, dateless));
		ap_warn(p, request_text(q, "admin.calendar.moves.missing"));
	}
	if (m->total == 0)
		return;
	ap_table(p, DAYS, "");
	for (size_t i = 0; i < m->day_count; i++) {
		ap_row(p);
		ap_cell_short(p, day_or_none(q, m->days[i].was));
		ap_cell_short(p, day_or_none(q, m->days[i].is));
		ap_cell_short(p, count(q, m->days[i].n));
	}
	if (m->more > 0) {
		ap_row(p);
		ap_cell(p, request_text(q, "admin.calendar.moves.others"));
		ap_cell(p, STR("–"));
		ap_cell(p, count(q, m->more));
	}
	ap_section(p, "moves-units", "admin.calendar.moves.units", "");
	ap_table(p, KINDS, "");
	for (size_t i = 0; i < m->unit_count; i++) {
		ap_row(p);
		ap_cell(p, m->units[i].procedure->title[q->lang]);
		ap_cell(p, unit_name(m, m->units[i].unit));
		ap_cell(p, count(q, m->units[i].n));
	}
}

void calendar_apply_form(struct admin_page *p, const struct calendar_moves *m, struct str action)
{
	ap_form(p, "admin.calendar.apply", "admin.calendar.apply.text", action, "admin.calendar.apply");
	ap_form_open(p);
	ap_hidden(p, "do", STR("apply"));
	ap_hidden(p, "mark", arena_copy(p->q->arena, str_of(m->mark)));
}

void calendar_progress_show(struct admin_page *p, struct reply *r, const struct calendar_progress *g, struct str place)
{
	struct request *q = p->q;
	if (!g->told)
		return;
	const struct filling values[] = {{"moved", count(q, g->moved)}, {"all", count(q, g->moved + g->left)}};
	const char *text = !g->done ? "admin.calendar.moving.text" : g->moved > 0 ? "admin.calendar.moves.done" : "admin.calendar.moves.none";
	ap_section_text(p, "moving", request_text(q, g->done ? "admin.calendar.moves.ended" : "admin.calendar.moving"),
	                text_fill(q->arena, request_text(q, text), values, 2));
	if (g->done)
		return;
	ap_item(p, request_text(q, "admin.calendar.moving.again"), request_link(q, "%.*s", PSTR(place)));
	ap_item(p, request_text(q, "admin.calendar.moving.jobs"), request_link(q, "/admin/jobs"));
	reply_refresh(r, REFRESH_S);
}

/* ---------------------------------------------------------------- applying it */

enum rc calendar_apply_seen(struct tx *tx, struct request *q, int year, int version, struct fault *f)
{
	struct calendar_version v = {0};
	struct calendar_moves *m;
	enum rc rc = calendar_version_read(tx, year, version, &v, f);
	if (rc == RC_OK && v.state != CALENDAR_confirmed)
		return fault_set(f, RC_CHANGED, "it is not (or no longer) confirmed");
	if (rc == RC_OK)
		rc = calendar_moves_of(tx, q, &v, &m, f);
	if (rc != RC_OK)
		return rc;
	if (!str_eq(request_form(q, "mark"), str_of(m->mark)))
		return fault_at(f, RC_CHANGED, "", 0, "mark", "other cases would move than the page told");
	rc = calendar_apply(tx, year, version, STR("admin"), f);
	return rc == RC_OK ? recalendar_soon(tx, f) : rc;
}
