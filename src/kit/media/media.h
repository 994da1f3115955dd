/* Photos: decoded and re-encoded by the child program xom-media, which has no rights (empty
 * environment, no-new-privs, rlimits, Landlock and seccomp; where one is missing it refuses), and
 * kept as files under random names. Nothing of an original (metadata, trailing bytes) survives. */
#ifndef XOM_MEDIA_MEDIA_H
#define XOM_MEDIA_MEDIA_H

#include "kit/base/hash.h"
#include "kit/base/ids.h"
#include "kit/http/spool.h"

struct media;
struct media_config {
	const char *dir;             /* attachments: DIR/WARD/ab/RANDOM.jpg, DIR/waiting/HOUR/…; made
	                                when it isn't there; no other process writes in it */
	const char *program;         /* path of xom-media */
	const struct clock *clock;
	size_t children;             /* at once; 0: 2 */
	int64_t ward_quota;          /* bytes a ward; 0: 20 GiB */
	int64_t reserve;             /* bytes of disk left free; 0: 256 MiB */
	int64_t deadline;            /* microseconds a photo may take; 0: 20 s */
	int64_t patience;            /* microseconds to wait for a free child; 0: 10 s */
};
/* Thread-safe from here on. */
enum rc media_open(struct media **out, const struct media_config *c, struct fault *f);
void media_close(struct media *m);

/* Why a photo was not taken; each has a message "photo.<name>" and a hint what to do next. */
#define PHOTO_ERROR_TABLE(X) \
	X(empty) X(not_image) X(truncated) X(too_large) X(heic) X(svg) X(animated) X(unconfined) \
	X(busy) X(full) X(too_many)
enum photo_error {
	PHOTO_fine,
#define X(name) PHOTO_##name,
	PHOTO_ERROR_TABLE(X)
#undef X
};
const char *photo_error_name(enum photo_error e);

struct photo {
	struct str name;             /* random, 32 hex digits; valid until the arena ends */
	struct hash hash;            /* hash_of(NULL, "photo", the re-encoded bytes) */
	int width, height;
	int64_t size;
};

/* Re-encodes the upload: longest side 1600 px, JPEG, with a 320 px thumbnail. Keeps it among the
 * waiting ones of the journey (at most 24 h, an hour's folder removed whole), at most 5 a journey.
 * RC_INVALID with *why; RC_UNCONFINED, RC_FULL, RC_IO, RC_TIMEOUT also set *why. The spool is read
 * from its beginning and stays the caller's. */
enum rc media_wait(struct media *m, struct arena *a, struct ward_id ward,
                   const struct hash *journey, struct spool *spool, struct photo *out,
                   enum photo_error *why, struct fault *f);
/* Can photos be opened here: starts xom-media once, without a photo. RC_UNCONFINED: this machine or
 * the unit that runs us keeps it from giving up its rights; RC_IO: it does not start. */
enum rc media_probe(struct media *m, struct fault *f);
/* Bytes of a waiting photo (thumb: its thumbnail). RC_NONE. */
enum rc media_wait_read(struct media *m, struct arena *a, struct ward_id ward,
                        const struct hash *journey, struct str name, bool thumb, struct str *bytes,
                        struct fault *f);
enum rc media_wait_info(struct media *m, struct arena *a, struct ward_id ward,
                        const struct hash *journey, struct str name, struct photo *out,
                        struct fault *f);
enum rc media_wait_drop(struct media *m, struct ward_id ward, const struct hash *journey,
                        struct str name, struct fault *f);
/* Links the waiting photo into the ward's attachments under the same name, durably, before the
 * transaction that names it; twice is fine. The waiting one stays until its hour goes. What no row
 * ever names is removed by media_sweep. */
enum rc media_keep(struct media *m, struct ward_id ward, const struct hash *journey,
                   struct str name, struct fault *f);
enum rc media_read(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                   bool thumb, struct str *bytes, struct fault *f);   /* RC_NONE, RC_CORRUPT */
/* Where a kept photo lies below the folder of attachments: "WARD/ab/NAME.jpg"; for backups. */
struct str media_file(struct arena *a, struct ward_id ward, struct str name);
enum rc media_remove(struct media *m, struct ward_id ward, struct str name, struct fault *f);
/* Removes waiting hours older than 24 h, and kept files older than 24 h that `known` denies. */
enum rc media_sweep(struct media *m, struct ward_id ward,
                    bool (*known)(void *ctx, struct str name), void *ctx, struct fault *f);

#endif
