/* Memory of one request: handed out in blocks, freed whole. Not shared between threads, except
 * that a worker may lend its arena to the writer thread while it waits for it. */
#ifndef XOM_BASE_ARENA_H
#define XOM_BASE_ARENA_H

#include "kit/base/str.h"

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used, limit; /* bytes handed out, and how many a request may take */
	bool over;          /* used has passed limit: whoever loops (rows, views, parsers) stops with
	                       RC_NOMEM, and the request is answered with 503. Eight times the limit
	                       is a BUG: something loops without looking. */
};

#define ARENA_REQUEST_LIMIT ((size_t)8 << 20)

void arena_init(struct arena *a, size_t limit);
void arena_release(struct arena *a);  /* takes an empty one too */
void arena_reset(struct arena *a);    /* empties, keeps the first block */

/* Zeroed memory, aligned for anything. Never NULL; past the limit it sets `over`. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t count, size_t size); /* overflow-checked */
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

struct str arena_copy(struct arena *a, struct str s);  /* NUL-terminated behind its end */
const char *arena_z(struct arena *a, struct str s);    /* as a C string */
struct str arena_fmt(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
struct str arena_take(struct arena *a, struct buf *b); /* copies what is in b and releases b */

#endif
