#include "rooms/stats/stats.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"

static const struct route ROUTES[] = {
	ROUTE(GET, "/figures", figures_page, open, NONE, 0, PAGE, PUBLIC, &FIGURES, "stats/figures",
	      "figures of a month, quarter or year, by kind and by khu vực"),
	ROUTE(GET, "/figures/edition/:quarter", edition_page, open, NONE, 0, PAGE, PUBLIC, &EDITION,
	      "stats/edition", "quarterly edition: kinds that are not listed, and what was late"),
	ROUTE(GET, "/figures/edition/:quarter/bytes", edition_bytes, open, NONE, 0, PAGE, PUBLIC, NULL,
	      NULL, "an edition's bytes, of which its checksum is"),
	ROUTE(GET, "/figures/sheet/:area/:month", sheet_page, open, NONE, 0, PAGE, PUBLIC, &SHEET,
	      "stats/sheet", "a khu vực's month on one sheet of paper"),
	{0},
};

struct revise_work {
	const struct flow *w;
	const struct ward *ward;
	struct period quarter;
	struct edition e;
};

static enum rc revise_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct revise_work *k = ctx;
	enum rc rc = edition_make(tx, k->w, k->ward, &k->quarter, f);
	return rc == RC_OK ? edition_get(tx, &k->quarter, 0, &k->e, f) : rc;
}

static int figures_run(struct app *app, int argc, char **argv)
{
	struct revise_work k = {.w = &app->flow};
	struct fault f = {0};
	struct arena a;
	if (argc != 4 || strcmp(argv[1], "revise") != 0 ||
	    !period_parse(str_of(argv[3]), &k.quarter) || k.quarter.kind != PERIOD_quarter) {
		(void)fprintf(stderr, "usage: xom figures revise WARD QUARTER (as 2026-Q3)\n");
		return 2;
	}
	k.ward = ward_by_slug(app->places, str_of(argv[2]));
	if (k.ward == NULL) {
		(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", argv[2]);
		return 2;
	}
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = store_write(app->store, k.ward->id, &a, revise_tx, &k, &f);
	if (rc == RC_OK)
		(void)printf("edition %d of %s is made\n%.*s", k.e.number, argv[3], PSTR(k.e.body));
	else
		log_fault("figures", "no edition is made", &f);
	arena_release(&a);
	return rc == RC_OK ? 0 : 1;
}

static const struct command COMMANDS[] = {
	{.name = "figures",
	 .usage = "figures revise WARD QUARTER",
	 .help = "Makes the next edition of a quarter that is over (2026-Q3), after something in it was\n"
	         "corrected. The earlier ones stay as they are and can be read. The first edition is\n"
	         "made by itself in the night after the quarter.",
	 .needs = NEEDS_store,
	 .run = figures_run},
	{0},
};

const struct room STATS_ROOM = {.name = "stats", .routes = ROUTES, .commands = COMMANDS};
