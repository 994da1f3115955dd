/* A case's clock as people read it: both dates, what stands still, how late it was, and "why this
 * date?", each day of it, runs of equal days as one line. The same object for desk, receipt and public
 * page (templates/ward/clock.mustache), whose readers see less of it; and for the calculator. */
#ifndef XOM_WARD_CLOCK_VIEW_H
#define XOM_WARD_CLOCK_VIEW_H

#include "kit/view/frame.h"
#include "ward/app.h"
#include "ward/flow/clock.h"

extern const struct shape CLOCK, CLOCK_TRACE;

/* entries: its timeline, which tells who stopped it and why; none: that is left out. `field` is a
 * V_OBJ of the shape CLOCK. */
void clock_fill(struct request *q, struct vobj *page, int field, const struct ward_case *c,
                const struct entry *entries, size_t count);
/* The same of a case that the report of who reads follows: no words of officers, and whose answer is waited for is
 * another's. */
void clock_fill_followed(struct request *q, struct vobj *page, int field, const struct ward_case *c,
                         const struct entry *entries, size_t count);
/* "at the latest; earlier when the answer comes": beside each date that a pause's cap was reckoned into,
 * paused_until the moment at which the clock runs again at the latest; empty: the date is not one of these. */
struct str clock_latest_words(const struct request *q, int64_t paused_until);
/* By how much an entry extended it and by which rule, without the officer's words; empty: it did not. */
struct str clock_extension_words(const struct request *q, const struct ward_case *c, const struct entry *e);
/* One trace into a V_LIST of CLOCK_TRACE, of a span that is no case's. */
void clock_trace_fill(struct request *q, struct vobj *page, int field,
                      const struct deadline_row *deadline, const struct clock_span *span);
/* How late it is, or was at its end, in both sorts of days; empty: it is not. */
struct str clock_late_words(const struct request *q, const struct ward_case *c);
/* A part "recalendar" of a timeline: "26/11/2026 → 27/11/2026". */
struct str clock_moved_words(const struct request *q, struct str body);
/* "5 working days" */
struct str clock_amount_words(const struct request *q, int amount, enum rule_unit unit);
#endif
