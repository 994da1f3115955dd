/* Verbs for measuring, which no usage line names: what ./bench needs from inside of the program.
 *
 * test-trace SLUG N      opens N cases and prints the SQL that the writer ran, each statement ended
 *                        by a zero byte; a case begins with an empty statement
 * test-seed SLUG N OPEN  opens N cases and closes all but the last OPEN, by flow's own functions;
 *                        the clock runs from 400 days ago until now */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "serve.h"

/* Small: SQLite walks its statement journal from the beginning at each statement of a SAVEPOINT. */
enum { BATCH = 20, DAYS = 400 };
static const char *const KINDS[] = {"lighting", "road", "water", "rubbish"};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };
static const char *const WORDS[] = {
	"đèn", "đường", "tắt", "hẻm", "nước", "cống", "nghẹt", "rác", "bừa", "bãi", "ổ", "gà", "sâu",
	"trước", "nhà", "chợ", "trường", "học", "cầu", "bến", "phà", "đêm", "tối", "mưa", "ngập", "hôi",
	"nắp", "hố", "ga", "vỡ", "trụ", "điện", "số", "mười", "hai", "bảy", "cây", "ngã", "đổ", "xe",
};
enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS };

struct work {
	struct app *app;
	const struct ward *ward;
	struct actor actor;
	struct area *areas;
	size_t area_count;
	uint64_t seed;
	size_t from, to, closed;      /* the cases of this batch; those before `closed` are closed */
};

static size_t below(struct work *w, size_t n)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(w->seed >> 33) % n;
}

static struct str sentence(struct work *w, struct arena *a, size_t words)
{
	struct buf b = {0};
	for (size_t i = 0; i < words; i++) {
		buf_addz(&b, i > 0 ? " " : "");
		buf_addz(&b, WORDS[below(w, WORD_COUNT)]);
	}
	return arena_take(a, &b);
}

/* One of some sixty places of the demo's first ward, so that each size of ward shows as many squares;
 * elsewhere, or outside of every khu vực, a case has no point. */
static void add_place(struct work *w, int32_t today, struct case_place *p)
{
	enum { STEPS = 8 };
	const struct places *places = w->app->places;
	double lon = 105.6915 + 0.002 * (double)below(w, STEPS);
	double lat = 9.9885 + 0.003 * (double)below(w, STEPS);
	p->area = w->areas[below(w, w->area_count)].id;
	struct area_id at;
	if (!place_in_ward(places, w->ward->id, lon, lat, today) ||
	    place_locate(places, "khu_vuc", lon, lat, today, &at) != RC_OK)
		return;
	p->area = at;
	p->has_point = true;
	p->lon = lon;
	p->lat = lat;
	p->cell = place_cell(places, w->ward->id, lon, lat);
}

static enum rc open_one(struct tx *tx, struct work *w, struct ward_case *c, struct fault *f)
{
	struct app *app = w->app;
	struct arena *a = tx_arena(tx);
	struct receipt receipt;
	struct case_new n = {
		.procedure = procedure_of_kind(app->procedures, str_of(KINDS[below(w, KIND_COUNT)]),
		                               day_of(tx_now(tx))),
		.place = {.street = arena_fmt(a, "Hẻm %zu", below(w, 200) + 1),
		          .landmark = sentence(w, a, 3)},
		.text = sentence(w, a, 8 + below(w, 12)),
		.channel = STR("web"),
	};
	add_place(w, day_of(tx_now(tx)), &n.place);
	random_bytes(&n.journey, sizeof n.journey);
	return case_open(tx, &app->flow, w->ward, &n, c, &receipt, f);
}

static enum rc close_one(struct tx *tx, struct work *w, struct ward_case *c, struct fault *f)
{
	struct part result = {STR("result"), STR("Đã xử lý xong."), STR_EMPTY};
	struct move m = {.verb = VERB_close, .actor = &w->actor, .parts = &result, .part_count = 1,
	                 .outcome = STR("mended")};
	return case_move(tx, &w->app->flow, w->ward, c, &m, f);
}

static enum rc batch_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *w = ctx;
	enum rc rc = RC_OK;
	for (size_t i = w->from; i < w->to && rc == RC_OK; i++) {
		struct ward_case c;
		rc = open_one(tx, w, &c, f);
		if (rc == RC_OK && i < w->closed)
			rc = close_one(tx, w, &c, f);
	}
	return rc;
}

/* Somebody of every unit of the ward, who may close what is opened. */
static enum rc actor_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *w = ctx;
	struct member *all;
	struct unit *units;
	size_t members, n;
	enum rc rc = people_list(tx, &all, &members, f);
	if (rc == RC_OK)
		rc = unit_list(tx, &units, &n, f);
	if (rc == RC_OK && members == 0)
		rc = fault_set(f, RC_NONE, "the ward has no accounts");
	if (rc != RC_OK)
		return rc;
	uint32_t roles = ROLE_BIT(ROLE_handler);
	w->actor = (struct actor){.account = all[0].account.id, .ward = w->ward->id, .roles = roles,
	                          .perms = people_perms(roles), .sights = people_sights(roles)};
	for (size_t i = 0; i < n && w->actor.unit_count < ACTOR_UNITS; i++)
		w->actor.units[w->actor.unit_count++] = units[i].id;
	return RC_OK;
}

static enum rc begin(struct work *w, struct app *app, const char *slug, struct fault *f)
{
	struct arena *a = &app->settings.arena;
	*w = (struct work){.app = app, .seed = 20261123, .ward = ward_by_slug(app->places, str_of(slug))};
	if (w->ward == NULL)
		return fault_set(f, RC_NONE, "there is no ward %s", slug);
	w->area_count = place_khu_vuc(app->places, a, w->ward->id, day_of(clock_now(&app->clock)),
	                              &w->areas);
	if (w->area_count == 0)
		return fault_set(f, RC_NONE, "the ward has no khu vực");
	return store_read(app->store, w->ward->id, a, actor_tx, w, f);
}

static void print_statement(void *ctx, const char *sql)
{
	(void)ctx;
	(void)fwrite(sql, 1, strlen(sql) + 1, stdout);
}

static enum rc trace(struct work *w, size_t n, struct fault *f)
{
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	store_trace(w->app->store, print_statement, NULL);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		print_statement(NULL, "");
		w->from = 0;
		w->to = 1;
		rc = store_write(w->app->store, w->ward->id, &a, batch_tx, w, f);
		arena_reset(&a);
	}
	store_trace(w->app->store, NULL, NULL);
	arena_release(&a);
	return rc;
}

static enum rc seed(struct work *w, size_t n, size_t open, struct fault *f)
{
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, (size_t)64 << 20);
	store_bulk(w->app->store);
	w->closed = n > open ? n - open : 0;
	for (size_t i = 0; i < n && rc == RC_OK; i += BATCH) {
		int64_t left = (int64_t)((double)(n - i) / (double)n * DAYS * (double)US_DAY);
		atomic_store(w->app->clock.shift, -left);
		w->from = i;
		w->to = i + BATCH < n ? i + BATCH : n;
		rc = store_write(w->app->store, w->ward->id, &a, batch_tx, w, f);
		arena_reset(&a);
	}
	atomic_store(w->app->clock.shift, 0);
	arena_release(&a);
	return rc;
}

static int run(struct app *app, int argc, char **argv)
{
	struct work w;
	struct fault f = {0};
	int64_t n, open = 0;
	bool tracing = strcmp(argv[0], "test-trace") == 0;
	if (argc != (tracing ? 3 : 4) || !str_i64(str_of(argv[2]), &n) || n < 1 ||
	    (!tracing && (!str_i64(str_of(argv[3]), &open) || open < 0))) {
		(void)fprintf(stderr, "usage: xom test-trace SLUG N | test-seed SLUG N OPEN\n");
		return 2;
	}
	enum rc rc = begin(&w, app, argv[1], &f);
	if (rc == RC_OK)
		rc = tracing ? trace(&w, (size_t)n, &f) : seed(&w, (size_t)n, (size_t)open, &f);
	if (rc != RC_OK)
		log_fault("test", "cannot go on", &f);
	return rc == RC_OK ? 0 : 1;
}

const struct command TEST_COMMANDS[] = {
	{.name = "test-trace", .usage = "test-trace SLUG N", .help = "Prints the SQL of N new cases.\n",
	 .needs = NEEDS_store, .run = run},
	{.name = "test-seed", .usage = "test-seed SLUG N OPEN", .help = "Makes N cases, OPEN of them open.\n",
	 .needs = NEEDS_store, .run = run},
	{0},
};
