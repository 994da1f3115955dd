/* A relay between a store and its PostgreSQL server, which cuts the connection where a test asks for
 * it. A burst is what a client sends before it waits for an answer. */
#ifndef XOM_TEST_STORE_RELAY_H
#define XOM_TEST_STORE_RELAY_H

#include "fixture.h"

enum cut {
	CUT_NOTHING = 0, CUT_BEFORE_COMMIT, CUT_AFTER_COMMIT, CUT_FUNCTION,
	CUT_BEFORE, CUT_AFTER,                       /* a burst never arrives; its answer never does */
	CUT_FOR_GOOD, CUT_BEFORE_FOR_GOOD = CUT_FOR_GOOD, CUT_AFTER_FOR_GOOD, /* and nobody gets through after it */
};

void relay_ready(void);                              /* started, and open */
int relay_setup(void **state);                       /* a fixture and the relay, open; NULL: no server */
int relay_teardown(void **state);
void relay_cut(enum cut what);                       /* the next of its kind, once */
void relay_cut_at(int burst, enum cut mode);         /* the so-manyth from now; 0: none */
bool relay_was_cut(void);
void relay_close(bool closed);                       /* connections end, new ones are not taken */
void relay_silence(bool silent);                     /* connections stay, and nothing is carried */
void relay_deafen(void);                             /* those that are there stay and carry nothing, new ones are carried */
int relay_asked(void);                               /* how many of those were sent something since */
struct store *beside(struct fixture *x);             /* the fixture's database, by way of the relay */

#endif
