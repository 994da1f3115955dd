#include <string.h>

#include "xom-media/photo.h"

/* Is `word` at `at`? */
static bool has(const char *p, size_t n, size_t at, const char *word)
{
	size_t w = strlen(word);
	return n >= w && at <= n - w && memcmp(p + at, word, w) == 0;
}

/* ISO base media: the brand behind "ftyp", or one of the compatible ones behind it, says HEIF
 * (what iPhones take) or AVIF. */
static bool heif(const char *p, size_t n)
{
	static const char *const brands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "heif",
		"mif1", "msf1", "avif", "avis"};
	if (!has(p, n, 4, "ftyp"))
		return false;
	size_t end = n < 64 ? n : 64; /* brands of one small box; what follows isn't looked at */
	for (size_t at = 8; at + 4 <= end; at += 4)
		for (size_t b = 0; b < sizeof brands / sizeof *brands; b++)
			if (has(p, n, at, brands[b]))
				return true;
	return false;
}

/* A drawing, not a photo: XML whose first kilobyte names <svg. */
static bool svg(const char *p, size_t n)
{
	size_t at = has(p, n, 0, "\xef\xbb\xbf") ? 3 : 0;
	while (at < n && (p[at] == ' ' || (p[at] >= '\t' && p[at] <= '\r')))
		at++;
	if (at == n || p[at] != '<')
		return false;
	size_t look = n - at < 1024 ? n - at : 1024;
	return memmem(p + at, look, "<svg", 4) != NULL;
}

enum photo_error photo_sniff(const void *bytes, size_t n)
{
	const char *p = bytes;
	if (n == 0)
		return PHOTO_empty;
	if (heif(p, n))
		return PHOTO_heic;
	if (has(p, n, 0, "GIF8"))
		return PHOTO_animated;
	return svg(p, n) ? PHOTO_svg : PHOTO_fine;
}

bool photo_is_jpeg(const void *bytes, size_t n) { return has(bytes, n, 0, "\xff\xd8\xff"); }

bool photo_begins(const void *bytes, size_t n)
{
	const char *p = bytes;
	return photo_is_jpeg(p, n) || has(p, n, 0, "\x89PNG\r\n\x1a\n") ||
	       (has(p, n, 0, "RIFF") && has(p, n, 8, "WEBP"));
}
