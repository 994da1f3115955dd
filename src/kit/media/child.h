/* The decoder child: one photo, one process. Private to kit/media. */
#ifndef XOM_MEDIA_CHILD_H
#define XOM_MEDIA_CHILD_H

#include "kit/media/frame.h"
#include "kit/media/media.h"

struct decoded {
	struct frame frame;
	uint8_t *bytes;              /* the photo, then the thumbnail; free() */
};

/* Runs the program with an empty environment and three descriptors, feeds it the spool and takes
 * what comes back, all until clock_ticks() reaches `until`; then it is killed. The child is gone
 * when this returns. Errors as media_wait's; a crash of the decoder is RC_INVALID, with the signal
 * in the fault. */
enum rc child_decode(const char *program, struct spool *spool, int64_t until, struct decoded *out,
                     enum photo_error *why, struct fault *f);

/* The same of a photo that was decoded before, with these rectangles covered: at most FRAME_MAX_RECTS, all
 * within it. */
enum rc child_blur(const char *program, const struct media_rect *rects, size_t count, struct spool *spool,
                   int64_t until, struct decoded *out, enum photo_error *why, struct fault *f);

/* The same of an iCalendar file: what it wrote, to be freed, not looked at. */
enum rc child_calendar(const char *program, int year, struct spool *spool, int64_t until, uint8_t **out, size_t *n,
                       enum photo_error *why, struct fault *f);

#endif
