/* xom mail: what comes back. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"

static int bounce(struct app *app)
{
	struct buf b = {.max = BOUNCE_MAX};
	struct fault f = {0};
	char piece[4096];
	for (size_t n; (n = fread(piece, 1, sizeof piece, stdin)) > 0;)
		buf_add(&b, str_n(piece, n));
	/* What is too big is read to its end, or the mail server would take it for an error of ours. */
	enum rc rc = b.failed ? RC_NONE : bounce_take(&app->notify, buf_str(&b), &f);
	buf_release(&b);
	if (rc == RC_OK)
		(void)puts("the address is marked: nothing more is sent to it");
	else if (rc == RC_NONE)
		(void)puts("no returned mail of an address that is kept: nothing to do");
	else
		log_fault("mail", "a returned mail could not be taken in", &f);
	return rc == RC_OK || rc == RC_NONE ? 0 : 75; /* EX_TEMPFAIL: the mail server tries again */
}

static int mail_run(struct app *app, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "bounce") == 0)
		return bounce(app);
	(void)fprintf(stderr, "usage: xom mail bounce\n");
	return 2;
}

const struct command MAIL_COMMANDS[] = {
	{.name = "mail",
	 .usage = "mail bounce",
	 .help = "bounce  reads a returned mail on standard input, for the mail server's alias or pipe:\n"
	         "        after a refusal for good nothing more is sent to that address. Ends with 75 when\n"
	         "        it could not be written down and should be tried again",
	 .needs = NEEDS_store,
	 .run = mail_run},
	{0},
};
