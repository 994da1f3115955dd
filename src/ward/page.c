#include "ward/page.h"

#include "ward/flow/redress.h"
#include "ward/ward_setting.h"

enum { TYPED_ID, TYPED_TEXT, TYPED_FIELDS };
static const struct field TYPED_F[] = {
	[TYPED_ID] = {"id", V_TEXT, SEE_ALL, "id of the field", NULL, NULL},
	[TYPED_TEXT] = {"words", V_TEXT, SEE_ALL, "what was typed", NULL, NULL},
};
static const struct shape TYPED = SHAPE("typed", TYPED_F);

static const struct field ERROR_F[] = {
	[ERR_STATUS] = {"status", V_INT, SEE_ALL, "HTTP status", NULL, NULL},
	[ERR_HEADING] = {"heading", V_TEXT, SEE_ALL, "what happened", NULL, NULL},
	[ERR_TEXT] = {"text", V_TEXT, SEE_ALL, "what it means", NULL, NULL},
	[ERR_NEXT] = {"next", V_TEXT, SEE_ALL, "what to do next", NULL, NULL},
	[ERR_BACK] = {"back", V_URL, SEE_ALL, "first page", NULL, NULL},
	[ERR_HOTLINE] = {"office", V_TEXT, SEE_ALL, "office to call", NULL, NULL},
	[ERR_HOTLINE_URL] = {"office_url", V_URL, SEE_ALL, "tel: of the office", NULL, NULL},
	[ERR_TYPED] = {"typed", V_LIST, SEE_ALL, "words that were sent and not taken", &TYPED, NULL},
};
const struct shape PAGE_ERROR = SHAPE("error_page", ERROR_F);

struct str tel_url(struct arena *a, struct str phone)
{
	struct buf b = {0};
	buf_addz(&b, "tel:");
	for (size_t i = 0; i < phone.n; i++)
		if ((phone.p[i] >= '0' && phone.p[i] <= '9') || (i == 0 && phone.p[i] == '+'))
			buf_addc(&b, phone.p[i]);
	return arena_take(a, &b);
}

static void nav_item(struct request *q, struct vobj *frame, const char *key, const char *local)
{
	struct vobj *item = view_item(frame, FRAME_NAV);
	view_text(item, NAV_LABEL, request_text(q, key));
	view_url(item, NAV_URL, request_link(q, "%s", local));
	view_bool(item, NAV_CURRENT, str_is(q->path, local));
}

static bool at_desk(const struct request *q)
{
	return (str_starts(q->path, STR("/desk")) || str_starts(q->path, STR("/admin")) ||
	        str_starts(q->path, STR("/chair")) || str_starts(q->path, STR("/agency")) ||
	        str_starts(q->path, STR("/oversight"))) &&
	       q->actor.account.v != 0;
}

static void add_nav(struct request *q, struct vobj *frame)
{
	if (at_desk(q)) {
		if (actor_may(&q->actor, PERM_case_list))
			nav_item(q, frame, "nav.desk", "/desk");
		if (actor_may(&q->actor, PERM_area_read))
			nav_item(q, frame, "nav.area", "/desk/my-area");
		if (actor_may(&q->actor, PERM_mediate))
			nav_item(q, frame, "nav.mediations", "/desk/mediations");
		if (actor_may(&q->actor, PERM_plates))
			nav_item(q, frame, "nav.plates", "/desk/plates");
		if (actor_may(&q->actor, PERM_case_work))
			nav_item(q, frame, "nav.shift", "/desk/shift");
		if (actor_may(&q->actor, PERM_chair))
			nav_item(q, frame, "nav.chair", "/chair");
		if (actor_may(&q->actor, PERM_agency_ask))
			nav_item(q, frame, "nav.agency", "/agency");
		if (actor_may(&q->actor, PERM_oversight))
			nav_item(q, frame, "nav.oversight", "/oversight");
		if (actor_may(&q->actor, PERM_admin))
			nav_item(q, frame, "nav.admin", "/admin");
		nav_item(q, frame, "nav.public", "/");
		return;
	}
	nav_item(q, frame, "nav.report", "/door");   /* the questions first; who knows the kind goes on from there */
	nav_item(q, frame, "nav.follow", "/follow");
	nav_item(q, frame, "nav.cases", "/cases");
	nav_item(q, frame, "nav.map", "/map");
	nav_item(q, frame, "nav.figures", "/figures");
}

/* This page's address in the ward, with what was asked of a public one: other languages keep it. */
static struct str own_address(struct request *q)
{
	struct buf b = {0};
	buf_add(&b, q->path);
	bool kept = q->route != NULL && q->route->cache == CACHE_PUBLIC;
	for (size_t i = 0; kept && i < q->query_count; i++) {
		buf_addc(&b, i == 0 ? '?' : '&');
		text_url(&b, q->query[i].name);
		buf_addc(&b, '=');
		text_url(&b, q->query[i].value);
	}
	return arena_take(q->arena, &b);
}

static void add_langs(struct request *q, struct vobj *frame)
{
	bool all = q->route == NULL || q->route->may == PERM_open || q->route->may == PERM_receipt;
	for (enum lang l = LANG_vi; l < LANG_COUNT; l++) {
		if (l == q->lang || (!all && !lang_whole(l)))
			continue;
		struct vobj *item = view_item(frame, FRAME_LANGS);
		view_text(item, LANG_CODE, str_of(lang_name(l)));
		view_text(item, LANG_OWN_NAME, lang_own_name(l));
		view_url(item, LANG_URL, request_link_in(q, l, own_address(q)));
	}
}

/* For an hour from the ward's time on: print it, before the power may go. */
static void add_paper(struct request *q, struct vobj *frame)
{
	int32_t today = day_of(q->now);
	int64_t at = ward_paper_at(q->app, q->ward->id, today);
	if (actor_may(&q->actor, PERM_case_work) && q->now >= at && q->now < at + US_HOUR)
		view_url(frame, FRAME_PAPER, request_link(q, "/desk/paper/%.*s",
		                                          PSTR(text_day_iso(q->arena, today))));
}

struct vobj *page_frame(struct request *q, struct str title)
{
	struct app *app = q->app;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *f = view_new(&v, &FRAME);
	view_text(f, FRAME_TITLE, title);
	view_text(f, FRAME_LANG, str_of(lang_name(q->lang)));
	view_url(f, FRAME_CSS, http_asset(app->http, q->arena, "site.css"));
	view_url(f, FRAME_JS, http_asset(app->http, q->arena, "site.js"));
	view_url(f, FRAME_EARLY, http_asset(app->http, q->arena, "early.js"));
	view_url(f, FRAME_ICON, http_asset(app->http, q->arena, "icon.svg"));
	if (app->settings.source_url[0] != '\0')
		view_url(f, FRAME_SOURCE, str_of(app->settings.source_url));
	if (q->ward == NULL)
		return f;
	view_text(f, FRAME_WARD, q->ward->name);
	view_url(f, FRAME_HOME, request_link(q, "/"));
	view_bool(f, FRAME_UNREAD, !lang_whole(q->lang));
	/* A page that came by POST holds answers: changing the language there would lose them. */
	if (q->method == METHOD_GET)
		add_langs(q, f);
	if (q->route != NULL && q->route->cache == CACHE_PUBLIC) {
		view_url(f, FRAME_ATOM, request_link(q, "/feed.atom"));
		view_url(f, FRAME_FEED, request_link(q, "/feed.json"));
	}
	view_bool(f, FRAME_DEMO, q->ward->demo && !q->ward->practice);
	view_bool(f, FRAME_PRACTICE, q->ward->practice);
	if (q->ward->practice && at_desk(q) && actor_may(&q->actor, PERM_case_work))
		view_url(f, FRAME_TASKS, request_link(q, "/desk/practice"));
	view_text(f, FRAME_HOTLINE, q->ward->hotline);
	if (q->ward->hotline.n > 0)
		view_url(f, FRAME_HOTLINE_URL, tel_url(q->arena, q->ward->hotline));
	view_text(f, FRAME_OFFICE, ward_setting_text(app, q->ward->id, WS_office_address));
	view_text(f, FRAME_HOURS, ward_setting_text(app, q->ward->id, WS_office_hours));
	view_url(f, FRAME_RIGHTS, request_link(q, "/rights"));
	view_url(f, FRAME_TRANSPARENCY, request_link(q, "/transparency"));
	if (!at_desk(q) && redress_kind(&app->flow, q->ward->id, day_of(q->now)) != NULL)
		view_url(f, FRAME_REDRESS, request_link(q, "/redress"));
	view_bool(f, FRAME_DESK, at_desk(q));
	add_nav(q, f);
	if (at_desk(q)) {
		view_url(f, FRAME_DESK_JS, http_asset(app->http, q->arena, "desk.js"));
		add_paper(q, f);
		view_text(f, FRAME_ACCOUNT, q->actor.name);
		view_url(f, FRAME_SIGN_OUT, request_link(q, "/sign-out"));
		view_url(f, FRAME_SESSIONS, request_link(q, "/desk/sessions"));
		view_text(f, FRAME_TOKEN, session_token(q));
	} else {
		/* Officers' pages are in the whole languages only. */
		view_url(f, FRAME_SIGN_IN, request_link_in(q, lang_whole(q->lang) ? q->lang : LANG_vi,
		                                           STR("/sign-in")));
	}
	return f;
}

/* A session that ended, a form too old, a case that went to another unit: what somebody wrote stands
 * on the page that says so, to be copied. Only words: no code, PIN, password or sealed field. */
static bool is_words(struct str name)
{
	static const char *const NAMES[] = {"text", "street", "landmark", "answer", "reason",
	                                    "body", "words", "thanks", "lines"};
	size_t dash = str_find(name, STR("-"));
	struct str last = dash == SIZE_MAX ? name : str_sub(name, dash + 1, name.n);
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
		if (str_is(last, NAMES[i]))
			return true;
	return false;
}

static void add_typed(struct request *q, struct vobj *page)
{
	enum { MOST = 8, WORDS_MAX = 20000 };
	size_t shown = 0;
	for (size_t i = 0; i < q->form_count && shown < MOST; i++) {
		struct str words;
		if (!is_words(q->form[i].name) ||
		    text_clean(q->arena, q->form[i].value, TEXT_LINES, WORDS_MAX, &words) != RC_OK ||
		    words.n == 0)
			continue;
		struct vobj *item = view_item(page, ERR_TYPED);
		view_text(item, TYPED_ID, arena_fmt(q->arena, "typed-%zu", ++shown));
		view_text(item, TYPED_TEXT, words);
	}
}

struct vobj *page_error(struct request *q, enum rc rc)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *o = view_new(&v, &PAGE_ERROR);
	const char *key = error_key(q, rc);
	view_int(o, ERR_STATUS, rc_status(rc));
	view_text(o, ERR_HEADING, request_text(q, key));
	view_text(o, ERR_TEXT, request_text(q, arena_fmt(q->arena, "%s.text", key).p));
	view_text(o, ERR_NEXT, request_text(q, arena_fmt(q->arena, "%s.next", key).p));
	if (q->method == METHOD_POST)
		add_typed(q, o);
	if (q->ward != NULL) {
		bool receipt = rc == RC_SIGN_IN && q->route != NULL && q->route->may == PERM_receipt;
		view_url(o, ERR_BACK, request_link(q, receipt ? "/follow" : "/"));
		view_text(o, ERR_HOTLINE, q->ward->hotline);
		if (q->ward->hotline.n > 0)
			view_url(o, ERR_HOTLINE_URL, tel_url(q->arena, q->ward->hotline));
	}
	return o;
}

struct str label_state(const struct request *q, enum state s)
{
	return request_text(q, arena_fmt(q->arena, "state.%s", state_name(s)).p);
}

struct str label_case_state(const struct request *q, const struct procedure *p, enum state s)
{
	return s == STATE_asked && p->oversight ? request_text(q, "state.asked.redress") : label_state(q, s);
}

struct str label_did(const struct request *q, const struct procedure *p, enum verb v)
{
	if (p->oversight && v == VERB_reopen)
		return request_text(q, "did.appeal");
	if (p->oversight && v == VERB_ask)
		return request_text(q, "did.ask.redress");
	return request_text(q, arena_fmt(q->arena, "did.%s", verb_name(v)).p);
}

struct str label_unit_of(struct str role, struct str unit) { return office_named(role_parse(role), unit) ? STR_EMPTY : unit; }

struct str label_kind(const struct request *q, struct str kind)
{
	const struct procedure *p = procedure_of_kind(q->app->procedures, kind, day_of(q->now));
	return p != NULL ? p->title[q->lang] : kind;
}

struct str label_keys(const struct request *q, const char *prefix, struct str keys)
{
	struct buf b = {0};
	while (keys.n > 0) {
		struct str key = str_cut(&keys, ',');
		struct str text = request_text(q, arena_fmt(q->arena, "%s.%.*s", prefix, PSTR(key)).p);
		buf_addf(&b, "%s%.*s", b.n > 0 ? "; " : "", PSTR(text));
	}
	return arena_take(q->arena, &b);
}

struct str label_roles(const struct request *q, uint32_t roles)
{
	struct buf b = {0};
	for (enum role r = ROLE_anyone; r < ROLE_COUNT; r++)
		if ((roles & ROLE_BIT(r)) != 0)
			buf_join(&b, ", ", request_text(q, arena_fmt(q->arena, "role.%s", role_name(r)).p));
	return arena_take(q->arena, &b);
}

struct str label_area(const struct request *q, struct area_id area)
{
	struct area out;
	if (area.v == 0 || !place_area(q->app->places, q->arena, area, &out))
		return STR_EMPTY;
	return out.name;
}

struct str label_subject(const struct request *q, struct str subject)
{
	struct str name = subject, what = str_cut(&name, ':');
	struct str label = request_text(q, arena_fmt(q->arena, "subject.%.*s", PSTR(what)).p);
	return name.n > 0 ? arena_fmt(q->arena, "%.*s: %.*s", PSTR(name), PSTR(label)) : label;
}

struct str label_day(const struct request *q, struct str day)
{
	int32_t d;
	return day_parse(day, &d) ? text_date(q->arena, q->lang, d) : day;
}

bool day_typed(struct str text, bool may_lack, int32_t *out)
{
	int64_t n[3];
	struct str rest = str_trim(text);
	*out = 0;
	if (rest.n == 0)
		return may_lack;
	if (day_parse(rest, out))
		return *out > 0;
	for (int i = 0; i < 3; i++) {
		struct str part = str_cut(&rest, '/');
		if (part.n == 0 || part.n > 4 || !str_i64(part, &n[i]) || n[i] < 0)
			return false;
	}
	const struct date d = {(int)n[2], (int)n[1], (int)n[0]};
	if (rest.p != NULL || d.year < 1970 || d.year > 9999 || !date_valid(d))
		return false;
	*out = day_from_date(d);
	return *out > 0;
}
