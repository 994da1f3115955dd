/* xom serve, routes and templates: the verbs that need all rooms at once. */
#ifndef XOM_SERVE_H
#define XOM_SERVE_H

#include "ward/room.h"

extern const struct command SERVE_COMMANDS[];  /* serve, routes, templates */
extern const struct command DEMO_COMMANDS[];   /* demo; in src/demo/demo.c */
/* For ./bench, in src/test_verbs.c; their names begin with "test-" and no usage shows them. */
extern const struct command TEST_COMMANDS[];   /* for measures, without usage: not named by --help */

#endif
