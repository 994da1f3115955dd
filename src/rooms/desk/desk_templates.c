/* The pages of reply templates: the unit's list, one with its versions, and the form. */
#include "rooms/desk/desk_templates.h"

enum { TV_AT, TV_WHO, TV_TITLE, TV_BODY, TV_DROPPED, TV_FIELDS };
static const struct field VERSION_F[] = {
	[TV_AT] = {"at", V_TIME, SEE_OFFICE, "when it was written", NULL, NULL},
	[TV_WHO] = {"who", V_TEXT, SEE_OFFICE, "who wrote it", NULL, NULL},
	[TV_TITLE] = {"title", V_TEXT, SEE_OFFICE, "its name then", NULL, NULL},
	[TV_BODY] = {"body", V_TEXT, SEE_OFFICE, "its words then", NULL, NULL},
	[TV_DROPPED] = {"dropped", V_BOOL, SEE_OFFICE, "it was taken away then", NULL, NULL},
};
static const struct shape VERSION = SHAPE("template_version", VERSION_F);

enum { TI_TITLE, TI_URL, TI_BODY, TI_USES, TI_KIND, TI_UNIT, TI_FIELDS };
static const struct field ITEM_F[] = {
	[TI_TITLE] = {"title", V_TEXT, SEE_OFFICE, "its name", NULL, NULL},
	[TI_URL] = {"url", V_URL, SEE_OFFICE, "where it is changed", NULL, NULL},
	[TI_BODY] = {"body", V_TEXT, SEE_OFFICE, "its words", NULL, NULL},
	[TI_USES] = {"uses", V_TEXT, SEE_OFFICE, "where it is offered", NULL, NULL},
	[TI_KIND] = {"kind", V_KEY, SEE_OFFICE, "for this kind alone", NULL, NULL},
	[TI_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "whose it is", NULL, NULL},
};
static const struct shape ITEM = SHAPE("template", ITEM_F);

enum { TL_LIST, TL_NEW, TL_NOTICE, TL_BACK, TL_FIELDS };
static const struct field LIST_F[] = {
	[TL_LIST] = {"templates", V_LIST, SEE_OFFICE, "by name", &ITEM, NULL},
	[TL_NEW] = {"new_url", V_URL, SEE_OFFICE, "where a new one is written", NULL, NULL},
	[TL_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[TL_BACK] = {"back", V_URL, SEE_OFFICE, "the queues", NULL, NULL},
};
const struct shape DESK_TEMPLATES = SHAPE("templates", LIST_F);

enum { TN_NAME, TN_ABOUT, TN_FIELDS };
static const struct field NAME_F[] = {
	[TN_NAME] = {"name", V_TEXT, SEE_OFFICE, "in braces, as it is typed", NULL, NULL},
	[TN_ABOUT] = {"about", V_TEXT, SEE_OFFICE, "what stands there in the end", NULL, NULL},
};
static const struct shape NAME = SHAPE("template_field", NAME_F);

enum { TF_FORM, TF_ERRORS, TF_ACTION, TF_VERSION, TF_DROP, TF_NAMES, TF_VERSIONS, TF_CHANGED, TF_BACK,
	TF_HEADING, TF_FIELDS };
static const struct field FORM_F[] = {
	[TF_FORM] = {"fields", V_LIST, SEE_OFFICE, "what it asks", &FORM_FIELD, NULL},
	[TF_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[TF_ACTION] = {"action", V_URL, SEE_OFFICE, "where it is sent", NULL, NULL},
	[TF_VERSION] = {"version", V_TEXT, SEE_OFFICE, "the version that was seen", NULL, NULL},
	[TF_DROP] = {"drop", V_URL, SEE_OFFICE, "where it is taken away", NULL, NULL},
	[TF_NAMES] = {"names", V_LIST, SEE_OFFICE, "fields in braces", &NAME, NULL},
	[TF_VERSIONS] = {"versions", V_LIST, SEE_OFFICE, "earlier ones", &VERSION, NULL},
	[TF_CHANGED] = {"changed", V_BOOL, SEE_OFFICE, "somebody was quicker", NULL, NULL},
	[TF_BACK] = {"back", V_URL, SEE_OFFICE, "the list", NULL, NULL},
	[TF_HEADING] = {"heading", V_TEXT, SEE_OFFICE, "new, or its name", NULL, NULL},
};
const struct shape DESK_TEMPLATE = SHAPE("template_form", FORM_F);

static const struct {
	const char *name;
	int bit;
} USES[] = {{"ask", USE_ask}, {"close", USE_close}, {"release", USE_release}, {"note", USE_note}};
enum { USE_COUNT = sizeof USES / sizeof *USES };

struct reading {
	const struct actor *actor;
	int64_t id;                   /* 0: all */
	struct reply_template *all;
	size_t count;
	struct unit *units;
	size_t unit_count;
};

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *x = ctx;
	enum rc rc = unit_list(tx, &x->units, &x->unit_count, f);
	if (rc != RC_OK)
		return rc;
	return x->id == 0 ? template_list(tx, x->actor, &x->all, &x->count, f)
	                  : template_versions(tx, x->actor, x->id, &x->all, &x->count, f);
}

static struct str unit_name(const struct reading *x, struct unit_id unit)
{
	for (size_t i = 0; i < x->unit_count; i++)
		if (x->units[i].id.v == unit.v)
			return x->units[i].name;
	return STR_EMPTY;
}

static struct str uses_text(struct request *q, int uses)
{
	struct buf b = {0};
	for (size_t i = 0; i < USE_COUNT; i++)
		if ((uses & USES[i].bit) != 0)
			buf_join(&b, ", ",
			         request_text(q, arena_fmt(q->arena, "templates.use.%s", USES[i].name).p));
	return arena_take(q->arena, &b);
}

enum rc desk_templates(struct request *q, struct reply *r, struct fault *f)
{
	struct reading x = {.actor = &q->actor};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &x, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_TEMPLATES);
	for (size_t i = 0; i < x.count; i++) {
		const struct reply_template *t = &x.all[i];
		struct vobj *o = view_item(page, TL_LIST);
		view_text(o, TI_TITLE, t->title);
		view_url(o, TI_URL, request_link(q, "/desk/templates/%lld", (long long)t->id));
		view_text(o, TI_BODY, t->body);
		view_text(o, TI_USES, uses_text(q, t->uses));
		view_key(o, TI_KIND, t->kind, t->kind.n > 0 ? label_kind(q, t->kind) : STR_EMPTY);
		if (q->actor.unit_count > 1)
			view_text(o, TI_UNIT, unit_name(&x, t->unit));
	}
	/* Who is in no unit has nobody to write for. */
	if (q->actor.unit_count > 0)
		view_url(page, TL_NEW, request_link(q, "/desk/templates/new"));
	view_url(page, TL_BACK, request_link(q, "/desk"));
	if (str_is(request_query(q, "done"), "saved"))
		view_text(page, TL_NOTICE, request_text(q, "templates.saved"));
	else if (str_is(request_query(q, "done"), "dropped"))
		view_text(page, TL_NOTICE, request_text(q, "templates.dropped"));
	reply_title(r, request_text(q, "templates.title"));
	reply_view(q, r, page);
	return RC_OK;
}

/* What was typed, or what stands there. */
struct form {
	struct reply_template t;
	struct str unit, unit_error, kind_error, uses_error, title_error, body_error;
	bool wrong, changed;
};

static void add_fields(struct request *q, struct vobj *page, const struct view *v,
                       const struct reading *x, const struct form *form)
{
	struct form_option *units = arena_array(q->arena, x->unit_count + 1, sizeof *units);
	size_t n = 0;
	for (size_t i = 0; i < x->unit_count; i++)
		if (actor_in_unit(&q->actor, x->units[i].id))
			units[n++] = (struct form_option){.value = x->units[i].slug,
			                                  .label = x->units[i].name,
			                                  .checked = str_eq(x->units[i].slug, form->unit)};
	/* A template stays with its unit; who is in one alone is not asked. */
	if (form->t.id == 0 && n > 1)
		form_field_add(page, TF_FORM, TF_ERRORS, v,
		               &(struct form_field){.kind = FORM_SELECT, .name = "unit",
		                                    .label = request_text(q, "templates.unit"),
		                                    .error = form->unit_error,
		                                    .options = units, .option_count = n});
	form_field_add(page, TF_FORM, TF_ERRORS, v,
	               &(struct form_field){.kind = FORM_TEXT, .name = "title",
	                                    .label = request_text(q, "templates.name"),
	                                    .hint = request_text(q, "templates.name.hint"),
	                                    .value = form->t.title, .error = form->title_error,
	                                    .autocomplete = "off"});
	struct form_option uses[USE_COUNT];
	for (size_t i = 0; i < USE_COUNT; i++)
		uses[i] = (struct form_option){
			.value = str_of(USES[i].name),
			.label = request_text(q, arena_fmt(q->arena, "templates.use.%s", USES[i].name).p),
			.checked = (form->t.uses & USES[i].bit) != 0};
	form_field_add(page, TF_FORM, TF_ERRORS, v,
	               &(struct form_field){.kind = FORM_CHECKBOXES, .name = "uses",
	                                    .label = request_text(q, "templates.uses"),
	                                    .error = form->uses_error,
	                                    .options = uses, .option_count = USE_COUNT});
	const struct form_option any = {.value = STR(""), .label = request_text(q, "templates.kind.any")};
	struct choices kinds = choices_kinds(q, form->t.kind, &any);
	form_field_add(page, TF_FORM, TF_ERRORS, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "kind",
	                                    .label = request_text(q, "report.check.kind"),
	                                    .error = form->kind_error,
	                                    .options = kinds.options, .option_count = kinds.count});
	form_field_add(page, TF_FORM, TF_ERRORS, v,
	               &(struct form_field){.kind = FORM_AREA, .name = "body",
	                                    .label = request_text(q, "templates.body"),
	                                    .hint = request_text(q, "templates.body.hint"),
	                                    .value = form->t.body, .error = form->body_error,
	                                    .rows = 8, .max = DESK_TEXT_MAX});
}

static void show(struct request *q, struct reply *r, const struct reading *x,
                 const struct form *form, int status)
{
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_TEMPLATE);
	const struct reply_template *t = &form->t;
	add_fields(q, page, &v, x, form);
	struct str at = t->id == 0 ? STR("new") : arena_fmt(q->arena, "%lld", (long long)t->id);
	view_url(page, TF_ACTION, request_link(q, "/desk/templates/%.*s", PSTR(at)));
	if (t->id != 0)
		view_url(page, TF_DROP, request_link(q, "/desk/templates/%.*s/drop", PSTR(at)));
	view_text(page, TF_VERSION, arena_fmt(q->arena, "%lld", (long long)t->version));
	for (size_t i = 0; TEMPLATE_FIELDS[i] != NULL; i++) {
		struct vobj *o = view_item(page, TF_NAMES);
		view_text(o, TN_NAME, arena_fmt(q->arena, "{%s}", TEMPLATE_FIELDS[i]));
		view_text(o, TN_ABOUT, request_text(q, arena_fmt(q->arena, "templates.field.%s", TEMPLATE_FIELDS[i]).p));
	}
	for (size_t i = 0; t->id != 0 && i < x->count; i++) {
		struct vobj *o = view_item(page, TF_VERSIONS);
		view_time(o, TV_AT, x->all[i].made_at);
		view_text(o, TV_WHO, x->all[i].officer);
		view_text(o, TV_TITLE, x->all[i].title);
		view_text(o, TV_BODY, x->all[i].body);
		view_bool(o, TV_DROPPED, x->all[i].dropped);
	}
	view_bool(page, TF_CHANGED, form->changed);
	view_url(page, TF_BACK, request_link(q, "/desk/templates"));
	struct str heading =
		t->id == 0 || x->count == 0 ? request_text(q, "templates.new") : x->all[0].title;
	view_text(page, TF_HEADING, heading);
	reply_title(r, heading);
	reply_page(q, r, "desk/template", &DESK_TEMPLATE, page, status);
}

/* The template of the address, with its versions; "new": none yet. RC_NONE: no such one. */
static enum rc begin(struct request *q, struct reading *x, struct form *form, struct fault *f)
{
	struct str id = request_param(q, "id");
	*x = (struct reading){.actor = &q->actor};
	*form = (struct form){.t = {.uses = USE_ask | USE_close}};
	bool fresh = str_is(id, "new");
	if (q->actor.unit_count == 0 || (!fresh && (!str_i64(id, &x->id) || x->id < 1)))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, x, f);
	if (rc != RC_OK)
		return rc;
	form->t.unit = q->actor.units[0];
	if (!fresh) {
		if (x->all[0].dropped)
			return RC_NONE;
		form->t = x->all[0];
	}
	return RC_OK;
}

enum rc desk_template(struct request *q, struct reply *r, struct fault *f)
{
	struct reading x;
	struct form form;
	enum rc rc = begin(q, &x, &form, f);
	if (rc == RC_OK)
		show(q, r, &x, &form, 200);
	return rc;
}

static void wrong(struct form *form, struct str *error, struct str text)
{
	if (error->n == 0)
		*error = text;
	form->wrong = true;
}

/* No template may lead officers to write what a definition may not name (RIGHTS.md, "Refused"). */
static void check_refused(struct request *q, struct form *form, struct str text, struct str *error)
{
	struct str line;
	if (error->n == 0 && refused_match(q->app->refused, q->arena, text, &line))
		wrong(form, error, arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "templates.refused")),
		                             PSTR(line)));
}

static void take_unit(struct request *q, const struct reading *x, struct form *form)
{
	form->unit = request_form(q, "unit");
	if (form->t.id != 0 || q->actor.unit_count < 2)
		return;
	form->t.unit = (struct unit_id){0};
	for (size_t i = 0; i < x->unit_count; i++)
		if (str_eq(x->units[i].slug, form->unit) && actor_in_unit(&q->actor, x->units[i].id))
			form->t.unit = x->units[i].id;
	if (form->t.unit.v == 0)
		wrong(form, &form->unit_error, request_text(q, "desk.assign.missing"));
}

static void take(struct request *q, const struct reading *x, struct form *form)
{
	struct reply_template *t = &form->t;
	take_unit(q, x, form);
	t->uses = 0;
	for (size_t i = 0; i < q->form_count; i++)
		for (size_t k = 0; k < USE_COUNT; k++)
			if (str_is(q->form[i].name, "uses") && str_is(q->form[i].value, USES[k].name))
				t->uses |= USES[k].bit;
	if (t->uses == 0)
		wrong(form, &form->uses_error, request_text(q, "templates.uses.missing"));
	t->kind = request_form(q, "kind");
	if (t->kind.n > 0 && procedure_of_kind(q->app->procedures, t->kind, day_of(q->now)) == NULL) {
		t->kind = STR_EMPTY;
		wrong(form, &form->kind_error, request_text(q, "report.kind.unknown"));
	}
	form->wrong |= !desk_text(q, request_form(q, "title"), TEXT_LINE, TEMPLATE_TITLE_MAX, true,
	                          &t->title, &form->title_error);
	form->wrong |= !desk_text(q, request_form(q, "body"), TEXT_LINES, DESK_TEXT_MAX, true, &t->body,
	                          &form->body_error);
	struct str unknown = template_unknown(t->body);
	if (unknown.n > 0)
		wrong(form, &form->body_error,
		      arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "templates.unknown")), PSTR(unknown)));
	check_refused(q, form, t->title, &form->title_error);
	check_refused(q, form, t->body, &form->body_error);
}

struct writing {
	struct request *q;
	const struct reply_template *t;
	int64_t id;
};

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct writing *w = ctx;
	return template_put(tx, &w->q->app->ids, &w->q->actor, w->t, &w->id, f);
}

static enum rc save(struct request *q, struct reply *r, const struct form *form, const char *done,
                    struct fault *f)
{
	struct writing w = {.q = q, .t = &form->t};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, write_tx, &w, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/desk/templates?done=%s", done));
	return rc;
}

enum rc desk_template_save(struct request *q, struct reply *r, struct fault *f)
{
	struct reading x;
	struct form form;
	int64_t seen;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = begin(q, &x, &form, f);
	if (rc != RC_OK)
		return rc;
	if (!str_i64(request_form(q, "version"), &seen))
		return RC_BAD_REQUEST;
	take(q, &x, &form);
	form.changed = seen != form.t.version;
	if (form.wrong || form.changed) {
		show(q, r, &x, &form, form.changed ? 409 : 422);
		return RC_OK;
	}
	rc = save(q, r, &form, "saved", f);
	if (rc == RC_LIMIT) {
		wrong(&form, &form.title_error, request_text(q, "templates.full"));
		show(q, r, &x, &form, 422);
		return RC_OK;
	}
	if (rc != RC_CHANGED)
		return rc;
	form.changed = true;
	rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &x, f);
	if (rc == RC_OK) {
		form.t.version = x.all[0].version;
		show(q, r, &x, &form, 409);
	}
	return rc;
}

enum rc desk_template_drop(struct request *q, struct reply *r, struct fault *f)
{
	struct reading x;
	struct form form;
	enum rc rc = begin(q, &x, &form, f);
	if (rc != RC_OK || form.t.id == 0)
		return rc != RC_OK ? rc : RC_NONE;
	form.t.dropped = true;
	return save(q, r, &form, "dropped", f);
}
