#include "ward/router/receiver.h"

#include "kit/base/text.h"

#define COLUMNS "id, door, name, address, hours, phone, note, valid_from, valid_to, source, verified, made_at, hours_en, note_en, hours_km, note_km"
#define TYPES "ittttttiItiitttt"

const struct schema_step RECEIVER_SCHEMA[] = {
	{"receiver-0001",
	 "-- Who receives what is handed over, by door and day (receiver.h).\n"
	 "CREATE TABLE receiver (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  id @id NOT NULL,\n"
	 "  door @text NOT NULL,\n"
	 "  name @text NOT NULL,\n"
	 "  address @text NOT NULL,\n"
	 "  hours @text NOT NULL,\n"
	 "  phone @text NOT NULL,\n"
	 "  note @text NOT NULL,\n"
	 "  valid_from @day NOT NULL,\n"
	 "  valid_to @day,\n"
	 "  source @text NOT NULL,\n"
	 "  verified @bool NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  made_by @id REFERENCES account (id),\n"
	 "  PRIMARY KEY (ward_id, id)\n"
	 ");\n"
	 "-- The rows of a door, for its page.\n"
	 "CREATE INDEX receiver_door ON receiver (ward_id, door, id);\n"},
	{"receiver-0002",
	 "-- Hours and note for who reads another language; empty: as in Vietnamese.\n"
	 "ALTER TABLE receiver ADD COLUMN hours_en @text NOT NULL DEFAULT '';\n"
	 "ALTER TABLE receiver ADD COLUMN note_en @text NOT NULL DEFAULT '';\n"
	 "ALTER TABLE receiver ADD COLUMN hours_km @text NOT NULL DEFAULT '';\n"
	 "ALTER TABLE receiver ADD COLUMN note_km @text NOT NULL DEFAULT '';\n"},
	{0},
};

static enum rc read_rows(struct tx *tx, const struct sql *q, const struct val *in, size_t n,
                         struct receiver **out, size_t *count, struct fault *f)
{
	enum { MOST = 2 * RECEIVERS_MAX };
	struct rows r;
	enum rc rc = sql_rows(tx, q, &r, in, n, f);
	*out = arena_array(tx_arena(tx), MOST, sizeof **out);
	*count = 0;
	while (rc == RC_OK && *count < MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = (struct receiver){
			.id = row_int(&r, 0), .door = row_str(&r, 1), .name = row_str(&r, 2), .address = row_str(&r, 3),
			.hours = row_str(&r, 4), .phone = row_str(&r, 5), .note = row_str(&r, 6),
			.valid_from = (int32_t)row_int(&r, 7), .valid_to = (int32_t)row_int(&r, 8),
			.source = row_str(&r, 9), .verified = row_int(&r, 10) != 0, .made_at = row_int(&r, 11),
			.hours_in = {[LANG_en] = row_str(&r, 12), [LANG_km] = row_str(&r, 14)},
			.note_in = {[LANG_en] = row_str(&r, 13), [LANG_km] = row_str(&r, 15)}};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc receivers_of(struct tx *tx, struct str door, int32_t day, struct receiver **out, size_t *count,
                     struct fault *f)
{
	static const struct sql OF_DOOR = SQL_WARD(
		"SELECT " COLUMNS " FROM receiver WHERE ward_id = ?1 AND door = ?2 AND valid_from <= ?3"
		" AND (valid_to IS NULL OR valid_to >= ?3) ORDER BY id LIMIT 400", "ti", TYPES);
	static const struct sql ON_DAY = SQL_WARD(
		"SELECT " COLUMNS " FROM receiver WHERE ward_id = ?1 AND valid_from <= ?2"
		" AND (valid_to IS NULL OR valid_to >= ?2) ORDER BY door, id LIMIT 400", "i", TYPES);
	static const struct sql ALL = SQL_WARD(
		"SELECT " COLUMNS " FROM receiver WHERE ward_id = ?1 ORDER BY id DESC LIMIT 400", "", TYPES);
	if (day == 0)
		return read_rows(tx, &ALL, NO_BIND, out, count, f);
	return door.n > 0 ? read_rows(tx, &OF_DOOR, BIND(v_text(door), v_int(day)), out, count, f)
	                  : read_rows(tx, &ON_DAY, BIND(v_int(day)), out, count, f);
}

static enum rc check(const struct receiver *r, struct fault *f)
{
	if (r->name.n == 0)
		return fault_at(f, RC_INVALID, "", 0, "name", "a receiver needs a name");
	if (r->address.n == 0 && r->phone.n == 0)
		return fault_at(f, RC_INVALID, "", 0, "address", "a receiver needs an address or a phone");
	if (r->phone.n > 0 && !text_is_phone(r->phone))
		return fault_at(f, RC_INVALID, "", 0, "phone", "that is no phone number");
	if (r->source.n == 0)
		return fault_at(f, RC_INVALID, "", 0, "source", "a receiver needs a source");
	if (r->valid_from == 0)
		return fault_at(f, RC_INVALID, "", 0, "from", "a receiver needs its first day");
	if (r->valid_to != 0 && r->valid_to < r->valid_from)
		return fault_at(f, RC_INVALID, "", 0, "until", "the last day lies before the first");
	return RC_OK;
}

enum rc receiver_add(struct tx *tx, struct idgen *ids, struct account_id by, const struct receiver *r,
                     struct fault *f)
{
	static const struct sql Q_COUNT = SQL_WARD(
		"SELECT COUNT(*) FROM receiver WHERE ward_id = ?1 AND (valid_to IS NULL OR valid_to >= ?2)", "i", "i");
	static const struct sql Q = SQL_WARD(
		"INSERT INTO receiver (ward_id, id, door, name, address, hours, phone, note, valid_from, valid_to,"
		" source, verified, made_at, made_by, hours_en, note_en, hours_km, note_km)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
		"ittttttiItiiItttt", "");
	struct rows rows;
	enum rc rc = check(r, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q_COUNT, &rows, BIND(v_int(day_of(tx_now(tx)))), f);
	if (rc != RC_OK)
		return rc;
	bool full = row_int(&rows, 0) >= RECEIVERS_MAX;
	rows_end(&rows);
	if (full)
		return fault_at(f, RC_TOO_BIG, "", 0, "name", "the ward has %d receivers", RECEIVERS_MAX);
	rc = sql_run(tx, &Q, BIND(v_int(idgen_next(ids)), v_text(r->door), v_text(r->name), v_text(r->address),
	                          v_text(r->hours), v_text(r->phone), v_text(r->note), v_int(r->valid_from),
	                          v_int0(r->valid_to), v_text(r->source), v_int(r->verified), v_int(tx_now(tx)),
	                          v_int0(by.v), v_text(r->hours_in[LANG_en]), v_text(r->note_in[LANG_en]),
	                          v_text(r->hours_in[LANG_km]), v_text(r->note_in[LANG_km])), NULL, f);
	if (rc == RC_OK)
		rc = admin_log_add(tx, by, ACT_receiver_add, r->door, r->name, f);
	return rc;
}

enum rc receiver_end(struct tx *tx, struct account_id by, int64_t id, int32_t last, struct fault *f)
{
	static const struct sql Q_GET = SQL_WARD(
		"SELECT " COLUMNS " FROM receiver WHERE ward_id = ?1 AND id = ?2", "i", TYPES);
	static const struct sql Q = SQL_WARD("UPDATE receiver SET valid_to = ?3 WHERE ward_id = ?1 AND id = ?2", "ii", "");
	struct receiver *rows;
	size_t n;
	enum rc rc = read_rows(tx, &Q_GET, BIND(v_int(id)), &rows, &n, f);
	if (rc != RC_OK)
		return rc;
	if (n == 0 || (rows[0].valid_to != 0 && rows[0].valid_to < day_of(tx_now(tx))))
		return fault_set(f, RC_NONE, "there is no such receiver, or it has ended");
	/* Its last day may lie before its first by one: a row that was wrong from the beginning is never shown. */
	if (last < rows[0].valid_from - 1)
		return fault_at(f, RC_INVALID, "", 0, "until", "the last day lies before the first");
	rc = sql_run(tx, &Q, BIND(v_int(id), v_int(last)), NULL, f);
	return rc == RC_OK ? admin_log_add(tx, by, ACT_receiver_end, rows[0].door,
	                                   arena_fmt(tx_arena(tx), "%.*s, %.*s", PSTR(rows[0].name),
	                                             PSTR(text_day_iso(tx_arena(tx), last))), f) : rc;
}
