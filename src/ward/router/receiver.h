/* Who receives what is handed over, by door: dated rows of the ward. A row is never rewritten: it ends,
 * and another follows. Several rows of a door may hold at once. */
#ifndef XOM_ROUTER_RECEIVER_H
#define XOM_ROUTER_RECEIVER_H

#include "ward/people/admin_log.h"

enum { RECEIVERS_MAX = 200, RECEIVER_LINE = 200, RECEIVER_NOTE = 400 };

struct receiver {
	int64_t id;
	struct str door;              /* of procedures/router.yaml */
	struct str name, address, hours, phone, note;  /* name always; one of address and phone; text_is_phone */
	struct str hours_in[LANG_COUNT], note_in[LANG_COUNT];  /* for who reads en, km; empty: as in Vietnamese */
	int32_t valid_from, valid_to; /* both included; valid_to 0: still */
	struct str source;            /* where that was read or asked */
	bool verified;                /* somebody called or went there */
	int64_t made_at;
};
extern const struct schema_step RECEIVER_SCHEMA[];

/* Of a door, those that hold on the day, in the order in which they were entered; door empty: of every
 * door; day 0: of whenever. */
enum rc receivers_of(struct tx *tx, struct str door, int32_t day, struct receiver **out, size_t *count,
                     struct fault *f);
/* r's texts cleaned, r->id unset. RC_INVALID names the field: "name", "address", "phone", "from", "until",
 * "source".
 * RC_TOO_BIG: the ward has RECEIVERS_MAX that have not ended. Logged. */
enum rc receiver_add(struct tx *tx, struct idgen *ids, struct account_id by, const struct receiver *r,
                     struct fault *f);
/* `last` is its last day. RC_NONE: no such row, or it ended before. RC_INVALID "until": before its first. */
enum rc receiver_end(struct tx *tx, struct account_id by, int64_t id, int32_t last, struct fault *f);

#endif
