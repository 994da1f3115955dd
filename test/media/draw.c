/* The demo's drawings: the same each time, different by seed, and taken like anybody's photo. */
#include "media_test.h"

#include "demo/draw.h"

static struct buf drawn(enum draw_scene scene, bool mended, uint32_t seed)
{
	struct buf b = {0};
	assert_int_equal(draw_png(scene, mended, seed, &b, NULL), RC_OK);
	return b;
}

static void scenes(void **state)
{
	(void)state;
	struct desk desk;
	desk_open(&desk, (struct media_config){0});
	for (int s = DRAW_LAMP; s <= DRAW_FIRE; s++) {
		struct buf broken = drawn((enum draw_scene)s, false, 1), again, other, mended;
		again = drawn((enum draw_scene)s, false, 1);
		other = drawn((enum draw_scene)s, false, 2);
		mended = drawn((enum draw_scene)s, true, 1);
		assert_true(str_eq(buf_str(&broken), buf_str(&again)));
		assert_false(str_eq(buf_str(&broken), buf_str(&other)));
		assert_false(str_eq(buf_str(&broken), buf_str(&mended)));
		if (desk_send(&desk, buf_str(&mended)) != RC_OK)
			fail_msg("scene %d: %s", s, desk.fault.text);
		assert_int_equal(desk.photo.width, 960);
		assert_int_equal(desk.photo.height, 720);
		buf_release(&broken);
		buf_release(&again);
		buf_release(&other);
		buf_release(&mended);
	}
	desk_close(&desk);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(scenes)};
	return crypto_start(NULL) == RC_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
