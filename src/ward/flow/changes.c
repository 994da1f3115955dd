/* Change numbers of the wards' public pages: a small table in memory, without locks. A ward takes
 * the first free slot after its own and keeps it; the number only rises. */
#include <stdatomic.h>

#include "ward/flow/flow_private.h"

enum { SLOTS = 4096 };            /* many times the wards of a province */
static struct {
	_Atomic int64_t ward;
	_Atomic uint64_t changes;
} table[SLOTS];

static _Atomic uint64_t *slot(struct ward_id w)
{
	size_t i = (size_t)((uint64_t)w.v * UINT64_C(0x9E3779B97F4A7C15) >> 52) % SLOTS;
	for (size_t n = 0; n < SLOTS; n++, i = (i + 1) % SLOTS) {
		int64_t there = 0;
		if (atomic_compare_exchange_strong(&table[i].ward, &there, w.v) || there == w.v)
			return &table[i].changes;
	}
	BUG("more than %d wards on one server", SLOTS);
}

uint64_t flow_changes(struct ward_id w) { return atomic_load(slot(w)); }

void flow_changed(struct ward_id w) { (void)atomic_fetch_add(slot(w), 1); }

struct commit_work {
	const struct flow *w;
	const struct ward *ward;
	const struct ward_case *from;
	struct ward_case c;
	const struct move *m;
};

static enum rc commit_move(struct tx *tx, void *ctx, struct fault *f)
{
	struct commit_work *k = ctx;
	k->c = *k->from;              /* it may run twice */
	return case_move(tx, k->w, k->ward, &k->c, k->m, f);
}

enum rc case_move_commit(const struct flow *w, struct arena *a, const struct ward *ward,
                         struct ward_case *c, const struct move *m, struct fault *f)
{
	struct commit_work k = {.w = w, .ward = ward, .from = c, .m = m};
	enum rc rc = store_write(w->store, ward->id, a, commit_move, &k, f);
	if (rc == RC_OK) {
		*c = k.c;
		flow_changed(ward->id);
	}
	return rc;
}
