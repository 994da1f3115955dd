/* The tables of places, and making a ward. */
#include "ward/place/place_impl.h"

#include "kit/base/text.h"

const struct schema_step PLACE_SCHEMA[] = {
	{"place-0001",
	 "-- A ward that this database serves: the first key of everything it has.\n"
	 "CREATE TABLE ward (\n"
	 "  id @id PRIMARY KEY,\n"
	 "  slug @text NOT NULL UNIQUE,      -- in addresses\n"
	 "  prefix @text NOT NULL UNIQUE,    -- of its codes\n"
	 "  name @text NOT NULL,\n"
	 "  hotline @text,\n"
	 "  area_code @text NOT NULL,        -- of its territory, by area.code and the day\n"
	 "  demo @bool NOT NULL\n"
	 ");\n"
	 "-- A territory under a name and a code from one day to another (both included).\n"
	 "CREATE TABLE area (\n"
	 "  id @id PRIMARY KEY,\n"
	 "  parent_id @id REFERENCES area(id),\n"
	 "  level @text NOT NULL,\n"
	 "  code @text NOT NULL,\n"
	 "  name @text NOT NULL,\n"
	 "  valid_from @day NOT NULL,\n"
	 "  valid_to @day,                   -- NULL: still\n"
	 "  boundary @blob NOT NULL,         -- WKB, valid, made so at import\n"
	 "  raster @blob NOT NULL,           -- derived from the boundary: place_impl.h\n"
	 "  UNIQUE (code, valid_from)        -- codes are used again for other territory\n"
	 ");\n"
	 "-- Street and landmark names of the ward's own list: not people's names, so not masked.\n"
	 "CREATE TABLE place_name (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  folded @text NOT NULL,           -- for comparing\n"
	 "  name @text NOT NULL,             -- as written\n"
	 "  area_code @text,                 -- the khu vực it lies in, when known\n"
	 "  PRIMARY KEY (ward_id, folded)\n"
	 ");\n"},
	{"place-0002",
	 "-- What a ward has set for itself; the rows that there can be stand in ward/ward_setting.c.\n"
	 "CREATE TABLE ward_setting (\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  name @text NOT NULL,\n"
	 "  value @text NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, name)\n"
	 ");\n"
	 "-- How often definitions of a sort have changed: by it every process that keeps them in memory\n"
	 "-- sees that another one has written.\n"
	 "CREATE TABLE definition (\n"
	 "  name @text NOT NULL PRIMARY KEY,\n"
	 "  number @int NOT NULL\n"
	 ");\n"},
	{"place-0003",
	 "-- A ward to learn in: shown in a frame of its own, with tasks.\n"
	 "ALTER TABLE ward ADD COLUMN practice @bool NOT NULL DEFAULT 0;\n"},
	{NULL, NULL},
};

enum rc definition_changed(struct tx *tx, const char *name, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"INSERT INTO definition (name, number) VALUES (?1, 1) "
		"ON CONFLICT (name) DO UPDATE SET number = definition.number + 1", "t", "");
	return sql_run(tx, &q, BIND(v_text(str_of(name))), NULL, f);
}

enum rc definition_number(struct tx *tx, const char *name, int64_t *out, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("SELECT number FROM definition WHERE name = ?1", "t", "i");
	struct rows r;
	*out = 0;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_text(str_of(name))), f);
	if (rc == RC_NONE)
		return RC_OK;
	if (rc == RC_OK) {
		*out = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc ward_value_put(struct tx *tx, struct str name, struct str value, struct fault *f)
{
	static const struct sql drop = SQL_WARD(
		"DELETE FROM ward_setting WHERE ward_id = ?1 AND name = ?2", "t", "");
	static const struct sql put = SQL_WARD(
		"INSERT INTO ward_setting (ward_id, name, value) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (ward_id, name) DO UPDATE SET value = excluded.value", "tt", "");
	enum rc rc = value.p == NULL ? sql_run(tx, &drop, BIND(v_text(name)), NULL, f)
	                             : sql_run(tx, &put, BIND(v_text(name), v_text(value)), NULL, f);
	return rc == RC_OK ? definition_changed(tx, DEFINITION_WARDS, f) : rc;
}

enum { SLUG_MIN = 2, SLUG_MAX = 40, NAME_MAX_CHARS = 100 };

/* Letters that no Vietnamese keyboard rewrites; a prefix has no digits. */
static bool prefix_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_find(STR("BCFGHJKMNPQRSTVXZ"), str_sub(s, i, 1)) == SIZE_MAX)
			return false;
	return s.n == 2;
}

static bool slug_ok(struct str s)
{
	/* What stands at the same place of an address. */
	static const char *const reserved[] = {"vi", "en", "assets", "desk", "admin", "ward",
	                                       "healthz", "readyz", "metrics"};
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (str_is(s, reserved[i]))
			return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
		if (!letter && (i == 0 || (!digit && c != '-')))
			return false;
	}
	return s.n >= SLUG_MIN && s.n <= SLUG_MAX && s.p[s.n - 1] != '-';
}

struct ward_adding {
	const struct ward_new *w;
	struct ward_id id;
	struct str name, hotline;
};

static enum rc names_cleaned(struct arena *a, struct ward_adding *x, struct str name, struct str hotline,
                             struct fault *f)
{
	if (text_clean(a, name, TEXT_LINE, NAME_MAX_CHARS, &x->name) != RC_OK || x->name.n == 0)
		return fault_set(f, RC_INVALID, "the ward's name is missing, too long or not UTF-8");
	if (text_clean(a, hotline, TEXT_LINE, NAME_MAX_CHARS, &x->hotline) != RC_OK ||
	    (x->hotline.n > 0 && !text_is_phone(x->hotline)))
		return fault_set(f, RC_INVALID, "the ward's hotline is no telephone number, like 0292 000 0100");
	return RC_OK;
}

static const struct sql Q_WARD_ADD = SQL_GLOBAL(
	"INSERT INTO ward (id, slug, prefix, name, hotline, area_code, demo, practice) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", "itttTtii", "");

static enum rc add(struct tx *tx, void *ctx, struct fault *f)
{
	const struct ward_adding *x = ctx;
	enum rc rc = sql_run(tx, &Q_WARD_ADD,
	                     BIND(v_int(x->id.v), v_text(x->w->slug), v_text(x->w->prefix),
	                          v_text(x->name), v_text0(x->hotline), v_text(x->w->area_code),
	                          v_int(x->w->demo), v_int(x->w->practice)), NULL, f);
	if (rc == RC_EXISTS)
		return fault_set(f, RC_EXISTS, "a ward \"%.*s\" or with the prefix %.*s is there already",
		                 PSTR(x->w->slug), PSTR(x->w->prefix));
	return rc == RC_OK ? definition_changed(tx, DEFINITION_WARDS, f) : rc;
}

static enum rc rename_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql set = SQL_GLOBAL("UPDATE ward SET name = ?2, hotline = ?3 WHERE id = ?1",
	                                         "itT", "");
	const struct ward_adding *x = ctx;
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &set, BIND(v_int(x->id.v), v_text(x->name), v_text0(x->hotline)),
	                     &changed, f);
	return rc == RC_OK && changed == 0 ? fault_set(f, RC_NONE, "there is no such ward") : rc;
}

enum rc ward_rename(struct store *s, struct arena *a, struct ward_id ward, struct str name,
                    struct str hotline, struct fault *f)
{
	struct ward_adding x = {.id = ward};
	enum rc rc = names_cleaned(a, &x, name, hotline, f);
	return rc == RC_OK ? store_write(s, (struct ward_id){0}, a, rename_tx, &x, f) : rc;
}

enum rc ward_add(struct store *s, struct arena *a, const struct ward_new *w, struct ward_id *out,
                 struct fault *f)
{
	struct ward_adding x = {.w = w};
	if (!prefix_ok(w->prefix))
		return fault_set(f, RC_INVALID, "the prefix \"%.*s\" is not two letters of "
		                 "BCFGHJKMNPQRSTVXZ", PSTR(w->prefix));
	if (!slug_ok(w->slug))
		return fault_set(f, RC_INVALID, "the slug \"%.*s\" is not 2 to 40 of a-z, 0-9 and hyphens, "
		                 "or is reserved", PSTR(w->slug));
	enum rc names = names_cleaned(a, &x, w->name, w->hotline, f);
	if (names != RC_OK)
		return names;
	if (w->area_code.n == 0)
		return fault_set(f, RC_INVALID, "the ward has no area code");
	struct clock machine;
	struct idgen ids;
	clock_init(&machine);
	idgen_init(&ids, &machine);
	x.id.v = idgen_next(&ids);
	enum rc rc = store_write(s, (struct ward_id){0}, a, add, &x, f);
	if (rc == RC_OK)
		*out = x.id;
	return rc;
}
