/* Boxes and packs: every changed byte, cut and appendix is noticed; only the right key opens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/archive/pack.h"
#include "kit/base/file.h"

enum { MEBI = 1 << 20 };

static char dir[64];
static struct arena arena;

static const char *in_dir(const char *name) { return arena_fmt(&arena, "%s/%s", dir, name).p; }

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/xom-box-XXXXXX");
	assert_non_null(mkdtemp(dir));
	arena_init(&arena, (size_t)64 << 20);
	struct fault f = {0};
	return crypto_start(&f) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	char *argv[] = {"rm", "-rf", dir, NULL};
	pid_t pid = fork();
	if (pid == 0) {
		(void)execvp("rm", argv);
		_exit(127);
	}
	arena_release(&arena);
	return 0;
}

static struct box_public key_pair(const char *name, struct box_secret *secret)
{
	char text[BOX_TEXT];
	struct fault f = {0};
	struct box_public public;
	assert_int_equal(box_make(in_dir(name), text, &f), RC_OK);
	assert_true(box_public_parse(str_of(text), &public));
	assert_int_equal(box_secret_read(in_dir(name), secret, &f), RC_OK);
	assert_memory_equal(secret->public.b, public.b, 32);
	return public;
}

static void put_box(const char *name, const struct box_public *to, size_t n)
{
	struct fault f = {0};
	struct box_out *b;
	char *bytes = arena_array(&arena, n + 1, 1);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(box_out_new(&b, fd, to, &f), RC_OK);
	for (size_t at = 0, take = 1; at < n; at += take, take = take * 3 % 40000 + 1) {
		if (take > n - at)
			take = n - at;
		assert_int_equal(box_write(b, bytes + at, take, &f), RC_OK);
	}
	assert_int_equal(box_end(b, &f), RC_OK);
	box_out_free(b);
	(void)close(fd);
}

/* How reading the file ends, and how many bytes came. */
static enum rc read_box(const char *name, const struct box_secret *key, size_t *n)
{
	struct fault f = {0};
	struct box_in *b;
	struct str bytes;
	int fd = open(in_dir(name), O_RDONLY);
	enum rc rc = box_in_new(&b, fd, key, &f);
	*n = 0;
	if (rc == RC_OK) {
		while ((rc = box_read(b, &bytes, &f)) == RC_OK && bytes.n > 0)
			for (size_t i = 0; i < bytes.n; i++, (*n)++)
				assert_int_equal((unsigned char)bytes.p[i], (unsigned char)(*n * 7 + *n / 251));
		if (rc == RC_OK) /* asked once more it is still the end */
			rc = box_read(b, &bytes, &f);
		box_in_free(b);
	}
	(void)close(fd);
	return rc;
}

static void sizes_come_back(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 300000};
	struct box_secret key;
	size_t n;
	struct box_public to = key_pair("sizes.key", &key);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		put_box("sizes.box", &to, sizes[i]);
		assert_int_equal(read_box("sizes.box", &key, &n), RC_OK);
		assert_int_equal(n, sizes[i]);
	}
}

static void every_changed_byte_is_noticed(void **state)
{
	(void)state;
	struct box_secret key, other;
	size_t n;
	struct box_public to = key_pair("changed.key", &key);
	(void)key_pair("other.key", &other);
	put_box("changed.box", &to, 70000);
	assert_int_equal(read_box("changed.box", &other, &n), RC_DENIED);
	struct stat st;
	assert_int_equal(stat(in_dir("changed.box"), &st), 0);
	int fd = open(in_dir("changed.box"), O_RDWR);
	for (off_t at = 0; at < st.st_size; at += at < 200 ? 1 : 977) {
		unsigned char was, is;
		assert_int_equal(pread(fd, &was, 1, at), 1);
		is = was ^ 0x10;
		assert_int_equal(pwrite(fd, &is, 1, at), 1);
		enum rc rc = read_box("changed.box", &key, &n);
		if (rc != RC_CORRUPT && rc != RC_DENIED)
			fail_msg("byte %lld changed: %s", (long long)at, rc_name(rc));
		assert_int_equal(pwrite(fd, &was, 1, at), 1);
	}
	assert_int_equal(read_box("changed.box", &key, &n), RC_OK);
	assert_int_equal(pwrite(fd, "x", 1, st.st_size), 1);
	assert_int_equal(read_box("changed.box", &key, &n), RC_CORRUPT);
	/* Cut at every place that could look like an end: whole chunks. */
	static const off_t cut[] = {1, 4440, 70000 - 65536 + 17, 20, 65536};
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		assert_int_equal(ftruncate(fd, st.st_size - cut[i]), 0);
		assert_int_equal(read_box("changed.box", &key, &n), RC_CORRUPT);
		put_box("changed.box", &to, 70000);
	}
	(void)close(fd);
}

static void keys_are_checked(void **state)
{
	(void)state;
	struct fault f = {0};
	struct box_secret key;
	struct box_public p;
	char text[BOX_TEXT];
	assert_int_equal(box_make(in_dir("k"), text, &f), RC_OK);
	assert_int_equal(box_make(in_dir("k"), text + 0, &f), RC_EXISTS);
	assert_int_equal(box_secret_read(in_dir("k"), &key, &f), RC_OK);
	for (size_t i = 0; i + 1 < BOX_TEXT; i++) {
		char was = text[i];
		text[i] = was == '7' ? '8' : '7';
		assert_false(box_public_parse(str_of(text), &p));
		text[i] = was;
	}
	assert_false(box_public_parse(STR(""), &p));
	assert_int_equal(chmod(in_dir("k"), 0644), 0);
	assert_int_equal(box_secret_read(in_dir("k"), &key, &f), RC_IO);
	assert_int_equal(box_secret_read(in_dir("none"), &key, &f), RC_NONE);
	assert_int_equal(chmod(in_dir("k"), 0600), 0);
	assert_int_equal(truncate(in_dir("k"), 64), 0);
	assert_int_equal(box_secret_read(in_dir("k"), &key, &f), RC_CORRUPT);
}

static void a_pack_comes_back(void **state)
{
	(void)state;
	struct fault f = {0};
	struct box_secret key;
	struct pack *p;
	struct unpack *u;
	struct str name, bytes;
	int64_t size;
	struct box_public to = key_pair("pack.key", &key);
	int fd = open(in_dir("big"), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, 3 * MEBI), 0);
	(void)close(fd);
	assert_int_equal(pack_new(&p, in_dir("a.box"), &to, &f), RC_OK);
	assert_int_equal(pack_bytes(p, "one.json", STR("{}"), &f), RC_OK);
	assert_int_equal(pack_file(p, "media/1/ab/none.jpg", in_dir("none"), NULL, NULL, &f), RC_NONE);
	assert_int_equal(pack_file(p, "media/1/ab/big.jpg", in_dir("big"), NULL, NULL, &f), RC_OK);
	assert_int_equal(access(in_dir("a.box"), F_OK), -1);
	assert_int_equal(pack_end(p, &f), RC_OK);
	pack_free(p);
	assert_int_equal(access(in_dir("a.box.part"), F_OK), -1);
	assert_int_equal(unpack_new(&u, in_dir("a.box"), &key, &f), RC_OK);
	assert_int_equal(unpack_next(u, &name, &size, &f), RC_OK);
	assert_true(str_is(name, "one.json"));
	assert_int_equal(unpack_bytes(u, &arena, 1, &bytes, &f), RC_TOO_BIG);
	assert_int_equal(unpack_bytes(u, &arena, 2, &bytes, &f), RC_OK);
	assert_true(str_is(bytes, "{}"));
	assert_int_equal(unpack_next(u, &name, &size, &f), RC_OK);
	assert_int_equal(size, 3 * MEBI);
	assert_int_equal(unpack_file(u, in_dir("big"), &f), RC_EXISTS);
	assert_int_equal(unpack_file(u, in_dir("big2"), &f), RC_OK);
	assert_int_equal(unpack_next(u, &name, &size, &f), RC_NONE);
	unpack_free(u);
	struct stat st;
	assert_int_equal(stat(in_dir("big2"), &st), 0);
	assert_int_equal(st.st_size, 3 * MEBI);
	/* What did not end leaves nothing. */
	assert_int_equal(pack_new(&p, in_dir("b.box"), &to, &f), RC_OK);
	assert_int_equal(pack_bytes(p, "one.json", STR("{}"), &f), RC_OK);
	pack_free(p);
	assert_int_equal(access(in_dir("b.box.part"), F_OK), -1);
	/* A name that is taken is not written over. */
	assert_int_equal(pack_new(&p, in_dir("a.box"), &to, &f), RC_OK);
	assert_int_equal(pack_end(p, &f), RC_EXISTS);
	pack_free(p);
}

static la_ssize_t into_box(struct archive *tar, void *ctx, const void *p, size_t n)
{
	(void)tar;
	struct fault f = {0};
	return box_write(ctx, p, n, &f) == RC_OK ? (la_ssize_t)n : -1;
}

/* Whoever has the public key can write a box: what it holds is not to be trusted. */
static enum rc hostile_entry(const char *name, unsigned type, const struct box_public *to,
                             const struct box_secret *key)
{
	struct fault f = {0};
	struct box_out *b;
	(void)unlink(in_dir("h.box"));
	int fd = open(in_dir("h.box"), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(box_out_new(&b, fd, to, &f), RC_OK);
	struct archive *tar = archive_write_new();
	(void)archive_write_set_format_pax(tar);
	assert_int_equal(archive_write_open(tar, b, NULL, into_box, NULL), ARCHIVE_OK);
	struct archive_entry *e = archive_entry_new();
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_size(e, 0);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(e, "/etc/passwd");
	assert_int_equal(archive_write_header(tar, e), ARCHIVE_OK);
	archive_entry_free(e);
	assert_int_equal(archive_write_close(tar), ARCHIVE_OK);
	(void)archive_write_free(tar);
	assert_int_equal(box_end(b, &f), RC_OK);
	box_out_free(b);
	(void)close(fd);
	struct unpack *u;
	struct str out;
	int64_t size;
	assert_int_equal(unpack_new(&u, in_dir("h.box"), key, &f), RC_OK);
	enum rc rc = unpack_next(u, &out, &size, &f);
	unpack_free(u);
	return rc;
}

static void hostile_entries_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"../x", "/etc/passwd", "media/../../x", "a//b", ".hidden",
	                                  "media/.x", "a b", "x/", "a\nb"};
	struct box_secret key;
	struct box_public to = key_pair("hostile.key", &key);
	assert_int_equal(hostile_entry("fine", AE_IFREG, &to, &key), RC_OK);
	assert_int_equal(hostile_entry("link", AE_IFLNK, &to, &key), RC_CORRUPT);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(hostile_entry(bad[i], AE_IFREG, &to, &key), RC_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_come_back),
		cmocka_unit_test(every_changed_byte_is_noticed),
		cmocka_unit_test(keys_are_checked),
		cmocka_unit_test(a_pack_comes_back),
		cmocka_unit_test(hostile_entries_are_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
