#include "ward/people/people_admin.h"

#include "kit/base/text.h"
#include "ward/people/people_impl.h"
#include "ward/people/second.h"

static const struct sql Q_HERE = SQL_WARD(
	"SELECT (SELECT count(*) FROM role_held WHERE ward_id = ?1 AND account_id = ?2) + "
	"(SELECT count(*) FROM unit_member WHERE ward_id = ?1 AND account_id = ?2) + "
	"(SELECT count(*) FROM invite WHERE ward_id = ?1 AND account_id = ?2) + "
	"(SELECT count(*) FROM admin_log l JOIN account a ON a.login = l.subject "
	" WHERE l.ward_id = ?1 AND a.id = ?2 AND l.act = 1)", "i", "i");

enum rc people_here(struct tx *tx, struct account_id who, bool *out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, &Q_HERE, &r, BIND(v_int(who.v)), f);
	if (rc == RC_OK) {
		*out = row_int(&r, 0) > 0;
		rows_end(&r);
	}
	return rc;
}

struct asking_here {
	struct account_id who;
	bool here;
};

static enum rc ask_here(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking_here *x = ctx;
	return people_here(tx, x->who, &x->here, f);
}

enum rc people_elsewhere(struct people *p, struct arena *a, const struct ward_id *wards, size_t count,
                         struct ward_id but, struct account_id who, bool *out, struct fault *f)
{
	*out = false;
	for (size_t i = 0; i < count && !*out; i++) {
		struct asking_here x = {who, false};
		if (wards[i].v == but.v)
			continue;
		enum rc rc = store_read(p->store, wards[i], a, ask_here, &x, f);
		if (rc != RC_OK)
			return rc;
		*out = x.here;
	}
	return RC_OK;
}

static enum rc ask_watches(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking_here *x = ctx;
	return second_holds(tx, x->who, &x->here, f);
}

enum rc people_watches(struct people *p, struct arena *a, const struct ward_id *wards, size_t count,
                       struct account_id who, bool *out, struct fault *f)
{
	*out = false;
	for (size_t i = 0; i < count && !*out; i++) {
		struct asking_here x = {who, false};
		enum rc rc = store_read(p->store, wards[i], a, ask_watches, &x, f);
		if (rc != RC_OK)
			return rc;
		*out = x.here;
	}
	return RC_OK;
}

/* --- rules --- */

static enum rc refuse(struct fault *f, const char *field, const char *why)
{
	return fault_at(f, RC_REFUSED, "", 0, field, "%s", why);
}

static bool operator_does(const struct admin_by *by) { return by->account.v == 0; }

/* Also from a later day on: a link taken today would open what is seen then. */
static enum rc watches(struct tx *tx, struct account_id who, bool *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT count(*) FROM role_held WHERE ward_id = ?1 AND account_id = ?2 AND role = ?3 AND "
		"(until_day IS NULL OR until_day >= ?4)", "iii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r,
	                     BIND(v_int(who.v), v_int(ROLE_oversight), v_int(day_of(tx_now(tx)))), f);
	if (rc == RC_OK) {
		*out = row_int(&r, 0) > 0;
		rows_end(&r);
	}
	return rc;
}

/* Nothing of one's own, and nobody of oversight. */
static enum rc may_touch(struct tx *tx, const struct admin_by *by, struct account_id who,
                         struct account *out, struct fault *f)
{
	bool here = false, watcher = false;
	enum rc rc = account_get(tx, who, out, f);
	if (rc != RC_OK || operator_does(by))
		return rc;
	rc = people_here(tx, who, &here, f);
	if (rc != RC_OK)
		return rc;
	if (!here)
		return fault_set(f, RC_NONE, "the account has nothing in this ward");
	if (who.v == by->account.v)
		return refuse(f, "self", "nobody changes their own roles, units or account");
	rc = watches(tx, who, &watcher, f);
	if (rc == RC_OK && watcher)
		return refuse(f, "oversight", "oversight is not looked after by those it watches");
	return rc;
}

/* The same for what concerns the account in every ward. */
static enum rc may_touch_whole(struct tx *tx, const struct admin_by *by, struct account_id who,
                               struct account *out, struct fault *f)
{
	enum rc rc = may_touch(tx, by, who, out, f);
	if (rc == RC_OK && !operator_does(by) && by->elsewhere)
		return refuse(f, "elsewhere", "the account belongs to another ward, too");
	return rc;
}

/* Somebody else must stay administrator on the day after. */
static enum rc not_last(struct tx *tx, const struct admin_by *by, struct account_id who, int32_t day,
                        struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT count(*) FROM role_held r JOIN account a ON a.id = r.account_id "
		"WHERE r.ward_id = ?1 AND r.role = ?2 AND r.account_id <> ?3 AND a.closed_at IS NULL "
		"AND r.from_day <= ?4 AND (r.until_day IS NULL OR r.until_day >= ?4)", "iii", "i");
	static const struct sql own = SQL_WARD(
		"SELECT count(*) FROM role_held WHERE ward_id = ?1 AND role = ?2 AND account_id = ?3 "
		"AND (until_day IS NULL OR until_day >= ?4)", "iii", "i");
	struct rows r;
	if (operator_does(by))
		return RC_OK;
	enum rc rc = sql_one(tx, &own, &r, BIND(v_int(ROLE_admin), v_int(who.v), v_int(day + 1)), f);
	if (rc != RC_OK)
		return rc;
	bool concerns = row_int(&r, 0) > 0;
	rows_end(&r);
	if (!concerns)
		return RC_OK;
	rc = sql_one(tx, &q, &r, BIND(v_int(ROLE_admin), v_int(who.v), v_int(day + 1)), f);
	if (rc != RC_OK)
		return rc;
	int64_t others = row_int(&r, 0);
	rows_end(&r);
	return others > 0 ? RC_OK : refuse(f, "last", "nobody would be administrator any more");
}

static struct str days(struct tx *tx, const char *what, int32_t from, int32_t until)
{
	struct arena *a = tx_arena(tx);
	struct str end = until != 0 ? text_day_iso(a, until) : STR("…");
	return arena_fmt(a, "%s %.*s – %.*s", what, PSTR(text_day_iso(a, from)), PSTR(end));
}

/* --- accounts --- */

enum rc admin_account_add(struct tx *tx, const struct admin_by *by, struct str login, struct str name,
                          struct account_id *out, struct fault *f)
{
	enum rc rc = account_add(tx, login, name, out, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_account_add, login, name, f) : rc;
}

enum rc admin_account_name(struct tx *tx, const struct admin_by *by, struct account_id who,
                           struct str name, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("UPDATE account SET name = ?2 WHERE id = ?1", "it", "");
	struct account a;
	struct str clean;
	enum rc rc = may_touch_whole(tx, by, who, &a, f);
	if (rc == RC_OK)
		rc = name_cleaned(tx, name, NAME_CHARS, true, "name", &clean, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &q, BIND(v_int(who.v), v_text(clean)), NULL, f);
	if (rc != RC_OK)
		return rc;
	return admin_log_add(tx, by->account, ACT_account_name, a.login,
	                     arena_fmt(tx_arena(tx), "%.*s → %.*s", PSTR(a.name), PSTR(clean)), f);
}

static enum rc drop_sessions(struct tx *tx, struct account_id who, int64_t *ended, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"DELETE FROM session WHERE ward_id = ?1 AND account_id = ?2", "i", "");
	return sql_run(tx, &q, BIND(v_int(who.v)), ended, f);
}

enum rc admin_account_close(struct tx *tx, const struct admin_by *by, struct account_id who,
                            struct fault *f)
{
	static const struct sql links = SQL_WARD(
		"DELETE FROM invite WHERE ward_id = ?1 AND account_id = ?2", "i", "");
	struct account a;
	int64_t ended = 0;
	enum rc rc = may_touch_whole(tx, by, who, &a, f);
	if (rc == RC_OK && by->watches)
		return refuse(f, "oversight", "who holds oversight is not dismissed by those they watch: end it first, "
		              "with the second organisation's signature (xom oversight ask end)");
	if (rc == RC_OK)
		rc = not_last(tx, by, who, day_of(tx_now(tx)) - 1, f);
	if (rc == RC_OK)
		rc = account_close(tx, who, f);
	if (rc == RC_OK)
		rc = drop_sessions(tx, who, &ended, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &links, BIND(v_int(who.v)), NULL, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_account_close, a.login, STR_EMPTY, f) : rc;
}

enum rc admin_account_open(struct tx *tx, const struct admin_by *by, struct account_id who,
                           struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"UPDATE account SET closed_at = NULL WHERE id = ?1 AND closed_at IS NOT NULL", "i", "");
	struct account a;
	int64_t changed = 0;
	enum rc rc = may_touch_whole(tx, by, who, &a, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &q, BIND(v_int(who.v)), &changed, f);
	if (rc != RC_OK || changed == 0)
		return rc != RC_OK ? rc : fault_set(f, RC_NONE, "the account is open");
	return admin_log_add(tx, by->account, ACT_account_open, a.login, STR_EMPTY, f);
}

enum rc admin_account_link(struct tx *tx, const struct admin_by *by, struct account_id who,
                           struct fault *f)
{
	struct account a;
	enum rc rc = may_touch_whole(tx, by, who, &a, f);
	if (rc == RC_OK && a.closed)
		return fault_set(f, RC_DENIED, "the account is closed");
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_account_link, a.login, STR_EMPTY, f) : rc;
}

enum rc admin_sessions_end(struct tx *tx, const struct admin_by *by, struct account_id who,
                           int64_t *ended, struct fault *f)
{
	struct account a;
	enum rc rc = may_touch(tx, by, who, &a, f);
	if (rc == RC_OK)
		rc = drop_sessions(tx, who, ended, f);
	if (rc != RC_OK || *ended == 0)
		return rc;
	return admin_log_add(tx, by->account, ACT_sessions_end, a.login,
	                     arena_fmt(tx_arena(tx), "%lld", (long long)*ended), f);
}

/* --- roles and units --- */

enum rc admin_role_grant(struct tx *tx, const struct admin_by *by, struct account_id who,
                         enum role role, int32_t from_day, int32_t until_day, struct fault *f)
{
	struct account a;
	enum rc rc = may_touch(tx, by, who, &a, f);
	if (rc == RC_OK && !operator_does(by) && role == ROLE_oversight)
		return refuse(f, "oversight", "oversight is not appointed by those it watches: it needs a "
		              "second organisation's signature (RIGHTS.md, promise 13)");
	if (rc == RC_OK)
		rc = role_grant(tx, who, role, from_day, until_day, by->demo, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_role_grant, a.login,
	                                   days(tx, role_name(role), from_day, until_day), f) : rc;
}

enum rc admin_role_end(struct tx *tx, const struct admin_by *by, struct account_id who,
                       enum role role, int32_t day, struct fault *f)
{
	struct account a;
	enum rc rc = may_touch(tx, by, who, &a, f);
	if (rc == RC_OK && role == ROLE_admin)
		rc = not_last(tx, by, who, day, f);
	if (rc == RC_OK)
		rc = role_end(tx, who, role, day, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_role_end, a.login,
	                                   arena_fmt(tx_arena(tx), "%s %.*s", role_name(role),
	                                             PSTR(text_day_iso(tx_arena(tx), day))), f) : rc;
}

enum rc admin_unit_add(struct tx *tx, const struct admin_by *by, const struct unit *u,
                       struct unit_id *out, struct fault *f)
{
	enum rc rc = unit_add(tx, u, out, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_unit_add, u->slug, u->name, f) : rc;
}

enum rc admin_unit_change(struct tx *tx, const struct admin_by *by, struct unit_id id, struct str name,
                          struct str phone, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"UPDATE unit SET name = ?3, phone = ?4 WHERE ward_id = ?1 AND id = ?2", "itT", "");
	struct unit u;
	struct str clean, number;
	enum rc rc = unit_get(tx, id, &u, f);
	if (rc == RC_OK)
		rc = name_cleaned(tx, name, NAME_CHARS, true, "name", &clean, f);
	if (rc == RC_OK)
		rc = phone_cleaned(tx, phone, &number, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &q, BIND(v_int(id.v), v_text(clean), v_text0(number)), NULL, f);
	if (rc != RC_OK)
		return rc;
	return admin_log_add(tx, by->account, ACT_unit_change, u.slug,
	                     arena_fmt(tx_arena(tx), "%.*s, %.*s → %.*s, %.*s", PSTR(u.name),
	                               PSTR(u.phone), PSTR(clean), PSTR(number)), f);
}

/* `parent`: the slug of the unit above it, empty for none. Left as it is, nothing is logged. */
enum rc admin_unit_place(struct tx *tx, const struct admin_by *by, struct unit_id id, struct str parent,
                         struct fault *f)
{
	struct unit u, up = {0};
	enum rc rc = unit_get(tx, id, &u, f);
	if (rc == RC_OK && parent.n > 0)
		rc = unit_by_slug(tx, parent, &up, f);
	if (rc == RC_NONE)
		return fault_at(f, RC_INVALID, "", 0, "parent", "there is no such unit");
	if (rc != RC_OK || up.id.v == u.parent.v)
		return rc;
	rc = unit_place(tx, id, up.id, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_unit_change, u.slug,
	                                   arena_fmt(tx_arena(tx), "↑ %.*s", PSTR(parent)), f) : rc;
}

enum rc admin_area_head(struct tx *tx, const struct admin_by *by, struct account_id who,
                        struct area_id area, struct str code, int32_t from_day, int32_t until_day,
                        bool end, struct fault *f)
{
	struct account a;
	enum rc rc = may_touch(tx, by, who, &a, f);
	if (rc == RC_OK && !end && a.closed)
		return fault_set(f, RC_DENIED, "the account is closed");
	if (rc == RC_OK)
		rc = end ? area_head_end(tx, who, area, from_day, f)
		         : area_head_add(tx, who, area, from_day, until_day, f);
	const char *what = arena_fmt(tx_arena(tx), "%.*s%s", PSTR(code), end ? " –" : "").p;
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_area_head, a.login,
	                                   days(tx, what, from_day, until_day), f) : rc;
}

enum rc admin_unit_end(struct tx *tx, const struct admin_by *by, struct unit_id id, int32_t day,
                       struct fault *f)
{
	static const struct sql end = SQL_WARD(
		"UPDATE unit SET until_day = ?3 WHERE ward_id = ?1 AND id = ?2", "ii", "");
	struct unit u;
	enum rc rc = unit_get(tx, id, &u, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &end, BIND(v_int(id.v), v_int(day)), NULL, f);
	if (rc == RC_OK && (rc = held_end(tx, HELD_unit, (struct account_id){0}, id.v, day, f)) == RC_NONE)
		rc = RC_OK;                /* nobody was in it */
	if (rc == RC_OK)
		rc = definition_changed(tx, DEFINITION_PROCEDURES, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_unit_end, u.slug,
	                                   text_day_iso(tx_arena(tx), day), f) : rc;
}

enum rc admin_unit_join(struct tx *tx, const struct admin_by *by, struct account_id who,
                        struct unit_id unit, int32_t from_day, int32_t until_day, bool head,
                        struct fault *f)
{
	struct account a;
	struct unit u;
	enum rc rc = may_touch(tx, by, who, &a, f);
	if (rc == RC_OK)
		rc = unit_get(tx, unit, &u, f);
	if (rc == RC_OK)
		rc = unit_join(tx, who, unit, from_day, until_day, head, f);
	if (rc != RC_OK)
		return rc;
	const char *what = arena_fmt(tx_arena(tx), "%.*s%s", PSTR(u.slug), head ? " (head)" : "").p;
	return admin_log_add(tx, by->account, ACT_unit_join, a.login, days(tx, what, from_day, until_day),
	                     f);
}

enum rc admin_unit_leave(struct tx *tx, const struct admin_by *by, struct account_id who,
                         struct unit_id unit, int32_t day, struct fault *f)
{
	struct account a;
	struct unit u;
	enum rc rc = may_touch(tx, by, who, &a, f);
	if (rc == RC_OK)
		rc = unit_get(tx, unit, &u, f);
	if (rc == RC_OK)
		rc = unit_leave(tx, who, unit, day, f);
	return rc == RC_OK ? admin_log_add(tx, by->account, ACT_unit_leave, a.login,
	                                   arena_fmt(tx_arena(tx), "%.*s %.*s", PSTR(u.slug),
	                                             PSTR(text_day_iso(tx_arena(tx), day))), f) : rc;
}
