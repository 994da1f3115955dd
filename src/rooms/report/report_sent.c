/* A form that was sent, and the one that made a counter receipt's PIN. The same answer comes again as long as it may have
 * been lost on its way: until the receipt was drawn in full (its last picture was asked for), and two minutes longer for
 * a double press or a reload. From then on the form is spent: whoever goes back on a shared phone and presses Send meets
 * neither code, PIN nor words. */
#include "kit/base/hash.h"
#include "rooms/report/report.h"

enum { SENT_AGAIN_S = 120 };

enum { SENT_FOLLOW, SENT_LOST, SENT_NEW, SENT_PIN, SENT_FIELDS };
static const struct field SENT_F[] = {
	[SENT_FOLLOW] = {"follow", V_URL, SEE_PUBLIC, "where it is opened with code and PIN", NULL, NULL},
	[SENT_LOST] = {"lost", V_URL, SEE_PUBLIC, "what to do without them", NULL, NULL},
	[SENT_NEW] = {"again", V_URL, SEE_PUBLIC, "another report", NULL, NULL},
	[SENT_PIN] = {"pin", V_BOOL, SEE_PUBLIC, "the form made a PIN", NULL, NULL},
};
const struct shape SENT = SHAPE("sent", SENT_F);

enum { SF_FORM, SF_SENT, SF_JS, SF_FIELDS };
static const struct field FORM_F[] = {
	[SF_FORM] = {"form", V_TEXT, SEE_PUBLIC, "which form it is", NULL, NULL},
	[SF_SENT] = {"sent", V_URL, SEE_PUBLIC, "the page shown in its place once it was sent", NULL, NULL},
	[SF_JS] = {"js", V_URL, SEE_PUBLIC, "script that looks whether it was", NULL, NULL},
};
const struct shape SENT_FORM = SHAPE("sent_form", FORM_F);

struct str sent_form(struct request *q, const struct journey *j)
{
	struct hash journey = journey_hash(j), name = receipt_form(&journey);
	return base64url_of(q->arena, hash_str(&name));
}

static void watch(struct request *q, struct vobj *page, int field, const struct journey *j, struct str sent)
{
	struct vobj *o = view_obj(page, field);
	if (o == NULL)
		return;
	view_text(o, SF_FORM, sent_form(q, j));
	view_url(o, SF_SENT, sent);
	view_url(o, SF_JS, http_asset(q->app->http, q->arena, "spent.js"));
}

void sent_watch(struct request *q, struct vobj *page, int field, const struct journey *j)
{
	watch(q, page, field, j, request_link(q, "/report/sent"));
}

void sent_watch_pin(struct request *q, struct vobj *page, int field, const struct journey *j)
{
	watch(q, page, field, j, request_link(q, "/report/sent?pin=1"));
}

struct str sent_picture(struct request *q, const struct journey *j)
{
	struct str name = sent_form(q, j);
	return request_link(q, "/report/shown/%.*s", PSTR(name));
}

static void sent_show(struct request *q, struct reply *r, bool pin)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &SENT);
	view_url(page, SENT_FOLLOW, request_link(q, "/follow"));
	view_url(page, SENT_LOST, request_link(q, "/lost"));
	view_url(page, SENT_NEW, request_link(q, "/report"));
	view_bool(page, SENT_PIN, pin);
	reply_title(r, request_text(q, pin ? "pin.sent.title" : "report.sent.title"));
	reply_page(q, r, "report/sent", &SENT, page, 200);
}

struct look_at_form {
	struct hash form;
	int64_t shown_at;
};

static enum rc look_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct look_at_form *k = ctx;
	return receipt_shown(tx, &k->form, &k->shown_at, f);
}

static enum rc unless_spent(struct request *q, struct reply *r, const char *purpose, bool pin, struct journey *j,
                            bool *spent, struct fault *f)
{
	*spent = false;
	enum rc rc = journey_open(q, purpose, j);
	if (rc != RC_OK)
		return rc;
	struct hash journey = journey_hash(j);
	struct look_at_form k = {.form = receipt_form(&journey)};
	rc = store_read(q->app->store, q->ward->id, q->arena, look_tx, &k, f);
	if (rc == RC_OK && k.shown_at != 0 && q->now >= k.shown_at + SENT_AGAIN_S * US_SECOND) {
		*spent = true;
		sent_show(q, r, pin);
	}
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc report_journey(struct request *q, struct reply *r, struct journey *j, bool *spent, struct fault *f)
{
	return unless_spent(q, r, REPORT_PURPOSE, false, j, spent, f);
}

enum rc sent_journey(struct request *q, struct reply *r, const char *purpose, struct journey *j, bool *spent,
                     struct fault *f)
{
	return unless_spent(q, r, purpose, false, j, spent, f);
}

enum rc pin_journey(struct request *q, struct reply *r, struct journey *j, bool *spent, struct fault *f)
{
	return unless_spent(q, r, PIN_PURPOSE, true, j, spent, f);
}

enum rc report_sent(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	sent_show(q, r, request_query(q, "pin").n > 0);
	return RC_OK;
}

static enum rc shown_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct look_at_form *k = ctx;
	return receipt_mark_shown(tx, &k->form, f);
}

/* The last thing on the receipt's page that a browser asks for. The name opens nothing and is of this one form. */
enum rc report_shown(struct request *q, struct reply *r, struct fault *f)
{
	/* One transparent dot. */
	static const uint8_t DOT[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x21, 0xf9,
	                              4, 1, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b};
	struct look_at_form k = {0};
	struct str name;
	if (!base64url_parse(q->arena, request_param(q, "form"), &name) || !hash_from(name, &k.form))
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, look_tx, &k, f);
	if (rc == RC_OK && k.shown_at == 0)
		rc = store_write(q->app->store, q->ward->id, q->arena, shown_tx, &k, f);
	if (rc == RC_OK)
		reply_bytes(q, r, STR("image/gif"), str_n((const char *)DOT, sizeof DOT));
	return rc;
}
