#include "ward/backup_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/archive/pack.h"
#include "kit/base/file.h"
#include "kit/base/log.h"
#include "ward/clean.h"
#include "ward/forget.h"

enum { WARDS_MAX = 1024, OPEN_FOLDERS = 16 };

struct restoring {
	struct app *app;
	const struct restore_from *from;
	struct arena *a;
	struct restored *out;
	const char *part;                 /* the folder in the making */
	struct backup_about about;
};

static void say(const struct restoring *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void say(const struct restoring *r, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	if (r->from->say == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	r->from->say(r->from->say_ctx, line);
}

static void say_verify(void *ctx, const char *line) { say(ctx, "%s", line); }

static enum rc unpack_archive(struct restoring *r, const char *file, const char *secret, bool keys,
                              struct fault *f)
{
	struct box_secret key;
	struct unpack *u = NULL;
	struct fault why = {0};
	enum rc rc = box_secret_read(secret, &key, &why);
	if (rc == RC_OK)
		rc = unpack_new(&u, file, &key, &why);
	sodium_memzero(&key, sizeof key);
	if (rc == RC_OK)
		rc = backup_unpack(u, r->a, r->part, keys, &r->about, &why);
	unpack_free(u);
	if (rc == RC_OK)
		return RC_OK;
	return fault_set(f, rc, "%s: %s", file, why.text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_all(const char *dir)
{
	(void)nftw(dir, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* A list that ends before the backup does says nothing of what was erased after it: whoever gave it has
 * an older copy of it in hand, and would be told that all is done. */
static enum rc refuse_old_list(const struct restoring *r, struct app *app, struct ward_id ward, struct fault *f)
{
	int64_t in_file, in_backup;
	if (r->from->deletions == NULL)
		return RC_OK;
	enum rc rc = deletions_reach(&app->flow, ward, &in_file, &in_backup, f);
	if (rc == RC_OK && in_file < in_backup)
		return fault_set(f, RC_REFUSED, "the list of what was erased in %s is older than the backup (it ends at number %lld, "
		                 "the backup's at %lld): what was erased after the backup is not in it. Give the newest copy "
		                 "of the list, or say --deletions none when there is none",
		                 r->from->deletions, (long long)in_file, (long long)in_backup);
	return rc;
}

/* And the folder's own list is brought up to what was applied. */
static enum rc apply_deletions(struct restoring *r, struct app *app, struct ward_id ward,
                               struct fault *f)
{
	int64_t applied = 0;
	struct flow own = app->flow;
	own.deletions = arena_fmt(r->a, "%s/deletions", r->part).p;
	enum rc rc = refuse_old_list(r, app, ward, f);
	if (rc == RC_OK)
		rc = deletions_apply(&app->flow, ward, &applied, f);
	r->out->erased += applied;
	if (rc == RC_OK && applied > 0)
		rc = files_clean(app, ward, NULL, f);   /* and out of the file, too */
	return rc == RC_OK ? deletions_flush(&own, ward, f) : rc;
}

static enum rc verify_ward(struct restoring *r, struct app *app, struct ward_id ward,
                           struct fault *f)
{
	struct verify_report one, *all = &r->out->verify;
	enum rc rc = flow_verify(&app->flow, ward, say_verify, r, &one, f);
	if (rc != RC_OK)
		return rc;
	all->cases += one.cases;
	all->entries += one.entries;
	all->parts += one.parts;
	all->erased += one.erased;
	all->looks += one.looks;
	all->heads += one.heads;
	all->faults += one.faults;
	return RC_OK;
}

/* As the program would serve it: brought to its schema, and every chain walked. */
static enum rc bring_up(struct restoring *r, struct fault *f)
{
	static struct app app; /* as in main: too large for a stack of its own */
	const struct ward *wards[WARDS_MAX];
	app = (struct app){.settings = r->app->settings};
	app.settings.data = r->part;
	app.settings.database = "";   /* a backup holds a file, whatever is served meanwhile */
	/* What was unpacked is what is verified: no bucket is asked, and none is swept. */
	app.settings.attachments = "";
	/* The list as it is now, or what came with the backup; never the one of the settings. */
	app.settings.deletions = r->from->deletions != NULL ? r->from->deletions : "";
	arena_init(&app.settings.arena, (size_t)1 << 20); /* its own, which app_close releases */
	enum rc rc = app_open(&app, NEEDS_store, f);
	size_t n = rc == RC_OK ? ward_all(app.places, wards, WARDS_MAX) : 0;
	if (rc == RC_OK)
		rc = store_check(app.store, r->a, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = apply_deletions(r, &app, wards[i]->id, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = verify_ward(r, &app, wards[i]->id, f);
	app_close(&app);
	if (rc == RC_OK && r->out->verify.faults > 0)
		rc = fault_set(f, RC_CORRUPT, "%lld faults were found in what it holds",
		               (long long)r->out->verify.faults);
	return rc;
}

static enum rc sync_name(const char *dir, struct fault *f)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int above = fd >= 0 ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	enum rc rc = above >= 0 && fsync(above) == 0
	                 ? RC_OK
	                 : fault_set(f, RC_IO, "cannot store %s: %s", dir, strerror(errno));
	if (above >= 0)
		(void)close(above);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* The data folder may be there, empty: its owner was given it so. */
static enum rc check_target(const char *dir, struct fault *f)
{
	if (rmdir(dir) == 0 || errno == ENOENT)
		return RC_OK;
	return fault_set(f, RC_EXISTS, "%s is not empty: restore into a new folder, or move this one away",
	                 dir);
}

static enum rc check_folder(const char *dir, struct fault *f)
{
	struct stat st;
	if (dir == NULL || (stat(dir, &st) == 0 && S_ISDIR(st.st_mode)))
		return RC_OK;
	return fault_set(f, RC_INVALID, "%s is no folder: name the one of the newest lists of what was erased, "
	                 "or --deletions none", dir);
}

static enum rc restore(struct restoring *r, struct fault *f)
{
	const char *data = r->app->settings.data;
	enum rc rc = r->from->check ? RC_OK : check_target(data, f);
	if (rc == RC_OK)
		rc = check_folder(r->from->deletions, f);
	if (rc != RC_OK)
		return rc;
	remove_all(r->part);
	rc = folder_make(r->part, f);
	if (rc == RC_OK)
		rc = unpack_archive(r, r->from->data_file, r->from->secret, false, f);
	r->out->made_at = r->about.made_at;
	r->out->photos = r->about.photos;
	if (rc == RC_OK)
		say(r, "the data are unpacked, as of %.*s", PSTR(text_iso(r->a, r->about.made_at)));
	if (rc == RC_OK)
		rc = unpack_archive(r, r->from->keys_file, r->from->keys_secret, true, f);
	if (rc == RC_OK)
		rc = bring_up(r, f);
	if (rc == RC_OK && !r->from->check && rename(r->part, data) != 0)
		rc = fault_set(f, RC_IO, "cannot name %s: %s", data, strerror(errno));
	if (rc == RC_OK && !r->from->check)
		rc = sync_name(data, f);
	if (rc != RC_OK || r->from->check)
		remove_all(r->part);
	return rc;
}

enum rc backup_restore(struct app *app, const struct restore_from *from, struct restored *out,
                       struct fault *f)
{
	struct arena a;
	*out = (struct restored){0};
	arena_init(&a, (size_t)64 << 20);
	struct restoring r = {.app = app, .from = from, .a = &a, .out = out};
	r.part = arena_fmt(&a, "%s.%s", app->settings.data, from->check ? "check" : "restoring").p;
	enum rc rc = restore(&r, f);
	arena_release(&a);
	return rc;
}
