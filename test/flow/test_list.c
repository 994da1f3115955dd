/* Queues, counts, the public list and search: complete, in order, exact, and nobody else's. */
#include "flow_env.h"

#include <stdio.h>

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

static struct list_work list(struct case_filter q)
{
	struct fault f = {0};
	struct list_work k = {.q = q};
	env_ok(env_read(ENV_A, do_list, &k, &f), &f);
	return k;
}

static struct list_work queue(const struct actor *a, enum queue q)
{
	return list((struct case_filter){.actor = a, .queue = q});
}

static enum rc do_counts(struct tx *tx, void *ctx, struct fault *f)
{
	struct queue_counts *out = ctx;
	return case_counts(tx, &E.flow, &E.an, out, f);
}

static struct queue_counts counts(void)
{
	struct fault f = {0};
	struct queue_counts n;
	env_ok(env_read(ENV_A, do_counts, &n, &f), &f);
	return n;
}

/* Counts are what the lists hold, whatever was folded. */
static void counts_agree(void)
{
	struct queue_counts n = counts();
	for (enum queue q = QUEUE_new; q < QUEUE_COUNT; q++)
		if (n.n[q] != (int64_t)queue(&E.an, q).n)
			fail_msg("%s: counted %lld, listed %zu", queue_name(q), (long long)n.n[q],
			         queue(&E.an, q).n);
}

static enum rc do_fold(struct tx *tx, void *ctx, struct fault *f)
{
	return counter_fold(tx, 2, ctx, f);
}

static void fold_all(void)
{
	struct fault f = {0};
	size_t folded = 2;
	while (folded > 0)
		env_ok(env_write(ENV_A, do_fold, &folded, &f), &f);
	assert_int_equal(env_int("SELECT COUNT(*) FROM case_delta WHERE ward_id ="
	                         " (SELECT id FROM ward WHERE slug = 'song-may')"),
	                 0);
}

static void queues_and_counts_follow_each_move(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case a = env_open(ENV_A, "lighting", "Một");
	struct ward_case b = env_open(ENV_A, "road", "Hai");
	struct ward_case d = env_open(ENV_A, "water", "Ba");
	(void)env_open(ENV_A, "rubbish", "Của tổ khác");
	(void)env_open(ENV_B, "lighting", "Của phường khác");
	assert_int_equal(queue(&E.an, QUEUE_new).n, 3);
	counts_agree();
	env_move(&E.an, &a, VERB_take, NULL, NULL);
	env_move(&E.an2, &b, VERB_ask, "text", "Ở đâu?");
	counts_agree();
	fold_all();
	counts_agree();
	assert_int_equal(queue(&E.an, QUEUE_mine).n, 1);
	assert_int_equal(queue(&E.an, QUEUE_asked).n, 1);
	assert_int_equal(queue(&E.an, QUEUE_unit).n, 3);
	env_close(&E.an, &a);
	env_ok(env_try(ENV_A, &E.an, &d,
	               (struct move){.verb = VERB_assign, .unit = E.unit[ENV_A][UNIT_moi_truong]}, NULL,
	               0, &f),
	       &f);
	counts_agree();
	fold_all();
	counts_agree();
	assert_int_equal(queue(&E.an, QUEUE_closed).n, 1);
	assert_int_equal(queue(&E.an, QUEUE_unit).n, 1);
	assert_int_equal(queue(&E.binh, QUEUE_new).n, 2);
	assert_int_equal(env_int("SELECT COUNT(*) FROM case_count WHERE n < 1"), 0);
}

static void overdue_moves_by_time_alone(void **state)
{
	(void)state;
	struct ward_case c = env_open(ENV_A, "lighting", "Một");    /* first look by Wed 4 March */
	(void)env_open(ENV_A, "road", "Hai");
	env_at("2026-03-04", 23);
	assert_int_equal(counts().overdue, 0);
	env_at("2026-03-05", 0);
	assert_int_equal(counts().overdue, 2);
	fold_all();
	assert_int_equal(counts().overdue, 2);
	env_move(&E.an, &c, VERB_take, NULL, NULL);     /* the first look is met, closing is later */
	assert_int_equal(counts().overdue, 1);
}

static void a_queue_is_ordered_by_what_is_due(void **state)
{
	(void)state;
	struct ward_case road = env_open(ENV_A, "road", "Xa");
	struct ward_case lamp = env_open(ENV_A, "lighting", "Gần");
	env_move(&E.an, &road, VERB_take, NULL, NULL);  /* 10 working days */
	env_move(&E.an, &lamp, VERB_take, NULL, NULL);  /* 5 */
	env_tamper("UPDATE ward_case SET due_at = NULL, sort_at = 9223372036854775807"
	           " WHERE kind = 'road'");
	struct list_work k = queue(&E.an, QUEUE_unit);
	assert_int_equal(k.n, 2);
	assert_int_equal(k.rows[0].id.v, lamp.id.v);
	assert_int_equal(k.rows[1].id.v, road.id.v);    /* none: last */
	assert_true(str_is(k.rows[0].text, "Gần"));
	assert_string_equal(k.rows[0].code, lamp.code);
	/* Closed ones newest first. */
	env_close(&E.an, &lamp);
	env_at("2026-03-03", 9);
	env_close(&E.an, &road);
	k = queue(&E.an, QUEUE_closed);
	assert_int_equal(k.rows[0].id.v, road.id.v);
	assert_int_equal(k.rows[1].id.v, lamp.id.v);
}

/* Every case once, in order, whatever the page's size. */
static void pages(struct case_filter q, size_t want)
{
	int64_t seen[64];
	for (size_t size = 1; size <= 5; size += 2) {
		size_t n = 0;
		bool more = true;
		q.after_due = q.after_id = 0;
		q.limit = size;
		while (more) {
			struct list_work k = list(q);
			assert_true(k.n <= size);
			assert_true(k.n > 0 || !k.more);
			for (size_t i = 0; i < k.n; i++) {
				for (size_t m = 0; m < n; m++)
					assert_int_not_equal(seen[m], k.rows[i].id.v);
				seen[n++] = k.rows[i].id.v;
			}
			more = k.more;
			if (k.n > 0) {
				q.after_due = k.rows[k.n - 1].cursor;
				q.after_id = k.rows[k.n - 1].id.v;
			}
		}
		assert_int_equal(n, want);
	}
}

static void pages_are_complete(void **state)
{
	(void)state;
	struct actor both = E.an;
	both.units[both.unit_count++] = E.unit[ENV_A][UNIT_moi_truong];
	for (int i = 0; i < 6; i++) {
		struct ward_case c = env_open(ENV_A, "lighting", "Đèn");
		(void)env_open(ENV_A, "rubbish", "Rác");
		if (i % 3 == 0)
			env_close(&E.an, &c);
	}
	pages((struct case_filter){.actor = &E.an, .queue = QUEUE_unit}, 4);
	pages((struct case_filter){.actor = &E.an, .queue = QUEUE_closed}, 2);
	pages((struct case_filter){.actor = &both, .queue = QUEUE_unit}, 10);
	pages((struct case_filter){.actor = &both, .queue = QUEUE_unit, .words = STR("khu vuc")}, 10);
	pages((struct case_filter){.listed = true}, 12);
	pages((struct case_filter){.listed = true, .words = STR("rac")}, 6);
}

static void filters_hold(void **state)
{
	(void)state;
	struct ward_case c = env_open_at(ENV_A, "lighting", "Một", E.area[0], "");
	(void)env_open_at(ENV_A, "lighting", "Hai", E.area[1], "");
	(void)env_open_at(ENV_A, "road", "Ba", E.area[1], "");
	(void)env_open_at(ENV_A, "noise", "Bốn", E.area[1], "");
	for (int desk = 0; desk < 2; desk++) {
		struct case_filter q = {.listed = !desk, .actor = &E.an, .queue = QUEUE_unit};
		assert_int_equal(list(q).n, 3);              /* noise is another unit's, and unlisted */
		q.kind = STR("lighting");
		assert_int_equal(list(q).n, 2);
		q.area = E.area[1];
		assert_int_equal(list(q).n, 1);
		q.kind = STR_EMPTY;
		assert_int_equal(list(q).n, 2);
		q.state = STATE_working;
		assert_int_equal(list(q).n, 0);
		q.state = STATE_received;
		assert_int_equal(list(q).n, 2);
		q.area = E.area[3];
		assert_int_equal(list(q).n, 0);
	}
	env_close(&E.an, &c);
	struct case_filter q = {.actor = &E.an, .queue = QUEUE_closed, .kind = STR("lighting")};
	assert_int_equal(list(q).n, 1);
	q.area = E.area[0];
	assert_int_equal(list(q).n, 1);
	q.kind = STR("road");
	assert_int_equal(list(q).n, 0);
	q = (struct case_filter){.listed = true, .state = STATE_closed};
	assert_int_equal(list(q).n, 1);
	q.kind = STR("lighting");
	assert_int_equal(list(q).n, 1);
}

static void the_public_row_is_minimal(void **state)
{
	(void)state;
	(void)env_open(ENV_A, "lighting", "Lời riêng của tôi");
	struct list_work k = list((struct case_filter){.listed = true});
	assert_int_equal(k.n, 1);
	assert_int_equal(k.rows[0].text.n + k.rows[0].street.n + k.rows[0].released_text.n, 0);
	assert_string_equal(k.rows[0].code, "");
	assert_int_equal(k.rows[0].officer.v, 0);
	assert_int_equal(strlen(k.rows[0].public_code), 12);
}

static size_t found(struct case_filter q, const char *words)
{
	struct fault f = {0};
	struct list_work k = {.q = q};
	k.q.words = str_of(words);
	enum rc rc = env_read(ENV_A, do_list, &k, &f);
	if (rc != RC_OK)
		fail_msg("%s: %s: %s", words, rc_name(rc), f.text);
	return k.n;
}

static void search_finds_ones_own_open_cases(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt, hỏi ông Tám Khoẻ");
	const struct case_filter an = {.actor = &E.an, .queue = QUEUE_unit},
				 binh = {.actor = &E.binh, .queue = QUEUE_unit},
				 all = {.listed = true};
	assert_int_equal(found(an, "den duong"), 1);
	assert_int_equal(found(an, "ĐÈN  đường"), 1);
	assert_int_equal(found(an, "bi tat"), 1);
	assert_int_equal(found(an, "bi ta"), 1);         /* the last word is a prefix */
	assert_int_equal(found(an, "den bich"), 0);
	assert_int_equal(found(an, "tran phu"), 1);
	assert_int_equal(found(an, c.code), 1);
	assert_int_equal(found(an, c.public_code), 1);
	assert_int_equal(found(an, "khoe"), 0);          /* a name was masked */
	assert_int_equal(found(an, "   ,."), 0);
	assert_int_equal(found(binh, "den duong"), 0);
	assert_int_equal(found(all, "den duong"), 1);    /* the kind's title */
	assert_int_equal(found(all, "bi tat"), 0);       /* not the words */
	assert_int_equal(found(all, "tran phu"), 0);     /* nor the street */
	assert_int_equal(found(all, c.code), 0);         /* nor the receipt's code */
	assert_int_equal(found(all, c.public_code), 1);
	/* The unit's own word cannot be typed into another unit's index. */
	struct str token = search_unit_token(&E.arena, E.unit[ENV_A][UNIT_ha_tang]);
	struct list_work k = {.q = binh};
	k.q.words = arena_fmt(&E.arena, "%s tat", token.p);
	assert_int_equal(env_read(ENV_A, do_list, &k, &f), RC_REFUSED);
	assert_int_equal(k.n, 0);

	env_ok(env_try(ENV_A, &E.an, &c,
	               (struct move){.verb = VERB_assign, .unit = E.unit[ENV_A][UNIT_moi_truong]}, NULL,
	               0, &f),
	       &f);
	assert_int_equal(found(an, "bi tat"), 0);
	assert_int_equal(found(binh, "bi tat"), 1);
	env_close(&E.binh, &c);
	assert_int_equal(found(binh, "bi tat"), 0);
	const struct case_filter closed = {.actor = &E.binh, .queue = QUEUE_closed};
	assert_int_equal(found(closed, "bi tat"), 0);
	assert_int_equal(found(closed, "den duong"), 1); /* by kind and place, as the public */
	env_move(NULL, &c, VERB_reopen, NULL, NULL);
	assert_int_equal(found(binh, "bi tat"), 1);
}

static void queries_for_people_are_refused(void **state)
{
	(void)state;
	static const char *const REFUSED[] = {"ông Nguyễn Văn Tám", "65A-123.45", "0912 345 678",
	                                      "079123456789", "079 123 456 789"};
	(void)env_open(ENV_A, "lighting", "Đèn");
	for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
		for (int desk = 0; desk < 2; desk++) {
			struct fault f = {0};
			struct list_work k = {.q = {.listed = !desk,
			                            .actor = &E.an,
			                            .queue = QUEUE_unit,
			                            .words = str_of(REFUSED[i])}};
			enum rc rc = env_read(ENV_A, do_list, &k, &f);
			if (rc != RC_REFUSED)
				fail_msg("%s: %s", REFUSED[i], rc_name(rc));
		}
}

static void a_list_is_somebodys(void **state)
{
	(void)state;
	struct fault f = {0};
	(void)env_open(ENV_A, "lighting", "Đèn");
	struct list_work k = {.q = {.queue = QUEUE_unit}};
	assert_int_equal(env_read(ENV_A, do_list, &k, &f), RC_INVALID);
	k.q = (struct case_filter){.actor = &E.an};
	assert_int_equal(env_read(ENV_A, do_list, &k, &f), RC_INVALID);
	k.q = (struct case_filter){.actor = &E.chi, .queue = QUEUE_unit};
	assert_int_equal(env_read(ENV_A, do_list, &k, &f), RC_DENIED);
	struct actor none = E.an;
	none.perms = 0;
	k.q = (struct case_filter){.actor = &none, .queue = QUEUE_unit};
	assert_int_equal(env_read(ENV_A, do_list, &k, &f), RC_DENIED);
	k.q = (struct case_filter){.actor = &E.chi, .queue = QUEUE_unit};
	env_ok(env_read(ENV_B, do_list, &k, &f), &f);
	assert_int_equal(k.n, 0);
}

static void rebuilding_makes_the_same(void **state)
{
	(void)state;
	struct fault f = {0};
	static const char *const DERIVED[] = {
		"SELECT * FROM case_count ORDER BY 1, 2, 3, 4, 5",
		"SELECT * FROM fts_desk ORDER BY rowid",
		"SELECT * FROM fts_public ORDER BY rowid",
	};
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt");
	struct ward_case d = env_open(ENV_A, "road", "Ổ gà"), e = env_open(ENV_A, "noise", "Hát");
	(void)env_open(ENV_A, "rubbish", "Rác");
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	env_move(&E.an, &c, VERB_release, "public_text", "Đèn trước chợ");
	env_close(&E.an, &d);
	(void)e;
	fold_all();
	struct str before[3];
	for (int i = 0; i < 3; i++) {
		before[i] = env_dump(DERIVED[i]);
		assert_true(before[i].n > 0);
	}
	for (int round = 0; round < 2; round++) {
		if (round == 1) {                        /* spoilt first */
			env_tamper("UPDATE case_count SET n = n + 5; DELETE FROM fts_desk;"
			           "INSERT INTO case_count SELECT ward_id, unit_id, 9, 9, 9, 1, 0 FROM case_count"
			           " LIMIT 1; DELETE FROM fts_public WHERE rowid = (SELECT MAX(rowid) FROM"
			           " fts_public)");
		}
		env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
		for (int i = 0; i < 3; i++)
			assert_string_equal(env_dump(DERIVED[i]).p, before[i].p);
	}
	counts_agree();
}

/* A desk at work leaves changes that are not folded yet: they are neither lost nor counted twice. */
static void rebuilding_beside_waiting_changes(void **state)
{
	(void)state;
	struct fault f = {0};
	struct ward_case c = env_open(ENV_A, "lighting", "Đèn đường bị tắt");
	fold_all();
	env_move(&E.an, &c, VERB_take, NULL, NULL);
	(void)env_open(ENV_A, "road", "Ổ gà");
	env_tamper("UPDATE case_count SET n = n + 5");
	env_ok(flow_rebuild(&E.flow, E.ward[ENV_A]->id, &f), &f);
	counts_agree();
	assert_true(env_int("SELECT COUNT(*) FROM case_delta") > 0);
	fold_all();
	counts_agree();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)
		T(queues_and_counts_follow_each_move), T(overdue_moves_by_time_alone),
		T(a_queue_is_ordered_by_what_is_due), T(pages_are_complete), T(filters_hold),
		T(the_public_row_is_minimal), T(search_finds_ones_own_open_cases),
		T(queries_for_people_are_refused), T(a_list_is_somebodys), T(rebuilding_makes_the_same),
		T(rebuilding_beside_waiting_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
