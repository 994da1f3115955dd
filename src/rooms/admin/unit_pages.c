/* Units: added, renamed, dissolved; who is in them. */
#include "rooms/admin/admin.h"
#include "ward/refresh.h"

struct unit_work {
	struct request *q;
	struct unit *units, unit;
	size_t count;
	struct member_row *members;
	size_t member_count;
	int64_t open;
	struct str what, slug, name, phone, parent;
	int32_t day;
	struct unit_id made;
	struct fault fault;
};

static struct str form_text(struct request *q, const char *name)
{
	struct str clean;   /* too long: still there, to be shown again with what is wrong */
	return text_clean(q->arena, request_form(q, name), TEXT_LINE, 200, &clean) != RC_INVALID ? clean : STR_EMPTY;
}

static struct str phone_or_none(struct str phone) { return phone.n > 0 ? phone : STR("–"); }

static enum rc read_units(struct tx *tx, void *ctx, struct fault *f)
{
	struct unit_work *w = ctx;
	return unit_list_all(tx, &w->units, &w->count, f);
}

static struct str error_of(struct request *q, const struct unit_work *w, const char *field)
{
	return w->fault.rc != RC_OK && str_is(str_of(w->fault.field), field)
	           ? admin_why(q, w->fault.rc, &w->fault) : STR_EMPTY;
}

static enum rc show_list(struct request *q, struct reply *r, struct unit_work *w, struct fault *f)
{
	static const char *const HEADS[] = {"admin.unit.name", "admin.unit.slug", "admin.unit.phone",
	                                    "admin.unit.until", NULL};
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_units, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.units", "admin.units.lead");
	ap_section(&p, "list", "admin.units.list", "");
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = admin_homeless(q, kinds);
	for (size_t i = 0; i < n; i++)
		ap_warn(&p, admin_homeless_words(q, kinds[i]));
	ap_table(&p, HEADS, "admin.units.none");
	for (size_t i = 0; i < w->count; i++) {
		ap_row(&p);
		ap_cell_link(&p, w->units[i].name,
		             request_link(q, "/admin/units/%.*s", PSTR(w->units[i].slug)));
		ap_cell(&p, w->units[i].slug);
		ap_cell(&p, phone_or_none(w->units[i].phone));
		ap_cell_day(&p, w->units[i].until_day, "admin.person.nolast");
	}
	ap_section(&p, "add", "", "");
	ap_form(&p, "admin.unit.add", "admin.unit.add.text", request_link(q, "/admin/units"),
	        "admin.unit.add");
	ap_line(&p, "slug", "admin.unit.slug", "admin.unit.slug.hint", w->slug, error_of(q, w, "slug"));
	ap_line(&p, "name", "admin.unit.name", "", w->name, error_of(q, w, "name"));
	ap_line(&p, "office", "admin.unit.phone", "", w->phone, error_of(q, w, "phone"));
	if (w->fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->fault.rc, &w->fault));
	reply_title(r, request_text(q, "admin.units"));
	return ap_reply(&p, r);
}

enum rc units_page(struct request *q, struct reply *r, struct fault *f)
{
	struct unit_work w = {.q = q};
	return show_list(q, r, &w, f);
}

static enum rc add_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct unit_work *w = ctx;
	const struct admin_by by = admin_by(w->q);
	const struct unit u = {.slug = w->slug, .name = w->name, .phone = w->phone};
	return admin_unit_add(tx, &by, &u, &w->made, f);
}

enum rc unit_add_send(struct request *q, struct reply *r, struct fault *f)
{
	struct unit_work w = {.q = q, .slug = form_text(q, "slug"), .name = form_text(q, "name"),
	                      .phone = form_text(q, "office")};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, add_tx, &w, &w.fault);
	if (rc > RC_OK) {
		w.fault.rc = rc;
		return show_list(q, r, &w, f);
	}
	if (rc == RC_OK)
		rc = definitions_seen(q->app, f);
	if (rc == RC_OK)
		admin_done(q, r, "unit", STR("/admin/units"));
	return rc;
}

/* --- one unit --- */

static enum rc read_unit(struct tx *tx, void *ctx, struct fault *f)
{
	struct unit_work *w = ctx;
	enum rc rc = unit_by_slug(tx, w->slug, &w->unit, f);
	if (rc == RC_OK)
		rc = unit_members(tx, w->unit.id, &w->members, &w->member_count, f);
	if (rc == RC_OK)
		rc = unit_list(tx, &w->units, &w->count, f);
	return rc == RC_OK ? case_open_of_unit(tx, w->unit.id, STR_EMPTY, &w->open, f) : rc;
}

/* The kinds whose reports go to the unit today. */
static size_t received(struct request *q, struct str slug, const struct procedure *out[CATEGORY_COUNT])
{
	size_t n = procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), out,
	                              CATEGORY_COUNT), kept = 0;
	for (size_t i = 0; i < n; i++)
		if (str_eq(out[i]->unit, slug))
			out[kept++] = out[i];
	return kept;
}

/* What stands below another is kept from what is about its people (RIGHTS.md promise 4). */
static void parent_field(struct admin_page *p, const struct unit_work *w, struct str now)
{
	struct request *q = p->q;
	struct form_option *units = arena_array(q->arena, w->count + 1, sizeof *units);
	size_t n = 0;
	units[n++] = (struct form_option){.value = STR(""), .label = request_text(q, "admin.unit.parent.none"),
	                                  .checked = now.n == 0};
	for (size_t i = 0; i < w->count; i++)
		if (w->units[i].id.v != w->unit.id.v && w->units[i].until_day == 0)
			units[n++] = (struct form_option){.value = w->units[i].slug, .label = w->units[i].name,
			                                  .checked = str_eq(now, w->units[i].slug)};
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "parent",
	                                 .label = request_text(q, "admin.unit.parent"),
	                                 .hint = request_text(q, "admin.unit.parent.hint"),
	                                 .error = error_of(q, w, "parent"), .options = units, .option_count = n});
}

static struct str parent_slug(const struct unit_work *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->units[i].id.v == w->unit.parent.v)
			return w->units[i].slug;
	return STR_EMPTY;
}

static void unit_forms(struct admin_page *p, const struct unit_work *w)
{
	struct request *q = p->q;
	struct str action = request_link(q, "/admin/units/%.*s", PSTR(w->unit.slug));
	bool change = str_is(w->what, "change");
	ap_section(p, "do", "admin.person.do", "");
	ap_form(p, "admin.unit.change", "", action, "admin.save");
	ap_hidden(p, "do", STR("change"));
	ap_line(p, "name", "admin.unit.name", "", change ? w->name : w->unit.name,
	        error_of(q, w, "name"));
	ap_line(p, "office", "admin.unit.phone", "", change ? w->phone : w->unit.phone,
	        error_of(q, w, "phone"));
	parent_field(p, w, change ? w->parent : parent_slug(w));
	if (w->unit.until_day != 0)
		return;
	ap_form(p, "admin.unit.end", "admin.unit.end.text", action, "admin.unit.end");
	ap_form_warn(p);
	ap_hidden(p, "do", STR("end"));
	ap_day(p, "last", "admin.person.last", "admin.day.hint",
	        str_is(w->what, "end") ? form_text(q, "last") : STR_EMPTY,
	        w->fault.rc != RC_OK && str_is(str_of(w->fault.field), "last")
	            ? request_text(q, "admin.day.wrong") : STR_EMPTY);
}

static enum rc show_unit(struct request *q, struct reply *r, struct unit_work *w, struct fault *f)
{
	static const char *const HEADS[] = {"admin.area.name", "admin.people.login",
	                                    "admin.person.from", "admin.person.until",
	                                    "admin.person.head", NULL};
	const struct procedure *kinds[CATEGORY_COUNT];
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_unit, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin_named(&p, q, w->unit.name, "");
	ap_back(&p, "admin.units", "/admin/units");
	ap_section(&p, "unit", "", "");
	ap_fact(&p, request_text(q, "admin.unit.slug"), w->unit.slug);
	ap_fact(&p, request_text(q, "admin.unit.phone"), phone_or_none(w->unit.phone));
	if (w->unit.until_day != 0)
		ap_fact(&p, request_text(q, "admin.unit.until"), admin_date(q, w->unit.until_day));
	for (size_t i = 0; i < w->count; i++)
		if (w->units[i].id.v == w->unit.parent.v)
			ap_fact(&p, request_text(q, "admin.unit.parent"), w->units[i].name);
	size_t n = received(q, w->unit.slug, kinds);
	for (size_t i = 0; i < n; i++)
		ap_fact(&p, i == 0 ? request_text(q, "admin.unit.receives") : STR("\xC2\xA0"),
		        kinds[i]->title[q->lang]);
	ap_section(&p, "members", "admin.unit.members", "");
	ap_table(&p, HEADS, "admin.unit.members.none");
	for (size_t i = 0; i < w->member_count; i++) {
		const struct member_row *m = &w->members[i];
		ap_row(&p);
		ap_cell_link(&p, m->account.name, request_link(q, "/admin/people/%lld",
		                                               (long long)m->account.id.v));
		ap_cell(&p, m->account.login);
		ap_cell_day(&p, m->from_day, "");
		ap_cell_day(&p, m->until_day, "admin.person.nolast");
		ap_cell(&p, request_text(q, m->head ? "admin.yes" : "admin.no"));
	}
	unit_forms(&p, w);
	if (w->fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->fault.rc, &w->fault));
	reply_title(r, w->unit.name);
	return ap_reply(&p, r);
}

enum rc unit_page(struct request *q, struct reply *r, struct fault *f)
{
	struct unit_work w = {.q = q, .slug = request_param(q, "slug")};
	return show_unit(q, r, &w, f);
}

static enum rc unit_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct unit_work *w = ctx;
	const struct admin_by by = admin_by(w->q);
	struct unit u;
	enum rc rc = unit_by_slug(tx, w->slug, &u, f);
	if (rc == RC_OK && str_is(w->what, "change")) {
		rc = admin_unit_change(tx, &by, u.id, w->name, w->phone, f);
		return rc == RC_OK && request_has(w->q, "parent") ? admin_unit_place(tx, &by, u.id, w->parent, f) : rc;
	}
	if (rc != RC_OK)
		return rc;
	rc = case_open_of_unit(tx, u.id, STR_EMPTY, &w->open, f);
	if (rc == RC_OK && w->open > 0)
		return fault_at(f, RC_REFUSED, "", 0, "open", "the unit has open cases");
	return rc == RC_OK ? admin_unit_end(tx, &by, u.id, w->day, f) : rc;
}

enum rc unit_send(struct request *q, struct reply *r, struct fault *f)
{
	struct unit_work w = {.q = q, .slug = request_param(q, "slug"), .what = request_form(q, "do"),
	                      .name = form_text(q, "name"), .phone = form_text(q, "office"),
	                      .parent = form_text(q, "parent")};
	const struct procedure *kinds[CATEGORY_COUNT];
	bool end = str_is(w.what, "end");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!end && !str_is(w.what, "change"))
		return RC_BAD_REQUEST;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_unit, &w, f);
	if (rc != RC_OK)
		return rc;
	if (end && !admin_day(request_form(q, "last"), false, &w.day))
		rc = fault_at(&w.fault, RC_INVALID, "", 0, "last", "no day");
	else if (end && received(q, w.slug, kinds) > 0)
		rc = fault_at(&w.fault, RC_REFUSED, "", 0, "receives", "a kind is sent to the unit");
	else
		rc = store_write(q->app->store, q->ward->id, q->arena, unit_tx, &w, &w.fault);
	if (rc > RC_OK) {
		w.fault.rc = rc;
		return show_unit(q, r, &w, f);
	}
	if (rc == RC_OK && end)
		rc = definitions_seen(q->app, f);
	if (rc == RC_OK)
		admin_done(q, r, end ? "unit_end" : "unit_change",
		           arena_fmt(q->arena, "/admin/units/%.*s", PSTR(w.slug)));
	return rc;
}
