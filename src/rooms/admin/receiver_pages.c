/* Who receives what is handed over, by door: dated rows that end and are followed, never rewritten. */
#include "rooms/admin/admin.h"
#include "ward/advice.h"
#include "ward/router/receiver.h"

struct receiver_work {
	struct request *q;
	struct receiver *rows, r;
	size_t count;
	int64_t end;
	int32_t last;
	struct str from, until, last_typed;
	struct fault fault;
	bool advised[LANG_COUNT];     /* its note in that language names somebody */
	struct str too_long;          /* the first field that is */
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

/* What a field's error says: empty when it is not the one. */
static struct str error_of(const struct receiver_work *w, const char *field)
{
	if (w->end != 0 || w->fault.rc != RC_INVALID || !str_is(str_of(w->fault.field), field))
		return STR_EMPTY;
	return str_is(w->too_long, field) ? request_text(w->q, "admin.receiver.wrong.long")
	                                  : admin_text(w->q, "admin.receiver.wrong.%s", field);
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
	                                 .error = error_of(w, "door"), .options = doors, .option_count = n});
	ap_line(p, "name", "admin.receiver.name", "", w->r.name, error_of(w, "name"));
	ap_line(p, "address", "admin.receiver.address", "", w->r.address, error_of(w, "address"));
	ap_line(p, "phone", "admin.receiver.phone", "", w->r.phone, error_of(w, "phone"));
	ap_line(p, "hours", "admin.receiver.hours", "", w->r.hours, error_of(w, "hours"));
	for (size_t i = 0; i < SPOKEN_COUNT; i++)
		ap_line(p, SPOKEN[i].hours, SPOKEN[i].hours_label, SPOKEN[i].hint, w->r.hours_in[SPOKEN[i].lang],
		        error_of(w, SPOKEN[i].hours));
	ap_told(p, "note", "admin.receiver.note", "admin.receiver.note.hint", w->r.note, error_of(w, "note"), w->advised[LANG_vi]);
	for (size_t i = 0; i < SPOKEN_COUNT; i++)
		ap_told(p, SPOKEN[i].note, SPOKEN[i].note_label, SPOKEN[i].hint, w->r.note_in[SPOKEN[i].lang],
		        error_of(w, SPOKEN[i].note), w->advised[SPOKEN[i].lang]);
	ap_line(p, "source", "admin.receiver.source", "admin.receiver.source.hint", w->r.source, error_of(w, "source"));
	ap_field(p, &(struct form_field){.kind = FORM_RADIOS, .name = "verified",
	                                 .label = request_text(q, "admin.receiver.checked"), .options = yesno, .option_count = 2});
	ap_day(p, "from", "admin.person.from", "admin.day.hint", w->from, error_of(w, "from"));
	ap_day(p, "until", "admin.person.until", "admin.receiver.until.hint", w->until, error_of(w, "until"));
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
				.checked = w->rows[i].id == w->end};
	if (n == 0)
		return;
	ap_form(p, "admin.receiver.end", "admin.receiver.end.text", request_link(q, "/admin/receivers"), "admin.receiver.end");
	ap_form_warn(p);
	ap_hidden(p, "do", STR("end"));
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "row", .label = request_text(q, "admin.receiver.row"),
	                                 .options = rows, .option_count = n});
	ap_day(p, "last", "admin.person.last", "admin.day.hint", w->last_typed,
	       w->end != 0 && w->fault.rc == RC_INVALID ? request_text(q, "admin.day.wrong") : STR_EMPTY);
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
	if (w->fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->fault.rc, &w->fault));
	reply_title(r, request_text(q, "admin.receivers"));
	return ap_reply(&p, r);
}

enum rc receivers_page(struct request *q, struct reply *r, struct fault *f)
{
	struct receiver_work w = {.q = q, .from = text_date(q->arena, q->lang, day_of(q->now))};
	return show(q, r, &w, f);
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct receiver_work *w = ctx;
	enum rc rc = w->end != 0 ? receiver_end(tx, w->q->actor.account, w->end, w->last, f)
	                         : receiver_add(tx, &w->q->app->ids, w->q->actor.account, &w->r, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

/* What is too long stays, to be shown again with what is wrong. */
static struct str typed(struct receiver_work *w, const char *name, size_t max)
{
	struct str s;
	enum rc rc = text_clean(w->q->arena, request_form(w->q, name), TEXT_LINE, max, &s);
	if (rc == RC_TOO_BIG && w->too_long.n == 0)
		w->too_long = str_of(name);
	return rc == RC_INVALID ? STR_EMPTY : s;
}

static enum rc read_form(struct receiver_work *w)
{
	struct request *q = w->q;
	const struct router_door *d = router_door(q->app->router, request_form(q, "door"));
	w->r = (struct receiver){.door = d != NULL ? d->id : STR_EMPTY, .name = typed(w, "name", RECEIVER_LINE),
		.address = typed(w, "address", RECEIVER_LINE), .hours = typed(w, "hours", RECEIVER_LINE),
		.phone = typed(w, "phone", RECEIVER_LINE), .note = typed(w, "note", RECEIVER_NOTE),
		.source = typed(w, "source", RECEIVER_LINE), .verified = str_is(request_form(q, "verified"), "yes")};
	for (size_t i = 0; i < SPOKEN_COUNT; i++) {
		w->r.hours_in[SPOKEN[i].lang] = typed(w, SPOKEN[i].hours, RECEIVER_LINE);
		w->r.note_in[SPOKEN[i].lang] = typed(w, SPOKEN[i].note, RECEIVER_NOTE);
	}
	if (w->too_long.n > 0)
		(void)fault_at(&w->fault, RC_INVALID, "", 0, w->too_long.p, "too long");
	w->from = typed(w, "from", 20);
	w->until = typed(w, "until", 20);
	if (w->fault.rc != RC_OK)
		return w->fault.rc;
	if (d == NULL || !d->receiver)
		return fault_at(&w->fault, RC_INVALID, "", 0, "door", "no such door");
	if (!admin_day(w->from, false, &w->r.valid_from))
		return fault_at(&w->fault, RC_INVALID, "", 0, "from", "no day");
	if (!admin_day(w->until, true, &w->r.valid_to))
		return fault_at(&w->fault, RC_INVALID, "", 0, "until", "no day");
	return RC_OK;
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
	struct receiver_work w = {.q = q};
	bool ends = str_is(request_form(q, "do"), "end");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = RC_OK;
	if (!ends) {
		rc = read_form(&w);
	} else {
		w.last_typed = typed(&w, "last", 20);
		if (!admin_id(q, "row", &w.end))
			return RC_BAD_REQUEST;
		if (!admin_day(w.last_typed, false, &w.last))
			rc = fault_at(&w.fault, RC_INVALID, "", 0, "last", "no day");
	}
	if (rc == RC_OK && !ends && advise(&w))
		return show(q, r, &w, f);
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, write_tx, &w, &w.fault);
	if (rc > RC_OK) {
		w.fault.rc = rc;
		return show(q, r, &w, f);
	}
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		admin_done(q, r, ends ? "receiver_end" : "receiver", STR("/admin/receivers"));
	}
	return rc;
}
