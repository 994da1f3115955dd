#include "xom-media/photo.h"

#include <string.h>
#include <vips/vips.h>
#include <vips/vector.h>

enum {
	QUALITY = 80,
	MAX_SIDE = 60000,
	MAX_PIXELS = 100 * 1000 * 1000,
};

/* Warnings of the decoders are an attacker's text, and nobody reads them. */
static void silent(const char *domain, GLogLevelFlags level, const char *text, void *ctx)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)ctx;
}

bool photo_start(void)
{
	(void)g_log_set_default_handler(silent, NULL);
	/* Vector code is compiled at run time and would need executable memory. */
	vips_vector_set_enabled(FALSE);
	if (VIPS_INIT("xom-media") != 0)
		return false;
	/* One photo and out: nothing to cache, and threads would only share two cores with the server. */
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	/* The buffer loader would take SVG, GIF, TIFF and a dozen more. */
	vips_operation_block_set("VipsForeignLoad", TRUE);
	vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
	vips_operation_block_set("VipsForeignLoadPng", FALSE);
	vips_operation_block_set("VipsForeignLoadWebp", FALSE);
	return true;
}

/* Why the decoder gave up, as well as its message tells. */
static enum photo_error reason(void)
{
	const char *said = vips_error_buffer();
	if (strstr(said, "out of memory") != NULL)
		return PHOTO_too_large;
	return PHOTO_truncated;
}

/* Reads the header alone: size and pages are judged before a pixel is decoded. */
static enum photo_error header(const void *bytes, size_t n)
{
	VipsImage *in = vips_image_new_from_buffer(bytes, n, "", "access", VIPS_ACCESS_SEQUENTIAL,
	                                           NULL);
	if (in == NULL) /* something that begins like a photo is one that was cut or damaged */
		return photo_begins(bytes, n) ? PHOTO_truncated : PHOTO_not_image;
	int64_t w = vips_image_get_width(in), h = vips_image_get_height(in);
	int pages = vips_image_get_n_pages(in);
	g_object_unref(in);
	if (w <= 0 || h <= 0)
		return PHOTO_not_image;
	if (w > MAX_SIDE || h > MAX_SIDE || w * h > MAX_PIXELS)
		return PHOTO_too_large;
	return pages > 1 ? PHOTO_animated : PHOTO_fine;
}

/* In sRGB, whatever it was: a profile of its own, CMYK, grey. A broken profile is passed over. */
static VipsImage *to_srgb(VipsImage *in)
{
	VipsImage *out = NULL;
	VipsInterpretation is = vips_image_guess_interpretation(in);
	bool cmyk = is == VIPS_INTERPRETATION_CMYK;
	bool profile = vips_image_get_typeof(in, VIPS_META_ICC_NAME) != 0;
	if ((profile || cmyk) &&
	    vips_icc_transform(in, &out, "srgb", "embedded", TRUE, "input_profile",
	                       cmyk ? "cmyk" : "srgb", NULL) == 0)
		return out;
	if (is == VIPS_INTERPRETATION_sRGB)
		return g_object_ref(in);
	return vips_colourspace(in, &out, VIPS_INTERPRETATION_sRGB, NULL) == 0 ? out : NULL;
}

/* A JPEG is decoded at a half, a quarter or an eighth of its size, which costs a fraction; what is
 * left to shrink, less than a half, is done by a cubic kernel. vips_thumbnail would decode it whole. */
static VipsImage *shrink_jpeg(const void *bytes, size_t n, int side)
{
	VipsImage *in = NULL, *small = NULL, *srgb = NULL, *flat = NULL, *out = NULL;
	if (vips_jpegload_buffer((void *)(uintptr_t)bytes, n, &in, "access", VIPS_ACCESS_SEQUENTIAL,
	                         NULL) != 0)
		return NULL;
	int longest = VIPS_MAX(vips_image_get_width(in), vips_image_get_height(in));
	g_object_unref(in);
	int by = longest >= side * 8 ? 8 : longest >= side * 4 ? 4 : longest >= side * 2 ? 2 : 1;
	in = NULL;
	if (vips_jpegload_buffer((void *)(uintptr_t)bytes, n, &in, "shrink", by, "fail_on",
	                         VIPS_FAIL_ON_TRUNCATED, "access", VIPS_ACCESS_SEQUENTIAL, NULL) != 0)
		return NULL;
	longest = VIPS_MAX(vips_image_get_width(in), vips_image_get_height(in));
	bool fits = longest <= side;
	if (fits ? vips_copy(in, &small, NULL) == 0
	         : vips_resize(in, &small, (double)side / longest, "kernel", VIPS_KERNEL_CUBIC, NULL) == 0)
		srgb = to_srgb(small);
	/* Decoded here, once: turning needs it whole, and the thumbnail is made from it. */
	if (srgb != NULL)
		flat = vips_image_copy_memory(srgb);
	if (flat != NULL && vips_autorot(flat, &out, NULL) != 0)
		out = NULL;
	VipsImage *const made[] = {in, small, srgb, flat};
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (made[i] != NULL)
			g_object_unref(made[i]);
	return out;
}

/* Turned upright, at most `side` long, sRGB, on white where it was transparent. */
static VipsImage *shrink(const void *bytes, size_t n, int side)
{
	VipsImage *small = NULL, *flat = NULL, *out = NULL;
	if (photo_is_jpeg(bytes, n))
		return shrink_jpeg(bytes, n, side);
	/* "fail_on" as an argument is ignored by vips 8.14: a cut photo would come out half grey. */
	if (vips_thumbnail_buffer((void *)(uintptr_t)bytes, n, &small, side, "height", side, "size",
	                          VIPS_SIZE_DOWN, "option_string", "fail_on=truncated",
	                          "export_profile", "srgb", NULL) != 0)
		return NULL;
	if (vips_image_hasalpha(small)) {
		VipsArrayDouble *white = vips_array_double_newv(3, 255.0, 255.0, 255.0);
		if (vips_flatten(small, &flat, "background", white, NULL) != 0)
			flat = NULL;
		vips_area_unref(VIPS_AREA(white));
		g_object_unref(small);
		if (flat == NULL)
			return NULL;
	} else {
		flat = small;
	}
	/* Decoded here, once: the thumbnail is made from this. */
	out = vips_image_copy_memory(flat);
	g_object_unref(flat);
	return out;
}

static bool save(VipsImage *in, void **bytes, size_t *n)
{
	return vips_jpegsave_buffer(in, bytes, n, "Q", QUALITY, "strip", TRUE, "optimize_coding", TRUE,
	                            NULL) == 0;
}

/* A copy with every rectangle in one grey, which is told from night and from a white wall. */
static VipsImage *filled(VipsImage *in, const struct media_rect *rects, size_t count)
{
	enum { GREY = 128 };
	VipsImage *out = vips_image_copy_memory(in);
	for (size_t i = 0; out != NULL && i < count; i++) {
		const struct media_rect *r = &rects[i];
		int w = vips_image_get_width(in), h = vips_image_get_height(in);
		bool within = r->x >= 0 && r->y >= 0 && r->w > 0 && r->h > 0 && r->x <= w && r->w <= w - r->x && r->y <= h && r->h <= h - r->y;
		if (!within || vips_draw_rect1(out, GREY, r->x, r->y, r->w, r->h, "fill", TRUE, NULL) != 0) {
			g_object_unref(out);
			out = NULL;
		}
	}
	return out;
}

enum photo_error photo_recode(const void *bytes, size_t n, struct recoded *out)
{
	return photo_cover(bytes, n, NULL, 0, out);
}

enum photo_error photo_cover(const void *bytes, size_t n, const struct media_rect *rects, size_t count, struct recoded *out)
{
	enum photo_error e = photo_sniff(bytes, n);
	if (e == PHOTO_fine)
		e = header(bytes, n);
	if (e != PHOTO_fine)
		return e;
	VipsImage *photo = shrink(bytes, n, FRAME_SIDE), *thumb = NULL;
	if (photo == NULL)
		return reason();
	if (count > 0) {
		VipsImage *whole = photo;
		photo = filled(whole, rects, count);
		g_object_unref(whole);
		if (photo == NULL)
			return PHOTO_not_image;
	}
	size_t photo_n, thumb_n;
	if (vips_thumbnail_image(photo, &thumb, FRAME_THUMB_SIDE, "height", FRAME_THUMB_SIDE, "size",
	                         VIPS_SIZE_DOWN, NULL) != 0 ||
	    !save(photo, &out->photo, &photo_n) || !save(thumb, &out->thumb, &thumb_n))
		return PHOTO_not_image;
	if (photo_n > FRAME_MAX_PHOTO || thumb_n > FRAME_MAX_THUMB)
		return PHOTO_too_large;
	out->frame = (struct frame){(uint32_t)vips_image_get_width(photo),
		(uint32_t)vips_image_get_height(photo), (uint32_t)photo_n, (uint32_t)thumb_n};
	return PHOTO_fine;
}
