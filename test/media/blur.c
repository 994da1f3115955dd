/* Parts of a kept photo covered: which pixels are left, that none depends on what was covered, and what is refused. */
#include "media_test.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vips/vips.h>

#include "kit/media/child.h"

enum { W = 480, H = 320, GREY = 128 };
static struct desk desk;
static uint8_t pixels[H][W][3];

static int set_up(void **state)
{
	(void)state;
	desk_open(&desk, (struct media_config){0});
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

/* Something everywhere, and a face of that seed in `at`. */
static void paint(int seed, struct media_rect at)
{
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			for (int b = 0; b < 3; b++) {
				bool face = x >= at.x && x < at.x + at.w && y >= at.y && y < at.y + at.h;
				pixels[y][x][b] = (uint8_t)(face ? x * seed * 37 + y * 11 * seed + b * 90 : x / 4 + y / 4 + b * 20);
			}
}

static struct photo kept(void)
{
	void *bytes = NULL;
	size_t n = 0;
	VipsImage *in = vips_image_new_from_memory_copy(pixels, sizeof pixels, W, H, 3, VIPS_FORMAT_UCHAR);
	assert_int_equal(vips_pngsave_buffer(in, &bytes, &n, NULL), 0);
	g_object_unref(in);
	assert_int_equal(desk_send(&desk, str_n(bytes, n)), RC_OK);
	g_free(bytes);
	assert_int_equal(media_keep(desk.media, desk.ward, &desk.journey, desk.photo.name, &desk.fault), RC_OK);
	return desk.photo;
}

static enum rc blur(const struct photo *of, const struct media_rect *rects, size_t count, struct photo *out)
{
	memset(&desk.fault, 0, sizeof desk.fault);
	random_bytes(&desk.journey, sizeof desk.journey);
	enum rc rc = media_blur(desk.media, &desk.arena, desk.ward, &desk.journey, of, rects, count, out, &desk.why, &desk.fault);
	if (rc == RC_OK)
		assert_int_equal(media_keep(desk.media, desk.ward, &desk.journey, out->name, &desk.fault), RC_OK);
	return rc;
}

static struct str read_it(const struct photo *p, bool thumb)
{
	struct str bytes;
	assert_int_equal(media_read(desk.media, &desk.arena, desk.ward, p->name, &p->hash, thumb, &bytes, &desk.fault), RC_OK);
	return bytes;
}

static uint8_t *decoded(struct str jpeg, int *w, int *h)
{
	VipsImage *in = NULL;
	size_t n = 0;
	assert_int_equal(vips_jpegload_buffer((void *)(uintptr_t)jpeg.p, jpeg.n, &in, NULL), 0);
	*w = vips_image_get_width(in);
	*h = vips_image_get_height(in);
	assert_int_equal(vips_image_get_bands(in), 3);
	uint8_t *out = vips_image_write_to_memory(in, &n);
	g_object_unref(in);
	return out;
}

static bool inside(const struct media_rect *r, int x, int y, int margin)
{
	return x >= r->x - margin && x < r->x + r->w + margin && y >= r->y - margin && y < r->y + r->h + margin;
}

/* Of two photos that differ in what is covered the same bytes come, whatever the place; all in it is grey, and what
 * lies well outside is as it was. */
static void nothing_is_left(void **state)
{
	(void)state;
	int columns, rows, w, h, tw, th;
	media_cells(&(struct photo){.width = W, .height = H}, &columns, &rows);
	assert_int_equal(columns, 6);
	assert_int_equal(rows, 4);
	static const struct {
		int column, to, row;
	} where[] = {{0, 0, 0}, {2, 2, 1}, {5, 5, 3}, {1, 3, 2}, {4, 4, 0}};
	for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
		struct photo ps, made[2];
		struct media_rect r = {0};
		struct media_rect cell = {where[i].column * W / columns, where[i].row * H / rows, 0, 0};
		cell.w = (where[i].to + 1) * W / columns - cell.x;
		cell.h = (where[i].row + 1) * H / rows - cell.y;
		for (int seed = 1; seed <= 2; seed++) {
			paint(seed, cell);
			ps = kept();
			r = media_cell_rect(&ps, columns, rows, where[i].column, where[i].to, where[i].row);
			assert_true(r.x <= cell.x && r.y <= cell.y && r.x + r.w >= cell.x + cell.w && r.y + r.h >= cell.y + cell.h);
			assert_int_equal(blur(&ps, &r, 1, &made[seed - 1]), RC_OK);
		}
		assert_true(str_eq(read_it(&made[0], false), read_it(&made[1], false)));
		assert_true(str_eq(read_it(&made[0], true), read_it(&made[1], true)));
		uint8_t *before = decoded(read_it(&ps, false), &w, &h), *after = decoded(read_it(&made[1], false), &w, &h);
		uint8_t *thumb = decoded(read_it(&made[1], true), &tw, &th);
		assert_true(w == W && h == H);
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++)
				for (int b = 0; b < 3; b++) {
					int at = (y * W + x) * 3 + b, is = after[at], was = before[at];
					if (inside(&r, x, y, -8) && (is < GREY - 4 || is > GREY + 4))
						fail_msg("%zu: %d,%d is %d, not grey", i, x, y, is);
					if (!inside(&r, x, y, 20) && (is - was > 24 || was - is > 24))
						fail_msg("%zu: %d,%d was %d and is %d", i, x, y, was, is);
				}
		int tx = (r.x + r.w / 2) * tw / W, ty = (r.y + r.h / 2) * th / H, t = thumb[(ty * tw + tx) * 3];
		assert_in_range(t, GREY - 8, GREY + 8);
		g_free(before);
		g_free(after);
		g_free(thumb);
		assert_int_equal(media_check(desk.media, desk.ward, ps.name, &ps.hash, &desk.fault), RC_OK);
	}
}

static void cells_of_any_size(void **state)
{
	(void)state;
	static const struct {
		int w, h, columns, rows;
	} of[] = {{1600, 1200, 6, 4}, {1200, 1600, 4, 6}, {1600, 1600, 6, 6}, {1600, 1, 6, 1}, {1, 1600, 1, 6}, {64, 64, 2, 2},
		{63, 40, 1, 1}, {1, 1, 1, 1}, {1600, 900, 6, 3}, {385, 383, 6, 5}};
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		const struct photo p = {.width = of[i].w, .height = of[i].h};
		int columns, rows;
		media_cells(&p, &columns, &rows);
		assert_int_equal(columns, of[i].columns);
		assert_int_equal(rows, of[i].rows);
		for (int row = 0; row < rows; row++)
			for (int column = 0; column < columns; column++) {
				struct media_rect r = media_cell_rect(&p, columns, rows, column, column, row);
				assert_true(r.x >= 0 && r.y >= 0 && r.w > 0 && r.h > 0 && r.x + r.w <= p.width && r.y + r.h <= p.height);
			}
		struct media_rect whole = media_cell_rect(&p, columns, rows, 0, columns - 1, rows - 1);
		assert_true(whole.x == 0 && whole.w == p.width && whole.y + whole.h == p.height);
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct media_rect BAD[] = {{0, 0, 0, 5}, {0, 0, 5, 0}, {-1, 0, 5, 5}, {0, -1, 5, 5}, {W, 0, 1, 1}, {0, H, 1, 1},
		{W - 4, 0, 5, 5}, {0, H - 4, 5, 5}, {INT_MAX, 0, 5, 5}, {5, 5, INT_MAX, 5}, {5, 5, 5, INT_MAX}, {0, 0, -5, 5}};
	struct media_rect many[FRAME_MAX_RECTS + 1], good = {0, 0, 40, 40};
	struct photo made, ps;
	paint(1, good);
	ps = kept();
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct media_rect pair[] = {good, BAD[i]};
		assert_int_equal(blur(&ps, pair, 2, &made), RC_INVALID);
		assert_int_equal(desk.why, PHOTO_fine);
	}
	for (size_t i = 0; i <= FRAME_MAX_RECTS; i++)
		many[i] = good;
	assert_int_equal(blur(&ps, many, 0, &made), RC_INVALID);
	assert_int_equal(blur(&ps, many, FRAME_MAX_RECTS + 1, &made), RC_INVALID);
	assert_int_equal(blur(&ps, many, FRAME_MAX_RECTS, &made), RC_OK);
	struct photo none = ps;
	none.name = STR("0123456789abcdef0123456789abcdef");
	assert_int_equal(blur(&none, &good, 1, &made), RC_NONE);
	none = ps;
	none.hash.b[0] ^= 1;
	assert_int_equal(blur(&none, &good, 1, &made), RC_CORRUPT);
}

/* The child itself, asked for what the server does not ask. */
static void child_alone(void **state)
{
	(void)state;
	static const struct media_rect BAD[] = {{W - 4, 0, 5, 5}, {-1, 0, 5, 5}, {0, 0, 5, 0}, {0, 0, 99999, 5}};
	struct media_rect good = {0, 0, 40, 40};
	paint(1, good);
	struct photo ps = kept();
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct spool *s = NULL;
		struct decoded d = {0};
		enum photo_error why;
		assert_int_equal(spool_new(&s, desk.dir, &desk.fault), RC_OK);
		assert_int_equal(spool_write(s, read_it(&ps, false), &desk.fault), RC_OK);
		assert_int_equal(child_blur(media_program(), &BAD[i], 1, s, clock_ticks() + 20 * US_SECOND, &d, &why, &desk.fault), RC_INVALID);
		assert_null(d.bytes);
		spool_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_left, set_up, tear_down),
		cmocka_unit_test(cells_of_any_size),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(child_alone, set_up, tear_down),
	};
	if (crypto_start(NULL) != RC_OK)
		return 1;
	images_start();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	images_end();
	return failed;
}
