#include <inttypes.h>

#include "kit/base/log.h"
#include "ward/calendar/calendar_store.h"
#include "ward/flow/clock.h"
#include "ward/flow/flow_private.h"

const struct procedure *case_present(const struct flow *w, const struct ward_case *c, int64_t now)
{
	return procedure_of_kind(w->procedures, c->kind, day_of(now));
}

/* The states rise in the order in which a case passes them. */
static bool met(const struct ward_case *c, enum state until) { return c->state >= until; }

bool case_late(const struct ward_case *c, int64_t now)
{
	/* What follows another case is nobody's to be late with: that one is. */
	return c->lead.v == 0 && state_open(c->state) && c->due_at != 0 && now >= c->due_at;
}

size_t case_deadline(const struct ward_case *c)
{
	size_t n = c->procedure->deadline_count;
	for (size_t i = 0; i < n; i++)
		if (str_eq(c->procedure->deadlines[i].rule, c->due_rule))
			return i;
	return n;
}

/* A rule that goes on with the rest of its time after reopening reckons from the receipt on, closed time
 * taken out; one that begins anew from the last reopening on. */
const struct rule *case_rule(const struct flow *w, const struct ward_case *c, size_t deadline,
                             int64_t *event_at)
{
	struct str name = c->procedure->deadlines[deadline].rule;
	const struct rule *rule;
	bool told = c->began_at == c->received_at;
	for (size_t i = 0; i < c->clock.pause_count; i++)
		told = told || (c->clock.pauses[i].kind == PAUSE_closed &&
		                c->clock.pauses[i].ended_at == c->began_at);
	*event_at = c->received_at;
	if (told && rule_find(w->rules, name, day_of(c->received_at), &rule) == RC_OK &&
	    (rule->reopen == REOPEN_continue || c->began_at == c->received_at))
		return rule;
	*event_at = c->began_at;
	return rule_find(w->rules, name, day_of(c->began_at), &rule) == RC_OK ? rule : NULL;
}

enum rc case_span(const struct flow *w, struct arena *a, const struct ward_case *c, size_t deadline,
                  struct case_span *out, struct fault *f)
{
	struct str name = c->procedure->deadlines[deadline].rule;
	*out = (struct case_span){0};
	out->s.rule = case_rule(w, c, deadline, &out->s.event_at);
	if (out->s.rule == NULL)
		return fault_set(f, RC_NONE, "there is no rule %.*s that day", PSTR(name));
	const struct case_clock *k = &c->clock;
	if (k->pause_count + k->extension_count == 0)
		return RC_OK;
	struct pause *pauses = arena_array(a, k->pause_count + 1, sizeof *pauses);
	struct extension *extensions = arena_array(a, k->extension_count + 1, sizeof *extensions);
	out->rows = arena_array(a, k->pause_count + 1, sizeof *out->rows);
	for (size_t i = 0; i < k->pause_count; i++) {
		const struct case_pause *p = &k->pauses[i];
		if (p->from_at < out->s.event_at ||
		    (p->kind != PAUSE_closed && out->s.rule->pause_days[p->kind] == 0))
			continue;
		out->rows[out->s.pause_count] = i;
		pauses[out->s.pause_count++] = (struct pause){p->kind, p->from_at, p->ended_at};
	}
	for (size_t i = 0; i < k->extension_count; i++)
		if (str_eq(k->extensions[i].rule, name) && k->extensions[i].at >= out->s.event_at)
			extensions[out->s.extension_count++] =
				(struct extension){k->extensions[i].amount, k->extensions[i].at};
	out->s.pauses = pauses;
	out->s.extensions = extensions;
	return RC_OK;
}

enum rc flow_current(struct tx *tx, const struct flow **w, struct fault *f)
{
	const struct calendar *c = (*w)->calendar;
	enum rc rc = calendar_current(tx, &c, f);
	if (rc != RC_OK || c == (*w)->calendar)
		return rc;
	struct flow *now = ARENA_NEW(tx_arena(tx), struct flow);
	*now = **w;
	now->calendar = c;
	*w = now;
	return RC_OK;
}

/* 0: it has no date. A report is never refused because the office forgot a calendar: it has none then,
 * and says so. */
static int64_t due_by(const struct flow *w, struct arena *a, const struct ward_case *c, size_t deadline,
                      bool first, int64_t *paused_until)
{
	struct case_span span;
	struct due due;
	struct fault f = {0};
	enum rc rc = case_span(w, a, c, deadline, &span, &f);
	if (rc == RC_OK)
		rc = first ? clock_first(w->calendar, &span.s, &due, &f)
		           : clock_due(w->calendar, &span.s, &due, &f);
	if (rc != RC_OK) {
		log_warn("flow", "no due day by the rule %.*s: %s",
		         PSTR(c->procedure->deadlines[deadline].rule), f.text);
		return 0;
	}
	int64_t end;
	*paused_until = 0;
	for (size_t i = 0; i < span.s.pause_count; i++)
		if (span.s.pauses[i].to_at == 0 &&
		    clock_pause_end(span.s.rule, &span.s.pauses[i], &end, NULL) == RC_OK &&
		    end > *paused_until)
			*paused_until = end;
	return due.due_at;
}

static void promise(const struct flow *w, struct arena *a, struct ward_case *c)
{
	struct buf b = {0};
	int64_t until;
	for (size_t i = 0; i < c->procedure->deadline_count; i++)
		buf_addf(&b, "%s%" PRId64, i > 0 ? " " : "", due_by(w, a, c, i, true, &until));
	c->firsts = arena_take(a, &b);
}

int64_t case_first_due(const struct ward_case *c, size_t deadline)
{
	struct str left = c->firsts;
	int64_t due = 0;
	for (size_t i = 0; i <= deadline; i++)
		if (left.n == 0 || !str_i64(str_cut(&left, ' '), &due))
			return 0;
	return due;
}

void case_due(const struct flow *w, struct arena *a, struct ward_case *c)
{
	c->due_at = 0;
	c->paused_until = 0;
	c->due_rule = STR_EMPTY;
	if (!state_open(c->state))
		return;                            /* the first date stays beside the one that it ended with */
	c->first_due_at = 0;
	if (c->firsts.n == 0)
		promise(w, a, c);
	for (size_t i = 0; i < c->procedure->deadline_count; i++) {
		const struct deadline_row *d = &c->procedure->deadlines[i];
		int64_t until = 0, due = met(c, d->until) ? 0 : due_by(w, a, c, i, false, &until);
		if (due != 0 && (c->due_at == 0 || due < c->due_at)) {
			c->due_at = due;
			c->first_due_at = case_first_due(c, i);
			c->paused_until = until;
			c->due_rule = d->rule;
		}
	}
}

int64_t case_close_due(const struct flow *w, struct arena *a, const struct ward_case *c)
{
	int64_t first = 0, until;
	for (size_t i = 0; i < c->procedure->deadline_count; i++) {
		const struct deadline_row *d = &c->procedure->deadlines[i];
		int64_t due = state_open(d->until) || met(c, d->until) ? 0 : due_by(w, a, c, i, false, &until);
		if (due != 0 && (first == 0 || due < first))
			first = due;
	}
	return first;
}

bool case_paused(const struct ward_case *c, int64_t now)
{
	return state_open(c->state) && now < c->paused_until;
}

enum rc case_lateness(const struct flow *w, const struct ward_case *c, int64_t now,
                      struct lateness *out)
{
	bool open = state_open(c->state);
	int64_t due_at = open ? c->due_at : c->ended_due_at, at = open ? now : c->closed_at;
	const struct due due = {.due_at = due_at, .last_day = day_of(due_at - 1)};
	if (due_at == 0 || at < due_at)
		return RC_NONE;
	return clock_late(w->calendar, &due, at, out, NULL);
}

enum rc case_row_lateness(const struct flow *w, const struct case_row *r, int64_t now,
                          struct lateness *out)
{
	const struct ward_case c = {.state = r->state, .due_at = r->due_at, .closed_at = r->closed_at,
	                            .ended_due_at = r->ended_due_at};
	return case_lateness(w, &c, now, out);
}

enum rc retention_day(const struct flow *w, struct str name, int64_t from, int32_t *out,
                      struct fault *f)
{
	const struct rule *rule;
	int64_t due;
	if (rule_find(w->rules, name, day_of(from), &rule) != RC_OK)
		return fault_set(f, RC_NONE, "there is no rule %.*s for keeping", PSTR(name));
	enum rc rc = rule_due(w->calendar, rule, from, &due, out, f);
	if (rc == RC_NONE && rule->unit == RULE_calendar_day) {
		*out = day_of(from) + rule->amount; /* that year's calendar is not known yet */
		rc = RC_OK;
	}
	return rc;
}

bool within_rule(const struct flow *w, struct str name, int64_t from, int64_t now)
{
	const struct rule *rule;
	int64_t due;
	int32_t last;
	if (rule_find(w->rules, name, day_of(from), &rule) != RC_OK)
		return false;
	if (rule_due(w->calendar, rule, from, &due, &last, NULL) == RC_OK)
		return now < due;
	return day_of(now) <= day_of(from) + rule->amount;
}
