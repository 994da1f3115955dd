/* Which khu vực somebody is head of, or with the role area_team a volunteer of, from a day to a day; and who
 * holds a role. */
#include "ward/people/people_impl.h"

enum { MOST = 100 };

enum rc area_head_add(struct tx *tx, struct account_id who, struct area_id area, int32_t from_day,
                      int32_t until_day, struct fault *f)
{
	static const struct sql overlap = SQL_WARD(
		"SELECT 1 FROM area_head WHERE ward_id = ?1 AND account_id = ?2 AND area_id = ?3 AND "
		"(until_day IS NULL OR until_day >= ?4) AND (?5 = 0 OR from_day <= ?5) LIMIT 1", "iiii", "i");
	static const struct sql add = SQL_WARD(
		"INSERT INTO area_head (ward_id, account_id, area_id, from_day, until_day)"
		" VALUES (?1, ?2, ?3, ?4, ?5)", "iiiI", "");
	static const struct sql others = SQL_WARD(
		"SELECT count(DISTINCT area_id) FROM area_head WHERE ward_id = ?1 AND account_id = ?2 AND area_id <> ?3 "
		"AND (until_day IS NULL OR until_day >= ?4) AND (?5 = 0 OR from_day <= ?5)", "iiii", "i");
	struct rows r;
	enum rc rc = days_fit(from_day, until_day, f);
	if (rc != RC_OK)
		return rc;
	rc = sql_one(tx, &overlap, &r, BIND(v_int(who.v), v_int(area.v), v_int(from_day),
	                                            v_int(until_day)), f);
	if (rc == RC_OK) {
		rows_end(&r);
		return fault_set(f, RC_EXISTS, "is head of this khu vực in these days already");
	}
	if (rc != RC_NONE)
		return rc;
	rc = within(tx, &others, BIND(v_int(who.v), v_int(area.v), v_int(from_day), v_int(until_day)),
	            AREAS_HELD, f);
	if (rc != RC_OK)
		return fault_at(f, rc, "", 0, "area", "is head of %d khu vực in these days already", AREAS_HELD);
	return sql_run(tx, &add, BIND(v_int(who.v), v_int(area.v), v_int(from_day), v_int0(until_day)), NULL, f);
}

enum rc area_head_end(struct tx *tx, struct account_id who, struct area_id area, int32_t day,
                      struct fault *f)
{
	return held_end(tx, HELD_area, who, area.v, day, f);
}

enum rc area_heads(struct tx *tx, struct account_id who, int32_t day, struct area_held *out, size_t max,
                   size_t *count, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT area_id, from_day, until_day FROM area_head WHERE ward_id = ?1 AND account_id = ?2 AND "
		"(?3 = 0 OR (from_day <= ?3 AND (until_day IS NULL OR until_day >= ?3))) "
		"ORDER BY from_day DESC, area_id LIMIT ?4", "iii", "iiI");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(who.v), v_int(day), v_int((int64_t)max + 1)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (*count == max && day != 0) {   /* nobody sees less than they should without being told */
			rows_end(&r);
			return fault_set(f, RC_FAIL, "the account %lld is head of more than %zu khu vực today: end some"
			                 " (xom doctor)", (long long)who.v, max);
		}
		if (*count == max)
			break;
		out[(*count)++] = (struct area_held){{row_int(&r, 0)}, (int32_t)row_int(&r, 1),
		                                     (int32_t)row_int(&r, 2)};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc areas_on(struct tx *tx, struct actor *a, int32_t day, struct fault *f)
{
	struct area_held held[AREAS_HELD];
	struct area_id *areas = arena_array(tx_arena(tx), AREAS_HELD, sizeof *areas);
	size_t n = 0;
	enum rc rc = area_heads(tx, a->account, day, held, AREAS_HELD, &n, f);
	a->area_count = 0;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		areas[a->area_count++] = held[i].area;
	a->areas = areas;
	return rc;
}

enum rc area_headed(struct tx *tx, struct area_id area, bool *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT h.account_id FROM area_head h JOIN role_held r ON r.ward_id = h.ward_id AND"
		" r.account_id = h.account_id AND r.role IN (3, 12) AND r.from_day <= ?3 AND (r.until_day IS NULL OR"
		" r.until_day >= ?3) WHERE h.ward_id = ?1 AND h.area_id = ?2 AND h.from_day <= ?3 AND"
		" (h.until_day IS NULL OR h.until_day >= ?3) LIMIT 1", "ii", "i");
	_Static_assert(ROLE_area_head == 3 && ROLE_area_team == 12, "roles of the question above");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(area.v), v_int(day_of(tx_now(tx)))), f);
	*out = rc == RC_OK;
	if (rc == RC_OK)
		rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc area_head_accounts(struct tx *tx, struct area_id area, struct account **out, size_t *count,
                           struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT DISTINCT a.id, a.login, a.name FROM area_head h JOIN role_held r ON r.ward_id = h.ward_id AND"
		" r.account_id = h.account_id AND r.role = ?4 AND r.from_day <= ?3 AND (r.until_day IS NULL OR"
		" r.until_day >= ?3) JOIN account a ON a.id = h.account_id WHERE h.ward_id = ?1 AND h.area_id = ?2"
		" AND h.from_day <= ?3 AND (h.until_day IS NULL OR h.until_day >= ?3) AND a.closed_at IS NULL"
		" ORDER BY a.name, a.login LIMIT 100", "iii", "itt");
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), MOST, sizeof **out);
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(area.v), v_int(day_of(tx_now(tx))), v_int(ROLE_area_head)), f);
	while (rc == RC_OK && *count < MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = (struct account){{row_int(&r, 0)}, row_str(&r, 1), row_str(&r, 2), false};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc role_accounts(struct tx *tx, enum role role, struct account **out, size_t *count,
                      struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT DISTINCT a.id, a.login, a.name FROM role_held h JOIN account a ON a.id = h.account_id "
		"WHERE h.ward_id = ?1 AND h.role = ?2 AND h.from_day <= ?3 AND (h.until_day IS NULL OR "
		"h.until_day >= ?3) AND a.closed_at IS NULL ORDER BY a.name, a.login LIMIT ?4", "iii", "itt");
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), MOST, sizeof **out);
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(role), v_int(day_of(tx_now(tx))), v_int(MOST)), f);
	while (rc == RC_OK && *count < MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = (struct account){{row_int(&r, 0)}, row_str(&r, 1), row_str(&r, 2), false};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
