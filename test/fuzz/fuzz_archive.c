/* Backups from anybody who has the public key, and files that are none. The first byte says which: a
 * file as it is (the box), or a tar, plain or squeezed, sealed here (entries, names, sizes), as the
 * archive of data or of keys. Nothing gets beside the folder, nor more than was announced.
 * Sources: kit/archive/pack.c box.c, ward/backup_unpack.c; -larchive -ljansson -lcrypto -lzstd */
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "kit/base/file.h"
#include "memfile.h"
#include "ward/backup_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { ROOM = 8 << 20 };
static char top[64], dir[80];
static struct box_secret secret;
static int64_t bytes_seen, files_seen;

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The disk of this test. */
int64_t backup_free_bytes(const char *path)
{
	(void)path;
	return (INT64_C(64) << 20) + ROOM;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)type;
	if (S_ISREG(st->st_mode)) {
		bytes_seen += st->st_size;
		files_seen++;
	}
	return at->level > 0 ? remove(path) : 0;
}

static void clean_up(void) { (void)nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS); (void)rmdir(top); }

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	char key[96], text[BOX_TEXT];
	struct fault f = {0};
	(void)snprintf(top, sizeof top, "/dev/shm/xom-fuzz-XXXXXX");
	must(mkdtemp(top) != NULL && crypto_start(&f) == RC_OK);
	(void)snprintf(dir, sizeof dir, "%s/part", top);
	(void)snprintf(key, sizeof key, "%s/key", top);
	must(box_make(key, text, &f) == RC_OK && box_secret_read(key, &secret, &f) == RC_OK);
	(void)atexit(clean_up);
	return 0;
}

static const char *sealed(const uint8_t *data, size_t size)
{
	static char path[96];
	struct fault f = {0};
	struct box_out *b;
	(void)snprintf(path, sizeof path, "%s/box", top);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && box_out_new(&b, fd, &secret.public, &f) == RC_OK);
	must(box_write(b, data, size, &f) == RC_OK && box_end(b, &f) == RC_OK);
	box_out_free(b);
	(void)close(fd);
	return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = {0};
	struct unpack *u;
	struct arena a;
	struct backup_about about = {0};
	if (size == 0)
		return 0;
	bool keys = (data[0] & 2) != 0;
	const char *path = (data[0] & 1) != 0 ? memfile(data + 1, size - 1) : sealed(data + 1, size - 1);
	arena_init(&a, (size_t)16 << 20);
	must(mkdir(dir, 0700) == 0);
	enum rc rc = unpack_new(&u, path, &secret, &f);
	if (rc == RC_OK) {
		rc = backup_unpack(u, &a, dir, keys, &about, &f);
		unpack_free(u);
	}
	must(rc == RC_OK || f.text[0] != '\0');
	bytes_seen = files_seen = 0;
	(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	must(rmdir(dir) == 0);
	must(bytes_seen <= (INT64_C(64) << 20) + ROOM || keys);
	must(bytes_seen <= (INT64_C(128) << 20));
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (files_seen == 3 && rc == RC_CORRUPT)
		abort();
#endif
	arena_release(&a);
	return 0;
}
