/* Agencies' requests against their entries (verify_rows.c): what was asked, who decided, which cases, what was given,
 * and whose reporters were told. */
#include <inttypes.h>

#include "kit/base/text.h"
#include "ward/flow/agency.h"
#include "ward/flow/verify_told.h"

enum { GIVEN_MOST = 5000 };

struct asked {
	struct str who, number, order, result;
	int32_t day, order_day, order_until;
	int64_t entered_by, chair_by, chair_at, oversight_by, oversight_at, refused_by, decided_at;
};
struct scope_row {
	int64_t n, about, told_at;    /* about 0: erased since; told_at 0: not told */
};
struct given_row {
	int64_t seq, n, at;
};
struct comparing {
	struct verify *v;
	struct tx *tx;
	const struct told *t;
	struct scope_row *scope;
	struct given_row *given;
	size_t scope_count, given_count;
};

static void differs(const struct comparing *k, const char *what)
{
	verify_fault(k->v, "agency's request, case %" PRId64 ": %s", k->t->of.v, what);
}

static struct str day_text(struct arena *a, int32_t day)
{
	return day != 0 ? text_day_iso(a, day) : STR_EMPTY;
}

/* ---------------------------------------------------------------- what was asked, and who decided */

static void check_asked(const struct comparing *k, const struct asked *r)
{
	const struct told *t = k->t;
	struct arena *a = tx_arena(k->tx);
	const struct told_line *e = t->n > 0 && t->lines[0].seq == 1 ? t->lines : NULL;
	if (e == NULL) {
		differs(k, "its first entry is missing");
		return;
	}
	const struct {
		bool same;
		const char *what;
	} ALL[] = {
		{told_fits(t, e, "agency_who", r->who), "the agency is not the one that its entry says"},
		{told_fits(t, e, "agency_number", r->number), "the letter's number is not the one that its entry says"},
		{told_fits(t, e, "agency_day", day_text(a, r->day)), "the letter's date is not the one that its entry says"},
		{told_fits(t, e, "agency_order", r->order) && told_fits(t, e, "agency_order_day", day_text(a, r->order_day)) &&
		         told_fits(t, e, "agency_until", day_text(a, r->order_until)),
		 "the order not to tell is not the one that its entry says"},
		{told_by(t, e, r->entered_by), "who entered it is not who its entry says"},
	};
	for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
		if (!ALL[i].same)
			differs(k, ALL[i].what);
}

static const struct told_line *approval(const struct told *t, enum role role)
{
	const struct told_line *l;
	for (size_t at = 0; (l = told_next(t, "approve", &at)) != NULL;)
		if (l->role == role)
			return l;
	return NULL;
}

static bool decided_as(const struct told *t, const struct told_line *e, int64_t by, int64_t at)
{
	return e != NULL ? e->at == at && told_by(t, e, by) : by == 0 && at == 0;
}

static void check_decided(const struct comparing *k, const struct asked *r)
{
	const struct told *t = k->t;
	size_t at = 0, back_at = 0;
	const struct told_line *chair = approval(t, ROLE_chair), *oversight = approval(t, ROLE_oversight),
	                       *refused = told_next(t, "refuse", &at), *back = told_next(t, "withdraw", &back_at);
	int64_t both = chair == NULL || oversight == NULL ? 0 : chair->at > oversight->at ? chair->at : oversight->at;
	int64_t decided = refused != NULL ? refused->at : back != NULL ? back->at : both;
	const char *result = refused != NULL ? "refused" : back != NULL ? "withdrawn" : both != 0 ? "granted" : "";
	if (!decided_as(t, chair, r->chair_by, r->chair_at))
		differs(k, "the chair's approval is not what its entries say");
	if (!decided_as(t, oversight, r->oversight_by, r->oversight_at))
		differs(k, "oversight's approval is not what its entries say");
	if (refused != NULL ? !told_by(t, refused, r->refused_by) : r->refused_by != 0)
		differs(k, "who refused it is not who its entries say");
	if (!str_is(r->result, result) || r->decided_at != decided)
		differs(k, "its result is not what its entries say");
}

/* ---------------------------------------------------------------- the cases */

/* A code as it was then: the receipt may have been replaced since. *id 0: erased since. */
static enum rc case_of(struct tx *tx, struct str code, int64_t *id, struct fault *f)
{
	struct case_id c = {0};
	enum rc rc = receipt_case_ever(tx, code, &c, f);
	*id = rc == RC_OK ? c.v : 0;
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc check_scope(const struct comparing *k, struct fault *f)
{
	const struct told_line *part = k->t->n > 0 ? told_part(k->t, k->t->lines, "agency_scope") : NULL;
	enum rc rc = RC_OK;
	size_t i = 0;
	struct str rest = part != NULL && !part->erased ? part->body : STR_EMPTY;
	while (rc == RC_OK && rest.n > 0) {
		int64_t id = 0;
		rc = case_of(k->tx, str_trim(str_cut(&rest, ',')), &id, f);
		if (rc != RC_OK)
			return rc;
		bool there = i < k->scope_count && k->scope[i].n == (int64_t)i + 1;
		if (!there || k->scope[i].about != id)
			verify_fault(k->v, "agency's request, case %" PRId64 ": number %zu of its scope is not the case that its entry says",
			             k->t->of.v, i + 1);
		i++;
	}
	if (part != NULL && !part->erased && i < k->scope_count)
		differs(k, "its scope has more cases than its entry says");
	return rc;
}

/* Each one that is told has its entry in that case; the other way round: check_tellings. */
static enum rc check_told(const struct comparing *k, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq FROM timeline WHERE ward_id = ?1 AND case_id = ?2 AND verb = 'agency' AND at = ?3", "ii", "i");
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < k->scope_count; i++) {
		const struct scope_row *s = &k->scope[i];
		struct rows r;
		if (s->about == 0 || s->told_at == 0)
			continue;
		rc = sql_one(k->tx, &Q, &r, BIND(v_int(s->about), v_int(s->told_at)), f);
		if (rc == RC_OK)
			rows_end(&r);
		else if (rc == RC_NONE) {
			rc = RC_OK;
			verify_fault(k->v, "agency's request, case %" PRId64 ": the reporter of number %" PRId64 " was not told then",
			             k->t->of.v, s->n);
		}
	}
	return rc;
}

/* ---------------------------------------------------------------- what was given */

static bool given_has(const struct comparing *k, int64_t seq, int64_t about)
{
	for (size_t i = 0; i < k->given_count; i++)
		for (size_t j = 0; k->given[i].seq == seq && j < k->scope_count; j++)
			if (k->scope[j].n == k->given[i].n && k->scope[j].about == about)
				return true;
	return false;
}

/* A giving's entry names the codes that it gave. */
static enum rc check_giving(const struct comparing *k, const struct told_line *e, struct fault *f)
{
	const struct told_line *part = told_part(k->t, e, "agency_given");
	bool known = part != NULL && !part->erased, same = true;
	struct str rest = known ? part->body : STR_EMPTY;
	size_t codes = 0, rows = 0;
	enum rc rc = RC_OK;
	for (size_t i = 0; i < k->given_count; i++)
		if (k->given[i].seq == e->seq) {
			rows++;
			same = same && k->given[i].at == e->at;
		}
	for (; rc == RC_OK && rest.n > 0; codes++) {
		int64_t id = 0;
		rc = case_of(k->tx, str_trim(str_cut(&rest, ',')), &id, f);
		same = same && (id == 0 || given_has(k, e->seq, id));
	}
	if (rc == RC_OK && (!same || rows == 0 || (known && rows != codes)))
		verify_fault(k->v, "agency's request, case %" PRId64 ": what entry %" PRId64 " gave is not what is kept", k->t->of.v,
		             e->seq);
	return rc;
}

static enum rc check_given(const struct comparing *k, struct fault *f)
{
	const struct told_line *e;
	enum rc rc = RC_OK;
	for (size_t at = 0; rc == RC_OK && (e = told_next(k->t, "give", &at)) != NULL;)
		rc = check_giving(k, e, f);
	for (size_t i = 0; rc == RC_OK && i < k->given_count; i++) {
		bool first = i == 0 || k->given[i - 1].seq != k->given[i].seq, found = false;
		for (size_t at = 0; first && (e = told_next(k->t, "give", &at)) != NULL;)
			found = found || e->seq == k->given[i].seq;
		if (first && !found)
			verify_fault(k->v, "agency's request, case %" PRId64 ": something is kept as given by entry %" PRId64
			             ", which gave nothing", k->t->of.v, k->given[i].seq);
	}
	return rc;
}

/* ---------------------------------------------------------------- reading */

static enum rc read_scope(struct comparing *k, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT n, about_id, told_at FROM agency_scope WHERE ward_id = ?1 AND case_id = ?2 ORDER BY n LIMIT ?3", "ii",
		"iII");
	enum { MOST = 2 * AGENCY_SCOPE_MOST };
	struct rows r;
	k->scope = arena_array(tx_arena(k->tx), MOST, sizeof *k->scope);
	enum rc rc = sql_rows(k->tx, &Q, &r, BIND(v_int(k->t->of.v), v_int(MOST)), f);
	while (rc == RC_OK && k->scope_count < MOST && (rc = rows_next(&r, f)) == RC_OK)
		k->scope[k->scope_count++] = (struct scope_row){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_given(struct comparing *k, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, n, given_at FROM agency_given WHERE ward_id = ?1 AND case_id = ?2 ORDER BY seq, n LIMIT ?3", "ii",
		"iii");
	struct rows r;
	k->given = arena_array(tx_arena(k->tx), GIVEN_MOST, sizeof *k->given);
	enum rc rc = sql_rows(k->tx, &Q, &r, BIND(v_int(k->t->of.v), v_int(GIVEN_MOST)), f);
	while (rc == RC_OK && k->given_count < GIVEN_MOST && (rc = rows_next(&r, f)) == RC_OK)
		k->given[k->given_count++] = (struct given_row){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_asked(const struct comparing *k, struct asked *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT who, number, day, order_number, order_day, order_until, entered_by, chair_by, chair_at, oversight_by,"
		" oversight_at, refused_by, result, decided_at FROM agency_request WHERE ward_id = ?1 AND case_id = ?2", "i",
		"ttitIIIIIIIItI");
	struct rows r;
	enum rc rc = sql_one(k->tx, &Q, &r, BIND(v_int(k->t->of.v)), f);
	if (rc != RC_OK)
		return rc;
	*out = (struct asked){
		.who = row_str(&r, 0), .number = row_str(&r, 1), .day = (int32_t)row_int(&r, 2), .order = row_str(&r, 3),
		.order_day = (int32_t)row_int(&r, 4), .order_until = (int32_t)row_int(&r, 5), .entered_by = row_int(&r, 6),
		.chair_by = row_int(&r, 7), .chair_at = row_int(&r, 8), .oversight_by = row_int(&r, 9),
		.oversight_at = row_int(&r, 10), .refused_by = row_int(&r, 11), .result = row_str(&r, 12),
		.decided_at = row_int(&r, 13),
	};
	rows_end(&r);
	return RC_OK;
}

/* Each "it was told" of a case, of whatever kind, has the row of a request that says so. */
static enum rc check_tellings(const struct comparing *k, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM agency_scope WHERE ward_id = ?1 AND about_id = ?2 AND told_at = ?3", "ii", "i");
	const struct told_line *l;
	enum rc rc = RC_OK;
	for (size_t at = 0; rc == RC_OK && !k->t->gone && (l = told_next(k->t, "agency", &at)) != NULL;) {
		struct rows r;
		rc = sql_one(k->tx, &Q, &r, BIND(v_int(k->t->of.v), v_int(l->at)), f);
		if (rc == RC_OK)
			rows_end(&r);
		else if (rc == RC_NONE) {
			rc = RC_OK;
			verify_fault(k->v, "case %" PRId64 " entry %" PRId64 ": no agency's request says that its reporter was told then",
			             k->t->of.v, l->seq);
		}
	}
	return rc;
}

enum rc verify_agency(struct verify *v, struct tx *tx, const struct told *t, struct fault *f)
{
	struct comparing k = {.v = v, .tx = tx, .t = t};
	struct asked r;
	enum rc rc = check_tellings(&k, f);
	if (rc == RC_OK)
		rc = read_asked(&k, &r, f);
	if (rc == RC_NONE && str_is(t->kind, AGENCY_KIND))
		differs(&k, "its row is missing");
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	v->out->kept++;
	check_asked(&k, &r);
	check_decided(&k, &r);
	rc = read_scope(&k, f);
	if (rc == RC_OK)
		rc = read_given(&k, f);
	if (rc == RC_OK)
		rc = check_scope(&k, f);
	if (rc == RC_OK)
		rc = check_told(&k, f);
	return rc == RC_OK ? check_given(&k, f) : rc;
}
