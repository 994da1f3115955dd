#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "kit/base/po.h"

static char dir[64];

static int start(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/xom-po-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static const char *path_of(const char *lang)
{
	static char path[100];
	(void)snprintf(path, sizeof path, "%s/%s.po", dir, lang);
	return path;
}

static int end(void **state)
{
	(void)state;
	(void)unlink(path_of("vi"));
	(void)unlink(path_of("en"));
	(void)unlink(path_of("km"));
	return rmdir(dir);
}

#define HEAD "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n"

static void put(const char *lang, const char *text)
{
	int fd = open(path_of(lang), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, HEAD, sizeof HEAD - 1), sizeof HEAD - 1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void loads(void **state)
{
	(void)state;
	struct po *po;
	struct str key;
	put("km", "msgid \"b.two\"\nmsgstr \"សួស្តី {{name}}\"\n");
	put("vi", "msgid \"b.two\"\nmsgstr \"Chào {{name}}\"\n\nmsgid \"a.one\"\nmsgstr \"\"\n\"Một \"\n\"dòng\"\n");
	put("en", "#~ msgid \"old\"\n#~ msgstr \"old\"\n\nmsgid \"a.one\"\nmsgstr \"One line\"\n\nmsgid \"b.two\"\nmsgstr \"Hello {{ name }}\"\n");
	assert_int_equal(po_load(&po, dir, NULL), RC_OK);
	assert_true(str_is(po_find(po, LANG_vi, STR("a.one")), "Một dòng"));
	assert_true(str_is(po_text(po, LANG_en, "b.two"), "Hello {{ name }}"));
	/* Khmer isn't whole: what it lacks is in Vietnamese. */
	assert_true(str_is(po_text(po, LANG_km, "b.two"), "សួស្តី {{name}}"));
	assert_true(str_is(po_text(po, LANG_km, "a.one"), "Một dòng"));
	assert_null(po_find(po, LANG_en, STR("old")).p);
	assert_null(po_find(po, LANG_vi, STR("")).p);
	assert_true(po_key(po, 0, &key));
	assert_true(str_is(key, "a.one"));
	assert_true(po_key(po, 1, &key));
	assert_false(po_key(po, 2, &key));
	po_free(po);
	po_free(NULL);
}

static void fails(const char *vi, const char *en, const char *file, int line, const char *text)
{
	struct po *po = NULL;
	struct fault f = {0};
	put("vi", vi);
	put("en", en);
	assert_int_equal(po_load(&po, dir, &f), RC_SYNTAX);
	assert_null(po);
	assert_string_equal(f.file, path_of(file));
	assert_int_equal(f.line, line);
	assert_non_null(strstr(f.text, text));
	assert_int_equal(po_load(&po, dir, NULL), RC_SYNTAX);
}

static void refused_khmer(void **state)
{
	(void)state;
	static const struct {
		const char *text, *said;
		int line;
	} BAD[] = {
		{"msgid \"b\"\nmsgstr \"B\"\n", "not among the Vietnamese", 4},
		{"msgid \"a\"\nmsgstr \"A {{m}}\"\n", "other {{tags}}", 4},
		{"msgid \"a\"\nmsgstr \"\"\n", "has no text", 4},
	};
	put("vi", "msgid \"a\"\nmsgstr \"A {{n}}\"\n");
	put("en", "msgid \"a\"\nmsgstr \"A {{n}}\"\n");
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct po *po = NULL;
		struct fault f = {0};
		put("km", BAD[i].text);
		assert_int_equal(po_load(&po, dir, &f), RC_SYNTAX);
		assert_string_equal(f.file, path_of("km"));
		assert_int_equal(f.line, BAD[i].line);
		assert_non_null(strstr(f.text, BAD[i].said));
	}
	struct po *po = NULL;
	(void)unlink(path_of("km"));
	assert_int_equal(po_load(&po, dir, NULL), RC_NONE);
	put("km", "");
}

static void refused(void **state)
{
	(void)state;
	static const char ok[] = "msgid \"a\"\nmsgstr \"A {{n}}\"\n";
	fails(ok, "", "en", 0, "is missing");
	fails("", ok, "en", 4, "not among the Vietnamese");
	fails(ok, "msgid \"a\"\nmsgstr \"A {{m}}\"\n", "en", 4, "other {{tags}}");
	fails(ok, "msgid \"a\"\nmsgstr \"A\"\n", "en", 4, "other {{tags}}");
	fails(ok, "msgid \"a\"\nmsgstr \"A {{n}} {{m}}\"\n", "en", 4, "other {{tags}}");
	fails("msgid \"a\"\nmsgstr \"A {{n\"\n", "msgid \"a\"\nmsgstr \"A\"\n", "vi", 4, "without end");
	fails(ok, "msgid \"a\"\nmsgstr \"\"\n", "en", 4, "has no text");
	fails(ok, "#, fuzzy\nmsgid \"a\"\nmsgstr \"A {{n}}\"\n", "en", 5, "fuzzy");
	fails(ok, "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"A\"\n", "en", 4, "plural");
	fails(ok, "msgid \"a\"\nmsgstr \"A {{n}}\"\nmsgid \"a\"\nmsgstr \"B\"\n", "en", 6, "duplicate");
	fails("msgid \"a\nmsgstr \"A\"\n", ok, "vi", 5, "end-of-line");
	fails(ok, "nonsense\n", "en", 4, "");
	struct po *po = NULL;
	struct fault f;
	put("vi", ok);
	(void)unlink(path_of("en"));
	assert_int_equal(po_load(&po, dir, &f), RC_NONE);
	assert_int_equal(po_load(&po, "/nowhere", NULL), RC_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(loads), cmocka_unit_test(refused_khmer),
		                             cmocka_unit_test(refused)};
	return cmocka_run_group_tests(tests, start, end);
}
