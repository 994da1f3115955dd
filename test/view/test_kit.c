/* The kit's own templates against their shapes, as a page of a room uses them. */
#include "kit/view/frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* libgettextpo 0.21 loses a few bytes whenever it reads a file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libgettextpo"; }

enum { PAGE_FIELDS, PAGE_ERRORS };
static const struct field PAGE_F[] = {
	[PAGE_FIELDS] = {"fields", V_LIST, SEE_ALL, "of a form", &FORM_FIELD, NULL},
	[PAGE_ERRORS] = {"errors", V_LIST, SEE_ALL, "of a form", &FORM_ERROR, NULL},
};
static const struct shape PAGE = SHAPE("page", PAGE_F);

enum { TYPED_ID, TYPED_WORDS };
static const struct field TYPED_F[] = {
	[TYPED_ID] = {"id", V_TEXT, SEE_ALL, "id of the field", NULL, NULL},
	[TYPED_WORDS] = {"words", V_TEXT, SEE_ALL, "what was typed", NULL, NULL},
};
static const struct shape TYPED = SHAPE("typed", TYPED_F);

enum { ERR_HEADING, ERR_TEXT, ERR_NEXT, ERR_BACK, ERR_OFFICE, ERR_OFFICE_URL, ERR_TYPED };
static const struct field ERR_F[] = {
	[ERR_HEADING] = {"heading", V_TEXT, SEE_ALL, "what happened", NULL, NULL},
	[ERR_TEXT] = {"text", V_TEXT, SEE_ALL, "what it means", NULL, NULL},
	[ERR_NEXT] = {"next", V_TEXT, SEE_ALL, "what to do next", NULL, NULL},
	[ERR_BACK] = {"back", V_URL, SEE_ALL, "first page", NULL, NULL},
	[ERR_OFFICE] = {"office", V_TEXT, SEE_ALL, "office to call", NULL, NULL},
	[ERR_OFFICE_URL] = {"office_url", V_URL, SEE_ALL, "tel: of the office", NULL, NULL},
	[ERR_TYPED] = {"typed", V_LIST, SEE_ALL, "words that were not taken", &TYPED, NULL},
};
static const struct field GONE_F[] = {
	{"title", V_TEXT, SEE_ALL, "", NULL, NULL},
	{"more", V_TEXT, SEE_ALL, "", NULL, NULL},
};
static const struct shape GONE = SHAPE("gone", GONE_F);
static const struct shape ERR = SHAPE("error_page", ERR_F);

struct place {
	char dir[64], kit[96], room[96], page[128];
	struct po *po;
	struct templates *t;
	struct arena arena;
};

static int setup(void **state)
{
	static struct place p;
	p = (struct place){.dir = "/tmp/xom-kit-XXXXXX"};
	char from[512], po[512];
	struct fault f = {0};
	assert_non_null(mkdtemp(p.dir));
	(void)snprintf(p.kit, sizeof p.kit, "%s/kit", p.dir);
	(void)snprintf(p.room, sizeof p.room, "%s/room", p.dir);
	(void)snprintf(p.page, sizeof p.page, "%s/form.mustache", p.room);
	(void)snprintf(from, sizeof from, "%s/templates/kit", getenv("XOM_SRC"));
	(void)snprintf(po, sizeof po, "%s/po", getenv("XOM_SRC"));
	assert_int_equal(symlink(from, p.kit), 0);
	assert_int_equal(mkdir(p.room, 0700), 0);
	FILE *out = fopen(p.page, "w");
	assert_non_null(out);
	assert_true(fputs("{{>kit/top}}\n{{>kit/errors}}\n<form method=\"post\">\n{{#fields}}\n{{>kit/field}}\n"
	                  "{{/fields}}\n</form>\n{{>kit/bottom}}\n", out) >= 0);
	assert_int_equal(fclose(out), 0);
	if (po_load(&p.po, po, &f) != RC_OK || templates_load(&p.t, p.dir, p.po, &f) != RC_OK)
		fail_msg("%s:%d %s: %s", f.file, f.line, f.field, f.text);
	arena_init(&p.arena, ARENA_REQUEST_LIMIT);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	templates_free(p->t);
	po_free(p->po);
	arena_release(&p->arena);
	assert_int_equal(remove(p->page), 0);
	assert_int_equal(remove(p->room), 0);
	assert_int_equal(remove(p->kit), 0);
	return remove(p->dir);
}

static void checked(void **state)
{
	struct place *p = *state;
	struct fault f = {0};
	const struct template_page pages[] = {{"room/form", &PAGE}, {"kit/error", &ERR}, {"kit/photo_gone", &GONE}};
	if (templates_check_all(p->t, pages, 3, &FRAME, &f) != RC_OK)
		fail_msg("%s:%d %s: %s", f.file, f.line, f.field, f.text);
}

static struct vobj *frame(const struct view *v, bool signed_in)
{
	struct vobj *o = view_new(v, &FRAME);
	view_text(o, FRAME_TITLE, STR("Ở đâu?"));
	view_text(o, FRAME_LANG, str_of(lang_name(v->lang)));
	view_text(o, FRAME_WARD, STR("Phường <Sông Mây>"));
	view_url(o, FRAME_HOME, STR("/"));
	struct vobj *l = view_item(o, FRAME_LANGS);
	enum lang other = v->lang == LANG_vi ? LANG_en : LANG_vi;
	view_text(l, LANG_CODE, str_of(lang_name(other)));
	view_text(l, LANG_OWN_NAME, lang_own_name(other));
	view_url(l, LANG_URL, arena_fmt(v->arena, "%.*s/", PSTR(lang_prefix(other))));
	view_bool(o, FRAME_UNREAD, !lang_whole(v->lang));
	view_url(o, FRAME_EARLY, STR("/assets/early.js"));
	view_url(o, FRAME_CSS, STR("/assets/site.css"));
	view_url(o, FRAME_JS, STR("/assets/site.js"));
	view_url(o, FRAME_ICON, STR("/assets/icon.svg"));
	view_bool(o, FRAME_DEMO, true);
	struct vobj *n = view_item(o, FRAME_NAV);
	view_text(n, NAV_LABEL, STR("Báo việc"));
	view_url(n, NAV_URL, STR("/report"));
	view_bool(n, NAV_CURRENT, true);
	if (signed_in) {
		view_text(o, FRAME_ACCOUNT, STR("Bình"));
		view_url(o, FRAME_SIGN_OUT, STR("/sign-out"));
		view_text(o, FRAME_TOKEN, STR("tok\"en"));
	} else {
		view_url(o, FRAME_SIGN_IN, STR("/sign-in"));
	}
	return o;
}

static struct str render(struct place *p, enum lang l, const struct form_field *ff, bool signed_in)
{
	struct view v = {.arena = &p->arena, .sights = SEE_PUBLIC, .lang = l, .po = p->po};
	struct vobj *o = view_new(&v, &PAGE);
	if (ff != NULL)
		form_field_add(o, PAGE_FIELDS, PAGE_ERRORS, &v, ff);
	struct buf b = {0};
	struct fault f = {0};
	assert_int_equal(template_render(templates_find(p->t, STR("room/form"), l), &b, o,
	                                 frame(&v, signed_in), &f), RC_OK);
	return arena_take(&p->arena, &b);
}

static void has(struct str page, const char *part)
{
	if (str_find(page, str_of(part)) == SIZE_MAX)
		fail_msg("%s is not in\n%.*s", part, PSTR(page));
}

static void has_not(struct str page, const char *part)
{
	if (str_find(page, str_of(part)) != SIZE_MAX)
		fail_msg("%s is in\n%.*s", part, PSTR(page));
}

static void framed(void **state)
{
	struct place *p = *state;
	struct str s = render(p, LANG_vi, NULL, false);
	has(s, "<html class=\"govuk-template\" lang=\"vi\">");
	has(s, "<title>Ở đâu? – Phường &lt;Sông Mây&gt;</title>");
	has(s, "href=\"#main\"");
	has(s, "<strong>DEMO</strong>");
	has(s, "<a class=\"x-nav__link\" href=\"/report\" aria-current=\"page\">Báo việc</a>");
	has(s, "hreflang=\"en\">English</a>");
	has(s, "href=\"tel:113\"");
	has(s, "href=\"/sign-in\"");
	has_not(s, "name=\"token\"");
	has_not(s, "govuk-error-summary");
	has_not(s, "{{");
	s = render(p, LANG_en, NULL, true);
	has(s, "hreflang=\"vi\">Tiếng Việt</a>");
	has(s, "Signed in: Bình");
	has(s, "<form method=\"post\" action=\"/sign-out\">\n<input type=\"hidden\" name=\"token\" value=\"tok&quot;en\">");
	has_not(s, "/sign-in");
}

static void fields(void **state)
{
	struct place *p = *state;
	const struct form_option options[] = {
		{.value = STR("a"), .label = STR("A"), .hint = STR("of a")},
		{.value = STR("b"), .label = STR("B"), .checked = true},
	};
	struct form_field ff = {.kind = FORM_TEXT, .name = "where", .label = STR("Where <?>"),
		.hint = STR("Near what"), .value = STR("\"><script>"), .error = STR("Too long"),
		.autocomplete = "off", .inputmode = "text", .narrow = true, .heading = true,
		.options = options, .option_count = 2, .max = 2000};
	struct str s = render(p, LANG_vi, &ff, false);
	has(s, "<h1 class=\"govuk-label-wrapper\"><label class=\"govuk-label govuk-label--l\" for=\"where\">Where &lt;?&gt;</label></h1>");
	has(s, "value=\"&quot;&gt;&lt;script&gt;\" spellcheck=\"false\"");
	has(s, " autocomplete=\"off\" inputmode=\"text\" aria-invalid=\"true\" aria-describedby=\"where-hint where-error\">");
	has(s, "id=\"where-hint\">Near what</div>");
	has(s, "<li><a href=\"#where\">Too long</a></li>");
	ff.error = STR_EMPTY;
	ff.heading = ff.narrow = false;
	s = render(p, LANG_vi, &ff, false);
	has(s, "<label class=\"govuk-label\" for=\"where\">");
	has(s, " aria-describedby=\"where-hint\">");
	has_not(s, "where-error");
	ff.kind = FORM_AREA;
	ff.value = STR("\nx < y");
	s = render(p, LANG_vi, &ff, false);
	/* The first line end inside a textarea is the template's: what was typed keeps its own. */
	has(s, "rows=\"5\" autocomplete=\"off\" inputmode=\"text\" aria-describedby=\"where-hint\">\n\nx &lt; y</textarea>");
	has(s, "2.000");
	ff.kind = FORM_RADIOS;
	s = render(p, LANG_vi, &ff, false);
	has(s, "<fieldset class=\"govuk-fieldset\" aria-describedby=\"where-hint\">");
	has(s, "id=\"where\" name=\"where\" type=\"radio\" value=\"a\" aria-describedby=\"where-item-hint\">");
	has(s, "id=\"where-2\" name=\"where\" type=\"radio\" value=\"b\" checked>");
	ff.kind = FORM_CHECKBOXES;
	s = render(p, LANG_vi, &ff, false);
	has(s, "id=\"where-2\" name=\"where\" type=\"checkbox\" value=\"b\" checked>");
	ff.kind = FORM_SELECT;
	s = render(p, LANG_vi, &ff, false);
	has(s, "<option value=\"b\" selected>B</option>");
	ff.kind = FORM_FILES;
	s = render(p, LANG_vi, &ff, false);
	has(s, "type=\"file\" accept=\"image/jpeg,image/png\" multiple aria-describedby");
	ff.kind = FORM_PASSWORD;
	s = render(p, LANG_vi, &ff, false);
	has(s, "type=\"password\"");
	has_not(s, "&lt; y"); /* a password is never written back */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(checked, setup, teardown),
		cmocka_unit_test_setup_teardown(framed, setup, teardown),
		cmocka_unit_test_setup_teardown(fields, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
