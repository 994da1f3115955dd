/* Agencies' requests: entering, reading, counting (agency.h). Deciding, giving and telling: agency_act.c. */
#include "ward/flow/agency.h"

#include "ward/flow/agency_private.h"

const struct schema_step AGENCY_SCHEMA[] = {
	{"agency-0001",
	 "-- What an agency's request says, and who decided it. who, number, day: the agency and its letter;\n"
	 "-- order_number, order_day, order_until: by which order its reporters are not told, and until when.\n"
	 "CREATE TABLE agency_request (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  who @text NOT NULL,\n"
	 "  number @text NOT NULL,\n"
	 "  day @day NOT NULL,\n"
	 "  order_number @text NOT NULL DEFAULT '',\n"
	 "  order_day @day,\n"
	 "  order_until @day,\n"
	 "  entered_by @id REFERENCES account (id),\n"
	 "  chair_by @id REFERENCES account (id),\n"
	 "  chair_at @time,\n"
	 "  oversight_by @id REFERENCES account (id),\n"
	 "  oversight_at @time,\n"
	 "  refused_by @id REFERENCES account (id),\n"
	 "  result @text NOT NULL DEFAULT '',\n"
	 "  decided_at @time,\n"
	 "  PRIMARY KEY (ward_id, case_id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"
	 "-- How many were decided in a period: counted exactly.\n"
	 "CREATE INDEX agency_decided ON agency_request (ward_id, decided_at, result) WHERE decided_at IS NOT NULL;\n"
	 "-- What waits for a decision.\n"
	 "CREATE INDEX agency_waits ON agency_request (ward_id, case_id) WHERE decided_at IS NULL;\n"
	 "-- The cases that it is about; about_id NULL: erased since. told_at: when its reporter was told.\n"
	 "CREATE TABLE agency_scope (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  n @int NOT NULL,\n"
	 "  about_id @id,\n"
	 "  told_at @time,\n"
	 "  PRIMARY KEY (ward_id, case_id, n),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES agency_request (ward_id, case_id),\n"
	 "  FOREIGN KEY (ward_id, about_id) REFERENCES ward_case (ward_id, id)\n"
	 ") @no_rowid;\n"
	 "-- A case that is erased leaves its place.\n"
	 "CREATE INDEX agency_scope_about ON agency_scope (ward_id, about_id) WHERE about_id IS NOT NULL;\n"
	 "-- Who is still to be told, looked for each night.\n"
	 "CREATE INDEX agency_scope_untold ON agency_scope (ward_id, case_id) WHERE told_at IS NULL AND about_id IS NOT NULL;\n"
	 "-- Who was told in a period: counted exactly.\n"
	 "CREATE INDEX agency_scope_told ON agency_scope (ward_id, told_at) WHERE told_at IS NOT NULL;\n"
	 "-- Which of them was given: n of the scope, by which entry of the request's timeline, when.\n"
	 "CREATE TABLE agency_given (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  seq @int NOT NULL,\n"
	 "  n @int NOT NULL,\n"
	 "  given_at @time NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, case_id, seq, n),\n"
	 "  FOREIGN KEY (ward_id, case_id, n) REFERENCES agency_scope (ward_id, case_id, n)\n"
	 ") @no_rowid;\n"
	 "CREATE INDEX agency_given_at ON agency_given (ward_id, given_at);\n"},
	{0},
};

const struct procedure *agency_kind(const struct flow *w, struct ward_id ward, int32_t day)
{
	const struct procedure *p = procedure_of_kind(w->procedures, STR(AGENCY_KIND), day);
	int32_t from = procedure_withdrawn_from(w->procedures, ward, STR(AGENCY_KIND));
	return p != NULL && p->agency && (from == 0 || day < from) ? p : NULL;
}

enum rc agency_receiver(struct tx *tx, struct fault *f)
{
	enum role role;
	return receiver_role(tx, &(struct subject){.what = SUBJECT_agency}, &role, f);
}

/* ---------------------------------------------------------------- entering */

#define WRONG(name) (1U << AGENCY_WRONG_##name)

static void check_order(struct agency_new *n, int32_t today)
{
	if (n->order_number.n == 0)
		n->wrong |= WRONG(order_number);
	if (n->order_day == 0)
		n->wrong |= WRONG(order_day);
	else if (n->order_day > today)
		n->wrong |= WRONG(order_day_later);
	if (n->order_until == 0)
		n->wrong |= WRONG(order_until);
	else if (n->order_until < today)
		n->wrong |= WRONG(order_until_past);
	else if (n->order_until - today > n->most)
		n->wrong |= WRONG(order_until_far);
}

static void check_letter(struct agency_new *n, int32_t today)
{
	if (n->who.n == 0)
		n->wrong |= WRONG(who);
	if (n->number.n == 0)
		n->wrong |= WRONG(number);
	if (n->day == 0)
		n->wrong |= WRONG(day);
	else if (n->day > today)
		n->wrong |= WRONG(day_later);
	if (n->basis.n == 0)
		n->wrong |= WRONG(basis);
	if (n->order)
		check_order(n, today);
}

struct scope {
	struct case_id of[AGENCY_SCOPE_MOST];
	char code[AGENCY_SCOPE_MOST][16];
	size_t count;
};

/* A code's case, where a request may be about it. RC_NONE: not, or there is none; both look alike. */
static enum rc one_case(struct tx *tx, const struct flow *w, struct str code, struct ward_case *c, struct fault *f)
{
	struct case_id id;
	enum rc rc = receipt_case(tx, code, &id, f);
	if (rc == RC_OK)
		rc = case_get(tx, w, id, c, f);
	return rc == RC_OK && (procedure_by_rule(c->procedure) || c->gone_day != 0) ? RC_NONE : rc;
}

/* Codes stand in lines, or between commas. */
static struct str in_lines(struct arena *a, struct str typed)
{
	struct buf b = {0};
	for (size_t i = 0; i < typed.n; i++)
		buf_addc(&b, (char)(typed.p[i] == ',' ? '\n' : typed.p[i]));
	return arena_take(a, &b);
}

/* Each is read: one that is no case does not lose the others. Twice the same counts once. */
static enum rc read_scope(struct tx *tx, const struct flow *w, struct agency_new *n, struct scope *out, struct fault *f)
{
	struct str rest = in_lines(tx_arena(tx), n->scope);
	struct buf unknown = {0};
	enum rc rc = RC_OK;
	out->count = 0;
	while (rc == RC_OK && rest.n > 0) {
		struct ward_case c;
		struct str line = str_trim(str_cut(&rest, '\n'));
		if (line.n == 0)
			continue;
		rc = one_case(tx, w, line, &c, f);
		if (rc == RC_NONE) {
			buf_addf(&unknown, "%s%.*s", unknown.n > 0 ? ", " : "", PSTR(line));
			n->wrong |= WRONG(scope_unknown);
			rc = RC_OK;
			continue;
		}
		bool twice = false;
		for (size_t i = 0; rc == RC_OK && i < out->count; i++)
			twice = twice || out->of[i].v == c.id.v;
		if (rc != RC_OK || twice)
			continue;
		if (out->count == AGENCY_SCOPE_MOST) {
			n->wrong |= WRONG(scope_many);
			break;
		}
		out->of[out->count] = c.id;
		memcpy(out->code[out->count++], c.code, sizeof c.code);
	}
	n->unknown = arena_take(tx_arena(tx), &unknown);
	if (rc == RC_OK && out->count == 0 && (n->wrong & WRONG(scope_unknown)) == 0)
		n->wrong |= WRONG(scope);
	return rc;
}

static struct str codes_of(struct arena *a, const struct scope *s)
{
	struct buf b = {0};
	for (size_t i = 0; i < s->count; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", s->code[i]);
	return arena_take(a, &b);
}

static enum rc write_rows(struct tx *tx, const struct agency_new *n, struct case_id of, const struct scope *s,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO agency_request (ward_id, case_id, who, number, day, order_number, order_day, order_until, entered_by)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", "ittitIIi", "");
	static const struct sql Q_SCOPE = SQL_WARD(
		"INSERT INTO agency_scope (ward_id, case_id, n, about_id) VALUES (?1, ?2, ?3, ?4)", "iii", "");
	enum rc rc = sql_run(tx, &Q,
	                     BIND(v_int(of.v), v_text(n->who), v_text(n->number), v_int(n->day),
	                          v_text(n->order ? n->order_number : STR_EMPTY), v_int0(n->order ? n->order_day : 0),
	                          v_int0(n->order ? n->order_until : 0), v_int(n->actor->account.v)),
	                     NULL, f);
	for (size_t i = 0; rc == RC_OK && i < s->count; i++)
		rc = sql_run(tx, &Q_SCOPE, BIND(v_int(of.v), v_int((int64_t)i + 1), v_int(s->of[i].v)), NULL, f);
	return rc;
}

enum rc agency_open(struct tx *tx, const struct flow *w, const struct ward *ward, struct agency_new *n,
                    struct str *code, struct fault *f)
{
	struct arena *a = tx_arena(tx);
	int32_t today = day_of(tx_now(tx));
	const struct procedure *p = agency_kind(w, tx_ward(tx), today);
	struct ward_case c;
	struct receipt receipt;
	struct scope *scope = arena_array(a, 1, sizeof *scope);
	if (!actor_may(n->actor, PERM_agency_ask))
		return fault_set(f, RC_DENIED, "an agency's request is entered by who may ask");
	if (p == NULL)
		return fault_set(f, RC_EXPIRED, "the ward has no such kind");
	n->wrong = 0;
	check_letter(n, today);
	enum rc rc = read_scope(tx, w, n, scope, f);
	if (rc == RC_OK && n->wrong != 0)
		return fault_set(f, RC_INVALID, "the request is not whole");
	if (rc != RC_OK)
		return rc;
	const struct part parts[] = {
		{STR("agency_who"), n->who, STR("figures")},
		{STR("agency_number"), n->number, STR("figures")},
		{STR("agency_day"), text_day_iso(a, n->day), STR("figures")},
		{STR("agency_scope"), codes_of(a, scope), STR("text")},
		{STR("agency_order"), n->order_number, STR("figures")},
		{STR("agency_order_day"), n->order ? text_day_iso(a, n->order_day) : STR_EMPTY, STR("figures")},
		{STR("agency_until"), n->order ? text_day_iso(a, n->order_until) : STR_EMPTY, STR("figures")},
	};
	enum { PARTS = sizeof parts / sizeof *parts, ORDER_PARTS = 3 };
	const struct case_new new = {.procedure = p, .journey = n->journey, .text = n->basis, .channel = STR("letter"),
	                             .actor = n->actor, .parts = parts, .part_count = n->order ? PARTS : PARTS - ORDER_PARTS,
	                             .place = {.street = STR_EMPTY, .landmark = STR_EMPTY}};
	rc = case_open(tx, w, ward, &new, &c, &receipt, f);
	if (rc == RC_OK || rc == RC_EXISTS)
		*code = arena_copy(a, str_of(c.code));
	return rc == RC_OK ? write_rows(tx, n, c.id, scope, f) : rc;
}

/* ---------------------------------------------------------------- reading */

#define COLUMNS \
	"r.case_id, c.code, c.step, c.state, c.received_at, c.due_at, c.closed_at, c.version, r.who, r.number, r.day," \
	" r.order_number, r.order_day, r.order_until, r.entered_by, r.chair_by, r.chair_at, r.oversight_by, r.oversight_at," \
	" r.refused_by, r.result, (SELECT COUNT(*) FROM agency_scope s WHERE s.ward_id = r.ward_id AND s.case_id = r.case_id)," \
	" (SELECT COUNT(*) FROM agency_scope s WHERE s.ward_id = r.ward_id AND s.case_id = r.case_id AND s.told_at IS NOT NULL)"
#define TYPES "ittiiIIittitIIIIIIIItii"
#define FROM " FROM agency_request r JOIN ward_case c ON c.ward_id = r.ward_id AND c.id = r.case_id"

static void fill(struct rows *r, struct agency_request *out)
{
	*out = (struct agency_request){
		.of = {row_int(r, 0)}, .step = row_str(r, 2), .state = (enum state)row_int(r, 3), .received_at = row_int(r, 4),
		.due_at = row_int(r, 5), .closed_at = row_int(r, 6), .version = row_int(r, 7), .who = row_str(r, 8),
		.number = row_str(r, 9), .day = (int32_t)row_int(r, 10), .order_number = row_str(r, 11),
		.order_day = (int32_t)row_int(r, 12), .order_until = (int32_t)row_int(r, 13), .entered_by = {row_int(r, 14)},
		.chair_by = {row_int(r, 15)}, .chair_at = row_int(r, 16), .oversight_by = {row_int(r, 17)},
		.oversight_at = row_int(r, 18), .refused_by = {row_int(r, 19)}, .outcome = row_str(r, 20),
		.scope = (int)row_int(r, 21), .told = (int)row_int(r, 22),
	};
	(void)snprintf(out->code, sizeof out->code, "%.*s", PSTR(row_str(r, 1)));
}

/* Until when a granted one may be used. */
static void last_day(const struct flow *w, struct agency_request *r)
{
	if (!str_is(r->outcome, "granted") || retention_day(w, STR("agency.use"), r->closed_at, &r->last_day, NULL) != RC_OK)
		r->last_day = 0;              /* without the rule: never */
}

enum rc agency_row(struct tx *tx, struct case_id of, struct agency_request *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT " COLUMNS FROM " WHERE r.ward_id = ?1 AND r.case_id = ?2", "i", TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(of.v)), f);
	if (rc == RC_OK) {
		fill(&r, out);
		rows_end(&r);
	}
	return rc;
}

enum rc agency_get(struct tx *tx, const struct flow *w, struct str code, struct agency_request *out,
                   struct ward_case *c, struct fault *f)
{
	struct case_id id;
	enum rc rc = receipt_case(tx, code, &id, f);
	if (rc == RC_OK)
		rc = agency_row(tx, id, out, f);
	if (rc == RC_OK)
		last_day(w, out);
	return rc == RC_OK ? case_get(tx, w, id, c, f) : rc;
}

bool agency_seen_by(const struct agency_request *r, const struct actor *a)
{
	return actor_may(a, PERM_agency_decide) || (a->account.v != 0 && r->entered_by.v == a->account.v);
}

enum rc agency_list(struct tx *tx, const struct flow *w, const struct actor *a, bool open, size_t limit,
                    struct agency_request **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS FROM " WHERE r.ward_id = ?1 AND c.open = ?2 AND (?3 = 0 OR r.entered_by = ?3)"
		" ORDER BY r.case_id DESC LIMIT ?4", "iii", TYPES);
	int64_t own = actor_may(a, PERM_agency_decide) ? 0 : a->account.v;
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	if (own == 0 && !actor_may(a, PERM_agency_decide))
		return RC_OK;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(open ? 1 : 0), v_int(own), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK)
		fill(&r, &(*out)[(*count)++]);
	rows_end(&r);
	for (size_t i = 0; i < *count; i++)
		last_day(w, &(*out)[i]);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc agency_waiting(struct tx *tx, enum role role, int64_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT SUM(CASE WHEN chair_by IS NULL THEN 1 ELSE 0 END), SUM(CASE WHEN oversight_by IS NULL THEN 1 ELSE 0 END)"
		" FROM agency_request WHERE ward_id = ?1 AND decided_at IS NULL", "", "II");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NULL, 0, f);
	if (rc != RC_OK)
		return rc;
	*n = row_int(&r, role == ROLE_chair ? 0 : 1);
	rows_end(&r);
	return RC_OK;
}

enum rc agency_scope(struct tx *tx, struct case_id request, struct agency_case **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT s.n, s.about_id, c.code, s.told_at, (SELECT COUNT(*) FROM agency_given g WHERE g.ward_id = s.ward_id"
		" AND g.case_id = s.case_id AND g.n = s.n) FROM agency_scope s"
		" JOIN ward_case c ON c.ward_id = s.ward_id AND c.id = s.about_id"
		" WHERE s.ward_id = ?1 AND s.case_id = ?2 ORDER BY s.n LIMIT ?3", "ii", "iitIi");
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), AGENCY_SCOPE_MOST, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(request.v), v_int(AGENCY_SCOPE_MOST)), f);
	while (rc == RC_OK && *count < AGENCY_SCOPE_MOST && (rc = rows_next(&r, f)) == RC_OK) {
		struct agency_case *c = &(*out)[(*count)++];
		*c = (struct agency_case){.n = (int)row_int(&r, 0), .of = {row_int(&r, 1)}, .told_at = row_int(&r, 3),
		                          .given = (int)row_int(&r, 4)};
		(void)snprintf(c->code, sizeof c->code, "%.*s", PSTR(row_str(&r, 2)));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- figures */

static enum rc number(struct tx *tx, const struct sql *q, int64_t from, int64_t until, int64_t *out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, q, &r, BIND(v_int(from), v_int(until)), f);
	if (rc == RC_OK) {
		*out = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc agency_counts(struct tx *tx, int32_t from, int32_t until, struct agency_counts *out, struct fault *f)
{
	static const struct sql Q_ASKED = SQL_WARD(
		"SELECT COUNT(*) FROM agency_request WHERE ward_id = ?1 AND case_id > ?2 AND case_id <= ?3", "ii", "i");
	static const struct sql Q_GRANTED = SQL_WARD(
		"SELECT COUNT(*) FROM agency_request WHERE ward_id = ?1 AND decided_at >= ?2 AND decided_at < ?3"
		" AND result = 'granted'", "ii", "i");
	static const struct sql Q_REFUSED = SQL_WARD(
		"SELECT COUNT(*) FROM agency_request WHERE ward_id = ?1 AND decided_at >= ?2 AND decided_at < ?3"
		" AND result = 'refused'", "ii", "i");
	static const struct sql Q_WITHDRAWN = SQL_WARD(
		"SELECT COUNT(*) FROM agency_request WHERE ward_id = ?1 AND decided_at >= ?2 AND decided_at < ?3"
		" AND result = 'withdrawn'", "ii", "i");
	static const struct sql Q_CASES = SQL_WARD(
		"SELECT COUNT(*) FROM agency_request r JOIN agency_scope s ON s.ward_id = r.ward_id AND s.case_id = r.case_id"
		" WHERE r.ward_id = ?1 AND r.decided_at >= ?2 AND r.decided_at < ?3 AND r.result = 'granted'", "ii", "i");
	static const struct sql Q_GIVEN = SQL_WARD(
		"SELECT COUNT(*) FROM agency_given WHERE ward_id = ?1 AND given_at >= ?2 AND given_at < ?3", "ii", "i");
	static const struct sql Q_TOLD = SQL_WARD(
		"SELECT COUNT(*) FROM agency_scope WHERE ward_id = ?1 AND told_at >= ?2 AND told_at < ?3", "ii", "i");
	/* Granted whenever, and not told by the end. */
	static const struct sql Q_FORBIDDEN = SQL_WARD(
		"SELECT COUNT(*) FROM agency_request r JOIN agency_scope s ON s.ward_id = r.ward_id AND s.case_id = r.case_id"
		" WHERE r.ward_id = ?1 AND r.decided_at >= ?2 AND r.decided_at < ?3 AND r.result = 'granted'"
		" AND (s.told_at >= ?3 OR (s.told_at IS NULL AND s.about_id IS NOT NULL))", "ii", "i");
	int64_t begin = day_start(from), end = day_start(until);
	*out = (struct agency_counts){0};
	enum rc rc = number(tx, &Q_ASKED, id_floor(begin), id_floor(end), &out->asked, f);
	if (rc == RC_OK)
		rc = number(tx, &Q_GRANTED, begin, end, &out->granted, f);
	if (rc == RC_OK)
		rc = number(tx, &Q_REFUSED, begin, end, &out->refused, f);
	if (rc == RC_OK)
		rc = number(tx, &Q_WITHDRAWN, begin, end, &out->withdrawn, f);
	if (rc == RC_OK)
		rc = number(tx, &Q_CASES, begin, end, &out->cases, f);
	if (rc == RC_OK)
		rc = number(tx, &Q_GIVEN, begin, end, &out->given, f);
	if (rc == RC_OK)
		rc = number(tx, &Q_TOLD, begin, end, &out->told, f);
	return rc == RC_OK ? number(tx, &Q_FORBIDDEN, 0, end, &out->forbidden, f) : rc;
}
