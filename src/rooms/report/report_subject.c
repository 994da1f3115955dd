/* A matter about somebody who works here (RIGHTS.md promise 4): the question on every kind's form, the part
 * of the ward or post that it is about (nobody's name is asked), and who reads it. */
#include "kit/base/log.h"
#include "rooms/report/report.h"
#include "ward/door_view.h"

enum { NB_WORDS, NB_BACK, NB_DOOR, NB_PAPER, NB_EDIT, NB_ACTION, NB_S, NB_OWN, NB_FIELDS };
static const struct field NOBODY_F[] = {
	[NB_WORDS] = {"words", V_TEXT, SEE_PUBLIC, "what was written, to take along", NULL, NULL},
	[NB_BACK] = {"again", V_URL, SEE_PUBLIC, "begins another report", NULL, NULL},
	[NB_DOOR] = {"door", V_OBJ, SEE_PUBLIC, "who receives it instead, and what to do", &DOOR, NULL},
	[NB_PAPER] = {"paper", V_URL, SEE_PUBLIC, "makes a letter of the words", NULL, NULL},
	[NB_ACTION] = {"action", V_URL, SEE_PUBLIC, "back to the form", NULL, NULL},
	[NB_S] = {"s", V_TEXT, SEE_PUBLIC, "the answers, sealed", NULL, NULL},
	[NB_OWN] = {"own", V_BOOL, SEE_PUBLIC, "somebody here may receive it, whom the reporter passes by", NULL, NULL},
	[NB_EDIT] = {"edit", V_URL, SEE_PUBLIC, "writes that letter anew", NULL, NULL},
};
const struct shape NOBODY = SHAPE("nobody", NOBODY_F);

static const struct procedure *chosen(const struct request *q, const struct journey *j)
{
	return procedure_offered(q->app->procedures, q->ward->id, journey_get(j, "kind"), day_of(q->now));
}

bool staff_asked(const struct request *q, const struct journey *j)
{
	const struct procedure *p = chosen(q, j);
	return (p == NULL || !p->about_staff) &&
	       procedure_about_staff(q->app->procedures, q->ward->id, day_of(q->now)) != NULL;
}

void staff_field(struct request *q, struct vobj *page, const struct view *v, const struct journey *j,
                 const struct step_errors *e)
{
	if (staff_asked(q, j))
		staff_ask(q, page, v, STEP_FORM_FIELDS, STEP_ERRORS, str_is(journey_get(j, "staff"), "yes"), e->staff);
}

void staff_ask(struct request *q, struct vobj *page, const struct view *v, int list, int errors, bool yes,
               struct str error)
{
	const struct form_option options[] = {
		{.value = STR("no"), .label = request_text(q, "staff.no"), .checked = !yes},
		{.value = STR("yes"), .label = request_text(q, "staff.yes"), .hint = request_text(q, "staff.yes.hint"),
		 .checked = yes},
	};
	form_field_add(page, list, errors, v,
	               &(struct form_field){.kind = FORM_RADIOS, .name = "staff",
	                                    .label = request_text(q, "staff.title"), .error = error,
	                                    .options = options,
	                                    .option_count = sizeof options / sizeof *options});
}

/* Not answered (a plate): it is not about anybody. */
void staff_take(struct request *q, struct journey *j, struct step_errors *e)
{
	struct str answer = request_form(q, "staff");
	if (!staff_asked(q, j)) {
		journey_set(q, j, "staff", STR_EMPTY);
	} else if (answer.n == 0 || str_is(answer, "no") || str_is(answer, "yes")) {
		journey_set(q, j, "staff", str_is(answer, "yes") ? answer : STR_EMPTY);
		if (str_is(answer, "yes"))
			same_forget(q, j);                 /* what is shown to everybody is another matter */
	} else {
		e->staff = request_text(q, "staff.missing");
		e->any = true;
	}
}

/* --- which part of the ward --- */

struct subject_reading {
	struct str text;
	struct subject subject;
	enum role role;
	struct unit *units;
	size_t unit_count;
};

static enum rc read_units(struct tx *tx, void *ctx, struct fault *f)
{
	struct subject_reading *x = ctx;
	return unit_list(tx, &x->units, &x->unit_count, f);
}

static enum rc read_subject(struct tx *tx, void *ctx, struct fault *f)
{
	struct subject_reading *x = ctx;
	return subject_parse(tx, x->text, &x->subject, f);
}

static enum rc read_reader(struct tx *tx, void *ctx, struct fault *f)
{
	struct subject_reading *x = ctx;
	enum rc rc = subject_parse(tx, x->text, &x->subject, f);
	return rc == RC_OK ? receiver_role(tx, &x->subject, &x->role, f) : rc;
}

void subject_take(struct request *q, struct journey *j, struct step_errors *e)
{
	struct subject_reading x = {.text = request_form(q, "subject")};
	struct fault f = {0};
	enum rc rc = x.text.n > 0 ? store_read(q->app->store, q->ward->id, q->arena, read_subject, &x, &f)
	                          : RC_INVALID;
	journey_set(q, j, "subject", rc == RC_OK ? subject_text(q->arena, &x.subject) : STR_EMPTY);
	if (rc == RC_OK)
		return;
	e->subject = request_text(q, x.text.n == 0 ? "subject.missing" : "subject.gone");
	e->any = true;
}

/* What can be chosen: each unit and its head, then the posts. */
struct subjects {
	struct str *values, *words;
	size_t n;
};

static void add_subject(struct request *q, struct subjects *all, struct str value, struct str words)
{
	all->values[all->n] = value;
	all->words[all->n++] = label_subject(q, words);
}

static struct subjects subjects_all(struct request *q)
{
	static const char *const POSTS[] = {"chair", "area_head", "unknown"};
	struct subject_reading x = {0};
	struct fault f = {0};
	if (store_read(q->app->store, q->ward->id, q->arena, read_units, &x, &f) != RC_OK)
		x.unit_count = 0;
	size_t most = x.unit_count * 2 + sizeof POSTS / sizeof *POSTS;
	struct subjects all = {.values = arena_array(q->arena, most, sizeof *all.values),
	                       .words = arena_array(q->arena, most, sizeof *all.words)};
	for (size_t i = 0; i < x.unit_count; i++) {
		struct str name = x.units[i].name, slug = x.units[i].slug;
		add_subject(q, &all, arena_fmt(q->arena, "unit:%.*s", PSTR(slug)), arena_fmt(q->arena, "unit:%.*s", PSTR(name)));
		add_subject(q, &all, arena_fmt(q->arena, "head:%.*s", PSTR(slug)), arena_fmt(q->arena, "head:%.*s", PSTR(name)));
	}
	for (size_t i = 0; i < sizeof POSTS / sizeof *POSTS; i++)
		add_subject(q, &all, str_of(POSTS[i]), str_of(POSTS[i]));
	return all;
}

static void ask_subject(struct request *q, struct vobj *page, const struct view *v, int list, int errors,
                        const struct subjects *all, struct form_field field, struct str now)
{
	struct form_option *options = arena_array(q->arena, all->n, sizeof *options);
	for (size_t i = 0; i < all->n; i++) {
		options[i] = (struct form_option){.value = all->values[i], .label = all->words[i],
		                                  .checked = str_eq(all->values[i], now)};
		if (str_is(all->values[i], "unknown"))
			options[i].hint = request_text(q, "subject.unknown.hint");
	}
	field.kind = FORM_RADIOS;
	field.name = "subject";
	field.label = request_text(q, "subject.title");
	field.hint = request_text(q, "subject.hint");
	field.options = options;
	field.option_count = all->n;
	form_field_add(page, list, errors, v, &field);
}

void subject_show(struct request *q, struct reply *r, const struct journey *j,
                  const struct step_errors *e)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &STEP);
	struct subjects all = subjects_all(q);
	view_url(page, STEP_ACTION, request_link(q, "/report/subject"));
	view_text(page, STEP_S, journey_seal(q, "report", j));
	view_text(page, STEP_HEADING, request_text(q, "subject.title"));
	view_bool(page, STEP_BACK, true);
	sent_watch(q, page, STEP_SPENT, j);
	keep_show(q, page, STEP_KEEP, answers_procedure(q, j));
	ask_subject(q, page, &v, STEP_FORM_FIELDS, STEP_ERRORS, &all,
	            (struct form_field){.heading = true, .error = e->subject}, journey_get(j, "subject"));
	reply_title(r, request_text(q, "subject.title"));
	reply_page(q, r, "report/step", &STEP, page, e->any ? 422 : 200);
}

/* --- who reads it --- */

static struct str receiver_words(struct request *q, enum role role)
{
	return request_text(q, arena_fmt(q->arena, "receiver.%s", role_name(role)).p);
}

enum rc subject_reader(struct request *q, const struct journey *j, struct str *subject,
                       struct str *reader, struct fault *f)
{
	struct subject_reading x = {.text = journey_get(j, "subject")};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_reader, &x, f);
	if (rc != RC_OK)
		return rc;
	*subject = label_subject(q, subject_words(q->arena, &x.subject));
	*reader = receiver_words(q, x.role);
	return RC_OK;
}

/* --- all of it on one page, for the draft on a phone --- */

enum { SR_VALUE, SR_VERSION, SR_READER, SR_SUBJECT, SR_NOBODY, SR_DOOR, SR_MAIL, SR_FIELDS };
static const struct field RECEIVER_F[] = {
	[SR_VALUE] = {"value", V_TEXT, SEE_PUBLIC, "what it is about", NULL, NULL},
	[SR_VERSION] = {"version", V_TEXT, SEE_PUBLIC, "version of the kind's procedure", NULL, NULL},
	[SR_READER] = {"reader", V_TEXT, SEE_PUBLIC, "by role who receives it today", NULL, NULL},
	[SR_SUBJECT] = {"subject", V_TEXT, SEE_PUBLIC, "what it is about, in words", NULL, NULL},
	[SR_NOBODY] = {"nobody", V_BOOL, SEE_PUBLIC, "nobody in this ward receives it", NULL, NULL},
	[SR_DOOR] = {"door", V_URL, SEE_PUBLIC, "who receives it then", NULL, NULL},
	[SR_MAIL] = {"mail", V_BOOL, SEE_PUBLIC, "never: a draft asks for no address", NULL, NULL},
};
const struct shape SUBJECT_READER = SHAPE("subject_reader", RECEIVER_F);

struct receivers_reading {
	const struct subjects *all;
	enum role *roles;              /* ROLE_unset: nobody */
};

static enum rc read_receivers(struct tx *tx, void *ctx, struct fault *f)
{
	struct receivers_reading *x = ctx;
	for (size_t i = 0; i < x->all->n; i++) {
		struct subject s;
		enum rc rc = subject_parse(tx, x->all->values[i], &s, f);
		if (rc == RC_OK)
			rc = receiver_role(tx, &s, &x->roles[i], f);
		if (rc == RC_NONE)
			x->roles[i] = ROLE_unset;
		else if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc subject_draft(struct request *q, struct vobj *page, const struct view *v, const struct subject_lists *to,
                      struct fault *f)
{
	const struct procedure *p = procedure_about_staff(q->app->procedures, q->ward->id, day_of(q->now));
	if (p == NULL)
		return RC_OK;
	struct subjects all = subjects_all(q);
	struct receivers_reading x = {.all = &all, .roles = arena_array(q->arena, all.n, sizeof *x.roles)};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_receivers, &x, f);
	if (rc != RC_OK)
		return rc;
	view_text(page, to->kind, p->name);
	staff_ask(q, page, v, to->staff, to->errors, false, STR_EMPTY);
	ask_subject(q, page, v, to->subject, to->errors, &all, (struct form_field){0}, STR_EMPTY);
	for (size_t i = 0; i < all.n; i++) {
		struct vobj *item = view_item(page, to->readers);
		bool nobody = x.roles[i] == ROLE_unset;
		view_text(item, SR_VALUE, all.values[i]);
		view_text(item, SR_VERSION, arena_fmt(q->arena, "%lld", (long long)p->version.v));
		if (!nobody)
			view_text(item, SR_READER, receiver_words(q, x.roles[i]));
		view_text(item, SR_SUBJECT, all.words[i]);
		view_bool(item, SR_NOBODY, nobody);
		if (nobody)
			view_url(item, SR_DOOR, request_link(q, "/door/%.*s", PSTR(router_staff_door(q->app->router)->id)));
	}
	return RC_OK;
}

void nobody_show(struct request *q, struct reply *r, const struct journey *j, bool own)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &NOBODY);
	const struct router_door *d = router_staff_door(q->app->router);
	struct str paper = request_link(q, "/door/%.*s/paper", PSTR(d->id));
	struct receiver *rows = NULL;
	size_t n = 0;
	struct fault f = {0};
	bool read = door_receivers(q, d, &rows, &n, &f) == RC_OK;
	struct vobj *door = view_obj(page, NB_DOOR);
	door_fill(q, door, d, rows, n);
	if (!read) {                  /* that nobody is entered would be a claim */
		log_fault("report", "reading who receives a matter about somebody who works here", &f);
		view_bool(door, DO_NOBODY, false);
	}
	view_text(page, NB_WORDS, answers_text(q, j));
	view_url(page, NB_PAPER, paper);
	view_url(page, NB_EDIT, paper);
	view_url(page, NB_BACK, request_link(q, "/report"));
	view_url(page, NB_ACTION, request_link(q, "/report/check"));
	view_text(page, NB_S, journey_seal(q, REPORT_PURPOSE, j));
	view_bool(page, NB_OWN, own);
	reply_title(r, request_text(q, own ? "nobody.own" : "nobody.title"));
	reply_page(q, r, "report/nobody", &NOBODY, page, 200);
}
