#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* --- accounts, units, roles --- */

static struct account_id lan;
static struct unit_id infra;

static enum rc make_lan(struct tx *tx, struct fault *f)
{
	return account_add(tx, STR("lan.tran"), STR("  Trần Thị Lan "), &lan, f);
}
static enum rc make_lan_again(struct tx *tx, struct fault *f)
{
	struct account_id id;
	return account_add(tx, STR("lan.tran"), STR("Trần Thị Lan"), &id, f);
}
static enum rc add_bad_login(struct tx *tx, struct fault *f)
{
	static const char *const bad[] = {"", "a", "Lan", "lan tran", "9lan", "lan.", "-lan", "lan_tran",
	                                  "lân", "l'an", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct account_id id;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (account_add(tx, str_of(bad[i]), STR("x"), &id, f) != RC_INVALID)
			return RC_FAIL;
	return account_add(tx, STR("fine"), STR("\xff"), &id, f) == RC_INVALID &&
	       account_add(tx, STR("fine"), STR("  "), &id, f) == RC_INVALID ? RC_OK : RC_FAIL;
}
static enum rc make_infra(struct tx *tx, struct fault *f)
{
	struct unit u = {.slug = STR("ha-tang"), .name = STR("Tổ Hạ tầng"), .phone = STR("0292 000 001")};
	return unit_add(tx, &u, &infra, f);
}
static enum rc make_infra_again(struct tx *tx, struct fault *f)
{
	struct unit u = {.slug = STR("ha-tang"), .name = STR("Tổ Hạ tầng"), .phone = STR("0292 000 001")};
	struct unit_id id;
	return unit_add(tx, &u, &id, f);
}
static enum rc nameless_unit(struct tx *tx, struct fault *f)
{
	struct unit u = {.slug = STR("x1"), .name = STR("")};
	struct unit_id id;
	return unit_add(tx, &u, &id, f);
}
/* Anything may be typed where a number is asked for. */
static enum rc no_phone(struct tx *tx, struct fault *f)
{
	static const char *const bad[] = {"gọi tôi", "@0292", "=0292+1", "12", "0292 000 001 hoặc 113", "0292,000,001",
	                                  "++84", "\xff"};
	static const char *const good[] = {"", "113", " 0292 000 001 ", "+84 (292) 000-001", "1900.0001"};
	struct unit_id id;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct unit u = {.slug = STR("y1"), .name = STR("Tổ"), .phone = str_of(bad[i])};
		if (unit_add(tx, &u, &id, f) != RC_INVALID || !str_is(str_of(f->field), "phone"))
			return RC_FAIL;
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct unit u = {.slug = arena_fmt(tx_arena(tx), "y%zu", i + 2), .name = STR("Tổ"), .phone = str_of(good[i])};
		if (unit_add(tx, &u, &id, f) != RC_OK)
			return RC_FAIL;
	}
	return RC_EXPIRED;            /* and nothing of it stays */
}
static enum rc look(struct tx *tx, struct fault *f)
{
	struct account a;
	struct unit u, *list;
	size_t n;
	if (account_by_login(tx, STR("lan.tran"), &a, f) != RC_OK || a.id.v != lan.v || a.closed ||
	    !str_is(a.name, "Trần Thị Lan") || account_by_login(tx, STR("nobody"), &a, f) != RC_NONE)
		return RC_FAIL;
	if (unit_by_slug(tx, STR("ha-tang"), &u, f) != RC_OK || u.id.v != infra.v ||
	    !str_is(u.phone, "0292 000 001") || unit_list(tx, &list, &n, f) != RC_OK || n != 1)
		return RC_FAIL;
	return RC_OK;
}
static enum rc look_elsewhere(struct tx *tx, struct fault *f)
{
	struct unit u, *list;
	struct member *m;
	size_t n;
	if (unit_get(tx, infra, &u, f) != RC_NONE || unit_by_slug(tx, STR("ha-tang"), &u, f) != RC_NONE ||
	    unit_list(tx, &list, &n, f) != RC_OK || n != 0 || people_list(tx, &m, &n, f) != RC_OK || n != 0)
		return RC_FAIL;
	return unit_join(tx, lan, infra, today(), 0, false, f) == RC_NONE ? RC_OK : RC_FAIL;
}

static void accounts_and_units(void **state)
{
	(void)state;
	assert_int_equal(in(REAL, make_lan), RC_OK);
	assert_int_equal(in(DEMO, make_lan_again), RC_EXISTS); /* one login for all wards */
	assert_int_equal(in(REAL, add_bad_login), RC_OK);
	assert_int_equal(in(REAL, make_infra), RC_OK);
	assert_int_equal(in(REAL, make_infra_again), RC_EXISTS);
	assert_int_equal(in(REAL, no_phone), RC_EXPIRED);
	assert_int_equal(in(REAL, nameless_unit), RC_INVALID);
	assert_string_equal(fault.field, "name");
	assert_int_equal(in(REAL, look), RC_OK);
	assert_int_equal(in(DEMO, look_elsewhere), RC_OK); /* a unit of one ward is none of the other */
}

static enum rc grant_handler(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_handler, today() - 1, today() + 5, false, f);
}
static enum rc grant_later(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_handler, today() + 6, 0, false, f);
}
static enum rc grant_backwards(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_police, today(), today() - 1, false, f);
}
static enum rc grant_anyone(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_reporter, today(), 0, true, f);
}
static enum rc grant_stranger(struct tx *tx, struct fault *f)
{
	return role_grant(tx, (struct account_id){99}, ROLE_police, today(), 0, false, f);
}
static enum rc oversight_plain(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_oversight, today(), 0, false, f);
}
static enum rc oversight_demo(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_oversight, today(), today(), true, f);
}
static enum rc oversight_end(struct tx *tx, struct fault *f)
{
	return role_end(tx, lan, ROLE_oversight, today() - 1, f);
}
static enum rc join(struct tx *tx, struct fault *f)
{
	return unit_join(tx, lan, infra, today(), 0, true, f);
}

static uint32_t roles_at;
static int32_t roles_day;
static size_t units_at;
static enum rc read_roles(struct tx *tx, struct fault *f)
{
	struct actor a;
	enum rc rc = roles_on(tx, lan, roles_day, &roles_at, f);
	if (rc == RC_OK)
		rc = units_on(tx, lan, roles_day, &a, f);
	units_at = rc == RC_OK ? a.unit_count : 99;
	return rc;
}
static uint32_t roles_of(struct ward_id w, int32_t day)
{
	roles_day = day;
	assert_int_equal(in(w, read_roles), RC_OK);
	return roles_at;
}
static enum rc end_handler(struct tx *tx, struct fault *f)
{
	return role_end(tx, lan, ROLE_handler, today() + 1, f);
}
static enum rc leave_unit(struct tx *tx, struct fault *f)
{
	return unit_leave(tx, lan, infra, today() - 1, f);
}
static enum rc list_all(struct tx *tx, struct fault *f)
{
	struct member *m;
	size_t n;
	if (people_list(tx, &m, &n, f) != RC_OK || n != 1 || !str_is(m[0].account.login, "lan.tran"))
		return RC_FAIL;
	return m[0].roles == ROLE_BIT(ROLE_handler) && m[0].unit_count == 1 &&
	       str_is(m[0].units[0], "ha-tang") ? RC_OK : RC_FAIL;
}

static void roles(void **state)
{
	(void)state;
	assert_int_equal(in(REAL, grant_handler), RC_OK);
	assert_int_equal(in(REAL, grant_handler), RC_EXISTS);
	assert_int_equal(in(REAL, grant_later), RC_OK);
	assert_int_equal(in(REAL, grant_backwards), RC_INVALID);
	assert_int_equal(in(REAL, grant_anyone), RC_INVALID);
	assert_int_equal(in(REAL, grant_stranger), RC_NONE);
	assert_int_equal(in(REAL, join), RC_OK);
	assert_int_equal(in(REAL, join), RC_EXISTS);
	assert_int_equal(in(REAL, list_all), RC_OK);
	/* both days are included */
	assert_int_equal(roles_of(REAL, today() - 2), 0);
	assert_int_equal(units_at, 0);
	assert_int_equal(roles_of(REAL, today() - 1), ROLE_BIT(ROLE_handler));
	assert_int_equal(roles_of(REAL, today() + 5), ROLE_BIT(ROLE_handler));
	assert_int_equal(units_at, 1);
	assert_int_equal(roles_of(DEMO, today()), 0);
	assert_int_equal(units_at, 0);
	/* promise 13: neither the caller's word alone nor the ward's */
	assert_int_equal(in(REAL, oversight_plain), RC_REFUSED);
	assert_int_equal(in(REAL, oversight_demo), RC_REFUSED);
	assert_int_equal(in(DEMO, oversight_plain), RC_REFUSED);
	assert_int_equal(in(DEMO, oversight_demo), RC_OK);
	assert_int_equal(roles_of(DEMO, today()), ROLE_BIT(ROLE_oversight));
	assert_int_equal(in(REAL, oversight_end), RC_REFUSED);   /* whether or not there is anything to end */
	/* ending cuts what runs and takes away what would come */
	assert_int_equal(in(REAL, end_handler), RC_OK);
	assert_int_equal(in(REAL, end_handler), RC_NONE);
	assert_int_equal(roles_of(REAL, today() + 1), ROLE_BIT(ROLE_handler));
	assert_int_equal(roles_of(REAL, today() + 2), 0);
	assert_int_equal(roles_of(REAL, today() + 9), 0);
	assert_int_equal(in(REAL, leave_unit), RC_OK);
	assert_int_equal(in(REAL, leave_unit), RC_NONE);
	(void)roles_of(REAL, today());
	assert_int_equal(units_at, 0);
}

/* --- passwords and sessions --- */

static enum rc sign_in(struct ward_id w, const char *login, const char *password, struct str *token)
{
	return people_sign_in(people, &arena, w, str_of(login), str_of(password), STR("Chrome, Android"),
	                      token, &fault);
}

static struct actor actor_now(struct ward_id w, struct str token)
{
	struct ward ward = {.id = w};
	struct pair cookie = {STR("session"), token};
	struct request q = {.arena = &arena, .ward = &ward, .cookies = &cookie, .cookie_count = 1};
	assert_int_equal(people_actor(people, &q, &fault), RC_OK);
	return q.actor;
}

#define GOOD "đèn đường sáng"
/* the same, decomposed */
#define GOOD_NFD "đe\xcc\x80n đu\xcc\x9bo\xcc\x9b\xcc\x80ng sa\xcc\x81ng"

static void passwords(void **state)
{
	(void)state;
	struct str token, second, session = {0};
	struct account a;
	assert_int_equal(people_invite(people, &arena, REAL, STR("nobody"), &token, &fault), RC_NONE);
	assert_int_equal(people_invite(people, &arena, REAL, STR("lan.tran"), &token, &fault), RC_OK);
	assert_int_equal(sign_in(REAL, "lan.tran", "", &session), RC_DENIED); /* none set yet */
	assert_int_equal(people_invite_account(people, &arena, REAL, token, &a, &fault), RC_OK);
	assert_true(str_is(a.login, "lan.tran"));
	/* a link opens nothing in another ward */
	assert_int_equal(people_invite_account(people, &arena, DEMO, token, &a, &fault), RC_EXPIRED);
	assert_int_equal(people_set_password(people, &arena, DEMO, token, STR(GOOD), &fault), RC_EXPIRED);
	static const struct { const char *password, *field; } bad[] = {
		{"ngắn quá", "short"}, {"", "short"}, {"LAN.TRAN", "short"}, {"1234567890", "common"},
		{"Password123", "common"}, {"MẬTKHẨU123", "common"}, {"aaaaaaaaaaaa", "common"},
		{"abcabcabcabc", "common"}, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "long"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(people_set_password(people, &arena, REAL, token, str_of(bad[i].password), &fault),
		                 RC_INVALID);
		assert_string_equal(fault.field, bad[i].field);
	}
	assert_int_equal(password_good(&arena, STR("Nguyen.Van.Ba"), STR("nguyen.van.ba"), &fault),
	                 RC_INVALID);
	assert_string_equal(fault.field, "login");
	char *huge = arena_alloc(&arena, 5001);
	memset(huge, 'x', 5000);
	assert_int_equal(people_set_password(people, &arena, REAL, token, str_n(huge, 5000), &fault), RC_INVALID);
	assert_string_equal(fault.field, "long");
	/* a second link makes the first one void */
	assert_int_equal(people_invite(people, &arena, REAL, STR("lan.tran"), &second, &fault), RC_OK);
	assert_int_equal(people_set_password(people, &arena, REAL, token, STR(GOOD), &fault), RC_EXPIRED);
	assert_int_equal(people_set_password(people, &arena, REAL, second, STR(GOOD), &fault), RC_OK);
	assert_int_equal(people_set_password(people, &arena, REAL, second, STR(GOOD), &fault), RC_EXPIRED);
	assert_int_equal(people_invite_account(people, &arena, REAL, second, &a, &fault), RC_EXPIRED);
	static const char *const broken[] = {"", "x", "AAAA", "../../etc", "%00"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_int_equal(people_invite_account(people, &arena, REAL, str_of(broken[i]), &a, &fault),
		                 RC_EXPIRED);
	/* a day old */
	assert_int_equal(people_invite(people, &arena, REAL, STR("lan.tran"), &token, &fault), RC_OK);
	atomic_fetch_add(clk.shift, US_DAY + 1);
	assert_int_equal(people_invite_account(people, &arena, REAL, token, &a, &fault), RC_EXPIRED);
	atomic_fetch_sub(clk.shift, US_DAY + 1);
	/* signing in: every refusal looks alike */
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &session), RC_OK);
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD_NFD, &session), RC_OK);
	struct fault wrong = {0};
	static const struct { const char *login, *password; } no[] = {
		{"lan.tran", GOOD "!"}, {"lan.tran", ""}, {"nobody", GOOD}, {"", GOOD}, {"' OR 1=1 --", GOOD},
		{"LAN.TRAN", GOOD}, {"lan.tran", "\xff"}, {"lan.tran", NULL},
	};
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		fault = (struct fault){0};
		assert_int_equal(sign_in(REAL, no[i].login, no[i].password, &session), RC_DENIED);
		if (i > 0)
			assert_memory_equal(&fault, &wrong, sizeof fault);
		wrong = fault;
	}
	assert_int_equal(people_sign_in(people, &arena, REAL, STR("lan.tran"), str_n(huge, 5000),
	                                STR_EMPTY, &session, &fault), RC_DENIED);
}

static struct actor own;
static struct session_info *sessions;
static size_t session_count;
static enum rc list_own(struct tx *tx, struct fault *f)
{
	return session_list(tx, &own, &sessions, &session_count, f);
}
static int64_t end_id;
static enum rc end_one(struct tx *tx, struct fault *f) { return session_end(tx, &own, end_id, f); }
static enum rc end_others(struct tx *tx, struct fault *f)
{
	struct actor other = own;
	other.account.v++;
	return session_end(tx, &other, end_id, f);
}
static enum rc end_role_today(struct tx *tx, struct fault *f)
{
	return role_end(tx, lan, ROLE_handler, today() - 1, f);
}
static enum rc grant_open(struct tx *tx, struct fault *f)
{
	return role_grant(tx, lan, ROLE_handler, today(), 0, false, f);
}
static enum rc close_lan(struct tx *tx, struct fault *f) { return account_close(tx, lan, f); }

static void sessions_live(void **state)
{
	(void)state;
	struct str one, two, demo;
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &one), RC_OK);
	own = actor_now(REAL, one);
	assert_int_equal(own.account.v, lan.v);
	assert_int_equal(own.roles, ROLE_BIT(ROLE_handler));
	assert_true(actor_may(&own, PERM_case_work));
	assert_false(actor_may(&own, PERM_admin));
	assert_true(str_is(own.name, "Trần Thị Lan"));
	/* a session of one ward is none of the other, where she has another role */
	assert_int_equal(actor_now(DEMO, one).account.v, 0);
	assert_int_equal(sign_in(DEMO, "lan.tran", GOOD, &demo), RC_OK);
	assert_int_equal(actor_now(DEMO, demo).roles, ROLE_BIT(ROLE_oversight));
	assert_int_equal(actor_now(REAL, demo).account.v, 0);
	/* forged and broken cookies are nobody */
	static const char *const broken[] = {"", "x", "AAAAAAAAAAAAAAAA", "\xff\xff"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_int_equal(actor_now(REAL, str_of(broken[i])).account.v, 0);
	char *forged = arena_alloc(&arena, one.n + 1);
	memcpy(forged, one.p, one.n);
	forged[one.n - 8] = forged[one.n - 8] == 'A' ? 'B' : 'A';
	assert_int_equal(actor_now(REAL, str_n(forged, one.n)).account.v, 0);
	/* own sessions are seen and ended, others' are not */
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &two), RC_OK);
	assert_int_equal(in(REAL, list_own), RC_OK);
	size_t present = 0;
	for (size_t i = 0; i < session_count; i++) {
		present += sessions[i].present;
		if (!sessions[i].present)
			end_id = sessions[i].id;
		assert_true(str_is(sessions[i].device, "Chrome, Android"));
	}
	assert_int_equal(present, 1);
	size_t before = session_count;
	assert_true(before >= 2);
	assert_int_equal(in(REAL, end_others), RC_NONE);
	assert_int_equal(in(DEMO, end_one), RC_NONE);
	assert_int_equal(in(REAL, end_one), RC_OK);
	assert_int_equal(in(REAL, end_one), RC_NONE);
	assert_int_equal(in(REAL, list_own), RC_OK);
	assert_int_equal(session_count, before - 1);
	assert_int_equal(actor_now(REAL, one).account.v, lan.v);
	assert_int_equal(people_sign_out(people, &arena, REAL, one, &fault), RC_OK);
	assert_int_equal(people_sign_out(people, &arena, REAL, one, &fault), RC_NONE);
	assert_int_equal(people_sign_out(people, &arena, DEMO, STR("x"), &fault), RC_NONE);
	assert_int_equal(actor_now(REAL, one).account.v, 0);
}

static void sessions_end(void **state)
{
	(void)state;
	struct str t, link;
	/* two hours without use; a use in between counts */
	assert_int_equal(in(REAL, end_role_today), RC_OK);
	assert_int_equal(in(REAL, grant_open), RC_OK);
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &t), RC_OK);
	int64_t start_shift = atomic_load(clk.shift);
	for (int hour = 0; hour < 6; hour++) {
		atomic_fetch_add(clk.shift, 119 * US_MINUTE);
		assert_int_equal(actor_now(REAL, t).account.v, lan.v);
	}
	atomic_fetch_add(clk.shift, 119 * US_MINUTE); /* 13.9 h: past twelve hours in all */
	assert_int_equal(actor_now(REAL, t).account.v, 0);
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &t), RC_OK);
	atomic_fetch_add(clk.shift, 2 * US_HOUR + US_SECOND);
	assert_int_equal(actor_now(REAL, t).account.v, 0);
	atomic_store(clk.shift, start_shift);
	/* the last role's end is the session's */
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &t), RC_OK);
	assert_int_equal(in(REAL, end_role_today), RC_OK);
	assert_int_equal(actor_now(REAL, t).account.v, 0);
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &link), RC_DENIED);
	assert_int_equal(in(REAL, grant_open), RC_OK);
	assert_int_equal(actor_now(REAL, t).account.v, lan.v);
	/* a new password ends the sessions, in the other ward too */
	struct str other;
	assert_int_equal(sign_in(DEMO, "lan.tran", GOOD, &other), RC_OK);
	assert_int_equal(people_invite(people, &arena, REAL, STR("lan.tran"), &link, &fault), RC_OK);
	assert_int_equal(people_set_password(people, &arena, REAL, link, STR("một câu khác hẳn"), &fault), RC_OK);
	assert_int_equal(actor_now(REAL, t).account.v, 0);
	assert_int_equal(actor_now(DEMO, other).account.v, 0);
	assert_int_equal(sign_in(REAL, "lan.tran", GOOD, &t), RC_DENIED);
	assert_int_equal(sign_in(REAL, "lan.tran", "một câu khác hẳn", &t), RC_OK);
	assert_int_equal(sign_in(DEMO, "lan.tran", "một câu khác hẳn", &other), RC_OK);
	/* closing: sessions, links, sign-in, new roles */
	assert_int_equal(people_invite(people, &arena, REAL, STR("lan.tran"), &link, &fault), RC_OK);
	assert_int_equal(in(REAL, close_lan), RC_OK);
	assert_int_equal(in(REAL, close_lan), RC_NONE);
	assert_int_equal(actor_now(REAL, t).account.v, 0);
	assert_int_equal(actor_now(DEMO, other).account.v, 0);
	assert_int_equal(people_set_password(people, &arena, REAL, link, STR(GOOD), &fault), RC_EXPIRED);
	assert_int_equal(people_invite(people, &arena, REAL, STR("lan.tran"), &link, &fault), RC_DENIED);
	assert_int_equal(sign_in(REAL, "lan.tran", "một câu khác hẳn", &t), RC_DENIED);
	assert_int_equal(in(REAL, grant_later), RC_DENIED);
	assert_int_equal(in(REAL, join), RC_DENIED);
}

/* Every key of a ward's table begins with the ward. */
static void ward_first(void **state)
{
	(void)state;
	struct store_table *tables;
	size_t count, seen = 0;
	assert_int_equal(store_schema(store, &arena, &tables, &count, &fault), RC_OK);
	for (size_t i = 0; i < count; i++) {
		if (tables[i].internal || str_is(tables[i].name, "ward") || str_is(tables[i].name, "account") ||
		    str_is(tables[i].name, "definition"))
			continue;
		seen++;
		for (size_t k = 0; k < tables[i].key_count; k++) {
			const struct store_key *key = &tables[i].keys[k];
			if (key->kind != KEY_FOREIGN || !str_is(key->to_table, "account"))
				assert_true(str_is(key->columns[0], "ward_id"));
		}
	}
	assert_true(seen >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_and_units), cmocka_unit_test(roles),
		cmocka_unit_test(passwords),          cmocka_unit_test(sessions_live),
		cmocka_unit_test(sessions_end),       cmocka_unit_test(ward_first),
	};
	return cmocka_run_group_tests(tests, start, end);
}
