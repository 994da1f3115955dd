/* Ids: 63 bits, 41 of milliseconds since 2025-01-01T00:00Z and 22 that start at random in each
 * millisecond and count up. Made by the program, the same on every engine; strings in JSON; never
 * in a public address. Distinct one-field structs, so that a case id cannot pass for an account. */
#ifndef XOM_BASE_IDS_H
#define XOM_BASE_IDS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "kit/base/clock.h"

#define ID_TYPE(name) struct name { int64_t v; }
ID_TYPE(ward_id);
ID_TYPE(area_id);
ID_TYPE(account_id);
ID_TYPE(unit_id);
ID_TYPE(case_id);
ID_TYPE(attachment_id);
ID_TYPE(version_id);   /* a procedure version */
ID_TYPE(flood_id);     /* a group of reports that came as a flood */

struct idgen {
	pthread_mutex_t lock;
	const struct clock *clock;
	int64_t ms;
	uint32_t low;
};

void idgen_init(struct idgen *g, const struct clock *c);
int64_t idgen_next(struct idgen *g);   /* thread-safe, strictly rising in one process */
int64_t id_floor(int64_t at);          /* less than every id made at `at` or later */
int64_t id_at(int64_t id);             /* the microsecond UTC at which the id's millisecond began */

#endif
