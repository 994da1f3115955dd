/* Practice: a ward made by `xom demo --practice` shows the same screens in a yellow frame, and twelve
 * tasks of three minutes for a new officer. What is done is read off the timelines: nothing is
 * kept about learners, and nobody sees another's. In every other ward the page is not there. */
#ifndef XOM_ROOMS_PRACTICE_PRACTICE_H
#define XOM_ROOMS_PRACTICE_PRACTICE_H

#include "ward/page.h"
#include "ward/room.h"

extern const struct room PRACTICE_ROOM;

#endif
