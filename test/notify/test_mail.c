/* What an address is, what a message is made of, and what a returned one says. */
#include "flow_env.h"

#include "ward/notify/notify_private.h"

static struct arena a;

/* No job runs here. */
const struct notify *app_notify(const struct app *app)
{
	(void)app;
	return NULL;
}

static int setup(void **state)
{
	(void)state;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	return crypto_start(NULL) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&a);
	return 0;
}

static void addresses(void **state)
{
	static const struct {
		const char *typed, *kept;
	} GOOD[] = {
		{"nhan@example.com", "nhan@example.com"},
		{"  Nhan.Tran+xom@Example.COM \t", "Nhan.Tran+xom@example.com"},
		{"o'hara_7@mail.xn--phng-3na.vn", "o'hara_7@mail.xn--phng-3na.vn"},
		{"0912345678@zalo.example.vn", "0912345678@zalo.example.vn"},
	};
	static const char *const BAD[] = {
		"", " ", "nhan", "@example.com", "nhan@", "nhan@example", "nhan@@example.com", "a@b@example.com",
		"nhan@example..com", "nhan@.com", "nhan@example.com.", "nhan@-a.com", "nhan@a-.com",
		".nhan@example.com", "nhan.@example.com", "n..n@example.com", "-oProxy@example.com",
		"nhan@127.0.0.1", "nhan@[127.0.0.1]", "\"nhan\"@example.com", "nhan @example.com",
		"nhân@example.com", "nhan@ví-dụ.vn", "nhan@example.com\r\nBcc: x@example.com",
		"nhan@example.com\nX: y", "nhan\r@example.com", "<nhan@example.com>", "nhan@example.com,x@y.vn",
		"nhan@exam ple.com", "nhan@example.com>", "nhan;x@example.com", "nhan(x)@example.com",
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg@example.com",
	};
	struct str out;
	(void)state;
	for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
		assert_int_equal(address_read(&a, str_of(GOOD[i].typed), &out), RC_OK);
		assert_true(str_is(out, GOOD[i].kept));
	}
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		if (address_read(&a, str_of(BAD[i]), &out) != RC_INVALID)
			fail_msg("\"%s\" was taken", BAD[i]);
	assert_int_equal(address_read(&a, STR("nhan\0@example.com"), &out), RC_INVALID);
	assert_int_equal(address_read(&a, STR("012345678901@example.com"), &out), RC_REFUSED);
}

static void servers(void **state)
{
	bool loopback;
	(void)state;
	assert_true(mail_url_read(STR("smtp://mail.example.vn:587"), &loopback) && !loopback);
	assert_true(mail_url_read(STR("smtps://mail.example.vn"), &loopback) && !loopback);
	assert_true(mail_url_read(STR("smtp://localhost:25"), &loopback) && loopback);
	assert_true(mail_url_read(STR("smtp://127.0.0.1"), &loopback) && loopback);
	assert_true(mail_url_read(STR("smtp://[::1]:2525"), &loopback) && loopback);
	static const char *const BAD[] = {"", "mail.example.vn", "http://mail.example.vn", "smtp://",
	                                  "smtp://a:0", "smtp://a:70000", "smtp://a:b", "smtp://a/b",
	                                  "smtp://u:p@host", "smtp://[::1", "smtp://a b"};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		if (mail_url_read(str_of(BAD[i]), &loopback))
			fail_msg("\"%s\" was taken", BAD[i]);
}

static struct letter letter(void)
{
	return (struct letter){
		.from_name = STR("Xóm"),
		.from = STR("xom@example.vn"),
		.to = STR("nhan@example.com"),
		.subject = STR("Có tin mới cho bạn, và đây là một dòng dài hơn bốn mươi lăm byte để xem nó gập"),
		.text = STR("Chào bạn,\n.\n..\nFrom là một chữ"),
		.message_id = STR("00112233445566778899aabbccddeeff"),
		.stop_url = STR("https://xom.example.vn/r/x?stop=1"),
		.at = INT64_C(1764054000) * US_SECOND,   /* 2025-11-25 07:00:00 UTC */
	};
}

static void a_message(void **state)
{
	struct buf b = {0};
	struct letter l = letter();
	(void)state;
	assert_int_equal(letter_write(&b, &l, NULL), RC_OK);
	struct str m = buf_str(&b);
	assert_true(str_find(m, STR("\r\nDate: Tue, 25 Nov 2025 14:00:00 +0700\r\n")) != SIZE_MAX);
	assert_true(str_find(m, STR("\r\nTo: <nhan@example.com>\r\n")) != SIZE_MAX);
	assert_true(str_find(m, STR("\r\nMessage-ID: <00112233445566778899aabbccddeeff@example.vn>\r\n")) !=
	            SIZE_MAX);
	assert_true(str_find(m, STR("\r\nAuto-Submitted: auto-generated\r\n")) != SIZE_MAX);
	for (size_t i = 0, width = 0; i < m.n; i++) {
		assert_true((signed char)m.p[i] > 0);                    /* seven bits */
		width = m.p[i] == '\n' ? 0 : width + 1;
		assert_true(width <= 100);
		if (m.p[i] == '\n')
			assert_true(i > 0 && m.p[i - 1] == '\r');
	}
	buf_release(&b);
}

/* Whatever stands in a header: a line break never gets out. */
static void nothing_is_injected(void **state)
{
	static const char *const EVIL[] = {"x\r\nBcc: y@example.com", "x\nBcc: y", "x\rBcc: y", "x\x7fy",
	                                   "x\ty"};
	(void)state;
	for (size_t i = 0; i < sizeof EVIL / sizeof *EVIL; i++)
		for (int where = 0; where < 6; where++) {
			struct letter l = letter();
			struct buf b = {0};
			struct str *const fields[] = {&l.from_name, &l.from, &l.to, &l.subject, &l.message_id,
			                              &l.stop_url};
			*fields[where] = str_of(EVIL[i]);
			assert_int_equal(letter_write(&b, &l, NULL), RC_INVALID);
			buf_release(&b);
		}
}

#define TOKEN "0123456789abcdef0123456789abcdef"
#define HEAD "Delivered-To: xom+" TOKEN "@example.vn\r\nSubject: x\r\n\r\n"
#define REPORT "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"

static struct bounce read(const char *text)
{
	struct bounce b;
	bounce_read(str_of(text), &b);
	return b;
}

static void returned_mail(void **state)
{
	(void)state;
	struct bounce b = read(HEAD REPORT "Final-Recipient: rfc822; a@b.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n");
	assert_string_equal(b.token, TOKEN);
	assert_true(b.hard);
	/* Bare line ends, other capitals, the token in "To". */
	b = read("TO: <XOM+" "0123456789ABCDEF0123456789ABCDEF" "@example.vn>\n\n--b\ncontent-type: MESSAGE/DELIVERY-STATUS\n\nx: y\n\naction: Failed\nstatus:5.0.0 (no)\n");
	assert_string_equal(b.token, TOKEN);
	assert_true(b.hard);
	assert_false(read(HEAD REPORT "Action: delayed\r\nStatus: 5.1.1\r\n\r\n").hard);
	assert_false(read(HEAD REPORT "Action: failed\r\nStatus: 4.4.7\r\n\r\n").hard);
	assert_false(read(HEAD REPORT "Action: failed\r\n\r\nStatus: 5.1.1\r\n\r\n").hard);
	assert_false(read(HEAD REPORT "Action: delivered\r\nStatus: 2.0.0\r\n--b\r\nAction: failed\r\nStatus: 5.0.0\r\n").hard);
	assert_false(read(HEAD "Action: failed\r\nStatus: 5.1.1\r\n").hard);    /* no report: anybody's words */
	assert_false(read(HEAD "hello\r\n\r\nx: y\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n").hard);
	assert_string_equal(read("Subject: +" TOKEN "@x\r\n\r\n").token, "");
	assert_string_equal(read("To: xom@example.vn\r\n\r\nTo: xom+" TOKEN "@example.vn\r\n").token, "");
	assert_string_equal(read("To: xom+0123@example.vn\r\n\r\n").token, "");
	assert_string_equal(read("").token, "");
	assert_string_equal(read("\n\n\n").token, "");
	assert_false(read("Content-Type: message/delivery-status").hard);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(addresses), T(servers), T(a_message), T(nothing_is_injected), T(returned_mail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
