#include "kit/base/log.h"
#include "ward/flow/flow_private.h"

const struct procedure *case_present(const struct flow *w, const struct ward_case *c, int64_t now)
{
	return procedure_of_kind(w->procedures, c->kind, day_of(now));
}

/* The states rise in the order in which a case passes them. */
static bool met(const struct ward_case *c, enum state until) { return c->state >= until; }

bool case_late(const struct ward_case *c, int64_t now)
{
	return state_open(c->state) && c->due_at != 0 && now >= c->due_at;
}

void case_due(const struct flow *w, struct ward_case *c)
{
	c->due_at = 0;
	c->due_rule = STR_EMPTY;
	if (!state_open(c->state))
		return;
	for (size_t i = 0; i < c->procedure->deadline_count; i++) {
		const struct deadline_row *d = &c->procedure->deadlines[i];
		const struct rule *rule;
		int64_t due;
		int32_t last;
		struct fault f = {0};
		if (met(c, d->until))
			continue;
		enum rc rc = rule_find(w->rules, d->rule, day_of(c->began_at), &rule);
		if (rc == RC_OK)
			rc = rule_due(w->calendar, rule, c->began_at, &due, &last, &f);
		if (rc != RC_OK) {
			/* A report is never refused because the office forgot a calendar: it has no date
			 * then, and says so. */
			log_warn("flow", "no due day by the rule %.*s: %s", PSTR(d->rule),
			         f.text[0] != '\0' ? f.text : "there is no such rule that day");
			continue;
		}
		if (c->due_at == 0 || due < c->due_at) {
			c->due_at = due;
			c->due_rule = d->rule;
		}
	}
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
