#include "ward/flow/hold.h"

#include "ward/flow/erase.h"
#include "ward/flow/flow_private.h"

const struct schema_step HOLD_SCHEMA[] = {
	{"hold-0001",
	 "-- The last day of the legal holds on a case; NULL: none stands. And when all of it but what the\n"
	 "-- figures need was erased; its column open is 3 then, in no list.\n"
	 "ALTER TABLE ward_case ADD COLUMN held_until @day;\n"
	 "ALTER TABLE ward_case ADD COLUMN gone_day @day;\n"
	 "-- By which order nothing of a case is erased, and until when. A record of the authority's acts.\n"
	 "CREATE TABLE legal_hold (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  number @text NOT NULL,\n"
	 "  day @day NOT NULL,\n"
	 "  who @text NOT NULL,\n"
	 "  until_day @day NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  account_id @id NOT NULL REFERENCES account (id),\n"
	 "  ended_at @time,\n"
	 "  PRIMARY KEY (ward_id, id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"
	 "-- What the night ends, and what stands.\n"
	 "CREATE INDEX legal_hold_stands ON legal_hold (ward_id, until_day, case_id) WHERE ended_at IS NULL;\n"
	 "CREATE INDEX legal_hold_case ON legal_hold (ward_id, case_id, id);\n"
	 "CREATE INDEX legal_hold_made ON legal_hold (ward_id, made_at);\n"
	 "-- Whoever comes back with the code of what was erased is told so.\n"
	 "CREATE INDEX deletion_code ON deletion (ward_id, code, n);\n"},
	{0},
};

/* ---------------------------------------------------------------- reading */

#define COLUMNS "h.id, h.case_id, c.code, h.number, h.day, h.who, h.until_day, h.made_at, h.ended_at"
#define TYPES "iittitiiI"
#define FROM " FROM legal_hold h JOIN ward_case c ON c.ward_id = h.ward_id AND c.id = h.case_id"

static enum rc read_all(struct tx *tx, const struct sql *q, const struct val *in, size_t n, size_t limit,
                        struct hold **out, size_t *count, struct fault *f)
{
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	enum rc rc = sql_rows(tx, q, &r, in, n, f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct hold *h = &(*out)[(*count)++];
		*h = (struct hold){
			.id = row_int(&r, 0),
			.of = {row_int(&r, 1)},
			.number = row_str(&r, 3),
			.day = (int32_t)row_int(&r, 4),
			.who = row_str(&r, 5),
			.until = (int32_t)row_int(&r, 6),
			.made_at = row_int(&r, 7),
			.ended_at = row_int(&r, 8),
		};
		(void)snprintf(h->code, sizeof h->code, "%.*s", PSTR(row_str(&r, 2)));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc hold_list(struct tx *tx, bool ended, int64_t before, size_t limit, struct hold **out, size_t *count,
                  struct fault *f)
{
	static const struct sql Q_STANDS = SQL_WARD(
		"SELECT " COLUMNS FROM " WHERE h.ward_id = ?1 AND h.ended_at IS NULL AND (?2 = 0 OR h.id < ?2)"
		" ORDER BY h.id DESC LIMIT ?3", "ii", TYPES);
	static const struct sql Q_ENDED = SQL_WARD(
		"SELECT " COLUMNS FROM " WHERE h.ward_id = ?1 AND h.ended_at IS NOT NULL AND (?2 = 0 OR h.id < ?2)"
		" ORDER BY h.id DESC LIMIT ?3", "ii", TYPES);
	return read_all(tx, ended ? &Q_ENDED : &Q_STANDS, BIND(v_int(before), v_int((int64_t)limit)), limit, out,
	                count, f);
}

enum rc hold_of_case(struct tx *tx, struct case_id c, struct hold **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS FROM " WHERE h.ward_id = ?1 AND h.case_id = ?2 AND h.ended_at IS NULL"
		" ORDER BY h.until_day DESC, h.id LIMIT ?3", "ii", TYPES);
	return read_all(tx, &Q, BIND(v_int(c.v), v_int(HOLDS_A_CASE)), HOLDS_A_CASE, out, count, f);
}

enum rc hold_counts(struct tx *tx, int64_t from, int64_t until, struct hold_counts *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT SUM(CASE WHEN made_at >= ?2 THEN 1 ELSE 0 END),"
		" SUM(CASE WHEN ended_at >= ?2 AND ended_at < ?3 THEN 1 ELSE 0 END),"
		" SUM(CASE WHEN ended_at IS NULL OR ended_at >= ?3 THEN 1 ELSE 0 END)"
		" FROM legal_hold WHERE ward_id = ?1 AND made_at < ?3", "ii", "III");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(from), v_int(until)), f);
	if (rc != RC_OK)
		return rc;
	*out = (struct hold_counts){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2)};
	rows_end(&r);
	return RC_OK;
}

/* ---------------------------------------------------------------- the case's side */

/* What the case is held until now, by the rows; 0: nothing stands. */
static enum rc longest(struct tx *tx, struct case_id c, int32_t *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT MAX(until_day) FROM legal_hold WHERE ward_id = ?1 AND case_id = ?2 AND ended_at IS NULL", "i",
		"I");
	struct rows r;
	*out = 0;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	*out = (int32_t)row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

/* Its line in the timeline, and due days by what stands now. The rows were written before. */
static enum rc told(struct tx *tx, const struct flow *w, const struct ward_case *before, enum verb verb,
                    struct draft *d, const struct actor_mark *who, struct fault *f)
{
	struct ward_case c = *before;
	enum rc rc = longest(tx, c.id, &c.held_until, f);
	if (rc != RC_OK)
		return rc;
	c.moved_at = tx_now(tx);
	draft_chain(d, &c, tx_ward(tx), verb, c.moved_at, who);
	rc = case_update(tx, w, before, &c, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, d, &c, verb, c.moved_at, who, f);
	return rc == RC_OK ? timeline_due(tx, w, &c, f) : rc;
}

static void say(struct tx *tx, struct draft *d, const struct hold *h)
{
	struct arena *a = tx_arena(tx);
	draft_init(d, a, 4);
	draft_add(d, "hold_number", h->number, STR("figures"));
	draft_add(d, "hold_day", text_day_iso(a, h->day), STR("figures"));
	draft_add(d, "hold_who", h->who, STR("figures"));
	draft_add(d, "hold_until", text_day_iso(a, h->until), STR("figures"));
}

/* ---------------------------------------------------------------- putting */

static enum rc wrong(struct fault *f, const char *field, const char *text)
{
	return fault_at(f, RC_INVALID, NULL, 0, field, "%s", text);
}

static enum rc check(const struct hold_new *n, int32_t today, struct fault *f)
{
	if (n->number.n == 0)
		return wrong(f, "number", "an order has a number");
	if (n->day == 0)
		return wrong(f, "day", "an order has a date");
	if (n->day > today)
		return wrong(f, "day.later", "the order's date is still to come");
	if (n->who.n == 0)
		return wrong(f, "who", "somebody ordered it");
	if (n->until == 0)
		return wrong(f, "until", "a hold has an end");
	if (n->until < today)
		return wrong(f, "until.past", "its last day is over");
	if (n->until - today > n->most)
		return wrong(f, "until.far", "its last day is further off than a hold may last");
	return RC_OK;
}

static enum rc same_stands(struct tx *tx, struct case_id c, const struct hold_new *n, struct fault *f)
{
	struct hold *all;
	size_t count;
	enum rc rc = hold_of_case(tx, c, &all, &count, f);
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		if (str_eq(all[i].number, n->number) && all[i].day == n->day)
			return fault_set(f, RC_EXISTS, "the order stands on the case already");
	return rc == RC_OK && count == HOLDS_A_CASE ? fault_set(f, RC_LIMIT, "too many orders stand on the case") : rc;
}

/* The case of the code, as the order names it. */
static enum rc named(struct tx *tx, struct hold_new *n, struct str code, struct case_id *out, struct fault *f)
{
	struct str rule;
	enum rc rc = receipt_case_ever(tx, code, out, f);
	if (rc != RC_NONE)
		return rc;
	rc = erased_code(tx, code, &n->erased_day, &rule, f);
	if (rc == RC_OK)
		return wrong(f, "code.erased", "what had this code is erased");
	return rc == RC_NONE ? wrong(f, "code", "there is no case of this code") : rc;
}

enum rc hold_put(struct tx *tx, const struct flow *w, struct hold_new *n, struct hold *out,
                 struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO legal_hold (ward_id, id, case_id, number, day, who, until_day, made_at, account_id)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", "iititiii", "");
	struct ward_case c;
	struct case_id id;
	struct actor_mark who;
	struct draft d;
	char code[16];
	if ((n->actor->roles & ROLE_BIT(ROLE_oversight)) == 0)
		return fault_set(f, RC_DENIED, "holds are oversight's");
	if (code_read(n->code, code) != RC_OK)
		return wrong(f, "code", "this is no code");
	enum rc rc = check(n, day_of(tx_now(tx)), f);
	if (rc == RC_OK)
		rc = named(tx, n, str_of(code), &id, f);
	if (rc == RC_OK)
		rc = case_lock(tx, w, id, 0, &c, f);
	if (rc == RC_OK)
		rc = same_stands(tx, id, n, f);
	if (rc == RC_OK)
		rc = actor_mark(w, n->actor, c.unit, &who, f);
	if (rc != RC_OK)
		return rc;
	*out = (struct hold){.id = idgen_next(w->ids), .of = id, .number = n->number, .day = n->day,
	                     .until = n->until, .who = n->who, .made_at = tx_now(tx)};
	memcpy(out->code, c.code, sizeof out->code);
	who.role = ROLE_oversight;   /* whatever else one is */
	who.unit = (struct unit_id){0};
	who.key_no = 0;
	rc = actor_pseudonym(w->keys, who.account, who.role, who.unit, &who.key_no, &who.pseudonym, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q,
		             BIND(v_int(out->id), v_int(id.v), v_text(out->number), v_int(out->day), v_text(out->who),
		                  v_int(out->until), v_int(out->made_at), v_int(n->actor->account.v)),
		             NULL, f);
	say(tx, &d, out);
	if (rc == RC_OK)
		rc = told(tx, w, &c, VERB_hold, &d, &who, f);
	/* That there is a matter of this code is something to know. */
	return rc == RC_OK ? look_add(tx, w, n->actor, "hold", id, out->number, 1, f) : rc;
}

/* ---------------------------------------------------------------- ending */

static const struct sql Q_END =
	SQL_WARD("UPDATE legal_hold SET ended_at = ?3 WHERE ward_id = ?1 AND id = ?2", "ii", "");

enum rc hold_end(struct tx *tx, const struct flow *w, const struct actor *actor, int64_t id, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS FROM " WHERE h.ward_id = ?1 AND h.id = ?2 AND h.ended_at IS NULL", "i", TYPES);
	struct hold *h;
	size_t n;
	struct ward_case c;
	struct draft d;
	if ((actor->roles & ROLE_BIT(ROLE_oversight)) == 0)
		return fault_set(f, RC_DENIED, "holds are oversight's");
	enum rc rc = read_all(tx, &Q, BIND(v_int(id)), 1, &h, &n, f);
	if (rc == RC_OK && n == 0)
		return RC_NONE;
	if (rc == RC_OK)
		rc = case_lock(tx, w, h->of, 0, &c, f);
	struct actor_mark who = {.account = actor->account, .role = ROLE_oversight};
	if (rc == RC_OK)
		rc = actor_pseudonym(w->keys, who.account, who.role, who.unit, &who.key_no, &who.pseudonym, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q_END, BIND(v_int(id), v_int(tx_now(tx))), NULL, f);
	if (rc != RC_OK)
		return rc;
	draft_init(&d, tx_arena(tx), 1);
	draft_add(&d, "hold_number", h->number, STR("figures"));
	return told(tx, w, &c, VERB_unhold, &d, &who, f);
}

enum rc hold_over(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
                  struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM legal_hold WHERE ward_id = ?1 AND until_day < ?2 AND ended_at IS NULL"
		" GROUP BY case_id ORDER BY MIN(until_day), case_id LIMIT ?3", "ii", "i");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(today), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK)
		out[(*count)++] = (struct case_id){row_int(&r, 0)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc hold_over_end(struct tx *tx, const struct flow *w, struct case_id id, int32_t today, struct fault *f)
{
	struct hold *all;
	size_t n;
	struct ward_case c;
	struct draft d;
	struct actor_mark who = {.role = ROLE_anyone};   /* nobody: its day was over */
	enum rc rc = case_lock(tx, w, id, 0, &c, f);
	if (rc == RC_OK)
		rc = hold_of_case(tx, id, &all, &n, f);
	if (rc == RC_OK)
		rc = actor_pseudonym(w->keys, who.account, who.role, who.unit, &who.key_no, &who.pseudonym, f);
	if (rc != RC_OK)
		return rc;
	draft_init(&d, tx_arena(tx), n + 1);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (all[i].until < today) {
			draft_add(&d, "hold_number", all[i].number, STR("figures"));
			rc = sql_run(tx, &Q_END, BIND(v_int(all[i].id), v_int(tx_now(tx))), NULL, f);
		}
	return rc == RC_OK ? told(tx, w, &c, VERB_unhold, &d, &who, f) : rc;
}
