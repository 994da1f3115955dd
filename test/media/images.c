#include "images.h"

#include <vips/vips.h>
#include <zlib.h>

#define NEED(call) do { if (!(call)) g_error("%s: %s", #call, vips_error_buffer()); } while (0)

void images_start(void)
{
	NEED(VIPS_INIT("test") == 0);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
}

void images_end(void) { vips_shutdown(); }

/* Red grows to the right, green downwards, with noise; the top left corner is a blue block. */
static VipsImage *picture(int width, int height)
{
	uint8_t *p = g_malloc((size_t)width * (size_t)height * 3);
	uint32_t noise = 1;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			uint8_t *q = p + ((size_t)y * (size_t)width + (size_t)x) * 3;
			bool block = x < width / 4 && y < height / 4;
			noise = noise * 1664525 + 1013904223;
			q[0] = (uint8_t)(block ? 0 : x * 200 / width + (int)(noise >> 28));
			q[1] = (uint8_t)(block ? 0 : y * 200 / height + (int)(noise >> 27 & 15));
			q[2] = block ? 255 : 40;
		}
	VipsImage *im = vips_image_new_from_memory_copy(p, (size_t)width * (size_t)height * 3, width,
	                                                height, 3, VIPS_FORMAT_UCHAR);
	g_free(p);
	NEED(im != NULL);
	VipsImage *out;
	NEED(vips_copy(im, &out, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) == 0);
	g_object_unref(im);
	return out;
}

static void tag(VipsImage *im)
{
	static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRET-XMP</x:xmpmeta>";
	vips_image_set_int(im, VIPS_META_ORIENTATION, 6);
	vips_image_set_string(im, "exif-ifd0-Make", "SECRET-MAKE (SECRET-MAKE, ASCII, 12 components)");
	vips_image_set_string(im, "exif-ifd3-GPSLatitude", "21/1 1/1 42/1 (21, 1, 42, Rational)");
	vips_image_set_blob_copy(im, VIPS_META_XMP_NAME, xmp, sizeof xmp);
}

struct str image_make(enum image_kind kind, int width, int height)
{
	VipsImage *im = picture(width, height), *more = NULL;
	void *bytes = NULL;
	size_t n = 0;
	switch (kind) {
	case IMAGE_JPEG:
		NEED(vips_jpegsave_buffer(im, &bytes, &n, "Q", 90, NULL) == 0);
		break;
	case IMAGE_JPEG_TAGGED:
		tag(im);
		NEED(vips_jpegsave_buffer(im, &bytes, &n, "Q", 90, "profile", "p3", NULL) == 0);
		break;
	case IMAGE_JPEG_PROGRESSIVE:
		NEED(vips_jpegsave_buffer(im, &bytes, &n, "interlace", TRUE, NULL) == 0);
		break;
	case IMAGE_JPEG_GREY:
		NEED(vips_colourspace(im, &more, VIPS_INTERPRETATION_B_W, NULL) == 0);
		NEED(vips_jpegsave_buffer(more, &bytes, &n, NULL) == 0);
		break;
	case IMAGE_JPEG_CMYK:
		NEED(vips_colourspace(im, &more, VIPS_INTERPRETATION_CMYK, NULL) == 0);
		NEED(vips_jpegsave_buffer(more, &bytes, &n, "strip", TRUE, NULL) == 0);
		break;
	case IMAGE_PNG:
		NEED(vips_pngsave_buffer(im, &bytes, &n, NULL) == 0);
		break;
	case IMAGE_PNG_INTERLACED:
		NEED(vips_pngsave_buffer(im, &bytes, &n, "interlace", TRUE, NULL) == 0);
		break;
	case IMAGE_PNG_16:
		NEED(vips_colourspace(im, &more, VIPS_INTERPRETATION_RGB16, NULL) == 0);
		NEED(vips_pngsave_buffer(more, &bytes, &n, NULL) == 0);
		break;
	case IMAGE_PNG_ALPHA: {
		VipsImage *clear;
		NEED(vips_addalpha(im, &clear, NULL) == 0);
		NEED(vips_linear(clear, &more, (double[]){1, 1, 1, 0}, (double[]){0, 0, 0, 0}, 4, "uchar",
		                 TRUE, NULL) == 0);
		g_object_unref(clear);
		NEED(vips_pngsave_buffer(more, &bytes, &n, NULL) == 0);
		break;
	}
	case IMAGE_WEBP:
		NEED(vips_webpsave_buffer(im, &bytes, &n, NULL) == 0);
		break;
	case IMAGE_GIF:
		NEED(vips_gifsave_buffer(im, &bytes, &n, NULL) == 0);
		break;
	case IMAGE_TIFF:
		NEED(vips_tiffsave_buffer(im, &bytes, &n, NULL) == 0);
		break;
	}
	g_object_unref(im);
	if (more != NULL)
		g_object_unref(more);
	return str_n(bytes, n);
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void chunk(struct buf *b, const char *type, const uint8_t *data, size_t n)
{
	uint8_t word[4];
	put32(word, (uint32_t)n);
	buf_add(b, str_n((const char *)word, 4));
	uLong crc = crc32(0, (const Bytef *)type, 4);
	crc = crc32(crc, data, (uInt)n);
	buf_addz(b, type);
	buf_add(b, str_n((const char *)data, n));
	put32(word, (uint32_t)crc);
	buf_add(b, str_n((const char *)word, 4));
}

struct str image_png_huge(uint32_t width, uint32_t height)
{
	struct buf b = {0};
	uint8_t head[13] = {[8] = 1};
	put32(head, width);
	put32(head + 4, height);
	buf_add(&b, STR("\x89PNG\r\n\x1a\n"));
	chunk(&b, "IHDR", head, sizeof head);
	size_t row = 1 + (width + 7) / 8, cap = 1 << 20;
	uint8_t *zero = g_malloc0(row), *out = g_malloc(cap);
	z_stream z = {.next_out = out, .avail_out = (uInt)cap};
	NEED(deflateInit(&z, 9) == Z_OK);
	for (uint32_t y = 0; y < height; y++) {
		z.next_in = zero;
		z.avail_in = (uInt)row;
		NEED(deflate(&z, Z_NO_FLUSH) == Z_OK && z.avail_in == 0);
	}
	NEED(deflate(&z, Z_FINISH) == Z_STREAM_END);
	chunk(&b, "IDAT", out, z.total_out);
	(void)deflateEnd(&z);
	chunk(&b, "IEND", (const uint8_t *)"", 0);
	void *copy = g_memdup2(b.p, b.n);
	struct str s = str_n(copy, b.n);
	buf_release(&b);
	g_free(zero);
	g_free(out);
	return s;
}

static void point(VipsImage *im, int x, int y, double out[3])
{
	double *v;
	int n;
	NEED(vips_getpoint(im, &v, &n, x, y, NULL) == 0);
	for (int i = 0; i < 3; i++)
		out[i] = v[i < n ? i : 0];
	g_free(v);
}

bool image_look(struct str bytes, struct seen *out)
{
	VipsImage *im = vips_image_new_from_buffer(bytes.p, bytes.n, "fail_on=warning", NULL);
	if (im == NULL)
		return false;
	static const char *const meta[] = {VIPS_META_EXIF_NAME, VIPS_META_XMP_NAME, VIPS_META_ICC_NAME,
		VIPS_META_IPTC_NAME, VIPS_META_ORIENTATION};
	const char *loader;
	NEED(vips_image_get_string(im, VIPS_META_LOADER, &loader) == 0);
	*out = (struct seen){.width = im->Xsize, .height = im->Ysize, .bands = im->Bands,
		.jpeg = g_str_has_prefix(loader, "jpegload"), .eight_bit = im->BandFmt == VIPS_FORMAT_UCHAR,
		.srgb = im->Type == VIPS_INTERPRETATION_sRGB};
	for (size_t i = 0; i < sizeof meta / sizeof *meta; i++)
		out->metadata |= vips_image_get_typeof(im, meta[i]) != 0;
	point(im, im->Xsize / 16, im->Ysize / 16, out->corner);
	point(im, im->Xsize / 2, im->Ysize / 2, out->centre);
	g_object_unref(im);
	return true;
}
