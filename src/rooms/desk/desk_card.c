/* A card for whoever is visited because of a report: why we came, your rights, this address, a code to answer
 * with. The code opens a request about the case (ward/flow/redress.h) and tells nothing of it; neither does the
 * card: no kind, no word, no place, no reporter. */
#include "rooms/desk/desk.h"
#include "ward/flow/redress.h"
#include "ward/qr.h"

enum { CA_CODE, CA_ADDRESS, CA_QR, CA_BOX, CA_BACK, CA_MAKE, CA_MADE, CA_NOBODY, CA_FIELDS };
static const struct field CARD_F[] = {
	[CA_CODE] = {"card", V_TEXT, SEE_HANDLER, "the card's code, in two halves", NULL, NULL},
	[CA_ADDRESS] = {"address", V_TEXT, SEE_HANDLER, "where it is used, to type", NULL, NULL},
	[CA_QR] = {"qr", V_TEXT, SEE_HANDLER, "the same as a QR code's squares, an SVG path", NULL, NULL},
	[CA_BOX] = {"qr_box", V_TEXT, SEE_HANDLER, "its viewBox", NULL, NULL},
	[CA_BACK] = {"back", V_URL, SEE_HANDLER, "the case", NULL, NULL},
	[CA_MAKE] = {"make", V_URL, SEE_HANDLER, "where the card is made", NULL, NULL},
	[CA_MADE] = {"made", V_BOOL, SEE_HANDLER, "there is one", NULL, NULL},
	[CA_NOBODY] = {"nobody", V_BOOL, SEE_HANDLER, "nobody holds oversight: a request could not be received", NULL, NULL},
};
const struct shape DESK_CARD = SHAPE("desk_card", CARD_F);

struct carding {
	struct request *q;
	struct ward_case c;
	struct str code, card;
	bool nobody;
};

static enum rc read_case(struct tx *tx, struct carding *k, struct fault *f)
{
	char code[16];
	if (code_read(request_param(k->q, "code"), code) != RC_OK)
		return RC_NONE;
	k->code = arena_copy(k->q->arena, str_of(code));
	enum rc rc = case_by_code(tx, &k->q->app->flow, k->code, &k->c, f);
	if (rc == RC_OK && (!case_handled_by(&k->c, &k->q->actor) || procedure_by_rule(k->c.procedure)))
		rc = RC_NONE;
	return rc;
}

static enum rc read_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct carding *k = ctx;
	enum rc rc = read_case(tx, k, f);
	if (rc != RC_OK)
		return rc;
	rc = redress_card_of(tx, &k->c, &k->card, f);
	if (rc < RC_OK)
		return rc;
	rc = redress_receiver(tx, f);
	k->nobody = rc == RC_NONE;
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct carding *k = ctx;
	enum rc rc = read_case(tx, k, f);
	if (rc == RC_OK)
		rc = redress_receiver(tx, f);
	return rc == RC_OK ? redress_card(tx, &k->q->app->flow, &k->c, &k->q->actor, &k->card, f) : rc;
}

enum rc desk_card(struct request *q, struct reply *r, struct fault *f)
{
	struct carding k = {.q = q};
	struct str path, box, form = request_link(q, "/redress");
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_HANDLER);
	struct vobj *page = view_new(&v, &DESK_CARD);
	view_url(page, CA_BACK, request_link(q, "/desk/case/%.*s", PSTR(k.code)));
	view_url(page, CA_MAKE, request_link(q, "/desk/case/%.*s/card", PSTR(k.code)));
	view_bool(page, CA_MADE, k.card.n > 0);
	view_bool(page, CA_NOBODY, k.nobody);
	if (k.card.n == 8) {
		struct str url = arena_fmt(q->arena, "%s%.*s?card=%.*s", q->app->settings.base_url, PSTR(form), PSTR(k.card));
		view_text(page, CA_CODE, arena_fmt(q->arena, "%.4s %.4s", k.card.p, k.card.p + 4));
		view_text(page, CA_ADDRESS, arena_fmt(q->arena, "%s%.*s?card=1", q->app->settings.base_url, PSTR(form)));
		if (qr_draw(q->arena, url, &path, &box)) {
			view_text(page, CA_QR, path);
			view_text(page, CA_BOX, box);
		}
	}
	reply_title(r, request_text(q, "card.title"));
	reply_view(q, r, page);
	return RC_OK;
}

enum rc desk_card_make(struct request *q, struct reply *r, struct fault *f)
{
	struct carding k = {.q = q};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, make_tx, &k, f);
	if (rc == RC_OK)
		reply_redirect(q, r, request_link(q, "/desk/case/%.*s/card", PSTR(k.code)));
	return rc;
}
