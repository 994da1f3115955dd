#include "ward/kept.h"

#include "ward/clock_view.h"
#include "ward/fill.h"
#include "ward/flow/blur.h"
#include "ward/flow/redress.h"
#include "ward/page.h"

enum { KEPT_LABEL, KEPT_LONG, KEPT_WHY, KEPT_FIELDS };
static const struct field KEPT_F[] = {
	[KEPT_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "what is kept", NULL, NULL},
	[KEPT_LONG] = {"long", V_TEXT, SEE_PUBLIC, "how long, from its closing on", NULL, NULL},
	[KEPT_WHY] = {"why", V_TEXT, SEE_PUBLIC, "why", NULL, NULL},
};
const struct shape KEPT = SHAPE("kept", KEPT_F);

struct str kept_long(const struct request *q, struct str name)
{
	enum { YEAR = 365, FOUR = 4 };
	const struct rule *rule;
	if (rule_find(q->app->rules, name, day_of(q->now), &rule) != RC_OK)
		return STR_EMPTY;
	/* "3,652 days" says nothing to anybody: ten years and their leap days. */
	int years = rule->unit == RULE_calendar_day ? rule->amount / YEAR : 0;
	if (years == 0 || rule->amount % YEAR > years / FOUR + 1)
		return clock_amount_words(q, rule->amount, rule->unit);
	const struct filling n[] = {{"n", text_count(q->arena, q->lang, years)}};
	return text_fill(q->arena, request_text(q, years == 1 ? "kept.year" : "kept.years"), n, 1);
}

struct str kept_words(const struct request *q, struct str rule)
{
	const struct filling n[] = {{"long", kept_long(q, rule)}};
	return n[0].value.n > 0 ? text_fill(q->arena, request_text(q, "kept.words"), n, 1) : STR_EMPTY;
}

struct str kept_erased(const struct request *q, struct str rule, bool start)
{
	if (str_is(rule, REDRESS_RULE))
		return request_text(q, start ? "yours.erased.redress" : "erased.redress");
	if (str_is(rule, BLUR_RULE))
		return request_text(q, start ? "yours.erased.blur" : "erased.blur");
	return STR_EMPTY;
}

void kept_fill(struct request *q, struct vobj *page, int field, const struct procedure *p)
{
	for (size_t i = 0; i < p->retention_count; i++) {
		const struct retention_row *row = &p->retention[i];
		if (str_is(row->part, "photo") && !p->photos)
			continue;             /* none is taken */
		struct vobj *o = view_item(page, field);
		view_text(o, KEPT_LABEL, request_text(q, arena_fmt(q->arena, "kept.part.%.*s", PSTR(row->part)).p));
		view_text(o, KEPT_LONG, kept_long(q, row->rule));
		view_text(o, KEPT_WHY, row->why[q->lang]);
	}
}
