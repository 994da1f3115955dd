/* Files and folders of the program's own. */
#ifndef XOM_BASE_FILE_H
#define XOM_BASE_FILE_H

#include "kit/base/arena.h"
#include "kit/base/rc.h"

/* The whole file into the arena; RC_NONE, RC_IO, or RC_TOO_BIG past max bytes. */
enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out,
                  struct fault *f);
/* A folder for its owner alone (0700), there after a power cut too: what is synced inside of it is
 * lost with an entry that was not. One that exists already is left as it is. RC_IO, RC_FULL. */
enum rc folder_make(const char *path, struct fault *f);
/* Has what was written put on its way to disk and waits for it: a large file that is left to the system
 * gathers in memory and is then written in one burst, which everybody else's commits wait for. No
 * promise that it survives a power cut: that is fsync's. */
void file_flush(int fd);

#endif
