/* One photo, from the bytes somebody sent to a clean JPEG and its thumbnail. Runs locked. */
#ifndef XOM_MEDIA_PHOTO_H
#define XOM_MEDIA_PHOTO_H

#include <stddef.h>

#include "kit/media/frame.h"
#include "kit/media/media.h"

/* The photo and the thumbnail are allocated with g_malloc and never freed: the program ends. */
struct recoded {
	struct frame frame;
	void *photo, *thumb;
};

/* Starts libvips with JPEG, PNG and WebP alone. Before photo_recode. */
bool photo_start(void);
enum photo_error photo_recode(const void *bytes, size_t n, struct recoded *out);
/* The same of one that was recoded before, with these rectangles filled. PHOTO_not_image: one is not within it. */
enum photo_error photo_cover(const void *bytes, size_t n, const struct media_rect *rects, size_t count, struct recoded *out);

/* What the first bytes say the file is, of the kinds that get a message of their own;
 * PHOTO_fine: let the decoder see. */
enum photo_error photo_sniff(const void *bytes, size_t n);
bool photo_is_jpeg(const void *bytes, size_t n);   /* by how it begins */
/* Does it begin as a JPEG, PNG or WebP file does? */
bool photo_begins(const void *bytes, size_t n);

#endif
