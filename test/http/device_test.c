/* Browser and system read off the User-Agent: known words or nothing. */
#include "fixture.h"

#include <string.h>

#include "kit/http/internal.h"

static void known(void **state)
{
	(void)state;
	static const struct {
		const char *agent, *device;
	} ROWS[] = {
		{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36", "Chrome, Android"},
		{"Mozilla/5.0 (Linux; Android 13; SM-A536E) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36", "Samsung Internet, Android"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/122.0 Chrome/122.0.0.0 Safari/537.36", "Cốc Cốc, Windows"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "Edge, Windows"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"},
		{"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1", "Chrome, iPad"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, macOS"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"},
		{"something on Windows", "Windows"}, {"Chrome/1", "Chrome"},
		{"", ""}, {"curl/7.88.1", ""}, {"<script>alert(1)</script>", ""},
		{"Nguyễn Văn A 0912345678 Firefox/1", "Firefox"}, {"\xff\xfe Chrome/ \x01 Android \xc0", "Chrome, Android"},
	};
	struct arena a;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
		assert_true(str_is(device_of(&a, str_of(ROWS[i].agent)), ROWS[i].device));
	/* A long one is looked at in its beginning only. */
	char far[2000];
	memset(far, 'x', sizeof far);
	memcpy(far + 1500, "Firefox/1 Windows", 17);
	assert_int_equal(device_of(&a, str_n(far, sizeof far)).n, 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(known)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
