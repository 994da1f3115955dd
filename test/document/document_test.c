/* The drawer of sheets: what a reader of PDFs (poppler's) finds on them. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/base/file.h"
#include "ward/document/document.h"

extern char **environ;
static struct arena A;
static const struct document_style BODY = {.size = 14, .align = ALIGN_justify, .first = 28, .after = 4};

static struct document *begin(const struct document_page *page)
{
	struct document *d = NULL;
	struct fault f = {0};
	assert_int_equal(document_begin(&d, &A, page, &f), RC_OK);
	return d;
}

/* Ends it and gives what a program of poppler's says of it. */
static struct str read_by(struct document *d, const char *program)
{
	char in[] = "/tmp/xom-sheet-XXXXXX", out[] = "/tmp/xom-words-XXXXXX";
	struct buf pdf = {0};
	struct fault f = {0};
	assert_int_equal(document_end(d, &pdf, &f), RC_OK);
	int fd = mkstemp(in), to = mkstemp(out), status = -1;
	assert_true(fd >= 0 && to >= 0);
	assert_int_equal(write(fd, pdf.p, pdf.n), pdf.n);
	buf_release(&pdf);
	(void)close(fd);
	char *const fonts[] = {(char *)program, in, NULL}, *const text[] = {(char *)program, (char *)"-layout", in, out, NULL};
	char *const *argv = program[3] == 't' ? text : fonts;
	posix_spawn_file_actions_t act;
	assert_int_equal(posix_spawn_file_actions_init(&act), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&act, to, STDOUT_FILENO), 0);
	pid_t pid;
	assert_int_equal(posix_spawnp(&pid, program, &act, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)posix_spawn_file_actions_destroy(&act);
	struct str words;
	assert_int_equal(file_read(&A, out, 1 << 20, &words, &f), RC_OK);
	(void)close(to);
	(void)unlink(in);
	(void)unlink(out);
	return words;
}
static struct str words_of(struct document *d) { return read_by(d, "pdftotext"); }

static bool has(struct str s, const char *z) { return str_find(s, str_of(z)) != SIZE_MAX; }
static size_t times(struct str s, const char *z)
{
	size_t n = 0, at;
	while ((at = str_find(s, str_of(z))) != SIZE_MAX) {
		n++;
		s = str_sub(s, at + 1, s.n);
	}
	return n;
}

static void national(void **state)
{
	(void)state;
	struct document *d = begin(&(struct document_page){.title = STR("Thư xin lỗi"), .serif = true,
	                                                   .margin = DOCUMENT_OFFICIAL, .numbers = true});
	document_national(d, &(struct national_heading){.above = STR("ỦY BAN NHÂN DÂN THÀNH PHỐ"),
	                                                .issuer = STR("ỦY BAN NHÂN DÂN PHƯỜNG SÔNG MÂY"),
	                                                .number = STR("Số: …/UBND"),
	                                                .place_day = STR("Sông Mây, ngày 05 tháng 8 năm 2026")});
	document_text(d, STR("Kính gửi: Người đã báo ở hẻm Bến Lở <b>không</b> &amp;"), &BODY);
	struct str s = words_of(d);
	for (const char *const *z = (const char *const[]){"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
	     "ỦY BAN NHÂN DÂN THÀNH", "ỦY BAN NHÂN DÂN PHƯỜNG", "Số: …/UBND", "Sông Mây, ngày 05 tháng 8 năm 2026",
	     "Bến Lở <b>không</b> &amp;", NULL}; *z != NULL; z++)
		if (!has(s, *z))
			fail_msg("%s is not in: %.*s", *z, PSTR(s));
	/* A person's own letter: the heading alone, over the whole width. */
	d = begin(&(struct document_page){.serif = true, .margin = DOCUMENT_OFFICIAL});
	document_national(d, &(struct national_heading){.place_day = STR("Sông Mây, ngày … tháng … năm …")});
	s = words_of(d);
	assert_true(has(s, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") && has(s, "Sông Mây, ngày … tháng … năm …"));
}

static void fonts(void **state)
{
	(void)state;
	struct document *d = begin(&(struct document_page){.serif = true, .margin = DOCUMENT_OFFICIAL});
	document_text(d, STR("ằẳẵặầẩẫậềểễệồổỗộờởỡợừửữự"), &(struct document_style){.italic = true});
	document_text(d, STR("ằẳẵặầẩẫậềểễệồổỗộờởỡợừửữự"), &(struct document_style){.bold = true});
	struct str s = read_by(d, "pdffonts");
	if (!has(s, "LiberationSerif-Bold") || !has(s, "LiberationSerif-Italic") || times(s, "\n") != 4)
		fail_msg("other fonts than Liberation's: %.*s", PSTR(s));
}

/* Many paragraphs: all of them, in order, over pages that are numbered from the second on. */
static void pages(void **state)
{
	(void)state;
	struct document *d = begin(&(struct document_page){.serif = true, .margin = DOCUMENT_OFFICIAL, .numbers = true,
	                                                   .foot = STR("Chân trang")});
	for (int i = 0; i < 150; i++)
		document_text(d, arena_fmt(&A, "Đoạn %d: một việc nhỏ trong phường, kể bằng lời thường để dài quá một dòng.", i), &BODY);
	struct str s = words_of(d), rest = s, page;
	assert_true(times(s, "\f") >= 5);
	assert_int_equal(times(s, "Chân trang"), times(s, "\f"));
	for (int i = 0, at = 0; i < 150; i++) {
		size_t found = str_find(str_sub(s, (size_t)at, s.n), arena_fmt(&A, "Đoạn %d:", i));
		assert_true(found != SIZE_MAX);
		at += (int)found;
	}
	page = str_cut(&rest, '\f');
	assert_true(str_starts(str_trim(page), STR("Đoạn 0")));
	for (int i = 2; rest.n > 0; i++) {
		page = str_trim(str_cut(&rest, '\f'));
		if (page.n > 0 && !str_starts(page, arena_fmt(&A, "%d\n", i)))
			fail_msg("page %d begins with: %.*s", i, (int)(page.n < 80 ? page.n : 80), page.p);
	}
	/* One paragraph over pages. */
	struct buf b = {0};
	for (int i = 0; i < 3000; i++)
		buf_addf(&b, "từ%d ", i);
	d = begin(&(struct document_page){.margin = DOCUMENT_OFFICIAL});
	document_text(d, arena_take(&A, &b), &BODY);
	s = words_of(d);
	assert_true(has(s, "từ0 ") && has(s, "từ2999") && has(s, "từ1500") && times(s, "\f") > 1);
}

static void blanks(void **state)
{
	(void)state;
	struct document *d = begin(&(struct document_page){.margin = DOCUMENT_OFFICIAL});
	document_blank(d, STR("Họ và tên:"), 0, &BODY);
	document_blanks(d, (const struct str[]){STR("Ngày sinh:"), STR("Số điện thoại:")}, 2, &BODY);
	document_blank(d, STR("Nơi ở:"), 60, &BODY);
	struct str s = words_of(d);
	assert_true(has(s, "Họ và tên:") && has(s, "Ngày sinh:") && has(s, "Số điện thoại:"));
	assert_int_equal(times(s, "\f"), 3);
}

static void tables(void **state)
{
	(void)state;
	static const double WIDTH[] = {40, 300, 100};
	static const struct str HEADS[] = {{"STT", 3}, {"Việc", 6}, {"Ghi tay", 7}};
	struct buf huge = {0};
	for (int i = 0; i < 20000; i++)
		buf_addf(&huge, "dài%d ", i);
	struct document *d = begin(&(struct document_page){.margin = DOCUMENT_NARROW});
	document_table_begin(d, &(struct document_table){WIDTH, HEADS, 3, 9, 48});
	for (int i = 0; i < 40; i++)
		document_row(d, (const struct document_cell[3]){{.words = arena_fmt(&A, "%d", i)}, {.bold = STR("SM-26"), .words = arena_fmt(&A, "việc-%d;", i)}});
	document_row(d, (const struct document_cell[3]){{.words = STR("40")}, {.words = arena_take(&A, &huge)}});
	document_row(d, (const struct document_cell[3]){{.words = STR("41")}, {.words = STR("sau cùng")}});
	document_table_end(d);
	struct str s = words_of(d);
	assert_int_equal(times(s, "STT"), times(s, "\f"));
	for (int i = 0; i < 40; i++)
		assert_int_equal(times(s, arena_fmt(&A, "việc-%d;", i).p), 1);
	/* Cut off in the fourth page's end, so that what follows has the fifth. */
	assert_int_equal(times(s, "\f"), 5);
	assert_true(has(s, "dài0 ") && has(s, "sau cùng"));
}

/* Nothing, what no font has, one word that is wider than the sheet. */
static void odd(void **state)
{
	(void)state;
	struct document *d = begin(&(struct document_page){0});
	document_text(d, STR_EMPTY, &BODY);
	(void)words_of(d);
	struct buf b = {0};
	for (int i = 0; i < 5000; i++)
		buf_addz(&b, "ữ");
	d = begin(&(struct document_page){.margin = DOCUMENT_OFFICIAL});
	document_text(d, arena_take(&A, &b), &BODY);
	document_text(d, STR("\xf0\x9f\x94\xa5 abc \xe2\x80\xae \xd7\x90\xd7\x91 a\xcc\x81\xcc\x81\xcc\x81"), &BODY);
	document_blanks(d, (const struct str[9]){STR("a"), STR("b"), STR("c"), STR("d"), STR("e"), STR("f"), STR("g"), STR("h"), STR("i")}, 9, &BODY);
	struct str s = words_of(d);
	if (!has(s, "abc") || !has(s, "ữữữ"))
		fail_msg("%.*s", PSTR(s));
}

static void *one_of_many(void *arg)
{
	struct arena a;
	struct document *d;
	struct fault f = {0};
	size_t *n = arg;
	arena_init(&a, 1 << 20);
	for (int i = 0; i < 5; i++) {
		struct buf out = {0};
		if (document_begin(&d, &a, &(struct document_page){.serif = true, .margin = DOCUMENT_OFFICIAL}, &f) != RC_OK)
			return NULL;
		document_national(d, &(struct national_heading){.place_day = STR("Sông Mây")});
		if (document_end(d, &out, &f) == RC_OK)
			*n += out.n > 1000;
		buf_release(&out);
	}
	arena_release(&a);
	return NULL;
}

static void threads(void **state)
{
	(void)state;
	pthread_t t[4];
	size_t n[4] = {0};
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, one_of_many, &n[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(n[i], 5);
	}
}

int main(void)
{
	arena_init(&A, (size_t)64 << 20);
	const struct CMUnitTest tests[] = {cmocka_unit_test(national), cmocka_unit_test(fonts), cmocka_unit_test(pages),
	                                   cmocka_unit_test(blanks), cmocka_unit_test(tables), cmocka_unit_test(odd),
	                                   cmocka_unit_test(threads)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
