/* What is told of a report that follows another case: of that case, and of its own clock. */
#include "ward/flow/flow_private.h"

struct unit_id case_unit(const struct ward_case *c) { return c->top != NULL ? c->top->unit : c->unit; }

bool case_lead_shown(const struct ward_case *c)
{
	return c->top != NULL && c->top->listed && !c->top->withheld;
}

enum rc case_lead_since(struct tx *tx, const struct flow *w, const struct ward_case *c, int64_t *out,
                        struct fault *f)
{
	struct ward_case at = *c;
	enum rc rc = RC_OK;
	*out = 0;
	while (rc == RC_OK && at.lead.v != 0) {
		*out = at.lead_at > *out ? at.lead_at : *out;
		rc = case_get(tx, w, at.lead, &at, f);
	}
	return rc;
}

struct ward_case case_alone(const struct flow *w, struct arena *a, const struct ward_case *c, int64_t now)
{
	const struct ward_case *top = c->top;
	struct ward_case x = *c;
	if (top == NULL)
		return x;
	/* What its state has not met counts, as when the link is taken away. Where the link ended, or nobody is shown
	 * that case, its date stands alone beside how far that case is, or was when it ended: what that one met is met. */
	const struct step *from = procedure_step(top->procedure, top->closed_from);
	enum state reached = state_open(top->state) ? top->state : from != NULL ? from->state : STATE_working;
	if ((!state_open(top->state) || !case_lead_shown(c)) && reached > x.state)
		x.state = reached;
	lead_leave(w, a, &x, now);
	if (!state_open(top->state)) {
		x.state = top->state;
		x.closed_at = top->closed_at;
		x.ended_due_at = x.due_at;
		x.due_at = 0;
		x.paused_until = 0;
	}
	return x;
}
