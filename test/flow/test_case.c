/* The rules of a case: who may do what when, what a closing needs, what becomes public. */
#include "flow_env.h"

#include "ward/flow/clock.h"

#include "kit/base/text.h"

static const struct said NONE[] = {{NULL, NULL}};

static enum rc attempt(const struct actor *a, struct ward_case *c, struct move m, struct fault *f)
{
	return env_try(ENV_A, a, c, m, NONE, 0, f);
}

static struct ward_case *open_one(void)
{
	static struct ward_case c;
	c = env_open(ENV_A, "lighting", "Đèn đường bị tắt ba đêm");
	return &c;
}

static void opening_fills_the_case(void **state)
{
	(void)state;
	struct ward_case *c = open_one();
	assert_int_equal(c->state, STATE_received);
	assert_int_equal(c->unit.v, E.unit[ENV_A][UNIT_ha_tang].v);
	assert_true(c->listed);
	assert_false(c->withheld);
	assert_int_equal(c->seq, 1);
	assert_int_equal(strlen(c->public_code), 12);
	assert_memory_equal(c->public_code, "SM-P-", 5);
	assert_memory_equal(c->code, "SM-26-", 6);
	/* Monday 2 March: the first look is due in 2 working days, by the end of Wednesday. */
	assert_true(str_is(c->due_rule, "desk.first_look"));
	int32_t day;
	assert_true(day_parse(STR("2026-03-05"), &day));
	assert_int_equal(c->due_at, day_start(day));
	struct ward_case read = env_get(ENV_A, c->id);
	assert_int_equal(read.version, 1);
	assert_true(hash_eq(&read.head, &c->head));
	assert_true(str_is(read.place.street, "Đường Trần Phú"));
}

static void the_story(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	env_move(&E.an, c, VERB_take, NULL, NULL);
	assert_int_equal(c->officer.v, E.an.account.v);
	assert_int_equal(c->state, STATE_working);
	assert_true(str_is(c->due_rule, "close.lighting"));
	env_move(&E.an, c, VERB_ask, "text", "Cột số mấy?");
	assert_int_equal(c->state, STATE_asked);
	assert_true(case_paused(c, clock_now(&E.clock)) && c->due_at > 0);  /* a date stays: that of the cap */
	env_move(NULL, c, VERB_answer, "text", "Cột 12");
	assert_int_equal(c->state, STATE_working);
	env_close(&E.an, c);
	assert_int_equal(c->state, STATE_closed);
	assert_true(str_is(c->outcome, "mended"));
	assert_int_equal(c->due_at, 0);
	assert_int_not_equal(c->closed_at, 0);
	env_move(NULL, c, VERB_solved, NULL, NULL);
	assert_true(c->solved_said);
	assert_int_equal(c->seq, 6);
	struct ward_case read = env_get(ENV_A, c->id);
	assert_int_equal(read.seq, 6);
	assert_int_equal(read.state, STATE_solved);
	assert_int_equal(read.version, 6);
	assert_int_equal(attempt(&E.an, c, (struct move){.verb = VERB_take}, &f), RC_DENIED);
}

static void a_stale_version_is_told(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	int64_t seen = c->version;
	env_move(&E.an, c, VERB_note, "text", "Đã gọi thợ");
	struct said said = {"text", "Ghi chú khác"};
	struct move m = {.verb = VERB_note, .expected_version = seen};
	assert_int_equal(env_try(ENV_A, &E.an2, c, m, &said, 1, &f), RC_CHANGED);
	assert_int_equal(env_get(ENV_A, c->id).seq, 2);       /* nothing was written */
	m.expected_version = seen + 1;
	env_ok(env_try(ENV_A, &E.an2, c, m, &said, 1, &f), &f);
	assert_int_equal(c->seq, 3);
}

static void only_its_unit_works_a_case(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	assert_int_equal(attempt(&E.binh, c, (struct move){.verb = VERB_take}, &f), RC_DENIED);
	assert_int_equal(case_verbs(&E.flow, c, &E.binh, clock_now(&E.clock)), 0);
	struct actor nobody = E.an;
	nobody.perms = 0;
	assert_int_equal(attempt(&nobody, c, (struct move){.verb = VERB_take}, &f), RC_DENIED);
	assert_int_equal(env_get(ENV_A, c->id).version, 1);
}

static void another_ward_finds_nothing(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one(), copy = *c;
	assert_int_equal(env_try(ENV_B, &E.chi, &copy, (struct move){.verb = VERB_take}, NONE, 0, &f),
	                 RC_NONE);
	/* The other ward's officer in our ward, and ours in theirs. */
	assert_int_equal(attempt(&E.chi, c, (struct move){.verb = VERB_take}, &f), RC_NONE);
	assert_int_equal(env_get(ENV_A, c->id).version, 1);
}

static void the_reporter_has_only_their_moves(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	static const enum verb NOT[] = {VERB_unset, VERB_take, VERB_assign, VERB_ask, VERB_answer,
	                                VERB_note, VERB_correct, VERB_photo, VERB_release,
	                                VERB_unrelease, VERB_withhold, VERB_unwithhold, VERB_close,
	                                VERB_solved, VERB_reopen, VERB_open, VERB_COUNT};
	struct said said[] = {{"text", "x"}, {"reason", "x"}, {"result", "x"}, {"public_text", "x"}};
	for (size_t i = 0; i < sizeof NOT / sizeof *NOT; i++)
		assert_int_equal(env_try(ENV_A, NULL, c,
		                         (struct move){.verb = NOT[i], .outcome = STR("mended")}, said, 4,
		                         &f),
		                 RC_DENIED);
	env_move(NULL, c, VERB_withdraw, NULL, NULL);
	assert_int_equal(c->state, STATE_withdrawn);
	assert_int_not_equal(c->closed_at, 0);
}

static void a_closing_needs_result_and_outcome(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	struct move m = {.verb = VERB_close, .outcome = STR("mended")};
	assert_int_equal(attempt(&E.an, c, m, &f), RC_INVALID);
	assert_string_equal(f.field, "result");
	struct said said = {"result", "Xong"};
	m.outcome = STR("vanished");
	assert_int_equal(env_try(ENV_A, &E.an, c, m, &said, 1, &f), RC_INVALID);
	assert_string_equal(f.field, "outcome");
	m.outcome = STR_EMPTY;
	assert_int_equal(env_try(ENV_A, &E.an, c, m, &said, 1, &f), RC_INVALID);
	said.name = "secret";
	m.outcome = STR("mended");
	assert_int_equal(env_try(ENV_A, &E.an, c, m, &said, 1, &f), RC_INVALID);
	assert_string_equal(f.field, "part");
	assert_int_equal(env_get(ENV_A, c->id).state, STATE_received);
}

static void empty_questions_and_notes_are_refused(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	static const enum verb NEED[] = {VERB_ask, VERB_note, VERB_withhold, VERB_correct, VERB_assign,
	                                 VERB_photo, VERB_release};
	for (size_t i = 0; i < sizeof NEED / sizeof *NEED; i++) {
		f = (struct fault){0};
		assert_int_equal(attempt(&E.an, c, (struct move){.verb = NEED[i]}, &f), RC_INVALID);
		assert_string_not_equal(f.field, "");
	}
}

static void reopening_has_its_time(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one(), late;
	int64_t due = c->due_at;
	env_close(&E.an, c);
	late = *c;
	env_at("2026-03-10", 9);
	env_move(NULL, c, VERB_reopen, NULL, NULL);
	assert_int_equal(c->state, STATE_working);
	assert_int_equal(c->closed_at, 0);
	assert_true(c->due_at > due);            /* a new promise, not an old debt */
	assert_int_equal(c->outcome.n, 0);
	env_close(&E.an, c);
	/* 15 calendar days after closing on 10 March: Wednesday the 25th, its whole day. */
	env_at("2026-03-25", 23);
	uint64_t verbs = case_verbs(&E.flow, c, NULL, clock_now(&E.clock));
	assert_true(verbs & UINT64_C(1) << VERB_reopen);
	env_at("2026-03-26", 0);
	assert_int_equal(attempt(NULL, c, (struct move){.verb = VERB_reopen}, &f), RC_EXPIRED);
	assert_int_equal(attempt(NULL, &late, (struct move){.verb = VERB_reopen}, &f), RC_EXPIRED);
	assert_int_equal(attempt(NULL, c, (struct move){.verb = VERB_solved}, &f), RC_OK);
}

static void assigning_takes_it_out_of_sight(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	env_move(&E.an, c, VERB_take, NULL, NULL);
	struct move m = {.verb = VERB_assign, .unit = E.unit[ENV_A][UNIT_moi_truong]};
	env_ok(attempt(&E.an, c, m, &f), &f);
	assert_int_equal(c->officer.v, 0);
	assert_false(case_handled_by(c, &E.an));
	assert_true(case_handled_by(c, &E.binh));
	assert_int_equal(attempt(&E.an, c, (struct move){.verb = VERB_take}, &f), RC_DENIED);
	env_ok(attempt(&E.binh, c, (struct move){.verb = VERB_take}, &f), &f);
	assert_int_equal(c->officer.v, E.binh.account.v);
	/* To itself, to nowhere, to another ward's unit. */
	m.unit = E.unit[ENV_A][UNIT_moi_truong];
	assert_int_equal(attempt(&E.binh, c, m, &f), RC_INVALID);
	m.unit = E.unit[ENV_B][UNIT_ha_tang];
	assert_int_equal(attempt(&E.binh, c, m, &f), RC_INVALID);
	assert_string_equal(f.field, "unit");
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

static size_t public_count(const char *words)
{
	struct fault f = {0};
	struct list_work k = {.q = {.listed = true, .words = str_of(words)}};
	env_ok(env_read(ENV_A, do_list, &k, &f), &f);
	return k.n;
}

struct public_work {
	const char *code;
	struct ward_case c;
};

static enum rc do_public(struct tx *tx, void *ctx, struct fault *f)
{
	struct public_work *k = ctx;
	return case_by_public_code(tx, &E.flow, str_of(k->code), &k->c, f);
}

static void a_correction_to_conduct_hides_all(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	struct photo photo = env_photo(1);
	struct move m = {.verb = VERB_photo, .photos = &photo, .photo_count = 1};
	env_ok(attempt(&E.an, c, m, &f), &f);
	struct attachment_id id = {env_int("SELECT id FROM attachment")};
	struct said said = {"public_text", "Đèn hỏng trước chợ"};
	m = (struct move){.verb = VERB_release, .release = &id, .release_count = 1};
	env_ok(env_try(ENV_A, &E.an, c, m, &said, 1, &f), &f);
	assert_true(str_is(c->released_text, "Đèn hỏng trước chợ"));
	assert_int_equal(public_count("truoc cho"), 1);
	assert_int_equal(env_int("SELECT released FROM attachment"), 1);

	said = (struct said){"reason", "Thật ra là hát karaoke"};
	m = (struct move){.verb = VERB_correct, .kind = STR("noise")};
	env_ok(env_try(ENV_A, &E.an, c, m, &said, 1, &f), &f);
	assert_false(c->listed);
	assert_int_equal(c->released_text.n, 0);
	assert_int_equal(public_count(""), 0);
	assert_int_equal(public_count("truoc cho"), 0);
	assert_int_equal(env_int("SELECT released FROM attachment"), 0);
	assert_int_equal(env_read(ENV_A, do_public, &(struct public_work){.code = c->public_code}, &f),
	                 RC_NONE);
	/* Photos and releases stand against the rights now; the way back does not list it again. */
	m = (struct move){.verb = VERB_photo, .photos = &photo, .photo_count = 1};
	assert_int_equal(attempt(&E.an, c, m, &f), RC_REFUSED);
	said = (struct said){"public_text", "x"};
	assert_int_equal(env_try(ENV_A, &E.an, c, (struct move){.verb = VERB_release}, &said, 1, &f),
	                 RC_REFUSED);
	said = (struct said){"reason", "Nhầm"};
	m = (struct move){.verb = VERB_correct, .kind = STR("lighting")};
	env_ok(env_try(ENV_A, &E.an, c, m, &said, 1, &f), &f);
	assert_false(c->listed);
	assert_true(str_is(c->procedure->name, "lighting"));
	m.kind = STR("gambling");
	assert_int_equal(env_try(ENV_A, &E.an, c, m, &said, 1, &f), RC_INVALID);
}

static void withholding_hides_the_whole(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	struct public_work k = {.code = c->public_code};
	uint64_t before = flow_changes(E.ward[ENV_A]->id);
	env_ok(env_read(ENV_A, do_public, &k, &f), &f);
	assert_int_equal(env_read(ENV_B, do_public, &k, &f), RC_NONE);
	env_move(&E.an, c, VERB_withhold, "reason", "Có tên người");
	assert_int_equal(env_read(ENV_A, do_public, &k, &f), RC_NONE);
	assert_int_equal(public_count(""), 0);
	assert_int_equal(public_count("den duong"), 0);
	assert_int_equal(flow_changes(E.ward[ENV_A]->id), before + 1);
	assert_int_equal(attempt(&E.an, c, (struct move){.verb = VERB_withhold}, &f), RC_REFUSED);
	env_move(&E.an, c, VERB_unwithhold, "reason", "Đã sửa lời");
	assert_int_equal(public_count("den duong"), 1);
}

static void a_release_shows_what_it_names(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one(), other = env_open(ENV_A, "lighting", "Khác");
	struct photo photo = env_photo(2);
	struct move m = {.verb = VERB_photo, .photos = &photo, .photo_count = 1};
	env_ok(attempt(&E.an, &other, m, &f), &f);
	struct attachment_id theirs = {env_int("SELECT id FROM attachment")};
	m = (struct move){.verb = VERB_release, .release = &theirs, .release_count = 1};
	assert_int_equal(attempt(&E.an, c, m, &f), RC_INVALID);
	assert_int_equal(env_int("SELECT released FROM attachment"), 0);
	env_ok(attempt(&E.an, &other, m, &f), &f);
	assert_int_equal(env_int("SELECT released FROM attachment"), 1);
	env_move(&E.an, &other, VERB_unrelease, NULL, NULL);
	assert_int_equal(env_int("SELECT released FROM attachment"), 0);
	assert_int_equal(other.released_text.n, 0);
}

/* Covered in part, a photo stays where it was and shown; what it was is erased, with what the release said of it. */
static void a_blur_takes_the_place(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one(), other = env_open(ENV_A, "lighting", "Khác");
	struct photo before = env_photo(3), after = env_photo(4), third = env_photo(5);
	struct move m = {.verb = VERB_photo, .photos = &before, .photo_count = 1};
	env_ok(attempt(&E.an, &other, m, &f), &f);
	struct attachment_id id = {env_int("SELECT id FROM attachment")};
	struct move blur = {.verb = VERB_blur, .photos = &after, .photo_count = 1, .blurred = before.name};
	assert_int_equal(attempt(&E.an, &other, blur, &f), RC_CHANGED);
	env_ok(attempt(&E.an, &other, (struct move){.verb = VERB_release, .release = &id, .release_count = 1}, &f), &f);
	/* Not of another case, nor by anybody else, nor without a photo, nor with two. */
	assert_int_equal(attempt(&E.an, c, blur, &f), RC_CHANGED);
	assert_int_equal(attempt(NULL, &other, blur, &f), RC_DENIED);
	assert_int_equal(attempt(&E.chi, &other, blur, &f), RC_NONE);
	struct move none = blur, two = blur;
	none.photo_count = 0;
	assert_int_equal(attempt(&E.an, &other, none, &f), RC_INVALID);
	struct photo both[] = {after, third};
	two.photos = both;
	two.photo_count = 2;
	assert_int_equal(attempt(&E.an, &other, two, &f), RC_INVALID);
	/* Under a legal hold nothing is destroyed. */
	env_tamper("UPDATE ward_case SET held_until = 99999");
	assert_int_equal(attempt(&E.an, &other, blur, &f), RC_REFUSED);
	env_tamper("UPDATE ward_case SET held_until = NULL");
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE erased_rule = 'blur'"), 0);
	env_ok(attempt(&E.an, &other, blur, &f), &f);
	assert_int_equal(env_int("SELECT id FROM attachment WHERE released = 1"), id.v);
	assert_int_equal(env_int("SELECT COUNT(*) FROM attachment"), 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE erased_rule = 'blur'"), 2);
	assert_int_equal(env_int("SELECT COUNT(*) FROM deletion WHERE rule = 'blur'"), 2);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part_body WHERE body LIKE '%' AND length(body) = 64"), 1);
	/* Twice: it is another one by now. */
	assert_int_equal(attempt(&E.an, &other, blur, &f), RC_CHANGED);
	blur.blurred = after.name;
	blur.photos = &third;
	env_ok(attempt(&E.an, &other, blur, &f), &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE erased_rule = 'blur'"), 3);
}

static enum rc open_again(struct tx *tx, void *ctx, struct fault *f)
{
	int n = *(int *)ctx;
	struct ward_case c;
	struct receipt r;
	struct case_new again = {
		.procedure = procedure_of_kind(E.procedures, STR("lighting"), day_of(tx_now(tx))),
		.journey = hash_of(NULL, "journey", str_n((const char *)&n, sizeof n)),
		.place = {.street = STR_EMPTY, .landmark = STR_EMPTY},
		.text = STR("Lần hai"),
		.channel = STR("web"),
	};
	enum rc rc = case_open(tx, &E.flow, E.ward[ENV_A], &again, &c, &r, f);
	if (rc == RC_EXISTS)
		assert_string_equal(c.code, r.code);
	return rc;
}

static void the_same_form_is_one_case(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case *c = open_one();
	int n = E.journeys;
	assert_int_equal(env_write(ENV_A, open_again, &n, &f), RC_EXISTS);
	assert_int_equal(env_write(ENV_A, open_again, &n, &f), RC_EXISTS);
	assert_int_equal(env_int("SELECT COUNT(*) FROM ward_case"), 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM timeline"), 1);
	assert_int_equal(env_int("SELECT SUM(n) FROM case_delta"), 1);
	(void)c;
}

static enum rc open_bad(struct tx *tx, void *ctx, struct fault *f)
{
	struct photo photos[6];
	for (int i = 0; i < 6; i++)
		photos[i] = env_photo(100 + i);
	const char *kind = ctx;
	struct ward_case c;
	struct receipt r;
	struct case_new n = {
		.procedure = procedure_of_kind(E.procedures, str_of(kind), day_of(tx_now(tx))),
		.text = STR("x"),
		.place = {.street = STR_EMPTY, .landmark = STR_EMPTY},
		.photos = photos,
		.photo_count = str_is(str_of(kind), "noise") ? 1 : 6,
	};
	return case_open(tx, &E.flow, E.ward[ENV_A], &n, &c, &r, f);
}

static void photos_have_their_bounds(void **state)
{
	(void)state;
	struct fault f = {0};
	char noise[] = "noise", lighting[] = "lighting", none[] = "none";
	assert_int_equal(env_write(ENV_A, open_bad, noise, &f), RC_REFUSED);
	assert_int_equal(env_write(ENV_A, open_bad, lighting, &f), RC_LIMIT);
	assert_int_equal(env_write(ENV_A, open_bad, none, &f), RC_INVALID);
	assert_int_equal(env_int("SELECT COUNT(*) FROM ward_case"), 0);
	struct ward_case c = env_open(ENV_A, "noise", "Hát karaoke");
	assert_false(c.listed);
	assert_int_equal(public_count(""), 0);
}

/* Neither with the report nor later, from neither side. */
static void a_conduct_case_never_takes_a_photo(void **state)
{
	(void)state;
	struct fault f = {0};
	struct photo photo = env_photo(1);
	struct actor own = E.an;
	own.units[0] = E.unit[ENV_A][UNIT_an_toan];
	struct ward_case c = env_open(ENV_A, "noise", "Hát karaoke");
	env_move(&own, &c, VERB_ask, "text", "Giờ nào?");
	struct said answer = {"text", "Nửa đêm"}, result = {"result", "Đã hòa giải"};
	struct move m = {.verb = VERB_answer, .photos = &photo, .photo_count = 1};
	assert_int_equal(env_try(ENV_A, NULL, &c, m, &answer, 1, &f), RC_REFUSED);
	m.photo_count = 0;
	assert_int_equal(env_try(ENV_A, NULL, &c, m, &answer, 1, &f), RC_OK);
	m = (struct move){.verb = VERB_photo, .photos = &photo, .photo_count = 1};
	assert_int_equal(env_try(ENV_A, &own, &c, m, NULL, 0, &f), RC_REFUSED);
	m.verb = VERB_close;
	m.outcome = STR("mended");
	assert_int_equal(env_try(ENV_A, &own, &c, m, &result, 1, &f), RC_REFUSED);
	assert_int_equal(env_int("SELECT COUNT(*) FROM attachment"), 0);
}

static void a_report_without_a_calendar_is_taken(void **state)
{
	(void)state;
	env_at("2031-05-05", 9);
	struct ward_case *c = open_one();
	assert_int_equal(c->due_at, 0);
	env_close(&E.an, c);                     /* and its parts still have their due day */
	assert_int_equal(env_int("SELECT COUNT(*) FROM part WHERE due_day IS NULL"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(opening_fills_the_case), T(the_story), T(a_stale_version_is_told),
		T(only_its_unit_works_a_case), T(another_ward_finds_nothing),
		T(the_reporter_has_only_their_moves), T(a_closing_needs_result_and_outcome),
		T(empty_questions_and_notes_are_refused), T(reopening_has_its_time),
		T(assigning_takes_it_out_of_sight), T(a_correction_to_conduct_hides_all),
		T(withholding_hides_the_whole), T(a_release_shows_what_it_names), T(a_blur_takes_the_place),
		T(the_same_form_is_one_case), T(photos_have_their_bounds),
		T(a_conduct_case_never_takes_a_photo),
		T(a_report_without_a_calendar_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
