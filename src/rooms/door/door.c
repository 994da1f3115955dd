#include "rooms/door/door.h"

#include "ward/doctor.h"

/* WHAT_MAX letters with two marks each, decomposed, each byte as %XX. */
#define PAPER_BODY ((size_t)192 << 10)

static const struct route ROUTES[] = {
	ROUTE(GET, "/door", door_first, open, NONE, 0, PAGE, PUBLIC, &DOOR_QUESTION, "door/question",
	      "the first question: is anyone in danger now"),
	ROUTE(GET, "/door/:id", door_page, open, NONE, 0, PAGE, PUBLIC, &DOOR_QUESTION, "door/question",
	      "a question, or a door: who deals with it and what to do"),
	ROUTE(GET, DOOR_QUIET, door_quiet, open, NONE, 0, PAGE, NONE, &DOOR, "door/door",
	      "the door of who is hurt: nothing is kept, and it can be left at once"),
	ROUTE(GET, "/door/:id/paper", door_paper_form, open, NONE, 0, PAGE, FORM, &DOOR_PAPER, "door/paper",
	      "asks for the words of a letter to print"),
	ROUTE(POST, "/door/:id/paper", door_paper_send, open, FORM, PAPER_BODY, FORM, NONE, &DOOR_PAPER,
	      "door/paper", "makes that letter as PDF; keeps nothing"),
	{0},
};

static const struct template_page PAGES[] = {
	{"door/door", &DOOR},
	{0},
};

struct looking {
	struct receiver *rows;
	size_t count;
	int32_t day;
};

static enum rc all_today(struct tx *tx, void *ctx, struct fault *f)
{
	struct looking *l = ctx;
	return receivers_of(tx, STR_EMPTY, l->day, &l->rows, &l->count, f);
}

/* A door without anybody behind it sends people to the ward's office. */
static void check_receivers(struct doctor *d)
{
	enum { MOST = 64 };
	const struct ward *wards[MOST];
	size_t n = ward_all(d->app->places, wards, MOST), before = d->count;
	const struct router *router = d->app->router;
	for (size_t i = 0; i < n; i++) {
		struct looking l = {.day = day_of(d->now)};
		struct buf lack = {0};
		if (store_read(d->app->store, wards[i]->id, d->arena, all_today, &l, NULL) != RC_OK) {
			found(d, LEVEL_unknown, "unknown");
			continue;
		}
		for (size_t k = 0; k < router->door_count; k++) {
			bool there = !router->doors[k].receiver;
			for (size_t r = 0; r < l.count; r++)
				there = there || str_eq(l.rows[r].door, router->doors[k].id);
			if (!there)
				buf_join(&lack, "; ", router->doors[k].title.in[LANG_vi]);
		}
		if (lack.n > 0) {
			found_text(d, LEVEL_soon, "none", "ward", wards[i]->name);
			found_more(d, "doors", arena_take(d->arena, &lack));
		}
		buf_release(&lack);
	}
	if (d->count == before)
		found(d, LEVEL_fine, "fine");
}

static const struct doctor_check CHECKS[] = {
	{"receivers", check_receivers},
	{0},
};

const struct room DOOR_ROOM = {.name = "door", .routes = ROUTES, .commands = DOOR_COMMANDS, .checks = CHECKS, .pages = PAGES};
