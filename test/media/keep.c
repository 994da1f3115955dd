/* Photos as files: waiting, kept, swept; the limits; and a disk that fails. */
#include "media_test.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib.h>

static struct desk desk;
static struct str jpeg;

static int set_up(void **state)
{
	(void)state;
	desk_open(&desk, (struct media_config){0});
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

static void later(int64_t us) { *desk.clock.shift += us; }

static struct str send_one(void)
{
	if (desk_send(&desk, jpeg) != RC_OK)
		fail_msg("%s: %s", photo_error_name(desk.why), desk.fault.text);
	return desk.photo.name;
}

static enum rc read_waiting(struct ward_id ward, const struct hash *journey, struct str name)
{
	struct str bytes;
	return media_wait_read(desk.media, &desk.arena, ward, journey, name, false, &bytes, NULL);
}

static enum rc read_kept(struct ward_id ward, struct str name)
{
	struct str bytes;
	return media_read(desk.media, &desk.arena, ward, name, NULL, false, &bytes, NULL);
}

static enum rc keep(struct str name)
{
	return media_keep(desk.media, desk.ward, &desk.journey, name, &desk.fault);
}

/* Counts the files below the folder, and remembers one of them. */
static size_t files;
static char found[256];

static int count_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)at;
	if (kind == FTW_F) {
		files++;
		(void)snprintf(found, sizeof found, "%s", path);
	}
	return 0;
}

static size_t count_files(void)
{
	files = 0;
	(void)nftw(desk.dir, count_one, 8, FTW_PHYS);
	return files;
}

static void kept_and_read(void **state)
{
	(void)state;
	struct str name = send_one(), waiting, kept, thumb;
	struct photo info;
	assert_int_equal(read_kept(desk.ward, name), RC_NONE);
	assert_int_equal(keep(name), RC_OK);
	assert_int_equal(keep(name), RC_OK); /* twice is fine */
	assert_int_equal(media_wait_read(desk.media, &desk.arena, desk.ward, &desk.journey, name, false,
		&waiting, NULL), RC_OK);
	assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, name, NULL, false, &kept, NULL), RC_OK);
	assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, name, NULL, true, &thumb, NULL), RC_OK);
	assert_true(str_eq(waiting, kept));
	/* Its row knows the hash: another photo in its place is none. */
	struct hash other = hash_of(NULL, "photo", STR("another"));
	for (int t = 0; t < 2; t++) {
		assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, name, &desk.photo.hash, t, &kept, NULL), RC_OK);
		assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, name, &other, t, &thumb, NULL), RC_CORRUPT);
	}
	assert_int_equal(media_check(desk.media, desk.ward, name, &desk.photo.hash, NULL), RC_OK);
	assert_int_equal(media_check(desk.media, desk.ward, name, &other, NULL), RC_CORRUPT);
	assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, name, NULL, false, &kept, NULL), RC_OK);
	assert_true(thumb.n > 0 && thumb.n < kept.n);
	assert_int_equal(media_wait_info(desk.media, &desk.arena, desk.ward, &desk.journey, name, &info,
		NULL), RC_OK);
	assert_true(hash_eq(&info.hash, &desk.photo.hash) && str_eq(info.name, name));
	assert_int_equal(info.size, kept.n);
	assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, name, NULL), RC_OK);
	assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, name, NULL), RC_NONE);
	assert_int_equal(read_kept(desk.ward, name), RC_OK); /* of the two links, its own is left */
	assert_int_equal(media_remove(desk.media, desk.ward, name, NULL), RC_OK);
	assert_int_equal(media_remove(desk.media, desk.ward, name, NULL), RC_NONE);
	assert_int_equal(read_kept(desk.ward, name), RC_NONE);
	assert_int_equal(keep(name), RC_NONE);
	assert_int_equal(count_files(), 0);
}

static void others_see_nothing(void **state)
{
	(void)state;
	struct str name = send_one();
	struct ward_id other = {8};
	struct hash stranger = hash_of(NULL, "x", STR("stranger"));
	assert_int_equal(keep(name), RC_OK);
	assert_int_equal(read_waiting(desk.ward, &desk.journey, name), RC_OK);
	assert_int_equal(read_waiting(other, &desk.journey, name), RC_NONE);
	assert_int_equal(read_waiting(desk.ward, &stranger, name), RC_NONE);
	assert_int_equal(media_keep(desk.media, other, &desk.journey, name, NULL), RC_NONE);
	assert_int_equal(media_keep(desk.media, desk.ward, &stranger, name, NULL), RC_NONE);
	assert_int_equal(media_wait_drop(desk.media, other, &desk.journey, name, NULL), RC_NONE);
	assert_int_equal(read_kept(other, name), RC_NONE);
	assert_int_equal(media_remove(desk.media, other, name, NULL), RC_NONE);
	assert_int_equal(read_kept(desk.ward, name), RC_OK);
	/* The journey's number, which leads to a receipt, stands in no file name. */
	assert_int_equal(count_files(), 2);
	assert_true(str_find(str_of(found), hex_of(&desk.arena, hash_str(&desk.journey))) == SIZE_MAX);
}

static void names_are_names(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "../../../../etc/passwd", "0123456789abcdef0123456789abcde/",
		"0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcde",
		"0123456789abcdef0123456789abcdef0", "..23456789abcdef0123456789abcdef"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct str name = str_of(bad[i]);
		assert_int_equal(read_waiting(desk.ward, &desk.journey, name), RC_NONE);
		assert_int_equal(read_kept(desk.ward, name), RC_NONE);
		assert_int_equal(keep(name), RC_NONE);
		assert_int_equal(media_remove(desk.media, desk.ward, name, NULL), RC_NONE);
		assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, name, NULL), RC_NONE);
	}
}

static void five_and_no_more(void **state)
{
	(void)state;
	struct str name = send_one();
	(void)send_one();
	later(US_HOUR); /* the hour's folder changes, the journey doesn't */
	for (int i = 0; i < 3; i++)
		(void)send_one();
	assert_int_equal(desk_send(&desk, jpeg), RC_INVALID);
	assert_int_equal(desk.why, PHOTO_too_many);
	assert_int_equal(count_files(), 5);
	assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, name, NULL), RC_OK);
	(void)send_one();
}

static void *one_of_many(void *ctx)
{
	struct desk *d = ctx;
	(void)desk_send(d, jpeg);
	return NULL;
}

/* Eight at once from one form: five are taken, whichever they are. */
static void eight_at_once(void **state)
{
	(void)state;
	pthread_t threads[8];
	struct desk copies[8];
	size_t fine = 0;
	for (int i = 0; i < 8; i++) {
		copies[i] = desk;
		arena_init(&copies[i].arena, ARENA_REQUEST_LIMIT);
		assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &copies[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(copies[i].why == PHOTO_fine || copies[i].why == PHOTO_too_many);
		fine += copies[i].why == PHOTO_fine;
		arena_release(&copies[i].arena);
	}
	assert_int_equal(fine, 5);
	assert_int_equal(count_files(), 5);
}

static void flip(const char *path, off_t at)
{
	char c;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	(void)close(fd);
}

static void torn_files_are_known(void **state)
{
	(void)state;
	struct str name = send_one(), bytes;
	assert_int_equal(keep(name), RC_OK);
	assert_int_equal(count_files(), 2);
	struct stat st;
	assert_int_equal(stat(found, &st), 0); /* both links are one file */
	flip(found, 100);
	assert_int_equal(read_kept(desk.ward, name), RC_CORRUPT);
	assert_int_equal(read_waiting(desk.ward, &desk.journey, name), RC_CORRUPT);
	assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, name, NULL, true, &bytes, NULL), RC_OK);
	flip(found, 100);
	assert_int_equal(read_kept(desk.ward, name), RC_OK);
	for (off_t back = 1; back < 88; back += 9) { /* anywhere in the trailer */
		flip(found, st.st_size - back);
		enum rc photo = read_kept(desk.ward, name);
		enum rc thumb = media_read(desk.media, &desk.arena, desk.ward, name, NULL, true, &bytes, NULL);
		assert_true(photo == RC_CORRUPT || thumb == RC_CORRUPT || (back > 72 && back <= 80) /* width, height */);
		flip(found, st.st_size - back);
	}
	assert_int_equal(truncate(found, st.st_size - 1), 0);
	assert_int_equal(read_kept(desk.ward, name), RC_CORRUPT);
	assert_int_equal(truncate(found, 10), 0);
	assert_int_equal(read_kept(desk.ward, name), RC_CORRUPT);
	assert_int_equal(truncate(found, 0), 0);
	assert_int_equal(read_kept(desk.ward, name), RC_CORRUPT);
}

static bool is_known(void *ctx, struct str name) { return str_eq(*(const struct str *)ctx, name); }

static void sweep(struct str known)
{
	if (media_sweep(desk.media, desk.ward, is_known, &known, &desk.fault) != RC_OK)
		fail_msg("%s", desk.fault.text);
}

static void the_sweep(void **state)
{
	(void)state;
	struct str named = send_one(), forgotten = send_one();
	assert_int_equal(keep(named), RC_OK);
	assert_int_equal(keep(forgotten), RC_OK);
	sweep(STR_EMPTY);
	assert_int_equal(count_files(), 4); /* all too young */
	later(23 * US_HOUR);
	struct str late = send_one();
	later(US_HOUR + US_MINUTE);
	/* Over, though nobody swept yet. */
	assert_int_equal(read_waiting(desk.ward, &desk.journey, named), RC_NONE);
	assert_int_equal(keep(named), RC_NONE);
	assert_int_equal(keep(late), RC_OK); /* a moment before the sweep, as a report would */
	sweep(named);
	assert_int_equal(read_kept(desk.ward, named), RC_OK);
	assert_int_equal(read_kept(desk.ward, forgotten), RC_NONE);
	assert_int_equal(read_kept(desk.ward, late), RC_OK);
	assert_int_equal(read_waiting(desk.ward, &desk.journey, late), RC_OK);
	assert_int_equal(count_files(), 3);
	later(50 * US_HOUR);
	sweep(named);
	assert_int_equal(read_kept(desk.ward, named), RC_OK);
	assert_int_equal(count_files(), 1);
}

/* A photo that waited 23 hours and is kept just before its commit is not taken for forgotten. */
static void kept_late_is_young(void **state)
{
	(void)state;
	later(US_HOUR - clock_now(&desk.clock) % US_HOUR); /* begin of an hour */
	struct str name = send_one();
	later(23 * US_HOUR + 50 * US_MINUTE);
	assert_int_equal(keep(name), RC_OK);
	later(20 * US_MINUTE);
	sweep(STR_EMPTY);
	assert_int_equal(read_kept(desk.ward, name), RC_OK);
}

static void foreign_files_stay(void **state)
{
	(void)state;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/waiting/README", desk.dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	later(100 * US_HOUR);
	sweep(STR_EMPTY);
	assert_int_equal(count_files(), 1);
}

static void reopen(struct media_config c)
{
	media_close(desk.media);
	c.dir = desk.dir;
	c.program = media_program();
	c.clock = &desk.clock;
	assert_int_equal(media_open(&desk.media, &c, &desk.fault), RC_OK);
}

static void quota_of_a_ward(void **state)
{
	(void)state;
	struct str name = send_one();
	struct stat st;
	assert_int_equal(keep(name), RC_OK);
	assert_int_equal(count_files(), 2);
	assert_int_equal(stat(found, &st), 0);
	/* Counted again after a restart: both links, and room for one more. */
	reopen((struct media_config){.ward_quota = 3 * st.st_size + 10});
	struct str second = send_one();
	assert_int_equal(desk_send(&desk, jpeg), RC_FULL);
	assert_int_equal(desk.why, PHOTO_full);
	assert_int_equal(count_files(), 3);
	desk.ward.v = 8; /* another ward has room of its own; 70 is not 7 */
	(void)send_one();
	desk.ward.v = 7;
	assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, second, NULL), RC_OK);
	(void)send_one();
	assert_int_equal(desk_send(&desk, jpeg), RC_FULL);
	assert_int_equal(media_remove(desk.media, desk.ward, name, NULL), RC_OK);
	(void)send_one();
}

static void reserve_of_the_disk(void **state)
{
	(void)state;
	reopen((struct media_config){.reserve = INT64_MAX / 4});
	assert_int_equal(desk_send(&desk, jpeg), RC_FULL);
	assert_int_equal(desk.why, PHOTO_full);
	assert_int_equal(count_files(), 0);
}

/* The disk fills while the photo is written (a limit on file size stands for it). */
static void disk_full(void **state)
{
	(void)state;
	struct spool *s;
	struct rlimit before, small;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(spool_new(&s, desk.dir, NULL), RC_OK);
	assert_int_equal(spool_write(s, jpeg, NULL), RC_OK);
	assert_int_equal(spool_rewind(s, NULL), RC_OK);
	small = (struct rlimit){2000, before.rlim_max};
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum rc rc = media_wait(desk.media, &desk.arena, desk.ward, &desk.journey, s, &desk.photo,
	                        &desk.why, &desk.fault);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	spool_free(s);
	assert_int_equal(rc, RC_FULL);
	assert_int_equal(desk.why, PHOTO_full);
	assert_int_equal(count_files(), 0);
	(void)send_one();
}

static void every_error_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(photo_error_name(PHOTO_fine), "fine");
	assert_string_equal(photo_error_name(PHOTO_heic), "heic");
	assert_string_equal(photo_error_name(PHOTO_too_many), "too_many");
	assert_string_equal(photo_error_name((enum photo_error)99), "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		T(kept_and_read), T(others_see_nothing), T(names_are_names), T(five_and_no_more),
		T(eight_at_once), T(torn_files_are_known), T(the_sweep), T(kept_late_is_young),
		T(foreign_files_stay), T(quota_of_a_ward), T(reserve_of_the_disk), T(disk_full),
		cmocka_unit_test(every_error_has_a_name),
	};
	if (crypto_start(NULL) != RC_OK)
		return 1;
	images_start();
	jpeg = image_make(IMAGE_JPEG, 500, 400);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_free((void *)jpeg.p);
	images_end();
	return failed;
}
