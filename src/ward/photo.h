/* Photos of cases on pages. */
#ifndef XOM_WARD_PHOTO_H
#define XOM_WARD_PHOTO_H

#include "kit/http/http.h"
#include "ward/flow/flow.h"

#define PHOTO_GONE_TEMPLATE "kit/photo_gone"
extern const struct shape PHOTO_GONE;

/* The photo's bytes, or with ?thumb its thumbnail's. One that is gone or not as it was written is
 * RC_LOST, one whose storage does not answer RC_AWAY; in a thumbnail's place stands a picture that
 * says so, with the same status, and the page around it is as whole as ever. */
enum rc photo_answer(struct request *q, struct reply *r, const struct photo *p, struct fault *f);
/* media_keep, for a form: RC_INVALID, and at the form the message `later`, when it can't be stored now. */
enum rc photo_keep(struct request *q, const struct hash *journey, struct str name, const char *later,
                   struct str *error, struct fault *f);

#endif
