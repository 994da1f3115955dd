#include "ward/blur_view.h"

#include "kit/base/log.h"
#include "ward/fill.h"
#include "ward/flow/deletion.h"
#include "ward/photo.h"

#define SEE (SEE_HANDLER | SEE_OFFICE)

enum { FK_NAME, FK_VALUE, FK_FIELDS };
static const struct field KEPT_F[] = {
	[FK_NAME] = {"name", V_TEXT, SEE, "of the field", NULL, NULL},
	[FK_VALUE] = {"value", V_TEXT, SEE, "what stands in it", NULL, NULL},
};
const struct shape FORM_KEPT = SHAPE("form_kept", KEPT_F);

void form_kept_add(const struct request *q, struct vobj *page, int list, const struct form_kept *kept, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vobj *o = view_item(page, list);
		view_text(o, FK_NAME, arena_copy(q->arena, str_of(kept[i].name)));
		view_text(o, FK_VALUE, kept[i].value);
	}
}

enum { BC_VALUE, BC_ID, BC_LABEL, BC_TICKED, BC_FIELDS };
static const struct field CELL_F[] = {
	[BC_VALUE] = {"value", V_TEXT, SEE, "row and column, from 1", NULL, NULL},
	[BC_ID] = {"id", V_TEXT, SEE, "of its box", NULL, NULL},
	[BC_LABEL] = {"label", V_TEXT, SEE, "the same in words", NULL, NULL},
	[BC_TICKED] = {"ticked", V_BOOL, SEE, "it is to be covered", NULL, NULL},
};
static const struct shape CELL = SHAPE("blur_cell", CELL_F);

enum { BR_CELLS, BR_FIELDS };
static const struct field ROW_F[] = {
	[BR_CELLS] = {"cells", V_LIST, SEE, "its cells, from the left", &CELL, NULL},
};
static const struct shape ROW = SHAPE("blur_row", ROW_F);

enum { B_CODE, B_BACK, B_ACTION, B_TOKEN, B_PICTURE, B_WIDTH, B_HEIGHT, B_ROWS, B_SURE, B_BOX, B_COVERED, B_CHOSEN, B_WHY, B_KEPT, B_ERRORS,
	B_FIELDS };
static const struct field PAGE_F[] = {
	[B_CODE] = {"code", V_TEXT, SEE, "of the case, or of the request", NULL, NULL},
	[B_BACK] = {"back", V_URL, SEE, "where one came from", NULL, NULL},
	[B_ACTION] = {"action", V_URL, SEE, "where the form is sent", NULL, NULL},
	[B_TOKEN] = {"form_token", V_TEXT, SEE, "the session's token", NULL, NULL},
	[B_PICTURE] = {"picture", V_URL, SEE, "the photo", NULL, "image"},
	[B_WIDTH] = {"width", V_INT, SEE, "its width", NULL, "pixels"},
	[B_HEIGHT] = {"height", V_INT, SEE, "its height", NULL, "pixels"},
	[B_ROWS] = {"rows", V_LIST, SEE, "the grid over it, from above", &ROW, NULL},
	[B_SURE] = {"sure", V_BOOL, SEE, "cells were chosen: how it will be, and once more the question", NULL, NULL},
	[B_BOX] = {"box", V_TEXT, SEE, "viewBox of the photo", NULL, NULL},
	[B_COVERED] = {"covered", V_TEXT, SEE, "what will be covered, an SVG path", NULL, NULL},
	[B_CHOSEN] = {"chosen", V_LIST, SEE, "the cells that were chosen", &CELL, NULL},
	[B_WHY] = {"why_not", V_TEXT, SEE, "why it can't be done; then there is no form", NULL, NULL},
	[B_KEPT] = {"kept", V_LIST, SEE, "what goes along", &FORM_KEPT, NULL},
	[B_ERRORS] = {"errors", V_LIST, SEE, "what is wrong", &FORM_ERROR, NULL},
};
const struct shape BLUR_PAGE = SHAPE("blur", PAGE_F);

/* ---------------------------------------------------------------- cells */

struct cells {
	int columns, rows, count;
	bool wrong;                   /* one was sent that the photo does not have */
	bool ticked[MEDIA_CELLS][MEDIA_CELLS];
	struct media_rect rects[MEDIA_CELLS * MEDIA_CELLS / 2];
	size_t rect_count;
};

/* "ROW-COLUMN", from 1. */
static void take_cell(struct cells *g, struct str value)
{
	int64_t row, column;
	struct str rest = value;
	struct str first = str_cut(&rest, '-');
	if (!str_i64(first, &row) || !str_i64(rest, &column) || row < 1 || row > g->rows || column < 1 || column > g->columns) {
		g->wrong = true;
		return;
	}
	bool *at = &g->ticked[row - 1][column - 1];
	g->count += !*at;
	*at = true;
}

/* Neighbours of a row are one rectangle. */
static void read_grid(const struct request *q, const struct photo *p, struct cells *g)
{
	*g = (struct cells){0};
	media_cells(p, &g->columns, &g->rows);
	for (size_t i = 0; i < q->form_count; i++)
		if (str_is(q->form[i].name, "cell"))
			take_cell(g, q->form[i].value);
	for (int row = 0; row < g->rows; row++)
		for (int from = 0; from < g->columns; from++) {
			int to = from;
			if (!g->ticked[row][from])
				continue;
			while (to + 1 < g->columns && g->ticked[row][to + 1])
				to++;
			g->rects[g->rect_count++] = media_cell_rect(p, g->columns, g->rows, from, to, row);
			from = to;
		}
}

static void add_cell(const struct request *q, struct vobj *o, int row, int column, bool ticked)
{
	struct str value = arena_fmt(q->arena, "%d-%d", row + 1, column + 1);
	const struct filling in[] = {{"row", arena_fmt(q->arena, "%d", row + 1)}, {"column", arena_fmt(q->arena, "%d", column + 1)}};
	view_text(o, BC_VALUE, value);
	view_text(o, BC_ID, arena_fmt(q->arena, "cell-%.*s", PSTR(value)));
	view_text(o, BC_LABEL, text_fill(q->arena, request_text(q, "blur.cell"), in, 2));
	view_bool(o, BC_TICKED, ticked);
}

static void add_grid(const struct request *q, struct vobj *page, const struct cells *g)
{
	for (int row = 0; row < g->rows; row++) {
		struct vobj *o = view_item(page, B_ROWS);
		for (int column = 0; column < g->columns; column++)
			add_cell(q, view_item(o, BR_CELLS), row, column, g->ticked[row][column]);
	}
}

static void add_sure(const struct request *q, struct vobj *page, const struct photo *p, const struct cells *g)
{
	struct buf path = {0};
	view_bool(page, B_SURE, true);
	view_text(page, B_BOX, arena_fmt(q->arena, "0 0 %d %d", p->width, p->height));
	for (size_t i = 0; i < g->rect_count; i++) {
		const struct media_rect *r = &g->rects[i];
		buf_addf(&path, "M%d %dh%dv%dh-%dz", r->x, r->y, r->w, r->h, r->w);
	}
	view_text(page, B_COVERED, arena_take(q->arena, &path));
	for (int row = 0; row < g->rows; row++)
		for (int column = 0; column < g->columns; column++)
			if (g->ticked[row][column])
				add_cell(q, view_item(page, B_CHOSEN), row, column, true);
}

/* ---------------------------------------------------------------- the page */

/* Why nothing can be done with it, as a message's key; NULL: it can. */
static const char *why_not(const struct blurring *b)
{
	if (b->photo == NULL)
		return "blur.gone";
	if (!b->photo->released || !b->may)
		return "blur.hidden";
	return b->held ? "blur.held" : NULL;
}

static enum rc show(struct blurring *b, struct reply *r, const struct cells *g, struct str error, bool sure, int status,
                    struct fault *f)
{
	struct request *q = b->q;
	/* The look is on disk before anything leaves. */
	enum rc rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "photo", b->of, b->filter, 1, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE);
	struct vobj *page = view_new(&v, &BLUR_PAGE);
	const char *why = why_not(b);
	view_text(page, B_CODE, b->code);
	view_url(page, B_BACK, b->back);
	view_text(page, B_TOKEN, session_token(q));
	form_kept_add(q, page, B_KEPT, b->kept, b->kept_count);
	if (error.n > 0)
		form_error_add(page, B_ERRORS, error, why == NULL ? STR("#cells") : STR_EMPTY);
	if (why != NULL) {
		view_text(page, B_WHY, request_text(q, why));
	} else {
		const struct photo *p = &b->photo->photo;
		view_url(page, B_ACTION, b->here);
		view_url(page, B_PICTURE, b->picture);
		view_int(page, B_WIDTH, p->width);
		view_int(page, B_HEIGHT, p->height);
		if (sure)
			add_sure(q, page, p, g);
		else
			add_grid(q, page, g);
	}
	reply_title(r, request_text(q, "blur.title"));
	reply_page(q, r, "ward/blur_page", &BLUR_PAGE, page, status);
	return RC_OK;
}

enum rc blur_get(struct blurring *b, struct reply *r, struct fault *f)
{
	struct cells g = {0};
	enum rc rc = b->read(b, f);
	if (rc != RC_OK)
		return rc;
	if (b->photo != NULL)
		read_grid(b->q, &b->photo->photo, &g);
	return show(b, r, &g, STR_EMPTY, false, b->photo == NULL ? 404 : why_not(b) != NULL ? 409 : 200, f);
}

/* ---------------------------------------------------------------- doing it */

/* The copy with its parts covered, kept: before the transaction that names it. RC_INVALID: *error says why not. */
static enum rc make(struct blurring *b, const struct cells *g, struct str *error, struct fault *f)
{
	struct request *q = b->q;
	struct hash batch;
	struct fault why = {0};
	enum photo_error reason = PHOTO_fine;
	random_bytes(&batch, sizeof batch);
	enum rc rc = media_blur(q->app->media, q->arena, q->ward->id, &batch, &b->photo->photo, g->rects, g->rect_count, &b->made,
	                        &reason, &why);
	if (rc == RC_OK) {
		rc = photo_keep(q, &batch, b->made.name, "blur.away", error, f);
		(void)media_wait_drop(q->app->media, q->ward->id, &batch, b->made.name, NULL);
		return rc;
	}
	log_fault("photo", "blurring one", &why);
	if (rc == RC_NONE || rc == RC_CORRUPT)
		*error = request_text(q, "blur.lost");
	else if (reason == PHOTO_busy || reason == PHOTO_unconfined || reason == PHOTO_full)
		*error = request_text(q, arena_fmt(q->arena, "photo.%s", photo_error_name(reason)).p);
	else if (rc == RC_AWAY || rc == RC_REFUSED || rc == RC_IO)
		*error = request_text(q, "blur.away");
	else
		return fault_set(f, rc, "%s", why.text);
	return RC_INVALID;
}

static enum rc finish(struct blurring *b, struct reply *r, struct fault *f)
{
	if (b->finish != NULL && b->kept_count > 0)
		return b->finish(b, r, f);
	reply_redirect(b->q, r, b->done);
	return RC_OK;
}

/* Somebody was quicker, or it may not be any more; perhaps oneself, a tap before. Which cells were covered then nobody
 * keeps, so that it is never said that these were. */
static enum rc too_late(struct blurring *b, struct reply *r, enum rc why, struct fault *f)
{
	struct cells g = {0};
	enum rc rc = b->read(b, f);
	if (rc != RC_OK)
		return rc;
	if (b->photo != NULL)
		read_grid(b->q, &b->photo->photo, &g);
	return show(b, r, &g, why == RC_WAITING ? request_text(b->q, "blur.waits") : STR_EMPTY, false, 409, f);
}

static enum rc do_it(struct blurring *b, struct reply *r, const struct cells *g, struct fault *f)
{
	struct request *q = b->q;
	struct fault late = {0};
	struct str error = STR_EMPTY;
	enum rc rc = make(b, g, &error, f);
	if (rc == RC_INVALID)
		return show(b, r, g, error, false, 422, f);
	if (rc == RC_OK)
		rc = store_write(q->app->store, q->ward->id, q->arena, b->tx, b, f);
	if (rc == RC_OK) {
		flow_changed(q->ward->id);
		if (deletions_flush(&q->app->flow, q->ward->id, &late) != RC_OK)   /* again at night and at every start */
			log_fault("photo", "writing the deletion list", &late);
		return finish(b, r, f);
	}
	/* Nothing names it, unless the commit's end is in doubt: then the sweep finds out. */
	if (rc > RC_OK && media_remove(q->app->media, q->ward->id, b->made.name, &late) < RC_OK)
		log_fault("photo", "removing one that was not needed", &late);
	return rc == RC_CHANGED || rc == RC_WAITING || rc == RC_REFUSED || rc == RC_DENIED ? too_late(b, r, rc, f) : rc;
}

enum rc blur_post(struct blurring *b, struct reply *r, struct fault *f)
{
	struct request *q = b->q;
	struct cells g;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : b->read(b, f);
	if (rc != RC_OK)
		return rc;
	if (why_not(b) != NULL)
		return too_late(b, r, RC_CHANGED, f);
	read_grid(q, &b->photo->photo, &g);
	const char *error = g.wrong                            ? "blur.outside"
	                    : g.count == 0                     ? "blur.none"
	                    : g.count == g.columns * g.rows    ? "blur.all"
	                                                       : NULL;
	if (request_has(q, "again") || request_has(q, "open"))
		return show(b, r, &g, STR_EMPTY, false, 200, f);
	if (error != NULL)
		return show(b, r, &g, request_text(q, error), false, 422, f);
	return request_has(q, "sure") ? do_it(b, r, &g, f) : show(b, r, &g, STR_EMPTY, true, 200, f);
}
