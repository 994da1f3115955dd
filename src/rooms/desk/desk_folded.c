/* Sheets of folded receipts (ward/flow/folded.h): the counter prints them for the khu vực's people, who take them along
 * for whoever has no phone. A sheet is the answer of the form that made it and is shown at no other time. */
#include "rooms/desk/desk.h"
#include "ward/flow/folded.h"
#include "ward/people/admin_log.h"
#include "ward/qr.h"

#define PURPOSE "folded"
enum { MOST = FOLDED_ON_SHEET * FOLDED_SHEETS };

enum { FB_MADE, FB_NUMBER, FB_USED, FB_UNTIL, FB_MINE, FB_VOID, FB_OVER, FB_URL, FB_BATCH, FB_LEFT, FB_FIELDS };
static const struct field BATCH_F[] = {
	[FB_MADE] = {"made", V_TIME, SEE_OFFICE, "when it was printed", NULL, NULL},
	[FB_NUMBER] = {"number", V_INT, SEE_OFFICE, "how many there are", NULL, "receipts"},
	[FB_USED] = {"used", V_INT, SEE_OFFICE, "how many were used", NULL, "receipts"},
	[FB_UNTIL] = {"until", V_DAY, SEE_OFFICE, "last day on which one can be used", NULL, NULL},
	[FB_MINE] = {"mine", V_BOOL, SEE_OFFICE, "printed by the reader, who reports with none of them", NULL, NULL},
	[FB_VOID] = {"void", V_TIME, SEE_OFFICE, "when those left were taken back", NULL, NULL},
	[FB_OVER] = {"over", V_BOOL, SEE_OFFICE, "its last day is behind", NULL, NULL},
	[FB_BATCH] = {"batch", V_INT, SEE_OFFICE, "its number, which stands on its papers", NULL, "number"},
	[FB_LEFT] = {"left", V_INT, SEE_OFFICE, "how many are not used", NULL, "receipts"},
	[FB_URL] = {"void_url", V_URL, SEE_OFFICE, "where those left are taken back", NULL, NULL},
};
static const struct shape BATCH = SHAPE("folded_batch", BATCH_F);

enum { FL_ACTION, FL_S, FL_FORM_FIELDS, FL_ERRORS, FL_BATCHES, FL_NOTICE, FL_BACK, FL_FIELDS };
static const struct field LIST_F[] = {
	[FL_ACTION] = {"action", V_URL, SEE_OFFICE, "where new ones are made", NULL, NULL},
	[FL_S] = {"s", V_TEXT, SEE_OFFICE, "the sealed form", NULL, NULL},
	[FL_FORM_FIELDS] = {"fields", V_LIST, SEE_OFFICE, "how many sheets", &FORM_FIELD, NULL},
	[FL_ERRORS] = {"errors", V_LIST, SEE_OFFICE, "what is wrong", &FORM_ERROR, NULL},
	[FL_BATCHES] = {"batches", V_LIST, SEE_OFFICE, "newest first", &BATCH, NULL},
	[FL_NOTICE] = {"notice", V_TEXT, SEE_OFFICE, "what has just been done", NULL, NULL},
	[FL_BACK] = {"back", V_URL, SEE_OFFICE, "all that can be printed", NULL, NULL},
};
const struct shape DESK_FOLDED = SHAPE("desk_folded", LIST_F);

/* PIN and QR code stand here and nowhere else. */
enum { FR_CODE, FR_PIN, FR_QR, FR_BOX, FR_FIELDS };
static const struct field RECEIPT_F[] = {
	[FR_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[FR_PIN] = {"pin", V_TEXT, SEE_OFFICE, "PIN, in two halves", NULL, NULL},
	[FR_QR] = {"qr", V_TEXT, SEE_OFFICE, "QR code of the receipt's link, as an SVG path", NULL, NULL},
	[FR_BOX] = {"qr_box", V_TEXT, SEE_OFFICE, "its viewBox", NULL, NULL},
};
static const struct shape FOLDED_RECEIPT = SHAPE("folded_receipt", RECEIPT_F);
enum { FS_RECEIPTS, FS_FIELDS };
static const struct field PAPER_F[] = {
	[FS_RECEIPTS] = {"receipts", V_LIST, SEE_OFFICE, "four on a sheet", &FOLDED_RECEIPT, NULL},
};
static const struct shape PAPER = SHAPE("folded_paper", PAPER_F);
enum { SH_SHEETS, SH_UNTIL, SH_ADDRESS, SH_CSS, SH_BACK, SH_NUMBER, SH_BATCH, SH_FIELDS };
static const struct field SHEET_F[] = {
	[SH_SHEETS] = {"sheets", V_LIST, SEE_OFFICE, "sheets of A4", &PAPER, NULL},
	[SH_UNTIL] = {"until", V_DAY, SEE_OFFICE, "last day on which one can be used", NULL, NULL},
	[SH_ADDRESS] = {"address", V_TEXT, SEE_OFFICE, "where it is followed, to type", NULL, NULL},
	[SH_CSS] = {"print_css", V_URL, SEE_OFFICE, "its styles", NULL, NULL},
	[SH_BACK] = {"back", V_URL, SEE_OFFICE, "the list", NULL, NULL},
	[SH_NUMBER] = {"number", V_INT, SEE_OFFICE, "how many there are", NULL, "receipts"},
	[SH_BATCH] = {"batch", V_INT, SEE_OFFICE, "number of the batch", NULL, "number"},
};
const struct shape FOLDED_SHEET = SHAPE("folded_sheet", SHEET_F);

/* ---------------------------------------------------------------- the list */

struct listing {
	struct folded_batch *list;
	size_t count;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *l = ctx;
	return folded_list(tx, &l->list, &l->count, f);
}

static void add_batch(struct request *q, struct vobj *page, const struct folded_batch *b)
{
	struct vobj *o = view_item(page, FL_BATCHES);
	bool over = b->expires_at <= q->now;
	view_time(o, FB_MADE, b->made_at);
	view_int(o, FB_NUMBER, b->made);
	view_int(o, FB_BATCH, b->number);
	view_int(o, FB_LEFT, b->made - b->used);
	view_int(o, FB_USED, b->used);
	view_day(o, FB_UNTIL, day_of(b->expires_at - 1));
	view_bool(o, FB_MINE, b->account.v == q->actor.account.v);
	if (b->void_at != 0)
		view_time(o, FB_VOID, b->void_at);
	view_bool(o, FB_OVER, over);
	if (b->void_at == 0 && !over && b->used < b->made)
		view_url(o, FB_URL, request_link(q, "/desk/folded/%lld/void", (long long)b->id));
}

static enum rc show_list(struct request *q, struct reply *r, struct str error, int status, struct fault *f)
{
	struct listing l = {0};
	struct journey j;
	struct form_option options[FOLDED_SHEETS];
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, list_tx, &l, f);
	if (rc != RC_OK)
		return rc;
	journey_begin(q, &j);
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &DESK_FOLDED);
	view_url(page, FL_ACTION, request_link(q, "/desk/folded"));
	view_text(page, FL_S, journey_seal(q, PURPOSE, &j));
	view_url(page, FL_BACK, request_link(q, "/desk/print"));
	for (int i = 0; i < FOLDED_SHEETS; i++)
		options[i] = (struct form_option){.value = arena_fmt(q->arena, "%d", i + 1),
		                                  .label = arena_fmt(q->arena, "%d (%d)", i + 1, (i + 1) * FOLDED_ON_SHEET),
		                                  .checked = i == 0};
	form_field_add(page, FL_FORM_FIELDS, FL_ERRORS, &v,
	               &(struct form_field){.kind = FORM_SELECT, .name = "sheets", .label = request_text(q, "folded.sheets"),
	                                    .hint = request_text(q, "folded.sheets.hint"), .error = error,
	                                    .options = options, .option_count = FOLDED_SHEETS});
	for (size_t i = 0; i < l.count; i++)
		add_batch(q, page, &l.list[i]);
	if (q->method == METHOD_GET && str_is(request_query(q, "done"), "void"))
		view_text(page, FL_NOTICE, request_text(q, "folded.voided"));
	reply_title(r, request_text(q, "folded.title"));
	reply_page(q, r, "desk/folded", &DESK_FOLDED, page, status);
	return RC_OK;
}

enum rc desk_folded(struct request *q, struct reply *r, struct fault *f)
{
	return show_list(q, r, STR_EMPTY, 200, f);
}

/* ---------------------------------------------------------------- a sheet */

struct making {
	struct request *q;
	struct hash journey;
	size_t n;
	struct receipt made[MOST];
	struct folded_batch batch;
};

static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct making *m = ctx;
	return folded_make(tx, &m->q->app->flow, m->q->ward, &m->q->actor, &m->journey, m->n, m->made, &m->batch, f);
}

static void add_receipt(struct request *q, struct vobj *paper, const struct receipt *p)
{
	struct vobj *o = view_item(paper, FS_RECEIPTS);
	struct str path, box;
	view_text(o, FR_CODE, arena_copy(q->arena, str_of(p->code)));
	view_text(o, FR_PIN, arena_fmt(q->arena, "%.4s %.4s", p->pin, p->pin + 4));
	/* Whoever unfolds it reads Vietnamese, or changes the language there. */
	struct str link = request_link_in(q, LANG_vi, arena_fmt(q->arena, "/r/%s", p->link));
	if (qr_draw(q->arena, arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url, PSTR(link)), &path, &box)) {
		view_text(o, FR_QR, path);
		view_text(o, FR_BOX, box);
	}
}

static void show_sheet(struct request *q, struct reply *r, const struct making *m)
{
	struct view v = request_view(q, SEE_OFFICE);
	struct vobj *page = view_new(&v, &FOLDED_SHEET), *paper = NULL;
	view_day(page, SH_UNTIL, day_of(m->batch.expires_at - 1));
	view_text(page, SH_ADDRESS, arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url,
	                                      PSTR(request_link_in(q, LANG_vi, STR("/follow")))));
	view_url(page, SH_CSS, http_asset(q->app->http, q->arena, "print.css"));
	view_url(page, SH_BACK, request_link(q, "/desk/folded"));
	view_int(page, SH_NUMBER, (int64_t)m->n);
	view_int(page, SH_BATCH, m->batch.number);
	for (size_t i = 0; i < m->n; i++) {
		if (i % FOLDED_ON_SHEET == 0)
			paper = view_item(page, SH_SHEETS);
		add_receipt(q, paper, &m->made[i]);
	}
	reply_title(r, request_text(q, "folded.sheet"));
	reply_page(q, r, "desk/folded_sheet", &FOLDED_SHEET, page, 200);
}

enum rc desk_folded_make(struct request *q, struct reply *r, struct fault *f)
{
	struct journey j;
	int64_t sheets;
	enum rc rc = q->body_rc != RC_OK ? q->body_rc : journey_open(q, PURPOSE, &j);
	if (rc != RC_OK)
		return rc;
	if (!str_i64(request_form(q, "sheets"), &sheets) || sheets < 1 || sheets > FOLDED_SHEETS)
		return show_list(q, r, request_text(q, "folded.sheets.wrong"), 422, f);
	struct making *m = arena_array(q->arena, 1, sizeof *m);
	m->q = q;
	m->journey = journey_hash(&j);
	m->n = (size_t)sheets * FOLDED_ON_SHEET;
	rc = store_write(q->app->store, q->ward->id, q->arena, make_tx, m, f);
	if (rc == RC_EXISTS || rc == RC_LIMIT)
		return show_list(q, r, request_text(q, rc == RC_EXISTS ? "folded.once" : "folded.limit"),
		                 rc == RC_EXISTS ? 409 : 429, f);
	if (rc == RC_OK)
		rc = look_write(&q->app->flow, q->arena, q->ward, &q->actor, "folded", (struct case_id){0}, STR_EMPTY,
		                (int64_t)m->n, f);
	if (rc == RC_OK)
		show_sheet(q, r, m);
	return rc;
}

struct voiding {
	int64_t batch;
	struct account_id who;
};

static enum rc void_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct voiding *k = ctx;
	int64_t made_at = 0;
	enum rc rc = folded_void(tx, k->batch, &made_at, f);
	return rc == RC_OK ? admin_log_add(tx, k->who, ACT_folded_void, text_iso(tx_arena(tx), made_at), STR_EMPTY, f) : rc;
}

enum rc desk_folded_void(struct request *q, struct reply *r, struct fault *f)
{
	struct voiding k = {.who = q->actor.account};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!str_i64(request_param(q, "id"), &k.batch))
		return RC_NONE;
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, void_tx, &k, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/desk/folded?done=void"));
	return rc;
}
