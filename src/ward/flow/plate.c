#include "ward/flow/plate.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

#include "ward/flow/flow_private.h"

enum { CODE_TRIES = 5 };
static const double E7 = 1e7; /* as the cases' points are kept */

#define COLUMNS \
	"id, code, kind, area_id, street, landmark, lon_e7, lat_e7, sheet, made_at, retired_at"
#define TYPES "ittIttIItiI"

enum rc plate_code_read(struct str typed, char out[PLATE_CODE + 1])
{
	size_t n = 0;
	for (size_t i = 0; i < typed.n; i++) {
		char c = typed.p[i];
		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == '\0' || strchr(CODE_ALPHABET, c) == NULL || n == PLATE_CODE)
			return RC_INVALID;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == PLATE_CODE && code_check(str_n(out, PLATE_CODE - 1)) == out[PLATE_CODE - 1]
	           ? RC_OK
	           : RC_INVALID;
}

struct str sheet_name(struct arena *a, const struct hash *journey)
{
	char z[SHEET_CODE];
	struct hash h = hash_of(NULL, "xom plates 1", hash_str(journey));
	struct str bytes = hash_str(&h);
	for (int i = 0; i < SHEET_CODE; i++)
		z[i] = CODE_ALPHABET[(unsigned char)bytes.p[i] % (sizeof CODE_ALPHABET - 1)];
	return arena_copy(a, str_n(z, sizeof z));
}

static void draw_code(char out[PLATE_CODE + 1])
{
	for (int i = 0; i < PLATE_CODE - 1; i++)
		out[i] = CODE_ALPHABET[randombytes_uniform(sizeof CODE_ALPHABET - 1)];
	out[PLATE_CODE - 1] = code_check(str_n(out, PLATE_CODE - 1));
	out[PLATE_CODE] = '\0';
}

static enum rc insert(struct tx *tx, struct account_id by, const struct plate *p, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO plate (ward_id, id, code, kind, area_id, street, landmark, lon_e7, lat_e7, sheet,"
		" made_at, made_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		"ittIttIItii", "");
	const struct case_place *at = &p->place;
	return sql_run(tx, &Q,
	               BIND(v_int(p->id), v_text(str_of(p->code)), v_text(p->kind), v_int0(at->area.v),
	                    v_text(at->street), v_text(at->landmark),
	                    at->has_point ? v_int(llround(at->lon * E7)) : v_null(),
	                    at->has_point ? v_int(llround(at->lat * E7)) : v_null(), v_text(p->sheet),
	                    v_int(p->made_at), v_int(by.v)),
	               NULL, f);
}

enum rc plate_add(struct tx *tx, const struct flow *w, struct account_id by, struct str sheet,
                  struct plate *list, size_t n, struct fault *f)
{
	static const struct sql Q_THERE = SQL_WARD(
		"SELECT id FROM plate WHERE ward_id = ?1 AND sheet = ?2 LIMIT 1", "t", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q_THERE, &r, BIND(v_text(sheet)), f);
	if (rc == RC_OK)
		rows_end(&r);
	if (rc != RC_NONE)
		return rc == RC_OK ? RC_EXISTS : rc;
	rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		list[i].id = idgen_next(w->ids);
		list[i].sheet = sheet;
		list[i].made_at = tx_now(tx);
		rc = RC_EXISTS;
		for (int k = 0; k < CODE_TRIES && rc == RC_EXISTS; k++) {
			draw_code(list[i].code);
			rc = insert(tx, by, &list[i], f);
		}
		if (rc == RC_EXISTS)
			rc = fault_set(f, RC_FAIL, "no free plate code was found");
	}
	return rc;
}

static struct plate plate_read(struct rows *r)
{
	struct plate p = {
		.id = row_int(r, 0),
		.kind = row_str(r, 2),
		.place = {.area = {row_int(r, 3)}, .street = row_str(r, 4), .landmark = row_str(r, 5),
	              .has_point = !row_null(r, 6) && !row_null(r, 7),
	              .lon = (double)row_int(r, 6) / E7, .lat = (double)row_int(r, 7) / E7},
		.sheet = row_str(r, 8),
		.made_at = row_int(r, 9),
		.retired_at = row_int(r, 10),
	};
	(void)snprintf(p.code, sizeof p.code, "%.*s", PSTR(row_str(r, 1)));
	return p;
}

enum rc plate_by_code(struct tx *tx, struct str code, struct plate *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS " FROM plate WHERE ward_id = ?1 AND code = ?2", "t", TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f);
	if (rc != RC_OK)
		return rc;
	*out = plate_read(&r);
	rows_end(&r);
	return RC_OK;
}

enum rc plate_sheet(struct tx *tx, struct str sheet, struct plate **out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS " FROM plate WHERE ward_id = ?1 AND sheet = ?2 AND retired_at IS NULL"
		" ORDER BY id LIMIT ?3",
		"ti", TYPES);
	struct rows r;
	*n = 0;
	*out = arena_array(tx_arena(tx), PLATES_MOST, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_text(sheet), v_int(PLATES_MOST)), f);
	while (rc == RC_OK && *n < PLATES_MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*n)++] = plate_read(&r);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc plate_list(struct tx *tx, int64_t before, size_t limit, struct plate **out, size_t *n,
                   bool *more, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS " FROM plate WHERE ward_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3", "ii",
		TYPES);
	struct rows r;
	*n = 0;
	*out = arena_array(tx_arena(tx), limit + 1, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(before > 0 ? before : INT64_MAX), v_int((int64_t)limit + 1)), f);
	while (rc == RC_OK && *n <= limit && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*n)++] = plate_read(&r);
	rows_end(&r);
	*more = *n > limit;
	if (*more)
		(*n)--;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc plate_retire(struct tx *tx, struct account_id by, struct str code, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE plate SET retired_at = ?3, retired_by = ?4"
		" WHERE ward_id = ?1 AND code = ?2 AND retired_at IS NULL",
		"tii", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &Q, BIND(v_text(code), v_int(tx_now(tx)), v_int(by.v)), &changed, f);
	struct plate there;
	return rc == RC_OK && changed == 0 ? plate_by_code(tx, code, &there, f) : rc;
}
