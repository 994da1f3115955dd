/* Between media.c (opening, waiting photos) and media_kept.c (kept ones). */
#ifndef XOM_MEDIA_MEDIA_PRIVATE_H
#define XOM_MEDIA_MEDIA_PRIVATE_H

#include <pthread.h>

#include "kit/media/kept.h"

/* Bytes that a ward's photos take: those of the folder counted once by a walk, those of the bucket by
 * its sweep, and both kept up from then on. */
struct usage {
	struct usage *next;
	struct ward_id ward;
	int64_t bytes, far;
	bool counted;             /* bytes */
};

/* A photo of the bucket that was read before; the first one is the newest. */
struct remembered {
	struct remembered *next;
	struct ward_id ward;
	char name[PHOTO_NAME];
	size_t n;
	char bytes[];             /* the whole file */
};

struct media {
	struct media_config c;
	char *program;
	int dir, waiting;
	struct kept *folder, *far; /* far: NULL without a bucket */
	pthread_mutex_t lock;     /* of all below, and of counting a journey's photos */
	pthread_cond_t freed;
	size_t running, queued;   /* children, and those who wait for one */
	bool feed_runs, feed_waits; /* one calendar at a time, and one that waits: the rest is for photos */
	struct usage *usages;
	struct remembered *cache;
	size_t cached, cache_max; /* bytes */
};

/* The folder that holds a waiting photo, or -1. */
int media_waiting_dir(const struct media *m, struct ward_id ward, const struct hash *journey,
                      struct str name);
/* What media_wait does, but for the decoding; the decoder's errors are its. */
typedef enum rc media_make_fn(const char *program, void *ctx, int64_t until, struct decoded *out, enum photo_error *why,
                              struct fault *f);
enum rc media_make(struct media *m, struct arena *a, struct ward_id ward, const struct hash *journey, media_make_fn *make,
                   void *ctx, struct photo *out, enum photo_error *why, struct fault *f);
/* Counted again when next asked for: whatever went wrong with the count is mended. */
void media_recount(struct media *m);
void media_usage_add(struct media *m, struct ward_id ward, int64_t bytes, bool far);
void media_usage_far(struct media *m, struct ward_id ward, int64_t bytes);
void media_forget_all(struct media *m);   /* the remembered photos */

#endif
