/* The signed list: proved, torn, forged, and done again on an older copy. */
#include "flow_env.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ward/forget.h"

static struct deletion_report report;
static struct buf said;

static int setup(void **state)
{
	int r = env_setup(state);
	E.flow.moved = contact_moved;
	return r;
}
static int teardown(void **state)
{
	buf_release(&said);
	return env_teardown(state);
}

static enum rc keep_tx(struct tx *tx, void *ctx, struct fault *f)
{
	return contact_put(tx, &E.flow, ctx, STR("nhan@example.com"), LANG_vi, f);
}
static enum rc erase_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct ward_case *c = ctx;
	return contact_erase(tx, &E.flow, c->id, STR(CONTACT_RULE), f);
}
static enum rc erase_text_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct ward_case *c = ctx;
	enum rc rc = part_erase(tx, &E.flow, c->id, 1, 1, STR("keep.text"), f);
	return rc == RC_OK ? deletion_add(tx, &E.flow, c->id, STR("text 1.1"), STR("keep.text"), f) : rc;
}

static void run(tx_fn *fn, struct ward_case *c)
{
	struct fault f = {0};
	env_ok(env_write(ENV_A, fn, c, &f), &f);
}
static void flush(void)
{
	struct fault f = {0};
	env_ok(deletions_flush(&E.flow, E.ward[ENV_A]->id, &f), &f);
}
static void hear(void *ctx, const char *line)
{
	(void)ctx;
	buf_addz(&said, line);
	buf_addc(&said, '\n');
}
static int64_t faults(void)
{
	struct fault f = {0};
	said.n = 0;
	env_ok(deletions_verify(&E.flow, E.ward[ENV_A]->id, true, hear, NULL, &report, &f), &f);
	return report.faults;
}
static bool heard(const char *words) { return str_find(buf_str(&said), str_of(words)) != SIZE_MAX; }

static const char *list_file(void)
{
	return arena_fmt(&E.arena, "%s/%lld.list", E.flow.deletions, (long long)E.ward[ENV_A]->id.v).p;
}
static struct str file_text(void)
{
	struct str s = STR_EMPTY;
	assert_int_equal(file_read(&E.arena, list_file(), 1 << 20, &s, NULL), RC_OK);
	return s;
}
static void write_text(struct str s)
{
	FILE *out = fopen(list_file(), "we");
	assert_non_null(out);
	assert_int_equal(fwrite(s.p, 1, s.n, out), s.n);
	assert_int_equal(fclose(out), 0);
}

/* Three cases whose address was erased, and the list of it in both places. */
static void three(struct ward_case c[3])
{
	for (int i = 0; i < 3; i++) {
		c[i] = env_open(ENV_A, "lighting", "Đèn tắt.");
		run(keep_tx, &c[i]);
	}
	for (int i = 0; i < 3; i++)
		run(erase_tx, &c[i]);
	flush();
}

static void both_say_the_same(void **state)
{
	struct ward_case c[3];
	struct stat st;
	(void)state;
	assert_int_equal(faults(), 0);         /* an empty list is one */
	three(c);
	assert_int_equal(faults(), 0);
	assert_true(report.rows == 3 && report.lines == 3);
	assert_int_equal(stat(list_file(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	struct str text = file_text();
	assert_true(str_find(text, arena_fmt(&E.arena, "\n2\t%s\tcontact\tkeep.contact\t2026-03-02\t", c[1].code)) !=
	            SIZE_MAX);
	assert_true(str_find(text, STR("nhan")) == SIZE_MAX);
	flush();
	assert_true(str_eq(text, file_text()));
}

static void *flush_later(void *ctx)
{
	(void)ctx;
	(void)nanosleep(&(struct timespec){.tv_nsec = 700 * 1000000L}, NULL);
	struct fault f = {0};
	return deletions_flush(&E.flow, E.ward[ENV_A]->id, &f) == RC_OK ? NULL : &E;
}

/* The night writes a slice's lines to the file some seconds after their commit: no fault, the first of all neither. */
static void lines_on_their_way_are_waited_for(void **state)
{
	struct ward_case c[3];
	(void)state;
	for (int i = 0; i < 3; i++) {
		pthread_t later;
		void *went_wrong;
		c[i] = env_open(ENV_A, "lighting", "Đèn tắt.");
		run(keep_tx, &c[i]);
		run(erase_tx, &c[i]);
		assert_int_equal(pthread_create(&later, NULL, flush_later, NULL), 0);
		assert_int_equal(faults(), 0);
		assert_true(report.rows == i + 1 && report.lines == i + 1);
		assert_int_equal(pthread_join(later, &went_wrong), 0);
		assert_null(went_wrong);
	}
}

static void what_was_changed_is_told(void **state)
{
	struct ward_case c[3];
	(void)state;
	three(c);
	struct str good = file_text();
	env_tamper("UPDATE deletion SET kind = 'photo 1.2' WHERE n = 2");
	assert_true(faults() > 0 && heard("deletion 2 of the database does not follow"));
	env_tamper("UPDATE deletion SET kind = 'contact' WHERE n = 2");
	assert_int_equal(faults(), 0);
	env_tamper("UPDATE deletion SET signature = zeroblob(64) WHERE n = 3");
	assert_true(faults() > 0 && heard("not signed"));
	env_tamper("DELETE FROM deletion WHERE n = 3");
	assert_true(faults() > 0 && heard("lacks the deletions from number 3 on: it is an older copy"));
	/* The file: a line before the first or after the last that is none of its numbers, cut, rubbish. */
	struct str none = str_sub(good, 1, str_find(good, STR("\n")));
	write_text(arena_fmt(&E.arena, "0%.*s%.*s", PSTR(none), PSTR(good)));
	assert_true(faults() > 0 && heard("is not the same in the file"));
	write_text(arena_fmt(&E.arena, "%.*s0%.*s", PSTR(str_sub(good, 0, str_find(good, STR("\n3\t")) + 1)), PSTR(none)));
	assert_true(faults() > 0 && heard("deletion 0 of the file does not follow"));
	size_t two = str_find(good, STR("\n3\t")) + 1;
	write_text(str_sub(good, 0, two));
	assert_int_equal(faults(), 0);         /* like the database: two lines */
	write_text(str_sub(good, 0, str_find(good, STR("\n2\t")) + 1));
	assert_true(faults() > 0 && heard("the file lacks the deletions from number 2 on"));
	write_text(STR("rác\n"));
	assert_true(faults() > 0 && heard("not a line of a deletion list"));
	struct fault f = {0};
	assert_int_equal(deletions_flush(&E.flow, E.ward[ENV_A]->id, &f), RC_CORRUPT);
	assert_true(str_eq(file_text(), STR("rác\n")));
}

/* A power cut in the middle of a line: what is torn is cut away and written again. */
static void a_torn_line_is_mended(void **state)
{
	struct ward_case c[3];
	(void)state;
	three(c);
	struct str good = file_text();
	for (size_t cut = 1; cut < good.n; cut += 37) {
		write_text(str_sub(good, 0, cut));
		flush();
		assert_true(str_eq(good, file_text()));
	}
}

/* The copy of before the second and third erasing comes back, with the newest list beside it. */
static void an_older_copy_forgets_again(void **state)
{
	struct fault f = {0};
	struct ward_case c[2], text;
	int64_t applied;
	(void)state;
	for (int i = 0; i < 2; i++) {
		c[i] = env_open(ENV_A, "lighting", "Đèn tắt.");
		run(keep_tx, &c[i]);
	}
	text = env_open(ENV_A, "lighting", "zqloi7041");
	run(erase_tx, &c[0]);
	/* Older rows are kept beside: what the erasing took is put back as a backup would. */
	env_tamper("CREATE TABLE old_contact AS SELECT * FROM contact; CREATE TABLE old_body AS SELECT * FROM part_body;"
	           "CREATE TABLE old_part AS SELECT * FROM part; UPDATE contact SET failing = 0");
	run(erase_tx, &c[1]);
	run(erase_text_tx, &text);
	flush();
	env_tamper("DELETE FROM deletion WHERE n > 1; INSERT INTO contact SELECT * FROM old_contact;"
	           "DELETE FROM part_body; INSERT INTO part_body SELECT * FROM old_body;"
	           "UPDATE part SET erased_rule = NULL, erased_day = NULL; DROP TABLE old_contact;"
	           "DROP TABLE old_body; DROP TABLE old_part");
	assert_int_equal(env_int("SELECT COUNT(*) FROM contact"), 1);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part_body WHERE body = 'zqloi7041'"), 1);
	assert_int_equal(deletions_flush(&E.flow, E.ward[ENV_A]->id, &f), RC_CHANGED);
	env_ok(deletions_apply(&E.flow, E.ward[ENV_A]->id, &applied, &f), &f);
	assert_int_equal(applied, 2);
	assert_int_equal(env_int("SELECT COUNT(*) FROM contact"), 0);
	assert_int_equal(env_int("SELECT COUNT(*) FROM part_body WHERE body = 'zqloi7041'"), 0);
	assert_int_equal(faults(), 0);
	assert_int_equal(report.rows, 3);
	env_ok(deletions_apply(&E.flow, E.ward[ENV_A]->id, &applied, &f), &f);
	assert_int_equal(applied, 0);
}

static void a_forged_list_erases_nothing(void **state)
{
	struct fault f = {0};
	struct ward_case c[3], d = {0};
	int64_t applied;
	(void)state;
	three(c);
	struct str good = file_text();
	d = env_open(ENV_A, "lighting", "Đèn tắt.");
	run(keep_tx, &d);
	env_tamper("DELETE FROM deletion WHERE n = 3");
	/* The third line names another case: neither its hash nor its signature fits. */
	struct buf b = {0};
	size_t at = str_find(good, str_of(c[2].code));
	buf_add(&b, str_sub(good, 0, at));
	buf_addz(&b, d.code);
	buf_add(&b, str_sub(good, at + strlen(c[2].code), good.n));
	write_text(buf_str(&b));
	buf_release(&b);
	assert_int_equal(deletions_apply(&E.flow, E.ward[ENV_A]->id, &applied, &f), RC_CORRUPT);
	assert_int_equal(applied, 0);
	assert_int_equal(env_int("SELECT COUNT(*) FROM contact"), 1);
	/* Another ward's list, however well signed, is not this one's. */
	write_text(good);
	E.flow.deletions = arena_fmt(&E.arena, "%s/elsewhere", E.dir).p;
	env_ok(folder_make(E.flow.deletions, &f), &f);
	char to[600];
	(void)snprintf(to, sizeof to, "%s/%lld.list", E.flow.deletions, (long long)E.ward[ENV_B]->id.v);
	FILE *out = fopen(to, "we");
	assert_non_null(out);
	assert_int_equal(fwrite(good.p, 1, good.n, out), good.n);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(deletions_apply(&E.flow, E.ward[ENV_B]->id, &applied, &f), RC_CORRUPT);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_say_the_same), T(what_was_changed_is_told), T(a_torn_line_is_mended),
		T(lines_on_their_way_are_waited_for),
		T(an_older_copy_forgets_again), T(a_forged_list_erases_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
