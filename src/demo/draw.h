/* Photos for the demo: street scenes drawn from a seed, as PNG files that then go through
 * xom-media like anybody's. In one build the same scene and seed give the same bytes,
 * and the place as it was and as it is mended shows the same houses. */
#ifndef XOM_DEMO_DRAW_H
#define XOM_DEMO_DRAW_H

#include "kit/base/str.h"

enum draw_scene {
	DRAW_LAMP = 1,   /* a street lamp at night: dark, or lit again */
	DRAW_RUBBISH,    /* a heap on the pavement: or swept, with a bin */
	DRAW_POTHOLE,    /* a hole in the road: or a patch */
	DRAW_DRAIN,      /* a flooded street: or dry, the grate clear */
	DRAW_FIRE,       /* a blocked way out: or free */
};

/* 960 × 720, under 2 MB. `mended`: as the place looks after the work. RC_NOMEM. */
enum rc draw_png(enum draw_scene scene, bool mended, uint32_t seed, struct buf *out,
                 struct fault *f);

#endif
