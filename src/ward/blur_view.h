/* The page on which parts of a published photo are covered for good, for the desk and for oversight
 * (templates/ward/blur_page.mustache): the photo under a grid of cells to tick; then how it is and how it will be, and
 * once more the question, since the one that is there will be destroyed (ward/flow/blur.h). */
#ifndef XOM_WARD_BLUR_VIEW_H
#define XOM_WARD_BLUR_VIEW_H

#include "kit/view/frame.h"
#include "ward/flow/flow.h"
#include "ward/page.h"

extern const struct shape BLUR_PAGE;
/* A field of the form that one came from: what is half written there goes along and comes back. */
extern const struct shape FORM_KEPT;
struct form_kept {
	const char *name;
	struct str value;
};
void form_kept_add(const struct request *q, struct vobj *page, int list, const struct form_kept *kept, size_t n);
enum { BLUR_BODY = 16 << 10 };        /* bytes of its form: at most MEDIA_CELLS squared cells */

struct blurring {
	struct request *q;
	/* As the room has read it. */
	const struct attachment *photo;   /* of the name in the address; NULL: the case has none such (any more) */
	bool may, held;                   /* the case lets it be done; a legal hold stands */
	struct case_id of;
	struct str code, filter;          /* caption; of the look at it */
	struct str here, picture, back, done;
	/* The form that the button stood in, which `back` takes again; 0: one came by a link. */
	struct form_kept *kept;
	size_t kept_count;
	/* How it is done: a transaction with the photo `made`. */
	enum rc (*read)(struct blurring *b, struct fault *f);
	tx_fn *tx;
	/* When it is done and something is kept; NULL: to `done`, always. */
	enum rc (*finish)(struct blurring *b, struct reply *r, struct fault *f);
	struct photo made;
};
/* Both begin with b->read. `b` is the first member of what the room's functions know. */
enum rc blur_get(struct blurring *b, struct reply *r, struct fault *f);
enum rc blur_post(struct blurring *b, struct reply *r, struct fault *f);

#endif
