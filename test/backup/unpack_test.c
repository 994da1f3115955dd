/* A hostile archive, sealed to the right key as anybody can: nothing is taken that it did not announce,
 * that lies beside the folder, or that is no plain file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ward/backup_private.h"

#define ABOUT "{\"format\": 1, \"version\": \"0\", \"made_at\": 7, \"database_bytes\": %lld, \"photos\": 1, \"photo_bytes\": 10}"
#define SPARE (INT64_C(64) << 20)
enum { ENTRIES = 8 };

struct packed {
	const char *name, *text, *link;
	int64_t size;                 /* of zeros, when there is no text */
	bool sparse;                  /* a hole of that size, which takes no bytes in the archive */
};

static char dir[64];
static struct box_secret key;

static int setup(void **state)
{
	(void)state;
	char text[BOX_TEXT], path[80];
	struct fault f = {0};
	(void)snprintf(dir, sizeof dir, "/tmp/xom-unpack-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(crypto_start(&f), RC_OK);
	(void)snprintf(path, sizeof path, "%s/key", dir);
	assert_int_equal(box_make(path, text, &f), RC_OK);
	return box_secret_read(path, &key, &f) == RC_OK ? 0 : -1;
}

static int64_t taken;
static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)type;
	(void)at;
	taken += S_ISREG(st->st_mode) ? st->st_size : 0;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(struct archive *tar, const struct packed *e)
{
	static const char zeros[64 << 10];
	struct archive_entry *x = archive_entry_new();
	int64_t size = e->text != NULL ? (int64_t)strlen(e->text) : e->size;
	archive_entry_set_pathname(x, e->name);
	archive_entry_set_filetype(x, AE_IFREG);
	archive_entry_set_perm(x, 0600);
	archive_entry_set_size(x, e->link != NULL ? 0 : size);
	if (e->link != NULL)
		archive_entry_set_hardlink(x, e->link);
	if (e->sparse)
		archive_entry_sparse_add_entry(x, 0, 1);
	assert_true(archive_write_header(tar, x) >= ARCHIVE_WARN);
	archive_entry_free(x);
	if (e->sparse)
		(void)archive_write_data(tar, "x", 1);
	if (e->text != NULL)
		assert_int_equal(archive_write_data(tar, e->text, (size_t)size), size);
	for (int64_t left = e->text != NULL || e->sparse || e->link != NULL ? 0 : size; left > 0; left -= (int64_t)sizeof zeros)
		(void)archive_write_data(tar, zeros, left < (int64_t)sizeof zeros ? (size_t)left : sizeof zeros);
}

/* Seals the entries behind their about.json and unpacks them; taken: how many bytes lay there. */
static enum rc unpack(int64_t database_bytes, const struct packed *entries, struct fault *f)
{
	char about[200], path[80], part[80];
	size_t room = 96 << 20, n = 0;
	char *tar_bytes = malloc(room);
	struct box_out *b;
	struct unpack *u;
	struct arena a;
	struct backup_about out = {0};
	struct archive *tar = archive_write_new();
	assert_non_null(tar_bytes);
	assert_int_equal(archive_write_set_format_pax_restricted(tar), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(tar, tar_bytes, room, &n), ARCHIVE_OK);
	(void)snprintf(about, sizeof about, ABOUT, (long long)database_bytes);
	put(tar, &(struct packed){.name = BACKUP_ABOUT, .text = about});
	for (const struct packed *e = entries; e->name != NULL; e++)
		put(tar, e);
	assert_int_equal(archive_write_close(tar), ARCHIVE_OK);
	(void)archive_write_free(tar);
	(void)snprintf(path, sizeof path, "%s/box", dir);
	(void)snprintf(part, sizeof part, "%s/part", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(box_out_new(&b, fd, &key.public, f), RC_OK);
	assert_int_equal(box_write(b, tar_bytes, n, f), RC_OK);
	assert_int_equal(box_end(b, f), RC_OK);
	box_out_free(b);
	(void)close(fd);
	free(tar_bytes);
	assert_int_equal(mkdir(part, 0700), 0);
	arena_init(&a, (size_t)16 << 20);
	*f = (struct fault){0};
	enum rc rc = unpack_new(&u, path, &key, f);
	if (rc == RC_OK) {
		rc = backup_unpack(u, &a, part, false, &out, f);
		unpack_free(u);
	}
	arena_release(&a);
	taken = 0;
	assert_int_equal(nftw(part, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	return rc;
}

static void what_is_announced_comes_back(void **state)
{
	(void)state;
	struct fault f = {0};
	static const struct packed entries[ENTRIES] = {{.name = "xom.db", .text = "12345"}, {.name = "media/1/ab/x.jpg", .text = "photo"},
		{.name = "settings.yaml", .text = ""}, {.name = "end.json", .text = "{\"files\": 3}"}};
	assert_int_equal(unpack(5, entries, &f), RC_OK);
	assert_int_equal(taken, 10);
}

static void nothing_else_does(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		int64_t database_bytes, most;
		struct packed entries[ENTRIES];
	} rows[] = {
		{"more than it says", 5, 0, {{.name = "xom.db", .size = SPARE + (1 << 20)}}},
		{"more than it says", 5, SPARE, {{.name = "xom.db", .size = SPARE / 2}, {.name = "media/a", .size = SPARE / 2 + (1 << 20)}}},
		{"more than it says", 5, 0, {{.name = "xom.db", .size = INT64_C(1) << 42, .sparse = true}}},
		{"sizes that cannot be", -1, 0, {{.name = "xom.db", .text = "1"}}},
		{"sizes that cannot be", INT64_MAX, 0, {{.name = "xom.db", .text = "1"}}},
		{"plain file", 5, 1, {{.name = "xom.db", .text = "1"}, {.name = "media/h", .link = "xom.db"}}},
		{"plain file", 5, 0, {{.name = "media/../../x", .text = "1"}}},
		{"plain file", 5, 0, {{.name = "/etc/x", .text = "1"}}},
		{"no backup of that kind", 5, 0, {{.name = "keys/pin", .text = "1"}}},
		{"no backup of that kind", 5, 0, {{.name = "media/a/b/c/d/e/f", .text = "1"}}},
		{"says 2 files", 5, 1, {{.name = "xom.db", .text = "1"}, {.name = "end.json", .text = "{\"files\": 2}"}}},
		{"says -1 files", 5, 1, {{.name = "xom.db", .text = "1"}, {.name = "end.json", .text = "["}}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fault f = {0};
		enum rc rc = unpack(rows[i].database_bytes, rows[i].entries, &f);
		if (rc != RC_CORRUPT || strstr(f.text, rows[i].said) == NULL || taken > rows[i].most)
			fail_msg("row %zu: %s, %s; %lld bytes lay there", i, rc_name(rc), f.text, (long long)taken);
	}
	/* The same name twice, though both are announced. */
	struct fault f = {0};
	static const struct packed twice[ENTRIES] = {{.name = "xom.db", .text = "1"}, {.name = "xom.db", .text = "2"}};
	assert_int_equal(unpack(5, twice, &f), RC_EXISTS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_announced_comes_back), cmocka_unit_test(nothing_else_does)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
