/* Broken pictures, through the spool and the confined child: each becomes a clean picture or a word why
 * not, within the limits of both, and never the decoder's crash. Broken as pictures are built: bytes,
 * cuts, pieces of another, lengths and sizes, with a PNG's checksums made right again. The seed is
 * printed; XOM_LONG=1 takes many more. */
#include "media_test.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

enum { KINDS = 10, WIDTH = 60, HEIGHT = 44 };
static struct str seeds[KINDS];
static uint64_t state_of;

static uint32_t below(uint32_t n)
{
	state_of = state_of * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state_of >> 33) % n;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void png_sums(uint8_t *p, size_t n)
{
	for (size_t at = 8; at + 12 <= n;) {
		uint32_t size = be32(p + at);
		if (size > n - at - 12)
			return;
		put_be32(p + at + 8 + size, (uint32_t)crc32(0, p + at + 4, size + 4));
		at += 12 + size;
	}
}

/* One to four wounds. */
static struct str wounded(struct str whole)
{
	static const uint8_t ODD[] = {0, 1, 0x7f, 0x80, 0xff, 0xd8, 0xd9, 0xda, 0xc2, 0xdb};
	size_t room = whole.n * 2 + 64, n = whole.n;
	uint8_t *p = g_malloc0(room);
	memcpy(p, whole.p, n);
	bool png = memcmp(p, "\x89PNG", 4) == 0, mend = below(8) != 0;
	for (uint32_t wounds = 1 + below(4); wounds > 0 && n > 16; wounds--) {
		size_t at = below((uint32_t)n), head = below(n < 80 ? (uint32_t)n : 80);
		switch (below(8)) {
		case 0: p[at] ^= (uint8_t)(1u << below(8)); break;
		case 1: p[at] = ODD[below(sizeof ODD)]; break;
		case 2: p[head] = ODD[below(sizeof ODD)]; break;   /* sizes and lengths stand near the front */
		case 3: n = at + 1; break;
		case 4: {                                              /* a piece of another */
			struct str other = seeds[below(KINDS)];
			size_t take = below((uint32_t)(other.n < room - n ? other.n : room - n)) / 2;
			memmove(p + at + take, p + at, n - at);
			memcpy(p + at, other.p + below((uint32_t)(other.n - take)), take);
			n += take;
			break;
		}
		case 5: {                                              /* a piece is gone */
			size_t take = below((uint32_t)(n - at));
			memmove(p + at, p + at + take, n - at - take);
			n -= take;
			break;
		}
		case 6: put_be32(p + (head + 4 <= n ? head : 0), 1u << below(32)); break;
		default: memset(p + at, 0xff, below((uint32_t)(n - at < 16 ? n - at : 16))); break;
		}
	}
	if (png && mend)
		png_sums(p, n);
	if (n > 12 && memcmp(p, "RIFF", 4) == 0 && mend)
		for (int i = 0; i < 4; i++)
			p[4 + i] = (uint8_t)((n - 8) >> (8 * i));
	return str_n((char *)p, n);
}

static void clean(struct desk *d)
{
	struct str photo, thumb;
	struct seen s, t;
	assert_int_equal(media_wait_read(d->media, &d->arena, d->ward, &d->journey, d->photo.name, false, &photo, NULL), RC_OK);
	assert_int_equal(media_wait_read(d->media, &d->arena, d->ward, &d->journey, d->photo.name, true, &thumb, NULL), RC_OK);
	assert_true(image_look(photo, &s) && image_look(thumb, &t));
	assert_true(s.jpeg && t.jpeg && !s.metadata && !t.metadata && s.eight_bit && s.srgb);
	assert_true(s.width <= 1600 && s.height <= 1600 && t.width <= 320 && t.height <= 320);
	assert_int_equal(media_wait_drop(d->media, d->ward, &d->journey, d->photo.name, NULL), RC_OK);
}

static void pictures_never_come_out_broken(void **state)
{
	(void)state;
	static const enum image_kind KIND[KINDS] = {IMAGE_JPEG, IMAGE_JPEG_TAGGED, IMAGE_JPEG_CMYK, IMAGE_JPEG_GREY,
		IMAGE_JPEG_PROGRESSIVE, IMAGE_PNG, IMAGE_PNG_16, IMAGE_PNG_ALPHA, IMAGE_PNG_INTERLACED, IMAGE_WEBP};
	const char *given = getenv("XOM_SEED"), *longer = getenv("XOM_LONG");
	int taken = 0, refused = 0, rounds = longer != NULL && longer[0] != '\0' ? 400 : 60;
	struct desk d;
	struct rusage used;
	uint32_t seed;
	random_bytes(&seed, sizeof seed);
	state_of = given != NULL ? strtoull(given, NULL, 10) : seed;
	print_message("XOM_SEED=%llu\n", (unsigned long long)state_of);
	for (int i = 0; i < KINDS; i++)
		seeds[i] = image_make(KIND[i], WIDTH, HEIGHT);
	desk_open(&d, (struct media_config){0});
	for (int i = 0; i < rounds; i++) {
		struct str bytes = wounded(seeds[i % KINDS]);
		enum rc rc = desk_send(&d, bytes);
		if (rc == RC_OK) {
			clean(&d);
			taken++;
		} else {
			/* A word for the resident; and not the decoder's death, whichever that is. */
			if (rc != RC_INVALID || d.why <= PHOTO_fine || d.why == PHOTO_busy || d.why == PHOTO_unconfined ||
			    strstr(d.fault.text, "signal") != NULL || strstr(d.fault.text, "status") != NULL) {
				FILE *out = fopen("/tmp/xom-broken-picture", "w");
				if (out != NULL && fwrite(bytes.p, 1, bytes.n, out) == bytes.n)
					(void)fclose(out);
				fail_msg("picture %d (kept as /tmp/xom-broken-picture): %s, %s, %s", i, rc_name(rc), photo_error_name(d.why), d.fault.text);
			}
			refused++;
		}
		g_free((void *)bytes.p);
	}
	desk_close(&d);
	for (int i = 0; i < KINDS; i++)
		g_free((void *)seeds[i].p);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
	print_message("%d taken, %d refused; the largest child took %ld KiB\n", taken, refused, used.ru_maxrss);
	assert_true(taken > 0 && refused > 0);
	assert_true(used.ru_maxrss < 1280 << 10);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(pictures_never_come_out_broken)};
	if (crypto_start(NULL) != RC_OK)
		return 1;
	images_start();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	images_end();
	return failed;
}
