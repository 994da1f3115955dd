/* What happens by itself: waiting, running, and what could not be done, which a person can try again. */
#include "rooms/admin/admin.h"

enum { SHOWN = 200, RETRY_MOST = 1000 };

struct job_work {
	struct job_row *dead, *running, *waiting;
	size_t dead_count, running_count, waiting_count;
	const struct request *q;
	int64_t id;               /* 0: all dead ones */
	int64_t retried;
};

static enum rc read_jobs(struct tx *tx, void *ctx, struct fault *f)
{
	struct job_work *w = ctx;
	enum rc rc = job_list(tx, STR("dead"), SHOWN, &w->dead, &w->dead_count, f);
	if (rc == RC_OK)
		rc = job_list(tx, STR("running"), SHOWN, &w->running, &w->running_count, f);
	if (rc == RC_OK)
		rc = job_list(tx, STR("waiting"), SHOWN, &w->waiting, &w->waiting_count, f);
	return rc;
}

/* The kind in words where there are some; the kind itself for one that is newer. */
static struct str kind_label(struct request *q, struct str kind)
{
	struct str words = po_find(q->app->po, q->lang, arena_fmt(q->arena, "job.%.*s", PSTR(kind)));
	return words.p != NULL ? words : kind;
}

static void list(struct admin_page *p, const char *id, const char *title, const char *text,
                 const char *none, const struct job_row *rows, size_t n)
{
	static const char *const HEADS[] = {"admin.job.what", "admin.job.due", "admin.job.attempts",
	                                    "admin.job.error", NULL};
	struct request *q = p->q;
	ap_section(p, id, title, text);
	ap_table(p, HEADS, none);
	for (size_t i = 0; i < n; i++) {
		ap_row(p);
		ap_cell(p, kind_label(q, rows[i].kind));
		ap_cell(p, text_datetime(q->arena, q->lang, rows[i].due_at));
		ap_cell(p, text_count(q->arena, q->lang, rows[i].attempts));
		ap_cell(p, rows[i].error.n > 0 ? rows[i].error : STR("–"));
	}
}

enum rc jobs_page(struct request *q, struct reply *r, struct fault *f)
{
	struct job_work w = {0};
	struct admin_page p;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_jobs, &w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.jobs", "admin.jobs.lead");
	static const char *const DEAD_HEADS[] = {"admin.job.what", "admin.job.died", "admin.job.attempts",
	                                         "admin.job.error", "admin.job.number", NULL};
	ap_section(&p, "dead", "admin.job.dead", w.dead_count > 0 ? "admin.job.dead.text" : "");
	ap_table(&p, DEAD_HEADS, "admin.job.dead.none");
	for (size_t i = 0; i < w.dead_count; i++) {
		ap_row(&p);
		ap_cell(&p, kind_label(q, w.dead[i].kind));
		ap_cell(&p, text_datetime(q->arena, q->lang, w.dead[i].due_at));
		ap_cell(&p, text_count(q->arena, q->lang, w.dead[i].attempts));
		ap_cell(&p, w.dead[i].error.n > 0 ? w.dead[i].error : STR("–"));
		ap_cell(&p, arena_fmt(q->arena, "%lld", (long long)w.dead[i].id));
	}
	if (w.dead_count > 0) {
		struct form_option *options = arena_array(q->arena, w.dead_count + 1, sizeof *options);
		options[0] = (struct form_option){.value = STR("all"), .checked = true,
		                                  .label = request_text(q, "admin.job.retry.all")};
		for (size_t i = 0; i < w.dead_count; i++)
			options[i + 1] = (struct form_option){
				.value = arena_fmt(q->arena, "%lld", (long long)w.dead[i].id),
				.label = arena_fmt(q->arena, "%.*s (%lld)", PSTR(kind_label(q, w.dead[i].kind)),
			                       (long long)w.dead[i].id)};
		ap_form(&p, "", "", request_link(q, "/admin/jobs"), "admin.job.retry");
		ap_form_open(&p);
		ap_field(&p, &(struct form_field){.kind = FORM_SELECT, .name = "job",
		                                  .label = request_text(q, "admin.job.which"),
		                                  .options = options, .option_count = w.dead_count + 1});
	}
	list(&p, "running", "admin.job.running", "", "admin.job.running.none", w.running,
	     w.running_count);
	list(&p, "waiting", "admin.job.waiting", "admin.job.waiting.text", "admin.job.waiting.none",
	     w.waiting, w.waiting_count);
	reply_title(r, request_text(q, "admin.jobs"));
	return ap_reply(&p, r);
}

static enum rc retry(struct tx *tx, void *ctx, struct fault *f)
{
	struct job_work *w = ctx;
	enum rc rc = job_list(tx, STR("dead"), RETRY_MOST, &w->dead, &w->dead_count, f);
	w->retried = 0;
	for (size_t i = 0; rc == RC_OK && i < w->dead_count; i++) {
		if (w->id != 0 && w->dead[i].id != w->id)
			continue;
		enum rc one = job_retry(tx, w->dead[i].id, f);
		if (one == RC_EXISTS)
			continue;            /* another one of its sort waits: that one will do it */
		if (one == RC_OK)
			one = admin_log_add(tx, w->q->actor.account, ACT_job_retry, w->dead[i].kind,
			                    arena_fmt(tx_arena(tx), "%lld", (long long)w->dead[i].id), f);
		rc = one;
		w->retried += one == RC_OK;
	}
	return rc;
}

enum rc jobs_send(struct request *q, struct reply *r, struct fault *f)
{
	struct job_work w = {.q = q};
	struct str which = request_form(q, "job");
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!str_is(which, "all") && !admin_id(q, "job", &w.id))
		return RC_BAD_REQUEST;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, retry, &w, f);
	if (rc != RC_OK)
		return rc;
	if (w.retried > 0)
		job_wake(q->app->jobs);
	admin_done(q, r, w.retried > 0 ? "retried" : "nothing", STR("/admin/jobs"));
	return RC_OK;
}
