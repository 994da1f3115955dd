/* One step on several cases at once. What is asked for becomes rows; each case is then moved in a
 * transaction of its own, by the way that a single one takes: first in the request, for a second,
 * and what is left by the job desk.bulk, with the rights that the officer has then. */
#ifndef XOM_DESK_BULK_H
#define XOM_DESK_BULK_H

#include "rooms/desk/desk.h"

enum { BULK_MAX = 500, BULK_OWN_MAX = 100 };   /* cases; and with words of their own */

struct bulk_item {
	int no;
	struct case_id of;
	int64_t version;              /* of the case when the officer saw it */
	struct str words;             /* this case's own; empty: those for all */
	enum { ITEM_waits, ITEM_done, ITEM_failed } state;
	struct str why;               /* "changed", "waiting", "denied", "gone", … : message "bulk.why.WHY" */
	struct ward_case c;           /* as it stands now */
	bool gone;                    /* another unit's by now: no more than its code is told */
};
struct bulk {
	int64_t id;
	struct account_id account;
	enum verb verb;
	struct str outcome, words;
	struct unit_id to;            /* assign */
	int64_t made_at, ended_at;
	struct bulk_item *items;
	struct str *gone;             /* codes that were no longer the officer's when it was sent */
	size_t count, gone_count;
};

bool bulk_verb(enum verb v);      /* close, take, assign, note */

/* Writes what is asked for, and its job. */
enum rc bulk_put(struct tx *tx, struct idgen *ids, struct bulk *b, struct fault *f);
/* With its cases; RC_NONE: another account's, or none. */
enum rc bulk_get(struct tx *tx, const struct flow *w, const struct actor *who, int64_t id,
                 struct bulk *out, struct fault *f);
/* Works until nothing waits or the ticks are over; *left: something waits. */
enum rc bulk_run(const struct flow *w, struct ward_id ward, int64_t id, int64_t until_ticks,
                 bool *left, struct fault *f);

#endif
