/* xom rights: what is refused and promised, and what proves it. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"
#include "ward/promises.h"

static int rights_run(struct app *app, int argc, char **argv)
{
	struct promises p;
	struct fault f = {0};
	bool check = argc == 2 && strcmp(argv[1], "check") == 0;
	if (argc > 1 && !check) {
		(void)fputs("usage: xom rights [check]\n", stderr);
		return 2;
	}
	enum rc rc = promises_load(&p, app->settings.share, XOM_VERSION, &f);
	if (rc == RC_OK && check)
		rc = promises_check(&p, app->settings.share, &f);
	if (rc != RC_OK) {
		char text[800];
		(void)fprintf(stderr, "%s\n", fault_describe(&f, text, sizeof text));
	} else if (check) {
		(void)printf("%zu refusals and promises, each that is offered with its tests\n", p.count);
	}
	for (size_t i = 0; rc == RC_OK && !check && i < p.count; i++) {
		const struct promise *x = &p.list[i];
		(void)printf("%s %d\t%s\t%.*s\n", x->refused ? "refused" : "promised", x->number,
		             x->offered ? "offered" : "not yet", PSTR(x->title[LANG_en]));
		for (size_t k = 0; k < x->test_count; k++)
			(void)printf("\t%.*s\t%.*s\n", PSTR(x->tests[k].file),
			             PSTR(x->tests[k].green_day != 0
			                      ? text_day_iso(&p.arena, x->tests[k].green_day)
			                      : STR("not known for this build")));
	}
	promises_release(&p);
	return rc == RC_OK ? 0 : 1;
}

const struct command PROMISE_COMMANDS[] = {
	{.name = "rights",
	 .usage = "rights [check]",
	 .help = "Prints what the program refuses and promises, whether it is offered yet, which tests\n"
	         "prove it, and on which day they were last all green.\n"
	         "check  for the build: every test that is named is there, nothing is offered without one",
	 .needs = NEEDS_settings,
	 .run = rights_run},
	{0},
};
