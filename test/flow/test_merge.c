/* The same matter: suggesting, joining, merging, splitting; undone, everything is as it was. */
#include "flow_env.h"
#include "ward/flow/pending.h"

struct near_work {
	const char *kind;
	struct cell cell;
	int64_t since;
	struct case_row rows[NEAR_MOST];
	size_t n;
};

static enum rc do_near(struct tx *tx, void *ctx, struct fault *f)
{
	struct near_work *k = ctx;
	return case_near(tx, &E.flow, str_of(k->kind), k->cell, k->since, k->rows, &k->n, f);
}

static struct near_work near(const char *kind, int column, int row)
{
	struct fault f = {0};
	struct near_work k = {.kind = kind, .cell = {column, row}};
	env_ok(env_read(ENV_A, do_near, &k, &f), &f);
	return k;
}

struct open_work {
	int ward;
	struct case_new n;
	struct ward_case c;
	struct receipt receipt;
};

static enum rc do_open(struct tx *tx, void *ctx, struct fault *f)
{
	struct open_work *k = ctx;
	return case_open(tx, &E.flow, E.ward[k->ward], &k->n, &k->c, &k->receipt, f);
}

static bool alarming;             /* what is opened speaks of danger */

static enum rc try_open(const char *kind, int column, int row, struct case_id lead, struct ward_case *out,
                        struct fault *f)
{
	int n = ++E.journeys;
	struct open_work k = {
		.ward = ENV_A,
		.n = {.procedure = procedure_of_kind(E.procedures, str_of(kind), day_of(clock_now(&E.clock))),
		      .journey = hash_of(NULL, "journey", str_n((const char *)&n, sizeof n)),
		      .place = {.area = E.area[0], .street = STR("Đường Trần Phú"), .landmark = STR_EMPTY,
		                .cell = {column, row}},
		      .text = STR("Đèn tắt"), .channel = STR("web"), .lead = lead, .danger = alarming}};
	enum rc rc = env_write(ENV_A, do_open, &k, f);
	*out = k.c;
	return rc;
}

static struct ward_case open_in(const char *kind, int column, int row, struct case_id lead)
{
	struct fault f = {0};
	struct ward_case c;
	env_ok(try_open(kind, column, row, lead, &c, &f), &f);
	return c;
}

static enum rc try_merge(const struct actor *a, struct ward_case *c, struct case_id lead, struct fault *f)
{
	const struct said why = {"reason", "Cùng một cột đèn"};
	return env_try(ENV_A, a, c, (struct move){.verb = VERB_merge, .lead = lead}, &why, 1, f);
}

static void merge(struct ward_case *c, struct case_id lead)
{
	struct fault f = {0};
	env_ok(try_merge(&E.an, c, lead, &f), &f);
}

static void refused(struct ward_case *c, struct case_id lead, enum rc rc, const char *why)
{
	struct fault f = {0};
	assert_int_equal(try_merge(&E.an, c, lead, &f), rc);
	assert_string_equal(f.field, why);
}

/* Everything that is counted, deltas and folded rows together, and the fields of the cases that a link
 * touches. */
static const char *world(void)
{
	return arena_fmt(
		&E.arena, "%s|%s|%s|%s",
		env_dump("SELECT unit_id, queue, officer_id, due_day, SUM(n), SUM(more) FROM (SELECT * FROM case_count "
	             "UNION ALL SELECT ward_id, unit_id, queue, officer_id, due_day, n, more FROM case_delta) AS a "
	             "GROUP BY 1, 2, 3, 4 HAVING SUM(n) <> 0 OR SUM(more) <> 0 ORDER BY 1, 2, 3, 4").p,
		env_dump("SELECT what, period, kind, area_id, mark, SUM(n), SUM(more) FROM (SELECT * FROM tally_count "
	             "UNION ALL SELECT ward_id, what, period, kind, area_id, mark, n, more FROM tally_delta) AS a "
	             "GROUP BY 1, 2, 3, 4, 5 HAVING SUM(n) <> 0 OR SUM(more) <> 0 ORDER BY 1, 2, 3, 4, 5").p,
		env_dump("SELECT month, state, kind, area_id, cell_column, cell_row, SUM(n), SUM(more) FROM map_delta "
	             "GROUP BY 1, 2, 3, 4, 5, 6 HAVING SUM(n) <> 0 OR SUM(more) <> 0 ORDER BY 1, 2, 3, 4, 5, 6").p,
		env_dump("SELECT id, step, state, unit_id, officer_id, received_at, began_at, due_at, due_rule, closed_at, "
	             "outcome, code, public_code, open, queue, sort_at, lead_id, merged, lead_at, more "
	             "FROM ward_case ORDER BY id").p)
		.p;
}

struct compare_work {
	size_t wrong;
};

static enum rc do_compare(struct tx *tx, void *ctx, struct fault *f)
{
	struct compare_work *k = ctx;
	struct count_change *counts;
	struct tally_row *tallies;
	struct map_change *map;
	size_t n[3] = {0};
	enum rc rc = counter_compare(tx, &counts, &n[0], f);
	if (rc == RC_OK)
		rc = tally_compare(tx, 0, TALLY_END, &tallies, &n[1], f);
	if (rc == RC_OK)
		rc = map_compare(tx, 0, TALLY_END, &map, &n[2], f);
	k->wrong = n[0] + n[1] + n[2];
	return rc;
}

/* The counters say what a recount of the cases says. */
static void counted(void)
{
	struct fault f = {0};
	struct compare_work k = {0};
	env_ok(env_read(ENV_A, do_compare, &k, &f), &f);
	assert_int_equal(k.wrong, 0);
}

static void retell(struct case_id lead)
{
	struct fault f = {0};
	struct str of = arena_fmt(&E.arena, "%lld %d", (long long)lead.v, env_get(ENV_A, lead).seq);
	env_ok(followers_tell(&E.flow, E.ward[ENV_A]->id, of, &f), &f);
}

/* ---------------------------------------------------------------- suggesting */

static void what_stands_near_is_offered(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case here = open_in("lighting", 5, 5, (struct case_id){0});
	struct ward_case corner = open_in("lighting", 6, 6, (struct case_id){0});
	struct ward_case far = open_in("lighting", 7, 5, (struct case_id){0});
	struct ward_case road = open_in("road", 5, 5, (struct case_id){0});
	struct ward_case noise = open_in("noise", 5, 5, (struct case_id){0});
	struct near_work k = near("lighting", 5, 5);
	assert_int_equal(k.n, 2);               /* 141 m: yes; 200 m, another kind: no */
	assert_int_equal(k.rows[0].id.v, corner.id.v);
	assert_int_equal(k.rows[1].id.v, here.id.v);
	assert_int_equal(near("lighting", 0, 0).n, 0);
	assert_int_equal(near("noise", 5, 5).n, 0);
	assert_int_equal(near("lighting", 8, 5).n, 1);
	assert_int_equal(near("road", 4, 4).n, 1);
	struct near_work late = {.kind = "lighting", .cell = {5, 5}, .since = clock_now(&E.clock) + 1};
	struct fault f = {0};
	env_ok(env_read(ENV_A, do_near, &late, &f), &f);
	assert_int_equal(late.n, 0);            /* too long ago */
	env_move(&E.an, &corner, VERB_withhold, "reason", "Có người trong ảnh");
	env_close(&E.an, &here);
	assert_int_equal(near("lighting", 5, 5).n, 0);
	for (int i = 0; i < 9; i++)
		(void)open_in("lighting", 5, 5, (struct case_id){0});
	assert_int_equal(near("lighting", 5, 5).n, NEAR_MOST);
	(void)far, (void)road, (void)noise;
}

/* ---------------------------------------------------------------- joining */

static void who_joins_has_a_receipt_and_one_case(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case lead = open_in("lighting", 5, 5, (struct case_id){0});
	env_move(&E.an, &lead, VERB_take, NULL, NULL);
	env_at("2026-03-03", 9);
	struct ward_case joined = open_in("lighting", 5, 6, lead.id);
	struct ward_case now = env_get(ENV_A, lead.id);
	assert_int_equal(now.more, 1);
	assert_int_equal(now.version, lead.version);   /* an officer's open page stays good */
	assert_int_equal(now.seq, lead.seq);
	assert_string_not_equal(joined.code, lead.code);
	assert_int_equal(joined.top->id.v, lead.id.v);
	assert_int_equal(joined.seq, 2);               /* open, join */
	assert_false(case_late(&joined, joined.due_at + 1));
	counted();
	/* It is offered no more, stands in no list, and one case with two reports is counted. */
	assert_int_equal(near("lighting", 5, 6).n, 1);
	assert_int_equal(env_int("SELECT SUM(n) FROM tally_delta WHERE what = 1"), 1);
	assert_int_equal(env_int("SELECT SUM(more) FROM tally_delta WHERE what = 1"), 1);
	/* Another place, kind, a closed case: not that one. */
	struct fault f = {0};
	struct ward_case c;
	assert_int_equal(try_open("lighting", 5, 7, lead.id, &c, &f), RC_STALE);
	assert_int_equal(try_open("road", 5, 5, lead.id, &c, &f), RC_STALE);
	assert_int_equal(try_open("lighting", 0, 0, lead.id, &c, &f), RC_STALE);
	assert_int_equal(try_open("lighting", 5, 5, (struct case_id){77}, &c, &f), RC_STALE);
	env_close(&E.an, &lead);
	assert_int_equal(try_open("lighting", 5, 5, lead.id, &c, &f), RC_STALE);
	assert_int_equal(env_int("SELECT COUNT(*) FROM ward_case"), 2);
	counted();
}

static void what_follows_closes_and_reopens_with_it(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case lead = open_in("lighting", 5, 5, (struct case_id){0});
	struct ward_case joined = open_in("lighting", 5, 5, lead.id);
	env_close(&E.an, &lead);
	assert_int_equal(lead.more, 1);
	joined = env_get(ENV_A, joined.id);
	assert_int_equal(joined.top->state, STATE_closed);
	assert_true(case_ended_at(&joined) == lead.closed_at);
	assert_int_equal(env_int("SELECT COUNT(*) FROM outbox WHERE kind = 'flow.follow'"), 1);
	retell(lead.id);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NULL"), 0);
	counted();
	/* Its reporter's own words, and "not solved", which reopens the one case. */
	env_move(NULL, &joined, VERB_solved, "thanks", "Cảm ơn");
	assert_true(joined.solved_said);
	assert_int_equal(env_get(ENV_A, lead.id).state, STATE_closed);
	assert_int_equal(case_verbs(&E.flow, &joined, NULL, clock_now(&E.clock)), UINT64_C(1) << VERB_reopen);
	env_move(NULL, &joined, VERB_reopen, "reason", "Vẫn tối");
	assert_int_equal(joined.lead.v, lead.id.v);
	lead = env_get(ENV_A, lead.id);
	assert_int_equal(lead.state, STATE_working);
	retell(lead.id);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NOT NULL"), 0);
	assert_int_equal(env_int("SELECT COUNT(*) FROM timeline WHERE verb = 'reopen'"), 2);
	assert_int_equal(env_int("SELECT COUNT(*) FROM timeline WHERE verb = 'reopen' AND by_reporter = 1"), 1);
	counted();
	/* Closed again; its own reporter is content, the other is not: that becomes a case of its own. */
	env_at("2026-03-04", 9);
	env_close(&E.an, &lead);
	env_move(NULL, &lead, VERB_solved, NULL, NULL);
	env_move(NULL, &joined, VERB_reopen, "reason", "Cột này vẫn tối");
	assert_int_equal(joined.lead.v, 0);
	assert_true(state_open(joined.state));
	assert_true(joined.began_at > lead.closed_at);
	assert_int_equal(env_get(ENV_A, lead.id).more, 0);
	assert_int_equal(env_get(ENV_A, lead.id).state, STATE_solved);
	counted();
}

static void who_withdraws_leaves(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case lead = open_in("lighting", 5, 5, (struct case_id){0});
	struct ward_case joined = open_in("lighting", 5, 5, lead.id);
	env_move(NULL, &joined, VERB_withdraw, NULL, NULL);
	assert_int_equal(joined.state, STATE_withdrawn);
	assert_int_equal(joined.lead.v, 0);
	assert_int_equal(env_get(ENV_A, lead.id).more, 0);
	assert_true(state_open(env_get(ENV_A, lead.id).state));
	counted();
}

/* ---------------------------------------------------------------- merging */

static void what_comes_later_follows_the_link(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case a = open_in("road", 5, 5, (struct case_id){0});
	struct ward_case a2 = open_in("road", 5, 5, a.id);
	struct ward_case b = open_in("lighting", 9, 9, (struct case_id){0});
	a = env_get(ENV_A, a.id);
	int seq_a = a.seq, seq_b = b.seq;
	merge(&a, b.id);                        /* of another kind: what it is called is the officer's to say */
	assert_int_equal(a.seq, seq_a + 1);
	assert_int_equal(env_get(ENV_A, b.id).seq, seq_b + 1);
	assert_int_equal(env_get(ENV_A, b.id).more, 2);
	assert_int_equal(env_get(ENV_A, a2.id).top->id.v, b.id.v);
	assert_int_equal(env_get(ENV_A, a2.id).lead.v, a.id.v);
	counted();
	struct ward_case late = open_in("road", 5, 5, a.id);
	assert_int_equal(late.lead.v, b.id.v);
	assert_int_equal(env_get(ENV_A, b.id).more, 3);
	counted();
	/* Closed and reopened while it follows: the closed days are not its clock's either. */
	b = env_get(ENV_A, b.id);
	env_close(&E.an, &b);
	env_at("2026-03-06", 9);
	env_move(NULL, &b, VERB_reopen, "reason", "Vẫn hỏng");
	env_at("2026-03-09", 9);
	a = env_get(ENV_A, a.id);
	env_move(&E.an, &a, VERB_unmerge, "reason", "Khác chỗ");
	assert_int_equal(a.began_at, b.began_at);
	assert_int_equal(a.more, 1);
	assert_int_equal(env_get(ENV_A, b.id).more, 1);
	counted();
}

/* What is to be closed earlier, or nobody looked at in time, follows nothing that would hide it; the other
 * way round it goes. */
static void merging_buys_no_time(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct case_id none = {0};
	struct ward_case old = open_in("lighting", 5, 5, none), asked = open_in("lighting", 1, 1, none);
	struct ward_case road = open_in("road", 5, 5, none), seen = open_in("lighting", 5, 5, none);
	env_move(&E.an, &old, VERB_take, NULL, NULL);
	env_move(&E.an, &seen, VERB_take, NULL, NULL);
	env_move(&E.an, &asked, VERB_ask, "text", "Trụ số mấy?");
	/* Its clock stands, so that it is due later than what came after it; who joins it chooses so. */
	env_at("2026-03-03", 9);
	struct ward_case fresh = open_in("lighting", 1, 1, none);
	assert_true(fresh.due_at < asked.due_at);
	refused(&fresh, asked.id, RC_REFUSED, "earlier");
	struct ward_case joined = open_in("lighting", 1, 1, asked.id);
	assert_int_equal(joined.lead.v, asked.id.v);
	asked = env_get(ENV_A, asked.id);
	merge(&asked, fresh.id);
	/* A first look that is to be earlier holds nothing up, one that was missed does until it is taken. */
	assert_true(fresh.due_at < env_get(ENV_A, old.id).due_at);
	fresh = env_get(ENV_A, fresh.id);
	refused(&fresh, old.id, RC_REFUSED, "deep");
	env_move(&E.an, &asked, VERB_unmerge, "reason", "Khác trụ");
	fresh = env_get(ENV_A, fresh.id);
	merge(&fresh, old.id);
	env_at("2026-03-06", 9);
	assert_true(case_late(&road, clock_now(&E.clock)));
	refused(&road, seen.id, RC_REFUSED, "late");
	env_move(&E.an, &road, VERB_take, NULL, NULL);
	merge(&road, seen.id);
	/* Late is late: it leads, and whatever comes is due with it. */
	env_at("2026-03-20", 9);
	struct ward_case after = open_in("lighting", 5, 5, none), more = open_in("lighting", 5, 5, after.id);
	old = env_get(ENV_A, old.id);
	const char *before = world();
	assert_true(case_late(&old, clock_now(&E.clock)));
	refused(&old, after.id, RC_REFUSED, "earlier");
	assert_string_equal(world(), before);
	after = env_get(ENV_A, after.id);
	struct ward_case third = open_in("lighting", 5, 5, none);
	merge(&after, third.id);
	third = env_get(ENV_A, third.id);
	refused(&third, old.id, RC_REFUSED, "deep");   /* neither way: undone, each follows by itself */
	refused(&old, third.id, RC_REFUSED, "earlier");
	env_move(&E.an, &after, VERB_unmerge, "reason", "Gộp vào việc cũ");
	third = env_get(ENV_A, third.id);
	merge(&third, old.id);
	merge(&after, old.id);
	assert_true(case_late(&(struct ward_case){.state = STATE_working, .due_at = env_get(ENV_A, old.id).due_at},
	                      clock_now(&E.clock)));
	/* Apart again by its own clock, as if it never had followed. */
	env_move(&E.an, &after, VERB_unmerge, "reason", "Khác trụ");
	assert_int_equal(after.due_at, third.due_at);
	counted();
	(void)more;
	/* A date is lost to none. */
	env_at("2027-12-21", 9);
	struct ward_case dated = open_in("lighting", 5, 5, none), undated = open_in("road", 5, 5, none);
	env_move(&E.an, &undated, VERB_take, NULL, NULL);
	assert_int_equal(undated.due_at, 0);
	refused(&dated, undated.id, RC_REFUSED, "earlier");
	merge(&undated, dated.id);
}

static void undoing_gives_the_same_bytes(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case a = open_in("lighting", 5, 5, (struct case_id){0});
	struct ward_case a2 = open_in("lighting", 5, 5, a.id);
	struct ward_case b = open_in("lighting", 9, 9, (struct case_id){0});
	env_at("2026-03-05", 10);
	const char *before = world();
	a = env_get(ENV_A, a.id);
	merge(&a, b.id);
	assert_string_not_equal(world(), before);
	env_at("2026-03-09", 10);
	env_move(&E.an, &a, VERB_unmerge, "reason", "Khác cột đèn");
	assert_string_equal(world(), before);
	/* A joined report split off, and merged back again: the link is an officer's now, all else as it was. */
	a2 = env_get(ENV_A, a2.id);
	env_move(&E.an, &a2, VERB_split, "reason", "Khác cột đèn");
	assert_int_equal(a2.lead.v, 0);
	assert_int_equal(env_get(ENV_A, a.id).more, 0);
	counted();
	merge(&a2, a.id);
	counted();
	struct fault f = {0};
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	counted();
	assert_int_equal(env_int("SELECT COUNT(*) FROM timeline WHERE verb IN ('merge', 'unmerge', 'split')"), 8);
	struct verify_report v;
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &v, &f), &f);
	assert_int_equal(v.faults, 0);
}

struct later {
	struct ward_case *c;
	struct pending *out;
};
static enum rc do_ask_later(struct tx *tx, void *ctx, struct fault *f)
{
	struct later *k = ctx;
	struct part text = {STR("text"), STR("Trụ số mấy?"), STR("text")};
	struct move m = {.verb = VERB_ask, .actor = &E.an, .parts = &text, .part_count = 1};
	return pending_put(tx, &E.flow, k->c, &m, 0, false, k->out, f);
}
static void ask_later(struct ward_case *c, struct pending *out)
{
	struct fault f = {0};
	env_ok(env_write(ENV_A, do_ask_later, &(struct later){c, out}, &f), &f);
}
static enum rc do_take_back(struct tx *tx, void *ctx, struct fault *f)
{
	const struct pending *p = ctx;
	return pending_take_back(tx, p->id, E.an.account, f);
}

static void what_cant_be_merged(void **state)
{
	(void)state;
	struct fault f = {0};
	env_at("2026-03-02", 9);
	struct ward_case a = open_in("lighting", 5, 5, (struct case_id){0});
	struct ward_case b = open_in("lighting", 6, 5, (struct case_id){0});
	struct ward_case c = open_in("lighting", 7, 5, (struct case_id){0});
	struct ward_case d = open_in("lighting", 8, 5, (struct case_id){0});
	struct ward_case other = open_in("rubbish", 5, 5, (struct case_id){0});
	struct ward_case noise = open_in("noise", 5, 5, (struct case_id){0});
	struct ward_case theirs = env_open(ENV_B, "lighting", "Đèn tắt");
	refused(&a, a.id, RC_INVALID, "itself");
	refused(&a, theirs.id, RC_INVALID, "unknown");          /* another ward's does not exist */
	refused(&a, (struct case_id){0}, RC_INVALID, "unknown");
	refused(&a, other.id, RC_INVALID, "unknown");           /* nor does one that isn't theirs to read */
	struct actor reader = E.an;             /* who reads it, too, is told why not */
	reader.roles |= ROLE_BIT(ROLE_secretary);
	reader.perms |= people_perms(ROLE_BIT(ROLE_secretary));
	assert_int_equal(try_merge(&reader, &a, other.id, &f), RC_DENIED);
	assert_string_equal(f.field, "other_unit");
	assert_int_equal(try_merge(&E.binh, &a, b.id, &f), RC_DENIED);
	assert_int_equal(try_merge(NULL, &a, b.id, &f), RC_DENIED);
	assert_int_equal(env_try(ENV_A, &E.an, &a, (struct move){.verb = VERB_merge, .lead = b.id}, NULL, 0, &f),
	                 RC_INVALID);
	assert_string_equal(f.field, "reason");
	/* Conduct: not as the one, not as the other. */
	struct actor safety = E.binh;
	safety.units[safety.unit_count++] = E.unit[ENV_A][UNIT_an_toan];
	safety.units[safety.unit_count++] = E.unit[ENV_A][UNIT_ha_tang];
	assert_int_equal(try_merge(&safety, &noise, a.id, &f), RC_DENIED);
	assert_int_equal(try_merge(&safety, &a, noise.id, &f), RC_REFUSED);
	assert_string_equal(f.field, "not_shown");
	/* A version that somebody else raised. */
	struct ward_case old = env_get(ENV_A, a.id);
	env_move(&E.an, &a, VERB_note, "text", "Xem rồi");
	const struct said why = {"reason", "Cùng một cột đèn"};
	assert_int_equal(env_try(ENV_A, &E.an2, &old,
	                         (struct move){.verb = VERB_merge, .lead = b.id, .expected_version = old.version}, &why,
	                         1, &f),
	                 RC_CHANGED);
	/* A step of a colleague that waits: it would cross it, of the one as of the other. */
	struct pending p = {0};
	ask_later(&b, &p);
	refused(&a, b.id, RC_WAITING, "other");
	assert_int_equal(try_merge(&E.an2, &b, c.id, &f), RC_WAITING);
	assert_int_equal(env_get(ENV_A, b.id).more, 0);
	env_ok(env_write(ENV_A, do_take_back, &p, &f), &f);
	/* Rings: a follows b; b can't follow a, nor c through a. */
	merge(&a, b.id);
	refused(&b, a.id, RC_REFUSED, "follows");
	refused(&c, a.id, RC_REFUSED, "follows");
	assert_int_equal(try_merge(&E.an, &a, c.id, &f), RC_DENIED);
	merge(&b, c.id);
	refused(&c, a.id, RC_REFUSED, "follows");
	refused(&c, d.id, RC_REFUSED, "deep");                   /* a third link */
	merge(&d, c.id);
	assert_int_equal(env_get(ENV_A, c.id).more, 3);
	counted();
	/* What follows is worked with the one that it follows: closed, assigned, released there. */
	d = env_get(ENV_A, d.id);
	assert_int_equal(case_verbs(&E.flow, &d, &E.an, clock_now(&E.clock)),
	                 UINT64_C(1) << VERB_note | UINT64_C(1) << VERB_unmerge);
	c = env_get(ENV_A, c.id);
	env_close(&E.an, &c);
	assert_int_equal(env_try(ENV_A, &E.an, &d, (struct move){.verb = VERB_unmerge}, &why, 1, &f), RC_DENIED);
	assert_int_equal(try_merge(&E.an, &c, open_in("lighting", 5, 5, (struct case_id){0}).id, &f), RC_DENIED);
	refused(&(struct ward_case){.id = open_in("lighting", 5, 5, (struct case_id){0}).id}, c.id, RC_REFUSED,
	        "closed");
	retell(c.id);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part p JOIN ward_case c ON c.id = p.case_id "
	                         "WHERE c.lead_id IS NOT NULL AND p.due_day IS NULL"), 0);
	counted();
}

/* Forgetting what one of them wrote leaves the others' words. */
static enum rc do_erase(struct tx *tx, void *ctx, struct fault *f)
{
	return part_erase(tx, &E.flow, *(struct case_id *)ctx, 1, 1, STR("keep.text"), f);
}

static void erasing_one_leaves_the_others(void **state)
{
	(void)state;
	struct fault f = {0};
	env_at("2026-03-02", 9);
	struct ward_case a = open_in("lighting", 5, 5, (struct case_id){0});
	struct ward_case b = open_in("lighting", 5, 5, a.id);
	env_ok(env_write(ENV_A, do_erase, &b.id, &f), &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part_body WHERE body = 'Đèn tắt'"), 1);
	assert_int_equal(env_get(ENV_A, a.id).more, 1);
	counted();
}

/* The mark "speaks of danger" is that of the words that are there: of the case and of what follows it. */
static void danger_goes_with_its_words(void **state)
{
	(void)state;
	struct fault f = {0};
	alarming = true;
	env_at("2026-03-02", 9);
	struct ward_case a = open_in("lighting", 5, 5, (struct case_id){0});
	int64_t first = env_get(ENV_A, a.id).danger_at;
	env_at("2026-03-02", 10);
	struct ward_case b = open_in("lighting", 5, 5, a.id);
	assert_true(env_get(ENV_A, a.id).danger_at > first);
	env_ok(env_write(ENV_A, do_erase, &b.id, &f), &f);
	assert_int_equal(env_get(ENV_A, b.id).danger_at, 0);
	assert_int_equal(env_get(ENV_A, a.id).danger_at, first);   /* its own words are there */
	env_at("2026-03-02", 11);
	struct ward_case c = open_in("lighting", 5, 5, a.id);
	int64_t last = env_get(ENV_A, c.id).danger_at;
	alarming = false;
	struct ward_case calm = open_in("lighting", 5, 5, (struct case_id){0});
	env_ok(env_write(ENV_A, do_erase, &a.id, &f), &f);
	assert_int_equal(env_get(ENV_A, a.id).danger_at, last);    /* another's are */
	a = env_get(ENV_A, a.id);
	merge(&a, calm.id);
	assert_int_equal(env_get(ENV_A, calm.id).danger_at, last);
	env_ok(env_write(ENV_A, do_erase, &c.id, &f), &f);
	assert_int_equal(env_get(ENV_A, a.id).danger_at, 0);
	assert_int_equal(env_get(ENV_A, calm.id).danger_at, 0);    /* through two links */
	alarming = true;
	struct ward_case d = open_in("lighting", 5, 5, calm.id);
	alarming = false;
	assert_true(env_get(ENV_A, calm.id).danger_at > 0);
	d = env_get(ENV_A, d.id);
	env_move(&E.an, &d, VERB_split, "reason", "Khác chỗ");
	assert_int_equal(env_get(ENV_A, calm.id).danger_at, 0);    /* it took its words along */
	assert_true(env_get(ENV_A, d.id).danger_at > 0);
	counted();
}

#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_stands_near_is_offered),
		T(who_joins_has_a_receipt_and_one_case),
		T(what_follows_closes_and_reopens_with_it),
		T(who_withdraws_leaves),
		T(danger_goes_with_its_words),
		T(what_comes_later_follows_the_link),
		T(merging_buys_no_time),
		T(undoing_gives_the_same_bytes),
		T(what_cant_be_merged),
		T(erasing_one_leaves_the_others),
	};
	env_bulk = true;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
