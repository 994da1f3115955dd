/* xom procedures: checks files, lists what is published, publishes. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/log.h"
#include "ward/commands.h"

enum { KINDS_MAX = 256 };

static const char *share(struct app *app, const char *name)
{
	return arena_fmt(&app->settings.arena, "%s/%s", app->settings.share, name).p;
}

static void say(void *ctx, const struct fault *fault)
{
	char line[900];
	(void)ctx;
	(void)fprintf(stderr, "%s\n", fault_describe(fault, line, sizeof line));
}

static int failed(const char *doing, const struct fault *f)
{
	log_fault("flow", doing, f);
	return 1;
}

/* Needs no database, so that a file can be checked anywhere. */
static int check(struct app *app, int argc, char **argv)
{
	struct rules *rules = NULL;
	struct refused *refused = NULL;
	struct fault f = {0};
	enum rc rc = rules_load(&rules, share(app, "calendars/rules.yaml"), &f);
	if (rc == RC_OK)
		rc = refused_load(&refused, share(app, "rights/refused.yaml"), &f);
	size_t faults = 0;
	if (rc == RC_OK) {
		const char *all[] = {share(app, "procedures")};
		faults = argc > 0 ? procedures_check((const char *const *)argv, (size_t)argc, rules,
		                                     refused, say, NULL)
		                  : procedures_check(all, 1, rules, refused, say, NULL);
		if (faults == 0)
			(void)puts("the procedures are fine");
		else
			(void)fprintf(stderr, "%zu fault%s\n", faults, faults == 1 ? "" : "s");
	}
	refused_free(refused);
	rules_free(rules);
	if (rc != RC_OK)
		return failed("checking procedures", &f);
	return faults == 0 ? 0 : 1;
}

static int list(struct app *app)
{
	int32_t today = day_of(clock_now(&app->clock));
	const struct procedure *all[KINDS_MAX];
	size_t n = procedures_all(app->procedures, today, all, KINDS_MAX);
	struct arena a;
	arena_init(&a, (size_t)1 << 20);
	for (size_t i = 0; i < n; i++)
		(void)printf("%-16.*s %.*s  from %.*s  %.*s\n", PSTR(all[i]->name),
		             PSTR(hex_of(&a, str_sub(hash_str(&all[i]->checksum), 0, 8))),
		             PSTR(text_day_iso(&a, all[i]->valid_from)), PSTR(all[i]->title[LANG_vi]));
	struct hash h = procedures_hash(app->procedures, today);
	(void)printf("definitions %.*s\n", PSTR(hex_of(&a, hash_str(&h))));
	arena_release(&a);
	return 0;
}

static int publish(struct app *app, int argc, char **argv)
{
	const char *dir = share(app, "procedures");
	int32_t from = day_of(clock_now(&app->clock));
	bool only_new = false;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--new") == 0) {
			only_new = true;
		} else if (strcmp(argv[i], "--from") != 0) {
			dir = argv[i];
		} else if (i + 1 >= argc || !day_parse(str_of(argv[++i]), &from)) {
			(void)fputs("xom procedures publish: --from needs a day like 2026-12-01\n", stderr);
			return 2;
		}
	}
	/* RIGHTS.md: a change of the definitions names who and when. */
	const struct passwd *who = getpwuid(geteuid());
	struct fault f = {0};
	size_t n = 0;
	enum rc rc = procedures_publish_as(app->procedures, app->store, dir, from,
	                                   str_of(who != NULL ? who->pw_name : "unknown"), only_new, &n, &f);
	if (rc != RC_OK)
		return failed("publishing procedures", &f);
	(void)printf("%zu procedure%s published\n", n, n == 1 ? "" : "s");
	return list(app);
}

static int procedures(struct app *app, int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "check") == 0)
		return check(app, argc - 2, argv + 2);
	bool lists = argc == 2 && strcmp(argv[1], "list") == 0;
	if (!lists && (argc < 2 || strcmp(argv[1], "publish") != 0)) {
		(void)fprintf(stderr, "usage: xom %s\n", PROCEDURE_COMMANDS[0].usage);
		return 2;
	}
	struct fault f = {0};
	if (app_open(app, NEEDS_store, &f) != RC_OK)
		return failed("opening the data", &f);
	return lists ? list(app) : publish(app, argc - 2, argv + 2);
}

const struct command PROCEDURE_COMMANDS[] = {
	{"procedures", "procedures check [FILE|DIR …] | list | publish [DIR] [--new] [--from DAY]",
	 "What a case of a kind goes through, as YAML files of procedures/.\n"
	 "  check    reads files or folders (without any: the program's own) and says every fault with\n"
	 "           file, line and field. Needs no database. Ends with 1 when there is a fault.\n"
	 "  list     the kinds valid today, their versions, and the hash of all live definitions.\n"
	 "  publish  stores every file that differs from its latest version, valid from today or from\n"
	 "           DAY; all of them or, when one is refused, none. Running cases keep the version\n"
	 "           they began with. A running server sees them within seconds.\n"
	 "           --new: only kinds whose name was never published; all others stay as they are.",
	 NEEDS_settings, procedures},
	{0},
};
