/* xom verify finds what was tampered with behind the program's back, and says where; what was
 * erased by rule it counts. */
#include "flow_env.h"

static struct buf said;

static void say(void *ctx, const char *line)
{
	(void)ctx;
	buf_addf(&said, "%s\n", line);
}

static struct verify_report verify(void)
{
	struct verify_report r;
	struct fault f = {0};
	buf_release(&said);
	said = (struct buf){0};
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, say, NULL, &r, &f), &f);
	return r;
}

static void expect_fault(const char *words)
{
	struct verify_report r = verify();
	if (r.faults == 0)
		fail_msg("nothing was found, but: %s", words);
	if (str_find(buf_str(&said), str_of(words)) == SIZE_MAX)
		fail_msg("found other than \"%s\": %.*s", words, (int)said.n, said.p);
}

static struct ward_case c;

struct head_ctx {
	int32_t day;
};

static enum rc do_head(struct tx *tx, void *ctx, struct fault *f)
{
	return head_make(tx, &E.flow, ((struct head_ctx *)ctx)->day, f);
}

static enum rc make_head(const char *day, struct fault *f)
{
	struct head_ctx k;
	assert_true(day_parse(str_of(day), &k.day));
	return env_write(ENV_A, do_head, &k, f);
}

static void look(const char *what, struct case_id of)
{
	struct fault f = {0};
	env_ok(look_write(&E.flow, &E.arena, E.ward[ENV_A], &E.an, what, of, STR("new"), 1, &f), &f);
}

/* Two cases, one of several entries, three looks, two days with their heads. */
static int world(void **state)
{
	struct fault f = {0};
	if (env_setup(state) != 0)
		return -1;
	(void)env_open(ENV_A, "road", "Ổ gà lớn");
	c = env_open(ENV_A, "lighting", "Đèn đường bị tắt");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	env_move(&E.an, &c, VERB_note, "text", "Gọi thợ");
	look("case", c.id);
	look("list", (struct case_id){0});
	env_at("2026-03-03", 8);
	env_ok(make_head("2026-03-02", &f), &f);
	env_move(&E.an, &c, VERB_ask, "text", "Cột số mấy?");
	env_move(NULL, &c, VERB_answer, "text", "Cột 12");
	look("photo", c.id);
	env_at("2026-03-04", 8);
	env_ok(make_head("2026-03-03", &f), &f);
	struct verify_report r = verify();
	if (r.faults != 0)
		fail_msg("the untouched world has faults: %.*s", (int)said.n, said.p);
	return 0;
}

static int world_end(void **state)
{
	buf_release(&said);
	said = (struct buf){0};
	return env_teardown(state);
}

static void all_is_counted(void **state)
{
	(void)state;
	struct verify_report r = verify();
	assert_int_equal(r.cases, 2);
	assert_int_equal(r.entries, 6);
	assert_int_equal(r.parts, 3 + 3 + 3);
	assert_int_equal(r.erased, 0);
	assert_int_equal(r.looks, 3);
	assert_int_equal(r.heads, 2);
	/* The other ward is empty, and nothing of ours is walked there. */
	struct fault f = {0};
	env_ok(flow_verify(&E.flow, E.ward[ENV_B]->id, say, NULL, &r, &f), &f);
	assert_int_equal(r.cases + r.entries + r.looks + r.heads + r.faults, 0);
}

static void changed_words(void **state)
{
	(void)state;
	env_tamper("UPDATE part_body SET body = 'Khác' WHERE seq = 3");
	expect_fault("entry 3 part 1: the words are not those that were committed to");
}

static void changed_commitment(void **state)
{
	(void)state;
	env_tamper("UPDATE part SET commitment = zeroblob(32) WHERE seq = 3");
	expect_fault("entry 3: the chain is broken");
}

/* Words, salt and commitment changed together: only the chain knows. */
static void a_new_part_with_a_fitting_commitment(void **state)
{
	(void)state;
	uint8_t salt[SALT_SIZE] = {0};
	struct hash h = part_commit(salt, STR("Khác"));
	env_tamper(arena_fmt(&E.arena,
	                     "UPDATE part_body SET salt = zeroblob(16), body = 'Khác' WHERE seq = 3;"
	                     "UPDATE part SET commitment = x'%s' WHERE seq = 3",
	                     hex_of(&E.arena, hash_str(&h)).p)
	                   .p);
	expect_fault("entry 3: the chain is broken");
}

static void a_part_gone_without_a_rule(void **state)
{
	(void)state;
	env_tamper("DELETE FROM part_body WHERE seq = 3");
	expect_fault("gone without a rule");
}

static void an_erasure_that_kept_the_words(void **state)
{
	(void)state;
	env_tamper("UPDATE part SET erased_rule = 'keep.text', erased_day = 1 WHERE seq = 3");
	expect_fault("its words are still there");
}

static void removed_entry(void **state)
{
	(void)state;
	env_tamper("DELETE FROM part_body WHERE seq = 3; DELETE FROM part WHERE seq = 3;"
	           "DELETE FROM timeline WHERE seq = 3");
	expect_fault("entry 4 follows entry 2");
}

static void swapped_entries(void **state)
{
	(void)state;
	env_tamper("UPDATE timeline SET seq = 99 WHERE seq = 3;"
	           "UPDATE timeline SET seq = 3 WHERE seq = 2;"
	           "UPDATE timeline SET seq = 2 WHERE seq = 99");
	expect_fault("entry 2: the chain is broken");
}

static void changed_time_verb_or_actor(void **state)
{
	(void)state;
	env_tamper("UPDATE timeline SET at = at + 1 WHERE seq = 4");
	expect_fault("entry 4: the chain is broken");
	env_tamper("UPDATE timeline SET at = at - 1 WHERE seq = 4");
	assert_int_equal(verify().faults, 0);
	env_tamper("UPDATE timeline SET verb = 'note' WHERE seq = 4");
	expect_fault("entry 4: the chain is broken");
	env_tamper("UPDATE timeline SET verb = 'ask' WHERE seq = 4");
	env_tamper("UPDATE timeline SET account_id = (SELECT id FROM account WHERE login = 'binh')"
	           " WHERE seq = 4");
	expect_fault("entry 4: somebody else is named than acted");
	env_tamper("UPDATE timeline SET account_id = (SELECT id FROM account WHERE login = 'an'),"
	           " role = 7 WHERE seq = 4");
	expect_fault("entry 4: somebody else is named than acted");
}

/* The last entries taken away, and the case's own row set back to fit: only the head knows. */
static void cut_tail(void **state)
{
	(void)state;
	env_tamper("DELETE FROM part_body WHERE seq > 3; DELETE FROM part WHERE seq > 3;"
	           "DELETE FROM timeline WHERE seq > 3");
	expect_fault("the chain ends at entry 3, the case says 5");
	env_tamper("UPDATE ward_case SET seq = 3, head = (SELECT hash FROM timeline t"
	           " WHERE t.case_id = ward_case.id AND t.seq = 3) WHERE seq = 5");
	expect_fault("entry 5 is not what the head of 2026-03-03 signed");
}

static void a_whole_case_taken_away(void **state)
{
	(void)state;
	env_tamper("DELETE FROM part_body WHERE case_id = (SELECT MIN(id) FROM ward_case);"
	           "DELETE FROM part WHERE case_id = (SELECT MIN(id) FROM ward_case);"
	           "DELETE FROM timeline WHERE case_id = (SELECT MIN(id) FROM ward_case);"
	           "DELETE FROM ward_case WHERE id = (SELECT MIN(id) FROM ward_case)");
	expect_fault("is not what the head of 2026-03-02 signed");
}

/* The case's own row, which lists and pages are made from, says what its entries say. */
static void changed_row(void **state)
{
	(void)state;
	env_tamper("UPDATE ward_case SET withheld = 1 - withheld");
	expect_fault("though its entries say otherwise");
	env_tamper("UPDATE ward_case SET withheld = 1 - withheld");
	assert_int_equal(verify().faults, 0);
	env_tamper("UPDATE ward_case SET state = state + 1");
	expect_fault("its state is not that of the step");
	env_tamper("UPDATE ward_case SET state = state - 1, step = step || 'x'");
	expect_fault("the case says");
}

static void tamper(const char *what, struct case_id id)
{
	env_tamper(arena_fmt(&E.arena, "%s = %lld", what, (long long)id.v).p);
}

static enum rc by_officer(struct ward_case *of, struct move m, const char *part)
{
	struct fault f = {0};
	struct said why = {part, "Chờ điện lực"};
	return env_try(ENV_A, &E.an, of, m, &why, 1, &f);
}

/* The clock of what followed another case, what extended it, and the date that a closed one ended with. */
static void changed_clocks(void **state)
{
	(void)state;
	struct ward_case lead = env_open(ENV_A, "lighting", "Đèn một"), x = env_open(ENV_A, "lighting", "Đèn hai");
	env_move(&E.an, &x, VERB_take, NULL, NULL);
	assert_int_equal(by_officer(&x, (struct move){.verb = VERB_pause}, "clock_why"), RC_OK);
	assert_int_equal(by_officer(&x, (struct move){.verb = VERB_extend}, "clock_why"), RC_OK);
	assert_int_equal(by_officer(&x, (struct move){.verb = VERB_merge, .lead = lead.id}, "reason"), RC_OK);
	lead = env_get(ENV_A, lead.id);
	env_close(&E.an, &lead);
	env_at("2026-03-06", 9);
	env_move(NULL, &lead, VERB_reopen, "reason", "Vẫn tối");
	env_at("2026-03-09", 9);
	x = env_get(ENV_A, x.id);
	assert_int_equal(verify().faults, 0);
	env_tamper("UPDATE ward_case SET lead_id = NULL WHERE lead_id IS NOT NULL");
	expect_fault("its entries say that it follows another case than is kept");
	tamper(arena_fmt(&E.arena, "UPDATE ward_case SET lead_id = %lld WHERE id", (long long)lead.id.v).p, x.id);
	assert_int_equal(by_officer(&x, (struct move){.verb = VERB_unmerge}, "reason"), RC_OK);
	assert_true(x.began_at == lead.began_at && x.began_at > x.received_at);
	assert_int_equal(verify().faults, 0);
	tamper("UPDATE ward_case SET began_at = began_at - 1 WHERE id", x.id);
	expect_fault("its clock begins at another moment than its entries say");
	tamper("UPDATE ward_case SET began_at = began_at + 1 WHERE id", x.id);
	tamper("UPDATE case_pause SET ended_at = ended_at + 1 WHERE case_id", x.id);
	expect_fault("its entries give other pauses than are kept");
	tamper("UPDATE case_pause SET ended_at = ended_at - 1 WHERE case_id", x.id);
	tamper("UPDATE case_extension SET amount = amount + 1 WHERE case_id", x.id);
	expect_fault("an extension that its rule does not give");
	tamper("UPDATE case_extension SET amount = amount - 1, rule = 'desk.first_look' WHERE case_id", x.id);
	expect_fault("an extension that its rule does not give");
	tamper("UPDATE case_extension SET rule = 'close.lighting' WHERE case_id", x.id);
	assert_int_equal(verify().faults, 0);
	env_close(&E.an, &x);
	assert_int_equal(verify().faults, 0);
	tamper("UPDATE ward_case SET ended_due_at = ended_due_at + 86400000000 WHERE id", x.id);
	expect_fault("was due 2026-");
	tamper("UPDATE ward_case SET ended_due_at = ended_due_at - 86400000000 WHERE id", x.id);
	assert_int_equal(verify().faults, 0);
}

static void exchanged_photo(void **state)
{
	(void)state;
	env_tamper("INSERT INTO attachment (ward_id, case_id, part, id, seq, name, hash, width, height,"
	           " size, released, by_reporter) SELECT ward_id, id, 1, 77, 1, 'f', zeroblob(32), 1, 1,"
	           " 1, 1, 0 FROM ward_case ORDER BY id LIMIT 1");
	expect_fault("another photo than came with it");
}

static void changed_look(void **state)
{
	(void)state;
	env_tamper("UPDATE look SET role = 7 WHERE seq = 2");
	expect_fault("look 2: the chain of looks is broken");
	env_tamper("UPDATE look SET role = 5 WHERE seq = 2");
	assert_int_equal(verify().faults, 0);
	env_tamper("UPDATE look SET filter = '' WHERE seq = 1");
	expect_fault("look 1: its words are not those that were committed to");
}

static void removed_look(void **state)
{
	(void)state;
	env_tamper("DELETE FROM look WHERE seq = 2");
	expect_fault("look 3 follows look 1");
}

static void cut_looks(void **state)
{
	(void)state;
	env_tamper("DELETE FROM look WHERE seq = 3");
	expect_fault("look 3 is not what the head of 2026-03-03 signed");
}

static void changed_head(void **state)
{
	(void)state;
	env_tamper("UPDATE head_end SET seq = seq - 1 WHERE day = (SELECT MAX(day) FROM head)");
	expect_fault("head of 2026-03-03: its digest is not that of what it names");
}

/* Whoever can write rows makes a digest that fits and signs it with a key of their own. */
static void forged_head(void **state)
{
	(void)state;
	struct key seed = {{1}};
	struct sign_key sign;
	struct hash digest;
	uint8_t sig[64];
	env_tamper("DELETE FROM head_end WHERE day = (SELECT MAX(day) FROM head);"
	           "UPDATE head SET ends = 0 WHERE day = (SELECT MAX(day) FROM head)");
	struct hasher h;
	struct head_row row = {
		.version = HEAD_VERSION,      /* none of its further chains has a row */
		.day = (int32_t)env_int("SELECT MAX(day) FROM head"),
		.look_seq = env_int("SELECT look_seq FROM head ORDER BY day DESC LIMIT 1"),
	};
	static const char *const COLUMNS[] = {"prev", "definitions", "look_hash"};
	struct hash *const to[] = {&row.prev, &row.definitions, &row.look_hash};
	for (size_t i = 0; i < 3; i++) {
		struct str hex = str_trim(env_dump(
			arena_fmt(&E.arena, "SELECT hex(%s) FROM head ORDER BY day DESC LIMIT 1", COLUMNS[i]).p));
		assert_int_equal(hex.n, 64);
		for (size_t k = 0; k < HASH_SIZE; k++) {
			char two[3] = {hex.p[2 * k], hex.p[2 * k + 1], 0};
			to[i]->b[k] = (uint8_t)strtoul(two, NULL, 16);
		}
	}
	head_begin(&h, E.ward[ENV_A]->id, &row);
	digest = hasher_end(&h);
	sign_key_from_seed(&sign, &seed);
	sign_hash(&sign, &digest, sig);
	env_tamper(arena_fmt(&E.arena,
	                     "UPDATE head SET digest = x'%s', public_key = x'%s', signature = x'%s'"
	                     " WHERE day = (SELECT MAX(day) FROM head)",
	                     hex_of(&E.arena, hash_str(&digest)).p,
	                     hex_of(&E.arena, str_n((char *)sign.public, 32)).p,
	                     hex_of(&E.arena, str_n((char *)sig, 64)).p)
	                   .p);
	struct verify_report r = verify();
	assert_int_equal(r.faults, 1);           /* all else fits */
	expect_fault("head of 2026-03-03: not signed by the ward's key");
}

static void removed_head(void **state)
{
	(void)state;
	env_tamper("DELETE FROM head WHERE day = (SELECT MIN(day) FROM head)");
	expect_fault("head of 2026-03-03: does not follow the one before");
}

static void a_day_has_one_head(void **state)
{
	(void)state;
	struct fault f = {0};
	assert_int_equal(make_head("2026-03-03", &f), RC_EXISTS);
	assert_int_equal(make_head("2026-03-01", &f), RC_EXISTS);
	assert_int_equal(make_head("2026-03-04", &f), RC_INVALID);  /* it is not over */
	assert_int_equal(verify().heads, 2);
}

static void rotated_keys_still_verify(void **state)
{
	(void)state;
	struct fault f = {0};
	int n;
	char name[32];
	env_ok(keys_rotate(E.keys, "actor", &n, &f), &f);
	env_ok(keys_rotate(E.keys, head_key_name(E.ward[ENV_A]->id, name), &n, &f), &f);
	assert_int_equal(verify().faults, 0);
	env_move(&E.an, &c, VERB_note, "text", "Sau khi đổi khóa");
	env_at("2026-03-05", 8);
	env_ok(make_head("2026-03-04", &f), &f);
	assert_int_equal(verify().faults, 0);
}

struct erase_work {
	int seq, part;
};

static enum rc do_erase(struct tx *tx, void *ctx, struct fault *f)
{
	const struct erase_work *k = ctx;
	return part_erase(tx, &E.flow, c.id, k->seq, k->part, STR("keep.text"), f);
}

static void erased_by_rule_is_no_fault(void **state)
{
	(void)state;
	struct fault f = {0};
	env_ok(env_write(ENV_A, do_erase, &(struct erase_work){1, 1}, &f), &f);
	struct verify_report r = verify();
	assert_int_equal(r.faults, 0);
	assert_int_equal(r.erased, 1);
	env_tamper("UPDATE part SET erased_rule = NULL, erased_day = NULL WHERE erased_day IS NOT NULL");
	expect_fault("gone without a rule");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world, world_end)
		T(all_is_counted), T(changed_words), T(changed_commitment),
		T(a_new_part_with_a_fitting_commitment), T(a_part_gone_without_a_rule),
		T(an_erasure_that_kept_the_words), T(removed_entry), T(swapped_entries),
		T(changed_time_verb_or_actor), T(cut_tail), T(a_whole_case_taken_away), T(changed_row), T(changed_clocks),
		T(exchanged_photo), T(changed_look),
		T(removed_look), T(cut_looks), T(changed_head), T(forged_head), T(removed_head),
		T(a_day_has_one_head), T(rotated_keys_still_verify), T(erased_by_rule_is_no_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
