/* Who is where for a khu vực ("Who is my …?"): dated rows that end and are followed, never rewritten. */
#include "rooms/admin/dated_form.h"
#include "ward/choices.h"
#include "ward/page.h"
#include "ward/router/nearby.h"

struct nearby_work {
	struct request *q;
	struct dated_form form;
	struct nearby *rows, n;
	size_t count;
	struct str sort, area;
};

static enum rc read_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct nearby_work *w = ctx;
	return nearby_list(tx, 0, &w->rows, &w->count, f);
}

static struct str sort_label(struct request *q, enum nearby_sort s) { return admin_text(q, "nearby.%s", nearby_name(s)); }

static struct nearby_work work_of(struct request *q)
{
	return (struct nearby_work){.q = q, .form = {.q = q, .wrong = "admin.nearby.wrong"}};
}

static struct str where(struct request *q, const struct nearby *n)
{
	return n->area.v != 0 ? label_area(q, n->area) : request_text(q, "admin.nearby.whole");
}

static void add_form(struct admin_page *p, const struct nearby_work *w)
{
	struct request *q = p->q;
	struct form_option sorts[NEARBY_COUNT];
	const struct form_option whole = {.value = STR("0"), .label = request_text(q, "admin.nearby.whole"),
	                                  .checked = w->area.n == 0 || str_is(w->area, "0")};
	struct choices areas = choices_areas(q, w->area, &whole, false);
	size_t n = 0;
	for (enum nearby_sort s = NEARBY_unset + 1; s < NEARBY_COUNT; s++)
		sorts[n++] = (struct form_option){.value = str_of(nearby_name(s)), .label = sort_label(q, s),
		                                  .checked = str_is(w->sort, nearby_name(s))};
	ap_section(p, "add", "", "");
	ap_form(p, "admin.nearby.add", "admin.nearby.add.text", request_link(q, "/admin/nearby"), "admin.nearby.add");
	ap_hidden(p, "do", STR("add"));
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "sort", .label = request_text(q, "admin.nearby.sort"),
	                                 .error = dated_error(&w->form, "sort"), .options = sorts, .option_count = n});
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "area", .label = request_text(q, "report.area.label"),
	                                 .error = dated_error(&w->form, "area"), .options = areas.options, .option_count = areas.count});
	ap_line(p, "name", "admin.nearby.name", "admin.nearby.name.hint", w->n.name, dated_error(&w->form, "name"));
	ap_line(p, "phone", "admin.receiver.phone", "admin.nearby.phone.hint", w->n.phone, dated_error(&w->form, "phone"));
	ap_line(p, "address", "admin.receiver.address", "", w->n.address, dated_error(&w->form, "address"));
	ap_line(p, "hours", "admin.receiver.hours", "", w->n.hours, dated_error(&w->form, "hours"));
	dated_day_fields(p, &w->form);
}

static void end_form(struct admin_page *p, const struct nearby_work *w)
{
	struct request *q = p->q;
	struct form_option *rows = arena_array(q->arena, w->count + 1, sizeof *rows);
	size_t n = 0;
	for (size_t i = 0; i < w->count; i++)
		if (w->rows[i].valid_to == 0 || w->rows[i].valid_to >= day_of(q->now))
			rows[n++] = (struct form_option){
				.value = arena_fmt(q->arena, "%lld", (long long)w->rows[i].id),
				.label = arena_fmt(q->arena, "%.*s, %.*s: %.*s", PSTR(sort_label(q, w->rows[i].sort)),
				                   PSTR(where(q, &w->rows[i])), PSTR(w->rows[i].name)),
				.checked = w->rows[i].id == w->form.end};
	dated_end_form(p, &w->form, "admin.nearby.end.text", request_link(q, "/admin/nearby"), rows, n);
}

/* Which khu vực would be shown with a line that says "not entered". */
static void lacks(struct admin_page *p, const struct nearby_work *w)
{
	struct request *q = p->q;
	int32_t today = day_of(q->now);
	for (enum nearby_sort s = NEARBY_unset + 1; s < NEARBY_COUNT; s++) {
		bool there = false;
		for (size_t i = 0; i < w->count; i++)
			there = there || (w->rows[i].sort == s && w->rows[i].valid_from <= today &&
			                  (w->rows[i].valid_to == 0 || w->rows[i].valid_to >= today));
		if (!there)
			ap_warn(p, arena_fmt(q->arena, "%.*s: %.*s", PSTR(sort_label(q, s)), PSTR(request_text(q, "admin.nearby.nobody"))));
	}
}

static enum rc show(struct request *q, struct reply *r, struct nearby_work *w, struct fault *f)
{
	static const char *const HEADS[] = {"admin.nearby.sort", "report.area.label", "admin.nearby.name",
	                                    "admin.receiver.where", "admin.person.from", "admin.person.until", NULL};
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_all, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.nearby", "admin.nearby.lead");
	ap_section(&p, "list", "", "");
	lacks(&p, w);
	ap_table(&p, HEADS, "admin.nearby.none");
	for (size_t i = 0; i < w->count; i++) {
		const struct nearby *one = &w->rows[i];
		struct buf b = {0};
		buf_join(&b, " · ", one->phone);
		buf_join(&b, " · ", one->address);
		buf_join(&b, " · ", one->hours);
		ap_row(&p);
		ap_cell(&p, sort_label(q, one->sort));
		ap_cell(&p, where(q, one));
		ap_cell(&p, one->name);
		ap_cell(&p, arena_take(q->arena, &b));
		ap_cell_day(&p, one->valid_from, "");
		ap_cell_day(&p, one->valid_to, "admin.person.nolast");
	}
	add_form(&p, w);
	end_form(&p, w);
	if (w->form.fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->form.fault.rc, &w->form.fault));
	reply_title(r, request_text(q, "admin.nearby"));
	return ap_reply(&p, r);
}

enum rc nearby_page(struct request *q, struct reply *r, struct fault *f)
{
	struct nearby_work w = work_of(q);
	w.form.from = text_date(q->arena, q->lang, day_of(q->now));
	return show(q, r, &w, f);
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct nearby_work *w = ctx;
	enum rc rc = w->form.end != 0 ? nearby_end(tx, w->q->actor.account, w->form.end, w->form.last, f)
	                              : nearby_add(tx, &w->q->app->ids, w->q->actor.account, &w->n, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

static enum rc read_form(struct nearby_work *w)
{
	struct request *q = w->q;
	struct dated_form *d = &w->form;
	w->sort = dated_line(d, "sort", NEARBY_LINE);
	w->area = request_form(q, "area");   /* a long number: not a text of people, whose identity numbers are masked */
	w->n = (struct nearby){.sort = nearby_parse(w->sort), .name = dated_line(d, "name", NEARBY_LINE),
	                       .phone = dated_line(d, "phone", NEARBY_LINE),
	                       .address = dated_line(d, "address", NEARBY_LINE),
	                       .hours = dated_line(d, "hours", NEARBY_LINE)};
	enum rc rc = dated_days(d, &w->n.valid_from, &w->n.valid_to);
	if (rc == RC_OK && !str_is(w->area, "0") && !choices_area(q, w->area, &w->n.area))
		rc = fault_at(&d->fault, RC_INVALID, "", 0, "area", "no khu vực of the ward");
	return rc;
}

enum rc nearby_send(struct request *q, struct reply *r, struct fault *f)
{
	struct nearby_work w = work_of(q);
	bool ends = str_is(request_form(q, "do"), "end");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = ends ? dated_end(&w.form) : read_form(&w);
	if (rc == RC_BAD_REQUEST)
		return rc;
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, write_tx, &w, &w.form.fault);
	if (rc > RC_OK) {
		w.form.fault.rc = rc;
		return show(q, r, &w, f);
	}
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		admin_done(q, r, ends ? "nearby_end" : "nearby", STR("/admin/nearby"));
	}
	return rc;
}
