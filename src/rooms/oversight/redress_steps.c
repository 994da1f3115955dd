/* What oversight does with a request: searches, looks, asks, answers. What can't be done comes back with all that
 * was typed. */
#include <string.h>

#include "kit/base/log.h"
#include "rooms/oversight/oversight.h"
#include "ward/flow/deletion.h"
#include "ward/typed_day.h"

struct doing {
	struct redress_view *v;
	struct area_id area;
	int32_t from, until;
	struct case_id about;
	struct redress_answer answer;
	bool fine;                    /* it was tried, and can be done */
	struct move move;
	struct ward_case c;
};

static bool take(struct request *q, const char *name, struct str *out, struct str *error, const char *missing)
{
	enum rc rc = text_clean(q->arena, request_form(q, name), TEXT_LINES, REDRESS_TEXT_MAX, out);
	if (rc == RC_INVALID) {
		*out = STR_EMPTY;
		*error = request_text(q, "form.not_utf8");
	} else if (rc == RC_TOO_BIG)
		*error = arena_fmt(q->arena, "%.*s %zu/%d", PSTR(request_text(q, "form.too_long")), text_length(*out), REDRESS_TEXT_MAX);
	else if (out->n == 0 && missing != NULL)
		*error = request_text(q, missing);
	return error->n == 0;
}

/* The faults of what is half written are told when it is sent. */
void redress_take(struct redress_view *v)
{
	struct request *q = v->q;
	struct str later = STR_EMPTY;
	(void)text_clean(q->arena, request_form(q, "from"), TEXT_LINE, 40, &v->from);
	(void)text_clean(q->arena, request_form(q, "until"), TEXT_LINE, 40, &v->to);
	v->area = request_form(q, "area");
	v->result = request_form(q, "result");
	(void)take(q, "ask-text", &v->ask, &later, NULL);
	(void)take(q, "answer-text", &v->words, &later, NULL);
	(void)take(q, "correction-text", &v->correction, &later, NULL);
	for (size_t i = 0; i < v->matter_count; i++) {
		int64_t about;
		if (str_i64(request_form(q, "about"), &about) && v->matters[i].o.about.v == about)
			v->about = v->matters[i].o.about;
		if (v->matters[i].o.open)
			v->on_form[v->on_form_count++] = v->matters[i].o.about;
	}
	for (size_t i = 0; i < q->form_count; i++)
		if (str_is(q->form[i].name, "keep") && v->keep_count < sizeof v->keep / sizeof *v->keep &&
		    str_i64(q->form[i].value, &v->keep[v->keep_count].v))
			v->keep_count++;
}

size_t redress_kept(const struct redress_view *v, struct form_kept **out)
{
	enum { OWN = 9 };
	struct request *q = v->q;
	struct form_kept *all = *out = arena_array(q->arena, OWN + v->keep_count, sizeof *all);
	size_t n = 0;
	all[n++] = (struct form_kept){"version", request_form(q, "version")};
	all[n++] = (struct form_kept){"result", v->result};
	all[n++] = (struct form_kept){"correction-text", v->correction};
	all[n++] = (struct form_kept){"answer-text", v->words};
	all[n++] = (struct form_kept){"ask-text", v->ask};
	all[n++] = (struct form_kept){"from", v->from};
	all[n++] = (struct form_kept){"until", v->to};
	all[n++] = (struct form_kept){"area", v->area};
	if (v->about.v != 0)
		all[n++] = (struct form_kept){"about", arena_fmt(q->arena, "%lld", (long long)v->about.v)};
	for (size_t i = 0; i < v->keep_count; i++)
		all[n++] = (struct form_kept){"keep", arena_fmt(q->arena, "%lld", (long long)v->keep[i].v)};
	return n;
}

static enum rc begin(struct redress_view *v, struct request *q, struct fault *f)
{
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : redress_read(v, q, f);
	if (rc == RC_OK)
		redress_take(v);
	return rc;
}

bool redress_drafted(const struct redress_view *v)
{
	return v->result.n + v->words.n + v->correction.n + v->ask.n > 0;
}

static enum rc back(struct redress_view *v, struct reply *r, const char *done, const char *at)
{
	reply_redirect(v->q, r, request_link(v->q, "/oversight/redress/%.*s?done=%s#%s", PSTR(v->code), done, at));
	return RC_OK;
}

/* Read once more: what the page shows is what is there now; what was typed is kept. */
static enum rc again(struct redress_view *v, struct reply *r, int status, struct fault *f)
{
	struct redress_view now;
	enum rc rc = redress_read(&now, v->q, f);
	if (rc != RC_OK)
		return rc;
	struct redress_view shown = *v;
	shown.c = now.c;
	shown.k = now.k;
	shown.entries = now.entries;
	shown.entry_count = now.entry_count;
	memcpy(shown.matters, now.matters, sizeof shown.matters);
	shown.matter_count = now.matter_count;
	return redress_show(&shown, r, status, f);
}

/* ---------------------------------------------------------------- finding */

static enum rc find_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	return redress_find(tx, &d->v->q->app->flow, &d->v->q->actor, d->v->c.id, d->area, d->from, d->until, &d->v->found,
	                    &d->v->found_count, &d->v->found_more, f);
}

static bool read_days(struct doing *d)
{
	struct request *q = d->v->q;
	const struct redress_view *v = d->v;
	if (!typed_day(v->from, q->now, &d->from))
		return false;
	d->until = d->from;
	return v->to.n == 0 || typed_day(v->to, q->now, &d->until);
}

enum rc redress_do_find(struct request *q, struct reply *r, struct fault *f)
{
	struct redress_view v;
	struct doing d = {.v = &v};
	enum rc rc = begin(&v, q, f);
	if (rc != RC_OK)
		return rc;
	if (!str_is(v.area, "0") && !choices_area(q, v.area, &d.area))
		return RC_BAD_REQUEST;
	if (!read_days(&d)) {
		v.find_error = request_text(q, "new.day.unreadable");
		return again(&v, r, 422, f);
	}
	rc = store_write(q->app->store, q->ward->id, q->arena, find_tx, &d, f);
	if (rc == RC_INVALID || rc == RC_LIMIT || rc == RC_DENIED) {
		v.found = NULL;
		v.find_error = request_text(q, rc == RC_INVALID ? "oversight.find.wrong" : "oversight.find.limit");
		return again(&v, r, 422, f);
	}
	/* A search is a look: under the request's number, with where and when, and how many were found. */
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "find", (struct case_id){0},
		                arena_fmt(q->arena, "%.*s area=%lld&from=%.*s&until=%.*s", PSTR(v.code), (long long)d.area.v,
		                          PSTR(text_day_iso(q->arena, d.from)), PSTR(text_day_iso(q->arena, d.until))),
		                (int64_t)v.found_count, f);
	return rc == RC_OK ? again(&v, r, 200, f) : rc;
}

/* ---------------------------------------------------------------- looking */

static enum rc look_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	return redress_look(tx, &d->v->q->app->flow, &d->v->q->actor, d->v->c.id, d->about, f);
}

enum rc redress_do_look(struct request *q, struct reply *r, struct fault *f)
{
	struct redress_view v;
	struct doing d = {.v = &v};
	struct str hit = request_form(q, "hit");
	enum rc rc = begin(&v, q, f);
	if (rc != RC_OK)
		return rc;
	if (hit.n > 0 && !str_i64(hit, &d.about.v))
		return RC_BAD_REQUEST;
	if (hit.n == 0 && !redress_named(&v.k))
		rc = RC_NONE;
	else
		rc = store_write(q->app->store, q->ward->id, q->arena, look_tx, &d, f);
	if (rc == RC_NONE || rc == RC_LIMIT || rc == RC_DENIED) {
		v.look_error = request_text(q, rc == RC_NONE ? "oversight.look.none" : "oversight.look.limit");
		return again(&v, r, 422, f);
	}
	if (rc != RC_OK || !redress_drafted(&v))
		return rc == RC_OK ? back(&v, r, "look", "matter") : rc;
	v.done = "look";
	return again(&v, r, 200, f);
}

/* ---------------------------------------------------------------- words */

static enum rc ask_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	d->c = d->v->c;
	return case_move(tx, &d->v->q->app->flow, d->v->q->ward, &d->c, &d->move, f);
}

enum rc redress_do_ask(struct request *q, struct reply *r, struct fault *f)
{
	struct redress_view v;
	struct doing d = {.v = &v};
	struct part part = {STR("text"), STR_EMPTY, STR("text")};
	enum rc rc = begin(&v, q, f);
	if (rc != RC_OK)
		return rc;
	d.move = (struct move){.verb = VERB_ask, .actor = &q->actor, .parts = &part, .part_count = 1};
	if (!str_i64(request_form(q, "version"), &d.move.expected_version) || d.move.expected_version < 1)
		return RC_BAD_REQUEST;
	bool fine = take(q, "ask-text", &v.ask, &v.ask_error, "oversight.words.missing");
	v.ask_advised = fine && advice_asks(q, "ask-text", v.ask);
	if (!fine || v.ask_advised)
		return again(&v, r, 422, f);
	part.body = v.ask;
	rc = store_write(q->app->store, q->ward->id, q->arena, ask_tx, &d, f);
	if (rc == RC_CHANGED || rc == RC_DENIED) {
		v.changed = true;
		return again(&v, r, 409, f);
	}
	if (rc != RC_OK)
		return rc;
	flow_changed(q->ward->id);
	v.ask = STR_EMPTY;
	if (!redress_drafted(&v))
		return back(&v, r, "ask", "main");
	v.done = "ask";
	return again(&v, r, 200, f);
}

/* ---------------------------------------------------------------- the answer */

static enum rc answer_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	d->c = d->v->c;
	return redress_decide(tx, &d->v->q->app->flow, d->v->q->ward, &d->v->q->actor, &d->c, &d->answer, f);
}

/* Done and taken back: what can't be done is told before the question, and not after it. */
static enum rc try_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	enum rc rc = answer_tx(tx, ctx, f);
	d->fine = rc == RC_OK;
	return rc == RC_OK ? fault_set(f, RC_WAITING, "it was tried alone") : rc;
}

/* Photos of the matters that it is not about stand on the same form: what is ticked there says nothing. */
static void keep_own(struct redress_view *v)
{
	struct case_id about = v->about.v != 0 ? v->about : v->k.about;
	size_t n = 0;
	for (size_t i = 0; i < v->keep_count; i++) {
		bool other = false;
		for (size_t m = 0; m < v->matter_count; m++)
			for (size_t k = 0; v->matters[m].o.about.v != about.v && k < v->matters[m].photo_count; k++)
				other = other || v->matters[m].photos[k].id.v == v->keep[i].v;
		if (!other)
			v->keep[n++] = v->keep[i];
	}
	v->keep_count = n;
}

/* Why it can't be so, at the field that it is about. */
static bool refused(struct redress_view *v, enum rc rc, const struct fault *f)
{
	struct request *q = v->q;
	const char *field = f != NULL && rc != RC_LIMIT && rc != RC_REFUSED ? f->field : "";
	if (rc == RC_LIMIT)
		v->result_error = request_text(q, "oversight.followers");
	else if (rc == RC_REFUSED)
		v->result_error = request_text(q, "oversight.held");
	else if (strcmp(field, "look") == 0)
		v->result_error = request_text(q, "oversight.look.first");
	else if (strcmp(field, "appeal") == 0)
		v->result_error = request_text(q, "oversight.appeal.other");
	else if (strcmp(field, "correction") == 0)
		v->correction_error = request_text(q, "oversight.correction.missing");
	else if (strcmp(field, "keep") == 0)
		v->keep_error = request_text(q, "oversight.keep.wrong");
	else
		return false;
	return true;
}

enum rc redress_do_answer(struct request *q, struct reply *r, struct fault *f)
{
	struct redress_view v;
	struct doing d = {.v = &v};
	struct fault late = {0};
	enum rc rc = begin(&v, q, f);
	if (rc != RC_OK)
		return rc;
	if (request_has(q, "again"))           /* back from a page in between */
		return again(&v, r, 200, f);
	if (!str_i64(request_form(q, "version"), &d.answer.version) || d.answer.version < 1)
		return RC_BAD_REQUEST;
	/* Of several one is chosen; the only one is it. */
	if (v.matter_count == 1 && request_form(q, "about").n == 0)
		v.about = v.matters[0].o.about;
	/* What is none of those that were opened is refused, and not read as another one. */
	if (request_form(q, "about").n > 0 && v.about.v == 0)
		return RC_BAD_REQUEST;
	bool fine = take(q, "answer-text", &v.words, &v.words_error, "oversight.words.missing");
	fine = take(q, "correction-text", &v.correction, &v.correction_error, NULL) && fine;
	if (!redress_result(v.result)) {
		v.result_error = request_text(q, "oversight.result.missing");
		fine = false;
	}
	if (v.matter_count > 1 && v.about.v == 0) {
		v.about_error = request_text(q, "oversight.about.missing");
		fine = false;
	}
	v.advised = fine && advice_asks(q, "answer-text", v.words);
	if (!fine || v.advised)
		return again(&v, r, 422, f);
	d.answer.result = v.result;
	d.answer.words = v.words;
	d.answer.correction = v.correction;
	struct redress_view own = v;
	keep_own(&own);
	d.answer.about = v.about;
	d.answer.keep = own.keep;
	d.answer.keep_count = own.keep_count;
	/* What destroys or hides something is asked once more, with what it is about. */
	bool sure = request_has(q, "sure") || str_is(v.result, "not_upheld");
	rc = store_write(q->app->store, q->ward->id, q->arena, sure ? answer_tx : try_tx, &d, f);
	if (d.fine && rc == RC_WAITING) {
		v.sure = true;
		*f = (struct fault){0};
		return again(&v, r, 200, f);
	}
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		if (deletions_flush(&q->app->flow, q->ward->id, &late) != RC_OK)   /* again at night and at every start */
			log_fault("oversight", "writing the deletion list", &late);
		return back(&v, r, "answer", "main");
	}
	if (rc > RC_OK && refused(&v, rc, f))
		return again(&v, r, 422, f);
	if (rc == RC_CHANGED || rc == RC_DENIED) {
		v.changed = true;
		return again(&v, r, 409, f);
	}
	return rc;
}
