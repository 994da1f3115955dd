/* Queues and the public list: keyset pages through an index; a search goes through the words'
 * index instead and filters what it finds. */
#include "ward/flow/flood.h"
#include "ward/flow/flow_private.h"

#define ROW_COLUMNS \
	"c.id, c.code, c.public_code, c.kind, c.step, c.street, c.state, c.area_id, c.cell_column," \
	" c.cell_row, c.unit_id, c.officer_id, c.received_at, c.due_at, c.closed_at," \
	" c.released_text, c.sort_at, c.queue, c.listed, c.withheld, c.outcome, c.more, c.lead_id," \
	" c.first_due_at, c.ended_due_at, c.paused_until, c.danger_at"
#define ROW_TYPES "ittttti" "Iiii" "IiIIt" "iiiitiI" "IIIi"
/* The reporter's words, for those who work the case; the public statements do not read them. */
#define DESK_TEXT \
	", (SELECT b.body FROM part_body b WHERE b.ward_id = c.ward_id AND b.case_id = c.id" \
	" AND b.seq = 1 AND b.part = 1)"

enum { LIST_LIMIT = 50, LIST_MAX = 1000, SEARCH_STEP = 100, SEARCH_MAX = 2000 };

const char *queue_name(enum queue q)
{
	static const char *const NAMES[QUEUE_COUNT] = {"", "new", "mine", "unit", "asked", "closed"};
	return q < QUEUE_COUNT ? NAMES[q] : "";
}

struct found {
	struct case_row row;
	enum standing standing;
	bool listed, shown;
};

/* DOMAIN.md section 23: who reads what was assigned to their unit without working it (member
 * organisations, the ward police) reads hazards, never conduct cases. */
static bool hazards_only(const struct case_filter *q, struct unit_id unit)
{
	return !q->listed && !actor_works(q->actor, unit);
}

static struct found row_read(struct rows *r, bool desk)
{
	struct found x = {
		.row = {
			.id = {row_int(r, 0)},
			.kind = row_str(r, 3),
			.step = row_str(r, 4),
			.street = desk ? row_str(r, 5) : STR_EMPTY,
			.state = (enum state)row_int(r, 6),
			.area = {row_int(r, 7)},
			.cell = {(int32_t)row_int(r, 8), (int32_t)row_int(r, 9)},
			.unit = {row_int(r, 10)},
			.received_at = row_int(r, 12),
			.due_at = row_int(r, 13),
			.closed_at = row_int(r, 14),
			.released_text = row_str(r, 15),
			.cursor = row_int(r, 16),
			.text = desk ? row_str(r, 27) : STR_EMPTY,
			.outcome = row_str(r, 20),
			.reports = row_int(r, 18) != 0 ? 1 + (int)row_int(r, 21) : 1,
			.lead = {row_int(r, 22)},
			.first_due_at = row_int(r, 23),
			.ended_due_at = row_int(r, 24),
			.paused_until = row_int(r, 25),
			.danger = desk && row_int(r, 26) != 0,
		},
		.standing = (enum standing)row_int(r, 17),
		.listed = row_int(r, 18) != 0,
		.shown = row_int(r, 18) != 0 && row_int(r, 19) == 0 && row_int(r, 22) == 0 &&
		         row_int(r, 17) < STANDING_gathered,
	};
	if (desk) {
		x.row.officer = (struct account_id){row_int(r, 11)};
		(void)snprintf(x.row.code, sizeof x.row.code, "%.*s", PSTR(row_str(r, 1)));
	}
	(void)snprintf(x.row.public_code, sizeof x.row.public_code, "%.*s", PSTR(row_str(r, 2)));
	return x;
}

/* ---------------------------------------------------------------- the queues */

/* ?2 unit, ?3 ?4 cursor, ?5 kind, ?6 area, ?7 state, ?8 standing, ?9 limit, ?10 officer, ?11 listed
 * kinds only, ?12 the least id (ids rise with time). What is not asked for is empty or 0. Each names its columns so that one index answers it (flow_schema). */
#define DESK_HEAD "SELECT " ROW_COLUMNS DESK_TEXT " FROM ward_case c WHERE c.ward_id = ?1"
#define DESK_TAIL " AND (c.sort_at, c.id) > (?3, ?4) ORDER BY c.sort_at, c.id LIMIT ?9"
#define ANY_KIND " AND (?5 = '' OR c.kind = ?5)"
#define ANY_AREA " AND (?6 = 0 OR c.area_id = ?6)"
#define ANY_REST \
	" AND (?7 = 0 OR c.state = ?7) AND (?8 = 0 OR c.queue = ?8) AND (?11 = 0 OR c.listed = 1)" \
	" AND c.id >= ?12"
#define DESK_IN "iiitiiiiiii"
#define DESK_OUT ROW_TYPES "T"

static const struct sql Q_OPEN = SQL_WARD(
	DESK_HEAD " AND c.unit_id = ?2 AND c.open = 1 AND (?10 = 0 OR c.officer_id = ?10)"
	ANY_KIND ANY_AREA ANY_REST DESK_TAIL, DESK_IN, DESK_OUT);
static const struct sql Q_MINE = SQL_WARD(
	DESK_HEAD " AND c.officer_id = ?10 AND c.open = 1 AND (c.unit_id = ?2 OR ?2 = 0)"
	ANY_KIND ANY_AREA ANY_REST DESK_TAIL, DESK_IN, DESK_OUT);
static const struct sql Q_CLOSED = SQL_WARD(
	DESK_HEAD " AND c.unit_id = ?2 AND c.open = 0 AND (?10 = 0 OR c.officer_id = ?10)"
	ANY_KIND ANY_AREA ANY_REST DESK_TAIL, DESK_IN, DESK_OUT);
static const struct sql Q_CLOSED_KIND = SQL_WARD(
	DESK_HEAD " AND c.unit_id = ?2 AND c.open = 0 AND (?10 = 0 OR c.officer_id = ?10)"
	" AND c.kind = ?5" ANY_AREA ANY_REST DESK_TAIL, DESK_IN, DESK_OUT);
static const struct sql Q_CLOSED_AREA = SQL_WARD(
	DESK_HEAD " AND c.unit_id = ?2 AND c.open = 0 AND (?10 = 0 OR c.officer_id = ?10)"
	" AND c.area_id = ?6" ANY_KIND ANY_REST DESK_TAIL, DESK_IN, DESK_OUT);

static enum standing wanted_standing(enum queue q)
{
	switch (q) {
	case QUEUE_new: return STANDING_new;
	case QUEUE_asked: return STANDING_asked;
	case QUEUE_closed: return STANDING_closed;
	default: return 0;
	}
}

static const struct sql *desk_sql(const struct case_filter *q)
{
	if (q->queue == QUEUE_mine)
		return &Q_MINE;
	if (q->queue != QUEUE_closed)
		return &Q_OPEN;
	if (q->area.v != 0)
		return &Q_CLOSED_AREA;
	return q->kind.n > 0 ? &Q_CLOSED_KIND : &Q_CLOSED;
}

static enum rc desk_unit(struct tx *tx, const struct case_filter *q, struct unit_id unit,
                         size_t limit, struct found *out, size_t *n, struct fault *f)
{
	bool first = q->after_id == 0;
	struct account_id officer =
		q->queue == QUEUE_mine ? q->actor->account : (struct account_id){0};
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(
		tx, desk_sql(q), &r,
		BIND(v_int(unit.v), v_int(first ? INT64_MIN : q->after_due), v_int(q->after_id),
	         v_text(q->kind.p != NULL ? q->kind : STR_EMPTY), v_int(q->area.v), v_int(q->state),
	         v_int(wanted_standing(q->queue)), v_int((int64_t)limit), v_int(officer.v),
	         v_int(hazards_only(q, unit) ? 1 : 0), v_int(q->since > 0 ? id_floor(q->since) : INT64_MIN)),
		f);
	while (rc == RC_OK && *n < limit && (rc = rows_next(&r, f)) == RC_OK)
		out[(*n)++] = row_read(&r, true);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static bool comes_first(const struct found *a, const struct found *b)
{
	if (a->row.cursor != b->row.cursor)
		return a->row.cursor < b->row.cursor;
	return a->row.id.v < b->row.id.v;
}

/* Each unit's page is in order: the whole's page is their merge. Most people have one unit. */
static enum rc desk_list(struct tx *tx, const struct case_filter *q, size_t limit,
                         struct found **out, size_t *count, struct fault *f)
{
	struct found *sum = NULL;
	size_t n = 0;
	for (size_t u = 0; u < actor_places(q->actor); u++) {
		struct found *part = arena_array(tx_arena(tx), limit, sizeof *part);
		size_t part_n;
		enum rc rc = desk_unit(tx, q, actor_place(q->actor, u), limit, part, &part_n, f);
		if (rc != RC_OK)
			return rc;
		struct found *both = arena_array(tx_arena(tx), limit, sizeof *both);
		size_t i = 0, k = 0, to = 0;
		while (to < limit && (i < n || k < part_n))
			both[to++] = k == part_n || (i < n && comes_first(&sum[i], &part[k])) ? sum[i++]
			                                                                      : part[k++];
		sum = both;
		n = to;
	}
	*out = sum;
	*count = n;
	return RC_OK;
}

/* ---------------------------------------------------------------- a flood's group */

enum rc flood_cases(struct tx *tx, const struct flow *w, const struct flood *of, bool cleared, int64_t after_at,
                    int64_t after_id, size_t limit, struct case_row **out, size_t *count, bool *more,
                    struct fault *f)
{
	/* sort_at: of open ones the due day, of those that were taken out minus the moment. */
	static const struct sql Q = SQL_WARD(
		DESK_HEAD " AND c.flood_id = ?2 AND c.unit_id = ?3 AND c.open = 4 AND (c.sort_at, c.id) > (?4, ?5) AND c.sort_at <= ?6"
		" ORDER BY c.sort_at, c.id LIMIT ?7", "iiiiii", DESK_OUT);
	struct rows r;
	bool first = after_id == 0;
	(void)w;
	*count = 0;
	*more = false;
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(of->id.v), v_int(of->unit.v),
	                           v_int(!first ? after_at : cleared ? INT64_MIN : 0), v_int(after_id),
	                           v_int(cleared ? -1 : INT64_MAX), v_int((int64_t)limit + 1)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*count == limit) {
			*more = true;
			break;
		}
		(*out)[(*count)++] = row_read(&r, true).row;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- the public list */

/* ?2 before this id, ?3 kind, ?4 area, ?5 states, ?6 limit, ?7 to ?8 received (from, before), ?9 before
 * this receipt, ?10 ?11 a cell, ?12 open, ?13 state. What is not asked for is empty or 0. */
#define PUBLIC_HEAD \
	"SELECT " ROW_COLUMNS " FROM ward_case c WHERE c.ward_id = ?1 AND c.listed = 1" \
	" AND c.withheld = 0 AND c.open < 2"
#define PUBLIC_BEFORE " AND c.id < ?2"
#define PUBLIC_TAIL " ORDER BY c.id DESC LIMIT ?6"
#define PUBLIC_IN "itiiiiiiiiii"
#define P_KIND " AND (?3 = '' OR c.kind = ?3)"
#define P_AREA " AND (?4 = 0 OR c.area_id = ?4)"
#define P_STATE \
	" AND (?5 = 0 OR ((?5 >> CAST(c.state AS INT)) & 1) = 1) AND (?13 = 0 OR c.state = ?13)"
#define P_MONTH " AND (?8 = 0 OR (c.received_at >= ?7 AND c.received_at < ?8))"
#define PUBLIC(WHERE) \
	SQL_WARD(PUBLIC_HEAD PUBLIC_BEFORE WHERE P_KIND P_AREA P_STATE PUBLIC_TAIL, PUBLIC_IN, ROW_TYPES)

static const struct sql Q_PUBLIC = PUBLIC("");
static const struct sql Q_PUBLIC_KIND = PUBLIC(" AND c.kind = ?3");
static const struct sql Q_PUBLIC_AREA = PUBLIC(" AND c.area_id = ?4");
static const struct sql Q_PUBLIC_STATE = PUBLIC(" AND c.state = ?13");
static const struct sql Q_PUBLIC_OPEN = PUBLIC(" AND c.open = 1" P_MONTH);
static const struct sql Q_PUBLIC_CELL = PUBLIC(
	" AND c.open = ?12 AND c.cell_column = ?10 AND c.cell_row = ?11" P_MONTH);
static const struct sql Q_PUBLIC_MONTH = SQL_WARD(
	PUBLIC_HEAD " AND c.received_at >= ?7 AND c.received_at < ?8 AND (c.received_at, c.id) < (?9, ?2)"
	P_KIND P_AREA P_STATE " ORDER BY c.received_at DESC, c.id DESC LIMIT ?6", PUBLIC_IN, ROW_TYPES);

static uint32_t states_of(const struct case_filter *q)
{
	return q->state != STATE_unset ? UINT32_C(1) << q->state : q->states;
}

/* 1: only open states; 0: only the others; -1: of both. */
static int openness(uint32_t states)
{
	uint32_t open = 0;
	for (enum state s = STATE_unset + 1; s < STATE_COUNT; s++)
		open |= state_open(s) ? UINT32_C(1) << s : 0;
	if (states == 0)
		return -1;
	return (states & ~open) == 0 ? 1 : (states & open) == 0 ? 0 : -1;
}

/* Open cases stay few however old the ward is, so that they are the best start. */
static const struct sql *public_sql(const struct case_filter *q)
{
	if (openness(states_of(q)) == 1)
		return &Q_PUBLIC_OPEN;
	if (q->month != 0)
		return &Q_PUBLIC_MONTH;
	if (q->area.v != 0)
		return &Q_PUBLIC_AREA;
	if (q->kind.n > 0)
		return &Q_PUBLIC_KIND;
	return q->state != STATE_unset ? &Q_PUBLIC_STATE : &Q_PUBLIC;
}

static enum rc public_rows(struct tx *tx, const struct sql *sql, const struct case_filter *q,
                           struct cell cell, bool open, size_t limit, struct found *out, size_t *n,
                           struct fault *f)
{
	bool first = q->after_id <= 0;
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, sql, &r,
	                      BIND(v_int(first ? INT64_MAX : q->after_id),
	                           v_text(q->kind.p != NULL ? q->kind : STR_EMPTY), v_int(q->area.v),
	                           v_int(states_of(q)), v_int((int64_t)limit),
	                           v_int(q->month != 0 ? case_month_start(q->month) : 0),
	                           v_int(q->month != 0 ? case_month_start(q->month + 1) : 0),
	                           v_int(first ? INT64_MAX : q->after_due), v_int(cell.column),
	                           v_int(cell.row), v_int(open), v_int(q->state)),
	                      f);
	while (rc == RC_OK && *n < limit && (rc = rows_next(&r, f)) == RC_OK)
		out[(*n)++] = row_read(&r, false);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* A square is a page of each of its cells, open and closed apart, merged: however many cases lie in
 * it, no more are read than that. */
static enum rc square_list(struct tx *tx, const struct case_filter *q, size_t limit,
                           struct found **out, size_t *count, struct fault *f)
{
	int side = q->cell.column == 0 ? 1 : q->square < SQUARE_MAX ? q->square : SQUARE_MAX;
	int which = openness(states_of(q));
	struct found *part = arena_array(tx_arena(tx), limit, sizeof *part);
	struct found *sum = arena_array(tx_arena(tx), limit, sizeof *sum);
	struct found *both = arena_array(tx_arena(tx), limit, sizeof *both);
	size_t n = 0;
	for (int i = 0; i < side * side * 2; i++) {
		struct cell cell = {q->cell.column + i / 2 % side, q->cell.row + i / 2 / side};
		size_t part_n, a = 0, b = 0, to = 0;
		if (which >= 0 && which != i % 2)
			continue;
		enum rc rc = public_rows(tx, &Q_PUBLIC_CELL, q, cell, i % 2 != 0, limit, part, &part_n, f);
		if (rc != RC_OK)
			return rc;
		while (to < limit && (a < n || b < part_n)) {
			bool left = b == part_n || (a < n && sum[a].row.id.v > part[b].row.id.v);
			both[to++] = left ? sum[a++] : part[b++];
		}
		struct found *old = sum;
		sum = both;
		both = old;
		n = to;
	}
	*out = sum;
	*count = n;
	return RC_OK;
}

static enum rc public_list(struct tx *tx, const struct case_filter *q, size_t limit,
                           struct found **out, size_t *count, struct fault *f)
{
	if (q->square > 0)
		return square_list(tx, q, limit, out, count, f);
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	return public_rows(tx, public_sql(q), q, (struct cell){0, 0}, false, limit, *out, count, f);
}

/* ---------------------------------------------------------------- search */

static enum rc one_row(struct tx *tx, int64_t id, bool desk, struct found *out, struct fault *f)
{
	static const struct sql Q_DESK =
		SQL_WARD("SELECT " ROW_COLUMNS DESK_TEXT " FROM ward_case c WHERE c.ward_id = ?1"
	             " AND c.id = ?2",
	             "i", ROW_TYPES "T");
	static const struct sql Q_SHOWN = SQL_WARD(
		"SELECT " ROW_COLUMNS " FROM ward_case c WHERE c.ward_id = ?1 AND c.id = ?2", "i",
		ROW_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, desk ? &Q_DESK : &Q_SHOWN, &r, BIND(v_int(id)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_read(&r, desk);
	rows_end(&r);
	return RC_OK;
}

/* What an index names is checked against the row: an index is derived and never decides. */
static bool passes(const struct case_filter *q, const struct found *x)
{
	if (q->kind.n > 0 && !str_eq(q->kind, x->row.kind))
		return false;
	if ((q->area.v != 0 && q->area.v != x->row.area.v) ||
	    (q->state != STATE_unset && q->state != x->row.state))
		return false;
	if (q->states != 0 && (q->states >> x->row.state & 1) == 0)
		return false;
	if (q->listed)
		return x->shown;
	if (q->since > 0 && x->row.id.v < id_floor(q->since))
		return false;
	if (!actor_in_unit(q->actor, x->row.unit) || (hazards_only(q, x->row.unit) && !x->listed))
		return false;
	enum standing want = wanted_standing(q->queue);
	if (q->queue == QUEUE_mine && x->row.officer.v != q->actor->account.v)
		return false;
	return want != 0 ? x->standing == want : x->standing != STANDING_closed;
}

enum rc public_row(struct tx *tx, const struct case_filter *q, struct case_id id,
                   struct case_row *out, struct fault *f)
{
	struct found x;
	struct case_filter listed = *q;
	listed.listed = true;
	enum rc rc = one_row(tx, id.v, false, &x, f);
	if (rc == RC_OK)
		*out = x.row;
	return rc != RC_OK || passes(&listed, &x) ? rc : RC_NONE;
}

struct hits {
	const char *scope;
	struct str *tokens;
	size_t token_n;
	int64_t *ids;
	size_t n, at;
	bool done;
};

static enum rc refill(struct tx *tx, struct hits *h, int64_t before, struct fault *f)
{
	if (h->done || h->at < h->n)
		return RC_OK;
	h->at = 0;
	enum rc rc = search_find(tx, h->scope, h->tokens, h->token_n, before, SEARCH_STEP, &h->ids,
	                         &h->n, f);
	h->done = h->n < SEARCH_STEP;
	return rc == RC_NONE ? RC_OK : rc;
}

/* A closed case has left its unit's index; it is found again only as the public finds it. */
static size_t hits_init(struct tx *tx, const struct case_filter *q, struct str *tokens, size_t n,
                        struct hits *h)
{
	if (q->listed || q->queue == QUEUE_closed) {
		h[0] = (struct hits){.scope = SCOPE_PUBLIC, .tokens = tokens + 1, .token_n = n};
		return 1;
	}
	for (size_t i = 0; i < actor_places(q->actor); i++) {
		struct str *own = arena_array(tx_arena(tx), n + 1, sizeof *own);
		memcpy(own, tokens, (n + 1) * sizeof *own);
		own[0] = search_unit_token(tx_arena(tx), actor_place(q->actor, i));
		h[i] = (struct hits){.scope = SCOPE_DESK, .tokens = own, .token_n = n + 1};
	}
	return actor_places(q->actor);
}

/* The newest hit that no page has shown; RC_NONE: there are no more. */
static enum rc next_hit(struct tx *tx, struct hits *h, size_t n, int64_t *before, struct fault *f)
{
	struct hits *best = NULL;
	for (size_t i = 0; i < n; i++) {
		enum rc rc = refill(tx, &h[i], *before, f);
		if (rc != RC_OK)
			return rc;
		if (h[i].at < h[i].n && (best == NULL || h[i].ids[h[i].at] > best->ids[best->at]))
			best = &h[i];
	}
	if (best == NULL)
		return RC_NONE;
	*before = best->ids[best->at++];
	return RC_OK;
}

/* What follows another case is found by its code, stands where that one does, and is whose that one is. */
static enum rc as_lead(struct tx *tx, const struct flow *w, struct found *x, struct fault *f)
{
	struct ward_case c;
	enum rc rc = case_get(tx, w, x->row.id, &c, f);
	if (rc != RC_OK || c.top == NULL)
		return rc;
	x->row.state = c.top->state;
	x->row.due_at = c.top->due_at;
	x->row.unit = c.top->unit;
	if (!state_open(c.top->state))
		x->standing = STANDING_closed;
	return RC_OK;
}

/* Newest first. At most SEARCH_MAX hits are looked at: a search so wide wants more words. */
static enum rc search_list(struct tx *tx, const struct flow *w, const struct case_filter *q,
                           size_t limit, struct found **out, size_t *count, struct fault *f)
{
	struct str *tokens;
	size_t n;
	struct hits *h = arena_array(tx_arena(tx), q->listed ? 1 : actor_places(q->actor) + 1, sizeof *h);
	enum rc rc = search_query(tx, w, q->words, &tokens, &n, f);
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	if (rc != RC_OK || n == 0)
		return rc;
	size_t scopes = hits_init(tx, q, tokens, n, h);
	int64_t id = q->after_id;
	for (size_t looked = 0; rc == RC_OK && looked < SEARCH_MAX && *count < limit; looked++) {
		struct found x;
		rc = next_hit(tx, h, scopes, &id, f);
		if (rc == RC_OK)
			rc = one_row(tx, id, !q->listed, &x, f);
		else if (rc == RC_NONE)
			break;
		if (rc == RC_OK && x.row.lead.v != 0)
			rc = as_lead(tx, w, &x, f);
		if (rc == RC_OK && passes(q, &x))
			(*out)[(*count)++] = x;
		if (rc == RC_NONE)
			rc = RC_OK;                    /* the index knows a case that is gone */
	}
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- the one list */

enum rc case_list(struct tx *tx, const struct flow *w, const struct case_filter *q,
                  struct case_row **out, size_t *count, bool *more, struct fault *f)
{
	size_t page = q->limit == 0 ? LIST_LIMIT : q->limit, n = 0;
	struct found *found = NULL;
	enum rc rc;
	*count = 0;
	*more = false;
	if (page > LIST_MAX)
		page = LIST_MAX;
	if (!q->listed && (q->actor == NULL || q->queue <= 0 || q->queue >= QUEUE_COUNT))
		return fault_set(f, RC_INVALID, "a list needs a queue and somebody whose it is");
	if (!q->listed && (q->actor->ward.v != tx_ward(tx).v || !actor_may(q->actor, PERM_case_list)))
		return RC_DENIED;
	if (q->words.n > 0)
		rc = search_list(tx, w, q, page + 1, &found, &n, f);
	else if (q->listed)
		rc = public_list(tx, q, page + 1, &found, &n, f);
	else
		rc = desk_list(tx, q, page + 1, &found, &n, f);
	if (rc != RC_OK)
		return rc;
	*more = n > page;
	*count = n > page ? page : n;
	*out = arena_array(tx_arena(tx), *count, sizeof **out);
	for (size_t i = 0; i < *count; i++)
		(*out)[i] = found[i].row;
	return RC_OK;
}
