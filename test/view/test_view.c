#include "kit/view/view.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/base/clock.h"
#include "kit/view/frame.h"

enum { WHO_NAME, WHO_PHONE };
static const struct field WHO_F[] = {
	[WHO_NAME] = {"name", V_TEXT, SEE_ALL, "the name", NULL, NULL},
	[WHO_PHONE] = {"phone", V_TEXT, SEE_ADMIN, "the number", NULL, NULL},
};
static const struct shape WHO = SHAPE("who", WHO_F);

enum { ROW_CODE, ROW_KIND, ROW_AT, ROW_DUE, ROW_N, ROW_LATE, ROW_URL, ROW_WHO, ROW_NOTE, ROW_SUBS };
static const struct field ROW_F[] = {
	[ROW_CODE] = {"code", V_TEXT, SEE_ALL, "the code", NULL, NULL},
	[ROW_KIND] = {"kind", V_KEY, SEE_ALL, "the kind", NULL, NULL},
	[ROW_AT] = {"at", V_TIME, SEE_ALL, "when", NULL, NULL},
	[ROW_DUE] = {"due", V_DAY, SEE_ALL, "until", NULL, NULL},
	[ROW_N] = {"n", V_INT, SEE_ALL, "how many", NULL, "m"},
	[ROW_LATE] = {"late", V_BOOL, SEE_ALL, "overdue", NULL, NULL},
	[ROW_URL] = {"url", V_URL, SEE_ALL, "where", NULL, NULL},
	[ROW_WHO] = {"who", V_OBJ, SEE_ALL, "a person", &WHO, NULL},
	[ROW_NOTE] = {"note", V_TEXT, SEE_HANDLER | SEE_OFFICE, "a note", NULL, NULL},
	[ROW_SUBS] = {"subs", V_LIST, SEE_ALL, "rows below", NULL, NULL},
};
static struct field row_f[sizeof ROW_F / sizeof *ROW_F];
static struct shape ROW = SHAPE("row", row_f);

enum { PAGE_NAME, PAGE_ROWS, PAGE_SECRET, PAGE_FIELDS, PAGE_ERRORS, PAGE_PHOTO };
static const struct field PAGE_F[] = {
	[PAGE_NAME] = {"name", V_TEXT, SEE_ALL, "of the page", NULL, NULL},
	[PAGE_ROWS] = {"rows", V_LIST, SEE_ALL, "the rows", &ROW, NULL},
	[PAGE_SECRET] = {"secret", V_LIST, SEE_ADMIN, "others", &WHO, NULL},
	[PAGE_FIELDS] = {"fields", V_LIST, SEE_ALL, "of a form", &FORM_FIELD, NULL},
	[PAGE_ERRORS] = {"errors", V_LIST, SEE_ALL, "of a form", &FORM_ERROR, NULL},
	[PAGE_PHOTO] = {"photo", V_URL, SEE_ALL, "a picture", NULL, "image"},
};
static const struct shape PAGE = SHAPE("page", PAGE_F);

static struct arena arena;

static struct view seen_by(unsigned sights)
{
	return (struct view){.arena = &arena, .sights = sights, .lang = LANG_vi};
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; i < ROW.count; i++)
		row_f[i] = ROW_F[i];
	row_f[ROW_SUBS].sub = &ROW; /* a shape within itself, as a thread of comments has */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct vobj *page(unsigned sights)
{
	struct view v = seen_by(sights);
	struct vobj *o = view_new(&v, &PAGE);
	v.sights = 0; /* the object has its own copy */
	view_text(o, PAGE_NAME, STR("=1+1"));
	struct vobj *r = view_item(o, PAGE_ROWS);
	view_text(r, ROW_CODE, STR("=HYPERLINK(\"x\")"));
	view_key(r, ROW_KIND, STR("lamp"), STR("Đèn đường"));
	view_time(r, ROW_AT, INT64_C(1795417503) * US_SECOND);
	view_day(r, ROW_DUE, 20780);
	view_int(r, ROW_N, -5);
	view_bool(r, ROW_LATE, false);
	view_url(r, ROW_URL, STR("/a?b=1&c=2"));
	struct vobj *w = view_obj(r, ROW_WHO);
	view_text(w, WHO_NAME, STR("A, <b>\n"));
	view_text(w, WHO_PHONE, STR("0900"));
	view_text(r, ROW_NOTE, STR("n"));
	r = view_item(o, PAGE_ROWS);
	view_text(r, ROW_CODE, STR(""));
	view_int(r, ROW_N, 0);
	view_time(r, ROW_AT, 0);
	view_day(r, ROW_DUE, 0);
	view_key(r, ROW_KIND, STR(""), STR("nothing"));
	view_url(r, ROW_URL, STR(""));
	view_text(view_item(o, PAGE_SECRET), WHO_NAME, STR("hidden"));
	return o;
}

static void json(void **state)
{
	(void)state;
	struct buf b = {0};
	view_json(&b, page(SEE_PUBLIC));
	assert_string_equal(b.p,
		"{\"name\":\"=1+1\",\"rows\":["
		"{\"code\":\"=HYPERLINK(\\\"x\\\")\",\"kind\":\"lamp\",\"at\":\"2026-11-23T07:05:03Z\","
		"\"due\":\"2026-11-23\",\"n\":-5,\"late\":false,\"url\":\"/a?b=1\\u0026c=2\","
		"\"who\":{\"name\":\"A, \\u003cb\\u003e\\n\"},\"subs\":[]},"
		"{\"n\":0,\"subs\":[]}],\"fields\":[],\"errors\":[]}");
	b.n = 0;
	view_json(&b, page(SEE_ADMIN));
	json_t *j = json_loads(b.p, 0, NULL);
	json_t *row = json_array_get(json_object_get(j, "rows"), 0);
	assert_string_equal(json_string_value(json_object_get(json_object_get(row, "who"), "phone")), "0900");
	assert_null(json_object_get(row, "note"));
	assert_int_equal(json_array_size(json_object_get(j, "secret")), 1);
	json_decref(j);
	buf_release(&b);
}

static void csv(void **state)
{
	(void)state;
	struct buf b = {0};
	view_csv(&b, page(SEE_HANDLER), -1);
	assert_string_equal(b.p,
		"\xEF\xBB\xBF" "code,kind,at,due,n,late,url,who.name,note\r\n"
		"\"'=HYPERLINK(\"\"x\"\")\",lamp,2026-11-23T07:05:03Z,2026-11-23,-5,0,/a?b=1&c=2,"
		"\"A, <b>\n\",n\r\n"
		",,,,0,,,,\r\n");
	b.n = 0;
	view_csv(&b, page(SEE_ADMIN), PAGE_SECRET);
	assert_string_equal(b.p, "\xEF\xBB\xBFname,phone\r\nhidden,\r\n");
	b.n = 0;
	view_csv(&b, page(SEE_PUBLIC), PAGE_SECRET);
	assert_string_equal(b.p, "\xEF\xBB\xBF");
	buf_release(&b);
}

static void unseen(void **state)
{
	(void)state;
	struct view v = seen_by(SEE_PUBLIC);
	struct vobj *o = view_new(&v, &PAGE);
	struct vobj *none = view_item(o, PAGE_SECRET);
	assert_null(none);
	view_text(none, WHO_NAME, STR("x"));
	view_int(none, WHO_NAME, 1);
	view_url(none, WHO_NAME, STR("x"));
	assert_null(view_obj(none, WHO_NAME));
	assert_null(view_item(none, WHO_NAME));
	for (int i = 0; i < 100; i++)
		assert_non_null(view_item(o, PAGE_ROWS));
	struct buf b = {0};
	view_json(&b, o);
	assert_int_equal(str_find(buf_str(&b), STR("secret")), SIZE_MAX);
	buf_release(&b);
}

static void described(void **state)
{
	(void)state;
	struct buf b = {0};
	shape_describe(&b, &PAGE);
	json_t *j = json_loads(b.p, 0, NULL);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "name")), "page");
	json_t *rows = json_array_get(json_object_get(j, "fields"), PAGE_ROWS);
	assert_string_equal(json_string_value(json_object_get(rows, "type")), "list");
	json_t *fields = json_object_get(json_object_get(rows, "of"), "fields");
	assert_int_equal(json_array_size(fields), ROW.count);
	json_t *n = json_array_get(fields, ROW_N), *note = json_array_get(fields, ROW_NOTE);
	assert_string_equal(json_string_value(json_object_get(n, "unit")), "m");
	assert_string_equal(json_string_value(json_object_get(n, "help")), "how many");
	char *who = json_dumps(json_object_get(note, "who"), JSON_COMPACT);
	assert_string_equal(who, "[\"handler\",\"office\"]");
	free(who);
	/* Its own shape below itself is named, not described for ever. */
	json_t *subs = json_object_get(json_array_get(fields, ROW_SUBS), "of");
	assert_string_equal(json_string_value(json_object_get(subs, "name")), "row");
	assert_null(json_object_get(subs, "fields"));
	json_decref(j);
	buf_release(&b);
}

struct bad_url {
	const char *url;
	int field;
};

/* A BUG ends the process: looked at from outside. */
static bool dies(void (*fn)(const void *), const void *arg)
{
	pid_t pid = fork();
	if (pid == 0) {
		(void)fclose(stderr);
		(void)signal(SIGABRT, SIG_DFL);
		fn(arg);
		_exit(0);
	}
	int status = 0;
	(void)waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void set_url(const void *arg)
{
	const struct bad_url *u = arg;
	struct view v = seen_by(SEE_ALL);
	struct vobj *o = view_new(&v, u->field == PAGE_PHOTO ? &PAGE : &ROW);
	view_url(o, u->field, str_of(u->url));
}

static void urls(void **state)
{
	(void)state;
	static const struct bad_url BAD[] = {
		{"javascript:alert(1)", ROW_URL}, {"//evil.example", ROW_URL}, {"/\\evil.example", ROW_URL},
		{"http://plain.example", ROW_URL}, {"relative", ROW_URL}, {"/a b", ROW_URL},
		{"/a\nb", ROW_URL}, {" /a", ROW_URL}, {"data:image/jpeg;base64,AA", ROW_URL},
		{"data:image/svg+xml;base64,AA", PAGE_PHOTO}, {"data:text/html,x", PAGE_PHOTO},
		{"JavaScript:x", PAGE_PHOTO},
	};
	static const struct bad_url GOOD[] = {
		{"/", ROW_URL}, {"/a/b?c=%20#d", ROW_URL}, {"#id", ROW_URL}, {"https://a.example/", ROW_URL},
		{"tel:0292", ROW_URL}, {"mailto:a@b.example", ROW_URL}, {"", ROW_URL},
		{"data:image/jpeg;base64,AA", PAGE_PHOTO}, {"/photo/1.jpg", PAGE_PHOTO},
	};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		if (!dies(set_url, &BAD[i]))
			fail_msg("%s was taken", BAD[i].url);
	for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
		if (dies(set_url, &GOOD[i]))
			fail_msg("%s was refused", GOOD[i].url);
}

static void wrong_type(const void *arg)
{
	(void)arg;
	struct view v = seen_by(SEE_ALL);
	view_int(view_new(&v, &ROW), ROW_CODE, 1);
}

static void wrong_field(const void *arg)
{
	(void)arg;
	struct view v = seen_by(SEE_ALL);
	view_text(view_new(&v, &ROW), (int)ROW.count, STR("x"));
}

static void not_a_list(const void *arg)
{
	(void)arg;
	struct view v = seen_by(SEE_ALL);
	struct buf b = {0};
	view_csv(&b, view_new(&v, &ROW), ROW_CODE);
}

static void bugs(void **state)
{
	(void)state;
	assert_true(dies(wrong_type, NULL));
	assert_true(dies(wrong_field, NULL));
	assert_true(dies(not_a_list, NULL));
}

static void form_fields(void **state)
{
	(void)state;
	struct view v = seen_by(SEE_ALL);
	struct vobj *o = view_new(&v, &PAGE);
	const struct form_option options[] = {
		{.value = STR("a"), .label = STR("A")},
		{.value = STR("b"), .label = STR("B"), .checked = true},
	};
	const struct form_field ff = {.kind = FORM_RADIOS, .name = "kind", .label = STR("Which?"),
		.error = STR("Choose one"), .options = options, .option_count = 2};
	form_field_add(o, PAGE_FIELDS, PAGE_ERRORS, &v, &ff);
	struct buf b = {0};
	view_json(&b, o);
	assert_non_null(strstr(b.p, "\"is_radios\":true"));
	assert_non_null(strstr(b.p, "{\"value\":\"b\",\"label\":\"B\",\"id\":\"kind-2\",\"checked\":true}"));
	assert_non_null(strstr(b.p, "\"errors\":[{\"text\":\"Choose one\",\"url\":\"#kind\"}]"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json, setup, teardown),
		cmocka_unit_test_setup_teardown(csv, setup, teardown),
		cmocka_unit_test_setup_teardown(unseen, setup, teardown),
		cmocka_unit_test_setup_teardown(described, setup, teardown),
		cmocka_unit_test_setup_teardown(urls, setup, teardown),
		cmocka_unit_test_setup_teardown(bugs, setup, teardown),
		cmocka_unit_test_setup_teardown(form_fields, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
