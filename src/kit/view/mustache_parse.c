#include "kit/view/mustache_node.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20, DELIMITER_MAX = 8 };

struct parser {
	struct mustache *m;
	struct fault *f;
	struct str text;
	size_t pos;
	size_t counted;                   /* up to here lines are counted */
	int line;
	char open[DELIMITER_MAX], close[DELIMITER_MAX];
	size_t open_n, close_n;
	bool line_start;                  /* a dropped tag began the line of what comes next */
	size_t sections[MUSTACHE_NESTING];
	size_t depth;
};

static enum rc refuse(const struct parser *p, int line, struct str name, const char *why)
{
	const char *field = arena_z(&p->m->arena, str_sub(name, 0, 90));
	return fault_at(p->f, RC_SYNTAX, p->m->file, line, field, "%s", why);
}

static int line_at(struct parser *p, size_t at)
{
	for (; p->counted < at; p->counted++)
		p->line += p->text.p[p->counted] == '\n';
	return p->line;
}

static struct mustache_node *add(struct parser *p, enum node_kind kind, int line)
{
	struct mustache *m = p->m;
	if (m->count == m->cap) {
		size_t cap = m->cap > 0 ? m->cap * 2 : 64;
		struct mustache_node *nodes = reallocarray(m->nodes, cap, sizeof *nodes);
		if (nodes == NULL)
			return NULL;
		m->nodes = nodes;
		m->cap = cap;
	}
	m->nodes[m->count] = (struct mustache_node){.kind = kind, .line = line};
	return &m->nodes[m->count++];
}

static bool starts_line(const struct parser *p, size_t at)
{
	return at == 0 || p->text.p[at - 1] == '\n';
}

static enum rc add_text(struct parser *p, size_t from, size_t to)
{
	if (from >= to)
		return RC_OK;
	struct mustache_node *n = add(p, NODE_TEXT, line_at(p, from));
	if (n == NULL)
		return RC_NOMEM;
	n->text = str_sub(p->text, from, to - from);
	n->line_start = p->line_start || starts_line(p, from);
	p->line_start = false;
	return RC_OK;
}

/* A tag alone on its line takes the line with it: its blanks before, its line end after. */
static bool alone(const struct parser *p, size_t start, size_t after, size_t *begin, size_t *next)
{
	const char *t = p->text.p;
	size_t b = start, n = after;
	while (b > 0 && (t[b - 1] == ' ' || t[b - 1] == '\t'))
		b--;
	if (!starts_line(p, b))
		return false;
	while (n < p->text.n && (t[n] == ' ' || t[n] == '\t'))
		n++;
	if (n < p->text.n && t[n] == '\r')
		n++;
	if (n < p->text.n && t[n] != '\n')
		return false;
	*begin = b;
	*next = n < p->text.n ? n + 1 : n;
	return true;
}

static bool has_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'))
			return true;
	return false;
}

static enum rc set_name(struct parser *p, struct mustache_node *n, struct str name)
{
	n->text = name;
	if (name.n == 0)
		return refuse(p, n->line, name, "a tag without a name");
	if (has_blank(name))
		return refuse(p, n->line, name, "a blank inside a tag's name");
	if (n->kind == NODE_PARTIAL || str_is(name, "."))
		return RC_OK;
	size_t count = 1;
	for (size_t i = 0; i < name.n; i++)
		count += name.p[i] == '.';
	n->parts = arena_array(&p->m->arena, count, sizeof *n->parts);
	n->part_count = count;
	struct str rest = name;
	for (size_t i = 0; i < count; i++) {
		n->parts[i] = str_cut(&rest, '.');
		if (n->parts[i].n == 0)
			return refuse(p, n->line, name, "an empty part in a dotted name");
	}
	return RC_OK;
}

static enum rc set_delimiters(struct parser *p, struct str name, int line)
{
	struct str rest = name, open = str_cut(&rest, ' '), close = str_trim(rest);
	if (p->m->delimiters_line == 0)
		p->m->delimiters_line = line;
	if (open.n == 0 || close.n == 0 || open.n >= DELIMITER_MAX || close.n >= DELIMITER_MAX ||
	    has_blank(open) || has_blank(close) || memchr(open.p, '=', open.n) != NULL ||
	    memchr(close.p, '=', close.n) != NULL)
		return refuse(p, line, name, "delimiters that cannot be used");
	memcpy(p->open, open.p, open.n);
	memcpy(p->close, close.p, close.n);
	p->open_n = open.n;
	p->close_n = close.n;
	return RC_OK;
}

static enum rc nest(struct parser *p, size_t index)
{
	struct mustache_node *n = &p->m->nodes[index];
	if (n->kind == NODE_SECTION || n->kind == NODE_INVERTED) {
		if (p->depth == MUSTACHE_NESTING)
			return refuse(p, n->line, n->text, "sections are nested too deep");
		p->sections[p->depth++] = index;
	} else if (n->kind == NODE_END) {
		if (p->depth == 0)
			return refuse(p, n->line, n->text, "ends a section that was not opened");
		struct mustache_node *open = &p->m->nodes[p->sections[--p->depth]];
		if (!str_eq(open->text, n->text))
			return refuse(p, n->line, n->text, "ends another section than the open one");
		open->end = index;
	}
	return RC_OK;
}

/* The sigil of the tag at `start`, its name, and where it ends. */
static enum rc read_tag(struct parser *p, size_t start, char *sigil, struct str *name,
                        size_t *after)
{
	size_t from = start + p->open_n;
	char c = from < p->text.n ? p->text.p[from] : '\0';
	bool known = c != '\0' && strchr("#^/>!=&{", c) != NULL;
	*sigil = known ? c : 'v';
	from += known;
	char needle[DELIMITER_MAX + 1];
	size_t n = 0;
	if (c == '{' || c == '=')
		needle[n++] = c == '{' ? '}' : '=';
	memcpy(needle + n, p->close, p->close_n);
	n += p->close_n;
	struct str rest = str_sub(p->text, from, p->text.n);
	size_t at = str_find(rest, str_n(needle, n));
	if (at == SIZE_MAX)
		return refuse(p, line_at(p, start), str_trim(str_sub(rest, 0, 20)), "a tag is not closed");
	*name = str_trim(str_sub(rest, 0, at));
	*after = from + at + n;
	return RC_OK;
}

static enum rc add_tag(struct parser *p, char sigil, struct str name, int line, bool line_start,
                       struct str indent)
{
	if (sigil == '!' || sigil == '=') {
		p->line_start = p->line_start || line_start;
		return sigil == '=' ? set_delimiters(p, name, line) : RC_OK;
	}
	size_t index = p->m->count;
	struct mustache_node *n = add(p, sigil == '{' ? NODE_RAW : (enum node_kind)sigil, line);
	if (n == NULL)
		return RC_NOMEM;
	n->line_start = p->line_start || line_start;
	n->indent = indent;
	p->line_start = false;
	enum rc rc = set_name(p, n, name);
	return rc == RC_OK ? nest(p, index) : rc;
}

static enum rc one_tag(struct parser *p, size_t start)
{
	char sigil;
	struct str name, indent = STR_EMPTY;
	size_t after = 0, begin, next;
	enum rc rc = read_tag(p, start, &sigil, &name, &after);
	if (rc != RC_OK)
		return rc;
	bool may_stand_alone = strchr("#^/>!=", sigil) != NULL;
	if (may_stand_alone && alone(p, start, after, &begin, &next)) {
		rc = add_text(p, p->pos, begin);
		if (sigil == '>')
			indent = str_sub(p->text, begin, start - begin);
		p->pos = next;
		if (rc == RC_OK)
			rc = add_tag(p, sigil, name, line_at(p, start), false, indent);
		if (rc == RC_OK && sigil == '>')
			p->m->nodes[p->m->count - 1].standalone = true;
		return rc;
	}
	rc = add_text(p, p->pos, start);
	p->pos = after;
	return rc == RC_OK ? add_tag(p, sigil, name, line_at(p, start), starts_line(p, start), indent)
	                   : rc;
}

static enum rc parse(struct parser *p)
{
	for (;;) {
		struct str rest = str_sub(p->text, p->pos, p->text.n);
		size_t at = str_find(rest, str_n(p->open, p->open_n));
		if (at == SIZE_MAX)
			break;
		enum rc rc = one_tag(p, p->pos + at);
		if (rc != RC_OK)
			return rc;
	}
	if (p->depth > 0) {
		const struct mustache_node *n = &p->m->nodes[p->sections[p->depth - 1]];
		return refuse(p, n->line, n->text, "a section is not closed");
	}
	return add_text(p, p->pos, p->text.n);
}

enum rc mustache_parse(struct mustache **out, const char *file, struct str text, struct fault *f)
{
	if (text.n > TEXT_MAX)
		return fault_at(f, RC_TOO_BIG, file, 0, NULL, "a template of %zu bytes", text.n);
	struct mustache *m = calloc(1, sizeof *m);
	if (m == NULL)
		return fault_set(f, RC_NOMEM, "no memory for template %s", file);
	arena_init(&m->arena, (size_t)64 * TEXT_MAX);
	m->file = arena_z(&m->arena, str_of(file));
	struct parser p = {.m = m, .f = f, .text = arena_copy(&m->arena, text), .line = 1,
	                   .open = "{{", .close = "}}", .open_n = 2, .close_n = 2};
	enum rc rc = parse(&p);
	if (rc == RC_NOMEM)
		(void)fault_set(f, rc, "no memory for template %s", file);
	if (rc != RC_OK) {
		mustache_free(m);
		return rc;
	}
	*out = m;
	return RC_OK;
}

void mustache_free(struct mustache *m)
{
	if (m == NULL)
		return;
	free(m->nodes);
	arena_release(&m->arena);
	free(m);
}

enum rc mustache_walk(const struct mustache *m, mustache_visit *fn, void *ctx, struct fault *f)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct mustache_node *n = &m->nodes[i];
		enum rc rc = n->kind == NODE_TEXT ? RC_OK : fn(ctx, (char)n->kind, n->text, n->line, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}
