/* xom backup, xom restore. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/archive/box.h"
#include "kit/base/log.h"
#include "kit/base/text.h"
#include "ward/backup.h"
#include "ward/commands.h"

static const char BACKUP_USAGE[] =
	"usage: xom backup [DIR] [--keys DIR] [--fast]\n";
static const char RESTORE_USAGE[] =
	"usage: xom restore [--check] DATA.box KEYS.box --secret FILE --keys-secret FILE\n"
	"                   [--deletions DIR|none]\n";

static void say_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)fprintf(stderr, "%s\n", line);
}

/* Words for whoever typed it; what is broken inside goes to the log. */
static int tell(const char *verb, const struct fault *f)
{
	char text[800];
	(void)fprintf(stderr, "xom %s: %s\n", verb, fault_describe(f, text, sizeof text));
	return 1;
}

static int key_run(struct app *app, int argc, char **argv)
{
	(void)app;
	if (argc != 2) {
		(void)fputs("usage: xom backup-key FILE\n", stderr);
		return 2;
	}
	const char *path = argv[1];
	char public[BOX_TEXT];
	struct fault f = {0};
	if (box_make(path, public, &f) != RC_OK)
		return tell("backup", &f);
	(void)printf("%s\n", public);
	(void)fprintf(stderr,
	              "The line above is the public key: put it into the settings. The secret key is in\n"
	              "%s: take it off this machine and keep it in two places; without it no backup\n"
	              "can be read any more, and with it everybody can.\n", path);
	return 0;
}

static int backup_run(struct app *app, int argc, char **argv)
{
	const struct settings *s = &app->settings;
	struct backup_to to = {.dir = s->backup_dir, .keys_dir = s->backup_keys_dir,
	                       .key = s->backup_key, .keys_key = s->backup_keys_key,
	                       .keep_days = s->backup_keep_days};
	struct backup_made made;
	struct fault f = {0};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--fast") == 0) {
			to.fast = true;
		} else if (strcmp(argv[i], "--keys") == 0 && i + 1 < argc) {
			to.keys_dir = argv[++i];
		} else if (argv[i][0] != '-' && to.dir == s->backup_dir) {
			to.dir = argv[i];
		} else {
			(void)fputs(BACKUP_USAGE, stderr);
			return 2;
		}
	}
	if (isatty(STDERR_FILENO))
		to.say = say_line;
	if (backup_make(app, &to, &made, &f) != RC_OK)
		return tell("backup", &f);
	(void)printf("%s\n%s\n%lld MiB of database, %lld photos, %lld keys, %lld s\n", made.data_file,
	             made.keys_file, (long long)(made.database_bytes >> 20), (long long)made.photos,
	             (long long)made.keys, (long long)(made.took_us / US_SECOND));
	if (made.removed > 0)
		(void)printf("%lld old archives were removed\n", (long long)made.removed);
	if (made.missing > 0)
		(void)fprintf(stderr, "%lld photos are missing: the log names them\n",
		              (long long)made.missing);
	if (made.same_place)
		(void)fprintf(stderr, "Both archives lie on one disk: take the one of the keys elsewhere.\n");
	return 0;
}

static const char *after(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return NULL;
}

static int restore_run(struct app *app, int argc, char **argv)
{
	struct restore_from from = {.secret = after(argc, argv, "--secret"),
	                            .keys_secret = after(argc, argv, "--keys-secret"),
	                            .deletions = after(argc, argv, "--deletions"),
	                            .say = say_line};
	struct restored out;
	struct fault f = {0};
	bool usage = false;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--check") == 0)
			from.check = true;
		else if (strcmp(argv[i], "--secret") == 0 || strcmp(argv[i], "--keys-secret") == 0 ||
		         strcmp(argv[i], "--deletions") == 0)
			i++;
		else if (argv[i][0] != '-' && from.data_file == NULL)
			from.data_file = argv[i];
		else if (argv[i][0] != '-' && from.keys_file == NULL)
			from.keys_file = argv[i];
		else
			usage = true;
	}
	if (usage || from.keys_file == NULL || from.secret == NULL || from.keys_secret == NULL) {
		(void)fputs(RESTORE_USAGE, stderr);
		return 2;
	}
	if (from.deletions == NULL && app->settings.deletions[0] != '\0')
		from.deletions = app->settings.deletions;
	if (from.deletions == NULL && !from.check) {
		(void)fputs("xom restore: say with --deletions DIR where the list of what was erased lies now, "
		            "so that it\nstays erased; or --deletions none, when no newer one is left.\n", stderr);
		return 2;
	}
	if (from.deletions != NULL && strcmp(from.deletions, "none") == 0)
		from.deletions = NULL;
	if (backup_restore(app, &from, &out, &f) != RC_OK)
		return tell("restore", &f);
	if (out.erased > 0)
		(void)printf("%lld parts that were erased since the backup are erased again\n",
		             (long long)out.erased);
	(void)printf("%s: %lld cases, %lld photos, every chain verified\n",
	             from.check ? "the backup is good" : app->settings.data,
	             (long long)out.verify.cases, (long long)out.photos);
	if (!from.check && app->settings.database[0] != '\0')
		(void)fprintf(stderr, "What was restored is the file %s/xom.db, while the settings name a PostgreSQL\n"
		              "database. Into an empty one: xom move --from %s --to ADDRESS; or take `database` out of\n"
		              "the settings to serve the file.\n", app->settings.data, app->settings.data);
	return 0;
}

const struct command BACKUP_COMMANDS[] = {
	{.name = "backup",
	 .usage = "backup [DIR] [--keys DIR] [--fast]",
	 .help = "Writes two archives while the server goes on: DIR (setting backup_dir) gets database,\n"
	         "photos and deletion list as of one moment, --keys DIR (backup_keys_dir) the keys. Each\n"
	         "is sealed to its own public key (backup_key, backup_keys_key), so that nobody who finds\n"
	         "it can read it. It slows itself to leave the machine to residents; --fast does not.\n"
	         "Archives older than backup_keep_days go after a good one.",
	 .needs = NEEDS_store,
	 .run = backup_run},
	{.name = "backup-key",
	 .usage = "backup-key FILE",
	 .help = "Makes a key pair for backups: the secret into the new FILE, which you take off this\n"
	         "machine; the public key is printed, for the settings. Backups and keys need one each.",
	 .needs = NEEDS_settings,
	 .run = key_run},
	{.name = "restore",
	 .usage = "restore [--check] DATA.box KEYS.box --secret FILE --keys-secret FILE [--deletions DIR|none]",
	 .help = "Unpacks both archives into the data folder (xom --data DIR), which must be empty or not\n"
	         "there. Nothing is served before all is whole: the schema is brought up to date, what\n"
	         "was erased after the backup is erased (--deletions: the folder of the lists as they are\n"
	         "now, by default that of the settings; none where it is lost), every chain is verified.\n"
	         "--check  does all that in a folder beside, which it then removes",
	 .needs = NEEDS_settings,
	 .run = restore_run},
	{0},
};
