/* What xom-media and the server say to each other. With the arguments "calendar YEAR" it reads an
 * iCalendar file of at most FRAME_MAX_CALENDAR bytes instead of an image, and writes lines
 * "2027-02-08 Name", at most FRAME_MAX_DAYS bytes of them; of the refusals it knows empty, not_image (no
 * calendar), too_large and unconfined. With "blur X,Y,W,H …" it covers these rectangles of the image.
 * The server writes the upload to the program's
 * standard input and closes it. The program ends with
 *   status 0, having written: struct frame's five numbers, then the photo's bytes, then the
 *     thumbnail's; or
 *   status FRAME_REFUSED + enum photo_error, having written nothing; any other end is a crash.
 * Numbers are 32 bits, little-endian. The server trusts none of them: a decoder that was taken
 * over by an image can say what it likes. */
#ifndef XOM_MEDIA_FRAME_H
#define XOM_MEDIA_FRAME_H

#include <stdbool.h>
#include <stdint.h>

enum {
	FRAME_REFUSED = 64,                 /* exit statuses from here: photo_error added */
	FRAME_SIZE = 20,
	FRAME_SIDE = 1600, FRAME_THUMB_SIDE = 320,
	FRAME_MAX_INPUT = 48 << 20,         /* bytes of an upload */
	FRAME_MAX_CALENDAR = 1 << 20, FRAME_MAX_DAYS = 96 << 10,
	FRAME_MAX_PHOTO = 4 << 20, FRAME_MAX_THUMB = 1 << 19, /* bytes that come back */
	FRAME_MAX_RECTS = 96,
};
#define FRAME_MAGIC UINT32_C(0x314d4f58)    /* "XOM1" */

struct frame {
	uint32_t width, height, photo, thumb;
};

static inline void frame_put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t frame_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void frame_write(const struct frame *f, uint8_t out[FRAME_SIZE])
{
	frame_put32(out, FRAME_MAGIC);
	frame_put32(out + 4, f->width);
	frame_put32(out + 8, f->height);
	frame_put32(out + 12, f->photo);
	frame_put32(out + 16, f->thumb);
}

/* False: not a frame, or one outside the limits above. */
static inline bool frame_read(const uint8_t in[FRAME_SIZE], struct frame *f)
{
	if (frame_get32(in) != FRAME_MAGIC)
		return false;
	*f = (struct frame){frame_get32(in + 4), frame_get32(in + 8), frame_get32(in + 12),
		frame_get32(in + 16)};
	return f->width > 0 && f->width <= FRAME_SIDE && f->height > 0 && f->height <= FRAME_SIDE &&
	       f->photo > 0 && f->photo <= FRAME_MAX_PHOTO && f->thumb > 0 &&
	       f->thumb <= FRAME_MAX_THUMB;
}

#endif
