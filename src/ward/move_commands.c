/* xom move. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/store/move.h"
#include "ward/commands.h"

static const char USAGE[] = "usage: xom move --from A --to B [--slice ROWS] [--cancel]\n"
                            "A, B: a data folder or its xom.db, and a postgresql:// address\n";
/* Where nobody watches a terminal: often at first, then a line now and then. */
#define OFTEN_US (US_SECOND / 4)
#define AT_FIRST_US (10 * US_SECOND)
#define SELDOM_US (15 * US_SECOND)

struct telling {
	bool terminal;
	int64_t said;                 /* ticks */
};

static void say_time(char *out, size_t size, int64_t us)
{
	int64_t s = us / US_SECOND;
	if (s >= 3600)
		(void)snprintf(out, size, "%lld h %lld min", (long long)(s / 3600), (long long)(s / 60 % 60));
	else if (s >= 60)
		(void)snprintf(out, size, "%lld min", (long long)(s / 60) + 1);
	else
		(void)snprintf(out, size, "%lld s", (long long)s + 1);
}

static void tell(void *ctx, const struct move_told *t)
{
	struct telling *x = ctx;
	char left[64];
	int64_t now = clock_ticks(), rate = t->took_us > 0 ? t->run * US_SECOND / t->took_us : 0;
	int64_t pause = x->terminal || t->took_us < AT_FIRST_US ? OFTEN_US : SELDOM_US;
	if (now - x->said < pause && x->said > 0 && t->done < t->total)
		return;
	x->said = now;
	say_time(left, sizeof left, rate > 0 ? (t->total - t->done) * US_SECOND / rate : 0);
	(void)fprintf(stderr, "%s%s: %lld of %lld rows (%lld %%), %lld a second, %s left, in %.*s%s",
	              x->terminal ? "\r\033[K" : "", t->stage == MOVE_COPYING ? "moving" : "comparing",
	              (long long)t->done, (long long)t->total, (long long)(t->total > 0 ? t->done * 100 / t->total : 100),
	              (long long)rate, left, PSTR(t->table), x->terminal && t->done < t->total ? "" : "\n");
}

/* An address as it is kept in the marks: of a file its whole path, so that it is the same from anywhere. */
static enum rc address(struct app *app, const char *given, const char **out, struct fault *f)
{
	struct arena *a = &app->settings.arena;
	struct stat st;
	char whole[PATH_MAX];
	if (strstr(given, "://") != NULL) {
		const char *why = settings_database_fault(given);
		*out = given;
		return why != NULL ? fault_set(f, RC_INVALID, "the address %s", why) : RC_OK;
	}
	bool folder = stat(given, &st) == 0 && S_ISDIR(st.st_mode);
	const char *dir = folder ? given : dirname((char *)(uintptr_t)arena_z(a, str_of(given)));
	const char *name = folder ? "xom.db" : basename((char *)(uintptr_t)arena_z(a, str_of(given)));
	if (realpath(dir, whole) == NULL)
		return fault_set(f, RC_NONE, "there is no folder %s", dir);
	*out = arena_fmt(a, "%s/%s", whole, name).p;
	return RC_OK;
}

static int failed(enum rc rc, const struct fault *f)
{
	(void)fprintf(stderr, "xom move: %s\n", f->text);
	if (rc == RC_FULL)
		(void)fputs("Make room on the target's disk and start the same move again: it goes on where it was.\n",
		            stderr);
	else if (rc == RC_IO || rc == RC_DB || rc == RC_TIMEOUT || rc == RC_NOMEM)
		(void)fputs("When the cause is gone, start the same move again: it goes on where it was. To stay where you "
		            "are,\nadd --cancel to it.\n", stderr);
	return rc == RC_REFUSED || rc == RC_EXISTS || rc == RC_AGAIN ? 3 : 1;
}

static int report(const struct move_config *c, const struct move_made *made)
{
	if (made->before) {
		(void)printf("%s was moved to %s before: nothing was done\n", c->from, c->to);
		return 0;
	}
	int64_t us = made->copied_us > 0 ? made->copied_us : 1;
	(void)printf("%lld rows of %lld tables are in %s\n", (long long)made->rows, (long long)made->tables, c->to);
	(void)printf("%s%lld rows in %.2f s, %lld a second; compared in %.2f s: every row is the same, ",
	             made->resumed ? "this time " : "", (long long)made->copied, (double)us / US_SECOND,
	             (long long)(made->copied * US_SECOND / us), (double)made->compared_us / US_SECOND);
	for (size_t i = 0; i < 8; i++)
		(void)printf("%02x", made->hash.b[i]);
	(void)printf("\n");
	if (store_is_server(c->to))
		(void)printf("Now write into the settings: database: %s\n", c->to);
	else
		(void)printf("Now take `database` out of the settings; %s must lie in the data folder.\n", c->to);
	return 0;
}

static int move_run(struct app *app, int argc, char **argv)
{
	const char *from = NULL, *to = NULL;
	struct telling telling = {.terminal = isatty(STDERR_FILENO) != 0};
	struct move_config c = {.steps = app_schemas(&app->settings.arena), .clock = &app->clock, .tell = tell,
	                        .ctx = &telling};
	struct move_made made;
	struct fault f = {0};
	bool cancel = false, usage = false;
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--cancel") == 0)
			cancel = true;
		else if (strcmp(argv[i], "--from") == 0 && more)
			from = argv[++i];
		else if (strcmp(argv[i], "--to") == 0 && more)
			to = argv[++i];
		else if (strcmp(argv[i], "--slice") == 0 && more)
			usage |= !str_i64(str_of(argv[++i]), &c.slice) || c.slice < 1 || c.slice > 1000000;
		else
			usage = true;
	}
	if (usage || from == NULL || to == NULL) {
		(void)fputs(USAGE, stderr);
		return 2;
	}
	enum rc rc = app_as_owner(app, true, &f);
	if (rc == RC_OK)
		rc = address(app, from, &c.from, &f);
	if (rc == RC_OK)
		rc = address(app, to, &c.to, &f);
	if (rc == RC_OK && cancel) {
		rc = store_move_cancel(&c, &f);
		if (rc == RC_OK)
			(void)printf("%s is served again as before. What had come to %s is of no use any more: remove it\n",
			             c.from, c.to);
		return rc == RC_OK ? 0 : failed(rc, &f);
	}
	if (rc == RC_OK)
		rc = store_move(&c, &made, &f);
	return rc == RC_OK ? report(&c, &made) : failed(rc, &f);
}

const struct command MOVE_COMMANDS[] = {
	{.name = "move",
	 .usage = "move --from A --to B [--slice ROWS] [--cancel]",
	 .help = "Moves the whole database between the file of a data folder and an empty PostgreSQL database, either\n"
	         "way; A and B are a data folder (or its xom.db) and a postgresql:// address. No server may run\n"
	         "meanwhile: it is refused, and refuses to start. Photos, keys and lists stay in the data folder.\n"
	         "Stopped or killed at any moment, the same move started again goes on where it was. At its end every\n"
	         "row of every table, the search's too, is compared with its source; only then the target may be\n"
	         "served, and the source says where it went.\n\n"
	         "--slice ROWS  commits after as many rows (20,000): fewer are slower, and less is done again\n"
	         "--cancel      gives an unfinished move up: A is served again\n\n"
	         "Exit status: 0 done, 1 it failed and can be started again, 3 refused, nothing was changed.",
	 .needs = NEEDS_settings,
	 .run = move_run},
	{0},
};
