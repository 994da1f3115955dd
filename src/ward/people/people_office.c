/* Offices: who receives a matter about somebody who works here, and who never learns of one (people.h). */
#include <inttypes.h>

#include "ward/people/people_impl.h"

enum { UNITS_MOST = 1000, EDGES_MOST = 4000, DEPTH_MOST = 16 };

/* The receivers by rule, in their order, with the name that reporters read. */
static const struct receiver {
	enum role role;
	const char *name;
} RECEIVERS[] = {
	{ROLE_chair, "Chủ tịch phường"},
	{ROLE_oversight, "Giám sát"},
};
enum { RECEIVER_COUNT = sizeof RECEIVERS / sizeof *RECEIVERS };

bool office_named(enum role role, struct str unit)
{
	for (size_t i = 0; i < RECEIVER_COUNT; i++)
		if (RECEIVERS[i].role == role && str_is(unit, RECEIVERS[i].name))
			return true;
	return false;
}

struct unit_row {
	struct unit_id id, parent;
	enum role office;
	enum subject_what what;
	struct unit_id about;
};
/* Which unit stood below which, once, and does no more. */
struct edge {
	struct unit_id unit, above;
};
struct tree {
	struct unit_row *rows;
	struct edge *edges;
	size_t count, edge_count;
};

/* A ward whose tree is not known whole: nobody is let into an office by half of it. unit_add lets no ward
 * become so. */
static enum rc too_many(struct fault *f)
{
	return fault_set(f, RC_FAIL, "the ward has more units than can be looked through");
}

static enum rc read_tree(struct tx *tx, struct tree *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT id, parent_id, office_role, about, about_unit_id FROM unit WHERE ward_id = ?1 ORDER BY id"
		" LIMIT ?2", "i", "iIiiI");
	static const struct sql edges = SQL_WARD(
		"SELECT unit_id, above_id FROM unit_above WHERE ward_id = ?1 ORDER BY unit_id, above_id LIMIT ?2",
		"i", "ii");
	struct rows r;
	*out = (struct tree){.rows = arena_array(tx_arena(tx), UNITS_MOST, sizeof *out->rows),
	                     .edges = arena_array(tx_arena(tx), EDGES_MOST, sizeof *out->edges)};
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(UNITS_MOST + 1)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (out->count == UNITS_MOST) {
			rows_end(&r);
			return too_many(f);
		}
		out->rows[out->count++] = (struct unit_row){{row_int(&r, 0)}, {row_int(&r, 1)},
			(enum role)row_int(&r, 2), (enum subject_what)row_int(&r, 3), {row_int(&r, 4)}};
	}
	rows_end(&r);
	if (rc == RC_NONE)
		rc = sql_rows(tx, &edges, &r, BIND(v_int(EDGES_MOST + 1)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (out->edge_count == EDGES_MOST) {
			rows_end(&r);
			return too_many(f);
		}
		out->edges[out->edge_count++] = (struct edge){{row_int(&r, 0)}, {row_int(&r, 1)}};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Is the unit `top`, or does it stand below it today? */
static bool below(const struct tree *t, struct unit_id unit, struct unit_id top)
{
	for (int depth = 0; unit.v != 0 && depth < DEPTH_MOST; depth++) {
		struct unit_id up = {0};
		if (unit.v == top.v)
			return true;
		for (size_t i = 0; i < t->count; i++)
			if (t->rows[i].id.v == unit.v)
				up = t->rows[i].parent;
		unit = up;
	}
	return unit.v != 0;   /* deeper than anybody's house */
}

/* ---------------------------------------------------------------- who is barred */

/* What somebody is in this ward, or ever was: there is no day from which a matter about where one worked,
 * or what one was, is anybody else's (people.h). */
struct past {
	uint32_t roles;
	bool any_unit;
	bool *reach;                  /* by row of the tree: a unit of theirs is, or stood, in it or below it;
	                               * behind the last: one that the tree does not know */
};

static size_t row_of_unit(const struct tree *t, struct unit_id id)
{
	size_t i = 0;
	while (i < t->count && t->rows[i].id.v != id.v)
		i++;
	return i;
}

static bool climb(const struct tree *t, bool *reach, struct unit_id unit, struct unit_id above)
{
	size_t from = row_of_unit(t, unit), to = above.v == 0 ? t->count : row_of_unit(t, above);
	if (from == t->count || to == t->count || !reach[from] || reach[to])
		return false;
	return reach[to] = true;
}

/* Upwards along what stands and what once stood above, in whichever order that was. */
static void reach_up(const struct tree *t, bool *reach)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < t->count; i++)
			more = climb(t, reach, t->rows[i].id, t->rows[i].parent) || more;
		for (size_t i = 0; i < t->edge_count; i++)
			more = climb(t, reach, t->edges[i].unit, t->edges[i].above) || more;
	}
}

static enum rc read_past(struct tx *tx, const struct tree *t, struct account_id who, struct past *out,
                         struct fault *f)
{
	static const struct sql units = SQL_WARD(
		"SELECT unit_id AS of_id FROM unit_member WHERE ward_id = ?1 AND account_id = ?2 AND from_day <= ?3"
		" UNION SELECT of_id FROM held_before WHERE ward_id = ?1 AND account_id = ?2 AND what = ?4"
		" ORDER BY of_id", "iii", "i");
	static const struct sql roles = SQL_WARD(
		"SELECT role AS of_id FROM role_held WHERE ward_id = ?1 AND account_id = ?2 AND from_day <= ?3"
		" UNION SELECT of_id FROM held_before WHERE ward_id = ?1 AND account_id = ?2 AND what = ?4"
		" ORDER BY of_id", "iii", "i");
	static const struct sql areas = SQL_WARD(
		"SELECT (SELECT count(*) FROM area_head WHERE ward_id = ?1 AND account_id = ?2 AND from_day <= ?3)"
		" + (SELECT count(*) FROM held_before WHERE ward_id = ?1 AND account_id = ?2 AND what = ?4)",
		"iii", "i");
	struct val today = v_int(day_of(tx_now(tx)));
	struct rows r;
	*out = (struct past){.reach = arena_array(tx_arena(tx), t->count + 1, sizeof(bool))};
	enum rc rc = sql_rows(tx, &units, &r, BIND(v_int(who.v), today, v_int(HELD_unit)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		out->any_unit = true;
		out->reach[row_of_unit(t, (struct unit_id){row_int(&r, 0)})] = true;
	}
	rows_end(&r);
	if (rc == RC_NONE)
		rc = sql_rows(tx, &roles, &r, BIND(v_int(who.v), today, v_int(HELD_role)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		if (row_int(&r, 0) > ROLE_unset && row_int(&r, 0) < ROLE_COUNT)
			out->roles |= ROLE_BIT(row_int(&r, 0));
	rows_end(&r);
	if (rc == RC_NONE)
		rc = sql_one(tx, &areas, &r, BIND(v_int(who.v), today, v_int(HELD_area)), f);
	if (rc != RC_OK)
		return rc;
	if (row_int(&r, 0) > 0)
		out->roles |= ROLE_BIT(ROLE_area_head);
	rows_end(&r);
	reach_up(t, out->reach);
	return RC_OK;
}

static bool barred(const struct tree *t, const struct past *p, enum subject_what what,
                   struct unit_id about)
{
	bool head = (p->roles & ROLE_BIT(ROLE_area_head)) != 0;
	size_t row;
	switch (what) {
	case SUBJECT_unit:
	case SUBJECT_unit_head:
		row = row_of_unit(t, about);
		return row == t->count || p->reach[row] || p->reach[t->count];
	case SUBJECT_chair:
		return (p->roles & ROLE_BIT(ROLE_chair)) != 0 || p->any_unit;
	case SUBJECT_area_head:
		return head;
	case SUBJECT_unknown:
		return head || p->any_unit;
	case SUBJECT_redress:
	case SUBJECT_agency:
		return false;
	case SUBJECT_none:
		break;
	}
	return true;
}

enum rc offices_on(struct tx *tx, struct actor *a, struct fault *f)
{
	struct tree t;
	struct past past;
	uint32_t receive = 0;
	if (!people_see_units(a->roles)) {
		a->unit_count = 0;
		a->heads = 0;
	}
	for (size_t i = 0; i < RECEIVER_COUNT; i++)
		receive |= a->roles & ROLE_BIT(RECEIVERS[i].role);
	if (receive == 0)
		return RC_OK;
	enum rc rc = read_tree(tx, &t, f);
	if (rc == RC_OK)
		rc = read_past(tx, &t, a->account, &past, f);
	if (rc != RC_OK)
		return rc;
	struct unit_id *offices = arena_array(tx_arena(tx), t.count + 1, sizeof *offices);
	for (size_t i = 0; i < t.count; i++) {
		const struct unit_row *u = &t.rows[i];
		if (u->office != ROLE_unset && (receive & ROLE_BIT(u->office)) != 0 &&
		    !barred(&t, &past, u->what, u->about))
			offices[a->office_count++] = u->id;
	}
	a->offices = offices;
	return RC_OK;
}

/* ---------------------------------------------------------------- what it is about */

static const char *const SUBJECTS[] = {"", "unit", "head", "chair", "area_head", "unknown", "redress", "agency"};

enum rc subject_parse(struct tx *tx, struct str text, struct subject *out, struct fault *f)
{
	struct str rest = text, what = str_cut(&rest, ':');
	*out = (struct subject){0};
	for (int i = SUBJECT_unit; i <= SUBJECT_unknown; i++)
		if (str_is(what, SUBJECTS[i]))
			out->what = (enum subject_what)i;
	bool unit = out->what == SUBJECT_unit || out->what == SUBJECT_unit_head;
	if (out->what == SUBJECT_none || unit != (rest.n > 0))
		return fault_at(f, RC_INVALID, "", 0, "subject", "there is no such part of the ward");
	if (!unit)
		return RC_OK;
	enum rc rc = unit_by_slug(tx, rest, &out->unit, f);
	if (rc == RC_OK && out->unit.until_day != 0 && out->unit.until_day < day_of(tx_now(tx)))
		rc = RC_NONE;
	return rc != RC_NONE ? rc : fault_at(f, RC_INVALID, "", 0, "subject", "the ward has no such unit");
}

struct str subject_text(struct arena *a, const struct subject *s)
{
	if (s->what == SUBJECT_unit || s->what == SUBJECT_unit_head)
		return arena_fmt(a, "%s:%.*s", SUBJECTS[s->what], PSTR(s->unit.slug));
	return str_of(SUBJECTS[s->what]);
}

struct str subject_words(struct arena *a, const struct subject *s)
{
	if (s->what == SUBJECT_unit || s->what == SUBJECT_unit_head)
		return arena_fmt(a, "%s:%.*s", SUBJECTS[s->what], PSTR(s->unit.name));
	return str_of(SUBJECTS[s->what]);
}

/* ---------------------------------------------------------------- who receives it */

/* The next account after `after` that holds the role today. RC_NONE. */
static enum rc next_holder(struct tx *tx, enum role role, struct account_id *after, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT DISTINCT h.account_id FROM role_held h JOIN account a ON a.id = h.account_id WHERE "
		"h.ward_id = ?1 AND h.role = ?2 AND h.from_day <= ?3 AND (h.until_day IS NULL OR "
		"h.until_day >= ?3) AND a.closed_at IS NULL AND h.account_id > ?4 ORDER BY h.account_id LIMIT 1",
		"iii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(role), v_int(day_of(tx_now(tx))), v_int(after->v)), f);
	if (rc == RC_OK) {
		after->v = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

/* Does somebody hold the role today whom the subject does not bar? RC_NONE: nobody. */
static enum rc somebody(struct tx *tx, const struct tree *t, enum role role, enum subject_what what,
                        struct unit_id about, struct fault *f)
{
	struct account_id who = {0};
	struct past past;
	enum rc rc;
	while ((rc = next_holder(tx, role, &who, f)) == RC_OK) {
		rc = read_past(tx, t, who, &past, f);
		if (rc != RC_OK || !barred(t, &past, what, about))
			return rc;
	}
	return rc;
}

static enum rc receiver_of(struct tx *tx, const struct tree *t, enum subject_what what,
                           struct unit_id about, enum role *out, struct fault *f)
{
	enum rc rc = RC_NONE;
	for (size_t k = 0; rc == RC_NONE && k < RECEIVER_COUNT; k++) {
		if ((what == SUBJECT_redress || what == SUBJECT_agency) && RECEIVERS[k].role != ROLE_oversight)
			continue;
		rc = somebody(tx, t, RECEIVERS[k].role, what, about, f);
		*out = RECEIVERS[k].role;
	}
	return rc;
}

enum rc receiver_role(struct tx *tx, const struct subject *s, enum role *out, struct fault *f)
{
	struct tree t;
	enum rc rc = read_tree(tx, &t, f);
	return rc == RC_OK ? receiver_of(tx, &t, s->what, s->unit.id, out, f) : rc;
}

/* A unit and its head bar the same people: one office has both. */
static enum subject_what office_what(const struct subject *s)
{
	return s->what == SUBJECT_unit_head ? SUBJECT_unit : s->what;
}

enum rc office_find(struct tx *tx, enum role role, const struct subject *s, struct unit_id *out, struct fault *f)
{
	static const struct sql find = SQL_WARD(
		"SELECT id FROM unit WHERE ward_id = ?1 AND office_role = ?2 AND about = ?3 AND "
		"COALESCE(about_unit_id, 0) = ?4", "iii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &find, &r, BIND(v_int(role), v_int(office_what(s)), v_int(s->unit.id.v)), f);
	if (rc == RC_OK) {
		out->v = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc receiver_office(struct tx *tx, const struct subject *s, struct unit *out, struct fault *f)
{
	static const struct sql add = SQL_WARD(
		"INSERT INTO unit (ward_id, id, slug, name, office_role, about, about_unit_id)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "ittiiI", "");
	enum subject_what what = office_what(s);
	enum role role;
	struct unit_id there;
	const char *name = "";
	enum rc rc = receiver_role(tx, s, &role, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < RECEIVER_COUNT; i++)
		if (RECEIVERS[i].role == role)
			name = RECEIVERS[i].name;
	rc = office_find(tx, role, s, &there, f);
	if (rc == RC_OK)
		return unit_get(tx, there, out, f);
	if (rc != RC_NONE)
		return rc;
	struct unit_id id = {new_id()};
	/* No unit that somebody adds can be called so. */
	struct str slug = arena_fmt(tx_arena(tx), "~%s~%s~%" PRId64, role_name(role), SUBJECTS[what],
	                            s->unit.id.v);
	rc = sql_run(tx, &add, BIND(v_int(id.v), v_text(slug), v_text(str_of(name)), v_int(role),
	                            v_int(what), v_int0(s->unit.id.v)), NULL, f);
	return rc == RC_OK ? unit_get(tx, id, out, f) : rc;
}

enum rc offices_left(struct tx *tx, struct office_left **out, size_t *count, struct fault *f)
{
	struct tree t;
	enum role role;
	*count = 0;
	enum rc rc = read_tree(tx, &t, f);
	if (rc != RC_OK)
		return rc;
	*out = arena_array(tx_arena(tx), t.count + 1, sizeof **out);
	for (size_t i = 0; i < t.count; i++) {
		const struct unit_row *u = &t.rows[i];
		if (u->office == ROLE_unset)
			continue;
		rc = somebody(tx, &t, u->office, u->what, u->about, f);
		if (rc == RC_OK)
			continue;
		if (rc == RC_NONE)
			rc = receiver_of(tx, &t, u->what, u->about, &role, f);
		if (rc != RC_OK && rc != RC_NONE)
			return rc;
		(*out)[(*count)++] = (struct office_left){u->id, {u->what, {.id = u->about}}, rc == RC_OK};
	}
	return RC_OK;
}

enum rc office_waits(struct tx *tx, struct unit_id unit, bool *out, struct fault *f)
{
	struct office_left *all;
	size_t n = 0;
	*out = false;
	enum rc rc = offices_left(tx, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		*out = *out || (all[i].office.v == unit.v && !all[i].received);
	return rc;
}

static enum rc ever_held(struct tx *tx, enum role role, bool *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT count(*) FROM role_held WHERE ward_id = ?1 AND role = ?2 AND from_day <= ?3", "ii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(role), v_int(day_of(tx_now(tx)))), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) > 0;
	rows_end(&r);
	return RC_OK;
}

enum rc receivers_missing(struct tx *tx, struct subject *out, size_t max, size_t *count, struct fault *f)
{
	struct tree t;
	struct unit *units;
	size_t n = 0;
	enum role role;
	bool chair, watch;
	*count = 0;
	enum rc rc = ever_held(tx, ROLE_chair, &chair, f);
	if (rc == RC_OK)
		rc = ever_held(tx, ROLE_oversight, &watch, f);
	if (rc != RC_OK || (!chair && !watch))
		return rc;
	rc = read_tree(tx, &t, f);
	if (rc == RC_OK)
		rc = unit_list(tx, &units, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n + 3 && *count < max; i++) {
		struct subject s = {.what = SUBJECT_unit};
		if (i < n)
			s.unit = units[i];
		else
			s.what = (enum subject_what)(SUBJECT_chair + (int)(i - n));
		if (s.what == SUBJECT_chair && !watch)
			continue;
		rc = receiver_of(tx, &t, s.what, s.unit.id, &role, f);
		if (rc == RC_NONE) {
			out[(*count)++] = s;
			rc = RC_OK;
		}
	}
	return rc;
}

/* ---------------------------------------------------------------- one unit below another */

enum rc unit_place(struct tx *tx, struct unit_id unit, struct unit_id parent, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"UPDATE unit SET parent_id = ?3 WHERE ward_id = ?1 AND id = ?2", "iI", "");
	/* Its people were below that one: a move in the tree opens nothing (people.h). */
	static const struct sql trace = SQL_WARD(
		"INSERT INTO unit_above (ward_id, unit_id, above_id) SELECT ward_id, id, parent_id FROM unit"
		" WHERE ward_id = ?1 AND id = ?2 AND parent_id IS NOT NULL"
		" ON CONFLICT (ward_id, unit_id, above_id) DO NOTHING", "i", "");
	struct unit up;
	struct tree t;
	enum rc rc;
	if (parent.v != 0) {
		rc = unit_get(tx, parent, &up, f);
		if (rc == RC_OK)
			rc = read_tree(tx, &t, f);
		if (rc < RC_OK)
			return rc;
		if (rc != RC_OK || up.office || up.until_day != 0 || below(&t, parent, unit))
			return fault_at(f, RC_INVALID, "", 0, "parent",
			                "is no unit that stays, or stands below this one itself");
	}
	rc = sql_run(tx, &trace, BIND(v_int(unit.v)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &q, BIND(v_int(unit.v), v_int0(parent.v)), NULL, f) : rc;
}
