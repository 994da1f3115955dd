#include "demo/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static float clamp01(float v) { return v < 0 ? 0 : v > 1 ? 1 : v; }

struct rgb rgb_of(uint32_t v)
{
	return (struct rgb){(float)(v >> 16), (float)(v >> 8 & 255), (float)(v & 255)};
}

float pic_random(struct pic *p)
{
	p->state ^= p->state << 13;
	p->state ^= p->state >> 17;
	p->state ^= p->state << 5;
	return (float)(p->state >> 8) / 16777216.0f;
}

float pic_in(struct pic *p, float low, float high) { return low + (high - low) * pic_random(p); }

struct rgb rgb_mix(struct rgb a, struct rgb b, float t)
{
	return (struct rgb){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

struct rgb rgb_dim(struct rgb c, float by) { return (struct rgb){c.r * by, c.g * by, c.b * by}; }

/* A shape is a function of the distance to its border, negative inside; `soft` is the width over
 * which it fades, one pixel for a sharp edge. */
struct shape {
	enum { ELLIPSE = 1, LINE, POLYGON } kind;
	struct dot p[CORNERS];
	int n;
	float rx, ry;
};

static float to_segment(struct dot p, struct dot a, struct dot b)
{
	float dx = b.x - a.x, dy = b.y - a.y, len = dx * dx + dy * dy;
	float t = len > 0 ? clamp01(((p.x - a.x) * dx + (p.y - a.y) * dy) / len) : 0;
	return hypotf(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

static float distance(const struct shape *s, struct dot p)
{
	if (s->kind == ELLIPSE)
		return (hypotf((p.x - s->p[0].x) / s->rx, (p.y - s->p[0].y) / s->ry) - 1) * fminf(s->rx,
		        s->ry);
	if (s->kind == LINE)
		return to_segment(p, s->p[0], s->p[1]) - s->rx;
	float d = 1e9f;
	bool inside = false;
	for (int i = 0, j = s->n - 1; i < s->n; j = i++) {
		struct dot a = s->p[i], b = s->p[j];
		d = fminf(d, to_segment(p, a, b));
		if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
			inside = !inside;
	}
	return inside ? -d : d;
}

static void paint(struct pic *pic, const struct shape *s, struct rgb c, float alpha, float soft)
{
	float x0 = 1e9f, y0 = 1e9f, x1 = -1e9f, y1 = -1e9f;
	/* An ellipse's border fades over more pixels along its longer axis. */
	float pad = s->kind == ELLIPSE ? soft * fmaxf(s->rx, s->ry) / fminf(s->rx,
	        s->ry) + 1 : soft + 1;
	float px = s->kind == POLYGON ? 0 : s->rx, py = s->kind == ELLIPSE ? s->ry : px;
	for (int i = 0; i < s->n; i++) {
		x0 = fminf(x0, s->p[i].x - px - pad);
		y0 = fminf(y0, s->p[i].y - py - pad);
		x1 = fmaxf(x1, s->p[i].x + px + pad);
		y1 = fmaxf(y1, s->p[i].y + py + pad);
	}
	for (int y = (int)fmaxf(y0, 0); y < H && (float)y < y1; y++)
		for (int x = (int)fmaxf(x0, 0); x < W && (float)x < x1; x++) {
			float d = distance(s, (struct dot){(float)x + 0.5f, (float)y + 0.5f});
			float a = clamp01(0.5f - d / soft) * alpha;
			struct rgb *at = &pic->at[y * W + x];
			if (a > 0)
				*at = rgb_mix(*at, c, a);
		}
}

void pic_ellipse(struct pic *p, float x, float y, float rx, float ry, struct rgb c, float alpha,
                    float soft)
{
	paint(p, &(struct shape){ELLIPSE, {{x, y}}, 1, rx, ry}, c, alpha, soft);
}

void pic_line(struct pic *p, float x0, float y0, float x1, float y1, float r, struct rgb c)
{
	paint(p, &(struct shape){LINE, {{x0, y0}, {x1, y1}}, 2, r, r}, c, 1, 1);
}

void pic_streak(struct pic *p, float x0, float y0, float x1, float y1, struct rgb c, float alpha)
{
	paint(p, &(struct shape){LINE, {{x0, y0}, {x1, y1}}, 2, 0.6f, 0.6f}, c, alpha, 1);
}

void pic_polygon(struct pic *p, const struct dot *dots, int n, struct rgb c, float alpha)
{
	struct shape s = {.kind = POLYGON, .n = n};
	memcpy(s.p, dots, (size_t)n * sizeof *dots);
	paint(p, &s, c, alpha, 1);
}

void pic_box(struct pic *p, float x, float y, float w, float h, struct rgb c)
{
	pic_polygon(p, (struct dot[]){{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, 4, c, 1);
}

void pic_shade(struct pic *p, int y0, int y1, struct rgb top, struct rgb bottom)
{
	for (int y = y0; y < y1 && y < H; y++)
		for (int x = 0; x < W; x++)
			p->at[y * W + x] = rgb_mix(top, bottom, (float)(y - y0) / (float)(y1 - y0));
}

void pic_blob(struct pic *p, float x, float y, float rx, float ry, float rough, struct rgb c,
                 float alpha)
{
	struct dot d[CORNERS];
	for (int i = 0; i < CORNERS; i++) {
		float a = (float)i * 6.2831853f / CORNERS, r = pic_in(p, 1 - rough, 1 + rough);
		d[i] = (struct dot){x + cosf(a) * rx * r, y + sinf(a) * ry * r};
	}
	pic_polygon(p, d, CORNERS, c, alpha);
}

static void chunk(struct buf *b, const char *type, const uint8_t *data, size_t n)
{
	uint8_t word[4];
	uLong crc = crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)n);
	for (int end = 0; end < 2; end++) {
		uint32_t v = end ? (uint32_t)crc : (uint32_t)n;
		for (int i = 0; i < 4; i++)
			word[i] = (uint8_t)(v >> (24 - 8 * i));
		buf_add(b, str_n((const char *)word, 4));
		if (!end) {
			buf_addz(b, type);
			buf_add(b, str_n((const char *)data, n));
		}
	}
}

bool pic_png(struct pic *p, struct buf *out)
{
	enum { ROW = 1 + W * 3 };
	static const uint8_t head[13] = {0, 0, W >> 8, W & 255, 0, 0, H >> 8, H & 255, 8, 2, 0, 0, 0};
	uLong size = compressBound((uLong)ROW * H);
	uint8_t *raw = malloc((size_t)ROW * H), *packed = malloc(size);
	bool fine = raw != NULL && packed != NULL;
	for (int y = 0; fine && y < H; y++) {
		uint8_t *row = raw + (size_t)y * ROW, left[3] = {0};
		*row++ = 1; /* each byte as its difference from the pixel to the left */
		for (int x = 0; x < W; x++) {
			struct rgb c = p->at[y * W + x];
			float grain = pic_in(p, -4, 4), rgb[3] = {c.r, c.g, c.b};
			for (int k = 0; k < 3; k++) {
				uint8_t v = (uint8_t)(clamp01((rgb[k] + grain) / 255) * 255);
				*row++ = (uint8_t)(v - left[k]);
				left[k] = v;
			}
		}
	}
	fine = fine && compress2(packed, &size, raw, (uLong)ROW * H, 6) == Z_OK;
	if (fine) {
		buf_add(out, STR("\x89PNG\r\n\x1a\n"));
		chunk(out, "IHDR", head, sizeof head);
		chunk(out, "IDAT", packed, size);
		chunk(out, "IEND", head, 0);
	}
	free(raw);
	free(packed);
	return fine && !out->failed;
}
