#include <inttypes.h>
#include <math.h>

#include "ward/flow/flow_private.h"

#define CASE_COLUMNS \
	"id, version, procedure_version, code, public_code, kind, step, state, unit_id, officer_id, " \
	"area_id, street, landmark, lon_e7, lat_e7, unsure, cell_column, cell_row, listed, withheld, " \
	"received_at, began_at, due_at, due_rule, closed_at, moved_at, seq, head, outcome, " \
	"released_text, solved_said, closed_by, closed_from, channel, event_at, why_late, " \
	"first_due_at, firsts, ended_due_at, paused_until, clock_rows, clock_seq, " \
	"for_head, mediator_1, mediator_2, " \
	"lead_id, merged, lead_at, more, danger_at, held_until, gone_day, flood_id"
#define CASE_TYPES "iiittttiiIIttIIiiiiiiiItIiibttiIttItItIIiiiII" "IiIiiIII"

static const double E7 = 1e7; /* a degree in the database's whole numbers: a centimetre */

int64_t case_ended_at(const struct ward_case *c)
{
	return c->top != NULL ? c->top->closed_at : c->closed_at;
}

int case_reports(const struct ward_case *c) { return c->listed ? 1 + c->more : 1; }

bool case_apart(const struct ward_case *c) { return c->lead.v != 0 || c->flood.v != 0; }

/* The column `open`: what stands apart, or is erased, is in no list of open or closed cases. */
static int openness(const struct ward_case *c)
{
	enum { FOLLOWS = 2, GONE, IN_FLOOD };
	if (c->gone_day != 0)
		return GONE;
	return c->lead.v != 0 ? FOLLOWS : c->flood.v != 0 ? IN_FLOOD : state_open(c->state);
}

enum standing case_standing(const struct ward_case *c)
{
	if (c->gone_day != 0)
		return STANDING_gone;
	if (c->lead.v != 0)
		return STANDING_follows;
	if (c->flood.v != 0)
		return state_open(c->state) ? STANDING_gathered : STANDING_cleared;
	if (!state_open(c->state))
		return STANDING_closed;
	if (c->state == STATE_asked)
		return STANDING_asked;
	/* A case that was assigned away is in nobody's hands, whatever its step. */
	return c->officer.v == 0 ? STANDING_new : STANDING_working;
}

int64_t case_sort_at(const struct ward_case *c)
{
	if (!state_open(c->state))
		return -c->closed_at;
	return c->due_at != 0 ? c->due_at : INT64_MAX;
}

static void place_read(struct rows *r, struct case_place *p)
{
	*p = (struct case_place){
		.area = {row_int(r, 10)},
		.street = row_str(r, 11),
		.landmark = row_str(r, 12),
		.has_point = !row_null(r, 13) && !row_null(r, 14),
		.lon = (double)row_int(r, 13) / E7,
		.lat = (double)row_int(r, 14) / E7,
		.unsure = row_int(r, 15) != 0,
		.cell = {(int32_t)row_int(r, 16), (int32_t)row_int(r, 17)},
	};
}

static enum rc case_read(struct rows *r, const struct flow *w, struct ward_case *c, struct fault *f)
{
	*c = (struct ward_case){
		.id = {row_int(r, 0)},
		.version = row_int(r, 1),
		.procedure = procedure_of_version(w->procedures, (struct version_id){row_int(r, 2)}),
		.kind = row_str(r, 5),
		.step = row_str(r, 6),
		.state = (enum state)row_int(r, 7),
		.unit = {row_int(r, 8)},
		.officer = {row_int(r, 9)},
		.listed = row_int(r, 18) != 0,
		.withheld = row_int(r, 19) != 0,
		.received_at = row_int(r, 20),
		.began_at = row_int(r, 21),
		.due_at = row_int(r, 22),
		.due_rule = row_str(r, 23),
		.closed_at = row_int(r, 24),
		.moved_at = row_int(r, 25),
		.seq = (int)row_int(r, 26),
		.outcome = row_str(r, 28),
		.released_text = row_str(r, 29),
		.solved_said = row_int(r, 30) != 0,
		.closed_by = {row_int(r, 31)},
		.closed_from = row_str(r, 32),
		.channel = row_str(r, 33),
		.event_at = row_int(r, 34),
		.why_late = row_str(r, 35),
		.first_due_at = row_int(r, 36),
		.firsts = row_str(r, 37),
		.ended_due_at = row_int(r, 38),
		.paused_until = row_int(r, 39),
		.clock.pause_count = (size_t)row_int(r, 40),   /* until clock_read */
		.clock_seq = (int)row_int(r, 41),
		.for_head = row_int(r, 42) != 0,
		.mediators = {{row_int(r, 43)}, {row_int(r, 44)}},
		.lead = {row_int(r, 45)},
		.merged = row_int(r, 46) != 0,
		.lead_at = row_int(r, 47),
		.more = (int)row_int(r, 48),
		.danger_at = row_int(r, 49),
		.held_until = (int32_t)row_int(r, 50),
		.gone_day = (int32_t)row_int(r, 51),
		.flood = {row_int(r, 52)},
	};
	place_read(r, &c->place);
	(void)snprintf(c->code, sizeof c->code, "%.*s", PSTR(row_str(r, 3)));
	(void)snprintf(c->public_code, sizeof c->public_code, "%.*s", PSTR(row_str(r, 4)));
	if (!hash_from(row_str(r, 27), &c->head))
		return fault_set(f, RC_CORRUPT, "case %" PRId64 ": head is not a hash", c->id.v);
	if (c->state <= STATE_unset || c->state >= STATE_COUNT)
		return fault_set(f, RC_CORRUPT, "case %" PRId64 ": unknown state", c->id.v);
	if (c->procedure == NULL)
		return fault_set(f, RC_CORRUPT, "case %" PRId64 ": its procedure version is not published",
		                 c->id.v);
	return RC_OK;
}

static enum rc read_one(struct tx *tx, const struct flow *w, const struct sql *q,
                        const struct val *in, size_t n, struct ward_case *out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, q, &r, in, n, f);
	if (rc != RC_OK)
		return rc;
	rc = case_read(&r, w, out, f);
	rows_end(&r);
	return rc == RC_OK ? clock_read(tx, out, f) : rc;
}

static const struct sql Q_GET = SQL_WARD(
	"SELECT " CASE_COLUMNS " FROM ward_case WHERE ward_id = ?1 AND id = ?2", "i", CASE_TYPES);

/* The case at the end of the way; merge.c lets none be longer. */
static enum rc read_top(struct tx *tx, const struct flow *w, struct ward_case *c, struct fault *f)
{
	enum { WAY_MOST = 8 };
	struct ward_case *top = arena_array(tx_arena(tx), 1, sizeof *top);
	struct case_id at = c->lead;
	for (int i = 0; i < WAY_MOST && at.v != 0; i++) {
		enum rc rc = read_one(tx, w, &Q_GET, BIND(v_int(at.v)), top, f);
		if (rc != RC_OK)
			return rc < RC_OK ? rc : fault_set(f, RC_CORRUPT, "case %" PRId64 " follows none", c->id.v);
		at = top->lead;
	}
	c->top = top;
	return at.v == 0 ? RC_OK : fault_set(f, RC_CORRUPT, "case %" PRId64 " follows itself", c->id.v);
}

static enum rc one_case(struct tx *tx, const struct flow *w, const struct sql *q,
                        const struct val *in, size_t n, struct ward_case *out, struct fault *f)
{
	enum rc rc = read_one(tx, w, q, in, n, out, f);
	return rc == RC_OK && out->lead.v != 0 ? read_top(tx, w, out, f) : rc;
}

enum rc case_get(struct tx *tx, const struct flow *w, struct case_id id, struct ward_case *out,
                 struct fault *f)
{
	return one_case(tx, w, &Q_GET, BIND(v_int(id.v)), out, f);
}

enum rc case_by_code(struct tx *tx, const struct flow *w, struct str code, struct ward_case *out,
                     struct fault *f)
{
	struct case_id id;
	enum rc rc = receipt_case(tx, code, &id, f);
	return rc == RC_OK ? case_get(tx, w, id, out, f) : rc;
}

enum rc case_by_public_code(struct tx *tx, const struct flow *w, struct str code,
                            struct ward_case *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " CASE_COLUMNS " FROM ward_case"
		" WHERE ward_id = ?1 AND public_code = ?2 AND listed = 1 AND withheld = 0 AND open < 2",
		"t", CASE_TYPES);
	return one_case(tx, w, &Q, BIND(v_text(code)), out, f);
}

enum rc case_lock(struct tx *tx, const struct flow *w, struct case_id id, int64_t expected,
                  struct ward_case *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE ward_case SET version = version + 1"
		" WHERE ward_id = ?1 AND id = ?2 AND version = ?3 RETURNING " CASE_COLUMNS,
		"ii", CASE_TYPES);
	static const struct sql Q_ANY = SQL_WARD(
		"UPDATE ward_case SET version = version + 1"
		" WHERE ward_id = ?1 AND id = ?2 RETURNING " CASE_COLUMNS,
		"i", CASE_TYPES);
	enum rc rc;
	if (expected == 0)
		return one_case(tx, w, &Q_ANY, BIND(v_int(id.v)), out, f);
	rc = one_case(tx, w, &Q, BIND(v_int(id.v), v_int(expected)), out, f);
	if (rc != RC_NONE)
		return rc;
	static const struct sql Q_THERE =
		SQL_WARD("SELECT version FROM ward_case WHERE ward_id = ?1 AND id = ?2", "i", "i");
	struct rows r;
	rc = sql_one(tx, &Q_THERE, &r, BIND(v_int(id.v)), f);
	if (rc == RC_OK) {
		rows_end(&r);
		rc = fault_set(f, RC_CHANGED, "the case was changed by somebody else");
	}
	return rc;
}

enum rc case_hold(struct tx *tx, const struct flow *w, struct case_id id, struct ward_case *out,
                  struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE ward_case SET version = version WHERE ward_id = ?1 AND id = ?2 RETURNING " CASE_COLUMNS,
		"i", CASE_TYPES);
	return one_case(tx, w, &Q, BIND(v_int(id.v)), out, f);
}

static struct val v_e7(bool there, double degrees)
{
	return there ? v_int(llround(degrees * E7)) : v_null();
}
static struct val v_z(const char *z) { return v_text(str_of(z)); }
static struct val v_hash(const struct hash *h) { return v_blob(hash_str(h)); }

static struct val v_clock(const struct ward_case *c)
{
	return v_int((int64_t)(c->clock.pause_count + c->clock.extension_count));
}

enum rc case_insert(struct tx *tx, const struct ward_case *c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO ward_case (ward_id, " CASE_COLUMNS ", open, queue, sort_at) VALUES"
		" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
		" ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36,"
		" ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45, ?46, ?47, ?48, ?49, ?50, ?51, ?52, ?53, ?54, ?55, ?56, ?57)",
		CASE_TYPES "iii", "");
	const struct case_place *p = &c->place;
	return sql_run(
		tx, &Q,
		BIND(v_int(c->id.v), v_int(c->version), v_int(c->procedure->version.v), v_z(c->code),
	         v_z(c->public_code), v_text(c->kind), v_text(c->step), v_int(c->state),
	         v_int(c->unit.v), v_int0(c->officer.v), v_int0(p->area.v), v_text(p->street),
	         v_text(p->landmark), v_e7(p->has_point, p->lon), v_e7(p->has_point, p->lat),
	         v_int(p->unsure), v_int(p->cell.column), v_int(p->cell.row), v_int(c->listed),
	         v_int(c->withheld), v_int(c->received_at), v_int(c->began_at), v_int0(c->due_at),
	         v_text(c->due_rule), v_int0(c->closed_at), v_int(c->moved_at), v_int(c->seq),
	         v_hash(&c->head), v_text(c->outcome), v_text(c->released_text),
	         v_int(c->solved_said), v_int0(c->closed_by.v), v_text(c->closed_from),
	         v_text(c->channel), v_int0(c->event_at), v_text(c->why_late),
	         v_int0(c->first_due_at), v_text(c->firsts), v_int0(c->ended_due_at),
	         v_int0(c->paused_until), v_clock(c), v_int(c->clock_seq),
	         v_int(c->for_head), v_int0(c->mediators[0].v), v_int0(c->mediators[1].v),
	         v_int0(c->lead.v), v_int(c->merged), v_int0(c->lead_at),
	         v_int(c->more), v_int(c->danger_at), v_int0(c->held_until), v_int0(c->gone_day), v_int0(c->flood.v),
	         v_int(openness(c)), v_int(case_standing(c)), v_int(case_sort_at(c))),
		NULL, f);
}

enum rc case_update(struct tx *tx, const struct flow *w, const struct ward_case *before,
                    const struct ward_case *c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE ward_case SET kind = ?3, step = ?4, state = ?5, unit_id = ?6, officer_id = ?7,"
		" area_id = ?8, street = ?9, landmark = ?10, lon_e7 = ?11, lat_e7 = ?12, unsure = ?13,"
		" cell_column = ?14, cell_row = ?15, listed = ?16, withheld = ?17, began_at = ?18,"
		" due_at = ?19, due_rule = ?20, closed_at = ?21, moved_at = ?22, seq = ?23, head = ?24,"
		" outcome = ?25, released_text = ?26, solved_said = ?27, open = ?28, queue = ?29,"
		" sort_at = ?30, closed_by = ?31, closed_from = ?32, why_late = ?33,"
		" first_due_at = ?34, firsts = ?35, ended_due_at = ?36, paused_until = ?37, clock_rows = ?38,"
		" for_head = ?39, mediator_1 = ?40, mediator_2 = ?41,"
		" lead_id = ?42, merged = ?43, lead_at = ?44, more = ?45, danger_at = ?46,"
		" held_until = ?47, gone_day = ?48, flood_id = ?49"
		" WHERE ward_id = ?1 AND id = ?2",
		"ittiiIIttIIiiiiiiItIiibttiiiiIttItIIiiII" "IiIiiIII", "");
	const struct case_place *p = &c->place;
	enum rc rc = sql_run(
		tx, &Q,
		BIND(v_int(c->id.v), v_text(c->kind), v_text(c->step), v_int(c->state), v_int(c->unit.v),
	         v_int0(c->officer.v), v_int0(p->area.v), v_text(p->street), v_text(p->landmark),
	         v_e7(p->has_point, p->lon), v_e7(p->has_point, p->lat), v_int(p->unsure),
	         v_int(p->cell.column), v_int(p->cell.row), v_int(c->listed), v_int(c->withheld),
	         v_int(c->began_at), v_int0(c->due_at), v_text(c->due_rule), v_int0(c->closed_at),
	         v_int(c->moved_at), v_int(c->seq), v_hash(&c->head), v_text(c->outcome),
	         v_text(c->released_text), v_int(c->solved_said), v_int(openness(c)),
	         v_int(case_standing(c)), v_int(case_sort_at(c)), v_int0(c->closed_by.v),
	         v_text(c->closed_from), v_text(c->why_late), v_int0(c->first_due_at), v_text(c->firsts),
	         v_int0(c->ended_due_at), v_int0(c->paused_until), v_clock(c),
	         v_int(c->for_head), v_int0(c->mediators[0].v), v_int0(c->mediators[1].v),
	         v_int0(c->lead.v), v_int(c->merged), v_int0(c->lead_at), v_int(c->more), v_int(c->danger_at),
	         v_int0(c->held_until), v_int0(c->gone_day), v_int0(c->flood.v)),
		NULL, f);
	if (rc == RC_OK)
		rc = change_write(tx, f);
	if (rc == RC_OK)
		rc = escalation_follow(tx, w, before, c, f);
	if (rc == RC_OK)
		rc = area_follow(tx, w, before, c, f);
	return rc == RC_OK ? counter_move(tx, w, before, c, f) : rc;
}
