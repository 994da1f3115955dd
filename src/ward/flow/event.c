/* What happened to the public cases, newest first, for feeds. Read from the timelines, so that nothing
 * has to be kept twice; a case that is hidden takes its events with it. */
#include "ward/flow/flow_private.h"

/* A filter that hardly anything passes looks so far back, and no further. */
enum { SLICE = 200, LOOK_AT = 2000 };

struct happened {
	int64_t at;
	struct case_id of;
	int seq;
	enum verb verb;
};

/* Which events everybody may hear of: not who works on it, not what is asked or noted. */
static enum rc slice(struct tx *tx, const struct case_filter *q, const struct happened *after,
                     struct happened *out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT at, case_id, seq, verb FROM timeline WHERE ward_id = ?1 AND at >= ?2 AND at < ?3"
		" AND (at, case_id, seq) < (?4, ?5, ?6) ORDER BY at DESC, case_id DESC, seq DESC LIMIT ?7",
		"iiiiii", "iiit");
	int64_t from = q->month != 0 ? case_month_start(q->month) : 0;
	int64_t before = q->month != 0 ? case_month_start(q->month + 1) : INT64_MAX;
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, &Q, &r,
	                      BIND(v_int(from), v_int(before), v_int(after->at), v_int(after->of.v),
	                           v_int(after->seq), v_int(SLICE)),
	                      f);
	while (rc == RC_OK && *n < SLICE && (rc = rows_next(&r, f)) == RC_OK)
		out[(*n)++] = (struct happened){row_int(&r, 0), {row_int(&r, 1)}, (int)row_int(&r, 2),
		                                verb_parse(row_str(&r, 3))};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static bool of_interest(enum verb v)
{
	return v == VERB_open || v == VERB_release || v == VERB_close || v == VERB_settle || v == VERB_solved ||
	       v == VERB_withdraw || v == VERB_unfounded || v == VERB_reopen || v == VERB_unclose;
}

/* The how-manyth of its verb in the case, and the last one's entry. */
static enum rc place_in_row(struct tx *tx, const struct happened *h, int *number, int *last,
                            struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(CASE WHEN seq <= ?4 THEN 1 END), MAX(seq) FROM timeline"
		" WHERE ward_id = ?1 AND case_id = ?2 AND verb = ?3",
		"iti", "iI");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r,
	                     BIND(v_int(h->of.v), v_text(str_of(verb_name(h->verb))), v_int(h->seq)), f);
	if (rc != RC_OK)
		return rc;
	*number = (int)row_int(&r, 0);
	*last = (int)row_int(&r, 1);
	rows_end(&r);
	return RC_OK;
}

/* Fills one event. RC_NONE: it is not for the public, or no longer: of releases the last one alone is
 * told, and only while what it showed is there. */
static enum rc tell(struct tx *tx, const struct case_filter *q, const struct happened *h,
                    struct public_event *out, struct fault *f)
{
	int last = 0;
	*out = (struct public_event){.verb = h->verb, .at = h->at};
	enum rc rc = public_row(tx, q, h->of, &out->row, f);
	if (rc == RC_OK)
		rc = place_in_row(tx, h, &out->number, &last, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, &(struct ward_case){.id = h->of}, &out->photos, &out->photo_count, f);
	if (rc != RC_OK)
		return rc;
	size_t shown = 0;
	for (size_t i = 0; i < out->photo_count; i++)
		if (out->photos[i].released)
			out->photos[shown++] = out->photos[i];
	out->photo_count = shown;
	bool empty = out->row.released_text.n == 0 && shown == 0;
	return h->verb == VERB_release && (empty || h->seq != last) ? RC_NONE : RC_OK;
}

enum rc public_events(struct tx *tx, const struct case_filter *q, struct public_event **out,
                      size_t *count, struct fault *f)
{
	struct happened list[SLICE], at = {INT64_MAX, {INT64_MAX}, 0, VERB_unset};
	size_t limit = q->limit > 0 ? q->limit : 30, n = SLICE;
	enum rc rc = RC_OK;
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	*count = 0;
	for (size_t looked = 0; rc == RC_OK && looked < LOOK_AT && n == SLICE && *count < limit;
	     looked += n) {
		rc = slice(tx, q, &at, list, &n, f);
		for (size_t i = 0; rc == RC_OK && i < n && *count < limit; i++) {
			at = list[i];
			if (!of_interest(at.verb))
				continue;
			rc = tell(tx, q, &at, &(*out)[*count], f);
			*count += rc == RC_OK;
			rc = rc == RC_NONE ? RC_OK : rc;
		}
	}
	return rc;
}
