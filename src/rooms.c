#include "ward/room.h"

const struct room *const ROOMS[] = {
	NULL,
};
