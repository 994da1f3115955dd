#include "ward/flow/recalendar.h"

#include <stdlib.h>

#include "ward/calendar/calendar_store.h"
#include "ward/flow/flow_private.h"

enum { GROUPS = 1 << 15, SLICE = 20, UNITS_MAX = 2048 };

/* ---------------------------------------------------------------- which move */

/* Cases that are reckoned alike. */
struct group {
	const struct procedure *procedure;
	int64_t received, began;      /* days; of rules in hours the moments */
	enum state state;
	bool used;
	int64_t due;
};
struct work {
	const struct recalendar *r;
	struct flow w;                /* with the other calendar */
	struct tx *tx;
	struct group *groups;
	struct arena arena;           /* of one reckoning */
};

static bool timed(const struct flow *w, const struct procedure *p, int32_t day)
{
	const struct rule *rule;
	for (size_t i = 0; i < p->deadline_count; i++)
		if (rule_find(w->rules, p->deadlines[i].rule, day, &rule) == RC_OK && rule_unit_timed(rule->unit))
			return true;
	return false;
}

static int64_t reckon(struct work *k, const struct ward_case *c)
{
	struct ward_case x = *c;
	x.firsts = STR("0");                   /* what was promised is not asked for */
	case_due(&k->w, &k->arena, &x);
	return x.due_at;
}

/* Of a case without pauses and extensions. */
static int64_t by_group(struct work *k, const struct ward_case *c)
{
	bool exact = timed(&k->w, c->procedure, day_of(c->began_at));
	struct group g = {
		.procedure = c->procedure,
		.received = exact ? c->received_at : day_of(c->received_at),
		.began = exact ? c->began_at : day_of(c->began_at),
		.state = c->state,
		.used = true,
	};
	uint64_t h = (uint64_t)(uintptr_t)g.procedure * 31 + (uint64_t)g.received * 1000003 +
	             (uint64_t)g.began * 7919 + (uint64_t)g.state;
	struct group *at = &k->groups[(h * UINT64_C(0x9E3779B97F4A7C15)) >> 49];
	if (!at->used || at->procedure != g.procedure || at->received != g.received ||
	    at->began != g.began || at->state != g.state) {
		arena_reset(&k->arena);
		g.due = reckon(k, c);
		*at = g;                           /* a slot holds the last one that fell there */
	}
	return at->due;
}

/* Of one with them, read whole: nothing of it is kept, so that a ward with many of them takes no more memory. */
static enum rc whole(struct work *k, struct case_id id, int64_t *is, struct fault *f)
{
	struct ward_case c;
	arena_reset(&k->arena);
	struct arena *own = tx_arena_lend(k->tx, &k->arena);
	enum rc rc = case_get(k->tx, &k->w, id, &c, f);
	(void)tx_arena_lend(k->tx, own);
	if (rc == RC_OK)
		*is = reckon(k, &c);
	return rc;
}

static enum rc one(struct work *k, struct rows *row, struct fault *f)
{
	struct ward_case c = {
		.id = {row_int(row, 0)},
		.procedure = procedure_of_version(k->w.procedures, (struct version_id){row_int(row, 1)}),
		.state = (enum state)row_int(row, 2),
		.received_at = row_int(row, 3),
		.began_at = row_int(row, 4),
		.due_at = row_int(row, 5),
	};
	if (c.procedure == NULL)
		return RC_OK;                      /* verify tells of it */
	int64_t is;
	if (row_int(row, 6) == 0) {
		is = by_group(k, &c);
	} else {
		enum rc rc = whole(k, c.id, &is, f);
		if (rc != RC_OK)
			return rc;
	}
	if (is == c.due_at)
		return RC_OK;
	struct moved_case m = {.id = c.id, .unit = {row_int(row, 9)}, .procedure = c.procedure,
	                       .open_to_all = row_int(row, 10) != 0, .was = c.due_at, .is = is};
	if (k->r->words) {
		m.code = row_str(row, 7);
		m.kind = row_str(row, 8);
	}
	return k->r->each(k->r->ctx, &m, f);
}

/* By unit, whose open cases lie in the order of their dates: what is due before the first day that differs
 * is not even looked at. */
static enum rc of_unit(struct work *k, struct unit_id unit, int open, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, procedure_version, state, received_at, began_at, due_at, clock_rows, code, kind, unit_id,"
		" listed * (1 - withheld) FROM ward_case WHERE ward_id = ?1 AND unit_id = ?2 AND open = ?4 AND sort_at > ?3"
		" AND closed_at IS NULL ORDER BY sort_at, id", "iii", "iiiiiIittii");
	struct rows r;
	int64_t from = k->r->from_day != 0 ? day_start(k->r->from_day) : INT64_MIN;
	enum rc rc = sql_rows(k->tx, &Q, &r, BIND(v_int(unit.v), v_int(from), v_int(open)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		rc = one(k, &r, f);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Those that ended, too, and the offices that have matters about somebody who works here. */
static enum rc all_units(struct tx *tx, int64_t *out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT id FROM unit WHERE ward_id = ?1 ORDER BY id", "", "i");
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*n == UNITS_MAX) {
			rc = fault_set(f, RC_LIMIT, "more than %d units in a ward", UNITS_MAX);
			break;
		}
		out[(*n)++] = row_int(&r, 0);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc recalendar_list(struct tx *tx, const struct recalendar *r, struct fault *f)
{
	static const int OPEN[] = {1, 4};   /* in the queues; in a flood's group */
	struct work k = {.r = r, .w = *r->w, .tx = tx};
	int64_t *units = arena_array(tx_arena(tx), UNITS_MAX, sizeof *units);
	size_t n = 0;
	k.w.calendar = r->next;
	k.groups = calloc(GROUPS, sizeof *k.groups);
	if (k.groups == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the groups of cases");
	arena_init(&k.arena, ARENA_REQUEST_LIMIT);
	enum rc rc = all_units(tx, units, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		for (size_t o = 0; rc == RC_OK && o < 2; o++)
			rc = of_unit(&k, (struct unit_id){units[i]}, OPEN[o], f);
	arena_release(&k.arena);
	free(k.groups);
	return rc;
}

/* ---------------------------------------------------------------- moving them */

/* The decision behind a moved date: the youngest of those that made the listed days from day 0 to the
 * later of the two dates; where none of them is listed any more, that of the date's year. */
static struct str decision_of(const struct calendar *c, int64_t began_at, int64_t was, int64_t is)
{
	int32_t last = day_of((is > was ? is : was) - 1);
	const struct calendar_year *y = calendar_year_of(c, date_from_day(last).year);
	struct str decision = y != NULL ? y->decision : STR_EMPTY;
	int32_t youngest = 0;
	bool found = false;
	for (int32_t day = day_of(began_at) + 1; day <= last; day++) {
		const struct calendar_day *d = calendar_listed(c, day);
		y = calendar_year_of(c, date_from_day(day).year);
		if (d == NULL || y == NULL)
			continue;
		bool own = d->decision.n > 0;
		int32_t decided = own ? d->decided_day : y->decided_day;
		if (found && decided < youngest)
			continue;
		found = true;
		youngest = decided;
		decision = own ? d->decision : y->decision;
	}
	return decision;
}

static struct str day_text(struct arena *a, int64_t due)
{
	return due != 0 ? text_day_iso(a, day_of(due - 1)) : STR("-");
}

enum rc recalendar_case(struct tx *tx, const struct flow *w, struct ward_case *c, struct fault *f)
{
	struct arena *a = tx_arena(tx);
	struct ward_case after = *c;
	struct draft d;
	struct actor_mark who;
	if (!state_open(c->state))
		return RC_EXISTS;
	case_due(w, a, &after);
	if (after.due_at == c->due_at)
		return RC_EXISTS;
	after.moved_at = tx_now(tx);
	after.why_late = STR_EMPTY;
	enum rc rc = clock_mark(w, &who, f);   /* nobody: the calendar did it */
	if (rc != RC_OK)
		return rc;
	draft_init(&d, a, 2);
	draft_add(&d, "recalendar",
	          arena_fmt(a, "%.*s %.*s", PSTR(day_text(a, c->due_at)), PSTR(day_text(a, after.due_at))),
	          STR("figures"));
	struct str decision = decision_of(w->calendar, c->began_at, c->due_at, after.due_at);
	if (decision.n > 0)
		draft_add(&d, "decision", arena_copy(a, decision), STR("figures"));
	draft_chain(&d, &after, tx_ward(tx), VERB_recalendar, after.moved_at, &who);
	rc = case_update(tx, w, c, &after, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, &d, &after, VERB_recalendar, after.moved_at, &who, f);
	if (rc == RC_OK)
		*c = after;
	return rc;
}

struct moving {
	const struct flow *w;
	int64_t *ids;
	size_t n, at, moved;
};

static enum rc note(void *ctx, const struct moved_case *m, struct fault *f)
{
	struct moving *k = ctx;
	(void)f;
	k->ids[k->n++] = m->id.v;
	return k->n < RECALENDAR_ROUND ? RC_OK : RC_LIMIT;
}

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct moving *k = ctx;
	const struct recalendar r = {.w = k->w, .next = k->w->calendar, .each = note, .ctx = k};
	k->n = 0;
	enum rc rc = recalendar_list(tx, &r, f);
	return rc == RC_LIMIT ? RC_OK : rc;
}

static enum rc slice_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct moving *k = ctx;
	const struct flow *w = k->w;
	size_t end = k->at + SLICE < k->n ? k->at + SLICE : k->n;
	enum rc rc = flow_current(tx, &w, f);
	k->moved = 0;
	for (size_t i = k->at; rc == RC_OK && i < end; i++) {
		struct ward_case c;
		rc = case_lock(tx, w, (struct case_id){k->ids[i]}, 0, &c, f);
		if (rc == RC_OK)
			rc = recalendar_case(tx, w, &c, f);
		k->moved += rc == RC_OK;
		rc = rc == RC_EXISTS || rc == RC_NONE ? RC_OK : rc;
	}
	return rc;
}

/* Its turn comes after whoever wrote by the former calendar and is not committed yet. */
static enum rc wait_for_others(struct tx *tx, void *ctx, struct fault *f)
{
	(void)tx;
	(void)ctx;
	(void)f;
	return RC_OK;
}

enum rc recalendar_ward(const struct flow *w, struct ward_id ward, size_t *moved, bool *more, struct fault *f)
{
	struct moving k = {.w = w};
	struct arena a;
	*moved = 0;
	k.ids = calloc(RECALENDAR_ROUND, sizeof *k.ids);
	if (k.ids == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the cases that move");
	arena_init(&a, ARENA_REQUEST_LIMIT * 8);
	enum rc rc = store_write(w->store, ward, &a, wait_for_others, NULL, f);
	if (rc == RC_OK)
		rc = store_read(w->store, ward, &a, list_tx, &k, f);
	for (k.at = 0; rc == RC_OK && k.at < k.n; k.at += SLICE) {
		arena_reset(&a);
		rc = store_write(w->store, ward, &a, slice_tx, &k, f);
		*moved += rc == RC_OK ? k.moved : 0;
	}
	*more = k.n == RECALENDAR_ROUND && *moved > 0;
	if (*moved > 0)
		flow_changed(ward);
	arena_release(&a);
	free(k.ids);
	return rc;
}

/* ---------------------------------------------------------------- how far it is */

enum rc recalendar_last(struct tx *tx, int64_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT n FROM clock_calendar WHERE ward_id = ?1", "", "i");
	struct rows r;
	*n = -1;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc == RC_OK) {
		*n = row_int(&r, 0);
		rows_end(&r);
	}
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc recalendar_done(struct tx *tx, int64_t n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO clock_calendar (ward_id, n) VALUES (?1, ?2)"
		" ON CONFLICT (ward_id) DO UPDATE SET n = excluded.n", "i", "");
	return sql_run(tx, &Q, BIND(v_int(n)), NULL, f);
}

enum rc recalendar_look(struct tx *tx, int64_t since, struct recalendar_state *out, struct fault *f)
{
	static const struct sql OPEN = SQL_WARD(
		"SELECT count(*), count(*) - count(due_at) FROM ward_case"
		" WHERE ward_id = ?1 AND listed = 1 AND withheld = 0 AND open = 1", "", "ii");
	static const struct sql MOVED = SQL_WARD(
		"SELECT count(DISTINCT c.id) FROM timeline t"
		" JOIN ward_case c ON c.ward_id = t.ward_id AND c.id = t.case_id"
		" WHERE t.ward_id = ?1 AND t.at >= ?2 AND t.verb = 'recalendar' AND c.listed = 1 AND c.withheld = 0",
		"i", "i");
	struct rows r;
	int64_t now = 0, last = -1;
	enum rc rc = sql_one(tx, &OPEN, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	out->open = row_int(&r, 0);
	out->dateless = row_int(&r, 1);
	rows_end(&r);
	rc = sql_one(tx, &MOVED, &r, BIND(v_int(since)), f);
	if (rc != RC_OK)
		return rc;
	out->moved = row_int(&r, 0);
	rows_end(&r);
	rc = definition_number(tx, DEFINITION_CALENDARS, &now, f);
	if (rc == RC_OK)
		rc = recalendar_last(tx, &last, f);
	out->done = now == last;
	return rc;
}
