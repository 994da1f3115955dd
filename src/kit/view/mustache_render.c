#include "kit/view/mustache_node.h"

#include "kit/base/text.h"

enum { CONTEXTS = 96 };

struct rendering {
	const struct mustache_source *src;
	mustache_partial *partial;
	void *partial_ctx;
	struct buf *out;
	struct buf scratch;               /* a value before it is escaped */
	struct fault *f;
	struct mvalue stack[CONTEXTS];
	size_t depth, partials;
};

static enum rc render(struct rendering *r, const struct mustache *m, size_t from, size_t to,
                      struct str indent);

/* The first part is looked for from the innermost context outwards, the others only in what the
 * part before them gave. */
static bool lookup(const struct rendering *r, const struct mustache_node *n, struct mvalue *v)
{
	const struct mustache_source *s = r->src;
	if (n->part_count == 0) {
		*v = r->stack[r->depth - 1];
		return r->depth > 0;
	}
	size_t i = r->depth;
	while (i > 0 && !s->get(s->ctx, r->stack[i - 1], n->parts[0], v))
		i--;
	if (i == 0)
		return false;
	for (size_t part = 1; part < n->part_count; part++)
		if (!s->get(s->ctx, *v, n->parts[part], v))
			return false;
	return true;
}

/* Indentation stands before every line of a partial's own text, not of what is filled in. */
static void text(struct rendering *r, struct str s, struct str indent)
{
	while (indent.n > 0 && s.n > 0) {
		size_t at = str_find(s, STR("\n"));
		if (at == SIZE_MAX || at + 1 == s.n)
			break;
		buf_add(r->out, str_sub(s, 0, at + 1));
		buf_add(r->out, indent);
		s = str_sub(s, at + 1, s.n);
	}
	buf_add(r->out, s);
}

static void value(struct rendering *r, const struct mustache_node *n)
{
	struct mvalue v;
	struct str s;
	if (!lookup(r, n, &v))
		return;
	if (r->src->borrow != NULL && r->src->borrow(r->src->ctx, v, &s)) {
		if (n->kind == NODE_RAW)
			buf_add(r->out, s);
		else
			text_html(r->out, s);
	} else if (n->kind == NODE_RAW) {
		r->src->text(r->src->ctx, v, r->out);
	} else {
		r->scratch.n = 0;
		r->src->text(r->src->ctx, v, &r->scratch);
		text_html(r->out, buf_str(&r->scratch));
	}
}

static enum rc push(struct rendering *r, const struct mustache *m, size_t section, struct mvalue v,
                    struct str indent)
{
	const struct mustache_node *n = &m->nodes[section];
	if (r->depth == CONTEXTS)
		return fault_at(r->f, RC_FAIL, m->file, n->line, NULL, "contexts are nested too deep");
	r->stack[r->depth++] = v;
	enum rc rc = render(r, m, section + 1, n->end, indent);
	r->depth--;
	return rc;
}

static enum rc section(struct rendering *r, const struct mustache *m, size_t at, struct str indent)
{
	const struct mustache_node *n = &m->nodes[at];
	const struct mustache_source *s = r->src;
	struct mvalue v, item;
	bool yes = lookup(r, n, &v) && s->truthy(s->ctx, v);
	if (n->kind == NODE_INVERTED)
		return yes ? RC_OK : render(r, m, at + 1, n->end, indent);
	if (!yes)
		return RC_OK;
	if (!s->is_list(s->ctx, v))
		return s->scope != NULL && !s->scope(s->ctx, v) ? render(r, m, at + 1, n->end, indent)
		                                                : push(r, m, at, v, indent);
	for (size_t i = 0; s->item(s->ctx, v, i, &item); i++) {
		enum rc rc = push(r, m, at, item, indent);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc partial(struct rendering *r, const struct mustache *m, const struct mustache_node *n,
                       struct str indent)
{
	const struct mustache *p = r->partial != NULL ? r->partial(r->partial_ctx, n->text) : NULL;
	if (p == NULL)
		return RC_OK;
	if (r->partials == MUSTACHE_NESTING)
		return fault_at(r->f, RC_FAIL, m->file, n->line, NULL, "partials are nested too deep");
	r->partials++;
	enum rc rc;
	if (n->indent.n > 0 && indent.n > 0) {
		struct buf both = {0};
		buf_add(&both, indent);
		buf_add(&both, n->indent);
		rc = both.failed ? RC_NOMEM : render(r, p, 0, p->count, buf_str(&both));
		buf_release(&both);
	} else {
		/* Inside a line a partial has no indentation of its own, whatever stands around it. */
		bool on_own_line = n->standalone;
		rc = render(r, p, 0, p->count, !on_own_line ? STR_EMPTY : n->indent.n > 0 ? n->indent : indent);
	}
	r->partials--;
	return rc;
}

static enum rc render(struct rendering *r, const struct mustache *m, size_t from, size_t to,
                      struct str indent)
{
	for (size_t i = from; i < to; i++) {
		const struct mustache_node *n = &m->nodes[i];
		enum rc rc = RC_OK;
		if (n->line_start)
			buf_add(r->out, indent);
		switch (n->kind) {
		case NODE_TEXT:
			text(r, n->text, indent);
			break;
		case NODE_VALUE:
		case NODE_RAW:
			value(r, n);
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
			rc = section(r, m, i, indent);
			i = n->end;
			if (m->nodes[i].line_start)
				buf_add(r->out, indent);
			break;
		case NODE_PARTIAL:
			rc = partial(r, m, n, indent);
			break;
		case NODE_END:
			break;
		}
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc mustache_render(const struct mustache *m, const struct mustache_source *src,
                        const struct mvalue *stack, size_t depth, mustache_partial *find,
                        void *partial_ctx, struct buf *out, struct fault *f)
{
	struct rendering r = {.src = src, .partial = find, .partial_ctx = partial_ctx, .out = out, .f = f};
	if (depth == 0 || depth >= CONTEXTS)
		BUG("rendering with %zu contexts", depth);
	for (size_t i = 0; i < depth; i++)
		r.stack[r.depth++] = stack[i];
	enum rc rc = render(&r, m, 0, m->count, STR_EMPTY);
	if (rc == RC_OK && (out->failed || r.scratch.failed))
		rc = fault_set(f, RC_NOMEM, "no memory for a page of %s", m->file);
	buf_release(&r.scratch);
	return rc;
}
