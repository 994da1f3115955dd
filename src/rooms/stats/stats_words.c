#include "rooms/stats/stats.h"

struct str stats_count(const struct request *q, int64_t n)
{
	return text_count(q->arena, q->lang, n);
}

struct str stats_capital(struct arena *a, struct str s)
{
	if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z')
		return s;
	return arena_fmt(a, "%c%.*s", s.p[0] - 'a' + 'A', PSTR(str_sub(s, 1, s.n)));
}

struct str stats_period(const struct request *q, const struct period *p)
{
	struct date d = date_from_day(p->from);
	struct str year = arena_fmt(q->arena, "%d", d.year);
	switch (p->kind) {
	case PERIOD_month:
		return FILL(q, "figures.period.month",
		            {"month", request_text(q, arena_fmt(q->arena, "month.%d", d.month).p)},
		            {"year", year});
	case PERIOD_quarter:
		return FILL(q, "figures.period.quarter",
		            {"quarter", arena_fmt(q->arena, "%d", (d.month - 1) / 3 + 1)}, {"year", year});
	case PERIOD_year:
		break;
	}
	return FILL(q, "figures.period.year", {"year", year});
}

bool stats_share(const struct request *q, int64_t a, int64_t b, struct str *out, int *low, int *high)
{
	double l, h;
	*out = STR_EMPTY;
	switch (share_form(b)) {
	case SHARE_counts:
		return false;
	case SHARE_whole:
		*out = arena_fmt(q->arena, "%lld %%", (long long)share_whole(a, b));
		share_interval(a, b, &l, &h);
		*low = (int)(l * 100 + 0.5);
		*high = (int)(h * 100 + 0.5);
		return true;
	case SHARE_tenths:
		break;
	}
	int64_t t = share_tenths(a, b);
	*out = arena_fmt(q->arena, "%lld%c%lld %%", (long long)(t / 10), q->lang == LANG_en ? '.' : ',',
	                 (long long)(t % 10));
	return false;
}

static struct str half_words(const struct request *q, const struct figure *f)
{
	if (f->median < 0)
		return request_text(q, "figures.half.none");
	if (f->median == 0)
		return request_text(q, "figures.half.same_day");
	return FILL(q, f->median == 1 ? "figures.half.one" : "figures.half.days",
	            {"days", stats_count(q, f->median)});
}

static struct str closed_words(const struct request *q, const struct figure *f)
{
	struct str share;
	int low = 0, high = 0;
	bool interval = stats_share(q, f->closed, f->received, &share, &low, &high);
	struct str closed = stats_count(q, f->closed), received = stats_count(q, f->received);
	if (interval)
		return FILL(q, "figures.closed.interval", {"closed", closed}, {"received", received},
		            {"share", share}, {"low", arena_fmt(q->arena, "%d", low)},
		            {"high", arena_fmt(q->arena, "%d", high)});
	if (share.n > 0)
		return FILL(q, "figures.closed.share", {"closed", closed}, {"received", received},
		            {"share", share});
	return FILL(q, "figures.closed.plain", {"closed", closed}, {"received", received});
}

struct str stats_sentence(const struct request *q, const struct figure *f)
{
	struct buf b = {0};
	if (f->received == 0)
		return request_text(q, "figures.none");
	buf_add(&b, closed_words(q, f));
	if (f->open > 0) {
		buf_addc(&b, ' ');
		buf_add(&b, FILL(q, f->overdue > 0 ? "figures.open.late" : "figures.open.plain",
		                 {"open", stats_count(q, f->open)}, {"late", stats_count(q, f->overdue)}));
	}
	if (f->withdrawn > 0) {
		buf_addc(&b, ' ');
		buf_add(&b, FILL(q, "figures.withdrawn.words", {"n", stats_count(q, f->withdrawn)}));
	}
	if (f->reports.received > f->received) {
		buf_addc(&b, ' ');
		buf_add(&b, FILL(q, "figures.reports.words", {"n", stats_count(q, f->reports.received)}));
	}
	buf_addc(&b, ' ');
	buf_add(&b, half_words(q, f));
	return arena_take(q->arena, &b);
}

size_t stats_periods(int32_t first, int32_t today, struct period out[PERIODS_MAX])
{
	static const size_t MOST[] = {
		[PERIOD_month] = 24, [PERIOD_quarter] = 12, [PERIOD_year] = 12};
	size_t n = 0;
	for (enum period_kind k = PERIOD_month; k <= PERIOD_year; k++) {
		struct period p = period_of(k, today);
		for (size_t i = 0; i < MOST[k] && (i == 0 || p.to > first); i++, p = period_before(&p))
			out[n++] = p;
	}
	return n;
}
