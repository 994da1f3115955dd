/* xom agency: what is given to an agency by the command line, in the name of the officer whose cases they are. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"
#include "ward/flow/agency.h"

struct giving {
	const struct flow *w;
	struct str number, login;
	struct actor actor;
	struct ward_case *cases;
	size_t count;
};

static enum rc who_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct giving *g = ctx;
	struct account who;
	enum rc rc = account_by_login(tx, g->login, &who, f);
	return rc == RC_OK ? actor_of(tx, who.id, &g->actor, f) : rc;
}

static enum rc give_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct giving *g = ctx;
	return agency_give(tx, g->w, &g->actor, g->number, "command", &g->cases, &g->count, f);
}

/* Why nothing was given, for whoever types it. */
static const char *why_not(const struct fault *f)
{
	static const struct {
		const char *field, *text;
	} WHY[] = {
		{"none", "there is no request of this number"},
		{"waiting", "the request is not approved by chair and oversight"},
		{"refused", "the request was refused"},
		{"withdrawn", "the request was taken back"},
		{"expired", "the days on which the request may be used are over"},
		{"unit", "none of the request's cases is of this officer's units"},
	};
	for (size_t i = 0; i < sizeof WHY / sizeof *WHY; i++)
		if (strcmp(f->field, WHY[i].field) == 0)
			return WHY[i].text;
	return NULL;
}

static int say(const char *text)
{
	(void)fprintf(stderr, "xom: %s. Nothing was given.\n", text);
	return 1;
}

static void print(struct arena *a, const struct giving *g, struct places *places)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct ward_case *c = &g->cases[i];
		struct area area = {.name = STR_EMPTY};
		if (c->place.area.v != 0)
			(void)place_area(places, a, c->place.area, &area);
		(void)printf("%s\t%.*s\t%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", c->code, PSTR(c->kind), state_name(c->state),
		             PSTR(text_iso(a, c->received_at)), PSTR(c->closed_at != 0 ? text_iso(a, c->closed_at) : STR_EMPTY),
		             PSTR(c->outcome), PSTR(area.name), PSTR(c->place.street));
	}
}

static int give(struct app *app, const struct ward *ward, struct giving *g, struct arena *a)
{
	struct fault f = {0};
	enum rc rc = store_read(app->store, ward->id, a, who_tx, g, &f);
	if (rc == RC_NONE)
		return say("there is no such account");
	if (rc == RC_OK)
		rc = store_write(app->store, ward->id, a, give_tx, g, &f);
	if (rc == RC_DENIED)
		return say("only who works cases gives what is known of them");
	if (rc == RC_INVALID && why_not(&f) != NULL)
		return say(why_not(&f));
	if (rc != RC_OK) {
		log_fault("agency", "giving what was asked for", &f);
		return 2;
	}
	print(a, g, app->places);
	return 0;
}

static int run(struct app *app, int argc, char **argv)
{
	struct giving g = {.w = &app->flow};
	const struct ward *ward = NULL;
	struct arena a;
	bool wrong = argc < 2 || strcmp(argv[1], "give") != 0 || argc % 2 != 0;
	for (int i = 2; !wrong && i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--ward") == 0)
			ward = ward_by_slug(app->places, str_of(argv[i + 1]));
		else if (strcmp(argv[i], "--number") == 0)
			g.number = str_of(argv[i + 1]);
		else if (strcmp(argv[i], "--login") == 0)
			g.login = str_of(argv[i + 1]);
		else
			wrong = true;
	}
	if (!wrong && g.number.n == 0)
		return say("nothing leaves for an agency without the number of an approved request: --number");
	if (wrong || ward == NULL || g.login.n == 0) {
		(void)fprintf(stderr, "usage: xom agency give --ward W --number CODE --login L\n");
		return 2;
	}
	arena_init(&a, ARENA_REQUEST_LIMIT);
	int status = give(app, ward, &g, &a);
	arena_release(&a);
	return status;
}

const struct command AGENCY_COMMANDS[] = {
	{.name = "agency",
	 .usage = "agency give --ward W --number CODE --login L",
	 .help = "give  prints what an agency's request asks for, as far as chair and oversight approved it, of\n"
	         "      the cases that the units of the officer L have: code, kind, state, received, closed,\n"
	         "      outcome, khu vực, street, separated by tabs. CODE is the request's number at the\n"
	         "      ward; without one, or with one that is refused, waits or is over, nothing is given.\n"
	         "      Each time is written down: in the request, and in the log of looks.\n"
	         "No other verb gives out what a case holds; a backup is for restoring, and is the operator's.\n"
	         "Exit status: 0 given, 1 nothing was given, 2 wrong use or it could not be done.",
	 .needs = NEEDS_store,
	 .run = run},
	{0},
};
