#include "ward/flow/flow_private.h"

#define ATTACHMENT_COLUMNS "id, seq, name, hash, width, height, size, released, by_reporter, case_id"
#define ATTACHMENT_TYPES "iitbiiiiii"

enum rc attachment_put(struct tx *tx, const struct flow *w, const struct ward_case *c, int seq,
                       int part, const struct photo *p, bool by_reporter, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO attachment (ward_id, case_id, part, id, seq, name, hash, width, height,"
		" size, released, by_reporter) VALUES"
		" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		"iiiitbiiiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(c->id.v), v_int(part), v_int(idgen_next(w->ids)), v_int(seq),
	                    v_text(p->name), v_blob(hash_str(&p->hash)), v_int(p->width),
	                    v_int(p->height), v_int(p->size), v_int(0), v_int(by_reporter)),
	               NULL, f);
}

static struct attachment attachment_read(struct rows *r)
{
	struct attachment a = {
		.id = {row_int(r, 0)},
		.seq = (int)row_int(r, 1),
		.photo = {.name = row_str(r, 2),
	              .width = (int)row_int(r, 4),
	              .height = (int)row_int(r, 5),
	              .size = row_int(r, 6)},
		.released = row_int(r, 7) != 0,
		.by_reporter = row_int(r, 8) != 0,
	};
	(void)hash_from(row_str(r, 3), &a.photo.hash);
	return a;
}

enum rc case_attachments(struct tx *tx, const struct ward_case *c, struct attachment **out,
                         size_t *count, struct fault *f)
{
	static const struct sql Q_COUNT = SQL_WARD(
		"SELECT COUNT(*) FROM attachment WHERE ward_id = ?1 AND case_id = ?2", "i", "i");
	static const struct sql Q = SQL_WARD("SELECT " ATTACHMENT_COLUMNS
	                                     " FROM attachment WHERE ward_id = ?1 AND case_id = ?2"
	                                     " ORDER BY id",
	                                     "i", ATTACHMENT_TYPES);
	struct rows r;
	*count = 0;
	enum rc rc = sql_one(tx, &Q_COUNT, &r, BIND(v_int(c->id.v)), f);
	if (rc != RC_OK)
		return rc;
	size_t max = (size_t)row_int(&r, 0);
	rows_end(&r);
	*out = arena_array(tx_arena(tx), max, sizeof **out);
	rc = sql_rows(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = attachment_read(&r);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc case_attachment(struct tx *tx, struct str name, struct attachment *out,
                        struct case_id *of, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT " ATTACHMENT_COLUMNS
	                                     " FROM attachment WHERE ward_id = ?1 AND name = ?2",
	                                     "t", ATTACHMENT_TYPES);
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(name)), f);
	if (rc != RC_OK)
		return rc;
	*out = attachment_read(&r);
	*of = (struct case_id){row_int(&r, 9)};
	rows_end(&r);
	return RC_OK;
}

enum rc attachment_names(struct tx *tx, int64_t *after, size_t limit, struct str *names,
                         size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, name FROM attachment WHERE ward_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", "ii",
		"it");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(*after), v_int((int64_t)limit)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		*after = row_int(&r, 0);
		names[(*count)++] = row_str(&r, 1);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc attachment_release(struct tx *tx, const struct ward_case *c,
                           const struct attachment_id *ids, size_t n, struct fault *f)
{
	static const struct sql Q_NONE = SQL_WARD(
		"UPDATE attachment SET released = 0 WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	static const struct sql Q_ONE = SQL_WARD(
		"UPDATE attachment SET released = 1 WHERE ward_id = ?1 AND case_id = ?2 AND id = ?3", "ii",
		"");
	enum rc rc = sql_run(tx, &Q_NONE, BIND(v_int(c->id.v)), NULL, f);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		int64_t changed = 0;
		rc = sql_run(tx, &Q_ONE, BIND(v_int(c->id.v), v_int(ids[i].v)), &changed, f);
		if (rc == RC_OK && changed == 0)
			rc = fault_set(f, RC_INVALID, "a photo to release is not of this case");
	}
	return rc;
}
