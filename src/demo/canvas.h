/* A canvas of 960 × 720 and a few shapes with soft borders, in pixels from the top left. Private
 * to the demo's drawings. All chance comes from the canvas's seed. */
#ifndef XOM_DEMO_CANVAS_H
#define XOM_DEMO_CANVAS_H

#include "kit/base/str.h"

enum { W = 960, H = 720, CORNERS = 16 };

struct rgb {
	float r, g, b;      /* 0 to 255 */
};
struct dot {
	float x, y;
};
struct pic {
	struct rgb *at;     /* W × H, by rows; malloc'd */
	uint32_t state;     /* of the random numbers; never 0 */
};

struct rgb rgb_of(uint32_t rrggbb);
struct rgb rgb_mix(struct rgb a, struct rgb b, float t);
struct rgb rgb_dim(struct rgb c, float by);
float pic_random(struct pic *p);
float pic_in(struct pic *p, float low, float high);

/* `soft` is the width in pixels over which a border fades; 1 is sharp. */
void pic_ellipse(struct pic *p, float x, float y, float rx, float ry, struct rgb c, float alpha,
             float soft);
void pic_line(struct pic *p, float x0, float y0, float x1, float y1, float r, struct rgb c);
void pic_streak(struct pic *p, float x0, float y0, float x1, float y1, struct rgb c, float alpha);
void pic_polygon(struct pic *p, const struct dot *dots, int n, struct rgb c, float alpha);
void pic_box(struct pic *p, float x, float y, float w, float h, struct rgb c);
/* A rough round thing: a hole, a puddle, a scrap. */
void pic_blob(struct pic *p, float x, float y, float rx, float ry, float rough, struct rgb c,
          float alpha);
/* From colour to colour downwards, over the whole width. */
void pic_shade(struct pic *p, int y0, int y1, struct rgb top, struct rgb bottom);

/* Adds film grain and writes a PNG. False: no memory. */
bool pic_png(struct pic *p, struct buf *out);

#endif
