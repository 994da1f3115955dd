/* The chair's room: the ward's totals, and of each escalated case code, kind, unit and how late it is
 * (docs/permissions.md, rows 49 and 57). No word, place or page of a case. */
#ifndef XOM_CHAIR_CHAIR_H
#define XOM_CHAIR_CHAIR_H

#include "ward/page.h"
#include "ward/room.h"

extern const struct room CHAIR_ROOM;

#endif
