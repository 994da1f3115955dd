/* A letter of apology for a deadline that was missed: why, which day was promised first, which one counts
 * at present, and a new day by rule (the one that the missed one names, "after"; else APOLOGY_RULE), which nobody types. It is made to be signed by
 * a person, on paper, and comes into the timeline when it was signed and given. The new day takes the
 * place of no deadline: the case is late until it is closed. Addressed by the case's code: no name.
 * Nghị định 30/2020/NĐ-CP, Phụ lục I, for its form (ward/apology_letter.h). */
#ifndef XOM_FLOW_APOLOGY_H
#define XOM_FLOW_APOLOGY_H

#include "ward/flow/flow.h"

#define APOLOGY_RULE "apology.new_date"

struct apology {
	int number;                   /* of the case's letters, from 1; 0: there is none */
	int64_t due_at;               /* the deadline that was missed */
	int32_t first_day;            /* last day as it was promised at first */
	int32_t day, new_day;         /* of the letter; by which it will be done */
	int64_t given_at;             /* 0: not signed and given yet */
	int seq;                      /* the timeline entry that says so */
	struct str why;               /* as it was told when it was given; empty: not told, or erased */
};
/* May one be made for the case now: it is late. */
bool apology_may(const struct ward_case *c, int64_t now);
/* The case's last letter; number 0: none. */
enum rc apology_last(struct tx *tx, const struct ward_case *c, struct apology *out, struct fault *f);
/* The last one that its reporter is told of: of one that follows that of the case that it follows, given
 * since then and while that one is shown; else its own. *out's number 0, or not given: none. */
enum rc apology_told(struct tx *tx, const struct flow *w, const struct ward_case *c, struct apology *out,
                     struct fault *f);
/* Last day of the case's present deadline as it was promised at first; 0: it has none. */
int32_t apology_first_day(const struct ward_case *c);
/* The new day of a letter of today. RC_NONE: there is no such rule, or a calendar is missing. */
enum rc apology_day(const struct flow *w, const struct ward_case *c, int64_t now, int32_t *out,
                    struct fault *f);
/* Makes one of today, by who works the case; again on the same day gives the same, and one that was not
 * given is put in the place of the former. RC_DENIED: not this actor's, or not late. RC_EXISTS: one was
 * given, and its new day is not over; *out is that one. RC_NONE as above. */
enum rc apology_make(struct tx *tx, const struct flow *w, const struct ward_case *c,
                     const struct actor *actor, struct apology *out, struct fault *f);
/* How many were given in [from, to), of cases that anyone can open. */
enum rc apology_count(struct tx *tx, int64_t from, int64_t to, int64_t *n, struct fault *f);

#endif
