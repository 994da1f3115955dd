/* The parsers of bodies, without a socket; every body is also fed byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kit/http/form.h"
#include "kit/http/spool.h"

#define B "--X\r\n"
#define END "--X--\r\n"
#define FIELD(name, value) \
	"Content-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, file, type, bytes) \
	"Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n" \
	"Content-Type: " type "\r\n\r\n" bytes "\r\n"
#define MULTIPART STR("multipart/form-data; boundary=X")
#define URLENCODED STR("application/x-www-form-urlencoded; charset=utf-8")

struct result {
	struct arena arena;
	enum rc rc;
	struct pair *fields;
	struct upload *uploads;
	size_t field_count, upload_count;
};

static struct spool *file(void *ctx, struct fault *f)
{
	struct spool *s = NULL;
	int *left = ctx;
	if (left != NULL && *left == 0) {
		(void)fault_set(f, RC_FULL, "planned");
		return NULL;
	}
	if (left != NULL)
		(*left)--;
	return spool_new(&s, "/tmp", f) == RC_OK ? s : NULL;
}

static struct result parse(struct str type, struct str body, size_t step, int *files)
{
	struct result r = {0};
	struct form_parser *p;
	struct form_sink sink = {file, files};
	arena_init(&r.arena, ARENA_REQUEST_LIMIT);
	r.rc = form_begin(&p, &r.arena, type, &sink, NULL);
	if (r.rc != RC_OK)
		return r;
	for (size_t i = 0; i < body.n; i += step)
		(void)form_feed(p, str_sub(body, i, step), NULL);
	r.rc = form_end(p, &r.fields, &r.field_count, &r.uploads, &r.upload_count, NULL);
	form_free(p);
	return r;
}

static void release(struct result *r)
{
	for (size_t i = 0; i < r->upload_count; i++)
		spool_free(r->uploads[i].spool);
	arena_release(&r->arena);
}

static void parses(struct str type, struct str body, enum rc rc, size_t fields, size_t uploads)
{
	static const size_t STEPS[] = {1, 2, 3, 7, 64, 1 << 20};
	for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
		struct result r = parse(type, body, STEPS[i], NULL);
		if (r.rc != rc || r.field_count != fields || r.upload_count != uploads)
			fail_msg("%.*s (step %zu): %s, %zu fields, %zu files", PSTR(str_sub(body, 0, 200)),
			         STEPS[i], rc_name(r.rc), r.field_count, r.upload_count);
		release(&r);
	}
}

static void test_urlencoded(void **state)
{
	(void)state;
	struct arena a;
	struct pair *p;
	size_t n;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	assert_int_equal(form_urlencoded(&a, STR("a=1&b=%C4%91+x%26&c&=e&&a=2&d=x=y"), &p, &n), RC_OK);
	assert_int_equal(n, 6);
	assert_true(str_is(p[1].value, "đ x&") && str_is(p[2].name, "c") && p[2].value.n == 0);
	assert_true(p[3].name.n == 0 && str_is(p[4].value, "2") && str_is(p[5].value, "x=y"));
	assert_int_equal(form_urlencoded(&a, STR(""), &p, &n), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(form_urlencoded(&a, STR("a=1&b=%2"), &p, &n), RC_BAD_REQUEST);
	assert_int_equal(n, 1); /* what came before is there */
	assert_int_equal(form_urlencoded(&a, STR("%zz=1"), &p, &n), RC_BAD_REQUEST);
	assert_int_equal(form_urlencoded(&a, STR("a=%00%0A"), &p, &n), RC_OK);
	assert_int_equal(p[0].value.n, 2);
	arena_release(&a);
	parses(URLENCODED, STR("a=1&b=%C4%91"), RC_OK, 2, 0);
	parses(URLENCODED, STR("a=1&b=%C4%9"), RC_BAD_REQUEST, 1, 0);
	parses(STR("text/plain"), STR("a=1"), RC_UNSUPPORTED, 0, 0);
	parses(STR_EMPTY, STR("a=1"), RC_UNSUPPORTED, 0, 0);
}

static void test_urlencoded_budgets(void **state)
{
	(void)state;
	struct buf b = {0};
	for (int i = 0; i < 1000; i++)
		buf_addz(&b, "a=1&");
	struct result r = parse(URLENCODED, buf_str(&b), 100, NULL);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.field_count, 1000);
	release(&r);
	buf_addz(&b, "a=1");
	r = parse(URLENCODED, buf_str(&b), 100, NULL);
	assert_int_equal(r.rc, RC_BAD_REQUEST);
	assert_int_equal(r.field_count, 1000);
	release(&r);
	b.n = 0;
	buf_addz(&b, "first=1&long=");
	for (int i = 0; i < 65536; i++)
		buf_addz(&b, "%41");
	r = parse(URLENCODED, buf_str(&b), 1000, NULL);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.fields[1].value.n, 65536);
	release(&r);
	buf_addz(&b, "A");
	r = parse(URLENCODED, buf_str(&b), 1000, NULL);
	assert_int_equal(r.rc, RC_TOO_BIG);
	assert_int_equal(r.field_count, 1);
	release(&r);
	b.n = 0;
	for (int i = 0; i < 256; i++)
		buf_addz(&b, "n");
	buf_addz(&b, "=1");
	parses(URLENCODED, buf_str(&b), RC_BAD_REQUEST, 0, 0);
	b.n = 0;
	for (int i = 0; i < 70; i++) {
		buf_addz(&b, "a=");
		for (int k = 0; k < 60000; k++)
			buf_addc(&b, 'x');
		buf_addc(&b, '&');
	}
	r = parse(URLENCODED, buf_str(&b), 5000, NULL);
	assert_int_equal(r.rc, RC_TOO_BIG);
	assert_false(r.arena.over);
	release(&r);
	buf_release(&b);
}

static void test_multipart(void **state)
{
	(void)state;
	struct str body = STR(B FIELD("a", "1\r\n--Y") B FIELD("b", "") B
	                      FILE_PART("f", "C:\\\\x\\\\\\\"y%22.jpg", "image/jpeg", "\r\n--\r\r\n-\r")
	                      B FILE_PART("g", "", "application/octet-stream", "")
	                      B FILE_PART("h", "empty.jpg", "image/jpeg", "") END "epilogue");
	for (size_t step = 1; step < body.n; step++) {
		struct result r = parse(MULTIPART, body, step, NULL);
		assert_int_equal(r.rc, RC_OK);
		assert_int_equal(r.field_count, 2);
		assert_true(str_is(r.fields[0].value, "1\r\n--Y"));
		assert_true(str_is(r.fields[1].name, "b") && r.fields[1].value.n == 0);
		assert_int_equal(r.upload_count, 2);
		assert_true(str_is(r.uploads[0].file_name, "\"y\".jpg"));
		assert_true(str_is(r.uploads[0].type, "image/jpeg"));
		assert_int_equal(r.uploads[0].size, 9);
		struct str bytes;
		assert_int_equal(spool_rewind(r.uploads[0].spool, NULL), RC_OK);
		assert_int_equal(spool_read(r.uploads[0].spool, &bytes, NULL), RC_OK);
		assert_true(str_is(bytes, "\r\n--\r\r\n-\r"));
		assert_int_equal(spool_read(r.uploads[0].spool, &bytes, NULL), RC_NONE);
		assert_int_equal(r.uploads[1].size, 0);
		assert_int_equal(spool_size(r.uploads[1].spool), 0);
		release(&r);
	}
	parses(STR("Multipart/Form-Data; charset=x; Boundary=\"a b:c\""),
	       STR("--a b:c\r\n" FIELD("a", "1") "--a b:c--"), RC_OK, 1, 0);
}

static void test_multipart_malformed(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		size_t fields;
	} CASES[] = {
		{"", 0},
		{"--", 0},
		{"--X", 0},
		{"--Y\r\n", 0},
		{"preamble\r\n" B FIELD("a", "1") END, 0},
		{B FIELD("a", "1"), 0},
		{B FIELD("a", "1") "--X", 1},
		{B FIELD("a", "1") "--X-", 1},
		{B FIELD("a", "1") "--X \r\n" FIELD("b", "1") END, 1},
		{B FIELD("a", "1") "--XY\r\n" FIELD("b", "1") END, 1},
		{B "\r\nno header\r\n" END, 0},
		{B "Content-Type: text/plain\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data; name=\"a\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data; name=\"a\" x\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data; name=\"a\"\n\nx\r\n" END, 0},
		{B " Content-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data; name=\"a\"\r\n"
		   "Content-Disposition: form-data; name=\"b\"\r\n\r\nx\r\n" END, 0},
		{B "Content-Disposition: form-data; name=\"a\"\r\n"
		   "Content-Transfer-Encoding: base64\r\n\r\nx\r\n" END, 0},
		{B FIELD("a", "1") B "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nhalf",
		 1},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		parses(MULTIPART, str_of(CASES[i].body), RC_BAD_REQUEST, CASES[i].fields, 0);
	parses(MULTIPART, STR(B "Content-Disposition: form-data; name=\"a\0b\"\r\n\r\nx\r\n" END),
	       RC_BAD_REQUEST, 0, 0);
	parses(STR("multipart/form-data"), STR(B END), RC_BAD_REQUEST, 0, 0);
	parses(STR("multipart/form-data; boundary="), STR(B END), RC_BAD_REQUEST, 0, 0);
	parses(STR("multipart/form-data; boundary=\"X "), STR(B END), RC_BAD_REQUEST, 0, 0);
	parses(STR("multipart/form-data; boundary=\"X \""), STR(B END), RC_BAD_REQUEST, 0, 0);
	parses(STR("multipart/form-data; boundary="
	           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
	       STR(B END), RC_BAD_REQUEST, 0, 0);
}

static void test_multipart_budgets(void **state)
{
	(void)state;
	struct buf b = {0};
	for (int i = 0; i < 256; i++)
		buf_addz(&b, B FIELD("a", "1"));
	size_t before = b.n;
	buf_addz(&b, END);
	struct result r = parse(MULTIPART, buf_str(&b), 1000, NULL);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.field_count, 256);
	release(&r);
	b.n = before;
	buf_addz(&b, B FIELD("a", "1") END);
	r = parse(MULTIPART, buf_str(&b), 1000, NULL);
	assert_int_equal(r.rc, RC_BAD_REQUEST);
	assert_int_equal(r.field_count, 256);
	release(&r);
	b.n = 0;
	buf_addz(&b, B FIELD("first", "1") B "Content-Disposition: form-data; name=\"a\"\r\n\r\n");
	for (int i = 0; i < 65537; i++)
		buf_addc(&b, 'x');
	buf_addz(&b, "\r\n" END);
	r = parse(MULTIPART, buf_str(&b), 1000, NULL);
	assert_int_equal(r.rc, RC_TOO_BIG);
	assert_int_equal(r.field_count, 1);
	release(&r);
	b.n = 0;
	buf_addz(&b, B "X: ");
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, 'x');
	r = parse(MULTIPART, buf_str(&b), 10, NULL);
	assert_int_equal(r.rc, RC_BAD_REQUEST);
	release(&r);
	b.n = 0;
	buf_addz(&b, B "Content-Disposition: form-data; name=\"f\"; filename=\"");
	for (int i = 0; i < 256; i++)
		buf_addc(&b, 'x');
	buf_addz(&b, "\"\r\n\r\n\r\n" END);
	parses(MULTIPART, buf_str(&b), RC_BAD_REQUEST, 0, 0);
	buf_release(&b);
}

/* A thousand parameters in each of many headers once took 64 MiB and ended the program. */
static void test_multipart_memory(void **state)
{
	(void)state;
	struct buf b = {0};
	for (int i = 0; i < 256; i++) {
		buf_addz(&b, B "Content-Disposition: form-data; name=a");
		for (int k = 0; k < 900; k++)
			buf_addz(&b, ";b=1");
		buf_addz(&b, "\r\n\r\n1\r\n");
	}
	buf_addz(&b, END);
	struct result r = parse(MULTIPART, buf_str(&b), 4096, NULL);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.field_count, 256);
	assert_true(r.arena.used < ARENA_REQUEST_LIMIT / 2);
	release(&r);
	buf_release(&b);
}

/* Each file holds a descriptor and 64 KiB: those after the sixteenth are read and forgotten. */
static void test_many_files(void **state)
{
	(void)state;
	struct buf b = {0};
	int left = 16;
	for (int i = 0; i < 200; i++)
		buf_addz(&b, B FILE_PART("photos", "a.jpg", "image/jpeg", "x"));
	buf_addz(&b, B FIELD("go", "next") END);
	struct result r = parse(MULTIPART, buf_str(&b), 1000, &left);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.upload_count, 16);
	assert_int_equal(r.field_count, 1);
	release(&r);
	buf_release(&b);
}

static void test_no_room(void **state)
{
	(void)state;
	int files = 1;
	struct result r = parse(MULTIPART, STR(B FIELD("a", "1") B FILE_PART("f", "x", "t", "1")
	                                       B FILE_PART("g", "y", "t", "2") B FIELD("b", "1") END),
	                        5, &files);
	assert_int_equal(r.rc, RC_FULL);
	assert_int_equal(r.field_count, 1);
	assert_int_equal(r.upload_count, 1);
	release(&r);
	struct arena a;
	struct form_parser *p;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct form_sink sink = {file, NULL};
	/* Abandoned in the middle of a file: nothing leaks (ASan looks). */
	assert_int_equal(form_begin(&p, &a, MULTIPART, &sink, NULL), RC_OK);
	assert_int_equal(form_feed(p, STR(B FILE_PART("f", "x", "t", "1") B
	                 "Content-Disposition: form-data; name=\"g\"; filename=\"y\"\r\n\r\nhalf"),
	                 NULL), RC_OK);
	form_free(p);
	form_free(NULL);
	arena_release(&a);
}

static void test_spool(void **state)
{
	(void)state;
	struct spool *s;
	struct fault f = {0};
	struct str bytes;
	static char block[100000];
	assert_int_equal(spool_new(&s, "/no/such/folder", &f), RC_IO);
	assert_int_equal(f.rc, RC_IO);
	for (size_t total = 0; total < 400000; total += 65536 - 1 + total / 3) {
		assert_int_equal(spool_new(&s, "/tmp", NULL), RC_OK);
		for (size_t n = 0, at = 0; at < total; at += n) {
			n = total - at < 70001 ? total - at : 70001;
			for (size_t i = 0; i < n; i++)
				block[i] = (char)((at + i) % 251);
			assert_int_equal(spool_write(s, str_n(block, n), NULL), RC_OK);
		}
		assert_int_equal(spool_size(s), total);
		for (int again = 0; again < 2; again++) {
			size_t at = 0;
			enum rc rc;
			assert_int_equal(spool_rewind(s, NULL), RC_OK);
			while ((rc = spool_read(s, &bytes, NULL)) == RC_OK) {
				assert_true(bytes.n > 0 && bytes.n <= 65536);
				for (size_t i = 0; i < bytes.n; i++)
					assert_true(bytes.p[i] == (char)((at + i) % 251));
				at += bytes.n;
			}
			assert_int_equal(rc, RC_NONE);
			assert_int_equal(at, total);
		}
		spool_free(s);
	}
	spool_free(NULL);
}

static void test_spool_full(void **state)
{
	(void)state;
	struct spool *s;
	static const char block[65536];
	struct rlimit before, small = {100000, 100000};
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(spool_new(&s, "/tmp", NULL), RC_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum rc first = spool_write(s, str_n(block, sizeof block), NULL);
	enum rc second = spool_write(s, str_n(block, sizeof block), NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(first, RC_OK);
	assert_int_equal(second, RC_FULL);
	assert_int_equal(spool_write(s, STR("x"), NULL), RC_FULL);
	assert_int_equal(spool_rewind(s, NULL), RC_FULL);
	spool_free(s);
}

/* What lies on the disk is not the bytes that came, and a changed byte is found. */
static void test_spool_sealed(void **state)
{
	(void)state;
	struct spool *s;
	struct str bytes;
	int fd = -1;
	char found[64], path[64];
	assert_int_equal(spool_new(&s, "/tmp", NULL), RC_OK);
	assert_int_equal(spool_write(s, STR("a secret of one resident"), NULL), RC_OK);
	assert_int_equal(spool_rewind(s, NULL), RC_OK);
	for (int i = 3; i < 64 && fd < 0; i++) {
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", i);
		ssize_t n = readlink(path, found, sizeof found - 1);
		if (n > 0 && strstr((found[n] = '\0', found), "(deleted)") != NULL)
			fd = i;
	}
	assert_true(fd >= 0);
	ssize_t n = pread(fd, found, sizeof found, 0);
	assert_int_equal(n, 24 + 16);
	assert_null(memmem(found, (size_t)n, "secret", 6));
	assert_int_equal(pwrite(fd, "x", 1, 5), 1);
	assert_int_equal(spool_read(s, &bytes, NULL), RC_IO);
	spool_free(s);
}

int main(void)
{
	if (crypto_start(NULL) != RC_OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urlencoded),
		cmocka_unit_test(test_urlencoded_budgets),
		cmocka_unit_test(test_multipart),
		cmocka_unit_test(test_multipart_malformed),
		cmocka_unit_test(test_multipart_budgets),
		cmocka_unit_test(test_multipart_memory),
		cmocka_unit_test(test_many_files),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_spool),
		cmocka_unit_test(test_spool_full),
		cmocka_unit_test(test_spool_sealed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
