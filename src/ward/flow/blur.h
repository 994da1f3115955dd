/* A published photo with parts of it covered (media_blur) takes the place of the one that was there: in its
 * attachment, which keeps its number, who sent it, and that it is shown. The one that was there is destroyed by the
 * rule BLUR_RULE: its part, those of the releases that showed it, its file and thumbnail wherever they lie, each
 * with a line of the deletion list, so that a restored older copy loses it, too (there the photo is then gone, since the
 * covered one came later).
 *
 * The entry "blur" holds the hash of the new photo. By who works the case through case_move, by oversight for a
 * request that it has opened (redress.h, redress_blur). The new photo was media_keep'd before the transaction;
 * after the commit flow_changed and deletions_flush. */
#ifndef XOM_FLOW_BLUR_H
#define XOM_FLOW_BLUR_H

#include "ward/flow/flow_private.h"

#define BLUR_RULE "blur"

/* RC_CHANGED: the case has no such photo (any more), or it is not released (any more). RC_REFUSED: a legal hold
 * stands on the case. RC_INVALID, field "photo": not one new photo. */
enum rc blur_check(struct tx *tx, const struct ward_case *c, const struct move *m, struct fault *f);
/* After the entry was written, whose part number `part` the new photo is; raises the case's version once more. */
enum rc blur_write(struct tx *tx, const struct flow *w, const struct ward_case *c, int part, const struct move *m,
                   struct fault *f);
/* All of it, as oversight. */
enum rc blur_apart(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id id, const struct move *m,
                   struct fault *f);

#endif
