/* Moving a whole database from one engine to the other, and what is marked on both meanwhile.
 *
 * Nobody else may work with either while it is moved: on SQLite it is locked whole, on PostgreSQL every
 * store that may write holds a shared lock on it, which the move takes for itself. The one that is
 * left is marked with where it goes, the one that is filled with what it holds, in the same transaction
 * as the rows: killed at any moment, the same move started again goes on where it was. Both marks
 * make store_open refuse with a sentence. */
#ifndef XOM_STORE_MOVE_H
#define XOM_STORE_MOVE_H

#include "kit/base/hash.h"
#include "kit/store/store.h"

enum move_stage { MOVE_COPYING = 1, MOVE_COMPARING };
struct move_told {
	enum move_stage stage;
	struct str table;
	int64_t done, total;          /* rows, of all tables */
	int64_t run, took_us;         /* rows of this run and stage, and their time */
};
struct move_config {
	const char *from, *to;        /* database files or postgresql://…, one of each */
	const struct schema_step *const *steps;
	const struct clock *clock;
	int64_t slice;                /* rows a commit at most; 0: 20,000 */
	void (*tell)(void *ctx, const struct move_told *told);   /* after each slice; may be NULL */
	void *ctx;
};
struct move_made {
	bool resumed;                 /* rows of an earlier run were there */
	bool before;                  /* it had been done before: nothing was done now */
	int64_t tables, rows;         /* all that there are, the search's too */
	int64_t copied, copied_us;    /* by this run, without the comparison */
	int64_t compared_us;
	struct hash hash;             /* of all rows, in the order of tables and keys */
};
/* RC_INVALID: not one of each; RC_NONE: no database to move; RC_AGAIN: somebody works with one of them;
 * RC_EXISTS: the target is not empty; RC_REFUSED: a newer program's, another move's; RC_CORRUPT: a row is
 * not the same on both, and which; RC_FULL, RC_IO, RC_DB. But for those found before the first
 * row, the same move can be started again. */
enum rc store_move(const struct move_config *c, struct move_made *out, struct fault *f);

/* Takes the mark off a database that is being moved, so that it is served again; what was filled is of
 * no use any more. RC_NONE: it has no mark; RC_REFUSED: the move was finished, or it is itself filled. */
enum rc store_move_cancel(const struct move_config *c, struct fault *f);

#endif
