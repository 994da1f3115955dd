/* The chain against vectors that another program made, what a timeline shows, retention, erasing. */
#include "flow_env.h"

#include <stdio.h>

#include "kit/base/yaml.h"

/* ---------------------------------------------------------------- vectors */

static struct arena A;

static struct str field(struct str *line)
{
	struct str s = str_cut(line, ' ');
	if (s.n == 0)
		fail_msg("a vector has too few fields");
	return s;
}

static int64_t number(struct str *line)
{
	int64_t n;
	assert_true(str_i64(field(line), &n));
	return n;
}

static struct str unhex(struct str s)
{
	if (str_is(s, "-"))
		return STR_EMPTY;
	char *out = arena_alloc(&A, s.n / 2 + 1);
	for (size_t i = 0; i < s.n / 2; i++) {
		char two[3] = {s.p[2 * i], s.p[2 * i + 1], 0};
		out[i] = (char)strtoul(two, NULL, 16);
	}
	return str_n(out, s.n / 2);
}

static struct hash hash_field(struct str *line)
{
	struct hash h;
	assert_true(hash_from(unhex(field(line)), &h));
	return h;
}

static void same(const struct hash *is, const struct hash *want)
{
	assert_memory_equal(is->b, want->b, HASH_SIZE);
}

static void check_actor(struct str l)
{
	struct str key = unhex(field(&l));
	struct hasher h;
	struct key k;
	memcpy(k.b, key.p, KEY_SIZE);
	hasher_init(&h, &k, "xom actor 1");
	for (int i = 0; i < 3; i++)
		hasher_i64(&h, number(&l));
	struct hash is = hasher_end(&h), want = hash_field(&l);
	same(&is, &want);
}

static void check_part(struct str l)
{
	struct str salt = unhex(field(&l)), body = unhex(field(&l));
	struct hash want = hash_field(&l), is = part_commit((const uint8_t *)salt.p, body);
	same(&is, &want);
}

static void check_entry(struct str l)
{
	struct ward_id ward = {number(&l)};
	struct case_id of = {number(&l)};
	int seq = (int)number(&l);
	struct hash prev = hash_field(&l), commitments[8];
	struct str verb = field(&l);
	int64_t at = number(&l);
	struct hash who = hash_field(&l), want = hash_field(&l);
	size_t n = 0;
	while (l.n > 0)
		commitments[n++] = hash_field(&l);
	struct hash is = entry_hash(ward, of, seq, &prev, verb, at, &who, commitments, n);
	same(&is, &want);
}

static void check_look(struct str l)
{
	struct ward_id ward = {number(&l)};
	struct look_row r = {.seq = number(&l)};
	struct hash prev = hash_field(&l);
	r.at = number(&l);
	r.pseudonym = hash_field(&l);
	r.role = (enum role)number(&l);
	r.unit.v = number(&l);
	r.what = unhex(field(&l));
	r.of.v = number(&l);
	r.filter = unhex(field(&l));
	r.number = number(&l);
	struct hash want = hash_field(&l), is = look_hash(ward, &r, &prev);
	same(&is, &want);
}

static void check_head_of(struct str l, int version)
{
	struct ward_id ward = {number(&l)};
	struct head_row r = {.version = version, .day = (int32_t)number(&l)};
	r.prev = hash_field(&l);
	r.definitions = hash_field(&l);
	r.look_seq = number(&l);
	r.look_hash = hash_field(&l);
	for (enum head_chain c = HEAD_log; version == 2 && c < HEAD_CHAIN_COUNT; c++) {
		r.chains[c].seq = number(&l);
		r.chains[c].hash = hash_field(&l);
	}
	r.ends = number(&l);
	struct hash want = hash_field(&l), is;
	struct hasher h;
	head_begin(&h, ward, &r);
	while (l.n > 0) {
		struct str end = field(&l), of = str_cut(&end, ','), seq = str_cut(&end, ',');
		struct case_id c;
		int64_t s = 0;
		assert_true(str_i64(of, &c.v));
		assert_true(str_i64(seq, &s));
		head_add(&h, c, s, unhex(end));
	}
	is = hasher_end(&h);
	same(&is, &want);
}

static void check_head(struct str l) { check_head_of(l, 1); }
static void check_head2(struct str l) { check_head_of(l, 2); }

static void the_vectors_hold(void **state)
{
	static const struct {
		const char *name;
		void (*check)(struct str line);
	} KINDS[] = {{"actor", check_actor},
	             {"part", check_part},
	             {"entry", check_entry},
	             {"look", check_look},
	             {"head", check_head},
	             {"head2", check_head2}};
	enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };
	struct fault f = {0};
	struct str text;
	size_t done[KIND_COUNT] = {0};
	(void)state;
	arena_init(&A, ARENA_REQUEST_LIMIT);
	const char *root = getenv("XOM_SRC");
	env_ok(file_read(&A,
	                 arena_fmt(&A, "%s/test/flow/vectors/chain.txt", root != NULL ? root : ".").p,
	                 1 << 20, &text, &f),
	       &f);
	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');
		if (line.n == 0 || line.p[0] == '#')
			continue;
		struct str kind = field(&line);
		size_t i = 0;
		while (i < KIND_COUNT && !str_is(kind, KINDS[i].name))
			i++;
		assert_true(i < KIND_COUNT);
		KINDS[i].check(line);
		done[i]++;
	}
	for (size_t i = 0; i < KIND_COUNT; i++)
		assert_true(done[i] >= 2);
	arena_release(&A);
}

/* ---------------------------------------------------------------- reading */

struct read_work {
	struct ward_case c;
	struct entry *e;
	size_t n;
};

static enum rc do_read(struct tx *tx, void *ctx, struct fault *f)
{
	struct read_work *k = ctx;
	return case_timeline(tx, &E.flow, &k->c, &k->e, &k->n, f);
}

static struct read_work timeline_of(const struct ward_case *c)
{
	struct fault f = {0};
	struct read_work k = {.c = *c};
	env_ok(env_read(ENV_A, do_read, &k, &f), &f);
	return k;
}

static void a_timeline_names_role_and_unit(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	env_move(&E.an2, &c, VERB_ask, "text", "Cột số mấy?");
	env_move(NULL, &c, VERB_answer, "text", "Cột 12");
	struct read_work k = timeline_of(&c);
	assert_int_equal(k.n, 4);
	assert_true(k.e[0].by_reporter && k.e[0].verb == VERB_open);
	assert_int_equal(k.e[0].account.v, 0);
	assert_int_equal(k.e[0].actor_name.n, 0);
	assert_int_equal(k.e[0].part_count, 3);
	assert_true(str_is(k.e[0].parts[0].body, "Đèn đường bị tắt"));
	assert_true(str_is(k.e[0].parts[1].body, "lighting"));
	assert_true(str_starts(k.e[0].parts[2].body, STR("area ")));
	assert_int_equal(k.e[1].part_count, 0);
	assert_true(str_is(k.e[1].actor_name, "Trần Văn An"));
	assert_true(str_is(k.e[1].role, "handler"));
	assert_true(str_is(k.e[1].unit, "Tổ Hạ tầng"));
	assert_true(str_is(k.e[2].actor_name, "Phạm Thị Hai"));
	assert_true(str_is(k.e[2].parts[0].body, "Cột số mấy?"));
	assert_true(k.e[3].by_reporter && k.e[3].verb == VERB_answer);
	assert_true(str_is(k.e[3].role, "reporter"));
}

/* ---------------------------------------------------------------- keeping and erasing */

static void parts_know_their_rule_and_day(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt");
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE rule = ''"), 0);
	assert_true(str_is(env_dump("SELECT name, rule FROM part ORDER BY part"),
	                   "text|keep.text\nkind|keep.figures\nplace|keep.place\n"));
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NOT NULL"), 0);
	env_close(&E.an, &c);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NULL"), 0);
	int32_t closed = day_of(c.closed_at);
	assert_int_equal(env_int("SELECT due_day FROM part WHERE seq = 1 AND part = 1"), closed + 365);
	assert_int_equal(env_int("SELECT due_day FROM part WHERE seq = 1 AND part = 2"), closed + 3652);
	/* What is said after closing is due as well; reopening takes all days back. */
	env_move(&E.an, &c, VERB_note, "text", "Dân gọi cảm ơn");
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NULL"), 0);
	env_move(NULL, &c, VERB_reopen, NULL, NULL);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NOT NULL"), 0);
}

struct erase_work {
	struct case_id of;
	int seq, part;
	const char *rule;
};

static enum rc do_erase(struct tx *tx, void *ctx, struct fault *f)
{
	const struct erase_work *k = ctx;
	return part_erase(tx, &E.flow, k->of, k->seq, k->part, str_of(k->rule), f);
}

static enum rc erase(const struct ward_case *c, int seq, int part, const char *rule)
{
	struct fault f = {0};
	return env_write(ENV_A, do_erase, &(struct erase_work){c->id, seq, part, rule}, &f);
}

static struct verify_report verified(void)
{
	struct verify_report r;
	struct fault f = {0};
	env_ok(flow_verify(&E.flow, E.ward[ENV_A]->id, NULL, NULL, &r, &f), &f);
	return r;
}

struct list_work {
	struct case_filter q;
	struct case_row *rows;
	size_t n;
	bool more;
};

static enum rc do_list(struct tx *tx, void *ctx, struct fault *f)
{
	struct list_work *k = ctx;
	return case_list(tx, &E.flow, &k->q, &k->rows, &k->n, &k->more, f);
}

static size_t found(const struct actor *a, const char *words)
{
	struct fault f = {0};
	struct list_work k = {.q = {.actor = a, .queue = QUEUE_unit, .listed = a == NULL,
	                            .words = str_of(words)}};
	env_ok(env_read(ENV_A, do_list, &k, &f), &f);
	return k.n;
}

static void erased_words_are_gone_everywhere(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Dây xanh lòng thòng");
	env_move(&E.an, &c, VERB_release, "public_text", "Cột gỗ nghiêng");
	assert_int_equal(found(&E.an, "long thong"), 1);
	assert_int_equal(found(&E.an, "tran phu"), 1);
	assert_int_equal(found(NULL, "nghieng"), 1);
	assert_int_equal(erase(&c, 1, 1, "keep.text"), RC_OK);
	assert_int_equal(erase(&c, 1, 3, "keep.place"), RC_OK);
	assert_int_equal(erase(&c, 2, 1, "keep.text"), RC_OK);
	struct read_work k = timeline_of(&c);
	const struct entry_part *p = &k.e[0].parts[0];
	assert_int_equal(p->body.n, 0);
	assert_true(str_is(p->erased_rule, "keep.text"));
	assert_int_equal(p->erased_day, day_of(clock_now(&E.clock)));
	assert_int_equal(env_int("SELECT COUNT(*) FROM part_body"), 1);   /* the kind's */
	struct ward_case now = env_get(ENV_A, c.id);
	assert_int_equal(now.place.street.n + now.released_text.n, 0);
	assert_int_equal(now.place.area.v, E.area[0].v);
	assert_int_equal(found(&E.an, "long thong"), 0);
	assert_int_equal(found(&E.an, "tran phu"), 0);
	assert_int_equal(found(NULL, "nghieng"), 0);
	assert_int_equal(found(&E.an, c.code), 1);
	struct verify_report r = verified();
	assert_int_equal(r.faults, 0);
	assert_int_equal(r.erased, 3);
}

/* What stands on the public page is the last of it, and goes with it. */
static void why_it_is_late_is_erased_too(void **state)
{
	(void)state;
	env_at("2026-03-02", 9);
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn tắt");
	env_at("2026-03-20", 9);
	env_move(&E.an, &c, VERB_explain, "why_late", "Chờ vật tư");
	env_move(&E.an, &c, VERB_explain, "why_late", "Chờ xe thang");
	assert_int_equal(erase(&c, 2, 1, "keep.text"), RC_OK);
	assert_true(str_is(env_get(ENV_A, c.id).why_late, "Chờ xe thang"));
	assert_int_equal(erase(&c, 3, 1, "keep.text"), RC_OK);
	assert_int_equal(env_get(ENV_A, c.id).why_late.n, 0);
	assert_int_equal(verified().faults, 0);
}

static void an_erased_photo_has_no_row(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt");
	struct photo photos[2] = {env_photo(1), env_photo(2)};
	env_ok(env_try(ENV_A, &E.an, &c,
	               (struct move){.verb = VERB_photo, .photos = photos, .photo_count = 2}, NULL, 0,
	               &f),
	       &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM outbox WHERE kind = 'net.photo'"), 0);
	assert_int_equal(erase(&c, 2, 1, "keep.photo"), RC_OK);
	/* The photo itself goes right after the commit. */
	assert_int_equal(env_int("SELECT COUNT(*) FROM outbox WHERE kind = 'net.photo'"), 1);
	struct str left = str_trim(env_dump("SELECT name FROM attachment"));
	assert_true(str_eq(left, photos[1].name));
	assert_int_equal(verified().faults, 0);
}

static void what_is_not_there_is_not_erased(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt"), other = c;
	assert_int_equal(erase(&c, 1, 9, "keep.text"), RC_NONE);
	assert_int_equal(erase(&c, 9, 1, "keep.text"), RC_NONE);
	assert_int_equal(erase(&c, 1, 1, ""), RC_INVALID);
	other.id.v++;
	assert_int_equal(erase(&other, 1, 1, "keep.text"), RC_NONE);
	struct erase_work k = {c.id, 1, 1, "keep.text"};
	assert_int_equal(env_write(ENV_B, do_erase, &k, &f), RC_NONE);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part_body"), 3);
	assert_int_equal(env_get(ENV_A, c.id).version, 1);
	assert_int_equal(erase(&c, 1, 1, "keep.text"), RC_OK);
	assert_int_equal(erase(&c, 1, 1, "keep.text"), RC_NONE);   /* it is gone already */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_hold),
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(a_timeline_names_role_and_unit), T(parts_know_their_rule_and_day),
		T(erased_words_are_gone_everywhere), T(why_it_is_late_is_erased_too), T(an_erased_photo_has_no_row),
		T(what_is_not_there_is_not_erased),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
