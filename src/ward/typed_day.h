/* A day and a time of day as people type them: "25/11/2026", "25.11", "2026-11-25"; "14:05", "14h5". */
#ifndef XOM_WARD_TYPED_DAY_H
#define XOM_WARD_TYPED_DAY_H

#include "kit/base/clock.h"

/* Numbers that stand apart, at most four; more: 5. */
size_t typed_numbers(struct str s, int64_t out[4]);
/* Without a year it is this year's. */
bool typed_day(struct str typed, int64_t now, int32_t *out);

#endif
