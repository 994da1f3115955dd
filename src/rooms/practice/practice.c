#include "rooms/practice/practice.h"

#include "ward/fill.h"

/* A task is done by one step of a case; its words are practice.<verb>.title, .why and .how. What .how
 * calls {queue} and {step} are the queue's and the step's own names: a learner looks for just those. */
static const struct task {
	enum verb verb;
	enum queue queue;             /* 0: none, the counter's page */
	const char *step;
} TASKS[] = {
	{VERB_take, QUEUE_new, "desk.take.button"},
	{VERB_note, QUEUE_mine, "desk.note.title"},
	{VERB_ask, QUEUE_mine, "desk.ask.title"},
	{VERB_correct, QUEUE_mine, "desk.correct.title"},
	{VERB_photo, QUEUE_mine, "desk.photo.title"},
	{VERB_release, QUEUE_mine, "desk.release.title"},
	{VERB_unrelease, QUEUE_mine, "desk.unrelease.title"},
	{VERB_withhold, QUEUE_mine, "desk.withhold.title"},
	{VERB_close, QUEUE_mine, "desk.close.title"},
	{VERB_unclose, QUEUE_closed, "desk.unclose.title"},
	{VERB_open, 0, "new.link"},
	{VERB_assign, QUEUE_new, "desk.assign.title"},
};
enum { TASK_COUNT = sizeof TASKS / sizeof *TASKS };

enum { PT_TITLE, PT_WHY, PT_HOW, PT_DONE, PT_NEXT, PT_LINK, PT_FIELDS };
static const struct field TASK_F[] = {
	[PT_TITLE] = {"title", V_TEXT, SEE_OFFICE, "what to do", NULL, NULL},
	[PT_WHY] = {"why", V_TEXT, SEE_OFFICE, "what it is good for", NULL, NULL},
	[PT_HOW] = {"how", V_TEXT, SEE_OFFICE, "how to do it", NULL, NULL},
	[PT_DONE] = {"done", V_BOOL, SEE_OFFICE, "the learner has done it", NULL, NULL},
	[PT_NEXT] = {"next", V_BOOL, SEE_OFFICE, "the first one that isn't done", NULL, NULL},
	[PT_LINK] = {"link", V_URL, SEE_OFFICE, "where it begins", NULL, NULL},
};
static const struct shape TASK = SHAPE("practice_task", TASK_F);

enum { PR_TASKS, PR_COUNT, PR_OF, PR_ALL, PR_FIELDS };
static const struct field PRACTICE_F[] = {
	[PR_TASKS] = {"tasks", V_LIST, SEE_OFFICE, "the tasks, in order", &TASK, NULL},
	[PR_COUNT] = {"done_count", V_INT, SEE_OFFICE, "how many are done", NULL, NULL},
	[PR_OF] = {"task_count", V_INT, SEE_OFFICE, "how many there are", NULL, NULL},
	[PR_ALL] = {"all_done", V_BOOL, SEE_OFFICE, "all of them are done", NULL, NULL},
};
static const struct shape PRACTICE = SHAPE("practice", PRACTICE_F);

struct doing {
	struct account_id account;
	uint64_t verbs;
};

static enum rc doing_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct doing *d = ctx;
	return timeline_verbs_of(tx, d->account, &d->verbs, f);
}

static struct str words(const struct request *q, enum verb verb, const char *what)
{
	return request_text(q, arena_fmt(q->arena, "practice.%s.%s", verb_name(verb), what).p);
}

static struct str how(const struct request *q, const struct task *t)
{
	struct filling values[] = {
		{"step", request_text(q, t->step)},
		{"word", request_text(q, "new.word")},
		{"queue", STR_EMPTY},
	};
	if (t->queue != 0)
		values[2].value = request_text(q, arena_fmt(q->arena, "queue.%s", queue_name(t->queue)).p);
	return text_fill(q->arena, words(q, t->verb, "how"), values, sizeof values / sizeof *values);
}

static enum rc practice_page(struct request *q, struct reply *r, struct fault *f)
{
	struct doing d = {.account = q->actor.account};
	if (!q->ward->practice)
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, doing_tx, &d, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, 0);
	struct vobj *page = view_new(&v, &PRACTICE);
	int64_t done = 0;
	bool next = false;
	for (size_t i = 0; i < TASK_COUNT; i++) {
		const struct task *t = &TASKS[i];
		struct vobj *item = view_item(page, PR_TASKS);
		bool is = (d.verbs & (UINT64_C(1) << t->verb)) != 0;
		done += is;
		view_text(item, PT_TITLE, words(q, t->verb, "title"));
		view_text(item, PT_WHY, words(q, t->verb, "why"));
		view_text(item, PT_HOW, how(q, t));
		view_bool(item, PT_DONE, is);
		view_bool(item, PT_NEXT, !is && !next);
		view_url(item, PT_LINK, t->queue == 0
			                          ? request_link(q, "/desk/new")
			                          : request_link(q, "/desk?queue=%s", queue_name(t->queue)));
		next = next || !is;
	}
	view_int(page, PR_COUNT, done);
	view_int(page, PR_OF, TASK_COUNT);
	view_bool(page, PR_ALL, done == TASK_COUNT);
	reply_title(r, request_text(q, "practice.title"));
	reply_view(q, r, page);
	return RC_OK;
}

static const struct route ROUTES[] = {
	ROUTE(GET, "/desk/practice", practice_page, case_work, NONE, 0, PAGE, NONE, &PRACTICE,
	      "practice/practice", "twelve tasks for a new officer, in a ward for practice"),
	{0},
};

const struct room PRACTICE_ROOM = {.name = "practice", .routes = ROUTES};
