/* Pictures of any bytes, through what xom-media does with them, without its fences: each becomes a JPEG
 * of ours within its limits, or a word why not. Mutated as pictures are built: a PNG's checksums are made
 * right again, a WebP's length, so that what stands behind them is reached.
 * Sources: xom-media/photo.c sniff.c; pkg:vips -lz */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include <zlib.h>

#include "xom-media/photo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
int __lsan_is_turned_off(void);

enum { PIXELS = 200 * 1000 };     /* more would only cost time here */

/* The libraries keep what they made once; the program ends after one photo. */
int __lsan_is_turned_off(void) { return 1; }

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(photo_start());
	return 0;
}

static uint32_t be32(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 == 0) /* some stay broken */
		return size;
	if (size > 12 && memcmp(data, "RIFF", 4) == 0)
		for (int i = 0; i < 4; i++)
			data[4 + i] = (uint8_t)((size - 8) >> (8 * i));
	if (size < 8 || memcmp(data, "\x89PNG\r\n\x1a\n", 8) != 0)
		return size;
	for (size_t at = 8; at + 12 <= size;) {
		uint32_t n = be32(data + at);
		if (n > size - at - 12)
			break;
		uint32_t sum = (uint32_t)crc32(0, data + at + 4, n + 4);
		for (int i = 0; i < 4; i++)
			data[at + 8 + n + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
		at += 12 + n;
	}
	return size;
}

/* As large as its header says; 0: it has none that can be read. */
static int64_t pixels(const void *bytes, size_t n)
{
	VipsImage *in = vips_image_new_from_buffer(bytes, n, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
	if (in == NULL)
		return 0;
	int64_t of = (int64_t)vips_image_get_width(in) * vips_image_get_height(in);
	g_object_unref(in);
	return of;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recoded r = {0};
	int64_t of = pixels(data, size);
	/* Between what is quick and what is refused lies what is only slow. */
	bool slow = of > PIXELS && of <= INT64_C(100) * 1000 * 1000;
	enum photo_error e = slow ? PHOTO_busy : photo_recode(data, size, &r);
	if (e == PHOTO_fine) {
		const struct frame *f = &r.frame;
		must(f->width > 0 && f->height > 0 && f->width <= FRAME_SIDE && f->height <= FRAME_SIDE);
		must(f->photo > 3 && f->photo <= FRAME_MAX_PHOTO && f->thumb > 3 && f->thumb <= FRAME_MAX_THUMB);
		must(photo_is_jpeg(r.photo, f->photo) && photo_is_jpeg(r.thumb, f->thumb));
		must(memmem(r.photo, f->photo, "Exif", 4) == NULL && memmem(r.photo, f->photo, "http://ns.adobe", 15) == NULL);
	}
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (e == PHOTO_not_image && size > 64)
		abort();
#endif
	g_free(r.photo);
	g_free(r.thumb);
	vips_error_clear();
	return 0;
}
