#include "ward/backup_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kit/archive/pack.h"
#include "kit/base/file.h"
#include "kit/base/log.h"

/* Left free on the disk of the data folder, so that the desk goes on receiving meanwhile. */
#define RESERVE_BYTES (INT64_C(256) << 20)
/* Of one photo in the bucket, thumbnail and all, as far as room is looked for. */
#define PHOTO_BYTES (INT64_C(512) << 10)
#define PHOTO_ARENA ((size_t)16 << 20)
enum { NAMES_AT_ONCE = 500, WARDS_MAX = 1024, PHOTO_BATCH_ARENA = 1 << 20, REST_FACTOR = 2 };

struct making {
	struct app *app;
	const struct backup_to *to;
	struct arena *a;
	struct backup_made *out;
	struct backup_about about;
	const char *copy;                 /* the database's copy */
	int64_t worked_from;              /* ticks */
	int said;                         /* tenths of the database's copy */
	struct pack *pack;
};

int64_t backup_free_bytes(const char *dir)
{
	struct statvfs v;
	return statvfs(dir, &v) == 0 ? (int64_t)v.f_bavail * (int64_t)v.f_frsize : -1;
}

static void say(const struct making *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void say(const struct making *m, const char *fmt, ...)
{
	char line[256];
	va_list ap;
	if (m->to->say == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	m->to->say(m->to->say_ctx, line);
}

/* Rests twice as long as it worked, so that whoever waits for a page doesn't feel it. */
static bool rest(void *ctx)
{
	struct making *m = ctx;
	if (!m->to->fast) {
		int64_t us = (clock_ticks() - m->worked_from) * REST_FACTOR;
		if (us > US_SECOND)
			us = US_SECOND;
		(void)nanosleep(&(struct timespec){.tv_sec = (time_t)(us / US_SECOND),
		                                   .tv_nsec = (long)(us % US_SECOND) * 1000}, NULL);
	}
	m->worked_from = clock_ticks();
	return true;
}

static bool copied(void *ctx, int64_t done, int64_t total)
{
	struct making *m = ctx;
	int tenths = total > 0 ? (int)(done * 10 / total) : 10;
	if (tenths > m->said) {
		m->said = tenths;
		say(m, "copying the database: %d %%", tenths * 10);
	}
	return rest(m);
}

/* The least urgent of the machine's processes, for processor and disk. */
static void step_back(const struct backup_to *to)
{
	enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_CLASS_IDLE = 3 << 13 };
	if (to->fast)
		return;
	(void)setpriority(PRIO_PROCESS, 0, 19);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE);
}

static enum rc check_folder(const char *what, const char *dir, struct stat *st, struct fault *f)
{
	if (dir == NULL || *dir == '\0')
		return fault_set(f, RC_INVALID, "no folder is set for %s", what);
	if (stat(dir, st) != 0 || !S_ISDIR(st->st_mode))
		return fault_set(f, RC_INVALID, "the folder for %s is not there: %s", what, dir);
	if (access(dir, W_OK | X_OK) != 0)
		return fault_set(f, RC_INVALID, "the folder for %s can't be written to: %s", what, dir);
	return RC_OK;
}

static enum rc check_key(const char *what, const char *text, struct box_public *key,
                         struct fault *f)
{
	if (text == NULL || *text == '\0')
		return fault_set(f, RC_INVALID, "no public key is set for %s: xom backup-key FILE makes one",
		                 what);
	if (!box_public_parse(str_of(text), key))
		return fault_set(f, RC_INVALID, "the public key for %s is mistyped: %s", what, text);
	return RC_OK;
}

static enum rc check_to(struct making *m, struct box_public *data, struct box_public *keys,
                        struct fault *f)
{
	struct stat a, b;
	const struct backup_to *to = m->to;
	enum rc rc = check_folder("backups", to->dir, &a, f);
	if (rc == RC_OK)
		rc = check_folder("the keys", to->keys_dir, &b, f);
	if (rc == RC_OK)
		rc = check_key("backups", to->key, data, f);
	if (rc == RC_OK)
		rc = check_key("the keys", to->keys_key, keys, f);
	if (rc != RC_OK)
		return rc;
	if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return fault_set(f, RC_INVALID, "backups and keys must not lie in one folder: whoever finds "
		                                "it would have both");
	if (memcmp(data->b, keys->b, sizeof data->b) == 0)
		return fault_set(f, RC_INVALID, "backups and keys need a key pair each: whoever loses one "
		                                "secret must not lose both");
	m->out->same_place = a.st_dev == b.st_dev;
	return RC_OK;
}

static enum rc copy_database(struct making *m, struct fault *f)
{
	const char *data = m->app->settings.data;
	const char *folder = arena_fmt(m->a, "%s/backup", data).p;
	struct stat st;
	enum rc rc = folder_make(folder, f);
	if (rc != RC_OK)
		return rc;
	m->copy = arena_fmt(m->a, "%s/xom.db", folder).p;
	int64_t size = 0, left = backup_free_bytes(folder);
	rc = store_size(m->app->store, &size, f);
	if (rc != RC_OK)
		return rc;
	if (left >= 0 && left < size + RESERVE_BYTES)
		return fault_set(f, RC_FULL, "the copy of the database needs %lld MiB in %s, with a reserve "
		                 "for what comes meanwhile; %lld MiB are free",
		                 (long long)((size + RESERVE_BYTES) >> 20), folder, (long long)(left >> 20));
	m->worked_from = clock_ticks();
	rc = store_copy(m->app->store, m->copy, copied, m, f);
	if (rc == RC_OK && stat(m->copy, &st) == 0)
		m->out->database_bytes = st.st_size;
	return rc;
}

/* The files of the copy; its journal's come into being when it is read. */
static void drop_copy(struct making *m)
{
	static const char *const behind[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
		(void)unlink(arena_fmt(m->a, "%s/backup/xom.db%s", m->app->settings.data, behind[i]).p);
}

struct names {
	int64_t after;
	struct str list[NAMES_AT_ONCE];
	size_t count;
};

static enum rc names_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct names *n = ctx;
	return attachment_names(tx, &n->after, NAMES_AT_ONCE, n->list, &n->count, f);
}

typedef enum rc photo_fn(struct making *m, struct ward_id ward, struct str name, struct arena *a,
                         struct fault *f);

/* Every photo that the copy's rows name, of all wards. */
static enum rc each_photo(struct making *m, struct store *copy, photo_fn *fn, struct fault *f)
{
	const struct ward *wards[WARDS_MAX];
	size_t ward_count = ward_all(m->app->places, wards, WARDS_MAX);
	struct names *n = ARENA_NEW(m->a, struct names);
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, PHOTO_BATCH_ARENA);
	for (size_t w = 0; rc == RC_OK && w < ward_count; w++) {
		n->after = 0;
		do {
			arena_reset(&a);
			rc = store_read(copy, wards[w]->id, &a, names_tx, n, f);
			for (size_t i = 0; rc == RC_OK && i < n->count; i++)
				rc = fn(m, wards[w]->id, n->list[i], &a, f);
		} while (rc == RC_OK && n->count == NAMES_AT_ONCE);
	}
	arena_release(&a);
	return rc;
}

static const char *photo_path(struct making *m, struct ward_id ward, struct str name,
                              struct arena *a)
{
	return arena_fmt(a, "%s/media/%.*s", m->app->settings.data, PSTR(media_file(a, ward, name))).p;
}

static enum rc count_photo(struct making *m, struct ward_id ward, struct str name, struct arena *a,
                           struct fault *f)
{
	struct stat st;
	(void)f;
	if (stat(photo_path(m, ward, name, a), &st) == 0) {
		m->about.photos++;
		m->about.photo_bytes += st.st_size;
	} else if (m->app->settings.attachments[0] != '\0') {
		m->about.photos++;            /* not asked for one by one: what it takes on a disk at most */
		m->about.photo_bytes += PHOTO_BYTES;
	}
	return RC_OK;
}

/* One that lies in the bucket; whole or not, as the folder's. */
static enum rc pack_far(struct making *m, struct ward_id ward, struct str name, const char *as,
                        struct fault *f)
{
	struct arena a;
	struct str whole;
	arena_init(&a, PHOTO_ARENA);
	enum rc rc = media_whole(m->app->media, &a, ward, name, &whole, f);
	if (rc == RC_OK)
		rc = pack_bytes(m->pack, as, whole, f);
	arena_release(&a);
	(void)rest(m);
	return rc;
}

static enum rc pack_photo(struct making *m, struct ward_id ward, struct str name, struct arena *a,
                          struct fault *f)
{
	struct fault why = {0};
	const char *as = arena_fmt(a, BACKUP_MEDIA "%.*s", PSTR(media_file(a, ward, name))).p;
	enum rc rc = pack_file(m->pack, as, photo_path(m, ward, name, a), rest, m, &why);
	if (rc == RC_NONE && m->app->settings.attachments[0] != '\0')
		rc = pack_far(m, ward, name, as, &why);
	if (rc == RC_NONE) {
		/* Erased or lost since: the rest is worth having, and verify names it. */
		m->out->missing++;
		log_warn("backup", "a photo that a row names is not there: %.*s", PSTR(name));
		return RC_OK;
	}
	if (rc != RC_OK && f != NULL)
		*f = why;
	m->out->photos += rc == RC_OK;
	return rc;
}

static enum rc pack_about(struct making *m, struct fault *f)
{
	const struct backup_about *b = &m->about;
	json_t *o = json_pack("{s:i,s:s,s:I,s:I,s:I,s:I}", "format", BACKUP_FORMAT, "version",
	                      XOM_VERSION, "made_at", (json_int_t)b->made_at, "database_bytes",
	                      (json_int_t)b->database_bytes, "photos", (json_int_t)b->photos,
	                      "photo_bytes", (json_int_t)b->photo_bytes);
	char *text = o != NULL ? json_dumps(o, JSON_INDENT(1)) : NULL;
	json_decref(o);
	if (text == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	enum rc rc = pack_bytes(m->pack, BACKUP_ABOUT, str_of(text), f);
	free(text);
	return rc;
}

/* How many of each there must have been. */
static enum rc pack_last(struct making *m, int64_t files, struct fault *f)
{
	struct str text = arena_fmt(m->a, "{\"files\": %lld}\n", (long long)files);
	return pack_bytes(m->pack, BACKUP_END, text, f);
}

/* All plain files of a folder, as PREFIX + name; a folder that isn't there is empty. */
static enum rc pack_folder(struct making *m, const char *prefix, const char *dir, int64_t *count,
                           struct fault *f)
{
	DIR *d = opendir(dir);
	enum rc rc = RC_OK;
	*count = 0;
	if (d == NULL)
		return errno == ENOENT ? RC_OK
		                       : fault_set(f, RC_IO, "cannot list %s: %s", dir, strerror(errno));
	for (struct dirent *e; rc == RC_OK && (e = readdir(d)) != NULL;) {
		const char *path = arena_fmt(m->a, "%s/%s", dir, e->d_name).p;
		const char *as = arena_fmt(m->a, "%s%s", prefix, e->d_name).p;
		struct stat st;
		if (e->d_name[0] == '.' || lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		if (!pack_name_ok(str_of(as))) {
			/* An editor's "1.list~": nothing of ours, and no reason to go without a backup. */
			log_warn("backup", "%s is left out: no file of Xóm is called so", path);
			continue;
		}
		struct fault why = {0};
		rc = pack_file(m->pack, as, path, NULL, NULL, &why);
		*count += rc == RC_OK;
		if (rc == RC_NONE)            /* gone while we looked */
			rc = RC_OK;
		else if (rc != RC_OK && f != NULL)
			*f = why;
	}
	(void)closedir(d);
	return rc;
}

static enum rc fill_data(struct making *m, struct store *copy, struct fault *f)
{
	int64_t deletions = 0;
	const char *data = m->app->settings.data;
	enum rc rc = each_photo(m, copy, count_photo, f);
	m->out->photo_bytes = m->about.photo_bytes;
	if (rc == RC_OK)
		rc = pack_about(m, f);
	if (rc == RC_OK)
		rc = pack_file(m->pack, BACKUP_DATABASE, m->copy, rest, m, f);
	if (rc == RC_OK)
		say(m, "the database is sealed, photos follow");
	if (rc == RC_OK)
		rc = each_photo(m, copy, pack_photo, f);
	if (rc == RC_OK)
		rc = pack_folder(m, BACKUP_DELETIONS, m->app->flow.deletions, &deletions, f);
	if (rc == RC_OK) {
		struct fault why = {0};
		const char *settings = arena_fmt(m->a, "%s/" BACKUP_SETTINGS, data).p;
		rc = pack_file(m->pack, BACKUP_SETTINGS, settings, NULL, NULL, &why);
		deletions += rc == RC_OK;
		if (rc == RC_NONE)            /* it lies elsewhere: /etc */
			rc = RC_OK;
		else if (rc != RC_OK && f != NULL)
			*f = why;
	}
	return rc == RC_OK ? pack_last(m, 1 + m->out->photos + deletions, f) : rc;
}

static enum rc make_data(struct making *m, const struct box_public *key, struct fault *f)
{
	struct store *copy = NULL;
	const struct store_config config = {
		.path = m->copy, .steps = app_schemas(m->a), .clock = &m->app->clock, .readers = 1};
	m->about.database_bytes = m->out->database_bytes;
	enum rc rc = store_open(&copy, &config, f);
	if (rc == RC_OK)
		rc = pack_new(&m->pack, m->out->data_file, key, f);
	if (rc == RC_OK)
		rc = fill_data(m, copy, f);
	if (rc == RC_OK)
		rc = pack_end(m->pack, f);
	pack_free(m->pack);
	m->pack = NULL;
	store_close(copy);
	return rc;
}

static enum rc make_keys(struct making *m, const struct box_public *key, struct fault *f)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = ward_all(m->app->places, wards, WARDS_MAX);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = head_key_ready(&m->app->flow, wards[i]->id, f);
	if (rc == RC_OK)
		rc = pack_new(&m->pack, m->out->keys_file, key, f);
	if (rc != RC_OK)
		return rc;
	m->about.database_bytes = m->about.photos = m->about.photo_bytes = 0;
	rc = pack_about(m, f);
	if (rc == RC_OK)
		rc = pack_folder(m, BACKUP_KEYS, arena_fmt(m->a, "%s/keys", m->app->settings.data).p,
		                 &m->out->keys, f);
	if (rc == RC_OK)
		rc = pack_last(m, m->out->keys, f);
	if (rc == RC_OK)
		rc = pack_end(m->pack, f);
	pack_free(m->pack);
	m->pack = NULL;
	return rc;
}

/* "xom-20261125T020000Z.data.box": the time it tells, or 0 for files of other names. */
static int64_t archive_time(struct str name)
{
	int64_t n[6];
	static const struct { size_t at, n; } part[6] = {{4, 4}, {8, 2}, {10, 2}, {13, 2}, {15, 2}, {17, 2}};
	if (!str_starts(name, STR("xom-")) || name.n < 21 || name.p[12] != 'T' || name.p[19] != 'Z' ||
	    !(str_is(str_sub(name, 20, name.n), ".data.box") ||
	      str_is(str_sub(name, 20, name.n), ".keys.box")))
		return 0;
	for (size_t i = 0; i < 6; i++)
		if (!str_i64(str_sub(name, part[i].at, part[i].n), &n[i]) || n[i] < 0)
			return 0;
	struct date d = {(int)n[0], (int)n[1], (int)n[2]};
	if (!date_valid(d))
		return 0;
	return ((int64_t)day_from_date(d) * 86400 + n[3] * 3600 + n[4] * 60 + n[5]) * US_SECOND;
}

static struct str archive_name(struct arena *a, int64_t at, const char *kind)
{
	struct str iso = text_iso(a, at); /* 2026-11-23T07:05:00Z */
	return arena_fmt(a, "xom-%.4s%.2s%.2sT%.2s%.2s%.2sZ.%s.box", iso.p, iso.p + 5, iso.p + 8,
	                 iso.p + 11, iso.p + 14, iso.p + 17, kind);
}

static void remove_old(struct making *m, const char *dir)
{
	int64_t before = m->about.made_at - (int64_t)m->to->keep_days * US_DAY;
	DIR *d = m->to->keep_days > 0 ? opendir(dir) : NULL;
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		int64_t at = archive_time(str_of(e->d_name));
		if (at > 0 && at < before && unlinkat(dirfd(d), e->d_name, 0) == 0)
			m->out->removed++;
	}
	if (d != NULL)
		(void)closedir(d);
}

static enum rc make(struct making *m, struct fault *f)
{
	struct box_public data, keys;
	enum rc rc = check_to(m, &data, &keys, f);
	if (rc != RC_OK)
		return rc;
	step_back(m->to);
	m->out->data_file = arena_fmt(&m->app->settings.arena, "%s/%.*s", m->to->dir,
	                              PSTR(archive_name(m->a, m->about.made_at, "data"))).p;
	m->out->keys_file = arena_fmt(&m->app->settings.arena, "%s/%.*s", m->to->keys_dir,
	                              PSTR(archive_name(m->a, m->about.made_at, "keys"))).p;
	drop_copy(m);
	rc = copy_database(m, f);
	if (rc == RC_OK)
		rc = make_data(m, &data, f);
	drop_copy(m);
	if (rc == RC_OK) { /* after the rows that name them: no key is missing */
		rc = make_keys(m, &keys, f);
		if (rc != RC_OK)
			(void)unlink(m->out->data_file);
	}
	if (rc == RC_OK) {
		remove_old(m, m->to->dir);
		remove_old(m, m->to->keys_dir);
	}
	return rc;
}

static void write_down(struct making *m, enum rc rc, const struct fault *why)
{
	struct backup_state s;
	struct fault f = {0};
	char text[800];
	/* RC_NONE: the first one; an unreadable file is written anew. */
	(void)backup_state_read(&m->app->settings, m->a, &s, NULL);
	s.tried_at = m->about.made_at;
	s.failed = rc != RC_OK;
	s.error = rc == RC_OK ? STR_EMPTY : str_of(fault_describe(why, text, sizeof text));
	if (rc == RC_OK) {
		s.good_at = m->about.made_at;
		s.same_place = m->out->same_place;
		s.missing = m->out->missing;
		s.data_file = str_of(m->out->data_file);
		s.keys_file = str_of(m->out->keys_file);
	}
	if (backup_state_write(&m->app->settings, m->a, &s, &f) != RC_OK)
		log_fault("backup", "writing down how it ended", &f);
}

enum rc backup_make(struct app *app, const struct backup_to *to, struct backup_made *out,
                    struct fault *f)
{
	struct arena a;
	struct fault why = {0};
	int64_t began = clock_ticks();
	*out = (struct backup_made){0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct making m = {.app = app, .to = to, .a = &a, .out = out,
	                   .about = {.format = BACKUP_FORMAT, .made_at = clock_now(&app->clock)}};
	const char *lock = arena_fmt(&a, "%s/backup.lock", app->settings.data).p;
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	enum rc rc;
	if (fd < 0)
		rc = fault_set(&why, RC_IO, "cannot open %s: %s", lock, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		rc = fault_set(&why, RC_AGAIN, "another backup is running");
	else
		rc = make(&m, &why);
	if (rc != RC_AGAIN)
		write_down(&m, rc, &why);
	if (fd >= 0)
		(void)close(fd);
	out->took_us = clock_ticks() - began;
	if (rc != RC_OK && f != NULL)
		*f = why;
	arena_release(&a);
	return rc;
}
