/* A kept photo once more, with parts of it covered. */
#include <stdio.h>

#include "kit/base/clock.h"
#include "kit/media/media_private.h"

enum { CELL_LEAST = 32, BLOCK = 16, BLEED = 2 };

static int parts(int side, int longer)
{
	int n = side * MEDIA_CELLS / longer, most = side / CELL_LEAST;
	n = n < most ? n : most;
	return n > 0 ? n : 1;
}

void media_cells(const struct photo *p, int *columns, int *rows)
{
	int longer = p->width > p->height ? p->width : p->height;
	*columns = parts(p->width, longer);
	*rows = parts(p->height, longer);
}

/* A JPEG of colours at half the size is made of blocks of 16 by 16 pixels; its reader mixes the colours of
 * neighbours, so that the pixels beside a block have a little of it, too. */
static void widen(int *at, int *length, int side)
{
	int from = *at / BLOCK * BLOCK - BLEED, to = (*at + *length + BLOCK - 1) / BLOCK * BLOCK + BLEED;
	*at = from > 0 ? from : 0;
	*length = (to < side ? to : side) - *at;
}

struct media_rect media_cell_rect(const struct photo *p, int columns, int rows, int column, int to, int row)
{
	struct media_rect r = {.x = column * p->width / columns, .y = row * p->height / rows};
	r.w = (to + 1) * p->width / columns - r.x;
	r.h = (row + 1) * p->height / rows - r.y;
	widen(&r.x, &r.w, p->width);
	widen(&r.y, &r.h, p->height);
	return r;
}

static bool within(const struct media_rect *r, const struct photo *p)
{
	return r->x >= 0 && r->y >= 0 && r->w > 0 && r->h > 0 && r->x <= p->width && r->w <= p->width - r->x &&
	       r->y <= p->height && r->h <= p->height - r->y;
}

struct covering {
	struct spool *spool;
	const struct media_rect *rects;
	size_t count;
};

static enum rc cover(const char *program, void *ctx, int64_t until, struct decoded *out, enum photo_error *why,
                     struct fault *f)
{
	const struct covering *c = ctx;
	return child_blur(program, c->rects, c->count, c->spool, until, out, why, f);
}

enum rc media_blur(struct media *m, struct arena *a, struct ward_id ward, const struct hash *journey,
                   const struct photo *of, const struct media_rect *rects, size_t count, struct photo *out,
                   enum photo_error *why, struct fault *f)
{
	struct covering c = {.rects = rects, .count = count};
	struct str bytes;
	char dir[64];
	*why = PHOTO_fine;
	if (count == 0 || count > FRAME_MAX_RECTS)
		return fault_set(f, RC_INVALID, "%zu rectangles to cover: 1 to %d", count, FRAME_MAX_RECTS);
	for (size_t i = 0; i < count; i++)
		if (!within(&rects[i], of))
			return fault_set(f, RC_INVALID, "a rectangle to cover is not within the photo");
	enum rc rc = media_read(m, a, ward, of->name, &of->hash, false, &bytes, f);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(dir, sizeof dir, "/proc/self/fd/%d", m->dir);
	rc = spool_new(&c.spool, dir, f);
	if (rc == RC_OK)
		rc = spool_write(c.spool, bytes, f);
	if (rc == RC_OK)
		rc = media_make(m, a, ward, journey, cover, &c, out, why, f);
	spool_free(c.spool);
	/* What was taken for a photo here is none to the decoder: it is damaged. */
	if (rc == RC_INVALID && *why != PHOTO_too_many)
		rc = RC_CORRUPT;
	return rc;
}
