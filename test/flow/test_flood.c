/* Floods: what the watch sees and what it lets be; standing in a group, leaving it, taken out, brought back;
 * and that counts and chains agree with it at every moment. */
#include "flow_env.h"
#include "ward/flow/flood.h"
#include "ward/flow/recalendar.h"

/* ---------------------------------------------------------------- the watch */

struct look {
	const char *kind, *text, *street;
	int peer;
	bool spared;
	int ward;
};

static struct flood_watch *W;
static int64_t now, cases;
static struct flooding said;

static void look(const struct look *l)
{
	const struct case_place place = {.street = str_of(l->street != NULL ? l->street : ""), .landmark = STR_EMPTY};
	const struct flood_report r = {
		.ward = {l->ward + 1}, .kind = str_of(l->kind != NULL ? l->kind : "lighting"), .text = str_of(l->text),
		.place = &place, .spared = l->spared,
		.peer = hash_of(NULL, "peer", str_n((const char *)&l->peer, sizeof l->peer))};
	arena_reset(&E.arena);
	flood_look(W, &E.arena, &r, now, &said);
}

/* Its group, 0: it stands by itself. */
static int64_t come(const struct look *l)
{
	look(l);
	struct flooding mine = said;
	flood_took(W, (struct ward_id){l->ward + 1}, &mine, (struct case_id){++cases});
	return mine.flood.v;
}

static void watch_begins(void)
{
	flood_watch_free(W);
	W = flood_watch_new(&E.ids);
	now = day_start(20000) + 10 * US_HOUR;
	cases = 0;
}

/* One after another from an address each. */
static int64_t times(int n, const char *text, const char *street)
{
	static int peer = 1000;
	int64_t last = 0;
	for (int i = 0; i < n; i++)
		last = come(&(struct look){.text = text, .street = street, .peer = peer++});
	return last;
}

#define LONG "Đèn đường trước nhà tôi tắt ba đêm nay rồi, xin phường cho người xuống sửa giúp cả bà con"

static void test_same_words(void **state)
{
	(void)state;
	watch_begins();
	assert_int_equal(times(11, LONG, ""), 0);
	int64_t group = times(1, LONG, "");
	assert_true(group != 0);
	assert_int_equal(said.why, FLOOD_same);
	assert_int_equal(said.also_count, 10);        /* all but the first, which stays in the queue */
	for (size_t i = 0; i < said.also_count; i++) {
		assert_int_equal(said.also[i].flood.v, group);
		assert_int_equal(said.also[i].of.v, (int64_t)i + 2);
	}
	/* Marks, case, digits, signs and pictures change nothing, wherever it is said to be. */
	assert_int_equal(times(1, "DEN DUONG truoc nha toi 123 tat ba dem nay roi!!! xin phuong cho nguoi xuong sua giup ca ba con 9", "Hẻm 5"), group);
	assert_int_equal(times(1, "Đèn 💡 đường trước nhà “tôi” tắt ba đêm nay rồi… xin phường cho người xuống sửa giúp cả bà con", ""), group);
	/* Nor do random words in front or behind. */
	assert_int_equal(times(1, LONG " kqzx wvut", ""), group);
	assert_int_equal(times(1, "abcd efgh " LONG, ""), group);
	/* Others are others: another text, another kind, another ward. */
	assert_int_equal(times(1, "Nước đọng trước cổng trường, học sinh đi lại rất khó, xin phường cho khơi cống", ""), 0);
	assert_int_equal(come(&(struct look){.kind = "road", .text = LONG, .peer = 1}), 0);
	assert_int_equal(come(&(struct look){.text = LONG, .peer = 2, .ward = 1}), 0);
	/* An hour of silence ends it. */
	now += US_HOUR + 1;
	assert_int_equal(times(11, LONG, ""), 0);
	assert_true(times(1, LONG, "") != 0);
}

static void test_few_words(void **state)
{
	(void)state;
	watch_begins();
	/* A storm: many people say the same few words, of many places. */
	for (int i = 0; i < 40; i++) {
		char street[32];
		(void)snprintf(street, sizeof street, "Hẻm %d", i);
		assert_int_equal(come(&(struct look){.text = "Mất điện", .street = street, .peer = i}), 0);
	}
	/* Of one place they are a flood. */
	assert_int_equal(times(10, "Mất điện", "Hẻm 3"), 0);
	assert_true(times(1, "mat dien 77", "hem 3") != 0);
	/* Of no place at all they say nothing, as long as there is no flood. */
	assert_int_equal(times(40, "Mất điện", ""), 0);
	/* Eleven an hour, for hours: no flood. */
	watch_begins();
	for (int h = 0; h < 4; h++, now += US_HOUR + 1)
		assert_int_equal(times(11, LONG, ""), 0);
}

static void test_written_later(void **state)
{
	(void)state;
	watch_begins();
	struct flooding late[12];
	for (int i = 0; i < 12; i++) {                /* all of them are being written at once */
		look(&(struct look){.text = LONG, .peer = i});
		late[i] = said;
	}
	assert_int_equal(late[11].also_count, 0);
	for (int i = 0; i < 12; i++)
		flood_took(W, (struct ward_id){1}, &late[i], (struct case_id){++cases});
	assert_int_equal(times(1, LONG, ""), late[11].flood.v);
	assert_int_equal(said.also_count, 10);        /* the first that was written stays */
}

static void test_quick(void **state)
{
	char text[64];
	(void)state;
	watch_begins();
	/* 299 within the hour are none, from however few addresses. */
	for (int i = 0; i < 299; i++) {
		(void)snprintf(text, sizeof text, "%c%c%c%c lời riêng", 'a' + i % 26, 'a' + i / 26, 'b' + i % 7, 'c' + i % 11);
		assert_int_equal(come(&(struct look){.text = text, .street = text, .peer = i < 200 ? i % 20 : 100 + i}), 0);
	}
	assert_int_equal(come(&(struct look){.text = "Một tin nữa", .peer = 5000}), 0);
	/* Now it is one. Those of the twenty are gathered, but the first of each; who came once stays. */
	int64_t group = come(&(struct look){.text = "Lại một tin", .peer = 3});
	assert_true(group != 0);
	assert_int_equal(said.why, FLOOD_quick);
	assert_int_equal(said.also_count, 200 - 20);
	for (size_t i = 0; i < said.also_count; i++)
		assert_in_range(said.also[i].of.v, 21, 200);
	assert_int_equal(come(&(struct look){.text = "Của một nhà", .peer = 6000}), 0);
	assert_int_equal(come(&(struct look){.text = "Của nhà khác", .peer = 6001}), 0);
	/* Three of one address are a household's; with the fourth all but the first go. */
	assert_int_equal(come(&(struct look){.text = "Cũng của nhà ấy", .peer = 6001}), 0);
	assert_int_equal(come(&(struct look){.text = "Vẫn của nhà ấy", .peer = 6001}), 0);
	assert_int_equal(come(&(struct look){.text = "Nhà ấy lần nữa", .peer = 6001}), group);
	assert_int_equal(said.also_count, 2);
	/* Words of danger and matters about staff never. */
	assert_int_equal(come(&(struct look){.text = "Cháy", .peer = 6001, .spared = true}), 0);
	for (int i = 0; i < 11; i++)
		assert_int_equal(come(&(struct look){.text = "Đèn tắt", .peer = 7000 + i}), 0);
	assert_true(come(&(struct look){.text = "Đèn tắt", .peer = 7020}) != 0);
	assert_int_equal(said.why, FLOOD_same);
	/* Another ward has no flood. */
	assert_int_equal(come(&(struct look){.text = "Bên kia", .peer = 3, .ward = 1}), 0);
	now += US_HOUR + 1;
	assert_int_equal(come(&(struct look){.text = "Hết đợt", .peer = 3}), 0);
}

static void test_midnight(void **state)
{
	(void)state;
	watch_begins();
	now = day_start(20001) - US_MINUTE;
	assert_true(times(12, LONG, "") != 0);
	now += 2 * US_MINUTE;                         /* another key: nothing is known of yesterday */
	assert_int_equal(times(11, LONG, ""), 0);
	assert_true(times(1, LONG, "") != 0);
}

/* ---------------------------------------------------------------- cases */

struct opening {
	int ward;
	struct case_new n;
	struct ward_case c;
	struct receipt receipt;
};

static enum rc do_open(struct tx *tx, void *ctx, struct fault *f)
{
	struct opening *k = ctx;
	return case_open(tx, &E.flow, E.ward[k->ward], &k->n, &k->c, &k->receipt, f);
}

static struct ward_case open_with(const char *kind, const struct flooding *what)
{
	int n = ++E.journeys;
	struct fault f = {0};
	struct opening k = {
		.ward = ENV_A,
		.n = {.procedure = procedure_of_kind(E.procedures, str_of(kind), day_of(clock_now(&E.clock))),
		      .journey = hash_of(NULL, "journey", str_n((const char *)&n, sizeof n)),
		      .place = {.area = E.area[0], .street = STR("Đường Trần Phú"), .landmark = STR_EMPTY, .cell = {4, 5}},
		      .text = STR(LONG), .channel = STR("web"), .flooding = what}};
	env_ok(env_write(ENV_A, do_open, &k, &f), &f);
	return k.c;
}

static struct flooding in_group(int64_t id, enum flood_why why)
{
	return (struct flooding){.flood = {id}, .why = why};
}

static enum rc compare(struct tx *tx, void *ctx, struct fault *f)
{
	struct count_change *counts;
	struct tally_row *tallies;
	struct map_change *squares;
	size_t *n = ctx;
	enum rc rc = counter_compare(tx, &counts, &n[0], f);
	if (rc == RC_OK)
		rc = tally_compare(tx, 0, TALLY_END, &tallies, &n[1], f);
	return rc == RC_OK ? map_compare(tx, 0, TALLY_END, &squares, &n[2], f) : rc;
}

static void told(void *ctx, const char *line)
{
	(void)ctx;
	print_message("%s\n", line);
}

/* Counts are those of the cases, chains are whole, and a rebuild finds nothing to mend. */
static void all_agrees(void)
{
	struct fault f = {0};
	size_t wrong[3] = {9, 9, 9};
	struct verify_report v;
	env_ok(env_read(ENV_A, compare, wrong, &f), &f);
	for (int i = 0; i < 3; i++)
		assert_int_equal(wrong[i], 0);
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, told, NULL, &v, &f), &f);
	assert_int_equal(v.faults, 0);
}

struct asking {
	const struct actor *who;
	struct flood *all, one;
	size_t count;
	struct queue_counts q;
	enum verb verb;
	int64_t id;
	struct str reason;
};

static enum rc do_list(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	enum rc rc = flood_list(tx, k->who, &k->all, &k->count, f);
	return rc == RC_OK ? case_counts(tx, &E.flow, k->who, &k->q, f) : rc;
}

static struct asking groups(const struct actor *who)
{
	struct fault f = {0};
	struct asking k = {.who = who};
	env_ok(env_read(ENV_A, do_list, &k, &f), &f);
	return k;
}

static enum rc do_get(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	return flood_get(tx, k->who, k->one.id, E.unit[ENV_A][UNIT_ha_tang], &k->one, f);
}

static struct flood group_of(const struct actor *who, int64_t id)
{
	struct fault f = {0};
	struct asking k = {.who = who, .one = {.id = {id}}};
	env_ok(env_read(ENV_A, do_get, &k, &f), &f);
	return k.one;
}

static enum rc do_put(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	return flood_step_put(tx, &E.flow, k->who, &k->one, k->verb, k->reason, &k->id, f);
}

static enum rc step(const struct actor *who, int64_t id, enum verb verb, const char *reason)
{
	struct fault f = {0};
	struct asking k = {.who = who, .one = group_of(who, id), .verb = verb, .reason = str_of(reason)};
	enum rc rc = env_write(ENV_A, do_put, &k, &f);
	if (rc == RC_OK)
		env_ok(flood_step_run(&E.flow, E.ward[ENV_A]->id, k.id, INT64_MAX, &f), &f);
	return rc;
}

static int64_t openness_of(struct case_id id)
{
	char sql[96];
	(void)snprintf(sql, sizeof sql, "SELECT open FROM ward_case WHERE id = %lld", (long long)id.v);
	return env_int(sql);
}

static void test_gathered(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct flooding said_ = in_group(77, FLOOD_same);
	struct ward_case plain = open_with("lighting", NULL), c = open_with("lighting", &said_);
	assert_int_equal(c.flood.v, 77);
	assert_int_equal(c.seq, 2);
	assert_int_equal(openness_of(c.id), 4);
	assert_int_equal(env_int("SELECT COUNT(*) FROM flood"), 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM escalation"), 1);   /* the plain one's */
	/* Nothing more is written for one that stands by itself. */
	assert_int_equal(plain.seq, 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM flood_step"), 0);
	struct asking k = groups(&E.an);
	assert_int_equal(k.count, 1);
	assert_int_equal(k.all[0].open, 1);
	assert_int_equal(k.all[0].due_day, day_of(c.due_at - 1));
	assert_int_equal(k.q.n[QUEUE_new], 1);
	assert_int_equal(k.q.n[QUEUE_unit], 1);
	assert_int_equal(groups(&E.binh).count, 0);                        /* another unit's */
	all_agrees();
	/* Each step by its reporter or an officer lets it out, and it is as it would have been. */
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	assert_int_equal(c.flood.v, 0);
	assert_int_equal(openness_of(c.id), 1);
	assert_int_equal(c.due_at, env_get(ENV_A, c.id).due_at);
	assert_int_equal(env_int("SELECT COUNT(*) FROM escalation"), 2);
	all_agrees();
	struct ward_case mine = open_with("lighting", &said_);
	env_move(NULL, &mine, VERB_withdraw, NULL, NULL);
	assert_int_equal(mine.flood.v, 0);
	struct ward_case out = open_with("lighting", &said_);
	env_move(&E.an, &out, VERB_ungather, NULL, NULL);
	assert_int_equal(out.flood.v, 0);
	assert_int_equal(out.state, STATE_received);
	assert_int_equal(groups(&E.an).count, 0);
	all_agrees();
}

static void test_cleared(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c[60];
	env_at("2026-03-02", 9);
	struct flooding said_ = in_group(77, FLOOD_quick), other = in_group(78, FLOOD_same);
	for (size_t i = 0; i < 60; i++)
		c[i] = open_with("lighting", &said_);
	struct ward_case plain = open_with("lighting", NULL), apart = open_with("lighting", &other);
	assert_int_equal(step(&E.an, 77, VERB_clear, ""), RC_INVALID);     /* a reason is needed */
	env_at("2026-03-02", 10);
	assert_int_equal(step(&E.an, 77, VERB_clear, "Máy gửi"), RC_OK);
	struct flood g = group_of(&E.an, 77);
	assert_int_equal(g.open, 0);
	assert_int_equal(g.cleared, 60);
	assert_int_equal(env_int("SELECT done FROM flood_step"), 60);
	assert_int_equal(env_get(ENV_A, plain.id).state, STATE_received);
	assert_int_equal(env_get(ENV_A, apart.id).state, STATE_received);
	struct ward_case one = env_get(ENV_A, c[5].id);
	assert_int_equal(one.state, STATE_closed);
	assert_true(str_is(one.outcome, FLOOD_OUTCOME));
	assert_int_equal(openness_of(one.id), 4);
	assert_int_equal(groups(&E.an).q.n[QUEUE_closed], 0);
	/* Not solved, not closed: a line of its own. */
	assert_int_equal(env_int("SELECT COALESCE(SUM(n), 0) FROM (SELECT n FROM tally_count WHERE what = 2 UNION ALL SELECT n FROM tally_delta"
	                         " WHERE what = 2) AS counted"), 0);
	assert_int_equal(env_int("SELECT COALESCE(SUM(n), 0) FROM (SELECT n FROM tally_count WHERE what = 6 UNION ALL SELECT n FROM tally_delta"
	                         " WHERE what = 6) AS counted"), 60);
	all_agrees();
	/* An honest one says so: it is reopened, alone. */
	assert_int_equal(case_verbs(&E.flow, &one, NULL, clock_now(&E.clock)), UINT64_C(1) << VERB_reopen);
	env_move(NULL, &one, VERB_reopen, "text", "Đèn tắt thật");
	assert_int_equal(one.flood.v, 0);
	assert_int_equal(openness_of(one.id), 1);
	assert_int_equal(group_of(&E.an, 77).cleared, 59);
	/* All are brought back, to the same dates. */
	env_at("2026-03-08", 9);
	assert_int_equal(step(&E.an2, 77, VERB_restore, ""), RC_OK);
	g = group_of(&E.an, 77);
	assert_int_equal(g.open, 59);
	assert_int_equal(g.cleared, 0);
	for (size_t i = 0; i < 60; i++)
		if (i != 5) {
			struct ward_case now_c = env_get(ENV_A, c[i].id);
			assert_int_equal(now_c.state, STATE_received);
			assert_int_equal(now_c.due_at, c[i].due_at);
			assert_int_equal(now_c.flood.v, 77);
		}
	all_agrees();
	/* And put back into the queue. */
	assert_int_equal(step(&E.an, 77, VERB_ungather, ""), RC_OK);
	assert_int_equal(groups(&E.an).q.n[QUEUE_new], 59 + 2);   /* with the plain and the reopened one */
	all_agrees();
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	all_agrees();
	/* After seven days nothing is brought back any more. */
	assert_int_equal(step(&E.an, 78, VERB_clear, "Máy gửi"), RC_OK);
	env_at("2026-03-15", 10);
	assert_int_equal(step(&E.an, 78, VERB_restore, ""), RC_OK);
	assert_int_equal(group_of(&E.an, 78).cleared, 1);
	struct ward_case left = env_get(ENV_A, apart.id);
	assert_int_equal(case_verbs(&E.flow, &left, &E.an, clock_now(&E.clock)), 0);
}

static void test_other_units(void **state)
{
	(void)state;
	struct fault f = {0};
	env_at("2026-03-02", 9);
	struct flooding said_ = in_group(77, FLOOD_quick);
	struct ward_case lamp = open_with("lighting", &said_), bin = open_with("rubbish", &said_);
	struct asking k = groups(&E.an);
	assert_int_equal(k.count, 1);
	assert_int_equal(k.all[0].open, 1);
	/* Bình has the rubbish, and no say over the lamp's part; ward B's officer has none of either. */
	k = (struct asking){.who = &E.binh, .one = {.id = {77}}};
	assert_int_equal(env_read(ENV_A, do_get, &k, &f), RC_NONE);
	k = (struct asking){.who = &E.chi, .one = {.id = {77}}};
	assert_int_equal(env_read(ENV_A, do_get, &k, &f), RC_NONE);
	k = (struct asking){.who = &E.binh, .one = group_of(&E.an, 77), .verb = VERB_clear, .reason = STR("x")};
	assert_int_equal(env_write(ENV_A, do_put, &k, &f), RC_NONE);
	assert_int_equal(step(&E.an, 77, VERB_clear, "Máy gửi"), RC_OK);
	assert_int_equal(env_get(ENV_A, lamp.id).state, STATE_closed);
	assert_int_equal(env_get(ENV_A, bin.id).state, STATE_received);
	all_agrees();
}

/* What came before the flood was seen: as long as nobody has touched it. */
static void test_earlier(void **state)
{
	(void)state;
	struct fault f = {0};
	char payload[160];
	env_at("2026-03-02", 9);
	struct ward_case a = open_with("lighting", NULL), b = open_with("lighting", NULL), taken = open_with("lighting", NULL);
	env_move(&E.an, &taken, VERB_take, NULL, NULL);
	(void)snprintf(payload, sizeof payload, "77 1 %lld\n77 1 %lld\n77 1 %lld\n77 1 4242\n", (long long)a.id.v,
	               (long long)b.id.v, (long long)taken.id.v);
	for (int i = 0; i < 2; i++)                   /* a job may run twice */
		env_ok(flood_gather(&E.flow, E.ward[ENV_A]->id, str_of(payload), &f), &f);
	assert_int_equal(env_get(ENV_A, a.id).flood.v, 77);
	assert_int_equal(env_get(ENV_A, a.id).version, a.version);   /* no reason to refuse anybody's step */
	assert_int_equal(env_get(ENV_A, b.id).flood.v, 77);
	assert_int_equal(env_get(ENV_A, taken.id).flood.v, 0);
	assert_int_equal(group_of(&E.an, 77).open, 2);
	assert_int_equal(flood_gather(&E.flow, E.ward[ENV_A]->id, STR("x"), &f), RC_INVALID);
	all_agrees();
	/* A row that says otherwise than its entries is found. */
	char sql[96];
	struct verify_report v;
	(void)snprintf(sql, sizeof sql, "UPDATE ward_case SET flood_id = NULL WHERE id = %lld", (long long)a.id.v);
	env_tamper(sql);
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &v, &f), &f);
	assert_int_equal(v.faults, 1);
}

/* Its clock runs on truly: a holiday moves it, too. */
static void test_calendar(void **state)
{
	(void)state;
	struct fault f = {0};
	size_t moved;
	bool more;
	env_at("2026-03-02", 9);
	struct flooding said_ = in_group(77, FLOOD_same);
	struct ward_case plain = open_with("lighting", NULL), c = open_with("lighting", &said_);
	struct calendar *other = env_with_off(E.calendar, "2026-03-03");
	E.flow.calendar = other;
	env_ok(recalendar_ward(&E.flow, E.ward[ENV_A]->id, &moved, &more, &f), &f);
	assert_int_equal(moved, 2);
	assert_true(env_get(ENV_A, c.id).due_at != c.due_at);
	assert_int_equal(env_get(ENV_A, c.id).due_at, env_get(ENV_A, plain.id).due_at);
	assert_int_equal(env_get(ENV_A, c.id).flood.v, 77);
	assert_int_equal(group_of(&E.an, 77).due_day, day_of(env_get(ENV_A, c.id).due_at - 1));
	E.flow.calendar = E.calendar;
	calendar_free(other);
}

struct granting {
	const struct actor *who;
	int unit;
};

/* A job works with the rights that somebody has then, by the rows. */
static enum rc do_grant(struct tx *tx, void *ctx, struct fault *f)
{
	const struct granting *g = ctx;
	enum rc rc = role_grant(tx, g->who->account, ROLE_handler, 1, 0, false, f);
	return rc == RC_OK ? unit_join(tx, g->who->account, E.unit[ENV_A][g->unit], 1, 0, false, f) : rc;
}

static int world(void **state)
{
	struct fault f = {0};
	int rc = env_setup(state);
	struct granting all[] = {{&E.an, UNIT_ha_tang}, {&E.an2, UNIT_ha_tang}, {&E.binh, UNIT_moi_truong}};
	for (size_t i = 0; rc == 0 && i < sizeof all / sizeof *all; i++)
		env_ok(env_write(ENV_A, do_grant, &all[i], &f), &f);
	return rc;
}

static int watch_ends(void **state)
{
	flood_watch_free(W);
	W = NULL;
	return env_teardown(state);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, world, watch_ends)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(test_same_words), WORLD(test_few_words), WORLD(test_written_later), WORLD(test_quick),
		WORLD(test_midnight), WORLD(test_gathered), WORLD(test_cleared), WORLD(test_other_units),
		WORLD(test_earlier), WORLD(test_calendar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
