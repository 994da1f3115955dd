#include "rooms/stats/stats.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/figure/transparency.h"

static const struct route ROUTES[] = {
	ROUTE(GET, "/figures", figures_page, open, NONE, 0, PAGE, PUBLIC, &FIGURES, "stats/figures",
	      "figures of a month, quarter or year, by kind and by khu vực"),
	ROUTE(GET, "/figures/edition/:quarter", edition_page, open, NONE, 0, PAGE, PUBLIC, &EDITION,
	      "stats/edition", "quarterly edition: kinds that are not listed, and what was late"),
	ROUTE(GET, "/figures/edition/:quarter/bytes", edition_bytes, open, NONE, 0, PAGE, PUBLIC, NULL,
	      NULL, "an edition's bytes, of which its checksum is"),
	ROUTE(GET, "/figures/sheet/:area/:month", sheet_page, open, NONE, 0, PAGE, PUBLIC, &SHEET,
	      "stats/sheet", "a khu vực's month on one sheet of paper"),
	ROUTE(GET, "/transparency", transparency_latest, open, NONE, 0, PAGE, PUBLIC, &TRANSPARENCY, "stats/transparency",
	      "the last quarter's transparency page; the newest daily head"),
	ROUTE(GET, "/transparency/heads", transparency_heads, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "daily heads, a line each, for whoever keeps them outside"),
	ROUTE(GET, "/transparency/check", transparency_check, open, NONE, 0, PAGE, PUBLIC, &TRANSPARENCY_CHECK,
	      "stats/transparency_check", "how to check the page and a daily head from outside"),
	ROUTE(GET, "/transparency/:quarter", transparency_page, open, NONE, 0, PAGE, PUBLIC, &TRANSPARENCY,
	      "stats/transparency", "a quarter's transparency page, frozen; .json: the bytes that are signed"),
	ROUTE(GET, "/transparency/:quarter/signature", transparency_signature, open, NONE, 0, PAGE, PUBLIC, NULL, NULL,
	      "the signature of those bytes, with the key of the daily heads"),
	ROUTE(GET, "/figures/week/:area", week_page, open, NONE, 0, PAGE, PUBLIC, &WEEK, "stats/week",
	      "a khu vực's last seven days for its notice board: what was settled, what is open, what is late"),
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

static int transparency_run(struct app *app, int argc, char **argv)
{
	struct period quarter;
	struct transparency t;
	struct fault f = {0};
	struct arena a;
	if (argc != 4 || strcmp(argv[1], "revise") != 0 || !period_parse(str_of(argv[3]), &quarter) ||
	    quarter.kind != PERIOD_quarter) {
		(void)fprintf(stderr, "usage: xom transparency revise WARD QUARTER (as 2026-Q3)\n");
		return 2;
	}
	const struct ward *ward = ward_by_slug(app->places, str_of(argv[2]));
	if (ward == NULL) {
		(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", argv[2]);
		return 2;
	}
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = transparency_make(&app->flow, ward, &quarter, false, &t, &a, &f);
	if (rc == RC_OK)
		(void)printf("number %d of %s is made\n", t.number, argv[3]);
	else
		log_fault("transparency", "no page is made", &f);
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
	{.name = "transparency",
	 .usage = "transparency revise WARD QUARTER",
	 .help = "Makes and signs the next number of a quarter's transparency page (2026-Q3), after something in\n"
	         "it was corrected. The earlier ones stay as they are and can be read. The first is made by\n"
	         "itself in the night after the quarter.",
	 .needs = NEEDS_store,
	 .run = transparency_run},
	{0},
};

const struct room STATS_ROOM = {.name = "stats", .routes = ROUTES, .commands = COMMANDS};
