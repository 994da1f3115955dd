/* The accounts of the ward: found, added. */
#include "rooms/admin/admin.h"

enum { PAGE = 50 };

struct people_work {
	struct request *q;
	struct str words, after, login, name;
	struct person_row *rows;
	size_t count;
	bool more;
	enum role role;
	int32_t from;
	struct account_id made;
	struct fault fault;
};

static enum rc read_people(struct tx *tx, void *ctx, struct fault *f)
{
	struct people_work *w = ctx;
	return person_list(tx, w->after, w->words, PAGE, &w->rows, &w->count, &w->more, f);
}

static struct str roles_text(struct request *q, uint32_t roles)
{
	struct buf b = {0};
	for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++)
		if ((roles & ROLE_BIT(r)) != 0)
			buf_join(&b, ", ", admin_role(q, r));
	return b.n > 0 ? arena_take(q->arena, &b) : request_text(q, "admin.people.norole");
}

static struct str units_text(struct request *q, const struct person_row *p)
{
	struct buf b = {0};
	for (size_t i = 0; i < p->unit_count; i++)
		buf_join(&b, ", ", p->units[i]);
	if (p->more_units)
		buf_join(&b, ", ", STR("…"));
	return b.n > 0 ? arena_take(q->arena, &b) : STR("–");
}

static void one(struct admin_page *p, const struct person_row *row)
{
	struct request *q = p->q;
	ap_row(p);
	ap_cell_link(p, row->account.name, request_link(q, "/admin/people/%lld",
	                                                (long long)row->account.id.v));
	ap_cell(p, row->account.login);
	ap_cell(p, roles_text(q, row->roles));
	ap_cell(p, units_text(q, row));
	if (row->account.closed)
		ap_cell_tag(p, "quiet", request_text(q, "admin.people.locked"));
	else if (!row->has_password)
		ap_cell_tag(p, "warn", request_text(q, "admin.people.nopassword"));
	else
		ap_cell_day(p, row->used_day, "admin.people.never");
	ap_cell(p, text_count(q->arena, q->lang, row->sessions));
}

static struct str form_text(struct request *q, const char *name)
{
	struct str clean;   /* too long: still there, to be shown again with what is wrong */
	return text_clean(q->arena, request_form(q, name), TEXT_LINE, 200, &clean) != RC_INVALID ? clean : STR_EMPTY;
}

static void add_form(struct admin_page *p, struct people_work *w, struct str login_error,
                     struct str name_error, struct str day_error)
{
	struct request *q = p->q;
	struct form_option roles[ROLE_COUNT + 1];
	size_t n = 0;
	roles[n++] = (struct form_option){.value = STR("none"), .checked = w->role == ROLE_unset,
	                                  .label = request_text(q, "admin.people.norole")};
	for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++)
		if (r != ROLE_oversight)
			roles[n++] = (struct form_option){.value = str_of(role_name(r)),
			                                  .label = admin_role(q, r), .checked = r == w->role};
	ap_section(p, "add", "", "");
	ap_form(p, "admin.people.add", "admin.people.add.text", request_link(q, "/admin/people"),
	        "admin.people.add");
	ap_line(p, "login", "admin.people.login", "admin.people.login.hint", w->login, login_error);
	ap_line(p, "name", "admin.people.name", "admin.people.name.hint", w->name, name_error);
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "role",
	                                 .label = request_text(q, "admin.people.role"),
	                                 .hint = request_text(q, "admin.people.role.hint"),
	                                 .options = roles, .option_count = n});
	struct str from = form_text(q, "from");
	ap_day(p, "from", "admin.people.from", "admin.day.hint",
	        from.n > 0 ? from : admin_date(q, day_of(q->now)), day_error);
}

static enum rc show(struct request *q, struct reply *r, struct people_work *w, struct fault *f)
{
	static const char *const HEADS[] = {"admin.area.name", "admin.people.login",
	                                    "admin.people.roles", "admin.people.units",
	                                    "admin.people.used", "admin.people.sessions", NULL};
	struct admin_page p;
	struct fault *why = &w->fault;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_people, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.people", "admin.people.lead");
	ap_section(&p, "find", "", "");
	ap_form(&p, "", "", request_link(q, "/admin/people"), "admin.people.find");
	ap_form_open(&p);
	ap_form_get(&p);
	ap_line(&p, "words", "admin.people.words", "", w->words, STR_EMPTY);
	ap_section(&p, "list", "admin.people.list", "");
	ap_table(&p, HEADS, w->words.n > 0 ? "admin.people.none.found" : "admin.people.none");
	for (size_t i = 0; i < w->count; i++)
		one(&p, &w->rows[i]);
	struct str said = why->rc != RC_OK ? admin_why(q, why->rc, why) : STR_EMPTY;
	bool name = str_is(str_of(why->field), "name"), day = str_is(str_of(why->field), "from");
	add_form(&p, w, name || day ? STR_EMPTY : said, name ? said : STR_EMPTY,
	         day ? request_text(q, "admin.day.wrong") : STR_EMPTY);
	struct buf more = {0};
	buf_addz(&more, "/admin/people?words=");
	text_url(&more, w->words);
	ap_pages(&p, w->after.n > 0 ? request_link(q, "%.*s", PSTR(buf_str(&more))) : STR_EMPTY,
	         w->more ? request_link(q, "%.*s&after=%.*s", PSTR(buf_str(&more)),
	                                PSTR(w->rows[w->count - 1].account.login)) : STR_EMPTY);
	buf_release(&more);
	reply_title(r, request_text(q, "admin.people"));
	return ap_reply(&p, r);
}

enum rc people_page(struct request *q, struct reply *r, struct fault *f)
{
	struct people_work w = {.q = q, .after = request_query(q, "after")};
	if (!text_utf8_ok(w.after) ||
	    text_clean(q->arena, request_query(q, "words"), TEXT_LINE, 100, &w.words) != RC_OK)
		return RC_NONE;
	return show(q, r, &w, f);
}

static enum rc add_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct people_work *w = ctx;
	const struct admin_by by = admin_by(w->q);
	enum rc rc = admin_account_add(tx, &by, w->login, w->name, &w->made, f);
	if (rc == RC_OK && w->role != ROLE_unset)
		rc = admin_role_grant(tx, &by, w->made, w->role, w->from, 0, f);
	return rc == RC_OK ? admin_account_link(tx, &by, w->made, f) : rc;
}

enum rc account_add_send(struct request *q, struct reply *r, struct fault *f)
{
	struct people_work w = {.q = q, .login = form_text(q, "login"), .name = form_text(q, "name")};
	struct str role = request_form(q, "role"), token;
	struct admin_page p;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	w.role = role_parse(role);
	if (!str_is(role, "none") && role.n > 0 && (w.role < ROLE_area_head))
		return RC_BAD_REQUEST;
	enum rc rc = RC_OK;
	if (!admin_day(request_form(q, "from"), false, &w.from))
		rc = fault_at(&w.fault, RC_INVALID, "", 0, "from", "no day");
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, add_tx, &w, &w.fault);
	if (rc > RC_OK) {
		w.fault.rc = rc;
		if (rc == RC_EXISTS)
			(void)fault_at(&w.fault, RC_INVALID, "", 0, "taken", "the login is taken");
		return show(q, r, &w, f);
	}
	if (rc == RC_OK)
		rc = people_invite(q->app->people, q->arena, q->ward->id, w.login, &token, f);
	if (rc != RC_OK)
		return rc;
	ap_begin_named(&p, q, w.name, "");
	ap_back(&p, "admin.people", "/admin/people");
	ap_secret(&p, arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url,
	                        PSTR(request_link(q, "/invite/%.*s", PSTR(token)))));
	ap_section(&p, "next", "", "admin.people.added");
	ap_item(&p, request_text(q, "admin.people.to"),
	        request_link(q, "/admin/people/%lld", (long long)w.made.v));
	reply_title(r, w.name);
	return ap_reply(&p, r);
}
