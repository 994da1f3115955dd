#include "kit/base/po.h"

#include <errno.h>
#include <gettext-po.h>
#include <setjmp.h>

#include "kit/base/yaml.h"

/* libgettextpo 0.21 loses the file's name once a message; the leak checker is not to tell us. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined WATCHED
#include <sanitizer/lsan_interface.h>
#else
static void __lsan_disable(void) {}
static void __lsan_enable(void) {}
#endif

struct message {
	struct str key, text;
};
struct po {
	struct arena arena;
	struct message *list[LANG_COUNT]; /* in the order of keys; the same keys in every language */
	size_t count;
};

/* libgettextpo tells its errors only through functions without a context, and must not be
 * returned to after a fatal one. Set only while po_load runs, in its thread. */
struct reading {
	struct fault *f;
	bool failed;
	jmp_buf fatal;
};
static _Thread_local struct reading *reading;

static void told(int severity, po_message_t message, const char *file, size_t line, size_t column,
                 int multiline, const char *text)
{
	(void)message;
	(void)column;
	(void)multiline;
	if (severity != PO_SEVERITY_WARNING && !reading->failed) {
		reading->failed = true; /* the first one says it */
		(void)fault_at(reading->f, RC_SYNTAX, file, line == (size_t)-1 ? 0 : (int)line, "", "%s",
		               text);
	}
	if (severity == PO_SEVERITY_FATAL_ERROR)
		longjmp(reading->fatal, 1);
}

static void told_twice(int severity, po_message_t m1, const char *file1, size_t line1,
                       size_t column1, int multiline1, const char *text1, po_message_t m2,
                       const char *file2, size_t line2, size_t column2, int multiline2,
                       const char *text2)
{
	told(severity, m1, file1, line1, column1, multiline1, text1);
	told(severity, m2, file2, line2, column2, multiline2, text2);
}

static po_file_t read_file(const char *path, struct fault *f)
{
	static const struct po_xerror_handler handler = {told, told_twice};
	struct reading now = {.f = f};
	/* volatile: assigned between setjmp and longjmp */
	po_file_t volatile file = NULL;
	reading = &now;
	__lsan_disable();
	if (setjmp(now.fatal) == 0)
		file = po_file_read(path, &handler);
	__lsan_enable();
	reading = NULL;
	if (file == NULL && !now.failed)
		(void)fault_at(f, RC_NONE, path, 0, "", "cannot open: %s", strerror(errno));
	if (file != NULL && now.failed) {
		po_file_free(file);
		file = NULL;
	}
	return file;
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct message *)a)->key, ((const struct message *)b)->key);
}

/* libgettextpo keeps no lines of messages: looked up in the text, for faults only. */
static int line_of(struct arena *a, const char *path, struct str key)
{
	struct str text, want = arena_fmt(a, "msgid \"%.*s\"", PSTR(key));
	if (file_read(a, path, 16u << 20, &text, NULL) != RC_OK)
		return 0;
	for (int line = 1; text.p != NULL; line++)
		if (str_eq(str_trim(str_cut(&text, '\n')), want))
			return line;
	return 0;
}

static enum rc bad(struct arena *a, struct fault *f, const char *path, struct str key,
                   const char *text)
{
	return fault_at(f, RC_SYNTAX, path, line_of(a, path, key), arena_z(a, key), "%s", text);
}

static enum rc take(struct po *po, enum lang l, const char *path, po_message_t m, struct fault *f)
{
	struct str key = arena_copy(&po->arena, str_of(po_message_msgid(m)));
	struct str text = arena_copy(&po->arena, str_of(po_message_msgstr(m)));
	if (po_message_msgid_plural(m) != NULL || po_message_msgctxt(m) != NULL)
		return bad(&po->arena, f, path, key, "plural forms and contexts are not used here");
	if (po_message_is_fuzzy(m))
		return bad(&po->arena, f, path, key, "is fuzzy: check the translation, remove the flag");
	if (str_trim(text).n == 0)
		return bad(&po->arena, f, path, key, "has no text");
	if (!text_utf8_ok(text) || !text_utf8_ok(key))
		return bad(&po->arena, f, path, key, "is not UTF-8");
	po->list[l][po->count++] = (struct message){key, text};
	return RC_OK;
}

static enum rc read_lang(struct po *po, enum lang l, const char *path, struct fault *f)
{
	po_file_t file = read_file(path, f);
	if (file == NULL)
		return f != NULL ? f->rc : RC_SYNTAX;
	enum rc rc = RC_OK;
	size_t n = 0;
	po_message_t m;
	po_message_iterator_t it = po_message_iterator(file, NULL);
	while (po_next_message(it) != NULL)
		n++;
	po_message_iterator_free(it);
	po->list[l] = arena_array(&po->arena, n + 1, sizeof **po->list);
	po->count = 0;
	it = po_message_iterator(file, NULL);
	while (rc == RC_OK && (m = po_next_message(it)) != NULL)
		if (!po_message_is_obsolete(m) && po_message_msgid(m)[0] != '\0')
			rc = take(po, l, path, m, f);
	po_message_iterator_free(it);
	po_file_free(file);
	if (rc == RC_OK)
		qsort(po->list[l], po->count, sizeof **po->list, by_key);
	return rc;
}

/* The next {{tag}} of *rest, or {NULL, 0}; *open: a tag that isn't closed. */
static struct str tag(struct str *rest, bool *open)
{
	size_t from = str_find(*rest, STR("{{"));
	if (from == SIZE_MAX)
		return (struct str){NULL, 0};
	*rest = str_sub(*rest, from + 2, rest->n);
	size_t n = str_find(*rest, STR("}}"));
	*open = n == SIZE_MAX;
	if (*open)
		return (struct str){NULL, 0};
	struct str t = str_trim(str_sub(*rest, 0, n));
	*rest = str_sub(*rest, n + 2, rest->n);
	return t;
}

/* Every tag of a stands in b. */
static bool tags_in(struct str a, struct str b, bool *open)
{
	for (struct str t; (t = tag(&a, open)).p != NULL;) {
		bool there = false;
		struct str rest = b;
		for (struct str u; !there && (u = tag(&rest, open)).p != NULL;)
			there = str_eq(t, u);
		if (!there)
			return false;
	}
	return !*open;
}

/* The list of a language that isn't whole, with the Vietnamese for what it lacks; a key that the
 * Vietnamese hasn't stays, for compare() to find. */
static void complete(struct po *po, enum lang l, size_t count)
{
	struct message *own = po->list[l], *all = arena_array(&po->arena, count + po->count + 1, sizeof *all);
	size_t n = 0, i = 0, k = 0;
	while (i < count || k < po->count) {
		struct message *vi = po->list[LANG_vi] + i;
		int c = i == count ? 1 : k == po->count ? -1 : str_cmp(vi->key, own[k].key);
		all[n++] = c < 0 ? *vi : own[k];
		i += c <= 0;
		k += c >= 0;
	}
	po->list[l] = all;
	po->count = n;
}

static enum rc compare(struct po *po, enum lang l, size_t count, const char *vi, const char *path,
                       struct fault *f)
{
	size_t i = 0, k = 0;
	while (i < count || k < po->count) {
		struct message *a = po->list[LANG_vi] + i, *b = po->list[l] + k;
		int c = i == count ? 1 : k == po->count ? -1 : str_cmp(a->key, b->key);
		if (c < 0)
			return fault_at(f, RC_SYNTAX, path, 0, arena_z(&po->arena, a->key), "is missing");
		if (c > 0)
			return bad(&po->arena, f, path, b->key, "is not among the Vietnamese");
		bool open = false;
		if (!tags_in(a->text, a->text, &open))
			return bad(&po->arena, f, vi, a->key, "has a {{tag without end");
		if (!tags_in(a->text, b->text, &open) || !tags_in(b->text, a->text, &open))
			return bad(&po->arena, f, path, b->key, "has other {{tags}} than the Vietnamese");
		i++;
		k++;
	}
	return RC_OK;
}

enum rc po_load(struct po **out, const char *dir, struct fault *f)
{
	struct fault own;
	if (f == NULL)
		f = &own;
	struct po *po = calloc(1, sizeof *po);
	if (po == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	arena_init(&po->arena, (size_t)64 << 20);
	enum rc rc = RC_OK;
	size_t count = 0;
	const char *vi = NULL;
	for (enum lang l = LANG_vi; rc == RC_OK && l < LANG_COUNT; l++) {
		const char *path = arena_fmt(&po->arena, "%s/%s.po", dir, lang_name(l)).p;
		rc = read_lang(po, l, path, f);
		if (l == LANG_vi) {
			vi = path;
			count = po->count;
		}
		if (rc == RC_OK && !lang_whole(l))
			complete(po, l, count);
		if (rc == RC_OK)
			rc = compare(po, l, count, vi, path, f);
	}
	if (rc != RC_OK) {
		po_free(po);
		return rc;
	}
	*out = po;
	return RC_OK;
}

void po_free(struct po *po)
{
	if (po == NULL)
		return;
	arena_release(&po->arena);
	free(po);
}

struct str po_find(const struct po *po, enum lang l, struct str key)
{
	if (l <= LANG_unset || l >= LANG_COUNT)
		BUG("no language %d", (int)l);
	struct message want = {.key = key};
	const struct message *m = bsearch(&want, po->list[l], po->count, sizeof want, by_key);
	return m != NULL ? m->text : (struct str){NULL, 0};
}

struct str po_text(const struct po *po, enum lang l, const char *key)
{
	struct str s = po_find(po, l, str_of(key));
	if (s.p == NULL)
		BUG("no message %s", key);
	return s;
}

bool po_key(const struct po *po, size_t i, struct str *key)
{
	if (i >= po->count)
		return false;
	*key = po->list[LANG_vi][i].key;
	return true;
}
