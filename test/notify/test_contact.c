/* The address: kept sealed, given to nobody, moved by what the reporter sees, erased with its links. */
#include "flow_env.h"

#include <stdio.h>
#include <unistd.h>

#include "ward/flow/flow_private.h"
#include "ward/notify/notify_private.h"
#include "../harness/database.h"

static const char ADDRESS[] = "zqnhan7041@example.com";

static int setup(void **state)
{
	int r = env_setup(state);
	E.flow.moved = contact_moved;
	return r;
}

struct what {
	struct ward_case c;
	const char *address, *link;
	struct contact contact;
	enum contact_state kept;
	struct case_id found;
	char token[33];
	int64_t id;
};

static enum rc put_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return contact_put(tx, &E.flow, &w->c, str_of(w->address), LANG_en, f);
}
static enum rc get_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return contact_get(tx, E.keys, w->c.id, &w->contact, f);
}
static enum rc state_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return contact_state(tx, w->c.id, &w->kept, f);
}
static enum rc erase_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return contact_erase(tx, &E.flow, w->c.id, STR(CONTACT_BY_REPORTER), f);
}
static enum rc link_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return mail_link_put(tx, E.keys, w->c.id, w->link, f);
}
static enum rc link_sent_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return mail_link_sent(tx, E.keys, w->c.id, w->link, f);
}
static enum rc open_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return mail_link_open(tx, E.keys, str_of(w->link), &w->found, f);
}
static enum rc sweep_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct what *w = ctx;
	return mail_link_sweep(tx, 100, &w->id, f);
}

static void keep(struct what *w)
{
	struct fault f = {0};
	env_ok(env_write(ENV_A, put_tx, w, &f), &f);
}
static enum contact_state kept(struct what *w, int ward)
{
	struct fault f = {0};
	env_ok(env_read(ward, state_tx, w, &f), &f);
	return w->kept;
}
static int64_t waiting(void) { return env_int("SELECT COUNT(*) FROM outbox WHERE kind = 'net.mail'"); }

static void sealed_and_opened(void **state)
{
	struct fault f = {0};
	struct what w = {.c = env_open(ENV_A, "lighting", "Đèn tắt."), .address = ADDRESS};
	(void)state;
	assert_int_equal(kept(&w, ENV_A), CONTACT_none);
	keep(&w);
	assert_int_equal(kept(&w, ENV_A), CONTACT_kept);
	assert_int_equal(kept(&w, ENV_B), CONTACT_none);
	env_ok(env_read(ENV_A, get_tx, &w, &f), &f);
	assert_true(str_is(w.contact.address, ADDRESS));
	assert_int_equal(w.contact.lang, LANG_en);
	assert_int_equal(env_read(ENV_B, get_tx, &w, &f), RC_NONE);
	/* Every address has one size, and another number. */
	int64_t size = env_int("SELECT length(sealed) FROM contact"), id = env_int("SELECT id FROM contact");
	w.address = "a@b.vn";
	keep(&w);
	assert_int_equal(env_int("SELECT length(sealed) FROM contact"), size);
	assert_true(env_int("SELECT id FROM contact") != id);
	assert_int_equal(env_int("SELECT COUNT(*) FROM deletion"), 1);
	keep(&w);                              /* the same again erases nothing */
	assert_int_equal(env_int("SELECT COUNT(*) FROM deletion"), 1);
}

/* The bytes of the files: database and its log. */
static void not_in_clear(void **state)
{
	static const char *const FILES[] = {"xom.db", "xom.db-wal"};
	struct what w = {.c = env_open(ENV_A, "lighting", "zqloi7041"), .address = ADDRESS};
	bool blind = true;
	(void)state;
	if (on_server()) /* the file of SQLite is looked at */
		skip();
	keep(&w);
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		struct str bytes;
		if (file_read(&E.arena, arena_fmt(&E.arena, "%s/%s", E.dir, FILES[i]).p, (size_t)64 << 20, &bytes,
		              NULL) != RC_OK)
			continue;
		assert_true(str_find(bytes, STR("zqnhan7041")) == SIZE_MAX);
		assert_true(str_find(bytes, STR("example.com")) == SIZE_MAX);
		blind = blind && str_find(bytes, STR("zqloi7041")) == SIZE_MAX;
	}
	assert_false(blind);
}

/* Bound to its row: put into another case it does not open. */
static void an_exchanged_row_does_not_open(void **state)
{
	struct fault f = {0};
	struct what w = {.c = env_open(ENV_A, "lighting", "Một."), .address = ADDRESS};
	struct what v = {.c = env_open(ENV_A, "lighting", "Hai."), .address = "b@example.com"};
	(void)state;
	keep(&w);
	keep(&v);
	env_tamper(arena_fmt(&E.arena, "UPDATE contact SET sealed = (SELECT sealed FROM contact WHERE case_id ="
	                               " %lld)", (long long)w.c.id.v).p);
	assert_int_equal(env_read(ENV_A, get_tx, &v, &f), RC_CORRUPT);
	assert_null(strstr(f.text, "example"));
	keep(&v);                              /* and can be replaced */
	env_ok(env_read(ENV_A, get_tx, &v, &f), &f);
}

static void what_the_receipt_shows_is_told_once(void **state)
{
	struct what w = {.c = env_open(ENV_A, "lighting", "Đèn tắt."), .address = ADDRESS};
	struct ward_case other = env_open(ENV_A, "lighting", "Đèn khác.");
	(void)state;
	keep(&w);
	env_move(&E.an, &other, VERB_take, NULL, NULL);
	assert_int_equal(waiting(), 0);        /* who left none is told nothing */
	env_move(&E.an, &w.c, VERB_note, "text", "ghi chú");
	assert_int_equal(waiting(), 0);
	env_move(&E.an, &w.c, VERB_take, NULL, NULL);
	env_move(&E.an, &w.c, VERB_ask, "text", "Cột nào?");
	assert_int_equal(waiting(), 1);
	assert_int_equal(env_int("SELECT moved_seq FROM contact"), w.c.seq);
	assert_int_equal(env_int("SELECT lane FROM outbox WHERE kind = 'net.mail'"), 1);
	int seq = w.c.seq;
	env_move(NULL, &w.c, VERB_answer, "text", "Cột 7.");
	assert_int_equal(env_int("SELECT moved_seq FROM contact"), seq); /* one's own is no news */
	/* Erased: nothing waits for it any more. */
	assert_int_equal(env_write(ENV_A, erase_tx, &w, NULL), RC_OK);
	assert_int_equal(waiting(), 0);
	assert_int_equal(env_write(ENV_A, erase_tx, &w, NULL), RC_NONE);
	assert_int_equal(env_int("SELECT COUNT(*) FROM deletion"), 1);
}

/* Contact_moved, which comes no further than so many times. */
static int goes_on = -1;
static enum rc cut_off(struct tx *tx, const struct flow *w, const struct ward_case *c, enum verb verb,
                       bool by_reporter, const struct lead_entry *of, struct fault *f)
{
	if (of != NULL && goes_on == 0)
		return fault_set(f, RC_IO, "cut off");
	goes_on -= of != NULL && goes_on > 0;
	return contact_moved(tx, w, c, verb, by_reporter, of, f);
}
static enum rc tell(const struct ward_case *lead)
{
	return followers_tell(&E.flow, E.ward[ENV_A]->id,
	                      arena_fmt(&E.arena, "%lld %d", (long long)lead->id.v, lead->seq), NULL);
}

/* The job that tells those who follow: cut off in its second transaction, and run again, and once more. */
static void who_follows_is_told_once_though_the_job_is_cut_off(void **state)
{
	enum { MANY = 54, TOLD = 50 };         /* of a transaction */
	const struct said why = {"reason", "Cùng một cột đèn"};
	struct fault f = {0};
	struct ward_case lead = env_open(ENV_A, "lighting", "Đèn tắt.");
	(void)state;
	E.flow.moved = cut_off;
	for (int i = 0; i < MANY; i++) {
		struct what w = {.c = env_open(ENV_A, "lighting", "Đèn tắt."), .address = ADDRESS};
		keep(&w);
		env_ok(env_try(ENV_A, &E.an, &w.c, (struct move){.verb = VERB_merge, .lead = lead.id}, &why, 1, &f), &f);
	}
	lead = env_get(ENV_A, lead.id);
	env_close(&E.an, &lead);
	int64_t before = env_int("SELECT SUM(moved_seq) FROM contact");
	goes_on = TOLD + 2;
	assert_int_equal(tell(&lead), RC_IO);
	assert_int_equal(env_int("SELECT SUM(moved_seq) FROM contact"), before + TOLD);
	goes_on = -1;
	for (int again = 0; again < 2; again++) {
		assert_int_equal(tell(&lead), RC_OK);
		assert_int_equal(env_int("SELECT SUM(moved_seq) FROM contact"), before + MANY);
	}
	/* What comes later is told, too. */
	env_move(NULL, &lead, VERB_reopen, "reason", "Vẫn tối");
	assert_int_equal(tell(&lead), RC_OK);
	assert_int_equal(env_int("SELECT SUM(moved_seq) FROM contact"), before + 2 * MANY);
	assert_int_equal(waiting(), MANY);
}

static void the_last_day(void **state)
{
	struct what w = {.c = env_open(ENV_A, "lighting", "Đèn tắt."), .address = ADDRESS};
	int32_t day;
	(void)state;
	keep(&w);
	assert_int_equal(env_int("SELECT due_day IS NULL FROM contact"), 1);
	env_move(&E.an, &w.c, VERB_take, NULL, NULL);
	env_close(&E.an, &w.c);
	assert_true(day_parse(STR("2026-04-01"), &day));                 /* 2 March and 30 days */
	assert_int_equal(env_int("SELECT due_day FROM contact"), day);
	env_at("2026-03-05", 9);
	env_move(NULL, &w.c, VERB_reopen, "reason", "Vẫn tắt.");
	assert_int_equal(env_int("SELECT due_day IS NULL FROM contact"), 1);
	env_close(&E.an, &w.c);
	assert_int_equal(env_int("SELECT due_day FROM contact"), day + 3);
}

static enum rc opens(struct what *w, const char *link, int ward)
{
	w->link = link;
	return env_read(ward, open_tx, w, NULL);
}

static void links_live_and_die(void **state)
{
	struct fault f = {0};
	struct what w = {.c = env_open(ENV_A, "lighting", "Đèn tắt."), .address = ADDRESS};
	char first[MAIL_LINK_TEXT + 1], second[MAIL_LINK_TEXT + 1], unsent[MAIL_LINK_TEXT + 1];
	(void)state;
	keep(&w);
	mail_link_draw(first);
	mail_link_draw(second);
	mail_link_draw(unsent);
	assert_string_not_equal(first, second);
	const char *const links[] = {first, second};
	for (int i = 0; i < 2; i++) {
		w.link = links[i];
		env_ok(env_write(ENV_A, link_tx, &w, &f), &f);
		env_ok(env_write(ENV_A, link_sent_tx, &w, &f), &f);
	}
	w.link = unsent;
	env_ok(env_write(ENV_A, link_tx, &w, &f), &f);
	assert_int_equal(opens(&w, first, ENV_A), RC_OK);
	assert_int_equal(w.found.v, w.c.id.v);
	assert_int_equal(opens(&w, first, ENV_B), RC_DENIED);
	assert_int_equal(opens(&w, "AAAAAAAAAAAAAAAAAAAAAA", ENV_A), RC_DENIED);
	env_ok(keys_rotate(E.keys, "mail", &(int){0}, &f), &f);
	assert_int_equal(opens(&w, first, ENV_A), RC_OK);
	/* Thirty days later the newest is good, the one before not; the night takes its row. */
	env_at("2026-04-01", 10);
	assert_int_equal(opens(&w, first, ENV_A), RC_DENIED);
	assert_int_equal(opens(&w, unsent, ENV_A), RC_DENIED);
	assert_int_equal(opens(&w, second, ENV_A), RC_OK);
	env_ok(env_write(ENV_A, sweep_tx, &w, &f), &f);
	assert_int_equal(w.id, 2);
	/* Neither link nor hash stands in the rows as it is. */
	assert_int_equal(env_int("SELECT COUNT(*) FROM mail_link"), 1);
	assert_int_equal(env_write(ENV_A, erase_tx, &w, &f), RC_OK);
	assert_int_equal(opens(&w, second, ENV_A), RC_DENIED);
	assert_int_equal(env_int("SELECT COUNT(*) FROM mail_link"), 0);
}

static void tokens_of_bounces(void **state)
{
	struct fault f = {0};
	char token[33], other[33];
	int64_t id = 0;
	struct ward_id a = E.ward[ENV_A]->id, b = E.ward[ENV_B]->id;
	(void)state;
	env_ok(token_make(E.keys, a, INT64_C(0x0123456789abcdef), token, &f), &f);
	env_ok(token_read(E.keys, a, token, &id, &f), &f);
	assert_true(id == INT64_C(0x0123456789abcdef));
	assert_int_equal(token_read(E.keys, b, token, &id, &f), RC_NONE);
	env_ok(keys_rotate(E.keys, "mail", &(int){0}, &f), &f);
	assert_int_equal(token_read(E.keys, a, token, &id, &f), RC_OK);
	for (int i = 0; i < 32; i++) {
		memcpy(other, token, sizeof other);
		other[i] = other[i] == 'f' ? '0' : 'f';
		if (memcmp(other, token, 32) != 0)
			assert_int_equal(token_read(E.keys, a, other, &id, &f), RC_NONE);
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, env_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sealed_and_opened), T(not_in_clear), T(an_exchanged_row_does_not_open),
		T(what_the_receipt_shows_is_told_once), T(who_follows_is_told_once_though_the_job_is_cut_off), T(the_last_day), T(links_live_and_die),
		T(tokens_of_bounces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
