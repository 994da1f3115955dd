#include "flow_env.h"

#include "ward/calendar/calendar_store.h"
#include "ward/figure/figure.h"
#include "ward/flow/agency.h"
#include "ward/flow/hold.h"
#include "ward/flow/look_words.h"
#include "ward/flow/redress.h"
#include "ward/notify/notify.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../harness/database.h"

struct env E;
bool env_bulk;

static const char *src(const char *name)
{
	const char *root = getenv("XOM_SRC");
	return arena_fmt(&E.arena, "%s/%s", root != NULL ? root : ".", name).p;
}

static const char *in_dir(const char *name) { return arena_fmt(&E.arena, "%s/%s", E.dir, name).p; }

void env_ok(enum rc rc, const struct fault *f)
{
	if (rc != RC_OK)
		fail_msg("%s: %s: %s", rc_name(rc), f != NULL ? f->field : "", f != NULL ? f->text : "");
}

void env_at(const char *day, int hour)
{
	int32_t d;
	assert_true(day_parse(str_of(day), &d));
	int64_t real = clock_now(&E.clock) - atomic_load(E.clock.shift);
	atomic_store(E.clock.shift, day_start(d) + hour * US_HOUR - real);
}

enum rc env_write(int ward, tx_fn *fn, void *ctx, struct fault *f)
{
	return store_write(E.store, E.ward[ward]->id, &E.arena, fn, ctx, f);
}

enum rc env_read(int ward, tx_fn *fn, void *ctx, struct fault *f)
{
	return store_read(E.store, E.ward[ward]->id, &E.arena, fn, ctx, f);
}

int64_t env_end_of(const char *day)
{
	int32_t d;
	assert_true(day_parse(str_of(day), &d));
	return day_start(d + 1);
}

struct calendar *env_with_off(const struct calendar *now, const char *day)
{
	struct fault f = {0};
	struct calendar *next;
	int32_t d;
	assert_true(day_parse(str_of(day), &d));
	struct calendar_year y = *calendar_year_of(now, date_from_day(d).year);
	struct calendar_day *listed = arena_array(&E.arena, y.listed_count + 1, sizeof *listed);
	memcpy(listed, y.listed, y.listed_count * sizeof *listed);
	listed[y.listed_count++] = (struct calendar_day){.day = d, .kind = DAY_off, .name = STR("Ngày Văn hóa"), .decision = STR("12/QĐ-TTg"), .decided_day = d - 7};
	y.listed = listed;
	y.decision = STR("1/QĐ-TTg");          /* of the year's other days: not why a case moves */
	env_ok(calendar_year_settle(&y, &f), &f);
	env_ok(calendar_with(now, &y, &next, &f), &f);
	return next;
}

void env_rule(const char *row)
{
	struct fault f = {0};
	struct str all, name = str_of(row);
	struct buf b = {0};
	(void)str_cut(&name, ':');
	name = str_cut(&name, ',');
	env_ok(file_read(&E.arena, src("calendars/rules.yaml"), RULES_FILE_MAX, &all, &f), &f);
	while (all.n > 0) {
		struct str line = str_cut(&all, '\n');
		if (str_find(line, arena_fmt(&E.arena, "{name:%.*s,", PSTR(name))) == SIZE_MAX)
			buf_addf(&b, "%.*s\n", PSTR(line));
	}
	buf_addf(&b, "  - {%s}\n", row);
	env_ok(rules_put(E.rules, "t", buf_str(&b), &f), &f);
	buf_release(&b);
}

/* ---------------------------------------------------------------- the world */

/* One box after the other, from 105.70 east on. */
static void import_boxes(const char *level, const char *parent, int first, int count, double width)
{
	struct buf b = {0};
	struct fault f = {0};
	struct import_report report;
	buf_addz(&b, "{\"type\":\"FeatureCollection\",\"features\":[");
	for (int i = 0; i < count; i++) {
		double x = 105.70 + width * i;
		buf_addf(&b, "%s{\"type\":\"Feature\",\"properties\":{\"code\":\"T%d\",\"name\":"
		             "\"Khu vực %d\"%s},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
		             "[[[%.2f,10.03],[%.2f,10.03],[%.2f,10.04],[%.2f,10.04],[%.2f,10.03]]]}}",
		         i > 0 ? "," : "", first + i, first + i, parent, x, x + width, x + width, x, x);
	}
	buf_addz(&b, "]}");
	const char *file = in_dir("areas.geojson");
	FILE *out = fopen(file, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(b.p, 1, b.n, out), b.n);
	assert_int_equal(fclose(out), 0);
	buf_release(&b);
	env_ok(place_import(E.store, &E.arena, file, str_of(level), 0, &report, &f), &f);
	if (report.taken != (size_t)count)
		fail_msg("areas: %zu taken: %s", report.taken,
		         report.line_count > 0 ? report.lines[0].text.p : "");
}

static void add_areas(void)
{
	import_boxes("commune", "", 0, 1, 0.01 * AREAS);
	import_boxes("khu_vuc", ",\"parent\":\"T0\"", 1, AREAS, 0.01);
}

struct people_new {
	int ward;
};

static struct actor actor(int ward, struct account_id account, int unit)
{
	struct actor a = {
		.account = account,
		.ward = E.ward[ward]->id,
		.roles = ROLE_BIT(ROLE_handler),
		.perms = UINT32_C(1) << PERM_case_list | UINT32_C(1) << PERM_case_read |
	             UINT32_C(1) << PERM_case_work,
		.unit_count = 1,
		.units = {E.unit[ward][unit]},
		.name = STR("officer"),
	};
	return a;
}

static enum rc add_people(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct unit UNITS[ENV_UNITS] = {
		[UNIT_ha_tang] = {.slug = STR("ha-tang"), .name = STR("Tổ Hạ tầng"), .phone = STR("111")},
		[UNIT_moi_truong] = {.slug = STR("moi-truong"), .name = STR("Tổ Môi trường"),
		                     .phone = STR("112")},
		[UNIT_an_toan] = {.slug = STR("an-toan"), .name = STR("Tổ An toàn"), .phone = STR("113")},
	};
	const struct people_new *p = ctx;
	struct account_id id = {0};
	enum rc rc = RC_OK;
	for (int i = 0; i < ENV_UNITS && rc == RC_OK; i++)
		rc = unit_add(tx, &UNITS[i], &E.unit[p->ward][i], f);
	if (rc != RC_OK)
		return rc;
	if (p->ward == ENV_B) {
		rc = account_add(tx, STR("chi"), STR("Lê Thị Chi"), &id, f);
		E.chi = actor(ENV_B, id, UNIT_ha_tang);
		return rc;
	}
	rc = account_add(tx, STR("an"), STR("Trần Văn An"), &id, f);
	E.an = actor(ENV_A, id, UNIT_ha_tang);
	if (rc == RC_OK)
		rc = account_add(tx, STR("an2"), STR("Phạm Thị Hai"), &id, f);
	E.an2 = actor(ENV_A, id, UNIT_ha_tang);
	if (rc == RC_OK)
		rc = account_add(tx, STR("binh"), STR("Võ Thị Bình"), &id, f);
	E.binh = actor(ENV_A, id, UNIT_moi_truong);
	return rc;
}

static void open_store(void)
{
	static const struct schema_step *const STEPS[] = {
		PLACE_SCHEMA, CALENDAR_SCHEMA, PEOPLE_SCHEMA, JOB_SCHEMA, PROCEDURE_SCHEMA, FLOW_SCHEMA, RECEIPT_SCHEMA,
		DELETION_SCHEMA, HOLD_SCHEMA, LOOK_WORDS_SCHEMA, REDRESS_SCHEMA, AGENCY_SCHEMA, NOTIFY_SCHEMA, FIGURE_SCHEMA, NULL};
	struct fault f = {0};
	const struct store_config config = {
		.path = test_database(in_dir("xom.db")), .steps = STEPS, .clock = &E.clock, .readers = 2};
	env_ok(store_open(&E.store, &config, &f), &f);
	if (env_bulk)
		store_bulk(E.store);
}

int env_setup(void **state)
{
	static const struct ward_new WARDS[ENV_WARDS] = {
		{STR("song-may"), STR("SM"), STR("Phường Sông Mây"), STR("0292 000 001"), STR("T0"), true, false},
		{STR("nui-kho"), STR("NK"), STR("Phường Núi Khô"), STR("0292 000 002"), STR("T9"), true, false},
	};
	struct fault f = {0};
	size_t published;
	struct ward_id id;
	(void)state;
	E = (struct env){.dir = "/tmp/xom-flow-XXXXXX"};
	arena_init(&E.arena, (size_t)512 << 20);
	clock_init(&E.clock);
	env_at("2026-03-02", 9);
	idgen_init(&E.ids, &E.clock);
	assert_non_null(mkdtemp(E.dir));
	env_ok(crypto_start(&f), &f);
	env_ok(keys_open(&E.keys, in_dir("keys"), &E.clock, &f), &f);
	env_ok(calendar_load(&E.calendar, src("calendars"), &f), &f);
	env_ok(rules_load(&E.rules, src("calendars/rules.yaml"), &f), &f);
	env_ok(refused_load(&E.refused, src("rights/refused.yaml"), &f), &f);
	open_store();
	for (int i = 0; i < ENV_WARDS; i++)
		env_ok(ward_add(E.store, &E.arena, &WARDS[i], &id, &f), &f);
	add_areas();
	env_ok(places_open(&E.places, E.store, &f), &f);
	env_ok(procedures_open(&E.procedures, E.store, E.rules, E.refused, &f), &f);
	env_ok(procedures_publish(E.procedures, E.store, src("procedures"), day_of(clock_now(&E.clock)) - 60,
	                          &published, &f),
	       &f);
	E.flow = (struct flow){
		.store = E.store,
		.keys = E.keys,
		.clock = &E.clock,
		.ids = &E.ids,
		.calendar = E.calendar,
		.rules = E.rules,
		.procedures = E.procedures,
		.places = E.places,
		.deletions = in_dir("deletions"),
	};
	for (int i = 0; i < ENV_WARDS; i++) {
		E.ward[i] = ward_by_slug(E.places, WARDS[i].slug);
		assert_non_null(E.ward[i]);
		env_ok(env_write(i, add_people, &(struct people_new){i}, &f), &f);
	}
	for (int i = 0; i < AREAS; i++)
		E.area[i].v = env_int(
			arena_fmt(&E.arena, "SELECT id FROM area WHERE code = 'T%d'", i + 1).p);
	return 0;
}

int env_teardown(void **state)
{
	(void)state;
	procedures_close(E.procedures);
	places_close(E.places);
	store_close(E.store);
	test_database_drop(in_dir("xom.db"));
	refused_free(E.refused);
	rules_free(E.rules);
	calendar_free(E.calendar);
	keys_free(E.keys);
	char *const argv[] = {"rm", "-rf", E.dir, NULL};
	pid_t pid = fork();
	if (pid == 0) {
		(void)execv("/bin/rm", argv);
		_exit(127);
	}
	arena_release(&E.arena);
	return 0;
}

/* ---------------------------------------------------------------- cases */

struct open_work {
	const struct ward *ward;
	struct case_new n;
	struct ward_case c;
	struct receipt receipt;
};

static enum rc do_open(struct tx *tx, void *ctx, struct fault *f)
{
	struct open_work *k = ctx;
	return case_open(tx, &E.flow, k->ward, &k->n, &k->c, &k->receipt, f);
}

struct ward_case env_open_at(int ward, const char *kind, const char *text, struct area_id area,
                             const char *street)
{
	struct fault f = {0};
	struct open_work k = {.ward = E.ward[ward]};
	int n = ++E.journeys;
	k.n = (struct case_new){
		.procedure =
			procedure_of_kind(E.procedures, str_of(kind), day_of(clock_now(&E.clock))),
		.journey = hash_of(NULL, "journey", str_n((const char *)&n, sizeof n)),
		.place = {.area = area, .street = str_of(street), .landmark = STR_EMPTY},
		.text = str_of(text),
		.channel = STR("web"),
	};
	assert_non_null(k.n.procedure);
	env_ok(env_write(ward, do_open, &k, &f), &f);
	return k.c;
}

struct ward_case env_open(int ward, const char *kind, const char *text)
{
	return env_open_at(ward, kind, text, E.area[0], "Đường Trần Phú");
}

struct get_work {
	struct case_id id;
	struct ward_case c;
};

static enum rc do_get(struct tx *tx, void *ctx, struct fault *f)
{
	struct get_work *k = ctx;
	return case_get(tx, &E.flow, k->id, &k->c, f);
}

struct ward_case env_get(int ward, struct case_id id)
{
	struct fault f = {0};
	struct get_work k = {.id = id};
	env_ok(env_read(ward, do_get, &k, &f), &f);
	return k.c;
}

enum rc env_try(int ward, const struct actor *a, struct ward_case *c, struct move m,
                const struct said *said, size_t n, struct fault *f)
{
	struct part *parts = arena_array(&E.arena, n + 1, sizeof *parts);
	for (size_t i = 0; i < n; i++)
		parts[i] = (struct part){str_of(said[i].name), str_of(said[i].body), STR_EMPTY};
	m.actor = a;
	m.parts = parts;
	m.part_count = n;
	return case_move_commit(&E.flow, &E.arena, E.ward[ward], c, &m, f);
}

void env_move(const struct actor *a, struct ward_case *c, enum verb v, const char *name,
              const char *body)
{
	struct fault f = {0};
	struct said said = {name, body};
	env_ok(env_try(ENV_A, a, c, (struct move){.verb = v}, &said, name != NULL, &f), &f);
}

void env_close(const struct actor *a, struct ward_case *c)
{
	struct fault f = {0};
	struct said said = {"result", "Đã thay bóng"};
	env_ok(env_try(ENV_A, a, c, (struct move){.verb = VERB_close, .outcome = STR("mended")}, &said,
	               1, &f),
	       &f);
}

struct photo env_photo(int n)
{
	return (struct photo){
		.name = arena_fmt(&E.arena, "%032d", n),
		.hash = hash_of(NULL, "photo", str_n((const char *)&n, sizeof n)),
		.width = 1600,
		.height = 1200,
		.size = 100000,
	};
}

/* ---------------------------------------------------------------- behind its back */

static sqlite3 *raw(void)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(in_dir("xom.db"), &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	return db;
}

void env_tamper(const char *sql)
{
	char *why = NULL, text[600];
	long changed = 0;
	if (on_server()) {
		if (!test_database_sql(in_dir("xom.db"), sql, text, sizeof text, &changed))
			fail_msg("%s: %s", sql, text);
		if (changed == 0)
			fail_msg("nothing was changed by: %s", sql);
		return;
	}
	sqlite3 *db = raw();
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	if (sqlite3_total_changes(db) == 0)
		fail_msg("nothing was changed by: %s", sql);
	(void)sqlite3_close(db);
}

struct str env_dump(const char *sql)
{
	struct buf b = {0};
	sqlite3_stmt *st = NULL;
	if (on_server()) {
		static char text[1 << 20];
		if (!test_database_sql(in_dir("xom.db"), sql, text, sizeof text, NULL))
			fail_msg("%s: %s", sql, text);
		return arena_copy(&E.arena, str_of(text));
	}
	sqlite3 *db = raw();
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const char *text = (const char *)sqlite3_column_text(st, i);
			buf_addf(&b, "%s%c", text != NULL ? text : "-",
			         i + 1 < sqlite3_column_count(st) ? '|' : '\n');
		}
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return arena_take(&E.arena, &b);
}

int64_t env_int(const char *sql)
{
	int64_t n = 0;
	struct str s = str_trim(env_dump(sql));
	if (!str_i64(s, &n))
		fail_msg("%s gave %s", sql, s.p);
	return n;
}
