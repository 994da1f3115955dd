#include "kit/view/view.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* libgettextpo 0.21 loses a few bytes whenever it reads a file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libgettextpo"; }

enum { ITEM_NAME, ITEM_URL, ITEM_N };
static const struct field ITEM_F[] = {
	[ITEM_NAME] = {"name", V_TEXT, SEE_ALL, "", NULL, NULL},
	[ITEM_URL] = {"url", V_URL, SEE_ALL, "", NULL, NULL},
	[ITEM_N] = {"n", V_INT, SEE_ALL, "", NULL, NULL},
};
static const struct shape ITEM = SHAPE("item", ITEM_F);

enum { TOP_TITLE, TOP_SECRET, TOP_AT, TOP_KIND, TOP_N, TOP_OPEN, TOP_PHOTO, TOP_ITEMS, TOP_ONE };
static const struct field TOP_F[] = {
	[TOP_TITLE] = {"title", V_TEXT, SEE_ALL, "", NULL, NULL},
	[TOP_SECRET] = {"secret", V_TEXT, SEE_ADMIN, "", NULL, NULL},
	[TOP_AT] = {"at", V_TIME, SEE_ALL, "", NULL, NULL},
	[TOP_KIND] = {"kind", V_KEY, SEE_ALL, "", NULL, NULL},
	[TOP_N] = {"n", V_INT, SEE_ALL, "", NULL, NULL},
	[TOP_OPEN] = {"open", V_BOOL, SEE_ALL, "", NULL, NULL},
	[TOP_PHOTO] = {"photo", V_URL, SEE_ALL, "", NULL, "image"},
	[TOP_ITEMS] = {"items", V_LIST, SEE_ALL, "", &ITEM, NULL},
	[TOP_ONE] = {"one", V_OBJ, SEE_ALL, "", &ITEM, NULL},
};
static const struct shape TOP = SHAPE("top", TOP_F);

enum { AROUND_LANG, AROUND_SECRET, AROUND_NAME };
static const struct field AROUND_F[] = {
	[AROUND_LANG] = {"lang", V_TEXT, SEE_ALL, "", NULL, NULL},
	[AROUND_SECRET] = {"secret", V_TEXT, SEE_ALL, "", NULL, NULL},
	[AROUND_NAME] = {"name", V_TEXT, SEE_ALL, "", NULL, NULL},
};
static const struct shape AROUND = SHAPE("around", AROUND_F);

struct place {
	char dir[64];
	struct po *po;
	struct arena arena;
};

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

#define PO_HEADER "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n"

static int setup(void **state)
{
	static struct place p;
	p = (struct place){.dir = "/tmp/xom-view-XXXXXX"};
	assert_non_null(mkdtemp(p.dir));
	char room[96];
	(void)snprintf(room, sizeof room, "%s/t", p.dir);
	assert_int_equal(mkdir(room, 0700), 0);
	(void)snprintf(room, sizeof room, "%s/t/room", p.dir);
	assert_int_equal(mkdir(room, 0700), 0);
	static const char *const BAD = "msgid \"bad\"\nmsgstr \"{{#n}}x{{/n}}\"\n";
	char po[1024];
	(void)snprintf(po, sizeof po, PO_HEADER "msgid \"hello\"\nmsgstr \"Chào <{{name}}> & bạn\"\n\n"
	               "msgid \"script\"\nmsgstr \"javascript:x\"\n\n%s", BAD);
	put(p.dir, "vi.po", po);
	(void)snprintf(po, sizeof po, PO_HEADER "msgid \"hello\"\nmsgstr \"Hello\\n{{name}}\"\n\n"
	               "msgid \"script\"\nmsgstr \"javascript:x\"\n\n%s", BAD);
	put(p.dir, "en.po", po);
	put(p.dir, "km.po", PO_HEADER); /* not whole: all of it in Vietnamese */
	struct fault f = {0};
	if (po_load(&p.po, p.dir, &f) != RC_OK)
		fail_msg("%s:%d %s: %s", f.file, f.line, f.field, f.text);
	arena_init(&p.arena, ARENA_REQUEST_LIMIT);
	*state = &p;
	return 0;
}

static void drop(const struct place *p, const char *name)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", p->dir, name);
	if (remove(path) != 0 && errno != ENOENT)
		fail_msg("cannot remove %s", path);
}

static int teardown(void **state)
{
	struct place *p = *state;
	po_free(p->po);
	arena_release(&p->arena);
	static const char *const NAMES[] = {"t/room/page.mustache", "t/room/part.mustache",
		"t/room/self.mustache", "t/room/a.mustache", "t/room/notes.txt", "t/room", "t", "vi.po", "en.po", "km.po", ""};
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
		drop(p, NAMES[i]);
	return 0;
}

static enum rc load(struct place *p, struct templates **t, const char *page, struct fault *f)
{
	char dir[96];
	put(p->dir, "t/room/page.mustache", page);
	(void)snprintf(dir, sizeof dir, "%s/t", p->dir);
	*f = (struct fault){0};
	*t = NULL;
	return templates_load(t, dir, p->po, f);
}

static void rendered(void **state)
{
	struct place *p = *state;
	struct templates *t;
	struct fault f;
	put(p->dir, "t/room/part.mustache", "<li>{{t hello}}{{#n.one}} 1!{{/n.one}}{{#n.many}} {{n.count}}{{/n.many}}</li>\n");
	put(p->dir, "t/room/notes.txt", "{{{not a template}}}");
	assert_int_equal(load(p, &t, "<html lang=\"{{lang}}\"><title>{{title}}</title>\n"
		"  {{#items.some}}\n  <ul>\n{{#items}}\n    {{>room/part}}\n{{/items}}</ul>{{items.count}}{{/items.some}}\n"
		"{{^items}}none{{/items}}{{^secret}}no secret{{/secret}}{{secret}}\n"
		"{{at.date}} {{at.time}} {{at.datetime}} {{at.iso}} {{kind.key}} {{kind.label}} {{n}} {{n.count}}\n"
		"{{#n}}{{name}}{{/n}}{{#one}}{{name}}{{/one}}{{one.name}}{{#open}}!{{/open}}{{^open}}?{{/open}}"
		"<img src=\"{{photo}}\" alt=\"\">\n", &f), RC_OK);
	assert_int_equal(template_check(t, STR("room/page"), &TOP, &AROUND, &f), RC_OK);
	const struct template *vi = templates_find(t, STR("room/page"), LANG_vi);
	const struct template *en = templates_find(t, STR("room/page"), LANG_en);
	assert_non_null(vi);
	assert_non_null(en);
	assert_null(templates_find(t, STR("room/pag"), LANG_vi));
	assert_null(templates_find(t, STR("room/page"), LANG_unset));
	assert_null(templates_find(t, STR("room/notes"), LANG_vi));

	struct view v = {.arena = &p->arena, .sights = SEE_PUBLIC, .lang = LANG_vi};
	struct vobj *o = view_new(&v, &TOP), *frame = view_new(&v, &AROUND);
	view_text(frame, AROUND_LANG, STR("vi\"><script>"));
	view_text(frame, AROUND_SECRET, STR("of the frame"));
	view_text(frame, AROUND_NAME, STR("outer"));
	view_text(o, TOP_TITLE, STR("{{title}} <&>"));
	view_text(o, TOP_SECRET, STR("canary"));
	view_time(o, TOP_AT, INT64_C(1795417503000000));
	view_key(o, TOP_KIND, STR("lamp"), STR("Đèn"));
	view_int(o, TOP_N, 1234567);
	view_bool(o, TOP_OPEN, true);
	view_url(o, TOP_PHOTO, STR("data:image/jpeg;base64,AA=="));
	view_text(view_obj(o, TOP_ONE), ITEM_NAME, STR("one"));
	struct vobj *i = view_item(o, TOP_ITEMS);
	view_text(i, ITEM_NAME, STR("<a>"));
	view_int(i, ITEM_N, 1);
	i = view_item(o, TOP_ITEMS);
	view_int(i, ITEM_N, 1000);
	struct buf b = {0};
	assert_int_equal(template_render(vi, &b, o, frame, &f), RC_OK);
	/* The second item has no name of its own: it does not get the frame's. */
	assert_string_equal(b.p, "<html lang=\"vi&quot;&gt;&lt;script&gt;\"><title>{{title}} &lt;&amp;&gt;</title>\n"
		"<ul>\n<li>Chào &lt;&lt;a&gt;&gt; &amp; bạn 1!</li>\n<li>Chào &lt;&gt; &amp; bạn 1.000</li>\n</ul>2\n"
		"no secret\n23/11/2026 14:05 14:05, 23/11/2026 2026-11-23T07:05:03Z lamp Đèn 1234567 1.234.567\n"
		"outeroneone!<img src=\"data:image/jpeg;base64,AA==\" alt=\"\">\n");
	b.n = 0;
	assert_int_equal(template_render(en, &b, o, frame, &f), RC_OK);
	assert_non_null(strstr(b.p, "<li>Hello &lt;a&gt; 1!</li>"));
	b.n = 0;
	assert_int_equal(template_render(vi, &b, view_new(&v, &TOP), NULL, &f), RC_OK);
	assert_non_null(strstr(b.p, "none"));
	assert_null(strstr(b.p, "outer"));
	buf_release(&b);
	templates_free(t);
}

static void lint(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *text, *why;
		int line;
	} BAD[] = {
		{"\n{{{title}}}", "raw output", 2},
		{"{{&title}}", "raw output", 1},
		{"a\nb{{=<% %>=}}", "delimiters may not be changed", 2},
		{"<a href={{url}}>", "an attribute's value needs double quotes", 1},
		{"<p class=x>", "an attribute's value needs double quotes", 1},
		{"<p class='x'>", "an attribute's value needs double quotes", 1},
		{"<p class= \"x\">", "an attribute's value needs double quotes", 1},
		{"<p class =\"x\">", "not an attribute's name", 1},
		{"<p onclick=\"x\">", "an attribute that pages may not have", 1},
		{"<p ONLOAD>", "an attribute that pages may not have", 1},
		{"<p {{#open}}onclick{{/open}}>", "an attribute that pages may not have", 1},
		{"<p\nstyle=\"x\">", "an attribute that pages may not have", 2},
		{"<p {{#open}}o{{/open}}nclick=\"x\">", "a blank is missing between attributes", 1},
		{"<p id=\"a\"{{#open}}class=\"x\"{{/open}}>", "a blank is missing between attributes", 1},
		{"<a href=\"javascript:x\">", "javascript: in an attribute", 1},
		{"<a href=\" Java\nScript:x\">", "javascript: in an attribute", 2},
		{"<a href=\"{{t script}}\">", "javascript: in an attribute", 1},
		{"<a href=\"http://a.example\">", "an address must begin with /, #, https://, tel: or mailto:", 1},
		{"<a href=\"//a.example\">", "an address must begin with /, #, https://, tel: or mailto:", 1},
		{"<img src=\"data:x\">", "an address must begin with /, #, https://, tel: or mailto:", 1},
		{"<script>x</script>", "<script> without src", 1},
		{"<script async></script>", "<script> without src", 1},
		{"<script src=\"/x\">var a</script>", "nothing may stand inside <script>", 1},
		{"<script src=\"/x\">{{title}}</script>", "nothing may stand inside <script>", 1},
		{"<script src=\"/x\"><b></script>", "nothing may stand inside <script>", 1},
		{"<script src=\"/x\">", "ends inside an element's tag", 1},
		{"<style>a{}</style>", "an element that pages may not have", 1},
		{"<IFRAME src=\"/x\">", "an element that pages may not have", 1},
		{"<a href=\"/{{title}}\">", "a tag inside an address must be a value that stands there alone", 1},
		{"<a href=\"{{photo}}{{photo}}\">", "a tag inside an address must be a value that stands there alone", 1},
		{"<a href=\"{{#open}}/a{{/open}}\">", "a tag inside an address must be a value that stands there alone", 1},
		{"<img srcset=\"{{photo}}\">", "no tag may stand in this attribute", 1},
		{"<{{title}}>", "a tag in a place that is neither text nor an attribute's value", 1},
		{"<p{{title}}>", "a tag in a place that is neither text nor an attribute's value", 1},
		{"<p {{title}}>", "a value or partial between attributes", 1},
		{"<p {{>room/part}}>", "a value or partial between attributes", 1},
		{"<p data-{{title}}=\"\">", "a value or partial between attributes", 1},
		{"<scr{{#open}}ipt{{/open}}>", "a blank is missing between attributes", 1},
		{"<p class=\"{{>room/part}}\">", "a partial inside an attribute", 1},
		{"<!-- {{title}} -->", "a tag in a place that is neither text nor an attribute's value", 1},
		{"<p {{#open}}>{{/open}}", "a section begins and ends in different places of the HTML", 1},
		{"<p class=\"{{#open}}\" id=\"{{/open}}\">", "a section begins and ends in different places of the HTML", 1},
		{"<p {{#open}}><p {{/open}}>", "a section begins and ends in different places of the HTML", 1},
		{"{{#open}}<p {{/open}}>", "a section begins and ends in different places of the HTML", 1},
		{"a < b", "a < that begins no element (write &lt;)", 1},
		{"\n\n<p class=\"", "ends inside an element's tag", 3},
		{"<!-- -- >", "ends inside an element's tag", 1},
		{"\n{{t none.such}}", "no such message", 2},
		{"{{t bad}}", "a message (vi) may hold {{name}} tags only", 1},
		{"\xff", "is not UTF-8", 0},
	};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct templates *t;
		struct fault f;
		if (load(p, &t, BAD[i].text, &f) == RC_OK)
			fail_msg("taken: %s", BAD[i].text);
		assert_int_equal(f.rc, RC_SYNTAX);
		assert_null(t);
		assert_true(str_ends(str_of(f.file), STR("/t/room/page.mustache")));
		if (!str_is(str_of(f.text), BAD[i].why) || f.line != BAD[i].line)
			fail_msg("%s: line %d, %s", BAD[i].text, f.line, f.text);
	}
	static const char *const GOOD[] = {
		"<!doctype html><!-- a > b - -- c --><p>x",
		"<input {{#open}}checked{{/open}}><input{{#open}} checked{{/open}} disabled>",
		"<p class=\"a {{#open}}b {{title}}{{/open}}\" id=\"{{title}}-x\">",
		"<a href=\"{{photo}}\"></a><img src=\"{{photo}}\" alt=\"{{t hello}}\"/><br/>",
		"<script src=\"/x.js\" defer></script>\n<script src=\"{{photo}}\"> </script>",
		"<a href=\"/a?b=c&amp;d\">{{! {{a comment }}</a><a href=\"#x\"></a><a href=\"tel:113\"></a>",
		"{{#open}}<p>{{/open}}{{^open}}<div>{{/open}}",
		"<p>\"quotes' and onclick=\"x\" in text, javascript: too</p>",
	};
	for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
		struct templates *t;
		struct fault f;
		if (load(p, &t, GOOD[i], &f) != RC_OK)
			fail_msg("%s: line %d, %s %s", GOOD[i], f.line, f.field, f.text);
		templates_free(t);
	}
}

static void checked(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *text, *field, *why;
		int line;
	} BAD[] = {
		{"{{title}}\n{{titel}}", "titel", "no such field in shape top", 2},
		{"{{#items}}{{nam}}{{/items}}", "nam", "no such field in shape item", 1},
		{"{{#none}}x{{/none}}", "none", "no such field in shape top", 1},
		{"{{^none}}x{{/none}}", "none", "no such field in shape top", 1},
		{"{{one.nam}}", "one.nam", "no such field in shape item", 1},
		{"{{one.name.x}}", "one.name.x", "no such display form of a field of type text", 1},
		{"{{^items}}{{url}}{{/items}}", "url", "no such field in shape top", 1},
		{"{{at}}", "at", "has no text of its own: a field of type time", 1},
		{"{{at.day}}", "at.day", "no such display form of a field of type time", 1},
		{"{{kind}}", "kind", "has no text of its own: a field of type key", 1},
		{"{{open}}", "open", "has no text of its own: a field of type bool", 1},
		{"{{items}}", "items", "has no text of its own: a field of type list", 1},
		{"{{one}}", "one", "has no text of its own: a field of type object", 1},
		{"{{n.one}}", "n.one", "has no text of its own: a field of type int", 1},
		{"{{#n.count}}{{/n.count}}", "n.count", "this display form is no section", 1},
		{"{{items.name}}", "items.name", "no such display form of a field of type list", 1},
		{"{{.}}", ".", "the whole context has no text", 1},
		{"{{>room/none}}", "room/none", "no such partial", 1},
		{"<a href=\"{{title}}\">", "title", "only a field of type url may be an address, not text", 1},
		{"<a href=\"{{photo}}\">", "photo", "an image's address is no link", 1},
		{"<script src=\"{{photo}}\"></script>", "photo", "an image's address is no link", 1},
		{"<img src=\"{{kind.label}}\">", "kind.label", "only a field of type url may be an address, not key", 1},
		{"{{#items}}{{>room/part}}{{/items}}{{>room/part}}", "url", "no such field in shape top", 2},
	};
	put(p->dir, "t/room/part.mustache", "{{name}}\n{{url}}");
	struct templates *t;
	struct fault f;
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		if (load(p, &t, BAD[i].text, &f) != RC_OK)
			fail_msg("%s: %s", BAD[i].text, f.text);
		assert_int_equal(template_check(t, STR("room/page"), &TOP, &AROUND, &f), RC_SYNTAX);
		if (!str_is(str_of(f.text), BAD[i].why) || f.line != BAD[i].line ||
		    !str_is(str_of(f.field), BAD[i].field))
			fail_msg("%s: line %d, %s: %s", BAD[i].text, f.line, f.field, f.text);
		templates_free(t);
	}
	assert_int_equal(load(p, &t, "{{lang}}", &f), RC_OK);
	assert_int_equal(template_check(t, STR("room/page"), &TOP, &AROUND, &f), RC_OK);
	assert_int_equal(template_check(t, STR("room/page"), &TOP, NULL, &f), RC_SYNTAX);
	assert_int_equal(template_check(t, STR("room/none"), &TOP, NULL, &f), RC_NONE);
	templates_free(t);
}

static void all_checked(void **state)
{
	struct place *p = *state;
	struct templates *t;
	struct fault f;
	static const struct template_page PAGES[] = {{"room/page", &TOP}, {"room/a", &ITEM}};
	put(p->dir, "t/room/part.mustache", "{{name}}{{>room/self}}");
	put(p->dir, "t/room/self.mustache", "{{#n}}{{>room/self}}{{/n}}");
	put(p->dir, "t/room/a.mustache", "{{name}}");
	assert_int_equal(load(p, &t, "{{#items}}{{>room/part}}{{/items}}", &f), RC_OK);
	assert_int_equal(templates_check_all(t, PAGES, 2, &AROUND, &f), RC_OK);
	assert_int_equal(templates_check_all(t, PAGES, 1, &AROUND, &f), RC_SYNTAX);
	assert_true(str_ends(str_of(f.file), STR("/room/a.mustache")));
	assert_string_equal(f.text, "no page and no other template uses it");
	templates_free(t);
	assert_int_equal(load(p, &t, "{{title}}", &f), RC_OK);
	assert_int_equal(templates_check_all(t, PAGES, 2, &AROUND, &f), RC_SYNTAX);
	assert_true(str_ends(str_of(f.file), STR("/room/part.mustache")));
	templates_free(t);
	assert_int_equal(templates_load(&t, "/nowhere", p->po, &f), RC_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rendered, setup, teardown),
		cmocka_unit_test_setup_teardown(lint, setup, teardown),
		cmocka_unit_test_setup_teardown(checked, setup, teardown),
		cmocka_unit_test_setup_teardown(all_checked, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
