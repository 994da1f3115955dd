/* Change numbers of the wards' public pages: a small table in memory, without locks. A ward takes
 * the first free slot after its own and keeps it; the number only rises. */
#include <stdatomic.h>

#include "ward/flow/flow_private.h"

enum { SLOTS = 4096 };            /* many times the wards of a province */
static struct {
	_Atomic int64_t ward;
	_Atomic uint64_t changes;
	_Atomic int64_t written;  /* the database's number at the last look */
} table[SLOTS];

static size_t slot(struct ward_id w)
{
	size_t i = (size_t)((uint64_t)w.v * UINT64_C(0x9E3779B97F4A7C15) >> 52) % SLOTS;
	for (size_t n = 0; n < SLOTS; n++, i = (i + 1) % SLOTS) {
		int64_t there = 0;
		if (atomic_compare_exchange_strong(&table[i].ward, &there, w.v) || there == w.v)
			return i;
	}
	BUG("more than %d wards on one server", SLOTS);
}

uint64_t flow_changes(struct ward_id w) { return atomic_load(&table[slot(w)].changes); }

void flow_changed(struct ward_id w) { (void)atomic_fetch_add(&table[slot(w)].changes, 1); }

enum rc change_write(struct tx *tx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO ward_change (ward_id, n) VALUES (?1, 1) "
		"ON CONFLICT (ward_id) DO UPDATE SET n = ward_change.n + 1", "", "");
	return sql_run(tx, &Q, NO_BIND, NULL, f);
}

enum rc flow_changes_look(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_GLOBAL("SELECT ward_id, n FROM ward_change", "", "ii");
	struct rows r;
	(void)ctx;
	enum rc rc = sql_rows(tx, &Q, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct ward_id w = {row_int(&r, 0)};
		int64_t n = row_int(&r, 1);
		if (atomic_exchange(&table[slot(w)].written, n) != n)
			flow_changed(w);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

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
