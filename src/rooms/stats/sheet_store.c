#include "rooms/stats/stats.h"

#define SHEET_COLUMNS \
	"c.id, c.public_code, c.kind, c.outcome, c.released_text, c.due_rule, c.due_at, c.closed_at," \
	" c.began_at, c.why_late," \
	" (SELECT p.name FROM attachment AS p WHERE p.ward_id = ?1 AND p.case_id = c.id" \
	" AND p.released = 1 AND p.by_reporter = 1 ORDER BY p.id LIMIT 1) AS before_photo," \
	" (SELECT p.name FROM attachment AS p WHERE p.ward_id = ?1 AND p.case_id = c.id" \
	" AND p.released = 1 AND p.by_reporter = 0 ORDER BY p.id DESC LIMIT 1) AS after_photo"
#define SHEET_TYPES "ittttt" "IIItTT"
#define SHEET_FROM \
	" FROM ward_case AS c WHERE c.ward_id = ?1 AND c.received_at >= ?2 AND c.received_at < ?3" \
	" AND c.area_id = ?4 AND c.listed = 1 AND c.withheld = 0"

static enum rc read_rows(struct rows *r, struct sheet_case *out, size_t max, size_t *n,
                         struct fault *f)
{
	enum rc rc = RC_OK;
	*n = 0;
	while (*n < max && (rc = rows_next(r, f)) == RC_OK)
		out[(*n)++] = (struct sheet_case){
			.id = {row_int(r, 0)},
			.public_code = row_str(r, 1),
			.kind = row_str(r, 2),
			.outcome = row_str(r, 3),
			.text = row_str(r, 4),
			.due_rule = row_str(r, 5),
			.due_at = row_int(r, 6),
			.closed_at = row_int(r, 7),
			.began_at = row_int(r, 8),
			.why_late = row_str(r, 9),
			.before = row_str(r, 10),
			.after = row_str(r, 11),
		};
	return rc == RC_NONE ? RC_OK : rc;
}

/* Those with most to show first: a picture after, one before, words. What a reporter withdrew was
 * not done by anybody. */
static enum rc read_done(struct tx *tx, const struct period *p, struct area_id area,
                         struct sheet *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT done.* FROM (SELECT " SHEET_COLUMNS SHEET_FROM " AND c.open = 0 AND c.state <> ?5) AS done"
		" ORDER BY CASE WHEN after_photo IS NULL THEN 0 ELSE 2 END +"
		" CASE WHEN before_photo IS NULL THEN 0 ELSE 1 END DESC,"
		" CASE WHEN released_text = '' THEN 1 ELSE 0 END, closed_at DESC, id DESC LIMIT ?6",
		"iiiii", SHEET_TYPES);
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(day_start(p->from)), v_int(day_start(p->to)), v_int(area.v),
	                           v_int(STATE_withdrawn), v_int(SHEET_DONE)),
	                      f);
	if (rc == RC_OK)
		rc = read_rows(&r, out->done, SHEET_DONE, &out->done_count, f);
	rows_end(&r);
	return rc;
}

static enum rc read_late(struct tx *tx, const struct period *p, struct area_id area,
                         struct sheet *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " SHEET_COLUMNS SHEET_FROM " AND c.open = 1 AND c.due_at IS NOT NULL"
		" AND c.due_at <= ?5 ORDER BY c.due_at, c.id LIMIT ?6",
		"iiiii", SHEET_TYPES);
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(day_start(p->from)), v_int(day_start(p->to)), v_int(area.v),
	                           v_int(day_start(day_of(tx_now(tx)))), v_int(SHEET_LATE)),
	                      f);
	if (rc == RC_OK)
		rc = read_rows(&r, out->late, SHEET_LATE, &out->late_count, f);
	rows_end(&r);
	return rc;
}

enum rc sheet_read(struct tx *tx, const struct period *p, struct area_id area, struct sheet *out,
                   struct fault *f)
{
	enum rc rc = figures_read(tx, p, STR_EMPTY, area, day_of(tx_now(tx)), &out->figures, f);
	if (rc == RC_OK)
		rc = read_done(tx, p, area, out, f);
	return rc == RC_OK ? read_late(tx, p, area, out, f) : rc;
}
