/* xom attachments: where photos lie. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"

enum { WARDS_MAX = 1024 };

static int usage(void)
{
	(void)fprintf(stderr, "usage: xom attachments move --to s3|folder\n"
	                      "       xom attachments join\n");
	return 2;
}

static void say_line(void *ctx, const char *line)
{
	const struct ward *w = ctx;
	(void)printf("%.*s: %s\n", PSTR(w->slug), line);
	(void)fflush(stdout);
}

static int tell(const struct fault *f)
{
	(void)fprintf(stderr, "xom attachments: %s\n", f->text);
	return 1;
}

static int move(struct app *app, bool into_bucket)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = ward_all(app->places, wards, WARDS_MAX);
	int64_t damaged = 0;
	for (size_t i = 0; i < n; i++) {
		struct media_moved moved = {0};
		struct fault f = {0};
		enum rc rc = media_move(app->media, wards[i]->id, into_bucket, say_line,
		                        (void *)(uintptr_t)wards[i], &moved, &f);
		(void)printf("%.*s: %lld photos moved, %lld MiB, each read back and compared\n",
		             PSTR(wards[i]->slug), (long long)moved.photos, (long long)(moved.bytes >> 20));
		damaged += moved.damaged;
		if (rc != RC_OK) {
			(void)tell(&f);
			(void)fprintf(stderr, "What is moved is moved: the same command goes on from here.\n");
			return 1;
		}
	}
	(void)printf("now look with: xom verify\n");
	return damaged > 0 ? 1 : 0;
}

static int join(struct app *app)
{
	struct fault f = {0};
	enum rc rc = media_join(app->media, &f);
	if (rc == RC_NONE)
		(void)printf("the bucket belongs to nobody yet: the first photo makes it this installation's\n");
	else if (rc == RC_OK)
		(void)printf("the bucket is this installation's now, too\n");
	return rc == RC_OK || rc == RC_NONE ? 0 : tell(&f);
}

static int attachments_run(struct app *app, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "join") == 0)
		return join(app);
	if (argc != 4 || strcmp(argv[1], "move") != 0 || strcmp(argv[2], "--to") != 0)
		return usage();
	bool into_bucket = strcmp(argv[3], "s3") == 0;
	return into_bucket || strcmp(argv[3], "folder") == 0 ? move(app, into_bucket) : usage();
}

const struct command ATTACHMENT_COMMANDS[] = {
	{.name = "attachments",
	 .usage = "attachments move --to s3|folder",
	 .help = "move --to s3      moves every photo from the folder into the bucket of the settings,\n"
	         "move --to folder  or back: stored there, read back and compared, then removed here.\n"
	         "                  The server may run meanwhile; broken off, it goes on where it was.\n"
	         "                  A photo that is damaged stays and is named; then it ends with 1.\n"
	         "join              makes the bucket this installation's, too, after a restore: until\n"
	         "                  then it is read, and nothing is stored or removed there.",
	 .needs = NEEDS_store,
	 .run = attachments_run},
	{0},
};
