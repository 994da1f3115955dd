/* The last page of the form is sent: photos kept, the case opened, its receipt shown. */
#include <string.h>

#include "rooms/report/report.h"
#include "ward/flow/flood.h"

struct sending {
	struct request *q;
	struct case_new n;
	struct ward_case c;
	struct receipt receipt;
	struct receipt_with with;
	struct str mail, join;         /* join: public code of the case that it joins */
};

static enum rc send_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct sending *s = ctx;
	const struct flow *w = &s->q->app->flow;
	enum rc rc = s->join.n > 0 ? case_public_id(tx, s->join, &s->n.lead, f) : RC_OK;
	if (rc == RC_OK)
		rc = case_open(tx, w, s->q->ward, &s->n, &s->c, &s->receipt, f);
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	if (s->mail.n > 0) {
		rc = contact_put(tx, w, &s->c, s->mail, s->q->lang, f);
		if (rc != RC_OK)
			return rc;
	}
	return receipt_with(tx, &s->c, &s->with, f);
}

/* The photos that still wait, linked into the ward's folder before the transaction names them. */
static enum rc keep_photos(struct request *q, struct journey *j, const struct hash *journey,
                           struct case_new *n, struct step_errors *e, struct fault *f)
{
	struct str names[PHOTOS_MAX];
	size_t count = answers_photos(q, j, names);
	n->photos = arena_array(q->arena, PHOTOS_MAX, sizeof *n->photos);
	for (size_t i = 0; i < count; i++) {
		struct photo *p = &n->photos[n->photo_count];
		enum rc rc = media_wait_info(q->app->media, q->arena, q->ward->id, journey, names[i], p, f);
		if (rc == RC_NONE) { /* a day has passed: say so rather than send without */
			answers_set_photos(q, j, NULL, 0);
			e->photos = request_text(q, "photo.gone");
			e->any = true;
			return RC_OK;
		}
		if (rc == RC_OK)
			rc = photo_keep(q, journey, names[i], "photo.later", &e->photos, f);
		if (rc == RC_INVALID) { /* it still waits: nothing has to be chosen again */
			e->any = true;
			return RC_OK;
		}
		if (rc != RC_OK)
			return rc;
		n->photo_count++;
	}
	return RC_OK;
}

/* Before it is written: has the like come too often? One that joins a case is on that one's page already. */
static const struct flooding *look_for_flood(struct request *q, const struct sending *s, const struct journey *j)
{
	if (s->join.n > 0)
		return NULL;
	struct flooding *said = arena_array(q->arena, 1, sizeof *said);
	const struct flood_report r = {
		.ward = q->ward->id,
		.kind = s->n.procedure->name,
		.text = journey_get(j, "text"),   /* what a plate lets tick is everybody's */
		.place = &s->n.place,
		.spared = s->n.danger || s->n.procedure->about_staff,
		.peer = q->peer,
	};
	flood_look(q->app->flood, q->arena, &r, q->now, said);
	return said;
}

enum rc report_check(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	bool spent = false;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : report_journey(q, r, &j, &spent, f);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form could not be read");
	if (spent)
		return RC_OK;
	struct step_errors e = {0};
	bool unmail = str_is(request_form(q, "go"), "unmail");
	unmail ? mail_forget(q, &j) : mail_take(q, &j, &e);
	journey_set(q, &j, "not_head", str_is(request_form(q, "not_head"), "1") ? STR("1") : STR_EMPTY);
	if (str_is(request_form(q, "go"), "elsewhere") && answers_procedure(q, &j) != NULL &&
	    answers_procedure(q, &j)->about_staff) {
		nobody_show(q, r, &j, true);
		return RC_OK;
	}
	enum report_step to = step_wanted(q, &j, RS_CHECK), missing = answers_missing(q, &j);
	if (to != RS_CHECK || missing != RS_CHECK) {
		step_show(q, r, &j, to != RS_CHECK ? to : missing, NULL);
		return RC_OK;
	}
	if (unmail || e.any || str_is(request_form(q, "go"), "show")) {
		step_show(q, r, &j, RS_CHECK, &e);
		return RC_OK;
	}
	struct sending s = {
		.q = q,
		.n = {.procedure = answers_procedure(q, &j),
		      .journey = journey_hash(&j),
		      .place = answers_place(q, &j),
		      .text = answers_text(q, &j),
		      .channel = STR("web"),
		      .subject = journey_get(&j, "subject"),
		      .not_head = journey_get(&j, "not_head").n > 0,
		      .danger = danger_said(q, answers_text(q, &j))},
		.mail = mail_offered(q) ? journey_get(&j, "mail") : STR_EMPTY,
		.join = journey_get(&j, "join"),
	};
	if (s.n.procedure->photos)
		rc = keep_photos(q, &j, &s.n.journey, &s.n, &e, f);
	if (rc == RC_OK && e.any) {
		step_show(q, r, &j, RS_CHECK, &e);
		return RC_OK;
	}
	s.n.flooding = rc == RC_OK ? look_for_flood(q, &s, &j) : NULL;
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, send_tx, &s, f);
	if (rc == RC_OK && s.n.flooding != NULL) {
		flood_took(q->app->flood, q->ward->id, s.n.flooding, s.c.id);
		if (s.n.flooding->also_count > 0 && q->app->jobs != NULL)
			job_wake(q->app->jobs);
	}
	if (s.n.procedure->about_staff && (rc == RC_EXPIRED || rc == RC_INVALID)) {
		step_show(q, r, &j, RS_CHECK, &e);   /* unit or receiver went meanwhile: it says which */
		return RC_OK;
	}
	if (rc == RC_EXPIRED) {   /* the kind went between the page before and this moment */
		const struct step_errors gone = {.any = true, .kind = request_text(q, "report.kind.withdrawn")};
		step_show(q, r, &j, RS_KIND, &gone);
		return RC_OK;
	}
	if (s.join.n > 0 && rc == RC_STALE && f != NULL && strcmp(f->field, "join") == 0) {
		struct step_errors gone = {.any = true, .same = request_text(q, "report.same.gone")};
		same_forget(q, &j);
		to = answers_missing(q, &j);
		if (to == RS_WHAT)
			gone.text = gone.same;
		step_show(q, r, &j, to, &gone);
		return RC_OK;
	}
	if (rc == RC_OK)
		receipt_show(q, r, &s.c, &s.receipt, &s.with, s.mail.n > 0, &j);
	return rc;
}
