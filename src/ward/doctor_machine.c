/* What doctor sees of the machine: clock, disk, folders, whether photos can be opened. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "ward/doctor.h"

enum { WARDS_MAX = 1024, MIB = 1 << 20 };
#define AHEAD_US (5 * US_MINUTE)

/* Ids carry the millisecond in which they were made (base/ids.h). */
static enum rc newest_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql newest = SQL_WARD("SELECT max(id) FROM ward_case WHERE ward_id = ?1", "",
	                                          "I");
	int64_t *at = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &newest, &r, NO_BIND, f);
	if (rc == RC_OK && !row_null(&r, 0) && id_at(row_int(&r, 0)) > *at)
		*at = id_at(row_int(&r, 0));
	rows_end(&r);
	return rc;
}

void check_clock(struct doctor *d)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = ward_all(d->app->places, wards, WARDS_MAX);
	int64_t newest = 0;
	for (size_t i = 0; i < n; i++)
		(void)store_read(d->app->store, wards[i]->id, d->arena, newest_tx, &newest, NULL);
	struct timex t = {0};
	int state = adjtimex(&t);
	if (newest > d->now + AHEAD_US)
		found_number(d, LEVEL_wrong, "behind", "minutes", (newest - d->now) / US_MINUTE);
	else if (state < 0)
		found(d, LEVEL_fine, "fine"); /* not to be asked from inside the service's unit */
	else if ((t.status & STA_UNSYNC) != 0)
		found(d, LEVEL_soon, "alone");
	else
		found(d, LEVEL_fine, "fine");
}

void check_disk(struct doctor *d)
{
	struct statvfs fs;
	if (statvfs(d->app->settings.data, &fs) != 0) {
		found(d, LEVEL_wrong, "unknown");
		return;
	}
	int64_t free_mib = (int64_t)((double)fs.f_bavail * (double)fs.f_frsize / MIB);
	int64_t percent = fs.f_blocks > 0 ? (int64_t)(fs.f_bavail * 100 / fs.f_blocks) : 100;
	bool soon = free_mib < 5 * 1024 && percent < 20;
	/* Not every file system counts its files. */
	bool wrong = free_mib < 1024 || (fs.f_files > 0 && fs.f_favail < 1000);
	found_number(d, wrong ? LEVEL_wrong : soon ? LEVEL_soon : LEVEL_fine, wrong || soon ? "low" : "fine",
	             "mib", free_mib);
	found_more(d, "folder", str_of(d->app->settings.data));
}

static void open_to_others(struct doctor *d, const char *path, const struct stat *st)
{
	found_text(d, LEVEL_wrong, "open", "path", str_of(path));
	found_more(d, "mode", S_ISDIR(st->st_mode) ? STR("0700") : STR("0600"));
}

void check_folders(struct doctor *d)
{
	const char *data = d->app->settings.data;
	const char *keys = arena_fmt(d->arena, "%s/keys", data).p;
	const char *const own[] = {data, keys, arena_fmt(d->arena, "%s/xom.db", data).p};
	size_t before = d->count;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		struct stat st;
		if (stat(own[i], &st) != 0)
			continue;
		if ((st.st_mode & 077) != 0)
			open_to_others(d, own[i], &st);
		if (st.st_uid != geteuid())
			found_text(d, LEVEL_wrong, "owner", "path", str_of(own[i]));
	}
	DIR *dir = opendir(keys);
	const struct dirent *e;
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct stat st;
		if (e->d_name[0] != '.' && fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (st.st_mode & 077) != 0)
			open_to_others(d, arena_fmt(d->arena, "%s/%s", keys, e->d_name).p, &st);
	}
	if (dir != NULL)
		(void)closedir(dir);
	if (d->count == before)
		found(d, LEVEL_fine, "fine");
}

void check_photos(struct doctor *d)
{
	struct fault f = {0};
	enum rc rc = media_probe(d->app->media, &f);
	if (rc == RC_OK)
		found(d, LEVEL_fine, "fine");
	else if (rc == RC_UNCONFINED)
		found(d, LEVEL_wrong, "unconfined");
	else
		found_text(d, LEVEL_wrong, "broken", "program", str_of(d->app->settings.media_program));
}
