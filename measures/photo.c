/* bench photo: how long media takes for one photo, over and over, as for a resident: from the sealed
 * temporary file through the locked child into the folder of waiting photos, picture and thumbnail.
 *
 * usage: bench-photo DIR XOM-MEDIA FILE COUNT; prints the seconds. */
#include <stdlib.h>

#include "kit/base/file.h"
#include "kit/media/media.h"

enum { FILE_MAX_BYTES = 64 << 20 };

static _Noreturn void die(const char *what, const struct fault *f)
{
	(void)fprintf(stderr, "bench-photo: %s: %s\n", what, f->text);
	exit(1);
}

static void take(struct media *m, const char *dir, struct str bytes, uint8_t n)
{
	struct arena a;
	struct spool *spool = NULL;
	struct photo photo;
	struct fault f = {0};
	enum photo_error why = PHOTO_fine;
	struct hash journey = {{n}};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (spool_new(&spool, dir, &f) != RC_OK || spool_write(spool, bytes, &f) != RC_OK)
		die("the temporary file", &f);
	if (media_wait(m, &a, (struct ward_id){1}, &journey, spool, &photo, &why, &f) != RC_OK)
		die(photo_error_name(why), &f);
	if (media_wait_drop(m, (struct ward_id){1}, &journey, photo.name, &f) != RC_OK)
		die("dropping it", &f);
	spool_free(spool);
	arena_release(&a);
}

int main(int argc, char **argv)
{
	struct fault f = {0};
	struct clock clock;
	struct media *m;
	struct arena a;
	struct str bytes;
	int64_t count;
	if (argc != 5 || !str_i64(str_of(argv[4]), &count) || count < 1) {
		(void)fputs("usage: bench-photo DIR XOM-MEDIA FILE COUNT\n", stderr);
		return 2;
	}
	clock_init(&clock);
	arena_init(&a, FILE_MAX_BYTES);
	const struct media_config config = {.dir = argv[1], .program = argv[2], .clock = &clock};
	if (crypto_start(&f) != RC_OK || file_read(&a, argv[3], FILE_MAX_BYTES, &bytes, &f) != RC_OK ||
	    media_open(&m, &config, &f) != RC_OK)
		die("opening", &f);
	take(m, argv[1], bytes, 0); /* the first one loads the libraries */
	int64_t began = clock_ticks();
	for (int64_t i = 0; i < count; i++)
		take(m, argv[1], bytes, (uint8_t)(i % 250 + 1));
	(void)printf("%.3f\n", (double)(clock_ticks() - began) / (double)US_SECOND);
	media_close(m);
	arena_release(&a);
	return 0;
}
