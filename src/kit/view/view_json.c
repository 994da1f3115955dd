#include "kit/view/view_obj.h"

static void object(struct buf *out, const struct vobj *o);

static void value(struct buf *out, const struct vobj *o, size_t i)
{
	const struct slot *s = &o->slots[i];
	struct arena *a = o->view->arena;
	switch (o->shape->fields[i].type) {
	case V_TEXT:
	case V_URL:
		text_json(out, s->text);
		break;
	case V_INT:
		buf_addf(out, "%lld", (long long)s->n);
		break;
	case V_BOOL:
		buf_addz(out, s->n != 0 ? "true" : "false");
		break;
	case V_TIME:
		text_json(out, text_iso(a, s->n));
		break;
	case V_DAY:
		text_json(out, text_day_iso(a, (int32_t)s->n));
		break;
	case V_KEY:
		text_json(out, s->key.key);
		break;
	case V_OBJ:
		object(out, s->obj);
		break;
	case V_LIST:
		buf_addc(out, '[');
		for (size_t k = 0; k < s->list.n; k++) {
			if (k > 0)
				buf_addc(out, ',');
			object(out, s->list.items[k]);
		}
		buf_addc(out, ']');
		break;
	}
}

static void object(struct buf *out, const struct vobj *o)
{
	bool first = true;
	buf_addc(out, '{');
	for (size_t i = 0; i < o->shape->count; i++) {
		/* A list that may be seen is there when it is empty, too. */
		const struct field *f = &o->shape->fields[i];
		if (!o->slots[i].set && (f->type != V_LIST || !view_sees(o, i)))
			continue;
		if (!first)
			buf_addc(out, ',');
		first = false;
		text_json(out, str_of(f->name));
		buf_addc(out, ':');
		value(out, o, i);
	}
	buf_addc(out, '}');
}

void view_json(struct buf *out, const struct vobj *o) { object(out, o); }

static const struct {
	unsigned bit;
	const char *name;
} SIGHTS[] = {
	{SEE_PUBLIC, "public"}, {SEE_REPORTER, "reporter"}, {SEE_HANDLER, "handler"},
	{SEE_OFFICE, "office"}, {SEE_ADMIN, "admin"},
};

struct path {
	const struct path *above;
	const struct shape *shape;
};

static void member(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, ",\"%s\":", name);
	text_json(out, str_of(text));
}

static void describe(struct buf *out, const struct shape *s, const struct path *above)
{
	const struct path here = {above, s};
	buf_addz(out, "{\"name\":");
	text_json(out, str_of(s->name));
	for (const struct path *p = above; p != NULL; p = p->above)
		if (p->shape == s) {
			buf_addc(out, '}'); /* described where it was met first */
			return;
		}
	buf_addz(out, ",\"fields\":[");
	for (size_t i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		buf_addz(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		text_json(out, str_of(f->name));
		member(out, "type", vtype_name(f->type));
		if (f->unit != NULL)
			member(out, "unit", f->unit);
		member(out, "help", f->help);
		buf_addz(out, ",\"who\":[");
		bool first = true;
		for (size_t k = 0; k < sizeof SIGHTS / sizeof *SIGHTS; k++)
			if ((f->see & SIGHTS[k].bit) != 0) {
				buf_addf(out, "%s\"%s\"", first ? "" : ",", SIGHTS[k].name);
				first = false;
			}
		buf_addc(out, ']');
		if (f->sub != NULL) {
			buf_addz(out, ",\"of\":");
			describe(out, f->sub, &here);
		}
		buf_addc(out, '}');
	}
	buf_addz(out, "]}");
}

void shape_describe(struct buf *out, const struct shape *s) { describe(out, s, NULL); }
