#include "kit/view/mustache.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/arena.h"

static bool get(void *ctx, struct mvalue of, struct str name, struct mvalue *out)
{
	(void)ctx;
	json_t *v = json_is_object((const json_t *)of.p)
	                ? json_object_getn((const json_t *)of.p, name.p, name.n) : NULL;
	out->p = v;
	return v != NULL;
}

static bool is_list(void *ctx, struct mvalue v)
{
	(void)ctx;
	return json_is_array((const json_t *)v.p);
}

static bool truthy(void *ctx, struct mvalue v)
{
	(void)ctx;
	const json_t *j = v.p;
	return !json_is_false(j) && !json_is_null(j) && !(json_is_array(j) && json_array_size(j) == 0);
}

static bool item(void *ctx, struct mvalue v, size_t i, struct mvalue *out)
{
	(void)ctx;
	out->p = json_array_get(v.p, i);
	return out->p != NULL;
}

static void text(void *ctx, struct mvalue v, struct buf *out)
{
	(void)ctx;
	const json_t *j = v.p;
	if (json_is_string(j))
		buf_add(out, str_n(json_string_value(j), json_string_length(j)));
	else if (json_is_integer(j))
		buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
	else if (json_is_real(j))
		buf_addf(out, "%.15g", json_real_value(j));
	else if (json_is_boolean(j))
		buf_addz(out, json_is_true(j) ? "true" : "false");
}

static const struct mustache_source JSON_SOURCE = {
	.get = get, .truthy = truthy, .is_list = is_list, .item = item, .text = text};

struct partials {
	struct mustache *found[16];
	const char *names[16];
	size_t count;
};

static const struct mustache *find(void *ctx, struct str name)
{
	const struct partials *p = ctx;
	for (size_t i = 0; i < p->count; i++)
		if (str_is(name, p->names[i]))
			return p->found[i];
	return NULL;
}

static void run_case(const char *file, json_t *test)
{
	struct fault f = {0};
	struct partials p = {0};
	const char *name;
	json_t *source;
	json_object_foreach(json_object_get(test, "partials"), name, source) {
		p.names[p.count] = name;
		assert_int_equal(mustache_parse(&p.found[p.count++], name, str_of(json_string_value(source)), &f),
		                 RC_OK);
	}
	struct mustache *m = NULL;
	assert_int_equal(mustache_parse(&m, file, str_of(json_string_value(json_object_get(test, "template"))), &f),
	                 RC_OK);
	struct mvalue root = {.p = json_object_get(test, "data")};
	struct buf out = {0};
	buf_addz(&out, "");
	assert_int_equal(mustache_render(m, &JSON_SOURCE, &root, 1, find, &p, &out, &f), RC_OK);
	const char *expected = json_string_value(json_object_get(test, "expected"));
	if (!str_is(buf_str(&out), expected))
		fail_msg("%s, %s: expected [%s], got [%.*s]", file,
		         json_string_value(json_object_get(test, "name")), expected, PSTR(buf_str(&out)));
	buf_release(&out);
	mustache_free(m);
	for (size_t i = 0; i < p.count; i++)
		mustache_free(p.found[i]);
}

static void specification(void **state)
{
	(void)state;
	static const char *const FILES[] = {"comments", "delimiters", "interpolation", "inverted",
	                                    "partials", "sections"};
	size_t count = 0;
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		char path[512];
		(void)snprintf(path, sizeof path, "%s/test/view/mustache/%s.json", getenv("XOM_SRC"), FILES[i]);
		json_t *all = json_load_file(path, 0, NULL);
		assert_non_null(all);
		size_t k;
		json_t *test;
		json_array_foreach(json_object_get(all, "tests"), k, test) {
			run_case(FILES[i], test);
			count++;
		}
		json_decref(all);
	}
	assert_int_equal(count, 136);
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name, *why;
		int line;
	} CASES[] = {
		{"a\n{{#x}}\nb", "x", "a section is not closed", 2},
		{"{{/x}}", "x", "ends a section that was not opened", 1},
		{"{{#a}}\n{{#b}}\n{{/a}}\n{{/b}}", "a", "ends another section than the open one", 3},
		{"x\n\n{{name", "name", "a tag is not closed", 3},
		{"{{{name}}", "name}}", "a tag is not closed", 1},
		{"{{}}", "", "a tag without a name", 1},
		{"{{#  }}{{/ }}", "", "a tag without a name", 1},
		{"{{a b}}", "a b", "a blank inside a tag's name", 1},
		{"{{a..b}}", "a..b", "an empty part in a dotted name", 1},
		{"{{.a}}", ".a", "an empty part in a dotted name", 1},
		{"{{=a=}}", "a", "delimiters that cannot be used", 1},
		{"{{=aaaaaaaaaaaa bbb=}}", "aaaaaaaaaaaa bbb", "delimiters that cannot be used", 1},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct mustache *m = NULL;
		struct fault f = {0};
		assert_int_equal(mustache_parse(&m, "room/page.mustache", str_of(CASES[i].text), &f), RC_SYNTAX);
		assert_null(m);
		assert_string_equal(f.file, "room/page.mustache");
		assert_string_equal(f.field, CASES[i].name);
		assert_string_equal(f.text, CASES[i].why);
		assert_int_equal(f.line, CASES[i].line);
	}
}

static void bounded(void **state)
{
	(void)state;
	struct fault f = {0};
	struct mustache *m = NULL;
	struct buf deep = {0};
	for (int i = 0; i < 33; i++)
		buf_addz(&deep, "{{#a}}");
	for (int i = 0; i < 33; i++)
		buf_addz(&deep, "{{/a}}");
	assert_int_equal(mustache_parse(&m, "f", buf_str(&deep), &f), RC_SYNTAX);
	buf_release(&deep);
	for (int i = 0; i < (1 << 20) + 1; i++)
		buf_addc(&deep, 'x');
	assert_int_equal(mustache_parse(&m, "f", buf_str(&deep), &f), RC_TOO_BIG);
	buf_release(&deep);

	/* A partial that includes itself for ever ends with a fault, not with the stack. */
	struct partials p = {.names = {"self"}, .count = 1};
	assert_int_equal(mustache_parse(&p.found[0], "self", STR("x{{>self}}"), &f), RC_OK);
	json_t *data = json_object();
	struct mvalue root = {.p = data};
	struct buf out = {0};
	assert_int_equal(mustache_render(p.found[0], &JSON_SOURCE, &root, 1, find, &p, &out, &f), RC_FAIL);
	assert_string_equal(f.text, "partials are nested too deep");
	buf_release(&out);

	/* A page that outgrows its buffer is no page. */
	assert_int_equal(mustache_parse(&m, "f", STR("0123456789"), &f), RC_OK);
	out.max = 8;
	assert_int_equal(mustache_render(m, &JSON_SOURCE, &root, 1, NULL, NULL, &out, &f), RC_NOMEM);
	buf_release(&out);
	mustache_free(m);
	mustache_free(p.found[0]);
	json_decref(data);
}

static enum rc collect(void *ctx, char kind, struct str name, int line, struct fault *f)
{
	(void)f;
	buf_addf(ctx, "%c%.*s:%d ", kind, PSTR(name), line);
	return str_is(name, "stop") ? RC_NONE : RC_OK;
}

static void walked(void **state)
{
	(void)state;
	struct mustache *m = NULL;
	struct buf b = {0};
	assert_int_equal(mustache_parse(&m, "f", STR("{{a.b}}\n{{#s}}\n {{>p/q}}\n{{/s}}{{! c }}{{^i}}{{{raw}}}{{/i}}"), NULL),
	                 RC_OK);
	assert_int_equal(mustache_walk(m, collect, &b, NULL), RC_OK);
	assert_string_equal(b.p, "va.b:1 #s:2 >p/q:3 /s:4 ^i:4 &raw:4 /i:4 ");
	mustache_free(m);
	b.n = 0;
	assert_int_equal(mustache_parse(&m, "f", STR("{{a}}{{stop}}{{b}}"), NULL), RC_OK);
	assert_int_equal(mustache_walk(m, collect, &b, NULL), RC_NONE);
	assert_string_equal(b.p, "va:1 vstop:1 ");
	mustache_free(m);
	buf_release(&b);
	mustache_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specification),
		cmocka_unit_test(refused),
		cmocka_unit_test(bounded),
		cmocka_unit_test(walked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
