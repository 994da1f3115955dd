/* The letter of apology for a missed deadline: what it says, making it, its PDF, and that it was signed
 * and given. Nobody types a date: the new one comes of a rule. */
#include "rooms/desk/desk_apology.h"

#include "ward/apology_letter.h"
#include "ward/due_words.h"

enum { AP_CODE, AP_KIND, AP_RECEIVED, AP_FIRST, AP_PRESENT, AP_MOVED, AP_LATE, AP_WHY, AP_EXPLAIN,
	AP_NEW, AP_DAY, AP_STATE, AP_MAKE, AP_MADE, AP_GIVEN, AP_GIVEN_AT, AP_OLD, AP_LETTER, AP_SEND, AP_GIVE,
	AP_AGAIN, AP_NO_DATE, AP_NOT_LATE, AP_ERROR, AP_BACK, AP_VERSION, AP_FIELDS };
static const struct field APOLOGY_F[] = {
	[AP_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[AP_KIND] = {"kind", V_KEY, SEE_HANDLER, "what was reported", NULL, NULL},
	[AP_RECEIVED] = {"received", V_TIME, SEE_HANDLER, "when it was received", NULL, NULL},
	[AP_FIRST] = {"first", V_DAY, SEE_HANDLER, "last day as it was promised at first", NULL, NULL},
	[AP_PRESENT] = {"present", V_DAY, SEE_HANDLER, "last day of the deadline that was missed", NULL, NULL},
	[AP_MOVED] = {"moved", V_BOOL, SEE_HANDLER, "they differ", NULL, NULL},
	[AP_LATE] = {"late", V_TEXT, SEE_HANDLER, "how late it is, in words", NULL, NULL},
	[AP_WHY] = {"why_late", V_TEXT, SEE_HANDLER, "why, as it was told", NULL, NULL},
	[AP_EXPLAIN] = {"explain", V_URL, SEE_HANDLER, "where it is told why", NULL, NULL},
	[AP_NEW] = {"new_day", V_DAY, SEE_HANDLER, "by when it will be done, by rule", NULL, NULL},
	[AP_DAY] = {"day", V_DAY, SEE_HANDLER, "day of the letter", NULL, NULL},
	[AP_STATE] = {"letter", V_TEXT, SEE_HANDLER, "none, made or given", NULL, NULL},
	[AP_MAKE] = {"can_make", V_BOOL, SEE_HANDLER, "one may be made now", NULL, NULL},
	[AP_MADE] = {"made", V_BOOL, SEE_HANDLER, "one is made and not given yet", NULL, NULL},
	[AP_GIVEN] = {"given", V_BOOL, SEE_HANDLER, "it was signed and given", NULL, NULL},
	[AP_GIVEN_AT] = {"given_at", V_TIME, SEE_HANDLER, "when", NULL, NULL},
	[AP_OLD] = {"old", V_BOOL, SEE_HANDLER, "its new day is over", NULL, NULL},
	[AP_LETTER] = {"pdf", V_URL, SEE_HANDLER, "the letter as PDF", NULL, NULL},
	[AP_SEND] = {"make_url", V_URL, SEE_HANDLER, "where it is made", NULL, NULL},
	[AP_GIVE] = {"give_url", V_URL, SEE_HANDLER, "where it is said that it was given", NULL, NULL},
	[AP_AGAIN] = {"again", V_BOOL, SEE_HANDLER, "made on another day: it can be made anew", NULL, NULL},
	[AP_NO_DATE] = {"no_date", V_BOOL, SEE_HANDLER, "no new day can be worked out", NULL, NULL},
	[AP_NOT_LATE] = {"not_late", V_BOOL, SEE_HANDLER, "nothing is late, there is no letter to make", NULL,
	                 NULL},
	[AP_ERROR] = {"error", V_TEXT, SEE_HANDLER, "why it was not done", NULL, NULL},
	[AP_BACK] = {"back", V_URL, SEE_HANDLER, "the case", NULL, NULL},
	[AP_VERSION] = {"version", V_TEXT, SEE_HANDLER, "version of the case", NULL, NULL},
};
const struct shape DESK_APOLOGY = SHAPE("apology", APOLOGY_F);

struct work {
	struct request *q;
	const struct flow *w;
	struct str code;
	struct ward_case c;
	struct apology letter;
	int32_t first_day, new_day;
	enum rc dated;                /* RC_NONE: no new day can be worked out */
	struct move move;
	enum rc done;                 /* of what was sent */
	struct fault why;
};

static enum rc read_case(struct tx *tx, struct work *k, struct fault *f)
{
	enum rc rc = case_by_code(tx, k->w, k->code, &k->c, f);
	return rc == RC_OK && !case_handled_by(&k->c, &k->q->actor) ? RC_NONE : rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	enum rc rc = read_case(tx, k, f);
	if (rc == RC_OK)
		rc = apology_last(tx, &k->c, &k->letter, f);
	k->first_day = apology_first_day(&k->c);
	if (rc == RC_OK)
		k->dated = apology_day(k->w, &k->c, k->q->now, &k->new_day, NULL);
	return rc;
}

static bool begin(struct request *q, struct work *k)
{
	char code[16];
	*k = (struct work){.q = q, .w = &q->app->flow};
	if (code_read(request_param(q, "code"), code) != RC_OK)
		return false;
	k->code = arena_copy(q->arena, str_of(code));
	return true;
}

/* Which letter counts: the last one, when it is of the deadline that is missed now, or was given. */
static bool counts(const struct work *k)
{
	return k->letter.number > 0 && (k->letter.given_at != 0 || k->letter.due_at == k->c.due_at);
}

static void add_letter(struct request *q, struct vobj *page, const struct work *k)
{
	const struct apology *l = &k->letter;
	int32_t today = day_of(q->now);
	bool late = apology_may(&k->c, q->now), is = counts(k), given = is && l->given_at != 0;
	bool old = is && l->new_day < today;
	bool can = late && k->dated == RC_OK &&
	           (!is || old || (given && l->due_at != k->c.due_at) || (!given && l->day != today));
	view_text(page, AP_STATE, given ? STR("given") : is ? STR("made") : STR("none"));
	view_bool(page, AP_MADE, is && !given);
	view_bool(page, AP_GIVEN, given);
	view_bool(page, AP_OLD, old);
	view_bool(page, AP_MAKE, can);
	view_bool(page, AP_AGAIN, can && is);
	view_bool(page, AP_NO_DATE, late && k->dated != RC_OK);
	view_bool(page, AP_NOT_LATE, !late);
	if (is) {
		view_day(page, AP_DAY, l->day);
		view_time(page, AP_GIVEN_AT, l->given_at);
		view_url(page, AP_LETTER, request_link(q, "/desk/case/%s/apology/letter", k->c.code));
	}
	if (is || (late && k->dated == RC_OK))
		view_day(page, AP_NEW, is ? l->new_day : k->new_day);
	view_url(page, AP_SEND, request_link(q, "/desk/case/%s/apology", k->c.code));
	if (is && !given && !old && late)
		view_url(page, AP_GIVE, request_link(q, "/desk/case/%s/apology/given", k->c.code));
}

static enum rc show(struct request *q, struct reply *r, struct work *k, struct str error, struct fault *f)
{
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, k, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, desk_look_kind(q), k->c.id, STR_EMPTY,
		                1, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &DESK_APOLOGY);
	const struct ward_case *c = &k->c;
	view_text(page, AP_CODE, arena_copy(q->arena, str_of(c->code)));
	view_key(page, AP_KIND, c->kind, label_kind(q, c->kind));
	view_time(page, AP_RECEIVED, c->received_at);
	if (c->due_at != 0 && state_open(c->state)) {
		view_day(page, AP_FIRST, k->first_day);
		view_day(page, AP_PRESENT, day_of(c->due_at - 1));
		view_bool(page, AP_MOVED, k->first_day != day_of(c->due_at - 1));
		view_text(page, AP_LATE, due_words(q, c->due_at));
	}
	view_text(page, AP_WHY, c->why_late);
	view_url(page, AP_EXPLAIN, request_link(q, "/desk/case/%s#explain", c->code));
	add_letter(q, page, k);
	view_text(page, AP_ERROR, error);
	view_url(page, AP_BACK, request_link(q, "/desk/case/%s", c->code));
	view_text(page, AP_VERSION, arena_fmt(q->arena, "%lld", (long long)c->version));
	reply_title(r, arena_fmt(q->arena, "%.*s %s", PSTR(request_text(q, "apology.title")), c->code));
	reply_page(q, r, "desk/apology", &DESK_APOLOGY, page, error.n > 0 ? 409 : 200);
	return RC_OK;
}

enum rc desk_apology(struct request *q, struct reply *r, struct fault *f)
{
	struct work k;
	return begin(q, &k) ? show(q, r, &k, STR_EMPTY, f) : RC_NONE;
}

/* ---------------------------------------------------------------- made, given */

static enum rc back_to(struct request *q, struct reply *r, const struct work *k)
{
	reply_redirect(q, r, request_link(q, "/desk/case/%.*s/apology", PSTR(k->code)));
	return RC_OK;
}

static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	enum rc rc = read_case(tx, k, f);
	return rc == RC_OK ? apology_make(tx, k->w, &k->c, &k->q->actor, &k->letter, f) : rc;
}

enum rc desk_apology_make(struct request *q, struct reply *r, struct fault *f)
{
	struct work k;
	if (!begin(q, &k))
		return RC_NONE;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, make_tx, &k, f);
	if (rc == RC_OK || rc == RC_EXISTS)       /* made already: it is shown */
		return back_to(q, r, &k);
	if (rc == RC_DENIED)
		return show(q, r, &k, request_text(q, "apology.not_late"), f);
	if (rc == RC_NONE && k.c.id.v != 0 && case_handled_by(&k.c, &q->actor))
		return show(q, r, &k, request_text(q, "apology.no_date"), f);
	return rc;
}

static enum rc give_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *k = ctx;
	enum rc rc = read_case(tx, k, f);
	return rc == RC_OK ? case_move(tx, k->w, k->q->ward, &k->c, &k->move, f) : rc;
}

enum rc desk_apology_given(struct request *q, struct reply *r, struct fault *f)
{
	struct work k;
	struct fault why = {0};
	if (!begin(q, &k))
		return RC_NONE;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	k.move = (struct move){.verb = VERB_apologise, .actor = &q->actor};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, give_tx, &k, &why);
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		reply_redirect(q, r, request_link(q, "/desk/case/%.*s?done=apologise", PSTR(k.code)));
		return RC_OK;
	}
	if (rc == RC_NONE || rc < RC_OK) {
		*f = why;
		return rc;
	}
	/* Given already by the same button, or by a colleague: the page says so. */
	return show(q, r, &k, request_text(q, rc == RC_WAITING   ? "apology.waiting"
	                                      : rc == RC_EXPIRED ? "apology.old"
	                                                         : "apology.nothing"), f);
}

enum rc desk_apology_letter(struct request *q, struct reply *r, struct fault *f)
{
	struct work k;
	struct buf out = {0};
	if (!begin(q, &k))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc == RC_OK && !counts(&k))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "letter", k.c.id, STR_EMPTY, 1, f);
	if (rc == RC_OK)
		rc = apology_letter(q->app, q->arena, q->ward, &k.c, &k.letter,
		                    k.letter.given_at != 0 ? k.letter.why : k.c.why_late, &out, f);
	if (rc == RC_OK) {
		reply_bytes(q, r, STR("application/pdf"), arena_take(q->arena, &out));
		reply_download(r, arena_fmt(q->arena, "%s-apology.pdf", k.c.code));
	}
	return rc;
}
