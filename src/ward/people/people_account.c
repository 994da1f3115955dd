/* Accounts: a person who signs in, in whichever wards they have a role. */
#include "ward/people/people_impl.h"

enum rc account_add(struct tx *tx, struct str login, struct str name, struct account_id *out,
                    struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"INSERT INTO account (id, login, name, made_at) VALUES (?1, ?2, ?3, ?4)", "itti", "");
	struct str clean;
	if (!slug_ok(login))
		return fault_at(f, RC_INVALID, "", 0, "login",
		                "\"%.*s\" is not 2 to 40 of a-z, 0-9, dot and hyphen, a letter first",
		                PSTR(login));
	enum rc rc = name_cleaned(tx, name, NAME_CHARS, true, "name", &clean, f);
	if (rc != RC_OK)
		return rc;
	struct account_id id = {new_id()};
	rc = sql_run(tx, &q, BIND(v_int(id.v), v_text(login), v_text(clean), v_int(tx_now(tx))), NULL, f);
	if (rc == RC_EXISTS)
		return fault_set(f, RC_EXISTS, "the login \"%.*s\" is taken", PSTR(login));
	if (rc == RC_OK)
		*out = id;
	return rc;
}

static enum rc account_one(enum rc rc, struct rows *r, struct account *out)
{
	if (rc != RC_OK)
		return rc;
	*out = (struct account){{row_int(r, 0)}, row_str(r, 1), row_str(r, 2), !row_null(r, 3)};
	rows_end(r);
	return RC_OK;
}

enum rc account_by_login(struct tx *tx, struct str login, struct account *out, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT id, login, name, closed_at FROM account WHERE login = ?1", "t", "ittI");
	struct rows r;
	return account_one(sql_one(tx, &q, &r, BIND(v_text(login)), f), &r, out);
}

enum rc account_get(struct tx *tx, struct account_id id, struct account *out, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT id, login, name, closed_at FROM account WHERE id = ?1", "i", "ittI");
	struct rows r;
	return account_one(sql_one(tx, &q, &r, BIND(v_int(id.v)), f), &r, out);
}

enum rc account_close(struct tx *tx, struct account_id id, struct fault *f)
{
	/* A closed account has no password any more, and its sessions of all wards are over at once:
	 * whoever reads one looks at closed_at. */
	static const struct sql q = SQL_GLOBAL(
		"UPDATE account SET closed_at = ?2, password = NULL WHERE id = ?1 AND closed_at IS NULL", "ii",
		"");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &q, BIND(v_int(id.v), v_int(tx_now(tx))), &changed, f);
	return rc == RC_OK && changed == 0 ? fault_set(f, RC_NONE, "no open account") : rc;
}

enum rc account_unlock(struct tx *tx, struct account_id id, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"UPDATE account SET password = NULL, password_at = ?2 WHERE id = ?1", "ii", "");
	return sql_run(tx, &q, BIND(v_int(id.v), v_int(tx_now(tx))), NULL, f);
}
