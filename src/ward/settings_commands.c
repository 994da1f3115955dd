#include <stdio.h>
#include <string.h>

#include "ward/commands.h"

static int check(struct app *app)
{
	/* main has loaded the file already, or said what is wrong with it. */
	(void)printf("the settings are fine; data in %s, address %s\n", app->settings.data,
	             app->settings.base_url);
	return 0;
}

static int describe(void)
{
	struct buf out = {0};
	settings_describe(&out);
	(void)fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
	return 0;
}

static int settings_run(struct app *app, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "check") == 0)
		return check(app);
	if (argc == 2 && strcmp(argv[1], "describe") == 0)
		return describe();
	(void)fprintf(stderr, "usage: xom settings check|describe\n");
	return 2;
}

const struct command SETTINGS_COMMANDS[] = {
	{.name = "settings",
	 .usage = "settings check|describe",
	 .help = "check     reads the settings file (--settings FILE) and says what is wrong with it\n"
	         "describe  prints every setting with its default, its bounds and what it is",
	 .needs = NEEDS_settings,
	 .run = settings_run},
	{0},
};
