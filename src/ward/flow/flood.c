/* Standing in a flood's group: the line that says so, what can be done meanwhile, and the groups as the desk
 * reads them, off the counters of the queues. */
#include <inttypes.h>

#include "ward/flow/flood.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

#define BIT(v) (UINT64_C(1) << (v))

/* ---------------------------------------------------------------- one case */

bool flood_stays(enum verb v)
{
	switch (v) {
	case VERB_gather:
	case VERB_clear:
	case VERB_restore:
	case VERB_recalendar:         /* and what moves nothing of it, nor is said of its matter */
	case VERB_pass_on:
	case VERB_reissue:
	case VERB_set_pin:
	case VERB_hold:
	case VERB_unhold:
	case VERB_erase:
	case VERB_redress:
	case VERB_blur:
	case VERB_agency:
		return true;
	default:
		return false;
	}
}

uint64_t flood_verbs(const struct ward_case *c, const struct actor *a, uint64_t verbs, int64_t now)
{
	bool open = state_open(c->state);
	if (a == NULL)                         /* nothing was done that could be called solved */
		return open ? verbs : verbs & ~BIT(VERB_solved);
	if (!case_handled_by(c, a))
		return verbs;
	if (open)
		return verbs | BIT(VERB_ungather) | BIT(VERB_clear);
	return now - c->closed_at < RESTORE_US ? BIT(VERB_ungather) | BIT(VERB_restore) : 0;
}

static int64_t number_of(struct str s)
{
	int64_t n = 0;
	return str_i64(s, &n) ? n : 0;
}

bool flood_told(const struct ward_case *c, const struct entry *e, size_t n)
{
	int64_t in = 0;
	for (size_t i = 0; i < n; i++) {
		if (!flood_stays(e[i].verb))
			in = 0;
		for (size_t k = 0; e[i].verb == VERB_gather && k < e[i].part_count; k++)
			if (str_is(e[i].parts[k].name, "flood"))
				in = e[i].parts[k].erased_rule.n > 0 ? -1 : number_of(e[i].parts[k].body);
	}
	return in == -1 || in == c->flood.v;
}

static enum rc flood_put(struct tx *tx, struct flood_id id, enum flood_why why, struct str kind, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO flood (ward_id, id, why, kind, made_at) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (ward_id, id) DO NOTHING", "iiti", "");
	return sql_run(tx, &Q,
	               BIND(v_int(id.v), v_int(why), v_text(why == FLOOD_same ? kind : STR_EMPTY), v_int(tx_now(tx))),
	               NULL, f);
}

/* Nobody did it: the watch. */
static enum rc line_begin(struct tx *tx, const struct flow *w, struct ward_case *c, struct flood_id id,
                          struct flood_line *line, struct fault *f)
{
	struct arena *a = tx_arena(tx);
	*line = (struct flood_line){arena_array(a, 1, sizeof *line->draft), arena_array(a, 1, sizeof *line->who)};
	*line->who = (struct actor_mark){.role = ROLE_anyone};
	enum rc rc = actor_pseudonym(w->keys, line->who->account, line->who->role, line->who->unit,
	                             &line->who->key_no, &line->who->pseudonym, f);
	if (rc != RC_OK)
		return rc;
	c->flood = id;
	draft_init(line->draft, a, 1);
	draft_add(line->draft, "flood", arena_fmt(a, "%" PRId64, id.v), STR("figures"));
	draft_chain(line->draft, c, tx_ward(tx), VERB_gather, c->moved_at, line->who);
	return RC_OK;
}

enum rc flood_line_write(struct tx *tx, const struct flow *w, const struct ward_case *c,
                         const struct flood_line *line, struct fault *f)
{
	return draft_write(tx, w, line->draft, c, VERB_gather, c->moved_at, line->who, f);
}

/* Of earlier ones, by a job: this report is not held up for them. */
static enum rc gather_put(struct tx *tx, const struct flooding *said, struct fault *f)
{
	struct buf b = {0};
	if (said->also_count == 0)
		return RC_OK;
	for (size_t i = 0; i < said->also_count; i++)
		buf_addf(&b, "%" PRId64 " %d %" PRId64 "\n", said->also[i].flood.v, (int)said->also[i].why,
		         said->also[i].of.v);
	return outbox_put(tx, "flow.gather", 0, STR_EMPTY, arena_take(tx_arena(tx), &b), f);
}

enum rc flood_begin(struct tx *tx, const struct flow *w, const struct case_new *n, struct ward_case *c,
                    struct flood_line *line, struct fault *f)
{
	const struct flooding *said = n->flooding;
	enum rc rc = gather_put(tx, said, f);
	if (rc != RC_OK || said->flood.v == 0)
		return rc;
	rc = flood_put(tx, said->flood, said->why, c->kind, f);
	return rc == RC_OK ? line_begin(tx, w, c, said->flood, line, f) : rc;
}

/* ---------------------------------------------------------------- earlier ones */

enum { GATHER_SLICE = 20 };

struct gathering {
	const struct flow *w;
	struct flood_member of[GATHER_SLICE];
	size_t n;
};

/* Nobody has touched it since it came. */
static bool untouched(const struct ward_case *c)
{
	return !case_apart(c) && c->seq == 1 && c->more == 0 && c->officer.v == 0 && c->danger_at == 0 &&
	       state_open(c->state) && !c->procedure->about_staff && str_is(c->channel, CHANNELS[0]);
}

static enum rc gather_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct gathering *g = ctx;
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < g->n; i++) {
		struct ward_case before, c;
		struct flood_line line;
		rc = case_hold(tx, g->w, g->of[i].of, &before, f);
		if (rc == RC_NONE || (rc == RC_OK && (!untouched(&before) || pending_waits(tx, before.id, f)))) {
			rc = RC_OK;
			continue;
		}
		c = before;
		c.moved_at = tx_now(tx);
		if (rc == RC_OK)
			rc = flood_put(tx, g->of[i].flood, g->of[i].why, c.kind, f);
		if (rc == RC_OK)
			rc = line_begin(tx, g->w, &c, g->of[i].flood, &line, f);
		if (rc == RC_OK)
			rc = case_update(tx, g->w, &before, &c, f);
		if (rc == RC_OK)
			rc = flood_line_write(tx, g->w, &c, &line, f);
		if (rc == RC_OK)
			rc = search_case(tx, g->w, &before, &c, NULL, f);
	}
	return rc;
}

static bool next_member(struct str *payload, struct flood_member *out)
{
	int64_t why;
	struct str line = str_cut(payload, '\n'), flood = str_cut(&line, ' '), sort = str_cut(&line, ' ');
	bool ok = str_i64(flood, &out->flood.v) && str_i64(sort, &why) && str_i64(line, &out->of.v) &&
	          (why == FLOOD_same || why == FLOOD_quick);
	if (ok)
		out->why = (enum flood_why)why;
	return ok;
}

enum rc flood_gather(const struct flow *w, struct ward_id ward, struct str payload, struct fault *f)
{
	struct gathering g = {.w = w};
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	while (rc == RC_OK && payload.n > 0) {
		for (g.n = 0; rc == RC_OK && g.n < GATHER_SLICE && payload.n > 0; g.n++)
			if (!next_member(&payload, &g.of[g.n]))
				rc = fault_set(f, RC_INVALID, "a payload that names no case and group");
		if (rc == RC_OK)
			rc = store_write(w->store, ward, &a, gather_tx, &g, f);
		arena_reset(&a);
	}
	flow_changed(ward);
	arena_release(&a);
	return rc;
}

/* ---------------------------------------------------------------- groups */

/* Of the folded counts and of those that wait. */
#define PARTS_HEAD \
	"SELECT officer_id, queue, due_day, SUM(n) FROM (SELECT officer_id, queue, due_day, n FROM case_count" \
	" WHERE ward_id = ?1 AND unit_id = ?2"
#define PARTS_AND \
	" UNION ALL SELECT officer_id, queue, due_day, n FROM case_delta WHERE ward_id = ?1 AND unit_id = ?2"
#define PARTS_TAIL \
	") AS both_tables GROUP BY officer_id, queue, due_day HAVING SUM(n) > 0 ORDER BY officer_id, queue, due_day"
#define STANDING_IN " AND queue = ?3"
#define OF_ONE " AND queue >= ?3 AND officer_id = ?4"

static void add_part(struct rows *r, struct flood *o)
{
	int64_t n = row_int(r, 3), day = row_int(r, 2);
	if (row_int(r, 1) == STANDING_cleared) {
		o->cleared += n;
		return;
	}
	o->open += n;
	if (day != 0 && (o->due_day == 0 || day < o->due_day))
		o->due_day = (int32_t)day;
}

static enum rc read_row(struct tx *tx, struct flood *o, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT why, kind, made_at FROM flood WHERE ward_id = ?1 AND id = ?2", "i", "iti");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(o->id.v)), f);
	if (rc != RC_OK)
		return rc;
	o->why = (enum flood_why)row_int(&r, 0);
	o->kind = row_str(&r, 1);
	o->made_at = row_int(&r, 2);
	rows_end(&r);
	return RC_OK;
}

static enum rc of_unit(struct tx *tx, struct unit_id unit, struct flood *out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(PARTS_HEAD STANDING_IN PARTS_AND STANDING_IN PARTS_TAIL, "ii", "iiii");
	struct rows r;
	struct flood *at = NULL;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(unit.v), v_int(STANDING_gathered)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		int64_t id = row_int(&r, 0);
		if (at == NULL || at->id.v != id) {
			if (*n == FLOODS_MOST)
				break;
			at = &out[(*n)++];
			*at = (struct flood){.id = {id}, .unit = unit};
		}
		add_part(&r, at);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static int larger_first(const void *a, const void *b)
{
	const struct flood *x = a, *y = b;
	return x->open != y->open ? (x->open < y->open ? 1 : -1) : (x->id.v > y->id.v) - (x->id.v < y->id.v);
}

enum rc flood_list(struct tx *tx, const struct actor *a, struct flood **out, size_t *count, struct fault *f)
{
	enum rc rc = RC_OK;
	*count = 0;
	*out = arena_array(tx_arena(tx), FLOODS_MOST, sizeof **out);
	for (size_t i = 0; rc == RC_OK && i < actor_places(a); i++)
		if (actor_works(a, actor_place(a, i)))
			rc = of_unit(tx, actor_place(a, i), *out, count, f);
	for (size_t i = 0; rc == RC_OK && i < *count; i++)
		rc = read_row(tx, &(*out)[i], f);
	qsort(*out, *count, sizeof **out, larger_first);
	return rc;
}

static enum rc count_one(struct tx *tx, struct flood *o, struct fault *f)
{
	static const struct sql Q = SQL_WARD(PARTS_HEAD OF_ONE PARTS_AND OF_ONE PARTS_TAIL, "iii", "iiii");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(o->unit.v), v_int(STANDING_gathered), v_int(o->id.v)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		add_part(&r, o);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc cleared_of_unit(struct tx *tx, struct unit_id unit, struct flood *out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT DISTINCT flood_id FROM flood_step WHERE ward_id = ?1 AND unit_id = ?2 AND made_at > ?3"
		" AND verb = 'clear' ORDER BY flood_id DESC LIMIT ?4", "iii", "i");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(unit.v), v_int(tx_now(tx) - RESTORE_US), v_int(FLOODS_MOST)), f);
	size_t from = *n, to = from;
	while (rc == RC_OK && *n < FLOODS_MOST && (rc = rows_next(&r, f)) == RC_OK)
		out[(*n)++] = (struct flood){.id = {row_int(&r, 0)}, .unit = unit};
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = from; rc == RC_OK && i < *n; i++) {
		rc = count_one(tx, &out[i], f);
		if (rc == RC_OK && out[i].open == 0 && out[i].cleared > 0)
			out[to++] = out[i];
	}
	*n = to;
	return rc;
}

enum rc flood_cleared_list(struct tx *tx, const struct actor *a, struct flood **out, size_t *count,
                           struct fault *f)
{
	enum rc rc = RC_OK;
	*count = 0;
	*out = arena_array(tx_arena(tx), FLOODS_MOST, sizeof **out);
	for (size_t i = 0; rc == RC_OK && i < actor_places(a); i++)
		if (actor_works(a, actor_place(a, i)))
			rc = cleared_of_unit(tx, actor_place(a, i), *out, count, f);
	for (size_t i = 0; rc == RC_OK && i < *count; i++)
		rc = read_row(tx, &(*out)[i], f);
	return rc;
}

static enum rc cleared_last(struct tx *tx, struct flood *o, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT MAX(made_at) FROM flood_step WHERE ward_id = ?1 AND flood_id = ?2 AND unit_id = ?3 AND verb = 'clear'",
		"ii", "I");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(o->id.v), v_int(o->unit.v)), f);
	if (rc != RC_OK)
		return rc;
	o->cleared_at = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc flood_get(struct tx *tx, const struct actor *a, struct flood_id id, struct unit_id unit, struct flood *out,
                  struct fault *f)
{
	*out = (struct flood){.id = id, .unit = unit};
	if (a->ward.v != tx_ward(tx).v || !actor_works(a, unit))
		return RC_NONE;
	enum rc rc = read_row(tx, out, f);
	if (rc == RC_OK)
		rc = count_one(tx, out, f);
	if (rc == RC_OK)
		rc = cleared_last(tx, out, f);
	struct flood_step last;
	if (rc == RC_OK && out->open + out->cleared == 0)
		rc = flood_step_last(tx, out, &last, f);   /* emptied by this unit: what it did can be read */
	return rc;
}
