/* Who receives what is handed over, by door: dated rows that end and are followed, never rewritten. */
#include "rooms/admin/dated_form.h"
#include "ward/advice.h"
#include "ward/router/receiver.h"

struct receiver_work {
	struct request *q;
	struct dated_form form;
	struct receiver *rows, r;
	size_t count;
	bool advised[LANG_COUNT];     /* its note in that language names somebody */
};

/* In the languages that a receiver's page may be read in. */
static const struct {
	enum lang lang;
	const char *hours, *hours_label, *note, *note_label, *hint;
} SPOKEN[] = {
	{LANG_en, "hours_en", "admin.receiver.hours_en", "note_en", "admin.receiver.note_en", "admin.receiver.en.hint"},
	{LANG_km, "hours_km", "admin.receiver.hours_km", "note_km", "admin.receiver.note_km", "admin.receiver.km.hint"},
};
enum { SPOKEN_COUNT = sizeof SPOKEN / sizeof *SPOKEN };

static enum rc read_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct receiver_work *w = ctx;
	return receivers_of(tx, STR_EMPTY, 0, &w->rows, &w->count, f);
}

static struct str door_title(const struct request *q, struct str door)
{
	const struct router_door *d = router_door(q->app->router, door);
	return d != NULL ? d->title.in[q->lang] : door;
}

static struct receiver_work work_of(struct request *q)
{
	return (struct receiver_work){.q = q, .form = {.q = q, .wrong = "admin.receiver.wrong"}};
}

static void add_form(struct admin_page *p, const struct receiver_work *w)
{
	struct request *q = p->q;
	const struct router *router = q->app->router;
	struct form_option *doors = arena_array(q->arena, router->door_count + 1, sizeof *doors);
	struct form_option yesno[] = {
		{.value = STR("no"), .label = request_text(q, "admin.receiver.unverified"), .checked = !w->r.verified},
		{.value = STR("yes"), .label = request_text(q, "admin.receiver.verified"), .checked = w->r.verified}};
	size_t n = 0;
	for (size_t i = 0; i < router->door_count; i++)
		if (router->doors[i].receiver)
			doors[n++] = (struct form_option){.value = router->doors[i].id, .label = router->doors[i].title.in[q->lang],
			                                  .checked = str_eq(router->doors[i].id, w->r.door)};
	ap_section(p, "add", "", "");
	ap_form(p, "admin.receiver.add", "admin.receiver.add.text", request_link(q, "/admin/receivers"), "admin.receiver.add");
	ap_hidden(p, "do", STR("add"));
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "door", .label = request_text(q, "admin.receiver.door"),
	                                 .error = dated_error(&w->form, "door"), .options = doors, .option_count = n});
	ap_line(p, "name", "admin.receiver.name", "", w->r.name, dated_error(&w->form, "name"));
	ap_line(p, "address", "admin.receiver.address", "", w->r.address, dated_error(&w->form, "address"));
	ap_line(p, "phone", "admin.receiver.phone", "", w->r.phone, dated_error(&w->form, "phone"));
	ap_line(p, "hours", "admin.receiver.hours", "", w->r.hours, dated_error(&w->form, "hours"));
	for (size_t i = 0; i < SPOKEN_COUNT; i++)
		ap_line(p, SPOKEN[i].hours, SPOKEN[i].hours_label, SPOKEN[i].hint, w->r.hours_in[SPOKEN[i].lang],
		        dated_error(&w->form, SPOKEN[i].hours));
	ap_told(p, "note", "admin.receiver.note", "admin.receiver.note.hint", w->r.note, dated_error(&w->form, "note"), w->advised[LANG_vi]);
	for (size_t i = 0; i < SPOKEN_COUNT; i++)
		ap_told(p, SPOKEN[i].note, SPOKEN[i].note_label, SPOKEN[i].hint, w->r.note_in[SPOKEN[i].lang],
		        dated_error(&w->form, SPOKEN[i].note), w->advised[SPOKEN[i].lang]);
	ap_line(p, "source", "admin.receiver.source", "admin.receiver.source.hint", w->r.source, dated_error(&w->form, "source"));
	ap_field(p, &(struct form_field){.kind = FORM_RADIOS, .name = "verified",
	                                 .label = request_text(q, "admin.receiver.checked"), .options = yesno, .option_count = 2});
	dated_day_fields(p, &w->form);
}

static void end_form(struct admin_page *p, const struct receiver_work *w)
{
	struct request *q = p->q;
	struct form_option *rows = arena_array(q->arena, w->count + 1, sizeof *rows);
	size_t n = 0;
	for (size_t i = 0; i < w->count; i++)
		if (w->rows[i].valid_to == 0 || w->rows[i].valid_to >= day_of(q->now))
			rows[n++] = (struct form_option){
				.value = arena_fmt(q->arena, "%lld", (long long)w->rows[i].id),
				.label = arena_fmt(q->arena, "%.*s: %.*s", PSTR(door_title(q, w->rows[i].door)), PSTR(w->rows[i].name)),
				.checked = w->rows[i].id == w->form.end};
	dated_end_form(p, &w->form, "admin.receiver.end.text", request_link(q, "/admin/receivers"), rows, n);
}

static enum rc show(struct request *q, struct reply *r, struct receiver_work *w, struct fault *f)
{
	static const char *const HEADS[] = {"admin.receiver.door", "admin.receiver.name", "admin.receiver.where",
	                                    "admin.person.from", "admin.person.until", "admin.receiver.source", NULL};
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_all, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.receivers", "admin.receivers.lead");
	ap_section(&p, "list", "", "");
	const struct router *router = q->app->router;
	int32_t today = day_of(q->now);
	for (size_t d = 0; d < router->door_count; d++) {
		bool there = !router->doors[d].receiver;
		for (size_t i = 0; i < w->count; i++)
			there = there || (str_eq(w->rows[i].door, router->doors[d].id) && w->rows[i].valid_from <= today &&
			                  (w->rows[i].valid_to == 0 || w->rows[i].valid_to >= today));
		if (!there)
			ap_warn(&p, arena_fmt(q->arena, "%.*s: %.*s", PSTR(router->doors[d].title.in[q->lang]),
			                      PSTR(request_text(q, "admin.receiver.nobody"))));
	}
	ap_table(&p, HEADS, "admin.receiver.none");
	for (size_t i = 0; i < w->count; i++) {
		const struct receiver *one = &w->rows[i];
		struct buf where = {0};
		buf_join(&where, " · ", one->address);
		buf_join(&where, " · ", one->phone);
		buf_join(&where, " · ", one->hours);
		ap_row(&p);
		ap_cell(&p, door_title(q, one->door));
		ap_cell(&p, one->name);
		ap_cell(&p, arena_take(q->arena, &where));
		ap_cell_day(&p, one->valid_from, "");
		ap_cell_day(&p, one->valid_to, "admin.person.nolast");
		ap_cell(&p, arena_fmt(q->arena, "%.*s (%.*s)", PSTR(one->source),
		                      PSTR(request_text(q, one->verified ? "admin.receiver.verified" : "admin.receiver.unverified"))));
	}
	add_form(&p, w);
	end_form(&p, w);
	if (w->form.fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->form.fault.rc, &w->form.fault));
	reply_title(r, request_text(q, "admin.receivers"));
	return ap_reply(&p, r);
}

enum rc receivers_page(struct request *q, struct reply *r, struct fault *f)
{
	struct receiver_work w = work_of(q);
	w.form.from = text_date(q->arena, q->lang, day_of(q->now));
	return show(q, r, &w, f);
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct receiver_work *w = ctx;
	enum rc rc = w->form.end != 0 ? receiver_end(tx, w->q->actor.account, w->form.end, w->form.last, f)
	                              : receiver_add(tx, &w->q->app->ids, w->q->actor.account, &w->r, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

static enum rc read_form(struct receiver_work *w)
{
	struct request *q = w->q;
	struct dated_form *d = &w->form;
	const struct router_door *door = router_door(q->app->router, request_form(q, "door"));
	w->r = (struct receiver){.door = door != NULL ? door->id : STR_EMPTY, .name = dated_line(d, "name", RECEIVER_LINE),
		.address = dated_line(d, "address", RECEIVER_LINE), .phone = dated_line(d, "phone", RECEIVER_LINE),
		.hours = dated_line(d, "hours", RECEIVER_LINE), .note = dated_line(d, "note", RECEIVER_NOTE),
		.source = dated_line(d, "source", RECEIVER_LINE), .verified = str_is(request_form(q, "verified"), "yes")};
	for (size_t i = 0; i < SPOKEN_COUNT; i++) {
		w->r.hours_in[SPOKEN[i].lang] = dated_line(d, SPOKEN[i].hours, RECEIVER_LINE);
		w->r.note_in[SPOKEN[i].lang] = dated_line(d, SPOKEN[i].note, RECEIVER_NOTE);
	}
	enum rc rc = dated_days(d, &w->r.valid_from, &w->r.valid_to);
	if (rc == RC_OK && (door == NULL || !door->receiver))
		rc = fault_at(&d->fault, RC_INVALID, "", 0, "door", "no such door");
	return rc;
}

static bool advise(struct receiver_work *w)
{
	w->advised[LANG_vi] = advice_asks(w->q, "note", w->r.note);
	bool any = w->advised[LANG_vi];
	for (size_t i = 0; i < SPOKEN_COUNT; i++) {
		enum lang l = SPOKEN[i].lang;
		w->advised[l] = advice_asks(w->q, SPOKEN[i].note, w->r.note_in[l]);
		any = any || w->advised[l];
	}
	return any;
}

enum rc receivers_send(struct request *q, struct reply *r, struct fault *f)
{
	struct receiver_work w = work_of(q);
	bool ends = str_is(request_form(q, "do"), "end");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = ends ? dated_end(&w.form) : read_form(&w);
	if (rc == RC_BAD_REQUEST)
		return rc;
	if (rc == RC_OK && !ends && advise(&w))
		return show(q, r, &w, f);
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, write_tx, &w, &w.form.fault);
	if (rc > RC_OK) {
		w.form.fault.rc = rc;
		return show(q, r, &w, f);
	}
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		admin_done(q, r, ends ? "receiver_end" : "receiver", STR("/admin/receivers"));
	}
	return rc;
}
