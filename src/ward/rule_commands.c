/* xom rules: dated rows of periods, checked and published. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ward/calendar/calendar_store.h"
#include "ward/commands.h"

static const char *own_file(struct app *app)
{
	return arena_fmt(&app->settings.arena, "%s/calendars/rules.yaml", app->settings.share).p;
}

static int failed(const struct fault *f)
{
	char line[900];
	(void)fprintf(stderr, "xom rules: %s\n", fault_describe(f, line, sizeof line));
	return 1;
}

/* Needs no database, so that a file can be checked anywhere. */
static int check(const char *file)
{
	struct arena a;
	struct fault f = {0};
	struct str yaml = STR_EMPTY;
	struct rules *rules = NULL;
	struct yaml_reader y = {0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = file_read(&a, file, RULES_FILE_MAX, &yaml, &f);
	if (rc != RC_OK)
		(void)failed(&f);
	else
		rc = rules_parse(&rules, &y, file, yaml, &f);
	for (size_t i = 0; i < y.fault_count && i < sizeof y.faults / sizeof *y.faults; i++) {
		char line[900];
		(void)fprintf(stderr, "%s\n", fault_describe(&y.faults[i], line, sizeof line));
	}
	if (rc == RC_OK)
		(void)puts("the rules are fine");
	rules_free(rules);
	arena_release(&a);
	return rc == RC_OK ? 0 : 1;
}

static int list(struct app *app)
{
	const struct rule *all;
	size_t n = rules_all(app->rules, &all);
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; i < n; i++)
		(void)printf("%-24.*s %5d %-12s %.*s to %.*s  %.*s%s\n", PSTR(all[i].name), all[i].amount, rule_unit_name(all[i].unit),
		             PSTR(text_day_iso(&a, all[i].valid_from)),
		             PSTR(all[i].valid_to != 0 ? text_day_iso(&a, all[i].valid_to) : STR("now")), PSTR(all[i].source),
		             all[i].verified ? "" : " (not verified)");
	arena_release(&a);
	return 0;
}

struct publishing {
	const char *file;
	struct str yaml, who;
	struct rules_change change;
};

static enum rc publish_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct publishing *p = ctx;
	return rules_publish(tx, p->file, p->yaml, day_of(tx_now(tx)), p->who, false, &p->change, f);
}

static int publish(struct app *app, const char *file)
{
	const struct passwd *who = getpwuid(geteuid());
	struct publishing p = {.file = file};
	struct fault f = {0};
	struct arena a;
	arena_init(&a, (size_t)16 << 20);
	p.who = arena_copy(&a, str_of(who != NULL ? who->pw_name : "unknown"));
	enum rc rc = file_read(&a, file, RULES_FILE_MAX, &p.yaml, &f);
	if (rc == RC_OK)
		rc = store_write(app->store, (struct ward_id){0}, &a, publish_tx, &p, &f);
	arena_release(&a);
	if (rc != RC_OK)
		return failed(&f);
	(void)printf("%zu row%s added, %zu ended\n", p.change.added, p.change.added == 1 ? "" : "s", p.change.ended);
	return 0;
}

static int rules(struct app *app, int argc, char **argv)
{
	const char *verb = argc >= 2 ? argv[1] : "", *file = argc == 3 ? argv[2] : own_file(app);
	bool lists = argc == 2 && strcmp(verb, "list") == 0;
	if (argc <= 3 && strcmp(verb, "check") == 0)
		return check(file);
	if (!lists && (argc > 3 || strcmp(verb, "publish") != 0)) {
		(void)fprintf(stderr, "usage: xom %s\n", RULE_COMMANDS[0].usage);
		return 2;
	}
	struct fault f = {0};
	if (app_open(app, NEEDS_store, &f) != RC_OK)
		return failed(&f);
	return lists ? list(app) : publish(app, file);
}

const struct command RULE_COMMANDS[] = {
	{"rules", "rules check [FILE] | list | publish [FILE]",
	 "Every period that the program reckons with, as dated rows with their source (calendars/rules.yaml).\n"
	 "  check    reads a file (without one: the program's own) and says every fault with line and field.\n"
	 "           Needs no database. Ends with 1 when there is a fault.\n"
	 "  list     the rows that are published.\n"
	 "  publish  takes the file's new rows, and the ends of those that are there. A row that was published\n"
	 "           is never changed: end it with valid_to, from yesterday on, and write a new one below it.\n"
	 "           All of it or, when a row is refused, nothing. Cases keep the row of the day they began on.",
	 NEEDS_settings, rules},
	{0},
};
