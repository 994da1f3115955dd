/* Who reads or moves cases without a unit: a khu vực's head and team the open hazards of kinds marked so, a mediator
 * the mediations they are named on. Each list is one index (flow_schema.c) and a keyset. */
#include "ward/flow/flow_private.h"

#define COLUMNS \
	"SELECT id, code, kind, step, street, state, area_id, received_at, due_at, sort_at FROM ward_case" \
	" WHERE ward_id = ?1"
#define TYPES "ittttiIiIi"
#define TAIL " AND (sort_at, id) > (?3, ?4) ORDER BY sort_at, id LIMIT ?5"

static enum rc read_rows(struct tx *tx, const struct sql *q, int64_t whose, int64_t after_due,
                         int64_t after_id, size_t limit, struct case_row *out, size_t *n,
                         struct fault *f)
{
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, q, &r,
	                      BIND(v_int(whose), v_int(after_id == 0 ? INT64_MIN : after_due),
	                           v_int(after_id), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *n < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct case_row *c = &out[(*n)++];
		*c = (struct case_row){.id = {row_int(&r, 0)}, .kind = row_str(&r, 2), .step = row_str(&r, 3),
		                       .street = row_str(&r, 4), .state = (enum state)row_int(&r, 5),
		                       .area = {row_int(&r, 6)}, .received_at = row_int(&r, 7),
		                       .due_at = row_int(&r, 8), .cursor = row_int(&r, 9)};
		(void)snprintf(c->code, sizeof c->code, "%.*s", PSTR(row_str(&r, 1)));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Two lists in order, merged; what stands in both stands once. */
static size_t merge(const struct case_row *a, size_t an, const struct case_row *b, size_t bn,
                    struct case_row *out, size_t most)
{
	size_t i = 0, k = 0, n = 0;
	while (n < most && (i < an || k < bn)) {
		bool left = k == bn || (i < an && (a[i].cursor != b[k].cursor ? a[i].cursor < b[k].cursor
		                                                             : a[i].id.v <= b[k].id.v));
		if (i < an && k < bn && a[i].id.v == b[k].id.v)
			k++;
		out[n++] = left ? a[i++] : b[k++];
	}
	return n;
}

static enum rc lists(struct tx *tx, const struct sql *const *q, const int64_t *whose, size_t count,
                     int64_t after_due, int64_t after_id, struct case_row **out, size_t *n,
                     bool *more, struct fault *f)
{
	enum { LIMIT = 50 };
	struct arena *a = tx_arena(tx);
	struct case_row *sum = arena_array(a, LIMIT + 1, sizeof *sum);
	struct case_row *part = arena_array(a, LIMIT + 1, sizeof *part);
	struct case_row *both = arena_array(a, LIMIT + 1, sizeof *both);
	enum rc rc = RC_OK;
	*n = 0;
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		size_t got;
		rc = read_rows(tx, q[i], whose[i], after_due, after_id, LIMIT + 1, part, &got, f);
		if (rc != RC_OK)
			break;
		*n = merge(sum, *n, part, got, both, LIMIT + 1);
		struct case_row *old = sum;
		sum = both;
		both = old;
	}
	*more = *n > LIMIT;
	*n = *n > LIMIT ? LIMIT : *n;
	*out = sum;
	return rc;
}

enum rc case_list_head(struct tx *tx, const struct actor *who, int64_t after_due, int64_t after_id,
                       struct case_row **out, size_t *count, bool *more, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		COLUMNS " AND area_id = ?2 AND for_head = 1 AND open = 1 AND listed = 1 AND withheld = 0" TAIL,
		"iiii", TYPES);
	const struct sql *q[AREAS_HELD];
	int64_t areas[AREAS_HELD];
	*count = 0;
	*more = false;
	*out = NULL;
	if (!actor_may(who, PERM_area_read))
		return RC_DENIED;
	for (size_t i = 0; i < who->area_count && i < AREAS_HELD; i++) {
		q[i] = &Q;
		areas[i] = who->areas[i].v;
	}
	return lists(tx, q, areas, who->area_count, after_due, after_id, out, count, more, f);
}

bool case_of_area(const struct ward_case *c, const struct actor *who)
{
	/* What follows another case is read with that one alone. */
	return actor_may(who, PERM_area_read) && !case_apart(c) && c->for_head && state_open(c->state) && c->listed &&
	       !c->withheld && actor_in_area(who, c->place.area);
}

enum rc case_list_mediated(struct tx *tx, const struct actor *who, int64_t after_due, int64_t after_id,
                           struct case_row **out, size_t *count, bool *more, struct fault *f)
{
	static const struct sql Q_1 = SQL_WARD(COLUMNS " AND mediator_1 = ?2 AND open = 1" TAIL, "iiii", TYPES);
	static const struct sql Q_2 = SQL_WARD(COLUMNS " AND mediator_2 = ?2 AND open = 1" TAIL, "iiii", TYPES);
	const struct sql *q[] = {&Q_1, &Q_2};
	const int64_t whose[] = {who->account.v, who->account.v};
	*count = 0;
	*more = false;
	*out = NULL;
	if (!actor_may(who, PERM_mediate))
		return RC_DENIED;
	return lists(tx, q, whose, 2, after_due, after_id, out, count, more, f);
}

/* A quarrel shows in one place being told of again and again. Conduct only; a hint, never an order. */
enum rc case_quarrel(struct tx *tx, const struct ward_case *c, bool *out, struct fault *f)
{
	enum { OFTEN = 3, DAYS = 60 };
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM (SELECT 1 FROM ward_case WHERE ward_id = ?1 AND listed = 0 AND"
		" cell_column > 0 AND cell_column = ?2 AND cell_row = ?3 AND received_at >= ?4 AND unit_id = ?5"
		" AND kind = ?6 LIMIT 3) AS few", "iiiit", "i");
	struct rows r;
	*out = false;
	if (!c->procedure->conduct || c->place.cell.column == 0)
		return RC_OK;
	enum rc rc = sql_one(tx, &Q, &r,
	                     BIND(v_int(c->place.cell.column), v_int(c->place.cell.row),
	                          v_int(tx_now(tx) - DAYS * US_DAY), v_int(c->unit.v), v_text(c->kind)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) >= OFTEN;
	rows_end(&r);
	return RC_OK;
}
