#include "demo/draw.h"

#include <math.h>
#include <stdlib.h>

#include "demo/canvas.h"

/* Cables that sag between two poles. */
static void cable(struct pic *p, float y0, float y1, float sag, float r, struct rgb c)
{
	for (int i = 0; i < 24; i++) {
		float s = (float)i / 24, t = (float)(i + 1) / 24;
		pic_line(p, s * W, y0 + (y1 - y0) * s + sag * 4 * s * (1 - s), t * W,
		     y0 + (y1 - y0) * t + sag * 4 * t * (1 - t), r, c);
	}
}

/* A row of tube houses, narrow and of every height, standing on `ground`. */
static void houses(struct pic *p, float ground, float size, bool night)
{
	static const uint32_t walls[] = {0xe8d3a2, 0xd9b79a, 0xbfd0c4, 0xe6e0d2, 0xd8c0c8, 0xa9c0d4};
	for (float x = -20; x < W;) {
		float w = pic_in(p, 70, 120) * size, h = pic_in(p, 170, 330) * size;
		struct rgb wall = rgb_of(walls[(int)(pic_random(p) * 5.99f)]);
		wall = night ? rgb_mix(rgb_dim(wall, 0.13f), rgb_of(0x141c30), 0.4f)
		             : rgb_dim(wall, pic_in(p, 0.86f, 1));
		pic_box(p, x, ground - h, w, h, wall);
		pic_box(p, x, ground - h - 6, w, 8, rgb_dim(wall, 0.8f));
		pic_box(p, x + w - 5, ground - h, 5, h, rgb_dim(wall, 0.88f)); /* the side in shadow */
		for (float y = ground - h + 18 * size; y < ground - 70 * size; y += 58 * size) {
			struct rgb pane = night ? pic_random(p) < 0.3f ? rgb_of(0xf3c877) : rgb_dim(wall, 0.55f)
			                        : rgb_mix(rgb_of(0x5b7a8c), rgb_of(0x9db9c6), pic_random(p));
			pic_box(p, x + w * 0.18f, y, w * 0.6f, 32 * size, pane);
			pic_line(p, x + w * 0.48f, y, x + w * 0.48f, y + 32 * size, 1.2f, rgb_dim(wall, 0.7f));
			pic_box(p, x + w * 0.12f, y + 33 * size, w * 0.72f, 4 * size, rgb_dim(wall, 0.7f));
		}
		pic_box(p, x + w * 0.12f, ground - 58 * size, w * 0.72f, 58 * size,
		    night ? rgb_dim(wall, 0.5f) : rgb_mix(wall, rgb_of(0x5a4a42), 0.65f));
		x += w + 1;
	}
}

static void tree(struct pic *p, float x, float ground, float size)
{
	pic_line(p, x, ground, x + 6, ground - 150 * size, 8 * size, rgb_of(0x5d4a3a));
	for (int i = 0; i < 26; i++) {
		float a = pic_in(p, 0, 6.28f), r = pic_in(p, 0, 75) * size;
		pic_ellipse(p, x + cosf(a) * r, ground - 185 * size + sinf(a) * r * 0.7f, 30 * size,
		        25 * size, rgb_mix(rgb_of(0x2f5d35), rgb_of(0x6f9c4e), pic_random(p)), 0.9f, 6);
	}
}

/* A road that runs away from the viewer, kerbs and a broken line along its middle. */
static void road(struct pic *p, float top, struct rgb tar, struct rgb pavement)
{
	float far = W / 2.0f;
	pic_shade(p, (int)top, H, rgb_dim(pavement, 0.85f), pavement);
	pic_polygon(p, (struct dot[]){{far - 90, top}, {far + 90, top}, {W + 160, H}, {-160, H}}, 4,
	        rgb_dim(tar, 1.5f), 1);
	pic_polygon(p, (struct dot[]){{far - 84, top}, {far + 84, top}, {W + 130, H}, {-130, H}}, 4,
	        tar, 1);
	for (int i = 0; i < 900; i++) { /* grit */
		float y = pic_in(p, top, H), half = 84 + (y - top) / (H - top) * (W / 2.0f + 40);
		pic_ellipse(p, far + pic_in(p, -half, half) * 0.95f, y, pic_in(p, 0.5f, 2), 0.9f,
		        rgb_dim(tar, pic_in(p, 0.75f, 1.3f)), 0.7f, 1);
	}
	for (float t = 0.04f; t < 1; t += 0.24f) {
		float y0 = top + (H - top) * t * t, y1 = top + (H - top) * (t + 0.13f) * (t + 0.13f);
		float w0 = 2 + 8 * t, w1 = 2 + 8 * (t + 0.1f);
		pic_polygon(p, (struct dot[]){{far - w0, y0}, {far + w0, y0}, {far + w1, y1},
		        {far - w1, y1}}, 4, rgb_of(0xd9d4c4), 0.9f);
	}
}

static void day(struct pic *p, float ground, struct rgb sky, bool trees)
{
	pic_shade(p, 0, (int)ground, sky, rgb_mix(sky, rgb_of(0xffffff), 0.6f));
	for (int i = 0; i < 9; i++)
		pic_ellipse(p, pic_in(p, 0, W), pic_in(p, 20, 120), pic_in(p, 60, 160), pic_in(p, 10, 26),
		        rgb_of(0xffffff), 0.35f, 30);
	houses(p, ground, 0.62f, false);
	for (int i = 0; trees && i < 3; i++)
		tree(p, (float)i * 400 + pic_in(p, 20, 110), ground + 14, pic_in(p, 0.7f, 0.9f));
	cable(p, pic_in(p, 60, 110), pic_in(p, 40, 120), 55, 1.5f, rgb_of(0x3b3b40));
	cable(p, pic_in(p, 70, 120), pic_in(p, 60, 130), 70, 1.2f, rgb_of(0x3b3b40));
}

static void lamp(struct pic *p, bool mended)
{
	float x = pic_in(p, 330, 560), top = 120;
	pic_shade(p, 0, 520, rgb_of(0x0a1124), rgb_of(0x26304d));
	for (int i = 0; i < 90; i++)
		pic_ellipse(p, pic_in(p, 0, W), pic_in(p, 0, 300), 1, 1, rgb_of(0xffffff), pic_in(p, 0.1f,
		        0.7f), 1.5f);
	float moon = pic_in(p, 90, 220);
	pic_ellipse(p, moon, 110, 80, 80, rgb_of(0x8fa3cf), 0.25f, 100);
	pic_ellipse(p, moon, 110, 30, 30, rgb_of(0xe8e6d4), 1, 2);
	houses(p, 530, 0.95f, true);
	pic_shade(p, 530, 570, rgb_of(0x2b2d38), rgb_of(0x23252f));
	pic_shade(p, 570, H, rgb_of(0x1b1d26), rgb_of(0x101218));
	cable(p, 160, 210, 60, 2, rgb_of(0x05070d));
	cable(p, 175, 200, 75, 1.5f, rgb_of(0x05070d));
	if (mended) {
		pic_ellipse(p, x + 130, 590, 330, 100, rgb_of(0xffd88a), 0.75f, 170);
		for (int i = 0; i < 6; i++) {
			float w = 60 + 32 * (float)i;
			pic_polygon(p, (struct dot[]){{x + 105, top + 14}, {x + 155, top + 14}, {x + 130 + w,
			        600},
				{x + 130 - w, 600}}, 4, rgb_of(0xffdf9a), 0.07f);
		}
	}
	struct rgb steel = mended ? rgb_of(0x77777a) : rgb_of(0x343a48);
	pic_line(p, x, 585, x, top + 20, 8, steel);
	pic_line(p, x - 3, 585, x - 3, top + 20, 1.5f, rgb_dim(steel, 1.5f));
	pic_line(p, x, top + 22, x + 40, top - 2, 6, steel);
	pic_line(p, x + 40, top - 2, x + 110, top, 6, steel);
	pic_box(p, x - 16, 560, 32, 30, rgb_dim(steel, 0.8f));
	pic_polygon(p, (struct dot[]){{x + 92, top - 14}, {x + 165, top - 8}, {x + 160, top + 10},
	        {x + 95, top + 10}},
	        4, rgb_dim(steel, 1.2f), 1);
	if (mended) {
		pic_ellipse(p, x + 130, top + 14, 100, 70, rgb_of(0xffe6a8), 0.55f, 110);
		pic_ellipse(p, x + 130, top + 12, 30, 7, rgb_of(0xfffbe8), 1, 3);
	} else {
		pic_ellipse(p, x + 130, top + 12, 28, 6, rgb_of(0x1a1e2a), 1, 1.5f);
		pic_line(p, x + 112, top + 10, x + 122, top + 17, 1, rgb_of(0x9aa4b8)); /* cracked */
		pic_line(p, x + 122, top + 17, x + 134, top + 9, 1, rgb_of(0x9aa4b8));
	}
}

static void wall(struct pic *p, struct rgb c)
{
	pic_shade(p, 0, 470, rgb_dim(c, 1.04f), rgb_dim(c, 0.9f));
	for (int i = 0; i < 60; i++) /* weather on the plaster */
		pic_ellipse(p, pic_in(p, 0, W), pic_in(p, 0, 470), pic_in(p, 20, 120), pic_in(p, 8, 60),
		        rgb_dim(c, pic_in(p, 0.8f, 1.1f)), 0.12f, 40);
	pic_shade(p, 400, 470, rgb_dim(c, 0.72f), rgb_dim(c, 0.6f));
	pic_shade(p, 470, H, rgb_of(0x9c948a), rgb_of(0xb8afa2));
	for (float y = 470, step = 22; y < H; y += step, step *= 1.35f)
		pic_line(p, 0, y, W, y, 1.2f, rgb_of(0x857d73));
	for (int i = -8; i < 17; i++)
		pic_line(p, 480 + ((float)i - 4) * 70, 470, 480 + ((float)i - 4) * 190, H, 1.2f,
		        rgb_of(0x857d73));
}

static void carton(struct pic *p, float x, float y, float w, float h)
{
	struct rgb c = rgb_mix(rgb_of(0xb98a56), rgb_of(0xd3a873), pic_random(p));
	pic_polygon(p, (struct dot[]){{x, y}, {x + w * 0.25f, y - w * 0.2f}, {x + w * 1.2f,
	        y - w * 0.2f}, {x + w, y}}, 4,
	        rgb_dim(c, 1.15f), 1);
	pic_polygon(p, (struct dot[]){{x + w, y}, {x + w * 1.2f, y - w * 0.2f}, {x + w * 1.2f,
	        y + h - w * 0.2f},
		{x + w, y + h}}, 4, rgb_dim(c, 0.75f), 1);
	pic_box(p, x, y, w, h, c);
	pic_box(p, x + w * 0.42f, y, w * 0.12f, h, rgb_dim(c, 0.88f));
}

static void rubbish(struct pic *p, bool mended)
{
	static const uint32_t bags[] = {0x23262b, 0x2f4f7a, 0x3f6b4b, 0xd7dade, 0x2b2b30, 0xa8443d};
	wall(p, rgb_mix(rgb_of(0xd9ab56), rgb_of(0xcfa06a), pic_random(p)));
	if (mended) {
		pic_ellipse(p, 500, 608, 105, 20, rgb_of(0x4a453f), 0.5f, 20);
		pic_polygon(p, (struct dot[]){{415, 380}, {585, 380}, {570, 605}, {430, 605}}, 4,
		        rgb_of(0x2e7d4f), 1);
		pic_polygon(p, (struct dot[]){{545, 380}, {585, 380}, {570, 605}, {540, 605}}, 4,
		        rgb_of(0x256b42), 1);
		pic_polygon(p, (struct dot[]){{402, 380}, {420, 348}, {580, 348}, {598, 380}}, 4,
		        rgb_of(0x38945f), 1);
		pic_ellipse(p, 500, 480, 34, 34, rgb_of(0xe8efe9), 0.9f, 1.5f);
		return;
	}
	pic_ellipse(p, 480, 640, 370, 46, rgb_of(0x3f3a35), 0.55f, 40);
	carton(p, pic_in(p, 170, 220), 470, 130, 120);
	carton(p, pic_in(p, 640, 690), 500, 110, 100);
	for (int i = 0; i < 17; i++) {
		float row = (float)(i / 6), x = 250 + (float)(i % 6) * 92 + pic_in(p, -30, 30) + row * 14;
		float y = 500 + row * 60 + pic_in(p, -12, 12), r = pic_in(p, 48, 72);
		struct rgb c = rgb_of(bags[(int)(pic_random(p) * 5.99f)]);
		pic_ellipse(p, x, y + r * 0.25f, r * 1.02f, r * 0.85f, rgb_dim(c, 0.55f), 1, 2);
		pic_ellipse(p, x, y, r, r * 0.85f, c, 1, 2);
		pic_ellipse(p, x - r * 0.3f, y - r * 0.3f, r * 0.4f, r * 0.26f, rgb_mix(c, rgb_of(0xffffff),
		        0.4f), 0.5f, 22);
		for (int k = 0; k < 4; k++)
			pic_line(p, x, y - r * 0.8f, x + pic_in(p, -0.6f, 0.6f) * r, y - pic_in(p, 0, 0.3f) * r,
			        1.2f,
			     rgb_dim(c, 0.75f));
		pic_blob(p, x, y - r * 0.92f, r * 0.2f, r * 0.17f, 0.3f, rgb_dim(c, 0.9f), 1);
	}
	for (int i = 0; i < 22; i++)
		pic_blob(p, pic_in(p, 130, 850), pic_in(p, 622, 690), pic_in(p, 5, 18), pic_in(p, 3, 9),
		        0.4f,
		     rgb_mix(rgb_of(0xf2efe6), rgb_of(0x6f8f4a), pic_random(p)), 0.95f);
}

static void pothole(struct pic *p, bool mended)
{
	float x = pic_in(p, 380, 560), y = pic_in(p, 535, 575);
	day(p, 300, rgb_of(0x8fbbdc), true);
	road(p, 300, rgb_of(0x55565a), rgb_of(0xb5aa9a));
	if (mended) {
		pic_polygon(p, (struct dot[]){{x - 190, y - 62}, {x + 170, y - 66}, {x + 225, y + 72},
		        {x - 240, y + 76}},
		        4, rgb_of(0x34353a), 1);
		for (int i = 0; i < 500; i++)
			pic_ellipse(p, x + pic_in(p, -190, 180), y + pic_in(p, -60, 68), 1.2f, 0.9f,
			        rgb_dim(rgb_of(0x3f4046), pic_in(p, 0.6f, 1.4f)), 0.8f, 1);
		return;
	}
	for (int i = 0; i < 9; i++) { /* cracks that run from the hole */
		float a = pic_in(p, 0, 6.28f), cx = x, cy = y;
		for (int k = 0; k < 9; k++, a += pic_in(p, -0.5f, 0.5f)) {
			float nx = cx + cosf(a) * 36, ny = cy + sinf(a) * 14;
			pic_line(p, cx, cy, nx, ny, 1.7f - (float)k * 0.15f, rgb_of(0x2b2b2e));
			cx = nx;
			cy = ny;
		}
	}
	pic_blob(p, x, y + 3, 192, 78, 0.09f, rgb_of(0x85807a), 1);
	pic_blob(p, x, y, 178, 68, 0.08f, rgb_of(0x2c2a29), 1);
	pic_blob(p, x + 4, y + 9, 158, 54, 0.07f, rgb_of(0x4a4038), 1);
	pic_blob(p, x + 8, y + 18, 118, 34, 0.06f, rgb_of(0x7d8f9c),
	        0.9f); /* water that shows the sky */
	pic_ellipse(p, x - 14, y + 13, 52, 8, rgb_of(0xdfeaf2), 0.55f, 12);
	for (int i = 0; i < 40; i++)
		pic_blob(p, x + pic_in(p, -250, 250), y + pic_in(p, -85, 100), pic_in(p, 3, 9), pic_in(p, 2,
		        6), 0.3f,
		     rgb_dim(rgb_of(0x6f6a66), pic_in(p, 0.7f, 1.3f)), 1);
}

static void grate(struct pic *p, float x, float y, float alpha)
{
	pic_polygon(p, (struct dot[]){{x - 120, y - 34}, {x + 120, y - 34}, {x + 145, y + 38}, {x - 145,
	        y + 38}}, 4,
	        rgb_of(0x2a2c2f), alpha);
	for (int i = -4; i <= 4; i++) {
		float s = (float)i * 27;
		pic_polygon(p, (struct dot[]){{x + s - 7, y - 28}, {x + s + 5, y - 28}, {x + s * 1.2f + 6,
		        y + 31},
			{x + s * 1.2f - 8, y + 31}}, 4, rgb_of(0x767a7f), alpha);
	}
}

static void drain(struct pic *p, bool mended)
{
	float x = pic_in(p, 330, 620);
	day(p, 300, mended ? rgb_of(0x9cc3e0) : rgb_of(0x8a949c), mended);
	road(p, 300, rgb_of(0x5c5d60), rgb_of(0xaaa294));
	if (mended) {
		grate(p, x, 590, 1);
		return;
	}
	for (int y = 340; y < H; y++) /* the street gives back what stands over it, broken by waves */
		for (int px = 0; px < W; px++) {
			float depth = (float)(y - 340) / (H - 340);
			float wave = sinf((float)y * 0.33f / (0.3f + depth) + (float)px * 0.012f);
			int sx = px + (int)(wave * (2 + 9 * depth));
			int sy = 340 - (int)((float)(y - 340) * 0.85f);
			struct rgb back = p->at[(sy < 0 ? 0 : sy) * W + (sx < 0 ? 0 : sx >= W ? W - 1 : sx)];
			p->at[y * W + px] = rgb_mix(rgb_mix(rgb_of(0x7a6a52), rgb_of(0x5f5440), depth), back,
			        0.45f - 0.2f * depth);
		}
	grate(p, x, 610, 0.3f);
	for (int i = 0; i < 130; i++) {
		float y = pic_in(p, 345, H), s = (y - 320) / 400;
		pic_ellipse(p, pic_in(p, 0, W), y, 70 * s, 1.6f * s + 0.6f, rgb_of(0xc9c2b2), 0.4f, 3);
	}
	for (int i = 0; i < 26; i++)
		pic_blob(p, x + pic_in(p, -230, 230), 610 + pic_in(p, -60, 70), pic_in(p, 6, 20), pic_in(p,
		        3, 8), 0.35f,
		     rgb_mix(rgb_of(0x6d7d3a), rgb_of(0xd8d2c4), pic_random(p)), 0.9f);
	for (int i = 0; i < 170; i++) { /* rain */
		float rx = pic_in(p, 0, W), ry = pic_in(p, -20, H);
		pic_streak(p, rx, ry, rx - 5, ry + 26, rgb_of(0xe8eef2), 0.35f);
	}
}

static void fire(struct pic *p, bool mended)
{
	wall(p, rgb_mix(rgb_of(0xcfc6b4), rgb_of(0xb9c4bd), pic_random(p)));
	pic_box(p, 368, 150, 224, 330, rgb_of(0x6a6258));
	pic_box(p, 380, 162, 200, 318, rgb_of(0x9a3b32));
	pic_box(p, 392, 178, 176, 120, rgb_of(0x8a332b));
	pic_box(p, 392, 318, 176, 150, rgb_of(0x8a332b));
	pic_box(p, 545, 320, 16, 40, rgb_of(0xd8d2c4));
	pic_box(p, 400, 88, 160, 46, rgb_of(0x1f8a4c)); /* a running figure and an arrow: the way out */
	pic_ellipse(p, 440, 99, 5, 5, rgb_of(0xffffff), 1, 1);
	pic_line(p, 439, 106, 434, 116, 3, rgb_of(0xffffff));
	pic_line(p, 434, 116, 443, 126, 2.2f, rgb_of(0xffffff));
	pic_line(p, 434, 116, 425, 124, 2.2f, rgb_of(0xffffff));
	pic_line(p, 438, 108, 448, 112, 2, rgb_of(0xffffff));
	pic_line(p, 470, 111, 520, 111, 3.5f, rgb_of(0xffffff));
	pic_polygon(p, (struct dot[]){{516, 98}, {540, 111}, {516, 124}}, 3, rgb_of(0xffffff), 1);
	pic_box(p, 660, 250, 46, 120, rgb_of(0xc2281f)); /* extinguisher */
	pic_ellipse(p, 683, 250, 23, 14, rgb_of(0xc2281f), 1, 1.5f);
	pic_box(p, 667, 290, 32, 40, rgb_of(0xf1ece2));
	pic_line(p, 683, 238, 683, 226, 5, rgb_of(0x2a2a2a));
	if (mended)
		return;
	pic_ellipse(p, 480, 640, 300, 40, rgb_of(0x3f3a35), 0.5f, 36);
	for (int i = 0; i < 3; i++)
		carton(p, 330 + (float)i * 105 + pic_in(p, -8, 8), 545 - pic_in(p, 0, 8), 100, 90);
	for (int i = 0; i < 2; i++)
		carton(p, 365 + (float)i * 112 + pic_in(p, -10, 10), 450, 104, 92);
	carton(p, 420 + pic_in(p, -12, 12), 362, 96, 84);
	for (int i = 0; i < 5; i++) /* loose wires above the door */
		cable(p, pic_in(p, 20, 90), pic_in(p, 10, 80), pic_in(p, 20, 60), pic_in(p, 1, 2.4f),
		        rgb_of(0x2a2a2c));
}

enum rc draw_png(enum draw_scene scene, bool mended, uint32_t seed, struct buf *out,
        struct fault *f)
{
	static void (*const draw[])(struct pic *p, bool mended) = {[DRAW_LAMP] = lamp,
		[DRAW_RUBBISH] = rubbish, [DRAW_POTHOLE] = pothole, [DRAW_DRAIN] = drain,
		        [DRAW_FIRE] = fire};
	struct pic p = {calloc((size_t)W * H, sizeof *p.at), (seed + 1) * 2654435761u | 1};
	if (p.at == NULL)
		return fault_set(f, RC_NOMEM, "no memory to draw a photo");
	for (int i = 0; i < 8; i++)
		(void)pic_random(&p);
	draw[scene](&p, mended);
	bool fine = pic_png(&p, out);
	free(p.at);
	return fine ? RC_OK : fault_set(f, RC_NOMEM, "no memory to write a photo");
}
