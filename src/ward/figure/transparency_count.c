/* What is counted for the transparency page: a day of the quarter at a time, so that no read is long. */
#include <string.h>

#include "kit/base/text.h"
#include "ward/figure/transparency.h"
#include "ward/flow/agency.h"
#include "ward/flow/hold.h"
#include "ward/flow/redress.h"
#include "ward/people/admin_log.h"

static const char *const SECTIONS[TS_COUNT] = {
#define X(name) [TS_##name] = #name,
	TRANSPARENCY_SECTION_TABLE(X)
#undef X
};

const char *transparency_section_name(enum transparency_section s) { return SECTIONS[s]; }

size_t transparency_rank(struct str of)
{
	static const struct {
		const char *of;
		size_t rank;
	} RANKS[] = {{"received", 0}, {"put", 0}, {"asked", 0}, {"appeals", 2}, {"standing", 2}, {"cases", 2}, {"given", 2},
	             {"told", 2}, {"forbidden", 2}};
	for (size_t i = 0; i < sizeof RANKS / sizeof *RANKS; i++)
		if (str_is(of, RANKS[i].of))
			return RANKS[i].rank;
	return 1;
}

static struct transparency_figure *figure(struct transparency *t, struct arena *a, enum transparency_section s,
                                          struct str of)
{
	for (size_t i = 0; i < t->figure_count; i++)
		if (t->figures[i].section == s && str_eq(t->figures[i].of, of))
			return &t->figures[i];
	if (t->figure_count == t->figure_room) {
		t->figure_room = t->figure_room == 0 ? 64 : t->figure_room * 2;
		struct transparency_figure *more = arena_array(a, t->figure_room, sizeof *more);
		if (t->figure_count > 0)
			memcpy(more, t->figures, t->figure_count * sizeof *more);
		t->figures = more;
	}
	struct transparency_figure *x = &t->figures[t->figure_count++];
	*x = (struct transparency_figure){s, arena_copy(a, of), TOLD_number, 0};
	return x;
}

void transparency_add(struct transparency *t, struct arena *a, enum transparency_section s, struct str of,
                      int64_t n)
{
	figure(t, a, s, of)->n += n;
}

/* ---------------------------------------------------------------- a day */

static bool not_done(struct str outcome)
{
	return str_is(outcome, "not_ours") || str_is(outcome, "not_found") || str_is(outcome, "duplicate");
}

/* Steps of the authority, as they stand: a closing that was undone within its day was none. */
static enum rc count_acts(struct tx *tx, int64_t from, int64_t to, struct transparency *t, struct arena *a,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT c.kind, c.listed, c.withheld, t.verb, b.body, COUNT(*) FROM timeline t"
		" JOIN ward_case c ON c.ward_id = t.ward_id AND c.id = t.case_id"
		" LEFT JOIN part p ON p.ward_id = t.ward_id AND p.case_id = t.case_id AND p.seq = t.seq AND p.name = 'outcome'"
		" LEFT JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id AND b.seq = p.seq"
		" AND b.part = p.part"
		" WHERE t.ward_id = ?1 AND t.at >= ?2 AND t.at < ?3 AND t.verb IN ('extend', 'pause', 'close')"
		" AND NOT (t.verb = 'close' AND EXISTS (SELECT 1 FROM timeline u WHERE u.ward_id = t.ward_id"
		" AND u.case_id = t.case_id AND u.verb = 'unclose' AND u.seq = (SELECT MIN(x.seq) FROM timeline x"
		" WHERE x.ward_id = t.ward_id AND x.case_id = t.case_id AND x.seq > t.seq"
		" AND x.verb IN ('close', 'unclose'))))"
		" GROUP BY c.kind, c.listed, c.withheld, t.verb, b.body ORDER BY c.kind, t.verb",
		"ii", "tiitTi");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct str kind = row_str(&r, 0), verb = row_str(&r, 3), outcome = row_str(&r, 4);
		bool shown = row_int(&r, 1) != 0 && row_int(&r, 2) == 0;
		int64_t n = row_int(&r, 5);
		enum transparency_section s = str_is(verb, "extend") ? TS_extended
		                              : str_is(verb, "pause") ? TS_paused
		                                                       : TS_unset;
		if (s == TS_unset && shown)
			transparency_add(t, a, TS_closed, outcome.n > 0 ? outcome : STR("unknown"), n);
		if (s == TS_unset && not_done(outcome))
			s = TS_declined;
		if (s == TS_unset)
			continue;
		transparency_add(t, a, s, STR(TRANSPARENCY_ALL), n);
		if (shown)
			transparency_add(t, a, s, kind, n);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static bool is_file(struct str what)
{
	return str_is(what, "csv") || str_is(what, "json") || str_is(what, "xlsx") || str_is(what, "ics") ||
	       str_is(what, "agency");
}

/* Without those at a matter about somebody who works here: nobody is to learn that there is one. Requests to look
 * again and agencies' requests, which go past the units by rule too, are counted on the same page: so are the looks
 * at them. A search of oversight's for such a request is a search. */
static enum rc count_looks(struct tx *tx, int64_t from, int64_t to, struct transparency *t, struct arena *a,
                           struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT l.role, l.what, COUNT(*), SUM(l.number) FROM look l"
		" LEFT JOIN ward_case c ON c.ward_id = l.ward_id AND c.id = l.case_id"
		" LEFT JOIN unit u ON u.ward_id = c.ward_id AND u.id = c.unit_id"
		" WHERE l.ward_id = ?1 AND l.at >= ?2 AND l.at < ?3 AND (COALESCE(u.office_role, 0) = 0 OR u.about = ?4 OR u.about = ?5)"
		" GROUP BY l.role, l.what ORDER BY l.role, l.what",
		"iiii", "itii");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to), v_int(SUBJECT_redress), v_int(SUBJECT_agency)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct str role = str_of(role_name((enum role)row_int(&r, 0))), what = row_str(&r, 1);
		transparency_add(t, a, TS_looks, role, row_int(&r, 2));
		if (str_is(what, "search") || str_is(what, "find"))
			transparency_add(t, a, TS_searches, role, row_int(&r, 2));
		if (!is_file(what))
			continue;
		transparency_add(t, a, TS_downloads, role, row_int(&r, 2));
		transparency_add(t, a, TS_rows, role, row_int(&r, 3));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Cases that anyone can open, without what follows another: those that "received" counts. */
static enum rc count_channels(struct tx *tx, int64_t from, int64_t to, struct transparency *t, struct arena *a,
                              struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT channel, COUNT(*) FROM ward_case WHERE ward_id = ?1 AND received_at >= ?2 AND received_at < ?3"
		" AND listed = 1 AND withheld = 0 AND lead_id IS NULL GROUP BY channel ORDER BY channel",
		"ii", "ti");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		transparency_add(t, a, TS_channel, row_str(&r, 0), row_int(&r, 1));
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc transparency_day(struct tx *tx, int32_t day, struct transparency *t, struct arena *a, struct fault *f)
{
	int64_t from = day_start(day), to = day_start(day + 1);
	enum rc rc = count_acts(tx, from, to, t, a, f);
	if (rc == RC_OK)
		rc = count_looks(tx, from, to, t, a, f);
	return rc == RC_OK ? count_channels(tx, from, to, t, a, f) : rc;
}

/* ---------------------------------------------------------------- the quarter */

static void add_days(struct transparency *t, struct arena *a, struct str of, const struct figure_group *g)
{
	int32_t half = spans_until(g->spans, g->span_count, 0.5), ninety = spans_until(g->spans, g->span_count, 0.1);
	struct transparency_figure *x = figure(t, a, TS_half, of);
	x->told = half < 0 ? TOLD_unknown : TOLD_number;
	x->n = half < 0 ? 0 : half;
	x = figure(t, a, TS_ninety, of);
	x->told = ninety < 0 ? TOLD_unknown : TOLD_number;
	x->n = ninety < 0 ? 0 : ninety;
}

static enum rc count_shown(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	struct figures all;
	enum rc rc = figures_read(tx, &t->quarter, STR_EMPTY, (struct area_id){0}, day_of(tx_now(tx)), &all, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < all.kind_count; i++) {
		const struct figure_group *g = &all.kinds[i];
		transparency_add(t, a, TS_received, g->kind, g->f.received);
		transparency_add(t, a, TS_late, g->kind, g->f.overdue);
		add_days(t, a, g->kind, g);
	}
	if (all.all.f.received > 0)
		add_days(t, a, STR(TRANSPARENCY_ALL), &all.all);
	return RC_OK;
}

/* The kinds that are not listed, as their edition tells them, and the lateness of all. */
static enum rc count_quiet(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	struct edition e;
	enum rc rc = edition_get(tx, &t->quarter, 0, &e, f);
	if (rc == RC_NONE)                 /* it was a bad night: a later try finds it */
		return fault_set(f, RC_AGAIN, "the quarter's edition is not made yet");
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < e.kind_count; i++) {
		struct transparency_figure *x = figure(t, a, TS_received, e.kinds[i].kind);
		x->told = e.kinds[i].shown ? TOLD_number : TOLD_few;
		x->n = e.kinds[i].shown ? e.kinds[i].n : EDITION_LEAST;
	}
	struct transparency_figure *late = figure(t, a, TS_late, STR(TRANSPARENCY_ALL));
	late->told = e.overdue_known ? TOLD_number : TOLD_unknown;
	late->n = e.overdue_known ? e.overdue : 0;
	return RC_OK;
}

static enum rc count_erased(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT rule, COUNT(*) FROM deletion WHERE ward_id = ?1 AND day >= ?2 AND day < ?3 GROUP BY rule"
		" ORDER BY rule",
		"ii", "ti");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(t->quarter.from), v_int(t->quarter.to)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		transparency_add(t, a, TS_erased, row_str(&r, 0), row_int(&r, 1));
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Acts of the authority: one total over the ward and all kinds. */
static enum rc count_holds(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	struct hold_counts n;
	enum rc rc = hold_counts(tx, day_start(t->quarter.from), day_start(t->quarter.to), &n, f);
	if (rc != RC_OK)
		return rc;
	transparency_add(t, a, TS_holds, STR("put"), n.put);
	transparency_add(t, a, TS_holds, STR("ended"), n.ended);
	transparency_add(t, a, TS_holds, STR("standing"), n.standing);
	return RC_OK;
}

static enum rc count_redress(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	struct redress_figures n;
	enum rc rc = redress_figures(tx, t->quarter.from, t->quarter.to, &n, f);
	if (rc != RC_OK)
		return rc;
	transparency_add(t, a, TS_redress, STR("received"), n.received);
	transparency_add(t, a, TS_redress, STR("appeals"), n.appeals);
	for (size_t i = 0; i < REDRESS_RESULT_COUNT; i++)
		transparency_add(t, a, TS_redress, str_of(REDRESS_RESULTS[i]), n.results[i]);
	return RC_OK;
}

/* The same: asked, granted, refused, cases concerned, what was given, and who was told or may not be yet. */
static enum rc count_agencies(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	struct agency_counts n;
	enum rc rc = agency_counts(tx, t->quarter.from, t->quarter.to, &n, f);
	if (rc != RC_OK)
		return rc;
	transparency_add(t, a, TS_agency, STR("asked"), n.asked);
	transparency_add(t, a, TS_agency, STR("granted"), n.granted);
	transparency_add(t, a, TS_agency, STR("refused"), n.refused);
	transparency_add(t, a, TS_agency, STR("withdrawn"), n.withdrawn);
	transparency_add(t, a, TS_agency, STR("cases"), n.cases);
	transparency_add(t, a, TS_agency, STR("given"), n.given);
	transparency_add(t, a, TS_agency, STR("told"), n.told);
	transparency_add(t, a, TS_agency, STR("forbidden"), n.forbidden);
	return RC_OK;
}

static enum rc count_changes(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT act, COUNT(*) FROM admin_log WHERE ward_id = ?1 AND at >= ?2 AND at < ?3 GROUP BY act"
		" ORDER BY act",
		"ii", "ii");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(day_start(t->quarter.from)), v_int(day_start(t->quarter.to))), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		int64_t act = row_int(&r, 0);
		if (act > ACT_unset && act < ACT_COUNT && admin_act_name((enum admin_act)act)[0] != '\0')
			transparency_add(t, a, TS_changes, str_of(admin_act_name((enum admin_act)act)), row_int(&r, 1));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc list_definitions(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	enum { MOST = 500 };
	struct procedure_version *all;
	size_t n;
	int64_t from = day_start(t->quarter.from), to = day_start(t->quarter.to);
	enum rc rc = procedure_versions(tx, STR_EMPTY, MOST, &all, &n, f);
	if (rc != RC_OK)
		return rc;
	t->definitions = arena_array(a, n + 1, sizeof *t->definitions);
	for (size_t i = n; i-- > 0;) {
		if (all[i].published_at < from || all[i].published_at >= to)
			continue;
		t->definitions[t->definition_count++] = (struct transparency_definition){
			.kind = arena_copy(a, all[i].name), .by = str_is(all[i].who, "admin") ? STR("admin") : STR("operator"),
			.from = all[i].valid_from, .published_at = all[i].published_at,
			.checksum = hex_of(a, hash_str(&all[i].checksum))};
	}
	return RC_OK;
}

enum rc transparency_quarter(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f)
{
	enum { DAYS_MOST = 100 };
	struct ward_head *heads;
	enum rc rc = count_shown(tx, t, a, f);
	if (rc == RC_OK)
		rc = count_quiet(tx, t, a, f);
	if (rc == RC_OK)
		rc = count_erased(tx, t, a, f);
	if (rc == RC_OK)
		rc = count_holds(tx, t, a, f);
	if (rc == RC_OK)
		rc = count_redress(tx, t, a, f);
	if (rc == RC_OK)
		rc = count_agencies(tx, t, a, f);
	if (rc == RC_OK)
		rc = count_changes(tx, t, a, f);
	if (rc == RC_OK)
		rc = list_definitions(tx, t, a, f);
	if (rc == RC_OK)
		rc = head_list(tx, t->quarter.from, t->quarter.to - 1, DAYS_MOST, &heads, &t->head_count, f);
	if (rc != RC_OK)
		return rc;
	t->heads = arena_array(a, t->head_count + 1, sizeof *t->heads);
	if (t->head_count > 0)
		memcpy(t->heads, heads, t->head_count * sizeof *heads);
	return RC_OK;
}
