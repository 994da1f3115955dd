/* A file on its way in: streamed to an unlinked temporary file (O_TMPFILE) encrypted under a key
 * that exists only in memory, so that an original never lies on disk. */
#ifndef XOM_HTTP_SPOOL_H
#define XOM_HTTP_SPOOL_H

#include "kit/base/arena.h"

struct spool;
enum rc spool_new(struct spool **out, const char *dir, struct fault *f);
enum rc spool_write(struct spool *s, struct str bytes, struct fault *f);   /* RC_FULL, RC_IO */
/* Ends writing; after it the spool is read from its beginning, block by block (up to 64 KiB;
 * the bytes are borrowed until the next call). RC_NONE at the end. May be rewound. */
enum rc spool_rewind(struct spool *s, struct fault *f);
enum rc spool_read(struct spool *s, struct str *bytes, struct fault *f);
size_t spool_size(const struct spool *s);
void spool_free(struct spool *s);   /* takes NULL */

#endif
