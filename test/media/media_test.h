/* A media folder under /tmp, with photos pushed through the real xom-media. */
#ifndef TEST_MEDIA_MEDIA_TEST_H
#define TEST_MEDIA_MEDIA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "images.h"
#include "kit/base/clock.h"
#include "kit/media/media.h"

struct desk {
	char dir[64];
	struct clock clock;
	struct media *media;
	struct arena arena;
	struct hash journey;
	struct ward_id ward;
	struct photo photo;
	enum photo_error why;
	struct fault fault;
};

void desk_open(struct desk *d, struct media_config extra);
void desk_close(struct desk *d);
/* Sends the bytes; d->photo, d->why and d->fault say what became of them. */
enum rc desk_send(struct desk *d, struct str bytes);
const char *media_program(void);
/* Removes a folder of files made by a test. */
void tree_remove(const char *dir);

#endif
