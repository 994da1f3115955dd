#include "ward/upgrade.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/base/log.h"
#include "ward/commands.h"

#define FOLDER "before-upgrade"

enum rc upgrade_folder(struct app *app, const char **out, struct fault *f)
{
	*out = arena_fmt(&app->settings.arena, "%s/" FOLDER, app->settings.data).p;
	return folder_make(*out, f);
}

enum rc upgrade_write_steps(struct app *app, const struct store_config *c, struct fault *f)
{
	struct arena *a = &app->settings.arena;
	const char *path = arena_fmt(a, "%s/schema", app->settings.data).p;
	const char *aside = arena_fmt(a, "%s.new", path).p;
	struct store_peek peek;
	struct str before = STR_EMPTY;
	struct buf b = {0};
	enum rc rc = store_peek(c, a, &peek, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < peek.count; i++)
		buf_addf(&b, "%.*s\n", PSTR(peek.names[i]));
	if (file_read(a, path, 1 << 20, &before, NULL) == RC_OK && str_eq(before, buf_str(&b))) {
		buf_release(&b);
		return RC_OK;
	}
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool fine = fd >= 0 && write(fd, b.p, b.n) == (ssize_t)b.n && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	buf_release(&b);
	if (!fine || rename(aside, path) != 0)
		return fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot write %s: %s", path,
		                 strerror(errno));
	return RC_OK;
}

size_t upgrade_sweep(const struct app *app)
{
	char path[1024];
	size_t gone = 0;
	const struct dirent *e;
	int64_t oldest = clock_now(&app->clock) - UPGRADE_COPY_DAYS * US_DAY;
	(void)snprintf(path, sizeof path, "%s/" FOLDER, app->settings.data);
	DIR *d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		struct stat st;
		struct str name = str_of(e->d_name);
		if (str_starts(name, STR("xom-")) && str_ends(name, STR(".db")) &&
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (int64_t)st.st_mtim.tv_sec * US_SECOND < oldest && unlinkat(dirfd(d), e->d_name, 0) == 0)
			gone++;
	}
	if (d != NULL)
		(void)closedir(d);
	if (gone > 0)
		log_info("upgrade", "%zu copies of before an upgrade are gone: they were %d days old", gone,
		         UPGRADE_COPY_DAYS);
	return gone;
}

/* In a line of their own, so that whoever upgrades sees what the ward has still to decide. */
static void list_apart(const struct procedure_apart *list, size_t n, bool known, const char *what, const char *how)
{
	size_t said = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].known == known)
			(void)printf("%s%.*s", said++ == 0 ? what : ", ", PSTR(list[i].name));
	if (said > 0)
		(void)printf("\n  %s\n", how);
}

/* What a ward takes in is never changed by a program's new version. Years and rules under new names were taken
 * in when the database was opened (calendars_open); before the first start nothing is published yet. */
static void say_apart(struct app *app)
{
	struct fault f = {0};
	char text[800];
	const struct procedure *any[1];
	struct procedure_apart *list = NULL;
	struct arena a;
	size_t n = 0;
	if (procedures_all(app->procedures, day_of(clock_now(&app->clock)), any, 1) == 0)
		return;
	arena_init(&a, (size_t)64 << 20);
	enum rc rc = procedures_apart(app->procedures, &a, arena_fmt(&app->settings.arena, "%s/procedures", app->settings.share).p,
	                              &list, &n, &f);
	/* A kind that goes with no rule published here: the database is upgraded all the same. */
	if (rc != RC_OK) {
		(void)printf("the kinds of this program cannot be compared with those published here: %s\n",
		             fault_describe(&f, text, sizeof text));
	} else {
		list_apart(list, n, false, "new kinds, not offered here before they are published: ", "xom procedures publish --new");
		list_apart(list, n, true, "kinds that this program brings in another version than is published here: ",
		           "they stay as they are; compared and published on the administrator's page \"Kinds and procedures\", or xom procedures publish");
	}
	arena_release(&a);
}

static int upgrade_run(struct app *app, int argc, char **argv)
{
	struct arena *a = &app->settings.arena;
	struct store_peek peek;
	struct fault f = {0};
	char text[800];
	if (argc == 2 && strcmp(argv[1], "--steps") == 0) {
		for (const struct schema_step *const *l = app_schemas(a); *l != NULL; l++)
			for (const struct schema_step *s = *l; s->name != NULL; s++)
				(void)puts(s->name);
		return 0;
	}
	bool check = argc == 2 && strcmp(argv[1], "--check") == 0;
	if (argc != 1 && !check) {
		(void)fputs("usage: xom upgrade [--check | --steps]\n", stderr);
		return 2;
	}
	enum rc rc = app_as_owner(app, true, &f);
	if (rc == RC_OK)
		rc = upgrade_peek(app, a, &peek, &f);
	if (rc == RC_NONE) {
		(void)printf("there is no database in %s yet\n", app->settings.data);
		return 0;
	}
	if (rc == RC_OK && peek.newer.n > 0) {
		(void)fprintf(stderr, "xom %s: a newer program made the database in %s: it has the schema step "
		              "\"%.*s\".\nNothing was changed. Install that version again, or restore a backup "
		              "of before it.\n", XOM_VERSION, app->settings.data, PSTR(peek.newer));
		return 3;
	}
	bool same = rc == RC_OK && peek.missing == 0;
	if (same && check) {
		(void)puts("the database is as this program needs it");
		return 0;
	}
	if (rc == RC_OK && check) {
		(void)printf("%zu steps of the schema are to be run; a copy is taken first\n", peek.missing);
		return 0;
	}
	size_t missing = peek.missing;
	if (rc == RC_OK)
		rc = app_open(app, NEEDS_store, &f);
	if (rc == RC_OK && same)
		(void)puts("the database is as this program needs it");
	else if (rc == RC_OK)
		(void)printf("%zu steps of the schema were run\n", missing);
	if (rc == RC_OK) {
		say_apart(app);
		return 0;
	}
	(void)fprintf(stderr, "xom upgrade: %s\n", fault_describe(&f, text, sizeof text));
	return rc == RC_REFUSED ? 3 : 1;
}

const struct command UPGRADE_COMMANDS[] = {
	{.name = "upgrade",
	 .usage = "upgrade [--check | --steps]",
	 .help = "Brings the database to this program's schema, after a copy into DATA/before-upgrade, which\n"
	         "goes by itself after 14 days. Every other verb that needs the database does the same at\n"
	         "its start; this one says what it did, and which kinds of procedures/ are not published here or\n"
	         "in another version: publishing them is the ward's. The server of the version before may go on\n"
	         "meanwhile.\n\n"
	         "--check  only says how the database stands to this program\n"
	         "--steps  prints the names of the schema's steps that this program knows\n\n"
	         "Exit status: 0 done or nothing to do, 1 it could not be done, 3 a newer program made the\n"
	         "database; nothing was changed.",
	 .needs = NEEDS_settings,
	 .run = upgrade_run},
	{0},
};
