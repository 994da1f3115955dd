/* Versions of calendars as rows. */
#include "ward/calendar/calendar_store.h"

#include <pthread.h>
#include <string.h>

#include "kit/base/hash.h"
#include "ward/place/place.h"

enum { VERSIONS_MAX = 2000, LINES_MAX = 400, NUMBER_TRIES = 5 };

/* What a version says besides its days is kept as the head of its YAML; a day's hours as a YAML list:
 * one reader and one writer for both. */
static struct str about_of(struct arena *a, const struct calendar_year *y)
{
	struct calendar_year head = *y;
	struct buf b = {0};
	head.listed_count = 0;
	calendar_year_write(&head, &b);
	return arena_take(a, &b);
}

static struct hash mark_of(const struct calendar_year *y)
{
	struct buf b = {0};
	calendar_year_write(y, &b);
	struct hash h = hash_of(NULL, "calendar", buf_str(&b));
	buf_release(&b);
	return h;
}

static struct str hours_text(struct arena *a, const struct calendar_day *d)
{
	struct buf b = {0};
	for (size_t i = 0; i < d->hours_count; i++)
		buf_addf(&b, "%s%lld-%lld", i > 0 ? " " : "", (long long)(d->hours[i].from / US_MINUTE),
		         (long long)(d->hours[i].to / US_MINUTE));
	return arena_take(a, &b);
}

static void hours_read(struct str text, struct calendar_day *d)
{
	while (text.n > 0 && d->hours_count < OFFICE_MAX) {
		struct str one = str_cut(&text, ' '), from = str_cut(&one, '-');
		int64_t x = 0, y = 0;
		if (!str_i64(from, &x) || !str_i64(one, &y))
			return;
		d->hours[d->hours_count++] = (struct hours){x * US_MINUTE, y * US_MINUTE};
	}
}

/* --- reading --- */

#define VERSION_COLUMNS \
	"year, version, state, shipped, origin, made_at, made_by, confirmed_at, confirmed_by, applied_at, " \
	"applied_by, (SELECT count(*) FROM calendar_day d WHERE d.year = calendar.year " \
	"AND d.version = calendar.version AND d.answer = 0)"
#define VERSION_TYPES "iiiitit" "ITITi"

static void take_version(struct rows *r, struct calendar_version *v)
{
	*v = (struct calendar_version){.year = (int)row_int(r, 0), .version = (int)row_int(r, 1),
		.state = (enum calendar_state)row_int(r, 2), .shipped = row_int(r, 3) != 0, .origin = row_str(r, 4),
		.made_at = row_int(r, 5), .made_by = row_str(r, 6), .confirmed_at = row_int(r, 7),
		.confirmed_by = row_str(r, 8), .applied_at = row_int(r, 9), .applied_by = row_str(r, 10),
		.open = (int)row_int(r, 11)};
}

enum rc calendar_versions(struct tx *tx, int year, struct calendar_version **out, size_t *count,
                          struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT " VERSION_COLUMNS " FROM calendar WHERE ?1 = 0 OR year = ?1 "
		"ORDER BY year DESC, version DESC LIMIT 2000", "i", VERSION_TYPES);
	struct rows r;
	*out = arena_array(tx_arena(tx), VERSIONS_MAX, sizeof **out);
	*count = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(year)), f);
	while (rc == RC_OK && *count < VERSIONS_MAX && (rc = rows_next(&r, f)) == RC_OK)
		take_version(&r, &(*out)[(*count)++]);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_lines(struct tx *tx, struct calendar_version *v, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT day, kind, name, decision, decided_day, hours, answer FROM calendar_day "
		"WHERE year = ?1 AND version = ?2 ORDER BY day", "ii", "iittIti");
	struct rows r;
	v->lines = arena_array(tx_arena(tx), LINES_MAX, sizeof *v->lines);
	v->answers = arena_array(tx_arena(tx), LINES_MAX, sizeof *v->answers);
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(v->year), v_int(v->version)), f);
	while (rc == RC_OK && v->line_count < LINES_MAX && (rc = rows_next(&r, f)) == RC_OK) {
		struct calendar_day *d = &v->lines[v->line_count];
		*d = (struct calendar_day){.day = (int32_t)row_int(&r, 0), .kind = (enum day_kind)row_int(&r, 1),
		                           .name = row_str(&r, 2), .decision = row_str(&r, 3),
		                           .decided_day = (int32_t)row_int(&r, 4)};
		hours_read(row_str(&r, 5), d);
		v->answers[v->line_count++] = (enum day_answer)row_int(&r, 6);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* What the version makes of the year: its lines but the struck ones; what was still to be confirmed and
 * is now is a day off. */
static enum rc read_days(struct tx *tx, struct calendar_version *v, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("SELECT about FROM calendar WHERE year = ?1 AND version = ?2", "ii", "t");
	struct arena *a = tx_arena(tx);
	struct yaml_reader y = {0};
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(v->year), v_int(v->version)), f);
	if (rc != RC_OK)
		return rc;
	struct str about = row_str(&r, 0);
	rows_end(&r);
	rc = calendar_year_parse(&y, a, "calendar", about, &v->days, f);
	if (rc == RC_OK)
		rc = read_lines(tx, v, f);
	if (rc != RC_OK)
		return rc;
	v->days->version = v->version;
	v->days->listed = arena_array(a, v->line_count + 1, sizeof *v->days->listed);
	for (size_t i = 0; i < v->line_count; i++) {
		if (v->answers[i] == ANSWER_no)
			continue;
		struct calendar_day *d = &v->days->listed[v->days->listed_count++];
		*d = v->lines[i];
		if (d->kind == DAY_to_confirm && v->answers[i] == ANSWER_yes)
			d->kind = DAY_off;
	}
	return calendar_year_settle(v->days, f);
}

enum rc calendar_version_read(struct tx *tx, int year, int version, struct calendar_version *out,
                              struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT " VERSION_COLUMNS " FROM calendar WHERE year = ?1 AND version = ?2", "ii", VERSION_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(year), v_int(version)), f);
	if (rc != RC_OK)
		return rc;
	take_version(&r, out);
	rows_end(&r);
	return read_days(tx, out, f);
}

enum rc calendars_applied_at(struct tx *tx, int64_t *out, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("SELECT COALESCE(MAX(applied_at), 0) FROM calendar", "", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, NO_BIND, f);
	if (rc == RC_OK) {
		*out = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc calendar_version_now(struct tx *tx, int year, struct calendar_version *out, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT version FROM calendar WHERE year = ?1 AND state = 3 ORDER BY version DESC LIMIT 1", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(year)), f);
	if (rc != RC_OK)
		return rc;
	int version = (int)row_int(&r, 0);
	rows_end(&r);
	return calendar_version_read(tx, year, version, out, f);
}

/* --- writing --- */

static enum rc put_line(struct tx *tx, int year, int version, const struct calendar_day *d, enum day_answer answer,
                        struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"INSERT INTO calendar_day (year, version, day, kind, name, decision, decided_day, hours, answer) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", "iiiittIti", "");
	return sql_run(tx, &q, BIND(v_int(year), v_int(version), v_int(d->day), v_int(d->kind), v_text(d->name),
	                            v_text(d->decision), v_int0(d->decided_day),
	                            v_text(hours_text(tx_arena(tx), d)), v_int(answer)), NULL, f);
}

struct newcomer {
	enum calendar_state state;
	bool shipped;
	struct str origin, who;
};

static enum rc put_version(struct tx *tx, const struct calendar_year *y, const struct newcomer *g, int *version,
                           struct fault *f)
{
	static const struct sql next = SQL_GLOBAL(
		"SELECT COALESCE(max(version), 0) + 1 FROM calendar WHERE year = ?1", "i", "i");
	static const struct sql put = SQL_GLOBAL(
		"INSERT INTO calendar (year, version, state, shipped, origin, about, checksum, made_at, made_by, "
		"applied_at, applied_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", "iiiittbitIT", "");
	struct arena *a = tx_arena(tx);
	struct hash mark = mark_of(y);
	struct rows r;
	bool applied = g->state == CALENDAR_applied;
	enum rc rc = RC_EXISTS;                /* somebody of another ward was quicker: the next number */
	for (int i = 0; rc == RC_EXISTS && i < NUMBER_TRIES; i++) {
		rc = sql_one(tx, &next, &r, BIND(v_int(y->year)), f);
		if (rc != RC_OK)
			return rc;
		*version = (int)row_int(&r, 0);
		rows_end(&r);
		rc = sql_run(tx, &put, BIND(v_int(y->year), v_int(*version), v_int(g->state), v_int(g->shipped), v_text(g->origin),
		                            v_text(about_of(a, y)), v_blob(arena_copy(a, hash_str(&mark))), v_int(tx_now(tx)),
		                            v_text(g->who), v_int0(applied ? tx_now(tx) : 0), v_text0(applied ? g->who : STR_EMPTY)),
		             NULL, f);
	}
	for (size_t i = 0; rc == RC_OK && i < y->listed_count; i++)
		rc = put_line(tx, y->year, *version, &y->listed[i],
		              !applied ? ANSWER_open : y->listed[i].kind == DAY_to_confirm ? ANSWER_later : ANSWER_yes, f);
	return rc == RC_OK ? definition_changed(tx, DEFINITION_CALENDARS, f) : rc;
}

/* Is there one with just these lines, of those that count? */
static enum rc known(struct tx *tx, const struct calendar_year *y, bool shipped, bool *out, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT count(*) FROM calendar WHERE year = ?1 AND checksum = ?2 AND (state = 1 OR state = 2 OR shipped = ?3)",
		"ibi", "i");
	struct hash mark = mark_of(y);
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(y->year), v_blob(hash_str(&mark)), v_int(shipped ? 1 : 2)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) > 0;
	rows_end(&r);
	return RC_OK;
}

enum rc calendar_propose(struct tx *tx, const struct calendar_year *y, struct str origin, struct str who,
                         int *version, struct fault *f)
{
	struct newcomer g = {CALENDAR_proposed, false, origin, who};
	bool there = false;
	enum rc rc = known(tx, y, false, &there, f);
	if (rc == RC_OK && there)
		return fault_set(f, RC_EXISTS, "there is a proposal for %d with just these days", y->year);
	return rc == RC_OK ? put_version(tx, y, &g, version, f) : rc;
}

/* The version, kept in this state until the commit: an administrator's step and the operator's, who belong to
 * different wards or none, run side by side on PostgreSQL. RC_CHANGED: it is in another state. */
static enum rc in_state(struct tx *tx, int year, int version, enum calendar_state from, struct calendar_version *v,
                        struct fault *f)
{
	static const struct sql keep = SQL_GLOBAL(
		"UPDATE calendar SET state = state WHERE year = ?1 AND version = ?2 AND state = ?3", "iii", "");
	int64_t kept = 0;
	enum rc rc = sql_run(tx, &keep, BIND(v_int(year), v_int(version), v_int(from)), &kept, f);
	if (rc == RC_OK)
		rc = calendar_version_read(tx, year, version, v, f);
	if (rc == RC_NONE)
		return fault_set(f, RC_NONE, "there is no version %d of %d", version, year);
	if (rc == RC_OK && kept == 0)
		return fault_set(f, RC_CHANGED, "version %d of %d is %s", version, year, calendar_state_name(v->state));
	return rc;
}

enum rc calendar_proposal_hold(struct tx *tx, int year, int version, struct calendar_version *out, struct fault *f)
{
	return in_state(tx, year, version, CALENDAR_proposed, out, f);
}

enum rc calendar_answer_line(struct tx *tx, const struct calendar_version *held, size_t at, enum day_answer a,
                             struct str decision, int32_t decided_day, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"UPDATE calendar_day SET answer = ?4 WHERE year = ?1 AND version = ?2 AND day = ?3", "iiii", "");
	static const struct sql by = SQL_GLOBAL(
		"UPDATE calendar_day SET decision = ?4, decided_day = ?5 WHERE year = ?1 AND version = ?2 AND day = ?3",
		"iiitI", "");
	const struct calendar_day *d = &held->lines[at];
	if (a == ANSWER_later && d->kind != DAY_to_confirm)
		return fault_set(f, RC_INVALID, "only a day that was still to be confirmed can stay so");
	enum rc rc = sql_run(tx, &q, BIND(v_int(held->year), v_int(held->version), v_int(d->day), v_int(a)), NULL, f);
	if (rc == RC_OK && decision.n > 0)
		rc = sql_run(tx, &by, BIND(v_int(held->year), v_int(held->version), v_int(d->day), v_text(decision),
		                           v_int0(decided_day)), NULL, f);
	return rc;
}

enum rc calendar_answer(struct tx *tx, const struct calendar_version *held, int32_t day, enum day_answer a,
                        struct fault *f)
{
	for (size_t i = 0; i < held->line_count; i++)
		if (held->lines[i].day == day)
			return calendar_answer_line(tx, held, i, a, STR_EMPTY, 0, f);
	return fault_set(f, RC_NONE, "that day is not in version %d of %d", held->version, held->year);
}

enum rc calendar_answer_all(struct tx *tx, int year, int version, enum day_answer a, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"UPDATE calendar_day SET answer = ?3 WHERE year = ?1 AND version = ?2 AND answer = 0", "iii", "");
	struct calendar_version v = {0};
	enum rc rc = in_state(tx, year, version, CALENDAR_proposed, &v, f);
	return rc == RC_OK ? sql_run(tx, &q, BIND(v_int(year), v_int(version), v_int(a)), NULL, f) : rc;
}

enum rc calendar_add_day(struct tx *tx, int year, int version, const struct calendar_day *d, struct fault *f)
{
	struct calendar_version v = {0};
	enum rc rc = in_state(tx, year, version, CALENDAR_proposed, &v, f);
	for (size_t i = 0; rc == RC_OK && i < v.line_count; i++)
		if (v.lines[i].day == d->day)
			return fault_set(f, RC_EXISTS, "the day is listed");
	struct calendar_day own = *d;
	struct calendar_year alone = {.year = year, .listed = &own, .listed_count = 1};
	if (rc == RC_OK)
		rc = calendar_year_settle(&alone, f);
	return rc == RC_OK ? put_line(tx, year, version, d, ANSWER_yes, f) : rc;
}

enum rc calendar_confirm(struct tx *tx, int year, int version, struct str who, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"UPDATE calendar SET state = 2, confirmed_at = ?3, confirmed_by = ?4 WHERE year = ?1 AND version = ?2",
		"iiit", "");
	struct calendar_version v = {0};
	enum rc rc = in_state(tx, year, version, CALENDAR_proposed, &v, f);
	if (rc == RC_OK && v.open > 0)
		return fault_set(f, RC_WAITING, "%d days of version %d of %d are not answered for", v.open, version, year);
	if (rc == RC_OK)
		rc = sql_run(tx, &q, BIND(v_int(year), v_int(version), v_int(tx_now(tx)), v_text(who)), NULL, f);
	return rc == RC_OK ? definition_changed(tx, DEFINITION_CALENDARS, f) : rc;
}

enum rc calendar_drop(struct tx *tx, int year, int version, struct str who, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"UPDATE calendar SET state = 4, confirmed_at = ?3, confirmed_by = ?4 "
		"WHERE year = ?1 AND version = ?2 AND (state = 1 OR state = 2)", "iiit", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &q, BIND(v_int(year), v_int(version), v_int(tx_now(tx)), v_text(who)), &changed, f);
	if (rc == RC_OK && changed == 0)
		return fault_set(f, RC_CHANGED, "version %d of %d is no proposal", version, year);
	return rc;
}

enum rc calendar_apply(struct tx *tx, int year, int version, struct str who, struct fault *f)
{
	static const struct sql later = SQL_GLOBAL(
		"SELECT count(*) FROM calendar WHERE year = ?1 AND version > ?2 AND state = 3", "ii", "i");
	static const struct sql q = SQL_GLOBAL(
		"UPDATE calendar SET state = 3, applied_at = ?3, applied_by = ?4 WHERE year = ?1 AND version = ?2",
		"iiit", "");
	struct calendar_version v = {0};
	struct rows r;
	enum rc rc = in_state(tx, year, version, CALENDAR_confirmed, &v, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &later, &r, BIND(v_int(year), v_int(version)), f);
	if (rc != RC_OK)
		return rc;
	bool passed = row_int(&r, 0) > 0;
	rows_end(&r);
	if (passed)
		return fault_set(f, RC_CHANGED, "a later version of %d was applied", year);
	rc = sql_run(tx, &q, BIND(v_int(year), v_int(version), v_int(tx_now(tx)), v_text(who)), NULL, f);
	return rc == RC_OK ? definition_changed(tx, DEFINITION_CALENDARS, f) : rc;
}

/* --- what ships, and what is read into memory --- */

struct opening {
	const char *dir;
	struct calendar *files, *into;
	struct rules *rules;
	struct str rules_yaml;
	const int64_t *seen;
	int64_t now[2];
};

static enum rc take_year(struct tx *tx, const struct calendar_year *y, struct fault *f)
{
	static const struct sql any = SQL_GLOBAL("SELECT count(*) FROM calendar WHERE year = ?1", "i", "i");
	struct rows r;
	bool there = false;
	int version = 0;
	enum rc rc = sql_one(tx, &any, &r, BIND(v_int(y->year)), f);
	if (rc != RC_OK)
		return rc;
	struct newcomer g = {row_int(&r, 0) == 0 ? CALENDAR_applied : CALENDAR_proposed, true,
	                     arena_fmt(tx_arena(tx), "vn-%d.yaml", y->year), STR("xom")};
	rows_end(&r);
	rc = known(tx, y, true, &there, f);
	return rc == RC_OK && !there ? put_version(tx, y, &g, &version, f) : rc;
}

static enum rc take_shipped(struct tx *tx, void *ctx, struct fault *f)
{
	struct opening *g = ctx;
	struct rules_change change = {0};
	enum rc rc = RC_OK;
	for (int year = CALENDAR_YEAR_MIN; rc == RC_OK && year <= CALENDAR_YEAR_MAX; year++)
		if (calendar_year_of(g->files, year) != NULL)
			rc = take_year(tx, calendar_year_of(g->files, year), f);
	return rc == RC_OK ? rules_publish(tx, "rules.yaml", g->rules_yaml, day_of(tx_now(tx)), STR("xom"), true, &change, f)
	                   : rc;
}

static enum rc read_years(struct tx *tx, struct calendar *into, int64_t number, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT year, max(version) FROM calendar WHERE state = 3 GROUP BY year ORDER BY year", "", "ii");
	struct { int year, version; } years[CALENDAR_YEAR_MAX - CALENDAR_YEAR_MIN + 1];
	size_t n = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &q, &r, NO_BIND, f);
	while (rc == RC_OK && n < sizeof years / sizeof *years && (rc = rows_next(&r, f)) == RC_OK) {
		years[n].year = (int)row_int(&r, 0);
		years[n++].version = (int)row_int(&r, 1);
	}
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		const struct calendar_year *have = calendar_year_of(into, years[i].year);
		struct calendar_version v = {0};
		if (have != NULL && have->version == years[i].version)
			continue;
		rc = calendar_version_read(tx, years[i].year, years[i].version, &v, f);
		if (rc == RC_OK)
			calendar_put(into, v.days);
	}
	if (rc == RC_OK)
		calendar_numbered(into, number);
	return rc;
}

enum rc calendar_current(struct tx *tx, const struct calendar **c, struct fault *f)
{
	int64_t has = calendar_number(*c), is = 0;
	if (has < 0)
		return RC_OK;
	enum rc rc = definition_number(tx, DEFINITION_CALENDARS, &is, f);
	if (rc != RC_OK || is == has)
		return rc;
	struct calendar *now = calendar_within(tx_arena(tx));
	rc = read_years(tx, now, is, f);
	*c = now;
	return rc;
}

/* Each row's text as it was published, with its end. */
static enum rc read_rules(struct tx *tx, struct opening *g, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("SELECT body, valid_to FROM rule ORDER BY name, valid_from", "", "tI");
	struct buf b = {0};
	struct rows r;
	buf_addz(&b, "rules:\n");
	enum rc rc = sql_rows(tx, &q, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct str body = row_str(&r, 0);
		buf_addf(&b, "  - {%.*s", PSTR(body));
		if (!row_null(&r, 1)) {
			struct date d = date_from_day((int32_t)row_int(&r, 1));
			buf_addf(&b, ", valid_to: %04d-%02d-%02d", d.year, d.month, d.day);
		}
		buf_addz(&b, "}\n");
	}
	rows_end(&r);
	if (rc == RC_NONE)
		rc = rules_put(g->rules, "published rules", buf_str(&b), f);
	buf_release(&b);
	return rc == RC_SYNTAX ? fault_set(f, RC_CORRUPT, "the published rules are not what was published") : rc;
}

static enum rc read_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct opening *g = ctx;
	enum rc rc = definition_number(tx, DEFINITION_CALENDARS, &g->now[0], f);
	if (rc == RC_OK)
		rc = definition_number(tx, DEFINITION_RULES, &g->now[1], f);
	if (rc == RC_OK && g->now[0] != g->seen[0])
		rc = read_years(tx, g->into, g->now[0], f);
	if (rc == RC_OK && g->now[1] != g->seen[1])
		rc = read_rules(tx, g, f);
	return rc;
}

/* Whoever puts years and rows in does so alone. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

enum rc calendars_refresh(struct store *s, struct calendar *c, struct rules *r, int64_t seen[2],
                          struct fault *f)
{
	struct arena a;
	struct opening g = {.into = c, .rules = r, .seen = seen};
	arena_init(&a, (size_t)16 << 20);
	(void)pthread_mutex_lock(&reading);
	enum rc rc = store_read(s, (struct ward_id){0}, &a, read_all, &g, f);
	if (rc == RC_OK)
		memcpy(seen, g.now, sizeof g.now);
	(void)pthread_mutex_unlock(&reading);
	arena_release(&a);
	return rc;
}

enum rc calendars_open(struct store *s, const char *dir, struct calendar *c, struct rules *r, int64_t seen[2],
                       struct fault *f)
{
	struct arena a;
	struct opening g = {.dir = dir};
	seen[0] = seen[1] = -1;
	arena_init(&a, (size_t)16 << 20);
	enum rc rc = calendar_load(&g.files, dir, f);
	if (rc == RC_OK)
		rc = file_read(&a, arena_fmt(&a, "%s/rules.yaml", dir).p, RULES_FILE_MAX, &g.rules_yaml, f);
	if (rc == RC_OK)
		rc = store_write(s, (struct ward_id){0}, &a, take_shipped, &g, f);
	if (rc == RC_OK)
		rc = calendars_refresh(s, c, r, seen, f);
	calendar_free(g.files);
	arena_release(&a);
	return rc;
}
