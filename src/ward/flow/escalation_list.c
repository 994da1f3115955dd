/* What the pages show of escalation: who was told of which cases, what falls due, what is late. The state
 * of a case's deadline is in `escalation`, one row an open case; a row whose case waits stands at 0. */
#include <string.h>

#include "ward/flow/escalation.h"
#include "ward/flow/flow_private.h"

#define ROW_COLUMNS \
	"c.id, c.code, c.kind, c.street, c.due_rule, c.state, c.unit_id, c.officer_id, e.level, e.told_at," \
	" c.due_at, c.received_at, c.seq, e.reach, c.paused_until"
#define ROW_TYPES "itttti" "iIiIIi" "iiI"
#define FROM_BOTH \
	" FROM escalation e JOIN ward_case c ON c.ward_id = e.ward_id AND c.id = e.case_id" \
	" WHERE e.ward_id = ?1"
/* ?2 unit (of the chair's list none), ?3 account. */
#define TO_OFFICER \
	" AND e.unit_id = ?2 AND e.level > 0 AND (e.reach & 1) = 1 AND (e.officer_id = ?3 OR e.officer_id = 0)"
#define TO_CHAIR " AND e.level >= 100 AND (e.reach & 4) = 4 AND ?2 = ?2 AND ?3 = ?3"
#define NEWEST \
	" AND (e.told_at, e.case_id) < (?4, ?5) ORDER BY e.told_at DESC, e.case_id DESC LIMIT ?6"

static struct escalated row_read(struct rows *r)
{
	struct escalated x = {
		.id = {row_int(r, 0)},
		.kind = row_str(r, 2),
		.street = row_str(r, 3),
		.due_rule = row_str(r, 4),
		.state = (enum state)row_int(r, 5),
		.unit = {row_int(r, 6)},
		.officer = {row_int(r, 7)},
		.level = (int)row_int(r, 8),
		.told_at = row_int(r, 9),
		.due_at = row_int(r, 10),
		.received_at = row_int(r, 11),
		.seq = (int)row_int(r, 12),
		.reach = (unsigned)row_int(r, 13),
		.paused_until = row_int(r, 14),
	};
	(void)snprintf(x.code, sizeof x.code, "%.*s", PSTR(row_str(r, 1)));
	return x;
}

/* Rows of several units as one list, `limit` and one more at most. */
struct gathered {
	struct escalated *list;
	size_t count, limit;
	bool (*before)(const struct escalated *a, const struct escalated *b);
};

static bool newer(const struct escalated *a, const struct escalated *b)
{
	return a->told_at != b->told_at ? a->told_at > b->told_at : a->id.v > b->id.v;
}

static bool sooner(const struct escalated *a, const struct escalated *b)
{
	return a->due_at != b->due_at ? a->due_at < b->due_at : a->id.v < b->id.v;
}

static void put_in(struct gathered *g, const struct escalated *x)
{
	size_t i = g->count;
	while (i > 0 && g->before(x, &g->list[i - 1]))
		i--;
	if (i > g->limit)
		return;
	if (g->count <= g->limit)
		g->count++;
	memmove(&g->list[i + 1], &g->list[i], (g->count - 1 - i) * sizeof *x);
	g->list[i] = *x;
}

static enum rc gather(struct tx *tx, const struct sql *q, const struct val *in, size_t n,
                      struct gathered *g, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_rows(tx, q, &r, in, n, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct escalated x = row_read(&r);
		put_in(g, &x);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static struct gathered gathering(struct tx *tx, size_t limit,
                                 bool (*before)(const struct escalated *, const struct escalated *))
{
	return (struct gathered){arena_array(tx_arena(tx), limit + 2, sizeof(struct escalated)), 0, limit,
	                         before};
}

static void hand_out(const struct gathered *g, struct escalated **out, size_t *count, bool *more)
{
	*more = g->count > g->limit;
	*count = *more ? g->limit : g->count;
	*out = g->list;
}


enum rc escalation_list(struct tx *tx, const struct actor *who, enum told_to to, int64_t after_at,
                        int64_t after_id, size_t limit, struct escalated **out, size_t *count,
                        bool *more, struct fault *f)
{
	static const struct sql Q[] = {
		[TOLD_officer] = SQL_WARD("SELECT " ROW_COLUMNS FROM_BOTH TO_OFFICER NEWEST, "iiiii", ROW_TYPES),
		[TOLD_chair] = SQL_WARD("SELECT " ROW_COLUMNS FROM_BOTH TO_CHAIR NEWEST, "iiiii", ROW_TYPES),
	};
	struct gathered g = gathering(tx, limit, newer);
	bool first = after_at == 0 && after_id == 0;
	enum rc rc = RC_OK;
	struct val in[] = {v_int(0), v_int(who->account.v), v_int(first ? INT64_MAX : after_at),
	                   v_int(first ? INT64_MAX : after_id), v_int((int64_t)limit + 1)};
	if (to == TOLD_chair && actor_may(who, PERM_chair))
		rc = gather(tx, &Q[to], in, sizeof in / sizeof *in, &g, f);
	for (size_t i = 0; to != TOLD_chair && rc == RC_OK && i < actor_places(who); i++) {
		in[0] = v_int(actor_place(who, i).v);
		if (actor_works(who, actor_place(who, i)))
			rc = gather(tx, &Q[to], in, sizeof in / sizeof *in, &g, f);
	}
	hand_out(&g, out, count, more);
	return rc;
}

static enum rc count_one(struct tx *tx, const struct sql *q, int64_t unit, int64_t second, int64_t *n,
                         struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, q, &r, BIND(v_int(unit), v_int(second)), f);
	if (rc != RC_OK)
		return rc;
	*n += row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc escalation_count(struct tx *tx, const struct actor *who, enum told_to to, int64_t *n,
                         struct fault *f)
{
#define COUNTED "SELECT COUNT(*) FROM escalation e WHERE e.ward_id = ?1"
	static const struct sql Q[] = {
		[TOLD_officer] = SQL_WARD(COUNTED TO_OFFICER, "ii", "i"),
		[TOLD_chair] = SQL_WARD(COUNTED TO_CHAIR, "ii", "i"),
	};
	enum rc rc = RC_OK;
	*n = 0;
	if (to == TOLD_chair)
		return actor_may(who, PERM_chair) ? count_one(tx, &Q[to], 0, 0, n, f) : RC_OK;
	for (size_t i = 0; rc == RC_OK && i < actor_places(who); i++)
		if (actor_works(who, actor_place(who, i)))
			rc = count_one(tx, &Q[to], actor_place(who, i).v, who->account.v, n, f);
	return rc;
}

enum rc escalation_week(struct tx *tx, const struct actor *who, int32_t until, size_t limit,
                        struct escalated **out, size_t *count, bool *more, struct fault *f)
{
	/* due_at is the first moment after its last day. */
	static const struct sql Q = SQL_WARD(
		"SELECT " ROW_COLUMNS FROM_BOTH " AND e.unit_id = ?2 AND e.due_at <= ?3 AND (e.reach & 1) = 1"
		" ORDER BY e.due_at, e.case_id LIMIT ?4",
		"iii", ROW_TYPES);
	struct gathered g = gathering(tx, limit, sooner);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < who->unit_count; i++)
		if (actor_works(who, who->units[i]))
			rc = gather(tx, &Q,
			            BIND(v_int(who->units[i].v), v_int(day_start(until + 1)),
			                 v_int((int64_t)limit + 1)), &g, f);
	hand_out(&g, out, count, more);
	return rc;
}

/* What is late stands by the clock, told of or not: at midnight nobody is told. What is not late is nearly due once
 * four fifths of its time in office hours are used, which is told at once. ?3 now. */
#define HEAD_LATE " AND e.unit_id = ?2 AND e.due_at <= ?3"
#define HEAD_NEAR " AND e.unit_id = ?2 AND e.due_at > ?3 AND e.level >= 80"

enum rc escalation_unit(struct tx *tx, const struct actor *who, int64_t after_due, int64_t after_id,
                        size_t limit, struct escalated **out, size_t *count, bool *more, int64_t *n,
                        struct fault *f)
{
#define SOONEST " AND (e.due_at, e.case_id) > (?4, ?5) ORDER BY e.due_at, e.case_id LIMIT ?6"
	static const struct sql Q[] = {
		SQL_WARD("SELECT " ROW_COLUMNS FROM_BOTH HEAD_LATE SOONEST, "iiiii", ROW_TYPES),
		SQL_WARD("SELECT " ROW_COLUMNS FROM_BOTH HEAD_NEAR SOONEST, "iiiii", ROW_TYPES),
	};
	static const struct sql COUNT[] = {
		SQL_WARD(COUNTED HEAD_LATE, "ii", "i"),
		SQL_WARD(COUNTED HEAD_NEAR, "ii", "i"),
	};
	struct gathered g = gathering(tx, limit, sooner);
	enum rc rc = RC_OK;
	*n = 0;
	for (size_t i = 0; rc == RC_OK && i < actor_places(who); i++) {
		struct unit_id unit = actor_place(who, i);
		if (!actor_may(who, PERM_unit_late) || !actor_heads(who, unit))
			continue;
		for (size_t k = 0; rc == RC_OK && k < sizeof Q / sizeof *Q; k++) {
			rc = gather(tx, &Q[k],
			            BIND(v_int(unit.v), v_int(tx_now(tx)), v_int(after_due), v_int(after_id),
			                 v_int((int64_t)limit + 1)), &g, f);
			if (rc == RC_OK)
				rc = count_one(tx, &COUNT[k], unit.v, tx_now(tx), n, f);
		}
	}
	hand_out(&g, out, count, more);
	return rc;
}

/* ---------------------------------------------------------------- the public figure */

/* Unit by unit: what an index on due days gives, of each. A deadline may be over within a day, so that the
 * queues' counts, which know days alone, would be late. */
#define OVERDUE \
	" FROM unit u JOIN escalation e ON e.ward_id = u.ward_id AND e.unit_id = u.id AND e.due_at <= ?2" \
	" JOIN ward_case c ON c.ward_id = e.ward_id AND c.id = e.case_id WHERE u.ward_id = ?1"
/* A live number with the others in it would tell that one of them is there, by the day on which it rises, or by
 * what is left when the quarter's total is taken from it: most of all of a matter about somebody who works here. */
#define OPENABLE " AND c.listed = 1 AND c.withheld = 0"

enum rc overdue_total(struct tx *tx, int64_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT COUNT(*)" OVERDUE OPENABLE, "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(tx_now(tx))), f);
	if (rc != RC_OK)
		return rc;
	*n = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc overdue_list(struct tx *tx, struct overdue_row **out, size_t *count, struct fault *f)
{
	enum { MOST = 2000 };             /* kinds times khu vực */
	static const struct sql Q = SQL_WARD(
		"SELECT c.kind, COALESCE(c.area_id, 0) AS area, COUNT(*)" OVERDUE
		OPENABLE " GROUP BY c.kind, COALESCE(c.area_id, 0) ORDER BY c.kind, area LIMIT ?3",
		"ii", "tii");
	struct overdue_row *list = arena_array(tx_arena(tx), MOST, sizeof *list);
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(tx_now(tx)), v_int(MOST)), f);
	while (rc == RC_OK && n < MOST && (rc = rows_next(&r, f)) == RC_OK)
		list[n++] = (struct overdue_row){row_str(&r, 0), {row_int(&r, 1)}, row_int(&r, 2)};
	rows_end(&r);
	*out = list;
	*count = n;
	return rc == RC_NONE ? RC_OK : rc;
}
