#include "rooms/report/report.h"

enum { PL_CASES, PL_MORE, PL_FIRST, PL_CSV, PL_JSON, PL_XLSX, PL_ATOM, PL_FEED, PL_MAP, PL_ACTION,
	PL_FORM_FIELDS, PL_ERRORS, PL_FILTERED, PL_CLEAR, PL_SQUARE, PL_CELL, PL_SIDE, PL_FIELDS };
static const struct field LIST_F[] = {
	[PL_CASES] = {"cases", V_LIST, SEE_PUBLIC, "newest first", &PUBLIC_CASE, NULL},
	[PL_MORE] = {"more", V_URL, SEE_PUBLIC, "older ones", NULL, NULL},
	[PL_FIRST] = {"newest", V_URL, SEE_PUBLIC, "back to the newest", NULL, NULL},
	[PL_CSV] = {"csv", V_URL, SEE_PUBLIC, "this page as CSV", NULL, NULL},
	[PL_JSON] = {"json", V_URL, SEE_PUBLIC, "this page as JSON", NULL, NULL},
	[PL_XLSX] = {"xlsx", V_URL, SEE_PUBLIC, "this page as a spreadsheet", NULL, NULL},
	[PL_ATOM] = {"atom", V_URL, SEE_PUBLIC, "news of these cases, as Atom", NULL, NULL},
	[PL_FEED] = {"feed", V_URL, SEE_PUBLIC, "the same as JSON Feed", NULL, NULL},
	[PL_MAP] = {"map", V_URL, SEE_PUBLIC, "the same cases on the map", NULL, NULL},
	[PL_ACTION] = {"action", V_URL, SEE_PUBLIC, "where the filter is sent", NULL, NULL},
	[PL_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "the filter's fields", &FORM_FIELD, NULL},
	[PL_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what of the filter can't be read", &FORM_ERROR,
	               NULL},
	[PL_FILTERED] = {"filtered", V_BOOL, SEE_PUBLIC, "something is asked for", NULL, NULL},
	[PL_CLEAR] = {"clear", V_URL, SEE_PUBLIC, "without the filter", NULL, NULL},
	[PL_SQUARE] = {"square", V_TEXT, SEE_PUBLIC, "the square that is asked for", NULL, NULL},
	[PL_CELL] = {"cell", V_TEXT, SEE_PUBLIC, "its south-west cell", NULL, NULL},
	[PL_SIDE] = {"side", V_TEXT, SEE_PUBLIC, "its side", NULL, "cells"},
};
const struct shape PUBLIC_LIST = SHAPE("public_list", LIST_F);

struct photos {
	struct attachment *list;
	size_t count;
};
struct listing {
	const struct flow *w;
	struct case_filter filter;
	struct case_row *rows;
	struct photos *photos;
	size_t count;
	bool more;
	struct str after;             /* public code of the last row of the page before */
};

/* Not by the id, in which the moment of intake stands: by asking on either side of a number it
 * could be found to the millisecond. */
static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *l = ctx;
	if (l->after.n > 0) {
		struct ward_case last;
		enum rc rc = case_by_public_code(tx, l->w, l->after, &last, f);
		if (rc != RC_OK)
			return rc;
		l->filter.after_id = last.id.v;
		l->filter.after_due = last.received_at;
	}
	enum rc rc = case_list(tx, l->w, &l->filter, &l->rows, &l->count, &l->more, f);
	l->photos = arena_array(tx_arena(tx), l->count, sizeof *l->photos);
	for (size_t i = 0; i < l->count && rc == RC_OK; i++)
		rc = case_attachments(tx, &(struct ward_case){.id = l->rows[i].id}, &l->photos[i].list,
		                      &l->photos[i].count, f);
	return rc;
}

static struct str with_after(struct request *q, struct str link, const char *code)
{
	char joint = str_find(link, STR("?")) == SIZE_MAX ? '?' : '&';
	return arena_fmt(q->arena, "%.*s%cafter=%s", PSTR(link), joint, code);
}

static void add_links(struct request *q, struct vobj *page, const struct public_filter *p,
                      const struct listing *l)
{
	struct str here = filter_link(q, "/cases", p, true);
	if (l->more)
		view_url(page, PL_MORE, with_after(q, here, l->rows[l->count - 1].public_code));
	if (l->after.n > 0)
		view_url(page, PL_FIRST, here);
	view_url(page, PL_CSV, filter_link(q, "/cases.csv", p, true));
	view_url(page, PL_JSON, filter_link(q, "/cases.json", p, true));
	view_url(page, PL_XLSX, filter_link(q, "/cases.xlsx", p, true));
	view_url(page, PL_ATOM, filter_link(q, "/feed.atom", p, false));
	view_url(page, PL_FEED, filter_link(q, "/feed.json", p, false));
	view_url(page, PL_MAP, filter_link(q, "/map", p, false));
	view_url(page, PL_ACTION, request_link(q, "/cases"));
	view_url(page, PL_CLEAR, request_link(q, "/cases"));
}

enum rc public_list(struct request *q, struct reply *r, struct fault *f)
{
	struct public_filter p;
	struct str after = request_query(q, "after");
	if (!text_utf8_ok(after))
		return RC_NONE;
	filter_read(q, "all", &p);
	struct listing l = {.w = &q->app->flow, .filter = p.f, .after = after};
	l.filter.limit = 50;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &l, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &PUBLIC_LIST);
	for (size_t i = 0; i < l.count; i++) {
		struct vobj *row = view_item(page, PL_CASES);
		public_row_fill(q, row, &l.rows[i]);
		public_photos_fill(q, row, l.rows[i].public_code, l.photos[i].list, l.photos[i].count, 1);
	}
	add_links(q, page, &p, &l);
	filter_fields(q, &v, &p, page, PL_FORM_FIELDS, PL_ERRORS);
	view_bool(page, PL_FILTERED, p.any);
	if (p.f.square > 0) {
		view_text(page, PL_CELL, p.cell);
		view_text(page, PL_SIDE, p.side);
		view_text(page, PL_SQUARE,
		          p.f.cell.column == 0
		              ? request_text(q, "map.nowhere")
		              : arena_fmt(q->arena, "%.*s (%d × %d m)", PSTR(p.cell), p.f.square * 100,
		                          p.f.square * 100));
	}
	reply_title(r, request_text(q, "cases.title"));
	reply_page(q, r, "report/cases", &PUBLIC_LIST, page, p.wrong ? 422 : 200);
	return RC_OK;
}
