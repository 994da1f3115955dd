#include "kit/view/view_obj.h"

struct row {
	struct buf *out;
	bool begun;
};

static void comma(struct row *r)
{
	if (r->begun)
		buf_addc(r->out, ',');
	r->begun = true;
}

/* The column's name in the reader's words; of a time with the zone that its cells are in. */
static struct str told_name(const struct view *v, const struct field *f, struct str name)
{
	struct str label = v->po == NULL ? STR_EMPTY
	                                 : po_find(v->po, v->lang, arena_fmt(v->arena, "column.%.*s", PSTR(name)));
	if (label.n == 0)
		label = name;
	return f->type == V_TIME ? arena_fmt(v->arena, "%.*s (UTC+7)", PSTR(label)) : label;
}

/* As people write it, in the zone of all wards; false: the machine's way is theirs, too. */
static bool told_cell(struct buf *out, const struct vobj *o, size_t i)
{
	const struct slot *s = &o->slots[i];
	struct arena *a = o->view->arena;
	switch (o->shape->fields[i].type) {
	case V_TIME:
		text_csv(out, text_datetime(a, o->view->lang, s->n));
		return true;
	case V_DAY:
		text_csv(out, text_date(a, o->view->lang, (int32_t)s->n));
		return true;
	case V_KEY:
		text_csv(out, s->key.label.n > 0 ? s->key.label : s->key.key);
		return true;
	default:
		return false;
	}
}

/* Objects inside a row become columns "object.field"; lists have no place in a table. */
static void header(struct row *r, const struct vobj *seer, const struct shape *s, struct str prefix)
{
	struct arena *a = seer->view->arena;
	for (size_t i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		if ((f->see & seer->view->sights) == 0 || f->type == V_LIST)
			continue;
		struct str name = arena_fmt(a, "%.*s%s", PSTR(prefix), f->name);
		if (f->type == V_OBJ) {
			header(r, seer, f->sub, arena_fmt(a, "%.*s.", PSTR(name)));
			continue;
		}
		comma(r);
		text_csv(r->out, seer->view->told ? told_name(seer->view, f, name) : name);
	}
}

static void cell(struct buf *out, const struct vobj *o, size_t i)
{
	const struct slot *s = &o->slots[i];
	struct arena *a = o->view->arena;
	switch (o->shape->fields[i].type) {
	case V_TEXT:
	case V_URL:
		text_csv(out, s->text);
		break;
	case V_INT:
		/* Not through text_csv: a number below zero is a number, not a formula. */
		buf_addf(out, "%lld", (long long)s->n);
		break;
	case V_BOOL:
		buf_addz(out, s->n != 0 ? "1" : "0");
		break;
	case V_TIME:
		text_csv(out, text_iso(a, s->n));
		break;
	case V_DAY:
		text_csv(out, text_day_iso(a, (int32_t)s->n));
		break;
	case V_KEY:
		text_csv(out, s->key.key);
		break;
	case V_OBJ:
	case V_LIST:
		break;
	}
}

/* `o` may be NULL where an object is not set: its columns stay empty. */
static void cells(struct row *r, const struct vobj *seer, const struct shape *s,
                  const struct vobj *o)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		if ((f->see & seer->view->sights) == 0 || f->type == V_LIST)
			continue;
		bool set = o != NULL && o->slots[i].set;
		if (f->type == V_OBJ) {
			cells(r, seer, f->sub, set ? o->slots[i].obj : NULL);
			continue;
		}
		comma(r);
		if (set && !(o->view->told && told_cell(r->out, o, i)))
			cell(r->out, o, i);
	}
}

bool view_has_list(const struct vobj *o)
{
	for (size_t i = 0; i < o->shape->count; i++)
		if (o->shape->fields[i].type == V_LIST)
			return true;
	return false;
}

size_t view_list(const struct vobj *o, int list, const char *what)
{
	const struct shape *s = o->shape;
	size_t at = list >= 0 ? (size_t)list : 0;
	while (list < 0 && at < s->count && s->fields[at].type != V_LIST)
		at++;
	if (at >= s->count || s->fields[at].type != V_LIST)
		BUG("shape %s has no list to write as %s", s->name, what);
	return at;
}

void view_csv(struct buf *out, const struct vobj *o, int list)
{
	size_t at = view_list(o, list, "CSV");
	buf_addz(out, "\xEF\xBB\xBF");
	if (!view_sees(o, at))
		return;
	const struct shape *s = o->shape->fields[at].sub;
	struct row r = {.out = out};
	header(&r, o, s, STR_EMPTY);
	buf_addz(out, "\r\n");
	for (size_t i = 0; i < o->slots[at].list.n; i++) {
		r.begun = false;
		cells(&r, o, s, o->slots[at].list.items[i]);
		buf_addz(out, "\r\n");
	}
}
