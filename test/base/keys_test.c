#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/base/keys.h"

static struct arena arena;
static struct clock clk;
static char dir[64], keys_dir[96];

static int start(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	clock_init(&clk);
	(void)snprintf(dir, sizeof dir, "/tmp/xom-keys-XXXXXX");
	return crypto_start(NULL) == RC_OK && mkdtemp(dir) != NULL ? 0 : -1;
}

static int fresh(void **state)
{
	static int n;
	(void)state;
	(void)snprintf(keys_dir, sizeof keys_dir, "%s/%d", dir, n++);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	char *const argv[] = {"rm", "-r", dir, NULL};
	pid_t pid = fork();
	if (pid == 0)
		(void)execvp("rm", argv);
	return 0;
}

static void put(const char *name, const char *text, mode_t mode)
{
	char path[200];
	(void)snprintf(path, sizeof path, "%s/%s", keys_dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)fchmod(fd, mode);
	(void)close(fd);
}

static void made_and_found(void **state)
{
	(void)state;
	struct keys *k;
	struct key a, b, c;
	int n;
	struct stat st;
	char path[200];
	assert_int_equal(keys_open(&k, keys_dir, &clk, NULL), RC_OK);
	assert_int_equal(keys_find(k, "pin", 1, &a, NULL), RC_NONE);
	assert_int_equal(keys_current(k, "pin", &n, &a, NULL), RC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(keys_current(k, "pin", &n, &b, NULL), RC_OK);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(keys_current(k, "head.123", &n, &c, NULL), RC_OK);
	assert_memory_not_equal(&a, &c, sizeof a);
	assert_int_equal(stat(keys_dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)snprintf(path, sizeof path, "%s/pin.1.key", keys_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	keys_free(k);
	assert_int_equal(keys_open(&k, keys_dir, &clk, NULL), RC_OK);
	assert_int_equal(keys_find(k, "pin", 1, &b, NULL), RC_OK);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(keys_find(k, "pin", 0, &b, NULL), RC_NONE);
	assert_int_equal(keys_find(k, "head", 123, &b, NULL), RC_NONE);
	keys_free(k);
}

/* All that the installation needs, to be copied; what is there stays. */
static void made(void **state)
{
	(void)state;
	struct keys *k;
	struct key before, after;
	struct key_info *list;
	size_t count;
	assert_int_equal(keys_open(&k, keys_dir, &clk, NULL), RC_OK);
	assert_int_equal(keys_current(k, "form", NULL, &before, NULL), RC_OK);
	assert_int_equal(keys_make(k, NULL), RC_OK);
	assert_int_equal(keys_make(k, NULL), RC_OK);
	assert_int_equal(keys_list(k, &arena, &list, &count, NULL), RC_OK);
	assert_int_equal(count, 8);
	assert_int_equal(keys_current(k, "form", NULL, &after, NULL), RC_OK);
	assert_memory_equal(&before, &after, sizeof before);
	keys_free(k);
}

static void rotated(void **state)
{
	(void)state;
	struct keys *k, *other;
	struct key a, b, c;
	int n;
	assert_int_equal(keys_open(&k, keys_dir, &clk, NULL), RC_OK);
	assert_int_equal(keys_open(&other, keys_dir, &clk, NULL), RC_OK);
	assert_int_equal(keys_current(k, "form", &n, &a, NULL), RC_OK);
	assert_int_equal(keys_retired_at(k, "form", 1), 0);
	atomic_fetch_add(clk.shift, US_DAY);
	int64_t before = clock_now(&clk);
	assert_int_equal(keys_rotate(k, "form", &n, NULL), RC_OK);
	assert_int_equal(n, 2);
	assert_true(keys_retired_at(k, "form", 1) >= before);
	assert_int_equal(keys_retired_at(k, "form", 2), 0);
	/* another process sees it, and keeps the old one */
	assert_int_equal(keys_current(other, "form", &n, &b, NULL), RC_OK);
	assert_int_equal(n, 2);
	assert_memory_not_equal(&a, &b, sizeof a);
	assert_int_equal(keys_find(other, "form", 1, &c, NULL), RC_OK);
	assert_memory_equal(&a, &c, sizeof a);
	for (int i = 3; i <= 11; i++)
		assert_int_equal(keys_rotate(k, "form", &n, NULL), RC_OK);
	assert_int_equal(keys_current(k, "form", &n, &b, NULL), RC_OK);
	assert_int_equal(n, 11); /* by number, not by letters */
	assert_int_equal(keys_rotate(k, "../x", &n, NULL), RC_INVALID);
	assert_int_equal(keys_rotate(k, "", &n, NULL), RC_INVALID);
	assert_int_equal(keys_rotate(k, ".x", &n, NULL), RC_INVALID);
	struct key_info *list;
	size_t count;
	assert_int_equal(keys_list(k, &arena, &list, &count, NULL), RC_OK);
	assert_int_equal(count, 11);
	assert_string_equal(list[10].name, "form");
	assert_int_equal(list[10].number, 11);
	assert_true(list[1].made_at > list[0].made_at);
	keys_free(k);
	keys_free(other);
}

static void refused(void **state)
{
	(void)state;
	struct keys *k = NULL;
	struct fault f;
	assert_int_equal(mkdir(keys_dir, 0755), 0);
	assert_int_equal(chmod(keys_dir, 0755), 0);
	assert_int_equal(keys_open(&k, keys_dir, &clk, &f), RC_IO);
	assert_non_null(strstr(f.text, "chmod 700"));
	assert_int_equal(chmod(keys_dir, 0700), 0);
	static const char good[] =
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n5\n";
	put("pin.1.key", good, 0644);
	assert_int_equal(keys_open(&k, keys_dir, &clk, &f), RC_IO);
	assert_non_null(strstr(f.text, "chmod 600"));
	put("pin.1.key", good, 0600);
	put("notes.txt", "x", 0644);      /* not ours */
	put("pin.0.key", "x", 0600);
	put("pin.01.key", "x", 0600);
	assert_int_equal(keys_open(&k, keys_dir, &clk, &f), RC_OK);
	keys_free(k);
	static const char *const broken[] = {
		"", "00", "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n5\n",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nx\n",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff5\n",
	};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		put("pin.1.key", broken[i], 0600);
		assert_int_equal(keys_open(&k, keys_dir, &clk, &f), RC_CORRUPT);
		assert_string_equal(f.file, "pin.1.key");
	}
	assert_int_equal(keys_open(&k, "/proc/nowhere/keys", &clk, &f), RC_IO);
	keys_free(NULL);
}

static void folders(void **state)
{
	char path[128], file[128];
	struct stat st;
	struct fault f = {0};
	(void)state;
	(void)snprintf(path, sizeof path, "%s-made", keys_dir);
	(void)snprintf(file, sizeof file, "%s/x/y", keys_dir);
	(void)rmdir(path);
	assert_int_equal(folder_make(path, &f), RC_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(folder_make(path, &f), RC_OK);   /* left as it is */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(folder_make(file, &f), RC_IO);
	assert_int_equal(f.rc, RC_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(made_and_found, fresh),
		cmocka_unit_test_setup(made, fresh),
		cmocka_unit_test_setup(rotated, fresh),
		cmocka_unit_test_setup(refused, fresh),
		cmocka_unit_test_setup(folders, fresh),
	};
	return cmocka_run_group_tests(tests, start, end);
}
