/* A year's forgetting, and the last day of all: what is due goes, wherever it lies, what is not stays, the
 * chains and the counts hold; holds; and an older copy made to forget again. */
#include "flow_env.h"
#include "../harness/database.h"

#include <stdio.h>

#include "ward/flow/erase.h"
#include "ward/flow/hold.h"
#include "ward/flow/look_words.h"
#include "ward/flow/register.h"
#include "ward/forget.h"

#define WORD "zqforget7041"

static int setup(void **state)
{
	int r = env_setup(state);
	E.flow.moved = contact_moved;
	return r;
}

static void night(const char *day)
{
	struct fault f = {0};
	bool left = true;
	env_at(day, 2);
	for (int i = 0; left && i < 50; i++)
		env_ok(forget_night(&E.flow, E.ward[ENV_A]->id, &left, &f), &f);
	assert_false(left);
}

static void fine(void)
{
	struct fault f = {0};
	struct verify_report r;
	struct deletion_report d;
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_int_equal(r.faults, 0);
	env_ok(deletions_verify(&E.flow, E.ward[ENV_A]->id, true, NULL, NULL, &d, &f), &f);
	assert_int_equal(d.faults, 0);
	assert_int_equal(d.rows, d.lines);
}

static enum rc compare_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct count_change *counts;
	struct tally_row *tallies;
	struct map_change *map;
	size_t n[3], *sum = ctx;
	enum rc rc = counter_compare(tx, &counts, &n[0], f);
	if (rc == RC_OK)
		rc = tally_compare(tx, 0, TALLY_END, &tallies, &n[1], f);
	if (rc == RC_OK)
		rc = map_compare(tx, 0, TALLY_END, &map, &n[2], f);
	*sum = n[0] + n[1] + n[2];
	return rc;
}

/* What is counted is what would be counted anew. */
static void counts_hold(void)
{
	struct fault f = {0};
	size_t n = 1;
	env_ok(env_read(ENV_A, compare_tx, &n, &f), &f);
	assert_int_equal(n, 0);
}

static const char *figures(void)
{
	return arena_z(&E.arena, env_dump(
		"SELECT what, period, kind, area_id, mark, SUM(n), SUM(more) FROM (SELECT * FROM tally_count UNION ALL"
		" SELECT ward_id, what, period, kind, area_id, mark, n, more FROM tally_delta) AS t"
		" GROUP BY what, period, kind, area_id, mark HAVING SUM(n) <> 0 ORDER BY 1, 2, 3, 4, 5"));
}

static enum rc keep_address(struct tx *tx, void *ctx, struct fault *f)
{
	return contact_put(tx, &E.flow, ctx, STR("nhan@example.com"), LANG_vi, f);
}

/* Where it is, put right: with a square and a point. */
static void put_right(const struct actor *who, struct ward_case *c)
{
	struct fault f = {0};
	const struct case_place p = {.area = E.area[0], .street = STR(WORD " street"), .landmark = STR_EMPTY,
	                             .has_point = true, .lon = 105.705, .lat = 10.005, .cell = {5, 6}};
	const struct said said = {"reason", "Chỗ khác " WORD};
	env_ok(env_try(ENV_A, who, c, (struct move){.verb = VERB_correct, .place = &p}, &said, 1, &f), &f);
	assert_true(env_get(ENV_A, c->id).place.cell.column == 5);
}

/* Everything that is said of a case, with a word in it that is nowhere else. */
static struct ward_case told(const char *opened)
{
	struct fault f = {0};
	env_at(opened, 9);
	struct ward_case c = env_open_at(ENV_A, "lighting", "Đèn tắt " WORD, E.area[0], WORD " street");
	static int photo = 6;
	struct photo photos[1] = {env_photo(++photo)};
	env_ok(env_write(ENV_A, keep_address, &c, &f), &f);
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	put_right(&E.an, &c);
	env_ok(env_try(ENV_A, &E.an, &c, (struct move){.verb = VERB_photo, .photos = photos, .photo_count = 1}, NULL,
	               0, &f), &f);
	env_move(&E.an, &c, VERB_note, "text", "Ghi " WORD);
	env_move(&E.an, &c, VERB_ask, "text", "Cột nào, " WORD "?");
	env_move(NULL, &c, VERB_answer, "text", "Cột đầu " WORD);
	env_move(&E.an, &c, VERB_release, "public_text", "Đèn " WORD);
	env_close(&E.an, &c);
	return c;
}

static int64_t words(void) { return env_int("SELECT COUNT(*) FROM part_body WHERE body LIKE '%" WORD "%'"); }

static void a_year_forgets(void **state)
{
	(void)state;
	struct ward_case c = told("2026-03-02");
	struct ward_case open = env_open(ENV_A, "road", "Hố " WORD);
	night("2026-04-02");
	assert_int_equal(env_int("SELECT COUNT(*) FROM contact"), 0);
	assert_int_equal(words(), 9);
	const char *before = figures();
	night("2027-03-02");                   /* its last day */
	assert_int_equal(words(), 9);
	night("2027-03-03");
	assert_int_equal(words(), 1);          /* the open one's */
	struct ward_case now = env_get(ENV_A, c.id);
	assert_int_equal(now.place.street.n + now.place.landmark.n + now.released_text.n, 0);
	assert_false(now.place.has_point);
	assert_true(now.place.cell.column == 5 && now.gone_day == 0);   /* the public map's square */
	assert_int_equal(env_int("SELECT COUNT(*) FROM attachment"), 0);
	assert_int_equal(env_int("SELECT COUNT(*) FROM outbox WHERE kind = 'net.photo'"), 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE erased_day IS NOT NULL AND erased_rule IS NULL"), 0);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE erased_rule = 'keep.photo'"), 1);
	assert_string_equal(before, figures());
	assert_true(str_find(env_dump("SELECT kind FROM deletion ORDER BY n"), STR("contact\nnote 3.1\nphoto 4.1\nplace 1.3 3.2\ntext 1.1 ")) !=
	            SIZE_MAX);
	assert_int_equal(env_get(ENV_A, open.id).version, open.version);
	/* Somebody who wrote on a page of before is told that it changed, and keeps what they wrote. */
	struct fault f = {0};
	struct ward_case stale = c;
	const struct said said = {"text", "Ghi thêm"};
	assert_int_equal(env_try(ENV_A, &E.an, &stale, (struct move){.verb = VERB_note, .expected_version = c.version}, &said, 1, &f), RC_CHANGED);
	fine();
	counts_hold();
	night("2027-03-04");                   /* nothing is erased twice */
	assert_int_equal(env_int("SELECT COUNT(*) FROM deletion"), 5);
}

/* ---------------------------------------------------------------- the last day */

static bool is_case_table(struct str t)
{
	static const char *const TABLES[] = {"ward_case", "timeline", "part", "part_body", "attachment", "receipt",
	                                     "receipt_word", "receipt_dead", "contact", "mail_link", "notice", "agency_request",
	                                     "agency_scope", "agency_given", NULL};
	for (size_t i = 0; TABLES[i] != NULL; i++)
		if (str_is(t, TABLES[i]))
			return true;
	return false;
}

/* By the register: whatever of a case is not said to be a figure, or made again, is empty. */
static void nothing_but_figures(void)
{
	struct fault f = {0};
	struct purposes *g;
	const struct purpose *all;
	size_t looked = 0;
	const char *root = getenv("XOM_SRC");
	env_ok(purposes_load(&g, arena_fmt(&E.arena, "%s/rights/fields.yaml", root).p, E.rules, E.refused, &f), &f);
	size_t n = purposes_all(g, &all);
	for (size_t i = 0; i < n; i++) {
		const struct purpose *p = &all[i];
		if (p->kind != PURPOSE_table || !is_case_table(p->place) || str_is(p->keep, "figure") ||
		    str_is(p->keep, "derived"))
			continue;
		const char *sql = arena_fmt(&E.arena,
		                            "SELECT COUNT(*) FROM %.*s WHERE %.*s IS NOT NULL AND CAST(%.*s AS TEXT) NOT IN ('', '0', '0.0', 'false')",
		                            PSTR(p->place), PSTR(p->name), PSTR(p->name)).p;
		if (env_int(sql) != 0)
			fail_msg("%.*s.%.*s outlives its case", PSTR(p->place), PSTR(p->name));
		looked++;
	}
	assert_true(looked > 50);
	purposes_free(g);
}

struct looked {
	struct str code;
	int32_t day;
	struct str rule;
};
static enum rc erased_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct looked *k = ctx;
	return erased_code(tx, k->code, &k->day, &k->rule, f);
}

/* What an agency asked about it, as if it were the request, too: its own rows, and its place in a scope. */
static void asked_about(const struct ward_case *c)
{
	const char *id = arena_fmt(&E.arena, "FROM ward_case WHERE id = %lld", (long long)c->id.v).p;
	env_tamper(arena_fmt(&E.arena,
	                     "INSERT INTO agency_request (ward_id, case_id, who, number, day, order_number, order_day, order_until,"
	                     " entered_by, chair_by, chair_at, oversight_by, oversight_at, refused_by, result, decided_at)"
	                     " SELECT ward_id, id, 'Toà " WORD "', '45/" WORD "', 20000, '12/" WORD "', 20000, 20001, a, a, 1, a, 1, a,"
	                     " 'granted', 1 FROM (SELECT ward_id, id, (SELECT MIN(id) FROM account) AS a %s) AS k", id).p);
	env_tamper(arena_fmt(&E.arena, "INSERT INTO agency_scope (ward_id, case_id, n, about_id, told_at) SELECT ward_id, id, 1, id, 1 %s", id).p);
	env_tamper(arena_fmt(&E.arena, "INSERT INTO agency_given (ward_id, case_id, seq, n, given_at) SELECT ward_id, id, 1, 1, 1 %s", id).p);
}

static void at_last_the_figures_are_left(void **state)
{
	struct fault f = {0};
	(void)state;
	struct ward_case c = told("2026-03-02");
	asked_about(&c);
	struct looked k = {.code = arena_copy(&E.arena, str_of(c.code))};
	const char *before = figures();
	night("2036-03-01");                   /* 3652 days */
	assert_int_equal(env_int("SELECT COUNT(*) FROM ward_case WHERE gone_day IS NULL"), 1);
	assert_int_equal(env_read(ENV_A, erased_tx, &k, &f), RC_NONE);
	night("2036-03-02");
	nothing_but_figures();
	assert_string_equal(before, figures());
	struct ward_case now = env_get(ENV_A, c.id);
	assert_true(now.gone_day == day_of(clock_now(&E.clock)) && now.state == STATE_closed && now.closed_at == c.closed_at);
	assert_int_equal(case_verbs(&E.flow, &now, &E.an, clock_now(&E.clock)), 0);
	env_ok(env_read(ENV_A, erased_tx, &k, &f), &f);
	assert_true(k.day == now.gone_day && str_is(k.rule, "keep.figures"));
	/* The rows that were put there by hand have no entries, and are named for it. */
	struct verify_report r;
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_true(r.faults > 0);
	env_tamper("DELETE FROM agency_given; DELETE FROM agency_scope; DELETE FROM agency_request");
	fine();
	counts_hold();
	/* What was done by whom is still proved to be of some role: another's pseudonym breaks the chain. */
	env_tamper("UPDATE timeline SET pseudonym = zeroblob(32) WHERE seq = 2");
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_true(r.faults > 0);
}

/* One that nobody could open loses its square with its place. */
static void a_quiet_one_loses_its_square(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case c = env_open(ENV_A, "noise", "Ồn " WORD);
	struct actor who = E.an;
	who.units[0] = E.unit[ENV_A][UNIT_an_toan];
	who.unit_count = 1;
	env_move(&who, &c, VERB_take, NULL, NULL);
	put_right(&who, &c);
	struct fault f = {0};
	struct said said = {"result", "Đã nhắc"};
	env_ok(env_try(ENV_A, &who, &c, (struct move){.verb = VERB_close, .outcome = STR("mended")}, &said, 1, &f), &f);
	night("2027-03-04");
	assert_int_equal(env_get(ENV_A, c.id).place.cell.column, 0);
	fine();
	counts_hold();
}

/* ---------------------------------------------------------------- many */

/* More than one slice; what is not due costs nothing, because an index says what is. */
static void found_by_an_index(void **state)
{
	(void)state;
	env_bulk = true;
	env_at("2026-03-02", 9);
	for (int i = 0; i < 45; i++) {
		struct ward_case c = env_open(ENV_A, "lighting", "Đèn " WORD);
		env_move(&E.an, &c, VERB_take, NULL, NULL);
		env_close(&E.an, &c);
		if (i == 40)
			env_at("2026-04-20", 9);
	}
	night("2027-03-10");
	assert_int_equal(words(), 4);
	fine();
	if (!on_server()) {
		struct str plan = env_dump("EXPLAIN QUERY PLAN SELECT case_id FROM part WHERE ward_id = 1 AND due_day < 9"
		                           " AND erased_day IS NULL ORDER BY due_day, case_id LIMIT 9");
		assert_true(str_find(plan, STR("part_due (ward_id=? AND due_day<?)")) != SIZE_MAX);
		assert_true(str_find(plan, STR("TEMP B-TREE")) == SIZE_MAX);
	}
}

struct statements {
	struct str list[512];
	size_t n;
};

static void keep_statement(void *ctx, const char *sql)
{
	struct statements *seen = ctx;
	if (seen->n < sizeof seen->list / sizeof *seen->list)
		seen->list[seen->n++] = arena_copy(&E.arena, str_of(sql));
}

/* After a long stop millions of parts are due at once, and a ward has millions of entries: what is of one case is
 * found by that case alone, or a slice holds the writer for half a minute. */
static void one_case_is_found_by_itself(void **state)
{
	static const char *const WHOLE_WARD[] = {"part_due", "timeline_day", "SCAN part", "SCAN timeline"};
	(void)state;
	struct statements seen = {0};
	size_t looked = 0;
	if (on_server())
		return;
	env_at("2026-03-02", 9);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn " WORD);
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	env_close(&E.an, &c);
	store_trace(E.flow.store, keep_statement, &seen);
	night("2027-03-10");
	store_trace(E.flow.store, NULL, NULL);
	for (size_t i = 0; i < seen.n; i++) {
		struct str sql = seen.list[i];
		bool of_one = str_find(sql, STR("case_id = ")) != SIZE_MAX || str_find(sql, STR(" id = ")) != SIZE_MAX;
		if (!of_one || str_starts(sql, STR("INSERT")))
			continue;
		struct str plan = env_dump(arena_fmt(&E.arena, "EXPLAIN QUERY PLAN %.*s", PSTR(sql)).p);
		for (size_t k = 0; k < sizeof WHOLE_WARD / sizeof *WHOLE_WARD; k++)
			if (str_find(plan, str_of(WHOLE_WARD[k])) != SIZE_MAX)
				fail_msg("%.*s: %.*s", PSTR(sql), PSTR(plan));
		looked++;
	}
	assert_true(seen.n < sizeof seen.list / sizeof *seen.list);
	assert_true(looked >= 8);
}

/* ---------------------------------------------------------------- holds */

struct holding {
	struct hold_new n;
	struct hold out;
	struct hold_counts counts;
	int64_t end;
};
static enum rc put_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct holding *h = ctx;
	return hold_put(tx, &E.flow, &h->n, &h->out, f);
}
static enum rc end_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct holding *h = ctx;
	return hold_end(tx, &E.flow, h->n.actor, h->end, f);
}
static enum rc counts_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct holding *h = ctx;
	return hold_counts(tx, 0, clock_now(&E.clock) + 1, &h->counts, f);
}
static int32_t day(const char *iso)
{
	int32_t d = 0;
	assert_true(day_parse(str_of(iso), &d));
	return d;
}
static struct actor overseer(void)
{
	struct actor a = E.an2;
	a.roles = ROLE_BIT(ROLE_oversight);
	return a;
}

static void a_hold_says_all_of_it(void **state)
{
	(void)state;
	struct ward_case c = told("2026-03-02");
	struct actor who = overseer();
	const struct hold_new good = {.actor = &who, .code = str_of(c.code), .number = STR("12/LĐ"), .who = STR("VKSND"),
	                              .day = day("2026-03-01"), .until = day("2027-03-20"), .most = 400};
	static const char *const WRONG[] = {"code", "number", "day", "day.later", "who", "until", "until.past", "until.far"};
	for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
		struct fault f = {0};
		struct holding h = {.n = good};
		if (i == 0) h.n.code = STR("AA-26-00000-0");
		if (i == 1) h.n.number = STR_EMPTY;
		if (i == 2) h.n.day = 0;
		if (i == 3) h.n.day = day("2026-03-03");
		if (i == 4) h.n.who = STR_EMPTY;
		if (i == 5) h.n.until = 0;
		if (i == 6) h.n.until = day("2026-03-01");
		if (i == 7) h.n.most = 30;
		assert_int_equal(env_write(ENV_A, put_tx, &h, &f), RC_INVALID);
		assert_string_equal(f.field, WRONG[i]);
	}
	struct fault f = {0};
	struct holding h = {.n = good};
	h.n.actor = &E.an;
	assert_int_equal(env_write(ENV_A, put_tx, &h, &f), RC_DENIED);
	assert_int_equal(env_write(ENV_B, put_tx, &(struct holding){.n = good}, &f), RC_INVALID);   /* another ward's code */
	assert_int_equal(env_int("SELECT COUNT(*) FROM legal_hold"), 0);
	/* Whether there is a matter of a code is told to a whole order alone. */
	h.n.actor = &who;
	h.n.number = STR_EMPTY;
	h.n.code = STR("NK-26-7KQ4M-R");
	assert_int_equal(env_write(ENV_A, put_tx, &h, &f), RC_INVALID);
	assert_int_equal(env_int("SELECT COUNT(*) FROM look WHERE what = 'hold'"), 0);
	h.n = good;
	env_ok(env_write(ENV_A, put_tx, &h, &f), &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM look l JOIN legal_hold h ON h.case_id = l.case_id"
	                         " WHERE l.what = 'hold' AND l.filter = '12/LĐ'"), 1);
	assert_int_equal(env_write(ENV_A, put_tx, &h, &f), RC_EXISTS);
	assert_int_equal(env_int("SELECT COUNT(*) FROM look WHERE what = 'hold'"), 1);
	fine();
}

static enum rc erase_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct ward_case *c = ctx;
	return part_erase(tx, &E.flow, c->id, 1, 1, STR("keep.text"), f);
}

static void while_it_stands_nothing_goes(void **state)
{
	struct fault f = {0};
	(void)state;
	struct ward_case c = told("2026-03-02"), other = told("2026-03-02");
	struct actor who = overseer();
	struct holding h = {.n = {.actor = &who, .code = str_of(c.code), .number = STR("12/LĐ"), .who = STR("VKSND"),
	                          .day = day("2026-03-01"), .until = day("2027-03-20"), .most = 400}};
	env_ok(env_write(ENV_A, put_tx, &h, &f), &f);
	h.n.number = STR("13/LĐ");
	h.n.until = day("2027-03-10");
	env_ok(env_write(ENV_A, put_tx, &h, &f), &f);
	assert_int_equal(env_write(ENV_A, erase_tx, &c, &f), RC_REFUSED);
	night("2026-04-03");
	assert_int_equal(env_int("SELECT COUNT(*) FROM contact"), 0);   /* the address goes all the same */
	night("2027-03-05");
	assert_int_equal(words(), 8);
	night("2027-03-11");                   /* one of the two is over */
	assert_int_equal(env_get(ENV_A, c.id).held_until, day("2027-03-20"));
	assert_int_equal(env_int("SELECT COUNT(*) FROM timeline WHERE verb = 'unhold'"), 1);
	night("2027-03-20");
	assert_int_equal(words(), 8);
	night("2027-03-21");
	assert_int_equal(words(), 0);
	assert_int_equal(env_get(ENV_A, c.id).held_until, 0);
	env_ok(env_read(ENV_A, counts_tx, &h, &f), &f);
	assert_true(h.counts.put == 2 && h.counts.ended == 2 && h.counts.standing == 0);
	assert_int_equal(env_get(ENV_A, other.id).held_until, 0);
	fine();
	counts_hold();
}

static void an_order_is_taken_back(void **state)
{
	struct fault f = {0};
	(void)state;
	struct ward_case c = told("2026-03-02");
	struct actor who = overseer();
	struct holding h = {.n = {.actor = &who, .code = str_of(c.code), .number = STR("12/LĐ"), .who = STR("VKSND"),
	                          .day = day("2026-03-01"), .until = day("2027-03-20"), .most = 400}};
	env_ok(env_write(ENV_A, put_tx, &h, &f), &f);
	h.end = h.out.id;
	h.n.actor = &E.an;
	assert_int_equal(env_write(ENV_A, end_tx, &h, &f), RC_DENIED);
	h.n.actor = &who;
	env_ok(env_write(ENV_A, end_tx, &h, &f), &f);
	assert_int_equal(env_write(ENV_A, end_tx, &h, &f), RC_NONE);
	night("2027-03-04");
	assert_int_equal(words(), 0);
	fine();
}

/* ---------------------------------------------------------------- again, looks, shorter rules */

/* What the night erased comes back with an older copy, and goes by the list: parts, and a case whole. */
static void an_older_copy_forgets_it_again(void **state)
{
	static const char *const TABLES[] = {"ward_case", "timeline", "part", "part_body", "attachment", "receipt"};
	struct fault f = {0};
	int64_t applied;
	(void)state;
	struct ward_case c = told("2026-03-02"), young = told("2035-06-01");
	night("2035-07-10");                   /* parts of the first, both addresses */
	for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++)
		env_tamper(arena_fmt(&E.arena, "CREATE TABLE old_%s AS SELECT * FROM %s; UPDATE ward_case SET kind = kind", TABLES[i], TABLES[i]).p);
	int64_t lines = env_int("SELECT COUNT(*) FROM deletion");
	night("2036-06-10");
	assert_int_equal(words(), 0);
	assert_true(env_get(ENV_A, c.id).gone_day != 0 && env_get(ENV_A, young.id).gone_day == 0);
	env_tamper(arena_fmt(&E.arena, "DELETE FROM deletion WHERE n > %lld", (long long)lines).p);
	for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++)
		env_tamper(arena_fmt(&E.arena, "DELETE FROM %s; INSERT INTO %s SELECT * FROM old_%s; DROP TABLE old_%s",
		                     TABLES[i], TABLES[i], TABLES[i], TABLES[i]).p);
	assert_int_equal(words(), 8);
	env_at("2036-06-20", 9);
	env_ok(deletions_apply(&E.flow, E.ward[ENV_A]->id, &applied, &f), &f);
	assert_true(applied >= 5);
	assert_int_equal(words(), 0);
	assert_int_equal(env_get(ENV_A, c.id).gone_day, day("2036-06-10"));   /* the day it was, not today's */
	assert_int_equal(env_int("SELECT COUNT(DISTINCT erased_day) FROM part WHERE case_id = (SELECT MAX(id) FROM ward_case)"
	                         " AND erased_day IS NOT NULL"), 1);
	fine();
}

static void a_looks_words_go_after_a_year(void **state)
{
	struct fault f = {0};
	struct verify_report r;
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt");
	for (int i = 0; i < 25; i++)
		env_ok(look_write(&E.flow, &E.arena, E.ward[ENV_A], &E.an, "search", (struct case_id){0}, STR(WORD), 3, &f), &f);
	env_ok(look_write(&E.flow, &E.arena, E.ward[ENV_A], &E.an, "case", c.id, STR_EMPTY, 0, &f), &f);
	env_at("2026-09-02", 9);
	env_ok(look_write(&E.flow, &E.arena, E.ward[ENV_A], &E.an, "search", (struct case_id){0}, STR(WORD), 3, &f), &f);
	night("2027-03-02");
	assert_int_equal(env_int("SELECT COUNT(*) FROM look WHERE filter <> ''"), 26);
	night("2027-03-03");
	assert_int_equal(env_int("SELECT COUNT(*) FROM look WHERE filter <> ''"), 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM look WHERE erased_day IS NOT NULL AND salt IS NULL"), 25);
	fine();
	/* Words put in their place again, and a look of other words, are found. */
	env_tamper("UPDATE look SET filter = 'khác' WHERE seq = 1");
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_int_equal(r.faults, 1);
	env_tamper("UPDATE look SET filter = '' WHERE seq = 1; UPDATE look SET filter = 'khác' WHERE seq = 27");
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_int_equal(r.faults, 1);
	/* An older copy of them. */
	int64_t from, to;
	assert_true(look_words_line(STR("looks 1-25"), &from, &to) && from == 1 && to == 25);
	assert_false(look_words_line(STR("looks 25-1"), &from, &to) || look_words_line(STR("text 1.1"), &from, &to) ||
	             look_words_line(STR("looks"), &from, &to) || look_words_line(STR("looks 0-3"), &from, &to));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, env_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_year_forgets), T(at_last_the_figures_are_left), T(a_quiet_one_loses_its_square), T(found_by_an_index),
		T(one_case_is_found_by_itself),
		T(a_hold_says_all_of_it), T(while_it_stands_nothing_goes), T(an_order_is_taken_back),
		T(an_older_copy_forgets_it_again), T(a_looks_words_go_after_a_year),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
