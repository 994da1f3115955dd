/* Who is where for a khu vực ("Who is my …?"): dated rows that end and are followed, never rewritten. */
#include "rooms/admin/admin.h"
#include "ward/choices.h"
#include "ward/page.h"
#include "ward/router/nearby.h"

struct nearby_work {
	struct request *q;
	struct nearby *rows, n;
	size_t count;
	int64_t end;
	int32_t last;
	struct str sort, area, from, until, last_typed;
	struct fault fault;
};

static enum rc read_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct nearby_work *w = ctx;
	return nearby_list(tx, 0, &w->rows, &w->count, f);
}

static struct str sort_label(struct request *q, enum nearby_sort s) { return admin_text(q, "nearby.%s", nearby_name(s)); }

static struct str error_of(const struct nearby_work *w, const char *field)
{
	return w->end == 0 && w->fault.rc == RC_INVALID && str_is(str_of(w->fault.field), field)
	           ? admin_text(w->q, "admin.nearby.wrong.%s", field) : STR_EMPTY;
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
	                                 .error = error_of(w, "sort"), .options = sorts, .option_count = n});
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "area", .label = request_text(q, "report.area.label"),
	                                 .error = error_of(w, "area"), .options = areas.options, .option_count = areas.count});
	ap_line(p, "name", "admin.nearby.name", "admin.nearby.name.hint", w->n.name, error_of(w, "name"));
	ap_line(p, "phone", "admin.receiver.phone", "admin.nearby.phone.hint", w->n.phone, error_of(w, "phone"));
	ap_line(p, "address", "admin.receiver.address", "", w->n.address, error_of(w, "address"));
	ap_line(p, "hours", "admin.receiver.hours", "", w->n.hours, STR_EMPTY);
	ap_day(p, "from", "admin.person.from", "admin.day.hint", w->from, error_of(w, "from"));
	ap_day(p, "until", "admin.person.until", "admin.receiver.until.hint", w->until, error_of(w, "until"));
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
				.checked = w->rows[i].id == w->end};
	if (n == 0)
		return;
	ap_form(p, "admin.receiver.end", "admin.nearby.end.text", request_link(q, "/admin/nearby"), "admin.receiver.end");
	ap_form_warn(p);
	ap_hidden(p, "do", STR("end"));
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "row", .label = request_text(q, "admin.receiver.row"),
	                                 .options = rows, .option_count = n});
	ap_day(p, "last", "admin.person.last", "admin.day.hint", w->last_typed,
	       w->end != 0 && w->fault.rc == RC_INVALID ? request_text(q, "admin.day.wrong") : STR_EMPTY);
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
	if (w->fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->fault.rc, &w->fault));
	reply_title(r, request_text(q, "admin.nearby"));
	return ap_reply(&p, r);
}

enum rc nearby_page(struct request *q, struct reply *r, struct fault *f)
{
	struct nearby_work w = {.q = q, .from = text_date(q->arena, q->lang, day_of(q->now))};
	return show(q, r, &w, f);
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct nearby_work *w = ctx;
	enum rc rc = w->end != 0 ? nearby_end(tx, w->q->actor.account, w->end, w->last, f)
	                         : nearby_add(tx, &w->q->app->ids, w->q->actor.account, &w->n, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

static struct str typed(struct request *q, const char *name, size_t max)
{
	struct str s;
	return text_clean(q->arena, request_form(q, name), TEXT_LINE, max, &s) == RC_OK ? s : STR_EMPTY;
}

static enum rc read_form(struct nearby_work *w)
{
	struct request *q = w->q;
	w->sort = typed(q, "sort", 20);
	w->area = request_form(q, "area");   /* a long number: not a text of people, whose identity numbers are masked */
	w->n = (struct nearby){.sort = nearby_parse(w->sort), .name = typed(q, "name", NEARBY_LINE),
	                       .address = typed(q, "address", NEARBY_LINE), .hours = typed(q, "hours", NEARBY_LINE),
	                       .phone = typed(q, "phone", NEARBY_LINE)};
	w->from = typed(q, "from", 20);
	w->until = typed(q, "until", 20);
	if (!str_is(w->area, "0") && !choices_area(q, w->area, &w->n.area))
		return fault_at(&w->fault, RC_INVALID, "", 0, "area", "no khu vực of the ward");
	if (!admin_day(w->from, false, &w->n.valid_from))
		return fault_at(&w->fault, RC_INVALID, "", 0, "from", "no day");
	if (!admin_day(w->until, true, &w->n.valid_to))
		return fault_at(&w->fault, RC_INVALID, "", 0, "until", "no day");
	return RC_OK;
}

enum rc nearby_send(struct request *q, struct reply *r, struct fault *f)
{
	struct nearby_work w = {.q = q};
	bool ends = str_is(request_form(q, "do"), "end");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = RC_OK;
	if (!ends) {
		rc = read_form(&w);
	} else {
		w.last_typed = typed(q, "last", 20);
		if (!admin_id(q, "row", &w.end))
			return RC_BAD_REQUEST;
		if (!admin_day(w.last_typed, false, &w.last))
			rc = fault_at(&w.fault, RC_INVALID, "", 0, "last", "no day");
	}
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, write_tx, &w, &w.fault);
	if (rc > RC_OK) {
		w.fault.rc = rc;
		return show(q, r, &w, f);
	}
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		admin_done(q, r, ends ? "nearby_end" : "nearby", STR("/admin/nearby"));
	}
	return rc;
}
