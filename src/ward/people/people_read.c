/* What the administrator's pages read of people. */
#include "ward/people/people_admin.h"

#include "kit/base/text.h"
#include "ward/people/people_impl.h"

#define OF_WARD \
	"(id IN (SELECT account_id FROM role_held WHERE ward_id = ?1) OR " \
	"id IN (SELECT account_id FROM unit_member WHERE ward_id = ?1) OR " \
	"id IN (SELECT account_id FROM invite WHERE ward_id = ?1) OR " \
	"login IN (SELECT subject FROM admin_log WHERE ward_id = ?1 AND act = 1))"

static struct person_row row_of(struct rows *r)
{
	return (struct person_row){.account = {{row_int(r, 0)}, row_str(r, 1), row_str(r, 2),
	                                       !row_null(r, 3)},
	                           .used_day = (int32_t)row_int(r, 4), .has_password = row_int(r, 5) != 0};
}

static enum rc fill(struct tx *tx, struct person_row *p, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id "
		"WHERE s.ward_id = ?1 AND s.account_id = ?2 AND s.began_at > ?3 AND s.used_at > ?4 "
		"AND s.began_at > COALESCE(a.password_at, 0) AND a.closed_at IS NULL", "iii", "i");
	int64_t now = tx_now(tx);
	int32_t day = day_of(now);
	struct actor units;
	struct rows r;
	enum rc rc = roles_on(tx, p->account.id, day, &p->roles, f);
	if (rc == RC_OK)
		rc = units_on(tx, p->account.id, day, &units, NULL);
	p->more_units = rc == RC_LIMIT;
	rc = rc == RC_LIMIT ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < units.unit_count; i++) {
		struct unit u;
		rc = unit_get(tx, units.units[i], &u, f);
		if (rc == RC_OK)
			p->units[p->unit_count++] = u.slug;
	}
	if (rc == RC_OK)
		rc = sql_one(tx, &q, &r, BIND(v_int(p->account.id.v), v_int(now - SESSION_LIFE),
		                              v_int(now - SESSION_IDLE)), f);
	if (rc == RC_OK) {
		p->sessions = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

/* Names are compared folded here and not in SQL: a ward has hundreds of accounts, not millions. */
enum rc person_list(struct tx *tx, struct str after, struct str words, size_t limit,
                    struct person_row **out, size_t *count, bool *more, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT id, login, name, closed_at, used_day, password IS NOT NULL FROM account "
		"WHERE login > ?2 AND " OF_WARD " ORDER BY login", "t", "ittIIi");
	struct arena *a = tx_arena(tx);
	struct person_row *list = arena_array(a, limit + 1, sizeof *list);
	struct str wanted = text_fold(a, words);
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_text(after)), f);
	while (rc == RC_OK && n <= limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct person_row p = row_of(&r);
		if (wanted.n == 0 || str_find(text_fold(a, p.account.name), wanted) != SIZE_MAX ||
		    str_find(p.account.login, wanted) != SIZE_MAX)
			list[n++] = p;
	}
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	*more = n > limit;
	*count = n > limit ? limit : n;
	*out = list;
	for (size_t i = 0; rc == RC_OK && i < *count; i++)
		rc = fill(tx, &list[i], f);
	return rc;
}

enum rc person_get(struct tx *tx, struct account_id who, struct person_row *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT id, login, name, closed_at, used_day, password IS NOT NULL FROM account "
		"WHERE id = ?2 AND " OF_WARD, "i", "ittIIi");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(who.v)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_of(&r);
	rows_end(&r);
	return fill(tx, out, f);
}

enum rc held_list(struct tx *tx, struct account_id who, struct held_row **out, size_t *count,
                  struct fault *f)
{
	static const struct sql roles = SQL_WARD(
		"SELECT role, from_day, until_day FROM role_held WHERE ward_id = ?1 AND account_id = ?2 "
		"ORDER BY from_day DESC, role LIMIT 200", "i", "iiI");
	static const struct sql units = SQL_WARD(
		"SELECT unit_id, from_day, until_day, head FROM unit_member WHERE ward_id = ?1 AND "
		"account_id = ?2 ORDER BY from_day DESC, unit_id LIMIT 200", "i", "iiIi");
	enum { MOST = 400 };
	struct held_row *list = arena_array(tx_arena(tx), MOST, sizeof *list);
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &roles, &r, BIND(v_int(who.v)), f);
	while (rc == RC_OK && n < MOST && (rc = rows_next(&r, f)) == RC_OK)
		if (row_int(&r, 0) < ROLE_COUNT)
			list[n++] = (struct held_row){.role = (enum role)row_int(&r, 0),
			                              .from_day = (int32_t)row_int(&r, 1),
			                              .until_day = (int32_t)row_int(&r, 2)};
	rows_end(&r);
	if (rc == RC_NONE || rc == RC_OK)
		rc = sql_rows(tx, &units, &r, BIND(v_int(who.v)), f);
	size_t first = n;
	while (rc == RC_OK && n < MOST && (rc = rows_next(&r, f)) == RC_OK)
		list[n++] = (struct held_row){.unit = {.id = {row_int(&r, 0)}},
		                              .from_day = (int32_t)row_int(&r, 1),
		                              .until_day = (int32_t)row_int(&r, 2),
		                              .head = row_int(&r, 3) != 0};
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = first; rc == RC_OK && i < n; i++)
		rc = unit_get(tx, list[i].unit.id, &list[i].unit, f);
	*out = list;
	*count = n;
	return rc;
}

enum rc unit_members(struct tx *tx, struct unit_id unit, struct member_row **out, size_t *count,
                     struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT a.id, a.login, a.name, a.closed_at, m.from_day, m.until_day, m.head "
		"FROM unit_member m JOIN account a ON a.id = m.account_id "
		"WHERE m.ward_id = ?1 AND m.unit_id = ?2 AND (m.until_day IS NULL OR m.until_day >= ?3) "
		"ORDER BY m.head DESC, a.login, m.from_day LIMIT 500", "ii", "ittIiIi");
	enum { MOST = 500 };
	struct member_row *list = arena_array(tx_arena(tx), MOST, sizeof *list);
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(unit.v), v_int(day_of(tx_now(tx)))), f);
	while (rc == RC_OK && n < MOST && (rc = rows_next(&r, f)) == RC_OK)
		list[n++] = (struct member_row){
			.account = {{row_int(&r, 0)}, row_str(&r, 1), row_str(&r, 2), !row_null(&r, 3)},
			.from_day = (int32_t)row_int(&r, 4), .until_day = (int32_t)row_int(&r, 5),
			.head = row_int(&r, 6) != 0};
	rows_end(&r);
	*out = list;
	*count = n;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc people_over(struct tx *tx, int64_t *n, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT (SELECT count(*) FROM (SELECT account_id FROM unit_member WHERE ward_id = ?1 AND from_day <= ?2"
		" AND (until_day IS NULL OR until_day >= ?2) GROUP BY account_id HAVING count(DISTINCT unit_id) > ?3) AS u)"
		" + (SELECT count(*) FROM (SELECT account_id FROM area_head WHERE ward_id = ?1 AND from_day <= ?2"
		" AND (until_day IS NULL OR until_day >= ?2) GROUP BY account_id HAVING count(DISTINCT area_id) > ?4) AS h)",
		"iii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(day_of(tx_now(tx))), v_int(ACTOR_UNITS), v_int(AREAS_HELD)), f);
	if (rc != RC_OK)
		return rc;
	*n = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc people_count(struct tx *tx, int32_t idle_since, struct people_counts *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT (SELECT count(*) FROM invite WHERE ward_id = ?1), "
		"(SELECT count(DISTINCT a.id) FROM role_held r JOIN account a ON a.id = r.account_id "
		" WHERE r.ward_id = ?1 AND a.closed_at IS NULL AND r.from_day <= ?2 "
		" AND (r.until_day IS NULL OR r.until_day >= ?2) AND r.from_day <= ?3 "
		" AND COALESCE(a.used_day, 0) < ?3), "
		"(SELECT count(DISTINCT a.id) FROM role_held r JOIN account a ON a.id = r.account_id "
		" WHERE r.ward_id = ?1 AND a.closed_at IS NULL AND r.role = ?4 AND r.from_day <= ?2 "
		" AND (r.until_day IS NULL OR r.until_day >= ?2))", "iii", "iii");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(day_of(tx_now(tx))), v_int(idle_since),
	                                      v_int(ROLE_admin)), f);
	if (rc == RC_OK) {
		*out = (struct people_counts){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2)};
		rows_end(&r);
	}
	return rc;
}
