#include "rooms/door/door.h"

enum { DQ_TEXT, DQ_HELP, DQ_ANSWERS, DQ_BACK, DQ_HOME, DQ_KINDS, DQ_FIELDS };
static const struct field QUESTION_F[] = {
	[DQ_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "what is asked", NULL, NULL},
	[DQ_HELP] = {"help", V_TEXT, SEE_PUBLIC, "what is meant", NULL, NULL},
	[DQ_ANSWERS] = {"answers", V_LIST, SEE_PUBLIC, "the answers, each a link", &DOOR_ANSWER, NULL},
	[DQ_BACK] = {"back", V_URL, SEE_PUBLIC, "the question before", NULL, NULL},
	[DQ_HOME] = {"home_page", V_URL, SEE_PUBLIC, "the ward's first page", NULL, NULL},
	[DQ_KINDS] = {"kinds", V_URL, SEE_PUBLIC, "straight to the ward's own kinds, from the first question", NULL, NULL},
};
const struct shape DOOR_QUESTION = SHAPE("door_question", QUESTION_F);

/* --- a question --- */

static void show_question(struct request *q, struct reply *r, const struct router_question *one)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &DOOR_QUESTION);
	bool first = one == q->app->router->start;
	view_text(page, DQ_TEXT, one->text.in[q->lang]);
	view_text(page, DQ_HELP, one->help.in[q->lang]);
	for (size_t i = 0; i < one->answer_count; i++) {
		const struct router_answer *a = &one->answers[i];
		struct vobj *item = view_item(page, DQ_ANSWERS);
		view_text(item, DOOR_ANSWER_TEXT, a->text.in[q->lang]);
		view_text(item, DOOR_ANSWER_HELP, a->help.in[q->lang]);
		view_url(item, DOOR_ANSWER_URL, a->question != NULL ? door_question_link(q, a->question) : door_link(q, a->door, one));
	}
	if (first) {
		view_url(page, DQ_HOME, request_link(q, "/"));
		view_url(page, DQ_KINDS, request_link(q, "/report"));
	} else {
		view_url(page, DQ_BACK, door_question_link(q, one->before));
	}
	reply_title(r, one->text.in[q->lang]);
	reply_view(q, r, page);
}

enum rc door_first(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	show_question(q, r, q->app->router->start);
	return RC_OK;
}

/* --- a door --- */

static enum rc show_door(struct request *q, struct reply *r, const struct router_door *d, struct fault *f)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &DOOR);
	struct receiver *rows;
	size_t n;
	enum rc rc = door_receivers(q, d, &rows, &n, f);
	if (rc != RC_OK)
		return rc;
	door_fill(q, page, d, rows, n);
	reply_title(r, d->quiet ? request_text(q, "door.quiet.title") : d->title.in[q->lang]);
	reply_page(q, r, "door/door", &DOOR, page, 200);
	return RC_OK;
}

enum rc door_page(struct request *q, struct reply *r, struct fault *f)
{
	struct str id = request_param(q, "id");
	const struct router_question *one = router_question(q->app->router, id);
	const struct router_door *d = router_door(q->app->router, id);
	if (one == q->app->router->start && one != NULL) {
		reply_redirect(q, r, request_link(q, "/door"));
		return RC_OK;
	}
	if (one != NULL)
		show_question(q, r, one);
	else if (d != NULL && !d->quiet)
		return show_door(q, r, d, f);
	else
		return RC_NONE;
	return RC_OK;
}

enum rc door_quiet(struct request *q, struct reply *r, struct fault *f)
{
	const struct router *all = q->app->router;
	for (size_t i = 0; i < all->door_count; i++)
		if (all->doors[i].quiet)
			return show_door(q, r, &all->doors[i], f);
	return RC_NONE;
}
