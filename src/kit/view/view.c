#include "kit/view/view_obj.h"

#include <string.h>

struct vobj *view_new(const struct view *v, const struct shape *s)
{
	struct view *own = ARENA_NEW(v->arena, struct view);
	*own = *v;
	struct vobj *o = arena_alloc(v->arena, sizeof *o + s->count * sizeof *o->slots);
	o->view = own;
	o->shape = s;
	return o;
}

static struct vobj *child(const struct vobj *of, const struct shape *s)
{
	struct vobj *o = arena_alloc(of->view->arena, sizeof *o + s->count * sizeof *o->slots);
	o->view = of->view;
	o->shape = s;
	return o;
}

bool view_sees(const struct vobj *o, size_t field)
{
	return (o->shape->fields[field].see & o->view->sights) != 0;
}

/* The slot to write; NULL when there is nobody to write it for. */
static struct slot *slot(struct vobj *o, int field, enum vtype type)
{
	if (o == NULL)
		return NULL;
	if (field < 0 || (size_t)field >= o->shape->count)
		BUG("shape %s has no field %d", o->shape->name, field);
	const struct field *f = &o->shape->fields[field];
	if (f->type != type)
		BUG("field %s.%s is %s, not %s", o->shape->name, f->name, vtype_name(f->type),
		    vtype_name(type));
	return view_sees(o, (size_t)field) ? &o->slots[field] : NULL;
}

void view_text(struct vobj *o, int field, struct str s)
{
	struct slot *t = slot(o, field, V_TEXT);
	if (t != NULL)
		*t = (struct slot){.set = s.n > 0, .text = s};
}

static void number(struct vobj *o, int field, enum vtype type, int64_t n, bool set)
{
	struct slot *t = slot(o, field, type);
	if (t != NULL)
		*t = (struct slot){.set = set, .n = n};
}

void view_int(struct vobj *o, int field, int64_t n) { number(o, field, V_INT, n, true); }
void view_bool(struct vobj *o, int field, bool b) { number(o, field, V_BOOL, b, true); }
void view_time(struct vobj *o, int field, int64_t at) { number(o, field, V_TIME, at, at != 0); }
void view_day(struct vobj *o, int field, int32_t day) { number(o, field, V_DAY, day, day != 0); }

void view_key(struct vobj *o, int field, struct str key, struct str label)
{
	struct slot *t = slot(o, field, V_KEY);
	if (t == NULL)
		return;
	*t = (struct slot){.set = key.n > 0};
	t->key.key = key;
	t->key.label = label;
}

/* "photo-1.jpg": for a page that lies in a folder with its pictures. */
static bool beside(struct str url)
{
	struct str name = str_sub(url, 0, url.n > 4 ? url.n - 4 : 0);
	for (size_t i = 0; i < name.n; i++)
		if (!(name.p[i] >= 'a' && name.p[i] <= 'z') && !(name.p[i] >= '0' && name.p[i] <= '9') && name.p[i] != '-')
			return false;
	return name.n > 0 && str_ends(url, STR(".jpg"));
}

/* "//host" and "/\host" leave the site; blanks and control characters have no place in any. */
static bool url_ok(struct str url, bool image)
{
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f)
			return false;
	if (image && (str_starts(url, STR("data:image/jpeg;base64,")) || beside(url)))
		return true;
	if (url.n > 0 && url.p[0] == '/')
		return url.n == 1 || (url.p[1] != '/' && url.p[1] != '\\');
	return str_starts(url, STR("#")) || str_starts(url, STR("https://")) ||
	       str_starts(url, STR("tel:")) || str_starts(url, STR("mailto:"));
}

void view_url(struct vobj *o, int field, struct str url)
{
	struct slot *t = slot(o, field, V_URL);
	if (t == NULL)
		return;
	const struct field *f = &o->shape->fields[field];
	if (url.n > 0 && !url_ok(url, f->unit != NULL && str_is(str_of(f->unit), "image")))
		BUG("%s.%s is not an address that may be shown", o->shape->name, f->name);
	*t = (struct slot){.set = url.n > 0, .text = url};
}

struct vobj *view_obj(struct vobj *o, int field)
{
	struct slot *t = slot(o, field, V_OBJ);
	if (t == NULL)
		return NULL;
	*t = (struct slot){.set = true, .obj = child(o, o->shape->fields[field].sub)};
	return t->obj;
}

struct vobj *view_item(struct vobj *o, int field)
{
	struct slot *t = slot(o, field, V_LIST);
	if (t == NULL)
		return NULL;
	if (t->list.n == t->list.cap) {
		size_t cap = t->list.cap > 0 ? t->list.cap * 2 : 8;
		struct vobj **items = arena_array(o->view->arena, cap, sizeof(struct vobj *));
		if (t->list.n > 0)
			memcpy(items, t->list.items, t->list.n * sizeof(struct vobj *));
		t->list.items = items;
		t->list.cap = cap;
	}
	t->set = true;
	return t->list.items[t->list.n++] = child(o, o->shape->fields[field].sub);
}

const char *vtype_name(enum vtype t)
{
	switch (t) {
	case V_TEXT: return "text";
	case V_INT: return "int";
	case V_BOOL: return "bool";
	case V_TIME: return "time";
	case V_DAY: return "day";
	case V_KEY: return "key";
	case V_URL: return "url";
	case V_OBJ: return "object";
	case V_LIST: return "list";
	}
	BUG("unknown field type %d", (int)t);
}
