/* Rows that derive from a case's entries and are read without them: legal holds, agencies' requests, requests to
 * look again. The entries are chained and signed, these rows are not: each is compared with the entry that made it,
 * and each such entry with its row. What was erased by rule can't be compared and is no fault. */
#include <inttypes.h>

#include "kit/base/text.h"
#include "ward/flow/agency.h"
#include "ward/flow/redress.h"
#include "ward/flow/verify_told.h"

enum { SLICE = 500, ROWS_MOST = 1000 };

/* ---------------------------------------------------------------- what the entries say */

static enum rc read_lines(struct tx *tx, struct told *t, struct fault *f)
{
	/* Verbs from which rows derive; the first entry says what an agency asks. */
	static const struct sql Q = SQL_WARD(
		"SELECT t.seq, t.at, t.account_id, t.role, t.verb, p.name, p.erased_day, b.body FROM timeline t"
		" LEFT JOIN part p ON p.ward_id = t.ward_id AND p.case_id = t.case_id AND p.seq = t.seq"
		" LEFT JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id AND b.seq = p.seq AND b.part = p.part"
		" WHERE t.ward_id = ?1 AND t.case_id = ?2 AND (t.seq = 1 OR t.verb IN"
		" ('hold', 'unhold', 'approve', 'refuse', 'withdraw', 'give', 'agency', 'close')) ORDER BY t.seq, p.part LIMIT ?3",
		"ii", "iiIitTIT");
	enum { LINES_MOST = 20000 };
	struct rows r;
	size_t room = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(t->of.v), v_int(LINES_MOST)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (t->n == room) {
			struct told_line *more = arena_array(tx_arena(tx), room = room * 2 + 16, sizeof *more);
			if (t->n > 0)
				memcpy(more, t->lines, t->n * sizeof *more);
			t->lines = more;
		}
		t->lines[t->n++] = (struct told_line){
			.seq = row_int(&r, 0), .at = row_int(&r, 1), .account = row_int(&r, 2), .role = (enum role)row_int(&r, 3),
			.verb = row_str(&r, 4), .name = row_str(&r, 5), .body = row_str(&r, 7),
			.erased = !row_null(&r, 6) || row_null(&r, 7),
		};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

const struct told_line *told_next(const struct told *t, const char *verb, size_t *at)
{
	while (*at < t->n) {
		const struct told_line *l = &t->lines[(*at)++];
		if ((l == t->lines || l[-1].seq != l->seq) && str_is(l->verb, verb))
			return l;
	}
	return NULL;
}

const struct told_line *told_at(const struct told *t, const char *verb, int64_t moment)
{
	const struct told_line *l;
	for (size_t at = 0; (l = told_next(t, verb, &at)) != NULL;)
		if (l->at == moment)
			return l;
	return NULL;
}

const struct told_line *told_part(const struct told *t, const struct told_line *entry, const char *name)
{
	for (const struct told_line *l = entry; l < t->lines + t->n && l->seq == entry->seq; l++)
		if (str_is(l->name, name))
			return l;
	return NULL;
}

bool told_fits(const struct told *t, const struct told_line *entry, const char *name, struct str value)
{
	const struct told_line *l = told_part(t, entry, name);
	return l == NULL ? value.n == 0 : l->erased || str_eq(l->body, value);
}

bool told_by(const struct told *t, const struct told_line *entry, int64_t account)
{
	return t->gone || entry->account == account;
}

/* ---------------------------------------------------------------- legal holds */

struct hold_row {
	int64_t id, made_at, account, ended_at;   /* ended_at 0: it stands */
	struct str number, who;
	int32_t day, until;
};

static enum rc read_holds(struct tx *tx, struct case_id of, struct hold_row **out, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, made_at, account_id, ended_at, number, who, day, until_day FROM legal_hold"
		" WHERE ward_id = ?1 AND case_id = ?2 ORDER BY id LIMIT ?3", "ii", "iiiIttii");
	struct rows r;
	*n = 0;
	*out = arena_array(tx_arena(tx), ROWS_MOST, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(of.v), v_int(ROWS_MOST)), f);
	while (rc == RC_OK && *n < ROWS_MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*n)++] = (struct hold_row){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3), row_str(&r, 4),
		                                   row_str(&r, 5), (int32_t)row_int(&r, 6), (int32_t)row_int(&r, 7)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Did an entry end an order of this number then? Of an erased case the moment alone is left. */
static bool ended_then(const struct told *t, int64_t moment, struct str number)
{
	const struct told_line *l;
	for (size_t at = 0; (l = told_next(t, "unhold", &at)) != NULL;) {
		bool named = t->gone;
		for (const struct told_line *p = l; p < t->lines + t->n && p->seq == l->seq; p++)
			named = named || (str_is(p->name, "hold_number") && (p->erased || str_eq(p->body, number)));
		if (l->at == moment && named)
			return true;
	}
	return false;
}

/* How many orders of this number stand by the entries: one number may hold twice, by orders of two days. */
static int standing(const struct told *t, struct str number)
{
	int n = 0;
	for (const struct told_line *l = t->lines; l < t->lines + t->n; l++)
		if (str_is(l->name, "hold_number") && str_eq(l->body, number))
			n += str_is(l->verb, "hold") ? 1 : str_is(l->verb, "unhold") ? -1 : 0;
	return n;
}

static const char *hold_differs(struct arena *a, const struct told *t, const struct told_line *e, const struct hold_row *h)
{
	return !told_fits(t, e, "hold_number", h->number) ? "number"
	       : !told_fits(t, e, "hold_day", text_day_iso(a, h->day)) ? "date"
	       : !told_fits(t, e, "hold_who", h->who) ? "office"
	       : !told_fits(t, e, "hold_until", text_day_iso(a, h->until)) ? "last day"
	       : !told_by(t, e, h->account) ? "account" : NULL;
}

static void check_hold(struct verify *v, struct arena *a, const struct told *t, const struct hold_row *rows, size_t n,
                       const struct hold_row *h)
{
	const struct told_line *e = told_at(t, "hold", h->made_at);
	const char *what = e != NULL ? hold_differs(a, t, e, h) : NULL;
	int stand = 0;
	if (e == NULL) {
		verify_fault(v, "legal hold %" PRId64 " of case %" PRId64 ": no entry of the case entered it then", h->id, t->of.v);
		return;
	}
	if (what != NULL) {
		verify_fault(v, "legal hold %" PRId64 " of case %" PRId64 ": entry %" PRId64 " says another %s", h->id, t->of.v,
		             e->seq, what);
		return;
	}
	for (size_t i = 0; i < n; i++)
		stand += rows[i].ended_at == 0 && str_eq(rows[i].number, h->number);
	if (h->ended_at != 0 ? !ended_then(t, h->ended_at, h->number) : !t->gone && stand != standing(t, h->number))
		verify_fault(v, "legal hold %" PRId64 " of case %" PRId64 ": %s, the case's entries say otherwise", h->id, t->of.v,
		             h->ended_at != 0 ? "ended" : "stands");
}

static enum rc check_holds(struct verify *v, struct tx *tx, const struct told *t, struct fault *f)
{
	struct hold_row *rows;
	size_t n;
	int64_t before = v->out->faults;
	int32_t until = 0;
	enum rc rc = read_holds(tx, t->of, &rows, &n, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++) {
		check_hold(v, tx_arena(tx), t, rows, n, &rows[i]);
		if (rows[i].ended_at == 0 && rows[i].until > until)
			until = rows[i].until;
	}
	const struct told_line *l;
	for (size_t at = 0; (l = told_next(t, "hold", &at)) != NULL;) {
		size_t i = 0;
		while (i < n && rows[i].made_at != l->at)
			i++;
		if (i == n)
			verify_fault(v, "case %" PRId64 " entry %" PRId64 ": the row of its legal hold is missing", t->of.v, l->seq);
	}
	if (v->out->faults == before && !t->gone && until != t->held_until)
		verify_fault(v, "case %" PRId64 ": held until another day than its legal holds say", t->of.v);
	v->out->kept += (int64_t)n;
	return RC_OK;
}

/* ---------------------------------------------------------------- requests to look again */

static enum rc check_redress(struct verify *v, struct tx *tx, const struct told *t, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT result, decided_by, decided_at, appeal_result, appeal_by, appeal_at FROM redress"
		" WHERE ward_id = ?1 AND case_id = ?2", "i", "tIItII");
	struct rows r;
	size_t at = 0;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(t->of.v)), f);
	if (rc == RC_NONE && str_is(t->kind, REDRESS_KIND))
		verify_fault(v, "case %" PRId64 ": the row of the request to look again is missing", t->of.v);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	struct {
		struct str result;
		int64_t by, at;
	} row[2] = {{row_str(&r, 0), row_int(&r, 1), row_int(&r, 2)}, {row_str(&r, 3), row_int(&r, 4), row_int(&r, 5)}};
	rows_end(&r);
	v->out->kept++;
	/* The first closing, and the last one after it: an appeal's. */
	const struct told_line *closed[2] = {told_next(t, "close", &at), NULL}, *l;
	while ((l = told_next(t, "close", &at)) != NULL)
		closed[1] = l;
	for (int i = 0; i < 2; i++) {
		bool same = closed[i] == NULL
		                    ? row[i].result.n == 0 && row[i].by == 0 && row[i].at == 0
		                    : row[i].at == closed[i]->at && told_fits(t, closed[i], "outcome", row[i].result) &&
		                              redress_result(row[i].result) && told_by(t, closed[i], row[i].by);
		if (!same)
			verify_fault(v, "request to look again, case %" PRId64 ": its %s is not what its entries say", t->of.v,
			             i == 0 ? "result" : "result on appeal");
	}
	return RC_OK;
}

/* ---------------------------------------------------------------- one slice of cases */

static enum rc check_case(struct verify *v, struct tx *tx, struct case_id of, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT kind, held_until, gone_day FROM ward_case WHERE ward_id = ?1 AND id = ?2", "i", "tII");
	struct told t = {.of = of};
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(of.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;   /* a row without its case is the database's own check's */
	t.kind = row_str(&r, 0);
	t.held_until = (int32_t)row_int(&r, 1);
	t.gone = !row_null(&r, 2);
	rows_end(&r);
	rc = read_lines(tx, &t, f);
	if (rc == RC_OK)
		rc = check_holds(v, tx, &t, f);
	if (rc == RC_OK)
		rc = check_redress(v, tx, &t, f);
	if (rc == RC_OK)
		rc = verify_agency(v, tx, &t, f);
	return rc;
}

enum rc verify_rows(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_CASES = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", "ii", "i");
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND id > ?2 AND id <= ?3 AND (held_until IS NOT NULL"
		" OR kind IN ('" REDRESS_KIND "', '" AGENCY_KIND "'))"
		" UNION SELECT case_id FROM legal_hold WHERE ward_id = ?1 AND case_id > ?2 AND case_id <= ?3"
		" UNION SELECT case_id FROM redress WHERE ward_id = ?1 AND case_id > ?2 AND case_id <= ?3"
		" UNION SELECT case_id FROM agency_request WHERE ward_id = ?1 AND case_id > ?2 AND case_id <= ?3"
		" UNION SELECT case_id FROM timeline WHERE ward_id = ?1 AND case_id > ?2 AND case_id <= ?3"
		" AND verb IN ('hold', 'agency') ORDER BY 1", "ii", "i");
	struct verify *v = ctx;
	struct rows r;
	int64_t *ids = arena_array(tx_arena(tx), SLICE, sizeof *ids);
	int64_t to = v->after;
	size_t n = 0, found = 0;
	enum rc rc = sql_rows(tx, &Q_CASES, &r, BIND(v_int(v->after), v_int(SLICE)), f);
	for (; rc == RC_OK && n < SLICE && (rc = rows_next(&r, f)) == RC_OK; n++)
		to = row_int(&r, 0);
	rows_end(&r);
	v->more = n == SLICE;
	if ((rc != RC_OK && rc != RC_NONE) || n == 0)
		return rc == RC_NONE ? RC_OK : rc;
	rc = sql_rows(tx, &Q, &r, BIND(v_int(v->after), v_int(to)), f);
	while (rc == RC_OK && found < SLICE && (rc = rows_next(&r, f)) == RC_OK)
		ids[found++] = row_int(&r, 0);
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < found; i++)
		rc = check_case(v, tx, (struct case_id){ids[i]}, f);
	v->after = to;
	return rc;
}
