/* xom demo: two small invented wards with drawn boundaries, people of every role, and some cases
 * on their way; with --year a whole year of the first one before; with
 * --practice the first one alone, to learn in. Made once, in an empty data folder;
 * everything through the same doors as real reports, with the program's own clock moved into the past. */
#include <stdio.h>
#include <string.h>

#include "demo/demo_cases.h"
#include "demo/draw.h"
#include "demo/year.h"
#include "kit/base/log.h"
#include "serve.h"
#include "ward/figure/transparency.h"

#define PASSWORD "song-may-demo"

static const struct demo_unit {
	const char *slug, *name, *phone;
} UNITS[] = {
	{"ha-tang", "Tổ Hạ tầng đô thị", "0292 000 0101"},
	{"moi-truong", "Tổ Môi trường", "0292 000 0102"},
	{"an-toan", "Tổ An toàn khu dân cư", "0292 000 0103"},
	{"mot-cua", "Bộ phận Một cửa", "0292 000 0104"},
};

static const struct demo_person {
	const char *login, *name, *unit;
	enum role role;
} PEOPLE[] = {
	{"quan-tri", "Nguyễn Văn Trị", NULL, ROLE_admin},
	{"ha-tang", "Trần Thị Lan", "ha-tang", ROLE_handler},
	{"ha-tang-2", "Lê Quốc Bảo", "ha-tang", ROLE_handler},
	{"moi-truong", "Phạm Minh Châu", "moi-truong", ROLE_handler},
	{"an-toan", "Võ Thanh Hải", "an-toan", ROLE_handler},
	{"mot-cua", "Dương Kim Ngân", "mot-cua", ROLE_handler},
	{"cong-an", "Đặng Hoàng Nam", "an-toan", ROLE_police},
	{"truong-kv", "Bùi Thị Sáu", NULL, ROLE_area_head},
	{"to-kv", "Lâm Văn Út", NULL, ROLE_area_team},
	{"phu-nu", "Huỳnh Ngọc Mai", NULL, ROLE_member_org},
	{"thu-ky", "Đỗ Hữu Phước", NULL, ROLE_secretary},
	{"chu-tich", "Ngô Thị Thu", NULL, ROLE_chair},
	{"giam-sat", "Lý Văn Tâm", NULL, ROLE_oversight},
	{"hoa-giai", "Trương Văn Hòa", NULL, ROLE_mediator},
	{"hoa-giai-2", "Mai Thị Thuận", NULL, ROLE_mediator},
	{"to-truong", "Trương Minh Khoa", "ha-tang", ROLE_handler},
};
#define DEMO_HEAD "to-truong"        /* is head of the unit */
enum { UNIT_COUNT = sizeof UNITS / sizeof *UNITS, PEOPLE_COUNT = sizeof PEOPLE / sizeof *PEOPLE };

enum { SCENES = DRAW_FIRE + 1, DRAWINGS = 6, YEAR_CASES = 2000, YEAR_MOST = 100000, YEAR_DAYS = 365, PRACTICE_CASES = 36,
	PRACTICE_DAYS = 3 };

/* What is asked for. */
struct wish {
	size_t year;                  /* cases of a year */
	bool practice;
};

struct making {
	struct app *app;
	struct arena *arena;
	struct buf drawn[SCENES][2][DRAWINGS];  /* a scene, as it was and mended: drawn once */
	const struct ward *ward;
	struct account_id accounts[PEOPLE_COUNT];
	struct unit_id units[UNIT_COUNT];
	int32_t from_day;
	int64_t shift;                /* of the program's clock, as it was when the demo began */
	const char *suffix;           /* behind the logins of the second ward */
	struct case_id made[DEMO_TOGETHER_COUNT];  /* of DEMO_TOGETHER, in its order */
};

static enum rc add_people(struct tx *tx, void *ctx, struct fault *f)
{
	struct making *m = ctx;
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < UNIT_COUNT; i++) {
		struct unit u = {.slug = str_of(UNITS[i].slug), .name = str_of(UNITS[i].name),
		                 .phone = str_of(UNITS[i].phone)};
		rc = unit_add(tx, &u, &m->units[i], f);
	}
	for (size_t i = 0; rc == RC_OK && i < PEOPLE_COUNT; i++) {
		const struct demo_person *p = &PEOPLE[i];
		struct str login = arena_fmt(m->arena, "%s%s", p->login, m->suffix);
		rc = account_add(tx, login, str_of(p->name), &m->accounts[i], f);
		struct account who = {m->accounts[i], login, str_of(p->name), false};
		if (rc == RC_OK)
			rc = p->role == ROLE_oversight ? demo_oversight(tx, m->ward, &who, m->from_day, f)
			                               : role_grant(tx, who.id, p->role, m->from_day, 0, true, f);
		for (size_t k = 0; rc == RC_OK && p->unit != NULL && k < UNIT_COUNT; k++)
			if (strcmp(UNITS[k].slug, p->unit) == 0)
				rc = unit_join(tx, m->accounts[i], m->units[k], m->from_day, 0,
				               strcmp(p->login, DEMO_HEAD) == 0, f);
		/* Head and volunteer of the first khu vực, so that there are others. */
		struct area *areas;
		if (rc == RC_OK && (p->role == ROLE_area_head || p->role == ROLE_area_team) &&
		    place_khu_vuc(m->app->places, m->arena, m->ward->id, m->from_day, &areas) > 0)
			rc = area_head_add(tx, m->accounts[i], areas[0].id, m->from_day, 0, f);
	}
	struct area *all;
	size_t n = place_khu_vuc(m->app->places, m->arena, m->ward->id, m->from_day, &all);
	return rc == RC_OK ? demo_receivers(tx, &m->app->ids, m->from_day, all, n, f) : rc;
}

static enum rc set_passwords(struct making *m, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < PEOPLE_COUNT; i++) {
		struct str token, login = arena_fmt(m->arena, "%s%s", PEOPLE[i].login, m->suffix);
		rc = people_invite(m->app->people, m->arena, m->ward->id, login, &token, f);
		if (rc == RC_OK)
			rc = people_set_password(m->app->people, m->arena, m->ward->id, token, STR(PASSWORD), f);
	}
	return rc;
}

/* --- cases --- */

struct acting {
	struct making *m;
	const struct demo_case *d;
	struct case_new n;
	struct ward_case c;
	struct receipt receipt;
	struct actor actor;
	struct move move;
	struct case_id id;
};

static enum rc open_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct acting *a = ctx;
	return case_open(tx, &a->m->app->flow, a->m->ward, &a->n, &a->c, &a->receipt, f);
}

static enum rc move_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct acting *a = ctx;
	const struct flow *w = &a->m->app->flow;
	enum rc rc = case_get(tx, w, a->id, &a->c, f);
	if (rc == RC_OK && a->move.verb == VERB_release && a->d->draw) {
		struct attachment *photos;
		size_t n;
		rc = case_attachments(tx, &a->c, &photos, &n, f);
		a->move.release = arena_array(tx_arena(tx), n + 1, sizeof *a->move.release);
		a->move.release_count = 0;
		for (size_t i = 0; rc == RC_OK && i < n; i++)
			a->move.release[a->move.release_count++] = photos[i].id;
	}
	return rc == RC_OK ? case_move(tx, w, a->m->ward, &a->c, &a->move, f) : rc;
}

/* A drawn photo through xom-media, like anybody's. */
static enum rc add_photo(struct making *m, const struct hash *journey, enum draw_scene scene,
                         bool mended, uint32_t seed, struct photo *out, struct fault *f)
{
	struct buf *png = &m->drawn[scene][mended][seed % DRAWINGS];
	struct spool *spool = NULL;
	enum photo_error why = PHOTO_fine;
	enum rc rc = png->n > 0 ? RC_OK : draw_png(scene, mended, seed % DRAWINGS, png, f);
	if (rc == RC_OK)
		rc = spool_new(&spool, m->app->settings.data, f);
	if (rc == RC_OK)
		rc = spool_write(spool, buf_str(png), f);
	if (rc == RC_OK)
		rc = media_wait(m->app->media, m->arena, m->ward->id, journey, spool, out, &why, f);
	if (rc == RC_OK)
		rc = media_keep(m->app->media, m->ward->id, journey, out->name, f);
	spool_free(spool);
	if (why == PHOTO_unconfined) /* a machine without Landlock: the demo goes on without photos */
		log_warn("demo", "photos can't be opened safely on this machine; the demo has none");
	return rc;
}

static void move_clock(struct making *m, double days_ago)
{
	atomic_store(m->app->clock.shift, m->shift - (int64_t)(days_ago * (double)US_DAY));
}

/* Somewhere in the khu vực, the same each time: phones that tell where they are fill the map. */
static void add_point(struct making *m, struct case_place *p, uint32_t seed, int32_t day)
{
	struct places *places = m->app->places;
	struct area_id in;
	struct grid g;
	if (!place_grid(places, m->ward->id, &g))
		return;
	for (int i = 0; i < 1000; i++) {
		seed = seed * 1664525U + 1013904223U;
		p->lon = g.west + g.cell_lon * g.columns * (seed >> 16) / 65536.0;
		p->lat = g.south + g.cell_lat * g.rows * (seed & 0xffff) / 65536.0;
		if (place_locate(places, "khu_vuc", p->lon, p->lat, day, &in) == RC_OK && in.v == p->area.v) {
			p->has_point = true;
			p->cell = place_cell(places, m->ward->id, p->lon, p->lat);
			return;
		}
	}
}

static enum rc open_case(struct acting *a, uint32_t seed, struct fault *f)
{
	struct making *m = a->m;
	const struct demo_case *d = a->d;
	struct app *app = m->app;
	int32_t today = day_of(clock_now(&app->clock));
	struct area *areas;
	size_t n = place_khu_vuc(app->places, m->arena, m->ward->id, today, &areas);
	a->n = (struct case_new){
		.procedure = procedure_of_kind(app->procedures, str_of(d->kind), today),
		.place = {.street = str_of(d->street), .landmark = str_of(d->landmark)},
		.text = str_of(d->text),
		.channel = STR("web"),
	};
	if (a->n.procedure == NULL || n == 0)
		return fault_set(f, RC_NONE, "the demo lacks the kind %s or its khu vực", d->kind);
	a->n.place.area = areas[d->area % n].id;
	if (d->point != NULL) {
		a->n.place.has_point = true;
		a->n.place.lon = d->point[0];
		a->n.place.lat = d->point[1];
		a->n.place.cell = place_cell(app->places, m->ward->id, d->point[0], d->point[1]);
	} else {
		add_point(m, &a->n.place, seed * 7919U + 17U, today);
	}
	if (d->joins > 0)
		a->n.lead = m->made[d->joins - 1];
	random_bytes(&a->n.journey, sizeof a->n.journey);
	if (d->draw) {
		a->n.photos = arena_array(m->arena, 1, sizeof *a->n.photos);
		enum rc rc = add_photo(m, &a->n.journey, d->scene, false, seed, a->n.photos, f);
		if (rc == RC_OK)
			a->n.photo_count = 1;
		else if (rc != RC_UNCONFINED)
			return rc;
	}
	enum rc rc = store_write(app->store, m->ward->id, m->arena, open_tx, a, f);
	a->id = a->c.id;
	return rc;
}

static void become(struct acting *a, const char *unit)
{
	struct making *m = a->m;
	for (size_t i = 0; i < PEOPLE_COUNT; i++) {
		if (PEOPLE[i].unit == NULL || strcmp(PEOPLE[i].unit, unit) != 0)
			continue;
		uint32_t roles = ROLE_BIT(PEOPLE[i].role);
		a->actor = (struct actor){.account = m->accounts[i], .ward = m->ward->id, .roles = roles,
		                          .perms = people_perms(roles), .sights = people_sights(roles),
		                          .unit_count = 1, .name = str_of(PEOPLE[i].name)};
		for (size_t k = 0; k < UNIT_COUNT; k++)
			if (strcmp(UNITS[k].slug, unit) == 0)
				a->actor.units[0] = m->units[k];
		return;
	}
}

static enum rc act(struct acting *a, const struct demo_step *s, uint32_t seed, struct fault *f)
{
	struct part part = {str_of(s->part), str_of(s->text), STR_EMPTY};
	struct photo photo;
	a->move = (struct move){.verb = s->verb,
	                        .actor = s->by_reporter ? NULL : &a->actor,
	                        .parts = &part,
	                        .part_count = s->text != NULL ? 1 : 0,
	                        .outcome = str_of(s->outcome)};
	if (s->verb == VERB_merge)
		a->move.lead = a->m->made[a->d->into - 1];
	if (s->verb == VERB_close && a->d->draw) {
		struct hash batch;
		random_bytes(&batch, sizeof batch);
		enum rc rc = add_photo(a->m, &batch, a->d->scene, true, seed, &photo, f);
		if (rc != RC_OK && rc != RC_UNCONFINED)
			return rc;
		a->move.photos = &photo;
		a->move.photo_count = rc == RC_OK ? 1 : 0;
	}
	return store_write(a->m->app->store, a->m->ward->id, a->m->arena, move_tx, a, f);
}

static enum rc make_case(struct making *m, const struct demo_case *d, uint32_t seed, struct case_id *id,
                         struct receipt *receipt, struct fault *f)
{
	struct acting a = {.m = m, .d = d};
	move_clock(m, d->days_ago);
	enum rc rc = open_case(&a, seed, f);
	if (rc == RC_OK)
		become(&a, a.n.procedure->unit.n > 0 ? arena_z(m->arena, a.n.procedure->unit) : "");
	for (size_t i = 0; rc == RC_OK && i < DEMO_STEPS && d->steps[i].verb != VERB_unset; i++) {
		move_clock(m, d->steps[i].days_ago);
		rc = act(&a, &d->steps[i], seed, f);
	}
	*receipt = a.receipt;
	*id = a.id;
	return rc;
}

/* --- a ward --- */

struct demo_ward {
	const char *slug, *prefix, *name, *code, *hotline, *areas, *suffix;
	double box[4];                /* west, south, east, north of its boundary */
	const struct demo_case *cases;
};

static enum rc import(struct making *m, const struct demo_ward *w, const char *level, struct fault *f)
{
	struct import_report report;
	struct app *app = m->app;
	const char *file = arena_fmt(m->arena, "%s/demo/%s", app->settings.share, w->areas).p;
	enum rc rc = place_import(app->store, m->arena, file, str_of(level), m->from_day, &report, f);
	if (rc == RC_OK && report.refused > 0)
		return fault_set(f, RC_INVALID, "%s: %zu areas refused", file, report.refused);
	return rc;
}

/* The year before the hand-made cases. Memory of a case is given back after it. */
static enum rc make_year(struct making *m, const struct demo_ward *w, const struct wish *wish,
                         struct fault *f)
{
	struct arena each, *whole = m->arena;
	struct demo_case *cases = NULL;
	const char *share = m->app->settings.share;
	struct year y = {.file = arena_fmt(whole, "%s/demo/year.yaml", share).p,
	                 .names_file = arena_fmt(whole, "%s/demo/streets.yaml", share).p,
	                 .slug = w->slug,
	                 .today = day_of(clock_now(&m->app->clock)),
	                 .days = wish->practice ? PRACTICE_DAYS : YEAR_DAYS,
	                 .untouched = wish->practice,
	                 .count = wish->practice ? PRACTICE_CASES : wish->year};
	memcpy(y.box, w->box, sizeof y.box);
	enum rc rc = year_cases(whole, &y, m->app->places, m->ward->id, &cases, f);
	arena_init(&each, (size_t)64 << 20);
	m->arena = &each;
	for (size_t i = 0; rc == RC_OK && cases[i].kind != NULL; i++) {
		struct receipt receipt;
		struct case_id id;
		arena_reset(&each);
		rc = make_case(m, &cases[i], (uint32_t)i, &id, &receipt, f);
		if ((i + 1) % 200 == 0)
			(void)fprintf(stderr, "  %zu of %zu cases\n", i + 1, y.count);
	}
	m->arena = whole;
	arena_release(&each);
	return rc;
}

/* What the nights of a year have left: editions and transparency pages of the quarters that are over. */
static enum rc make_quarters(struct making *m, struct fault *f)
{
	static const struct job_kind *const NIGHTLY[] = {FIGURE_JOBS, TRANSPARENCY_JOBS};
	const struct job job = {.ward = m->ward->id};
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof NIGHTLY / sizeof *NIGHTLY; i++)
		rc = NIGHTLY[i][0].run(m->app, m->arena, &job, f);
	return rc;
}

static enum rc make_ward(struct making *m, const struct demo_ward *w, const struct wish *wish, struct fault *f)
{
	struct app *app = m->app;
	struct ward_id id;
	size_t names;
	const struct ward_new ward = {.slug = str_of(w->slug), .prefix = str_of(w->prefix),
	                              .name = str_of(w->name), .hotline = str_of(w->hotline),
	                              .area_code = str_of(w->code), .demo = true,
	                              .practice = wish->practice};
	enum rc rc = import(m, w, "commune", f);
	if (rc == RC_OK)
		rc = ward_add(app->store, m->arena, &ward, &id, f);
	if (rc == RC_OK)
		rc = places_reload(app->places, app->store, f);
	m->ward = rc == RC_OK ? ward_by_id(app->places, id) : NULL;
	if (rc == RC_OK)
		rc = place_names_import(app->store, m->arena, m->ward,
		                        arena_fmt(m->arena, "%s/demo/streets.yaml", app->settings.share).p, &names,
		                        f);
	if (rc == RC_OK)
		rc = places_reload(app->places, app->store, f);
	m->ward = rc == RC_OK ? ward_by_id(app->places, id) : NULL;
	m->suffix = w->suffix;
	if (rc == RC_OK)
		rc = store_write(app->store, id, m->arena, add_people, m, f);
	if (rc == RC_OK)
		rc = set_passwords(m, f);
	if (rc == RC_OK && (wish->year > 0 || wish->practice))
		rc = make_year(m, w, wish, f);
	/* To learn in, nothing is done yet, by nobody. */
	for (size_t i = 0; rc == RC_OK && !wish->practice && w->cases[i].kind != NULL; i++) {
		struct receipt receipt;
		struct case_id made;
		rc = make_case(m, &w->cases[i], (uint32_t)(i + 1), &made, &receipt, f);
		if (rc == RC_OK && i == 0)
			(void)printf("%s: receipt %s, PIN %s\n", w->name, receipt.code, receipt.pin);
	}
	for (size_t i = 0; rc == RC_OK && wish->year > 0 && w->cases == DEMO_SONG_MAY && i < DEMO_TOGETHER_COUNT; i++) {
		const struct demo_case *d = &DEMO_TOGETHER[i];
		size_t spot = d->joins > 0 ? d->joins - 1 : d->into > 0 ? d->into - 1 : i;   /* of the same seed the same point */
		struct receipt receipt;
		rc = make_case(m, d, (uint32_t)(spot + 40), &m->made[i], &receipt, f);
	}
	move_clock(m, 0);
	return rc == RC_OK && wish->year > 0 ? make_quarters(m, f) : rc;
}

static const struct demo_ward WARDS[] = {
	{"song-may", "SM", "Phường Sông Mây", "90001", "0292 000 0100", "song-may.geojson", "",
	 {105.689662, 9.986367, 105.710879, 10.013731},
	 DEMO_SONG_MAY},
	{"rach-truc", "RT", "Phường Rạch Trúc", "90002", "0292 000 0200", "rach-truc.geojson", ".rt",
	 {105.706542, 9.986307, 105.727936, 10.01398},
	 DEMO_RACH_TRUC},
};

static void drawings_release(struct making *m)
{
	for (size_t i = 0; i < sizeof m->drawn / sizeof(struct buf); i++)
		buf_release(&(&m->drawn[0][0][0])[i]);
}

static int demo(struct app *app, int argc, char **argv)
{
	struct wish wish = {0};
	int64_t year = argc > 1 && strcmp(argv[1], "--year") == 0 ? YEAR_CASES : 0;
	wish.practice = argc == 2 && strcmp(argv[1], "--practice") == 0;
	if ((argc > 1 && year == 0 && !wish.practice) || argc > 3 ||
	    (argc == 3 && (!str_i64(str_of(argv[2]), &year) || year < 1 || year > YEAR_MOST))) {
		(void)fprintf(stderr, "usage: xom demo [--year [CASES] | --practice]\n");
		return 2;
	}
	wish.year = (size_t)year;
	const struct ward *any[1];
	if (ward_all(app->places, any, 1) > 0) {
		(void)fprintf(stderr, "xom demo: %s has wards already; nothing was changed\n",
		              app->settings.data);
		return 1;
	}
	struct arena arena;
	arena_init(&arena, (size_t)256 << 20);
	struct fault f = {0};
	size_t published;
	struct making m = {.app = app, .arena = &arena,
	                   .shift = atomic_load(app->clock.shift),
	                   .from_day = day_of(clock_now(&app->clock)) - 400};
	if (year > 0)
		store_bulk(app->store);
	enum rc rc = procedures_publish(app->procedures, app->store,
	                                arena_fmt(&arena, "%s/procedures", app->settings.share).p,
	                                m.from_day, &published, &f);
	size_t wards = wish.practice ? 1 : sizeof WARDS / sizeof *WARDS;
	for (size_t i = 0; rc == RC_OK && i < wards; i++) {
		rc = make_ward(&m, &WARDS[i], &wish, &f);
		wish.year = 0;        /* the others are small */
	}
	drawings_release(&m);
	arena_release(&arena);
	if (rc != RC_OK) {
		log_fault("demo", "cannot make the demo", &f);
		return 1;
	}
	(void)printf("accounts of the demo%s, password %s:\n",
	             wish.practice ? "" : " (behind them .rt in Phường Rạch Trúc)", PASSWORD);
	for (size_t i = 0; i < PEOPLE_COUNT; i++)
		(void)printf("  %-12s %s\n", PEOPLE[i].login, role_name(PEOPLE[i].role));
	return 0;
}

const struct command DEMO_COMMANDS[] = {
	{.name = "demo",
	 .usage = "demo [--year [CASES] | --practice]",
	 .help = "Makes two small invented wards with people of every role and some cases, in an empty\n"
	         "data folder. Their pages say DEMO.\n"
	         "--year  a whole year of the first ward before it, the same each time: 2,000 cases, or so\n"
	         "        many as are asked for\n"
	         "--practice  one ward to learn in: in a yellow frame, with fresh cases and twelve tasks of\n"
	         "        three minutes for a new officer (/desk/practice)",
	 .needs = NEEDS_store,
	 .run = demo},
	{0},
};
