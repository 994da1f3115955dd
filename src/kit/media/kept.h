/* Where kept photos lie for good: one interface, a folder (kept_folder.c) or a bucket (kept_s3.c)
 * behind it. What is stored is a whole photo file (files.h) under "WARD/ab/NAME.jpg"; whether it is
 * still as it was written is looked at by whoever reads it. Private to kit/media. */
#ifndef XOM_MEDIA_KEPT_H
#define XOM_MEDIA_KEPT_H

#include "kit/media/files.h"

struct kept_item {
	struct str name;              /* a photo's */
	int64_t size, changed_at;
};
typedef bool kept_each_fn(void *ctx, const struct kept_item *item);   /* false: no more */

struct kept {
	/* Stores it durably, over one of that name; RC_OK: it was read back and is the same. */
	enum rc (*put)(struct kept *k, struct ward_id ward, struct str name, struct str whole,
	               struct fault *f);
	/* RC_NONE: it is not there. */
	enum rc (*get)(struct kept *k, struct arena *a, struct ward_id ward, struct str name,
	               struct str *whole, struct fault *f);
	/* *size: bytes that are free now, 0 where that is not known; RC_NONE: there was nothing. */
	enum rc (*remove)(struct kept *k, struct ward_id ward, struct str name, int64_t *size,
	                  struct fault *f);
	/* Each of a ward. It may remove the one that it is told of. */
	enum rc (*each)(struct kept *k, struct ward_id ward, kept_each_fn *fn, void *ctx,
	                struct fault *f);
	void (*close)(struct kept *k);
};

/* Below the open folder `dir`, which stays the caller's. */
struct kept *kept_folder(int dir);
/* Besides, of a folder alone: a photo that waits in the folder `from` gets its name here too, its time
 * being `now`. RC_EXISTS: it has it already. */
enum rc kept_folder_link(int dir, struct ward_id ward, struct str name, int from, int64_t now,
                         int64_t *size, struct fault *f);
/* DIR/WARD/ab of a name, or -1 with errno. */
int kept_folder_open(int dir, struct ward_id ward, struct str name, bool make);

/* A bucket. It belongs to one installation, whose mark lies in it and in the folder `dir`: without the
 * mark nothing is stored or removed there (RC_REFUSED), so that a copy of an installation, restored
 * for a look, does not sweep away what the other one keeps. */
enum rc kept_s3_open(struct kept **out, int dir, const struct s3_config *c, struct fault *f);
void kept_s3_look(struct kept *k, struct attachments_look *out);
/* Takes the bucket's mark over. RC_NONE: it has none yet. */
enum rc kept_s3_join(struct kept *k, struct fault *f);

#endif
