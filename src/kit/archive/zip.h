/* A zip of a few files in memory, for somebody to take home; by libarchive. Names as pack.h has them. */
#ifndef XOM_ARCHIVE_ZIP_H
#define XOM_ARCHIVE_ZIP_H

#include "kit/base/rc.h"
#include "kit/base/str.h"

struct zip;
enum rc zip_new(struct zip **out, struct fault *f);
/* small: worth making smaller; photos are not. at: seconds since 1970. RC_NOMEM: also when it grows over ZIP_MAX. */
enum { ZIP_MAX = 60 << 20 };
enum rc zip_add(struct zip *z, const char *name, struct str bytes, bool small, int64_t at, struct fault *f);
size_t zip_size(const struct zip *z);
/* Ends it; its bytes are the caller's, to be released. After anything but RC_OK: zip_free alone. */
enum rc zip_end(struct zip *z, struct buf *out, struct fault *f);
void zip_free(struct zip *z);      /* takes NULL */

#endif
