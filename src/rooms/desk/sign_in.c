#include "rooms/desk/desk.h"

enum { SI_ACTION, SI_TO, SI_PASSWORD_SET, SI_FORM_FIELDS, SI_ERRORS, SI_FIELDS };
static const struct field SIGN_IN_F[] = {
	[SI_ACTION] = {"action", V_URL, SEE_PUBLIC, "where it is sent", NULL, NULL},
	[SI_TO] = {"to", V_TEXT, SEE_PUBLIC, "page that was wanted", NULL, NULL},
	[SI_PASSWORD_SET] = {"password_set", V_BOOL, SEE_PUBLIC, "a password was set by a link just now", NULL, NULL},
	[SI_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "name and password", &FORM_FIELD, NULL},
	[SI_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
};
const struct shape SIGN_IN = SHAPE("sign_in", SIGN_IN_F);

enum { IN_ACTION, IN_NAME, IN_LOGIN, IN_FORM_FIELDS, IN_ERRORS, IN_FIELDS };
static const struct field INVITE_F[] = {
	[IN_ACTION] = {"action", V_URL, SEE_PUBLIC, "where it is sent", NULL, NULL},
	[IN_NAME] = {"name", V_TEXT, SEE_PUBLIC, "name of the account", NULL, NULL},
	[IN_LOGIN] = {"login", V_TEXT, SEE_PUBLIC, "name to sign in with", NULL, NULL},
	[IN_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "the password, twice", &FORM_FIELD, NULL},
	[IN_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
};
const struct shape INVITE = SHAPE("invite", INVITE_F);

enum { SS_ID, SS_DEVICE, SS_BEGAN, SS_USED, SS_PRESENT, SS_FIELDS };
static const struct field SESSION_F[] = {
	[SS_ID] = {"id", V_TEXT, SEE_OFFICE, "the session", NULL, NULL},
	[SS_DEVICE] = {"device", V_TEXT, SEE_OFFICE, "browser and system", NULL, NULL},
	[SS_BEGAN] = {"began", V_TIME, SEE_OFFICE, "when it began", NULL, NULL},
	[SS_USED] = {"used", V_TIME, SEE_OFFICE, "when it was last used", NULL, NULL},
	[SS_PRESENT] = {"present", V_BOOL, SEE_OFFICE, "this one", NULL, NULL},
};
static const struct shape SESSION = SHAPE("session", SESSION_F);
enum { SE_LIST, SE_ACTION, SE_NO_DESK, SE_FIELDS };
static const struct field SESSIONS_F[] = {
	[SE_LIST] = {"own", V_LIST, SEE_OFFICE, "own sessions", &SESSION, NULL},
	[SE_ACTION] = {"action", V_URL, SEE_OFFICE, "where one is ended", NULL, NULL},
	[SE_NO_DESK] = {"no_desk", V_BOOL, SEE_OFFICE, "the roles open no queue", NULL, NULL},
};
const struct shape SESSIONS = SHAPE("sessions", SESSIONS_F);

static bool lies_under(struct str to, struct str folder)
{
	struct str rest = str_sub(to, folder.n, to.n);
	return str_starts(to, folder) && (rest.n == 0 || rest.p[0] == '/' || rest.p[0] == '?');
}

/* Only a page of this ward's officers: nobody is led elsewhere by a link. */
static struct str safe_target(struct request *q, struct str to)
{
	struct str start = request_link(q, "/desk/start");
	if (!lies_under(to, request_link(q, "/desk")) && !lies_under(to, request_link(q, "/admin")))
		return start;
	for (size_t i = 0; i < to.n; i++)
		if (to.p[i] <= ' ' || to.p[i] == '\\' || (unsigned char)to.p[i] >= 0x7F)
			return start;
	return to;
}

static void show_sign_in(struct request *q, struct reply *r, struct str login, struct str to,
                         struct str error, int status)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &SIGN_IN);
	view_url(page, SI_ACTION, request_link(q, "/sign-in"));
	view_text(page, SI_TO, safe_target(q, to));
	view_bool(page, SI_PASSWORD_SET, error.n == 0 && str_is(request_query(q, "done"), "password"));
	form_field_add(page, SI_FORM_FIELDS, SI_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT, .name = "login",
	                                    .label = request_text(q, "sign_in.login"),
	                                    .value = login, .error = error,
	                                    .autocomplete = "username"});
	form_field_add(page, SI_FORM_FIELDS, SI_ERRORS, &v,
	               &(struct form_field){.kind = FORM_PASSWORD, .name = "password",
	                                    .label = request_text(q, "sign_in.password"),
	                                    .autocomplete = "current-password"});
	reply_title(r, request_text(q, "sign_in.title"));
	reply_page(q, r, "desk/sign_in", &SIGN_IN, page, status);
}

enum rc sign_in_form(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	if (q->actor.account.v != 0) {
		reply_redirect(q, r, safe_target(q, request_query(q, "to")));
		return RC_OK;
	}
	show_sign_in(q, r, STR_EMPTY, request_query(q, "to"), STR_EMPTY, 200);
	return RC_OK;
}

/* A browser in which this account was signed in before counts its failures apart: else whoever
 * knows an officer's name keeps them out with a wrong password a minute. The cookie says so under a
 * seal, and opens nothing. */
#define KNOWN "known"
enum { KNOWN_FOR_S = 180 * 24 * 3600 };

static struct str known_about(struct request *q, struct str login)
{
	return arena_fmt(q->arena, "known browser of %.*s in ward %lld", PSTR(login),
	                 (long long)q->ward->id.v);
}

static struct str guess_key(struct request *q, struct str login)
{
	struct str sealed = request_cookie(q, KNOWN), plain;
	struct str digits = str_cut(&sealed, '.');
	int64_t number;
	struct key key;
	if (str_i64(digits, &number) && number > 0 && number <= INT32_MAX &&
	    keys_find(q->app->keys, "form", (int)number, &key, NULL) == RC_OK &&
	    open_field(q->arena, &key, known_about(q, login), sealed, &plain) == RC_OK)
		return arena_fmt(q->arena, "known %.*s %.*s", PSTR(login), PSTR(plain));
	return arena_fmt(q->arena, "login %.*s", PSTR(login));
}

static void known_from_now(struct request *q, struct reply *r, struct str login)
{
	struct key key;
	int number;
	uint8_t browser[16];
	if (keys_current(q->app->keys, "form", &number, &key, NULL) != RC_OK)
		return; /* signed in all the same */
	random_bytes(browser, sizeof browser);
	struct str sealed = seal_field(q->arena, &key, known_about(q, login),
	                               hex_of(q->arena, str_n((const char *)browser, sizeof browser)));
	reply_cookie(q, r, KNOWN, arena_fmt(q->arena, "%d.%.*s", number, PSTR(sealed)), KNOWN_FOR_S);
}

enum rc sign_in_send(struct request *q, struct reply *r, struct fault *f)
{
	struct str login, token, password = request_form(q, "password"), to = request_form(q, "to");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (text_clean(q->arena, request_form(q, "login"), TEXT_LINE, 40, &login) != RC_OK)
		login = STR_EMPTY;
	struct str folded = text_fold(q->arena, login), key = guess_key(q, folded);
	if (limit_wait(q, key) > 0) {
		show_sign_in(q, r, login, to, request_text(q, "sign_in.slow"), 429);
		return RC_OK;
	}
	enum rc rc = people_sign_in(q->app->people, q->arena, q->ward->id, login, password, q->device,
	                            &token, f);
	if (rc == RC_DENIED || rc == RC_INVALID) {
		limit_failed(q, key);
		show_sign_in(q, r, login, to, request_text(q, "sign_in.wrong"), 403);
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	limit_passed(q, key);
	known_from_now(q, r, folded);
	reply_cookie(q, r, "session", token, 0);
	reply_redirect(q, r, safe_target(q, to));
	return RC_OK;
}

/* The first page of whoever signed in: the queues, or where there are none one's own sessions. */
enum rc desk_start(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	const char *first = actor_may(&q->actor, PERM_chair)       ? "/chair"
	                    : actor_may(&q->actor, PERM_oversight) ? "/oversight"
	                    : actor_may(&q->actor, PERM_case_list) ? "/desk"
	                    : actor_may(&q->actor, PERM_admin)     ? "/admin"
	                    : actor_may(&q->actor, PERM_area_read) ? "/desk/my-area"
	                    : actor_may(&q->actor, PERM_mediate)   ? "/desk/mediations" : "/desk/sessions";
	reply_redirect(q, r, request_link(q, "%s", first));
	return RC_OK;
}

enum rc sign_out(struct request *q, struct reply *r, struct fault *f)
{
	enum rc rc = people_sign_out(q->app->people, q->arena, q->ward->id, request_cookie(q, "session"),
	                             f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	reply_cookie(q, r, "session", STR_EMPTY, -1);
	reply_redirect(q, r, request_link(q, "/"));
	return RC_OK;
}

/* --- the first password, by a one-time link --- */

static enum rc show_invite(struct request *q, struct reply *r, struct str error, struct fault *f)
{
	struct account account;
	struct str token = request_param(q, "token");
	enum rc rc = people_invite_account(q->app->people, q->arena, q->ward->id, token, &account, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &INVITE);
	view_url(page, IN_ACTION, request_link(q, "/invite/%.*s", PSTR(token)));
	view_text(page, IN_NAME, account.name);
	view_text(page, IN_LOGIN, account.login);
	form_field_add(page, IN_FORM_FIELDS, IN_ERRORS, &v,
	               &(struct form_field){.kind = FORM_PASSWORD, .name = "password",
	                                    .label = request_text(q, "invite.password"),
	                                    .hint = request_text(q, "invite.hint"), .error = error,
	                                    .autocomplete = "new-password"});
	form_field_add(page, IN_FORM_FIELDS, IN_ERRORS, &v,
	               &(struct form_field){.kind = FORM_PASSWORD, .name = "again",
	                                    .label = request_text(q, "invite.again"),
	                                    .autocomplete = "new-password"});
	reply_title(r, request_text(q, "invite.title"));
	reply_page(q, r, "desk/invite", &INVITE, page, error.n > 0 ? 422 : 200);
	return RC_OK;
}

enum rc invite_form(struct request *q, struct reply *r, struct fault *f)
{
	return show_invite(q, r, STR_EMPTY, f);
}

enum rc invite_send(struct request *q, struct reply *r, struct fault *f)
{
	if (q->body_rc != RC_OK)
		return q->body_rc;
	struct str password = request_form(q, "password");
	if (!str_eq(password, request_form(q, "again")))
		return show_invite(q, r, request_text(q, "invite.differs"), f);
	enum rc rc = people_set_password(q->app->people, q->arena, q->ward->id, request_param(q, "token"),
	                                 password, f);
	if (rc == RC_INVALID)
		return show_invite(q, r, request_text(q, "invite.weak"), f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/sign-in?done=password"));
	return rc;
}

/* --- own sessions --- */

struct own {
	const struct actor *who;
	struct session_info *list;
	size_t count;
	int64_t end;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct own *o = ctx;
	return session_list(tx, o->who, &o->list, &o->count, f);
}

static enum rc end_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct own *o = ctx;
	return session_end(tx, o->who, o->end, f);
}

enum rc sessions_page(struct request *q, struct reply *r, struct fault *f)
{
	struct own o = {.who = &q->actor};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &o, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &SESSIONS);
	view_url(page, SE_ACTION, request_link(q, "/desk/sessions/end"));
	view_bool(page, SE_NO_DESK, !actor_may(&q->actor, PERM_case_list) && !actor_may(&q->actor, PERM_area_read) &&
	                                   !actor_may(&q->actor, PERM_mediate));
	for (size_t i = 0; i < o.count; i++) {
		struct vobj *item = view_item(page, SE_LIST);
		view_text(item, SS_ID, arena_fmt(q->arena, "%lld", (long long)o.list[i].id));
		view_text(item, SS_DEVICE, o.list[i].device);
		view_time(item, SS_BEGAN, o.list[i].began_at);
		view_time(item, SS_USED, o.list[i].used_at);
		view_bool(item, SS_PRESENT, o.list[i].present);
	}
	reply_title(r, request_text(q, "sessions.title"));
	reply_view(q, r, page);
	return RC_OK;
}

enum rc session_end_one(struct request *q, struct reply *r, struct fault *f)
{
	struct own o = {.who = &q->actor};
	if (!str_i64(request_form(q, "id"), &o.end))
		return RC_BAD_REQUEST;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, end_tx, &o, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/desk/sessions"));
	return rc;
}
