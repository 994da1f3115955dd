/* Work that is too much for one transaction. */
#include "ward/flow/flow_private.h"

enum rc flow_slices(const struct flow *w, struct ward_id ward, tx_fn *slice, void *ctx, const size_t *done, size_t full,
                    struct fault *f)
{
	struct arena a;
	enum rc rc;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	do {
		arena_reset(&a);
		rc = store_write(w->store, ward, &a, slice, ctx, f);
	} while (rc == RC_OK && *done == full);
	arena_release(&a);
	return rc;
}
