#include "kit/base/ids.h"

#include <sodium.h>

enum { LOW_BITS = 22 };
/* Half of the low space is left for counting up within a millisecond. */
#define LOW_START ((UINT32_C(1) << (LOW_BITS - 1)))
#define EPOCH_MS INT64_C(1735689600000) /* 2025-01-01T00:00:00Z */

void idgen_init(struct idgen *g, const struct clock *c)
{
	*g = (struct idgen){.clock = c};
	(void)pthread_mutex_init(&g->lock, NULL);
}

int64_t idgen_next(struct idgen *g)
{
	(void)pthread_mutex_lock(&g->lock);
	int64_t ms = clock_now(g->clock) / 1000 - EPOCH_MS;
	if (ms > g->ms) {
		g->ms = ms;
		g->low = randombytes_uniform(LOW_START);
	} else if (++g->low >> LOW_BITS != 0) { /* also when the clock steps back: keep rising */
		g->ms++;
		g->low = randombytes_uniform(LOW_START);
	}
	int64_t id = g->ms << LOW_BITS | g->low;
	(void)pthread_mutex_unlock(&g->lock);
	return id;
}

int64_t id_floor(int64_t at) { return (at / 1000 - EPOCH_MS) * (INT64_C(1) << LOW_BITS); }

int64_t id_at(int64_t id) { return ((id >> LOW_BITS) + EPOCH_MS) * 1000; }
