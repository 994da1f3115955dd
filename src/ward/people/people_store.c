/* The tables of people; units, and who has which role from a day to a day. */
#include "kit/base/text.h"
#include "ward/people/people_impl.h"

const struct schema_step PEOPLE_SCHEMA[] = {
	{"people-0001",
	 "-- A person who signs in, in whichever wards they have a role.\n"
	 "CREATE TABLE account (\n"
	 "  id @id PRIMARY KEY,\n"
	 "  login @text NOT NULL UNIQUE,\n"
	 "  name @text NOT NULL,             -- as colleagues see it\n"
	 "  password @text,                  -- Argon2id; NULL: none set yet\n"
	 "  password_at @time,               -- sessions that began before it are over\n"
	 "  made_at @time NOT NULL,\n"
	 "  closed_at @time\n"
	 ");\n"
	 "-- A part of an organisation that works cases.\n"
	 "CREATE TABLE unit (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  id @id NOT NULL,\n"
	 "  slug @text NOT NULL,\n"
	 "  name @text NOT NULL,\n"
	 "  phone @text,                     -- of the office\n"
	 "  PRIMARY KEY (ward_id, id),\n"
	 "  UNIQUE (ward_id, slug)           -- procedures name units by it\n"
	 ");\n"
	 "-- Who is in which unit from a day to a day (both included).\n"
	 "CREATE TABLE unit_member (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  account_id @id NOT NULL REFERENCES account(id),\n"
	 "  unit_id @id NOT NULL,\n"
	 "  from_day @day NOT NULL,\n"
	 "  until_day @day,                  -- NULL: still\n"
	 "  head @bool NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, account_id, unit_id, from_day),\n"
	 "  FOREIGN KEY (ward_id, unit_id) REFERENCES unit(ward_id, id)\n"
	 ");\n"
	 "-- Who has which role in the ward from a day to a day (both included).\n"
	 "CREATE TABLE role_held (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  account_id @id NOT NULL REFERENCES account(id),\n"
	 "  role @int NOT NULL,              -- enum role: numbers are never reused\n"
	 "  from_day @day NOT NULL,\n"
	 "  until_day @day,                  -- NULL: still\n"
	 "  PRIMARY KEY (ward_id, account_id, role, from_day)\n"
	 ");\n"
	 "-- One-time links for setting a password; only the token's hash.\n"
	 "CREATE TABLE invite (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  token_hash @blob NOT NULL,\n"
	 "  account_id @id NOT NULL REFERENCES account(id),\n"
	 "  expires_at @time NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, token_hash)\n"
	 ");\n"
	 "-- Who is signed in; only the hash of the cookie's token, and no address.\n"
	 "CREATE TABLE session (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  token_hash @blob NOT NULL,\n"
	 "  id @id NOT NULL,                 -- by which its owner ends it\n"
	 "  account_id @id NOT NULL REFERENCES account(id),\n"
	 "  device @text NOT NULL,\n"
	 "  began_at @time NOT NULL,\n"
	 "  used_at @time NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, token_hash)\n"
	 ");\n"
	 "-- An account's own sessions.\n"
	 "CREATE INDEX session_account ON session(ward_id, account_id, id);\n"},
	{"people-0002",
	 "-- The last day on which the account signed in, for whoever looks after accounts; no time.\n"
	 "ALTER TABLE account ADD COLUMN used_day @day;\n"
	 "-- A unit that was dissolved: its last day. NULL: still there.\n"
	 "ALTER TABLE unit ADD COLUMN until_day @day;\n"
	 "-- Who changed accounts, units, areas, procedures, settings or jobs, when: chained, only added to.\n"
	 "CREATE TABLE admin_log (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  seq @int NOT NULL,\n"
	 "  at @time NOT NULL,\n"
	 "  account_id @id REFERENCES account(id), -- NULL: the operator, on the machine\n"
	 "  act @int NOT NULL,               -- enum admin_act: numbers are never reused\n"
	 "  subject @text NOT NULL,\n"
	 "  detail @text NOT NULL,\n"
	 "  hash @blob NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, seq)\n"
	 ");\n"},
	{"people-0003",
	 "-- The unit above it, so that \"below\" has a meaning; NULL: none.\n"
	 "ALTER TABLE unit ADD COLUMN parent_id @id;\n"
	 "-- An office (people.h): the role that receives, about what. 0: a unit of the organisation.\n"
	 "ALTER TABLE unit ADD COLUMN office_role @int NOT NULL DEFAULT 0;\n"
	 "ALTER TABLE unit ADD COLUMN about @int NOT NULL DEFAULT 0;   -- enum subject_what\n"
	 "ALTER TABLE unit ADD COLUMN about_unit_id @id;\n"
	 "-- Which khu vực an account with the role area_head is head of, from a day to a day (both included).\n"
	 "CREATE TABLE area_head (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  account_id @id NOT NULL REFERENCES account(id),\n"
	 "  area_id @id NOT NULL,            -- of the floor below, which has no ward in its key\n"
	 "  from_day @day NOT NULL,\n"
	 "  until_day @day,                  -- NULL: still\n"
	 "  PRIMARY KEY (ward_id, account_id, area_id, from_day)\n"
	 ");\n"},
	{"people-0004",
	 "-- What somebody was entered as from a day that had come, and was then taken away: it bars from matters\n"
	 "-- about somebody who works here for good (people.h), so that nothing is opened by an administrator's undoing.\n"
	 "CREATE TABLE held_before (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  account_id @id NOT NULL REFERENCES account(id),\n"
	 "  what @int NOT NULL,              -- enum held: numbers are never reused\n"
	 "  of_id @id NOT NULL,              -- the unit, the role's number, the khu vực\n"
	 "  PRIMARY KEY (ward_id, account_id, what, of_id)\n"
	 ");\n"
	 "-- Which unit stood below which before it was put elsewhere.\n"
	 "CREATE TABLE unit_above (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  unit_id @id NOT NULL,\n"
	 "  above_id @id NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, unit_id, above_id),\n"
	 "  FOREIGN KEY (ward_id, unit_id) REFERENCES unit(ward_id, id),\n"
	 "  FOREIGN KEY (ward_id, above_id) REFERENCES unit(ward_id, id)\n"
	 ");\n"},
	{"people-0005",
	 "-- The second organisation without whose signature oversight is neither granted nor ended (second.h):\n"
	 "-- each one that was; the last is the present one.\n"
	 "CREATE TABLE second_signer (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  n @int NOT NULL,                 -- 1, 2, …: the first one's statement it signed itself\n"
	 "  organisation @text NOT NULL,\n"
	 "  public_key @blob NOT NULL,       -- Ed25519\n"
	 "  from_day @day NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, n)\n"
	 ");\n"
	 "-- What it signed and was done, word for word, so that it can be proved later; only added to.\n"
	 "CREATE TABLE second_act (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  n @int NOT NULL,\n"
	 "  what @int NOT NULL,              -- enum second_what: numbers are never reused\n"
	 "  signer @int,                     -- NULL: nobody signed, the operator made a link\n"
	 "  account_id @id REFERENCES account(id),\n"
	 "  day @day NOT NULL,\n"
	 "  statement @text NOT NULL,\n"
	 "  signature @blob NOT NULL,\n"
	 "  nonce @blob NOT NULL,\n"
	 "  hash @blob NOT NULL,             -- over the row and the hash before; the daily heads sign the last one\n"
	 "  PRIMARY KEY (ward_id, n),\n"
	 "  UNIQUE (ward_id, nonce)          -- each statement is good once\n"
	 ");\n"},
	{NULL, NULL},
};

bool slug_ok(struct str s)
{
	if (s.n < LOGIN_MIN || s.n > LOGIN_MAX || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '.' || s.p[i] == '-'))
			return false;
	return s.p[s.n - 1] != '.' && s.p[s.n - 1] != '-';
}

int64_t new_id(void)
{
	struct clock machine;
	struct idgen g;
	clock_init(&machine);
	idgen_init(&g, &machine);
	return idgen_next(&g);
}

enum rc name_cleaned(struct tx *tx, struct str in, size_t max, bool needed, const char *what,
                     struct str *out, struct fault *f)
{
	enum rc rc = text_clean(tx_arena(tx), in, TEXT_LINE, max, out);
	if (rc != RC_OK || (needed && out->n == 0))
		return fault_at(f, RC_INVALID, "", 0, what, "is missing, too long or not UTF-8");
	return RC_OK;
}

enum rc phone_cleaned(struct tx *tx, struct str in, struct str *out, struct fault *f)
{
	enum rc rc = text_clean(tx_arena(tx), in, TEXT_LINE, PHONE_CHARS, out);
	return rc == RC_OK && (out->n == 0 || text_is_phone(*out))
	           ? RC_OK
	           : fault_at(f, RC_INVALID, "", 0, "phone", "is no telephone number, like 0292 000 0100");
}

/* --- units --- */

/* RC_LIMIT: the count is `most` already. */
enum rc within(struct tx *tx, const struct sql *count, const struct val *in, size_t n, int64_t most,
               struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, count, &r, in, n, f);
	if (rc != RC_OK)
		return rc;
	int64_t there = row_int(&r, 0);
	rows_end(&r);
	return there < most ? RC_OK : fault_set(f, RC_LIMIT, "there are %d already", (int)most);
}

enum rc unit_add(struct tx *tx, const struct unit *u, struct unit_id *out, struct fault *f)
{
	static const struct sql all = SQL_WARD(
		"SELECT count(*) FROM unit WHERE ward_id = ?1 AND office_role = 0", "", "i");
	static const struct sql q = SQL_WARD(
		"INSERT INTO unit (ward_id, id, slug, name, phone) VALUES (?1, ?2, ?3, ?4, ?5)", "ittT", "");
	struct str name, phone;
	if (!slug_ok(u->slug))
		return fault_at(f, RC_INVALID, "", 0, "slug",
		                "\"%.*s\" is not 2 to 40 of a-z, 0-9, dot and hyphen, a letter first",
		                PSTR(u->slug));
	enum rc rc = name_cleaned(tx, u->name, NAME_CHARS, true, "name", &name, f);
	if (rc == RC_OK)
		rc = phone_cleaned(tx, u->phone, &phone, f);
	if (rc != RC_OK)
		return rc;
	rc = within(tx, &all, NO_BIND, WARD_UNITS, f);
	if (rc != RC_OK)
		return rc;
	struct unit_id id = {new_id()};
	rc = sql_run(tx, &q, BIND(v_int(id.v), v_text(u->slug), v_text(name), v_text0(phone)), NULL, f);
	if (rc == RC_EXISTS)
		return fault_set(f, RC_EXISTS, "a unit \"%.*s\" is there already", PSTR(u->slug));
	if (rc != RC_OK)
		return rc;
	*out = id;
	return definition_changed(tx, DEFINITION_PROCEDURES, f);  /* a kind may be offered now */
}

#define UNIT_HEAD \
	"SELECT id, slug, name, phone, until_day, parent_id, office_role FROM unit WHERE ward_id = ?1 "
#define UNIT_TYPES "ittTIIi"

static struct unit read_unit(struct rows *r)
{
	return (struct unit){{row_int(r, 0)}, row_str(r, 1), row_str(r, 2), row_str(r, 3),
	                     (int32_t)row_int(r, 4), {row_int(r, 5)}, row_int(r, 6) != 0};
}

static enum rc list_units(struct tx *tx, int32_t day, struct unit **out, size_t *count, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		UNIT_HEAD "AND office_role = 0 AND (until_day IS NULL OR until_day >= ?2) ORDER BY slug, id", "i",
		UNIT_TYPES);
	enum { MAX = 500 };
	struct rows r;
	size_t n = 0;
	struct unit *list = arena_array(tx_arena(tx), MAX, sizeof *list);
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(day)), f);
	while (rc == RC_OK && n < MAX && (rc = rows_next(&r, f)) == RC_OK)
		list[n++] = read_unit(&r);
	rows_end(&r);
	*out = list;
	*count = n;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc unit_list(struct tx *tx, struct unit **out, size_t *count, struct fault *f)
{
	return list_units(tx, day_of(tx_now(tx)), out, count, f);
}

enum rc unit_list_all(struct tx *tx, struct unit **out, size_t *count, struct fault *f)
{
	return list_units(tx, 0, out, count, f);
}

enum rc unit_get(struct tx *tx, struct unit_id id, struct unit *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		UNIT_HEAD "AND id = ?2", "i", UNIT_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(id.v)), f);
	if (rc == RC_OK) {
		*out = read_unit(&r);
		rows_end(&r);
	}
	return rc;
}

enum rc unit_by_slug(struct tx *tx, struct str slug, struct unit *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		UNIT_HEAD "AND slug = ?2 AND office_role = 0", "t", UNIT_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_text(slug)), f);
	if (rc == RC_OK) {
		*out = read_unit(&r);
		rows_end(&r);
	}
	return rc;
}

/* --- roles and memberships --- */

enum rc days_fit(int32_t from_day, int32_t until_day, struct fault *f)
{
	if (until_day != 0 && until_day < from_day)
		return fault_at(f, RC_INVALID, "", 0, "until", "the last day lies before the first");
	return RC_OK;
}

static struct val open_day(int32_t day) { return v_int0(day); }

enum rc ward_is_demo(struct tx *tx, bool *demo, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("SELECT demo FROM ward WHERE id = ?1", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(tx_ward(tx).v)), f);
	if (rc != RC_OK)
		return rc;
	*demo = row_int(&r, 0) != 0;
	rows_end(&r);
	return RC_OK;
}

enum rc role_row_add(struct tx *tx, struct account_id who, enum role role, int32_t from_day,
                     int32_t until_day, struct fault *f)
{
	static const struct sql overlap = SQL_WARD(
		"SELECT 1 FROM role_held WHERE ward_id = ?1 AND account_id = ?2 AND role = ?3 AND "
		"(until_day IS NULL OR until_day >= ?4) AND (?5 = 0 OR from_day <= ?5) LIMIT 1", "iiii", "i");
	static const struct sql add = SQL_WARD(
		"INSERT INTO role_held (ward_id, account_id, role, from_day, until_day) "
		"VALUES (?1, ?2, ?3, ?4, ?5)", "iiiI", "");
	struct account account;
	struct rows r;
	if (role < ROLE_area_head || role >= ROLE_COUNT)
		return fault_at(f, RC_INVALID, "", 0, "role", "this role is granted to nobody");
	enum rc rc = days_fit(from_day, until_day, f);
	if (rc == RC_OK)
		rc = account_get(tx, who, &account, f);
	if (rc != RC_OK)
		return rc;
	if (account.closed)
		return fault_set(f, RC_DENIED, "the account is closed");
	rc = sql_one(tx, &overlap, &r, BIND(v_int(who.v), v_int(role), v_int(from_day),
	                                    v_int(until_day)), f);
	if (rc == RC_OK) {
		rows_end(&r);
		return fault_set(f, RC_EXISTS, "has this role in these days already");
	}
	if (rc != RC_NONE)
		return rc;
	return sql_run(tx, &add, BIND(v_int(who.v), v_int(role), v_int(from_day), open_day(until_day)),
	               NULL, f);
}

/* Oversight, outside of demo wards, is the second organisation's to grant and to end (second.h). */
static enum rc watched(struct tx *tx, enum role role, bool demo, const char *what, struct fault *f)
{
	bool really = false;
	if (role != ROLE_oversight)
		return RC_OK;
	enum rc rc = ward_is_demo(tx, &really, f); /* the ward's own word, not only the caller's */
	return rc == RC_OK && !(demo && really)
		? fault_at(f, RC_REFUSED, "", 0, "oversight", "oversight is not %s by those it watches: it needs a "
		           "second organisation's signature (xom oversight; RIGHTS.md, promise 13)", what) : rc;
}

enum rc role_grant(struct tx *tx, struct account_id who, enum role role, int32_t from_day,
                   int32_t until_day, bool demo, struct fault *f)
{
	enum rc rc = watched(tx, role, demo, "appointed", f);
	return rc == RC_OK ? role_row_add(tx, who, role, from_day, until_day, f) : rc;
}

#define OF_WHOM " WHERE ward_id = ?1 AND (?2 = 0 OR account_id = ?2)"
#define TRACE "INSERT INTO held_before (ward_id, account_id, what, of_id) SELECT DISTINCT ward_id, account_id, ?6, "
#define BEGUN " AND from_day > ?4 AND from_day <= ?5 ON CONFLICT (ward_id, account_id, what, of_id) DO NOTHING"
#define LATER " AND from_day > ?4"
#define RUNNING " AND (until_day IS NULL OR until_day > ?4)"

enum rc held_end(struct tx *tx, enum held kind, struct account_id who, int64_t of, int32_t day,
                 struct fault *f)
{
	/* What is taken away though it had begun leaves its trace first. */
	static const struct {
		struct sql trace, later, running;
	} Q[] = {
		[HELD_unit] = {
			SQL_WARD(TRACE "unit_id FROM unit_member" OF_WHOM " AND unit_id = ?3" BEGUN, "iiiii", ""),
			SQL_WARD("DELETE FROM unit_member" OF_WHOM " AND unit_id = ?3" LATER, "iii", ""),
			SQL_WARD("UPDATE unit_member SET until_day = ?4" OF_WHOM " AND unit_id = ?3" RUNNING, "iii", ""),
		},
		[HELD_role] = {
			SQL_WARD(TRACE "role FROM role_held" OF_WHOM " AND role = ?3" BEGUN, "iiiii", ""),
			SQL_WARD("DELETE FROM role_held" OF_WHOM " AND role = ?3" LATER, "iii", ""),
			SQL_WARD("UPDATE role_held SET until_day = ?4" OF_WHOM " AND role = ?3" RUNNING, "iii", ""),
		},
		[HELD_area] = {
			SQL_WARD(TRACE "area_id FROM area_head" OF_WHOM " AND area_id = ?3" BEGUN, "iiiii", ""),
			SQL_WARD("DELETE FROM area_head" OF_WHOM " AND area_id = ?3" LATER, "iii", ""),
			SQL_WARD("UPDATE area_head SET until_day = ?4" OF_WHOM " AND area_id = ?3" RUNNING, "iii", ""),
		},
	};
	int64_t gone = 0, ended = 0;
	enum rc rc = sql_run(tx, &Q[kind].trace, BIND(v_int(who.v), v_int(of), v_int(day),
	                                              v_int(day_of(tx_now(tx))), v_int(kind)), NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q[kind].later, BIND(v_int(who.v), v_int(of), v_int(day)), &gone, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q[kind].running, BIND(v_int(who.v), v_int(of), v_int(day)), &ended, f);
	return rc == RC_OK && gone + ended == 0 ? fault_set(f, RC_NONE, "nothing to end") : rc;
}

enum rc role_end(struct tx *tx, struct account_id who, enum role role, int32_t day, struct fault *f)
{
	enum rc rc = watched(tx, role, true, "dismissed", f);
	return rc == RC_OK ? held_end(tx, HELD_role, who, role, day, f) : rc;
}

enum rc unit_join(struct tx *tx, struct account_id who, struct unit_id unit, int32_t from_day,
                  int32_t until_day, bool head, struct fault *f)
{
	static const struct sql others = SQL_WARD(
		"SELECT count(DISTINCT unit_id) FROM unit_member WHERE ward_id = ?1 AND account_id = ?2 AND unit_id <> ?3 "
		"AND (until_day IS NULL OR until_day >= ?4) AND (?5 = 0 OR from_day <= ?5)", "iiii", "i");
	static const struct sql overlap = SQL_WARD(
		"SELECT 1 FROM unit_member WHERE ward_id = ?1 AND account_id = ?2 AND unit_id = ?3 AND "
		"(until_day IS NULL OR until_day >= ?4) AND (?5 = 0 OR from_day <= ?5) LIMIT 1", "iiii", "i");
	static const struct sql add = SQL_WARD(
		"INSERT INTO unit_member (ward_id, account_id, unit_id, from_day, until_day, head) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "iiiIi", "");
	struct account account;
	struct unit u;
	struct rows r;
	enum rc rc = days_fit(from_day, until_day, f);
	if (rc == RC_OK)
		rc = account_get(tx, who, &account, f);
	if (rc == RC_OK)
		rc = unit_get(tx, unit, &u, f);
	if (rc != RC_OK)
		return rc;
	if (account.closed)
		return fault_set(f, RC_DENIED, "the account is closed");
	if (u.office) /* nobody is put into one: the rule alone says who receives */
		return RC_NONE;
	if (u.until_day != 0 && (until_day == 0 || until_day > u.until_day))
		return fault_at(f, RC_INVALID, "", 0, "unit", "the unit ends before that");
	rc = sql_one(tx, &overlap, &r, BIND(v_int(who.v), v_int(unit.v), v_int(from_day),
	                                    v_int(until_day)), f);
	if (rc == RC_OK) {
		rows_end(&r);
		return fault_set(f, RC_EXISTS, "is in this unit in these days already");
	}
	if (rc != RC_NONE)
		return rc;
	rc = within(tx, &others, BIND(v_int(who.v), v_int(unit.v), v_int(from_day), v_int(until_day)),
	            ACTOR_UNITS, f);
	if (rc != RC_OK)
		return fault_at(f, rc, "", 0, "unit", "is in %d units in these days already", ACTOR_UNITS);
	return sql_run(tx, &add, BIND(v_int(who.v), v_int(unit.v), v_int(from_day), open_day(until_day),
	                              v_int(head)), NULL, f);
}

enum rc unit_leave(struct tx *tx, struct account_id who, struct unit_id unit, int32_t day,
                   struct fault *f)
{
	return held_end(tx, HELD_unit, who, unit.v, day, f);
}

enum rc roles_on(struct tx *tx, struct account_id who, int32_t day, uint32_t *roles, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT role FROM role_held WHERE ward_id = ?1 AND account_id = ?2 AND from_day <= ?3 AND "
		"(until_day IS NULL OR until_day >= ?3) ORDER BY role, from_day", "ii", "i");
	struct rows r;
	*roles = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(who.v), v_int(day)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		int64_t role = row_int(&r, 0);
		if (role >= ROLE_area_head && role < ROLE_COUNT) /* a later program's role gives nothing */
			*roles |= ROLE_BIT(role);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc units_on(struct tx *tx, struct account_id who, int32_t day, struct actor *out,
                 struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT unit_id, MAX(head) FROM unit_member WHERE ward_id = ?1 AND account_id = ?2 AND "
		"from_day <= ?3 AND (until_day IS NULL OR until_day >= ?3) GROUP BY unit_id ORDER BY unit_id",
		"ii", "ii");
	struct rows r;
	out->unit_count = 0;
	out->heads = 0;
	out->office_count = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(who.v), v_int(day)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (out->unit_count == ACTOR_UNITS) {
			rows_end(&r);
			return fault_set(f, RC_LIMIT, "somebody is in more than %d units today", ACTOR_UNITS);
		}
		if (row_int(&r, 1) != 0)
			out->heads |= UINT32_C(1) << out->unit_count;
		out->units[out->unit_count++].v = row_int(&r, 0);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc people_list(struct tx *tx, struct member **out, size_t *count, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT id, login, name, closed_at FROM account WHERE id IN "
		"(SELECT account_id FROM role_held WHERE ward_id = ?1 UNION "
		"SELECT account_id FROM unit_member WHERE ward_id = ?1 UNION "
		"SELECT account_id FROM invite WHERE ward_id = ?1) ORDER BY login, id LIMIT 1000", "", "ittI");
	enum { MAX = 1000 };
	struct rows r;
	size_t n = 0;
	int32_t day = day_of(tx_now(tx));
	struct member *list = arena_array(tx_arena(tx), MAX, sizeof *list);
	enum rc rc = sql_rows(tx, &q, &r, NO_BIND, f);
	while (rc == RC_OK && n < MAX && (rc = rows_next(&r, f)) == RC_OK)
		list[n++].account = (struct account){{row_int(&r, 0)}, row_str(&r, 1), row_str(&r, 2),
		                                     !row_null(&r, 3)};
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct actor a;
		rc = roles_on(tx, list[i].account.id, day, &list[i].roles, f);
		if (rc == RC_OK)
			rc = units_on(tx, list[i].account.id, day, &a, NULL);
		list[i].more_units = rc == RC_LIMIT;
		rc = rc == RC_LIMIT ? RC_OK : rc;
		for (size_t k = 0; rc == RC_OK && k < a.unit_count; k++) {
			struct unit u;
			rc = unit_get(tx, a.units[k], &u, f);
			list[i].units[list[i].unit_count++] = u.slug;
		}
	}
	*out = list;
	*count = n;
	return rc;
}
