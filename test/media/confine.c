/* The child's confinement, and what the parent does when the child is not what it should be. */
#include "media_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "xom-media/lock.h"

static struct str jpeg;

/* Runs a program with one byte on its standard input; what it prints comes back. */
static int run(const char *path, char byte, char *out, size_t size)
{
	int in[2], back[2], status = 0;
	pid_t pid;
	posix_spawn_file_actions_t fa;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(back, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&fa), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&fa, in[0], 0), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&fa, back[1], 1), 0);
	int e = posix_spawn(&pid, path, &fa, NULL, (char *[]){(char[]){"escape"}, NULL},
	                    (char *[]){NULL});
	assert_int_equal(e, 0);
	(void)posix_spawn_file_actions_destroy(&fa);
	assert_int_equal(write(in[1], &byte, 1), 1);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(back[1]);
	size_t n = 0;
	ssize_t got;
	while (n + 1 < size && (got = read(back[0], out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	(void)close(back[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static const char *from_env(const char *name)
{
	const char *v = getenv(name);
	assert_non_null(v);
	return v;
}

/* How many tries there were, all refused. */
static int all_refused(const char *program, char mode)
{
	char out[8192];
	int tried = 0;
	int status = run(program, mode, out, sizeof out);
	print_message("profile: %s; %s", LOCK_SANITIZER ? "sanitizer" : "full", out);
	assert_null(strstr(out, "NOT REFUSED"));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(sscanf(out, "all %d refused", &tried), 1);
	return tried;
}

static void nothing_escapes(void **state)
{
	(void)state;
	assert_true(all_refused(from_env("XOM_ESCAPE"), 'l') > 50);
}

/* Each fence by itself, in builds that leave the other one out. */
static void seccomp_holds_alone(void **state)
{
	(void)state;
	assert_int_equal(all_refused(from_env("XOM_ESCAPE_NO_LANDLOCK"), 'l'), all_refused(from_env("XOM_ESCAPE"), 'l'));
}

static void landlock_opens_no_file_and_no_socket(void **state)
{
	(void)state;
	assert_true(all_refused(from_env("XOM_ESCAPE_NO_SECCOMP"), 'f') > 10);
	/* That fence is really out: what seccomp alone refuses gets somewhere. */
	char out[8192];
	(void)run(from_env("XOM_ESCAPE_NO_SECCOMP"), 'l', out, sizeof out);
	assert_non_null(strstr(out, "NOT REFUSED: look at a file\n"));
	assert_null(strstr(out, "NOT REFUSED: open"));
	assert_null(strstr(out, "socket\n"));
}

/* The same tries without the lock get somewhere, so that "refused" means something. Stops at the
 * program that is run in its place. */
static void the_tries_are_real(void **state)
{
	(void)state;
	char out[8192];
	(void)run(from_env("XOM_ESCAPE"), 'c', out, sizeof out);
	assert_non_null(strstr(out, "NOT REFUSED: open a file\n"));
	assert_non_null(strstr(out, "NOT REFUSED: a network socket\n"));
	assert_non_null(strstr(out, "NOT REFUSED: fork\n"));
	assert_non_null(strstr(out, "NOT REFUSED: clone a process\n"));
	assert_null(strstr(out, "refused\n")); /* it became /bin/true before the end */
}

static void foreign_call_tables_kill(void **state)
{
	(void)state;
	char out[256];
	int status = run(from_env("XOM_ESCAPE"), 'x', out, sizeof out);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void refuses_unconfined(const char *program)
{
	struct desk d;
	desk_open(&d, (struct media_config){.program = program});
	assert_int_equal(desk_send(&d, jpeg), RC_UNCONFINED);
	assert_int_equal(d.why, PHOTO_unconfined);
	char waiting[80];
	(void)snprintf(waiting, sizeof waiting, "%s/waiting", d.dir);
	assert_int_equal(rmdir(waiting), 0); /* empty: nothing was kept */
	desk_close(&d);
}

static void refuses_without_landlock(void **state)
{
	(void)state;
	refuses_unconfined(from_env("XOM_NO_LANDLOCK"));
}

static void refuses_without_seccomp(void **state)
{
	(void)state;
	refuses_unconfined(from_env("XOM_NO_SECCOMP"));
}

/* A shell script in place of xom-media. */
static enum rc with_script(const char *text, enum photo_error *why, char *said, size_t size)
{
	char path[] = "/tmp/xom-script-XXXXXX";
	struct desk d;
	int fd = mkostemp(path, O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "#!/bin/sh\n%s\n", text) > 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	(void)close(fd);
	desk_open(&d, (struct media_config){.program = path, .deadline = 5 * US_SECOND});
	enum rc rc = desk_send(&d, jpeg);
	*why = d.why;
	(void)snprintf(said, size, "%s", d.fault.text);
	desk_close(&d);
	(void)unlink(path);
	return rc;
}

static void strange_children(void **state)
{
	(void)state;
	static const struct {
		const char *script, *said;
		enum rc rc;
		enum photo_error why;
	} rows[] = {
		{"exit 66", "not_image", RC_INVALID, PHOTO_not_image},
		{"exit 73", "status 73", RC_INVALID, PHOTO_not_image}, /* 64 + busy: not the child's to say */
		{"exit 1", "status 1", RC_INVALID, PHOTO_not_image},
		{"exit 72", "confined", RC_UNCONFINED, PHOTO_unconfined},
		{"kill -SEGV $$", "signal 11", RC_INVALID, PHOTO_not_image},
		{"kill -XCPU $$", "signal", RC_INVALID, PHOTO_too_large},
		{"exit 0", "no photo", RC_INVALID, PHOTO_not_image},
		{"cat >/dev/null; exit 0", "no photo", RC_INVALID, PHOTO_not_image},
		{"exec cat", "no photo", RC_INVALID, PHOTO_not_image}, /* both pipes full at once */
		{"exec cat /dev/zero", "more than", RC_INVALID, PHOTO_not_image},
		{"printf 'XOM1\\001\\000\\000\\000\\001\\000\\000\\000\\377\\377\\377\\377\\001\\000\\000\\000x'",
			"no photo", RC_INVALID, PHOTO_not_image},
		{"printf 'XOM1\\001\\000\\000\\000\\001\\000\\000\\000\\006\\000\\000\\000\\006\\000\\000\\000"
		 "<html><html>'", "no photo", RC_INVALID, PHOTO_not_image},
		/* No variable of ours, no descriptor but three and the script's own. */
		{"for v in HOME PATH_INFO XOM_MEDIA XOM_SECRET; do eval \"[ -z \\\"\\$$v\\\" ]\" || exit 1; done\n"
		 "[ -e /proc/$$/fd/57 ] && exit 2; exit 66", "not_image", RC_INVALID, PHOTO_not_image},
	};
	assert_int_equal(setenv("XOM_SECRET", "1", 1), 0);
	assert_int_equal(dup2(STDERR_FILENO, 57), 57);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum photo_error why;
		char said[512];
		enum rc rc = with_script(rows[i].script, &why, said, sizeof said);
		if (rc != rows[i].rc || why != rows[i].why || strstr(said, rows[i].said) == NULL)
			fail_msg("%s: %s, %s, %s", rows[i].script, rc_name(rc), photo_error_name(why), said);
	}
	(void)close(57);
}

static enum rc desk_feed(struct desk *d, enum photo_error *why, struct fault *f)
{
	struct arena a;
	struct spool *s;
	struct media_day *days;
	size_t n;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	assert_int_equal(spool_new(&s, d->dir, f), RC_OK);
	assert_int_equal(spool_write(s, STR("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), f), RC_OK);
	enum rc rc = media_calendar(d->media, &a, s, 2027, &days, &n, why, f);
	spool_free(s);
	arena_release(&a);
	return rc;
}

static void a_slow_child_is_killed(void **state)
{
	(void)state;
	char path[] = "/tmp/xom-script-XXXXXX";
	struct desk d;
	int fd = mkostemp(path, O_CLOEXEC);
	assert_true(dprintf(fd, "#!/bin/sh\nexec /bin/sleep 300\n") > 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	(void)close(fd);
	desk_open(&d, (struct media_config){.program = path, .deadline = 5000});
	assert_int_equal(desk_send(&d, jpeg), RC_TIMEOUT);
	assert_int_equal(d.why, PHOTO_busy);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* gone, and waited for */
	assert_int_equal(errno, ECHILD);
	desk_close(&d);
	(void)unlink(path);
}

/* A feed that takes its time, in a thread. */
static void *slow_feed(void *ctx)
{
	struct desk *d = ctx;
	(void)desk_feed(d, &d->why, &d->fault);
	return NULL;
}

/* Feeds take one child at a time, however many may run: photos always have one. */
static void feeds_leave_one_for_photos(void **state)
{
	(void)state;
	char path[] = "/tmp/xom-script-XXXXXX", on[40];
	struct desk d;
	pthread_t thread;
	enum photo_error why;
	struct fault f = {0};
	int fd = mkostemp(path, O_CLOEXEC);
	(void)snprintf(on, sizeof on, "%s.on", path);
	assert_true(dprintf(fd, "#!/bin/sh\n[ \"$1\" = calendar ] || exit 66\n[ ! -e %s ] || exit 66\n: >%s\n"
	                        "exec /bin/sleep 300\n", on, on) > 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	(void)close(fd);
	desk_open(&d, (struct media_config){.program = path, .deadline = 600000, .patience = 5000});
	struct desk other = d;
	assert_int_equal(pthread_create(&thread, NULL, slow_feed, &other), 0);
	while (access(on, F_OK) != 0)
		(void)sched_yield();
	assert_int_equal(desk_feed(&d, &why, &f), RC_TIMEOUT);
	assert_int_equal(why, PHOTO_busy);
	assert_non_null(strstr(f.text, "no decoder"));
	assert_int_equal(desk_send(&d, jpeg), RC_INVALID);
	assert_int_equal(d.why, PHOTO_not_image);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(other.fault.rc, RC_TIMEOUT);
	assert_non_null(strstr(other.fault.text, "longer than it may"));
	/* And the next one has it. */
	assert_int_equal(desk_feed(&d, &why, &f), RC_INVALID);
	assert_int_equal(why, PHOTO_not_image);
	desk_close(&d);
	(void)unlink(on);
	(void)unlink(path);
}

static void a_missing_program(void **state)
{
	(void)state;
	struct desk d;
	desk_open(&d, (struct media_config){.program = "/nonexistent/xom-media"});
	assert_int_equal(desk_send(&d, jpeg), RC_IO);
	assert_int_equal(d.why, PHOTO_unconfined);
	desk_close(&d);
}

static int descriptors(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/fd");
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static void no_descriptor_is_left(void **state)
{
	(void)state;
	int before = descriptors();
	strange_children(NULL);
	a_missing_program(NULL);
	assert_int_equal(descriptors(), before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_escapes),
		cmocka_unit_test(seccomp_holds_alone),
		cmocka_unit_test(landlock_opens_no_file_and_no_socket),
		cmocka_unit_test(the_tries_are_real),
		cmocka_unit_test(foreign_call_tables_kill),
		cmocka_unit_test(refuses_without_landlock),
		cmocka_unit_test(refuses_without_seccomp),
		cmocka_unit_test(strange_children),
		cmocka_unit_test(a_slow_child_is_killed), cmocka_unit_test(feeds_leave_one_for_photos),
		cmocka_unit_test(a_missing_program),
		cmocka_unit_test(no_descriptor_is_left),
	};
	if (crypto_start(NULL) != RC_OK)
		return 1;
	images_start();
	jpeg = image_make(IMAGE_JPEG, 1500, 1500); /* larger than any pipe's buffer */
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_free((void *)jpeg.p);
	images_end();
	return failed;
}
