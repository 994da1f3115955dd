/* Figures of shown cases, added up from the roll-up in one pass a state. */
#include <string.h>

#include "ward/figure/figure.h"

struct reading {
	const struct period *p;
	struct str kind;
	struct area_id area;
	int32_t today, first;         /* first: of the twelve months */
	struct arena *a;
	struct figures *out;
};

/* Room for one more: made at each power of two. */
static void *grown(struct arena *a, void *old, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return old;
	void *list = arena_array(a, count == 0 ? 1 : count * 2, size);
	if (count > 0)
		memcpy(list, old, count * size);
	return list;
}

static struct figure_group *group(struct reading *r, bool by_area, const struct tally_key *k)
{
	struct figures *o = r->out;
	struct figure_group **list = by_area ? &o->areas : &o->kinds;
	size_t *n = by_area ? &o->area_count : &o->kind_count;
	for (size_t i = 0; i < *n; i++)
		if (by_area ? (*list)[i].area.v == k->area.v : str_eq((*list)[i].kind, k->kind))
			return &(*list)[i];
	*list = grown(r->a, *list, *n, sizeof **list);
	struct figure_group *g = &(*list)[(*n)++];
	*g = (struct figure_group){.by_area = by_area};
	if (by_area)
		g->area = k->area;
	else
		g->kind = k->kind;
	return g;
}

static void count(struct figure *f, const struct tally_row *row, int32_t today)
{
	int64_t reports = row->n + row->more;
	f->received += row->n;
	f->reports.received += reports;
	switch (row->k.what) {
	case TALLY_open:
		f->open += row->n;
		f->reports.open += reports;
		if (row->k.mark == 0 || row->k.mark >= today)
			return;
		f->overdue += row->n;
		f->reports.overdue += reports;
		return;
	case TALLY_closed:
		f->closed += row->n;
		f->reports.closed += reports;
		return;
	case TALLY_withdrawn:
		f->withdrawn += row->n;
		f->reports.withdrawn += reports;
		return;
	case TALLY_quiet:
	case TALLY_quiet_due:
	case TALLY_cleared:
		break;
	}
	BUG("figures count what is not shown");
}

static void span(struct reading *r, struct figure_group *g, const struct tally_row *row)
{
	int32_t days = row->k.what == TALLY_open ? r->today - row->k.period : row->k.mark;
	struct span s = {.days = days > 0 ? days : 0};
	if (row->k.what == TALLY_closed)
		s.ended = row->n;
	else
		s.unfinished = row->n;
	count(&g->f, row, r->today);
	if (g->span_count > 0 && g->spans[g->span_count - 1].days == s.days) {
		g->spans[g->span_count - 1].ended += s.ended;
		g->spans[g->span_count - 1].unfinished += s.unfinished;
		return;
	}
	g->spans = grown(r->a, g->spans, g->span_count, sizeof *g->spans);
	g->spans[g->span_count++] = s;
}

static void take(struct reading *r, const struct tally_row *row)
{
	const struct tally_key *k = &row->k;
	struct figures *o = r->out;
	bool in = k->period >= r->p->from && k->period < r->p->to;
	if ((r->kind.n > 0 && !str_eq(r->kind, k->kind)) ||
	    (r->area.v != 0 && r->area.v != k->area.v))
		return;
	for (size_t i = 0; i < FIGURE_MONTHS; i++) {
		int32_t end = i + 1 < FIGURE_MONTHS ? o->months[i + 1].from : r->p->to;
		if (k->period >= o->months[i].from && k->period < end)
			count(&o->months[i].f, row, r->today);
	}
	if (!in)
		return;
	span(r, &o->all, row);
	span(r, group(r, false, k), row);
	span(r, group(r, true, k), row);
}

static enum rc read_all(struct tx *tx, struct reading *r, enum tally what, struct fault *f)
{
	struct tally_rows rows;
	struct tally_row row;
	int32_t from = r->first < r->p->from ? r->first : r->p->from;
	enum rc rc = tally_begin(tx, what, from, r->p->to, &rows, f);
	while (rc == RC_OK && (rc = tally_next(&rows, &row, f)) == RC_OK)
		take(r, &row);
	tally_end(&rows);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_before(struct tx *tx, struct reading *r, struct fault *f)
{
	struct tally_rows rows;
	struct tally_row row;
	enum rc rc = tally_begin(tx, TALLY_open, 0, r->p->from, &rows, f);
	while (rc == RC_OK && (rc = tally_next(&rows, &row, f)) == RC_OK)
		if (row.k.mark != 0 && row.k.mark < r->today &&
		    (r->kind.n == 0 || str_eq(r->kind, row.k.kind)) &&
		    (r->area.v == 0 || r->area.v == row.k.area.v))
			r->out->overdue_before += row.n;
	tally_end(&rows);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Few, and each in an index of their own. */
static enum rc read_unfounded(struct tx *tx, const struct reading *r, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM ward_case WHERE ward_id = ?1 AND outcome = 'unfounded' AND listed = 1"
		" AND withheld = 0 AND received_at >= ?2 AND received_at < ?3 AND (?4 = '' OR kind = ?4)"
		" AND (?5 = 0 OR area_id = ?5)", "iiti", "i");
	struct rows rows;
	enum rc rc = sql_one(tx, &Q, &rows, BIND(v_int(day_start(r->p->from)), v_int(day_start(r->p->to)),
	                     v_text(r->kind.p != NULL ? r->kind : STR_EMPTY), v_int(r->area.v)), f);
	if (rc != RC_OK)
		return rc;
	r->out->unfounded = row_int(&rows, 0);
	rows_end(&rows);
	return RC_OK;
}

static enum rc read_cleared(struct tx *tx, struct reading *r, struct fault *f)
{
	struct tally_rows rows;
	struct tally_row row;
	enum rc rc = tally_begin(tx, TALLY_cleared, r->p->from, r->p->to, &rows, f);
	while (rc == RC_OK && (rc = tally_next(&rows, &row, f)) == RC_OK)
		r->out->cleared += row.k.mark == 0 ? row.n : 0;   /* of the others no number is live */
	tally_end(&rows);
	return rc == RC_NONE ? RC_OK : rc;
}

static void finish(struct figure_group *g)
{
	g->span_count = spans_sort(g->spans, g->span_count);
	g->f.median = spans_median(g->spans, g->span_count);
}

/* The twelve months up to the period's last, or up to now. */
static void set_months(const struct period *p, int32_t today, struct figures *out)
{
	int32_t day = p->to - 1 < today ? p->to - 1 : today;
	for (size_t i = FIGURE_MONTHS; i-- > 0; day = out->months[i].from - 1)
		out->months[i].from = month_start(day);
}

enum rc figures_read(struct tx *tx, const struct period *p, struct str kind, struct area_id area,
                     int32_t today, struct figures *out, struct fault *f)
{
	*out = (struct figures){0};
	set_months(p, today, out);
	struct reading r = {.p = p, .kind = kind, .area = area, .today = today,
	                    .first = out->months[0].from, .a = tx_arena(tx), .out = out};
	enum rc rc = read_all(tx, &r, TALLY_open, f);
	if (rc == RC_OK)
		rc = read_all(tx, &r, TALLY_closed, f);
	if (rc == RC_OK)
		rc = read_all(tx, &r, TALLY_withdrawn, f);
	if (rc == RC_OK)
		rc = read_before(tx, &r, f);
	if (rc == RC_OK)
		rc = read_unfounded(tx, &r, f);
	if (rc == RC_OK)
		rc = read_cleared(tx, &r, f);
	finish(&out->all);
	for (size_t i = 0; i < out->kind_count; i++)
		finish(&out->kinds[i]);
	for (size_t i = 0; i < out->area_count; i++)
		finish(&out->areas[i]);
	return rc;
}
