/* flow.receivers: an open matter about somebody who works here that nobody may read any more, since who
 * received it is barred by now or holds the role no more, goes to whom the rule names today (people.h,
 * RIGHTS.md promise 4). Nobody is told of it but its reporter and who has it now. */
#include "ward/flow/flow_private.h"

enum { SLICE = 20 };

struct passing {
	const struct flow *w;
	struct unit_id office;        /* one that has open matters to pass on; 0: none */
	struct subject about;
	size_t found;
};

static enum rc open_of(struct tx *tx, struct unit_id office, int64_t *ids, size_t max, size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND unit_id = ?2 AND open = 1 ORDER BY sort_at, id LIMIT ?3",
		"ii", "i");
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(office.v), v_int((int64_t)max)), f);
	while (rc == RC_OK && *n < max && (rc = rows_next(&r, f)) == RC_OK)
		ids[(*n)++] = row_int(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc look(struct tx *tx, void *ctx, struct fault *f)
{
	struct passing *k = ctx;
	struct office_left *all;
	size_t n = 0;
	int64_t one;
	k->found = 0;
	enum rc rc = offices_left(tx, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && k->found == 0 && i < n; i++) {
		if (!all[i].received)
			continue;              /* nobody is there yet: doctor tells, and it waits for who comes */
		k->office = all[i].office;
		k->about = all[i].about;
		rc = open_of(tx, k->office, &one, 1, &k->found, f);
	}
	return rc;
}

static enum rc pass_on(struct tx *tx, const struct flow *w, const struct ward_case *c, const struct unit *to,
                       struct fault *f)
{
	struct ward_case after = *c;
	struct actor_mark who;
	struct draft d;
	after.unit = to->id;
	after.officer = (struct account_id){0};
	after.moved_at = tx_now(tx);
	enum rc rc = clock_mark(w, &who, f);
	if (rc != RC_OK)
		return rc;
	draft_init(&d, tx_arena(tx), 1);
	draft_add(&d, "unit", to->name, STR("figures"));
	draft_chain(&d, &after, tx_ward(tx), VERB_pass_on, after.moved_at, &who);
	rc = case_update(tx, w, c, &after, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, &d, &after, VERB_pass_on, after.moved_at, &who, f);
	return rc == RC_OK ? search_case(tx, w, c, &after, NULL, f) : rc;
}

static enum rc slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct passing *k = ctx;
	struct unit to;
	int64_t ids[SLICE];
	enum rc rc = receiver_office(tx, &k->about, &to, f);
	if (rc == RC_OK && to.id.v == k->office.v) {
		k->found = 0;              /* somebody holds the role again */
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = open_of(tx, k->office, ids, SLICE, &k->found, f);
	for (size_t i = 0; rc == RC_OK && i < k->found; i++) {
		struct ward_case c;
		rc = case_lock(tx, k->w, (struct case_id){ids[i]}, 0, &c, f);
		if (rc == RC_OK && c.unit.v == k->office.v && state_open(c.state))
			rc = pass_on(tx, k->w, &c, &to, f);
	}
	return rc;
}

enum rc receivers_run(const struct flow *w, struct ward_id ward, struct fault *f)
{
	struct passing k = {.w = w};
	struct arena a;
	enum rc rc;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	while ((rc = store_read(w->store, ward, &a, look, &k, f)) == RC_OK && k.found > 0) {
		arena_reset(&a);
		rc = store_write(w->store, ward, &a, slice, &k, f);
		if (rc != RC_OK)
			break;
		arena_reset(&a);
	}
	arena_release(&a);
	return rc == RC_NONE ? RC_OK : rc;   /* the last who might receive it went meanwhile */
}
