/* The ward's settings, to change; the program's, to read. */
#include "rooms/admin/admin.h"

enum { HISTORY = 20 };

struct setting_work {
	struct request *q;
	bool changed;
	struct str errors[WS_COUNT];
	bool wrong;
	struct admin_entry *history;
	size_t history_count;
};

static enum rc read_history(struct tx *tx, void *ctx, struct fault *f)
{
	struct setting_work *w = ctx;
	bool more;
	return admin_log_list(tx, 0, ACT_setting, STR_EMPTY, HISTORY, &w->history, &w->history_count,
	                      &more, f);
}

static struct str label(struct request *q, enum ward_setting s)
{
	return admin_text(q, "ward_setting.%s", WARD_SETTINGS[s].name);
}

static void setting_field(struct admin_page *p, const struct setting_work *w, enum ward_setting s)
{
	struct request *q = p->q;
	const struct ward_setting_row *row = &WARD_SETTINGS[s];
	struct str value = w->wrong && request_has(q, row->name)
	                       ? request_form(q, row->name)
	                       : ward_setting_text(q->app, q->ward->id, s);
	struct form_option yesno[] = {
		{.value = STR("yes"), .label = request_text(q, "admin.yes"), .checked = str_is(value, "yes")},
		{.value = STR("no"), .label = request_text(q, "admin.no"), .checked = !str_is(value, "yes")}};
	struct form_field f = {.kind = row->type == WS_YESNO ? FORM_RADIOS : FORM_TEXT,
	                       .name = row->name, .label = label(q, s), .autocomplete = "off",
	                       .inputmode = row->type == WS_PHONE ? "tel"
	                                    : row->type == WS_MAIL ? "email"
	                                    : row->type == WS_NUMBER ? "numeric" : NULL,
	                       .narrow = row->type == WS_NUMBER,
	                       .hint = admin_text(q, "ward_setting.%s.help", row->name),
	                       .value = text_utf8_ok(value) ? value : STR_EMPTY,
	                       .error = w->errors[s], .options = yesno, .option_count = 2};
	ap_field(p, &f);
}

static void own_settings(struct admin_page *p, const struct setting_work *w)
{
	static const char *const HEADS[] = {"admin.log.when", "admin.setting.which",
	                                    "admin.setting.change", "admin.log.who", NULL};
	ap_section(p, "ward", "admin.setting.ward", "admin.setting.ward.text");
	ap_form(p, "", "", request_link(p->q, "/admin/settings"), "admin.save");
	ap_form_open(p);
	for (enum ward_setting s = WS_unset + 1; s < WS_COUNT; s++)
		setting_field(p, w, s);
	ap_section(p, "history", "admin.setting.history", "");
	ap_table(p, HEADS, "admin.setting.history.none");
	for (size_t i = 0; i < w->history_count; i++) {
		const struct admin_entry *e = &w->history[i];
		enum ward_setting s = ward_setting_find(e->subject);
		ap_row(p);
		ap_cell(p, text_datetime(p->q->arena, p->q->lang, e->at));
		ap_cell(p, s != WS_unset ? label(p->q, s) : e->subject);
		ap_cell(p, e->detail);
		ap_cell(p, e->account.v != 0 ? e->name : request_text(p->q, "admin.operator"));
	}
}

static void program_settings(struct admin_page *p)
{
	static const char *const HEADS[] = {"admin.setting.which", "admin.setting.value",
	                                    "admin.setting.means", NULL};
	struct request *q = p->q;
	struct setting_shown *list;
	size_t n = settings_list(&q->app->settings, q->arena, &list);
	ap_section(p, "program", "admin.setting.program", "admin.setting.program.text");
	ap_table(p, HEADS, "");
	for (size_t i = 0; i < n; i++) {
		struct str key = arena_fmt(q->arena, "settings.%s", list[i].name);
		struct str help = po_find(q->app->po, q->lang, key);
		ap_row(p);
		ap_cell(p, str_of(list[i].name));
		ap_cell(p, list[i].value.n > 0 ? list[i].value : STR("–"));
		ap_cell(p, help.p != NULL ? help : str_of(list[i].help));
	}
}

static enum rc show(struct request *q, struct reply *r, struct setting_work *w, struct fault *f)
{
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_history, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.settings", "admin.settings.lead");
	own_settings(&p, w);
	program_settings(&p);
	reply_title(r, request_text(q, "admin.settings"));
	return ap_reply(&p, r);
}

enum rc settings_page(struct request *q, struct reply *r, struct fault *f)
{
	struct setting_work w = {.q = q};
	return show(q, r, &w, f);
}

static enum rc put_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct setting_work *w = ctx;
	struct request *q = w->q;
	w->changed = w->wrong = false;
	(void)f;
	for (enum ward_setting s = WS_unset + 1; s < WS_COUNT; s++) {
		const char *name = WARD_SETTINGS[s].name;
		struct fault why = {0};
		w->errors[s] = STR_EMPTY;
		if (!request_has(q, name))
			continue;
		enum rc rc = ward_setting_put(tx, q->app, q->actor.account, s, request_form(q, name), &why);
		w->changed = w->changed || rc == RC_OK;
		if (rc == RC_INVALID) {
			w->wrong = true;
			w->errors[s] = arena_fmt(q->arena, "%.*s: %.*s", PSTR(label(q, s)),
			                         PSTR(request_text(q, "ward_setting.wrong")));
		} else if (rc != RC_OK && rc != RC_EXISTS) {
			return rc;
		}
	}
	return w->wrong ? RC_INVALID : RC_OK;
}

enum rc settings_send(struct request *q, struct reply *r, struct fault *f)
{
	struct setting_work w = {.q = q};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, put_all, &w, f);
	if (rc == RC_INVALID && w.wrong)
		return show(q, r, &w, f);
	if (rc == RC_OK && w.changed)
		rc = ward_settings_seen(q->app, q->ward->id, f);
	if (rc == RC_OK)
		admin_done(q, r, w.changed ? "setting" : "nothing", STR("/admin/settings"));
	return rc;
}
