#include "rooms/report/report.h"

#define PURPOSE "report"

static const struct field PHOTO_F[] = {
	[SP_NAME] = {"name", V_TEXT, SEE_PUBLIC, "name among the waiting ones", NULL, NULL},
	[SP_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "words for who does not see it", NULL, NULL},
	[SP_THUMB] = {"thumb", V_URL, SEE_PUBLIC, "small picture", NULL, "image"},
	[SP_SIZE] = {"size", V_TEXT, SEE_PUBLIC, "size for people", NULL, NULL},
};
const struct shape STEP_PHOTO = SHAPE("step_photo", PHOTO_F);

static const struct field STEP_F[] = {
	[STEP_ACTION] = {"action", V_URL, SEE_PUBLIC, "where the answers are sent", NULL, NULL},
	[STEP_S] = {"s", V_TEXT, SEE_PUBLIC, "the answers so far, sealed", NULL, NULL},
	[STEP_HEADING] = {"heading", V_TEXT, SEE_PUBLIC, "the question", NULL, NULL},
	[STEP_LEAD] = {"lead", V_TEXT, SEE_PUBLIC, "a line below", NULL, NULL},
	[STEP_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "what is asked", &FORM_FIELD, NULL},
	[STEP_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[STEP_BACK] = {"back", V_BOOL, SEE_PUBLIC, "there is a step before", NULL, NULL},
	[STEP_PHOTOS] = {"photos", V_LIST, SEE_PUBLIC, "photos taken so far", &STEP_PHOTO, NULL},
	[STEP_UPLOAD] = {"upload", V_BOOL, SEE_PUBLIC, "more photos may come", NULL, NULL},
	[STEP_POSITION] = {"position", V_BOOL, SEE_PUBLIC, "the phone's position may help", NULL, NULL},
	[STEP_LAT] = {"lat", V_TEXT, SEE_PUBLIC, "latitude", NULL, "degrees"},
	[STEP_LON] = {"lon", V_TEXT, SEE_PUBLIC, "longitude", NULL, "degrees"},
	[STEP_FIRST] = {"first", V_BOOL, SEE_PUBLIC, "the first question", NULL, NULL},
	[STEP_PLATE] = {"plate", V_TEXT, SEE_PUBLIC, "kind and place, as the plate says", NULL, NULL},
	[STEP_MOST] = {"most", V_INT, SEE_PUBLIC, "photos at most", NULL, "photos"},
	[STEP_PHOTOS_JS] = {"photos_js", V_URL, SEE_PUBLIC, "script of the photo step", NULL, NULL},
	[STEP_KEEP] = {"keep", V_URL, SEE_PUBLIC, "address of the form, for the draft on the phone", NULL, NULL},
	[STEP_VERSION] = {"version", V_TEXT, SEE_PUBLIC, "version of the kind's procedure", NULL, NULL},
	[STEP_DRAFT_JS] = {"draft_js", V_URL, SEE_PUBLIC, "script of the draft", NULL, NULL},
};
const struct shape STEP = SHAPE("step", STEP_F);

static const struct field CHECK_ROW_F[] = {
	[CR_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "what was asked", NULL, NULL},
	[CR_VALUE] = {"value", V_TEXT, SEE_PUBLIC, "the answer", NULL, NULL},
	[CR_CHANGE] = {"change", V_TEXT, SEE_PUBLIC, "the step to go back to", NULL, NULL},
};
const struct shape CHECK_ROW = SHAPE("check_row", CHECK_ROW_F);

static const struct field CHECK_F[] = {
	[CHECK_ACTION] = {"action", V_URL, SEE_PUBLIC, "where it is sent", NULL, NULL},
	[CHECK_S] = {"s", V_TEXT, SEE_PUBLIC, "the answers, sealed", NULL, NULL},
	[CHECK_ROWS] = {"rows", V_LIST, SEE_PUBLIC, "the answers", &CHECK_ROW, NULL},
	[CHECK_PHOTOS] = {"photos", V_LIST, SEE_PUBLIC, "the photos", &STEP_PHOTO, NULL},
	[CHECK_READER] = {"reader", V_TEXT, SEE_PUBLIC, "the unit whose officers read it", NULL, NULL},
	[CHECK_LISTED] = {"listed", V_BOOL, SEE_PUBLIC, "gets a public page", NULL, NULL},
	[CHECK_CONDUCT] = {"conduct", V_BOOL, SEE_PUBLIC, "about neighbours' behaviour", NULL, NULL},
	[CHECK_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what is wrong", &FORM_ERROR, NULL},
	[CHECK_MASKED] = {"masked", V_BOOL, SEE_PUBLIC, "an identity number was masked", NULL, NULL},
	[CHECK_MAIL] = {"mail", V_BOOL, SEE_PUBLIC, "an address for mails may be left", NULL, NULL},
	[CHECK_MAIL_KEPT] = {"mail_kept", V_BOOL, SEE_PUBLIC, "one was left; it is not shown", NULL, NULL},
	[CHECK_MAIL_FIELDS] = {"mail_fields", V_LIST, SEE_PUBLIC, "the field of it", &FORM_FIELD, NULL},
	[CHECK_KEEP] = {"keep", V_URL, SEE_PUBLIC, "address of the form, for the draft on the phone", NULL, NULL},
	[CHECK_VERSION] = {"version", V_TEXT, SEE_PUBLIC, "version of the kind's procedure", NULL, NULL},
	[CHECK_DRAFT_JS] = {"draft_js", V_URL, SEE_PUBLIC, "script of the draft", NULL, NULL},
};
const struct shape CHECK = SHAPE("check", CHECK_F);

static const char *const STEP_NAMES[] = {
	[RS_KIND] = "kind", [RS_WHERE] = "where", [RS_WHAT] = "what", [RS_PHOTOS] = "photos",
	[RS_CHECK] = "check"};

/* --- showing a step --- */

static struct vobj *step_page(struct request *q, struct reply *r, const struct view *v,
                              const struct journey *j, enum report_step step, const char *heading)
{
	struct vobj *page = view_new(v, &STEP);
	view_url(page, STEP_ACTION, request_link(q, "/report/%s", STEP_NAMES[step]));
	view_text(page, STEP_S, journey_seal(q, PURPOSE, j));
	view_text(page, STEP_HEADING, request_text(q, heading));
	view_bool(page, STEP_BACK, step != RS_KIND);
	view_bool(page, STEP_FIRST, step == RS_KIND);
	keep_show(q, page, STEP_KEEP, answers_procedure(q, j));
	reply_title(r, request_text(q, heading));
	return page;
}

static void show_kind(struct request *q, struct reply *r, const struct journey *j,
                      const struct step_errors *e)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = step_page(q, r, &v, j, RS_KIND, "report.kind.title");
	/* A plate on a lamp post, a link, a form under way: the kind went, what was written stays. */
	struct str error = e->kind;
	if (error.n == 0 && answers_withdrawn(q, journey_get(j, "kind")))
		error = request_text(q, "report.kind.withdrawn");
	struct choices kinds = choices_offered(q, journey_get(j, "kind"));
	form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_RADIOS,
	                                    .name = "kind",
	                                    .label = request_text(q, "report.kind.title"),
	                                    .heading = true,
	                                    .hint = kinds.count > 0 ? STR_EMPTY
	                                                            : request_text(q, "report.kind.none"),
	                                    .error = error,
	                                    .options = kinds.options,
	                                    .option_count = kinds.count});
	reply_page(q, r, "report/step", &STEP, page, e->any ? 422 : 200);
}

static void show_where(struct request *q, struct reply *r, const struct journey *j,
                       const struct step_errors *e)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = step_page(q, r, &v, j, RS_WHERE, "report.where.title");
	view_text(page, STEP_LEAD, request_text(q, "report.where.lead"));
	view_bool(page, STEP_POSITION, true);
	view_text(page, STEP_LAT, journey_get(j, "lat"));
	view_text(page, STEP_LON, journey_get(j, "lon"));
	if (e->position.n > 0)
		form_error_add(page, STEP_ERRORS, e->position, STR("#area"));
	struct str chosen = journey_get(j, "area");
	const struct form_option unsure = {.value = STR("unsure"),
	                                   .label = request_text(q, "report.area.unsure"),
	                                   .checked = str_is(chosen, "unsure")};
	struct choices areas = choices_areas(q, chosen, &unsure, true);
	form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_RADIOS,
	                                    .name = "area",
	                                    .label = request_text(q, "report.area.label"),
	                                    .error = e->area,
	                                    .options = areas.options,
	                                    .option_count = areas.count});
	form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT,
	                                    .name = "street",
	                                    .label = request_text(q, "report.street.label"),
	                                    .hint = request_text(q, "report.street.hint"),
	                                    .value = journey_get(j, "street"),
	                                    .error = e->street});
	form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_TEXT,
	                                    .name = "landmark",
	                                    .label = request_text(q, "report.landmark.label"),
	                                    .hint = request_text(q, "report.landmark.hint"),
	                                    .value = journey_get(j, "landmark"),
	                                    .error = e->landmark});
	reply_page(q, r, "report/step", &STEP, page, e->any ? 422 : 200);
}

static struct str place_words(const struct request *q, const struct case_place *p)
{
	const struct str parts[] = {p->landmark, p->street, label_area(q, p->area),
	                            p->unsure ? request_text(q, "report.area.unsure") : STR_EMPTY,
	                            p->has_point ? request_text(q, "report.position.known") : STR_EMPTY};
	struct buf b = {0};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_join(&b, ", ", parts[i]);
	return arena_take(q->arena, &b);
}

/* At a plate the usual faults can be ticked, and words are needed for none of them. */
static void add_faults(struct request *q, struct vobj *page, const struct view *v,
                       const struct journey *j, const struct procedure *p,
                       const struct step_errors *e)
{
	struct form_option *options = arena_array(q->arena, p->fault_count + 1, sizeof *options);
	struct str chosen = journey_get(j, "fault");
	for (size_t i = 0; i < p->fault_count; i++)
		options[i] = (struct form_option){.value = p->faults[i].name,
		                                  .label = p->faults[i].text[q->lang],
		                                  .checked = str_eq(p->faults[i].name, chosen)};
	options[p->fault_count] = (struct form_option){.value = STR("other"),
	                                               .label = request_text(q, "report.fault.other"),
	                                               .checked = str_is(chosen, "other")};
	form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, v,
	               &(struct form_field){.kind = FORM_RADIOS, .name = "fault",
	                                    .label = request_text(q, "report.fault.title"),
	                                    .heading = true, .error = e->fault, .options = options,
	                                    .option_count = p->fault_count + 1});
}

static void show_what(struct request *q, struct reply *r, const struct journey *j,
                      const struct step_errors *e)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = step_page(q, r, &v, j, RS_WHAT, "report.what.title");
	const struct procedure *p = answers_procedure(q, j);
	bool plate = answers_plate(j) && p != NULL, faults = plate && p->fault_count > 0;
	if (plate) {
		struct case_place place = answers_place(q, j);
		struct str where = place_words(q, &place);
		view_text(page, STEP_PLATE, arena_fmt(q->arena, "%.*s – %.*s", PSTR(p->title[q->lang]),
		                                      PSTR(where)));
		view_bool(page, STEP_FIRST, true);
	}
	if (faults)
		add_faults(q, page, &v, j, p, e);
	form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, &v,
	               &(struct form_field){.kind = FORM_AREA,
	                                    .name = "text",
	                                    .label = request_text(q, faults ? "report.fault.more"
	                                                                    : "report.what.title"),
	                                    .heading = !faults,
	                                    .hint = p != NULL && !faults ? p->hint[q->lang] : STR_EMPTY,
	                                    .value = journey_get(j, "text"),
	                                    .rows = faults ? 2 : 6,
	                                    .max = TEXT_MAX,
	                                    .error = e->text});
	reply_page(q, r, "report/step", &STEP, page, e->any ? 422 : 200);
}

static void check_row(struct request *q, struct vobj *page, const char *label, struct str value,
                      enum report_step step)
{
	struct vobj *row = view_item(page, CHECK_ROWS);
	view_text(row, CR_LABEL, request_text(q, label));
	view_text(row, CR_VALUE, value.n > 0 ? value : request_text(q, "report.check.nothing"));
	view_text(row, CR_CHANGE, str_of(STEP_NAMES[step]));
}

static enum rc read_unit(struct tx *tx, void *ctx, struct fault *f)
{
	struct unit *u = ctx;
	return unit_by_slug(tx, u->slug, u, f);
}

struct str unit_name(struct request *q, const struct procedure *p)
{
	struct unit unit = {.slug = p->unit};
	struct fault f;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_unit, &unit, &f);
	return rc == RC_OK ? unit.name : request_text(q, "report.unit.any");
}

static void show_check(struct request *q, struct reply *r, const struct journey *j,
                       const struct step_errors *e)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &CHECK);
	const struct procedure *p = answers_procedure(q, j);
	struct case_place place = answers_place(q, j);
	view_url(page, CHECK_ACTION, request_link(q, "/report/check"));
	view_text(page, CHECK_S, journey_seal(q, PURPOSE, j));
	check_row(q, page, "report.check.kind", p->title[q->lang], RS_KIND);
	check_row(q, page, "report.check.where", place_words(q, &place), RS_WHERE);
	check_row(q, page, "report.check.what", answers_text(q, j), RS_WHAT);
	struct str photos[PHOTOS_MAX];
	size_t n = answers_photos(q, j, photos);
	if (p->photos)
		check_row(q, page, "report.check.photos", arena_fmt(q->arena, "%zu", n), RS_PHOTOS);
	for (size_t i = 0; i < n; i++) {
		struct vobj *photo = view_item(page, CHECK_PHOTOS);
		struct str thumb = photo_thumb(q, j, photos[i]);
		if (thumb.n > 0)
			view_url(photo, SP_THUMB, thumb);
		view_text(photo, SP_LABEL, arena_fmt(q->arena, "%.*s %zu",
		                                     PSTR(request_text(q, "photo.label")), i + 1));
	}
	if (e->photos.n > 0)
		form_error_add(page, CHECK_ERRORS, e->photos, STR("#send"));
	view_text(page, CHECK_READER, unit_name(q, p));
	view_bool(page, CHECK_LISTED, p->listed);
	view_bool(page, CHECK_CONDUCT, p->conduct);
	view_bool(page, CHECK_MASKED, journey_get(j, "masked").n > 0);
	view_bool(page, CHECK_MAIL, mail_offered(q));
	view_bool(page, CHECK_MAIL_KEPT, journey_get(j, "mail").n > 0);
	mail_field_add(q, page, CHECK_MAIL_FIELDS, CHECK_ERRORS, &v, journey_get(j, "mail_typed"), e->mail);
	keep_show(q, page, CHECK_KEEP, p);
	reply_title(r, request_text(q, "report.check.title"));
	reply_page(q, r, "report/check", &CHECK, page, e->any ? 422 : 200);
}

void step_show(struct request *q, struct reply *r, const struct journey *j, enum report_step step,
               const struct step_errors *e)
{
	static const struct step_errors FINE = {0};
	if (e == NULL)
		e = &FINE;
	switch (step) {
	case RS_KIND:
		show_kind(q, r, j, e);
		break;
	case RS_WHERE:
		show_where(q, r, j, e);
		break;
	case RS_WHAT:
		show_what(q, r, j, e);
		break;
	case RS_PHOTOS:
		photos_show(q, r, j, e);
		break;
	case RS_CHECK:
		show_check(q, r, j, e);
		break;
	}
}

/* --- the handlers --- */

enum rc report_begin(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	struct journey j;
	journey_begin(q, &j);
	struct str kind = request_query(q, "kind");
	if (procedure_of_kind(q->app->procedures, kind, day_of(q->now)) != NULL) /* withdrawn: it says so */
		journey_set(q, &j, "kind", kind);
	step_show(q, r, &j, RS_KIND, NULL);
	return RC_OK;
}

/* A step's address typed in or reloaded without its answers: from the beginning. */
enum rc report_step_get(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_redirect(q, r, request_link(q, "/report"));
	return RC_OK;
}

/* Where a button of the form leads: "back", "to:STEP" or on. */
static enum report_step wanted(const struct request *q, const struct journey *j,
                               enum report_step from)
{
	struct str go = request_form(q, "go");
	const struct procedure *p = answers_procedure(q, j);
	/* From a plate to sending in three taps: photos can be added from the page before sending. */
	bool quick = answers_plate(j) && journey_get(j, "photos").n == 0;
	if (quick && from == RS_WHAT && !str_is(go, "back"))
		return str_starts(go, STR("to:")) ? RS_WHAT : RS_CHECK;
	if (quick && from == RS_CHECK && str_is(go, "back"))
		return RS_WHAT;
	if (str_is(go, "back"))
		return step_before(p, from);
	if (str_starts(go, STR("to:")))
		for (enum report_step s = RS_KIND; s < from; s++)
			if (str_is(str_sub(go, 3, go.n), STEP_NAMES[s]))
				return s;
	return step_next(p, from);
}

static enum rc answer_step(struct request *q, struct reply *r, enum report_step step,
                           struct fault *f)
{
	struct journey j;
	enum rc rc = q->body_rc;
	if (rc == RC_OK)
		rc = journey_open(q, PURPOSE, &j);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form of step %s could not be read", STEP_NAMES[step]);
	struct step_errors e;
	answers_take(q, &j, step, &e);
	enum report_step to = wanted(q, &j, step);
	if (answers_withdrawn(q, journey_get(&j, "kind")) && to > RS_KIND)
		to = RS_KIND;
	if (e.any && to > step) /* going back never insists on an answer */
		step_show(q, r, &j, step, &e);
	else if (to == RS_CHECK && answers_missing(q, &j) != RS_CHECK)
		step_show(q, r, &j, answers_missing(q, &j), NULL);
	else
		step_show(q, r, &j, to, NULL);
	return RC_OK;
}

enum rc report_kind(struct request *q, struct reply *r, struct fault *f)
{
	return answer_step(q, r, RS_KIND, f);
}

enum rc report_where(struct request *q, struct reply *r, struct fault *f)
{
	return answer_step(q, r, RS_WHERE, f);
}

enum rc report_what(struct request *q, struct reply *r, struct fault *f)
{
	return answer_step(q, r, RS_WHAT, f);
}

enum rc report_photos(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	enum rc rc = journey_open(q, PURPOSE, &j);
	if (rc != RC_OK)
		return q->body_rc != RC_OK ? q->body_rc : rc;
	struct step_errors e = {0};
	rc = photos_take(q, &j, &e, f);
	if (rc != RC_OK)
		return rc;
	struct str go = request_form(q, "go");
	bool stay = e.any || str_is(go, "upload") || str_starts(go, STR("drop:"));
	enum report_step to = stay ? RS_PHOTOS : wanted(q, &j, RS_PHOTOS);
	if (to == RS_CHECK && answers_missing(q, &j) != RS_CHECK)
		to = answers_missing(q, &j);
	step_show(q, r, &j, to, to == RS_PHOTOS ? &e : NULL);
	return RC_OK;
}

/* --- sending --- */

struct sending {
	struct request *q;
	struct case_new n;
	struct ward_case c;
	struct receipt receipt;
	struct unit unit;
	struct str mail;
};

static enum rc send_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct sending *s = ctx;
	const struct flow *w = &s->q->app->flow;
	enum rc rc = case_open(tx, w, s->q->ward, &s->n, &s->c, &s->receipt, f);
	if (rc != RC_OK && rc != RC_EXISTS)
		return rc;
	if (s->mail.n > 0) {
		rc = contact_put(tx, w, &s->c, s->mail, s->q->lang, f);
		if (rc != RC_OK)
			return rc;
	}
	enum rc found = unit_get(tx, s->c.unit, &s->unit, f);
	return found == RC_OK || found == RC_NONE ? RC_OK : found;
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

enum rc report_check(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : journey_open(q, PURPOSE, &j);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form could not be read");
	struct step_errors e = {0};
	bool unmail = str_is(request_form(q, "go"), "unmail");
	unmail ? mail_forget(q, &j) : mail_take(q, &j, &e);
	enum report_step to = wanted(q, &j, RS_CHECK), missing = answers_missing(q, &j);
	if (to != RS_CHECK || missing != RS_CHECK) {
		step_show(q, r, &j, to != RS_CHECK ? to : missing, NULL);
		return RC_OK;
	}
	if (unmail || e.any) {
		step_show(q, r, &j, RS_CHECK, &e);
		return RC_OK;
	}
	struct sending s = {
		.q = q,
		.n = {.procedure = answers_procedure(q, &j),
		      .journey = journey_hash(&j),
		      .place = answers_place(q, &j),
		      .text = answers_text(q, &j),
		      .channel = STR("web")},
		.mail = mail_offered(q) ? journey_get(&j, "mail") : STR_EMPTY,
	};
	if (s.n.procedure->photos)
		rc = keep_photos(q, &j, &s.n.journey, &s.n, &e, f);
	if (rc == RC_OK && e.any) {
		step_show(q, r, &j, RS_CHECK, &e);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, send_tx, &s, f);
	if (rc == RC_EXPIRED) {   /* the kind went between the page before and this moment */
		const struct step_errors gone = {.any = true, .kind = request_text(q, "report.kind.withdrawn")};
		step_show(q, r, &j, RS_KIND, &gone);
		return RC_OK;
	}
	if (rc == RC_OK)
		receipt_show(q, r, &s.c, &s.receipt, &s.unit, s.mail.n > 0);
	return rc;
}
