/* A case's clock: which rule each of its deadlines follows, what paused and extended it, and the two
 * dates of each, as first promised and at present. The reckoning is ward/calendar/span.h's; here is
 * what happened to a case, as rows that follow from its timeline.
 *
 * A pause begins with a question to the resident ("ask") or with "pause", while another authority's
 * answer is waited for; it ends with the answer, with whoever takes the case, with "resume", with the
 * closing, or by itself at the rule's cap. The cap is each pause's own, but
 * when those of a sort that are over have used it up, a further one does not stop the clock: together
 * they take out less than twice the cap. They belong to the case:
 * another kind, rule or calendar leaves them. Undoing a closing undoes the end of what it ended.
 * "extend" adds what the rule of the deadline that counts allows, as often as it allows, before the
 * deadline is over. Nobody sets a date. */
#ifndef XOM_FLOW_CLOCK_H
#define XOM_FLOW_CLOCK_H

#include "ward/calendar/span.h"
#include "ward/flow/flow.h"

/* The rule and span of one of the procedure's deadlines, met or not. rows: for each pause of the span
 * its place in c->clock.pauses. RC_NONE: there is no such rule that day. */
struct case_span {
	struct clock_span s;
	size_t *rows;
};
enum rc case_span(const struct flow *w, struct arena *a, const struct ward_case *c, size_t deadline,
                  struct case_span *out, struct fault *f);
/* The rule alone, as the case's event found it; NULL: none. */
const struct rule *case_rule(const struct flow *w, const struct ward_case *c, size_t deadline,
                             int64_t *event_at);
/* The deadline that counts now, or counted when the case ended: its place among the procedure's;
 * deadline_count: none. */
size_t case_deadline(const struct ward_case *c);
/* As first promised; 0: it has no date. */
int64_t case_first_due(const struct ward_case *c, size_t deadline);
/* How late it is, or was when it ended. RC_NONE: not at all, or no date is known. */
enum rc case_lateness(const struct flow *w, const struct ward_case *c, int64_t now,
                      struct lateness *out);
enum rc case_row_lateness(const struct flow *w, const struct case_row *r, int64_t now,
                          struct lateness *out);
/* Does its clock stand? */
bool case_paused(const struct ward_case *c, int64_t now);
/* What `extend` would add, and how often it still can; NULL: nothing. */
const struct rule *case_extendable(const struct flow *w, const struct ward_case *c, int *left);
/* How long a pause of the sort lasts at most, in calendar days; 0: it does not stop this case. */
int case_pause_cap(const struct flow *w, const struct ward_case *c, enum pause_kind kind);

#endif
