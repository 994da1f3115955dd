/* One case and the reports that follow it, at the desk: what is shown of them, merging and undoing it. */
#include <string.h>

#include "rooms/desk/desk_templates.h"

static const struct field FOLLOWER_F[] = {
	[DFO_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[DFO_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[DFO_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[DFO_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[DFO_STREET] = {"street", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
	[DFO_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[DFO_MERGED] = {"merged", V_BOOL, SEE_OFFICE, "an officer merged it; otherwise its reporter joined", NULL, NULL},
	[DFO_REPORTS] = {"reports", V_INT, SEE_OFFICE, "with reports of its own", NULL, "reports"},
};
const struct shape DESK_FOLLOWER = SHAPE("desk_follower", FOLLOWER_F);

/* Those near it that are better merged into this one; of a public list's rows the receipts' codes are not read. */
static bool better_around(const struct desk_data *d, const struct case_row *other)
{
	return d->c.state > STATE_received && other->state == STATE_received && other->id.v != d->c.id.v &&
	       actor_in_unit(d->actor, other->unit);
}

static enum rc read_near_codes(struct tx *tx, struct desk_data *d, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < d->near_count; i++) {
		struct ward_case c;
		if (!better_around(d, &d->near[i]))
			continue;
		rc = case_get(tx, d->w, d->near[i].id, &c, f);
		if (rc == RC_OK)
			memcpy(d->near[i].code, c.code, sizeof c.code);
	}
	return rc;
}

enum rc desk_followers_read(struct tx *tx, struct desk_data *d, struct fault *f)
{
	enum { YEAR = 365 };
	if (!d->c.listed)
		return RC_OK;                      /* conduct carries no weight */
	d->followers = arena_array(tx_arena(tx), FOLLOWERS_SHOWN, sizeof *d->followers);
	enum rc rc = case_followers(tx, d->w, d->c.id, d->followers, &d->follower_count, &d->follower_more, f);
	bool may = (case_verbs(d->w, &d->c, d->actor, tx_now(tx)) >> VERB_merge & 1) != 0;
	if (rc != RC_OK || !may)
		return rc;
	d->near = arena_array(tx_arena(tx), NEAR_MOST, sizeof *d->near);
	rc = case_near(tx, d->w, d->c.kind, d->c.place.cell, tx_now(tx) - YEAR * US_DAY, d->near, &d->near_count, f);
	return rc == RC_OK ? read_near_codes(tx, d, f) : rc;
}

void desk_followers(struct request *q, struct vobj *page, const struct desk_data *d)
{
	const struct ward_case *top = d->c.top;
	view_int(page, DC_REPORTS, case_reports(&d->c));
	view_bool(page, DC_SEVERAL, case_reports(&d->c) > 1);
	if (top != NULL) {
		view_url(page, DC_LEAD_URL, request_link(q, "/desk/case/%s", top->code));
		view_text(page, DC_LEAD_CODE, arena_copy(q->arena, str_of(top->code)));
		view_bool(page, DC_LEAD_BEHIND, top->state == STATE_received && d->c.state > top->state && state_open(d->c.state));
		view_key(page, DC_LEAD_STATE, str_of(state_name(top->state)), label_state(q, top->state));
	}
	for (size_t i = 0; i < d->follower_count; i++) {
		const struct ward_case *c = &d->followers[i];
		struct vobj *o = view_item(page, DC_FOLLOWERS);
		view_text(o, DFO_CODE, arena_copy(q->arena, str_of(c->code)));
		view_url(o, DFO_URL, request_link(q, "/desk/case/%s", c->code));
		view_time(o, DFO_RECEIVED, c->received_at);
		view_key(o, DFO_KIND, c->kind, label_kind(q, c->kind));
		view_text(o, DFO_STREET, c->place.street);
		view_text(o, DFO_AREA, label_area(q, c->place.area));
		view_bool(o, DFO_MERGED, c->merged);
		if (c->more > 0)
			view_int(o, DFO_REPORTS, case_reports(c));
	}
	view_bool(page, DC_FOLLOWERS_MORE, d->follower_more);
}

size_t desk_near_options(struct request *q, const struct desk_data *d, struct str chosen,
                         struct form_option *out)
{
	size_t n = 0;
	for (size_t i = 0; i < d->near_count; i++) {
		const struct case_row *c = &d->near[i];
		if (c->id.v == d->c.id.v || !actor_in_unit(d->actor, c->unit))
			continue;
		out[n++] = (struct form_option){
			.value = arena_copy(q->arena, str_of(c->public_code)),
			.label = arena_fmt(q->arena, "%s, %.*s", c->public_code, PSTR(label_state(q, c->state))),
			.hint = arena_fmt(q->arena, "%.*s%s%.*s", PSTR(label_area(q, c->area)),
			                  c->area.v != 0 && c->released_text.n > 0 ? ". " : "", PSTR(c->released_text)),
			.checked = str_is(chosen, c->public_code)};
	}
	return n;
}

static void add_around(struct request *q, struct vobj *action, const struct desk_data *d, const char *code)
{
	struct vobj *o = view_item(action, DA_AROUND);
	view_text(o, DAR_CODE, arena_copy(q->arena, str_of(code)));
	view_url(o, DAR_URL, request_link(q, "/desk/case/%s?merge=%s#merge", code, d->c.code));
}

void desk_merge_around(struct request *q, struct vobj *action, const struct desk_data *d, struct str refused)
{
	if (refused.n > 0) {
		add_around(q, action, d, arena_fmt(q->arena, "%.*s", PSTR(refused)).p);
		view_text(action, DA_AROUND_WHY, request_text(q, "desk.merge.around.refused"));
		return;
	}
	bool some = false;
	for (size_t i = 0; i < d->near_count; i++)
		if (better_around(d, &d->near[i])) {
			add_around(q, action, d, d->near[i].code);
			some = true;
		}
	if (some)
		view_text(action, DA_AROUND_WHY, request_text(q, "desk.merge.around"));
}

struct desk_draft desk_merge_asked(struct request *q)
{
	char code[16];
	if (code_read(request_query(q, "merge"), code) != RC_OK)
		return (struct desk_draft){0};
	return (struct desk_draft){.verb = VERB_merge, .lead = arena_copy(q->arena, str_of(code))};
}

struct other {
	const struct flow *w;
	struct case_id id;
	struct ward_case c;
};

static enum rc other_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct other *o = ctx;
	return case_get(tx, o->w, o->id, &o->c, f);
}

enum rc desk_merge_other(struct request *q, struct case_id other, enum rc refused, const struct fault *why,
                         struct str *out, struct fault *f)
{
	*out = STR_EMPTY;
	if (refused != RC_REFUSED || (strcmp(why->field, "earlier") != 0 && strcmp(why->field, "deep") != 0))
		return RC_OK;
	struct other o = {.w = &q->app->flow, .id = other};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, other_tx, &o, f);
	if (rc == RC_OK)
		*out = arena_copy(q->arena, str_of(o.c.code));
	return rc;
}

struct finding {
	const struct flow *w;
	struct str typed;
	struct case_id found;
};

/* A receipt's code, or a public one, as people type it. */
static enum rc find_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct finding *k = ctx;
	struct ward_case c;
	char code[16];
	if (code_read(k->typed, code) == RC_OK) {
		enum rc rc = case_by_code(tx, k->w, arena_copy(tx_arena(tx), str_of(code)), &c, f);
		if (rc == RC_OK)
			k->found = c.id;
		return rc == RC_NONE ? RC_OK : rc;
	}
	char *upper = arena_array(tx_arena(tx), k->typed.n + 1, 1);
	for (size_t i = 0; i < k->typed.n; i++)
		upper[i] = k->typed.p[i] >= 'a' && k->typed.p[i] <= 'z' ? (char)(k->typed.p[i] - 'a' + 'A') : k->typed.p[i];
	enum rc rc = case_public_id(tx, str_n(upper, k->typed.n), &k->found, f);
	if (rc == RC_OK && k->found.v < 0)
		k->found.v = 0;
	return rc;
}

enum rc desk_merge_find(struct request *q, struct str typed, struct case_id *out, struct fault *f)
{
	struct finding k = {.w = &q->app->flow, .typed = str_trim(typed)};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, find_tx, &k, f);
	*out = k.found;
	return rc;
}

struct str desk_merge_error(const struct request *q, enum rc rc, const struct fault *f)
{
	static const char *const WHY[] = {"itself", "unknown", "other_unit", "follows", "closed", "not_shown", "earlier", "late", "deep"};
	if (rc == RC_WAITING && strcmp(f->field, "other") == 0)
		return request_text(q, "desk.merge.waits");
	if (rc != RC_INVALID && rc != RC_REFUSED && rc != RC_DENIED)
		return STR_EMPTY;
	for (size_t i = 0; i < sizeof WHY / sizeof *WHY; i++)
		if (strcmp(f->field, WHY[i]) == 0)
			return request_text(q, arena_fmt(q->arena, "desk.merge.%s", WHY[i]).p);
	return STR_EMPTY;
}
