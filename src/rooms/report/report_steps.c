#include <string.h>

#include "rooms/report/report.h"
#include "ward/flow/sight.h"

#define PURPOSE REPORT_PURPOSE

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
	[STEP_SPENT] = {"spent", V_OBJ, SEE_PUBLIC, "which form it is, so that it gives way once it was sent", &SENT_FORM, NULL},
	[STEP_TOLD] = {"told", V_URL, SEE_PUBLIC, "open public ones of that kind and khu vực", NULL, NULL},
	[STEP_DANGER] = {"danger", V_OBJ, SEE_PUBLIC, "numbers to call, when the words speak of danger", &DANGER, NULL},
};
const struct shape STEP = SHAPE("step", STEP_F);

static const struct field CHECK_ROW_F[] = {
	[CR_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "what was asked", NULL, NULL},
	[CR_VALUE] = {"value", V_TEXT, SEE_PUBLIC, "the answer", NULL, NULL},
	[CR_CHANGE] = {"change", V_TEXT, SEE_PUBLIC, "the step to go back to", NULL, NULL},
	[CR_ADVICE] = {"advice", V_LIST, SEE_PUBLIC, "the answer, cut where it names somebody", &ADVICE_PART, NULL},
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
	[CHECK_WATCH] = {"watch", V_TEXT, SEE_PUBLIC, "roles that read it wherever they belong", NULL, NULL},
	[CHECK_NEVER] = {"never", V_TEXT, SEE_PUBLIC, "roles that don't, and aren't named of themselves", NULL, NULL},
	[CHECK_ADVISED] = {"advised", V_BOOL, SEE_PUBLIC, "something names somebody", NULL, NULL},
	[CHECK_ADVISED_WORDS] = {"advised_words", V_BOOL, SEE_PUBLIC, "in the words", NULL, NULL},
	[CHECK_ADVISED_WHERE] = {"advised_where", V_BOOL, SEE_PUBLIC, "in the place", NULL, NULL},
	[CHECK_STAFF] = {"staff", V_BOOL, SEE_PUBLIC, "about somebody who works here", NULL, NULL},
	[CHECK_SUBJECT] = {"subject", V_TEXT, SEE_PUBLIC, "which part of the ward, or post", NULL, NULL},
	[CHECK_HEADS] = {"heads", V_BOOL, SEE_PUBLIC, "the khu vực's head reads it", NULL, NULL},
	[CHECK_NOT_HEAD] = {"not_head", V_BOOL, SEE_PUBLIC, "that was ticked away", NULL, NULL},
	[CHECK_SPENT] = {"spent", V_OBJ, SEE_PUBLIC, "which form it is, so that it gives way once it was sent", &SENT_FORM, NULL},
	[CHECK_DANGER] = {"danger", V_OBJ, SEE_PUBLIC, "numbers to call, when the words speak of danger", &DANGER, NULL},
	[CHECK_KEPT] = {"kept", V_LIST, SEE_PUBLIC, "how long each part is kept, and why", &KEPT, NULL},
};
const struct shape CHECK = SHAPE("check", CHECK_F);

static const char *const STEP_NAMES[] = {
	[RS_KIND] = "kind", [RS_WHERE] = "where", [RS_SAME] = "same", [RS_WHAT] = "what", [RS_SUBJECT] = "subject", [RS_PHOTOS] = "photos",
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
	if (step >= RS_WHAT)
		danger_fill(q, page, STEP_DANGER, (struct danger_look){.said = danger_said(q, answers_text(q, j)),
		                                                       .live = step == RS_WHAT});
	if (step != RS_KIND)              /* nothing was typed there */
		sent_watch(q, page, STEP_SPENT, j);
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
	                                    .advice = advice_field(q, STR_EMPTY),
	                                    .error = e->landmark});
	reply_page(q, r, "report/step", &STEP, page, e->any ? 422 : 200);
}

struct str place_words(const struct request *q, const struct case_place *p)
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
	bool joined = answers_joined(j);
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
	                                    .label = request_text(q, joined  ? "report.same.more"
	                                                             : faults ? "report.fault.more"
	                                                                      : "report.what.title"),
	                                    .heading = !faults,
	                                    .hint = p != NULL && !faults && !joined ? p->hint[q->lang] : STR_EMPTY,
	                                    .value = journey_get(j, "text"),
	                                    .rows = faults ? 2 : 6,
	                                    .max = TEXT_MAX,
	                                    .advice = advice_field(q, STR_EMPTY),
	                                    .error = e->text});
	staff_field(q, page, &v, j, e);
	struct str told = joined ? STR_EMPTY : same_list(q, j);
	if (told.n > 0)
		view_url(page, STEP_TOLD, told);
	reply_page(q, r, "report/step", &STEP, page, e->any ? 422 : 200);
}

static struct vobj *check_row(struct request *q, struct vobj *page, const char *label,
                              struct str value, enum report_step step)
{
	struct vobj *row = view_item(page, CHECK_ROWS);
	view_text(row, CR_LABEL, request_text(q, label));
	view_text(row, CR_VALUE, value.n > 0 ? value : request_text(q, "report.check.nothing"));
	view_text(row, CR_CHANGE, str_of(STEP_NAMES[step]));
	return row;
}

/* Points out in the row what names somebody: in `text`, the first part of its value. */
static bool advise_row(struct request *q, struct vobj *row, struct str text, struct str value)
{
	struct advice_part *parts;
	size_t n = text.n > 0 ? advice_parts(q, text, &parts) : 0;
	if (n == 0)
		return false;
	advice_parts_add(row, CR_ADVICE, parts, n);
	if (value.n > text.n)
		advice_parts_add(row, CR_ADVICE,
		                 &(struct advice_part){.text = str_sub(value, text.n, value.n - text.n)}, 1);
	return true;
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

/* Who reads a matter about somebody who works here. False: another page was answered with. */
static bool staff_rows(struct request *q, struct reply *r, const struct journey *j, struct vobj *page)
{
	struct str subject = STR_EMPTY, reader = STR_EMPTY;
	struct fault f = {0};
	enum rc rc = subject_reader(q, j, &subject, &reader, &f);
	if (rc == RC_NONE) {
		nobody_show(q, r, j, false);
		return false;
	}
	if (rc != RC_OK) {
		const struct step_errors gone = {.any = true, .subject = request_text(q, "subject.gone")};
		subject_show(q, r, j, &gone);
		return false;
	}
	check_row(q, page, "subject.row", subject, RS_SUBJECT);
	view_text(page, CHECK_READER, reader);
	view_text(page, CHECK_SUBJECT, subject);
	view_bool(page, CHECK_STAFF, true);
	return true;
}

void readers_show(struct request *q, struct vobj *o, int watch, int never, const struct procedure *p)
{
	struct readers r = procedure_readers(p);
	view_text(o, watch, label_roles(q, r.ward));
	view_text(o, never, label_roles(q, r.never & ~(ROLE_BIT(ROLE_area_head) | ROLE_BIT(ROLE_area_team))));
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
	if (answers_joined(j))
		check_row(q, page, "report.check.same", journey_get(j, "join"), RS_SAME);
	struct str where = place_words(q, &place), words = answers_text(q, j);
	/* The landmark stands first; a street is a street whatever it is called. */
	bool in_where = advise_row(q, check_row(q, page, "report.check.where", where, RS_WHERE),
	                           place.landmark, where);
	bool in_words = advise_row(q, check_row(q, page, "report.check.what", words, RS_WHAT), words, words);
	view_bool(page, CHECK_ADVISED, in_where || in_words);
	danger_fill(q, page, CHECK_DANGER, (struct danger_look){.said = danger_said(q, words)});
	view_bool(page, CHECK_ADVISED_WORDS, in_words);
	view_bool(page, CHECK_ADVISED_WHERE, in_where);
	if (p->about_staff && !staff_rows(q, r, j, page))
		return;
	struct str photos[PHOTOS_MAX];
	size_t n = p->photos ? answers_photos(q, j, photos) : 0;
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
	if (e->same.n > 0)
		form_error_add(page, CHECK_ERRORS, e->same, STR("#send"));
	if (!p->about_staff)
		view_text(page, CHECK_READER, unit_name(q, p));
	view_bool(page, CHECK_HEADS, p->area_head);
	view_bool(page, CHECK_NOT_HEAD, journey_get(j, "not_head").n > 0);
	readers_show(q, page, CHECK_WATCH, CHECK_NEVER, p);
	kept_fill(q, page, CHECK_KEPT, p);
	view_bool(page, CHECK_LISTED, p->listed);
	view_bool(page, CHECK_CONDUCT, p->conduct);
	view_bool(page, CHECK_MASKED, journey_get(j, "masked").n > 0);
	view_bool(page, CHECK_MAIL, mail_offered(q));
	view_bool(page, CHECK_MAIL_KEPT, journey_get(j, "mail").n > 0);
	mail_field_add(q, page, CHECK_MAIL_FIELDS, CHECK_ERRORS, &v, journey_get(j, "mail_typed"), e->mail);
	sent_watch(q, page, CHECK_SPENT, j);
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
	case RS_SAME:
		if (!same_show(q, r, j, STR_EMPTY))
			show_what(q, r, j, e);
		break;
	case RS_WHAT:
		show_what(q, r, j, e);
		break;
	case RS_SUBJECT:
		subject_show(q, r, j, e);
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

enum report_step step_wanted(const struct request *q, const struct journey *j, enum report_step from)
{
	struct str go = request_form(q, "go");
	const struct procedure *p = answers_procedure(q, j);
	/* From a plate to sending in three taps: photos can be added from the page before sending. */
	bool quick = answers_plate(j) && journey_get(j, "photos").n == 0 && (p == NULL || !p->about_staff);
	if (quick && from == RS_WHAT && !str_is(go, "back"))
		return str_starts(go, STR("to:")) ? RS_WHAT : RS_CHECK;
	if (quick && from == RS_CHECK && str_is(go, "back"))
		return RS_WHAT;
	if (str_is(go, "back"))
		return from == RS_CHECK && answers_joined(j) ? RS_SAME : step_before(p, from);
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
	bool spent = false;
	enum rc rc = q->body_rc;
	if (rc == RC_OK)
		rc = report_journey(q, r, &j, &spent, f);
	if (rc != RC_OK)
		return fault_set(f, rc, "the form of step %s could not be read", STEP_NAMES[step]);
	if (spent)
		return RC_OK;
	struct step_errors e;
	answers_take(q, &j, step, &e);
	enum report_step to = step_wanted(q, &j, step);
	if (answers_withdrawn(q, journey_get(&j, "kind")) && to > RS_KIND)
		to = RS_KIND;
	if (to == RS_WHAT && step < RS_SAME && same_asked(q, &j))
		to = RS_SAME;
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

enum rc report_subject(struct request *q, struct reply *r, struct fault *f)
{
	return answer_step(q, r, RS_SUBJECT, f);
}

enum rc report_photos(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	bool spent;
	enum rc rc = report_journey(q, r, &j, &spent, f);
	if (rc != RC_OK || spent)
		return q->body_rc != RC_OK ? q->body_rc : rc;
	struct step_errors e = {0};
	struct str go = request_form(q, "go"), names[PHOTOS_MAX];
	size_t before = answers_photos(q, &j, names);
	rc = photos_take(q, &j, &e, f);
	if (rc != RC_OK)
		return rc;
	if (str_is(go, "upload") && !e.any && answers_photos(q, &j, names) == before) {
		e.photos = request_text(q, "report.photos.none");
		e.any = true;
	}
	/* "show": the script of the page, come back to, asks which photos were taken. */
	bool stay = e.any || str_is(go, "upload") || str_is(go, "show") || str_starts(go, STR("drop:"));
	enum report_step to = stay ? RS_PHOTOS : step_wanted(q, &j, RS_PHOTOS);
	if (to == RS_CHECK && answers_missing(q, &j) != RS_CHECK)
		to = answers_missing(q, &j);
	step_show(q, r, &j, to, to == RS_PHOTOS ? &e : NULL);
	return RC_OK;
}
