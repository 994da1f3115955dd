/* Between the files of escalation; nobody else includes it. */
#ifndef XOM_FLOW_ESCALATION_PRIVATE_H
#define XOM_FLOW_ESCALATION_PRIVATE_H

#include "ward/flow/clock.h"
#include "ward/flow/escalation.h"
#include "ward/flow/flow_private.h"

/* Is it open, with a due day? No other has a row. */
bool escalation_due(const struct ward_case *c);
/* The next share of the case's present deadline after `level`, and when it is told; *next 0: none. */
enum rc escalation_next(struct tx *tx, const struct flow *w, const struct ward_case *c, int level,
                        int *next, int64_t *at, struct fault *f);
enum rc escalation_put(struct tx *tx, const struct flow *w, const struct ward_case *c, int level,
                       int64_t told_at, int64_t next_at, struct fault *f);
enum rc escalation_drop(struct tx *tx, struct case_id id, struct fault *f);
/* Begins anew with what was told of this due value. */
enum rc escalation_plan(struct tx *tx, const struct flow *w, const struct ward_case *c, struct fault *f);

#endif
