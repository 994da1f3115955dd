/* What each verb does to the case beside its step; called by case_move alone. */
#ifndef XOM_FLOW_CASE_WORKS_H
#define XOM_FLOW_CASE_WORKS_H

#include "ward/flow/flow_private.h"

/* The place as the timeline keeps it: one line a field that is known. */
struct str case_place_text(struct arena *a, const struct case_place *p);

/* Checks what the verb needs (RC_INVALID with the fault's field), changes the case's fields, and
 * fills the draft of the entry, photos last. */
enum rc works_do(struct tx *tx, const struct flow *w, const struct ward *ward, struct ward_case *c,
                 const struct move *m, const struct actor_mark *who, struct draft *d,
                 struct fault *f);

/* The attachments of the entry that the draft was written as: its last n parts are these photos. */
enum rc case_photos(struct tx *tx, const struct flow *w, const struct ward_case *c,
                    const struct draft *d, const struct photo *photos, size_t n,
                    bool by_reporter, struct fault *f);

/* Its letter was signed and given: what the entry says of it (apology.h). RC_INVALID, RC_EXPIRED with the
 * field "letter". */
enum rc apology_give(struct tx *tx, struct ward_case *c, struct draft *d, struct fault *f);

/* Why a verb is not among case_verbs. */
enum rc case_refuse(const struct flow *w, const struct ward_case *c, const struct move *m,
                    int64_t now, struct fault *f);
/* works_do's checks, for a step that is going to wait, without changing anything. */
enum rc works_check(struct tx *tx, const struct flow *w, const struct ward_case *c,
                    const struct move *m, struct fault *f);

#endif
