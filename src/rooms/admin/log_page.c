/* Who changed what, when. */
#include "rooms/admin/admin.h"

enum { PAGE = 50 };

struct log_work {
	int64_t before;
	struct admin_entry *rows;
	size_t count;
	bool more;
};

static enum rc read_log(struct tx *tx, void *ctx, struct fault *f)
{
	struct log_work *w = ctx;
	return admin_log_list(tx, w->before, ACT_unset, STR_EMPTY, PAGE, &w->rows, &w->count, &w->more, f);
}

/* "handler 2026-01-01 – …": the role in words. */
static struct str detail(struct request *q, const struct admin_entry *e)
{
	struct str rest = e->detail;
	if (e->act != ACT_role_grant && e->act != ACT_role_end)
		return rest;
	enum role role = role_parse(str_cut(&rest, ' '));
	return role == ROLE_unset ? e->detail
	                          : arena_fmt(q->arena, "%.*s, %.*s", PSTR(admin_role(q, role)),
	                                      PSTR(rest));
}

enum rc admin_log_page(struct request *q, struct reply *r, struct fault *f)
{
	static const char *const HEADS[] = {"admin.log.number", "admin.log.when", "admin.log.who",
	                                    "admin.log.what", "admin.log.subject", "admin.log.detail",
	                                    NULL};
	struct log_work w = {0};
	struct admin_page p;
	struct str before = request_query(q, "before");
	if (before.n > 0 && (!str_i64(before, &w.before) || w.before < 1))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_log, &w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin(&p, q, "admin.log", "admin.log.lead");
	ap_section(&p, "log", "", "");
	ap_table(&p, HEADS, "admin.log.none");
	for (size_t i = 0; i < w.count; i++) {
		const struct admin_entry *e = &w.rows[i];
		ap_row(&p);
		ap_cell(&p, arena_fmt(q->arena, "%lld", (long long)e->seq));
		ap_cell(&p, text_datetime(q->arena, q->lang, e->at));
		ap_cell(&p, e->account.v != 0 ? e->name : request_text(q, "admin.operator"));
		ap_cell(&p, e->act != ACT_unset ? admin_text(q, "admin.act.%s", admin_act_name(e->act))
		                                : STR("–"));
		ap_cell(&p, e->subject);
		ap_cell(&p, detail(q, e));
	}
	ap_pages(&p, w.before > 0 ? request_link(q, "/admin/log") : STR_EMPTY,
	         w.more ? request_link(q, "/admin/log?before=%lld",
	                               (long long)w.rows[w.count - 1].seq) : STR_EMPTY);
	reply_title(r, request_text(q, "admin.log"));
	return ap_reply(&p, r);
}
