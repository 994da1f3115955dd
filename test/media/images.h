/* Test photos, made on the spot with libvips and zlib. */
#ifndef TEST_MEDIA_IMAGES_H
#define TEST_MEDIA_IMAGES_H

#include "kit/base/str.h"

void images_start(void);
void images_end(void);

/* A gradient with enough detail for a JPEG of some size. The bytes are malloc'd: g_free. */
enum image_kind {
	IMAGE_JPEG = 1,
	IMAGE_JPEG_TAGGED,    /* EXIF with GPS and orientation 6 (lies on its right side), XMP, ICC */
	IMAGE_JPEG_CMYK, IMAGE_JPEG_GREY, IMAGE_JPEG_PROGRESSIVE,
	IMAGE_PNG, IMAGE_PNG_16, IMAGE_PNG_ALPHA, IMAGE_PNG_INTERLACED,
	IMAGE_WEBP, IMAGE_GIF, IMAGE_TIFF,
};
struct str image_make(enum image_kind kind, int width, int height);

/* A whole PNG of black pixels, 1 bit each, whatever its size. */
struct str image_png_huge(uint32_t width, uint32_t height);

/* What came out: decoded again by libvips. */
struct seen {
	int width, height, bands;
	bool jpeg, eight_bit, srgb, metadata;   /* metadata: any EXIF, XMP, ICC, IPTC, orientation */
	double corner[3], centre[3];            /* at the top left and in the middle */
};
bool image_look(struct str bytes, struct seen *out);

#endif
