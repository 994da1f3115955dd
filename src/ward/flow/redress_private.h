/* Between redress.c and redress_act.c. */
#ifndef XOM_FLOW_REDRESS_PRIVATE_H
#define XOM_FLOW_REDRESS_PRIVATE_H

#include "ward/flow/flow_private.h"
#include "ward/flow/redress.h"

/* The step of procedures/redress.yaml at which an appeal stands. */
#define REDRESS_APPEALED "appealed"

/* Did this account look at the matter at this stage of the request? */
enum rc redress_looked(struct tx *tx, const struct redress *k, struct account_id who, struct case_id about,
                       bool *out, struct fault *f);

#endif
