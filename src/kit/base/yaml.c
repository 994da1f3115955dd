#include "kit/base/yaml.h"

#include <yaml.h>

#include "kit/base/clock.h"
#include "kit/base/text.h"
#include "kit/base/yaml_node.h"

static void record(struct yaml_reader *r, const struct fault *f)
{
	size_t max = sizeof r->faults / sizeof *r->faults;
	size_t at = r->fault_count < max ? r->fault_count : max;
	while (at > 0 && r->faults[at - 1].line > f->line)
		at--;
	size_t kept = r->fault_count < max ? r->fault_count : max - 1;
	if (at < max) {
		memmove(r->faults + at + 1, r->faults + at, (kept - at) * sizeof *f);
		r->faults[at] = *f;
	}
	r->fault_count++;
}

static void path_of(const struct ynode *n, struct buf *out)
{
	if (n->parent == NULL)
		return;
	path_of(n->parent, out);
	if (n->key.p != NULL)
		buf_addf(out, "%s%.*s", out->n > 0 ? "." : "", PSTR(n->key));
	else
		buf_addf(out, "[%zu]", n->index);
}

void yaml_fault_under(struct yaml_reader *r, const struct ynode *n, const char *key,
                      const char *fmt, va_list ap)
{
	struct buf path = {0};
	path_of(n, &path);
	if (key != NULL)
		buf_addf(&path, "%s%s", path.n > 0 ? "." : "", key);
	struct str where = buf_str(&path);
	struct fault f;
	(void)fault_at(&f, RC_SYNTAX, r->file, n->line, arena_z(r->arena, where), "%s", "");
	(void)vsnprintf(f.text, sizeof f.text, fmt, ap);
	f.column = n->column;
	record(r, &f);
	buf_release(&path);
}

void y_fault(struct yaml_reader *r, const struct ynode *n, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	yaml_fault_under(r, n, NULL, fmt, ap);
	va_end(ap);
}

struct parse {
	struct yaml_reader *r;
	yaml_parser_t parser;
	yaml_event_t event; /* the one that is being looked at */
	bool broken;
};

static void broken(struct parse *p, size_t line, size_t column, const char *text)
{
	struct fault f;
	(void)fault_at(&f, RC_SYNTAX, p->r->file, (int)line, "", "%s", text);
	f.column = (int)column;
	record(p->r, &f);
	p->broken = true;
}

static void next(struct parse *p)
{
	yaml_event_delete(&p->event);
	if (p->broken || yaml_parser_parse(&p->parser, &p->event))
		return;
	const char *problem = p->parser.problem != NULL ? p->parser.problem : "not YAML";
	broken(p, p->parser.problem_mark.line + 1, p->parser.problem_mark.column + 1, problem);
}

static struct ynode *node_new(struct parse *p, struct ynode *parent)
{
	struct ynode *n = ARENA_NEW(p->r->arena, struct ynode);
	n->parent = parent;
	n->depth = parent != NULL ? parent->depth + 1 : 1;
	n->line = (int)p->event.start_mark.line + 1;
	n->column = (int)p->event.start_mark.column + 1;
	return n;
}

static void refuse_extras(struct parse *p, struct ynode *n, const yaml_char_t *anchor,
                          const yaml_char_t *tag)
{
	if (anchor != NULL)
		y_fault(p->r, n, "anchors (&%s) are not allowed", (const char *)anchor);
	if (tag != NULL)
		y_fault(p->r, n, "tags (%s) are not allowed", (const char *)tag);
}

static void fill(struct parse *p, struct ynode *n);

static void add(struct parse *p, struct ynode *n, struct ynode *child)
{
	if (n->count == n->cap) {
		size_t cap = n->cap > 0 ? n->cap * 2 : 8;
		struct ynode **more = arena_array(p->r->arena, cap, sizeof *more);
		if (n->count > 0)
			memcpy(more, n->items, n->count * sizeof *more);
		n->items = more;
		n->cap = cap;
	}
	n->items[n->count++] = child;
}

static void fill_list(struct parse *p, struct ynode *n)
{
	for (next(p); !p->broken && p->event.type != YAML_SEQUENCE_END_EVENT; next(p)) {
		struct ynode *item = node_new(p, n);
		item->index = n->count;
		fill(p, item);
		add(p, n, item);
	}
}

static void fill_map(struct parse *p, struct ynode *n)
{
	for (next(p); !p->broken && p->event.type != YAML_MAPPING_END_EVENT; next(p)) {
		struct ynode *key = node_new(p, n);
		key->key = STR("");
		fill(p, key);
		if (p->broken)
			return;
		if (key->type != Y_SCALAR || key->text.n == 0) {
			y_fault(p->r, n, "a key must be a word");
			key->text = STR("?");
		}
		next(p);
		if (p->broken)
			return;
		struct ynode *value = node_new(p, n);
		value->key = key->text;
		fill(p, value);
		bool twice = false;
		for (size_t i = 0; i < n->count && !twice; i++)
			twice = str_eq(n->items[i]->key, value->key);
		if (twice) { /* the first one counts for the rest of this run */
			value->line = key->line;
			y_fault(p->r, value, "is there twice");
		} else {
			add(p, n, value);
		}
	}
}

static void fill(struct parse *p, struct ynode *n)
{
	if (p->r->arena->over) {
		broken(p, (size_t)n->line, 1, "the file is too big");
		return;
	}
	if (n->depth > YAML_DEPTH) {
		broken(p, (size_t)n->line, (size_t)n->column, "more than 16 levels");
		return;
	}
	const yaml_event_t *e = &p->event;
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		n->type = Y_SCALAR;
		n->text = arena_copy(p->r->arena, str_n((const char *)e->data.scalar.value,
		                                        e->data.scalar.length));
		n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		refuse_extras(p, n, e->data.scalar.anchor, e->data.scalar.tag);
		return;
	case YAML_SEQUENCE_START_EVENT:
		n->type = Y_LIST;
		refuse_extras(p, n, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		fill_list(p, n);
		return;
	case YAML_MAPPING_START_EVENT:
		n->type = Y_MAP;
		refuse_extras(p, n, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		fill_map(p, n);
		return;
	case YAML_ALIAS_EVENT:
		n->type = Y_SCALAR;
		n->text = STR("*");
		y_fault(p->r, n, "aliases (*%s) are not allowed", (const char *)e->data.alias.anchor);
		return;
	default: broken(p, (size_t)n->line, (size_t)n->column, "not YAML"); return;
	}
}

static struct ynode *document(struct parse *p)
{
	next(p); /* stream start */
	next(p);
	if (!p->broken && p->event.type != YAML_DOCUMENT_START_EVENT)
		broken(p, 1, 1, "the file is empty");
	next(p);
	if (p->broken)
		return NULL;
	struct ynode *root = node_new(p, NULL);
	fill(p, root);
	next(p); /* document end */
	next(p);
	if (!p->broken && p->event.type != YAML_STREAM_END_EVENT)
		broken(p, p->event.start_mark.line + 1, 1, "only one document a file");
	return p->broken ? NULL : root;
}

const struct ynode *yaml_parse(struct yaml_reader *r, struct arena *a, const char *file,
                               struct str bytes)
{
	r->arena = a;
	r->file = file;
	r->fault_count = 0;
	struct parse p = {.r = r};
	if (!text_utf8_ok(bytes)) {
		broken(&p, 0, 0, "not UTF-8");
		return NULL;
	}
	if (!yaml_parser_initialize(&p.parser)) {
		broken(&p, 0, 0, "no memory");
		return NULL;
	}
	yaml_parser_set_encoding(&p.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p.parser, (const unsigned char *)bytes.p, bytes.n);
	const struct ynode *root = document(&p);
	yaml_event_delete(&p.event);
	yaml_parser_delete(&p.parser);
	return root;
}
