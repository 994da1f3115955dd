/* Between agency.c, agency_act.c and the one door (case.c, case_works.c). */
#ifndef XOM_FLOW_AGENCY_PRIVATE_H
#define XOM_FLOW_AGENCY_PRIVATE_H

#include "ward/flow/agency.h"
#include "ward/flow/flow_private.h"

/* Who approves or refuses acts as chair or as oversight, whatever else they are, of no unit. */
enum rc agency_mark(const struct flow *w, const struct ward_case *before, const struct move *m,
                    struct actor_mark *who, struct fault *f);
/* The move's own part; refuses who entered it, and who approved before. */
enum rc agency_works(struct tx *tx, struct ward_case *c, const struct move *m, struct draft *d, struct fault *f);
/* As which of the two the actor moves the step where the case stands; ROLE_unset: as neither. */
enum role agency_role(const struct ward_case *c, const struct actor *a, enum verb verb);
/* The request's row. RC_NONE. */
enum rc agency_row(struct tx *tx, struct case_id of, struct agency_request *out, struct fault *f);

#endif
