/* What is due by night (RIGHTS.md promise 7). Each part of a case is kept as its procedure says
 * (procedure.h, `retention`), counted from its end; then body and salt go, with every copy of the words.
 * On the last day of its "figures" all of the case goes but what the figures need: kind, khu vực, state,
 * outcome, channel, dates and weight, and the chain of its timeline (verb, time, role, unit, commitments),
 * without which the signed daily heads could not be proved. Nobody opens it any more: its receipt, PIN and
 * link are gone, it stands in no list, search or map, and its timeline names no account.
 *
 * Where a legal hold stands (hold.h) no part has a due day, so that what is due is found by an index whose
 * length is that of what is due.
 *
 * Lines of the deletion list, of a case: "text 1.1 2.1", the sort of parts and which (entry and part), at
 * most ERASE_LINE_PARTS in a line; "case", all of it. Of looks: "looks 12-200" (look.h), without a code. */
#ifndef XOM_FLOW_ERASE_H
#define XOM_FLOW_ERASE_H

#include "ward/flow/deletion.h"

#define ERASE_WHOLE "case"
#define ERASE_LOOKS "looks"
enum { ERASE_LINE_PARTS = 60 };

/* Cases of which something is past its last day, what waited longest first; at most `limit`. */
enum rc erase_due(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
                  struct fault *f);
/* Is it the whole case that is due? Then its address goes first (ward/notify). */
enum rc erase_due_whole(struct tx *tx, struct case_id c, int32_t today, bool *out, struct fault *f);
/* Erases what of the case is due, with its lines in the deletion list. */
enum rc erase_due_of(struct tx *tx, const struct flow *w, struct case_id c, int32_t today,
                     struct fault *f);
/* As it was erased the first time, by a line of the list: with no new line for it, a legal hold or not. */
enum rc erase_line(struct tx *tx, const struct flow *w, struct case_id c, const struct deletion *line,
                   struct fault *f);

/* When and by which rule the case of this code was erased whole, by the deletion list. RC_NONE: it was not. */
enum rc erased_code(struct tx *tx, struct str code, int32_t *day, struct str *rule, struct fault *f);

/* By rule, what `xom verify` says and the transparency page counts: parts that were erased, of how many
 * cases, on which days. */
struct erased_rule {
	struct str rule;
	int64_t parts, cases;
	int32_t first_day, last_day;
};
enum rc erased_by_rule(struct tx *tx, struct erased_rule **out, size_t *count, struct fault *f);

#endif
