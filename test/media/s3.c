/* What an S3 server answers, read; and what is sent to it, written: no server is needed for either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/clock.h"
#include "kit/media/s3.h"

struct seen {
	size_t count, most;
	struct str keys[4];
	int64_t sizes, changed;
	struct arena a;
};

static bool see(void *ctx, const struct s3_item *item)
{
	struct seen *s = ctx;
	if (s->count < 4)
		s->keys[s->count] = arena_copy(&s->a, item->key);
	s->sizes += item->size;
	s->changed = item->changed_at;
	return ++s->count < s->most;
}

static enum rc list(const char *xml, struct seen *s, struct str *next, size_t most)
{
	bool stopped;
	arena_release(&s->a);
	*s = (struct seen){.most = most};
	arena_init(&s->a, 1 << 20);
	return s3_list_read(str_of(xml), see, s, &s->a, next, &stopped, NULL);
}

#define ITEM(key, size) \
	"<Contents><Key>" key "</Key><LastModified>2026-11-25T20:16:34.000Z</LastModified><Size>" size \
	"</Size><Owner><ID>x</ID></Owner></Contents>"

static void a_page_of_a_list_is_read(void **state)
{
	struct seen s = {0};
	struct str next;
	(void)state;
	assert_int_equal(list("<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
	                      "<Name>b</Name><Prefix>a</Prefix><IsTruncated>true</IsTruncated>" ITEM("a/1.jpg", "12")
	                      ITEM("a/&amp;&#x42;", "30") "<NextContinuationToken>1/+=x</NextContinuationToken>"
	                      "</ListBucketResult>", &s, &next, 100), RC_OK);
	assert_int_equal(s.count, 2);
	assert_true(str_is(s.keys[0], "a/1.jpg") && str_is(s.keys[1], "a/&B"));
	assert_int_equal(s.sizes, 42);
	assert_int_equal(s.changed, INT64_C(1795637794) * US_SECOND);
	assert_true(str_is(next, "1/+=x"));
	assert_int_equal(list("<ListBucketResult><IsTruncated>false</IsTruncated>" ITEM("k", "1") ITEM("l", "1")
	                      "</ListBucketResult>", &s, &next, 1), RC_OK);
	assert_int_equal(s.count, 1); /* it was told to stop */
	assert_int_equal(next.n, 0);
	arena_release(&s.a);
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "x", "<html><body>503</body></html>", "<ListBucketResult>",
		"<ListBucketResult><Contents><Key>k</Key><Size>-1</Size></Contents></ListBucketResult>",
		"<ListBucketResult><Contents><Key>k</Key><Size>9999999999999999999</Size></Contents></ListBucketResult>",
		"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", /* and where does it go on? */
		"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><ListBucketResult>&b;</ListBucketResult>",
		"<ListBucketResult><a><b><c><d><e><f><g><h></h></g></f></e></d></c></b></a></ListBucketResult>",
	};
	struct seen s = {0};
	struct str next;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(list(bad[i], &s, &next, 100), RC_CORRUPT);
		assert_int_equal(s.count, 0);
		assert_int_equal(next.n, 0);
	}
	struct buf long_ = {0};
	buf_addz(&long_, "<ListBucketResult><Contents><Key>");
	for (int i = 0; i < S3_KEY_MAX + 1; i++)
		buf_addc(&long_, 'k');
	buf_addz(&long_, "</Key></Contents></ListBucketResult>");
	buf_addc(&long_, '\0');
	assert_int_equal(list(long_.p, &s, &next, 100), RC_CORRUPT);
	assert_int_equal(s.count, 0);
	buf_release(&long_);
	arena_release(&s.a);
}

static void times_are_read(void **state)
{
	static const char *const bad[] = {"", "2026-11-25", "2026-13-25T20:16:34Z", "2026-11-25T24:16:34Z",
		"2026-11-25 20:16:34Z", "2026-11-25T20:16:34", "2026-11-25T2x:16:34Z"};
	(void)state;
	assert_int_equal(s3_time(STR("1970-01-01T00:00:00Z")), 0);
	assert_int_equal(s3_time(STR("1970-01-02T00:00:01Z")), US_DAY + US_SECOND);
	assert_int_equal(s3_time(STR("2026-11-25T20:16:34.123Z")), INT64_C(1795637794) * US_SECOND);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(s3_time(str_of(bad[i])), 0);
}

static void queries_are_encoded_as_the_signature_wants_it(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, 1 << 16);
	assert_true(str_is(s3_encode(&a, STR("AZaz09-._~")), "AZaz09-._~"));
	assert_true(str_is(s3_encode(&a, STR("1/+= &?%")), "1%2F%2B%3D%20%26%3F%25"));
	assert_true(str_is(s3_encode(&a, STR("ả")), "%E1%BA%A3"));
	arena_release(&a);
}

static void an_errors_code_is_letters_alone(void **state)
{
	char code[S3_CODE_MAX];
	(void)state;
	s3_error_code(STR("<Error><Code>NoSuchKey</Code><Message>x</Message></Error>"), code);
	assert_string_equal(code, "NoSuchKey");
	s3_error_code(STR("<Code>No\nSuch: key</Code>"), code);
	assert_string_equal(code, "No");
	s3_error_code(STR("<Code>"), code);
	assert_string_equal(code, "");
	s3_error_code(STR("nothing"), code);
	assert_string_equal(code, "");
	s3_error_code(STR("<Code>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</Code>"), code);
	assert_int_equal(strlen(code), S3_CODE_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_of_a_list_is_read), cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(times_are_read), cmocka_unit_test(queries_are_encoded_as_the_signature_wants_it),
		cmocka_unit_test(an_errors_code_is_letters_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
