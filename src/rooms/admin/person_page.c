/* One account: what it can see and why, its roles and units, and what can be done with it. */
#include "rooms/admin/admin.h"
#include "ward/choices.h"
#include "ward/page.h"

#include <string.h>

struct person_work {
	struct request *q;
	struct person_row row;
	struct held_row *held;
	struct unit *units;
	size_t held_count, unit_count, area_count;
	struct area_held areas[AREAS_HELD];
	struct area area;             /* khu vực of the form that was sent */
	struct admin_by by;
	struct str what;              /* the form that was sent; empty: none */
	struct str name;
	enum role role;
	struct unit_id unit;
	int32_t from, until;
	bool head;
	struct fault fault;           /* why it was not done */
	struct str field_error[8];
	bool wrong;
};

static enum rc read_person(struct tx *tx, void *ctx, struct fault *f)
{
	struct person_work *w = ctx;
	enum rc rc = person_get(tx, w->row.account.id, &w->row, f);
	if (rc == RC_OK)
		rc = held_list(tx, w->row.account.id, &w->held, &w->held_count, f);
	if (rc == RC_OK)
		rc = area_heads(tx, w->row.account.id, 0, w->areas, AREAS_HELD, &w->area_count, f);
	return rc == RC_OK ? unit_list(tx, &w->units, &w->unit_count, f) : rc;
}

static bool has(const struct held_row *h, int32_t day)
{
	return h->from_day <= day && (h->until_day == 0 || h->until_day >= day);
}

/* --- what they see now, and why: from the matrix that the program asks --- */

static void sees(struct admin_page *p, const struct person_work *w)
{
	static const struct {
		enum perm perm;
		const char *text, *without;   /* by the unit that gives it; NULL: for nothing */
	} CAN[] = {
		{PERM_case_list, "admin.can.case_list", "admin.can.no_unit"},
		{PERM_case_read, "admin.can.case_read", NULL},
		{PERM_case_work, "admin.can.case_work", "admin.can.no_unit"},
		{PERM_admin, "admin.can.admin", NULL},
		{PERM_area_read, "admin.can.area_read", NULL},
		{PERM_mediate, "admin.can.mediate", NULL},
	};
	struct request *q = p->q;
	int32_t today = day_of(q->now);
	bool unit = w->row.unit_count > 0;
	ap_section(p, "sees", "admin.person.sees", "");
	if (w->row.account.closed) {
		ap_item(p, request_text(q, "admin.can.closed"), STR_EMPTY);
		return;
	}
	if (w->row.roles == 0) {
		ap_item(p, request_text(q, "admin.can.none"), STR_EMPTY);
		return;
	}
	for (size_t i = 0; i < w->held_count; i++) {
		const struct held_row *h = &w->held[i];
		if (h->role == ROLE_unset || !has(h, today))
			continue;
		uint32_t perms = people_perms(ROLE_BIT(h->role));
		struct buf b = {0};
		buf_addf(&b, "%.*s (%.*s%.*s): ", PSTR(admin_role(q, h->role)),
		         PSTR(request_text(q, "admin.since")), PSTR(arena_fmt(q->arena, " %.*s",
		         PSTR(admin_date(q, h->from_day)))));
		size_t said = 0;
		for (size_t k = 0; k < sizeof CAN / sizeof *CAN; k++) {
			if ((perms >> CAN[k].perm & 1) == 0)
				continue;
			bool empty = CAN[k].without != NULL && !unit;
			buf_addf(&b, "%s%.*s%s%.*s", said > 0 ? "; " : "", PSTR(request_text(q, CAN[k].text)),
			         empty ? " " : "", PSTR(empty ? request_text(q, CAN[k].without) : STR_EMPTY));
			said++;
		}
		if (said == 0)
			buf_add(&b, request_text(q, "admin.can.own"));
		ap_item(p, arena_take(q->arena, &b), STR_EMPTY);
	}
	for (size_t i = 0; i < w->area_count; i++)
		if (w->areas[i].from_day <= today && (w->areas[i].until_day == 0 || w->areas[i].until_day >= today))
			ap_item(p, arena_fmt(q->arena, "%.*s: %.*s", PSTR(request_text(q, "report.area.label")),
			                     PSTR(label_area(q, w->areas[i].area))), STR_EMPTY);
	for (size_t i = 0; i < w->held_count; i++)
		if (w->held[i].role == ROLE_unset && has(&w->held[i], today))
			ap_item(p, arena_fmt(q->arena, "%.*s: %.*s%s%.*s",
			                     PSTR(request_text(q, "admin.can.unit")), PSTR(w->held[i].unit.name),
			                     w->held[i].head ? ", " : "",
			                     PSTR(w->held[i].head ? request_text(q, "admin.person.head")
			                                          : STR_EMPTY)), STR_EMPTY);
	ap_item(p, request_text(q, "admin.can.never"), STR_EMPTY);
}

static void held_table(struct admin_page *p, const struct person_work *w)
{
	static const char *const HEADS[] = {"admin.person.what", "admin.person.from",
	                                    "admin.person.until", "admin.person.state", NULL};
	struct request *q = p->q;
	int32_t today = day_of(q->now);
	ap_section(p, "held", "admin.person.held", "");
	ap_table(p, HEADS, "admin.person.held.none");
	for (size_t i = 0; i < w->held_count; i++) {
		const struct held_row *h = &w->held[i];
		ap_row(p);
		ap_cell(p, h->role != ROLE_unset ? admin_role(q, h->role)
		           : h->head ? arena_fmt(q->arena, "%.*s, %.*s", PSTR(h->unit.name),
		                                 PSTR(request_text(q, "admin.person.head"))) : h->unit.name);
		ap_cell_day(p, h->from_day, "");
		ap_cell_day(p, h->until_day, "admin.person.nolast");
		bool now = has(h, today);
		ap_cell_tag(p, now ? "good" : "quiet",
		            admin_text(q, "admin.person.%s", now ? "now" : h->from_day > today ? "later"
		                                                                               : "over"));
	}
}

/* --- what can be done --- */

static struct str typed(const struct person_work *w, const char *what, const char *name,
                        struct str otherwise)
{
	struct str clean;
	if (!str_is(w->what, what))
		return otherwise;
	return text_clean(w->q->arena, request_form(w->q, name), TEXT_LINE, 200, &clean) == RC_OK
	           ? clean : STR_EMPTY;
}

static void begin_form(struct admin_page *p, const struct person_work *w, const char *what,
                       const char *lead)
{
	struct request *q = p->q;
	char title[64];
	(void)snprintf(title, sizeof title, "admin.person.%s", what);
	ap_form(p, title, lead, request_link(q, "/admin/people/%lld", (long long)w->row.account.id.v),
	        title);
	ap_hidden(p, "do", str_of(what));
}

static struct str error_of(const struct person_work *w, const char *what, const char *field)
{
	if (!str_is(w->what, what) || w->fault.rc == RC_OK || !str_is(str_of(w->fault.field), field))
		return STR_EMPTY;
	return request_text(w->q, "admin.day.wrong");
}

static void role_forms(struct admin_page *p, const struct person_work *w)
{
	struct request *q = p->q;
	struct form_option roles[ROLE_COUNT], ends[ROLE_COUNT];
	size_t n = 0, e = 0;
	int32_t today = day_of(q->now);
	for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++) {
		if (r != ROLE_oversight)
			roles[n++] = (struct form_option){.value = str_of(role_name(r)),
			                                  .label = admin_role(q, r), .checked = r == w->role};
		bool open = false;
		for (size_t i = 0; i < w->held_count; i++)
			open = open || (w->held[i].role == r &&
			                (w->held[i].until_day == 0 || w->held[i].until_day >= today));
		if (open)
			ends[e++] = (struct form_option){.value = str_of(role_name(r)), .label = admin_role(q, r)};
	}
	begin_form(p, w, "role", "admin.person.role.text");
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "role",
	                                 .label = request_text(q, "admin.people.role"),
	                                 .options = roles, .option_count = n});
	ap_day(p, "role-from", "admin.person.from", "admin.day.hint",
	        typed(w, "role", "role-from", admin_date(q, today)), error_of(w, "role", "from"));
	ap_day(p, "role-until", "admin.person.until", "admin.day.open",
	        typed(w, "role", "role-until", STR_EMPTY), error_of(w, "role", "until-day"));
	if (e == 0)
		return;
	begin_form(p, w, "role_end", "admin.person.role_end.text");
	ap_form_warn(p);
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "end-role",
	                                 .label = request_text(q, "admin.people.role"),
	                                 .options = ends, .option_count = e});
	ap_day(p, "end-day", "admin.person.last", "admin.day.now",
	        typed(w, "role_end", "end-day", STR_EMPTY), error_of(w, "role_end", "from"));
}

static void unit_forms(struct admin_page *p, const struct person_work *w)
{
	struct request *q = p->q;
	struct form_option *units = arena_array(q->arena, w->unit_count + 1, sizeof *units);
	struct form_option *ends = arena_array(q->arena, w->held_count + 1, sizeof *ends);
	size_t e = 0;
	int32_t today = day_of(q->now);
	for (size_t i = 0; i < w->unit_count; i++)
		units[i] = (struct form_option){.value = w->units[i].slug, .label = w->units[i].name};
	for (size_t i = 0; i < w->held_count; i++)
		if (w->held[i].role == ROLE_unset &&
		    (w->held[i].until_day == 0 || w->held[i].until_day >= today))
			ends[e++] = (struct form_option){.value = w->held[i].unit.slug,
			                                 .label = w->held[i].unit.name};
	const struct form_option head = {.value = STR("yes"), .label = request_text(q, "admin.person.head")};
	begin_form(p, w, "join", "");
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "unit",
	                                 .label = request_text(q, "admin.unit"), .options = units,
	                                 .option_count = w->unit_count});
	ap_field(p, &(struct form_field){.kind = FORM_CHECKBOXES, .name = "head", .options = &head,
	                                 .label = request_text(q, "admin.person.head.ask"),
	                                 .option_count = 1});
	ap_day(p, "join-from", "admin.person.from", "admin.day.hint",
	        typed(w, "join", "join-from", admin_date(q, today)), error_of(w, "join", "from"));
	ap_day(p, "join-until", "admin.person.until", "admin.day.open",
	        typed(w, "join", "join-until", STR_EMPTY), error_of(w, "join", "until-day"));
	if (e == 0)
		return;
	begin_form(p, w, "leave", "");
	ap_form_warn(p);
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "leave-unit",
	                                 .label = request_text(q, "admin.unit"), .options = ends,
	                                 .option_count = e});
	ap_day(p, "leave-day", "admin.person.last", "admin.day.now",
	        typed(w, "leave", "leave-day", STR_EMPTY), error_of(w, "leave", "from"));
}

/* For whoever is or will be head or volunteer of a khu vực: of which. */
static void area_forms(struct admin_page *p, const struct person_work *w)
{
	struct request *q = p->q;
	bool head = false;
	int32_t today = day_of(q->now);
	for (size_t i = 0; i < w->held_count; i++)
		head = head || ((w->held[i].role == ROLE_area_head || w->held[i].role == ROLE_area_team) &&
		                (w->held[i].until_day == 0 || w->held[i].until_day >= today));
	if (!head && w->area_count == 0)
		return;
	struct choices all = choices_areas(q, STR_EMPTY, NULL, false);
	begin_form(p, w, "area", "admin.person.area.text");
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "area",
	                                 .label = request_text(q, "report.area.label"),
	                                 .options = all.options, .option_count = all.count});
	ap_day(p, "area-from", "admin.person.from", "admin.day.hint",
	        typed(w, "area", "area-from", admin_date(q, today)), error_of(w, "area", "from"));
	ap_day(p, "area-until", "admin.person.until", "admin.day.open",
	        typed(w, "area", "area-until", STR_EMPTY), error_of(w, "area", "until-day"));
	struct form_option ends[AREAS_HELD];
	size_t n = 0;
	for (size_t i = 0; i < w->area_count; i++)
		if (w->areas[i].until_day == 0 || w->areas[i].until_day >= today)
			ends[n++] = (struct form_option){
				.value = arena_fmt(q->arena, "%lld", (long long)w->areas[i].area.v),
				.label = label_area(q, w->areas[i].area)};
	if (n == 0)
		return;
	begin_form(p, w, "area_end", "");
	ap_form_warn(p);
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "area",
	                                 .label = request_text(q, "report.area.label"),
	                                 .options = ends, .option_count = n});
	ap_day(p, "area-end", "admin.person.last", "admin.day.now",
	        typed(w, "area_end", "area-end", STR_EMPTY), error_of(w, "area_end", "from"));
}

static void account_forms(struct admin_page *p, const struct person_work *w)
{
	begin_form(p, w, "name", "");
	ap_line(p, "name", "admin.people.name", "", typed(w, "name", "name", w->row.account.name),
	        STR_EMPTY);
	if (w->row.account.closed) {
		begin_form(p, w, "open", "admin.person.open.text");
		return;
	}
	begin_form(p, w, "link", "admin.person.link.text");
	if (w->row.sessions > 0)
		begin_form(p, w, "sessions", "admin.person.sessions.text");
	begin_form(p, w, "close", "admin.person.close.text");
	ap_form_warn(p);
}

static enum rc show(struct request *q, struct reply *r, struct person_work *w, struct str secret,
                    struct fault *f)
{
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_person, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin_named(&p, q, w->row.account.name, "");
	ap_back(&p, "admin.people", "/admin/people");
	if (secret.n > 0)
		ap_secret(&p, secret);
	ap_section(&p, "account", "", "");
	ap_fact(&p, request_text(q, "admin.people.login"), w->row.account.login);
	ap_fact(&p, request_text(q, "admin.people.used"),
	        w->row.used_day != 0 ? admin_date(q, w->row.used_day)
	                             : request_text(q, "admin.people.never"));
	ap_fact(&p, request_text(q, "admin.people.sessions"),
	        text_count(q->arena, q->lang, w->row.sessions));
	if (w->row.account.closed)
		ap_warn(&p, request_text(q, "admin.people.locked"));
	sees(&p, w);
	held_table(&p, w);
	ap_section(&p, "do", "admin.person.do", "");
	if (w->row.account.id.v == q->actor.account.v) {
		ap_warn(&p, request_text(q, "admin.why.self"));
	} else if ((w->row.roles & ROLE_BIT(ROLE_oversight)) != 0) {
		ap_warn(&p, request_text(q, "admin.why.oversight"));
	} else {
		if (!w->row.account.closed) {
			role_forms(&p, w);
			unit_forms(&p, w);
			area_forms(&p, w);
		}
		account_forms(&p, w);
	}
	if (w->fault.rc != RC_OK && !p.wrong)
		ap_wrong(&p, admin_why(q, w->fault.rc, &w->fault));
	reply_title(r, w->row.account.name);
	return ap_reply(&p, r);
}

enum rc person_page(struct request *q, struct reply *r, struct fault *f)
{
	struct person_work w = {.q = q};
	if (!str_i64(request_param(q, "id"), &w.row.account.id.v))
		return RC_NONE;
	return show(q, r, &w, STR_EMPTY, f);
}

static enum rc do_it(struct tx *tx, void *ctx, struct fault *f)
{
	struct person_work *w = ctx;
	struct account_id who = w->row.account.id;
	struct unit u = {0};
	int64_t ended = 0;
	if (str_is(w->what, "name"))
		return admin_account_name(tx, &w->by, who, w->name, f);
	if (str_is(w->what, "close"))
		return admin_account_close(tx, &w->by, who, f);
	if (str_is(w->what, "open"))
		return admin_account_open(tx, &w->by, who, f);
	if (str_is(w->what, "link"))
		return admin_account_link(tx, &w->by, who, f);
	if (str_is(w->what, "sessions"))
		return admin_sessions_end(tx, &w->by, who, &ended, f);
	if (str_is(w->what, "role"))
		return admin_role_grant(tx, &w->by, who, w->role, w->from, w->until, f);
	if (str_is(w->what, "role_end"))
		return admin_role_end(tx, &w->by, who, w->role, w->from, f);
	if (str_starts(w->what, STR("area")))
		return admin_area_head(tx, &w->by, who, w->area.id, w->area.code, w->from, w->until,
		                       str_is(w->what, "area_end"), f);
	enum rc rc = unit_by_slug(tx, w->name, &u, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_at(f, RC_INVALID, "", 0, "unit", "no such unit") : rc;
	return str_is(w->what, "join")
	           ? admin_unit_join(tx, &w->by, who, u.id, w->from, w->until, w->head, f)
	           : admin_unit_leave(tx, &w->by, who, u.id, w->from, f);
}

/* What the form of `what` sends. RC_INVALID with the field of a day that is none. */
static enum rc take(struct request *q, struct person_work *w)
{
	static const struct {
		const char *what, *from, *until;
		bool ends;                /* a last day; empty: over at once, so yesterday */
	} DAYS[] = {{"role", "role-from", "role-until", false}, {"role_end", "end-day", NULL, true},
	            {"join", "join-from", "join-until", false}, {"leave", "leave-day", NULL, true},
	            {"area", "area-from", "area-until", false}, {"area_end", "area-end", NULL, true}};
	w->name = request_form(q, str_is(w->what, "join") ? "unit"
	                          : str_is(w->what, "leave") ? "leave-unit" : "name");
	w->role = role_parse(request_form(q, str_is(w->what, "role_end") ? "end-role" : "role"));
	w->head = str_is(request_form(q, "head"), "yes");
	if (str_starts(w->what, STR("area")) &&
	    (!str_i64(request_form(q, "area"), &w->area.id.v) ||
	     (str_is(w->what, "area") && !choices_area(q, request_form(q, "area"), &w->area.id)) ||
	     !place_area(q->app->places, q->arena, w->area.id, &w->area)))
		return fault_at(&w->fault, RC_INVALID, "", 0, "area", "no khu vực of the ward");
	if (!text_utf8_ok(w->name))
		return fault_at(&w->fault, RC_INVALID, "", 0, "name", "not UTF-8");
	for (size_t i = 0; i < sizeof DAYS / sizeof *DAYS; i++) {
		if (!str_is(w->what, DAYS[i].what))
			continue;
		if (!admin_day(request_form(q, DAYS[i].from), DAYS[i].ends, &w->from))
			return fault_at(&w->fault, RC_INVALID, "", 0, "from", "no day");
		if (DAYS[i].ends && w->from == 0)
			w->from = day_of(q->now) - 1;
		if (DAYS[i].until != NULL && !admin_day(request_form(q, DAYS[i].until), true, &w->until))
			return fault_at(&w->fault, RC_INVALID, "", 0, "until-day", "no day");
	}
	return RC_OK;
}

static enum rc elsewhere(struct request *q, struct person_work *w, struct fault *f)
{
	enum { MOST = 4096 };
	const struct ward **all = arena_array(q->arena, MOST, sizeof *all);
	size_t n = ward_all(q->app->places, all, MOST);
	struct ward_id *ids = arena_array(q->arena, n + 1, sizeof *ids);
	for (size_t i = 0; i < n; i++)
		ids[i] = all[i]->id;
	return people_elsewhere(q->app->people, q->arena, ids, n, q->ward->id, w->row.account.id,
	                        &w->by.elsewhere, f);
}

enum rc person_send(struct request *q, struct reply *r, struct fault *f)
{
	static const char *const WHAT[][2] = {
		{"name", "name"}, {"close", "closed"}, {"open", "opened"}, {"link", ""},
		{"sessions", "sessions"}, {"role", "role"}, {"role_end", "role_end"}, {"join", "join"},
		{"leave", "leave"}, {"area", "area"}, {"area_end", "area_end"}};
	struct person_work w = {.q = q, .by = admin_by(q), .what = request_form(q, "do")};
	size_t i = 0;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!str_i64(request_param(q, "id"), &w.row.account.id.v))
		return RC_NONE;
	while (i < sizeof WHAT / sizeof *WHAT && !str_is(w.what, WHAT[i][0]))
		i++;
	if (i == sizeof WHAT / sizeof *WHAT)
		return RC_BAD_REQUEST;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_person, &w, f);
	if (rc == RC_OK)
		rc = elsewhere(q, &w, f);
	if (rc != RC_OK)
		return rc;
	rc = take(q, &w);
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, do_it, &w, &w.fault);
	if (rc > RC_OK) {
		w.fault.rc = rc;
		w.row = (struct person_row){.account.id = w.row.account.id};
		return show(q, r, &w, STR_EMPTY, f);
	}
	if (rc != RC_OK)
		return rc;
	if (WHAT[i][1][0] != '\0') {
		admin_done(q, r, WHAT[i][1], arena_fmt(q->arena, "/admin/people/%lld",
		                                       (long long)w.row.account.id.v));
		return RC_OK;
	}
	struct str token;
	rc = people_invite(q->app->people, q->arena, q->ward->id, w.row.account.login, &token, f);
	if (rc != RC_OK)
		return rc;
	w.what = STR_EMPTY;
	w.row = (struct person_row){.account.id = w.row.account.id};
	return show(q, r, &w, arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url,
	                                PSTR(request_link(q, "/invite/%.*s", PSTR(token)))), f);
}
