/* The receipt that a browser opened with code and PIN: a sealed cookie naming the case, good for
 * 30 minutes from the last page, for that case alone. No row, no account; replacing the
 * receipt at the counter closes it at once. */
#ifndef XOM_FLOW_RECEIPT_SESSION_H
#define XOM_FLOW_RECEIPT_SESSION_H

#include "kit/http/http.h"

enum rc receipt_session_begin(struct request *q, struct reply *r, struct keys *k, struct case_id c,
                              struct fault *f);
void receipt_session_end(struct request *q, struct reply *r);
/* RC_NONE: no receipt is open in this browser, or it is too long ago, or of another ward. Anything else
 * but RC_OK: the database could not be asked, and nobody knows. */
enum rc receipt_session_case(const struct request *q, struct keys *k, struct case_id *out,
                             struct fault *f);

#endif
