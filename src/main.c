/* xom: the command line. Verbs come from the floors and the rooms; this file finds the one that was
 * asked for, opens what it needs and runs it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/hash.h"
#include "kit/base/log.h"
#include "serve.h"
#include "ward/commands.h"
#include "ward/room.h"

static const struct command *const FLOORS[] = {
	SERVE_COMMANDS, DEMO_COMMANDS, PLACE_COMMANDS, PEOPLE_COMMANDS, OVERSIGHT_COMMANDS, PROCEDURE_COMMANDS, CALENDAR_COMMANDS,
	RULE_COMMANDS, PRIVACY_COMMANDS, FLOW_COMMANDS, VERIFY_COMMANDS, DELETION_COMMANDS, AGENCY_COMMANDS, ATTACHMENT_COMMANDS, MAIL_COMMANDS, JOB_COMMANDS,
	BACKUP_COMMANDS, MOVE_COMMANDS, UPGRADE_COMMANDS, SETUP_COMMANDS, DOCTOR_COMMANDS, SETTINGS_COMMANDS,
	PROMISE_COMMANDS, TEST_COMMANDS,
};
/* Where the Debian package has them. */
#define SETTINGS_FILE "/etc/xom/settings.yaml"

enum { FLOOR_COUNT = sizeof FLOORS / sizeof *FLOORS };

/* The verb number i over all tables, in their order; NULL past the last. */
static const struct command *verb_at(size_t i)
{
	for (size_t t = 0; t < FLOOR_COUNT; t++)
		for (const struct command *c = FLOORS[t]; c->name != NULL; c++)
			if (i-- == 0)
				return c;
	for (size_t t = 0; ROOMS[t] != NULL; t++)
		for (const struct command *c = ROOMS[t]->commands; c != NULL && c->name != NULL; c++)
			if (i-- == 0)
				return c;
	return NULL;
}

static int usage(FILE *out)
{
	(void)fprintf(out, "xom %s: a ward's community-safety desk.\n\n"
	                   "usage: xom [--settings FILE] [--data DIR] [--share DIR] VERB …\n\n", XOM_VERSION);
	const struct command *c;
	for (size_t i = 0; (c = verb_at(i)) != NULL; i++)
		if (c->usage != NULL)
			if (strncmp(c->name, "test-", 5) != 0)
			(void)fprintf(out, "  xom %s\n", c->usage);
	(void)fprintf(out, "  xom version [--sbom]\n\n`xom VERB --help` says more about each.\n");
	return out == stdout ? 0 : 2;
}

static int run(const struct command *c, struct app *app, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0) {
			(void)printf("usage: xom %s\n\n%s\n", c->usage != NULL ? c->usage : c->name, c->help);
			return 0;
		}
	struct fault f = {0};
	enum rc rc = crypto_start(&f);
	if (rc == RC_OK)
		rc = app_open(app, c->needs, &f);
	int status = 1;
	if (rc == RC_OK)
		status = c->run(app, argc, argv);
	else
		log_fault("main", "cannot start", &f);
	app_close(app);
	return status;
}

/* The list of what the package is made of, where the package put it. */
static int print_sbom(struct settings *s)
{
	const char *path = arena_fmt(&s->arena, "%s/sbom.cdx.json", s->share).p;
	bool there = access(path, R_OK) == 0;
	if (there)
		(void)puts(path);
	else
		(void)fprintf(stderr, "xom: there is no %s: the Debian package brings it (tools/package)\n", path);
	settings_release(s);
	return there ? 0 : 1;
}

/* Options before the verb. They stand above the settings file. Returns the verb's index, or -1. */
static int read_options(int argc, char **argv, const char **file, const char **data,
                        const char **share, const char **clock)
{
	const struct {
		const char *name, **to;
	} options[] = {
		{"--settings", file}, {"--data", data}, {"--share", share}, {"--test-clock", clock}};
	int i = 1;
	while (i < argc && argv[i][0] == '-') {
		size_t o = 0;
		while (o < sizeof options / sizeof *options && strcmp(argv[i], options[o].name) != 0)
			o++;
		if (o == sizeof options / sizeof *options || i + 1 >= argc)
			return -1;
		*options[o].to = argv[i + 1];
		i += 2;
	}
	return i;
}

int main(int argc, char **argv)
{
	const char *file = NULL, *data = NULL, *share = NULL, *clock = NULL;
	int at = read_options(argc, argv, &file, &data, &share, &clock);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0))
		return usage(stdout);
	if (at < 0 || at >= argc)
		return usage(stderr);
	if (strcmp(argv[at], "version") == 0 && at + 1 == argc) {
		(void)puts("xom " XOM_VERSION);
		return 0;
	}
	const struct command *c = NULL;
	for (size_t i = 0; (c = verb_at(i)) != NULL && strcmp(c->name, argv[at]) != 0; i++)
		;
	bool sbom = argc - at == 2 && strcmp(argv[at], "version") == 0 && strcmp(argv[at + 1], "--sbom") == 0;
	if (c == NULL && !sbom) {
		(void)fprintf(stderr, "xom: there is no verb \"%s\"\n\n", argv[at]);
		return usage(stderr);
	}
	/* On a machine where the package is installed, nobody need say where its settings are. */
	if (file == NULL && data == NULL && share == NULL && access(SETTINGS_FILE, F_OK) == 0)
		file = SETTINGS_FILE;
	static struct app app;
	struct fault f = {0};
	enum rc rc = settings_load(&app.settings, file, &f);
	if (rc != RC_OK) {
		log_fault("main", "the settings", &f);
		settings_release(&app.settings);
		return 2;
	}
	if (data != NULL)
		app.settings.data = data;
	if (share != NULL)
		app.settings.share = share;
	app.settings.test_clock = clock;
	if (sbom)
		return print_sbom(&app.settings);
	return run(c, &app, argc - at, argv + at);
}
