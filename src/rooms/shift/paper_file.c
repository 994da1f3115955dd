/* The paper list as files in the folder of the setting paper_list_dir, for a job that prints them. What
 * can't be written there is tried again with the next run, told by xom doctor, and stops nothing else. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/log.h"
#include "kit/base/text.h"
#include "rooms/shift/shift.h"

enum { UNITS_MAX = 256, PDF_MAX = 64 << 20, LATE_MINUTES = 15 };
#define ENDING ".pdf"

struct filing {
	const struct flow *w;
	int32_t day;
	struct unit_id units[UNITS_MAX], unit;
	size_t count;
	struct paper paper;
};

/* The lists of the day that no file was written of. */
static enum rc unfiled_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT unit_id FROM paper_list WHERE ward_id = ?1 AND day = ?2 AND filed_at IS NULL ORDER BY unit_id",
		"i", "i");
	struct filing *k = ctx;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(k->day)), f);
	while (rc == RC_OK && k->count < UNITS_MAX && (rc = rows_next(&r, f)) == RC_OK)
		k->units[k->count++] = (struct unit_id){row_int(&r, 0)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct filing *k = ctx;
	return paper_get(tx, k->w, NULL, k->unit, k->day, &k->paper, f);
}

static enum rc filed_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE paper_list SET filed_at = ?4 WHERE ward_id = ?1 AND unit_id = ?2 AND day = ?3", "iii", "");
	const struct filing *k = ctx;
	return sql_run(tx, &Q, BIND(v_int(k->unit.v), v_int(k->day), v_int(tx_now(tx))), NULL, f);
}

static bool write_all(int fd, struct str bytes)
{
	for (size_t done = 0; done < bytes.n;) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return fsync(fd) == 0;
}

/* Under its name only when it is whole: whoever watches the folder never prints half a list. */
static enum rc put_file(int dir, const char *name, const char *part, struct str bytes, struct fault *f)
{
	(void)unlinkat(dir, part, 0);      /* of a run that was cut off */
	int fd = openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && write_all(fd, bytes);
	int why = errno;
	if (fd >= 0 && close(fd) != 0 && fine) {
		fine = false;
		why = errno;
	}
	if (fine && renameat(dir, part, dir, name) != 0) {
		fine = false;
		why = errno;
	}
	if (fine && fsync(dir) == 0)
		return RC_OK;
	(void)unlinkat(dir, part, 0);
	return fault_set(f, why == ENOSPC || why == EDQUOT ? RC_FULL : RC_IO, "cannot write %s: %s", name,
	                 strerror(why));
}

/* "song-may.ha-tang.2026-11-25.pdf": slugs have no dot in a ward's name, and days no letters. */
static enum rc file_one(struct app *app, struct arena *a, struct filing *k, const struct ward *ward, int dir,
                        struct fault *f)
{
	struct buf pdf = {.max = PDF_MAX};
	enum rc rc = store_read(app->store, ward->id, a, read_tx, k, f);
	if (rc == RC_OK)
		rc = paper_pdf(app, a, &k->paper, &pdf, f);
	if (rc == RC_OK) {
		const char *name = arena_fmt(a, "%.*s.%.*s.%.*s" ENDING, PSTR(ward->slug), PSTR(k->paper.unit.slug),
		                             PSTR(text_day_iso(a, k->day))).p;
		rc = put_file(dir, name, arena_fmt(a, ".%s.part", name).p, buf_str(&pdf), f);
	}
	buf_release(&pdf);
	return rc == RC_OK ? store_write(app->store, ward->id, a, filed_tx, k, f) : rc;
}

/* A file of this ward's, from before the first day that is kept. */
static bool too_old(struct str name, struct str slug, int32_t first)
{
	enum { DAY_CHARS = 10 };
	int32_t day;
	size_t tail = sizeof ENDING - 1 + DAY_CHARS;
	return str_starts(name, slug) && name.n > slug.n + 1 + tail && name.p[slug.n] == '.' &&
	       str_ends(name, STR(ENDING)) &&
	       day_parse(str_sub(name, name.n - tail, DAY_CHARS), &day) && day < first;
}

/* By the same rule as the lists in the database. */
static void sweep(int dir, struct str slug, int32_t first)
{
	int copy = dup(dir);
	DIR *all = copy >= 0 ? fdopendir(copy) : NULL;
	if (all == NULL) {
		if (copy >= 0)
			(void)close(copy);
		return;
	}
	rewinddir(all);
	for (const struct dirent *e; (e = readdir(all)) != NULL;)
		if (too_old(str_of(e->d_name), slug, first))
			(void)unlinkat(dir, e->d_name, 0);
	(void)closedir(all);
}

void paper_files(struct app *app, struct arena *a, struct ward_id ward_id, int32_t day)
{
	const struct ward *ward = ward_by_id(app->places, ward_id);
	struct filing k = {.w = app_flow(app), .day = day};
	struct fault f = {0};
	if (app->settings.paper_list_dir[0] == '\0' || ward == NULL)
		return;
	if (store_read(app->store, ward_id, a, unfiled_tx, &k, &f) != RC_OK)
		log_fault("shift", "paper lists without a file", &f);
	int dir = open(app->settings.paper_list_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		if (k.count > 0)
			log_warn("shift", "paper_list_dir: %s", strerror(errno));
		return;
	}
	sweep(dir, ward->slug, day - PAPER_DAYS);
	for (size_t i = 0; i < k.count; i++) {   /* one that fails keeps no other back */
		struct arena one;
		arena_init(&one, ARENA_REQUEST_LIMIT);
		k.unit = k.units[i];
		if (file_one(app, &one, &k, ward, dir, &f) != RC_OK)
			log_fault("shift", "a paper list has no file", &f);
		arena_release(&one);
	}
	(void)close(dir);
}

/* ---------------------------------------------------------------- xom doctor */

static enum rc waiting_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM paper_list WHERE ward_id = ?1 AND day = ?2 AND filed_at IS NULL AND made_at < ?3",
		"ii", "i");
	int64_t *n = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r,
	                     BIND(v_int(day_of(tx_now(tx))), v_int(tx_now(tx) - LATE_MINUTES * US_MINUTE)), f);
	if (rc == RC_OK) {
		*n += row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

static void check_paper(struct doctor *d)
{
	enum { MOST = 1024 };
	const char *folder = d->app->settings.paper_list_dir;
	const struct ward *wards[MOST];
	struct stat st;
	int64_t waiting = 0;
	if (folder[0] == '\0')
		return;                    /* switched off */
	size_t n = ward_all(d->app->places, wards, MOST);
	for (size_t i = 0; i < n; i++)
		(void)store_read(d->app->store, wards[i]->id, d->arena, waiting_tx, &waiting, NULL);
	if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
		found_text(d, LEVEL_wrong, "folder", "folder", str_of(folder));
	else if (access(folder, W_OK | X_OK) != 0)
		found_text(d, LEVEL_wrong, "closed", "folder", str_of(folder));
	if (waiting > 0) {
		found_number(d, LEVEL_wrong, "unwritten", "count", waiting);
		found_more(d, "folder", str_of(folder));
	} else if (stat(folder, &st) == 0 && (st.st_mode & 077) != 0) {
		found_text(d, LEVEL_soon, "open", "folder", str_of(folder));
	} else if (access(folder, W_OK | X_OK) == 0) {
		found_text(d, LEVEL_fine, "fine", "folder", str_of(folder));
	}
}

const struct doctor_check SHIFT_CHECKS[] = {{"paper", check_paper}, {NULL, NULL}};
