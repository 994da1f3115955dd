#include "media_test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *media_program(void)
{
	const char *p = getenv("XOM_MEDIA");
	assert_non_null(p);
	return p;
}

void desk_open(struct desk *d, struct media_config extra)
{
	*d = (struct desk){.ward = {7}};
	memcpy(d->dir, "/tmp/xom-media-XXXXXX", 22);
	assert_non_null(mkdtemp(d->dir));
	clock_init(&d->clock);
	arena_init(&d->arena, ARENA_REQUEST_LIMIT);
	random_bytes(d->journey.b, HASH_SIZE);
	extra.dir = d->dir;
	extra.clock = &d->clock;
	if (extra.program == NULL)
		extra.program = media_program();
	if (media_open(&d->media, &extra, &d->fault) != RC_OK)
		fail_msg("%s", d->fault.text);
}

static int gone(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void tree_remove(const char *dir) { (void)nftw(dir, gone, 8, FTW_DEPTH | FTW_PHYS); }

void desk_close(struct desk *d)
{
	media_close(d->media);
	arena_release(&d->arena);
	tree_remove(d->dir);
}

enum rc desk_send(struct desk *d, struct str bytes)
{
	struct spool *s;
	d->why = PHOTO_fine;
	d->fault = (struct fault){0};
	assert_int_equal(spool_new(&s, d->dir, &d->fault), RC_OK);
	for (size_t at = 0; at < bytes.n; at += 60000) /* not the spool's own block size */
		assert_int_equal(spool_write(s, str_sub(bytes, at, 60000), &d->fault), RC_OK);
	enum rc rc = media_wait(d->media, &d->arena, d->ward, &d->journey, s, &d->photo, &d->why,
	                        &d->fault);
	spool_free(s);
	return rc;
}
