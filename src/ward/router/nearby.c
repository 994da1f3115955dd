#include "ward/router/nearby.h"

#include <string.h>

#include "kit/base/text.h"

static const char *const NAMES[] = {
	"",
#define X(name) #name,
	NEARBY_TABLE(X)
#undef X
};

#define COLUMNS "id, sort, area_id, name, address, hours, phone, valid_from, valid_to"
#define TYPES "itIttttiI"

const struct schema_step NEARBY_SCHEMA[] = {
	{"nearby-0001",
	 "-- Who is where for a khu vực (nearby.h): offices and office phones, by day.\n"
	 "CREATE TABLE nearby (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  id @id NOT NULL,\n"
	 "  sort @text NOT NULL,\n"
	 "  area_id @id,                     -- NULL: the whole ward\n"
	 "  name @text NOT NULL,\n"
	 "  address @text NOT NULL,\n"
	 "  hours @text NOT NULL,\n"
	 "  phone @text NOT NULL,\n"
	 "  valid_from @day NOT NULL,\n"
	 "  valid_to @day,\n"
	 "  made_at @time NOT NULL,\n"
	 "  made_by @id REFERENCES account (id),\n"
	 "  PRIMARY KEY (ward_id, id)\n"
	 ");\n"},
	{0},
};

const char *nearby_name(enum nearby_sort s) { return s > NEARBY_unset && s < NEARBY_COUNT ? NAMES[s] : ""; }

enum nearby_sort nearby_parse(struct str s)
{
	for (enum nearby_sort k = NEARBY_unset + 1; k < NEARBY_COUNT; k++)
		if (str_is(s, NAMES[k]))
			return k;
	return NEARBY_unset;
}

static enum rc read_rows(struct tx *tx, const struct sql *q, const struct val *in, size_t n, struct nearby **out,
                         size_t *count, struct fault *f)
{
	enum { MOST = 2 * NEARBY_MAX };
	struct rows r;
	enum rc rc = sql_rows(tx, q, &r, in, n, f);
	*out = arena_array(tx_arena(tx), MOST, sizeof **out);
	*count = 0;
	while (rc == RC_OK && *count < MOST && (rc = rows_next(&r, f)) == RC_OK) {
		struct nearby x = {.id = row_int(&r, 0), .sort = nearby_parse(row_str(&r, 1)), .area = {row_int(&r, 2)},
		                   .name = row_str(&r, 3), .address = row_str(&r, 4), .hours = row_str(&r, 5),
		                   .phone = row_str(&r, 6), .valid_from = (int32_t)row_int(&r, 7),
		                   .valid_to = (int32_t)row_int(&r, 8)};
		if (x.sort != NEARBY_unset)     /* a later program's sort is not shown */
			(*out)[(*count)++] = x;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc nearby_list(struct tx *tx, int32_t day, struct nearby **out, size_t *count, struct fault *f)
{
	static const struct sql ON_DAY = SQL_WARD(
		"SELECT " COLUMNS " FROM nearby WHERE ward_id = ?1 AND valid_from <= ?2"
		" AND (valid_to IS NULL OR valid_to >= ?2) ORDER BY id LIMIT 800", "i", TYPES);
	static const struct sql ALL = SQL_WARD(
		"SELECT " COLUMNS " FROM nearby WHERE ward_id = ?1 ORDER BY id DESC LIMIT 800", "", TYPES);
	return day == 0 ? read_rows(tx, &ALL, NO_BIND, out, count, f)
	                : read_rows(tx, &ON_DAY, BIND(v_int(day)), out, count, f);
}

size_t nearby_of(const struct nearby *all, size_t n, struct area_id area, const struct nearby **out, size_t max)
{
	size_t count = 0;
	for (enum nearby_sort s = NEARBY_unset + 1; s < NEARBY_COUNT; s++) {
		bool own = false;
		for (size_t i = 0; i < n; i++)
			own = own || (all[i].sort == s && all[i].area.v == area.v && area.v != 0);
		for (size_t i = 0; i < n && count < max; i++)
			if (all[i].sort == s && all[i].area.v == (own ? area.v : 0))
				out[count++] = &all[i];
	}
	return count;
}

static enum rc check(const struct nearby *n, struct fault *f)
{
	if (n->sort == NEARBY_unset)
		return fault_at(f, RC_INVALID, "", 0, "sort", "what it is must be chosen");
	if (n->name.n == 0)
		return fault_at(f, RC_INVALID, "", 0, "name", "an office needs its name");
	if (n->address.n == 0 && n->phone.n == 0 && n->hours.n == 0)
		return fault_at(f, RC_INVALID, "", 0, "address", "an office needs an address, hours or a phone");
	if (n->phone.n > 0 && !text_is_phone(n->phone))
		return fault_at(f, RC_INVALID, "", 0, "phone", "that is no phone number");
	if (n->valid_from == 0)
		return fault_at(f, RC_INVALID, "", 0, "from", "an office needs its first day");
	if (n->valid_to != 0 && n->valid_to < n->valid_from)
		return fault_at(f, RC_INVALID, "", 0, "until", "the last day lies before the first");
	return RC_OK;
}

enum rc nearby_add(struct tx *tx, struct idgen *ids, struct account_id by, const struct nearby *n, struct fault *f)
{
	static const struct sql Q_COUNT = SQL_WARD(
		"SELECT COUNT(*) FROM nearby WHERE ward_id = ?1 AND (valid_to IS NULL OR valid_to >= ?2)", "i", "i");
	static const struct sql Q = SQL_WARD(
		"INSERT INTO nearby (ward_id, " COLUMNS ", made_at, made_by)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)", TYPES "iI", "");
	struct rows rows;
	enum rc rc = check(n, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q_COUNT, &rows, BIND(v_int(day_of(tx_now(tx)))), f);
	if (rc != RC_OK)
		return rc;
	bool full = row_int(&rows, 0) >= NEARBY_MAX;
	rows_end(&rows);
	if (full)
		return fault_at(f, RC_TOO_BIG, "", 0, "name", "the ward has %d of these", NEARBY_MAX);
	rc = sql_run(tx, &Q, BIND(v_int(idgen_next(ids)), v_text(str_of(nearby_name(n->sort))), v_int0(n->area.v),
	                          v_text(n->name), v_text(n->address), v_text(n->hours), v_text(n->phone),
	                          v_int(n->valid_from), v_int0(n->valid_to), v_int(tx_now(tx)), v_int0(by.v)), NULL, f);
	return rc == RC_OK ? admin_log_add(tx, by, ACT_nearby_add, str_of(nearby_name(n->sort)), n->name, f) : rc;
}

enum rc nearby_end(struct tx *tx, struct account_id by, int64_t id, int32_t last, struct fault *f)
{
	static const struct sql Q_GET = SQL_WARD("SELECT " COLUMNS " FROM nearby WHERE ward_id = ?1 AND id = ?2", "i", TYPES);
	static const struct sql Q = SQL_WARD("UPDATE nearby SET valid_to = ?3 WHERE ward_id = ?1 AND id = ?2", "ii", "");
	struct nearby *rows;
	size_t n;
	enum rc rc = read_rows(tx, &Q_GET, BIND(v_int(id)), &rows, &n, f);
	if (rc != RC_OK)
		return rc;
	if (n == 0 || (rows[0].valid_to != 0 && rows[0].valid_to < day_of(tx_now(tx))))
		return fault_set(f, RC_NONE, "there is no such office, or it has ended");
	if (last < rows[0].valid_from - 1)
		return fault_at(f, RC_INVALID, "", 0, "until", "the last day lies before the first");
	rc = sql_run(tx, &Q, BIND(v_int(id), v_int(last)), NULL, f);
	return rc == RC_OK ? admin_log_add(tx, by, ACT_nearby_end, str_of(nearby_name(rows[0].sort)),
	                                   arena_fmt(tx_arena(tx), "%.*s, %.*s", PSTR(rows[0].name),
	                                             PSTR(text_day_iso(tx_arena(tx), last))), f) : rc;
}

/* ---------------------------------------------------------------- streets */

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80; }

/* Does a word of the folded name begin so; a number: is it one? */
static bool has_word(struct str name, struct str word, bool whole)
{
	for (size_t i = 0; i + word.n <= name.n; i++)
		if ((i == 0 || !letter(name.p[i - 1])) && memcmp(name.p + i, word.p, word.n) == 0 &&
		    (!whole || i + word.n == name.n || !letter(name.p[i + word.n])))
			return true;
	return false;
}

static bool matches(const struct str *words, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (!has_word(name, words[i], all_digits(words[i])))
			return false;
	return true;
}

/* The list holds some thousand names at most (place_names_import), read whole for a question that the cache of
 * public pages does not know yet. */
enum rc streets_find(struct tx *tx, struct str typed, struct street_found *out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT name, area_code, folded FROM place_name WHERE ward_id = ?1 ORDER BY folded LIMIT 5000", "", "tTt");
	struct arena *a = tx_arena(tx);
	struct str *words, *use;
	size_t n = text_tokens(a, typed, &words), m = 0;
	struct rows r;
	use = arena_array(a, n + 1, sizeof *use);
	/* "12 Lê Lợi": the number of the house; of "hẻm 7" the number is the name. */
	for (size_t i = 0; i < n; i++)
		if (i > 0 || n == 1 || !all_digits(words[i]))
			use[m++] = words[i];
	*count = 0;
	if (m == 0)
		return RC_OK;
	enum rc rc = sql_rows(tx, &Q, &r, NO_BIND, f);
	while (rc == RC_OK && *count < STREETS_FOUND && (rc = rows_next(&r, f)) == RC_OK)
		if (matches(use, m, row_str(&r, 2)))
			out[(*count)++] = (struct street_found){row_str(&r, 0), row_str(&r, 1)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}
