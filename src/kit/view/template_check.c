#include "kit/view/template_set.h"
#include "kit/view/view_obj.h"

#include <stdio.h>
#include <stdlib.h>

struct scope {                      /* the shapes names are looked up in, innermost first */
	const struct scope *above;
	const struct shape *shape;
};
struct path {                       /* the templates being walked, so that recursion ends */
	const struct path *above;
	const struct template *t;
	const struct shape *shape;
	size_t depth;
};

static enum rc walk(const struct path *p, const struct scope *scope, size_t from, size_t to,
                    struct fault *f);

static enum rc refuse(struct fault *f, const struct template *t, const struct mustache_node *n,
                      const char *fmt, const char *word)
{
	char field[96], why[200];
	(void)snprintf(field, sizeof field, "%.*s", PSTR(n->text));
	(void)snprintf(why, sizeof why, "%s%s", fmt, word);
	return fault_at(f, RC_SYNTAX, t->m->file, n->line, field, "%s", why);
}

/* Follows a name as the renderer would: the first part outwards through the scopes, the rest
 * through objects to a field, and at the end perhaps a display form. */
static enum rc resolve(const struct path *p, const struct scope *scope,
                       const struct mustache_node *n, const struct field **out, enum form *form,
                       unsigned *uses, struct fault *f)
{
	if (n->part_count == 0)
		return refuse(f, p->t, n, "the whole context has no text", "");
	int at = -1;
	const struct scope *s = scope;
	for (; s != NULL && (at = shape_find(s->shape, n->parts[0])) < 0; s = s->above)
		;
	if (s == NULL)
		return refuse(f, p->t, n, "no such field in shape ", scope->shape->name);
	const struct field *field = &s->shape->fields[at];
	size_t i = 1;
	for (; i < n->part_count && field->type == V_OBJ; i++) {
		const struct shape *sub = field->sub;
		at = shape_find(sub, n->parts[i]);
		if (at < 0)
			return refuse(f, p->t, n, "no such field in shape ", sub->name);
		field = &sub->fields[at];
	}
	if (n->part_count - i > 1 ||
	    !form_find(field->type, i < n->part_count ? n->parts[i] : STR_EMPTY, form, uses))
		return refuse(f, p->t, n, "no such display form of a field of type ",
		              vtype_name(field->type));
	*out = field;
	return RC_OK;
}

static enum rc value(const struct path *p, const struct scope *scope,
                     const struct mustache_node *n, struct fault *f)
{
	const struct field *field;
	enum form form;
	unsigned uses;
	enum rc rc = resolve(p, scope, n, &field, &form, &uses, f);
	if (rc != RC_OK)
		return rc;
	if ((uses & USE_VALUE) == 0)
		return refuse(f, p->t, n, "has no text of its own: a field of type ",
		              vtype_name(field->type));
	if (n->place != PLACE_TEXT && field->type != V_URL)
		return refuse(f, p->t, n, "only a field of type url may be an address, not ",
		              vtype_name(field->type));
	if (n->place == PLACE_LINK && field->unit != NULL && str_is(str_of(field->unit), "image"))
		return refuse(f, p->t, n, "an image's address is no link", "");
	return RC_OK;
}

static enum rc section(const struct path *p, const struct scope *scope, size_t at, struct fault *f)
{
	const struct mustache_node *n = &p->t->m->nodes[at];
	const struct field *field;
	enum form form;
	unsigned uses;
	enum rc rc = resolve(p, scope, n, &field, &form, &uses, f);
	if (rc != RC_OK)
		return rc;
	if ((uses & USE_SECTION) == 0)
		return refuse(f, p->t, n, "this display form is no section", "");
	if (n->kind == NODE_SECTION && form == FORM_PLAIN &&
	    (field->type == V_OBJ || field->type == V_LIST)) {
		const struct scope inner = {scope, field->sub};
		return walk(p, &inner, at + 1, n->end, f);
	}
	return walk(p, scope, at + 1, n->end, f);
}

static enum rc partial(const struct path *p, const struct scope *scope,
                       const struct mustache_node *n, struct fault *f)
{
	const struct template *t = templates_find(p->t->set, n->text, p->t->lang);
	if (t == NULL)
		return refuse(f, p->t, n, "no such partial", "");
	for (const struct path *up = p; up != NULL; up = up->above)
		if (up->t == t && up->shape == scope->shape)
			return RC_OK;
	if (p->depth == MUSTACHE_NESTING)
		return refuse(f, p->t, n, "partials are nested too deep", "");
	const struct path inner = {p, t, scope->shape, p->depth + 1};
	return walk(&inner, scope, 0, t->m->count, f);
}

static enum rc walk(const struct path *p, const struct scope *scope, size_t from, size_t to,
                    struct fault *f)
{
	for (size_t i = from; i < to; i++) {
		const struct mustache_node *n = &p->t->m->nodes[i];
		enum rc rc = RC_OK;
		if (n->kind == NODE_VALUE)
			rc = value(p, scope, n, f);
		else if (n->kind == NODE_PARTIAL)
			rc = partial(p, scope, n, f);
		else if (n->kind == NODE_SECTION || n->kind == NODE_INVERTED) {
			rc = section(p, scope, i, f);
			i = n->end;
		}
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc template_check(const struct templates *t, struct str name, const struct shape *s,
                       const struct shape *frame, struct fault *f)
{
	const struct scope outer = {NULL, frame}, inner = {frame != NULL ? &outer : NULL, s};
	for (enum lang l = LANG_vi; l < LANG_COUNT; l++) {
		const struct template *found = templates_find(t, name, l);
		if (found == NULL)
			return fault_set(f, RC_NONE, "no template %.*s", PSTR(name));
		const struct path p = {NULL, found, s, 1};
		enum rc rc = walk(&p, &inner, 0, found->m->count, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void reach(const struct templates *t, const struct template *from, bool *reached)
{
	size_t at = (size_t)(from - t->all) / LANG_COUNT;
	if (reached[at])
		return;
	reached[at] = true;
	for (size_t i = 0; i < from->m->count; i++) {
		const struct mustache_node *n = &from->m->nodes[i];
		const struct template *p = n->kind == NODE_PARTIAL ? templates_find(t, n->text, from->lang)
		                                                   : NULL;
		if (p != NULL)
			reach(t, p, reached);
	}
}

enum rc templates_check_all(const struct templates *t, const struct template_page *pages,
                            size_t count, const struct shape *frame, struct fault *f)
{
	bool *reached = calloc(t->names + 1, sizeof *reached);
	if (reached == NULL)
		BUG("no memory for the check of templates");
	enum rc rc = RC_OK;
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		rc = template_check(t, str_of(pages[i].name), pages[i].shape, frame, f);
		if (rc == RC_OK)
			reach(t, templates_find(t, str_of(pages[i].name), LANG_vi), reached);
	}
	for (size_t i = 0; i < t->names && rc == RC_OK; i++)
		if (!reached[i])
			rc = fault_at(f, RC_SYNTAX, t->all[i * LANG_COUNT + LANG_vi].m->file, 0, NULL,
			              "no page and no other template uses it");
	free(reached);
	return rc;
}
