#include "kit/view/view_obj.h"

#include "kit/base/clock.h"

static const struct form_row {
	enum vtype type;
	const char *name;
	enum form form;
	unsigned uses;
} FORMS[] = {
	{V_TEXT, "", FORM_PLAIN, USE_VALUE | USE_SECTION},
	{V_URL, "", FORM_PLAIN, USE_VALUE | USE_SECTION},
	{V_INT, "", FORM_PLAIN, USE_VALUE | USE_SECTION},
	{V_INT, "count", FORM_COUNT, USE_VALUE},
	{V_INT, "one", FORM_ONE, USE_SECTION},
	{V_INT, "many", FORM_MANY, USE_SECTION},
	{V_BOOL, "", FORM_PLAIN, USE_SECTION},
	{V_TIME, "", FORM_PLAIN, USE_SECTION},
	{V_TIME, "date", FORM_DATE, USE_VALUE},
	{V_TIME, "time", FORM_TIME, USE_VALUE},
	{V_TIME, "datetime", FORM_DATETIME, USE_VALUE},
	{V_TIME, "iso", FORM_ISO, USE_VALUE},
	{V_DAY, "", FORM_PLAIN, USE_SECTION},
	{V_DAY, "date", FORM_DATE, USE_VALUE},
	{V_DAY, "iso", FORM_ISO, USE_VALUE},
	{V_KEY, "", FORM_PLAIN, USE_SECTION},
	{V_KEY, "key", FORM_KEY, USE_VALUE},
	{V_KEY, "label", FORM_LABEL, USE_VALUE},
	{V_OBJ, "", FORM_PLAIN, USE_SECTION},
	{V_LIST, "", FORM_PLAIN, USE_SECTION},
	{V_LIST, "some", FORM_SOME, USE_SECTION},
	{V_LIST, "count", FORM_COUNT, USE_VALUE},
};

static bool same(const char *z, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (z[i] != s.p[i] || z[i] == '\0')
			return false;
	return z[s.n] == '\0';
}

int shape_find(const struct shape *s, struct str name)
{
	for (size_t i = 0; i < s->count; i++)
		if (same(s->fields[i].name, name))
			return (int)i;
	return -1;
}

bool form_find(enum vtype type, struct str name, enum form *form, unsigned *uses)
{
	for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
		const struct form_row *r = &FORMS[i];
		if (r->type == type && same(r->name, name)) {
			*form = r->form;
			if (uses != NULL)
				*uses = r->uses;
			return true;
		}
	}
	return false;
}

/* A value is an object (tag 0) or a field in a form: the tag is form × 65536 + index + 1. */
static struct mvalue of_field(const struct vobj *o, size_t index, enum form form)
{
	return (struct mvalue){o, (uint64_t)form << 16 | (index + 1)};
}

static const struct field *field_of(struct mvalue v, const struct slot **s, enum form *form)
{
	const struct vobj *o = v.p;
	size_t index = (size_t)(v.tag & 0xffff) - 1;
	*s = &o->slots[index];
	*form = (enum form)(v.tag >> 16);
	return &o->shape->fields[index];
}

static bool get(void *ctx, struct mvalue of, struct str name, struct mvalue *out)
{
	(void)ctx;
	const struct vobj *o = of.p;
	if (of.tag == 0) {
		int i = shape_find(o->shape, name);
		if (i < 0)
			return false;
		if (o->shape->fields[i].type == V_OBJ && o->slots[i].set)
			*out = (struct mvalue){o->slots[i].obj, 0};
		else
			*out = of_field(o, (size_t)i, FORM_PLAIN);
		return true;
	}
	const struct slot *s;
	enum form form;
	const struct field *f = field_of(of, &s, &form);
	if (form != FORM_PLAIN || !form_find(f->type, name, &form, NULL))
		return false;
	*out = of_field(o, (size_t)(f - o->shape->fields), form);
	return true;
}

static bool truthy(void *ctx, struct mvalue v)
{
	(void)ctx;
	if (v.tag == 0)
		return true;
	const struct slot *s;
	enum form form;
	const struct field *f = field_of(v, &s, &form);
	if (!s->set)
		return false;
	if (form == FORM_ONE)
		return s->n == 1;
	if (form == FORM_MANY)
		return s->n > 1;
	return (f->type != V_INT && f->type != V_BOOL) || s->n != 0;
}

static bool is_list(void *ctx, struct mvalue v)
{
	(void)ctx;
	if (v.tag == 0)
		return false;
	const struct slot *s;
	enum form form;
	return field_of(v, &s, &form)->type == V_LIST && form == FORM_PLAIN;
}

static bool item(void *ctx, struct mvalue v, size_t i, struct mvalue *out)
{
	(void)ctx;
	const struct slot *s;
	enum form form;
	(void)field_of(v, &s, &form);
	if (i >= s->list.n)
		return false;
	*out = (struct mvalue){s->list.items[i], 0};
	return true;
}

static bool borrow(void *ctx, struct mvalue v, struct str *out)
{
	(void)ctx;
	*out = STR_EMPTY;
	if (v.tag == 0)
		return true;
	const struct slot *s;
	enum form form;
	enum vtype type = field_of(v, &s, &form)->type;
	if (type == V_LIST)
		return form != FORM_COUNT;
	if (!s->set)
		return true;
	if (type == V_TEXT || type == V_URL)
		*out = s->text;
	else if (type == V_KEY && form == FORM_KEY)
		*out = s->key.key;
	else if (type == V_KEY && form == FORM_LABEL)
		*out = s->key.label;
	else if (type != V_BOOL && type != V_KEY && type != V_OBJ)
		return false;
	return true;
}

static void text(void *ctx, struct mvalue v, struct buf *out)
{
	(void)ctx;
	struct str ready;
	if (borrow(NULL, v, &ready)) {
		buf_add(out, ready);
		return;
	}
	const struct view *w = ((const struct vobj *)v.p)->view;
	const struct slot *s;
	enum form form;
	enum vtype type = field_of(v, &s, &form)->type;
	if (type == V_LIST)
		buf_add(out, text_count(w->arena, w->lang, (int64_t)s->list.n));
	else if (type == V_INT && form == FORM_PLAIN)
		buf_addf(out, "%lld", (long long)s->n);
	else if (type == V_INT && form == FORM_COUNT)
		buf_add(out, text_count(w->arena, w->lang, s->n));
	else if (type == V_DAY && form == FORM_DATE)
		buf_add(out, text_date(w->arena, w->lang, (int32_t)s->n));
	else if (type == V_DAY && form == FORM_ISO)
		buf_add(out, text_day_iso(w->arena, (int32_t)s->n));
	else if (type == V_TIME && form == FORM_DATE)
		buf_add(out, text_date(w->arena, w->lang, day_of(s->n)));
	else if (type == V_TIME && form == FORM_TIME)
		buf_add(out, text_time(w->arena, s->n));
	else if (type == V_TIME && form == FORM_DATETIME)
		buf_add(out, text_datetime(w->arena, w->lang, s->n));
	else if (type == V_TIME && form == FORM_ISO)
		buf_add(out, text_iso(w->arena, s->n));
}

/* Names are looked up in objects only: inside {{#n}}, "count" is not the number's display form. */
static bool scope(void *ctx, struct mvalue v)
{
	(void)ctx;
	return v.tag == 0;
}

const struct mustache_source VIEW_SOURCE = {.get = get, .truthy = truthy, .is_list = is_list,
	.item = item, .text = text, .borrow = borrow, .scope = scope};
