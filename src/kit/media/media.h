/* Photos: decoded and re-encoded by the child program xom-media, which has no rights (empty
 * environment, no-new-privs, rlimits, Landlock and seccomp; where one is missing it refuses), and
 * kept as files under random names. Nothing of an original (metadata, trailing bytes) survives.
 *
 * Kept photos lie in the folder or, when media_config has an s3, in its bucket; waiting ones always in
 * the folder. A photo is looked for in the folder first and in the bucket then, so that photos may be
 * moved from one to the other (media_move) while they are read. */
#ifndef XOM_MEDIA_MEDIA_H
#define XOM_MEDIA_MEDIA_H

#include "kit/base/hash.h"
#include "kit/base/ids.h"
#include "kit/http/spool.h"

/* S3-compatible storage: https://ENDPOINT/BUCKET/PREFIX/WARD/ab/NAME.jpg. */
struct s3_config {
	const char *endpoint;        /* "https://s3.example.vn"; http on this machine alone */
	const char *bucket, *prefix; /* prefix without slashes at its ends; may be empty */
	const char *region;
	const char *credentials;     /* file (0600), read before each call; in memory no longer than it */
	const char *ca;              /* PEM file of certificates; empty: the system's */
	size_t calls;                /* at once; 0: 4, at most 16; as many may wait for them */
};

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
	const struct s3_config *s3;  /* where kept photos go instead of dir; NULL: nowhere */
	size_t cache;                /* bytes of photos of the bucket that are remembered; 0: 32 MiB */
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
/* A rectangle of a photo, in its pixels. */
struct media_rect {
	int x, y, w, h;
};
/* Into which cells a photo is divided for covering: MEDIA_CELLS along its longer side at most, none under 32 px. */
enum { MEDIA_CELLS = 6 };
void media_cells(const struct photo *p, int *columns, int *rows);
/* What is covered where cell (column, row, from 0) to that of its right neighbour `to` is ticked: widened to whole
 * blocks of the JPEG and two pixels more, which are all that what stood in it has a part in. */
struct media_rect media_cell_rect(const struct photo *p, int columns, int rows, int column, int to, int row);
/* A kept photo once more, with these rectangles filled by one flat grey: not a pixel of the new one depends on what
 * stood in them. It is among the waiting ones of the journey, with a thumbnail of its own; the old one stays. RC_INVALID
 * with *why PHOTO_fine: no rectangle, more than FRAME_MAX_RECTS, or one that is not within the photo. RC_NONE,
 * RC_CORRUPT, RC_AWAY as media_read; others as media_wait. */
enum rc media_blur(struct media *m, struct arena *a, struct ward_id ward, const struct hash *journey,
                   const struct photo *of, const struct media_rect *rects, size_t count, struct photo *out,
                   enum photo_error *why, struct fault *f);
/* The days of one year in an iCalendar file, opened by the same child: in order, each once, with what it
 * is called. RC_TOO_BIG: over 1 MiB, or more events and repetitions than holidays have; RC_INVALID: no
 * calendar; others as media_wait's. */
enum { MEDIA_DAYS_MAX = 366, MEDIA_DAY_NAME_MAX = 160 };
struct media_day {
	int32_t day;
	struct str name;             /* may be empty */
};
enum rc media_calendar(struct media *m, struct arena *a, struct spool *spool, int year, struct media_day **out,
                       size_t *count, enum photo_error *why, struct fault *f);
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
/* Keeps the waiting photo for good under the same name, durably, before the transaction that names
 * it: a link in the folder, or an object that was read back; twice is fine. The waiting one stays until
 * its hour goes. What no row ever names is removed by the sweep. RC_AWAY: the bucket's server can't be
 * reached, and sending again later helps; RC_REFUSED, RC_IO: it does not let us in. */
enum rc media_keep(struct media *m, struct ward_id ward, const struct hash *journey,
                   struct str name, struct fault *f);
/* `want`: the hash in the photo's row; NULL: what lies there is trusted. RC_NONE, RC_CORRUPT, RC_AWAY. */
enum rc media_read(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                   const struct hash *want, bool thumb, struct str *bytes, struct fault *f);
/* The whole file, for backups, whatever it holds. RC_NONE, RC_AWAY. */
enum rc media_whole(struct media *m, struct arena *a, struct ward_id ward, struct str name,
                    struct str *whole, struct fault *f);
/* Is it there as it was written, thumbnail and all? RC_NONE, RC_CORRUPT, RC_AWAY. */
enum rc media_check(struct media *m, struct ward_id ward, struct str name, const struct hash *want,
                    struct fault *f);
/* Where a kept photo lies below the folder or the bucket's prefix: "WARD/ab/NAME.jpg". */
struct str media_file(struct arena *a, struct ward_id ward, struct str name);
/* From wherever it lies; RC_NONE: nowhere that we know of. */
enum rc media_remove(struct media *m, struct ward_id ward, struct str name, struct fault *f);
/* Removes waiting hours older than 24 h, and kept files of the folder older than 24 h that `known`
 * denies. */
typedef bool media_known_fn(void *ctx, struct str name);
enum rc media_sweep(struct media *m, struct ward_id ward, media_known_fn *known, void *ctx,
                    struct fault *f);
/* The same of the bucket, which is asked for its whole list; nothing to do without one. */
enum rc media_sweep_far(struct media *m, struct ward_id ward, media_known_fn *known, void *ctx,
                        struct fault *f);

/* Moves every kept photo of a ward into the bucket or out of it: stored there and compared, then
 * removed here. One that was broken off goes on where it was. Photos that are not as they were written
 * stay and are told. */
struct media_moved {
	int64_t photos, bytes, damaged;
};
enum rc media_move(struct media *m, struct ward_id ward, bool into_bucket,
                   void (*say)(void *ctx, const char *line), void *ctx, struct media_moved *out,
                   struct fault *f);

/* How the bucket is, for doctor: an object is stored, read, asked for by a stranger, and removed. */
struct attachments_look {
	bool far;                    /* there is one at all */
	enum rc rc;                  /* RC_OK: stored, read, removed; else `why` */
	char why[512];
	int64_t its_clock;           /* 0: not told */
	bool open;                   /* a stranger could read it */
	bool versions;               /* it keeps what was removed */
	bool foreign;                /* another installation's mark lies in it */
};
void media_look(struct media *m, struct attachments_look *out);
/* Takes the bucket's mark over, for an installation that was restored. RC_NONE: it has none. */
enum rc media_join(struct media *m, struct fault *f);

#endif
