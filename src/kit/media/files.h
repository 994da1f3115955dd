/* Where photos lie, and how they get there for good. Private to kit/media.
 *
 *   DIR/WARD/ab/NAME.jpg                    kept: NAME begins with ab
 *   DIR/waiting/YYYYMMDDHH/WARD-JOURNEY/NAME.jpg
 *                                           waiting: the ward's hour in which it came; JOURNEY is a
 *                                           hash, since the number itself leads to a receipt
 *
 * A file is one whole photo: the JPEG (so that any viewer shows it), its thumbnail's JPEG, and a
 * trailer with sizes and hashes, so that a torn file is known as one. */
#ifndef XOM_MEDIA_FILES_H
#define XOM_MEDIA_FILES_H

#include "kit/media/child.h"

enum { PHOTO_NAME = 32, FOLDER_NAME = 96, WAIT_HOURS = 24, WAIT_MAX = 5 };

struct folder {
	char z[FOLDER_NAME];
};

bool name_valid(struct str name);                       /* 32 lower-case hex digits */
/* The hour's folder and whether one of that name is over (or no hour's at all: false). */
struct folder hour_folder(int64_t at);
bool hour_over(const char *folder, int64_t now);
struct folder journey_folder(struct ward_id ward, const struct hash *journey);
struct folder ward_folder(struct ward_id ward);

/* Opens a folder below `at`; with `make`, makes it durably when absent. -1: errno says. */
int folder_open(int at, const char *name, bool make);
/* Calls back for each entry but dot files, until it gives false. -1 when it can't be read. */
int folder_each(int at, const char *name, bool (*each)(void *ctx, int dir, const char *name),
                void *ctx);
/* Removes a folder and all below it, as far as it can. */
void folder_remove(int at, const char *name);

/* Writes NAME.jpg in the folder: temporary name, fsync, rename, fsync of the folder. */
enum rc photo_write(int dir, struct str name, const struct decoded *d, struct photo *out,
                    struct fault *f);
int64_t photo_file_size(const struct frame *fr);
/* Reads trailer and, unless NULL, the bytes. `want` (may be NULL): the photo's hash, as its row has
 * it. RC_NONE, RC_CORRUPT, RC_IO. */
enum rc photo_load(int dir, struct str name, struct arena *a, const struct hash *want, bool thumb,
                   struct photo *info, struct str *bytes, struct fault *f);
/* The same of a file that lies in memory; `bytes` points into it. RC_CORRUPT. */
enum rc photo_parse(struct str whole, struct str name, const struct hash *want, bool thumb,
                    struct str *bytes, struct fault *f);
/* The file as it is, and one from such bytes. RC_NONE, RC_CORRUPT: larger than any photo's. */
enum rc photo_file_read(int dir, struct str name, struct arena *a, struct str *whole,
                        struct fault *f);
enum rc photo_file_write(int dir, struct str name, struct str whole, struct fault *f);
struct folder photo_file(struct str name);              /* "NAME.jpg" */
enum rc photo_unlink(int dir, struct str name, int64_t *size, struct fault *f);

/* Failures of the disk: RC_FULL when it is full, else RC_IO. */
enum rc disk_fault(struct fault *f, const char *doing);

#endif
