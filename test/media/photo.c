/* What becomes of photos, good and bad: through media_wait, the spool and the confined child. */
#include "media_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

static struct desk desk;

static int set_up(void **state)
{
	(void)state;
	desk_open(&desk, (struct media_config){0});
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

/* Sends it, expects it taken, and looks at what can be read back. */
static struct seen taken(struct str bytes, struct str *clean)
{
	struct seen s, t;
	struct str thumb;
	if (desk_send(&desk, bytes) != RC_OK)
		fail_msg("%s: %s", photo_error_name(desk.why), desk.fault.text);
	assert_int_equal(desk.why, PHOTO_fine);
	assert_int_equal(media_wait_read(desk.media, &desk.arena, desk.ward, &desk.journey,
		desk.photo.name, false, clean, NULL), RC_OK);
	assert_int_equal(media_wait_read(desk.media, &desk.arena, desk.ward, &desk.journey,
		desk.photo.name, true, &thumb, NULL), RC_OK);
	assert_true(image_look(*clean, &s));
	assert_true(image_look(thumb, &t));
	assert_true(s.jpeg && t.jpeg && s.eight_bit && t.eight_bit);
	assert_false(s.metadata || t.metadata);
	assert_int_equal(s.width, desk.photo.width);
	assert_int_equal(s.height, desk.photo.height);
	assert_int_equal(clean->n, desk.photo.size);
	assert_true(s.width <= 1600 && s.height <= 1600 && t.width <= 320 && t.height <= 320);
	struct hash h = hash_of(NULL, "photo", *clean);
	assert_true(hash_eq(&h, &desk.photo.hash));
	return s;
}

static void good_photos(void **state)
{
	(void)state;
	static const struct {
		enum image_kind kind;
		int w, h, out_w, out_h;
	} rows[] = {
		{IMAGE_JPEG, 3000, 2000, 1600, 1067}, {IMAGE_JPEG, 300, 200, 300, 200},
		{IMAGE_JPEG_PROGRESSIVE, 1000, 2000, 800, 1600}, {IMAGE_JPEG_GREY, 640, 480, 640, 480},
		{IMAGE_JPEG_CMYK, 640, 480, 640, 480}, {IMAGE_PNG, 640, 480, 640, 480},
		{IMAGE_PNG_16, 640, 480, 640, 480}, {IMAGE_PNG_INTERLACED, 640, 480, 640, 480},
		{IMAGE_WEBP, 640, 480, 640, 480}, {IMAGE_PNG, 1, 1, 1, 1}, {IMAGE_PNG, 9000, 2, 1600, 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str bytes = image_make(rows[i].kind, rows[i].w, rows[i].h), clean;
		struct seen s = taken(bytes, &clean);
		assert_int_equal(s.width, rows[i].out_w);
		assert_int_equal(s.height, rows[i].out_h);
		assert_true(s.srgb);
		assert_int_equal(s.bands, 3);
		if (rows[i].h >= 200 && rows[i].kind != IMAGE_JPEG_GREY) { /* blue stays blue in every coding, CMYK too */
			if (s.corner[2] < 120 || s.corner[2] < s.corner[0] + 60 || s.centre[0] < 60 ||
			    s.centre[2] > 90)
				fail_msg("row %zu: corner %.0f %.0f %.0f, centre %.0f %.0f %.0f", i, s.corner[0],
				         s.corner[1], s.corner[2], s.centre[0], s.centre[1], s.centre[2]);
		}
		assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, desk.photo.name, NULL),
		                 RC_OK);
		g_free((void *)bytes.p);
	}
}

static bool holds(struct str bytes, const char *word)
{
	return str_find(bytes, str_of(word)) != SIZE_MAX;
}

static void metadata_goes(void **state)
{
	(void)state;
	struct str bytes = image_make(IMAGE_JPEG_TAGGED, 800, 600), clean;
	assert_true(holds(bytes, "SECRET-MAKE") && holds(bytes, "SECRET-XMP"));
	struct seen s = taken(bytes, &clean);
	assert_int_equal(s.width, 600); /* turned upright: the corner comes to the right */
	assert_int_equal(s.height, 800);
	assert_true(s.corner[2] < 90);
	assert_false(holds(clean, "SECRET") || holds(clean, "Exif") || holds(clean, "ICC_PROFILE"));
	g_free((void *)bytes.p);
}

static void transparent_is_white(void **state)
{
	(void)state;
	struct str bytes = image_make(IMAGE_PNG_ALPHA, 64, 64), clean;
	struct seen s = taken(bytes, &clean);
	assert_true(s.centre[0] > 250 && s.centre[1] > 250 && s.centre[2] > 250);
	g_free((void *)bytes.p);
}

static void polyglot_comes_out_clean(void **state)
{
	(void)state;
	static const char *const tails[] = {"PK\x03\x04 evil.zip", "<html><script>alert(1)</script>",
		"<?php system('id');"};
	struct str bytes = image_make(IMAGE_JPEG, 200, 200), clean;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		struct buf b = {0};
		buf_add(&b, bytes);
		buf_addz(&b, tails[i]);
		(void)taken(buf_str(&b), &clean);
		assert_false(holds(clean, "evil.zip") || holds(clean, "script") || holds(clean, "system"));
		buf_release(&b);
	}
	/* And one in the middle: a comment segment. */
	struct buf b = {0};
	buf_add(&b, str_sub(bytes, 0, 2));
	buf_add(&b, STR("\xff\xfe\x00\x1b<script>alert(1)</script>"));
	buf_add(&b, str_sub(bytes, 2, bytes.n));
	(void)taken(buf_str(&b), &clean);
	assert_false(holds(clean, "script"));
	buf_release(&b);
	g_free((void *)bytes.p);
}

/* Refused by the program itself, not by its crash. */
static void refused(struct str bytes, enum photo_error why)
{
	if (desk_send(&desk, bytes) != RC_INVALID || desk.why != why)
		fail_msg("%s instead of %s: %s", photo_error_name(desk.why), photo_error_name(why),
		         desk.fault.text);
	assert_null(strstr(desk.fault.text, "died"));
	assert_null(strstr(desk.fault.text, "status"));
}

static void bad_files(void **state)
{
	(void)state;
	static const char zeros[5000];
	refused(STR(""), PHOTO_empty);
	refused(STR("xin ch\xc3\xa0o, t\xc3\xb4i l\xc3\xa0 m\xe1\xbb\x99t t\xe1\xba\xadp tin v\xc4\x83n b\xe1\xba\xa3n"),
	        PHOTO_not_image);
	refused(str_n(zeros, sizeof zeros), PHOTO_not_image);
	refused(STR("%PDF-1.4\n1 0 obj"), PHOTO_not_image);
	refused(STR("<html><body>no</body></html>"), PHOTO_not_image);
	refused(STR("\xff"), PHOTO_not_image);
	refused(STR("\xff\xd8\xff"), PHOTO_truncated);
	refused(STR("<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>"),
	        PHOTO_svg);
	refused(STR("\xef\xbb\xbf\r\n<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'/>"),
	        PHOTO_svg);
	refused(STR("\0\0\0\x18" "ftypheic\0\0\0\0mif1heic"), PHOTO_heic);
	refused(STR("\0\0\0\x18" "ftypmif1\0\0\0\0mif1heic"), PHOTO_heic);
	refused(STR("\0\0\0\x1c" "ftypavif\0\0\0\0avifmif1miaf"), PHOTO_heic);
	refused(STR("\0\0\0\x18" "ftypmp42\0\0\0\0isommp42"), PHOTO_not_image);
	refused(STR("RIFF\x10\0\0\0WEBPVP8 "), PHOTO_truncated);
}

static void other_loaders_are_blocked(void **state)
{
	(void)state;
	struct str gif = image_make(IMAGE_GIF, 32, 32), tiff = image_make(IMAGE_TIFF, 32, 32);
	refused(gif, PHOTO_animated);
	refused(tiff, PHOTO_not_image);
	refused(STR("P6\n1 1\n255\nabc"), PHOTO_not_image);
	g_free((void *)gif.p);
	g_free((void *)tiff.p);
}

static void cut_photos(void **state)
{
	(void)state;
	static const enum image_kind kinds[] = {IMAGE_JPEG, IMAGE_JPEG_PROGRESSIVE, IMAGE_PNG, IMAGE_WEBP,
		IMAGE_PNG_INTERLACED};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		struct str bytes = image_make(kinds[k], 700, 500);
		refused(str_sub(bytes, 0, bytes.n / 2), PHOTO_truncated);
		refused(str_sub(bytes, 0, 40), PHOTO_truncated);
		refused(str_sub(bytes, 0, bytes.n - bytes.n / 20), PHOTO_truncated);
		g_free((void *)bytes.p);
	}
}

static void huge_photos(void **state)
{
	(void)state;
	struct str whole = image_png_huge(50000, 50000);
	assert_true(whole.n > 300000 && whole.n < 312000);
	refused(whole, PHOTO_too_large);
	refused(str_sub(whole, 0, 4096), PHOTO_too_large);
	refused(str_sub(whole, 0, 33), PHOTO_truncated); /* nothing but the header's chunk */
	g_free((void *)whole.p);
	struct str long_one = image_png_huge(4000000, 1);
	refused(long_one, PHOTO_too_large);
	g_free((void *)long_one.p);
	size_t n = ((size_t)48 << 20) + 1;
	char *big = calloc(n, 1);
	assert_non_null(big);
	refused(str_n(big, n), PHOTO_too_large);
	free(big);
}

/* Damage anywhere in the file ends in a photo or in a refusal. */
static void damaged_photos(void **state)
{
	(void)state;
	static const enum image_kind kinds[] = {IMAGE_JPEG_TAGGED, IMAGE_PNG, IMAGE_WEBP};
	uint32_t random = 7;
	for (int round = 0; round < 24; round++) {
		struct str bytes = image_make(kinds[round % 3], 90, 60);
		char *p = (char *)(uintptr_t)bytes.p;
		for (int i = 0; i < 1 + round; i++) {
			random = random * 1664525 + 1013904223;
			p[(random >> 8) % bytes.n] = (char)(random >> 3);
		}
		enum rc rc = desk_send(&desk, bytes);
		if (rc == RC_OK)
			assert_int_equal(media_wait_drop(desk.media, desk.ward, &desk.journey, desk.photo.name,
				NULL), RC_OK);
		else if (rc != RC_INVALID || strstr(desk.fault.text, "died") != NULL ||
		         strstr(desk.fault.text, "status") != NULL)
			fail_msg("round %d: %s", round, desk.fault.text);
		g_free(p);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good_photos, set_up, tear_down),
		cmocka_unit_test_setup_teardown(metadata_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(transparent_is_white, set_up, tear_down),
		cmocka_unit_test_setup_teardown(polyglot_comes_out_clean, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_loaders_are_blocked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut_photos, set_up, tear_down),
		cmocka_unit_test_setup_teardown(huge_photos, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_photos, set_up, tear_down),
	};
	if (crypto_start(NULL) != RC_OK)
		return 1;
	images_start();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	images_end();
	return failed;
}
