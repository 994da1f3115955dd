/* xom serve, routes and templates: the verbs that need all rooms at once. */
#ifndef XOM_SERVE_H
#define XOM_SERVE_H

#include "ward/room.h"

extern const struct command SERVE_COMMANDS[];  /* serve, routes, templates */
extern const struct command DEMO_COMMANDS[];   /* demo; in src/demo/demo.c */

#endif
