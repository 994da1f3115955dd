/* xom-media: reads one image on standard input, writes it re-encoded with its thumbnail on
 * standard output (kit/media/frame.h has the form), and ends; with the arguments "blur X,Y,W,H …" the same with
 * these rectangles of it covered, with "calendar YEAR" an iCalendar file's days. Reads no environment, opens no file; locks itself before the first byte is read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xom-media/ics.h"
#include "xom-media/lock.h"
#include "xom-media/photo.h"

#if LOCK_SANITIZER
/* Looking for leaks needs ptrace, which is refused here; and a crash must not look like a
 * refusal of the image. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0:exitcode=99"; }
#endif

static _Noreturn void end(enum photo_error e)
{
	/* No atexit handlers: libraries would try what is refused by now. */
	_exit(e == PHOTO_fine ? 0 : FRAME_REFUSED + (int)e);
}

/* The whole upload, with a NUL behind it. Grows by doubling, so that a small photo takes little memory. */
static char *read_all(size_t *n, size_t most)
{
	size_t have = 0, cap = 1 << 20;
	char *p = malloc(cap + 1);
	while (p != NULL) {
		ssize_t got = read(STDIN_FILENO, p + have, cap - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			end(PHOTO_not_image);
		if (got == 0)
			break;
		have += (size_t)got;
		if (have > most)
			end(PHOTO_too_large);
		if (have == cap) {
			cap *= 2;
			p = realloc(p, cap + 1);
		}
	}
	if (p != NULL)
		p[have] = '\0';
	*n = have;
	return p;
}

static bool write_all(const void *p, size_t n)
{
	const char *at = p;
	while (n > 0) {
		ssize_t put = write(STDOUT_FILENO, at, n);
		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			at += put;
			n -= (size_t)put;
		}
	}
	return true;
}

static _Noreturn void calendar(const char *year)
{
	size_t n, length = 0;
	char *bytes = read_all(&n, FRAME_MAX_CALENDAR), *days = NULL;
	if (bytes == NULL)
		end(PHOTO_too_large);
	enum photo_error e = ics_days(bytes, n, (int)strtol(year, NULL, 10), &days, &length);
	if (e == PHOTO_fine && length > FRAME_MAX_DAYS)
		e = PHOTO_too_large;
	if (e == PHOTO_fine && !write_all(days, length))
		_exit(EXIT_FAILURE);
	end(e);
}

/* "X,Y,W,H" and nothing else. */
static bool read_rect(const char *text, struct media_rect *out)
{
	long n[4];
	for (size_t i = 0; i < 4; i++) {
		char *end = NULL;
		if (*text < '0' || *text > '9')
			return false;
		n[i] = strtol(text, &end, 10);
		if (n[i] > FRAME_SIDE || *end != (i < 3 ? ',' : '\0'))
			return false;
		text = end + 1;
	}
	*out = (struct media_rect){(int)n[0], (int)n[1], (int)n[2], (int)n[3]};
	return true;
}

static size_t read_rects(int argc, char **argv, struct media_rect *rects)
{
	size_t n = 0;
	for (int i = 2; i < argc; i++)
		if (n == FRAME_MAX_RECTS || !read_rect(argv[i], &rects[n++]))
			_exit(EXIT_FAILURE);
	return n;
}

int main(int argc, char **argv)
{
	struct media_rect rects[FRAME_MAX_RECTS] = {{0}};
	bool feed = argc == 3 && strcmp(argv[1], "calendar") == 0;
	if (!lock_process(feed ? LOCK_CALENDAR_S : LOCK_PHOTO_S))
		end(PHOTO_unconfined);
	if (feed)
		calendar(argv[2]);
	if (!photo_start())
		return EXIT_FAILURE;
	size_t n;
	char *bytes = read_all(&n, FRAME_MAX_INPUT);
	if (bytes == NULL)
		end(PHOTO_too_large);
	struct recoded r = {0};
	size_t covered = argc > 2 && strcmp(argv[1], "blur") == 0 ? read_rects(argc, argv, rects) : 0;
	enum photo_error e = photo_cover(bytes, n, rects, covered, &r);
	if (e != PHOTO_fine)
		end(e);
	uint8_t head[FRAME_SIZE];
	frame_write(&r.frame, head);
	if (!write_all(head, sizeof head) || !write_all(r.photo, r.frame.photo) ||
	    !write_all(r.thumb, r.frame.thumb))
		_exit(EXIT_FAILURE);
	end(PHOTO_fine);
}
