#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"

enum { WARDS_MAX = 1024 };

/* The wards that a verb is asked for: all, or the one that is named. 0: there is none. */
static size_t wards_of(struct app *app, int argc, char **argv, const struct ward **out)
{
	if (argc == 1)
		return ward_all(app->places, out, WARDS_MAX);
	if (argc == 3 && strcmp(argv[1], "--ward") == 0) {
		out[0] = ward_by_slug(app->places, str_of(argv[2]));
		if (out[0] != NULL)
			return 1;
		(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", argv[2]);
		return 0;
	}
	(void)fprintf(stderr, "usage: xom %s [--ward SLUG]\n", argv[0]);
	return 0;
}

static int rebuild_run(struct app *app, int argc, char **argv)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = wards_of(app, argc, argv, wards);
	if (n == 0)
		return 2;
	for (size_t i = 0; i < n; i++) {
		struct fault f = {0};
		if (flow_rebuild(&app->flow, wards[i]->id, &f) != RC_OK) {
			log_fault("rebuild", "stopped", &f);
			return 1;
		}
		(void)printf("%.*s: counters and search are made again\n", PSTR(wards[i]->slug));
	}
	return 0;
}

static int keys_show(const struct key_info *list, size_t n)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; i < n; i++)
		(void)printf("%s %d, made %s\n", list[i].name, list[i].number,
		             text_iso(&a, list[i].made_at).p);
	arena_release(&a);
	return 0;
}

static int keys_turn(struct app *app, const struct key_info *list, size_t n, const char *name)
{
	struct fault f = {0};
	int number;
	size_t i = 0;
	while (i < n && strcmp(list[i].name, name) != 0)
		i++;
	if (i == n) {                          /* a misspelt name would make a key that nobody uses */
		(void)fprintf(stderr, "xom: there is no key \"%s\"; xom keys list names them\n", name);
		return 2;
	}
	if (keys_rotate(app->keys, name, &number, &f) != RC_OK) {
		log_fault("keys", "cannot rotate", &f);
		return 1;
	}
	(void)printf("%s %d is the current key\n", name, number);
	return 0;
}

static int keys_run(struct app *app, int argc, char **argv)
{
	struct arena a;
	struct fault f = {0};
	struct key_info *list;
	size_t n;
	int status = 2;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (keys_list(app->keys, &a, &list, &n, &f) != RC_OK) {
		log_fault("keys", "cannot read the keys", &f);
		status = 1;
	} else if (argc == 2 && strcmp(argv[1], "list") == 0) {
		status = keys_show(list, n);
	} else if (argc == 3 && strcmp(argv[1], "rotate") == 0) {
		status = keys_turn(app, list, n, argv[2]);
	} else {
		(void)fprintf(stderr, "usage: xom keys list|rotate NAME\n");
	}
	arena_release(&a);
	return status;
}

const struct command FLOW_COMMANDS[] = {
	{.name = "rebuild",
	 .usage = "rebuild [--ward SLUG]",
	 .help = "Drops what is derived from the cases (counts of the queues, the roll-up of\n"
	         "figures, the search index) and makes it again.",
	 .needs = NEEDS_store,
	 .run = rebuild_run},
	{.name = "keys",
	 .usage = "keys list|rotate NAME",
	 .help = "list         names the keys with their numbers; never the keys themselves\n"
	         "rotate NAME  makes a new current key. The older ones stay for what was made with\n"
	         "             them; a form that is open meanwhile stays good for 24 hours.",
	 .needs = NEEDS_store,
	 .run = keys_run},
	{0},
};
