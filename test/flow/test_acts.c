/* What those who are watched did, in chains that the daily heads sign: administrators, the second organisation, the
 * list of what was erased. Rewritten with the server's key in hand, only the heads know. And heads of before. */
#include "flow_env.h"
#include "ward/flow/deletion.h"
#include "ward/flow/heads.h"
#include "ward/flow/hold.h"
#include "ward/flow/looks.h"
#include "ward/people/admin_log.h"
#include "ward/people/second.h"

static struct buf said;

static void say(void *ctx, const char *line)
{
	(void)ctx;
	buf_addf(&said, "%s\n", line);
}

/* As oversight's page proves it: looks, heads, acts, the list in the database. */
static int64_t faults(void)
{
	struct verify_report r;
	struct acts_report a;
	struct deletion_report d;
	struct fault f = {0};
	buf_release(&said);
	said = (struct buf){0};
	env_ok(looks_verify(&E.flow, E.ward[ENV_A]->id, say, NULL, &r, &f), &f);
	env_ok(acts_verify(&E.flow, E.ward[ENV_A]->id, say, NULL, &a, &f), &f);
	env_ok(deletions_verify(&E.flow, E.ward[ENV_A]->id, false, say, NULL, &d, &f), &f);
	return r.faults + a.log_faults + a.second_faults + d.faults;
}

static void expect(const char *words)
{
	if (faults() == 0)
		fail_msg("nothing was found, but: %s", words);
	if (str_find(buf_str(&said), str_of(words)) == SIZE_MAX)
		fail_msg("found other than \"%s\": %.*s", words, (int)said.n, said.p);
}

static void expect_none(void)
{
	if (faults() != 0)
		fail_msg("found in what is whole: %.*s", (int)said.n, said.p);
}

struct row {
	const char *words;
	struct account_id who;
};

static enum rc do_log(struct tx *tx, void *ctx, struct fault *f)
{
	return admin_log_add(tx, E.an.account, ACT_setting, STR("hold_days"), str_of(((struct row *)ctx)->words), f);
}

static enum rc do_second(struct tx *tx, void *ctx, struct fault *f)
{
	return second_link_made(tx, ((struct row *)ctx)->who, f);
}

static enum rc do_deletion(struct tx *tx, void *ctx, struct fault *f)
{
	return deletion_add_code(tx, &E.flow, str_of(((struct row *)ctx)->words), STR("text 1.1"), STR("keep.text"), f);
}

static void add(tx_fn *fn, const char *words, struct account_id who)
{
	struct fault f = {0};
	env_ok(env_write(ENV_A, fn, &(struct row){words, who}, &f), &f);
}

static enum rc do_head(struct tx *tx, void *ctx, struct fault *f)
{
	return head_make(tx, &E.flow, *(int32_t *)ctx, f);
}

static int32_t day(const char *text)
{
	int32_t d = 0;
	assert_true(day_parse(str_of(text), &d));
	return d;
}

static void make_head(const char *of)
{
	struct fault f = {0};
	int32_t d = day(of);
	env_ok(env_write(ENV_A, do_head, &d, &f), &f);
}

/* Three rows of each chain on the first day, with its head; one more of each on the second, without. */
static int world(void **state)
{
	if (env_setup(state) != 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		add(do_log, i == 0 ? "30 → 60" : i == 1 ? "60 → 90" : "90 → 60", E.an.account);
		add(do_second, "", E.an.account);
		add(do_deletion, i == 0 ? "AA-26-00001-A" : i == 1 ? "AA-26-00002-B" : "AA-26-00003-C", E.an.account);
	}
	(void)env_open(ENV_A, "road", "Ổ gà lớn");
	env_at("2026-03-03", 8);
	make_head("2026-03-02");
	add(do_log, "60 → 45", E.an.account);
	add(do_second, "", E.an2.account);
	add(do_deletion, "AA-26-00004-D", E.an.account);
	expect_none();
	return 0;
}

static int world_end(void **state)
{
	buf_release(&said);
	said = (struct buf){0};
	return env_teardown(state);
}

static void a_head_names_the_ends_of_its_day(void **state)
{
	(void)state;
	assert_int_equal(env_int("SELECT COUNT(*) FROM head_chain"), 3);
	assert_int_equal(env_int("SELECT SUM(seq) FROM head_chain"), 9);   /* not what came after midnight */
	assert_int_equal(env_int("SELECT version FROM head"), 2);
	env_at("2026-03-04", 8);
	make_head("2026-03-03");
	assert_int_equal(env_int("SELECT SUM(seq) FROM head_chain"), 9 + 12);
	env_at("2026-03-05", 8);
	make_head("2026-03-04");               /* a quiet day has the ends of the one before */
	assert_int_equal(env_int("SELECT SUM(seq) FROM head_chain"), 9 + 12 + 12);
	expect_none();
}

static void a_changed_row_is_named(void **state)
{
	(void)state;
	env_tamper("UPDATE admin_log SET detail = '60 → 30' WHERE seq = 2");
	expect("row 2 of the administrators' log: the chain is broken");
	assert_int_equal(faults(), 1);         /* one fault, not one for each row after it */
	env_tamper("UPDATE admin_log SET detail = '60 → 90' WHERE seq = 2; UPDATE admin_log SET account_id = NULL WHERE seq = 4");
	expect("row 4 of the administrators' log: the chain is broken");
	env_tamper("UPDATE admin_log SET account_id = (SELECT id FROM account WHERE login = 'an') WHERE seq = 4");
	expect_none();
	env_tamper("UPDATE second_act SET day = day - 1 WHERE n = 2");
	expect("act 2 of the second organisation: it is not what was written");
	assert_int_equal(faults(), 1);
	env_tamper("UPDATE second_act SET day = day + 1 WHERE n = 2");
	env_tamper("UPDATE second_act SET account_id = (SELECT account_id FROM second_act WHERE n = 4) WHERE n = 1");
	expect("act 1 of the second organisation: it is not what was written");
	env_tamper("UPDATE second_act SET account_id = (SELECT account_id FROM second_act WHERE n = 2) WHERE n = 1");
	expect_none();
	env_tamper("UPDATE deletion SET code = 'AA-26-00009-X' WHERE n = 2");
	expect("deletion 2 of the database does not follow number 1");
}

static void a_removed_row_is_named(void **state)
{
	(void)state;
	env_tamper("DELETE FROM admin_log WHERE seq = 2");
	expect("row 3 of the administrators' log follows row 1");
	assert_int_equal(faults(), 1);
	env_tamper("DELETE FROM second_act WHERE n = 2");
	expect("act 3 of the second organisation: one before it is missing");
	env_tamper("DELETE FROM deletion WHERE n = 2");
	expect("deletion 3 of the database does not follow number 1");
}

static void an_inserted_row_is_named(void **state)
{
	(void)state;
	env_tamper("UPDATE admin_log SET seq = 5 WHERE seq = 4; UPDATE admin_log SET seq = 4 WHERE seq = 3;"
	           "INSERT INTO admin_log (ward_id, seq, at, account_id, act, subject, detail, hash)"
	           " SELECT ward_id, 3, at, account_id, act, subject, detail, hash FROM admin_log WHERE seq = 2");
	expect("row 3 of the administrators' log: the chain is broken");
	env_tamper("UPDATE second_act SET n = 5 WHERE n = 4;"
	           "INSERT INTO second_act (ward_id, n, what, signer, account_id, day, statement, signature, nonce, hash)"
	           " SELECT ward_id, 4, what, signer, account_id, day, statement, signature, zeroblob(16), hash"
	           " FROM second_act WHERE n = 3");
	expect("act 4 of the second organisation: it is not what was written");
}

/* The end taken away, and another one put there by the program's own hand: each chain is whole, and the key signs. */
static void an_end_that_was_written_anew(void **state)
{
	(void)state;
	env_tamper("DELETE FROM admin_log WHERE seq > 2");
	expect("row 3 of the administrators' log is not what the head of 2026-03-02 signed");
	add(do_log, "90 → 80", E.an.account);
	expect("row 3 of the administrators' log is not what the head of 2026-03-02 signed");
	assert_int_equal(faults(), 1);
	env_tamper("DELETE FROM second_act WHERE n > 2");
	add(do_second, "", E.an2.account);
	expect("act 3 of the second organisation is not what the head of 2026-03-02 signed");
	assert_int_equal(faults(), 2);
	env_tamper("DELETE FROM deletion WHERE n > 2");
	add(do_deletion, "AA-26-00009-X", E.an.account);
	expect("deletion 3 is not what the head of 2026-03-02 signed");
	assert_int_equal(faults(), 3);
	env_tamper("DELETE FROM deletion; DELETE FROM second_act; DELETE FROM admin_log");
	assert_int_equal(faults(), 3);         /* nothing is left of them */
}

static void a_head_that_was_changed(void **state)
{
	(void)state;
	env_tamper("UPDATE head_chain SET seq = 2 WHERE chain = 1");
	expect("head of 2026-03-02: its digest is not that of what it names");
	env_tamper("UPDATE head_chain SET seq = 3 WHERE chain = 1; DELETE FROM head_chain WHERE chain = 3");
	expect("head of 2026-03-02: its digest is not that of what it names");
	env_tamper("UPDATE head SET version = 1");
	expect("head of 2026-03-02: its digest is not that of what it names");
	env_tamper("UPDATE head SET version = 3");
	expect("head of 2026-03-02: of a form that this program doesn't know");
	env_tamper("UPDATE head SET version = 0");
	expect("head of 2026-03-02: of a form that this program doesn't know");
}

/* A head as 0.3 made it, signed with the ward's key: `of` a day without anything of a case or a look. */
static void old_head(const char *of)
{
	struct head_row row = {.version = 1, .day = day(of)};
	struct hasher h;
	struct key seed;
	struct sign_key sign;
	struct fault f = {0};
	uint8_t sig[64];
	char name[32];
	int key_no = 0;
	if (env_int("SELECT COUNT(*) FROM head") > 0) {
		struct str hex = str_trim(env_dump("SELECT hex(digest) FROM head ORDER BY day DESC LIMIT 1"));
		for (size_t i = 0; i < HASH_SIZE; i++)
			row.prev.b[i] = (uint8_t)strtoul((char[]){hex.p[2 * i], hex.p[2 * i + 1], 0}, NULL, 16);
	}
	head_begin(&h, E.ward[ENV_A]->id, &row);
	struct hash digest = hasher_end(&h);
	env_ok(keys_current(E.keys, head_key_name(E.ward[ENV_A]->id, name), &key_no, &seed, &f), &f);
	sign_key_from_seed(&sign, &seed);
	sign_hash(&sign, &digest, sig);
	env_tamper(arena_fmt(&E.arena, "INSERT INTO head (ward_id, day, ends, look_seq, look_hash, definitions, prev, digest, key_no,"
	                     " public_key, signature) VALUES (%lld, %d, 0, 0, zeroblob(32), zeroblob(32), x'%s', x'%s', %d, x'%s', x'%s')",
	                     (long long)E.ward[ENV_A]->id.v, (int)row.day, hex_of(&E.arena, hash_str(&row.prev)).p,
	                     hex_of(&E.arena, hash_str(&digest)).p, key_no,
	                     hex_of(&E.arena, str_n((char *)sign.public, 32)).p, hex_of(&E.arena, str_n((char *)sig, 64)).p).p);
}

static void heads_of_before_still_verify(void **state)
{
	(void)state;
	env_tamper("DELETE FROM head; DELETE FROM head_end; DELETE FROM head_chain");
	old_head("2026-02-28");
	old_head("2026-03-01");
	assert_int_equal(env_int("SELECT SUM(version) FROM head"), 2);
	expect_none();
	make_head("2026-03-02");
	expect_none();                         /* and the new form follows them */
	env_tamper("DELETE FROM admin_log WHERE seq = 3");
	expect("row 3 of the administrators' log is not what the head of 2026-03-02 signed");
}

/* Whoever has the key can't go back to the form that knows less. */
static void the_older_form_does_not_come_back(void **state)
{
	(void)state;
	old_head("2026-03-03");
	expect("head of 2026-03-03: of an older form than the one before");
	assert_int_equal(faults(), 1);
}

/* An older copy of the database, to which the list that was kept beside it is given again. */
static enum rc do_take(struct tx *tx, void *ctx, struct fault *f)
{
	return deletion_take(tx, &E.flow, ctx, f);
}

struct listing {
	struct deletion *list;
	size_t n;
};
static enum rc do_list(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *k = ctx;
	return deletion_list(tx, 0, 10, &k->list, &k->n, f);
}

static void an_older_copy_takes_the_list_again(void **state)
{
	struct fault f = {0};
	struct listing k = {0};
	(void)state;
	env_at("2026-03-04", 8);
	make_head("2026-03-03");
	env_ok(env_read(ENV_A, do_list, &k, &f), &f);
	assert_int_equal(k.n, 4);
	env_tamper("DELETE FROM deletion WHERE n = 4; DELETE FROM admin_log WHERE seq = 4; DELETE FROM second_act WHERE n = 4;"
	           "DELETE FROM head WHERE day = (SELECT MAX(day) FROM head);"
	           "DELETE FROM head_chain WHERE day = (SELECT MAX(day) FROM head_chain)");
	expect_none();
	env_ok(env_write(ENV_A, do_take, &k.list[3], &f), &f);
	make_head("2026-03-03");
	expect_none();
	assert_int_equal(env_int("SELECT MAX(seq) FROM head_chain WHERE chain = 2"), 4);
}

/* With database and key in hand an act is exchanged and all signed anew: from inside nothing shows, and whoever kept
 * the head has another digest. */
static void signed_anew_it_is_another_head(void **state)
{
	struct fault f = {0};
	struct verify_report r;
	struct held_head *held;
	size_t n = 0;
	int64_t wrong = 0;
	(void)state;
	struct str line = arena_fmt(&E.arena, "2026-03-02 %.*s\n", PSTR(str_trim(env_dump("SELECT lower(hex(digest)) FROM head"))));
	env_ok(heads_held_read(&E.arena, line, E.ward[ENV_A]->slug, &held, &n, &f), &f);
	assert_int_equal(n, 1);
	env_ok(heads_held_verify(&E.flow, E.ward[ENV_A]->id, held, n, say, NULL, &wrong, &f), &f);
	assert_int_equal(wrong, 0);
	env_tamper("DELETE FROM head; DELETE FROM head_end; DELETE FROM second_act WHERE n > 2");
	env_at("2026-03-02", 20);
	add(do_second, "", E.an2.account);
	env_at("2026-03-03", 9);
	make_head("2026-03-02");
	expect_none();
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, say, NULL, &r, &f), &f);
	assert_int_equal(r.faults, 0);
	env_ok(heads_held_verify(&E.flow, E.ward[ENV_A]->id, held, n, say, NULL, &wrong, &f), &f);
	assert_int_equal(wrong, 1);
}

/* ---------------------------------------------------------------- rows of legal holds */

struct holding {
	struct hold_new n;
	struct hold out;
	int64_t end;
};

static enum rc do_hold(struct tx *tx, void *ctx, struct fault *f)
{
	struct holding *h = ctx;
	return hold_put(tx, &E.flow, &h->n, &h->out, f);
}

static enum rc do_unhold(struct tx *tx, void *ctx, struct fault *f)
{
	struct holding *h = ctx;
	return hold_end(tx, &E.flow, h->n.actor, h->end, f);
}

/* What the walk with every case's timeline says, too. */
static void then_back(const char *sql, const char *back, int count, const char *words)
{
	struct verify_report r;
	struct fault f = {0};
	env_tamper(sql);
	expect(words);
	assert_int_equal(faults(), count);
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	assert_int_equal(r.faults, count);
	env_tamper(back);
	expect_none();
}

/* A row that was changed behind the program's back is named with its number. */
static void a_changed_hold_is_named(void **state)
{
	struct fault f = {0};
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt"), other = env_open(ENV_A, "road", "Ổ gà");
	struct actor who = E.an2;
	who.roles = ROLE_BIT(ROLE_oversight);
	struct holding h = {.n = {.actor = &who, .code = str_of(c.code), .number = STR("12/LĐ"), .who = STR("VKSND"),
	                          .day = day("2026-03-01"), .until = day("2027-03-20"), .most = 400}};
	env_ok(env_write(ENV_A, do_hold, &h, &f), &f);
	const char *number = arena_fmt(&E.arena, "legal hold %lld of case %lld: entry 2 says another ", (long long)h.out.id,
	                               (long long)c.id.v).p;
#define SAYS(what) arena_fmt(&E.arena, "%s%s", number, what).p
	then_back("UPDATE legal_hold SET number = '13/LĐ'", "UPDATE legal_hold SET number = '12/LĐ'", 1, SAYS("number"));
	then_back("UPDATE legal_hold SET day = day - 1", "UPDATE legal_hold SET day = day + 1", 1, SAYS("date"));
	then_back("UPDATE legal_hold SET who = 'CA'", "UPDATE legal_hold SET who = 'VKSND'", 1, SAYS("office"));
	then_back("UPDATE legal_hold SET until_day = until_day - 300", "UPDATE legal_hold SET until_day = until_day + 300",
	          1, SAYS("last day"));
	then_back("UPDATE legal_hold SET account_id = (SELECT id FROM account WHERE login = 'an')",
	          arena_fmt(&E.arena, "UPDATE legal_hold SET account_id = %lld", (long long)who.account.v).p, 1, SAYS("account"));
	then_back("UPDATE legal_hold SET made_at = made_at - 1", "UPDATE legal_hold SET made_at = made_at + 1", 2,
	          "no entry of the case entered it then");
	then_back("UPDATE legal_hold SET ended_at = made_at + 5", "UPDATE legal_hold SET ended_at = NULL", 1,
	          "ended, the case's entries say otherwise");
	then_back("UPDATE ward_case SET held_until = held_until - 1 WHERE held_until IS NOT NULL",
	          "UPDATE ward_case SET held_until = held_until + 1 WHERE held_until IS NOT NULL", 1,
	          "held until another day than its legal holds say");
	then_back(arena_fmt(&E.arena, "UPDATE ward_case SET held_until = 99999 WHERE id = %lld", (long long)other.id.v).p,
	          "UPDATE ward_case SET held_until = NULL WHERE held_until = 99999", 1,
	          "held until another day than its legal holds say");
	then_back("UPDATE legal_hold SET case_id = -case_id", "UPDATE legal_hold SET case_id = -case_id", 1,
	          "entry 2: the row of its legal hold is missing");
	h.end = h.out.id;
	env_ok(env_write(ENV_A, do_unhold, &h, &f), &f);
	expect_none();
	then_back("UPDATE legal_hold SET ended_at = ended_at + 1", "UPDATE legal_hold SET ended_at = ended_at - 1", 1,
	          "ended, the case's entries say otherwise");
	const char *back = arena_fmt(&E.arena, "UPDATE legal_hold SET ended_at = %lld",
	                             (long long)env_int("SELECT ended_at FROM legal_hold")).p;
	then_back("UPDATE legal_hold SET ended_at = NULL", back, 1, "stands, the case's entries say otherwise");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world, world_end)
		T(a_head_names_the_ends_of_its_day), T(a_changed_row_is_named), T(a_removed_row_is_named),
		T(an_inserted_row_is_named), T(an_end_that_was_written_anew), T(a_head_that_was_changed),
		T(heads_of_before_still_verify), T(the_older_form_does_not_come_back), T(an_older_copy_takes_the_list_again),
		T(signed_anew_it_is_another_head), T(a_changed_hold_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
