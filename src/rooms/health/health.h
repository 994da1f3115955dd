/* The administrator's page about the installation itself: what xom doctor says. */
#ifndef XOM_ROOMS_HEALTH_HEALTH_H
#define XOM_ROOMS_HEALTH_HEALTH_H

#include "ward/room.h"

extern const struct room HEALTH_ROOM;

#endif
