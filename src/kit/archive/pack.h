/* Files in a box: a tar (POSIX pax), compressed with zstd, both by libarchive, sealed by box.h.
 *
 * A pack comes into being beside its name (PATH.part) and gets it when it is whole and synced, so that
 * a file under its name is always a finished one. Names of entries are relative, of letters, digits
 * and "._-/" without ".." or a leading "/" or ".": the reader refuses all others, and everything that is no plain
 * file. One thread at a time. */
#ifndef XOM_ARCHIVE_PACK_H
#define XOM_ARCHIVE_PACK_H

#include "kit/archive/box.h"

/* Called after each slice of at most 256 KiB; false stops with RC_TIMEOUT. */
typedef bool pack_pause_fn(void *ctx);

/* Can an entry be called so? */
bool pack_name_ok(struct str name);

struct pack;
enum rc pack_new(struct pack **out, const char *path, const struct box_public *to,
                 struct fault *f);
enum rc pack_bytes(struct pack *p, const char *name, struct str bytes, struct fault *f);
/* The whole file, as long as it is when it is opened. RC_NONE: there is none (nothing is packed);
 * RC_IO also when it became shorter meanwhile, which spoils the pack. */
enum rc pack_file(struct pack *p, const char *name, const char *path, pack_pause_fn *pause,
                  void *ctx, struct fault *f);
/* Ends it under its name. RC_EXISTS: that is taken. After this, or anything else failing, pack_free. */
enum rc pack_end(struct pack *p, struct fault *f);
void pack_free(struct pack *p);    /* removes what did not end; takes NULL */

struct unpack;
/* RC_NONE, RC_DENIED, RC_CORRUPT, as box_in_new. */
enum rc unpack_new(struct unpack **out, const char *path, const struct box_secret *key,
                   struct fault *f);
/* The next entry; name lives until the following call. RC_NONE: the end, and nothing was missing. What
 * an entry holds is exactly *size bytes, or RC_CORRUPT where it is taken. */
enum rc unpack_next(struct unpack *u, struct str *name, int64_t *size, struct fault *f);
enum rc unpack_bytes(struct unpack *u, struct arena *a, size_t max, struct str *out,
                     struct fault *f);
/* The entry into a new file (0600), synced. RC_EXISTS, RC_FULL, RC_IO. */
enum rc unpack_file(struct unpack *u, const char *path, struct fault *f);
void unpack_free(struct unpack *u);

#endif
