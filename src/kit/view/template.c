#include "kit/view/template_set.h"
#include "kit/view/view_obj.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 256 << 10, NAMES_MAX = 1024 };

static bool key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Only {{name}} may stand in a message: no sections, no raw output, no partials. */
static bool message_ok(struct str s)
{
	for (;;) {
		size_t at = str_find(s, STR("{{"));
		if (at == SIZE_MAX)
			return true;
		s = str_sub(s, at + 2, s.n);
		size_t n = 0;
		while (n < s.n && key_char(s.p[n]))
			n++;
		if (n == 0 || !str_starts(str_sub(s, n, s.n), STR("}}")))
			return false;
		s = str_sub(s, n + 2, s.n);
	}
}

/* The key of {{t key}}, when the text begins with such a tag. */
static bool message_tag(struct str s, struct str *key, size_t *length)
{
	size_t end = str_find(s, STR("}}"));
	if (!str_starts(s, STR("{{")) || end == SIZE_MAX)
		return false;
	struct str inner = str_trim(str_sub(s, 2, end - 2));
	if (inner.n < 2 || inner.p[0] != 't' || (inner.p[1] != ' ' && inner.p[1] != '\t'))
		return false;
	*key = str_trim(str_sub(inner, 2, inner.n));
	*length = end + 2;
	return true;
}

/* Messages have no line breaks on a page, so that lines in faults stay those of the file. */
static void add_message(struct buf *out, struct str message)
{
	struct str rest = message;
	while (rest.p != NULL) {
		text_html(out, str_cut(&rest, '\n'));
		if (rest.p != NULL)
			buf_addc(out, ' ');
	}
}

/* Puts the language's messages in. Blanks at the beginning of lines only cost bytes: left out. */
static enum rc specialise(struct buf *out, const char *file, struct str s, const struct po *po,
                          enum lang lang, struct fault *f)
{
	int line = 1;
	bool begin = true;
	for (size_t i = 0; i < s.n; i++) {
		struct str key;
		size_t length;
		char c = s.p[i];
		if (c == '{' && message_tag(str_sub(s, i, s.n), &key, &length)) {
			struct str message = po_find(po, lang, key);
			char name[96];
			(void)snprintf(name, sizeof name, "%.*s", PSTR(key));
			if (message.p == NULL)
				return fault_at(f, RC_SYNTAX, file, line, name, "no such message");
			if (!message_ok(message))
				return fault_at(f, RC_SYNTAX, file, line, name,
				                "a message (%s) may hold {{name}} tags only", lang_name(lang));
			add_message(out, message);
			i += length - 1;
			begin = false;
			continue;
		}
		line += c == '\n';
		if (c == '\n' || !begin || (c != ' ' && c != '\t')) {
			buf_addc(out, c);
			begin = c == '\n';
		}
	}
	return out->failed ? fault_set(f, RC_NOMEM, "no memory for template %s", file) : RC_OK;
}

static enum rc read_file(struct arena *a, const char *file, struct str *out, struct fault *f)
{
	FILE *in = fopen(file, "rbe");
	if (in == NULL)
		return fault_at(f, RC_IO, file, 0, NULL, "cannot be opened: %s", strerror(errno));
	char *p = arena_alloc(a, FILE_MAX + 1);
	size_t n = fread(p, 1, FILE_MAX + 1, in);
	bool failed = ferror(in) != 0;
	(void)fclose(in);
	if (failed)
		return fault_at(f, RC_IO, file, 0, NULL, "cannot be read");
	if (n > FILE_MAX)
		return fault_at(f, RC_TOO_BIG, file, 0, NULL, "a template of more than %d bytes", FILE_MAX);
	*out = str_n(p, n);
	if (!text_utf8_ok(*out))
		return fault_at(f, RC_SYNTAX, file, 0, NULL, "is not UTF-8");
	return RC_OK;
}

static enum rc load_one(struct template *languages, const char *file, const struct po *po,
                        struct fault *f)
{
	struct arena a;
	struct str source;
	arena_init(&a, (size_t)4 * FILE_MAX);
	enum rc rc = read_file(&a, file, &source, f);
	for (enum lang l = LANG_vi; l < LANG_COUNT && rc == RC_OK; l++) {
		struct buf b = {0};
		rc = specialise(&b, file, source, po, l, f);
		if (rc == RC_OK)
			rc = mustache_parse(&languages[l].m, file, buf_str(&b), f);
		if (rc == RC_OK)
			rc = template_lint(languages[l].m, f);
		buf_release(&b);
	}
	arena_release(&a);
	return rc;
}

static int wanted(const struct dirent *e) { return e->d_name[0] != '.'; }

static int bytewise(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_folder(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static enum rc load_file(struct templates *t, const char *dir, const char *room, const char *name,
                         const struct po *po, struct fault *f)
{
	struct str base = str_of(name);
	if (!str_ends(base, STR(".mustache")))
		return RC_OK;
	if (t->names == NAMES_MAX)
		return fault_set(f, RC_TOO_BIG, "more than %d templates in %s", NAMES_MAX, dir);
	base.n -= sizeof ".mustache" - 1;
	struct template *languages = &t->all[t->names++ * LANG_COUNT];
	struct str full = arena_fmt(&t->arena, "%s/%.*s", room, PSTR(base));
	for (enum lang l = LANG_unset; l < LANG_COUNT; l++)
		languages[l] = (struct template){.set = t, .name = full, .lang = l};
	return load_one(languages, arena_fmt(&t->arena, "%s/%s/%s", dir, room, name).p, po, f);
}

static enum rc load_room(struct templates *t, const char *dir, const char *room,
                         const struct po *po, struct fault *f)
{
	const char *path = arena_fmt(&t->arena, "%s/%s", dir, room).p;
	if (!is_folder(path))
		return RC_OK;
	struct dirent **files = NULL;
	int n = scandir(path, &files, wanted, bytewise);
	if (n < 0)
		return fault_set(f, RC_IO, "cannot list %s: %s", path, strerror(errno));
	enum rc rc = RC_OK;
	for (int i = 0; i < n; i++) {
		if (rc == RC_OK)
			rc = load_file(t, dir, room, files[i]->d_name, po, f);
		free(files[i]);
	}
	free(files);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	const struct template *x = a, *y = b;
	return str_cmp(x->name, y->name);
}

enum rc templates_load(struct templates **out, const char *dir, const struct po *po,
                       struct fault *f)
{
	struct dirent **rooms = NULL;
	int n = scandir(dir, &rooms, wanted, bytewise);
	if (n < 0)
		return fault_set(f, RC_IO, "cannot list %s: %s", dir, strerror(errno));
	struct templates *t = calloc(1, sizeof *t);
	if (t == NULL)
		BUG("no memory for the table of templates");
	arena_init(&t->arena, (size_t)8 << 20);
	t->all = arena_array(&t->arena, NAMES_MAX * (size_t)LANG_COUNT, sizeof *t->all);
	enum rc rc = RC_OK;
	for (int i = 0; i < n; i++) {
		if (rc == RC_OK)
			rc = load_room(t, dir, rooms[i]->d_name, po, f);
		free(rooms[i]);
	}
	free(rooms);
	if (rc != RC_OK) {
		templates_free(t);
		return rc;
	}
	/* Folders come in order, but "a-b/x" sorts before "a/x". */
	qsort(t->all, t->names, LANG_COUNT * sizeof *t->all, by_name);
	*out = t;
	return RC_OK;
}

void templates_free(struct templates *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->names * LANG_COUNT; i++)
		mustache_free(t->all[i].m);
	arena_release(&t->arena);
	free(t);
}

const struct template *templates_find(const struct templates *t, struct str name, enum lang l)
{
	if (l <= LANG_unset || l >= LANG_COUNT)
		return NULL;
	size_t low = 0, high = t->names;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct template *at = &t->all[mid * LANG_COUNT + l];
		int c = str_cmp(name, at->name);
		if (c == 0)
			return at;
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static const struct mustache *find_partial(void *ctx, struct str name)
{
	const struct template *from = ctx;
	const struct template *t = templates_find(from->set, name, from->lang);
	return t != NULL ? t->m : NULL;
}

enum rc template_render(const struct template *t, struct buf *out, const struct vobj *o,
                        const struct vobj *frame, struct fault *f)
{
	struct mvalue stack[2];
	size_t depth = 0;
	if (frame != NULL)
		stack[depth++] = (struct mvalue){frame, 0};
	stack[depth++] = (struct mvalue){o, 0};
	union { const struct template *in; void *out; } ctx = {.in = t};
	return mustache_render(t->m, &VIEW_SOURCE, stack, depth, find_partial, ctx.out, out, f);
}
